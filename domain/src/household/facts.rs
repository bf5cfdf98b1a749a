//! What a household tells us, thing by thing. These structs are parsed input, the payload of events and part of the state at
//! once: a fact has one shape, wherever it is met.

use std::collections::BTreeMap;

use chrono::{NaiveTime, TimeDelta, TimeZone as _};
use serde::{Deserialize, Serialize};

use super::error::Rule;
use crate::calendar::{Date, Frequency, PayFrequency};
pub use crate::flow_kind::FlowKind;
use crate::ids::{AccountId, AssetGroupId, DeductionId, MemberId, ScenarioId, UserId};
use crate::money::Money;
pub use crate::payroll::{DeductionAmount, EmployerMatch};
use crate::projection::CalendarMode;
use crate::rate::Rate;
use crate::text::{Name, Notes};
use crate::vocabulary::{
    AccountType, EmploymentStatus, ExpenseCategory, FilingStatus, FlowType, IncomeCategory, IncomeType, PosttaxDeductionType,
    PretaxDeductionType, Relationship, State, WithdrawalOrder,
};

/// The household itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What it is called.
    pub name: Name,
    /// ISO 4217 code of the currency that every amount is in.
    pub currency: Currency,
    /// IANA name; decides which day it is for the household.
    pub time_zone: TimeZone,
    /// On the federal return.
    pub filing_status: FilingStatus,
    /// Of residence; none where no state taxes the household.
    pub state: Option<State>,
}

/// An ISO 4217 currency code with two decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency(String);

impl Currency {
    /// Parses a code such as `USD`. Currencies without cents (JPY, KRW …) or with thousandths are refused: an amount is whole
    /// hundredths here.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        const CODES: &[&str] = &[
            "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "ILS", "INR", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN",
            "RON", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "ZAR",
        ];
        CODES.contains(&code).then(|| Self(code.to_owned()))
    }
    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl Default for Currency {
    fn default() -> Self {
        Self("USD".to_owned())
    }
}
impl TryFrom<String> for Currency {
    type Error = String;
    fn try_from(code: String) -> Result<Self, String> {
        Self::parse(&code).ok_or_else(|| format!("{code:?} is not a currency code that is supported"))
    }
}
impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.0
    }
}

/// An IANA time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(chrono_tz::Tz);

impl TimeZone {
    /// Parses a name such as `America/New_York`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        name.parse().ok().map(Self)
    }
    /// Which day it is there at an instant.
    #[must_use]
    pub fn date_at(self, instant: crate::calendar::Instant) -> Date {
        instant.with_timezone(&self.0).date_naive()
    }
    /// The instant at which a day ends there, and the next one begins.
    #[must_use]
    pub fn end_of(self, day: Date) -> crate::calendar::Instant {
        let midnight = day.succ_opt().unwrap_or(day).and_time(NaiveTime::MIN);
        // Where clocks go forward at midnight there is none, and the day begins at one.
        let hours = (0..3).filter_map(|hours| midnight.checked_add_signed(TimeDelta::hours(hours)));
        let begun = hours.filter_map(|time| self.0.from_local_datetime(&time).earliest()).next();
        begun.map_or_else(|| midnight.and_utc(), |begun| begun.to_utc())
    }
    /// The IANA name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }
}
impl Default for TimeZone {
    /// UTC: nobody's wish, but nobody's surprise either.
    fn default() -> Self {
        Self(chrono_tz::UTC)
    }
}
impl TryFrom<String> for TimeZone {
    type Error = String;
    fn try_from(name: String) -> Result<Self, String> {
        Self::parse(&name).ok_or_else(|| format!("{name:?} is not an IANA time zone"))
    }
}
impl From<TimeZone> for String {
    fn from(zone: TimeZone) -> Self {
        zone.as_str().to_owned()
    }
}

/// A person of the household.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// What they are called.
    pub name: Name,
    /// To the one who opened the household.
    pub relationship: Relationship,
    /// Ages decide about credits and limits.
    pub date_of_birth: Option<Date>,
    /// What they do for a living.
    pub employment_status: Option<EmploymentStatus>,
    /// The one who opened the household.
    pub is_primary: bool,
    /// The user who is this person, where one is.
    pub user_id: Option<UserId>,
}

