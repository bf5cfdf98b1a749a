//! Monte Carlo of a scenario: as a job where it takes long, else within its request; the answer is the same.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::thread;

use domain::calendar::Month;
use domain::goals::{Goal as HouseholdGoal, GoalKind};
use domain::history::{History, HistoryError};
use domain::ids::{GoalId, ScenarioId};
use domain::money::Money;
use domain::monte_carlo::{Bands, Correlation, Goal, Method, Mix, Simulation, SimulationError, Volatility, simulate};
use domain::projection::Plan;
use domain::rate::Rate;
use domain::text::Name;
use projections::forecasts::{NoForecast, Planned};
use projections::jobs::{Claimed, JobResult, Progress, Unfinished};
use projections::queries::AsOf;
use projections::store::{Asker, Store, Version};
use projections::track::Stage;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::failure;
use crate::clock;

/// What is played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonteCarlo {
    /// Of which plan.
    pub scenario_id: ScenarioId,
    /// 1 … 600; the scenario's own horizon where nothing is said.
    pub months: Option<u16>,
    /// In which worlds.
    #[serde(flatten)]
    pub simulation: Simulation,
}

/// What a scenario comes to in many worlds.
#[derive(Serialize, ToSchema)]
pub struct MonteCarloView {
    /// Of which plan.
    scenario_id: ScenarioId,
    /// The version of the household that was played.
    household_version: Version,
    /// Month 1.
    start_month: String,
    /// How many months.
    months: u16,
    /// How many paths.
    paths: u32,
    /// With the same version, body and seed the answer is the same.
    seed: u64,
    /// `lognormal` or `bootstrap`.
    method: &'static str,
    /// Lognormal: what was taken for the standard deviations of a year.
    volatility: Option<Volatility>,
    /// Lognormal: how the three move together.
    correlation: Option<Correlation>,
    /// Bootstrap: what the investments hold.
    allocation: Option<Mix>,
    /// Each is the figure of one path, by nearest rank.
    percentiles: Percentiles,
    /// The part of the paths in which the overdraft is owed at the end of no month.
    probability_never_short: Rate,
    /// The household's active goals, then those of the request.
    goals: Vec<GoalProbability>,
}

/// By figure.
#[derive(Serialize, ToSchema)]
struct Percentiles {
    /// Assets less liabilities.
    net_worth: BandsView,
    /// Cash and investments.
    liquid_assets: BandsView,
}

/// By percentile, an amount for each month.
#[derive(Serialize, ToSchema)]
struct BandsView {
    /// One path in twenty has less.
    #[serde(rename = "5")]
    fifth: Vec<Money>,
    /// One in four has less.
    #[serde(rename = "25")]
    lower_quartile: Vec<Money>,
    /// One in two has less.
    #[serde(rename = "50")]
    median: Vec<Money>,
    /// One in four has more.
    #[serde(rename = "75")]
    upper_quartile: Vec<Money>,
    /// One in twenty has more.
    #[serde(rename = "95")]
    ninety_fifth: Vec<Money>,
}

/// A goal, and how often it is reached.
#[derive(Serialize, ToSchema)]
struct GoalProbability {
    /// The household's; absent for a net worth that the request asked about.
    goal_id: Option<GoalId>,
    /// What it is called.
    #[schema(value_type = Option<String>)]
    name: Option<Name>,
    /// At least so much net worth,
    net_worth: Option<Money>,
    /// at the end of this month of the plan.
    by_month: Option<u16>,
    /// The part of the paths in which it is so.
    probability: Option<Rate>,
    /// `beyond_horizon`: its day is behind the plan, whose last month counts. `before_the_plan`, `no_path_figure`: why there is no
    /// probability; paths know net worth and liquid assets, and no figure of a month's income or expenses.
    reason: Option<&'static str>,
}

impl GoalProbability {
    fn asked(goal: Goal) -> Self {
        let (net_worth, by_month) = (Some(goal.net_worth), Some(goal.by_month));
        Self { goal_id: None, name: None, net_worth, by_month, probability: None, reason: None }
    }

    /// A goal of the household in a plan.
    fn of(id: GoalId, goal: &HouseholdGoal, plan: &Plan) -> Self {
        let (net_worth, by_month, reason) = match goal.kind {
            GoalKind::NetWorthTarget { amount } => (Some(amount), Some(plan.months), None),
            GoalKind::NetWorthTargetByDate { amount, by } => {
                let number = Month::of(by).since(plan.start).saturating_add(1);
                match u16::try_from(number) {
                    Ok(number) if number > plan.months => (Some(amount), Some(plan.months), Some("beyond_horizon")),
                    Ok(number) if number > 0 => (Some(amount), Some(number), None),
                    Ok(_) | Err(_) => (Some(amount), None, Some(if number > 0 { "beyond_horizon" } else { "before_the_plan" })),
                }
            }
            GoalKind::EmergencyFundMonths { .. }
            | GoalKind::MinDscr { .. }
            | GoalKind::MinSavingsRate { .. }
            | GoalKind::RetirementAge { .. }
            | GoalKind::DebtFreeDate { .. }
            | GoalKind::Custom { .. } => (None, None, Some("no_path_figure")),
        };
        Self { goal_id: Some(id), name: Some(goal.name.clone()), net_worth, by_month, probability: None, reason }
    }

