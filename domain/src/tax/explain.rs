//! The same return as steps that a person can follow like a form: each line with its amount, its rule and where its figures are from.
//!
//! Nothing is computed again: the steps are the lines of the computed return. They add up: those of [`Section::Income`] to the
//! adjusted gross income, with those of [`Section::Deductions`] to the taxable income, and those of the three sections of taxes to
//! the total tax, to the cent. Deliberately not part of [`super::YearTables::estimate`]: a forecast needs amounts, not texts.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::estimate::{Estimate, StateLines};
use super::federal::FederalLines;
use super::tax_return::Return;
use crate::money::Money;

/// The part of the return that a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Section {
    /// Adds up to the adjusted gross income.
    Income,
    /// With the income, adds up to the taxable income.
    Deductions,
    /// Federal income tax and net investment income tax.
    FederalTax,
    /// Social Security, Medicare, self-employment tax.
    PayrollTax,
    /// State income tax.
    StateTax,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The part of the return.
    pub section: Section,
    /// What it is.
    pub label: &'static str,
    /// What it adds; what is taken off is negative.
    pub amount: Money,
    /// How it is computed: the form and line, in words.
    pub rule: &'static str,
    /// Where its figures are from.
    pub source: String,
}

/// An estimate and the steps that lead to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The result.
    pub estimate: Estimate,
    /// The lines, in the order of the forms; those without an amount are left out.
    pub steps: Vec<Step>,
}

/// Where the figures of a year are from, by the name of their table.
pub(super) type Sources = BTreeMap<String, String>;

/// Steps as they are written down.
struct Writer<'a> {
    steps: Vec<Step>,
    sources: &'a Sources,
}

impl Writer<'_> {
    fn add(&mut self, section: Section, label: &'static str, amount: Money, rule: &'static str, table: &str) {
        if !amount.is_zero() {
            let source = self.sources.get(table).cloned().unwrap_or_default();
            self.steps.push(Step { section, label, amount, rule, source });
        }
    }

    fn sum(&self, sections: &[Section]) -> Money {
        self.steps.iter().filter(|step| sections.contains(&step.section)).map(|step| step.amount).sum()
    }
}

/// Writes the steps of a computed return.
pub(super) fn explain(
    tax_return: &Return,
    federal: &FederalLines,
    state: &StateLines,
    state_source: &str,
    sources: &Sources,
    estimate: Estimate,
) -> Explanation {
    let mut writer = Writer { steps: Vec::with_capacity(32), sources };
    income(&mut writer, federal, &estimate);
    deductions(&mut writer, tax_return, &estimate);
    federal_tax(&mut writer, tax_return, federal, &estimate);
    payroll_tax(&mut writer, &estimate);
    let mut steps = writer.steps;
    let mut state_step = |label, amount: Money, rule| {
        if !amount.is_zero() {
            steps.push(Step { section: Section::StateTax, label, amount, rule, source: state_source.to_owned() });
        }
    };
    let before_credits = Money::round(state.before_credits);
    let rule = "the state's brackets, surtaxes and minimum tax on its taxable income";
    state_step("state income tax before credits", before_credits, rule);
    let nonrefundable = estimate.state_income_tax_before_refundable_credits - before_credits;
    state_step("state credits against the tax", nonrefundable, "the state's credits that are not paid out");
    let refundable = estimate.state_income_tax - estimate.state_income_tax_before_refundable_credits;
    state_step("state credits that are paid out", refundable, "the state's refundable credits");
    Explanation { estimate, steps }
}

fn income(writer: &mut Writer<'_>, federal: &FederalLines, estimate: &Estimate) {
    let (work, income) = (&federal.work, &federal.income);
    let mut line = |label, amount: Decimal, rule, table: &str| writer.add(Section::Income, label, Money::round(amount), rule, table);
    line("gross wages", work.wages, "before every deduction", "");
    line("retirement contributions from pay", -work.deferrals, "Form W-2 box 12, code D: not in box 1", "elective_deferral");
    line(
        "health savings and cafeteria plan",
        -(work.payroll_hsa + work.cafeteria),
        "26 U.S.C. §§ 106(d), 125: not in box 1",
        "health_savings",
    );
    line("self-employment", work.self_employment, "Schedule C line 31", "self_employment");
    line("interest", income.interest, "Form 1040 line 2b", "");
    line("dividends", income.dividends, "Form 1040 line 3b", "");
    line("capital gains", income.capital_gains, "Schedule D line 16, a loss only down to its limit", "capital_loss_limit");
    line("retirement income", income.retirement, "Form 1040 lines 4b and 5b", "");
    line("taxable Social Security benefits", income.social_security, "Form 1040 line 6b", "social_security_benefits");
    line("other income", income.other, "Schedule 1 line 10", "");
    // The one line that may end within a cent takes what is left, so that the lines add up to the booked income.
    let deduction = estimate.agi - writer.sum(&[Section::Income]);
    let rule = "Schedule SE line 13: half of the self-employment tax";
    writer.add(Section::Income, "deductible part of self-employment tax", deduction, rule, "self_employment");
}

