//! Goal seek: the least burdensome value of one number at which something is reached, in at most [`MOST_PROJECTIONS`] looks.
//!
//! The number moves on a [`Grid`]: cents, basis points, months, or whatever tolerance was asked for. First nine values spread over the
//! bounds are looked at. They tell which way reaching lies, and most responses that rise and fall again give themselves away. Then the
//! first stretch, from the preferred end, in which "not reached" becomes "reached" is halved until two neighbours are left. With
//! [`MOST_STEPS`] steps, nine looks and thirty-one halvings are forty, so bounds may be 171 million apart at the cent.
//!
//! Where nothing is reached at any of the nine, the surroundings of the nearest miss are looked at, as finely as looks are left: a
//! response that rises and falls again reaches its top there, if anywhere.
//!
//! What is never done: interpolating. Whatever is told was looked at, the answer and the neighbour that misses included; so a response
//! that is not monotone may hide a better answer elsewhere, and then [`Found::is_monotone`] may say so, but no answer is untrue.
//! Deliberately absent: what is looked at. A projection, a goal and a household are the caller's.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Unbounded};

use rust_decimal::Decimal;

use crate::vocabulary::words;

/// Looks in one search.
pub const MOST_PROJECTIONS: u32 = 40;
/// Parts into which the bounds are divided for the first looks.
const PARTS: u64 = 8;
/// Steps of a grid: each part can then be halved to the step with the looks that are left.
pub const MOST_STEPS: u64 = 1 << 34;

words! {
    /// Which of the values that reach something is wanted.
    pub enum Prefer {
        /// The least: how little does it take?
        Least => "least",
        /// The greatest: how much can be afforded?
        Greatest => "greatest",
    }
}

/// Why there is no grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GridError {
    /// The bounds are the wrong way round.
    #[error("is below the minimum")]
    Reversed,
    /// No step, or one backwards.
    #[error("must be more than zero")]
    NoStep,
    /// More than [`MOST_STEPS`].
    #[error("is too far from the minimum for {MOST_PROJECTIONS} projections at this precision: narrow the bounds, or give a tolerance")]
    TooWide,
}

/// The values that are looked at: both bounds, and the multiples of the step between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    minimum: Decimal,
    maximum: Decimal,
    step: Decimal,
    /// The multiple of the step at or below the minimum.
    first: Decimal,
    steps: u64,
}

impl Grid {
    /// All values from one bound to the other.
    ///
    /// # Errors
    /// [`GridError`].
    pub fn new(minimum: Decimal, maximum: Decimal, step: Decimal) -> Result<Self, GridError> {
        if step <= Decimal::ZERO {
            return Err(GridError::NoStep);
        }
        if maximum < minimum {
            return Err(GridError::Reversed);
        }
        let whole = |steps: Option<Decimal>| steps.ok_or(GridError::TooWide);
        let first = whole(minimum.checked_div(step))?.floor();
        let last = whole(maximum.checked_div(step))?.ceil();
        let steps = whole(last.checked_sub(first))?;
        let steps = u64::try_from(steps).ok().filter(|steps| *steps <= MOST_STEPS).ok_or(GridError::TooWide)?;
        Ok(Self { minimum, maximum, step, first, steps: if minimum == maximum { 0 } else { steps.max(1) } })
    }

    /// How many steps lie between the bounds.
    #[must_use]
    pub const fn steps(&self) -> u64 {
        self.steps
    }

    /// The value of an index, 0 … [`Self::steps`]: the bounds at the ends, multiples of the step between them.
    #[must_use]
    pub fn value(&self, index: u64) -> Decimal {
        if index == 0 {
            return self.minimum;
        }
        let multiple = self.first.checked_add(Decimal::from(index)).and_then(|multiple| multiple.checked_mul(self.step));
        // Beyond the last multiple, and where a decimal cannot hold it, is the end.
        multiple.unwrap_or(self.maximum).clamp(self.minimum, self.maximum).normalize()
    }
}

