//! What may be told of a change, and what is refused, each with its field.

use domain::projection::changes::parameter::{Number, Parameters, Told};
use domain::projection::changes::{ChangeKind, ChangeType};
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn told(parameters: Value) -> Parameters {
    let Value::Object(fields) = parameters else { panic!("an object") };
    fields.into_iter().map(|(name, value)| (name, Told::from(value))).collect()
}

fn problems(change_type: ChangeType, parameters: Value) -> Vec<String> {
    let problems = change_type.read(&told(parameters)).unwrap_err();
    problems.into_iter().map(|(field, problem)| format!("{field}: {}", problem.code())).collect()
}

#[test]
fn every_problem_is_told_at_once_with_its_field() {
    let wrong = json!({"amount": "12.345", "frequency": "often", "category": null, "hourly": true});
    assert_eq!(
        problems(ChangeType::AddIncome, wrong),
        ["hourly: unknown_field", "amount: too_many_decimals", "frequency: unknown_word", "category: null", "tax_treatment: missing"]
    );
}

#[test]
fn a_parameter_of_another_type_is_refused() {
    for (parameters, problem) in [
        (json!({"rate": true, "term_months": 360}), "rate: wrong_type"),
        (json!({"rate": "0.05", "term_months": "many"}), "term_months: not_whole"),
        (json!({"rate": "0.05", "term_months": 12.5}), "term_months: not_whole"),
        (json!({"rate": "0.05", "term_months": 0}), "term_months: out_of_range"),
        (json!({"rate": "0.05", "term_months": 601}), "term_months: out_of_range"),
        (json!({"rate": "5", "term_months": 360}), "rate: out_of_range"),
        (json!({"rate": "-0.01", "term_months": 360}), "rate: out_of_range"),
        (json!({"rate": "0.05", "term_months": 360, "cash_out": "-1"}), "cash_out: negative"),
        (json!({"rate": "0.05", "term_months": 360, "closing_costs": []}), "closing_costs: wrong_type"),
        (json!({"rate": "0.05", "term_months": 360, "closing_costs_paid": "later"}), "closing_costs_paid: unknown_word"),
    ] {
        assert_eq!(problems(ChangeType::Refinance, parameters.clone()), [problem], "{parameters}");
    }
}

#[test]
fn rules_between_parameters_are_told_too() {
    for (change_type, parameters, problem) in [
        (ChangeType::ModifyIncome, json!({}), "amount: not_allowed_here"),
        (ChangeType::ModifyDebt, json!({}), "rate: not_allowed_here"),
        (ChangeType::AddAsset, json!({"value": "1", "account_type": "payroll_clearing"}), "account_type: not_allowed_here"),
        (ChangeType::AdjustTotalIncome, json!({"amount": "-1.5", "mode": "percent"}), "amount: not_allowed_here"),
        (ChangeType::AdjustTotalExpenses, json!({"amount": "1.555", "mode": "absolute"}), "amount: not_allowed_here"),
        (ChangeType::AddAsset, json!({"value": "1", "account_type": "credit_card"}), "account_type: not_allowed_here"),
        (
            ChangeType::AddDebt,
            json!({"principal": "1", "rate": "0", "term_months": 1, "account_type": "savings"}),
            "account_type: not_allowed_here",
        ),
    ] {
        assert_eq!(problems(change_type, parameters), [problem], "{change_type}");
    }
}

#[test]
fn what_a_change_of_the_markets_is_about_is_of_its_kind() {
    let interest = |applies_to: &str| json!({"percentage_points": "2", "applies_to": applies_to});
    let value = |applies_to: &str| json!({"fraction": "-0.2", "applies_to": applies_to});
    for word in ["brokerage", "checking", "payroll_clearing", "some"] {
        assert_eq!(problems(ChangeType::AdjustInterestRates, interest(word)), ["applies_to: unknown_word"], "{word}");
    }
    for word in ["checking", "tax_refund", "primary_mortgage", "payroll_clearing", "variable"] {
        assert_eq!(problems(ChangeType::AdjustInvestmentValue, value(word)), ["applies_to: unknown_word"], "{word}");
    }
    for word in ["all", "brokerage", "hsa", "rental_property", "business_equity"] {
        assert!(ChangeType::AdjustInvestmentValue.read(&told(value(word))).is_ok(), "{word}");
    }
    assert!(ChangeType::AdjustInterestRates.read(&told(interest("heloc"))).is_ok());
}

#[test]
fn a_number_may_be_a_number_or_a_string() {
    let one = ChangeType::Refinance.read(&told(json!({"rate": 0.05, "term_months": "360"}))).unwrap();
    let other = ChangeType::Refinance.read(&told(json!({"rate": "0.05", "term_months": 360}))).unwrap();
    assert_eq!(one, other);
}

