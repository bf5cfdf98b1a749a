//! Adopting a scenario: what it does differently becomes what is so, in one command, all or nothing.
//!
//! Each change is told as facts of the household as of the day of the adoption (a room of changes each: `income`, `expense`,
//! `holdings`, `payroll`), or skipped with a [`Reason`]. What has no counterpart among the facts (assumptions, shocks of the market)
//! stays a plan; so does whatever would come to other figures than the scenario's: `proof` holds the baseline of the household as it
//! would be against the scenario's changes, to the cent. So the baseline's figures after an adoption are the scenario's wherever
//! nothing was skipped, and else those of the scenario with the adopted changes alone.
//!
//! What is real now is no difference any more: each adopted change is disabled where it is written down, in the scenario itself or in
//! the one that it is inherited from. Nothing counts twice then, neither there nor in any scenario that inherits it too, and their
//! figures stay what they were. A scenario of which nothing is left is archived; one of which something was skipped stays in use
//! with that, and can be adopted again, when its day has come.
//!
//! Making a new type of change adoptable is an arm in `tell`; without one it is skipped.

mod expense;
mod flows;
mod holdings;
mod income;
mod payroll;
mod proof;
mod reality;
mod reason;
mod report;
mod successors;

use uuid::Uuid;

pub use self::reason::{Difference, Reason};
pub use self::report::{AdoptedChange, Adoption, Made, Skipped};

use self::proof::{Horizon, prove};
use self::reality::{Ids, Reality};
use self::successors::Successors;
use super::changes::effective_changes;
use super::decide::Draft;
use super::error::HouseholdError;
use super::event::Event;
use super::facts::Scenario;
use super::reconcile;
use super::scenarios::{in_use, own};
use super::state::Household;
use crate::calendar::{Date, Month};
use crate::ids::{ChangeId, ScenarioId};
use crate::projection::changes::{ChangeKind, PlannedChange, ScenarioChange};
use crate::tax::TaxTables;

pub(super) fn adopt(draft: &mut Draft, scenario_id: ScenarioId, seed: Uuid, tables: &TaxTables) -> Result<(), HouseholdError> {
    in_use(own(draft, scenario_id)?)?;
    let Told { draft: told, successors, adoption, .. } = tell_all(draft, scenario_id, seed, tables)?;
    if adoption.adopted.is_empty() {
        return Ok(());
    }
    *draft = told;
    for adopted in &adoption.adopted {
        disable(draft, scenario_id, adopted.change_id);
    }
    successors.lead(draft, |id| adoption.adopted.iter().any(|adopted| adopted.change_id == id));
    let (on, is_done) = (draft.today, adoption.skipped.is_empty());
    draft.record(Event::ScenarioAdopted { id: scenario_id, on, adoption });
    if is_done {
        draft.record(Event::ScenarioArchived { id: scenario_id });
    }
    Ok(())
}

/// What adopting a scenario would come to on a day; none where there is no such scenario.
#[must_use]
pub fn adoption(home: &Household, scenario: ScenarioId, today: Date, tables: &TaxTables) -> Option<Adoption> {
    home.scenarios.get(&scenario)?;
    let draft = Draft { household: home.clone(), events: Vec::new(), today };
    tell_all(&draft, scenario, scenario.0, tables).ok().map(|told| told.adoption)
}

/// The change is no difference any more, wherever it is written down.
fn disable(draft: &mut Draft, scenario: ScenarioId, id: ChangeId) {
    let home = &draft.household;
    let change_of = |scenario: ScenarioId| home.scenario_changes.get(&scenario).and_then(|changes| changes.get(&id));
    let written = home.ancestors(scenario).find_map(|(scenario_id, _)| change_of(scenario_id).map(|was| (scenario_id, was.clone())));
    if let Some((scenario_id, was)) = written {
        let change = ScenarioChange { enabled: false, ..was.clone() };
        draft.record(Event::ScenarioChangeChanged { scenario_id, id, change, was });
    }
}

/// A household that has been told of a scenario's changes.
struct Told {
    draft: Draft,
    ids: Ids,
    successors: Successors,
    adopted: Vec<PlannedChange>,
    adoption: Adoption,
}

