//! Dates, frequencies and occurrences.
//!
//! Occurrence *n* of a recurrence is computed from its anchor (31 January + 1 month = 28 February, + 2 months = 31 March), never
//! from the one before: otherwise one short month would shorten all that follow.

use std::fmt;

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::money::Money;

/// A calendar date, without a time zone.
pub type Date = NaiveDate;
/// An instant, in UTC.
pub type Instant = chrono::DateTime<chrono::Utc>;

/// A calendar month. Ordered; arithmetic saturates at the ends of the calendar (year 1 … 9999).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month(i32);

impl Month {
    /// The first month of the calendar: January of year 1.
    pub const FIRST: Self = Self(12);
    /// The last one: December 9999.
    pub const LAST: Self = Self(9999 * 12 + 11);

    /// The month of a date.
    #[must_use]
    pub fn of(date: Date) -> Self {
        Self(date.year().saturating_mul(12).saturating_add(i32::try_from(date.month0()).unwrap_or(0)))
    }

    /// Month `month` (1 … 12) of `year`.
    #[must_use]
    pub fn new(year: i32, month: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, 1).map(Self::of)
    }

    /// The calendar year.
    #[must_use]
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// 1 = January … 12 = December.
    #[must_use]
    pub fn number(self) -> u32 {
        u32::try_from(self.0.rem_euclid(12)).unwrap_or(0) + 1
    }

    /// This month and `months` more (or fewer).
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// How many months from `earlier` to this one; negative where it is later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The first day.
    #[must_use]
    pub fn first_day(self) -> Date {
        NaiveDate::from_ymd_opt(self.year(), self.number(), 1).unwrap_or(if self.0 < 0 { NaiveDate::MIN } else { NaiveDate::MAX })
    }

    /// The last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.plus(1).first_day().pred_opt().unwrap_or(NaiveDate::MIN)
    }

    /// Whether a date lies in it.
    #[must_use]
    pub fn contains(self, date: Date) -> bool {
        Self::of(date) == self
    }
}

impl fmt::Display for Month {
    /// `2026-11`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}
impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}
impl TryFrom<String> for Month {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let parsed = text.split_once('-').and_then(|(year, month)| Self::new(year.parse().ok()?, month.parse().ok()?));
        parsed.ok_or_else(|| format!("{text:?} is not a month such as 2026-11"))
    }
}

crate::vocabulary::words! {
    /// How often a flow recurs.
    pub enum Frequency {
        /// Every 7 days, 52 times a year.
        Weekly => "weekly",
        /// Every 14 days, 26 times a year.
        Biweekly => "biweekly",
        /// Twice a month, 24 times a year.
        Semimonthly => "semimonthly",
        /// 12 times a year.
        Monthly => "monthly",
        /// Every other month, 6 times a year.
        Bimonthly => "bimonthly",
        /// 4 times a year.
        Quarterly => "quarterly",
        /// 2 times a year.
        Semiannually => "semiannually",
        /// Once a year.
        Annually => "annually",
    }
}

crate::vocabulary::words! {
    /// How often an income is paid.
    pub enum PayFrequency {
        /// 52 paychecks a year.
        Weekly => "weekly",
        /// 26 paychecks a year.
        Biweekly => "biweekly",
        /// 24 paychecks a year.
        Semimonthly => "semimonthly",
        /// 12 paychecks a year.
        Monthly => "monthly",
    }
}

impl PayFrequency {
    /// Paychecks a year.
    #[must_use]
    pub const fn periods_per_year(self) -> i64 {
        self.frequency().times_per_year()
    }

    /// The same, as the frequency of a flow.
    #[must_use]
    pub const fn frequency(self) -> Frequency {
        match self {
            Self::Weekly => Frequency::Weekly,
            Self::Biweekly => Frequency::Biweekly,
            Self::Semimonthly => Frequency::Semimonthly,
            Self::Monthly => Frequency::Monthly,
        }
    }
}

impl Frequency {
    /// Occurrences a year, as spec 02 counts them.
    #[must_use]
    pub const fn times_per_year(self) -> i64 {
        match self {
            Self::Weekly => 52,
            Self::Biweekly => 26,
            Self::Semimonthly => 24,
            Self::Monthly => 12,
            Self::Bimonthly => 6,
            Self::Quarterly => 4,
            Self::Semiannually => 2,
            Self::Annually => 1,
        }
    }

    /// What one month of it comes to: amount × times a year / 12, rounded once.
    #[must_use]
    pub fn monthly_amount(self, amount: Money) -> Money {
        amount.scaled(self.times_per_year(), 12)
    }

    /// What one year of it comes to, exactly.
    #[must_use]
    pub fn annual_amount(self, amount: Money) -> Money {
        amount.scaled(self.times_per_year(), 1)
    }

