//! A scenario in many worlds, and in every one that there has been. Both change nothing: whoever may read may ask, but for a job.

use actix_web::web::{self, Data};
use domain::ids::ScenarioId;
use domain::money::Money;
use domain::monte_carlo::{
    Backtest, Correlation, MOST_PATHS, Method, Mix, Simulation, SimulationError, Target, USUAL_PATHS, Volatility, backtest, measured,
};
use domain::rate::Rate;
use projections::forecasts::NoForecast;
use projections::jobs::Jobs;
use projections::queries::AsOf;
use projections::store::{Gate, Known, Store, Version};
use serde::Serialize;
use std::ops::ControlFlow;
use std::sync::Arc;
use utoipa::ToSchema;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Between, Json, body};
use crate::command::{CommandRequest, Entered};
use crate::extract::Path;
use crate::jobs::{MonteCarlo, MonteCarloView, NoOutcome, Played, Wish, Work, begin, history, outcome};
use crate::problem::Problem;

/// What more months of more paths than these would take is no time to wait for an answer: about a tenth of a second.
const MOST_PATH_MONTHS_AT_ONCE: u64 = 500_000;
/// Where no seed is given: so the same request is answered alike, and a slider that is dragged back shows what it showed.
const USUAL_SEED: u64 = 1;
/// Goals in one request.
const MOST_GOALS: usize = 100;

body! {
    /// Standard deviations of a year, as fractions. What is left out does not vary.
    pub struct VolatilityBody {
        /// Of the investment return.
        investment_return: Option<Rate> where fraction,
        /// Of inflation.
        inflation: Option<Rate> where fraction,
        /// Of the growth of wages.
        salary_growth: Option<Rate> where fraction,
    }
}

body! {
    /// How the figures of a month move together, each from -1 to 1. What is left out is independent.
    pub struct CorrelationBody {
        /// Of return and inflation.
        investment_return_inflation: Option<Rate> where correlation,
        /// Of return and growth of wages.
        investment_return_salary_growth: Option<Rate> where correlation,
        /// Of inflation and growth of wages.
        inflation_salary_growth: Option<Rate> where correlation,
    }
    check |told, at| {
        // Each is refused by itself where it is none.
        let correlation = told.read();
        if correlation.is_in_range() && !correlation.is_possible() {
            at.refuse::<()>("not_positive_definite", "contradict each other: nothing can be correlated so");
        }
    }
}

body! {
    /// What the investments are taken to hold in the past, rebalanced every year; the parts add up to 1.
    pub struct AllocationBody {
        /// In the S&P 500.
        stocks: Option<Rate> where fraction,
        /// In Treasury bonds of ten years.
        bonds: Option<Rate> where fraction,
        /// In Treasury bills.
        bills: Option<Rate> where fraction,
    }
    check |told, at| {
        if !told.read().is_whole() {
            at.refuse::<()>("not_a_whole", "must add up to 1");
        }
    }
}

body! {
    /// A net worth to be reached.
    pub struct WantedNetWorth {
        /// At least so much,
        net_worth: Money,
        /// at the end of this month of the plan.
        by_month: Between<1, 600>,
    }
}

