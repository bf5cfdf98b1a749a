//! The same return as steps that a person can follow like a form: each line with its amount, its rule and where its figures are from.
//!
//! Nothing is computed again: the steps are the lines of the computed return. They add up: those of [`Section::Income`] to the
//! adjusted gross income, with those of [`Section::Deductions`] to the taxable income, those of [`Section::StateIncome`] to the
//! state's taxable income, and those of the three sections of taxes to the total tax, to the cent. The state's return is computed
//! again to have its lines written down; the federal lines are kept anyway. Deliberately not part of
//! [`super::YearTables::estimate`]: a forecast needs amounts, not texts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::estimate::{Estimate, StateLines};
use super::federal::{FederalLaw, FederalLines};
use super::notes::{self, Note};
use super::state::{Line, Part, StateLaws};
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
    /// Adds up to what the state taxes.
    StateIncome,
    /// State income tax.
    StateTax,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The part of the return.
    pub section: Section,
    /// What it is.
    pub label: Cow<'static, str>,
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
    /// What the state taxes: the sum of the steps of [`Section::StateIncome`].
    pub state_taxable_income: Money,
    /// The lines, in the order of the forms; those without an amount are left out, but for gains at a rate of nothing.
    pub steps: Vec<Step>,
    /// Where the law allows less, or asks for more, than what was told.
    pub notes: Vec<Note>,
}

/// Where the figures of a year are from, by the name of their table.
pub(super) type Sources = BTreeMap<String, String>;

/// A computed return, and the law that it was computed by.
pub(super) struct Explained<'a> {
    pub(super) tax_return: &'a Return,
    pub(super) law: &'a FederalLaw,
    pub(super) federal: &'a FederalLines,
    pub(super) state: &'a StateLines,
    pub(super) state_lines: &'a [Line],
    pub(super) states: &'a StateLaws,
    pub(super) sources: &'a Sources,
}

/// The source of what has no figure of the law in it.
const TOLD: &str = "the return, as it was told";

/// Steps as they are written down.
struct Writer<'a> {
    steps: Vec<Step>,
    sources: &'a Sources,
    /// The last step whose exact amount was no whole cents.
    rounded: Option<usize>,
}

impl Writer<'_> {
    /// A booked amount.
    fn add(&mut self, section: Section, label: impl Into<Cow<'static, str>>, amount: Money, rule: &'static str, table: &str) {
        if !amount.is_zero() {
            self.write(section, label, amount, rule, table);
        }
    }

    fn write(&mut self, section: Section, label: impl Into<Cow<'static, str>>, amount: Money, rule: &'static str, table: &str) {
        let source = self.sources.get(table).map_or(TOLD, String::as_str).to_owned();
        self.steps.push(Step { section, label: label.into(), amount, rule, source });
    }

    /// An exact amount, rounded to the cent; [`Self::settle`] makes up for it.
    fn exact(&mut self, section: Section, label: &'static str, amount: Decimal, rule: &'static str, table: &str) {
        let booked = Money::round(amount);
        if !booked.is_zero() && booked.to_decimal() != amount {
            self.rounded = Some(self.steps.len());
        }
        self.add(section, label, booked, rule, table);
    }

    /// The same, of a step that knows its source.
    fn exact_step(&mut self, amount: Decimal, step: Step) {
        let booked = Money::round(amount);
        if booked.is_zero() {
            return;
        }
        if booked.to_decimal() != amount {
            self.rounded = Some(self.steps.len());
        }
        self.steps.push(Step { amount: booked, ..step });
    }

    /// Lets the steps of these sections add up to what was booked: lines that were rounded one by one may be a cent off together,
    /// and the last of them takes it.
    fn settle(&mut self, sections: &[Section], booked: Money) {
        let sum: Money = self.steps.iter().filter(|step| sections.contains(&step.section)).map(|step| step.amount).sum();
        let lines = self.steps.iter().filter(|step| sections.contains(&step.section)).count();
        let cents = i64::try_from(lines).unwrap_or(i64::MAX);
        debug_assert!((booked - sum).abs() <= Money::from_cents(cents), "a line of {sections:?} is missing: {sum} is not {booked}");
        let last = self.rounded.take().map_or(self.steps.len(), |index| index.saturating_add(1));
        if let Some(step) = self.steps.iter_mut().take(last).rfind(|step| sections.contains(&step.section)) {
            step.amount += booked - sum;
        }
    }
}

