//! Plans: made, changed, put away, copied, removed. The baseline is there from the opening on, has no parent and no changes, and stays.
//!
//! What a plan does differently is next door, in `changes`.

use rust_decimal::Decimal;
use uuid::Uuid;

use super::changes::{dependants, own_changes};
use super::command::{AssumptionsPatch, NewScenario, ScenarioPatch};
use super::decide::Draft;
use super::error::{Checks, Conflict, HouseholdError, Rule, Thing};
use super::event::Event;
use super::facts::{Assumptions, Scenario};
use super::state::Household;
use crate::calendar::{Date, Month};
use crate::ids::{ChangeId, ScenarioId};
use crate::projection::changes::inherit::copies;
use crate::tax::TaxTables;
use crate::text::Name;

/// Each is projected anew whenever something happens.
const MOST_SCENARIOS: usize = 100;
/// How long a plan is where nobody says so.
const USUAL_MONTHS: u16 = 120;
/// A plan begins within 50 years.
const LATEST_START_YEARS: i32 = 50;

pub(super) fn create(draft: &mut Draft, id: ScenarioId, new: NewScenario, tables: &TaxTables) -> Result<(), HouseholdError> {
    let home = &draft.household;
    let like = new.parent_id.and_then(|parent| home.scenarios.get(&parent)).or_else(|| home.baseline().map(|(_, baseline)| baseline));
    let assumptions = like.map(|like| like.assumptions.clone()).unwrap_or_default();
    let scenario = Scenario {
        name: new.name,
        is_baseline: false,
        projection_months: new.projection_months.or(like.map(|like| like.projection_months)).unwrap_or(USUAL_MONTHS),
        assumptions: new.assumptions.over(&assumptions),
        description: new.description,
        parent_id: new.parent_id,
        start_date: new.start_date,
        archived: false,
        adopted_on: None,
    };
    let mut checks = Checks::default();
    check(&mut checks, draft, id, &scenario, tables);
    checks.finish()?;
    has_room(draft)?;
    draft.record(Event::ScenarioCreated { id, scenario });
    Ok(())
}

pub(super) fn change(
    draft: &mut Draft,
    id: ScenarioId,
    patch: ScenarioPatch,
    told: AssumptionsPatch,
    tables: &TaxTables,
) -> Result<(), HouseholdError> {
    let was = find(draft, id)?.clone();
    let scenario = Scenario { assumptions: told.over(&was.assumptions), ..patch.over(&was) };
    if was.is_baseline && (scenario.parent_id.is_some() || scenario.start_date.is_some()) {
        return Err(Conflict::Baseline.into());
    }
    let mut checks = Checks::default();
    check(&mut checks, draft, id, &scenario, tables);
    checks.finish()?;
    if scenario == was {
        return Ok(());
    }
    in_use(&was)?;
    let before = (scenario.parent_id != was.parent_id).then(|| draft.household.clone());
    draft.record(Event::ScenarioChanged { id, scenario, was });
    let mut checks = Checks::default();
    let lost = before.as_ref().and_then(|before| dependants::lost(before, &draft.household, id));
    checks.require(lost.is_none(), "parent_id", || {
        Rule::NotAllowedHere("a change of this scenario, or of one that inherits from it, is about what the present parent brings")
    });
    checks.finish()
}

pub(super) fn remove(draft: &mut Draft, id: ScenarioId) -> Result<(), HouseholdError> {
    let was = own(draft, id)?.clone();
    if let Some(child) = draft.household.scenarios.values().find(|other| other.parent_id == Some(id)) {
        return Err(Conflict::InUse { by: format!("the scenario {}, which inherits from it", child.name) }.into());
    }
    draft.record(Event::ScenarioRemoved { id, was });
    Ok(())
}

pub(super) fn archive(draft: &mut Draft, id: ScenarioId) -> Result<(), HouseholdError> {
    if !own(draft, id)?.archived {
        draft.record(Event::ScenarioArchived { id });
    }
    Ok(())
}

pub(super) fn unarchive(draft: &mut Draft, id: ScenarioId) -> Result<(), HouseholdError> {
    if own(draft, id)?.archived {
        draft.record(Event::ScenarioUnarchived { id });
    }
    Ok(())
}

/// A copy has the same parent, horizon, assumptions and changes; of the baseline, a plan that does nothing differently yet.
pub(super) fn duplicate(draft: &mut Draft, id: ScenarioId, of: ScenarioId, name: Option<Name>) -> Result<(), HouseholdError> {
    let original = find(draft, of)?.clone();
    has_room(draft)?;
    let name = name.map_or_else(|| copy_of(&original.name), Ok)?;
    draft.record(Event::ScenarioCreated {
        id,
        scenario: Scenario { name, is_baseline: false, archived: false, adopted_on: None, ..original },
    });
    for copy in copies(&own_changes(&draft.household, of), |change_id| copied(id.0, change_id)) {
        draft.record(Event::ScenarioChangeAdded { scenario_id: id, id: copy.id, change: copy.change });
    }
    Ok(())
}