body! {
    /// In which worlds a scenario is played.
    pub struct MonteCarloBody {
        /// 1 … 100,000; 1,000 where left out.
        paths: Option<Between<1, 100_000>>,
        /// 1 … 600; the scenario's own horizon where left out.
        months: Option<Between<1, 600>>,
        /// The same seed gives the same answer, on any machine. 1 where left out.
        seed: Option<Between<0, 9_007_199_254_740_991>>,
        /// `lognormal` (where left out): independent months about what the scenario assumes. `bootstrap`: whole years of the past, drawn with
        /// replacement.
        method: Option<String>,
        /// Lognormal; where left out, as the past was with six tenths in stocks and four in bonds, and wages as assumed.
        volatility: Option<VolatilityBody>,
        /// Lognormal; where left out beside a volatility, none; where both are, as the past was.
        correlation: Option<CorrelationBody>,
        /// Bootstrap; six tenths in stocks and four in bonds where left out.
        allocation: Option<AllocationBody>,
        /// Net worths whose probability is asked for, beside the household's own goals.
        goals: Option<Vec<WantedNetWorth>>,
        /// Answer with a job, also where it would not take long.
        is_async as "async": Option<bool>,
    }
    check |body, at| {
        let is_bootstrap = body.method.as_deref() == Some("bootstrap");
        if body.method.as_deref().is_some_and(|method| !["lognormal", "bootstrap"].contains(&method)) {
            at.refuse_field("method", "unknown_word", "must be one of: lognormal, bootstrap");
        }
        for (field, said) in [("volatility", body.volatility.is_some()), ("correlation", body.correlation.is_some())] {
            if said && is_bootstrap {
                at.refuse_field(field, "not_allowed_here", "is for lognormal: the past has its own");
            }
        }
        if body.allocation.is_some() && !is_bootstrap {
            at.refuse_field("allocation", "not_allowed_here", "is for bootstrap");
        }
        if body.goals.as_ref().is_some_and(|goals| goals.len() > MOST_GOALS) {
            at.refuse_field("goals", "too_many", format!("must be at most {MOST_GOALS}"));
        }
    }
}

body! {
    /// How a scenario is tested by the past.
    pub struct BacktestBody {
        /// 1 … 600; the scenario's own horizon where left out.
        months: Option<Between<1, 600>>,
        /// Six tenths in stocks and four in bonds where left out.
        allocation: Option<AllocationBody>,
    }
}

impl VolatilityBody {
    fn read(&self) -> Volatility {
        Volatility {
            investment_return: self.investment_return.unwrap_or_default(),
            inflation: self.inflation.unwrap_or_default(),
            salary_growth: self.salary_growth.unwrap_or_default(),
        }
    }
}

impl CorrelationBody {
    fn read(&self) -> Correlation {
        Correlation {
            investment_return_inflation: self.investment_return_inflation.unwrap_or_default(),
            investment_return_salary_growth: self.investment_return_salary_growth.unwrap_or_default(),
            inflation_salary_growth: self.inflation_salary_growth.unwrap_or_default(),
        }
    }
}

impl AllocationBody {
    fn read(&self) -> Mix {
        Mix { stocks: self.stocks.unwrap_or_default(), bonds: self.bonds.unwrap_or_default(), bills: self.bills.unwrap_or_default() }
    }
}

impl MonteCarloBody {
    fn read(&self) -> Result<Simulation, NoOutcome> {
        let told = (self.volatility.as_ref().map(VolatilityBody::read), self.correlation.as_ref().map(CorrelationBody::read));
        let method = if self.method.as_deref() == Some("bootstrap") {
            Method::Bootstrap { allocation: self.allocation.as_ref().map_or_else(Mix::default, AllocationBody::read) }
        } else {
            let (volatility, correlation) = match told {
                (Some(volatility), correlation) => (volatility, correlation.unwrap_or_default()),
                (None, told) => {
                    let (volatility, correlation) = measured(history()?, &Mix::default());
                    (volatility, told.unwrap_or(correlation))
                }
            };
            Method::Lognormal { volatility, correlation }
        };
        let goal = |goal: &WantedNetWorth| Target::NetWorth { amount: goal.net_worth, by_month: to_u16(goal.by_month) };
        Ok(Simulation {
            paths: self.paths.map_or(USUAL_PATHS, |paths| u32::try_from(paths.get()).unwrap_or(MOST_PATHS)),
            seed: self.seed.map_or(USUAL_SEED, |seed| seed.get().unsigned_abs()),
            method,
            goals: self.goals.iter().flatten().map(goal).collect(),
        })
    }
}

/// What would have become of a scenario.
#[derive(Serialize, ToSchema)]
pub struct BacktestView {
    /// Of which plan.
    scenario_id: ScenarioId,
    /// The version of the household that was played.
    household_version: Version,
    /// Month 1.
    start_month: String,
    /// How many months.
    months: u16,
    /// What the investments are taken to hold.
    allocation: Mix,
    #[serde(flatten)]
    backtest: Backtest,
}

