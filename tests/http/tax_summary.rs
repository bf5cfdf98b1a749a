//! This year's expected taxes of a household: against returns and paychecks that were worked out on paper, on days that are set.

use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

/// Noon of 10 March 2026: three monthly paydays on the first have passed, nine are left, and so are all four due dates.
const MARCH: i64 = 1_773_144_000;
/// Noon of 1 July 2026: the due dates of April and June have passed.
const JULY: i64 = 1_782_907_200;

/// A server on which it is that time.
async fn server_at(time: i64) -> TestServer {
    let server = TestServer::start().await;
    server.step_clock(time - chrono::Utc::now().timestamp()).await;
    server
}

async fn household_at(time: i64, filing_status: &str, state: &str) -> Client {
    let user = server_at(time).await.user().await;
    let home = user.household(json!({"name": "Home", "filing_status": filing_status, "state": state})).await;
    home.name("Ada", home.get("/members").await.at("/items/0/id"));
    home.account("Checking", "checking", "5000.00").await;
    home
}

/// A source of income since New Year, paid on the first of each month.
async fn earns(home: &Client, name: &str, income_type: &str, annual: &str, member: &str) {
    let body = json!({"income_type": income_type, "gross_annual_salary": annual, "pay_frequency": "monthly", "start_date": "2026-01-01", "member_id": member});
    home.create("income-sources", name, body).await;
}

async fn summary(home: &Client) -> Answer {
    let summary = home.get("/taxes/summary").await.expect_status(200);
    assert_versioned(&summary);
    assert_adds_up(&summary);
    summary
}

fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap_or_else(|| panic!("no amount: {amount}")).replace('.', "").parse().unwrap()
}

/// What every answer has to keep, whatever the household.
#[track_caller]
fn assert_adds_up(summary: &Answer) {
    let at = |pointer: &str| cents(summary.value(pointer));
    let sum = |list: &str, field: &str| summary.list_at(list).iter().map(|item| cents(&item[field])).sum::<i64>();
    let credited = ["withheld", "additional_medicare_withheld", "excess_social_security", "estimated_payments"];
    let paid: i64 = credited.iter().map(|name| at(&format!("/federal/{name}"))).sum();
    assert_eq!(at("/federal/balance"), at("/federal/tax") - paid, "{summary}");
    assert_eq!(at("/safe_harbor/paid"), paid, "{summary}");
    let state = at("/state_return/tax") - at("/state_return/withheld") - at("/state_return/estimated_payments");
    assert_eq!(at("/state_return/balance"), state, "{summary}");
    assert_eq!(at("/balance_due") - at("/refund"), at("/federal/balance") + at("/state_return/balance"), "{summary}");
    assert_eq!(at("/balance_due"), at("/federal/balance").max(0) + at("/state_return/balance").max(0), "{summary}");
    let liability: i64 = ["federal", "state", "social_security", "medicare"].iter().map(|tax| at(&format!("/liability/{tax}"))).sum();
    assert_eq!((liability, at("/liability/total")), (at("/estimate/total_tax"), at("/estimate/total_tax")), "{summary}");
    let withheld: i64 = ["federal", "state", "social_security", "medicare"].iter().map(|tax| at(&format!("/withholding/{tax}"))).sum();
    assert_eq!(withheld, at("/withholding/total"), "{summary}");
    for (tax, of_job) in [
        ("federal", "federal_withholding"),
        ("state", "state_withholding"),
        ("social_security", "social_security"),
        ("medicare", "medicare"),
    ] {
        assert_eq!(sum("/jobs", of_job), at(&format!("/withholding/{tax}")), "{summary}");
    }
    let taxes = ["federal_tax", "payroll_tax", "state_tax"];
    let steps = summary.list_at("/estimate/steps").iter().filter(|step| taxes.iter().any(|section| step["section"] == **section));
    assert_eq!(steps.map(|step| cents(&step["amount"])).sum::<i64>(), at("/estimate/total_tax"), "the steps add up: {summary}");
}

