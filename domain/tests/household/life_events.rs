//! Life events: given this household and these answers, exactly these changes. A test for each template, by figures from paper.
//!
//! The family: Ada (1980) earns 96,000 a year at Acme, Bob (1978) 60,000 at Globex, both paid monthly: 13,000.00 a month. They spend
//! 1,000 on groceries, 500 on travel, 200 on fuel and 100 on car insurance: 1,800.00 a month. Two grown-ups and a child of six count
//! 1.0 + 0.5 + 0.3 = 1.8. At hand: 10,000 + 20,000 + 30,000 = 60,000.00. It is 23 November 2026, so all begins in December.

use std::collections::BTreeSet;

use domain::calendar::{Frequency, PayFrequency};
use domain::household::command::{Application, AssumptionsPatch, Intent, LiabilityPatch, NewScenario, Target};
use domain::household::facts::{Flow, FlowKind, Income, Pay};
use domain::household::taxes::{Beside, tax_summary};
use domain::household::{described, usual_day};
use domain::ids::ScenarioId;
use domain::metrics;
use domain::projection::changes::parameter::Told;
use domain::templates::{Answers, Figures, Filled, Template, TemplateCategory};
use domain::vocabulary::{AccountType, ExpenseCategory, FilingStatus, IncomeCategory, PretaxDeductionType, Relationship};
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::*;

fn flow(called: &str, kind: FlowKind, amount: &str) -> Intent {
    let flow = Flow {
        name: name(called),
        kind,
        amount: money(amount),
        frequency: Frequency::Monthly,
        start_date: date("2026-01-01"),
        end_date: None,
        from_account_id: None,
        to_account_id: None,
        linked_account_id: None,
        member_id: None,
        active: true,
        notes: None,
    };
    let side = Some(id("Checking"));
    let flow = match kind {
        FlowKind::Income(_) => Flow { to_account_id: side, ..flow },
        FlowKind::Expense(_) | FlowKind::Transfer => Flow { from_account_id: side, ..flow },
    };
    Intent::AddFlow { id: id(called), flow }
}

fn spends(called: &str, category: ExpenseCategory, amount: &str) -> Intent {
    flow(called, FlowKind::Expense(category), amount)
}

fn monthly(employer: &str, who: &str, gross: &str) -> Intent {
    let pay = Pay::Salary { gross_annual_salary: money(gross) };
    earning(Income { member_id: Some(id(who)), pay, pay_frequency: PayFrequency::Monthly, ..salary(employer, gross) })
}

fn grouped(called: &str, account_type: AccountType) -> domain::household::facts::Account {
    domain::household::facts::Account { asset_group_id: Some(id("Home")), ..account(called, account_type) }
}

fn family() -> Home {
    let thirty_years = LiabilityPatch { term_months: Some(Some(360)), ..Default::default() };
    let terms = LiabilityPatch { interest_rate: Some(rate("0.06")), ..thirty_years };
    let mortgage = domain::household::command::Holding {
        balance: Some(balance("200000.00")),
        liability: Some(domain::household::command::Told::Whole(terms)),
        asset_details: None,
    };
    let house = domain::household::command::Holding { balance: Some(balance("300000.00")), ..Default::default() };
    given([
        opened_with(domain::household::facts::Profile { filing_status: FilingStatus::MarriedJointly, ..profile() }, "Ada"),
        born("Ada", "1980-05-01"),
        joined("Bob", Relationship::Spouse),
        born("Bob", "1978-03-10"),
        joined("Kit", Relationship::Child),
        born("Kit", "2020-01-01"),
        holds("Checking", AccountType::Checking, "10000.00"),
        holds("Savings", AccountType::Savings, "20000.00"),
        holds("Brokerage", AccountType::Brokerage, "30000.00"),
        Intent::CreateAssetGroup { id: id("Home"), name: name("Home") },
        holding(grouped("House", AccountType::PrimaryResidence), house),
        holding(grouped("Mortgage", AccountType::PrimaryMortgage), mortgage),
        holds("Car", AccountType::Vehicle, "15000.00"),
        owes("Card", AccountType::CreditCard, "5000.00", "0.20", LiabilityPatch::default()),
        owes("Student loan", AccountType::StudentLoanFederal, "12000.00", "0.05", LiabilityPatch::default()),
        monthly("Acme", "Ada", "96000.00"),
        deducted(deduction(PretaxDeductionType::Traditional401k, percent("0.06"))),
        monthly("Globex", "Bob", "60000.00"),
        spends("Groceries", ExpenseCategory::Groceries, "1000.00"),
        spends("Travel", ExpenseCategory::VacationTravel, "500.00"),
        spends("Fuel", ExpenseCategory::GasFuel, "200.00"),
        spends("Insurance", ExpenseCategory::AutoInsurance, "100.00"),
    ])
}

