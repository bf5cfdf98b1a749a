//! Out of debt: against figures by hand, the loan schedules and the projection.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod projection_support;

use domain::calendar::Frequency;
use domain::loans::{LoanTerms, schedule};
use domain::money::Money;
use domain::projection::payoff::{NeverEnds, Payoff, Strategy, payoff};
use domain::projection::{DebtTerms, FlowKind, PaymentRule, Plan, PlanAccount, PlanFlow, project};
use domain::rate::Rate;
use domain::vocabulary::{AccountType, ExpenseCategory};
use projection_support::awkward::{awkward_plan, cases};
use projection_support::{account_id, debt, flow, money, plan, tables};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::Deserialize;

fn with(debts: Vec<PlanAccount>) -> Plan {
    let mut plan = plan("0.00", 12);
    plan.accounts.extend(debts);
    plan
}

fn paid(plan: &Plan, strategy: Strategy, extra: &str) -> Payoff {
    payoff(plan, tables(), strategy, money(extra)).unwrap()
}

fn texts(amounts: &[Money]) -> Vec<String> {
    amounts.iter().map(ToString::to_string).collect()
}

fn ends(payoff: &Payoff) -> Vec<(u16, String)> {
    payoff.debts.iter().map(|debt| (debt.end.months().unwrap(), debt.end.interest().unwrap().to_string())).collect()
}

/// A card of 1000.00 at 2 % a month, paid with 100.00, and a loan of 500.00 at 1 % a month, paid with 50.00.
fn card_and_loan() -> Plan {
    let card = debt(2, AccountType::CreditCard, "1000.00", "0.24", PaymentRule::Fixed(money("100.00")));
    let loan = debt(3, AccountType::PersonalLoan, "500.00", "0.12", PaymentRule::Fixed(money("50.00")));
    with(vec![card, loan])
}

#[test]
fn paid_as_today_each_debt_goes_its_own_way() {
    // Card: 11 × 100.00 and 27.04; loan: 10 × 50.00 and 29.48. What is paid beyond what was owed is interest.
    let today = paid(&card_and_loan(), Strategy::Current, "100.00");
    assert_eq!(ends(&today), [(12, "127.04".to_owned()), (11, "29.48".to_owned())]);
    assert_eq!((today.months(), today.interest()), (Some(12), Some(money("156.52"))));
    assert_eq!(texts(&today.debts[1].payments)[9..], ["50.00", "29.48"]);
    assert!(today.debts.iter().all(|debt| debt.place.is_none()));
}

#[test]
fn a_snowball_takes_the_smallest_balance_first_and_rolls_over_what_is_freed() {
    let snowball = paid(&card_and_loan(), Strategy::Snowball, "100.00");
    // Month 4: the loan owes 60.64, its interest is 0.61, its payment 50.00, and of the 100.00 on top it needs 11.25; 88.75 go to the
    // card. From month 5 on the card gets 100.00 + 100.00 + the 50.00 that are freed. Month 7: 100.01 + 2.00.
    assert_eq!(texts(&snowball.debts[1].balances), ["355.00", "208.55", "60.64", "0.00"]);
    assert_eq!(texts(&snowball.debts[1].payments), ["150.00", "150.00", "150.00", "61.25"]);
    assert_eq!(texts(&snowball.debts[0].balances), ["920.00", "838.40", "755.17", "581.52", "343.15", "100.01", "0.00"]);
    assert_eq!(texts(&snowball.debts[0].payments)[3..], ["188.75", "250.00", "250.00", "102.01"]);
    // 20.00 + 18.40 + 16.77 + 15.10 + 11.63 + 6.86 + 2.00; 5.00 + 3.55 + 2.09 + 0.61.
    assert_eq!(ends(&snowball), [(7, "90.76".to_owned()), (4, "11.25".to_owned())]);
    assert_eq!(snowball.debts.iter().map(|debt| debt.place).collect::<Vec<_>>(), [Some(2), Some(1)]);
}

#[test]
fn an_avalanche_takes_the_highest_rate_first_and_costs_less() {
    let avalanche = paid(&card_and_loan(), Strategy::Avalanche, "100.00");
    assert_eq!(texts(&avalanche.debts[0].balances), ["820.00", "636.40", "449.13", "258.11", "63.27", "0.00"]);
    // Month 6: the card needs 64.54 of its 100.00; 35.46 and the 100.00 on top go to the loan, of which 87.70 are left.
    assert_eq!(texts(&avalanche.debts[1].balances), ["455.00", "409.55", "363.65", "317.29", "270.46", "87.70", "0.00"]);
    assert_eq!(ends(&avalanche), [(6, "64.54".to_owned()), (7, "24.04".to_owned())]);
    assert_eq!(avalanche.interest(), Some(money("88.58")));
}

