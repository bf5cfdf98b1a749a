//! Sources of income, their W-4 and self-employment. Deductions have a file of their own.

use domain::calendar::{Date, PayFrequency};
use domain::household::Intent;
use domain::household::command::IncomePatch;
use domain::household::facts::{Income, Pay, SelfEmployment, Withholding};
use domain::ids::{IncomeId, MemberId};
use domain::money::Money;
use domain::rate::Rate;
use domain::text::Name;
use domain::vocabulary::{FilingStatus, IncomeType};
use projections::queries::Selection;
use projections::read_models::incomes::{IncomeRow, SelfEmploymentRow, WithholdingRow};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::households::PageQuery;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{At, Between, Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// Form W-4 and its state counterpart.
    pub struct WithholdingBody {
        /// Step 1(c); the household's where left out.
        filing_status: Option<FilingStatus>,
        /// Step 2(c).
        multiple_jobs: Option<bool>,
        /// Step 3: children under 17.
        qualifying_children: Option<Between<0, 99>>,
        /// Step 3: others.
        other_dependents: Option<Between<0, 99>>,
        /// Step 3 as an amount a year; goes before the two counts.
        credits: Option<Money> where not_negative,
        /// Step 4(a), a year.
        other_income: Option<Money> where not_negative,
        /// Step 4(b), a year.
        deductions: Option<Money> where not_negative,
        /// Step 4(c), a pay period.
        extra_withholding: Option<Money> where not_negative,
        /// On the state's form.
        state_allowances: Option<Between<0, 99>>,
        /// On the state's form, a pay period.
        state_additional_withholding: Option<Money> where not_negative,
    }
}

body! {
    /// Adds a source of income.
    pub struct NewIncome {
        /// What it is called, mostly the employer.
        name: Name,
        /// Who earns it.
        member_id: Option<MemberId>,
        /// How it is earned and taxed.
        income_type: IncomeType,
        /// Before anything is taken out; this, or an hourly rate.
        gross_annual_salary: Option<Money> where not_negative,
        /// Before anything is taken out; this, or a salary.
        hourly_rate: Option<Money> where not_negative,
        /// With an hourly rate; 2080 where left out.
        expected_annual_hours: Option<Between<0, 8784>>,
        /// How often it is paid.
        pay_frequency: PayFrequency,
        /// First day; today where left out.
        start_date: Option<Date>,
        /// Last day.
        end_date: Option<Date>,
        /// True where left out.
        active: Option<bool>,
        /// Form W-4.
        w4: Option<WithholdingBody>,
    }
    check |body, at| {
        check_pay(body.gross_annual_salary, body.hourly_rate, at);
        if body.gross_annual_salary.is_none() && body.hourly_rate.is_none() {
            at.refuse_field("gross_annual_salary", "missing", "is missing: send it, or hourly_rate");
        }
        if body.expected_annual_hours.is_some() && body.hourly_rate.is_none() {
            at.refuse_field("expected_annual_hours", "without_rate", "belongs to an hourly rate: send hourly_rate with it");
        }
    }
}

body! {
    /// Changes a source of income; what is not mentioned stays.
    pub struct IncomeChange {
        /// What it is called.
        name: Given<Name>,
        /// Who earns it.
        member_id: Patch<MemberId>,
        /// How it is earned and taxed.
        income_type: Given<IncomeType>,
        /// Makes it a salary.
        gross_annual_salary: Given<Money> where not_negative,
        /// Makes it hourly wages; the hours stay.
        hourly_rate: Given<Money> where not_negative,
        /// Of hourly wages.
        expected_annual_hours: Given<Between<0, 8784>>,
        /// How often it is paid.
        pay_frequency: Given<PayFrequency>,
        /// First day.
        start_date: Given<Date>,
        /// Last day.
        end_date: Patch<Date>,
        /// An inactive income pays nothing.
        active: Given<bool>,
        /// Form W-4, as a whole.
        w4: Option<WithholdingBody>,
    }
    check |body, at| check_pay(body.gross_annual_salary.0, body.hourly_rate.0, at)
}

