//! The words of the field, each listed once: account types and their classes, categories and their groups, statuses.
//!
//! Every enum here is spelled on the wire, in events and in the database exactly as in spec 02; [`words!`] keeps the spelling
//! beside the variant, so that parsing, printing and listing cannot disagree.

/// An enum whose variants are words: `ALL`, `as_str`, `parse`, serde and `Display` from one list.
macro_rules! words {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident => $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$doc])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every one of them, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its place in [`Self::ALL`], from 0.
            #[must_use]
            #[expect(clippy::as_conversions, reason = "the discriminants of a list of words are 0, 1, 2 …")]
            pub const fn index(self) -> usize {
                self as usize
            }

            /// As it is written everywhere outside Rust.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The one that is written so, if any is.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }

        // Not derived: utoipa's derive does not see through `$word`, and would describe the names that the variants have in Rust.
        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let words = utoipa::openapi::schema::ObjectBuilder::new().schema_type(utoipa::openapi::schema::Type::String);
                words.enum_values(Some(Self::ALL.iter().map(|word| word.as_str()))).into()
            }
        }
        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}
pub(crate) use words;

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

words! {
    /// What an income is.
    pub enum IncomeCategory {
        /// Salary.
        Salary => "salary",
        /// Hourly wages.
        HourlyWages => "hourly_wages",
        /// Overtime.
        Overtime => "overtime",
        /// Bonus.
        Bonus => "bonus",
        /// Commission.
        Commission => "commission",
        /// Tips.
        Tips => "tips",
        /// Self employment.
        SelfEmployment => "self_employment",
        /// Freelance.
        Freelance => "freelance",
        /// Business income.
        BusinessIncome => "business_income",
        /// Dividends.
        Dividends => "dividends",
        /// Interest.
        Interest => "interest",
        /// Capital gains.
        CapitalGains => "capital_gains",
        /// Rental income.
        RentalIncome => "rental_income",
        /// Royalties.
        Royalties => "royalties",
        /// Social security.
        SocialSecurity => "social_security",
        /// Pension.
        Pension => "pension",
        /// Retirement distribution.
        RetirementDistribution => "retirement_distribution",
        /// Disability.
        Disability => "disability",
        /// Unemployment.
        Unemployment => "unemployment",
        /// Child support received.
        ChildSupportReceived => "child_support_received",
        /// Alimony received.
        AlimonyReceived => "alimony_received",
        /// Trust income.
        TrustIncome => "trust_income",
        /// Other income.
        OtherIncome => "other_income",
    }
}

