//! What the household's taxes of this year come to: the return that it expects, what is withheld and paid ahead, what April brings, and
//! what would bring it to nothing.
//!
//! Nothing is computed here a second time: paychecks are those of the system flows, the return is filled as the engine's, tax and steps
//! are those of [`crate::tax`]. Files: `paydays` (how often something is paid in the year), `withholding` (jobs), `expected` (the
//! return), `distributions` (out of retirement accounts), `payments` (estimated tax), `suggestion` (what to change), `note` (what is assumed or not known).
//!
//! Settled as on Form 1040: Social Security and Medicare are an employer's to withhold, and of them only the additional Medicare tax
//! and what several employers took too much of Social Security meet the return. Deliberately absent: interest on an underpayment (it
//! depends on rates of quarters that have not begun), local taxes, and what happened to an income before its present figures.

mod distributions;
mod expected;
mod note;
mod paydays;
mod payments;
mod suggestion;
mod withholding;

use std::collections::BTreeMap;

use chrono::Datelike;
use serde::Serialize;

use self::expected::{Expected, expected, position};
pub use self::note::{Note, NoteCode};
pub use self::payments::EstimatedPayment;
pub use self::suggestion::{DuePayment, QuarterlySuggestion, Suggestions, WithholdingSuggestion};
use self::withholding::JobYear;
pub use self::withholding::{EarlierForm, JobWithholding};
use super::plan::plan;
use super::state::Household;
use crate::calendar::{Date, Month};
use crate::money::Money;
use crate::projection::PlanFiler;
use crate::tax::{Estimate, Explanation, TaxError, TaxTables, YearTables};
use crate::vocabulary::{FilingStatus, State};

/// What the household's state does not know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Last year's federal tax after credits and, where it is known, its adjusted gross income (else this year's stands in for it): one of
    /// the two safe harbours goes by them.
    pub last_year: Option<(Money, Option<Money>)>,
    /// Forms W-4 that held earlier in the year, in the order in which they were replaced.
    pub earlier_forms: Vec<EarlierForm>,
}

/// The year's taxes of a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxSummary {
    /// The calendar year.
    pub tax_year: i32,
    /// Whose law: the year's own, or the last known one's.
    pub law_year: i32,
    /// The day from which on paydays and due dates are still to come.
    pub as_of_date: Date,
    /// On the return.
    pub filing_status: FilingStatus,
    /// Of residence.
    pub state: Option<State>,
    /// The expected return, with its steps.
    pub explanation: Explanation,
    /// By job.
    pub jobs: Vec<JobWithholding>,
    /// Of the self-employed.
    pub estimated_payments: Vec<EstimatedPayment>,
    /// What the federal return settles.
    pub federal: FederalSettlement,
    /// What the state's return settles.
    pub state_settlement: StateSettlement,
    /// What employers settle.
    pub payroll: PayrollTaxes,
    /// What avoids a penalty.
    pub safe_harbor: SafeHarbour,
    /// What would bring the balance to nothing.
    pub suggestions: Suggestions,
    /// What is assumed, capped, or not known.
    pub notes: Vec<Note>,
}

/// The federal return.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FederalSettlement {
    /// Income tax after credits, with the taxes on net investment income, early distributions and self-employment, and the additional
    /// Medicare tax.
    pub tax: Money,
    /// Income tax withheld from pay in the year.
    pub withheld: Money,
    /// Additional Medicare tax withheld by employers that pay more than 200,000 (Form 8959 line 24).
    pub additional_medicare_withheld: Money,
    /// What several employers of one person withhold beyond the wage base (Schedule 3 line 11).
    pub excess_social_security: Money,
    /// Planned quarterly payments, and taxes that flows pay.
    pub estimated_payments: Money,
    /// Tax less all of these: positive is due, negative is refunded.
    pub balance: Money,
}

/// The state's return.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StateSettlement {
    /// State income tax after all credits.
    pub tax: Money,
    /// Withheld from pay in the year.
    pub withheld: Money,
    /// Taxes that flows pay to the state.
    pub estimated_payments: Money,
    /// Tax less both: positive is due, negative is refunded.
    pub balance: Money,
}

/// Social Security and Medicare of employees: nothing of it is settled on a return, but what `federal` names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PayrollTaxes {
    /// Owed, per earner up to the wage base.
    pub social_security_tax: Money,
    /// Withheld in the year.
    pub social_security_withheld: Money,
    /// Owed, without the additional tax.
    pub medicare_tax: Money,
    /// Withheld in the year, the additional tax included.
    pub medicare_withheld: Money,
}

/// The payments that avoid a penalty for underpayment: 26 U.S.C. § 6654(d), (e).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SafeHarbour {
    /// A part of this year's tax.
    pub of_this_year: Money,
    /// Last year's tax, or more where the income was high; null where last year is not known.
    pub of_last_year: Option<Money>,
    /// The lesser: what has to be withheld or paid in time.
    pub required: Money,
    /// What is expected to be.
    pub paid: Money,
    /// What is missing.
    pub short_by: Money,
    /// Whether nothing is.
    pub is_met: bool,
}

