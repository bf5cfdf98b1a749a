//! Goals: what may be said, and how far they are, by figures that were computed by hand.

use domain::calendar::{Frequency, Month};
use domain::goals::{Comparison, Evaluation, Goal, GoalKind, GoalMetric, GoalTerms, GoalType, Now, in_plan, today};
use domain::household::command::{GoalPatch, Intent, LiabilityPatch, NewGoal};
use domain::household::error::{Conflict, Thing};
use domain::household::facts::{Flow, FlowKind};
use domain::household::{Event, HouseholdError, plan};
use domain::metrics;
use domain::money::Money;
use domain::projection::payoff::{Strategy, payoff};
use domain::projection::project;
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, Relationship};
use rust_decimal::Decimal;

use super::support::*;

fn wanted(target: &str) -> GoalTerms {
    GoalTerms { target: Some(target.parse().unwrap()), ..GoalTerms::default() }
}
fn by(terms: GoalTerms, day: &str) -> GoalTerms {
    GoalTerms { target_date: Some(date(day)), ..terms }
}
fn new(called: &str, goal_type: GoalType, terms: GoalTerms) -> NewGoal {
    NewGoal { name: name(called), goal_type, terms, is_primary: false, active: true, notes: None }
}
fn set(goal: NewGoal) -> Intent {
    Intent::AddGoal { id: id(goal.name.as_str()), goal }
}
fn fund() -> Intent {
    set(new("Fund", GoalType::EmergencyFundMonths, wanted("6")))
}
fn changed(called: &str, patch: GoalPatch) -> Intent {
    Intent::ChangeGoal { id: id(called), patch }
}

#[test]
fn a_goal_is_set_changed_and_given_up() {
    let home = given([opened("Ada")]).when(fund()).then(["goal.added"]);
    let more = GoalPatch { target: Some(Some(Decimal::from(9))), ..Default::default() };
    let home = home.when(changed("Fund", more.clone())).then(["goal.changed"]);
    home.when(changed("Fund", more)).then([]);
    assert_eq!(home.state().goals[&id("Fund")].kind, GoalKind::EmergencyFundMonths { months: Decimal::from(9) });
    let home = home.when(Intent::RemoveGoal { id: id("Fund") }).then(["goal.removed"]);
    assert!(home.state().goals.is_empty());
    let gone = HouseholdError::NotFound { thing: Thing::Goal, id: id("Fund") };
    assert_eq!(home.when(Intent::RemoveGoal { id: id("Fund") }).refused(), gone);
    assert_eq!(home.when(changed("Fund", GoalPatch::default())).refused(), gone);
}

#[test]
fn every_type_wants_its_own_parameters_and_no_others() {
    let home = given([opened("Ada")]);
    let all = GoalTerms {
        target: Some(Decimal::ONE),
        target_date: Some(date("2030-01-01")),
        member_id: Some(id("Ada")),
        metric: Some(GoalMetric::NetWorth),
        comparison: Some(Comparison::AtLeast),
    };
    for goal_type in GoalType::ALL {
        let wants: &[&str] = match goal_type {
            GoalType::EmergencyFundMonths | GoalType::MinDscr | GoalType::MinSavingsRate | GoalType::NetWorthTarget => &["target"],
            GoalType::NetWorthTargetByDate => &["target", "target_date"],
            GoalType::RetirementAge => &["target", "member_id"],
            GoalType::DebtFreeDate => &["target_date"],
            GoalType::Custom => &["target", "metric", "comparison"],
        };
        let fields = |terms, code: &str| {
            let found = violations(home.when(set(new("It", *goal_type, terms))).refused());
            let mut fields: Vec<String> = found.into_iter().filter(|(_, rule)| rule.code() == code).map(|(field, _)| field).collect();
            fields.sort();
            fields
        };
        let mut expected: Vec<&str> = wants.to_vec();
        expected.sort_unstable();
        assert_eq!(fields(GoalTerms::default(), "required"), expected, "{goal_type}");
        let mut others: Vec<&str> =
            ["target", "target_date", "member_id", "metric", "comparison"].into_iter().filter(|field| !wants.contains(field)).collect();
        others.sort_unstable();
        assert_eq!(fields(all, "not_allowed_here"), others, "{goal_type}");
    }
}

