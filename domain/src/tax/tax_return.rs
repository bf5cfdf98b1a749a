//! What goes into an estimate: a household's return, as a person would tell it.
//!
//! Everything but the filing status may be left out. What the law derives from other figures (a cap, a required distribution, the
//! better of two deductions) is never asked for: it is computed, and the answer says so ([`super::Note`]).

use serde::{Deserialize, Serialize};

use super::error::TaxError;
use super::withholding::{check_amount, check_size};
use crate::money::Money;
use crate::vocabulary::{FilingStatus, State};

/// One person with earnings on the return. Dollars a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Earner {
    /// At the end of the year.
    pub age: u32,
    /// Gross wages, before every deduction.
    pub wages: Money,
    /// Traditional 401(k), 403(b), TSP: lowers income tax wages, not FICA wages. What is above the limit of the age is wages again.
    pub pretax_401k: Money,
    /// HSA through the payroll: lowers both; some states do not follow. What is above the limit is wages again.
    pub payroll_hsa: Money,
    /// Whether the HSA goes with family coverage; where it is not said: on a joint return, and with children or dependents.
    pub hsa_family_coverage: Option<bool>,
    /// The rest of a cafeteria plan (premiums, FSAs) and commuter benefits: lowers both.
    pub cafeteria: Money,
    /// Net profit or loss from self-employment, Schedule C.
    pub self_employment_net: Money,
    /// Contributions to a traditional IRA, deductible up to the limit of the age and within the phase-out of who has a plan at work.
    pub traditional_ira: Money,
    /// Whether a plan at work covers this person (Form W-2 box 13); where it is not said: whether there are 401(k) contributions.
    pub covered_by_plan: Option<bool>,
    /// What the traditional IRAs and 401(k)s held together at the end of last year: a part of it has to be taken out, from the age
    /// that the law says.
    pub tax_deferred_balance: Money,
    /// What was taken out of those accounts this year. At least the required distribution counts as income.
    pub tax_deferred_distributions: Money,
    /// What was taken out of such accounts before the age of 59½ and without an exception: income, and taxed additionally.
    pub early_distributions: Money,
}

/// Schedule A before its limits. Dollars a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Itemized {
    /// State and local income (or sales) and property taxes paid.
    pub state_and_local_taxes: Money,
    /// The part of them that is income tax: nearly no state lets it be deducted on its own return. Not told: all of them.
    pub state_income_taxes: Option<Money>,
    /// Deductible interest on mortgages of up to 750,000.
    pub mortgage_interest: Money,
    /// Gifts in cash.
    pub charity: Money,
    /// Medical and dental expenses paid.
    pub medical_expenses: Money,
}

/// What a household's taxes of one year depend on. Dollars a year; gains and self-employment may be losses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// The status on the return.
    pub filing_status: FilingStatus,
    /// Where the household lives all year; none: no state tax.
    pub state: Option<State>,
    /// The taxpayer and, on a joint return, the spouse; also who earns nothing, for the age.
    pub earners: Vec<Earner>,
    /// Ages of the dependent children at the end of the year.
    pub children_ages: Vec<u32>,
    /// Dependents who are not children of the taxpayer.
    pub other_dependents: u32,
    /// Taxable interest.
    pub interest: Money,
    /// Dividends taxed like long-term gains.
    pub qualified_dividends: Money,
    /// Dividends taxed like wages.
    pub nonqualified_dividends: Money,
    /// Net gains on what was held for a year or less.
    pub short_term_gains: Money,
    /// Net gains on what was held for longer.
    pub long_term_gains: Money,
    /// Taxable pensions, annuities and withdrawals that are not told per earner.
    pub retirement_income: Money,
    /// Social Security benefits received, before it is known which part is taxable.
    pub social_security_benefits: Money,
    /// Rents less their costs, not below zero: ordinary income that is also investment income (26 U.S.C. § 1411(c)(1)(A)(i)).
    pub rental_income: Money,
    /// Ordinary income of any other kind: rents, unemployment, alimony of old …
    pub other_income: Money,
    /// Itemized deductions after their limits (Schedule A, line 17), taken where they are more than the standard deduction.
    pub itemized_deductions: Option<Money>,
    /// The same in parts, before their limits; they go before a total.
    pub itemized: Option<Itemized>,
    /// How many of taxpayer and spouse are blind.
    pub blind: u32,
    /// What the care of the children below 13 costs, so that everybody can work.
    pub care_expenses: Money,
    /// Interest paid on student loans.
    pub student_loan_interest: Money,
}

