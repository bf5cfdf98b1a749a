//! `POST /taxes/paycheck`: whose method the state's withholding is, and every field that cannot be, by its name.

use serde_json::{Value, json};
use support::Client;

use crate::family::{assert_fields, assert_problem};

async fn user() -> Client {
    support::TestServer::start().await.user().await
}

fn biweekly(changes: &Value) -> Value {
    let mut body = json!({"tax_year": 2025, "filing_status": "single", "pay_frequency": "biweekly", "gross": "4000", "state": "CA"});
    for (field, value) in changes.as_object().unwrap() {
        body[field] = value.clone();
    }
    body
}

#[tokio::test]
async fn a_paycheck_says_whose_method_its_state_withholding_is() {
    let ada = user().await;
    let check = ada.post("/taxes/paycheck", biweekly(&json!({}))).await.expect_status(200);
    assert_fields(
        check.json(),
        &["federal_withholding", "social_security", "medicare", "state_withholding", "state_withholding_method", "net"],
    );
    // California, Method B of 2025: 104,000 − 5,540 = 98,460: 3,419.60 + 10.23 % above 70,606, less 163.90 = 6,105.16, over 26.
    assert_eq!((check.at("/state_withholding"), check.at("/state_withholding_method")), ("234.81", "state"));
    let taxed = ada.post("/taxes/paycheck", biweekly(&json!({"cafeteria": "200", "payroll_hsa": "200"}))).await.expect_status(200);
    assert_eq!(taxed.at("/state_withholding"), "234.81", "California does not follow the federal HSA");
    let spared = ada.post("/taxes/paycheck", biweekly(&json!({"cafeteria": "200"}))).await.expect_status(200);
    // 10.23 % of the 200 less.
    assert_eq!(spared.at("/state_withholding"), "214.35");
    let virginia = ada.post("/taxes/paycheck", biweekly(&json!({"state": "VA"}))).await.expect_status(200);
    assert_eq!(virginia.at("/state_withholding_method"), "annualised_liability");
    for nowhere in [json!("TX"), json!("WA"), Value::Null] {
        let check = ada.post("/taxes/paycheck", biweekly(&json!({"state": nowhere}))).await.expect_status(200);
        assert_eq!((check.at("/state_withholding"), check.at("/state_withholding_method")), ("0.00", "none"));
    }
}

#[tokio::test]
async fn what_no_paycheck_can_be_is_refused_by_the_field_that_it_is_about() {
    let ada = user().await;
    let mut missed = Vec::new();
    for (changes, field, code) in [
        (json!({"tax_year": 1999}), "tax_year", "unknown_year"),
        (json!({"tax_year": 2031}), "tax_year", "unknown_year"),
        (json!({"state": "ZZ"}), "state", "unknown_word"),
        (json!({"filing_status": "engaged"}), "filing_status", "unknown_word"),
        (json!({"pay_frequency": "hourly"}), "pay_frequency", "unknown_word"),
        (json!({"bonus": "1"}), "bonus", "unknown_field"),
        (json!({"w4": {"allowances": 2}}), "w4.allowances", "unknown_field"),
        (json!({"gross": "-1"}), "gross", "negative"),
        (json!({"gross": "1.005"}), "gross", "too_many_decimals"),
        (json!({"gross": "99999999999"}), "gross", "too_large"),
        (json!({"gross": "400000000"}), "gross", "too_large"), // 10.4 billion a year
        (json!({"year_to_date_wages": "10000000000.01"}), "year_to_date_wages", "too_large"),
        (json!({"cafeteria": "-1"}), "cafeteria", "negative"),
        (json!({"payroll_hsa": "-1"}), "payroll_hsa", "negative"),
        (json!({"year_to_date_wages": "-1"}), "year_to_date_wages", "negative"),
        (json!({"w4": {"extra_withholding": "-1"}}), "w4.extra_withholding", "negative"),
        (json!({"pretax_retirement": "4000.01"}), "pretax_retirement", "more_than_pay"),
        (json!({"pretax_retirement": "3000", "cafeteria": "2000"}), "pretax_retirement", "more_than_pay"),
        (json!({"cafeteria": "4000.01"}), "cafeteria", "more_than_pay"),
        (json!({"cafeteria": "100", "payroll_hsa": "100.01"}), "payroll_hsa", "more_than_contains"),
    ] {
        let answer = ada.post("/taxes/paycheck", biweekly(&changes)).await;
        assert_problem(&answer, 422);
        missed.extend((answer.errors() != [(field, code)]).then(|| format!("{changes}: {:?}", answer.errors())));
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}
