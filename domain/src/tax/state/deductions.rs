//! From a state's adjusted gross income to its taxable income: standard deduction, exemptions, a part of the federal tax.

use rust_decimal::Decimal;

use super::exemptions::ExemptionLaw;
use super::input::StateInput;
use super::record::{Part, Record};
use super::reduction::{Reduction, Tiers};
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// What of this room differs by state, year or status.
#[derive(Clone, Debug)]
pub(super) struct DeductionLaw {
    pub(super) standard: StandardLaw,
    exemptions: Option<ExemptionLaw>,
    federal_tax: Option<FederalTaxLaw>,
    /// A deduction for every child, by income (NC).
    per_child: Option<PerChildLaw>,
    low_income: Option<LowIncomeLaw>,
    age: Option<AgeLaw>,
    /// For every dependent after the first (NM).
    further_dependents: Decimal,
}

/// The income that a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    StateAgi,
    FederalAgi,
    StateTaxable,
    /// OH: what the state deducts is taken off, business income is not.
    FederalAgiLessDeductions,
}

impl Measure {
    /// The word under `income` in the table; the state's own adjusted gross income where there is none.
    pub(super) fn find(file: &LawFile, path: &str) -> Result<Self, TableError> {
        let parse = |word: &str| match word {
            "federal_agi" => Some(Self::FederalAgi),
            "state_taxable" => Some(Self::StateTaxable),
            "federal_agi_less_deductions" => Some(Self::FederalAgiLessDeductions),
            _ => None,
        };
        if file.has_key(path, "income") { file.table(path)?.word("income", parse) } else { Ok(Self::StateAgi) }
    }

    pub(super) fn of(self, input: &StateInput<'_>, agi: Decimal, deducted: Decimal) -> Decimal {
        match self {
            Self::StateAgi => agi,
            Self::FederalAgi => input.amounts.federal_agi,
            Self::StateTaxable => (agi - deducted).max(Decimal::ZERO),
            Self::FederalAgiLessDeductions => input.amounts.federal_agi - deducted,
        }
    }
}

/// A reduction and the income that it looks at.
#[derive(Clone, Debug)]
pub(super) struct PhaseOut {
    reduction: Reduction,
    measure: Measure,
}

impl PhaseOut {
    pub(super) fn find(file: &LawFile, path: &str, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(reduction) = Reduction::find(file, path, status)? else { return Ok(None) };
        Ok(Some(Self { reduction, measure: Measure::find(file, path)? }))
    }

    /// What is left of an amount; `deducted` is what was taken off the income so far.
    pub(super) fn apply(&self, amount: Decimal, input: &StateInput<'_>, agi: Decimal, deducted: Decimal) -> Decimal {
        self.reduction.apply(amount, self.measure.of(input, agi, deducted), input.beyond_step)
    }
}

/// The standard deduction of a state.
#[derive(Clone, Debug)]
pub(super) struct StandardLaw {
    kind: Standard,
    per_aged_or_blind: Decimal,
    phase_out: Option<PhaseOut>,
    floor: Decimal,
    itemizing: Itemizing,
    /// So do Social Security, Medicare and self-employment taxes (AL).
    payroll_taxes: bool,
}

/// Whether deductions may be itemized. What of them a state does not allow (income taxes, mostly) is taken out beforehand: `itemized`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Itemizing {
    No,
    /// Where they are more than the state's standard deduction, whatever was chosen federally.
    Free,
    /// The same, of who itemizes federally.
    IfFederal,
    /// Who itemizes federally has to, who does not cannot.
    AsFederal,
}

