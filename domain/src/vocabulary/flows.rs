//! What moves between accounts of a household, and over its border.

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