#[test]
fn targets_have_their_bounds() {
    let home = given([opened("Ada")]);
    let custom = |metric, target| GoalTerms { metric: Some(metric), comparison: Some(Comparison::AtMost), ..wanted(target) };
    for (goal_type, terms, field, code) in [
        (GoalType::EmergencyFundMonths, wanted("0"), "target", "out_of_range"),
        (GoalType::EmergencyFundMonths, wanted("1000.1"), "target", "out_of_range"),
        (GoalType::MinDscr, wanted("-1"), "target", "out_of_range"),
        (GoalType::MinDscr, wanted("1.00005"), "target", "not_allowed_here"),
        (GoalType::MinSavingsRate, wanted("1.0001"), "target", "out_of_range"),
        (GoalType::NetWorthTarget, wanted("0"), "target", "not_positive"),
        (GoalType::NetWorthTarget, wanted("1.005"), "target", "not_allowed_here"),
        (GoalType::NetWorthTargetByDate, by(wanted("1"), "2026-11-22"), "target_date", "out_of_range"),
        (GoalType::DebtFreeDate, by(GoalTerms::default(), "2200-01-01"), "target_date", "out_of_range"),
        (GoalType::RetirementAge, GoalTerms { member_id: Some(id("Ada")), ..wanted("17") }, "target", "out_of_range"),
        (GoalType::RetirementAge, GoalTerms { member_id: Some(id("Ada")), ..wanted("65.5") }, "target", "out_of_range"),
        (GoalType::RetirementAge, GoalTerms { member_id: Some(id("Nobody")), ..wanted("65") }, "member_id", "unknown_member"),
        (GoalType::Custom, custom(GoalMetric::TotalLiabilities, "0.001"), "target", "not_allowed_here"),
        (GoalType::Custom, custom(GoalMetric::DebtToAsset, "1000001"), "target", "out_of_range"),
    ] {
        home.when(set(new("It", goal_type, terms))).then_invalid([(field, code)]);
    }
    for (goal_type, terms) in [
        (GoalType::MinSavingsRate, wanted("1")),
        (GoalType::EmergencyFundMonths, wanted("0.5")),
        (GoalType::DebtFreeDate, by(GoalTerms::default(), TODAY)),
        (GoalType::Custom, custom(GoalMetric::NetWorth, "-5000.00")),
    ] {
        home.when(set(new("It", goal_type, terms))).then(["goal.added"]);
    }
}

#[test]
fn of_the_active_goals_one_is_the_primary_one() {
    let primary = |called: &str, active| set(NewGoal { is_primary: true, active, ..new(called, GoalType::MinDscr, wanted("1.5")) });
    let home = given([opened("Ada"), fund(), primary("Covered", true)]);
    home.when(primary("Also", true)).then_invalid([("is_primary", "not_allowed_here")]);
    let first = GoalPatch { is_primary: Some(true), ..Default::default() };
    home.when(changed("Fund", first.clone())).then_invalid([("is_primary", "not_allowed_here")]);
    // One that rests does not count, until it is wanted again.
    let home = home.and([primary("Later", false)]);
    let again = GoalPatch { active: Some(true), ..Default::default() };
    home.when(changed("Later", again.clone())).then_invalid([("is_primary", "not_allowed_here")]);
    let home = home.and([changed("Covered", GoalPatch { active: Some(false), ..Default::default() })]);
    home.when(changed("Later", again)).then(["goal.changed"]);
    home.when(changed("Fund", first)).then(["goal.changed"]);
}

