//! What comes in, made real: incomes and flows that begin, become others and stop.

use super::flows::{Division, divide};
use super::reality::{Reality, occurrence_from, pay_frequency};
use super::reason::Reason;
use crate::calendar::{Frequency, Month, PayFrequency};
use crate::household::command::{AssetDetailsPatch, Holding, Told};
use crate::household::facts::{Flow, FlowKind, Income, Pay};
use crate::household::inputs::category;
use crate::household::reconcile::is_wage;
use crate::household::state::IncomeState;
use crate::household::{accounts, incomes};
use crate::ids::{FlowId, IncomeId};
use crate::projection::changes::Source;
use crate::projection::changes::kind::{AddIncome, ModifyIncome, SwitchEmploymentType};
use crate::projection::changes::words::{Employment, TaxTreatment};
use crate::projection::{Taxable, taxable};
use crate::vocabulary::{IncomeCategory, IncomeType, SystemFlowKind};

/// The type of an income that is taxed so and counts as that, if there is one.
fn income_type(treatment: TaxTreatment, counts_as: IncomeCategory) -> Result<IncomeType, Reason> {
    let among: &[IncomeType] = match treatment {
        TaxTreatment::W2 => &[IncomeType::W2, IncomeType::W2Hourly],
        TaxTreatment::SelfEmployed => &[IncomeType::SelfEmployed],
        TaxTreatment::Untaxed => &[],
    };
    among.iter().copied().find(|known| category(*known) == counts_as).ok_or_else(|| {
        Reason::NotSayable(format!("the household has no source of income that is taxed as {treatment} and counts as {counts_as}"))
    })
}

/// The treatment of an income of a type, where it is one of those that a change can name.
const fn treatment_of(income_type: IncomeType) -> Option<TaxTreatment> {
    match income_type {
        IncomeType::W2 | IncomeType::W2Hourly => Some(TaxTreatment::W2),
        IncomeType::SelfEmployed => Some(TaxTreatment::SelfEmployed),
        IncomeType::Rental | IncomeType::Investment | IncomeType::Retirement | IncomeType::SocialSecurity | IncomeType::Other => None,
    }
}

pub(super) fn add(reality: &mut Reality<'_>, told: &AddIncome) -> Result<(), Reason> {
    let member_id = told.member_id.map(|member| member.0);
    if told.tax_treatment == TaxTreatment::Untaxed {
        let kind = FlowKind::Income(told.category);
        untaxed(kind)?;
        let flow = Flow { member_id, ..reality.new_flow(kind, told.amount, told.frequency)? };
        return reality.add_flow(flow).map(|_| ());
    }
    reality.window()?;
    let start_date = reality.begins(told.frequency);
    let income = Income {
        name: reality.change().name.clone(),
        member_id,
        income_type: income_type(told.tax_treatment, told.category)?,
        pay: Pay::Salary { gross_annual_salary: told.frequency.annual_amount(told.amount) },
        // A year's pay is withheld from like a month's, here as in the engine; the proof says where that is not the same.
        pay_frequency: if told.frequency == Frequency::Annually { PayFrequency::Monthly } else { pay_frequency(told.frequency)? },
        start_date,
        end_date: reality.change().last_day().map(|day| day.max(start_date)),
        active: true,
    };
    let id = reality.new_id();
    Ok(incomes::add(&mut reality.draft, id, income, None)?)
}

/// What a flow of a kind brings is untaxed where the law does not tax it.
fn untaxed(kind: FlowKind) -> Result<(), Reason> {
    if matches!(taxable(kind), Taxable::No) {
        return Ok(());
    }
    Err(Reason::NotSayable(format!("what counts as {} is taxed, whatever is said of it", kind.category().unwrap_or_default())))
}

