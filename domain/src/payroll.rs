//! One paycheck of one job: gross, what is taken out before and after taxes, what the employer adds, and the net.
//!
//! Used by the system flows (a typical pay period) and by the projection engine (a month): so that they cannot disagree, the
//! arithmetic stands here once. The line that every reader may rely on: **gross = taxes + deductions + net, to the cent, and no
//! part of it is negative**. Deductions that do not fit into the pay are cut, last ones first, as a payroll office does.
//!
//! Social Security and Medicare are a year's amount spread over its pay periods: a flow has one amount for all of them, and with
//! the first period's figure a salary above the wage base would be over-taxed for the rest of the year. A real paycheck with its
//! year-to-date wages is [`crate::tax::YearTables::paycheck`].

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::PayFrequency;
use crate::ids::DeductionId;
use crate::money::Money;
use crate::rate::Rate;
use crate::tax::{PaycheckInput, TaxError, W4, YearTables};
use crate::vocabulary::{FilingStatus, PosttaxDeductionType, PretaxDeductionType, State, StateWithholdingMethod, words};

/// Fixed, or a part of gross.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "amount_type", content = "amount", rename_all = "snake_case")]
pub enum DeductionAmount {
    /// A pay period.
    Fixed(Money),
    /// A fraction of gross.
    Percent(Rate),
}

impl DeductionAmount {
    /// An amount of a type: an amount of money or a fraction of gross.
    #[must_use]
    pub fn of(amount_type: AmountType, amount: Decimal) -> Option<Self> {
        match amount_type {
            AmountType::Fixed => Money::from_decimal_exact(amount).ok().map(Self::Fixed),
            AmountType::Percent => Rate::parse(&amount.to_string()).ok().map(Self::Percent),
        }
    }

    /// Without the amount.
    #[must_use]
    pub const fn amount_type(self) -> AmountType {
        match self {
            Self::Fixed(_) => AmountType::Fixed,
            Self::Percent(_) => AmountType::Percent,
        }
    }

    /// Without the type.
    #[must_use]
    pub fn amount(self) -> Decimal {
        match self {
            Self::Fixed(amount) => amount.to_decimal(),
            Self::Percent(fraction) => fraction.fraction(),
        }
    }
}

words! {
    /// When a deduction is taken.
    pub enum DeductionStage {
        /// Before taxes.
        Pretax => "pretax",
        /// After taxes.
        Posttax => "posttax",
    }
}

words! {
    /// How a deduction's amount is told.
    pub enum AmountType {
        /// An amount of money a pay period.
        Fixed => "fixed",
        /// A fraction of gross.
        Percent => "percent",
    }
}

/// What the employer adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmployerMatch {
    /// Of what the employee puts in.
    pub rate: Rate,
    /// Only what the employee puts in up to this fraction of salary is matched.
    pub cap_fraction: Option<Rate>,
    /// The most that the employer adds in a year.
    pub annual_cap: Option<Money>,
}

/// What a deduction is, and with that, which taxes it lowers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeductionType {
    /// Before the net.
    Pretax(PretaxDeductionType),
    /// After taxes.
    Posttax(PosttaxDeductionType),
}

/// Which wages a deduction reduces (spec 02; IRS Publication 15-B, 26 U.S.C. §§ 125, 402(g), 3121(v)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduces {
    /// Wages for income tax, not for Social Security and Medicare: 401(k) and its like.
    IncomeTaxWages,
    /// Both: a cafeteria plan's items.
    AllWages,
    /// None: Roth contributions, life insurance, everything after taxes.
    Nothing,
}

words! {
    /// What the law limits a person's contributions of a year by.
    pub enum ContributionLimit {
        /// Own deferrals to 401(k), 403(b) and TSP, traditional and Roth together: 26 U.S.C. §§ 402(g), 414(v).
        ElectiveDeferral => "elective_deferral",
        /// Health savings account: § 223(b).
        HealthSavings => "health_savings",
        /// Individual retirement accounts: § 219(b)(5).
        IndividualRetirement => "individual_retirement",
    }
}

