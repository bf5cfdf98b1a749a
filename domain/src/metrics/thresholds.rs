//! From where on a figure is worrying: the default thresholds of the specification.

use rust_decimal::Decimal;
use serde::Serialize;

use super::{Metrics, Ratio, Undefined};
use crate::vocabulary::words;

words! {
    /// A figure that has thresholds.
    pub enum ThresholdMetric {
        /// Debt service coverage.
        Dscr => "dscr",
        /// For how many months of expenses liquid assets last.
        LiquidityMonths => "liquidity_months",
        /// The same in days.
        DaysCashOnHand => "days_cash_on_hand",
        /// Debt service / income.
        DtiRatio => "dti_ratio",
        /// Surplus / income.
        SavingsRate => "savings_rate",
        /// What is owed at more than 7 % a year / all that is owed.
        HighInterestDebtRatio => "high_interest_debt_ratio",
        /// Expenses for housing / income.
        HousingRatio => "housing_ratio",
    }
}

words! {
    /// How worrying a figure is; the worst is the greatest.
    pub enum Level {
        /// Not at all.
        Good => "good",
        /// Beyond the first threshold.
        Warning => "warning",
        /// Beyond the second.
        Critical => "critical",
    }
}

/// From where on a figure is worrying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Threshold {
    /// Beyond this, a warning; decimal text.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1.5"))]
    pub warning: Decimal,
    /// Beyond this, critical; decimal text.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "1.0"))]
    pub critical: Decimal,
    /// Beyond is below; else above.
    pub is_least: bool,
}

impl Threshold {
    /// How worrying a value is: at a threshold it is not beyond it.
    #[must_use]
    pub fn level(&self, value: Decimal) -> Level {
        let beyond = |limit: Decimal| if self.is_least { value < limit } else { value > limit };
        if beyond(self.critical) {
            Level::Critical
        } else if beyond(self.warning) {
            Level::Warning
        } else {
            Level::Good
        }
    }
}

impl ThresholdMetric {
    /// Where it begins to worry.
    #[must_use]
    pub fn threshold(self) -> Threshold {
        let (tenths, hundredths) = (|number| Decimal::new(number, 1), |number| Decimal::new(number, 2));
        let least = |warning, critical| Threshold { warning, critical, is_least: true };
        let most = |warning, critical| Threshold { warning, critical, is_least: false };
        match self {
            Self::Dscr => least(tenths(15), tenths(10)),
            Self::LiquidityMonths => least(Decimal::from(3), Decimal::ONE),
            Self::DaysCashOnHand => least(Decimal::from(180), Decimal::from(90)),
            Self::DtiRatio => most(hundredths(36), hundredths(43)),
            Self::SavingsRate => least(hundredths(10), Decimal::ZERO),
            Self::HighInterestDebtRatio => most(hundredths(10), hundredths(25)),
            Self::HousingRatio => most(hundredths(28), hundredths(36)),
        }
    }

    /// Today's figure.
    #[must_use]
    pub const fn of(self, metrics: &Metrics) -> Ratio {
        match self {
            Self::Dscr => metrics.dscr,
            Self::LiquidityMonths => metrics.liquidity_months,
            Self::DaysCashOnHand => metrics.days_cash_on_hand,
            Self::DtiRatio => metrics.dti_ratio,
            Self::SavingsRate => metrics.savings_rate,
            Self::HighInterestDebtRatio => metrics.high_interest_debt_ratio,
            Self::HousingRatio => metrics.housing_ratio,
        }
    }

    /// How worrying a figure is. Where nothing has to be paid, covered or paid back, all is well; where there is no income, its parts
    /// cannot be judged.
    #[must_use]
    pub fn level(self, figure: Ratio) -> Option<Level> {
        match figure {
            Ratio::Value(value) => Some(self.threshold().level(value)),
            Ratio::Undefined(Undefined::NoExpenses | Undefined::NoDebtService | Undefined::NoDebt) => Some(Level::Good),
            Ratio::Undefined(Undefined::NoIncome | Undefined::NoAssets) => None,
        }
    }
}
