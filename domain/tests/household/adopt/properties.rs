//! What holds of any household and any changes: after an adoption the baseline's figures are those of what was with the adopted changes
//! alone, to the cent, in every month.

use domain::calendar::{Frequency, Month};
use domain::household::effective_changes;
use domain::ids::AccountId;
use domain::money::Money;
use domain::projection::changes::kind::*;
use domain::projection::changes::parameter::{DebtAccount, OneMember, OwnedAccount, TargetAccount, WageIncome};
use domain::projection::changes::words::*;
use domain::projection::changes::{ChangeKind, ChangeType, Object, PlannedChange, Timing};
use domain::projection::{Plan, ProjectionError};
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::commands::commands;
use super::super::support::*;
use super::*;

/// A change before its household is known.
#[derive(Clone, Debug)]
struct Wish {
    change_type: ChangeType,
    /// What it is about, and what it names.
    picks: [Index; 3],
    amount: i64,
    fraction: i64,
    months: u16,
    frequency: Frequency,
    income: IncomeCategory,
    expense: ExpenseCategory,
    asset: AccountType,
    debt: AccountType,
    /// Whether each optional parameter is said.
    says: [bool; 4],
    /// Days from the first of the month, mostly in this one or the next years.
    from: u64,
    lasts: Option<u64>,
}

fn owned(account_type: &AccountType) -> bool {
    !account_type.is_liability() && *account_type != AccountType::PayrollClearing
}

prop_compose! {
    fn wish()(
        change_type in select(ChangeType::ALL.to_vec()),
        picks in any::<[Index; 3]>(),
        amount in prop_oneof![1 => 0..100_i64, 8 => 100..1_000_000_i64, 2 => 0..30_000_000_i64],
        fraction in 0..400_i64,
        months in 1_u16..400,
        frequency in select(Frequency::ALL.to_vec()),
        income in prop_oneof![2 => Just(IncomeCategory::Salary), 1 => Just(IncomeCategory::SelfEmployment), 1 => select(IncomeCategory::ALL.to_vec())],
        expense in select(ExpenseCategory::ALL.to_vec()),
        asset in select(AccountType::ALL.iter().copied().filter(owned).collect::<Vec<_>>()),
        debt in select(AccountType::ALL.iter().copied().filter(|it| it.is_liability()).collect::<Vec<_>>()),
        says in any::<[bool; 4]>(),
        from in prop_oneof![3 => Just(22_u64), 3 => 0..60_u64, 3 => 0..400_u64, 1 => 0..1500_u64],
        lasts in option::weighted(0.25, 0..900_u64),
    ) -> Wish {
        Wish { change_type, picks, amount, fraction, months, frequency, income, expense, asset, debt, says, from, lasts }
    }
}

