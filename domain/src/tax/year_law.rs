//! The law of one year for one filing status, indexed once: for whoever has many questions about one year.
//!
//! Indexing touches every threshold of the law, which costs as much as a return. A forecast asks about each of its years several
//! times (a quarter ahead, with and without an income, the settlement), and only what is owed, not what the next dollar would be.

use std::borrow::Cow;

use rust_decimal::Decimal;

use super::error::TaxError;
use super::estimate::{self, Estimate, StateLines};
use super::federal::{Extra, FederalLaw, FederalLines, Stepped};
use super::payroll::PayrollLaw;
use super::state::{Line, Lines, Silent, StateInput, StateLaws};
use super::tax_return::Return;
use crate::money::Money;
use crate::vocabulary::FilingStatus;

/// The law of one year for one filing status. From [`super::YearTables::law`].
#[derive(Clone, Debug)]
pub struct YearLaw<'a> {
    pub(super) status: FilingStatus,
    pub(super) federal: Cow<'a, FederalLaw>,
    pub(super) payroll: Cow<'a, PayrollLaw>,
    pub(super) states: &'a StateLaws,
    pub(super) indexing: Option<Decimal>,
}

/// What a return owes, booked line by line as in an [`Estimate`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Liability {
    /// [`Estimate::total_tax`].
    pub total: Money,
    /// The state's part of it: [`Estimate::state_income_tax`].
    pub state: Money,
}

/// An estimate and the exact lines behind it.
pub(super) struct Computed {
    pub(super) federal: FederalLines,
    pub(super) state: StateLines,
    pub(super) estimate: Estimate,
}

impl YearLaw<'_> {
    /// Every line of a return. Its filing status is this law's, whatever it says itself.
    ///
    /// # Errors
    /// [`TaxError`]: a state that is not supported, an amount that is negative or too large, more deductions than wages.
    pub fn estimate(&self, tax_return: &Return) -> Result<Estimate, TaxError> {
        self.compute(tax_return).map(|computed| computed.estimate)
    }

    /// An estimate with the exact lines behind it, for whoever explains them.
    pub(super) fn compute(&self, tax_return: &Return) -> Result<Computed, TaxError> {
        let (federal, state) = self.lines(tax_return, Extra::default(), None)?;
        let (next, next_state) = self.lines(tax_return, estimate::next_dollar(tax_return), Some(federal.stepped()))?;
        let estimate = estimate::book(&federal, &state, estimate::total(&next, &next_state));
        Ok(Computed { federal, state, estimate })
    }

    /// What a return owes, without asking about the next dollar: half the work of an estimate.
    ///
    /// # Errors
    /// As [`YearLaw::estimate`].
    pub fn liability(&self, tax_return: &Return) -> Result<Liability, TaxError> {
        let (federal, state) = self.lines(tax_return, Extra::default(), None)?;
        let booked = estimate::book(&federal, &state, Decimal::ZERO);
        Ok(Liability { total: booked.total_tax, state: booked.state_income_tax })
    }

    fn lines(&self, tax_return: &Return, extra: Extra, stepped: Option<Stepped>) -> Result<(FederalLines, StateLines), TaxError> {
        debug_assert_eq!(tax_return.filing_status, self.status, "a return of another filing status");
        tax_return.check()?;
        let federal = self.federal.compute(tax_return, extra, &self.payroll, stepped);
        let state = match tax_return.state {
            Some(state) => {
                let input = StateInput::of(tax_return, &federal, stepped.map(|stepped| stepped.agi));
                self.states.tax(state, input, self.indexing, &mut Silent)?
            }
            None => StateLines::default(),
        };
        Ok((federal, state))
    }

    /// The lines of the state's return, whose federal lines are known.
    pub(super) fn state_lines(&self, tax_return: &Return, federal: &FederalLines) -> Result<Vec<Line>, TaxError> {
        let mut lines = Lines::new();
        if let Some(state) = tax_return.state {
            self.states.tax(state, StateInput::of(tax_return, federal, None), self.indexing, &mut lines)?;
        }
        Ok(lines.lines)
    }
}
