//! Changes of what is taken out of pay: contributions, other deductions, withholding, and estimated payments.

use super::Source;
use super::course::Laid;
use super::effect::{Effect, Needs, Reach};
use super::kind::{Modify401k, ModifyDeductions, ModifyHsa, ModifyWithholding, SetQuarterlyEstimates};
use super::opened::jobs as jobs_of;
use super::parameter::WageIncome;
use super::said::{Names, words};
use crate::calendar::{Frequency, Month, on_day};
use crate::money::Money;
use crate::payroll::{DeductionType, Reduces};
use crate::projection::deductions::DeductionState;
use crate::projection::income::IncomeState;
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::plan::{CalendarMode, Plan, PlanIncome, WageEffect};
use crate::projection::spending::FlowState;
use crate::projection::state::State;
use crate::projection::taxes::QUARTER_MONTHS;
use crate::rate::Rate;
use crate::system_flows::{expense_of, plan_account};
use crate::vocabulary::{AccountType, ExpenseCategory, PretaxDeductionType};

/// Own deferrals to 401(k)s and their kin, traditional and Roth.
pub(crate) const fn is_deferral(kind: DeductionType) -> bool {
    use PretaxDeductionType as Before;
    matches!(
        kind,
        DeductionType::Pretax(
            Before::Traditional401k | Before::Traditional403b | Before::TspTraditional | Before::Roth401k | Before::TspRoth
        )
    )
}

pub(crate) const fn is_hsa(kind: DeductionType) -> bool {
    matches!(kind, DeductionType::Pretax(PretaxDeductionType::Hsa))
}

/// The places of the jobs that are meant: the named one, or each. What has no paychecks has nothing that could be taken out of them.
fn jobs(laid: &Laid<'_, '_>, named: Option<WageIncome>) -> Vec<usize> {
    let is_meant = |place: usize| named.is_none_or(|income| laid.place_of(income.0) == Some(place));
    let wages = laid.incomes.iter().enumerate().filter(|(_, income)| income.is_wage());
    wages.map(|(place, _)| place).filter(|place| is_meant(*place)).collect()
}

/// The named job, or the first that pays this month.
fn one_job(laid: &Laid<'_, '_>, named: Option<WageIncome>) -> Option<usize> {
    let month = laid.clock().month;
    let pays = |place: &usize| named.is_some() || laid.incomes.get(*place).is_some_and(|income| income.is_active_in(month));
    jobs(laid, named).into_iter().find(pays)
}

/// Lets a kind of deduction of a job take what `set` says: the first one that there is, and the others nothing; one is brought where
/// there is none.
fn deduct(
    income: &mut IncomeState,
    is_meant: impl Fn(DeductionType) -> bool,
    brought: impl FnOnce() -> DeductionState,
    set: impl FnOnce(&mut DeductionState),
) {
    let mut meant = income.deductions.iter_mut().filter(|deduction| is_meant(deduction.kind));
    if let Some(first) = meant.next() {
        set(first);
        for other in meant {
            other.stop();
        }
        return;
    }
    let mut deduction = brought();
    set(&mut deduction);
    income.deductions.push(deduction);
}

/// A deduction that no job had: into the account that such contributions of the earner go to, else spent.
fn brought(state: &State<'_>, kind: DeductionType, earner: usize) -> DeductionState {
    let account = plan_account(kind).and_then(|wanted| plan_of(state, wanted, earner));
    let spent = (Slot::Outside(Outside::Merchants), Purpose::Spending(expense_of(kind)));
    let (to, purpose) = account.map_or(spent, |slot| (slot, Purpose::Contribution));
    let effect = match kind.reduces() {
        Reduces::IncomeTaxWages => WageEffect::IncomeTax,
        Reduces::AllWages if is_hsa(kind) => WageEffect::PayrollHsa,
        Reduces::AllWages => WageEffect::Cafeteria,
        Reduces::Nothing => WageEffect::None,
    };
    DeductionState::brought(kind, to, purpose, effect)
}

