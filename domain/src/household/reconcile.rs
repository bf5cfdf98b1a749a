//! What stands against what should stand: every command ends here, whichever way it came in.
//!
//! Three steps: a new tax year begins; accounts that flows need are opened; the flows that should stand are compared with those that
//! do, and the difference is one event. Idempotent: once reconciled, a household reconciles to nothing.

use std::collections::BTreeMap;

use chrono::Datelike;

use super::decide::Draft;
use super::error::{HouseholdError, Rule, Violation};
use super::event::{ChangedFlow, Event};
use super::facts::{Account, Income};
use super::inputs;
use crate::calendar::Date;
use crate::ids::{AccountId, FlowId, MemberId};
use crate::system_flows::{SystemFlow, system_flows as flows_that_should_stand};
use crate::tax::{TaxError, TaxTables, YearTables};
use crate::text::Name;
use crate::vocabulary::{AccountType, IncomeType};

/// Brings the system flows in line with the facts of the draft.
pub(super) fn system_flows(draft: &mut Draft, tables: &TaxTables) -> Result<(), HouseholdError> {
    begin_tax_year(draft, tables)?;
    let tables = tables.in_force(draft.opening()?.tax_year).map_err(refused)?;
    open_needed_accounts(draft)?;
    let mut wanted = wanted_flows(draft, tables)?;
    // Asked of the flows themselves, so that no kind of them can be forgotten here.
    if draft.household.main_cash().is_none() && wanted.iter().any(SystemFlow::lacks_an_account) {
        open(draft, "checking", "Checking (opened for your pay and bills)", AccountType::Checking, None)?;
        wanted = wanted_flows(draft, tables)?;
    }
    if let Some(event) = difference(&draft.household.system_flows, wanted) {
        draft.record(event);
    }
    Ok(())
}

fn wanted_flows(draft: &Draft, tables: &YearTables) -> Result<Vec<SystemFlow>, HouseholdError> {
    let inputs = inputs::system_flow_inputs(&draft.household, draft.opening()?.id, tables);
    inputs.and_then(|inputs| flows_that_should_stand(&inputs, tables)).map_err(refused)
}

/// The year whose tables hold on a day: its own, or the last known before it.
pub(super) fn tax_year(day: Date, tables: &TaxTables) -> Result<i32, HouseholdError> {
    tables.in_force(day.year()).map(YearTables::year).map_err(refused)
}

/// Only forward: a clock that was stepped back does not bring last year's tables back.
fn begin_tax_year(draft: &mut Draft, tables: &TaxTables) -> Result<(), HouseholdError> {
    let (was, tax_year) = (draft.opening()?.tax_year, tax_year(draft.today, tables)?);
    if tax_year > was {
        draft.record(Event::TaxYearBegan { tax_year, was });
    }
    Ok(())
}

/// The law cannot answer: the field that it was asked about.
fn refused(error: TaxError) -> HouseholdError {
    let field = match &error {
        TaxError::UnknownYear { .. } => "decided_at",
        TaxError::StateNotSupported(_) => "state",
        TaxError::Negative { field, .. } | TaxError::TooLarge { field, .. } => field,
        TaxError::MoreThanContains { .. } | TaxError::DeductionsExceedPay { .. } => "amount",
    };
    HouseholdError::Invalid(vec![Violation { field: field.to_owned(), rule: Rule::Tax(error) }])
}

/// Payroll needs its clearing account, contributions need a plan to go to. What is missing is opened in the same batch.
fn open_needed_accounts(draft: &mut Draft) -> Result<(), HouseholdError> {
    let home = &draft.household;
    if home.incomes.values().any(|state| pays_wages(&state.income)) && home.payroll_clearing().is_none() {
        open(draft, "payroll_clearing", "Payroll clearing", AccountType::PayrollClearing, None)?;
    }
    for (member, account_type) in inputs::missing_plan_accounts(&draft.household) {
        let owner = member.map(|id| id.to_string()).unwrap_or_default();
        let name = format!("{} (opened for your contributions)", account_type.as_str().replace('_', " "));
        open(draft, &format!("{}/{owner}", account_type.as_str()), &name, account_type, member)?;
    }
    Ok(())
}

/// A job that pays something.
pub(super) fn pays_wages(income: &Income) -> bool {
    income.active && is_wage(income.income_type) && income.pay.annual().is_positive()
}

/// Paid through payroll, with a W-2.
pub(super) const fn is_wage(income_type: IncomeType) -> bool {
    matches!(income_type, IncomeType::W2 | IncomeType::W2Hourly)
}

fn open(
    draft: &mut Draft,
    purpose: &str,
    name: &str,
    account_type: AccountType,
    member_id: Option<MemberId>,
) -> Result<(), HouseholdError> {
    // A person may have removed the account that was opened last time: the next one is another, and needs another id.
    let before = draft.household.accounts_opened_by_system.to_string();
    let id = AccountId(draft.opening()?.id.derive(&["account", purpose, &before]));
    let account = Account {
        name: Name::parse(name).map_err(|_| HouseholdError::NoSuchHousehold)?,
        account_type,
        institution: None,
        last_four: None,
        member_id,
        asset_group_id: None,
        active: true,
        display_order: 0,
        notes: None,
    };
    draft.record(Event::AccountOpened { id, account, opened_on: draft.today, opened_by_system: true });
    Ok(())
}

/// What was added, changed and removed; nothing where both are the same.
fn difference(standing: &BTreeMap<FlowId, SystemFlow>, wanted: Vec<SystemFlow>) -> Option<Event> {
    let (mut added, mut changed, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for flow in wanted {
        kept.push(flow.id);
        match standing.get(&flow.id) {
            None => added.push(flow),
            Some(was) if *was != flow => changed.push(ChangedFlow { was: was.clone(), now: flow }),
            Some(_) => {}
        }
    }
    kept.sort_unstable();
    let removed: Vec<SystemFlow> = standing.values().filter(|flow| kept.binary_search(&flow.id).is_err()).cloned().collect();
    let unchanged = added.is_empty() && changed.is_empty() && removed.is_empty();
    (!unchanged).then_some(Event::SystemFlowsGenerated { added, changed, removed })
}
