//! Ways out of debt, by figures that were computed by hand and by the other routes.

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

use crate::family::{assert_problem, assert_versioned};

/// A card of 1000.00 at 2 % a month, paid with 100.00, and a loan of 500.00 at 1 % a month, paid with 50.00.
async fn indebted() -> Client {
    let home = TestServer::start().await.household().await;
    for (name, account_type, owed, rate, payment) in
        [("Card", "credit_card", "1000.00", "0.24", "100.00"), ("Loan", "personal_loan", "500.00", "0.12", "50.00")]
    {
        let terms = json!({"interest_rate": rate, "minimum_payment": payment});
        home.create("accounts", name, json!({"account_type": account_type, "current_balance": owed, "liability": terms})).await;
    }
    home
}

async fn planned(home: &Client, body: Value) -> Answer {
    let version = home.version().await;
    let planned = home.post("/debts/payoff-plan", body).await.expect_status(200);
    assert_versioned(&planned);
    assert_eq!(planned.version(), version, "nothing has changed");
    planned
}

fn debt<'a>(plan: &'a Answer, home: &Client, name: &str) -> &'a Value {
    plan.list_at("/debts").iter().find(|debt| debt["account_id"] == json!(home.id(name))).unwrap()
}

fn told<'a>(value: &'a Value, fields: &[&str]) -> Vec<&'a Value> {
    fields.iter().map(|field| value.pointer(field).unwrap_or_else(|| panic!("no {field} in {value}"))).collect()
}

#[tokio::test]
async fn a_snowball_says_when_each_debt_is_gone_and_what_it_saves() {
    let home = indebted().await;
    let plan = planned(&home, json!({"strategy": "snowball", "extra_monthly": "100.00"})).await;
    // Month 4 frees 50.00 and leaves 88.75 of the 100.00 to the card: the figures of `domain/tests/payoff.rs`, by hand.
    assert_eq!(debt(&plan, &home, "Loan")["balances"], json!(["355.00", "208.55", "60.64", "0.00"]));
    assert_eq!(debt(&plan, &home, "Loan")["payments"], json!(["150.00", "150.00", "150.00", "61.25"]));
    assert_eq!(debt(&plan, &home, "Card")["balances"], json!(["920.00", "838.40", "755.17", "581.52", "343.15", "100.01", "0.00"]));
    let card = told(debt(&plan, &home, "Card"), &["/name", "/place", "/months", "/interest", "/current/months", "/current/total_interest"]);
    assert_eq!(card, [&json!("Card"), &json!(2), &json!(7), &json!("90.76"), &json!(12), &json!("127.04")]);
    let all = told(
        plan.json(),
        &["/months", "/total_interest", "/current/months", "/current/total_interest", "/months_saved", "/interest_saved"],
    );
    // 90.76 + 11.25; 127.04 + 29.48.
    assert_eq!(all, [&json!(7), &json!("102.01"), &json!(12), &json!("156.52"), &json!(5), &json!("54.51")]);
}

#[tokio::test]
async fn an_avalanche_costs_less_than_a_snowball_and_both_less_than_today() {
    let home = indebted().await;
    let plan = planned(&home, json!({"strategy": "avalanche", "extra_monthly": 100})).await;
    let all = told(plan.json(), &["/strategy", "/extra_monthly", "/months", "/total_interest", "/interest_saved"]);
    assert_eq!(all, [&json!("avalanche"), &json!("100.00"), &json!(7), &json!("88.58"), &json!("67.94")]);
    let today = planned(&home, json!({"strategy": "current"})).await;
    assert_eq!(
        told(today.json(), &["/months", "/total_interest", "/months_saved", "/interest_saved"]),
        [&json!(12), &json!("156.52"), &json!(0), &json!("0.00")]
    );
    assert!(debt(&today, &home, "Card")["place"].is_null());
}

#[tokio::test]
async fn paid_as_today_the_balances_are_those_of_the_baseline() {
    let home = indebted().await;
    let transfer = json!({"flow_type": "transfer", "amount": "30.00", "frequency": "monthly", "start_date": "2020-01-01",
                          "from_account_id": "{Checking}", "to_account_id": "{Card}"});
    home.create("flows", "More for the card", transfer).await;
    let today = planned(&home, json!({"strategy": "current"})).await;
    let forecast = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    assert_eq!(forecast.at("/start_month"), today.at("/start_month"));
    for name in ["Card", "Loan"] {
        let (id, mut months) = (home.id(name), forecast.list_at("/months").iter());
        for balance in debt(&today, &home, name)["balances"].as_array().unwrap() {
            assert_eq!(&months.next().unwrap()["balances"][&id], balance, "{name}");
        }
        let last = debt(&today, &home, name)["months"].as_u64().unwrap();
        let date = &forecast.list_at("/months")[usize::try_from(last).unwrap() - 1]["date"];
        assert_eq!(&debt(&today, &home, name)["payoff_date"], date, "{name}");
    }
}

