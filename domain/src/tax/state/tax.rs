//! A state's tax on its taxable income, and what is added to it: surtaxes, recapture of lower brackets, minimum taxes.

use rust_decimal::Decimal;

use super::deductions::StandardLaw;
use super::input::StateInput;
use super::recapture::{RecaptureLaw, StepLaw};
use super::record::{Part, Record};
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
    /// With the name of the table.
    steps: Vec<(StepLaw, &'static str)>,
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
            steps.extend(StepLaw::find(file, name, status)?.map(|law| (law, name)));
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

    /// The tax before credits; `record` is told of its lines.
    pub(super) fn before_credits(
        &self,
        input: &StateInput<'_>,
        bases: &Bases,
        standard: &StandardLaw,
        record: &mut impl Record,
    ) -> Decimal {
        let stepped = input.stepped(bases.agi);
        if self.none_up_to.is_some_and(|limit| stepped < limit || (!self.none_below_only && stepped == limit)) {
            record.slices(&self.schedule, Decimal::ZERO, bases.taxable, "taxable income", "income_tax");
            let rule = "nothing is due up to this income";
            record.add(Part::Tax, "no tax at this income", -self.schedule.tax(bases.taxable), rule, "no_tax");
            return Decimal::ZERO;
        }
        let tax = self.on_income(input, bases, standard, record);
        let mut steps = Decimal::ZERO;
        for (law, table) in &self.steps {
            let (label, addition) = (StepLaw::label(table), law.addition(stepped));
            let rule = "an amount for every step of income above a threshold takes the benefit of a lower rate back";
            record.add(Part::Tax, label, addition, rule, table);
            steps += addition;
        }
        let recapture = self.recapture.as_ref().map_or(Decimal::ZERO, |law| law.addition(input, bases, tax));
        let rule = "above an income the benefit of the lower brackets is taken back";
        record.add(Part::Tax, "supplemental tax", recapture, rule, "recapture");
        let total = tax + steps + recapture;
        let share = self.credit_share.as_ref().map_or(Decimal::ZERO, |share| share.at(stepped));
        let given_back = total * share;
        let rule = "a part of the tax by income, before every other credit";
        record.add(Part::Tax, "personal credit", -given_back, rule, "tax_credit_share");
        total - given_back + self.added(input, bases, tax, record)
    }

    /// The tax by the schedule, or by another way that the law offers or asks for.
    fn on_income(&self, input: &StateInput<'_>, bases: &Bases, standard: &StandardLaw, record: &mut impl Record) -> Decimal {
        // Business income beyond its deduction is taxed at its own rate, not by the schedule as well (OH).
        let by_schedule = bases.taxable - self.taxed_as_business(input, bases);
        let mut tax = match &self.gains {
            Some(gains) => gains.tax(&self.schedule, input.amounts.net_capital_gain, by_schedule, record),
            None => {
                record.slices(&self.schedule, Decimal::ZERO, by_schedule, "taxable income", "income_tax");
                self.schedule.tax(by_schedule)
            }
        };
        if let Some(separate) = self.separate.as_ref().filter(|_| input.is_joint()) {
            let changed = separate.tax(&self.schedule, input, bases, standard, tax);
            let rule = "each spouse's part of the income by the schedule: what that is more or less than together";
            record.add(Part::Tax, "spouses taxed one by one", changed - tax, rule, "spouses_separately");
            tax = changed;
        }
        if let Some(alternative) = &self.alternative {
            let changed = alternative.tax(input, bases, tax);
            let rule = "one rate on the income above an amount, where that is less";
            record.add(Part::Tax, "alternative tax", changed - tax, rule, "alternative_tax");
            tax = changed;
        }
        if let Some(low_income) = &self.low_income {
            let changed = low_income.tax(input, bases, tax);
            let rule = "the table for low incomes, where that is less";
            record.add(Part::Tax, "low income tax table", changed - tax, rule, "low_income_tax");
            tax = changed;
        }
        tax
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
    fn added(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal, record: &mut impl Record) -> Decimal {
        let a = &input.amounts;
        let mut added = Decimal::ZERO;
        let mut line = |label, amount: Decimal, rule, table| {
            record.add(Part::Tax, label, amount, rule, table);
            added += amount;
        };
        if let Some(surtax) = &self.surtax {
            line("surtax", surtax.tax(bases.taxable), "on the taxable income above an amount", "surtax");
        }
        if let Some(law) = &self.minimum {
            let rule = "what the tentative minimum tax is more than the regular tax";
            line("minimum tax", law.addition(input, bases, tax), rule, "minimum_tax");
        }
        if let Some((rate, _)) = self.business_rate {
            let rule = "business income beyond its deduction, at a rate of its own";
            line("tax on business income", self.taxed_as_business(input, bases) * rate, rule, "business_tax");
        }
        if let Some(schedule) = &self.investment {
            let rule = "on the net investment income above an amount";
            line("net investment income tax", schedule.tax(a.net_investment_income), rule, "investment_income_tax");
        }
        if let Some(law) = &self.gains_surtax {
            line("surtax on capital gains", law.tax(input, bases), "on gains, above an income", "capital_gains_surtax");
        }
        let contribution = a.net_earnings * self.contribution_rate;
        line("contribution on self-employment", contribution, "on net earnings from self-employment", "self_employment_contribution");
        added
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

    fn tax(&self, ordinary: &Schedule, gain: Decimal, taxable: Decimal, record: &mut impl Record) -> Decimal {
        let gain = gain.min(taxable);
        let rest = taxable - gain;
        match self {
            Self::OwnSchedule(gains) => {
                record.slices(ordinary, Decimal::ZERO, rest, "ordinary income", "income_tax");
                record.slices(gains, rest, taxable, "long-term gains", "capital_gains_tax");
                ordinary.tax(rest) + gains.tax(taxable) - gains.tax(rest)
            }
            // The part of the gain that lies in brackets below that rate stays there.
            Self::HighestRate { rate } => {
                let full = ordinary.tax(taxable);
                let tax = full.min(ordinary.tax_up_to_rate(taxable, rest, *rate));
                record.slices(ordinary, Decimal::ZERO, taxable, "taxable income", "income_tax");
                let rule = "long-term gains are taxed at most at this rate";
                record.add(Part::Tax, "highest rate of capital gains", tax - full, rule, "capital_gains_highest_rate");
                tax
            }
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
