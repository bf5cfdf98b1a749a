//! A household's taxes of a year, line by line: stateless, for any household that one can describe.

use actix_web::web::Data;
use domain::money::Money;
use domain::tax::{Earner, Explanation, Return};
use domain::vocabulary::{FilingStatus, State};
use projections::store::Store;
use serde::Serialize;
use utoipa::ToSchema;

use super::calculators::refused;
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
        wages: Option<Money>,
        /// 401(k) and the like.
        pretax_401k: Option<Money>,
        /// HSA contributions through payroll.
        payroll_hsa: Option<Money>,
        /// Premiums, FSAs, commuting.
        cafeteria: Option<Money>,
        /// Profit of self-employment.
        self_employment_net: Option<Money>,
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
        /// Those who earn, or may; a joint return has two.
        earners: Vec<EarnerBody>,
        /// At the end of the year.
        children_ages: Option<Vec<Between<0, 130>>>,
        /// Dependents that are no qualifying children.
        other_dependents: Option<Between<0, 99>>,
        /// Taxable interest.
        interest: Option<Money>,
        /// Dividends at the rates of long-term gains.
        qualified_dividends: Option<Money>,
        /// Other dividends.
        nonqualified_dividends: Option<Money>,
        /// Gains on what was held for a year or less.
        short_term_gains: Option<Money>,
        /// Gains on what was held longer.
        long_term_gains: Option<Money>,
        /// Taken where it is more than the standard deduction.
        itemized_deductions: Option<Money>,
    }
}

/// The lines of a return; those of spec 04, and the steps that lead to them.
#[derive(Serialize, ToSchema)]
pub struct EstimateView {
    /// Adjusted gross income.
    agi: Money,
    /// Exactly one, with its additions.
    standard_deduction: Money,
    /// Where they were taken instead.
    itemized_deductions: Money,
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
}

/// One line of the explanation.
#[derive(Serialize, ToSchema)]
pub struct StepView {
    /// `income`, `deductions`, `federal_tax`, `payroll_tax` or `state_tax`: the part of the return whose sum it belongs to.
    #[schema(value_type = String)]
    section: domain::tax::Section,
    /// What it is.
    label: &'static str,
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
    let year = i32::try_from(told.tax_year.get()).unwrap_or_default();
    let tables = store.tables().year(year).map_err(refused)?;
    let explained = tables.explain(&tax_return(told.body), None).map_err(refused)?;
    Answer::plain(&EstimateView::from(explained))
}

fn tax_return(told: EstimateBody) -> Return {
    let number = |number: i64| u32::try_from(number).unwrap_or_default();
    let earner = |told: EarnerBody| Earner {
        age: number(told.age.get()),
        wages: told.wages.unwrap_or_default(),
        pretax_401k: told.pretax_401k.unwrap_or_default(),
        payroll_hsa: told.payroll_hsa.unwrap_or_default(),
        cafeteria: told.cafeteria.unwrap_or_default(),
        self_employment_net: told.self_employment_net.unwrap_or_default(),
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
        itemized_deductions: told.itemized_deductions,
        ..Return::new(told.filing_status)
    }
}

impl From<Explanation> for EstimateView {
    fn from(Explanation { estimate, steps }: Explanation) -> Self {
        let step = |step: domain::tax::Step| StepView {
            section: step.section,
            label: step.label,
            amount: step.amount,
            rule: step.rule,
            source: step.source,
        };
        Self {
            agi: estimate.agi,
            standard_deduction: estimate.standard_deduction,
            itemized_deductions: estimate.itemized_deductions,
            senior_deduction: estimate.senior_deduction,
            qbi_deduction: estimate.qbi_deduction,
            taxable_income: estimate.taxable_income,
            federal_income_tax_before_credits: estimate.federal_income_tax_before_credits,
            alternative_minimum_tax: estimate.alternative_minimum_tax,
            child_tax_credit: estimate.child_tax_credit,
            other_dependent_credit: estimate.other_dependent_credit,
            refundable_credits: estimate.refundable_credits,
            federal_income_tax: estimate.federal_income_tax,
            net_investment_income_tax: estimate.net_investment_income_tax,
            social_security_tax: estimate.social_security_tax,
            medicare_tax: estimate.medicare_tax,
            additional_medicare_tax: estimate.additional_medicare_tax,
            self_employment_tax: estimate.self_employment_tax,
            state_income_tax_before_refundable_credits: estimate.state_income_tax_before_refundable_credits,
            state_income_tax: estimate.state_income_tax,
            total_tax: estimate.total_tax,
            effective_rate: estimate.effective_rate.to_string(),
            marginal_rate: estimate.marginal_rate.to_string(),
            steps: steps.into_iter().map(step).collect(),
        }
    }
}
