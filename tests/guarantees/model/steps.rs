//! What may happen, and what the plain household says of it before it does.

use std::fmt;

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest_state_machine::ReferenceStateMachine;

use super::home::{Balance, Command, Home, Kind, Slot, TOO_LATE, Told};

/// Two clients of one user, each through a process of its own.
pub type Client = usize;

/// `If-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    None,
    /// The version that this client has seen last: an old one where the other one has written since.
    Seen,
    /// A version too old.
    Old,
}

#[derive(Clone, Debug)]
pub enum Step {
    Send {
        client: Client,
        command: Command,
        key: Option<u8>,
        condition: Condition,
    },
    /// What was sent under a key is sent again.
    Again {
        client: Client,
        key: u8,
    },
    /// By both clients at once, with one key.
    TwiceWithKey {
        command: Command,
        key: u8,
    },
    /// By both clients at once, on condition of the present version.
    TwiceOnCondition {
        command: Command,
    },
    /// Two at once that are in nobody's way.
    Together {
        one: Command,
        other: Command,
    },
    /// The forecast is asked for.
    Forecast {
        client: Client,
    },
    /// The client's process ends, and another one takes its place: it knows nothing yet.
    Restart {
        client: Client,
    },
    /// Somebody changes read models behind the program's back; that is noticed, and mended by making them anew.
    Rebuild,
}

/// What the clients have to be told.
#[derive(Clone, Debug)]
pub enum Expected {
    Nothing,
    One(Told),
    /// Two that were sent at once, by the first client and by the second: one of these pairs.
    OneOf(Vec<[Told; 2]>),
}

impl Expected {
    /// Both are told the same: one of them as the first, the other as the answer to an earlier request, where such answers are kept.
    fn same(told: Told) -> Self {
        if told.again || !told.is_done() {
            return Self::OneOf(vec![[told.clone(), told]]);
        }
        Self::either(told.clone(), Told { again: true, ..told })
    }

    fn either(one: Told, other: Told) -> Self {
        Self::OneOf(vec![[one.clone(), other.clone()], [other, one]])
    }
}

#[derive(Clone)]
pub struct Reference {
    pub home: Home,
    /// The versions that the clients have seen last.
    seen: [u64; 2],
    /// What the last step has to be answered.
    pub expected: Expected,
    /// The condition that it was sent on.
    pub condition: Option<u64>,
}

impl fmt::Debug for Reference {
    /// A failure prints what it began with, which is always the same, and then the steps that led to it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a household with a checking account, and then")
    }
}

fn slot() -> impl Strategy<Value = Slot> {
    0..5_u8
}
fn cents() -> impl Strategy<Value = i64> {
    prop_oneof![3 => (1..400_i64).prop_map(|n| n * 2_500), 2 => 1..1_000_000_i64]
}
/// Few amounts, so that a change sometimes changes nothing.
fn annual() -> impl Strategy<Value = i64> {
    (1..6_i64).prop_map(|n| n * 1_200_000 + 7)
}
fn balance() -> impl Strategy<Value = Balance> {
    let cents = prop_oneof![1 => Just(0), 2 => Just(100_000), 4 => cents()];
    (prop_oneof![12 => 0..TOO_LATE, 1 => Just(TOO_LATE)], cents).prop_map(|(day, cents)| Balance { day, cents })
}
fn client() -> impl Strategy<Value = Client> {
    0..2_usize
}
fn key() -> impl Strategy<Value = u8> {
    0..12_u8
}

fn command() -> BoxedStrategy<Command> {
    let kind = select(vec![Kind::Savings, Kind::CreditCard]);
    prop_oneof![
        3 => (0..3_u8, kind, option::of(balance())).prop_map(|(name, kind, balance)| Command::OpenAccount { name, kind, balance }),
        1 => (slot(), 0..3_u8).prop_map(|(account, name)| Command::RenameAccount { account, name }),
        4 => (slot(), balance()).prop_map(|(account, balance)| Command::RecordBalance { account, balance }),
        1 => (1..5_u8).prop_map(|account| Command::RemoveAccount { account }),
        2 => (0..3_u8, annual(), any::<bool>()).prop_map(|(name, annual, weekly)| Command::AddIncome { name, annual, weekly }),
        2 => (slot(), annual()).prop_map(|(income, annual)| Command::ChangeIncome { income, annual }),
        1 => slot().prop_map(|income| Command::RemoveIncome { income }),
        2 => (prop_oneof![1 => Just(0), 8 => cents()], option::of(slot())).prop_map(|(amount, from)| Command::AddFlow { amount, from }),
        1 => (slot(), cents()).prop_map(|(flow, amount)| Command::ChangeFlow { flow, amount }),
        1 => slot().prop_map(|flow| Command::RemoveFlow { flow }),
        1 => Just(Command::Regenerate),
    ]
    .boxed()
}