#[track_caller]
fn assert_amounts(summary: &Answer, expected: &[(&str, &str)]) {
    let found: Vec<_> = expected.iter().map(|(pointer, _)| (*pointer, summary.at(pointer))).collect();
    assert_eq!(found, expected, "{summary}");
}

fn codes(summary: &Answer) -> Vec<&str> {
    summary.list_at("/notes").iter().map(|note| note["code"].as_str().unwrap()).collect()
}

/// 96,000 − 16,100 = 79,900: 1,240 + 12 % × 38,000 + 22 % × 29,500 = 12,290. Publication 15-T: (96,000 − 8,600 − 57,900) × 22 % + 5,800
/// = 12,290 a year, 1,024.17 a month.
#[tokio::test]
async fn one_salary_on_a_plain_form_is_withheld_what_it_owes() {
    let home = household_at(MARCH, "single", "TX").await;
    earns(&home, "Acme", "w2", "96000.00", "{Ada}").await;
    let summary = summary(&home).await;
    assert_amounts(
        &summary,
        &[
            ("/liability/federal", "12290.00"),
            ("/liability/social_security", "5952.00"),
            ("/liability/medicare", "1392.00"),
            ("/liability/state", "0.00"),
            ("/liability/total", "19634.00"),
            ("/withholding/federal", "12290.04"),
            ("/federal/balance", "-0.04"),
            ("/balance_due", "0.00"),
            ("/refund", "0.04"),
            ("/estimate/agi", "96000.00"),
            ("/estimate/marginal_rate", "0.2965"),
            ("/as_of_date", "2026-03-10"),
        ],
    );
    let job = summary.value("/jobs/0");
    assert_eq!((&job["pay_periods"], &job["remaining_pay_periods"], &job["gross"]), (&json!(12), &json!(9), &json!("96000.00")));
    assert_eq!((summary.list_at("/suggestions/withholding").len(), summary.value("/suggestions/quarterly")), (0, &Value::Null));
    assert_eq!(summary.value("/safe_harbor/is_met"), &json!(true));
    assert_eq!(summary.number_at("/tax_year"), 2026);
}

/// Jointly 192,000 − 32,200 = 159,800: twice the tax of 79,900 = 24,580. Each employer takes the whole standard deduction into account:
/// (96,000 − 12,900 − 44,100) × 12 % + 2,480 = 7,160, 596.67 a month; together 14,320.08. Due: 10,259.92, over nine paydays 1,140.00.
#[tokio::test]
async fn two_salaries_that_know_nothing_of_each_other_withhold_too_little_and_the_suggested_form_mends_it() {
    let home = household_at(MARCH, "married_jointly", "TX").await;
    home.create("members", "Tom", json!({"relationship": "spouse", "date_of_birth": "1984-02-29"})).await;
    earns(&home, "Acme", "w2", "96000.00", "{Ada}").await;
    earns(&home, "Globex", "w2", "96000.00", "{Tom}").await;
    let before = summary(&home).await;
    assert_amounts(&before, &[("/liability/federal", "24580.00"), ("/withholding/federal", "14320.08"), ("/balance_due", "10259.92")]);
    // 90 % of 24,580.
    assert_amounts(&before, &[("/safe_harbor/required", "22122.00"), ("/safe_harbor/short_by", "7801.92")]);
    let suggested = before.list_at("/suggestions/withholding").iter().find(|one| one["income_id"] == json!(home.id("Acme"))).unwrap();
    assert_eq!(
        (
            &suggested["extra_withholding"],
            &suggested["remaining_pay_periods"],
            &suggested["is_enough"],
            &suggested["federal_balance_after"]
        ),
        (&json!("1140.00"), &json!(9), &json!(true), &json!("-0.08"))
    );
    // 7,801.92 / 9 = 866.88.
    assert_eq!(suggested["safe_harbor_extra_withholding"], "866.88");
    // 10,259.92 / 12, rounded up to the cent: what to begin a year like this one with.
    assert_eq!(suggested["whole_year_extra_withholding"], "855.00");

    let form = json!({"extra_withholding": suggested["extra_withholding"]});
    home.put("/income-sources/{Acme}/withholding", form).await.expect_status(200);
    let after = summary(&home).await;
    // Three paychecks on the old form, nine on the new: 12 × 596.67 + 9 × 1,140.
    assert_amounts(&after, &[("/federal/balance", "-0.08"), ("/withholding/federal", "24580.08"), ("/safe_harbor/short_by", "0.00")]);
    assert_eq!(after.list_at("/suggestions/withholding").len(), 0);

    // The other way: the box of Step 2(c) ticked on both, said of the whole year since these forms said nothing before.
    home.put("/income-sources/{Acme}/withholding", json!({})).await.expect_status(200);
    for job in ["Acme", "Globex"] {
        home.put(&format!("/income-sources/{{{job}}}/withholding"), json!({"multiple_jobs": true})).await.expect_status(200);
    }
    let ticked = summary(&home).await;
    let globex = ticked.list_at("/jobs").iter().find(|job| job["name"] == "Globex").unwrap();
    // Half the brackets: (96,000 − 16,100 − 50,400) × 22 % + 5,800 = 12,290; 1,024.17 a month.
    assert_eq!(globex["federal_withholding"], "12290.04");
}

