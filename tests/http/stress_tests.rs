//! Stress tests, by figures computed by hand and against the projections of scenarios.

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

use crate::family::{assert_fields, assert_problem, assert_versioned, ended, family};

/// 3,000.00 a month comes in untaxed and 2,000.00 are spent, with 6,000.00 at hand: within a year nothing grows.
async fn living() -> Client {
    let home = TestServer::start().await.household().await;
    home.patch("/accounts/{Checking}", json!({"current_balance": "6000.00"})).await.expect_status(200);
    for (name, body) in [
        ("Support", json!({"flow_type": "income", "category": "other_income", "amount": "3000.00", "to_account_id": "{Checking}"})),
        ("Living", json!({"flow_type": "expense", "category": "groceries", "amount": "2000.00", "from_account_id": "{Checking}"})),
    ] {
        let mut body = body;
        (body["frequency"], body["start_date"]) = (json!("monthly"), json!("2020-01-01"));
        home.create("flows", name, body).await;
    }
    home
}

async fn run(home: &Client, body: Value) -> Answer {
    let answer = home.post("/stress-tests/run", body).await.expect_status(200);
    assert_versioned(&answer);
    assert_eq!(answer.events(), Vec::<&str>::new());
    answer
}

fn series<'a>(answer: &'a Answer, at: &str, field: &str) -> Vec<&'a Value> {
    answer.list_at(at).iter().map(|point| &point[field]).collect()
}

/// The same figures as a scenario's projection has them.
fn assert_projected(stressed: &Answer, at: &str, projection: &Answer) {
    let (points, rows) = (stressed.list_at(at), projection.list_at("/months"));
    assert_eq!(points.len(), rows.len());
    for (point, row) in points.iter().zip(rows) {
        for (field, value) in point.as_object().unwrap() {
            let expected = if field == "cash" { &row["assets_by_class"]["cash"] } else { &row[field] };
            let nothing = field == "cash" && expected.is_null() && value == "0.00";
            assert!(value == expected || nothing, "{field}: {value} in the test, {expected} in the projection");
        }
    }
}

#[tokio::test]
async fn every_test_that_ships_is_listed_with_what_it_changes() {
    let home = living().await;
    let listed = home.get("/stress-tests").await.expect_status(200);
    let items = listed.list_at("/items");
    assert_eq!(items.len(), 9);
    for item in items {
        assert_fields(item, &["id", "name", "description", "group", "changes"]);
    }
    let quarter = items.iter().find(|item| item["id"] == "income_minus_25").unwrap();
    let change = json!({"change_type": "adjust_total_income", "parameters": {"amount": "-0.25", "mode": "percent"}});
    assert_eq!((&quarter["group"], &quarter["changes"]), (&json!("income"), &json!([change])));
}

#[tokio::test]
async fn half_of_the_income_is_lost_for_a_year() {
    let home = living().await;
    let version = home.version().await;
    let answer = run(&home, json!({"test": "income_minus_50", "months": 12})).await;
    // 500 less a month: 5,500.00 after the first, nothing after the twelfth; below a month's spending from month 9 on (1,500.00).
    assert_eq!((answer.at("/id"), answer.at("/status"), answer.at("/baseline_status")), ("income_minus_50", "failed", "passed"));
    let first = answer.value("/first_negative_cash_flow");
    assert_eq!((&first["month_number"], &first["net_cash_flow"]), (&json!(1), &json!("-500.00")));
    let breach = answer.value("/first_breach");
    assert_eq!((&breach["metric"], &breach["limit"], &breach["value"]), (&json!("liquidity_months"), &json!("1"), &json!("0.7500")));
    assert_eq!((&breach["month_number"], &breach["length_months"]), (&json!(9), &json!(4)));
    let minima = answer.value("/minima");
    assert_eq!((&minima["cash"]["value"], &minima["cash"]["month_number"], &minima["dscr"]), (&json!("0.00"), &json!(12), &json!(null)));
    // 1,500 a month behind: 18,000 of 18,000 in month 12.
    let drawdown = answer.value("/maximum_drawdown");
    assert_eq!((&drawdown["amount"], &drawdown["fraction"], &drawdown["month_number"]), (&json!("18000.00"), &json!("1.0000"), &json!(12)));
    assert_eq!(series(&answer, "/series", "liquid_assets")[..2], [&json!("5500.00"), &json!("5000.00")]);
    assert_eq!(series(&answer, "/baseline/series", "liquid_assets")[..2], [&json!("7000.00"), &json!("8000.00")]);
    assert_eq!((answer.value("/saved_scenario"), answer.value("/months")), (&json!(null), &json!(12)));
    assert_eq!(home.version().await, version, "nothing is stored");
}

