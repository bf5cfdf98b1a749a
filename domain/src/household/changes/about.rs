//! What a change may be about: the things of the household, and the accounts that other changes of its scenario open by its day.

use super::own_changes;
use crate::calendar::Date;
use crate::household::error::{Checks, Rule};
use crate::household::facts::FlowKind;
use crate::household::plan::is_property_flow;
use crate::household::reconcile::is_wage;
use crate::household::state::Household;
use crate::ids::{AccountId, FlowId, IncomeId, ScenarioId};
use crate::projection::changes::parameter::Reference;
use crate::projection::changes::{ChangeKind, Object, PlannedChange, ScenarioChange, Source};
use crate::vocabulary::AccountType;

/// What a change of a scenario may be about.
pub(super) struct About<'h> {
    home: &'h Household,
    /// What is written down in its scenario and those that it inherits from: accounts that are opened there may be meant, too.
    planned: Vec<PlannedChange>,
    day: Date,
}

impl<'h> About<'h> {
    /// On a day. What is disabled is written down all the same: whoever tries a plan without a house does not lose its sale.
    pub(super) fn of(home: &'h Household, scenario: ScenarioId, day: Date) -> Self {
        let planned = home.ancestors(scenario).flat_map(|(id, _)| own_changes(home, id));
        Self { home, planned: planned.collect(), day }
    }

    /// Everything that a change is about or names.
    pub(super) fn check(&self, checks: &mut Checks, change: &ScenarioChange) {
        self.check_source(checks, change);
        for (field, reference) in change.kind.references() {
            if let Err(rule) = self.check_reference(reference) {
                checks.require(false, format!("parameters.{field}"), || rule);
            }
        }
    }

    /// What an account is, of the household or brought by an earlier change.
    fn account_type(&self, id: AccountId) -> Option<AccountType> {
        let known = self.home.accounts.get(&id).map(|state| state.account.account_type);
        let opened = || {
            let before = self.planned.iter().filter(|planned| planned.change.effective_date <= self.day);
            before.filter_map(PlannedChange::opens).find(|(opened, _)| *opened == id).map(|(_, account_type)| account_type)
        };
        known.or_else(opened).filter(|account_type| *account_type != AccountType::PayrollClearing)
    }

    fn check_source(&self, checks: &mut Checks, change: &ScenarioChange) {
        let object = change.kind.change_type().object();
        let (wanted, is_wanted) = match (object, change.source) {
            (Object::Nothing, None) => return,
            (Object::Nothing, Some(_)) => {
                return checks.require(false, "source", || Rule::NotAllowedHere("this change is about nothing that is there"));
            }
            (Object::Income, source) => ("this change is about an income", matches!(source, Some(Source::Income(_)))),
            (Object::IncomeOrFlow, source) => {
                ("this change is about an income or a flow", matches!(source, Some(Source::Income(_) | Source::Flow(_))))
            }
            (Object::ExpenseFlow, source) => ("this change is about a flow", matches!(source, Some(Source::Flow(_)))),
            (Object::Asset | Object::Debt, source) => ("this change is about an account", matches!(source, Some(Source::Account(_)))),
        };
        match change.source {
            None => checks.require(false, "source", || Rule::Required(wanted)),
            Some(_) if !is_wanted => checks.require(false, "source.type", || Rule::NotAllowedHere(wanted)),
            Some(source) => {
                if let Err(rule) = self.check_object(object, source, &change.kind) {
                    checks.require(false, "source.id", || rule);
                }
            }
        }
    }

    fn check_object(&self, object: Object, source: Source, kind: &ChangeKind) -> Result<(), Rule> {
        match source {
            Source::Income(id) => {
                let income = self.home.incomes.get(&id).ok_or(Rule::UnknownIncome)?;
                kind.cannot_be_about_income(income.income.income_type).map_or(Ok(()), |why| Err(Rule::NotAllowedHere(why)))
            }
            Source::Flow(id) => match (self.flow_kind(id).ok_or(Rule::UnknownFlow)?, object) {
                (FlowKind::Income(_), Object::IncomeOrFlow) | (FlowKind::Expense(_), Object::ExpenseFlow) => Ok(()),
                (FlowKind::Income(_) | FlowKind::Transfer, _) => Err(Rule::NotAllowedHere("this change is about a flow that goes out")),
                (FlowKind::Expense(_), _) => Err(Rule::NotAllowedHere("this change is about a flow that comes in")),
            },
            Source::Account(id) => {
                let account_type = self.account_type(id).ok_or(Rule::UnknownAccount)?;
                let fits = account_type.is_liability() == (object == Object::Debt);
                match kind.cannot_be_about(account_type) {
                    _ if !fits => Err(Rule::WrongAccountType(account_type)),
                    Some(why) => Err(Rule::NotAllowedHere(why)),
                    None => Ok(()),
                }
            }
        }
    }

    /// Of an entered flow, or of one that a property brings or costs. The others follow from incomes and debts, and change with those.
    fn flow_kind(&self, id: FlowId) -> Option<FlowKind> {
        let entered = self.home.flows.get(&id).map(|flow| flow.kind);
        let of_property = || self.home.system_flows.get(&id).filter(|flow| is_property_flow(flow.kind)).map(|flow| flow.category);
        entered.or_else(of_property)
    }

    /// Whether an earlier change makes a job of a business.
    fn becomes_a_job(&self, id: IncomeId) -> bool {
        let mut of_it = self.planned.iter().map(|planned| &planned.change).filter(|change| change.source == Some(Source::Income(id)));
        of_it.any(|change| change.kind.makes_a_job_of_it() && change.effective_date <= self.day)
    }

    fn check_reference(&self, reference: Reference) -> Result<(), Rule> {
        let account = |id: AccountId, fits: fn(AccountType) -> bool| {
            let account_type = self.account_type(id).ok_or(Rule::UnknownAccount)?;
            if fits(account_type) { Ok(()) } else { Err(Rule::WrongAccountType(account_type)) }
        };
        match reference {
            Reference::Owned(id) => account(id, |account_type| !account_type.is_liability()),
            Reference::Any(id) if self.home.main_cash() == Some(id) => {
                Err(Rule::NotAllowedHere("money is put aside from this account: it cannot go there, too"))
            }
            Reference::Any(id) => account(id, |_| true),
            Reference::Debt(id) => account(id, AccountType::is_liability),
            Reference::Member(id) if self.home.members.contains_key(&id) => Ok(()),
            Reference::Member(_) => Err(Rule::UnknownMember),
            Reference::WageIncome(id) => {
                let income = self.home.incomes.get(&id).ok_or(Rule::UnknownIncome)?;
                if is_wage(income.income.income_type) || self.becomes_a_job(id) {
                    Ok(())
                } else {
                    Err(Rule::NotAllowedHere("only an income with paychecks by then has deductions and withholding"))
                }
            }
        }
    }
}
