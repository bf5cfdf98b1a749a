//! What a state's employers withhold from a paycheck, by the method that the state itself publishes.
//!
//! Almost all of them say the same: a year of this pay, less a deduction and allowances, by a table, less credits, over the periods.
//! So there is one formula, and what a state does not have is left out of its file. A state whose publication could not be checked has
//! no table `withholding`: there the caller takes its tax on a year of this pay, and says so. The certificate is taken as filled in for
//! the filers of the status and nobody else. Deliberately absent: certificates with dependents, second jobs or extra amounts, local
//! taxes, and the employee's contributions to state insurances (CA SDI, NJ, NY …), which are not income tax.

use rust_decimal::{Decimal, RoundingStrategy};

use super::reduction::Tiers;
use crate::tax::error::TableError;
use crate::tax::law_file::{LawFile, LawTable};
use crate::tax::schedule::Schedule;
use crate::vocabulary::FilingStatus;

/// A year of one paycheck, in exact dollars.
#[derive(Clone, Copy, Debug)]
pub(in crate::tax) struct AnnualPay {
    /// Wages as federal income tax sees them.
    pub(in crate::tax) wages: Decimal,
    pub(in crate::tax) deferrals: Decimal,
    pub(in crate::tax) payroll_hsa: Decimal,
    /// The cafeteria plan without the HSA.
    pub(in crate::tax) cafeteria: Decimal,
    /// What is withheld for federal income tax, without extra amounts.
    pub(in crate::tax) federal_withholding: Decimal,
    /// Social Security and Medicare.
    pub(in crate::tax) payroll_taxes: Decimal,
    pub(in crate::tax) periods: Decimal,
}

/// What of the pay a state taxes although the federal tax does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Addition {
    PayrollHsa,
    Cafeteria,
    Deferrals,
}

/// A state's method as it stands for one filing status.
#[derive(Clone, Debug)]
pub(super) struct WithholdingLaw {
    add: Vec<Addition>,
    /// Nothing is withheld from a year's wages up to here (CA).
    none_up_to: Decimal,
    deduction: Decimal,
    /// A part of the wages up to the deduction, in place of all of it (SC).
    deduction_share: Option<Decimal>,
    /// Above the first amount the deduction falls, evenly to nothing over the second (ME).
    deduction_phase_out: Option<(Decimal, Decimal)>,
    /// Off the wages for all allowances together.
    allowances: Decimal,
    /// Off the tax for all allowances together.
    allowance_credit: Decimal,
    /// Above these wages there are no allowances (OR, RI).
    allowances_up_to: Option<Decimal>,
    /// Social Security and Medicare are deducted up to this much a year (MA).
    payroll_taxes_limit: Option<Decimal>,
    /// Federal withholding is deducted up to a limit by wages (OR).
    federal_limit: Option<Tiers>,
    table: Schedule,
    /// Another table up to these wages (OR).
    low_wages: Option<(Decimal, Schedule)>,
    credit: Decimal,
    /// The credit falls with the wages above an amount (UT).
    credit_phase_out: Option<(Decimal, Decimal)>,
    whole_dollars: bool,
}

impl WithholdingLaw {
    pub(super) fn find(file: &LawFile, status: FilingStatus) -> Result<Option<Self>, TableError> {
        let Some(table) = file.find("withholding")? else { return Ok(None) };
        let own = |key: &str| figure(&table, key, status);
        let pair = |first: &str, second: &str| -> Result<Option<(Decimal, Decimal)>, TableError> {
            Ok(match (own(first)?, own(second)?) {
                (Some(first), Some(second)) => Some((first, second)),
                (None, None) => None,
                _ => return Err(table.error(format!("needs both {first:?} and {second:?}, or neither"))),
            })
        };
        let count = own("allowances")?.unwrap_or_default();
        let deduction_phase_out = pair("deduction_falls_above", "deduction_falls_over")?;
        if deduction_phase_out.is_some_and(|(_, over)| over.is_zero()) {
            return Err(table.error("has a \"deduction_falls_over\" of 0"));
        }
        let low_wages_up_to = own("low_wages_up_to")?;
        Ok(Some(Self {
            add: if table.has("add") { table.words("add", Addition::parse)? } else { Vec::new() },
            none_up_to: own("none_up_to")?.unwrap_or_default(),
            deduction: own("deduction")?.unwrap_or_default(),
            deduction_share: if table.has("deduction_share") { Some(table.rate("deduction_share")?) } else { None },
            deduction_phase_out,
            allowances: own("allowance")?.unwrap_or_default() * count,
            allowance_credit: own("allowance_credit")?.unwrap_or_default() * count,
            allowances_up_to: own("allowances_up_to")?,
            payroll_taxes_limit: own("payroll_taxes_limit")?,
            federal_limit: find_table(file, "withholding.federal_limit", status, |table| Tiers::load(table, "limit"))?,
            table: find_table(file, "withholding.table", status, |table| table.schedule())?
                .ok_or_else(|| table.error("has no \"table\" for this status"))?,
            low_wages: match low_wages_up_to {
                Some(up_to) => find_table(file, "withholding.low_wages", status, |table| table.schedule())?.map(|table| (up_to, table)),
                None => None,
            },
            credit: own("credit")?.unwrap_or_default(),
            credit_phase_out: pair("credit_falls_above", "credit_falls_by")?,
            whole_dollars: table.is_on("whole_dollars")?,
        }))
    }

