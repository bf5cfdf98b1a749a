//! Given, when, then: small helpers over cqrs-es's test framework. Things are called by name, and their ids follow from the name.

use std::sync::OnceLock;

use cqrs_es::test::TestFramework;
use domain::calendar::{Date, Instant, PayFrequency};
use domain::household::command::{Actor, Command, Creator, Holding, IncomePatch, Intent, LiabilityPatch, Told};
use domain::household::error::Rule;
use domain::household::facts::{
    Account, Balance, DeductionAmount, EmployerMatch, Income, Member, Pay, PretaxDeduction, Profile, TimeZone, Withholding,
};
use domain::household::{Event, Household, HouseholdError};
use domain::ids::{AccountId, HouseholdId, UserId};
use domain::money::Money;
use domain::rate::Rate;
use domain::system_flows::SystemFlow;
use domain::tax::{TaxTables, YearFiles};
use domain::text::Name;
use domain::vocabulary::{AccountType, FilingStatus, IncomeType, PretaxDeductionType, Relationship, SystemFlowKind};
use uuid::Uuid;

pub const HOUSE: HouseholdId = HouseholdId(Uuid::from_u128(1));
/// The day on which everything happens unless a test says otherwise.
pub const TODAY: &str = "2026-11-23";

pub fn id<T: From<Uuid>>(word: &str) -> T {
    HOUSE.derive(&["test", word]).into()
}
pub fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}
pub fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}
pub fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}
pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}
pub fn noon(day: &str) -> Instant {
    format!("{day}T12:00:00Z").parse().unwrap()
}
pub fn tables() -> &'static TaxTables {
    TaxTables::shipped().unwrap()
}

/// The files of 2026 with this one for withholding, and of states those alone that tax no income.
pub fn federal_law(withholding: &str) -> [(&str, &str); 5] {
    [
        ("federal.toml", include_str!("../../data/tax/2026/federal.toml")),
        ("payroll.toml", include_str!("../../data/tax/2026/payroll.toml")),
        ("withholding.toml", withholding),
        ("limits.toml", include_str!("../../data/tax/2026/limits.toml")),
        ("states/none.toml", include_str!("../../data/tax/2026/states/none.toml")),
    ]
}
/// Tables that know no state's income tax.
pub fn federal_tables() -> &'static TaxTables {
    static TABLES: OnceLock<TaxTables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let files = federal_law(include_str!("../../data/tax/2026/withholding.toml"));
        TaxTables::load(&[YearFiles { year: 2026, files: &files }]).unwrap()
    })
}

/// A household with a history.
#[derive(Clone)]
pub struct Home {
    pub events: Vec<Event>,
    pub tables: &'static TaxTables,
    pub today: &'static str,
}

/// A household to which all of this has happened, one command after the other.
pub fn given<const N: usize>(intents: [Intent; N]) -> Home {
    Home { events: Vec::new(), tables: tables(), today: TODAY }.and(intents)
}

/// What a command came to.
pub struct Outcome {
    home: Home,
    result: Result<Vec<Event>, HouseholdError>,
}

impl Home {
    pub fn on(mut self, today: &'static str) -> Self {
        self.today = today;
        self
    }
    pub fn under(mut self, tables: &'static TaxTables) -> Self {
        self.tables = tables;
        self
    }
    /// More of what has happened already.
    pub fn and<const N: usize>(self, intents: [Intent; N]) -> Self {
        intents.into_iter().fold(self, |home, intent| home.when(intent).done())
    }
    pub fn when(&self, intent: Intent) -> Outcome {
        self.when_by(Actor::System, intent)
    }
    pub fn when_by(&self, actor: Actor, intent: Intent) -> Outcome {
        let command = Command { decided_at: noon(self.today), actor, intent };
        let framework = TestFramework::<Household>::with(self.tables);
        Outcome { home: self.clone(), result: framework.given(self.events.clone()).when(command).inspect_result() }
    }

