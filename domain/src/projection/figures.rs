//! What a year's return is made of: figures that are collected while a year is booked, or expected before it is.

use crate::calendar::{Date, age_on};
use crate::money::Money;
use crate::projection::plan::PlanFiler;
use crate::tax::{Earner, Return};
use crate::vocabulary::ExpenseCategory;

/// The age of a member whose birth date is not known: an adult, below every age that changes a tax.
pub(super) const UNKNOWN_AGE: u32 = 40;
/// From this age a child is no dependent any more (26 U.S.C. § 152(c)(3); students are not known).
const GROWN_UP: u32 = 19;

/// What the annual estimate makes of an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taxable {
    /// Nothing.
    No,
    /// Profit of the first earner.
    SelfEmployment,
    /// Interest.
    Interest,
    /// Dividends; without knowing that they are qualified, taxed like interest.
    Dividends,
    /// Long-term gains.
    Gains,
    /// Rent received.
    Rent,
    /// What a rented-out property costs.
    RentalCost,
    /// Social Security benefits.
    Benefits,
    /// Pensions and distributions.
    Retirement,
    /// The part of the distributions that came too early: not income once more, but taxed on top.
    Early,
    /// Ordinary income of another kind.
    Other,
    /// A tax that was paid by a flow of its own.
    Prepaid(ExpenseCategory),
}

/// One earner's year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct EarnerFigures {
    /// Gross wages.
    pub wages: Money,
    /// What lowers the wages of the income tax alone.
    pub pretax_401k: Money,
    /// HSA through payroll.
    pub payroll_hsa: Money,
    /// What else lowers both kinds of wages.
    pub cafeteria: Money,
    /// Profit of self-employment.
    pub self_employment: Money,
}

impl EarnerFigures {
    fn each(&self, line: impl Fn(Money) -> Money) -> Self {
        Self {
            wages: line(self.wages),
            pretax_401k: line(self.pretax_401k),
            payroll_hsa: line(self.payroll_hsa),
            cafeteria: line(self.cafeteria),
            self_employment: line(self.self_employment),
        }
    }

    fn plus(&self, more: &Self) -> Self {
        Self {
            wages: self.wages + more.wages,
            pretax_401k: self.pretax_401k + more.pretax_401k,
            payroll_hsa: self.payroll_hsa + more.payroll_hsa,
            cafeteria: self.cafeteria + more.cafeteria,
            self_employment: self.self_employment + more.self_employment,
        }
    }
}

/// A household's year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    /// By earner, in the order of the plan's members.
    pub earners: Vec<EarnerFigures>,
    /// The household's.
    pub unearned: Unearned,
}

/// What is on the return without having been earned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unearned {
    interest: Money,
    dividends: Money,
    gains: Money,
    rent: Money,
    rental_costs: Money,
    benefits: Money,
    retirement: Money,
    /// A part of the line above.
    early: Money,
    other: Money,
}

impl Unearned {
    /// Adds an amount to its line. What is earned, or no line of a return, is none of these.
    pub fn note(&mut self, taxable: Taxable, amount: Money) {
        match taxable {
            Taxable::No | Taxable::Prepaid(_) | Taxable::SelfEmployment => {}
            Taxable::Interest => self.interest += amount,
            Taxable::Dividends => self.dividends += amount,
            Taxable::Gains => self.gains += amount,
            Taxable::Rent => self.rent += amount,
            Taxable::RentalCost => self.rental_costs += amount,
            Taxable::Benefits => self.benefits += amount,
            Taxable::Retirement => self.retirement += amount,
            Taxable::Early => self.early += amount,
            Taxable::Other => self.other += amount,
        }
    }

    /// The same, but what accounts yield and what is taken out of them is another's.
    pub fn with_realised_of(&self, other: &Self) -> Self {
        Self { interest: other.interest, gains: other.gains, retirement: other.retirement, early: other.early, ..*self }
    }

    fn each(&self, line: impl Fn(Money) -> Money) -> Self {
        Self {
            interest: line(self.interest),
            dividends: line(self.dividends),
            gains: line(self.gains),
            rent: line(self.rent),
            rental_costs: line(self.rental_costs),
            benefits: line(self.benefits),
            retirement: line(self.retirement),
            early: line(self.early),
            other: line(self.other),
        }
    }

