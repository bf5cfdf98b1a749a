//! From the adjusted gross income to the taxable income: standard or itemized, seniors, qualified business income.

use rust_decimal::Decimal;

use super::income::{Income, Work};
use crate::tax::error::TableError;
use crate::tax::estimate::Return;
use crate::tax::law_file::LawFile;
use crate::vocabulary::FilingStatus;

/// From this age on a person counts as aged: 26 U.S.C. § 63(f)(1), § 151(d)(5)(C).
const AGED_FROM: u32 = 65;

/// What is deducted; of the first two, exactly one is more than zero.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tax) struct Deductions {
    pub(in crate::tax) standard: Decimal,
    pub(in crate::tax) itemized: Decimal,
    pub(in crate::tax) senior: Decimal,
    pub(in crate::tax) qbi: Decimal,
}

impl Deductions {
    /// Form 1040 line 14.
    pub(in crate::tax) fn total(&self) -> Decimal {
        self.standard + self.itemized + self.senior + self.qbi
    }
}

/// What of this room differs by year or status.
#[derive(Clone, Debug)]
pub(in crate::tax) struct DeductionLaw {
    standard: Decimal,
    aged_or_blind: Decimal,
    senior: Option<SeniorLaw>,
    qbi: QbiLaw,
}

/// Schedule 1-A, part V.
#[derive(Clone, Debug)]
struct SeniorLaw {
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
            qbi: QbiLaw { limit_above: index(self.qbi.limit_above), ..self.qbi.clone() },
        }
    }

    /// Every deduction of a return.
    pub(super) fn take(&self, tax_return: &Return, agi: Decimal, work: &Work, income: &Income) -> Deductions {
        let aged = tax_return.earners.iter().fold(0, |aged, earner| aged + u32::from(earner.age >= AGED_FROM));
        let standard = self.standard + self.aged_or_blind * Decimal::from(aged + tax_return.blind.min(2));
        let itemized = tax_return.itemized_deductions.map_or(Decimal::ZERO, |amount| amount.to_decimal());
        let mut taken = match itemized > standard {
            true => Deductions { itemized, ..Deductions::default() },
            false => Deductions { standard, ..Deductions::default() },
        };
        if let Some(senior) = self.senior.as_ref().filter(|_| tax_return.filing_status != FilingStatus::MarriedSeparately) {
            taken.senior = senior.deduction(aged, agi);
        }
        if work.self_employment > Decimal::ZERO {
            taken.qbi = self.qbi.deduction((agi - taken.total()).max(Decimal::ZERO), work, income);
        }
        taken
    }
}

impl SeniorLaw {
    /// There is none before 2025 and after 2028: then the file has no such table.
    fn load(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("senior_deduction")? else { return Ok(None) };
        let above = file.table("senior_deduction.phase_out_above")?;
        let (amount, phase_out_rate) = (table.amount("amount")?, table.rate("phase_out_rate")?);
        Ok(Some(Self { amount, phase_out_above: above.of_status(status)?, phase_out_rate }))
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
