//! Life events as templates: named bundles of changes, with the questions that have to be answered, defaults from the household's own
//! figures, and decisions, which are the same as a wizard.
//!
//! **A new template** is an entry in the table below, a function in the file of its category, and its test. The function asks its questions
//! (`form`) and suggests changes (`suggested`); list, defaults, checks, steps of a wizard and the changes themselves follow from it.
//! Defaults come from `figures`, or from a published figure that stands beside the question with its source.
//!
//! Pure: a household, a day and answers go in, suggested changes come out. They are checked by the household's own rules when they are
//! written down (`household::changes`), as any others are. Deliberately absent: rules of changes, scenarios, and the clock.

mod career;
mod debts;
mod decisions;
mod education;
mod family;
mod figures;
mod form;
mod health;
mod housing;
mod retirement;
mod spending;
mod suggested;
mod wealth;

pub use self::decisions::{Decision, DecisionTemplate, Made};
pub(crate) use self::figures::Debt;
pub use self::figures::Figures;
pub use self::form::{AnswerType, AnswerUnit, Answers, Choice, Given, Question};
pub use self::suggested::Suggested;

use self::form::Form;
use crate::calendar::Date;
use crate::household::HouseholdError;
use crate::household::error::{Rule, Violation};
use crate::projection::changes::parameter::{ParameterError, Told};
use crate::vocabulary::words;

words! {
    /// What a template is about.
    pub enum TemplateCategory {
        /// Work.
        Career => "career",
        /// Where one lives.
        Housing => "housing",
        /// People.
        Family => "family",
        /// Learning.
        Education => "education",
        /// Health.
        Health => "health",
        /// Money.
        Financial => "financial",
        /// The end of work.
        Retirement => "retirement",
    }
}

