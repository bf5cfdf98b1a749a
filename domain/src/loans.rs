//! Loans: what a month of a debt costs, the payment that repays it in time, and the whole schedule.
//!
//! The arithmetic of one month ([`interest`], [`Due`], [`amortised_payment`]) is the projection engine's too, so that a schedule
//! and a forecast of the same loan cannot differ by a cent. The conventions are the lenders': a month's interest is a twelfth of
//! the annual rate on the balance, payments fall at the end of the month, interest and payment are rounded to the cent half up,
//! and the last payment is what remains. Deliberately absent: days (30/360 has none) and fees.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::fixed::Fraction;
use crate::money::Money;
use crate::rate::Rate;

/// The longest term, in months: that of the longest forecast.
pub const MAX_TERM_MONTHS: u16 = 600;
/// The part of a revolving debt's balance that its least payment takes beside the interest: 1 %.
const REVOLVING_PART: i64 = 100;
/// The least payment of a revolving debt: 25.00.
const REVOLVING_LEAST: Money = Money::from_cents(2_500);

/// The interest of one month on what is owed; nothing on a credit balance. `None` where it does not fit.
#[must_use]
pub fn interest(owed: Money, monthly: Fraction) -> Option<Money> {
    if owed.is_positive() { monthly.of(owed) } else { Some(Money::ZERO) }
}

/// The payment that repays `owed` in `months` equal parts, rounded half up: P·r / (1 − (1 + r)^−n), with r = annual / 12.
///
/// It is computed from (1 + r)^−n and not from (1 + r)^n, which no number type holds for a high rate and a long term.
#[must_use]
pub fn amortised_payment(owed: Money, annual: Rate, months: u16) -> Money {
    let equal_parts = owed.scaled(1, i64::from(months.max(1)));
    if annual.is_zero() || !owed.is_positive() {
        return equal_parts.at_least_zero();
    }
    let exact = || {
        let monthly = annual.fraction().checked_div(Decimal::from(12))?;
        let discount = power(Decimal::ONE.checked_div(Decimal::ONE.checked_add(monthly)?)?, months.max(1));
        owed.to_decimal().checked_mul(monthly)?.checked_div(Decimal::ONE.checked_sub(discount)?)
    };
    exact().map_or(equal_parts, Money::round) // `None` only for a rate so small that its discount is 1 in 28 digits
}

/// `base` to a whole power, by squaring. For a base between 0 and 1 no product overflows; it only runs out of digits, towards 0.
fn power(base: Decimal, exponent: u16) -> Decimal {
    let (mut result, mut square, mut left) = (Decimal::ONE, base, exponent);
    while left > 0 {
        if left % 2 == 1 {
            result = result.checked_mul(square).unwrap_or_default();
        }
        square = square.checked_mul(square).unwrap_or_default();
        left /= 2;
    }
    result
}

/// What a lender asks for at the end of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Nothing: the debt is in forbearance, or has no payment.
    Nothing,
    /// The month's interest.
    Interest,
    /// A fixed amount.
    Amount(Money),
    /// All that is owed: the last month of the term.
    Everything,
    /// The least payment of a revolving debt: interest and 1 % of the balance, at least 25.00.
    RevolvingMinimum,
}

impl Due {
    /// The payment, given what was owed before this month's interest, and that interest; never more than both together.
    #[must_use]
    pub fn payment(self, owed: Money, interest: Money) -> Money {
        let everything = (owed + interest).at_least_zero();
        match self {
            Self::Nothing => Money::ZERO,
            Self::Interest => interest.min(everything),
            Self::Amount(amount) => amount.at_least_zero().min(everything),
            Self::Everything => everything,
            Self::RevolvingMinimum => (interest + owed.scaled(1, REVOLVING_PART)).max(REVOLVING_LEAST).min(everything),
        }
    }
}

/// A loan as a lender offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoanTerms {
    /// What is borrowed.
    pub principal: Money,
    /// Interest a year, 0 … 1.
    pub annual_rate: Rate,
    /// Months to the end, 1 … 600, the interest-only ones included. In the last one all that is left falls due.
    pub term_months: u16,
    /// The payment a month; else the one that repays the loan in its term.
    pub payment: Option<Money>,
    /// Paid on top of it every month from the first on, all of it principal.
    pub extra_payment: Money,
    /// Months at the start in which only interest is due.
    pub interest_only_months: u16,
}

/// A loan's months and what they come to. Serialises to the answer of `POST /loans/schedule`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// The regular payment, after the interest-only months where there are any; without the extra one.
    pub monthly_payment: Money,
    /// The month in which the last cent is paid.
    pub payoff_month: u16,
    /// All interest.
    pub total_interest: Money,
    /// What remained to be paid in the last month.
    pub final_payment: Money,
    /// Every month up to the last.
    pub months: Vec<ScheduleMonth>,
}

/// One month of a loan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleMonth {
    /// 1 = the first.
    pub month: u16,
    /// Everything paid, extra payment included.
    pub payment: Money,
    /// The interest in it.
    pub interest: Money,
    /// The rest of it.
    pub principal: Money,
    /// What is owed afterwards.
    pub balance: Money,
}