/// A state has its own return and its own form: both are brought to nothing by what the two forms of one job say.
#[tokio::test]
async fn what_a_state_is_owed_is_withheld_by_its_own_form() {
    let home = household_at(MARCH, "married_jointly", "CA").await;
    home.create("members", "Tom", json!({"relationship": "spouse", "date_of_birth": "1984-02-29"})).await;
    earns(&home, "Acme", "w2", "180000.00", "{Ada}").await;
    earns(&home, "Globex", "w2", "120000.00", "{Tom}").await;
    let before = summary(&home).await;
    assert!(cents(before.value("/state_return/balance")) > 10_000, "{before}");
    let acme = before.value("/suggestions/withholding/0").clone();
    assert_eq!((&acme["name"], &acme["is_enough"]), (&json!("Acme"), &json!(true)));
    let form =
        json!({"extra_withholding": acme["extra_withholding"], "state_additional_withholding": acme["state_additional_withholding"]});
    home.put("/income-sources/{Acme}/withholding", form).await.expect_status(200);
    let after = summary(&home).await;
    for (side, foretold) in [("federal", "federal_balance_after"), ("state_return", "state_balance_after")] {
        let balance = after.value(&format!("/{side}/balance"));
        assert_eq!(*balance, acme[foretold], "{side}");
        // A cent a payday is what rounding may leave.
        assert!((-9..=0).contains(&cents(balance)), "{side}: {balance}");
    }
    assert_eq!((after.list_at("/suggestions/withholding").len(), after.at("/balance_due")), (0, "0.00"));
    let notes = codes(&after);
    let is_marked = after.at("/jobs/0/state_withholding_method") == "annualised_liability";
    assert_eq!(notes.contains(&"state_withholding_annualised"), is_marked);
}

/// Last year's tax is the other harbour: all of it, and 110 % where the income was above 150,000.
#[tokio::test]
async fn paying_as_much_as_last_year_is_a_harbour_too() {
    let home = household_at(MARCH, "married_jointly", "TX").await;
    home.create("members", "Tom", json!({"relationship": "spouse"})).await;
    earns(&home, "Acme", "w2", "96000.00", "{Ada}").await;
    earns(&home, "Globex", "w2", "96000.00", "{Tom}").await;
    assert!(codes(&summary(&home).await).contains(&"last_year_unknown"));
    for (asked, required, is_met) in [
        ("last_year_tax=14000&last_year_agi=150000", "14000.00", true),
        ("last_year_tax=14000&last_year_agi=150001", "15400.00", false),
        // This year's income, 192,000, stands in for it.
        ("last_year_tax=14000.00", "15400.00", false),
        ("last_year_tax=99000&last_year_agi=90000", "22122.00", false),
    ] {
        let answer = home.get(&format!("/taxes/summary?{asked}")).await.expect_status(200);
        assert_eq!((answer.at("/safe_harbor/required"), answer.value("/safe_harbor/is_met")), (required, &json!(is_met)), "{asked}");
        assert!(!codes(&answer).contains(&"last_year_unknown"));
    }
    for (asked, field) in [
        ("last_year_agi=1", "last_year_agi"),
        ("last_year_tax=-1", "last_year_tax"),
        ("last_year_tax=much", "last_year_tax"),
        ("tax_year=2026", "tax_year"),
    ] {
        let refused = home.get(&format!("/taxes/summary?{asked}")).await;
        assert_problem(&refused, 422);
        assert_eq!(refused.errors().iter().map(|(field, _)| *field).collect::<Vec<_>>(), [field]);
    }
}

