//! What holds where scenarios build on each other.

use domain::calendar::Frequency;
use domain::ids::ChangeId;
use domain::ids::IncomeId;
use domain::projection::changes::inherit::{effective, merge};
use domain::projection::changes::kind::{AddExpense, Modify401k, RemoveIncome};
use domain::projection::changes::parameter::WageIncome;
use domain::projection::changes::{ChangeKind, PlannedChange, ScenarioChange};
use domain::vocabulary::ExpenseCategory;
use uuid::Uuid;

use crate::projection_support::{money, rate};
use crate::support::{change, income, until};

fn expense(amount: &str) -> ChangeKind {
    let (amount, frequency, category) = (money(amount), Frequency::Monthly, ExpenseCategory::Childcare);
    ChangeKind::AddExpense(AddExpense { amount, frequency, category })
}

fn contribution(part: &str, job: Option<u128>) -> ChangeKind {
    let income_id = job.map(|number| WageIncome(IncomeId(Uuid::from_u128(number))));
    ChangeKind::Modify401k(Modify401k { percentage: rate(part), income_id })
}

fn numbered(number: u128, change: ScenarioChange) -> PlannedChange {
    PlannedChange { id: ChangeId(Uuid::from_u128(number)), change }
}

fn ids(changes: &[PlannedChange]) -> Vec<u128> {
    changes.iter().map(|planned| planned.id.0.as_u128()).collect()
}

#[test]
fn a_child_gets_the_enabled_changes_of_its_ancestors_in_the_order_of_their_days() {
    let disabled = ScenarioChange { enabled: false, ..change("2026-01-01", None, expense("3.00")) };
    let chain = [
        vec![numbered(1, change("2026-05-01", None, expense("1.00"))), numbered(2, disabled)],
        vec![numbered(3, change("2026-03-01", None, expense("1.00")))],
        vec![numbered(4, change("2026-04-01", None, expense("2.00")))],
    ];
    assert_eq!(ids(&effective(chain)), [3, 4, 1]);
}

#[test]
fn a_setting_of_a_child_takes_the_place_of_its_parents_and_all_else_adds_up() {
    let chain = [
        vec![
            numbered(1, change("2026-01-01", None, contribution("0.05", Some(1)))),
            numbered(2, change("2026-01-01", None, contribution("0.05", Some(2)))),
            numbered(3, change("2026-01-01", None, expense("1.00"))),
        ],
        vec![
            numbered(4, change("2026-06-01", None, contribution("0.10", Some(1)))),
            numbered(5, change("2026-06-01", None, expense("1.00"))),
        ],
    ];
    // The other job's contribution is another setting.
    assert_eq!(ids(&effective(chain)), [2, 3, 4, 5]);
}

#[test]
fn a_disabled_setting_of_a_child_leaves_its_parents_in_force() {
    let off = ScenarioChange { enabled: false, ..change("2026-06-01", None, contribution("0.10", None)) };
    let chain = [vec![numbered(1, change("2026-01-01", None, contribution("0.05", None)))], vec![numbered(2, off)]];
    assert_eq!(ids(&effective(chain)), [1]);
}

#[test]
fn a_merge_copies_what_is_not_there_and_reports_what_contradicts() {
    let removal = || ChangeKind::RemoveIncome(RemoveIncome {});
    let into = [
        numbered(1, change("2026-02-01", None, expense("1.00"))),
        numbered(2, until("2026-06-30", change("2026-02-01", income(1), removal()))),
        numbered(3, until("2026-06-30", change("2026-02-01", income(2), removal()))),
    ];
    let renamed =
        ScenarioChange { name: domain::text::Name::parse("Another name").unwrap(), ..change("2026-02-01", None, expense("1.00")) };
    let from = [
        numbered(11, renamed),
        numbered(12, change("2026-02-01", None, expense("2.00"))),
        numbered(13, change("2026-06-01", income(1), removal())),
        numbered(14, change("2026-07-01", income(2), removal())),
    ];
    let merged = merge(&from, &into);
    assert_eq!(ids(&merged.copied), [12, 13, 14]);
    assert_eq!(merged.skipped, [ChangeId(Uuid::from_u128(11))]);
    let clashes: Vec<_> = merged.conflicts.iter().map(|clash| (clash.change_id.0.as_u128(), clash.with_change_id.0.as_u128())).collect();
    assert_eq!(clashes, [(13, 2)]);
    let then: Vec<PlannedChange> = into.iter().chain(&merged.copied).cloned().collect();
    assert!(merge(&from, &then).copied.is_empty());
}