/// One person: 5,000.00 a month come in untaxed, 1,800.00 are spent on food and 1,200.00 on rent; 9,000.00 at hand.
fn single() -> Home {
    given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "9000.00"),
        flow("Gifts", FlowKind::Income(IncomeCategory::OtherIncome), "5000.00"),
        spends("Food", ExpenseCategory::Groceries, "1800.00"),
        spends("Flat", ExpenseCategory::Rent, "1200.00"),
    ])
}

/// Answers from JSON, names in braces being ids.
fn answers(told: Value) -> Answers {
    let value = |value: Value| match value.as_str().and_then(|text| text.strip_prefix('{')?.strip_suffix('}')) {
        Some(called) => Told::Text(id::<Uuid>(called).to_string()),
        None => Told::from(value),
    };
    told.as_object().unwrap().iter().map(|(key, told)| (key.clone(), value(told.clone()))).collect()
}

const WHAT_IF: ScenarioId = ScenarioId(Uuid::from_u128(77));

fn new_scenario() -> NewScenario {
    NewScenario {
        name: name("What if"),
        description: None,
        parent_id: None,
        start_date: None,
        projection_months: None,
        assumptions: AssumptionsPatch::default(),
    }
}

fn applied(template: &str, told: Value) -> Intent {
    let template = Template::parse(template).unwrap();
    let application = Application { template, answers: answers(told), effective_date: None };
    Intent::ApplyTemplate { application, target: Target::New { id: WHAT_IF, scenario: new_scenario() }, seed: Uuid::from_u128(7) }
}

fn sentences(home: &Home) -> Vec<String> {
    described(&home.state(), WHAT_IF, date(TODAY)).into_iter().map(|(_, line)| line).collect()
}

#[track_caller]
fn comes_to(home: &Home, template: &str, told: Value, expected: &[&str]) {
    assert_eq!(sentences(&home.when(applied(template, told)).done()), expected, "{template}");
}

fn filled(home: &Home, template: Template) -> Filled {
    let state = home.state();
    let figures = Figures::of(&state, date(TODAY), tables());
    template.fill(&figures, date("2026-12-01"), &Answers::new())
}

fn default_of(home: &Home, template: &str, key: &str) -> Option<String> {
    let filled = filled(home, Template::parse(template).unwrap());
    filled.questions.iter().find(|question| question.key == key).unwrap().default.clone()
}

#[test]
fn a_new_job_pays_a_tenth_more_than_the_best_one() {
    comes_to(&family(), "new_job", json!({}), &["From December 2026: Acme becomes 105,600.00 a year"]);
    let told = json!({"income_id": "{Globex}", "gross_annual_salary": 72000, "gap_months": 2, "signing_bonus": "5000"});
    let expected = [
        "From December 2026 to January 2027: Globex stops",
        "From February 2027: Globex becomes 72,000.00 a year",
        "In February 2027: 5,000.00 comes in once, taxed as wages",
    ];
    comes_to(&family(), "new_job", told, &expected);
}

#[test]
fn a_raise_is_a_part_of_the_pay() {
    // 96,000 × 1.05; 60,000 × 1.1
    comes_to(&family(), "raise", json!({}), &["From December 2026: Acme becomes 100,800.00 a year"]);
    let told = json!({"income_id": "{Globex}", "raise_rate": "0.10"});
    comes_to(&family(), "raise", told, &["From December 2026: Globex becomes 66,000.00 a year"]);
}

