//! What this year's taxes come to, from the household's state: which form counts for which payday, what comes out of retirement accounts,
//! and that the figures are those of the flows. The amounts of whole returns are tried over HTTP.

use chrono::Days;
use domain::household::Household;
use domain::household::command::{Actor, Command, IncomePatch, Intent};
use domain::household::facts::{Income, Withholding};
use domain::household::taxes::{Beside, EarlierForm, NoteCode, TaxSummary, tax_summary};
use domain::money::Money;
use domain::tax::TaxError;
use domain::vocabulary::{AccountType, IncomeType, SystemFlowKind};

use proptest::prelude::*;

use super::commands::commands;
use super::support::*;

fn summary_on(home: &Home, day: &str, earlier_forms: Vec<EarlierForm>) -> TaxSummary {
    tax_summary(&home.state(), date(day), &Beside { last_year: None, earlier_forms }, tables()).unwrap().unwrap()
}
fn extra(amount: &str) -> Withholding {
    Withholding { extra_withholding: money(amount), ..Withholding::default() }
}
fn until(day: &str, form: Withholding) -> EarlierForm {
    EarlierForm { income_id: id("Acme"), until: date(day), form }
}
fn withheld(home: &Home, earlier: Vec<EarlierForm>) -> Money {
    summary_on(home, TODAY, earlier).federal.withheld
}
fn codes(summary: &TaxSummary) -> Vec<NoteCode> {
    summary.notes.iter().map(|note| note.code).collect()
}

/// 26 paydays from 1 January 2026, every second Thursday; the last one in December is the 27th day and not counted.
fn salaried_home() -> Home {
    given([opened("Ada"), salaried("Acme", "96000.00")])
}

#[test]
fn each_tax_is_its_flow_on_every_payday() {
    let home = salaried_home();
    let told = summary_on(&home, TODAY, Vec::new()).jobs.remove(0);
    for (kind, year) in [
        (SystemFlowKind::FederalWithholding, told.federal_withholding),
        (SystemFlowKind::SocialSecurity, told.social_security),
        (SystemFlowKind::Medicare, told.medicare),
    ] {
        assert_eq!(year, home.flow(kind).amount.scaled(26, 1), "{kind}");
    }
    assert_eq!((told.pay_periods, told.gross), (26, money("96000.00")));
}

#[test]
fn a_form_counts_for_the_paydays_behind_the_day_on_which_it_was_handed_in() {
    let plain = salaried_home();
    let base = withheld(&plain, Vec::new());
    let now = plain.and([w4("Acme", extra("100.00"))]);
    // All 26 paydays; then all but 1, 15 and 29 January and 12 February; then those behind 25 February, at 100.00, and two at 40.00.
    assert_eq!(withheld(&now, Vec::new()) - base, money("2600.00"));
    assert_eq!(withheld(&now, vec![until("2026-02-12", extra("0.00"))]) - base, money("2200.00"));
    let twice = vec![until("2026-01-28", extra("0.00")), until("2026-02-25", extra("40.00"))];
    // 1, 15 January: none. 29 January, 12 February: 40.00 each. 22 from 26 February on.
    assert_eq!(withheld(&now, twice) - base, money("2280.00"));
    let somebody_elses = EarlierForm { income_id: id("Globex"), ..until("2026-02-12", extra("0.00")) };
    assert_eq!(withheld(&now, vec![somebody_elses]) - base, money("2600.00"));
}

/// Nobody had said anything before: the form describes how it has been, or the whole spring would be withheld by a form that never was.
#[test]
fn the_first_form_that_says_more_than_an_extra_amount_describes_the_whole_year() {
    let ticked = Withholding { multiple_jobs: true, ..Withholding::default() };
    let home = salaried_home().and([w4("Acme", ticked.clone())]);
    let all_year = withheld(&home, Vec::new());
    assert_eq!(withheld(&home, vec![until("2026-11-23", Withholding::default())]), all_year);
    // Back again: that one was a change.
    let back = home.and([w4("Acme", Withholding::default())]);
    assert!(withheld(&back, vec![until("2026-06-30", ticked)]) > withheld(&back, Vec::new()));
}

