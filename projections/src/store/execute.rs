//! A command from decision to answer, decided again where the household moved meanwhile.
//!
//! Two ways lead here. Behind the gate ([`Store::execute`]) it is known where the stream ended after the command had arrived. Without it
//! ([`Store::execute_guess`]) there is only what this process remembers, and the append is the first to say whether that was true: one
//! round trip instead of two, for what succeeds. Whatever else comes of a guess (a refusal, nothing to do, a conflict, a key that was used)
//! is no answer, and the command goes through the gate: what is not appended is never said on what is only remembered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::household::error::Rule;
use domain::household::{Command, Event, Household, HouseholdError};
use domain::ids::{HouseholdId, UserId};
use domain::tax::TaxError;

use super::attempt::{Attempt, Outcome};
use super::group::Why;
use super::lanes::{Busy, Turn};
use super::load::remembered;
use super::{Guess, Head, Known, Metadata, Replay, Store, StoreError, Version};
use crate::database::DatabaseError;
use crate::signals::{self, FlowGeneration};

/// How often a command is decided before its client hears that the household is too busy. With the lanes of one process and a
/// handful of processes, the third attempt is rare.
const MOST_ATTEMPTS: u32 = 40;

/// Forms the client's answer from what was decided; an error is a programming error.
pub trait FormAnswer: Fn(&Decided<'_>) -> Result<Answer, serde_json::Error> + Sync {}
impl<F: Fn(&Decided<'_>) -> Result<Answer, serde_json::Error> + Sync> FormAnswer for F {}

/// A command on its way.
#[derive(Clone, Debug)]
pub struct Request {
    /// Whose.
    pub household_id: HouseholdId,
    /// What.
    pub command: Command,
    /// Who, when, why.
    pub metadata: Metadata,
    /// Where the gate found the stream's end: what is decided on is at least as new.
    pub seen: Head,
    /// `If-Match`: decide on exactly this version, or not at all.
    pub expected_version: Option<Version>,
    /// `Idempotency-Key`.
    pub idempotency: Option<IdempotencyKey>,
}

/// A client's key and what it asked with it.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// Who sent it: keys of two users are two keys.
    pub user_id: UserId,
    /// The key.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request_hash: [u8; 32],
}

/// What was decided, for whoever forms the answer; the append is still to come.
#[derive(Debug)]
pub struct Decided<'a> {
    /// The state behind the events.
    pub household: &'a Household,
    /// The version behind the events.
    pub version: Version,
    /// What happened; nothing where nothing changed.
    pub events: &'a [Event],
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Header of a creation.
    pub location: Option<String>,
    /// JSON.
    pub body: String,
}

/// An answer that is kept for its key.
#[derive(Clone, Debug)]
pub struct StoredAnswer {
    pub(super) user_id: UserId,
    pub(super) key: String,
    pub(super) request_hash: [u8; 32],
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) body: String,
    /// The household's behind the command.
    pub(super) version: Version,
}

