//! The proof that an adoption says what the scenario said: the baseline of the household as it would be has the figures of the
//! household as it is with the adopted changes laid over it, to the cent, in every month of the longer of the two horizons.
//!
//! Why a proof and not rules alone: what one change says depends on what others say, on limits of a year that has begun, on accounts
//! that are drawn when cash runs short. A rule for each such case would be wrong somewhere; two projections cost a millisecond. What
//! happens once is booked in the scenario's first month and stands in the opening balances of the household that was told: there the
//! first month's balances are compared, and not what flowed.

use std::collections::BTreeMap;

use super::reason::{Difference, Reason};
use crate::calendar::Month;
use crate::household::plan::plan;
use crate::household::state::Household;
use crate::ids::{AccountId, ScenarioId};
use crate::money::Money;
use crate::projection::changes::{PlannedChange, Timing};
use crate::projection::{Plan, Projection, Row, project};
use crate::tax::TaxTables;

/// What is projected: the baseline from a month on.
#[derive(Clone, Copy)]
pub(super) struct Horizon {
    /// The baseline.
    pub baseline: ScenarioId,
    /// Month 1.
    pub first: Month,
    /// The longer of the scenario's and the baseline's.
    pub months: u16,
}

/// Holds `after` against `before` with the changes.
pub(super) fn prove(
    before: &Household,
    after: &Household,
    changes: &[PlannedChange],
    horizon: Horizon,
    tables: &TaxTables,
) -> Result<(), Reason> {
    let year = tables.in_force(horizon.first.year()).map_err(|error| Reason::NotSayable(error.to_string()))?;
    let planned = |home| plan(home, horizon.baseline, horizon.first, Some(horizon.months), year).ok_or(Reason::Gone("the baseline"));
    let (said, told) = (Plan { changes: changes.to_vec(), ..planned(before)? }, planned(after)?);
    let figures = |plan: &Plan| {
        project(plan, tables).map_err(|error| Reason::NotSayable(format!("the figures to compare with cannot be computed: {error}")))
    };
    let happens_once = changes.iter().any(|planned| planned.change.kind.change_type().timing() == Timing::Once);
    let comparison = Comparison { said: figures(&said)?, told: figures(&told)?, main_cash: (said.main_cash, told.main_cash), happens_once };
    comparison.difference().map_or(Ok(()), |difference| Err(Reason::Differs(difference)))
}

struct Comparison {
    said: Projection,
    told: Projection,
    /// A household without cash has an account in mind that becomes a real one once something has to be paid.
    main_cash: (AccountId, AccountId),
    happens_once: bool,
}

impl Comparison {
    fn difference(&self) -> Option<Difference> {
        let pairs = || self.said.months.iter().zip(&self.told.months);
        let of_months = pairs().find_map(|(said, told)| self.difference_of(said, told));
        of_months.or_else(|| {
            let differs = self.said.shortfall != self.told.shortfall;
            let date = pairs().next().map(|(said, _)| said.date)?;
            differs.then_some(Difference { date, figure: "the shortfall of cash", by: Money::ZERO })
        })
    }

    fn difference_of(&self, said: &Row, told: &Row) -> Option<Difference> {
        let differs = |figure, by: Money| (!by.is_zero()).then_some(Difference { date: said.date, figure, by });
        let worth = differs("net worth", told.net_worth - said.net_worth);
        let of_accounts = || {
            let (mut was, mut now) = (balances(said), balances(told));
            if let Some(amount) = now.remove(&self.main_cash.1) {
                *now.entry(self.main_cash.0).or_default() += amount;
            }
            was.retain(|_, amount| !amount.is_zero());
            now.retain(|_, amount| !amount.is_zero());
            (was != now).then_some(Difference { date: said.date, figure: "the balance of an account", by: Money::ZERO })
        };
        let flowed = || {
            let amounts = [
                ("income", told.total_income - said.total_income),
                ("taxes", told.total_taxes - said.total_taxes),
                ("spending", told.total_expenses - said.total_expenses),
            ];
            let of_amounts = amounts.into_iter().find_map(|(figure, by)| differs(figure, by));
            let same = Row { balances: told.balances.clone(), ..said.clone() } == *told;
            of_amounts.or_else(|| (!same).then_some(Difference { date: said.date, figure: "what flows by category", by: Money::ZERO }))
        };
        let is_in_the_opening = self.happens_once && said.month_number == 1;
        worth.or_else(of_accounts).or_else(|| if is_in_the_opening { None } else { flowed() })
    }
}

fn balances(row: &Row) -> BTreeMap<AccountId, Money> {
    row.balances.iter().collect()
}
