//! A projection judged: whether it is short of money, when, for how long, and how low it gets.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::calendar::Date;
use crate::money::Money;
use crate::projection::{Projection, Row, Shortfall};
use crate::vocabulary::{AccountClass, words};

words! {
    /// How a plan stands a test; the worst is the greatest.
    pub enum StressStatus {
        /// In every month 3 months of liquidity or more, and a coverage of 1.2 or more.
        Passed => "passed",
        /// In some month less than that.
        Warning => "warning",
        /// In some month less than 1 month of liquidity, or a coverage below 0.8.
        Failed => "failed",
    }
}

words! {
    /// What is looked at.
    pub enum StressMeasure {
        /// Liquid assets / expenses of the month.
        LiquidityMonths => "liquidity_months",
        /// What is left for debts / their regular payments.
        Dscr => "dscr",
    }
}

impl StressMeasure {
    /// The figure of a month; absent where there is nothing to divide by.
    #[must_use]
    pub const fn in_month(self, row: &Row) -> Option<Decimal> {
        match self {
            Self::LiquidityMonths => row.liquidity_months,
            Self::Dscr => row.dscr,
        }
    }

    /// A month below this makes the status (spec 03); nothing makes a plan pass.
    #[must_use]
    pub const fn limit(self, status: StressStatus) -> Decimal {
        match (self, status) {
            (_, StressStatus::Passed) => Decimal::ZERO,
            (Self::LiquidityMonths, StressStatus::Warning) => Decimal::from_parts(3, 0, 0, false, 0),
            (Self::LiquidityMonths, StressStatus::Failed) => Decimal::ONE,
            (Self::Dscr, StressStatus::Warning) => Decimal::from_parts(12, 0, 0, false, 1),
            (Self::Dscr, StressStatus::Failed) => Decimal::from_parts(8, 0, 0, false, 1),
        }
    }

    /// Whether a month makes the status.
    #[must_use]
    pub fn breaches(self, row: &Row, status: StressStatus) -> bool {
        status != StressStatus::Passed && self.in_month(row).is_some_and(|value| value < self.limit(status))
    }
}

/// When a limit is first broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressBreach))]
pub struct Breach {
    /// Which figure.
    pub metric: StressMeasure,
    /// What it leads to.
    pub status: StressStatus,
    /// What the figure should not be below, decimal text.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.8"))]
    pub limit: Decimal,
    /// The month.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
    /// The figure of that month, decimal text.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "0.7412"))]
    pub value: Decimal,
    /// For how many months in a row, this one included, the figure stays below this limit.
    pub length_months: u16,
}

/// The first month in which more goes out than comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressNegativeCashFlow))]
pub struct NegativeCashFlow {
    /// The month.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
    /// Income − taxes − expenses of that month: below zero.
    pub net_cash_flow: Money,
}

/// The least that an amount comes to, and the first month in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressLowAmount))]
pub struct LowAmount {
    /// The amount.
    pub value: Money,
    /// The month.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
}

/// The least that a ratio comes to, and the first month in which it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressLowRatio))]
pub struct LowRatio {
    /// The ratio, decimal text.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1.0345"))]
    pub value: Decimal,
    /// The month.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
}

/// How low the figures get. A ratio that no month has is null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressMinima))]
pub struct Minima {
    /// Liquid assets / expenses.
    pub liquidity_months: Option<LowRatio>,
    /// Coverage of debt payments.
    pub dscr: Option<LowRatio>,
    /// Net cash flow / income.
    pub savings_rate: Option<LowRatio>,
    /// What is in cash accounts.
    pub cash: Option<LowAmount>,
    /// Cash and investments.
    pub liquid_assets: Option<LowAmount>,
    /// Assets less liabilities.
    pub net_worth: Option<LowAmount>,
    /// Income − taxes − expenses.
    pub net_cash_flow: Option<LowAmount>,
}

/// A month of the series beside the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressPoint))]
pub struct Point {
    /// 1 = the month in which the plan starts.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
    /// As in the projection's row, like all that follow.
    pub net_worth: Money,
    /// Cash and investments.
    pub liquid_assets: Money,
    /// What is in cash accounts.
    pub cash: Money,
    /// Everything owed.
    pub total_liabilities: Money,
    /// Gross income.
    pub total_income: Money,
    /// Taxes.
    pub total_taxes: Money,
    /// Spending and debt payments.
    pub total_expenses: Money,
    /// Income − taxes − expenses.
    pub net_cash_flow: Money,
    /// Coverage of debt payments.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub dscr: Option<Decimal>,
    /// Liquid assets / expenses.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub liquidity_months: Option<Decimal>,
}

