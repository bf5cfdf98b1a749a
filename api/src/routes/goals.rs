//! What a household wants to reach. How far it is: see [`super::goal_status`].

use domain::calendar::Date;
use domain::goals::{Comparison, GoalMetric, GoalTerms, GoalType};
use domain::household::Intent;
use domain::household::command::{GoalPatch, NewGoal};
use domain::ids::{GoalId, MemberId};
use domain::text::{Name, Notes};
use projections::queries::Selection;
use projections::read_models::goals::GoalRow;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::households::PageQuery;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Sets a goal.
    pub struct GoalBody {
        /// What it is called.
        name: Name,
        /// What is wanted; it says which of the fields below there are.
        goal_type: GoalType,
        /// So many months, so many times, this fraction, this amount, at this age; not for `debt_free_date`.
        target: Option<Decimal>,
        /// By when; for `net_worth_target_by_date` and `debt_free_date`.
        target_date: Option<Date>,
        /// Who retires; for `retirement_age`.
        member_id: Option<MemberId>,
        /// Which figure; for `custom`.
        metric: Option<GoalMetric>,
        /// On which side of the target; for `custom`.
        comparison: Option<Comparison>,
        /// The one that matters most: at most one active goal.
        is_primary: Option<bool>,
        /// True where left out.
        active: Option<bool>,
        /// What somebody wanted to remember.
        notes: Option<Notes>,
    }
}

body! {
    /// Changes a goal; what is not mentioned stays. Of another type, its parameters are told anew.
    pub struct GoalChange {
        /// What it is called.
        name: Given<Name>,
        /// What is wanted.
        goal_type: Given<GoalType>,
        /// As the type wants it.
        target: Patch<Decimal>,
        /// By when.
        target_date: Patch<Date>,
        /// Who retires.
        member_id: Patch<MemberId>,
        /// Which figure.
        metric: Patch<GoalMetric>,
        /// On which side of the target.
        comparison: Patch<Comparison>,
        /// The one that matters most.
        is_primary: Given<bool>,
        /// An inactive goal is kept and not measured.
        active: Given<bool>,
        /// What somebody wanted to remember.
        notes: Patch<Notes>,
    }
}

pub fn routes() -> Routes {
    Routes::tagged("goals")
        .get("/api/v1/goals", list, Doc::query("List the goals").parameters::<PageQuery>().lists::<GoalRow>())
        .post(
            "/api/v1/goals",
            add,
            Doc::command("Set a goal").body::<GoalBody>().creates::<GoalRow>().details(
                "`target` is in months (`emergency_fund_months`), times (`min_dscr`), a fraction of the income (`min_savings_rate`), an amount \
                 (`net_worth_target`, `net_worth_target_by_date`), or years of age (`retirement_age`).",
            ),
        )
        .get("/api/v1/goals/{id}", show, Doc::query("Show a goal").answers::<GoalRow>())
        .patch("/api/v1/goals/{id}", change, Doc::command("Change a goal").body::<GoalChange>().answers::<GoalRow>())
        .delete("/api/v1/goals/{id}", remove, Doc::command("Give up a goal").answers::<Removed>())
}

async fn list(request: QueryRequest, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let key = |row: &GoalRow| vec![row.id.to_string()];
    request.list::<GoalRow>(Selection::BY_ID, Vec::new(), (page.limit, page.cursor.as_ref()), key).await
}

async fn show(request: QueryRequest, id: Path<GoalId>) -> Result<Answer, Problem> {
    request.one::<GoalRow>(id.into_inner().0, "goal").await
}

async fn add(request: CommandRequest, new: Json<GoalBody>) -> Result<Answer, Problem> {
    let (id, digest, new) = (GoalId(Uuid::now_v7()), new.digest, new.body);
    let terms = GoalTerms {
        target: new.target,
        target_date: new.target_date,
        member_id: new.member_id,
        metric: new.metric,
        comparison: new.comparison,
    };
    let goal = NewGoal {
        name: new.name,
        goal_type: new.goal_type,
        terms,
        is_primary: new.is_primary.unwrap_or_default(),
        active: new.active.unwrap_or(true),
        notes: new.notes,
    };
    let made = Made::Created(format!("/api/v1/goals/{id}"));
    request.run(digest, |_| Intent::AddGoal { id, goal }, made, |home, _| GoalRow::of(home, id)).await
}

async fn change(request: CommandRequest, id: Path<GoalId>, change: Json<GoalChange>) -> Result<Answer, Problem> {
    let (id, digest, change) = (id.into_inner(), change.digest, change.body);
    let patch = GoalPatch {
        name: change.name.0,
        goal_type: change.goal_type.0,
        target: change.target.into_option(),
        target_date: change.target_date.into_option(),
        member_id: change.member_id.into_option(),
        metric: change.metric.into_option(),
        comparison: change.comparison.into_option(),
        is_primary: change.is_primary.0,
        active: change.active.0,
        notes: change.notes.into_option(),
    };
    request.run(digest, |_| Intent::ChangeGoal { id, patch }, Made::Changed, |home, _| GoalRow::of(home, id)).await
}

async fn remove(request: CommandRequest, id: Path<GoalId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::RemoveGoal { id }, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}