/// Tells all changes, and proves once that it was right; where it was not, tells them one by one, and leaves out those that are wrong.
fn tell_all(draft: &Draft, scenario_id: ScenarioId, seed: Uuid, tables: &TaxTables) -> Result<Told, HouseholdError> {
    let household = draft.opening()?.id;
    let home = &draft.household;
    let baseline = home.scenarios.get(&household.baseline()).ok_or(HouseholdError::NoSuchHousehold)?;
    let scenario = home.scenarios.get(&scenario_id).unwrap_or(baseline);
    let horizon = Horizon {
        baseline: household.baseline(),
        first: Month::of(draft.today),
        months: baseline.projection_months.max(scenario.projection_months),
    };
    let changes = effective_changes(home, scenario_id);
    let nothing = || Told {
        draft: Draft { household: home.clone(), events: draft.events.clone(), today: draft.today },
        ids: Ids::from(seed),
        successors: Successors::default(),
        adopted: Vec::new(),
        adoption: Adoption { adopted: Vec::new(), skipped: other_settings(home, scenario_id, scenario, baseline, draft.today) },
    };
    let unproven = |told: &Told| prove_told(home, told, horizon, tables);
    let together = changes.iter().fold(nothing(), |told, change| tell_one(told, change, |_| Ok(())));
    if together.adopted.is_empty() || unproven(&together).is_ok() {
        return Ok(together);
    }
    Ok(changes.iter().fold(nothing(), |told, change| tell_one(told, change, unproven)))
}

fn prove_told(before: &Household, told: &Told, horizon: Horizon, tables: &TaxTables) -> Result<(), Reason> {
    let mut after = Draft { household: told.draft.household.clone(), events: Vec::new(), today: told.draft.today };
    reconcile::system_flows(&mut after, tables)?;
    prove(before, &after.household, &told.adopted, horizon, tables)
}

/// Tells one change more, if it can be told and the proof holds.
fn tell_one(so_far: Told, planned: &PlannedChange, proof: impl Fn(&Told) -> Result<(), Reason>) -> Told {
    let draft = Draft { household: so_far.draft.household.clone(), events: so_far.draft.events.clone(), today: so_far.draft.today };
    let before = draft.events.len();
    // What is said of something that was divided is said of the part that goes on.
    let followed = so_far.successors.follow(&planned.change, Month::of(draft.today));
    let change = followed.unwrap_or_else(|| planned.change.clone());
    let current = PlannedChange { change, ..planned.clone() };
    let mut reality = Reality { draft, planned: &current, ids: so_far.ids, successors: so_far.successors.clone() };
    let outcome = tell(&mut reality, &current.change.kind).and_then(|()| {
        let made: Vec<Made> = reality.draft.events.iter().skip(before).filter_map(Made::of).collect();
        if made.is_empty() {
            return Err(Reason::NoEffect("the household is so already"));
        }
        let change = AdoptedChange { change_id: planned.id, name: planned.change.name.to_string(), made };
        let Reality { draft, ids, successors, .. } = reality;
        let mut told = Told { draft, ids, successors, adopted: so_far.adopted.clone(), adoption: so_far.adoption.clone() };
        told.adopted.push(planned.clone());
        told.adoption.adopted.push(change);
        proof(&told).map(|()| told).map_err(|reason| sooner(reason, &planned.change, so_far.draft.today))
    });
    outcome.unwrap_or_else(|reason| {
        let mut told = so_far;
        told.adoption.skipped.push(skipped(Some(planned.id), planned.change.name.as_str(), &reason));
        told
    })
}

/// What begins more than a year ahead says an amount of its own day; the facts hold amounts of today, which rise every year.
fn sooner(reason: Reason, change: &ScenarioChange, today: Date) -> Reason {
    let month = Month::of(change.effective_date).plus(-12);
    if matches!(reason, Reason::Differs(_)) && month > Month::of(today) {
        let rule = "the household's facts hold amounts of today, which would have risen until then";
        return Reason::Future { day: month.first_day(), rule };
    }
    reason
}

fn skipped(change_id: Option<ChangeId>, name: &str, reason: &Reason) -> Skipped {
    Skipped { change_id, name: name.to_owned(), code: reason.code().to_owned(), reason: reason.to_string() }
}

