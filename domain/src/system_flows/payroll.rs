//! Flows of incomes: gross pay, what is taken out of it, what the employer adds, and what arrives.
//!
//! A W-2 income goes through the payroll clearing account, which nets to zero for each income and period, to the cent: gross in,
//! taxes, deductions and net pay out. Every other income goes straight into the main cash account.

use super::{Flows, Inputs, Movement, Origin, Source, SourceType};
use crate::calendar::{Date, Frequency, Month, PayFrequency, on_day};
use crate::flow_kind::FlowKind;
use crate::ids::{AccountId, DeductionId, IncomeId, MemberId};
use crate::money::Money;
use crate::payroll::{Deducted, DeductionType, Job, payslip};
use crate::tax::{TaxError, YearTables};
use crate::vocabulary::{ExpenseCategory, IncomeCategory, PosttaxDeductionType, PretaxDeductionType, SystemFlowKind};

/// An income that pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmploymentInput {
    /// Which.
    pub id: IncomeId,
    /// What it is called.
    pub name: String,
    /// Whose.
    pub member_id: Option<MemberId>,
    /// What it counts as.
    pub category: IncomeCategory,
    /// How often it pays.
    pub pay_frequency: PayFrequency,
    /// First day.
    pub start_date: Date,
    /// Last day.
    pub end_date: Option<Date>,
    /// How it is earned.
    pub wages: WageInput,
}

/// How an income is earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WageInput {
    /// On a W-2, through payroll.
    Payroll {
        /// The job.
        job: Job,
        /// Where contributions go.
        targets: Vec<ContributionTarget>,
    },
    /// By oneself: quarterly estimated payments.
    SelfEmployed(SelfEmployedInput),
    /// Anything else: just comes in.
    Plain {
        /// A year.
        annual_gross: Money,
    },
}

/// Where a contribution goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContributionTarget {
    /// Of which deduction.
    pub deduction_id: DeductionId,
    /// The account.
    pub account_id: AccountId,
}

/// Self-employment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SelfEmployedInput {
    /// A year, before expenses.
    pub annual_gross: Money,
    /// Due 15 April, June, September and January.
    pub quarterly_estimates: [Money; 4],
    /// The year of the first three.
    pub tax_year: i32,
}

pub(super) fn income_flows(income: &EmploymentInput, inputs: &Inputs, tables: &YearTables, flows: &mut Flows) -> Result<(), TaxError> {
    let origin = Origin {
        source: Source { source_type: SourceType::IncomeSource, id: income.id.0 },
        name: &income.name,
        member_id: income.member_id,
        start_date: income.start_date,
        end_date: income.end_date,
    };
    match &income.wages {
        WageInput::Payroll { job, targets } => wage_flows(income, job, targets, inputs, tables, origin, flows)?,
        WageInput::SelfEmployed(own) => {
            add_gross(income, own.annual_gross, inputs.main_cash, origin, flows);
            estimated_tax(own, inputs.main_cash, origin, flows);
        }
        WageInput::Plain { annual_gross } => add_gross(income, *annual_gross, inputs.main_cash, origin, flows),
    }
    Ok(())
}

fn add_gross(income: &EmploymentInput, annual_gross: Money, to: Option<AccountId>, origin: Origin<'_>, flows: &mut Flows) {
    let amount = annual_gross.scaled(1, income.pay_frequency.periods_per_year());
    let frequency = income.pay_frequency.frequency();
    let category = FlowKind::Income(income.category);
    flows.add(origin, "", Movement { kind: SystemFlowKind::GrossIncome, category, amount, frequency, from: None, to });
}

fn wage_flows(
    income: &EmploymentInput,
    job: &Job,
    targets: &[ContributionTarget],
    inputs: &Inputs,
    tables: &YearTables,
    origin: Origin<'_>,
    flows: &mut Flows,
) -> Result<(), TaxError> {
    let slip = payslip(job, tables)?;
    let (clearing, frequency) = (inputs.payroll_clearing, job.pay_frequency.frequency());
    add_gross(income, job.annual_gross, clearing, origin, flows);
    for (kind, category, amount) in [
        (SystemFlowKind::FederalWithholding, ExpenseCategory::FederalIncomeTax, slip.federal_withholding),
        (SystemFlowKind::SocialSecurity, ExpenseCategory::SocialSecurityTax, slip.social_security),
        (SystemFlowKind::Medicare, ExpenseCategory::MedicareTax, slip.medicare),
        (SystemFlowKind::StateWithholding, ExpenseCategory::StateIncomeTax, slip.state_withholding),
    ] {
        flows.add(origin, "", Movement { kind, category: FlowKind::Expense(category), amount, frequency, from: clearing, to: None });
    }
    for deducted in &slip.deductions {
        let target = targets.iter().find(|target| target.deduction_id == deducted.id).map(|target| target.account_id);
        deduction_flows(*deducted, target, clearing, frequency, origin, flows);
    }
    let net = Movement {
        kind: SystemFlowKind::NetPay,
        category: FlowKind::Transfer,
        amount: slip.net,
        frequency,
        from: clearing,
        to: inputs.main_cash,
    };
    flows.add(origin, "", net);
    Ok(())
}

