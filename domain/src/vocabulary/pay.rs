//! What is taken out of a paycheck, and how what is withheld for a state was found.

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
