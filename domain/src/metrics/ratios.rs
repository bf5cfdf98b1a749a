//! A ratio that may have nothing to divide by, and then says so.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::ratio::ratio;
use crate::vocabulary::words;

words! {
    /// Why a ratio is absent: its denominator is zero, or less.
    pub enum Undefined {
        /// No income flows in on that day.
        NoIncome => "no_income",
        /// No expense flows out on that day.
        NoExpenses => "no_expenses",
        /// No debt is being paid on that day.
        NoDebtService => "no_debt_service",
        /// Nothing is owed.
        NoDebt => "no_debt",
        /// Nothing is owned.
        NoAssets => "no_assets",
    }
}

/// A ratio, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Wire", try_from = "Wire")]
pub enum Ratio {
    /// Its value: four decimals, or as many as its field says.
    Value(Decimal),
    /// There is nothing to divide by.
    Undefined(Undefined),
}

impl Ratio {
    /// `numerator × times / denominator` in four decimals; absent for `reason` where the denominator is zero or less.
    pub(super) fn of(numerator: Money, times: i64, denominator: Money, reason: Undefined) -> Self {
        ratio(numerator, times, denominator).map_or(Self::Undefined(reason), Self::Value)
    }

    /// Its value, where it has one.
    #[must_use]
    pub const fn value(self) -> Option<Decimal> {
        match self {
            Self::Value(value) => Some(value),
            Self::Undefined(_) => None,
        }
    }

    /// Why it has none, where it has none.
    #[must_use]
    pub const fn reason(self) -> Option<Undefined> {
        match self {
            Self::Value(_) => None,
            Self::Undefined(reason) => Some(reason),
        }
    }
}

/// As it is written outside Rust: both fields, one of them null.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
struct Wire {
    /// Decimal text; null where there is nothing to divide by.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "0.3210"))]
    value: Option<Decimal>,
    /// Why there is no value.
    #[cfg_attr(feature = "openapi", schema(inline))]
    reason: Option<Undefined>,
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for Ratio {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Wire::schema()
    }
}
#[cfg(feature = "openapi")]
impl utoipa::ToSchema for Ratio {}

impl From<Ratio> for Wire {
    fn from(ratio: Ratio) -> Self {
        Self { value: ratio.value(), reason: ratio.reason() }
    }
}

impl TryFrom<Wire> for Ratio {
    type Error = &'static str;
    fn try_from(wire: Wire) -> Result<Self, Self::Error> {
        match (wire.value, wire.reason) {
            (Some(value), None) => Ok(Self::Value(value)),
            (None, Some(reason)) => Ok(Self::Undefined(reason)),
            (Some(_), Some(_)) | (None, None) => Err("a ratio has a value or a reason, and not both"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_is_written_with_its_value_or_with_the_reason_for_its_absence() {
        let third = Ratio::of(Money::from_cents(100), 1, Money::from_cents(300), Undefined::NoIncome);
        assert_eq!(serde_json::to_string(&third).unwrap(), r#"{"value":"0.3333","reason":null}"#);
        let absent = Ratio::of(Money::from_cents(100), 1, Money::ZERO, Undefined::NoIncome);
        assert_eq!(serde_json::to_string(&absent).unwrap(), r#"{"value":null,"reason":"no_income"}"#);
        for ratio in [third, absent] {
            assert_eq!(serde_json::from_str::<Ratio>(&serde_json::to_string(&ratio).unwrap()).unwrap(), ratio);
        }
        assert!(serde_json::from_str::<Ratio>(r#"{"value":null,"reason":null}"#).is_err());
    }
}
