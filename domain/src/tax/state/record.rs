//! What a state's computation writes down beside its result: its lines, for whoever explains them.
//!
//! Why a trait: the same code computes and explains, so that an explanation cannot tell of another return than the one that was
//! computed; and where nobody asks for lines, [`Silent`] is nothing at all to the compiler, so that a forecast does not pay for them.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::money::Money;
use crate::tax::schedule::Schedule;

/// To which sum a line belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tax) enum Part {
    /// The state's taxable income.
    Income,
    /// The state's tax after all credits.
    Tax,
}

/// One line, in exact dollars.
#[derive(Clone, Debug)]
pub(in crate::tax) struct Line {
    pub(in crate::tax) part: Part,
    pub(in crate::tax) label: Cow<'static, str>,
    pub(in crate::tax) amount: Decimal,
    pub(in crate::tax) rule: &'static str,
    /// The table of the state's file that has its figures.
    pub(in crate::tax) table: &'static str,
}

/// Who is told of the lines while they are computed.
pub(in crate::tax) trait Record {
    /// The lines that follow are in dollars of this many times less than the year's.
    fn scale(&mut self, factor: Decimal);

    /// An amount; what is taken off is negative, and nothing is no line.
    fn add(&mut self, part: Part, label: &'static str, amount: Decimal, rule: &'static str, table: &'static str);

    /// The tax by a schedule on what lies from one amount to another, slice by slice; where the law states the tax below a bracket,
    /// and that does not follow from the rates, the difference is a line of its own.
    fn slices(&mut self, schedule: &Schedule, from: Decimal, to: Decimal, what: &'static str, table: &'static str);
}

/// Nobody.
pub(in crate::tax) struct Silent;

impl Record for Silent {
    #[inline(always)]
    fn scale(&mut self, _: Decimal) {}

    #[inline(always)]
    fn add(&mut self, _: Part, _: &'static str, _: Decimal, _: &'static str, _: &'static str) {}

    #[inline(always)]
    fn slices(&mut self, _: &Schedule, _: Decimal, _: Decimal, _: &'static str, _: &'static str) {}
}

/// The lines as they were told, multiplied by an index where a later year was computed in this year's dollars.
pub(in crate::tax) struct Lines {
    factor: Decimal,
    pub(in crate::tax) lines: Vec<Line>,
}

impl Lines {
    pub(in crate::tax) fn new() -> Self {
        Self { factor: Decimal::ONE, lines: Vec::with_capacity(32) }
    }

    fn push(&mut self, part: Part, label: Cow<'static, str>, amount: Decimal, rule: &'static str, table: &'static str) {
        if !amount.is_zero() {
            self.lines.push(Line { part, label, amount: amount * self.factor, rule, table });
        }
    }
}

impl Record for Lines {
    fn scale(&mut self, factor: Decimal) {
        self.factor = factor;
    }

    fn add(&mut self, part: Part, label: &'static str, amount: Decimal, rule: &'static str, table: &'static str) {
        self.push(part, label.into(), amount, rule, table);
    }

    fn slices(&mut self, schedule: &Schedule, from: Decimal, to: Decimal, what: &'static str, table: &'static str) {
        let mut left = schedule.tax(to) - schedule.tax(from);
        for (amount, rate) in schedule.slices(from, to) {
            left -= amount * rate;
            let percent = (rate * Decimal::ONE_HUNDRED).normalize();
            let label = format!("{percent} % of {} of {what}", Money::round(amount * self.factor));
            self.push(Part::Tax, label.into(), amount * rate, "the state's schedule: each slice at its rate", table);
        }
        let rule = "the law states the tax below the bracket, which is not what the rates below it give";
        self.push(Part::Tax, "difference of the stated tax below the bracket".into(), left, rule, table);
    }
}
