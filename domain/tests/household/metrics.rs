//! What a household's figures come to on a day. Every expected figure is computed by hand beside the test.

use domain::calendar::{Frequency, Month};
use domain::household::command::{AccountPatch, Actor, AssetDetailsPatch, Command, Holding, Intent, LiabilityPatch, Told};
use domain::household::facts::{Balance, Flow, FlowKind, PretaxDeduction, VariableRate};
use domain::household::{Household, plan};
use domain::metrics::{self, Metrics, Ratio, Undefined};
use domain::money::Money;
use domain::projection::project;
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, PretaxDeductionType, SystemFlowKind};
use proptest::prelude::*;

use super::commands::commands;
use super::support::*;

fn flow(called: &str, kind: FlowKind, amount: &str, frequency: Frequency) -> Flow {
    Flow {
        name: name(called),
        kind,
        amount: money(amount),
        frequency,
        start_date: date("2026-01-01"),
        end_date: None,
        from_account_id: None,
        to_account_id: None,
        linked_account_id: None,
        member_id: None,
        active: true,
        notes: None,
    }
}
fn recurs(flow: Flow) -> Intent {
    Intent::AddFlow { id: id(flow.name.as_str()), flow }
}
fn earns(called: &str, amount: &str, frequency: Frequency) -> Intent {
    recurs(flow(called, FlowKind::Income(IncomeCategory::Freelance), amount, frequency))
}
fn spends(category: ExpenseCategory, amount: &str, frequency: Frequency) -> Intent {
    recurs(flow(category.as_str(), FlowKind::Expense(category), amount, frequency))
}
fn valued(called: &str, account_type: AccountType, held: Balance) -> Intent {
    holding(account(called, account_type), Holding { balance: Some(held), ..Default::default() })
}

impl Home {
    fn metrics(&self) -> Metrics {
        metrics::at(&self.state(), date(TODAY))
    }
}

#[track_caller]
fn assert_ratio(ratio: Ratio, expected: &str) {
    assert_eq!(ratio.value().map(|value| value.to_string()).as_deref(), Some(expected), "{ratio:?}");
}
#[track_caller]
fn assert_absent(ratios: &[Ratio], reason: Undefined) {
    for ratio in ratios {
        assert_eq!(*ratio, Ratio::Undefined(reason));
    }
}

/// Income 5,000.00 a month and 600.00 a week (2,600.00 a month): 7,600.00, a year 91,200.00.
/// Expenses: rent 1,500.00; groceries 150.00 a week (650.00); car loan 300.00; car insurance 720.00 half-yearly (120.00); dining out
/// 200.00; state income tax 380.00: 3,150.00, a year 37,800.00.
fn a_tenant() -> Home {
    given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "6300.00"),
        earns("Clinic", "5000.00", Frequency::Monthly),
        earns("Lessons", "600.00", Frequency::Weekly),
        spends(ExpenseCategory::Rent, "1500.00", Frequency::Monthly),
        spends(ExpenseCategory::Groceries, "150.00", Frequency::Weekly),
        spends(ExpenseCategory::AutoLoan, "300.00", Frequency::Monthly),
        spends(ExpenseCategory::AutoInsurance, "720.00", Frequency::Semiannually),
        spends(ExpenseCategory::DiningOut, "200.00", Frequency::Monthly),
        spends(ExpenseCategory::StateIncomeTax, "380.00", Frequency::Monthly),
    ])
}

#[test]
fn a_typical_month_is_a_year_over_twelve() {
    let metrics = a_tenant().metrics();
    let amounts = [metrics.monthly_income, metrics.monthly_expenses, metrics.monthly_surplus, metrics.monthly_debt_service];
    assert_eq!(amounts.map(|amount| amount.to_string()), ["7600.00", "3150.00", "4450.00", "300.00"]);
    assert_ratio(metrics.dscr, "15.8333"); // (7,600 − (3,150 − 300)) / 300
    assert_ratio(metrics.liquidity_months, "2.0000"); // 6,300 / 3,150
    assert_ratio(metrics.days_cash_on_hand, "60.0000");
    assert_ratio(metrics.savings_rate, "0.5855"); // 4,450 / 7,600 = 0.58552…
    assert_ratio(metrics.dti_ratio, "0.0395"); // 300 / 7,600 = 0.03947…
    assert_ratio(metrics.housing_ratio, "0.1974"); // 1,500 / 7,600 = 0.19736…
    assert_ratio(metrics.fixed_expense_ratio, "0.2526"); // (1,500 + 300 + 120) / 7,600 = 0.25263…
    assert_ratio(metrics.essential_expense_ratio, "0.2987"); // (1,500 + 650 + 120) / 7,600 = 0.29868…
    assert_ratio(metrics.income_concentration, "0.6579"); // 5,000 / 7,600 = 0.65789…
    assert_ratio(metrics.investment_rate, "0.0000");
}

