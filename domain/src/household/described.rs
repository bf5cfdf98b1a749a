//! What a scenario does differently, in sentences; where a change has no effect, the sentence says so.
//!
//! A change was right when it was written down; since then what it is about may have been removed or put out of use, or its month has
//! passed. It stays, for what was put out of use may come back, and does nothing until then.

use std::ops::Range;

use uuid::Uuid;

use super::changes::{effective_changes, own_changes};
use super::reconcile::is_wage;
use super::state::Household;
use crate::calendar::{Date, Month};
use crate::ids::{AccountId, FlowId, IncomeId, ScenarioId};
use crate::projection::changes::kind::ModifyDebt;
use crate::projection::changes::parameter::WageIncome;
use crate::projection::changes::words::{DebtScope, InvestmentScope};
use crate::projection::changes::{ChangeKind, Names, Needs, Object, PlannedChange, ScenarioChange, Source, Timing};
use crate::vocabulary::{AccountClass, AccountType};

/// What a scenario does differently, in sentences, each with its change.
#[must_use]
pub fn described(home: &Household, scenario: ScenarioId, today: Date) -> Vec<(PlannedChange, String)> {
    let planned = effective_changes(home, scenario);
    let written = home.ancestors(scenario).flat_map(|(id, _)| own_changes(home, id)).collect();
    let names = NamesIn { home, planned: planned.clone(), written };
    let first = home.first_month(scenario, today);
    let months = home.scenarios.get(&scenario).map_or(1, |scenario| scenario.projection_months);
    let projected = first..first.plus(i32::from(months));
    let line = |planned: &PlannedChange| {
        let sentence = planned.change.sentence(&names);
        let idle = not_projected(&planned.change, &projected).or_else(|| names.without_effect(planned));
        let said = idle.map(|why| format!("without effect: {why}")).or_else(|| names.remark(planned));
        said.map_or_else(|| sentence.clone(), |said| format!("{sentence} ({said})"))
    };
    planned.into_iter().map(|planned| (planned.clone(), line(&planned))).collect()
}

/// Why no month of a plan sees a change: months go on, and horizons are changed.
fn not_projected(change: &ScenarioChange, projected: &Range<Month>) -> Option<&'static str> {
    let begins = Month::of(change.effective_date);
    let lasts_until = |change: &ScenarioChange| change.last_day().map(Month::of);
    let over = match change.kind.change_type().timing() {
        Timing::Once => (begins < projected.start).then_some("its month has passed"),
        Timing::Standing | Timing::Set => lasts_until(change).filter(|last| *last < projected.start).map(|_| "it is over"),
    };
    over.or_else(|| (begins >= projected.end).then_some("it begins after the plan's last month"))
}

/// A change that nobody has written down yet, in a sentence.
#[must_use]
pub fn in_words(home: &Household, change: &ScenarioChange) -> String {
    change.sentence(&NamesIn { home, planned: Vec::new(), written: Vec::new() })
}

/// What things are called in a household.
struct NamesIn<'h> {
    home: &'h Household,
    /// What holds.
    planned: Vec<PlannedChange>,
    /// What is written down, disabled changes included.
    written: Vec<PlannedChange>,
}

impl Names for NamesIn<'_> {
    fn name_of(&self, id: Uuid) -> String {
        let home = self.home;
        let account = || home.accounts.get(&AccountId(id)).map(|state| state.account.name.to_string());
        let income = || home.incomes.get(&IncomeId(id)).map(|state| state.income.name.to_string());
        let flow = || home.flows.get(&FlowId(id)).map(|flow| flow.name.to_string());
        let derived = || home.system_flows.get(&FlowId(id)).map(|flow| flow.name.clone());
        let opened = || opener(&self.written, AccountId(id)).map(|planned| format!("what {} brings", planned.change.name));
        account().or_else(income).or_else(flow).or_else(derived).or_else(opened).unwrap_or_else(|| "something that is gone".to_owned())
    }
}

/// The change among these that opens an account.
fn opener(changes: &[PlannedChange], id: AccountId) -> Option<&PlannedChange> {
    changes.iter().find(|planned| planned.opens().is_some_and(|(opened, _)| opened == id))
}

