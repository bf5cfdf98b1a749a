//! Households of a stated size, for whoever measures.
//!
//! The *large* household of spec 03: 3 incomes, 10 accounts of which 5 are debts, 15 flows.

pub mod changes;
pub mod household;
pub mod tax_households;

use std::num::NonZeroUsize;

use domain::calendar::{Date, Frequency, Month, PayFrequency};
use domain::ids::{AccountId, DeductionId, FlowId, IncomeId, MemberId};
use domain::money::Money;
use domain::projection::{
    Assumptions, CalendarMode, DebtTerms, DeductionAmount, DeductionTarget, DeductionType, EmployerMatch, FlowKind, PaymentRule, Plan,
    PlanAccount, PlanDeduction, PlanFiler, PlanFlow, PlanIncome, PlanMember, PlanW4, SelfEmployment, WageEffect,
};
use domain::rate::Rate;
use domain::vocabulary::{
    AccountType, ExpenseCategory, FilingStatus, IncomeCategory, IncomeType, PretaxDeductionType, State, WithdrawalOrder,
};
use rust_decimal::Decimal;
use uuid::Uuid;

const CHECKING: AccountId = AccountId(Uuid::from_u128(1));
pub(crate) const RETIREMENT: AccountId = AccountId(Uuid::from_u128(4));

/// The plan starts in January 2026; the default date is the first day of 1970.
const MONTHS_FROM_1970_TO_2026: i32 = (2026 - 1970) * 12;

pub(crate) const fn dollars(dollars: i64) -> Money {
    Money::from_cents(dollars * 100)
}

pub(crate) fn basis_points(points: i64) -> Rate {
    Rate::new(Decimal::new(points, 4))
}

/// As many threads as there are cores; one where nobody knows.
#[must_use]
pub fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// The large household over so many months.
#[must_use]
pub fn large_household(months: u16) -> Plan {
    Plan {
        start: Month::of(Date::default()).plus(MONTHS_FROM_1970_TO_2026),
        months,
        calendar: CalendarMode::Smoothed,
        assumptions: Assumptions::default(),
        settle_taxes: true,
        index_thresholds: true,
        accounts: accounts(),
        incomes: incomes(),
        flows: flows(),
        filer: PlanFiler {
            filing_status: FilingStatus::MarriedJointly,
            state: Some(State::California),
            members: (1..=2).map(|number| PlanMember { id: MemberId(Uuid::from_u128(number)), birth: None, retired: false }).collect(),
            children: vec![Date::default(), Date::default()],
            other_dependents: 0,
            has_family_coverage: false,
        },
        main_cash: CHECKING,
        overdraft: AccountId(Uuid::from_u128(999)),
        changes: vec![],
        withdrawal_order: WithdrawalOrder::default(),
    }
}

/// The large household over ten years with more: savings accounts up to so many accounts, spending up to so many flows.
#[must_use]
pub fn larger_household(accounts: u128, flows: u128) -> Plan {
    let mut plan = large_household(120);
    let (known_accounts, known_flows) = (plan.accounts.len() as u128, plan.flows.len() as u128);
    plan.accounts.extend((known_accounts..accounts).map(|number| account(1_000 + number, AccountType::Savings, 1_000, None)));
    if let Some(like) = plan.flows.first().cloned() {
        plan.flows.extend((known_flows..flows).map(|number| PlanFlow {
            id: FlowId(Uuid::from_u128(1_000 + number)),
            amount: dollars(5),
            ..like.clone()
        }));
    }
    plan
}

fn accounts() -> Vec<PlanAccount> {
    let fixed = |amount| PaymentRule::Fixed(dollars(amount));
    let over = |remaining_months| PaymentRule::Amortised { remaining_months };
    let accounts = [
        (AccountType::Checking, 12_000, None),
        (AccountType::Savings, 30_000, None),
        (AccountType::Brokerage, 85_000, None),
        (AccountType::Traditional401k, 210_000, None),
        (AccountType::PrimaryResidence, 640_000, None),
        (AccountType::PrimaryMortgage, 410_000, Some((625, over(320)))),
        (AccountType::AutoLoan, 24_000, Some((590, over(52)))),
        (AccountType::CreditCard, 4_200, Some((2299, PaymentRule::RevolvingMinimum))),
        (AccountType::StudentLoanFederal, 31_000, Some((550, fixed(340)))),
        (AccountType::Heloc, 18_000, Some((875, fixed(260)))),
    ];
    (1_u128..).zip(accounts).map(|(number, (account_type, opening, debt))| account(number, account_type, opening, debt)).collect()
}

