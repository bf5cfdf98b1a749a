//! The difference of two plans, and where it comes from: by figures computed by hand, and whatever the plans are.

use domain::calendar::{Frequency, Month, PayFrequency};
use domain::ids::{ChangeId, FlowId, IncomeId};
use domain::money::Money;
use domain::projection::attribution::{Attributed, Origin, attributed};
use domain::projection::changes::kind::*;
use domain::projection::changes::words::{CostsPaid, TaxTreatment};
use domain::projection::changes::{ChangeKind, ScenarioChange};
use domain::projection::comparison::{CauseDifference, Difference, NoWindow, Part, Window, compare, key_figures};
use domain::projection::{Assumptions, FlowKind, PaymentRule, Plan, Term};
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory};
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::support::{account, change, flow, income, with};
use super::wishes::{changed_plan, granted, wish};
use crate::projection_support::awkward::cases;
use crate::projection_support::{self as support, OVERDRAFT, account_id, debt, money, plan, rate, salary, still, tables};

fn run(plan: &Plan) -> Attributed {
    attributed(plan, tables()).unwrap()
}

/// Over all months of two plans that begin together.
fn compared(from: &Plan, to: &Plan) -> Difference {
    let window = Window::of(&[(from.start, from.months), (to.start, to.months)], None).unwrap();
    compare(&run(from), &run(to), window).unwrap()
}

/// What a plan with these changes ends with beyond the plan without.
fn changing(plan: &Plan, changes: impl IntoIterator<Item = ScenarioChange>) -> Difference {
    compared(plan, &with(plan, changes))
}

fn term(difference: &Difference, term: Term) -> &Part {
    &difference.terms.iter().find(|(of, _)| *of == term).unwrap().1
}

/// What each term differs by, as text, where it does.
fn by_term(difference: &Difference) -> Vec<(&'static str, String)> {
    let differing = difference.terms.iter().filter(|(_, part)| !part.amount.is_zero());
    differing.map(|(term, part)| (term.as_str(), part.amount.to_string())).collect()
}

fn causes(part: &Part) -> Vec<(Origin, String)> {
    part.causes.iter().map(|cause| (cause.origin, cause.amount().to_string())).collect()
}

const fn the_change(number: u128) -> Origin {
    Origin::Change(ChangeId(Uuid::from_u128(number)))
}

const fn the_income(number: u128) -> Origin {
    Origin::Income(IncomeId(Uuid::from_u128(number)))
}

const fn the_flow(number: u128) -> Origin {
    Origin::Flow(FlowId(Uuid::from_u128(number)))
}

const fn the_account(number: u128) -> Origin {
    Origin::Account(account_id(number))
}

#[test]
fn a_raise_of_an_untaxed_income_is_all_of_the_difference() {
    // A gift of 1,000 a month becomes 1,500 from July on: six times 500, untaxed, in a world in which nothing grows.
    let mut home = plan("1000.00", 12);
    home.flows = vec![support::flow(7, FlowKind::Income(IncomeCategory::OtherIncome), "1000.00", Frequency::Monthly)];
    let raise = ModifyIncome { amount: Some(money("1500.00")), frequency: None, category: None, tax_treatment: None };
    let difference = changing(&home, [change("2026-07-01", flow(7), ChangeKind::ModifyIncome(raise))]);
    assert_eq!((difference.total, difference.unattributed()), (money("3000.00"), Money::ZERO));
    assert_eq!(by_term(&difference), [("income", "3000.00".to_owned())]);
    let cause = CauseDifference { origin: the_flow(7), from: money("12000.00"), to: money("15000.00") };
    assert_eq!(term(&difference, Term::Income).causes, [cause]);
    let months: Vec<String> = difference.months.iter().map(|month| month.net_worth.to_string()).collect();
    assert_eq!(months[4..8], ["0.00", "0.00", "500.00", "1000.00"]);
    assert!(difference.months[..6].iter().all(|month| month.net_worth.is_zero() && month.change.sum().is_zero()));
}

