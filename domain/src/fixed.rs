//! Exact fractions by which amounts are multiplied many times a month: interest for a month, growth for a month, a year's rise.
//!
//! Why not a decimal: an engine that multiplies ten thousand balances wants one integer product and one division each, and a
//! fraction over a fixed denominator is as exact. Why not a float: the same inputs must give the same cents on every machine.

use rust_decimal::Decimal;

use crate::money::{Money, divide_rounded, power_of_ten};
use crate::rate::Rate;

/// The most decimals that a fraction keeps of a rate: six more than [`Rate::parse`] accepts.
const PLACES: u32 = 18;

/// A fraction `numerator / denominator`, exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    /// Nothing of anything.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// `numerator / denominator`; nothing where the denominator is zero.
    #[must_use]
    pub const fn new(numerator: i128, denominator: i128) -> Self {
        match denominator {
            0 => Self::ZERO,
            ..0 => Self { numerator: numerator.saturating_neg(), denominator: denominator.saturating_neg() },
            1.. => Self { numerator, denominator },
        }
    }

    /// A rate as it is.
    #[must_use]
    pub fn of_rate(rate: Rate) -> Self {
        Self::of_decimal(rate.fraction())
    }

    /// A month's share of an annual interest rate: a twelfth, exactly (30/360: lenders do not count a month's days).
    #[must_use]
    pub fn monthly_interest(annual: Rate) -> Self {
        let year = Self::of_decimal(annual.fraction());
        Self { denominator: 12 * year.denominator, ..year }
    }

    /// A month's growth that compounds to `annual` in a year, (1 + annual)^(1/12) − 1, to 18 decimals; `None` at −100 % or below,
    /// where nothing is left to take a root of.
    #[must_use]
    pub fn monthly_growth(annual: Rate) -> Option<Self> {
        if annual.is_zero() {
            return Some(Self::ZERO);
        }
        let root = twelfth_root(Decimal::ONE.checked_add(annual.fraction())?)?;
        Some(Self::of_decimal(root - Decimal::ONE))
    }

    /// A decimal to 18 places, over the least power of ten: 0.03 is 3 / 100, so that what it makes of an amount fits into 64 bits.
    fn of_decimal(value: Decimal) -> Self {
        let shortest = value.round_dp(PLACES).normalize();
        Self { numerator: shortest.mantissa(), denominator: power_of_ten(shortest.scale()) }
    }

    /// Numerator and denominator, for whoever computes in floating point.
    #[must_use]
    pub const fn parts(self) -> (i128, i128) {
        (self.numerator, self.denominator)
    }

    /// True where it makes nothing of any amount.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// This part of an amount, rounded once to the cent, half away from zero; `None` where it does not fit.
    #[must_use]
    pub fn of(self, amount: Money) -> Option<Money> {
        let product = i128::from(amount.cents()).checked_mul(self.numerator)?;
        i64::try_from(divide_rounded(product, self.denominator)).ok().map(Money::from_cents)
    }
}

/// A decimal to so many places, half to even: [`Decimal::round_dp`], in a division instead of a loop over its words. What is
/// deflated to another year's dollars has twenty digits and more, thirty times a return.
#[must_use]
pub fn to_places(value: Decimal, places: u32) -> Decimal {
    let Some(beyond) = value.scale().checked_sub(places).filter(|beyond| *beyond > 0) else { return value };
    let (magnitude, unit) = (value.mantissa().unsigned_abs(), power_of_ten(beyond).unsigned_abs());
    let quotient = magnitude / unit;
    let (rest, is_odd) = (magnitude - quotient * unit, quotient % 2 == 1);
    let up = rest > unit - rest || (rest == unit - rest && is_odd);
    let rounded = i128::try_from(quotient + u128::from(up)).ok();
    let rounded = rounded.map(|rounded| if value.is_sign_negative() { -rounded } else { rounded });
    rounded.and_then(|rounded| Decimal::try_from_i128_with_scale(rounded, places).ok()).unwrap_or(value)
}

