//! Monte Carlo of a scenario: as a job where it takes long, else within its request; the answer is the same.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use domain::goals::{Goal, GoalType, Why};
use domain::history::{History, HistoryError};
use domain::household::Household;
use domain::ids::{GoalId, MemberId, ScenarioId};
use domain::money::Money;
use domain::monte_carlo::{Bands, Correlation, Method, Mix, Simulation, SimulationError, Target, Volatility, simulate};
use domain::projection::Plan;
use domain::rate::Rate;
use domain::text::Name;
use projections::forecasts::{ForecastError, NoForecast};
use projections::jobs::{Claimed, JobResult, Progress, Unfinished};
use projections::queries::AsOf;
use projections::store::{Asker, Known, Store, Version};
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
    /// What is wanted.
    goal_type: GoalType,
    /// Of a net worth: at least so much.
    net_worth: Option<Money>,
    /// The month of the plan at whose end it is decided; 0: before the plan. Absent where all months count.
    by_month: Option<u16>,
    /// The part of the paths that meet it, as the goal's status over the scenario's projection is met.
    probability: Rate,
    /// `beyond_horizon`: its day is behind the plan, whose last month counts. `no_date_of_birth`: of whoever retires; the last month counts.
    reason: Option<Why>,
}

/// A goal before it is measured.
struct Asked {
    own: Option<(GoalId, Name)>,
    goal_type: GoalType,
    target: Target,
    reason: Option<Why>,
}

impl Asked {
    /// A goal of the household.
    fn of(id: GoalId, goal: &Goal, home: &Household, plan: &Plan) -> Self {
        let born = |member: MemberId| home.members.get(&member).and_then(|member| member.date_of_birth);
        let (target, reason) = Target::of(&goal.kind, plan, goal.kind.member().and_then(born));
        Self { own: Some((id, goal.name.clone())), goal_type: goal.kind.goal_type(), target, reason }
    }

    /// One of the request.
    const fn by(target: Target) -> Self {
        Self { own: None, goal_type: GoalType::NetWorthTargetByDate, target, reason: None }
    }

    fn answered(self, probability: Rate) -> GoalProbability {
        let (goal_id, name) = self.own.map_or((None, None), |(id, name)| (Some(id), Some(name)));
        let net_worth = if let Target::NetWorth { amount, .. } = self.target { Some(amount) } else { None };
        let by_month = self.target.month();
        GoalProbability { goal_id, name, goal_type: self.goal_type, net_worth, by_month, probability, reason: self.reason }
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

/// What is played: a plan, and the household whose goals are asked about, at a version.
#[derive(Clone, Debug)]
pub struct Played {
    /// Of the household.
    pub version: Version,
    /// As it is at that version: of a pinned baseline the plan is older than its goals.
    pub home: Arc<Household>,
    /// What the engine takes.
    pub plan: Plan,
}

impl Played {
    /// The plan of a scenario, as it is at a version of a household.
    ///
    /// # Errors
    /// As [`Store::scenario_plan`].
    pub async fn of(store: &Store, at: &AsOf<Arc<Known>>, scenario_id: ScenarioId, months: Option<u16>) -> Result<Self, ForecastError> {
        let planned = store.scenario_plan(at.household_id, &at.value, scenario_id, months, clock::now()).await?;
        Ok(Self { version: at.version, home: Arc::clone(&at.value.household), plan: planned.plan })
    }
}

/// Plays a plan. Computes for as long as it takes: not for a thread that answers requests.
///
/// # Errors
/// [`NoOutcome`].
pub fn outcome(
    store: &Store,
    at: &Played,
    asked: MonteCarlo,
    progress: &mut dyn FnMut(u8) -> ControlFlow<()>,
) -> Result<MonteCarloView, NoOutcome> {
    let MonteCarlo { scenario_id, mut simulation, .. } = asked;
    let (home, plan) = (&at.home, &at.plan);
    let own = home.goals.iter().filter(|(_, goal)| goal.active).map(|(id, goal)| Asked::of(*id, goal, home, plan));
    let goals: Vec<Asked> = own.chain(simulation.goals.iter().copied().map(Asked::by)).collect();
    simulation.goals = goals.iter().map(|asked| asked.target).collect();
    let threads = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let outcome = simulate(plan, store.tables(), history()?, &simulation, threads, progress)?;
    let (method, volatility, correlation, allocation) = match simulation.method {
        Method::Lognormal { volatility, correlation } => ("lognormal", Some(volatility), Some(correlation), None),
        Method::Bootstrap { allocation } => ("bootstrap", None, None, Some(allocation)),
    };
    Ok(MonteCarloView {
        scenario_id,
        household_version: at.version,
        start_month: plan.start.to_string(),
        months: plan.months,
        paths: simulation.paths,
        seed: simulation.seed,
        method,
        volatility,
        correlation,
        allocation,
        percentiles: Percentiles { net_worth: outcome.net_worth.into(), liquid_assets: outcome.liquid_assets.into() },
        probability_never_short: outcome.probability_never_short,
        goals: goals.into_iter().zip(outcome.goals).map(|(asked, probability)| asked.answered(probability)).collect(),
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
    let played = Played::of(store, &at, asked.scenario_id, asked.months).await.map_err(failure::forecast)?;
    let mut interrupted = None;
    let mut step = |percent| match progress.step(Stage::Project, percent) {
        Ok(()) => ControlFlow::Continue(()),
        Err(reason) => {
            interrupted = Some(reason);
            ControlFlow::Break(())
        }
    };
    let answer = outcome(store, &played, asked, &mut step);
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
