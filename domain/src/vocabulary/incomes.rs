//! Where money comes from.

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
