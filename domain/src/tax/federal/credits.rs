//! Credits: for children and other dependents (Schedule 8812), and on earned income (26 U.S.C. § 32).

use rust_decimal::{Decimal, RoundingStrategy};

use super::income::{Income, Work};
use super::retirement::RetirementLaw;
use super::work_credits::{CareLaw, SaversLaw};
use crate::tax::error::TableError;
use crate::tax::law_file::{LawFile, LawTable};
use crate::tax::tax_return::Return;
use crate::vocabulary::FilingStatus;

/// What is taken off the tax.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tax) struct Credits {
    /// For the care of children, as far as it lowers the tax.
    pub(in crate::tax) care: Decimal,
    /// For retirement savings, as far as it lowers the tax.
    pub(in crate::tax) savers: Decimal,
    /// The child tax credit, as far as it lowers the tax.
    pub(in crate::tax) child: Decimal,
    /// The credit for other dependents, as far as it lowers the tax.
    pub(in crate::tax) other_dependents: Decimal,
    /// Schedule 8812 line 27: paid out.
    pub(in crate::tax) additional_child: Decimal,
    /// Paid out.
    pub(in crate::tax) earned_income: Decimal,
}

impl Credits {
    /// What lowers the tax, and is never paid out.
    pub(in crate::tax) fn nonrefundable(&self) -> Decimal {
        self.care + self.savers + self.child + self.other_dependents
    }

    /// What is paid out where there is no tax left.
    pub(in crate::tax) fn refundable(&self) -> Decimal {
        self.additional_child + self.earned_income
    }
}

/// What the credits are computed from, beside the return.
pub(super) struct Basis {
    pub(super) before_credits: Decimal,
    pub(super) agi: Decimal,
    /// The income at which stepped phase-outs stand.
    pub(super) stepped_agi: Decimal,
    pub(super) additional_medicare_tax: Decimal,
}

/// What of this room differs by year or status.
#[derive(Clone, Debug)]
pub(in crate::tax) struct CreditLaw {
    care: CareLaw,
    savers: SaversLaw,
    child: ChildLaw,
    earned_income: EarnedIncomeLaw,
}

/// 26 U.S.C. § 24.
#[derive(Clone, Debug)]
struct ChildLaw {
    below_age: u32,
    per_child: Decimal,
    per_other_dependent: Decimal,
    refundable_per_child: Decimal,
    earned_income_above: Decimal,
    earned_income_rate: Decimal,
    phase_out_above: Decimal,
    phase_out_step: Decimal,
    phase_out_per_step: Decimal,
}

/// 26 U.S.C. § 32, by number of children.
#[derive(Clone, Debug)]
struct EarnedIncomeLaw {
    rows: Vec<EarnedIncomeRow>,
    investment_income_limit: Decimal,
    childless_from_age: u32,
    childless_below_age: u32,
    child_below_age: u32,
}

#[derive(Clone, Copy, Debug)]
struct EarnedIncomeRow {
    maximum: Decimal,
    phase_in_rate: Decimal,
    phase_out_rate: Decimal,
    /// With the addition for a joint return, where it is one.
    phase_out_above: Decimal,
}

impl CreditLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let earned_income = EarnedIncomeLaw::load(&file.table("earned_income_credit")?, status)?;
        let (care, savers) = (CareLaw::load(file, status)?, SaversLaw::load(file, status)?);
        Ok(Self { care, savers, child: ChildLaw::load(file, status)?, earned_income })
    }

    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        Self {
            care: self.care.clone(),
            savers: self.savers.indexed(factor),
            child: self.child.indexed(factor),
            earned_income: self.earned_income.indexed(factor),
        }
    }

    /// Every credit of a return, in the order of the forms: each lowers what the tax leaves to the next.
    pub(super) fn take(&self, tax_return: &Return, mut basis: Basis, work: &Work, income: &Income, retirement: &RetirementLaw) -> Credits {
        let care = self.care.credit(tax_return, work, basis.stepped_agi).min(basis.before_credits);
        basis.before_credits -= care;
        let savers = self.savers.credit(tax_return, work, retirement, income.retirement, basis.stepped_agi).min(basis.before_credits);
        basis.before_credits -= savers;
        let earned_income = self.earned_income.credit(tax_return, &basis, work, income);
        Credits { care, savers, earned_income, ..self.child.take(tax_return, &basis, work, earned_income) }
    }
}

