//! What a household owns and owes: the types of accounts, and the classes that they count as.

words! {
    /// What an account is.
    pub enum AccountType {
        /// Checking.
        Checking => "checking",
        /// Savings.
        Savings => "savings",
        /// Money market.
        MoneyMarket => "money_market",
        /// A certificate of deposit.
        Cd => "cd",
        /// Cash.
        Cash => "cash",
        /// Brokerage.
        Brokerage => "brokerage",
        /// Crypto.
        Crypto => "crypto",
        /// Traditional 401k.
        Traditional401k => "traditional_401k",
        /// Roth 401k.
        Roth401k => "roth_401k",
        /// Traditional ira.
        TraditionalIra => "traditional_ira",
        /// Roth ira.
        RothIra => "roth_ira",
        /// SEP IRA.
        SepIra => "sep_ira",
        /// SIMPLE IRA.
        SimpleIra => "simple_ira",
        /// A Thrift Savings Plan.
        Tsp => "tsp",
        /// Pension.
        Pension => "pension",
        /// Annuity.
        Annuity => "annuity",
        /// A health savings account.
        Hsa => "hsa",
        /// Primary residence.
        PrimaryResidence => "primary_residence",
        /// Rental property.
        RentalProperty => "rental_property",
        /// Vacation property.
        VacationProperty => "vacation_property",
        /// Land.
        Land => "land",
        /// Commercial property.
        CommercialProperty => "commercial_property",
        /// Vehicle.
        Vehicle => "vehicle",
        /// Boat.
        Boat => "boat",
        /// Jewelry.
        Jewelry => "jewelry",
        /// Other asset.
        OtherAsset => "other_asset",
        /// Business equity.
        BusinessEquity => "business_equity",
        /// Accounts receivable.
        AccountsReceivable => "accounts_receivable",
        /// Loans receivable.
        LoansReceivable => "loans_receivable",
        /// Tax refund.
        TaxRefund => "tax_refund",
        /// Credit card.
        CreditCard => "credit_card",
        /// Store card.
        StoreCard => "store_card",
        /// A home-equity line of credit.
        Heloc => "heloc",
        /// A personal line of credit.
        PersonalLoc => "personal_loc",
        /// A business line of credit.
        BusinessLoc => "business_loc",
        /// Primary mortgage.
        PrimaryMortgage => "primary_mortgage",
        /// Rental mortgage.
        RentalMortgage => "rental_mortgage",
        /// Second mortgage.
        SecondMortgage => "second_mortgage",
        /// Auto loan.
        AutoLoan => "auto_loan",
        /// Personal loan.
        PersonalLoan => "personal_loan",
        /// Student loan federal.
        StudentLoanFederal => "student_loan_federal",
        /// Student loan private.
        StudentLoanPrivate => "student_loan_private",
        /// Boat loan.
        BoatLoan => "boat_loan",
        /// Medical debt.
        MedicalDebt => "medical_debt",
        /// Tax debt.
        TaxDebt => "tax_debt",
        /// Family loan.
        FamilyLoan => "family_loan",
        /// Other liability.
        OtherLiability => "other_liability",
        /// Where gross pay comes in and taxes, deductions and net pay go out: nets to zero; hidden from lists.
        PayrollClearing => "payroll_clearing",
    }
}

words! {
    /// What an account counts as.
    pub enum AccountClass {
        /// Money at hand.
        Cash => "cash",
        /// Investment.
        Investment => "investment",
        /// Retirement.
        Retirement => "retirement",
        /// Real property.
        RealProperty => "real_property",
        /// Personal property.
        PersonalProperty => "personal_property",
        /// Business.
        Business => "business",
        /// Receivable.
        Receivable => "receivable",
        /// A debt that can be drawn again.
        RevolvingDebt => "revolving_debt",
        /// Mortgage.
        Mortgage => "mortgage",
        /// A debt with a term.
        InstalmentDebt => "instalment_debt",
        /// Belongs to the machinery, hidden from lists.
        System => "system",
    }
}

impl AccountType {
    /// What it counts as.
    #[must_use]
    pub const fn class(self) -> AccountClass {
        match self {
            Self::Checking | Self::Savings | Self::MoneyMarket | Self::Cd | Self::Cash => AccountClass::Cash,
            Self::Brokerage | Self::Crypto => AccountClass::Investment,
            Self::Traditional401k
            | Self::Roth401k
            | Self::TraditionalIra
            | Self::RothIra
            | Self::SepIra
            | Self::SimpleIra
            | Self::Tsp
            | Self::Pension
            | Self::Annuity
            | Self::Hsa => AccountClass::Retirement,
            Self::PrimaryResidence | Self::RentalProperty | Self::VacationProperty | Self::Land | Self::CommercialProperty => {
                AccountClass::RealProperty
            }
            Self::Vehicle | Self::Boat | Self::Jewelry | Self::OtherAsset => AccountClass::PersonalProperty,
            Self::BusinessEquity => AccountClass::Business,
            Self::AccountsReceivable | Self::LoansReceivable | Self::TaxRefund => AccountClass::Receivable,
            Self::CreditCard | Self::StoreCard | Self::Heloc | Self::PersonalLoc | Self::BusinessLoc => AccountClass::RevolvingDebt,
            Self::PrimaryMortgage | Self::RentalMortgage | Self::SecondMortgage => AccountClass::Mortgage,
            Self::AutoLoan
            | Self::PersonalLoan
            | Self::StudentLoanFederal
            | Self::StudentLoanPrivate
            | Self::BoatLoan
            | Self::MedicalDebt
            | Self::TaxDebt
            | Self::FamilyLoan
            | Self::OtherLiability => AccountClass::InstalmentDebt,
            Self::PayrollClearing => AccountClass::System,
        }
    }

    /// A debt: its balance is positive and says what is owed.
    #[must_use]
    pub const fn is_liability(self) -> bool {
        self.class().is_liability()
    }
}

impl AccountClass {
    /// A debt.
    #[must_use]
    pub const fn is_liability(self) -> bool {
        matches!(self, Self::RevolvingDebt | Self::Mortgage | Self::InstalmentDebt)
    }

    /// A debt that is paid back over a term: mortgages and the other loans.
    #[must_use]
    pub const fn is_instalment(self) -> bool {
        matches!(self, Self::Mortgage | Self::InstalmentDebt)
    }

    /// Money that can be spent within days: cash and investments.
    #[must_use]
    pub const fn is_liquid(self) -> bool {
        matches!(self, Self::Cash | Self::Investment)
    }

    /// A house, a car, a business: something that has a market value rather than a balance.
    #[must_use]
    pub const fn is_property(self) -> bool {
        matches!(self, Self::RealProperty | Self::PersonalProperty | Self::Business)
    }
}