impl DeductionType {
    /// What limits it, if anything does.
    #[must_use]
    pub const fn limit(self) -> Option<ContributionLimit> {
        use {PosttaxDeductionType as After, PretaxDeductionType as Before};
        match self {
            Self::Pretax(
                Before::Traditional401k | Before::Traditional403b | Before::TspTraditional | Before::Roth401k | Before::TspRoth,
            ) => Some(ContributionLimit::ElectiveDeferral),
            Self::Pretax(Before::Hsa) => Some(ContributionLimit::HealthSavings),
            Self::Posttax(After::RothIra) => Some(ContributionLimit::IndividualRetirement),
            Self::Pretax(
                Before::FsaHealth
                | Before::FsaDependent
                | Before::HealthInsurance
                | Before::DentalInsurance
                | Before::VisionInsurance
                | Before::CommuterTransit
                | Before::CommuterParking
                | Before::OtherPretax
                | Before::LifeInsurance,
            )
            | Self::Posttax(
                After::LifeInsurancePost
                | After::UnionDues
                | After::Garnishment
                | After::ChildSupport
                | After::LoanRepayment
                | After::Charitable
                | After::OtherPosttax,
            ) => None,
        }
    }

    /// Which wages it reduces.
    #[must_use]
    pub const fn reduces(self) -> Reduces {
        use PretaxDeductionType as P;
        match self {
            Self::Pretax(P::Traditional401k | P::Traditional403b | P::TspTraditional) => Reduces::IncomeTaxWages,
            Self::Pretax(P::Roth401k | P::TspRoth | P::LifeInsurance) | Self::Posttax(_) => Reduces::Nothing,
            Self::Pretax(
                P::Hsa
                | P::FsaHealth
                | P::FsaDependent
                | P::HealthInsurance
                | P::DentalInsurance
                | P::VisionInsurance
                | P::CommuterTransit
                | P::CommuterParking
                | P::OtherPretax,
            ) => Reduces::AllWages,
        }
    }
}

/// One deduction of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deduction {
    /// Which.
    pub id: DeductionId,
    /// What for.
    pub kind: DeductionType,
    /// How much.
    pub amount: DeductionAmount,
    /// The law's limit a year, if it has one.
    pub annual_limit: Option<Money>,
    /// The most that the law lets the employer add to it in a year, if it limits that.
    pub match_limit: Option<Money>,
    /// What the employer adds.
    pub employer_match: Option<EmployerMatch>,
}

/// A job with a W-2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// On the W-4, or the household's.
    pub filing_status: FilingStatus,
    /// Of residence.
    pub state: Option<State>,
    /// How often it pays.
    pub pay_frequency: PayFrequency,
    /// Gross a year.
    pub annual_gross: Money,
    /// The rest of Form W-4.
    pub w4: W4,
    /// On the state's form: withheld for it beyond its tables, a pay period.
    pub state_extra_withholding: Money,
    /// In the order in which they are taken.
    pub deductions: Vec<Deduction>,
}

/// What became of one deduction in a pay period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deducted {
    /// Which.
    pub id: DeductionId,
    /// What for.
    pub kind: DeductionType,
    /// Taken from the pay.
    pub amount: Money,
    /// Added by the employer, on top of gross.
    pub employer_match: Money,
    /// The law's limit left less than was asked for, or than the employer would have added.
    pub is_limited: bool,
}

/// A typical pay period of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payslip {
    /// A year's gross over its pay periods.
    pub gross: Money,
    /// Federal income tax withheld.
    pub federal_withholding: Money,
    /// Social Security.
    pub social_security: Money,
    /// Medicare, the additional one included.
    pub medicare: Money,
    /// State income tax withheld.
    pub state_withholding: Money,
    /// How that was found.
    pub state_withholding_method: StateWithholdingMethod,
    /// One for each deduction, in the job's order; zero where nothing was left to take it from.
    pub deductions: Vec<Deducted>,
    /// What arrives.
    pub net: Money,
}

