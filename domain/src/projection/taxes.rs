//! Taxes within a projection: withholding through the year, quarterly estimates, and April.
//!
//! The engine asks [`crate::tax`] three questions. What is withheld from a typical paycheck (once per income and calendar year, and
//! again after a raise): the answer is spread over the year, FICA with its wage base too. What a self-employed person should pay
//! ahead: nine tenths of the tax on that income, the safe harbour of 26 U.S.C. § 6654(d)(1)(B)(i), in quarters. And what the
//! household's return of a year comes to, given what was booked in that year: the difference to all that was paid to the tax
//! authorities for it is settled in April of the next year.
//!
//! The first calendar year of a plan is rarely whole. The months before the plan are taken to have been like those in it: the
//! booked months are scaled to a year, and the plan settles the share of its own months. Years beyond the last file use the last
//! one's law with its amounts indexed by inflation; a paycheck is indexed by deflating what goes in and inflating what comes out.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::calendar::{Month, PayFrequency};
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::ProjectionError;
use crate::projection::books::Books;
use crate::projection::clock::Clock;
use crate::projection::figures::{EarnerFigures, Figures};
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{Plan, PlanFiler, PlanW4};
use crate::rate::Rate;
use crate::tax::{Liability, PaycheckInput, TaxError, TaxTables, W4, YearLaw, YearTables};
use crate::vocabulary::{ExpenseCategory, FilingStatus};

pub(super) use crate::projection::figures::Taxable;

/// A quarter is due in April, June and September, and in January of the next year (26 U.S.C. § 6654(c)(2)).
pub(super) const QUARTER_MONTHS: [u32; 4] = [4, 6, 9, 1];

/// The law of a calendar year: the tables in force, and what their amounts are multiplied by.
struct Law<'t> {
    tables: &'t YearTables,
    /// In units of 10⁻¹²: as many decimals as a rate has.
    index: i128,
    /// The return's part of the tables, indexed.
    returns: YearLaw<'t>,
}

/// An index of 1: the tables of the year itself.
const NOT_INDEXED: i128 = 1_000_000_000_000;

/// What was booked for a calendar year.
struct YearBook<'t> {
    year: i32,
    law: Law<'t>,
    /// Months of it that lie in the plan.
    months: u16,
    figures: Figures,
    paid: Money,
    /// The part of it that went to the state.
    paid_to_state: Money,
}

/// What is withheld from an income in a whole year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Withholding {
    federal: Money,
    state: Money,
    social_security: Money,
    medicare: Money,
}

impl Withholding {
    /// Each tax with its category.
    pub const fn parts(&self) -> [(ExpenseCategory, Money); 4] {
        [
            (ExpenseCategory::FederalIncomeTax, self.federal),
            (ExpenseCategory::StateIncomeTax, self.state),
            (ExpenseCategory::SocialSecurityTax, self.social_security),
            (ExpenseCategory::MedicareTax, self.medicare),
        ]
    }
}

/// What withholding depends on: a whole year at the present pay.
pub(super) struct Pay<'a> {
    /// Wages and what lowers them.
    pub annual: EarnerFigures,
    /// How often it is paid.
    pub pay_frequency: PayFrequency,
    /// What the employee told the employer.
    pub w4: &'a PlanW4,
    /// In how many of this year's months in the plan it is earned, of how many: the wage base is a year's, also for half a year's
    /// wages. Months before the plan count as alike.
    pub share_of_year: (i32, i32),
}

/// The household's side of the tax authorities.
pub(super) struct TaxOffice<'t> {
    tables: &'t TaxTables,
    filer: PlanFiler,
    settles: bool,
    indexes: bool,
    year: YearBook<'t>,
    /// Until April has settled it.
    last_year: Option<YearBook<'t>>,
}

impl<'t> TaxOffice<'t> {
    /// Before month 1.
    pub fn new(plan: &Plan, tables: &'t TaxTables) -> Result<Self, ProjectionError> {
        let year = plan.start.year();
        let in_force = tables.in_force(year)?;
        let mut index = NOT_INDEXED;
        for _ in in_force.year()..year {
            index = indexed(index, plan.index_thresholds, plan.assumptions.inflation);
        }
        let law = Law::new(in_force, index, plan.filer.filing_status);
        let book = YearBook::open(year, law, plan.filer.members.len());
        let filer = plan.filer.clone();
        Ok(Self { tables, filer, settles: plan.settle_taxes, indexes: plan.index_thresholds, year: book, last_year: None })
    }

