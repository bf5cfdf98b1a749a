//! Saving for retirement, and taking it out again: what may be put in, what has to be taken out, and the additional tax on what is
//! taken out early.
//!
//! Amounts above a limit are cut here, once, so that every line after it sees what the law allows. Deliberately absent: the excise
//! taxes on excess contributions (§ 4973) and on distributions not taken (§ 4974), which nobody plans to pay; the joint life table
//! of who has a spouse more than ten years younger; the Roth accounts, which lower no tax.

use rust_decimal::Decimal;

use crate::money::Money;
use crate::tax::error::TableError;
use crate::tax::law_file::{LawFile, LawTable};
use crate::tax::limits::ContributionLimits;
use crate::tax::planning::DistributionLaw;
use crate::tax::tax_return::{Earner, Return};
use crate::vocabulary::FilingStatus;

/// What of this room differs by year or status.
#[derive(Clone, Debug)]
pub(in crate::tax) struct RetirementLaw {
    year: i32,
    deferral: Decimal,
    /// `(from age, amount)`, ascending.
    deferral_catch_up: Vec<(u32, Decimal)>,
    hsa_self_only: Decimal,
    hsa_family: Decimal,
    hsa_catch_up: Decimal,
    hsa_catch_up_from_age: u32,
    ira: Decimal,
    ira_catch_up: Decimal,
    ira_catch_up_from_age: u32,
    ira_covered: PhaseOut,
    ira_spouse_covered: PhaseOut,
    ira_round_to: Decimal,
    ira_minimum: Decimal,
    early_rate: Decimal,
    distributions: DistributionLaw,
}

/// From here on, over so much income.
#[derive(Clone, Copy, Debug)]
pub(super) struct PhaseOut {
    above: Decimal,
    range: Decimal,
}

impl PhaseOut {
    pub(super) fn load(table: &LawTable<'_>, status: FilingStatus) -> Result<Self, TableError> {
        let (above, range) = (table.amount_for("above", status)?, table.amount_for("range", status)?);
        match range.is_zero() {
            true => Err(table.error(format!("has no range for {status}: nothing phases out all at once"))),
            false => Ok(Self { above, range }),
        }
    }

    /// The part that is lost at an income: from 0 to 1.
    pub(super) fn lost(&self, income: Decimal) -> Decimal {
        ((income - self.above).max(Decimal::ZERO) / self.range).min(Decimal::ONE)
    }

    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        Self { above: (self.above * factor).round_dp(2), range: self.range }
    }
}

/// What is left of the family limit when a couple shares it: § 223(b)(5).
#[derive(Clone, Copy, Debug)]
pub(in crate::tax) struct FamilyLimit(Decimal);

impl RetirementLaw {
    pub(super) fn load(limits: &LawFile, year: i32, status: FilingStatus) -> Result<Self, TableError> {
        let law = ContributionLimits::load(limits)?;
        let ira = limits.table("individual_retirement_deduction")?;
        let covered = limits.table("individual_retirement_deduction.covered")?;
        let spouse_covered = limits.table("individual_retirement_deduction.spouse_covered")?;
        let catch_up = |(age, amount): &(u32, Money)| (*age, amount.to_decimal());
        let ira_round_to = ira.amount("round_to")?;
        if ira_round_to.is_zero() {
            return Err(ira.error("has a \"round_to\" of 0"));
        }
        Ok(Self {
            year,
            deferral: law.elective_deferral.to_decimal(),
            deferral_catch_up: law.elective_deferral_catch_up.iter().map(catch_up).collect(),
            hsa_self_only: law.hsa_self_only.to_decimal(),
            hsa_family: law.hsa_family.to_decimal(),
            hsa_catch_up: law.hsa_catch_up.to_decimal(),
            hsa_catch_up_from_age: law.hsa_catch_up_from_age,
            ira: law.ira.to_decimal(),
            ira_catch_up: law.ira_catch_up.to_decimal(),
            ira_catch_up_from_age: law.ira_catch_up_from_age,
            ira_covered: PhaseOut::load(&covered, status)?,
            ira_spouse_covered: PhaseOut::load(&spouse_covered, status)?,
            ira_round_to,
            ira_minimum: ira.amount("minimum")?,
            early_rate: limits.table("early_distributions")?.rate("additional_tax_rate")?,
            distributions: DistributionLaw::load(limits)?,
        })
    }

