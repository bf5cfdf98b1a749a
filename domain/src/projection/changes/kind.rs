//! Every type of change, once: its name, what it is about, when it holds, and its parameters with their types and rules.
//!
//! **A new type of change** is an entry in this table and an `impl` of [`super::effect::Effect`] in the file of its family (what it
//! does, and how it is said), which the compiler asks for, and its test. Reading, checking, storing, describing (OpenAPI), looking up
//! what it refers to, inheritance and merging follow from the entry.

use serde::{Deserialize, Serialize};

use super::declare::{changes, note, read_one, unknown, value_of};
use super::effect::Effect;
use super::parameter::{
    DebtAccount, Number, OneMember, OwnedAccount, Parameter, ParameterError, Parameters, Reference, TargetAccount, WageIncome, rules,
};
use super::words::{AdjustMode, CostsPaid, DebtScope, DeductionWord, Employment, GainTax, InvestmentScope, TaxTreatment};
use crate::calendar::Frequency;
use crate::ids::AccountId;
use crate::money::Money;
use crate::rate::Rate;
use crate::vocabulary::{AccountType, ExpenseCategory, IncomeCategory};

#[cfg(feature = "openapi")]
use super::parameter::NamedSchemas;
#[cfg(feature = "openapi")]
use utoipa::openapi::{RefOr, Schema};

/// When a change holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timing {
    /// It happens on its day, and is done.
    Once,
    /// From its day to its end; then everything is as if it had never been. Several of them add up.
    Standing,
    /// The same, but the latest one of its kind and object counts; a child's takes the place of its parent's.
    Set,
}

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// Nothing that is there already.
    Nothing,
    /// A source of income.
    Income,
    /// A source of income, or a flow that comes in.
    IncomeOrFlow,
    /// A flow that goes out.
    ExpenseFlow,
    /// Something owned.
    Asset,
    /// Something owed.
    Debt,
}

/// A parameter of a change type, for whoever describes, asks for or varies it.
#[derive(Clone, Copy)]
pub struct ParameterSpec {
    /// As it is written.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// What number it is that can be searched over; none where it is none.
    pub number: Option<Number>,
    /// Its form in the OpenAPI document; what that refers to by name is added to the list.
    #[cfg(feature = "openapi")]
    pub schema: fn(&mut NamedSchemas) -> RefOr<Schema>,
}

