//! One paycheck: federal withholding by IRS Publication 15-T (percentage method for automated payroll systems, Worksheet 1A, Form
//! W-4 of 2020 or later), Social Security and Medicare, and what is left.
//!
//! The withholding tables are not the tax tables: they have their own file. For 2025 employers kept the tables published before the
//! law of that year raised its standard deduction. Deliberately absent: Forms W-4 from before 2020, nonresident aliens, supplemental
//! wages at a flat rate, and what states make employees pay beside income tax (disability, paid leave, unemployment).

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::error::{TableError, TaxError};
use super::law_file::LawFile;
use super::payroll::PayrollLaw;
use super::schedule::{ByStatus, Schedule};
use crate::calendar::PayFrequency;
use crate::money::Money;
use crate::vocabulary::{FilingStatus, State, StateWithholdingMethod};

/// Form W-4, Steps 2 to 4. Yearly amounts, but for the extra withholding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct W4 {
    /// Step 2(c): the box is ticked, so that every job is withheld on half of the brackets.
    pub multiple_jobs: bool,
    /// Step 3: credits for dependents, dollars a year.
    pub credits: Money,
    /// Step 4(a): other income, dollars a year.
    pub other_income: Money,
    /// Step 4(b): deductions beyond the standard one, dollars a year.
    pub deductions: Money,
    /// Step 4(c): extra withholding, dollars per paycheck.
    pub extra_withholding: Money,
}

/// What one paycheck depends on. Amounts are those of this paycheck, but for the W-4's and the year to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaycheckInput {
    /// The status on the W-4.
    pub filing_status: FilingStatus,
    /// How often it is paid.
    pub pay_frequency: PayFrequency,
    /// Gross pay.
    pub gross: Money,
    /// The rest of the W-4.
    pub w4: W4,
    /// 401(k) and the like: lowers income tax wages, not FICA wages.
    pub pretax_retirement: Money,
    /// Health premiums, payroll HSA, FSAs, commuter benefits: lowers both (26 U.S.C. § 125, § 132(f)).
    pub cafeteria: Money,
    /// The HSA in it: some states tax it all the same.
    pub payroll_hsa: Money,
    /// The state whose income tax is withheld.
    pub state: Option<State>,
    /// FICA wages paid by this employer earlier in the year.
    pub year_to_date_wages: Money,
}

/// One paycheck, booked to the cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paycheck {
    /// Federal income tax withheld.
    pub federal_withholding: Money,
    /// 6.2 % up to the wage base.
    pub social_security: Money,
    /// 1.45 %, and 0.9 % of what lies above 200,000 a year.
    pub medicare: Money,
    /// State income tax withheld.
    pub state_withholding: Money,
    /// How that was found.
    pub state_withholding_method: StateWithholdingMethod,
    /// gross − pretax_retirement − cafeteria − the four above, to the cent.
    pub net: Money,
}

/// Publication 15-T, one year's.
#[derive(Clone, Debug)]
pub(super) struct WithholdingLaw {
    line_1g: ByStatus<Decimal>,
    standard: ByStatus<Schedule>,
    step_2: ByStatus<Schedule>,
    step_3_per_child: Money,
    step_3_per_other: Money,
}

impl WithholdingLaw {
    /// The publication has three tables: single serves married filing separately too (whose own brackets, where they differ, are
    /// the return's business).
    pub(super) fn load(file: &LawFile) -> Result<Self, TableError> {
        let (line_1g, step_3) = (file.table("line_1g")?, file.table("step_3")?);
        let schedules =
            |kind: &str| ByStatus::try_build(|status| file.table(&format!("{kind}.{}", table_of(status)))?.published_schedule());
        Ok(Self {
            line_1g: ByStatus::try_build(|status| line_1g.amount(table_of(status)))?,
            standard: schedules("standard")?,
            step_2: schedules("step_2")?,
            step_3_per_child: Money::round(step_3.amount("per_child")?),
            step_3_per_other: Money::round(step_3.amount("per_other_dependent")?),
        })
    }

    /// Form W-4, Step 3.
    pub(super) fn step_3_credit(&self, children: u32, others: u32) -> Money {
        self.step_3_per_child.scaled(i64::from(children), 1) + self.step_3_per_other.scaled(i64::from(others), 1)
    }

    /// Worksheet 1A: `wages` are this period's taxable wages (line 1a). Exact dollars, before the one rounding.
    fn worksheet_1a(&self, input: &PaycheckInput, wages: Decimal) -> Decimal {
        self.line_3c(input, wages) + input.w4.extra_withholding.to_decimal()
    }

