//! Decisions: templates as a wizard, whose answers are kept until somebody goes through with it.

use serde::{Deserialize, Serialize};

use super::{Given, Template};
use crate::calendar::Date;
use crate::ids::ScenarioId;
use crate::text::Name;
use crate::vocabulary::words;

macro_rules! decisions {
    ($( $(#[doc = $doc:literal])+ $name:ident = $id:literal, $title:literal => $template:ident; )+) => {
        words! {
            /// What can be decided, by its stable id.
            pub enum DecisionTemplate { $( $(#[doc = $doc])+ $name => $id ),+ }
        }

        impl DecisionTemplate {
            /// For people.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $( Self::$name => $title ),+ }
            }

            /// What it is about, as a sentence.
            #[must_use]
            pub const fn description(self) -> &'static str {
                match self { $( Self::$name => concat!($($doc),+).trim_ascii() ),+ }
            }

            /// The template that it fills in.
            #[must_use]
            pub const fn template(self) -> Template {
                match self { $( Self::$name => Template::$template ),+ }
            }
        }
    };
}

decisions! {
    /// More pay for the same work.
    IncreaseIncome = "increase_income", "Increase income" => Raise;
    /// Another expense begins.
    AddExpense = "add_expense", "Add an expense" => AddExpense;
    /// Something is bought once.
    OneTimeExpense = "one_time_expense", "One-time expense" => LargePurchase;
    /// More is paid on a debt every month, until it is gone.
    PayOffDebt = "pay_off_debt", "Pay off a debt" => AccelerateDebt;
    /// A loan is replaced by one of other terms.
    Refinance = "refinance", "Refinance" => Refinance;
    /// Something is borrowed.
    NewDebt = "new_debt", "New debt" => TakeLoan;
    /// Another part of the pay goes into the 401(k).
    Change401k = "change_401k", "Change the 401(k) rate" => Raise401kRate;
    /// Another part of the pay goes into the health savings account.
    ChangeHsa = "change_hsa", "Change the HSA contribution" => Hsa;
    /// Taxes are paid ahead each quarter.
    QuarterlyEstimates = "quarterly_estimates", "Quarterly estimated taxes" => QuarterlyEstimates;
    /// The same amount is put aside every month, until there is enough.
    StartSaving = "start_saving", "Start saving" => SavingsGoal;
}

/// A decision that somebody thinks about, or has made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What is decided.
    pub template_id: DecisionTemplate,
    /// What it is called.
    pub name: Option<Name>,
    /// What has been answered.
    pub answers: Given,
    /// From which day on; see `household::usual_day` where it is not said.
    pub effective_date: Option<Date>,
    /// The scenario that it changes; the baseline where it is not said.
    pub base_scenario_id: Option<ScenarioId>,
    /// What became of it; none of a draft.
    pub made: Option<Made>,
}

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Made {
    /// The scenario in which it holds.
    pub scenario_id: ScenarioId,
    /// The day.
    pub completed_on: Date,
}

impl Decision {
    /// Its name, or what is decided.
    #[must_use]
    pub fn title(&self) -> &str {
        self.name.as_ref().map_or(self.template_id.title(), Name::as_str)
    }
}