/// What an account is; its balance, terms and details are facts of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What it is called.
    pub name: Name,
    /// What it is; its class follows from it.
    pub account_type: AccountType,
    /// Where it is held.
    pub institution: Option<Name>,
    /// Of the account number.
    pub last_four: Option<LastFour>,
    /// Whose it is; none means everybody's.
    pub member_id: Option<MemberId>,
    /// What it belongs together with.
    pub asset_group_id: Option<AssetGroupId>,
    /// An inactive account keeps its history and takes no part in anything.
    pub active: bool,
    /// Where it stands in lists, smallest first.
    pub display_order: i32,
    /// What somebody wanted to remember.
    pub notes: Option<Notes>,
}

/// The last four digits of an account number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LastFour(String);

impl LastFour {
    /// Parses exactly four digits.
    #[must_use]
    pub fn parse(digits: &str) -> Option<Self> {
        (digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit())).then(|| Self(digits.to_owned()))
    }
    /// The four digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl TryFrom<String> for LastFour {
    type Error = String;
    fn try_from(digits: String) -> Result<Self, String> {
        Self::parse(&digits).ok_or_else(|| "must be exactly four digits".to_owned())
    }
}
impl From<LastFour> for String {
    fn from(digits: LastFour) -> Self {
        digits.0
    }
}

/// What an account held on a day. A liability's balance is positive: what is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// The day for which it holds; when it was recorded, the stream knows.
    pub as_of_date: Date,
    /// What it held.
    pub balance: Money,
    /// What was paid for it.
    pub cost_basis: Option<Money>,
    /// What it would sell for, where that is not the balance.
    pub market_value: Option<Money>,
}

/// How a variable rate is set: index + margin, between floor and ceiling.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VariableRate {
    /// Such as `SOFR`.
    pub index: Option<Name>,
    /// On top of the index.
    pub margin: Option<Rate>,
    /// Never below.
    pub floor: Option<Rate>,
    /// Never above.
    pub ceiling: Option<Rate>,
}

/// The terms of a debt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Liability {
    /// A year, from 0 to 1.
    pub interest_rate: Rate,
    /// None for a fixed rate.
    pub variable_rate: Option<VariableRate>,
    /// What was borrowed.
    pub original_balance: Option<Money>,
    /// When.
    pub origination_date: Option<Date>,
    /// When it has to be paid back.
    pub maturity_date: Option<Date>,
    /// From origination, or from the balance's date where that is not known.
    pub term_months: Option<u32>,
    /// A month, without escrow.
    pub minimum_payment: Option<Money>,
    /// 1 … 31.
    pub payment_day: Option<u32>,
    /// Only interest is due.
    pub interest_only: bool,
    /// A month, on top of the payment: property tax and insurance paid through the lender.
    pub escrow: Option<Money>,
    /// How much may be drawn.
    pub credit_limit: Option<Money>,
    /// The payment follows the borrower's income.
    pub income_driven: bool,
    /// Interest runs, nothing is due.
    pub in_forbearance: bool,
}

impl Liability {
    /// The interest rate a year, held between the floor and the ceiling of a variable one.
    #[must_use]
    pub fn rate_in_force(&self) -> Rate {
        let (floor, ceiling) = self.variable_rate.as_ref().map_or((None, None), |variable| (variable.floor, variable.ceiling));
        let raised = floor.map_or(self.interest_rate, |floor| self.interest_rate.max(floor));
        ceiling.map_or(raised, |ceiling| raised.min(ceiling))
    }
}

/// What is known about a thing of value: a house, land, a car, a collection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AssetDetails {
    /// When it was bought.
    pub acquisition_date: Option<Date>,
    /// For how much.
    pub acquisition_cost: Option<Money>,
    /// Where it is.
    pub address: Option<Notes>,
    /// Living area.
    pub square_feet: Option<u32>,
    /// Calendar year.
    pub year_built: Option<u32>,
    /// A year.
    pub annual_property_tax: Option<Money>,
    /// A year.
    pub annual_insurance: Option<Money>,
    /// A month.
    pub monthly_hoa: Option<Money>,
    /// A month, where it is rented out.
    pub monthly_rent: Option<Money>,
    /// Vehicle identification number.
    pub vin: Option<Name>,
    /// Who made it.
    pub make: Option<Name>,
    /// Which one.
    pub model: Option<Name>,
    /// Model year.
    pub model_year: Option<u32>,
    /// In miles.
    pub mileage: Option<u32>,
    /// Growth a year of this account, in place of what a scenario assumes of its kind: a savings account's yield, a bond fund, a car that
    /// loses value. Not told where nobody said: stored events and states keep their form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growth_rate: Option<Rate>,
}

