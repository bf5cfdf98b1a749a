//! Changes of what comes in: incomes that begin, become others, stop, and what comes in once.

use super::Source;
use super::course::{Laid, Moment};
use super::effect::Effect;
use super::kind::{AddIncome, AdjustTotalIncome, LumpSumIncome, ModifyIncome, RemoveIncome, SwitchEmploymentType};
use super::said::{Names, each, named, words};
use super::words::{AdjustMode, Employment, TaxTreatment};
use crate::calendar::Frequency;
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::income::{Brought, IncomeState};
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::spending::is_earned;
use crate::projection::state::{Rise, raised};
use crate::projection::taxes::Taxable;
use crate::rate::Rate;
use crate::vocabulary::IncomeCategory;

impl Effect for AddIncome {
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let growth = if self.tax_treatment != TaxTreatment::Untaxed || is_earned(self.category) { Rise::Salaries } else { Rise::Inflation };
        let brought = Brought {
            annual: laid.grown(self.frequency.annual_amount(self.amount), growth),
            growth,
            category: self.category,
            treatment: self.tax_treatment,
            earner: laid.earner(self.member_id.map(|member| member.0)),
            span: laid.span(self.frequency),
            cause: laid.cause(),
        };
        laid.bring(IncomeState::brought(&brought));
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        let what = each(self.amount, self.frequency);
        format!("{} of {what} begins, {}", words(self.category.as_str()), self.tax_treatment.said())
    }
}

impl Effect for ModifyIncome {
    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        if *self == (Self { amount: None, frequency: None, category: None, tax_treatment: None }) {
            refuse("amount", "nothing is changed: say at least one of amount, frequency, category, tax_treatment");
        }
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        match laid.now_about() {
            Some(Source::Income(id)) => {
                let Some(growth) = laid.income(id).map(|income| income.growth) else { return };
                let annual =
                    self.amount.map(|amount| laid.grown(self.frequency.map_or(amount, |rhythm| rhythm.annual_amount(amount)), growth));
                let Some(income) = laid.income(id) else { return };
                annual.into_iter().for_each(|annual| income.set_annual(annual));
                self.frequency.into_iter().for_each(|frequency| income.set_frequency(frequency));
                self.category.into_iter().for_each(|category| income.set_category(category));
                self.tax_treatment.into_iter().for_each(|treatment| income.set_treatment(treatment));
            }
            Some(Source::Flow(id)) => self.lay_over_flow(id, laid),
            Some(Source::Account(_)) | None => {}
        }
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        let unit = if matches!(about, Some(Source::Flow(_))) { "each time" } else { "a year" };
        let amount = match (self.amount, self.frequency) {
            (Some(amount), Some(frequency)) => Some(each(amount, frequency)),
            (Some(amount), None) => Some(format!("{} {unit}", amount.grouped())),
            (None, Some(frequency)) => Some(words(frequency.as_str())),
            (None, None) => None,
        };
        let category = self.category.map(|category| words(category.as_str()));
        let taxed = self.tax_treatment.map(|treatment| treatment.said().to_owned());
        let parts: Vec<String> = [amount, category, taxed].into_iter().flatten().collect();
        format!("{} becomes {}", named(about, names), parts.join(", "))
    }
}

impl ModifyIncome {
    fn lay_over_flow(&self, id: crate::ids::FlowId, laid: &mut Laid<'_, '_>) {
        let Some((growth, rhythm)) = laid.flow(id).map(|flow| (flow.growth, flow.span.frequency())) else { return };
        let said = self.amount.map(|amount| self.frequency.unwrap_or(rhythm).annual_amount(amount));
        let annual = said.map(|annual| laid.grown(annual, growth));
        let Some(flow) = laid.flow(id) else { return };
        self.frequency.into_iter().for_each(|frequency| flow.set_frequency(frequency));
        annual.into_iter().for_each(|annual| flow.annual = annual);
        self.category.into_iter().for_each(|category| flow.set_income(category));
        match self.tax_treatment {
            None => {}
            Some(TaxTreatment::Untaxed) => flow.set_taxable(Taxable::No),
            Some(TaxTreatment::SelfEmployed) => flow.set_taxable(Taxable::SelfEmployment),
            // What arrived net becomes a gross wage: it goes through payroll from now on.
            Some(TaxTreatment::W2) => {
                let category = flow.income_category().unwrap_or(IncomeCategory::Salary);
                let (annual, span, treatment, cause) = (flow.annual, flow.span, TaxTreatment::W2, flow.cause);
                flow.suspend();
                laid.bring(IncomeState::brought(&Brought { annual, growth, category, treatment, earner: 0, span, cause }));
            }
        }
    }
}

