//! The federal income tax of a return, form by form: what is income ([`income`]), what is deducted ([`deductions`]), the tax on
//! the rest ([`tax`]) and the credits ([`credits`]).
//!
//! All amounts here are exact decimals in dollars; nothing is rounded before [`super::estimate`] books it. Deliberately absent:
//! foreign income, the tax on unrecaptured section 1250 gain and collectibles, education credits, the premium tax credit; of the
//! deductions of 2025 to 2028, those for tips, overtime and car loans.

mod adjustments;
mod credits;
mod deductions;
mod income;
mod itemized;
mod retirement;
mod tax;
mod work_credits;

use std::cmp::Ordering;

use rust_decimal::Decimal;

use super::error::TableError;
use super::law_file::LawFile;
use super::payroll::PayrollLaw;
use super::schedule::ByStatus;
use super::tax_return::Return;
use crate::vocabulary::FilingStatus;
pub(super) use adjustments::Adjustments;
pub(super) use credits::Credits;
pub(super) use deductions::Deductions;
pub(super) use income::{Income, Person, Work};
use itemized::ScheduleA;
pub(super) use retirement::RetirementLaw;

/// The federal law of one year as it stands for one filing status.
#[derive(Clone, Debug)]
pub(super) struct FederalLaw {
    pub(super) income: income::IncomeLaw,
    pub(super) retirement: RetirementLaw,
    pub(super) student_loans: adjustments::StudentLoanLaw,
    pub(super) deductions: deductions::DeductionLaw,
    pub(super) tax: tax::TaxLaw,
    pub(super) credits: credits::CreditLaw,
}

/// What the marginal rate adds to a return.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extra {
    /// On top of the first earner's wages.
    pub(super) wages: Decimal,
    /// On top of other income.
    pub(super) other: Decimal,
}

/// The incomes at which stepped rules stand, where they are not the return's own: the marginal dollar does not take a step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stepped {
    /// The adjusted gross income.
    pub(super) agi: Decimal,
    /// The income that the phase-out of the IRA deduction looks at.
    pub(super) ira_income: Decimal,
}

/// The lines of a computed return, in exact dollars.
#[derive(Clone, Debug)]
pub(super) struct FederalLines {
    pub(super) work: Work,
    pub(super) income: Income,
    /// All income before any deduction or deferral: what the effective rate is a part of.
    pub(super) total_income_before_deductions: Decimal,
    pub(super) adjustments: Adjustments,
    /// Form 1040 line 11.
    pub(super) agi: Decimal,
    pub(super) deductions: Deductions,
    /// Schedule A, whether or not it was taken: some states let whoever takes the standard deduction here itemize there.
    pub(super) itemizable: Decimal,
    /// The lines of it.
    pub(super) schedule_a: ScheduleA,
    /// Form 1040 line 15.
    pub(super) taxable_income: Decimal,
    /// Form 1040 line 16: brackets and capital-gain rates.
    pub(super) regular_tax: Decimal,
    /// The part of it on long-term gains and qualified dividends.
    pub(super) tax_on_gains: Decimal,
    /// Schedule 2 line 2.
    pub(super) alternative_minimum_tax: Decimal,
    /// Form 8960 line 17.
    pub(super) net_investment_income_tax: Decimal,
    /// Form 8959 line 18.
    pub(super) additional_medicare_tax: Decimal,
    /// Schedule 2 line 8.
    pub(super) early_distribution_tax: Decimal,
    pub(super) credits: Credits,
}

impl FederalLines {
    /// Form 1040 line 18.
    pub(super) fn tax_before_credits(&self) -> Decimal {
        self.regular_tax + self.alternative_minimum_tax
    }

    /// After all credits; below zero where the refundable ones are more than the tax.
    pub(super) fn income_tax(&self) -> Decimal {
        self.tax_before_credits() - self.credits.nonrefundable() - self.credits.refundable()
    }

    /// Where this return's stepped rules stand.
    pub(super) fn stepped(&self) -> Stepped {
        Stepped { agi: self.agi, ira_income: self.adjustments.ira_income }
    }
}

/// What the tax is computed from, whatever is deducted.
struct TaxBase {
    status: FilingStatus,
    agi: Decimal,
    /// Taxed at the rates of gains, as far as taxed at all.
    preferred: Decimal,
}

/// The tax with one of the two deductions.
struct Taxed {
    deductions: Deductions,
    taxable_income: Decimal,
    regular_tax: Decimal,
    tax_on_gains: Decimal,
    alternative_minimum_tax: Decimal,
}

impl Taxed {
    fn tax(&self) -> Decimal {
        self.regular_tax + self.alternative_minimum_tax
    }
}

impl FederalLaw {
    pub(super) fn load(file: &LawFile, limits: &LawFile, year: i32) -> Result<ByStatus<Self>, TableError> {
        ByStatus::try_build(|status| Self::load_for(file, limits, year, status))
    }

