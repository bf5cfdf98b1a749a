//! Every refusal, typed. The API gives each its status in one place; the message says what to do.

use uuid::Uuid;

use crate::calendar::Date;
use crate::goals::seek::GridError;
use crate::projection::ProjectionError;
use crate::projection::changes::parameter::ParameterError;
use crate::tax::TaxError;
use crate::text::Name;
use crate::vocabulary::{AccountType, Role};

/// Why a command is refused. A refusal leaves no trace in the household.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HouseholdError {
    /// There is no such household, or it is not the caller's: they look alike from outside.
    #[error("there is no such household")]
    NoSuchHousehold,
    /// The id is taken.
    #[error("this household has been opened already")]
    AlreadyOpened,
    /// The caller may see the household and not change it.
    #[error("the role {role} does not allow this; ask an owner or admin of the household")]
    NotAllowed {
        /// What the caller is.
        role: Role,
    },
    /// The thing that the command is about is not there.
    #[error("there is no {thing} {id} in this household")]
    NotFound {
        /// What kind of thing.
        thing: Thing,
        /// Which was asked for.
        id: Uuid,
    },
    /// The command says something that cannot be; all that is wrong with it, at once.
    #[error("{}", list(.0))]
    Invalid(Vec<Violation>),
    /// What is there does not allow it.
    #[error(transparent)]
    Conflict(#[from] Conflict),
}

/// A kind of thing that a household has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A person.
    Member,
    /// A user's access.
    Membership,
    /// An account.
    Account,
    /// Accounts that belong together.
    AssetGroup,
    /// A source of income.
    IncomeSource,
    /// A pre-tax or post-tax deduction.
    Deduction,
    /// A flow that was entered.
    Flow,
    /// A plan.
    Scenario,
    /// A change of a plan.
    ScenarioChange,
    /// What is to be reached.
    Goal,
    /// Something that somebody decides.
    Decision,
}

impl std::fmt::Display for Thing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Member => "member",
            Self::Membership => "membership",
            Self::Account => "account",
            Self::AssetGroup => "asset group",
            Self::IncomeSource => "income source",
            Self::Deduction => "deduction",
            Self::Flow => "flow",
            Self::Scenario => "scenario",
            Self::ScenarioChange => "scenario change",
            Self::Goal => "goal",
            Self::Decision => "decision",
        })
    }
}

/// A field and the rule that it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The field's path in the request, such as `liability.interest_rate`.
    pub field: String,
    /// What is wrong with it.
    pub rule: Rule,
}

/// The rules of the house about a single command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rule {
    /// A reference to a member that is not of this household.
    #[error("is not a member of this household")]
    UnknownMember,
    /// A reference to an account that is not of this household.
    #[error("is not an account of this household")]
    UnknownAccount,
    /// A reference to an asset group that is not of this household.
    #[error("is not an asset group of this household")]
    UnknownAssetGroup,
    /// Must be there.
    #[error("is required here: {0}")]
    Required(&'static str),
    /// Must not be there.
    #[error("is not allowed here: {0}")]
    NotAllowedHere(&'static str),
    /// Below zero where that means nothing.
    #[error("must not be negative")]
    Negative,
    /// Nothing where something is needed.
    #[error("must be more than zero")]
    NotPositive,
    /// Outside its range.
    #[error("must be between {min} and {max}")]
    OutOfRange {
        /// The least that it may be.
        min: String,
        /// The most that it may be.
        max: String,
    },
    /// An end before its start.
    #[error("is before {start_field} ({start})")]
    EndsBeforeStart {
        /// The other field.
        start_field: &'static str,
        /// Its value.
        start: Date,
    },
    /// A date in the future where only the past can be known.
    #[error("is in the future: today is {today}")]
    InTheFuture {
        /// In the household's time zone.
        today: Date,
    },
    /// A thing of another kind than this field is for.
    #[error("does not fit an account of type {0}")]
    WrongAccountType(AccountType),
    /// A reference to a scenario that is not of this household.
    #[error("is not a scenario of this household")]
    UnknownScenario,
    /// A reference to an income that is not of this household.
    #[error("is not an income of this household")]
    UnknownIncome,
    /// A reference to a flow that is not of this household.
    #[error("is not a flow of this household")]
    UnknownFlow,
    /// A date before or behind what a scenario projects.
    #[error("lies outside the scenario, which projects {first} to {last}")]
    OutsideHorizon {
        /// Its first day.
        first: Date,
        /// Its last day.
        last: Date,
    },
    /// A parameter of a change.
    #[error("{0}")]
    Parameter(ParameterError),
    /// Bounds of a search.
    #[error("{0}")]
    Bounds(GridError),
    /// What makes a scenario one that cannot be projected.
    #[error("{}", cannot_be_projected(*.month, .scenario.as_ref(), .why))]
    NotProjectable {
        /// The first month that cannot be.
        month: u16,
        /// Of which scenario, where it is not the one that is written.
        scenario: Option<Name>,
        /// Why.
        why: ProjectionError,
    },
    /// The law of the state is not known yet, or the year's is not.
    #[error("{0}")]
    Tax(TaxError),
}

impl Rule {
    /// A stable word for clients.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownScenario => "unknown_scenario",
            Self::UnknownIncome => "unknown_income",
            Self::UnknownFlow => "unknown_flow",
            Self::OutsideHorizon { .. } => "outside_horizon",
            Self::Parameter(problem) => problem.code(),
            Self::UnknownMember => "unknown_member",
            Self::UnknownAccount => "unknown_account",
            Self::UnknownAssetGroup => "unknown_asset_group",
            Self::Required(_) => "required",
            Self::NotAllowedHere(_) => "not_allowed_here",
            Self::Negative => "negative",
            Self::NotPositive => "not_positive",
            Self::OutOfRange { .. } => "out_of_range",
            Self::EndsBeforeStart { .. } => "ends_before_start",
            Self::InTheFuture { .. } => "in_the_future",
            Self::WrongAccountType(_) => "wrong_account_type",
            Self::Bounds(GridError::Reversed) => "below_minimum",
            Self::Bounds(GridError::NoStep) => "not_positive",
            Self::Bounds(GridError::TooWide) => "too_wide",
            Self::NotProjectable { .. } => "not_projectable",
            Self::Tax(_) => "not_supported",
        }
    }
}

