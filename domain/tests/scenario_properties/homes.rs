//! Over households that came about by commands: what they accept as a change never fails in a projection, and scenarios keep their
//! promises.

use domain::calendar::Month;
use domain::household::command::{AssumptionsPatch, ChangePatch, NewChange, NewScenario};
use domain::household::{Actor, Command, Household, Intent, plan};
use domain::ids::{ChangeId, ScenarioId};
use domain::projection::changes::PlannedChange;
use domain::projection::{Plan, Projection, ProjectionError, project, project_observed};
use domain::tax::TaxError;
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::commands::commands;
use super::projection_support::awkward::cases;
use super::projection_support::{Journal, OVERDRAFT};
use super::support::{TODAY, date, id, name, noon, tables};
use super::wishes::{Wish, granted, wish};
use super::{CASES, check, figures};

/// A household with a scenario, and how many changes it accepted there.
#[derive(Clone, Debug)]
struct Wondering {
    home: Household,
    months: u16,
    accepted: usize,
}

impl Wondering {
    /// Says whether it was accepted, and how much happened.
    fn asks(&mut self, intent: Intent) -> Option<usize> {
        let command = Command { decided_at: noon(TODAY), actor: Actor::System, intent };
        let events = self.home.decide(command, tables()).ok()?;
        let happened = events.len();
        events.into_iter().for_each(|event| self.home.fold(event));
        Some(happened)
    }

    fn plan(&self, scenario: ScenarioId) -> Plan {
        let law = tables().in_force(2026).unwrap();
        let plan = plan(&self.home, scenario, Month::of(date(TODAY)), Some(self.months), law).unwrap();
        Plan { overdraft: OVERDRAFT, ..plan }
    }

    /// `None` where an amount outgrows what can be computed: the only thing that may go wrong.
    fn projects(&self, scenario: ScenarioId) -> Result<Option<Projection>, TestCaseError> {
        computed(project(&self.plan(scenario), tables()))
    }

    fn changes(&self) -> Vec<ChangeId> {
        self.home.scenario_changes.get(&scenario()).into_iter().flatten().map(|(id, _)| *id).collect()
    }
}

fn computed(result: Result<Projection, ProjectionError>) -> Result<Option<Projection>, TestCaseError> {
    match result {
        Ok(projection) => Ok(Some(projection)),
        Err(ProjectionError::OutOfRange { .. } | ProjectionError::Tax(TaxError::TooLarge { .. })) => Ok(None),
        Err(error) => Err(TestCaseError::fail(format!("what a household accepted is refused by the engine: {error}"))),
    }
}

fn scenario() -> ScenarioId {
    id("Plan")
}

fn new_scenario(called: &str, parent_id: Option<ScenarioId>) -> Intent {
    let assumptions = AssumptionsPatch::default();
    let new = NewScenario { name: name(called), description: None, parent_id, start_date: None, projection_months: None, assumptions };
    Intent::CreateScenario { id: id(called), scenario: new }
}

/// What is wished for, as it is told to the household; some of it is refused.
fn told(wondering: &Wondering, number: usize, wish: &Wish) -> Intent {
    let PlannedChange { id, change } = granted(&wondering.plan(scenario()), number, wish);
    let change = NewChange {
        name: change.name,
        effective_date: change.effective_date,
        end_date: change.end_date,
        enabled: change.enabled,
        order: None,
        notes: None,
        source: change.source,
        kind: change.kind,
    };
    Intent::AddScenarioChange { scenario_id: scenario(), id, change }
}

prop_compose! {
    fn wondering()(intents in commands(), wishes in vec(wish(), 1..7), months in 6_u16..36) -> Wondering {
        let mut wondering = Wondering { home: Household::default(), months, accepted: 0 };
        for intent in intents.into_iter().chain([new_scenario("Plan", None)]) {
            wondering.asks(intent);
        }
        for (number, wish) in wishes.iter().enumerate() {
            let intent = told(&wondering, number, wish);
            wondering.accepted += usize::from(wondering.asks(intent).is_some());
        }
        wondering
    }
}

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn what_a_household_accepts_keeps_every_cent(wondering in wondering()) {
        let (plan, mut journal) = (wondering.plan(scenario()), Journal::default());
        if let Some(projection) = computed(project_observed(&plan, tables(), &mut journal))? {
            check(&plan, &projection, journal)?;
        }
    }
}

