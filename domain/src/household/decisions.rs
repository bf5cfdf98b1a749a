//! Decisions: drafted, answered step by step, made. A draft is checked as far as it is answered, and kept as what happened; making it is
//! one batch, the scenario and its changes with it.

use super::command::{Application, AssumptionsPatch, DecisionPatch, NewDecision, NewScenario, Target};
use super::decide::Draft;
use super::error::{Conflict, HouseholdError, Rule, Thing, Violation};
use super::event::Event;
use super::life_events::{self, horizon, usual_day};
use super::state::Household;
use crate::ids::{DecisionId, ScenarioId};
use crate::projection::changes::parameter::Told;
use crate::tax::TaxTables;
use crate::templates::{Answers, Decision, Figures, Filled, Made, answer, told};
use crate::text::Name;
use uuid::Uuid;

const MOST_DECISIONS: usize = 100;

pub(super) fn draft(draft: &mut Draft, id: DecisionId, new: NewDecision, tables: &TaxTables) -> Result<(), HouseholdError> {
    let NewDecision { template_id, name, answers, effective_date, base_scenario_id } = new;
    let decision = Decision { template_id, name, answers: Default::default(), effective_date, base_scenario_id, made: None };
    let decision = checked(draft, decision, &answers, tables)?;
    if draft.household.decisions.len() >= MOST_DECISIONS {
        return Err(Conflict::Full { things: "decisions", most: MOST_DECISIONS }.into());
    }
    draft.record(Event::DecisionDrafted { id, decision });
    Ok(())
}

/// Answers are laid over those that are there. Null takes one back, or leaves a question open that may be.
pub(super) fn change(draft: &mut Draft, id: DecisionId, patch: DecisionPatch, tables: &TaxTables) -> Result<(), HouseholdError> {
    let was = open(draft, id)?;
    let decision = Decision {
        name: patch.name.unwrap_or_else(|| was.name.clone()),
        effective_date: patch.effective_date.unwrap_or(was.effective_date),
        base_scenario_id: patch.base_scenario_id.unwrap_or(was.base_scenario_id),
        ..was.clone()
    };
    let mut answers = told(&was.answers);
    answers.extend(patch.answers.unwrap_or_default());
    let decision = checked(draft, decision, &answers, tables)?;
    if decision != was {
        draft.record(Event::DecisionChanged { id, decision, was });
    }
    Ok(())
}

pub(super) fn remove(draft: &mut Draft, id: DecisionId) -> Result<(), HouseholdError> {
    let was = find(draft, id)?;
    draft.record(Event::DecisionRemoved { id, was });
    Ok(())
}

/// The decision becomes a scenario, which inherits from the one that it changes.
pub(super) fn complete(
    draft: &mut Draft,
    id: DecisionId,
    scenario_id: ScenarioId,
    seed: Uuid,
    tables: &TaxTables,
) -> Result<(), HouseholdError> {
    let decision = open(draft, id)?;
    let base = known_base(&draft.household, &decision).map_err(|violation| HouseholdError::Invalid(vec![violation]))?;
    let parent = draft.household.scenarios.get(&base).filter(|scenario| !scenario.is_baseline);
    let scenario = NewScenario {
        name: Name::parse(decision.title()).map_err(|_| HouseholdError::NoSuchHousehold)?,
        description: None,
        parent_id: parent.map(|_| base),
        start_date: parent.and_then(|parent| parent.start_date),
        projection_months: None,
        assumptions: AssumptionsPatch::default(),
    };
    let application = Application {
        template: decision.template_id.template(),
        answers: told(&decision.answers),
        effective_date: decision.effective_date,
    };
    life_events::apply(draft, &application, Target::New { id: scenario_id, scenario }, seed, tables)?;
    let completed_on = draft.today;
    draft.record(Event::DecisionCompleted { id, made: Made { scenario_id, completed_on } });
    Ok(())
}

/// A decision's form, as far as it has been answered.
#[must_use]
pub fn filled(home: &Household, decision: &Decision, today: crate::calendar::Date, tables: &TaxTables) -> Filled {
    fill(home, decision, &told(&decision.answers), today, tables)
}

fn fill(home: &Household, decision: &Decision, answers: &Answers, today: crate::calendar::Date, tables: &TaxTables) -> Filled {
    let when = decision.effective_date.unwrap_or_else(|| usual_day(home, base_of(home, decision), today));
    decision.template_id.template().fill(&Figures::of(home, today, tables), when, answers)
}

/// The scenario that a decision changes.
#[must_use]
pub fn base_of(home: &Household, decision: &Decision) -> ScenarioId {
    let baseline = || home.baseline().map_or(ScenarioId(Uuid::nil()), |(id, _)| id);
    decision.base_scenario_id.unwrap_or_else(baseline)
}

fn known_base(home: &Household, decision: &Decision) -> Result<ScenarioId, Violation> {
    let base = base_of(home, decision);
    let unknown = || Violation { field: "base_scenario_id".to_owned(), rule: Rule::UnknownScenario };
    home.scenarios.contains_key(&base).then_some(base).ok_or_else(unknown)
}

/// The decision with these answers, where all that was told is good; what has not been told yet may be missing.
fn checked(draft: &Draft, decision: Decision, answers: &Answers, tables: &TaxTables) -> Result<Decision, HouseholdError> {
    let home = &draft.household;
    let mut violations: Vec<Violation> = known_base(home, &decision).err().into_iter().collect();
    let (first, last) = horizon(home, base_of(home, &decision), draft.today);
    if decision.effective_date.is_some_and(|day| day < first || day > last) {
        violations.push(Violation { field: "effective_date".to_owned(), rule: Rule::OutsideHorizon { first, last } });
    }
    let questions = fill(home, &decision, &Answers::new(), draft.today, tables).questions;
    let needed = |key: &str| questions.iter().any(|question| question.key == key && question.required);
    let mut answers = answers.clone();
    answers.retain(|key, told| *told != Told::Null || !needed(key));
    let Filled { unfit, given, problems, .. } = fill(home, &decision, &answers, draft.today, tables);
    violations.extend(unfit.map(|reason| Violation { field: "template_id".to_owned(), rule: Rule::NotAllowedHere(reason) }));
    violations.extend(problems.into_iter().map(|(key, rule)| answer(&key, rule)));
    if violations.is_empty() { Ok(Decision { answers: given, ..decision }) } else { Err(HouseholdError::Invalid(violations)) }
}

fn find(draft: &Draft, id: DecisionId) -> Result<Decision, HouseholdError> {
    draft.household.decisions.get(&id).cloned().ok_or(HouseholdError::NotFound { thing: Thing::Decision, id: id.0 })
}

/// One that has not been made yet.
fn open(draft: &Draft, id: DecisionId) -> Result<Decision, HouseholdError> {
    let decision = find(draft, id)?;
    if decision.made.is_some() { Err(Conflict::Decided.into()) } else { Ok(decision) }
}
