//! A scenario in sentences: what has no effect in the household as it stands, says so.

use domain::household::command::{AccountPatch, ChangePatch, IncomePatch, Intent, LiabilityPatch, ScenarioPatch};
use domain::household::described;
use domain::household::facts::VariableRate;
use domain::ids::ScenarioId;
use domain::projection::changes::{ChangeType, Source};
use domain::vocabulary::AccountType;
use serde_json::json;

use super::scenarios::{change, scenario};
use super::support::*;

/// Ada with a job at Acme, 20,000 in checking and a loan, and a plan with these changes.
fn planning(changes: Vec<(&str, ChangeType, Option<Source>, serde_json::Value)>) -> Home {
    let planned = changes.into_iter().map(|(called, change_type, source, parameters)| {
        let (id, mut new) = change(called, change_type, "2027-01-01", parameters);
        new.source = source;
        (id, new)
    });
    let changes = planned.collect();
    let loan = owes("Loan", AccountType::PersonalLoan, "9000", "0.05", Default::default());
    given([opened("Ada"), holds("Checking", AccountType::Checking, "20000"), loan, salaried("Acme", "60000")])
        .and([Intent::CreateScenarioWith { id: id("Plan"), scenario: scenario("Plan"), changes }])
}

fn lines(home: &Home) -> Vec<String> {
    let mut lines: Vec<String> =
        described(&home.state(), id::<ScenarioId>("Plan"), date(home.today)).into_iter().map(|(_, line)| line).collect();
    lines.sort_unstable();
    lines
}

#[test]
fn a_change_of_something_that_was_put_out_of_use_or_removed_says_that_it_has_no_effect() {
    let home = planning(vec![
        ("Quit", ChangeType::RemoveIncome, Some(Source::Income(id("Acme"))), json!({})),
        ("Faster", ChangeType::PayoffDebt, Some(Source::Account(id("Loan"))), json!({"extra_monthly": "100"})),
        ("Save", ChangeType::SetSavingsTransfer, None, json!({"amount": "50", "target_account_id": id::<uuid::Uuid>("Loan")})),
        ("Contribute", ChangeType::Modify401k, None, json!({"percentage": "0.1"})),
    ]);
    assert_eq!(
        lines(&home),
        [
            "From January 2027: 100.00 more a month is paid on Loan until it is gone",
            "From January 2027: 401(k) contributions from every job become 10 % of pay",
            "From January 2027: 50.00 a month is put aside into Loan",
            "From January 2027: Acme stops",
        ]
    );
    let unused = Intent::ChangeAccount {
        id: id("Loan"),
        patch: AccountPatch { active: Some(false), ..Default::default() },
        holding: Default::default(),
    };
    let home = home.and([unused, changed_income("Acme", IncomePatch { active: Some(false), ..Default::default() })]);
    assert_eq!(
        lines(&home),
        [
            "From January 2027: 100.00 more a month is paid on Loan until it is gone (without effect: it is not in use)",
            "From January 2027: 401(k) contributions from every job become 10 % of pay (without effect: there is no job)",
            "From January 2027: 50.00 a month is put aside into Loan (without effect: it is not in use)",
            "From January 2027: Acme stops (without effect: it is not in use)",
        ]
    );
    let home = home.and([Intent::RemoveIncome { id: id("Acme") }]);
    assert_eq!(lines(&home)[3], "From January 2027: something that is gone stops (without effect: it is gone)");
}

#[test]
fn a_change_of_rates_or_values_of_which_there_is_nothing_says_so() {
    let of = |change_type, parameters| lines(&planning(vec![("One", change_type, None, parameters)])).remove(0);
    let points = |applies_to: &str| json!({"percentage_points": "2", "applies_to": applies_to});
    let fraction = |applies_to: &str| json!({"fraction": "-0.2", "applies_to": applies_to});
    let (rates, values) = (ChangeType::AdjustInterestRates, ChangeType::AdjustInvestmentValue);
    for (line, has_effect) in [
        (of(rates, points("all")), true),
        (of(rates, points("personal_loan")), true),
        (of(rates, points("heloc")), false),
        (of(rates, points("variable")), false),
        (of(values, fraction("all")), false),
        (of(values, fraction("brokerage")), false),
    ] {
        assert_eq!(!line.contains("(without effect: there is no"), has_effect, "{line}");
    }
}

#[test]
fn money_is_not_sold() {
    let home = given([opened("Ada"), holds("Checking", AccountType::Checking, "20000")]);
    let (id_, mut sale) = change("Sale", ChangeType::SellAsset, "2027-01-01", json!({}));
    sale.source = Some(Source::Account(id("Checking")));
    let create = Intent::CreateScenarioWith { id: id("Plan"), scenario: scenario("Plan"), changes: vec![(id_, sale)] };
    home.when(create).then_invalid([("changes[0].source.id", "not_allowed_here")]);
}

