//! What must be true of every household, however odd its history: random commands, refusals included.

use std::collections::BTreeSet;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use domain::calendar::{Frequency, PayFrequency};
use domain::household::command::{
    AccountPatch, Actor, AssetDetailsPatch, Command, Holding, IncomePatch, Intent, LiabilityPatch, MemberPatch, Told,
};
use domain::household::facts::{
    Account, DeductionAmount, Flow, FlowKind, Income, Pay, PosttaxDeduction, PretaxDeduction, Profile, SelfEmployment, Withholding,
};
use domain::household::state::IncomeState;
use domain::household::{Event, Household};
use domain::ids::{AccountId, IncomeId};
use domain::money::Money;
use domain::rate::Rate;
use domain::system_flows::SystemFlow;
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

fn asked(intent: Intent) -> Command {
    Command { decided_at: noon(TODAY), actor: Actor::System, intent }
}

/// Carries commands out one after the other and shows every accepted one: before, what happened, after.
fn walk(
    intents: Vec<Intent>,
    mut look: impl FnMut(&Household, &[Event], &Household) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut home = Household::default();
    for intent in intents {
        let Ok(events) = home.decide(asked(intent), tables()) else { continue };
        let before = home.clone();
        events.iter().cloned().for_each(|event| home.fold(event));
        look(&before, &events, &home)?;
    }
    Ok(())
}

/// All events of a history, and the state that they led to step by step.
pub fn history(intents: Vec<Intent>) -> (Vec<Event>, Household) {
    let (mut all, mut last) = (Vec::new(), Household::default());
    let walked = walk(intents, |_, events, after| {
        all.extend_from_slice(events);
        last = after.clone();
        Ok(())
    });
    walked.unwrap();
    (all, last)
}

fn replayed(events: impl IntoIterator<Item = Event>) -> Household {
    let mut home = Household::default();
    events.into_iter().for_each(|event| home.fold(event));
    home
}

fn bytes(home: &Household) -> Vec<u8> {
    serde_json::to_vec(home).unwrap()
}

/// The flows of one income: its own, and those of its deductions.
fn flows_of<'a>(home: &'a Household, id: IncomeId, state: &'a IncomeState) -> impl Iterator<Item = &'a SystemFlow> {
    home.system_flows.values().filter(move |flow| {
        let source = flow.source.id;
        source == id.0 || state.pretax_deductions.contains_key(&source.into()) || state.posttax_deductions.contains_key(&source.into())
    })
}

fn has_float(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Number(number) => number.is_f64(),
        serde_json::Value::Array(items) => items.iter().any(has_float),
        serde_json::Value::Object(fields) => fields.values().any(has_float),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::String(_) => false,
    }
}

