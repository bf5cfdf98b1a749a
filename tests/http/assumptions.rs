//! What a scenario assumes of the calendar and of the overdraft, and what an account does by itself.

use serde_json::{Value, json};
use support::{Client, TestServer};

use crate::family::{assert_problem, family};

async fn months(home: &Client, scenario: &str) -> Vec<Value> {
    home.get(&format!("/scenarios/{{{scenario}}}/projections")).await.expect_status(200).list_at("/months").to_vec()
}

fn figures<'a>(months: &'a [Value], figure: &str) -> Vec<&'a str> {
    months.iter().map(|month| month.pointer(figure).and_then(Value::as_str).unwrap_or("0.00")).collect()
}

/// Nothing grows; twelve months from January 2026 on.
fn still() -> Value {
    json!({"start_date": "2026-01-01", "projection_months": 12, "inflation_rate": "0", "investment_return_rate": "0",
           "salary_growth_rate": "0", "cash_yield_rate": "0", "property_appreciation_rate": "0"})
}

/// Ada, paid 2,600.00 every other Friday from 2 January 2026 on, with 500.00 in cash.
async fn paid() -> Client {
    let home = TestServer::start().await.user().await.household(json!({"name": "Ada's"})).await;
    home.account("Checking", "checking", "500.00").await;
    let job = json!({"income_type": "w2", "gross_annual_salary": "67600.00", "pay_frequency": "biweekly", "start_date": "2026-01-02"});
    home.create("income-sources", "Acme", job).await;
    home.create("scenarios", "What if", still()).await;
    home
}

#[tokio::test]
async fn a_biweekly_paycheck_lands_three_times_in_some_months_of_an_exact_calendar() {
    let home = paid().await;
    // 67,600.00 / 12 = 5,633.33⅓, as twelfths that add up.
    let smoothed = months(&home, "What if").await;
    assert_eq!(figures(&smoothed, "/total_income")[..3], ["5633.33", "5633.34", "5633.33"]);
    assert_eq!(home.get("/scenarios/{What if}").await.at("/calendar"), "smoothed");
    let changed = home.patch("/scenarios/{What if}", json!({"calendar": "exact"})).await.expect_status(200);
    assert_eq!((changed.at("/calendar"), changed.events()), ("exact", vec!["scenario.changed"]));
    // 2, 16 and 30 January; 13 and 27 February; … 3, 17 and 31 July; 26 paychecks of 2,600.00 in all.
    let exact = months(&home, "What if").await;
    let (three, two) = ("7800.00", "5200.00");
    assert_eq!(figures(&exact, "/total_income"), [three, two, two, two, two, two, three, two, two, two, two, two]);
    // A child of it is as it is; a scenario can be made so at once; another word is refused.
    let child = home.create("scenarios", "Child", json!({"parent_id": "{What if}"})).await;
    assert_eq!(child.at("/calendar"), "exact");
    let made = home.post("/scenarios", json!({"name": "Exact", "calendar": "exact", "overdraft_rate": "0.18"})).await.expect_status(201);
    assert_eq!((made.at("/calendar"), made.at("/overdraft_rate")), ("exact", "0.18"));
    let refused = home.patch("/scenarios/{What if}", json!({"calendar": "lunar", "overdraft_rate": "-0.01"})).await;
    assert_problem(&refused, 422);
    assert_eq!(refused.errors(), [("calendar", "unknown_word"), ("overdraft_rate", "out_of_range")]);
}

#[tokio::test]
async fn what_no_account_could_pay_bears_the_interest_that_the_scenario_assumes() {
    let home = TestServer::start().await.user().await.household(json!({"name": "Ada's"})).await;
    home.account("Checking", "checking", "500.00").await;
    let rent = json!({"flow_type": "expense", "category": "rent", "amount": "1000.00", "frequency": "monthly", "start_date": "2026-01-01"});
    home.create("flows", "Rent", rent).await;
    home.create("scenarios", "What if", still()).await;
    // 500 − 1,000: 500 short; then 1,500, 2,500.
    let free = months(&home, "What if").await;
    assert_eq!(figures(&free, "/total_liabilities")[..3], ["500.00", "1500.00", "2500.00"]);
    home.patch("/scenarios/{What if}", json!({"overdraft_rate": "0.12"})).await.expect_status(200);
    // A month's interest is 1 %, charged on what was owed before the month: 500 × 1.01 + 1,000 = 1,505; × 1.01 + 1,000 = 2,520.05.
    let charged = months(&home, "What if").await;
    assert_eq!(figures(&charged, "/total_liabilities")[..3], ["500.00", "1505.00", "2520.05"]);
    assert_eq!(figures(&charged, "/change/interest_and_fees")[..3], ["0.00", "-5.00", "-15.05"]);
}

#[tokio::test]
async fn an_account_may_grow_otherwise_than_its_kind() {
    let home = family().await;
    home.create("scenarios", "What if", still()).await;
    let savings = home.id("Savings");
    let balance = format!("/balances/{savings}");
    home.patch("/accounts/{Savings}", json!({"asset_details": {"growth_rate": "0.12682503"}})).await.expect_status(200);
    let car = json!({"account_type": "vehicle", "current_balance": "10000.00", "asset_details": {"growth_rate": "-0.5"}});
    home.create("accounts", "Car", car).await;
    let grown = months(&home, "What if").await;
    // 1.12682503 ^ (1/12) = 1.01: 20,000 and the month's 500, × 1.01, and so on.
    assert_eq!(figures(&grown, &balance)[..2], ["20705.00", "21417.05"]);
    // Half of it is left after twelve months, but for a cent of rounding.
    let car = home.id("Car");
    assert!(["4999.99", "5000.00", "5000.01"].contains(&figures(&grown, &format!("/balances/{car}"))[11]));
    assert_eq!(home.get("/accounts/{Savings}").await.at("/asset_details/growth_rate"), "0.12682503");
    home.patch("/accounts/{Savings}", json!({"asset_details": {"growth_rate": null}})).await.expect_status(200);
    assert_eq!(figures(&months(&home, "What if").await, &balance)[..2], ["20500.00", "21000.00"]);
    let refused = home.patch("/accounts/{Savings}", json!({"asset_details": {"growth_rate": "-1"}})).await;
    assert_problem(&refused, 422);
    assert_eq!(refused.errors(), [("asset_details.growth_rate", "out_of_range")]);
}
