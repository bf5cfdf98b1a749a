//! Massachusetts taxes income in three parts: dividends and short-term gains (A), wages, interest and the rest (B), long-term gains
//! (C), with exemptions that overflow from B into A and C (M.G.L. c. 62, §§ 2 to 5C; Form 1, Schedules B and D). Little of that is a
//! table, so it is a return of its own here. On top of all parts together, the surtax of the constitution's article 44.

use rust_decimal::Decimal;

use super::input::StateInput;
use crate::tax::error::TableError;
use crate::tax::estimate::StateLines;
use crate::tax::law_file::LawFile;
use crate::tax::schedule::Schedule;
use crate::vocabulary::FilingStatus;

/// What differs by year or status.
#[derive(Clone, Debug)]
pub(super) struct MassachusettsLaw {
    ordinary_rate: Decimal,
    short_term_rate: Decimal,
    long_term_rate: Decimal,
    surtax: Schedule,
    personal: Decimal,
    dependent: Decimal,
    aged: Decimal,
    blind: Decimal,
    /// What each person may deduct of Social Security, Medicare and self-employment tax.
    payroll_tax_limit: Decimal,
    loss_against_dividends: Decimal,
    no_tax_base: Decimal,
    no_tax_dependent: Decimal,
    limited_income_multiple: Decimal,
    limited_income_rate: Decimal,
    earned_income_rate: Decimal,
    per_dependent_credit: Decimal,
    credit_below_age: u32,
}

impl MassachusettsLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let (rates, exemptions) = (file.table("parts")?, file.table("part_b_exemptions")?);
        let (none, deduction) = (file.table("no_tax_status")?, file.table("payroll_tax_deduction")?);
        let (earned, family) = (file.table("earned_income_credit")?, file.table("child_and_family_credit")?);
        Ok(Self {
            ordinary_rate: rates.rate("ordinary")?,
            short_term_rate: rates.rate("short_term_gains")?,
            long_term_rate: rates.rate("long_term_gains")?,
            loss_against_dividends: rates.amount("loss_against_dividends")?,
            surtax: file.schedule("surtax", status)?,
            personal: exemptions.amount_for("personal", status)?,
            dependent: exemptions.amount("dependent")?,
            aged: exemptions.amount("aged")?,
            blind: exemptions.amount("blind")?,
            payroll_tax_limit: deduction.amount("limit")?,
            no_tax_base: none.amount_for("base", status)?,
            no_tax_dependent: none.amount_for("dependent", status)?,
            limited_income_multiple: none.amount("limited_income_multiple")?,
            limited_income_rate: none.rate("limited_income_rate")?,
            earned_income_rate: earned.rate("rate")?,
            per_dependent_credit: family.amount_for("per_dependent", status)?,
            credit_below_age: family.whole("below_age")?,
        })
    }

    pub(super) fn compute(&self, input: &StateInput<'_>) -> StateLines {
        let a = &input.amounts;
        let positive = |amount: Decimal| amount.max(Decimal::ZERO);
        // Part A: losses lower short-term gains first, then dividends up to a limit.
        let (short_gain, short_loss) = (positive(a.short_term_gains), positive(-a.short_term_gains));
        let (long_gain, long_loss) = (positive(a.long_term_gains), positive(-a.long_term_gains));
        let room = a.dividends.min(self.loss_against_dividends);
        let short_against_dividends = short_loss.min(room);
        let long_against_short = long_loss.min(short_gain);
        let long_against_dividends = (long_loss - long_against_short).min(room - short_against_dividends);
        let dividends = a.dividends - short_against_dividends - long_against_dividends;
        let short_term = short_gain - long_against_short;
        let long_term = positive(long_gain - (short_loss - short_against_dividends));
        // The half of the self-employment tax is not deducted, but counts as payroll tax below.
        let part_b = positive(a.wages + a.self_employment + a.interest + a.retirement + a.other);
        let agi = part_b + dividends + short_term + long_term;

        let payroll_taxes: Decimal = input.people.iter().map(|person| person.payroll_taxes.min(self.payroll_tax_limit)).sum();
        let dependents = Decimal::from(input.dependents());
        let exemptions =
            self.personal + self.dependent * dependents + self.aged * Decimal::from(input.aged) + self.blind * Decimal::from(input.blind);
        // What is left of the exemptions goes to dividends, then to short-term, then to long-term gains.
        let mut left = exemptions + payroll_taxes.min(part_b);
        let mut exempted = |part: Decimal| {
            let taxed = positive(part - left);
            left = positive(left - part);
            taxed
        };
        let (part_b, dividends) = (exempted(part_b), exempted(dividends));
        let (short_term, long_term) = (exempted(short_term), exempted(long_term));
        let by_rates = (part_b + dividends) * self.ordinary_rate + short_term * self.short_term_rate + long_term * self.long_term_rate;
        let tax = by_rates + self.surtax.tax(part_b + dividends + short_term + long_term);

        let tax = self.with_no_tax_status(tax, input.stepped(agi), dependents);
        let children = Decimal::from(input.children_below(self.credit_below_age));
        let refundable = a.federal_earned_income_credit * self.earned_income_rate + children * self.per_dependent_credit;
        StateLines { before_credits: tax, before_refundable_credits: tax, tax: tax - refundable }
    }

    /// No tax status and the limited income credit: nothing up to a threshold, a tenth of what lies above it up to 1.75 times it.
    fn with_no_tax_status(&self, tax: Decimal, agi: Decimal, dependents: Decimal) -> Decimal {
        let threshold = self.no_tax_base + self.no_tax_dependent * dependents;
        if agi <= threshold {
            return Decimal::ZERO;
        }
        if threshold.is_zero() || agi > threshold * self.limited_income_multiple {
            return tax;
        }
        tax.min((agi - threshold) * self.limited_income_rate)
    }
}
