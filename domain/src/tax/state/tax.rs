//! A state's tax on its taxable income, and what is added to it: surtaxes, recapture of lower brackets, minimum taxes.

use rust_decimal::Decimal;

use super::deductions::StandardLaw;
use super::input::StateInput;
use super::recapture::{RecaptureLaw, StepLaw};
use super::reduction::Tiers;
use super::separate::{AlternativeLaw, LowIncomeLaw, SeparateLaw};
use crate::tax::error::TableError;
use crate::tax::law_file::{LawFile, LawTable};
use crate::tax::schedule::Schedule;
use crate::vocabulary::FilingStatus;

/// What a state's tax is computed from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bases {
    pub(super) agi: Decimal,
    /// All deductions and exemptions.
    pub(super) deducted: Decimal,
    pub(super) taxable: Decimal,
}

/// What of this room differs by state, year or status.
#[derive(Clone, Debug)]
pub(super) struct TaxLaw {
    schedule: Schedule,
    surtax: Option<Schedule>,
    gains: Option<GainsTaxLaw>,
    steps: Vec<StepLaw>,
    recapture: Option<RecaptureLaw>,
    minimum: Option<MinimumLaw>,
    separate: Option<SeparateLaw>,
    alternative: Option<AlternativeLaw>,
    low_income: Option<LowIncomeLaw>,
    /// A fixed amount of whoever's income is more than the federal standard deduction (ID).
    fixed: Decimal,
    /// On self-employment earnings, collected with the return (VT).
    contribution_rate: Decimal,
    /// On the business income that was taken off the base beyond its limit (OH).
    business_rate: Option<(Decimal, Decimal)>,
    investment: Option<Schedule>,
    gains_surtax: Option<GainsSurtaxLaw>,
    /// Nothing is due up to this income.
    none_up_to: Option<Decimal>,
    /// At exactly that income, tax is due (VA).
    none_below_only: bool,
    /// The part of the tax that a state gives back by income (CT).
    credit_share: Option<Tiers>,
}

impl TaxLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let mut steps = Vec::new();
        for name in ["add_back", "recapture_low", "recapture_middle", "recapture_high"] {
            steps.extend(StepLaw::find(file, name, status)?);
        }
        let business = file.find("business_tax")?;
        let exempt = file.find("no_tax")?;
        let none_below_only = match &exempt {
            Some(table) => table.is_on("up_to_exclusive")?,
            None => false,
        };
        Ok(Self {
            schedule: file.schedule("income_tax", status)?,
            surtax: file.find_schedule("surtax", status)?,
            gains: GainsTaxLaw::find(file, status)?,
            steps,
            recapture: RecaptureLaw::find(file, status)?,
            minimum: MinimumLaw::find(file, status)?,
            separate: SeparateLaw::find(file, status)?,
            alternative: AlternativeLaw::find(file, "alternative_tax", status)?,
            low_income: LowIncomeLaw::find(file, status)?,
            fixed: match file.find("fixed_tax")? {
                Some(table) => table.amount("amount")?,
                None => Decimal::ZERO,
            },
            contribution_rate: match file.find("self_employment_contribution")? {
                Some(table) => table.rate("rate")?,
                None => Decimal::ZERO,
            },
            business_rate: match business {
                Some(table) => Some((table.rate("rate")?, table.amount_for("above", status)?)),
                None => None,
            },
            investment: file.find_schedule("investment_income_tax", status)?,
            gains_surtax: GainsSurtaxLaw::find(file, status)?,
            none_below_only,
            none_up_to: exempt.map(|table| table.amount_for("up_to", status)).transpose()?,
            credit_share: Tiers::find(file, "tax_credit_share", status, "share")?,
        })
    }

    /// The tax by the schedule alone.
    pub(super) fn by_schedule(&self, taxable: Decimal) -> Decimal {
        self.schedule.tax(taxable)
    }

    /// The tax before credits.
    pub(super) fn before_credits(&self, input: &StateInput<'_>, bases: &Bases, standard: &StandardLaw) -> Decimal {
        let stepped = input.stepped(bases.agi);
        if self.none_up_to.is_some_and(|limit| stepped < limit || (!self.none_below_only && stepped == limit)) {
            return Decimal::ZERO;
        }
        let a = &input.amounts;
        // Business income beyond its deduction is taxed at its own rate, not by the schedule as well (OH).
        let by_schedule = bases.taxable - self.taxed_as_business(input, bases);
        let mut tax = self
            .gains
            .as_ref()
            .map_or_else(|| self.schedule.tax(by_schedule), |gains| gains.tax(&self.schedule, a.net_capital_gain, by_schedule));
        if let Some(separate) = self.separate.as_ref().filter(|_| input.is_joint()) {
            tax = separate.tax(&self.schedule, input, bases, standard, tax);
        }
        if let Some(alternative) = &self.alternative {
            tax = alternative.tax(input, bases, tax);
        }
        if let Some(low_income) = &self.low_income {
            tax = low_income.tax(input, bases, tax);
        }
        let steps: Decimal = self.steps.iter().map(|step| step.addition(stepped)).sum();
        let recapture = self.recapture.as_ref().map_or(Decimal::ZERO, |law| law.addition(input, bases, tax));
        let total = tax + steps + recapture;
        let total = self.credit_share.as_ref().map_or(total, |share| total * (Decimal::ONE - share.at(stepped)));
        total + self.added(input, bases, tax)
    }

    /// What no credit lowers.
    pub(super) fn after_credits(&self, input: &StateInput<'_>) -> Decimal {
        let a = &input.amounts;
        if a.federal_agi > a.federal_standard_deduction { self.fixed } else { Decimal::ZERO }
    }

    /// What of the taxable income is business income beyond its deduction.
    fn taxed_as_business(&self, input: &StateInput<'_>, bases: &Bases) -> Decimal {
        let a = &input.amounts;
        self.business_rate
            .map_or(Decimal::ZERO, |(_, above)| (a.self_employment.min(a.federal_agi) - above).max(Decimal::ZERO).min(bases.taxable))
    }

    /// Taxes beside the one by the schedule.
    fn added(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal) -> Decimal {
        let a = &input.amounts;
        let surtax = self.surtax.as_ref().map_or(Decimal::ZERO, |surtax| surtax.tax(bases.taxable));
        let minimum = self.minimum.as_ref().map_or(Decimal::ZERO, |law| law.addition(input, bases, tax));
        let business = self.business_rate.map_or(Decimal::ZERO, |(rate, _)| self.taxed_as_business(input, bases) * rate);
        let investment = self.investment.as_ref().map_or(Decimal::ZERO, |schedule| schedule.tax(a.net_investment_income));
        let gains = self.gains_surtax.as_ref().map_or(Decimal::ZERO, |law| law.tax(input, bases));
        let contribution = a.net_earnings * self.contribution_rate;
        surtax + minimum + business + investment + gains + contribution
    }
}

