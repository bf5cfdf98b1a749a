//! The one path of all commands: who asks, was this key answered before, is the version the expected one, decide, append, answer.
//!
//! A route says what is intended and how the thing that it was about looks; everything else happens here, once. The answer is formed
//! from the state behind the events *before* the append, so that it can be stored with its idempotency key in the same transaction.
//!
//! A refusal is only ever given behind the gate, which has asked the database; what was appended needs no gate any more.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use domain::calendar::{Date, Instant};
use domain::household::{Actor, Command, Event, Household, Intent};
use domain::ids::HouseholdId;
use futures_util::future::LocalBoxFuture;
use projections::store::{
    self, Asker, Decided, Executed, Gate, Head, IdempotencyKey as StoredKey, Metadata, Replay, Request, Store, Version,
};
use projections::track::Stage;
use serde::Serialize;

use crate::answer::Answer;
use crate::body::Digest;
use crate::clock;
use crate::extract::{Caller, HouseholdChoice, IdempotencyKey, IfMatch};
use crate::problem::Problem;
use crate::telemetry::{self, RequestIds};

/// A request to change a household, but for its body.
pub struct CommandRequest {
    caller: Caller,
    household: HouseholdChoice,
    if_match: IfMatch,
    key: IdempotencyKey,
    store: Data<Store>,
    arrived: std::time::Instant,
}

/// What the gate says to a command.
pub enum Entered {
    /// It was carried out before, under this key: the answer of then.
    Before(Answer),
    /// It may be decided.
    Now(Gate),
}

/// What a command made or changed, for the answer.
#[derive(Clone, Debug)]
pub enum Made {
    /// 200.
    Changed,
    /// 201, with where it can be found.
    Created(String),
}

