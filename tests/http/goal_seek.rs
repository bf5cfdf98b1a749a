//! Goal seek by figures worked out on paper, in a world without growth and taxes: what it takes a month is what is missing, divided.

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

use crate::family::{assert_fields, assert_problem, assert_versioned, ended, with};

/// 9,000.00 in hand, 5,000.00 a month of untaxed income, 3,000.00 spent; nothing grows. After 24 months there are 57,000.00.
async fn saver() -> Client {
    let home = TestServer::start().await.user().await.household(json!({"name": "Ada's"})).await;
    let still = json!({"inflation_rate": "0", "investment_return_rate": "0", "salary_growth_rate": "0", "projection_months": 24});
    home.patch("/scenarios/{baseline}", still).await.expect_status(200);
    home.account("Checking", "checking", "9000.00").await;
    for (name, flow_type, category, amount) in [("Gifts", "income", "other_income", "5000.00"), ("Food", "expense", "groceries", "3000.00")]
    {
        let flow =
            json!({"flow_type": flow_type, "category": category, "amount": amount, "frequency": "monthly", "start_date": "2020-01-01"});
        home.create("flows", name, flow).await;
    }
    home
}

/// The same with a goal of so much net worth at the end of the plan.
async fn wanting(target: &str) -> Client {
    let home = saver().await;
    home.create("goals", "Worth", json!({"goal_type": "net_worth_target", "target": target})).await;
    home
}

async fn solve(home: &Client, goal: &str, body: Value) -> Answer {
    let solved = home.post(&format!("/goals/{{{goal}}}/solve"), body).await.expect_status(200);
    assert_versioned(&solved);
    assert!((1..=40).contains(&solved.number_at("/projections")), "{solved}");
    assert_eq!((solved.version(), solved.events().len()), (home.version().await, 0), "a question is no event");
    solved
}

fn told<'a>(answer: &'a Answer, pointers: &[&str]) -> Vec<&'a str> {
    pointers.iter().map(|pointer| answer.at(pointer)).collect()
}

fn gifts(minimum: &str, maximum: &str) -> Value {
    json!({"change": {"change_type": "add_income", "parameters": {"frequency": "monthly", "category": "other_income", "tax_treatment": "untaxed"}},
           "parameter": "amount", "minimum": minimum, "maximum": maximum})
}

/// The last day of a month of the baseline.
async fn last_day(home: &Client, month: usize) -> String {
    let forecast = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    forecast.at(&format!("/months/{}/date", month - 1)).to_owned()
}

#[tokio::test]
async fn what_a_net_worth_by_a_day_takes_a_month_is_what_is_missing_divided_by_the_months() {
    let home = saver().await;
    let by = last_day(&home, 24).await;
    home.create("goals", "House", json!({"goal_type": "net_worth_target_by_date", "target": "100000.00", "target_date": by})).await;
    // 100,000 − 57,000 = 43,000, in 24 months: 1,791.666…, so 1,791.67 (43,000.08 in all), and 1,791.66 (42,999.84) is not enough.
    let solved = solve(&home, "House", gifts("1.00", "5000")).await;
    let fields = [
        "solution_id",
        "goal_id",
        "scenario_id",
        "parameter",
        "value",
        "reached",
        "projections",
        "bracket",
        "at_minimum",
        "at_maximum",
        "goal_status",
        "change",
        "household_version",
        "monotone",
        "prefer",
        "months",
        "start_month",
        "reason",
    ];
    assert_fields(solved.json(), &fields);
    assert_eq!(told(&solved, &["/parameter", "/value", "/prefer", "/bracket/missed_at"]), ["amount", "1791.67", "least", "1791.66"]);
    assert_eq!(told(&solved, &["/bracket/minimum", "/bracket/maximum", "/bracket/step"]), ["1.00", "5000.00", "0.01"]);
    assert_eq!((solved.value("/reached"), solved.value("/monotone"), solved.value("/reason")), (&json!(true), &json!(true), &json!(null)));
    // 57,000 + 24; 57,000 + 120,000.
    assert_eq!(told(&solved, &["/at_minimum/value", "/at_maximum/value", "/goal_status/value"]), ["57024.00", "177000.00", "100000.08"]);
    assert_eq!(told(&solved, &["/at_minimum/margin", "/goal_status/margin"]), ["-42976.00", "0.08"]);
    assert_eq!((solved.value("/goal_status/is_met"), solved.number_at("/months")), (&json!(true), 24));
    assert_eq!(solved.value("/change/parameters/amount"), &json!("1791.67"));
    assert_eq!(told(&solved, &["/change/change_type", "/change/name"]), ["add_income", "Reach House"]);
    assert_eq!(solved.number_at("/household_version"), i64::try_from(solved.version()).unwrap());
}

