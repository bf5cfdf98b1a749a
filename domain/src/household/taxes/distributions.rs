//! What comes out of tax-deferred accounts in the year: by transfers that the household entered, and what the law still requires.
//!
//! As the projection has it: all that leaves such an account is income, unless it goes to another one, and in the year in which a plan
//! begins the balance at hand stands for that of the end of the year before.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::ids::{AccountId, MemberId};
use crate::money::Money;
use crate::projection::{Plan, PlanFlow, Treatment};
use crate::tax::YearTables;

/// What a member still has to take out this year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RequiredDistribution {
    pub member: MemberId,
    pub amount: Money,
}

/// By tax-deferred account: what leaves it in the year.
pub(super) struct Distributions(BTreeMap<AccountId, Money>);

impl Distributions {
    /// Nothing has left yet.
    pub fn of(plan: &Plan) -> Self {
        let deferred = plan.accounts.iter().filter(|account| matches!(Treatment::of(account.account_type), Treatment::Deferred { .. }));
        Self(deferred.map(|account| (account.id, Money::ZERO)).collect())
    }

    /// A flow that moves this much in the year.
    pub fn note(&mut self, flow: &PlanFlow, amount: Money) {
        if flow.to.is_some_and(|to| self.0.contains_key(&to)) {
            return;
        }
        if let Some(taken) = flow.from.and_then(|from| self.0.get_mut(&from)) {
            *taken += amount;
        }
    }

    /// In all.
    pub fn taken(&self) -> Money {
        self.0.values().sum()
    }

    /// What each member still has to take out (26 U.S.C. § 401(a)(9)); an account without an owner is the first member's.
    pub fn required(&self, plan: &Plan, year: i32, law: &YearTables) -> Vec<RequiredDistribution> {
        let drawn = |account_type| Treatment::of(account_type) == Treatment::Deferred { is_drawn: true };
        let members = plan.filer.members.iter().enumerate();
        let still_required = members.filter_map(|(index, member)| {
            let owner = |told| plan.filer.members.iter().position(|member| Some(member.id) == told).unwrap_or(0);
            let own = || plan.accounts.iter().filter(|account| owner(account.owner) == index && drawn(account.account_type));
            let held = own().map(|account| account.opening.at_least_zero()).sum();
            let taken = own().filter_map(|account| self.0.get(&account.id)).sum();
            let required = law.required_distribution(year, member.birth?.year(), held) - taken;
            Some(RequiredDistribution { member: member.id, amount: required }).filter(|one| one.amount.is_positive())
        });
        still_required.collect()
    }
}