/// How an income's gross is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "basis", rename_all = "snake_case")]
pub enum Pay {
    /// A salary or other amount a year.
    Salary {
        /// Before anything is taken out.
        gross_annual_salary: Money,
    },
    /// An hourly rate.
    Hourly {
        /// Before anything is taken out.
        hourly_rate: Money,
        /// Usually 2080: 40 hours in 52 weeks.
        expected_annual_hours: u32,
    },
}

impl Pay {
    /// 40 hours in 52 weeks.
    pub const FULL_TIME_HOURS: u32 = 2080;

    /// Gross a year.
    #[must_use]
    pub fn annual(self) -> Money {
        match self {
            Self::Salary { gross_annual_salary } => gross_annual_salary,
            Self::Hourly { hourly_rate, expected_annual_hours } => hourly_rate.scaled(i64::from(expected_annual_hours), 1),
        }
    }
}

/// A source of income.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Income {
    /// What it is called, mostly the employer.
    pub name: Name,
    /// Who earns it.
    pub member_id: Option<MemberId>,
    /// How it is earned and taxed.
    pub income_type: IncomeType,
    /// How much.
    pub pay: Pay,
    /// How often it is paid.
    pub pay_frequency: PayFrequency,
    /// First day.
    pub start_date: Date,
    /// Last day.
    pub end_date: Option<Date>,
    /// An inactive income keeps its history and pays nothing.
    pub active: bool,
}

/// Form W-4 and its state counterpart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withholding {
    /// Step 1(c); the household's where it is not said.
    pub filing_status: Option<FilingStatus>,
    /// Step 2(c).
    pub multiple_jobs: bool,
    /// Step 3: children under 17.
    pub qualifying_children: u32,
    /// Step 3: others.
    pub other_dependents: u32,
    /// Step 3 as an amount; goes before the two counts.
    pub credits: Option<Money>,
    /// Step 4(a), a year.
    pub other_income: Money,
    /// Step 4(b), a year.
    pub deductions: Money,
    /// Step 4(c), a pay period.
    pub extra_withholding: Money,
    /// On the state's form.
    pub state_allowances: u32,
    /// On the state's form, a pay period.
    pub state_additional_withholding: Money,
}

/// Taken out of a paycheck before the net.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PretaxDeduction {
    /// What for; decides which taxes it lowers.
    pub deduction_type: PretaxDeductionType,
    /// How much.
    #[serde(flatten)]
    pub amount: DeductionAmount,
    /// What the employer adds.
    pub employer_match: Option<EmployerMatch>,
    /// Where it goes; else the member's account of that type.
    pub target_account_id: Option<AccountId>,
}

/// Taken out of a paycheck after taxes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PosttaxDeduction {
    /// What for.
    pub deduction_type: PosttaxDeductionType,
    /// How much.
    #[serde(flatten)]
    pub amount: DeductionAmount,
    /// Where a Roth IRA contribution goes; else the member's account of that type.
    pub target_account_id: Option<AccountId>,
}

/// What comes on top of being paid when one is one's own employer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SelfEmployment {
    /// A year; profit is gross less these.
    pub estimated_annual_expenses: Money,
    /// April, June, September, January; none means a safe-harbour quarter each.
    pub quarterly_estimates: Option<[Money; 4]>,
    /// Of profit, into the member's own retirement plan.
    pub retirement_contribution_rate: Rate,
}

