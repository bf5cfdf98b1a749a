//! Life events: templates with the household's own figures, and their changes in a scenario.

use domain::calendar::Date;
use domain::household::command::{Application, AssumptionsPatch, NewScenario, Target};
use domain::household::{Event, Household, Intent, described, horizon, usual_day};
use domain::ids::{ChangeId, ScenarioId};
use domain::templates::{Figures, Filled, Template, TemplateCategory};
use domain::text::{Name, Notes};
use projections::read_models::scenarios::{ScenarioChangeRow, ScenarioRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::scenario_body::to_u16;
use super::template_shape::{QuestionView, SuggestedView, ToldAnswers};
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Between, Json, Query, body};
use crate::clock;
use crate::command::{CommandRequest, Made};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Which templates, and for which scenario.
    pub struct TemplateList {
        /// Those of one category.
        category: Option<TemplateCategory>,
    }
}

body! {
    /// A scenario that is made for a template. What is not said of it is as its parent's, or the baseline's.
    pub struct TemplateScenario {
        /// What it is called; as the template where left out.
        name: Option<Name>,
        /// What it is for; what the template does where left out.
        description: Option<Notes>,
        /// The scenario whose changes it inherits.
        parent_id: Option<ScenarioId>,
        /// Month 1 is this day's; the current month where left out.
        start_date: Option<Date>,
        /// 1 … 600; as its parent's, or the baseline's, where left out.
        projection_months: Option<Between<1, 600>>,
    }
}

body! {
    /// Applies a template: to a scenario that is there, or to a new one, which is made where neither is said.
    pub struct ApplyTemplateBody {
        /// By the keys of the template's questions.
        answers: Option<ToldAnswers>,
        /// The scenario that gets the changes.
        scenario_id: Option<ScenarioId>,
        /// The scenario that is made for them.
        new_scenario: Option<TemplateScenario>,
        /// From which day on; the first of next month where left out, or of the scenario's first month where that is later.
        effective_date: Option<Date>,
    }
    check |told, at| {
        if told.scenario_id.is_some() && told.new_scenario.is_some() {
            at.refuse_field("new_scenario", "not_allowed_here", "say one of scenario_id and new_scenario");
        }
    }
}

/// A template, for this household.
#[derive(Serialize, ToSchema)]
pub struct TemplateView {
    /// Which; the same for ever.
    id: Template,
    /// What it is called.
    name: &'static str,
    /// What it is about.
    category: TemplateCategory,
    /// What it does.
    description: &'static str,
    /// Whether it fits the household.
    available: bool,
    /// Why it does not, where it does not.
    reason: Option<&'static str>,
    /// From which day on it would hold.
    effective_date: Date,
    /// What is asked.
    questions: Vec<QuestionView>,
    /// The changes that it makes where every question is left to its default; empty where one has none, or the template does not fit.
    changes: Vec<SuggestedView>,
}

/// What a template made.
#[derive(Serialize, ToSchema)]
pub struct AppliedTemplateView {
    /// The scenario.
    id: ScenarioId,
    /// Of which template.
    template_id: Template,
    /// The scenario.
    scenario: ScenarioRow,
    /// What the template made it do differently, in the order in which it was suggested.
    changes: Vec<ScenarioChangeRow>,
    /// The same in sentences, in the order in which they apply.
    description: Vec<String>,
}

pub fn routes() -> Routes {
    Routes::tagged("templates")
        .get(
            "/api/v1/life-event-templates",
            list,
            Doc::query("List the life events").parameters::<TemplateList>().lists::<TemplateView>().details(
                "With the household's own figures as defaults, and the changes that would come of those. One that does not fit the household \
                 says why.",
            ),
        )
        .get("/api/v1/life-event-templates/{id}", show, Doc::query("Show a life event").answers::<TemplateView>())
        .post(
            "/api/v1/life-event-templates/{id}/apply",
            apply,
            Doc::command("Let a life event happen in a scenario").body::<ApplyTemplateBody>().creates::<AppliedTemplateView>().details(
                "All of it or nothing. What is wrong with an answer is said as `answers.<key>`. A change that would last beyond the end of the \
                 plan holds to its end and says so in its notes; one that would begin behind it is left out.",
            ),
        )
}

/// The template of an address.
fn template(id: &str) -> Result<Template, Problem> {
    Template::parse(id).ok_or_else(|| Problem::not_found("life-event-template", format!("there is no template {id:?}")))
}

