//! Decisions as they go out: a wizard's steps and fields, what has been answered, and what it comes to.

use domain::calendar::Date;
use domain::household::error::Rule;
use domain::household::weighed::{Side, Weighed};
use domain::household::{Household, base_of, filled};
use domain::ids::{DecisionId, ScenarioId};
use domain::money::Money;
use domain::projection::Term;
use domain::tax::TaxTables;
use domain::templates::{DecisionTemplate, Filled, Template};
use projections::forecasts::{NoForecast, guarded};
use projections::read_models::decisions::DecisionRunRow;
use serde::Serialize;
use utoipa::ToSchema;

use super::template_shape::QuestionView;

/// What can be decided, for this household.
#[derive(Serialize, ToSchema)]
pub struct DecisionTemplateView {
    /// Which; the same for ever.
    id: DecisionTemplate,
    /// What it is called.
    name: &'static str,
    /// What it does.
    description: &'static str,
    /// The life event that it fills in.
    template_id: Template,
    /// Whether it fits the household.
    available: bool,
    /// Why it does not, where it does not.
    reason: Option<&'static str>,
    /// From which day on it would hold.
    effective_date: Date,
    /// Its form, step by step.
    steps: Vec<DecisionStepView>,
}

/// A step of a form.
#[derive(Serialize, ToSchema)]
pub struct DecisionStepView {
    /// What it is about.
    title: &'static str,
    /// What it asks, in order.
    fields: Vec<QuestionView>,
}

/// A decision, with its form and what it comes to.
#[derive(Serialize, ToSchema)]
pub struct DecisionRunView {
    #[serde(flatten)]
    run: DecisionRunRow,
    /// Whether nothing is missing or wrong: it can be made.
    ready: bool,
    /// Keys of what has to be answered yet.
    missing: Vec<&'static str>,
    /// What was answered and holds no longer, because the household has changed since.
    problems: Vec<AnswerProblemView>,
    /// Its form, step by step, with the defaults of today.
    steps: Vec<DecisionStepView>,
    /// Its scenario beside the one that it changes; null of a draft, and where one of the two is gone or cannot be projected.
    comparison: Option<DecisionComparisonView>,
    /// What is worth knowing of that, each as a sentence.
    takeaways: Vec<String>,
}

/// What is wrong with an answer.
#[derive(Serialize, ToSchema)]
pub struct AnswerProblemView {
    /// Which, such as `answers.rate`.
    field: String,
    /// A stable word for it.
    code: &'static str,
    /// For people.
    message: String,
}

/// A decision's scenario beside the one that it changes.
#[derive(Serialize, ToSchema)]
pub struct DecisionComparisonView {
    /// The first month, such as `2026-11`.
    start_month: String,
    /// How many months are compared.
    months: u16,
    /// The last day of the last one.
    end_date: Date,
    /// Without the decision.
    base: DecisionSideView,
    /// With it.
    decided: DecisionSideView,
    /// What net worth at the end is beyond that without the decision.
    difference: Money,
    /// Where that comes from: the parts add up to it.
    by_term: DecisionTermsView,
    /// What of it nothing explains.
    #[schema(example = "0.00")]
    unattributed: Money,
}

/// A scenario at a glance.
#[derive(Serialize, ToSchema)]
pub struct DecisionSideView {
    /// Which.
    scenario_id: ScenarioId,
    /// What it is called.
    name: String,
    /// After the last month.
    final_net_worth: Money,
    /// The same, of cash and investments.
    final_liquid_assets: Money,
    /// The same, of what is owed.
    final_liabilities: Money,
    /// The least that cash and investments come to at the end of a month.
    minimum_liquid_assets: Money,
    /// The last day of the first such month.
    minimum_liquid_date: Date,
    /// Debt service coverage in the worst month; null where nothing is paid on debts.
    minimum_dscr: Option<String>,
    /// Gross income and employers' matches.
    total_income: Money,
    /// Taxes paid, less refunds.
    total_taxes: Money,
    /// Interest and fees of debts.
    total_interest_and_fees: Money,
    /// The last day of the first month in which no liquid account could pay; null where there is none.
    first_shortfall_date: Option<Date>,
    /// The first month from whose end on nothing is owed, such as `2031-04`; null where something is owed at the end.
    debt_free_month: Option<String>,
}