/// `handle` never waits for anything, so that one look at it is enough.
fn handled(home: &mut Household, intent: Intent) -> bool {
    let sink = EventSink::default();
    let services = tables();
    let handling = pin!(home.handle(asked(intent), &services, &sink));
    match handling.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result.is_ok(),
        Poll::Pending => panic!("a decision waited"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn payroll_clearing_nets_to_zero_for_every_wage_to_the_cent(intents in commands()) {
        walk(intents, |_, _, home| {
            let clearing = home.payroll_clearing();
            for (id, state) in &home.incomes {
                let (mut into, mut out) = (Money::ZERO, Money::ZERO);
                for flow in flows_of(home, *id, state) {
                    prop_assert!(clearing.is_none() || flow.frequency == state.income.pay_frequency.frequency() || flow.to_account_id != clearing);
                    into += if flow.to_account_id == clearing { flow.amount } else { Money::ZERO };
                    out += if flow.from_account_id == clearing { flow.amount } else { Money::ZERO };
                }
                prop_assert!(clearing.is_none() || into == out, "{}: {into} in, {out} out", state.income.name);
                let wage = matches!(state.income.income_type, IncomeType::W2 | IncomeType::W2Hourly) && state.income.active;
                let gross = state.income.pay.annual().scaled(1, state.income.pay_frequency.periods_per_year());
                prop_assert!(!wage || into == gross, "{into} in of {gross} gross");
            }
            Ok(())
        })?;
    }

    #[test]
    fn every_derived_flow_moves_something_between_accounts_in_use_and_ends_after_its_start(intents in commands()) {
        walk(intents, |_, _, home| {
            for flow in home.system_flows.values() {
                let accounts: Vec<AccountId> = flow.from_account_id.into_iter().chain(flow.to_account_id).collect();
                prop_assert!(!accounts.is_empty() && flow.amount.is_positive(), "{flow:?}");
                prop_assert!(accounts.iter().all(|id| home.accounts.get(id).is_some_and(|it| it.account.active)), "{flow:?}");
                prop_assert!(flow.end_date.is_none_or(|end| end >= flow.start_date), "{flow:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn every_event_is_a_sentence_on_one_line_that_begins_with_a_capital(intents in commands()) {
        for event in history(intents).0 {
            let sentence = event.sentence();
            prop_assert!(sentence.starts_with(char::is_uppercase) && !sentence.contains('\n'), "{sentence:?} of {event:?}");
            prop_assert!(sentence != "Nothing changed", "{event:?}");
        }
    }

    #[test]
    fn a_replay_gives_the_same_state_to_the_byte(intents in commands()) {
        let (events, home) = history(intents);
        prop_assert_eq!(bytes(&replayed(events)), bytes(&home));
        let parsed: Household = serde_json::from_slice(&bytes(&home)).unwrap();
        prop_assert_eq!(parsed, home);
    }

    #[test]
    fn events_survive_being_stored_as_json_and_hold_no_floating_point_number(intents in commands()) {
        let (events, home) = history(intents);
        let mut parsed = Vec::new();
        for event in &events {
            let stored = serde_json::to_value(event).unwrap();
            prop_assert!(!has_float(&stored), "{stored}");
            prop_assert_eq!(&stored["type"], event.name());
            let again: Event = serde_json::from_value(stored).unwrap();
            prop_assert_eq!(&again, event);
            parsed.push(again);
        }
        prop_assert_eq!(bytes(&replayed(parsed)), bytes(&home));
    }

    /// And never refused: what a household accepted must not stand in the way of its next command.
    #[test]
    fn regenerating_is_idempotent_after_every_command(intents in commands()) {
        walk(intents, |_, _, home| {
            prop_assert_eq!(home.decide(asked(Intent::RegenerateFlows), tables()), Ok(vec![]));
            Ok(())
        })?;
    }

    #[test]
    fn flows_that_people_entered_change_only_when_people_change_them(intents in commands()) {
        walk(intents, |before, events, after| {
            if !events.iter().any(|event| matches!(event, Event::FlowAdded { .. } | Event::FlowChanged { .. } | Event::FlowRemoved { .. })) {
                prop_assert_eq!(&before.flows, &after.flows);
            }
            Ok(())
        })?;
    }

    #[test]
    fn the_same_command_on_the_same_state_is_the_same_batch_and_no_id_is_given_twice(intents in commands()) {
        let (mut first, mut second) = (Household::default(), Household::default());
        let mut opened = BTreeSet::new();
        for intent in intents {
            let decided = first.decide(asked(intent.clone()), tables());
            prop_assert_eq!(&second.decide(asked(intent), tables()), &decided);
            for event in decided.unwrap_or_default() {
                if let Event::AccountOpened { id, opened_by_system: true, .. } = &event {
                    prop_assert!(opened.insert(*id), "{id} was opened twice");
                }
                if let Event::SystemFlowsGenerated { added, changed, .. } = &event {
                    let ids: BTreeSet<_> = added.iter().chain(changed.iter().map(|flow| &flow.now)).map(|flow| flow.id).collect();
                    prop_assert_eq!(ids.len(), added.len() + changed.len());
                    prop_assert!(added.iter().all(|flow| !first.system_flows.contains_key(&flow.id) && !first.flows.contains_key(&flow.id)));
                }
                first.fold(event.clone());
                second.fold(event);
            }
        }
    }

    /// cqrs-es applies what `handle` writes at once: a refusal after a write would leave half a change behind.
    #[test]
    fn a_refused_command_leaves_the_household_as_it_was(intents in commands()) {
        let mut home = Household::default();
        for intent in intents {
            let before = home.clone();
            let expected = before.decide(asked(intent.clone()), tables());
            let accepted = handled(&mut home, intent);
            prop_assert_eq!(accepted, expected.is_ok());
            let after = expected.map_or(before.clone(), |events| {
                let mut after = before;
                events.into_iter().for_each(|event| after.fold(event));
                after
            });
            prop_assert_eq!(&home, &after);
        }
    }
}
