//! The two dialects: the same entries, spelt as beancount or as hledger reads them.

use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

use chrono::Days;

use super::{Dialect, Leg};
use crate::calendar::Date;
use crate::money::Money;

/// A journal as it grows.
pub(super) struct Writer {
    dialect: Dialect,
    currency: String,
    text: String,
}

impl Writer {
    pub(super) fn new(dialect: Dialect, currency: &str, title: &str) -> Self {
        let mut writer = Self { dialect, currency: currency.to_owned(), text: String::with_capacity(64 * 1024) };
        let title = title.replace(['\n', '\r'], " ");
        writer.line(format_args!("; {title}"));
        writer.line("; Every posting of the forecast; what it asserts are the balances of the forecast's rows.");
        match dialect {
            Dialect::Beancount => {
                let quoted = title.replace('\\', "\\\\").replace('"', "\\\"");
                writer.line(format_args!("option \"title\" \"{quoted}\""));
                writer.line(format_args!("option \"operating_currency\" \"{currency}\""));
            }
            Dialect::Hledger => writer.line(format_args!("commodity 1000.00 {currency}")),
        }
        writer
    }

    /// Declares accounts.
    pub(super) fn open(&mut self, date: Date, accounts: &BTreeSet<&str>) {
        self.line("");
        for account in accounts {
            match self.dialect {
                Dialect::Beancount => self.line(format_args!("{date} open {account}")),
                Dialect::Hledger => self.line(format_args!("account {account}")),
            }
        }
    }

    /// One transaction; nothing where there are no legs.
    pub(super) fn transaction(&mut self, date: Date, narration: &str, legs: &[Leg<'_>]) {
        if legs.is_empty() {
            return;
        }
        match self.dialect {
            Dialect::Beancount => self.line(format_args!("\n{date} * \"{narration}\"")),
            Dialect::Hledger => self.line(format_args!("\n{date} * {narration}")),
        }
        for (account, amount) in legs {
            self.leg(account, *amount, "");
        }
    }

    /// What accounts have to hold at the end of a day.
    pub(super) fn assert_balances(&mut self, date: Date, balances: &[Leg<'_>]) {
        match self.dialect {
            // A balance of beancount holds at the beginning of its day. By itself it would let a cent pass.
            Dialect::Beancount => {
                let next = date.checked_add_days(Days::new(1)).unwrap_or(date);
                self.line("");
                for (account, balance) in balances {
                    let currency = self.currency.clone();
                    self.line(format_args!("{next} balance {account}  {balance} ~ 0.00 {currency}"));
                }
            }
            Dialect::Hledger => {
                self.line(format_args!("\n{date} * balances of the row"));
                for (account, balance) in balances {
                    let holds = format!(" = {balance} {}", self.currency);
                    self.leg(account, Money::ZERO, &holds);
                }
            }
        }
    }

    /// The journal.
    pub(super) fn finish(self) -> String {
        self.text
    }

    fn leg(&mut self, account: &str, amount: Money, holds: &str) {
        let currency = self.currency.clone();
        self.line(format_args!("  {account}  {amount} {currency}{holds}"));
    }

    fn line(&mut self, line: impl Display) {
        // Writing into a string does not fail.
        let _ = writeln!(self.text, "{line}");
    }
}
