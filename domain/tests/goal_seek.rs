//! The search for the value at which something is reached: exact on every monotone response, at most forty looks on any, and never an
//! answer that was not looked at.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;

use domain::goals::seek::{Found, Grid, GridError, MOST_PROJECTIONS, MOST_STEPS, Measure, Prefer, seek};
use proptest::prelude::*;
use rust_decimal::Decimal;

#[derive(Clone, Debug, PartialEq)]
struct Seen {
    reached: bool,
    margin: Option<Decimal>,
}

impl Measure for Seen {
    fn is_reached(&self) -> bool {
        self.reached
    }
    fn margin(&self) -> Option<Decimal> {
        self.margin
    }
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// Searches a response of a margin; checks what holds of every answer: forty looks at most, each at a value of its own within the bounds,
/// and everything that is told was seen.
fn sought(grid: &Grid, prefer: Option<Prefer>, margin: impl Fn(Decimal) -> Decimal) -> Found<Seen> {
    let mut looks = BTreeMap::new();
    let found = seek(grid, prefer, |value| {
        let margin = margin(value);
        let seen = Seen { reached: margin >= Decimal::ZERO, margin: Some(margin) };
        assert!(looks.insert(value, seen.clone()).is_none(), "{value} was looked at twice");
        Ok::<_, ()>(seen)
    })
    .unwrap();
    assert_eq!(usize::try_from(found.projections).unwrap(), looks.len());
    assert!(found.projections <= MOST_PROJECTIONS, "{} looks", found.projections);
    assert_eq!(found.is_reached, found.at_value.reached);
    assert_eq!(looks[&found.value], found.at_value, "the answer was looked at");
    assert_eq!((&looks[&grid.value(0)], &looks[&grid.value(grid.steps())]), (&found.at_minimum, &found.at_maximum));
    assert!(found.missed_at.is_none_or(|missed| !looks[&missed].reached), "what is said to miss, misses");
    assert_eq!(found.is_reached, looks.values().any(|seen| seen.reached), "whatever was reached is told");
    found
}

/// At least `threshold`, or, where it falls, at most.
fn step(threshold: Decimal, falls: bool) -> impl Fn(Decimal) -> Decimal {
    move |value| if falls { threshold - value } else { value - threshold }
}

#[test]
fn the_least_cent_that_is_enough_is_found() {
    let grid = Grid::new(dec("0"), dec("2000"), dec("0.01")).unwrap();
    let found = sought(&grid, None, step(dec("833.34"), false));
    assert_eq!((found.value, found.missed_at, found.prefer), (dec("833.34"), Some(dec("833.33")), Prefer::Least));
    assert!(found.is_reached && found.is_monotone);
    // 200,000 steps: nine looks, and 25,000 are halved fifteen times.
    assert!(found.projections <= 9 + 15, "{}", found.projections);
}

#[test]
fn where_less_is_enough_the_most_that_can_be_afforded_is_found() {
    let grid = Grid::new(dec("0"), dec("0.12"), dec("0.0001")).unwrap();
    let found = sought(&grid, None, step(dec("0.0655"), true));
    assert_eq!((found.value, found.missed_at, found.prefer), (dec("0.0655"), Some(dec("0.0656")), Prefer::Greatest));
}

#[test]
fn where_everything_is_enough_the_end_nearest_to_nothing_is_the_answer() {
    for (minimum, maximum, prefer, answer) in
        [("10", "20", None, "10"), ("-20", "-10", None, "-10"), ("-20", "0", None, "0"), ("10", "20", Some(Prefer::Greatest), "20")]
    {
        let found = sought(&Grid::new(dec(minimum), dec(maximum), dec("1")).unwrap(), prefer, |_| Decimal::ONE);
        assert_eq!((found.value, found.missed_at, found.is_reached), (dec(answer), None, true), "{minimum} … {maximum}");
    }
}

#[test]
fn where_nothing_is_enough_the_nearest_miss_is_told() {
    let grid = Grid::new(dec("0"), dec("500"), dec("0.01")).unwrap();
    let found = sought(&grid, None, step(dec("833.34"), false));
    assert_eq!((found.is_reached, found.value, found.missed_at, found.is_monotone), (false, dec("500"), None, true));
    assert_eq!(found.at_value.margin, Some(dec("-333.34")));
    // 50,000 steps: nine looks, and the 6,250 before the end are halved thirteen times, lest they hide a top.
    assert!(found.projections <= 9 + 13, "{}", found.projections);
}

#[test]
fn a_top_between_the_first_looks_is_found_and_said_not_to_be_monotone() {
    // Enough from 61 to 63 only: none of 0, 12, 25, 37, 50, 62, 75, 87, 100 but one; and from 58 to 60, none of them.
    let grid = Grid::new(dec("0"), dec("100"), dec("1")).unwrap();
    let hill = |top: i64| move |value: Decimal| Decimal::ONE - (value - Decimal::from(top)).abs();
    for top in [62, 59, 3, 97] {
        let found = sought(&grid, None, hill(top));
        assert_eq!((found.is_reached, found.value, found.is_monotone), (true, Decimal::from(top - 1), false), "{top}");
        let most = sought(&grid, Some(Prefer::Greatest), hill(top));
        assert_eq!((most.value, most.missed_at), (Decimal::from(top + 1), Some(Decimal::from(top + 2))), "{top}");
    }
    let never = sought(&grid, None, |value| hill(59)(value) - Decimal::from(5));
    assert_eq!((never.is_reached, never.value, never.is_monotone), (false, Decimal::from(59), false));
}

#[test]
fn a_cent_of_rounding_between_neighbours_is_no_turn() {
    let grid = Grid::new(dec("0"), dec("1000"), dec("0.01")).unwrap();
    let rough =
        |value: Decimal| value - dec("400") + if (value * dec("100")) % dec("2") == Decimal::ZERO { Decimal::ZERO } else { dec("-0.015") };
    assert!(sought(&grid, None, rough).is_monotone);
}

#[test]
fn bounds_that_are_no_bounds_are_refused() {
    let grid = |minimum, maximum, step| Grid::new(dec(minimum), dec(maximum), dec(step));
    assert_eq!(grid("2", "1", "0.01"), Err(GridError::Reversed));
    assert_eq!(grid("1", "2", "0"), Err(GridError::NoStep));
    assert_eq!(grid("0", "171798691.85", "0.01"), Err(GridError::TooWide));
    assert_eq!(grid("0", "171798691.84", "0.01").unwrap().steps(), MOST_STEPS);
    assert_eq!(grid("0", "10000000000000", "1000").unwrap().steps(), 10_000_000_000);
    assert_eq!(grid("5", "5", "1").unwrap().steps(), 0);
    assert_eq!(sought(&grid("5", "5", "1").unwrap(), None, |_| Decimal::ONE).projections, 1);
}

/// Bounds need not be multiples of the step: the ends are looked at as they are, and round values between them.
#[test]
fn values_between_the_bounds_are_multiples_of_the_step() {
    let grid = Grid::new(dec("7.35"), dec("112"), dec("50")).unwrap();
    let values: Vec<Decimal> = (0..=grid.steps()).map(|index| grid.value(index)).collect();
    assert_eq!(values, [dec("7.35"), dec("50"), dec("100"), dec("112")]);
}

#[test]
fn an_error_of_a_look_ends_the_search() {
    let grid = Grid::new(dec("0"), dec("10"), dec("1")).unwrap();
    let refused = seek(&grid, None, |value| if value > dec("4") { Err(value) } else { Ok(Seen { reached: false, margin: None }) });
    assert_eq!(refused.unwrap_err(), dec("10"));
}

/// Bounds anywhere, as far apart as a search may be; steps of months, cents and basis points.
fn grids() -> impl Strategy<Value = Grid> {
    let size = prop_oneof![0_u64..20, 0_u64..100_000, 0..=MOST_STEPS, Just(MOST_STEPS)];
    (-1_000_000_000_i64..1_000_000_000, size, 0_u32..=4).prop_map(|(first, steps, scale)| {
        let at = |index: i64| Decimal::new(index, scale);
        Grid::new(at(first), at(first + i64::try_from(steps).unwrap()), Decimal::new(1, scale)).unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn of_every_monotone_response_exactly_the_turn_is_found(grid in grids(), at: u64, falls: bool, told: bool) {
        // Any index, and one beyond the end: nothing reaches it there.
        let index = at % (grid.steps() + 2);
        let is_there = index <= grid.steps();
        let threshold = if is_there { grid.value(index) } else { grid.value(grid.steps()) + Decimal::ONE };
        let threshold = if !is_there && falls { grid.value(0) - Decimal::ONE } else { threshold };
        let side = if falls { Prefer::Greatest } else { Prefer::Least };
        let found = sought(&grid, told.then_some(side), step(threshold, falls));
        prop_assert!(found.is_monotone);
        prop_assert_eq!(found.is_reached, is_there);
        let ends = (found.at_minimum.reached, found.at_maximum.reached);
        if is_there && (told || ends.0 != ends.1) {
            prop_assert_eq!(found.value, threshold);
            let neighbour = if falls { index.checked_add(1).filter(|index| *index <= grid.steps()) } else { index.checked_sub(1) };
            prop_assert_eq!(found.missed_at, neighbour.map(|index| grid.value(index)));
        }
        if !is_there {
            prop_assert_eq!(found.value, grid.value(if falls { 0 } else { grid.steps() }));
        }
    }

    /// Whatever the response is: few looks, and nothing that was not seen (see `sought`).
    #[test]
    fn no_response_takes_more_than_forty_looks_or_is_answered_with_a_guess(
        grid in grids(),
        margins in proptest::collection::vec(-3_i64..2, 1..60),
        prefer in prop_oneof![Just(None), Just(Some(Prefer::Least)), Just(Some(Prefer::Greatest))],
    ) {
        let span = grid.value(grid.steps()) - grid.value(0) + Decimal::ONE;
        let last = Decimal::from(margins.len() - 1);
        let jagged = |value: Decimal| {
            let place = ((value - grid.value(0)) / span * last).round();
            Decimal::from(margins[usize::try_from(place).unwrap()])
        };
        sought(&grid, prefer, jagged);
    }
}
