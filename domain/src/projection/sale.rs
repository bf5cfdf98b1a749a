//! The sale of something that is owned, as a whole: a house, a car, a business, the holdings of an account.
//!
//! Three postings, each of its own kind. What the price is above (or below) the balance is appreciation, which nobody had known of;
//! the price moves from the thing to the main cash account; the costs are spent. The gain for the return is another figure: the
//! price less the costs and less what was paid for it. It stands on the return of the year, and April settles it.
//!
//! A loss on what was used privately is not deductible (26 U.S.C. §§ 165(c), 262): the own home, a second home, a car, jewelry.
//! Deliberately absent: the two years of living in a home that the exclusion asks for, and depreciation that is recaptured when
//! a rented property is sold (§ 1250).

use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::holdings::Treatment;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::state::State;
use crate::projection::taxes::Taxable;
use crate::vocabulary::{AccountClass, AccountType, ExpenseCategory};

crate::vocabulary::words! {
    /// How the gain of a sale is taxed.
    pub enum GainTax {
        /// As the own home: long-term, but for the exclusion of 26 U.S.C. § 121.
        HomeSaleExclusion => "home_sale_exclusion",
        /// As what was held for more than a year.
        LongTerm => "long_term",
        /// Not at all.
        None => "none",
    }
}

/// What something is sold for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SaleTerms {
    /// What the buyer pays; not negative.
    pub price: Money,
    /// What the sale itself costs: broker, repairs, transfer taxes; not negative.
    pub costs: Money,
    /// How the gain is taxed. What is sold out of a retirement account is taxed as a withdrawal, whatever this says.
    pub gain_tax: GainTax,
}

/// Sells all that a slot holds; the price arrives in the main cash account. A debt cannot be sold, and what has been sold cannot be sold
/// again: nothing happens then. Says whether anything was sold.
pub(super) fn sell(state: &mut State<'_>, books: &mut Books<'_>, slot: Slot, terms: &SaleTerms) -> bool {
    let Some(account) = state.account(slot).filter(|account| !account.class.is_liability()) else { return false };
    if state.is_gone(slot, books) {
        return false;
    }
    let (account_type, main_cash) = (account.account_type, state.main_cash);
    let gain = terms.price - terms.costs - books.holdings.basis(slot);
    books.post(Slot::Outside(Outside::Appraisal), slot, terms.price - books.balance(slot), Purpose::Appreciation);
    // Out of a retirement account it is a withdrawal, and taxed by what was put in.
    let is_withdrawal = matches!(books.holdings.treatment(slot), Treatment::Deferred { .. } | Treatment::Roth | Treatment::Health);
    if !is_withdrawal {
        // The gain is noted here, once: what moves now has cost what it brings.
        books.holdings.set_basis(slot, terms.price);
    }
    books.post(slot, main_cash, terms.price, Purpose::Transfer);
    books.holdings.set_basis(slot, Money::ZERO);
    let costs = Purpose::Spending(ExpenseCategory::Miscellaneous);
    books.post(main_cash, Slot::Outside(Outside::Merchants), terms.costs, costs);
    let taxed = match if is_withdrawal { GainTax::None } else { terms.gain_tax } {
        GainTax::None => Money::ZERO,
        GainTax::HomeSaleExclusion => (gain - state.taxes.home_sale_exclusion()).at_least_zero(),
        GainTax::LongTerm if is_private(account_type) => gain.at_least_zero(),
        GainTax::LongTerm => gain,
    };
    state.taxes.note_once(Taxable::Gains, taxed);
    state.mark_sold(slot);
    true
}

