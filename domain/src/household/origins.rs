//! What the things are called that a comparison's differences come from.

use super::state::Household;
use crate::projection::Plan;
use crate::projection::attribution::Origin;

/// What a thing is called that money came or went because of, in a plan of a household. `None` where neither of the two knows it: a
/// thing that is gone since, in the plan of another day.
#[must_use]
pub fn origin_name(home: &Household, plan: &Plan, origin: Origin) -> Option<String> {
    match origin {
        Origin::Income(id) => home.incomes.get(&id).map(|state| state.income.name.to_string()),
        Origin::Flow(id) => {
            let entered = home.flows.get(&id).map(|flow| flow.name.to_string());
            entered.or_else(|| home.system_flows.get(&id).map(|flow| flow.name.clone()))
        }
        Origin::Account(id) if id == plan.overdraft => Some("Overdraft".to_owned()),
        Origin::Account(id) => {
            let own = home.accounts.get(&id).map(|state| state.account.name.to_string());
            // A household without any cash account has a wallet in its plans.
            own.or_else(|| (id == plan.main_cash).then(|| "Cash".to_owned()))
        }
        Origin::Change(id) => plan.changes.iter().find(|planned| planned.id == id).map(|planned| planned.change.name.to_string()),
        Origin::Household => Some("The household as a whole".to_owned()),
    }
}
