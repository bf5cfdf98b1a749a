//! A household with a bit of everything, which the files of this folder read and change. Its figures are round, so that what follows
//! from them can be worked out on paper.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

/// Ana (96,000 a year as an employee, with a matched 401(k), a health plan and union dues) and Tom (self-employed), a child, a house
/// with its mortgage in one group, a flat that is let, a card, and two flows of their own. In Texas: no state income tax.
pub async fn family() -> Client {
    of(&TestServer::start().await).await
}

/// The same on a server that is there already.
pub async fn of(server: &TestServer) -> Client {
    let household = json!({"name": "The Nguyens", "filing_status": "married_jointly", "state": "TX", "time_zone": "America/Chicago"});
    let home = server.user().await.household(household).await;
    home.name("Ana", home.get("/members").await.at("/items/0/id"));
    home.create("members", "Tom", json!({"relationship": "spouse", "date_of_birth": "1984-02-29", "employment_status": "self_employed"}))
        .await;
    home.create("members", "Mia", json!({"relationship": "child", "date_of_birth": "2017-05-12"})).await;
    home.account("Checking", "checking", "8000.00").await;
    home.account("Savings", "savings", "20000.00").await;
    home.account("Ana's 401(k)", "traditional_401k", "50000.00").await;
    home.create("asset-groups", "Home", json!({})).await;
    for (name, body) in [
        (
            "House",
            json!({"account_type": "primary_residence", "current_balance": "300000.00", "asset_group_id": "{Home}",
                   "asset_details": {"annual_property_tax": "3600.00", "annual_insurance": "1200.00", "monthly_hoa": "50.00"}}),
        ),
        (
            "Mortgage",
            json!({"account_type": "primary_mortgage", "current_balance": "200000.00", "asset_group_id": "{Home}",
                   "liability": {"interest_rate": "0.06", "term_months": 360}}),
        ),
        (
            "Flat",
            json!({"account_type": "rental_property", "current_balance": "150000.00",
                   "asset_details": {"monthly_rent": "1500.00", "annual_property_tax": "1800.00"}}),
        ),
        (
            "Card",
            json!({"account_type": "credit_card", "current_balance": "2350.00", "liability": {"interest_rate": "0.2199", "credit_limit": "12000.00"}}),
        ),
    ] {
        home.create("accounts", name, body).await;
    }
    earn(&home).await;
    for (name, body) in [
        (
            "Groceries",
            json!({"flow_type": "expense", "category": "groceries", "amount": "150.00", "frequency": "weekly", "from_account_id": "{Checking}"}),
        ),
        (
            "To savings",
            json!({"flow_type": "transfer", "amount": "500.00", "frequency": "monthly", "from_account_id": "{Checking}", "to_account_id": "{Savings}"}),
        ),
    ] {
        home.create("flows", name, with(body, "start_date", "2026-01-01")).await;
    }
    home.create("goals", "Rainy days", json!({"goal_type": "emergency_fund_months", "target": 6, "is_primary": true})).await;
    home
}

async fn earn(home: &Client) {
    let job = json!({"member_id": "{Ana}", "income_type": "w2", "gross_annual_salary": "96000.00", "pay_frequency": "monthly", "start_date": "2026-01-01"});
    home.create("income-sources", "Acme", job).await;
    let retirement = json!({"deduction_type": "traditional_401k", "amount_type": "percent", "amount": "0.06",
                            "employer_match": {"rate": "0.5", "cap_fraction": "0.06"}, "target_account_id": "{Ana's 401(k)}"});
    for (name, kind, body) in [
        ("Retirement", "pretax", retirement),
        ("Health", "pretax", json!({"deduction_type": "health_insurance", "amount_type": "fixed", "amount": "200.00"})),
        ("Union", "posttax", json!({"deduction_type": "union_dues", "amount_type": "fixed", "amount": "25.00"})),
    ] {
        let added = home.post(&format!("/income-sources/{{Acme}}/{kind}-deductions"), body).await.expect_status(201);
        home.name(name, added.at("/id"));
    }
    let shop = json!({"member_id": "{Tom}", "income_type": "self_employed", "gross_annual_salary": "60000.00", "pay_frequency": "monthly", "start_date": "2026-01-01"});
    home.create("income-sources", "Shop", shop).await;
    let estimates = json!({"estimated_annual_expenses": "12000.00", "quarterly_estimates": ["1000.00", "1000.00", "1000.00", "1000.00"]});
    home.put("/income-sources/{Shop}/self-employment", estimates).await.expect_status(200);
}

