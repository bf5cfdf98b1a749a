//! What a state does not tax of gains, pensions and Social Security benefits: a part, up to a limit, from an age, below an income.

use rust_decimal::Decimal;

use super::input::{AGED_FROM, StateInput};
use super::reduction::{Reduction, Tiers};
use crate::tax::error::TableError;
use crate::tax::federal::Person;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// A part of the long-term gains that is not taxed.
#[derive(Clone, Debug)]
pub(super) struct GainsLaw {
    rate: Decimal,
    /// At least this much of the gains (NM, VT).
    minimum: Decimal,
    limit: Option<Decimal>,
    /// A part of the qualified dividends too (ND).
    dividend_rate: Decimal,
    /// Short-term gains too (MO).
    short_term: bool,
    /// At most this part of the federal taxable income (VT).
    taxable_income_share: Option<Decimal>,
    /// One half of it on a separate return (NM).
    part: Decimal,
}

impl GainsLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("capital_gains_subtraction")? else { return Ok(None) };
        let optional = |key: &str| if table.has(key) { table.amount(key).map(Some) } else { Ok(None) };
        Ok(Some(Self {
            rate: table.rate("rate")?,
            minimum: optional("minimum")?.unwrap_or_default(),
            limit: optional("limit")?,
            dividend_rate: if table.has("dividend_rate") { table.rate("dividend_rate")? } else { Decimal::ZERO },
            short_term: table.is_on("short_term")?,
            taxable_income_share: if table.has("taxable_income_share") { Some(table.rate("taxable_income_share")?) } else { None },
            part: match table.is_on("half_on_separate_returns")? && status == FilingStatus::MarriedSeparately {
                true => Decimal::ONE / Decimal::TWO,
                false => Decimal::ONE,
            },
        }))
    }

    pub(super) fn subtraction(&self, input: &StateInput<'_>) -> Decimal {
        let a = &input.amounts;
        let gain = if self.short_term { a.capital_gains.max(Decimal::ZERO) } else { a.net_capital_gain };
        let part = (gain * self.rate).max(gain.min(self.minimum));
        let part = self.limit.map_or(part, |limit| part.min(limit));
        let cap = self.taxable_income_share.map(|share| input.amounts.federal_taxable_income * share);
        cap.map_or(part, |cap| part.min(cap)) * self.part + input.amounts.qualified_dividends * self.dividend_rate
    }
}

/// Retirement income that is not taxed, up to a limit per person from an age, and below an income.
#[derive(Clone, Debug)]
pub(super) struct RetirementLaw {
    /// `(from age, limit)`, ascending.
    limits: Vec<(u32, Decimal)>,
    income_below: Option<Decimal>,
    share: Option<Tiers>,
    /// Falls with income above an amount.
    phase_out: Option<Reduction>,
    /// Benefits use the limit up: the taxable ones that are taken off themselves (CO), or all that are received (MD, ME).
    less_taxable_benefits: bool,
    less_benefits: bool,
    /// Interest, dividends and gains count as retirement income, and so much of what is earned (GA).
    earned_limit: Option<Decimal>,
}

