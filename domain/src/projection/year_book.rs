//! The book of a calendar year: the law of that year, what was booked for its return, and what was paid of its taxes.
//!
//! A plan often begins within a year. What recurs is taken to have been alike in the months before: it is scaled to a whole year,
//! and the plan answers for the share of its own months. What happened once (a sale, a bonus, a withdrawal, a required distribution) is
//! not scaled: it stands on the return as it is, and the plan answers for all that it adds to the tax.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::calendar::{Date, Month};
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::figures::Figures;
use crate::projection::plan::PlanFiler;
use crate::rate::Rate;
use crate::tax::{Estimate, Liability, TaxError, YearLaw, YearTables};
use crate::vocabulary::{ExpenseCategory, FilingStatus};

/// The law of a calendar year: the tables in force, and what their amounts are multiplied by.
pub(super) struct Law<'t> {
    pub tables: &'t YearTables,
    /// In units of 10⁻¹²: as many decimals as a rate has.
    pub index: i128,
    /// The return's part of the tables, indexed.
    returns: YearLaw<'t>,
}

/// An index of 1: the tables of the year itself.
pub(super) const NOT_INDEXED: i128 = 1_000_000_000_000;

/// What was booked for a calendar year.
pub(super) struct YearBook<'t> {
    pub year: i32,
    pub law: Law<'t>,
    /// Months of it that lie in the plan.
    pub months: u16,
    /// What recurs.
    pub figures: Figures,
    /// What happened once.
    pub once: Figures,
    /// What was paid of its taxes.
    pub paid: Paid,
    /// Whether April has settled it.
    pub is_settled: bool,
}

/// What was paid of a year's taxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Paid {
    pub federal: Money,
    pub social_security: Money,
    pub medicare: Money,
    pub state: Money,
    /// Quarterly payments, and self-employment tax paid by a flow.
    pub estimated: Money,
}

impl Paid {
    fn note(&mut self, category: ExpenseCategory, amount: Money) {
        let withheld = [
            (ExpenseCategory::FederalIncomeTax, &mut self.federal),
            (ExpenseCategory::SocialSecurityTax, &mut self.social_security),
            (ExpenseCategory::MedicareTax, &mut self.medicare),
            (ExpenseCategory::StateIncomeTax, &mut self.state),
        ];
        let place = withheld.into_iter().find(|(known, _)| *known == category).map_or(&mut self.estimated, |(_, place)| place);
        *place += amount;
    }

    /// All that is not the state's.
    pub fn federal_in_all(&self) -> Money {
        self.federal + self.social_security + self.medicare + self.estimated
    }
}

/// What April brings for a year: to be paid, or negative, a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub federal: Money,
    pub state: Money,
}

impl<'t> YearBook<'t> {
    pub fn open(year: i32, law: Law<'t>, earners: usize) -> Self {
        let figures = Figures::empty(earners);
        Self { year, law, months: 0, figures, once: Figures::default(), paid: Paid::default(), is_settled: false }
    }

    pub fn note_paid(&mut self, category: ExpenseCategory, amount: Money) {
        self.paid.note(category, amount);
    }

    /// Of a whole year's amount, what falls on the months in the plan.
    pub fn share(&self, annual: Money) -> Money {
        if self.months == 12 { annual } else { annual.scaled(i64::from(self.months), 12) }
    }

    /// What the plan owes for this year, and what of it is the state's.
    pub fn owed(&self, filer: &PlanFiler) -> Result<Liability, TaxError> {
        let whole = self.law.liability(filer, &self.whole_year(), self.year)?;
        if self.months == 12 || self.once.is_empty() {
            return Ok(Liability { total: self.share(whole.total), state: self.share(whole.state) });
        }
        let usual = self.law.liability(filer, &self.figures.annualised(self.months), self.year)?;
        let owed = |whole: Money, usual: Money| self.share(usual) + (whole - usual);
        Ok(Liability { total: owed(whole.total, usual.total), state: owed(whole.state, usual.state) })
    }

    /// The difference between what is owed and what was paid.
    pub fn due(&self, owed: Liability) -> Due {
        Due { federal: owed.total - owed.state - self.paid.federal_in_all(), state: owed.state - self.paid.state }
    }

    /// Every line of the return of the whole year, and of the same year without what happened once.
    pub fn estimates(&self, filer: &PlanFiler) -> Result<(Estimate, Estimate), TaxError> {
        let whole = self.law.estimate(filer, &self.whole_year(), self.year)?;
        if self.once.is_empty() {
            return Ok((whole.clone(), whole));
        }
        let usual = self.law.estimate(filer, &self.figures.annualised(self.months), self.year)?;
        Ok((whole, usual))
    }

    fn whole_year(&self) -> Figures {
        self.figures.annualised(self.months).with(&self.once)
    }
}

impl<'t> Law<'t> {
    /// The tables in force in a year, with an index on their amounts.
    pub fn new(tables: &'t YearTables, year: i32, index: i128, status: FilingStatus) -> Self {
        let factor = Decimal::try_from_i128_with_scale(index, 12).map(Rate::new).ok();
        Self { tables, index, returns: tables.law_in(year, status, factor) }
    }

    pub fn liability(&self, filer: &PlanFiler, figures: &Figures, year: i32) -> Result<Liability, TaxError> {
        self.returns.liability(&figures.to_return(filer, end_of(year)))
    }

    fn estimate(&self, filer: &PlanFiler, figures: &Figures, year: i32) -> Result<Estimate, TaxError> {
        self.returns.estimate(&figures.to_return(filer, end_of(year)))
    }

    /// An amount of this year in money of the tables' year, divided into `parts`.
    pub fn deflated(&self, amount: Money, parts: i64) -> Money {
        Fraction::new(NOT_INDEXED, self.index.saturating_mul(i128::from(parts))).of(amount).unwrap_or(amount)
    }

    /// The other way: `times` an amount of the tables' year, in money of this one.
    pub fn inflated(&self, amount: Money, times: i64) -> Money {
        Fraction::new(self.index.saturating_mul(i128::from(times)), NOT_INDEXED).of(amount).unwrap_or(amount)
    }
}

pub(super) fn end_of(year: i32) -> Date {
    Month::new(year, 12).map(Month::last_day).unwrap_or_default()
}

/// One year's inflation more. An index that falls to nothing, or outgrows its digits, stays: no law goes there.
pub(super) fn indexed(index: i128, indexes: bool, inflation: Rate) -> i128 {
    let factor = Decimal::ONE.checked_add(inflation.fraction());
    let grown = Decimal::try_from_i128_with_scale(index, 12).ok().and_then(|index| index.checked_mul(factor?));
    let grown = grown.map(|grown| grown.round_dp(12)).filter(|_| indexes);
    let units = grown.and_then(|grown| grown.checked_mul(Decimal::from(NOT_INDEXED))).and_then(|units| units.to_i128());
    units.filter(|units| *units > 0).unwrap_or(index)
}
