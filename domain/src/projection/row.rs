//! What comes out: a row a month, with the terms that explain it.
//!
//! `total_expenses` is what leaves the household's cash but for taxes: spending and debt payments, principal included; its breakdown
//! adds up to it, and `net_cash_flow` is income − taxes − expenses. Net worth does not see principal: its change is explained by
//! `change`, whose terms add up to it. Both views are needed, and neither is the other. What is charged to a card is spent when it
//! is charged, and the card's payment is debt service when it is paid.

use std::fmt;
use std::marker::PhantomData;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::calendar::Date;
use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::ledger::{Change, Slot};
use crate::projection::shortfall::Shortfall;
use crate::projection::state::{State, signed};
use crate::ratio::ratio;
use crate::vocabulary::{AccountClass, ExpenseCategory, IncomeCategory};

/// A forecast. Serialises to the answer of the projections route, but for what the route adds about where it came from.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Projection {
    /// [`crate::projection::ENGINE_VERSION`]: another one may give other cents.
    pub engine_version: String,
    /// Before month 1.
    pub opening: Opening,
    /// The first month in which no liquid account could pay, if there is one.
    pub shortfall: Option<Shortfall>,
    /// Month 1 and all that follow.
    pub months: Vec<Row>,
}

/// What there is before month 1.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Opening {
    /// Assets less liabilities.
    pub net_worth: Money,
    /// Each account's; of a liability what is owed.
    pub balances: Breakdown<AccountId>,
}

crate::vocabulary::words! {
    /// What a reader of a row should notice.
    pub enum Flag {
        /// No liquid account could pay: the overdraft is owed.
        Shortfall => "shortfall",
        /// A debt grew, because less was paid than its interest.
        NegativeAmortisation => "negative_amortisation",
        /// A contribution was cut at its annual limit.
        LimitReached => "limit_reached",
        /// The law wanted money taken out of a tax-deferred account.
        RequiredDistribution => "required_distribution",
    }
}

/// One month.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Row {
    /// 1 = the month in which the plan starts.
    pub month_number: u16,
    /// Its last day.
    pub date: Date,
    /// Everything owned.
    pub total_assets: Money,
    /// Everything owed, the overdraft included.
    pub total_liabilities: Money,
    /// The difference.
    pub net_worth: Money,
    /// Cash and investments.
    pub liquid_assets: Money,
    /// Retirement accounts and HSAs.
    pub retirement_assets: Money,
    /// Gross income and employers' matches.
    pub total_income: Money,
    /// Withheld, estimated and settled taxes; negative where a refund is more.
    pub total_taxes: Money,
    /// Spending and debt payments.
    pub total_expenses: Money,
    /// Income − taxes − expenses.
    pub net_cash_flow: Money,
    /// (Income − taxes − expenses other than debt payments) / regular debt payments.
    pub dscr: Option<Decimal>,
    /// Net cash flow / income.
    pub savings_rate: Option<Decimal>,
    /// Liquid assets / expenses.
    pub liquidity_months: Option<Decimal>,
    /// Liquid assets × 30 / expenses.
    pub days_cash_on_hand: Option<Decimal>,
    /// Adds up to `total_income`.
    pub income_by_category: Breakdown<IncomeCategory>,
    /// Adds up to `total_taxes`.
    pub taxes_by_category: Breakdown<ExpenseCategory>,
    /// Adds up to `total_expenses`.
    pub expense_by_category: Breakdown<ExpenseCategory>,
    /// Adds up to `total_assets`.
    pub assets_by_class: Breakdown<AccountClass>,
    /// Adds up to `total_liabilities`; the overdraft is a revolving debt.
    pub liabilities_by_class: Breakdown<AccountClass>,
    /// Each account's at the end of the month; of a liability what is owed. The overdraft, where there is one.
    pub balances: Breakdown<AccountId>,
    /// Why net worth changed.
    pub change: Change,
    /// What to notice.
    pub flags: Vec<Flag>,
}

/// Amounts by key, in a fixed order. A list and not a map: a row is made 600 times, and read front to back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breakdown<K>(Vec<(K, Money)>);

impl<K: Copy + PartialEq> Breakdown<K> {
    /// The amount of a key; nothing where it is not there.
    #[must_use]
    pub fn get(&self, key: K) -> Money {
        self.0.iter().find(|(known, _)| *known == key).map_or(Money::ZERO, |(_, amount)| *amount)
    }

    /// Keys and amounts.
    pub fn iter(&self) -> impl Iterator<Item = (K, Money)> + '_ {
        self.0.iter().copied()
    }

    /// All amounts together.
    #[must_use]
    pub fn total(&self) -> Money {
        self.0.iter().map(|(_, amount)| *amount).sum()
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<K: Copy> Breakdown<K> {
    /// The sums that are not zero, in two lists: of the keys that are asked for, and of the others. They are counted first, as a
    /// list that grows is moved each time; most are zero, so that is asked before anything else.
    fn split(keys: &[K], sums: &[Money], asked_for: impl Fn(K) -> bool) -> (Self, Self) {
        let listed = || keys.iter().copied().zip(sums.iter().copied()).filter(|(_, sum)| !sum.is_zero());
        let (mut all, mut first) = (0_usize, 0_usize);
        for (key, _) in listed() {
            all += 1;
            first += usize::from(asked_for(key));
        }
        let (mut these, mut others) = (Vec::with_capacity(first), Vec::with_capacity(all - first));
        for entry in listed() {
            if asked_for(entry.0) { these.push(entry) } else { others.push(entry) }
        }
        (Self(these), Self(others))
    }
}

impl<K> FromIterator<(K, Money)> for Breakdown<K> {
    fn from_iter<I: IntoIterator<Item = (K, Money)>>(amounts: I) -> Self {
        Self(amounts.into_iter().collect())
    }
}

impl<K: Serialize> Serialize for Breakdown<K> {
    /// As a map.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, amount)| (key, amount)))
    }
}

