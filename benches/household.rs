//! The large household once more, as the aggregate knows it and as the system flows are made of it.

use domain::calendar::{Date, Frequency, Instant, PayFrequency};
use domain::household::command::{AssetDetailsPatch, Creator, Holding, LiabilityPatch, Told};
use domain::household::facts::{
    Account, Balance, Currency, DeductionAmount, EmployerMatch, Flow, FlowKind, Income, Pay, PretaxDeduction, Profile, SelfEmployment,
    TimeZone, Withholding,
};
use domain::household::{Actor, Command, Household, HouseholdError, Intent};
use domain::ids::{AccountId, DeductionId, FlowId, HouseholdId, IncomeId, MemberId, UserId};
use domain::money::Money;
use domain::payroll::{Deduction, DeductionType, Job};
use domain::system_flows::{ContributionTarget, DebtInput, EmploymentInput, Inputs, PropertyInput, SelfEmployedInput, WageInput};
use domain::tax::{TaxTables, W4};
use domain::text::{Name, TextError};
use domain::vocabulary::{AccountType, ExpenseCategory, FilingStatus, IncomeCategory, IncomeType, PretaxDeductionType, State};
use uuid::Uuid;

use crate::{RETIREMENT, basis_points, dollars};

const MAIN_CASH: AccountId = AccountId(Uuid::from_u128(1));
const HOUSEHOLD: HouseholdId = HouseholdId(Uuid::from_u128(1));
const MEMBER: MemberId = MemberId(Uuid::from_u128(1));

/// Interest in basis points, and remaining months.
pub type Debt = (i64, u32);

/// Type, balance and, for a debt, its terms.
const ACCOUNTS: [(AccountType, i64, Option<Debt>); 10] = [
    (AccountType::Checking, 12_000, None),
    (AccountType::Savings, 30_000, None),
    (AccountType::Brokerage, 85_000, None),
    (AccountType::Traditional401k, 210_000, None),
    (AccountType::PrimaryResidence, 640_000, None),
    (AccountType::PrimaryMortgage, 410_000, Some((625, 320))),
    (AccountType::AutoLoan, 24_000, Some((590, 52))),
    (AccountType::CreditCard, 4_200, Some((2299, 24))),
    (AccountType::StudentLoanFederal, 31_000, Some((550, 110))),
    (AccountType::Heloc, 18_000, Some((875, 90))),
];

/// Type, category and gross a year.
const INCOMES: [(IncomeType, IncomeCategory, i64); 3] = [
    (IncomeType::W2, IncomeCategory::Salary, 128_000),
    (IncomeType::W2, IncomeCategory::Salary, 94_000),
    (IncomeType::SelfEmployed, IncomeCategory::SelfEmployment, 22_000),
];

const FLOWS: [(ExpenseCategory, i64, Frequency); 15] = [
    (ExpenseCategory::Groceries, 1_150, Frequency::Monthly),
    (ExpenseCategory::HomeownersInsurance, 180, Frequency::Monthly),
    (ExpenseCategory::Electricity, 140, Frequency::Monthly),
    (ExpenseCategory::NaturalGas, 70, Frequency::Monthly),
    (ExpenseCategory::WaterSewer, 160, Frequency::Bimonthly),
    (ExpenseCategory::Internet, 80, Frequency::Monthly),
    (ExpenseCategory::Phone, 120, Frequency::Monthly),
    (ExpenseCategory::Childcare, 420, Frequency::Weekly),
    (ExpenseCategory::GasFuel, 60, Frequency::Weekly),
    (ExpenseCategory::AutoInsurance, 900, Frequency::Semiannually),
    (ExpenseCategory::DiningOut, 130, Frequency::Weekly),
    (ExpenseCategory::VacationTravel, 6_000, Frequency::Annually),
    (ExpenseCategory::Subscriptions, 65, Frequency::Monthly),
    (ExpenseCategory::HealthInsurance, 90, Frequency::Monthly),
    (ExpenseCategory::PropertyTax, 640, Frequency::Monthly),
];