#[tokio::test]
async fn a_test_of_ones_own_is_laid_over_a_scenario() {
    let home = living().await;
    home.create("scenarios", "Thrift", json!({})).await;
    let thrift = json!({"change_type": "modify_expense", "name": "Less", "effective_date": today(&home).await,
                        "source": {"type": "flow", "id": "{Living}"}, "parameters": {"amount": "1000.00"}});
    home.post("/scenarios/{Thrift}/changes", thrift).await.expect_status(201);
    let blow = json!({"change_type": "add_expense", "name": "Rent", "effective_date": today(&home).await,
                      "parameters": {"amount": "500.00", "frequency": "monthly", "category": "rent"}});
    let told = json!({"name": "A flat", "changes": [blow], "scenario_id": "{Thrift}", "months": 2});
    let answer = run(&home, told).await;
    assert_eq!((answer.value("/id"), answer.at("/name"), answer.at("/scenario_id")), (&json!(null), "A flat", home.id("Thrift").as_str()));
    assert_eq!(series(&answer, "/baseline/series", "total_expenses"), ["1000.00", "1000.00"]);
    assert_eq!(series(&answer, "/series", "total_expenses"), ["1500.00", "1500.00"]);
}

#[tokio::test]
async fn a_saved_test_is_a_scenario_that_projects_what_the_test_showed() {
    let home = family().await;
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    crate::family::with_a_scenario(&home).await;
    for (under, told) in [
        ("baseline", json!({"test": "market_minus_40"})),
        ("What if", json!({"test": "income_minus_25", "months": 36})),
        (
            "What if",
            json!({"name": "Both", "months": 24, "changes": [
                {"change_type": "adjust_total_expenses", "name": "Dearer", "effective_date": today(&home).await, "parameters": {"amount": "0.1", "mode": "percent"}},
                {"change_type": "override_inflation", "name": "Prices", "effective_date": today(&home).await, "parameters": {"rate": "0.08"}},
            ]}),
        ),
    ] {
        let mut told = told;
        (told["scenario_id"], told["save_as"]) = (json!(format!("{{{under}}}")), json!({"name": "Under stress"}));
        let before = home.version().await;
        let saved = home.post("/stress-tests/run", told).await.expect_status(201);
        assert_versioned(&saved);
        let path = saved.header("location").unwrap().trim_start_matches("/api/v1").to_owned();
        assert_eq!(path, format!("/scenarios/{}", saved.at("/saved_scenario/id")));
        assert_eq!(saved.events()[0], "scenario.created");
        assert!(saved.version() > before);
        let projection = home.get(&format!("{path}/projections")).await.expect_status(200);
        assert_projected(&saved, "/series", &projection);
        let untouched = home.get(&format!("/scenarios/{{{under}}}/projections?months={}", saved.list_at("/series").len())).await;
        assert_projected(&saved, "/baseline/series", &untouched);
    }
}

#[tokio::test]
async fn a_test_that_is_saved_twice_under_one_key_is_saved_once() {
    let home = living().await;
    let save = || home.post("/stress-tests/run", json!({"test": "inflation_6", "save_as": {"name": "Prices"}})).idempotency_key("once");
    let first = save().await.expect_status(201);
    let again = save().await.expect_status(201);
    assert_eq!((again.text(), again.header("idempotency-hit")), (first.text(), Some("true")));
    assert_eq!(home.version().await, first.version());
}

