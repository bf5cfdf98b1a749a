//! Over awkward plans: short of cash, paying off, retired, zero rates, falling markets.

use std::collections::BTreeMap;

use domain::ids::ChangeId;
use domain::projection::changes::inherit::{copies, effective, merge};
use domain::projection::changes::{ChangeType, PlannedChange, ScenarioChange};
use domain::projection::{Plan, project};
use proptest::collection::vec;
use proptest::prelude::*;
use uuid::Uuid;

use super::projection_support::awkward::{awkward_plan, cases};
use super::projection_support::{date, journal, tables};
use super::wishes::{changed_plan, granted, wish, with_one_more};
use super::{CASES, check, figures};

proptest! {
    #![proptest_config(cases(CASES))]

    #[test]
    fn no_cent_appears_or_disappears_whatever_changes(plan in changed_plan()) {
        let (projection, journal) = journal(&plan);
        check(&plan, &projection, journal)?;
    }

    #[test]
    fn the_same_changes_give_the_same_bytes_in_whatever_order_they_were_written_down(plan in changed_plan()) {
        let one = serde_json::to_vec(&project(&plan, tables()).unwrap()).unwrap();
        let reversed = Plan { changes: plan.changes.iter().rev().cloned().collect(), ..plan };
        prop_assert!(one == serde_json::to_vec(&project(&reversed, tables()).unwrap()).unwrap());
    }

    #[test]
    fn a_disabled_change_is_as_if_it_were_not_there(plan in changed_plan(), wishes in vec(wish(), 1..4)) {
        let first = plan.changes.len();
        let more = wishes.iter().enumerate().map(|(number, wish)| {
            let mut planned = granted(&plan, first + number, wish);
            planned.change.enabled = false;
            planned
        });
        let changes = plan.changes.iter().cloned().chain(more).collect();
        prop_assert_eq!(project(&Plan { changes, ..plan.clone() }, tables()).unwrap(), project(&plan, tables()).unwrap());
    }

    #[test]
    fn what_stands_and_has_ended_before_the_plan_begins_leaves_it_as_it_was(plan in changed_plan()) {
        let long_ago = |planned: &PlannedChange| {
            let change = ScenarioChange { effective_date: date("2019-03-05"), end_date: Some(date("2019-09-05")), ..planned.change.clone() };
            PlannedChange { change, ..*planned }
        };
        let changes = plan.changes.iter().map(long_ago).collect();
        let without = Plan { changes: vec![], ..plan.clone() };
        prop_assert_eq!(project(&Plan { changes, ..plan }, tables()).unwrap(), project(&without, tables()).unwrap());
    }

    #[test]
    fn a_copy_projects_what_its_original_projects(plan in changed_plan()) {
        // The ids of a copy follow from those of the original; the order of changes of one day must not.
        let mut plan = plan;
        for (order, planned) in (0..).zip(&mut plan.changes) {
            planned.change.order = order;
        }
        let copy = Plan { changes: copies(&plan.changes, |id| ChangeId(Uuid::new_v5(&Uuid::nil(), id.0.as_bytes()))), ..plan.clone() };
        let of = |plan: &Plan| figures(project(plan, tables()).unwrap());
        prop_assert_eq!(of(&copy), of(&plan));
    }

    #[test]
    fn a_parent_with_an_empty_child_is_the_parent_and_a_merge_is_idempotent(plan in changed_plan(), wishes in vec(wish(), 0..6)) {
        let own = effective([plan.changes.clone()]);
        prop_assert_eq!(&effective([plan.changes.clone(), vec![]]), &own);
        prop_assert_eq!(&effective([vec![], plan.changes.clone()]), &own);
        let other = Plan { changes: vec![], ..plan };
        let other = wishes.iter().enumerate().fold(other, |plan, (number, wish)| with_one_more(plan, (100 + number, wish)));
        let from = effective([other.changes]);
        let merged = merge(&from, &own);
        prop_assert_eq!(merged.copied.len() + merged.skipped.len(), from.len());
        let then: Vec<PlannedChange> = own.into_iter().chain(copies(&merged.copied, |id| ChangeId(Uuid::new_v5(&Uuid::nil(), id.0.as_bytes())))).collect();
        let again = merge(&from, &then);
        prop_assert!(again.copied.is_empty() && again.skipped.len() == from.len());
    }
}

/// The random changes must do something, or the properties above are checked on nothing.
#[test]
fn every_type_of_change_has_an_effect_in_some_random_plan() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut felt: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for _ in 0..700 {
        let plan = awkward_plan().new_tree(&mut runner).unwrap().current();
        let wish = wish().new_tree(&mut runner).unwrap().current();
        let planned = granted(&plan, 0, &wish.at_once());
        let counts = felt.entry(planned.change.kind.change_type().as_str()).or_default();
        let with = Plan { changes: vec![planned], ..plan.clone() };
        counts.0 += 1;
        counts.1 += usize::from(project(&with, tables()).unwrap().months != project(&plan, tables()).unwrap().months);
    }
    assert_eq!(felt.len(), ChangeType::ALL.len(), "{felt:?}");
    let idle: Vec<_> = felt.iter().filter(|(_, (_, effects))| *effects == 0).collect();
    assert!(idle.is_empty(), "{idle:?}");
}
