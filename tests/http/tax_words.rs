//! An unknown year, state, status or field, and an amount that cannot be: 422 that names it, wherever a household says something that its
//! taxes depend on (the calculators have their own, see `tax_estimate`).

use serde_json::{Value, json};
use support::{Client, TestServer};

use crate::family::{assert_problem, family};

/// Sends each body, and expects exactly this field to be named; nothing may have happened.
async fn assert_refused(home: &Client, cases: &[(&str, &str, Value, &str, &str)]) {
    let version = home.version().await;
    for (method, path, body, field, code) in cases {
        let answer = home.request(method.parse().unwrap(), path).json(body.clone()).await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors(), [(*field, *code)], "{method} {path} {body}: {answer}");
        let message = answer.at("/errors/0/message");
        assert!(!message.is_empty(), "{answer}");
    }
    assert_eq!(home.version().await, version);
}

#[tokio::test]
async fn a_household_names_a_state_and_a_status_that_are_known() {
    let home = family().await;
    let change = |body| ("PATCH", "/households/{household}", body);
    let cases = [
        (change(json!({"state": "ZZ"})), "state", "unknown_word"),
        (change(json!({"state": "Texas"})), "state", "unknown_word"),
        (change(json!({"state": 5})), "state", "wrong_type"),
        (change(json!({"state": ""})), "state", "unknown_word"),
        (change(json!({"filing_status": "complicated"})), "filing_status", "unknown_word"),
        (change(json!({"filing_status": null})), "filing_status", "null"),
        (change(json!({"filing_status": "SINGLE"})), "filing_status", "unknown_word"),
        (change(json!({"tax_year": 2025})), "tax_year", "unknown_field"),
        (("POST", "/households", json!({"name": "x", "state": "PR"})), "state", "unknown_word"),
        (("POST", "/households", json!({"name": "x", "filing_status": "married"})), "filing_status", "unknown_word"),
        (("POST", "/households", json!({"name": "x", "status": "single"})), "status", "unknown_field"),
    ];
    assert_refused(&home, &cases.map(|((method, path, body), field, code)| (method, path, body, field, code))).await;
    // Every state, and the District of Columbia, is known in every year that is.
    for state in STATES {
        home.patch("/households/{household}", json!({"state": state})).await.expect_status(200);
    }
    home.patch("/households/{household}", json!({"state": null})).await.expect_status(200);
}

const STATES: [&str; 51] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA", "ME", "MD", "MA",
    "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX",
    "UT", "VT", "VA", "WA", "WV", "WI", "WY",
];

#[tokio::test]
async fn a_form_w_4_says_what_a_form_can_say() {
    let home = family().await;
    let job =
        |w4: Value| json!({"name": "Cafe", "income_type": "w2", "gross_annual_salary": "30000.00", "pay_frequency": "weekly", "w4": w4});
    let mut cases = Vec::new();
    for (field, value, code) in [
        ("filing_status", json!("complicated"), "unknown_word"),
        ("filing_status", json!(1), "wrong_type"),
        ("multiple_jobs", json!("maybe"), "wrong_type"),
        ("qualifying_children", json!(-1), "out_of_range"),
        ("qualifying_children", json!(100), "out_of_range"),
        ("other_dependents", json!(1.5), "not_an_integer"),
        ("credits", json!("-1.00"), "negative"),
        ("other_income", json!("-0.01"), "negative"),
        ("deductions", json!("a lot"), "not_an_amount"),
        ("extra_withholding", json!("10.001"), "too_many_decimals"),
        ("extra_withholding", json!("-5"), "negative"),
        ("extra_withholding", json!("1000000000000000"), "too_large"),
        ("state_allowances", json!(-1), "out_of_range"),
        ("state_additional_withholding", json!("-1"), "negative"),
        ("allowances", json!(1), "unknown_field"),
        ("step_4c", json!("1.00"), "unknown_field"),
    ] {
        let form = json!({field: value});
        cases.push(("PUT", "/income-sources/{Acme}/withholding", form.clone(), field.to_owned(), code));
        cases.push(("POST", "/income-sources", job(form.clone()), format!("w4.{field}"), code));
        cases.push(("PATCH", "/income-sources/{Acme}", json!({"w4": form}), format!("w4.{field}"), code));
    }
    let cases: Vec<_> =
        cases.iter().map(|(method, path, body, field, code)| (*method, *path, body.clone(), field.as_str(), *code)).collect();
    assert_refused(&home, &cases).await;
}

#[tokio::test]
async fn an_income_and_what_is_taken_out_of_it_are_amounts_that_can_be() {
    let home = family().await;
    let income = |field: &str, value: Value| {
        let mut body = json!({"name": "Cafe", "income_type": "w2", "gross_annual_salary": "30000.00", "pay_frequency": "weekly"});
        body[field] = value;
        ("POST", "/income-sources", body)
    };
    let own = |body| ("PUT", "/income-sources/{Shop}/self-employment", body);
    let pretax = |field: &str, value: Value| {
        let mut body = json!({"deduction_type": "hsa", "amount_type": "fixed", "amount": "1.00"});
        body[field] = value;
        ("POST", "/income-sources/{Acme}/pretax-deductions", body)
    };
    let cases = [
        (income("income_type", json!("w3")), "income_type", "unknown_word"),
        (income("pay_frequency", json!("daily")), "pay_frequency", "unknown_word"),
        (income("gross_annual_salary", json!("-1.00")), "gross_annual_salary", "negative"),
        (income("gross_annual_salary", json!("99999999999999999")), "gross_annual_salary", "too_large"),
        (income("salary", json!("1.00")), "salary", "unknown_field"),
        (income("state", json!("TX")), "state", "unknown_field"),
        (own(json!({"estimated_annual_expenses": "-1.00"})), "estimated_annual_expenses", "negative"),
        (own(json!({"quarterly_estimates": ["1", "1", "1"]})), "quarterly_estimates", "not_four"),
        (own(json!({"retirement_contribution_rate": "1.5"})), "retirement_contribution_rate", "out_of_range"),
        (own(json!({"profit": "1.00"})), "profit", "unknown_field"),
        (pretax("deduction_type", json!("traditional_501k")), "deduction_type", "unknown_word"),
        (pretax("amount_type", json!("roughly")), "amount_type", "unknown_word"),
        (pretax("amount", json!("-1.00")), "amount", "negative"),
        (pretax("limit", json!("1.00")), "limit", "unknown_field"),
    ];
    assert_refused(&home, &cases.map(|((method, path, body), field, code)| (method, path, body, field, code))).await;
}

/// A year without law is named by the calculators that take one; a household has the year of its own day.
#[tokio::test]
async fn a_year_without_law_is_named() {
    let ada = TestServer::start().await.user().await;
    for year in [1913, 2023, 2027, 9999] {
        let estimate = json!({"tax_year": year, "filing_status": "single", "earners": [{"age": 40, "wages": "1.00"}]});
        let paycheck = json!({"tax_year": year, "filing_status": "single", "pay_frequency": "weekly", "gross": "1"});
        for (path, body) in [("/taxes/estimate", estimate), ("/taxes/paycheck", paycheck)] {
            let refused = ada.post(path, body).await;
            assert_problem(&refused, 422);
            assert_eq!(refused.errors(), [("tax_year", "unknown_year")]);
            assert!(refused.at("/errors/0/message").contains(&year.to_string()), "{refused}");
        }
    }
}