/// What is there does not allow it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Something still points to it.
    #[error("it is still used by {by}: change or remove that first")]
    InUse {
        /// What points to it.
        by: String,
    },
    /// A household without an owner would be nobody's.
    #[error("a household needs at least one owner: make somebody else owner first")]
    LastOwner,
    /// Twice the same access.
    #[error("this user is a member of the household already: change the role instead")]
    AlreadyGranted,
    /// The one who opened the household.
    #[error("the primary member cannot be removed")]
    PrimaryMember,
    /// The household opened it itself.
    #[error("this account belongs to the machinery of payroll and cannot be changed")]
    SystemAccount,
    /// It follows reality, and nothing else.
    #[error("the baseline has no changes and no parent, and stays: make a scenario of your own")]
    Baseline,
    /// It has become a scenario.
    #[error("this decision has been made: change its scenario, or draft another one")]
    Decided,
    /// It has been put away.
    #[error("this scenario is archived: unarchive it first")]
    Archived,
    /// More than one household can hold.
    #[error("a household holds at most {most} {things}: remove some first")]
    Full {
        /// Of what.
        things: &'static str,
        /// How many.
        most: usize,
    },
}

impl Conflict {
    /// A stable word for clients.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "in_use",
            Self::LastOwner => "last_owner",
            Self::AlreadyGranted => "already_granted",
            Self::PrimaryMember => "primary_member",
            Self::SystemAccount => "system_account",
            Self::Baseline => "baseline",
            Self::Decided => "decided",
            Self::Archived => "archived",
            Self::Full { .. } => "full",
        }
    }
}

fn cannot_be_projected(month: u16, scenario: Option<&Name>, why: &ProjectionError) -> String {
    let which = scenario.map_or_else(|| "the scenario".to_owned(), |name| format!("the scenario {name}"));
    match why {
        ProjectionError::OutOfRange { .. } => {
            format!("lets an amount grow beyond what can be computed, in month {month} of {which}: choose less, or a shorter horizon")
        }
        ProjectionError::Plan(_) | ProjectionError::Tax(_) => format!("leaves month {month} of {which} without a projection: {why}"),
    }
}

fn list(violations: &[Violation]) -> String {
    violations.iter().map(|violation| format!("{} {}", violation.field, violation.rule)).collect::<Vec<_>>().join("; ")
}

/// Collects what is wrong with a command, so that all of it is answered at once.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Violation>);

impl Checks {
    /// Notes a broken rule unless `holds`.
    pub(super) fn require(&mut self, holds: bool, field: impl Into<String>, rule: impl FnOnce() -> Rule) {
        if !holds {
            self.0.push(Violation { field: field.into(), rule: rule() });
        }
    }

    /// The value, or `instead` with a note of the rule that it breaks: the other fields are still to be looked at.
    pub(super) fn or_else<T>(&mut self, value: Result<T, Rule>, field: &str, instead: T) -> T {
        value.unwrap_or_else(|rule| {
            self.0.push(Violation { field: field.to_owned(), rule });
            instead
        })
    }

    /// Adds what was noted of a part of the command, each under the part's name.
    pub(super) fn take_over(&mut self, part: Self, name: &str) {
        self.0.extend(part.0.into_iter().map(|Violation { field, rule }| Violation { field: format!("{name}.{field}"), rule }));
    }

    /// All or nothing.
    pub(super) fn finish(self) -> Result<(), HouseholdError> {
        if self.0.is_empty() { Ok(()) } else { Err(HouseholdError::Invalid(self.0)) }
    }
}
