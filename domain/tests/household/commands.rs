//! Random commands as people might send them, some of them to be refused: what random households come about by.

use domain::calendar::{Frequency, PayFrequency};
use domain::household::command::{AccountPatch, AssetDetailsPatch, Holding, IncomePatch, Intent, LiabilityPatch, MemberPatch, Told};
use domain::household::facts::{
    Account, DeductionAmount, Flow, FlowKind, Income, Pay, PosttaxDeduction, PretaxDeduction, Profile, SelfEmployment, Withholding,
};
use domain::ids::{AccountId, IncomeId};
use domain::money::Money;
use domain::rate::Rate;
use domain::vocabulary::{
    AccountType, ExpenseCategory, FilingStatus, IncomeType, PosttaxDeductionType, PretaxDeductionType, Relationship, State,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use super::support::*;

// Boxed, since nested unions are held by value: in a debug build they fill a test's stack.
// A few ids of each kind, so that histories meet the same things again.
fn income_id() -> impl Strategy<Value = IncomeId> {
    (10..13_u128).prop_map(|n| Uuid::from_u128(n).into())
}
fn account_id() -> impl Strategy<Value = AccountId> {
    (20..26_u128).prop_map(|n| Uuid::from_u128(n).into())
}
fn member() -> impl Strategy<Value = &'static str> {
    select(vec!["Ada", "Bo", "Max"])
}
/// Nothing, next to nothing, what people have, and now and then all that is accepted.
fn cents() -> BoxedStrategy<Money> {
    let any = prop_oneof![4 => Just(0), 4 => 1..500_i64, 8 => 1..2_000_000_i64, 8 => 1..100_000_000_i64, 1 => Just(Money::LIMIT.cents())];
    any.prop_map(Money::from_cents).boxed()
}
fn fraction() -> impl Strategy<Value = Rate> {
    (0..=1000_i64).prop_map(|thousandths| Rate::new(rust_decimal::Decimal::new(thousandths, 3)))
}
fn deduction_amount() -> BoxedStrategy<DeductionAmount> {
    prop_oneof![cents().prop_map(DeductionAmount::Fixed), fraction().prop_map(DeductionAmount::Percent)].boxed()
}
fn pay_frequency() -> impl Strategy<Value = PayFrequency> {
    select(PayFrequency::ALL)
}
fn day() -> impl Strategy<Value = domain::calendar::Date> {
    (0..1500_u64).prop_map(|days| date("2024-01-01") + chrono::Days::new(days))
}

fn income() -> BoxedStrategy<Income> {
    let pay = prop_oneof![
        4 => cents().prop_map(|gross_annual_salary| Pay::Salary { gross_annual_salary }),
        1 => (1..10_000_i64, 0..3000_u32).prop_map(|(rate, hours)| Pay::Hourly { hourly_rate: Money::from_cents(rate), expected_annual_hours: hours }),
    ];
    let income_type = prop_oneof![3 => Just(IncomeType::W2), 2 => select(IncomeType::ALL)];
    (option::of(member()), income_type, pay, pay_frequency(), day(), option::of(day()), any::<bool>())
        .prop_map(|(who, income_type, pay, pay_frequency, start_date, end_date, active)| Income {
            name: name("Work"),
            member_id: who.map(id),
            income_type,
            pay,
            pay_frequency,
            start_date,
            end_date,
            active,
        })
        .boxed()
}

fn withholding() -> BoxedStrategy<Withholding> {
    (option::of(select(FilingStatus::ALL)), any::<bool>(), 0..4_u32, cents(), cents(), cents())
        .prop_map(|(filing_status, multiple_jobs, qualifying_children, other_income, deductions, extra_withholding)| Withholding {
            filing_status,
            multiple_jobs,
            qualifying_children,
            other_income,
            deductions,
            extra_withholding,
            ..Withholding::default()
        })
        .boxed()
}

fn liability() -> BoxedStrategy<LiabilityPatch> {
    (fraction(), option::of(cents()), option::of(1..600_u32), option::of(cents()), any::<bool>(), any::<bool>())
        .prop_map(|(annual_rate, minimum, term, escrow, interest_only, in_forbearance)| LiabilityPatch {
            interest_rate: Some(annual_rate),
            minimum_payment: Some(minimum),
            term_months: Some(term),
            escrow: Some(escrow),
            interest_only: Some(interest_only),
            in_forbearance: Some(in_forbearance),
            ..LiabilityPatch::default()
        })
        .boxed()
}

fn details() -> BoxedStrategy<AssetDetailsPatch> {
    (option::of(cents()), option::of(cents()), option::of(cents()))
        .prop_map(|(tax, hoa, rent)| AssetDetailsPatch {
            annual_property_tax: Some(tax),
            monthly_hoa: Some(hoa),
            monthly_rent: Some(rent),
            ..AssetDetailsPatch::default()
        })
        .boxed()
}

pub fn opening_of_an_account() -> BoxedStrategy<Intent> {
    let holding = (option::of(cents()), option::of(liability()), option::of(details()));
    (account_id(), select(AccountType::ALL), any::<bool>(), option::of(member()), any::<bool>(), holding)
        .prop_map(|(id_, account_type, grouped, who, active, (held, terms, details))| {
            let asset_group_id = grouped.then(|| id("Home"));
            let account = Account { member_id: who.map(id), asset_group_id, active, ..account("It", account_type) };
            let holding = Holding {
                balance: held.map(|amount| balance(&amount.to_string())),
                liability: terms.filter(|_| account_type.is_liability()).map(Told::Whole),
                asset_details: details.filter(|_| !account_type.is_liability()).map(Told::Whole),
            };
            Intent::OpenAccount { id: id_, account, holding }
        })
        .boxed()
}