#[tokio::test]
async fn without_a_change_spending_less_is_sought() {
    let home = wanting("100000.00").await;
    let solved = solve(&home, "Worth", json!({})).await;
    assert_eq!(told(&solved, &["/change/change_type", "/parameter", "/value"]), ["adjust_total_expenses", "amount", "-1791.67"]);
    assert_eq!(told(&solved, &["/prefer", "/bracket/minimum", "/bracket/maximum"]), ["greatest", "-3000.00", "0.00"]);
    assert!(solved.at("/change/line").ends_with("all spending falls by 1,791.67 a month"), "{solved}");
    // Reached as it is: nothing has to change.
    home.create("goals", "Little", json!({"goal_type": "net_worth_target", "target": "57000.00"})).await;
    assert_eq!(told(&solve(&home, "Little", json!({})).await, &["/value", "/prefer"]), ["0.00", "greatest"]);
    // 21,000 are seven months of 3,000; in the worst month, the first, 9,000 + 5,000 − 3,000 + x are, where 3,000 − x are spent:
    // 11,000 + x = 7 (3,000 − x), x = 1,250.
    home.create("goals", "Fund", json!({"goal_type": "emergency_fund_months", "target": 7})).await;
    let fund = solve(&home, "Fund", json!({"tolerance": "10"})).await;
    assert_eq!(told(&fund, &["/value", "/bracket/missed_at", "/bracket/step"]), ["-1250.00", "-1240.00", "10.00"]);
}

#[tokio::test]
async fn for_debts_paying_more_on_the_last_one_is_sought() {
    let home = saver().await;
    let terms = json!({"interest_rate": "0.12", "minimum_payment": "500.00"});
    home.create("accounts", "Loan", json!({"account_type": "personal_loan", "current_balance": "6000.00", "liability": terms})).await;
    let by = last_day(&home, 6).await;
    home.create("goals", "Free", json!({"goal_type": "debt_free_date", "target_date": by})).await;
    // Month by month, interest rounded to the cent (recomputed with Python's decimal): at 1,035.30 a month the sixth payment is the last,
    // at 1,035.29 a cent is left.
    let solved = solve(&home, "Free", json!({})).await;
    assert_eq!(told(&solved, &["/change/change_type", "/parameter", "/value"]), ["payoff_debt", "extra_monthly", "535.30"]);
    assert_eq!(solved.value("/change/source"), &json!({"type": "account", "id": home.id("Loan")}));
    assert_eq!(told(&solved, &["/bracket/missed_at", "/bracket/minimum", "/bracket/maximum"]), ["535.29", "0.01", "6000.00"]);
    let applied = home.post(&format!("/goal-solutions/{}/apply", solved.at("/solution_id")), json!({})).await.expect_status(201);
    let status = home.get(&format!("/goals/status?scenario_id={}", applied.at("/id"))).await.expect_status(200);
    assert_eq!((status.value("/items/0/is_met"), status.at("/items/0/value")), (&json!(true), by.as_str()));
}

#[tokio::test]
async fn the_most_that_can_be_afforded_is_found_where_less_is_better() {
    let home = wanting("45000.00").await;
    // 57,000 − 24 x ≥ 45,000: x ≤ 500.
    let rent = json!({"change": {"change_type": "add_expense", "parameters": {"frequency": "monthly", "category": "rent"}},
                      "minimum": 1, "maximum": 4000});
    let solved = solve(&home, "Worth", rent).await;
    assert_eq!(told(&solved, &["/value", "/prefer", "/bracket/missed_at"]), ["500.00", "greatest", "500.01"]);
    assert_eq!(solved.at("/goal_status/value"), "45000.00");
}

