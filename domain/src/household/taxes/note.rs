//! What is assumed, capped or not known, said plainly: an expected tax is as good as what it was told.

use serde::Serialize;
use uuid::Uuid;

use super::distributions::RequiredDistribution;
use super::payments::EstimatedPayment;
use super::suggestion::Suggestions;
use super::withholding::JobYear;
use crate::calendar::PayFrequency;
use crate::flow_kind::FlowKind;
use crate::household::state::Household;
use crate::money::Money;
use crate::payroll::{Deducted, DeductionType};
use crate::tax::YearTables;
use crate::vocabulary::{AccountClass, ExpenseCategory, FilingStatus, IncomeType, Relationship, StateWithholdingMethod, words};

words! {
    /// What a note is about.
    pub enum NoteCode {
        /// The tables are those of an earlier year.
        LawOfAnEarlierYear => "law_of_an_earlier_year",
        /// The household lives in no state: no state tax.
        NoState => "no_state",
        /// A joint return of one, or a spouse who is on no joint return.
        FilingStatusInDoubt => "filing_status_in_doubt",
        /// Somebody's age is not known.
        UnknownDateOfBirth => "unknown_date_of_birth",
        /// A contribution is cut to what the law allows.
        ContributionCapped => "contribution_capped",
        /// What a job withholds for the state is a share of a year's tax, not the state's own method.
        StateWithholdingAnnualised => "state_withholding_annualised",
        /// There may be itemized deductions, which are not known well enough to be counted.
        StandardDeductionTaken => "standard_deduction_taken",
        /// An income is taken to have been there before the day on which it was entered.
        AssumedAllYear => "assumed_all_year",
        /// The law wants more taken out of retirement accounts than the household plans to.
        DistributionRequired => "distribution_required",
        /// A contribution to one's own plan does not lower the tax here.
        OwnPlanNotDeducted => "own_plan_not_deducted",
        /// One of the two safe harbours goes by last year's return.
        LastYearUnknown => "last_year_unknown",
        /// Estimated payments whose day has passed are taken to have been made.
        AssumedPaid => "assumed_paid",
        /// What is suggested for the paychecks that are left is too much for a whole year.
        SuggestionEndsWithTheYear => "suggestion_ends_with_the_year",
        /// Taxes that are not among these.
        NotComputed => "not_computed",
        /// A forecast that begins within the year settles its own months only.
        ForecastSettlesItsMonths => "forecast_settles_its_months",
    }
}

/// Something to know about the figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Note {
    /// What it is about.
    pub code: NoteCode,
    /// The income, deduction or member that it is about, if it is about one.
    pub subject_id: Option<Uuid>,
    /// A sentence.
    pub message: String,
}

struct Notes(Vec<Note>);

impl Notes {
    fn add(&mut self, code: NoteCode, subject_id: Option<Uuid>, message: impl Into<String>) {
        self.0.push(Note { code, subject_id, message: message.into() });
    }
}

pub(super) fn notes(
    home: &Household,
    jobs: &[JobYear],
    required: &[RequiredDistribution],
    year: i32,
    knows_last_year: bool,
    law: &YearTables,
) -> Vec<Note> {
    let mut notes = Notes(Vec::new());
    if law.year() != year {
        let message = format!("the law of {year} is not known here: these are the figures of {}", law.year());
        notes.add(NoteCode::LawOfAnEarlierYear, None, message);
    }
    about_the_filer(home, &mut notes);
    about_birthdays(home, &mut notes);
    for job in jobs {
        if job.slip.state_withholding_method == StateWithholdingMethod::AnnualisedLiability {
            let message =
                format!("{}: withheld for the state is its tax on a year of this pay, for want of the state's own method", job.told.name);
            notes.add(NoteCode::StateWithholdingAnnualised, Some(job.told.income_id.0), message);
        }
        for line in job.slip.deductions.iter().filter(|line| line.is_limited) {
            about_a_limit(&job.told.name, line, job.job.pay_frequency, &mut notes);
        }
    }
    about_deductions(home, &mut notes);
    about_incomes(home, year, &mut notes);
    for RequiredDistribution { member, amount } in required {
        let name = home.members.get(member).map(|member| member.name.to_string()).unwrap_or_default();
        let message = format!(
            "{name} has to take {amount} more out of retirement accounts this year, by their present balance; it is counted as income"
        );
        notes.add(NoteCode::DistributionRequired, Some(member.0), message);
    }
    if !knows_last_year {
        let message =
            "last year's tax is not known: say last_year_tax and last_year_agi to see whether paying as much as last year is enough";
        notes.add(NoteCode::LastYearUnknown, None, message);
    }
    about_what_is_left_out(home, &mut notes);
    notes.0
}

fn about_what_is_left_out(home: &Household, notes: &mut Notes) {
    let message = "the forecast behind `years` begins with the current month: of this year it settles the share of its own months in April, \
                   where `balance_due` is of the whole year";
    notes.add(NoteCode::ForecastSettlesItsMonths, None, message);
    if home.opening.as_ref().is_some_and(|opening| opening.profile.state.is_some()) {
        let message = "local income taxes, what a state takes from pay beside income tax (disability, family leave), and a move within the \
                       year are not computed: the state is that of the whole year";
        notes.add(NoteCode::NotComputed, None, message);
    }
}

