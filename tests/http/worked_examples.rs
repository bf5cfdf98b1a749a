//! Whole decisions, worked through: each figure comes from a hand calculation in the comment above it, or from `tests/worked/*.csv`, which
//! `tests/worked/recompute.py` computes with Python's decimal module and no code of ours.
//!
//! All of them start on 1 January 2026 in a world in which nothing grows, so that what follows does so from the decision alone.

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

/// A household of one in Texas (no state income tax) with so much in hand.
async fn single(cash: &str) -> Client {
    of(json!({"name": "Ada's", "filing_status": "single", "state": "TX"}), cash).await
}

async fn of(household: Value, cash: &str) -> Client {
    let home = TestServer::start().await.user().await.household(household).await;
    home.name("Ada", home.get("/members").await.at("/items/0/id"));
    home.account("Checking", "checking", cash).await;
    home
}

/// A scenario that starts in January 2026, in which nothing grows.
async fn still(home: &Client, name: &str, months: u16) {
    let body = json!({"start_date": "2026-01-01", "projection_months": months, "inflation_rate": "0", "investment_return_rate": "0",
                      "salary_growth_rate": "0", "property_appreciation_rate": "0", "cash_yield_rate": "0"});
    home.create("scenarios", name, body).await;
}

async fn change(home: &Client, scenario: &str, change_type: &str, day: &str, about: Option<&str>, parameters: Value) {
    let mut body = json!({"change_type": change_type, "name": change_type, "effective_date": day, "parameters": parameters});
    if let Some(account) = about {
        body["source"] = json!({"type": "account", "id": home.id(account)});
    }
    home.post(&format!("/scenarios/{{{scenario}}}/changes"), body).await.expect_status(201);
}

async fn projected(home: &Client, scenario: &str) -> Answer {
    home.get(&format!("/scenarios/{{{scenario}}}/projections")).await.expect_status(200)
}

/// A balance at the end of a month, from 1.
fn balance<'a>(answer: &'a Answer, home: &Client, month: usize, account: &str) -> &'a str {
    let row = &answer.list_at("/months")[month - 1];
    row["balances"][home.id(account)].as_str().unwrap_or_else(|| panic!("no {account} in month {month}: {row}"))
}

/// A figure of a month, from 1.
fn figure<'a>(answer: &'a Answer, month: usize, pointer: &str) -> &'a str {
    let row = &answer.list_at("/months")[month - 1];
    row.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in month {month}: {row}"))
}

