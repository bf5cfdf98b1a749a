//! What several commands have decided about one household, each on the state behind the one before, and its way into one statement.
//!
//! To its clients a group is a row of commands that were carried out one after the other at the same instant: each has its own events,
//! metadata, version, answer and key. It is bounded, since what is appended together is also refused together.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use domain::household::Event;
use domain::ids::{HouseholdId, UserId};
use tokio::sync::oneshot;
use tracing::{Instrument, Span};

use super::append::{Append, AppendError, EventRows};
use super::execute::StoredAnswer;
use super::{Known, Store};
use crate::database::DatabaseError;

/// Commands in a group.
const MOST_COMMANDS: usize = 32;
/// Events in a group of several; a command with more is a group of its own.
const MOST_EVENTS: usize = 200;
/// An append that takes longer is given up: PostgreSQL itself ends a statement after 30 seconds, unless it is not there any more.
const LONGEST_APPEND: Duration = Duration::from_secs(35);

/// What a command wants to have appended.
#[derive(Debug)]
pub(super) struct Decision {
    /// At least one.
    pub events: Vec<Event>,
    pub rows: EventRows,
    pub after: Arc<Known>,
    pub answer: Option<StoredAnswer>,
    pub default_for: Option<UserId>,
    /// Who meant this household by not saying which.
    pub meant_by_default: Option<UserId>,
    /// Shares a statement with nobody.
    pub alone: bool,
}

/// What a command is told of its decision.
#[derive(Debug)]
pub(super) enum Told {
    /// It has been appended.
    Appended,
    /// It has not: decide again.
    Again(Why),
    /// Nobody knows, or there is no hope.
    Failed(DatabaseError),
}

/// Why a command has to be decided again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The household has moved.
    Conflict,
    /// The key of one in the group has been used.
    KeyTaken,
    /// The database refused the group; it may be the fault of another one in it.
    Refused,
    /// It waited for what it was decided on, and that is settled now.
    Settled,
}

/// Decisions that are appended together.
pub(super) struct Group {
    base: Arc<Known>,
    after: Arc<Known>,
    events: Vec<Event>,
    rows: EventRows,
    answers: Vec<StoredAnswer>,
    default_for: Option<UserId>,
    meant_by_default: Vec<UserId>,
    waiting: Vec<oneshot::Sender<Told>>,
    alone: bool,
    /// Of the first command's append; those of the others show how long they waited for the statement.
    span: Span,
}

impl Group {
    /// A group of one.
    pub(super) fn of(base: &Arc<Known>, decision: Decision, tell: oneshot::Sender<Told>) -> Self {
        let mut group = Self::of_nothing(base, tell);
        group.alone = decision.alone;
        group.take(decision);
        group
    }

    /// Somebody who waits for what is under way.
    pub(super) fn of_nothing(base: &Arc<Known>, tell: oneshot::Sender<Told>) -> Self {
        Self {
            base: Arc::clone(base),
            after: Arc::clone(base),
            events: Vec::new(),
            rows: EventRows::default(),
            answers: Vec::new(),
            default_for: None,
            meant_by_default: Vec::new(),
            waiting: vec![tell],
            alone: false,
            span: Span::current(),
        }
    }

    /// Whether there is room. Two commands with one key are two groups: the second finds the answer of the first.
    pub(super) fn takes(&self, decision: &Decision) -> bool {
        let same_key = |new: &StoredAnswer| self.answers.iter().any(|answer| answer.user_id == new.user_id && answer.key == new.key);
        !self.alone
            && !decision.alone
            && self.waiting.len() < MOST_COMMANDS
            && self.rows.len().saturating_add(decision.rows.len()) <= MOST_EVENTS
            && !decision.answer.as_ref().is_some_and(same_key)
    }

    /// Adds a decision that was made on the state behind this group.
    pub(super) fn add(&mut self, decision: Decision, tell: oneshot::Sender<Told>) {
        self.take(decision);
        self.waiting.push(tell);
    }

    /// Adds somebody who has nothing to append, and needs to know that what is here is appended.
    pub(super) fn wait(&mut self, tell: oneshot::Sender<Told>) {
        self.waiting.push(tell);
    }

    /// How many wait for it.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn take(&mut self, decision: Decision) {
        self.after = decision.after;
        self.events.extend(decision.events);
        self.rows.append(decision.rows);
        self.answers.extend(decision.answer);
        self.default_for = self.default_for.or(decision.default_for);
        self.meant_by_default.extend(decision.meant_by_default.filter(|user| !self.meant_by_default.contains(user)));
    }

    /// Tells everybody in it to decide again.
    pub(super) fn tell_again(self, why: Why) {
        self.tell(|| Told::Again(why));
    }

    fn tell(self, told: impl Fn() -> Told) {
        for tell in self.waiting {
            drop(tell.send(told())); // whose client has gone hears nothing
        }
    }

    async fn append(&self, store: &Store, household_id: HouseholdId) -> Result<(), AppendError> {
        let append = Append {
            household_id,
            base: &self.base,
            events: &self.events,
            rows: &self.rows,
            after: &self.after.household,
            answers: &self.answers,
            default_for: self.default_for,
            meant_by_default: &self.meant_by_default,
        };
        let gave_up = |_| AppendError::Database(DatabaseError::Unavailable(sqlx::Error::PoolTimedOut));
        tokio::time::timeout(LONGEST_APPEND, append.execute(&store.pool)).await.map_err(gave_up)?
    }

    /// Tells everybody that it failed. A refusal by the database (a bug) is the fault of one in it: each tries again alone.
    fn tell_failure(mut self, error: DatabaseError) {
        match error {
            DatabaseError::Unavailable(cause) => {
                let cause = Arc::new(cause);
                self.tell(|| Told::Failed(DatabaseError::Unavailable(sqlx::Error::Io(io::Error::other(Arc::clone(&cause))))));
            }
            DatabaseError::Failed(_) if self.waiting.len() > 1 => self.tell_again(Why::Refused),
            failed @ DatabaseError::Failed(_) => {
                if let Some(tell) = self.waiting.pop() {
                    drop(tell.send(Told::Failed(failed)));
                }
            }
        }
    }
}

impl Store {
    /// Appends what waits for a household until nothing does. A task of its own: a client that goes away must not take the others'
    /// answers with it.
    pub(super) fn append_what_waits(&self, household: HouseholdId) {
        let store = self.clone();
        drop(tokio::spawn(async move { store.append_groups(household).await }));
    }

    async fn append_groups(&self, household: HouseholdId) {
        let mut work = self.lanes.work(household);
        while let Some(group) = work.next() {
            if group.events.is_empty() {
                group.tell_again(Why::Settled);
                continue;
            }
            let span = tracing::debug_span!(parent: &group.span, "statement", events = group.events.len(), commands = group.waiting.len());
            match group.append(self, household).instrument(span).await {
                Ok(()) => {
                    self.remember(household, Arc::clone(&group.after));
                    self.announcer.announce();
                    group.tell(|| Told::Appended);
                }
                Err(error) => {
                    // First, so that nobody decides on top of it any more.
                    work.give_up(if matches!(error, AppendError::Conflict) { Why::Conflict } else { Why::Settled });
                    return match error {
                        AppendError::Conflict => group.tell_again(Why::Conflict),
                        AppendError::KeyTaken => group.tell_again(Why::KeyTaken),
                        AppendError::Database(error) => group.tell_failure(error),
                        AppendError::Encoding(error) => group.tell_failure(DatabaseError::Failed(sqlx::Error::Encode(error.into()))),
                    };
                }
            }
        }
    }
}
