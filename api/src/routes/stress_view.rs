//! Stress tests as they go out.

use domain::ids::ScenarioId;
use domain::projection::changes::ChangeKind;
use domain::projection::{ENGINE_VERSION, Plan};
use domain::stress::{Analysis, Course, Outcome, Remedy, StressRun, StressStatus, StressTest, TestGroup, TestScore, WeakestPoint};
use projections::read_models::scenarios::ScenarioRow;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A stress test that ships.
#[derive(Serialize, ToSchema)]
pub struct StressTemplateView {
    /// Its id, for `test` and `tests`: it stays.
    id: StressTest,
    /// What it is called.
    name: &'static str,
    /// What happens.
    description: &'static str,
    /// What it puts to the test.
    group: TestGroup,
    /// What it changes, from the first month on.
    changes: Vec<StressTemplateChange>,
}

/// A change of a stress test, as a scenario would have it.
#[derive(Serialize, ToSchema)]
pub struct StressTemplateChange {
    /// What it does.
    change_type: String,
    /// How.
    #[schema(value_type = Object)]
    parameters: Value,
}

impl StressTemplateView {
    /// Of a test.
    pub fn of(test: StressTest) -> Self {
        let shock = test.shock();
        Self {
            id: test,
            name: test.title(),
            description: test.description(),
            group: test.group(),
            changes: vec![StressTemplateChange { change_type: shock.change_type().to_string(), parameters: parameters(&shock) }],
        }
    }
}

fn parameters(kind: &ChangeKind) -> Value {
    serde_json::to_value(kind).unwrap_or_default().get("parameters").cloned().unwrap_or_default()
}

/// What was put to the test.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StressSubjectView {
    /// Which plan.
    scenario_id: ScenarioId,
    /// Of which version of the household it was computed.
    household_version: u64,
    /// By which engine.
    engine_version: &'static str,
    /// Month 1.
    start_month: String,
    /// How many months.
    months: u16,
}

impl StressSubjectView {
    /// Of a scenario's plan.
    pub fn of(scenario_id: ScenarioId, household_version: u64, plan: &Plan) -> Self {
        let (start_month, months) = (plan.start.to_string(), plan.months);
        Self { scenario_id, household_version, engine_version: ENGINE_VERSION, start_month, months }
    }
}

/// A test and what it came to.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StressItemView {
    /// Which; null for one that was told.
    id: Option<StressTest>,
    /// What it is called.
    name: String,
    /// What it came to.
    #[serde(flatten)]
    outcome: Outcome,
}

impl StressItemView {
    /// Of a test that ships, or of one that was told.
    pub fn of(id: Option<StressTest>, name: String, outcome: Outcome) -> Self {
        Self { id, name, outcome }
    }
}

/// One test.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StressRunView {
    /// What was put to the test.
    #[serde(flatten)]
    pub subject: StressSubjectView,
    /// The plan without the test.
    pub baseline: Course,
    /// The test and what it came to.
    #[serde(flatten)]
    pub item: StressItemView,
    /// The scenario that it was saved as; null where it was not.
    pub saved_scenario: Option<ScenarioRow>,
}

/// How many tests came to what.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct StressSummaryView {
    passed: usize,
    warning: usize,
    failed: usize,
}

/// Several tests.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct StressBatchView {
    /// What was put to the test.
    #[serde(flatten)]
    subject: StressSubjectView,
    /// How many came to what.
    summary: StressSummaryView,
    /// The plan without any test.
    baseline: Course,
    /// The tests, in the order in which they were asked for.
    items: Vec<StressItemView>,
}

impl StressBatchView {
    /// Of tests that ship.
    pub fn of(subject: StressSubjectView, tests: &[StressTest], mut run: StressRun, series: bool) -> Self {
        if !series {
            let courses = run.outcomes.iter_mut().map(|outcome| &mut outcome.course).chain([&mut run.baseline]);
            courses.for_each(|course| course.series.clear());
        }
        let count = |status| run.outcomes.iter().filter(|outcome| outcome.course.verdict.status == status).count();
        let (passed, warning, failed) = (count(StressStatus::Passed), count(StressStatus::Warning), count(StressStatus::Failed));
        let named = tests.iter().zip(run.outcomes);
        Self {
            subject,
            summary: StressSummaryView { passed, warning, failed },
            baseline: run.baseline,
            items: named.map(|(test, outcome)| StressItemView::of(Some(*test), test.title().to_owned(), outcome)).collect(),
        }
    }
}

/// What tests say about a plan.
#[derive(Serialize, ToSchema)]
pub struct StressAnalysisView {
    /// What was put to the test.
    #[serde(flatten)]
    subject: StressSubjectView,
    /// 0 … 100, two decimals: the mean of the scores of all tests, cut.
    #[schema(value_type = String, example = "71.43")]
    resilience_score: String,
    /// Of the plan without any test.
    baseline_status: StressStatus,
    /// The test that hits hardest; null where every one passes.
    weakest_point: Option<StressWeakestView>,
    /// The least that mends it: so that no test fails, and so that every one passes.
    remedies: Vec<Remedy>,
    /// The tests, in the order in which they were asked for.
    items: Vec<StressScoredView>,
}

/// The lowest point of the hardest test.
#[derive(Serialize, ToSchema)]
pub struct StressWeakestView {
    /// Which test.
    id: StressTest,
    /// What it is called.
    name: &'static str,
    /// Where it is lowest.
    #[serde(flatten)]
    point: WeakestPoint,
}

/// A test's share of the score.
#[derive(Serialize, ToSchema)]
pub struct StressScoredView {
    /// Which.
    id: StressTest,
    /// What it is called.
    name: &'static str,
    /// What it came to.
    status: StressStatus,
    /// Its share.
    #[serde(flatten)]
    score: TestScore,
}

impl StressAnalysisView {
    /// Of tests that ship.
    pub fn of(subject: StressSubjectView, tests: &[StressTest], analysis: Analysis) -> Self {
        let weakest_point = analysis.weakest_point.and_then(|point| {
            let test = *tests.get(point.test)?;
            Some(StressWeakestView { id: test, name: test.title(), point })
        });
        let outcomes = tests.iter().zip(&analysis.run.outcomes).zip(&analysis.scores);
        let scored = |((test, outcome), score): ((&StressTest, &Outcome), &TestScore)| StressScoredView {
            id: *test,
            name: test.title(),
            status: outcome.course.verdict.status,
            score: *score,
        };
        Self {
            subject,
            resilience_score: analysis.resilience_score.to_string(),
            baseline_status: analysis.run.baseline.verdict.status,
            weakest_point,
            remedies: analysis.remedies.to_vec(),
            items: outcomes.map(scored).collect(),
        }
    }
}
