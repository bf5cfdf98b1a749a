//! Plans over the household's reality; the baseline is one of them.

use domain::household::Household;
use domain::household::facts::Pin;
use domain::ids::ScenarioId;
use domain::rate::Rate;
use domain::text::Name;
use domain::vocabulary::WithdrawalOrder;
use uuid::Uuid;

use super::table::read_model;

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
        })
    }
}
