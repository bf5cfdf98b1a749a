//! What may be asked of a household: parsed input only. Imperatives; `decide` turns them into facts.
//!
//! A change is told as a patch: a field that is absent stays as it is; a nullable one may be cleared (`Some(None)`).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::facts::{
    Account, AssetDetails, Assumptions, Balance, EmployerMatch, Flow, Income, LastFour, Liability, Member, PosttaxDeduction,
    PretaxDeduction, Profile, SelfEmployment, TimeZone, VariableRate, Withholding,
};
use crate::calendar::{Date, Frequency, Instant, PayFrequency};
use crate::goals::{Comparison, GoalMetric, GoalTerms, GoalType};
use crate::ids::{
    AccountId, AssetGroupId, ChangeId, DecisionId, DeductionId, FlowId, GoalId, HouseholdId, IncomeId, MemberId, ScenarioId, UserId,
};
use crate::money::Money;
use crate::payroll::AmountType;
use crate::projection::CalendarMode;
use crate::projection::changes::parameter::Parameters;
use crate::projection::changes::{ChangeKind, ChangeType, Source};
use crate::rate::Rate;
use crate::templates::{Answers, DecisionTemplate, Template};
use crate::text::{Name, Notes};
use crate::vocabulary::{
    AccountType, EmploymentStatus, FilingStatus, FlowType, IncomeType, PosttaxDeductionType, PretaxDeductionType, Relationship, Role,
    State, WithdrawalOrder,
};

/// Something that somebody asks for, at an instant. The instant comes with the command: the household has no clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// When it was asked.
    pub decided_at: Instant,
    /// Who asks.
    pub actor: Actor,
    /// For what.
    pub intent: Intent,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// Somebody who logged in; their role is checked against the very state that the decision is made on.
    User(UserId),
    /// The system itself: a demo, an import, the calendar.
    System,
}

