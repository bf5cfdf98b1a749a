//! Awkward random plans, and what has to hold of every projection of one.

use std::collections::BTreeMap;

use domain::calendar::{Date, Frequency, Month, PayFrequency};
use domain::ids::{DeductionId, FlowId, IncomeId, MemberId};
use domain::money::Money;
use domain::projection::{
    Assumptions, CalendarMode, Change, DebtTerms, DeductionAmount, DeductionTarget, DeductionType, EmployerMatch, Flag, FlowKind, Outside,
    PaymentRule, Plan, PlanAccount, PlanDeduction, PlanFiler, PlanFlow, PlanIncome, PlanMember, PlanW4, Posting, Projection,
    SelfEmployment, Slot, WageEffect,
};
use domain::rate::Rate;
use domain::vocabulary::{
    AccountClass, AccountType, ExpenseCategory, FilingStatus, IncomeCategory, IncomeType, PretaxDeductionType, State,
};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{CHECKING, OVERDRAFT, account_id, date};

pub fn cents(range: std::ops::Range<i64>) -> impl Strategy<Value = Money> {
    range.prop_map(Money::from_cents)
}

/// In hundredths of a percent; zero one time in four.
pub fn rates(range: std::ops::Range<i64>) -> impl Strategy<Value = Rate> {
    prop_oneof![1 => Just(Rate::ZERO), 3 => range.prop_map(|points| Rate::new(Decimal::new(points, 4)))]
}

fn days() -> impl Strategy<Value = Date> {
    (0_u64..6000).prop_map(|days| date("2022-01-01").checked_add_days(chrono::Days::new(days)).unwrap())
}

fn payment() -> impl Strategy<Value = PaymentRule> {
    prop_oneof![
        cents(0..500_000).prop_map(PaymentRule::Fixed),
        (0_u16..400).prop_map(|remaining_months| PaymentRule::Amortised { remaining_months }),
        Just(PaymentRule::RevolvingMinimum),
        Just(PaymentRule::None),
    ]
}

prop_compose! {
    fn terms()(
        rate in rates(0..3000),
        floor in proptest::option::of(rates(0..500)),
        ceiling in proptest::option::of(rates(500..2000)),
        payment in payment(),
        interest_only_months in prop_oneof![3 => Just(0_u16), 1 => 0_u16..100],
        escrow in prop_oneof![Just(Money::ZERO), cents(0..100_000)],
        in_forbearance in prop::bool::weighted(0.1),
        is_variable in any::<bool>(),
    ) -> DebtTerms {
        DebtTerms { rate, floor, ceiling, payment, interest_only_months, escrow, in_forbearance, is_variable }
    }
}

fn account() -> impl Strategy<Value = (AccountType, Money, Option<DebtTerms>, Option<Rate>)> {
    let types: Vec<AccountType> = AccountType::ALL.to_vec();
    (
        select(types),
        cents(-100_000..50_000_000),
        proptest::option::weighted(0.8, terms()),
        proptest::option::weighted(0.2, rates(-9000..5000)),
    )
}

fn accounts() -> impl Strategy<Value = Vec<PlanAccount>> {
    (cents(-500_000..5_000_000), vec(account(), 0..9)).prop_map(|(checking, others)| {
        let main = PlanAccount { id: CHECKING, account_type: AccountType::Checking, opening: checking, debt: None, growth: None };
        let others = (2_u128..).zip(others).map(|(number, (account_type, opening, debt, growth))| PlanAccount {
            id: account_id(number),
            account_type,
            opening,
            debt: debt.filter(|_| account_type.is_liability()),
            growth,
        });
        [main].into_iter().chain(others).collect()
    })
}

/// Some account of the plan, by a number that is later cut to size.
pub type Pick = usize;

prop_compose! {
    fn deduction()(
        amount in prop_oneof![
            cents(0..100_000).prop_map(DeductionAmount::Fixed),
            (0_i64..4000).prop_map(|points| DeductionAmount::Percent(Rate::new(Decimal::new(points, 4)))),
        ],
        effect in select(vec![WageEffect::IncomeTax, WageEffect::PayrollHsa, WageEffect::Cafeteria, WageEffect::None]),
        target in proptest::option::of(any::<Pick>()),
        matching in proptest::option::of((rates(0..10_000), proptest::option::of(rates(0..1000)), proptest::option::of(cents(0..1_000_000)))),
        annual_cap in proptest::option::of(cents(0..2_500_000)),
    ) -> (PlanDeduction, Option<Pick>) {
        let employer_match = matching.map(|(rate, cap_fraction, annual_cap)| EmployerMatch { rate, cap_fraction, annual_cap });
        let spent = DeductionTarget::Spent(ExpenseCategory::HealthInsurance);
        (PlanDeduction { id: DeductionId(Uuid::from_u128(1)), kind: DeductionType::Pretax(PretaxDeductionType::Hsa), amount, effect, target: spent, employer_match, annual_cap }, target)
    }
}