/// Profit 60,000 × 92.35 % × 15.3 % = 8,477.73; half of it off: 55,761.135; − 16,100 = 39,661.135, − 20 % = 31,728.908;
/// 1,240 + 12 % × 19,328.908 = 3,559.47. Together 12,037.20; four quarters of nine tenths: 10,833.48.
async fn studio_at(time: i64) -> Client {
    let home = household_at(time, "single", "TX").await;
    earns(&home, "Studio", "self_employed", "80000.00", "{Ada}").await;
    home.put("/income-sources/{Studio}/self-employment", json!({"estimated_annual_expenses": "20000.00"})).await.expect_status(200);
    home
}

#[tokio::test]
async fn the_self_employed_are_told_what_to_pay_on_the_due_dates_that_are_left() {
    // Four dates are left in March: a quarter of 12,037.20 each. In July two: the first two stay at 2,708.37 each, and the others share
    // 12,037.20 − 5,416.74 = 6,620.46.
    for (time, dates, quarters, each) in [
        (MARCH, vec!["2026-04-15", "2026-06-15", "2026-09-15", "2027-01-15"], ["3009.30"; 4], "3009.30"),
        (JULY, vec!["2026-09-15", "2027-01-15"], ["2708.37", "2708.37", "3310.23", "3310.23"], "3310.23"),
    ] {
        let home = studio_at(time).await;
        let before = summary(&home).await;
        assert_amounts(&before, &[("/federal/tax", "12037.20"), ("/federal/estimated_payments", "10833.48"), ("/balance_due", "1203.72")]);
        assert_eq!(before.list_at("/estimated_payments").len(), 4);
        // Nine tenths are paid: nothing more is needed to avoid a penalty.
        assert_eq!(
            (before.value("/safe_harbor/is_met"), before.value("/suggestions/quarterly/safe_harbor_payment")),
            (&json!(true), &Value::Null)
        );
        let payments = before.list_at("/suggestions/quarterly/payments");
        assert_eq!(payments.iter().map(|one| one["due_date"].as_str().unwrap()).collect::<Vec<_>>(), dates);
        assert!(payments.iter().all(|one| one["federal"] == each && one["state"] == "0.00"), "{before}");
        assert_eq!(before.value("/suggestions/quarterly/quarterly_estimates"), &json!(quarters));
        assert_eq!(before.value("/suggestions/quarterly/income_id"), &json!(home.id("Studio")));
        let told = json!({"estimated_annual_expenses": "20000.00", "quarterly_estimates": before.value("/suggestions/quarterly/quarterly_estimates")});
        home.put("/income-sources/{Studio}/self-employment", told).await.expect_status(200);
        let after = summary(&home).await;
        assert_amounts(&after, &[("/federal/balance", "0.00"), ("/balance_due", "0.00"), ("/refund", "0.00")]);
        assert_eq!(after.value("/suggestions/quarterly"), &Value::Null);
    }
}

