//! What a state takes off its tax: credits per person, for earned income, for children, for couples in which both earn.

use rust_decimal::Decimal;

use super::couples::{JointLaw, MarriageLaw, SecondEarnerLaw};
use super::deductions::{Measure, PhaseOut};
use super::earned_income::EarnedIncomeLaw;
use super::exemptions::ExemptionLaw;
use super::input::StateInput;
use super::record::{Part, Record};
use super::reduction::Tiers;
use super::tax::{Bases, TaxLaw};
use super::working_families::{CaliforniaLaw, MinnesotaLaw};
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// What of this room differs by state, year or status.
#[derive(Clone, Debug)]
pub(super) struct CreditLaw {
    /// With the name of its table, as the next ones.
    per_person: Vec<(ExemptionLaw, &'static str)>,
    /// Paid out where there is no tax left (ID).
    refundable_per_person: Option<ExemptionLaw>,
    taxpayer: Option<TaxpayerLaw>,
    earned_income: Option<EarnedIncomeLaw>,
    children: Vec<(ChildLaw, &'static str)>,
    second_earner: Option<SecondEarnerLaw>,
    joint: Option<JointLaw>,
    marriage: Option<MarriageLaw>,
    household: Option<HouseholdLaw>,
    family_size: Option<FamilySizeLaw>,
    /// A part of the federal child credit up to an income (OK).
    federal_child_share: Option<(Decimal, Decimal)>,
    retirement: Option<RetirementLaw>,
    benefits: Option<BenefitsLaw>,
    california: Option<CaliforniaLaw>,
    minnesota: Option<MinnesotaLaw>,
}

/// What the credits come to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StateCredits {
    /// As far as they lower the tax.
    pub(super) nonrefundable: Decimal,
    pub(super) refundable: Decimal,
}

impl CreditLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let mut children = Vec::new();
        for path in ["child_credit", "young_child_credit", "dependent_credit"] {
            children.extend(ChildLaw::find(file, path, status)?.map(|law| (law, path)));
        }
        let mut per_person = Vec::new();
        for path in ["personal_credit", "aged_credit", "low_income_credit"] {
            per_person.extend(ExemptionLaw::find(file, path, status)?.map(|law| (law, path)));
        }
        Ok(Self {
            per_person,
            refundable_per_person: ExemptionLaw::find(file, "refundable_personal_credit", status)?,
            taxpayer: TaxpayerLaw::find(file, status)?,
            earned_income: EarnedIncomeLaw::find(file)?,
            children,
            second_earner: SecondEarnerLaw::find(file)?,
            joint: JointLaw::find(file, status)?,
            marriage: MarriageLaw::find(file)?,
            household: HouseholdLaw::find(file, status)?,
            family_size: FamilySizeLaw::find(file, status)?,
            federal_child_share: match file.find("federal_child_credit_share")? {
                Some(table) => Some((table.rate("rate")?, table.amount("up_to")?)),
                None => None,
            },
            retirement: RetirementLaw::find(file)?,
            benefits: BenefitsLaw::find(file, status)?,
            california: CaliforniaLaw::find(file, status)?,
            minnesota: MinnesotaLaw::find(file, status)?,
        })
    }

    /// All credits against a tax; `record` is told of each.
    pub(super) fn take(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal, law: &TaxLaw, record: &mut impl Record) -> StateCredits {
        let mut taken = Taken { tax, against: Decimal::ZERO, refundable: Decimal::ZERO, record };
        self.for_persons(input, bases, &mut taken);
        self.by_income(input, bases, law, &mut taken);
        let household = self.household.as_ref().map_or(Decimal::ZERO, |law| law.credit(input));
        taken.against("household credit", household, "by income and number of people", "household_credit");
        if let Some(law) = &self.earned_income {
            law.take(input, household, &mut taken);
        }
        for (law, path) in &self.children {
            let (label, rule) = ChildLaw::words(path);
            let credit = law.credit(input, bases);
            if law.refundable { taken.pay_out(label, credit, rule, path) } else { taken.against(label, credit, rule, path) }
        }
        if let Some(law) = &self.joint {
            let credit = law.credit(input, bases, taken.left());
            taken.against("joint filing credit", credit, "a part of the tax of a couple in which both have income", "joint_credit");
        }
        if let Some(law) = &self.family_size {
            let rule = "a part of the tax by income over the poverty guideline";
            taken.against("family tax credit", law.share(input, bases) * taken.left(), rule, "family_size_credit");
        }
        taken.finish()
    }

    /// What is given for each person, and by the rules of one state.
    fn for_persons<R: Record>(&self, input: &StateInput<'_>, bases: &Bases, taken: &mut Taken<'_, R>) {
        for (law, path) in &self.per_person {
            let label = match *path {
                "aged_credit" => "credit for the aged",
                "low_income_credit" => "low income credit",
                _ => "personal credits",
            };
            taken.against(label, law.total(input, bases.agi, bases.deducted), "an amount for each person", path);
        }
        if let Some(law) = &self.refundable_per_person {
            let credit = law.total(input, bases.agi, bases.deducted);
            taken.pay_out("grocery credit", credit, "an amount for each person, paid out", "refundable_personal_credit");
        }
        if let Some(law) = &self.california {
            let rule = "form FTB 3514, with the young child tax credit: paid out";
            taken.pay_out("California earned income tax credit", law.credit(input), rule, "california_earned_income_credit");
        }
        if let Some(law) = &self.minnesota {
            let rule = "Schedule M1CWFC: paid out";
            taken.pay_out("child and working family credits", law.credit(input), rule, "minnesota_working_family_credit");
        }
    }

    fn by_income<R: Record>(&self, input: &StateInput<'_>, bases: &Bases, law: &TaxLaw, taken: &mut Taken<'_, R>) {
        if let Some(credit) = &self.retirement {
            taken.against("retirement income credit", credit.credit(input, bases), "by the retirement income", "retirement_credit");
        }
        if let Some(credit) = &self.taxpayer {
            let rule = "a part of the federal deduction and of an amount for each dependent, falling with income";
            taken.against("taxpayer tax credit", credit.credit(input, bases), rule, "taxpayer_credit");
        }
        if let Some(credit) = &self.second_earner {
            let rule = "a part of the lower of two incomes";
            taken.against("credit of two earners", credit.credit(input), rule, "second_earner_credit");
        }
        if let Some(credit) = &self.marriage {
            let rule = "what a couple pays more than two single people would";
            taken.against("marriage credit", credit.credit(input, bases, law), rule, "marriage_credit");
        }
        if let Some(credit) = &self.benefits {
            let rule = "the tax on the taxable benefits, falling with income";
            taken.against("Social Security benefits credit", credit.credit(input, bases, law), rule, "benefits_credit");
        }
        if let Some((rate, up_to)) = self.federal_child_share {
            let is_below = input.stepped(input.amounts.federal_agi) <= up_to;
            let credit = if is_below { input.amounts.federal_child_credit * rate } else { Decimal::ZERO };
            taken.against("child credit", credit, "a part of the federal one, up to an income", "federal_child_credit_share");
        }
    }
}