prop_compose! {
    fn income()(
        income_type in select(IncomeType::ALL.to_vec()),
        category in select(IncomeCategory::ALL.to_vec()),
        annual_gross in cents(0..40_000_000),
        pay_frequency in select(PayFrequency::ALL.to_vec()),
        start in proptest::option::of(days()),
        end in proptest::option::of(days()),
        deductions in vec(deduction(), 0..4),
        business in proptest::option::of((cents(0..5_000_000), proptest::option::of(cents(0..500_000)))),
        second in any::<bool>(),
    ) -> (PlanIncome, Vec<Option<Pick>>) {
        let (deductions, targets): (Vec<_>, Vec<_>) = deductions.into_iter().unzip();
        let self_employment = business.map(|(annual_expenses, quarter)| SelfEmployment {
            annual_expenses,
            quarterly_estimates: quarter.map(|quarter| [quarter; 4]),
        });
        let member = Some(MemberId(Uuid::from_u128(if second { 2 } else { 1 })));
        let (id, w4) = (IncomeId(Uuid::from_u128(1)), PlanW4::default());
        (PlanIncome { id, member, income_type, category, annual_gross, pay_frequency, start, end, w4, deductions, self_employment }, targets)
    }
}

prop_compose! {
    fn flow()(
        kind in prop_oneof![
            select(IncomeCategory::ALL.to_vec()).prop_map(FlowKind::Income),
            select(ExpenseCategory::ALL.to_vec()).prop_map(FlowKind::Expense),
            Just(FlowKind::Transfer),
        ],
        amount in cents(1..400_000),
        frequency in select(Frequency::ALL.to_vec()),
        start in days(),
        end in proptest::option::of(days()),
        from in proptest::option::of(any::<Pick>()),
        to in proptest::option::of(any::<Pick>()),
        inflates in any::<bool>(),
    ) -> (PlanFlow, Option<Pick>, Option<Pick>) {
        (PlanFlow { id: FlowId(Uuid::from_u128(1)), kind, amount, frequency, start, end, from: None, to: None, inflates, property: None }, from, to)
    }
}

prop_compose! {
    fn assumptions()(
        inflation in rates(-500..1500),
        investment_return in rates(-6000..4000),
        salary_growth in rates(-1000..1000),
        cash_yield in rates(-100..600),
        property_appreciation in proptest::option::of(rates(-2000..2000)),
        overdraft_rate in rates(0..3000),
    ) -> Assumptions {
        Assumptions { inflation, investment_return, salary_growth, cash_yield, property_appreciation, overdraft_rate }
    }
}

prop_compose! {
    pub fn awkward_plan()(
        start in (2026_i32..2030, 1_u32..=12),
        months in prop_oneof![12 => 1_u16..60, 3 => 60_u16..240, 1 => Just(600_u16)],
        calendar in select(CalendarMode::ALL.to_vec()),
        assumptions in assumptions(),
        switches in (any::<bool>(), any::<bool>()),
        accounts in accounts(),
        incomes in vec(income(), 0..4),
        flows in vec(flow(), 0..10),
        filing_status in select(FilingStatus::ALL.to_vec()),
        state in proptest::option::of(select(State::ALL.to_vec())),
        children in vec(days(), 0..4),
    ) -> Plan {
        let pick = |pick: Pick| accounts[pick % accounts.len()].id;
        let incomes = (1_u128..).zip(incomes).map(|(number, (mut income, targets))| {
            income.id = IncomeId(Uuid::from_u128(number));
            for (deduction, target) in income.deductions.iter_mut().zip(targets) {
                deduction.target = target.map_or(deduction.target, |target| DeductionTarget::Account(pick(target)));
            }
            income
        });
        let flows = (1_u128..).zip(flows).map(|(number, (flow, from, to))| {
            PlanFlow { id: FlowId(Uuid::from_u128(number)), from: from.map(pick), to: to.map(pick), ..flow }
        });
        let member = |number, birth| PlanMember { id: MemberId(Uuid::from_u128(number)), birth };
        Plan {
            start: Month::new(start.0, start.1).unwrap(),
            months,
            calendar,
            assumptions,
            settle_taxes: switches.0,
            index_thresholds: switches.1,
            incomes: incomes.collect(),
            flows: flows.collect(),
            filer: PlanFiler {
                filing_status,
                state,
                members: vec![member(1, Some(date("1962-02-03"))), member(2, None)],
                children,
                other_dependents: 1,
            },
            main_cash: CHECKING,
            overdraft: OVERDRAFT,
            changes: vec![],
            accounts,
        }
    }
}