/// Why there is no schedule. [`LoanError::field`] is the field to mend.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoanError {
    /// Nothing was borrowed.
    #[error("the principal must be more than 0.00")]
    PrincipalNotPositive,
    /// A rate below 0 % or above 100 %.
    #[error("the annual rate must be a fraction between 0 and 1, such as \"0.065\"")]
    RateOutOfRange,
    /// No month, or too many.
    #[error("the term must be 1 to {MAX_TERM_MONTHS} months")]
    TermOutOfRange,
    /// A payment of nothing.
    #[error("the payment must be more than 0.00")]
    PaymentNotPositive,
    /// An extra payment that takes money out.
    #[error("the extra payment must not be negative")]
    ExtraNegative,
    /// No month left in which to repay.
    #[error("the interest-only months must be fewer than the {term_months} months of the term")]
    InterestOnlyTooLong {
        /// The whole term.
        term_months: u16,
    },
    /// What is owed would never fall.
    #[error("the payment of {payment} does not cover the interest of {interest} a month: the loan would never be repaid")]
    PaymentBelowInterest {
        /// What is paid a month, extra payment included.
        payment: Money,
        /// The interest of the first month in which the payment is due.
        interest: Money,
    },
}

impl LoanError {
    /// The field of the request that it is about.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::PrincipalNotPositive => "principal",
            Self::RateOutOfRange => "annual_rate",
            Self::TermOutOfRange => "term_months",
            Self::PaymentNotPositive | Self::PaymentBelowInterest { .. } => "payment",
            Self::ExtraNegative => "extra_payment",
            Self::InterestOnlyTooLong { .. } => "interest_only_months",
        }
    }

    /// A stable word for it.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PrincipalNotPositive | Self::PaymentNotPositive => "not_positive",
            Self::RateOutOfRange | Self::TermOutOfRange => "out_of_range",
            Self::ExtraNegative => "negative",
            Self::InterestOnlyTooLong { .. } => "too_long",
            Self::PaymentBelowInterest { .. } => "below_interest",
        }
    }
}

impl LoanTerms {
    /// Everything that is wrong with the terms taken by themselves.
    fn problems(&self) -> Vec<LoanError> {
        let term_fits = (1..=MAX_TERM_MONTHS).contains(&self.term_months);
        let checks = [
            (self.principal.is_positive(), LoanError::PrincipalNotPositive),
            ((Rate::ZERO..=Rate::ONE).contains(&self.annual_rate), LoanError::RateOutOfRange),
            (term_fits, LoanError::TermOutOfRange),
            (self.payment.is_none_or(Money::is_positive), LoanError::PaymentNotPositive),
            (!self.extra_payment.is_negative(), LoanError::ExtraNegative),
            (!term_fits || self.interest_only_months < self.term_months, LoanError::InterestOnlyTooLong { term_months: self.term_months }),
        ];
        checks.into_iter().filter(|(holds, _)| !holds).map(|(_, problem)| problem).collect()
    }
}

/// The schedule of a loan to its last cent.
///
/// The payment after the interest-only months is fixed from what is owed when they end. A stated payment that is too low for the
/// term leaves the rest to the last month (a balloon).
///
/// # Errors
/// Everything that is wrong with the terms at once; and [`LoanError::PaymentBelowInterest`], where a stated payment does not even
/// cover the interest.
pub fn schedule(terms: &LoanTerms) -> Result<Schedule, Vec<LoanError>> {
    let problems = terms.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    let monthly = Fraction::monthly_interest(terms.annual_rate);
    let (mut owed, mut total_interest, mut regular) = (terms.principal, Money::ZERO, terms.payment);
    let mut months: Vec<ScheduleMonth> = Vec::with_capacity(usize::from(terms.term_months));
    for month in 1..=terms.term_months {
        // It cannot overflow: the principal is at most 10^15 cents, the rate at most 1, and what is owed does not grow.
        let interest = interest(owed, monthly).unwrap_or_default();
        let interest_only = month <= terms.interest_only_months;
        let due = match (month == terms.term_months, interest_only) {
            (true, _) => Due::Everything,
            (false, true) => Due::Interest,
            (false, false) => {
                let left = terms.term_months.saturating_sub(month).saturating_add(1);
                let amount = *regular.get_or_insert_with(|| amortised_payment(owed, terms.annual_rate, left));
                Due::Amount(amount)
            }
        };
        if let (Due::Amount(amount), Some(_)) = (due, terms.payment) {
            let payment = amount + terms.extra_payment;
            if payment <= interest {
                return Err(vec![LoanError::PaymentBelowInterest { payment, interest }]);
            }
        }
        let payment = due.payment(owed, interest);
        let payment = payment + terms.extra_payment.min(owed + interest - payment);
        owed = owed + interest - payment;
        total_interest += interest;
        months.push(ScheduleMonth { month, payment, interest, principal: payment - interest, balance: owed });
        if owed.is_zero() {
            break;
        }
    }
    Ok(finished(terms, regular, total_interest, months))
}

/// The months and what they come to. A loan that is gone before a regular payment was ever due (a term of one month, or extra
/// payments within the interest-only months) still has one: what would have repaid it.
fn finished(terms: &LoanTerms, regular: Option<Money>, total_interest: Money, months: Vec<ScheduleMonth>) -> Schedule {
    let last = months.last().copied();
    let repaying = terms.term_months.saturating_sub(terms.interest_only_months);
    let before = usize::from(terms.interest_only_months).checked_sub(1).and_then(|index| months.get(index));
    let owed_then = before.map_or(terms.principal, |month| month.balance);
    Schedule {
        monthly_payment: regular.unwrap_or_else(|| amortised_payment(owed_then, terms.annual_rate, repaying)),
        payoff_month: last.map_or(0, |month| month.month),
        total_interest,
        final_payment: last.map_or(Money::ZERO, |month| month.payment),
        months,
    }
}
