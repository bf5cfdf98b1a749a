//! A fact as an event of a household: what an account held, the fact's number in cents. For stores that take a household's events only.

use cqrs_es::persist::{PersistedEventRepository, PersistenceError, SerializedEvent};
use cqrs_es::{Aggregate, DomainEvent};
use domain::household::facts::Balance;
use domain::household::{Event, Household};
use domain::ids::AccountId;
use domain::money::Money;
use serde_json::{Value, json};
use uuid::Uuid;

use super::kit::{Fact, Place, Reader, Refusal};

/// The account whose balances are the facts.
pub const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));

pub fn balance(fact: Fact) -> Balance {
    let as_of_date = "2026-11-23".parse().unwrap();
    Balance { as_of_date, balance: Money::from_cents(i64::from(fact)), cost_basis: None, market_value: None }
}

pub fn event(fact: Fact) -> Event {
    Event::BalanceRecorded { account_id: ACCOUNT, balance: balance(fact), was: None }
}

/// The fact that an event holds, if it is one.
pub fn fact(payload: &Value) -> Option<Fact> {
    match serde_json::from_value(payload.clone()).unwrap() {
        Event::BalanceRecorded { balance, .. } => Fact::try_from(balance.balance.cents()).ok(),
        _ => None,
    }
}

/// Appends facts through the framework's trait.
pub async fn persist(repository: &impl PersistedEventRepository, stream: Uuid, after: i64, facts: Vec<Fact>) -> Result<i64, Refusal> {
    let first = usize::try_from(after).unwrap() + 1;
    let serialized = |(sequence, fact): (usize, Fact)| {
        let event = event(fact);
        let [id, kind] = [stream.to_string(), Household::TYPE.to_owned()];
        let payload = serde_json::to_value(&event).unwrap();
        SerializedEvent::new(id, sequence, kind, event.event_type(), event.event_version(), payload, json!({}))
    };
    let last = after + i64::try_from(facts.len()).unwrap();
    let events: Vec<SerializedEvent> = (first..).zip(facts).map(serialized).collect();
    match repository.persist::<Household>(&events, None).await {
        Ok(()) => Ok(last),
        Err(PersistenceError::OptimisticLockError) => Err(Refusal::Conflict),
        Err(error) => Err(Refusal::Failed(error.to_string())),
    }
}

/// The facts of a stream, through the framework's trait.
pub async fn read(repository: &impl PersistedEventRepository, stream: Uuid) -> Vec<(i64, Fact)> {
    let events = repository.get_events::<Household>(&stream.to_string()).await.unwrap();
    events.into_iter().filter_map(|event| Some((i64::try_from(event.sequence).unwrap(), fact(&event.payload)?))).collect()
}

/// Follows a repository by the only means that the framework's trait has: it reads everything, each time. An order over all streams
/// shows in that what was read once is read again as it was, with what is new behind it.
pub struct Rereading<R> {
    repository: R,
    seen: Vec<Place>,
}

impl<R> Rereading<R> {
    pub const fn new(repository: R) -> Self {
        Self { repository, seen: Vec::new() }
    }
}

impl<R: PersistedEventRepository + Sync> Reader for Rereading<R> {
    async fn more(&mut self) -> Result<Vec<Place>, String> {
        let mut stream = self.repository.stream_all_events::<Household>().await.map_err(|error| error.to_string())?;
        let mut places: Vec<Place> = Vec::new();
        while let Some(event) = stream.next::<Household>(&[]).await {
            let event = event.map_err(|error| error.to_string())?;
            places.push((event.aggregate_id.parse().unwrap(), i64::try_from(event.sequence).unwrap()));
        }
        if !places.starts_with(&self.seen) {
            return Err(format!("read {:?} first, then {places:?}", self.seen));
        }
        let new = places.split_off(self.seen.len());
        self.seen.extend_from_slice(&new);
        Ok(new)
    }
}
