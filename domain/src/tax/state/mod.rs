//! State income taxes of one year.

use std::collections::BTreeSet;

use super::error::{TableError, TaxError};
use super::estimate::StateLines;
use super::federal::FederalLines;
use super::law_file::LawFile;
use crate::money::Money;
use crate::vocabulary::State;

/// The income tax of every state that is known; a state that is not is an error that names it, never a silent zero.
#[derive(Clone, Debug)]
pub(super) struct StateLaws {
    without_income_tax: BTreeSet<State>,
}

impl StateLaws {
    pub(super) fn load(files: &[LawFile]) -> Result<Self, TableError> {
        let mut without_income_tax = BTreeSet::new();
        for file in files {
            if let Some(table) = file.find("no_income_tax")? {
                without_income_tax.extend(table.words("states", State::parse)?);
            }
        }
        Ok(Self { without_income_tax })
    }

    /// The state's tax on a return.
    pub(super) fn tax(&self, state: State, _federal: &FederalLines) -> Result<StateLines, TaxError> {
        self.known(state).map(|()| StateLines::default())
    }

    /// What is withheld for the state from a paycheck.
    pub(super) fn withholding(&self, state: State) -> Result<Money, TaxError> {
        self.known(state).map(|()| Money::ZERO)
    }

    fn known(&self, state: State) -> Result<(), TaxError> {
        if self.without_income_tax.contains(&state) { Ok(()) } else { Err(TaxError::StateNotSupported(state)) }
    }
}
