//! What a state takes off its tax: credits per person, for earned income, for children, for couples in which both earn.

use rust_decimal::Decimal;

use super::couples::{JointLaw, MarriageLaw, SecondEarnerLaw};
use super::deductions::{ExemptionLaw, Measure, PhaseOut};
use super::input::StateInput;
use super::reduction::Tiers;
use super::tax::{Bases, TaxLaw};
use super::working_families::{CaliforniaLaw, MinnesotaLaw};
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// What of this room differs by state, year or status.
#[derive(Clone, Debug)]
pub(super) struct CreditLaw {
    per_person: Vec<ExemptionLaw>,
    /// Paid out where there is no tax left (ID).
    refundable_per_person: Option<ExemptionLaw>,
    taxpayer: Option<TaxpayerLaw>,
    earned_income: Option<EarnedIncomeLaw>,
    children: Vec<ChildLaw>,
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
            children.extend(ChildLaw::find(file, path, status)?);
        }
        let per_person = [
            ExemptionLaw::find(file, "personal_credit", status)?,
            ExemptionLaw::find(file, "aged_credit", status)?,
            ExemptionLaw::find(file, "low_income_credit", status)?,
        ];
        Ok(Self {
            per_person: per_person.into_iter().flatten().collect(),
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

    /// All credits against a tax.
    pub(super) fn take(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal, law: &TaxLaw) -> StateCredits {
        let per_person = |law: &ExemptionLaw| law.total(input, bases.agi, bases.deducted);
        let mut nonrefundable: Decimal = self.per_person.iter().map(per_person).sum();
        let mut refundable = self.refundable_per_person.as_ref().map_or(Decimal::ZERO, per_person);
        refundable += self.california.as_ref().map_or(Decimal::ZERO, |law| law.credit(input));
        refundable += self.minnesota.as_ref().map_or(Decimal::ZERO, |law| law.credit(input));
        nonrefundable += self.retirement.as_ref().map_or(Decimal::ZERO, |law| law.credit(input, bases));
        nonrefundable += self.taxpayer.as_ref().map_or(Decimal::ZERO, |law| law.credit(input, bases));
        nonrefundable += self.second_earner.as_ref().map_or(Decimal::ZERO, |law| law.credit(input));
        nonrefundable += self.marriage.as_ref().map_or(Decimal::ZERO, |credit| credit.credit(input, bases, law));
        let household = self.household.as_ref().map_or(Decimal::ZERO, |law| law.credit(input));
        nonrefundable += household;
        nonrefundable += self.benefits.as_ref().map_or(Decimal::ZERO, |credit| credit.credit(input, bases, law));
        nonrefundable += self.federal_child_share.map_or(Decimal::ZERO, |(rate, up_to)| {
            if input.stepped(input.amounts.federal_agi) <= up_to { input.amounts.federal_child_credit * rate } else { Decimal::ZERO }
        });
        if let Some(law) = &self.earned_income {
            let household = if law.less_household_credit { household.min(tax) } else { Decimal::ZERO };
            let credit = (law.credit(input) - household).max(Decimal::ZERO);
            // Where it is taken against the tax first, only what is left of it is paid out.
            let left = (tax - nonrefundable).max(Decimal::ZERO);
            let against = law.against_tax_first || (law.against_tax_if_whole && credit <= left);
            let against_tax = if against { credit.min(left) } else { Decimal::ZERO };
            nonrefundable += against_tax;
            let federal = input.amounts.federal_earned_income_credit;
            let paid_out = federal * law.refundable_choice_rate;
            if law.refundable {
                refundable += credit - against_tax
            } else if paid_out > credit.min(left) {
                refundable += paid_out
            } else {
                nonrefundable += credit
            }
            refundable += (federal * by_children(&law.beyond_tax_rates, input) - tax).max(Decimal::ZERO);
        }
        for law in &self.children {
            let credit = law.credit(input, bases);
            if law.refundable { refundable += credit } else { nonrefundable += credit }
        }
        let left = |taken: Decimal| (tax - taken).max(Decimal::ZERO);
        nonrefundable += self.joint.as_ref().map_or(Decimal::ZERO, |law| law.credit(input, bases, left(nonrefundable)));
        nonrefundable += self.family_size.as_ref().map_or(Decimal::ZERO, |law| law.share(input, bases) * left(nonrefundable));
        StateCredits { nonrefundable: nonrefundable.min(tax), refundable }
    }
}

/// A part of the federal earned income credit.
#[derive(Clone, Debug)]
struct EarnedIncomeLaw {
    /// By number of children; the last figure serves for more.
    rates: Vec<Decimal>,
    /// `(below age, rate)`: where one of the children is so young (IL, OR).
    young_child: Option<(u32, Decimal)>,
    /// What this part of the federal credit is more than the tax is paid out; without children another part (MD).
    beyond_tax_rates: Vec<Decimal>,
    /// The part that is paid out whole where a filer chooses it, which is where it is more (DE).
    refundable_choice_rate: Decimal,
    refundable: bool,
    against_tax_first: bool,
    /// A filer chooses the one that is not paid out where the tax is enough for all of it (VA).
    against_tax_if_whole: bool,
    most: Option<Decimal>,
    /// On top where there is a child (CT).
    with_child: Decimal,
    /// The household credit is taken off it (NY).
    less_household_credit: bool,
    /// At most the wages: none on self-employment (UT until 2024).
    limited_to_wages: bool,
}

impl EarnedIncomeLaw {
    fn find(file: &LawFile) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("earned_income_credit")? else { return Ok(None) };
        let most = if table.has("most") { Some(table.amount("most")?) } else { None };
        let (refundable, against_tax_first) = (table.is_on("refundable")?, table.is_on("against_tax_first")?);
        let against_tax_if_whole = table.is_on("against_tax_if_whole")?;
        let young_child = match table.has("young_child_below_age") {
            true => Some((table.whole("young_child_below_age")?, table.rate("rate_with_young_child")?)),
            false => None,
        };
        let beyond_tax_rates = if table.has("beyond_tax_rate") { table.amounts("beyond_tax_rate")? } else { Vec::new() };
        let refundable_choice_rate = match table.has("refundable_choice_rate") {
            true => table.rate("refundable_choice_rate")?,
            false => Decimal::ZERO,
        };
        let rates = table.amounts("rate")?;
        let with_child = if table.has("with_child") { table.amount("with_child")? } else { Decimal::ZERO };
        let less_household_credit = table.is_on("less_household_credit")?;
        Ok(Some(Self {
            rates,
            young_child,
            beyond_tax_rates,
            refundable_choice_rate,
            refundable,
            against_tax_first,
            against_tax_if_whole,
            most,
            with_child,
            less_household_credit,
            limited_to_wages: table.is_on("limited_to_wages")?,
        }))
    }

    fn credit(&self, input: &StateInput<'_>) -> Decimal {
        let children = input.children_ages.len();
        let rate = by_children(&self.rates, input);
        let rate = match self.young_child {
            Some((below_age, rate)) if input.children_below(below_age) > 0 => rate,
            Some(_) | None => rate,
        };
        let federal = input.amounts.federal_earned_income_credit;
        let with_child = if federal > Decimal::ZERO && children > 0 { self.with_child } else { Decimal::ZERO };
        let credit = federal * rate + with_child;
        let credit = if self.limited_to_wages { credit.min(input.amounts.wages) } else { credit };
        self.most.map_or(credit, |most| credit.min(most))
    }
}

/// The figure for a number of children; the last one serves for more.
fn by_children(figures: &[Decimal], input: &StateInput<'_>) -> Decimal {
    figures.get(input.children_ages.len()).or(figures.last()).copied().unwrap_or_default()
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
