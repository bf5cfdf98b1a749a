//! One attempt at a command, as cqrs-es's event store: its framework loads the aggregate from here, lets it handle the command, and commits
//! here.
//!
//! `commit` hands the decision over to the household's queue, which ends the turn, and returns when it has been appended. The framework's errors
//! have no room for ours, so what became of the commit is left at the [`Desk`].

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use cqrs_es::{AggregateContext, AggregateError, CqrsFramework, EventEnvelope, EventStore};
use domain::household::{Actor, Event, Household, HouseholdError, Intent};
use domain::ids::UserId;
use tracing::{Instrument as _, Span};

use super::append::EventRows;
use super::execute::{Answer, Decided, ExecuteError, Executed, FormAnswer, Request, StoredAnswer};
use super::group::{Decision, Told, Why};
use super::lanes::Turn;
use super::{Known, Store, Version};
use crate::signals::{self, FlowGeneration};

/// What became of one attempt.
pub(super) enum Outcome {
    /// Carried out.
    Appended(Executed),
    /// Nothing to do: the answer, and the version that it was formed at.
    Unchanged(Answer, Version),
    /// A rule.
    Refused(HouseholdError),
    /// Another version than the one that is demanded.
    OtherVersion(Version),
    /// Nothing was appended.
    Again(Why),
}

/// One attempt.
pub(super) struct Attempt<'a, F> {
    pub store: &'a Store,
    pub request: &'a Request,
    /// Which one it is, from 1.
    pub number: u32,
    /// What it is decided on.
    pub base: Arc<Known>,
    /// Who meant this household by not saying which, where nobody has asked the database.
    pub meant_by_default: Option<UserId>,
    /// To be appended in a statement of its own.
    pub alone: bool,
    pub answer: &'a F,
}

impl<'a, F: FormAnswer> Attempt<'a, F> {
    /// Decides, and appends where there is something to append. The turn comes back where it was not used up.
    ///
    /// # Errors
    /// The database, or a programming error.
    pub(super) async fn carry_out(self, turn: Turn<'a>) -> Result<(Outcome, Option<Turn<'a>>), ExecuteError> {
        let (store, request) = (self.store, self.request);
        let mut metadata = request.metadata.clone();
        if let Actor::User(user) = request.command.actor {
            // The role that allows it is the one of the state that it is decided on.
            metadata.role = self.base.household.role_of(user).map(|role| role.as_str().to_owned());
        }
        let metadata = metadata.into_map(store.tables.version());
        let decide = tracing::debug_span!("decide", household = %request.household_id, version = self.base.version, attempt = self.number);
        let desk = Desk { turn: Mutex::new(Some(turn)), result: Mutex::new(None), decide: Mutex::new(Some(decide)) };
        let framework = CqrsFramework::new(AtDesk { attempt: self, begun: Instant::now(), desk: &desk }, Vec::new(), store.tables);
        let told = framework.execute_with_metadata(&request.household_id.to_string(), request.command.clone(), metadata).await;
        drop(framework);
        let turn = desk.turn.into_inner().unwrap_or_else(PoisonError::into_inner);
        let outcome = match (told, desk.result.into_inner().unwrap_or_else(PoisonError::into_inner)) {
            (Err(AggregateError::UserError(refusal)), _) => Outcome::Refused(refusal),
            (_, Some(outcome)) => outcome?,
            (Err(other), None) => return Err(ExecuteError::Internal(other.to_string())),
            (Ok(()), None) => return Err(ExecuteError::Internal("the framework did not commit".to_owned())),
        };
        Ok((outcome, turn))
    }
}

/// What the framework cannot carry: the turn on its way in, and the outcome on its way out.
struct Desk<'a> {
    turn: Mutex<Option<Turn<'a>>>,
    result: Mutex<Option<Result<Outcome, ExecuteError>>>,
    /// The span of the decision: over once there is something to commit.
    decide: Mutex<Option<Span>>,
}

struct AtDesk<'a, 'd, F> {
    attempt: Attempt<'a, F>,
    begun: Instant,
    desk: &'d Desk<'a>,
}

/// The aggregate that the framework works on: a copy, since a refusal may leave it half-changed.
struct Working(Household);

