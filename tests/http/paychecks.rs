//! `GET /income-sources/{id}/paycheck`: a paycheck of a job, as its system flows have it.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_problem, assert_versioned, family};

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap_or_else(|| panic!("no amount: {amount}")).replace('.', "").parse().unwrap()
}

/// Gross = taxes + deductions + net, nothing of it negative, and each line the amount of its flow.
async fn assert_is_what_flows(home: &Client) -> Answer {
    let slip = home.get("/income-sources/{Acme}/paycheck").await.expect_status(200);
    assert_versioned(&slip);
    let at = |field: &str| cents(slip.value(&format!("/{field}")));
    let taxes = ["federal_withholding", "social_security", "medicare", "state_withholding"];
    let deducted: i64 = slip.list_at("/deductions").iter().map(|line| cents(&line["amount"])).sum();
    assert_eq!(at("gross"), taxes.iter().map(|tax| at(tax)).sum::<i64>() + deducted + at("net"), "{slip}");
    assert!(taxes.iter().chain(&["gross", "net"]).all(|field| at(field) >= 0), "{slip}");

    let flows = home.get("/flows?system=true&limit=200").await.expect_status(200);
    let flowing = |kinds: &[&str], source: &str| -> i64 {
        let own = flows.list_at("/items").iter().filter(|flow| flow["source"]["id"] == source);
        own.filter(|flow| kinds.iter().any(|kind| flow["kind"] == **kind)).map(|flow| cents(&flow["amount"])).sum()
    };
    let acme = home.id("Acme");
    for (kind, field) in taxes.iter().map(|tax| (*tax, *tax)).chain([("gross_income", "gross"), ("net_pay", "net")]) {
        assert_eq!(flowing(&[kind], &acme), at(field), "{kind}: {slip}");
    }
    let kinds = ["pretax_retirement", "pretax_hsa", "insurance_premium", "other_deduction", "posttax_deduction"];
    for line in slip.list_at("/deductions") {
        let source = line["id"].as_str().unwrap();
        assert_eq!(flowing(&kinds, source), cents(&line["amount"]), "{line}");
        assert_eq!(flowing(&["employer_match"], source), cents(&line["employer_match"]), "{line}");
    }
    slip
}

#[tokio::test]
async fn a_paycheck_adds_up_to_the_cent_and_is_what_flows() {
    let home = family().await;
    for (frequency, salary, state) in
        [("monthly", "96000.00", "TX"), ("biweekly", "96000.01", "CA"), ("weekly", "123456.78", "NY"), ("semimonthly", "450000.00", "PA")]
    {
        home.patch("/households/{household}", json!({"state": state})).await.expect_status(200);
        home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": salary, "pay_frequency": frequency})).await.expect_status(200);
        let slip = assert_is_what_flows(&home).await;
        assert_eq!(slip.list_at("/deductions").len(), 3);
        // Half of the 6 % that go into the 401(k), within the year's limit of 24,500.
        let retirement = slip.list_at("/deductions").iter().find(|line| line["deduction_type"] == "traditional_401k").unwrap();
        assert!((cents(&retirement["amount"]) - 2 * cents(&retirement["employer_match"])).abs() <= 1, "{slip}");
    }
}

/// More is asked for than there is: the last ones go short, and nobody is paid a negative amount.
#[tokio::test]
async fn a_paycheck_that_everything_is_taken_from_ends_at_nothing() {
    let home = family().await;
    home.put("/income-sources/{Acme}/withholding", json!({"extra_withholding": "99999.00"})).await.expect_status(200);
    let slip = assert_is_what_flows(&home).await;
    assert_eq!(slip.at("/net"), "0.00");
    home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "1200.00"})).await.expect_status(200);
    assert_is_what_flows(&home).await;
}

#[tokio::test]
async fn who_has_no_paycheck_is_told_so() {
    let home = family().await;
    assert_problem(&home.get("/income-sources/{Shop}/paycheck").await, 404);
    assert_problem(&home.get("/income-sources/01890a5d-ac96-774b-bcce-b302099a8057/paycheck").await, 404);
    let tag = home.get("/income-sources/{Acme}/paycheck").await.header("etag").unwrap().to_owned();
    home.get("/income-sources/{Acme}/paycheck").header("if-none-match", &tag).await.expect_status(304);
}
