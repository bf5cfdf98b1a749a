//! The end of work, and what is put aside for it.

use super::career::{STOPS, spending_falls, wage_job};
use super::figures::{Job, permille, whole};
use super::form::{AnswerUnit, Form, amount, amount_or_nothing, fraction, months};
use super::spending::monthly;
use super::suggested::Suggested;
use crate::calendar::{Frequency, Month};
use crate::household::facts::DeductionAmount;
use crate::ids::MemberId;
use crate::money::Money;
use crate::projection::changes::ChangeKind;
use crate::projection::changes::kind::{AddIncome, Modify401k};
use crate::projection::changes::parameter::{OneMember, WageIncome};
use crate::projection::changes::words::TaxTreatment;
use crate::rate::Rate;
use crate::vocabulary::{ExpenseCategory, IncomeCategory, PretaxDeductionType};

/// Full retirement age of who was born from 1960 on: 67 (42 U.S.C. § 416(l)).
const FULL_AGE_MONTHS: i32 = 67 * 12;
/// Bend points of 2026, a month (42 U.S.C. § 415(a)(1); Social Security Administration, October 2025).
const BENDS: (Money, Money) = (whole(1_286), whole(7_749));
/// A twelfth of the contribution and benefit base of 2026, 184,500: no more of the pay counts.
const MOST_COUNTED: Money = whole(15_375);
/// Medicare Part B in 2026, a month and person (Centers for Medicare & Medicaid Services, November 2025).
const MEDICARE: Money = Money::from_cents(20_290);

/// The benefit at full retirement age of somebody whose average pay was this: 90 % of it up to the first bend point, 32 % up to the second,
/// 15 % beyond, rounded down to ten cents.
pub(super) fn social_security(monthly_pay: Money) -> Money {
    let pay = monthly_pay.at_least_zero().min(MOST_COUNTED);
    let (first, second) = BENDS;
    let benefit = pay.min(first).scaled(90, 100)
        + (pay.min(second) - first).at_least_zero().scaled(32, 100)
        + (pay - second).at_least_zero().scaled(15, 100);
    Money::from_cents(benefit.cents().div_euclid(10).saturating_mul(10))
}

/// Those who earn something by working: the oldest first, of unknown age last.
fn workers(form: &Form<'_>) -> Vec<MemberId> {
    let figures = form.figures;
    let mut workers: Vec<MemberId> = figures.grown_ups().into_iter().filter(|id| !figures.jobs_of(*id).is_empty()).collect();
    workers.sort_by_key(|id| born(form, *id).map_or((true, None), |birth| (false, Some(birth))));
    workers
}

fn born(form: &Form<'_>, member: MemberId) -> Option<crate::calendar::Date> {
    form.figures.home.members.get(&member).and_then(|member| member.date_of_birth)
}

pub(super) fn retire(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("Who retires");
    let people = workers(form);
    let asked = form.figures.member_choice("member_id", "Who stops working?", people, "nobody here earns anything by working");
    let member = form.choose(asked.usually_first("the oldest one who works"));
    let jobs: Vec<Job> = member.map(|member| form.figures.jobs_of(member)).unwrap_or_default();
    form.step("What comes in then");
    let pay: Money = jobs.iter().map(|job| job.annual).sum();
    let benefit = member.map(|_| social_security(pay.scaled(1, 12)));
    let asked = amount("social_security_monthly", AnswerUnit::Monthly, "How much Social Security a month?").optional();
    let benefit = form.ask(asked.usually(benefit, "the law's formula, as if the present pay were the average of the working life"));
    let at_67 =
        member.and_then(|member| born(form, member)).map(|birth| Month::of(birth).plus(FULL_AGE_MONTHS).since(Month::of(form.when)));
    let wait = at_67.map_or(0, |months| u16::try_from(months.max(0)).unwrap_or(u16::MAX));
    let asked = months("social_security_after_months", "How many months after the last pay does it begin?", 0, 600);
    let wait = form.ask(asked.usually(Some(wait), "at 67; at once where the age is not known"));
    let pension = form.ask(amount("pension_monthly", AnswerUnit::Monthly, "A pension, a month?").optional());
    form.step("What goes out then");
    let asked = fraction("spending_cut_rate", AnswerUnit::Part, "How much less is spent?");
    let cut = form.ask(asked.usually(Some(permille(100)), "10 %: no way to work, no working clothes"));
    let asked = amount_or_nothing("health_insurance_monthly", AnswerUnit::Monthly, "Health insurance a month?");
    let health = form.ask(asked.usually(Some(MEDICARE), "Medicare Part B; more before 65"));
    let (member, wait, cut, health) = (member?, wait?, cut?, health?);
    let mut changes: Vec<Suggested> =
        jobs.into_iter().map(|job| Suggested::new("The last pay", form.when, STOPS).about(job.source())).collect();
    let comes = |amount, category| {
        ChangeKind::AddIncome(AddIncome {
            amount,
            frequency: Frequency::Monthly,
            category,
            tax_treatment: TaxTreatment::Untaxed,
            member_id: Some(OneMember(member)),
        })
    };
    let social =
        benefit.map(|amount| Suggested::new("Social Security", form.when, comes(amount, IncomeCategory::SocialSecurity)).after(wait));
    changes.extend(social);
    changes.extend(pension.map(|amount| Suggested::new("Pension", form.when, comes(amount, IncomeCategory::Pension))));
    changes.extend((!cut.is_zero()).then(|| Suggested::new("Spending less", form.when, spending_falls(cut))));
    changes.extend(monthly(form, "Health insurance", health, ExpenseCategory::HealthInsurance));
    Some(changes)
}

/// What goes into plans of the employer now, as a part of the pay.
fn deferred(form: &Form<'_>, job: Job) -> Rate {
    use PretaxDeductionType as Before;
    let Some(state) = form.figures.home.incomes.get(&job.id) else { return Rate::ZERO };
    let periods = state.income.pay_frequency.periods_per_year();
    let deferrals = state.pretax_deductions.values().filter(|deduction| {
        matches!(
            deduction.deduction_type,
            Before::Traditional401k | Before::Traditional403b | Before::TspTraditional | Before::Roth401k | Before::TspRoth
        )
    });
    let parts = deferrals.map(|deduction| match deduction.amount {
        DeductionAmount::Percent(part) => part,
        DeductionAmount::Fixed(amount) => super::figures::part(amount.scaled(periods, 1), job.annual),
    });
    parts.fold(Rate::ZERO, |sum, part| sum.fraction().checked_add(part.fraction()).map_or(sum, Rate::new))
}

pub(super) fn raise_401k_rate(form: &mut Form<'_>) -> Option<Vec<Suggested>> {
    form.step("The contribution");
    let job = wage_job(form, "From which pay?");
    let more = job.map(|job| deferred(form, job).fraction().saturating_add(permille(20).fraction())).map(Rate::new);
    let asked = fraction("percentage", AnswerUnit::Part, "Which part of the pay goes into the 401(k)?");
    let percentage = form.ask(asked.usually(more, "two points more than now"));
    let (job, percentage) = (job?, percentage?);
    let kind = ChangeKind::Modify401k(Modify401k { percentage, income_id: Some(WageIncome(job.id)) });
    Some(vec![Suggested::new("401(k) contribution", form.when, kind)])
}
