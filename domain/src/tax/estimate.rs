//! The annual estimate: a household's return, not an income's.
//!
//! Every figure that comes out is a line of a form, rounded to the cent where it stands; in between all products are exact.
//! The marginal rate is what the next dollar of wages costs in all: the return is computed once more with that dollar.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::federal::{Extra, FederalLines};
use super::tax_return::Return;
use crate::money::Money;
use crate::rate::Rate;

/// A year's taxes, booked to the cent: the names are those of the HTTP contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estimate {
    /// The taxable part of the Social Security benefits, Form 1040 line 6b; contained in the income.
    pub taxable_social_security: Money,
    /// The deduction for contributions to a traditional IRA, Schedule 1 line 20.
    pub ira_deduction: Money,
    /// Schedule 1 line 21.
    pub student_loan_interest_deduction: Money,
    /// Adjusted gross income, Form 1040 line 11.
    pub agi: Money,
    /// The standard deduction; zero where the itemized deductions are taken.
    pub standard_deduction: Money,
    /// The itemized deductions; zero where the standard deduction is taken.
    pub itemized_deductions: Money,
    /// Gifts that are deducted beside the standard deduction (since 2026).
    pub charity_deduction: Money,
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
    /// The credit for the care of children, Form 2441.
    pub care_credit: Money,
    /// The credit for retirement savings, Form 8880.
    pub savers_credit: Money,
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
    /// The additional tax on early distributions, Schedule 2 line 8.
    pub early_distribution_tax: Money,
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
    /// What the state taxes, of all kinds of income together.
    pub(super) taxable: Decimal,
    pub(super) before_credits: Decimal,
    pub(super) before_refundable_credits: Decimal,
    pub(super) tax: Decimal,
}

impl StateLines {
    /// All amounts times a factor.
    pub(super) fn times(self, factor: Decimal) -> Self {
        Self {
            taxable: self.taxable * factor,
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
    let investments = federal.net_investment_income_tax + federal.early_distribution_tax;
    federal.income_tax() + investments + payroll + federal.additional_medicare_tax + state.tax
}

/// Books every line. `marginal` is the whole tax with one dollar more.
pub(super) fn book(federal: &FederalLines, state: &StateLines, marginal: Decimal) -> Estimate {
    let before_credits = Money::round(federal.tax_before_credits());
    let (child, other) = (Money::round(federal.credits.child), Money::round(federal.credits.other_dependents));
    let refundable = Money::round(federal.credits.refundable());
    let (care, savers) = (Money::round(federal.credits.care), Money::round(federal.credits.savers));
    let federal_income_tax = before_credits - care - savers - child - other - refundable;
    let early_distribution_tax = Money::round(federal.early_distribution_tax);
    let niit = Money::round(federal.net_investment_income_tax);
    let social_security_tax = Money::round(federal.work.social_security_tax);
    let medicare_tax = Money::round(federal.work.medicare_tax);
    let additional_medicare_tax = Money::round(federal.additional_medicare_tax);
    let self_employment_tax = Money::round(federal.work.self_employment_tax);
    let state_income_tax = Money::round(state.tax);
    let payroll = social_security_tax + medicare_tax + additional_medicare_tax + self_employment_tax;
    let total_tax = federal_income_tax + niit + early_distribution_tax + payroll + state_income_tax;
    let income = federal.total_income_before_deductions;
    let effective = total_tax.to_decimal().checked_div(income).filter(|_| income > Decimal::ZERO).unwrap_or_default();
    Estimate {
        taxable_social_security: Money::round(federal.income.social_security),
        ira_deduction: Money::round(federal.adjustments.ira),
        student_loan_interest_deduction: Money::round(federal.adjustments.student_loan_interest),
        agi: Money::round(federal.agi),
        standard_deduction: Money::round(federal.deductions.standard),
        itemized_deductions: Money::round(federal.deductions.itemized),
        charity_deduction: Money::round(federal.deductions.charity),
        senior_deduction: Money::round(federal.deductions.senior),
        qbi_deduction: Money::round(federal.deductions.qbi),
        taxable_income: Money::round(federal.taxable_income),
        federal_income_tax_before_credits: before_credits,
        alternative_minimum_tax: Money::round(federal.alternative_minimum_tax),
        care_credit: care,
        savers_credit: savers,
        child_tax_credit: child,
        other_dependent_credit: other,
        refundable_credits: refundable,
        federal_income_tax,
        net_investment_income_tax: niit,
        early_distribution_tax,
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
