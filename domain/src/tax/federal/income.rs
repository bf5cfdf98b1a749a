//! From what came in to the adjusted gross income: Form 1040 lines 1 to 11, Schedule D, Schedule SE, the benefits worksheet.

use rust_decimal::Decimal;

use super::Extra;
use super::retirement::RetirementLaw;
use crate::money::Money;
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::tax::payroll::PayrollLaw;
use crate::tax::tax_return::Return;
use crate::vocabulary::FilingStatus;

/// One of the spouses, or the only taxpayer.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tax) struct Person {
    pub(in crate::tax) age: u32,
    /// Wages as income tax sees them.
    pub(in crate::tax) wages: Decimal,
    pub(in crate::tax) self_employment: Decimal,
    pub(in crate::tax) self_employment_deduction: Decimal,
    /// Social Security, Medicare and self-employment tax of this person.
    pub(in crate::tax) payroll_taxes: Decimal,
}

impl Person {
    /// Wages and profit, less the half of the self-employment tax.
    pub(in crate::tax) fn earned(&self) -> Decimal {
        self.wages + self.self_employment - self.self_employment_deduction
    }
}

/// What all earners earned by work, and what payroll taxes that costs.
#[derive(Clone, Debug, Default)]
pub(in crate::tax) struct Work {
    /// Gross wages.
    pub(in crate::tax) wages: Decimal,
    /// 401(k) and the like, up to the limit.
    pub(in crate::tax) deferrals: Decimal,
    /// HSA through the payroll, up to the limit.
    pub(in crate::tax) payroll_hsa: Decimal,
    /// The rest of the cafeteria plan.
    pub(in crate::tax) cafeteria: Decimal,
    /// Social Security and Medicare wages: gross less HSA and cafeteria.
    pub(in crate::tax) fica_wages: Decimal,
    /// Profit less loss of all businesses.
    pub(in crate::tax) self_employment: Decimal,
    /// 92.35 % of the profits.
    pub(in crate::tax) net_earnings: Decimal,
    pub(in crate::tax) self_employment_tax: Decimal,
    pub(in crate::tax) self_employment_deduction: Decimal,
    pub(in crate::tax) social_security_tax: Decimal,
    pub(in crate::tax) medicare_tax: Decimal,
    /// What is taken out of tax-deferred accounts, at least what has to be.
    pub(in crate::tax) distributions: Decimal,
    /// What is taken out of them early.
    pub(in crate::tax) early_distributions: Decimal,
    /// Taxpayer and spouse one by one, for the states that ask.
    pub(in crate::tax) people: [Person; 2],
}

impl Work {
    /// Per earner up to the wage base, then summed.
    pub(super) fn of(tax_return: &Return, extra: Extra, payroll: &PayrollLaw, retirement: &RetirementLaw) -> Self {
        let mut work = Self::default();
        let mut more = extra.wages;
        let mut family_limit = retirement.family_limit();
        for (index, earner) in tax_return.earners.iter().enumerate() {
            let wages = earner.wages.to_decimal() + std::mem::take(&mut more);
            let deferrals = retirement.deferrals(earner);
            let (hsa, cafeteria) = (retirement.health_savings(tax_return, earner, &mut family_limit), earner.cafeteria.to_decimal());
            let fica_wages = wages - hsa - cafeteria;
            let profit = earner.self_employment_net.to_decimal();
            work.wages += wages;
            work.deferrals += deferrals;
            work.payroll_hsa += hsa;
            work.cafeteria += cafeteria;
            work.fica_wages += fica_wages;
            let social_security = payroll.social_security(fica_wages, Decimal::ZERO);
            let medicare = payroll.medicare(fica_wages);
            let own = payroll.self_employment(profit, fica_wages);
            work.social_security_tax += social_security;
            work.medicare_tax += medicare;
            work.self_employment += profit;
            work.net_earnings += own.net_earnings;
            work.self_employment_tax += own.tax;
            work.self_employment_deduction += own.deduction;
            work.distributions += retirement.distributions(earner);
            work.early_distributions += earner.early_distributions.to_decimal();
            if let Some(person) = work.people.get_mut(index) {
                person.age = earner.age;
                person.wages = fica_wages - deferrals;
                person.self_employment = profit;
                person.self_employment_deduction = own.deduction;
                person.payroll_taxes = social_security + medicare + own.tax;
            }
        }
        work
    }

    /// What IRA contributions may be made of: 26 U.S.C. § 219(f)(1); a couple's together (§ 219(c)).
    pub(in crate::tax) fn compensation(&self) -> Decimal {
        self.people.iter().map(|person| person.earned().max(Decimal::ZERO)).sum()
    }

    /// Wages as income tax sees them: Form W-2 box 1.
    pub(in crate::tax) fn taxable_wages(&self) -> Decimal {
        self.fica_wages - self.deferrals
    }
}