impl Itemizing {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "free" => Some(Self::Free),
            "if_federal" => Some(Self::IfFederal),
            "as_federal" => Some(Self::AsFederal),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
enum Standard {
    None,
    Federal,
    Fixed(Decimal),
    /// A part of the income between a least and a most amount (MD until 2024).
    Share {
        rate: Decimal,
        least: Decimal,
        most: Decimal,
    },
}

impl StandardLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let aged = file.find("standard_deduction.per_aged_or_blind")?;
        let floor = file.find("standard_deduction.floor")?;
        let table = file.find("standard_deduction")?;
        let on = |key: &str| table.as_ref().map_or(Ok(false), |table| table.is_on(key));
        let kind = match &table {
            None => Standard::None,
            Some(table) if table.is_on("federal")? => Standard::Federal,
            Some(table) if table.has("share") => Standard::Share {
                rate: table.rate("share")?,
                least: table.amount_for("least", status)?,
                most: table.amount_for("most", status)?,
            },
            Some(table) => Standard::Fixed(table.of_status(status)?),
        };
        Ok(Self {
            kind,
            per_aged_or_blind: aged.map(|table| table.of_status(status)).transpose()?.unwrap_or_default(),
            phase_out: PhaseOut::find(file, "standard_deduction.phase_out", status)?,
            floor: floor.map(|table| table.of_status(status)).transpose()?.unwrap_or_default(),
            itemizing: match table.as_ref().filter(|table| table.has("itemized")) {
                Some(table) => table.word("itemized", Itemizing::parse)?,
                None => Itemizing::No,
            },
            payroll_taxes: on("payroll_taxes")?,
        })
    }

    /// Whether itemized deductions count at all.
    pub(super) fn follows_itemized(&self) -> bool {
        self.itemizing != Itemizing::No || matches!(self.kind, Standard::Federal)
    }

    /// The deduction itself, standard or itemized.
    pub(super) fn deduction(&self, input: &StateInput<'_>, agi: Decimal, record: &mut impl Record) -> Decimal {
        let (is_itemized, deduction) = self.taken(input, agi);
        let (label, rule) = match (is_itemized, &self.kind) {
            (true, _) if self.payroll_taxes => {
                ("itemized deductions", "Schedule A, as far as the state follows it, with Social Security and Medicare tax")
            }
            (true, _) => ("itemized deductions", "Schedule A, as far as the state follows it"),
            (false, Standard::Federal) => ("standard deduction", "the federal one, which the state follows"),
            (false, Standard::None | Standard::Fixed(_) | Standard::Share { .. }) => {
                ("standard deduction", "the state's own, by status, age and blindness")
            }
        };
        let table = if is_itemized { "itemized_deductions" } else { "standard_deduction" };
        record.add(Part::Income, label, -deduction, rule, table);
        deduction
    }

    /// Whether deductions are itemized, and what is deducted.
    fn taken(&self, input: &StateInput<'_>, agi: Decimal) -> (bool, Decimal) {
        let federal = input.amounts.federal_itemized_deductions;
        let full = match self.kind {
            Standard::None => Decimal::ZERO,
            Standard::Federal if input.itemizes => return (true, federal),
            Standard::Federal => input.amounts.federal_standard_deduction,
            Standard::Fixed(amount) => amount,
            Standard::Share { rate, least, most } => (agi * rate).max(least).min(most),
        };
        let full = full + self.per_aged_or_blind * Decimal::from(input.aged + input.blind);
        let standard = match &self.phase_out {
            Some(phase_out) => phase_out.apply(full, input, agi, Decimal::ZERO).max(self.floor),
            None => full,
        };
        let payroll_taxes = if self.payroll_taxes { input.amounts.payroll_taxes } else { Decimal::ZERO };
        let itemized = match self.itemizing {
            Itemizing::No => Decimal::ZERO,
            Itemizing::Free => input.amounts.itemizable,
            Itemizing::IfFederal => federal,
            Itemizing::AsFederal if input.itemizes => return (true, federal),
            Itemizing::AsFederal => Decimal::ZERO,
        } + payroll_taxes;
        (itemized > standard, standard.max(itemized))
    }
}

/// The deduction of federal income tax (AL, MO, OR).
#[derive(Clone, Debug)]
struct FederalTaxLaw {
    /// The part that is deducted, by state income (MO).
    share: Option<Tiers>,
    limit: Option<Decimal>,
    /// The most that is deducted, by federal income (OR).
    limit_by_income: Option<Tiers>,
    less_earned_income_credit: bool,
    less_additional_child_credit: bool,
}

impl FederalTaxLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("federal_tax_deduction")? else { return Ok(None) };
        Ok(Some(Self {
            share: Tiers::find(file, "federal_tax_deduction.share", status, "share")?,
            limit: if table.has("limit") { Some(table.amount_for("limit", status)?) } else { None },
            limit_by_income: Tiers::find(file, "federal_tax_deduction.limit_by_income", status, "limit")?,
            less_earned_income_credit: table.is_on("less_earned_income_credit")?,
            less_additional_child_credit: table.is_on("less_additional_child_credit")?,
        }))
    }

    fn deduction(&self, input: &StateInput<'_>, agi: Decimal) -> Decimal {
        let a = &input.amounts;
        let mut tax = a.federal_income_tax;
        if self.less_earned_income_credit {
            tax -= a.federal_earned_income_credit;
        }
        if self.less_additional_child_credit {
            tax -= a.federal_additional_child_credit;
        }
        let part = self.share.as_ref().map_or(Decimal::ONE, |share| share.at(input.stepped(agi))) * tax.max(Decimal::ZERO);
        let part = self.limit.map_or(part, |limit| part.min(limit));
        self.limit_by_income.as_ref().map_or(part, |limit| part.min(limit.at(input.stepped(a.federal_agi))))
    }
}