/// What a projection comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressVerdict))]
pub struct Verdict {
    /// The worst month's.
    pub status: StressStatus,
    /// The first month in which more goes out than comes in.
    pub first_negative_cash_flow: Option<NegativeCashFlow>,
    /// The first month that made the status; null where the plan passes. Of two in one month, liquidity's.
    pub first_breach: Option<Breach>,
    /// How low the figures get.
    pub minima: Minima,
    /// The first month in which no liquid account could pay.
    pub shortfall: Option<Shortfall>,
}

impl Verdict {
    /// Of a projection.
    #[must_use]
    pub fn of(projection: &Projection) -> Self {
        let rows = &projection.months;
        let first_breach = first_breach(rows, StressStatus::Failed).or_else(|| first_breach(rows, StressStatus::Warning));
        let negative = rows.iter().find(|row| row.net_cash_flow.is_negative());
        Self {
            status: first_breach.map_or(StressStatus::Passed, |breach| breach.status),
            first_negative_cash_flow: negative.map(|row| NegativeCashFlow {
                month_number: row.month_number,
                date: row.date,
                net_cash_flow: row.net_cash_flow,
            }),
            first_breach,
            minima: Minima::of(rows),
            shortfall: projection.shortfall,
        }
    }
}

fn first_breach(rows: &[Row], status: StressStatus) -> Option<Breach> {
    let broken = |row: &Row| StressMeasure::ALL.iter().copied().find(|measure| measure.breaches(row, status));
    let (index, row, metric) = rows.iter().enumerate().find_map(|(index, row)| Some((index, row, broken(row)?)))?;
    let length = rows.iter().skip(index).take_while(|row| metric.breaches(row, status)).count();
    Some(Breach {
        metric,
        status,
        limit: metric.limit(status),
        month_number: row.month_number,
        date: row.date,
        value: metric.in_month(row)?,
        length_months: u16::try_from(length).unwrap_or(u16::MAX),
    })
}

impl Minima {
    fn of(rows: &[Row]) -> Self {
        Self {
            liquidity_months: least_ratio(rows, |row| row.liquidity_months),
            dscr: least_ratio(rows, |row| row.dscr),
            savings_rate: least_ratio(rows, |row| row.savings_rate),
            cash: least_amount(rows, cash),
            liquid_assets: least_amount(rows, |row| row.liquid_assets),
            net_worth: least_amount(rows, |row| row.net_worth),
            net_cash_flow: least_amount(rows, |row| row.net_cash_flow),
        }
    }
}

/// What is in cash accounts.
fn cash(row: &Row) -> Money {
    row.assets_by_class.get(AccountClass::Cash)
}

fn least_ratio(rows: &[Row], figure: impl Fn(&Row) -> Option<Decimal>) -> Option<LowRatio> {
    let lows = rows.iter().filter_map(|row| Some(LowRatio { value: figure(row)?, month_number: row.month_number, date: row.date }));
    lows.min_by_key(|low| (low.value, low.month_number))
}

fn least_amount(rows: &[Row], figure: impl Fn(&Row) -> Money) -> Option<LowAmount> {
    let lows = rows.iter().map(|row| LowAmount { value: figure(row), month_number: row.month_number, date: row.date });
    lows.min_by_key(|low| (low.value, low.month_number))
}

/// The monthly series of a projection.
#[must_use]
pub fn points(projection: &Projection) -> Vec<Point> {
    let point = |row: &Row| Point {
        month_number: row.month_number,
        date: row.date,
        net_worth: row.net_worth,
        liquid_assets: row.liquid_assets,
        cash: cash(row),
        total_liabilities: row.total_liabilities,
        total_income: row.total_income,
        total_taxes: row.total_taxes,
        total_expenses: row.total_expenses,
        net_cash_flow: row.net_cash_flow,
        dscr: row.dscr,
        liquidity_months: row.liquidity_months,
    };
    projection.months.iter().map(point).collect()
}