impl RetirementLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("retirement_subtraction")? else { return Ok(None) };
        let (ages, limits) = (table.wholes("from_age")?, table.amounts("limit")?);
        if ages.len() != limits.len() || !ages.is_sorted_by(|younger, older| younger < older) {
            return Err(table.error("needs ascending ages in \"from_age\" and one \"limit\" for each"));
        }
        let amount = |key: &str| if table.has(key) { table.amount_for(key, status).map(Some) } else { Ok(None) };
        Ok(Some(Self {
            limits: ages.into_iter().zip(limits).collect(),
            income_below: amount("income_below")?,
            share: Tiers::find(file, "retirement_subtraction.share", status, "share")?,
            phase_out: match file.has_table("retirement_subtraction.phase_out") {
                true => Reduction::find(file, "retirement_subtraction.phase_out", status)?,
                false => None,
            },
            less_taxable_benefits: table.is_on("less_taxable_benefits")?,
            less_benefits: table.is_on("less_benefits")?,
            earned_limit: amount("earned_limit")?,
        }))
    }

    /// The return does not say whose pension it is: each filer of the age has a limit, and together they have the pensions.
    pub(super) fn subtraction(&self, input: &StateInput<'_>) -> Decimal {
        if self.income_below.is_some_and(|below| input.stepped(input.amounts.federal_agi) >= below) {
            return Decimal::ZERO;
        }
        let a = &input.amounts;
        let limit_at = |age: u32| self.limits.iter().rev().find(|(from, _)| age >= *from).map_or(Decimal::ZERO, |(_, limit)| *limit);
        let filers = if input.is_joint() { 2 } else { 1 };
        let limit: Decimal = input.people.iter().take(filers).map(|person| limit_at(person.age)).sum();
        let taxable = if self.less_taxable_benefits { a.taxable_benefits } else { Decimal::ZERO };
        let used = if self.less_benefits { a.benefits } else { taxable };
        let income = self.earned_limit.map_or(a.retirement, |earned_limit| {
            let earned: Decimal = input.people.iter().take(filers).map(|person| person.earned().max(Decimal::ZERO).min(earned_limit)).sum();
            a.retirement + a.interest + a.dividends + a.capital_gains.max(Decimal::ZERO) + earned
        });
        let part = income.min((limit - used).max(Decimal::ZERO));
        let measure = a.federal_agi - a.taxable_benefits;
        let part = self.phase_out.as_ref().map_or(part, |reduction| reduction.apply(part, measure, input.beyond_step));
        self.share.as_ref().map_or(part, |share| part * share.at(input.stepped(a.federal_agi)))
    }
}

/// An amount from any source for each filer who is aged, less the benefits that are not taxed (WV).
#[derive(Clone, Debug)]
pub(super) struct AgedLaw {
    amount: Decimal,
}

impl AgedLaw {
    pub(super) fn find(file: &LawFile) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("aged_subtraction")? else { return Ok(None) };
        Ok(Some(Self { amount: table.amount("amount")? }))
    }

    /// Each up to a person's own income: what is earned is known by person, and of the rest the return does not say whose it is.
    pub(super) fn subtraction(&self, input: &StateInput<'_>, untaxed_benefits: Decimal) -> Decimal {
        let earned = |person: &Person| person.earned().max(Decimal::ZERO);
        let filers = || input.people.iter().take(if input.is_joint() { 2 } else { 1 });
        let unearned = (input.amounts.federal_agi - filers().map(earned).sum::<Decimal>()).max(Decimal::ZERO);
        let aged = filers().filter(|person| person.age >= AGED_FROM);
        let most: Decimal = aged.map(|person| self.amount.min(earned(person) + unearned)).sum();
        (most - untaxed_benefits).max(Decimal::ZERO)
    }
}

/// Benefits that are not taxed below an income only.
#[derive(Clone, Debug)]
pub(super) struct BenefitsLaw {
    fall: Reduction,
    /// However high the income, this part is not taxed (CT, WV).
    share_above: Decimal,
    from_age: u32,
}

impl BenefitsLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("benefits_subtraction")? else { return Ok(None) };
        let fall = Reduction::find(file, "benefits_subtraction", status)?;
        Ok(Some(Self {
            fall: fall.ok_or_else(|| table.error("does not say how it falls"))?,
            share_above: if table.has("share_above") { table.rate("share_above")? } else { Decimal::ZERO },
            from_age: if table.has("from_age") { table.whole("from_age")? } else { 0 },
        }))
    }

    pub(super) fn subtraction(&self, input: &StateInput<'_>) -> Decimal {
        let benefits = input.amounts.taxable_benefits;
        if benefits.is_zero() || input.filers_from_age(self.from_age) == 0 {
            return Decimal::ZERO;
        }
        let left = self.fall.apply(benefits, input.amounts.federal_agi, input.beyond_step);
        left.max(benefits * self.share_above)
    }
}
