//! Payments of debts.

use serde::{Deserialize, Serialize};

use super::{Flows, Movement, Origin, Source, SourceType};
use crate::calendar::{Date, Frequency, Month};
use crate::fixed::Fraction;
use crate::flow_kind::FlowKind;
use crate::ids::{AccountId, MemberId};
use crate::loans::{Due, MAX_TERM_MONTHS, amortised_payment, interest};
use crate::money::Money;
use crate::rate::Rate;
use crate::vocabulary::{AccountClass, AccountType, ExpenseCategory, SystemFlowKind};

/// A debt that is being paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebtInput {
    /// Which.
    pub account_id: AccountId,
    /// What it is called.
    pub name: String,
    /// Whose.
    pub member_id: Option<MemberId>,
    /// What it is.
    pub account_type: AccountType,
    /// What is owed.
    pub balance: Money,
    /// The day of that balance; the remaining term is counted from here, not from today.
    pub as_of_date: Date,
    /// A year.
    pub interest_rate: Rate,
    /// A month, entered.
    pub minimum_payment: Option<Money>,
    /// Only interest is due.
    pub interest_only: bool,
    /// When it has to be paid back.
    pub maturity_date: Option<Date>,
    /// When it was borrowed.
    pub origination_date: Option<Date>,
    /// From origination, or from the balance's date where that is not known.
    pub term_months: Option<u32>,
    /// A month, on top.
    pub escrow: Option<Money>,
    /// First payment.
    pub start_date: Date,
}

impl DebtInput {
    /// How many payments are left at the balance's date, where the terms say so; at least one.
    #[must_use]
    pub fn remaining_months(&self) -> Option<u16> {
        let balance_month = Month::of(self.as_of_date);
        let left = match (self.maturity_date, self.term_months, self.origination_date) {
            (Some(maturity), _, _) => Month::of(maturity).since(balance_month),
            (None, Some(term), Some(origin)) => i32::try_from(term).ok()?.saturating_sub(balance_month.since(Month::of(origin))),
            (None, Some(term), None) => i32::try_from(term).ok()?,
            (None, None, _) => return None,
        };
        Some(u16::try_from(left.max(1)).unwrap_or(MAX_TERM_MONTHS).min(MAX_TERM_MONTHS))
    }
}

/// What is due each month, without escrow: the minimum payment; else for an instalment debt the amortised payment on the current
/// balance over the remaining term; for a revolving debt interest and 1 % of the balance, at least 25.00, at most all of it. `None`
/// where the terms do not say (an instalment debt without payment, term and maturity).
#[must_use]
pub fn monthly_payment(debt: &DebtInput) -> Option<Money> {
    if !debt.balance.is_positive() {
        return None;
    }
    let interest = interest(debt.balance, Fraction::monthly_interest(debt.interest_rate)).unwrap_or_default();
    let due = if let Some(minimum) = debt.minimum_payment {
        Due::Amount(minimum)
    } else if debt.interest_only {
        Due::Interest
    } else if debt.account_type.class() == AccountClass::RevolvingDebt {
        Due::RevolvingMinimum
    } else {
        Due::Amount(amortised_payment(debt.balance, debt.interest_rate, debt.remaining_months()?))
    };
    Some(due.payment(debt.balance, interest))
}

/// What the payment of a debt counts as.
#[must_use]
#[expect(clippy::wildcard_enum_match_arm, reason = "every other debt, and what is no debt at all, is `other_debt`")]
pub const fn payment_category(account_type: AccountType) -> ExpenseCategory {
    use {AccountType as A, ExpenseCategory as E};
    match account_type {
        A::PrimaryMortgage | A::SecondMortgage => E::MortgagePrincipal,
        A::RentalMortgage => E::RentalMortgage,
        A::AutoLoan => E::AutoLoan,
        A::StudentLoanFederal | A::StudentLoanPrivate => E::StudentLoan,
        A::PersonalLoan | A::PersonalLoc => E::PersonalLoan,
        A::CreditCard | A::StoreCard => E::CreditCardPayment,
        A::Heloc => E::HelocPayment,
        _ => E::OtherDebt,
    }
}

pub(super) fn debt_flows(debt: &DebtInput, main_cash: Option<AccountId>, flows: &mut Flows) {
    let Some(payment) = monthly_payment(debt) else { return };
    let origin = Origin {
        source: Source { source_type: SourceType::Account, id: debt.account_id.0 },
        name: &debt.name,
        member_id: debt.member_id,
        start_date: debt.start_date,
        end_date: None,
    };
    let movement = Movement {
        kind: SystemFlowKind::DebtPayment,
        category: FlowKind::Expense(payment_category(debt.account_type)),
        amount: payment + debt.escrow.unwrap_or_default(),
        frequency: Frequency::Monthly,
        from: main_cash,
        to: None,
    };
    flows.add(origin, "", movement);
}
