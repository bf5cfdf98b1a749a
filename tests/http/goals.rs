//! Goals, and how far they are: today by figures on paper, over a scenario by the rows of its projection.

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

/// 9,000.00 in hand, 5,000.00 a month of untaxed income, 3,000.00 spent, and a loan of 6,000.00 at 1 % a month, paid with 500.00.
async fn ada() -> Client {
    let home = TestServer::start().await.user().await.household(json!({"name": "Ada's"})).await;
    home.name("Ada", home.get("/members").await.at("/items/0/id"));
    home.account("Checking", "checking", "9000.00").await;
    let terms = json!({"interest_rate": "0.12", "minimum_payment": "500.00"});
    home.create("accounts", "Loan", json!({"account_type": "personal_loan", "current_balance": "6000.00", "liability": terms})).await;
    for (name, flow_type, category, amount) in [("Gifts", "income", "other_income", "5000.00"), ("Food", "expense", "groceries", "3000.00")]
    {
        let flow =
            json!({"flow_type": flow_type, "category": category, "amount": amount, "frequency": "monthly", "start_date": "2020-01-01"});
        home.create("flows", name, flow).await;
    }
    home
}

async fn set(home: &Client, name: &str, goal_type: &str, parameters: Value) -> Answer {
    let mut body = parameters;
    body["goal_type"] = json!(goal_type);
    home.create("goals", name, body).await
}

fn found<'a>(status: &'a Answer, home: &Client, name: &str) -> &'a Value {
    status.list_at("/items").iter().find(|item| item["goal_id"] == json!(home.id(name))).unwrap_or_else(|| panic!("no {name} in {status}"))
}

#[tokio::test]
async fn a_goal_is_set_shown_changed_and_given_up() {
    let home = ada().await;
    let body =
        json!({"name": "Six months", "goal_type": "emergency_fund_months", "target": 6, "is_primary": true, "notes": "First of all"});
    let made = home.post("/goals", body).await.expect_status(201);
    assert_versioned(&made);
    assert_eq!(made.events(), ["goal.added"]);
    home.name("Six months", made.at("/id"));
    let shown = home.get(made.header("location").unwrap()).await.expect_status(200);
    for (field, value) in [
        ("name", json!("Six months")),
        ("goal_type", json!("emergency_fund_months")),
        ("target", json!("6")),
        ("target_date", json!(null)),
        ("member_id", json!(null)),
        ("metric", json!(null)),
        ("comparison", json!(null)),
        ("is_primary", json!(true)),
        ("active", json!(true)),
        ("notes", json!("First of all")),
    ] {
        assert_eq!((&made.json()[field], &shown.json()[field]), (&value, &value), "{field}");
    }
    let more = home.patch("/goals/{Six months}", json!({"target": "7.5", "notes": null})).await.expect_status(200);
    assert_eq!((more.at("/target"), more.value("/notes"), more.events()), ("7.5", &json!(null), vec!["goal.changed"]));
    let same = home.patch("/goals/{Six months}", json!({"target": 7.50})).await.expect_status(200);
    assert_eq!((same.version(), same.events().len()), (more.version(), 0));
    let retire = home.patch("/goals/{Six months}", json!({"goal_type": "retirement_age", "target": 62, "member_id": "{Ada}"})).await;
    let retire = retire.expect_status(200);
    assert_eq!((retire.at("/goal_type"), retire.at("/member_id"), retire.at("/target")), ("retirement_age", home.id("Ada").as_str(), "62"));
    let listed = home.get("/goals").await.expect_status(200);
    assert_versioned(&listed);
    assert_eq!(listed.list_at("/items").len(), 1);
    let gone = home.delete("/goals/{Six months}").await.expect_status(200);
    assert_eq!(gone.events(), ["goal.removed"]);
    assert_problem(&home.get("/goals/{Six months}").await, 404);
    assert_problem(&home.patch("/goals/{Six months}", json!({"target": 1})).await, 404);
    assert!(home.get("/goals").await.list_at("/items").is_empty());
}

#[tokio::test]
async fn what_a_goal_cannot_say_is_refused_with_its_fields() {
    let home = ada().await;
    set(&home, "First", "min_dscr", json!({"target": "1.5", "is_primary": true})).await;
    let version = home.version().await;
    for (body, errors) in [
        (json!({"goal_type": "happiness", "name": "x"}), vec![("goal_type", "unknown_word")]),
        (json!({"goal_type": "min_dscr"}), vec![("name", "missing")]),
        (json!({"name": "x", "goal_type": "min_dscr"}), vec![("target", "required")]),
        (json!({"name": "x", "goal_type": "min_dscr", "target": "much"}), vec![("target", "not_a_number")]),
        (json!({"name": "x", "goal_type": "min_dscr", "target": 0}), vec![("target", "out_of_range")]),
        (
            json!({"name": "x", "goal_type": "min_dscr", "target": 2, "target_date": "2100-01-01"}),
            vec![("target_date", "not_allowed_here")],
        ),
        (json!({"name": "x", "goal_type": "min_savings_rate", "target": "15"}), vec![("target", "out_of_range")]),
        (json!({"name": "x", "goal_type": "net_worth_target", "target": "0.001"}), vec![("target", "not_allowed_here")]),
        (
            json!({"name": "x", "goal_type": "net_worth_target_by_date", "target": "-1"}),
            vec![("target", "not_positive"), ("target_date", "required")],
        ),
        (json!({"name": "x", "goal_type": "debt_free_date", "target_date": "2020-01-01"}), vec![("target_date", "out_of_range")]),
        (
            json!({"name": "x", "goal_type": "retirement_age", "target": 62, "member_id": home.id("Loan")}),
            vec![("member_id", "unknown_member")],
        ),
        (json!({"name": "x", "goal_type": "custom", "target": 1}), vec![("comparison", "required"), ("metric", "required")]),
        (json!({"name": "x", "goal_type": "min_dscr", "target": 2, "is_primary": true}), vec![("is_primary", "not_allowed_here")]),
    ] {
        let refused = home.post("/goals", body).await;
        assert_problem(&refused, 422);
        let mut said = refused.errors();
        said.sort_unstable();
        assert_eq!(said, errors, "{refused}");
    }
    assert_eq!(home.version().await, version);
    assert_problem(&home.get("/goals/status?scenario_id=nobody").await, 422);
    assert_problem(&home.get(&format!("/goals/status?scenario_id={}", home.id("Loan"))).await, 404);
    set(&home, "Rest", "retirement_age", json!({"target": 62, "member_id": "{Ada}"})).await;
}

