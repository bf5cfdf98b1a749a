//! Whatever is done to a read table by hand is found, and named.
//!
//! The fault: a row that is not what its stream says (a restore of one table, an UPDATE at the console, a bug of an older program) answers
//! queries like any other, with the version of the head beside it. The guard: `effluent projections verify` replays every stream, and
//! compares row by row and column by column; it also looks for rows that belong to no stream. A comparison that forgets a table, a column,
//! a key or a null lets one of the tampers below pass.

use projections::read_models::TABLES;
use projections::read_models::table::Table;
use projections::rebuild::{Difference, Finding, Report, Scope, Unwatched, verify};
use projections::store::Store;
use serde_json::json;
use sqlx::{Executor, PgConnection};
use support::{Client, TestProjector, TestServer};

use crate::household::{events_after, store_of};

#[path = "../http/family.rs"]
#[allow(dead_code, reason = "the whole file is used by the tests over HTTP")]
mod family;

/// Everything of the database, as the library compares it.
pub async fn verified(home: &Client) -> Report {
    verified_by(&store_of(home).await).await
}

async fn verified_by(store: &Store) -> Report {
    verify(store, &Scope::everything(chrono::Utc::now()), &mut Unwatched).await.unwrap()
}

/// A household with a row in every table.
async fn home_with_everything() -> Client {
    let home = family::family().await;
    family::with_a_scenario(&home).await;
    home.create("decisions/runs", "Ask for more", serde_json::json!({"template_id": "increase_income"})).await;
    for table in TABLES {
        let rows = format!("SELECT count(*) FROM {} WHERE household_id = '{}'", table.name, home.id("household"));
        assert!(home.server().database().number(&rows).await > 0, "the family has nothing in {}", table.name);
    }
    home
}

/// The owner of the database, who can do anything: here without the constraints that would refuse some of it.
async fn tamperer(home: &Client) -> PgConnection {
    let mut owner = home.server().database().connect().await;
    let unchecked = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint \
                     WHERE contype = 'c' AND conrelid::regclass::text = ANY($1)";
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let statements: Vec<String> = sqlx::query_scalar(unchecked).bind(names).fetch_all(&mut owner).await.unwrap();
    owner.execute(statements.join("; ").as_str()).await.unwrap();
    owner.execute("DROP TRIGGER events_refuse_change ON events").await.unwrap();
    owner
}

/// Tampers with tables, gives what a comparison says, and puts the tables back.
async fn found_after(tamper: &str, tables: &[&str], owner: &mut PgConnection, store: &Store) -> Vec<Difference> {
    let each = |statement: fn(&str) -> String| tables.iter().map(|table| statement(table)).collect::<String>();
    owner.execute(each(|table| format!("CREATE TEMPORARY TABLE intact_{table} AS SELECT * FROM {table};")).as_str()).await.unwrap();
    owner.execute(tamper).await.unwrap_or_else(|error| panic!("{tamper}: {error}"));
    let report = verified_by(store).await;
    // `events` has an identity column, which takes no value of ours but on demand.
    let restore = |table: &str| {
        format!("DELETE FROM {table}; INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM intact_{table}; DROP TABLE intact_{table};")
    };
    owner.execute(each(restore).as_str()).await.unwrap();
    assert_eq!(report.differences, report.first.len() as u64);
    report.first
}

/// The row that is tampered with, and its key as a difference names it.
async fn victim(table: &Table, owner: &mut PgConnection) -> (String, String) {
    let key: Vec<String> = table.key.iter().map(|column| format!("'{column}=' || {column}")).collect();
    let sql = format!("SELECT ctid::text, {} FROM {} ORDER BY {} LIMIT 1", key.join(" || ' ' || "), table.name, table.key.join(", "));
    sqlx::query_as(&sql).fetch_one(owner).await.unwrap()
}

/// A column as SQL names it: one is called `order`.
fn quoted(column: &str) -> String {
    format!("\"{column}\"")
}

/// Another value of a column.
async fn another_value(table: &str, column: &str, owner: &mut PgConnection) -> String {
    let sql = "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = $1::regclass AND attname = $2";
    let data_type: String = sqlx::query_scalar(sql).bind(table).bind(column).fetch_one(owner).await.unwrap();
    let column = quoted(column);
    match data_type.as_str() {
        "uuid" => "gen_random_uuid()".to_owned(),
        "text" => format!("coalesce({column}, '') || '?'"),
        "numeric" => format!("coalesce({column}, 0) + 0.01"),
        "integer" | "bigint" => format!("coalesce({column}, 0) + 1"),
        "date" => format!("coalesce({column}, '2020-01-01') + 1"),
        "boolean" => format!("NOT {column}"),
        "json" => r#"'{"tampered": "with"}'"#.to_owned(),
        other => panic!("how is a {other} tampered with?"),
    }
}

