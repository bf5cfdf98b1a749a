//! State income taxes: one shape for most, with the rules that a state has named in its own file.
//!
//! A return goes through four rooms: what is income ([`base`]), what is deducted ([`deductions`]), the tax on the rest ([`tax`]) and
//! the credits ([`credits`]). A rule that several states share (an exemption that phases out, a part of the federal earned income
//! credit, spouses taxed one by one) is written once and found by the name of its table; Massachusetts, which taxes three kinds of
//! income apart, has a return of its own. Full-year residents; deliberately absent: local income taxes, property-tax and rent
//! credits, part-year and nonresident returns.

mod base;
mod couples;
mod credits;
mod deductions;
mod earned_income;
mod exemptions;
mod input;
mod itemized;
mod massachusetts;
mod pennsylvania;
mod recapture;
mod record;
mod reduction;
mod retirement_exclusion;
mod separate;
mod subtractions;
mod tax;
mod withholding;
mod working_families;

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::error::{TableError, TaxError};
use super::estimate::StateLines;
use super::law_file::LawFile;
use super::schedule::ByStatus;
use crate::vocabulary::{FilingStatus, State};
pub(super) use input::StateInput;
use itemized::ItemizedLaw;
pub(super) use record::{Line, Lines, Part, Record, Silent};
use tax::Bases;
pub(super) use withholding::AnnualPay;
use withholding::WithholdingLaw;

/// The income tax of every state that is known; a state that is not is an error that names it, never a silent zero.
#[derive(Clone, Debug)]
pub(super) struct StateLaws {
    laws: BTreeMap<State, Option<StateFile>>,
    /// Where it stands that the others have none.
    none_source: String,
}

#[derive(Clone, Debug)]
struct StateFile {
    /// The source of every table, by its name.
    sources: BTreeMap<String, String>,
    by_status: ByStatus<StateLaw>,
    itemized: ByStatus<ItemizedLaw>,
    /// The status that a qualifying surviving spouse has in this state.
    surviving_spouse: FilingStatus,
    /// For how many a qualifying surviving spouse takes personal exemptions: one, but for CA.
    surviving_spouse_filers: u32,
    /// Whether the state's law adjusts its amounts for inflation: else those of the last file stand in later years.
    indexed: bool,
    /// What employers withhold, where the state's own method is known.
    withholding: ByStatus<Option<WithholdingLaw>>,
}

/// One state's law of one year as it stands for one filing status.
#[derive(Clone, Debug)]
enum StateLaw {
    General(Box<GeneralLaw>),
    Massachusetts(Box<massachusetts::MassachusettsLaw>),
}

#[derive(Clone, Debug)]
struct GeneralLaw {
    base: base::BaseLaw,
    deductions: deductions::DeductionLaw,
    tax: tax::TaxLaw,
    credits: credits::CreditLaw,
    forgiveness: Option<pennsylvania::ForgivenessLaw>,
    /// The state's tax is at most the federal one (NE).
    limit: Option<()>,
}

impl StateLaws {
    pub(super) fn load(files: &[LawFile]) -> Result<Self, TableError> {
        let (mut laws, mut none_source) = (BTreeMap::new(), String::new());
        for file in files {
            if let Some(table) = file.find("no_income_tax")? {
                none_source = table.source()?.to_owned();
                laws.extend(table.words("states", State::parse)?.into_iter().map(|state| (state, None)));
            } else {
                let table = file.table("state")?;
                let state = table.word("code", State::parse)?;
                let law = StateFile {
                    sources: file.sources(),
                    by_status: ByStatus::try_build(|status| StateLaw::load(file, own_status(status)))?,
                    itemized: ByStatus::try_build(|status| ItemizedLaw::load(file, own_status(status)))?,
                    surviving_spouse: match table.has("surviving_spouse") {
                        true => table.word("surviving_spouse", FilingStatus::parse)?,
                        false => FilingStatus::MarriedJointly,
                    },
                    surviving_spouse_filers: match table.has("surviving_spouse_filers") {
                        true => table.whole("surviving_spouse_filers")?,
                        false => 1,
                    },
                    indexed: !table.is_on("not_indexed")?,
                    withholding: ByStatus::try_build(|status| WithholdingLaw::find(file, status))?,
                };
                if laws.insert(state, Some(law)).is_some() {
                    return Err(table.error(format!("is the second file for {state}")));
                }
            }
        }
        Ok(Self { laws, none_source })
    }