#[test]
fn who_loses_a_job_lives_on_insurance_until_the_next() {
    // Half of 8,000 is more than 1,950; insurance ends with the search.
    let told = json!({"months_without_work": 4, "next_gross_annual_salary": "90000", "severance": "8000", "spending_cut_rate": "0.1"});
    let expected = [
        "From December 2026 to March 2027: Acme stops",
        "In December 2026: 8,000.00 comes in once, taxed as wages",
        "From December 2026 to March 2027: unemployment of 1,950.00 a month begins, untaxed",
        "From December 2026 to March 2027: all spending falls by 10 %",
        "From April 2027: Acme becomes 90,000.00 a year",
    ];
    comes_to(&family(), "job_loss", told, &expected);
    // As many months as what is at hand lasts.
    let months = metrics::at(&family().state(), date(TODAY)).liquidity_months.value().unwrap().trunc();
    assert_eq!(default_of(&family(), "job_loss", "months_without_work"), Some(months.to_string()));
    assert!((3..=12).contains(&months.try_into().unwrap_or(0)), "{months}: else the bounds would count");
}

#[test]
fn a_side_business_costs_first_and_brings_a_tenth_of_the_best_pay() {
    let expected = [
        "In December 2026: 2,400.00 is spent once on business equipment",
        "From March 2027: self employment of 800.00 a month begins, taxed as profit",
    ];
    comes_to(&family(), "side_business", json!({}), &expected);
}

#[test]
fn single_changes_of_income_are_templates_too() {
    comes_to(&family(), "add_income", json!({}), &["From December 2026: salary of 1,300.00 a month begins, taxed as wages"]);
    let told = json!({"amount": "50", "frequency": "weekly", "category": "tips", "tax_treatment": "untaxed", "duration_months": 3});
    comes_to(&family(), "add_income", told, &["From December 2026 to February 2027: tips of 50.00 a week begins, untaxed"]);
    comes_to(&family(), "modify_income", json!({}), &["From December 2026: Acme becomes 100,800.00 a year"]);
    comes_to(&single(), "modify_income", json!({"amount": "5100"}), &["From December 2026: Gifts becomes 5,100.00 each time"]);
    let told = json!({"source_id": "{Globex}", "duration_months": 3});
    comes_to(&family(), "remove_income", told, &["From December 2026 to February 2027: Globex stops"]);
}

#[test]
fn single_changes_of_spending_are_templates_too() {
    // 5 % of 1,800; the largest is 1,000.
    comes_to(&family(), "add_expense", json!({}), &["From December 2026: miscellaneous of 90.00 a month begins"]);
    comes_to(&family(), "modify_expense", json!({}), &["From December 2026: Groceries becomes 900.00 each time"]);
    comes_to(&family(), "remove_expense", json!({"flow_id": "{Travel}"}), &["From December 2026: Travel stops"]);
    comes_to(&family(), "large_purchase", json!({}), &["In December 2026: 13,000.00 is spent once on home improvement"]);
}

#[test]
fn a_move_costs_a_month_and_makes_life_dearer() {
    let expected = ["In December 2026: 1,800.00 is spent once on miscellaneous", "From December 2026: all spending rises by 5 %"];
    comes_to(&family(), "relocation", json!({}), &expected);
    let told = json!({"moving_costs": "0", "living_cost_rate": "0", "income_id": "{Globex}", "gross_annual_salary": "66000"});
    comes_to(&family(), "relocation", told, &["From December 2026: Globex becomes 66,000.00 a year"]);
}

#[test]
fn a_home_costs_three_years_of_income_and_a_fifth_of_that_is_paid_at_once() {
    // 3 × 156,000 = 468,000; a fifth, 93,600, is more than the 60,000 at hand. 3 % of the price to close; 1.1 %, 0.5 % and 1 % a year.
    let expected = [
        "In December 2026: primary mortgage of 408,000.00 is borrowed into Checking, at 6.5 % over 360 months",
        "In December 2026: primary residence worth 468,000.00 is acquired, paid from Checking",
        "In December 2026: 14,040.00 is spent once on bank fees",
        "From December 2026: property tax of 429.00 a month begins",
        "From December 2026: homeowners insurance of 195.00 a month begins",
        "From December 2026: home maintenance of 390.00 a month begins",
    ];
    comes_to(&family(), "home_purchase", json!({}), &expected);
    // Rent ends, a price in full needs no mortgage. 60,000 / 12 × 1.1 % = 45.83 and so on, of 50,000.
    let told = json!({"price": "50000", "down_payment": "50000", "closing_cost_rate": "0", "insurance_rate": 0, "maintenance_rate": 0});
    let expected = [
        "In December 2026: primary residence worth 50,000.00 is acquired, paid from Checking",
        "From December 2026: property tax of 45.83 a month begins",
        "From December 2026: Flat stops",
    ];
    comes_to(&single(), "home_purchase", told, &expected);
}