/// One column of every table at a time.
#[tokio::test(flavor = "multi_thread")]
async fn every_value_that_is_changed_in_a_read_table_is_found_and_nothing_else() {
    let home = &home_with_everything().await;
    let (owner, store) = (&mut tamperer(home).await, &store_of(home).await);
    assert_eq!(verified_by(store).await.first, []);
    let widest = TABLES.iter().map(|table| table.columns.len()).max().unwrap();
    for number in 0..widest {
        let tampered: Vec<(&Table, &str)> =
            TABLES.iter().filter_map(|table| table.columns.get(number).map(|column| (*table, *column))).collect();
        let (mut updates, mut keys) = (String::new(), Vec::new());
        for (table, column) in &tampered {
            let (row, key) = victim(table, owner).await;
            let value = another_value(table.name, column, owner).await;
            updates.push_str(&format!("UPDATE {} SET \"{column}\" = {value} WHERE ctid = '{row}';", table.name));
            keys.push(key);
        }
        let names: Vec<&str> = tampered.iter().map(|(table, _)| table.name).collect();
        let found = found_after(&updates, &names, owner, store).await;
        assert!(found.iter().all(|difference| names.contains(&difference.model)), "{found:#?}");
        for ((table, column), key) in tampered.into_iter().zip(&keys) {
            assert_names(table, column, key, &found);
        }
    }
}

