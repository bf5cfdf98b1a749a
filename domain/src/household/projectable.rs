//! What is written down can be projected.
//!
//! A rate that is possible for ten years may outgrow the ledger in fifty, and only the projection itself knows. So whatever a command
//! makes of scenarios is projected once before it is recorded, and refused with the field at fault and the month: never a failure
//! later, inside a projection. It costs one projection of each scenario whose figures the command changes, those that inherit included.
//!
//! Refused is what a command breaks. A scenario that could not be projected before, because of what the household itself has come to,
//! stays open to changes. Deliberately absent: the facts of the household, which are what they are; and horizons beyond a scenario's
//! own, which a reader may ask for.

use std::collections::BTreeSet;

use super::command::Intent;
use super::decide::Draft;
use super::error::{HouseholdError, Rule, Violation};
use super::event::Event;
use super::facts::Scenario;
use super::plan::plan;
use super::state::Household;
use crate::calendar::Date;
use crate::ids::ScenarioId;
use crate::projection::changes::ScenarioChange;
use crate::projection::{Plan, ProjectionError, project};
use crate::tax::TaxTables;

/// What a command calls what it says.
#[derive(Clone, Copy)]
pub(super) enum Told {
    /// A change: by its own fields.
    Change,
    /// Several: `changes[0]` and so on. Settings of a scenario by their own fields.
    Changes,
    /// All of it together.
    Under(&'static str),
    /// The answers to a template's questions, and the settings of the scenario that is made for them.
    Template,
}

impl Told {
    /// By a command that changes what scenarios project.
    pub(super) fn by(intent: &Intent) -> Option<Self> {
        if matches!(intent, Intent::AddScenarioChange { .. } | Intent::ChangeScenarioChange { .. }) {
            return Some(Self::Change);
        }
        if matches!(intent, Intent::ApplyTemplate { .. }) {
            return Some(Self::Template);
        }
        if matches!(intent, Intent::MergeScenario { .. }) {
            return Some(Self::Under("source_scenario_id"));
        }
        let says_several = matches!(
            intent,
            Intent::CreateScenario { .. }
                | Intent::ChangeScenario { .. }
                | Intent::CreateScenarioWith { .. }
                | Intent::AddScenarioChanges { .. }
                | Intent::ReorderScenarioChanges { .. }
        );
        says_several.then_some(Self::Changes)
    }
}

/// Refuses what makes a scenario one that cannot be projected.
pub(super) fn check(before: &Household, draft: &Draft, told: Told, tables: &TaxTables) -> Result<(), HouseholdError> {
    let law = Law { today: draft.today, tables };
    let home = &draft.household;
    let written: BTreeSet<ScenarioId> = draft.events.iter().filter_map(scenario_of).collect();
    let is_concerned = |id: ScenarioId| home.ancestors(id).any(|(ancestor, _)| written.contains(&ancestor));
    for (id, scenario) in home.scenarios.iter().filter(|(id, scenario)| is_concerned(**id) && is_another_plan(home, **id, scenario)) {
        let Some((month, why)) = law.failure(home, *id) else { continue };
        if law.failure(before, like(before, *id, scenario)).is_some() {
            continue;
        }
        let elsewhere = (!written.contains(id)).then(|| scenario.name.clone());
        let rule = || Rule::NotProjectable { month, scenario: elsewhere.clone(), why: why.clone() };
        let fields = law.at_fault(before, draft, *id, told);
        return Err(HouseholdError::Invalid(fields.into_iter().map(|field| Violation { field, rule: rule() }).collect()));
    }
    Ok(())
}

/// The scenario whose figures an event changes.
const fn scenario_of(event: &Event) -> Option<ScenarioId> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "of most events no scenario is written")]
    match event {
        Event::ScenarioCreated { id, .. } | Event::ScenarioChanged { id, .. } => Some(*id),
        Event::ScenarioChangeAdded { scenario_id, .. }
        | Event::ScenarioChangeChanged { scenario_id, .. }
        | Event::ScenarioChangesReordered { scenario_id, .. } => Some(*scenario_id),
        _ => None,
    }
}

/// Whether its figures are not simply those of the baseline.
fn is_another_plan(home: &Household, id: ScenarioId, scenario: &Scenario) -> bool {
    let does_something = || home.ancestors(id).any(|(id, _)| home.scenario_changes.get(&id).is_some_and(|changes| !changes.is_empty()));
    let assumes = |baseline: &Scenario| {
        baseline.assumptions != scenario.assumptions
            || baseline.projection_months < scenario.projection_months
            || baseline.start_date != scenario.start_date
    };
    scenario.is_baseline || does_something() || home.baseline().is_none_or(|(_, baseline)| assumes(baseline))
}

/// What was there of a scenario before: itself, else its parent or the baseline.
fn like(before: &Household, id: ScenarioId, scenario: &Scenario) -> ScenarioId {
    let parent = || scenario.parent_id.filter(|parent| before.scenarios.contains_key(parent));
    if before.scenarios.contains_key(&id) { id } else { parent().or(before.baseline().map(|(id, _)| id)).unwrap_or(id) }
}

/// By what is projected.
#[derive(Clone, Copy)]
struct Law<'t> {
    today: Date,
    tables: &'t TaxTables,
}

