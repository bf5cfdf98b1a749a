//! Our store, by each of the ways that lead into it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::household::command::{Actor, Command, Holding, Intent};
use domain::household::facts::{Account, Profile, TimeZone};
use domain::household::{Event, Household};
use domain::ids::HouseholdId;
use domain::tax::TaxTables;
use domain::text::Name;
use domain::vocabulary::{AccountType, FilingStatus};
use projections::database::{DatabaseUrl, connect};
use projections::store::{
    Answer, AppendError, Batch, ExecuteError, Executed, Head, HouseholdRepository, Known, Metadata, Request, Store, append,
};
use projections::subscription::{Position, page};
use serde_json::json;
use sqlx::Row;
use support::Database;
use uuid::Uuid;

use super::brake::Brakes;
use super::facts::{ACCOUNT, Rereading, balance, event, persist, read};
use super::kit::{Fact, Place, Reader, Refusal, Stream, Subject};

/// How events get in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// `append`, with what was decided on: what every other way ends in.
    Append,
    /// Commands with `If-Match`, through several processes in turn.
    Execute,
    /// cqrs-es's `PersistedEventRepository`.
    Repository,
}

#[derive(Clone)]
pub struct Ours {
    way: Way,
    /// A cache and lanes each, as processes have them.
    processes: Arc<Vec<Store>>,
    turn: Arc<AtomicUsize>,
    brakes: Brakes,
}

/// Follows our store.
pub enum Following {
    /// As projectors do: page after page, from where the last one ended. Short pages, so that there are many borders to skip at.
    Subscription {
        store: Store,
        at: Position,
    },
    Repository(Rereading<HouseholdRepository>),
}

impl Reader for Following {
    async fn more(&mut self) -> Result<Vec<Place>, String> {
        let (store, at) = match self {
            Self::Repository(reader) => return reader.more().await,
            Self::Subscription { store, at } => (store, at),
        };
        let mut places = Vec::new();
        loop {
            let page = page(store.pool(), *at, None, 3).await.map_err(|error| error.to_string())?;
            places.extend(page.events.iter().map(|event| (event.household_id.0, event.version)));
            *at = page.up_to;
            if page.is_last {
                return Ok(places);
            }
        }
    }
}

impl Ours {
    pub async fn create(database: &Database, way: Way) -> Self {
        let url = DatabaseUrl::parse(&database.url()).unwrap();
        let mut processes = Vec::new();
        for _ in 0..if way == Way::Execute { 3 } else { 1 } {
            processes.push(Store::new(connect(&url, 8).await.unwrap(), TaxTables::shipped().unwrap(), 100));
        }
        let brakes = Brakes::fit(&database.url(), "events", "household_id").await;
        Self { way, processes: Arc::new(processes), turn: Arc::default(), brakes }
    }

    /// One of the processes.
    fn store(&self) -> &Store {
        &self.processes[self.turn.fetch_add(1, Ordering::Relaxed) % self.processes.len()]
    }

    async fn command(&self, household: Uuid, intent: Intent, expected_version: Option<i64>) -> Result<i64, ExecuteError> {
        let household_id = HouseholdId(household);
        let decided_at = "2026-11-23T12:00:00Z".parse().unwrap();
        let metadata = Metadata {
            actor_kind: "system",
            actor_id: "conformance".to_owned(),
            role: None,
            request_id: None,
            correlation_id: None,
            causation_id: None,
            trace_id: None,
            span_id: None,
            idempotency_key: None,
            decided_at,
        };
        let command = Command { decided_at, actor: Actor::System, intent };
        let seen = Head::NOTHING;
        let request = Request { household_id, command, metadata, seen, expected_version, idempotency: None };
        match self.store().execute(request, |_| Ok(Answer { status: 200, location: None, body: String::new() })).await? {
            Executed::Answered { version, .. } => Ok(version),
            Executed::Replayed(_) => unreachable!("no key was sent"),
        }
    }

