//! A household's taxes of a year, line by line: stateless, for any household that one can describe.

use std::borrow::Cow;

use actix_web::web::Data;
use domain::money::Money;
use domain::tax::{Earner, Explanation, Itemized, Return, TaxTables};
use domain::vocabulary::{FilingStatus, State};
use projections::store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::calculators::{message, refused};
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Between, Json, body};
use crate::extract::Caller;
use crate::problem::Problem;

body! {
    /// One earner of a return.
    pub struct EarnerBody {
        /// At the end of the year.
        age: Between<0, 130>,
        /// Gross wages on a W-2.
        wages: Option<Money> where of_a_household,
        /// 401(k) and the like; what is above the limit of the age counts as wages.
        pretax_401k: Option<Money> where of_a_household,
        /// HSA contributions through payroll; what is above the limit counts as wages.
        payroll_hsa: Option<Money> where of_a_household,
        /// Whether the HSA goes with family coverage; where left out: on a joint return, and with children or other dependents.
        hsa_family_coverage: Option<bool>,
        /// Premiums, FSAs, commuting.
        cafeteria: Option<Money> where of_a_household,
        /// Profit or loss of self-employment.
        self_employment_net: Option<Money> where gain_or_loss_of_a_household,
        /// Contributions to a traditional IRA.
        traditional_ira: Option<Money> where of_a_household,
        /// Whether a plan at work covers this person; where left out: whether there are 401(k) contributions.
        covered_by_plan: Option<bool>,
        /// Traditional IRAs and 401(k)s together at the end of last year: for the distribution that the law requires.
        tax_deferred_balance: Option<Money> where of_a_household,
        /// Taken out of them this year; at least what the law requires counts as income.
        tax_deferred_distributions: Option<Money> where of_a_household,
        /// Taken out of such accounts before the age of 59½ and without an exception, beside the distributions above.
        early_distributions: Option<Money> where of_a_household,
    }
    check |earner, at| {
        let amount = Option::<Money>::unwrap_or_default;
        if amount(earner.pretax_401k) + amount(earner.payroll_hsa) + amount(earner.cafeteria) > amount(earner.wages).at_least_zero() {
            at.refuse_field("wages", "less_than_deductions", "must be at least pretax_401k, payroll_hsa and cafeteria together");
        }
    }
}

body! {
    /// Schedule A, before its limits.
    pub struct ItemizedBody {
        /// State and local income (or sales) and property taxes paid; the limit of the year is applied.
        state_and_local_taxes: Option<Money> where of_a_household,
        /// The part of them that is income tax, which nearly no state lets be deducted on its own return; where left out: all of them.
        state_income_taxes: Option<Money> where of_a_household,
        /// Deductible interest on mortgages.
        mortgage_interest: Option<Money> where of_a_household,
        /// Gifts in cash.
        charity: Option<Money> where of_a_household,
        /// Medical and dental expenses; what lies above the floor counts.
        medical_expenses: Option<Money> where of_a_household,
    }
    check |itemized, at| {
        let amount = Option::<Money>::unwrap_or_default;
        if amount(itemized.state_income_taxes) > amount(itemized.state_and_local_taxes) {
            at.refuse_field("state_income_taxes", "more_than_contains", "must be at most state_and_local_taxes, which it is a part of");
        }
    }
}

