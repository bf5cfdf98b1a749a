//! Where the law allows less than what was told, or asks for more: an estimate counts what the law allows, and says so.

use rust_decimal::Decimal;
use serde::Serialize;

use super::federal::{FederalLaw, FederalLines};
use super::tax_return::Return;
use crate::money::Money;

/// One amount that counts otherwise than it was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Note {
    /// The field, as `earners[0].pretax_401k`.
    pub field: String,
    /// Why, for a program.
    pub code: NoteCode,
    /// What was told.
    pub given: Money,
    /// What counts.
    pub allowed: Money,
    /// Why, for a person.
    pub message: &'static str,
}

/// Why an amount counts otherwise than it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteCode {
    /// More than the law lets be contributed or deducted.
    AboveLimit,
    /// The income is too high for all of the deduction.
    PhasedOut,
    /// Less than the law asks for.
    RequiredDistribution,
    /// Not told, and so assumed.
    Assumed,
}

/// The notes of a computed return, in the order of its fields. `income_taxes_out`: the state follows itemized deductions but for the
/// income taxes in them.
pub(super) fn of(tax_return: &Return, law: &FederalLaw, federal: &FederalLines, income_taxes_out: bool) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |field: String, code, given: Money, allowed: Decimal, message| {
        let allowed = Money::round(allowed);
        if allowed != given {
            notes.push(Note { field, code, given, allowed, message });
        }
    };
    let mut family_limit = law.retirement.family_limit();
    let mut ira = law.retirement.ira_contributions(tax_return, federal.work.compensation(), federal.adjustments.ira_income);
    for (index, earner) in tax_return.earners.iter().enumerate() {
        let field = |name: &str| format!("earners[{index}].{name}");
        let deferrals = law.retirement.deferrals(earner);
        let message = "more than the limit of deferrals at this age (26 U.S.C. §§ 402(g), 414(v)): the rest counts as wages";
        note(field("pretax_401k"), NoteCode::AboveLimit, earner.pretax_401k, deferrals, message);
        let savings = law.retirement.health_savings(tax_return, earner, &mut family_limit);
        let message = "more than the limit of this coverage and age (26 U.S.C. § 223(b)): the rest counts as wages";
        note(field("payroll_hsa"), NoteCode::AboveLimit, earner.payroll_hsa, savings, message);
        let (contribution, deducted) = ira.next().unwrap_or_default();
        let message = "more than the limit of the age or the earnings (26 U.S.C. § 219(b)): the rest cannot be contributed";
        note(field("traditional_ira"), NoteCode::AboveLimit, earner.traditional_ira, contribution, message);
        let message = "with a plan at work and this income, not all of the contribution is deducted (26 U.S.C. § 219(g))";
        note(field("traditional_ira"), NoteCode::PhasedOut, Money::round(contribution), deducted, message);
        let taken_out = law.retirement.distributions(earner);
        let message = "less than the required distribution (26 U.S.C. § 401(a)(9)): that counts as income";
        note(field("tax_deferred_distributions"), NoteCode::RequiredDistribution, earner.tax_deferred_distributions, taken_out, message);
    }
    let message = "more than the deduction at this income (26 U.S.C. § 221(b))";
    let interest = federal.adjustments.student_loan_interest;
    note("student_loan_interest".to_owned(), NoteCode::AboveLimit, tax_return.student_loan_interest, interest, message);
    if let Some(paid) = tax_return.itemized.as_ref().filter(|_| !federal.deductions.itemized.is_zero()) {
        let message = "more than the limit of the year and the income (26 U.S.C. § 164(b)(6))";
        let field = "itemized.state_and_local_taxes".to_owned();
        note(field, NoteCode::AboveLimit, paid.state_and_local_taxes, federal.deductions.schedule_a.taxes, message);
    }
    if let Some(paid) = tax_return.itemized.as_ref().filter(|paid| income_taxes_out && paid.state_income_taxes.is_none()) {
        // Of what itemizers deduct as taxes, most is income tax (IRS, Statistics of Income, Table 2.1), and it is the careful reading.
        let message = "which part of the state and local taxes is income tax is not told: all of it is taken to be, and the state does \
                       not let its income tax be deducted";
        note("itemized.state_income_taxes".to_owned(), NoteCode::Assumed, Money::ZERO, paid.state_and_local_taxes.to_decimal(), message);
    }
    notes
}
