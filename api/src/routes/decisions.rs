//! Decisions: a wizard's forms, drafts that are kept with the household, and what a decision comes to.

use domain::calendar::Date;
use domain::household::command::{DecisionPatch, NewDecision};
use domain::household::{Household, Intent, usual_day};
use domain::ids::{DecisionId, ScenarioId};
use domain::templates::{Answers, DecisionTemplate, Figures};
use domain::text::Name;
use projections::queries::Selection;
use projections::read_models::decisions::DecisionRunRow;
use uuid::Uuid;

use super::decision_shape::{DecisionRunView, DecisionTemplateView, run_view, template_view};
use super::households::PageQuery;
use super::life_events::today;
use super::template_shape::ToldAnswers;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Begins to think about a decision.
    pub struct DecisionBody {
        /// What is decided.
        template_id: DecisionTemplate,
        /// What it is called; as the template where left out.
        name: Option<Name>,
        /// As far as it is known, by the keys of the form's fields.
        answers: Option<ToldAnswers>,
        /// From which day on.
        effective_date: Option<Date>,
        /// The scenario that it changes; the baseline where left out.
        base_scenario_id: Option<ScenarioId>,
    }
}

body! {
    /// Goes on with a draft; what is not mentioned stays.
    pub struct DecisionPatchBody {
        /// What it is called.
        name: Patch<Name>,
        /// Laid over those that are there; null takes one back, or leaves a question open that may be.
        answers: Given<ToldAnswers>,
        /// From which day on.
        effective_date: Patch<Date>,
        /// The scenario that it changes.
        base_scenario_id: Patch<ScenarioId>,
    }
}

pub fn routes() -> Routes {
    const ONE: &str = "/api/v1/decisions/runs/{id}";
    Routes::tagged("templates")
        .get(
            "/api/v1/decisions/templates",
            templates,
            Doc::query("List what can be decided")
                .lists::<DecisionTemplateView>()
                .details("Each as the steps of a form, with choices and defaults from the household's own figures."),
        )
        .get("/api/v1/decisions/templates/{id}", template, Doc::query("Show a decision's form").answers::<DecisionTemplateView>())
        .get(
            "/api/v1/decisions/runs",
            list,
            Doc::query("List the decisions").parameters::<PageQuery>().lists::<DecisionRunRow>().details("Drafts and those that were made."),
        )
        .post(
            "/api/v1/decisions/runs",
            begin,
            Doc::command("Draft a decision")
                .body::<DecisionBody>()
                .creates::<DecisionRunView>()
                .details("Checked as far as it is answered: what is wrong with an answer is said as `answers.<key>`, what is missing is listed."),
        )
        .get(ONE, show, Doc::query("Show a decision").answers::<DecisionRunView>())
        .patch(ONE, go_on, Doc::command("Go on with a draft").body::<DecisionPatchBody>().answers::<DecisionRunView>())
        .delete(ONE, remove, Doc::command("Remove a decision").answers::<Removed>().details("Its scenario stays."))
        .post(
            "/api/v1/decisions/runs/{id}/complete",
            complete,
            Doc::command("Make a decision").body::<Nothing>().answers::<DecisionRunView>().details(
                "It becomes a scenario, which inherits from the one that it changes, and is compared with that: net worth at the end, term by \
                 term, and what is worth knowing, in sentences.",
            ),
        )
}

fn form(id: DecisionTemplate, home: &Household, figures: &Figures<'_>) -> DecisionTemplateView {
    let baseline = home.baseline().map_or(ScenarioId(Uuid::nil()), |(id, _)| id);
    let when = usual_day(home, baseline, figures.today);
    template_view(id, &id.template().fill(figures, when, &Answers::new()), when)
}

async fn templates(request: QueryRequest) -> Result<Answer, Problem> {
    let found = request.state().await?;
    let home = &found.value.household;
    let figures = Figures::of(home, today(home), request.store().tables());
    let items: Vec<DecisionTemplateView> = DecisionTemplate::ALL.iter().map(|id| form(*id, home, &figures)).collect();
    Ok(request.unless_known(Answer::list(Some(found.version.unsigned_abs()), &items, None)?))
}

async fn template(request: QueryRequest, id: Path<String>) -> Result<Answer, Problem> {
    let found = request.state().await?;
    let unknown = || Problem::not_found("decision-template", format!("there is no decision {:?}", id.as_str()));
    let template = DecisionTemplate::parse(&id).ok_or_else(unknown)?;
    let home = &found.value.household;
    let view = form(template, home, &Figures::of(home, today(home), request.store().tables()));
    Answer::read(found.version.unsigned_abs(), &view)
}

async fn list(request: QueryRequest, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let key = |row: &DecisionRunRow| vec![row.id.to_string()];
    request.list::<DecisionRunRow>(Selection::BY_ID, Vec::new(), (page.limit, page.cursor.as_ref()), key).await
}

async fn show(request: QueryRequest, id: Path<DecisionId>) -> Result<Answer, Problem> {
    let found = request.state().await?;
    let home = &found.value.household;
    let view = run_view(home, id.into_inner(), today(home), request.store().tables());
    Answer::read(found.version.unsigned_abs(), &view.ok_or_else(|| Problem::not_found("decision", ""))?)
}

async fn begin(request: CommandRequest, new: Json<DecisionBody>) -> Result<Answer, Problem> {
    let (id, digest, new) = (DecisionId(Uuid::now_v7()), new.digest, new.body);
    let decision = NewDecision {
        template_id: new.template_id,
        name: new.name,
        answers: new.answers.map(|told| told.0).unwrap_or_default(),
        effective_date: new.effective_date,
        base_scenario_id: new.base_scenario_id,
    };
    let made = Made::Created(format!("/api/v1/decisions/runs/{id}"));
    let store = request.shared_store();
    request.run(digest, |_| Intent::DraftDecision { id, decision }, made, |home, _| run_view(home, id, today(home), store.tables())).await
}

async fn go_on(request: CommandRequest, id: Path<DecisionId>, told: Json<DecisionPatchBody>) -> Result<Answer, Problem> {
    let (id, digest, told) = (id.into_inner(), told.digest, told.body);
    let patch = DecisionPatch {
        name: told.name.into_option(),
        answers: told.answers.0.map(|told| told.0),
        effective_date: told.effective_date.into_option(),
        base_scenario_id: told.base_scenario_id.into_option(),
    };
    let store = request.shared_store();
    let view = |home: &Household, _: &[_]| run_view(home, id, today(home), store.tables());
    request.run(digest, |_| Intent::ChangeDecision { id, patch }, Made::Changed, view).await
}

async fn remove(request: CommandRequest, id: Path<DecisionId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::RemoveDecision { id }, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

async fn complete(request: CommandRequest, id: Path<DecisionId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let (id, scenario_id, seed) = (id.into_inner(), ScenarioId(Uuid::now_v7()), Uuid::now_v7());
    let store = request.shared_store();
    let view = |home: &Household, _: &[_]| run_view(home, id, today(home), store.tables());
    request.run(nothing.digest, |_| Intent::CompleteDecision { id, scenario_id, seed }, Made::Changed, view).await
}