#[test]
fn equals_are_paid_in_the_order_of_the_plan() {
    let like = |number| debt(number, AccountType::AutoLoan, "300.00", "0.06", PaymentRule::Fixed(money("10.00")));
    let plan = with(vec![like(7), like(3), like(5)]);
    for strategy in [Strategy::Snowball, Strategy::Avalanche] {
        let paid = paid(&plan, strategy, "50.00");
        let places: Vec<_> = paid.debts.iter().map(|debt| (debt.account_id, debt.place.unwrap())).collect();
        assert_eq!(places, [(account_id(7), 1), (account_id(3), 2), (account_id(5), 3)]);
    }
}

#[test]
fn a_transfer_to_a_debt_is_paid_as_today_and_freed_with_it() {
    let mut plan = card_and_loan();
    plan.flows = vec![PlanFlow { to: Some(account_id(3)), ..flow(1, FlowKind::Transfer, "100.00", Frequency::Monthly) }];
    let today = paid(&plan, Strategy::Current, "0.00");
    let snowball = paid(&plan, Strategy::Snowball, "0.00");
    // As the snowball above, whose 100.00 on top are here the household's own; but what the loan leaves goes nowhere today.
    assert_eq!(today.debts[1].balances, snowball.debts[1].balances);
    assert_eq!((today.debts[0].end.months(), snowball.debts[0].end.months()), (Some(12), Some(7)));
}

#[test]
fn nothing_is_freed_by_a_debt_of_which_nothing_was_ever_owed() {
    let mut plan = with(vec![
        debt(2, AccountType::CreditCard, "1000.00", "0.24", PaymentRule::Fixed(money("100.00"))),
        debt(3, AccountType::StoreCard, "0.00", "0.12", PaymentRule::Fixed(money("50.00"))),
    ]);
    plan.flows = vec![PlanFlow { to: Some(account_id(3)), ..flow(1, FlowKind::Transfer, "70.00", Frequency::Monthly) }];
    let snowball = paid(&plan, Strategy::Snowball, "0.00");
    assert_eq!(ends(&snowball), [(12, "127.04".to_owned())]);
}

#[test]
fn a_debt_without_end_is_told_with_its_reason() {
    let fixed = |payment: &str| PaymentRule::Fixed(money(payment));
    let told = |account: PlanAccount| paid(&with(vec![account]), Strategy::Current, "0.00").debts[0].end.never();
    let loan = |rule| debt(2, AccountType::PersonalLoan, "1000.00", "0.12", rule);
    let terms = |change: fn(&mut DebtTerms)| {
        let mut account = loan(fixed("20.00"));
        account.debt.iter_mut().for_each(change);
        account
    };
    assert_eq!(told(loan(fixed("9.99"))), Some(NeverEnds::PaymentBelowInterest));
    assert_eq!(told(loan(fixed("10.00"))), Some(NeverEnds::PaymentBelowInterest));
    assert_eq!(told(loan(PaymentRule::None)), Some(NeverEnds::NoPayment));
    assert_eq!(told(terms(|terms| terms.in_forbearance = true)), Some(NeverEnds::InForbearance));
    assert_eq!(told(terms(|terms| terms.interest_only_months = u16::MAX)), Some(NeverEnds::InterestOnly));
    // 10.01 of which a cent is principal at first: 0.01 × (1.01^600 − 1) / 0.01 = 390.58 in 600 months.
    assert_eq!(told(loan(fixed("10.01"))), Some(NeverEnds::TooSlow));
    assert_eq!(told(loan(fixed("10.10"))), None);
    // At 100 % a year it passes every number that a machine counts cents in.
    assert_eq!(told(debt(2, AccountType::TaxDebt, "10000000000.00", "1", PaymentRule::None)), Some(NeverEnds::NoPayment));
}

#[test]
fn a_card_that_is_charged_as_fast_as_it_is_paid_never_ends() {
    let mut plan = with(vec![debt(2, AccountType::CreditCard, "950.00", "0.12", PaymentRule::Fixed(money("60.00")))]);
    let groceries = FlowKind::Expense(ExpenseCategory::Groceries);
    plan.flows = vec![PlanFlow { from: Some(account_id(2)), ..flow(1, groceries, "50.00", Frequency::Monthly) }];
    // 950.00 + 50.00 + 10.00 − 60.00, month after month.
    let today = paid(&plan, Strategy::Current, "0.00");
    assert_eq!((today.debts[0].end.never(), today.months()), (Some(NeverEnds::NewCharges), None));
    assert_eq!((today.debts[0].balances.len(), today.debts[0].balances[599]), (600, money("950.00")));
}