/// Writes the steps of a computed return.
pub(super) fn explain(explained: &Explained<'_>, estimate: Estimate) -> Explanation {
    let mut writer = Writer { steps: Vec::with_capacity(48), sources: explained.sources, rounded: None };
    income(&mut writer, explained, &estimate);
    deductions(&mut writer, explained, &estimate);
    federal_tax(&mut writer, explained, &estimate);
    credits(&mut writer, explained.federal, &estimate);
    payroll_tax(&mut writer, &estimate);
    let state_taxable_income = Money::round(explained.state.taxable);
    state(&mut writer, explained, (state_taxable_income, estimate.state_income_tax));
    let status = explained.tax_return.filing_status;
    let assumes = explained.tax_return.state.is_some_and(|state| explained.states.takes_income_taxes_out(state, status));
    let notes = notes::of(explained.tax_return, explained.law, explained.federal, assumes);
    Explanation { estimate, state_taxable_income, steps: writer.steps, notes }
}

fn income(writer: &mut Writer<'_>, explained: &Explained<'_>, estimate: &Estimate) {
    let (work, income, less) = (&explained.federal.work, &explained.federal.income, &explained.federal.adjustments);
    let mut line = |label, amount: Decimal, rule, table: &str| writer.exact(Section::Income, label, amount, rule, table);
    line("gross wages", work.wages, "before every deduction", "");
    line("retirement contributions from pay", -work.deferrals, "Form W-2 box 12, code D: not in box 1", "elective_deferral");
    let cafeteria = -(work.payroll_hsa + work.cafeteria);
    line("health savings and cafeteria plan", cafeteria, "26 U.S.C. §§ 106(d), 125: not in box 1", "health_savings");
    line("self-employment", work.self_employment, "Schedule C line 31", "self_employment");
    line("interest", income.interest, "Form 1040 line 2b", "");
    line("dividends", income.dividends, "Form 1040 line 3b", "");
    line("capital gains", income.capital_gains, "Schedule D line 16, a loss only down to its limit", "capital_loss_limit");
    let told = explained.tax_return.retirement_income.to_decimal();
    line("retirement income", told, "Form 1040 lines 4b and 5b", "");
    let rule = "Form 1040 line 4b: at least the balance over the divisor of the age";
    line("distributions from tax-deferred accounts", work.distributions, rule, "required_distributions");
    line("early distributions", work.early_distributions, "Form 1040 line 4b", "early_distributions");
    line("rents less their costs", income.rents, "Schedule E line 26", "");
    line("other income", income.other - income.rents, "Schedule 1 line 10", "");
    line("taxable Social Security benefits", income.social_security, "Form 1040 line 6b", "social_security_benefits");
    let rule = "Schedule SE line 13: half of the self-employment tax";
    line("deductible part of self-employment tax", -less.self_employment, rule, "self_employment");
    line("IRA contributions", -less.ira, "Schedule 1 line 20: IRA Deduction Worksheet", "individual_retirement_deduction.covered");
    let rule = "Schedule 1 line 21: Student Loan Interest Deduction Worksheet";
    line("student-loan interest", -less.student_loan_interest, rule, "student_loan_interest");
    writer.settle(&[Section::Income], estimate.agi);
}

fn deductions(writer: &mut Writer<'_>, explained: &Explained<'_>, estimate: &Estimate) {
    let (federal, taken) = (explained.federal, &explained.federal.deductions);
    let mut line = |label, amount: Decimal, rule, table: &str| writer.exact(Section::Deductions, label, amount, rule, table);
    line("standard deduction", -taken.standard, "Form 1040 line 12, by status, age and blindness", "standard_deduction");
    let paid = &taken.schedule_a;
    line("medical expenses", -paid.medical, "Schedule A line 4: what lies above the floor", "itemized_deductions");
    let rule = "Schedule A line 7: up to the limit";
    line("state and local taxes", -paid.taxes, rule, "itemized_deductions.state_and_local_taxes");
    line("mortgage interest", -paid.interest, "26 U.S.C. § 163(h): Schedule A line 10", "itemized_deductions.mortgage_interest");
    line("gifts", -paid.charity, "Schedule A line 14: above the floor, up to the limit", "itemized_deductions");
    line("itemized deductions", -paid.told, "Schedule A line 17, where it is more", "itemized_deductions");
    let lost = paid.total() - taken.itemized;
    line("limit of itemized deductions in the highest bracket", lost, "26 U.S.C. § 68(a)", "itemized_deductions");
    line("gifts beside the standard deduction", -taken.charity, "26 U.S.C. § 170(p)", "itemized_deductions");
    line("senior deduction", -taken.senior, "Schedule 1-A part V", "senior_deduction");
    let rule = "Form 8995 line 15, above the threshold Form 8995-A";
    line("qualified business income deduction", -taken.qbi, rule, "qualified_business_income");
    let unused = federal.taxable_income - (federal.agi - taken.total());
    let table = format!("income_tax.{}", status_table(explained.tax_return));
    line("deductions without income to take them from", unused, "Form 1040 line 15: not below zero", &table);
    writer.settle(&[Section::Income, Section::Deductions], estimate.taxable_income);
}

