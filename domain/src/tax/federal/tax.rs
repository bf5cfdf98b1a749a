//! The tax on the taxable income: brackets, capital-gain rates, alternative minimum tax; and the net investment income tax.

use rust_decimal::Decimal;

use super::deductions::Deductions;
use super::income::Income;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::tax::schedule::Schedule;
use crate::vocabulary::FilingStatus;

/// What of this room differs by year or status.
#[derive(Clone, Debug)]
pub(in crate::tax) struct TaxLaw {
    brackets: Schedule,
    gains: Schedule,
    minimum: MinimumTaxLaw,
    investment_rate: Decimal,
    investment_above: Decimal,
}

/// A part of the taxable income in one bracket, and the bracket's rate.
pub(in crate::tax) type Slice = (Decimal, Decimal);

/// 26 U.S.C. § 55.
#[derive(Clone, Debug)]
struct MinimumTaxLaw {
    rates: Schedule,
    exemption: Decimal,
    phase_out_above: Decimal,
    phase_out_rate: Decimal,
}

impl TaxLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let investment = file.table("net_investment_income_tax")?;
        Ok(Self {
            brackets: file.schedule("income_tax", status)?,
            gains: file.schedule("capital_gains", status)?,
            minimum: MinimumTaxLaw::load(file, status)?,
            investment_rate: investment.rate("rate")?,
            investment_above: file.table("net_investment_income_tax.above")?.of_status(status)?,
        })
    }

    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        let index = |amount: Decimal| (amount * factor).round_dp(2);
        Self {
            brackets: self.brackets.indexed(factor),
            gains: self.gains.indexed(factor),
            minimum: MinimumTaxLaw {
                rates: self.minimum.rates.indexed(factor),
                exemption: index(self.minimum.exemption),
                phase_out_above: index(self.minimum.phase_out_above),
                phase_out_rate: self.minimum.phase_out_rate,
            },
            ..*self
        }
    }

    /// Form 1040 line 16, by the Qualified Dividends and Capital Gain Tax Worksheet where any of the income is taxed so, and the part
    /// of it that is on those. `preferred` is at most the taxable income.
    pub(super) fn regular(&self, taxable: Decimal, preferred: Decimal) -> (Decimal, Decimal) {
        let at_ordinary_rates = self.brackets.tax(taxable);
        if preferred.is_zero() {
            return (at_ordinary_rates, Decimal::ZERO);
        }
        let ordinary = taxable - preferred;
        let on_gains = self.on_gains(ordinary, preferred);
        let with_preference = self.brackets.tax(ordinary) + on_gains;
        if with_preference < at_ordinary_rates { (with_preference, on_gains) } else { (at_ordinary_rates, Decimal::ZERO) }
    }

    /// The slices that the regular tax consists of: at the brackets' rates, and at those of gains. In the order of the form.
    pub(in crate::tax) fn slices(&self, taxable: Decimal, preferred: Decimal, regular_tax: Decimal) -> (Vec<Slice>, Vec<Slice>) {
        let has_preference = regular_tax < self.brackets.tax(taxable);
        let ordinary = if has_preference { taxable - preferred.min(taxable) } else { taxable };
        let on_gains = self.gains.slices(ordinary, if has_preference { taxable } else { ordinary });
        (self.brackets.slices(Decimal::ZERO, ordinary).collect(), on_gains.collect())
    }

    /// The tax on gains that lie on top of ordinary income: they fill the brackets of the gains above it.
    fn on_gains(&self, ordinary: Decimal, gains: Decimal) -> Decimal {
        self.gains.tax(ordinary + gains) - self.gains.tax(ordinary)
    }

    /// Form 6251 line 11: what the tentative minimum tax is more than the regular tax. `ordinary` is the part of the taxable income
    /// that the regular tax took at the brackets' rates, `preferred` all gains and qualified dividends, the deducted ones included.
    pub(super) fn alternative_minimum(
        &self,
        status: FilingStatus,
        agi: Decimal,
        deductions: &Deductions,
        ordinary: Decimal,
        preferred: Decimal,
        regular_tax: Decimal,
    ) -> Decimal {
        let law = &self.minimum;
        let income = agi - deductions.for_minimum_tax(); // lines 1 to 4
        let income = income + law.separate_filer_addition(status, income);
        let base = (income - law.exemption_at(income)).max(Decimal::ZERO); // line 6
        let flat = law.rates.tax(base);
        if preferred.is_zero() || base.is_zero() {
            return (flat - regular_tax).max(Decimal::ZERO);
        }
        // Part III: the gains keep their rates, in the room that the regular tax's ordinary income leaves them (lines 20 and 27).
        let gains = preferred.min(base);
        let tentative = law.rates.tax(base - gains) + self.on_gains(ordinary, gains);
        (tentative.min(flat) - regular_tax).max(Decimal::ZERO)
    }

    /// Form 8960 line 17.
    pub(super) fn net_investment_income(&self, agi: Decimal, income: &Income) -> Decimal {
        income.net_investment().min((agi - self.investment_above).max(Decimal::ZERO)) * self.investment_rate
    }
}

impl MinimumTaxLaw {
    fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let table = file.table("alternative_minimum_tax")?;
        let higher = file.table("alternative_minimum_tax.higher_rate_above")?;
        let above = [Decimal::ZERO, higher.of_status(status)?];
        let rates = Schedule::new(&above, &[table.rate("rate")?, table.rate("higher_rate")?]).map_err(|problem| higher.error(problem))?;
        let phase_out_rate = table.rate("exemption_phase_out_rate")?;
        if phase_out_rate.is_zero() {
            return Err(table.error("has an \"exemption_phase_out_rate\" of 0: the exemption would never phase out"));
        }
        Ok(Self {
            rates,
            exemption: file.table("alternative_minimum_tax.exemption")?.of_status(status)?,
            phase_out_above: file.table("alternative_minimum_tax.exemption_phase_out_above")?.of_status(status)?,
            phase_out_rate,
        })
    }

    /// Form 6251 line 5.
    fn exemption_at(&self, income: Decimal) -> Decimal {
        (self.exemption - (income - self.phase_out_above).max(Decimal::ZERO) * self.phase_out_rate).max(Decimal::ZERO)
    }

    /// 26 U.S.C. § 55(d)(3), last sentence: a separate filer whose exemption is gone adds as much again as a joint return would have
    /// lost of its own, so that two separate returns do not have one exemption more than a joint one (Form 6251 line 4).
    fn separate_filer_addition(&self, status: FilingStatus, income: Decimal) -> Decimal {
        if status != FilingStatus::MarriedSeparately {
            return Decimal::ZERO;
        }
        let exemption_gone_at = self.phase_out_above + self.exemption / self.phase_out_rate;
        ((income - exemption_gone_at).max(Decimal::ZERO) * self.phase_out_rate).min(self.exemption)
    }
}
