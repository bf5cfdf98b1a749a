//! Accounts of every class, their dated balances, the terms of debts, and what belongs together.

use domain::household::HouseholdError;
use domain::household::command::{AccountPatch, AssetDetailsPatch, Holding, Intent, LiabilityPatch, Told};
use domain::household::error::{Conflict, Thing};
use domain::household::facts::{Account, Balance, Flow, FlowKind};
use domain::vocabulary::{AccountType, PretaxDeductionType, SystemFlowKind};

use super::support::*;

fn patched(called: &str, patch: AccountPatch) -> Intent {
    Intent::ChangeAccount { id: id(called), patch, holding: Holding::default() }
}
fn told(called: &str, holding: Holding) -> Intent {
    Intent::ChangeAccount { id: id(called), patch: AccountPatch::default(), holding }
}
fn terms(called: &str, told_terms: Told<LiabilityPatch>) -> Intent {
    told(called, Holding { liability: Some(told_terms), ..Default::default() })
}
fn group(called: &str) -> Intent {
    Intent::CreateAssetGroup { id: id(called), name: name(called) }
}

#[test]
fn an_account_of_every_type_but_the_machinery_s_own_is_opened_with_its_balance() {
    for account_type in AccountType::ALL.iter().copied().filter(|it| *it != AccountType::PayrollClearing) {
        let home = given([opened("Ada")]).when(holds("It", account_type, "1200.00")).done();
        let state = &home.state().accounts[&id("It")];
        assert_eq!((state.account.account_type, state.current_balance().to_string()), (account_type, "1200.00".to_owned()));
        assert!(!state.opened_by_system);
    }
    let own = holds("It", AccountType::PayrollClearing, "0.00");
    given([opened("Ada")]).when(own).then_invalid([("account_type", "not_allowed_here")]);
}

#[test]
fn the_clearing_account_is_nobody_s_to_change() {
    let home = given([opened("Ada"), salaried("Acme", "96000.00")]);
    let (clearing, _) = home.account_of_type(AccountType::PayrollClearing);
    for intent in [
        Intent::ChangeAccount {
            id: clearing,
            patch: AccountPatch { active: Some(false), ..Default::default() },
            holding: Holding::default(),
        },
        Intent::RemoveAccount { id: clearing },
        Intent::RecordBalances { account_id: clearing, balances: vec![balance("1.00")] },
    ] {
        assert_eq!(home.when(intent).refused(), Conflict::SystemAccount.into());
    }
}

#[test]
fn a_back_dated_balance_is_recorded_and_does_not_move_the_present() {
    let home = given([opened("Ada"), holds("Everyday", AccountType::Checking, "500.00")]);
    let home = home.when(recorded("Everyday", vec![balance_on("2026-06-30", "90.00")])).then(["balance.recorded"]);
    assert_eq!(home.state().accounts[&id("Everyday")].current_balance(), money("500.00"));
}

#[test]
fn of_two_balances_for_one_day_the_later_recorded_holds() {
    let home = given([opened("Ada"), holds("Everyday", AccountType::Checking, "500.00")]);
    let home = home.when(recorded("Everyday", vec![balance("510.00")])).then(["balance.recorded"]);
    assert_eq!(home.state().accounts[&id("Everyday")].current_balance(), money("510.00"));
    home.when(recorded("Everyday", vec![balance("510.00")])).then([]);
}

#[test]
fn an_import_of_balances_is_one_batch_whatever_its_order() {
    let home = given([opened("Ada"), holding(account("Everyday", AccountType::Checking), Holding::default())]);
    let rows = vec![balance_on("2026-03-31", "3.00"), balance_on("2026-09-30", "9.00"), balance_on("2026-06-30", "6.00")];
    let home = home.when(recorded("Everyday", rows)).then(["balance.recorded", "balance.recorded", "balance.recorded"]);
    assert_eq!(home.state().accounts[&id("Everyday")].current_balance(), money("9.00"));
}