impl<'de, K: Deserialize<'de>> Deserialize<'de> for Breakdown<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Map<K>(PhantomData<K>);
        impl<'de, K: Deserialize<'de>> Visitor<'de> for Map<K> {
            type Value = Breakdown<K>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of amounts")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Breakdown<K>, A::Error> {
                let mut amounts = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    amounts.push(entry);
                }
                Ok(Breakdown(amounts))
            }
        }
        deserializer.deserialize_map(Map(PhantomData))
    }
}

/// What the balances come to.
struct Totals {
    assets: Money,
    liabilities: Money,
    liquid: Money,
    retirement: Money,
    by_class: [Money; AccountClass::ALL.len()],
}

impl Totals {
    fn of(state: &State<'_>, books: &Books<'_>) -> Self {
        let mut totals = Self {
            assets: Money::ZERO,
            liabilities: -books.balance(Slot::Overdraft),
            liquid: Money::ZERO,
            retirement: Money::ZERO,
            by_class: [Money::ZERO; AccountClass::ALL.len()],
        };
        totals.add_to_class(AccountClass::RevolvingDebt, totals.liabilities);
        for (account, balance) in state.accounts.iter().zip(books.ledger.accounts()) {
            let class = account.class;
            let shown = signed(class, *balance);
            let total = if class.is_liability() { &mut totals.liabilities } else { &mut totals.assets };
            *total += shown;
            if class.is_liquid() {
                totals.liquid += shown;
            }
            if class == AccountClass::Retirement {
                totals.retirement += shown;
            }
            totals.add_to_class(class, shown);
        }
        totals
    }

    fn add_to_class(&mut self, class: AccountClass, amount: Money) {
        if let Some(sum) = self.by_class.get_mut(class.index()) {
            *sum += amount;
        }
    }
}

/// Every account's balance as it is shown, and the overdraft's where there is one.
fn balances(state: &State<'_>, books: &Books<'_>) -> Breakdown<AccountId> {
    let accounts = state.accounts.iter().zip(books.ledger.accounts());
    let overdrawn = -books.balance(Slot::Overdraft);
    let overdraft = Some((state.overdraft, overdrawn)).filter(|_| !overdrawn.is_zero());
    let mut shown = Vec::with_capacity(state.accounts.len().saturating_add(1));
    shown.extend(accounts.map(|(account, balance)| (account.id, signed(account.class, *balance))));
    shown.extend(overdraft);
    Breakdown(shown)
}

/// The opening balances.
pub(super) fn opening(state: &State<'_>, books: &Books<'_>) -> Opening {
    let totals = Totals::of(state, books);
    Opening { net_worth: totals.assets - totals.liabilities, balances: balances(state, books) }
}

/// Step 8: the month's row.
pub(super) fn write(state: &State<'_>, books: &Books<'_>) -> Row {
    let (totals, tally) = (Totals::of(state, books), &books.tally);
    let expenses = tally.total_expenses();
    let after_taxes = tally.total_income - tally.total_taxes;
    let net_cash_flow = after_taxes - expenses;
    let (income_by_category, _) = Breakdown::split(IncomeCategory::ALL, &tally.income, |_| true);
    let (taxes_by_category, expense_by_category) = Breakdown::split(ExpenseCategory::ALL, &tally.expenses, ExpenseCategory::is_tax);
    let (liabilities_by_class, assets_by_class) = Breakdown::split(AccountClass::ALL, &totals.by_class, AccountClass::is_liability);
    Row {
        month_number: state.clock.number,
        date: state.clock.last_day,
        total_assets: totals.assets,
        total_liabilities: totals.liabilities,
        net_worth: totals.assets - totals.liabilities,
        liquid_assets: totals.liquid,
        retirement_assets: totals.retirement,
        total_income: tally.total_income,
        total_taxes: tally.total_taxes,
        total_expenses: expenses,
        net_cash_flow,
        dscr: ratio(after_taxes - tally.spending, 1, tally.debt_service),
        savings_rate: ratio(net_cash_flow, 1, tally.total_income),
        liquidity_months: ratio(totals.liquid, 1, expenses),
        days_cash_on_hand: ratio(totals.liquid, 30, expenses),
        income_by_category,
        taxes_by_category,
        expense_by_category,
        assets_by_class,
        liabilities_by_class,
        balances: balances(state, books),
        change: books.ledger.change(),
        flags: flags(state, books),
    }
}

fn flags(state: &State<'_>, books: &Books<'_>) -> Vec<Flag> {
    let seen = [
        (books.balance(Slot::Overdraft).is_negative(), Flag::Shortfall),
        (state.negative_amortisation, Flag::NegativeAmortisation),
        (state.limit_reached, Flag::LimitReached),
        (state.distribution_required, Flag::RequiredDistribution),
    ];
    seen.into_iter().filter(|(holds, _)| *holds).map(|(_, flag)| flag).collect()
}
