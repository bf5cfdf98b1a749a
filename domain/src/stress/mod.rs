//! Stress tests: what a plan comes to when something goes wrong, how bad that is, and what would mend it.
//!
//! A test is changes that are laid over a plan ([`Plan::with_changes`](crate::projection::Plan::with_changes)), as a scenario that
//! builds on it would have them: so a test can be written down as a scenario, and that scenario projects what the test showed. All
//! tests hit in month 1. Files: `template` (the tests that ship, as data), `verdict` (a projection judged), `run` (tests beside the
//! plan without them, in parallel), `analysis` (a score, the weakest point), `remedy` (the least amounts that mend it, searched for
//! with the engine).
//!
//! Conventions. A month counts by its row, as everybody can read it: liquidity is `liquidity_months`, coverage is `dscr`, both with
//! four decimals. A ratio that is absent is not failing: who owes nothing has nothing to cover, who spends nothing lasts. One bad
//! month is enough for a status; how long it stays bad is told beside it. Deliberately absent: the household, storing anything,
//! and the number of cores, which comes in as an argument and changes no byte of what comes out.

mod analysis;
mod remedy;
mod run;
mod template;
mod verdict;

pub use self::analysis::{Analysis, TestScore, WeakestPoint, analyze};
pub use self::remedy::{Remedy, RemedyGoal};
pub use self::run::{Course, Drawdown, Outcome, StressRun, run};
pub use self::template::{StressTest, TestGroup};
pub use self::verdict::{Breach, LowAmount, LowRatio, Minima, NegativeCashFlow, Point, StressMeasure, StressStatus, Verdict, points};
