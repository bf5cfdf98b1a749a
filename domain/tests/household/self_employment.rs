//! One's own employer: gross comes straight in, and estimated taxes go out four times a year.

use domain::calendar::Frequency;
use domain::flow_kind::FlowKind;
use domain::household::command::{IncomePatch, Intent};
use domain::household::facts::{Income, SelfEmployment};
use domain::money::Money;
use domain::system_flows::SystemFlow;
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeType, PretaxDeductionType, SystemFlowKind};

use super::support::*;
use SystemFlowKind::{EstimatedTax, GrossIncome, NetPay};

fn studio(gross: &str) -> Income {
    Income { income_type: IncomeType::SelfEmployed, ..salary("Studio", gross) }
}
fn own(expenses: &str, quarterly_estimates: Option<[&str; 4]>) -> Intent {
    let self_employment = SelfEmployment {
        estimated_annual_expenses: money(expenses),
        quarterly_estimates: quarterly_estimates.map(|amounts| amounts.map(money)),
        retirement_contribution_rate: rate("0"),
    };
    Intent::SetSelfEmployment { income_id: id("Studio"), self_employment }
}
/// 80,000 a year since January.
fn freelancing() -> Home {
    given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00"), earning(studio("80000.00"))])
}
fn due(home: &Home) -> Vec<(String, Money, Frequency)> {
    let mut flows: Vec<SystemFlow> = home.flows(EstimatedTax);
    flows.sort_by_key(|flow| flow.start_date);
    flows.iter().map(|flow| (flow.start_date.to_string(), flow.amount, flow.frequency)).collect()
}

#[test]
fn what_one_earns_oneself_goes_into_the_main_account_and_not_through_payroll() {
    let home = freelancing();
    let gross = home.flow(GrossIncome);
    // 80,000 / 26
    assert_eq!((gross.amount, gross.to_account_id), (money("3076.92"), Some(id("Everyday"))));
    assert_eq!(home.flows(NetPay), []);
    let tax = home.flow(EstimatedTax);
    assert_eq!((tax.from_account_id, tax.category), (Some(id("Everyday")), FlowKind::Expense(ExpenseCategory::EstimatedTax)));
}

#[test]
fn equal_estimates_are_one_quarterly_flow() {
    let home = freelancing().when(own("20000.00", Some(["3000"; 4]))).then(["self_employment.changed", "system_flows.generated"]);
    assert_eq!(due(&home), [("2026-04-15".to_owned(), money("3000"), Frequency::Quarterly)]);
}

#[test]
fn unequal_estimates_are_paid_each_on_its_due_date() {
    let home = freelancing().and([own("20000.00", Some(["1000", "2000", "3000", "4000"]))]);
    let yearly = |day: &str, amount| (day.to_owned(), money(amount), Frequency::Annually);
    let expected = [yearly("2026-04-15", "1000"), yearly("2026-06-15", "2000"), yearly("2026-09-15", "3000"), yearly("2027-01-15", "4000")];
    assert_eq!(due(&home), expected);
}

#[test]
fn an_estimate_of_nothing_is_no_flow() {
    assert_eq!(due(&freelancing().and([own("20000.00", Some(["0"; 4]))])), []);
    assert_eq!(due(&freelancing().and([own("20000.00", Some(["0", "0", "0", "500"]))])).len(), 1);
}

#[test]
fn without_entered_payments_a_quarter_of_the_safe_harbour_is_due() {
    // Profit 60,000 × 92.35 % = 55,410 × 15.3 % = 8,477.73, half of it deductible: 60,000 − 4,238.865 = 55,761.135 AGI; less the
    // standard deduction of 16,100: 39,661.135; less 20 % of it for qualified business income: 31,728.908;
    // 1,240 + 12 % × (31,728.908 − 12,400) = 3,559.47. Together 12,037.20; 90 % = 10,833.48; a quarter = 2,708.37.
    let home = freelancing().and([own("20000.00", None)]);
    assert_eq!(due(&home), [("2026-04-15".to_owned(), money("2708.37"), Frequency::Quarterly)]);
}

#[test]
fn a_raise_in_the_other_job_raises_the_estimate_in_the_same_batch() {
    let home = freelancing().and([own("20000.00", None), salaried("Acme", "96000.00")]);
    let before = home.flow(EstimatedTax).amount;
    // 300,000 of wages fill the wage base: less self-employment tax, but a bracket of 35 instead of 24 %.
    let after = home.and([raise("Acme", "300000.00")]).flow(EstimatedTax).amount;
    assert_ne!(before, after);
}

#[test]
fn deductions_beyond_the_pay_of_another_job_do_not_stop_the_estimate() {
    let home = freelancing().and([salaried("Acme", "1000.00")]);
    let home =
        home.when(deducted(domain::household::facts::PretaxDeduction { ..deduction(PretaxDeductionType::OtherPretax, fixed("5000.00")) }));
    assert!(home.done().flow(EstimatedTax).amount.is_positive());
}

#[test]
fn nothing_is_due_before_the_work_begins_or_after_it_has_ended() {
    let from = |start: &str, end: Option<&str>| {
        let income = Income { start_date: date(start), end_date: end.map(date), ..studio("80000.00") };
        given([opened("Ada"), earning(income), own("0", Some(["1000", "2000", "3000", "4000"]))])
    };
    let days = |home: Home| due(&home).into_iter().map(|(day, ..)| day).collect::<Vec<_>>();
    assert_eq!(days(from("2026-08-01", None)), ["2026-09-15", "2027-01-15", "2027-04-15", "2027-06-15"]);
    assert_eq!(days(from("2026-01-01", Some("2026-06-30"))), ["2026-04-15", "2026-06-15"]);
    assert_eq!(days(from("2024-01-01", Some("2024-12-31"))), [""; 0]);
}

#[test]
fn only_the_self_employed_have_expenses_and_estimates_of_their_own() {
    let home = given([opened("Ada"), salaried("Studio", "1000.00")]);
    let wrong = own("-1", Some(["-1", "0", "0", "0"]));
    home.when(wrong).then_invalid([
        ("income_id", "not_allowed_here"),
        ("estimated_annual_expenses", "negative"),
        ("quarterly_estimates", "negative"),
    ]);
}

#[test]
fn who_takes_a_job_is_paid_through_payroll_from_then_on() {
    let patch = IncomePatch { income_type: Some(IncomeType::W2), ..Default::default() };
    let home =
        freelancing().when(changed_income("Studio", patch)).then(["income_source.changed", "account.opened", "system_flows.generated"]);
    assert_eq!((home.flows(EstimatedTax).len(), home.flows(NetPay).len()), (0, 1));
}

/// Each by itself would count as the last one added, at the highest rate, and together they would pay too much.
#[test]
fn two_businesses_share_what_one_business_of_both_would_pay() {
    let quarter = |home: &Home| home.flows(EstimatedTax).iter().map(|flow| flow.amount).sum::<Money>();
    let first = Income { name: domain::text::Name::parse("Shop").unwrap(), ..studio("40000.00") };
    let two = given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00"), earning(first), earning(studio("40000.00"))]);
    assert_eq!(two.flows(EstimatedTax).len(), 2);
    let difference = (quarter(&two) - quarter(&freelancing())).abs();
    assert!(difference <= Money::from_cents(2), "{} {}", quarter(&two), quarter(&freelancing()));
}
