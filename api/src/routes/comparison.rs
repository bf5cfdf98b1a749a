//! Scenarios side by side, and their differences taken apart down to the flow, income, account or change that they come from. Keeps
//! nothing.

use domain::calendar::{Date, Month};
use domain::household::origin_name;
use domain::ids::{ChangeId, ScenarioId};
use domain::money::Money;
use domain::projection::attribution::OriginType;
use domain::projection::comparison::{CauseDifference, Difference, KeyFigures, MonthDifference, NoWindow, Part, changes_about};
use domain::projection::{Change, Term};
use projections::forecasts::{Compared, Comparison, ComparisonError, PlannedScenario};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::projection_shape::ChangeShape;
use super::scenario_body::to_u16;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Between, Json, body};
use crate::clock;
use crate::problem::{FieldError, Problem};
use crate::query::QueryRequest;

/// How many scenarios can be compared at once.
const MOST_SCENARIOS: usize = 4;

body! {
    /// What to compare.
    pub struct ComparisonBody {
        /// Two to four scenarios, the baseline and archived ones among them where that is wanted. All others are compared with the first one.
        scenario_ids: Vec<ScenarioId>,
        /// 1 … 600, from the first month on that all of them have; the months that lie within all horizons where left out.
        months: Option<Between<1, 600>>,
    }
    check |told, at| {
        let ids = &told.scenario_ids;
        if ids.len() < 2 {
            at.refuse_field("scenario_ids", "too_few", "must name at least two scenarios");
        }
        if ids.len() > MOST_SCENARIOS {
            at.refuse_field("scenario_ids", "too_many", format!("must name at most {MOST_SCENARIOS} scenarios"));
        }
        for (index, id) in ids.iter().enumerate() {
            if ids.iter().take(index).any(|other| other == id) {
                at.field("scenario_ids").element(index).refuse::<()>("repeated", "is named before: a scenario does not differ from itself");
            }
        }
    }
}

/// Scenarios side by side.
#[derive(Serialize, ToSchema)]
pub struct ScenarioComparisonView {
    /// The first month that all of them have, such as `2026-11`.
    start_month: String,
    /// How many months are compared.
    months: u16,
    /// The last day of the last one.
    end_date: Date,
    /// Each scenario, in the order in which they were named.
    items: Vec<ComparedView>,
    /// What each of the others ends with beyond the first one, and why.
    differences: Vec<DifferenceView>,
}

/// A scenario at a glance, over the months that are compared.
#[derive(Serialize, ToSchema)]
pub struct ComparedView {
    /// Which.
    scenario_id: ScenarioId,
    /// What it is called.
    name: String,
    /// Before the first month.
    opening_net_worth: Money,
    /// After the last month.
    final_net_worth: Money,
    /// The same, of cash and investments.
    final_liquid_assets: Money,
    /// The same, of retirement accounts.
    final_retirement_assets: Money,
    /// The same, of what is owed.
    final_liabilities: Money,
    /// The least that cash and investments come to at the end of a month.
    minimum_liquid_assets: Money,
    /// The last day of the first such month.
    minimum_liquid_date: Date,
    /// The first month in which no liquid account could pay; null where there is none.
    first_shortfall: Option<FirstShortfallView>,
    /// The first month from whose end on nothing is owed, such as `2031-04`; null where something is owed at the end.
    debt_free_month: Option<String>,
    /// Gross income and employers' matches.
    total_income: Money,
    /// Taxes paid, less refunds.
    total_taxes: Money,
    /// Spending and debt payments, principal included.
    total_expenses: Money,
    /// Spending alone.
    total_spending: Money,
    /// Interest and fees of debts.
    total_interest_and_fees: Money,
    /// Growth of investments and retirement accounts, yield of cash.
    total_investment_growth: Money,
    /// Growth of property.
    total_appreciation: Money,
    /// What happened once.
    total_one_off: Money,
}

/// The first month in which no liquid account could pay.
#[derive(Serialize, ToSchema)]
pub struct FirstShortfallView {
    /// Its last day.
    date: Date,
    /// What is owed on the overdraft at its end.
    depth: Money,
    /// The most that is owed on it at the end of any month.
    deepest: Money,
}

/// What one scenario ends with beyond another: the parts of `by_term` add up to `total`.
#[derive(Serialize, ToSchema)]
pub struct DifferenceView {
    /// The scenario that is compared with.
    from: ScenarioId,
    /// The scenario that is compared.
    to: ScenarioId,
    /// The final net worth of `to` less that of `from`.
    total: Money,
    /// Where it comes from. What lowers net worth is negative.
    by_term: ByTermView,
    /// What of `total` no cause explains.
    #[schema(example = "0.00")]
    unattributed: Money,
    /// What each part of `by_term` comes from, the largest first: the amounts of a part add up to it.
    terms: TermCausesView,
    /// `to` less `from`, month by month.
    months: Vec<MonthDifferenceView>,
}

