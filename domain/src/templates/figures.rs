//! The household's own figures, as far as templates take their defaults from them.
//!
//! Sums a month are those of [`crate::metrics`]. Defaults are rounded down to round figures where they are a rule of thumb, and exact
//! where they follow from one thing (a salary and a tenth more). Deliberately absent: what is only known of other households; such
//! figures stand beside the question that they answer, with their source.

use std::cmp::Reverse;

use rust_decimal::{Decimal, RoundingStrategy};
use uuid::Uuid;

use super::form::{AnswerType, Choice, Choosing};
use crate::calendar::{Date, Frequency, Month, age_on};
use crate::flow_kind::FlowKind;
use crate::household::Household;
use crate::household::state::{AccountState, IncomeState};
use crate::ids::{AccountId, FlowId, IncomeId, MemberId};
use crate::metrics::{self, Metrics};
use crate::money::Money;
use crate::projection::changes::Source;
use crate::rate::Rate;
use crate::tax::{TaxTables, YearTables};
use crate::vocabulary::{AccountClass, AccountType, ExpenseCategory, FilingStatus, IncomeType, Relationship};

/// A household on a day, and what it comes to.
#[derive(Debug)]
pub struct Figures<'h> {
    /// The household.
    pub home: &'h Household,
    /// The day.
    pub today: Date,
    /// The law.
    pub tables: &'h TaxTables,
    metrics: Metrics,
}

/// Something that is earned by working.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    pub id: IncomeId,
    pub member: Option<MemberId>,
    /// Gross a year.
    pub annual: Money,
    /// Through payroll.
    pub is_wage: bool,
}

impl Job {
    /// As what a change is about.
    pub const fn source(self) -> Source {
        Source::Income(self.id)
    }
}

/// Something owed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Debt {
    pub id: AccountId,
    pub account_type: AccountType,
    pub owed: Money,
    /// A year, within floor and ceiling.
    pub rate: Rate,
}

impl Debt {
    /// As what a change is about.
    pub const fn source(self) -> Source {
        Source::Account(self.id)
    }
}

/// Something owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asset {
    pub id: AccountId,
    pub account_type: AccountType,
    pub worth: Money,
}

impl Asset {
    /// As what a change is about.
    pub const fn source(self) -> Source {
        Source::Account(self.id)
    }
}

/// Something that comes in or goes out again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recurring {
    pub source: Source,
    /// Each time; of an income a year.
    pub amount: Money,
    /// What a month of it comes to.
    pub monthly: Money,
    /// Of an expense.
    pub category: Option<ExpenseCategory>,
}

impl<'h> Figures<'h> {
    /// A household's figures on a day.
    #[must_use]
    pub fn of(home: &'h Household, today: Date, tables: &'h TaxTables) -> Self {
        Self { home, today, tables, metrics: metrics::at(home, today) }
    }