/// A payment in eleven months is less than in ten: of the terms in which the loan is gone by month 10, ten months is the longest.
#[tokio::test]
async fn months_and_rates_are_sought_in_their_own_steps() {
    let home = saver().await;
    let terms = json!({"interest_rate": "0.12", "minimum_payment": "100.00"});
    home.create("accounts", "Loan", json!({"account_type": "personal_loan", "current_balance": "6000.00", "liability": terms})).await;
    let by = last_day(&home, 10).await;
    home.create("goals", "Free", json!({"goal_type": "debt_free_date", "target_date": by})).await;
    let term = json!({"change": {"change_type": "modify_debt", "source": {"type": "account", "id": "{Loan}"}}, "parameter": "term_months",
                      "minimum": 1, "maximum": 60});
    let solved = solve(&home, "Free", term).await;
    assert_eq!(told(&solved, &["/value", "/prefer", "/bracket/missed_at", "/bracket/step"]), ["10", "greatest", "11", "1"]);
    assert_eq!(solved.value("/change/parameters/term_months"), &json!(10));
    // 10,000 at 4.5 % are 10,450.00 after twelve months, give or take the cents of twelve roundings; at 4.49 % they are 10,449.00.
    home.account("Fund", "brokerage", "10000.00").await;
    let plain = home.get("/scenarios/{baseline}/projections?months=12").await.expect_status(200);
    let cents = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let wanted = cents(plain.at("/months/11/net_worth")) + 44_950;
    let wanted = format!("{}.{:02}", wanted / 100, wanted % 100);
    home.create("goals", "Growth", json!({"goal_type": "net_worth_target", "target": wanted})).await;
    let growth = json!({"change": {"change_type": "override_investment_return"}, "parameter": "rate", "minimum": "0", "maximum": "0.2",
                        "months": 12});
    let solved = solve(&home, "Growth", growth).await;
    assert_eq!(told(&solved, &["/value", "/bracket/missed_at", "/bracket/step"]), ["0.045", "0.0449", "0.0001"]);
}

#[tokio::test]
async fn where_nothing_reaches_the_goal_the_nearest_miss_is_told_and_why() {
    let home = wanting("100000.00").await;
    let solved = solve(&home, "Worth", gifts("1", "1000.00")).await;
    assert_eq!((solved.value("/reached"), solved.at("/value")), (&json!(false), "1000.00"));
    // 57,000 + 24,000 are 19,000 too little.
    assert_eq!(told(&solved, &["/goal_status/margin", "/at_maximum/margin"]), ["-19000.00", "-19000.00"]);
    assert_eq!(solved.value("/bracket/missed_at"), &json!(null));
    let reason = solved.at("/reason");
    assert!(reason.contains("from 1.00 to 1000.00") && reason.contains("19000.00 are missing"), "{reason}");
}

#[tokio::test]
async fn a_solution_becomes_a_scenario_that_builds_on_the_one_it_was_found_over() {
    let home = wanting("100000.00").await;
    home.create("scenarios", "Plan", json!({})).await;
    let raise = json!({"change_type": "add_income", "name": "Side", "effective_date": home.get("/scenarios/{baseline}/projections").await.at("/months/0/date"),
                       "parameters": {"amount": "791.67", "frequency": "monthly", "category": "other_income", "tax_treatment": "untaxed"}});
    home.post("/scenarios/{Plan}/changes", raise).await.expect_status(201);
    // 791.67 a month are there already: 1,000.00 are left of 1,791.67.
    let solved = solve(&home, "Worth", with(gifts("1", "5000"), "scenario_id", home.id("Plan"))).await;
    assert_eq!(solved.at("/value"), "1000.00");
    let applied = home.post(&format!("/goal-solutions/{}/apply", solved.at("/solution_id")), json!({"name": "With gifts"})).await;
    let applied = applied.expect_status(201);
    assert_versioned(&applied);
    assert_eq!(applied.events(), ["scenario.created", "scenario_change.added"]);
    assert_eq!(told(&applied, &["/name", "/parent_id", "/value"]), ["With gifts", home.id("Plan").as_str(), "1000.00"]);
    assert_eq!(applied.header("location"), Some(format!("/api/v1/scenarios/{}", applied.at("/id")).as_str()));
    assert_eq!((applied.value("/household_moved_on"), applied.value("/reached")), (&json!(false), &json!(true)));
    let forecast = home.get(&format!("/scenarios/{}/projections", applied.at("/id"))).await.expect_status(200);
    assert_eq!(forecast.at("/months/23/net_worth"), "100000.08");
    let changes = home.get(&format!("/scenarios/{}/changes", applied.at("/id"))).await;
    assert_eq!((changes.list_at("/items").len(), changes.value("/items/0/id")), (1, applied.value("/change_ids/0")));
}

