//! The annual estimate: a household's return, not an income's.
//!
//! Every figure that comes out is a line of a form, rounded to the cent where it stands; in between all products are exact.
//! The marginal rate is what the next dollar of wages costs in all: the return is computed once more with that dollar.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::error::TaxError;
use super::federal::{Extra, FederalLines};
use super::withholding::{check_amount, check_size};
use crate::money::Money;
use crate::rate::Rate;
use crate::vocabulary::{FilingStatus, State};

/// One person with earnings on the return. Dollars a year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Earner {
    /// At the end of the year.
    pub age: u32,
    /// Gross wages, before every deduction.
    pub wages: Money,
    /// Traditional 401(k), 403(b), TSP: lowers income tax wages, not FICA wages.
    pub pretax_401k: Money,
    /// HSA through the payroll: lowers both; some states do not follow.
    pub payroll_hsa: Money,
    /// The rest of a cafeteria plan (premiums, FSAs) and commuter benefits: lowers both.
    pub cafeteria: Money,
    /// Net profit or loss from self-employment, Schedule C.
    pub self_employment_net: Money,
}

/// What a household's taxes of one year depend on. Dollars a year; gains and self-employment may be losses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Return {
    /// The status on the return.
    pub filing_status: FilingStatus,
    /// Where the household lives all year; none: no state tax.
    pub state: Option<State>,
    /// The taxpayer and, on a joint return, the spouse; also who earns nothing, for the age.
    pub earners: Vec<Earner>,
    /// Ages of the dependent children at the end of the year.
    pub children_ages: Vec<u32>,
    /// Dependents who are not children of the taxpayer.
    pub other_dependents: u32,
    /// Taxable interest.
    pub interest: Money,
    /// Dividends taxed like long-term gains.
    pub qualified_dividends: Money,
    /// Dividends taxed like wages.
    pub nonqualified_dividends: Money,
    /// Net gains on what was held for a year or less.
    pub short_term_gains: Money,
    /// Net gains on what was held for longer.
    pub long_term_gains: Money,
    /// Taxable pensions, annuities and withdrawals from traditional IRAs and 401(k)s.
    pub retirement_income: Money,
    /// Social Security benefits received, before it is known which part is taxable.
    pub social_security_benefits: Money,
    /// Ordinary income of any other kind: rents, unemployment, alimony of old …
    pub other_income: Money,
    /// Itemized deductions (Schedule A, line 17), taken where they are more than the standard deduction.
    pub itemized_deductions: Option<Money>,
    /// How many of taxpayer and spouse are blind.
    pub blind: u32,
}

impl Return {
    /// A return of this status with nothing on it.
    #[must_use]
    pub const fn new(filing_status: FilingStatus) -> Self {
        Self {
            filing_status,
            state: None,
            earners: Vec::new(),
            children_ages: Vec::new(),
            other_dependents: 0,
            interest: Money::ZERO,
            qualified_dividends: Money::ZERO,
            nonqualified_dividends: Money::ZERO,
            short_term_gains: Money::ZERO,
            long_term_gains: Money::ZERO,
            retirement_income: Money::ZERO,
            social_security_benefits: Money::ZERO,
            other_income: Money::ZERO,
            itemized_deductions: None,
            blind: 0,
        }
    }

    /// Refuses what no return can be.
    pub(super) fn check(&self) -> Result<(), TaxError> {
        for earner in &self.earners {
            let never_negative = [
                ("earners.wages", earner.wages),
                ("earners.pretax_401k", earner.pretax_401k),
                ("earners.payroll_hsa", earner.payroll_hsa),
                ("earners.cafeteria", earner.cafeteria),
            ];
            for (field, amount) in never_negative {
                check_amount(field, amount)?;
            }
            check_size("earners.self_employment_net", earner.self_employment_net)?;
            let deductions = earner.pretax_401k + earner.payroll_hsa + earner.cafeteria;
            if deductions > earner.wages {
                return Err(TaxError::DeductionsExceedPay { deductions, pay: earner.wages });
            }
        }
        let never_negative = [
            ("interest", self.interest),
            ("qualified_dividends", self.qualified_dividends),
            ("nonqualified_dividends", self.nonqualified_dividends),
            ("retirement_income", self.retirement_income),
            ("social_security_benefits", self.social_security_benefits),
            ("itemized_deductions", self.itemized_deductions.unwrap_or_default()),
        ];
        for (field, amount) in never_negative {
            check_amount(field, amount)?;
        }
        check_size("short_term_gains", self.short_term_gains)?;
        check_size("long_term_gains", self.long_term_gains)?;
        check_size("other_income", self.other_income)
    }
}