    /// What its paths have to reach, if it is a matter of paths.
    fn measured(&self) -> Option<Goal> {
        Some(Goal { net_worth: self.net_worth?, by_month: self.by_month? })
    }
}

impl From<Bands> for BandsView {
    fn from(bands: Bands) -> Self {
        let [fifth, lower_quartile, median, upper_quartile, ninety_fifth] = bands.0;
        Self { fifth, lower_quartile, median, upper_quartile, ninety_fifth }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoOutcome {
    /// The plan cannot be projected, or it was broken off.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// A bug: a test proves that the shipped table is whole.
    #[error("the history that is shipped is damaged: {0}")]
    History(HistoryError),
}

/// The table that comes with this program.
///
/// # Errors
/// [`NoOutcome::History`].
pub fn history() -> Result<&'static History, NoOutcome> {
    History::shipped().map_err(|error| NoOutcome::History(error.clone()))
}

/// Plays a plan. Computes for as long as it takes: not for a thread that answers requests.
///
/// # Errors
/// [`NoOutcome`].
pub fn outcome(
    store: &Store,
    planned: &Planned,
    asked: MonteCarlo,
    progress: &mut dyn FnMut(u8) -> ControlFlow<()>,
) -> Result<MonteCarloView, NoOutcome> {
    let MonteCarlo { scenario_id, mut simulation, .. } = asked;
    let own = planned.goals.iter().map(|(id, goal)| GoalProbability::of(*id, goal, &planned.plan));
    let mut goals: Vec<GoalProbability> = own.chain(simulation.goals.iter().copied().map(GoalProbability::asked)).collect();
    simulation.goals = goals.iter().filter_map(GoalProbability::measured).collect();
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let outcome = simulate(&planned.plan, store.tables(), history()?, &simulation, threads, progress)?;
    let (method, volatility, correlation, allocation) = match simulation.method {
        Method::Lognormal { volatility, correlation } => ("lognormal", Some(volatility), Some(correlation), None),
        Method::Bootstrap { allocation } => ("bootstrap", None, None, Some(allocation)),
    };
    for (goal, probability) in goals.iter_mut().filter(|goal| goal.measured().is_some()).zip(outcome.goals) {
        goal.probability = Some(probability);
    }
    Ok(MonteCarloView {
        scenario_id,
        household_version: planned.version,
        start_month: planned.plan.start.to_string(),
        months: planned.plan.months,
        paths: simulation.paths,
        seed: simulation.seed,
        method,
        volatility,
        correlation,
        allocation,
        percentiles: Percentiles { net_worth: outcome.net_worth.into(), liquid_assets: outcome.liquid_assets.into() },
        probability_never_short: outcome.probability_never_short,
        goals,
    })
}

/// As a job.
pub(super) async fn run(store: &Store, job: &Claimed, progress: &Progress, asked: MonteCarlo) -> Result<JobResult, Unfinished> {
    let asker = Asker { user_id: job.origin.requested_by, household_id: Some(job.key.household_id) };
    progress.step(Stage::Load, 0)?;
    let gate = store.gate(asker, None).await.map_err(|error| failure::store(Stage::Load, error))?;
    let gate = gate.ok_or_else(|| failure::no_access(Stage::Load))?;
    let known = store.load(gate.household_id, gate.head).await.map_err(|error| failure::store(Stage::Load, error))?;
    let at = AsOf { household_id: gate.household_id, role: gate.role, version: known.version, value: known };
    let planned = store.planned(&at, asked.scenario_id, asked.months, clock::now()).await.map_err(failure::forecast)?;
    let mut interrupted = None;
    let mut step = |percent| match progress.step(Stage::Project, percent) {
        Ok(()) => ControlFlow::Continue(()),
        Err(reason) => {
            interrupted = Some(reason);
            ControlFlow::Break(())
        }
    };
    let answer = outcome(store, &planned, asked, &mut step);
    if let Some(reason) = interrupted {
        return Err(reason.into());
    }
    let view = answer.map_err(|error| match error {
        NoOutcome::Simulation(SimulationError::Projection(error)) => failure::forecast(NoForecast::Projection(error).into()),
        NoOutcome::Simulation(SimulationError::BrokenOff) | NoOutcome::History(_) => Unfinished::fault(Stage::Project, error),
    })?;
    let text = serde_json::to_string(&view).map_err(|error| Unfinished::fault(Stage::Query, error))?;
    Ok(JobResult { media_type: JobResult::JSON, text })
}