impl FromRequest for CommandRequest {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let (request, arrived) = (request.clone(), std::time::Instant::now());
        Box::pin(async move {
            let mut nothing = Payload::None;
            let store = Data::<Store>::from_request(&request, &mut nothing).await;
            Ok(Self {
                caller: Caller::from_request(&request, &mut nothing).await?,
                household: HouseholdChoice::from_request(&request, &mut nothing).await?,
                if_match: IfMatch::from_request(&request, &mut nothing).await?,
                key: IdempotencyKey::from_request(&request, &mut nothing).await?,
                store: store.map_err(|error| Problem::internal(&Missing(error.to_string())))?,
                arrived,
            })
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the server is wired wrongly: {0}")]
struct Missing(String);

impl CommandRequest {
    /// Who asks.
    #[must_use]
    pub const fn caller(&self) -> Caller {
        self.caller
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The store, for what happens once the command has been carried out.
    #[must_use]
    pub fn shared_store(&self) -> Data<Store> {
        self.store.clone()
    }

    /// Who asks, for which household.
    #[must_use]
    pub fn asker(&self) -> Asker {
        if let Some(chosen) = self.household.0 {
            telemetry::about(chosen);
        }
        Asker { user_id: self.caller.user_id, household_id: self.household.0 }
    }

    /// The client's key.
    #[must_use]
    pub fn idempotency_key(&self) -> Option<&str> {
        self.key.0.as_deref()
    }

    /// For the household that the path names, whatever the header says.
    #[must_use]
    pub fn of_household(self, id: HouseholdId) -> Self {
        Self { household: HouseholdChoice(Some(id)), ..self }
    }

    /// Goes through the gate: is there such a household for the caller, was this key answered before, does `If-Match` hold?
    ///
    /// # Errors
    /// 404, 412, or a key that was used for another request.
    pub async fn enter(&self, digest: Digest) -> Result<Entered, Problem> {
        let Some(mut gate) = self.store.gate(self.asker(), self.idempotency_key()).await? else {
            return Err(Problem::no_household());
        };
        telemetry::about(gate.household_id);
        if let Some(replay) = gate.replay.take() {
            return replayed(replay, digest).map(Entered::Before);
        }
        let current = gate.head.version.unsigned_abs();
        if self.if_match.allows(current) { Ok(Entered::Now(gate)) } else { Err(Problem::version_behind(current)) }
    }

    /// For how long it has been on its way in here.
    #[must_use]
    pub fn waited(&self) -> Duration {
        self.arrived.elapsed()
    }

    /// The client's key, as it is stored with the answer.
    #[must_use]
    pub fn stored_key(&self, digest: Digest) -> Option<StoredKey> {
        self.key.0.clone().map(|key| StoredKey { user_id: self.caller.user_id, key, request_hash: digest.0 })
    }

    /// Carries out an intent, which may depend on which day it is for the household. `view` shows the thing that it was about, from the
    /// state behind the events and from them.
    ///
    /// First on what this process remembers of the household, which the append checks; where nothing comes of that, behind the gate.
    ///
    /// # Errors
    /// The problem that the client is told; nothing has been appended.
    pub async fn run<V: Serialize>(
        self,
        digest: Digest,
        intent: impl FnOnce(Date) -> Intent + Clone,
        made: Made,
        view: impl Fn(&Household, &[Event]) -> Option<V> + Sync,
    ) -> Result<Answer, Problem> {
        let (decided_at, form) = (clock::now(), |decided: &Decided<'_>| form(decided, &made, &view));
        if let Some(guess) = self.store.guess(self.asker())
            && self.if_match.allows(guess.version.unsigned_abs())
        {
            telemetry::about(guess.household_id);
            let intent = intent.clone()(guess.time_zone.date_at(decided_at));
            let head = Head { version: guess.version, ..Head::NOTHING };
            let request = self.request(guess.household_id, head, decided_at, digest, intent);
            if let Some(executed) = self.store.execute_guess(&request, &guess, &form).await? {
                return told(executed, digest);
            }
        }
        let gate = match self.enter(digest).await? {
            Entered::Before(answer) => return Ok(answer),
            Entered::Now(gate) => gate,
        };
        let intent = intent(gate.time_zone.date_at(decided_at));
        let request = self.request(gate.household_id, gate.head, decided_at, digest, intent);
        told(self.store.execute(request, &form).await?, digest)
    }

    /// The household's version, for a command that appends nothing to it: where there is such a household for the caller, and `If-Match`
    /// holds.
    ///
    /// # Errors
    /// 404 or 412.
    pub async fn checked_version(&self) -> Result<u64, Problem> {
        let gate = self.store.gate(self.asker(), None).await?.ok_or_else(Problem::no_household)?;
        let current = gate.head.version.unsigned_abs();
        if self.if_match.allows(current) { Ok(current) } else { Err(Problem::version_behind(current)) }
    }

    /// Carries out the intent that opens a household: there is no gate to go through yet.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn open<V: Serialize>(
        self,
        household_id: HouseholdId,
        digest: Digest,
        intent: Intent,
        view: impl Fn(&Household, &[Event]) -> Option<V> + Sync,
    ) -> Result<Answer, Problem> {
        telemetry::about(household_id);
        let location = format!("/api/v1/households/{household_id}");
        if let Some(key) = self.idempotency_key()
            && let Some(replay) = self.store.replay(household_id, self.caller.user_id, key).await?
        {
            return replayed(replay, digest);
        }
        let request = self.request(household_id, Head::NOTHING, clock::now(), digest, intent);
        let form = |decided: &Decided<'_>| form(decided, &Made::Created(location.clone()), &view);
        told(self.store.execute(request, &form).await?, digest)
    }

    /// `seen`: the head that `If-Match` was compared with.
    fn request(&self, household_id: HouseholdId, seen: Head, decided_at: Instant, digest: Digest, intent: Intent) -> Request {
        telemetry::at(Stage::Decide);
        let actor = Actor::User(self.caller.user_id);
        Request {
            household_id,
            command: Command { decided_at, actor, intent },
            metadata: self.metadata(decided_at),
            seen,
            expected_version: self.if_match.is_conditional().then_some(seen.version),
            idempotency: self.stored_key(digest),
        }
    }

    /// Without the role: the store names the one of the state that is decided on.
    fn metadata(&self, decided_at: Instant) -> Metadata {
        let ids = telemetry::current();
        let request_id = ids.as_ref().map(|ids| ids.request_id.clone());
        let span_id = ids.as_ref().and_then(RequestIds::recorded_span);
        Metadata {
            actor_kind: "user",
            actor_id: self.caller.user_id.to_string(),
            role: None,
            correlation_id: request_id.clone(),
            causation_id: None,
            request_id,
            trace_id: ids.map(|ids| ids.trace_id),
            span_id,
            idempotency_key: self.key.0.clone(),
            decided_at,
        }
    }
}

/// The answer as it is stored and sent: the thing's own fields, `version` and `events`.
fn form<V: Serialize>(
    decided: &Decided<'_>,
    made: &Made,
    view: &impl Fn(&Household, &[Event]) -> Option<V>,
) -> Result<store::Answer, serde_json::Error> {
    #[derive(Serialize)]
    struct Done<'a, V> {
        #[serde(flatten)]
        view: Option<V>,
        version: Version,
        events: Vec<&'a str>,
    }
    let events = decided.events.iter().map(Event::name).collect();
    let done = Done { view: view(decided.household, decided.events), version: decided.version, events };
    let (status, location) = match made {
        Made::Changed => (200, None),
        Made::Created(location) if !decided.events.is_empty() => (201, Some(location.clone())),
        Made::Created(_) => (200, None), // known already: nothing was made
    };
    Ok(store::Answer { status, location, body: serde_json::to_string(&done)? })
}

fn told(executed: Executed, digest: Digest) -> Result<Answer, Problem> {
    match executed {
        Executed::Answered { answer, version } => Ok(sent(answer.status, version, answer.location, answer.body)),
        Executed::Replayed(replay) => replayed(replay, digest),
    }
}

fn replayed(replay: Replay, digest: Digest) -> Result<Answer, Problem> {
    if replay.request_hash != digest.0 {
        return Err(store::ExecuteError::KeyReused.into());
    }
    Ok(sent(replay.status, replay.version, replay.location, replay.body).as_replayed())
}

fn sent(status: u16, version: Version, location: Option<String>, body: String) -> Answer {
    Answer {
        status,
        version: Some(version.unsigned_abs()),
        etag: None,
        location,
        content_type: "application/json".to_owned(),
        body,
        replayed: false,
    }
}

/// What is left of a thing that was removed.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Removed {
    /// Which.
    pub id: uuid::Uuid,
}
