//! From income to the adjusted gross income: Schedule 1 part II, and the taxable part of Social Security benefits, which depends on
//! it.
//!
//! The order is the law's: the deduction for an IRA looks at the income with the benefits that would be taxable without it (§
//! 219(g)(3)(A)); the benefits look at the income after it (§ 86(b)(2)); the deduction for student-loan interest looks at both (§
//! 221(b)(2)(C)), and the benefits do not look at that.

use rust_decimal::Decimal;

use super::income::{Income, IncomeLaw, Work};
use super::retirement::{PhaseOut, RetirementLaw};
use crate::tax::error::TableError;
use crate::tax::law_file::LawFile;
use crate::tax::tax_return::Return;
use crate::vocabulary::FilingStatus;

/// What is taken off the total income.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::tax) struct Adjustments {
    /// Schedule 1 line 15.
    pub(in crate::tax) self_employment: Decimal,
    /// Schedule 1 line 20.
    pub(in crate::tax) ira: Decimal,
    /// Schedule 1 line 21.
    pub(in crate::tax) student_loan_interest: Decimal,
    /// The income that the phase-out of the IRA deduction looks at.
    pub(in crate::tax) ira_income: Decimal,
}

impl Adjustments {
    pub(in crate::tax) fn total(&self) -> Decimal {
        self.self_employment + self.ira + self.student_loan_interest
    }
}

/// 26 U.S.C. § 221.
#[derive(Clone, Debug)]
pub(in crate::tax) struct StudentLoanLaw {
    limit: Decimal,
    phase_out: PhaseOut,
}

impl StudentLoanLaw {
    pub(super) fn load(file: &LawFile, status: FilingStatus) -> Result<Self, TableError> {
        let table = file.table("student_loan_interest")?;
        // "Does not apply to a married individual who does not file a joint return": § 221(e)(2).
        let limit = if status == FilingStatus::MarriedSeparately { Decimal::ZERO } else { table.amount("limit")? };
        Ok(Self { limit, phase_out: PhaseOut::load(&table, status)? })
    }

    pub(super) fn indexed(&self, factor: Decimal) -> Self {
        Self { limit: self.limit, phase_out: self.phase_out.indexed(factor) }
    }

    fn deduction(&self, paid: Decimal, income: Decimal) -> Decimal {
        paid.min(self.limit) * (Decimal::ONE - self.phase_out.lost(income))
    }
}

/// Completes the income by the taxable benefits, and says what is taken off it. `stepped_ira_income` as in [`super::Stepped`].
pub(super) fn take(
    tax_return: &Return,
    income: &mut Income,
    work: &Work,
    (benefits_law, retirement, student): (&IncomeLaw, &RetirementLaw, &StudentLoanLaw),
    stepped_ira_income: Option<Decimal>,
) -> Adjustments {
    let benefits = tax_return.social_security_benefits.to_decimal();
    let other = income.total - work.self_employment_deduction;
    let mut taken = Adjustments { self_employment: work.self_employment_deduction, ..Adjustments::default() };
    if tax_return.earners.iter().any(|earner| earner.traditional_ira.is_positive()) {
        taken.ira_income = other + benefits_law.taxable_benefits(benefits, other);
        let income = stepped_ira_income.unwrap_or(taken.ira_income);
        taken.ira = retirement.ira_contributions(tax_return, work.compensation(), income).map(|(_, deducted)| deducted).sum();
    }
    income.social_security = benefits_law.taxable_benefits(benefits, other - taken.ira);
    income.total += income.social_security;
    if tax_return.student_loan_interest.is_positive() {
        let before = other - taken.ira + income.social_security;
        taken.student_loan_interest = student.deduction(tax_return.student_loan_interest.to_decimal(), before);
    }
    taken
}