/// The parts of a difference.
#[derive(Serialize, ToSchema)]
pub struct ByTermView {
    /// What they are worth before the first month that is compared. Only there where that differs: one of them looks at another day, or
    /// began before the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    opening: Option<Money>,
    /// Gross income and employers' matches.
    income: Money,
    /// Taxes.
    taxes: Money,
    /// Spending.
    spending: Money,
    /// Growth of investments and retirement accounts, yield of cash.
    investment_growth: Money,
    /// Growth of property.
    appreciation: Money,
    /// Interest and fees of debts.
    interest_and_fees: Money,
    /// What happens once.
    one_off: Money,
}

/// What the parts of a difference come from.
#[derive(Serialize, ToSchema)]
pub struct TermCausesView {
    /// By account. Only there where something differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    opening: Option<Vec<CauseDifferenceView>>,
    /// By income, flow, or what a change brings.
    income: Vec<CauseDifferenceView>,
    /// What is withheld and paid ahead by income or flow; what April settles is the household's.
    taxes: Vec<CauseDifferenceView>,
    /// By flow, by income (what is deducted from it and spent), by debt (its escrow), or what a change brings.
    spending: Vec<CauseDifferenceView>,
    /// By account, or the change that opens one or moves the market.
    investment_growth: Vec<CauseDifferenceView>,
    /// By account, or the change that opens or sells one.
    appreciation: Vec<CauseDifferenceView>,
    /// By debt, the overdraft among them, or by change.
    interest_and_fees: Vec<CauseDifferenceView>,
    /// By change.
    one_off: Vec<CauseDifferenceView>,
}

/// What one thing does to a difference.
#[derive(Serialize, ToSchema)]
pub struct CauseDifferenceView {
    /// The thing. What a change only modifies stays the thing's: a raise is in its income.
    cause: CauseView,
    /// `to_amount` less `from_amount`.
    amount: Money,
    /// What it comes to in the scenario that is compared with.
    from_amount: Money,
    /// In the scenario that is compared.
    to_amount: Money,
    /// The changes that only one of the two has, and that are about the thing.
    changed_by: Vec<ChangeId>,
}

/// What money came or went because of.
#[derive(Serialize, ToSchema)]
pub struct CauseView {
    /// Which kind of thing.
    #[serde(rename = "type")]
    origin_type: OriginType,
    /// Which; null for the household as a whole.
    id: Option<Uuid>,
    /// What it is called; null where it is gone.
    name: Option<String>,
}

/// What differs in a month.
#[derive(Serialize, ToSchema)]
pub struct MonthDifferenceView {
    /// Its last day.
    date: Date,
    /// At its end.
    net_worth: Money,
    /// At its end.
    liquid_assets: Money,
    /// The terms of the month.
    #[schema(value_type = ChangeShape)]
    change: Change,
}

pub fn routes() -> Routes {
    Routes::tagged("scenarios").post(
        "/api/v1/scenarios/compare",
        compare,
        Doc::query("Compare scenarios").body::<ComparisonBody>().answers::<ScenarioComparisonView>().details(
            "Changes nothing. The difference of final net worth is decomposed exactly: both scenarios are ledgers, so what they open with and \
             the seven terms add up to it, and each part is opened down to the income, flow, account or change that it comes from. Scenarios \
             that begin in different months, or go less far, are compared over the months that all of them have; what one of them went \
             through before is in what it opens with.",
        ),
    )
}

async fn compare(request: QueryRequest, told: Json<ComparisonBody>) -> Result<Answer, Problem> {
    let state = request.state().await?;
    let scenarios = &state.value.household.scenarios;
    let unknown = told
        .scenario_ids
        .iter()
        .enumerate()
        .filter(|(_, id)| !scenarios.contains_key(id))
        .map(|(index, _)| FieldError::new(format!("scenario_ids[{index}]"), "unknown_scenario", "is not a scenario of this household"));
    let unknown: Vec<FieldError> = unknown.collect();
    if !unknown.is_empty() {
        return Err(Problem::invalid_fields(unknown));
    }
    let months = told.months.map(to_u16);
    let comparison = request.store().comparison(state.household_id, &state.value, &told.scenario_ids, months, clock::now()).await?;
    Answer::read(state.version.unsigned_abs(), &view(&comparison))
}

impl From<ComparisonError> for Problem {
    fn from(error: ComparisonError) -> Self {
        match error {
            ComparisonError::Forecast(error) => error.into(),
            ComparisonError::NoWindow(none) => {
                let message = none.to_string();
                match none {
                    NoWindow::TooFar { .. } => Self::invalid("months", "out_of_range", message),
                    NoWindow::Apart { .. } | NoWindow::Nothing => Self::invalid("scenario_ids", "no_common_month", message),
                }
            }
        }
    }
}

