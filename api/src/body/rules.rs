//! Rules about one field alone, written behind its type: `amount: Money where positive`.
//!
//! The household checks them too, and it has the last word. They stand here as well so that a body with a missing name and a negative
//! amount is told both at once; what a rule needs the household or another field for is said once each field by itself is good.

use domain::money::Money;
use domain::rate::Rate;
use rust_decimal::Decimal;

use super::at::At;
use super::fields::{Given, Patch};

/// A field that holds numbers, or none.
pub trait Figures {
    /// The least and the greatest of them.
    fn range(&self) -> Option<(Decimal, Decimal)>;
}

impl Figures for Money {
    fn range(&self) -> Option<(Decimal, Decimal)> {
        Some((self.to_decimal(), self.to_decimal()))
    }
}

impl Figures for Rate {
    fn range(&self) -> Option<(Decimal, Decimal)> {
        Some((self.fraction(), self.fraction()))
    }
}

impl<T: Figures> Figures for Option<T> {
    fn range(&self) -> Option<(Decimal, Decimal)> {
        self.as_ref().and_then(Figures::range)
    }
}

impl<T: Figures> Figures for Given<T> {
    fn range(&self) -> Option<(Decimal, Decimal)> {
        self.0.range()
    }
}

impl<T: Figures> Figures for Patch<T> {
    fn range(&self) -> Option<(Decimal, Decimal)> {
        if let Self::Value(value) = self { value.range() } else { None }
    }
}

impl<T: Figures> Figures for Vec<T> {
    fn range(&self) -> Option<(Decimal, Decimal)> {
        self.iter().filter_map(Figures::range).reduce(|(least, most), (low, high)| (least.min(low), most.max(high)))
    }
}

/// Zero or more.
pub fn not_negative(field: &impl Figures, at: At<'_>) {
    if field.range().is_some_and(|(least, _)| least < Decimal::ZERO) {
        at.refuse::<()>("negative", "must not be negative");
    }
}

/// More than zero.
pub fn positive(field: &impl Figures, at: At<'_>) {
    if field.range().is_some_and(|(least, _)| least <= Decimal::ZERO) {
        at.refuse::<()>("not_positive", "must be more than zero");
    }
}

/// From 0 to 1.
pub fn fraction(field: &impl Figures, at: At<'_>) {
    if field.range().is_some_and(|(least, most)| least < Decimal::ZERO || most > Decimal::ONE) {
        at.refuse::<()>("out_of_range", "must be between 0 and 1");
    }
}

/// From −1 to 1.
pub fn correlation(field: &impl Figures, at: At<'_>) {
    if field.range().is_some_and(|(least, most)| least < Decimal::NEGATIVE_ONE || most > Decimal::ONE) {
        at.refuse::<()>("out_of_range", "must be between -1 and 1");
    }
}

/// Of what grows by a rate a year, something is left: more than −1, at most 10.
pub fn growth(field: &impl Figures, at: At<'_>) {
    if field.range().is_some_and(|(least, most)| least <= Decimal::NEGATIVE_ONE || most > Decimal::TEN) {
        at.refuse::<()>("out_of_range", "must be more than -1 and at most 10");
    }
}

/// Interest a year: nothing or more.
pub fn interest(field: &impl Figures, at: At<'_>) {
    if field.range().is_some_and(|(least, most)| least < Decimal::ZERO || most > Decimal::TEN) {
        at.refuse::<()>("out_of_range", "must be at least 0 and at most 10");
    }
}

/// Ten billion: more a year is no household's, and a figure beyond it is a slip of the keyboard.
pub const LARGEST_OF_A_YEAR: Money = Money::from_cents(1_000_000_000_000);

/// A year's amount of one household: zero or more, at most ten billion.
pub fn of_a_household(field: &impl Figures, at: At<'_>) {
    not_negative(field, at);
    gain_or_loss_of_a_household(field, at);
}

/// A year's gain or loss of one household: at most ten billion either way.
pub fn gain_or_loss_of_a_household(field: &impl Figures, at: At<'_>) {
    let largest = LARGEST_OF_A_YEAR.to_decimal();
    if field.range().is_some_and(|(least, most)| least < -largest || most > largest) {
        at.refuse::<()>("too_large", format!("must be at most {LARGEST_OF_A_YEAR}: more is no household's year"));
    }
}