    /// What is known behind event number `after`, also where the stream has gone on, or has not come there yet: an append on it is
    /// the store's to refuse.
    async fn known(&self, stream: Uuid, after: i64) -> Known {
        let sql = "SELECT payload, hash FROM events WHERE household_id = $1 AND aggregate_type = 'household' AND aggregate_id = $2 \
                   AND sequence <= $3 ORDER BY sequence";
        let query = sqlx::query(sql).bind(stream).bind(stream.to_string()).bind(after);
        let rows = query.fetch_all(self.processes[0].pool()).await.unwrap();
        let mut household = Household::default();
        rows.iter().for_each(|row| household.fold(serde_json::from_value(row.get("payload")).unwrap()));
        let hash: Vec<u8> = rows.last().unwrap().get("hash");
        Known { household: Arc::new(household), version: after, hash: hash.try_into().unwrap() }
    }

    async fn append_on(&self, base: &Known, stream: Uuid, events: &[Event]) -> Result<i64, Refusal> {
        let mut after = Household::clone(&base.household);
        events.iter().cloned().for_each(|event| after.fold(event));
        let metadata = json!({});
        let household_id = HouseholdId(stream);
        let batch = Batch { household_id, base, events, after: &after, metadata: &metadata, answer: None, default_for: None };
        match append(self.processes[0].pool(), &batch).await {
            Ok((version, _)) => Ok(version),
            Err(AppendError::Conflict) => Err(Refusal::Conflict),
            Err(error) => Err(Refusal::Failed(error.to_string())),
        }
    }

    fn repository(&self) -> HouseholdRepository {
        HouseholdRepository::new(self.processes[0].clone())
    }
}

impl Subject for Ours {
    type Reader = Following;

    async fn open(&self) -> Stream {
        let id = Uuid::now_v7();
        let name = |text: &str| Name::parse(text).unwrap();
        let profile = Profile {
            name: name("Home"),
            currency: Default::default(),
            time_zone: TimeZone::default(),
            filing_status: FilingStatus::Single,
            state: None,
        };
        let account = Account {
            name: name("Checking"),
            account_type: AccountType::Checking,
            institution: None,
            last_four: None,
            member_id: None,
            asset_group_id: None,
            active: true,
            display_order: 0,
            notes: None,
        };
        self.command(id, Intent::OpenHousehold { id: HouseholdId(id), profile, creator: None }, None).await.unwrap();
        let opening = Intent::OpenAccount { id: ACCOUNT, account, holding: Holding::default() };
        Stream { id, version: self.command(id, opening, None).await.unwrap() }
    }

    async fn append(&self, stream: Uuid, after: i64, facts: Vec<Fact>) -> Result<i64, Refusal> {
        match self.way {
            Way::Append => {
                let events: Vec<Event> = facts.into_iter().map(event).collect();
                self.append_on(&self.known(stream, after).await, stream, &events).await
            }
            Way::Execute => {
                let balances = facts.into_iter().map(balance).collect();
                match self.command(stream, Intent::RecordBalances { account_id: ACCOUNT, balances }, Some(after)).await {
                    Ok(version) => Ok(version),
                    Err(ExecuteError::OtherVersion { .. }) => Err(Refusal::Conflict),
                    Err(error) => Err(Refusal::Failed(error.to_string())),
                }
            }
            Way::Repository => persist(&self.repository(), stream, after, facts).await,
        }
    }

    async fn read(&self, stream: Uuid) -> Vec<(i64, Fact)> {
        read(&self.repository(), stream).await
    }

    async fn reader(&self) -> Following {
        match self.way {
            Way::Repository => Following::Repository(Rereading::new(self.repository())),
            Way::Append | Way::Execute => Following::Subscription { store: self.store().clone(), at: Position::START },
        }
    }

    fn brakes(&self) -> Option<&Brakes> {
        Some(&self.brakes)
    }
}