/// 50,000 of pension, 30,000 of benefits, both 71. Provisional 65,000: 6,000 + 85 % × 21,000 = 23,850 taxable; 73,850 of income;
/// 32,200 + 2 × 1,650 standard, 2 × 6,000 for seniors: 26,350; 2,480 + 12 % × 1,550 = 2,666. North Carolina leaves the benefits out:
/// (50,000 − 25,500) × 3.99 % = 977.55.
#[tokio::test]
async fn a_retired_couple_from_which_nothing_is_withheld_is_told_its_quarters_for_both_governments() {
    let home = household_at(MARCH, "married_jointly", "NC").await;
    home.patch("/members/{Ada}", json!({"date_of_birth": "1955-03-01"})).await.expect_status(200);
    home.create("members", "Bob", json!({"relationship": "spouse", "date_of_birth": "1955-07-01"})).await;
    earns(&home, "Pension", "retirement", "50000.00", "{Ada}").await;
    earns(&home, "Benefits", "social_security", "30000.00", "{Bob}").await;
    let summary = summary(&home).await;
    assert_amounts(
        &summary,
        &[
            ("/estimate/agi", "73850.00"),
            ("/federal/tax", "2666.00"),
            ("/state_return/tax", "977.55"),
            ("/withholding/total", "0.00"),
            ("/balance_due", "3643.55"),
            // 90 % of 2,666, in four parts 599.85.
            ("/safe_harbor/required", "2399.40"),
            ("/suggestions/quarterly/safe_harbor_payment", "599.85"),
            ("/suggestions/quarterly/payments/0/federal", "666.50"),
            ("/suggestions/quarterly/payments/0/state", "244.39"),
        ],
    );
    assert_eq!(
        (summary.value("/suggestions/quarterly/income_id"), summary.value("/suggestions/quarterly/quarterly_estimates")),
        (&Value::Null, &Value::Null)
    );
    // Whoever pays them says so with a flow: four payments of 666.50 bring the federal balance to nothing.
    let flow = json!({"flow_type": "expense", "category": "estimated_tax", "amount": "666.50", "frequency": "quarterly", "start_date": "2026-01-15", "from_account_id": "{Checking}"});
    home.create("flows", "1040-ES", flow).await;
    assert_amounts(&self::summary(&home).await, &[("/federal/balance", "0.00"), ("/balance_due", "977.55")]);
}

/// One person, two jobs of 150,000: each employer takes 6.2 % of all of it, 18,600 together; one wage base of 184,500 owes 11,439.
#[tokio::test]
async fn what_two_employers_take_beyond_one_wage_base_comes_back() {
    let home = household_at(MARCH, "single", "TX").await;
    earns(&home, "Acme", "w2", "150000.00", "{Ada}").await;
    earns(&home, "Globex", "w2", "150000.00", "{Ada}").await;
    let summary = summary(&home).await;
    assert_amounts(
        &summary,
        &[
            ("/federal/excess_social_security", "7161.00"),
            ("/liability/social_security", "11439.00"),
            ("/withholding/social_security", "18600.00"),
            // 0.9 % of 100,000 above 200,000, which neither employer withholds.
            ("/estimate/additional_medicare_tax", "900.00"),
            ("/federal/additional_medicare_withheld", "0.00"),
        ],
    );
}

#[tokio::test]
async fn the_year_withholds_what_the_flows_say_on_each_of_its_paydays() {
    let home = family().await;
    let summary = summary(&home).await;
    let flows = home.get("/flows?system=true&limit=200").await;
    let amount = |kind: &str| {
        let found = flows.list_at("/items").iter().find(|flow| flow["kind"] == kind && flow["source"]["id"] == json!(home.id("Acme")));
        cents(&found.unwrap_or_else(|| panic!("no {kind}"))["amount"])
    };
    for (kind, tax) in [("federal_withholding", "federal"), ("social_security", "social_security"), ("medicare", "medicare")] {
        assert_eq!(cents(summary.value(&format!("/withholding/{tax}"))), 12 * amount(kind), "{kind}");
    }
    assert_eq!(summary.at("/federal/estimated_payments"), "4000.00");
    // 96,000 − 5,760 − 2,400 of wages, 48,000 of profit less half of its tax (48,000 × 92.35 % × 7.65 % = 3,391.09), and the flat's rent
    // less its tax, 18,000 − 1,800: 148,648.91.
    assert_eq!(summary.at("/estimate/agi"), "148648.91");
    let page =
        ["tax_year", "law_year", "as_of_date", "filing_status", "state", "liability", "withholding", "balance_due", "refund", "years"];
    assert_fields(summary.json(), &page);
}

