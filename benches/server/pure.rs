//! The domain on one core (stress tests on all of them), beside the limits that it has to keep.

use std::hint::black_box;
use std::time::{Duration, Instant};

use benches::changes::with_a_change;
use benches::household::{command, large_inputs, large_state};
use benches::tax_households::{TAX_YEAR, family_in, paychecks, returns};
use benches::{cores, large_household, larger_household};
use domain::household::Intent;
use domain::projection::changes::ChangeType;
use domain::projection::{Plan, project};
use domain::stress::{StressTest, run};
use domain::system_flows::system_flows;
use domain::tax::TaxTables;

use crate::report::{Report, Wanted};
use crate::wanted;

/// A return, federal and state with its marginal rate.
const ESTIMATE_LIMIT_US: f64 = 10.0;
const PAYCHECK_LIMIT_US: f64 = 2.0;

/// As long as a plan is put to the test where nobody says so.
const STRESS_MONTHS: u16 = 60;

/// Measures every pure part that is wanted.
pub fn measure(report: &mut Report) {
    let tables = TaxTables::shipped().expect("the law that is shipped");
    flows_and_months(tables, report);
    scaling(tables, report);
    changes(tables, report);
    taxes(tables, report);
}

fn line(report: &mut Report, what: &str, limit_us: f64, work: &dyn Fn()) {
    if wanted(what) {
        add(report, what, limit_us, median_us(work));
    }
}

fn add(report: &mut Report, what: &str, limit_us: f64, took_us: f64) {
    let measured = if took_us < 10.0 { format!("{took_us:.2} µs") } else { format!("{took_us:.1} µs") };
    report.ratio(what, measured, format!("limit {limit_us} µs"), took_us / limit_us, Wanted::AtMost(1.0));
}

fn flows_and_months(tables: &TaxTables, report: &mut Report) {
    let of_2026 = tables.in_force(2026).expect("the law of 2026");
    let (inputs, home) = (large_inputs(of_2026.year()), large_state(tables).expect("a household that keeps the rules"));
    line(report, "system flows, large household", 100.0, &|| drop(black_box(system_flows(&inputs, of_2026))));
    line(report, "regenerate flows, nothing changed", 100.0, &|| drop(black_box(home.decide(command(Intent::RegenerateFlows), tables))));
    for (months, limit_us) in [(120, 500.0), (360, 1_500.0)] {
        let plan = large_household(months);
        line(report, &format!("{months} months, large household"), limit_us, &|| drop(black_box(project(&plan, tables))));
    }
    let plan = large_household(STRESS_MONTHS);
    let tests: Vec<_> = StressTest::ALL.iter().map(|test| test.changes(&plan)).collect();
    let batch = || drop(black_box(run(&plan, &tests, tables, cores())));
    line(report, &format!("stress_batch: all tests of {STRESS_MONTHS} months, large household"), 10_000.0, &batch);
}

/// What more months, accounts and flows cost: as many times the large household's 120 months.
fn scaling(tables: &TaxTables, report: &mut Report) {
    let months = [60, 360, 600].map(|months| (format!("scaling: {months} months"), large_household(months)));
    let accounts = [50, 200].map(|accounts| (format!("scaling: {accounts} accounts, 120 months"), larger_household(accounts, 0)));
    let flows = [60, 240].map(|flows| (format!("scaling: {flows} flows, 120 months"), larger_household(0, flows)));
    for (what, plan) in months.into_iter().chain(accounts).chain(flows) {
        beside_the_plain(tables, report, &what, &plan, |took_us, _| format!("{took_us:.0} µs"));
    }
}

/// What a change of each type costs beyond the plan without it.
fn changes(tables: &TaxTables, report: &mut Report) {
    for change_type in ChangeType::ALL {
        let plan = with_a_change(*change_type, 120).expect("a word is a name");
        let what = format!("change: {change_type}, 120 months");
        beside_the_plain(tables, report, &what, &plan, |took_us, plain_us| format!("{:+.1} µs", took_us - plain_us));
    }
}

/// Measures a plan and the large household's 120 months in alternating turns.
fn beside_the_plain(tables: &TaxTables, report: &mut Report, what: &str, plan: &Plan, told: impl Fn(f64, f64) -> String) {
    if !wanted(what) {
        return;
    }
    let large = large_household(120);
    let of = |plan: &Plan| drop(black_box(project(black_box(plan), tables)));
    let (took_us, plain_us) = alternating_medians_us(&|| of(plan), &|| of(&large));
    report.ratio(what, told(took_us, plain_us), format!("120 months: {plain_us:.0} µs"), took_us / plain_us, Wanted::Nothing);
}

fn taxes(tables: &TaxTables, report: &mut Report) {
    let law = tables.year(TAX_YEAR).expect("the law of the year that is measured");
    for household in returns() {
        let what = format!("taxes of a year: {household}");
        line(report, &what, ESTIMATE_LIMIT_US, &|| drop(black_box(law.estimate(black_box(&household.subject), None))));
    }
    if wanted("taxes of a year: slowest state") {
        let in_each = family_in(law.states())
            .map(|(state, household)| (median_us(&|| drop(black_box(law.estimate(black_box(&household), None)))), state));
        let (took_us, state) = in_each.max_by(|(one_us, _), (other_us, _)| one_us.total_cmp(other_us)).expect("a state");
        add(report, &format!("taxes of a year: the family in the slowest state, {}", state.as_str()), ESTIMATE_LIMIT_US, took_us);
    }
    for paycheck in paychecks() {
        let what = format!("paycheck: {paycheck}");
        line(report, &what, PAYCHECK_LIMIT_US, &|| drop(black_box(law.paycheck(black_box(&paycheck.subject)))));
    }
}

/// A turn of several calls, so that reading the clock is nothing beside them.
const CALLS: u32 = 16;
const TURN: Duration = Duration::from_millis(200);

fn median_us(work: &dyn Fn()) -> f64 {
    let begun = Instant::now();
    let mut times_us = Vec::new();
    while begun.elapsed() < TURN {
        times_us.push(turn_us(work));
    }
    median(times_us)
}

/// Of two, turn by turn: whatever else the machine does, it does to both.
fn alternating_medians_us(one: &dyn Fn(), other: &dyn Fn()) -> (f64, f64) {
    let begun = Instant::now();
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    while begun.elapsed() < TURN * 2 {
        ones.push(turn_us(one));
        others.push(turn_us(other));
    }
    (median(ones), median(others))
}

fn turn_us(work: &dyn Fn()) -> f64 {
    let turn = Instant::now();
    (0..CALLS).for_each(|_| work());
    turn.elapsed().as_secs_f64() * 1e6 / f64::from(CALLS)
}

fn median(mut times_us: Vec<f64>) -> f64 {
    times_us.sort_by(f64::total_cmp);
    times_us[times_us.len() / 2]
}
