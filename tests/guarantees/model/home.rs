//! A household as a child would keep it: maps of things, and a number that counts what happened. It shares no line with the aggregate.
//!
//! Left out of it: wages (their taxes are another room's, and other tests'), so that every derived flow can be foretold here in a line.

use std::collections::BTreeMap;

/// Things are numbered as they are made; a number that was never given, or whose thing is gone, is nothing.
pub type Slot = u8;

/// The account that the household begins with; bills are paid from it, and it is never removed.
pub const CHECKING: Slot = 0;
/// A day on which nothing can have been: it has not come yet.
pub const TOO_LATE: u8 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Checking,
    Savings,
    CreditCard,
}

/// On a day of January 2024, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    pub day: u8,
    pub cents: i64,
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    OpenAccount { name: u8, kind: Kind, balance: Option<Balance> },
    RenameAccount { account: Slot, name: u8 },
    RecordBalance { account: Slot, balance: Balance },
    RemoveAccount { account: Slot },
    AddIncome { name: u8, annual: i64, weekly: bool },
    ChangeIncome { income: Slot, annual: i64 },
    RemoveIncome { income: Slot },
    AddFlow { amount: i64, from: Option<Slot> },
    ChangeFlow { flow: Slot, amount: i64 },
    RemoveFlow { flow: Slot },
    Regenerate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub name: u8,
    pub kind: Kind,
    pub balance: Option<Balance>,
    /// How many were ever recorded.
    pub recorded: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Income {
    pub name: u8,
    pub annual: i64,
    pub weekly: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    pub amount: i64,
    pub from: Option<Slot>,
}

/// A flow that follows from something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derived {
    pub amount: i64,
    pub name: u8,
}

/// What was made, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    Account(Slot),
    Income(Slot),
    Flow(Slot),
}

/// What a client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub status: u16,
    /// The household's version, where the answer names one.
    pub version: Option<u64>,
    /// What the answer made.
    pub made: Option<Thing>,
    /// Whether it is the answer to an earlier request.
    pub again: bool,
}

impl Told {
    const fn refused(status: u16) -> Self {
        Self { status, version: None, made: None, again: false }
    }

    pub const fn is_done(&self) -> bool {
        self.status < 300
    }
}

/// The household.
#[derive(Clone, Debug, Default)]
pub struct Home {
    /// Events since it was set up.
    pub version: u64,
    pub accounts: BTreeMap<Slot, Account>,
    pub incomes: BTreeMap<Slot, Income>,
    pub flows: BTreeMap<Slot, Flow>,
    /// How many of each were ever made.
    made: [Slot; 3],
    /// What was answered under a key.
    pub answers: BTreeMap<u8, (Command, Told)>,
}

impl Home {
    /// With one checking account and nothing else.
    pub fn new() -> Self {
        let checking = Account { name: 0, kind: Kind::Checking, balance: Some(Balance { day: 0, cents: 500_000 }), recorded: 1 };
        Self { accounts: BTreeMap::from([(CHECKING, checking)]), made: [1, 0, 0], ..Self::default() }
    }

    /// A request from beginning to end: was it answered before, does the condition hold, what comes of it.
    pub fn ask(&mut self, command: &Command, key: Option<u8>, expected: Option<u64>) -> Told {
        // What no household could do is refused before anybody looks at one.
        if matches!(command, Command::AddFlow { amount: 0, .. } | Command::ChangeFlow { amount: 0, .. }) {
            return Told::refused(422);
        }
        if let Some((first, told)) = key.and_then(|key| self.answers.get(&key)) {
            return if first == command { Told { again: true, ..told.clone() } } else { Told::refused(422) };
        }
        if expected.is_some_and(|expected| expected != self.version) {
            return Told { version: Some(self.version), ..Told::refused(412) };
        }
        let told = self.carry_out(command);
        if let Some(key) = key.filter(|_| told.is_done()) {
            self.answers.insert(key, (command.clone(), told.clone()));
        }
        told
    }

    fn carry_out(&mut self, command: &Command) -> Told {
        let mut after = self.clone();
        match after.change(command) {
            Err(status) => Told::refused(status),
            Ok((events, made)) => {
                // What is derived follows in the same breath, as one event.
                after.version += events + u64::from(after.derived() != self.derived());
                *self = after;
                let created = made.is_some() || matches!(command, Command::RecordBalance { .. }) && events > 0;
                Told { status: if created { 201 } else { 200 }, version: Some(self.version), made, again: false }
            }
        }
    }

