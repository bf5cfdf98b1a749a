//! Incomes, their deductions and paychecks, and the flows that follow: against figures worked out on paper.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

const FLOW: &[&str] = &[
    "id",
    "name",
    "flow_type",
    "category",
    "kind",
    "amount",
    "frequency",
    "monthly_amount",
    "start_date",
    "end_date",
    "from_account_id",
    "to_account_id",
    "is_system",
    "source",
];

async fn system_flows(home: &Client) -> Vec<Value> {
    home.get("/flows?system=true&limit=200").await.expect_status(200).list_at("/items").to_vec()
}

fn of<'a>(flows: &'a [Value], source: &str, kind: &str) -> &'a Value {
    let found = flows.iter().find(|flow| flow["kind"] == kind && flow["source"]["id"] == source);
    found.unwrap_or_else(|| panic!("no {kind} of {source} in {flows:#?}"))
}

/// Ana's month: 8000.00 gross, 480.00 (6 %) to the 401(k), 200.00 for health, 25.00 for the union. FICA wages are 7800.00: 6.2 % =
/// 483.60, 1.45 % = 113.10. Publication 15-T, 2026, married jointly: 12 × 7320.00 = 87,840 − 12,900 = 74,940; 2,480 + 12 % of what is
/// above 44,100 = 6,180.80 a year, 515.07 a month. Net: 8000 − 480 − 200 − 515.07 − 483.60 − 113.10 − 25 = 6183.23.
#[tokio::test]
async fn a_salary_becomes_the_flows_of_its_paycheck_to_the_cent() {
    let home = family().await;
    let flows = system_flows(&home).await;
    let (acme, retirement) = (home.id("Acme"), home.id("Retirement"));
    for (source, kind, flow_type, amount) in [
        (&acme, "gross_income", "income", "8000.00"),
        (&acme, "federal_withholding", "expense", "515.07"),
        (&acme, "social_security", "expense", "483.60"),
        (&acme, "medicare", "expense", "113.10"),
        (&acme, "net_pay", "transfer", "6183.23"),
        (&retirement, "pretax_retirement", "transfer", "480.00"),
        (&retirement, "employer_match", "income", "240.00"),
        (&home.id("Health"), "insurance_premium", "expense", "200.00"),
        (&home.id("Union"), "posttax_deduction", "expense", "25.00"),
    ] {
        let flow = of(&flows, source, kind);
        assert_fields(flow, FLOW);
        assert_eq!(
            (&flow["amount"], &flow["flow_type"], &flow["frequency"], &flow["is_system"]),
            (&json!(amount), &json!(flow_type), &json!("monthly"), &json!(true)),
            "{kind}"
        );
    }
    assert!(flows.iter().all(|flow| !(flow["kind"] == "state_withholding" && flow["amount"] != "0.00")), "Texas has no income tax");
    assert_eq!(of(&flows, &acme, "net_pay")["to_account_id"], json!(home.id("Checking")));
    assert_eq!(of(&flows, &retirement, "employer_match")["to_account_id"], json!(home.id("Ana's 401(k)")));
    let slip = home.get("/income-sources/{Acme}/paycheck").await.expect_status(200);
    assert_versioned(&slip);
    for (field, amount) in [
        ("gross", "8000.00"),
        ("federal_withholding", "515.07"),
        ("social_security", "483.60"),
        ("medicare", "113.10"),
        ("state_withholding", "0.00"),
        ("net", "6183.23"),
    ] {
        assert_eq!(slip.at(&format!("/{field}")), amount);
    }
    assert_problem(&home.get("/income-sources/{Shop}/paycheck").await, 404);
}

/// What goes through payroll leaves nothing behind: in = out, for every pay frequency.
#[tokio::test]
async fn payroll_clearing_nets_to_zero() {
    let home = family().await;
    for frequency in ["weekly", "biweekly", "semimonthly", "monthly"] {
        home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "123456.78", "pay_frequency": frequency}))
            .await
            .expect_status(200);
        let flows = system_flows(&home).await;
        let clearing = of(&flows, &home.id("Acme"), "gross_income")["to_account_id"].clone();
        let through = |end: &str| -> i64 { flows.iter().filter(|flow| flow[end] == clearing).map(|flow| cents(&flow["amount"])).sum() };
        assert!(through("to_account_id") > 0);
        assert_eq!(through("to_account_id"), through("from_account_id"), "{frequency}: {flows:#?}");
        assert!(flows.iter().filter(|flow| flow["from_account_id"] == clearing).all(|flow| flow["frequency"] == frequency));
    }
    let listed = home.get("/accounts?limit=200").await;
    assert!(listed.list_at("/items").iter().all(|account| account["class"] != "system"), "the clearing account is hidden from lists");
}

