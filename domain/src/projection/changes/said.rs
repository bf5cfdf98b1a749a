//! A change as a plain sentence: `From March 2027: Acme becomes 110,000.00 a year`.

use uuid::Uuid;

use super::kind::Timing;
use super::{ScenarioChange, Source};
use crate::calendar::{Date, Frequency, Month};
use crate::money::Money;

/// What things are called. A thing that is gone is called something, too.
pub trait Names {
    /// What the thing of this id is called.
    fn name_of(&self, id: Uuid) -> String;
}

impl ScenarioChange {
    /// What it does, as a sentence without its full stop.
    #[must_use]
    pub fn sentence(&self, names: &dyn Names) -> String {
        let what = self.kind.effect().said(self.source, names);
        let from = month_of(self.effective_date);
        match (self.kind.change_type().timing(), self.last_day()) {
            (Timing::Once, _) => format!("In {from}: {what}"),
            (Timing::Standing | Timing::Set, Some(last)) => format!("From {from} to {}: {what}", month_of(last)),
            (Timing::Standing | Timing::Set, None) => format!("From {from}: {what}"),
        }
    }
}

/// `March 2027`.
fn month_of(date: Date) -> String {
    const NAMES: [&str; 12] =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
    let month = Month::of(date);
    let index = usize::try_from(month.number()).unwrap_or(1).saturating_sub(1);
    format!("{} {}", NAMES.get(index).copied().unwrap_or_default(), month.year())
}

/// What a change is about, by its name.
pub(super) fn named(about: Option<Source>, names: &dyn Names) -> String {
    about.map_or_else(|| "something".to_owned(), |source| names.name_of(source.id()))
}

/// A word of the vocabulary as people write it.
pub(super) fn words(word: &str) -> String {
    word.replace('_', " ")
}

/// `1,200.00 a month`, `100.00 every two weeks`.
pub(super) fn each(amount: Money, frequency: Frequency) -> String {
    let rhythm = match frequency {
        Frequency::Weekly => "a week",
        Frequency::Biweekly => "every two weeks",
        Frequency::Semimonthly => "twice a month",
        Frequency::Monthly => "a month",
        Frequency::Bimonthly => "every two months",
        Frequency::Quarterly => "a quarter",
        Frequency::Semiannually => "twice a year",
        Frequency::Annually => "a year",
    };
    format!("{} {rhythm}", amount.grouped())
}
