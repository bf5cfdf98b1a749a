//! Stress tests: what a plan comes to when something goes wrong. Nothing is stored unless somebody wants it as a scenario.

use std::sync::Arc;

use actix_web::web::Data;
use domain::household::command::{AssumptionsPatch, NewChange, NewScenario};
use domain::household::whatif::hypothetical;
use domain::household::{Household, HouseholdError, Intent};
use domain::ids::{ChangeId, HouseholdId, ScenarioId};
use domain::projection::changes::PlannedChange;
use domain::stress::StressTest;
use domain::text::Name;
use projections::forecasts::PlannedScenario;
use projections::jobs::Jobs;
use projections::read_models::scenarios::ScenarioRow;
use projections::store::{Gate, Known, Store};
use uuid::Uuid;

use super::change_body::NewChangeBody;
use super::stress_view::{StressAnalysisView, StressBatchView, StressItemView, StressRunView, StressSubjectView, StressTemplateView};
use super::{Doc, JobView, Routes};
use crate::answer::Answer;
use crate::body::{Between, Json, body};
use crate::clock;
use crate::command::{CommandRequest, Entered, Made};
use crate::jobs::{StressBatch, Wish, Work, begin};
use crate::problem::Problem;
use crate::query::QueryRequest;

/// How long a plan is put to the test where nobody says so.
const USUAL_MONTHS: u16 = 60;
/// As many changes as a scenario may have.
const MOST_CHANGES: usize = 200;

/// How long a plan is put to the test.
type Months = Between<1, 600>;

body! {
    /// One stress test: one that ships, or one that is told.
    pub struct StressRunBody {
        /// One that ships, by its id.
        test: Option<StressTest>,
        /// What one that is told is called.
        name: Option<Name>,
        /// What happens in one that is told: as the changes of a scenario, within the months of the test.
        changes: Option<Vec<NewChangeBody>>,
        /// Which plan; the baseline where left out.
        scenario_id: Option<ScenarioId>,
        /// Over how many months; 60 where left out.
        months: Option<Months>,
        /// Store it as a scenario that builds on the plan.
        save_as: Option<StressSaveAs>,
    }
    check |told, at| {
        match (told.test, &told.changes) {
            (None, None) => at.refuse_field("test", "missing", "is missing: name a test that ships, or tell what changes"),
            (Some(_), Some(_)) => at.refuse_field("changes", "not_allowed_here", "are those of the test that is named: say one of the two"),
            (None, Some(_)) if told.name.is_none() => at.refuse_field("name", "missing", "is missing: what is this test called?"),
            (Some(_), None) if told.name.is_some() => at.refuse_field("name", "not_allowed_here", "a test that ships has its name"),
            (None, Some(changes)) if changes.len() > MOST_CHANGES => {
                at.refuse_field("changes", "too_many", format!("must be at most {MOST_CHANGES}"));
            }
            (None, Some(_)) | (Some(_), None) => {}
        }
    }
}

body! {
    /// Stores a test as a scenario.
    pub struct StressSaveAs {
        /// What the scenario is called.
        name: Name,
    }
}

body! {
    /// Several stress tests.
    pub struct StressBatchBody {
        /// Which, by their ids; every one where left out.
        tests: Option<Vec<StressTest>>,
        /// Which plan; the baseline where left out.
        scenario_id: Option<ScenarioId>,
        /// Over how many months; 60 where left out.
        months: Option<Months>,
        /// The monthly series, too; yes where left out.
        series: Option<bool>,
        /// Answer with a job.
        is_async as "async": Option<bool>,
    }
    check |told, at| {
        refuse_repeated(told.tests.as_deref(), at);
    }
}

body! {
    /// What to analyse.
    pub struct StressAnalyzeBody {
        /// Under which tests, by their ids; under every one where left out.
        tests: Option<Vec<StressTest>>,
        /// Which plan; the baseline where left out.
        scenario_id: Option<ScenarioId>,
        /// Over how many months; 60 where left out.
        months: Option<Months>,
    }
    check |told, at| {
        refuse_repeated(told.tests.as_deref(), at);
    }
}

/// Each test once, and at least one: so what is answered has a bound, and a mean.
fn refuse_repeated(tests: Option<&[StressTest]>, at: crate::body::At<'_>) {
    let Some(tests) = tests else { return };
    let list = at.field("tests");
    if tests.is_empty() {
        list.refuse::<()>("missing", "must name at least one test; leave it out for every one");
    }
    for (place, test) in tests.iter().enumerate() {
        if tests.iter().take(place).any(|before| before == test) {
            list.element(place).refuse::<()>("repeated", "stands there twice");
        }
    }
}

