//! Step 6: debts. Interest accrues on the balance, then the payment, then extra payments; the last payment is what remains.
//!
//! The arithmetic is that of [`crate::loans`]. A payment counts as debt service in the row's expenses, split into interest and
//! principal where the categories know the difference (mortgages); net worth only knows the interest. A payment below the interest
//! grows the balance and is flagged; so is a debt in forbearance. Unlike a loan's schedule, a fixed payment has no balloon: what a
//! household enters as its payment is often rounded, and goes on until the debt is gone.

use rust_decimal::Decimal;

use crate::fixed::Fraction;
use crate::loans::{self, Due};
use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::ledger::{Cause, Outside, Purpose, Slot};
use crate::projection::plan::{DebtTerms, PaymentRule, PlanAccount};
use crate::projection::state::State;
use crate::rate::Rate;
use crate::vocabulary::{AccountType, ExpenseCategory};

/// A debt and its terms.
#[derive(Clone, Debug)]
pub(super) struct DebtState {
    /// Where it is owed.
    pub slot: Slot,
    /// Property tax and insurance a month; spending.
    pub escrow: Money,
    /// Whether its rate follows the market's.
    pub is_variable: bool,
    /// What it is.
    pub account_type: AccountType,
    /// Interest a year as the contract has it, and what a change adds, in percentage points.
    contract_rate: Rate,
    points: Rate,
    floor: Option<Rate>,
    ceiling: Option<Rate>,
    /// Interest a year, within floor and ceiling.
    rate: Rate,
    monthly_interest: Fraction,
    rule: PaymentRule,
    /// The equal payment, once it has been fixed.
    amortised: Option<Money>,
    interest_only_left: u16,
    in_forbearance: bool,
    interest_category: ExpenseCategory,
    principal_category: ExpenseCategory,
}

/// A month of a debt: what its lender charges and asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Charge {
    /// The month's interest.
    pub interest: Money,
    /// The rule of the month.
    pub due: Due,
    /// The regular payment that follows, never more than is owed.
    pub payment: Money,
}

/// A payment that a flow offers beyond the regular one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extra {
    /// Who pays.
    pub from: Slot,
    /// On what.
    pub debt: Slot,
    /// How much, if so much is owed.
    pub offered: Money,
}

impl DebtState {
    /// A liability of the plan. Without terms it bears no interest and stays as it is.
    pub fn new(account: &PlanAccount, slot: Slot) -> Self {
        let without = DebtTerms::default();
        let terms = account.debt.as_ref().unwrap_or(&without);
        let (interest_category, principal_category) = categories(account.account_type);
        let mut debt = Self {
            slot,
            escrow: terms.escrow,
            is_variable: terms.is_variable,
            account_type: account.account_type,
            contract_rate: terms.rate,
            points: Rate::ZERO,
            floor: terms.floor,
            ceiling: terms.ceiling,
            rate: terms.rate,
            monthly_interest: Fraction::ZERO,
            rule: terms.payment,
            amortised: None,
            interest_only_left: terms.interest_only_months,
            in_forbearance: terms.in_forbearance,
            interest_category,
            principal_category,
        };
        debt.refresh_rate();
        debt
    }

    /// The rate in force: the contract's and what a change adds, within floor and ceiling and never below nothing. Equal payments are
    /// fixed anew where it is another one.
    fn refresh_rate(&mut self) {
        let points = self.points.fraction().checked_div(Decimal::ONE_HUNDRED).unwrap_or_default();
        let rate = Rate::new(self.contract_rate.fraction().checked_add(points).unwrap_or_default()).max(Rate::ZERO);
        let rate = self.floor.map_or(rate, |floor| rate.max(floor));
        let rate = self.ceiling.map_or(rate, |ceiling| rate.min(ceiling));
        if rate != self.rate {
            self.amortised = None;
        }
        self.rate = rate;
        self.monthly_interest = Fraction::monthly_interest(rate);
    }

    /// So many percentage points are added to the contract's rate from now on.
    pub fn set_points(&mut self, points: Rate) {
        if points != self.points {
            self.points = points;
            self.refresh_rate();
        }
    }

    /// The contract has this rate from now on, whatever the market does where it is `fixed`.
    pub fn set_rate(&mut self, rate: Rate, fixed: bool) {
        self.contract_rate = rate;
        if fixed {
            (self.is_variable, self.floor, self.ceiling) = (false, None, None);
        }
        self.refresh_rate();
    }

    /// This is paid from now on, beginning this month.
    pub const fn set_payment(&mut self, rule: PaymentRule) {
        self.rule = rule;
        self.amortised = None;
        self.interest_only_left = 0;
        self.in_forbearance = false;
    }

    /// Another amount is owed: equal payments are fixed anew.
    pub const fn owes_another_amount(&mut self) {
        self.amortised = None;
    }

    /// Interest a year, within floor and ceiling.
    pub const fn annual_rate(&self) -> Rate {
        self.rate
    }

    /// This month's interest and regular payment on what is owed; counts the term down. `None` where the interest does not fit.
    pub fn charge(&mut self, owed: Money) -> Option<Charge> {
        let interest = loans::interest(owed, self.monthly_interest)?;
        let due = self.due(owed);
        Some(Charge { interest, due, payment: due.payment(owed, interest) })
    }

