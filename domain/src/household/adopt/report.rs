//! What an adoption did: in the event as in the answer.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::household::event::Event;
use crate::ids::ChangeId;

/// What of a scenario has been made real, and what has not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Adoption {
    /// Each change that is real now, in the order in which they apply.
    pub adopted: Vec<AdoptedChange>,
    /// Everything in which the scenario differs from the baseline still, each with the reason.
    pub skipped: Vec<Skipped>,
}

/// A change that is real now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdoptedChange {
    /// Which.
    pub change_id: ChangeId,
    /// What it was called.
    pub name: String,
    /// What was made of it: at least one thing.
    pub made: Vec<Made>,
}

/// What happened to a thing of the household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Made {
    /// The event's name, such as `income_source.added`.
    pub event: String,
    /// The account, income, deduction or flow.
    pub id: Uuid,
}

/// What stays a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Skipped {
    /// The change; none where the scenario itself is set otherwise than the baseline.
    pub change_id: Option<ChangeId>,
    /// What the change is called, or which setting it is.
    pub name: String,
    /// A stable word.
    pub code: String,
    /// The same as a sentence.
    pub reason: String,
}

impl Made {
    /// What an event did; none for one that is about no such thing.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what an adoption never does is not reported")]
    pub(super) fn of(event: &Event) -> Option<Self> {
        let id = match event {
            Event::AccountOpened { id, .. }
            | Event::AccountChanged { id, .. }
            | Event::BalanceRecorded { account_id: id, .. }
            | Event::LiabilityChanged { account_id: id, .. }
            | Event::AssetDetailsChanged { account_id: id, .. } => id.0,
            Event::IncomeSourceAdded { id, .. }
            | Event::IncomeSourceChanged { id, .. }
            | Event::WithholdingChanged { income_id: id, .. }
            | Event::SelfEmploymentChanged { income_id: id, .. } => id.0,
            Event::PretaxDeductionAdded { id, .. }
            | Event::PretaxDeductionChanged { id, .. }
            | Event::PretaxDeductionRemoved { id, .. }
            | Event::PosttaxDeductionAdded { id, .. }
            | Event::PosttaxDeductionChanged { id, .. }
            | Event::PosttaxDeductionRemoved { id, .. } => id.0,
            Event::FlowAdded { id, .. } | Event::FlowChanged { id, .. } => id.0,
            _ => return None,
        };
        Some(Self { event: event.name().to_owned(), id })
    }
}
