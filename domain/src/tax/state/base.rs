//! Where a state's tax begins: its adjusted gross income.
//!
//! Most states start from the federal one, some from the federal taxable income, and a few (NJ, PA) from income by classes of their
//! own, in which the loss of one class does not lower another. What a state adds back and takes off is a list of words in its file.

use rust_decimal::Decimal;

use super::input::StateInput;
use super::record::{Part, Record};
use super::retirement_exclusion::ExclusionLaw;
use super::subtractions::{AgedLaw, BenefitsLaw, GainsLaw, RetirementLaw};
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// What the label of itemized deductions leaves open.
const ITEMIZED: &str = "Schedule A line 17, as far as the state follows it";

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
    aged: Option<AgedLaw>,
    /// A couple in which both earn deducts up to this much of the lower income (MD).
    second_earner_limit: Option<Decimal>,
    /// Only so much of the federal standard deduction is followed (SC).
    standard_deduction_followed: Option<Decimal>,
    /// And so much more of it for everybody who is aged or blind.
    aged_or_blind_followed: Decimal,
    /// What is added above an income: the deductions and the qualified business income that CO takes back.
    add_backs: Option<AddBackLaw>,
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
            aged: AgedLaw::find(file)?,
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

    /// The state's adjusted gross income; `record` is told of its lines.
    pub(super) fn income(&self, input: &StateInput<'_>, record: &mut impl Record) -> Decimal {
        let a = &input.amounts;
        let mut income = self.start(input, record);
        for addition in &self.add {
            let ((label, rule), amount) = (addition.words(), addition.of(input));
            record.add(Part::Income, label, amount, rule, "base");
            income += amount;
        }
        let total = income;
        let mut line = |label, amount: Decimal, rule, table| {
            record.add(Part::Income, label, amount, rule, table);
            income += amount;
        };
        if let Some(law) = &self.add_backs {
            let rule = "above an income, the federal deductions count only up to a limit, and the one for business income does not";
            line("federal deductions added back", law.addition(input), rule, "add_backs");
        }
        if let Some(followed) = self.standard_deduction_followed {
            let followed = followed + self.aged_or_blind_followed * Decimal::from(input.aged + input.blind);
            let beyond = (a.federal_standard_deduction - followed).max(Decimal::ZERO);
            let rule = "what of the federal standard deduction the state does not follow";
            line("federal standard deduction beyond the state's", beyond, rule, "standard_deduction_add_back");
        }
        for subtraction in &self.subtract {
            let (label, rule) = subtraction.words();
            line(label, -self.subtraction(*subtraction, input), rule, "base");
        }
        let benefits = self.benefits.as_ref().map_or(Decimal::ZERO, |law| law.subtraction(input));
        let rule = "the state does not tax them below an income";
        line("Social Security benefits that are not taxed", -benefits, rule, "benefits_subtraction");
        if let Some(law) = &self.aged {
            let rule = "an amount of any income for each of 65 or older, less the benefits that are not taxed";
            line("senior citizen's deduction", -law.subtraction(input, benefits), rule, "aged_subtraction");
        }
        if let Some(law) = &self.gains {
            let rule = "a part of the gains (and dividends) is not taxed";
            line("capital gains that are not taxed", -law.subtraction(input), rule, "capital_gains_subtraction");
        }
        if let Some(law) = &self.retirement {
            let rule = "retirement income up to a limit for each person of the age is not taxed";
            line("pension and annuity exclusion", -law.subtraction(input), rule, "retirement_subtraction");
        }
        if let Some(law) = &self.exclusion {
            let rule = "a part of the pensions, and of other income where little is earned, by total income";
            line("pension and other retirement income exclusion", -law.exclusion(input, total), rule, "retirement_exclusion");
        }
        let second = self.second_earner(input, income);
        let rule = "a couple in which both earn takes off the lower income, up to a limit";
        record.add(Part::Income, "two-income subtraction", -second, rule, "second_earner_subtraction");
        income - second
    }

    /// Whether it starts from what is left after the federal deductions.
    pub(super) fn starts_after_deductions(&self) -> bool {
        self.start == Start::FederalTaxableIncome
    }

    /// Where the state begins.
    fn start(&self, input: &StateInput<'_>, record: &mut impl Record) -> Decimal {
        let a = &input.amounts;
        let mut start = Decimal::ZERO;
        let mut line = |label, amount: Decimal, rule| {
            record.add(Part::Income, label, amount, rule, "base");
            start += amount;
        };
        match self.start {
            Start::FederalAgi => line("federal adjusted gross income", a.federal_agi, "the state starts from Form 1040 line 11"),
            Start::FederalTaxableIncome => {
                let rule = "the state starts from the federal taxable income, here with its parts: Form 1040 line 11";
                line("federal adjusted gross income", a.federal_agi, rule);
                line("federal standard deduction", -a.federal_standard_deduction, "Form 1040 line 12");
                line("federal itemized deductions", -a.federal_itemized_deductions, ITEMIZED);
                line("gifts beside the standard deduction", -a.federal_charity, "26 U.S.C. § 170(p)");
                line("federal deduction for business income", -a.qbi_deduction, "26 U.S.C. § 199A");
                line("federal senior deduction", -a.federal_senior_deduction, "26 U.S.C. § 151(d)(5)(C)");
            }
            Start::Classes => {
                let gains = a.short_term_gains + a.long_term_gains;
                let rule = "a class of income of its own, whose loss lowers no other class";
                line("wages, as Form W-2 box 1", a.wages.max(Decimal::ZERO), rule);
                line("self-employment", a.self_employment.max(Decimal::ZERO), rule);
                line("gains on sales", gains.max(Decimal::ZERO), rule);
                line("interest and dividends", a.interest + a.dividends, rule);
                line("pensions and withdrawals", a.retirement.max(Decimal::ZERO), rule);
                line("other income", a.other.max(Decimal::ZERO), rule);
            }
            Start::InterestAndDividends => line("interest and dividends", a.interest + a.dividends, "the state taxes nothing else"),
            Start::LongTermGains => line("net long-term gains", a.net_capital_gain, "the state taxes nothing else"),
        }
        start
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

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::PayrollHsa => ("health savings contributions", "the state does not follow 26 U.S.C. § 106(d): they are wages here"),
            Self::Cafeteria => ("cafeteria plan", "the state does not follow 26 U.S.C. § 125: it is wages here"),
            Self::Deferrals => {
                ("retirement contributions from pay", "the state does not follow 26 U.S.C. § 402(e)(3): they are wages here")
            }
            Self::SelfEmploymentDeduction => {
                ("deductible part of self-employment tax", "the state does not follow 26 U.S.C. § 164(f): it is added back")
            }
            Self::QbiDeduction => ("federal deduction for business income", "the state does not follow 26 U.S.C. § 199A: it is added back"),
            Self::SeniorDeduction => ("federal senior deduction", "the state does not follow it: it is added back"),
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
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::SocialSecurity => ("taxable Social Security benefits", "the state does not tax them"),
            Self::Retirement => ("retirement income", "the state does not tax it"),
            Self::QbiDeduction => ("deduction for business income", "the state follows 26 U.S.C. § 199A"),
            Self::SeniorDeduction => ("senior deduction", "the state follows the federal one"),
            Self::SelfEmployment => ("business income", "the state takes it off, up to its limit"),
            Self::CapitalLossesBeyondLimit => ("capital losses beyond the federal limit", "the state lets all of a loss count"),
        }
    }

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