/// Gains at rates of their own, on top of the rest (MT), or at a highest rate (HI).
#[derive(Clone, Debug)]
enum GainsTaxLaw {
    OwnSchedule(Schedule),
    HighestRate { rate: Decimal },
}

impl GainsTaxLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        if let Some(table) = file.find("capital_gains_highest_rate")? {
            return Ok(Some(Self::HighestRate { rate: table.rate("rate")? }));
        }
        Ok(file.find_schedule("capital_gains_tax", status)?.map(Self::OwnSchedule))
    }

    fn tax(&self, ordinary: &Schedule, gain: Decimal, taxable: Decimal) -> Decimal {
        let gain = gain.min(taxable);
        if gain.is_zero() {
            return ordinary.tax(taxable);
        }
        let rest = taxable - gain;
        match self {
            Self::OwnSchedule(gains) => ordinary.tax(rest) + gains.tax(taxable) - gains.tax(rest),
            // The part of the gain that lies in brackets below that rate stays there.
            Self::HighestRate { rate } => ordinary.tax(taxable).min(ordinary.tax_up_to_rate(taxable, rest, *rate)),
        }
    }
}

/// A state's alternative minimum tax at one rate.
#[derive(Clone, Debug)]
struct MinimumLaw {
    rate: Decimal,
    exemption: Decimal,
    phase_out_above: Decimal,
    phase_out_rate: Decimal,
    /// The standard deduction is added back to the taxable income; else the tax is on the adjusted gross income.
    standard_added_back: bool,
    /// The least share of federal income above an amount (VT).
    whole_tax: bool,
}

impl MinimumLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("minimum_tax")? else { return Ok(None) };
        Ok(Some(Self {
            rate: table.rate("rate")?,
            exemption: table.optional_amount_for("exemption", status)?,
            phase_out_above: table.optional_amount_for("phase_out_above", status)?,
            phase_out_rate: if table.has("phase_out_rate") { table.rate("phase_out_rate")? } else { Decimal::ZERO },
            standard_added_back: table.is_on("standard_added_back")?,
            whole_tax: table.is_on("of_federal_income")?,
        }))
    }

    fn addition(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal) -> Decimal {
        if self.whole_tax {
            let income = input.amounts.federal_agi;
            let least = if income > self.phase_out_above { income * self.rate } else { Decimal::ZERO };
            return (least - tax).max(Decimal::ZERO);
        }
        let income = if self.standard_added_back { bases.taxable + bases.deducted } else { bases.agi };
        let gone = (income - self.phase_out_above).max(Decimal::ZERO) * self.phase_out_rate;
        let base = income - (self.exemption - gone).max(Decimal::ZERO);
        (base.max(Decimal::ZERO) * self.rate - tax).max(Decimal::ZERO)
    }
}

/// A surtax on gains above an income (MD).
#[derive(Clone, Debug)]
struct GainsSurtaxLaw {
    rate: Decimal,
    income_above: Decimal,
}

impl GainsSurtaxLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let load = |table: &LawTable<'_>| -> Result<Self, TableError> {
            Ok(Self { rate: table.rate("rate")?, income_above: table.amount_for("income_above", status)? })
        };
        file.find("capital_gains_surtax")?.map(|table| load(&table)).transpose()
    }

    fn tax(&self, input: &StateInput<'_>, bases: &Bases) -> Decimal {
        match input.stepped(bases.agi) > self.income_above {
            true => input.amounts.capital_gains.max(Decimal::ZERO) * self.rate,
            false => Decimal::ZERO,
        }
    }
}
