//! Changes of what is owned: acquired, revalued, sold.

use super::Source;
use super::course::Moment;
use super::effect::Effect;
use super::kind::{AddAsset, ModifyAsset, SellAsset};
use super::said::{Names, named, words};
use super::words::GainTax;
use crate::money::Money;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::PlanAccount;
use crate::vocabulary::{AccountType, ExpenseCategory};

const ONE_OFF: Slot = Slot::Outside(Outside::OneOff);

impl Effect for AddAsset {
    fn opens(&self) -> Option<AccountType> {
        Some(self.account_type)
    }

    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        if self.account_type.is_liability() {
            refuse("account_type", "is a debt: use add_debt");
        }
    }

    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let Some((id, _)) = moment.planned.opens() else { return };
        let account = PlanAccount { opening: Money::ZERO, ..PlanAccount::of(id, self.account_type) };
        let Some(slot) = moment.state.open_account(&account, moment.books) else { return };
        let funded_from = self.funded_from_account_id.map(|account| account.0);
        match funded_from.map(|id| moment.state.slot_of(id).unwrap_or(moment.state.main_cash)) {
            Some(from) => moment.books.post(from, slot, self.value, Purpose::Transfer),
            None => moment.books.post(ONE_OFF, slot, self.value, Purpose::OneOff),
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
        if let Some(slot) = moment.object() {
            let more = self.value - moment.books.balance(slot);
            moment.books.post(ONE_OFF, slot, more, Purpose::OneOff);
        }
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        format!("{} is worth {}", named(about, names), self.value.grouped())
    }
}

impl Effect for SellAsset {
    /// What it sells for beyond what it was worth is a gain of the day; then the debt is paid off from the proceeds, and the rest
    /// arrives in the main cash account, from which the costs of the sale are paid.
    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let Some(slot) = moment.object() else { return };
        let worth = moment.books.balance(slot);
        let price = self.sale_price.unwrap_or(worth);
        moment.books.post(ONE_OFF, slot, price - worth, Purpose::OneOff);
        let cash = moment.state.main_cash;
        let mut proceeds = price;
        if let Some(debt) = self.pay_off_account_id.and_then(|account| moment.state.slot_of(account.0)) {
            let owed = (-moment.books.balance(debt)).at_least_zero();
            let from_proceeds = owed.min(proceeds.at_least_zero());
            moment.books.post(slot, debt, from_proceeds, Purpose::Transfer);
            // A sale below what is owed is completed from cash.
            moment.books.post(cash, debt, owed - from_proceeds, Purpose::Transfer);
            proceeds -= from_proceeds;
            moment.state.debts.iter_mut().filter(|state| state.slot == debt).for_each(|state| state.escrow = Money::ZERO);
        }
        moment.books.post(slot, cash, proceeds, Purpose::Transfer);
        let costs = self.selling_costs.unwrap_or_default();
        moment.books.post(cash, Slot::Outside(Outside::Merchants), costs, Purpose::Spending(ExpenseCategory::Miscellaneous));
        if let Some(id) = moment.state.account(slot).map(|account| account.id) {
            moment.end_flows_of(id);
        }
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
