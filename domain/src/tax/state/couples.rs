//! Credits of couples in which both earn: a part of the lower income, of the tax, or of what marriage costs them.

use rust_decimal::Decimal;

use super::input::StateInput;
use super::reduction::Tiers;
use super::tax::{Bases, TaxLaw};
use crate::tax::error::TableError;
use crate::tax::federal::Person;
use crate::tax::law_file::LawFile;
use crate::tax::schedule::Schedule;
use crate::vocabulary::FilingStatus;

/// A part of the lower of two incomes (SC, WI).
#[derive(Clone, Debug)]
pub(super) struct SecondEarnerLaw {
    rate: Decimal,
    most_income: Decimal,
    gross_of_self_employment_deduction: bool,
}

impl SecondEarnerLaw {
    pub(super) fn find(file: &LawFile) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("second_earner_credit")? else { return Ok(None) };
        let gross_of_self_employment_deduction = table.is_on("gross_of_self_employment_deduction")?;
        Ok(Some(Self { rate: table.rate("rate")?, most_income: table.amount("most_income")?, gross_of_self_employment_deduction }))
    }

    pub(super) fn credit(&self, input: &StateInput<'_>) -> Decimal {
        if !input.is_joint() {
            return Decimal::ZERO;
        }
        let earned = input.people.map(|person| match self.gross_of_self_employment_deduction {
            true => person.wages + person.self_employment,
            false => person.earned(),
        });
        let [first, second] = earned;
        first.min(second).max(Decimal::ZERO).min(self.most_income) * self.rate
    }
}

/// A part of a joint return's tax where both have income, by income (OH).
#[derive(Clone, Debug)]
pub(super) struct JointLaw {
    share: Tiers,
    most: Decimal,
    least_income: Decimal,
    /// Business income up to here is deducted, and so is not income of the spouse who earned it.
    business_deduction: Decimal,
}

impl JointLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("joint_credit")? else { return Ok(None) };
        let share = Tiers::load(&table, "share")?;
        let (most, least_income) = (table.amount("most")?, table.amount("least_income")?);
        let business = file.find("base.self_employment_limit")?;
        let business_deduction = business.map_or(Ok(Decimal::ZERO), |table| table.of_status(status))?;
        Ok((status == FilingStatus::MarriedJointly).then_some(Self { share, most, least_income, business_deduction }))
    }

    pub(super) fn credit(&self, input: &StateInput<'_>, bases: &Bases, tax: Decimal) -> Decimal {
        let left = match input.amounts.self_employment > self.business_deduction {
            true => Decimal::ONE - self.business_deduction / input.amounts.self_employment,
            false => Decimal::ZERO,
        };
        let income = |person: &Person| person.earned() - person.self_employment.max(Decimal::ZERO) * (Decimal::ONE - left);
        if input.people.iter().any(|person| income(person) < self.least_income) {
            return Decimal::ZERO;
        }
        (tax * self.share.at(input.stepped(bases.taxable))).min(self.most)
    }
}

/// What a couple pays more than two single people would (MN, ND).
#[derive(Clone, Debug)]
pub(super) struct MarriageLaw {
    single: Schedule,
    /// Taken off the lower income to give its taxable income.
    deduction: Decimal,
    least_income: Decimal,
    least_taxable: Decimal,
    most: Decimal,
}

impl MarriageLaw {
    pub(super) fn find(file: &LawFile) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("marriage_credit")? else { return Ok(None) };
        Ok(Some(Self {
            single: file.schedule("income_tax", FilingStatus::Single)?,
            deduction: table.amount("deduction")?,
            least_income: table.amount("least_income")?,
            least_taxable: table.amount("least_taxable")?,
            most: table.amount("most")?,
        }))
    }

    pub(super) fn credit(&self, input: &StateInput<'_>, bases: &Bases, law: &TaxLaw) -> Decimal {
        let [first, second] = input.people.map(|person| person.earned());
        let lower = first.min(second);
        if !input.is_joint() || lower < self.least_income || bases.taxable < self.least_taxable {
            return Decimal::ZERO;
        }
        let one = (lower - self.deduction).max(Decimal::ZERO);
        let apart = self.single.tax(one) + self.single.tax((bases.taxable - one).max(Decimal::ZERO));
        (law.by_schedule(bases.taxable) - apart).max(Decimal::ZERO).min(self.most)
    }
}
