//! A scenario made real: what each type of change becomes, what is skipped and why, and that the baseline's figures are then the scenario's.

mod expenses;
mod holdings;
mod incomes;
mod payroll;
mod properties;
mod whole;

use domain::calendar::{Frequency, Month};
use domain::household::adopt::Adoption;
use domain::household::command::{ChangePatch, Intent, NewChange, NewScenario};
use domain::household::{Event, plan};
use domain::ids::{ChangeId, ScenarioId};
use domain::projection::changes::{ChangeKind, Source};
use domain::projection::{Projection, project};
use uuid::Uuid;

use super::support::*;

/// `What if`, as its baseline is.
pub fn scenario(called: &str) -> Intent {
    child_of(called, None)
}

pub fn child_of(called: &str, parent: Option<&str>) -> Intent {
    let scenario = NewScenario {
        name: name(called),
        description: None,
        parent_id: parent.map(id),
        start_date: None,
        projection_months: None,
        assumptions: Default::default(),
    };
    Intent::CreateScenario { id: id(called), scenario }
}

/// A change of a scenario from a day on; its id follows from its name.
pub fn change_of(scenario: &str, called: &str, from: &str, source: Option<Source>, kind: ChangeKind) -> Intent {
    let change =
        NewChange { name: name(called), effective_date: date(from), end_date: None, enabled: true, order: None, notes: None, source, kind };
    Intent::AddScenarioChange { scenario_id: id(scenario), id: id(called), change }
}

/// A change of `What if`.
pub fn change(called: &str, from: &str, source: Option<Source>, kind: ChangeKind) -> Intent {
    change_of("What if", called, from, source, kind)
}

/// The last day of a change of `What if`.
pub fn until(called: &str, to: &str) -> Intent {
    let patch = ChangePatch { end_date: Some(Some(date(to))), ..Default::default() };
    Intent::ChangeScenarioChange { scenario_id: id("What if"), id: id(called), patch }
}

pub fn income(called: &str) -> Option<Source> {
    Some(Source::Income(id(called)))
}
pub fn flow(called: &str) -> Option<Source> {
    Some(Source::Flow(id(called)))
}
pub fn account_(called: &str) -> Option<Source> {
    Some(Source::Account(id(called)))
}

/// Monthly spending from the main cash account since January.
pub fn spends(called: &str, amount: &str) -> Intent {
    use domain::household::facts::{Flow, FlowKind};
    let flow = Flow {
        name: name(called),
        kind: FlowKind::Expense(domain::vocabulary::ExpenseCategory::Rent),
        amount: money(amount),
        frequency: Frequency::Monthly,
        start_date: date("2026-01-05"),
        end_date: None,
        from_account_id: None,
        to_account_id: None,
        linked_account_id: None,
        member_id: None,
        active: true,
        notes: None,
    };
    Intent::AddFlow { id: id(called), flow }
}

/// Behind every id that a test makes.
const SEED: Uuid = Uuid::from_u128(0xFFFF_FFFF_0000_7000_8000_0000_0000_0000);

pub fn adopted(called: &str) -> Intent {
    Intent::AdoptScenario { id: id(called), seed: SEED }
}

/// The n-th thing that the adoption made.
pub fn made<T: From<Uuid>>(n: u128) -> T {
    T::from(Uuid::from_u128(SEED.as_u128() | n))
}

/// A scenario's figures as of the household's today.
pub fn projection(home: &Home, scenario: ScenarioId) -> Projection {
    let today = Month::of(date(home.today));
    let year = home.tables.in_force(today.year()).unwrap();
    project(&plan(&home.state(), scenario, today, None, year).unwrap(), home.tables).unwrap()
}

/// What an adoption reported.
pub fn report(home: &Home) -> Adoption {
    let last =
        home.events.iter().rev().find_map(|event| if let Event::ScenarioAdopted { adoption, .. } = event { Some(adoption) } else { None });
    last.cloned().expect("something was adopted")
}

/// Adopts `What if`, of which nothing may be skipped: the same figures, these events before those that every adoption ends with.
#[track_caller]
pub fn becomes_real<const N: usize>(home: &Home, names: [&str; N]) -> Home {
    let expected = projection(home, id("What if"));
    let before = home.events.len();
    let after = home.when(adopted("What if")).done();
    let report = report(&after);
    assert_eq!(report.skipped, [], "nothing is skipped");
    let happened: Vec<&str> = after.events[before..].iter().map(Event::name).collect();
    let told: Vec<&str> = happened.iter().copied().take_while(|name| *name != "scenario_change.changed").collect();
    assert_eq!(told, names, "{happened:?}");
    assert!(
        happened.iter().rev().skip_while(|name| **name == "system_flows.generated").take(2).eq(&["scenario.archived", "scenario.adopted"]),
        "{happened:?}"
    );
    same_figures(&expected, &projection(&after, HOUSE.baseline()), 0);
    after
}

/// Every row but for what happened once in the first `at_once` months: of those the balances.
#[track_caller]
pub fn same_figures(said: &Projection, told: &Projection, at_once: usize) {
    assert_eq!(said.months.len(), told.months.len());
    for (number, (said, told)) in said.months.iter().zip(&told.months).enumerate() {
        let worth = |row: &domain::projection::Row| (row.net_worth, row.total_assets, row.total_liabilities, row.liquid_assets);
        assert_eq!(worth(told), worth(said), "month {}", number + 1);
        let held = |row: &domain::projection::Row| {
            row.balances.iter().filter(|(_, amount)| !amount.is_zero()).collect::<std::collections::BTreeMap<_, _>>()
        };
        assert_eq!(held(told), held(said), "month {}", number + 1);
        if number >= at_once {
            let mut told = told.clone();
            told.balances = said.balances.clone();
            assert_eq!(&told, said, "month {}", number + 1);
        }
    }
}

/// Adopts `What if`, of which all is skipped: nothing happens. Each name with its code.
#[track_caller]
pub fn stays_a_plan<const N: usize>(home: &Home, expected: [(&str, &str); N]) {
    home.when(adopted("What if")).then([]);
    let state = home.state();
    let report = domain::household::adopt::adoption(&state, id("What if"), date(home.today), home.tables).unwrap();
    assert_eq!(report.adopted, []);
    let skipped: Vec<(&str, &str)> = report.skipped.iter().map(|skipped| (skipped.name.as_str(), skipped.code.as_str())).collect();
    assert_eq!(skipped, expected, "{report:#?}");
}

/// The change of a name in the report.
pub fn change_id(called: &str) -> ChangeId {
    id(called)
}