    /// Occurrence `n` (from 0) of a recurrence that starts at `anchor`; `None` beyond the calendar.
    ///
    /// Semimonthly: the anchor's day and the day 15 days later in the same month (or earlier, where the anchor lies in the second
    /// half), both clipped to the month's end: anchored on the 15th it falls on the 15th and the 30th.
    #[must_use]
    pub fn occurrence(self, anchor: Date, n: u32) -> Option<Date> {
        let months = |step: u32| anchor.checked_add_months(Months::new(step.checked_mul(n)?));
        match self {
            Self::Weekly => anchor.checked_add_days(Days::new(7 * u64::from(n))),
            Self::Biweekly => anchor.checked_add_days(Days::new(14 * u64::from(n))),
            Self::Semimonthly => semimonthly(anchor, n),
            Self::Monthly => months(1),
            Self::Bimonthly => months(2),
            Self::Quarterly => months(3),
            Self::Semiannually => months(6),
            Self::Annually => months(12),
        }
    }

    /// How many occurrences of a recurrence anchored at `anchor` fall on the days from `from` to `to`, both included.
    #[must_use]
    pub fn occurrences_between(self, anchor: Date, from: Date, to: Date) -> u32 {
        self.occurrences_before(anchor, to.succ_opt().unwrap_or(to)).saturating_sub(self.occurrences_before(anchor, from))
    }

    /// How many occurrences fall before `day`: a close guess from the calendar, corrected by the occurrences themselves.
    fn occurrences_before(self, anchor: Date, day: Date) -> u32 {
        if day <= anchor {
            return 0;
        }
        let days = day.signed_duration_since(anchor).num_days();
        let months = i64::from(Month::of(day).since(Month::of(anchor)));
        let guess = match self {
            Self::Weekly => days / 7,
            Self::Biweekly => days / 14,
            Self::Semimonthly => months * 2,
            Self::Monthly => months,
            Self::Bimonthly => months / 2,
            Self::Quarterly => months / 3,
            Self::Semiannually => months / 6,
            Self::Annually => months / 12,
        };
        let mut count = u32::try_from(guess.saturating_sub(2)).unwrap_or(0);
        while self.occurrence(anchor, count).is_some_and(|date| date < day) {
            count = count.saturating_add(1);
        }
        count
    }
}

fn semimonthly(anchor: Date, n: u32) -> Option<Date> {
    let month = anchor.checked_add_months(Months::new(n / 2))?;
    if n.is_multiple_of(2) {
        return Some(month);
    }
    match anchor.day() {
        day @ 1..=15 => Some(on_day(Month::of(month), day + 15)),
        day => Some(on_day(Month::of(month).plus(1), day - 15)),
    }
}

/// Day `day` of a month, or its last day where the month is shorter.
#[must_use]
pub fn on_day(month: Month, day: u32) -> Date {
    month.first_day().with_day(day.max(1)).unwrap_or_else(|| month.last_day())
}

/// Whole years from a birth to a day.
#[must_use]
pub fn age_on(birth: Date, day: Date) -> u32 {
    day.years_since(birth).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn a_short_month_does_not_shorten_those_that_follow() {
        let dates: Vec<String> = (0..4).map(|n| Frequency::Monthly.occurrence(date("2026-01-31"), n).unwrap().to_string()).collect();
        assert_eq!(dates, ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]);
    }

    #[test]
    fn a_biweekly_paycheck_lands_three_times_in_some_months() {
        let landed = |month: u32| {
            let month = Month::new(2026, month).unwrap();
            Frequency::Biweekly.occurrences_between(date("2026-01-02"), month.first_day(), month.last_day())
        };
        assert_eq!((1..=12).map(landed).collect::<Vec<_>>(), [3, 2, 2, 2, 2, 2, 3, 2, 2, 2, 2, 2]);
    }

    #[test]
    fn a_month_knows_its_days() {
        let month = Month::new(2028, 2).unwrap();
        assert_eq!((month.first_day(), month.last_day(), month.to_string().as_str()), (date("2028-02-01"), date("2028-02-29"), "2028-02"));
        assert_eq!(month.plus(-2), Month::new(2027, 12).unwrap());
    }

    fn frequencies() -> impl Strategy<Value = Frequency> {
        proptest::sample::select(Frequency::ALL.to_vec())
    }

    proptest! {
        #[test]
        fn occurrences_rise_and_counting_agrees_with_listing(frequency in frequencies(), offset in 0_u64..400, from in 0_u64..2000, length in 0_u64..800) {
            let anchor = date("2026-01-01").checked_add_days(Days::new(offset)).unwrap();
            let from = date("2025-06-01").checked_add_days(Days::new(from)).unwrap();
            let to = from.checked_add_days(Days::new(length)).unwrap();
            let dates: Vec<Date> = (0..600).map(|n| frequency.occurrence(anchor, n).unwrap()).collect();
            prop_assert!(dates.windows(2).all(|pair| pair[0] < pair[1]));
            let listed = dates.iter().filter(|date| (from..=to).contains(date)).count();
            prop_assert_eq!(usize::try_from(frequency.occurrences_between(anchor, from, to)).unwrap(), listed);
        }

        #[test]
        fn a_full_calendar_year_holds_what_the_frequency_says(frequency in frequencies(), offset in 0_u64..365) {
            let anchor = date("2026-01-01").checked_add_days(Days::new(offset)).unwrap();
            let counted = i64::from(frequency.occurrences_between(anchor, date("2028-01-01"), date("2028-12-31")));
            prop_assert!((counted - frequency.times_per_year()).abs() <= 1, "{counted}");
        }
    }
}
