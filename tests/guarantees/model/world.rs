//! Two real servers on one real PostgreSQL, and the household of maps beside them.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use domain::ids::HouseholdId;
use domain::tax::TaxTables;
use projections::database::{DatabaseUrl, connect};
use projections::rebuild::{self, Cause, Scope, Unwatched};
use projections::store::Store;
use proptest_state_machine::StateMachineTest;
use serde_json::{Map, Value, json};
use sqlx::PgConnection;
use support::{Answer, Client, Request, TestServer};
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

use super::home::{Balance, Command, Home, Kind, TOO_LATE, Thing, Told};
use super::steps::{Expected, Reference, Step};

thread_local! {
    static WORLD: RefCell<Option<Rc<World>>> = const { RefCell::new(None) };
}

/// What all sequences share: each has a household of its own in it.
pub struct World {
    user: Client,
    servers: [TestServer; 2],
    /// The owner's, to look behind the program's back.
    database: Mutex<PgConnection>,
    /// Of this process, for what the program does from its command line.
    store: Store,
    runtime: Runtime,
}

impl World {
    /// With these changes to the schema.
    pub fn start(changes: &[String]) -> Rc<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (user, servers, database, store) = runtime.block_on(async {
            let first = TestServer::start().await;
            let second = first.another().await;
            let mut database = first.database().connect().await;
            for change in changes {
                sqlx::query(change).execute(&mut database).await.unwrap();
            }
            let pool = connect(&DatabaseUrl::parse(&first.database().url()).unwrap(), 2).await.unwrap();
            let store = Store::new(pool, TaxTables::shipped().unwrap(), 10);
            (first.user().await, [first, second], database, store)
        });
        Rc::new(Self { user, servers, database: Mutex::new(database), store, runtime })
    }

    /// Where machines that are started meanwhile find it.
    pub fn on_this_thread<T>(self: &Rc<Self>, run: impl FnOnce() -> T) -> T {
        WORLD.set(Some(Rc::clone(self)));
        let result = run();
        WORLD.set(None);
        result
    }
}

/// One household, through two processes.
pub struct Machine {
    world: Rc<World>,
    clients: [Client; 2],
    /// The version at which the plain household began to count.
    base: u64,
    ids: BTreeMap<Thing, String>,
    looks: Cell<usize>,
}

impl StateMachineTest for Machine {
    type SystemUnderTest = Self;
    type Reference = Reference;

    fn init_test(_: &Reference) -> Self {
        let world = WORLD.with_borrow(|world| world.clone().expect("a world on this thread"));
        let (home, checking) = world.runtime.block_on(async {
            let home = world.user.household(json!({"name": "Home", "filing_status": "single", "state": "TX"})).await;
            home.patch("/scenarios/{baseline}", json!({"projection_months": 3})).await.expect_status(200);
            let checking = json!({"name": name(0), "account_type": "checking", "current_balance": "5000.00", "as_of_date": day(0)});
            let checking = home.post("/accounts", checking).await.expect_status(201);
            (home, checking)
        });
        let ids = BTreeMap::from([(Thing::Account(0), checking.at("/id").to_owned())]);
        let clients = [home.clone(), home.through(&world.servers[1])];
        Self { world, clients, base: checking.version(), ids, looks: Cell::new(0) }
    }

    fn apply(mut state: Self, reference: &Reference, step: Step) -> Self {
        let world = Rc::clone(&state.world);
        world.runtime.block_on(state.take(reference, step));
        state
    }

    fn check_invariants(state: &Self, reference: &Reference) {
        // Whoever wrote last, every other look is through the other one.
        let looks = state.looks.replace(state.looks.get() + 1);
        state.world.runtime.block_on(state.compare(&state.clients[looks % 2], &reference.home));
    }
}