impl SafeHarbour {
    fn of(status: FilingStatus, federal: &FederalSettlement, last_year: Option<(Money, Money)>, tables: &YearTables) -> Self {
        let withheld = federal.withheld + federal.additional_medicare_withheld + federal.excess_social_security;
        let paid = withheld + federal.estimated_payments;
        let harbor = tables.safe_harbor(status, federal.tax, last_year);
        // § 6654(e)(1): no penalty where what withholding leaves of the tax is small.
        let is_small = tables.safe_harbor(status, (federal.tax - withheld).at_least_zero(), None).required.is_zero();
        let required = if is_small { Money::ZERO } else { harbor.required };
        let short_by = (required - paid).at_least_zero();
        Self { of_this_year: harbor.of_this_year, of_last_year: harbor.of_last_year, required, paid, short_by, is_met: short_by.is_zero() }
    }
}

/// What this year's taxes come to, as of a day of it. `None` for a household that has not been opened.
///
/// # Errors
/// The year lies before the first one that is known, or the state's law is not known.
pub fn tax_summary(home: &Household, today: Date, beside: &Beside, tables: &TaxTables) -> Result<Option<TaxSummary>, TaxError> {
    let year = today.year();
    let law = tables.in_force(year)?;
    let baseline = home.baseline().and_then(|(id, _)| plan(home, id, Month::of(today), None, law));
    let (Some(opening), Some(plan)) = (home.opening.as_ref(), baseline) else { return Ok(None) };
    let jobs = withholding::jobs(home, today, year, &beside.earlier_forms, law)?;
    let Expected { tax_return, prepaid, required } = expected(home, &plan, &jobs, year, law);
    let explanation = law.explain(&tax_return, None)?;
    let estimated_payments = payments::planned(home, today, year, law)?;
    let (withheld, estimate) = (Withheld::of(&jobs), &explanation.estimate);
    let quarters: Money = estimated_payments.iter().map(|payment| payment.amount).sum();
    let federal = federal(estimate, &withheld, quarters + prepaid.federal, &jobs, &plan.filer, law);
    let state_settlement = StateSettlement {
        tax: estimate.state_income_tax,
        withheld: withheld.state,
        estimated_payments: prepaid.state,
        balance: estimate.state_income_tax - withheld.state - prepaid.state,
    };
    let payroll = PayrollTaxes {
        social_security_tax: estimate.social_security_tax,
        social_security_withheld: withheld.social_security,
        medicare_tax: estimate.medicare_tax,
        medicare_withheld: withheld.medicare,
    };
    let status = opening.profile.filing_status;
    let last_year = beside.last_year.map(|(tax, agi)| (tax, agi.unwrap_or(estimate.agi)));
    let safe_harbor = SafeHarbour::of(status, &federal, last_year, law);
    let suggestions = suggestion::suggestions(&jobs, &estimated_payments, today, &federal, &state_settlement, &safe_harbor, law)?;
    let mut notes = note::notes(home, &jobs, &required, year, beside.last_year.is_some(), law);
    note::about_plans(&estimated_payments, &suggestions, &mut notes);
    Ok(Some(TaxSummary {
        tax_year: year,
        law_year: law.year(),
        as_of_date: today,
        filing_status: status,
        state: opening.profile.state,
        explanation,
        jobs: jobs.into_iter().map(|job| job.told).collect(),
        estimated_payments,
        federal,
        state_settlement,
        payroll,
        safe_harbor,
        suggestions,
        notes,
    }))
}

/// Of all jobs.
#[derive(Clone, Copy, Debug, Default)]
struct Withheld {
    federal: Money,
    state: Money,
    social_security: Money,
    medicare: Money,
}

impl Withheld {
    fn of(jobs: &[JobYear]) -> Self {
        let mut withheld = Self::default();
        for job in jobs {
            withheld.federal += job.told.federal_withholding;
            withheld.state += job.told.state_withholding;
            withheld.social_security += job.told.social_security;
            withheld.medicare += job.told.medicare;
        }
        withheld
    }
}

fn federal(
    estimate: &Estimate,
    withheld: &Withheld,
    estimated_payments: Money,
    jobs: &[JobYear],
    filer: &PlanFiler,
    law: &YearTables,
) -> FederalSettlement {
    let other_taxes = estimate.net_investment_income_tax
        + estimate.early_distribution_tax
        + estimate.self_employment_tax
        + estimate.additional_medicare_tax;
    let tax = estimate.federal_income_tax + other_taxes;
    // By each employer's year, as Form W-2 has it: a flow spreads the year's amount over its paydays.
    let additional = |wages: Money| law.fica_withheld(wages).medicare - law.fica(wages).medicare;
    let additional_medicare_withheld = jobs.iter().map(|job| additional(job.fica_wages)).sum();
    let excess_social_security = excess_social_security(jobs, filer, law);
    let credited = withheld.federal + additional_medicare_withheld + excess_social_security + estimated_payments;
    FederalSettlement {
        tax,
        withheld: withheld.federal,
        additional_medicare_withheld,
        excess_social_security,
        estimated_payments,
        balance: tax - credited,
    }
}

/// Each employer withholds up to the wage base; of what a person's employers took together, the return gives back what is beyond one
/// wage base (26 U.S.C. § 6413(c)).
fn excess_social_security(jobs: &[JobYear], filer: &PlanFiler, law: &YearTables) -> Money {
    let mut people: BTreeMap<usize, (Money, Money)> = BTreeMap::new();
    for job in jobs {
        let (wages, taken) = people.entry(position(filer, job.member)).or_default();
        *wages += job.fica_wages;
        *taken += law.fica(job.fica_wages).social_security;
    }
    // Two amounts that were rounded apart may differ by a cent from their sum; that is no excess.
    let excess = |(wages, taken): &(Money, Money)| *taken - law.fica(*wages).social_security;
    people.values().map(excess).filter(|excess| excess.cents() > 1).sum()
}