/// 100.00 a week is 5,200.00 a year and 433.33 a month; three of them are 1,300.00 a month, not 3 × 433.33.
#[test]
fn months_are_rounded_once_and_ratios_not_at_all_before_the_end() {
    let weekly = |called: &str| earns(called, "100.00", Frequency::Weekly);
    let home = given([opened("Ada"), weekly("A"), weekly("B"), weekly("C"), spends(ExpenseCategory::Rent, "0.10", Frequency::Annually)]);
    let metrics = home.metrics();
    assert_eq!((metrics.monthly_income, metrics.monthly_expenses), (money("1300.00"), money("0.01")));
    assert_eq!(metrics.monthly_surplus, money("1299.99"));
    assert_ratio(metrics.income_concentration, "0.3333");
    // 0.07 / 0.20; of rounded months it would be 0.01 / 0.02.
    let frugal =
        given([opened("Ada"), spends(ExpenseCategory::Rent, "0.07", Frequency::Annually), earns("A", "0.20", Frequency::Annually)]);
    assert_ratio(frugal.metrics().housing_ratio, "0.3500");
}

/// House 300,000 bought, 420,000 now; brokerage 50,000 now, paid 35,000; checking 10,000; mortgage 280,000 at 6.375 %; card 7,000 at 24 %.
#[test]
fn assets_are_told_at_market_and_at_cost_and_debts_by_what_they_cost() {
    let house = Balance { market_value: Some(money("420000.00")), cost_basis: Some(money("300000.00")), ..balance("310000.00") };
    let shares = Balance { cost_basis: Some(money("35000.00")), ..balance("50000.00") };
    let home = given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "10000.00"),
        valued("House", AccountType::PrimaryResidence, house),
        valued("Shares", AccountType::Brokerage, shares),
        owes("Mortgage", AccountType::PrimaryMortgage, "280000.00", "0.06375", LiabilityPatch::default()),
        owes("Card", AccountType::CreditCard, "7000.00", "0.24", LiabilityPatch::default()),
    ]);
    let metrics = home.metrics();
    let told = [metrics.total_assets, metrics.total_liabilities, metrics.net_worth_at_market, metrics.net_worth_at_cost];
    assert_eq!(told.map(|amount| amount.to_string()), ["480000.00", "287000.00", "193000.00", "58000.00"]); // 345,000 at cost
    assert_eq!((metrics.unrealised_gains, metrics.liquid_assets), (money("135000.00"), money("60000.00")));
    assert_ratio(metrics.debt_to_asset_at_market, "0.5979"); // 287,000 / 480,000 = 0.59791…
    assert_ratio(metrics.debt_to_asset_at_cost, "0.8319"); // 287,000 / 345,000 = 0.83188…
    assert_ratio(metrics.weighted_average_interest_rate, "0.068049"); // (17,850 + 1,680) / 287,000 = 0.0680487…
    assert_ratio(metrics.high_interest_debt_ratio, "0.0244"); // 7,000 / 287,000 = 0.02439…
}

#[test]
fn seven_percent_is_not_high_interest_and_a_variable_rate_is_taken_within_its_floor_and_ceiling() {
    let variable = |floor: Option<&str>, ceiling: Option<&str>| LiabilityPatch {
        variable_rate: Some(Some(VariableRate { floor: floor.map(rate), ceiling: ceiling.map(rate), ..Default::default() })),
        ..LiabilityPatch::default()
    };
    let home = |terms| given([opened("Ada"), owes("Heloc", AccountType::Heloc, "1000.00", "0.07", terms)]).metrics();
    for (terms, share, average) in [
        (LiabilityPatch::default(), "0.0000", "0.070000"),
        (variable(Some("0.08"), None), "1.0000", "0.080000"),
        (variable(None, Some("0.05")), "0.0000", "0.050000"),
    ] {
        let metrics = home(terms);
        assert_ratio(metrics.high_interest_debt_ratio, share);
        assert_ratio(metrics.weighted_average_interest_rate, average);
    }
}

