//! Recurring flows, entered and derived, in one table: the same questions are asked of both.

use domain::calendar::{Date, Frequency};
use domain::household::Household;
use domain::household::facts::Flow;
use domain::ids::FlowId;
use domain::money::Money;
use domain::system_flows::{SourceType, SystemFlow};
use domain::text::Notes;
use domain::vocabulary::{FlowType, SystemFlowKind};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::table::read_model;

read_model! {
    /// A recurring flow.
    pub struct FlowRow in "flows" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What it is called.
        name: String,
        /// What it does to the household as a whole.
        flow_type: FlowType,
        /// An income or expense category; none for a transfer.
        category: Option<String>,
        /// What a derived flow is; none for one that was entered.
        kind: Option<SystemFlowKind>,
        /// Above zero.
        amount: @numeric Money,
        /// How often.
        frequency: Frequency,
        /// Amount × times a year / 12, rounded once.
        monthly_amount: @numeric Money,
        /// First occurrence.
        start_date: Date,
        /// Last day.
        end_date: Option<Date>,
        /// Where it comes from.
        from_account_id: Option<Uuid>,
        /// Where it goes.
        to_account_id: Option<Uuid>,
        /// What it is about.
        linked_account_id: Option<Uuid>,
        /// Whose it is.
        member_id: Option<Uuid>,
        /// An inactive flow moves nothing.
        active: bool,
        /// What somebody wanted to remember.
        notes: Option<Notes>,
        /// Derived, not entered.
        is_system: bool,
        /// What a derived flow was derived from.
        source: Option<FlowSource>,
    }
}

/// What a flow was derived from.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FlowSource {
    /// The kind of thing.
    #[serde(rename = "type")]
    pub source_type: SourceType,
    /// Its id.
    pub id: Uuid,
}

impl FlowRow {
    /// The row of a flow, entered or derived.
    #[must_use]
    pub fn of(home: &Household, id: FlowId) -> Option<Self> {
        let entered = home.flows.get(&id).map(|flow| Self::entered(id, flow));
        entered.or_else(|| home.system_flows.get(&id).map(Self::derived))
    }

    fn entered(id: FlowId, flow: &Flow) -> Self {
        Self {
            id: id.0,
            name: flow.name.to_string(),
            flow_type: flow.kind.flow_type(),
            category: flow.kind.category().map(str::to_owned),
            kind: None,
            amount: flow.amount,
            frequency: flow.frequency,
            monthly_amount: flow.frequency.monthly_amount(flow.amount),
            start_date: flow.start_date,
            end_date: flow.end_date,
            from_account_id: flow.from_account_id.map(Uuid::from),
            to_account_id: flow.to_account_id.map(Uuid::from),
            linked_account_id: flow.linked_account_id.map(Uuid::from),
            member_id: flow.member_id.map(Uuid::from),
            active: flow.active,
            notes: flow.notes.clone(),
            is_system: false,
            source: None,
        }
    }

    fn derived(flow: &SystemFlow) -> Self {
        Self {
            id: flow.id.0,
            name: flow.name.clone(),
            flow_type: flow.category.flow_type(),
            category: flow.category.category().map(str::to_owned),
            kind: Some(flow.kind),
            amount: flow.amount,
            frequency: flow.frequency,
            monthly_amount: flow.frequency.monthly_amount(flow.amount),
            start_date: flow.start_date,
            end_date: flow.end_date,
            from_account_id: flow.from_account_id.map(Uuid::from),
            to_account_id: flow.to_account_id.map(Uuid::from),
            linked_account_id: None,
            member_id: flow.member_id.map(Uuid::from),
            active: true,
            notes: None,
            is_system: true,
            source: Some(FlowSource { source_type: flow.source.source_type, id: flow.source.id }),
        }
    }
}
