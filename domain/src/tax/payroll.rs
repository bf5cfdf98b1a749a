//! Social Security, Medicare and self-employment tax: of one person, whatever the return.
//!
//! The wage base is a person's, not a household's and not a job's: two earners have one each, and one earner's self-employment
//! shares it with that earner's wages. The additional Medicare tax is a return's: see [`PayrollLaw::additional_medicare`].

use rust_decimal::Decimal;

use super::error::TableError;
use super::law_file::LawFile;
use super::schedule::ByStatus;
use crate::money::Money;
use crate::vocabulary::FilingStatus;

/// Sections 3101, 1401 and 1402 of the Internal Revenue Code.
#[derive(Clone, Debug)]
pub(super) struct PayrollLaw {
    social_security_rate: Decimal,
    wage_base: Decimal,
    medicare_rate: Decimal,
    additional_medicare_rate: Decimal,
    additional_medicare_above: ByStatus<Decimal>,
    /// Above it an employer withholds the additional tax, whatever the status.
    additional_medicare_withheld_above: Decimal,
    self_employment: SelfEmploymentLaw,
}

#[derive(Clone, Debug)]
struct SelfEmploymentLaw {
    social_security_rate: Decimal,
    medicare_rate: Decimal,
    net_earnings_factor: Decimal,
    minimum_net_earnings: Decimal,
    deductible_fraction: Decimal,
}

/// Social Security and Medicare withheld from one earner in a year, as an employee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fica {
    /// 6.2 % up to the wage base.
    pub social_security: Money,
    /// 1.45 %, without the additional Medicare tax, which depends on the whole return.
    pub medicare: Money,
}

/// Schedule SE of one person, in exact dollars.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SelfEmployment {
    /// Line 6: 92.35 % of the profit; zero where below the minimum.
    pub(super) net_earnings: Decimal,
    /// Line 12.
    pub(super) tax: Decimal,
    /// Line 13: the half of it that is deducted.
    pub(super) deduction: Decimal,
}

impl PayrollLaw {
    pub(super) fn load(file: &LawFile) -> Result<Self, TableError> {
        let (security, medicare) = (file.table("social_security")?, file.table("medicare")?);
        let (additional, own) = (file.table("additional_medicare")?, file.table("self_employment")?);
        Ok(Self {
            social_security_rate: security.rate("rate")?,
            wage_base: security.amount("wage_base")?,
            medicare_rate: medicare.rate("rate")?,
            additional_medicare_rate: additional.rate("rate")?,
            additional_medicare_above: file.table("additional_medicare.above")?.by_status()?,
            additional_medicare_withheld_above: additional.amount("withheld_above")?,
            self_employment: SelfEmploymentLaw {
                social_security_rate: own.rate("social_security_rate")?,
                medicare_rate: own.rate("medicare_rate")?,
                net_earnings_factor: own.rate("net_earnings_factor")?,
                minimum_net_earnings: own.amount("minimum_net_earnings")?,
                deductible_fraction: own.rate("deductible_fraction")?,
            },
        })
    }

    /// In a later year: the wage base grows (42 U.S.C. § 430); the thresholds of the additional Medicare tax are fixed in the law.
    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        Self { wage_base: (self.wage_base * factor).round_dp(2), ..self.clone() }
    }

    /// Social Security tax on wages of which `before` were paid earlier in the year.
    pub(super) fn social_security(&self, wages: Decimal, before: Decimal) -> Decimal {
        wages.min((self.wage_base - before).max(Decimal::ZERO)) * self.social_security_rate
    }

    /// The regular Medicare tax on wages.
    pub(super) fn medicare(&self, wages: Decimal) -> Decimal {
        wages * self.medicare_rate
    }

    /// What an employer withholds as additional Medicare tax from wages of which `before` were paid earlier in the year: on what
    /// lies above 200,000 a year, whatever the filing status (§ 3102(f)).
    pub(super) fn additional_medicare_withheld(&self, wages: Decimal, before: Decimal) -> Decimal {
        let above = |total: Decimal| (total - self.additional_medicare_withheld_above).max(Decimal::ZERO);
        (above(before + wages) - above(before)) * self.additional_medicare_rate
    }

    /// Form 8959 of a return: Medicare wages above the threshold of the status (part I), and self-employment earnings above what
    /// the wages have left of it (part II).
    pub(super) fn additional_medicare(&self, status: FilingStatus, medicare_wages: Decimal, net_earnings: Decimal) -> Decimal {
        let threshold = *self.additional_medicare_above.get(status);
        let on_wages = (medicare_wages - threshold).max(Decimal::ZERO);
        let left = (threshold - medicare_wages).max(Decimal::ZERO);
        (on_wages + (net_earnings - left).max(Decimal::ZERO)) * self.additional_medicare_rate
    }

    /// Schedule SE of one person with this profit, beside these Social Security wages.
    pub(super) fn self_employment(&self, profit: Decimal, wages: Decimal) -> SelfEmployment {
        let law = &self.self_employment;
        if profit <= Decimal::ZERO {
            return SelfEmployment::default();
        }
        let net_earnings = profit * law.net_earnings_factor;
        if net_earnings < law.minimum_net_earnings {
            return SelfEmployment::default();
        }
        let within_base = net_earnings.min((self.wage_base - wages).max(Decimal::ZERO));
        let tax = within_base * law.social_security_rate + net_earnings * law.medicare_rate;
        SelfEmployment { net_earnings, tax, deduction: tax * law.deductible_fraction }
    }

    /// One employer's year, booked.
    pub(super) fn fica_withheld(&self, wages: Money) -> Fica {
        let exact = wages.at_least_zero().to_decimal();
        let medicare = self.medicare(exact) + self.additional_medicare_withheld(exact, Decimal::ZERO);
        Fica { medicare: Money::round(medicare), ..self.fica(wages) }
    }

    /// Whether every paycheck of a year with these wages is taxed alike: below the wage base and the additional tax.
    pub(super) fn is_level(&self, wages: Money) -> bool {
        wages.to_decimal() <= self.wage_base.min(self.additional_medicare_withheld_above)
    }

    /// One earner's year, booked.
    pub(super) fn fica(&self, wages: Money) -> Fica {
        let wages = wages.at_least_zero().to_decimal();
        Fica { social_security: Money::round(self.social_security(wages, Decimal::ZERO)), medicare: Money::round(self.medicare(wages)) }
    }
}