/// Credits while they are taken, one after the other.
pub(super) struct Taken<'a, R> {
    pub(super) tax: Decimal,
    against: Decimal,
    refundable: Decimal,
    record: &'a mut R,
}

impl<R: Record> Taken<'_, R> {
    /// What the credits so far leave of the tax.
    pub(super) fn left(&self) -> Decimal {
        (self.tax - self.against).max(Decimal::ZERO)
    }

    pub(super) fn against(&mut self, label: &'static str, credit: Decimal, rule: &'static str, table: &'static str) {
        self.record.add(Part::Tax, label, -credit, rule, table);
        self.against += credit;
    }

    pub(super) fn pay_out(&mut self, label: &'static str, credit: Decimal, rule: &'static str, table: &'static str) {
        self.record.add(Part::Tax, label, -credit, rule, table);
        self.refundable += credit;
    }

    fn finish(self) -> StateCredits {
        let nonrefundable = self.against.min(self.tax);
        let rule = "credits that are not paid out end where the tax does";
        self.record.add(Part::Tax, "credits beyond the tax", self.against - nonrefundable, rule, "state");
        StateCredits { nonrefundable, refundable: self.refundable }
    }
}

/// An amount for every child of an age.
#[derive(Clone, Debug)]
struct ChildLaw {
    from_age: u32,
    below_age: u32,
    amount: Decimal,
    /// `(below age, amount)`: more for the youngest (NY).
    young_extra: Option<(u32, Decimal)>,
    by_income: Option<Tiers>,
    most_children: u32,
    phase_out: Option<PhaseOut>,
    measure: Measure,
    refundable: bool,
    separate_returns: bool,
}