/// 200,000 at 6 % over 360 months: 1199.10 a month. The card: 2350.00 × 21.99 % / 12 = 43.06, + 1 % = 66.56.
#[tokio::test]
async fn property_debts_and_a_business_become_flows_to_the_cent() {
    let home = family().await;
    let flows = system_flows(&home).await;
    for (source, kind, category, amount, frequency) in [
        ("House", "property_tax", "property_tax", "300.00", "monthly"),
        ("House", "homeowners_insurance", "homeowners_insurance", "100.00", "monthly"),
        ("House", "hoa_fees", "hoa_fees", "50.00", "monthly"),
        ("Flat", "rental_income", "rental_income", "1500.00", "monthly"),
        ("Flat", "property_tax", "rental_tax", "150.00", "monthly"),
        ("Mortgage", "debt_payment", "mortgage_principal", "1199.10", "monthly"),
        ("Card", "debt_payment", "credit_card_payment", "66.56", "monthly"),
        ("Shop", "gross_income", "self_employment", "5000.00", "monthly"),
        ("Shop", "estimated_tax", "estimated_tax", "1000.00", "quarterly"),
    ] {
        let flow = of(&flows, &home.id(source), kind);
        assert_eq!(
            (&flow["category"], &flow["amount"], &flow["frequency"]),
            (&json!(category), &json!(amount), &json!(frequency)),
            "{source} {kind}"
        );
    }
    home.patch("/accounts/{Mortgage}", json!({"liability": {"in_forbearance": true}})).await.expect_status(200);
    assert!(
        system_flows(&home).await.iter().all(|flow| flow["source"]["id"] != json!(home.id("Mortgage"))),
        "nothing is due in forbearance"
    );
}

#[tokio::test]
async fn a_change_and_the_flows_that_follow_are_one_batch_and_regenerating_finds_nothing_to_do() {
    let home = family().await;
    let before = system_flows(&home).await;
    let raise = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": 108000})).await.expect_status(200);
    assert_eq!((raise.events(), raise.at("/gross_annual_salary")), (vec!["income_source.changed", "system_flows.generated"], "108000.00"));
    let after = system_flows(&home).await;
    let ids = |flows: &[Value]| flows.iter().map(|flow| flow["id"].to_string()).collect::<std::collections::BTreeSet<_>>();
    assert_eq!(ids(&before), ids(&after), "a flow that changes keeps its id");
    let nothing = home.post("/flows/regenerate", json!({})).await.expect_status(200);
    assert_eq!((nothing.at("/outcome"), nothing.version(), nothing.events().len()), ("unchanged", raise.version(), 0));
    assert_eq!(["added", "changed", "removed"].map(|count| nothing.number_at(&format!("/{count}"))), [0, 0, 0]);
    assert_versioned(&nothing);
    let refreshed = home.post("/scenarios/baseline", json!({"action": "refresh"})).await.expect_status(200);
    assert_eq!((refreshed.value("/is_baseline"), refreshed.version(), refreshed.events().len()), (&json!(true), raise.version(), 0));
    let gone = home.delete("/income-sources/{Acme}").await.expect_status(200);
    assert_versioned(&gone);
    assert!(system_flows(&home).await.iter().all(|flow| flow["source"]["id"] != json!(home.id("Acme"))));
}