body! {
    /// A return.
    pub struct EstimateBody {
        /// Whose law.
        tax_year: Between<1900, 9999>,
        /// On the federal return.
        filing_status: FilingStatus,
        /// Of residence; none for no state tax.
        state: Option<State>,
        /// Those who earn, or may; a joint return has up to two, every other one.
        earners: Vec<EarnerBody>,
        /// At the end of the year.
        children_ages: Option<Vec<Between<0, 130>>>,
        /// Dependents that are no qualifying children.
        other_dependents: Option<Between<0, 99>>,
        /// Taxable interest.
        interest: Option<Money> where of_a_household,
        /// Dividends at the rates of long-term gains.
        qualified_dividends: Option<Money> where of_a_household,
        /// Other dividends.
        nonqualified_dividends: Option<Money> where of_a_household,
        /// Gains on what was held for a year or less.
        short_term_gains: Option<Money> where gain_or_loss_of_a_household,
        /// Gains on what was held longer.
        long_term_gains: Option<Money> where gain_or_loss_of_a_household,
        /// Taxable pensions, annuities and withdrawals that are not told per earner.
        retirement_income: Option<Money> where of_a_household,
        /// Rents less their costs: ordinary income, and investment income for Form 8960.
        rental_income: Option<Money> where of_a_household,
        /// Social Security benefits received: which part is taxable is computed.
        social_security_benefits: Option<Money> where of_a_household,
        /// Ordinary income of any other kind.
        other_income: Option<Money> where gain_or_loss_of_a_household,
        /// A total after its limits, taken where it is more than the standard deduction; a state that itemizes takes all of it, since
        /// what of it is income tax is not told.
        itemized_deductions: Option<Money> where of_a_household,
        /// The same in parts, before their limits, taken where that is better; not beside a total.
        itemized: Option<ItemizedBody>,
        /// How many of taxpayer and spouse are blind.
        blind: Option<Between<0, 2>>,
        /// What the care of the children below 13 costs, so that everybody can work.
        care_expenses: Option<Money> where of_a_household,
        /// Interest paid on student loans.
        student_loan_interest: Option<Money> where of_a_household,
    }
    check |told, at| {
        if let Some(error) = TaxTables::shipped().ok().and_then(|tables| tables.year(year_of(told)).err()) {
            at.refuse_field("tax_year", "unknown_year", message(&error));
        }
        let filers = if told.filing_status == FilingStatus::MarriedJointly { 2 } else { 1 };
        if told.earners.len() > filers {
            at.refuse_field("earners", "too_many", format!("must be at most {filers} on a return of this filing status"));
        }
        if told.blind.is_some_and(|blind| blind.to_usize() > filers) {
            at.refuse_field("blind", "too_many", format!("must be at most {filers} on a return of this filing status"));
        }
        if told.children_ages.as_ref().is_some_and(|ages| ages.len() > MOST_CHILDREN) {
            at.refuse_field("children_ages", "too_many", format!("must have at most {MOST_CHILDREN} elements"));
        }
        if told.itemized.is_some() && told.itemized_deductions.is_some() {
            at.refuse_field("itemized_deductions", "told_twice", "must be left out where itemized tells the parts");
        }
    }
}

/// More are no household's.
const MOST_CHILDREN: usize = 99;

/// The lines of a return, and the steps that lead to them.
#[derive(Serialize, ToSchema)]
pub struct EstimateView {
    /// The part of the Social Security benefits that is income.
    taxable_social_security: Money,
    /// Deducted of the contributions to traditional IRAs.
    ira_deduction: Money,
    /// Deducted of the interest on student loans.
    student_loan_interest_deduction: Money,
    /// Adjusted gross income.
    agi: Money,
    /// Exactly one, with its additions.
    standard_deduction: Money,
    /// Where they were taken instead.
    itemized_deductions: Money,
    /// Gifts that are deducted beside the standard deduction (since 2026).
    charity_deduction: Money,
    /// Of those who are 65 or older (2025 to 2028).
    senior_deduction: Money,
    /// Qualified business income.
    qbi_deduction: Money,
    /// What is taxed.
    taxable_income: Money,
    /// With the rates of capital gains and the alternative minimum tax, without the net investment income tax.
    federal_income_tax_before_credits: Money,
    /// The part of it that is the alternative minimum tax.
    alternative_minimum_tax: Money,
    /// For the care of children.
    care_credit: Money,
    /// For retirement savings on a small income.
    savers_credit: Money,
    /// The non-refundable part.
    child_tax_credit: Money,
    /// For other dependents.
    other_dependent_credit: Money,
    /// Paid out where they are more than the tax.
    refundable_credits: Money,
    /// After all credits; negative where the refundable ones are more.
    federal_income_tax: Money,
    /// Form 8960.
    net_investment_income_tax: Money,
    /// On early distributions.
    early_distribution_tax: Money,
    /// Of all earners.
    social_security_tax: Money,
    /// The regular part.
    medicare_tax: Money,
    /// Form 8959.
    additional_medicare_tax: Money,
    /// Schedule SE.
    self_employment_tax: Money,
    /// Of the state.
    state_income_tax_before_refundable_credits: Money,
    /// What the state taxes: the sum of the steps of `state_income`.
    state_taxable_income: Money,
    /// Of the state, after all credits.
    state_income_tax: Money,
    /// All of them.
    total_tax: Money,
    /// Total tax over income.
    effective_rate: String,
    /// Of the next dollar of wages.
    marginal_rate: String,
    /// Like the lines of a form; they add up to the result.
    steps: Vec<StepView>,
    /// Where the law allows less than what was told, or asks for more.
    notes: Vec<NoteView>,
}

