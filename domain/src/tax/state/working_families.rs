//! Earned-income credits that states compute by rules of their own: California's, which falls in two slopes, with its young child
//! credit; and Minnesota's, which falls together with a credit per child.

use rust_decimal::Decimal;

use super::input::StateInput;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::tax::schedule::Schedule;
use crate::vocabulary::FilingStatus;

/// Cal. Rev. & Tax. Code §§ 17052, 17052.1; FTB 3514.
#[derive(Clone, Debug)]
pub(super) struct CaliforniaLaw {
    /// By number of children: none, one, two, three or more.
    rows: Vec<CaliforniaRow>,
    end: Decimal,
    investment_income_limit: Decimal,
    from_age: u32,
    young_child: Decimal,
    young_child_below_age: u32,
    young_child_above: Decimal,
    young_child_step: Decimal,
    young_child_per_step: Decimal,
}

#[derive(Clone, Copy, Debug)]
struct CaliforniaRow {
    rate: Decimal,
    /// Up to here the credit grows, and from here it falls.
    turn: Decimal,
    /// The credit at which it begins to fall more slowly.
    second_slope_from: Decimal,
}

impl CaliforniaLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("california_earned_income_credit")? else { return Ok(None) };
        let young = file.table("california_young_child_credit")?;
        let (rate, turn, second) = (table.rates("rate")?, table.amounts("turn")?, table.amounts("second_slope_from")?);
        if [rate.len(), turn.len(), second.len()] != [4, 4, 4] {
            return Err(table.error("needs four figures in every list: for no child, one, two, three or more"));
        }
        let step = young.amount("step")?;
        if step.is_zero() || rate.iter().any(Decimal::is_zero) {
            return Err(table.error("has a rate or a step of 0"));
        }
        let row = |(rate, (turn, second_slope_from))| CaliforniaRow { rate, turn, second_slope_from };
        let law = Self {
            rows: rate.into_iter().zip(turn.into_iter().zip(second)).map(row).collect(),
            end: table.amount("end")?,
            investment_income_limit: table.amount("investment_income_limit")?,
            from_age: table.whole("from_age")?,
            young_child: young.amount("amount")?,
            young_child_below_age: young.whole("below_age")?,
            young_child_above: young.amount("above")?,
            young_child_step: step,
            young_child_per_step: young.amount("per_step")?,
        };
        Ok((status != FilingStatus::MarriedSeparately).then_some(law))
    }

    /// Both credits; both are paid out.
    pub(super) fn credit(&self, input: &StateInput<'_>) -> Decimal {
        let a = &input.amounts;
        // Health savings through the payroll are wages here.
        let earned = a.wages + a.payroll_hsa + a.self_employment - a.self_employment_deduction;
        let investments = a.interest + a.dividends + a.capital_gains.max(Decimal::ZERO);
        let of_age = input.filers_from_age(self.from_age) > 0;
        // Without any earnings there is no earned income credit, but the young child credit all the same (§ 17052.1, since 2022).
        if earned < Decimal::ZERO || !of_age || investments > self.investment_income_limit || a.federal_agi >= self.end {
            return Decimal::ZERO;
        }
        let Some(row) = self.rows.get(input.children_ages.len().min(3)) else { return Decimal::ZERO };
        let credit = self.at(row, earned).min(self.at(row, earned.max(a.federal_agi))).max(Decimal::ZERO);
        let qualifies = !credit.is_zero() || earned.is_zero();
        if !qualifies || input.children_below(self.young_child_below_age) == 0 {
            return credit;
        }
        let fall = (earned - self.young_child_above).max(Decimal::ZERO) / self.young_child_step * self.young_child_per_step;
        credit + (self.young_child - fall).max(Decimal::ZERO)
    }

    fn at(&self, row: &CaliforniaRow, income: Decimal) -> Decimal {
        let full = row.turn * row.rate;
        let second_from = row.turn + (full - row.second_slope_from) / row.rate;
        if income <= row.turn {
            income * row.rate
        } else if income <= second_from {
            full - (income - row.turn) * row.rate
        } else {
            let along = (income - second_from).checked_div(self.end - second_from).unwrap_or(Decimal::ONE);
            row.second_slope_from * (Decimal::ONE - along.min(Decimal::ONE))
        }
    }
}

/// Minn. Stat. §§ 290.0661, 290.0671; Schedule M1CWFC.
#[derive(Clone, Debug)]
pub(super) struct MinnesotaLaw {
    per_child: Decimal,
    child_below_age: u32,
    on_earnings: Schedule,
    above: Decimal,
    rate: Decimal,
    investment_income_limit: Decimal,
    childless_from_age: u32,
}

impl MinnesotaLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("minnesota_working_family_credit")? else { return Ok(None) };
        let law = Self {
            per_child: table.amount("per_child")?,
            child_below_age: table.whole("child_below_age")?,
            on_earnings: table.schedule()?,
            above: table.amount_for("phase_out_above", status)?,
            rate: table.rate("phase_out_rate")?,
            investment_income_limit: table.amount("investment_income_limit")?,
            childless_from_age: table.whole("childless_from_age")?,
        };
        Ok((status != FilingStatus::MarriedSeparately).then_some(law))
    }

    /// Paid out.
    pub(super) fn credit(&self, input: &StateInput<'_>) -> Decimal {
        let a = &input.amounts;
        let earned = a.wages + a.self_employment - a.self_employment_deduction;
        let investments = a.interest + a.dividends + a.capital_gains.max(Decimal::ZERO);
        let children = input.children_below(self.child_below_age);
        let eligible = !input.children_ages.is_empty() || input.filers_from_age(self.childless_from_age) > 0;
        if !eligible || investments > self.investment_income_limit {
            return Decimal::ZERO;
        }
        // The schedule's rates are those at which the credit grows with earnings.
        let full = self.per_child * Decimal::from(children) + self.on_earnings.tax(earned);
        (full - (earned.max(a.federal_agi) - self.above).max(Decimal::ZERO) * self.rate).max(Decimal::ZERO)
    }
}
