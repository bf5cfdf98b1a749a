//! The tax years of a projection: for each calendar year that a plan touches, what its return comes to, what was paid of it on the
//! way, and what April settles.
//!
//! These are the figures that the projection itself books; they are computed beside it, and only on demand: all lines of a return
//! cost twice what its total costs. The equation that every reader may rely on, to the cent:
//! **`liability` − `paid` = `settlement`**, for the treasury and for the state.

use serde::{Deserialize, Serialize};

use crate::money::Money;
use crate::projection::ProjectionError;
use crate::projection::engine;
use crate::projection::plan::{Plan, PlanFiler};
use crate::projection::year_book::{Paid, YearBook};
use crate::tax::{Estimate, Liability, TaxTables};

/// A calendar year of a projection. All amounts in dollars of that year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxYear {
    /// The calendar year.
    pub year: i32,
    /// Months of it that lie in the plan, 1 … 12.
    pub months: u16,
    /// Whether all twelve do.
    pub is_complete: bool,
    /// The year of the file whose law it is; an earlier one than `year` is indexed by the plan's inflation, where the plan says so.
    pub law_year: i32,
    /// The whole year's return; the months outside the plan are taken to be like those in it.
    pub estimate: Estimate,
    /// What of it falls on the months in the plan.
    pub liability: TaxLiability,
    /// What was paid of that: withheld, paid ahead, or paid by a flow.
    pub paid: TaxesPaid,
    /// The difference.
    pub settlement: Settlement,
}

/// A year's taxes, for the months in the plan. The five add up to `total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaxLiability {
    /// Federal income tax after all credits, with the net investment income tax.
    pub federal_income_tax: Money,
    /// Social Security and Medicare of employees, with the additional Medicare tax.
    pub payroll_tax: Money,
    /// Schedule SE.
    pub self_employment_tax: Money,
    /// On what was withdrawn from retirement accounts before 59½ (26 U.S.C. § 72(t)).
    pub early_withdrawal_tax: Money,
    /// The state's.
    pub state_income_tax: Money,
    /// All of them.
    pub total: Money,
}

/// What was paid of a year's taxes in the plan. The five add up to `total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaxesPaid {
    /// Federal income tax withheld, or paid by a flow.
    pub federal_income_tax: Money,
    /// Social Security withheld.
    pub social_security_tax: Money,
    /// Medicare withheld, with the additional Medicare tax.
    pub medicare_tax: Money,
    /// State income tax withheld, or paid by a flow.
    pub state_income_tax: Money,
    /// Quarterly payments; they count for the federal side. January's belongs to the year before, where the calendar is exact.
    pub estimated: Money,
    /// All of them.
    pub total: Money,
}

/// What April of the next year brings. Positive: to be paid; negative: a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// The year of that April.
    pub april_of: i32,
    /// Whether the projection books it: its April lies in the plan, and the plan settles taxes.
    pub is_booked: bool,
    /// Federal: income, payroll and self-employment taxes together.
    pub federal: Money,
    /// The state's.
    pub state: Money,
    /// Both.
    pub total: Money,
}

/// The tax years of a plan with its changes, in their order.
///
/// # Errors
/// As [`crate::projection::project`].
pub fn project_taxes(plan: &Plan, tables: &TaxTables) -> Result<Vec<TaxYear>, ProjectionError> {
    let (_, taxes) = engine::run_and_keep_years(plan, tables, &mut *engine::changes_of(plan), &mut ())?;
    let (books, filer) = taxes.into_years();
    books.iter().map(|book| Ok(TaxYear::of(book, &filer)?)).collect()
}

impl TaxYear {
    fn of(book: &YearBook<'_>, filer: &PlanFiler) -> Result<Self, crate::tax::TaxError> {
        let (whole, usual) = book.estimates(filer)?;
        let owed = |line: fn(&Estimate) -> Money| book.share(line(&usual)) + (line(&whole) - line(&usual));
        let (total, state_income_tax) = (owed(|estimate| estimate.total_tax), owed(|estimate| estimate.state_income_tax));
        let payroll = |estimate: &Estimate| estimate.social_security_tax + estimate.medicare_tax + estimate.additional_medicare_tax;
        let early_withdrawal_tax = owed(|estimate| estimate.early_distribution_tax);
        let (payroll_tax, self_employment_tax) = (owed(payroll), owed(|estimate| estimate.self_employment_tax));
        // What is left of the whole: shares that are rounded one by one need not add up.
        let federal_income_tax = total - state_income_tax - payroll_tax - self_employment_tax - early_withdrawal_tax;
        let due = book.due(Liability { total, state: state_income_tax });
        Ok(Self {
            year: book.year,
            months: book.months,
            is_complete: book.months == 12,
            law_year: book.law.tables.year(),
            estimate: whole,
            liability: TaxLiability { federal_income_tax, payroll_tax, self_employment_tax, early_withdrawal_tax, state_income_tax, total },
            paid: TaxesPaid::of(&book.paid),
            settlement: Settlement {
                april_of: book.year.saturating_add(1),
                is_booked: book.is_settled,
                federal: due.federal,
                state: due.state,
                total: due.federal + due.state,
            },
        })
    }
}

impl TaxesPaid {
    fn of(paid: &Paid) -> Self {
        Self {
            federal_income_tax: paid.federal,
            social_security_tax: paid.social_security,
            medicare_tax: paid.medicare,
            state_income_tax: paid.state,
            estimated: paid.estimated,
            total: paid.federal_in_all() + paid.state,
        }
    }
}