/// Line 16 slice by slice, then the alternative minimum tax and the two other taxes on income.
fn federal_tax(writer: &mut Writer<'_>, explained: &Explained<'_>, estimate: &Estimate) {
    let (federal, status) = (explained.federal, status_table(explained.tax_return));
    let (ordinary, gains) = explained.law.tax.slices(federal.taxable_income, federal.income.preferred(), federal.regular_tax);
    let on_gains = Money::round(federal.tax_on_gains);
    let regular = estimate.federal_income_tax_before_credits - estimate.alternative_minimum_tax;
    let rule = "Form 1040 line 16: each slice at its rate";
    slices(writer, &ordinary, regular - on_gains, ("taxable income", rule, &format!("income_tax.{status}")));
    let rule = "Qualified Dividends and Capital Gain Tax Worksheet: each slice at its rate";
    slices(writer, &gains, on_gains, ("long-term gains and qualified dividends", rule, &format!("capital_gains.{status}")));
    let section = Section::FederalTax;
    let minimum = estimate.alternative_minimum_tax;
    writer.add(section, "alternative minimum tax", minimum, "Form 6251 line 11", "alternative_minimum_tax");
    let investment = estimate.net_investment_income_tax;
    writer.add(section, "net investment income tax", investment, "Form 8960 line 17", "net_investment_income_tax");
    let early = estimate.early_distribution_tax;
    writer.add(section, "additional tax on early distributions", early, "Form 5329 line 4", "early_distributions");
}

/// One step for each slice; the last takes the cent that rounding leaves.
fn slices(writer: &mut Writer<'_>, slices: &[(Decimal, Decimal)], booked: Money, (what, rule, table): (&str, &'static str, &str)) {
    let mut left = booked;
    for (index, (amount, rate)) in slices.iter().enumerate() {
        let is_last = index.saturating_add(1) == slices.len();
        let tax = if is_last { left } else { Money::round(amount * rate) };
        left -= tax;
        let percent = (rate * Decimal::ONE_HUNDRED).normalize();
        writer.write(Section::FederalTax, format!("{percent} % of {} of {what}", Money::round(*amount)), tax, rule, table);
    }
}

fn credits(writer: &mut Writer<'_>, federal: &FederalLines, estimate: &Estimate) {
    let section = Section::FederalTax;
    writer.add(section, "credit for the care of children", -estimate.care_credit, "26 U.S.C. § 21: Form 2441 line 11", "care_credit");
    writer.add(section, "credit for retirement savings", -estimate.savers_credit, "Form 8880 line 12", "savers_credit");
    writer.add(section, "child tax credit", -estimate.child_tax_credit, "Schedule 8812 line 14", "child_tax_credit");
    let other = estimate.other_dependent_credit;
    writer.add(section, "credit for other dependents", -other, "Schedule 8812 line 14", "child_tax_credit");
    let earned_income = Money::round(federal.credits.earned_income);
    let additional = estimate.refundable_credits - earned_income;
    writer.add(section, "additional child tax credit", -additional, "Schedule 8812 line 27: paid out", "child_tax_credit");
    writer.add(section, "earned income credit", -earned_income, "Form 1040 line 27: paid out", "earned_income_credit");
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

/// The state's return as it was computed, and the line of a state without an income tax. `booked`: taxable income, tax.
fn state(writer: &mut Writer<'_>, explained: &Explained<'_>, booked: (Money, Money)) {
    let (status, (taxable, tax)) = (explained.tax_return.filing_status, booked);
    let Some(state) = explained.tax_return.state else { return };
    for (part, section, booked) in [(Part::Income, Section::StateIncome, taxable), (Part::Tax, Section::StateTax, tax)] {
        for line in explained.state_lines.iter().filter(|line| line.part == part) {
            let source = explained.states.source(state, status, line.table).to_owned();
            writer.exact_step(line.amount, Step { section, label: line.label.clone(), amount: Money::ZERO, rule: line.rule, source });
        }
        writer.settle(&[section], booked);
    }
    if !explained.states.has_tax(state) {
        let (rule, source) = ("the state does not tax income", explained.states.source(state, status, "state").to_owned());
        let label = "no state income tax".into();
        writer.steps.push(Step { section: Section::StateTax, label, amount: Money::ZERO, rule, source });
    }
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