    fn plus(&self, more: &Self) -> Self {
        Self {
            interest: self.interest + more.interest,
            dividends: self.dividends + more.dividends,
            gains: self.gains + more.gains,
            rent: self.rent + more.rent,
            rental_costs: self.rental_costs + more.rental_costs,
            benefits: self.benefits + more.benefits,
            retirement: self.retirement + more.retirement,
            early: self.early + more.early,
            other: self.other + more.other,
        }
    }
}

impl Figures {
    /// Nothing, for so many earners; there is always one.
    pub fn empty(earners: usize) -> Self {
        Self { earners: vec![EarnerFigures::default(); earners.max(1)], unearned: Unearned::default() }
    }

    /// Adds an amount to its line.
    pub fn note(&mut self, taxable: Taxable, amount: Money) {
        if taxable == Taxable::SelfEmployment {
            self.earner(0).self_employment += amount;
        }
        self.unearned.note(taxable, amount);
    }

    /// The same year in which this happened, too.
    pub fn with(mut self, once: &Self) -> Self {
        for (index, more) in once.earners.iter().enumerate() {
            let earner = self.earner(index);
            *earner = earner.plus(more);
        }
        self.unearned = self.unearned.plus(&once.unearned);
        self
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.unearned == Unearned::default() && self.earners.iter().all(|earner| *earner == EarnerFigures::default())
    }

    /// The figures of one earner; of the first, where there are fewer.
    pub fn earner(&mut self, index: usize) -> &mut EarnerFigures {
        let index = if index < self.earners.len() { index } else { 0 };
        if self.earners.is_empty() {
            self.earners.push(EarnerFigures::default());
        }
        #[expect(clippy::indexing_slicing, reason = "the index is below the length, or 0 and the list not empty")]
        &mut self.earners[index]
    }

    /// What a whole year like these months would come to.
    pub fn annualised(&self, months: u16) -> Self {
        let year = |amount: Money| amount.scaled(12, i64::from(months.max(1)));
        Self { earners: self.earners.iter().map(|earner| earner.each(year)).collect(), unearned: self.unearned.each(year) }
    }

    /// The return of these figures for a year whose last day this is.
    ///
    /// More deductions than wages, and a negative yield, are no figures of a return: they are cut there, and only there.
    pub fn to_return(&self, filer: &PlanFiler, year_end: Date) -> Return {
        let births = filer.members.iter().map(|member| member.birth).chain(std::iter::repeat(None));
        let unearned = &self.unearned;
        let early = unearned.early.at_least_zero();
        let mut untold_early = early;
        let earners = self.earners.iter().zip(births).map(|(figures, birth)| {
            let pretax_401k = figures.pretax_401k.min(figures.wages);
            let payroll_hsa = figures.payroll_hsa.min(figures.wages - pretax_401k);
            let cafeteria = figures.cafeteria.min(figures.wages - pretax_401k - payroll_hsa);
            Earner {
                age: birth.map_or(UNKNOWN_AGE, |birth| age_on(birth, year_end)),
                wages: figures.wages,
                pretax_401k,
                payroll_hsa,
                hsa_family_coverage: Some(filer.has_family_coverage),
                cafeteria,
                self_employment_net: figures.self_employment,
                // Whose it was makes no difference to the tax: the first one's.
                early_distributions: std::mem::take(&mut untold_early),
                ..Earner::default()
            }
        });
        let children = filer.children.iter().filter(|birth| **birth <= year_end).map(|birth| age_on(*birth, year_end));
        Return {
            state: filer.state,
            earners: earners.collect(),
            children_ages: children.filter(|age| *age < GROWN_UP).collect(),
            other_dependents: filer.other_dependents,
            interest: unearned.interest.at_least_zero(),
            nonqualified_dividends: unearned.dividends.at_least_zero(),
            long_term_gains: unearned.gains,
            retirement_income: (unearned.retirement - early).at_least_zero(),
            social_security_benefits: unearned.benefits.at_least_zero(),
            rental_income: (unearned.rent - unearned.rental_costs).at_least_zero(),
            other_income: unearned.other,
            ..Return::new(filer.filing_status)
        }
    }
}
