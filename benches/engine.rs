//! The pure parts on one core: `cargo bench -p benches --bench engine`.
//!
//! Asked for, of the large household: system flows in under 100 µs, 120 months in under 500 µs, 360 in under 1.5 ms, all stress
//! tests of 60 months in under 10 ms. Of taxes: a
//! return, federal and state with its marginal rate, in under 10 µs, a paycheck in under 2 µs.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use benches::changes::with_a_change;
use benches::household::{command, large_inputs, large_state};
use benches::tax_households::{Named, TAX_YEAR, paychecks, returns};
use benches::{cores, large_household, larger_household};
use divan::{Bencher, black_box};
use domain::goals::{Comparison, GoalMetric};
use domain::history::History;
use domain::household::Intent;
use domain::loans::{LoanTerms, schedule};
use domain::money::Money;
use domain::monte_carlo::{Method, Mix, Simulation, Target, backtest, measured, simulate};
use domain::projection::changes::ChangeType;
use domain::projection::project;
use domain::rate::Rate;
use domain::stress::{StressTest, analyze, run};
use domain::system_flows::system_flows;
use domain::tax::{PaycheckInput, Return, TaxTables, YearTables};
use rust_decimal::Decimal;

fn main() {
    divan::main();
}

#[divan::bench(args = [1, 60, 120, 360, 600])]
fn project_large_household(bencher: Bencher<'_, '_>, months: u16) {
    let (plan, tables) = (large_household(months), TaxTables::shipped());
    bencher.bench_local(|| tables.map(|tables| project(black_box(&plan), tables).map(|projection| projection.months.len())));
}

/// One change of each type over 120 months: what it costs is the difference to `project_large_household` of 120.
#[divan::bench(args = ChangeType::ALL)]
fn project_with_a_change(bencher: Bencher<'_, '_>, change_type: &ChangeType) {
    let plan = with_a_change(*change_type, 120).expect("a word is a name");
    let tables = TaxTables::shipped().expect("the law that is shipped");
    bencher.bench_local(|| project(black_box(&plan), tables).map(|projection| projection.months.len()));
}

#[divan::bench(args = [10, 50, 200])]
fn project_with_accounts(bencher: Bencher<'_, '_>, accounts: u128) {
    let (plan, tables) = (larger_household(accounts, 0), TaxTables::shipped().expect("the law that is shipped"));
    bencher.bench_local(|| project(black_box(&plan), tables).map(|projection| projection.months.len()));
}

#[divan::bench(args = [15, 60, 240])]
fn project_with_flows(bencher: Bencher<'_, '_>, flows: u128) {
    let (plan, tables) = (larger_household(0, flows), TaxTables::shipped().expect("the law that is shipped"));
    bencher.bench_local(|| project(black_box(&plan), tables).map(|projection| projection.months.len()));
}

/// Every stress test that ships, each beside the plan without it, on all cores.
#[divan::bench(args = [60, 360])]
fn stress_batch_of_large_household(bencher: Bencher<'_, '_>, months: u16) {
    let (plan, tables) = (large_household(months), TaxTables::shipped().expect("the law that is shipped"));
    let tests: Vec<_> = StressTest::ALL.iter().map(|test| test.changes(&plan)).collect();
    bencher.bench_local(|| run(black_box(&plan), &tests, tables, cores()).map(|run| run.outcomes.len()));
}

/// The same with the amounts that would mend it, which are searched for.
#[divan::bench(args = [60])]
fn stress_analysis_of_large_household(bencher: Bencher<'_, '_>, months: u16) {
    let (plan, tables) = (large_household(months), TaxTables::shipped().expect("the law that is shipped"));
    let tests: Vec<_> = StressTest::ALL.iter().map(|test| test.changes(&plan)).collect();
    bencher.bench_local(|| analyze(black_box(&plan), &tests, tables, cores()).map(|analysis| analysis.resilience_score));
}

#[divan::bench]
fn system_flows_of_large_household(bencher: Bencher<'_, '_>) {
    let tables = TaxTables::shipped().expect("the law that is shipped").in_force(2026).expect("the law of 2026");
    let inputs = large_inputs(tables.year());
    bencher.bench_local(|| system_flows(black_box(&inputs), tables).map(|flows| flows.len()));
}

/// The whole way of a command that changes nothing: copy of the state, inputs, flows, what stands against what should stand.
#[divan::bench]
fn regenerate_flows_of_large_household(bencher: Bencher<'_, '_>) {
    let tables = TaxTables::shipped().expect("the law that is shipped");
    let home = large_state(tables).expect("a household that keeps the rules");
    bencher.bench_local(|| black_box(&home).decide(command(Intent::RegenerateFlows), tables).map(|events| events.len()));
}