/// A typical pay period.
///
/// # Errors
/// The state's law is not known.
pub fn payslip(job: &Job, tables: &YearTables) -> Result<Payslip, TaxError> {
    let periods = job.pay_frequency.periods_per_year();
    let gross = job.annual_gross.scaled(1, periods);
    let wanted: Vec<Wanted> = job.deductions.iter().map(|deduction| wanted(deduction, gross, periods)).collect();

    // Payroll taxes come first: nobody may defer the money that they are paid with. On the whole gross they are at their highest.
    let reserved = tables.payroll_taxes(gross, periods);
    let mut left = (gross - reserved.social_security - reserved.medicare).at_least_zero();
    let mut deductions = Vec::with_capacity(job.deductions.len());
    for (deduction, wanted) in job.deductions.iter().zip(&wanted).filter(|(deduction, _)| is_pretax(deduction)) {
        deductions.push(take(deduction, *wanted, gross, periods, &mut left));
    }
    let taken = |reduces| deductions.iter().filter(|line: &&Deducted| line.kind.reduces() == reduces).map(|line| line.amount).sum();
    let (pretax_retirement, cafeteria): (Money, Money) = (taken(Reduces::IncomeTaxWages), taken(Reduces::AllWages));
    let is_hsa = |line: &&Deducted| matches!(line.kind, DeductionType::Pretax(PretaxDeductionType::Hsa));
    let payroll_hsa: Money = deductions.iter().filter(is_hsa).map(|line| line.amount).sum();
    let fica = tables.payroll_taxes(gross - cafeteria, periods);
    let paycheck = tables.paycheck(&PaycheckInput {
        filing_status: job.filing_status,
        pay_frequency: job.pay_frequency,
        gross,
        w4: job.w4.clone(),
        pretax_retirement,
        cafeteria,
        payroll_hsa,
        state: job.state,
        year_to_date_wages: Money::ZERO,
    })?;

    // An employer cannot withhold more than there is (Publication 15-T): extra withholding is cut to what remains.
    let pretax: Money = deductions.iter().map(|line| line.amount).sum();
    let mut left = gross - pretax;
    let (social_security, medicare) = (cut(fica.social_security, &mut left), cut(fica.medicare, &mut left));
    let federal_withholding = cut(paycheck.federal_withholding, &mut left);
    // A state that taxes no wages has no form on which more could be asked for.
    let state_extra = match paycheck.state_withholding_method {
        StateWithholdingMethod::State | StateWithholdingMethod::AnnualisedLiability => job.state_extra_withholding,
        StateWithholdingMethod::None => Money::ZERO,
    };
    let state_withholding = cut(paycheck.state_withholding + state_extra, &mut left);
    for (deduction, wanted) in job.deductions.iter().zip(&wanted).filter(|(deduction, _)| !is_pretax(deduction)) {
        deductions.push(take(deduction, *wanted, gross, periods, &mut left));
    }
    Ok(Payslip {
        gross,
        federal_withholding,
        social_security,
        medicare,
        state_withholding,
        state_withholding_method: paycheck.state_withholding_method,
        deductions,
        net: left,
    })
}

const fn is_pretax(deduction: &Deduction) -> bool {
    matches!(deduction.kind, DeductionType::Pretax(_))
}

/// What a deduction asks for in a period, within the law's limit a year.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    amount: Money,
    is_limited: bool,
}

fn wanted(deduction: &Deduction, gross: Money, periods: i64) -> Wanted {
    let asked = match deduction.amount {
        DeductionAmount::Fixed(amount) => amount,
        DeductionAmount::Percent(fraction) => fraction.of(gross),
    };
    let amount = deduction.annual_limit.map_or(asked, |limit| asked.min(share_down(limit, periods)));
    Wanted { amount, is_limited: amount < asked }
}

/// A year's limit over its periods, rounded down: a limit is not exceeded by rounding.
fn share_down(limit: Money, periods: i64) -> Money {
    Money::from_cents(limit.cents().checked_div(periods).unwrap_or(0))
}

fn take(deduction: &Deduction, wanted: Wanted, gross: Money, periods: i64, left: &mut Money) -> Deducted {
    let amount = cut(wanted.amount, left);
    let offered = deduction.employer_match.map_or(Money::ZERO, |rule| rule.on(amount, gross, periods));
    let employer_match = deduction.match_limit.map_or(offered, |limit| offered.min(share_down(limit, periods)));
    let is_limited = wanted.is_limited || employer_match < offered;
    Deducted { id: deduction.id, kind: deduction.kind, amount, employer_match, is_limited }
}

impl EmployerMatch {
    /// What the employer adds to a contribution out of this gross, of a period of which a year has so many.
    #[must_use]
    pub fn on(self, contribution: Money, gross: Money, periods: i64) -> Money {
        let base = self.cap_fraction.map_or(contribution, |fraction| contribution.min(fraction.of(gross)));
        let added = self.rate.of(base);
        self.annual_cap.map_or(added, |cap| added.min(share_down(cap, periods)))
    }
}

fn cut(wanted: Money, left: &mut Money) -> Money {
    let amount = wanted.min(*left).at_least_zero();
    *left -= amount;
    amount
}
