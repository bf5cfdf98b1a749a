//! What is taken out of a paycheck before and after taxes, and the paycheck itself.

use domain::household::command::{PosttaxDeductionPatch, PretaxDeductionPatch};
use domain::household::facts::{PosttaxDeduction, PretaxDeduction};
use domain::household::{Intent, inputs};
use domain::ids::{AccountId, DeductionId, IncomeId};
use domain::money::Money;
use domain::payroll::{AmountType, DeductionAmount, DeductionStage, DeductionType, EmployerMatch, payslip};
use domain::rate::Rate;
use domain::vocabulary::{IncomeType, PosttaxDeductionType, PretaxDeductionType, StateWithholdingMethod};
use projections::queries::Selection;
use projections::read_models::incomes::{DeductionRow, IncomeRow};
use rust_decimal::Decimal;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::households::PageQuery;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{At, Given, Json, Nothing, Patch, Query, body};
use crate::command::{CommandRequest, Made, Removed};
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

body! {
    /// What the employer adds.
    pub struct EmployerMatchBody {
        /// Of what the employee puts in.
        rate: Rate,
        /// Only what the employee puts in up to this fraction of salary is matched.
        cap_fraction: Option<Rate> where fraction,
        /// The most that the employer adds in a year.
        annual_cap: Option<Money> where not_negative,
    }
}

body! {
    /// Adds a pre-tax deduction.
    pub struct NewPretaxDeduction {
        /// What for; decides which taxes it lowers.
        deduction_type: PretaxDeductionType,
        /// How the amount is told.
        amount_type: AmountType,
        /// Money a pay period, or a fraction of gross.
        amount: Decimal,
        /// What the employer adds.
        employer_match: Option<EmployerMatchBody>,
        /// Where it goes; else the member's account of that type, which is opened where there is none.
        target_account_id: Option<AccountId>,
    }
    check |body, at| check_amount(body.amount_type, body.amount, at)
}

body! {
    /// Changes a pre-tax deduction; what is not mentioned stays.
    pub struct PretaxDeductionChange {
        /// What for.
        deduction_type: Given<PretaxDeductionType>,
        /// How the amount is told.
        amount_type: Given<AmountType>,
        /// Money a pay period, or a fraction of gross.
        amount: Given<Decimal>,
        /// What the employer adds.
        employer_match: Patch<EmployerMatchBody>,
        /// Where it goes.
        target_account_id: Patch<AccountId>,
    }
}

body! {
    /// Adds a post-tax deduction.
    pub struct NewPosttaxDeduction {
        /// What for.
        deduction_type: PosttaxDeductionType,
        /// How the amount is told.
        amount_type: AmountType,
        /// Money a pay period, or a fraction of gross.
        amount: Decimal,
        /// Where a Roth IRA contribution goes.
        target_account_id: Option<AccountId>,
    }
    check |body, at| check_amount(body.amount_type, body.amount, at)
}

body! {
    /// Changes a post-tax deduction; what is not mentioned stays.
    pub struct PosttaxDeductionChange {
        /// What for.
        deduction_type: Given<PosttaxDeductionType>,
        /// How the amount is told.
        amount_type: Given<AmountType>,
        /// Money a pay period, or a fraction of gross.
        amount: Given<Decimal>,
        /// Where it goes.
        target_account_id: Patch<AccountId>,
    }
}

/// A typical pay period of an income.
#[derive(Serialize, ToSchema)]
pub struct PayslipView {
    /// That of the income.
    id: IncomeId,
    /// A year's gross over its pay periods.
    gross: Money,
    /// Federal income tax withheld.
    federal_withholding: Money,
    /// Social Security.
    social_security: Money,
    /// Medicare, the additional one included.
    medicare: Money,
    /// State income tax withheld.
    state_withholding: Money,
    /// How that was found: by the state's own method (`state`), as the state's tax on a year of this pay (`annualised_liability`),
    /// or not at all (`none`).
    state_withholding_method: StateWithholdingMethod,
    /// One for each deduction.
    deductions: Vec<DeductedView>,
    /// What arrives: gross − taxes − deductions, to the cent.
    net: Money,
}

/// What became of one deduction.
#[derive(Serialize, ToSchema)]
pub struct DeductedView {
    /// Which.
    id: DeductionId,
    /// What for.
    deduction_type: &'static str,
    /// Taken from the pay.
    amount: Money,
    /// Added by the employer.
    employer_match: Money,
    /// The law's limit left less than was asked for, or than the employer would have added.
    is_limited: bool,
}

const NOT_AN_AMOUNT: &str = "must be whole cents where it is fixed, and a fraction such as \"0.06\" where it is a percent";

fn check_amount(amount_type: AmountType, amount: Decimal, at: At<'_>) {
    if DeductionAmount::of(amount_type, amount).is_none() {
        at.refuse_field("amount", "not_an_amount", NOT_AN_AMOUNT);
    }
}