pub(super) fn modify(reality: &mut Reality<'_>, told: &ModifyIncome) -> Result<(), Reason> {
    match reality.change().source {
        Some(Source::Income(id)) => {
            let was = income(reality, id)?.income.clone();
            let altered = altered_income(&was, told)?;
            let leaves_payroll = is_wage(was.income_type) && !is_wage(altered.income_type);
            alter(reality, id, Some(Altered { income: altered, keeps_deductions: !leaves_payroll }))
        }
        Some(Source::Flow(id)) if reality.home().flows.contains_key(&id) => {
            let was = reality.flow(id)?;
            let kind = told.category.map_or(was.kind, FlowKind::Income);
            if told.tax_treatment.is_some_and(|treatment| treatment != TaxTreatment::Untaxed) {
                let rule = "a flow is taxed as its category is: end it, and add a source of income instead";
                return Err(Reason::NotSayable(rule.into()));
            }
            if told.tax_treatment.is_some() {
                untaxed(kind)?;
            }
            let amount = told.amount.unwrap_or(was.amount);
            let altered = Flow { kind, amount, frequency: told.frequency.unwrap_or(was.frequency), ..was };
            reality.alter_flow(id, amount.is_positive().then_some(altered))
        }
        Some(Source::Flow(id)) => {
            if told.category.is_some() || told.tax_treatment.is_some() {
                return Err(Reason::NotSayable("the rent of a property counts and is taxed as rent".into()));
            }
            let each = told.amount.map(|amount| told.frequency.unwrap_or(Frequency::Monthly).annual_amount(amount));
            let annual = each.ok_or_else(|| Reason::NotSayable("the rent of a property is one a month".into()))?;
            set_rent(reality, id, Some(annual))
        }
        Some(Source::Account(_)) | None => Err(Reason::Gone("the income")),
    }
}

fn altered_income(was: &Income, told: &ModifyIncome) -> Result<Income, Reason> {
    // An amount a year is what a job pays, and not how often.
    let as_before = |reason| if told.amount.is_some() && is_wage(was.income_type) { Ok(was.pay_frequency) } else { Err(reason) };
    let rhythm = told.frequency.map_or(Ok(was.pay_frequency), |frequency| pay_frequency(frequency).or_else(as_before))?;
    let annual = told.amount.map(|amount| told.frequency.map_or(amount, |frequency| frequency.annual_amount(amount)));
    let counts_as = told.category.unwrap_or(category(was.income_type));
    let kind = if told.category.is_none() && told.tax_treatment.is_none() {
        was.income_type
    } else {
        let treatment = told.tax_treatment.or(treatment_of(was.income_type));
        income_type(treatment.unwrap_or(TaxTreatment::Untaxed), counts_as)?
    };
    Ok(Income {
        income_type: kind,
        pay: annual.map_or(was.pay, |gross_annual_salary| Pay::Salary { gross_annual_salary }),
        pay_frequency: rhythm,
        ..was.clone()
    })
}

pub(super) fn remove(reality: &mut Reality<'_>) -> Result<(), Reason> {
    match reality.change().source {
        Some(Source::Income(id)) => alter(reality, id, None),
        Some(Source::Flow(id)) if reality.home().flows.contains_key(&id) => reality.alter_flow(id, None),
        Some(Source::Flow(id)) => set_rent(reality, id, None),
        Some(Source::Account(_)) | None => Err(Reason::Gone("the income")),
    }
}

pub(super) fn switch_employment(reality: &mut Reality<'_>, told: &SwitchEmploymentType) -> Result<(), Reason> {
    let Some(Source::Income(id)) = reality.change().source else { return Err(Reason::Gone("the income")) };
    let was = income(reality, id)?.income.clone();
    let (income_type, keeps_deductions) = match told.to {
        Employment::W2 => (IncomeType::W2, true),
        Employment::SelfEmployed => (IncomeType::SelfEmployed, false),
    };
    if was.income_type == income_type {
        return Err(Reason::NoEffect("the income is one of this kind already"));
    }
    alter(reality, id, Some(Altered { income: Income { income_type, ..was }, keeps_deductions }))
}

/// What the rent of a property comes to from this month on, a year.
fn set_rent(reality: &mut Reality<'_>, id: FlowId, annual: Option<crate::money::Money>) -> Result<(), Reason> {
    reality.holds_from_today_on()?;
    let property = super::expense::property_of(reality, id, |kind| kind == SystemFlowKind::RentalIncome)?;
    let patch = AssetDetailsPatch { monthly_rent: Some(annual.map(|annual| annual.scaled(1, 12))), ..Default::default() };
    let holding = Holding { asset_details: Some(Told::Part(patch)), ..Holding::default() };
    Ok(accounts::change(&mut reality.draft, property, Default::default(), holding)?)
}

