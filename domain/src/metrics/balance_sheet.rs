//! What is owned and owed, from the current balances of the accounts in use.

use rust_decimal::{Decimal, RoundingStrategy};

use super::{Ratio, Undefined};
use crate::household::Household;
use crate::household::facts::Liability;
use crate::household::state::AccountState;
use crate::money::Money;
use crate::rate::Rate;

/// A debt that costs more than this a year is a dear one: 7 %.
pub(crate) const HIGH_INTEREST_PERCENT: i64 = 7;
/// Decimals of an average rate: lenders quote thousandths and eighths of a percent.
const RATE_PLACES: u32 = 6;

/// What is owned and owed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct BalanceSheet {
    /// At market value.
    pub assets_at_market: Money,
    /// At what was paid.
    pub assets_at_cost: Money,
    /// Cash and investments, at market value.
    pub liquid: Money,
    /// What is owed.
    pub liabilities: Money,
    /// What is owed above [`HIGH_INTEREST_PERCENT`].
    pub high_interest: Money,
    /// A year's interest on what is owed, exact.
    yearly_interest: Decimal,
}

impl BalanceSheet {
    pub fn of(home: &Household) -> Self {
        let mut sheet = Self::default();
        for state in home.accounts.values().filter(|state| state.is_counted()) {
            if state.account.account_type.is_liability() { sheet.owe(state) } else { sheet.own(state) }
        }
        sheet
    }

    fn own(&mut self, state: &AccountState) {
        let at_market = state.at_market();
        self.assets_at_market += at_market;
        self.assets_at_cost += state.at_cost();
        if state.account.account_type.class().is_liquid() {
            self.liquid += at_market;
        }
    }

    fn owe(&mut self, state: &AccountState) {
        let owed = state.current_balance();
        let rate = state.liability.as_ref().map_or(Rate::ZERO, Liability::rate_in_force);
        self.liabilities += owed;
        if rate > Rate::percent(HIGH_INTEREST_PERCENT) {
            self.high_interest += owed;
        }
        let interest = owed.to_decimal().saturating_mul(rate.fraction());
        self.yearly_interest = self.yearly_interest.saturating_add(interest);
    }

    /// A year's interest on all debts / all that is owed.
    pub fn weighted_average_interest_rate(&self) -> Ratio {
        if !self.liabilities.is_positive() {
            return Ratio::Undefined(Undefined::NoDebt);
        }
        // It does not fit only where a rate is beyond all that is accepted; then it is as high as can be said.
        let average = self.yearly_interest.checked_div(self.liabilities.to_decimal()).unwrap_or(Decimal::MAX);
        let mut rounded = average.round_dp_with_strategy(RATE_PLACES, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(RATE_PLACES);
        Ratio::Value(rounded)
    }
}