#[tokio::test]
async fn today_goals_are_measured_by_the_figures_of_the_day() {
    let home = ada().await;
    set(&home, "Fund", "emergency_fund_months", json!({"target": 6, "is_primary": true})).await;
    set(&home, "Worth", "net_worth_target", json!({"target": "3000.00"})).await;
    set(&home, "Debts", "custom", json!({"metric": "total_liabilities", "comparison": "at_most", "target": "4000.00"})).await;
    set(&home, "Resting", "min_dscr", json!({"target": 5, "active": false})).await;
    let status = home.get("/goals/status").await.expect_status(200);
    assert_versioned(&status);
    assert_eq!((status.value("/scenario_id"), status.list_at("/items").len()), (&json!(null), 3), "one rests");
    let fields = [
        "goal_id",
        "name",
        "goal_type",
        "is_primary",
        "value",
        "target",
        "unit",
        "percentage",
        "status",
        "is_met",
        "reason",
        "recommendation",
    ];
    assert_fields(found(&status, &home, "Fund"), &fields);
    let told =
        |name: &str| ["value", "target", "unit", "percentage", "status"].map(|field| found(&status, &home, name)[field].as_str().unwrap());
    // 9,000 / 3,500; 9,000 − 6,000; 4,000 / 6,000.
    assert_eq!(told("Fund"), ["2.5714", "6", "months", "42.85", "critical"]);
    assert_eq!(told("Worth"), ["3000.00", "3000.00", "amount", "100.00", "good"]);
    assert_eq!(told("Debts"), ["6000.00", "4000.00", "amount", "66.66", "warning"]);
    let sentence = "Put aside 12000.00 more: then cash and investments last for 6 months of expenses.";
    assert_eq!(
        (&found(&status, &home, "Fund")["recommendation"], &found(&status, &home, "Fund")["is_primary"]),
        (&json!(sentence), &json!(true))
    );
    assert_eq!(found(&status, &home, "Worth")["is_met"], json!(true));
    // 21,000 are six months of 3,500.
    home.patch("/accounts/{Checking}", json!({"current_balance": "21000.00"})).await.expect_status(200);
    let status = home.get("/goals/status").await.expect_status(200);
    assert_eq!((&found(&status, &home, "Fund")["is_met"], &found(&status, &home, "Fund")["value"]), (&json!(true), &json!("6.0000")));
}

#[tokio::test]
async fn over_a_scenario_goals_are_measured_by_its_worst_month() {
    let home = family().await;
    set(&home, "Covered", "min_dscr", json!({"target": "1.5"})).await;
    set(&home, "Worth", "net_worth_target", json!({"target": "1000000.00"})).await;
    let forecast = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    let months = forecast.list_at("/months");
    let status = home.get(&format!("/goals/status?scenario_id={}", home.id("baseline"))).await.expect_status(200);
    assert_versioned(&status);
    assert_eq!((status.version(), status.at("/as_of_date")), (forecast.version(), months.last().unwrap()["date"].as_str().unwrap()));
    for (name, figure) in [("Covered", "dscr"), ("Rainy days", "liquidity_months")] {
        let number = |month: &&Value| month[figure].as_str().unwrap().parse::<f64>().unwrap();
        let worst =
            months.iter().filter(|month| month[figure].is_string()).min_by(|one, other| number(one).total_cmp(&number(other))).unwrap();
        let goal = found(&status, &home, name);
        assert_eq!((&goal["value"], &goal["as_of_date"]), (&worst[figure], &worst["date"]), "{name}");
    }
    assert_eq!(found(&status, &home, "Worth")["value"], months.last().unwrap()["net_worth"]);
}

#[tokio::test]
async fn debts_end_for_a_goal_when_the_payoff_plan_says() {
    let home = ada().await;
    set(&home, "Free", "debt_free_date", json!({"target_date": "2030-06-30"})).await;
    let status = home.get("/goals/status").await.expect_status(200);
    let free = found(&status, &home, "Free");
    // 6,000 at 1 % a month with 500 a month: the thirteenth month is the last.
    assert_eq!((&free["unit"], &free["is_met"], &free["percentage"]), (&json!("date"), &json!(true), &json!("100.00")));
    let plan = home.post("/debts/payoff-plan", json!({"strategy": "current"})).await.expect_status(200);
    assert_eq!((plan.number_at("/months"), plan.value("/debt_free_date")), (13, &free["value"]));
}