/// An exemption for every person that falls with income, and ends at a limit (NM).
#[derive(Clone, Debug)]
struct LowIncomeLaw {
    each: Decimal,
    above: Decimal,
    rate: Decimal,
    up_to: Decimal,
}

impl LowIncomeLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("low_income_exemption")? else { return Ok(None) };
        let (above, up_to) = (table.amount_for("above", status)?, table.amount_for("up_to", status)?);
        Ok(Some(Self { each: table.amount("each")?, above, rate: table.amount_for("rate", status)?, up_to }))
    }

    fn exemption(&self, input: &StateInput<'_>) -> Decimal {
        let income = input.amounts.federal_agi;
        if income > self.up_to {
            return Decimal::ZERO;
        }
        let each = self.each - (income - self.above).max(Decimal::ZERO) * self.rate;
        each.max(Decimal::ZERO) * Decimal::from(input.filers.saturating_add(input.dependents()))
    }
}

/// A deduction of each aged filer, falling dollar for dollar with income (VA).
#[derive(Clone, Debug)]
struct AgeLaw {
    amount: Decimal,
    above: Decimal,
}

impl AgeLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("age_deduction")? else { return Ok(None) };
        Ok(Some(Self { amount: table.amount("amount")?, above: table.amount_for("above", status)? }))
    }

    fn deduction(&self, input: &StateInput<'_>) -> Decimal {
        let income = input.amounts.federal_agi - input.amounts.taxable_benefits;
        (self.amount * Decimal::from(input.aged) - (income - self.above).max(Decimal::ZERO)).max(Decimal::ZERO)
    }
}

#[derive(Clone, Debug)]
struct PerChildLaw {
    below_age: u32,
    amount: Tiers,
}

impl DeductionLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let per_child = match file.find("child_deduction")? {
            Some(table) => {
                let amount = Tiers::find(file, "child_deduction.by_income", status, "amount")?;
                let amount = amount.ok_or_else(|| table.error("has no \"by_income\""))?;
                Some(PerChildLaw { below_age: table.whole("below_age")?, amount })
            }
            None => None,
        };
        Ok(Self {
            standard: StandardLaw::load(file, status)?,
            exemptions: ExemptionLaw::find(file, "exemptions", status)?,
            federal_tax: FederalTaxLaw::load(file, status)?,
            per_child,
            low_income: LowIncomeLaw::find(file, status)?,
            age: AgeLaw::find(file, status)?,
            further_dependents: match file.find("further_dependents")? {
                Some(table) => table.amount_for("each", status)?,
                None => Decimal::ZERO,
            },
        })
    }

    /// What is deducted beside the standard or itemized deduction.
    pub(super) fn others(&self, input: &StateInput<'_>, agi: Decimal, record: &mut impl Record) -> Decimal {
        let mut deducted = Decimal::ZERO;
        let mut line = |label, amount: Decimal, rule, table| {
            record.add(Part::Income, label, -amount, rule, table);
            deducted += amount;
        };
        if let Some(law) = &self.exemptions {
            let rule = "an amount for each filer and dependent, and more for the aged";
            line("personal exemptions", law.total(input, agi, Decimal::ZERO), rule, "exemptions");
        }
        if let Some(law) = &self.federal_tax {
            let rule = "the state lets the federal income tax be deducted, up to its limit";
            line("federal income tax", law.deduction(input, agi), rule, "federal_tax_deduction");
        }
        if let Some(law) = &self.per_child {
            let amount = law.amount.at(input.stepped(input.amounts.federal_agi)) * Decimal::from(input.children_below(law.below_age));
            line("child deduction", amount, "an amount for each child, by income", "child_deduction");
        }
        if let Some(law) = &self.low_income {
            let rule = "an amount for each person, falling with income";
            line("low- and middle-income exemption", law.exemption(input), rule, "low_income_exemption");
        }
        if let Some(law) = &self.age {
            line("age deduction", law.deduction(input), "an amount for each of 65 or older, falling with income", "age_deduction");
        }
        let further = self.further_dependents * Decimal::from(input.dependents().saturating_sub(1));
        line("dependents after the first", further, "an amount for each of them", "further_dependents");
        deducted
    }
}
