//! Many paths: some months of all of them, then those months' percentiles, then the next.
//!
//! Why not path by path: a hundred thousand paths of fifty years would be a gigabyte of figures, of which only percentiles are wanted.
//! Why not month by month: a path's state would leave the cache after each. Threads share the paths and then the months; no figure
//! depends on which thread computed it, and percentiles are taken of whole cents, where order does not matter.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use crate::monte_carlo::goals::Target;
use crate::monte_carlo::kernel::{Close, Path};
use crate::monte_carlo::market::Market;
use crate::monte_carlo::script::Script;

/// So many months of paths are played before percentiles are taken: four megabytes, some fifty milliseconds of a core. Fewer, and threads
/// are begun for next to nothing; more, and whoever breaks it off has to wait.
const PATH_MONTHS_AT_ONCE: usize = 240_000;

/// The percentiles that are taken, ascending, in percent.
pub const PERCENTILES: [u8; 5] = [5, 25, 50, 75, 95];

/// Five percentiles of one month, in cents.
pub(super) type Five = [i64; PERCENTILES.len()];

/// What many paths come to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub net_worth: Vec<Five>,
    pub liquid_assets: Vec<Five>,
    /// Paths that never ran short.
    pub never_short: usize,
    /// By goal: the paths that reach it.
    pub reached: Vec<usize>,
}

/// Plays all paths; `None` where `progress` (told percents) breaks it off.
pub(super) fn play(
    script: &Script,
    market: &Market,
    (seed, paths): (u64, usize),
    targets: &[Target],
    threads: NonZeroUsize,
    progress: &mut dyn FnMut(u8) -> ControlFlow<()>,
) -> Option<Tally> {
    let mut all: Vec<Path> = (0..paths).map(|number| Path::new(script, seed, number, targets)).collect();
    let months = script.months.len();
    let at_once = (PATH_MONTHS_AT_ONCE / paths.max(1)).clamp(1, months.max(1));
    let mut closes = vec![Close { net_worth: 0, liquid_assets: 0 }; paths * at_once];
    let mut tally = Tally { reached: vec![0; targets.len()], ..Tally::default() };
    for first in (0..months).step_by(at_once) {
        let percent = u8::try_from(first * 100 / months).unwrap_or(100);
        if progress(percent).is_break() {
            return None;
        }
        let count = at_once.min(months - first);
        let closes = &mut closes[..paths * count];
        step_all((script, market, targets), &mut all, closes, count, threads);
        let block = percentiles(closes, count, threads);
        tally.net_worth.extend(block.iter().map(|(net_worth, _)| *net_worth));
        tally.liquid_assets.extend(block.iter().map(|(_, liquid)| *liquid));
    }
    for path in &all {
        tally.reached.iter_mut().zip(path.reached()).for_each(|(reached, is_reached)| *reached += usize::from(is_reached));
    }
    tally.never_short = all.iter().filter(|path| path.short_in.is_none()).count();
    Some(tally)
}

fn step_all(
    (script, market, targets): (&Script, &Market, &[Target]),
    paths: &mut [Path],
    closes: &mut [Close],
    count: usize,
    threads: NonZeroUsize,
) {
    let share = paths.len().div_ceil(threads.get()).max(1);
    let shares = paths.chunks_mut(share).zip(closes.chunks_mut(share * count));
    let step = |(paths, closes): (&mut [Path], &mut [Close])| {
        for (path, closes) in paths.iter_mut().zip(closes.chunks_exact_mut(count)) {
            closes.iter_mut().for_each(|close| *close = path.step(script, market, targets));
        }
    };
    on_threads(shares, step);
}

fn percentiles(closes: &[Close], count: usize, threads: NonZeroUsize) -> Vec<(Five, Five)> {
    let mut found = vec![(Five::default(), Five::default()); count];
    let share = count.div_ceil(threads.get()).max(1);
    on_threads(found.chunks_mut(share).enumerate(), |(place, found): (usize, &mut [(Five, Five)])| {
        for (month, found) in (place * share..).zip(found) {
            let of_month = || closes.chunks_exact(count).map(|path| path[month]);
            found.0 = five(&mut of_month().map(|close| close.net_worth).collect::<Vec<_>>());
            found.1 = five(&mut of_month().map(|close| close.liquid_assets).collect::<Vec<_>>());
        }
    });
    found
}

/// Does each share on a thread of its own, but for the first one, which is this thread's: a thread that would only wait is not begun.
fn on_threads<T: Send>(mut shares: impl Iterator<Item = T>, work: impl Fn(T) + Sync) {
    let own = shares.next();
    std::thread::scope(|scope| {
        for share in shares {
            let work = &work;
            scope.spawn(move || work(share));
        }
        own.into_iter().for_each(&work);
    });
}

/// The percentiles of some figures, at least one, by nearest rank: the least figure that so many percent of them do not exceed. So each
/// is a path's own figure.
fn five(figures: &mut [i64]) -> Five {
    let rank = |percent: u8, count: usize| (count * usize::from(percent)).div_ceil(100).max(1) - 1;
    let count = figures.len();
    let mut five = Five::default();
    let mut from = 0;
    for (place, percent) in five.iter_mut().zip(PERCENTILES) {
        let at = rank(percent, count);
        // What lies below the last one's rank is smaller already.
        *place = *figures[from..].select_nth_unstable(at - from).1;
        from = at;
    }
    five
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_by_nearest_rank() {
        let mut figures: Vec<i64> = (1..=100).rev().collect();
        assert_eq!(five(&mut figures), [5, 25, 50, 75, 95]);
        // Of 7: ⌈0.35⌉, ⌈1.75⌉, ⌈3.5⌉, ⌈5.25⌉, ⌈6.65⌉.
        assert_eq!(five(&mut [70, 10, 60, 30, 40, 20, 50]), [10, 20, 40, 60, 70]);
        assert_eq!(five(&mut [3]), [3; 5]);
    }
}
