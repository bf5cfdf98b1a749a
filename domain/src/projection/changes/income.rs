//! Changes of what comes in: incomes that begin, become others, stop, and what comes in once.

use super::Source;
use super::course::{Laid, Moment};
use super::effect::{Effect, Reach};
use super::kind::{AddIncome, AdjustTotalIncome, LumpSumIncome, ModifyIncome, RemoveIncome, SwitchEmploymentType};
use super::said::{Names, each, named, words};
use super::spread::Spread;
use super::words::{AdjustMode, Employment, TaxTreatment};
use crate::calendar::Frequency;
use crate::fixed::Fraction;
use crate::money::Money;
use crate::projection::income::{Brought, IncomeState, is_a_payday};
use crate::projection::ledger::{Outside, Purpose, Slot};
use crate::projection::spending::{FlowState, is_earned};
use crate::projection::state::Rise;
use crate::projection::taxes::Taxable;
use crate::rate::Rate;
use crate::vocabulary::{IncomeCategory, IncomeType};

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
                // 110,000 a year is what a job pays, and not how often.
                let is_a_rhythm = |frequency: &Frequency| self.amount.is_none() || !income.is_wage() || is_a_payday(*frequency);
                let rhythm = self.frequency.filter(is_a_rhythm);
                rhythm.into_iter().for_each(|frequency| income.set_frequency(frequency));
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
    fn cannot_be_about_income(&self, income_type: IncomeType) -> Option<&'static str> {
        let is_worked_for = matches!(income_type, IncomeType::W2 | IncomeType::W2Hourly | IncomeType::SelfEmployed);
        (!is_worked_for).then_some("only a job or a business of one's own becomes the other")
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let Some(Source::Income(id)) = laid.now_about() else { return };
        let Some(income) = laid.income(id) else { return };
        match self.to {
            Employment::W2 => {
                income.set_treatment(TaxTreatment::W2);
                income.set_category(IncomeCategory::Salary);
            }
            Employment::SelfEmployed => {
                income.set_treatment(TaxTreatment::SelfEmployed);
                income.set_category(IncomeCategory::SelfEmployment);
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

    fn reach(&self) -> Reach {
        Reach::WhatIsPaid
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        match self.mode {
            AdjustMode::Percent => {
                let fraction = Fraction::of_rate(Rate::new(self.amount));
                laid.incomes.iter_mut().for_each(|income| income.raise(fraction));
                laid.flows.iter_mut().filter(|flow| flow.income_category().is_some()).for_each(|flow| flow.raise(fraction));
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
    let clock = *laid.clock();
    let is_paid = |income: &&mut IncomeState| income.is_active_in(clock.month);
    let is_received = |flow: &&mut FlowState| flow.income_category().is_some() && flow.is_active_in(clock.month);
    let due = |income: &IncomeState| income.gross(income.portion(&clock));
    let earned = laid.incomes.iter_mut().filter(is_paid).map(|income| (income.annual, due(income)));
    let received = laid.flows.iter_mut().filter(is_received).map(|flow| (flow.annual, flow.due(&clock)));
    let add = |(a_year, due): (Money, Money), (more, more_due): (Money, Money)| (a_year + more, due + more_due);
    let in_all = earned.chain(received).fold((Money::ZERO, Money::ZERO), add);
    if !in_all.0.is_positive() {
        if annual.is_positive() {
            let (growth, treatment, category) = (Rise::Salaries, TaxTreatment::Untaxed, IncomeCategory::OtherIncome);
            let (span, cause) = (laid.span(Frequency::Monthly), laid.cause());
            laid.bring(IncomeState::brought(&Brought { annual, growth, category, treatment, earner: 0, span, cause }));
        }
        return;
    }
    let mut spread = Spread::new(laid, annual, in_all);
    for income in laid.incomes.iter_mut().filter(is_paid) {
        let part = spread.part(income.annual, due(income));
        income.set_annual(part.annual);
        part.due.into_iter().for_each(|due| income.set_due(due));
    }
    for flow in laid.flows.iter_mut().filter(is_received) {
        let part = spread.part(flow.annual, flow.due(&clock));
        flow.annual = part.annual;
        part.due.into_iter().for_each(|due| flow.set_due(due));
    }
}