impl Machine {
    async fn take(&mut self, reference: &Reference, step: Step) {
        let home = &reference.home;
        let sent: Vec<Request> = match step {
            Step::Send { client, command, key, .. } => vec![with_key(self.request(client, &command), key)],
            Step::Again { client, key } => vec![with_key(self.request(client, &home.answers[&key].0), Some(key))],
            Step::TwiceWithKey { command, key } => (0..2).map(|client| with_key(self.request(client, &command), Some(key))).collect(),
            Step::TwiceOnCondition { command } => (0..2).map(|client| self.request(client, &command)).collect(),
            Step::Together { one, other } => vec![self.request(0, &one), self.request(1, &other)],
            Step::Forecast { client } => return self.compare_forecast(&self.clients[client], home).await,
            Step::Rebuild => return self.tamper_and_rebuild().await,
            Step::Restart { client } => {
                let server = &self.world.servers[client];
                assert!(server.stop().await.success(), "{}", server.log());
                return server.start_again().await;
            }
        };
        let conditional = |request: Request| match reference.condition {
            Some(version) => request.if_match(self.base + version),
            None => request,
        };
        let answers = crate::household::at_once(sent.into_iter().map(conditional)).await;
        match &reference.expected {
            Expected::Nothing => {}
            Expected::One(told) => self.assert_told(&answers[0], told),
            Expected::OneOf(pairs) => {
                let fits = |pair: &&[Told; 2]| answers.iter().zip(*pair).all(|(answer, told)| self.told(answer, told) == *told);
                let pair =
                    pairs.iter().find(fits).unwrap_or_else(|| panic!("expected one of {pairs:#?}, told {} and {}", answers[0], answers[1]));
                answers.iter().zip(pair).for_each(|(answer, told)| self.assert_told(answer, told));
            }
        }
    }

    /// What an answer says, as far as the plain household has something to say about it.
    fn told(&self, answer: &Answer, expected: &Told) -> Told {
        let version = expected.version.map(|_| answer.header("x-household-version").map_or(u64::MAX, |_| answer.version() - self.base));
        Told { status: answer.status(), version, made: expected.made, again: answer.header("idempotency-hit").is_some() }
    }

    #[track_caller]
    fn assert_told(&mut self, answer: &Answer, expected: &Told) {
        assert_eq!(self.told(answer, expected), *expected, "{answer}");
        if let Some(thing) = expected.made {
            let id = self.ids.entry(thing).or_insert_with(|| answer.at("/id").to_owned());
            assert_eq!(answer.at("/id"), *id, "another id for the same request");
        }
    }

    /// The id of a thing; of one that was never made, nobody's.
    fn id(&self, thing: Thing) -> String {
        self.ids.get(&thing).cloned().unwrap_or_else(|| "00000000-0000-7000-8000-000000000000".to_owned())
    }

    fn request(&self, client: usize, command: &Command) -> Request {
        let client = &self.clients[client];
        let account = |slot: u8| self.id(Thing::Account(slot));
        let income = |slot: u8| format!("/income-sources/{}", self.id(Thing::Income(slot)));
        let flow = |slot: u8| format!("/flows/{}", self.id(Thing::Flow(slot)));
        match command {
            Command::OpenAccount { name: called, kind, balance } => {
                let mut body = json!({"name": name(*called), "account_type": kind_name(*kind)});
                if let Some(Balance { day: on, cents }) = balance {
                    body["current_balance"] = amount(*cents).into();
                    body["as_of_date"] = day(*on).into();
                }
                client.post("/accounts", body)
            }
            Command::RenameAccount { account: slot, name: called } => {
                client.patch(&format!("/accounts/{}", account(*slot)), json!({"name": name(*called)}))
            }
            Command::RecordBalance { account: slot, balance: Balance { day: on, cents } } => {
                client.post(&format!("/accounts/{}/balances", account(*slot)), json!({"as_of_date": day(*on), "balance": amount(*cents)}))
            }
            Command::RemoveAccount { account: slot } => client.delete(&format!("/accounts/{}", account(*slot))),
            Command::AddIncome { name: called, annual, weekly } => client.post(
                "/income-sources",
                json!({"name": name(*called), "income_type": "other", "gross_annual_salary": amount(*annual),
                       "pay_frequency": frequency(*weekly), "start_date": day(0)}),
            ),
            Command::ChangeIncome { income: slot, annual } => client.patch(&income(*slot), json!({"gross_annual_salary": amount(*annual)})),
            Command::RemoveIncome { income: slot } => client.delete(&income(*slot)),
            Command::AddFlow { amount: monthly, from } => client.post(
                "/flows",
                json!({"name": "Groceries", "flow_type": "expense", "category": "groceries", "amount": amount(*monthly), "frequency": "monthly",
                       "start_date": day(0), "from_account_id": from.map(account)}),
            ),
            Command::ChangeFlow { flow: slot, amount: monthly } => client.patch(&flow(*slot), json!({"amount": amount(*monthly)})),
            Command::RemoveFlow { flow: slot } => client.delete(&flow(*slot)),
            Command::Regenerate => client.post("/flows/regenerate", json!({})),
        }
    }