    /// Worksheet 1A up to line 3c: without the extra amount that the employee asked for.
    pub(super) fn line_3c(&self, input: &PaycheckInput, wages: Decimal) -> Decimal {
        let (w4, periods) = (&input.w4, Decimal::from(input.pay_frequency.periods_per_year()));
        let line_1e = wages * periods + w4.other_income.to_decimal();
        let (line_1g, schedules) = match w4.multiple_jobs {
            true => (Decimal::ZERO, &self.step_2),
            false => (*self.line_1g.get(input.filing_status), &self.standard),
        };
        let line_1i = line_1e - (w4.deductions.to_decimal() + line_1g);
        let line_2g = schedules.get(input.filing_status).tax(line_1i);
        ((line_2g - w4.credits.to_decimal()) / periods).max(Decimal::ZERO)
    }
}

/// Which of the publication's three tables serves a status.
const fn table_of(status: FilingStatus) -> &'static str {
    match status {
        FilingStatus::Single | FilingStatus::MarriedSeparately => "single",
        FilingStatus::MarriedJointly | FilingStatus::QualifyingSurvivingSpouse => "married_jointly",
        FilingStatus::HeadOfHousehold => "head_of_household",
    }
}

impl PaycheckInput {
    /// Refuses what no paycheck can be.
    pub(super) fn check(&self) -> Result<(), TaxError> {
        let amounts = [
            ("gross", self.gross),
            ("pretax_retirement", self.pretax_retirement),
            ("cafeteria", self.cafeteria),
            ("payroll_hsa", self.payroll_hsa),
            ("year_to_date_wages", self.year_to_date_wages),
            ("w4.credits", self.w4.credits),
            ("w4.other_income", self.w4.other_income),
            ("w4.deductions", self.w4.deductions),
            ("w4.extra_withholding", self.w4.extra_withholding),
        ];
        for (field, amount) in amounts {
            check_amount(field, amount)?;
        }
        if self.payroll_hsa > self.cafeteria {
            return Err(TaxError::MoreThanContains {
                part: "payroll_hsa",
                amount: self.payroll_hsa,
                whole: "cafeteria",
                of: self.cafeteria,
            });
        }
        let deductions = self.pretax_retirement + self.cafeteria;
        if deductions > self.gross { Err(TaxError::DeductionsExceedPay { deductions, pay: self.gross }) } else { Ok(()) }
    }

    /// What income tax is withheld from.
    pub(super) fn taxable_wages(&self) -> Money {
        self.gross - self.pretax_retirement - self.cafeteria
    }
}

/// Neither negative nor beyond what exact arithmetic is promised for.
pub(super) fn check_amount(field: &'static str, amount: Money) -> Result<(), TaxError> {
    if amount.is_negative() { Err(TaxError::Negative { field, amount }) } else { check_size(field, amount) }
}

/// Not beyond what exact arithmetic is promised for.
pub(super) fn check_size(field: &'static str, amount: Money) -> Result<(), TaxError> {
    if amount.abs() > Money::LIMIT { Err(TaxError::TooLarge { field, amount }) } else { Ok(()) }
}

/// The paycheck. Social Security and Medicare come first: income tax is withheld from what they leave, so that a large Step 4(c)
/// takes the pay to zero and never below (§ 3402 does not let an employer withhold what is not there).
pub(super) fn paycheck(
    input: &PaycheckInput,
    law: &WithholdingLaw,
    payroll: &PayrollLaw,
    (state_withholding, state_withholding_method): (Money, StateWithholdingMethod),
) -> Result<Paycheck, TaxError> {
    input.check()?;
    let fica_wages = (input.gross - input.cafeteria).to_decimal();
    let before = input.year_to_date_wages.to_decimal();
    let social_security = Money::round(payroll.social_security(fica_wages, before));
    let medicare = payroll.medicare(fica_wages) + payroll.additional_medicare_withheld(fica_wages, before);
    let taxable = input.taxable_wages();
    let medicare = Money::round(medicare).min((taxable - social_security).at_least_zero());
    let social_security = social_security.min(taxable);
    let left = taxable - social_security - medicare;
    let federal_withholding = Money::round(law.worksheet_1a(input, taxable.to_decimal())).min(left);
    let state_withholding = state_withholding.min(left - federal_withholding);
    let net = left - federal_withholding - state_withholding;
    Ok(Paycheck { federal_withholding, social_security, medicare, state_withholding, state_withholding_method, net })
}
