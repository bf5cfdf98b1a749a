//! Changes of a plan: what a scenario does differently.
//!
//! Read [`kind`] first: every type of change, once, with its parameters. What a type *does* is an `impl` of `effect::Effect` in the
//! file of its family (`income`, `expense`, `assets`, `debts`, `payroll`, `assumptions`, `market`); `course` decides what is in force
//! in a month and applies it at the month's start, by (effective date, order); `opened` which accounts changes open, and whose they are.
//! [`inherit`] puts a chain of scenarios together.
//!
//! How it is exact. One-off changes act on the state and book what they move. Standing ones never touch what was there: they are laid
//! over it anew whenever what is in force changes, and at each anniversary, when both what was there and what they say has grown. So
//! what ends is as if it had never been, in whatever order changes overlap.
//!
//! Months are whole: a change that takes effect on the 20th holds for its month, one that ends on the 2nd does, too; the exact
//! calendar counts the occurrences of what a change *adds* by its days. Deliberately absent: scenarios, households and their rules.
//! A change whose object is not in the plan (it was removed since, or is inactive) does nothing.

mod assets;
mod assumptions;
mod course;
mod debts;
mod declare;
mod effect;
mod expense;
mod income;
pub mod inherit;
pub mod kind;
mod market;
mod opened;
pub mod parameter;
mod payroll;
mod said;
mod spread;
pub mod vary;
pub mod words;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) use self::course::Course;
pub use self::effect::Needs;
pub use self::kind::{ChangeKind, ChangeType, Object, Timing};
pub(crate) use self::payroll::{is_deferral, is_hsa};
pub use self::said::Names;
use self::words::{Employment, SourceKind, TaxTreatment};
use crate::calendar::{Date, Month};
use crate::ids::{AccountId, ChangeId, FlowId, IncomeId};
use crate::projection::plan::{Plan, PlanAccount};
use crate::text::{Name, Notes};
use crate::vocabulary::{AccountType, IncomeType};

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Source {
    /// A source of income.
    Income(IncomeId),
    /// A flow that was entered, or one of a property.
    Flow(FlowId),
    /// An account.
    Account(AccountId),
}

impl Source {
    /// Its id, whatever it is.
    #[must_use]
    pub const fn id(self) -> Uuid {
        match self {
            Self::Income(id) => id.0,
            Self::Flow(id) => id.0,
            Self::Account(id) => id.0,
        }
    }

    /// The thing of a kind with an id.
    #[must_use]
    pub const fn of(kind: SourceKind, id: Uuid) -> Self {
        match kind {
            SourceKind::Income => Self::Income(IncomeId(id)),
            SourceKind::Flow => Self::Flow(FlowId(id)),
            SourceKind::Account => Self::Account(AccountId(id)),
        }
    }
}

/// A change of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioChange {
    /// What it is called.
    pub name: Name,
    /// It holds from this day on.
    pub effective_date: Date,
    /// To this day, included; only of what stands.
    pub end_date: Option<Date>,
    /// A disabled change is as if it were not there.
    pub enabled: bool,
    /// Among those of one day, smallest first.
    pub order: u32,
    /// What somebody wanted to remember.
    pub notes: Option<Notes>,
    /// What it is about.
    pub source: Option<Source>,
    /// What it does.
    #[serde(flatten)]
    pub kind: ChangeKind,
}

/// A change with its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedChange {
    /// Which.
    pub id: ChangeId,
    /// What.
    pub change: ScenarioChange,
}

impl PlannedChange {
    /// By what changes are sorted: their day, their order, and, so that there is always one order, their id.
    #[must_use]
    pub fn key(&self) -> (Date, u32, ChangeId) {
        (self.change.effective_date, self.change.order, self.id)
    }

    /// The account that it opens, if it opens one: later changes may be about that.
    #[must_use]
    pub fn opens(&self) -> Option<(AccountId, AccountType)> {
        let id = AccountId(Uuid::new_v5(&self.id.0, b"account"));
        self.change.kind.effect().opens().map(|account_type| (id, account_type))
    }
}

impl ChangeKind {
    /// Why it cannot be about an account of this type; a debt or not has been asked before.
    #[must_use]
    pub fn cannot_be_about(&self, account_type: AccountType) -> Option<&'static str> {
        self.effect().cannot_be_about(account_type)
    }

    /// What has to be there for it to have an effect, beside what it is about.
    #[must_use]
    pub fn needs(&self) -> Option<Needs> {
        self.effect().needs()
    }

    /// Why it cannot be about an income of this type.
    #[must_use]
    pub fn cannot_be_about_income(&self, income_type: IncomeType) -> Option<&'static str> {
        self.effect().cannot_be_about_income(income_type)
    }

    /// Whether the income that it is about is paid through payroll from then on.
    #[must_use]
    pub fn makes_a_job_of_it(&self) -> bool {
        matches!(self, Self::ModifyIncome(told) if told.tax_treatment == Some(TaxTreatment::W2))
            || matches!(self, Self::SwitchEmploymentType(told) if told.to == Employment::W2)
    }
}

impl Plan {
    /// The accounts as the ledger numbers them: the plan's own, then those that its changes open, in the order in which they do.
    #[must_use]
    pub fn ledger_accounts(&self) -> Vec<PlanAccount> {
        self.accounts.iter().cloned().chain(Course::of(self).opens()).collect()
    }

    /// The same plan with more changes, as a scenario that builds on this one would have them: its settings go before those that are
    /// there.
    #[must_use]
    pub fn with_changes(&self, more: &[PlannedChange]) -> Self {
        Self { changes: inherit::effective([self.changes.clone(), more.to_vec()]), ..self.clone() }
    }
}

impl ScenarioChange {
    /// The last day on which it holds, where it has one: its end date, or what its parameters say.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        let said = self.kind.effect().duration_months().map(|months| {
            let months = i32::from(months).saturating_sub(1);
            Month::of(self.effective_date).plus(months).last_day()
        });
        match (self.end_date, said) {
            (Some(end), Some(said)) => Some(end.min(said)),
            (end, said) => end.or(said),
        }
    }
}
