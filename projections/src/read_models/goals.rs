//! What a household wants to reach. How far it is, is measured when it is asked for.

use domain::calendar::Date;
use domain::goals::{Comparison, GoalMetric, GoalType};
use domain::household::Household;
use domain::ids::GoalId;
use domain::text::{Name, Notes};
use uuid::Uuid;

use super::table::read_model;

read_model! {
    /// A goal.
    pub struct GoalRow in "goals" key ["id"] removed_by "id" {
        /// Which.
        id: Uuid,
        /// What it is called.
        name: Name,
        /// What is wanted.
        goal_type: GoalType,
        /// So many months, so many times, this fraction, this amount, at this age; none where a day is all that is wanted.
        target: @numeric Option<String>,
        /// By when, where the type has a day.
        target_date: Option<Date>,
        /// Who retires.
        member_id: Option<Uuid>,
        /// Which figure, of a custom goal.
        metric: Option<GoalMetric>,
        /// On which side of the target, of a custom goal.
        comparison: Option<Comparison>,
        /// The one that matters most.
        is_primary: bool,
        /// An inactive goal is kept and not measured.
        active: bool,
        /// What somebody wanted to remember.
        notes: Option<Notes>,
    }
}

impl GoalRow {
    /// The row of a goal.
    #[must_use]
    pub fn of(home: &Household, id: GoalId) -> Option<Self> {
        let goal = home.goals.get(&id)?;
        let terms = goal.kind.terms();
        Some(Self {
            id: id.0,
            name: goal.name.clone(),
            goal_type: goal.kind.goal_type(),
            target: terms.target.map(|target| target.to_string()),
            target_date: terms.target_date,
            member_id: terms.member_id.map(Uuid::from),
            metric: terms.metric,
            comparison: terms.comparison,
            is_primary: goal.is_primary,
            active: goal.active,
            notes: goal.notes.clone(),
        })
    }
}
