//! Money: whole cents inside, decimal text at every edge, and the one rounding of the house.
//!
//! Why cents: a sum of cents is exact and fast. Why checked: an amount from outside may be anything. Why one rounding: a
//! booking is rounded to the cent once, half away from zero (the tax and loan convention), where it is booked; whoever rounds
//! twice loses cents. Deliberately absent: division, and any operation with a float.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};
use std::str::FromStr;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in the household's currency, in whole cents. Between −[`Money::LIMIT`] and +[`Money::LIMIT`] where it was parsed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a decimal number such as `96000.00`.
    #[error("is not an amount: write it as a decimal number such as \"96000.00\"")]
    NotAnAmount,
    /// More than two decimals: only a booking rounds, never the parser.
    #[error("has more than two decimals: amounts are whole cents, such as \"12.34\"")]
    TooManyDecimals,
    /// Beyond [`Money::LIMIT`].
    #[error("is too large: amounts are between -10,000,000,000,000.00 and 10,000,000,000,000.00")]
    TooLarge,
}

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Ten trillion: the largest amount that is accepted from outside. A thousand of them still add up within an `i64`'s cents,
    /// so that sums over one household cannot overflow.
    pub const LIMIT: Self = Self(1_000_000_000_000_000);

    /// From whole cents.
    #[must_use]
    pub const fn from_cents(cents: i64) -> Self {
        Self(cents)
    }

    /// Whole cents.
    #[must_use]
    pub const fn cents(self) -> i64 {
        self.0
    }

    /// Parses `"12.34"`, `"-5"` or `"1e3"`. `"12.345"` is refused: only a booking rounds.
    ///
    /// # Errors
    /// [`MoneyError`] says which of its three reasons.
    pub fn parse(text: &str) -> Result<Self, MoneyError> {
        let amount = parse_decimal(text).ok_or(MoneyError::NotAnAmount)?;
        Self::from_decimal_exact(amount)
    }

    /// A decimal that is a whole number of cents already.
    ///
    /// # Errors
    /// [`MoneyError::TooManyDecimals`] or [`MoneyError::TooLarge`].
    pub fn from_decimal_exact(amount: Decimal) -> Result<Self, MoneyError> {
        let cents = amount.checked_mul(Decimal::ONE_HUNDRED).ok_or(MoneyError::TooLarge)?;
        if !cents.is_integer() {
            return Err(MoneyError::TooManyDecimals);
        }
        let money = Self(cents.to_i64().ok_or(MoneyError::TooLarge)?);
        if money.0.unsigned_abs() > Self::LIMIT.0.unsigned_abs() { Err(MoneyError::TooLarge) } else { Ok(money) }
    }

    /// The booking of an exact product: rounded once, half away from zero, to the cent; kept at the ends of the range when it
    /// does not fit (a balance of 92 quadrillion is not a household's; a panic in the middle of a forecast helps nobody).
    #[must_use]
    pub fn round(exact: Decimal) -> Self {
        let (mantissa, places) = (exact.mantissa(), exact.scale());
        Self::held(match places.checked_sub(2) {
            // A mantissa has 96 bits: a hundred times as much fits.
            None => mantissa.saturating_mul(power_of_ten(2_u32.saturating_sub(places))),
            Some(beyond_cents) => divide_rounded(mantissa, power_of_ten(beyond_cents)),
        })
    }

    /// Cents, held at the ends of the range.
    fn held(cents: i128) -> Self {
        Self(i64::try_from(cents).unwrap_or(if cents < 0 { i64::MIN } else { i64::MAX }))
    }

    /// As a decimal with two places.
    #[must_use]
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }

    /// `self × numerator / denominator`, exact until its one rounding (half away from zero). A zero denominator gives zero.
    #[must_use]
    pub fn scaled(self, numerator: i64, denominator: i64) -> Self {
        if denominator == 0 {
            return Self::ZERO;
        }
        match self.0.checked_mul(numerator) {
            Some(product) => {
                let magnitude = divide_narrow(product.unsigned_abs(), denominator.unsigned_abs());
                let is_negative = (product < 0) != (denominator < 0);
                Self(if is_negative { 0_i64.saturating_sub_unsigned(magnitude) } else { 0_i64.saturating_add_unsigned(magnitude) })
            }
            None => Self::held(divide_rounded(i128::from(self.0) * i128::from(numerator), i128::from(denominator))),
        }
    }

    /// Part `index` (from 0) of this amount split into `parts`: the parts differ by a cent at most and add up to the whole.
    #[must_use]
    pub fn part(self, index: u32, parts: u32) -> Self {
        let upto = |n: u32| self.scaled(i64::from(n), i64::from(parts.max(1)));
        upto(index.saturating_add(1)) - upto(index)
    }

    /// For people: `1234567.05` as `1,234,567.05`.
    #[must_use]
    pub fn grouped(self) -> String {
        let plain = self.abs().to_string();
        let (whole, cents) = plain.split_once('.').unwrap_or((&plain, "00"));
        let mut text = String::with_capacity(plain.len().saturating_mul(2));
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && whole.len().saturating_sub(index).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        format!("{}{text}.{cents}", if self.is_negative() { "-" } else { "" })
    }

    /// True for anything below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// True for anything above zero.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// True for nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Never below zero.
    #[must_use]
    pub fn at_least_zero(self) -> Self {
        self.max(Self::ZERO)
    }
}

