//! Rate schedules: the one shape that most of tax law has, "this rate on what lies above that amount".

use rust_decimal::Decimal;

use crate::fixed::to_places;
use crate::vocabulary::FilingStatus;

/// One bracket: `rate` on what lies above `above`, on top of `base`, which is the tax on what lies below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bracket {
    pub(super) above: Decimal,
    pub(super) base: Decimal,
    pub(super) rate: Decimal,
}

/// Brackets in ascending order, the first of them from zero: so there is no gap, and no amount without a rate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Schedule(Vec<Bracket>);

impl Schedule {
    /// From thresholds and rates; the tax below each threshold follows from them.
    pub(super) fn new(above: &[Decimal], rate: &[Decimal]) -> Result<Self, String> {
        let mut brackets: Vec<Bracket> = Vec::with_capacity(above.len());
        check(above, rate)?;
        for (above, rate) in above.iter().zip(rate) {
            let base = brackets.last().map_or(Decimal::ZERO, |below| below.base + (*above - below.above) * below.rate);
            brackets.push(Bracket { above: *above, base, rate: *rate });
        }
        Ok(Self(brackets))
    }

    /// From a published table that states the tax below each threshold itself. Published tables round (Pub. 15-T rounds thresholds
    /// to the dollar and keeps the amounts of the unrounded ones), so a difference of up to half a dollar is theirs.
    pub(super) fn published(above: &[Decimal], base: &[Decimal], rate: &[Decimal]) -> Result<Self, String> {
        let Self(mut brackets) = Self::new(above, rate)?;
        if base.len() != brackets.len() {
            return Err(format!("has {} thresholds and {} bases: one each is needed", brackets.len(), base.len()));
        }
        let mut below: Option<Bracket> = None;
        for (bracket, stated) in brackets.iter_mut().zip(base) {
            let follows = below.map_or(Decimal::ZERO, |below| below.base + (bracket.above - below.above) * below.rate);
            if (*stated - follows).abs() > Decimal::new(5, 1) {
                let above = bracket.above;
                return Err(format!("states a base of {stated} at {above}, where {follows} follows from the bracket below"));
            }
            bracket.base = *stated;
            below = Some(*bracket);
        }
        Ok(Self(brackets))
    }

    /// From a law that states the tax below each threshold, whether or not it follows from the rates (OH has a jump).
    pub(super) fn stated(above: &[Decimal], base: &[Decimal], rate: &[Decimal]) -> Result<Self, String> {
        let Self(mut brackets) = Self::new(above, rate)?;
        if base.len() != brackets.len() || !base.is_sorted() {
            return Err(format!("needs an ascending base for each of its {} thresholds", brackets.len()));
        }
        for (bracket, stated) in brackets.iter_mut().zip(base) {
            bracket.base = *stated;
        }
        Ok(Self(brackets))
    }

    /// The tax on an amount; nothing on a negative one.
    pub(super) fn tax(&self, amount: Decimal) -> Decimal {
        self.bracket(amount).map_or(Decimal::ZERO, |bracket| bracket.base + (amount - bracket.above) * bracket.rate)
    }