/// The kind that a flow's type and the word of its category say: income needs an income category, expense an expense category, a
/// transfer none.
///
/// # Errors
/// The rule that the category breaks.
pub fn flow_kind(flow_type: FlowType, category: Option<&str>) -> Result<FlowKind, Rule> {
    match (flow_type, category) {
        (FlowType::Transfer, None) => Ok(FlowKind::Transfer),
        (FlowType::Transfer, Some(_)) => Err(Rule::NotAllowedHere("a transfer has no category")),
        (FlowType::Income, None) => Err(Rule::Required("an income needs an income category")),
        (FlowType::Expense, None) => Err(Rule::Required("an expense needs an expense category")),
        (FlowType::Income, Some(word)) => {
            IncomeCategory::parse(word).map(FlowKind::Income).ok_or(Rule::NotAllowedHere("not one of the income categories"))
        }
        (FlowType::Expense, Some(word)) => {
            ExpenseCategory::parse(word).map(FlowKind::Expense).ok_or(Rule::NotAllowedHere("not one of the expense categories"))
        }
    }
}

/// A recurring flow that the household entered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// What it is called.
    pub name: Name,
    /// Income, expense or transfer, with its category.
    #[serde(flatten)]
    pub kind: FlowKind,
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
    /// What it is about, without moving anything there.
    pub linked_account_id: Option<AccountId>,
    /// Whose it is.
    pub member_id: Option<MemberId>,
    /// An inactive flow keeps its history and moves nothing.
    pub active: bool,
    /// What somebody wanted to remember.
    pub notes: Option<Notes>,
}

/// Deductions of an income by id.
pub type Deductions<T> = BTreeMap<DeductionId, T>;

/// What a scenario assumes; the baseline's are editable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumptions {
    /// A year.
    pub inflation_rate: Rate,
    /// A year.
    pub investment_return_rate: Rate,
    /// A year.
    pub salary_growth_rate: Rate,
    /// A year.
    pub cash_yield_rate: Rate,
    /// A year; inflation where it is not said.
    pub property_appreciation_rate: Option<Rate>,
    /// Bring withholding and liability together in April.
    pub settle_taxes: bool,
    /// Index the thresholds of years beyond the last known law by inflation.
    pub index_thresholds: bool,
    /// What is drawn first when cash runs short. Not told where it is the usual order, as it was before there was a choice: stored
    /// events and states keep their form.
    #[serde(default, skip_serializing_if = "WithdrawalOrder::is_usual")]
    pub withdrawal_order: WithdrawalOrder,
    /// How what recurs falls into months. Not told where it is smoothed, for the same reason.
    #[serde(default, skip_serializing_if = "CalendarMode::is_usual")]
    pub calendar: CalendarMode,
    /// Interest a year on what no liquid account could pay. Not told where it is free, for the same reason.
    #[serde(default, skip_serializing_if = "is_free")]
    pub overdraft_rate: Rate,
}

fn is_free(rate: &Rate) -> bool {
    *rate == Rate::ZERO
}

impl Default for Assumptions {
    fn default() -> Self {
        Self {
            inflation_rate: Rate::percent(3),
            investment_return_rate: Rate::percent(7),
            salary_growth_rate: Rate::percent(3),
            cash_yield_rate: Rate::ZERO,
            property_appreciation_rate: None,
            settle_taxes: true,
            index_thresholds: true,
            withdrawal_order: WithdrawalOrder::default(),
            calendar: CalendarMode::default(),
            overdraft_rate: Rate::ZERO,
        }
    }
}

/// Which reality the baseline is a plan over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum BaselineMode {
    /// Today's: it starts in the current month.
    #[default]
    Live,
    /// That of a day: it starts in that day's month, from what was known then.
    Pinned(Pin),
}

/// What a baseline is pinned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pin {
    /// The day, in the household's time zone.
    pub as_of_date: Date,
    /// The household's version at its end: what a replay up to there knows is what is projected.
    pub version: u64,
}

/// A plan over the household's reality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// What it is called.
    pub name: Name,
    /// The one that follows reality.
    pub is_baseline: bool,
    /// 1 … 600.
    pub projection_months: u16,
    /// What it assumes.
    pub assumptions: Assumptions,
    /// What it is for.
    #[serde(default)]
    pub description: Option<Notes>,
    /// Whose changes it inherits.
    #[serde(default)]
    pub parent_id: Option<ScenarioId>,
    /// Month 1 is this day's; the current month where it is not said.
    #[serde(default)]
    pub start_date: Option<Date>,
    /// Kept, and neither changed nor computed ahead.
    #[serde(default)]
    pub archived: bool,
    /// The day on which what it does differently was last made real.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted_on: Option<Date>,
}