/// The id of a deduction follows from its income, so that what is taken out of one pay can be told from the rest.
fn deduction_of(income: IncomeId, n: u128) -> domain::ids::DeductionId {
    Uuid::from_u128(income.0.as_u128() * 1000 + n).into()
}

fn payroll_intent() -> BoxedStrategy<Intent> {
    let match_ = option::of(
        (fraction(), option::of(fraction()), option::of(cents()))
            .prop_map(|(rate, cap_fraction, annual_cap)| domain::household::facts::EmployerMatch { rate, cap_fraction, annual_cap }),
    );
    let estimates = option::of([cents(), cents(), cents(), cents()]);
    prop_oneof![
        3 => (income_id(), income(), option::of(withholding())).prop_map(|(id, income, withholding)| Intent::AddIncome { id, income, withholding }),
        2 => (income_id(), cents(), option::of(any::<bool>()), option::of(pay_frequency()), option::of(select(IncomeType::ALL))).prop_map(
            |(id, gross, active, pay_frequency, income_type)| {
                let gross_annual_salary = Some(gross);
                Intent::ChangeIncome { id, patch: IncomePatch { gross_annual_salary, active, pay_frequency, income_type, ..Default::default() }, withholding: None }
            }
        ),
        1 => income_id().prop_map(|id| Intent::RemoveIncome { id }),
        1 => (income_id(), withholding()).prop_map(|(income_id, withholding)| Intent::SetWithholding { income_id, withholding }),
        4 => (income_id(), 0..6_u128, select(PretaxDeductionType::ALL), deduction_amount(), match_, option::of(account_id())).prop_map(
            |(income_id, n, deduction_type, amount, employer_match, target_account_id)| Intent::AddPretaxDeduction {
                income_id,
                id: deduction_of(income_id, n),
                deduction: PretaxDeduction { deduction_type, amount, employer_match, target_account_id },
            }
        ),
        2 => (income_id(), 6..9_u128, select(PosttaxDeductionType::ALL), deduction_amount(), option::of(account_id())).prop_map(
            |(income_id, n, deduction_type, amount, target_account_id)| Intent::AddPosttaxDeduction {
                income_id,
                id: deduction_of(income_id, n),
                deduction: PosttaxDeduction { deduction_type, amount, target_account_id },
            }
        ),
        1 => (income_id(), 0..6_u128).prop_map(|(income_id, n)| Intent::RemovePretaxDeduction { income_id, id: deduction_of(income_id, n) }),
        1 => (income_id(), cents(), estimates, fraction()).prop_map(
            |(income_id, estimated_annual_expenses, quarterly_estimates, retirement_contribution_rate)| Intent::SetSelfEmployment {
                income_id,
                self_employment: SelfEmployment { estimated_annual_expenses, quarterly_estimates, retirement_contribution_rate },
            }
        ),
    ]
    .boxed()
}

fn other_intent() -> BoxedStrategy<Intent> {
    prop_oneof![
        5 => opening_of_an_account(),
        2 => (account_id(), option::of(any::<bool>()), liability()).prop_map(|(id, active, terms)| Intent::ChangeAccount {
            id,
            patch: AccountPatch { active, ..Default::default() },
            holding: Holding { liability: Some(Told::Part(terms)), ..Default::default() },
        }),
        1 => (account_id(), any::<bool>()).prop_map(|(id, active)| Intent::ChangeAccount {
            id,
            patch: AccountPatch { active: Some(active), ..Default::default() },
            holding: Holding::default(),
        }),
        2 => (account_id(), cents()).prop_map(|(account_id, held)| Intent::RecordBalances { account_id, balances: vec![balance(&held.to_string())] }),
        1 => account_id().prop_map(|id| Intent::RemoveAccount { id }),
        1 => (member(), select(Relationship::ALL)).prop_map(|(who, relationship)| joined(who, relationship)),
        1 => (member(), day()).prop_map(|(who, day)| Intent::ChangeMember {
            id: id(who),
            patch: MemberPatch { date_of_birth: Some(day.checked_sub_months(chrono::Months::new(12 * 50))), ..Default::default() },
        }),
        1 => member().prop_map(|who| Intent::RemoveMember { id: id(who) }),
        1 => (0..3_u128, cents(), option::of(account_id())).prop_map(|(n, amount, from_account_id)| Intent::AddFlow {
            id: Uuid::from_u128(30 + n).into(),
            flow: Flow {
                name: name("Groceries"),
                kind: FlowKind::Expense(ExpenseCategory::Groceries),
                amount,
                frequency: Frequency::Weekly,
                start_date: date(TODAY),
                end_date: None,
                from_account_id,
                to_account_id: None,
                linked_account_id: None,
                member_id: None,
                active: true,
                notes: None,
            },
        }),
    ]
    .boxed()
}

/// Commands as they come: some are refused.
pub fn commands() -> impl Strategy<Value = Vec<Intent>> {
    let opening = option::of(select(State::ALL)).prop_map(|state| {
        let group = Intent::CreateAssetGroup { id: id("Home"), name: name("Home") };
        [opened_with(Profile { state, ..profile() }, "Ada"), group]
    });
    let more = prop::collection::vec(prop_oneof![2 => payroll_intent(), 1 => other_intent()], 1..25);
    (opening, more).prop_map(|(opening, more)| opening.into_iter().chain(more).collect())
}