/// Of what is planned and suggested: payments that are taken for granted, and amounts that are meant for this year alone.
pub(super) fn about_plans(payments: &[EstimatedPayment], suggestions: &Suggestions, notes: &mut Vec<Note>) {
    let taken: Money = payments.iter().filter(|payment| payment.is_past && !payment.is_entered).map(|payment| payment.amount).sum();
    if taken.is_positive() {
        let message = format!(
            "{taken} of estimated payments whose day has passed are taken to have been made, though nobody entered them: enter \
             quarterly_estimates to say what was paid"
        );
        notes.push(Note { code: NoteCode::AssumedPaid, subject_id: None, message });
    }
    for job in suggestions.withholding.iter().filter(|job| job.extra_withholding > job.whole_year_extra_withholding) {
        let message = format!(
            "{}: an extra withholding of {} is for the {} paychecks that are left of this year; from January on {} is enough: hand in \
             another form then",
            job.name, job.extra_withholding, job.remaining_pay_periods, job.whole_year_extra_withholding
        );
        notes.push(Note { code: NoteCode::SuggestionEndsWithTheYear, subject_id: Some(job.income_id.0), message });
    }
}

fn about_the_filer(home: &Household, notes: &mut Notes) {
    let Some(profile) = home.opening.as_ref().map(|opening| &opening.profile) else { return };
    if profile.state.is_none() {
        notes.add(NoteCode::NoState, None, "the household names no state: no state income tax is expected");
    }
    let has_spouse = home.members.values().any(|member| member.relationship == Relationship::Spouse);
    let message = match profile.filing_status {
        FilingStatus::MarriedJointly if !has_spouse => "a joint return, but no spouse among the members",
        FilingStatus::Single | FilingStatus::HeadOfHousehold | FilingStatus::QualifyingSurvivingSpouse if has_spouse => {
            "a spouse among the members, but no return of the married; all incomes are on one return"
        }
        FilingStatus::MarriedSeparately if has_spouse => {
            "married filing separately: the incomes of both are on one return here, which each would file alone"
        }
        FilingStatus::Single
        | FilingStatus::MarriedJointly
        | FilingStatus::MarriedSeparately
        | FilingStatus::HeadOfHousehold
        | FilingStatus::QualifyingSurvivingSpouse => return,
    };
    notes.add(NoteCode::FilingStatusInDoubt, None, message);
}

fn about_birthdays(home: &Household, notes: &mut Notes) {
    for (id, member) in home.members.iter().filter(|(_, member)| member.date_of_birth.is_none()) {
        let taken_for = match member.relationship {
            Relationship::Child | Relationship::Dependent => "counts as another dependent, without a child tax credit",
            Relationship::Oneself | Relationship::Spouse | Relationship::Partner => "no addition for age and no catch-up contribution",
        };
        notes.add(NoteCode::UnknownDateOfBirth, Some(id.0), format!("{} has no date of birth: {taken_for}", member.name));
    }
}

fn about_a_limit(income: &str, line: &Deducted, pay: PayFrequency, notes: &mut Notes) {
    let word = match line.kind {
        DeductionType::Pretax(kind) => kind.as_str(),
        DeductionType::Posttax(kind) => kind.as_str(),
    };
    let a_year = |amount: Money| amount.scaled(pay.periods_per_year(), 1);
    let (own, employers) = (a_year(line.amount), a_year(line.employer_match));
    let message =
        format!("{income}: the law limits {word}: {own} a year from the pay and {employers} from the employer; the rest stays in the pay");
    notes.add(NoteCode::ContributionCapped, Some(line.id.0), message);
}

/// What a Schedule A would hold is known in part only (interest by month, who was paid what), so that none is made up.
fn about_deductions(home: &Household, notes: &mut Notes) {
    let owes_on_a_house = home.accounts.values().any(|state| {
        state.account.active && state.account.account_type.class() == AccountClass::Mortgage && state.current_balance().is_positive()
    });
    let gives = |category| matches!(category, ExpenseCategory::Charitable | ExpenseCategory::Religious);
    let gives = home.flows.values().any(|flow| flow.active && matches!(flow.kind, FlowKind::Expense(category) if gives(category)));
    if owes_on_a_house || gives {
        let message = "mortgage interest, property taxes, gifts and medical costs are not itemized here: the standard deduction is taken";
        notes.add(NoteCode::StandardDeductionTaken, None, message);
    }
}

fn about_incomes(home: &Household, year: i32, notes: &mut Notes) {
    let known_since = home.opening.as_ref().map(|opening| opening.opened_on);
    for (id, state) in home.incomes.iter().filter(|(_, state)| state.income.active) {
        let income = &state.income;
        if super::expected::paydays_of(income, year, known_since).is_assumed {
            let message = format!(
                "{} begins on {}, when this household was opened: it is taken to have been there all year",
                income.name, income.start_date
            );
            notes.add(NoteCode::AssumedAllYear, Some(id.0), message);
        }
        let own_plan = state.self_employment.as_ref().is_some_and(|own| !own.retirement_contribution_rate.fraction().is_zero());
        if income.income_type == IncomeType::SelfEmployed && own_plan {
            let message = format!("{}: what goes into one's own retirement plan is not deducted here", income.name);
            notes.add(NoteCode::OwnPlanNotDeducted, Some(id.0), message);
        }
    }
}