#[test]
fn everything_that_is_wrong_with_balances_is_said_at_once() {
    let home = given([opened("Ada"), holds("Everyday", AccountType::Checking, "500.00")]);
    let wrong = Balance { cost_basis: Some(money("-1")), market_value: Some(money("-1")), ..balance_on("2026-11-25", "1.00") };
    home.when(recorded("Everyday", vec![balance("1.00"), wrong])).then_invalid([
        ("1.as_of_date", "in_the_future"),
        ("1.cost_basis", "negative"),
        ("1.market_value", "negative"),
    ]);
}

#[test]
fn a_debt_is_never_negative_by_whichever_way_it_is_told() {
    let home = given([opened("Ada"), owes("Card", AccountType::CreditCard, "500.00", "0.24", LiabilityPatch::default())]);
    home.when(told("Card", Holding { balance: Some(balance("-1.00")), ..Default::default() }))
        .then_invalid([("current_balance", "negative")]);
    home.when(recorded("Card", vec![balance("-1.00")])).then_invalid([("balance", "negative")]);
    let overdrawn = given([opened("Ada"), holds("Everyday", AccountType::Checking, "-12.00")]);
    assert_eq!(overdrawn.state().accounts[&id("Everyday")].current_balance(), money("-12.00"));
}

#[test]
fn terms_told_in_part_are_laid_over_what_is_known_and_told_whole_replace_it() {
    let known =
        LiabilityPatch { minimum_payment: Some(Some(money("35.00"))), credit_limit: Some(Some(money("8000"))), ..Default::default() };
    let home = given([opened("Ada"), owes("Card", AccountType::CreditCard, "500.00", "0.24", known)]);
    let new_rate = || LiabilityPatch { interest_rate: Some(rate("0.20")), ..Default::default() };

    let part = home.when(terms("Card", Told::Part(new_rate()))).then(["liability.changed"]).state();
    let part = part.accounts[&id("Card")].liability.clone().unwrap();
    assert_eq!((part.interest_rate, part.minimum_payment), (rate("0.20"), Some(money("35.00"))));

    let whole = home.when(terms("Card", Told::Whole(new_rate()))).then(["liability.changed", "system_flows.generated"]).state();
    let whole = whole.accounts[&id("Card")].liability.clone().unwrap();
    assert_eq!((whole.interest_rate, whole.minimum_payment, whole.credit_limit), (rate("0.20"), None, None));
}

#[test]
fn a_debt_has_a_rate_if_only_zero() {
    let card = account("Card", AccountType::CreditCard);
    let liability = Some(Told::Whole(LiabilityPatch { minimum_payment: Some(Some(money("35.00"))), ..Default::default() }));
    let without = holding(card, Holding { liability, ..Default::default() });
    given([opened("Ada")]).when(without).then_invalid([("liability.interest_rate", "required")]);
}

#[test]
fn everything_that_is_wrong_with_an_account_is_said_at_once() {
    let wrong = Account { member_id: Some(id("Nobody")), asset_group_id: Some(id("Nothing")), ..account("It", AccountType::AutoLoan) };
    let liability = Some(Told::Whole(LiabilityPatch {
        interest_rate: Some(rate("1.5")),
        minimum_payment: Some(Some(money("-1"))),
        term_months: Some(Some(0)),
        payment_day: Some(Some(32)),
        origination_date: Some(Some(date("2026-01-02"))),
        maturity_date: Some(Some(date("2026-01-01"))),
        ..Default::default()
    }));
    let asset_details = Some(Told::Whole(AssetDetailsPatch { monthly_rent: Some(Some(money("-1"))), ..Default::default() }));
    let told = Holding { balance: Some(balance_on("2027-01-01", "-5")), liability, asset_details };
    given([opened("Ada")]).when(holding(wrong, told)).then_invalid([
        ("member_id", "unknown_member"),
        ("asset_group_id", "unknown_asset_group"),
        ("as_of_date", "in_the_future"),
        ("current_balance", "negative"),
        ("liability.interest_rate", "out_of_range"),
        ("liability.minimum_payment", "negative"),
        ("liability.term_months", "out_of_range"),
        ("liability.payment_day", "out_of_range"),
        ("liability.maturity_date", "ends_before_start"),
        ("asset_details", "wrong_account_type"),
        ("asset_details.monthly_rent", "negative"),
    ]);
}