/// A household that could not be described: the lists above break a rule.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// A name is not one.
    #[error(transparent)]
    Name(#[from] TextError),
    /// A command was refused.
    #[error(transparent)]
    Refused(#[from] HouseholdError),
}

/// A command of the system itself.
#[must_use]
pub fn command(intent: Intent) -> Command {
    Command { decided_at: Instant::UNIX_EPOCH + chrono::Duration::days(20_600), actor: Actor::System, intent }
}

/// The intent that opens a household in a state without an income tax.
///
/// # Errors
/// [`DescriptionError`].
pub fn opening(id: HouseholdId, state: State) -> Result<Intent, DescriptionError> {
    let profile = Profile {
        name: Name::parse("Large")?,
        currency: Currency::default(),
        time_zone: TimeZone::default(),
        filing_status: FilingStatus::MarriedJointly,
        state: Some(state),
    };
    let creator = Creator { user_id: UserId(Uuid::from_u128(1)), member_id: MEMBER, name: Name::parse("Ada")? };
    Ok(Intent::OpenHousehold { id, profile, creator: Some(creator) })
}

/// The intent that opens an account with a balance and, for a debt, its interest and remaining months.
///
/// # Errors
/// [`DescriptionError`].
pub fn account(id: AccountId, account_type: AccountType, balance: Money, debt: Option<Debt>) -> Result<Intent, DescriptionError> {
    let account = Account {
        name: Name::parse(account_type.as_str())?,
        account_type,
        institution: None,
        last_four: None,
        member_id: None,
        asset_group_id: None,
        active: true,
        display_order: 0,
        notes: None,
    };
    let liability = debt.map(|(interest, months)| {
        let terms =
            LiabilityPatch { interest_rate: Some(basis_points(interest)), term_months: Some(Some(months)), ..LiabilityPatch::default() };
        Told::Whole(terms)
    });
    let house = AssetDetailsPatch { annual_property_tax: Some(Some(dollars(7_900))), ..AssetDetailsPatch::default() };
    let asset_details = (account_type == AccountType::PrimaryResidence).then_some(Told::Whole(house));
    let balance = Balance { as_of_date: Date::default(), balance, cost_basis: None, market_value: None };
    Ok(Intent::OpenAccount { id, account, holding: Holding { balance: Some(balance), liability, asset_details } })
}

/// The large household in California, as it is after all that was entered: regenerating its flows changes nothing.
///
/// # Errors
/// [`DescriptionError`].
pub fn large_state(tables: &TaxTables) -> Result<Household, DescriptionError> {
    let mut home = Household::default();
    for intent in large_intents(HOUSEHOLD, State::California)? {
        home.decide(command(intent), tables)?.into_iter().for_each(|event| home.fold(event));
    }
    Ok(home)
}

/// All that is entered for the large household, one thing after the other.
///
/// # Errors
/// [`DescriptionError`].
pub fn large_intents(id: HouseholdId, state: State) -> Result<Vec<Intent>, DescriptionError> {
    let mut intents = vec![opening(id, state)?];
    for (number, (account_type, balance, debt)) in (1..).zip(ACCOUNTS) {
        intents.push(account(AccountId(Uuid::from_u128(number)), account_type, dollars(balance), debt)?);
    }
    for (number, (income_type, _, annual)) in (1..).zip(INCOMES) {
        intents.extend(income(number, income_type, dollars(annual))?);
    }
    for (number, (category, amount, frequency)) in (1..).zip(FLOWS) {
        intents.push(flow(number, category, dollars(amount), frequency)?);
    }
    Ok(intents)
}

fn income(number: u128, income_type: IncomeType, annual: Money) -> Result<Vec<Intent>, DescriptionError> {
    let id = IncomeId(Uuid::from_u128(number));
    let income = Income {
        name: Name::parse("Employer")?,
        member_id: Some(MEMBER),
        income_type,
        pay: Pay::Salary { gross_annual_salary: annual },
        pay_frequency: PayFrequency::Biweekly,
        start_date: Date::default(),
        end_date: None,
        active: true,
    };
    let withholding = (income_type == IncomeType::W2).then(Withholding::default);
    let added = Intent::AddIncome { id, income, withholding };
    if income_type == IncomeType::SelfEmployed {
        let own = SelfEmployment {
            estimated_annual_expenses: dollars(4_000),
            quarterly_estimates: None,
            retirement_contribution_rate: basis_points(0),
        };
        return Ok(vec![added, Intent::SetSelfEmployment { income_id: id, self_employment: own }]);
    }
    let deductions = deductions(number).into_iter().map(|deduction| Intent::AddPretaxDeduction {
        income_id: id,
        id: deduction.id,
        deduction: PretaxDeduction {
            deduction_type: pretax(deduction.kind),
            amount: deduction.amount,
            employer_match: deduction.employer_match,
            target_account_id: None,
        },
    });
    Ok(std::iter::once(added).chain(deductions).collect())
}

const fn pretax(kind: DeductionType) -> PretaxDeductionType {
    match kind {
        DeductionType::Pretax(kind) => kind,
        DeductionType::Posttax(_) => PretaxDeductionType::HealthInsurance, // none in this file
    }
}

fn deductions(income: u128) -> Vec<Deduction> {
    let retirement = Deduction {
        id: DeductionId(Uuid::from_u128(10 * income)),
        kind: DeductionType::Pretax(PretaxDeductionType::Traditional401k),
        amount: DeductionAmount::Percent(basis_points(1_000)),
        annual_limit: Some(dollars(24_500)),
        match_limit: None,
        employer_match: Some(EmployerMatch { rate: basis_points(5_000), cap_fraction: Some(basis_points(600)), annual_cap: None }),
    };
    let health = Deduction {
        id: DeductionId(Uuid::from_u128(10 * income + 1)),
        kind: DeductionType::Pretax(PretaxDeductionType::HealthInsurance),
        amount: DeductionAmount::Fixed(dollars(180)),
        annual_limit: None,
        match_limit: None,
        employer_match: None,
    };
    vec![retirement, health]
}

fn flow(number: u128, category: ExpenseCategory, amount: Money, frequency: Frequency) -> Result<Intent, DescriptionError> {
    let flow = Flow {
        name: Name::parse(category.as_str())?,
        kind: FlowKind::Expense(category),
        amount,
        frequency,
        start_date: Date::default(),
        end_date: None,
        from_account_id: Some(MAIN_CASH),
        to_account_id: None,
        linked_account_id: None,
        member_id: None,
        active: true,
        notes: None,
    };
    Ok(Intent::AddFlow { id: FlowId(Uuid::from_u128(number)), flow })
}

/// What the large household's system flows are made of.
#[must_use]
pub fn large_inputs(tax_year: i32) -> Inputs {
    let numbered = || (1_u128..).zip(ACCOUNTS).map(|(number, account)| (AccountId(Uuid::from_u128(number)), account));
    let debts = numbered().filter_map(|(account_id, (account_type, balance, terms))| {
        let (interest, months) = terms?;
        Some(debt(account_id, account_type, dollars(balance), interest, months))
    });
    let house = PropertyInput {
        account_id: AccountId(Uuid::from_u128(5)),
        name: "House".to_owned(),
        member_id: None,
        account_type: AccountType::PrimaryResidence,
        annual_property_tax: Some(dollars(7_900)),
        annual_insurance: None,
        monthly_hoa: None,
        monthly_rent: None,
        escrowed: false,
        start_date: Date::default(),
    };
    let incomes = (1..).zip(INCOMES).map(|(number, (income_type, category, annual))| EmploymentInput {
        id: IncomeId(Uuid::from_u128(number)),
        name: "Employer".to_owned(),
        member_id: Some(MEMBER),
        category,
        pay_frequency: PayFrequency::Biweekly,
        start_date: Date::default(),
        end_date: None,
        wages: wages(number, income_type, dollars(annual), tax_year),
    });
    Inputs {
        household_id: HOUSEHOLD,
        main_cash: Some(MAIN_CASH),
        payroll_clearing: Some(AccountId(Uuid::from_u128(999))),
        incomes: incomes.collect(),
        debts: debts.collect(),
        properties: vec![house],
    }
}

fn debt(account_id: AccountId, account_type: AccountType, balance: Money, interest: i64, months: u32) -> DebtInput {
    DebtInput {
        account_id,
        name: account_type.as_str().to_owned(),
        member_id: None,
        account_type,
        balance,
        as_of_date: Date::default(),
        interest_rate: basis_points(interest),
        minimum_payment: None,
        interest_only: false,
        maturity_date: None,
        origination_date: None,
        term_months: Some(months),
        escrow: None,
        start_date: Date::default(),
    }
}

fn wages(income: u128, income_type: IncomeType, annual_gross: Money, tax_year: i32) -> WageInput {
    if income_type != IncomeType::W2 {
        return WageInput::SelfEmployed(SelfEmployedInput { annual_gross, quarterly_estimates: [dollars(900); 4], tax_year });
    }
    let deductions = deductions(income);
    let into_retirement = deductions.first().map(|deduction| ContributionTarget { deduction_id: deduction.id, account_id: RETIREMENT });
    let job = Job {
        filing_status: FilingStatus::MarriedJointly,
        state: Some(State::California),
        pay_frequency: PayFrequency::Biweekly,
        annual_gross,
        w4: W4::default(),
        state_extra_withholding: Money::ZERO,
        deductions,
    };
    WageInput::Payroll { job, targets: into_retirement.into_iter().collect() }
}