#[test]
fn a_goal_of_another_type_has_none_of_the_parameters_of_before() {
    let home = given([opened("Ada"), fund()]);
    let patch = GoalPatch { goal_type: Some(GoalType::MinDscr), ..Default::default() };
    home.when(changed("Fund", patch.clone())).then_invalid([("target", "required")]);
    let patch = GoalPatch { target: Some(Some("1.25".parse().unwrap())), ..patch };
    let home = home.when(changed("Fund", patch)).then(["goal.changed"]);
    assert_eq!(home.state().goals[&id("Fund")].kind, GoalKind::MinDscr { ratio: "1.25".parse().unwrap() });
}

#[test]
fn a_day_that_has_come_does_not_keep_a_goal_from_being_changed() {
    let home = given([opened("Ada"), set(new("Free", GoalType::DebtFreeDate, by(GoalTerms::default(), "2026-12-01")))]).on("2027-01-01");
    home.when(changed("Free", GoalPatch { name: Some(name("Rid of it")), ..Default::default() })).then(["goal.changed"]);
    let passed = GoalPatch { target_date: Some(Some(date("2026-12-31"))), ..Default::default() };
    home.when(changed("Free", passed)).then_invalid([("target_date", "out_of_range")]);
}

#[test]
fn whoever_is_to_retire_does_not_leave() {
    let rest = new("Rest", GoalType::RetirementAge, GoalTerms { member_id: Some(id("Bo")), ..wanted("65") });
    let home = given([opened("Ada"), joined("Bo", Relationship::Spouse), set(rest)]);
    let refused = home.when(Intent::RemoveMember { id: id("Bo") }).refused();
    assert_eq!(refused, Conflict::InUse { by: "the goal Rest".to_owned() }.into());
}

#[test]
fn goals_are_said_in_plain_words() {
    let home = given([opened("Ada"), fund()]);
    assert_eq!(home.events.last().unwrap().sentence(), "The goal Fund was set: an emergency fund of 6 months");
    let patch = GoalPatch { goal_type: Some(GoalType::MinSavingsRate), target: Some(Some("0.15".parse().unwrap())), ..Default::default() };
    let home = home.and([changed("Fund", patch)]);
    assert_eq!(
        home.events.last().map(Event::sentence).unwrap(),
        "The goal of Fund changed from an emergency fund of 6 months to a savings rate of 15 % at least"
    );
    let home = home.and([Intent::RemoveGoal { id: id("Fund") }]);
    assert_eq!(home.events.last().unwrap().sentence(), "The goal Fund was given up");
}

fn monthly(called: &str, kind: FlowKind, amount: &str) -> Intent {
    let flow = Flow {
        name: name(called),
        kind,
        amount: money(amount),
        frequency: Frequency::Monthly,
        start_date: date("2026-01-01"),
        end_date: None,
        from_account_id: None,
        to_account_id: None,
        linked_account_id: None,
        member_id: None,
        active: true,
        notes: None,
    };
    Intent::AddFlow { id: id(called), flow }
}

/// 9,000.00 in hand, 5,000.00 a month of untaxed income, 3,000.00 spent, and a loan of 6,000.00 at 1 % a month, paid with 500.00.
fn ada() -> Home {
    let payment = LiabilityPatch { minimum_payment: Some(Some(money("500.00"))), ..Default::default() };
    given([
        opened("Ada"),
        born("Ada", "1965-01-20"),
        holds("Checking", AccountType::Checking, "9000.00"),
        owes("Loan", AccountType::PersonalLoan, "6000.00", "0.12", payment),
        monthly("Gifts", FlowKind::Income(IncomeCategory::OtherIncome), "5000.00"),
        monthly("Food", FlowKind::Expense(ExpenseCategory::Groceries), "3000.00"),
    ])
}

fn goal(kind: GoalKind) -> Goal {
    Goal { name: name("It"), kind, is_primary: false, active: true, notes: None }
}

