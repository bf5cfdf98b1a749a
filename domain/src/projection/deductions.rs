//! What is taken out of pay, where it goes, and what an employer adds. Limits are by calendar year, those of the law a person's
//! ([`crate::projection::allowances`]): what is beyond them stays in the pay. In the plan's first year the months before the plan
//! are taken to have been like its first one.

use crate::fixed::Fraction;
use crate::money::Money;
use crate::payroll::ContributionLimit;
use crate::projection::allowances::{Allowances, ByLimit};
use crate::projection::books::Books;
use crate::projection::clock::Portion;
use crate::projection::debts;
use crate::projection::figures::EarnerFigures;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{DeductionAmount, DeductionTarget, DeductionType, EmployerMatch, PlanDeduction, PlanIncome, WageEffect};
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

/// A limit of the plan's own by calendar year, and what has been used of it.
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
    /// More had been asked for, or would have been added, than the year's limits left.
    pub limit_reached: bool,
}

/// What the limits of the law leave in this year.
#[derive(Debug)]
pub(super) struct Room<'a> {
    /// Of every person.
    pub allowances: &'a mut Allowances,
    /// Whose pay it is.
    pub person: usize,
    /// By employee and employer to this employer's plan, this year.
    pub added: &'a mut Money,
}

impl DeductionState {
    /// A deduction of the plan; `elapsed` months of the calendar year were paid before it, and have used up what they took.
    pub fn new(deduction: &PlanDeduction, income: &PlanIncome, slots: &Slots<'_>, elapsed: i32, room: &mut Room<'_>) -> Self {
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
        let kind = deduction.kind;
        let effect = deduction.effect;
        let mut state = Self { kind, is_brought: false, to, purpose, amount, effect, pays_debt: debt.is_some(), limit, matching };
        // Of a limit they used no more than their months' share: the rest of the year contributes as they did, as the derived flows do,
        // and a year that is scaled from those months comes out at the limit.
        let share = |annual: Money| annual.scaled(i64::from(elapsed), 12);
        let before = share(state.asked(income.annual_gross, |annual| annual));
        let before = state.limit.annual.map_or(before, |annual| before.min(share(annual)));
        let before = kind.limit().map_or(before, |limit| {
            let left = share(room.allowances.annual(room.person, limit)) - room.allowances.used(room.person, limit);
            before.min(left.at_least_zero())
        });
        state.take_within(before, income.annual_gross.scaled(i64::from(elapsed), 12), room);
        state
    }

    /// A deduction that a change brings, into an account that is owned or, where it is spent, to nobody in particular.
    pub fn brought(kind: DeductionType, to: Slot, purpose: Purpose, effect: WageEffect) -> Self {
        let limit = Limit { annual: None, used: Money::ZERO };
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

    /// What a whole year at this pay takes, within the year's limits; `before` is what the same job has asked for by then.
    pub fn asked_in_a_year(&self, annual_gross: Money, person: usize, allowances: &Allowances, before: &mut ByLimit) -> Money {
        let asked = self.asked(annual_gross, |annual| annual);
        let asked = self.limit.annual.map_or(asked, |limit| asked.min(limit));
        let Some(limit) = self.kind.limit() else { return asked };
        let Some(before) = before.get_mut(limit.index()) else { return asked };
        let asked = asked.min((allowances.annual(person, limit) - *before).at_least_zero());
        *before += asked;
        asked
    }

    /// Takes this month's share, within the year's limit and, on a debt, within what is owed.
    pub fn take(&mut self, gross: Money, portion: Portion, books: &Books<'_>, room: &mut Room<'_>) -> Taken {
        let asked = self.asked(gross, |annual| portion.of(annual));
        let owed = (-books.balance(self.to)).at_least_zero();
        let asked = if self.pays_debt { asked.min(owed) } else { asked };
        self.take_within(asked, gross, room)
    }

    /// What of `asked` the limits leave, and what the employer adds to it within them.
    fn take_within(&mut self, asked: Money, gross: Money, room: &mut Room<'_>) -> Taken {
        let limit = self.kind.limit();
        let shared = limit == Some(ContributionLimit::ElectiveDeferral);
        let additions = if shared { room.allowances.additions(room.person) } else { Money::from_cents(i64::MAX) };
        let left = |added: &Money| (additions - *added).at_least_zero();
        let amount = self.limit.take(asked.min(left(room.added)));
        let amount = limit.map_or(amount, |limit| room.allowances.take(room.person, limit, amount));
        *room.added += if shared { amount } else { Money::ZERO };
        let offered = self.matching.as_mut().map_or(Money::ZERO, |matching| matching.take(amount, gross));
        let matched = match limit {
            Some(ContributionLimit::HealthSavings) => room.allowances.take(room.person, ContributionLimit::HealthSavings, offered),
            Some(ContributionLimit::ElectiveDeferral) => offered.min(left(room.added)),
            Some(ContributionLimit::IndividualRetirement) | None => offered,
        };
        *room.added += if shared { matched } else { Money::ZERO };
        Taken { amount, matched, limit_reached: amount < asked || matched < offered }
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