#[test]
fn what_is_withheld_from_a_raise_is_the_incomes_and_what_april_settles_the_households() {
    // 1,000 more a month from July on, ten times. What is withheld does not know of April: without its settlement it is all of the
    // difference in taxes.
    let mut home = plan("50000.00", 16);
    home.incomes = vec![salary(3, "60000.00", PayFrequency::Monthly)];
    let raise = ModifyIncome { amount: Some(money("72000.00")), frequency: None, category: None, tax_treatment: None };
    let raise = [change("2026-07-01", income(3), ChangeKind::ModifyIncome(raise))];
    let settled = changing(&home, raise.clone());
    let unsettled = changing(&Plan { settle_taxes: false, ..home }, raise);
    assert_eq!(causes(term(&settled, Term::Income)), [(the_income(3), "10000.00".to_owned())]);
    let withheld = term(&unsettled, Term::Taxes).amount;
    assert_eq!(causes(term(&unsettled, Term::Taxes)), [(the_income(3), withheld.to_string())]);
    let april = term(&settled, Term::Taxes).amount - withheld;
    assert!(withheld < money("-765.00") && !april.is_zero(), "{withheld} {april}"); // 7.65 % of 10,000, and income tax
    let mut both = causes(term(&settled, Term::Taxes));
    both.sort();
    assert_eq!(both, [(the_income(3), withheld.to_string()), (Origin::Household, april.to_string())]);
}

#[test]
fn what_a_change_brings_is_the_changes_with_all_that_follows_from_it() {
    // Month 1: 100 of untaxed income, 40 of spending (changes 1 and 2); a house of 120,000 for nothing (change 3), which gains 12 % a
    // year: 120,000 × (1.12^(1/12) − 1) = 1,138.66 in month 1 (1.12^(1/12) = 1.009488792934…, here to the cent).
    let appreciating = Assumptions { property_appreciation: Some(rate("0.12")), ..still() };
    let home = Plan { assumptions: appreciating, ..plan("1000.00", 1) };
    let monthly = Frequency::Monthly;
    let (category, tax_treatment) = (IncomeCategory::OtherIncome, TaxTreatment::Untaxed);
    let earn = AddIncome { amount: money("100.00"), frequency: monthly, category, tax_treatment, member_id: None };
    let spend = AddExpense { amount: money("40.00"), frequency: monthly, category: ExpenseCategory::Groceries };
    let house = AddAsset { value: money("120000.00"), account_type: AccountType::PrimaryResidence, funded_from_account_id: None };
    let difference = changing(
        &home,
        [
            change("2026-01-01", None, ChangeKind::AddIncome(earn)),
            change("2026-01-01", None, ChangeKind::AddExpense(spend)),
            change("2026-01-01", None, ChangeKind::AddAsset(house)),
        ],
    );
    assert_eq!(causes(term(&difference, Term::Income)), [(the_change(1), "100.00".to_owned())]);
    assert_eq!(causes(term(&difference, Term::Spending)), [(the_change(2), "-40.00".to_owned())]);
    assert_eq!(causes(term(&difference, Term::OneOff)), [(the_change(3), "120000.00".to_owned())]);
    assert_eq!(causes(term(&difference, Term::Appreciation)), [(the_change(3), "1138.66".to_owned())]);
    assert_eq!((difference.total, difference.unattributed()), (money("121198.66"), Money::ZERO));
}

#[test]
fn interest_is_the_debts_and_the_costs_of_a_refinance_the_changes() {
    // 12,000 at 12 %: 120 of interest in month 1. Refinanced at 6 %: 60; and 300 paid in cash.
    let home = Plan {
        accounts: vec![
            support::account(1, AccountType::Checking, "9000.00"),
            debt(5, AccountType::AutoLoan, "12000.00", "0.12", PaymentRule::Fixed(money("500.00"))),
        ],
        ..plan("9000.00", 1)
    };
    let (closing_costs, closing_costs_paid) = (Some(money("300.00")), Some(CostsPaid::Cash));
    let terms = Refinance { rate: rate("0.06"), term_months: 24, closing_costs, closing_costs_paid, cash_out: None };
    let difference = changing(&home, [change("2026-01-15", account(5), ChangeKind::Refinance(terms))]);
    let interest = term(&difference, Term::InterestAndFees);
    assert_eq!(causes(interest), [(the_change(1), "-300.00".to_owned()), (the_account(5), "60.00".to_owned())]);
    assert_eq!((interest.amount, difference.total), (money("-240.00"), money("-240.00")));
}

