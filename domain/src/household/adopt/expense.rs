//! What goes out and what is put aside, made real.

use super::reality::Reality;
use super::reason::Reason;
use crate::calendar::Frequency;
use crate::household::accounts;
use crate::household::command::{AssetDetailsPatch, Holding, Told};
use crate::household::facts::{Flow, FlowKind};
use crate::household::plan::is_property_flow;
use crate::ids::{AccountId, FlowId};
use crate::money::Money;
use crate::projection::changes::Source;
use crate::projection::changes::kind::{AddExpense, ModifyExpense, PayoffDebt, SetSavingsTransfer};
use crate::system_flows::SourceType;
use crate::vocabulary::SystemFlowKind;

pub(super) fn add(reality: &mut Reality<'_>, told: &AddExpense) -> Result<(), Reason> {
    let flow = reality.new_flow(FlowKind::Expense(told.category), told.amount, told.frequency)?;
    reality.add_flow(flow).map(|_| ())
}

fn source(reality: &Reality<'_>) -> Result<FlowId, Reason> {
    match reality.change().source {
        Some(Source::Flow(id)) => Ok(id),
        Some(Source::Income(_) | Source::Account(_)) | None => Err(Reason::Gone("the flow")),
    }
}

pub(super) fn modify(reality: &mut Reality<'_>, told: &ModifyExpense) -> Result<(), Reason> {
    let id = source(reality)?;
    if !reality.home().flows.contains_key(&id) {
        if told.category.is_some() {
            return Err(Reason::NotSayable("what a property costs counts as what it is".into()));
        }
        let annual = told.amount.map(|amount| told.frequency.unwrap_or(Frequency::Monthly).annual_amount(amount));
        return set_cost(reality, id, Some(annual.ok_or(Reason::NotSayable("what a property costs is told without a rhythm".into()))?));
    }
    let was = reality.flow(id)?;
    let amount = told.amount.unwrap_or(was.amount);
    let kind = told.category.map_or(was.kind, FlowKind::Expense);
    let altered = Flow { kind, amount, frequency: told.frequency.unwrap_or(was.frequency), ..was };
    reality.alter_flow(id, amount.is_positive().then_some(altered))
}

pub(super) fn remove(reality: &mut Reality<'_>) -> Result<(), Reason> {
    let id = source(reality)?;
    if reality.home().flows.contains_key(&id) { reality.alter_flow(id, None) } else { set_cost(reality, id, None) }
}

/// The property that a derived flow comes from.
pub(super) fn property_of(reality: &Reality<'_>, id: FlowId, is_meant: impl Fn(SystemFlowKind) -> bool) -> Result<AccountId, Reason> {
    let flow = reality.home().system_flows.get(&id).filter(|flow| is_property_flow(flow.kind) && is_meant(flow.kind));
    let source = flow.map(|flow| flow.source).filter(|source| source.source_type == SourceType::Account);
    source.map(|source| AccountId(source.id)).ok_or(Reason::Gone("the flow"))
}

/// What a property costs a year from now on.
fn set_cost(reality: &mut Reality<'_>, id: FlowId, annual: Option<Money>) -> Result<(), Reason> {
    reality.holds_from_today_on()?;
    let property = property_of(reality, id, |kind| kind != SystemFlowKind::RentalIncome)?;
    let kind = reality.home().system_flows.get(&id).map(|flow| flow.kind);
    let patch = if kind == Some(SystemFlowKind::PropertyTax) {
        AssetDetailsPatch { annual_property_tax: Some(annual), ..Default::default() }
    } else if kind == Some(SystemFlowKind::HomeownersInsurance) {
        AssetDetailsPatch { annual_insurance: Some(annual), ..Default::default() }
    } else {
        AssetDetailsPatch { monthly_hoa: Some(annual.map(|annual| annual.scaled(1, 12))), ..Default::default() }
    };
    let holding = Holding { asset_details: Some(Told::Part(patch)), ..Holding::default() };
    Ok(accounts::change(&mut reality.draft, property, Default::default(), holding)?)
}

/// A standing payment on the debt, beside the regular one; of no more than is owed, as every flow into a debt.
pub(super) fn pay_off(reality: &mut Reality<'_>, told: &PayoffDebt) -> Result<(), Reason> {
    let Some(Source::Account(id)) = reality.change().source else { return Err(Reason::Gone("the debt")) };
    reality.account(id, "the debt")?;
    reality.transfer(told.extra_monthly, id)
}

/// What was put aside into the account stops, and this takes its place.
pub(super) fn put_aside(reality: &mut Reality<'_>, told: &SetSavingsTransfer) -> Result<(), Reason> {
    let target = told.target_account_id.0;
    let is_debt = reality.account(target, "the account")?.account.account_type.is_liability();
    let main_cash = reality.home().main_cash();
    let puts_aside = |flow: &Flow| {
        let arrives = match flow.kind {
            FlowKind::Transfer => flow.to_account_id.or(main_cash) == Some(target),
            FlowKind::Expense(_) => is_debt && flow.to_account_id == Some(target),
            FlowKind::Income(_) => false,
        };
        flow.active && arrives
    };
    let standing: Vec<FlowId> = reality.home().flows.iter().filter(|(_, flow)| puts_aside(flow)).map(|(id, _)| *id).collect();
    let window = reality.window()?;
    for id in standing {
        let flow = reality.flow(id)?;
        if super::flows::divide(flow.start_date, flow.end_date, window, reality.this_month()).is_some() {
            reality.alter_flow(id, None)?;
        }
    }
    if told.amount.is_positive() { reality.transfer(told.amount, target) } else { Ok(()) }
}
