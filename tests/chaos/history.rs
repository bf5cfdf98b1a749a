//! Every call and what came of it, in the order in which the calls ended.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::generator::Ask;

/// A call and its answer.
#[derive(Clone, Debug)]
pub struct Call {
    /// Which client of the run.
    pub client: usize,
    /// Which household of the run.
    pub household: usize,
    /// Which server process of the run.
    pub process: usize,
    /// What was asked.
    pub ask: Ask,
    /// `X-Request-Id`: of this call alone. The events that it caused carry it.
    pub request_id: String,
    /// When it was sent, since the run began.
    pub started: Duration,
    /// When the answer was complete, or was given up.
    pub ended: Duration,
    /// What came back.
    pub reply: Reply,
}

/// What came back.
#[derive(Clone, Debug)]
pub enum Reply {
    /// An answer, whole.
    Answered(Answered),
    /// The connection was refused or cut.
    Nothing(String),
    /// No answer in the time that any answer may take.
    Hung,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// Its status.
    pub status: u16,
    /// `X-Household-Version`.
    pub version: Option<usize>,
    /// `Idempotency-Hit`: it was given before.
    pub again: bool,
    /// There was a `Retry-After`.
    pub retry_after: bool,
    /// JSON; null where it is none.
    pub body: Value,
}

impl Call {
    /// The answer, where there was one.
    pub fn answered(&self) -> Option<&Answered> {
        match &self.reply {
            Reply::Answered(answered) => Some(answered),
            Reply::Nothing(_) | Reply::Hung => None,
        }
    }

    /// The answer that says that it was done.
    pub fn succeeded(&self) -> Option<&Answered> {
        self.answered().filter(|answered| matches!(answered.status, 200 | 201))
    }

    /// Nobody knows yet whether it was carried out.
    pub fn is_unknown(&self) -> bool {
        self.answered().is_none_or(|answered| answered.status >= 500)
    }
}

impl std::fmt::Display for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { client, household, process, ask, request_id, started, ended, reply } = self;
        write!(f, "[{started:.3?} … {ended:.3?}] client {client}, home {household}, process {process}, {request_id}: {ask} → ")?;
        match reply {
            Reply::Answered(answered) => {
                let shown: String = answered.body.to_string().chars().take(1_500).collect();
                let again = if answered.again { " (again)" } else { "" };
                write!(f, "{}{again}, version {:?}: {shown}", answered.status, answered.version)
            }
            Reply::Nothing(error) => write!(f, "no answer: {error}"),
            Reply::Hung => write!(f, "hung"),
        }
    }
}

/// A time in which a server process was not there, or in which a fault of the database was felt.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// Of which server process; `None`: of the database, felt by all.
    pub process: Option<usize>,
    /// From when.
    pub from: Duration,
    /// Until when.
    pub until: Duration,
}

/// What a run has seen so far. Shared by its clients and by whoever injects faults.
#[derive(Debug)]
pub struct History {
    begun: Instant,
    calls: Mutex<Vec<Call>>,
    troubles: Mutex<Vec<Trouble>>,
}

impl History {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { begun: Instant::now(), calls: Mutex::default(), troubles: Mutex::default() }
    }

    /// Since the run began.
    pub fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    /// A call has ended.
    pub fn add(&self, call: Call) {
        self.calls.lock().unwrap().push(call);
    }

    /// A fault is over.
    pub fn add_trouble(&self, trouble: Trouble) {
        self.troubles.lock().unwrap().push(trouble);
    }

    /// All calls that have ended.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }
    /// Whether there is such a call.
    pub fn any(&self, is_it: impl Fn(&Call) -> bool) -> bool {
        self.calls.lock().unwrap().iter().any(is_it)
    }

    /// All faults that are over.
    pub fn troubles(&self) -> Vec<Trouble> {
        self.troubles.lock().unwrap().clone()
    }
}
