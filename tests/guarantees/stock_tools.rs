//! The stream is readable with the tools that everybody has: postgres-es and cqrs-es as they come.
//!
//! The fault: a store of one's own drifts from the layout that its framework knows, and one day only its own code can read the
//! history. So the stock reader reads what our server wrote, and our repository serves the stock event store. The race in the second
//! half: two users of that store load the same version and both commit; the second must hear of a conflict and not of success.

use std::collections::HashMap;

use cqrs_es::persist::{PersistedEventRepository, PersistedEventStore, ReplayStream};
use cqrs_es::{Aggregate, AggregateError, CqrsFramework, EventStore};
use domain::household::command::HouseholdPatch;
use domain::household::{Actor, Command, Event, Household, Intent};
use domain::tax::TaxTables;
use domain::text::Name;
use postgres_es::PostgresEventRepository;
use projections::store::HouseholdRepository;
use serde_json::json;
use sqlx::{Connection, Executor, PgPool, Row};
use support::{Client, Database, TestServer};

use crate::hash_chain::assert_chain_holds;
use crate::household::{assert_stream_is_whole, bytes_of, home_through, replayed, store_of};

type Stock<R> = PersistedEventStore<R, Household>;

async fn ours(home: &Client) -> HouseholdRepository {
    HouseholdRepository::new(store_of(home).await)
}

/// Another name for the household.
fn rename(name: &str) -> Command {
    let patch = HouseholdPatch { name: Some(Name::parse(name).unwrap()), ..HouseholdPatch::default() };
    Command { decided_at: "2026-11-23T12:00:00Z".parse().unwrap(), actor: Actor::System, intent: Intent::ChangeHousehold(patch) }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stock_reader_reads_what_the_server_wrote() {
    let home = &home_through(1).await[0];
    home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(200);
    let whole = replayed(home).await;

    let pool = PgPool::connect(&home.server().database().url()).await.unwrap();
    let stock = Stock::new_event_store(PostgresEventRepository::new(pool));
    let read = stock.load_aggregate(&home.id("household")).await.unwrap();
    assert_eq!(i64::try_from(read.current_sequence).unwrap(), whole.version);
    assert_eq!(bytes_of(&read.aggregate), bytes_of(&whole.household));

    // The two repositories give the same events, with the same metadata.
    let (theirs, ours) = (stock.load_events(&home.id("household")).await.unwrap(), Stock::new_event_store(ours(home).await));
    let ours = ours.load_events(&home.id("household")).await.unwrap();
    let told = |events: &[cqrs_es::EventEnvelope<Household>]| -> Vec<_> {
        events.iter().map(|event| (event.sequence, event.payload.clone(), event.metadata.clone())).collect()
    };
    assert_eq!(told(&theirs), told(&ours));
    assert!(theirs.iter().all(|event| event.metadata.contains_key("decided_at")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_through_the_stock_event_store_is_one_of_the_servers_own() {
    let home = &home_through(1).await[0];
    let version = home.version().await;
    let framework = CqrsFramework::new(Stock::new_event_store(ours(home).await), Vec::new(), TaxTables::shipped().unwrap());
    framework.execute(&home.id("household"), rename("Framework")).await.unwrap();

    // Read models, head and chain went with it; the server, whose cache knew nothing of it, goes on from there.
    let read = home.get("/households/{household}").await.expect_status(200);
    assert_eq!((read.version(), read.at("/name")), (version + 1, "Framework"));
    let next = home.post("/accounts/{Checking}", json!({"current_balance": "17.00"})).await.expect_status(200);
    assert_eq!(next.version(), version + 2);
    assert_eq!(assert_stream_is_whole(home).await, version + 2);
    assert_chain_holds(home).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_commits_on_one_version_the_second_hears_of_the_conflict() {
    let home = &home_through(1).await[0];
    let version = home.version().await;
    let store = Stock::new_event_store(ours(home).await);
    let tables = TaxTables::shipped().unwrap();
    let (mut first, mut second) =
        (store.load_aggregate(&home.id("household")).await.unwrap(), store.load_aggregate(&home.id("household")).await.unwrap());
    let decide = |household: &mut Household, name: &str| -> Vec<Event> {
        let events = household.decide(rename(name), tables).unwrap();
        events.iter().cloned().for_each(|event| household.apply(event));
        events
    };
    let (of_first, of_second) = (decide(&mut first.aggregate, "First"), decide(&mut second.aggregate, "Second"));
    store.commit(of_first, first, HashMap::new()).await.unwrap();
    let refused = store.commit(of_second, second, HashMap::new()).await;
    assert!(matches!(refused, Err(AggregateError::AggregateConflict)), "{refused:?}");
    let read = home.get("/households/{household}").await.expect_status(200);
    assert_eq!((read.version(), read.at("/name")), (version + 1, "First"));
    assert_chain_holds(home).await;
}

/// The race: positions are handed out before the commit. A reader that has gone past the position of a transaction which is still
/// open would never see its events; so nothing behind an open transaction is streamed.
#[tokio::test(flavor = "multi_thread")]
async fn all_events_come_in_the_order_of_their_transactions_and_none_before_an_open_one() {
    // Of its own: a transaction that any other test has open on a shared PostgreSQL would hold this reader back.
    let server = TestServer::start_on(Database::create_on_own_postgres().await, &[]).await;
    let (one, other) = (server.household().await, server.household().await);
    for n in 0..5 {
        for home in [&one, &other] {
            home.post("/accounts/{Checking}", json!({"current_balance": format!("{n}.50")})).await.expect_status(200);
        }
    }
    let repository = ours(&one).await;
    let everything = streamed(repository.stream_all_events::<Household>().await.unwrap()).await;
    assert_eq!(everything, in_the_table(&server).await);
    assert!(everything.len() > 20);

    let mut database = server.database().connect().await;
    let mut open = database.begin().await.unwrap();
    open.execute("SELECT pg_current_xact_id()").await.unwrap();
    one.post("/accounts/{Checking}", json!({"current_balance": "99.00"})).await.expect_status(200);
    let below = streamed(repository.stream_all_events::<Household>().await.unwrap()).await;
    assert_eq!(below, everything, "an event behind an open transaction");
    open.commit().await.unwrap();
    let after = streamed(repository.stream_all_events::<Household>().await.unwrap()).await;
    assert_eq!((after.len(), after), (everything.len() + 1, in_the_table(&server).await));

    let of_one = streamed(repository.stream_events::<Household>(&one.id("household")).await.unwrap()).await;
    let numbers: Vec<usize> = of_one.iter().map(|(_, sequence)| *sequence).collect();
    assert_eq!(numbers, (1..=numbers.len()).collect::<Vec<_>>());
    assert!(of_one.iter().all(|(household, _)| *household == one.id("household")));
}

type Place = (String, usize);

async fn streamed(mut stream: ReplayStream) -> Vec<Place> {
    let mut places = Vec::new();
    while let Some(event) = stream.next::<Household>(&[]).await {
        let event = event.unwrap();
        places.push((event.aggregate_id, event.sequence));
    }
    places
}

/// The order to be trusted, as the contract states it.
async fn in_the_table(server: &TestServer) -> Vec<Place> {
    let sql = "SELECT aggregate_id, sequence FROM events ORDER BY transaction_id, global_position";
    let rows = sqlx::query(sql).fetch_all(&mut server.database().connect().await).await.unwrap();
    rows.iter().map(|row| (row.get("aggregate_id"), usize::try_from(row.get::<i64, _>("sequence")).unwrap())).collect()
}