/// As the household chooses it: the earner's own, else one that is nobody's, else (where there was none, the earner got one) any.
fn plan_of(state: &State<'_>, wanted: AccountType, earner: usize) -> Option<Slot> {
    let find = |fits: &dyn Fn(Option<usize>) -> bool| {
        let mut numbered = (0_u16..).zip(&state.accounts);
        numbered.find(|(_, account)| account.account_type == wanted && fits(account.owner)).map(|(index, _)| Slot::Account(index))
    };
    find(&|owner| owner == Some(earner)).or_else(|| find(&|owner| owner.is_none())).or_else(|| find(&|_| true))
}

/// Whose plans such contributions go into: those of the jobs that are meant and do not contribute yet.
fn savers(
    plan: &Plan,
    kind: DeductionType,
    named: Option<WageIncome>,
    is_meant: impl Fn(DeductionType) -> bool,
) -> Vec<(usize, AccountType)> {
    let Some(account_type) = plan_account(kind) else { return Vec::new() };
    let is_asked = |income: Option<&PlanIncome>| named.is_none_or(|named| income.is_some_and(|income| income.id == named.0));
    let contributes = |income: &PlanIncome| income.deductions.iter().any(|deduction| is_meant(deduction.kind));
    let new = jobs_of(plan).filter(|(_, income)| is_asked(*income) && !income.is_some_and(contributes));
    let mut savers: Vec<(usize, AccountType)> = new.map(|(earner, _)| (earner, account_type)).collect();
    // Not as the changes happen to have been written down.
    savers.sort_unstable();
    savers.dedup();
    savers
}

/// Sets a contribution of the jobs that are meant to a part of pay.
fn contribute(laid: &mut Laid<'_, '_>, jobs: &[usize], part: Rate, usual: PretaxDeductionType, is_meant: fn(DeductionType) -> bool) {
    let state = laid.state;
    for place in jobs {
        if let Some(income) = laid.incomes.get_mut(*place) {
            let earner = income.earner();
            let new = || brought(state, DeductionType::Pretax(usual), earner);
            deduct(income, is_meant, new, |deduction| deduction.set_part(part));
        }
    }
}

impl Effect for Modify401k {
    fn needs(&self) -> Option<Needs> {
        Some(Needs::Job(self.income_id))
    }

    fn reach(&self) -> Reach {
        Reach::WhatThereIs
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let jobs = jobs(laid, self.income_id);
        contribute(laid, &jobs, self.percentage, PretaxDeductionType::Traditional401k, is_deferral);
    }

    fn puts_aside(&self, plan: &Plan) -> Vec<(usize, AccountType)> {
        let kind = DeductionType::Pretax(PretaxDeductionType::Traditional401k);
        if self.percentage > Rate::ZERO { savers(plan, kind, self.income_id, is_deferral) } else { Vec::new() }
    }

    fn said(&self, _: Option<Source>, names: &dyn Names) -> String {
        format!("401(k) contributions {} become {} of pay", from_whom(self.income_id, names), self.percentage.in_percent())
    }
}

impl Effect for ModifyHsa {
    fn needs(&self) -> Option<Needs> {
        Some(Needs::Job(self.income_id))
    }

    fn reach(&self) -> Reach {
        Reach::WhatThereIs
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let jobs = jobs(laid, self.income_id);
        contribute(laid, &jobs, self.percentage, PretaxDeductionType::Hsa, is_hsa);
    }

    fn puts_aside(&self, plan: &Plan) -> Vec<(usize, AccountType)> {
        let kind = DeductionType::Pretax(PretaxDeductionType::Hsa);
        if self.percentage > Rate::ZERO { savers(plan, kind, self.income_id, is_hsa) } else { Vec::new() }
    }

    fn said(&self, _: Option<Source>, names: &dyn Names) -> String {
        format!("HSA contributions {} become {} of pay", from_whom(self.income_id, names), self.percentage.in_percent())
    }
}

fn from_whom(income: Option<WageIncome>, names: &dyn Names) -> String {
    income.map_or_else(|| "from every job".to_owned(), |income| format!("from {}", names.name_of(income.0.0)))
}

impl Effect for ModifyWithholding {
    fn needs(&self) -> Option<Needs> {
        Some(Needs::Job(self.income_id))
    }