#[tokio::test]
async fn a_single_loan_is_paid_back_as_its_schedule_says() {
    let home = TestServer::start().await.household().await;
    // Borrowed now: 36 months from the day of the balance on.
    let terms = json!({"interest_rate": "0.065", "term_months": 36});
    home.create("accounts", "Car loan", json!({"account_type": "auto_loan", "current_balance": "20000.00", "liability": terms})).await;
    let loan = json!({"principal": "20000.00", "annual_rate": "0.065", "term_months": 36, "extra_payment": "75.00"});
    let schedule = home.post("/loans/schedule", loan).await.expect_status(200);
    let plan = planned(&home, json!({"strategy": "avalanche", "extra_monthly": "75.00"})).await;
    let of_each = |field: &str| schedule.list_at("/months").iter().map(|month| month[field].clone()).collect::<Vec<_>>();
    assert_eq!(plan.value("/debts/0/balances"), &json!(of_each("balance")));
    assert_eq!(plan.value("/debts/0/payments"), &json!(of_each("payment")));
    assert_eq!(
        (plan.value("/months"), plan.value("/total_interest")),
        (schedule.value("/payoff_month"), schedule.value("/total_interest"))
    );
}

#[tokio::test]
async fn a_debt_without_end_is_told_with_its_reason() {
    let home = indebted().await;
    let terms = json!({"interest_rate": "0.06", "term_months": 120, "in_forbearance": true});
    let student = json!({"account_type": "student_loan_federal", "current_balance": "9000.00", "liability": terms});
    home.create("accounts", "Student", student).await;
    let today = planned(&home, json!({"strategy": "current"})).await;
    let all = told(today.json(), &["/months", "/debt_free_date", "/total_interest", "/months_saved", "/current/never_ends"]);
    assert_eq!(all, [&json!(null), &json!(null), &json!(null), &json!(null), &json!("in_forbearance")]);
    let student = debt(&today, &home, "Student");
    assert_eq!(told(student, &["/months", "/interest", "/never_ends"]), [&json!(null), &json!(null), &json!("in_forbearance")]);
    // 9000.00 at half a percent a month.
    assert_eq!((student["balances"].as_array().unwrap().len(), &student["balances"][0]), (600, &json!("9045.00")));
    let snowball = planned(&home, json!({"strategy": "snowball", "extra_monthly": "500.00"})).await;
    assert!(snowball.number_at("/months") > 0 && snowball.value("/interest_saved").is_null(), "{snowball}");
}

#[tokio::test]
async fn whoever_owes_nothing_is_free_at_once() {
    let home = TestServer::start().await.household().await;
    let plan = planned(&home, json!({"strategy": "avalanche"})).await;
    let all = told(plan.json(), &["/months", "/debt_free_date", "/total_interest", "/interest_saved", "/debts"]);
    assert_eq!(all, [&json!(0), &json!(null), &json!("0.00"), &json!("0.00"), &json!([])]);
}

#[tokio::test]
async fn what_cannot_be_a_plan_is_refused_with_its_fields() {
    let home = indebted().await;
    for (body, errors) in [
        (json!({}), vec![("strategy", "missing")]),
        (json!({"strategy": "lottery"}), vec![("strategy", "unknown_word")]),
        (json!({"strategy": "snowball", "extra_monthly": "-1.00"}), vec![("extra_monthly", "negative")]),
        (json!({"strategy": "snowball", "extra_monthly": "0.001"}), vec![("extra_monthly", "too_many_decimals")]),
        (json!({"strategy": "current", "extra_monthly": "1.00"}), vec![("extra_monthly", "not_allowed_here")]),
        (json!({"strategy": 1, "extra": "1.00"}), vec![("extra", "unknown_field"), ("strategy", "wrong_type")]),
    ] {
        let refused = home.post("/debts/payoff-plan", body).await;
        assert_problem(&refused, 422);
        let mut said = refused.errors();
        said.sort_unstable();
        assert_eq!(said, errors, "{refused}");
    }
}