#[test]
fn a_home_is_sold_with_its_mortgage_and_rent_is_paid_from_then_on() {
    let expected = [
        "In December 2026: House is sold for 300,000.00, at costs of 18,000.00, and Mortgage is paid off",
        "From December 2026: rent of 1,500.00 a month begins",
    ];
    comes_to(&family(), "home_sale", json!({}), &expected);
    let told = json!({"sale_price": "310000", "selling_cost_rate": "0.05", "mortgage_account_id": null, "rent": null});
    comes_to(&family(), "home_sale", told, &["In December 2026: House is sold for 310,000.00, at costs of 15,500.00"]);
}

#[test]
fn a_child_costs_its_share_and_five_years_of_care() {
    // 1,800 × 0.3 / 1.8; care from March 2027 for 57 months.
    let expected = [
        "In December 2026: 2,900.00 is spent once on medical expenses",
        "From December 2026 to February 2027: Globex stops",
        "From December 2026: household supplies of 300.00 a month begins",
        "From March 2027 to November 2031: childcare of 970.00 a month begins",
    ];
    comes_to(&family(), "new_baby", json!({"leave_income_id": "{Globex}"}), &expected);
}

#[test]
fn who_marries_shares_a_household() {
    // A tenth of 60,000; 3,000 × 0.5 / 1.0.
    let expected =
        ["In December 2026: 6,000.00 is spent once on miscellaneous", "From December 2026: household supplies of 1,500.00 a month begins"];
    comes_to(&single(), "marriage", json!({}), &expected);
    let told = json!({"wedding_costs": "0", "partner_monthly_income": "4000", "partner_monthly_costs": null});
    comes_to(&single(), "marriage", told, &["From December 2026: salary of 4,000.00 a month begins, taxed as wages"]);
    assert_eq!(filled(&family(), Template::Marriage).unfit, Some("the household is married already"));
}

#[test]
fn who_divorces_parts_with_half_and_with_the_other_income() {
    // Half of 60,000; 0.5 / 1.8 = 27.77 %.
    let expected = [
        "In December 2026: 7,000.00 is spent once on miscellaneous",
        "In December 2026: 30,000.00 is spent once on miscellaneous",
        "From December 2026: Globex stops",
        "From December 2026: all spending falls by 27.77 %",
        "From December 2026: child support paid of 900.00 a month begins",
    ];
    comes_to(&family(), "divorce", json!({"child_support": "900"}), &expected);
    assert_eq!(filled(&single(), Template::Divorce).unfit, Some("nobody here is married"));
}

#[test]
fn studies_cost_and_may_take_the_place_of_work() {
    // 11,950 / 12 and 1,300 / 12; 60,000 × 1.2 afterwards.
    let expected = [
        "From December 2026 to November 2028: college tuition of 995.83 a month begins",
        "From December 2026 to November 2028: books supplies of 108.33 a month begins",
        "From December 2026 to November 2028: Globex stops",
        "In December 2026: student loan federal of 10,000.00 is borrowed into Checking, at 6.39 % over 120 months",
        "From December 2028: Globex becomes 72,000.00 a year",
    ];
    comes_to(&family(), "back_to_school", json!({"income_id": "{Globex}", "loan_amount": "10000"}), &expected);
}

#[test]
fn a_student_loan_is_paid_faster() {
    let expected = ["From December 2026: 150.00 more a month is paid on Student loan until it is gone"];
    comes_to(&family(), "pay_off_student_loans", json!({"extra_monthly": "150"}), &expected);
    assert_eq!(filled(&single(), Template::PayOffStudentLoans).unfit, Some("there is no student loan"));
}

#[test]
fn an_illness_costs_and_keeps_from_work() {
    // 60 % of 96,000.
    let expected = [
        "In December 2026: 10,600.00 is spent once on medical expenses",
        "From December 2026 to November 2027: medical expenses of 200.00 a month begins",
        "From December 2026 to January 2027: Acme becomes 57,600.00 a year",
    ];
    comes_to(&family(), "major_medical_event", json!({}), &expected);
}