fn deduction_flows(
    deducted: Deducted,
    target: Option<AccountId>,
    clearing: Option<AccountId>,
    frequency: Frequency,
    income: Origin<'_>,
    flows: &mut Flows,
) {
    let (source_type, word) = match deducted.kind {
        DeductionType::Pretax(kind) => (SourceType::PretaxDeduction, kind.as_str()),
        DeductionType::Posttax(kind) => (SourceType::PosttaxDeduction, kind.as_str()),
    };
    let limited = if deducted.is_limited { ", at the limit of the law" } else { "" };
    let name = format!("{} {}{limited}", income.name, word.replace('_', " "));
    let origin = Origin { source: Source { source_type, id: deducted.id.0 }, name: &name, ..income };
    let kind = kind_of(deducted.kind);
    let category = if target.is_some() { FlowKind::Transfer } else { FlowKind::Expense(expense_of(deducted.kind)) };
    flows.add(origin, "", Movement { kind, category, amount: deducted.amount, frequency, from: clearing, to: target });
    let matched = Movement {
        kind: SystemFlowKind::EmployerMatch,
        category: FlowKind::Income(IncomeCategory::OtherIncome),
        // Without an account there is nothing that an employer could add to.
        amount: target.map_or(Money::ZERO, |_| deducted.employer_match),
        frequency,
        from: None,
        to: target,
    };
    flows.add(origin, "", matched);
}

const fn kind_of(deduction: DeductionType) -> SystemFlowKind {
    use PretaxDeductionType as P;
    match deduction {
        DeductionType::Pretax(P::Traditional401k | P::Traditional403b | P::TspTraditional | P::Roth401k | P::TspRoth) => {
            SystemFlowKind::PretaxRetirement
        }
        DeductionType::Pretax(P::Hsa) => SystemFlowKind::PretaxHsa,
        DeductionType::Pretax(P::HealthInsurance | P::DentalInsurance | P::VisionInsurance | P::LifeInsurance) => {
            SystemFlowKind::InsurancePremium
        }
        DeductionType::Pretax(P::FsaHealth | P::FsaDependent | P::CommuterTransit | P::CommuterParking | P::OtherPretax) => {
            SystemFlowKind::OtherDeduction
        }
        DeductionType::Posttax(_) => SystemFlowKind::PosttaxDeduction,
    }
}

/// What a deduction is spent on, where it does not go into an account of the household.
#[must_use]
pub const fn expense_of(deduction: DeductionType) -> ExpenseCategory {
    use {ExpenseCategory as E, PosttaxDeductionType as After, PretaxDeductionType as Before};
    match deduction {
        DeductionType::Pretax(Before::HealthInsurance) => E::HealthInsurance,
        DeductionType::Pretax(Before::DentalInsurance) => E::DentalInsurance,
        DeductionType::Pretax(Before::VisionInsurance) => E::VisionInsurance,
        DeductionType::Pretax(Before::LifeInsurance) | DeductionType::Posttax(After::LifeInsurancePost) => E::LifeInsurance,
        DeductionType::Pretax(Before::FsaHealth | Before::Hsa) => E::MedicalExpenses,
        DeductionType::Pretax(Before::FsaDependent) => E::Childcare,
        DeductionType::Pretax(Before::CommuterTransit) => E::PublicTransit,
        DeductionType::Pretax(Before::CommuterParking) => E::Parking,
        DeductionType::Posttax(After::ChildSupport) => E::ChildSupportPaid,
        DeductionType::Posttax(After::LoanRepayment) => E::OtherDebt,
        DeductionType::Posttax(After::Charitable) => E::Charitable,
        DeductionType::Pretax(
            Before::Traditional401k
            | Before::Traditional403b
            | Before::TspTraditional
            | Before::Roth401k
            | Before::TspRoth
            | Before::OtherPretax,
        )
        | DeductionType::Posttax(After::RothIra | After::UnionDues | After::Garnishment | After::OtherPosttax) => E::Miscellaneous,
    }
}

/// Four equal payments are one quarterly flow; four different ones are four yearly flows, each on its due date.
fn estimated_tax(own: &SelfEmployedInput, from: Option<AccountId>, origin: Origin<'_>, flows: &mut Flows) {
    let [april, june, september, following_january] = own.quarterly_estimates;
    let payment = |amount, frequency| Movement {
        kind: SystemFlowKind::EstimatedTax,
        category: FlowKind::Expense(ExpenseCategory::EstimatedTax),
        amount,
        frequency,
        from,
        to: None,
    };
    // 26 U.S.C. § 6654(c)(2): April 15, June 15, September 15, and January 15 of the following year.
    let january = Month::new(own.tax_year, 1).unwrap_or(Month::of(origin.start_date));
    let mut add = |part: &str, months_later: i32, amount: Money, frequency: Frequency| {
        let start_date = first_due(january.plus(months_later), frequency, origin.start_date);
        // Nothing is due once the work has ended.
        if origin.end_date.is_none_or(|end| start_date <= end) {
            flows.add(Origin { start_date, ..origin }, part, payment(amount, frequency));
        }
    };
    if april == june && june == september && september == following_january {
        return add("", 3, april, Frequency::Quarterly);
    }
    for (part, months_later, amount) in [("q1", 3, april), ("q2", 5, june), ("q3", 8, september), ("q4", 12, following_january)] {
        add(part, months_later, amount, Frequency::Annually);
    }
}

/// The first 15th on which a payment is due that recurs from a month on, not before the work has begun.
fn first_due(first: Month, frequency: Frequency, begins: Date) -> Date {
    let step = i32::try_from(12_i64.checked_div(frequency.times_per_year()).unwrap_or(12)).unwrap_or(12).max(1);
    let passed = Month::of(begins).since(first).max(0).div_euclid(step).saturating_mul(step);
    let due = on_day(first.plus(passed), 15);
    if due < begins { on_day(first.plus(passed.saturating_add(step)), 15) } else { due }
}