fn flags(answer: &Answer, month: usize) -> Vec<&str> {
    answer.list_at("/months")[month - 1]["flags"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

fn cents(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap();
    format!("{whole}{part:0<2}").parse().unwrap()
}

/// The lines of a fixture, without its source and its header.
fn lines(fixture: &str) -> Vec<Vec<&str>> {
    fixture.lines().skip(2).map(|line| line.split(',').collect()).collect()
}

/// 300,000 over thirty years at 6.5 %: 1,896.20 a month, and 250 more.
#[tokio::test]
async fn a_thirty_year_mortgage_with_extra_payments_is_gone_in_month_262() {
    let home = single("1000000.00").await;
    let terms = json!({"interest_rate": "0.065", "term_months": 360});
    home.create("accounts", "Mortgage", json!({"account_type": "primary_mortgage", "current_balance": "300000.00", "liability": terms}))
        .await;
    still(&home, "Pay more", 360).await;
    change(&home, "Pay more", "payoff_debt", "2026-01-01", Some("Mortgage"), json!({"extra_monthly": "250.00"})).await;
    let (projection, expected) = (projected(&home, "Pay more").await, lines(include_str!("../worked/mortgage.csv")));
    for month in &expected {
        let number: usize = month[0].parse().unwrap();
        assert_eq!(balance(&projection, &home, number, "Mortgage"), month[4], "month {number}");
        // Nothing else happens: what leaves is the payment, and what net worth loses the interest.
        assert_eq!(figure(&projection, number, "/total_expenses"), month[1], "month {number}");
        assert_eq!(figure(&projection, number, "/change/interest_and_fees"), format!("-{}", month[2]), "month {number}");
    }
    assert_eq!((expected.len(), expected[261][4], expected[260][4] != "0.00"), (262, "0.00", true));
    assert_eq!((figure(&projection, 263, "/total_expenses"), balance(&projection, &home, 360, "Mortgage")), ("0.00", "0.00"));
    // The same from the calculator that knows no household, and from the way out of debt.
    let loan = json!({"principal": "300000.00", "annual_rate": "0.065", "term_months": 360, "extra_payment": "250.00"});
    let schedule = home.post("/loans/schedule", loan).await.expect_status(200);
    let interest: i64 = expected.iter().map(|month| cents(month[2])).sum();
    assert_eq!((schedule.at("/monthly_payment"), schedule.number_at("/payoff_month")), ("1896.20", 262));
    assert_eq!((cents(schedule.at("/total_interest")), schedule.at("/final_payment")), (interest, expected[261][1]));
    for (row, month) in schedule.list_at("/months").iter().zip(&expected) {
        assert_eq!([&row["interest"], &row["principal"], &row["balance"]], [&json!(month[2]), &json!(month[3]), &json!(month[4])]);
    }
    let plan = home.post("/debts/payoff-plan", json!({"strategy": "avalanche", "extra_monthly": "250.00"})).await.expect_status(200);
    assert_eq!((plan.number_at("/months"), cents(plan.at("/total_interest"))), (262, interest));
    // Both by `schedule` of recompute.py: without the 250 it takes all of the 360 months.
    assert_eq!((interest, plan.number_at("/current/months"), plan.at("/current/total_interest")), (26_229_769, 360, "382636.71"));
}

/// 300,000 at 7 % (1,995.91 a month) refinanced at 5.5 % (1,703.37) for 6,000: 292.54 less a month pay for it after 6,000 / 292.54 = 20.5
/// months, in month 21. What is owed falls faster, too: in net worth it has paid for itself in month 16.
#[tokio::test]
async fn a_refinance_breaks_even_in_cash_in_month_21_and_in_net_worth_in_month_16() {
    let home = single("200000.00").await;
    let terms = json!({"interest_rate": "0.07", "term_months": 360});
    home.create("accounts", "Mortgage", json!({"account_type": "primary_mortgage", "current_balance": "300000.00", "liability": terms}))
        .await;
    still(&home, "Keep", 60).await;
    still(&home, "Refinance", 60).await;
    let new = json!({"rate": "0.055", "term_months": 360, "closing_costs": "6000.00", "closing_costs_paid": "cash"});
    change(&home, "Refinance", "refinance", "2026-01-01", Some("Mortgage"), new).await;
    let (kept, refinanced) = (projected(&home, "Keep").await, projected(&home, "Refinance").await);
    let more =
        |month: usize, account: &str| cents(balance(&refinanced, &home, month, account)) - cents(balance(&kept, &home, month, account));
    let richer = |month: usize| cents(figure(&refinanced, month, "/net_worth")) - cents(figure(&kept, month, "/net_worth"));
    for month in lines(include_str!("../worked/refinance.csv")) {
        let number: usize = month[0].parse().unwrap();
        assert_eq!([balance(&kept, &home, number, "Mortgage"), balance(&refinanced, &home, number, "Mortgage")], [month[1], month[2]]);
        assert_eq!((more(number, "Checking"), richer(number)), (cents(month[3]), cents(month[4])), "month {number}");
    }
    let first = |gain: &dyn Fn(usize) -> i64| (1..=60).find(|month| gain(*month) >= 0);
    assert_eq!((first(&|month| more(month, "Checking")), first(&richer)), (Some(21), Some(16)));
    assert_eq!((more(20, "Checking"), more(21, "Checking")), (-14_920, 14_334), "20 × 292.54 − 6,000, and once more");
}

/// Born in 1953, Ada is 73 in 2026: distributions begin (26 U.S.C. § 401(a)(9)(C)). The divisors are those of the Uniform Lifetime Table
/// (26 C.F.R. § 1.401(a)(9)-9(c); IRS Publication 590-B, Appendix B, Table III): 26.5 at 73, 25.5 at 74, 24.6 at 75.
async fn retired(accounts: &[(&str, &str, &str)], spent: &str, months: u16) -> Client {
    let home = single(accounts[0].2).await;
    let ada = json!({"date_of_birth": "1953-03-15", "employment_status": "retired"});
    home.patch("/members/{Ada}", ada).await.expect_status(200);
    for (name, account_type, balance) in &accounts[1..] {
        home.create("accounts", name, json!({"account_type": account_type, "current_balance": balance, "member_id": "{Ada}"})).await;
    }
    if spent != "0.00" {
        let living = json!({"flow_type": "expense", "category": "groceries", "amount": spent, "frequency": "monthly",
                            "start_date": "2020-01-01", "from_account_id": "{Checking}"});
        home.create("flows", "Living", living).await;
    }
    still(&home, "Retired", months).await;
    home
}

/// 530,000 / 26.5 = 20,000.00; 510,000 / 25.5 = 20,000.00; 490,000 / 24.6 = 19,918.699… Below 24,150 a year (the standard deduction of
/// 16,100, 2,050 and, to 2028, 6,000 for the age of 65) there is no tax.
#[tokio::test]
async fn required_distributions_are_last_years_balance_by_the_divisor_of_the_age() {
    let home = retired(&[("Checking", "checking", "0.00"), ("IRA", "traditional_ira", "530000.00")], "0.00", 36).await;
    let projection = projected(&home, "Retired").await;
    for (month, left, arrived) in
        [(11, "530000.00", "0.00"), (12, "510000.00", "20000.00"), (24, "490000.00", "40000.00"), (36, "470081.30", "59918.70")]
    {
        let there = [balance(&projection, &home, month, "IRA"), balance(&projection, &home, month, "Checking")];
        assert_eq!(there, [left, arrived], "month {month}");
    }
    let taken: Vec<usize> = (1..=36).filter(|month| flags(&projection, *month).contains(&"required_distribution")).collect();
    assert_eq!(taken, [12, 24, 36], "in December, and only then");
    assert!((1..=36).all(|month| figure(&projection, month, "/total_taxes") == "0.00"));
}

/// 1,325,000 / 26.5 = 50,000.00, of which 50,000 − 24,150 = 25,850 are taxed: 10 % of 12,400 and 12 % of 13,450 are 1,240 + 1,614 = 2,854.00
/// (Rev. Proc. 2025-32), due in April.
#[tokio::test]
async fn a_required_distribution_is_taxed_as_income() {
    let home = retired(&[("Checking", "checking", "0.00"), ("IRA", "traditional_ira", "1325000.00")], "0.00", 16).await;
    let projection = projected(&home, "Retired").await;
    assert_eq!(balance(&projection, &home, 12, "IRA"), "1275000.00");
    let taxes: Vec<(usize, &str)> =
        (1..=16).map(|month| (month, figure(&projection, month, "/total_taxes"))).filter(|(_, taxes)| *taxes != "0.00").collect();
    assert_eq!(taxes, [(16, "2854.00")]);
    assert_eq!(balance(&projection, &home, 16, "Checking"), "47146.00");
}

/// 1,500 a month from 6,000 in cash, 9,000 in shares, 53,000 in an IRA, 20,000 in a Roth IRA; no year's income is above 24,150, so nothing
/// is taxed.
///
/// 2026: cash for four months, shares for six; November comes from the IRA. The law wants 53,000 / 26.5 = 2,000.00 of the year, 1,500 are
/// out: 500 come in December, and the 1,000 that December then lacks, too: 50,000 are left. 2027: 50,000 / 25.5 is less than the 18,000
/// that are drawn anyway: 32,000 are left, then 14,000 (2028). 2029: nine months, and 500 of October's 1,500; the rest of the year is the
/// Roth's, 16,000 are left. 2030: ten months to 1,000, and in November 500 are missing.
#[tokio::test]
async fn savings_are_drawn_down_taxable_first_then_deferred_then_roth_until_nothing_is_left() {
    let accounts = [
        ("Checking", "checking", "6000.00"),
        ("Shares", "brokerage", "9000.00"),
        ("IRA", "traditional_ira", "53000.00"),
        ("Roth", "roth_ira", "20000.00"),
    ];
    let home = retired(&accounts, "1500.00", 60).await;
    let projection = projected(&home, "Retired").await;
    for (month, expected) in [
        (4, ["0.00", "9000.00", "53000.00", "20000.00"]),
        (5, ["0.00", "7500.00", "53000.00", "20000.00"]),
        (10, ["0.00", "0.00", "53000.00", "20000.00"]),
        (11, ["0.00", "0.00", "51500.00", "20000.00"]),
        (12, ["0.00", "0.00", "50000.00", "20000.00"]),
        (24, ["0.00", "0.00", "32000.00", "20000.00"]),
        (36, ["0.00", "0.00", "14000.00", "20000.00"]),
        (45, ["0.00", "0.00", "500.00", "20000.00"]),
        (46, ["0.00", "0.00", "0.00", "19000.00"]),
        (48, ["0.00", "0.00", "0.00", "16000.00"]),
        (58, ["0.00", "0.00", "0.00", "1000.00"]),
        (59, ["0.00", "0.00", "0.00", "0.00"]),
    ] {
        assert_eq!(accounts.map(|(name, ..)| balance(&projection, &home, month, name)), expected, "month {month}");
    }
    assert!((1..=60).all(|month| figure(&projection, month, "/total_taxes") == "0.00"));
    let required: Vec<usize> = (1..=60).filter(|month| flags(&projection, *month).contains(&"required_distribution")).collect();
    assert_eq!(required, [12], "later on more is drawn than is required");
    assert_eq!((projection.number_at("/shortfall/month_number"), projection.at("/shortfall/depth")), (59, "500.00"));
    assert_eq!((projection.at("/shortfall/deepest"), figure(&projection, 60, "/net_worth")), ("2000.00", "-2000.00"));
}

/// A home bought for 300,000 and worth 900,000 is sold in June 2026 for 950,000, at costs of 57,000: a gain of 593,000. Settled in April.
async fn sold(household: Value) -> (Client, Answer) {
    let home = of(household, "0.00").await;
    home.account("House", "primary_residence", "900000.00").await;
    let bought = json!({"balance": "900000.00", "cost_basis": "300000.00"});
    home.post("/accounts/{House}/balances", bought).await.expect_status(201);
    let terms = json!({"interest_rate": "0", "minimum_payment": "1000.00"});
    home.create("accounts", "Mortgage", json!({"account_type": "primary_mortgage", "current_balance": "100000.00", "liability": terms}))
        .await;
    still(&home, "Sell", 16).await;
    let sale = json!({"sale_price": "950000.00", "selling_costs": "57000.00", "pay_off_account_id": home.id("Mortgage"),
                      "gain_tax": "home_sale_exclusion"});
    change(&home, "Sell", "sell_asset", "2026-06-15", Some("House"), sale).await;
    let projection = projected(&home, "Sell").await;
    (home, projection)
}

/// What a sale leaves: 950,000 − 57,000, less what has to be paid on the mortgage: 5 × 1,000 until May, and the 95,000 that are left then.
fn proceeds_are_as_they_should_be(home: &Client, projection: &Answer) {
    // Until May the mortgage is paid on credit.
    assert_eq!((balance(projection, home, 5, "House"), balance(projection, home, 5, "Mortgage")), ("900000.00", "95000.00"));
    assert_eq!((balance(projection, home, 6, "House"), balance(projection, home, 6, "Mortgage")), ("0.00", "0.00"));
    // 950,000 − 57,000 − 95,000 − 5,000.
    assert_eq!(balance(projection, home, 6, "Checking"), "793000.00");
    // The 50,000 that nobody knew of, and the costs.
    assert_eq!((figure(projection, 6, "/change/appreciation"), figure(projection, 6, "/net_worth")), ("50000.00", "793000.00"));
}

/// Single: 593,000 − 250,000 (26 U.S.C. § 121(b)(1)) = 343,000 are taxed; less the standard deduction of 16,100, 326,900 at the rates of
/// capital gains (Rev. Proc. 2025-32): 49,450 at 0 %, 277,450 at 15 %, which is 41,617.50. Net investment income tax (§ 1411): 3.8 % of
/// the lesser of 343,000 and 343,000 − 200,000 = 143,000, which is 5,434.00. Together 47,051.50.
#[tokio::test]
async fn of_the_gain_of_a_home_a_single_person_is_taxed_for_what_is_above_250_000() {
    let (home, projection) = sold(json!({"name": "Ada's", "filing_status": "single", "state": "TX"})).await;
    proceeds_are_as_they_should_be(&home, &projection);
    let taxes: Vec<(usize, &str)> =
        (1..=16).map(|month| (month, figure(&projection, month, "/total_taxes"))).filter(|(_, taxes)| *taxes != "0.00").collect();
    assert_eq!(taxes, [(16, "47051.50")]);
    assert_eq!(balance(&projection, &home, 16, "Checking"), "745948.50");
}

/// Married: 593,000 − 500,000 (§ 121(b)(2)) = 93,000 are taxed; less the standard deduction of 32,200, 60,800 are below the 98,900 up to
/// which the rate is 0 %, and 93,000 below the 250,000 of § 1411: no tax.
#[tokio::test]
async fn of_the_gain_of_a_home_a_couple_is_taxed_for_what_is_above_500_000() {
    let (home, projection) = sold(json!({"name": "The Lovelaces", "filing_status": "married_jointly", "state": "TX"})).await;
    proceeds_are_as_they_should_be(&home, &projection);
    assert!((1..=16).all(|month| figure(&projection, month, "/total_taxes") == "0.00"));
    assert_eq!(balance(&projection, &home, 16, "Checking"), "793000.00");
}
