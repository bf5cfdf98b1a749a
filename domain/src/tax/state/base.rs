//! Where a state's tax begins: its adjusted gross income.
//!
//! Most states start from the federal one, some from the federal taxable income, and a few (NJ, PA) from income by classes of their
//! own, in which the loss of one class does not lower another. What a state adds back and takes off is a list of words in its file.

use rust_decimal::Decimal;

use super::input::StateInput;
use super::reduction::{Reduction, Tiers};
use super::retirement_exclusion::ExclusionLaw;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    FederalAgi,
    FederalTaxableIncome,
    Classes,
    /// Nothing else (NH until 2024).
    InterestAndDividends,
    /// Nothing else (WA).
    LongTermGains,
}

/// What a state does not follow the federal return in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Addition {
    PayrollHsa,
    Cafeteria,
    Deferrals,
    SelfEmploymentDeduction,
    QbiDeduction,
    SeniorDeduction,
}

/// What a state does not tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subtraction {
    SocialSecurity,
    Retirement,
    QbiDeduction,
    SeniorDeduction,
    SelfEmployment,
    CapitalLossesBeyondLimit,
}

/// What of this room differs by state, year or status.
#[derive(Clone, Debug)]
pub(super) struct BaseLaw {
    start: Start,
    add: Vec<Addition>,
    subtract: Vec<Subtraction>,
    /// The business income that a state takes off, up to this much (OH).
    self_employment_limit: Option<Decimal>,
    gains: Option<GainsLaw>,
    retirement: Option<RetirementLaw>,
    exclusion: Option<ExclusionLaw>,
    /// Pensions and withdrawals before this age are not spared (PA).
    retirement_from_age: u32,
    benefits: Option<BenefitsLaw>,
    /// A couple in which both earn deducts up to this much of the lower income (MD).
    second_earner_limit: Option<Decimal>,
    /// Only so much of the federal standard deduction is followed (SC).
    standard_deduction_followed: Option<Decimal>,
    /// And so much more of it for everybody who is aged or blind.
    aged_or_blind_followed: Decimal,
    /// What is added above an income: the deductions and the qualified business income that CO takes back.
    add_backs: Option<AddBackLaw>,
}

/// A part of the long-term gains that is not taxed.
#[derive(Clone, Debug)]
struct GainsLaw {
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

/// Retirement income that is not taxed, up to a limit per person from an age, and below an income.
#[derive(Clone, Debug)]
struct RetirementLaw {
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

/// Benefits that are not taxed below an income only.
#[derive(Clone, Debug)]
struct BenefitsLaw {
    fall: Reduction,
    /// However high the income, this part is not taxed (CT, WV).
    share_above: Decimal,
    from_age: u32,
}

#[derive(Clone, Debug)]
struct AddBackLaw {
    deduction_income: Decimal,
    deduction_limit: Decimal,
    itemized_only: bool,
    qbi_income: Decimal,
}

impl BaseLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let table = file.table("base")?;
        let limited = file.find("base.self_employment_limit")?;
        let second = file.find("second_earner_subtraction")?;
        Ok(Self {
            start: table.word("from", Start::parse)?,
            add: if table.has("add") { table.words("add", Addition::parse)? } else { Vec::new() },
            subtract: if table.has("subtract") { table.words("subtract", Subtraction::parse)? } else { Vec::new() },
            self_employment_limit: limited.map(|table| table.of_status(status)).transpose()?,
            gains: GainsLaw::load(file, status)?,
            retirement: RetirementLaw::load(file, status)?,
            exclusion: ExclusionLaw::find(file, status)?,
            retirement_from_age: if table.has("retirement_from_age") { table.whole("retirement_from_age")? } else { 0 },
            benefits: BenefitsLaw::load(file, status)?,
            second_earner_limit: second.map(|table| table.amount("limit")).transpose()?,
            aged_or_blind_followed: match file.find("standard_deduction_add_back")? {
                Some(table) => table.optional_amount_for("per_aged_or_blind", status)?,
                None => Decimal::ZERO,
            },
            standard_deduction_followed: match file.find("standard_deduction_add_back")? {
                Some(table) => Some(table.of_status(status)?),
                None => None,
            },
            add_backs: AddBackLaw::load(file, status)?,
        })
    }

