//! `POST /scenarios/{id}/adopt`: what a scenario does differently becomes what is so.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

async fn today(home: &Client) -> String {
    // The account was told of today, whichever day that is for the server.
    home.get("/accounts/{Checking}").await.at("/balance_as_of").to_owned()
}

async fn add(home: &Client, name: &str, change: Value) -> Answer {
    let mut change = change;
    change["name"] = name.into();
    if change.get("effective_date").is_none() {
        change["effective_date"] = today(home).await.into();
    }
    let added = home.post("/scenarios/{What if}/changes", change).await.expect_status(201);
    home.name(name, added.at("/id"));
    added
}

async fn months(home: &Client, scenario: &str) -> Vec<Value> {
    home.get(&format!("/scenarios/{{{scenario}}}/projections")).await.expect_status(200).list_at("/months").to_vec()
}

/// A raise, a nursery and an extra payment on the mortgage.
async fn wondering() -> Client {
    let home = family().await;
    home.create("scenarios", "What if", json!({})).await;
    let raise =
        json!({"change_type": "modify_income", "source": {"type": "income", "id": "{Acme}"}, "parameters": {"amount": "104000.00"}});
    add(&home, "Raise", raise).await;
    let nursery =
        json!({"change_type": "add_expense", "parameters": {"amount": "650.00", "frequency": "monthly", "category": "childcare"}});
    add(&home, "Nursery", nursery).await;
    let faster =
        json!({"change_type": "payoff_debt", "source": {"type": "account", "id": "{Mortgage}"}, "parameters": {"extra_monthly": "100.00"}});
    add(&home, "Faster", faster).await;
    home
}

#[tokio::test]
async fn the_baseline_has_the_figures_of_the_scenario_that_was_adopted() {
    let home = wondering().await;
    let said = months(&home, "What if").await;
    assert_ne!(months(&home, "baseline").await, said);
    let done = home.post("/scenarios/{What if}/adopt", json!({})).await.expect_status(200);
    assert_versioned(&done);
    assert_fields(done.json(), &["id", "version", "events", "adopted", "skipped", "archived", "adopted_on"]);
    assert_eq!(done.value("/skipped"), &json!([]));
    assert_eq!(months(&home, "baseline").await, said);
    let adopted: Vec<&str> = done.list_at("/adopted").iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!(adopted, ["Raise", "Nursery", "Faster"]);
    assert_eq!((done.at("/adopted/1/made/0/event"), done.at("/adopted/0/made/0/event")), ("flow.added", "income_source.changed"));
    let nursery = home.get(&format!("/flows/{}", done.at("/adopted/1/made/0/id"))).await.expect_status(200);
    assert_eq!((nursery.at("/name"), nursery.at("/amount")), ("Nursery", "650.00"));
    assert_eq!(home.get("/income-sources/{Acme}").await.at("/gross_annual_salary"), "104000.00");
    // Nothing is left of it: it is put away, and its changes are no differences any more.
    let scenario = home.get("/scenarios/{What if}").await.expect_status(200);
    assert_eq!((scenario.value("/archived"), scenario.at("/adopted_on")), (&json!(true), done.at("/adopted_on")));
    let changes = home.get("/scenarios/{What if}/changes").await;
    assert!(changes.list_at("/items").iter().all(|change| change["enabled"] == json!(false)), "{changes}");
    assert_eq!(months(&home, "What if").await, said);
    assert_problem(&home.post("/scenarios/{What if}/adopt", json!({})).await, 409);
}

#[tokio::test]
async fn what_cannot_be_made_real_is_named_with_the_reason_and_stays_a_plan() {
    let home = wondering().await;
    add(&home, "Dear times", json!({"change_type": "override_inflation", "parameters": {"rate": "0.05"}})).await;
    let crash = json!({"change_type": "adjust_investment_value", "parameters": {"fraction": "-0.2", "applies_to": "all"}});
    add(&home, "Crash", crash).await;
    home.patch("/scenarios/{What if}", json!({"investment_return_rate": "0.05"})).await.expect_status(200);
    let said = months(&home, "What if").await;
    let done = home.post("/scenarios/{What if}/adopt", json!({})).await.expect_status(200);
    let skipped: Vec<_> = done.list_at("/skipped").iter().map(|it| (it["name"].as_str().unwrap(), it["code"].as_str().unwrap())).collect();
    assert_eq!(
        skipped,
        [("investment_return_rate", "no_counterpart"), ("Dear times", "no_counterpart"), ("Crash", "no_counterpart")],
        "{done}"
    );
    assert!(done.list_at("/skipped").iter().all(|it| !it["reason"].as_str().unwrap().is_empty()));
    assert_eq!((done.list_at("/adopted").len(), done.value("/archived")), (3, &json!(false)));
    assert_eq!(months(&home, "What if").await, said, "with what stays a plan it says what it said");
    // Again there is nothing to be done, and the reasons are told all the same.
    let again = home.post("/scenarios/{What if}/adopt", json!({})).await.expect_status(200);
    assert_eq!((again.events().len(), again.list_at("/adopted").len(), again.list_at("/skipped").len()), (0, 0, 3));
    assert_eq!(again.version(), done.version());
}

#[tokio::test]
async fn an_adoption_is_a_command_like_every_other() {
    let home = wondering().await;
    let version = home.get("/scenarios/{What if}").await.version();
    let behind = home.with_header("if-match", &format!("\"{}\"", version - 1));
    assert_problem(&behind.post("/scenarios/{What if}/adopt", json!({})).await, 412);
    let keyed = home.with_header("if-match", &format!("\"{version}\"")).with_header("idempotency-key", "adopt-it");
    let first = keyed.post("/scenarios/{What if}/adopt", json!({})).await.expect_status(200);
    assert_eq!(first.list_at("/adopted").len(), 3);
    let again = keyed.post("/scenarios/{What if}/adopt", json!({})).await.expect_status(200);
    assert_eq!(again.header("idempotency-hit"), Some("true"));
    assert_eq!(again.json(), first.json());
    assert_eq!(first.version(), version + u64::try_from(first.events().len()).unwrap());
    assert_problem(&home.post("/scenarios/{baseline}/adopt", json!({})).await, 409);
    assert_problem(&home.post("/scenarios/{Acme}/adopt", json!({})).await, 404);
    assert_problem(&home.post("/scenarios/{What if}/adopt", json!({"all": true})).await, 422);
}

#[tokio::test]
async fn what_is_bought_today_is_an_account_and_its_price_has_left_the_other() {
    let home = family().await;
    home.create("scenarios", "What if", json!({})).await;
    let car = json!({"change_type": "add_asset", "parameters": {"value": "4500.00", "account_type": "vehicle", "funded_from_account_id": "{Checking}"}});
    add(&home, "Car", car).await;
    let said = months(&home, "What if").await;
    let done = home.post("/scenarios/{What if}/adopt", json!({})).await.expect_status(200);
    assert_eq!(done.value("/skipped"), &json!([]));
    assert_eq!(home.get("/accounts/{Checking}").await.at("/current_balance"), "3500.00");
    let told = months(&home, "baseline").await;
    let held = |months: &[Value]| months.iter().map(|month| month["balances"].clone()).collect::<Vec<_>>();
    assert_eq!(held(&told), held(&said), "the account has the id that the scenario gave it");
    assert_eq!(told[1..], said[1..]);
}