words! {
    /// What an expense is for.
    pub enum ExpenseCategory {
        /// Mortgage principal.
        MortgagePrincipal => "mortgage_principal",
        /// Mortgage interest.
        MortgageInterest => "mortgage_interest",
        /// Rent.
        Rent => "rent",
        /// Property tax.
        PropertyTax => "property_tax",
        /// Homeowners insurance.
        HomeownersInsurance => "homeowners_insurance",
        /// Renters insurance.
        RentersInsurance => "renters_insurance",
        /// Hoa fees.
        HoaFees => "hoa_fees",
        /// Home maintenance.
        HomeMaintenance => "home_maintenance",
        /// Home improvement.
        HomeImprovement => "home_improvement",
        /// Lawn garden.
        LawnGarden => "lawn_garden",
        /// Home security.
        HomeSecurity => "home_security",
        /// Electricity.
        Electricity => "electricity",
        /// Natural gas.
        NaturalGas => "natural_gas",
        /// Water sewer.
        WaterSewer => "water_sewer",
        /// Trash.
        Trash => "trash",
        /// Internet.
        Internet => "internet",
        /// Phone.
        Phone => "phone",
        /// Cable streaming.
        CableStreaming => "cable_streaming",
        /// Auto loan.
        AutoLoan => "auto_loan",
        /// Auto lease.
        AutoLease => "auto_lease",
        /// Auto insurance.
        AutoInsurance => "auto_insurance",
        /// Gas fuel.
        GasFuel => "gas_fuel",
        /// Auto maintenance.
        AutoMaintenance => "auto_maintenance",
        /// Parking.
        Parking => "parking",
        /// Tolls.
        Tolls => "tolls",
        /// Public transit.
        PublicTransit => "public_transit",
        /// Rideshare.
        Rideshare => "rideshare",
        /// Health insurance.
        HealthInsurance => "health_insurance",
        /// Dental insurance.
        DentalInsurance => "dental_insurance",
        /// Vision insurance.
        VisionInsurance => "vision_insurance",
        /// Life insurance.
        LifeInsurance => "life_insurance",
        /// Disability insurance.
        DisabilityInsurance => "disability_insurance",
        /// Umbrella insurance.
        UmbrellaInsurance => "umbrella_insurance",
        /// Medical expenses.
        MedicalExpenses => "medical_expenses",
        /// Dental expenses.
        DentalExpenses => "dental_expenses",
        /// Vision expenses.
        VisionExpenses => "vision_expenses",
        /// Prescriptions.
        Prescriptions => "prescriptions",
        /// Mental health.
        MentalHealth => "mental_health",
        /// Gym fitness.
        GymFitness => "gym_fitness",
        /// Groceries.
        Groceries => "groceries",
        /// Dining out.
        DiningOut => "dining_out",
        /// Coffee snacks.
        CoffeeSnacks => "coffee_snacks",
        /// Food delivery.
        FoodDelivery => "food_delivery",
        /// Credit card payment.
        CreditCardPayment => "credit_card_payment",
        /// Student loan.
        StudentLoan => "student_loan",
        /// Personal loan.
        PersonalLoan => "personal_loan",
        /// Heloc payment.
        HelocPayment => "heloc_payment",
        /// Other debt.
        OtherDebt => "other_debt",
        /// Childcare.
        Childcare => "childcare",
        /// Child activities.
        ChildActivities => "child_activities",
        /// School tuition.
        SchoolTuition => "school_tuition",
        /// Child support paid.
        ChildSupportPaid => "child_support_paid",
        /// College tuition.
        CollegeTuition => "college_tuition",
        /// Books supplies.
        BooksSupplies => "books_supplies",
        /// Professional dev.
        ProfessionalDev => "professional_dev",
        /// Clothing.
        Clothing => "clothing",
        /// Personal care.
        PersonalCare => "personal_care",
        /// Entertainment.
        Entertainment => "entertainment",
        /// Hobbies.
        Hobbies => "hobbies",
        /// Subscriptions.
        Subscriptions => "subscriptions",
        /// Vacation travel.
        VacationTravel => "vacation_travel",
        /// Pet food.
        PetFood => "pet_food",
        /// Pet vet.
        PetVet => "pet_vet",
        /// Pet supplies.
        PetSupplies => "pet_supplies",
        /// Charitable.
        Charitable => "charitable",
        /// Religious.
        Religious => "religious",
        /// Gifts.
        Gifts => "gifts",
        /// Bank fees.
        BankFees => "bank_fees",
        /// Investment fees.
        InvestmentFees => "investment_fees",
        /// Tax prep.
        TaxPrep => "tax_prep",
        /// Federal income tax.
        FederalIncomeTax => "federal_income_tax",
        /// State income tax.
        StateIncomeTax => "state_income_tax",
        /// Social security tax.
        SocialSecurityTax => "social_security_tax",
        /// Medicare tax.
        MedicareTax => "medicare_tax",
        /// Self employment tax.
        SelfEmploymentTax => "self_employment_tax",
        /// Estimated tax.
        EstimatedTax => "estimated_tax",
        /// Business office.
        BusinessOffice => "business_office",
        /// Business supplies.
        BusinessSupplies => "business_supplies",
        /// Business advertising.
        BusinessAdvertising => "business_advertising",
        /// Business professional.
        BusinessProfessional => "business_professional",
        /// Business travel.
        BusinessTravel => "business_travel",
        /// Business vehicle.
        BusinessVehicle => "business_vehicle",
        /// Business rent.
        BusinessRent => "business_rent",
        /// Business utilities.
        BusinessUtilities => "business_utilities",
        /// Business equipment.
        BusinessEquipment => "business_equipment",
        /// Business insurance.
        BusinessInsurance => "business_insurance",
        /// Business license.
        BusinessLicense => "business_license",
        /// Business software.
        BusinessSoftware => "business_software",
        /// Business contractor.
        BusinessContractor => "business_contractor",
        /// Business other.
        BusinessOther => "business_other",
        /// Rental mortgage.
        RentalMortgage => "rental_mortgage",
        /// Rental insurance.
        RentalInsurance => "rental_insurance",
        /// Rental repairs.
        RentalRepairs => "rental_repairs",
        /// Rental management.
        RentalManagement => "rental_management",
        /// Rental utilities.
        RentalUtilities => "rental_utilities",
        /// Rental tax.
        RentalTax => "rental_tax",
        /// Rental other.
        RentalOther => "rental_other",
        /// Alimony paid.
        AlimonyPaid => "alimony_paid",
        /// Household supplies.
        HouseholdSupplies => "household_supplies",
        /// Miscellaneous.
        Miscellaneous => "miscellaneous",
    }
}

