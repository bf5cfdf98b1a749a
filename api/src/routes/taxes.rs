//! A household's taxes: this year's as they are expected, and year by year for a scenario.

use chrono::Datelike as _;
use domain::calendar::{Date, Month};
use domain::household::facts::TimeZone;
use domain::household::taxes::{
    Beside, EstimatedPayment, FederalSettlement, JobWithholding, Note, PayrollTaxes, SafeHarbour, StateSettlement, Suggestions, TaxSummary,
    tax_summary,
};
use domain::ids::ScenarioId;
use domain::money::Money;
use domain::projection::{ENGINE_VERSION, TaxLiability, TaxYear, TaxesPaid};
use domain::rate::Rate;
use domain::vocabulary::{FilingStatus, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::tax_estimate::EstimateView;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Query, body};
use crate::clock;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// What the household does not know by itself.
    pub struct TaxSummaryQuery {
        /// Whose `years`; the baseline's where left out.
        scenario_id: Option<ScenarioId>,
        /// Last year's federal tax after credits (Form 1040 line 24 less its refundable credits): for the safe harbour that goes by it.
        last_year_tax: Option<Money> where not_negative,
        /// Last year's adjusted gross income; this year's expected one where left out.
        last_year_agi: Option<Money>,
    }
    check |query, at| {
        if query.last_year_agi.is_some() && query.last_year_tax.is_none() {
            at.refuse_field("last_year_agi", "without_tax", "belongs to last year's tax: send last_year_tax with it");
        }
    }
}

/// This year's taxes as they are expected.
#[derive(Serialize, ToSchema)]
pub struct TaxSummaryView {
    /// The calendar year.
    tax_year: i32,
    /// Whose law: the year's own, or the last known one's.
    law_year: i32,
    /// The day from which on paydays and due dates are still to come.
    as_of_date: Date,
    /// On the return.
    filing_status: FilingStatus,
    /// Of residence.
    state: Option<State>,
    /// What the year's taxes come to.
    liability: LiabilityView,
    /// What is withheld from pay in the year.
    withholding: YearWithholdingView,
    /// What is due in April, federal and state: a refund of the one does not pay the other.
    balance_due: Money,
    /// What comes back, federal and state.
    refund: Money,
    /// What the federal return settles.
    federal: FederalSettlement,
    /// What the state's return settles.
    state_return: StateSettlement,
    /// Social Security and Medicare of employees, which no return settles.
    payroll: PayrollTaxes,
    /// The expected return, line by line.
    estimate: EstimateView,
    /// What each job withholds.
    jobs: Vec<JobWithholding>,
    /// Of the self-employed.
    estimated_payments: Vec<EstimatedPayment>,
    /// What avoids a penalty.
    safe_harbor: SafeHarbour,
    /// What would bring the federal balance to nothing.
    suggestions: Suggestions,
    /// What is assumed, capped, or not known.
    notes: Vec<Note>,
    /// The scenario whose years follow.
    scenario_id: ScenarioId,
    /// Each calendar year that the scenario touches, as its projection has it.
    years: Vec<TaxYearView>,
}

/// A calendar year of a scenario. Of its first and last year a part may lie outside the plan.
#[derive(Serialize, ToSchema)]
pub struct TaxYearView {
    /// The calendar year.
    year: i32,
    /// Months of it that lie in the plan, 1 … 12.
    months: u16,
    /// Whether all twelve do.
    is_complete: bool,
    /// Whose law: for years without a file the last one's, indexed by inflation where the scenario says so.
    law_year: i32,
    /// Adjusted gross income of the whole year; months outside the plan are taken to be like those in it.
    agi: Money,
    /// Taxable income of the whole year.
    taxable_income: Money,
    /// The whole year's taxes over its income before deductions.
    effective_rate: Rate,
    /// Of the next dollar of wages.
    marginal_rate: Rate,
    /// What the months in the plan owe.
    liability: TaxLiability,
    /// What was paid of that.
    paid: TaxesPaid,
    /// Of that, withheld from pay.
    withheld: Money,
    /// Of that, paid in quarters.
    estimated_payments: Money,
    /// The difference, federal and state; positive is due.
    settlement: YearSettlementView,
    /// The month in which it is settled.
    settled_on: Month,
}

/// What April of the next year brings.
#[derive(Serialize, ToSchema)]
pub struct YearSettlementView {
    /// Federal; positive is due, negative comes back.
    federal: Money,
    /// The state's.
    state: Money,
    /// Both.
    total: Money,
    /// Whether the projection books it: that April lies in the plan, and the scenario settles taxes.
    is_booked: bool,
}

/// What a year's taxes come to.
#[derive(Serialize, ToSchema)]
pub struct LiabilityView {
    /// Income tax after credits, with the taxes on net investment income, early distributions and self-employment, and the additional
    /// Medicare tax.
    federal: Money,
    /// State income tax after credits.
    state: Money,
    /// Of employees.
    social_security: Money,
    /// Of employees, without the additional tax.
    medicare: Money,
    /// All of them.
    total: Money,
    /// The total over income before deductions.
    effective_rate: Rate,
    /// Of the next dollar of wages.
    marginal_rate: Rate,
}

