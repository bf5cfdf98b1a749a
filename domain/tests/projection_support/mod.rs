//! Plans for tests, and a journal of what was posted.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

pub mod awkward;
pub mod checks;
pub mod worlds;

use domain::calendar::{Date, Frequency, Month, PayFrequency};
use domain::ids::{AccountId, DeductionId, FlowId, IncomeId, MemberId};
use domain::money::Money;
use domain::projection::{
    Assumptions, CalendarMode, Cause, DebtTerms, DeductionAmount, DeductionTarget, DeductionType, FlowKind, Observer, PaymentRule, Plan,
    PlanAccount, PlanDeduction, PlanFiler, PlanFlow, PlanIncome, PlanMember, PlanW4, Posting, Projection, Row, WageEffect, project,
    project_observed,
};
use domain::rate::Rate;
use domain::tax::TaxTables;
use domain::vocabulary::{AccountType, FilingStatus, IncomeCategory, IncomeType, PretaxDeductionType, WithdrawalOrder};
use uuid::Uuid;

/// The main cash account of every plan here.
pub const CHECKING: AccountId = account_id(1);
/// Its overdraft.
pub const OVERDRAFT: AccountId = account_id(999);

pub const fn account_id(number: u128) -> AccountId {
    AccountId(Uuid::from_u128(number))
}

pub fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

pub fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn tables() -> &'static TaxTables {
    TaxTables::shipped().unwrap()
}

/// A world in which nothing grows.
pub fn still() -> Assumptions {
    Assumptions {
        inflation: Rate::ZERO,
        investment_return: Rate::ZERO,
        salary_growth: Rate::ZERO,
        property_appreciation: None,
        ..Assumptions::default()
    }
}

/// A single person in a still world from January 2026, with this much in checking and nothing else.
pub fn plan(checking: &str, months: u16) -> Plan {
    Plan {
        start: Month::new(2026, 1).unwrap(),
        months,
        calendar: CalendarMode::Smoothed,
        assumptions: still(),
        settle_taxes: true,
        index_thresholds: true,
        accounts: vec![account(1, AccountType::Checking, checking)],
        incomes: vec![],
        flows: vec![],
        filer: PlanFiler {
            filing_status: FilingStatus::Single,
            state: None,
            members: vec![PlanMember { id: MemberId(Uuid::from_u128(1)), birth: Some(date("1985-06-15")), retired: false }],
            children: vec![],
            other_dependents: 0,
            has_family_coverage: false,
        },
        main_cash: CHECKING,
        overdraft: OVERDRAFT,
        withdrawal_order: WithdrawalOrder::default(),
        changes: vec![],
    }
}

pub fn account(number: u128, account_type: AccountType, opening: &str) -> PlanAccount {
    PlanAccount { id: account_id(number), account_type, opening: money(opening), cost_basis: None, owner: None, debt: None, growth: None }
}

pub fn debt(number: u128, account_type: AccountType, owed: &str, annual: &str, payment: PaymentRule) -> PlanAccount {
    let terms = DebtTerms {
        rate: rate(annual),
        floor: None,
        ceiling: None,
        payment,
        interest_only_months: 0,
        escrow: Money::ZERO,
        in_forbearance: false,
        is_variable: false,
    };
    PlanAccount { debt: Some(terms), ..account(number, account_type, owed) }
}

pub fn salary(number: u128, annual: &str, pay_frequency: PayFrequency) -> PlanIncome {
    PlanIncome {
        id: IncomeId(Uuid::from_u128(number)),
        member: None,
        income_type: IncomeType::W2,
        category: IncomeCategory::Salary,
        annual_gross: money(annual),
        pay_frequency,
        start: None,
        end: None,
        w4: PlanW4::default(),
        deductions: vec![],
        self_employment: None,
    }
}

pub fn deduction(number: u128, amount: DeductionAmount, effect: WageEffect, target: DeductionTarget) -> PlanDeduction {
    let kind = DeductionType::Pretax(PretaxDeductionType::OtherPretax);
    PlanDeduction { id: DeductionId(Uuid::from_u128(number)), kind, amount, effect, target, employer_match: None, annual_cap: None }
}

pub fn flow(number: u128, kind: FlowKind, amount: &str, frequency: Frequency) -> PlanFlow {
    PlanFlow {
        id: FlowId(Uuid::from_u128(number)),
        kind,
        amount: money(amount),
        frequency,
        start: date("2020-01-01"),
        end: None,
        from: None,
        to: None,
        inflates: false,
        property: None,
    }
}

/// The rows of a plan.
pub fn rows(plan: &Plan) -> Vec<Row> {
    project(plan, tables()).unwrap().months
}

/// Everything that was posted, by month.
#[derive(Default)]
pub struct Journal(pub Vec<(u16, Posting)>);

impl Observer for Journal {
    fn posted(&mut self, month_number: u16, posting: &Posting, _: Cause) {
        self.0.push((month_number, *posting));
    }
}

pub fn journal(plan: &Plan) -> (Projection, Journal) {
    let mut journal = Journal::default();
    let projection = project_observed(plan, tables(), &mut journal).unwrap();
    (projection, journal)
}

/// A figure of every row, as text.
pub fn series(rows: &[Row], figure: impl Fn(&Row) -> Money) -> Vec<String> {
    rows.iter().map(|row| figure(row).to_string()).collect()
}
