//! Commands without HTTP: our store beside stock `PostgresCqrs`, both deciding with the same aggregate, each on a database of its own.
//!
//! Ours writes read models, head, hash chain and global order with the events; the stock one writes its events and nothing else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use api::private_postgres::PrivatePostgres;
use benches::household::{account, command, opening};
use cqrs_es::CqrsFramework;
use cqrs_es::persist::PersistedEventStore;
use domain::calendar::Date;
use domain::household::facts::Balance;
use domain::household::{Household, Intent};
use domain::ids::{AccountId, HouseholdId};
use domain::money::Money;
use domain::tax::TaxTables;
use domain::vocabulary::{AccountType, State};
use futures_util::future::join_all;
use postgres_es::{PostgresCqrs, PostgresEventRepository};
use projections::database::{self, DatabaseUrl};
use projections::store::{Answer, Decided, Executed, Metadata, Request, Store};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use uuid::Uuid;

use crate::load::{CLIENTS, Run};

/// More than are written to at once, so that nobody waits for a row.
const HOUSEHOLDS: u128 = 256;
const ACCOUNT: AccountId = AccountId(Uuid::from_u128(1));
/// The table of postgres-es 0.5, as its own repository creates it.
const STOCK_TABLE: &str = "CREATE TABLE events (aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint CHECK (sequence >= 0) NOT NULL, \
     event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL, \
     PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

/// Both stores, with the same households in them.
pub struct Stores {
    ours: Store,
    stock: Arc<PostgresCqrs<Household>>,
}

impl Stores {
    pub async fn create(postgres: &PrivatePostgres) -> Self {
        let superuser = PgPool::connect(&postgres.url()).await.expect("PostgreSQL");
        for name in ["ours", "stock"] {
            sqlx::query(&format!("CREATE DATABASE {name}")).execute(&superuser).await.expect("a superuser");
        }
        superuser.close().await;
        let url = DatabaseUrl::parse(&postgres.url_of("ours")).expect("an address");
        database::migrate(&mut database::connect_as_owner(&url).await.expect("PostgreSQL")).await.expect("the migrations");
        let tables = TaxTables::shipped().expect("the law that is shipped");
        let ours = Store::new(database::connect(&url, CLIENTS as u32).await.expect("PostgreSQL"), tables, 5_000);

        let pool = PgPoolOptions::new().max_connections(CLIENTS as u32).connect(&postgres.url_of("stock")).await.expect("PostgreSQL");
        sqlx::query(STOCK_TABLE).execute(&pool).await.expect("the stock table");
        let repository = PostgresEventRepository::new(pool);
        let stock = Arc::new(CqrsFramework::new(PersistedEventStore::new_event_store(repository), Vec::new(), tables));
        let stores = Self { ours, stock };
        for number in 1..=HOUSEHOLDS {
            let id = HouseholdId(Uuid::from_u128(number));
            for intent in [opening(id, State::Texas), account(ACCOUNT, AccountType::Checking, Money::from_cents(1), None)] {
                let intent = intent.expect("a household that keeps the rules");
                stores.ours(id, intent.clone()).await;
                stores.stock(id, intent).await;
            }
        }
        stores
    }

    /// Commands of so many events each, by as many clients as the server has.
    pub async fn run(&self, ours: bool, events: u32, duration: Duration, seed: u64) -> Run {
        let begun = Instant::now();
        let clients = (0..CLIENTS as u128).map(|client| async move {
            let (mut rng, mut latencies_ms) = (fastrand::Rng::with_seed(seed + client as u64), Vec::new());
            while begun.elapsed() < duration {
                // Each client has households of its own: what is compared is the cost of a command, not of a collision.
                let id = HouseholdId(Uuid::from_u128(1 + client + CLIENTS as u128 * rng.u128(0..HOUSEHOLDS / CLIENTS as u128)));
                let intent = balances(events, &mut rng);
                let asked = Instant::now();
                if ours {
                    self.ours(id, intent).await
                } else {
                    self.stock(id, intent).await
                }
                latencies_ms.push(asked.elapsed().as_secs_f64() * 1e3);
            }
            latencies_ms
        });
        let latencies_ms: Vec<f64> = join_all(clients).await.into_iter().flatten().collect();
        Run { operations: latencies_ms.len() as u64, duration: begun.elapsed().as_secs_f64(), latencies_ms }
    }

    /// One command after the other, on a short stream and on a long one in turn; gives the medians in milliseconds.
    pub async fn short_and_long(&self, long: u32, times: usize) -> (f64, f64) {
        let (short_id, long_id) = (HouseholdId(Uuid::from_u128(1_001)), HouseholdId(Uuid::from_u128(1_002)));
        let mut rng = fastrand::Rng::with_seed(7);
        for (id, wanted) in [(short_id, 100), (long_id, long)] {
            for intent in [opening(id, State::Texas), account(ACCOUNT, AccountType::Checking, Money::from_cents(1), None)] {
                self.ours(id, intent.expect("a household that keeps the rules")).await;
            }
            for written in (0..wanted).step_by(5_000) {
                self.ours(id, balances(5_000.min(wanted - written), &mut rng)).await;
            }
        }
        let mut latencies_ms = [Vec::new(), Vec::new()];
        for _ in 0..times {
            for (id, latencies) in [short_id, long_id].into_iter().zip(&mut latencies_ms) {
                let asked = Instant::now();
                self.ours(id, balances(1, &mut rng)).await;
                latencies.push(asked.elapsed().as_secs_f64() * 1e3);
            }
        }
        let [short, long] = latencies_ms.map(|mut latencies| {
            latencies.sort_by(f64::total_cmp);
            latencies[latencies.len() / 2]
        });
        (short, long)
    }

    async fn ours(&self, household_id: HouseholdId, intent: Intent) {
        let command = command(intent);
        let metadata = Metadata {
            actor_kind: "system",
            actor_id: "bench".to_owned(),
            role: None,
            request_id: None,
            correlation_id: None,
            causation_id: None,
            trace_id: None,
            span_id: None,
            idempotency_key: None,
            decided_at: command.decided_at,
        };
        let request =
            Request { household_id, command, metadata, seen: projections::store::Head::NOTHING, expected_version: None, idempotency: None };
        let answer = |_: &Decided<'_>| Ok(Answer { status: 200, location: None, body: String::new() });
        let executed = self.ours.execute(request, answer).await.expect("a command that is carried out");
        assert!(matches!(executed, Executed::Answered { .. }));
    }

    async fn stock(&self, household_id: HouseholdId, intent: Intent) {
        let metadata = [("actor_kind", "system"), ("actor_id", "bench")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        let id = household_id.to_string();
        self.stock.execute_with_metadata(&id, command(intent), metadata.into()).await.expect("a command that is carried out");
    }
}

/// So many balances of days in a row, each an event.
fn balances(events: u32, rng: &mut fastrand::Rng) -> Intent {
    let day = |number| Date::default() + chrono::Days::new(u64::from(number));
    let balance = |number| Balance {
        as_of_date: day(number),
        balance: Money::from_cents(rng.i64(1..1_000_000_000)),
        cost_basis: None,
        market_value: None,
    };
    Intent::RecordBalances { account_id: ACCOUNT, balances: (0..events).map(balance).collect() }
}