#[tokio::test]
async fn the_number_of_a_change_of_a_scenario_is_sought_in_its_place_and_applied_to_a_copy() {
    let home = wanting("100000.00").await;
    home.create("scenarios", "Plan", json!({"inflation_rate": "0"})).await;
    let day = last_day(&home, 1).await;
    let parameters = json!({"amount": "100.00", "frequency": "monthly", "category": "other_income", "tax_treatment": "untaxed"});
    let gift = json!({"change_type": "add_income", "name": "Gift", "effective_date": day, "parameters": parameters});
    let gift = home.post("/scenarios/{Plan}/changes", gift).await.expect_status(201);
    let boat = json!({"change_type": "add_asset", "name": "Boat", "effective_date": day, "parameters": {"value": "5000.00", "account_type": "vehicle"}});
    let boat = home.post("/scenarios/{Plan}/changes", boat).await.expect_status(201);
    let forecast = home.get("/scenarios/{Plan}/projections").await;
    let known = home.get("/accounts").await;
    let known: Vec<&str> = known.list_at("/items").iter().map(|account| account["id"].as_str().unwrap()).collect();
    let opened = forecast.value("/months/0/balances").as_object().unwrap().keys().find(|id| !known.contains(&id.as_str())).unwrap().clone();
    let sold = json!({"change_type": "sell_asset", "name": "Boat sold", "effective_date": last_day(&home, 12).await,
                      "source": {"type": "account", "id": opened}, "parameters": {"sale_price": "5000.00", "gain_tax": "none"}});
    let sold = home.post("/scenarios/{Plan}/changes", sold).await.expect_status(201);
    // The boat is worth 5,000 to the end, as cash: 43,000 − 5,000 are missing, 1,583.333… a month.
    let question = json!({"scenario_id": home.id("Plan"), "change": {"change_id": gift.at("/id")}, "parameter": "amount", "minimum": 1, "maximum": 9000});
    let solved = solve(&home, "Worth", question).await;
    assert_eq!(
        (told(&solved, &["/value", "/goal_status/value"]), solved.value("/change/change_id")),
        (vec!["1583.34", "100000.16"], gift.value("/id"))
    );
    let applied = home.post(&format!("/goal-solutions/{}/apply", solved.at("/solution_id")), json!({})).await.expect_status(201);
    assert_eq!((applied.at("/name"), applied.value("/parent_id")), ("Gift", &json!(null)));
    let forecast = home.get(&format!("/scenarios/{}/projections", applied.at("/id"))).await.expect_status(200);
    assert_eq!(forecast.at("/months/23/net_worth"), "100000.16", "the boat is bought and sold in the copy, too");
    let path = format!("/scenarios/{{Plan}}/changes/{}", gift.at("/id"));
    assert_eq!(home.get(&path).await.at("/parameters/amount"), "100.00", "the original is as it was");
    // The sale is about the boat: it goes first.
    for change in [sold, boat.clone()] {
        home.delete(&format!("/scenarios/{{Plan}}/changes/{}", change.at("/id"))).await.expect_status(200);
    }
    let gone = json!({"scenario_id": home.id("Plan"), "change": {"change_id": boat.at("/id")}, "minimum": 1, "maximum": 9000});
    assert_eq!(home.post("/goals/{Worth}/solve", gone).await.errors(), [("change.change_id", "not_allowed_here")]);
}