    /// Whether wages are in it: not where a state taxes gains or dividends alone.
    pub(super) const fn has_wages(&self) -> bool {
        match self.start {
            Start::FederalAgi | Start::FederalTaxableIncome | Start::Classes => true,
            Start::InterestAndDividends | Start::LongTermGains => false,
        }
    }

    /// The state's adjusted gross income.
    pub(super) fn income(&self, input: &StateInput<'_>) -> Decimal {
        let a = &input.amounts;
        let start = match self.start {
            Start::FederalAgi => a.federal_agi,
            Start::FederalTaxableIncome => {
                let deductions = a.federal_standard_deduction + a.federal_itemized_deductions + a.federal_charity;
                a.federal_agi - deductions - a.qbi_deduction - a.federal_senior_deduction
            }
            Start::Classes => {
                let gains = a.short_term_gains + a.long_term_gains;
                let classes = [a.wages, a.self_employment, gains, a.interest + a.dividends, a.retirement, a.other];
                classes.into_iter().map(|class| class.max(Decimal::ZERO)).sum()
            }
            Start::InterestAndDividends => a.interest + a.dividends,
            Start::LongTermGains => a.net_capital_gain,
        };
        let added: Decimal = self.add.iter().map(|addition| addition.of(input)).sum();
        let benefits = match &self.benefits {
            Some(law) => law.subtraction(input),
            None => Decimal::ZERO,
        };
        let subtracted: Decimal = self.subtract.iter().map(|subtraction| self.subtraction(*subtraction, input)).sum();
        let gains = self.gains.as_ref().map_or(Decimal::ZERO, |law| law.subtraction(input));
        let retirement = self.retirement.as_ref().map_or(Decimal::ZERO, |law| law.subtraction(input));
        let exclusion = self.exclusion.as_ref().map_or(Decimal::ZERO, |law| law.exclusion(input, start + added));
        let add_backs = self.add_backs.as_ref().map_or(Decimal::ZERO, |law| law.addition(input));
        let beyond_followed = self.standard_deduction_followed.map_or(Decimal::ZERO, |followed| {
            let followed = followed + self.aged_or_blind_followed * Decimal::from(input.aged + input.blind);
            (a.federal_standard_deduction - followed).max(Decimal::ZERO)
        });
        let income = start + added + add_backs + beyond_followed - subtracted - benefits - gains - retirement - exclusion;
        income - self.second_earner(input, income)
    }

    fn subtraction(&self, subtraction: Subtraction, input: &StateInput<'_>) -> Decimal {
        let a = &input.amounts;
        match subtraction {
            // A state that starts from its own classes never had them in.
            Subtraction::SocialSecurity | Subtraction::SeniorDeduction if self.start == Start::Classes => Decimal::ZERO,
            Subtraction::SocialSecurity => a.taxable_benefits,
            Subtraction::Retirement if input.filers_from_age(self.retirement_from_age) == 0 => Decimal::ZERO,
            Subtraction::Retirement => a.retirement,
            Subtraction::QbiDeduction => a.qbi_deduction,
            Subtraction::SeniorDeduction => a.federal_senior_deduction,
            Subtraction::CapitalLossesBeyondLimit => a.capital_gains - (a.short_term_gains + a.long_term_gains),
            Subtraction::SelfEmployment => {
                let income = a.self_employment.min(a.federal_agi).max(Decimal::ZERO);
                self.self_employment_limit.map_or(income, |limit| income.min(limit))
            }
        }
    }

    fn second_earner(&self, input: &StateInput<'_>, income: Decimal) -> Decimal {
        let Some(limit) = self.second_earner_limit.filter(|_| input.is_joint()) else { return Decimal::ZERO };
        let [_, spouse] = input.people;
        let lower = spouse.earned().min(income - spouse.earned());
        lower.min(limit).max(Decimal::ZERO)
    }
}

impl Start {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "federal_agi" => Some(Self::FederalAgi),
            "federal_taxable_income" => Some(Self::FederalTaxableIncome),
            "classes" => Some(Self::Classes),
            "interest_and_dividends" => Some(Self::InterestAndDividends),
            "long_term_gains" => Some(Self::LongTermGains),
            _ => None,
        }
    }
}