pub fn routes() -> Routes {
    Routes::tagged("scenarios")
        .post(
            "/api/v1/scenarios/{id}/monte-carlo",
            monte_carlo,
            Doc::command("Play a scenario in many worlds")
                .body::<MonteCarloBody>()
                .answers::<MonteCarloView>()
                .accepts::<super::JobView>()
                .details(
                    "Changes nothing: `events` is empty. Up to 500,000 paths × months are answered at once; more, or with `async`, as a job, whose \
                     result is the same answer without `version` and `events`. Returns, prices and wages vary; cash and debts keep their rates. Without \
                     volatility every percentile is the projection's own row.",
                ),
        )
        .post(
            "/api/v1/scenarios/{id}/backtest",
            test_by_the_past,
            Doc::command("Test a scenario by the past").body::<BacktestBody>().answers::<BacktestView>().details(
                "Changes nothing: `events` is empty. From each year since 1928 on, with that year's returns of US stocks, bonds and bills and its \
                 inflation, and the years behind it. Wages keep the real growth that the scenario assumes.",
            ),
        )
}

async fn monte_carlo(
    request: CommandRequest,
    jobs: Data<Jobs>,
    id: Path<ScenarioId>,
    body: Json<MonteCarloBody>,
) -> Result<Answer, Problem> {
    let gate = match request.enter(body.digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    let (scenario_id, months) = (id.into_inner(), body.months.map(to_u16));
    let simulation = body.read().map_err(problem)?;
    let at = as_of(request.store(), &gate).await?;
    let played = Played::of(request.store(), &at, scenario_id, months).await?;
    let path_months = u64::from(simulation.paths).saturating_mul(u64::from(played.plan.months));
    let asked = MonteCarlo { scenario_id, months, simulation };
    if body.is_async == Some(true) || path_months > MOST_PATH_MONTHS_AT_ONCE {
        let wish = Wish::of(&request, gate.household_id, Work::MonteCarlo(asked), false);
        return begin(&request, &jobs, &gate, body.digest, &wish).await;
    }
    let store = request.shared_store();
    let answer = web::block(move || outcome(&store, &played, asked, &mut |_| ControlFlow::Continue(()))).await;
    let view = answer.map_err(|error| Problem::internal(&error))?.map_err(problem)?;
    Answer::done(at.version.unsigned_abs(), &[], &view)
}

async fn test_by_the_past(request: CommandRequest, id: Path<ScenarioId>, body: Json<BacktestBody>) -> Result<Answer, Problem> {
    let gate = match request.enter(body.digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    let scenario_id = id.into_inner();
    let allocation = body.allocation.as_ref().map_or_else(Mix::default, AllocationBody::read);
    let at = as_of(request.store(), &gate).await?;
    let Played { plan, .. } = Played::of(request.store(), &at, scenario_id, body.months.map(to_u16)).await?;
    let (store, history) = (request.shared_store(), history().map_err(problem)?);
    let (start_month, months) = (plan.start.to_string(), plan.months);
    let tested = web::block(move || backtest(&plan, store.tables(), history, &allocation)).await;
    let backtest = tested.map_err(|error| Problem::internal(&error))?.map_err(NoForecast::from)?;
    let household_version = at.version;
    let view = BacktestView { scenario_id, household_version, start_month, months, allocation, backtest };
    Answer::done(household_version.unsigned_abs(), &[], &view)
}

/// The household as the gate saw it.
async fn as_of(store: &Store, gate: &Gate) -> Result<AsOf<Arc<Known>>, Problem> {
    let known = store.load(gate.household_id, gate.head).await?;
    Ok(AsOf { household_id: gate.household_id, role: gate.role, version: known.version, value: known })
}

fn problem(error: NoOutcome) -> Problem {
    match error {
        NoOutcome::Simulation(SimulationError::Projection(error)) => NoForecast::Projection(error).into(),
        NoOutcome::Simulation(SimulationError::BrokenOff) | NoOutcome::History(_) => Problem::internal(&error),
    }
}

fn to_u16<const MIN: i64, const MAX: i64>(number: Between<MIN, MAX>) -> u16 {
    u16::try_from(number.get()).unwrap_or(u16::MAX)
}