#[test]
fn a_job_that_ended_counts_with_what_it_paid_and_can_withhold_no_more() {
    let ended = IncomePatch { end_date: Some(Some(date("2026-06-30"))), ..IncomePatch::default() };
    let home = salaried_home().and([changed_income("Acme", ended)]);
    let summary = summary_on(&home, TODAY, Vec::new());
    // 1 January to 18 June: 13 of 26.
    assert_eq!((summary.jobs[0].pay_periods, summary.jobs[0].remaining_pay_periods), (13, 0));
    assert_eq!((summary.jobs[0].gross, summary.explanation.estimate.agi), (money("48000.00"), money("48000.00")));
    // Withheld as if the year had gone on: too much, and no paycheck is left to mend it.
    assert!(summary.federal.balance.is_negative());
    assert_eq!((summary.suggestions.withholding.len(), summary.suggestions.quarterly), (0, None));
}

/// A ticked-off year: the last payday has passed, so that nothing can be withheld any more, and January's due date is what is left.
#[test]
fn in_the_last_days_of_a_year_only_its_last_due_date_is_left() {
    let untaxed = Withholding { credits: Some(money("99999.00")), ..Withholding::default() };
    let home = salaried_home().and([w4("Acme", untaxed)]);
    let summary = summary_on(&home, "2026-12-28", Vec::new());
    let job = &summary.suggestions.withholding[0];
    // 12,290 for the year; 472.70 on each of 26 paydays would have done.
    assert_eq!((job.remaining_pay_periods, job.change_per_pay_period, job.is_enough), (0, Money::ZERO, false));
    assert_eq!((job.whole_year_extra_withholding, job.safe_harbor_extra_withholding), (money("472.70"), None));
    let quarterly = summary.suggestions.quarterly.unwrap();
    let payments: Vec<_> = quarterly.payments.iter().map(|payment| (payment.due_date, payment.federal)).collect();
    assert_eq!(payments, [(date("2027-01-15"), money("12290.00"))]);
    // 90 % of 12,290.
    assert_eq!(quarterly.safe_harbor_payment, Some(money("11061.00")));
}

/// 73 in 2026, 265,000.00 at hand: divided by 26.5 (Uniform Lifetime Table), 10,000.00.
#[test]
fn what_the_law_wants_taken_out_of_retirement_accounts_is_income_beyond_what_is_planned() {
    let home = given([
        opened("Ada"),
        born("Ada", "1953-05-05"),
        holds("Everyday", AccountType::Checking, "1000.00"),
        holds("Nest egg", AccountType::TraditionalIra, "265000.00"),
    ]);
    let summary = summary_on(&home, TODAY, Vec::new());
    assert_eq!(summary.explanation.estimate.agi, money("10000.00"));
    assert!(codes(&summary).contains(&NoteCode::DistributionRequired), "{:?}", summary.notes);
}

#[test]
fn the_year_after_the_last_file_is_told_by_its_figures_and_says_so() {
    let home = salaried_home();
    let summary = summary_on(&home, "2027-02-01", Vec::new());
    assert_eq!((summary.tax_year, summary.law_year), (2027, 2026));
    assert!(codes(&summary).contains(&NoteCode::LawOfAnEarlierYear));
    assert!(tax_summary(&home.state(), date("2020-02-01"), &Beside::default(), tables()).is_err());
}

#[test]
fn a_household_without_any_income_owes_nothing() {
    let summary = summary_on(&given([opened("Ada")]), TODAY, Vec::new());
    assert_eq!((summary.federal.tax, summary.federal.balance, summary.explanation.estimate.total_tax), Default::default());
    assert_eq!((summary.suggestions.withholding.len(), summary.suggestions.quarterly), (0, None));
}

/// A loss of a business is one on the return, and no estimated payment is due for it.
#[test]
fn a_business_at_a_loss_lowers_the_tax_on_the_job() {
    let studio = Income { income_type: IncomeType::SelfEmployed, ..salary("Studio", "10000.00") };
    let own = domain::household::facts::SelfEmployment {
        estimated_annual_expenses: money("16000.00"),
        quarterly_estimates: None,
        retirement_contribution_rate: rate("0"),
    };
    let home = salaried_home().and([earning(studio), Intent::SetSelfEmployment { income_id: id("Studio"), self_employment: own }]);
    let summary = summary_on(&home, TODAY, Vec::new());
    assert_eq!(summary.explanation.estimate.agi, money("90000.00"));
    assert!(summary.estimated_payments.iter().all(|payment| payment.amount.is_zero()));
}

