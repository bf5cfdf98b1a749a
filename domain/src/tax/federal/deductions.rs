//! From the adjusted gross income to the taxable income: standard or itemized, seniors, qualified business income.

use rust_decimal::Decimal;

use super::income::{Income, Work};
use super::itemized::{ItemizedLaw, ScheduleA};
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::tax::tax_return::Return;
use crate::vocabulary::FilingStatus;

/// From this age on a person counts as aged: 26 U.S.C. § 63(f)(1), § 151(d)(5)(C).
const AGED_FROM: u32 = 65;

/// What is deducted; of the first two, exactly one is more than zero.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tax) struct Deductions {
    pub(in crate::tax) standard: Decimal,
    /// Schedule A line 17.
    pub(in crate::tax) itemized: Decimal,
    /// Its lines, where it is taken.
    pub(in crate::tax) schedule_a: ScheduleA,
    /// Gifts, beside the standard deduction.
    pub(in crate::tax) charity: Decimal,
    pub(in crate::tax) senior: Decimal,
    pub(in crate::tax) qbi: Decimal,
}

impl Deductions {
    /// Form 1040 line 14.
    pub(in crate::tax) fn total(&self) -> Decimal {
        self.standard + self.itemized + self.charity + self.senior + self.qbi
    }

    /// Form 6251 lines 1 to 2a: of all that, neither the standard deduction nor the senior's (which is an exemption, § 151) nor the
    /// taxes of Schedule A are allowed against the alternative minimum tax (26 U.S.C. § 56(b)(1)).
    pub(super) fn for_minimum_tax(&self) -> Decimal {
        self.schedule_a.for_minimum_tax() + self.charity + self.qbi
    }
}

/// What of this room differs by year or status.
#[derive(Clone, Debug)]
pub(in crate::tax) struct DeductionLaw {
    standard: Decimal,
    aged_or_blind: Decimal,
    senior: Option<SeniorLaw>,
    pub(in crate::tax) itemized: ItemizedLaw,
    qbi: QbiLaw,
}

/// Schedule 1-A, part V.
#[derive(Clone, Debug)]
struct SeniorLaw {
    last_year: u32,
    amount: Decimal,
    phase_out_above: Decimal,
    phase_out_rate: Decimal,
}

/// 26 U.S.C. § 199A.
#[derive(Clone, Debug)]
struct QbiLaw {
    rate: Decimal,
    limit_above: Decimal,
    limit_range: Decimal,
    minimum_deduction: Decimal,
    minimum_income: Decimal,
}

impl DeductionLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let qbi = file.table("qualified_business_income")?;
        let range = file.table("qualified_business_income.limit_range")?;
        let limit_range = range.of_status(status)?;
        if limit_range.is_zero() {
            return Err(range.error(format!("has no range for {status}: the limit cannot come in all at once")));
        }
        Ok(Self {
            standard: file.table("standard_deduction")?.of_status(status)?,
            aged_or_blind: file.table("standard_deduction_aged_or_blind")?.of_status(status)?,
            senior: SeniorLaw::load(file, status)?,
            itemized: ItemizedLaw::load(file, status)?,
            qbi: QbiLaw {
                rate: qbi.rate("rate")?,
                limit_above: file.table("qualified_business_income.limit_above")?.of_status(status)?,
                limit_range,
                minimum_deduction: qbi.amount("minimum_deduction")?,
                minimum_income: qbi.amount("minimum_income")?,
            },
        })
    }

    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        let index = |amount: Decimal| (amount * factor).round_dp(2);
        Self {
            standard: index(self.standard),
            aged_or_blind: index(self.aged_or_blind),
            senior: self.senior.clone(),
            itemized: self.itemized.indexed(factor),
            qbi: QbiLaw { limit_above: index(self.qbi.limit_above), ..self.qbi.clone() },
        }
    }

    /// As it stands in a later year than its file's: what the law ends by then is gone.
    pub(super) fn in_year(self, year: i32) -> Self {
        let senior = self.senior.filter(|senior| i64::from(year) <= i64::from(senior.last_year));
        Self { senior, ..self }
    }

    /// The deductions with the standard deduction.
    pub(super) fn standard(&self, tax_return: &Return, agi: Decimal, work: &Work, income: &Income) -> Deductions {
        let aged = tax_return.earners.iter().fold(0, |aged, earner| aged + u32::from(earner.age >= AGED_FROM));
        let standard = self.standard + self.aged_or_blind * Decimal::from(aged + tax_return.blind.min(2));
        let mut taken = Deductions { standard, ..Deductions::default() };
        if let Some(senior) = self.senior.as_ref().filter(|_| tax_return.filing_status != FilingStatus::MarriedSeparately) {
            taken.senior = senior.deduction(aged, agi);
        }
        if let Some(paid) = &tax_return.itemized {
            taken.charity = self.itemized.without_itemizing(paid);
        }
        taken.qbi = self.business(agi, &taken, work, income);
        taken
    }

    /// The deductions with Schedule A instead of the standard deduction, where anything is told that could be itemized.
    pub(super) fn itemize(
        &self,
        tax_return: &Return,
        agi: Decimal,
        standard: &Deductions,
        work: &Work,
        income: &Income,
    ) -> Option<Deductions> {
        let schedule_a = match (&tax_return.itemized, tax_return.itemized_deductions) {
            (Some(paid), _) => self.itemized.schedule_a(paid, agi),
            (None, Some(told)) => ScheduleA { told: told.to_decimal(), ..ScheduleA::default() },
            (None, None) => return None,
        };
        let total = schedule_a.total();
        let mut taken = Deductions { itemized: total, schedule_a, senior: standard.senior, ..Deductions::default() };
        // § 68 comes last: the business deduction is computed without it (§ 68(c)), and a told total has it behind it.
        taken.qbi = self.business(agi, &taken, work, income);
        taken.itemized -= self.itemized.lost_to_high_income(total - schedule_a.told, agi - taken.senior - taken.qbi);
        Some(taken)
    }

    fn business(&self, agi: Decimal, taken: &Deductions, work: &Work, income: &Income) -> Decimal {
        match work.self_employment > Decimal::ZERO {
            true => self.qbi.deduction((agi - taken.total()).max(Decimal::ZERO), work, income),
            false => Decimal::ZERO,
        }
    }
}