/// A year's taxes, booked to the cent: the names are those of the HTTP contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// Adjusted gross income, Form 1040 line 11.
    pub agi: Money,
    /// The standard deduction; zero where the itemized deductions are taken.
    pub standard_deduction: Money,
    /// The itemized deductions; zero where the standard deduction is taken.
    pub itemized_deductions: Money,
    /// The enhanced deduction for seniors, on top of either.
    pub senior_deduction: Money,
    /// Form 8995, line 15.
    pub qbi_deduction: Money,
    /// Form 1040 line 15.
    pub taxable_income: Money,
    /// Brackets, capital-gain rates and the alternative minimum tax; without the net investment income tax.
    pub federal_income_tax_before_credits: Money,
    /// Form 6251 line 11; contained in the line above.
    pub alternative_minimum_tax: Money,
    /// The part of the child tax credit that lowers the tax.
    pub child_tax_credit: Money,
    /// The credit for other dependents.
    pub other_dependent_credit: Money,
    /// What is paid out beyond the tax: additional child tax credit and earned income credit.
    pub refundable_credits: Money,
    /// After all credits; below zero where they are more than the tax. Without the net investment income tax.
    pub federal_income_tax: Money,
    /// Form 8960 line 17.
    pub net_investment_income_tax: Money,
    /// The employees' Social Security tax of all earners.
    pub social_security_tax: Money,
    /// The employees' regular Medicare tax of all earners.
    pub medicare_tax: Money,
    /// Form 8959 line 18.
    pub additional_medicare_tax: Money,
    /// Schedule SE line 12 of all earners.
    pub self_employment_tax: Money,
    /// State income tax after the credits that cannot be paid out.
    pub state_income_tax_before_refundable_credits: Money,
    /// State income tax after all credits; below zero where they are more than the tax.
    pub state_income_tax: Money,
    /// The sum of all taxes above.
    pub total_tax: Money,
    /// `total_tax` over all income before deductions; zero without income.
    pub effective_rate: Rate,
    /// What the next dollar of the first earner's wages would add to `total_tax` (of other income, where nobody earns). Phase-outs
    /// that the law takes in steps stand at their step: a credit that falls by 50 at the next dollar is not a rate of 5000 %.
    pub marginal_rate: Rate,
}

/// The state's part of a return, in exact dollars.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StateLines {
    pub(super) before_credits: Decimal,
    pub(super) before_refundable_credits: Decimal,
    pub(super) tax: Decimal,
}

impl StateLines {
    /// Both amounts times a factor.
    pub(super) fn times(self, factor: Decimal) -> Self {
        Self {
            before_credits: self.before_credits * factor,
            before_refundable_credits: self.before_refundable_credits * factor,
            tax: self.tax * factor,
        }
    }
}

/// The dollar that the marginal rate asks about.
pub(super) fn next_dollar(tax_return: &Return) -> Extra {
    match tax_return.earners.first() {
        Some(_) => Extra { wages: Decimal::ONE, other: Decimal::ZERO },
        None => Extra { wages: Decimal::ZERO, other: Decimal::ONE },
    }
}

/// All taxes, unrounded.
pub(super) fn total(federal: &FederalLines, state: &StateLines) -> Decimal {
    let payroll = federal.work.social_security_tax + federal.work.medicare_tax + federal.work.self_employment_tax;
    federal.income_tax() + federal.net_investment_income_tax + payroll + federal.additional_medicare_tax + state.tax
}

/// Books every line. `marginal` is the whole tax with one dollar more.
pub(super) fn book(federal: &FederalLines, state: &StateLines, marginal: Decimal) -> Estimate {
    let before_credits = Money::round(federal.tax_before_credits());
    let (child, other) = (Money::round(federal.credits.child), Money::round(federal.credits.other_dependents));
    let refundable = Money::round(federal.credits.refundable());
    let federal_income_tax = before_credits - child - other - refundable;
    let niit = Money::round(federal.net_investment_income_tax);
    let social_security_tax = Money::round(federal.work.social_security_tax);
    let medicare_tax = Money::round(federal.work.medicare_tax);
    let additional_medicare_tax = Money::round(federal.additional_medicare_tax);
    let self_employment_tax = Money::round(federal.work.self_employment_tax);
    let state_income_tax = Money::round(state.tax);
    let payroll = social_security_tax + medicare_tax + additional_medicare_tax + self_employment_tax;
    let total_tax = federal_income_tax + niit + payroll + state_income_tax;
    let income = federal.total_income_before_deductions;
    let effective = total_tax.to_decimal().checked_div(income).filter(|_| income > Decimal::ZERO).unwrap_or_default();
    Estimate {
        agi: Money::round(federal.agi),
        standard_deduction: Money::round(federal.deductions.standard),
        itemized_deductions: Money::round(federal.deductions.itemized),
        senior_deduction: Money::round(federal.deductions.senior),
        qbi_deduction: Money::round(federal.deductions.qbi),
        taxable_income: Money::round(federal.taxable_income),
        federal_income_tax_before_credits: before_credits,
        alternative_minimum_tax: Money::round(federal.alternative_minimum_tax),
        child_tax_credit: child,
        other_dependent_credit: other,
        refundable_credits: refundable,
        federal_income_tax,
        net_investment_income_tax: niit,
        social_security_tax,
        medicare_tax,
        additional_medicare_tax,
        self_employment_tax,
        state_income_tax_before_refundable_credits: Money::round(state.before_refundable_credits),
        state_income_tax,
        total_tax,
        effective_rate: Rate::new(effective.round_dp(6)),
        marginal_rate: Rate::new((marginal - total(federal, state)).round_dp(6)),
    }
}
