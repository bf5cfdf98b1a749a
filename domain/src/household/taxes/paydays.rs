//! On how many days of a year something is paid, and on how many of them still.
//!
//! A year's salary is paid in a year: a calendar in which a weekly payday falls 53 times counts 52 of them. Before the household was
//! opened here nothing is known of it; what has been there since that very day is taken to have been there before, as a forecast
//! takes the months before its first one (a start date that is left out becomes the day on which it is entered).

use chrono::{Datelike, Days, Months};

use crate::calendar::{Date, Frequency, Month};

/// The days of one calendar year on which something is paid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paydays {
    frequency: Frequency,
    anchor: Date,
    first: Date,
    last: Date,
    /// Whether it is taken to have been there before the day on which it begins.
    pub is_assumed: bool,
}

impl Paydays {
    /// Of what is paid from `start` to `end`, both included, in a calendar year. `known_since`: what begins on that day has been there
    /// before.
    pub fn new(frequency: Frequency, (start, end): (Date, Option<Date>), year: i32, known_since: Option<Date>) -> Self {
        let (january, december) = (of_year(year, 1).first_day(), of_year(year, 12).last_day());
        let is_assumed = known_since == Some(start) && start.year() == year && start > january;
        // As many whole periods back as a year has, so that the paydays behind the start stay where they are.
        let back = match frequency {
            Frequency::Weekly | Frequency::Biweekly => start.checked_sub_days(Days::new(364)),
            Frequency::Semimonthly
            | Frequency::Monthly
            | Frequency::Bimonthly
            | Frequency::Quarterly
            | Frequency::Semiannually
            | Frequency::Annually => start.checked_sub_months(Months::new(12)),
        };
        let anchor = back.filter(|_| is_assumed).unwrap_or(start);
        Self { frequency, anchor, first: january, last: end.map_or(december, |end| end.min(december)), is_assumed }
    }

    /// In the whole year.
    pub fn in_year(&self) -> i64 {
        self.upto(self.last).min(self.frequency.times_per_year())
    }

    /// Of these, behind a day. Where the calendar has one too many, it is the last one that is not counted.
    pub fn after(&self, day: Date) -> i64 {
        (self.in_year() - self.upto(day.min(self.last))).max(0)
    }

    /// What a year of it has.
    pub const fn in_a_full_year(&self) -> i64 {
        self.frequency.times_per_year()
    }

    /// From the first day of the year to a day.
    fn upto(&self, day: Date) -> i64 {
        i64::from(self.frequency.occurrences_between(self.anchor, self.first, day))
    }
}

/// A month of a year.
pub(super) fn of_year(year: i32, month: u32) -> Month {
    Month::new(year, month).unwrap_or_else(|| Month::of(Date::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paydays(frequency: Frequency, start: &str, end: Option<&str>, known_since: &str) -> Paydays {
        let date = |text: &str| text.parse().unwrap();
        Paydays::new(frequency, (date(start), end.map(date)), 2026, Some(date(known_since)))
    }

    #[test]
    fn a_year_with_a_payday_too_many_has_as_many_as_a_year_has() {
        // 1 January 2026 and every 14 days from then: 31 December is the 27th; every 7 days, the 53rd.
        for (frequency, full) in [(Frequency::Biweekly, 26), (Frequency::Weekly, 52), (Frequency::Monthly, 12)] {
            let paydays = paydays(frequency, "2026-01-01", None, "2020-01-01");
            assert_eq!((paydays.in_year(), paydays.after("2025-12-31".parse().unwrap())), (full, full));
            assert_eq!(paydays.after("2026-12-31".parse().unwrap()), 0);
        }
    }

    #[test]
    fn what_begins_or_ends_in_the_year_is_paid_on_its_own_days() {
        let summer = paydays(Frequency::Monthly, "2026-06-15", Some("2026-09-14"), "2020-01-01");
        assert_eq!((summer.in_year(), summer.is_assumed), (3, false)); // 15 June, July and August
        assert_eq!(summer.after("2026-07-15".parse().unwrap()), 1);
    }

    #[test]
    fn what_began_on_the_day_on_which_the_household_was_opened_has_been_there_before() {
        let told_today = paydays(Frequency::Biweekly, "2026-11-23", None, "2026-11-23");
        // 23 November, 7 and 21 December; 26 in all.
        assert_eq!((told_today.in_year(), told_today.is_assumed), (26, true));
        assert_eq!(told_today.after("2026-11-22".parse().unwrap()), 3);
        assert_eq!(told_today.after("2026-11-23".parse().unwrap()), 2);
        let told_later = paydays(Frequency::Biweekly, "2026-11-24", None, "2026-11-23");
        assert_eq!((told_later.in_year(), told_later.is_assumed), (3, false));
    }
}
