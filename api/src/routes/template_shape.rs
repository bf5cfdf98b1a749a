//! Templates as they go out: what is asked, and what comes of it.

use domain::calendar::Date;
use domain::ids::ScenarioId;
use domain::household::command::NewChange;
use domain::projection::changes::{ChangeType, Source};
use domain::templates::{AnswerType, Filled, Question, Unit};
use domain::text::Name;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A question.
#[derive(Clone, Serialize, ToSchema)]
pub struct QuestionView {
    /// Under which name it is answered.
    key: &'static str,
    /// What is asked.
    label: &'static str,
    /// What an answer is.
    #[serde(rename = "type")]
    answer_type: AnswerType,
    /// A value has to be there: an answer, or the default. Where it is false, null leaves the question open.
    required: bool,
    /// What it is measured in; null where it is a choice.
    unit: Option<Unit>,
    /// The least that it may be, as it would be answered.
    #[schema(value_type = Option<String>)]
    minimum: Value,
    /// The most that it may be.
    #[schema(value_type = Option<String>)]
    maximum: Value,
    /// What can be chosen; null where anything between the bounds can be answered.
    choices: Option<Vec<ChoiceView>>,
    /// What counts where nothing is answered; null where nothing does.
    #[schema(value_type = Option<String>)]
    default: Value,
    /// Where the default comes from.
    default_basis: Option<&'static str>,
}
