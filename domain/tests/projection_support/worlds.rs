//! Monte Carlo in the one world that the exact engine knows: the one that the plan assumes.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use domain::goals::{Comparison, Evaluation, Figure, Goal, GoalKind, GoalMetric, in_plan};
use domain::history::History;
use domain::household::Household;
use domain::household::facts::{Account, Member};
use domain::household::state::AccountState;
use domain::ids::MemberId;
use domain::money::Money;
use domain::monte_carlo::{Bands, Correlation, Method, Outcome, Simulation, Target, Volatility, simulate};
use domain::projection::{Plan, Projection, project};
use domain::rate::Rate;
use domain::text::Name;
use domain::vocabulary::Relationship;
use proptest::prelude::*;
use proptest::sample::select;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{date, tables};

fn months_and_amounts() -> impl Strategy<Value = Decimal> {
    prop_oneof![
        (1_i64..60_000).prop_map(|points| Decimal::new(points, 3)),
        (-90_000_i64..90_000_000).prop_map(|cents| Decimal::new(cents, 2))
    ]
}

/// A goal of any kind, about a plan from 2026 on.
pub fn some_goal() -> impl Strategy<Value = GoalKind> {
    let day = || (0_u64..9_000).prop_map(|days| date("2024-06-10").checked_add_days(chrono::Days::new(days)).unwrap());
    let some = |most: i64| (1..most).prop_map(|points| Decimal::new(points, 3));
    let amount = || (1_i64..90_000_000).prop_map(Money::from_cents);
    let custom = (select(GoalMetric::ALL.to_vec()), select(Comparison::ALL.to_vec()), months_and_amounts());
    prop_oneof![
        some(40_000).prop_map(|months| GoalKind::EmergencyFundMonths { months }),
        some(8_000).prop_map(|ratio| GoalKind::MinDscr { ratio }),
        some(1_000).prop_map(|rate| GoalKind::MinSavingsRate { rate: Rate::new(rate) }),
        amount().prop_map(|amount| GoalKind::NetWorthTarget { amount }),
        (amount(), day()).prop_map(|(amount, by)| GoalKind::NetWorthTargetByDate { amount, by }),
        (1_u128..4, 20_u32..110).prop_map(|(member, age)| GoalKind::RetirementAge { member_id: MemberId(Uuid::from_u128(member)), age }),
        day().prop_map(|by| GoalKind::DebtFreeDate { by }),
        custom.prop_map(|(metric, comparison, target)| GoalKind::Custom { metric, comparison, target }),
    ]
}

/// The household that a plan is one of, as far as goals look at it.
fn household(plan: &Plan) -> Household {
    let mut home = Household::default();
    for member in &plan.filer.members {
        let name = Name::parse("Somebody").unwrap();
        let (relationship, date_of_birth) = (Relationship::Spouse, member.birth);
        let member_of = Member { name, relationship, date_of_birth, employment_status: None, is_primary: false, user_id: None };
        home.members.insert(member.id, member_of);
    }
    for account in &plan.accounts {
        let of_type = Account {
            name: Name::parse("Account").unwrap(),
            account_type: account.account_type,
            institution: None,
            last_four: None,
            member_id: None,
            asset_group_id: None,
            active: true,
            display_order: 0,
            notes: None,
        };
        let (balance, liability, asset_details, opened_on) = (None, None, None, date("2020-01-01"));
        home.accounts
            .insert(account.id, AccountState { account: of_type, balance, liability, asset_details, opened_on, opened_by_system: false });
    }
    home
}

/// Whether a figure is so near to what is wanted of it that a cent decides.
fn is_close(evaluation: &Evaluation) -> bool {
    let (value, target) = (evaluation.value.and_then(Figure::number), evaluation.target.number());
    match (value, target) {
        (Some(value), Some(target)) => (value - target).abs() <= target.abs() / Decimal::ONE_HUNDRED,
        _ => false,
    }
}

/// What disagrees between paths without volatility and the exact engine, if anything does.
pub fn still_world(plan: &Plan, goals: &[GoalKind]) -> Option<String> {
    let exact = project(plan, tables()).ok()?;
    let home = household(plan);
    let birth = |kind: &GoalKind| kind.member().and_then(|member| home.members.get(&member)?.date_of_birth);
    let targets = goals.iter().map(|kind| Target::of(kind, plan, birth(kind)).0);
    let method = Method::Lognormal { volatility: Volatility::default(), correlation: Correlation::default() };
    let still = Simulation { paths: 2, seed: 1, method, goals: targets.collect() };
    let history = History::shipped().unwrap();
    let outcome = simulate(plan, tables(), history, &still, NonZeroUsize::MIN, &mut |_| ControlFlow::Continue(()));
    // A percentage point more of inflation may be more than fits.
    let outcome = outcome.ok()?;
    let never_short = if exact.shortfall.is_none() { Rate::ONE } else { Rate::ZERO };
    let disagreement = disagreement(plan, &exact, &outcome).or_else(|| {
        let told = outcome.probability_never_short;
        (told != never_short).then(|| format!("never short: {told} for {:?}", exact.shortfall))
    });
    let missed = goals.iter().zip(&outcome.goals).find_map(|(kind, told)| {
        let goal = Goal { name: Name::parse("Goal").unwrap(), kind: *kind, is_primary: false, active: true, notes: None };
        let expected = in_plan(&goal, &home, &exact)?;
        let agrees = *told == if expected.is_met { Rate::ONE } else { Rate::ZERO };
        (!agrees && !is_close(&expected)).then(|| format!("{kind:?}: {told} for {expected:?}"))
    });
    disagreement.or(missed)
}

fn disagreement(plan: &Plan, exact: &Projection, outcome: &Outcome) -> Option<String> {
    let Bands(net_worth) = &outcome.net_worth;
    let Bands(liquid) = &outcome.liquid_assets;
    for (number, row) in exact.months.iter().enumerate() {
        let scale = row.balances.iter().map(|(_, amount)| amount.abs()).sum();
        for band in 0..5 {
            let (worth, assets) = (net_worth[band][number], liquid[band][number]);
            if !agrees(worth, row.net_worth, scale) || !agrees(assets, row.liquid_assets, scale) {
                let told = format!("month {}: {worth} for {}, {assets} for {}", row.month_number, row.net_worth, row.liquid_assets);
                return Some(format!("{told}; {} months from {}", plan.months, plan.start));
            }
        }
    }
    None
}

/// Within a ten-thousandth of what the household has and owes, or a dollar: a net worth near nothing is a difference of large figures.
fn agrees(found: Money, exact: Money, scale: Money) -> bool {
    (found - exact).abs() <= scale.scaled(1, 10_000).max(Money::from_cents(100))
}