/// In what the scenario itself differs from the baseline.
fn other_settings(home: &Household, id: ScenarioId, scenario: &Scenario, baseline: &Scenario, today: Date) -> Vec<Skipped> {
    const ASSUMED: Reason = Reason::NoCounterpart("an assumption is no fact: change the baseline's own, where the plan is to assume so");
    let (own, usual) = (&scenario.assumptions, &baseline.assumptions);
    let assumed = [
        ("inflation_rate", own.inflation_rate != usual.inflation_rate),
        ("investment_return_rate", own.investment_return_rate != usual.investment_return_rate),
        ("salary_growth_rate", own.salary_growth_rate != usual.salary_growth_rate),
        ("cash_yield_rate", own.cash_yield_rate != usual.cash_yield_rate),
        ("property_appreciation_rate", own.property_appreciation_rate != usual.property_appreciation_rate),
        ("settle_taxes", own.settle_taxes != usual.settle_taxes),
        ("index_thresholds", own.index_thresholds != usual.index_thresholds),
        ("calendar", own.calendar != usual.calendar),
        ("overdraft_rate", own.overdraft_rate != usual.overdraft_rate),
        ("withdrawal_order", own.withdrawal_order != usual.withdrawal_order),
    ];
    let assumed = assumed.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| skipped(None, name, &ASSUMED));
    let starts_elsewhere = (home.first_month(id, today) != Month::of(today)).then(|| {
        skipped(None, "start_date", &Reason::NoCounterpart("the household is told as of today, and its baseline begins with this month"))
    });
    let pinned = home.baseline().and_then(|(baseline, _)| home.pin_of(baseline)).map(|_| {
        skipped(
            None,
            "mode",
            &Reason::NoCounterpart("the baseline is pinned to an earlier day: it shows what is real now once it is unpinned"),
        )
    });
    assumed.chain(starts_elsewhere).chain(pinned).collect()
}

/// Tells the household of a change, as far as its type can be told.
fn tell(reality: &mut Reality<'_>, kind: &ChangeKind) -> Result<(), Reason> {
    use ChangeKind as K;
    match kind {
        K::AddIncome(told) => income::add(reality, told),
        K::ModifyIncome(told) => income::modify(reality, told),
        K::RemoveIncome(_) => income::remove(reality),
        K::SwitchEmploymentType(told) => income::switch_employment(reality, told),
        K::AddExpense(told) => expense::add(reality, told),
        K::ModifyExpense(told) => expense::modify(reality, told),
        K::RemoveExpense(_) => expense::remove(reality),
        K::PayoffDebt(told) => expense::pay_off(reality, told),
        K::SetSavingsTransfer(told) => expense::put_aside(reality, told),
        K::AddAsset(told) => holdings::add_asset(reality, told),
        K::ModifyAsset(told) => holdings::modify_asset(reality, told),
        K::SellAsset(told) => holdings::sell_asset(reality, told),
        K::AddDebt(told) => holdings::add_debt(reality, told),
        K::ModifyDebt(told) => holdings::modify_debt(reality, told),
        K::Refinance(told) => holdings::refinance(reality, told),
        K::LumpSumIncome(told) => holdings::receive(reality, told),
        K::LumpSumExpense(told) => holdings::spend(reality, told),
        K::Modify401k(told) => payroll::set_401k(reality, told),
        K::ModifyHsa(told) => payroll::set_hsa(reality, told),
        K::ModifyDeductions(told) => payroll::set_deduction(reality, told),
        K::ModifyWithholding(told) => payroll::set_withholding(reality, told),
        K::SetQuarterlyEstimates(told) => payroll::set_estimates(reality, told),
        K::OverrideAssumptions(_) | K::OverrideInflation(_) | K::OverrideInvestmentReturn(_) | K::OverrideSalaryGrowth(_) => {
            Err(Reason::NoCounterpart("an assumption about the world is no fact of the household"))
        }
        K::AdjustInvestmentValue(_) | K::AdjustInterestRates(_) => {
            Err(Reason::NoCounterpart("what the market does is no fact of the household: record what came of it"))
        }
        K::AdjustTotalExpenses(_) | K::AdjustTotalIncome(_) => {
            Err(Reason::NoCounterpart("a total does not say which of its parts would be another: change those"))
        }
        #[expect(unreachable_patterns, reason = "a new type of change is skipped until it is told how it becomes real")]
        _ => Err(Reason::NoCounterpart("this kind of change has no counterpart among the household's facts")),
    }
}
