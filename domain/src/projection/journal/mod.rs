//! A projection as a plain-text journal: how anyone can check the engine with a tool that is not ours.
//!
//! The engine is run once more and every posting is written down, so that `bean-check` and `hledger check` do the sums again: each
//! transaction has to balance, and at the end of every year, and of the projection, each account is asserted to hold what the *row*
//! says. The rows come from the engine's state and the transactions from its postings; a cent between them, and the tool refuses
//! the file.
//!
//! Postings of a month that follow each other with the same purpose are one transaction, dated as the row: its last day. The opening
//! balances stand on the day before the first month. Files: `names` (accounts as both tools spell them), `write` (the two dialects).
//! Deliberately absent: prices, lots and metadata. Amounts are those of the ledger, in the household's one currency.

mod names;
mod write;

use std::collections::BTreeMap;

use self::names::Names;
use self::write::Writer;
use super::{Cause, Observer, Plan, Posting, Projection, ProjectionError, Purpose, Row, Slot, project_observed};
use crate::calendar::{Date, Month};
use crate::ids::AccountId;
use crate::money::Money;
use crate::tax::TaxTables;

crate::vocabulary::words! {
    /// Which tool reads it.
    pub enum Dialect {
        /// Beancount, version 2 or 3: `bean-check`.
        Beancount => "beancount",
        /// hledger: `hledger check`, also with `--strict`.
        Hledger => "hledger",
    }
}

/// What a journal says beside the plan's figures.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'a> {
    /// What the journal is of.
    pub title: &'a str,
    /// Three capital letters of ISO 4217: the commodity of every amount.
    pub currency: &'a str,
    /// What accounts are called; one that is not there is called by its type.
    pub account_names: &'a BTreeMap<AccountId, String>,
}

/// Projects a plan and writes it down.
///
/// # Errors
/// As [`super::project`].
pub fn journal(plan: &Plan, tables: &TaxTables, heading: Heading<'_>, dialect: Dialect) -> Result<String, ProjectionError> {
    let mut postings = Postings::default();
    let projection = project_observed(plan, tables, &mut postings)?;
    let names = Names::new(plan, heading.account_names);
    let mut writer = Writer::new(dialect, heading.currency, heading.title);
    let eve = plan.start.plus(-1).last_day();
    writer.open(eve, &names.all(&postings.0));
    writer.transaction(eve, "opening balances", &opening_legs(plan, &names));
    let mut rest = postings.0.as_slice();
    for row in &projection.months {
        let count = rest.iter().take_while(|(month, _)| *month == row.month_number).count();
        let (of_month, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
        rest = later;
        transactions(&mut writer, row.date, of_month, &names);
        if is_asserted(row, &projection) {
            writer.assert_balances(row.date, &names.balances(&row.balances));
        }
    }
    Ok(writer.finish())
}

/// Every posting with its month.
#[derive(Default)]
struct Postings(Vec<(u16, Posting)>);

impl Observer for Postings {
    fn posted(&mut self, month_number: u16, posting: &Posting, _: Cause) {
        self.0.push((month_number, *posting));
    }
}

/// An account's name and what is put into it.
type Leg<'n> = (&'n str, Money);

/// Where every account's money was before the first month.
fn opening_legs<'n>(plan: &Plan, names: &'n Names) -> Vec<Leg<'n>> {
    let mut legs = Vec::with_capacity(plan.accounts.len().saturating_mul(2));
    for (index, account) in (0_u16..).zip(&plan.accounts) {
        let amount = if account.account_type.is_liability() { -account.opening } else { account.opening };
        if !amount.is_zero() {
            let slot = names.of(Slot::Account(index), None);
            legs.extend([(slot, amount), (names::OPENING, -amount)]);
        }
    }
    legs
}

/// One transaction for each run of postings of the same purpose.
fn transactions(writer: &mut Writer, date: Date, postings: &[(u16, Posting)], names: &Names) {
    for run in postings.chunk_by(|(_, one), (_, next)| one.purpose == next.purpose) {
        let Some((_, first)) = run.first() else { continue };
        let legs: Vec<Leg<'_>> = run
            .iter()
            .flat_map(|(_, posting)| {
                let leg = |slot, amount| (names.of(slot, Some(posting.purpose)), amount);
                [leg(posting.from, -posting.amount), leg(posting.to, posting.amount)]
            })
            .collect();
        writer.transaction(date, &narration(first.purpose), &legs);
    }
}

/// What a transaction is for, in words.
fn narration(purpose: Purpose) -> String {
    let spaced = |word: &str| word.replace('_', " ");
    match purpose {
        Purpose::Income(category) => format!("income: {}", spaced(category.as_str())),
        Purpose::Tax(category) => format!("tax: {}", spaced(category.as_str())),
        Purpose::Spending(category) => format!("spending: {}", spaced(category.as_str())),
        Purpose::DebtService(category) => format!("debt payment: {}", spaced(category.as_str())),
        Purpose::ExtraPayment(category) => format!("extra debt payment: {}", spaced(category.as_str())),
        Purpose::NetPay => "net pay".to_owned(),
        Purpose::Contribution => "contribution".to_owned(),
        Purpose::Transfer => "transfer".to_owned(),
        Purpose::Interest => "interest accrues".to_owned(),
        Purpose::InvestmentGrowth => "investment growth".to_owned(),
        Purpose::Appreciation => "appreciation".to_owned(),
        Purpose::RequiredDistribution => "required minimum distribution".to_owned(),
        Purpose::Cover => "cover what ran short".to_owned(),
        Purpose::Repay => "repay the overdraft".to_owned(),
        Purpose::OneOff => "happens once".to_owned(),
    }
}

/// At the end of each year and of the projection.
fn is_asserted(row: &Row, projection: &Projection) -> bool {
    Month::of(row.date).number() == 12 || projection.months.last().is_some_and(|last| last.month_number == row.month_number)
}
