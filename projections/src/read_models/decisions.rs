//! What a household thinks about, and what it has decided. What a decision comes to is computed when it is asked for.

use domain::calendar::Date;
use domain::household::Household;
use domain::ids::DecisionId;
use domain::templates::DecisionTemplate;
use domain::text::Name;
use serde_json::Value;
use uuid::Uuid;

use super::table::read_model;

read_model! {
    /// A decision.
    pub struct DecisionRunRow in "decision_runs" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What is decided.
        template_id: DecisionTemplate,
        /// What it is called.
        name: Option<Name>,
        /// `draft`, or `completed` once it has become a scenario.
        status: String,
        /// By the keys of the questions, as text; null where one was left open on purpose.
        answers: Value,
        /// From which day on; the first of next month, or the plan's first, where it is not said.
        effective_date: Option<Date>,
        /// The scenario that it changes; the baseline where it is not said.
        base_scenario_id: Option<Uuid>,
        /// The scenario in which it holds, once it has been made.
        scenario_id: Option<Uuid>,
        /// The day on which it was made.
        completed_on: Option<Date>,
    }
}

impl DecisionRunRow {
    /// The row of a decision.
    #[must_use]
    pub fn of(home: &Household, id: DecisionId) -> Option<Self> {
        let decision = home.decisions.get(&id)?;
        let answers = decision.answers.iter().map(|(key, answer)| (key.clone(), answer.clone().map_or(Value::Null, Value::String)));
        Some(Self {
            id: id.0,
            template_id: decision.template_id,
            name: decision.name.clone(),
            status: if decision.made.is_some() { "completed" } else { "draft" }.to_owned(),
            answers: Value::Object(answers.collect()),
            effective_date: decision.effective_date,
            base_scenario_id: decision.base_scenario_id.map(|id| id.0),
            scenario_id: decision.made.map(|made| made.scenario_id.0),
            completed_on: decision.made.map(|made| made.completed_on),
        })
    }
}
