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
mod input;
mod massachusetts;
mod pennsylvania;
mod recapture;
mod reduction;
mod retirement_exclusion;
mod separate;
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
use tax::Bases;
pub(super) use withholding::AnnualPay;
use withholding::WithholdingLaw;

/// The income tax of every state that is known; a state that is not is an error that names it, never a silent zero.
#[derive(Clone, Debug)]
pub(super) struct StateLaws {
    laws: BTreeMap<State, Option<StateFile>>,
}

#[derive(Clone, Debug)]
struct StateFile {
    source: String,
    by_status: ByStatus<StateLaw>,
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
        let mut laws = BTreeMap::new();
        for file in files {
            if let Some(table) = file.find("no_income_tax")? {
                laws.extend(table.words("states", State::parse)?.into_iter().map(|state| (state, None)));
            } else {
                let table = file.table("state")?;
                let state = table.word("code", State::parse)?;
                let law = StateFile {
                    source: table.source()?.to_owned(),
                    by_status: ByStatus::try_build(|status| StateLaw::load(file, own_status(status)))?,
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
        Ok(Self { laws })
    }

    /// The states that are known, in the order of their names.
    pub(super) fn known(&self) -> impl Iterator<Item = State> + '_ {
        self.laws.keys().copied()
    }

    /// The state's tax on a return. With `indexing`, every amount of the state's law is multiplied by it, where the law adjusts its
    /// amounts for inflation.
    pub(super) fn tax(&self, state: State, mut input: StateInput<'_>, indexing: Option<Decimal>) -> Result<StateLines, TaxError> {
        let Some(law) = self.laws.get(&state).ok_or(TaxError::StateNotSupported(state))? else {
            return Ok(StateLines::default());
        };
        let status = match input.status {
            FilingStatus::QualifyingSurvivingSpouse => {
                input.filers = law.surviving_spouse_filers;
                law.surviving_spouse
            }
            FilingStatus::Single | FilingStatus::MarriedJointly | FilingStatus::MarriedSeparately | FilingStatus::HeadOfHousehold => {
                input.status
            }
        };
        let (indexed, law) = (law.indexed, law.by_status.get(status));
        Ok(match indexing.filter(|_| indexed) {
            None => law.compute(&input),
            Some(factor) => law.compute(&input.deflated(factor)).times(factor),
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

    /// The law that a state's tax is computed by; empty where there is none.
    pub(super) fn source(&self, state: State) -> &str {
        self.laws.get(&state).and_then(Option::as_ref).map_or("", |file| &file.source)
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

    fn compute(&self, input: &StateInput<'_>) -> StateLines {
        match self {
            Self::General(law) => law.compute(input),
            Self::Massachusetts(law) => law.compute(input),
        }
    }
}

impl GeneralLaw {
    fn compute(&self, input: &StateInput<'_>) -> StateLines {
        let agi = self.base.income(input);
        let deducted = self.deductions.standard.deduction(input, agi) + self.deductions.others(input, agi);
        let taxable = (agi - deducted).max(Decimal::ZERO);
        let bases = Bases { agi, deducted, taxable };
        let tax = self.tax.before_credits(input, &bases, &self.deductions.standard);
        let tax = self.forgiveness.as_ref().map_or(tax, |law| tax * law.due(input, agi));
        let credits = self.credits.take(input, &bases, tax, &self.tax);
        let after_credits = tax - credits.nonrefundable;
        let limited = self.limit.map_or(after_credits, |()| after_credits.min(input.amounts.federal_tax_before_credits));
        let before_refundable_credits = limited + self.tax.after_credits(input);
        let before_credits = tax + self.tax.after_credits(input);
        StateLines { before_credits, before_refundable_credits, tax: before_refundable_credits - credits.refundable }
    }
}
