//! What to do next, from a worrying figure to a scenario that betters it.

use serde_json::{Value, json};
use support::{Client, TestServer};

use crate::contract::Contract;
use crate::family::{assert_fields, assert_problem, assert_versioned, with};

/// 2,400.00 come in and 2,300.00 go out a month, with 2,300.00 at hand.
async fn on_the_edge() -> Client {
    let home = TestServer::start().await.household().await;
    home.patch("/accounts/{Checking}", json!({"current_balance": "2300.00"})).await.expect_status(200);
    for (name, flow_type, category, amount) in [
        ("Support", "income", "other_income", "2400.00"),
        ("Rent", "expense", "rent", "1500.00"),
        ("Restaurants", "expense", "dining_out", "800.00"),
    ] {
        let flow =
            json!({"flow_type": flow_type, "category": category, "amount": amount, "frequency": "monthly", "start_date": "2020-01-01"});
        let side = if flow_type == "income" { "to_account_id" } else { "from_account_id" };
        home.create("flows", name, with(flow, side, "{Checking}")).await;
    }
    home
}

fn item<'a>(items: &'a [Value], metric: &str) -> &'a Value {
    items.iter().find(|item| item["metric"] == metric).unwrap_or_else(|| panic!("no {metric} in {items:#?}"))
}

#[tokio::test]
async fn worrying_figures_are_told_with_what_would_better_them() {
    let home = on_the_edge().await;
    let version = home.version().await;
    let next = home.get("/actions/next").await.expect_status(200);
    assert_versioned(&next);
    let metrics: Vec<_> = next.list_at("/items").iter().map(|item| item["metric"].as_str().unwrap()).collect();
    assert_eq!(metrics, ["liquidity_months", "days_cash_on_hand", "savings_rate", "housing_ratio"]);
    let liquidity = item(next.list_at("/items"), "liquidity_months");
    assert_eq!(
        (&liquidity["value"]["value"], &liquidity["status"], &liquidity["plan"]),
        (&json!("1.0000"), &json!("warning"), &json!("build_emergency_fund"))
    );
    assert_eq!(liquidity["threshold"], json!({"warning": "3", "critical": "1", "is_least": true}));
    // The figures of `domain/tests/household/actions.rs`, by hand.
    let first = &liquidity["actions"][0];
    assert_fields(first, &["action", "rank", "title", "basis", "description", "changes", "effect"]);
    assert_eq!((&first["action"], &first["rank"]), (&json!("spend_less"), &json!(1)));
    assert_eq!(first["changes"][0]["parameters"], json!({"amount": "-230.00", "mode": "absolute"}));
    let effect = &first["effect"];
    assert_eq!(
        (&effect["figure"]["before"], &effect["figure"]["after"], &effect["gap_closed"]),
        (&json!("1.5217"), &json!("2.9130"), &json!("0.9411"))
    );
    assert_eq!(home.version().await, version, "nothing is stored");
}

#[tokio::test]
async fn one_figure_is_told_whether_it_is_worrying_or_not() {
    let home = on_the_edge().await;
    let next = home.get("/actions/next?metric=dscr").await.expect_status(200);
    let dscr = &next.list_at("/items")[0];
    assert_eq!((&dscr["value"]["reason"], &dscr["status"], &dscr["actions"]), (&json!("no_debt_service"), &json!("good"), &json!([])));
    assert_eq!(next.list_at("/items").len(), 1);
}