/// For what.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts that they become, documented there")]
pub enum Intent {
    OpenHousehold {
        id: HouseholdId,
        profile: Profile,
        creator: Option<Creator>,
    },
    ChangeHousehold(HouseholdPatch),
    AddMember {
        id: MemberId,
        member: Member,
    },
    ChangeMember {
        id: MemberId,
        patch: MemberPatch,
    },
    RemoveMember {
        id: MemberId,
    },
    GrantMembership {
        user_id: UserId,
        role: Role,
    },
    ChangeMembership {
        user_id: UserId,
        role: Role,
    },
    RevokeMembership {
        user_id: UserId,
    },
    OpenAccount {
        id: AccountId,
        account: Account,
        holding: Holding,
    },
    ChangeAccount {
        id: AccountId,
        patch: AccountPatch,
        holding: Holding,
    },
    RemoveAccount {
        id: AccountId,
    },
    RecordBalances {
        account_id: AccountId,
        balances: Vec<Balance>,
    },
    CreateAssetGroup {
        id: AssetGroupId,
        name: Name,
    },
    RenameAssetGroup {
        id: AssetGroupId,
        name: Name,
    },
    RemoveAssetGroup {
        id: AssetGroupId,
    },
    AddIncome {
        id: IncomeId,
        income: Income,
        withholding: Option<Withholding>,
    },
    ChangeIncome {
        id: IncomeId,
        patch: IncomePatch,
        withholding: Option<Withholding>,
    },
    RemoveIncome {
        id: IncomeId,
    },
    SetWithholding {
        income_id: IncomeId,
        withholding: Withholding,
    },
    SetSelfEmployment {
        income_id: IncomeId,
        self_employment: SelfEmployment,
    },
    AddPretaxDeduction {
        income_id: IncomeId,
        id: DeductionId,
        deduction: PretaxDeduction,
    },
    ChangePretaxDeduction {
        income_id: IncomeId,
        id: DeductionId,
        patch: PretaxDeductionPatch,
    },
    RemovePretaxDeduction {
        income_id: IncomeId,
        id: DeductionId,
    },
    AddPosttaxDeduction {
        income_id: IncomeId,
        id: DeductionId,
        deduction: PosttaxDeduction,
    },
    ChangePosttaxDeduction {
        income_id: IncomeId,
        id: DeductionId,
        patch: PosttaxDeductionPatch,
    },
    RemovePosttaxDeduction {
        income_id: IncomeId,
        id: DeductionId,
    },
    AddFlow {
        id: FlowId,
        flow: Flow,
    },
    ChangeFlow {
        id: FlowId,
        patch: FlowPatch,
    },
    RemoveFlow {
        id: FlowId,
    },
    /// The explicit way to what every other intent leads to as well.
    RegenerateFlows,
    ChangeScenario {
        id: ScenarioId,
        patch: ScenarioPatch,
        /// What to assume from now on.
        assumptions: AssumptionsPatch,
    },
    CreateScenario {
        id: ScenarioId,
        scenario: NewScenario,
    },
    /// A scenario and what it does differently, together or not at all.
    CreateScenarioWith {
        id: ScenarioId,
        scenario: NewScenario,
        changes: Vec<(ChangeId, NewChange)>,
    },
    /// Several changes, together or not at all. A later one may be about an account that an earlier one opens.
    AddScenarioChanges {
        scenario_id: ScenarioId,
        changes: Vec<(ChangeId, NewChange)>,
    },
    /// What a template suggests, as changes of a scenario, together or not at all.
    ApplyTemplate {
        application: Application,
        target: Target,
        /// The ids of the changes follow from it.
        seed: Uuid,
    },
    RemoveScenario {
        id: ScenarioId,
    },
    ArchiveScenario {
        id: ScenarioId,
    },
    UnarchiveScenario {
        id: ScenarioId,
    },
    /// Another scenario with the same parent, assumptions and changes.
    CloneScenario {
        id: ScenarioId,
        of: ScenarioId,
        /// `Copy of …` where left out.
        name: Option<Name>,
    },
    /// Copies what holds in one scenario into another that does not have it.
    MergeScenario {
        into: ScenarioId,
        from: ScenarioId,
        /// The ids of the copies follow from it.
        seed: Uuid,
    },
    /// Makes what holds in a scenario real, as far as it can be.
    AdoptScenario {
        id: ScenarioId,
        /// The ids of what is made follow from it: a UUIDv7, behind everything that is there.
        seed: Uuid,
    },
    AddScenarioChange {
        scenario_id: ScenarioId,
        id: ChangeId,
        change: NewChange,
    },
    ChangeScenarioChange {
        scenario_id: ScenarioId,
        id: ChangeId,
        patch: ChangePatch,
    },
    RemoveScenarioChange {
        scenario_id: ScenarioId,
        id: ChangeId,
    },
    /// All changes of a scenario, in the order in which those of one day take effect.
    ReorderScenarioChanges {
        scenario_id: ScenarioId,
        order: Vec<ChangeId>,
    },
    /// Lets the baseline project the balances and flows of a day.
    PinBaseline {
        as_of_date: Date,
        /// The household's version at the end of that day, looked up at the edge: a household does not know its own versions.
        version: u64,
    },
    /// Lets the baseline follow reality again.
    UnpinBaseline,
    AddGoal {
        id: GoalId,
        goal: NewGoal,
    },
    ChangeGoal {
        id: GoalId,
        patch: GoalPatch,
    },
    RemoveGoal {
        id: GoalId,
    },
    DraftDecision {
        id: DecisionId,
        decision: NewDecision,
    },
    ChangeDecision {
        id: DecisionId,
        patch: DecisionPatch,
    },
    RemoveDecision {
        id: DecisionId,
    },
    /// A decision becomes a scenario, together with what it does differently.
    CompleteDecision {
        id: DecisionId,
        scenario_id: ScenarioId,
        /// The ids of the changes follow from it.
        seed: Uuid,
    },
}

/// Who opens a household: becomes its owner and its primary member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Creator {
    /// The user.
    pub user_id: UserId,
    /// The person.
    pub member_id: MemberId,
    /// What they are called.
    pub name: Name,
}

/// What is told about an account beside what it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Holding {
    /// What it holds.
    pub balance: Option<Balance>,
    /// The terms, of a debt.
    pub liability: Option<Told<LiabilityPatch>>,
    /// What is known about a thing of value.
    pub asset_details: Option<Told<AssetDetailsPatch>>,
}