    /// The law of the year, or the last known one's.
    pub(super) fn law(&self) -> Option<&'h YearTables> {
        self.tables.in_force(Month::of(self.today).year()).ok()
    }

    // ---- a typical month ----

    /// Gross income a year.
    pub(super) fn annual_income(&self) -> Money {
        self.metrics.monthly_income.scaled(12, 1)
    }

    /// Gross income a month.
    pub(super) const fn monthly_income(&self) -> Money {
        self.metrics.monthly_income
    }

    /// All that goes out a month.
    pub(super) const fn monthly_expenses(&self) -> Money {
        self.metrics.monthly_expenses
    }

    /// What is left of it.
    pub(super) fn monthly_surplus(&self) -> Money {
        self.metrics.monthly_surplus.at_least_zero()
    }

    /// Cash and investments.
    pub(super) fn liquid(&self) -> Money {
        self.metrics.liquid_assets.at_least_zero()
    }

    /// For how many whole months those last; none where nothing is spent.
    pub(super) fn liquid_months(&self) -> Option<u16> {
        let months = self.metrics.liquidity_months.value()?.max(Decimal::ZERO).trunc();
        Some(u16::try_from(months).unwrap_or(u16::MAX))
    }

    /// What is spent a month, without taxes and payments on debts.
    pub(crate) fn monthly_spending(&self) -> Money {
        let entered = self.home.flows.values().filter(|flow| flow.active && self.runs(flow.start_date, flow.end_date));
        let entered = entered.map(|flow| (flow.kind, flow.frequency, flow.amount));
        let derived = self.home.system_flows.values().filter(|flow| self.runs(flow.start_date, flow.end_date));
        let all = entered.chain(derived.map(|flow| (flow.category, flow.frequency, flow.amount)));
        let annual = all.filter(|(kind, _, _)| is_spending(*kind)).map(|(_, frequency, amount)| frequency.annual_amount(amount));
        annual.sum::<Money>().scaled(1, 12)
    }

    fn runs(&self, start: Date, end: Option<Date>) -> bool {
        start <= self.today && self.lasts(end)
    }

    fn lasts(&self, end: Option<Date>) -> bool {
        end.is_none_or(|end| end >= self.today)
    }

    /// What one more (or one less) grown-up or child adds to the month's spending, by the OECD-modified equivalence scale (A. Hagenaars et
    /// al., "Poverty Statistics in the Late 1980s", Eurostat 1994): the first grown-up counts 1.0, each other 0.5, a child under 14 0.3.
    pub(super) fn share_of(&self, tenths: i64) -> Money {
        self.monthly_spending().scaled(tenths, self.tenths_of_household())
    }

    /// The same as a part of all spending, four decimals.
    pub(super) fn part_of(&self, tenths: i64) -> Rate {
        part(Money::from_cents(tenths), Money::from_cents(self.tenths_of_household()))
    }

    fn tenths_of_household(&self) -> i64 {
        let is_child = |birth: Option<Date>| birth.is_none_or(|birth| age_on(birth, self.today) < 14);
        let each = self.home.members.values().map(|member| match member.relationship {
            Relationship::Child | Relationship::Dependent if is_child(member.date_of_birth) => 3,
            Relationship::Child | Relationship::Dependent | Relationship::Spouse | Relationship::Partner => 5,
            Relationship::Oneself => 0, // the first grown-up, counted below
        });
        each.sum::<i64>().saturating_add(10)
    }

    // ---- people ----

    /// Whether anybody here is married to somebody here, or files so.
    pub(super) fn is_married(&self) -> bool {
        let has_spouse = self.home.members.values().any(|member| member.relationship == Relationship::Spouse);
        let status = self.home.opening.as_ref().map(|opening| opening.profile.filing_status);
        has_spouse || matches!(status, Some(FilingStatus::MarriedJointly | FilingStatus::MarriedSeparately))
    }

    /// Grown-ups, the primary one first.
    pub(super) fn grown_ups(&self) -> Vec<MemberId> {
        let mut members: Vec<_> = self.home.members.iter().filter(|(_, member)| !is_dependent(member.relationship)).collect();
        members.sort_by_key(|(id, member)| (!member.is_primary, **id));
        members.into_iter().map(|(id, _)| *id).collect()
    }

    /// Whose a thing is that is nobody's in particular.
    pub(super) fn owner(&self, told: Option<MemberId>) -> Option<MemberId> {
        told.or_else(|| self.grown_ups().first().copied())
    }

    /// What somebody earns by working.
    pub(super) fn jobs_of(&self, member: MemberId) -> Vec<Job> {
        self.jobs().into_iter().filter(|job| self.owner(job.member) == Some(member)).collect()
    }

    // ---- things ----

    /// What is earned by working, now or from a later day on: the best paid first.
    pub(crate) fn jobs(&self) -> Vec<Job> {
        let job = |(id, state): (&IncomeId, &IncomeState)| {
            let income = &state.income;
            let (annual, is_wage) = (income.pay.annual(), matches!(income.income_type, IncomeType::W2 | IncomeType::W2Hourly));
            let is_job = is_wage || income.income_type == IncomeType::SelfEmployed;
            let earns = income.active && annual.is_positive() && self.lasts(income.end_date);
            (is_job && earns).then_some(Job { id: *id, member: income.member_id, annual, is_wage })
        };
        let mut jobs: Vec<Job> = self.home.incomes.iter().filter_map(job).collect();
        jobs.sort_by_key(|job| (Reverse(job.annual), job.id));
        jobs
    }

    /// What is owed: the dearest first.
    pub(crate) fn debts(&self) -> Vec<Debt> {
        let mut debts: Vec<Debt> = self.counted().filter_map(|(id, state)| debt(id, state)).collect();
        debts.sort_by_key(|debt| (Reverse(debt.rate), Reverse(debt.owed), debt.id));
        debts
    }

    /// What is owned and is of a wanted class: what is worth most first.
    pub(super) fn assets(&self, wanted: fn(AccountClass) -> bool) -> Vec<Asset> {
        let of = |(id, state): (AccountId, &AccountState)| Asset {
            id,
            account_type: state.account.account_type,
            worth: state.at_market().at_least_zero(),
        };
        let mut assets: Vec<Asset> = self.counted().filter(|(_, state)| wanted(state.account.account_type.class())).map(of).collect();
        assets.sort_by_key(|asset| (Reverse(asset.worth), asset.id));
        assets
    }

    fn counted(&self) -> impl Iterator<Item = (AccountId, &'h AccountState)> {
        self.home.accounts_in_order().filter(|(_, state)| state.is_counted())
    }

    /// The account that pays, the one that most money is paid from first; and the others that money can be taken from.
    pub(super) fn payers(&self) -> Vec<Asset> {
        let main = self.home.main_cash();
        let mut liquid = self.assets(AccountClass::is_liquid);
        liquid.sort_by_key(|asset| Some(asset.id) != main);
        liquid
    }

    /// Spending that was entered, or that a property costs: what costs most first.
    pub(crate) fn expenses(&self) -> Vec<Recurring> {
        let entered = self.home.flows.iter().filter(|(_, flow)| flow.active && self.lasts(flow.end_date));
        let entered = entered.map(|(id, flow)| (*id, flow.kind, flow.frequency, flow.amount));
        let of_property =
            |flow: &&crate::system_flows::SystemFlow| crate::household::is_property_flow(flow.kind) && self.lasts(flow.end_date);
        let derived = self.home.system_flows.values().filter(of_property);
        let derived = derived.map(|flow| (flow.id, flow.category, flow.frequency, flow.amount));
        let expense = |(id, kind, frequency, amount): (FlowId, FlowKind, Frequency, Money)| match kind {
            FlowKind::Expense(category) => {
                Some(Recurring { source: Source::Flow(id), amount, monthly: frequency.monthly_amount(amount), category: Some(category) })
            }
            FlowKind::Income(_) | FlowKind::Transfer => None,
        };
        let mut expenses: Vec<Recurring> = entered.chain(derived).filter_map(expense).collect();
        expenses.sort_by_key(|expense| (Reverse(expense.monthly), expense.source));
        expenses
    }

    /// Everything that comes in, incomes and flows: what brings most first.
    pub(super) fn sources_of_income(&self) -> Vec<Recurring> {
        let income = |(id, state): (&IncomeId, &IncomeState)| {
            let annual = state.income.pay.annual();
            let comes = state.income.active && annual.is_positive() && self.lasts(state.income.end_date);
            comes.then(|| Recurring { source: Source::Income(*id), amount: annual, monthly: annual.scaled(1, 12), category: None })
        };
        let flows = self.home.flows.iter().filter(|(_, flow)| flow.active && self.lasts(flow.end_date));
        let flow = flows.filter(|(_, flow)| matches!(flow.kind, FlowKind::Income(_))).map(|(id, flow)| Recurring {
            source: Source::Flow(*id),
            amount: flow.amount,
            monthly: flow.frequency.monthly_amount(flow.amount),
            category: None,
        });
        let mut all: Vec<Recurring> = self.home.incomes.iter().filter_map(income).chain(flow).collect();
        all.sort_by_key(|source| (Reverse(source.monthly), source.source));
        all
    }

    /// Payments that are left on a loan, where its terms say so.
    pub(crate) fn remaining_months(&self, id: AccountId) -> Option<u16> {
        crate::household::remaining_months(id, self.home.accounts.get(&id)?)
    }

    // ---- questions for things ----

    /// `which of these`, with what is said where there is none.
    pub(super) fn job_choice(
        &self,
        key: &'static str,
        label: &'static str,
        wanted: fn(&Job) -> bool,
        unfit: &'static str,
    ) -> Choosing<Job> {
        let jobs: Vec<Job> = self.jobs().into_iter().filter(wanted).collect();
        let first = jobs.first().copied();
        let things = jobs.into_iter().map(|job| (job, self.choice(job.id.0, &format!("{} a year", job.annual.grouped()))));
        Choosing::new(key, AnswerType::Income, label, things.collect(), unfit).usually(first, "the best paid one")
    }

    /// One of these debts.
    pub(super) fn debt_choice(
        &self,
        key: &'static str,
        label: &'static str,
        wanted: fn(&Debt) -> bool,
        unfit: &'static str,
    ) -> Choosing<Debt> {
        let debts: Vec<Debt> = self.debts().into_iter().filter(wanted).collect();
        let first = debts.first().copied();
        let said = |debt: &Debt| format!("{} at {}", debt.owed.grouped(), debt.rate.in_percent());
        let things = debts.into_iter().map(|debt| (debt, self.choice(debt.id.0, &said(&debt))));
        Choosing::new(key, AnswerType::Account, label, things.collect(), unfit).usually(first, "the one with the highest rate of interest")
    }

    /// One of these things.
    pub(super) fn asset_choice(&self, key: &'static str, label: &'static str, assets: Vec<Asset>, unfit: &'static str) -> Choosing<Asset> {
        let first = assets.first().copied();
        let things = assets.into_iter().map(|asset| (asset, self.choice(asset.id.0, &asset.worth.grouped())));
        Choosing::new(key, AnswerType::Account, label, things.collect(), unfit).usually(first, "the first of them")
    }

    /// One of these flows or incomes.
    pub(super) fn recurring_choice(
        &self,
        (key, answer_type, label): (&'static str, AnswerType, &'static str),
        all: Vec<Recurring>,
        unfit: &'static str,
    ) -> Choosing<Recurring> {
        let first = all.first().copied();
        let things = all.into_iter().map(|one| (one, self.choice(one.source.id(), &format!("{} a month", one.monthly.grouped()))));
        Choosing::new(key, answer_type, label, things.collect(), unfit).usually(first, "the largest one")
    }

    /// One of these people.
    pub(super) fn member_choice(
        &self,
        key: &'static str,
        label: &'static str,
        members: Vec<MemberId>,
        unfit: &'static str,
    ) -> Choosing<MemberId> {
        let first = members.first().copied();
        let things = members.into_iter().map(|id| (id, Choice { value: id.to_string(), label: self.name_of(id.0) }));
        Choosing::new(key, AnswerType::Member, label, things.collect(), unfit).usually(first, "the first of them")
    }

    fn choice(&self, id: Uuid, more: &str) -> Choice {
        Choice { value: id.as_hyphenated().to_string(), label: format!("{} ({more})", self.name_of(id)) }
    }

    fn name_of(&self, id: Uuid) -> String {
        let home = self.home;
        let account = home.accounts.get(&AccountId(id)).map(|state| state.account.name.to_string());
        let income = || home.incomes.get(&IncomeId(id)).map(|state| state.income.name.to_string());
        let flow = || home.flows.get(&FlowId(id)).map(|flow| flow.name.to_string());
        let derived = || home.system_flows.get(&FlowId(id)).map(|flow| flow.name.clone());
        let member = || home.members.get(&MemberId(id)).map(|member| member.name.to_string());
        account.or_else(income).or_else(flow).or_else(derived).or_else(member).unwrap_or_default()
    }
}

