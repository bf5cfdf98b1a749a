//! Shocks of the market: investments lose or gain at once, and recover.

use super::Source;
use super::course::Recurring;
use super::effect::{Effect, Needs};
use super::kind::AdjustInvestmentValue;
use super::said::{Names, words};
use super::words::InvestmentScope;
use crate::fixed::Fraction;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::rate::Rate;
use crate::vocabulary::AccountClass;

/// A fraction in units of 10⁻¹².
const SCALE: i128 = 1_000_000_000_000;

impl Effect for AdjustInvestmentValue {
    fn needs(&self) -> Option<Needs> {
        Some(Needs::Investment(self.applies_to))
    }

    /// In its month prices fall to `1 + fraction` of what they were; then they rise by the same amount each month, until they are back.
    /// What is held moves with them: so what is bought at the bottom gains, and what was sold there does not come back.
    fn recur(&self, month: &mut Recurring<'_, '_, '_>) {
        let Some(step) = self.step(month.since) else { return };
        for (index, account) in (0_u16..).zip(&month.state.accounts) {
            let is_meant = match self.applies_to {
                InvestmentScope::All => matches!(account.class, AccountClass::Investment | AccountClass::Retirement),
                InvestmentScope::Type(account_type) => account.account_type == account_type,
            };
            let held = month.books.balance(Slot::Account(index));
            if is_meant && held.is_positive() {
                let (from, purpose) = if account.class.is_property() {
                    (Outside::Appraisal, Purpose::Appreciation)
                } else {
                    (Outside::Market, Purpose::InvestmentGrowth)
                };
                month.books.post_computed(Slot::Outside(from), Slot::Account(index), step.of(held), purpose);
            }
        }
    }

    fn lasts_months(&self) -> u16 {
        self.recovery_months.unwrap_or(0)
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        let which = match self.applies_to {
            InvestmentScope::All => "investments".to_owned(),
            InvestmentScope::Type(account_type) => format!("each {}", words(account_type.as_str())),
        };
        let moves = if self.fraction < Rate::ZERO { "lose" } else { "gain" };
        let back = self.recovery_months.map(|months| format!(" and are back after {months} months")).unwrap_or_default();
        format!("{which} {moves} {} of their value{back}", Rate::new(self.fraction.fraction().abs()).in_percent())
    }
}

impl AdjustInvestmentValue {
    /// The relative change of prices in the month so many months after the shock.
    ///
    /// With the shock f and N months of recovery prices stand at 1 + f − f·k/N after k months, so that month k changes them by
    /// −f / ((1 + f)·N − f·(k − 1)): exact, without a root, and after N months they are where they were.
    fn step(&self, since: u16) -> Option<Fraction> {
        let shock = units(self.fraction);
        if since == 0 {
            return Some(Fraction::of_rate(self.fraction));
        }
        let months = i128::from(self.recovery_months?);
        let price_before = SCALE.saturating_add(shock).saturating_mul(months).saturating_sub(shock.saturating_mul(i128::from(since) - 1));
        Some(Fraction::new(shock.saturating_neg(), price_before))
    }
}

/// In units of 10⁻¹²: a rate that is entered has no more decimals.
fn units(rate: Rate) -> i128 {
    let rounded = rate.fraction().round_dp(12);
    rounded.mantissa().saturating_mul(10_i128.saturating_pow(12_u32.saturating_sub(rounded.scale())))
}
