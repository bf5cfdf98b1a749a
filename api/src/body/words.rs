//! Ids and the words of the field, as fields of a body. A word that is not known is answered with those that are.

use domain::calendar::{Frequency, PayFrequency};
use domain::ids::{
    AccountId, AssetGroupId, ChangeId, DecisionId, DeductionId, FlowId, GoalId, HouseholdId, IncomeId, MemberId, ScenarioId, UserId,
};
use domain::vocabulary;
use utoipa::openapi::{RefOr, Schema};
use uuid::Uuid;

use super::at::At;
use super::schema::Schemas;
use super::value::Value;
use super::{FromField, Kind};

macro_rules! ids {
    ($($id:ty),+ $(,)?) => {$(
        impl FromField for $id {
            fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
                <Uuid as FromField>::read(value, at).map(Self::from)
            }
            fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
                schemas.of::<$id>()
            }
        }
    )+};
}
ids!(HouseholdId, UserId, MemberId, AccountId, AssetGroupId, IncomeId, DeductionId, FlowId, ScenarioId, ChangeId, GoalId, DecisionId);

/// More words than these are not repeated in a sentence: the document has them.
const MOST_WORDS: usize = 60;

/// Reads one of a closed list of words; says which there are where it is none of them.
pub fn read_word<T: Copy>(
    value: Value<'_>,
    at: At<'_>,
    all: &[T],
    as_str: fn(T) -> &'static str,
    parse: fn(&str) -> Option<T>,
) -> Option<T> {
    let Some(word) = value.string() else {
        let kind = if value.kind() == Kind::String { "text that is not Unicode" } else { value.kind().with_article() };
        return at.refuse("wrong_type", format!("must be one of its words, as a string, not {kind}"));
    };
    if let Some(known) = parse(&word) {
        return Some(known);
    }
    let mut words: Vec<&str> = all.iter().take(MOST_WORDS).map(|one| as_str(*one)).collect();
    if all.len() > MOST_WORDS {
        words.push("…");
    }
    at.refuse("unknown_word", format!("must be one of: {}", words.join(", ")))
}

/// Lets an enum of `words!` be a field.
macro_rules! words_as_fields {
    ($($words:ty),+ $(,)?) => {$(
        impl FromField for $words {
            fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
                read_word(value, at, Self::ALL, Self::as_str, Self::parse)
            }
            fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
                schemas.of::<$words>()
            }
        }
    )+};
}
words_as_fields!(
    Frequency,
    PayFrequency,
    domain::payroll::AmountType,
    domain::projection::changes::ChangeType,
    domain::projection::changes::words::SourceKind,
    domain::projection::CalendarMode,
    domain::projection::payoff::Strategy,
    domain::stress::StressTest,
    domain::actions::ActionKind,
    domain::metrics::ThresholdMetric,
    domain::goals::GoalType,
    domain::goals::GoalMetric,
    domain::goals::Comparison,
    domain::templates::TemplateCategory,
    domain::templates::DecisionTemplate,
    domain::goals::seek::Prefer,
    vocabulary::AccountType,
    vocabulary::AccountClass,
    vocabulary::ExpenseCategory,
    vocabulary::FlowType,
    vocabulary::FilingStatus,
    vocabulary::Relationship,
    vocabulary::EmploymentStatus,
    vocabulary::Role,
    vocabulary::IncomeType,
    vocabulary::PretaxDeductionType,
    vocabulary::PosttaxDeductionType,
    vocabulary::SystemFlowKind,
    vocabulary::State,
    vocabulary::WithdrawalOrder,
);