// The groups of spec 02, for metrics. A match without `_` would be a hundred arms long; the words are the list.
impl ExpenseCategory {
    /// Housing, for the housing ratio.
    #[must_use]
    pub const fn is_housing(self) -> bool {
        matches!(
            self,
            Self::MortgagePrincipal
                | Self::MortgageInterest
                | Self::Rent
                | Self::PropertyTax
                | Self::HomeownersInsurance
                | Self::RentersInsurance
                | Self::HoaFees
                | Self::HomeMaintenance
        )
    }

    /// What a household cannot stop paying.
    #[must_use]
    pub const fn is_essential(self) -> bool {
        matches!(
            self,
            Self::MortgagePrincipal
                | Self::MortgageInterest
                | Self::Rent
                | Self::PropertyTax
                | Self::HomeownersInsurance
                | Self::RentersInsurance
                | Self::Electricity
                | Self::NaturalGas
                | Self::WaterSewer
                | Self::Groceries
                | Self::HealthInsurance
                | Self::AutoInsurance
                | Self::GasFuel
                | Self::Prescriptions
                | Self::Childcare
        )
    }

    /// What is the same every month.
    #[must_use]
    pub const fn is_fixed(self) -> bool {
        matches!(
            self,
            Self::MortgagePrincipal
                | Self::MortgageInterest
                | Self::Rent
                | Self::AutoLoan
                | Self::AutoLease
                | Self::StudentLoan
                | Self::PersonalLoan
                | Self::CreditCardPayment
                | Self::Childcare
                | Self::HealthInsurance
                | Self::AutoInsurance
                | Self::HomeownersInsurance
                | Self::LifeInsurance
                | Self::Subscriptions
                | Self::HoaFees
                | Self::GymFitness
                | Self::Internet
                | Self::Phone
        )
    }

    /// Service of a debt.
    #[must_use]
    pub const fn is_debt_payment(self) -> bool {
        matches!(
            self,
            Self::MortgagePrincipal
                | Self::MortgageInterest
                | Self::AutoLoan
                | Self::StudentLoan
                | Self::PersonalLoan
                | Self::CreditCardPayment
                | Self::HelocPayment
                | Self::OtherDebt
                | Self::RentalMortgage
        )
    }

