//! What would mend a plan that does not stand its tests: the least amounts, searched for with the engine itself, so that taxes, interest
//! and overdrafts are in them. Each amount is enough, and a cent less is not.
//!
//! Two things can be had: more cash at hand today, and spending less a month (in today's prices: it rises with them). Cash lengthens
//! liquidity and leaves coverage as it is; spending less does both. So the answer has the cut that coverage needs with the cash that
//! liquidity needs beside it, and the cut that would do alone. The search halves an interval, which finds the least amount where
//! more never hurts; where it does, it finds one that is enough and whose last cent is needed.

use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::verdict::{StressMeasure, StressStatus};
use crate::ids::ChangeId;
use crate::money::Money;
use crate::projection::changes::kind::AdjustTotalExpenses;
use crate::projection::changes::words::AdjustMode;
use crate::projection::changes::{ChangeKind, PlannedChange, ScenarioChange};
use crate::projection::{Plan, ProjectionError, Row, project};
use crate::tax::TaxTables;
use crate::text::Name;
use crate::vocabulary::words;

/// Ten billion, in cents: who needs more is not helped by an amount.
const MOST_CASH_CENTS: i64 = 1_000_000_000_000;

words! {
    /// What is wanted of all tests.
    pub enum RemedyGoal {
        /// None fails.
        NoTestFails => "no_test_fails",
        /// Every one passes.
        EveryTestPasses => "every_test_passes",
    }
}

impl RemedyGoal {
    /// The mildest status that must not be.
    const fn avoided(self) -> StressStatus {
        match self {
            Self::NoTestFails => StressStatus::Failed,
            Self::EveryTestPasses => StressStatus::Warning,
        }
    }
}

/// The least amounts that reach a goal in every test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = StressRemedy))]
pub struct Remedy {
    /// What they are for.
    pub goal: RemedyGoal,
    /// To be spent less a month, in today's prices, so that debts are covered; null where not even spending nothing would do.
    pub monthly_spending_cut: Option<Money>,
    /// More cash at hand today, so that with that cut (without one where it is null) there is liquidity; null where no cash would do.
    pub cash: Option<Money>,
    /// To be spent less a month so that the goal is reached without more cash; null where not even spending nothing would do.
    pub monthly_spending_cut_alone: Option<Money>,
    /// Whether the cut and the cash together reach the goal.
    pub is_enough: bool,
}

/// The remedy of a plan under tests.
pub(super) fn remedy(plan: &Plan, tests: &[&[PlannedChange]], tables: &TaxTables, goal: RemedyGoal) -> Result<Remedy, ProjectionError> {
    let trial = Trial { plan, tests, tables, avoided: goal.avoided() };
    let cut = trial.least_cut(&[StressMeasure::Dscr])?;
    let cash = trial.least_cash(cut.unwrap_or_default())?;
    let alone = match cut {
        // Where debts are not covered whatever is cut, more than that is not reached either.
        None => None,
        Some(_) => trial.least_cut(StressMeasure::ALL)?,
    };
    Ok(Remedy {
        goal,
        monthly_spending_cut: cut.map(Money::from_cents),
        cash: cash.map(Money::from_cents),
        monthly_spending_cut_alone: alone.map(Money::from_cents),
        is_enough: cut.is_some() && cash.is_some(),
    })
}

/// Tests that are tried again and again with other amounts. Amounts are cents.
struct Trial<'t> {
    plan: &'t Plan,
    tests: &'t [&'t [PlannedChange]],
    tables: &'t TaxTables,
    avoided: StressStatus,
}

