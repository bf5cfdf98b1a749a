//! A scenario in sentences: what has no effect in the household as it stands, says so.

use domain::household::command::{AccountPatch, IncomePatch, Intent};
use domain::household::described;
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
    let mut lines: Vec<String> = described(&home.state(), id::<ScenarioId>("Plan")).into_iter().map(|(_, line)| line).collect();
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