#[test]
fn a_change_that_no_month_of_the_plan_sees_says_so() {
    let told = json!({"amount": "500.00", "frequency": "monthly", "category": "childcare"});
    let home = planning(vec![
        ("Bonus", ChangeType::LumpSumIncome, None, json!({"amount": "9000.00", "tax_treatment": "untaxed"})),
        ("Nursery", ChangeType::AddExpense, None, told),
    ]);
    let until = ChangePatch { end_date: Some(Some(date("2027-03-31"))), ..Default::default() };
    let home = home.and([Intent::ChangeScenarioChange { scenario_id: id("Plan"), id: id("Nursery"), patch: until }]);
    let (bonus, nursery) =
        ("In January 2027: 9,000.00 comes in once, untaxed", "From January 2027 to March 2027: childcare of 500.00 a month begins");
    assert_eq!(lines(&home), [nursery.to_owned(), bonus.to_owned()]);
    let home = home.on("2027-02-01");
    assert_eq!(lines(&home), [nursery.to_owned(), format!("{bonus} (without effect: its month has passed)")]);
    let home = home.on("2027-04-01");
    assert_eq!(lines(&home)[0], format!("{nursery} (without effect: it is over)"));
    // One month from November 2026 on.
    let short = ScenarioPatch { projection_months: Some(1), ..Default::default() };
    let home = home.on(TODAY).and([Intent::ChangeScenario { id: id("Plan"), patch: short, assumptions: Default::default() }]);
    assert_eq!(lines(&home)[1], format!("{bonus} (without effect: it begins after the plan's last month)"));
}

#[test]
fn a_second_sale_and_a_new_value_of_what_was_sold_say_that_it_was() {
    let house = Some(Source::Account(id("House")));
    let changes = [
        ("Sell", ChangeType::SellAsset, "2027-01-01", json!({"sale_price": "320000.00"})),
        ("Revalue", ChangeType::ModifyAsset, "2027-02-01", json!({"value": "400000.00"})),
        ("Sell again", ChangeType::SellAsset, "2027-03-01", json!({"sale_price": "330000.00"})),
    ];
    let changes = changes.into_iter().map(|(called, change_type, day, parameters)| {
        let (id, mut new) = change(called, change_type, day, parameters);
        new.source = house;
        (id, new)
    });
    let home = given([opened("Ada"), holds("House", AccountType::PrimaryResidence, "300000")]).and([Intent::CreateScenarioWith {
        id: id("Plan"),
        scenario: scenario("Plan"),
        changes: changes.collect(),
    }]);
    assert_eq!(
        lines(&home),
        [
            "In February 2027: House is worth 400,000.00 (without effect: it has been sold before)",
            "In January 2027: House is sold for 320,000.00",
            "In March 2027: House is sold for 330,000.00 (without effect: it has been sold before)",
        ]
    );
}

#[test]
fn a_rate_that_the_floor_of_a_debt_does_not_allow_says_so() {
    let bounds = VariableRate { index: None, margin: None, floor: Some(rate("0.05")), ceiling: Some(rate("0.12")) };
    let terms = LiabilityPatch { variable_rate: Some(Some(bounds)), ..Default::default() };
    let line = |rate: &str, refinanced: bool| {
        let (change_id, mut new) = change("Rate", ChangeType::ModifyDebt, "2027-02-01", json!({"rate": rate}));
        let (other_id, mut other) = change("Refinance", ChangeType::Refinance, "2027-01-01", json!({"rate": "0.06", "term_months": 60}));
        (new.source, other.source) = (Some(Source::Account(id("Line"))), Some(Source::Account(id("Line"))));
        other.enabled = refinanced;
        let home = given([opened("Ada"), owes("Line", AccountType::Heloc, "9000", "0.07", terms.clone())]);
        let create =
            Intent::CreateScenarioWith { id: id("Plan"), scenario: scenario("Plan"), changes: vec![(change_id, new), (other_id, other)] };
        lines(&home.and([create])).remove(0)
    };
    assert_eq!(line("0.03", false), "In February 2027: Line becomes one of a rate of 3 % (its floor of 5 % holds)");
    assert_eq!(line("0.15", false), "In February 2027: Line becomes one of a rate of 15 % (its ceiling of 12 % holds)");
    assert_eq!(line("0.06", false), "In February 2027: Line becomes one of a rate of 6 %");
    // A loan that was refinanced is a fixed one.
    assert_eq!(line("0.03", true), "In February 2027: Line becomes one of a rate of 3 %");
}