    pub fn state(&self) -> Household {
        let mut state = Household::default();
        self.events.iter().cloned().for_each(|event| state.fold(event));
        state
    }
    pub fn flows(&self, kind: SystemFlowKind) -> Vec<SystemFlow> {
        self.state().system_flows.into_values().filter(|flow| flow.kind == kind).collect()
    }
    /// The only flow of its kind.
    pub fn flow(&self, kind: SystemFlowKind) -> SystemFlow {
        let mut flows = self.flows(kind);
        assert_eq!(flows.len(), 1, "{kind}: {flows:#?}");
        flows.remove(0)
    }
    /// The amounts of a kind as text, ascending.
    pub fn amounts(&self, kind: SystemFlowKind) -> Vec<String> {
        let mut amounts: Vec<Money> = self.flows(kind).iter().map(|flow| flow.amount).collect();
        amounts.sort_unstable();
        amounts.iter().map(Money::to_string).collect()
    }
    /// The amounts of these kinds as text; "0.00" where there is no such flow.
    pub fn paid<const N: usize>(&self, kinds: [SystemFlowKind; N]) -> [String; N] {
        kinds.map(|kind| self.flows(kind).iter().map(|flow| flow.amount).sum::<Money>().to_string())
    }
    /// The only account of its type.
    pub fn account_of_type(&self, account_type: AccountType) -> (AccountId, domain::household::state::AccountState) {
        let mut found: Vec<_> = self.state().accounts.into_iter().filter(|(_, it)| it.account.account_type == account_type).collect();
        assert_eq!(found.len(), 1, "{account_type}: {found:#?}");
        found.remove(0)
    }
}

impl Outcome {
    /// It was done.
    pub fn done(self) -> Home {
        let Self { mut home, result } = self;
        home.events.extend(result.unwrap_or_else(|error| panic!("refused: {error}")));
        home
    }
    /// It was done, and these are the names of what happened.
    pub fn then<const N: usize>(self, names: [&str; N]) -> Home {
        let before = self.home.events.len();
        let home = self.done();
        let happened: Vec<&str> = home.events[before..].iter().map(Event::name).collect();
        assert_eq!(happened, names);
        home
    }
    /// The household afterwards, if it was done.
    pub fn accepted(self) -> Option<Home> {
        self.result.is_ok().then(|| self.done())
    }
    /// It was refused.
    pub fn refused(self) -> HouseholdError {
        match self.result {
            Ok(events) => panic!("expected a refusal, got {events:#?}"),
            Err(error) => error,
        }
    }
    /// It was refused for these fields, by these codes, in this order.
    pub fn then_invalid<const N: usize>(self, expected: [(&str, &str); N]) {
        let violations = violations(self.refused());
        let found: Vec<(&str, &str)> = violations.iter().map(|(field, rule)| (field.as_str(), rule.code())).collect();
        assert_eq!(found, expected);
    }
}

pub fn violations(error: HouseholdError) -> Vec<(String, Rule)> {
    let HouseholdError::Invalid(violations) = error else { panic!("refused for another reason: {error}") };
    violations.into_iter().map(|it| (it.field, it.rule)).collect()
}

pub fn profile() -> Profile {
    Profile {
        name: name("Home"),
        currency: Default::default(),
        time_zone: TimeZone::default(),
        filing_status: FilingStatus::Single,
        state: None,
    }
}

pub fn opened_with(profile: Profile, owner: &str) -> Intent {
    Intent::OpenHousehold { id: HOUSE, profile, creator: Some(Creator { user_id: user(owner), member_id: id(owner), name: name(owner) }) }
}
/// A single person's household without a state.
pub fn opened(owner: &str) -> Intent {
    opened_with(profile(), owner)
}
pub fn user(who: &str) -> UserId {
    id(&format!("user {who}"))
}
pub fn by(who: &str) -> Actor {
    Actor::User(user(who))
}
pub fn person(who: &str, relationship: Relationship) -> Member {
    Member { name: name(who), relationship, date_of_birth: None, employment_status: None, is_primary: false, user_id: None }
}
pub fn joined(who: &str, relationship: Relationship) -> Intent {
    Intent::AddMember { id: id(who), member: person(who, relationship) }
}
pub fn born(who: &str, day: &str) -> Intent {
    let patch = domain::household::command::MemberPatch { date_of_birth: Some(Some(date(day))), ..Default::default() };
    Intent::ChangeMember { id: id(who), patch }
}