proptest! {
    #![proptest_config(cases(CASES / 4))]

    #[test]
    fn a_clone_and_an_empty_child_and_all_of_it_merged_into_another_are_the_scenario_itself(mut wondering in wondering()) {
        let original = wondering.projects(scenario())?;
        let clone = Intent::CloneScenario { id: id("Clone"), of: scenario(), name: None };
        for intent in [clone, new_scenario("Child", Some(scenario())), new_scenario("Other", None)] {
            prop_assert!(wondering.asks(intent).is_some());
        }
        let merge = Intent::MergeScenario { into: id("Other"), from: scenario(), seed: Uuid::from_u128(7) };
        prop_assert!(wondering.asks(merge).is_some());
        let again = Intent::MergeScenario { into: id("Other"), from: scenario(), seed: Uuid::from_u128(8) };
        prop_assert_eq!(wondering.asks(again), Some(0));
        prop_assert_eq!(&wondering.projects(id("Child"))?, &original);
        let of = |projection: Option<Projection>| projection.map(figures);
        prop_assert_eq!(of(wondering.projects(id("Clone"))?), of(original.clone()));
        // What stood there twice is there once.
        let has_twins = wondering.home.scenario_changes.get(&id("Other")).map_or(0, |copied| copied.len()) != wondering.plan(scenario()).changes.len();
        if !has_twins {
            prop_assert_eq!(of(wondering.projects(id("Other"))?), of(original));
        }
    }

    #[test]
    fn disabled_changes_are_as_if_they_had_been_removed_and_without_any_it_is_the_baseline(mut wondering in wondering(), pick: usize) {
        let changes = wondering.changes();
        prop_assume!(!changes.is_empty());
        let disable = |id| {
            let patch = ChangePatch { enabled: Some(false), ..ChangePatch::default() };
            Intent::ChangeScenarioChange { scenario_id: scenario(), id, patch }
        };
        // What others are about is kept; of those that are about others, the last one is needed by nobody.
        let without = |id| {
            let mut without = wondering.clone();
            without.asks(Intent::RemoveScenarioChange { scenario_id: scenario(), id }).map(|_| (id, without))
        };
        let found = changes.iter().cycle().skip(pick % changes.len()).take(changes.len()).find_map(|id| without(*id));
        prop_assert!(found.is_some());
        let (one, without) = found.unwrap();
        for id in changes {
            if id == one {
                prop_assert!(wondering.asks(disable(id)).is_some());
                prop_assert_eq!(wondering.projects(scenario())?, without.projects(scenario())?);
            }
        }
        for id in wondering.changes() {
            prop_assert!(wondering.asks(disable(id)).is_some());
        }
        let (baseline, _) = wondering.home.baseline().unwrap();
        prop_assert_eq!(wondering.projects(scenario())?, wondering.projects(baseline)?);
    }
}

/// Households must accept changes of every type, or the properties above are checked on nothing.
#[test]
fn random_households_accept_changes_of_every_type() {
    use domain::projection::changes::ChangeType;
    use proptest::strategy::ValueTree;
    use std::collections::BTreeSet;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut types, mut accepted, mut computed) = (BTreeSet::new(), 0, 0);
    for _ in 0..400 {
        let wondering = wondering().new_tree(&mut runner).unwrap().current();
        accepted += wondering.accepted;
        computed += usize::from(wondering.projects(scenario()).unwrap().is_some());
        let of = |home: &Household| home.scenario_changes.get(&scenario()).cloned().unwrap_or_default();
        types.extend(of(&wondering.home).values().map(|change| change.kind.change_type()));
    }
    assert_eq!(types.len(), ChangeType::ALL.len(), "{types:?}");
    assert!(accepted > 600 && computed > 380, "{accepted} accepted, {computed} computed");
}