/// One amount that counts otherwise than it was told.
#[derive(Serialize, ToSchema)]
pub struct NoteView {
    /// The field, as `earners[0].pretax_401k`.
    field: String,
    /// `above_limit`, `phased_out`, `required_distribution` or `assumed` (not told, and so taken to be what the law's careful reading is).
    #[schema(value_type = String)]
    code: domain::tax::NoteCode,
    /// What was told.
    given: Money,
    /// What counts.
    allowed: Money,
    /// Why.
    message: &'static str,
}

/// One line of the explanation.
#[derive(Serialize, ToSchema)]
pub struct StepView {
    /// The part of the return whose sum it belongs to: `income` (adjusted gross income), `deductions` (with it, taxable income),
    /// `federal_tax`, `payroll_tax`, `state_income` (what the state taxes) or `state_tax` (`state_income_tax`).
    #[schema(value_type = String)]
    section: domain::tax::Section,
    /// What it is.
    label: Cow<'static, str>,
    /// What it adds; what is taken off is negative.
    amount: Money,
    /// How it is computed.
    rule: &'static str,
    /// Where its figures are from.
    source: String,
}

pub fn routes() -> Routes {
    Routes::tagged("calculators").post(
        "/api/v1/taxes/estimate",
        estimate,
        Doc::user("Estimate a year's taxes").body::<EstimateBody>().answers::<EstimateView>(),
    )
}

async fn estimate(_: Caller, told: Json<EstimateBody>, store: Data<Store>) -> Result<Answer, Problem> {
    let tables = store.tables().year(year_of(&told)).map_err(refused)?;
    let explained = tables.explain(&tax_return(told.body), None).map_err(refused)?;
    Answer::plain(&EstimateView::from(explained))
}

fn year_of(told: &EstimateBody) -> i32 {
    i32::try_from(told.tax_year.get()).unwrap_or_default()
}