impl ChildLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let table = file.table("child_tax_credit")?;
        let phase_out_step = table.amount("phase_out_step")?;
        if phase_out_step.is_zero() {
            return Err(table.error("has a \"phase_out_step\" of 0"));
        }
        Ok(Self {
            below_age: table.whole("below_age")?,
            per_child: table.amount("per_child")?,
            per_other_dependent: table.amount("per_other_dependent")?,
            refundable_per_child: table.amount("refundable_per_child")?,
            earned_income_above: table.amount("earned_income_above")?,
            earned_income_rate: table.rate("earned_income_rate")?,
            phase_out_above: file.table("child_tax_credit.phase_out_above")?.of_status(status)?,
            phase_out_step,
            phase_out_per_step: table.amount("phase_out_per_step")?,
        })
    }

    fn indexed(&self, factor: Decimal) -> Self {
        let index = |amount: Decimal| (amount * factor).round_dp(2);
        Self { per_child: index(self.per_child), refundable_per_child: index(self.refundable_per_child), ..self.clone() }
    }

    /// Schedule 8812.
    fn take(&self, tax_return: &Return, basis: &Basis, work: &Work, earned_income_credit: Decimal) -> Credits {
        let young = tax_return.children_ages.iter().fold(0_u32, |young, age| young + u32::from(*age < self.below_age));
        let grown = u32::try_from(tax_return.children_ages.len()).unwrap_or(u32::MAX).saturating_sub(young);
        if young == 0 && grown == 0 && tax_return.other_dependents == 0 {
            return Credits::default();
        }
        let for_children = Decimal::from(young) * self.per_child; // line 5
        let for_others = Decimal::from(grown.saturating_add(tax_return.other_dependents)) * self.per_other_dependent; // line 7
        let line_12 = (for_children + for_others - self.phase_out(basis.stepped_agi)).max(Decimal::ZERO);
        let line_14 = line_12.min(basis.before_credits);
        let child = line_14.min(for_children);
        let left = (line_12 - line_14).min(Decimal::from(young) * self.refundable_per_child); // line 17
        let additional_child = match left > Decimal::ZERO {
            true => left.min(self.refundable_from_earnings(young, basis, work, earned_income_credit)),
            false => Decimal::ZERO,
        };
        Credits { child, other_dependents: line_14 - child, additional_child, ..Credits::default() }
    }

    /// Lines 9 to 11: by whole steps of income, a part of one counting as a whole.
    fn phase_out(&self, agi: Decimal) -> Decimal {
        let above = (agi - self.phase_out_above).max(Decimal::ZERO);
        let steps = (above / self.phase_out_step).round_dp_with_strategy(0, RoundingStrategy::AwayFromZero);
        steps * self.phase_out_per_step
    }

    /// Lines 18 to 27: a part of the earned income; with three children or more, the payroll taxes beyond the earned income credit,
    /// where that is more.
    fn refundable_from_earnings(&self, young: u32, basis: &Basis, work: &Work, earned_income_credit: Decimal) -> Decimal {
        let by_income = (earned_income(work) - self.earned_income_above).max(Decimal::ZERO) * self.earned_income_rate;
        if young < 3 {
            return by_income;
        }
        let employee = work.social_security_tax + work.medicare_tax + basis.additional_medicare_tax;
        let payroll = employee + work.self_employment_deduction;
        by_income.max(payroll - earned_income_credit)
    }
}

impl EarnedIncomeLaw {
    fn load(table: &LawTable<'_>, status: FilingStatus) -> Result<Self, TableError> {
        // "In the case of a joint return": not of a surviving spouse (§ 32(b)(2)(B)).
        let joint = status == FilingStatus::MarriedJointly;
        let (maximum, above, addition) = (table.amounts("maximum")?, table.amounts("phase_out_above")?, table.amounts("joint_addition")?);
        let (phase_in, phase_out) = (table.rates("phase_in_rate")?, table.rates("phase_out_rate")?);
        let lengths = [maximum.len(), above.len(), addition.len(), phase_in.len(), phase_out.len()];
        if lengths.iter().any(|length| *length != 4) {
            return Err(table.error("needs four figures in every list: for no child, one, two, three or more"));
        }
        let amounts = maximum.into_iter().zip(above.into_iter().zip(addition));
        let rows =
            amounts.zip(phase_in.into_iter().zip(phase_out)).map(|((maximum, (above, addition)), (phase_in_rate, phase_out_rate))| {
                let phase_out_above = if joint { above + addition } else { above };
                EarnedIncomeRow { maximum, phase_in_rate, phase_out_rate, phase_out_above }
            });
        Ok(Self {
            rows: rows.collect(),
            investment_income_limit: table.amount("investment_income_limit")?,
            childless_from_age: table.whole("childless_from_age")?,
            childless_below_age: table.whole("childless_below_age")?,
            child_below_age: table.whole("child_below_age")?,
        })
    }

    fn indexed(&self, factor: Decimal) -> Self {
        let index = |amount: Decimal| (amount * factor).round_dp(2);
        let row =
            |row: &EarnedIncomeRow| EarnedIncomeRow { maximum: index(row.maximum), phase_out_above: index(row.phase_out_above), ..*row };
        Self { rows: self.rows.iter().map(row).collect(), investment_income_limit: index(self.investment_income_limit), ..*self }
    }

    /// By the formula of § 32(a); the instructions' table of 50-dollar steps differs by a few dollars. A separate return has none
    /// (the exception for spouses who live apart is not known here), nor has one with more investment income than the limit.
    fn credit(&self, tax_return: &Return, basis: &Basis, work: &Work, income: &Income) -> Decimal {
        let earned = earned_income(work);
        let investments = income.interest + income.dividends + income.capital_gains.max(Decimal::ZERO);
        let separate = tax_return.filing_status == FilingStatus::MarriedSeparately;
        if separate || earned <= Decimal::ZERO || investments > self.investment_income_limit {
            return Decimal::ZERO;
        }
        let children = tax_return.children_ages.iter().filter(|age| **age < self.child_below_age).count();
        let of_age = |age: u32| age >= self.childless_from_age && age < self.childless_below_age;
        if children == 0 && !tax_return.earners.iter().any(|earner| of_age(earner.age)) {
            return Decimal::ZERO;
        }
        let Some(row) = self.rows.get(children.min(3)) else { return Decimal::ZERO };
        let phased_in = (earned * row.phase_in_rate).min(row.maximum);
        let above = (earned.max(basis.agi) - row.phase_out_above).max(Decimal::ZERO);
        (phased_in).min(row.maximum - above * row.phase_out_rate).max(Decimal::ZERO)
    }
}

/// Wages as income tax sees them, and self-employment less half of its tax: 26 U.S.C. § 32(c)(2).
fn earned_income(work: &Work) -> Decimal {
    work.taxable_wages() + work.self_employment - work.self_employment_deduction
}
