//! A household that lives on its savings: what the law wants taken out, what is drawn first, and what thresholds do meanwhile.

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

use crate::family::{assert_problem, family};

/// Ada, born in 1940 and retired, with three kinds of savings and a thousand to spend a month.
async fn retired() -> Client {
    let home = TestServer::start().await.user().await.household(json!({"name": "Ada's"})).await;
    home.name("Ada", home.get("/members").await.at("/items/0/id"));
    let ada = json!({"date_of_birth": "1940-01-15", "employment_status": "retired"});
    home.patch("/members/{Ada}", ada).await.expect_status(200);
    home.account("Checking", "checking", "0.00").await;
    for (name, account_type) in [("Ira", "traditional_ira"), ("Roth", "roth_ira"), ("Shares", "brokerage")] {
        home.create("accounts", name, json!({"account_type": account_type, "current_balance": "100000.00", "member_id": "{Ada}"})).await;
    }
    let groceries = json!({"flow_type": "expense", "category": "groceries", "amount": "1000.00", "frequency": "monthly",
                           "start_date": "2020-01-01", "from_account_id": "{Checking}"});
    home.create("flows", "Groceries", groceries).await;
    let still = json!({"investment_return_rate": "0", "inflation_rate": "0", "projection_months": 12});
    home.patch("/scenarios/{baseline}", still).await.expect_status(200);
    home
}

async fn months(home: &Client) -> Vec<Value> {
    let forecast: Answer = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    forecast.list_at("/months").to_vec()
}

#[tokio::test]
async fn every_december_what_the_law_requires_leaves_the_tax_deferred_account() {
    let home = retired().await;
    let ira = home.id("Ira");
    let months = months(&home).await;
    let flagged: Vec<_> = months
        .iter()
        .filter(|month| month["flags"].as_array().unwrap().contains(&json!("required_distribution")))
        .map(|month| month["date"].as_str().unwrap()[5..].to_owned())
        .collect();
    assert_eq!(flagged, ["12-31"]);
    let december = months.iter().position(|month| month["date"].as_str().unwrap().ends_with("12-31")).unwrap();
    // 86 years old in 2026 (divisor 15.2), 87 in 2027 (14.4), …: between 100,000 / 15.2 and 100,000 / 10.
    let left: f64 = months[december]["balances"][&ira].as_str().unwrap().parse().unwrap();
    assert!((90_000.0..=93_421.05).contains(&left), "{left}");
}

#[tokio::test]
async fn a_scenario_says_what_is_drawn_first_when_cash_runs_short() {
    let home = retired().await;
    let (shares, roth) = (home.id("Shares"), home.id("Roth"));
    let first = |months: &[Value], account: &str| months[0]["balances"][account].as_str().unwrap().to_owned();
    let usual = months(&home).await;
    assert_eq!((first(&usual, &shares), first(&usual, &roth)), ("99000.00".to_owned(), "100000.00".to_owned()));
    let chosen = json!({"withdrawal_order": "roth_taxable_tax_deferred"});
    let changed = home.patch("/scenarios/{baseline}", chosen).await.expect_status(200);
    assert_eq!((changed.at("/withdrawal_order"), changed.events()), ("roth_taxable_tax_deferred", vec!["scenario.changed"]));
    let roth_first = months(&home).await;
    assert_eq!((first(&roth_first, &shares), first(&roth_first, &roth)), ("100000.00".to_owned(), "99000.00".to_owned()));
    let refused = home.patch("/scenarios/{baseline}", json!({"withdrawal_order": "roth"})).await;
    assert_problem(&refused, 422);
    assert_eq!(refused.errors(), [("withdrawal_order", "unknown_word")]);
}

#[tokio::test]
async fn thresholds_that_do_not_follow_prices_cost_more() {
    let home = family().await;
    let two_years = json!({"inflation_rate": "0.1", "salary_growth_rate": "0.1", "projection_months": 36});
    home.patch("/scenarios/{baseline}", two_years).await.expect_status(200);
    let taxes = |months: &[Value]| -> f64 { months[35]["total_taxes"].as_str().unwrap().parse().unwrap() };
    let indexed = taxes(&months(&home).await);
    let changed = home.patch("/scenarios/{baseline}", json!({"index_thresholds": false})).await.expect_status(200);
    assert_eq!(changed.value("/index_thresholds"), &json!(false));
    assert!(taxes(&months(&home).await) > indexed);
}
