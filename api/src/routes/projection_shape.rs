//! The form of a projection's answer, for the OpenAPI document. The answer itself is the engine's own text, which is not parsed on its
//! way out; a black-box test compares the two field by field.

use std::collections::BTreeMap;

use domain::calendar::Date;
use domain::ids::{AccountId, ScenarioId};
use domain::money::Money;
use serde::Serialize;
use utoipa::ToSchema;

/// A projection: what it reflects, what it opens with, and its months.
#[derive(Serialize, ToSchema)]
pub struct ProjectionShape {
    /// Whose plan.
    scenario_id: ScenarioId,
    /// The household's version that it reflects: its head.
    household_version: i64,
    /// The same, as in every answer about a household.
    version: i64,
    /// Of the law that it was computed by.
    tables_version: String,
    /// Month 1, such as `2026-11`.
    start_month: String,
    /// `stored`, or `computed` for this request.
    source: String,
    /// Of the engine that computed it.
    engine_version: String,
    /// Before month 1.
    opening: OpeningShape,
    /// The first month in which no liquid account could pay.
    shortfall: Option<ShortfallShape>,
    /// Month 1 and all that follow.
    months: Vec<MonthShape>,
}

/// What there is before month 1.
#[derive(Serialize, ToSchema)]
pub struct OpeningShape {
    /// Assets less liabilities.
    net_worth: Money,
    /// By account; of a liability what is owed.
    balances: BTreeMap<String, Money>,
}

/// The first month in which no liquid account could pay.
#[derive(Serialize, ToSchema)]
pub struct ShortfallShape {
    /// Its number.
    month_number: u16,
    /// Its last day.
    date: Date,
    /// What was owed on the overdraft at its end.
    depth: Money,
    /// The most that is owed at the end of any month.
    deepest: Money,
    /// What the overdraft is called in balances.
    overdraft_account_id: AccountId,
}

/// One month.
#[derive(Serialize, ToSchema)]
pub struct MonthShape {
    /// 1 = the month in which the plan starts.
    month_number: u16,
    /// Its last day.
    date: Date,
    /// Everything owned.
    total_assets: Money,
    /// Everything owed.
    total_liabilities: Money,
    /// The difference.
    net_worth: Money,
    /// Cash and investments.
    liquid_assets: Money,
    /// Retirement accounts and HSAs.
    retirement_assets: Money,
    /// Gross income and employers' matches.
    total_income: Money,
    /// Withheld, estimated and settled; negative where a refund is more.
    total_taxes: Money,
    /// Spending and debt payments.
    total_expenses: Money,
    /// Income − taxes − expenses.
    net_cash_flow: Money,
    /// (Income − taxes − other expenses) / debt payments; null without debt payments.
    dscr: Option<String>,
    /// Net cash flow / income.
    savings_rate: Option<String>,
    /// Liquid assets / expenses.
    liquidity_months: Option<String>,
    /// Liquid assets × 30 / expenses.
    days_cash_on_hand: Option<String>,
    /// Adds up to `total_income`. Absent in a summary, as the other breakdowns.
    income_by_category: Option<BTreeMap<String, Money>>,
    /// Adds up to `total_taxes`.
    taxes_by_category: Option<BTreeMap<String, Money>>,
    /// Adds up to `total_expenses`.
    expense_by_category: Option<BTreeMap<String, Money>>,
    /// Adds up to `total_assets`.
    assets_by_class: Option<BTreeMap<String, Money>>,
    /// Adds up to `total_liabilities`.
    liabilities_by_class: Option<BTreeMap<String, Money>>,
    /// By account, at the end of the month.
    balances: Option<BTreeMap<String, Money>>,
    /// Why net worth changed: the terms add up to the change, to the cent.
    change: ChangeShape,
    /// `shortfall`, `negative_amortisation`, `limit_reached`.
    flags: Vec<String>,
}

/// The terms of a month's change of net worth.
#[derive(Serialize, ToSchema)]
pub struct ChangeShape {
    /// Gross income and employers' matches.
    income: Money,
    /// Taxes paid (negative), refunds.
    taxes: Money,
    /// Spending (negative).
    spending: Money,
    /// Growth of investments and retirement accounts, yield of cash.
    investment_growth: Money,
    /// Growth of property.
    appreciation: Money,
    /// Interest and fees of debts (negative).
    interest_and_fees: Money,
    /// What happens once.
    one_off: Money,
}
