//! Random changes, of all types, for plans and for households: what they are about and name is picked from what is there, accounts
//! included that other changes open.

use domain::calendar::Frequency;
use domain::ids::{AccountId, ChangeId};
use domain::money::Money;
use domain::payroll::DeductionType;
use domain::projection::Plan;
use domain::projection::changes::kind::*;
use domain::projection::changes::parameter::{DebtAccount, OneMember, OwnedAccount, TargetAccount, WageIncome};
use domain::projection::changes::words::*;
use domain::projection::changes::{ChangeKind, Object, PlannedChange, ScenarioChange, Source, Timing};
use domain::text::Name;
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, PosttaxDeductionType, PretaxDeductionType};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::projection_support::awkward::{Pick, awkward_plan, cents, rates};

/// A change before its plan is known: what it is about and names is picked later.
#[derive(Clone, Debug)]
pub struct Wish {
    kind: ChangeKind,
    picks: [Pick; 3],
    effective_month: u32,
    months: Option<u32>,
    order: u32,
    enabled: bool,
}

fn an_amount() -> impl Strategy<Value = Money> {
    cents(1..30_000_000)
}

fn some_income() -> impl Strategy<Value = ChangeKind> {
    let treatment = || select(TaxTreatment::ALL.to_vec());
    let category = || select(IncomeCategory::ALL.to_vec());
    let frequency = || select(Frequency::ALL.to_vec());
    prop_oneof![
        (cents(1..1_000_000), frequency(), category(), treatment(), any::<bool>()).prop_map(
            |(amount, frequency, category, tax_treatment, named)| {
                let member_id = named.then(|| OneMember(domain::ids::MemberId(Uuid::from_u128(2))));
                ChangeKind::AddIncome(AddIncome { amount, frequency, category, tax_treatment, member_id })
            }
        ),
        (option::of(cents(0..20_000_000)), option::of(frequency()), option::of(category()), option::of(treatment())).prop_map(
            |(amount, frequency, category, tax_treatment)| {
                ChangeKind::ModifyIncome(ModifyIncome { amount, frequency, category, tax_treatment })
            }
        ),
        Just(ChangeKind::RemoveIncome(RemoveIncome {})),
        (an_amount(), treatment()).prop_map(|(amount, tax_treatment)| ChangeKind::LumpSumIncome(LumpSumIncome { amount, tax_treatment })),
        select(Employment::ALL.to_vec()).prop_map(|to| ChangeKind::SwitchEmploymentType(SwitchEmploymentType { to })),
        adjustment().prop_map(|(amount, mode)| ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount, mode })),
    ]
}

fn adjustment() -> impl Strategy<Value = (Decimal, AdjustMode)> {
    prop_oneof![
        (-10_000_i64..30_000).prop_map(|points| (Decimal::new(points, 4), AdjustMode::Percent)),
        (-1_000_000_i64..1_000_000).prop_map(|cents| (Decimal::new(cents, 2), AdjustMode::Absolute)),
    ]
}

fn some_expense() -> impl Strategy<Value = ChangeKind> {
    let category = || select(ExpenseCategory::ALL.to_vec());
    let frequency = || select(Frequency::ALL.to_vec());
    prop_oneof![
        (cents(1..500_000), frequency(), category()).prop_map(|(amount, frequency, category)| ChangeKind::AddExpense(AddExpense {
            amount,
            frequency,
            category
        })),
        (option::of(cents(0..500_000)), option::of(frequency()), option::of(category()))
            .prop_map(|(amount, frequency, category)| ChangeKind::ModifyExpense(ModifyExpense { amount, frequency, category })),
        Just(ChangeKind::RemoveExpense(RemoveExpense {})),
        (an_amount(), category(), any::<bool>()).prop_map(|(amount, category, down)| {
            let pay_down_account_id = down.then_some(DebtAccount(AccountId(Uuid::nil())));
            ChangeKind::LumpSumExpense(LumpSumExpense { amount, category, pay_down_account_id })
        }),
        adjustment().prop_map(|(amount, mode)| ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount, mode })),
        cents(0..500_000).prop_map(|amount| {
            ChangeKind::SetSavingsTransfer(SetSavingsTransfer { amount, target_account_id: TargetAccount(AccountId(Uuid::nil())) })
        }),
    ]
}

fn owned_types() -> impl Strategy<Value = AccountType> {
    let owned = |account_type: &AccountType| !account_type.is_liability() && *account_type != AccountType::PayrollClearing;
    select(AccountType::ALL.iter().copied().filter(owned).collect::<Vec<_>>())
}

fn debt_types() -> impl Strategy<Value = AccountType> {
    select(AccountType::ALL.iter().copied().filter(|account_type| account_type.is_liability()).collect::<Vec<_>>())
}