#[test]
fn a_house_without_a_cost_basis_cost_what_it_was_acquired_for() {
    let details = AssetDetailsPatch { acquisition_cost: Some(Some(money("250000.00"))), ..Default::default() };
    let told = Holding { balance: Some(balance("400000.00")), asset_details: Some(Told::Whole(details)), ..Default::default() };
    let metrics = given([opened("Ada"), holding(account("House", AccountType::PrimaryResidence), told)]).metrics();
    assert_eq!((metrics.net_worth_at_cost, metrics.unrealised_gains), (money("250000.00"), money("150000.00")));
}

#[test]
fn a_household_that_has_nothing_has_no_ratio_and_every_absence_its_reason() {
    let metrics = given([opened("Ada")]).metrics();
    use Undefined as U;
    let of_income = [
        metrics.savings_rate,
        metrics.dti_ratio,
        metrics.housing_ratio,
        metrics.fixed_expense_ratio,
        metrics.essential_expense_ratio,
        metrics.income_concentration,
        metrics.investment_rate,
    ];
    assert_absent(&of_income, U::NoIncome);
    assert_absent(&[metrics.dscr], U::NoDebtService);
    assert_absent(&[metrics.liquidity_months, metrics.days_cash_on_hand], U::NoExpenses);
    assert_absent(&[metrics.debt_to_asset_at_market, metrics.debt_to_asset_at_cost], U::NoAssets);
    assert_absent(&[metrics.weighted_average_interest_rate, metrics.high_interest_debt_ratio], U::NoDebt);
    let told = serde_json::to_value(metrics).unwrap();
    assert_eq!(told["dscr"], serde_json::json!({"value": null, "reason": "no_debt_service"}));
    assert_eq!(told["net_worth_at_market"], "0.00");
}

#[test]
fn only_what_runs_on_the_day_counts() {
    let rest = |called: &str| Flow { active: false, ..flow(called, FlowKind::Income(IncomeCategory::Tips), "100.00", Frequency::Monthly) };
    let until = |called: &str, start: &str, end: &str| Flow {
        start_date: date(start),
        end_date: Some(date(end)),
        ..flow(called, FlowKind::Income(IncomeCategory::Tips), "100.00", Frequency::Monthly)
    };
    let home = given([
        opened("Ada"),
        recurs(rest("resting")),
        recurs(until("until yesterday", "2026-01-01", "2026-11-22")),
        recurs(until("until today", "2026-01-01", "2026-11-23")),
        recurs(until("from today", "2026-11-23", "2027-01-01")),
        recurs(until("from tomorrow", "2026-11-24", "2027-01-01")),
    ]);
    assert_eq!(home.metrics().monthly_income, money("200.00"));
}

#[test]
fn an_account_that_is_not_in_use_is_neither_owned_nor_owed() {
    let retired = |called: &str| Intent::ChangeAccount {
        id: id(called),
        patch: AccountPatch { active: Some(false), ..Default::default() },
        holding: Holding::default(),
    };
    let home = given([
        opened("Ada"),
        holds("Savings", AccountType::Savings, "1000.00"),
        owes("Card", AccountType::CreditCard, "400.00", "0.2", LiabilityPatch::default()),
        retired("Savings"),
        retired("Card"),
    ]);
    let metrics = home.metrics();
    assert_eq!((metrics.total_assets, metrics.total_liabilities, metrics.monthly_expenses), (Money::ZERO, Money::ZERO, Money::ZERO));
}

/// 104,000.00 a year is 8,666.67 a month (4,000.00 each two weeks). 401(k): 5 % is 200.00 a paycheck, matched by half: 100.00. Income is
/// gross and match, 26 × 4,100.00 / 12 = 8,883.33; invested is 26 × 300.00 / 12 = 650.00.
#[test]
fn a_job_is_one_source_with_its_match_and_what_it_puts_aside_is_invested() {
    let saving =
        PretaxDeduction { employer_match: matched("0.5", None, None), ..deduction(PretaxDeductionType::Traditional401k, percent("0.05")) };
    let home = given([opened("Ada"), salaried("Acme", "104000.00"), deducted(saving), earns("Lessons", "900.00", Frequency::Monthly)]);
    let metrics = home.metrics();
    assert_eq!(metrics.monthly_income, money("9783.33"));
    assert_ratio(metrics.income_concentration, "0.9080"); // 106,600 / 117,400 = 0.90800…
    assert_ratio(metrics.investment_rate, "0.0664"); // 7,800 / 117,400 = 0.06643…
    // What is withheld from a paycheck flows out of the household.
    let withheld = [SystemFlowKind::FederalWithholding, SystemFlowKind::SocialSecurity, SystemFlowKind::Medicare];
    let taxes: Money = withheld.iter().map(|kind| Frequency::Biweekly.annual_amount(home.flow(*kind).amount)).sum();
    assert_eq!(metrics.monthly_expenses, taxes.scaled(1, 12));
}