/// What not every test needs: a scenario `{What if}` with a change `{Raise}`, decisions `{Ask for more}` and `{Go through with it}`, another scenario `{Put away}`, an export `{Export}`, and a solution
/// of the goal `{Solution}`.
pub async fn with_more(home: &Client) {
    with_an_export(home).await;
    let solved = home.post("/goals/{Rainy days}/solve", json!({})).await.expect_status(200);
    home.name("Solution", solved.at("/solution_id"));
    home.create("scenarios", "Put away", json!({})).await;
    for decision in ["Ask for more", "Go through with it"] {
        home.create("decisions/runs", decision, json!({"template_id": "increase_income"})).await;
    }
    with_a_scenario(home).await;
}

/// A scenario `{What if}` with a change `{Raise}`.
pub async fn with_a_scenario(home: &Client) {
    home.create("scenarios", "What if", json!({})).await;
    let raise = json!({"change_type": "modify_income", "name": "Raise", "effective_date": "2030-01-01", "source": {"type": "income", "id": "{Acme}"},
                       "parameters": {"amount": "108000.00", "frequency": "annually"}});
    let raise = home.post("/scenarios/{What if}/changes", raise).await.expect_status(201);
    home.name("Raise", raise.at("/id"));
}

/// A job of the household that has ended with a result, as `{Export}`.
pub async fn with_an_export(home: &Client) {
    let begun = home.post("/scenarios/{baseline}/exports", json!({"format": "csv", "months": 1})).await.expect_status(202);
    home.name("Export", begun.at("/id"));
    assert_eq!(ended(home, begun.at("/id")).await.at("/state"), "succeeded");
}

/// The job once it has ended.
pub async fn ended(home: &Client, id: &str) -> Answer {
    let begun = Instant::now();
    loop {
        let job = home.get(&format!("/jobs/{id}")).await.expect_status(200);
        if !["queued", "running"].contains(&job.at("/state")) {
            return job;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "it does not end: {job}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A body with one more field.
pub fn with(mut body: Value, name: &str, value: impl Into<Value>) -> Value {
    body[name] = value.into();
    body
}

/// That the answer to a command (or a query) names the household's version in all the places where it should.
#[track_caller]
pub fn assert_versioned(answer: &Answer) {
    let version = answer.version();
    assert_eq!(answer.number_at("/version"), i64::try_from(version).unwrap(), "{answer}");
    let tag = answer.header("etag").unwrap_or_default().trim_matches('"').to_owned();
    assert_eq!(tag.split('.').next(), Some(version.to_string().as_str()), "{answer}");
}

/// That an object has these fields, whatever else it has.
#[track_caller]
pub fn assert_fields(value: &Value, fields: &[&str]) {
    let missing: Vec<_> = fields.iter().filter(|field| value.get(**field).is_none()).collect();
    assert!(missing.is_empty(), "{missing:?} are missing in {value}");
}

/// That the answer is a problem as RFC 9457 has it, with all that spec 04 adds.
#[track_caller]
pub fn assert_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status(), status, "{answer}");
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer}");
    assert!(answer.at("/type").starts_with("urn:effluent:problem:"), "{answer}");
    assert!(!answer.at("/title").is_empty() && !answer.at("/detail").is_empty(), "{answer}");
    assert_eq!(answer.number_at("/status"), i64::from(status), "{answer}");
    let trace = answer.at("/trace_id");
    assert_eq!(answer.header("traceparent").and_then(|header| header.split('-').nth(1)), Some(trace), "{answer}");
}
