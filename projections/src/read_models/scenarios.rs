//! Plans over the household's reality, the baseline being one of them, and what they do differently.

use domain::calendar::Date;
use domain::household::Household;
use domain::household::facts::Pin;
use domain::ids::{ChangeId, ScenarioId};
use domain::projection::CalendarMode;
use domain::projection::changes::{ChangeType, Source};
use domain::rate::Rate;
use domain::text::{Name, Notes};
use domain::vocabulary::WithdrawalOrder;
use serde_json::Value;
use uuid::Uuid;

use super::table::{Table, read_model};

read_model! {
    /// A scenario.
    pub struct ScenarioRow in "scenarios" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What it is called.
        name: Name,
        /// The one that follows reality.
        is_baseline: bool,
        /// `live`: it starts in the current month of the household's time zone; `pinned`: in that of the day that it is pinned to.
        mode: String,
        /// What a pinned one is pinned to.
        pinned_to: Option<Pin>,
        /// 1 … 600.
        projection_months: u16,
        /// A year.
        inflation_rate: @numeric Rate,
        /// A year.
        investment_return_rate: @numeric Rate,
        /// A year.
        salary_growth_rate: @numeric Rate,
        /// A year.
        cash_yield_rate: @numeric Rate,
        /// A year; inflation where it is not said.
        property_appreciation_rate: @numeric Option<Rate>,
        /// Bring withholding and liability together in April.
        settle_taxes: bool,
        /// Index the thresholds of years beyond the last known law by inflation.
        index_thresholds: bool,
        /// What is drawn first when cash has run short, after all cash.
        withdrawal_order: WithdrawalOrder,
        /// How what recurs falls into months.
        calendar: CalendarMode,
        /// Interest a year on what no liquid account could pay.
        overdraft_rate: @numeric Rate,
        /// What it is for.
        description: Option<Notes>,
        /// The scenario whose changes it inherits.
        parent_id: Option<Uuid>,
        /// Month 1 is this day's; the current month where it is not said.
        start_date: Option<Date>,
        /// Put away: kept as it is.
        archived: bool,
        /// The day on which something of it was last made real.
        adopted_on: Option<Date>,
    }
}

read_model! {
    /// A change of a scenario.
    pub struct ScenarioChangeRow in "scenario_changes" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// Of which scenario.
        scenario_id: Uuid,
        /// What it does.
        change_type: ChangeType,
        /// What it is called.
        name: Name,
        /// It holds from this day on.
        effective_date: Date,
        /// To this day, included.
        end_date: Option<Date>,
        /// A disabled change is as if it were not there.
        enabled: bool,
        /// Among those of one day, smallest first.
        order: u32,
        /// What somebody wanted to remember.
        notes: Option<Notes>,
        /// What it is about.
        source: Option<Source>,
        /// As its type has them.
        parameters: Value,
    }
}

/// What was computed of the scenarios. It is written elsewhere (`forecasts`, `projector`), and removed with its scenario: nobody can ask for
/// it any more.
pub(super) static STORED_FORECASTS: Table =
    Table { name: "scenario_projections", key: &["scenario_id"], columns: &[], numeric: &[], removed_by: "scenario_id" };

impl ScenarioChangeRow {
    /// The row of a change.
    #[must_use]
    pub fn of(home: &Household, scenario: ScenarioId, id: ChangeId) -> Option<Self> {
        let change = home.scenario_changes.get(&scenario)?.get(&id)?;
        // Parameters are plain data: text, numbers, flags.
        let kind = serde_json::to_value(change.kind).unwrap_or_default();
        Some(Self {
            id: id.0,
            scenario_id: scenario.0,
            change_type: change.kind.change_type(),
            name: change.name.clone(),
            effective_date: change.effective_date,
            end_date: change.end_date,
            enabled: change.enabled,
            order: change.order,
            notes: change.notes.clone(),
            source: change.source,
            parameters: kind.get("parameters").cloned().unwrap_or_default(),
        })
    }
}

impl ScenarioRow {
    /// The row of a scenario.
    #[must_use]
    pub fn of(home: &Household, id: ScenarioId) -> Option<Self> {
        let scenario = home.scenarios.get(&id)?;
        let (assumptions, pinned_to) = (&scenario.assumptions, home.pin_of(id));
        Some(Self {
            id: id.0,
            name: scenario.name.clone(),
            is_baseline: scenario.is_baseline,
            mode: if pinned_to.is_some() { "pinned" } else { "live" }.to_owned(),
            pinned_to,
            projection_months: scenario.projection_months,
            inflation_rate: assumptions.inflation_rate,
            investment_return_rate: assumptions.investment_return_rate,
            salary_growth_rate: assumptions.salary_growth_rate,
            cash_yield_rate: assumptions.cash_yield_rate,
            property_appreciation_rate: assumptions.property_appreciation_rate,
            settle_taxes: assumptions.settle_taxes,
            index_thresholds: assumptions.index_thresholds,
            withdrawal_order: assumptions.withdrawal_order,
            calendar: assumptions.calendar,
            overdraft_rate: assumptions.overdraft_rate,
            description: scenario.description.clone(),
            parent_id: scenario.parent_id.map(|id| id.0),
            start_date: scenario.start_date,
            archived: scenario.archived,
            adopted_on: scenario.adopted_on,
        })
    }
}
