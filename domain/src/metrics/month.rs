//! A typical month: what the flows that run on a day come to in a year, before it is divided by twelve.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::calendar::{Date, Frequency};
use crate::flow_kind::FlowKind;
use crate::household::Household;
use crate::household::facts::Flow;
use crate::ids::AccountId;
use crate::money::Money;
use crate::system_flows::{SourceType, SystemFlow};
use crate::vocabulary::{AccountClass, ExpenseCategory};

/// What the flows that run on a day come to in a year. Exact: a year holds each amount a whole number of times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Year {
    pub income: Money,
    pub expenses: Money,
    /// Of the expenses: payments of debts.
    pub debt_service: Money,
    /// Of the expenses: housing.
    pub housing: Money,
    /// Of the expenses: the same every month.
    pub fixed: Money,
    /// Of the expenses: cannot be stopped.
    pub essential: Money,
    /// Of the income: the largest source.
    pub largest_source: Money,
    /// What goes into investment and retirement accounts from elsewhere.
    pub invested: Money,
}

/// A twelfth of a year's sum, rounded once.
pub(super) fn of_year(annual: Money) -> Money {
    annual.scaled(1, 12)
}

/// What entered and derived flows have in common, and who it comes from.
#[derive(Clone, Copy)]
struct Running {
    kind: FlowKind,
    amount: Money,
    frequency: Frequency,
    from: Option<AccountId>,
    to: Option<AccountId>,
    source: Uuid,
}

impl Year {
    /// Of the flows that run on `on`: begun, not ended, and not put to rest.
    pub fn of(home: &Household, on: Date) -> Self {
        let runs = |start: Date, end: Option<Date>| start <= on && end.is_none_or(|end| end >= on);
        let entered = home.flows.iter().filter(|(_, flow)| flow.active && runs(flow.start_date, flow.end_date));
        let derived = home.system_flows.values().filter(|flow| runs(flow.start_date, flow.end_date));
        let running = entered.map(|(id, flow)| Running::entered(id.0, flow)).chain(derived.map(|flow| Running::derived(home, flow)));
        let (mut year, mut sources) = (Self::default(), BTreeMap::<Uuid, Money>::new());
        for flow in running {
            let annual = flow.frequency.annual_amount(flow.amount);
            match flow.kind {
                FlowKind::Income(_) => {
                    year.income += annual;
                    *sources.entry(flow.source).or_default() += annual;
                }
                FlowKind::Expense(category) => year.spend(category, annual),
                FlowKind::Transfer => {}
            }
            if holds_investments(home, flow.to) && !holds_investments(home, flow.from) {
                year.invested += annual;
            }
        }
        Self { largest_source: sources.into_values().max().unwrap_or_default(), ..year }
    }

    fn spend(&mut self, category: ExpenseCategory, annual: Money) {
        self.expenses += annual;
        for (counts, sum) in [
            (category.is_debt_payment(), &mut self.debt_service),
            (category.is_housing(), &mut self.housing),
            (category.is_fixed(), &mut self.fixed),
            (category.is_essential(), &mut self.essential),
        ] {
            if counts {
                *sum += annual;
            }
        }
    }
}

impl Running {
    fn entered(id: Uuid, flow: &Flow) -> Self {
        let Flow { kind, amount, frequency, from_account_id, to_account_id, .. } = *flow;
        Self { kind, amount, frequency, from: from_account_id, to: to_account_id, source: id }
    }

    fn derived(home: &Household, flow: &SystemFlow) -> Self {
        let SystemFlow { category, amount, frequency, from_account_id, to_account_id, .. } = *flow;
        Self { kind: category, amount, frequency, from: from_account_id, to: to_account_id, source: payer(home, flow) }
    }
}

/// Who a derived flow comes from: what an employer matches comes from the job, and not from the deduction that it matches.
fn payer(home: &Household, flow: &SystemFlow) -> Uuid {
    let of_deduction = match flow.source.source_type {
        SourceType::IncomeSource | SourceType::Account => None,
        SourceType::PretaxDeduction | SourceType::PosttaxDeduction => home.incomes.iter().find(|(_, state)| {
            let id = flow.source.id.into();
            state.pretax_deductions.contains_key(&id) || state.posttax_deductions.contains_key(&id)
        }),
    };
    of_deduction.map_or(flow.source.id, |(income, _)| income.0)
}

fn holds_investments(home: &Household, account: Option<AccountId>) -> bool {
    let class = account.and_then(|id| home.accounts.get(&id)).map(|state| state.account.account_type.class());
    matches!(class, Some(AccountClass::Investment | AccountClass::Retirement))
}