#[test]
fn what_the_law_allows_goes_into_health_savings() {
    // 8,750 for a family in 2026, of 96,000: 9.11 %, rounded down.
    comes_to(&family(), "hsa", json!({}), &["From December 2026: HSA contributions from Acme become 9.11 % of pay"]);
}

#[test]
fn a_car_is_bought_on_credit_and_costs_what_the_other_one_does() {
    // 35 % of 156,000 in steps of 500; a fifth at once.
    let expected = [
        "In December 2026: Car is sold for what it is worth; the gain is not taxed",
        "In December 2026: auto loan of 43,600.00 is borrowed into Checking, at 6.7 % over 48 months",
        "In December 2026: vehicle worth 54,500.00 is acquired, paid from Checking",
        "From December 2026: auto insurance of 100.00 a month begins",
        "From December 2026: gas fuel of 200.00 a month begins",
    ];
    comes_to(&family(), "buy_car", json!({"trade_in_account_id": "{Car}"}), &expected);
}

#[test]
fn an_inheritance_comes_as_money_or_as_investments() {
    comes_to(&family(), "inheritance", json!({}), &["In December 2026: 156,000.00 comes in once, untaxed"]);
    let told = json!({"amount": "20000", "form": "investments", "pay_down_account_id": "{Card}"});
    let expected = [
        "In December 2026: brokerage worth 20,000.00 is acquired, without being paid for",
        "In December 2026: 5,000.00 is paid down on Card",
    ];
    comes_to(&family(), "inheritance", told, &expected);
}

#[test]
fn the_dearest_debt_goes_first() {
    let expected = ["From December 2026: 200.00 more a month is paid on Card until it is gone"];
    comes_to(&family(), "accelerate_debt", json!({"extra_monthly": "200"}), &expected);
    comes_to(&family(), "lump_sum_payoff", json!({"amount": "4000"}), &["In December 2026: 4,000.00 is paid down on Card"]);
    // What is at hand beyond three months of expenses, at most what is owed.
    let spare = money("60000.00") - metrics::at(&family().state(), date(TODAY)).monthly_expenses.scaled(3, 1);
    assert_eq!(default_of(&family(), "lump_sum_payoff", "amount"), Some(spare.min(money("5000.00")).to_string()));
    let surplus = metrics::at(&family().state(), date(TODAY)).monthly_surplus.cents();
    let half = domain::money::Money::from_cents(surplus / 2 / 1000 * 1000);
    assert_eq!(default_of(&family(), "accelerate_debt", "extra_monthly"), Some(half.to_string()));
    for template in [Template::AccelerateDebt, Template::LumpSumPayoff] {
        assert_eq!(filled(&single(), template).unfit, Some("nothing is owed here"));
    }
}

#[test]
fn the_largest_mortgage_is_refinanced_at_a_point_less() {
    // 3 % of 200,000.
    let expected = ["In December 2026: Mortgage is refinanced at 5 % over 360 months, at costs of 6,000.00 added to the loan"];
    comes_to(&family(), "refinance", json!({}), &expected);
    let told = json!({"account_id": "{Student loan}", "term_months": 48, "closing_costs_paid": "cash", "cash_out": 1000});
    let expected = ["In December 2026: Student loan is refinanced at 4 % over 48 months, and 1,000.00 is taken out"];
    comes_to(&family(), "refinance", told, &expected);
}

#[test]
fn two_months_of_income_are_borrowed() {
    let expected = ["In December 2026: personal loan of 26,000.00 is borrowed into Checking, at 11.7 % over 36 months"];
    comes_to(&family(), "take_loan", json!({}), &expected);
}

#[test]
fn what_is_to_be_saved_is_put_aside_in_equal_parts_rounded_up() {
    // 10,000 / 24 = 416.666…
    let expected = ["From December 2026 to November 2028: 416.67 a month is put aside into Savings"];
    comes_to(&family(), "savings_goal", json!({"amount": "10000"}), &expected);
    let unfit = "there is no account beside the one that bills are paid from";
    assert_eq!(filled(&single(), Template::SavingsGoal).unfit, Some(unfit));
}