/// What somebody sees who looks at a value.
pub trait Measure {
    /// Whether it is enough.
    fn is_reached(&self) -> bool;
    /// By how much it is exceeded, or, below zero, missed. None where that has no figure.
    fn margin(&self) -> Option<Decimal>;
}

/// What a search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<M> {
    /// Whether some value reaches it. Else [`Self::value`] is the nearest miss.
    pub is_reached: bool,
    /// The value.
    pub value: Decimal,
    /// What was seen there.
    pub at_value: M,
    /// The next value on the preferred side, which misses; none where the value is the preferred end itself, or nothing reaches it.
    pub missed_at: Option<Decimal>,
    /// What was seen at the minimum.
    pub at_minimum: M,
    /// What was seen at the maximum.
    pub at_maximum: M,
    /// Which of the values that reach it this is.
    pub prefer: Prefer,
    /// False where, of the values that were looked at, the response turned round.
    pub is_monotone: bool,
    /// Looks that it took.
    pub projections: u32,
}

/// Searches. `prefer`: where it is not said, the end from which reaching lies away; where both ends reach it, or neither, the one that is
/// nearer to nothing: the least value, or the greatest where none is above zero.
///
/// # Errors
/// The first error of a look.
pub fn seek<M: Measure + Clone, E>(grid: &Grid, prefer: Option<Prefer>, look: impl FnMut(Decimal) -> Result<M, E>) -> Result<Found<M>, E> {
    let mut seen = Looks { grid, look, seen: BTreeMap::new() };
    let (at_minimum, at_maximum) = (seen.at(0)?, seen.at(grid.steps)?);
    for part in 1..PARTS {
        seen.at(share(grid.steps, part))?;
    }
    let prefer = prefer.unwrap_or_else(|| preferred(grid, at_minimum.is_reached(), at_maximum.is_reached()));
    let is_smooth = seen.is_smooth();
    if seen.first_reached(prefer).is_none() {
        seen.look_around_the_best(prefer)?;
    }
    let (index, missed) = match seen.first_reached(prefer) {
        Some(reached) => seen.narrow(reached, prefer)?,
        None => (seen.best(prefer).unwrap_or_default(), None),
    };
    let is_reached = seen.at(index)?.is_reached();
    let has_inner_top = !is_reached && index != 0 && index != grid.steps;
    let is_monotone = is_smooth && !has_inner_top && seen.turns_once_at_most();
    let projections = u32::try_from(seen.seen.len()).unwrap_or(u32::MAX);
    let at_value = seen.at(index)?;
    Ok(Found {
        is_reached,
        value: grid.value(index),
        at_value,
        missed_at: missed.map(|missed| grid.value(missed)),
        at_minimum,
        at_maximum,
        prefer,
        is_monotone,
        projections,
    })
}

/// `steps × part / PARTS`, as a whole.
fn share(steps: u64, part: u64) -> u64 {
    steps.saturating_mul(part).checked_div(PARTS).unwrap_or_default()
}

fn preferred(grid: &Grid, at_minimum: bool, at_maximum: bool) -> Prefer {
    match (at_minimum, at_maximum) {
        (false, true) => Prefer::Least,
        (true, false) => Prefer::Greatest,
        (true, true) | (false, false) if grid.maximum <= Decimal::ZERO => Prefer::Greatest,
        (true, true) | (false, false) => Prefer::Least,
    }
}

/// A margin to compare: without a figure, all is well, or nothing is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Nothing,
    By(Decimal),
    All,
}

fn rank(measure: &impl Measure) -> Rank {
    match measure.margin() {
        Some(margin) => Rank::By(margin),
        None if measure.is_reached() => Rank::All,
        None => Rank::Nothing,
    }
}

/// What was seen so far, by index.
struct Looks<'g, M, F> {
    grid: &'g Grid,
    look: F,
    seen: BTreeMap<u64, M>,
}