    /// Paid to a tax authority.
    #[must_use]
    pub const fn is_tax(self) -> bool {
        matches!(
            self,
            Self::FederalIncomeTax
                | Self::StateIncomeTax
                | Self::SocialSecurityTax
                | Self::MedicareTax
                | Self::SelfEmploymentTax
                | Self::EstimatedTax
        )
    }

    /// Of a business, by prefix.
    #[must_use]
    pub fn is_business(self) -> bool {
        self.as_str().starts_with("business_")
    }

    /// Of a rented-out property, by prefix.
    #[must_use]
    pub fn is_rental(self) -> bool {
        self.as_str().starts_with("rental_")
    }
}

words! {
    /// What a flow does to the household as a whole.
    pub enum FlowType {
        /// Comes in from outside.
        Income => "income",
        /// Goes out.
        Expense => "expense",
        /// Moves between accounts of the household.
        Transfer => "transfer",
    }
}

words! {
    /// The status on the federal return.
    pub enum FilingStatus {
        /// Single.
        Single => "single",
        /// Married jointly.
        MarriedJointly => "married_jointly",
        /// Married separately.
        MarriedSeparately => "married_separately",
        /// Head of household.
        HeadOfHousehold => "head_of_household",
        /// Qualifying surviving spouse.
        QualifyingSurvivingSpouse => "qualifying_surviving_spouse",
    }
}

words! {
    /// What is drawn first when cash has run short, after all cash: a household that lives on its savings decides about its taxes by it.
    #[derive(Default)]
    pub enum WithdrawalOrder {
        /// The usual advice: what is not taxed grows longest.
        #[default]
        TaxableDeferredRoth => "taxable_tax_deferred_roth",
        /// Tax-deferred accounts last.
        TaxableRothDeferred => "taxable_roth_tax_deferred",
        /// Income early, while the brackets are low.
        DeferredTaxableRoth => "tax_deferred_taxable_roth",
        /// Investments last: heirs take them at their value then.
        DeferredRothTaxable => "tax_deferred_roth_taxable",
        /// Nothing taxed first.
        RothTaxableDeferred => "roth_taxable_tax_deferred",
        /// Nothing taxed first, and investments last.
        RothDeferredTaxable => "roth_tax_deferred_taxable",
    }
}

/// Where money comes from when cash has run short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WithdrawalSource {
    /// Investment accounts: the gain is taxed.
    Taxable,
    /// Traditional retirement accounts: all of it is income. In retirement only.
    TaxDeferred,
    /// Roth accounts: not taxed. In retirement only.
    Roth,
}

impl WithdrawalOrder {
    /// First to last.
    #[must_use]
    pub const fn sources(self) -> [WithdrawalSource; 3] {
        use WithdrawalSource::{Roth, TaxDeferred, Taxable};
        match self {
            Self::TaxableDeferredRoth => [Taxable, TaxDeferred, Roth],
            Self::TaxableRothDeferred => [Taxable, Roth, TaxDeferred],
            Self::DeferredTaxableRoth => [TaxDeferred, Taxable, Roth],
            Self::DeferredRothTaxable => [TaxDeferred, Roth, Taxable],
            Self::RothTaxableDeferred => [Roth, Taxable, TaxDeferred],
            Self::RothDeferredTaxable => [Roth, TaxDeferred, Taxable],
        }
    }

    /// Whether nobody has chosen another one.
    #[must_use]
    pub const fn is_usual(&self) -> bool {
        matches!(self, Self::TaxableDeferredRoth)
    }
}

words! {
    /// What a member is to the one who opened the household.
    pub enum Relationship {
        /// Self.
        Oneself => "self",
        /// Spouse.
        Spouse => "spouse",
        /// Partner.
        Partner => "partner",
        /// Child.
        Child => "child",
        /// Dependent.
        Dependent => "dependent",
    }
}