body! {
    /// Expenses and estimated payments of the self-employed.
    pub struct SelfEmploymentBody {
        /// A year.
        estimated_annual_expenses: Option<Money> where not_negative,
        /// April, June, September, January; null or left out for a safe-harbour quarter each.
        quarterly_estimates: Option<Vec<Money>> where not_negative,
        /// Of profit.
        retirement_contribution_rate: Option<Rate> where fraction,
    }
    check |body, at| {
        if body.quarterly_estimates.as_ref().is_some_and(|quarters| quarters.len() != 4) {
            at.refuse_field("quarterly_estimates", "not_four", "must be four amounts: April, June, September, January");
        }
    }
}

/// Form W-4 of an income.
#[derive(Serialize, ToSchema)]
pub struct WithholdingView {
    /// That of the income.
    id: Uuid,
    /// What it says.
    #[serde(flatten)]
    withholding: WithholdingRow,
}

impl From<WithholdingRow> for WithholdingView {
    fn from(withholding: WithholdingRow) -> Self {
        Self { id: withholding.income_id, withholding }
    }
}

/// Expenses and estimated payments of the self-employed.
#[derive(Serialize, ToSchema)]
pub struct SelfEmploymentView {
    /// That of the income.
    id: Uuid,
    /// What is expected.
    #[serde(flatten)]
    self_employment: SelfEmploymentRow,
}

impl From<SelfEmploymentRow> for SelfEmploymentView {
    fn from(self_employment: SelfEmploymentRow) -> Self {
        Self { id: self_employment.income_id, self_employment }
    }
}

fn check_pay(salary: Option<Money>, rate: Option<Money>, at: At<'_>) {
    if salary.is_some() && rate.is_some() {
        at.refuse_field("hourly_rate", "ambiguous", "must not be sent together with gross_annual_salary");
    }
}

pub fn routes() -> Routes {
    Routes::tagged("income sources")
        .get("/api/v1/income-sources", list, Doc::query("List the income sources").parameters::<PageQuery>().lists::<IncomeRow>())
        .post("/api/v1/income-sources", add, Doc::command("Add an income source").body::<NewIncome>().creates::<IncomeRow>())
        .get("/api/v1/income-sources/{id}", show, Doc::query("Show an income source").answers::<IncomeRow>())
        .patch("/api/v1/income-sources/{id}", change, Doc::command("Change an income source").body::<IncomeChange>().answers::<IncomeRow>())
        .delete("/api/v1/income-sources/{id}", remove, Doc::command("Remove an income source").answers::<Removed>())
        .get("/api/v1/income-sources/{id}/withholding", show_withholding, Doc::query("Show the W-4").answers::<WithholdingView>())
        .put(
            "/api/v1/income-sources/{id}/withholding",
            set_withholding,
            Doc::command("Hand in a W-4").body::<WithholdingBody>().answers::<WithholdingView>(),
        )
        .get(
            "/api/v1/income-sources/{id}/self-employment",
            show_self_employment,
            Doc::query("Show the self-employment").answers::<SelfEmploymentView>(),
        )
        .put(
            "/api/v1/income-sources/{id}/self-employment",
            set_self_employment,
            Doc::command("Say expenses and estimated payments").body::<SelfEmploymentBody>().answers::<SelfEmploymentView>(),
        )
}

async fn list(request: QueryRequest, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let key = |row: &IncomeRow| vec![row.id.to_string()];
    request.list::<IncomeRow>(Selection::BY_ID, Vec::new(), (page.limit, page.cursor.as_ref()), key).await
}

async fn show(request: QueryRequest, id: Path<IncomeId>) -> Result<Answer, Problem> {
    request.one::<IncomeRow>(id.into_inner().0, "income source").await
}

async fn add(request: CommandRequest, new: Json<NewIncome>) -> Result<Answer, Problem> {
    let (id, digest, new) = (IncomeId(Uuid::now_v7()), new.digest, new.body);
    let hours = new.expected_annual_hours.map_or(Pay::FULL_TIME_HOURS, to_u32);
    let pay = match (new.gross_annual_salary, new.hourly_rate) {
        (None, Some(hourly_rate)) => Pay::Hourly { hourly_rate, expected_annual_hours: hours },
        (salary, _) => Pay::Salary { gross_annual_salary: salary.unwrap_or_default() },
    };
    let withholding = new.w4.map(Withholding::from);
    let intent = |today| Intent::AddIncome {
        id,
        income: Income {
            name: new.name,
            member_id: new.member_id,
            income_type: new.income_type,
            pay,
            pay_frequency: new.pay_frequency,
            start_date: new.start_date.unwrap_or(today),
            end_date: new.end_date,
            active: new.active.unwrap_or(true),
        },
        withholding,
    };
    let made = Made::Created(format!("/api/v1/income-sources/{id}"));
    request.run(digest, intent, made, |home, _| IncomeRow::of(home, id)).await
}