    /// Whether what the law limits rises with inflation in years without a file.
    pub const fn indexes_thresholds(&self) -> bool {
        self.indexes
    }

    /// Opens a month; says whether the calendar year has turned.
    pub fn open_month(&mut self, clock: &Clock, inflation: Rate) -> Result<bool, ProjectionError> {
        let year = clock.month.year();
        let turns = year != self.year.year;
        if turns {
            let tables = self.tables.in_force(year)?;
            let index = if tables.year() == year { NOT_INDEXED } else { indexed(self.year.law.index, self.indexes, inflation) };
            let opened = YearBook::open(year, Law::new(tables, index, self.filer.filing_status), self.filer.members.len());
            self.last_year = Some(std::mem::replace(&mut self.year, opened));
        }
        self.year.months = self.year.months.saturating_add(1);
        Ok(turns)
    }

    /// Puts an amount on this year's return, or, where it is a tax that a flow paid, among what was paid.
    pub fn note(&mut self, taxable: Taxable, amount: Money) {
        match taxable {
            Taxable::Prepaid(category) => self.note_paid(category, amount),
            Taxable::No
            | Taxable::SelfEmployment
            | Taxable::Interest
            | Taxable::Dividends
            | Taxable::Gains
            | Taxable::Rent
            | Taxable::RentalCost
            | Taxable::Benefits
            | Taxable::Retirement
            | Taxable::Other => self.year.figures.note(taxable, amount),
        }
    }

    /// This year's figures of one earner.
    pub fn earner(&mut self, index: usize) -> &mut EarnerFigures {
        self.year.figures.earner(index)
    }

    /// A tax was paid for this year.
    pub fn note_paid(&mut self, category: ExpenseCategory, amount: Money) {
        self.year.note_paid(category, amount);
    }

    /// A tax was paid for the year before. Where that lies before the plan, nobody settles it.
    pub fn note_paid_for_last_year(&mut self, category: ExpenseCategory, amount: Money) {
        if let Some(last_year) = &mut self.last_year {
            last_year.note_paid(category, amount);
        }
    }

    /// Nothing earned yet, for as many earners as there are.
    pub fn no_figures(&self) -> Figures {
        Figures::empty(self.filer.members.len())
    }

    /// A household's whole tax of this year, were these its figures.
    pub fn tax_on(&self, figures: &Figures) -> Result<Money, TaxError> {
        Ok(self.year.law.liability(&self.filer, figures, self.year.year)?.total)
    }

    /// What a year withholds from this pay: the typical paycheck, as often as it is paid.
    pub fn withholding(&self, pay: &Pay<'_>) -> Result<Withholding, TaxError> {
        let law = &self.year.law;
        let periods = pay.pay_frequency.periods_per_year();
        let a_period = |annual: Money| law.deflated(annual, periods);
        let gross = a_period(pay.annual.wages);
        let cafeteria = a_period(pay.annual.cafeteria + pay.annual.payroll_hsa).min(gross);
        let form = &pay.w4.federal;
        let paycheck = law.tables.paycheck(&PaycheckInput {
            filing_status: pay.w4.filing_status.unwrap_or(self.filer.filing_status),
            pay_frequency: pay.pay_frequency,
            gross,
            w4: W4 {
                multiple_jobs: form.multiple_jobs,
                credits: law.deflated(form.credits, 1),
                other_income: law.deflated(form.other_income, 1),
                deductions: law.deflated(form.deductions, 1),
                extra_withholding: law.deflated(form.extra_withholding, 1),
            },
            pretax_retirement: a_period(pay.annual.pretax_401k).min(gross - cafeteria),
            cafeteria,
            payroll_hsa: a_period(pay.annual.payroll_hsa).min(cafeteria),
            state: self.filer.state,
            year_to_date_wages: Money::ZERO,
        })?;
        let a_year = |withheld: Money| law.inflated(withheld, periods);
        let state_extra = pay.w4.state_extra_withholding.scaled(periods, 1);
        let (social_security, medicare) = law.fica(pay);
        let federal = a_year(paycheck.federal_withholding);
        Ok(Withholding { federal, state: a_year(paycheck.state_withholding) + state_extra, social_security, medicare })
    }