impl Trial<'_> {
    /// The least cut a month with which these figures hold in every test.
    fn least_cut(&self, measures: &[StressMeasure]) -> Result<Option<i64>, ProjectionError> {
        let mut least = 0;
        for test in self.tests {
            let rows = self.rows(test, 0, 0)?;
            // Nobody can spend less than nothing: in today's prices, the dearest month is as much as can be cut.
            let most = rows.iter().map(|row| row.total_expenses).max().unwrap_or_default().cents();
            let holds = |cut| Ok(self.hold(&self.rows(test, cut, 0)?, measures));
            match search(least, most.max(least), None, holds)? {
                Some(found) => least = found,
                None => return Ok(None),
            }
        }
        Ok(Some(least))
    }

    /// The least cash with which, after a cut, there is liquidity in every test.
    fn least_cash(&self, cut: i64) -> Result<Option<i64>, ProjectionError> {
        let mut least = 0;
        for test in self.tests {
            let missing = self.missing_cash(&self.rows(test, cut, least)?).map(|missing| least.saturating_add(missing));
            let holds = |cash| Ok(self.hold(&self.rows(test, cut, cash)?, &[StressMeasure::LiquidityMonths]));
            match search(least, MOST_CASH_CENTS, missing, holds)? {
                Some(found) => least = found,
                None => return Ok(None),
            }
        }
        Ok(Some(least))
    }

    /// The months of a test with other amounts.
    fn rows(&self, test: &[PlannedChange], cut: i64, cash: i64) -> Result<Vec<Row>, ProjectionError> {
        let mut plan = self.plan.with_changes(test);
        let main_cash = plan.main_cash;
        if let Some(account) = plan.accounts.iter_mut().find(|account| account.id == main_cash) {
            account.opening += Money::from_cents(cash);
        }
        if cut > 0 {
            plan.changes.extend(spending_less(&plan, Money::from_cents(cut)));
        }
        Ok(project(&plan, self.tables)?.months)
    }

    fn hold(&self, rows: &[Row], measures: &[StressMeasure]) -> bool {
        !rows.iter().any(|row| measures.iter().any(|measure| measure.breaches(row, self.avoided)))
    }

    /// What liquid assets lack in the worst month, were nothing else to follow from having it: where the search begins.
    fn missing_cash(&self, rows: &[Row]) -> Option<i64> {
        // A ratio has four decimals: from half of the last one below the limit on, it reads as the limit.
        let enough = StressMeasure::LiquidityMonths.limit(self.avoided).saturating_sub(Decimal::new(5, 5));
        let missing = rows.iter().map(|row| {
            let wanted = row.total_expenses.to_decimal().saturating_mul(enough);
            let overdraft = row.balances.get(self.plan.overdraft);
            wanted.saturating_sub((row.liquid_assets - overdraft).to_decimal())
        });
        let cents = missing.max()?.saturating_mul(Decimal::ONE_HUNDRED).ceil();
        i64::try_from(cents).ok()
    }
}

/// All spending of a plan less by an amount a month, behind everything else that changes it.
fn spending_less(plan: &Plan, amount: Money) -> Option<PlannedChange> {
    let kind = ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: (-amount).to_decimal(), mode: AdjustMode::Absolute });
    let change = ScenarioChange {
        name: Name::parse("Spend less").ok()?,
        effective_date: plan.start.first_day(),
        end_date: None,
        enabled: true,
        order: u32::MAX,
        notes: None,
        source: None,
        kind,
    };
    Some(PlannedChange { id: ChangeId(Uuid::max()), change })
}

/// The least amount between two with which something holds: `low` itself, or one that is enough where a cent less is not. `guess` is
/// tried first. None where not even the highest is enough.
fn search(
    low: i64,
    high: i64,
    guess: Option<i64>,
    mut holds: impl FnMut(i64) -> Result<bool, ProjectionError>,
) -> Result<Option<i64>, ProjectionError> {
    if holds(low)? {
        return Ok(Some(low));
    }
    // From here on it does not hold with `short`, and does with `enough`.
    let (mut short, mut enough) = (low, None);
    if let Some(guess) = guess.filter(|guess| low < *guess && *guess < high) {
        if holds(guess)? {
            enough = Some(guess);
            let cent_less = guess.saturating_sub(1);
            if cent_less > short {
                if holds(cent_less)? { enough = Some(cent_less) } else { short = cent_less }
            }
        } else {
            short = guess;
        }
    }
    let mut enough = match enough {
        Some(enough) => enough,
        None if holds(high)? => high,
        None => return Ok(None),
    };
    while enough.saturating_sub(short) > 1 {
        let middle = short.midpoint(enough);
        if holds(middle)? { enough = middle } else { short = middle }
    }
    Ok(Some(enough))
}
