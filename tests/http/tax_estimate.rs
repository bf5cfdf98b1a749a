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
async fn what_is_above_a_limit_counts_only_up_to_it_and_the_answer_says_so() {
    let user = TestServer::start().await.user().await;
    let asked = json!({"tax_year": 2026, "filing_status": "married_jointly", "earners": [
        {"age": 40, "wages": "150000.00", "pretax_401k": "30000.00"},
        {"age": 75, "tax_deferred_balance": "492000.00"},
    ], "itemized": {"state_and_local_taxes": "50000.00", "mortgage_interest": "9000.00"}, "student_loan_interest": "1000.00"});
    let answer = user.post("/taxes/estimate", asked).await.expect_status(200);
    // 150,000 − 24,500 + 492,000 / 24.6 − 1,000; 40,400 of the taxes and 9,000 are more than 33,850.
    assert_eq!(answer.at("/agi"), "144500.00");
    assert_eq!(answer.at("/itemized_deductions"), "49400.00");
    let notes: Vec<(String, String, String)> = answer
        .list_at("/notes")
        .iter()
        .map(|note| ["field", "code", "allowed"].map(|key| note[key].as_str().unwrap_or_default().to_owned()).into())
        .collect();
    for expected in [
        ("earners[0].pretax_401k", "above_limit", "24500.00"),
        ("earners[1].tax_deferred_distributions", "required_distribution", "20000.00"),
        ("itemized.state_and_local_taxes", "above_limit", "40400.00"),
    ] {
        let expected = (expected.0.to_owned(), expected.1.to_owned(), expected.2.to_owned());
        assert!(notes.contains(&expected), "{expected:?} {notes:?}");
    }
    assert_eq!(notes.len(), 3, "{notes:?}");
}

#[tokio::test]
async fn a_retired_couple_can_tell_its_pensions_and_benefits() {
    let user = TestServer::start().await.user().await;
    let asked = json!({"tax_year": 2026, "filing_status": "married_jointly", "earners": [{"age": 70}, {"age": 66}], "blind": 1,
        "social_security_benefits": "40000.00", "retirement_income": "40000.00"});
    let answer = user.post("/taxes/estimate", asked).await.expect_status(200);
    // 60,000 of provisional income: 6,000 + 85 % of 16,000. 32,200 + 3 × 1,650; 6,000 for each of the two.
    for (field, amount) in [
        ("taxable_social_security", "19600.00"),
        ("standard_deduction", "37150.00"),
        ("senior_deduction", "12000.00"),
        ("taxable_income", "10450.00"),
    ] {
        assert_eq!(answer.at(&format!("/{field}")), amount, "{field}");
    }
}

#[tokio::test]
async fn every_problem_of_a_return_is_told_at_once_and_by_its_place() {
    let user = TestServer::start().await.user().await;
    let asked = json!({"tax_year": 2031, "filing_status": "single", "state": "TX", "blind": 2, "earners": [
        {"age": 40, "wages": "-1.00"},
        {"age": 40, "wages": "10000000000.01", "self_employment_net": "-10000000000.01"},
        {"age": 40, "wages": "1000.00", "pretax_401k": "1000.01"},
    ], "interest": "-5.00", "itemized_deductions": "1.00", "itemized": {"charity": "-1.00"}});
    let answer = user.post("/taxes/estimate", asked).await.expect_status(422);
    let mut errors = answer.errors();
    errors.sort_unstable();
    assert_eq!(
        errors,
        [
            ("blind", "too_many"),
            ("earners", "too_many"),
            ("earners[0].wages", "negative"),
            ("earners[1].self_employment_net", "too_large"),
            ("earners[1].wages", "too_large"),
            ("earners[2].wages", "less_than_deductions"),
            ("interest", "negative"),
            ("itemized.charity", "negative"),
            ("itemized_deductions", "told_twice"),
            ("tax_year", "unknown_year"),
        ]
    );
}

#[tokio::test]
async fn a_field_that_is_not_known_and_a_year_that_is_none_are_named() {
    let user = TestServer::start().await.user().await;
    let asked = json!({"tax_year": "soon", "filing_status": "single", "stat": "TX", "earners": [{"age": 200, "wage": "1.00"}]});
    let answer = user.post("/taxes/estimate", asked).await.expect_status(422);
    let mut errors = answer.errors();
    errors.sort_unstable();
    let fields: Vec<&str> = errors.iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, ["earners[0].age", "earners[0].wage", "stat", "tax_year"]);
    let three = json!({"tax_year": 2026, "filing_status": "married_jointly", "earners": [{"age": 1}, {"age": 2}, {"age": 3}]});
    assert_eq!(user.post("/taxes/estimate", three).await.expect_status(422).errors(), [("earners", "too_many")]);
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
