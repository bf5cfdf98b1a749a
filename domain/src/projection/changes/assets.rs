//! Changes of what is owned: acquired, revalued, sold.

use super::Source;
use super::course::Moment;
use super::effect::Effect;
use super::kind::{AddAsset, ModifyAsset, SellAsset};
use super::said::{Names, named, words};
use super::words::GainTax;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::sale::{self, SaleTerms};
use crate::vocabulary::{AccountClass, AccountType};

const ONE_OFF: Slot = Slot::Outside(Outside::OneOff);

impl Effect for AddAsset {
    fn opens(&self) -> Option<AccountType> {
        Some(self.account_type)
    }

    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        if self.account_type.is_liability() {
            refuse("account_type", "is a debt: use add_debt");
        }
        if self.account_type == AccountType::PayrollClearing {
            refuse("account_type", "belongs to the payroll and to nobody else");
        }
    }

    fn paid_from(&self) -> Option<AccountId> {
        self.funded_from_account_id.map(|account| account.0)
    }

    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let Some(slot) = moment.open(None) else { return };
        match self.paid_from().map(|id| moment.state.slot_of(id).unwrap_or(moment.state.main_cash)) {
            Some(from) => moment.books.post(from, slot, self.value, Purpose::Transfer),
            None => {
                moment.books.post(ONE_OFF, slot, self.value, Purpose::OneOff);
                // A gift, an inheritance: its value of the day is its basis (26 U.S.C. § 1014).
                moment.books.holdings.set_basis(slot, self.value);
            }
        }
    }

    fn said(&self, _: Option<Source>, names: &dyn Names) -> String {
        let from = self
            .funded_from_account_id
            .map_or_else(|| "without being paid for".to_owned(), |account| format!("paid from {}", names.name_of(account.0.0)));
        format!("{} worth {} is acquired, {from}", words(self.account_type.as_str()), self.value.grouped())
    }
}

impl Effect for ModifyAsset {
    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        if let Some(slot) = moment.object().filter(|slot| !moment.state.is_gone(*slot, moment.books)) {
            let more = self.value - moment.books.balance(slot);
            moment.books.post(ONE_OFF, slot, more, Purpose::OneOff);
        }
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        format!("{} is worth {}", named(about, names), self.value.grouped())
    }
}

impl Effect for SellAsset {
    fn cannot_be_about(&self, account_type: AccountType) -> Option<&'static str> {
        matches!(account_type.class(), AccountClass::Cash).then_some("money is not sold: this is about something that has a price")
    }

    /// The price arrives in the main cash account, from which the costs and the debt are paid: a sale below what is owed is completed
    /// from there. What came from the thing, or was paid for it, ends.
    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let Some(slot) = moment.object() else { return };
        let Some((id, account_type)) = moment.state.account(slot).map(|account| (account.id, account.account_type)) else { return };
        let terms = SaleTerms {
            price: self.sale_price.unwrap_or(moment.books.balance(slot)).at_least_zero(),
            costs: self.selling_costs.unwrap_or_default(),
            gain_tax: self.gain_tax.unwrap_or(usual_gain_tax(account_type)),
        };
        if !sale::sell(moment.state, moment.books, slot, &terms) {
            return;
        }
        if let Some(debt) = self.pay_off_account_id.and_then(|account| moment.state.slot_of(account.0)) {
            let owed = (-moment.books.balance(debt)).at_least_zero();
            moment.books.post(moment.state.main_cash, debt, owed, Purpose::Transfer);
            // Property tax and insurance of what was sold are no longer collected.
            moment.state.debts.iter_mut().filter(|state| state.slot == debt).for_each(|state| state.escrow = Money::ZERO);
        }
        moment.end_flows_of(id);
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        let price = self.sale_price.map_or_else(|| "what it is worth".to_owned(), Money::grouped);
        let costs = self.selling_costs.map(|costs| format!(", at costs of {}", costs.grouped())).unwrap_or_default();
        let debt = self.pay_off_account_id.map(|debt| format!(", and {} is paid off", names.name_of(debt.0.0))).unwrap_or_default();
        let taxed = match self.gain_tax {
            None => "",
            Some(GainTax::HomeSaleExclusion) => "; the gain is that of a main home",
            Some(GainTax::LongTerm) => "; the gain is a long-term one",
            Some(GainTax::None) => "; the gain is not taxed",
        };
        format!("{} is sold for {price}{costs}{debt}{taxed}", named(about, names))
    }
}

/// What the law makes of the gain where nobody says so: a main home is one, and everything else has been held for more than a year.
const fn usual_gain_tax(account_type: AccountType) -> GainTax {
    if matches!(account_type, AccountType::PrimaryResidence) { GainTax::HomeSaleExclusion } else { GainTax::LongTerm }
}