pub fn routes() -> Routes {
    const JUDGED: &str = "`failed`: in some month liquid assets are less than 1 month of expenses, or debts are covered less than 0.8 times; \
         `warning`: less than 3 months, or 1.2 times; else `passed`. A ratio that is absent is not failing. `first_breach` is the first \
         month that made the status, with its length in months. Drawdowns are against the plan without the test.";
    Routes::tagged("stress tests")
        .get("/api/v1/stress-tests", list, Doc::query("List the stress tests that ship").lists::<StressTemplateView>())
        .post(
            "/api/v1/stress-tests/run",
            run,
            Doc::command("Run a stress test").body::<StressRunBody>().answers::<StressRunView>().creates::<StressRunView>().details(JUDGED),
        )
        .post(
            "/api/v1/stress-tests/batch",
            batch,
            Doc::command("Run several stress tests").body::<StressBatchBody>().answers::<StressBatchView>().accepts::<JobView>().details(JUDGED),
        )
        .post(
            "/api/v1/stress-tests/analyze",
            analyze,
            Doc::query("Analyse a plan under stress").body::<StressAnalyzeBody>().answers::<StressAnalysisView>().details(
                "The score of a test is what it reaches of what passing asks for: 100 × min(1, lowest liquidity_months / 3, lowest dscr / 1.2), \
                 not below 0, an absent ratio counting as 1. The resilience score is the mean of all, cut after two decimals: 100 if and only \
                 if every test passes. Remedies are the least amounts, searched for with the engine: each is enough, and a cent less is not. \
                 `monthly_spending_cut` is what coverage asks for, `cash` what liquidity asks for beside it, today; \
                 `monthly_spending_cut_alone` does without that cash.",
            ),
        )
}

async fn list(request: QueryRequest) -> Result<Answer, Problem> {
    let version = request.state().await?.version.unsigned_abs();
    let items: Vec<StressTemplateView> = StressTest::ALL.iter().copied().map(StressTemplateView::of).collect();
    Ok(request.unless_known(Answer::list(Some(version), &items, None)?))
}