    fn reach(&self) -> Reach {
        if self.income_id.is_none() { Reach::WhatIsPaid } else { Reach::WhatThereIs }
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let place = one_job(laid, self.income_id);
        if let Some(income) = place.and_then(|place| laid.incomes.get_mut(place)) {
            income.set_extra_withheld(Frequency::Monthly.annual_amount(self.extra_monthly));
        }
    }

    fn said(&self, _: Option<Source>, names: &dyn Names) -> String {
        let job = self.income_id.map_or_else(|| "the first job".to_owned(), |income| names.name_of(income.0.0));
        format!("{} a month is withheld from {job} on top of the tax", self.extra_monthly.grouped())
    }
}

impl Effect for ModifyDeductions {
    fn needs(&self) -> Option<Needs> {
        Some(Needs::Job(self.income_id))
    }

    fn reach(&self) -> Reach {
        if self.income_id.is_none() { Reach::WhatIsPaid } else { Reach::WhatThereIs }
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let (state, kind) = (laid.state, self.deduction_type.0);
        let place = one_job(laid, self.income_id);
        if let Some(income) = place.and_then(|place| laid.incomes.get_mut(place)) {
            let annual = Frequency::Monthly.annual_amount(self.amount);
            let earner = income.earner();
            deduct(income, |other| other == kind, || brought(state, kind, earner), |deduction| deduction.set_annual(annual));
        }
    }

    /// Without a job, it is one of them: whichever pays first.
    fn puts_aside(&self, plan: &Plan) -> Vec<(usize, AccountType)> {
        let kind = self.deduction_type.0;
        let mut all = if self.amount.is_positive() { savers(plan, kind, self.income_id, |other| other == kind) } else { Vec::new() };
        all.truncate(1);
        all
    }

    fn distinguishing_word(&self) -> Option<&'static str> {
        Some(self.deduction_type.as_str())
    }

    fn said(&self, _: Option<Source>, names: &dyn Names) -> String {
        let job = self.income_id.map_or_else(|| "the first job".to_owned(), |income| names.name_of(income.0.0));
        format!("the {} deduction of {job} becomes {} a month", words(self.deduction_type.as_str()), self.amount.grouped())
    }
}

impl Effect for SetQuarterlyEstimates {
    fn reach(&self) -> Reach {
        Reach::WhatIsPaid
    }

    /// The household's payments, in the place of all others: the first business pays them and the others none. Where there is none,
    /// they are paid all the same.
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let month = laid.clock().month;
        laid.flows.iter_mut().filter(|flow| flow.pays_tax(ExpenseCategory::EstimatedTax)).for_each(FlowState::suspend);
        let mut businesses = laid.incomes.iter_mut().filter(|income| income.is_business() && income.is_active_in(month));
        if let Some(first) = businesses.next() {
            first.set_estimates([self.quarterly_amount; 4]);
            businesses.for_each(|other| other.set_estimates([Money::ZERO; 4]));
            return;
        }
        let (begins, cash) = (laid.begins(), laid.state.main_cash);
        let is_smoothed = laid.clock().calendar() == CalendarMode::Smoothed;
        let mut pay = |first, annual, frequency| {
            let span = laid.span_from(first, frequency);
            laid.flows.push(FlowState::brought(ExpenseCategory::EstimatedTax, annual, span, cash, laid.cause()));
        };
        if is_smoothed {
            return pay(begins, Frequency::Quarterly.annual_amount(self.quarterly_amount), Frequency::Quarterly);
        }
        for due in QUARTER_MONTHS {
            // The fifteenth of the month, from the first one on that has not passed when the change begins.
            let year = Month::of(begins).year();
            let dues = [year, year.saturating_add(1)].into_iter().filter_map(|year| Month::new(year, due)).map(|month| on_day(month, 15));
            let Some(first) = dues.into_iter().find(|day| *day >= begins) else { continue };
            pay(first, self.quarterly_amount, Frequency::Annually);
        }
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        format!("estimated taxes become {} a quarter", self.quarterly_amount.grouped())
    }
}