/// What is withheld from pay in a year.
#[derive(Serialize, ToSchema)]
pub struct YearWithholdingView {
    /// Federal income tax.
    federal: Money,
    /// State income tax.
    state: Money,
    /// Social Security.
    social_security: Money,
    /// Medicare, the additional one included.
    medicare: Money,
    /// All of them.
    total: Money,
}

pub fn routes() -> Routes {
    Routes::tagged("taxes").get(
        "/api/v1/taxes/summary",
        summary,
        Doc::query("Show this year's expected taxes").parameters::<TaxSummaryQuery>().answers::<TaxSummaryView>().details(
            "The return that the household expects for the current calendar year, what is withheld and paid ahead, what is due or comes \
             back in April, and what would bring that to nothing. Withheld is what the system flows say for each payday of the year; a \
             Form W-4 counts for the paychecks behind the day on which it was handed in. What is told on the household's first day, and \
             the first form of a job that had none, describes the whole year, but for its extra amounts.",
        ),
    )
}

async fn summary(request: QueryRequest, query: Query<TaxSummaryQuery>) -> Result<Answer, Problem> {
    let found = request.state().await?;
    let (home, store) = (&found.value.household, request.store());
    let zone = home.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
    let now = clock::now();
    let today = zone.date_at(now);
    let beside = Beside {
        last_year: query.last_year_tax.map(|tax| (tax, query.last_year_agi)),
        earlier_forms: store.replaced_forms(found.household_id, beginning_of(today, zone), found.version, (zone, today)).await?,
    };
    let computed = tax_summary(home, today, &beside, store.tables());
    let computed = computed.map_err(|error| Problem::unprocessable("not-supported", error.to_string()))?;
    let summary = computed.ok_or_else(Problem::no_household)?;
    let scenario_id = query.scenario_id.or_else(|| home.baseline().map(|(id, _)| id)).ok_or_else(Problem::no_household)?;
    let years = store.tax_years(found.household_id, &found.value, scenario_id, now).await?;
    // Another day leaves other paydays, and another law gives other figures, without any event.
    let tag = format!("{}.{today}.{}.{ENGINE_VERSION}", found.version, store.tables().version());
    let view = TaxSummaryView::of(summary, scenario_id, years.years);
    let answer = Answer::read(found.version.unsigned_abs(), &view)?;
    Ok(request.unless_known(answer.with_etag(tag)))
}

/// The first instant of a day's year, where the household lives.
fn beginning_of(today: Date, zone: TimeZone) -> domain::calendar::Instant {
    let december = Month::new(today.year(), 1).map_or(Date::MIN, |january| january.plus(-1).last_day());
    zone.end_of(december)
}

impl TaxSummaryView {
    fn of(summary: TaxSummary, scenario_id: ScenarioId, years: Vec<TaxYear>) -> Self {
        let TaxSummary { federal, state_settlement, payroll, .. } = summary;
        let estimate = &summary.explanation.estimate;
        let balances = [federal.balance, state_settlement.balance];
        let withheld = [federal.withheld, state_settlement.withheld, payroll.social_security_withheld, payroll.medicare_withheld];
        Self {
            tax_year: summary.tax_year,
            law_year: summary.law_year,
            as_of_date: summary.as_of_date,
            filing_status: summary.filing_status,
            state: summary.state,
            liability: LiabilityView {
                federal: federal.tax,
                state: state_settlement.tax,
                social_security: payroll.social_security_tax,
                medicare: payroll.medicare_tax,
                total: estimate.total_tax,
                effective_rate: estimate.effective_rate,
                marginal_rate: estimate.marginal_rate,
            },
            withholding: YearWithholdingView {
                federal: federal.withheld,
                state: state_settlement.withheld,
                social_security: payroll.social_security_withheld,
                medicare: payroll.medicare_withheld,
                total: withheld.iter().sum(),
            },
            balance_due: balances.iter().map(|balance| balance.at_least_zero()).sum(),
            refund: balances.iter().map(|balance| (-*balance).at_least_zero()).sum(),
            federal,
            state_return: state_settlement,
            payroll,
            estimate: EstimateView::from(summary.explanation),
            jobs: summary.jobs,
            estimated_payments: summary.estimated_payments,
            safe_harbor: summary.safe_harbor,
            suggestions: summary.suggestions,
            notes: summary.notes,
            scenario_id,
            years: years.into_iter().map(TaxYearView::from).collect(),
        }
    }
}

impl From<TaxYear> for TaxYearView {
    fn from(year: TaxYear) -> Self {
        let TaxYear { estimate, liability, paid, settlement, .. } = year;
        let withheld = [paid.federal_income_tax, paid.social_security_tax, paid.medicare_tax, paid.state_income_tax];
        Self {
            year: year.year,
            months: year.months,
            is_complete: year.is_complete,
            law_year: year.law_year,
            agi: estimate.agi,
            taxable_income: estimate.taxable_income,
            effective_rate: estimate.effective_rate,
            marginal_rate: estimate.marginal_rate,
            liability,
            paid,
            withheld: withheld.iter().sum(),
            estimated_payments: paid.estimated,
            settlement: YearSettlementView {
                federal: settlement.federal,
                state: settlement.state,
                total: settlement.total,
                is_booked: settlement.is_booked,
            },
            settled_on: Month::new(settlement.april_of, 4).unwrap_or_else(|| Month::of(Date::MAX)),
        }
    }
}