#[test]
fn estimated_taxes_are_a_quarter_of_what_is_not_withheld() {
    comes_to(
        &family(),
        "quarterly_estimates",
        json!({"quarterly_amount": "1500"}),
        &["From December 2026: estimated taxes become 1,500.00 a quarter"],
    );
    let shop = Income { income_type: domain::vocabulary::IncomeType::SelfEmployed, ..salary("Shop", "40000.00") };
    let home = family().and([earning(shop)]);
    let year = tax_summary(&home.state(), date(TODAY), &Beside::default(), tables()).unwrap().unwrap();
    let due = (year.federal.tax - year.federal.withheld).cents();
    assert!(due > 0, "a business of 40,000 is not withheld from");
    let quarter = domain::money::Money::from_cents((due + 3) / 4);
    assert_eq!(default_of(&home, "quarterly_estimates", "quarterly_amount"), Some(quarter.to_string()));
}

#[test]
fn who_retires_gives_up_every_job_and_gets_what_the_law_says() {
    // Bob is older: 5,000 a month are 90 % of 1,286 + 32 % of 3,714 = 2,345.88, rounded down to ten cents.
    let expected = [
        "From December 2026: Globex stops",
        "From December 2026: pension of 500.00 a month begins, untaxed",
        "From December 2026: all spending falls by 10 %",
        "From December 2026: health insurance of 202.90 a month begins",
        "From December 2027: social security of 2,345.80 a month begins, untaxed",
    ];
    comes_to(&family(), "retire", json!({"social_security_after_months": 12, "pension_monthly": "500"}), &expected);
    // He is 67 in March 2045, which is behind the end of the plan.
    assert_eq!(default_of(&family(), "retire", "social_security_after_months").as_deref(), Some("219"));
    comes_to(&family(), "retire", json!({"spending_cut_rate": 0, "health_insurance_monthly": 0}), &["From December 2026: Globex stops"]);
    assert_eq!(filled(&single(), Template::Retire).unfit, Some("nobody here earns anything by working"));
}

#[test]
fn two_points_more_go_into_the_401k() {
    comes_to(&family(), "raise_401k_rate", json!({}), &["From December 2026: 401(k) contributions from Acme become 8 % of pay"]);
}

#[test]
fn each_fits_this_family_and_needs_no_answer_but_a_wedding() {
    for template in Template::ALL {
        let filled = filled(&family(), *template);
        assert_eq!(filled.unfit.is_some(), *template == Template::Marriage, "{template}: {:?}", filled.unfit);
        assert_eq!(filled.missing, Vec::<&str>::new(), "{template}");
        assert!(filled.unfit.is_some() || !filled.changes.is_empty(), "{template} changes nothing");
        let keys: BTreeSet<&str> = filled.questions.iter().map(|question| question.key).collect();
        assert_eq!(keys.len(), filled.questions.len(), "{template} asks twice for one thing");
        assert!(filled.questions.iter().all(|question| question.step < filled.steps.len()), "{template}");
        for question in &filled.questions {
            assert_eq!(question.default.is_some(), question.default_basis.is_some(), "{template}: {}", question.key);
            let among = |choices: &Vec<domain::templates::Choice>| {
                question.default.as_ref().is_none_or(|it| choices.iter().any(|one| one.value == *it))
            };
            assert!(question.choices.as_ref().is_none_or(among), "{template}: {}", question.key);
        }
    }
}

#[test]
fn every_category_of_the_specification_has_templates() {
    let used: BTreeSet<TemplateCategory> = Template::ALL.iter().map(|template| template.category()).collect();
    assert_eq!(used.len(), TemplateCategory::ALL.len());
    assert!(Template::ALL.iter().all(|template| !template.title().is_empty() && template.description().ends_with('.')));
}

#[test]
fn everything_that_is_wrong_with_answers_is_said_at_once() {
    let told = json!({"price": "-1", "down_payment": "x", "from_account_id": "{Card}", "rate": null, "term_months": 0, "garage": true});
    let refused = family().when(applied("home_purchase", told));
    refused.then_invalid([
        ("answers.price", "out_of_range"),
        ("answers.from_account_id", "not_allowed_here"),
        ("answers.down_payment", "not_an_amount"),
        ("answers.rate", "null"),
        ("answers.term_months", "out_of_range"),
        ("answers.garage", "unknown_field"),
    ]);
    let told = json!({"price": "100000", "down_payment": "100000.01"});
    family().when(applied("home_purchase", told)).then_invalid([("answers.down_payment", "not_allowed_here")]);
    family().when(applied("lump_sum_payoff", json!({"amount": "5000.01"}))).then_invalid([("answers.amount", "out_of_range")]);
    single()
        .when(applied("accelerate_debt", json!({})))
        .then_invalid([("template_id", "not_allowed_here"), ("answers.account_id", "missing")]);
    let nothing = json!({"moving_costs": 0, "living_cost_rate": 0});
    family().when(applied("relocation", nothing)).then_invalid([("answers", "not_allowed_here")]);
}

