//! Where money goes, and the groups of it that metrics ask for.

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