/// Of two that are in nobody's way the first is about accounts that are there, the second about anything else.
fn together() -> impl Strategy<Value = Step> {
    let one = prop_oneof![
        3 => (slot(), balance()).prop_map(|(account, balance)| Command::RecordBalance { account, balance }),
        1 => (slot(), 0..3_u8).prop_map(|(account, name)| Command::RenameAccount { account, name }),
    ];
    let other = prop_oneof![
        2 => (0..3_u8, annual(), any::<bool>()).prop_map(|(name, annual, weekly)| Command::AddIncome { name, annual, weekly }),
        1 => (slot(), annual()).prop_map(|(income, annual)| Command::ChangeIncome { income, annual }),
        1 => (slot(), cents()).prop_map(|(flow, amount)| Command::ChangeFlow { flow, amount }),
        1 => Just(Command::Regenerate),
    ];
    (one, other).prop_map(|(one, other)| Step::Together { one, other })
}

impl ReferenceStateMachine for Reference {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self { home: Home::new(), seen: [0, 0], expected: Expected::Nothing, condition: None }).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        let condition = prop_oneof![4 => Just(Condition::None), 3 => Just(Condition::Seen), 1 => Just(Condition::Old)];
        let used: Vec<u8> = state.home.answers.keys().copied().collect();
        let again = if used.is_empty() { key().boxed() } else { select(used).boxed() };
        prop_oneof![
            24 => (client(), command(), option::weighted(0.4, key()), condition)
                .prop_map(|(client, command, key, condition)| Step::Send { client, command, key, condition }),
            4 => (client(), again).prop_map(|(client, key)| Step::Again { client, key }),
            3 => (command(), key()).prop_map(|(command, key)| Step::TwiceWithKey { command, key }),
            3 => command().prop_map(|command| Step::TwiceOnCondition { command }),
            4 => together(),
            3 => client().prop_map(|client| Step::Forecast { client }),
            1 => client().prop_map(|client| Step::Restart { client }),
            1 => Just(Step::Rebuild),
        ]
        .boxed()
    }

    /// A sequence that is cut short keeps what its steps need.
    fn preconditions(state: &Self, step: &Step) -> bool {
        match step {
            Step::Again { key, .. } => state.home.answers.contains_key(key),
            Step::Send { condition: Condition::Old, .. } => state.home.version > 0,
            _ => true,
        }
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        let home = &mut state.home;
        let (version, before) = (home.version, home.clone());
        state.condition = match step {
            Step::Send { client, condition: Condition::Seen, .. } => Some(state.seen[*client]),
            Step::Send { condition: Condition::Old, .. } => Some(version - 1),
            Step::TwiceOnCondition { .. } => Some(version),
            _ => None,
        };
        state.expected = match step {
            Step::Send { command, key, .. } => Expected::One(home.ask(command, *key, state.condition)),
            Step::Again { key, .. } => {
                let (command, _) = home.answers[key].clone();
                Expected::One(home.ask(&command, Some(*key), None))
            }
            Step::TwiceWithKey { command, key } => Expected::same(home.ask(command, Some(*key), None)),
            Step::TwiceOnCondition { command } => {
                let first = home.ask(command, None, state.condition);
                Expected::either(first, home.clone().ask(command, None, state.condition))
            }
            Step::Together { one, other } => {
                let mut reversed = before;
                let late = reversed.ask(other, None, None);
                Expected::OneOf(vec![[home.ask(one, None, None), home.ask(other, None, None)], [reversed.ask(one, None, None), late]])
            }
            Step::Forecast { .. } | Step::Restart { .. } | Step::Rebuild => Expected::Nothing,
        };
        match (step, &state.expected) {
            (Step::Send { client, .. } | Step::Again { client, .. }, Expected::One(Told { version: Some(told), .. })) => {
                state.seen[*client] = state.seen[*client].max(*told);
            }
            (Step::TwiceWithKey { .. } | Step::TwiceOnCondition { .. } | Step::Together { .. }, _) => state.seen = [state.home.version; 2],
            _ => {}
        }
        state
    }
}