/// `numerator / denominator`, rounded half away from zero: the one rounding of the house. The denominator is not zero.
///
/// What a household has in cents, times what it is multiplied by, mostly fits into 64 bits, and there a division is one instruction
/// of the machine; one of 128 bits takes several times as long, and a forecast makes some hundred a month.
pub(crate) fn divide_rounded(numerator: i128, denominator: i128) -> i128 {
    let (dividend, divisor) = (numerator.unsigned_abs(), denominator.unsigned_abs());
    let magnitude = match (u64::try_from(dividend), u64::try_from(divisor)) {
        (Ok(dividend), Ok(divisor)) => u128::from(divide_narrow(dividend, divisor)),
        _ => {
            let quotient = dividend / divisor;
            let rest = dividend - quotient * divisor;
            quotient + u128::from(rest >= divisor - rest)
        }
    };
    let magnitude = i128::try_from(magnitude).unwrap_or(i128::MAX);
    if (numerator < 0) == (denominator < 0) { magnitude } else { -magnitude }
}

/// A quotient of 64 bits, rounded half up. It fits: only a quotient by 1 is as large as the dividend, and leaves no rest.
const fn divide_narrow(dividend: u64, divisor: u64) -> u64 {
    let (quotient, rest) = (dividend / divisor, dividend % divisor);
    if rest >= divisor - rest { quotient + 1 } else { quotient }
}

/// 10⁰ … 10²⁸: every scale that a decimal can have.
const POWERS_OF_TEN: [i128; 29] = {
    let mut powers = [1; 29];
    let mut exponent = 1;
    while exponent < powers.len() {
        #[expect(clippy::indexing_slicing, reason = "1 ≤ exponent < length; and a constant that panics does not compile")]
        {
            powers[exponent] = 10 * powers[exponent - 1];
        }
        exponent += 1;
    }
    powers
};

/// 10 to the scale of a decimal, which is at most 28.
pub(crate) fn power_of_ten(scale: u32) -> i128 {
    usize::try_from(scale).ok().and_then(|scale| POWERS_OF_TEN.get(scale)).copied().unwrap_or(i128::MAX)
}

/// A decimal from outside, plain or with an exponent, never through a float. `None` for anything else, and for what does not fit.
#[must_use]
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    let plain = !text.is_empty() && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if !plain {
        return None;
    }
    match text.contains(['e', 'E']) {
        true => Decimal::from_scientific(text).ok(),
        false => Decimal::from_str_exact(text).ok(),
    }
}

// Sums saturate instead of wrapping or panicking: parsed amounts are at most 10^15 cents, so that no sum of a household's
// figures comes near the ends; and a forecast that compounds for 50 years must not be able to bring the server down.
impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}
impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}
impl Neg for Money {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}
impl<'a> Sum<&'a Self> for Money {
    fn sum<I: Iterator<Item = &'a Self>>(amounts: I) -> Self {
        amounts.copied().sum()
    }
}

