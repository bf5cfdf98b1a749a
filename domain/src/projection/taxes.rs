//! Taxes within a projection: withholding through the year, quarterly estimates, and April.
//!
//! The engine asks [`crate::tax`] three questions. What is withheld from a typical paycheck (once per income and calendar year, and
//! again after a raise): the answer is spread over the year, FICA with its wage base too. What a self-employed person should pay
//! ahead: nine tenths of the tax on that income, the safe harbour of 26 U.S.C. § 6654(d)(1)(B)(i), in quarters. And what the
//! household's return of a year comes to, given what was booked in that year: the difference to all that was paid to the tax
//! authorities for it is settled in April of the next year.
//!
//! What is collected for a year, and how a year that is not whole is settled, stands in `year_book`. Years beyond the last file use
//! the last one's law with its amounts indexed by inflation; a paycheck is indexed by deflating what goes in and inflating what
//! comes out.

use crate::calendar::{Month, PayFrequency};
use crate::money::Money;
use crate::projection::ProjectionError;
use crate::projection::allowances::Allowances;
use crate::projection::books::Books;
use crate::projection::clock::Clock;
use crate::projection::figures::{EarnerFigures, Figures};
use crate::projection::holdings::Realised;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{Plan, PlanFiler, PlanW4};
use crate::projection::year_book::{Due, Law, NOT_INDEXED, YearBook, end_of, indexed};
use crate::rate::Rate;
use crate::tax::{PaycheckInput, TaxError, TaxTables, W4};
use crate::vocabulary::ExpenseCategory;

pub(super) use crate::projection::figures::Taxable;

/// A quarter is due in April, June and September, and in January of the next year (26 U.S.C. § 6654(c)(2)).
pub(super) const QUARTER_MONTHS: [u32; 4] = [4, 6, 9, 1];

/// What is withheld from an income in a whole year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Withholding {
    federal: Money,
    state: Money,
    social_security: Money,
    medicare: Money,
}

