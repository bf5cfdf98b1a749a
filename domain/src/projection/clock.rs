//! Which month it is, and how much of a year's amount falls into it.

use crate::calendar::{Date, Frequency, Month};
use crate::money::Money;
use crate::projection::plan::CalendarMode;

/// The month that is being projected.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    /// 1 = the month in which the plan starts.
    pub number: u16,
    /// Its place in the calendar.
    pub month: Month,
    /// Its first day.
    pub first_day: Date,
    /// Its last day: the row's date.
    pub last_day: Date,
    calendar: CalendarMode,
    start: Month,
}

impl Clock {
    /// Month 1.
    pub fn start(start: Month, calendar: CalendarMode) -> Self {
        Self { number: 1, month: start, first_day: start.first_day(), last_day: start.last_day(), calendar, start }
    }

    /// Month `number` of the same plan.
    pub fn at(self, number: u16) -> Self {
        let month = self.start.plus(i32::from(number) - 1);
        Self { number, month, first_day: month.first_day(), last_day: month.last_day(), ..self }
    }

    /// How what recurs falls into months.
    pub const fn calendar(&self) -> CalendarMode {
        self.calendar
    }

    /// The months of this calendar year that lie in the plan: all twelve, but in its first year.
    pub fn year_in_plan(&self) -> (Month, Month) {
        let december = self.month.plus(12_i32.saturating_sub(i32::try_from(self.month.number()).unwrap_or(12)));
        (december.plus(-11).max(self.start), december)
    }

    /// 12, 24, … months after the start: months 13, 25, …
    pub const fn is_anniversary(self) -> bool {
        self.number > 1 && self.number % 12 == 1
    }
}

/// On which days something recurs: its first occurrence, its last day (included), and how often.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Span {
    anchor: Date,
    /// `None`: it has always been there.
    from: Option<Month>,
    end: Option<(Date, Month)>,
    frequency: Frequency,
}

impl Span {
    /// `start`: the first day, and the first occurrence. Without one it occurs as if it had begun with the plan.
    pub fn new(start: Option<Date>, end: Option<Date>, frequency: Frequency, plan_start: Month) -> Self {
        let anchor = start.unwrap_or_else(|| plan_start.first_day());
        Self { anchor, from: start.map(Month::of), end: end.map(|end| (end, Month::of(end))), frequency }
    }

    /// Whether it is active on any day of a month.
    pub fn is_active_in(&self, month: Month) -> bool {
        self.from.is_none_or(|from| from <= month) && self.end.is_none_or(|(_, end)| month <= end)
    }

    /// How many months from `first` to `last`, both included, it is active in.
    pub fn months_between(&self, first: Month, last: Month) -> i32 {
        let from = self.from.map_or(first, |from| from.max(first));
        let to = self.end.map_or(last, |(_, end)| end.min(last));
        to.since(from).saturating_add(1).max(0)
    }

    /// The same days in another rhythm.
    pub const fn in_rhythm(self, frequency: Frequency) -> Self {
        Self { frequency, ..self }
    }

    /// How often.
    pub const fn frequency(&self) -> Frequency {
        self.frequency
    }

    /// Its times a year.
    pub const fn times_per_year(&self) -> i64 {
        self.frequency.times_per_year()
    }

    /// How much of a year's amount falls into this month.
    pub fn portion(&self, clock: &Clock) -> Portion {
        if !self.is_active_in(clock.month) {
            return Portion::Nothing;
        }
        match clock.calendar {
            CalendarMode::Smoothed => Portion::Twelfth(u32::from((clock.number - 1) % 12)),
            CalendarMode::Exact => {
                let last = self.end.map_or(clock.last_day, |(end, _)| end.min(clock.last_day));
                let until_before = clock.first_day.pred_opt().unwrap_or(clock.first_day);
                let count = |to: Date| i64::from(self.frequency.occurrences_between(self.anchor, self.anchor, to));
                let (before, upto) = (count(until_before), count(last));
                if before < upto { Portion::Occurrences { before, upto, a_year: self.times_per_year() } } else { Portion::Nothing }
            }
        }
    }
}

/// A month's share of an annual amount. The shares add up to the whole: twelve twelfths, or a year's occurrences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Portion {
    /// Not active.
    Nothing,
    /// Twelfth 0 … 11 of the projection's year.
    Twelfth(u32),
    /// The occurrences from number `before` (from 0) up to, not including, number `upto`, of `a_year` in a year.
    Occurrences {
        /// Those that came earlier.
        before: i64,
        /// Those that came by the end of the month.
        upto: i64,
        /// Those of a whole year.
        a_year: i64,
    },
}

impl Portion {
    /// This share of an annual amount. Cumulative rounding: what has fallen due by the end of the month less what had before.
    pub fn of(self, annual: Money) -> Money {
        match self {
            Self::Nothing => Money::ZERO,
            Self::Twelfth(index) => annual.part(index, 12),
            Self::Occurrences { before, upto, a_year } => annual.scaled(upto, a_year) - annual.scaled(before, a_year),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn months(span: &Span, mode: CalendarMode, months: u16) -> Vec<Money> {
        let clock = Clock::start(Month::new(2026, 1).unwrap(), mode);
        (1..=months).map(|number| span.portion(&clock.at(number)).of(Money::from_cents(10_400_000))).collect()
    }

    #[test]
    fn twelve_smoothed_months_add_up_to_the_year_and_the_first_is_a_rounded_twelfth() {
        let span = Span::new(None, None, Frequency::Biweekly, Month::new(2026, 1).unwrap());
        let shares = months(&span, CalendarMode::Smoothed, 12);
        assert_eq!(shares[..3], [866_667, 866_666, 866_667].map(Money::from_cents));
        assert_eq!(shares.iter().sum::<Money>(), Money::from_cents(10_400_000));
    }

    #[test]
    fn the_exact_calendar_counts_the_paydays_of_a_month() {
        let span = Span::new(Some(date("2026-01-02")), None, Frequency::Biweekly, Month::new(2026, 1).unwrap());
        let shares = months(&span, CalendarMode::Exact, 3);
        assert_eq!(shares, [1_200_000, 800_000, 800_000].map(Money::from_cents));
    }

    #[test]
    fn start_and_end_days_are_included() {
        let day = |text| Some(date(text));
        let span = Span::new(day("2026-02-28"), day("2026-04-01"), Frequency::Monthly, Month::new(2026, 1).unwrap());
        let active = |mode| months(&span, mode, 6).iter().map(|share| share.is_positive()).collect::<Vec<_>>();
        assert_eq!(active(CalendarMode::Smoothed), [false, true, true, true, false, false]);
        // 28 February, 28 March; 28 April lies behind the end.
        assert_eq!(active(CalendarMode::Exact), [false, true, true, false, false, false]);
        assert_eq!(span.months_between(Month::new(2026, 1).unwrap(), Month::new(2026, 12).unwrap()), 3);
    }
}