    /// In a later year: what the law adjusts for inflation; the catch-up of the HSA and the rounding are fixed in it.
    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        let index = |amount: Decimal| (amount * factor).round_dp(2);
        Self {
            deferral: index(self.deferral),
            deferral_catch_up: self.deferral_catch_up.iter().map(|(age, amount)| (*age, index(*amount))).collect(),
            hsa_self_only: index(self.hsa_self_only),
            hsa_family: index(self.hsa_family),
            ira: index(self.ira),
            ira_catch_up: index(self.ira_catch_up),
            ira_covered: self.ira_covered.indexed(factor),
            ira_spouse_covered: self.ira_spouse_covered.indexed(factor),
            ..self.clone()
        }
    }

    /// What of an earner's deferrals the limit of the age allows: 26 U.S.C. § 402(g), § 414(v).
    pub(in crate::tax) fn deferrals(&self, earner: &Earner) -> Decimal {
        let given = earner.pretax_401k.to_decimal();
        if given <= self.deferral {
            return given;
        }
        let catch_up = self.deferral_catch_up.iter().rev().find(|(from, _)| earner.age >= *from);
        given.min(self.deferral + catch_up.map_or(Decimal::ZERO, |(_, amount)| *amount))
    }

    /// The whole of the family limit.
    pub(in crate::tax) fn family_limit(&self) -> FamilyLimit {
        FamilyLimit(self.hsa_family)
    }

    /// What of an earner's HSA contributions the limit of coverage and age allows; the couple's earlier ones are taken off `family`.
    pub(in crate::tax) fn health_savings(&self, tax_return: &Return, earner: &Earner, family: &mut FamilyLimit) -> Decimal {
        let given = earner.payroll_hsa.to_decimal();
        if given.is_zero() {
            return given;
        }
        let FamilyLimit(left) = family;
        let has_family = tax_return.has_family_coverage(earner);
        let limit = if has_family { *left } else { self.hsa_self_only };
        let catch_up = if earner.age >= self.hsa_catch_up_from_age { self.hsa_catch_up } else { Decimal::ZERO };
        if has_family {
            *left -= given.min(limit);
        }
        given.min(limit + catch_up)
    }

    /// What has to be taken out of an earner's accounts this year: 26 U.S.C. § 401(a)(9).
    pub(in crate::tax) fn required(&self, earner: &Earner) -> Decimal {
        if earner.tax_deferred_balance.is_zero() {
            return Decimal::ZERO;
        }
        let born = self.year.saturating_sub(i32::try_from(earner.age).unwrap_or(i32::MAX));
        let divisor = self.distributions.divisor_at(earner.age, born);
        divisor.map_or(Decimal::ZERO, |divisor| earner.tax_deferred_balance.to_decimal() / divisor)
    }

    /// What counts as taken out: at least what has to be.
    pub(in crate::tax) fn distributions(&self, earner: &Earner) -> Decimal {
        self.required(earner).max(earner.tax_deferred_distributions.to_decimal())
    }

    /// The additional tax on early distributions: 26 U.S.C. § 72(t), Form 5329 line 4.
    pub(super) fn early_tax(&self, early: Decimal) -> Decimal {
        early * self.early_rate
    }

    /// What an earner may put into IRAs, with so much compensation left to the return (a spouse may use the other's: § 219(c)).
    pub(in crate::tax) fn ira_contribution(&self, earner: &Earner, compensation: Decimal) -> Decimal {
        earner.traditional_ira.to_decimal().min(self.ira_limit(earner)).min(compensation.max(Decimal::ZERO))
    }

    fn ira_limit(&self, earner: &Earner) -> Decimal {
        if earner.age >= self.ira_catch_up_from_age { self.ira + self.ira_catch_up } else { self.ira }
    }

    /// Each earner's IRA contribution as far as the law allows it, and what of that is deducted: 26 U.S.C. § 219. `stepped_income` is
    /// the income of § 219(g)(3)(A): the reduction is rounded to tens of dollars, and the marginal dollar does not take that step.
    pub(in crate::tax) fn ira_contributions<'a>(
        &'a self,
        tax_return: &'a Return,
        compensation: Decimal,
        stepped_income: Decimal,
    ) -> impl Iterator<Item = (Decimal, Decimal)> + 'a {
        let anyone_covered = tax_return.earners.iter().any(Earner::is_covered);
        let mut left = compensation;
        tax_return.earners.iter().map(move |earner| {
            let contribution = self.ira_contribution(earner, left);
            left -= contribution;
            let phase_out = match (earner.is_covered(), anyone_covered) {
                (true, _) => Some(&self.ira_covered),
                (false, true) => Some(&self.ira_spouse_covered),
                (false, false) => None,
            };
            let lost = phase_out.map_or(Decimal::ZERO, |phase_out| phase_out.lost(stepped_income));
            (contribution, contribution.min(self.reduced(self.ira_limit(earner), lost)))
        })
    }

    /// § 219(g)(2): the reduction is rounded down to tens of dollars; what is left is at least 200, until it is nothing.
    fn reduced(&self, limit: Decimal, lost: Decimal) -> Decimal {
        if lost >= Decimal::ONE {
            return Decimal::ZERO;
        }
        let reduction = (limit * lost / self.ira_round_to).floor() * self.ira_round_to;
        (limit - reduction).max(self.ira_minimum)
    }
}