    /// What is withheld from one paycheck.
    pub(super) fn withhold(&self, pay: &AnnualPay) -> Decimal {
        let wages = pay.wages + self.add.iter().map(|addition| addition.of(pay)).sum::<Decimal>();
        if wages <= self.none_up_to {
            return Decimal::ZERO;
        }
        let (allowances, allowance_credit) = match self.allowances_up_to {
            Some(up_to) if wages > up_to => (Decimal::ZERO, Decimal::ZERO),
            Some(_) | None => (self.allowances, self.allowance_credit),
        };
        let taxable = wages - self.deduction_at(wages) - allowances - self.payroll_taxes(pay) - self.federal(pay, wages);
        let table = self.low_wages.as_ref().filter(|(up_to, _)| wages <= *up_to).map_or(&self.table, |(_, table)| table);
        let tax = table.tax(taxable) - allowance_credit - self.credit_at(wages);
        let withheld = tax.max(Decimal::ZERO) / pay.periods;
        if self.whole_dollars { withheld.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero) } else { withheld }
    }

    fn deduction_at(&self, wages: Decimal) -> Decimal {
        let full = self.deduction_share.map_or(self.deduction, |share| (wages * share).min(self.deduction));
        match self.deduction_phase_out {
            Some((above, over)) => full * (Decimal::ONE - ((wages - above).max(Decimal::ZERO) / over).min(Decimal::ONE)),
            None => full,
        }
    }

    /// The limit is a year's. It is spread over the year, where an employer may also let the first paychecks use it up: the year's sum
    /// is the same, and a typical paycheck is one that a year consists of.
    fn payroll_taxes(&self, pay: &AnnualPay) -> Decimal {
        self.payroll_taxes_limit.map_or(Decimal::ZERO, |limit| pay.payroll_taxes.min(limit))
    }

    fn federal(&self, pay: &AnnualPay, wages: Decimal) -> Decimal {
        self.federal_limit.as_ref().map_or(Decimal::ZERO, |limit| pay.federal_withholding.min(limit.at(wages)))
    }

    fn credit_at(&self, wages: Decimal) -> Decimal {
        let gone = self.credit_phase_out.map_or(Decimal::ZERO, |(above, by)| (wages - above).max(Decimal::ZERO) * by);
        (self.credit - gone).max(Decimal::ZERO)
    }
}

/// A figure that is one for all, or by status: employers' tables have no more than two or three columns, so a status without a figure
/// of its own has the single one.
fn figure(table: &LawTable<'_>, key: &str, status: FilingStatus) -> Result<Option<Decimal>, TableError> {
    if !table.has(key) {
        return Ok(None);
    }
    table.amount_in_column(key, |has| column(status, has)).map(Some)
}

/// The table for a status, one for all, or none.
fn find_table<T>(
    file: &LawFile,
    path: &str,
    status: FilingStatus,
    load: impl Fn(&LawTable<'_>) -> Result<T, TableError>,
) -> Result<Option<T>, TableError> {
    if !file.has_table(path) {
        return Ok(None);
    }
    let own = column(status, |key| file.has_table(&format!("{path}.{key}")));
    let path = if file.has_table(&format!("{path}.{own}")) { format!("{path}.{own}") } else { path.to_owned() };
    load(&file.table(&path)?).map(Some)
}

/// Under which status an employer's table has the figures of another.
fn column(status: FilingStatus, has: impl Fn(&str) -> bool) -> &'static str {
    let joint = matches!(status, FilingStatus::MarriedJointly | FilingStatus::QualifyingSurvivingSpouse);
    let own = if joint { FilingStatus::MarriedJointly } else { status };
    if has(own.as_str()) { own.as_str() } else { FilingStatus::Single.as_str() }
}

impl Addition {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "payroll_hsa" => Some(Self::PayrollHsa),
            "cafeteria" => Some(Self::Cafeteria),
            "deferrals" => Some(Self::Deferrals),
            _ => None,
        }
    }

    const fn of(self, pay: &AnnualPay) -> Decimal {
        match self {
            Self::PayrollHsa => pay.payroll_hsa,
            Self::Cafeteria => pay.cafeteria,
            Self::Deferrals => pay.deferrals,
        }
    }
}
