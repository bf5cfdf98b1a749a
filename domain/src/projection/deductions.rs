//! What is taken out of pay, where it goes, and what an employer adds. Limits are by calendar year: what is beyond them stays in
//! the pay. In the plan's first year the months before the plan are taken to have been like its first one.

use crate::fixed::Fraction;
use crate::money::Money;
use crate::payroll::DeductionType;
use crate::projection::books::Books;
use crate::projection::clock::Portion;
use crate::projection::debts;
use crate::projection::figures::EarnerFigures;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{DeductionAmount, DeductionTarget, EmployerMatch, PlanDeduction, PlanIncome, WageEffect};
use crate::projection::state::{Slots, raised};
use crate::rate::Rate;

/// A deduction, and how much of its limits is used.
#[derive(Clone, Debug)]
pub(super) struct DeductionState {
    /// What it is for.
    pub kind: DeductionType,
    /// A change brings it; there is one for each kind.
    pub is_brought: bool,
    /// Where it goes.
    pub to: Slot,
    /// What it is booked as.
    pub purpose: Purpose,
    amount: Amount,
    effect: WageEffect,
    pays_debt: bool,
    limit: Limit,
    matching: Option<Matching>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Amount {
    PerYear(Money),
    OfGross(Fraction),
}

/// A limit by calendar year, and what has been used of it.
#[derive(Clone, Copy, Debug)]
struct Limit {
    annual: Option<Money>,
    used: Money,
}

#[derive(Clone, Copy, Debug)]
struct Matching {
    rate: Fraction,
    cap_fraction: Option<Fraction>,
    limit: Limit,
}

/// What one paycheck, or a month of them, takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taken {
    /// From the pay.
    pub amount: Money,
    /// From the employer.
    pub matched: Money,
    /// More had been asked for than the year's limit left.
    pub limit_reached: bool,
}

impl DeductionState {
    /// A deduction of the plan; `elapsed` months of the calendar year were paid before it.
    pub fn new(deduction: &PlanDeduction, income: &PlanIncome, slots: &Slots<'_>, elapsed: i32) -> Self {
        let amount = match deduction.amount {
            DeductionAmount::Fixed(amount) => Amount::PerYear(amount.scaled(income.pay_frequency.periods_per_year(), 1)),
            DeductionAmount::Percent(rate) => Amount::OfGross(Fraction::of_rate(rate)),
        };
        let (to, purpose) = match deduction.target {
            DeductionTarget::Spent(category) => (Slot::Outside(Outside::Merchants), Purpose::Spending(category)),
            DeductionTarget::Account(id) => (slots.of(id), Purpose::Contribution),
        };
        let debt = slots.account(to).filter(|account| account.account_type.is_liability());
        let purpose = debt.map_or(purpose, |debt| Purpose::ExtraPayment(debts::principal_category(debt.account_type)));
        let limit = Limit { annual: deduction.annual_cap, used: Money::ZERO };
        // An employer matches what is put aside, not what is spent or paid on a debt.
        let matching = deduction.employer_match.filter(|_| purpose == Purpose::Contribution).map(Matching::new);
        let mut state = Self {
            kind: deduction.kind,
            is_brought: false,
            to,
            purpose,
            amount,
            effect: deduction.effect,
            pays_debt: debt.is_some(),
            limit,
            matching,
        };
        let before = state.asked(income.annual_gross, |annual| annual).scaled(i64::from(elapsed), 12);
        let taken = state.limit.take(before);
        if let Some(matching) = &mut state.matching {
            matching.take(taken, income.annual_gross.scaled(i64::from(elapsed), 12));
        }
        state
    }

    /// A deduction that a change brings, into an account that is owned or, where it is spent, to nobody in particular.
    pub fn brought(kind: DeductionType, to: Slot, purpose: Purpose, effect: WageEffect, annual_limit: Option<Money>) -> Self {
        let limit = Limit { annual: annual_limit, used: Money::ZERO };
        Self { kind, is_brought: true, to, purpose, amount: Amount::PerYear(Money::ZERO), effect, pays_debt: false, limit, matching: None }
    }