fn some_asset() -> impl Strategy<Value = ChangeKind> {
    prop_oneof![
        (an_amount(), owned_types(), any::<bool>()).prop_map(|(value, account_type, funded)| {
            let funded_from_account_id = funded.then_some(OwnedAccount(AccountId(Uuid::nil())));
            ChangeKind::AddAsset(AddAsset { value, account_type, funded_from_account_id })
        }),
        cents(0..30_000_000).prop_map(|value| ChangeKind::ModifyAsset(ModifyAsset { value })),
        (option::of(cents(0..50_000_000)), option::of(cents(0..2_000_000)), any::<bool>(), option::of(select(GainTax::ALL.to_vec())))
            .prop_map(|(sale_price, selling_costs, pays_off, gain_tax)| {
                let pay_off_account_id = pays_off.then_some(DebtAccount(AccountId(Uuid::nil())));
                ChangeKind::SellAsset(SellAsset { sale_price, selling_costs, pay_off_account_id, gain_tax })
            }),
        (rates(-9000..5000), option::of(1_u16..60), option::of(owned_types())).prop_map(|(fraction, recovery_months, of)| {
            let applies_to = of.map_or(InvestmentScope::All, InvestmentScope::Type);
            ChangeKind::AdjustInvestmentValue(AdjustInvestmentValue { fraction, applies_to, recovery_months })
        }),
    ]
}

fn some_debt() -> impl Strategy<Value = ChangeKind> {
    let costs = || option::of(cents(0..1_000_000));
    prop_oneof![
        (an_amount(), rates(0..3000), 1_u16..400, option::of(cents(1..500_000)), debt_types(), any::<bool>()).prop_map(
            |(principal, rate, term_months, payment, account_type, arrives)| {
                let proceeds_to_account_id = arrives.then_some(OwnedAccount(AccountId(Uuid::nil())));
                ChangeKind::AddDebt(AddDebt { principal, rate, term_months, payment, account_type, proceeds_to_account_id })
            }
        ),
        (option::of(cents(0..20_000_000)), option::of(rates(0..3000)), option::of(1_u16..400), option::of(cents(1..500_000))).prop_map(
            |(principal, rate, term_months, payment)| {
                let payment = payment.filter(|_| term_months.is_none());
                ChangeKind::ModifyDebt(ModifyDebt { principal, rate, term_months, payment })
            }
        ),
        cents(1..500_000).prop_map(|extra_monthly| ChangeKind::PayoffDebt(PayoffDebt { extra_monthly })),
        (rates(0..3000), 1_u16..400, costs(), option::of(select(CostsPaid::ALL.to_vec())), costs()).prop_map(
            |(rate, term_months, closing_costs, closing_costs_paid, cash_out)| {
                ChangeKind::Refinance(Refinance { rate, term_months, closing_costs, closing_costs_paid, cash_out })
            }
        ),
        (rates(-100_000..100_000), option::of(debt_types()), any::<bool>()).prop_map(|(percentage_points, of, all)| {
            let applies_to = of.map_or(if all { DebtScope::All } else { DebtScope::Variable }, DebtScope::Type);
            ChangeKind::AdjustInterestRates(AdjustInterestRates { percentage_points, applies_to })
        }),
    ]
}

fn some_payroll() -> impl Strategy<Value = ChangeKind> {
    let job = || any::<bool>().prop_map(|named| named.then_some(WageIncome(domain::ids::IncomeId(Uuid::nil()))));
    let kinds = PretaxDeductionType::ALL.iter().copied().map(DeductionType::Pretax);
    let kinds: Vec<DeductionType> = kinds.chain(PosttaxDeductionType::ALL.iter().copied().map(DeductionType::Posttax)).collect();
    prop_oneof![
        (rates(0..10_000), job()).prop_map(|(percentage, income_id)| ChangeKind::Modify401k(Modify401k { percentage, income_id })),
        (rates(0..10_000), job()).prop_map(|(percentage, income_id)| ChangeKind::ModifyHsa(ModifyHsa { percentage, income_id })),
        (cents(0..500_000), job())
            .prop_map(|(extra_monthly, income_id)| ChangeKind::ModifyWithholding(ModifyWithholding { extra_monthly, income_id })),
        (select(kinds), cents(0..500_000), job()).prop_map(|(kind, amount, income_id)| {
            ChangeKind::ModifyDeductions(ModifyDeductions { deduction_type: DeductionWord(kind), amount, income_id })
        }),
        cents(0..1_000_000).prop_map(|quarterly_amount| ChangeKind::SetQuarterlyEstimates(SetQuarterlyEstimates { quarterly_amount })),
    ]
}

fn some_assumption() -> impl Strategy<Value = ChangeKind> {
    let growth = || rates(-900..2000);
    let months = || option::of(1_u16..100);
    prop_oneof![
        (option::of(growth()), option::of(growth()), option::of(growth())).prop_map(
            |(inflation_rate, investment_return_rate, salary_growth_rate)| {
                ChangeKind::OverrideAssumptions(OverrideAssumptions { inflation_rate, investment_return_rate, salary_growth_rate })
            }
        ),
        (growth(), months()).prop_map(|(rate, duration_months)| ChangeKind::OverrideInflation(OverrideInflation { rate, duration_months })),
        (growth(), months())
            .prop_map(|(rate, duration_months)| ChangeKind::OverrideInvestmentReturn(OverrideInvestmentReturn { rate, duration_months })),
        (growth(), months())
            .prop_map(|(rate, duration_months)| ChangeKind::OverrideSalaryGrowth(OverrideSalaryGrowth { rate, duration_months })),
    ]
}

