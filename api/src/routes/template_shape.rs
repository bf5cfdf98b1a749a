//! Templates as they go out: what is asked, and what comes of it.

use domain::calendar::Date;
use domain::household::command::NewChange;
use domain::projection::changes::parameter::Told;
use domain::projection::changes::{ChangeType, Source};
use domain::templates::{AnswerType, AnswerUnit, Answers, Choice, Question};
use domain::text::Name;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::change_body::told;
use crate::body::{At, FromField, Schemas, Value as Given};

/// Answers as they were told: which there may be, and what they may be, the template says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToldAnswers(pub Answers);

impl FromField for ToldAnswers {
    fn read(value: Given<'_>, at: At<'_>) -> Option<Self> {
        let Some(object) = value.object() else {
            return at.refuse("wrong_type", format!("must be an object, not {}", value.kind().with_article()));
        };
        object.refuse_repeated(at);
        let answers: Answers = object.iter().map(|(name, value)| (name.to_owned(), told(value))).collect();
        let structures = answers.iter().filter(|(_, told)| matches!(told, Told::Structure(_)));
        structures.for_each(|(name, _)| at.refuse_field(name, "wrong_type", "an answer is text, a number or null"));
        Some(Self(answers))
    }

    fn schema(schemas: &mut Schemas) -> RefOr<Schema> {
        schemas.named("TemplateAnswers".to_owned(), |_| {
            let types = SchemaType::Array(vec![Type::String, Type::Number, Type::Null]);
            let each = ObjectBuilder::new().schema_type(types).build();
            let description =
                "By the keys of the questions. What is left out is as its default has it; null leaves a question open that may be.";
            let answers = ObjectBuilder::new().schema_type(Type::Object).description(Some(description));
            answers.additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(Schema::Object(each))))).into()
        })
    }
}

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
    /// What it is measured in; null of a choice.
    unit: Option<AnswerUnit>,
    /// The least that it may be.
    minimum: Option<String>,
    /// The most that it may be.
    maximum: Option<String>,
    /// What can be chosen; null where anything within the bounds can be answered.
    choices: Option<Vec<ChoiceView>>,
    /// What counts where nothing is answered, as it would be answered; null where nothing does.
    default: Option<String>,
    /// Where the default comes from.
    default_basis: Option<&'static str>,
}

/// Something that can be chosen.
#[derive(Clone, Serialize, ToSchema)]
pub struct ChoiceView {
    /// As it is answered.
    value: String,
    /// For people.
    label: String,
}

impl From<&Question> for QuestionView {
    fn from(question: &Question) -> Self {
        let choice = |Choice { value, label }: &Choice| ChoiceView { value: value.clone(), label: label.clone() };
        Self {
            key: question.key,
            label: question.label,
            answer_type: question.answer_type,
            required: question.required,
            unit: question.unit,
            minimum: question.minimum.clone(),
            maximum: question.maximum.clone(),
            choices: question.choices.as_ref().map(|choices| choices.iter().map(choice).collect()),
            default: question.default.clone(),
            default_basis: question.default_basis,
        }
    }
}

/// A change as a template suggests it.
#[derive(Clone, Serialize, ToSchema)]
pub struct SuggestedView {
    /// What it does.
    change_type: ChangeType,
    /// What it is called.
    name: Name,
    /// It holds from this day on.
    effective_date: Date,
    /// To this day, included.
    end_date: Option<Date>,
    /// What it is about.
    source: Option<Source>,
    /// As its type has them.
    #[schema(value_type = Object)]
    parameters: Value,
}

impl From<NewChange> for SuggestedView {
    fn from(change: NewChange) -> Self {
        // Parameters are plain data: text, numbers, flags.
        let kind = serde_json::to_value(change.kind).unwrap_or_default();
        Self {
            change_type: change.kind.change_type(),
            name: change.name,
            effective_date: change.effective_date,
            end_date: change.end_date,
            source: change.source,
            parameters: kind.get("parameters").cloned().unwrap_or_default(),
        }
    }
}