/// A change of this household; none where it has nothing of the kind.
fn granted(home: &domain::household::Household, wish: &Wish, n: usize) -> Option<Intent> {
    let Wish { change_type, picks, says, .. } = wish;
    let money = Money::from_cents(wish.amount);
    let rate = domain::rate::Rate::new(rust_decimal::Decimal::new(wish.fraction, 3));
    let accounts = |wanted: &dyn Fn(AccountType) -> bool| -> Vec<AccountId> {
        home.accounts.iter().filter(|(_, it)| wanted(it.account.account_type)).map(|(id, _)| *id).collect()
    };
    let one = |pick: &Index, of: Vec<AccountId>| (!of.is_empty()).then(|| *pick.get(&of));
    let (own, owed) =
        (|pick: &Index| one(pick, accounts(&|it| owned(&it))), |pick: &Index| one(pick, accounts(&AccountType::is_liability)));
    let incomes: Vec<_> = home.incomes.keys().copied().collect();
    let flows: Vec<_> = home.flows.keys().chain(home.system_flows.keys()).copied().collect();
    let source = match change_type.object() {
        Object::Nothing => None,
        Object::Income | Object::IncomeOrFlow if !incomes.is_empty() => Some(Source::Income(*picks[0].get(&incomes))),
        Object::Income => return None,
        Object::IncomeOrFlow | Object::ExpenseFlow if !flows.is_empty() => Some(Source::Flow(*picks[0].get(&flows))),
        Object::IncomeOrFlow | Object::ExpenseFlow => return None,
        Object::Asset => Some(Source::Account(own(&picks[0])?)),
        Object::Debt => Some(Source::Account(owed(&picks[0])?)),
    };
    let income_id = (says[0] && !incomes.is_empty()).then(|| WageIncome(*picks[1].get(&incomes)));
    let treatment = TaxTreatment::ALL[picks[1].index(3)];
    let from_account = says[0].then(|| own(&picks[1])).flatten().map(OwnedAccount);
    let debt_account = says[1].then(|| owed(&picks[2])).flatten().map(DebtAccount);
    let some = |at: usize, amount: Money| says[at].then_some(amount);
    use {ChangeKind as K, ChangeType as T};
    let kind = match change_type {
        T::AddIncome => K::AddIncome(AddIncome {
            amount: money,
            frequency: wish.frequency,
            category: wish.income,
            tax_treatment: treatment,
            member_id: says[0].then(|| OneMember(id("Ada"))),
        }),
        T::ModifyIncome => K::ModifyIncome(ModifyIncome {
            amount: says[0].then_some(money),
            frequency: says[1].then_some(wish.frequency),
            category: (says[2] && says[3]).then_some(wish.income),
            tax_treatment: (!says[2] && !says[3]).then_some(treatment),
        }),
        T::RemoveIncome => K::RemoveIncome(RemoveIncome {}),
        T::AddExpense => K::AddExpense(AddExpense { amount: money, frequency: wish.frequency, category: wish.expense }),
        T::ModifyExpense => K::ModifyExpense(ModifyExpense {
            amount: some(0, money),
            frequency: says[1].then_some(wish.frequency),
            category: says[2].then_some(wish.expense),
        }),
        T::RemoveExpense => K::RemoveExpense(RemoveExpense {}),
        T::AddAsset => K::AddAsset(AddAsset { value: money, account_type: wish.asset, funded_from_account_id: from_account }),
        T::ModifyAsset => K::ModifyAsset(ModifyAsset { value: money }),
        T::SellAsset => K::SellAsset(SellAsset {
            sale_price: some(2, money),
            selling_costs: some(3, Money::from_cents(wish.fraction * 100)),
            pay_off_account_id: debt_account,
            gain_tax: says[0].then_some(GainTax::None),
        }),
        T::AddDebt => K::AddDebt(AddDebt {
            principal: money,
            rate,
            term_months: wish.months,
            payment: some(1, Money::from_cents(wish.amount / 50)),
            account_type: wish.debt,
            proceeds_to_account_id: from_account,
        }),
        T::ModifyDebt => K::ModifyDebt(ModifyDebt {
            principal: some(0, money),
            rate: says[1].then_some(rate),
            term_months: says[2].then_some(wish.months),
            payment: some(3, Money::from_cents(wish.amount / 50)).filter(|_| !says[2]),
        }),
        T::PayoffDebt => K::PayoffDebt(PayoffDebt { extra_monthly: money }),
        T::Refinance => K::Refinance(Refinance {
            rate,
            term_months: wish.months,
            closing_costs: some(0, Money::from_cents(wish.fraction * 1000)),
            closing_costs_paid: says[1].then_some(if says[2] { CostsPaid::Cash } else { CostsPaid::Financed }),
            cash_out: some(3, money),
        }),
        T::LumpSumIncome => K::LumpSumIncome(LumpSumIncome { amount: money, tax_treatment: treatment }),
        T::LumpSumExpense => K::LumpSumExpense(LumpSumExpense { amount: money, category: wish.expense, pay_down_account_id: debt_account }),
        T::Modify401k => K::Modify401k(Modify401k { percentage: rate, income_id }),
        T::ModifyHsa => K::ModifyHsa(ModifyHsa { percentage: rate, income_id }),
        T::AdjustTotalExpenses | T::AdjustTotalIncome | T::AdjustInterestRates | T::AdjustInvestmentValue | T::OverrideAssumptions => {
            return None;
        }
        T::SetSavingsTransfer => {
            let target = one(&picks[1], accounts(&|it| it != AccountType::PayrollClearing))?;
            K::SetSavingsTransfer(SetSavingsTransfer { amount: money, target_account_id: TargetAccount(target) })
        }
        T::ModifyWithholding => {
            K::ModifyWithholding(ModifyWithholding { extra_monthly: Money::from_cents(wish.fraction * 1300), income_id })
        }
        T::ModifyDeductions => {
            let words: [&str; 5] = ["health_insurance", "roth_ira", "union_dues", "traditional_401k", "charitable"];
            let deduction_type = DeductionWord::parse(words[picks[2].index(5)]).unwrap();
            K::ModifyDeductions(ModifyDeductions { deduction_type, amount: Money::from_cents(wish.fraction * 260), income_id })
        }
        T::SwitchEmploymentType => {
            K::SwitchEmploymentType(SwitchEmploymentType { to: if says[0] { Employment::W2 } else { Employment::SelfEmployed } })
        }
        T::SetQuarterlyEstimates => K::SetQuarterlyEstimates(SetQuarterlyEstimates { quarterly_amount: money }),
        T::OverrideInflation => K::OverrideInflation(OverrideInflation { rate, duration_months: None }),
        T::OverrideInvestmentReturn => K::OverrideInvestmentReturn(OverrideInvestmentReturn { rate, duration_months: None }),
        T::OverrideSalaryGrowth => K::OverrideSalaryGrowth(OverrideSalaryGrowth { rate, duration_months: None }),
    };
    let first = date(TODAY).with_day0(0).unwrap();
    let effective_date = first + chrono::Days::new(wish.from);
    let lasts = wish.lasts.filter(|_| change_type.timing() != Timing::Once);
    let change = NewChange {
        name: name(change_type.as_str()),
        effective_date,
        end_date: lasts.map(|days| effective_date + chrono::Days::new(days)),
        enabled: true,
        order: None,
        notes: None,
        source,
        kind,
    };
    Some(Intent::AddScenarioChange { scenario_id: id("What if"), id: ChangeId(Uuid::from_u128(1000 + u128::try_from(n).unwrap())), change })
}