/// Used, and not held for gain.
fn is_private(account_type: AccountType) -> bool {
    account_type.class() == AccountClass::PersonalProperty
        || matches!(account_type, AccountType::PrimaryResidence | AccountType::VacationProperty)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Month;
    use crate::ids::{AccountId, MemberId};
    use crate::projection::engine::{self, Changes};
    use crate::projection::plan::{Assumptions, CalendarMode, Plan, PlanAccount, PlanFiler, PlanMember};
    use crate::projection::row::Projection;
    use crate::rate::Rate;
    use crate::tax::TaxTables;
    use crate::vocabulary::{FilingStatus, WithdrawalOrder};
    use uuid::Uuid;

    /// Sells the second account in month 1.
    struct SellTheSecond(SaleTerms);

    impl Changes for SellTheSecond {
        fn apply(&mut self, state: &mut State<'_>, books: &mut Books<'_>) {
            if state.clock.number == 1 {
                sell(state, books, Slot::Account(1), &self.0);
            }
        }
        fn grown(&mut self, _state: &mut State<'_>) {}
    }

    fn dollars(dollars: i64) -> Money {
        Money::from_cents(dollars * 100)
    }

    /// A single person without income, with a house worth 600,000 that was bought for `basis`.
    fn owner(account_type: AccountType, basis: i64, start: (i32, u32)) -> Plan {
        let account = |number, account_type, opening, cost_basis| PlanAccount {
            id: AccountId(Uuid::from_u128(number)),
            account_type,
            opening,
            cost_basis,
            owner: None,
            debt: None,
            growth: None,
        };
        let still =
            Assumptions { inflation: Rate::ZERO, investment_return: Rate::ZERO, salary_growth: Rate::ZERO, ..Assumptions::default() };
        Plan {
            start: Month::new(start.0, start.1).unwrap(),
            months: 16,
            calendar: CalendarMode::Smoothed,
            assumptions: still,
            settle_taxes: true,
            index_thresholds: true,
            accounts: vec![
                account(1, AccountType::Checking, Money::ZERO, None),
                account(2, account_type, dollars(600_000), Some(dollars(basis))),
            ],
            incomes: vec![],
            flows: vec![],
            filer: PlanFiler {
                filing_status: FilingStatus::Single,
                state: None,
                members: vec![PlanMember { id: MemberId(Uuid::from_u128(1)), birth: None, retired: false }],
                children: vec![],
                other_dependents: 0,
                has_family_coverage: false,
            },
            main_cash: AccountId(Uuid::from_u128(1)),
            overdraft: AccountId(Uuid::from_u128(9)),
            withdrawal_order: WithdrawalOrder::default(),
            changes: vec![],
        }
    }

    fn sold(plan: &Plan, gain_tax: GainTax) -> Projection {
        let terms = SaleTerms { price: dollars(650_000), costs: dollars(39_000), gain_tax };
        engine::run(plan, TaxTables::shipped().unwrap(), &mut SellTheSecond(terms), &mut ()).unwrap()
    }

    fn all_taxes(projection: &Projection) -> Money {
        projection.months.iter().map(|row| row.total_taxes).sum()
    }

    #[test]
    fn a_sale_books_the_gain_over_the_balance_the_price_and_the_costs() {
        let projection = sold(&owner(AccountType::PrimaryResidence, 200_000, (2026, 1)), GainTax::HomeSaleExclusion);
        let row = &projection.months[0];
        assert_eq!((row.change.appreciation, row.change.spending), (dollars(50_000), dollars(-39_000)));
        assert_eq!((row.total_assets, row.liquid_assets), (dollars(611_000), dollars(611_000)));
    }

    #[test]
    fn the_gain_of_a_home_above_its_exclusion_is_taxed_in_april() {
        // 650,000 − 39,000 − 200,000 = 411,000; 250,000 of it are excluded. 161,000 − 16,100 = 144,900 of taxable gains: nothing up to
        // 49,450, 15 % of 95,450.
        let plan = owner(AccountType::PrimaryResidence, 200_000, (2026, 1));
        assert_eq!(sold(&plan, GainTax::HomeSaleExclusion).months[15].total_taxes, Money::from_cents(1_431_750));
        assert_eq!(all_taxes(&sold(&plan, GainTax::None)), Money::ZERO);
    }

    #[test]
    fn what_happens_once_is_not_scaled_to_a_whole_year() {
        // Sold in December, the plan's only month of 2026: one gain, not twelve, and all of its tax.
        let plan = owner(AccountType::PrimaryResidence, 200_000, (2026, 12));
        assert_eq!(sold(&plan, GainTax::HomeSaleExclusion).months[4].total_taxes, Money::from_cents(1_431_750));
    }

    #[test]
    fn a_long_term_gain_has_no_exclusion_and_a_private_loss_does_not_count() {
        // 411,000 − 16,100 = 394,900: 15 % of 345,450 = 51,817.50; 3.8 % of 211,000 above 200,000 = 8,018.00 on investment income.
        let rented = owner(AccountType::RentalProperty, 200_000, (2026, 1));
        assert_eq!(all_taxes(&sold(&rented, GainTax::LongTerm)), Money::from_cents(5_983_550));
        let at_a_loss = owner(AccountType::PrimaryResidence, 700_000, (2026, 1));
        assert_eq!(all_taxes(&sold(&at_a_loss, GainTax::LongTerm)), Money::ZERO);
        assert_eq!(all_taxes(&sold(&at_a_loss, GainTax::HomeSaleExclusion)), Money::ZERO);
    }

    #[test]
    fn selling_an_investment_counts_its_gain_once() {
        // As the rented house: the posting out of the account realises nothing more.
        let shares = owner(AccountType::Brokerage, 200_000, (2026, 1));
        assert_eq!(all_taxes(&sold(&shares, GainTax::LongTerm)), Money::from_cents(5_983_550));
        assert_eq!(all_taxes(&sold(&shares, GainTax::None)), Money::ZERO);
    }
}
