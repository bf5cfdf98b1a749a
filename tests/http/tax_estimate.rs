//! `POST /taxes/estimate`: a return by hand, and what is refused by name.

use serde_json::json;
use support::TestServer;

#[tokio::test]
async fn a_return_is_computed_line_by_line() {
    let user = TestServer::start().await.user().await;
    let asked = json!({"tax_year": 2026, "filing_status": "single", "state": "TX", "earners": [{"age": 40, "wages": "100000.00"}]});
    let answer = user.post("/taxes/estimate", asked).await.expect_status(200);
    // 100,000 − 16,100 = 83,900; 1,240 + 12 % × (50,400 − 12,400) + 22 % × (83,900 − 50,400) = 13,170.
    for (field, amount) in [
        ("agi", "100000.00"),
        ("standard_deduction", "16100.00"),
        ("taxable_income", "83900.00"),
        ("federal_income_tax", "13170.00"),
        ("social_security_tax", "6200.00"),
        ("medicare_tax", "1450.00"),
        ("state_income_tax", "0.00"),
        ("total_tax", "20820.00"),
        ("effective_rate", "0.2082"),
        ("marginal_rate", "0.2965"),
    ] {
        assert_eq!(answer.at(&format!("/{field}")), amount, "{field}");
    }
    let steps = answer.list_at("/steps");
    assert!(steps.iter().all(|step| step["label"].is_string() && step["rule"].is_string()), "{steps:?}");
}

#[tokio::test]
async fn a_year_a_state_and_an_amount_that_cannot_be_are_refused_by_name() {
    let user = TestServer::start().await.user().await;
    let with = |field: &str, value: serde_json::Value| {
        let mut asked = json!({"tax_year": 2026, "filing_status": "single", "earners": [{"age": 40, "wages": "100000.00"}]});
        asked[field] = value;
        asked
    };
    for (field, value) in
        [("tax_year", json!(2019)), ("state", json!("ZZ")), ("interest", json!("-1.00")), ("filing_status", json!("complicated"))]
    {
        let answer = user.post("/taxes/estimate", with(field, value)).await.expect_status(422);
        assert_eq!(answer.at("/errors/0/field"), field);
    }
}