changes! {
    /// An income that begins.
    AddIncome = "add_income", Standing, of Nothing {
        /// Each time it is paid, before taxes.
        amount: Money where positive,
        /// How often.
        frequency: Frequency,
        /// What it counts as.
        category: IncomeCategory,
        /// How it is taxed.
        tax_treatment: TaxTreatment,
        /// Who earns it; the first member where left out.
        member_id: Option<OneMember>,
    }
    /// An income that becomes another; what is left out stays.
    ModifyIncome = "modify_income", Standing, of IncomeOrFlow {
        /// Each time of the frequency. Without a frequency as the source has it: a year of an income, each time of a flow.
        amount: Option<Money> where not_negative,
        /// How often.
        frequency: Option<Frequency>,
        /// What it counts as.
        category: Option<IncomeCategory>,
        /// How it is taxed.
        tax_treatment: Option<TaxTreatment>,
    }
    /// An income that stops.
    RemoveIncome = "remove_income", Standing, of IncomeOrFlow {}
    /// Spending that begins.
    AddExpense = "add_expense", Standing, of Nothing {
        /// Each time.
        amount: Money where positive,
        /// How often.
        frequency: Frequency,
        /// What it counts as.
        category: ExpenseCategory,
    }
    /// Spending that becomes another; what is left out stays.
    ModifyExpense = "modify_expense", Standing, of ExpenseFlow {
        /// Each time.
        amount: Option<Money> where not_negative,
        /// How often.
        frequency: Option<Frequency>,
        /// What it counts as.
        category: Option<ExpenseCategory>,
    }
    /// Spending that stops.
    RemoveExpense = "remove_expense", Standing, of ExpenseFlow {}
    /// Something is acquired.
    AddAsset = "add_asset", Once, of Nothing {
        /// What it is worth.
        value: Money where positive,
        /// What it is.
        account_type: AccountType,
        /// What pays for it; a gift where left out.
        funded_from_account_id: Option<OwnedAccount>,
    }
    /// Something is worth more or less.
    ModifyAsset = "modify_asset", Once, of Asset {
        /// What it is worth from then on.
        value: Money where not_negative,
    }
    /// Something is sold; the proceeds arrive in the main cash account.
    SellAsset = "sell_asset", Once, of Asset {
        /// What it sells for; what it is worth where left out.
        sale_price: Option<Money> where not_negative,
        /// What the sale costs; lowers the gain.
        selling_costs: Option<Money> where not_negative,
        /// The debt that is paid off from the proceeds.
        pay_off_account_id: Option<DebtAccount>,
        /// What the law makes of the gain; what it makes of such a thing where left out.
        gain_tax: Option<GainTax>,
    }
    /// Something is borrowed.
    AddDebt = "add_debt", Once, of Nothing {
        /// How much.
        principal: Money where positive,
        /// Interest a year.
        rate: Rate where part,
        /// Months to the end.
        term_months: u16 where months,
        /// What is paid a month; the payment that repays it in its term where left out.
        payment: Option<Money> where positive,
        /// What it is.
        account_type: AccountType,
        /// Where the money arrives; spent on something that is no account where left out.
        proceeds_to_account_id: Option<OwnedAccount>,
    }
    /// A debt gets other terms; what is left out stays.
    ModifyDebt = "modify_debt", Once, of Debt {
        /// What is owed from then on.
        principal: Option<Money> where not_negative,
        /// Interest a year.
        rate: Option<Rate> where part,
        /// Months to the end, in equal payments.
        term_months: Option<u16> where months,
        /// What is paid a month; goes before the payment that follows from the months.
        payment: Option<Money> where positive,
    }
    /// More is paid on a debt every month, until it is gone.
    PayoffDebt = "payoff_debt", Standing, of Debt {
        /// On top of the regular payment.
        extra_monthly: Money where positive,
    }
    /// A debt is replaced by one of other terms.
    Refinance = "refinance", Once, of Debt {
        /// Interest a year.
        rate: Rate where part,
        /// Months to the end, in equal payments.
        term_months: u16 where months,
        /// What the new loan costs.
        closing_costs: Option<Money> where not_negative,
        /// How that is paid; added to the loan where left out.
        closing_costs_paid: Option<CostsPaid>,
        /// Borrowed on top, into the main cash account.
        cash_out: Option<Money> where not_negative,
    }
    /// Money comes in once.
    LumpSumIncome = "lump_sum_income", Once, of Nothing {
        /// Before taxes.
        amount: Money where positive,
        /// How it is taxed.
        tax_treatment: TaxTreatment,
    }
    /// Money goes out once.
    LumpSumExpense = "lump_sum_expense", Once, of Nothing {
        /// How much; on a debt, of what is owed at most.
        amount: Money where positive,
        /// What it counts as.
        category: ExpenseCategory,
        /// The debt that it pays down.
        pay_down_account_id: Option<DebtAccount>,
    }
    /// Contributions to a 401(k) become this part of pay.
    Modify401k = "modify_401k", Set, of Nothing {
        /// Of gross pay.
        percentage: Rate where part,
        /// Which job; every one where left out.
        income_id: Option<WageIncome>,
    }
    /// Contributions to a health savings account become this part of pay.
    ModifyHsa = "modify_hsa", Set, of Nothing {
        /// Of gross pay.
        percentage: Rate where part,
        /// Which job; every one where left out.
        income_id: Option<WageIncome>,
    }
    /// All spending rises or falls.
    AdjustTotalExpenses = "adjust_total_expenses", Standing, of Nothing {
        /// By this much a month, or by this fraction.
        amount: rust_decimal::Decimal,
        /// Which of the two.
        mode: AdjustMode,
    }
    /// All income rises or falls.
    AdjustTotalIncome = "adjust_total_income", Standing, of Nothing {
        /// By this much a month, or by this fraction.
        amount: rust_decimal::Decimal,
        /// Which of the two.
        mode: AdjustMode,
    }
    /// What is put aside every month becomes this.
    SetSavingsTransfer = "set_savings_transfer", Set, of Nothing {
        /// A month.
        amount: Money where not_negative,
        /// Where it goes.
        target_account_id: TargetAccount,
    }
    /// What is withheld beyond the tax becomes this.
    ModifyWithholding = "modify_withholding", Set, of Nothing {
        /// A month.
        extra_monthly: Money where not_negative,
        /// From which job; from the first one where left out.
        income_id: Option<WageIncome>,
    }
    /// A deduction from pay becomes this.
    ModifyDeductions = "modify_deductions", Set, of Nothing {
        /// What for.
        deduction_type: DeductionWord,
        /// A month.
        amount: Money where not_negative,
        /// From which job; from the first one where left out.
        income_id: Option<WageIncome>,
    }
    /// A job becomes one's own business, or the other way round.
    SwitchEmploymentType = "switch_employment_type", Standing, of Income {
        /// As what one works from then on.
        to: Employment,
    }
    /// Estimated taxes become this.
    SetQuarterlyEstimates = "set_quarterly_estimates", Set, of Nothing {
        /// Four times a year.
        quarterly_amount: Money where not_negative,
    }
    /// The world behaves otherwise; what is left out stays.
    OverrideAssumptions = "override_assumptions", Set, of Nothing {
        /// A year.
        inflation_rate: Option<Rate> where growth,
        /// A year.
        investment_return_rate: Option<Rate> where growth,
        /// A year.
        salary_growth_rate: Option<Rate> where growth,
    }
    /// Prices rise otherwise.
    OverrideInflation = "override_inflation", Set, of Nothing {
        /// A year.
        rate: Rate where growth,
        /// For so long; to the end where left out.
        duration_months: Option<u16> where months,
    }
    /// Investments return otherwise.
    OverrideInvestmentReturn = "override_investment_return", Set, of Nothing {
        /// A year.
        rate: Rate where growth,
        /// For so long; to the end where left out.
        duration_months: Option<u16> where months,
    }
    /// Salaries grow otherwise.
    OverrideSalaryGrowth = "override_salary_growth", Set, of Nothing {
        /// A year.
        rate: Rate where growth,
        /// For so long; to the end where left out.
        duration_months: Option<u16> where months,
    }
    /// Interest rates of debts rise or fall.
    AdjustInterestRates = "adjust_interest_rates", Standing, of Nothing {
        /// By so many percentage points: 2 makes 7 % of 5 %.
        percentage_points: Rate where points,
        /// Of which debts.
        applies_to: DebtScope,
    }
    /// Investments lose or gain at once.
    AdjustInvestmentValue = "adjust_investment_value", Once, of Nothing {
        /// Of their value: -0.2 for a fifth less.
        fraction: Rate where growth,
        /// Which ones: every investment and retirement account, or those of a type, property included.
        applies_to: InvestmentScope,
        /// In so many months prices are back where they were, in equal steps; never where left out.
        recovery_months: Option<u16> where months,
    }
}