impl Effect for RemoveIncome {
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        match laid.now_about() {
            Some(Source::Income(id)) => laid.income(id).into_iter().for_each(IncomeState::suspend),
            Some(Source::Flow(id)) => laid.suspend_flow(id),
            Some(Source::Account(_)) | None => {}
        }
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        format!("{} stops", named(about, names))
    }
}

impl Effect for SwitchEmploymentType {
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let Some(Source::Income(id)) = laid.now_about() else { return };
        let Some(income) = laid.income(id) else { return };
        match self.to {
            Employment::W2 => {
                income.set_treatment(TaxTreatment::W2);
                income.set_category(IncomeCategory::Salary);
            }
            // What was deducted from a paycheck, and what an employer added, ends with the paychecks.
            Employment::SelfEmployed => {
                income.set_treatment(TaxTreatment::SelfEmployed);
                income.set_category(IncomeCategory::SelfEmployment);
                for deduction in &mut income.deductions {
                    deduction.stop();
                }
            }
        }
    }

    fn said(&self, about: Option<Source>, names: &dyn Names) -> String {
        let to = match self.to {
            Employment::W2 => "a job with paychecks",
            Employment::SelfEmployed => "self-employment",
        };
        format!("{} becomes {to}", named(about, names))
    }
}

impl Effect for LumpSumIncome {
    fn happen(&self, moment: &mut Moment<'_, '_, '_>) {
        let (taxable, category) = match self.tax_treatment {
            TaxTreatment::W2 => (OnceTaxed::Wages, IncomeCategory::Bonus),
            TaxTreatment::SelfEmployed => (OnceTaxed::Profit, IncomeCategory::SelfEmployment),
            TaxTreatment::Untaxed => (OnceTaxed::No, IncomeCategory::OtherIncome),
        };
        let (payer, cash) = (Slot::Outside(Outside::Payers), moment.state.main_cash);
        moment.books.post(payer, cash, self.amount, Purpose::Income(category));
        match taxable {
            OnceTaxed::Wages => moment.state.taxes.earner_once(0).wages += self.amount,
            OnceTaxed::Profit => moment.state.taxes.earner_once(0).self_employment += self.amount,
            OnceTaxed::No => {}
        }
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        format!("{} comes in once, {}", self.amount.grouped(), self.tax_treatment.said())
    }
}

/// What the year's return makes of what came once. Nothing is withheld from it: April brings the tax.
enum OnceTaxed {
    Wages,
    Profit,
    No,
}

impl Effect for AdjustTotalIncome {
    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        super::expense::check_adjustment(self.amount, self.mode, refuse);
    }

    fn looks_around(&self) -> bool {
        true
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        match self.mode {
            AdjustMode::Percent => {
                let fraction = Fraction::of_rate(Rate::new(self.amount));
                for income in &mut laid.incomes {
                    income.set_annual(raised(income.annual, fraction));
                }
                for flow in laid.flows.iter_mut().filter(|flow| flow.income_category().is_some()) {
                    flow.annual = raised(flow.annual, fraction);
                }
            }
            AdjustMode::Absolute => spread(laid, laid.grown(Frequency::Monthly.annual_amount(Money::round(self.amount)), Rise::Salaries)),
        }
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        super::expense::adjustment_said("all income", self.amount, self.mode)
    }
}

/// Spreads an amount a year over all that is earned now, in proportion; a cut takes no more than there is. What nobody earns yet comes
/// untaxed, as other income.
fn spread(laid: &mut Laid<'_, '_>, annual: Money) {
    let month = laid.clock().month;
    let earned = laid.incomes.iter().filter(|income| income.is_active_in(month)).map(|income| income.annual);
    let received = laid.flows.iter().filter(|flow| flow.income_category().is_some() && flow.is_active_in(month)).map(|flow| flow.annual);
    let total: Money = earned.chain(received).sum();
    if !total.is_positive() {
        if annual.is_positive() {
            let (growth, treatment, category) = (Rise::Salaries, TaxTreatment::Untaxed, IncomeCategory::OtherIncome);
            let (span, cause) = (laid.span(Frequency::Monthly), laid.cause());
            laid.bring(IncomeState::brought(&Brought { annual, growth, category, treatment, earner: 0, span, cause }));
        }
        return;
    }
    let annual = annual.max(-total);
    let mut before = Money::ZERO;
    // What falls on all up to one, less what falls on all before it: the parts add up to the whole.
    let mut part = |of: Money| {
        let upto = before + of;
        let part = annual.scaled(upto.cents(), total.cents()) - annual.scaled(before.cents(), total.cents());
        before = upto;
        part
    };
    for income in laid.incomes.iter_mut().filter(|income| income.is_active_in(month)) {
        income.set_annual(income.annual + part(income.annual));
    }
    for flow in laid.flows.iter_mut().filter(|flow| flow.income_category().is_some() && flow.is_active_in(month)) {
        flow.annual += part(flow.annual);
    }
}