const fn is_dependent(relationship: Relationship) -> bool {
    matches!(relationship, Relationship::Child | Relationship::Dependent)
}

const fn is_spending(kind: FlowKind) -> bool {
    match kind {
        FlowKind::Expense(category) => !category.is_tax() && !category.is_debt_payment(),
        FlowKind::Income(_) | FlowKind::Transfer => false,
    }
}

fn debt(id: AccountId, state: &AccountState) -> Option<Debt> {
    let account_type = state.account.account_type;
    let owed = state.current_balance();
    let rate = state.liability.as_ref().map(crate::household::facts::Liability::rate_in_force).unwrap_or_default();
    (account_type.is_liability() && owed.is_positive()).then_some(Debt { id, account_type, owed, rate })
}

/// A part of a whole in four decimals, rounded down; nothing of nothing.
pub(super) fn part(of: Money, whole: Money) -> Rate {
    let exact = of.to_decimal().checked_div(whole.to_decimal()).unwrap_or_default();
    Rate::new(exact.round_dp_with_strategy(4, RoundingStrategy::ToZero))
}

/// An amount, rounded down to a multiple of so many whole units of the currency; none where that is nothing.
pub(super) fn round_figure(amount: Money, multiple: i64) -> Option<Money> {
    let step = multiple.saturating_mul(100).max(1);
    let cents = amount.cents().div_euclid(step).saturating_mul(step);
    Some(Money::from_cents(cents)).filter(|figure| figure.is_positive())
}

/// So many thousandths.
pub(super) fn permille(thousandths: i64) -> Rate {
    Rate::new(Decimal::new(thousandths, 3))
}

/// Whole units of the currency.
pub(super) const fn whole(units: i64) -> Money {
    Money::from_cents(units.saturating_mul(100))
}
