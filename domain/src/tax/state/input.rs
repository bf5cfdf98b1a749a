//! What a state's tax depends on: the household and its federal return, flat and in exact dollars.
//!
//! Why a struct of its own: a later year's thresholds are this year's times an index. Multiplying the thresholds of forty states by
//! `f` is the same as dividing all amounts by `f` and the tax by `1 / f`; that is done here, once.

use rust_decimal::Decimal;

use crate::fixed::to_places;
use crate::tax::federal::{FederalLines, Person};
use crate::tax::tax_return::Return;
use crate::vocabulary::FilingStatus;

/// From this age on a person counts as aged in every state that asks.
pub(super) const AGED_FROM: u32 = 65;

/// The household as the states see it.
#[derive(Clone, Debug)]
pub(in crate::tax) struct StateInput<'a> {
    pub(super) status: FilingStatus,
    pub(super) children_ages: &'a [u32],
    pub(super) other_dependents: u32,
    /// Taxpayer, and spouse on a joint return.
    pub(super) filers: u32,
    /// Taxpayer and spouse who are 65 or older.
    pub(super) aged: u32,
    pub(super) blind: u32,
    /// Deductions are itemized on the federal return.
    pub(super) itemizes: bool,
    pub(super) people: [Person; 2],
    /// By how much the income differs from that at which stepped rules stand: see the marginal rate.
    pub(super) beyond_step: Decimal,
    pub(super) amounts: Amounts,
}

/// All amounts of a household, so that they can be scaled together.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tax) struct Amounts {
    pub(super) federal_agi: Decimal,
    pub(super) federal_taxable_income: Decimal,
    pub(super) federal_standard_deduction: Decimal,
    pub(super) federal_itemized_deductions: Decimal,
    /// Gifts deducted beside the standard deduction, since 2026.
    pub(super) federal_charity: Decimal,
    /// What could be itemized, whether or not it was federally.
    pub(super) itemizable: Decimal,
    /// Taxes in what could be itemized, after the federal limit.
    pub(super) itemizable_taxes: Decimal,
    /// The state income taxes and the others that were paid.
    pub(super) income_taxes_paid: Decimal,
    pub(super) other_taxes_paid: Decimal,
    /// What the federal floor takes off the gifts.
    pub(super) gifts_below_floor: Decimal,
    pub(super) federal_senior_deduction: Decimal,
    pub(super) qbi_deduction: Decimal,
    /// Form 1040 line 24 without self-employment and additional Medicare tax: income tax after the credits that are not paid out.
    pub(super) federal_income_tax: Decimal,
    pub(super) federal_tax_before_credits: Decimal,
    pub(super) federal_earned_income_credit: Decimal,
    pub(super) federal_additional_child_credit: Decimal,
    pub(super) federal_child_credit: Decimal,
    pub(super) net_investment_income: Decimal,
    pub(super) deferrals: Decimal,
    pub(super) payroll_hsa: Decimal,
    pub(super) cafeteria: Decimal,
    /// Wages as income tax sees them.
    pub(super) wages: Decimal,
    pub(super) payroll_taxes: Decimal,
    /// 92.35 % of the profits.
    pub(super) net_earnings: Decimal,
    pub(super) self_employment: Decimal,
    pub(super) self_employment_deduction: Decimal,
    pub(super) interest: Decimal,
    pub(super) dividends: Decimal,
    pub(super) qualified_dividends: Decimal,
    pub(super) short_term_gains: Decimal,
    pub(super) long_term_gains: Decimal,
    /// As they count federally: a loss only down to its limit.
    pub(super) capital_gains: Decimal,
    pub(super) net_capital_gain: Decimal,
    pub(super) retirement: Decimal,
    pub(super) taxable_benefits: Decimal,
    pub(super) benefits: Decimal,
    pub(super) other: Decimal,
}