#[test]
fn interest_on_the_overdraft_is_the_overdrafts() {
    // 2,000 short at the end of month 1, at 12 %: 20 of interest in month 2.
    let costly = Assumptions { overdraft_rate: rate("0.12"), ..still() };
    let home = Plan { assumptions: costly, ..plan("0.00", 2) };
    let spend = LumpSumExpense { amount: money("2000.00"), category: ExpenseCategory::Groceries, pay_down_account_id: None };
    let difference = changing(&home, [change("2026-01-10", None, ChangeKind::LumpSumExpense(spend))]);
    assert_eq!(causes(term(&difference, Term::InterestAndFees)), [(Origin::Account(OVERDRAFT), "-20.00".to_owned())]);
    assert_eq!(causes(term(&difference, Term::Spending)), [(the_change(1), "-2000.00".to_owned())]);
}

#[test]
fn plans_that_begin_apart_are_compared_over_the_months_of_both_and_differ_in_what_they_open_with() {
    // One begins in January with 1,000 and saves 100 a month; the other in April with 5,000 and saves 100, too. Before April the
    // first has 1,300: the opening differs by 3,700, and nothing else.
    let mut early = plan("1000.00", 12);
    early.flows = vec![support::flow(7, FlowKind::Income(IncomeCategory::OtherIncome), "100.00", Frequency::Monthly)];
    let april = Month::new(2026, 4).unwrap();
    let late = Plan { start: april, months: 6, accounts: vec![support::account(1, AccountType::Checking, "5000.00")], ..early.clone() };
    let window = Window::of(&[(early.start, early.months), (late.start, late.months)], None).unwrap();
    assert_eq!(window, Window { first: april, months: 6 });
    let (early, late) = (run(&early), run(&late));
    let difference = compare(&early, &late, window).unwrap();
    let cause = CauseDifference { origin: the_account(1), from: money("1300.00"), to: money("5000.00") };
    assert_eq!(difference.opening, Part { amount: money("3700.00"), causes: vec![cause] });
    assert_eq!((difference.total, by_term(&difference), difference.unattributed()), (money("3700.00"), vec![], Money::ZERO));
    let figures = key_figures(&early, window).unwrap();
    assert_eq!((figures.opening_net_worth, figures.final_net_worth), (money("1300.00"), money("1900.00")));
    assert_eq!(figures.change.income, money("600.00"));
}

#[test]
fn a_window_is_what_all_plans_have_or_as_long_as_somebody_says() {
    let month = |year, number| Month::new(year, number).unwrap();
    let (january, march) = (month(2026, 1), month(2026, 3));
    let of = |asked| Window::of(&[(january, 24), (march, 60)], asked);
    assert_eq!(of(None), Ok(Window { first: march, months: 22 }));
    assert_eq!(of(Some(120)), Ok(Window { first: march, months: 120 }));
    assert_eq!(Window { first: march, months: 120 }.months_from(january), 122);
    assert_eq!(of(Some(599)), Err(NoWindow::TooFar { most: 598 }));
    let apart = Window::of(&[(january, 2), (march, 12)], None);
    assert_eq!(apart, Err(NoWindow::Apart { ends: month(2026, 2), begins: march }));
    assert_eq!(Window::of(&[], None), Err(NoWindow::Nothing));
}

