//! What is asked of a goal seek, checked against the household before anything is searched: whatever is wrong is said at once, by field,
//! and whatever a search then tries could be written down.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::kind::{Goal, GoalKind};
use super::lever;
use super::seek::{Grid, GridError, Prefer};
use crate::calendar::{Date, Month};
use crate::household::command::NewChange;
use crate::household::error::{Rule, Thing, Violation};
use crate::household::whatif::hypothetical;
use crate::household::{Household, HouseholdError};
use crate::ids::{ChangeId, GoalId, ScenarioId};
use crate::projection::Plan;
use crate::projection::changes::parameter::{Number, ParameterError, Parameters};
use crate::projection::changes::vary::told;
use crate::projection::changes::{ChangeKind, ChangeType, PlannedChange, ScenarioChange, Source};
use crate::tax::TaxTables;
use crate::text::Name;

/// The longest forecast.
const MOST_MONTHS: u16 = 600;

/// Which value of a number reaches a goal?
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The goal.
    pub goal_id: GoalId,
    /// Over which scenario.
    pub scenario_id: ScenarioId,
    /// What is changed.
    pub change: Asked,
    /// Which number of it; may be left out where it has one.
    pub parameter: Option<String>,
    /// From there.
    pub minimum: Option<Decimal>,
    /// To there.
    pub maximum: Option<Decimal>,
    /// How finely; as finely as the number can be told where left out.
    pub tolerance: Option<Decimal>,
    /// Which of the values that reach it.
    pub prefer: Option<Prefer>,
}

/// What is changed.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// Whatever usually helps: see [`lever`].
    Usual,
    /// Something new, laid over the scenario.
    New(Box<NewSought>),
    /// A change that the scenario has.
    OfScenario(ChangeId),
}

/// A change whose number is sought.
#[derive(Clone, Debug, PartialEq)]
pub struct NewSought {
    /// What it does.
    pub change_type: ChangeType,
    /// What it is called; after the goal where left out.
    pub name: Option<Name>,
    /// From when on; the first day of the plan where left out.
    pub effective_date: Option<Date>,
    /// To when.
    pub end_date: Option<Date>,
    /// What it is about.
    pub source: Option<Source>,
    /// Its parameters; the one that is sought may be missing, and is not looked at.
    pub parameters: Parameters,
}

/// A question that makes sense: what a search needs, and what has to be kept of it to write its result down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The goal.
    pub goal_id: GoalId,
    /// Over which scenario.
    pub scenario_id: ScenarioId,
    /// The change, its number at the minimum.
    pub change: ScenarioChange,
    /// The change of the scenario in whose place it is tried; none where it is laid over the scenario.
    pub in_place_of: Option<ChangeId>,
    /// Which number of it.
    pub parameter: String,
    /// From there.
    pub minimum: Decimal,
    /// To there.
    pub maximum: Decimal,
    /// So finely.
    pub step: Decimal,
    /// Which of the values that reach it.
    pub prefer: Option<Prefer>,
}

impl Order {
    /// What kind of number is sought.
    #[must_use]
    pub fn number(&self) -> Number {
        self.change.kind.number(&self.parameter).unwrap_or(Number::Money)
    }

    /// The values that are tried.
    ///
    /// # Errors
    /// [`GridError`]; none where the order was made by [`order`].
    pub fn grid(&self) -> Result<Grid, GridError> {
        Grid::new(self.minimum, self.maximum, self.step)
    }

    /// As which change it is tried: one of its own, or the one in whose place it stands.
    #[must_use]
    pub fn change_id(&self) -> ChangeId {
        self.in_place_of.unwrap_or_else(|| ChangeId(Uuid::new_v5(&self.goal_id.0, b"sought")))
    }
}

/// How long a plan is looked at for a goal: the scenario's own months, or to the goal's day where that comes later.
#[must_use]
pub fn months(home: &Household, goal: &Goal, own: u16, start: Month) -> u16 {
    let born = |member| home.members.get(&member).and_then(|member| member.date_of_birth);
    let day = match goal.kind {
        GoalKind::NetWorthTargetByDate { by, .. } | GoalKind::DebtFreeDate { by } => Some(Month::of(by)),
        GoalKind::RetirementAge { member_id, age } => {
            born(member_id).map(|birth| Month::of(birth).plus(i32::try_from(age).unwrap_or(i32::MAX).saturating_mul(12)))
        }
        GoalKind::EmergencyFundMonths { .. }
        | GoalKind::MinDscr { .. }
        | GoalKind::MinSavingsRate { .. }
        | GoalKind::NetWorthTarget { .. }
        | GoalKind::Custom { .. } => None,
    };
    let needed = day.map_or(0, |month| month.since(start).saturating_add(1));
    own.max(u16::try_from(needed.max(0)).unwrap_or(MOST_MONTHS)).min(MOST_MONTHS)
}

/// The goal of a question.
///
/// # Errors
/// It is not there.
pub fn goal(home: &Household, id: GoalId) -> Result<&Goal, HouseholdError> {
    home.goals.get(&id).ok_or(HouseholdError::NotFound { thing: Thing::Goal, id: id.0 })
}

