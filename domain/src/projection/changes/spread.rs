//! An amount that is spread over all that is earned, or spent, in proportion.
//!
//! In the smoothed calendar a month is a twelfth of a year, and twelfths of many amounts, each rounded, do not add up to the twelfth of
//! their sum. "600 less a month" means 600.00 in every month: so beside the year's amounts, on which withholding depends, what falls
//! into the month is divided, too. In the exact calendar each comes on its own days, and takes its part along.

use super::course::Laid;
use crate::calendar::Frequency;
use crate::money::Money;
use crate::projection::plan::CalendarMode;

/// An amount that is divided in proportion to weights.
struct Division {
    whole: Money,
    weights: Money,
    before: Money,
}

impl Division {
    /// A cut takes no more than there is.
    fn of(whole: Money, weights: Money) -> Self {
        Self { whole: whole.max(-weights), weights, before: Money::ZERO }
    }

    /// The part of the next weight: what falls on all up to this one, less what falls on all before it. So the parts add up to the whole.
    fn part(&mut self, weight: Money) -> Money {
        if self.weights.is_zero() {
            return Money::ZERO;
        }
        let upto = self.before + weight;
        let share = |weights: Money| self.whole.scaled(weights.cents(), self.weights.cents());
        let part = share(upto) - share(self.before);
        self.before = upto;
        part
    }
}

/// An amount a year that is spread over several others, and this month's share of it.
pub(super) struct Spread {
    year: Division,
    month: Option<Division>,
}

/// What one of them comes to.
pub(super) struct Part {
    /// A year.
    pub annual: Money,
    /// This month, where that is said to the cent.
    pub due: Option<Money>,
}

impl Spread {
    /// Of so much a year, over what is so much in all: a year, and this month.
    pub fn new(laid: &Laid<'_, '_>, annual: Money, (a_year, this_month): (Money, Money)) -> Self {
        let is_smoothed = laid.clock().calendar() == CalendarMode::Smoothed;
        let share = || laid.span(Frequency::Monthly).portion(laid.clock()).of(annual);
        Self { year: Division::of(annual, a_year), month: is_smoothed.then(|| Division::of(share(), this_month)) }
    }

    /// What the next one comes to, that is so much a year and so much this month.
    pub fn part(&mut self, annual: Money, due: Money) -> Part {
        Part { annual: annual + self.year.part(annual), due: self.month.as_mut().map(|month| due + month.part(due)) }
    }
}