/// What a slot got out of a posting.
fn received(posting: &Posting, slot: Slot) -> Money {
    let into = if posting.to == slot { posting.amount } else { Money::ZERO };
    let out = if posting.from == slot { posting.amount } else { Money::ZERO };
    into - out
}

/// The terms of change, from postings alone.
fn explained(postings: &[Posting]) -> Change {
    let from = |places: &[Outside]| -> Money {
        places.iter().flat_map(|place| postings.iter().map(|posting| -received(posting, Slot::Outside(*place)))).sum()
    };
    Change {
        income: from(&[Outside::Employers, Outside::Payers]),
        taxes: from(&[Outside::TaxAuthorities]),
        spending: from(&[Outside::Merchants]),
        investment_growth: from(&[Outside::Market]),
        appreciation: from(&[Outside::Appraisal]),
        interest_and_fees: from(&[Outside::Lenders]),
        one_off: from(&[Outside::OneOff]),
    }
}

fn shown(account: &PlanAccount, signed: Money) -> Money {
    if account.account_type.is_liability() { -signed } else { signed }
}

/// A row agrees with the postings of its month, and with itself. `accounts` as the ledger numbers them: the plan's, then those that
/// changes open, with nothing in them.
pub fn check_months(
    accounts: &[PlanAccount],
    projection: &Projection,
    by_month: &BTreeMap<u16, Vec<Posting>>,
) -> Result<(), TestCaseError> {
    let mut balances: Vec<Money> = accounts.iter().map(|account| shown(account, account.opening)).collect();
    let (mut overdraft, mut net_worth) = (Money::ZERO, projection.opening.net_worth);
    for row in &projection.months {
        let postings = by_month.get(&row.month_number).map_or(&[][..], Vec::as_slice);
        prop_assert!(postings.iter().all(|posting| posting.amount.is_positive() && posting.from != posting.to));
        for ((index, account), balance) in (0_u16..).zip(accounts).zip(&mut balances) {
            *balance += postings.iter().map(|posting| received(posting, Slot::Account(index))).sum();
            prop_assert_eq!(row.balances.get(account.id), shown(account, *balance), "month {}", row.month_number);
            let covered = matches!(account.account_type.class(), AccountClass::Cash | AccountClass::Investment | AccountClass::Retirement);
            prop_assert!(!covered || !balance.is_negative(), "month {}: {} stays below zero", row.month_number, account.account_type);
        }
        overdraft -= postings.iter().map(|posting| received(posting, Slot::Overdraft)).sum();
        prop_assert_eq!(row.balances.get(OVERDRAFT), overdraft);
        prop_assert!(!overdraft.is_negative());
        prop_assert!(overdraft.is_zero() || row.liquid_assets.is_zero(), "month {}: overdrawn beside liquid assets", row.month_number);
        prop_assert_eq!(row.flags.contains(&Flag::Shortfall), overdraft.is_positive());
        let in_clearing: Money = postings.iter().map(|posting| received(posting, Slot::PayrollClearing)).sum();
        prop_assert_eq!(in_clearing, Money::ZERO, "payroll does not net to zero in month {}", row.month_number);
        prop_assert_eq!(row.change, explained(postings), "month {}", row.month_number);
        prop_assert_eq!(row.net_worth - net_worth, row.change.sum(), "month {}", row.month_number);
        net_worth = row.net_worth;
    }
    Ok(())
}

pub fn check_rows(projection: &Projection) -> Result<(), TestCaseError> {
    for row in &projection.months {
        prop_assert_eq!(row.net_worth, row.total_assets - row.total_liabilities);
        prop_assert_eq!(row.assets_by_class.total(), row.total_assets);
        prop_assert_eq!(row.liabilities_by_class.total(), row.total_liabilities);
        prop_assert_eq!(row.income_by_category.total(), row.total_income);
        prop_assert_eq!(row.taxes_by_category.total(), row.total_taxes);
        prop_assert_eq!(row.expense_by_category.total(), row.total_expenses);
        prop_assert_eq!((row.total_income, -row.total_taxes), (row.change.income, row.change.taxes));
        prop_assert_eq!(row.net_cash_flow, row.total_income - row.total_taxes - row.total_expenses);
    }
    Ok(())
}

/// Few enough for seconds in a debug build; `PROPTEST_CASES` is for longer runs.
pub fn cases(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}