/// What became of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executed {
    /// It was carried out, or there was nothing to do.
    Answered {
        /// The answer.
        answer: Answer,
        /// The household's version behind it.
        version: Version,
    },
    /// It had been carried out before, under this key.
    Replayed(Replay),
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A rule of the household.
    #[error(transparent)]
    Refused(#[from] HouseholdError),
    /// `If-Match` names another version than the stream's last.
    #[error("the household is at version {current}")]
    OtherVersion {
        /// Where it is.
        current: Version,
    },
    /// The key was used for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// Others were faster, each time.
    #[error("the household is being changed by many at once")]
    Contended,
    /// Too many commands of this household wait already.
    #[error("the household is busy")]
    Busy,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database, where it was to append: whether it did is not always known.
    #[error("the events could not be appended")]
    Append(#[source] DatabaseError),
    /// A programming error, told to the operator.
    #[error("the command could not be carried out: {0}")]
    Internal(String),
}

impl From<Busy> for ExecuteError {
    fn from(Busy: Busy) -> Self {
        Self::Busy
    }
}

/// What a command is decided on, and what a refusal on it is worth.
enum Base {
    /// The head, as it was found after the command had arrived: a refusal holds.
    Read(Arc<Known>),
    /// What the commands before it have decided: a refusal holds once that is appended.
    Pending(Arc<Known>),
}

impl Store {
    /// Carries out a command. `answer` forms the client's answer from what was decided, before the append, so that an answer and its
    /// idempotency key commit with the events.
    ///
    /// # Errors
    /// [`ExecuteError`]; nothing has been appended.
    pub async fn execute(&self, request: Request, answer: impl FormAnswer) -> Result<Executed, ExecuteError> {
        let begun = Instant::now();
        let mut attempts = 0;
        let mut executed = self.decide_and_append(&request, &answer, &mut attempts).await;
        signals::command_ended(attempts);
        if let Err(ExecuteError::Refused(_) | ExecuteError::OtherVersion { .. }) = executed
            && let Some(first) = self.first_answer(&request).await?
        {
            // The same request was carried out while this one waited: it is not refused for what it has done itself.
            executed = Ok(first);
        }
        told(begun, executed)
    }

    /// Carries out a command on what this process remembers of its household; `None` where that leads to nothing that may be answered,
    /// and the command has to go through the gate. Nothing has been appended then. (`request.seen` is not looked at.)
    ///
    /// # Errors
    /// [`ExecuteError`], never a refusal: the database is away, or the household is busy.
    pub async fn execute_guess(&self, request: &Request, guess: &Guess, answer: impl FormAnswer) -> Result<Option<Executed>, ExecuteError> {
        let begun = Instant::now();
        let turn = self.lanes.turn(request.household_id).await?;
        let pending = turn.tip();
        let is_pending = pending.is_some();
        let Some(base) = pending.or_else(|| self.cache.get(&request.household_id)) else { return Ok(None) };
        if request.expected_version.is_some_and(|expected| expected != base.version) {
            return Ok(None);
        }
        let base = remembered(request.household_id, base);
        let meant_by_default = guess.meant_by_default;
        let attempt = Attempt { store: self, request, number: 1, base, meant_by_default, alone: false, answer: &answer };
        match attempt.carry_out(turn).await {
            Ok((Outcome::Appended(executed), _)) => {
                signals::command_ended(1);
                Ok(Some(executed))
            }
            Ok((Outcome::Again(Why::Conflict), _)) => {
                if is_pending {
                    signals::command_conflict();
                } else {
                    // Another process writes to it: for a while the gate is asked at once. Not a conflict: nobody was in the way.
                    self.doubted.insert(request.household_id, ());
                }
                Ok(None)
            }
            Ok(_) => Ok(None),
            Err(error) => told(begun, Err(error)).map(Some),
        }
    }

    async fn decide_and_append(&self, request: &Request, answer: &impl FormAnswer, attempts: &mut u32) -> Result<Executed, ExecuteError> {
        let mut alone = false;
        while *attempts < MOST_ATTEMPTS {
            let turn = self.lanes.turn(request.household_id).await?;
            *attempts = attempts.saturating_add(1);
            let base = self.base(request, &turn, *attempts == 1).await?;
            let (Base::Read(known) | Base::Pending(known)) = &base;
            let begun = Instant::now();
            let (outcome, turn) = if request.expected_version.is_some_and(|expected| expected != known.version) {
                (Outcome::OtherVersion(known.version), Some(turn))
            } else {
                let base = Arc::clone(known);
                let attempt = Attempt { store: self, request, number: *attempts, base, meant_by_default: None, alone, answer };
                attempt.carry_out(turn).await?
            };
            if let (Base::Pending(_), Some(turn)) = (&base, turn)
                && !turn.witness().await
            {
                // It was said on what has come to nothing. What failed may lie there for a moment more, and must not use up every attempt.
                tokio::time::sleep(backoff(*attempts)).await;
                continue;
            }
            match outcome {
                Outcome::Appended(executed) => return Ok(executed),
                Outcome::Unchanged(answer, version) => {
                    if let Some(executed) = self.keep_answer(request, answer, version).await? {
                        signals::flow_generation(FlowGeneration::Unchanged, begun.elapsed());
                        return Ok(executed);
                    }
                }
                Outcome::Refused(refusal) => return Err(refusal.into()),
                Outcome::OtherVersion(current) => return Err(ExecuteError::OtherVersion { current }),
                Outcome::Again(Why::Conflict) => {
                    signals::command_conflict();
                    tracing::debug!(household = %request.household_id, attempts, version = known.version, "conflict: deciding again");
                    tokio::time::sleep(backoff(*attempts)).await;
                }
                Outcome::Again(Why::KeyTaken) => {
                    if let Some(first) = self.first_answer(request).await? {
                        return Ok(first);
                    }
                    self.remove_expired_answer(request).await?;
                }
                Outcome::Again(Why::Refused) => alone = true,
                Outcome::Again(Why::Settled) => {}
            }
        }
        Err(ExecuteError::Contended)
    }

    async fn base(&self, request: &Request, turn: &Turn<'_>, first: bool) -> Result<Base, StoreError> {
        match turn.tip() {
            Some(tip) => Ok(Base::Pending(remembered(request.household_id, tip))),
            None if first => self.load(request.household_id, request.seen).await.map(Base::Read),
            None => self.load_head(request.household_id).await.map(Base::Read),
        }
    }
}

/// A command that failed has derived no flows. What the law's tables cannot answer was asked for in vain, unless they lack a year.
fn told(begun: Instant, executed: Result<Executed, ExecuteError>) -> Result<Executed, ExecuteError> {
    if let Some(outcome) = executed.as_ref().err().and_then(flows_of) {
        signals::flow_generation(outcome, begun.elapsed());
    }
    executed
}

/// What a command that was not carried out means for the system flows; `None` where it never came to deriving them.
fn flows_of(error: &ExecuteError) -> Option<FlowGeneration> {
    match error {
        ExecuteError::Store(_) | ExecuteError::Append(_) | ExecuteError::Internal(_) | ExecuteError::Contended => {
            Some(FlowGeneration::Failed)
        }
        ExecuteError::Refused(HouseholdError::Invalid(violations)) => {
            let mut law = violations.iter().filter_map(|violation| if let Rule::Tax(error) = &violation.rule { Some(error) } else { None });
            law.next().map(|error| match error {
                TaxError::UnknownYear { .. } => FlowGeneration::Failed,
                TaxError::StateNotSupported(_)
                | TaxError::Negative { .. }
                | TaxError::TooLarge { .. }
                | TaxError::MoreThanContains { .. }
                | TaxError::DeductionsExceedPay { .. } => FlowGeneration::Refused,
            })
        }
        ExecuteError::Refused(_) | ExecuteError::OtherVersion { .. } | ExecuteError::KeyReused | ExecuteError::Busy => None,
    }
}

/// A random part of a time that doubles up to 32 ms: those who collided once shall not collide in step.
fn backoff(attempt: u32) -> Duration {
    Duration::from_micros(fastrand::u64(0..=1000_u64.saturating_mul(1 << attempt.min(5))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::household::error::Violation;
    use domain::vocabulary::State;

    fn refused(rule: Rule) -> ExecuteError {
        HouseholdError::Invalid(vec![Violation { field: "state".to_owned(), rule }]).into()
    }

    /// A client's mistake must not wake an operator, and a year that the law lacks must.
    #[test]
    fn what_the_law_cannot_answer_is_a_failure_only_where_it_lacks_a_year() {
        let state = refused(Rule::Tax(TaxError::StateNotSupported(State::Texas)));
        let year = refused(Rule::Tax(TaxError::UnknownYear { year: 1999, first: 2024, last: 2026 }));
        let outcomes = [&state, &year, &ExecuteError::Contended, &refused(Rule::Negative)].map(flows_of);
        assert_eq!(outcomes, [Some(FlowGeneration::Refused), Some(FlowGeneration::Failed), Some(FlowGeneration::Failed), None]);
    }
}