#[tokio::test]
async fn what_is_assumed_or_capped_is_said() {
    let home = household_at(MARCH, "married_jointly", "TX").await;
    home.create("members", "Mia", json!({"relationship": "child"})).await;
    // Without a start date it begins today, the day on which the household was opened: twelve months all the same.
    home.salary("Acme", "96000.00").await;
    let retirement = json!({"deduction_type": "traditional_401k", "amount_type": "percent", "amount": "0.5"});
    home.post("/income-sources/{Acme}/pretax-deductions", retirement).await.expect_status(201);
    let summary = summary(&home).await;
    assert_eq!(
        codes(&summary),
        [
            "filing_status_in_doubt",
            "unknown_date_of_birth",
            "unknown_date_of_birth",
            "contribution_capped",
            "assumed_all_year",
            "last_year_unknown",
            "forecast_settles_its_months",
            "not_computed"
        ]
    );
    assert_eq!((summary.at("/jobs/0/gross"), summary.number_at("/jobs/0/pay_periods")), ("96000.00", 12));
    // 24,500 is what the law of 2026 leaves; a twelfth of it, rounded down, twelve times: 24,499.92.
    assert_eq!(summary.at("/estimate/agi"), "71500.08");
}

/// Without growth and inflation every whole year is that of [`one_salary_on_a_plain_form_is_withheld_what_it_owes`], and April brings the
/// four cents back. Of the first year ten months lie in the plan: ten twelfths of 19,634.00 are owed, and ten of 12 × 1,024.17 with the
/// payroll taxes are paid.
#[tokio::test]
async fn the_years_of_a_scenario_are_those_of_its_projection() {
    let home = household_at(MARCH, "single", "TX").await;
    earns(&home, "Acme", "w2", "96000.00", "{Ada}").await;
    let still = json!({"salary_growth_rate": "0", "inflation_rate": "0", "projection_months": 24});
    home.patch("/scenarios/{baseline}", still).await.expect_status(200);
    let read = summary(&home).await;
    assert_eq!(read.at("/scenario_id"), home.id("baseline"));
    let years = read.list_at("/years");
    let facts: Vec<_> = years.iter().map(|year| (year["year"].as_i64().unwrap(), year["months"].as_i64().unwrap())).collect();
    assert_eq!(facts, [(2026, 10), (2027, 12), (2028, 2)]);
    for (field, amount) in [
        ("/years/0/liability/total", "16361.67"),
        ("/years/1/agi", "96000.00"),
        ("/years/1/liability/total", "19634.00"),
        ("/years/1/liability/federal_income_tax", "12290.00"),
        ("/years/1/withheld", "19634.04"),
        ("/years/1/estimated_payments", "0.00"),
        ("/years/1/settlement/federal", "-0.04"),
        ("/years/1/settlement/state", "0.00"),
        ("/years/1/settlement/total", "-0.04"),
        ("/years/1/settled_on", "2028-04"),
        ("/years/1/marginal_rate", "0.2965"),
    ] {
        assert_eq!(read.at(field), amount, "{field}");
    }
    let booked: Vec<_> = years.iter().map(|year| year["settlement"]["is_booked"].as_bool().unwrap()).collect();
    // 24 months from March 2026 end in February 2028: April 2028 is not among them.
    assert_eq!(booked, [true, false, false]);
    for year in years {
        assert_eq!(cents(&year["settlement"]["total"]), cents(&year["liability"]["total"]) - cents(&year["paid"]["total"]), "{year}");
        assert_eq!(cents(&year["withheld"]) + cents(&year["estimated_payments"]), cents(&year["paid"]["total"]), "{year}");
    }
    // April 2027 books what 2026 is short of, or has too much.
    let projected = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    let april = projected.list_at("/months").iter().find(|month| month["date"] == "2027-04-30").unwrap();
    let march = projected.list_at("/months").iter().find(|month| month["date"] == "2027-03-31").unwrap();
    let difference = cents(&april["total_taxes"]) - cents(&march["total_taxes"]);
    assert!((difference - cents(&years[0]["settlement"]["total"])).abs() <= 1, "{difference}: {}", years[0]);

    let by_name = home.get("/taxes/summary?scenario_id={baseline}").await.expect_status(200);
    assert_eq!(by_name.json(), read.json());
    let stranger = home.server().household().await;
    let elsewhere = stranger.get("/scenarios/baseline").await.at("/id").to_owned();
    for nobodys in [elsewhere.as_str(), "01890a5d-ac96-774b-bcce-b302099a8057"] {
        assert_problem(&home.get(&format!("/taxes/summary?scenario_id={nobodys}")).await, 404);
    }
    assert_eq!(home.get("/taxes/summary?scenario_id=mine").await.expect_status(422).errors()[0].0, "scenario_id");
}

