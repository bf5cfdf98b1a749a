//! The projection engine on one core: `cargo bench -p benches --bench engine`.
//!
//! Spec 03 asks for 120 months of the large household in under 500 µs, and 360 in under 1.5 ms.

use benches::large_household;
use divan::{Bencher, black_box};
use domain::loans::{LoanTerms, schedule};
use domain::money::Money;
use domain::projection::project;
use domain::rate::Rate;
use domain::tax::TaxTables;

fn main() {
    divan::main();
}

#[divan::bench(args = [1, 120, 360, 600])]
fn project_large_household(bencher: Bencher<'_, '_>, months: u16) {
    let (plan, tables) = (large_household(months), TaxTables::shipped());
    bencher.bench_local(|| tables.map(|tables| project(black_box(&plan), tables).map(|projection| projection.months.len())));
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