    /// What the lender asks for this month; counts the term down.
    fn due(&mut self, owed: Money) -> Due {
        if self.in_forbearance {
            return Due::Nothing;
        }
        let interest_only = self.interest_only_left > 0;
        self.interest_only_left = self.interest_only_left.saturating_sub(1);
        match &mut self.rule {
            PaymentRule::None => Due::Nothing,
            PaymentRule::RevolvingMinimum | PaymentRule::Fixed(_) if interest_only => Due::Interest,
            PaymentRule::RevolvingMinimum => Due::RevolvingMinimum,
            PaymentRule::Fixed(payment) => Due::Amount(*payment),
            PaymentRule::Amortised { remaining_months } => {
                let left = *remaining_months;
                *remaining_months = left.saturating_sub(1);
                match (left, interest_only) {
                    (0 | 1, _) => Due::Everything,
                    (_, true) => Due::Interest,
                    (_, false) => {
                        let rate = self.rate;
                        Due::Amount(*self.amortised.get_or_insert_with(|| loans::amortised_payment(owed, rate, left)))
                    }
                }
            }
        }
    }
}

/// The categories of the interest and of the principal in a payment on a debt of this type.
const fn categories(account_type: AccountType) -> (ExpenseCategory, ExpenseCategory) {
    let both = match account_type {
        AccountType::PrimaryMortgage | AccountType::SecondMortgage => {
            return (ExpenseCategory::MortgageInterest, ExpenseCategory::MortgagePrincipal);
        }
        AccountType::RentalMortgage => ExpenseCategory::RentalMortgage,
        AccountType::AutoLoan => ExpenseCategory::AutoLoan,
        AccountType::CreditCard | AccountType::StoreCard => ExpenseCategory::CreditCardPayment,
        AccountType::Heloc => ExpenseCategory::HelocPayment,
        AccountType::PersonalLoan | AccountType::PersonalLoc => ExpenseCategory::PersonalLoan,
        AccountType::StudentLoanFederal | AccountType::StudentLoanPrivate => ExpenseCategory::StudentLoan,
        AccountType::BusinessLoc
        | AccountType::BoatLoan
        | AccountType::MedicalDebt
        | AccountType::TaxDebt
        | AccountType::FamilyLoan
        | AccountType::OtherLiability
        | AccountType::Checking
        | AccountType::Savings
        | AccountType::MoneyMarket
        | AccountType::Cd
        | AccountType::Cash
        | AccountType::Brokerage
        | AccountType::Crypto
        | AccountType::Traditional401k
        | AccountType::Roth401k
        | AccountType::TraditionalIra
        | AccountType::RothIra
        | AccountType::SepIra
        | AccountType::SimpleIra
        | AccountType::Tsp
        | AccountType::Pension
        | AccountType::Annuity
        | AccountType::Hsa
        | AccountType::PrimaryResidence
        | AccountType::RentalProperty
        | AccountType::VacationProperty
        | AccountType::Land
        | AccountType::CommercialProperty
        | AccountType::Vehicle
        | AccountType::Boat
        | AccountType::Jewelry
        | AccountType::OtherAsset
        | AccountType::BusinessEquity
        | AccountType::AccountsReceivable
        | AccountType::LoansReceivable
        | AccountType::TaxRefund
        | AccountType::PayrollClearing => ExpenseCategory::OtherDebt,
    };
    (both, both)
}

/// The category of a payment of principal, for whoever pays on a debt outside this step.
pub(super) const fn principal_category(account_type: AccountType) -> ExpenseCategory {
    categories(account_type).1
}

/// Books interest, regular payments and extra payments of every debt, and the interest of the overdraft.
pub(super) fn book(state: &mut State<'_>, books: &mut Books<'_>) {
    let lenders = Slot::Outside(Outside::Lenders);
    for debt in &mut state.debts {
        let owed = -books.balance(debt.slot);
        let Some(Charge { interest, payment, .. }) = debt.charge(owed) else { return books.ledger.break_off() };
        books.because(Cause::of(debt.slot));
        books.post(debt.slot, lenders, interest, Purpose::Interest);
        let interest_part = payment.min(interest);
        books.post(state.main_cash, debt.slot, interest_part, Purpose::DebtService(debt.interest_category));
        books.post(state.main_cash, debt.slot, payment - interest_part, Purpose::DebtService(debt.principal_category));
        for extra in state.extras.iter().filter(|extra| extra.debt == debt.slot) {
            let amount = extra.offered.min((-books.balance(debt.slot)).at_least_zero());
            books.post(extra.from, debt.slot, amount, Purpose::ExtraPayment(debt.principal_category));
        }
        if interest.is_positive() && -books.balance(debt.slot) > owed {
            state.negative_amortisation = true;
        }
        if !debt.in_forbearance {
            let merchants = Slot::Outside(Outside::Merchants);
            books.post(state.main_cash, merchants, debt.escrow, Purpose::Spending(ExpenseCategory::PropertyTax));
        }
    }
    state.extras.clear();
    let overdrawn = -books.balance(Slot::Overdraft);
    books.because(Cause::Overdraft);
    books.post_computed(Slot::Overdraft, lenders, loans::interest(overdrawn, state.overdraft_interest), Purpose::Interest);
}
