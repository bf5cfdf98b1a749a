//! What was found: differences, counts, and how far a run has come.

use std::fmt;
use std::time::Duration;

use domain::ids::HouseholdId;

/// Differences that a [`Report`] keeps; all of them are counted, and told to the [`Watch`] as they are found.
pub const MOST_KEPT: usize = 1_000;
/// Longer values are cut where they are shown.
const MOST_SHOWN: usize = 120;

/// Something that the tables say and the streams do not, or the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Whose.
    pub household: HouseholdId,
    /// In which table.
    pub model: &'static str,
    /// Which row, such as `id=0192…`; of `events` it is the version.
    pub key: String,
    /// What is wrong with it.
    pub finding: Finding,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// It should be there.
    Missing,
    /// It should not be there.
    Surplus,
    /// A column holds another value; none is null.
    Column {
        /// Which.
        column: &'static str,
        /// What follows from the stream.
        expected: Option<String>,
        /// What is there.
        found: Option<String>,
    },
    /// The stream itself is damaged, so that nothing can be said about what follows from it.
    Damaged {
        /// How.
        problem: String,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { household, model, key, finding } = self;
        write!(f, "household {household}: {model} {key}: ")?;
        match finding {
            Finding::Missing => f.write_str("the row is missing"),
            Finding::Surplus => f.write_str("the row should not be there"),
            Finding::Column { column, expected, found } => {
                let (expected, found) = excerpts(expected.as_deref(), found.as_deref());
                write!(f, "{column} is {found}, expected {expected}")
            }
            Finding::Damaged { problem } => write!(f, "the stream is damaged: {problem}"),
        }
    }
}

/// Two values side by side; of long ones, the part in which they begin to differ.
fn excerpts(one: Option<&str>, other: Option<&str>) -> (String, String) {
    let same = one.unwrap_or_default().chars().zip(other.unwrap_or_default().chars()).take_while(|(one, other)| one == other).count();
    let long = |text: Option<&str>| text.is_some_and(|text| text.chars().count() > MOST_SHOWN);
    let skipped = if long(one) || long(other) { same.saturating_sub(MOST_SHOWN / 4) } else { 0 };
    let show = |text: Option<&str>| match text {
        None => "null".to_owned(),
        Some(text) => {
            let shown: String = text.chars().skip(skipped).take(MOST_SHOWN).collect();
            let before = if skipped > 0 { "…" } else { "" };
            let behind = if text.chars().count() > skipped.saturating_add(MOST_SHOWN) { "…" } else { "" };
            format!("{:?}", format!("{before}{shown}{behind}"))
        }
    };
    (show(one), show(other))
}

/// How far a run has come. The totals are those of its beginning.
#[derive(Clone, Copy, Debug, Default)]
pub struct Progress {
    /// Households that are done.
    pub households: u64,
    /// Of so many.
    pub households_in_all: u64,
    /// Events that were replayed for them.
    pub events: u64,
    /// Of so many.
    pub events_in_all: u64,
    /// Since the beginning, or since it was resumed.
    pub took: Duration,
    /// Of these, replayed before it was resumed.
    pub events_before: u64,
}

impl Progress {
    /// Events a second.
    #[must_use]
    pub fn rate(&self) -> u64 {
        let (events, milliseconds) = (u128::from(self.events.saturating_sub(self.events_before)), self.took.as_millis());
        u64::try_from(events.saturating_mul(1_000).checked_div(milliseconds).unwrap_or(0)).unwrap_or(u64::MAX)
    }

    /// How long the rest will take at this rate.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        self.events_in_all.saturating_sub(self.events).checked_div(self.rate()).map(Duration::from_secs)
    }
}

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Households that were looked at.
    pub households: u64,
    /// Events that were replayed.
    pub events: u64,
    /// Rows that follow from them.
    pub rows: u64,
    /// Rows and columns that differed; a rebuild has mended those that it could.
    pub differences: u64,
    /// Households whose stream is damaged: nothing was compared, nothing mended.
    pub damaged: u64,
    /// The first [`MOST_KEPT`] of the differences.
    pub first: Vec<Difference>,
    /// How long it took, since it was last resumed.
    pub took: Duration,
}

impl Report {
    /// Whether the tables said what the streams say.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.differences == 0
    }
}

/// Who wants to know while it goes on. Both do nothing unless they are written.
pub trait Watch: Send {
    /// A difference was found.
    fn difference(&mut self, difference: &Difference) {
        let _ = difference;
    }
    /// A few more households are done.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }
}

/// Nobody watches.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;
impl Watch for Unwatched {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_where_it_is_and_of_long_values_where_they_part() {
        let long = |end: &str| Some(format!("{}{end}", "x".repeat(500)));
        let column = |expected, found| Difference {
            household: HouseholdId(uuid::Uuid::nil()),
            model: "accounts",
            key: "id=1".to_owned(),
            finding: Finding::Column { column: "name", expected, found },
        };
        let short = column(Some("Checking".to_owned()), None).to_string();
        assert_eq!(short, "household 00000000-0000-0000-0000-000000000000: accounts id=1: name is null, expected \"Checking\"");
        let cut = column(long("right"), long("wrong")).to_string();
        assert!(cut.len() < 300 && cut.contains("xright") && cut.contains("xwrong"), "{cut}");
    }

    #[test]
    fn the_time_left_follows_from_the_rate_since_it_was_resumed() {
        let progress =
            Progress { events: 3_000, events_before: 1_000, events_in_all: 13_000, took: Duration::from_secs(2), ..Progress::default() };
        assert_eq!((progress.rate(), progress.left()), (1_000, Some(Duration::from_secs(10))));
        assert_eq!(Progress::default().left(), None);
    }
}