fn view(comparison: &Comparison) -> ScenarioComparisonView {
    let Comparison { window, compared, differences } = comparison;
    let last = window.first.plus(i32::from(window.months) - 1);
    ScenarioComparisonView {
        start_month: window.first.to_string(),
        months: window.months,
        end_date: last.last_day(),
        items: compared.iter().map(of_scenario).collect(),
        differences: compared.split_first().map_or_else(Vec::new, |(from, others)| {
            others.iter().zip(differences).map(|(to, difference)| of_difference(&from.planned, &to.planned, difference)).collect()
        }),
    }
}

fn of_scenario(compared: &Compared) -> ComparedView {
    let Compared { planned: PlannedScenario { household, scenario_id, .. }, figures } = compared;
    let KeyFigures { change, deepest_shortfall, .. } = figures;
    let (minimum_liquid_assets, minimum_liquid_date) = figures.minimum_liquid_assets;
    let shortfall = figures.first_shortfall;
    ComparedView {
        scenario_id: *scenario_id,
        name: household.scenarios.get(scenario_id).map(|scenario| scenario.name.to_string()).unwrap_or_default(),
        opening_net_worth: figures.opening_net_worth,
        final_net_worth: figures.final_net_worth,
        final_liquid_assets: figures.final_liquid_assets,
        final_retirement_assets: figures.final_retirement_assets,
        final_liabilities: figures.final_liabilities,
        minimum_liquid_assets,
        minimum_liquid_date,
        first_shortfall: shortfall.map(|(date, depth)| FirstShortfallView { date, depth, deepest: *deepest_shortfall }),
        debt_free_month: figures.debt_free_month.map(|month: Month| month.to_string()),
        total_income: change.income,
        total_taxes: -change.taxes,
        total_expenses: figures.total_expenses,
        total_spending: -change.spending,
        total_interest_and_fees: -change.interest_and_fees,
        total_investment_growth: change.investment_growth,
        total_appreciation: change.appreciation,
        total_one_off: change.one_off,
    }
}

fn of_difference(from: &PlannedScenario, to: &PlannedScenario, difference: &Difference) -> DifferenceView {
    let part = |wanted: Term| difference.terms.iter().find(|(term, _)| *term == wanted).map(|(_, part)| part);
    let amount = |term| part(term).map_or(Money::ZERO, |part| part.amount);
    let opened = |part: &Part| part.causes.iter().map(|cause| of_cause(cause, from, to)).collect::<Vec<_>>();
    let causes = |term| part(term).map_or_else(Vec::new, opened);
    let opening = &difference.opening;
    DifferenceView {
        from: from.scenario_id,
        to: to.scenario_id,
        total: difference.total,
        by_term: ByTermView {
            opening: Some(opening.amount).filter(|_| !opening.causes.is_empty()),
            income: amount(Term::Income),
            taxes: amount(Term::Taxes),
            spending: amount(Term::Spending),
            investment_growth: amount(Term::InvestmentGrowth),
            appreciation: amount(Term::Appreciation),
            interest_and_fees: amount(Term::InterestAndFees),
            one_off: amount(Term::OneOff),
        },
        unattributed: difference.unattributed(),
        terms: TermCausesView {
            opening: Some(opened(opening)).filter(|causes| !causes.is_empty()),
            income: causes(Term::Income),
            taxes: causes(Term::Taxes),
            spending: causes(Term::Spending),
            investment_growth: causes(Term::InvestmentGrowth),
            appreciation: causes(Term::Appreciation),
            interest_and_fees: causes(Term::InterestAndFees),
            one_off: causes(Term::OneOff),
        },
        months: difference.months.iter().map(of_month).collect(),
    }
}

fn of_cause(difference: &CauseDifference, from: &PlannedScenario, to: &PlannedScenario) -> CauseDifferenceView {
    let CauseDifference { origin, from: from_amount, to: to_amount } = *difference;
    let name_in = |side: &PlannedScenario| origin_name(&side.household, &side.plan, origin);
    CauseDifferenceView {
        cause: CauseView { origin_type: origin.origin_type(), id: origin.id(), name: name_in(to).or_else(|| name_in(from)) },
        amount: difference.amount(),
        from_amount,
        to_amount,
        changed_by: changes_about(origin, &from.plan, &to.plan),
    }
}

fn of_month(month: &MonthDifference) -> MonthDifferenceView {
    let MonthDifference { date, net_worth, liquid_assets, change } = *month;
    MonthDifferenceView { date, net_worth, liquid_assets, change }
}