impl ChildLaw {
    fn find(file: &LawFile, path: &str, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find(path)? else { return Ok(None) };
        Ok(Some(Self {
            from_age: if table.has("from_age") { table.whole("from_age")? } else { 0 },
            below_age: table.whole("below_age")?,
            amount: table.optional_amount_for("amount", status)?,
            young_extra: match table.has("young_extra") {
                true => Some((table.whole("young_below_age")?, table.amount("young_extra")?)),
                false => None,
            },
            by_income: Tiers::find(file, &format!("{path}.by_income"), status, "amount")?,
            most_children: if table.has("most_children") { table.whole("most_children")? } else { u32::MAX },
            phase_out: PhaseOut::find(file, &format!("{path}.phase_out"), status)?,
            measure: Measure::find(file, path)?,
            refundable: table.is_on("refundable")?,
            separate_returns: !table.is_on("not_for_separate_returns")? || status != FilingStatus::MarriedSeparately,
        }))
    }

    fn words(path: &str) -> (&'static str, &'static str) {
        match path {
            "young_child_credit" => ("young child credit", "an amount for each child of the age, by income"),
            "dependent_credit" => ("dependent credit", "an amount for each dependent child of the age, by income"),
            _ => ("child credit", "an amount for each child of the age, by income"),
        }
    }

    fn credit(&self, input: &StateInput<'_>, bases: &Bases) -> Decimal {
        let children = (input.children_below(self.below_age) - input.children_below(self.from_age)).min(self.most_children);
        if children == 0 || !self.separate_returns {
            return Decimal::ZERO;
        }
        let by_income = self
            .by_income
            .as_ref()
            .map_or(Decimal::ZERO, |tiers| tiers.at(input.stepped(self.measure.of(input, bases.agi, bases.deducted))));
        let full = (self.amount + by_income) * Decimal::from(children);
        let full = full + self.young_extra.map_or(Decimal::ZERO, |(age, extra)| extra * Decimal::from(input.children_below(age)));
        self.phase_out.as_ref().map_or(full, |phase_out| phase_out.apply(full, input, bases.agi, bases.deducted))
    }
}

/// A part of the federal deduction and of personal exemptions, falling with the taxable income (UT).
#[derive(Clone, Debug)]
struct TaxpayerLaw {
    rate: Decimal,
    per_dependent: Decimal,
    above: Decimal,
    phase_out_rate: Decimal,
}

impl TaxpayerLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("taxpayer_credit")? else { return Ok(None) };
        Ok(Some(Self {
            rate: table.rate("rate")?,
            per_dependent: table.amount("per_dependent")?,
            above: table.amount_for("above", status)?,
            phase_out_rate: table.rate("phase_out_rate")?,
        }))
    }

    fn credit(&self, input: &StateInput<'_>, bases: &Bases) -> Decimal {
        let a = &input.amounts;
        let deductions = a.federal_standard_deduction + a.federal_itemized_deductions;
        let full = (deductions + self.per_dependent * Decimal::from(input.dependents())) * self.rate;
        (full - (bases.taxable - self.above).max(Decimal::ZERO) * self.phase_out_rate).max(Decimal::ZERO)
    }
}

/// An amount by income, and more for every further person (NY).
#[derive(Clone, Debug)]
struct HouseholdLaw {
    base: Tiers,
    each_further: Option<Tiers>,
}

