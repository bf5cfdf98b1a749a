//! Schedule A: what may be itemized of what was paid.

use rust_decimal::Decimal;

use crate::money::Money;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::tax::tax_return::Itemized;
use crate::vocabulary::FilingStatus;

/// The lines of Schedule A after their limits.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tax) struct ScheduleA {
    /// Line 4.
    pub(in crate::tax) medical: Decimal,
    /// Line 7.
    pub(in crate::tax) taxes: Decimal,
    /// Line 10.
    pub(in crate::tax) interest: Decimal,
    /// Line 14.
    pub(in crate::tax) charity: Decimal,
    /// State income taxes paid, of which line 7 has a part.
    pub(in crate::tax) income_taxes_paid: Decimal,
    /// Other state and local taxes paid.
    pub(in crate::tax) other_taxes_paid: Decimal,
    /// What the floor of the gifts took off line 14.
    pub(in crate::tax) gifts_below_floor: Decimal,
    /// What was told as one total, already after its limits.
    pub(in crate::tax) told: Decimal,
}

impl ScheduleA {
    /// Line 17, before the limitation of § 68.
    pub(in crate::tax) fn total(&self) -> Decimal {
        self.medical + self.taxes + self.interest + self.charity + self.told
    }

    /// What the alternative minimum tax allows: everything but the taxes, without § 68 (26 U.S.C. § 56(b)(1)). What is in a
    /// told total is not known: it is allowed.
    pub(super) fn for_minimum_tax(&self) -> Decimal {
        self.total() - self.taxes
    }
}

/// What of this room differs by year or status.
#[derive(Clone, Debug)]
pub(in crate::tax) struct ItemizedLaw {
    taxes_limit: Decimal,
    /// How the limit of the taxes falls with income, since 2025.
    taxes_phase_down: Option<PhaseDown>,
    medical_floor_rate: Decimal,
    charity_limit_rate: Decimal,
    charity_floor_rate: Decimal,
    charity_without_itemizing: Decimal,
    high_income_rate: Decimal,
    highest_bracket: Decimal,
}

#[derive(Clone, Copy, Debug)]
struct PhaseDown {
    floor: Decimal,
    above: Decimal,
    rate: Decimal,
}

impl ItemizedLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let (table, taxes) = (file.table("itemized_deductions")?, file.table("itemized_deductions.state_and_local_taxes")?);
        // The interest is told as far as it is deductible: the table has no figure, but the source that an explanation names.
        file.table("itemized_deductions.mortgage_interest")?;
        let taxes_phase_down = match taxes.has("phase_down_rate") {
            true => Some(PhaseDown {
                floor: taxes.amount_for("floor", status)?,
                above: taxes.amount_for("phase_down_above", status)?,
                rate: taxes.rate("phase_down_rate")?,
            }),
            false => None,
        };
        Ok(Self {
            taxes_limit: taxes.amount_for("limit", status)?,
            taxes_phase_down,
            medical_floor_rate: table.rate("medical_floor_rate")?,
            charity_limit_rate: table.rate("charity_limit_rate")?,
            charity_floor_rate: table.rate("charity_floor_rate")?,
            charity_without_itemizing: table.amount_for("charity_without_itemizing", status)?,
            high_income_rate: table.rate("high_income_rate")?,
            highest_bracket: file.schedule("income_tax", status)?.highest(),
        })
    }

    /// In a later year: only where the highest bracket starts is adjusted for inflation; the limit of the taxes grows by one percent
    /// a year until 2029, which the files of those years will say.
    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        Self { highest_bracket: (self.highest_bracket * factor).round_dp(2), ..self.clone() }
    }

    /// Every line, at an adjusted gross income. The floor of the gifts comes off what the limit allows: it is one "on any charitable
    /// contribution otherwise allowable" (§ 170(b)(1)(I), since 2026).
    pub(in crate::tax) fn schedule_a(&self, paid: &Itemized, agi: Decimal) -> ScheduleA {
        let agi = agi.max(Decimal::ZERO);
        let above = |amount: Money, floor: Decimal| (amount.to_decimal() - floor).max(Decimal::ZERO);
        let taxes = paid.state_and_local_taxes.to_decimal().min(self.taxes_limit_at(agi));
        let gifts = paid.charity.to_decimal().min(agi * self.charity_limit_rate);
        let gifts_below_floor = gifts.min(agi * self.charity_floor_rate);
        ScheduleA {
            medical: above(paid.medical_expenses, agi * self.medical_floor_rate),
            taxes,
            income_taxes_paid: (paid.state_and_local_taxes - paid.other_taxes()).to_decimal(),
            other_taxes_paid: paid.other_taxes().to_decimal(),
            interest: paid.mortgage_interest.to_decimal(),
            charity: gifts - gifts_below_floor,
            gifts_below_floor,
            told: Decimal::ZERO,
        }
    }

    /// What § 68 takes back, since 2026: a part of what the deductions save in the highest bracket. `income` is the taxable income
    /// with the itemized deductions put back.
    pub(in crate::tax) fn lost_to_high_income(&self, total: Decimal, income: Decimal) -> Decimal {
        match self.high_income_rate.is_zero() {
            true => Decimal::ZERO,
            false => (income - self.highest_bracket).max(Decimal::ZERO).min(total) * self.high_income_rate,
        }
    }

    /// What of the gifts is deducted by who does not itemize, since 2026: 26 U.S.C. § 170(p).
    pub(super) fn without_itemizing(&self, paid: &Itemized) -> Decimal {
        paid.charity.to_decimal().min(self.charity_without_itemizing)
    }

    fn taxes_limit_at(&self, agi: Decimal) -> Decimal {
        let Some(PhaseDown { floor, above, rate }) = self.taxes_phase_down else { return self.taxes_limit };
        (self.taxes_limit - (agi - above).max(Decimal::ZERO) * rate).max(floor)
    }
}
