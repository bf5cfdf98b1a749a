//! What happened: facts in the past tense, never edited.
//!
//! An event says the whole fact, and a change also says what was before: an auditor's sentence is made from the event alone. Each
//! has a name on the wire and a form (its `event_version`); a new form of one adds an upcaster and a stored example of the old form.
//! Numbers inside are integers and amounts are text, so that canonical JSON has no floating point.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::adopt::Adoption;
use super::facts::{
    Account, AssetDetails, Balance, Flow, Income, Liability, Member, Pin, PosttaxDeduction, PretaxDeduction, Profile, Scenario,
    SelfEmployment, Withholding,
};
use crate::calendar::Date;
use crate::goals::Goal;
use crate::ids::{
    AccountId, AssetGroupId, ChangeId, DecisionId, DeductionId, FlowId, GoalId, HouseholdId, IncomeId, MemberId, ScenarioId, UserId,
};
use crate::projection::changes::ScenarioChange;
use crate::system_flows::SystemFlow;
use crate::templates::{Decision, Made};
use crate::text::Name;
use crate::vocabulary::Role;

/// A system flow that stands in another form than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangedFlow {
    /// As it stands now.
    pub now: SystemFlow,
    /// As it stood.
    pub was: SystemFlow,
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident as $name:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? }),+ $(,)?) => {
        /// Something that happened to a household.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data")]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $name)] $variant { $($(#[$field_doc])* $field: $type),* }),+
        }

        impl Event {
            /// Every name on the wire.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// Its name on the wire, such as `income_source.changed`.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $name),+ }
            }
        }
    };
}