#[test]
fn moving_money_between_investments_is_not_investing() {
    let moved = |called: &str, from: Option<&str>, to: &str| {
        let transfer = flow(called, FlowKind::Transfer, "100.00", Frequency::Monthly);
        recurs(Flow { from_account_id: from.map(id), to_account_id: Some(id(to)), ..transfer })
    };
    let home = given([
        opened("Ada"),
        holds("Checking", AccountType::Checking, "0.00"),
        holds("Shares", AccountType::Brokerage, "0.00"),
        holds("IRA", AccountType::RothIra, "0.00"),
        earns("Clinic", "1000.00", Frequency::Monthly),
        moved("saved", Some("Checking"), "Shares"),
        moved("moved on", Some("Shares"), "IRA"),
        moved("set free", Some("IRA"), "Checking"),
    ]);
    assert_ratio(home.metrics().investment_rate, "0.1000");
}

/// The first month's opening stands on the same balances.
fn opening_net_worth(home: &Household) -> Option<Money> {
    let (baseline, _) = home.baseline()?;
    let plan = plan(home, baseline, Month::of(date(TODAY)), Some(1), tables().in_force(2026).unwrap())?;
    Some(project(&plan, tables()).ok()?.opening.net_worth)
}

fn state_of(intents: Vec<Intent>) -> Household {
    intents.into_iter().fold(Household::default(), |mut home, intent| {
        let command = Command { decided_at: noon(TODAY), actor: Actor::System, intent };
        home.decide(command, tables()).into_iter().flatten().for_each(|event| home.fold(event));
        home
    })
}

/// A part of the income that is at most all of it.
fn is_share(ratio: Ratio) -> bool {
    ratio.value().is_none_or(|value| !value.is_sign_negative() && value <= rust_decimal::Decimal::ONE)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_household_has_metrics_that_agree_with_each_other(intents in commands(), day in 0..3000_u64) {
        let home = state_of(intents);
        let on = date("2024-01-01") + chrono::Days::new(day);
        let metrics = metrics::at(&home, on);
        prop_assert_eq!(metrics.monthly_surplus, metrics.monthly_income - metrics.monthly_expenses);
        prop_assert_eq!(metrics.net_worth_at_market - metrics.net_worth_at_cost, metrics.unrealised_gains);
        prop_assert_eq!(metrics.net_worth_at_market, metrics.total_assets - metrics.total_liabilities);
        prop_assert!(metrics.monthly_debt_service <= metrics.monthly_expenses);
        prop_assert!(is_share(metrics.income_concentration) && is_share(metrics.high_interest_debt_ratio), "{:#?}", metrics);
        // Of what is spent: a group of categories is never more than all of them.
        if let Some(saved) = metrics.savings_rate.value() {
            let spent = rust_decimal::Decimal::ONE - saved;
            for group in [metrics.dti_ratio, metrics.housing_ratio, metrics.fixed_expense_ratio, metrics.essential_expense_ratio] {
                prop_assert!(group.value().unwrap() <= spent + rust_decimal::Decimal::new(1, 4), "{:#?}", metrics);
            }
        }
        prop_assert_eq!(&metrics::at(&home, on), &metrics);
    }

    #[test]
    fn metrics_survive_being_stored(intents in commands()) {
        let metrics = metrics::at(&state_of(intents), date(TODAY));
        let stored = serde_json::to_string(&metrics).unwrap();
        prop_assert_eq!(serde_json::from_str::<Metrics>(&stored).unwrap(), metrics);
    }

    #[test]
    fn a_forecast_begins_at_the_net_worth_that_the_metrics_tell(intents in commands()) {
        let home = state_of(intents);
        if let Some(opening) = opening_net_worth(&home) {
            prop_assert_eq!(metrics::at(&home, date(TODAY)).net_worth_at_market, opening);
        }
    }
}