impl AggregateContext<Household> for Working {
    fn aggregate(&mut self) -> &mut Household {
        &mut self.0
    }
}

type FrameworkError = AggregateError<HouseholdError>;

impl<F: FormAnswer> EventStore<Household> for AtDesk<'_, '_, F> {
    type AC = Working;

    async fn load_events(&self, _: &str) -> Result<Vec<EventEnvelope<Household>>, FrameworkError> {
        Ok(Vec::new()) // asked by nobody: a command needs the state, not the events
    }

    async fn load_aggregate(&self, _: &str) -> Result<Working, FrameworkError> {
        Ok(Working(Household::clone(&self.attempt.base.household)))
    }

    async fn commit(
        &self,
        events: Vec<Event>,
        Working(after): Working,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<Household>>, FrameworkError> {
        drop(self.desk.decide.lock().unwrap_or_else(PoisonError::into_inner).take());
        let outcome = self.write(events, after, metadata).await;
        let nothing_came_of_it = matches!(outcome, Err(_) | Ok(Outcome::Again(_)));
        *self.desk.result.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        // The envelopes are for the framework's own queries, which run after the commit; ours ran inside it.
        if nothing_came_of_it { Err(AggregateError::AggregateConflict) } else { Ok(Vec::new()) }
    }
}

impl<F: FormAnswer> AtDesk<'_, '_, F> {
    async fn write(&self, events: Vec<Event>, after: Household, metadata: HashMap<String, String>) -> Result<Outcome, ExecuteError> {
        let Attempt { store, request, number, base, meant_by_default, alone, answer } = &self.attempt;
        let internal = |error: serde_json::Error| ExecuteError::Internal(error.to_string());
        let version = base.version.saturating_add(Version::try_from(events.len()).unwrap_or(0));
        let answer = answer(&Decided { household: &after, version, events: &events }).map_err(internal)?;
        if events.is_empty() {
            return Ok(Outcome::Unchanged(answer, version));
        }
        let metadata = serde_json::to_value(metadata).map_err(internal)?;
        let mut rows = EventRows::default();
        let (version, hash) = rows.add(request.household_id, (base.version, base.hash), &events, &metadata).map_err(internal)?;
        let generates_flows = events.iter().any(|event| matches!(event, Event::SystemFlowsGenerated { .. }));
        let decision = Decision {
            events,
            rows,
            after: Arc::new(Known { household: Arc::new(after), version, hash }),
            answer: request.idempotency.as_ref().map(|key| StoredAnswer::of(key, &answer, version)),
            default_for: opener(&request.command.intent),
            meant_by_default: *meant_by_default,
            alone: *alone,
        };
        let count = decision.events.len();
        let append = tracing::debug_span!("append", household = %request.household_id, version, events = count, attempt = number);
        match self.hand_over(store, decision).instrument(append).await? {
            Told::Appended => {
                let outcome = if generates_flows { FlowGeneration::Generated } else { FlowGeneration::Unchanged };
                signals::flow_generation(outcome, self.begun.elapsed());
                Ok(Outcome::Appended(Executed::Answered { answer, version }))
            }
            Told::Again(why) => Ok(Outcome::Again(why)),
            Told::Failed(error) => Err(ExecuteError::Append(error)),
        }
    }

    async fn hand_over(&self, store: &Store, decision: Decision) -> Result<Told, ExecuteError> {
        let turn = self.desk.turn.lock().unwrap_or_else(PoisonError::into_inner).take();
        let turn = turn.ok_or_else(|| ExecuteError::Internal("the framework committed twice".to_owned()))?;
        let handed_over = turn.hand_over(&self.attempt.base, decision);
        if handed_over.nobody_appends {
            store.append_what_waits(self.attempt.request.household_id);
        }
        // The end of the channel: whoever appended is gone, and whether it did is not known.
        Ok(handed_over.told.await.unwrap_or_else(|_| Told::Failed(sqlx::Error::WorkerCrashed.into())))
    }
}

/// Whoever opens a household gets it as the default one, where they have none.
fn opener(intent: &Intent) -> Option<UserId> {
    if let Intent::OpenHousehold { creator: Some(creator), .. } = intent { Some(creator.user_id) } else { None }
}