/// The differences of a table are those of one tampered value in the row with this key.
fn assert_names(table: &Table, column: &str, key: &str, found: &[Difference]) {
    let of_table: Vec<&Difference> = found.iter().filter(|difference| difference.model == table.name).collect();
    let what = format!("{}.{column}: {of_table:#?}", table.name);
    match of_table.as_slice() {
        [one] if !table.key.contains(&column) => {
            assert!(one.key == key && matches!(one.finding, Finding::Column { column: named, .. } if named == column), "{what}");
        }
        // With another key it is another row.
        [old, new] if table.key.contains(&column) => {
            assert!(old.key == key && old.finding == Finding::Missing && new.key != key && new.finding == Finding::Surplus, "{what}");
        }
        _ => panic!("{what}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_that_is_missing_or_that_belongs_to_nobody_is_found() {
    let home = &home_with_everything().await;
    let (owner, store) = (&mut tamperer(home).await, &store_of(home).await);
    let names: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
    let (mut removals, mut keys) = (String::new(), Vec::new());
    for table in TABLES {
        let (row, key) = victim(table, owner).await;
        removals.push_str(&format!("DELETE FROM {} WHERE ctid = '{row}';", table.name));
        keys.push((table.name, key, Finding::Missing));
    }
    let missing = found_after(&removals, &names, owner, store).await;
    assert_eq!(missing.iter().map(|one| (one.model, one.key.clone(), one.finding.clone())).collect::<Vec<_>>(), keys);

    // A row too many: in this household, and in one that was never opened.
    for is_stranger in [false, true] {
        let copy = |table: &&Table| {
            let changed = if is_stranger { "household_id" } else { table.key[0] };
            let columns = ["household_id"].iter().chain(table.columns);
            let values: Vec<String> =
                columns.map(|column| if *column == changed { "gen_random_uuid()".to_owned() } else { quoted(column) }).collect();
            let columns: Vec<String> = table.columns.iter().map(|column| quoted(column)).collect();
            let (name, columns) = (table.name, columns.join(", "));
            format!("INSERT INTO {name} (household_id, {columns}) SELECT {} FROM {name} LIMIT 1;", values.join(", "))
        };
        let surplus = found_after(&TABLES.iter().map(copy).collect::<String>(), &names, owner, store).await;
        assert_eq!(surplus.len(), names.len(), "{surplus:#?}");
        for name in &names {
            let found = surplus.iter().find(|one| one.model == *name).unwrap_or_else(|| panic!("nothing in {name}"));
            assert_eq!((&found.finding, found.household.to_string() != home.id("household")), (&Finding::Surplus, is_stranger), "{found}");
        }
    }
}

/// Beside the lists: where streams end, states that shorten a replay, stored forecasts, and the streams themselves.
#[tokio::test(flavor = "multi_thread")]
async fn heads_snapshots_forecasts_and_broken_chains_are_compared_too() {
    let home = &home_with_everything().await;
    let (owner, store) = (&mut tamperer(home).await, &store_of(home).await);
    for n in home.version().await..103 {
        home.post("/accounts/{Checking}", json!({"current_balance": format!("{n}.00")})).await.expect_status(200);
    }
    let forecast = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    let stored = "SELECT count(*) FROM scenario_projections WHERE household_version = (SELECT max(version) FROM heads)";
    let recorded = "SELECT count(*) FROM metric_history";
    let projector = TestProjector::start(home.server().database()).await;
    while home.server().database().number(stored).await == 0 || home.server().database().number(recorded).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await; // they are kept behind the answer
    }
    projector.stop().await;
    home.server().stop().await; // and nobody shall put right what is made wrong here
    assert_eq!((forecast.version(), home.server().database().number("SELECT count(*) FROM snapshots").await), (103, 1));
    assert_eq!(verified_by(store).await.first, []);
    for (table, tamper, expected) in [
        ("heads", "version = version - 1", "version"),
        ("heads", "hash = sha256('x')", "hash"),
        ("heads", "recorded_at = recorded_at - interval '1 hour'", "recorded_at"),
        ("snapshots", "hash = sha256('x')", "hash"),
        ("snapshots", "version = version + 1000", "version"),
        ("snapshots", "state = replace(state, 'Savings', 'Spendings')", "state"),
        ("snapshots", "state = '{'", "state"),
        ("scenario_projections", "projection = replace(projection, '\"net_worth\":\"', '\"net_worth\":\"1')", "projection"),
        ("scenario_projections", "months = months + 1", "months"),
        ("metric_history", "metrics = metrics || '{\"total_assets\": \"1.00\"}'", "metrics"),
        ("scenario_projections", "household_version = household_version + 1", "household_version"),
    ] {
        let wrong = found_after(&format!("UPDATE {table} SET {tamper}"), &[table], owner, store).await;
        let named = |one: &Difference| one.model == table && matches!(one.finding, Finding::Column { column, .. } if column == expected);
        let of_others = wrong.iter().filter(|one| one.model != table).count();
        assert!(wrong.iter().any(named) && of_others == 0, "{table} {tamper}: {wrong:#?}");
    }
    // What names another head, engine or law is never served, and no drift; nor is a snapshot of another program's form.
    for (table, tamper) in [
        ("scenario_projections", "household_version = household_version - 1, projection = ''"),
        ("scenario_projections", "engine_version = 'another', projection = ''"),
        ("snapshots", "form = form + 1, state = ''"),
    ] {
        assert_eq!(found_after(&format!("UPDATE {table} SET {tamper}"), &[table], owner, store).await, [], "{table} {tamper}");
    }
    let headless = found_after("DELETE FROM heads", &["heads"], owner, store).await;
    assert!(matches!(headless.as_slice(), [one] if one.model == "heads" && one.finding == Finding::Missing), "{headless:#?}");

    let last = events_after(home, 0).await.len();
    for tamper in ["DELETE FROM events WHERE sequence = 5", "UPDATE events SET prev_hash = sha256('x') WHERE sequence = 6"] {
        let wrong = found_after(tamper, &["events"], owner, store).await;
        assert!(
            matches!(wrong.as_slice(), [one] if one.key == "version 6" && matches!(one.finding, Finding::Damaged { .. })),
            "{wrong:#?}"
        );
    }
    let unread = "UPDATE events SET event_version = '2' WHERE sequence = 7";
    let wrong = found_after(unread, &["events"], owner, store).await;
    assert!(wrong.len() == 1 && wrong[0].to_string().contains("form \"2\""), "{wrong:#?}");
    assert_eq!(verified_by(store).await.events, last as u64);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_prints_each_difference_and_its_exit_code_says_whether_there_are_any() {
    let home = TestServer::start().await.household_earning("Acme", "96000.00").await;
    let database = home.server().database();
    let clean = database.run(&["projections", "verify"]).await;
    assert_eq!(clean.code, Some(0), "{clean:?}");
    assert!(clean.output.contains("verified 1 households") && clean.output.contains(": 0 differences"), "{clean:?}");

    database.connect().await.execute("UPDATE accounts SET current_balance = 1.00 WHERE name = 'Checking'").await.unwrap();
    let drift = database.run(&["projections", "verify"]).await;
    let told = format!(
        "household {}: accounts id={}: current_balance is \"1.00\", expected \"5000.00\"\n",
        home.id("household"),
        home.id("Checking")
    );
    assert!(drift.code == Some(1) && drift.output.starts_with(&told) && drift.output.contains(": 1 differences"), "{told}{drift:?}");
    let household = home.id("household");
    for (arguments, code) in [
        (["--model", "flows"], 0),
        (["--model", "accounts"], 1),
        (["--household", "0197b3c0-0000-7000-8000-000000000000"], 0),
        (["--household", household.as_str()], 1),
        (["--model", "nonsense"], 2),
        (["--household", "Home"], 2),
    ] {
        let ended = database.run(&[&["projections", "verify"][..], &arguments[..]].concat()).await;
        assert_eq!(ended.code, Some(code), "{arguments:?}: {ended:?}");
    }
}
