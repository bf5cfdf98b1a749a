//! What changes may set of an income, and how an income takes it over without losing what its year has seen: contributions up to
//! their limits, estimated payments.

use super::{Estimates, IncomeState, Kind};
use crate::calendar::{Frequency, Month, PayFrequency};
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::changes::words::TaxTreatment;
use crate::projection::clock::{Clock, Portion, Span};
use crate::projection::deductions::DeductionState;
use crate::projection::ledger::Cause;
use crate::projection::plan::PlanW4;
use crate::projection::state::{Rise, raised};
use crate::projection::taxes::Taxable;
use crate::vocabulary::IncomeCategory;

/// An income that a change brings.
pub(in crate::projection) struct Brought {
    /// Gross a year.
    pub annual: Money,
    /// What raises it.
    pub growth: Rise,
    /// What it counts as.
    pub category: IncomeCategory,
    /// How it is taxed.
    pub treatment: TaxTreatment,
    /// Whose it is, by their place in the plan.
    pub earner: usize,
    /// On which days.
    pub span: Span,
    /// What its bookings are because of.
    pub cause: Cause,
}

impl IncomeState {
    /// An income that a change brings: without deductions, with a W-4 that says nothing.
    pub fn brought(income: &Brought) -> Self {
        Self {
            annual: income.annual,
            growth: income.growth,
            deductions: Vec::new(),
            cause: income.cause,
            span: income.span,
            category: income.category,
            kind: kind_of(income.treatment),
            earner: income.earner,
            pay_frequency: payday(income.span.frequency()),
            w4: PlanW4::default(),
            extra_withheld: None,
            suspended: false,
            this_month: None,
            added: Money::ZERO,
            withholding: None,
        }
    }

    /// How much of a year's amount falls into this month.
    pub fn portion(&self, clock: &Clock) -> Portion {
        if self.suspended { Portion::Nothing } else { self.span.portion(clock) }
    }

    /// What this share of the year comes to.
    pub fn gross(&self, portion: Portion) -> Money {
        if portion == Portion::Nothing { Money::ZERO } else { self.this_month.unwrap_or_else(|| portion.of(self.annual)) }
    }

    /// This is paid this month, whatever would be its share of the year.
    pub const fn set_due(&mut self, amount: Money) {
        self.this_month = Some(amount);
    }

    /// Rises by a fraction.
    pub fn raise(&mut self, by: Fraction) {
        self.set_annual(raised(self.annual, by));
        self.this_month = self.this_month.map(|due| raised(due, by));
    }

    /// Whether it is paid on any day of a month.
    pub fn is_active_in(&self, month: Month) -> bool {
        !self.suspended && self.span.is_active_in(month)
    }

    /// Whose it is, by their place among the plan's members.
    pub const fn earner(&self) -> usize {
        self.earner
    }

    /// Whether it is paid through payroll.
    pub const fn is_wage(&self) -> bool {
        matches!(self.kind, Kind::Wages)
    }

    /// Whether it is profit.
    pub const fn is_business(&self) -> bool {
        matches!(self.kind, Kind::SelfEmployed(_))
    }

    /// It stops.
    pub const fn suspend(&mut self) {
        self.suspended = true;
    }

    /// It comes so often from now on.
    pub const fn set_frequency(&mut self, frequency: Frequency) {
        self.span = self.span.in_rhythm(frequency);
        self.pay_frequency = payday(frequency);
    }

    /// It counts as this from now on.
    pub const fn set_category(&mut self, category: IncomeCategory) {
        self.category = category;
    }

    /// It is taxed so from now on. What was deducted from a paycheck, and what an employer added, ends with the paychecks.
    pub fn set_treatment(&mut self, treatment: TaxTreatment) {
        let is_so = match treatment {
            TaxTreatment::W2 => self.is_wage(),
            TaxTreatment::SelfEmployed => self.is_business(),
            TaxTreatment::Untaxed => matches!(self.kind, Kind::Unearned(Taxable::No)),
        };
        if is_so {
            return;
        }
        if self.is_wage() {
            for deduction in &mut self.deductions {
                deduction.stop();
            }
        }
        self.kind = kind_of(treatment);
    }