#[tokio::test]
async fn flows_that_people_enter_are_theirs() {
    let home = family().await;
    let shown = home.get("/flows/{Groceries}").await.expect_status(200);
    assert_fields(shown.json(), FLOW);
    assert_eq!((shown.at("/monthly_amount"), shown.value("/source").is_null(), shown.value("/is_system")), ("650.00", true, &json!(false)));
    let changed = home.patch("/flows/{Groceries}", json!({"amount": 200.5, "end_date": "2030-12-31"})).await.expect_status(200);
    assert_versioned(&changed);
    assert_eq!((changed.at("/amount"), changed.at("/end_date"), changed.at("/category")), ("200.50", "2030-12-31", "groceries"));
    let own = |list: &Answer| list.list_at("/items").iter().map(|flow| flow["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(own(&home.get("/flows?system=false").await), ["Groceries", "To savings"]);
    assert_eq!(own(&home.get("/flows?system=false&active_on=2031-01-01").await), ["To savings"]);
    assert_eq!(own(&home.get("/flows?system=false&active_on=2025-12-31").await), [""; 0]);
    let derived = system_flows(&home).await[0]["id"].as_str().unwrap().to_owned();
    home.get(&format!("/flows/{derived}")).await.expect_status(200);
    let version = home.version().await;
    for refused in
        [home.patch(&format!("/flows/{derived}"), json!({"amount": "1.00"})).await, home.delete(&format!("/flows/{derived}")).await]
    {
        assert!([404, 409].contains(&refused.status()), "{refused}");
    }
    home.post("/flows/regenerate", json!({})).await.expect_status(200);
    assert_eq!(home.version().await, version);
}

#[tokio::test]
async fn an_income_is_described_in_the_words_of_the_contract() {
    let home = family().await;
    let hourly = json!({"income_type": "w2_hourly", "hourly_rate": "25.00", "expected_annual_hours": 1000, "pay_frequency": "biweekly", "w4": {"multiple_jobs": true}});
    let added = home.create("income-sources", "Cafe", hourly).await;
    assert_versioned(&added);
    assert_fields(
        added.json(),
        &[
            "id",
            "name",
            "member_id",
            "income_type",
            "gross_annual_salary",
            "hourly_rate",
            "expected_annual_hours",
            "pay_frequency",
            "start_date",
            "end_date",
        ],
    );
    assert_eq!(
        (added.at("/hourly_rate"), added.at("/annual_gross"), added.number_at("/expected_annual_hours")),
        ("25.00", "25000.00", 1000)
    );
    let form = home.get("/income-sources/{Cafe}/withholding").await.expect_status(200);
    assert_eq!((form.at("/id"), form.value("/multiple_jobs")), (home.id("Cafe").as_str(), &json!(true)));
    let handed_in = home.put("/income-sources/{Cafe}/withholding", json!({"extra_withholding": "10.00"})).await.expect_status(200);
    assert_versioned(&handed_in);
    assert_eq!(
        (handed_in.at("/id"), handed_in.at("/extra_withholding"), handed_in.value("/multiple_jobs")),
        (home.id("Cafe").as_str(), "10.00", &json!(false))
    );
    let business = home.get("/income-sources/{Shop}/self-employment").await.expect_status(200);
    assert_eq!(
        (business.at("/id"), business.at("/estimated_annual_expenses"), business.at("/quarterly_estimates/0")),
        (home.id("Shop").as_str(), "12000.00", "1000.00")
    );
    let deductions = home.get("/income-sources/{Acme}/pretax-deductions").await.expect_status(200);
    assert_eq!(deductions.list_at("/items").len(), 2);
    assert_fields(deductions.value("/items/0"), &["id", "deduction_type", "amount_type", "amount", "employer_match", "target_account_id"]);
    let less = home
        .patch("/income-sources/{Acme}/pretax-deductions/{Retirement}", json!({"amount": 0.04, "employer_match": null}))
        .await
        .expect_status(200);
    assert_eq!((less.at("/amount"), less.value("/employer_match").is_null()), ("0.04", true));
    assert!(system_flows(&home).await.iter().all(|flow| flow["kind"] != "employer_match"));
    assert_versioned(&home.delete("/income-sources/{Acme}/posttax-deductions/{Union}").await.expect_status(200));
}

#[tokio::test]
async fn the_calculators_need_no_household() {
    let ada = support::TestServer::start().await.user().await;
    let loan = ada.post("/loans/schedule", json!({"principal": 1000, "annual_rate": "0.12", "term_months": 3})).await.expect_status(200);
    // 10.00 + 6.70 + 3.37 of interest, each rounded half up; the last payment is what remains.
    assert_eq!(
        ["monthly_payment", "total_interest", "final_payment"].map(|field| loan.at(&format!("/{field}"))),
        ["340.02", "20.07", "340.03"]
    );
    assert_eq!((loan.number_at("/payoff_month"), loan.at("/months/1/balance"), loan.at("/months/2/balance")), (3, "336.66", "0.00"));
    assert_fields(loan.value("/months/0"), &["month", "payment", "interest", "principal", "balance"]);
    let check = json!({"tax_year": 2026, "filing_status": "married_jointly", "pay_frequency": "monthly", "gross": "8000", "pretax_retirement": "480", "cafeteria": "200", "w4": {"extra_withholding": "10"}, "state": "TX"});
    let check = ada.post("/taxes/paycheck", check).await.expect_status(200);
    let expected = ["525.07", "483.60", "113.10", "0.00", "6198.23"];
    assert_eq!(
        ["federal_withholding", "social_security", "medicare", "state_withholding", "net"].map(|field| check.at(&format!("/{field}"))),
        expected
    );
    assert_eq!(
        ada.post("/taxes/paycheck", json!({"tax_year": 1999, "filing_status": "single", "pay_frequency": "weekly", "gross": "1"}))
            .await
            .expect_status(422)
            .errors(),
        [("tax_year", "unknown_year")]
    );
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}