/// The id of a copy of a change: it follows from the copy's owner and the original.
pub(super) fn copied(seed: Uuid, change: ChangeId) -> ChangeId {
    ChangeId(Uuid::new_v5(&seed, change.0.as_bytes()))
}

fn copy_of(name: &Name) -> Result<Name, HouseholdError> {
    let text: String = format!("Copy of {name}").chars().take(200).collect();
    Name::parse(&text).map_err(|_| HouseholdError::NoSuchHousehold)
}

fn has_room(draft: &Draft) -> Result<(), HouseholdError> {
    let full = draft.household.scenarios.len() >= MOST_SCENARIOS;
    if full { Err(Conflict::Full { things: "scenarios", most: MOST_SCENARIOS }.into()) } else { Ok(()) }
}

pub(super) fn find(draft: &Draft, id: ScenarioId) -> Result<&Scenario, HouseholdError> {
    draft.household.scenarios.get(&id).ok_or(HouseholdError::NotFound { thing: Thing::Scenario, id: id.0 })
}

/// A scenario that somebody made.
pub(super) fn own(draft: &Draft, id: ScenarioId) -> Result<&Scenario, HouseholdError> {
    let scenario = find(draft, id)?;
    if scenario.is_baseline { Err(Conflict::Baseline.into()) } else { Ok(scenario) }
}

/// One that has not been put away.
pub(super) fn in_use(scenario: &Scenario) -> Result<(), HouseholdError> {
    if scenario.archived { Err(Conflict::Archived.into()) } else { Ok(()) }
}

fn check(checks: &mut Checks, draft: &Draft, id: ScenarioId, scenario: &Scenario, tables: &TaxTables) {
    check_assumptions(checks, &scenario.assumptions);
    checks.require((1..=600).contains(&scenario.projection_months), "projection_months", || Rule::OutOfRange {
        min: "1".into(),
        max: "600".into(),
    });
    if let Some(parent) = scenario.parent_id {
        checks.require(draft.household.scenarios.contains_key(&parent), "parent_id", || Rule::UnknownScenario);
        let own_ancestor = parent == id || draft.household.ancestors(parent).any(|(ancestor, _)| ancestor == id);
        checks.require(!own_ancestor, "parent_id", || Rule::NotAllowedHere("a scenario cannot inherit from itself, through others either"));
    }
    if let Some(start) = scenario.start_date {
        let latest = Month::of(draft.today).plus(LATEST_START_YEARS.saturating_mul(12)).last_day();
        checks.require(start <= latest, "start_date", || Rule::OutOfRange {
            min: "the first year of tax law".into(),
            max: latest.to_string(),
        });
        if let Err(error) = tables.in_force(Month::of(start).year()) {
            checks.require(false, "start_date", || Rule::Tax(error));
        }
    }
}

/// What the projection engine would refuse later is refused when it is said: see `Plan::check`.
fn check_assumptions(checks: &mut Checks, assumptions: &Assumptions) {
    let rates = [
        ("inflation_rate", Some(assumptions.inflation_rate)),
        ("investment_return_rate", Some(assumptions.investment_return_rate)),
        ("salary_growth_rate", Some(assumptions.salary_growth_rate)),
        ("cash_yield_rate", Some(assumptions.cash_yield_rate)),
        ("property_appreciation_rate", assumptions.property_appreciation_rate),
    ];
    for (field, rate) in rates {
        let leaves_something = rate.is_none_or(|rate| rate.fraction() > -Decimal::ONE && rate.fraction() <= Decimal::TEN);
        checks.require(leaves_something, field, || Rule::OutOfRange { min: "more than -1".into(), max: "10".into() });
    }
    let overdraft = assumptions.overdraft_rate.fraction();
    checks.require((Decimal::ZERO..=Decimal::TEN).contains(&overdraft), "overdraft_rate", || Rule::OutOfRange {
        min: "0".into(),
        max: "10".into(),
    });
}

impl Household {
    /// A scenario and those that it inherits from, itself first. Ends also where a chain were a circle.
    pub fn ancestors(&self, id: ScenarioId) -> impl Iterator<Item = (ScenarioId, &Scenario)> {
        let of = |id: ScenarioId| self.scenarios.get(&id).map(|scenario| (id, scenario));
        std::iter::successors(of(id), move |(_, scenario)| of(scenario.parent_id?)).take(MOST_SCENARIOS)
    }

    /// Month 1 of a scenario: that of its start date, else, of a pinned baseline, of its day, else the current one.
    #[must_use]
    pub fn first_month(&self, id: ScenarioId, today: Date) -> Month {
        let said = self.scenarios.get(&id).and_then(|scenario| scenario.start_date);
        Month::of(said.or(self.pin_of(id).map(|pin| pin.as_of_date)).unwrap_or(today))
    }
}
