//! The flows that follow from what a household told us: paychecks, taxes withheld, deductions, loan payments, property costs.
//!
//! One pure function, [`system_flows`]: the same inputs give the same set, in the same order, with the same ids. It knows nothing of
//! households and events; whoever calls it has already decided which account everything goes to. Deliberately absent: dates other
//! than those of the sources. A set that depended on today would be another one tomorrow, without anything having happened.

mod debts;
mod payroll;
mod property;

use serde::{Deserialize, Serialize};

pub use debts::{DebtInput, monthly_payment};
pub use payroll::{ContributionTarget, EmploymentInput, SelfEmployedInput, WageInput, expense_of};
pub use property::PropertyInput;

use crate::calendar::{Date, Frequency};
use crate::flow_kind::FlowKind;
use crate::ids::{AccountId, FlowId, HouseholdId, MemberId};
use crate::money::Money;
use crate::tax::{TaxError, YearTables};
use crate::vocabulary::{AccountType, SystemFlowKind, words};

words! {
    /// What a system flow was derived from.
    pub enum SourceType {
        /// A source of income.
        IncomeSource => "income_source",
        /// A pre-tax deduction.
        PretaxDeduction => "pretax_deduction",
        /// A post-tax deduction.
        PosttaxDeduction => "posttax_deduction",
        /// A debt or a property.
        Account => "account",
    }
}

/// What a system flow was derived from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The kind of thing.
    #[serde(rename = "type")]
    pub source_type: SourceType,
    /// Its id.
    pub id: uuid::Uuid,
}

/// A flow that follows from something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemFlow {
    /// UUIDv5 of household, source and kind: the same fact has the same id in every replay.
    pub id: FlowId,
    /// What it is.
    pub kind: SystemFlowKind,
    /// For people, such as `Acme: net pay`.
    pub name: String,
    /// Income, expense or transfer.
    #[serde(flatten)]
    pub category: FlowKind,
    /// Above zero.
    pub amount: Money,
    /// How often.
    pub frequency: Frequency,
    /// First occurrence.
    pub start_date: Date,
    /// Last day.
    pub end_date: Option<Date>,
    /// Where it comes from.
    pub from_account_id: Option<AccountId>,
    /// Where it goes.
    pub to_account_id: Option<AccountId>,
    /// Whose it is.
    pub member_id: Option<MemberId>,
    /// What it was derived from.
    pub source: Source,
}

impl SystemFlow {
    /// Whether the household has no account yet that it needs: a transfer has two, whatever comes in or goes out has one.
    #[must_use]
    pub const fn lacks_an_account(&self) -> bool {
        match self.category {
            FlowKind::Transfer => self.from_account_id.is_none() || self.to_account_id.is_none(),
            FlowKind::Income(_) | FlowKind::Expense(_) => self.from_account_id.is_none() && self.to_account_id.is_none(),
        }
    }
}

/// All that system flows are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inputs {
    /// Whose they are; ids are derived from it.
    pub household_id: HouseholdId,
    /// Where bills are paid from and what is not a wage comes in.
    pub main_cash: Option<AccountId>,
    /// Where gross pay comes in and goes out again.
    pub payroll_clearing: Option<AccountId>,
    /// What is earned.
    pub incomes: Vec<EmploymentInput>,
    /// What is owed.
    pub debts: Vec<DebtInput>,
    /// What a house costs and brings.
    pub properties: Vec<PropertyInput>,
}

/// The flows that should stand, in a fixed order: incomes, debts, properties, each in the order of its input.
///
/// # Errors
/// The law of the state is not known.
pub fn system_flows(inputs: &Inputs, tables: &YearTables) -> Result<Vec<SystemFlow>, TaxError> {
    let mut flows = Flows { household_id: inputs.household_id, flows: Vec::new() };
    for income in &inputs.incomes {
        payroll::income_flows(income, inputs, tables, &mut flows)?;
    }
    for debt in &inputs.debts {
        debts::debt_flows(debt, inputs.main_cash, &mut flows);
    }
    for property in &inputs.properties {
        property::property_flows(property, inputs.main_cash, &mut flows);
    }
    Ok(flows.flows)
}

/// Where the flows of one source begin: what all of them share.
#[derive(Clone, Copy, Debug)]
struct Origin<'a> {
    source: Source,
    name: &'a str,
    member_id: Option<MemberId>,
    start_date: Date,
    end_date: Option<Date>,
}

/// What distinguishes a flow from its siblings.
#[derive(Clone, Copy, Debug)]
struct Movement {
    kind: SystemFlowKind,
    category: FlowKind,
    amount: Money,
    frequency: Frequency,
    from: Option<AccountId>,
    to: Option<AccountId>,
}

/// The set as it grows.
struct Flows {
    household_id: HouseholdId,
    flows: Vec<SystemFlow>,
}

impl Flows {
    /// Adds a flow; nothing for an amount of nothing. `part` tells flows of one source and kind apart.
    fn add(&mut self, origin: Origin<'_>, part: &str, movement: Movement) {
        let Movement { kind, category, amount, frequency, from, to } = movement;
        // A debt of the largest amount there is, with its interest, would be more than that: an event which could never be read again.
        let amount = amount.min(Money::LIMIT);
        if !amount.is_positive() {
            return;
        }
        let Origin { source, name, member_id, start_date, end_date } = origin;
        let id = self.household_id.derive(&[source.source_type.as_str(), &source.id.to_string(), kind.as_str(), part]);
        let label = kind.as_str().replace('_', " ");
        self.flows.push(SystemFlow {
            id: FlowId(id),
            kind,
            name: format!("{name}: {label}"),
            category,
            amount,
            frequency,
            start_date,
            end_date,
            from_account_id: from,
            to_account_id: to,
            member_id,
            source,
        });
    }
}

/// The account type that a kind of retirement or health plan is held in.
#[must_use]
pub const fn plan_account(kind: crate::payroll::DeductionType) -> Option<AccountType> {
    use crate::payroll::DeductionType::{Posttax, Pretax};
    use crate::vocabulary::{PosttaxDeductionType as After, PretaxDeductionType as Before};
    match kind {
        // A 403(b) is a 401(k) of schools and charities; the vocabulary has one account type for both.
        Pretax(Before::Traditional401k | Before::Traditional403b) => Some(AccountType::Traditional401k),
        Pretax(Before::Roth401k) => Some(AccountType::Roth401k),
        Pretax(Before::TspTraditional | Before::TspRoth) => Some(AccountType::Tsp),
        Pretax(Before::Hsa) => Some(AccountType::Hsa),
        Posttax(After::RothIra) => Some(AccountType::RothIra),
        Pretax(
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
        | Posttax(
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