#[tokio::test]
async fn a_batch_comes_to_what_each_test_comes_to_alone() {
    let home = family().await;
    let version = home.version().await;
    let all = home.post("/stress-tests/batch", json!({})).await.expect_status(200);
    assert_versioned(&all);
    assert_eq!((all.list_at("/items").len(), all.number_at("/months")), (9, 60));
    for item in all.list_at("/items") {
        assert_fields(item, &["id", "status", "first_negative_cash_flow", "first_breach", "minima", "maximum_drawdown", "baseline_status"]);
        let alone = run(&home, json!({"test": item["id"]})).await;
        for (field, value) in item.as_object().unwrap() {
            assert_eq!(alone.value(&format!("/{field}")), value, "{field} of {}", item["id"]);
        }
        assert_eq!(alone.value("/baseline"), all.value("/baseline"));
    }
    let counted: i64 = ["passed", "warning", "failed"].iter().map(|status| all.number_at(&format!("/summary/{status}"))).sum();
    assert_eq!(counted, 9);
    assert_eq!(home.version().await, version, "nothing is stored");
}

#[tokio::test]
async fn a_batch_has_the_tests_that_are_named_in_their_order() {
    let home = living().await;
    let told = json!({"tests": ["expenses_plus_1000", "income_minus_10"], "months": 12, "series": false});
    let batch = home.post("/stress-tests/batch", told).await.expect_status(200);
    let ids: Vec<_> = batch.list_at("/items").iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["expenses_plus_1000", "income_minus_10"]);
    // 6,000 stay at 3,000 a month: 2.0 months. Income of 2,700 leaves 700: 6,700 at 2,000 a month, and rising.
    let statuses: Vec<_> = batch.list_at("/items").iter().map(|item| item["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["warning", "passed"]);
    assert_eq!((batch.list_at("/baseline/series").len(), batch.list_at("/items/0/series").len()), (0, 0));
}

#[tokio::test]
async fn a_batch_as_a_job_comes_to_the_same() {
    let home = living().await;
    let now = home.post("/stress-tests/batch", json!({"months": 12})).await.expect_status(200);
    let begun = home.post("/stress-tests/batch", json!({"months": 12, "async": true})).await.expect_status(202);
    assert_eq!(begun.at("/kind"), "stress_batch");
    let job = ended(&home, begun.at("/id")).await;
    assert_eq!(job.at("/state"), "succeeded");
    for field in ["items", "baseline", "summary", "months", "household_version"] {
        assert_eq!(job.value(&format!("/result/{field}")), now.value(&format!("/{field}")), "{field}");
    }
}

#[tokio::test]
async fn an_analysis_says_what_is_weakest_and_what_would_mend_it() {
    let home = living().await;
    let version = home.version().await;
    let told = json!({"tests": ["income_minus_10", "income_minus_50"], "months": 12});
    let analysis = home.post("/stress-tests/analyze", told).await.expect_status(200);
    // The figures of `domain/tests/stress/analysis.rs`, by hand.
    assert_eq!((analysis.at("/resilience_score"), analysis.at("/baseline_status")), ("50.00", "passed"));
    let weakest = analysis.value("/weakest_point");
    assert_eq!(
        (&weakest["id"], &weakest["metric"], &weakest["month_number"]),
        (&json!("income_minus_50"), &json!("liquidity_months"), &json!(12))
    );
    let remedy = json!({"goal": "no_test_fails", "monthly_spending_cut": "0.00", "cash": "1999.90", "monthly_spending_cut_alone": "153.84", "is_enough": true});
    assert_eq!(analysis.value("/remedies/0"), &remedy);
    assert_eq!(
        analysis.value("/items/1"),
        &json!({"id": "income_minus_50", "name": "Income falls by 50 %", "status": "failed", "score": "0.00", "held_down_by": "liquidity_months"})
    );
    assert_eq!(home.version().await, version, "nothing is stored");
    // With that cash, no test fails; with a cent less, one does.
    for (balance, failed) in [("7999.90", 0), ("7999.89", 1)] {
        home.patch("/accounts/{Checking}", json!({"current_balance": balance})).await.expect_status(200);
        let batch = home.post("/stress-tests/batch", json!({"months": 12, "tests": ["income_minus_10", "income_minus_50"]})).await;
        assert_eq!(batch.number_at("/summary/failed"), failed, "{balance}");
    }
}

#[tokio::test]
async fn what_cannot_be_a_test_is_refused_with_its_fields() {
    let home = living().await;
    let day = today(&home).await;
    let expense = |amount: &str| json!({"change_type": "add_expense", "name": "x", "effective_date": day, "parameters": {"amount": amount, "frequency": "monthly", "category": "rent"}});
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
    let nobody = json!({"change_type": "remove_expense", "name": "x", "effective_date": day, "source": {"type": "flow", "id": unknown}});
    let late =
        json!({"change_type": "add_expense", "name": "x", "effective_date": "2099-01-01", "parameters": expense("1.00")["parameters"]});
    for (path, body, errors) in [
        ("run", json!({}), vec![("test", "missing")]),
        ("run", json!({"test": "meteor", "months": 0}), vec![("months", "out_of_range"), ("test", "unknown_word")]),
        ("run", json!({"test": "inflation_6", "name": "x"}), vec![("name", "not_allowed_here")]),
        ("run", json!({"test": "inflation_6", "changes": []}), vec![("changes", "not_allowed_here")]),
        ("run", json!({"changes": []}), vec![("name", "missing")]),
        (
            "run",
            json!({"name": "x", "changes": [expense("1.00"), expense("-1.00")], "save_as": {"name": ""}}),
            vec![("changes[1].parameters.amount", "not_positive"), ("save_as.name", "empty")],
        ),
        ("run", json!({"name": "x", "changes": [expense("1.00"), nobody.clone()]}), vec![("changes[1].source.id", "unknown_flow")]),
        ("run", json!({"name": "x", "changes": [late.clone()]}), vec![("changes[0].effective_date", "outside_horizon")]),
        ("run", json!({"test": "inflation_6", "scenario_id": unknown}), vec![("scenario_id", "unknown_scenario")]),
        ("batch", json!({"tests": ["meteor"]}), vec![("tests[0]", "unknown_word")]),
        ("batch", json!({"tests": ["inflation_6", "inflation_6"]}), vec![("tests[1]", "repeated")]),
        ("batch", json!({"tests": [], "months": 601}), vec![("months", "out_of_range")]),
        ("batch", json!({"tests": []}), vec![("tests", "missing")]),
        ("batch", json!({"scenario_id": unknown, "async": true}), vec![("scenario_id", "unknown_scenario")]),
        ("analyze", json!({"tests": ["income_minus_10", 7], "months": "x"}), vec![("months", "wrong_type"), ("tests[1]", "wrong_type")]),
        ("analyze", json!({"scenario_id": unknown}), vec![("scenario_id", "unknown_scenario")]),
    ] {
        let refused = home.post(&format!("/stress-tests/{path}"), body.clone()).await;
        assert_problem(&refused, 422);
        let mut said = refused.errors();
        said.sort_unstable();
        assert_eq!(said, errors, "{path} {body}: {refused}");
    }
    assert_eq!(home.get("/jobs").await.list_at("/items").len(), 0);
}

#[tokio::test]
async fn a_test_may_reach_beyond_the_scenarios_own_months() {
    let home = living().await;
    home.create("scenarios", "Short", json!({"projection_months": 3})).await;
    // In month 5 of a test of 6 months.
    let start = run(&home, json!({"test": "inflation_6", "months": 6})).await;
    let day = start.list_at("/series")[4]["date"].clone();
    let change = json!({"change_type": "lump_sum_expense", "name": "Roof", "effective_date": day, "parameters": {"amount": "100.00", "category": "home_maintenance"}});
    let answer = run(&home, json!({"name": "Roof", "changes": [change], "scenario_id": "{Short}", "months": 6})).await;
    assert_eq!(series(&answer, "/series", "total_expenses"), ["2000.00", "2000.00", "2000.00", "2000.00", "2100.00", "2000.00"]);
}

/// The first day that a scenario begins with.
async fn today(home: &Client) -> String {
    let projection = home.get("/scenarios/baseline").await.expect_status(200);
    let rows = home.get(&format!("/scenarios/{}/projections?months=1", projection.at("/id"))).await.expect_status(200);
    format!("{}-01", rows.at("/start_month"))
}
