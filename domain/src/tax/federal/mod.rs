//! The federal income tax of a return, form by form: what is income ([`income`]), what is deducted ([`deductions`]), the tax on
//! the rest ([`tax`]) and the credits ([`credits`]).
//!
//! All amounts here are exact decimals in dollars; nothing is rounded before [`super::estimate`] books it. Deliberately absent:
//! foreign income, the tax on unrecaptured section 1250 gain and collectibles, education and care credits, the premium tax credit.

mod credits;
mod deductions;
mod income;
mod tax;

use rust_decimal::Decimal;

use super::error::TableError;
use super::estimate::Return;
use super::law_file::LawFile;
use super::payroll::PayrollLaw;
use super::schedule::ByStatus;
use crate::vocabulary::FilingStatus;
pub(super) use credits::Credits;
pub(super) use deductions::Deductions;
pub(super) use income::{Income, Person, Work};

/// The federal law of one year as it stands for one filing status.
#[derive(Clone, Debug)]
pub(super) struct FederalLaw {
    pub(super) income: income::IncomeLaw,
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

/// The lines of a computed return, in exact dollars.
#[derive(Clone, Debug)]
pub(super) struct FederalLines {
    pub(super) work: Work,
    pub(super) income: Income,
    /// All income before any deduction or deferral: what the effective rate is a part of.
    pub(super) total_income_before_deductions: Decimal,
    /// Form 1040 line 11.
    pub(super) agi: Decimal,
    pub(super) deductions: Deductions,
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
    pub(super) credits: Credits,
}

impl FederalLines {
    /// Form 1040 line 18.
    pub(super) fn tax_before_credits(&self) -> Decimal {
        self.regular_tax + self.alternative_minimum_tax
    }

    /// After all credits; below zero where the refundable ones are more than the tax.
    pub(super) fn income_tax(&self) -> Decimal {
        self.tax_before_credits() - self.credits.child - self.credits.other_dependents - self.credits.refundable()
    }
}

impl FederalLaw {
    pub(super) fn load(file: &LawFile) -> Result<ByStatus<Self>, TableError> {
        ByStatus::try_build(|status| Self::load_for(file, status))
    }

    fn load_for(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        Ok(Self {
            income: income::IncomeLaw::load(file, status)?,
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
            deductions: self.deductions.indexed(factor),
            tax: self.tax.indexed(factor),
            credits: self.credits.indexed(factor),
        }
    }

    /// The return, line by line. `stepped_agi` is the income at which stepped phase-outs stand, where it is not this return's own:
    /// the marginal dollar does not take a step.
    pub(super) fn compute(&self, tax_return: &Return, extra: Extra, payroll: &PayrollLaw, stepped_agi: Option<Decimal>) -> FederalLines {
        let status = tax_return.filing_status;
        let work = Work::of(tax_return, extra, payroll);
        let income = self.income.gross(tax_return, extra, &work);
        let agi = income.total - work.self_employment_deduction;
        let deductions = self.deductions.take(tax_return, agi, &work, &income);
        let taxable_income = (agi - deductions.total()).max(Decimal::ZERO);
        let preferred = income.preferred().min(taxable_income);
        let (regular_tax, tax_on_gains) = self.tax.regular(taxable_income, preferred);
        let ordinary = taxable_income - preferred;
        let alternative_minimum_tax = self.tax.alternative_minimum(status, agi, &deductions, ordinary, income.preferred(), regular_tax);
        let net_investment_income_tax = self.tax.net_investment_income(agi, &income);
        let additional_medicare_tax = payroll.additional_medicare(status, work.fica_wages, work.net_earnings);
        let before_credits = regular_tax + alternative_minimum_tax;
        let basis = credits::Basis { before_credits, agi, stepped_agi: stepped_agi.unwrap_or(agi), additional_medicare_tax };
        let credits = self.credits.take(tax_return, &basis, &work, &income);
        FederalLines {
            total_income_before_deductions: income.before_deductions(tax_return, &work),
            work,
            income,
            agi,
            deductions,
            taxable_income,
            regular_tax,
            tax_on_gains,
            alternative_minimum_tax,
            net_investment_income_tax,
            additional_medicare_tax,
            credits,
        }
    }
}
