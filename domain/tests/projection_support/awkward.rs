//! Random plans that are awkward: short of cash, paying off, retired, 600 months, zero rates, falling markets.

use domain::calendar::{Date, Frequency, Month, PayFrequency};
use domain::ids::{DeductionId, FlowId, IncomeId, MemberId};
use domain::money::Money;
use domain::projection::{
    Assumptions, CalendarMode, DebtTerms, DeductionAmount, DeductionTarget, DeductionType, EmployerMatch, FlowKind, PaymentRule, Plan,
    PlanAccount, PlanDeduction, PlanFiler, PlanFlow, PlanIncome, PlanMember, PlanW4, SelfEmployment, WageEffect,
};
use domain::rate::Rate;
use domain::vocabulary::{
    AccountType, ExpenseCategory, FilingStatus, IncomeCategory, IncomeType, PosttaxDeductionType, PretaxDeductionType, State,
    WithdrawalOrder,
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

type Told = (AccountType, Money, Option<Money>, Option<DebtTerms>, Option<Rate>, Option<bool>);

fn account() -> impl Strategy<Value = Told> {
    let types: Vec<AccountType> = AccountType::ALL.to_vec();
    (
        select(types),
        cents(-100_000..50_000_000),
        proptest::option::of(cents(0..60_000_000)),
        proptest::option::weighted(0.8, terms()),
        proptest::option::weighted(0.2, rates(-9000..5000)),
        any::<Option<bool>>(),
    )
}

fn accounts() -> impl Strategy<Value = Vec<PlanAccount>> {
    (cents(-500_000..5_000_000), vec(account(), 0..9)).prop_map(|(checking, others)| {
        let main = PlanAccount { opening: checking, ..super::account(1, AccountType::Checking, "0.00") };
        let others = (2_u128..).zip(others).map(|(number, (account_type, opening, cost_basis, debt, growth, second))| PlanAccount {
            id: account_id(number),
            account_type,
            opening,
            cost_basis,
            owner: second.map(member_id),
            debt: debt.filter(|_| account_type.is_liability()),
            growth,
        });
        [main].into_iter().chain(others).collect()
    })
}

fn member_id(second: bool) -> MemberId {
    MemberId(Uuid::from_u128(if second { 2 } else { 1 }))
}

/// From 1935 to 2000; unknown one time in six.
fn birth() -> impl Strategy<Value = Option<Date>> {
    let day = (0_u64..23_700).prop_map(|days| date("1935-01-01").checked_add_days(chrono::Days::new(days)).unwrap());
    proptest::option::weighted(0.84, day)
}

/// Some account of the plan, by a number that is later cut to size.
pub type Pick = usize;

prop_compose! {
    fn deduction()(
        kind in prop_oneof![
            select(PretaxDeductionType::ALL.to_vec()).prop_map(DeductionType::Pretax),
            select(PosttaxDeductionType::ALL.to_vec()).prop_map(DeductionType::Posttax),
        ],
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
        (PlanDeduction { id: DeductionId(Uuid::from_u128(1)), kind, amount, effect, target: spent, employer_match, annual_cap }, target)
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
        let member = Some(member_id(second));
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
    /// A plan of everything that a household can have.
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
        births in (birth(), birth()),
        retired in (any::<bool>(), any::<bool>()),
        withdrawal_order in select(WithdrawalOrder::ALL.to_vec()),
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
        let member = |second, birth, retired| PlanMember { id: member_id(second), birth, retired };
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
                members: vec![member(false, births.0, retired.0), member(true, births.1, retired.1)],
                children,
                other_dependents: 1,
 has_family_coverage: false,
            },
            main_cash: CHECKING,
            overdraft: OVERDRAFT,
            withdrawal_order,
            changes: vec![],
            accounts,
        }
    }
}

/// Few enough for seconds in a debug build; `PROPTEST_CASES` is for longer runs.
pub fn cases(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(cases), failure_persistence: None, ..ProptestConfig::default() }
}
