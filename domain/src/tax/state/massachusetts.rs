//! Massachusetts taxes income in three parts: dividends and short-term gains (A), wages, interest and the rest (B), long-term gains
//! (C), with exemptions that overflow from B into A and C (M.G.L. c. 62, §§ 2 to 5C; Form 1, Schedules B and D). Little of that is a
//! table, so it is a return of its own here. On top of all parts together, the surtax of the constitution's article 44.

use rust_decimal::Decimal;

use super::input::StateInput;
use super::record::{Part, Record};
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

    pub(super) fn compute(&self, input: &StateInput<'_>, record: &mut impl Record) -> StateLines {
        let parts = Parts::of(input, self.loss_against_dividends, record);
        let agi = parts.total();
        let payroll_taxes: Decimal = input.people.iter().map(|person| person.payroll_taxes.min(self.payroll_tax_limit)).sum();
        let dependents = Decimal::from(input.dependents());
        let (aged, blind) = (self.aged * Decimal::from(input.aged), self.blind * Decimal::from(input.blind));
        let payroll_taxes = payroll_taxes.min(parts.ordinary);
        let mut exemptions = Decimal::ZERO;
        let mut exemption = |label, amount: Decimal, rule, table| {
            record.add(Part::Income, label, -amount, rule, table);
            exemptions += amount;
        };
        let rule = "of each person, up to a limit, and up to the wages and other income of part B";
        exemption("Social Security, Medicare and self-employment tax", payroll_taxes, rule, "payroll_tax_deduction");
        exemption("personal exemption", self.personal, "by status", "part_b_exemptions");
        exemption("exemption of dependents", self.dependent * dependents, "an amount for each", "part_b_exemptions");
        exemption("exemption of the aged", aged, "an amount for each of 65 or older", "part_b_exemptions");
        exemption("exemption of the blind", blind, "an amount for each", "part_b_exemptions");
        let taxed = parts.less(exemptions);
        let unused = taxed.total() - (agi - exemptions);
        record.add(Part::Income, "exemptions without income to take them from", unused, "no part is below zero", "part_b_exemptions");
        let tax = self.with_no_tax_status(self.by_rates(&taxed, record), input.stepped(agi), dependents, record);
        let children = Decimal::from(input.children_below(self.credit_below_age));
        let earned_income = input.amounts.federal_earned_income_credit * self.earned_income_rate;
        let family = children * self.per_dependent_credit;
        record.add(Part::Tax, "earned income credit", -earned_income, "a part of the federal one, paid out", "earned_income_credit");
        record.add(Part::Tax, "child and family credit", -family, "an amount for each child, paid out", "child_and_family_credit");
        let refundable = earned_income + family;
        StateLines { taxable: taxed.total(), before_credits: tax, before_refundable_credits: tax, tax: tax - refundable }
    }

    fn by_rates(&self, taxed: &Parts, record: &mut impl Record) -> Decimal {
        let mut tax = Decimal::ZERO;
        let mut part = |label, amount: Decimal, table| {
            record.add(Part::Tax, label, amount, "each part at its own rate", table);
            tax += amount;
        };
        part("tax on wages, interest and other income (part B)", taxed.ordinary * self.ordinary_rate, "parts");
        part("tax on dividends (part A)", taxed.dividends * self.ordinary_rate, "parts");
        part("tax on short-term gains (part A)", taxed.short_term * self.short_term_rate, "parts");
        part("tax on long-term gains (part C)", taxed.long_term * self.long_term_rate, "parts");
        part("surtax on high incomes", self.surtax.tax(taxed.total()), "surtax");
        tax
    }

    /// No tax status and the limited income credit: nothing up to a threshold, a tenth of what lies above it up to 1.75 times it.
    fn with_no_tax_status(&self, tax: Decimal, agi: Decimal, dependents: Decimal, record: &mut impl Record) -> Decimal {
        let threshold = self.no_tax_base + self.no_tax_dependent * dependents;
        if agi <= threshold {
            record.add(Part::Tax, "no tax status", -tax, "nothing is due up to an income", "no_tax_status");
            return Decimal::ZERO;
        }
        if threshold.is_zero() || agi > threshold * self.limited_income_multiple {
            return tax;
        }
        let limited = tax.min((agi - threshold) * self.limited_income_rate);
        let rule = "at most a tenth of the income above the one of no tax status";
        record.add(Part::Tax, "limited income credit", limited - tax, rule, "no_tax_status");
        limited
    }
}

/// The incomes that are taxed apart, in the order in which exemptions are taken from them.
struct Parts {
    ordinary: Decimal,
    dividends: Decimal,
    short_term: Decimal,
    long_term: Decimal,
}

impl Parts {
    /// Losses lower short-term gains first, then dividends up to a limit.
    fn of(input: &StateInput<'_>, loss_against_dividends: Decimal, record: &mut impl Record) -> Self {
        let a = &input.amounts;
        let positive = |amount: Decimal| amount.max(Decimal::ZERO);
        let (short_gain, short_loss) = (positive(a.short_term_gains), positive(-a.short_term_gains));
        let (long_gain, long_loss) = (positive(a.long_term_gains), positive(-a.long_term_gains));
        let room = a.dividends.min(loss_against_dividends);
        let short_against_dividends = short_loss.min(room);
        let long_against_short = long_loss.min(short_gain);
        let long_against_dividends = (long_loss - long_against_short).min(room - short_against_dividends);
        let dividends = a.dividends - short_against_dividends - long_against_dividends;
        let short_term = short_gain - long_against_short;
        let long_term = positive(long_gain - (short_loss - short_against_dividends));
        // The half of the self-employment tax is not deducted, but counts as payroll tax among the exemptions.
        let sum = a.wages + a.self_employment + a.interest + a.retirement + a.other;
        let ordinary = positive(sum);
        let mut line = |label, amount: Decimal, rule| record.add(Part::Income, label, amount, rule, "state");
        line("wages, as Form W-2 box 1", a.wages, "part B");
        line("self-employment", a.self_employment, "part B");
        line("interest", a.interest, "part B");
        line("pensions and withdrawals", a.retirement, "part B");
        line("other income", a.other, "part B");
        line("losses beyond the income of part B", ordinary - sum, "no part is below zero");
        line("dividends", dividends, "part A, less capital losses up to a limit");
        line("short-term gains", short_term, "part A, less long-term losses");
        line("long-term gains", long_term, "part C, less short-term losses");
        Self { ordinary, dividends, short_term, long_term }
    }

    fn total(&self) -> Decimal {
        self.ordinary + self.dividends + self.short_term + self.long_term
    }

    /// What exemptions leave: what is left of them goes on to dividends, then to short-term, then to long-term gains.
    fn less(&self, exemptions: Decimal) -> Self {
        let mut left = exemptions;
        let mut exempted = |part: Decimal| {
            let taxed = (part - left).max(Decimal::ZERO);
            left = (left - part).max(Decimal::ZERO);
            taxed
        };
        let (ordinary, dividends) = (exempted(self.ordinary), exempted(self.dividends));
        let (short_term, long_term) = (exempted(self.short_term), exempted(self.long_term));
        Self { ordinary, dividends, short_term, long_term }
    }
}