/// Checks a question about a household. `plan` is that of the scenario; `today` as the household has it.
///
/// # Errors
/// Goal or scenario are not there, or what is wrong with the question, all of it, by field.
pub fn order(home: &Household, plan: &Plan, tables: &TaxTables, question: Question, today: Date) -> Result<Order, HouseholdError> {
    let goal = goal(home, question.goal_id)?;
    let mut problems = Problems(Vec::new());
    let lever = match &question.change {
        Asked::Usual => lever::usual(home, goal, plan, tables, today).or_else(|| {
            problems.add("change", Rule::Required("nothing is owed, so there is no usual way to this goal: say what to change"));
            None
        }),
        Asked::New(sought) => new_lever(goal, plan, sought, &question, &mut problems),
        Asked::OfScenario(id) => lever_of(home, *id, &question, &mut problems),
    };
    let Some(lever) = lever else {
        if question.change != Asked::Usual {
            problems.bounds_missing(question.minimum, question.maximum);
        }
        return Err(problems.into());
    };
    let (change, parameter) = (lever.change, lever.parameter);
    if question.parameter.as_deref().is_some_and(|told| told != parameter) {
        problems.add("parameter", Rule::Parameter(ParameterError::UnknownWord { words: vec![parameter] }));
    }
    let (minimum, maximum) = (question.minimum.or(lever.minimum), question.maximum.or(lever.maximum));
    let change = problems.bounded(&change, parameter, minimum, maximum);
    let (Some(change), Some(minimum), Some(maximum)) = (change, minimum, maximum) else { return Err(problems.into()) };
    let step = problems.step(change.kind.number(parameter).unwrap_or(Number::Money), question.tolerance);
    if let Err(error) = Grid::new(minimum, maximum, step) {
        problems.add("maximum", Rule::Bounds(error));
    }
    let in_place_of = if let Asked::OfScenario(id) = question.change { Some(id) } else { None };
    let (goal_id, scenario_id, prefer) = (question.goal_id, question.scenario_id, question.prefer);
    let parameter = parameter.to_owned();
    let order = Order { goal_id, scenario_id, change, in_place_of, parameter, minimum, maximum, step, prefer };
    if in_place_of.is_none()
        && let Err(error) = tried(home, &order, today)
    {
        let HouseholdError::Invalid(violations) = error else { return Err(error) };
        problems.0.extend(violations);
    }
    problems.finish()?;
    Ok(order)
}

/// The change of an order as it would be written down, its number at the minimum; for one in place of another, that one.
///
/// # Errors
/// The household has moved on and refuses it, by fields of the question.
pub fn tried(home: &Household, order: &Order, today: Date) -> Result<PlannedChange, HouseholdError> {
    if let Some(id) = order.in_place_of {
        let is_there = home.scenario_changes.get(&order.scenario_id).is_some_and(|changes| changes.contains_key(&id));
        let gone = HouseholdError::NotFound { thing: Thing::ScenarioChange, id: id.0 };
        return if is_there { Ok(PlannedChange { id, change: order.change.clone() }) } else { Err(gone) };
    }
    let new = new_change(order.change.clone(), None);
    let planned = hypothetical(home, order.scenario_id, vec![(order.change_id(), new)], today).map_err(of_the_question)?;
    let none = HouseholdError::NotFound { thing: Thing::Scenario, id: order.scenario_id.0 };
    planned.into_iter().next().ok_or(none)
}

/// A change as it is told.
pub(super) fn new_change(change: ScenarioChange, order: Option<u32>) -> NewChange {
    let ScenarioChange { name, effective_date, end_date, enabled, order: _, notes, source, kind } = change;
    NewChange { name, effective_date, end_date, enabled, order, notes, source, kind }
}

/// `changes[0].source.id` is the question's `change.source.id`.
fn of_the_question(error: HouseholdError) -> HouseholdError {
    let HouseholdError::Invalid(violations) = error else { return error };
    let renamed =
        violations.into_iter().map(|Violation { field, rule }| Violation { field: field.replacen("changes[0]", "change", 1), rule });
    HouseholdError::Invalid(renamed.collect())
}

/// A change, which number of it is sought, and within which bounds it makes sense where nobody says so.
pub(super) struct Lever {
    pub change: ScenarioChange,
    pub parameter: &'static str,
    pub minimum: Option<Decimal>,
    pub maximum: Option<Decimal>,
}

fn new_lever(goal: &Goal, plan: &Plan, sought: &NewSought, question: &Question, problems: &mut Problems) -> Option<Lever> {
    let parameter = problems.parameter(sought.change_type, question.parameter.as_deref())?;
    let kind = problems.kind(sought, parameter, question.minimum.or(question.maximum))?;
    let change = ScenarioChange {
        name: sought.name.clone().or_else(|| named_after(goal))?,
        effective_date: sought.effective_date.unwrap_or_else(|| plan.start.first_day()),
        end_date: sought.end_date,
        enabled: true,
        order: 0,
        notes: None,
        source: sought.source,
        kind,
    };
    Some(Lever { change, parameter, minimum: None, maximum: None })
}

