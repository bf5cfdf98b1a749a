//! What a change of a type does: the one thing that a new type has to say beside its parameters.

use super::Source;
use super::course::{Laid, Moment, Recurring};
use super::parameter::WageIncome;
use super::said::Names;
use super::words::{DebtScope, InvestmentScope};
use crate::ids::AccountId;
use crate::projection::plan::Plan;
use crate::vocabulary::{AccountType, IncomeType};

/// What a change depends on beside what it is about. Whatever looks around is laid over everything that does not, whatever their days:
/// a contribution of every job is one of those, too, that begin later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// Nothing.
    Itself,
    /// On what there is.
    WhatThereIs,
    /// On what is paid this month: laid anew every month.
    WhatIsPaid,
}

/// What has to be there for a change to have an effect, beside what it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Some debt of these.
    Debt(DebtScope),
    /// Something of this kind that has a market value.
    Investment(InvestmentScope),
    /// This job, or any.
    Job(Option<WageIncome>),
    /// This account.
    Account(AccountId),
}

/// What a change does, and how it is said. A type implements what its timing asks for: [`Effect::happen`] what happens once,
/// [`Effect::lay`] what stands, [`Effect::recur`] what moves money in every month in which it holds.
pub(super) trait Effect {
    /// At the start of its month: acts on the state, books what it moves.
    fn happen(&self, _moment: &mut Moment<'_, '_, '_>) {}

    /// Laid over what was there, whenever what is in force changes.
    fn lay(&self, _laid: &mut Laid<'_, '_>) {}

    /// Of what else there is it depends.
    fn reach(&self) -> Reach {
        Reach::Itself
    }

    /// At the start of every month in which it holds. What happened once may recur for as long as [`Effect::lasts_months`] says.
    fn recur(&self, _month: &mut Recurring<'_, '_, '_>) {}

    /// How long what happened once goes on to be felt.
    fn lasts_months(&self) -> u16 {
        0
    }

    /// For how many months it holds, where its parameters say so.
    fn duration_months(&self) -> Option<u16> {
        None
    }

    /// What the account is that it opens, if it opens one.
    fn opens(&self) -> Option<AccountType> {
        None
    }

    /// What pays for the account that it opens: whoever owns that, owns this.
    fn paid_from(&self) -> Option<AccountId> {
        None
    }

    /// The plans that it contributes to: whose, by their place among the plan's members, and of which type. Who has none gets one.
    fn puts_aside(&self, _plan: &Plan) -> Vec<(usize, AccountType)> {
        Vec::new()
    }

    /// What tells two settings of this type apart beside what they refer to.
    fn distinguishing_word(&self) -> Option<&'static str> {
        None
    }

    /// Rules between parameters: a field, and what is wrong with it.
    fn check(&self, _refuse: &mut dyn FnMut(&'static str, &'static str)) {}

    /// Why it cannot be about an account of this type, where it is about accounts at all.
    fn cannot_be_about(&self, _account_type: AccountType) -> Option<&'static str> {
        None
    }

    /// Why it cannot be about an income of this type, where it is about incomes at all.
    fn cannot_be_about_income(&self, _income_type: IncomeType) -> Option<&'static str> {
        None
    }

    /// What has to be there, beside what it is about.
    fn needs(&self) -> Option<Needs> {
        None
    }

    /// What it does, as the end of a sentence that begins with its day: `salary at Acme becomes 110,000.00 a year`.
    fn said(&self, about: Option<Source>, names: &dyn Names) -> String;
}
