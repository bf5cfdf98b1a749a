//! The five invariants of the ledger, over awkward random plans: short of cash, paying off, 600 months, zero rates, falling markets.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

mod projection_support;

use std::collections::BTreeMap;

use domain::calendar::{Date, Frequency, Month, PayFrequency};
use domain::ids::{DeductionId, FlowId, IncomeId, MemberId};
use domain::money::Money;
use domain::projection::{
    Assumptions, CalendarMode, Change, DebtTerms, DeductionAmount, DeductionTarget, EmployerMatch, Flag, FlowKind, Outside, PaymentRule,
    Plan, PlanAccount, PlanDeduction, PlanFiler, PlanFlow, PlanIncome, PlanMember, PlanW4, Posting, Projection, SelfEmployment, Slot,
    WageEffect, WithdrawalOrder,
};
use domain::rate::Rate;
use domain::vocabulary::{AccountClass, AccountType, ExpenseCategory, FilingStatus, IncomeCategory, IncomeType, State};
use projection_support::{CHECKING, OVERDRAFT, account_id, date, journal};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use uuid::Uuid;

fn cents(range: std::ops::Range<i64>) -> impl Strategy<Value = Money> {
    range.prop_map(Money::from_cents)
}

/// In hundredths of a percent; zero one time in four.
fn rates(range: std::ops::Range<i64>) -> impl Strategy<Value = Rate> {
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
    ) -> DebtTerms {
        DebtTerms { rate, floor, ceiling, payment, interest_only_months, escrow, in_forbearance }
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
        let main = PlanAccount { opening: checking, ..projection_support::account(1, AccountType::Checking, "0.00") };
        let others = (2_u128..).zip(others).map(|(number, (account_type, opening, debt, growth))| PlanAccount {
            id: account_id(number),
            account_type,
            opening,
            cost_basis: None,
            owner: None,
            debt: debt.filter(|_| account_type.is_liability()),
            growth,
        });
        [main].into_iter().chain(others).collect()
    })
}

/// Some account of the plan, by a number that is later cut to size.
type Pick = usize;

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
        (PlanDeduction { id: DeductionId(Uuid::from_u128(1)), amount, effect, target: spent, employer_match, annual_cap }, target)
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
        (PlanFlow { id: FlowId(Uuid::from_u128(1)), kind, amount, frequency, start, end, from: None, to: None, inflates }, from, to)
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
    fn awkward_plan()(
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
        let incomes = incomes.into_iter().map(|(mut income, targets)| {
            for (deduction, target) in income.deductions.iter_mut().zip(targets) {
                deduction.target = target.map_or(deduction.target, |target| DeductionTarget::Account(pick(target)));
            }
            income
        });
        let flows = flows.into_iter().map(|(flow, from, to)| PlanFlow { from: from.map(pick), to: to.map(pick), ..flow });
        let member = |number, birth| PlanMember { id: MemberId(Uuid::from_u128(number)), birth, retired: false };
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
            withdrawal_order: WithdrawalOrder::default(),
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

/// A row agrees with the postings of its month, and with itself.
fn check_months(plan: &Plan, projection: &Projection, by_month: &BTreeMap<u16, Vec<Posting>>) -> Result<(), TestCaseError> {
    let mut balances: Vec<Money> = plan.accounts.iter().map(|account| shown(account, account.opening)).collect();
    let (mut overdraft, mut net_worth) = (Money::ZERO, projection.opening.net_worth);
    for row in &projection.months {
        let postings = by_month.get(&row.month_number).map_or(&[][..], Vec::as_slice);
        prop_assert!(postings.iter().all(|posting| posting.amount.is_positive() && posting.from != posting.to));
        for ((index, account), balance) in (0_u16..).zip(&plan.accounts).zip(&mut balances) {
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

fn check_rows(projection: &Projection) -> Result<(), TestCaseError> {
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
fn cases(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn no_cent_appears_or_disappears(plan in awkward_plan()) {
        let (projection, journal) = journal(&plan);
        let mut by_month: BTreeMap<u16, Vec<Posting>> = BTreeMap::new();
        for (month, posting) in journal.0 {
            by_month.entry(month).or_default().push(posting);
        }
        prop_assert_eq!(projection.months.len(), usize::from(plan.months));
        check_months(&plan, &projection, &by_month)?;
        check_rows(&projection)?;
        let short = projection.months.iter().find(|row| row.flags.contains(&Flag::Shortfall));
        prop_assert_eq!(projection.shortfall.map(|first| first.month_number), short.map(|row| row.month_number));
    }
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn the_same_plan_gives_the_same_bytes_and_they_can_be_read_back(plan in awkward_plan()) {
        let (one, _) = journal(&plan);
        let (other, _) = journal(&plan.clone());
        let bytes = serde_json::to_vec(&one).unwrap();
        prop_assert_eq!(&bytes, &serde_json::to_vec(&other).unwrap());
        // Beyond ten trillion a balance is printed but no longer accepted.
        let readable = one.months.iter().all(|row| row.total_assets.max(row.total_liabilities) < Money::LIMIT);
        prop_assert!(!readable || serde_json::from_slice::<Projection>(&bytes).unwrap() == one);
    }

    #[test]
    fn a_shorter_horizon_is_the_beginning_of_a_longer_one(plan in awkward_plan()) {
        let (long, _) = journal(&plan);
        let (short, _) = journal(&Plan { months: plan.months.div_ceil(2), ..plan });
        prop_assert_eq!(&long.months[..short.months.len()], &short.months[..]);
    }

    #[test]
    fn what_is_owed_never_falls_below_zero_by_a_payment(plan in awkward_plan()) {
        let (projection, _) = journal(&plan);
        for account in plan.accounts.iter().filter(|account| account.account_type.is_liability() && !account.opening.is_negative()) {
            // Income and refunds that flow straight into a debt may leave a credit; a payment may not.
            let credited = plan.flows.iter().any(|flow| flow.to == Some(account.id) && matches!(flow.kind, FlowKind::Income(_)));
            let lowest = projection.months.iter().map(|row| row.balances.get(account.id)).min().unwrap();
            prop_assert!(credited || !lowest.is_negative(), "{} at {}", account.account_type, lowest);
        }
    }
}

/// The awkward plans must be awkward, or the invariants above are checked on nothing.
#[test]
fn random_plans_reach_shortfall_payoff_and_growth_of_debt() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut short, mut repaid, mut grown, mut limited) = (0, 0, 0, 0);
    for _ in 0..120 {
        let plan = awkward_plan().new_tree(&mut runner).unwrap().current();
        let (projection, _) = journal(&plan);
        let flagged = |flag| projection.months.iter().any(|row| row.flags.contains(&flag));
        short += usize::from(flagged(Flag::Shortfall));
        grown += usize::from(flagged(Flag::NegativeAmortisation));
        limited += usize::from(flagged(Flag::LimitReached));
        let paid_off = |account: &PlanAccount| {
            let last = projection.months.last().unwrap().balances.get(account.id);
            account.account_type.is_liability() && account.opening.is_positive() && last.is_zero()
        };
        repaid += usize::from(plan.accounts.iter().any(paid_off));
    }
    assert!(short > 5 && repaid > 5 && grown > 5 && limited > 5, "{short} short, {repaid} repaid, {grown} grown, {limited} limited");
}