#[test]
fn an_asset_has_no_terms_and_never_becomes_a_debt() {
    let home = given([opened("Ada"), holds("Everyday", AccountType::Checking, "1.00")]);
    let rated = Told::Whole(LiabilityPatch { interest_rate: Some(rate("0.1")), ..Default::default() });
    home.when(terms("Everyday", rated)).then_invalid([("liability", "wrong_account_type")]);
    let to = |account_type| patched("Everyday", AccountPatch { account_type: Some(account_type), ..Default::default() });
    home.when(to(AccountType::CreditCard)).then_invalid([("account_type", "not_allowed_here")]);
    home.when(to(AccountType::PayrollClearing)).then_invalid([("account_type", "not_allowed_here")]);
    home.when(to(AccountType::Savings)).then(["account.changed"]);
}

#[test]
fn what_points_to_an_account_holds_it_back() {
    let home = given([
        opened("Ada"),
        salaried("Acme", "96000.00"),
        holds("Everyday", AccountType::Checking, "1.00"),
        holds("Plan", AccountType::Traditional401k, "1.00"),
    ]);
    let to_plan = domain::household::facts::PretaxDeduction {
        target_account_id: Some(id("Plan")),
        ..deduction(PretaxDeductionType::Traditional401k, percent("0.05"))
    };
    let saving = Flow {
        name: name("Saving"),
        kind: FlowKind::Transfer,
        amount: money("10.00"),
        frequency: domain::calendar::Frequency::Monthly,
        start_date: date(TODAY),
        end_date: None,
        from_account_id: Some(id("Everyday")),
        to_account_id: None,
        linked_account_id: None,
        member_id: None,
        active: true,
        notes: None,
    };
    let home = home.and([deducted(to_plan), Intent::AddFlow { id: id("Saving"), flow: saving }]);
    let in_use = |by: &str| HouseholdError::from(Conflict::InUse { by: by.to_owned() });
    assert_eq!(home.when(Intent::RemoveAccount { id: id("Everyday") }).refused(), in_use("the flow Saving"));
    assert_eq!(home.when(Intent::RemoveAccount { id: id("Plan") }).refused(), in_use("a deduction of Acme"));
    let home = home.and([Intent::RemoveFlow { id: id("Saving") }]);
    home.when(Intent::RemoveAccount { id: id("Everyday") }).done();
}

#[test]
fn derived_flows_hold_no_account_back_they_follow() {
    let home = given([opened("Ada"), owes("Card", AccountType::CreditCard, "5000.00", "0.24", LiabilityPatch::default())]);
    assert_eq!(home.flows(SystemFlowKind::DebtPayment).len(), 1);
    let home = home.when(Intent::RemoveAccount { id: id("Card") }).then(["account.removed", "system_flows.generated"]);
    assert_eq!(home.flows(SystemFlowKind::DebtPayment), []);
}

#[test]
fn an_account_that_is_not_there_is_named() {
    let refusal = given([opened("Ada")]).when(Intent::RemoveAccount { id: id("Gone") }).refused();
    assert_eq!(refusal, HouseholdError::NotFound { thing: Thing::Account, id: id::<domain::ids::AccountId>("Gone").0 });
}

#[test]
fn a_group_that_is_removed_leaves_its_accounts_behind() {
    let house = Account { asset_group_id: Some(id("Home")), ..account("House", AccountType::PrimaryResidence) };
    let home = given([opened("Ada"), group("Home"), holding(house, Holding::default())]);
    home.when(Intent::RenameAssetGroup { id: id("Home"), name: name("Home") }).then([]);
    let home = home.when(Intent::RenameAssetGroup { id: id("Home"), name: name("Lakeside") }).then(["asset_group.changed"]);
    let home = home.when(Intent::RemoveAssetGroup { id: id("Home") }).then(["account.changed", "asset_group.removed"]);
    assert_eq!(home.state().accounts[&id("House")].account.asset_group_id, None);
}
