//! Recurring flows: those that people enter, and those that follow from the rest, in one list.

use domain::calendar::{Date, Frequency};
use domain::household::command::FlowPatch;
use domain::household::facts::{Flow, flow_kind};
use domain::household::{Event, Intent};
use domain::ids::{AccountId, FlowId, MemberId};
use domain::money::Money;
use domain::text::{Name, Notes};
use domain::vocabulary::FlowType;
use projections::queries::Selection;
use projections::read_models::flows::FlowRow;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{At, Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::{CursorText, Limit, Path};
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Adds a recurring flow.
    pub struct NewFlow {
        /// What it is called.
        name: Name,
        /// Income, expense or transfer.
        flow_type: FlowType,
        /// An income category for an income, an expense category for an expense, none for a transfer.
        category: Option<String>,
        /// Above zero, each time.
        amount: Money where positive,
        /// How often.
        frequency: Frequency,
        /// First occurrence.
        start_date: Date,
        /// Last day.
        end_date: Option<Date>,
        /// Where it comes from; the main cash account where left out of an expense.
        from_account_id: Option<AccountId>,
        /// Where it goes; the main cash account where left out of an income.
        to_account_id: Option<AccountId>,
        /// What it is about, without moving anything there.
        linked_account_id: Option<AccountId>,
        /// Whose it is.
        member_id: Option<MemberId>,
        /// True where left out.
        active: Option<bool>,
        /// What somebody wanted to remember.
        notes: Option<Notes>,
    }
    check |body, at| check_category(body.flow_type, body.category.as_deref(), at)
}

body! {
    /// Changes a flow; what is not mentioned stays.
    pub struct FlowChange {
        /// What it is called.
        name: Given<Name>,
        /// Income, expense or transfer.
        flow_type: Given<FlowType>,
        /// As the type wants it.
        category: Patch<String>,
        /// Above zero, each time.
        amount: Given<Money> where positive,
        /// How often.
        frequency: Given<Frequency>,
        /// First occurrence.
        start_date: Given<Date>,
        /// Last day.
        end_date: Patch<Date>,
        /// Where it comes from.
        from_account_id: Patch<AccountId>,
        /// Where it goes.
        to_account_id: Patch<AccountId>,
        /// What it is about.
        linked_account_id: Patch<AccountId>,
        /// Whose it is.
        member_id: Patch<MemberId>,
        /// An inactive flow moves nothing.
        active: Given<bool>,
        /// What somebody wanted to remember.
        notes: Patch<Notes>,
    }
}

body! {
    /// Which flows to list.
    pub struct FlowQuery {
        /// At most so many items.
        limit: Option<Limit>,
        /// `next_cursor` of the page before.
        cursor: Option<CursorText>,
        /// Only derived ones, or only those that were entered.
        system: Option<bool>,
        /// Only those that are active on this day.
        active_on: Option<Date>,
    }
}

/// What became of the derived flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Regenerated {
    /// `generated`, or `unchanged` where nothing had to be done.
    outcome: &'static str,
    /// How many are new.
    added: usize,
    /// How many stand in another form.
    changed: usize,
    /// How many stand no more.
    removed: usize,
}

fn check_category(flow_type: FlowType, category: Option<&str>, at: At<'_>) {
    if let Err(rule) = flow_kind(flow_type, category) {
        at.refuse_field("category", rule.code(), rule.to_string());
    }
}

pub fn routes() -> Routes {
    Routes::tagged("flows")
        .get("/api/v1/flows", list, Doc::query("List the flows").parameters::<FlowQuery>().lists::<FlowRow>())
        .post("/api/v1/flows", add, Doc::command("Add a flow").body::<NewFlow>().creates::<FlowRow>())
        .get("/api/v1/flows/{id}", show, Doc::query("Show a flow").answers::<FlowRow>())
        .patch("/api/v1/flows/{id}", change, Doc::command("Change a flow").body::<FlowChange>().answers::<FlowRow>())
        .delete("/api/v1/flows/{id}", remove, Doc::command("Remove a flow").answers::<Removed>())
        .post(
            "/api/v1/flows/regenerate",
            regenerate,
            Doc::command("Derive the system flows anew").body::<Nothing>().answers::<Regenerated>().details(
                "They follow by themselves from every change; this is for whoever wants to see that. Where nothing changed, nothing is appended.",
            ),
        )
}