/// Ada's biweekly salary since the first of January.
pub fn salary(employer: &str, gross: &str) -> Income {
    Income {
        name: name(employer),
        member_id: Some(id("Ada")),
        income_type: IncomeType::W2,
        pay: Pay::Salary { gross_annual_salary: money(gross) },
        pay_frequency: PayFrequency::Biweekly,
        start_date: date("2026-01-01"),
        end_date: None,
        active: true,
    }
}
pub fn earning(income: Income) -> Intent {
    Intent::AddIncome { id: id(income.name.as_str()), income, withholding: None }
}
pub fn salaried(employer: &str, gross: &str) -> Intent {
    earning(salary(employer, gross))
}
pub fn changed_income(income: &str, patch: IncomePatch) -> Intent {
    Intent::ChangeIncome { id: id(income), patch, withholding: None }
}
pub fn raise(employer: &str, gross: &str) -> Intent {
    changed_income(employer, IncomePatch { gross_annual_salary: Some(money(gross)), ..Default::default() })
}
pub fn w4(employer: &str, withholding: Withholding) -> Intent {
    Intent::SetWithholding { income_id: id(employer), withholding }
}

pub fn fixed(amount: &str) -> DeductionAmount {
    DeductionAmount::Fixed(money(amount))
}
pub fn percent(fraction: &str) -> DeductionAmount {
    DeductionAmount::Percent(rate(fraction))
}
pub fn deduction(deduction_type: PretaxDeductionType, amount: DeductionAmount) -> PretaxDeduction {
    PretaxDeduction { deduction_type, amount, employer_match: None, target_account_id: None }
}
/// A deduction of Acme's pay; its id follows from its type.
pub fn deducted(deduction: PretaxDeduction) -> Intent {
    Intent::AddPretaxDeduction { income_id: id("Acme"), id: id(deduction.deduction_type.as_str()), deduction }
}
pub fn matched(rate_: &str, cap_fraction: Option<&str>, annual_cap: Option<&str>) -> Option<EmployerMatch> {
    Some(EmployerMatch { rate: rate(rate_), cap_fraction: cap_fraction.map(rate), annual_cap: annual_cap.map(money) })
}

pub fn account(called: &str, account_type: AccountType) -> Account {
    Account {
        name: name(called),
        account_type,
        institution: None,
        last_four: None,
        member_id: None,
        asset_group_id: None,
        active: true,
        display_order: 0,
        notes: None,
    }
}
pub fn balance(amount: &str) -> Balance {
    balance_on(TODAY, amount)
}
pub fn balance_on(day: &str, amount: &str) -> Balance {
    Balance { as_of_date: date(day), balance: money(amount), cost_basis: None, market_value: None }
}
pub fn holding(account: Account, holding: Holding) -> Intent {
    Intent::OpenAccount { id: id(account.name.as_str()), account, holding }
}
pub fn holds(called: &str, account_type: AccountType, amount: &str) -> Intent {
    holding(account(called, account_type), Holding { balance: Some(balance(amount)), ..Default::default() })
}
/// A debt of this balance; `terms` are laid over a fixed rate.
pub fn owes(called: &str, account_type: AccountType, owed: &str, annual_rate: &str, terms: LiabilityPatch) -> Intent {
    let liability = Some(Told::Whole(LiabilityPatch { interest_rate: Some(rate(annual_rate)), ..terms }));
    holding(account(called, account_type), Holding { balance: Some(balance(owed)), liability, asset_details: None })
}
pub fn recorded(called: &str, balances: Vec<Balance>) -> Intent {
    Intent::RecordBalances { account_id: id(called), balances }
}