words! {
    /// What a member does for a living.
    pub enum EmploymentStatus {
        /// Employed, with a W-2.
        EmployedW2 => "employed_w2",
        /// Self employed.
        SelfEmployed => "self_employed",
        /// Employed and self-employed.
        Both => "both",
        /// Unemployed.
        Unemployed => "unemployed",
        /// Retired.
        Retired => "retired",
        /// Student.
        Student => "student",
    }
}

words! {
    /// What a user may do in a household.
    pub enum Role {
        /// Everything, and the only one who can give ownership away.
        Owner => "owner",
        /// Everything but ownership.
        Admin => "admin",
        /// Reads and writes.
        Member => "member",
        /// Reads.
        Viewer => "viewer",
        /// Reads, the audit side included.
        Auditor => "auditor",
    }
}

impl Role {
    /// Whether it may change anything of the household, or let work begin that costs something.
    #[must_use]
    pub const fn may_write(self) -> bool {
        match self {
            Self::Owner | Self::Admin | Self::Member => true,
            Self::Viewer | Self::Auditor => false,
        }
    }
}

words! {
    /// How an income is earned and taxed.
    pub enum IncomeType {
        /// Salary on a W-2.
        W2 => "w2",
        /// Hourly wages on a W-2.
        W2Hourly => "w2_hourly",
        /// Self employed.
        SelfEmployed => "self_employed",
        /// Rental.
        Rental => "rental",
        /// Investment.
        Investment => "investment",
        /// Retirement.
        Retirement => "retirement",
        /// Social security.
        SocialSecurity => "social_security",
        /// Other.
        Other => "other",
    }
}

words! {
    /// Taken out of a paycheck before the net; not each of them lowers a tax.
    pub enum PretaxDeductionType {
        /// Traditional 401k.
        Traditional401k => "traditional_401k",
        /// Traditional 403b.
        Traditional403b => "traditional_403b",
        /// Tsp traditional.
        TspTraditional => "tsp_traditional",
        /// Hsa.
        Hsa => "hsa",
        /// Fsa health.
        FsaHealth => "fsa_health",
        /// Fsa dependent.
        FsaDependent => "fsa_dependent",
        /// Health insurance.
        HealthInsurance => "health_insurance",
        /// Dental insurance.
        DentalInsurance => "dental_insurance",
        /// Vision insurance.
        VisionInsurance => "vision_insurance",
        /// Commuter transit.
        CommuterTransit => "commuter_transit",
        /// Commuter parking.
        CommuterParking => "commuter_parking",
        /// Other pretax.
        OtherPretax => "other_pretax",
        /// Roth 401k.
        Roth401k => "roth_401k",
        /// Tsp roth.
        TspRoth => "tsp_roth",
        /// Life insurance.
        LifeInsurance => "life_insurance",
    }
}

words! {
    /// Taken out of a paycheck after taxes.
    pub enum PosttaxDeductionType {
        /// Roth ira.
        RothIra => "roth_ira",
        /// Life insurance post.
        LifeInsurancePost => "life_insurance_post",
        /// Union dues.
        UnionDues => "union_dues",
        /// Garnishment.
        Garnishment => "garnishment",
        /// Child support.
        ChildSupport => "child_support",
        /// Loan repayment.
        LoanRepayment => "loan_repayment",
        /// Charitable.
        Charitable => "charitable",
        /// Other posttax.
        OtherPosttax => "other_posttax",
    }
}

words! {
    /// How a state's withholding was found.
    pub enum StateWithholdingMethod {
        /// By the method that the state publishes for employers.
        State => "state",
        /// As the state's tax on a year of this pay, in equal parts: its own method is not known here.
        AnnualisedLiability => "annualised_liability",
        /// Not at all: the state taxes no wages, or none was named.
        None => "none",
    }
}

