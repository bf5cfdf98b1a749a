//! What holds of every template over any household: what it suggests where every question is left to its default is accepted by the
//! household's own rules, and is projected without a cent appearing or vanishing.

use std::collections::BTreeMap;

use domain::calendar::Month;
use domain::household::whatif::hypothetical;
use domain::household::{Household, plan, usual_day};
use domain::ids::ChangeId;
use domain::projection::changes::PlannedChange;
use domain::projection::{Plan, Posting, project_observed};
use domain::templates::{Answers, Figures, Filled, Template};
use proptest::prelude::*;
use uuid::Uuid;

use super::commands::commands;
use super::properties::history;
use super::support::*;
use crate::projection_support::awkward::cases;
use crate::projection_support::checks::{check_months, check_rows};
use crate::projection_support::{Journal, OVERDRAFT};

const MONTHS: u16 = 20;

/// The baseline's plan with what a template suggests.
fn planned(home: &Household, changes: &[PlannedChange]) -> Plan {
    let (baseline, _) = home.baseline().unwrap();
    let plan = plan(home, baseline, Month::of(date(TODAY)), Some(MONTHS), tables().in_force(2026).unwrap()).unwrap();
    Plan { overdraft: OVERDRAFT, ..plan.with_changes(changes) }
}

/// What a template comes to with its defaults; none where it does not fit, or a default is missing.
fn suggested(home: &Household, template: Template) -> Option<Vec<PlannedChange>> {
    let (baseline, _) = home.baseline().unwrap();
    let (today, when) = (date(TODAY), usual_day(home, baseline, date(TODAY)));
    let figures = Figures::of(home, today, tables());
    let Filled { unfit, missing, changes, problems, .. } = template.fill(&figures, when, &Answers::new());
    assert_eq!(problems, [], "{template}: nothing was told that could be wrong");
    if unfit.is_some() || !missing.is_empty() {
        return None;
    }
    let last = Month::of(today).plus(119).last_day();
    let changes = changes.into_iter().filter_map(|change| change.within(last));
    let changes = (0_u128..).map(|number| ChangeId(Uuid::from_u128(number + 1))).zip(changes).collect();
    let accepted = hypothetical(home, baseline, changes, today);
    Some(accepted.unwrap_or_else(|refused| panic!("{template}: {refused}")))
}

fn has_trillions(home: &Household) -> bool {
    const TRILLION: i64 = 100_000_000_000_000;
    let accounts = home.accounts.values().map(|it| it.at_market());
    let incomes = home.incomes.values().map(|it| it.income.pay.annual());
    let flows = home.flows.values().map(|it| it.amount).chain(home.system_flows.values().map(|it| it.amount));
    accounts.chain(incomes).chain(flows).any(|amount| amount.cents() >= TRILLION)
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn what_is_suggested_is_accepted_and_projected_to_the_cent(intents in commands()) {
        let (_, home) = history(intents);
        for template in Template::ALL {
            let Some(changes) = suggested(&home, *template) else { continue };
            let plan = planned(&home, &changes);
            // Of a household with ten trillions, sums may outgrow the ledger, with a template as without it.
            let mut journal = Journal::default();
            let Ok(projection) = project_observed(&plan, tables(), &mut journal) else {
                prop_assert!(has_trillions(&home), "{template} cannot be projected");
                continue;
            };
            let mut by_month: BTreeMap<u16, Vec<Posting>> = BTreeMap::new();
            journal.0.into_iter().for_each(|(month, posting)| by_month.entry(month).or_default().push(posting));
            check_rows(&projection)?;
            check_months(&plan.ledger_accounts(), &projection, &by_month)?;
        }
    }
}