prop_compose! {
    pub fn wish()(
        kind in prop_oneof![
            3 => some_income(), 3 => some_expense(), 2 => some_asset(), 3 => some_debt(), 3 => some_payroll(), 1 => some_assumption()
        ],
        picks in any::<[Pick; 3]>(),
        effective_month in prop_oneof![4 => 0_u32..24, 1 => 24_u32..100],
        months in option::of(0_u32..30),
        order in 0_u32..5,
        enabled in prop::bool::weighted(0.9),
    ) -> Wish {
        Wish { kind, picks, effective_month, months, order, enabled }
    }
}

impl Wish {
    /// The same, to be felt from the first month on.
    pub fn at_once(self) -> Self {
        Self { enabled: true, effective_month: 0, ..self }
    }
}

/// A change of a plan: what was left open is picked from the plan and what its changes open, where there is something of the kind.
pub fn granted(plan: &Plan, number: usize, wish: &Wish) -> PlannedChange {
    let [about, one, other] = wish.picks;
    let account = |pick: Pick, is_debt: bool| -> AccountId {
        let own = plan.accounts.iter().map(|account| (account.id, account.account_type));
        let all = own.chain(plan.changes.iter().filter_map(PlannedChange::opens));
        let fitting: Vec<AccountId> = all.filter(|(_, account_type)| account_type.is_liability() == is_debt).map(|(id, _)| id).collect();
        if fitting.is_empty() { AccountId(Uuid::nil()) } else { fitting[pick % fitting.len()] }
    };
    let job = |pick: Pick| {
        WageIncome(plan.incomes.get(pick % plan.incomes.len().max(1)).map(|income| income.id).unwrap_or(domain::ids::IncomeId(Uuid::nil())))
    };
    let mut kind = wish.kind;
    match &mut kind {
        ChangeKind::AddAsset(told) => told.funded_from_account_id = told.funded_from_account_id.map(|_| OwnedAccount(account(one, false))),
        ChangeKind::SellAsset(told) => told.pay_off_account_id = told.pay_off_account_id.map(|_| DebtAccount(account(one, true))),
        ChangeKind::AddDebt(told) => told.proceeds_to_account_id = told.proceeds_to_account_id.map(|_| OwnedAccount(account(one, false))),
        ChangeKind::LumpSumExpense(told) => told.pay_down_account_id = told.pay_down_account_id.map(|_| DebtAccount(account(one, true))),
        ChangeKind::SetSavingsTransfer(told) => told.target_account_id = TargetAccount(account(one, other % 4 == 0)),
        ChangeKind::Modify401k(told) => told.income_id = told.income_id.map(|_| job(one)),
        ChangeKind::ModifyHsa(told) => told.income_id = told.income_id.map(|_| job(one)),
        ChangeKind::ModifyWithholding(told) => told.income_id = told.income_id.map(|_| job(one)),
        ChangeKind::ModifyDeductions(told) => told.income_id = told.income_id.map(|_| job(one)),
        _ => {}
    }
    let income = || plan.incomes.get(about % plan.incomes.len().max(1)).map(|income| Source::Income(income.id));
    let flow = || plan.flows.get(about % plan.flows.len().max(1)).map(|flow| Source::Flow(flow.id));
    let change_type = kind.change_type();
    let source = match change_type.object() {
        Object::Nothing => None,
        Object::Income => income(),
        Object::IncomeOrFlow => {
            if other % 2 == 0 {
                income()
            } else {
                flow()
            }
        }
        Object::ExpenseFlow => flow(),
        Object::Asset => Some(Source::Account(account(about, false))),
        Object::Debt => Some(Source::Account(account(about, true))),
    };
    let day =
        |month: u32| plan.start.plus(i32::try_from(month).unwrap()).first_day() + chrono::Days::new(u64::try_from(other % 28).unwrap());
    let end_date = wish.months.filter(|_| change_type.timing() != Timing::Once).map(|months| day(wish.effective_month + months));
    let change = ScenarioChange {
        name: Name::parse("Change").unwrap(),
        effective_date: day(wish.effective_month),
        end_date,
        enabled: wish.enabled,
        order: wish.order,
        notes: None,
        source,
        kind,
    };
    PlannedChange { id: ChangeId(Uuid::from_u128(u128::try_from(number).unwrap() + 1)), change }
}

/// The plan with one more change.
pub fn with_one_more(mut plan: Plan, (number, wish): (usize, &Wish)) -> Plan {
    let planned = granted(&plan, number, wish);
    plan.changes.push(planned);
    plan
}

prop_compose! {
    /// An awkward plan with changes. Most are of a few years: two thousand of them take seconds in a debug build.
    pub fn changed_plan()(
        plan in awkward_plan(),
        wishes in vec(wish(), 0..9),
        months in prop_oneof![60 => 1_u16..=36, 1 => 120_u16..=240],
    ) -> Plan {
        wishes.iter().enumerate().fold(Plan { months, ..plan }, with_one_more)
    }
}
