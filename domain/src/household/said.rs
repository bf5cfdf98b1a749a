//! Values in the words of a sentence: amounts with thousands apart, rates in percent, words without underscores.

use super::facts::{Currency, DeductionAmount, EmployerMatch, FlowKind, LastFour, Pay, TimeZone, VariableRate};
use crate::calendar::{Date, Frequency, PayFrequency};
use crate::goals::{Comparison, GoalKind};
use crate::ids::{AccountId, AssetGroupId, MemberId, ScenarioId, UserId};
use crate::money::Money;
use crate::projection::CalendarMode;
use crate::rate::Rate;
use crate::text::Line;
use crate::vocabulary::{
    AccountType, EmploymentStatus, FilingStatus, IncomeType, PosttaxDeductionType, PretaxDeductionType, Relationship, Role, State,
    WithdrawalOrder,
};

/// Something that can be said in a sentence; nothing where there is nothing to say.
pub(super) trait Said {
    fn said(&self) -> Option<String>;
}

impl<T: Said> Said for Option<T> {
    fn said(&self) -> Option<String> {
        self.as_ref().and_then(Said::said)
    }
}

impl Said for bool {
    fn said(&self) -> Option<String> {
        Some(if *self { "yes" } else { "no" }.to_owned())
    }
}

impl Said for Money {
    fn said(&self) -> Option<String> {
        Some(grouped(*self))
    }
}

impl Said for [Money; 4] {
    fn said(&self) -> Option<String> {
        Some(self.map(grouped).join(", "))
    }
}

impl Said for Rate {
    fn said(&self) -> Option<String> {
        Some(percent(*self))
    }
}

impl<const MAX: usize> Said for Line<MAX> {
    /// On one line, whatever was entered: a sentence is shown in lists.
    fn said(&self) -> Option<String> {
        Some(self.as_str().split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

macro_rules! said_as_printed {
    ($($type:ty),+ $(,)?) => {$(
        impl Said for $type {
            fn said(&self) -> Option<String> {
                Some(self.to_string())
            }
        }
    )+};
}
said_as_printed!(Date, u16, u32, i32, AccountId, AssetGroupId, MemberId, ScenarioId, UserId);

macro_rules! said_as_words {
    ($($type:ty),+ $(,)?) => {$(
        impl Said for $type {
            fn said(&self) -> Option<String> {
                Some(words(self.as_str()))
            }
        }
    )+};
}
said_as_words!(
    AccountType,
    EmploymentStatus,
    FilingStatus,
    Frequency,
    IncomeType,
    PayFrequency,
    PosttaxDeductionType,
    PretaxDeductionType,
    Relationship,
    Role,
    State,
    WithdrawalOrder,
    CalendarMode,
    Currency,
    LastFour,
);

impl Said for TimeZone {
    fn said(&self) -> Option<String> {
        Some(self.as_str().to_owned())
    }
}

impl Said for Pay {
    fn said(&self) -> Option<String> {
        Some(match self {
            Self::Salary { gross_annual_salary } => grouped(*gross_annual_salary),
            Self::Hourly { hourly_rate, expected_annual_hours } => {
                format!("{} an hour for {expected_annual_hours} hours a year", grouped(*hourly_rate))
            }
        })
    }
}

impl Said for DeductionAmount {
    fn said(&self) -> Option<String> {
        Some(match self {
            Self::Fixed(amount) => format!("{} a pay period", grouped(*amount)),
            Self::Percent(fraction) => format!("{} of gross", percent(*fraction)),
        })
    }
}

impl Said for EmployerMatch {
    fn said(&self) -> Option<String> {
        let Self { rate, cap_fraction, annual_cap } = self;
        let within = cap_fraction.map(|fraction| format!(" within {} of salary", percent(fraction))).unwrap_or_default();
        let most = annual_cap.map(|cap| format!(", at most {} a year", grouped(cap))).unwrap_or_default();
        Some(format!("{} of the contribution{within}{most}", percent(*rate)))
    }
}

impl Said for FlowKind {
    fn said(&self) -> Option<String> {
        let category = self.category().map(|category| format!(" ({})", words(category))).unwrap_or_default();
        Some(format!("{}{category}", self.flow_type()))
    }
}

impl Said for GoalKind {
    fn said(&self) -> Option<String> {
        Some(match self {
            Self::EmergencyFundMonths { months } => format!("an emergency fund of {months} months"),
            Self::MinDscr { ratio } => format!("a debt service coverage of {ratio} at least"),
            Self::MinSavingsRate { rate } => format!("a savings rate of {} at least", percent(*rate)),
            Self::NetWorthTarget { amount } => format!("a net worth of {}", grouped(*amount)),
            Self::NetWorthTargetByDate { amount, by } => format!("a net worth of {} by {by}", grouped(*amount)),
            Self::RetirementAge { age, .. } => format!("retirement at {age}"),
            Self::DebtFreeDate { by } => format!("no debts by {by}"),
            Self::Custom { metric, comparison, target } => {
                let side = match comparison {
                    Comparison::AtLeast => "at least",
                    Comparison::AtMost => "at most",
                };
                format!("{} of {side} {target}", words(metric.as_str()))
            }
        })
    }
}

impl Said for VariableRate {
    fn said(&self) -> Option<String> {
        let Self { index, margin, floor, ceiling } = self;
        let index = index.said().unwrap_or_else(|| "an index".to_owned());
        let bound = |word: &str, rate: &Option<Rate>| rate.said().map(|rate| format!(", {word} {rate}")).unwrap_or_default();
        let margin = margin.said().map(|margin| format!(" plus {margin}")).unwrap_or_default();
        Some(format!("{index}{margin}{}{}", bound("at least", floor), bound("at most", ceiling)))
    }
}

/// A word of the vocabulary as people write it.
pub(super) fn words(word: &str) -> String {
    word.replace('_', " ")
}

fn percent(rate: Rate) -> String {
    rate.in_percent()
}

/// `1234567.05` as `1,234,567.05`.
pub(super) fn grouped(amount: Money) -> String {
    amount.grouped()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        let said = |text: &str| Money::parse(text).unwrap().said().unwrap();
        assert_eq!(["0.05", "999", "1000", "-1234567.05"].map(said), ["0.05", "999.00", "1,000.00", "-1,234,567.05"]);
    }

    #[test]
    fn a_rate_is_said_in_percent() {
        let said = |text: &str| Rate::parse(text).unwrap().said().unwrap();
        assert_eq!(["0.065", "0.06", "1", "0"].map(said), ["6.5 %", "6 %", "100 %", "0 %"]);
    }

    #[test]
    fn notes_of_several_lines_are_said_on_one() {
        assert_eq!(crate::text::Notes::parse("a\n b").unwrap().said().unwrap(), "a b");
    }
}