impl Addition {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "payroll_hsa" => Some(Self::PayrollHsa),
            "cafeteria" => Some(Self::Cafeteria),
            "deferrals" => Some(Self::Deferrals),
            "self_employment_deduction" => Some(Self::SelfEmploymentDeduction),
            "qbi_deduction" => Some(Self::QbiDeduction),
            "senior_deduction" => Some(Self::SeniorDeduction),
            _ => None,
        }
    }

    const fn of(self, input: &StateInput<'_>) -> Decimal {
        match self {
            Self::PayrollHsa => input.amounts.payroll_hsa,
            Self::Cafeteria => input.amounts.cafeteria,
            Self::Deferrals => input.amounts.deferrals,
            Self::SelfEmploymentDeduction => input.amounts.self_employment_deduction,
            Self::QbiDeduction => input.amounts.qbi_deduction,
            Self::SeniorDeduction => input.amounts.federal_senior_deduction,
        }
    }
}

impl Subtraction {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "social_security" => Some(Self::SocialSecurity),
            "retirement" => Some(Self::Retirement),
            "qbi_deduction" => Some(Self::QbiDeduction),
            "senior_deduction" => Some(Self::SeniorDeduction),
            "self_employment" => Some(Self::SelfEmployment),
            "capital_losses_beyond_limit" => Some(Self::CapitalLossesBeyondLimit),
            _ => None,
        }
    }
}

impl GainsLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
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

    fn subtraction(&self, input: &StateInput<'_>) -> Decimal {
        let a = &input.amounts;
        let gain = if self.short_term { a.capital_gains.max(Decimal::ZERO) } else { a.net_capital_gain };
        let part = (gain * self.rate).max(gain.min(self.minimum));
        let part = self.limit.map_or(part, |limit| part.min(limit));
        let cap = self.taxable_income_share.map(|share| input.amounts.federal_taxable_income * share);
        cap.map_or(part, |cap| part.min(cap)) * self.part + input.amounts.qualified_dividends * self.dividend_rate
    }
}

impl RetirementLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
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
    fn subtraction(&self, input: &StateInput<'_>) -> Decimal {
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

impl BenefitsLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("benefits_subtraction")? else { return Ok(None) };
        let fall = Reduction::find(file, "benefits_subtraction", status)?;
        Ok(Some(Self {
            fall: fall.ok_or_else(|| table.error("does not say how it falls"))?,
            share_above: if table.has("share_above") { table.rate("share_above")? } else { Decimal::ZERO },
            from_age: if table.has("from_age") { table.whole("from_age")? } else { 0 },
        }))
    }

    fn subtraction(&self, input: &StateInput<'_>) -> Decimal {
        let benefits = input.amounts.taxable_benefits;
        if benefits.is_zero() || input.filers_from_age(self.from_age) == 0 {
            return Decimal::ZERO;
        }
        let left = self.fall.apply(benefits, input.amounts.federal_agi, input.beyond_step);
        left.max(benefits * self.share_above)
    }
}

impl AddBackLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("add_backs")? else { return Ok(None) };
        Ok(Some(Self {
            deduction_income: table.amount("deduction_income")?,
            deduction_limit: table.amount_for("deduction_limit", status)?,
            itemized_only: table.is_on("itemized_only")?,
            qbi_income: table.amount_for("qbi_income", status)?,
        }))
    }

    /// CO: from an income on, only so much of the federal deduction counts; above another, the qualified business income deduction
    /// does not (C.R.S. § 39-22-104(3)(p), (o)).
    fn addition(&self, input: &StateInput<'_>) -> Decimal {
        let a = &input.amounts;
        let standard = if self.itemized_only { Decimal::ZERO } else { a.federal_standard_deduction };
        let deduction = match input.stepped(a.federal_agi) >= self.deduction_income {
            true => (standard + a.federal_itemized_deductions - self.deduction_limit).max(Decimal::ZERO),
            false => Decimal::ZERO,
        };
        deduction + if input.stepped(a.federal_agi) > self.qbi_income { a.qbi_deduction } else { Decimal::ZERO }
    }
}