impl fmt::Display for Money {
    /// `-1234.05`: always two decimals, no grouping.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let cents = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:02}", cents / 100, cents % 100))
    }
}
impl FromStr for Money {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        Self::parse(text)
    }
}
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Money;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount as text, such as \"96000.00\"")
            }
            /// Any whole number of cents: what was computed and stored may be beyond the limit of what is entered, and has to be
            /// readable all the same. Bodies are read by [`Money::parse`].
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Money, E> {
                let cents = parse_decimal(text).and_then(|amount| amount.checked_mul(Decimal::ONE_HUNDRED));
                let cents = cents.filter(Decimal::is_integer).and_then(|cents| cents.to_i64());
                cents.map(Money).ok_or_else(|| E::custom(MoneyError::NotAnAmount))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::RoundingStrategy;

    #[test]
    fn a_third_decimal_is_refused_and_not_rounded() {
        assert_eq!(Money::parse("12.345"), Err(MoneyError::TooManyDecimals));
        assert_eq!(Money::parse("12.340"), Ok(Money::from_cents(1234)));
        assert_eq!(Money::parse("-0.05"), Ok(Money::from_cents(-5)));
        assert_eq!(Money::parse("1e3"), Ok(Money::from_cents(100_000)));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", " ", "NaN", "Infinity", "1,000", "0x10", "1_000", "--1", "1.2.3", "$5", "e", "."] {
            assert_eq!(Money::parse(text), Err(MoneyError::NotAnAmount), "{text:?}");
        }
        for text in ["1e400", "10000000000000.01", "99999999999999999999999999999999999"] {
            assert!(Money::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_booking_rounds_half_away_from_zero() {
        let round = |text: &str| Money::round(parse_decimal(text).unwrap()).to_string();
        assert_eq!((round("2.345"), round("2.3449"), round("-2.345")), ("2.35".into(), "2.34".into(), "-2.35".into()));
        assert_eq!(Money::from_cents(-5).scaled(1, 2), Money::from_cents(-3));
        assert_eq!(Money::from_cents(5).scaled(-1, 2), Money::from_cents(-3));
        assert_eq!(Money::from_cents(5).scaled(1, -2), Money::from_cents(-3));
        assert_eq!(Money::from_cents(-5).scaled(-1, 2), Money::from_cents(3));
    }

    #[test]
    fn what_does_not_fit_is_held_at_the_end_of_the_range() {
        let round = |text: &str| Money::round(parse_decimal(text).unwrap()).cents();
        assert_eq!((round("92233720368547758.07"), round("92233720368547758.08")), (i64::MAX, i64::MAX));
        assert_eq!((round("-92233720368547758.08"), round("-1e28")), (i64::MIN, i64::MIN));
        assert_eq!(Money::from_cents(i64::MIN).scaled(-3, 2), Money::from_cents(i64::MAX));
    }

    proptest! {
        /// Beside another way to the same figure, on both sides of 64 bits: with the half added before the division.
        #[test]
        fn a_quotient_is_rounded_half_away_from_zero(numerator in proptest::num::i128::ANY, by in 0_u32..127, denominator in 1..i128::from(u64::MAX) * 4) {
            let numerator = (numerator >> by) / 2;
            let half = if numerator < 0 { -(denominator / 2) } else { denominator / 2 };
            prop_assert_eq!(divide_rounded(numerator, denominator), (numerator + half) / denominator);
            prop_assert_eq!(divide_rounded(numerator, -denominator), -((numerator + half) / denominator));
        }

        #[test]
        fn a_decimal_is_booked_as_the_library_rounds_it(mantissa in -10_i128.pow(25)..10_i128.pow(25), places in 0_u32..=28) {
            let exact = Decimal::try_from_i128_with_scale(mantissa, places).unwrap();
            let cents = exact.checked_mul(Decimal::ONE_HUNDRED).unwrap().round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
            let end = if mantissa < 0 { i64::MIN } else { i64::MAX };
            prop_assert_eq!(Money::round(exact).cents(), cents.to_i64().unwrap_or(end));
        }

        #[test]
        fn the_parts_of_a_split_add_up_to_the_whole(cents in -10_i64.pow(15)..10_i64.pow(15), parts in 1_u32..700) {
            let whole = Money::from_cents(cents);
            let split: Vec<Money> = (0..parts).map(|index| whole.part(index, parts)).collect();
            prop_assert_eq!(split.iter().sum::<Money>(), whole);
            let spread = split.iter().max().unwrap().cents() - split.iter().min().unwrap().cents();
            prop_assert!(spread <= 1, "spread {spread}");
        }

        #[test]
        fn whatever_was_stored_can_be_read_again(cents in proptest::num::i64::ANY) {
            let stored = serde_json::to_string(&Money::from_cents(cents)).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&stored).unwrap(), Money::from_cents(cents));
        }

        #[test]
        fn text_goes_there_and_back(cents in -10_i64.pow(15)..10_i64.pow(15)) {
            let money = Money::from_cents(cents);
            prop_assert_eq!(Money::parse(&money.to_string()), Ok(money));
        }
    }
}
