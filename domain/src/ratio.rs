//! One amount in terms of another: the ratios of a forecast's rows and of the metrics at a date, rounded alike. Absent where there
//! is nothing to divide by: never 999, never infinity.

use rust_decimal::Decimal;

use crate::money::{Money, divide_rounded};

/// Decimals of a ratio.
const PLACES: u32 = 4;
/// 10⁴: what [`PLACES`] stands for.
const SCALE: i128 = 10_000;

/// `numerator × times / denominator`, rounded to four decimals, half away from zero; `None` for a denominator of zero or less.
#[must_use]
pub fn ratio(numerator: Money, times: i64, denominator: Money) -> Option<Decimal> {
    if !denominator.is_positive() {
        return None;
    }
    let denominator = i128::from(denominator.cents());
    let scaled = i128::from(numerator.cents()).checked_mul(i128::from(times))?.checked_mul(SCALE)?;
    Decimal::try_from_i128_with_scale(divide_rounded(scaled, denominator), PLACES).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_has_four_decimals_or_is_absent() {
        let cents = Money::from_cents;
        assert_eq!(ratio(cents(200), 1, cents(300)).unwrap().to_string(), "0.6667");
        assert_eq!(ratio(cents(-200), 1, cents(300)).unwrap().to_string(), "-0.6667");
        assert_eq!(ratio(cents(100), 30, cents(200)).unwrap().to_string(), "15.0000");
        assert_eq!(ratio(cents(100), 1, Money::ZERO), None);
    }
}
