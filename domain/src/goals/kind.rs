//! The kinds of goals, each with the parameters that it needs and no others.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::calendar::Date;
use crate::ids::MemberId;
use crate::money::Money;
use crate::rate::Rate;
use crate::text::{Name, Notes};
use crate::vocabulary::words;

words! {
    /// What kind of thing is wanted.
    pub enum GoalType {
        /// Liquid assets last for so many months of expenses.
        EmergencyFundMonths => "emergency_fund_months",
        /// What is left after other expenses covers debt payments so many times.
        MinDscr => "min_dscr",
        /// So much of the income is left.
        MinSavingsRate => "min_savings_rate",
        /// So much net worth.
        NetWorthTarget => "net_worth_target",
        /// So much net worth by a day.
        NetWorthTargetByDate => "net_worth_target_by_date",
        /// Somebody can live on what is saved from an age on.
        RetirementAge => "retirement_age",
        /// Nothing is owed any more by a day.
        DebtFreeDate => "debt_free_date",
        /// A figure is at least, or at most, so much.
        Custom => "custom",
    }
}

words! {
    /// A figure that a household has today and in every month of a plan.
    pub enum GoalMetric {
        /// Assets less liabilities, at market value.
        NetWorth => "net_worth",
        /// Everything owned, at market value.
        TotalAssets => "total_assets",
        /// Everything owed.
        TotalLiabilities => "total_liabilities",
        /// Cash and investments.
        LiquidAssets => "liquid_assets",
        /// Income less taxes, expenses and debt payments, a month.
        MonthlySurplus => "monthly_surplus",
        /// Debt service coverage.
        Dscr => "dscr",
        /// Liquid assets / expenses.
        LiquidityMonths => "liquidity_months",
        /// The same in days.
        DaysCashOnHand => "days_cash_on_hand",
        /// Surplus / income.
        SavingsRate => "savings_rate",
        /// Liabilities / assets, at market value.
        DebtToAsset => "debt_to_asset",
    }
}

words! {
    /// On which side of its target a figure is wanted.
    pub enum Comparison {
        /// Not below it.
        AtLeast => "at_least",
        /// Not above it.
        AtMost => "at_most",
    }
}

/// What a household wants to reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goal {
    /// What it is called.
    pub name: Name,
    /// What is wanted.
    #[serde(flatten)]
    pub kind: GoalKind,
    /// The one that matters most; of the active ones, one at most.
    pub is_primary: bool,
    /// An inactive goal is kept and not measured.
    pub active: bool,
    /// What somebody wanted to remember.
    pub notes: Option<Notes>,
}

/// What is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "goal_type", content = "parameters", rename_all = "snake_case")]
pub enum GoalKind {
    /// Liquid assets last for so many months of expenses.
    EmergencyFundMonths {
        /// More than 0.
        months: Decimal,
    },
    /// What is left after other expenses covers debt payments so many times.
    MinDscr {
        /// More than 0.
        ratio: Decimal,
    },
    /// So much of the income is left.
    MinSavingsRate {
        /// More than 0, at most 1.
        rate: Rate,
    },
    /// So much net worth.
    NetWorthTarget {
        /// More than 0.
        amount: Money,
    },
    /// So much net worth by a day.
    NetWorthTargetByDate {
        /// More than 0.
        amount: Money,
        /// The day.
        by: Date,
    },
    /// Somebody can live on what is saved from an age on.
    RetirementAge {
        /// Who.
        member_id: MemberId,
        /// In years.
        age: u32,
    },
    /// Nothing is owed any more by a day.
    DebtFreeDate {
        /// The day.
        by: Date,
    },
    /// A figure is at least, or at most, so much.
    Custom {
        /// Which figure.
        metric: GoalMetric,
        /// On which side.
        comparison: Comparison,
        /// Of what.
        target: Decimal,
    },
}

/// The parameters of a goal of any kind, as they are told and listed: those that its kind has not are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GoalTerms {
    /// Months, a ratio, a fraction, an amount, an age: as the kind says.
    pub target: Option<Decimal>,
    /// By when.
    pub target_date: Option<Date>,
    /// Who retires.
    pub member_id: Option<MemberId>,
    /// Which figure.
    pub metric: Option<GoalMetric>,
    /// On which side of the target.
    pub comparison: Option<Comparison>,
}

impl GoalKind {
    /// What kind it is.
    #[must_use]
    pub const fn goal_type(&self) -> GoalType {
        match self {
            Self::EmergencyFundMonths { .. } => GoalType::EmergencyFundMonths,
            Self::MinDscr { .. } => GoalType::MinDscr,
            Self::MinSavingsRate { .. } => GoalType::MinSavingsRate,
            Self::NetWorthTarget { .. } => GoalType::NetWorthTarget,
            Self::NetWorthTargetByDate { .. } => GoalType::NetWorthTargetByDate,
            Self::RetirementAge { .. } => GoalType::RetirementAge,
            Self::DebtFreeDate { .. } => GoalType::DebtFreeDate,
            Self::Custom { .. } => GoalType::Custom,
        }
    }

    /// Its parameters.
    #[must_use]
    pub fn terms(&self) -> GoalTerms {
        let target = |target: Decimal| GoalTerms { target: Some(target), ..GoalTerms::default() };
        match *self {
            Self::EmergencyFundMonths { months } => target(months),
            Self::MinDscr { ratio } => target(ratio),
            Self::MinSavingsRate { rate } => target(rate.fraction()),
            Self::NetWorthTarget { amount } => target(amount.to_decimal()),
            Self::NetWorthTargetByDate { amount, by } => GoalTerms { target_date: Some(by), ..target(amount.to_decimal()) },
            Self::RetirementAge { member_id, age } => GoalTerms { member_id: Some(member_id), ..target(Decimal::from(age)) },
            Self::DebtFreeDate { by } => GoalTerms { target_date: Some(by), ..GoalTerms::default() },
            Self::Custom { metric, comparison, target: wanted } => {
                GoalTerms { metric: Some(metric), comparison: Some(comparison), ..target(wanted) }
            }
        }
    }

    /// Whose retirement it is about, if it is about one.
    #[must_use]
    pub const fn member(&self) -> Option<MemberId> {
        if let Self::RetirementAge { member_id, .. } = self { Some(*member_id) } else { None }
    }
}