impl Return {
    /// A return of this status with nothing on it.
    #[must_use]
    pub const fn new(filing_status: FilingStatus) -> Self {
        Self {
            filing_status,
            state: None,
            earners: Vec::new(),
            children_ages: Vec::new(),
            other_dependents: 0,
            interest: Money::ZERO,
            qualified_dividends: Money::ZERO,
            nonqualified_dividends: Money::ZERO,
            short_term_gains: Money::ZERO,
            long_term_gains: Money::ZERO,
            retirement_income: Money::ZERO,
            social_security_benefits: Money::ZERO,
            rental_income: Money::ZERO,
            other_income: Money::ZERO,
            itemized_deductions: None,
            itemized: None,
            blind: 0,
            care_expenses: Money::ZERO,
            student_loan_interest: Money::ZERO,
        }
    }

    /// Refuses what no return can be.
    pub(super) fn check(&self) -> Result<(), TaxError> {
        self.earners.iter().try_for_each(Earner::check)?;
        if let Some(itemized) = &self.itemized {
            itemized.check()?;
        }
        let never_negative = [
            ("interest", self.interest),
            ("qualified_dividends", self.qualified_dividends),
            ("nonqualified_dividends", self.nonqualified_dividends),
            ("retirement_income", self.retirement_income),
            ("rental_income", self.rental_income),
            ("social_security_benefits", self.social_security_benefits),
            ("itemized_deductions", self.itemized_deductions.unwrap_or_default()),
            ("care_expenses", self.care_expenses),
            ("student_loan_interest", self.student_loan_interest),
        ];
        for (field, amount) in never_negative {
            check_amount(field, amount)?;
        }
        check_size("short_term_gains", self.short_term_gains)?;
        check_size("long_term_gains", self.long_term_gains)?;
        check_size("other_income", self.other_income)
    }

    /// Whether an earner's HSA goes with family coverage.
    pub(super) fn has_family_coverage(&self, earner: &Earner) -> bool {
        let family = self.filing_status == FilingStatus::MarriedJointly || !self.children_ages.is_empty() || self.other_dependents > 0;
        earner.hsa_family_coverage.unwrap_or(family)
    }
}

impl Earner {
    /// Whether a plan at work covers this person.
    pub(super) fn is_covered(&self) -> bool {
        self.covered_by_plan.unwrap_or(self.pretax_401k.is_positive())
    }

    fn check(&self) -> Result<(), TaxError> {
        let never_negative = [
            ("earners.wages", self.wages),
            ("earners.pretax_401k", self.pretax_401k),
            ("earners.payroll_hsa", self.payroll_hsa),
            ("earners.cafeteria", self.cafeteria),
            ("earners.traditional_ira", self.traditional_ira),
            ("earners.tax_deferred_balance", self.tax_deferred_balance),
            ("earners.tax_deferred_distributions", self.tax_deferred_distributions),
            ("earners.early_distributions", self.early_distributions),
        ];
        for (field, amount) in never_negative {
            check_amount(field, amount)?;
        }
        check_size("earners.self_employment_net", self.self_employment_net)?;
        let deductions = self.pretax_401k + self.payroll_hsa + self.cafeteria;
        if deductions > self.wages {
            return Err(TaxError::DeductionsExceedPay { deductions, pay: self.wages });
        }
        Ok(())
    }
}

impl Itemized {
    /// State and local taxes that are not on income.
    pub(super) fn other_taxes(&self) -> Money {
        self.state_and_local_taxes - self.state_income_taxes.unwrap_or(self.state_and_local_taxes)
    }

    pub(super) fn check(&self) -> Result<(), TaxError> {
        let (part, all) = (self.state_income_taxes.unwrap_or_default(), self.state_and_local_taxes);
        if part > all {
            let (whole, of) = ("itemized.state_and_local_taxes", all);
            return Err(TaxError::MoreThanContains { part: "itemized.state_income_taxes", amount: part, whole, of });
        }
        let amounts = [
            ("itemized.state_and_local_taxes", self.state_and_local_taxes),
            ("itemized.state_income_taxes", self.state_income_taxes.unwrap_or_default()),
            ("itemized.mortgage_interest", self.mortgage_interest),
            ("itemized.charity", self.charity),
            ("itemized.medical_expenses", self.medical_expenses),
        ];
        amounts.into_iter().try_for_each(|(field, amount)| check_amount(field, amount))
    }
}