impl SeniorLaw {
    /// There is none before 2025 and after its last year: then the file has no such table.
    fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("senior_deduction")? else { return Ok(None) };
        let above = file.table("senior_deduction.phase_out_above")?;
        let (amount, phase_out_rate) = (table.amount("amount")?, table.rate("phase_out_rate")?);
        let last_year = table.whole("last_year")?;
        Ok(Some(Self { last_year, amount, phase_out_above: above.of_status(status)?, phase_out_rate }))
    }

    /// Each senior's amount falls by the phase-out rate.
    fn deduction(&self, aged: u32, agi: Decimal) -> Decimal {
        let reduction = (agi - self.phase_out_above).max(Decimal::ZERO) * self.phase_out_rate;
        (self.amount - reduction).max(Decimal::ZERO) * Decimal::from(aged)
    }
}

impl QbiLaw {
    /// Form 8995 below the threshold, Form 8995-A above it, for a trade or business without employees or depreciable property (a
    /// household's estimate knows neither): so the wage limit is zero, and phases the deduction out over the range (§ 199A(b)(3)(B)).
    /// Since 2026 an active business with enough income has a minimum deduction (§ 199A(i)).
    fn deduction(&self, before: Decimal, work: &Work, income: &Income) -> Decimal {
        let business = (work.self_employment - work.self_employment_deduction).max(Decimal::ZERO);
        let phased_out = ((before - self.limit_above).max(Decimal::ZERO) / self.limit_range).min(Decimal::ONE);
        let component = business * self.rate * (Decimal::ONE - phased_out);
        let cap = (before - income.preferred()).max(Decimal::ZERO) * self.rate;
        let minimum = if business >= self.minimum_income { self.minimum_deduction } else { Decimal::ZERO };
        component.min(cap).max(minimum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minimum_tax_allows_neither_the_standard_deduction_nor_the_senior_one_nor_the_taxes() {
        let ten = |tens: i64| Decimal::from(tens * 10);
        let schedule_a = ScheduleA { medical: ten(1), taxes: ten(2), interest: ten(3), charity: ten(4), ..ScheduleA::default() };
        let itemized = Deductions { itemized: ten(9), schedule_a, senior: ten(600), qbi: ten(5), ..Deductions::default() };
        assert_eq!((schedule_a.total(), itemized.for_minimum_tax()), (ten(10), ten(13))); // 1 + 3 + 4 + 5, whatever § 68 took
        let standard = Deductions { standard: ten(1500), charity: ten(100), senior: ten(600), qbi: ten(5), ..Deductions::default() };
        assert_eq!(standard.for_minimum_tax(), ten(105));
    }
}