    /// This part of gross from now on.
    pub fn set_part(&mut self, part: Rate) {
        self.amount = Amount::OfGross(Fraction::of_rate(part));
    }

    /// So much a year from now on.
    pub fn set_annual(&mut self, annual: Money) {
        self.amount = Amount::PerYear(annual);
    }

    /// Takes nothing from now on. Says whether it did before.
    pub fn stop(&mut self) -> bool {
        let nothing = Amount::PerYear(Money::ZERO);
        std::mem::replace(&mut self.amount, nothing) != nothing
    }

    /// Takes over how much another form of the same deduction takes, and keeps what the year has seen. Says whether that is another
    /// amount.
    pub fn take_terms(&mut self, laid: &Self) -> bool {
        let differs = self.amount != laid.amount;
        self.amount = laid.amount;
        differs
    }

    /// What it asks for of this gross, where `share` is the part of the year that the gross is for.
    fn asked(&self, gross: Money, share: impl Fn(Money) -> Money) -> Money {
        match self.amount {
            Amount::PerYear(annual) => share(annual),
            Amount::OfGross(rate) => rate.of(gross).unwrap_or(gross),
        }
    }

    /// What a whole year at this pay takes, within the year's limit.
    pub fn asked_in_a_year(&self, annual_gross: Money) -> Money {
        let asked = self.asked(annual_gross, |annual| annual);
        self.limit.annual.map_or(asked, |limit| asked.min(limit))
    }

    /// Takes this month's share, within the year's limit and, on a debt, within what is owed.
    pub fn take(&mut self, gross: Money, portion: Portion, books: &Books<'_>) -> Taken {
        let asked = self.asked(gross, |annual| portion.of(annual));
        let owed = (-books.balance(self.to)).at_least_zero();
        let asked = if self.pays_debt { asked.min(owed) } else { asked };
        let amount = self.limit.take(asked);
        let matched = self.matching.as_mut().map_or(Money::ZERO, |matching| matching.take(amount, gross));
        Taken { amount, matched, limit_reached: amount < asked }
    }

    /// Puts an amount taken on the earner's figures of the year.
    pub fn note(&self, figures: &mut EarnerFigures, amount: Money) {
        match self.effect {
            WageEffect::IncomeTax => figures.pretax_401k += amount,
            WageEffect::PayrollHsa => figures.payroll_hsa += amount,
            WageEffect::Cafeteria => figures.cafeteria += amount,
            WageEffect::None => {}
        }
    }

    /// The calendar year turns: nothing is used of the limits, and the law's limit has risen.
    pub fn turn_year(&mut self, rise: Fraction) {
        self.limit.used = Money::ZERO;
        self.limit.annual = self.limit.annual.map(|annual| raised(annual, rise));
        if let Some(matching) = &mut self.matching {
            matching.limit.used = Money::ZERO;
        }
    }
}

impl Limit {
    /// As much of `asked` as the year's limit leaves.
    fn take(&mut self, asked: Money) -> Money {
        let taken = self.annual.map_or(asked, |annual| asked.min((annual - self.used).at_least_zero()));
        self.used += taken;
        taken
    }
}

impl Matching {
    fn new(matching: EmployerMatch) -> Self {
        Self {
            rate: Fraction::of_rate(matching.rate),
            cap_fraction: matching.cap_fraction.map(Fraction::of_rate),
            limit: Limit { annual: matching.annual_cap, used: Money::ZERO },
        }
    }

    /// The match of a contribution out of this gross: `rate` × the contribution, of which no more than `cap_fraction` of gross counts.
    fn take(&mut self, contribution: Money, gross: Money) -> Money {
        let counts = self.cap_fraction.and_then(|fraction| fraction.of(gross)).map_or(contribution, |cap| contribution.min(cap));
        self.limit.take(self.rate.of(counts).unwrap_or_default())
    }
}