    /// In April: the difference between last year's taxes and what was paid of them, federal and state. Positive: to be paid.
    fn settlement(&mut self, month: Month) -> Result<Option<(Money, Money)>, TaxError> {
        if month.number() != 4 || !self.settles {
            return Ok(None);
        }
        let Some(book) = self.last_year.take() else { return Ok(None) };
        let owed = book.law.liability(&self.filer, &book.figures.annualised(book.months), book.year)?;
        let share = |amount: Money| amount.scaled(i64::from(book.months), 12);
        let state = share(owed.state) - book.paid_to_state;
        let federal = share(owed.total - owed.state) - (book.paid - book.paid_to_state);
        Ok(Some((federal, state)))
    }
}

impl<'t> YearBook<'t> {
    fn open(year: i32, law: Law<'t>, earners: usize) -> Self {
        Self { year, law, months: 0, figures: Figures::empty(earners), paid: Money::ZERO, paid_to_state: Money::ZERO }
    }

    fn note_paid(&mut self, category: ExpenseCategory, amount: Money) {
        self.paid += amount;
        if category == ExpenseCategory::StateIncomeTax {
            self.paid_to_state += amount;
        }
    }
}

impl<'t> Law<'t> {
    fn new(tables: &'t YearTables, index: i128, status: FilingStatus) -> Self {
        let factor = Decimal::try_from_i128_with_scale(index, 12).map(Rate::new).ok();
        Self { tables, index, returns: tables.law(status, factor) }
    }

    fn liability(&self, filer: &PlanFiler, figures: &Figures, year: i32) -> Result<Liability, TaxError> {
        let year_end = Month::new(year, 12).map(Month::last_day).unwrap_or_default();
        self.returns.liability(&figures.to_return(filer, year_end))
    }

    /// Social Security and Medicare of a year at this pay. The wage base is indexed, the threshold of the additional Medicare tax
    /// is not. Wages of a part of the year are measured by the whole base.
    fn fica(&self, pay: &Pay<'_>) -> (Money, Money) {
        let (earned, months) = pay.share_of_year;
        let (earned, months) = (i64::from(earned.max(1)), i64::from(months.max(1)));
        let wages = (pay.annual.wages - pay.annual.cafeteria - pay.annual.payroll_hsa).at_least_zero().scaled(earned, months);
        let a_year = |tax: Money| tax.scaled(months, earned);
        let social_security = self.tables.fica_withheld(self.deflated(wages, 1)).social_security;
        let medicare = self.tables.fica_withheld(wages).medicare;
        (a_year(self.inflated(social_security, 1)), a_year(medicare))
    }

    /// An amount of this year in money of the tables' year, divided into `parts`.
    fn deflated(&self, amount: Money, parts: i64) -> Money {
        Fraction::new(NOT_INDEXED, self.index.saturating_mul(i128::from(parts))).of(amount).unwrap_or(amount)
    }

    /// The other way: `times` an amount of the tables' year, in money of this one.
    fn inflated(&self, amount: Money, times: i64) -> Money {
        Fraction::new(self.index.saturating_mul(i128::from(times)), NOT_INDEXED).of(amount).unwrap_or(amount)
    }
}

/// One year's inflation more. An index that falls to nothing, or outgrows its digits, stays: no law goes there.
fn indexed(index: i128, indexes: bool, inflation: Rate) -> i128 {
    let factor = Decimal::ONE.checked_add(inflation.fraction());
    let grown = Decimal::try_from_i128_with_scale(index, 12).ok().and_then(|index| index.checked_mul(factor?));
    let grown = grown.map(|grown| grown.round_dp(12)).filter(|_| indexes);
    let units = grown.and_then(|grown| grown.checked_mul(Decimal::from(NOT_INDEXED))).and_then(|units| units.to_i128());
    units.filter(|units| *units > 0).unwrap_or(index)
}

/// Books the settlement, where it is April.
pub(super) fn settle_in_april(
    taxes: &mut TaxOffice<'_>,
    clock: &Clock,
    main_cash: Slot,
    books: &mut Books<'_>,
) -> Result<(), ProjectionError> {
    if let Some((federal, state)) = taxes.settlement(clock.month)? {
        let authorities = Slot::Outside(Outside::TaxAuthorities);
        books.post(main_cash, authorities, federal, Purpose::Tax(ExpenseCategory::FederalIncomeTax));
        books.post(main_cash, authorities, state, Purpose::Tax(ExpenseCategory::StateIncomeTax));
    }
    Ok(())
}
