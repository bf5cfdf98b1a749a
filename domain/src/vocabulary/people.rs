//! Who belongs to a household, what they do, how they file, and what they may do here.

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
