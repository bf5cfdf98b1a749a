//! Templates applied: what a template suggests becomes changes of a scenario, decided on the very state that it is written to.
//!
//! Answers are checked here and not at the edge, because what may be chosen, and every default, is the household's of that moment.

use uuid::Uuid;

use super::changes;
use super::command::{Application, NewChange, Target};
use super::decide::Draft;
use super::error::{HouseholdError, Rule, Violation};
use super::scenarios::{self, in_use, own};
use super::state::Household;
use crate::calendar::{Date, Month};
use crate::ids::{ChangeId, ScenarioId};
use crate::tax::TaxTables;
use crate::templates::Figures;

pub(super) fn apply(
    draft: &mut Draft,
    application: &Application,
    target: Target,
    seed: Uuid,
    tables: &TaxTables,
) -> Result<(), HouseholdError> {
    let mut violations = Vec::new();
    let scenario_id = match target {
        Target::New { id, scenario } => {
            if let Err(refusal) = scenarios::create(draft, id, scenario, tables) {
                violations.extend(inside("new_scenario", refusal)?);
            }
            id
        }
        Target::Existing(id) => {
            in_use(own(draft, id)?)?;
            id
        }
    };
    match suggested(&draft.household, scenario_id, application, draft.today, tables) {
        Ok(suggested) if violations.is_empty() => changes::add_all(draft, scenario_id, with_ids(suggested, seed)),
        Ok(_) => Err(HouseholdError::Invalid(violations)),
        Err(HouseholdError::Invalid(more)) => Err(HouseholdError::Invalid(violations.into_iter().chain(more).collect())),
        Err(other) => Err(other),
    }
}

/// What a template comes to in a scenario.
///
/// # Errors
/// What is missing or wrong: `answers.<key>`, `effective_date`, or `template_id` where the template does not fit.
pub fn suggested(
    home: &Household,
    scenario: ScenarioId,
    application: &Application,
    today: Date,
    tables: &TaxTables,
) -> Result<Vec<NewChange>, HouseholdError> {
    let Application { template, answers, effective_date } = application;
    let (first, last) = horizon(home, scenario, today);
    let when = effective_date.unwrap_or_else(|| usual_day(home, scenario, today));
    let figures = Figures::of(home, today, tables);
    let filled = template.fill(&figures, when, answers).complete();
    let outside = || Violation { field: "effective_date".to_owned(), rule: Rule::OutsideHorizon { first, last } };
    match filled {
        Ok(suggested) if (first..=last).contains(&when) => {
            Ok(suggested.into_iter().filter_map(|suggested| suggested.within(last)).collect())
        }
        Ok(_) => Err(HouseholdError::Invalid(vec![outside()])),
        Err(HouseholdError::Invalid(mut violations)) => {
            violations.extend((!(first..=last).contains(&when)).then(outside));
            Err(HouseholdError::Invalid(violations))
        }
        Err(other) => Err(other),
    }
}

/// From which day on a template holds where nobody says so: the first of next month, or of the plan's first month where that begins later
/// or is its only one.
#[must_use]
pub fn usual_day(home: &Household, scenario: ScenarioId, today: Date) -> Date {
    let (first, last) = horizon(home, scenario, today);
    let next = Month::of(today).plus(1).first_day();
    if (first..=last).contains(&next) { next } else { first }
}

/// The first and the last day of a plan; of one that is not there, as many as the baseline has.
#[must_use]
pub fn horizon(home: &Household, scenario: ScenarioId, today: Date) -> (Date, Date) {
    let first = home.first_month(scenario, today);
    let plan = home.scenarios.get(&scenario).or_else(|| home.baseline().map(|(_, baseline)| baseline));
    let months = plan.map_or(1, |plan| plan.projection_months);
    (first.first_day(), first.plus(i32::from(months).saturating_sub(1)).last_day())
}

/// The ids of the changes follow from the seed and their places.
pub(super) fn with_ids(suggested: Vec<NewChange>, seed: Uuid) -> Vec<(ChangeId, NewChange)> {
    let id = |place: u16| ChangeId(Uuid::new_v5(&seed, &place.to_be_bytes()));
    (0_u16..).map(id).zip(suggested).collect()
}

/// What is wrong with a part of the request, under the part's name; any other refusal is one of the whole.
fn inside(part: &str, refusal: HouseholdError) -> Result<Vec<Violation>, HouseholdError> {
    let HouseholdError::Invalid(violations) = refusal else { return Err(refusal) };
    Ok(violations.into_iter().map(|Violation { field, rule }| Violation { field: format!("{part}.{field}"), rule }).collect())
}