fn lever_of(home: &Household, id: ChangeId, question: &Question, problems: &mut Problems) -> Option<Lever> {
    let change = home.scenario_changes.get(&question.scenario_id).and_then(|changes| changes.get(&id));
    let Some(change) = change else {
        problems.add("change.change_id", Rule::NotAllowedHere("it is not a change of the scenario itself"));
        return None;
    };
    if !change.enabled {
        problems.add("change.change_id", Rule::NotAllowedHere("this change is disabled: enable it first"));
    }
    let parameter = problems.parameter(change.kind.change_type(), question.parameter.as_deref())?;
    Some(Lever { change: change.clone(), parameter, minimum: None, maximum: None })
}

/// `Reach House money`.
pub(super) fn named_after(goal: &Goal) -> Option<Name> {
    let text: String = format!("Reach {}", goal.name).chars().take(200).collect();
    Name::parse(&text).ok()
}

/// What is wrong with a question, by its fields.
struct Problems(Vec<Violation>);

impl From<Problems> for HouseholdError {
    fn from(problems: Problems) -> Self {
        Self::Invalid(problems.0)
    }
}

impl Problems {
    fn add(&mut self, field: impl Into<String>, rule: Rule) {
        self.0.push(Violation { field: field.into(), rule });
    }

    fn finish(self) -> Result<(), HouseholdError> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into()) }
    }

    /// Which number is meant.
    fn parameter(&mut self, change_type: ChangeType, told: Option<&str>) -> Option<&'static str> {
        let numbers: Vec<&'static str> = change_type.numbers().map(|spec| spec.name).collect();
        let meant = match (told, numbers.as_slice()) {
            (_, []) => {
                self.add("change.change_type", Rule::NotAllowedHere("this change has no number to search over"));
                return None;
            }
            (None, [only]) => Some(*only),
            (None, _) => None,
            (Some(told), _) => numbers.iter().find(|name| **name == told).copied(),
        };
        if meant.is_none() {
            self.add("parameter", Rule::Parameter(ParameterError::UnknownWord { words: numbers }));
        }
        meant
    }

    /// The change with a number that it takes; else what is wrong with its other parameters. Whether the bounds are taken is judged of
    /// each, under its own name.
    fn kind(&mut self, sought: &NewSought, parameter: &'static str, bound: Option<Decimal>) -> Option<ChangeKind> {
        let (mut parameters, mut problems) = (sought.parameters.clone(), Vec::new());
        for number in bound.into_iter().chain([Decimal::ONE, Decimal::ZERO]) {
            parameters.insert(parameter.to_owned(), told(number));
            match sought.change_type.read(&parameters) {
                Ok(kind) => return Some(kind),
                Err(found) => problems = found,
            }
        }
        let others = problems.into_iter().filter(|(field, _)| field != parameter);
        others.for_each(|(field, problem)| self.add(format!("change.parameters.{field}"), Rule::Parameter(problem)));
        None
    }

    fn bounds_missing(&mut self, minimum: Option<Decimal>, maximum: Option<Decimal>) {
        for (field, bound) in [("minimum", minimum), ("maximum", maximum)] {
            if bound.is_none() {
                self.add(field, Rule::Required("the bounds between which to search"));
            }
        }
    }

    /// The change at the minimum, where it can be told with both bounds.
    fn bounded(
        &mut self,
        change: &ScenarioChange,
        parameter: &'static str,
        minimum: Option<Decimal>,
        maximum: Option<Decimal>,
    ) -> Option<ScenarioChange> {
        self.bounds_missing(minimum, maximum);
        let mut read = |field: &'static str, bound: Option<Decimal>| match change.kind.with(parameter, bound?) {
            Ok(kind) => Some(kind),
            Err(problems) => {
                let named = |of: String| if of == parameter { field.to_owned() } else { format!("change.parameters.{of}") };
                problems.into_iter().for_each(|(of, problem)| self.add(named(of), Rule::Parameter(problem)));
                None
            }
        };
        let (kind, _) = (read("minimum", minimum), read("maximum", maximum));
        Some(ScenarioChange { kind: kind?, ..change.clone() })
    }

    /// How finely is searched: as asked, where the number can be told so finely.
    fn step(&mut self, number: Number, tolerance: Option<Decimal>) -> Decimal {
        let finest = number.step();
        let Some(tolerance) = tolerance else { return finest };
        let fits = number == Number::Fraction || tolerance.checked_rem(finest).is_some_and(|rest| rest.is_zero());
        if tolerance <= Decimal::ZERO {
            self.add("tolerance", Rule::NotPositive);
        } else if !fits {
            self.add("tolerance", Rule::NotAllowedHere("the number can only be told in whole cents, or months"));
        } else {
            return tolerance;
        }
        finest
    }
}