#[tokio::test]
async fn a_solution_outlives_the_process_and_is_applied_though_the_household_has_moved_on() {
    let home = wanting("100000.00").await;
    let solved = solve(&home, "Worth", gifts("1", "5000")).await;
    home.server().stop().await;
    home.server().start_again().await;
    let job = home.get(&format!("/jobs/{}", solved.at("/solution_id"))).await.expect_status(200);
    assert_eq!((job.at("/kind"), job.at("/state"), job.at("/result/value")), ("goal_seek", "succeeded", "1791.67"));
    let moved = home.patch("/accounts/{Checking}", json!({"current_balance": "8000.00"})).await.expect_status(200);
    let path = format!("/goal-solutions/{}/apply", solved.at("/solution_id"));
    let applied = home.post(&path, json!({})).idempotency_key("once").await.expect_status(201);
    assert_eq!((applied.value("/household_moved_on"), applied.at("/value")), (&json!(true), "1791.67"));
    assert_eq!(applied.number_at("/solved_at_version"), solved.number_at("/household_version"));
    assert!(applied.version() > moved.version());
    let status = home.get(&format!("/goals/status?scenario_id={}", applied.at("/id"))).await.expect_status(200);
    assert_eq!((status.value("/items/0/is_met"), status.at("/items/0/value")), (&json!(false), "99000.08"));
    let again = home.post(&path, json!({})).idempotency_key("once").await.expect_status(201);
    assert_eq!((again.header("idempotency-hit"), again.at("/id")), (Some("true"), applied.at("/id")));
}

#[tokio::test]
async fn what_a_solution_was_about_may_go_and_then_it_cannot_be_applied() {
    let home = wanting("100000.00").await;
    let savings = home.account("Savings", "savings", "0.00").await;
    let put = json!({"change": {"change_type": "set_savings_transfer", "parameters": {"target_account_id": savings.at("/id")}},
                     "minimum": "0", "maximum": "100", "tolerance": 50});
    let solved = solve(&home, "Worth", put).await;
    // Money that only moves from one account to the other changes nothing: nothing is the least of it that is as near as it gets.
    assert_eq!((solved.value("/reached"), solved.at("/value"), solved.at("/goal_status/margin")), (&json!(false), "0.00", "-43000.00"));
    home.delete("/accounts/{Savings}").await.expect_status(200);
    let refused = home.post(&format!("/goal-solutions/{}/apply", solved.at("/solution_id")), json!({})).await;
    assert_problem(&refused, 409);
    assert!(refused.at("/type").ends_with("outdated-solution"), "{refused}");
}

#[tokio::test]
async fn the_same_question_twice_under_one_key_is_one_solution() {
    let home = wanting("100000.00").await;
    let first = home.post("/goals/{Worth}/solve", gifts("1", "5000")).idempotency_key("q").await.expect_status(200);
    let second = home.post("/goals/{Worth}/solve", gifts("1", "5000")).idempotency_key("q").await.expect_status(200);
    assert_eq!((second.header("idempotency-hit"), second.json()), (Some("true"), first.json()));
    assert_eq!(home.get("/jobs").await.list_at("/items").len(), 1);
    assert_problem(&home.post("/goals/{Worth}/solve", gifts("1", "6000")).idempotency_key("q").await, 422);
}

#[tokio::test]
async fn a_search_can_go_on_as_a_job_and_comes_to_the_same() {
    let home = wanting("100000.00").await;
    let direct = solve(&home, "Worth", gifts("1", "5000")).await;
    let begun = home.post("/goals/{Worth}/solve", with(gifts("1", "5000"), "async", true)).await.expect_status(202);
    assert_eq!((begun.at("/kind"), begun.at("/state")), ("goal_seek", "queued"));
    let job = ended(&home, begun.at("/id")).await;
    assert_eq!(job.at("/state"), "succeeded", "{job}");
    assert_eq!(job.at("/result/solution_id"), begun.at("/id"));
    let without_id = |value: &Value| {
        let mut value = value.clone();
        for field in ["solution_id", "version", "events"] {
            value.as_object_mut().unwrap().remove(field);
        }
        value
    };
    assert_eq!(without_id(job.value("/result")), without_id(direct.json()));
    home.post(&format!("/goal-solutions/{}/apply", begun.at("/id")), json!({})).await.expect_status(201);
}

