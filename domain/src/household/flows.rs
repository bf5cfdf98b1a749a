//! Recurring flows that people enter. Derived ones are never touched here.

use super::command::FlowPatch;
use super::decide::Draft;
use super::error::{Checks, Conflict, HouseholdError, Rule, Thing};
use super::event::Event;
use super::facts::{Flow, FlowKind, flow_kind};
use crate::ids::FlowId;

const MOST_FLOWS: usize = 1000;

pub(super) fn add(draft: &mut Draft, id: FlowId, flow: Flow) -> Result<(), HouseholdError> {
    let mut checks = Checks::default();
    check(&mut checks, draft, &flow);
    checks.finish()?;
    if draft.household.flows.len() >= MOST_FLOWS {
        return Err(Conflict::Full { things: "flows", most: MOST_FLOWS }.into());
    }
    draft.record(Event::FlowAdded { id, flow });
    Ok(())
}

pub(super) fn change(draft: &mut Draft, id: FlowId, patch: FlowPatch) -> Result<(), HouseholdError> {
    let was = find(draft, id)?;
    let mut checks = Checks::default();
    let flow = patched(&mut checks, patch, &was);
    check(&mut checks, draft, &flow);
    checks.finish()?;
    if flow != was {
        draft.record(Event::FlowChanged { id, flow, was });
    }
    Ok(())
}

/// A flow as it is from now on, whole.
pub(super) fn put(draft: &mut Draft, id: FlowId, flow: Flow, was: Flow) -> Result<(), HouseholdError> {
    let mut checks = Checks::default();
    check(&mut checks, draft, &flow);
    checks.finish()?;
    draft.record(Event::FlowChanged { id, flow, was });
    Ok(())
}

pub(super) fn remove(draft: &mut Draft, id: FlowId) -> Result<(), HouseholdError> {
    let was = find(draft, id)?;
    draft.record(Event::FlowRemoved { id, was });
    Ok(())
}

fn patched(checks: &mut Checks, patch: FlowPatch, was: &Flow) -> Flow {
    // A new type without a category means none, not the old type's.
    let category = match (&patch.category, patch.flow_type) {
        (Some(category), _) => category.clone(),
        (None, Some(flow_type)) if flow_type != was.kind.flow_type() => None,
        (None, _) => was.kind.category().map(str::to_owned),
    };
    let kind = flow_kind(patch.flow_type.unwrap_or(was.kind.flow_type()), category.as_deref());
    let kind = checks.or_else(kind, "category", was.kind);
    let was = was.clone();
    Flow {
        name: patch.name.unwrap_or(was.name),
        kind,
        amount: patch.amount.unwrap_or(was.amount),
        frequency: patch.frequency.unwrap_or(was.frequency),
        start_date: patch.start_date.unwrap_or(was.start_date),
        end_date: patch.end_date.unwrap_or(was.end_date),
        from_account_id: patch.from_account_id.unwrap_or(was.from_account_id),
        to_account_id: patch.to_account_id.unwrap_or(was.to_account_id),
        linked_account_id: patch.linked_account_id.unwrap_or(was.linked_account_id),
        member_id: patch.member_id.unwrap_or(was.member_id),
        active: patch.active.unwrap_or(was.active),
        notes: patch.notes.unwrap_or(was.notes),
    }
}

fn find(draft: &Draft, id: FlowId) -> Result<Flow, HouseholdError> {
    draft.household.flows.get(&id).cloned().ok_or(HouseholdError::NotFound { thing: Thing::Flow, id: id.0 })
}

fn check(checks: &mut Checks, draft: &Draft, flow: &Flow) {
    checks.require(flow.amount.is_positive(), "amount", || Rule::NotPositive);
    for (field, account) in
        [("from_account_id", flow.from_account_id), ("to_account_id", flow.to_account_id), ("linked_account_id", flow.linked_account_id)]
    {
        let known = account.is_none_or(|id| draft.household.accounts.contains_key(&id));
        checks.require(known, field, || Rule::UnknownAccount);
    }
    checks.require(flow.member_id.is_none_or(|id| draft.household.members.contains_key(&id)), "member_id", || Rule::UnknownMember);
    if flow.kind == FlowKind::Transfer {
        let somewhere = flow.from_account_id.is_some() || flow.to_account_id.is_some();
        checks.require(somewhere, "from_account_id", || {
            Rule::Required("a transfer names the account that it leaves, the one that it reaches, or both")
        });
        let nowhere = flow.from_account_id.is_some() && flow.from_account_id == flow.to_account_id;
        checks.require(!nowhere, "to_account_id", || Rule::NotAllowedHere("a transfer between an account and itself moves nothing"));
    }
    if let Some(end) = flow.end_date {
        checks.require(end >= flow.start_date, "end_date", || Rule::EndsBeforeStart { start_field: "start_date", start: flow.start_date });
    }
}