/// The parts of a difference. What lowers net worth is negative.
#[derive(Serialize, ToSchema)]
pub struct DecisionTermsView {
    /// Gross income and employers' matches.
    income: Money,
    /// Taxes.
    taxes: Money,
    /// Spending.
    spending: Money,
    /// Growth of investments and retirement accounts, yield of cash.
    investment_growth: Money,
    /// Growth of property.
    appreciation: Money,
    /// Interest and fees of debts.
    interest_and_fees: Money,
    /// What happens once.
    one_off: Money,
}

/// A decision's template.
pub fn template_view(id: DecisionTemplate, filled: &Filled, effective_date: Date) -> DecisionTemplateView {
    DecisionTemplateView {
        id,
        name: id.title(),
        description: id.description(),
        template_id: id.template(),
        available: filled.unfit.is_none(),
        reason: filled.unfit,
        effective_date,
        steps: steps(filled),
    }
}

fn steps(filled: &Filled) -> Vec<DecisionStepView> {
    let fields = |step: usize| filled.questions.iter().filter(move |question| question.step == step).map(QuestionView::from).collect();
    filled.steps.iter().enumerate().map(|(step, title)| DecisionStepView { title, fields: fields(step) }).collect()
}

/// A decision. What it comes to is computed on the spot, in less time than it takes to write it down.
pub fn run_view(home: &Household, id: DecisionId, today: Date, tables: &TaxTables) -> Option<DecisionRunView> {
    let decision = home.decisions.get(&id)?;
    let filled = filled(home, decision, today, tables);
    let problem =
        |(key, rule): &(String, Rule)| AnswerProblemView { field: format!("answers.{key}"), code: rule.code(), message: rule.to_string() };
    let weighed = decision.made.and_then(|made| weighed(home, base_of(home, decision), made.scenario_id, today, tables));
    Some(DecisionRunView {
        run: DecisionRunRow::of(home, id)?,
        ready: decision.made.is_none() && filled.unfit.is_none() && filled.problems.is_empty() && filled.missing.is_empty(),
        problems: filled.problems.iter().filter(|_| decision.made.is_none()).map(problem).collect(),
        steps: steps(&filled),
        missing: filled.missing,
        takeaways: weighed.as_ref().map(Weighed::takeaways).unwrap_or_default(),
        comparison: weighed.map(|weighed| comparison(home, &weighed)),
    })
}

/// What cannot be projected leaves nothing to compare; the scenario's own projection says why.
fn weighed(home: &Household, base: ScenarioId, decided: ScenarioId, today: Date, tables: &TaxTables) -> Option<Weighed> {
    let work =
        || domain::household::weighed::weigh(home, base, decided, today, tables).map_err(|error| NoForecast::Broken(error.to_string()));
    guarded(work).ok().flatten()
}

fn comparison(home: &Household, weighed: &Weighed) -> DecisionComparisonView {
    let Weighed { window, base, decided, difference } = weighed;
    let amount = |wanted: Term| difference.terms.iter().find(|(term, _)| *term == wanted).map_or(Money::ZERO, |(_, part)| part.amount);
    DecisionComparisonView {
        start_month: window.first.to_string(),
        months: window.months,
        end_date: window.first.plus(i32::from(window.months) - 1).last_day(),
        base: side(home, base),
        decided: side(home, decided),
        difference: difference.total,
        by_term: DecisionTermsView {
            income: amount(Term::Income),
            taxes: amount(Term::Taxes),
            spending: amount(Term::Spending),
            investment_growth: amount(Term::InvestmentGrowth),
            appreciation: amount(Term::Appreciation),
            interest_and_fees: amount(Term::InterestAndFees),
            one_off: amount(Term::OneOff),
        },
        unattributed: difference.unattributed(),
    }
}

fn side(home: &Household, side: &Side) -> DecisionSideView {
    let Side { scenario_id, figures, minimum_dscr } = side;
    let (minimum_liquid_assets, minimum_liquid_date) = figures.minimum_liquid_assets;
    DecisionSideView {
        scenario_id: *scenario_id,
        name: home.scenarios.get(scenario_id).map(|scenario| scenario.name.to_string()).unwrap_or_default(),
        final_net_worth: figures.final_net_worth,
        final_liquid_assets: figures.final_liquid_assets,
        final_liabilities: figures.final_liabilities,
        minimum_liquid_assets,
        minimum_liquid_date,
        minimum_dscr: minimum_dscr.map(|dscr| dscr.to_string()),
        total_income: figures.change.income,
        total_taxes: -figures.change.taxes,
        total_interest_and_fees: -figures.change.interest_and_fees,
        first_shortfall_date: figures.first_shortfall.map(|(date, _)| date),
        debt_free_month: figures.debt_free_month.map(|month| month.to_string()),
    }
}