words! {
    /// What a system flow is.
    pub enum SystemFlowKind {
        /// Gross income.
        GrossIncome => "gross_income",
        /// Federal withholding.
        FederalWithholding => "federal_withholding",
        /// Social security.
        SocialSecurity => "social_security",
        /// Medicare.
        Medicare => "medicare",
        /// State withholding.
        StateWithholding => "state_withholding",
        /// Pretax retirement.
        PretaxRetirement => "pretax_retirement",
        /// Pretax hsa.
        PretaxHsa => "pretax_hsa",
        /// Insurance premium.
        InsurancePremium => "insurance_premium",
        /// Other deduction.
        OtherDeduction => "other_deduction",
        /// Posttax deduction.
        PosttaxDeduction => "posttax_deduction",
        /// Employer match.
        EmployerMatch => "employer_match",
        /// Net pay.
        NetPay => "net_pay",
        /// Estimated tax.
        EstimatedTax => "estimated_tax",
        /// Debt payment.
        DebtPayment => "debt_payment",
        /// Property tax.
        PropertyTax => "property_tax",
        /// Homeowners insurance.
        HomeownersInsurance => "homeowners_insurance",
        /// Hoa fees.
        HoaFees => "hoa_fees",
        /// Rental income.
        RentalIncome => "rental_income",
    }
}

words! {
    /// A state of the United States, or the District of Columbia, by its postal code.
    pub enum State {
        /// Alabama.
        Alabama => "AL",
        /// Alaska.
        Alaska => "AK",
        /// Arizona.
        Arizona => "AZ",
        /// Arkansas.
        Arkansas => "AR",
        /// California.
        California => "CA",
        /// Colorado.
        Colorado => "CO",
        /// Connecticut.
        Connecticut => "CT",
        /// Delaware.
        Delaware => "DE",
        /// District of Columbia.
        DistrictOfColumbia => "DC",
        /// Florida.
        Florida => "FL",
        /// Georgia.
        Georgia => "GA",
        /// Hawaii.
        Hawaii => "HI",
        /// Idaho.
        Idaho => "ID",
        /// Illinois.
        Illinois => "IL",
        /// Indiana.
        Indiana => "IN",
        /// Iowa.
        Iowa => "IA",
        /// Kansas.
        Kansas => "KS",
        /// Kentucky.
        Kentucky => "KY",
        /// Louisiana.
        Louisiana => "LA",
        /// Maine.
        Maine => "ME",
        /// Maryland.
        Maryland => "MD",
        /// Massachusetts.
        Massachusetts => "MA",
        /// Michigan.
        Michigan => "MI",
        /// Minnesota.
        Minnesota => "MN",
        /// Mississippi.
        Mississippi => "MS",
        /// Missouri.
        Missouri => "MO",
        /// Montana.
        Montana => "MT",
        /// Nebraska.
        Nebraska => "NE",
        /// Nevada.
        Nevada => "NV",
        /// New Hampshire.
        NewHampshire => "NH",
        /// New Jersey.
        NewJersey => "NJ",
        /// New Mexico.
        NewMexico => "NM",
        /// New York.
        NewYork => "NY",
        /// North Carolina.
        NorthCarolina => "NC",
        /// North Dakota.
        NorthDakota => "ND",
        /// Ohio.
        Ohio => "OH",
        /// Oklahoma.
        Oklahoma => "OK",
        /// Oregon.
        Oregon => "OR",
        /// Pennsylvania.
        Pennsylvania => "PA",
        /// Rhode Island.
        RhodeIsland => "RI",
        /// South Carolina.
        SouthCarolina => "SC",
        /// South Dakota.
        SouthDakota => "SD",
        /// Tennessee.
        Tennessee => "TN",
        /// Texas.
        Texas => "TX",
        /// Utah.
        Utah => "UT",
        /// Vermont.
        Vermont => "VT",
        /// Virginia.
        Virginia => "VA",
        /// Washington.
        Washington => "WA",
        /// West Virginia.
        WestVirginia => "WV",
        /// Wisconsin.
        Wisconsin => "WI",
        /// Wyoming.
        Wyoming => "WY",
    }
}
