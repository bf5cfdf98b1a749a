//! What a household's figures come to on a day: balance sheet, a typical month, and the ratios that people steer by.
//!
//! [`at`] is pure: the same household and day give the same figures. Over the flows, entered and derived, that run on that day, and
//! the balances that the household knows now. Whoever wants the figures of a past day loads the household as of then.
//!
//! Conventions, each chosen once, here. A *month* is a year's occurrences over twelve: summed exactly, rounded once (half away from
//! zero). Ratios are made of those exact sums, not of rounded months. *Expenses* are all that flows out of the household, taxes and
//! debt payments included (a forecast's row shows taxes by themselves, so that its expenses are fewer, and its liquidity lasts
//! longer); *debt service* is what is paid in the categories of debt payments, escrow included where the lender collects it.
//! *Counted* accounts are those in use; payroll clearing, which nets to zero, is not one of them.
//!
//! Rounding: a ratio has four decimals, a rate six, half away from zero. A ratio whose denominator is zero is absent with its
//! reason, never 999 and never infinity. `thresholds` says from where on a figure is worrying. Deliberately
//! absent: what to do about it (that is for [`crate::actions`]), and the clock.

mod balance_sheet;
mod month;
mod ratios;
mod thresholds;

use serde::{Deserialize, Serialize};

use self::balance_sheet::BalanceSheet;
pub(crate) use self::balance_sheet::HIGH_INTEREST_PERCENT;
use self::month::Year;
pub use self::ratios::{Ratio, Undefined};
pub use self::thresholds::{Level, Threshold, ThresholdMetric};
use crate::calendar::Date;
use crate::household::Household;
use crate::money::Money;

/// Raised whenever the same household may give other figures than before: stored ones of another version are computed again.
pub const METRICS_VERSION: &str = "1";

/// What a household's figures come to on a day. Serialises to amounts as decimal text and to ratios as
/// `{"value": "0.3210", "reason": null}`, or `{"value": null, "reason": "no_income"}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metrics {
    /// The day.
    pub as_of_date: Date,
    /// Everything owned, at market value.
    pub total_assets: Money,
    /// Everything owed.
    pub total_liabilities: Money,
    /// Assets at market value less liabilities.
    pub net_worth_at_market: Money,
    /// Assets at what was paid for them less liabilities.
    pub net_worth_at_cost: Money,
    /// What assets are worth more than was paid for them; less where it is negative.
    pub unrealised_gains: Money,
    /// Cash and investments, at market value.
    pub liquid_assets: Money,
    /// Gross income and employers' matches, a month.
    pub monthly_income: Money,
    /// Spending, taxes and debt payments, a month.
    pub monthly_expenses: Money,
    /// Income less expenses, a month.
    pub monthly_surplus: Money,
    /// Debt payments, a month.
    pub monthly_debt_service: Money,
    /// Debt service coverage: (income − expenses other than debt payments) / debt service.
    pub dscr: Ratio,
    /// For how many months of expenses liquid assets last: liquid assets / expenses.
    pub liquidity_months: Ratio,
    /// The same in days of a thirtieth of a month: liquid assets × 30 / expenses.
    pub days_cash_on_hand: Ratio,
    /// Surplus / income; negative where more is spent than earned.
    pub savings_rate: Ratio,
    /// Debt service / income.
    pub dti_ratio: Ratio,
    /// Liabilities / assets at market value.
    pub debt_to_asset_at_market: Ratio,
    /// Liabilities / assets at what was paid for them.
    pub debt_to_asset_at_cost: Ratio,
    /// Of all debts, each weighing as much as is owed on it; a debt without terms bears no interest. Six decimals.
    pub weighted_average_interest_rate: Ratio,
    /// What is owed at more than 7 % a year / all that is owed.
    pub high_interest_debt_ratio: Ratio,
    /// Expenses for housing / income.
    pub housing_ratio: Ratio,
    /// Expenses that are the same every month / income.
    pub fixed_expense_ratio: Ratio,
    /// Expenses that a household cannot stop paying / income.
    pub essential_expense_ratio: Ratio,
    /// The largest source of income / income. A job is one source, with what its employer matches.
    pub income_concentration: Ratio,
    /// What goes into investment and retirement accounts from elsewhere, employers' matches included / income.
    pub investment_rate: Ratio,
}

/// A household's metrics on a day.
#[must_use]
pub fn at(home: &Household, on: Date) -> Metrics {
    let (sheet, year) = (BalanceSheet::of(home), Year::of(home, on));
    let (income, expenses) = (year.income, year.expenses);
    let [monthly_income, monthly_expenses, monthly_debt_service] = [income, expenses, year.debt_service].map(month::of_year);
    // Expenses are a year's here, and what is asked is for how many months: twelve times the balance over them.
    let months_of_expenses = |days: i64| Ratio::of(sheet.liquid, days.saturating_mul(12), expenses, Undefined::NoExpenses);
    let of_income = |part: Money| Ratio::of(part, 1, income, Undefined::NoIncome);
    let of_debt = |part: Money| Ratio::of(part, 1, sheet.liabilities, Undefined::NoDebt);
    let debt_to = |assets: Money| Ratio::of(sheet.liabilities, 1, assets, Undefined::NoAssets);
    Metrics {
        as_of_date: on,
        total_assets: sheet.assets_at_market,
        total_liabilities: sheet.liabilities,
        net_worth_at_market: sheet.assets_at_market - sheet.liabilities,
        net_worth_at_cost: sheet.assets_at_cost - sheet.liabilities,
        unrealised_gains: sheet.assets_at_market - sheet.assets_at_cost,
        liquid_assets: sheet.liquid,
        monthly_income,
        monthly_expenses,
        monthly_surplus: monthly_income - monthly_expenses,
        monthly_debt_service,
        dscr: Ratio::of(income - (expenses - year.debt_service), 1, year.debt_service, Undefined::NoDebtService),
        liquidity_months: months_of_expenses(1),
        days_cash_on_hand: months_of_expenses(30),
        savings_rate: of_income(income - expenses),
        dti_ratio: of_income(year.debt_service),
        debt_to_asset_at_market: debt_to(sheet.assets_at_market),
        debt_to_asset_at_cost: debt_to(sheet.assets_at_cost),
        weighted_average_interest_rate: sheet.weighted_average_interest_rate(),
        high_interest_debt_ratio: of_debt(sheet.high_interest),
        housing_ratio: of_income(year.housing),
        fixed_expense_ratio: of_income(year.fixed),
        essential_expense_ratio: of_income(year.essential),
        income_concentration: of_income(year.largest_source),
        investment_rate: of_income(year.invested),
    }
}