fn amount_of(amount_type: AmountType, amount: Decimal) -> Result<DeductionAmount, Problem> {
    DeductionAmount::of(amount_type, amount).ok_or_else(|| Problem::invalid("amount", "not_an_amount", NOT_AN_AMOUNT))
}

pub fn routes() -> Routes {
    const PRETAX: &str = "/api/v1/income-sources/{id}/pretax-deductions";
    const ONE_PRETAX: &str = "/api/v1/income-sources/{id}/pretax-deductions/{deduction_id}";
    const POSTTAX: &str = "/api/v1/income-sources/{id}/posttax-deductions";
    const ONE_POSTTAX: &str = "/api/v1/income-sources/{id}/posttax-deductions/{deduction_id}";
    Routes::tagged("deductions")
        .get("/api/v1/income-sources/{id}/paycheck", paycheck, Doc::query("Show a typical paycheck").answers::<PayslipView>())
        .get(PRETAX, list_pretax, Doc::query("List the pre-tax deductions").parameters::<PageQuery>().lists::<DeductionRow>())
        .post(PRETAX, add_pretax, Doc::command("Add a pre-tax deduction").body::<NewPretaxDeduction>().creates::<DeductionRow>())
        .get(ONE_PRETAX, show_pretax, Doc::query("Show a pre-tax deduction").answers::<DeductionRow>())
        .patch(
            ONE_PRETAX,
            change_pretax,
            Doc::command("Change a pre-tax deduction").body::<PretaxDeductionChange>().answers::<DeductionRow>(),
        )
        .delete(ONE_PRETAX, remove_pretax, Doc::command("Remove a pre-tax deduction").answers::<Removed>())
        .get(POSTTAX, list_posttax, Doc::query("List the post-tax deductions").parameters::<PageQuery>().lists::<DeductionRow>())
        .post(POSTTAX, add_posttax, Doc::command("Add a post-tax deduction").body::<NewPosttaxDeduction>().creates::<DeductionRow>())
        .get(ONE_POSTTAX, show_posttax, Doc::query("Show a post-tax deduction").answers::<DeductionRow>())
        .patch(
            ONE_POSTTAX,
            change_posttax,
            Doc::command("Change a post-tax deduction").body::<PosttaxDeductionChange>().answers::<DeductionRow>(),
        )
        .delete(ONE_POSTTAX, remove_posttax, Doc::command("Remove a post-tax deduction").answers::<Removed>())
}

async fn list_pretax(request: QueryRequest, id: Path<IncomeId>, page: Query<PageQuery>) -> Result<Answer, Problem> {
    list(request, id.into_inner(), DeductionStage::Pretax, page).await
}

async fn list_posttax(request: QueryRequest, id: Path<IncomeId>, page: Query<PageQuery>) -> Result<Answer, Problem> {
    list(request, id.into_inner(), DeductionStage::Posttax, page).await
}

async fn list(request: QueryRequest, income: IncomeId, stage: DeductionStage, page: Query<PageQuery>) -> Result<Answer, Problem> {
    request.require::<IncomeRow>(income.0, "income source").await?;
    let of_income = Selection { condition: "income_id = ($3::text[])[1]::uuid AND stage = ($3::text[])[2]", ..Selection::BY_ID };
    let args = vec![Some(income.to_string()), Some(stage.to_string())];
    let key = |row: &DeductionRow| vec![row.id.to_string()];
    request.list::<DeductionRow>(of_income, args, (page.limit, page.cursor.as_ref()), key).await
}

async fn show_pretax(request: QueryRequest, path: Path<(IncomeId, DeductionId)>) -> Result<Answer, Problem> {
    show(request, path.into_inner(), DeductionStage::Pretax).await
}

async fn show_posttax(request: QueryRequest, path: Path<(IncomeId, DeductionId)>) -> Result<Answer, Problem> {
    show(request, path.into_inner(), DeductionStage::Posttax).await
}

async fn show(request: QueryRequest, (income, id): (IncomeId, DeductionId), stage: DeductionStage) -> Result<Answer, Problem> {
    let this_one = Selection {
        condition: "income_id = ($3::text[])[1]::uuid AND stage = ($3::text[])[2] AND id = ($3::text[])[3]::uuid",
        ..Selection::BY_ID
    };
    let args = vec![Some(income.to_string()), Some(stage.to_string()), Some(id.to_string())];
    request.first::<DeductionRow>(this_one, args, "deduction").await
}

async fn add_pretax(request: CommandRequest, income: Path<IncomeId>, new: Json<NewPretaxDeduction>) -> Result<Answer, Problem> {
    let (income_id, id, digest, new) = (income.into_inner(), DeductionId(Uuid::now_v7()), new.digest, new.body);
    let deduction = PretaxDeduction {
        deduction_type: new.deduction_type,
        amount: amount_of(new.amount_type, new.amount)?,
        employer_match: new.employer_match.map(EmployerMatch::from),
        target_account_id: new.target_account_id,
    };
    let made = Made::Created(format!("/api/v1/income-sources/{income_id}/pretax-deductions/{id}"));
    let intent = |_| Intent::AddPretaxDeduction { income_id, id, deduction };
    request.run(digest, intent, made, |home, _| DeductionRow::of(home, income_id, id)).await
}