macro_rules! templates {
    ($( $(#[doc = $doc:literal])+ $name:ident = $id:literal, $title:literal, $category:ident => $fill:path; )+) => {
        words! {
            /// A template, by its stable id.
            pub enum Template { $( $(#[doc = $doc])+ $name => $id ),+ }
        }

        impl Template {
            /// For people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $( Self::$name => $title ),+ }
            }

            /// What it is about.
            #[must_use]
            pub const fn category(self) -> TemplateCategory {
                match self { $( Self::$name => TemplateCategory::$category ),+ }
            }

            /// What it does.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $( Self::$name => concat!($($doc),+).trim_ascii() ),+ }
            }

            fn suggest(self, form: &mut Form<'_>) -> Option<Vec<Suggested>> {
                match self { $( Self::$name => $fill(form) ),+ }
            }
        }
    };
}

templates! {
    /// Another employer, for other pay, perhaps after some months without any.
    NewJob = "new_job", "New job", Career => career::new_job;
    /// More pay for the same work.
    Raise = "raise", "Raise", Career => career::raise;
    /// Months without pay, on unemployment insurance (entered untaxed), until the next job.
    JobLoss = "job_loss", "Job loss", Career => career::job_loss;
    /// A business beside the job.
    SideBusiness = "side_business", "Side business", Career => career::side_business;
    /// Another income begins.
    AddIncome = "add_income", "Add an income", Career => spending::add_income;
    /// An income becomes another one.
    ModifyIncome = "modify_income", "Change an income", Career => spending::modify_income;
    /// An income ends.
    RemoveIncome = "remove_income", "End an income", Career => spending::remove_income;
    /// A move to another place, where life costs more and work may pay otherwise. The state of residence stays in the tax return.
    Relocation = "relocation", "Relocation", Housing => housing::relocation;
    /// A house, its mortgage and what it costs to live in it.
    HomePurchase = "home_purchase", "Buy a home", Housing => housing::home_purchase;
    /// A house is sold, its mortgage paid off, and rent paid from then on.
    HomeSale = "home_sale", "Sell a home", Housing => housing::home_sale;
    /// A birth, perhaps an unpaid leave, and what a child costs. The tax return does not count the child before it is entered as a member.
    NewBaby = "new_baby", "New baby", Family => family::new_baby;
    /// A wedding, and two households become one. The filing status stays as it is entered.
    Marriage = "marriage", "Marriage", Family => family::marriage;
    /// One household becomes two. The filing status stays as it is entered.
    Divorce = "divorce", "Divorce", Family => family::divorce;
    /// Studies, perhaps instead of work, perhaps on a loan.
    BackToSchool = "back_to_school", "Back to school", Education => education::back_to_school;
    /// More is paid on a student loan every month, until it is gone.
    PayOffStudentLoans = "pay_off_student_loans", "Pay off student loans", Education => education::pay_off_student_loans;
    /// Large bills, months away from work, and care afterwards.
    MajorMedicalEvent = "major_medical_event", "Major medical event", Health => health::major_medical_event;
    /// A part of the pay goes into a health savings account.
    Hsa = "hsa", "Health savings account", Health => health::hsa;
    /// A car, its loan and what it costs to drive.
    BuyCar = "buy_car", "Buy a car", Financial => wealth::buy_car;
    /// Money or investments are inherited.
    Inheritance = "inheritance", "Inheritance", Financial => wealth::inheritance;
    /// Something large is bought once.
    LargePurchase = "large_purchase", "Large purchase", Financial => spending::large_purchase;
    /// More is paid on a debt every month, until it is gone.
    AccelerateDebt = "accelerate_debt", "Pay a debt faster", Financial => debts::accelerate_debt;
    /// A debt is paid down, or off, at once.
    LumpSumPayoff = "lump_sum_payoff", "Pay down a debt at once", Financial => debts::lump_sum_payoff;
    /// A loan is replaced by one of other terms.
    Refinance = "refinance", "Refinance", Financial => debts::refinance;
    /// Something is borrowed.
    TakeLoan = "take_loan", "Take a loan", Financial => debts::take_loan;
    /// The same amount is put aside every month, until there is enough.
    SavingsGoal = "savings_goal", "Savings goal", Financial => wealth::savings_goal;
    /// Taxes are paid ahead each quarter.
    QuarterlyEstimates = "quarterly_estimates", "Quarterly estimated taxes", Financial => wealth::quarterly_estimates;
    /// Another expense begins.
    AddExpense = "add_expense", "Add an expense", Financial => spending::add_expense;
    /// An expense becomes another one.
    ModifyExpense = "modify_expense", "Change an expense", Financial => spending::modify_expense;
    /// An expense ends.
    RemoveExpense = "remove_expense", "End an expense", Financial => spending::remove_expense;
    /// Somebody stops working. Social Security and a pension are entered untaxed.
    Retire = "retire", "Retire", Retirement => retirement::retire;
    /// Another part of the pay goes into the 401(k).
    Raise401kRate = "raise_401k_rate", "Raise the 401(k) rate", Retirement => retirement::raise_401k_rate;
}

/// A template, filled in as far as answers go.
#[derive(Clone, Debug, PartialEq)]
pub struct Filled {
    /// Which.
    pub template: Template,
    /// Why it does not fit the household, where it does not.
    pub unfit: Option<&'static str>,
    /// Titles of the steps of its form.
    pub steps: Vec<&'static str>,
    /// What is asked.
    pub questions: Vec<Question>,
    /// The answers that are good.
    pub given: Given,
    /// What is wrong with the others, by key.
    pub problems: Vec<(String, Rule)>,
    /// What has to be answered and is not.
    pub missing: Vec<&'static str>,
    /// What it comes to: empty while it does not fit, or something is missing or wrong.
    pub changes: Vec<Suggested>,
}

impl Template {
    /// Fills the template in: `when` is the day from which on all of it holds.
    #[must_use]
    pub fn fill(self, figures: &Figures<'_>, when: Date, answers: &Answers) -> Filled {
        let mut form = Form::new(figures, when, answers);
        let suggested = self.suggest(&mut form);
        form.refuse_others();
        let Form { steps, questions, given, problems, missing, unfit, .. } = form;
        let is_good = unfit.is_none() && problems.is_empty() && missing.is_empty();
        let changes = suggested.filter(|_| is_good).unwrap_or_default();
        Filled { template: self, unfit, steps, questions, given, problems, missing, changes }
    }
}

impl Filled {
    /// What it comes to.
    ///
    /// # Errors
    /// It does not fit (`template_id`), or something is missing or wrong (`answers.<key>`): all of that.
    pub fn complete(self) -> Result<Vec<Suggested>, HouseholdError> {
        let missing = self.missing.iter().map(|key| answer(key, Rule::Parameter(ParameterError::Missing)));
        let unfit = self.unfit.map(|reason| Violation { field: "template_id".to_owned(), rule: Rule::NotAllowedHere(reason) });
        let violations: Vec<Violation> =
            unfit.into_iter().chain(missing).chain(self.problems.iter().map(|(key, rule)| answer(key, rule.clone()))).collect();
        match (violations.is_empty(), self.changes.is_empty()) {
            (true, false) => Ok(self.changes),
            (true, true) => {
                let rule = Rule::NotAllowedHere("they change nothing");
                Err(HouseholdError::Invalid(vec![Violation { field: "answers".to_owned(), rule }]))
            }
            (false, _) => Err(HouseholdError::Invalid(violations)),
        }
    }
}

/// What is wrong with an answer.
pub(crate) fn answer(key: &str, rule: Rule) -> Violation {
    Violation { field: format!("answers.{key}"), rule }
}

/// Answers that were kept, as if they had just been told.
#[must_use]
pub fn told(given: &Given) -> Answers {
    let told = |text: &Option<String>| text.clone().map_or(Told::Null, Told::Text);
    given.iter().map(|(key, text)| (key.clone(), told(text))).collect()
}