/// The twelfth root by Newton's method, in 28 digits. It starts at 1 + (value − 1) / 12, which lies above the root (Bernoulli's
/// inequality), and from above Newton falls towards it without ever passing it. A step below 10⁻¹¹ is the last: the error left
/// is about 5.5 × its square.
fn twelfth_root(value: Decimal) -> Option<Decimal> {
    if value <= Decimal::ZERO {
        return None;
    }
    let twelve = Decimal::from(12);
    let enough = Decimal::new(1, 11);
    let mut root = Decimal::ONE.checked_add((value - Decimal::ONE).checked_div(twelve)?)?;
    for _ in 0..200 {
        let cube = root.checked_mul(root)?.checked_mul(root)?;
        let sixth = cube.checked_mul(cube)?;
        let eleventh = sixth.checked_mul(cube)?.checked_mul(root)?.checked_mul(root)?;
        let step = eleventh.checked_mul(root)?.checked_sub(value)?.checked_div(twelve.checked_mul(eleventh)?)?;
        root = root.checked_sub(step)?;
        if step.abs() < enough {
            return Some(root);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rate(text: &str) -> Rate {
        Rate::parse(text).unwrap()
    }

    #[test]
    fn monthly_growth_is_exact_to_eighteen_decimals() {
        // Python's decimal with 60 digits: (ln(1.07) / 12).exp() - 1 and so on, rounded to 18 decimals.
        let parts = |text: &str| {
            let Fraction { numerator, denominator } = Fraction::monthly_growth(rate(text)).unwrap();
            numerator * 10_i128.pow(18) / denominator
        };
        assert_eq!(parts("0.07"), 5_654_145_387_405_277);
        assert_eq!(parts("0.03"), 2_466_269_772_303_600);
        assert_eq!(parts("-0.2"), -18_423_470_126_248_326);
        assert_eq!(parts("10"), 221_188_550_311_993_764);
        assert_eq!(parts("0"), 0);
    }

    #[test]
    fn there_is_no_monthly_growth_that_loses_everything() {
        assert_eq!(Fraction::monthly_growth(rate("-1")), None);
        assert_eq!(Fraction::monthly_growth(rate("-1.5")), None);
    }

    #[test]
    fn a_month_of_interest_is_a_twelfth_rounded_half_up() {
        let month = Fraction::monthly_interest(rate("0.065"));
        assert_eq!(month.of(Money::from_cents(40_000_000)), Some(Money::from_cents(216_667)));
        assert_eq!(Fraction::monthly_interest(rate("0.06")).of(Money::from_cents(100)), Some(Money::from_cents(1)));
        assert_eq!(Fraction::monthly_interest(rate("0.06")).of(Money::from_cents(-100)), Some(Money::from_cents(-1)));
    }

    #[test]
    fn what_does_not_fit_is_said_and_not_cut_off() {
        assert_eq!(Fraction::of_rate(rate("10")).of(Money::from_cents(i64::MAX)), None);
    }

    proptest! {
        #[test]
        fn places_are_rounded_as_the_library_rounds_them(mantissa in -(1_i128 << 95)..1_i128 << 95, scale in 0_u32..=28, places in 0_u32..=28) {
            let value = Decimal::try_from_i128_with_scale(mantissa, scale).unwrap();
            prop_assert_eq!(to_places(value, places), value.round_dp(places));
            prop_assert_eq!(to_places(value, places).scale(), value.round_dp(places).scale());
        }

        #[test]
        fn halves_are_rounded_to_even(whole in -1_000_i128..1_000, places in 1_u32..20) {
            let half = Decimal::try_from_i128_with_scale((2 * whole + 1) * 5 * 10_i128.pow(places - 1), places).unwrap();
            prop_assert_eq!(to_places(half, 0), half.round_dp(0));
        }
    }
}