#[test]
fn what_is_wrong_with_the_new_scenario_is_said_together_with_the_answers() {
    let scenario = NewScenario { parent_id: Some(id("nobody")), projection_months: Some(0), ..new_scenario() };
    let application = Application { template: Template::Raise, answers: answers(json!({"raise_rate": 2})), effective_date: None };
    let intent = Intent::ApplyTemplate { application, target: Target::New { id: WHAT_IF, scenario }, seed: Uuid::nil() };
    family().when(intent).then_invalid([
        ("new_scenario.projection_months", "out_of_range"),
        ("new_scenario.parent_id", "unknown_scenario"),
        ("answers.raise_rate", "out_of_range"),
    ]);
}

#[test]
fn a_template_is_added_to_a_scenario_behind_what_is_there() {
    let home = family().when(applied("raise", json!({}))).then(["scenario.created", "scenario_change.added"]);
    let application = |day| Application { template: Template::LargePurchase, answers: Answers::new(), effective_date: Some(date(day)) };
    let add = |day| Intent::ApplyTemplate { application: application(day), target: Target::Existing(WHAT_IF), seed: Uuid::from_u128(8) };
    let more = home.when(add("2027-06-15")).then(["scenario_change.added"]);
    assert_eq!(
        sentences(&more),
        ["From December 2026: Acme becomes 100,800.00 a year", "In June 2027: 13,000.00 is spent once on home improvement"]
    );
    home.when(add("2026-10-31")).then_invalid([("effective_date", "outside_horizon")]);
    home.when(add("2036-11-01")).then_invalid([("effective_date", "outside_horizon")]);
    let baseline = HOUSE.baseline();
    let onto = Intent::ApplyTemplate { application: application("2027-01-01"), target: Target::Existing(baseline), seed: Uuid::nil() };
    assert!(matches!(home.when(onto).refused(), domain::household::HouseholdError::Conflict(_)));
}

#[test]
fn what_lasts_beyond_the_plan_says_so_and_what_begins_behind_it_is_left_out() {
    let scenario = NewScenario { projection_months: Some(3), ..new_scenario() };
    let application =
        Application { template: Template::NewBaby, answers: answers(json!({"leave_income_id": "{Globex}"})), effective_date: None };
    let intent = Intent::ApplyTemplate { application, target: Target::New { id: WHAT_IF, scenario }, seed: Uuid::nil() };
    let home = family().when(intent).done();
    // November to January: the leave lasts to February, care begins in March.
    assert_eq!(
        sentences(&home),
        [
            "In December 2026: 2,900.00 is spent once on medical expenses",
            "From December 2026: Globex stops",
            "From December 2026: household supplies of 300.00 a month begins",
        ]
    );
    let state = home.state();
    let notes: Vec<_> = state.scenario_changes[&WHAT_IF].values().filter_map(|change| change.notes.clone()).collect();
    assert_eq!(notes.iter().map(|notes| notes.as_str()).collect::<Vec<_>>(), ["Lasts to 2027-02-28, which is beyond the end of the plan."]);
}

#[test]
fn a_template_begins_next_month_or_when_its_plan_does() {
    let home = family();
    let (today, state) = (date(TODAY), home.state());
    assert_eq!(usual_day(&state, HOUSE.baseline(), today), date("2026-12-01"));
    let plan = |start: Option<&str>, months| {
        let scenario = NewScenario { start_date: start.map(date), projection_months: Some(months), ..new_scenario() };
        home.when(Intent::CreateScenario { id: WHAT_IF, scenario }).done().state()
    };
    assert_eq!(usual_day(&plan(Some("2030-05-20"), 12), WHAT_IF, today), date("2030-05-01"));
    assert_eq!(usual_day(&plan(None, 1), WHAT_IF, today), date("2026-11-01"));
}