#[tokio::test]
async fn what_cannot_be_sought_is_refused_by_its_field() {
    let home = wanting("100000.00").await;
    let change = |body: Value| with(gifts("1", "5000"), "change", body);
    let parameters = json!({"frequency": "monthly", "category": "other_income", "tax_treatment": "untaxed"});
    for (body, errors) in [
        (gifts("0", "5000"), vec![("minimum", "not_positive")]),
        (gifts("1", "0.5"), vec![("maximum", "below_minimum")]),
        (gifts("1.005", "5000"), vec![("minimum", "too_many_decimals")]),
        (gifts("1", "200000000"), vec![("maximum", "too_wide")]),
        (gifts("1", "10000000000000.01"), vec![("maximum", "too_large"), ("maximum", "too_wide")]),
        (with(gifts("1", "5000"), "tolerance", "0"), vec![("tolerance", "not_positive")]),
        (with(gifts("1", "5000"), "tolerance", "0.005"), vec![("tolerance", "not_allowed_here")]),
        (with(gifts("1", "5000"), "parameter", "frequency"), vec![("parameter", "unknown_word")]),
        (with(gifts("1", "5000"), "prefer", "none"), vec![("prefer", "unknown_word")]),
        (with(gifts("1", "5000"), "months", 601), vec![("months", "out_of_range")]),
        (with(gifts("1", "5000"), "scenario_id", home.id("Checking")), vec![("scenario_id", "unknown_scenario")]),
        (change(json!({})), vec![("change.change_type", "missing")]),
        (change(json!({"change_id": home.id("Checking")})), vec![("change.change_id", "not_allowed_here")]),
        (change(json!({"change_id": home.id("Checking"), "change_type": "add_income"})), vec![("change.change_type", "not_allowed_here")]),
        (change(json!({"change_type": "remove_income"})), vec![("change.change_type", "not_allowed_here")]),
        (
            change(json!({"change_type": "add_income", "parameters": {"frequency": "daily", "colour": "red"}})),
            vec![
                ("change.parameters.category", "missing"),
                ("change.parameters.colour", "unknown_field"),
                ("change.parameters.frequency", "unknown_word"),
                ("change.parameters.tax_treatment", "missing"),
            ],
        ),
        (
            change(json!({"change_type": "add_income", "effective_date": "2020-01-01", "parameters": parameters})),
            vec![("change.effective_date", "outside_horizon")],
        ),
        (change(json!({"change_type": "payoff_debt"})), vec![("parameter", "unknown_word")]),
        (json!({"change": {"change_type": "payoff_debt"}}), vec![("maximum", "required"), ("minimum", "required")]),
        (json!({"change": {"change_type": "payoff_debt"}, "minimum": 1, "maximum": 2}), vec![("change.source", "required")]),
        (json!({"change": {"change_type": "modify_debt"}, "minimum": 1, "maximum": 2}), vec![("parameter", "unknown_word")]),
        (json!({"parameter": "rate"}), vec![("parameter", "unknown_word")]),
    ] {
        let refused = home.post("/goals/{Worth}/solve", body.clone()).await;
        assert_problem(&refused, 422);
        let mut said = refused.errors();
        said.sort_unstable();
        assert_eq!(said, errors, "{body}: {refused}");
    }
    let by = last_day(&home, 6).await;
    home.create("goals", "Free", json!({"goal_type": "debt_free_date", "target_date": by})).await;
    assert_eq!(home.post("/goals/{Free}/solve", json!({})).await.errors(), [("change", "required")]);
    assert_problem(&home.post("/goals/{Checking}/solve", json!({})).await, 404);
    assert_problem(&home.post("/goal-solutions/{Worth}/apply", json!({})).await, 404);
    assert_eq!(home.get("/jobs").await.list_at("/items").len(), 0, "nothing was kept of any of them");
}

/// An export is a job, too; and no solution.
#[tokio::test]
async fn only_a_solution_can_be_applied() {
    let home = wanting("100000.00").await;
    crate::family::with_an_export(&home).await;
    assert_problem(&home.post("/goal-solutions/{Export}/apply", json!({})).await, 404);
}