    /// What of the amounts from `from` to `to` lies in each bracket, with its rate: ascending, empty slices left out.
    pub(super) fn slices(&self, from: Decimal, to: Decimal) -> impl Iterator<Item = (Decimal, Decimal)> + '_ {
        let ends = self.0.iter().skip(1).map(|bracket| bracket.above).chain(std::iter::once(Decimal::MAX));
        let slice = move |(bracket, end): (&Bracket, Decimal)| (end.min(to) - bracket.above.max(from), bracket.rate);
        self.0.iter().zip(ends).map(slice).filter(|(amount, _)| *amount > Decimal::ZERO)
    }

    /// Where the highest bracket starts.
    pub(super) fn highest(&self) -> Decimal {
        self.0.last().map_or(Decimal::ZERO, |bracket| bracket.above)
    }

    /// The bracket in which an amount ends: the highest that starts below it. None for nothing.
    pub(super) fn bracket(&self, amount: Decimal) -> Option<&Bracket> {
        self.0.iter().rev().find(|bracket| amount > bracket.above)
    }

    /// The tax where what lies above `rest`, and above the brackets with lower rates, is taxed at `rate`.
    pub(super) fn tax_up_to_rate(&self, amount: Decimal, rest: Decimal, rate: Decimal) -> Decimal {
        let lower = self.0.iter().find(|bracket| bracket.rate > rate).map_or(amount, |bracket| bracket.above);
        let at_brackets = rest.max(lower).min(amount);
        self.tax(at_brackets) + (amount - at_brackets).max(Decimal::ZERO) * rate
    }

    /// With every threshold multiplied by `factor`, to the cent.
    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        let index = |amount: Decimal| to_places(amount * factor, 2);
        Self(self.0.iter().map(|b| Bracket { above: index(b.above), base: index(b.base), rate: b.rate }).collect())
    }
}

fn check(above: &[Decimal], rate: &[Decimal]) -> Result<(), String> {
    if above.len() != rate.len() {
        return Err(format!("has {} thresholds and {} rates: one each is needed", above.len(), rate.len()));
    }
    if above.first() != Some(&Decimal::ZERO) {
        return Err("has a gap: the first bracket must start above 0".into());
    }
    for (lower, upper) in above.iter().zip(above.iter().skip(1)) {
        if lower >= upper {
            return Err(format!("is not ascending: {upper} comes after {lower}"));
        }
    }
    Ok(())
}

/// A value for every filing status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ByStatus<T> {
    single: T,
    married_jointly: T,
    married_separately: T,
    head_of_household: T,
    qualifying_surviving_spouse: T,
}

impl<T> ByStatus<T> {
    /// Built once for every status.
    pub(super) fn try_build<E>(mut build: impl FnMut(FilingStatus) -> Result<T, E>) -> Result<Self, E> {
        Ok(Self {
            single: build(FilingStatus::Single)?,
            married_jointly: build(FilingStatus::MarriedJointly)?,
            married_separately: build(FilingStatus::MarriedSeparately)?,
            head_of_household: build(FilingStatus::HeadOfHousehold)?,
            qualifying_surviving_spouse: build(FilingStatus::QualifyingSurvivingSpouse)?,
        })
    }

    pub(super) const fn get(&self, status: FilingStatus) -> &T {
        match status {
            FilingStatus::Single => &self.single,
            FilingStatus::MarriedJointly => &self.married_jointly,
            FilingStatus::QualifyingSurvivingSpouse => &self.qualifying_surviving_spouse,
            FilingStatus::MarriedSeparately => &self.married_separately,
            FilingStatus::HeadOfHousehold => &self.head_of_household,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(values: &[i64]) -> Vec<Decimal> {
        values.iter().copied().map(Decimal::from).collect()
    }

    #[test]
    fn a_schedule_taxes_each_slice_at_its_own_rate() {
        let schedule = Schedule::new(&d(&[0, 100, 200]), &[Decimal::new(1, 1), Decimal::new(2, 1), Decimal::new(5, 1)]).unwrap();
        let tax = |amount: i64| schedule.tax(Decimal::from(amount));
        assert_eq!([-5, 0, 50, 100, 150, 200, 300].map(tax), d(&[0, 0, 5, 10, 20, 30, 80])[..]);
    }

    #[test]
    fn a_published_base_may_be_rounded_but_not_wrong() {
        let (above, rate) = (d(&[0, 13_463, 31_738]), [Decimal::new(10, 2), Decimal::new(12, 2), Decimal::new(22, 2)]);
        let base = [Decimal::ZERO, Decimal::new(134_625, 2), Decimal::new(353_925, 2)];
        assert!(Schedule::published(&above, &base, &rate).is_ok());
        let wrong = [Decimal::ZERO, Decimal::new(134_725, 2), Decimal::new(353_925, 2)];
        assert!(Schedule::published(&above, &wrong, &rate).unwrap_err().contains("1347.25"));
    }
}