async fn list(request: QueryRequest, query: Query<FlowQuery>) -> Result<Answer, Problem> {
    let selection = Selection {
        condition: "(($3::text[])[1] IS NULL OR is_system = ($3::text[])[1]::boolean) AND (($3::text[])[2] IS NULL OR (active \
                    AND start_date <= ($3::text[])[2]::date AND (end_date IS NULL OR end_date >= ($3::text[])[2]::date)))",
        ..Selection::BY_ID
    };
    let args = vec![query.system.map(|system| system.to_string()), query.active_on.map(|day| day.to_string())];
    let key = |row: &FlowRow| vec![row.id.to_string()];
    request.list::<FlowRow>(selection, args, (query.limit, query.cursor.as_ref()), key).await
}

async fn show(request: QueryRequest, id: Path<FlowId>) -> Result<Answer, Problem> {
    request.one::<FlowRow>(id.into_inner().0, "flow").await
}

async fn add(request: CommandRequest, new: Json<NewFlow>) -> Result<Answer, Problem> {
    let (id, digest, new) = (FlowId(Uuid::now_v7()), new.digest, new.body);
    let kind =
        flow_kind(new.flow_type, new.category.as_deref()).map_err(|rule| Problem::invalid("category", rule.code(), rule.to_string()))?;
    let flow = Flow {
        name: new.name,
        kind,
        amount: new.amount,
        frequency: new.frequency,
        start_date: new.start_date,
        end_date: new.end_date,
        from_account_id: new.from_account_id,
        to_account_id: new.to_account_id,
        linked_account_id: new.linked_account_id,
        member_id: new.member_id,
        active: new.active.unwrap_or(true),
        notes: new.notes,
    };
    let made = Made::Created(format!("/api/v1/flows/{id}"));
    request.run(digest, |_| Intent::AddFlow { id, flow }, made, |home, _| FlowRow::of(home, id)).await
}

async fn change(request: CommandRequest, id: Path<FlowId>, change: Json<FlowChange>) -> Result<Answer, Problem> {
    let (id, digest, change) = (id.into_inner(), change.digest, change.body);
    let patch = FlowPatch {
        name: change.name.0,
        flow_type: change.flow_type.0,
        category: change.category.into_option(),
        amount: change.amount.0,
        frequency: change.frequency.0,
        start_date: change.start_date.0,
        end_date: change.end_date.into_option(),
        from_account_id: change.from_account_id.into_option(),
        to_account_id: change.to_account_id.into_option(),
        linked_account_id: change.linked_account_id.into_option(),
        member_id: change.member_id.into_option(),
        active: change.active.0,
        notes: change.notes.into_option(),
    };
    request.run(digest, |_| Intent::ChangeFlow { id, patch }, Made::Changed, |home, _| FlowRow::of(home, id)).await
}

async fn remove(request: CommandRequest, id: Path<FlowId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::RemoveFlow { id }, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

async fn regenerate(request: CommandRequest, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    request.run(nothing.digest, |_| Intent::RegenerateFlows, Made::Changed, |_, events| Some(regenerated(events))).await
}

fn regenerated(events: &[Event]) -> Regenerated {
    let counts = events.iter().find_map(|event| {
        let Event::SystemFlowsGenerated { added, changed, removed } = event else { return None };
        Some((added.len(), changed.len(), removed.len()))
    });
    let (added, changed, removed) = counts.unwrap_or_default();
    Regenerated { outcome: if counts.is_some() { "generated" } else { "unchanged" }, added, changed, removed }
}