    fn load_for(file: &LawFile, limits: &LawFile, year: i32, status: FilingStatus) -> Result<Self, TableError> {
        Ok(Self {
            income: income::IncomeLaw::load(file, status)?,
            retirement: RetirementLaw::load(limits, year, status)?,
            student_loans: adjustments::StudentLoanLaw::load(file, status)?,
            deductions: deductions::DeductionLaw::load(file, status)?,
            tax: tax::TaxLaw::load(file, status)?,
            credits: credits::CreditLaw::load(file, status)?,
        })
    }

    /// In a later year: every amount that the law itself adjusts for inflation, times `factor`; what the law fixes in dollars (the
    /// thresholds of the net investment income tax, of the child credit's phase-out, of taxable benefits, the capital-loss limit)
    /// stays.
    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        Self {
            income: self.income.clone(),
            retirement: self.retirement.indexed(factor),
            student_loans: self.student_loans.indexed(factor),
            deductions: self.deductions.indexed(factor),
            tax: self.tax.indexed(factor),
            credits: self.credits.indexed(factor),
        }
    }

    /// As it stands in a later year than its file's.
    pub(super) fn in_year(self, year: i32) -> Self {
        Self { deductions: self.deductions.in_year(year), ..self }
    }

    /// The return, line by line.
    pub(super) fn compute(&self, tax_return: &Return, extra: Extra, payroll: &PayrollLaw, stepped: Option<Stepped>) -> FederalLines {
        let status = tax_return.filing_status;
        let work = Work::of(tax_return, extra, payroll, &self.retirement);
        let mut income = self.income.gross(tax_return, extra, &work);
        let laws = (&self.income, &self.retirement, &self.student_loans);
        let adjustments = adjustments::take(tax_return, &mut income, &work, laws, stepped.map(|stepped| stepped.ira_income));
        let agi = income.total - adjustments.total();
        let base = TaxBase { status, agi, preferred: income.preferred() };
        let standard = self.deductions.standard(tax_return, agi, &work, &income);
        let mut taxed = self.taxed(&base, standard);
        let (mut itemizable, mut schedule_a) = (Decimal::ZERO, ScheduleA::default());
        if let Some(itemized) = self.deductions.itemize(tax_return, agi, &standard, &work, &income) {
            (itemizable, schedule_a) = (itemized.itemized, itemized.schedule_a);
            taxed = self.better(taxed, &base, itemized);
        }
        let Taxed { deductions, taxable_income, regular_tax, tax_on_gains, alternative_minimum_tax } = taxed;
        let net_investment_income_tax = self.tax.net_investment_income(agi, &income);
        let additional_medicare_tax = payroll.additional_medicare(status, work.fica_wages, work.net_earnings);
        let before_credits = regular_tax + alternative_minimum_tax;
        let stepped_agi = stepped.map_or(agi, |stepped| stepped.agi);
        let basis = credits::Basis { before_credits, agi, stepped_agi, additional_medicare_tax };
        let credits = self.credits.take(tax_return, basis, &work, &income, &self.retirement);
        FederalLines {
            total_income_before_deductions: income.before_deductions(tax_return, &work),
            early_distribution_tax: self.retirement.early_tax(work.early_distributions),
            work,
            income,
            adjustments,
            agi,
            deductions,
            itemizable,
            schedule_a,
            taxable_income,
            regular_tax,
            tax_on_gains,
            alternative_minimum_tax,
            net_investment_income_tax,
            additional_medicare_tax,
            credits,
        }
    }

    /// The tax with these deductions.
    fn taxed(&self, base: &TaxBase, deductions: Deductions) -> Taxed {
        let &TaxBase { status, agi, preferred } = base;
        let taxable_income = (agi - deductions.total()).max(Decimal::ZERO);
        let at_gains_rates = preferred.min(taxable_income);
        let (regular_tax, tax_on_gains) = self.tax.regular(taxable_income, at_gains_rates);
        let ordinary = taxable_income - at_gains_rates;
        let alternative_minimum_tax = self.tax.alternative_minimum(status, agi, &deductions, ordinary, preferred, regular_tax);
        Taxed { deductions, taxable_income, regular_tax, tax_on_gains, alternative_minimum_tax }
    }

    /// Schedule A, where it is better: where it leaves less tax (§ 63(e) lets one itemize less than the standard deduction, which
    /// the alternative minimum tax does not know), or the same tax and less taxable income. A total that was told goes by its amount:
    /// what of it are taxes is not known.
    fn better(&self, standard: Taxed, base: &TaxBase, itemized: Deductions) -> Taxed {
        let is_more = itemized.itemized > standard.deductions.standard + standard.deductions.charity;
        let is_told = !itemized.schedule_a.told.is_zero();
        let with_schedule_a = self.taxed(base, itemized);
        let saves = match is_told {
            true => Ordering::Equal,
            false => standard.tax().cmp(&with_schedule_a.tax()),
        };
        match saves {
            Ordering::Greater => with_schedule_a,
            Ordering::Equal if is_more => with_schedule_a,
            Ordering::Equal | Ordering::Less => standard,
        }
    }
}