/// A source of income that is in use.
pub(super) fn income<'r>(reality: &'r Reality<'_>, id: IncomeId) -> Result<&'r IncomeState, Reason> {
    reality.home().incomes.get(&id).filter(|state| state.income.active).ok_or(Reason::Gone("the source of income"))
}

/// What an income becomes.
struct Altered {
    income: Income,
    keeps_deductions: bool,
}

/// Lets an income be another one in the change's window; none stops it. As with flows: what is another from this month on is the same
/// income; from a later one on it ends, and another one with the same form W-4 and the same deductions goes on.
fn alter(reality: &mut Reality<'_>, id: IncomeId, altered: Option<Altered>) -> Result<(), Reason> {
    let was = income(reality, id)?.clone();
    let division = divide(was.income.start_date, was.income.end_date, reality.window()?, reality.this_month());
    let Division { ends, first, until, again } = division.ok_or(Reason::NoEffect("the income is not there in those months"))?;
    let goes_on = |from: Month| occurrence_from(was.income.start_date, was.income.pay_frequency.frequency(), from.first_day());
    let again = again.map(|month| Income { start_date: goes_on(month), ..was.income.clone() });
    let keeps = altered.as_ref().is_none_or(|altered| altered.keeps_deductions);
    let altered = altered.map(|altered| altered.income);
    let begun_by = |end| was.income.start_date <= end;
    let last_month = reality.this_month().plus(-1).last_day();
    let (own, own_keeps, follow) = match (ends, altered) {
        (Some(end), altered) => {
            let follows = altered.map(|income| (Income { start_date: goes_on(first), end_date: until, ..income }, keeps));
            (Income { end_date: Some(end), ..was.income.clone() }, true, [follows, again.map(|again| (again, true))])
        }
        (None, Some(income)) => (Income { end_date: until, ..income }, keeps, [again.map(|again| (again, true)), None]),
        (None, None) if again.is_none() && begun_by(last_month) => {
            (Income { end_date: Some(last_month), ..was.income.clone() }, true, [None, None])
        }
        (None, None) => (again.unwrap_or(Income { active: false, ..was.income.clone() }), true, [None, None]),
    };
    for (income, keeps) in follow.into_iter().flatten() {
        let from = Month::of(income.start_date);
        let next = copy(reality, &was, income, keeps)?;
        reality.successors.add(id.0, from, next.0);
    }
    if !own_keeps {
        take_deductions_off(reality, id, &was)?;
    }
    if own != was.income {
        incomes::put(&mut reality.draft, id, own, was.income)?;
    }
    Ok(())
}

/// Another income with all that is known about the first.
fn copy(reality: &mut Reality<'_>, of: &IncomeState, income: Income, keeps_deductions: bool) -> Result<IncomeId, Reason> {
    let id: IncomeId = reality.new_id();
    let is_business = income.income_type == IncomeType::SelfEmployed;
    incomes::add(&mut reality.draft, id, income, Some(of.withholding.clone()))?;
    if let Some(own) = of.self_employment.clone().filter(|_| is_business) {
        incomes::set_self_employment(&mut reality.draft, id, own)?;
    }
    if keeps_deductions {
        for deduction in of.pretax_deductions.values() {
            let of_copy = reality.new_id();
            incomes::add_pretax(&mut reality.draft, id, of_copy, deduction.clone())?;
        }
        for deduction in of.posttax_deductions.values() {
            let of_copy = reality.new_id();
            incomes::add_posttax(&mut reality.draft, id, of_copy, deduction.clone())?;
        }
    }
    Ok(id)
}

fn take_deductions_off(reality: &mut Reality<'_>, id: IncomeId, state: &IncomeState) -> Result<(), Reason> {
    for deduction in state.pretax_deductions.keys() {
        incomes::remove_pretax(&mut reality.draft, id, *deduction)?;
    }
    for deduction in state.posttax_deductions.keys() {
        incomes::remove_posttax(&mut reality.draft, id, *deduction)?;
    }
    Ok(())
}
