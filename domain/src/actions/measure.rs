//! The figures of a year's projection, in the words of [`crate::metrics`]: expenses are all that flows out, taxes included.
//!
//! They are those of the year's last month, when whatever was done has had its effect. What April brings is left out on both sides:
//! a figure of a month would say more of the return than of the action, where that month happens to be April.

use rust_decimal::Decimal;

use crate::ids::AccountId;
use crate::metrics::{HIGH_INTEREST_PERCENT, ThresholdMetric};
use crate::money::Money;
use crate::projection::changes::{ChangeKind, Source};
use crate::projection::{Cause, Observer, Plan, Posting, ProjectionError, Purpose, Row, project_observed};
use crate::rate::Rate;
use crate::ratio::ratio;
use crate::tax::TaxTables;

/// For how many months a plan is projected.
pub const MEASURED_MONTHS: u16 = 12;

/// What a year comes to.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    row: Row,
    debt_service: Money,
    high_interest: Money,
}

/// The regular payments of debts in one month.
struct DebtService {
    month_number: u16,
    paid: Money,
}

impl Observer for DebtService {
    fn posted(&mut self, month_number: u16, posting: &Posting, _: Cause) {
        if month_number == self.month_number && matches!(posting.purpose, Purpose::DebtService(_)) {
            self.paid += posting.amount;
        }
    }
}

impl Measured {
    /// A plan's first year.
    ///
    /// # Errors
    /// As of the engine; none where a year has no month.
    pub fn of(plan: &Plan, tables: &TaxTables) -> Result<Option<Self>, ProjectionError> {
        let plan = Plan { months: MEASURED_MONTHS, settle_taxes: false, ..plan.clone() };
        let mut service = DebtService { month_number: MEASURED_MONTHS, paid: Money::ZERO };
        let mut months = project_observed(&plan, tables, &mut service)?.months;
        let measured = months.pop().map(|row| {
            let high_interest = dear_debts(&plan).map(|id| row.balances.get(id).at_least_zero()).sum();
            Self { row, debt_service: service.paid, high_interest }
        });
        Ok(measured)
    }

    /// A figure; absent where there is nothing to divide by.
    pub fn figure(&self, metric: ThresholdMetric) -> Option<Decimal> {
        let row = &self.row;
        let (income, expenses) = (row.total_income, row.total_expenses + row.total_taxes);
        match metric {
            ThresholdMetric::Dscr => ratio(income - expenses + self.debt_service, 1, self.debt_service),
            ThresholdMetric::LiquidityMonths => ratio(row.liquid_assets, 1, expenses),
            ThresholdMetric::DaysCashOnHand => ratio(row.liquid_assets, 30, expenses),
            ThresholdMetric::DtiRatio => ratio(self.debt_service, 1, income),
            ThresholdMetric::SavingsRate => ratio(income - expenses, 1, income),
            ThresholdMetric::HighInterestDebtRatio => ratio(self.high_interest, 1, row.total_liabilities),
            ThresholdMetric::HousingRatio => {
                let housing = row.expense_by_category.iter().filter(|(category, _)| category.is_housing());
                ratio(housing.map(|(_, amount)| amount).sum(), 1, income)
            }
        }
    }

    /// At the end of the year.
    pub const fn net_worth(&self) -> Money {
        self.row.net_worth
    }

    /// In its last month.
    pub const fn net_cash_flow(&self) -> Money {
        self.row.net_cash_flow
    }
}

/// The debts that cost more than 7 % at the end of the year, by their contracts and what changes make of these.
fn dear_debts(plan: &Plan) -> impl Iterator<Item = AccountId> {
    let high = Rate::percent(HIGH_INTEREST_PERCENT);
    let of_contract = plan.ledger_accounts().into_iter().map(|account| {
        let terms = account.debt.unwrap_or_default();
        let rate = terms.floor.map_or(terms.rate, |floor| terms.rate.max(floor));
        (account.id, terms.ceiling.map_or(rate, |ceiling| rate.min(ceiling)))
    });
    let last_day = plan.start.plus(i32::from(plan.months).saturating_sub(1)).last_day();
    let mut holding: Vec<_> =
        plan.changes.iter().filter(|planned| planned.change.enabled && planned.change.effective_date <= last_day).collect();
    holding.sort_by_key(|planned| planned.key());
    let changed: Vec<(AccountId, Rate)> = holding
        .into_iter()
        .filter_map(|planned| match (planned.change.kind, planned.change.source) {
            (ChangeKind::Refinance(told), Some(Source::Account(id))) => Some((id, told.rate)),
            (ChangeKind::ModifyDebt(told), Some(Source::Account(id))) => told.rate.map(|rate| (id, rate)),
            (ChangeKind::AddDebt(told), _) => planned.opens().map(|(id, _)| (id, told.rate)),
            _ => None,
        })
        .collect();
    let rates: Vec<(AccountId, Rate)> =
        of_contract.map(|(id, rate)| (id, changed.iter().rev().find(|(other, _)| *other == id).map_or(rate, |(_, rate)| *rate))).collect();
    rates.into_iter().filter(move |(_, rate)| *rate > high).map(|(id, _)| id)
}