impl NamesIn<'_> {
    /// Why a change does nothing in this household as it stands, where it does not.
    fn without_effect(&self, planned: &PlannedChange) -> Option<&'static str> {
        let change = &planned.change;
        let of_need = || match change.kind.needs()? {
            Needs::Debt(scope) => self.has_no_debt(scope).then_some("there is no such debt"),
            Needs::Investment(scope) => self.has_no_investment(scope).then_some("there is nothing of the kind"),
            Needs::Job(named) => self.has_no_job(named),
            Needs::Account(id) => self.is_missing(Source::Account(id)),
        };
        change.source.and_then(|source| self.is_missing(source)).or_else(|| self.is_sold_before(planned)).or_else(of_need)
    }

    /// Whether a thing is gone, or stands there unused: the plan takes in neither.
    fn is_missing(&self, source: Source) -> Option<&'static str> {
        let home = self.home;
        let is_used = match source {
            Source::Account(id) => {
                if !home.accounts.contains_key(&id) && opener(&self.written, id).is_some_and(|planned| !planned.change.enabled) {
                    return Some("what brings it is disabled");
                }
                let opened = || opener(&self.planned, id).map(|_| true);
                home.accounts.get(&id).map(|state| state.account.active).or_else(opened)
            }
            Source::Income(id) => home.incomes.get(&id).map(|state| state.income.active),
            Source::Flow(id) => home.flows.get(&id).map(|flow| flow.active).or_else(|| home.system_flows.get(&id).map(|_| true)),
        };
        match is_used {
            Some(true) => None,
            Some(false) => Some("it is not in use"),
            None => Some("it is gone"),
        }
    }

    /// A house is sold once. What is held on a market can be bought again.
    fn is_sold_before(&self, planned: &PlannedChange) -> Option<&'static str> {
        let about = planned.change.source.filter(|_| planned.change.kind.change_type().object() == Object::Asset)?;
        let Source::Account(id) = about else { return None };
        let opened = || self.opened().find(|(opened, _)| *opened == id).map(|(_, account_type)| account_type);
        let account_type = self.home.accounts.get(&id).map(|state| state.account.account_type).or_else(opened)?;
        let sells_it = |other: &PlannedChange| {
            matches!(other.change.kind, ChangeKind::SellAsset(_)) && other.change.source == Some(about) && other.key() < planned.key()
        };
        let is_sold = account_type.class().is_property() && self.planned.iter().any(sells_it);
        is_sold.then_some("it has been sold before")
    }

    /// What else is to be known of what a change does.
    fn remark(&self, planned: &PlannedChange) -> Option<String> {
        let ChangeKind::ModifyDebt(ModifyDebt { rate: Some(rate), .. }) = planned.change.kind else { return None };
        let Some(Source::Account(id)) = planned.change.source else { return None };
        let bounds = self.home.accounts.get(&id)?.liability.as_ref()?.variable_rate.clone()?;
        let is_fixed_before = |other: &PlannedChange| {
            matches!(other.change.kind, ChangeKind::Refinance(_))
                && other.change.source == planned.change.source
                && other.key() < planned.key()
        };
        if self.planned.iter().any(is_fixed_before) {
            return None;
        }
        let floor = bounds.floor.filter(|floor| rate < *floor).map(|floor| format!("its floor of {} holds", floor.in_percent()));
        let ceiling =
            || bounds.ceiling.filter(|ceiling| *ceiling < rate).map(|ceiling| format!("its ceiling of {} holds", ceiling.in_percent()));
        floor.or_else(ceiling)
    }

    fn opened(&self) -> impl Iterator<Item = (AccountId, AccountType)> {
        self.planned.iter().filter_map(PlannedChange::opens)
    }

    fn account_types(&self) -> impl Iterator<Item = AccountType> {
        let counted = self.home.accounts.values().filter(|state| state.is_counted()).map(|state| state.account.account_type);
        counted.chain(self.opened().map(|(_, account_type)| account_type))
    }

    fn has_no_debt(&self, scope: DebtScope) -> bool {
        match scope {
            DebtScope::All => !self.account_types().any(AccountType::is_liability),
            DebtScope::Type(wanted) => !self.account_types().any(|account_type| account_type == wanted),
            DebtScope::Variable => {
                let mut terms = self.home.accounts.values().filter(|state| state.is_counted()).filter_map(|state| state.liability.as_ref());
                !terms.any(|terms| terms.variable_rate.is_some())
            }
        }
    }

    fn has_no_investment(&self, scope: InvestmentScope) -> bool {
        match scope {
            InvestmentScope::All => {
                let is_one =
                    |account_type: AccountType| matches!(account_type.class(), AccountClass::Investment | AccountClass::Retirement);
                !self.account_types().any(is_one)
            }
            InvestmentScope::Type(wanted) => !self.account_types().any(|account_type| account_type == wanted),
        }
    }

    /// A job that is named, or any; those that changes bring come and go, and are taken to be there.
    fn has_no_job(&self, named: Option<WageIncome>) -> Option<&'static str> {
        if let Some(WageIncome(id)) = named {
            return self.is_missing(Source::Income(id));
        }
        let mut jobs = self.home.incomes.values().filter(|state| state.income.active && is_wage(state.income.income_type));
        let brings_one = |planned: &PlannedChange| {
            matches!(planned.change.kind, ChangeKind::AddIncome(_) | ChangeKind::ModifyIncome(_) | ChangeKind::SwitchEmploymentType(_))
        };
        (jobs.next().is_none() && !self.planned.iter().any(brings_one)).then_some("there is no job")
    }
}
