//! The accounts that changes open on their way: which, whose, and in what order.
//!
//! It is decided before the first month, so that whoever follows the ledger knows beforehand which account has which number. An asset
//! and a debt are accounts of their own. A contribution goes into a plan of whoever earns it, as the household's own contributions
//! do; who has none gets one here: what is put aside is still owned, and must not look spent.

use uuid::Uuid;

use super::{ChangeKind, PlannedChange, Source};
use crate::ids::{AccountId, MemberId};
use crate::projection::changes::words::TaxTreatment;
use crate::projection::plan::{Plan, PlanAccount, PlanIncome};
use crate::vocabulary::{AccountType, IncomeType};

/// An account that a change opens, with nothing in it.
pub(super) struct Opened {
    /// Its id, what it is, and whose.
    pub account: PlanAccount,
    /// Their place among the plan's members.
    pub owner: usize,
}

/// The accounts of a plan so far.
pub(super) struct Openings<'p> {
    plan: &'p Plan,
    there: Vec<(AccountId, AccountType, Option<usize>)>,
}

impl<'p> Openings<'p> {
    /// Before any change.
    pub fn of(plan: &'p Plan) -> Self {
        let there = plan.accounts.iter().map(|account| (account.id, account.account_type, place_of(plan, account.owner)));
        Self { plan, there: there.collect() }
    }

    /// Those of a change, in their order. To be asked in the order in which changes apply.
    pub fn by(&mut self, planned: &PlannedChange) -> Vec<Opened> {
        let effect = planned.change.kind.effect();
        if let Some((id, account_type)) = planned.opens() {
            // What a spouse's account pays for is the spouse's.
            let payer = effect.paid_from().and_then(|payer| self.there.iter().find(|(id, ..)| *id == payer));
            let owner = payer.and_then(|(_, _, owner)| *owner).unwrap_or(0);
            return vec![self.open(id, account_type, owner)];
        }
        let mut opened = Vec::new();
        for (owner, account_type) in effect.puts_aside(self.plan) {
            let has = |(_, known, whose): &(AccountId, AccountType, Option<usize>)| {
                *known == account_type && whose.is_none_or(|whose| whose == owner)
            };
            if !self.there.iter().any(has) {
                opened.push(self.open(planned.plan_account(self.member(owner)), account_type, owner));
            }
        }
        opened
    }

    fn open(&mut self, id: AccountId, account_type: AccountType, owner: usize) -> Opened {
        self.there.push((id, account_type, Some(owner)));
        Opened { account: PlanAccount { owner: self.member(owner), ..PlanAccount::of(id, account_type) }, owner }
    }

    fn member(&self, place: usize) -> Option<MemberId> {
        self.plan.filer.members.get(place).map(|member| member.id)
    }
}

impl PlannedChange {
    /// The account of a member that it opens for contributions, where they have none of the kind.
    fn plan_account(&self, member: Option<MemberId>) -> AccountId {
        let whose = member.map(|member| member.to_string()).unwrap_or_default();
        AccountId(Uuid::new_v5(&self.id.0, format!("account of {whose}").as_bytes()))
    }
}

fn place_of(plan: &Plan, member: Option<MemberId>) -> Option<usize> {
    plan.filer.members.iter().position(|known| Some(known.id) == member)
}

/// The jobs of a plan, those included that its changes bring: who has one, by their place, and the income where it is the plan's.
pub(super) fn jobs(plan: &Plan) -> impl Iterator<Item = (usize, Option<&PlanIncome>)> {
    let earner = |income: &PlanIncome| place_of(plan, income.member).unwrap_or(0);
    let own = plan.incomes.iter().filter(|income| matches!(income.income_type, IncomeType::W2 | IncomeType::W2Hourly));
    let turned = move |source: Option<Source>| {
        let income = plan.incomes.iter().find(|income| source == Some(Source::Income(income.id)));
        (income.map_or(0, earner), income)
    };
    let enabled = plan.changes.iter().map(|planned| &planned.change).filter(|change| change.enabled);
    let brought = enabled.filter_map(move |change| {
        if let ChangeKind::AddIncome(told) = &change.kind {
            let whose = place_of(plan, told.member_id.map(|member| member.0)).unwrap_or(0);
            return (told.tax_treatment == TaxTreatment::W2).then_some((whose, None));
        }
        change.kind.makes_a_job_of_it().then(|| turned(change.source))
    });
    own.map(move |income| (earner(income), Some(income))).chain(brought)
}