    /// So much is withheld a year on top of the tax; the W-4's own no more.
    pub fn set_extra_withheld(&mut self, annual: Money) {
        self.w4.federal.extra_withholding = Money::ZERO;
        self.extra_withheld = Some(annual);
    }

    /// This is paid ahead from now on.
    pub const fn set_estimates(&mut self, quarters: [Money; 4]) {
        if let Kind::SelfEmployed(estimates) = &mut self.kind {
            estimates.set = Some(quarters);
        }
    }

    /// Takes over the terms of another form of the same income, and keeps what the year has seen.
    pub fn take_terms(&mut self, laid: Self) {
        let mut differs = self.annual != laid.annual
            || self.span != laid.span
            || self.w4 != laid.w4
            || self.extra_withheld != laid.extra_withheld
            || self.pay_frequency != laid.pay_frequency
            || self.is_wage() != laid.is_wage();
        differs |= take_deductions(&mut self.deductions, laid.deductions);
        self.kind = match (self.kind, laid.kind) {
            // Another amount may be paid ahead; what was computed for the year, and the quarter that is due in January, were before.
            (Kind::SelfEmployed(own), Kind::SelfEmployed(laid)) => Kind::SelfEmployed(Estimates { set: laid.set, ..own }),
            (_, laid) => laid,
        };
        if differs {
            self.withholding = None;
        }
        (self.annual, self.growth, self.span, self.category) = (laid.annual, laid.growth, laid.span, laid.category);
        (self.pay_frequency, self.w4, self.extra_withheld) = (laid.pay_frequency, laid.w4, laid.extra_withheld);
        (self.suspended, self.this_month) = (laid.suspended, laid.this_month);
    }
}

/// The plan's own deductions stand in the same places in both; one that a change brings is known by what it is for, and takes nothing
/// once the change is over. Says whether anything is deducted otherwise.
fn take_deductions(own: &mut Vec<DeductionState>, laid: Vec<DeductionState>) -> bool {
    let (brought, planned): (Vec<_>, Vec<_>) = laid.into_iter().partition(|deduction| deduction.is_brought);
    let mut differs = false;
    for (own, laid) in own.iter_mut().zip(&planned) {
        differs |= own.take_terms(laid);
    }
    for own in own.iter_mut().filter(|own| own.is_brought) {
        match brought.iter().find(|laid| laid.kind == own.kind) {
            Some(laid) => differs |= own.take_terms(laid),
            None => differs |= own.stop(),
        }
    }
    for laid in brought {
        if !own.iter().any(|own| own.is_brought && own.kind == laid.kind) {
            own.push(laid);
            differs = true;
        }
    }
    differs
}

fn kind_of(treatment: TaxTreatment) -> Kind {
    match treatment {
        TaxTreatment::W2 => Kind::Wages,
        TaxTreatment::SelfEmployed => Kind::SelfEmployed(Estimates::of(None)),
        TaxTreatment::Untaxed => Kind::Unearned(Taxable::No),
    }
}

/// Whether paychecks come in this rhythm.
pub(in crate::projection) const fn is_a_payday(frequency: Frequency) -> bool {
    matches!(frequency, Frequency::Weekly | Frequency::Biweekly | Frequency::Semimonthly | Frequency::Monthly)
}

/// How often a paycheck comes that is paid in this rhythm. Payroll knows four; what comes more rarely is withheld from like a month's.
const fn payday(frequency: Frequency) -> PayFrequency {
    match frequency {
        Frequency::Weekly => PayFrequency::Weekly,
        Frequency::Biweekly => PayFrequency::Biweekly,
        Frequency::Semimonthly => PayFrequency::Semimonthly,
        Frequency::Monthly | Frequency::Bimonthly | Frequency::Quarterly | Frequency::Semiannually | Frequency::Annually => {
            PayFrequency::Monthly
        }
    }
}
