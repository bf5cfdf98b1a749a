//! What must be true of every household, however odd its history: random commands, refusals included.

use std::collections::BTreeSet;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use domain::household::command::{Actor, Command, Intent};
use domain::household::state::IncomeState;
use domain::household::{Event, Household};
use domain::ids::{AccountId, IncomeId};
use domain::money::Money;
use domain::system_flows::SystemFlow;
use domain::vocabulary::IncomeType;
use proptest::prelude::*;

use super::commands::commands;
use super::support::*;

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