/// How something is told that may be known already.
#[derive(Clone, Debug, PartialEq)]
pub enum Told<Patch> {
    /// All of it: what is not said is not so.
    Whole(Patch),
    /// What is not said stays as it is.
    Part(Patch),
}

/// A patch of a struct of facts: fields that are absent stay as they are.
macro_rules! patches {
    ($($(#[$meta:meta])* $patch:ident for $target:ty { $($field:ident: $type:ty),+ $(,)? })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, Default, PartialEq)]
        #[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
        pub struct $patch { $(pub $field: Option<$type>),+ }

        impl $patch {
            /// The facts as they are once the patch is laid over them.
            #[must_use]
            pub fn over(self, was: &$target) -> $target {
                let mut now = was.clone();
                $(if let Some($field) = self.$field { now.$field = $field; })+
                now
            }
        }
    )+};
}

patches! {
    /// Of a household.
    HouseholdPatch for Profile { name: Name, time_zone: TimeZone, filing_status: FilingStatus, state: Option<State> }
    /// Of a person.
    MemberPatch for Member {
        name: Name, relationship: Relationship, date_of_birth: Option<Date>, employment_status: Option<EmploymentStatus>
    }
    /// Of an account.
    AccountPatch for Account {
        name: Name, account_type: AccountType, institution: Option<Name>, last_four: Option<LastFour>, member_id: Option<MemberId>,
        asset_group_id: Option<AssetGroupId>, active: bool, display_order: i32, notes: Option<Notes>
    }
    /// Of the terms of a debt.
    LiabilityPatch for Liability {
        interest_rate: Rate, variable_rate: Option<VariableRate>, original_balance: Option<Money>, origination_date: Option<Date>,
        maturity_date: Option<Date>, term_months: Option<u32>, minimum_payment: Option<Money>, payment_day: Option<u32>,
        interest_only: bool, escrow: Option<Money>, credit_limit: Option<Money>, income_driven: bool, in_forbearance: bool
    }
    /// Of the details of a thing of value.
    AssetDetailsPatch for AssetDetails {
        acquisition_date: Option<Date>, acquisition_cost: Option<Money>, address: Option<Notes>, square_feet: Option<u32>,
        year_built: Option<u32>, annual_property_tax: Option<Money>, annual_insurance: Option<Money>, monthly_hoa: Option<Money>,
        monthly_rent: Option<Money>, vin: Option<Name>, make: Option<Name>, model: Option<Name>, model_year: Option<u32>,
        mileage: Option<u32>, growth_rate: Option<Rate>
    }
    /// Of a scenario.
    ScenarioPatch for super::facts::Scenario {
        name: Name, projection_months: u16, description: Option<Notes>, parent_id: Option<ScenarioId>, start_date: Option<Date>
    }
    /// Of what a scenario assumes.
    AssumptionsPatch for Assumptions {
        inflation_rate: Rate, investment_return_rate: Rate, salary_growth_rate: Rate, cash_yield_rate: Rate,
        property_appreciation_rate: Option<Rate>, settle_taxes: bool, index_thresholds: bool,
        withdrawal_order: WithdrawalOrder, calendar: CalendarMode, overdraft_rate: Rate
    }
}

/// A new plan. What is not said of its assumptions is as its parent's, or the baseline's.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct NewScenario {
    pub name: Name,
    pub description: Option<Notes>,
    pub parent_id: Option<ScenarioId>,
    pub start_date: Option<Date>,
    pub projection_months: Option<u16>,
    pub assumptions: AssumptionsPatch,
}

/// A template with answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    /// Which.
    pub template: Template,
    /// As they were told: what is left out is as the template has it for the household.
    pub answers: Answers,
    /// From which day on; see [`super::usual_day`] where left out.
    pub effective_date: Option<Date>,
}

/// Which scenario gets changes.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One that is made for them.
    New {
        /// Which.
        id: ScenarioId,
        /// What.
        scenario: NewScenario,
    },
    /// One that is there.
    Existing(ScenarioId),
}