#[tokio::test]
async fn a_day_or_an_event_makes_it_another_answer_and_nothing_else_does() {
    // A minute before 11 March: a day begins, and nobody has to log in again for it.
    const BEFORE_MIDNIGHT: i64 = MARCH + 12 * 3600 - 60;
    let home = household_at(BEFORE_MIDNIGHT, "single", "TX").await;
    home.salary("Acme", "96000.00").await;
    let read = summary(&home).await;
    let tag = read.header("etag").unwrap().to_owned();
    home.get("/taxes/summary").header("if-none-match", &tag).await.expect_status(304);
    home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "97000.00"})).await.expect_status(200);
    let raised = home.get("/taxes/summary").header("if-none-match", &tag).await.expect_status(200);
    assert_eq!((raised.version() > read.version(), raised.at("/jobs/0/gross")), (true, "97000.00"));
    home.server().step_clock(BEFORE_MIDNIGHT + 120 - chrono::Utc::now().timestamp()).await;
    let tag = raised.header("etag").unwrap().to_owned();
    assert_eq!(home.get("/taxes/summary").header("if-none-match", &tag).await.expect_status(200).at("/as_of_date"), "2026-03-11");
    assert_problem(&home.server().user().await.get("/taxes/summary").await, 404);
}

#[tokio::test]
async fn the_years_of_a_scenario_are_those_of_its_changes() {
    let home = household_at(MARCH, "single", "TX").await;
    home.salary("Acme", "96000.00").await;
    home.create("scenarios", "A year off", json!({"salary_growth_rate": "0", "inflation_rate": "0"})).await;
    let path = "/taxes/summary?scenario_id={A year off}";
    let agi = |answer: &Answer| [0, 1, 2].map(|year| answer.at(&format!("/years/{year}/agi")).to_owned());
    assert_eq!(agi(&home.get(path).await.expect_status(200)), ["96000.00", "96000.00", "96000.00"]);
    let off = json!({"change_type": "remove_income", "name": "A year off", "effective_date": "2027-01-01", "end_date": "2027-12-31",
                     "source": {"type": "income", "id": "{Acme}"}, "parameters": {}});
    home.post("/scenarios/{A year off}/changes", off).await.expect_status(201);
    let changed = home.get(path).await.expect_status(200);
    assert_eq!(agi(&changed), ["96000.00", "0.00", "96000.00"]);
    assert_eq!((changed.at("/years/1/liability/total"), changed.at("/years/1/paid/total")), ("0.00", "0.00"));
    // Neither this year's return nor the baseline's years know of it.
    assert_eq!(changed.value("/estimate"), summary(&home).await.value("/estimate"));
    assert_ne!(summary(&home).await.at("/years/1/agi"), "0.00");
}