impl HouseholdLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        // On separate returns it goes by both spouses' income, of which this return knows one: none is taken.
        if !file.has_table("household_credit") || status == FilingStatus::MarriedSeparately {
            return Ok(None);
        }
        let single = status == FilingStatus::Single;
        let base = file.table(if single { "household_credit.single" } else { "household_credit.others" })?;
        let further = if single { None } else { Some(Tiers::load(&file.table("household_credit.each_further")?, "amount")?) };
        Ok(Some(Self { base: Tiers::load(&base, "amount")?, each_further: further }))
    }

    fn credit(&self, input: &StateInput<'_>) -> Decimal {
        let people = input.filers.saturating_add(input.dependents());
        let income = input.stepped(input.amounts.federal_agi);
        let further = self.each_further.as_ref().map_or(Decimal::ZERO, |tiers| tiers.at(income));
        self.base.at(income) + further * Decimal::from(people.saturating_sub(1))
    }
}

/// A part of the tax by income over the poverty guideline (KY).
#[derive(Clone, Debug)]
struct FamilySizeLaw {
    first_person: Decimal,
    each_further: Decimal,
    most_people: u32,
    /// The guideline that counts: half of it for a separate return (WV).
    part: Decimal,
    share: Tiers,
    /// The share goes by what the income is more than the guideline, in dollars (WV), and not by their ratio (KY).
    by_excess: bool,
}

impl FamilySizeLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("family_size_credit")? else { return Ok(None) };
        let first_person = table.amount("first_person")?;
        if first_person.is_zero() {
            return Err(table.error("has a \"first_person\" of 0"));
        }
        let each_further = table.amount("each_further")?;
        let share = Tiers::find(file, "family_size_credit.share", status, "share")?;
        Ok(Some(Self {
            first_person,
            each_further,
            most_people: table.whole("most_people")?,
            part: if table.has("part") { table.amount_for("part", status)? } else { Decimal::ONE },
            share: share.ok_or_else(|| table.error("has no \"share\""))?,
            by_excess: table.is_on("by_excess")?,
        }))
    }

    fn share(&self, input: &StateInput<'_>, bases: &Bases) -> Decimal {
        let people = input.filers.saturating_add(input.dependents()).min(self.most_people);
        let guideline = self.first_person + self.each_further * Decimal::from(people.saturating_sub(1));
        let (guideline, income) = (guideline * self.part, input.stepped(input.amounts.federal_agi.max(bases.agi)));
        self.share.at(if self.by_excess { (income - guideline).max(Decimal::ZERO) } else { income / guideline })
    }
}

/// An amount by the retirement income, up to an income (OH).
#[derive(Clone, Debug)]
struct RetirementLaw {
    amount: Tiers,
    up_to: Decimal,
}

impl RetirementLaw {
    fn find(file: &LawFile) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("retirement_credit")? else { return Ok(None) };
        Ok(Some(Self { amount: Tiers::load(&table, "amount")?, up_to: table.amount("up_to")? }))
    }

    fn credit(&self, input: &StateInput<'_>, bases: &Bases) -> Decimal {
        if input.stepped(bases.taxable) >= self.up_to { Decimal::ZERO } else { self.amount.at(input.amounts.retirement) }
    }
}

/// The tax on the taxable benefits, falling with income (UT).
#[derive(Clone, Debug)]
struct BenefitsLaw {
    above: Decimal,
    phase_out_rate: Decimal,
}

impl BenefitsLaw {
    fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("benefits_credit")? else { return Ok(None) };
        Ok(Some(Self { above: table.amount_for("above", status)?, phase_out_rate: table.rate("phase_out_rate")? }))
    }

    fn credit(&self, input: &StateInput<'_>, bases: &Bases, law: &TaxLaw) -> Decimal {
        let full = law.by_schedule(input.amounts.taxable_benefits);
        (full - (bases.agi - self.above).max(Decimal::ZERO) * self.phase_out_rate).max(Decimal::ZERO)
    }
}