/// A new change of a plan.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct NewChange {
    pub name: Name,
    pub effective_date: Date,
    pub end_date: Option<Date>,
    pub enabled: bool,
    /// Behind all others where left out.
    pub order: Option<u32>,
    pub notes: Option<Notes>,
    pub source: Option<Source>,
    pub kind: ChangeKind,
}

/// A patch of a change. Parameters are laid over those that it has; those of another type stand alone.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct ChangePatch {
    pub name: Option<Name>,
    pub effective_date: Option<Date>,
    pub end_date: Option<Option<Date>>,
    pub enabled: Option<bool>,
    pub order: Option<u32>,
    pub notes: Option<Option<Notes>>,
    pub source: Option<Option<Source>>,
    pub change_type: Option<ChangeType>,
    /// `null` takes one away.
    pub parameters: Option<Parameters>,
}

/// A patch of an income. Its pay may be told in parts: a new hourly rate keeps the hours.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct IncomePatch {
    pub name: Option<Name>,
    pub member_id: Option<Option<MemberId>>,
    pub income_type: Option<IncomeType>,
    pub gross_annual_salary: Option<Money>,
    pub hourly_rate: Option<Money>,
    pub expected_annual_hours: Option<u32>,
    pub pay_frequency: Option<PayFrequency>,
    pub start_date: Option<Date>,
    pub end_date: Option<Option<Date>>,
    pub active: Option<bool>,
}

/// A patch of a pre-tax deduction. An amount without a type is one of the type that it has.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct PretaxDeductionPatch {
    pub deduction_type: Option<PretaxDeductionType>,
    pub amount_type: Option<AmountType>,
    pub amount: Option<Decimal>,
    pub employer_match: Option<Option<EmployerMatch>>,
    pub target_account_id: Option<Option<AccountId>>,
}

/// A patch of a post-tax deduction. An amount without a type is one of the type that it has.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct PosttaxDeductionPatch {
    pub deduction_type: Option<PosttaxDeductionType>,
    pub amount_type: Option<AmountType>,
    pub amount: Option<Decimal>,
    pub target_account_id: Option<Option<AccountId>>,
}

/// A patch of a flow. A category without a type is one of the type that it has.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct FlowPatch {
    pub name: Option<Name>,
    pub flow_type: Option<FlowType>,
    pub category: Option<Option<String>>,
    pub amount: Option<Money>,
    pub frequency: Option<Frequency>,
    pub start_date: Option<Date>,
    pub end_date: Option<Option<Date>>,
    pub from_account_id: Option<Option<AccountId>>,
    pub to_account_id: Option<Option<AccountId>>,
    pub linked_account_id: Option<Option<AccountId>>,
    pub member_id: Option<Option<MemberId>>,
    pub active: Option<bool>,
    pub notes: Option<Option<Notes>>,
}

/// A new goal: its parameters are those of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct NewGoal {
    pub name: Name,
    pub goal_type: GoalType,
    pub terms: GoalTerms,
    pub is_primary: bool,
    pub active: bool,
    pub notes: Option<Notes>,
}

/// A patch of a goal. Of another type, none of its parameters stays.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct GoalPatch {
    pub name: Option<Name>,
    pub goal_type: Option<GoalType>,
    pub target: Option<Option<Decimal>>,
    pub target_date: Option<Option<Date>>,
    pub member_id: Option<Option<MemberId>>,
    pub metric: Option<Option<GoalMetric>>,
    pub comparison: Option<Option<Comparison>>,
    pub is_primary: Option<bool>,
    pub active: Option<bool>,
    pub notes: Option<Option<Notes>>,
}

/// A decision to think about, answered as far as somebody likes.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct NewDecision {
    pub template_id: DecisionTemplate,
    pub name: Option<Name>,
    pub answers: Answers,
    pub effective_date: Option<Date>,
    pub base_scenario_id: Option<ScenarioId>,
}

/// A patch of a draft. Answers are laid over those that are there; null takes one back.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of the facts, documented there")]
pub struct DecisionPatch {
    pub name: Option<Option<Name>>,
    pub answers: Option<Answers>,
    pub effective_date: Option<Option<Date>>,
    pub base_scenario_id: Option<Option<ScenarioId>>,
}