impl<M: Measure + Clone, E, F: FnMut(Decimal) -> Result<M, E>> Looks<'_, M, F> {
    fn at(&mut self, index: u64) -> Result<M, E> {
        if let Some(known) = self.seen.get(&index) {
            return Ok(known.clone());
        }
        let measure = (self.look)(self.grid.value(index))?;
        self.seen.insert(index, measure.clone());
        Ok(measure)
    }

    fn has_looks_left(&self) -> bool {
        u32::try_from(self.seen.len()).is_ok_and(|looks| looks < MOST_PROJECTIONS)
    }

    /// Of what was seen, what reaches it and is nearest to the preferred end.
    fn first_reached(&self, prefer: Prefer) -> Option<u64> {
        let mut reached = self.seen.iter().filter(|(_, measure)| measure.is_reached()).map(|(index, _)| *index);
        match prefer {
            Prefer::Least => reached.next(),
            Prefer::Greatest => reached.next_back(),
        }
    }

    /// The nearest miss; of equals that at the preferred end.
    fn best(&self, prefer: Prefer) -> Option<u64> {
        let place = |index: u64| match prefer {
            Prefer::Least => std::cmp::Reverse(index),
            Prefer::Greatest => std::cmp::Reverse(self.grid.steps.saturating_sub(index)),
        };
        self.seen.iter().max_by_key(|(index, measure)| (rank(*measure), place(**index))).map(|(index, _)| *index)
    }

    /// The neighbours of an index among what was seen.
    fn beside(&self, index: u64) -> (Option<u64>, Option<u64>) {
        let below = self.seen.range(..index).next_back().map(|(index, _)| *index);
        let above = self.seen.range((Excluded(index), Unbounded)).next().map(|(index, _)| *index);
        (below, above)
    }

    /// Halves what lies on both sides of the nearest miss, until something is reached, or looks or values run out.
    fn look_around_the_best(&mut self, prefer: Prefer) -> Result<(), E> {
        while let Some(best) = self.best(prefer) {
            let (below, above) = self.beside(best);
            let between = |one: u64, other: u64| Some(midpoint(one, other)).filter(|middle| *middle != one && *middle != other);
            let middles = [below.and_then(|below| between(below, best)), above.and_then(|above| between(best, above))];
            if middles.iter().all(Option::is_none) {
                return Ok(());
            }
            for middle in middles.into_iter().flatten() {
                if !self.has_looks_left() || self.at(middle)?.is_reached() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Halves the stretch between a value that reaches it and its neighbour on the preferred side, which does not. Gives the last value
    /// that reaches it and the next one that misses.
    fn narrow(&mut self, reached: u64, prefer: Prefer) -> Result<(u64, Option<u64>), E> {
        let (below, above) = self.beside(reached);
        let Some(mut missed) = (if prefer == Prefer::Least { below } else { above }) else { return Ok((reached, None)) };
        let mut reached = reached;
        while reached.abs_diff(missed) > 1 && self.has_looks_left() {
            let middle = midpoint(reached, missed);
            if self.at(middle)?.is_reached() {
                reached = middle;
            } else {
                missed = middle;
            }
        }
        Ok((reached, Some(missed)))
    }

    /// Whether margins only rise or only fall. Asked of the first looks, which lie far apart: between neighbours, a cent of rounding turns
    /// a response round.
    fn is_smooth(&self) -> bool {
        let ranks: Vec<Rank> = self.seen.values().map(rank).collect();
        ranks.is_sorted() || ranks.iter().rev().is_sorted()
    }

    fn turns_once_at_most(&self) -> bool {
        let reached: Vec<bool> = self.seen.values().map(Measure::is_reached).collect();
        reached.is_sorted() || reached.iter().rev().is_sorted()
    }
}

fn midpoint(one: u64, other: u64) -> u64 {
    let (low, high) = (one.min(other), one.max(other));
    low.saturating_add(high.abs_diff(low) >> 1)
}