/// `debt`: annual interest in basis points, and the payment.
fn account(number: u128, account_type: AccountType, opening: i64, debt: Option<(i64, PaymentRule)>) -> PlanAccount {
    let terms = |(rate, payment)| DebtTerms {
        rate: basis_points(rate),
        floor: None,
        ceiling: None,
        payment,
        interest_only_months: 0,
        escrow: Money::ZERO,
        in_forbearance: false,
        is_variable: false,
    };
    let id = AccountId(Uuid::from_u128(number));
    PlanAccount { id, account_type, opening: dollars(opening), cost_basis: None, owner: None, debt: debt.map(terms), growth: None }
}

fn incomes() -> Vec<PlanIncome> {
    let member = |number| Some(MemberId(Uuid::from_u128(number)));
    let income = |number, income_type, category, annual, deductions| PlanIncome {
        id: IncomeId(Uuid::from_u128(number)),
        member: member(if number == 2 { 2 } else { 1 }),
        income_type,
        category,
        annual_gross: dollars(annual),
        pay_frequency: PayFrequency::Biweekly,
        start: None,
        end: None,
        w4: PlanW4::default(),
        deductions,
        self_employment: None,
    };
    let business = SelfEmployment { annual_expenses: dollars(4_000), quarterly_estimates: None };
    vec![
        income(1, IncomeType::W2, IncomeCategory::Salary, 128_000, deductions()),
        income(2, IncomeType::W2, IncomeCategory::Salary, 94_000, deductions()),
        PlanIncome { self_employment: Some(business), ..income(3, IncomeType::SelfEmployed, IncomeCategory::Freelance, 22_000, vec![]) },
    ]
}

fn deductions() -> Vec<PlanDeduction> {
    let matching = EmployerMatch { rate: basis_points(5_000), cap_fraction: Some(basis_points(600)), annual_cap: None };
    let retirement = PlanDeduction {
        id: DeductionId(Uuid::from_u128(1)),
        kind: DeductionType::Pretax(PretaxDeductionType::Traditional401k),
        amount: DeductionAmount::Percent(basis_points(1_000)),
        effect: WageEffect::IncomeTax,
        target: DeductionTarget::Account(RETIREMENT),
        employer_match: Some(matching),
        annual_cap: None,
    };
    let health = PlanDeduction {
        kind: DeductionType::Pretax(PretaxDeductionType::HealthInsurance),
        amount: DeductionAmount::Fixed(dollars(180)),
        effect: WageEffect::Cafeteria,
        target: DeductionTarget::Spent(ExpenseCategory::HealthInsurance),
        employer_match: None,
        annual_cap: None,
        ..retirement.clone()
    };
    vec![retirement, health]
}

fn flows() -> Vec<PlanFlow> {
    let expenses = [
        (ExpenseCategory::Groceries, 1_150, Frequency::Monthly),
        (ExpenseCategory::PropertyTax, 640, Frequency::Monthly),
        (ExpenseCategory::HomeownersInsurance, 180, Frequency::Monthly),
        (ExpenseCategory::Electricity, 140, Frequency::Monthly),
        (ExpenseCategory::NaturalGas, 70, Frequency::Monthly),
        (ExpenseCategory::WaterSewer, 160, Frequency::Bimonthly),
        (ExpenseCategory::Internet, 80, Frequency::Monthly),
        (ExpenseCategory::Phone, 120, Frequency::Monthly),
        (ExpenseCategory::Childcare, 420, Frequency::Weekly),
        (ExpenseCategory::GasFuel, 60, Frequency::Weekly),
        (ExpenseCategory::AutoInsurance, 900, Frequency::Semiannually),
        (ExpenseCategory::DiningOut, 130, Frequency::Weekly),
        (ExpenseCategory::VacationTravel, 6_000, Frequency::Annually),
        (ExpenseCategory::Subscriptions, 65, Frequency::Monthly),
    ];
    let flow = |number, kind, amount, frequency| PlanFlow {
        id: FlowId(Uuid::from_u128(number)),
        kind,
        amount: dollars(amount),
        frequency,
        start: Date::default(),
        end: None,
        from: None,
        to: None,
        inflates: true,
        property: None,
    };
    let spending = (1_u128..).zip(expenses);
    let spending = spending.map(|(number, (category, amount, frequency))| flow(number, FlowKind::Expense(category), amount, frequency));
    let saving =
        PlanFlow { to: Some(AccountId(Uuid::from_u128(3))), inflates: false, ..flow(15, FlowKind::Transfer, 500, Frequency::Monthly) };
    spending.chain([saving]).collect()
}