    /// The states that are known, in the order of their names.
    pub(super) fn known(&self) -> impl Iterator<Item = State> + '_ {
        self.laws.keys().copied()
    }

    /// The state's tax on a return. With `indexing`, every amount of the state's law is multiplied by it, where the law adjusts its
    /// amounts for inflation.
    pub(super) fn tax(
        &self,
        state: State,
        mut input: StateInput<'_>,
        indexing: Option<Decimal>,
        record: &mut impl Record,
    ) -> Result<StateLines, TaxError> {
        let Some(file) = self.laws.get(&state).ok_or(TaxError::StateNotSupported(state))? else {
            return Ok(StateLines::default());
        };
        if input.status == FilingStatus::QualifyingSurvivingSpouse {
            input.filers = file.surviving_spouse_filers;
        }
        let status = file.status(input.status);
        input.follow(file.itemized.get(status));
        let law = file.by_status.get(status);
        Ok(match indexing.filter(|_| file.indexed) {
            None => law.compute(&input, record),
            Some(factor) => {
                record.scale(factor);
                law.compute(&input.deflated(factor), record).times(factor)
            }
        })
    }

    /// Where the figures of a table of a state's law are from: of the table, of its part for a status, or of the whole law; where
    /// there is no income tax, what says so.
    pub(super) fn source(&self, state: State, status: FilingStatus, table: &str) -> &str {
        let Some(file) = self.laws.get(&state).and_then(Option::as_ref) else { return &self.none_source };
        let of_status = format!("{table}.{}", file.status(status));
        let found = [table, &of_status, "state"].into_iter().find_map(|table| file.sources.get(table));
        found.map_or("", String::as_str)
    }

    /// Whether a state has an income tax.
    pub(super) fn has_tax(&self, state: State) -> bool {
        self.laws.get(&state).is_some_and(Option::is_some)
    }

    /// Whether a state follows itemized deductions but for the income taxes in them.
    pub(super) fn takes_income_taxes_out(&self, state: State, status: FilingStatus) -> bool {
        self.laws.get(&state).and_then(Option::as_ref).is_some_and(|file| {
            let itemizes = match file.by_status.get(file.status(status)) {
                StateLaw::General(law) => law.base.starts_after_deductions() || law.deductions.standard.follows_itemized(),
                StateLaw::Massachusetts(_) => false,
            };
            itemizes && !file.itemized.get(file.status(status)).deducts_income_taxes()
        })
    }

    /// Whether a later year's index moves the state's law.
    pub(super) fn is_indexed(&self, state: State) -> bool {
        self.laws.get(&state).and_then(Option::as_ref).is_some_and(|law| law.indexed)
    }

    /// What an employer withholds from one paycheck by the state's own method; none where that is not known.
    pub(super) fn withholding(&self, state: State, status: FilingStatus, pay: &AnnualPay) -> Option<Decimal> {
        let law = self.laws.get(&state)?.as_ref()?.withholding.get(status).as_ref()?;
        Some(law.withhold(pay))
    }

    /// Whether the state has an income tax on wages.
    pub(super) fn taxes_wages(&self, state: State) -> Result<bool, TaxError> {
        let law = self.laws.get(&state).ok_or(TaxError::StateNotSupported(state))?;
        Ok(law.as_ref().is_some_and(|file| match file.by_status.get(FilingStatus::Single) {
            StateLaw::General(law) => law.base.has_wages(),
            StateLaw::Massachusetts(_) => true,
        }))
    }
}

impl StateFile {
    /// The status that a federal one is in this state.
    const fn status(&self, federal: FilingStatus) -> FilingStatus {
        match federal {
            FilingStatus::QualifyingSurvivingSpouse => self.surviving_spouse,
            FilingStatus::Single | FilingStatus::MarriedJointly | FilingStatus::MarriedSeparately | FilingStatus::HeadOfHousehold => {
                federal
            }
        }
    }
}

/// In a state's file a surviving spouse is told once, by the status that counts as theirs.
const fn own_status(status: FilingStatus) -> FilingStatus {
    match status {
        FilingStatus::QualifyingSurvivingSpouse => FilingStatus::MarriedJointly,
        FilingStatus::Single | FilingStatus::MarriedJointly | FilingStatus::MarriedSeparately | FilingStatus::HeadOfHousehold => status,
    }
}

impl StateLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        if file.has_table("parts") {
            return Ok(Self::Massachusetts(Box::new(massachusetts::MassachusettsLaw::load(file, status)?)));
        }
        Ok(Self::General(Box::new(GeneralLaw {
            base: base::BaseLaw::load(file, status)?,
            deductions: deductions::DeductionLaw::load(file, status)?,
            tax: tax::TaxLaw::load(file, status)?,
            credits: credits::CreditLaw::load(file, status)?,
            forgiveness: pennsylvania::ForgivenessLaw::find(file, status)?,
            limit: file.find("limit_to_federal_tax")?.map(|_| ()),
        })))
    }

    fn compute(&self, input: &StateInput<'_>, record: &mut impl Record) -> StateLines {
        match self {
            Self::General(law) => law.compute(input, record),
            Self::Massachusetts(law) => law.compute(input, record),
        }
    }
}

impl GeneralLaw {
    fn compute(&self, input: &StateInput<'_>, record: &mut impl Record) -> StateLines {
        let agi = self.base.income(input, record);
        let deducted = self.deductions.standard.deduction(input, agi, record) + self.deductions.others(input, agi, record);
        let taxable = (agi - deducted).max(Decimal::ZERO);
        let rule = "the taxable income is not below zero";
        record.add(Part::Income, "deductions without income to take them from", taxable - (agi - deducted), rule, "state");
        let bases = Bases { agi, deducted, taxable };
        let full = self.tax.before_credits(input, &bases, &self.deductions.standard, record);
        let tax = self.forgiveness.as_ref().map_or(full, |law| full * law.due(input, agi));
        let rule = "a part of the tax is forgiven, by income and dependents";
        record.add(Part::Tax, "tax forgiveness", tax - full, rule, "tax_forgiveness");
        let credits = self.credits.take(input, &bases, tax, &self.tax, record);
        let after_credits = tax - credits.nonrefundable;
        let limited = self.limit.map_or(after_credits, |()| after_credits.min(input.amounts.federal_tax_before_credits));
        let rule = "the state's tax is at most the federal one";
        record.add(Part::Tax, "limit to the federal tax", limited - after_credits, rule, "limit_to_federal_tax");
        let fixed = self.tax.after_credits(input);
        record.add(Part::Tax, "fixed tax", fixed, "of whoever has to file; no credit lowers it", "fixed_tax");
        let before_refundable_credits = limited + fixed;
        StateLines { taxable, before_credits: tax + fixed, before_refundable_credits, tax: before_refundable_credits - credits.refundable }
    }
}
