//! Credits that lower the tax to zero and are never paid out, taken before the child credit (Schedule 3 lines 2 and 4): for the
//! care of children while the parents work, and for saving on a small income.

use rust_decimal::{Decimal, RoundingStrategy};

use super::income::Work;
use super::retirement::RetirementLaw;
use crate::tax::error::TableError;
use crate::tax::law_file::{LawFile, LawTable};
use crate::tax::tax_return::Return;
use crate::vocabulary::FilingStatus;

/// 26 U.S.C. § 21.
#[derive(Clone, Debug)]
pub(super) struct CareLaw {
    is_separate: bool,
    below_age: u32,
    expenses_of_one: Decimal,
    expenses_of_more: Decimal,
    highest_rate: Decimal,
    /// One after the other takes percentage points off, each down to its own lowest rate.
    phase_outs: Vec<RateSteps>,
}

#[derive(Clone, Copy, Debug)]
struct RateSteps {
    above: Decimal,
    step: Decimal,
    per_step: Decimal,
    lowest_rate: Decimal,
}

impl CareLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let table = file.table("care_credit")?;
        let mut phase_outs = vec![RateSteps::load(&file.table("care_credit.phase_out")?, status)?];
        if let Some(second) = file.find("care_credit.second_phase_out")? {
            phase_outs.push(RateSteps::load(&second, status)?);
        }
        Ok(Self {
            is_separate: status == FilingStatus::MarriedSeparately,
            below_age: table.whole("below_age")?,
            expenses_of_one: table.amount("expenses_of_one")?,
            expenses_of_more: table.amount("expenses_of_more")?,
            highest_rate: table.rate("highest_rate")?,
            phase_outs,
        })
    }

    /// Form 2441, before the limit of the tax. Married people who file separately have none (§ 21(e)(2)); of a couple, the one who
    /// earns less limits the expenses (§ 21(d)(1)).
    pub(super) fn credit(&self, tax_return: &Return, work: &Work, stepped_agi: Decimal) -> Decimal {
        if self.is_separate || tax_return.care_expenses.is_zero() {
            return Decimal::ZERO;
        }
        let most = match tax_return.children_ages.iter().filter(|age| **age < self.below_age).count() {
            0 => return Decimal::ZERO,
            1 => self.expenses_of_one,
            _ => self.expenses_of_more,
        };
        let [first, second] = &work.people;
        let earned = match tax_return.filing_status == FilingStatus::MarriedJointly {
            true => first.earned().min(second.earned()),
            false => first.earned(),
        };
        let expenses = tax_return.care_expenses.to_decimal().min(most).min(earned.max(Decimal::ZERO));
        expenses * self.phase_outs.iter().fold(self.highest_rate, |rate, steps| steps.lowered(rate, stepped_agi))
    }
}

impl RateSteps {
    fn load(table: &LawTable<'_>, status: FilingStatus) -> Result<Self, TableError> {
        let step = table.amount_for("step", status)?;
        if step.is_zero() {
            return Err(table.error("has a \"step\" of 0"));
        }
        let above = table.amount_for("above", status)?;
        Ok(Self { above, step, per_step: table.rate("per_step")?, lowest_rate: table.rate("lowest_rate")? })
    }

    /// A part of a step counts as a whole one.
    fn lowered(&self, rate: Decimal, agi: Decimal) -> Decimal {
        let above = (agi - self.above).max(Decimal::ZERO);
        let steps = (above / self.step).round_dp_with_strategy(0, RoundingStrategy::AwayFromZero);
        rate.min((rate - steps * self.per_step).max(self.lowest_rate))
    }
}

/// 26 U.S.C. § 25B.
#[derive(Clone, Debug)]
pub(super) struct SaversLaw {
    from_age: u32,
    most_per_person: Decimal,
    /// `(up to this income, rate)`, ascending; none above the last.
    rates: Vec<(Decimal, Decimal)>,
}

impl SaversLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let (table, incomes) = (file.table("savers_credit")?, file.table("savers_credit.up_to")?);
        let (rates, up_to) = (table.rates("rates")?, incomes.amounts(status.as_str())?);
        if rates.len() != up_to.len() || !up_to.is_sorted_by(|lower, higher| lower < higher) {
            return Err(incomes.error(format!("needs ascending incomes for {status}, one for each of the \"rates\"")));
        }
        Ok(Self {
            from_age: table.whole("from_age")?,
            most_per_person: table.amount("most_per_person")?,
            rates: up_to.into_iter().zip(rates).collect(),
        })
    }

    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        let index = |(up_to, rate): &(Decimal, Decimal)| ((*up_to * factor).round_dp(2), *rate);
        Self { rates: self.rates.iter().map(index).collect(), ..*self }
    }

    /// Form 8880, before the limit of the tax: of each person's deferrals and IRA contributions, less what both took out this year
    /// (§ 25B(d)(2); what was taken out in the two years before is not known).
    pub(super) fn credit(
        &self,
        tax_return: &Return,
        work: &Work,
        retirement: &RetirementLaw,
        taken_out: Decimal,
        stepped_agi: Decimal,
    ) -> Decimal {
        let Some((_, rate)) = self.rates.iter().find(|(up_to, _)| stepped_agi <= *up_to) else { return Decimal::ZERO };
        let mut compensation = work.compensation();
        let mut saved = Decimal::ZERO;
        for earner in &tax_return.earners {
            let ira = retirement.ira_contribution(earner, compensation);
            compensation -= ira;
            if earner.age >= self.from_age {
                let own = retirement.deferrals(earner) + ira - taken_out;
                saved += own.clamp(Decimal::ZERO, self.most_per_person);
            }
        }
        saved * rate
    }
}