#[test]
fn more_for_the_state_is_withheld_where_a_state_withholds() {
    let form = Withholding { state_additional_withholding: money("25.00"), ..Withholding::default() };
    let home = |state| {
        let profile = domain::household::facts::Profile { state, ..profile() };
        given([opened_with(profile, "Ada"), salaried("Acme", "96000.00")])
    };
    let california = home(Some(domain::vocabulary::State::California));
    let before = california.flow(SystemFlowKind::StateWithholding).amount;
    let with_more = california.and([w4("Acme", form.clone())]);
    assert_eq!(with_more.flow(SystemFlowKind::StateWithholding).amount - before, money("25.00"));
    assert_eq!(home(None).and([w4("Acme", form)]).flows(SystemFlowKind::StateWithholding), []);
}

fn carry_out(home: &mut Household, intent: Intent) {
    let command = Command { decided_at: noon(TODAY), actor: Actor::System, intent };
    for event in home.decide(command, tables()).unwrap_or_default() {
        home.fold(event);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a household says: every job withholds its flows on each payday, what is settled is what is left of the tax, and a form
    /// that is suggested, handed in, leads where it was said to lead.
    #[test]
    fn the_figures_of_any_household_are_those_of_its_flows_and_a_suggestion_keeps_its_word(intents in commands(), days in 0..365_u64) {
        let mut home = Household::default();
        intents.into_iter().for_each(|intent| carry_out(&mut home, intent));
        let today = date("2026-01-01") + Days::new(days);
        let summary = match tax_summary(&home, today, &Beside::default(), tables()) {
            Ok(summary) => summary.unwrap(),
            // Several incomes of the largest amount that is accepted.
            Err(TaxError::TooLarge { .. }) => return Ok(()),
            Err(error) => panic!("{error}"),
        };
        for job in &summary.jobs {
            let flowing = |kind| {
                let own = home.system_flows.values().filter(|flow| flow.source.id == job.income_id.0 && flow.kind == kind);
                own.map(|flow| flow.amount.scaled(job.pay_periods, 1)).sum::<Money>()
            };
            prop_assert_eq!(job.federal_withholding, flowing(SystemFlowKind::FederalWithholding));
            prop_assert_eq!(job.state_withholding, flowing(SystemFlowKind::StateWithholding));
            prop_assert_eq!(job.social_security, flowing(SystemFlowKind::SocialSecurity));
            prop_assert_eq!(job.medicare, flowing(SystemFlowKind::Medicare));
            prop_assert!((0..=job.pay_periods).contains(&job.remaining_pay_periods));
        }
        let (federal, estimate) = (&summary.federal, &summary.explanation.estimate);
        prop_assert_eq!(federal.tax + estimate.social_security_tax + estimate.medicare_tax + estimate.state_income_tax, estimate.total_tax);
        prop_assert_eq!(federal.balance, federal.tax - summary.safe_harbor.paid);
        let Some(suggested) = summary.suggestions.withholding.first() else { return Ok(()) };
        let was = home.incomes[&suggested.income_id].withholding.clone();
        let withholding = Withholding {
            extra_withholding: suggested.extra_withholding,
            state_additional_withholding: suggested.state_additional_withholding,
            ..was.clone()
        };
        carry_out(&mut home, Intent::SetWithholding { income_id: suggested.income_id, withholding });
        let earlier_forms = vec![EarlierForm { income_id: suggested.income_id, until: today, form: was }];
        let after = tax_summary(&home, today, &Beside { last_year: None, earlier_forms }, tables()).unwrap().unwrap();
        prop_assert_eq!(after.federal.balance, suggested.federal_balance_after);
        prop_assert_eq!(after.state_settlement.balance, suggested.state_balance_after);
        prop_assert!(!suggested.is_enough || after.federal.balance < money("1.00"));
    }
}