async fn run(request: CommandRequest, told: Json<StressRunBody>) -> Result<Answer, Problem> {
    let digest = told.digest;
    let gate = match request.enter(digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    if told.save_as.is_some() && !gate.role.may_write() {
        return Err(HouseholdError::NotAllowed { role: gate.role }.into());
    }
    let known = request.store().load(gate.household_id, gate.head).await?;
    let subject = Subject::of(request.store(), gate.household_id, &known, told.scenario_id, told.months).await?;
    let (name, changes) = subject.test(&told.body, &gate)?;
    let version = known.version.unsigned_abs();
    let view = StressSubjectView::of(subject.scenario_id(), version, &subject.planned.plan);
    let saved = told.body.save_as.map(|save_as| subject.saved(save_as.name, &name, &changes));
    let mut run = request.store().stressed(subject.planned.plan, vec![changes]).await?;
    let outcome = run.outcomes.pop().ok_or_else(Problem::no_household)?;
    let view = StressRunView {
        subject: view,
        baseline: run.baseline,
        item: StressItemView::of(told.body.test, name, outcome),
        saved_scenario: None,
    };
    let Some((scenario, changes)) = saved else { return Answer::done(version, &[], &view) };
    let id = ScenarioId(Uuid::now_v7());
    let made = Made::Created(format!("/api/v1/scenarios/{id}"));
    let intent = |_| Intent::CreateScenarioWith { id, scenario, changes };
    request.run(digest, intent, made, |home, _| Some(StressRunView { saved_scenario: ScenarioRow::of(home, id), ..view.clone() })).await
}

async fn batch(request: CommandRequest, jobs: Data<Jobs>, told: Json<StressBatchBody>) -> Result<Answer, Problem> {
    let gate = match request.enter(told.digest).await? {
        Entered::Before(answer) => return Ok(answer),
        Entered::Now(gate) => gate,
    };
    let known = request.store().load(gate.household_id, gate.head).await?;
    let scenario_id = scenario_of(&known.household, told.scenario_id)?;
    let wish = StressBatch {
        tests: told.tests.clone().unwrap_or_else(every_test),
        scenario_id,
        months: months_of(told.months),
        series: told.series.unwrap_or(true),
    };
    if told.is_async == Some(true) {
        let wish = Wish::of(&request, gate.household_id, Work::StressBatch(wish), false);
        return begin(&request, &jobs, &gate, told.digest, &wish).await;
    }
    let view = tested(request.store(), gate.household_id, &known, wish).await?;
    Answer::done(known.version.unsigned_abs(), &[], &view)
}

async fn analyze(request: QueryRequest, told: Json<StressAnalyzeBody>) -> Result<Answer, Problem> {
    let state = request.state().await?;
    let subject = Subject::of(request.store(), state.household_id, &state.value, told.scenario_id, told.months).await?;
    let (tests, version) = (told.body.tests.unwrap_or_else(every_test), state.version.unsigned_abs());
    let view = StressSubjectView::of(subject.scenario_id(), version, &subject.planned.plan);
    let changes = tests.iter().map(|test| test.changes(&subject.planned.plan)).collect();
    let analysis = request.store().stress_analysis(subject.planned.plan, changes).await?;
    Answer::read(version, &StressAnalysisView::of(view, &tests, analysis))
}

/// A batch of tests, as a route and a job answer it.
///
/// # Errors
/// There is no forecast.
pub async fn tested(
    store: &Store,
    household_id: HouseholdId,
    known: &Arc<Known>,
    wish: StressBatch,
) -> Result<StressBatchView, projections::forecasts::ForecastError> {
    let StressBatch { tests, scenario_id, months, series } = wish;
    let plan = store.scenario_plan(household_id, known, scenario_id, Some(months), clock::now()).await?.plan;
    let subject = StressSubjectView::of(scenario_id, known.version.unsigned_abs(), &plan);
    let changes = tests.iter().map(|test| test.changes(&plan)).collect();
    let run = store.stressed(plan, changes).await?;
    Ok(StressBatchView::of(subject, &tests, run, series))
}

fn every_test() -> Vec<StressTest> {
    StressTest::ALL.to_vec()
}

fn months_of(told: Option<Months>) -> u16 {
    told.map_or(USUAL_MONTHS, |months| u16::try_from(months.get()).unwrap_or(USUAL_MONTHS))
}

/// The scenario that was named, or the baseline.
pub(super) fn scenario_of(home: &Household, told: Option<ScenarioId>) -> Result<ScenarioId, Problem> {
    match told {
        Some(id) if home.scenarios.contains_key(&id) => Ok(id),
        Some(_) => Err(Problem::invalid("scenario_id", "unknown_scenario", "is no scenario of this household")),
        None => home.baseline().map(|(id, _)| id).ok_or_else(Problem::no_household),
    }
}

/// The plan that is put to the test.
struct Subject {
    planned: PlannedScenario,
}

impl Subject {
    async fn of(
        store: &Store,
        household_id: HouseholdId,
        known: &Arc<Known>,
        scenario: Option<ScenarioId>,
        months: Option<Months>,
    ) -> Result<Self, Problem> {
        let scenario = scenario_of(&known.household, scenario)?;
        let planned = store.scenario_plan(household_id, known, scenario, Some(months_of(months)), clock::now()).await?;
        Ok(Self { planned })
    }

    const fn scenario_id(&self) -> ScenarioId {
        self.planned.scenario_id
    }

    /// What the test is called, and what it changes.
    fn test(&self, told: &StressRunBody, gate: &Gate) -> Result<(String, Vec<PlannedChange>), Problem> {
        let plan = &self.planned.plan;
        if let Some(test) = told.test {
            return Ok((test.title().to_owned(), test.changes(plan)));
        }
        // What is told lies within the months of the test, which may be other ones than the scenario's.
        let mut home = (*self.planned.household).clone();
        if let Some(scenario) = home.scenarios.get_mut(&self.scenario_id()) {
            scenario.projection_months = plan.months;
        }
        let changes = told.changes.iter().flatten().map(|change| (ChangeId(Uuid::now_v7()), NewChange::from(change.clone())));
        let today = gate.time_zone.date_at(clock::now());
        let changes = hypothetical(&home, self.scenario_id(), changes.collect(), today)?;
        Ok((told.name.as_ref().map(ToString::to_string).unwrap_or_default(), changes))
    }

    /// The test as a scenario that projects what the test shows: over the same months, with the same changes in the same places.
    fn saved(&self, name: Name, test: &str, changes: &[PlannedChange]) -> (NewScenario, Vec<(ChangeId, NewChange)>) {
        let under = self.planned.household.scenarios.get(&self.scenario_id());
        let scenario = NewScenario {
            name,
            description: domain::text::Notes::parse(&format!("Stress test: {test}")).ok(),
            parent_id: under.filter(|under| !under.is_baseline).map(|_| self.scenario_id()),
            start_date: under.and_then(|under| under.start_date),
            projection_months: Some(self.planned.plan.months),
            assumptions: AssumptionsPatch::default(),
        };
        (scenario, changes.iter().map(written_down).collect())
    }
}

/// A change that was tried, to be written down in the same place. Under a new id: each scenario has its own.
fn written_down(planned: &PlannedChange) -> (ChangeId, NewChange) {
    let change = planned.change.clone();
    let new = NewChange {
        name: change.name,
        effective_date: change.effective_date,
        end_date: change.end_date,
        enabled: change.enabled,
        order: Some(change.order),
        notes: change.notes,
        source: change.source,
        kind: change.kind,
    };
    (ChangeId(Uuid::now_v7()), new)
}