events! {
    /// The household exists from here on; always the first event of a stream.
    HouseholdOpened as "household.opened" {
        /// Which one.
        id: HouseholdId,
        /// The household itself.
        profile: Profile,
        /// The day, in its own time zone.
        opened_on: Date,
        /// Whose tables the system flows are made with.
        tax_year: i32,
    },
    /// Name, tax settings, time zone.
    HouseholdChanged as "household.changed" { /// Now.
        profile: Profile, /// Before.
        was: Profile },
    /// System flows are made with another year's tables from here on.
    TaxYearBegan as "tax_year.began" { /// Now.
        tax_year: i32, /// Before.
        was: i32 },
    /// A person.
    MemberAdded as "member.added" { /// Which.
        id: MemberId, /// Who.
        member: Member },
    /// A person changed.
    MemberChanged as "member.changed" { /// Which.
        id: MemberId, /// Now.
        member: Member, /// Before.
        was: Member },
    /// A person left.
    MemberRemoved as "member.removed" { /// Which.
        id: MemberId, /// Before.
        was: Member },
    /// A user may see or change the household.
    MembershipGranted as "membership.granted" { /// Who.
        user_id: UserId, /// What they may do.
        role: Role },
    /// A user may do more or less than before.
    MembershipChanged as "membership.changed" { /// Who.
        user_id: UserId, /// Now.
        role: Role, /// Before.
        was: Role },
    /// A user sees the household no more.
    MembershipRevoked as "membership.revoked" { /// Who.
        user_id: UserId, /// Before.
        was: Role },
    /// An account, by a person or because a flow needed it.
    AccountOpened as "account.opened" { /// Which.
        id: AccountId, /// What it is.
        account: Account, /// The day.
        opened_on: Date, /// Because a flow needed it.
        opened_by_system: bool },
    /// What an account is.
    AccountChanged as "account.changed" { /// Which.
        id: AccountId, /// Now.
        account: Account, /// Before.
        was: Account },
    /// An account is gone, with its balances.
    AccountRemoved as "account.removed" { /// Which.
        id: AccountId, /// Before.
        was: Account },
    /// What an account held on a day.
    BalanceRecorded as "balance.recorded" { /// Of which.
        account_id: AccountId, /// What.
        balance: Balance, /// The current one before.
        was: Option<Balance> },
    /// The terms of a debt.
    LiabilityChanged as "liability.changed" { /// Of which account.
        account_id: AccountId, /// Now.
        liability: Liability, /// Before.
        was: Option<Liability> },
    /// What is known about a thing of value.
    AssetDetailsChanged as "asset_details.changed" { /// Of which account.
        account_id: AccountId, /// Now.
        asset_details: AssetDetails, /// Before.
        was: Option<AssetDetails> },
    /// Accounts that belong together.
    AssetGroupCreated as "asset_group.created" { /// Which.
        id: AssetGroupId, /// What it is called.
        name: Name },
    /// Another name.
    AssetGroupChanged as "asset_group.changed" { /// Which.
        id: AssetGroupId, /// Now.
        name: Name, /// Before.
        was: Name },
    /// The accounts stay, the group is gone.
    AssetGroupRemoved as "asset_group.removed" { /// Which.
        id: AssetGroupId, /// Before.
        was: Name },
    /// A source of income.
    IncomeSourceAdded as "income_source.added" { /// Which.
        id: IncomeId, /// What.
        income: Income },
    /// A raise, another employer's name, an end.
    IncomeSourceChanged as "income_source.changed" { /// Which.
        id: IncomeId, /// Now.
        income: Income, /// Before.
        was: Income },
    /// A source of income is gone, with its deductions.
    IncomeSourceRemoved as "income_source.removed" { /// Which.
        id: IncomeId, /// Before.
        was: Income },
    /// Form W-4.
    WithholdingChanged as "withholding.changed" { /// Of which.
        income_id: IncomeId, /// Now.
        withholding: Withholding, /// Before.
        was: Withholding },
    /// Expenses and estimated payments of the self-employed.
    SelfEmploymentChanged as "self_employment.changed" { /// Of which.
        income_id: IncomeId, /// Now.
        self_employment: SelfEmployment, /// Before.
        was: Option<SelfEmployment> },
    /// Taken out before the net.
    PretaxDeductionAdded as "pretax_deduction.added" { /// Of which income.
        income_id: IncomeId, /// Which.
        id: DeductionId, /// What.
        deduction: PretaxDeduction },
    /// Another amount, match or target.
    PretaxDeductionChanged as "pretax_deduction.changed" { /// Of which income.
        income_id: IncomeId, /// Which.
        id: DeductionId, /// Now.
        deduction: PretaxDeduction, /// Before.
        was: PretaxDeduction },
    /// No longer taken out.
    PretaxDeductionRemoved as "pretax_deduction.removed" { /// Of which income.
        income_id: IncomeId, /// Which.
        id: DeductionId, /// Before.
        was: PretaxDeduction },
    /// Taken out after taxes.
    PosttaxDeductionAdded as "posttax_deduction.added" { /// Of which income.
        income_id: IncomeId, /// Which.
        id: DeductionId, /// What.
        deduction: PosttaxDeduction },
    /// Another amount or target.
    PosttaxDeductionChanged as "posttax_deduction.changed" { /// Of which income.
        income_id: IncomeId, /// Which.
        id: DeductionId, /// Now.
        deduction: PosttaxDeduction, /// Before.
        was: PosttaxDeduction },
    /// No longer taken out.
    PosttaxDeductionRemoved as "posttax_deduction.removed" { /// Of which income.
        income_id: IncomeId, /// Which.
        id: DeductionId, /// Before.
        was: PosttaxDeduction },
    /// A recurring flow.
    FlowAdded as "flow.added" { /// Which.
        id: FlowId, /// What.
        flow: Flow },
    /// A recurring flow changed.
    FlowChanged as "flow.changed" { /// Which.
        id: FlowId, /// Now.
        flow: Flow, /// Before.
        was: Flow },
    /// A recurring flow is gone.
    FlowRemoved as "flow.removed" { /// Which.
        id: FlowId, /// Before.
        was: Flow },
    /// What follows from incomes, deductions, debts and property is another set than before. In the same batch as its cause.
    SystemFlowsGenerated as "system_flows.generated" { /// Stand now.
        added: Vec<SystemFlow>, /// Stand in another form.
        changed: Vec<ChangedFlow>, /// Stand no more.
        removed: Vec<SystemFlow> },
    /// A plan; the baseline is created with the household.
    ScenarioCreated as "scenario.created" { /// Which.
        id: ScenarioId, /// What.
        scenario: Scenario },
    /// A plan's name, horizon or assumptions.
    ScenarioChanged as "scenario.changed" { /// Which.
        id: ScenarioId, /// Now.
        scenario: Scenario, /// Before.
        was: Scenario },
    /// A plan is put away: kept as it is.
    ScenarioArchived as "scenario.archived" { /// Which.
        id: ScenarioId },
    /// What a plan does differently has become real, in the events before this one; what could not stays a plan.
    ScenarioAdopted as "scenario.adopted" { /// Which.
        id: ScenarioId, /// The day.
        on: Date, /// What became of each change.
        adoption: Adoption },
    /// A plan that had been put away is back.
    ScenarioUnarchived as "scenario.unarchived" { /// Which.
        id: ScenarioId },
    /// A plan is gone, with its changes.
    ScenarioRemoved as "scenario.removed" { /// Which.
        id: ScenarioId, /// Before.
        was: Scenario },
    /// A plan does something differently.
    ScenarioChangeAdded as "scenario_change.added" { /// Of which plan.
        scenario_id: ScenarioId, /// Which.
        id: ChangeId, /// What.
        change: ScenarioChange },
    /// A plan does it otherwise, at another time, or not for now.
    ScenarioChangeChanged as "scenario_change.changed" { /// Of which plan.
        scenario_id: ScenarioId, /// Which.
        id: ChangeId, /// Now.
        change: ScenarioChange, /// Before.
        was: ScenarioChange },
    /// A plan does it no longer.
    ScenarioChangeRemoved as "scenario_change.removed" { /// Of which plan.
        scenario_id: ScenarioId, /// Which.
        id: ChangeId, /// Before.
        was: ScenarioChange },
    /// The changes of a plan that take effect on one day do so in another order.
    ScenarioChangesReordered as "scenario_change.reordered" { /// Of which plan.
        scenario_id: ScenarioId, /// All of them, as they stand now.
        order: Vec<ChangeId>, /// Before.
        was: Vec<ChangeId> },
    /// The baseline projects the balances and flows of a day from here on.
    ScenarioPinned as "scenario.pinned" { /// Which.
        id: ScenarioId, /// The day.
        as_of_date: Date, /// The household's version at its end.
        version: u64, /// Before; none where it was live.
        was: Option<Pin> },
    /// The baseline follows reality again.
    ScenarioUnpinned as "scenario.unpinned" { /// Which.
        id: ScenarioId, /// Before.
        was: Pin },
    /// Something is to be reached.
    GoalAdded as "goal.added" { /// Which.
        id: GoalId, /// What.
        goal: Goal },
    /// Something else is to be reached.
    GoalChanged as "goal.changed" { /// Which.
        id: GoalId, /// Now.
        goal: Goal, /// Before.
        was: Goal },
    /// It is not to be reached any more.
    GoalRemoved as "goal.removed" { /// Which.
        id: GoalId, /// Before.
        was: Goal },
    /// Somebody thinks about a decision.
    DecisionDrafted as "decision.drafted" { /// Which.
        id: DecisionId, /// What, as far as it has been answered.
        decision: Decision },
    /// A draft says something else.
    DecisionChanged as "decision.changed" { /// Which.
        id: DecisionId, /// Now.
        decision: Decision, /// Before.
        was: Decision },
    /// A decision has become a scenario.
    DecisionCompleted as "decision.completed" { /// Which.
        id: DecisionId, /// What became of it.
        made: Made },
    /// A decision is given up, or forgotten; its scenario stays.
    DecisionRemoved as "decision.removed" { /// Which.
        id: DecisionId, /// Before.
        was: Decision },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        self.name().to_owned()
    }
    fn event_version(&self) -> String {
        // Every event is in its first form. A second form of one becomes a match here and an upcaster beside it.
        "1".to_owned()
    }
}