async fn change_pretax(
    request: CommandRequest,
    path: Path<(IncomeId, DeductionId)>,
    change: Json<PretaxDeductionChange>,
) -> Result<Answer, Problem> {
    let ((income_id, id), digest, change) = (path.into_inner(), change.digest, change.body);
    let patch = PretaxDeductionPatch {
        deduction_type: change.deduction_type.0,
        amount_type: change.amount_type.0,
        amount: change.amount.0,
        employer_match: change.employer_match.into_option().map(|told| told.map(EmployerMatch::from)),
        target_account_id: change.target_account_id.into_option(),
    };
    let intent = |_| Intent::ChangePretaxDeduction { income_id, id, patch };
    request.run(digest, intent, Made::Changed, |home, _| DeductionRow::of(home, income_id, id)).await
}

async fn remove_pretax(request: CommandRequest, path: Path<(IncomeId, DeductionId)>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let (income_id, id) = path.into_inner();
    let intent = |_| Intent::RemovePretaxDeduction { income_id, id };
    request.run(nothing.digest, intent, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

async fn add_posttax(request: CommandRequest, income: Path<IncomeId>, new: Json<NewPosttaxDeduction>) -> Result<Answer, Problem> {
    let (income_id, id, digest, new) = (income.into_inner(), DeductionId(Uuid::now_v7()), new.digest, new.body);
    let deduction = PosttaxDeduction {
        deduction_type: new.deduction_type,
        amount: amount_of(new.amount_type, new.amount)?,
        target_account_id: new.target_account_id,
    };
    let made = Made::Created(format!("/api/v1/income-sources/{income_id}/posttax-deductions/{id}"));
    let intent = |_| Intent::AddPosttaxDeduction { income_id, id, deduction };
    request.run(digest, intent, made, |home, _| DeductionRow::of(home, income_id, id)).await
}

async fn change_posttax(
    request: CommandRequest,
    path: Path<(IncomeId, DeductionId)>,
    change: Json<PosttaxDeductionChange>,
) -> Result<Answer, Problem> {
    let ((income_id, id), digest, change) = (path.into_inner(), change.digest, change.body);
    let patch = PosttaxDeductionPatch {
        deduction_type: change.deduction_type.0,
        amount_type: change.amount_type.0,
        amount: change.amount.0,
        target_account_id: change.target_account_id.into_option(),
    };
    let intent = |_| Intent::ChangePosttaxDeduction { income_id, id, patch };
    request.run(digest, intent, Made::Changed, |home, _| DeductionRow::of(home, income_id, id)).await
}

async fn remove_posttax(request: CommandRequest, path: Path<(IncomeId, DeductionId)>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let (income_id, id) = path.into_inner();
    let intent = |_| Intent::RemovePosttaxDeduction { income_id, id };
    request.run(nothing.digest, intent, Made::Changed, |_, _| Some(Removed { id: id.0 })).await
}

async fn paycheck(request: QueryRequest, id: Path<IncomeId>) -> Result<Answer, Problem> {
    let id = id.into_inner();
    let found = request.state().await?;
    let home = &found.value.household;
    let income = home.incomes.get(&id).ok_or_else(|| Problem::not_found("income source", ""))?;
    if !matches!(income.income.income_type, IncomeType::W2 | IncomeType::W2Hourly) {
        return Err(Problem::not_found("paycheck", "only a W-2 income has paychecks"));
    }
    let year = home.opening.as_ref().map_or(0, |opening| opening.tax_year);
    let computed = request.store().tables().in_force(year).and_then(|tables| payslip(&inputs::job(home, income, tables), tables));
    let slip = computed.map_err(|error| Problem::unprocessable("not-supported", error.to_string()))?;
    let deducted = |line: &domain::payroll::Deducted| DeductedView {
        id: line.id,
        deduction_type: match line.kind {
            DeductionType::Pretax(kind) => kind.as_str(),
            DeductionType::Posttax(kind) => kind.as_str(),
        },
        amount: line.amount,
        employer_match: line.employer_match,
        is_limited: line.is_limited,
    };
    let view = PayslipView {
        id,
        gross: slip.gross,
        federal_withholding: slip.federal_withholding,
        social_security: slip.social_security,
        medicare: slip.medicare,
        state_withholding: slip.state_withholding,
        state_withholding_method: slip.state_withholding_method,
        deductions: slip.deductions.iter().map(deducted).collect(),
        net: slip.net,
    };
    // Another law gives other figures without any event.
    let tag = format!("{}.{}", found.version, request.store().tables().version());
    Ok(request.unless_known(Answer::read(found.version.unsigned_abs(), &view)?.with_etag(tag)))
}

impl From<EmployerMatchBody> for EmployerMatch {
    fn from(body: EmployerMatchBody) -> Self {
        Self { rate: body.rate, cap_fraction: body.cap_fraction, annual_cap: body.annual_cap }
    }
}
