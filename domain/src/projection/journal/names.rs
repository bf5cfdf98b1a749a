//! What accounts are called in a journal: `Assets:Cash:Joint-Checking`, a spelling that both tools read.
//!
//! Beancount wants five roots, and parts that begin with a capital letter or a digit and go on with letters, digits and dashes.
//! Two accounts that come out alike get numbers.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::AccountId;
use crate::money::Money;
use crate::projection::row::Breakdown;
use crate::projection::{Outside, Plan, PlanAccount, Posting, Purpose, Slot};
use crate::vocabulary::{AccountClass, ExpenseCategory, IncomeCategory};

/// Where opening balances come from.
pub(super) const OPENING: &str = "Equity:Opening-Balances";
const OVERDRAFT: &str = "Liabilities:Overdraft";
const CLEARING: &str = "Assets:Payroll-Clearing";

/// An account of the ledger.
struct Account {
    id: AccountId,
    is_liability: bool,
    name: String,
}

/// Every name, made once.
pub(super) struct Names {
    /// As the ledger numbers them.
    accounts: Vec<Account>,
    income: BTreeMap<usize, String>,
    expenses: BTreeMap<usize, String>,
    overdraft: AccountId,
}

impl Names {
    pub(super) fn new(plan: &Plan, told: &BTreeMap<AccountId, String>) -> Self {
        let mut taken = BTreeSet::from([OVERDRAFT.to_owned(), CLEARING.to_owned()]);
        let mut unique = |account: &PlanAccount| {
            let name = account_name(account, told);
            let free = |name: &String| !taken.contains(name);
            let numbered = (2_u32..).map(|number| format!("{name}-{number}"));
            let found = std::iter::once(name.clone()).chain(numbered).find(free).unwrap_or_default();
            taken.insert(found.clone());
            Account { id: account.id, is_liability: account.account_type.is_liability(), name: found }
        };
        let income = IncomeCategory::ALL.iter().map(|word| (word.index(), format!("Income:{}", part(word.as_str()))));
        let expense = |word: &ExpenseCategory| {
            let root = if word.is_tax() { "Expenses:Taxes" } else { "Expenses" };
            (word.index(), format!("{root}:{}", part(word.as_str())))
        };
        Self {
            accounts: plan.ledger_accounts().iter().map(&mut unique).collect(),
            income: income.collect(),
            expenses: ExpenseCategory::ALL.iter().map(expense).collect(),
            overdraft: plan.overdraft,
        }
    }

    /// A slot's name; an outside place is split up by what a posting is for.
    pub(super) fn of(&self, slot: Slot, purpose: Option<Purpose>) -> &str {
        match slot {
            Slot::Account(index) => self.accounts.get(usize::from(index)).map_or(OPENING, |account| account.name.as_str()),
            Slot::Overdraft => OVERDRAFT,
            Slot::PayrollClearing => CLEARING,
            Slot::Outside(outside) => self.of_outside(outside, purpose),
        }
    }

    fn of_outside(&self, outside: Outside, purpose: Option<Purpose>) -> &str {
        let category = match purpose {
            Some(Purpose::Income(category)) => self.income.get(&category.index()),
            Some(Purpose::Tax(category) | Purpose::Spending(category)) => self.expenses.get(&category.index()),
            _ => None,
        };
        category.map_or(general(outside), String::as_str)
    }

    /// Every name that occurs, in order: what has to be opened.
    pub(super) fn all<'n>(&'n self, postings: &[(u16, Posting)]) -> BTreeSet<&'n str> {
        let own = self.accounts.iter().map(|account| account.name.as_str());
        let used = postings.iter().flat_map(|(_, posting)| [posting.from, posting.to].map(|slot| self.of(slot, Some(posting.purpose))));
        own.chain(used).chain([OPENING, OVERDRAFT, CLEARING]).collect()
    }

    /// What each of the household's accounts holds by a row, as a journal has it: what is owed is negative. The overdraft and payroll
    /// clearing, which no row shows where they are empty, are there too.
    pub(super) fn balances<'n>(&'n self, shown: &Breakdown<AccountId>) -> Vec<(&'n str, Money)> {
        let accounts = self.accounts.iter().map(|account| {
            let balance = shown.get(account.id);
            (account.name.as_str(), if account.is_liability { -balance } else { balance })
        });
        accounts.chain([(OVERDRAFT, -shown.get(self.overdraft)), (CLEARING, Money::ZERO)]).collect()
    }
}

/// An outside place that no category says more about.
const fn general(outside: Outside) -> &'static str {
    match outside {
        Outside::Employers => "Income:Employers",
        Outside::Payers => "Income:Other",
        Outside::TaxAuthorities => "Expenses:Taxes",
        Outside::Merchants => "Expenses:Other",
        Outside::Market => "Income:Investment-Growth",
        Outside::Appraisal => "Income:Appreciation",
        Outside::Lenders => "Expenses:Interest-And-Fees",
        Outside::OneOff => "Income:One-Off",
    }
}

fn account_name(account: &PlanAccount, told: &BTreeMap<AccountId, String>) -> String {
    let name = told.get(&account.id).map_or(account.account_type.as_str(), String::as_str);
    let class = match account.account_type.class() {
        AccountClass::Cash => "Assets:Cash",
        AccountClass::Investment => "Assets:Investment",
        AccountClass::Retirement => "Assets:Retirement",
        AccountClass::RealProperty => "Assets:Real-Property",
        AccountClass::PersonalProperty => "Assets:Personal-Property",
        AccountClass::Business => "Assets:Business",
        AccountClass::Receivable => "Assets:Receivable",
        AccountClass::System => "Assets:System",
        AccountClass::RevolvingDebt => "Liabilities:Revolving",
        AccountClass::Mortgage => "Liabilities:Mortgage",
        AccountClass::InstalmentDebt => "Liabilities:Instalment",
    };
    format!("{class}:{}", part(name))
}

/// One part of an account's name. Letters of the European alphabets stay; everything else becomes a dash.
fn part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    let mut begins = true;
    for letter in text.chars() {
        if letter.is_ascii_alphanumeric() || (('\u{c0}'..='\u{52f}').contains(&letter) && letter.is_alphabetic()) {
            if begins && !part.is_empty() {
                part.push('-');
            }
            let capital = letter.to_uppercase();
            if begins && capital.len() == 1 {
                part.extend(capital)
            } else {
                part.push(letter)
            }
            begins = false;
        } else {
            begins = true;
        }
    }
    // Beancount wants a capital or a digit first, and not every letter has a capital.
    let fits = part.chars().next().is_some_and(|first| first.is_uppercase() || first.is_ascii_digit());
    if fits { part } else { format!("X{part}") }
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn a_part_is_what_beancount_accepts() {
        for (name, expected) in [
            ("joint checking", "Joint-Checking"),
            ("  401(k) — Acme, Inc. ", "401-K-Acme-Inc"),
            ("épargne d'été", "Épargne-D-Été"),
            ("federal_income_tax", "Federal-Income-Tax"),
            ("日本", "X"),
            ("ßtraße", "Xßtraße"),
            ("", "X"),
        ] {
            assert_eq!(part(name), expected);
        }
    }
}
