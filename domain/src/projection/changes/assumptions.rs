//! Changes of what is assumed of the world.

use super::Source;
use super::course::Laid;
use super::effect::Effect;
use super::kind::{OverrideAssumptions, OverrideInflation, OverrideInvestmentReturn, OverrideSalaryGrowth};
use super::said::Names;

impl Effect for OverrideAssumptions {
    fn check(&self, refuse: &mut dyn FnMut(&'static str, &'static str)) {
        if *self == (Self { inflation_rate: None, investment_return_rate: None, salary_growth_rate: None }) {
            refuse("inflation_rate", "nothing is changed: say at least one of inflation_rate, investment_return_rate, salary_growth_rate");
        }
    }

    fn lay(&self, laid: &mut Laid<'_, '_>) {
        let assumed = &mut laid.assumptions;
        assumed.inflation = self.inflation_rate.unwrap_or(assumed.inflation);
        assumed.investment_return = self.investment_return_rate.unwrap_or(assumed.investment_return);
        assumed.salary_growth = self.salary_growth_rate.unwrap_or(assumed.salary_growth);
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        let parts = [
            self.inflation_rate.map(|rate| format!("prices rise by {} a year", rate.in_percent())),
            self.investment_return_rate.map(|rate| format!("investments return {} a year", rate.in_percent())),
            self.salary_growth_rate.map(|rate| format!("salaries grow by {} a year", rate.in_percent())),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

impl Effect for OverrideInflation {
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        laid.assumptions.inflation = self.rate;
    }

    fn duration_months(&self) -> Option<u16> {
        self.duration_months
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        format!("prices rise by {} a year", self.rate.in_percent())
    }
}

impl Effect for OverrideInvestmentReturn {
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        laid.assumptions.investment_return = self.rate;
    }

    fn duration_months(&self) -> Option<u16> {
        self.duration_months
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        format!("investments return {} a year", self.rate.in_percent())
    }
}

impl Effect for OverrideSalaryGrowth {
    fn lay(&self, laid: &mut Laid<'_, '_>) {
        laid.assumptions.salary_growth = self.rate;
    }

    fn duration_months(&self) -> Option<u16> {
        self.duration_months
    }

    fn said(&self, _: Option<Source>, _: &dyn Names) -> String {
        format!("salaries grow by {} a year", self.rate.in_percent())
    }
}
