//! Rules about one parameter, by name: `amount: Money where positive`.

use rust_decimal::Decimal;

use super::ParameterError;
use crate::money::Money;
use crate::rate::Rate;

/// More than nothing.
pub(in crate::projection::changes) fn positive(amount: &Money) -> Result<(), ParameterError> {
    if amount.is_positive() { Ok(()) } else { Err(ParameterError::NotPositive) }
}

/// Nothing or more.
pub(in crate::projection::changes) fn not_negative(amount: &Money) -> Result<(), ParameterError> {
    if amount.is_negative() { Err(ParameterError::Negative) } else { Ok(()) }
}

fn between(rate: &Rate, least: Decimal, most: Decimal, said: (&'static str, &'static str)) -> Result<(), ParameterError> {
    let fits = rate.fraction() >= least && rate.fraction() <= most;
    if fits { Ok(()) } else { Err(ParameterError::OutOfRange { least: said.0, most: said.1 }) }
}

/// A part of something, 0 … 1; also a rate of interest.
pub(in crate::projection::changes) fn part(rate: &Rate) -> Result<(), ParameterError> {
    between(rate, Decimal::ZERO, Decimal::ONE, ("0", "1"))
}

/// Growth that leaves something.
pub(in crate::projection::changes) fn growth(rate: &Rate) -> Result<(), ParameterError> {
    let leaves_something = rate.fraction() > -Decimal::ONE;
    if leaves_something { Ok(()) } else { Err(ParameterError::OutOfRange { least: "more than -1", most: "10" }) }
}

/// A change of an interest rate, in percentage points.
pub(in crate::projection::changes) fn points(rate: &Rate) -> Result<(), ParameterError> {
    between(rate, -Decimal::TEN, Decimal::TEN, ("-10", "10"))
}

/// As long as a forecast at most.
pub(in crate::projection::changes) fn months(months: &u16) -> Result<(), ParameterError> {
    if (1..=600).contains(months) { Ok(()) } else { Err(ParameterError::OutOfRange { least: "1", most: "600" }) }
}