impl Law<'_> {
    /// In which month a scenario's projection ends with an error, and why. Of a pinned baseline, the household as it stands.
    fn failure(self, home: &Household, id: ScenarioId) -> Option<(u16, ProjectionError)> {
        let start = home.first_month(id, self.today);
        let plan = plan(home, id, start, None, self.tables.in_force(start.year()).ok()?)?;
        let why = project(&plan, self.tables).err()?;
        Some((self.month_of(&plan, &why), why))
    }

    /// The first month that cannot be projected.
    fn month_of(self, plan: &Plan, why: &ProjectionError) -> u16 {
        if let ProjectionError::OutOfRange { month_number } = why {
            return *month_number;
        }
        let (mut possible, mut failing) = (0_u16, plan.months);
        while failing > possible.saturating_add(1) {
            let months = possible.midpoint(failing);
            let shorter = Plan { months, ..plan.clone() };
            if project(&shorter, self.tables).is_ok() { possible = months } else { failing = months }
        }
        failing
    }

    /// The fields of the first event behind which the scenario cannot be projected.
    fn at_fault(self, before: &Household, draft: &Draft, id: ScenarioId, told: Told) -> Vec<String> {
        let mut home = before.clone();
        let mut place = 0_usize;
        for event in &draft.events {
            home.fold(event.clone());
            if self.failure(&home, id).is_some() {
                return self.fields(before, &home, id, event, (told, place));
            }
            place = place.saturating_add(usize::from(matches!(event, Event::ScenarioChangeAdded { .. })));
        }
        // Not reached: behind the last event it cannot be projected.
        vec!["projection_months".to_owned()]
    }

    fn fields(self, before: &Household, home: &Household, id: ScenarioId, event: &Event, (told, place): (Told, usize)) -> Vec<String> {
        #[expect(clippy::wildcard_enum_match_arm, reason = "nothing else changes what a scenario projects")]
        let of_change = match event {
            Event::ScenarioCreated { id: written, scenario } => {
                let was = before.scenarios.get(&like(before, *written, scenario));
                let mut fields = was.map_or_else(Vec::new, |was| self.settings(home, (id, *written), scenario, was));
                if matches!(told, Told::Template) {
                    fields.iter_mut().for_each(|field| field.insert_str(0, "new_scenario."));
                }
                return fields;
            }
            Event::ScenarioChanged { id: written, scenario, was } => return self.settings(home, (id, *written), scenario, was),
            Event::ScenarioChangesReordered { .. } => "change_ids",
            Event::ScenarioChangeChanged { change, was, .. } => field_that_differs(change, was),
            _ => "parameters",
        };
        vec![match told {
            Told::Under(name) => name.to_owned(),
            Told::Template => "answers".to_owned(),
            Told::Changes if matches!(event, Event::ScenarioChangeAdded { .. }) => format!("changes[{place}].{of_change}"),
            Told::Changes | Told::Change => of_change.to_owned(),
        }]
    }

    /// The settings of a scenario of which each alone, were it as before, would mend it; all that differ where none does.
    fn settings(self, home: &Household, (id, written): (ScenarioId, ScenarioId), now: &Scenario, was: &Scenario) -> Vec<String> {
        let as_before = |set_back: &SetBack| {
            let mut scenario = now.clone();
            set_back(&mut scenario, was);
            scenario
        };
        let differing: Vec<&(&str, SetBack)> = SETTINGS.iter().filter(|(_, set_back)| as_before(set_back) != *now).collect();
        let mends = |set_back: &SetBack| {
            let mut home = home.clone();
            home.fold(Event::ScenarioChanged { id: written, scenario: as_before(set_back), was: now.clone() });
            self.failure(&home, id).is_none()
        };
        let name = |(name, _): &&(&'static str, SetBack)| (*name).to_owned();
        let mut mending = differing.iter().filter(|(_, set_back)| mends(set_back)).map(name).peekable();
        if mending.peek().is_some() { mending.collect() } else { differing.iter().map(name).collect() }
    }
}

type SetBack = fn(&mut Scenario, &Scenario);

/// What of a scenario its figures depend on, by the names of the fields.
const SETTINGS: [(&str, SetBack); 10] = [
    ("inflation_rate", |now, was| now.assumptions.inflation_rate = was.assumptions.inflation_rate),
    ("investment_return_rate", |now, was| now.assumptions.investment_return_rate = was.assumptions.investment_return_rate),
    ("salary_growth_rate", |now, was| now.assumptions.salary_growth_rate = was.assumptions.salary_growth_rate),
    ("cash_yield_rate", |now, was| now.assumptions.cash_yield_rate = was.assumptions.cash_yield_rate),
    ("property_appreciation_rate", |now, was| now.assumptions.property_appreciation_rate = was.assumptions.property_appreciation_rate),
    ("settle_taxes", |now, was| now.assumptions.settle_taxes = was.assumptions.settle_taxes),
    ("index_thresholds", |now, was| now.assumptions.index_thresholds = was.assumptions.index_thresholds),
    ("projection_months", |now, was| now.projection_months = was.projection_months),
    ("start_date", |now, was| now.start_date = was.start_date),
    ("parent_id", |now, was| now.parent_id = was.parent_id),
];

/// The field of a change that somebody told anew.
fn field_that_differs(now: &ScenarioChange, was: &ScenarioChange) -> &'static str {
    let others = [
        ("source", now.source != was.source),
        ("enabled", now.enabled != was.enabled),
        ("effective_date", now.effective_date != was.effective_date),
        ("end_date", now.end_date != was.end_date),
        ("order", now.order != was.order),
    ];
    let told = now.kind != was.kind;
    if told { "parameters" } else { others.into_iter().find(|(_, differs)| *differs).map_or("parameters", |(field, _)| field) }
}