async fn list(request: QueryRequest, query: Query<TemplateList>) -> Result<Answer, Problem> {
    let found = request.state().await?;
    let wanted = Template::ALL.iter().filter(|template| query.category.is_none_or(|category| template.category() == category));
    let tables = request.store().tables();
    let home = &found.value.household;
    let days = Days::of(home);
    let figures = Figures::of(home, days.today, tables);
    let items: Vec<TemplateView> = wanted.map(|template| view(*template, &figures, days)).collect();
    Ok(request.unless_known(Answer::list(Some(found.version.unsigned_abs()), &items, None)?))
}

async fn show(request: QueryRequest, id: Path<String>) -> Result<Answer, Problem> {
    let found = request.state().await?;
    let template = template(&id)?;
    let home = &found.value.household;
    let days = Days::of(home);
    let view = view(template, &Figures::of(home, days.today, request.store().tables()), days);
    Answer::read(found.version.unsigned_abs(), &view)
}

/// The days that a template is filled in for.
#[derive(Clone, Copy)]
struct Days {
    /// Of the household.
    today: Date,
    /// From which one on it would hold.
    when: Date,
    /// The end of the plan, the baseline's.
    last: Date,
}

impl Days {
    fn of(home: &Household) -> Self {
        let today = today(home);
        let baseline = home.baseline().map_or(ScenarioId(Uuid::nil()), |(id, _)| id);
        Self { today, when: usual_day(home, baseline, today), last: horizon(home, baseline, today).1 }
    }
}

/// Which day it is for the household.
pub(super) fn today(home: &Household) -> Date {
    let zone = home.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
    zone.date_at(clock::now())
}

fn view(template: Template, figures: &Figures<'_>, days: Days) -> TemplateView {
    let Filled { unfit, questions, changes, .. } = template.fill(figures, days.when, &Default::default());
    TemplateView {
        id: template,
        name: template.title(),
        category: template.category(),
        description: template.description(),
        available: unfit.is_none(),
        reason: unfit,
        effective_date: days.when,
        questions: questions.iter().map(QuestionView::from).collect(),
        changes: changes.into_iter().filter_map(|change| change.within(days.last)).map(SuggestedView::from).collect(),
    }
}

async fn apply(request: CommandRequest, id: Path<String>, told: Json<ApplyTemplateBody>) -> Result<Answer, Problem> {
    let template = template(&id)?;
    let (digest, told) = (told.digest, told.body);
    let seed = Uuid::now_v7();
    let (scenario_id, target) = match told.scenario_id {
        Some(id) => (id, Target::Existing(id)),
        None => {
            let id = ScenarioId(Uuid::now_v7());
            (id, Target::New { id, scenario: new_scenario(told.new_scenario, template)? })
        }
    };
    let answers = told.answers.map(|told| told.0).unwrap_or_default();
    let application = Application { template, answers, effective_date: told.effective_date };
    let made = Made::Created(format!("/api/v1/scenarios/{scenario_id}"));
    let intent = |_| Intent::ApplyTemplate { application, target, seed };
    request.run(digest, intent, made, |home, events| applied(home, events, scenario_id, template)).await
}

/// The scenario that a template makes for itself.
fn new_scenario(told: Option<TemplateScenario>, template: Template) -> Result<NewScenario, Problem> {
    let told =
        told.unwrap_or(TemplateScenario { name: None, description: None, parent_id: None, start_date: None, projection_months: None });
    let name = told.name.map_or_else(|| Name::parse(template.title()), Ok).map_err(|error| Problem::internal(&error))?;
    Ok(NewScenario {
        name,
        description: told.description.or_else(|| Notes::parse(template.description()).ok()),
        parent_id: told.parent_id,
        start_date: told.start_date,
        projection_months: told.projection_months.map(to_u16),
        assumptions: AssumptionsPatch::default(),
    })
}

/// The changes that a command added, and the sentences about them.
pub(super) fn added(home: &Household, events: &[Event], scenario: ScenarioId) -> (Vec<ScenarioChangeRow>, Vec<String>) {
    let ids = events.iter().filter_map(|event| if let Event::ScenarioChangeAdded { id, .. } = event { Some(*id) } else { None });
    let ids: Vec<ChangeId> = ids.collect();
    let sentences =
        described(home, scenario, today(home)).into_iter().filter(|(planned, _)| ids.contains(&planned.id)).map(|(_, line)| line);
    (ids.iter().filter_map(|id| ScenarioChangeRow::of(home, scenario, *id)).collect(), sentences.collect())
}

fn applied(home: &Household, events: &[Event], id: ScenarioId, template_id: Template) -> Option<AppliedTemplateView> {
    let (changes, description) = added(home, events, id);
    Some(AppliedTemplateView { id, template_id, scenario: ScenarioRow::of(home, id)?, changes, description })
}