#[test]
fn key_figures_tell_the_low_the_shortfall_and_the_month_from_which_on_nothing_is_owed() {
    // 300 at no interest, 100 a month; 250 in cash: it lasts two months, the third is 50 short.
    let loan = debt(5, AccountType::AutoLoan, "300.00", "0.00", PaymentRule::Fixed(money("100.00")));
    let home = Plan { accounts: vec![support::account(1, AccountType::Checking, "250.00"), loan.clone()], ..plan("250.00", 4) };
    let window = Window { first: home.start, months: 4 };
    let short = key_figures(&run(&home), window).unwrap();
    assert_eq!(short.first_shortfall, Some((support::date("2026-03-31"), money("50.00"))));
    assert_eq!((short.deepest_shortfall, short.debt_free_month), (money("50.00"), None));
    assert_eq!(short.minimum_liquid_assets, (Money::ZERO, support::date("2026-03-31")));
    let enough = Plan { accounts: vec![support::account(1, AccountType::Checking, "350.00"), loan], ..home };
    let enough = key_figures(&run(&enough), window).unwrap();
    assert_eq!((enough.first_shortfall, enough.debt_free_month), (None, Month::new(2026, 3)));
    assert_eq!((enough.total_expenses, enough.final_net_worth), (money("300.00"), money("50.00")));
}

/// Another plan of the same household: other changes, perhaps another start and horizon.
fn two_plans() -> impl Strategy<Value = (Plan, Plan)> {
    (changed_plan(), vec(wish(), 0..6), 0_i32..30, 1_u16..120).prop_map(|(plan, wishes, later, months)| {
        let changes = wishes.iter().enumerate().map(|(number, wish)| granted(&plan, 100 + number, wish));
        let changes = plan.changes.iter().take(3).cloned().chain(changes).collect();
        let other = Plan { changes, start: plan.start.plus(later), months, ..plan.clone() };
        (plan, other)
    })
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn what_the_causes_of_a_month_come_to_is_its_terms(plan in changed_plan()) {
        let run = run(&plan);
        for row in &run.projection.months {
            for term in Term::ALL {
                let causes: Money = run.of_month(row.month_number).filter(|(of, ..)| of == term).map(|(.., amount)| amount).sum();
                prop_assert_eq!(causes, row.change.get(*term), "{} of month {}", term, row.month_number);
            }
        }
    }

    #[test]
    fn a_decomposition_adds_up_and_is_the_other_way_round_from_the_other_side((one, other) in two_plans()) {
        let Ok(window) = Window::of(&[(one.start, one.months), (other.start, other.months)], None) else { return Ok(()) };
        let (one, other) = (run(&one), run(&other));
        let (there, back) = (compare(&one, &other, window).unwrap(), compare(&other, &one, window).unwrap());
        let ends = [&one, &other].map(|run| key_figures(run, window).unwrap().final_net_worth);
        prop_assert_eq!(there.total, ends[1] - ends[0]);
        prop_assert_eq!(there.total, there.parts().map(|part| part.amount).sum::<Money>());
        prop_assert_eq!((there.unattributed(), back.unattributed()), (Money::ZERO, Money::ZERO));
        for part in there.parts().chain(back.parts()) {
            prop_assert_eq!(part.amount, part.causes.iter().map(CauseDifference::amount).sum::<Money>());
        }
        let turned = |part: &Part| Part {
            amount: -part.amount,
            causes: part.causes.iter().map(|cause| CauseDifference { from: cause.to, to: cause.from, ..*cause }).collect(),
        };
        prop_assert_eq!(there.parts().map(turned).collect::<Vec<_>>(), back.parts().cloned().collect::<Vec<_>>());
        let mut net_worth = there.opening.amount;
        for month in &there.months {
            net_worth += month.change.sum();
            prop_assert_eq!(month.net_worth, net_worth, "{}", month.date);
        }
        prop_assert_eq!((net_worth, there.months.len()), (there.total, usize::from(window.months)));
    }

    #[test]
    fn a_plan_does_not_differ_from_itself(plan in changed_plan()) {
        let difference = compared(&plan, &plan);
        prop_assert!(difference.parts().all(|part| *part == Part::default()));
        prop_assert!(difference.months.iter().all(|month| month.net_worth.is_zero() && month.change.sum().is_zero()));
        prop_assert_eq!((difference.total, difference.unattributed()), (Money::ZERO, Money::ZERO));
    }

    #[test]
    fn watching_changes_no_cent(plan in changed_plan()) {
        prop_assert_eq!(run(&plan).projection, domain::projection::project(&plan, tables()).unwrap());
    }
}