    /// How many things happened, and what was made; or the status of a refusal.
    fn change(&mut self, command: &Command) -> Result<(u64, Option<Thing>), u16> {
        match command {
            Command::OpenAccount { name, kind, balance } => {
                if balance.is_some_and(|balance| balance.day == TOO_LATE) {
                    return Err(422);
                }
                let slot = self.next(0);
                self.accounts.insert(slot, Account { name: *name, kind: *kind, balance: *balance, recorded: balance.iter().count() });
                Ok((1 + u64::from(balance.is_some()), Some(Thing::Account(slot))))
            }
            Command::RenameAccount { account, name } => {
                let known = self.accounts.get_mut(account).ok_or(404_u16)?;
                let was = std::mem::replace(&mut known.name, *name);
                Ok((u64::from(was != *name), None))
            }
            Command::RecordBalance { account, balance } => {
                let known = self.accounts.get_mut(account).ok_or(404_u16)?;
                if balance.day == TOO_LATE {
                    return Err(422);
                }
                if known.balance == Some(*balance) {
                    return Ok((0, None));
                }
                known.recorded += 1;
                known.balance = Some(known.balance.filter(|current| current.day > balance.day).unwrap_or(*balance));
                Ok((1, None))
            }
            Command::RemoveAccount { account } => {
                if !self.accounts.contains_key(account) {
                    return Err(404);
                }
                if self.flows.values().any(|flow| flow.from == Some(*account)) {
                    return Err(409);
                }
                self.accounts.remove(account);
                Ok((1, None))
            }
            Command::AddIncome { name, annual, weekly } => {
                let slot = self.next(1);
                self.incomes.insert(slot, Income { name: *name, annual: *annual, weekly: *weekly });
                Ok((1, Some(Thing::Income(slot))))
            }
            Command::ChangeIncome { income, annual } => {
                let known = self.incomes.get_mut(income).ok_or(404_u16)?;
                let was = std::mem::replace(&mut known.annual, *annual);
                Ok((u64::from(was != *annual), None))
            }
            Command::RemoveIncome { income } => self.incomes.remove(income).map(|_| (1, None)).ok_or(404),
            Command::AddFlow { amount, from } => {
                if from.is_some_and(|from| !self.accounts.contains_key(&from)) {
                    return Err(422);
                }
                let slot = self.next(2);
                self.flows.insert(slot, Flow { amount: *amount, from: *from });
                Ok((1, Some(Thing::Flow(slot))))
            }
            Command::ChangeFlow { flow, amount } => {
                let known = self.flows.get_mut(flow).ok_or(404_u16)?;
                let was = std::mem::replace(&mut known.amount, *amount);
                Ok((u64::from(was != *amount), None))
            }
            Command::RemoveFlow { flow } => self.flows.remove(flow).map(|_| (1, None)).ok_or(404),
            Command::Regenerate => Ok((0, None)),
        }
    }

    fn next(&mut self, kind: usize) -> Slot {
        self.made[kind] += 1;
        self.made[kind] - 1
    }

    /// The flows that follow from the rest, by what they follow from: an income pays a period's share of its year; a card is paid off
    /// by one percent, at least 25.00, at most all of it. Each is called after what it follows from.
    pub fn derived(&self) -> BTreeMap<Thing, Derived> {
        let incomes = self.incomes.iter().map(|(slot, income)| {
            let amount = rounded(income.annual, if income.weekly { 52 } else { 12 });
            (Thing::Income(*slot), Derived { amount, name: income.name })
        });
        let cards = self.accounts.iter().filter(|(_, account)| account.kind == Kind::CreditCard).map(|(slot, account)| {
            let owed = account.cents();
            (Thing::Account(*slot), Derived { amount: rounded(owed, 100).max(2_500).min(owed), name: account.name })
        });
        incomes.chain(cards).filter(|(_, flow)| flow.amount > 0).collect()
    }

    /// What is owned less what is owed.
    pub fn net_worth(&self) -> i64 {
        self.accounts.values().map(|account| if account.kind == Kind::CreditCard { -account.cents() } else { account.cents() }).sum()
    }
}

impl Account {
    pub fn cents(&self) -> i64 {
        self.balance.map_or(0, |balance| balance.cents)
    }
}

/// A part of an amount that is not negative, half a cent up.
fn rounded(cents: i64, parts: i64) -> i64 {
    (2 * cents + parts) / (2 * parts)
}
