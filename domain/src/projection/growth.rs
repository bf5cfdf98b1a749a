//! Step 7: growth. Investment and retirement accounts at (1 + annual)^(1/12) − 1, property at its appreciation, cash at its yield.
//!
//! What grows is the balance at the end of the month, after everything else: a contribution of the month grows with it. What is
//! worth nothing does not grow. A vehicle and other personal property keep their value, a business too, unless the plan says
//! otherwise for that account.

use crate::fixed::Fraction;
use crate::projection::books::Books;
use crate::projection::ledger::{Cause, Outside, Purpose, Slot};
use crate::projection::plan::Assumptions;
use crate::projection::state::State;
use crate::projection::taxes::Taxable;
use crate::rate::Rate;
use crate::vocabulary::AccountClass;

/// What an account does by itself every month.
#[derive(Clone, Copy, Debug)]
pub(super) struct Growth {
    /// Of what there is at the end of a month.
    pub monthly: Fraction,
    from: Outside,
    /// The yield of cash is interest, and taxed.
    pub is_interest: bool,
}

impl Growth {
    /// It stays as it is.
    pub const NONE: Self = Self { monthly: Fraction::ZERO, from: Outside::Market, is_interest: false };

    /// The growth of an account of this class, or its own. `known` holds the roots that have been taken.
    pub fn of(class: AccountClass, own: Option<Rate>, assumed: &Assumptions, known: &mut Vec<(Rate, Fraction)>) -> Self {
        let (annual, from) = match class {
            AccountClass::Investment | AccountClass::Retirement => (assumed.investment_return, Outside::Market),
            AccountClass::Cash => (assumed.cash_yield, Outside::Market),
            AccountClass::RealProperty => (assumed.property_appreciation.unwrap_or(assumed.inflation), Outside::Appraisal),
            AccountClass::PersonalProperty | AccountClass::Business => (Rate::ZERO, Outside::Appraisal),
            AccountClass::Receivable => (Rate::ZERO, Outside::Market),
            AccountClass::RevolvingDebt | AccountClass::Mortgage | AccountClass::InstalmentDebt | AccountClass::System => {
                return Self::NONE;
            }
        };
        let annual = own.unwrap_or(annual);
        let monthly = known.iter().find(|(rate, _)| *rate == annual).map(|(_, monthly)| *monthly);
        let monthly = monthly.unwrap_or_else(|| {
            // A plan's rates are above −100 %: the root is there.
            let monthly = Fraction::monthly_growth(annual).unwrap_or(Fraction::ZERO);
            known.push((annual, monthly));
            monthly
        });
        Self { monthly, from, is_interest: matches!(class, AccountClass::Cash) }
    }
}

/// Books the growth of every account.
pub(super) fn book(state: &mut State<'_>, books: &mut Books<'_>) {
    for (index, account) in (0_u16..).zip(&state.accounts) {
        let slot = Slot::Account(index);
        if account.growth.monthly.is_zero() || !books.balance(slot).is_positive() {
            continue;
        }
        let Some(grown) = account.growth.monthly.of(books.balance(slot)) else { return books.ledger.break_off() };
        let purpose = match account.growth.from {
            Outside::Appraisal => Purpose::Appreciation,
            Outside::Employers
            | Outside::Payers
            | Outside::TaxAuthorities
            | Outside::Merchants
            | Outside::Market
            | Outside::Lenders
            | Outside::OneOff => Purpose::InvestmentGrowth,
        };
        if account.growth.is_interest {
            state.taxes.note(Taxable::Interest, grown);
        }
        books.because(Cause::of(slot));
        books.post(Slot::Outside(account.growth.from), slot, grown, purpose);
    }
}