/// Income as the return has it.
#[derive(Clone, Debug, Default)]
pub(in crate::tax) struct Income {
    /// Form 1040 line 9.
    pub(in crate::tax) total: Decimal,
    pub(in crate::tax) interest: Decimal,
    pub(in crate::tax) dividends: Decimal,
    pub(in crate::tax) qualified_dividends: Decimal,
    /// Schedule D line 16 as it counts: a loss only down to its limit.
    pub(in crate::tax) capital_gains: Decimal,
    /// Net long-term gain in excess of net short-term loss: 26 U.S.C. § 1222(11).
    pub(in crate::tax) net_capital_gain: Decimal,
    pub(in crate::tax) retirement: Decimal,
    /// The taxable part of the benefits.
    pub(in crate::tax) social_security: Decimal,
    /// Everything else, rents included.
    pub(in crate::tax) other: Decimal,
    /// The rents in it.
    pub(in crate::tax) rents: Decimal,
}

impl Income {
    /// Taxed at the capital-gain rates: 26 U.S.C. § 1(h)(11).
    pub(in crate::tax) fn preferred(&self) -> Decimal {
        self.net_capital_gain + self.qualified_dividends
    }

    /// Form 8960 line 8, as far as this return knows it: interest, dividends, gains, rents.
    pub(in crate::tax) fn net_investment(&self) -> Decimal {
        (self.interest + self.dividends + self.capital_gains + self.rents).max(Decimal::ZERO)
    }

    pub(super) fn before_deductions(&self, tax_return: &Return, work: &Work) -> Decimal {
        let untaxed_benefits = tax_return.social_security_benefits.to_decimal() - self.social_security;
        self.total + work.deferrals + work.payroll_hsa + work.cafeteria + untaxed_benefits
    }
}

/// What of this room differs by year or status.
#[derive(Clone, Debug)]
pub(in crate::tax) struct IncomeLaw {
    capital_loss_limit: Decimal,
    benefits_base: Decimal,
    benefits_adjusted_base: Decimal,
    benefits_lower_rate: Decimal,
    benefits_upper_rate: Decimal,
}

impl IncomeLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let benefits = file.table("social_security_benefits")?;
        Ok(Self {
            capital_loss_limit: file.table("capital_loss_limit")?.of_status(status)?,
            benefits_base: file.table("social_security_benefits.base_amount")?.of_status(status)?,
            benefits_adjusted_base: file.table("social_security_benefits.adjusted_base_amount")?.of_status(status)?,
            benefits_lower_rate: benefits.rate("lower_rate")?,
            benefits_upper_rate: benefits.rate("upper_rate")?,
        })
    }

    /// Form 1040 line 9 and what it consists of, but for the benefits: their taxable part depends on what is taken off the rest.
    pub(super) fn gross(&self, tax_return: &Return, extra: Extra, work: &Work) -> Income {
        let dollars = Money::to_decimal;
        let (short, long) = (dollars(tax_return.short_term_gains), dollars(tax_return.long_term_gains));
        let qualified_dividends = dollars(tax_return.qualified_dividends);
        let mut income = Income {
            interest: dollars(tax_return.interest),
            dividends: dollars(tax_return.nonqualified_dividends) + qualified_dividends,
            qualified_dividends,
            capital_gains: (short + long).max(-self.capital_loss_limit),
            net_capital_gain: long.min(short + long).max(Decimal::ZERO),
            retirement: dollars(tax_return.retirement_income) + work.distributions + work.early_distributions,
            other: dollars(tax_return.other_income) + dollars(tax_return.rental_income) + extra.other,
            rents: dollars(tax_return.rental_income),
            ..Income::default()
        };
        let investments = income.interest + income.dividends + income.capital_gains;
        income.total = work.taxable_wages() + work.self_employment + investments + income.retirement + income.other;
        income
    }

    /// 26 U.S.C. § 86(a), the Social Security Benefits Worksheet: `other` is all other income less the adjustments.
    pub(super) fn taxable_benefits(&self, benefits: Decimal, other: Decimal) -> Decimal {
        if benefits.is_zero() {
            return Decimal::ZERO;
        }
        let provisional = other + benefits * self.benefits_lower_rate;
        let above_base = (provisional - self.benefits_base).max(Decimal::ZERO);
        let above_adjusted = (provisional - self.benefits_adjusted_base).max(Decimal::ZERO);
        let between = above_base.min(self.benefits_adjusted_base - self.benefits_base) * self.benefits_lower_rate;
        let first = between.min(benefits * self.benefits_lower_rate);
        (first + above_adjusted * self.benefits_upper_rate).min(benefits * self.benefits_upper_rate)
    }
}