fn measured_today(home: &Home, kind: GoalKind) -> Evaluation {
    let state = home.state();
    let (baseline, _) = state.baseline().unwrap();
    let plan = plan(&state, baseline, Month::of(date(TODAY)), None, tables().in_force(2026).unwrap()).unwrap();
    let payoff = payoff(&plan, tables(), Strategy::Current, Money::ZERO).unwrap();
    let metrics = metrics::at(&state, date(TODAY));
    today(&goal(kind), Now { home: &state, metrics: &metrics, payoff: &payoff })
}

fn measured_in_plan(home: &Home, months: u16, kind: GoalKind) -> Evaluation {
    let state = home.state();
    let (baseline, _) = state.baseline().unwrap();
    let plan = plan(&state, baseline, Month::of(date(TODAY)), Some(months), tables().in_force(2026).unwrap()).unwrap();
    in_plan(&goal(kind), &state, &project(&plan, tables()).unwrap()).unwrap()
}

/// Value, target, percentage, status and reason, as they are written.
fn told(found: &Evaluation) -> String {
    let value = found.value.map_or("-".to_owned(), |value| value.to_string());
    let reason = found.reason.map_or("-", domain::goals::Why::as_str);
    format!("{value} of {} {} = {} {} {reason}", found.target, found.unit, found.percentage, found.status)
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

#[test]
fn today_goals_are_measured_by_the_metrics() {
    let home = ada();
    for (kind, expected, recommended) in [
        // 9,000 / (3,000 + 500) = 2.5714; 6 × 3,500 − 9,000.
        (GoalKind::EmergencyFundMonths { months: decimal("6") }, "2.5714 of 6 months = 42.85 critical -", "Put aside 12000.00 more"),
        // (5,000 − 3,000) / 500 = 4; 5 × 500 − 2,000.
        (GoalKind::MinDscr { ratio: decimal("5") }, "4.0000 of 5 ratio = 80.00 good -", "Have 500.00 more left a month"),
        // 1,500 / 5,000; 2,500 − 1,500.
        (GoalKind::MinSavingsRate { rate: rate("0.5") }, "0.3000 of 0.5 ratio = 60.00 warning -", "Keep 1000.00 more a month"),
        (GoalKind::NetWorthTarget { amount: money("10000") }, "3000.00 of 10000.00 amount = 30.00 critical -", "7000.00 are missing"),
        // 24 months until then.
        (
            GoalKind::NetWorthTargetByDate { amount: money("10000"), by: date("2028-11-01") },
            "3000.00 of 10000.00 amount = 30.00 critical -",
            "7000.00 are missing: 291.67 a month",
        ),
        // 25 × 12 × 3,500.
        (
            GoalKind::RetirementAge { member_id: id("Ada"), age: 62 },
            "9000.00 of 1050000.00 amount = 0.85 critical -",
            "1041000.00 are missing",
        ),
        // Owed after seven months: 2,826.05; the last cent is paid in the 13th.
        (GoalKind::DebtFreeDate { by: date("2027-05-15") }, "2027-11-30 of 2027-05-15 date = 52.89 warning -", "Debts end on 2027-11-30"),
        (
            GoalKind::Custom { metric: GoalMetric::TotalLiabilities, comparison: Comparison::AtMost, target: decimal("3000.00") },
            "6000.00 of 3000.00 amount = 50.00 warning -",
            "Total liabilities on 2026-11-23: 6000.00. Wanted: at most 3000.00.",
        ),
    ] {
        let found = measured_today(&home, kind);
        assert_eq!(told(&found), expected, "{kind:?}");
        assert!(found.recommendation.starts_with(recommended), "{}", found.recommendation);
        assert!(!found.is_met);
    }
}

#[test]
fn a_goal_is_reached_at_its_target_and_not_a_cent_below() {
    let home = ada();
    for (amount, is_met) in [("3000.00", true), ("3000.01", false)] {
        let found = measured_today(&home, GoalKind::NetWorthTarget { amount: money(amount) });
        assert_eq!((found.is_met, found.recommendation == "This goal is reached."), (is_met, is_met), "{amount}");
    }
    let found = measured_today(&home, GoalKind::DebtFreeDate { by: date("2027-11-01") });
    assert_eq!(told(&found), "2027-11-30 of 2027-11-01 date = 100.00 good -");
}

#[test]
fn where_nothing_has_to_be_covered_all_is_well_and_where_nothing_comes_in_nothing_is() {
    let home = given([opened("Ada"), holds("Checking", AccountType::Checking, "9000.00")]);
    for (kind, expected) in [
        (GoalKind::EmergencyFundMonths { months: decimal("6") }, "- of 6 months = 100.00 good no_expenses"),
        (GoalKind::MinDscr { ratio: decimal("5") }, "- of 5 ratio = 100.00 good no_debt_service"),
        (GoalKind::MinSavingsRate { rate: rate("0.5") }, "- of 0.5 ratio = 0.00 critical no_income"),
        (GoalKind::DebtFreeDate { by: date("2027-05-15") }, "- of 2027-05-15 date = 100.00 good no_debt"),
    ] {
        assert_eq!(told(&measured_today(&home, kind)), expected);
    }
    let nobody = GoalKind::RetirementAge { member_id: id("Ada"), age: 62 };
    assert_eq!(measured_today(&home, nobody).reason.map(domain::goals::Why::as_str), Some("no_date_of_birth"));
}

#[test]
fn over_a_plan_the_worst_month_counts() {
    let home = ada();
    for (kind, expected, as_of) in [
        // Month 1: 9,000 + 1,500, over 3,500 a month; more in every month after it.
        (GoalKind::EmergencyFundMonths { months: decimal("6") }, "3.0000 of 6 months = 50.00 warning -", "2026-11-30"),
        (GoalKind::MinDscr { ratio: decimal("5") }, "4.0000 of 5 ratio = 80.00 good -", "2026-11-30"),
        (GoalKind::MinSavingsRate { rate: rate("0.5") }, "0.3000 of 0.5 ratio = 60.00 warning -", "2027-10-31"),
        // After twelve months 9,000 + 12 × 1,500 and 419.71 owed; after three 4,666.76 owed.
        (GoalKind::NetWorthTarget { amount: money("40000") }, "26580.29 of 40000.00 amount = 66.45 warning -", "2027-10-31"),
        (
            GoalKind::NetWorthTargetByDate { amount: money("10000"), by: date("2027-01-15") },
            "8833.24 of 10000.00 amount = 88.33 good -",
            "2027-01-31",
        ),
        (
            GoalKind::NetWorthTargetByDate { amount: money("40000"), by: date("2030-01-15") },
            "26580.29 of 40000.00 amount = 66.45 warning beyond_horizon",
            "2027-10-31",
        ),
        // She is 62 in January: 9,000 + 3 × 1,500.
        (GoalKind::RetirementAge { member_id: id("Ada"), age: 62 }, "13500.00 of 1050000.00 amount = 1.28 critical -", "2027-01-31"),
        // After eight months 2,354.31 are owed.
        (GoalKind::DebtFreeDate { by: date("2027-06-30") }, "- of 2027-06-30 date = 60.76 warning beyond_horizon", "2027-06-30"),
        (
            GoalKind::Custom { metric: GoalMetric::TotalLiabilities, comparison: Comparison::AtMost, target: decimal("2780.00") },
            "5560.00 of 2780.00 amount = 50.00 warning -",
            "2026-11-30",
        ),
    ] {
        let found = measured_in_plan(&home, 12, kind);
        assert_eq!((told(&found), found.as_of), (expected.to_owned(), date(as_of)), "{kind:?}");
    }
}

#[test]
fn a_plan_that_is_long_enough_knows_when_debts_end() {
    let free = GoalKind::DebtFreeDate { by: date("2027-06-30") };
    assert_eq!(told(&measured_in_plan(&ada(), 24, free)), "2027-11-30 of 2027-06-30 date = 60.76 warning -");
    assert_eq!(told(&measured_today(&ada(), free)), "2027-11-30 of 2027-06-30 date = 60.76 warning -");
}