#[divan::bench(args = [360])]
fn loan_schedule(bencher: Bencher<'_, '_>, term_months: u16) {
    let terms = LoanTerms {
        principal: Money::from_cents(40_000_000),
        annual_rate: Rate::percent(6),
        term_months,
        payment: None,
        extra_payment: Money::ZERO,
        interest_only_months: 0,
    };
    bencher.bench_local(|| schedule(black_box(&terms)).map(|schedule| schedule.total_interest));
}

/// What a path is played from: three runs of the engine, and each year's marginal rates. One path of one month is next to nothing.
#[divan::bench(args = [120, 360])]
fn monte_carlo_script(bencher: Bencher<'_, '_>, months: u16) {
    played(bencher, months, 1, 1);
}

/// Paths × months on two cores: 1,000 × 360 in under 200 ms, 10,000 × 360 in under 2 s. The others show how it grows with either.
#[divan::bench(args = [(1_000, 120), (1_000, 240), (1_000, 360), (1_000, 600), (100, 360), (10_000, 360), (100_000, 360)], sample_count = 3)]
fn monte_carlo(bencher: Bencher<'_, '_>, (paths, months): (u32, u16)) {
    played(bencher, months, paths, 2);
}

/// The same, asking each path about so many goals: each is a figure of every month.
#[divan::bench(args = [1, 4, 16], sample_count = 5)]
fn monte_carlo_goals(bencher: Bencher<'_, '_>, goals: usize) {
    let wanted = Target::Always { metric: GoalMetric::Dscr, comparison: Comparison::AtLeast, target: Decimal::new(12, 1) };
    asked(bencher, 360, 1_000, 2, vec![wanted; goals]);
}

/// The same on one core.
#[divan::bench(args = [(1_000, 360)], sample_count = 5)]
fn monte_carlo_on_one_core(bencher: Bencher<'_, '_>, (paths, months): (u32, u16)) {
    played(bencher, months, paths, 1);
}

fn played(bencher: Bencher<'_, '_>, months: u16, paths: u32, threads: usize) {
    asked(bencher, months, paths, threads, vec![]);
}

fn asked(bencher: Bencher<'_, '_>, months: u16, paths: u32, threads: usize, goals: Vec<Target>) {
    let tables = TaxTables::shipped().expect("the law that is shipped");
    let history = History::shipped().expect("the history that is shipped");
    let (volatility, correlation) = measured(history, &Mix::default());
    let simulation = Simulation { paths, seed: 1, method: Method::Lognormal { volatility, correlation }, goals };
    let (plan, threads) = (large_household(months), NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN));
    let play = || simulate(black_box(&plan), tables, history, &simulation, threads, &mut |_| ControlFlow::Continue(()));
    bencher.bench_local(|| play().map(|outcome| outcome.probability_never_short));
}

#[divan::bench(args = [360])]
fn historical_backtest(bencher: Bencher<'_, '_>, months: u16) {
    let tables = TaxTables::shipped().expect("the law that is shipped");
    let history = History::shipped().expect("the history that is shipped");
    let plan = large_household(months);
    bencher.bench_local(|| backtest(black_box(&plan), tables, history, &Mix::default()).map(|tested| tested.success_rate));
}

fn law() -> &'static YearTables {
    TaxTables::shipped().expect("the law that is shipped").year(TAX_YEAR).expect("a year whose law is shipped")
}

/// The whole return with its marginal rate.
#[divan::bench(args = returns())]
fn tax_estimate(bencher: Bencher<'_, '_>, household: &Named<Return>) {
    let law = law();
    bencher.bench_local(|| law.estimate(black_box(&household.subject), None).map(|estimate| estimate.total_tax));
}

/// What is owed alone, as a forecast asks for it.
#[divan::bench(args = returns())]
fn tax_liability(bencher: Bencher<'_, '_>, household: &Named<Return>) {
    let law = law().law(household.subject.filing_status, None);
    bencher.bench_local(|| law.liability(black_box(&household.subject)).map(|liability| liability.total));
}

/// The return with its steps, as a person follows them.
#[divan::bench(args = returns())]
fn tax_explanation(bencher: Bencher<'_, '_>, household: &Named<Return>) {
    let law = law();
    bencher.bench_local(|| law.explain(black_box(&household.subject), None).map(|explanation| explanation.steps.len()));
}

#[divan::bench(args = paychecks())]
fn paycheck(bencher: Bencher<'_, '_>, paycheck: &Named<PaycheckInput>) {
    let law = law();
    bencher.bench_local(|| law.paycheck(black_box(&paycheck.subject)).map(|paycheck| paycheck.net));
}
