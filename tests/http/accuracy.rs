//! What was forecast of today, some months ago. Nobody can wait for months: the stored instants are moved back.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_fields, assert_versioned, family};

fn cents(amount: &Value) -> i64 {
    let text = amount.as_str().unwrap_or_else(|| panic!("{amount} is no amount"));
    text.replace('.', "").parse().unwrap()
}

/// A day, as the database computes it from today, where the family lives.
async fn day(home: &Client, interval: &str) -> String {
    let sql = format!("SELECT ((now() AT TIME ZONE 'America/Chicago')::date - interval '{interval}')::date::text");
    sqlx::query_scalar(&sql).fetch_one(&mut home.server().database().connect().await).await.unwrap()
}

/// Everything that has happened so far happened so long ago; the household was opened then.
async fn move_back(home: &Client, interval: &str) {
    let mut owner = home.server().database().connect().await;
    for sql in [
        "ALTER TABLE events DISABLE TRIGGER events_refuse_change".to_owned(),
        format!("UPDATE events SET recorded_at = recorded_at - interval '{interval}'"),
        format!(
            "UPDATE events SET payload = jsonb_set(payload::jsonb, '{{data,opened_on}}', to_jsonb('{}'::text))::json WHERE sequence = 1",
            day(home, interval).await
        ),
        // What was told then was told of that day.
        format!(
            "UPDATE events SET payload = regexp_replace(payload::text, '\"as_of_date\": ?\"{}\"', '\"as_of_date\":\"{}\"', 'g')::json",
            day(home, "0 days").await,
            day(home, interval).await
        ),
    ] {
        sqlx::query(&sql).execute(&mut owner).await.unwrap();
    }
    home.server().kill9();
    home.server().start_again().await;
}

async fn accuracy(home: &Client) -> Answer {
    let answer = home.get("/scenarios/baseline/accuracy").await.expect_status(200);
    assert_versioned(&answer);
    answer
}

fn account<'a>(item: &'a Value, home: &Client, name: &str) -> &'a Value {
    item["accounts"].as_array().unwrap().iter().find(|account| account["account_id"] == home.id(name)).unwrap()
}

#[tokio::test]
async fn what_was_forecast_months_ago_is_held_against_what_is_known_today() {
    let home = family().await;
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    let known_then = home.version().await;
    move_back(&home, "100 days").await;
    for (account, balance) in [("Checking", "9100.00"), ("Card", "1200.00"), ("House", "305000.00")] {
        home.post(&format!("/accounts/{{{account}}}"), json!({"current_balance": balance})).await.expect_status(200);
    }
    home.account("Boat", "boat", "4000.00").await;
    home.delete("/accounts/{Flat}").await.expect_status(200);
    let answer = accuracy(&home).await;
    assert_eq!((answer.at("/as_of_date"), answer.at("/scenario_id")), (day(&home, "0 days").await.as_str(), home.id("baseline").as_str()));
    let months: Vec<_> = answer.list_at("/items").iter().map(|item| item["months_ago"].as_u64().unwrap()).collect();
    assert_eq!(months, [1, 3, 6, 12]);
    for (index, months_ago) in [(0, 1), (1, 3)] {
        let item = answer.value(&format!("/items/{index}")).clone();
        assert_eq!(item["forecast_on"], day(&home, &format!("{months_ago} months")).await);
        assert_eq!(
            (&item["forecast_version"], &item["month_number"], &item["reason"]),
            (&json!(known_then), &json!(months_ago), &Value::Null)
        );
        let found = |name: &str| (account(&item, &home, name)["actual"].clone(), account(&item, &home, name)["remark"].clone());
        assert_eq!(found("Checking"), (json!("9100.00"), Value::Null));
        assert_eq!(found("Boat"), (json!("4000.00"), json!("new_since")));
        assert_eq!(found("Flat"), (json!("0.00"), json!("gone_since")));
        assert_eq!(found("Savings"), (json!("20000.00"), json!("not_told")));
        check(&home, &item).await;
    }
    for index in [2, 3] {
        let item = answer.value(&format!("/items/{index}"));
        assert_eq!((&item["reason"], &item["net_worth"], &item["accounts"]), (&json!("no_household_yet"), &Value::Null, &json!([])));
    }
    let answer = accuracy(&home).await; // pinning and unpinning are events, too
    let again = home.get("/scenarios/baseline/accuracy").header("if-none-match", answer.header("etag").unwrap()).await;
    assert_eq!(again.status(), 304);
}

/// The forecast of a day is what the baseline projects once it is pinned to that day; the rest is arithmetic.
async fn check(home: &Client, item: &Value) {
    home.post("/scenarios/baseline", json!({"action": "pin", "as_of_date": item["forecast_on"]})).await.expect_status(200);
    let projection = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    home.post("/scenarios/baseline", json!({"action": "unpin"})).await.expect_status(200);
    let row = projection.value(&format!("/months/{}", item["month_number"].as_u64().unwrap() - 1)).clone();
    let (mut forecast, mut error) = (0, 0);
    for account in item["accounts"].as_array().unwrap() {
        assert_fields(account, &["name", "is_liability", "forecast", "actual", "error", "error_fraction", "balance_as_of", "remark"]);
        let id = account["account_id"].as_str().unwrap();
        assert_eq!(cents(&account["forecast"]), row["balances"].get(id).map_or(0, cents), "{account}");
        assert_eq!(cents(&account["error"]), cents(&account["actual"]) - cents(&account["forecast"]));
        let sign = if account["is_liability"] == json!(true) { -1 } else { 1 };
        forecast += sign * cents(&account["forecast"]);
        error += sign * cents(&account["error"]);
    }
    let all = &item["net_worth"];
    assert_eq!((&all["forecast"], cents(&all["forecast"])), (&row["net_worth"], forecast));
    assert_eq!((cents(&all["error"]), cents(&all["actual"])), (error, forecast + error));
    // Four decimals, half away from zero.
    let expected = (error as f64 / (forecast + error).abs() as f64 * 10_000.0).round() / 10_000.0;
    assert_eq!(all["error_fraction"], format!("{expected:.4}"));
}

#[tokio::test]
async fn a_household_of_today_has_no_old_forecast_and_says_why() {
    let home = family().await;
    let answer = accuracy(&home).await;
    for item in answer.list_at("/items") {
        assert_eq!((&item["reason"], &item["forecast_version"]), (&json!("no_household_yet"), &Value::Null), "{item}");
    }
}

#[tokio::test]
async fn a_baseline_that_was_pinned_then_forecast_from_its_day() {
    let home = family().await;
    move_back(&home, "70 days").await;
    home.post("/scenarios/baseline", json!({"action": "pin", "as_of_date": day(&home, "65 days").await})).await.expect_status(200);
    let mut owner = home.server().database().connect().await;
    // The pin is of forty days ago.
    let pinned = "UPDATE events SET recorded_at = recorded_at - interval '40 days' WHERE event_type = 'scenario.pinned'";
    sqlx::query(pinned).execute(&mut owner).await.unwrap();
    let item = accuracy(&home).await.value("/items/0").clone();
    // 65 days are two whole months, whichever they are: two have at most 62 days, three at least 89.
    assert_eq!((&item["months_ago"], &item["month_number"]), (&json!(1), &json!(2)), "{item}");
}