/// For every type some parameters, all of them where they do not exclude each other.
pub fn examples() -> Vec<(ChangeType, Value)> {
    let id = "00000000-0000-0000-0000-000000000001";
    vec![
        (ChangeType::AddIncome, json!({"amount": "5", "frequency": "weekly", "category": "bonus", "tax_treatment": "w2", "member_id": id})),
        (ChangeType::ModifyIncome, json!({"amount": "5", "frequency": "weekly", "category": "bonus", "tax_treatment": "untaxed"})),
        (ChangeType::RemoveIncome, json!({})),
        (ChangeType::AddExpense, json!({"amount": "5", "frequency": "weekly", "category": "rent"})),
        (ChangeType::ModifyExpense, json!({"amount": "5", "frequency": "weekly", "category": "rent"})),
        (ChangeType::RemoveExpense, json!({})),
        (ChangeType::AddAsset, json!({"value": "5", "account_type": "vehicle", "funded_from_account_id": id})),
        (ChangeType::ModifyAsset, json!({"value": "5"})),
        (
            ChangeType::SellAsset,
            json!({"sale_price": "5", "selling_costs": "1", "pay_off_account_id": id, "gain_tax": "home_sale_exclusion"}),
        ),
        (
            ChangeType::AddDebt,
            json!({"principal": "5", "rate": "0.05", "term_months": 12, "payment": "1", "account_type": "auto_loan", "proceeds_to_account_id": id}),
        ),
        (ChangeType::ModifyDebt, json!({"principal": "5", "rate": "0.05", "term_months": 12, "payment": "1"})),
        (ChangeType::PayoffDebt, json!({"extra_monthly": "5"})),
        (
            ChangeType::Refinance,
            json!({"rate": "0.05", "term_months": 12, "closing_costs": "5", "closing_costs_paid": "cash", "cash_out": "1"}),
        ),
        (ChangeType::LumpSumIncome, json!({"amount": "5", "tax_treatment": "w2"})),
        (ChangeType::LumpSumExpense, json!({"amount": "5", "category": "rent", "pay_down_account_id": id})),
        (ChangeType::Modify401k, json!({"percentage": "0.1", "income_id": id})),
        (ChangeType::ModifyHsa, json!({"percentage": "0.1", "income_id": id})),
        (ChangeType::AdjustTotalExpenses, json!({"amount": "-0.1", "mode": "percent"})),
        (ChangeType::AdjustTotalIncome, json!({"amount": "500", "mode": "absolute"})),
        (ChangeType::SetSavingsTransfer, json!({"amount": "5", "target_account_id": id})),
        (ChangeType::ModifyWithholding, json!({"extra_monthly": "5", "income_id": id})),
        (ChangeType::ModifyDeductions, json!({"deduction_type": "roth_ira", "amount": "5", "income_id": id})),
        (ChangeType::SwitchEmploymentType, json!({"to": "self_employed"})),
        (ChangeType::SetQuarterlyEstimates, json!({"quarterly_amount": "5"})),
        (ChangeType::OverrideAssumptions, json!({"inflation_rate": "0.1", "investment_return_rate": "0.1", "salary_growth_rate": "0.1"})),
        (ChangeType::OverrideInflation, json!({"rate": "0.1", "duration_months": 12})),
        (ChangeType::OverrideInvestmentReturn, json!({"rate": "0.1", "duration_months": 12})),
        (ChangeType::OverrideSalaryGrowth, json!({"rate": "0.1", "duration_months": 12})),
        (ChangeType::AdjustInterestRates, json!({"percentage_points": "2", "applies_to": "variable"})),
        (ChangeType::AdjustInvestmentValue, json!({"fraction": "-0.2", "applies_to": "all", "recovery_months": 36})),
    ]
}

#[test]
fn every_type_is_read_stored_and_read_back() {
    let examples = examples();
    let types: Vec<ChangeType> = examples.iter().map(|(change_type, _)| *change_type).collect();
    assert_eq!(types, ChangeType::ALL);
    for (change_type, parameters) in examples {
        let kind = change_type.read(&told(parameters.clone())).unwrap_or_else(|problems| panic!("{change_type}: {problems:?}"));
        assert_eq!(kind.change_type(), change_type);
        let stored = serde_json::to_value(kind).unwrap();
        assert_eq!(stored["change_type"], change_type.as_str());
        assert_eq!(serde_json::from_value::<ChangeKind>(stored.clone()).unwrap(), kind);
        let mut unknown = stored;
        unknown["parameters"]["colour"] = json!("red");
        assert!(serde_json::from_value::<ChangeKind>(unknown).is_err(), "{change_type} stores what nobody knows");
        for parameter in change_type.parameters().iter().filter(|parameter| parameter.required) {
            let mut less = told(parameters.clone());
            less.remove(parameter.name);
            let problems = change_type.read(&less).unwrap_err();
            assert!(problems.iter().any(|(field, problem)| field == parameter.name && problem.code() == "missing"), "{change_type}");
        }
    }
}

/// What a goal seek does with any of them: another value, a step away, and back again.
#[test]
fn every_number_of_every_type_can_be_another_by_its_own_step() {
    let mut numbers = 0;
    for (change_type, parameters) in examples() {
        let kind = change_type.read(&told(parameters.clone())).unwrap();
        for spec in change_type.parameters() {
            let Some(number) = kind.number(spec.name) else { continue };
            let text = parameters[spec.name].as_str().map_or_else(|| parameters[spec.name].to_string(), str::to_owned);
            let was: Decimal = text.parse().unwrap();
            let varied = kind.with(spec.name, was + number.step()).unwrap_or_else(|problems| panic!("{change_type}: {problems:?}"));
            assert_ne!(varied, kind, "{change_type}: {}", spec.name);
            assert_eq!(varied.with(spec.name, was).unwrap(), kind, "{change_type}: {}", spec.name);
            numbers += 1;
        }
        assert_eq!(kind.number("colour"), None);
    }
    // Of each type in the order above: six with one, 2, 4, 4, 1, 4, ten with one, 3, 2, 2, 2, 1, 2.
    assert_eq!(numbers, 6 + 2 + 4 + 4 + 1 + 4 + 10 + 3 + 2 + 2 + 2 + 1 + 2);
    let cut = |mode: &str| ChangeType::AdjustTotalExpenses.read(&told(json!({"amount": "-0.1", "mode": mode}))).unwrap().number("amount");
    assert_eq!((cut("percent"), cut("absolute")), (Some(Number::Fraction), Some(Number::Money)));
}
