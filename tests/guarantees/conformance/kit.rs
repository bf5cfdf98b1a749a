//! What every store of streams must keep, whatever it is made of; and how a store is put to the test.
//!
//! A store is asked through [`Subject`] alone: facts are numbers, so that a rule can tell one from another, and a stream is a UUID.
//! A rule answers what it saw, and does not panic: that a wrong store is caught is a test too (see `wrong`).

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use uuid::Uuid;

use super::brake::Brakes;

/// Something that happened, told apart by its number.
pub type Fact = u32;
/// An event's place: its stream, and its number there.
pub type Place = (Uuid, i64);

/// A stream that nobody else writes to, and the number of its last event.
#[derive(Clone, Copy, Debug)]
pub struct Stream {
    pub id: Uuid,
    pub version: i64,
}

/// Why nothing was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The stream does not end where it was said to.
    Conflict,
    /// Something else went wrong.
    Failed(String),
}

/// A store under test.
pub trait Subject: Clone + Send + Sync + 'static {
    type Reader: Reader;
    /// A new stream.
    fn open(&self) -> impl Future<Output = Stream> + Send;
    /// Appends facts behind event number `after`, all or none; gives the number of the last one.
    fn append(&self, stream: Uuid, after: i64, facts: Vec<Fact>) -> impl Future<Output = Result<i64, Refusal>> + Send;
    /// The facts of a stream with their numbers, in the order of the stream.
    fn read(&self, stream: Uuid) -> impl Future<Output = Vec<(i64, Fact)>> + Send;
    /// Someone who follows all streams, from the first event on.
    fn reader(&self) -> impl Future<Output = Self::Reader> + Send;
    /// How a writer of this store is stopped half-way; none where it has no half-way.
    fn brakes(&self) -> Option<&Brakes>;
}

/// Someone who follows all streams.
pub trait Reader: Send {
    /// What has come since it was last asked.
    fn more(&mut self) -> impl Future<Output = Result<Vec<Place>, String>> + Send;
}

/// A rule that does not come to an end is broken.
const PATIENCE: Duration = Duration::from_secs(60);

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Kept,
    Broken(String),
    /// It cannot be put to this store.
    NotAsked,
}

/// What became of every rule.
#[derive(Debug, Default)]
pub struct Report(BTreeMap<&'static str, Verdict>);

impl Report {
    /// The rules that were broken.
    pub fn broken(&self) -> Vec<&'static str> {
        self.0.iter().filter(|(_, verdict)| matches!(verdict, Verdict::Broken(_))).map(|(rule, _)| *rule).collect()
    }

    /// The rules that could not be put to the store.
    pub fn not_asked(&self) -> Vec<&'static str> {
        self.0.iter().filter(|(_, verdict)| **verdict == Verdict::NotAsked).map(|(rule, _)| *rule).collect()
    }

    #[track_caller]
    pub fn assert_breaks_only(&self, expected: &[&str]) {
        assert_eq!(self.broken(), expected, "{self}");
    }

    #[track_caller]
    pub fn assert_breaks(&self, expected: &str) {
        assert!(self.broken().contains(&expected), "{expected} was not broken: {self}");
    }

    /// Puts a rule to the store.
    pub async fn ask(&mut self, rule: &'static str, answer: impl Future<Output = Result<Verdict, String>>) {
        let answered = tokio::time::timeout(PATIENCE, answer).await;
        let verdict = answered.unwrap_or_else(|_| Err(format!("not done after {PATIENCE:?}")));
        self.0.insert(rule, verdict.unwrap_or_else(Verdict::Broken));
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|(rule, verdict)| write!(f, "\n  {rule}: {verdict:?}"))
    }
}

/// A rule's own assertion: what does not hold is what the rule answers.
macro_rules! demand {
    ($holds:expr, $($told:tt)+) => {
        if !$holds {
            return Err(format!($($told)+));
        }
    };
}
pub(super) use demand;