impl<'a> StateInput<'a> {
    pub(in crate::tax) fn of(tax_return: &'a Return, federal: &FederalLines, stepped_agi: Option<Decimal>) -> Self {
        let (work, income) = (&federal.work, &federal.income);
        let amounts = Amounts {
            federal_agi: federal.agi,
            federal_taxable_income: federal.taxable_income,
            federal_standard_deduction: federal.deductions.standard,
            federal_itemized_deductions: federal.deductions.itemized,
            federal_charity: federal.deductions.charity,
            itemizable: federal.itemizable,
            itemizable_taxes: federal.schedule_a.taxes,
            income_taxes_paid: federal.schedule_a.income_taxes_paid,
            other_taxes_paid: federal.schedule_a.other_taxes_paid,
            gifts_below_floor: federal.schedule_a.gifts_below_floor,
            federal_senior_deduction: federal.deductions.senior,
            qbi_deduction: federal.deductions.qbi,
            federal_income_tax: federal.income_tax() + federal.credits.refundable() + federal.net_investment_income_tax,
            federal_tax_before_credits: federal.tax_before_credits(),
            federal_earned_income_credit: federal.credits.earned_income,
            federal_additional_child_credit: federal.credits.additional_child,
            federal_child_credit: federal.credits.child + federal.credits.other_dependents + federal.credits.additional_child,
            net_investment_income: income.net_investment(),
            deferrals: work.deferrals,
            payroll_hsa: work.payroll_hsa,
            cafeteria: work.cafeteria,
            wages: work.taxable_wages(),
            payroll_taxes: work.social_security_tax + work.medicare_tax + work.self_employment_tax + federal.additional_medicare_tax,
            net_earnings: work.net_earnings,
            self_employment: work.self_employment,
            self_employment_deduction: work.self_employment_deduction,
            interest: income.interest,
            dividends: income.dividends,
            qualified_dividends: income.qualified_dividends,
            short_term_gains: tax_return.short_term_gains.to_decimal(),
            long_term_gains: tax_return.long_term_gains.to_decimal(),
            capital_gains: income.capital_gains,
            net_capital_gain: income.net_capital_gain,
            retirement: income.retirement,
            taxable_benefits: income.social_security,
            benefits: tax_return.social_security_benefits.to_decimal(),
            other: income.other,
        };
        Self {
            status: tax_return.filing_status,
            children_ages: &tax_return.children_ages,
            other_dependents: tax_return.other_dependents,
            filers: if tax_return.filing_status == FilingStatus::MarriedJointly { 2 } else { 1 },
            aged: tax_return.earners.iter().take(2).fold(0, |aged, earner| aged + u32::from(earner.age >= AGED_FROM)),
            blind: tax_return.blind.min(2),
            itemizes: federal.deductions.itemized > Decimal::ZERO,
            people: work.people,
            beyond_step: stepped_agi.map_or(Decimal::ZERO, |stepped| federal.agi - stepped),
            amounts,
        }
    }

    /// Every amount divided by `factor`.
    pub(super) fn deflated(mut self, factor: Decimal) -> Self {
        // One division, and ten decimals: far below a cent, and short enough to stay fast.
        let inverse = (Decimal::ONE / factor).round_dp(16);
        let deflate = |amount: &mut Decimal| {
            if !amount.is_zero() {
                *amount = to_places(*amount * inverse, 10);
            }
        };
        self.amounts.each(deflate);
        for person in &mut self.people {
            deflate(&mut person.wages);
            deflate(&mut person.self_employment);
            deflate(&mut person.self_employment_deduction);
            deflate(&mut person.payroll_taxes);
        }
        deflate(&mut self.beyond_step);
        self
    }

    /// Both spouses file this return.
    pub(super) const fn is_joint(&self) -> bool {
        matches!(self.status, FilingStatus::MarriedJointly)
    }

    /// The income at which a rule that takes steps stands.
    pub(super) fn stepped(&self, income: Decimal) -> Decimal {
        income - self.beyond_step
    }

    /// How many of the filers are at least this old.
    pub(super) fn filers_from_age(&self, age: u32) -> u32 {
        let filers = if self.is_joint() { 2 } else { 1 };
        self.people.iter().take(filers).fold(0, |count, person| count + u32::from(person.age >= age))
    }

    pub(super) fn dependents(&self) -> u32 {
        u32::try_from(self.children_ages.len()).unwrap_or(u32::MAX).saturating_add(self.other_dependents)
    }

    /// Dependent children below an age.
    pub(super) fn children_below(&self, age: u32) -> u32 {
        self.children_ages.iter().fold(0, |count, child| count + u32::from(*child < age))
    }
}

impl Amounts {
    fn each(&mut self, mut apply: impl FnMut(&mut Decimal)) {
        // Destructured without `..`: a new amount that is forgotten here does not compile.
        let Self {
            federal_agi,
            federal_taxable_income,
            federal_standard_deduction,
            federal_itemized_deductions,
            federal_charity,
            itemizable,
            itemizable_taxes,
            income_taxes_paid,
            other_taxes_paid,
            gifts_below_floor,
            federal_senior_deduction,
            qbi_deduction,
            federal_income_tax,
            federal_tax_before_credits,
            federal_earned_income_credit,
            federal_additional_child_credit,
            federal_child_credit,
            net_investment_income,
            deferrals,
            payroll_hsa,
            cafeteria,
            wages,
            payroll_taxes,
            net_earnings,
            self_employment,
            self_employment_deduction,
            interest,
            dividends,
            qualified_dividends,
            short_term_gains,
            long_term_gains,
            capital_gains,
            net_capital_gain,
            retirement,
            taxable_benefits,
            benefits,
            other,
        } = self;
        let federal = [
            federal_agi,
            federal_taxable_income,
            federal_standard_deduction,
            federal_itemized_deductions,
            federal_charity,
            itemizable,
            itemizable_taxes,
            income_taxes_paid,
            other_taxes_paid,
            gifts_below_floor,
            federal_senior_deduction,
            qbi_deduction,
            federal_income_tax,
            federal_tax_before_credits,
            federal_earned_income_credit,
            federal_additional_child_credit,
            federal_child_credit,
            net_investment_income,
        ];
        let work = [deferrals, payroll_hsa, cafeteria, wages, payroll_taxes, net_earnings, self_employment, self_employment_deduction];
        let capital = [interest, dividends, qualified_dividends, short_term_gains, long_term_gains, capital_gains, net_capital_gain];
        let rest = [retirement, taxable_benefits, benefits, other];
        federal.into_iter().chain(work).chain(capital).chain(rest).for_each(&mut apply);
    }
}