#[test]
fn what_is_on_top_ends_debts_that_had_no_end() {
    let plan = with(vec![
        debt(2, AccountType::FamilyLoan, "1000.00", "0", PaymentRule::None),
        debt(3, AccountType::PersonalLoan, "1000.00", "0.12", PaymentRule::Fixed(money("5.00"))),
    ]);
    assert_eq!(paid(&plan, Strategy::Current, "100.00").months(), None);
    let snowball = paid(&plan, Strategy::Snowball, "100.00");
    assert_eq!(snowball.debts[0].end.months(), Some(10));
    assert!(snowball.months().is_some());
    assert_eq!(paid(&plan, Strategy::Snowball, "0.00").interest(), None);
}

#[derive(Deserialize)]
struct Cases {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    principal: Money,
    apr_percent: Decimal,
    term_months: u16,
    extra_payment: Money,
    interest_only_months: u16,
}

#[test]
fn a_single_debt_is_paid_back_as_its_schedule_says_to_the_cent() {
    let cases: Cases = serde_json::from_str(include_str!("data/loan_cases.json")).unwrap();
    assert_eq!(cases.cases.len(), 20);
    for case in cases.cases {
        let rate = Rate::new(case.apr_percent / Decimal::ONE_HUNDRED);
        let terms = LoanTerms {
            principal: case.principal,
            annual_rate: rate,
            term_months: case.term_months,
            payment: None,
            extra_payment: case.extra_payment,
            interest_only_months: case.interest_only_months,
        };
        let schedule = schedule(&terms).unwrap();
        let rule = PaymentRule::Amortised { remaining_months: case.term_months };
        let mut account = debt(2, AccountType::PrimaryMortgage, "0.00", "0", rule);
        account.opening = case.principal;
        account.debt.iter_mut().for_each(|debt| {
            debt.rate = rate;
            debt.interest_only_months = case.interest_only_months;
        });
        let plan = with(vec![account]);
        for strategy in [Strategy::Snowball, Strategy::Avalanche] {
            let paid = payoff(&plan, tables(), strategy, case.extra_payment).unwrap();
            let debt = &paid.debts[0];
            assert_eq!(debt.balances, schedule.months.iter().map(|month| month.balance).collect::<Vec<_>>(), "{}", case.id);
            assert_eq!(debt.payments, schedule.months.iter().map(|month| month.payment).collect::<Vec<_>>(), "{}", case.id);
            assert_eq!((paid.months(), paid.interest()), (Some(schedule.payoff_month), Some(schedule.total_interest)), "{}", case.id);
        }
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn paid_as_today_the_balances_are_those_of_the_projection(plan in awkward_plan()) {
        let (Ok(projection), Ok(today)) = (project(&plan, tables()), payoff(&plan, tables(), Strategy::Current, Money::ZERO)) else {
            return Ok(()); // an amount outgrew the ledger
        };
        for debt in &today.debts {
            for (row, balance) in projection.months.iter().zip(&debt.balances) {
                prop_assert_eq!(row.balances.get(debt.account_id), *balance, "month {}", row.month_number);
            }
            for row in projection.months.iter().skip(debt.balances.len()) {
                prop_assert!(!row.balances.get(debt.account_id).is_positive(), "gone, but owed in month {}", row.month_number);
            }
        }
    }

    /// Of fixed payments: what a card or a loan without redemption is paid falls when more is paid on it, and less of it is freed.
    #[test]
    fn more_on_top_is_never_slower_and_every_cent_is_told(plan in awkward_plan(), extra in 0_i64..200_000, payment in 0_i64..100_000) {
        let mut plan = plan;
        for terms in plan.accounts.iter_mut().filter_map(|account| account.debt.as_mut()) {
            (terms.payment, terms.interest_only_months) = (PaymentRule::Fixed(Money::from_cents(payment)), 0);
        }
        plan.flows.clear();
        plan.incomes.clear();
        for strategy in [Strategy::Snowball, Strategy::Avalanche] {
            let (without, on_top) = (payoff(&plan, tables(), strategy, Money::ZERO), payoff(&plan, tables(), strategy, Money::from_cents(extra)));
            let (Ok(without), Ok(on_top)) = (without, on_top) else { return Ok(()) };
            prop_assert!(without.months().is_none_or(|months| on_top.months().is_some_and(|sooner| sooner <= months)));
            for debt in on_top.debts.iter().filter(|debt| debt.end.months().is_some()) {
                let paid: Money = debt.payments.iter().copied().sum();
                prop_assert_eq!(paid, debt.opening + debt.end.interest().unwrap());
                prop_assert_eq!(debt.balances.last(), Some(&Money::ZERO));
            }
        }
    }
}