fn deductions(writer: &mut Writer<'_>, tax_return: &Return, estimate: &Estimate) {
    let section = Section::Deductions;
    let rule = "Form 1040 line 12, by status, age and blindness";
    writer.add(section, "standard deduction", -estimate.standard_deduction, rule, "standard_deduction");
    writer.add(section, "itemized deductions", -estimate.itemized_deductions, "Schedule A line 17, where it is more", "standard_deduction");
    writer.add(section, "senior deduction", -estimate.senior_deduction, "Schedule 1-A part V", "senior_deduction");
    let rule = "Form 8995 line 15, above the threshold Form 8995-A";
    writer.add(section, "qualified business income deduction", -estimate.qbi_deduction, rule, "qualified_business_income");
    let unused = estimate.taxable_income - writer.sum(&[Section::Income, Section::Deductions]);
    let table = format!("income_tax.{}", status_table(tax_return));
    writer.add(section, "deductions without income to take them from", unused, "Form 1040 line 15: not below zero", &table);
}

fn federal_tax(writer: &mut Writer<'_>, tax_return: &Return, federal: &FederalLines, estimate: &Estimate) {
    let section = Section::FederalTax;
    let (brackets, gains) = (format!("income_tax.{}", status_table(tax_return)), format!("capital_gains.{}", status_table(tax_return)));
    let on_gains = Money::round(federal.tax_on_gains);
    let regular = estimate.federal_income_tax_before_credits - estimate.alternative_minimum_tax;
    writer.add(section, "tax at the brackets", regular - on_gains, "Form 1040 line 16: each slice at its rate", &brackets);
    let rule = "Qualified Dividends and Capital Gain Tax Worksheet: 0, 15 and 20 %";
    writer.add(section, "tax on long-term gains and qualified dividends", on_gains, rule, &gains);
    let minimum = estimate.alternative_minimum_tax;
    writer.add(section, "alternative minimum tax", minimum, "Form 6251 line 11", "alternative_minimum_tax");
    writer.add(section, "child tax credit", -estimate.child_tax_credit, "Schedule 8812 line 14", "child_tax_credit");
    let other = estimate.other_dependent_credit;
    writer.add(section, "credit for other dependents", -other, "Schedule 8812 line 14", "child_tax_credit");
    let earned_income = Money::round(federal.credits.earned_income);
    let additional = estimate.refundable_credits - earned_income;
    writer.add(section, "additional child tax credit", -additional, "Schedule 8812 line 27: paid out", "child_tax_credit");
    writer.add(section, "earned income credit", -earned_income, "Form 1040 line 27: paid out", "earned_income_credit");
    let investment = estimate.net_investment_income_tax;
    writer.add(section, "net investment income tax", investment, "Form 8960 line 17", "net_investment_income_tax");
}

fn payroll_tax(writer: &mut Writer<'_>, estimate: &Estimate) {
    let section = Section::PayrollTax;
    let rule = "each earner's wages up to the wage base";
    writer.add(section, "Social Security tax", estimate.social_security_tax, rule, "social_security");
    writer.add(section, "Medicare tax", estimate.medicare_tax, "all wages", "medicare");
    let additional = estimate.additional_medicare_tax;
    writer.add(section, "additional Medicare tax", additional, "Form 8959 line 18", "additional_medicare");
    writer.add(section, "self-employment tax", estimate.self_employment_tax, "Schedule SE line 12", "self_employment");
}

/// The table of this status: a qualifying surviving spouse has the joint one.
fn status_table(tax_return: &Return) -> &'static str {
    use crate::vocabulary::FilingStatus;
    match tax_return.filing_status {
        FilingStatus::QualifyingSurvivingSpouse => FilingStatus::MarriedJointly.as_str(),
        status
        @ (FilingStatus::Single | FilingStatus::MarriedJointly | FilingStatus::MarriedSeparately | FilingStatus::HeadOfHousehold) => {
            status.as_str()
        }
    }
}
