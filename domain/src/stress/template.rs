//! The stress tests that ship: those of the specification, as data.

use rust_decimal::Decimal;
use uuid::Uuid;

use crate::ids::ChangeId;
use crate::projection::Plan;
use crate::projection::changes::kind::{
    AdjustInterestRates, AdjustInvestmentValue, AdjustTotalExpenses, AdjustTotalIncome, OverrideInflation,
};
use crate::projection::changes::words::{AdjustMode, DebtScope, InvestmentScope};
use crate::projection::changes::{ChangeKind, PlannedChange, ScenarioChange};
use crate::rate::Rate;
use crate::text::Name;
use crate::vocabulary::words;

/// The greatest order that a change of a scenario may have.
const MOST_ORDER: u32 = 1_000_000;

words! {
    /// A stress test that ships. Its word is its id, and stays.
    pub enum StressTest {
        /// A tenth of all income is lost.
        IncomeMinus10 => "income_minus_10",
        /// A quarter of it.
        IncomeMinus25 => "income_minus_25",
        /// Half of it.
        IncomeMinus50 => "income_minus_50",
        /// Living costs 500 more a month.
        ExpensesPlus500 => "expenses_plus_500",
        /// Living costs 1,000 more a month.
        ExpensesPlus1000 => "expenses_plus_1000",
        /// Variable rates rise by two points.
        VariableRatesPlus2 => "variable_rates_plus_2",
        /// A fifth of what is invested is lost for three years.
        MarketMinus20 => "market_minus_20",
        /// Two fifths of what is invested are lost for four years.
        MarketMinus40 => "market_minus_40",
        /// Two years of high inflation.
        Inflation6 => "inflation_6",
    }
}

words! {
    /// What a stress test puts to the test.
    pub enum TestGroup {
        /// What comes in.
        Income => "income",
        /// What is spent.
        Expenses => "expenses",
        /// What debts cost.
        InterestRates => "interest_rates",
        /// What is invested.
        Market => "market",
        /// What prices do.
        Inflation => "inflation",
    }
}

impl StressTest {
    /// What it is called.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::IncomeMinus10 => "Income falls by 10 %",
            Self::IncomeMinus25 => "Income falls by 25 %",
            Self::IncomeMinus50 => "Income falls by 50 %",
            Self::ExpensesPlus500 => "Expenses rise by 500 a month",
            Self::ExpensesPlus1000 => "Expenses rise by 1,000 a month",
            Self::VariableRatesPlus2 => "Variable rates rise by 2 points",
            Self::MarketMinus20 => "Markets fall by 20 %",
            Self::MarketMinus40 => "Markets fall by 40 %",
            Self::Inflation6 => "Inflation of 6 % for two years",
        }
    }

    /// What happens, in a sentence.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::IncomeMinus10 => "Every income, wages and all else, is a tenth lower from the first month on; taxes follow.",
            Self::IncomeMinus25 => "Every income, wages and all else, is a quarter lower from the first month on; taxes follow.",
            Self::IncomeMinus50 => "Every income, wages and all else, is halved from the first month on; taxes follow.",
            Self::ExpensesPlus500 => "500.00 more is spent every month from the first one on, rising with prices.",
            Self::ExpensesPlus1000 => "1,000.00 more is spent every month from the first one on, rising with prices.",
            Self::VariableRatesPlus2 => {
                "Every debt of variable rate costs two percentage points more from the first month on, up to its ceiling."
            }
            Self::MarketMinus20 => {
                "Investments and retirement accounts lose a fifth of their value in the first month, and prices are back after 36 months."
            }
            Self::MarketMinus40 => {
                "Investments and retirement accounts lose two fifths of their value in the first month, and prices are back after 48 months."
            }
            Self::Inflation6 => "Prices rise by 6 % a year for 24 months, felt by what is spent from the first anniversary on.",
        }
    }

    /// What it puts to the test.
    #[must_use]
    pub const fn group(self) -> TestGroup {
        match self {
            Self::IncomeMinus10 | Self::IncomeMinus25 | Self::IncomeMinus50 => TestGroup::Income,
            Self::ExpensesPlus500 | Self::ExpensesPlus1000 => TestGroup::Expenses,
            Self::VariableRatesPlus2 => TestGroup::InterestRates,
            Self::MarketMinus20 | Self::MarketMinus40 => TestGroup::Market,
            Self::Inflation6 => TestGroup::Inflation,
        }
    }

    /// The change that it is.
    #[must_use]
    pub fn shock(self) -> ChangeKind {
        let income = |percent| {
            let amount = Rate::percent(percent).fraction();
            ChangeKind::AdjustTotalIncome(AdjustTotalIncome { amount, mode: AdjustMode::Percent })
        };
        let expenses = |amount: i64| {
            ChangeKind::AdjustTotalExpenses(AdjustTotalExpenses { amount: Decimal::from(amount), mode: AdjustMode::Absolute })
        };
        let market = |percent, months| {
            let fraction = Rate::percent(percent);
            let applies_to = InvestmentScope::All;
            ChangeKind::AdjustInvestmentValue(AdjustInvestmentValue { fraction, applies_to, recovery_months: Some(months) })
        };
        match self {
            Self::IncomeMinus10 => income(-10),
            Self::IncomeMinus25 => income(-25),
            Self::IncomeMinus50 => income(-50),
            Self::ExpensesPlus500 => expenses(500),
            Self::ExpensesPlus1000 => expenses(1_000),
            Self::VariableRatesPlus2 => ChangeKind::AdjustInterestRates(AdjustInterestRates {
                percentage_points: Rate::new(Decimal::TWO),
                applies_to: DebtScope::Variable,
            }),
            Self::MarketMinus20 => market(-20, 36),
            Self::MarketMinus40 => market(-40, 48),
            Self::Inflation6 => ChangeKind::OverrideInflation(OverrideInflation { rate: Rate::percent(6), duration_months: Some(24) }),
        }
    }

    /// Its change in a plan: from the first day on, behind all others of that day. None where its title were no name.
    #[must_use]
    pub fn changes(self, plan: &Plan) -> Vec<PlannedChange> {
        let last = plan.changes.iter().map(|planned| planned.change.order).max();
        let change = Name::parse(self.title()).ok().map(|name| ScenarioChange {
            name,
            effective_date: plan.start.first_day(),
            end_date: None,
            enabled: true,
            order: last.map_or(0, |last| last.saturating_add(1).min(MOST_ORDER)),
            notes: None,
            source: None,
            kind: self.shock(),
        });
        // The id follows from the word: it tells the test's change from those of the plan, and is the same in every run.
        let id = ChangeId(Uuid::new_v5(&Uuid::NAMESPACE_OID, self.as_str().as_bytes()));
        change.into_iter().map(|change| PlannedChange { id, change }).collect()
    }
}