    /// Every list is what the plain household says, and the version is the number of events.
    async fn compare(&self, client: &Client, home: &Home) {
        let lists = ["/accounts?limit=100", "/income-sources?limit=100", "/flows?system=false&limit=100", "/flows?system=true&limit=100"];
        let lists = crate::household::at_once(lists.map(|path| client.get(path))).await;
        for list in &lists {
            assert_eq!((list.status(), list.version() - self.base), (200, home.version), "{list}");
        }
        let id = |thing: Thing| self.id(thing);
        let accounts = home.accounts.iter().map(|(slot, account)| {
            let told = [name(account.name), kind_name(account.kind).to_owned(), amount(account.cents())];
            (id(Thing::Account(*slot)), (told, account.balance.map(|balance| day(balance.day))))
        });
        assert_eq!(
            listed(&lists[0], "id", |it| {
                let told = ["name", "account_type", "current_balance"].map(|field| text(&it[field]));
                (told, it["balance_as_of"].as_str().map(str::to_owned))
            }),
            accounts.collect()
        );
        let incomes = home.incomes.iter().map(|(slot, income)| {
            (id(Thing::Income(*slot)), [name(income.name), amount(income.annual), frequency(income.weekly).to_owned()])
        });
        let told = listed(&lists[1], "id", |it| ["name", "gross_annual_salary", "pay_frequency"].map(|field| text(&it[field])));
        assert_eq!(told, incomes.collect());
        let flows = home
            .flows
            .iter()
            .map(|(slot, flow)| (id(Thing::Flow(*slot)), (amount(flow.amount), flow.from.map(|from| id(Thing::Account(from))))));
        let told = listed(&lists[2], "id", |it| (text(&it["amount"]), it["from_account_id"].as_str().map(str::to_owned)));
        assert_eq!(told, flows.collect());
        let derived = home.derived().into_iter().map(|(thing, flow)| {
            let kind = if matches!(thing, Thing::Income(_)) { "gross income" } else { "debt payment" };
            (id(thing), [amount(flow.amount), format!("{}: {kind}", name(flow.name))])
        });
        let by_source = listed(&lists[3], "source", |it| ["amount", "name"].map(|field| text(&it[field])));
        assert_eq!(by_source, derived.collect());
        self.compare_stream(client, home).await;
        self.assert_no_drift().await;
    }