use chrono::Datelike as _;

/// The baseline of `home` with these changes, as of its today.
fn with(home: &Home, changes: Vec<PlannedChange>) -> Result<Projection, ProjectionError> {
    let (state, today) = (home.state(), Month::of(date(home.today)));
    let plan = plan(&state, HOUSE.baseline(), today, None, home.tables.in_force(today.year()).unwrap()).unwrap();
    project(&Plan { changes, ..plan }, home.tables)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_baseline_is_then_what_the_adopted_changes_said(commands in commands(), wishes in vec(wish(), 1..6), later in select(vec![TODAY, "2026-11-30", "2027-02-10"])) {
        let home = Home { events: Vec::new(), tables: tables(), today: TODAY };
        let told = |home: Home, intent: Intent| home.clone().when(intent).accepted().unwrap_or(home);
        let home = commands.into_iter().chain([scenario("What if")]).fold(home, told);
        let home = wishes.iter().enumerate().fold(home, |home, (n, wish)| match granted(&home.state(), wish, n) {
            Some(intent) => told(home, intent),
            None => home,
        }).on(later);
        let held = effective_changes(&home.state(), id("What if"));
        let after = home.when(adopted("What if")).done();
        let adopted: Vec<ChangeId> = match after.events[home.events.len()..].iter().find(|event| event.name() == "scenario.adopted") {
            Some(Event::ScenarioAdopted { adoption, .. }) => adoption.adopted.iter().map(|adopted| adopted.change_id).collect(),
            _ => Vec::new(),
        };
        if let Ok(path) = std::env::var("ADOPTED") {
            use std::io::Write as _;
            let report = domain::household::adopt::adoption(&home.state(), id("What if"), date(home.today), home.tables).unwrap();
            let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
            for it in &report.adopted { writeln!(file, "{} adopted", it.name).unwrap(); }
            for it in &report.skipped { writeln!(file, "{} {} {}", it.name, it.code, it.reason).unwrap(); }
        }
        let (real, planned): (Vec<_>, Vec<_>) = held.into_iter().partition(|planned| adopted.contains(&planned.id));
        let left: Vec<ChangeId> = effective_changes(&after.state(), id("What if")).iter().map(|planned| planned.id).collect();
        prop_assert_eq!(left, planned.iter().map(|planned| planned.id).collect::<Vec<_>>(), "what is real is no difference any more");
        let at_once = usize::from(real.iter().any(|planned| planned.change.kind.change_type().timing() == Timing::Once));
        if let (Ok(said), Ok(told)) = (with(&home, real), with(&after, Vec::new())) {
            same_but_for_the_wallet(&said, &told, at_once)?;
        } else {
            prop_assert!(adopted.is_empty(), "what cannot be computed is not adopted");
        }
    }
}

/// As [`same_figures`]; an account for cash that is only thought of may have become a real one.
fn same_but_for_the_wallet(said: &Projection, told: &Projection, at_once: usize) -> Result<(), TestCaseError> {
    for (number, (said, told)) in said.months.iter().zip(&told.months).enumerate() {
        let held = |row: &domain::projection::Row| {
            let mut held: Vec<Money> = row.balances.iter().map(|(_, amount)| amount).filter(|amount| !amount.is_zero()).collect();
            held.sort_unstable();
            held
        };
        prop_assert_eq!(told.net_worth, said.net_worth, "month {}", number + 1);
        prop_assert_eq!(held(told), held(said), "month {}", number + 1);
        if number >= at_once {
            let mut told = told.clone();
            told.balances = said.balances.clone();
            prop_assert_eq!(&told, said, "month {}", number + 1);
        }
    }
    prop_assert_eq!(&said.shortfall, &told.shortfall);
    Ok(())
}