async fn change(request: CommandRequest, id: Path<IncomeId>, change: Json<IncomeChange>) -> Result<Answer, Problem> {
    let (id, digest, change) = (id.into_inner(), change.digest, change.body);
    let patch = IncomePatch {
        name: change.name.0,
        member_id: change.member_id.into_option(),
        income_type: change.income_type.0,
        gross_annual_salary: change.gross_annual_salary.0,
        hourly_rate: change.hourly_rate.0,
        expected_annual_hours: change.expected_annual_hours.0.map(to_u32),
        pay_frequency: change.pay_frequency.0,
        start_date: change.start_date.0,
        end_date: change.end_date.into_option(),
        active: change.active.0,
    };
    let withholding = change.w4.map(Withholding::from);
    request.run(digest, |_| Intent::ChangeIncome { id, patch, withholding }, Made::Changed, |home, _| IncomeRow::of(home, id)).await
}

async fn remove(request: CommandRequest, id: Path<IncomeId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    request.run(nothing.digest, |_| Intent::RemoveIncome { id }, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

async fn show_withholding(request: QueryRequest, id: Path<IncomeId>) -> Result<Answer, Problem> {
    request.one_as(id.into_inner().0, "income source", |row: WithholdingRow| WithholdingView::from(row)).await
}

async fn set_withholding(request: CommandRequest, id: Path<IncomeId>, form: Json<WithholdingBody>) -> Result<Answer, Problem> {
    let (income_id, digest, withholding) = (id.into_inner(), form.digest, Withholding::from(form.body));
    let intent = |_| Intent::SetWithholding { income_id, withholding };
    request.run(digest, intent, Made::Changed, |home, _| WithholdingRow::of(home, income_id).map(WithholdingView::from)).await
}

async fn show_self_employment(request: QueryRequest, id: Path<IncomeId>) -> Result<Answer, Problem> {
    request.one_as(id.into_inner().0, "self-employment", |row: SelfEmploymentRow| SelfEmploymentView::from(row)).await
}

async fn set_self_employment(request: CommandRequest, id: Path<IncomeId>, told: Json<SelfEmploymentBody>) -> Result<Answer, Problem> {
    let (income_id, digest, told) = (id.into_inner(), told.digest, told.body);
    let self_employment = SelfEmployment {
        estimated_annual_expenses: told.estimated_annual_expenses.unwrap_or_default(),
        quarterly_estimates: told.quarterly_estimates.and_then(|quarters| quarters.try_into().ok()),
        retirement_contribution_rate: told.retirement_contribution_rate.unwrap_or_default(),
    };
    let intent = |_| Intent::SetSelfEmployment { income_id, self_employment };
    request.run(digest, intent, Made::Changed, |home, _| SelfEmploymentRow::of(home, income_id).map(SelfEmploymentView::from)).await
}

fn to_u32<const MIN: i64, const MAX: i64>(number: Between<MIN, MAX>) -> u32 {
    u32::try_from(number.get()).unwrap_or_default()
}

impl From<WithholdingBody> for Withholding {
    fn from(form: WithholdingBody) -> Self {
        Self {
            filing_status: form.filing_status,
            multiple_jobs: form.multiple_jobs.unwrap_or_default(),
            qualifying_children: form.qualifying_children.map_or(0, to_u32),
            other_dependents: form.other_dependents.map_or(0, to_u32),
            credits: form.credits,
            other_income: form.other_income.unwrap_or_default(),
            deductions: form.deductions.unwrap_or_default(),
            extra_withholding: form.extra_withholding.unwrap_or_default(),
            state_allowances: form.state_allowances.map_or(0, to_u32),
            state_additional_withholding: form.state_additional_withholding.unwrap_or_default(),
        }
    }
}
