//! What is said of a scenario: bodies → commands.

use domain::calendar::Date;
use domain::household::command::{self, AssumptionsPatch, ScenarioPatch};
use domain::ids::ScenarioId;
use domain::projection::CalendarMode;
use domain::rate::Rate;
use domain::text::{Name, Notes};
use domain::vocabulary::WithdrawalOrder;

use crate::body::{Between, Given, Patch, body};
use crate::extract::{CursorText, Limit};

body! {
    /// Which scenarios to list.
    pub struct ScenarioList {
        /// How many at most.
        limit: Option<Limit>,
        /// Where the last page ended.
        cursor: Option<CursorText>,
        /// Those that are archived instead of those that are not.
        archived: Option<bool>,
    }
}

body! {
    /// Makes a scenario. What is not said of its assumptions is as its parent's, or the baseline's.
    pub struct NewScenario {
        /// What it is called.
        name: Name,
        /// What it is for.
        description: Option<Notes>,
        /// The scenario whose changes it inherits.
        parent_id: Option<ScenarioId>,
        /// Month 1 is this day's; the current month where left out.
        start_date: Option<Date>,
        /// 1 … 600; as its parent's, or the baseline's, where left out.
        projection_months: Option<Between<1, 600>>,
        /// A year.
        inflation_rate: Given<Rate> where growth,
        /// A year.
        investment_return_rate: Given<Rate> where growth,
        /// A year.
        salary_growth_rate: Given<Rate> where growth,
        /// A year.
        cash_yield_rate: Given<Rate> where growth,
        /// A year; null for inflation.
        property_appreciation_rate: Patch<Rate> where growth,
        /// Bring withholding and liability together in April.
        settle_taxes: Given<bool>,
        /// Index the thresholds of years beyond the last known law by inflation.
        index_thresholds: Given<bool>,
        /// What is drawn first when cash has run short, after all cash; retirement accounts in retirement only.
        withdrawal_order: Given<WithdrawalOrder>,
        /// How what recurs falls into months: `smoothed` (an equal twelfth of the year in each), or `exact` (as often as it occurs in that
        /// month: a biweekly paycheck lands three times in some).
        calendar: Given<CalendarMode>,
        /// Interest a year on what no liquid account could pay; 0 unless somebody says so.
        overdraft_rate: Given<Rate> where interest,
    }
}

impl NewScenario {
    /// As the domain takes it.
    pub fn into_command(self) -> command::NewScenario {
        command::NewScenario {
            name: self.name,
            description: self.description,
            parent_id: self.parent_id,
            start_date: self.start_date,
            projection_months: self.projection_months.map(to_u16),
            assumptions: AssumptionsPatch {
                inflation_rate: self.inflation_rate.0,
                investment_return_rate: self.investment_return_rate.0,
                salary_growth_rate: self.salary_growth_rate.0,
                cash_yield_rate: self.cash_yield_rate.0,
                property_appreciation_rate: self.property_appreciation_rate.into_option(),
                settle_taxes: self.settle_taxes.0,
                index_thresholds: self.index_thresholds.0,
                withdrawal_order: self.withdrawal_order.0,
                calendar: self.calendar.0,
                overdraft_rate: self.overdraft_rate.0,
            },
        }
    }
}

body! {
    /// Changes what a scenario assumes; what is not mentioned stays.
    pub struct ScenarioPatchBody {
        /// What it is called.
        name: Given<Name>,
        /// What it is for.
        description: Patch<Notes>,
        /// The scenario whose changes it inherits.
        parent_id: Patch<ScenarioId>,
        /// Month 1 is this day's; null for the current month.
        start_date: Patch<Date>,
        /// 1 … 600.
        projection_months: Given<Between<1, 600>>,
        /// A year.
        inflation_rate: Given<Rate> where growth,
        /// A year.
        investment_return_rate: Given<Rate> where growth,
        /// A year.
        salary_growth_rate: Given<Rate> where growth,
        /// A year.
        cash_yield_rate: Given<Rate> where growth,
        /// A year; null for inflation.
        property_appreciation_rate: Patch<Rate> where growth,
        /// Bring withholding and liability together in April.
        settle_taxes: Given<bool>,
        /// Index the thresholds of years beyond the last known law by inflation.
        index_thresholds: Given<bool>,
        /// What is drawn first when cash has run short, after all cash; retirement accounts in retirement only.
        withdrawal_order: Given<WithdrawalOrder>,
        /// How what recurs falls into months: `smoothed` (an equal twelfth of the year in each), or `exact` (as often as it occurs in that
        /// month: a biweekly paycheck lands three times in some).
        calendar: Given<CalendarMode>,
        /// Interest a year on what no liquid account could pay; 0 unless somebody says so.
        overdraft_rate: Given<Rate> where interest,
    }
}

impl ScenarioPatchBody {
    /// As the domain takes it.
    pub fn into_command(self) -> (ScenarioPatch, AssumptionsPatch) {
        let patch = ScenarioPatch {
            name: self.name.0,
            description: self.description.into_option(),
            parent_id: self.parent_id.into_option(),
            start_date: self.start_date.into_option(),
            projection_months: self.projection_months.0.map(to_u16),
        };
        let assumptions = AssumptionsPatch {
            inflation_rate: self.inflation_rate.0,
            investment_return_rate: self.investment_return_rate.0,
            salary_growth_rate: self.salary_growth_rate.0,
            cash_yield_rate: self.cash_yield_rate.0,
            property_appreciation_rate: self.property_appreciation_rate.into_option(),
            settle_taxes: self.settle_taxes.0,
            index_thresholds: self.index_thresholds.0,
            withdrawal_order: self.withdrawal_order.0,
            calendar: self.calendar.0,
            overdraft_rate: self.overdraft_rate.0,
        };
        (patch, assumptions)
    }
}

body! {
    /// Copies a scenario.
    pub struct CloneName {
        /// What the copy is called; `Copy of …` where left out.
        name: Option<Name>,
    }
}

/// A number of months that was read within its range.
pub fn to_u16<const MIN: i64, const MAX: i64>(number: Between<MIN, MAX>) -> u16 {
    u16::try_from(number.get()).unwrap_or(u16::MAX)
}