#[tokio::test]
async fn an_action_becomes_a_scenario_that_projects_its_effect() {
    let home = on_the_edge().await;
    let applied = home.post("/actions/apply", json!({"metric": "liquidity_months", "action": "spend_less"})).await.expect_status(201);
    assert_versioned(&applied);
    let contract = Contract::of(home.server()).await;
    let apply = contract.operations().into_iter().find(|operation| operation.path == "/api/v1/actions/apply").unwrap();
    assert_eq!(contract.complaints(contract.answer(&apply, 201).unwrap(), applied.json()), Vec::<String>::new());
    let path = format!("/scenarios/{}", applied.at("/id"));
    assert_eq!(applied.header("location"), Some(format!("/api/v1{path}").as_str()));
    assert_eq!(
        (applied.at("/scenario/name"), applied.list_at("/changes").len(), applied.events()[0]),
        ("Spend less", 1, "scenario.created")
    );
    // What it was measured to bring: 230.00 a month for eleven months.
    let (with, without) = (home.get(&format!("{path}/projections?months=12")).await, home.get("/scenarios/baseline").await);
    let without = home.get(&format!("/scenarios/{}/projections?months=12", without.at("/id"))).await;
    let expenses = |answer: &support::Answer| answer.list_at("/months")[11]["total_expenses"].clone();
    assert_eq!((expenses(&with), expenses(&without)), (json!("2070.00"), json!("2300.00")));
    assert_eq!(applied.at("/effect/net_worth_change"), "2530.00");
}

#[tokio::test]
async fn an_action_is_added_to_a_scenario_that_is_there() {
    let home = on_the_edge().await;
    home.create("scenarios", "Thrift", json!({})).await;
    let told = json!({"metric": "savings_rate", "action": "cut_largest_expense", "scenario_id": "{Thrift}"});
    let applied = home.post("/actions/apply", told.clone()).idempotency_key("once").await.expect_status(201);
    assert_eq!((applied.at("/id"), applied.events()), (home.id("Thrift").as_str(), vec!["scenario_change.added"]));
    let again = home.post("/actions/apply", told).idempotency_key("once").await.expect_status(201);
    assert_eq!((again.text(), again.header("idempotency-hit")), (applied.text(), Some("true")));
    assert_eq!(home.get("/scenarios/{Thrift}/changes").await.list_at("/items").len(), 1);
    // Laid over the scenario, the next ones start from there: 600.00 are a quarter cut already.
    let next = home.get("/actions/next?metric=savings_rate&scenario_id={Thrift}").await.expect_status(200);
    assert_eq!(next.at("/scenario_id"), home.id("Thrift"));
    let less = next.list_at("/items/0/actions").iter().find(|action| action["action"] == "spend_less").unwrap();
    // 100.00 left, and 200.00 from the cut: 300 of 2,400.
    assert_eq!(less["effect"]["figure"]["before"], "0.1250");
}

#[tokio::test]
async fn what_is_not_offered_is_refused_with_its_fields() {
    let home = on_the_edge().await;
    let version = home.version().await;
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (body, errors) in [
        (json!({}), vec![("action", "missing"), ("metric", "missing")]),
        (json!({"metric": "luck", "action": "pray"}), vec![("action", "unknown_word"), ("metric", "unknown_word")]),
        (json!({"metric": "dscr", "action": "spend_less"}), vec![("action", "not_offered")]),
        (json!({"metric": "liquidity_months", "action": "earn_more"}), vec![("action", "not_offered")]),
        (json!({"metric": "dscr", "action": "spend_less", "scenario_id": unknown}), vec![("scenario_id", "unknown_scenario")]),
        (json!({"metric": "dscr", "action": "spend_less", "scenario_id": unknown, "name": "x"}), vec![("name", "not_allowed_here")]),
    ] {
        let refused = home.post("/actions/apply", body).await;
        assert_problem(&refused, 422);
        let mut said = refused.errors();
        said.sort_unstable();
        assert_eq!(said, errors, "{refused}");
    }
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    let baseline = json!({"metric": "savings_rate", "action": "spend_less", "scenario_id": "{baseline}"});
    assert_problem(&home.post("/actions/apply", baseline).await, 409);
    assert_eq!(home.get("/actions/next?metric=luck").await.expect_status(422).errors(), [("metric", "unknown_word")]);
    assert_eq!(
        home.get(&format!("/actions/next?scenario_id={unknown}")).await.expect_status(422).errors(),
        [("scenario_id", "unknown_scenario")]
    );
    assert_eq!(home.version().await, version);
}
