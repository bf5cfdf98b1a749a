//! Rates and fractions: exact decimals, `0.065` = 6.5 %.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::money::{Money, parse_decimal};

/// A fraction, as an exact decimal in its shortest form (`1.0` and `1.00` are one rate and print alike, so that hashes agree).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(Decimal);

/// Why a text is not a rate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateError {
    /// Not a decimal number such as `0.065`.
    #[error("is not a rate: write it as a fraction, such as \"0.065\" for 6.5 %")]
    NotARate,
    /// More than twelve decimals, which no contract has and exact products could not hold.
    #[error("has more than twelve decimals")]
    TooManyDecimals,
    /// Outside −10 … 10, that is −1000 % … 1000 %.
    #[error("is out of range: a rate is a fraction, such as \"0.065\" for 6.5 %")]
    OutOfRange,
}

impl Rate {
    /// 0 %.
    pub const ZERO: Self = Self(Decimal::ZERO);
    /// 100 %.
    pub const ONE: Self = Self(Decimal::ONE);

    /// A rate from a decimal, in its shortest form.
    #[must_use]
    pub fn new(fraction: Decimal) -> Self {
        Self(fraction.normalize())
    }

    /// `Rate::percent(3)` = 3 %.
    #[must_use]
    pub fn percent(percent: i64) -> Self {
        Self::new(Decimal::new(percent, 2))
    }

    /// Parses `"0.065"`.
    ///
    /// # Errors
    /// [`RateError`] says which of its reasons.
    pub fn parse(text: &str) -> Result<Self, RateError> {
        let fraction = parse_decimal(text).ok_or(RateError::NotARate)?.normalize();
        if fraction.scale() > 12 {
            return Err(RateError::TooManyDecimals);
        }
        if fraction.abs() > Decimal::TEN { Err(RateError::OutOfRange) } else { Ok(Self(fraction)) }
    }

    /// The fraction itself.
    #[must_use]
    pub const fn fraction(self) -> Decimal {
        self.0
    }

    /// For people: `0.065` as `6.5 %`.
    #[must_use]
    pub fn in_percent(self) -> String {
        let exact = self.0.checked_mul(Decimal::ONE_HUNDRED).unwrap_or_default();
        format!("{} %", exact.normalize())
    }

    /// True for 0 %.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The part of an amount that this rate is, booked (rounded once).
    #[must_use]
    pub fn of(self, amount: Money) -> Money {
        amount.to_decimal().checked_mul(self.0).map_or(Money::ZERO, Money::round)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}
impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Any decimal: a ratio that was computed and stored may be beyond the range of what is entered. Bodies are read by `parse`.
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        parse_decimal(&text).map(Self::new).ok_or_else(|| serde::de::Error::custom(RateError::NotARate))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_rates_print_alike() {
        assert_eq!(Rate::parse("0.0650").unwrap().to_string(), "0.065");
        assert_eq!(Rate::parse("1.00").unwrap(), Rate::ONE);
    }

    #[test]
    fn a_percentage_written_as_a_number_of_percent_is_refused() {
        assert_eq!(Rate::parse("65"), Err(RateError::OutOfRange));
        assert_eq!(Rate::parse("six"), Err(RateError::NotARate));
        assert_eq!(Rate::parse("0.0000000000001"), Err(RateError::TooManyDecimals));
    }

    #[test]
    fn the_part_of_an_amount_is_rounded_once() {
        assert_eq!(Rate::parse("0.062").unwrap().of(Money::from_cents(12_345)), Money::from_cents(765));
    }
}