    /// As many events as the version says; as many balances as were recorded.
    async fn compare_stream(&self, client: &Client, home: &Home) {
        let household = client.id("household");
        let sql = "SELECT (SELECT count(*) FROM events WHERE household_id = $1::text::uuid), (SELECT version FROM heads WHERE household_id = $1::text::uuid), \
                   (SELECT coalesce(json_object_agg(account_id, recorded), '{}') FROM (SELECT account_id, count(*) AS recorded FROM balances \
                   WHERE household_id = $1::text::uuid GROUP BY account_id) counted)";
        let query = sqlx::query_as::<_, (i64, i64, Value)>(sql).bind(&household);
        let (events, head, recorded) = query.fetch_one(&mut *self.world.database.lock().await).await.unwrap();
        let version = i64::try_from(self.base + home.version).unwrap();
        assert_eq!((events, head), (version, version), "events, and the head's version");
        for (slot, account) in &home.accounts {
            let found = recorded[self.id(Thing::Account(*slot))].as_u64().unwrap_or(0);
            assert_eq!(found, u64::try_from(account.recorded).unwrap(), "balances of account {slot}");
        }
    }

    /// Nothing in any read model differs from what a replay of the stream makes of it.
    async fn assert_no_drift(&self) {
        let report = rebuild::verify(&self.world.store, &self.scope(), &mut Unwatched).await.unwrap();
        assert_eq!((report.households, report.differences), (1, 0), "{:?}", report.first);
    }

    async fn tamper_and_rebuild(&self) {
        let household = self.clients[0].id("household");
        for change in [
            "UPDATE accounts SET name = 'Somebody was here' WHERE household_id = $1::text::uuid",
            "DELETE FROM flows WHERE household_id = $1::text::uuid",
            "DELETE FROM balances WHERE household_id = $1::text::uuid",
        ] {
            sqlx::query(change).bind(&household).execute(&mut *self.world.database.lock().await).await.unwrap();
        }
        let (store, scope) = (&self.world.store, self.scope());
        let found = rebuild::verify(store, &scope, &mut Unwatched).await.unwrap();
        assert!(!found.is_clean(), "nobody noticed");
        rebuild::rebuild(store, &scope, Cause::Command, &mut Unwatched).await.unwrap();
    }

    fn scope(&self) -> Scope {
        Scope::household(HouseholdId(self.clients[0].id("household").parse().unwrap()), "2026-11-23T12:00:00Z".parse().unwrap())
    }

    async fn compare_forecast(&self, client: &Client, home: &Home) {
        let forecast = client.get("/scenarios/{baseline}/projections").await.expect_status(200);
        assert_eq!(forecast.version() - self.base, home.version);
        assert_eq!(forecast.number_at("/household_version"), i64::try_from(forecast.version()).unwrap());
        assert_eq!(forecast.at("/opening/net_worth"), amount(home.net_worth()));
        let balances = home.accounts.iter().map(|(slot, account)| (self.id(Thing::Account(*slot)), amount(account.cents()).into()));
        assert_eq!(forecast.value("/opening/balances"), &Value::Object(balances.collect::<Map<_, _>>()));
    }
}

/// The items of a list by their ids, or by the ids of their sources.
fn listed<T>(list: &Answer, key: &str, read: impl Fn(&Value) -> T) -> BTreeMap<String, T> {
    let id = |item: &Value| text(if key == "source" { &item["source"]["id"] } else { &item[key] });
    let items = list.list_at("/items");
    let by_id: BTreeMap<String, T> = items.iter().map(|item| (id(item), read(item))).collect();
    assert_eq!(by_id.len(), items.len(), "something is listed twice: {list}");
    by_id
}

fn with_key(request: Request, key: Option<u8>) -> Request {
    match key {
        Some(key) => request.idempotency_key(&format!("key-{key}")),
        None => request,
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
fn name(number: u8) -> String {
    format!("Name {number}")
}
fn amount(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}
fn day(number: u8) -> String {
    if number == TOO_LATE { "2999-12-31".to_owned() } else { format!("2024-01-{:02}", number + 1) }
}
const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Checking => "checking",
        Kind::Savings => "savings",
        Kind::CreditCard => "credit_card",
    }
}
const fn frequency(weekly: bool) -> &'static str {
    if weekly { "weekly" } else { "monthly" }
}
