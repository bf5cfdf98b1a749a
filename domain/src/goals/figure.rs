//! A figure that a goal is about: what it is in, how it is read today and in a plan's month.

use std::fmt;

use rust_decimal::Decimal;

use super::kind::GoalMetric;
use crate::calendar::Date;
use crate::metrics::{Metrics, Ratio, Undefined};
use crate::money::Money;
use crate::projection::Row;
use crate::ratio::ratio;
use crate::vocabulary::words;

words! {
    /// What a figure is in.
    pub enum Unit {
        /// The household's currency.
        Amount => "amount",
        /// Months.
        Months => "months",
        /// Days.
        Days => "days",
        /// A number: 1.5 times, or 0.1 of the income.
        Ratio => "ratio",
        /// A day of the calendar.
        Date => "date",
    }
}

/// A value, or what is wanted of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Of money.
    Amount(Money),
    /// Of anything that is counted or divided.
    Number(Decimal),
    /// A day.
    Day(Date),
}

impl Figure {
    /// As a number; none of a day.
    #[must_use]
    pub fn number(self) -> Option<Decimal> {
        match self {
            Self::Amount(amount) => Some(amount.to_decimal()),
            Self::Number(number) => Some(number),
            Self::Day(_) => None,
        }
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amount(amount) => fmt::Display::fmt(amount, f),
            Self::Number(number) => fmt::Display::fmt(number, f),
            Self::Day(day) => fmt::Display::fmt(day, f),
        }
    }
}

impl GoalMetric {
    /// What it is in.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::NetWorth | Self::TotalAssets | Self::TotalLiabilities | Self::LiquidAssets | Self::MonthlySurplus => Unit::Amount,
            Self::LiquidityMonths => Unit::Months,
            Self::DaysCashOnHand => Unit::Days,
            Self::Dscr | Self::SavingsRate | Self::DebtToAsset => Unit::Ratio,
        }
    }

    /// Its target as a figure: an amount where it is one.
    pub(super) fn target(self, target: Decimal) -> Figure {
        let amount = Money::from_decimal_exact(target).ok().filter(|_| self.unit() == Unit::Amount);
        amount.map_or(Figure::Number(target), Figure::Amount)
    }

    /// Today's.
    pub(super) fn today(self, metrics: &Metrics) -> Result<Figure, Undefined> {
        let of = |ratio: Ratio| match ratio {
            Ratio::Value(value) => Ok(Figure::Number(value)),
            Ratio::Undefined(reason) => Err(reason),
        };
        match self {
            Self::NetWorth => Ok(Figure::Amount(metrics.net_worth_at_market)),
            Self::TotalAssets => Ok(Figure::Amount(metrics.total_assets)),
            Self::TotalLiabilities => Ok(Figure::Amount(metrics.total_liabilities)),
            Self::LiquidAssets => Ok(Figure::Amount(metrics.liquid_assets)),
            Self::MonthlySurplus => Ok(Figure::Amount(metrics.monthly_surplus)),
            Self::Dscr => of(metrics.dscr),
            Self::LiquidityMonths => of(metrics.liquidity_months),
            Self::DaysCashOnHand => of(metrics.days_cash_on_hand),
            Self::SavingsRate => of(metrics.savings_rate),
            Self::DebtToAsset => of(metrics.debt_to_asset_at_market),
        }
    }

    /// A month's.
    pub(super) fn in_month(self, row: &Row) -> Result<Figure, Undefined> {
        let of = |value: Option<Decimal>, reason: Undefined| value.map(Figure::Number).ok_or(reason);
        match self {
            Self::NetWorth => Ok(Figure::Amount(row.net_worth)),
            Self::TotalAssets => Ok(Figure::Amount(row.total_assets)),
            Self::TotalLiabilities => Ok(Figure::Amount(row.total_liabilities)),
            Self::LiquidAssets => Ok(Figure::Amount(row.liquid_assets)),
            Self::MonthlySurplus => Ok(Figure::Amount(row.net_cash_flow)),
            Self::Dscr => of(row.dscr, Undefined::NoDebtService),
            Self::LiquidityMonths => of(row.liquidity_months, Undefined::NoExpenses),
            Self::DaysCashOnHand => of(row.days_cash_on_hand, Undefined::NoExpenses),
            Self::SavingsRate => of(row.savings_rate, Undefined::NoIncome),
            Self::DebtToAsset => of(ratio(row.total_liabilities, 1, row.total_assets), Undefined::NoAssets),
        }
    }
}
