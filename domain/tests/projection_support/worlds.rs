//! Monte Carlo in the one world that the exact engine knows: the one that the plan assumes.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use domain::history::History;
use domain::money::Money;
use domain::monte_carlo::{Bands, Correlation, Method, Outcome, Simulation, Volatility, simulate};
use domain::projection::{Plan, Projection, project};
use domain::rate::Rate;

use super::tables;

/// What disagrees between paths without volatility and the exact engine, if anything does.
pub fn still_world(plan: &Plan) -> Option<String> {
    let exact = project(plan, tables()).ok()?;
    let method = Method::Lognormal { volatility: Volatility::default(), correlation: Correlation::default() };
    let still = Simulation { paths: 2, seed: 1, method, goals: vec![] };
    let history = History::shipped().unwrap();
    let outcome = simulate(plan, tables(), history, &still, NonZeroUsize::MIN, &mut |_| ControlFlow::Continue(()));
    // A percentage point more of inflation may be more than fits.
    let outcome = outcome.ok()?;
    let never_short = if exact.shortfall.is_none() { Rate::ONE } else { Rate::ZERO };
    disagreement(plan, &exact, &outcome).or_else(|| {
        let told = outcome.probability_never_short;
        (told != never_short).then(|| format!("never short: {told} for {:?}", exact.shortfall))
    })
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