fn tax_return(told: EstimateBody) -> Return {
    let number = |number: i64| u32::try_from(number).unwrap_or_default();
    let earner = |told: EarnerBody| Earner {
        age: number(told.age.get()),
        wages: told.wages.unwrap_or_default(),
        pretax_401k: told.pretax_401k.unwrap_or_default(),
        payroll_hsa: told.payroll_hsa.unwrap_or_default(),
        cafeteria: told.cafeteria.unwrap_or_default(),
        hsa_family_coverage: told.hsa_family_coverage,
        self_employment_net: told.self_employment_net.unwrap_or_default(),
        traditional_ira: told.traditional_ira.unwrap_or_default(),
        covered_by_plan: told.covered_by_plan,
        tax_deferred_balance: told.tax_deferred_balance.unwrap_or_default(),
        tax_deferred_distributions: told.tax_deferred_distributions.unwrap_or_default(),
        early_distributions: told.early_distributions.unwrap_or_default(),
    };
    let itemized = |told: ItemizedBody| Itemized {
        state_and_local_taxes: told.state_and_local_taxes.unwrap_or_default(),
        state_income_taxes: told.state_income_taxes,
        mortgage_interest: told.mortgage_interest.unwrap_or_default(),
        charity: told.charity.unwrap_or_default(),
        medical_expenses: told.medical_expenses.unwrap_or_default(),
    };
    Return {
        state: told.state,
        earners: told.earners.into_iter().map(earner).collect(),
        children_ages: told.children_ages.unwrap_or_default().into_iter().map(|age| number(age.get())).collect(),
        other_dependents: told.other_dependents.map_or(0, |count| number(count.get())),
        interest: told.interest.unwrap_or_default(),
        qualified_dividends: told.qualified_dividends.unwrap_or_default(),
        nonqualified_dividends: told.nonqualified_dividends.unwrap_or_default(),
        short_term_gains: told.short_term_gains.unwrap_or_default(),
        long_term_gains: told.long_term_gains.unwrap_or_default(),
        retirement_income: told.retirement_income.unwrap_or_default(),
        rental_income: told.rental_income.unwrap_or_default(),
        social_security_benefits: told.social_security_benefits.unwrap_or_default(),
        other_income: told.other_income.unwrap_or_default(),
        itemized_deductions: told.itemized_deductions,
        itemized: told.itemized.map(itemized),
        blind: told.blind.map_or(0, |count| number(count.get())),
        care_expenses: told.care_expenses.unwrap_or_default(),
        student_loan_interest: told.student_loan_interest.unwrap_or_default(),
        ..Return::new(told.filing_status)
    }
}

impl From<Explanation> for EstimateView {
    fn from(Explanation { estimate, state_taxable_income, steps, notes }: Explanation) -> Self {
        let step = |step: domain::tax::Step| StepView {
            section: step.section,
            label: step.label,
            amount: step.amount,
            rule: step.rule,
            source: step.source,
        };
        let note = |note: domain::tax::Note| NoteView {
            field: note.field,
            code: note.code,
            given: note.given,
            allowed: note.allowed,
            message: note.message,
        };
        Self {
            taxable_social_security: estimate.taxable_social_security,
            ira_deduction: estimate.ira_deduction,
            student_loan_interest_deduction: estimate.student_loan_interest_deduction,
            agi: estimate.agi,
            standard_deduction: estimate.standard_deduction,
            itemized_deductions: estimate.itemized_deductions,
            charity_deduction: estimate.charity_deduction,
            senior_deduction: estimate.senior_deduction,
            qbi_deduction: estimate.qbi_deduction,
            taxable_income: estimate.taxable_income,
            federal_income_tax_before_credits: estimate.federal_income_tax_before_credits,
            alternative_minimum_tax: estimate.alternative_minimum_tax,
            care_credit: estimate.care_credit,
            savers_credit: estimate.savers_credit,
            child_tax_credit: estimate.child_tax_credit,
            other_dependent_credit: estimate.other_dependent_credit,
            refundable_credits: estimate.refundable_credits,
            federal_income_tax: estimate.federal_income_tax,
            net_investment_income_tax: estimate.net_investment_income_tax,
            early_distribution_tax: estimate.early_distribution_tax,
            social_security_tax: estimate.social_security_tax,
            medicare_tax: estimate.medicare_tax,
            additional_medicare_tax: estimate.additional_medicare_tax,
            self_employment_tax: estimate.self_employment_tax,
            state_taxable_income,
            state_income_tax_before_refundable_credits: estimate.state_income_tax_before_refundable_credits,
            state_income_tax: estimate.state_income_tax,
            total_tax: estimate.total_tax,
            effective_rate: estimate.effective_rate.to_string(),
            marginal_rate: estimate.marginal_rate.to_string(),
            steps: steps.into_iter().map(step).collect(),
            notes: notes.into_iter().map(note).collect(),
        }
    }
}