impl Withholding {
    /// The same, and so much more federal income tax.
    pub fn and_federal(self, more: Money) -> Self {
        Self { federal: self.federal + more, ..self }
    }

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
    /// What may still be contributed this year.
    pub allowances: Allowances,
    /// Until April has settled it.
    last_year: Option<YearBook<'t>>,
    /// The years that are over, for whoever asks for them.
    kept: Option<Vec<YearBook<'t>>>,
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
        let law = Law::new(in_force, year, index, plan.filer.filing_status);
        let book = YearBook::open(year, law, plan.filer.members.len());
        let filer = plan.filer.clone();
        let allowances = Allowances::open(&filer, &book.law, end_of(year));
        Ok(Self {
            tables,
            filer,
            settles: plan.settle_taxes,
            indexes: plan.index_thresholds,
            year: book,
            allowances,
            last_year: None,
            kept: None,
        })
    }

    /// From now on keeps the books of the years that are over.
    pub fn keep_years(&mut self) {
        self.kept = Some(Vec::new());
    }

    /// The years so far in their order (those that are over only where they were kept), and whose they are.
    pub fn into_years(self) -> (Vec<YearBook<'t>>, PlanFiler) {
        let mut years = self.kept.unwrap_or_default();
        years.extend(self.last_year);
        years.push(self.year);
        (years, self.filer)
    }

    fn close(&mut self, book: YearBook<'t>) {
        if let Some(kept) = &mut self.kept {
            kept.push(book);
        }
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
            let opened = YearBook::open(year, Law::new(tables, year, index, self.filer.filing_status), self.filer.members.len());
            let over = self.last_year.replace(std::mem::replace(&mut self.year, opened));
            self.allowances = Allowances::open(&self.filer, &self.year.law, end_of(year));
            if let Some(unsettled) = over {
                self.close(unsettled);
            }
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
            | Taxable::Early
            | Taxable::Other => self.year.figures.note(taxable, amount),
        }
    }

    /// Puts an amount on this year's return that does not recur: it is not scaled to a whole year.
    pub fn note_once(&mut self, taxable: Taxable, amount: Money) {
        self.year.once.note(taxable, amount);
    }

    /// Puts on the return what withdrawals have realised.
    pub fn note_realised(&mut self, realised: &Realised, recurs: bool) {
        if *realised == Realised::default() {
            return;
        }
        let Realised { gains, retirement, early } = *realised;
        for (taxable, amount) in [(Taxable::Gains, gains), (Taxable::Retirement, retirement), (Taxable::Early, early)] {
            if recurs {
                self.note(taxable, amount);
            } else {
                self.note_once(taxable, amount);
            }
        }
    }

    /// Of a tax of this year, what has to be paid ahead so that there is no penalty.
    pub fn to_be_paid_ahead(&self, tax: Money) -> Money {
        self.year.law.tables.safe_harbor(self.filer.filing_status, tax, None).of_this_year
    }

    /// What of the gain on the sale of the own home is not taxed this year.
    pub fn home_sale_exclusion(&self) -> Money {
        self.year.law.tables.home_sale_exclusion(self.filer.filing_status)
    }

    /// What has to be taken out this year of what was held at the end of the last one.
    pub fn required_distribution(&self, born: i32, held: Money) -> Money {
        self.year.law.tables.required_distribution(self.year.year, born, held)
    }

    /// From this age in months on no withdrawal is early.
    pub fn early_until_age_months(&self) -> u32 {
        self.year.law.tables.early_distributions().until_age_months
    }

    /// This year's figures of one earner.
    pub fn earner(&mut self, index: usize) -> &mut EarnerFigures {
        self.year.figures.earner(index)
    }

    /// The same, of what does not recur: it is not scaled to a whole year.
    pub fn earner_once(&mut self, index: usize) -> &mut EarnerFigures {
        self.year.once.earner(index)
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
                // Dollars are dollars, whatever the year: added below, to the cent.
                extra_withholding: Money::ZERO,
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
        let federal = a_year(paycheck.federal_withholding) + form.extra_withholding.scaled(periods, 1);
        Ok(Withholding { federal, state: a_year(paycheck.state_withholding) + state_extra, social_security, medicare })
    }

    /// In April: the difference between last year's taxes and what was paid of them, federal and state. Positive: to be paid.
    fn settlement(&mut self, month: Month) -> Result<Option<Due>, TaxError> {
        if month.number() != 4 || !self.settles {
            return Ok(None);
        }
        let Some(mut book) = self.last_year.take() else { return Ok(None) };
        let due = book.due(book.owed(&self.filer)?);
        book.is_settled = true;
        self.close(book);
        Ok(Some(due))
    }
}

impl Law<'_> {
    /// Social Security and Medicare of a year at this pay. The wage base is indexed, the threshold of the additional Medicare tax
    /// is not. Wages of a part of the year are measured by the whole base; where a whole year of them stays below it, the part does not
    /// matter, and is not rounded.
    fn fica(&self, pay: &Pay<'_>) -> (Money, Money) {
        let (earned, months) = pay.share_of_year;
        let (earned, months) = (i64::from(earned.max(1)), i64::from(months.max(1)));
        let whole = (pay.annual.wages - pay.annual.cafeteria - pay.annual.payroll_hsa).at_least_zero();
        let (real, part) = (self.deflated(whole, 1), whole.scaled(earned, months));
        let a_year = |tax: Money| tax.scaled(months, earned);
        let social_security = if self.tables.is_level(real) {
            self.inflated(self.tables.fica_withheld(real).social_security, 1)
        } else {
            a_year(self.inflated(self.tables.fica_withheld(self.deflated(part, 1)).social_security, 1))
        };
        let medicare = if self.tables.is_level(whole) {
            self.tables.fica_withheld(whole).medicare
        } else {
            a_year(self.tables.fica_withheld(part).medicare)
        };
        (social_security, medicare)
    }
}

/// Books the settlement, where it is April.
pub(super) fn settle_in_april(
    taxes: &mut TaxOffice<'_>,
    clock: &Clock,
    main_cash: Slot,
    books: &mut Books<'_>,
) -> Result<(), ProjectionError> {
    if let Some(Due { federal, state }) = taxes.settlement(clock.month)? {
        let authorities = Slot::Outside(Outside::TaxAuthorities);
        books.post(main_cash, authorities, federal, Purpose::Tax(ExpenseCategory::FederalIncomeTax));
        books.post(main_cash, authorities, state, Purpose::Tax(ExpenseCategory::StateIncomeTax));
    }
    Ok(())
}
