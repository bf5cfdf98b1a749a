//! Each step of a month against figures worked out by hand.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod projection_support;

use domain::calendar::{Frequency, Month, PayFrequency};
use domain::money::Money;
use domain::projection::{
    Assumptions, CalendarMode, DebtTerms, DeductionAmount, DeductionTarget, EmployerMatch, Flag, FlowKind, PaymentRule, Plan, PlanAccount,
    PlanDeduction, PlanError, PlanIncome, ProjectionError, WageEffect, project, project_taxes,
};
use domain::rate::Rate;
use domain::vocabulary::{AccountType, ExpenseCategory, IncomeCategory, IncomeType};
use projection_support::*;

const GROCERIES: FlowKind = FlowKind::Expense(ExpenseCategory::Groceries);

#[test]
fn the_opening_is_what_the_plan_holds_and_a_debt_is_positive() {
    let mut plan = plan("1000.00", 1);
    plan.accounts.push(account(2, AccountType::CreditCard, "300.00"));
    let projection = project(&plan, tables()).unwrap();
    assert_eq!(projection.opening.net_worth, money("700.00"));
    let balances: Vec<_> = projection.opening.balances.iter().collect();
    assert_eq!(balances, [(CHECKING, money("1000.00")), (account_id(2), money("300.00"))]);
    let row = &projection.months[0];
    assert_eq!((row.month_number, row.date, row.total_liabilities), (1, date("2026-01-31"), money("300.00")));
}

#[test]
fn a_salary_is_split_into_months_that_add_up_to_the_year() {
    let mut plan = plan("0.00", 12);
    plan.incomes.push(salary(1, "104000.00", PayFrequency::Biweekly));
    let income = rows(&plan).iter().map(|row| row.total_income).collect::<Vec<_>>();
    assert_eq!(income[..3], ["8666.67", "8666.66", "8666.67"].map(money));
    assert_eq!(income.iter().sum::<Money>(), money("104000.00"));
}

#[test]
fn in_the_exact_calendar_a_biweekly_paycheck_lands_three_times_in_some_months() {
    let mut plan = Plan { calendar: CalendarMode::Exact, ..plan("0.00", 4) };
    plan.incomes.push(PlanIncome { start: Some(date("2026-01-02")), ..salary(1, "104000.00", PayFrequency::Biweekly) });
    assert_eq!(series(&rows(&plan), |row| row.total_income), ["12000.00", "8000.00", "8000.00", "8000.00"]);
}

#[test]
fn a_flow_counts_in_every_month_in_which_it_is_active_on_any_day() {
    let mut plan = plan("1000.00", 5);
    let rent = flow(1, FlowKind::Expense(ExpenseCategory::Rent), "10.00", Frequency::Monthly);
    plan.flows.push(domain::projection::PlanFlow { start: date("2026-02-28"), end: Some(date("2026-04-01")), ..rent });
    assert_eq!(series(&rows(&plan), |row| row.total_expenses), ["0.00", "10.00", "10.00", "10.00", "0.00"]);
}

#[test]
fn salaries_and_what_inflates_rise_twelve_months_after_the_start_and_nothing_else_does() {
    let mut plan = plan("100000.00", 25);
    plan.start = Month::new(2026, 5).unwrap();
    plan.assumptions = Assumptions { inflation: Rate::percent(10), salary_growth: Rate::percent(5), ..still() };
    plan.incomes.push(salary(1, "12000.00", PayFrequency::Monthly));
    let food = flow(1, GROCERIES, "100.00", Frequency::Monthly);
    plan.flows = vec![domain::projection::PlanFlow { inflates: true, ..food }, flow(2, GROCERIES, "7.00", Frequency::Monthly)];
    let rows = rows(&plan);
    let at = |month: usize| (rows[month - 1].total_income.to_string(), rows[month - 1].total_expenses.to_string());
    assert_eq!(at(12), ("1000.00".into(), "107.00".into()));
    assert_eq!(at(13), ("1050.00".into(), "117.00".into()));
    assert_eq!(at(25), ("1102.50".into(), "128.00".into()));
}

/// Single, 96,000 a year in 2026: taxable 79,900 after the standard deduction of 16,100; 1,240.00 + 4,560.00 + 22 % of 29,500 =
/// 12,290.00. Social Security 5,952.00, Medicare 1,392.00. A month: 1,024.17 + 496.00 + 116.00 = 1,636.17.
fn employed(months: u16) -> Plan {
    let mut plan = plan("0.00", months);
    plan.incomes.push(salary(1, "96000.00", PayFrequency::Monthly));
    plan
}

#[test]
fn a_paycheck_is_gross_less_taxes_to_the_cent() {
    let row = &rows(&employed(1))[0];
    let taxes: Vec<_> = row.taxes_by_category.iter().map(|(category, amount)| (category.as_str(), amount.to_string())).collect();
    let expected = [("federal_income_tax", "1024.17"), ("social_security_tax", "496.00"), ("medicare_tax", "116.00")];
    assert_eq!(taxes, expected.map(|(category, amount)| (category, amount.to_owned())));
    assert_eq!((row.total_taxes, row.balances.get(CHECKING)), (money("1636.17"), money("6363.83")));
}

#[test]
fn april_settles_what_withholding_missed_and_settling_can_be_switched_off() {
    // Withheld in 2026: 12 × 1,024.17 = 12,290.04; four cents come back in April 2027, the sixteenth month.
    let taxes = |plan: &Plan| rows(plan).iter().map(|row| row.total_taxes).collect::<Vec<_>>();
    let (settled, unsettled) = (taxes(&employed(17)), taxes(&Plan { settle_taxes: false, ..employed(17) }));
    assert_eq!(settled[15] - unsettled[15], money("-0.04"));
    assert_eq!((settled[14], settled[16]), (unsettled[14], unsettled[16]));
}

#[test]
fn a_second_earner_of_one_return_is_settled_in_april_not_taxed_with_a_standard_deduction_of_their_own() {
    // Two jobs of 96,000 each on one single return: 192,000 − 16,100 = 175,900 taxable; 1,240 + 4,560 + 12,166 + 24 % of 70,200
    // = 34,814.00. Withheld: 2 × 12,290.04 = 24,580.08. Social Security: one earner, one base of 184,500: 11,439.00 of the
    // 11,904.00 withheld comes back as a credit of 465.00.
    let mut plan = employed(16);
    plan.incomes.push(salary(2, "96000.00", PayFrequency::Monthly));
    let rows = rows(&plan);
    assert_eq!(rows[15].total_taxes - rows[14].total_taxes, money("34814.00") - money("24580.08") - money("465.00"));
}

#[test]
fn the_first_part_of_a_year_is_settled_as_its_share_of_a_whole_one() {
    // November and December of a constant year: two twelfths of the whole year's difference of −0.04.
    let plan = Plan { start: Month::new(2026, 11).unwrap(), ..employed(7) };
    let taxes = series(&rows(&plan), |row| row.total_taxes);
    // January 2027 withholds by 2026's tables indexed by no inflation: the same.
    assert_eq!(taxes[..5], ["1636.17"; 5].map(String::from));
    assert_eq!(taxes[5], "1636.16");
    assert_eq!(taxes[6], "1636.17");
}

#[test]
fn the_wage_base_is_a_whole_years_and_a_new_jobs_too() {
    // 300,000 a year is above the base of 184,500: 11,439.00 of Social Security, 953.25 a month, also where the job is entered in
    // the plan's first month, November: the months before it were alike.
    let high = |start| PlanIncome { start, ..salary(1, "300000.00", PayFrequency::Monthly) };
    let social_security = |plan: &Plan| series(&rows(plan), |row| row.taxes_by_category.get(ExpenseCategory::SocialSecurityTax));
    let mut plan = Plan { start: Month::new(2026, 11).unwrap(), ..plan("0.00", 2) };
    plan.incomes = vec![high(Some(date("2026-11-01")))];
    assert_eq!(social_security(&plan), ["953.25"; 2]);
    // Half of 2027 earns 150,000, all of it below the base: 9,300.00 in six months.
    let mut plan = Plan { start: Month::new(2026, 1).unwrap(), months: 19, ..plan };
    plan.incomes = vec![high(Some(date("2027-07-01")))];
    assert_eq!(social_security(&plan)[17..], ["0.00", "1550.00"]);
}

#[test]
fn thresholds_of_years_without_a_file_rise_with_inflation() {
    // 10 % more pay at 10 % more prices is the same paycheck in other money.
    let grow = Assumptions { inflation: Rate::percent(10), salary_growth: Rate::percent(10), ..still() };
    let plan = Plan { assumptions: grow, settle_taxes: false, ..employed(13) };
    let rows_indexed = rows(&plan);
    assert_eq!(rows_indexed[12].total_taxes, money("1799.79")); // 1,126.59 (1,024.17 × 1.1) + 545.60 + 127.60
    let unindexed = rows(&Plan { index_thresholds: false, ..plan });
    // 105,600 − 16,100 = 89,500: 5,800 + 22 % of 39,100 = 14,402.00 a year, 1,200.17 a month.
    assert_eq!(unindexed[12].taxes_by_category.get(ExpenseCategory::FederalIncomeTax), money("1200.17"));
}

#[test]
fn a_state_is_settled_apart_from_the_federal_return() {
    let mut plan = employed(16);
    plan.filer.state = Some(domain::vocabulary::State::California);
    let rows = rows(&plan);
    let april_adds = |category| rows[15].taxes_by_category.get(category) - rows[14].taxes_by_category.get(category);
    let year = project_taxes(&plan, tables()).unwrap().remove(0);
    // California's employers withhold more than its return comes to: without the exemption credit, and at rates a tenth higher.
    let refund = year.paid.state_income_tax - year.estimate.state_income_tax;
    assert_eq!(year.paid.state_income_tax, rows[..12].iter().map(|row| row.taxes_by_category.get(ExpenseCategory::StateIncomeTax)).sum());
    assert!(refund > money("100.00"), "{refund}");
    assert_eq!(april_adds(ExpenseCategory::StateIncomeTax), -refund);
    assert_eq!(april_adds(ExpenseCategory::FederalIncomeTax), money("-0.04"));
}

#[test]
fn deductions_lower_the_wages_that_they_should_and_arrive_where_they_are_sent() {
    let mut plan = employed(1);
    plan.accounts.push(account(2, AccountType::Traditional401k, "0.00"));
    plan.accounts.push(account(3, AccountType::Hsa, "0.00"));
    let matching = EmployerMatch { rate: rate("0.5"), cap_fraction: Some(rate("0.06")), annual_cap: None };
    let ten_percent = DeductionAmount::Percent(rate("0.10"));
    plan.incomes[0].deductions = vec![
        PlanDeduction {
            employer_match: Some(matching),
            ..deduction(1, ten_percent, WageEffect::IncomeTax, DeductionTarget::Account(account_id(2)))
        },
        deduction(2, DeductionAmount::Fixed(money("100.00")), WageEffect::PayrollHsa, DeductionTarget::Account(account_id(3))),
        deduction(
            3,
            DeductionAmount::Fixed(money("200.00")),
            WageEffect::Cafeteria,
            DeductionTarget::Spent(ExpenseCategory::HealthInsurance),
        ),
    ];
    let row = &rows(&plan)[0];
    // 800.00 of the employee, half of the first 6 % (480.00) of the employer.
    assert_eq!(row.balances.get(account_id(2)), money("1040.00"));
    assert_eq!(row.balances.get(account_id(3)), money("100.00"));
    assert_eq!(row.total_income, money("8240.00"));
    assert_eq!(row.expense_by_category.get(ExpenseCategory::HealthInsurance), money("200.00"));
    // FICA on 7,700.00: 477.40 and 111.65. Income tax on 82,800 a year: 66,700 taxable, 5,800 + 22 % of 16,300 = 9,386.00.
    let tax = |category| row.taxes_by_category.get(category);
    assert_eq!(tax(ExpenseCategory::SocialSecurityTax), money("477.40"));
    assert_eq!(tax(ExpenseCategory::MedicareTax), money("111.65"));
    assert_eq!(tax(ExpenseCategory::FederalIncomeTax), money("782.17"));
    assert_eq!(row.balances.get(CHECKING), money("8000.00") - money("1100.00") - money("1371.22"));
}

#[test]
fn a_contribution_stops_at_its_limit_and_starts_again_in_january() {
    let mut plan = employed(13);
    plan.accounts.push(account(2, AccountType::Roth401k, "0.00"));
    let to = DeductionTarget::Account(account_id(2));
    let contribution = deduction(1, DeductionAmount::Fixed(money("2000.00")), WageEffect::None, to);
    plan.incomes[0].deductions.push(PlanDeduction { annual_cap: Some(money("4500.00")), ..contribution });
    let rows = rows(&plan);
    let balances: Vec<_> = rows.iter().map(|row| row.balances.get(account_id(2)).to_string()).collect();
    assert_eq!((&*balances[1], &*balances[2], &*balances[11], &*balances[12]), ("4000.00", "4500.00", "4500.00", "6500.00"));
    let limited: Vec<bool> = rows.iter().map(|row| row.flags.contains(&Flag::LimitReached)).collect();
    assert_eq!((limited[1], limited[2], limited[11], limited[12]), (false, true, true, false));
}

#[test]
fn months_before_the_plan_count_towards_the_limit_of_its_year() {
    let mut plan = Plan { start: Month::new(2026, 11).unwrap(), ..employed(3) };
    plan.accounts.push(account(2, AccountType::Roth401k, "0.00"));
    let to = DeductionTarget::Account(account_id(2));
    let contribution = deduction(1, DeductionAmount::Fixed(money("2000.00")), WageEffect::None, to);
    plan.incomes[0].deductions.push(PlanDeduction { annual_cap: Some(money("21000.00")), ..contribution });
    let balances: Vec<_> = rows(&plan).iter().map(|row| row.balances.get(account_id(2)).to_string()).collect();
    // Ten months used ten twelfths of 21,000; 3,500 are left for two.
    assert_eq!(balances, ["2000.00", "3500.00", "5500.00"]);
}

#[test]
fn the_self_employed_pay_nine_tenths_ahead_and_the_rest_in_april() {
    let mut plan = plan("0.00", 16);
    let business = domain::projection::SelfEmployment { annual_expenses: money("20000.00"), quarterly_estimates: None };
    plan.incomes.push(PlanIncome {
        income_type: IncomeType::SelfEmployed,
        category: IncomeCategory::SelfEmployment,
        self_employment: Some(business),
        ..salary(1, "120000.00", PayFrequency::Monthly)
    });
    let unsettled = rows(&Plan { settle_taxes: false, ..plan.clone() });
    let ahead: Money = unsettled[..12].iter().map(|row| row.total_taxes).sum();
    let rest = rows(&plan)[15].total_taxes - unsettled[15].total_taxes;
    assert!((rest.scaled(9, 1) - ahead).abs() < money("0.10"), "{ahead} ahead, {rest} in April");
    // Schedule SE on 100,000: 92,350 × 15.3 % = 14,129.55; it alone is more than a tenth of the profit.
    assert!(ahead + rest > money("14129.55"));
}

#[test]
fn entered_estimates_fall_due_in_april_june_september_and_january() {
    let mut plan = Plan { calendar: CalendarMode::Exact, settle_taxes: false, ..plan("0.00", 13) };
    let quarters = ["100.00", "200.00", "300.00", "400.00"].map(money);
    let business = domain::projection::SelfEmployment { annual_expenses: Money::ZERO, quarterly_estimates: Some(quarters) };
    plan.incomes.push(PlanIncome {
        income_type: IncomeType::SelfEmployed,
        category: IncomeCategory::Freelance,
        self_employment: Some(business),
        ..salary(1, "24000.00", PayFrequency::Monthly)
    });
    let paid = series(&rows(&plan), |row| row.total_taxes);
    let expected = ["400.00", "0.00", "0.00", "100.00", "0.00", "200.00", "0.00", "0.00", "300.00", "0.00", "0.00", "0.00", "400.00"];
    assert_eq!(paid, expected);
}

#[test]
fn a_business_that_is_closed_pays_no_more_estimates_but_the_last_quarter() {
    let mut plan = Plan { calendar: CalendarMode::Exact, settle_taxes: false, ..plan("0.00", 16) };
    let quarters = [money("100.00"); 4];
    let business = domain::projection::SelfEmployment { annual_expenses: Money::ZERO, quarterly_estimates: Some(quarters) };
    plan.incomes.push(PlanIncome {
        income_type: IncomeType::SelfEmployed,
        self_employment: Some(business),
        start: Some(date("2026-05-01")),
        end: Some(date("2026-12-31")),
        ..salary(1, "24000.00", PayFrequency::Monthly)
    });
    let paid: Vec<u16> = rows(&plan).iter().filter(|row| row.total_taxes.is_positive()).map(|row| row.month_number).collect();
    assert_eq!(paid, [6, 9, 13]);
}

#[test]
fn a_loan_follows_its_schedule_and_its_payment_stops_when_it_is_paid() {
    let mut plan = plan("100000.00", 14);
    plan.accounts.push(debt(2, AccountType::AutoLoan, "12000.00", "0.06", PaymentRule::Amortised { remaining_months: 12 }));
    let terms = domain::loans::LoanTerms {
        principal: money("12000.00"),
        annual_rate: rate("0.06"),
        term_months: 12,
        payment: None,
        extra_payment: Money::ZERO,
        interest_only_months: 0,
    };
    let schedule = domain::loans::schedule(&terms).unwrap();
    let rows = rows(&plan);
    for (row, month) in rows.iter().zip(&schedule.months) {
        assert_eq!(row.balances.get(account_id(2)), month.balance);
        assert_eq!((row.change.interest_and_fees, row.total_expenses), (-month.interest, month.payment));
        assert_eq!(row.expense_by_category.get(ExpenseCategory::AutoLoan), month.payment);
    }
    assert_eq!((rows[12].total_expenses, rows[12].dscr), (Money::ZERO, None));
}

#[test]
fn a_mortgage_payment_is_interest_and_principal_and_its_escrow_goes_on_without_it() {
    let mut plan = plan("100000.00", 3);
    let mortgage = debt(2, AccountType::PrimaryMortgage, "1000.00", "0.12", PaymentRule::Fixed(money("600.00")));
    let terms = DebtTerms { escrow: money("50.00"), ..mortgage.debt.clone().unwrap() };
    plan.accounts.push(PlanAccount { debt: Some(terms), ..mortgage });
    let rows = rows(&plan);
    let of = |month: usize, category| rows[month].expense_by_category.get(category).to_string();
    let months = [0, 1, 2].map(|month| {
        let interest = of(month, ExpenseCategory::MortgageInterest);
        (interest, of(month, ExpenseCategory::MortgagePrincipal), of(month, ExpenseCategory::PropertyTax))
    });
    let expected = [("10.00", "590.00", "50.00"), ("4.10", "410.00", "50.00"), ("0.00", "0.00", "50.00")];
    assert_eq!(months, expected.map(|(interest, principal, escrow)| (interest.to_owned(), principal.to_owned(), escrow.to_owned())));
    assert_eq!(rows[1].total_liabilities, Money::ZERO);
}

#[test]
fn a_payment_below_the_interest_grows_the_debt_and_is_flagged() {
    let mut plan = plan("1000.00", 2);
    plan.accounts.push(debt(2, AccountType::PersonalLoan, "1000.00", "0.24", PaymentRule::Fixed(money("5.00"))));
    let rows = rows(&plan);
    assert_eq!(series(&rows, |row| row.total_liabilities), ["1015.00", "1030.30"]);
    assert_eq!(rows[0].flags, [Flag::NegativeAmortisation]);
}

#[test]
fn in_forbearance_interest_accrues_and_nothing_is_paid() {
    let mut plan = plan("1000.00", 1);
    let loan = debt(2, AccountType::StudentLoanFederal, "10000.00", "0.06", PaymentRule::Fixed(money("200.00")));
    let terms = DebtTerms { in_forbearance: true, ..loan.debt.clone().unwrap() };
    plan.accounts.push(PlanAccount { debt: Some(terms), ..loan });
    let row = &rows(&plan)[0];
    assert_eq!((row.total_liabilities, row.balances.get(CHECKING)), (money("10050.00"), money("1000.00")));
}

#[test]
fn a_variable_rate_respects_its_floor_and_ceiling() {
    let interest_at = |floor: Option<&str>, ceiling: Option<&str>| {
        let mut plan = plan("1000.00", 1);
        let line = debt(2, AccountType::Heloc, "12000.00", "0.05", PaymentRule::None);
        let terms = DebtTerms { floor: floor.map(rate), ceiling: ceiling.map(rate), ..line.debt.clone().unwrap() };
        plan.accounts.push(PlanAccount { debt: Some(terms), ..line });
        (-rows(&plan)[0].change.interest_and_fees).to_string()
    };
    assert_eq!(interest_at(None, None), "50.00");
    assert_eq!(interest_at(Some("0.06"), Some("0.08")), "60.00");
    assert_eq!(interest_at(Some("0.01"), Some("0.04")), "40.00");
}

#[test]
fn interest_only_months_come_first_and_the_payment_is_fixed_when_they_end() {
    let mut plan = plan("100000.00", 3);
    let loan = debt(2, AccountType::PersonalLoan, "1200.00", "0.12", PaymentRule::Amortised { remaining_months: 3 });
    let terms = DebtTerms { interest_only_months: 1, ..loan.debt.clone().unwrap() };
    plan.accounts.push(PlanAccount { debt: Some(terms), ..loan });
    // 12.00 of interest; then two payments of 1200 × 0.01 / (1 − 1.01^−2) = 609.01, the last what remains.
    assert_eq!(series(&rows(&plan), |row| row.total_expenses), ["12.00", "609.01", "609.02"]);
}

#[test]
fn a_card_without_a_payment_asks_for_interest_and_one_percent_and_at_least_25() {
    let mut plan = plan("100000.00", 1);
    plan.accounts.push(debt(2, AccountType::CreditCard, "5000.00", "0.24", PaymentRule::RevolvingMinimum));
    plan.accounts.push(debt(3, AccountType::StoreCard, "500.00", "0.24", PaymentRule::RevolvingMinimum));
    plan.accounts.push(debt(4, AccountType::StoreCard, "10.00", "0.24", PaymentRule::RevolvingMinimum));
    let row = &rows(&plan)[0];
    let owed = [2, 3, 4].map(|number| row.balances.get(account_id(number)).to_string());
    assert_eq!(owed, ["4950.00", "485.00", "0.00"]);
}

#[test]
fn a_transfer_to_a_debt_is_an_extra_payment_of_what_is_owed_at_most() {
    let mut plan = plan("10000.00", 2);
    plan.accounts.push(debt(2, AccountType::AutoLoan, "1000.00", "0.12", PaymentRule::Fixed(money("100.00"))));
    let extra = flow(1, FlowKind::Transfer, "800.00", Frequency::Monthly);
    plan.flows.push(domain::projection::PlanFlow { to: Some(account_id(2)), ..extra });
    // 1000 + 10 − 100 − 800 = 110; then 110 + 1.10: 100.00 is due, 11.10 is all the extra payment can be.
    let rows = rows(&plan);
    assert_eq!(series(&rows, |row| row.total_liabilities), ["110.00", "0.00"]);
    assert_eq!(series(&rows, |row| row.total_expenses), ["900.00", "111.10"]);
    assert_eq!(rows[1].balances.get(CHECKING), money("8988.90"));
}

#[test]
fn each_class_of_account_grows_by_its_own_rate() {
    let mut plan = plan("1000.00", 12);
    plan.assumptions = Assumptions { cash_yield: Rate::percent(2), overdraft_rate: Rate::ZERO, ..Assumptions::default() };
    plan.accounts.extend([
        account(2, AccountType::Brokerage, "1000.00"),
        account(3, AccountType::RothIra, "1000.00"),
        account(4, AccountType::PrimaryResidence, "1000.00"),
        account(5, AccountType::Vehicle, "1000.00"),
        PlanAccount { growth: Some(rate("-0.15")), ..account(6, AccountType::Vehicle, "1000.00") },
    ]);
    let rows = rows(&plan);
    let first = |number| rows[0].balances.get(account_id(number)).to_string();
    assert_eq!([1, 2, 3, 4, 5].map(first), ["1001.65", "1005.65", "1005.65", "1002.47", "1000.00"]);
    assert_eq!((rows[0].change.investment_growth, rows[0].change.appreciation), (money("12.95"), money("2.47") - money("13.45")));
    // Twelve months of rounded cents come to the year's rate within a few of them.
    let last = |number| rows[11].balances.get(account_id(number));
    assert!((last(2) - money("1070.00")).abs() < money("0.05") && (last(6) - money("850.00")).abs() < money("0.05"));
}

#[test]
fn short_cash_is_drawn_from_cash_then_investments_then_the_overdraft_which_is_repaid_first() {
    let mut plan = plan("100.00", 5);
    plan.accounts.push(account(2, AccountType::Brokerage, "150.00"));
    plan.accounts.push(account(3, AccountType::Savings, "50.00"));
    let rent = flow(1, FlowKind::Expense(ExpenseCategory::Rent), "120.00", Frequency::Monthly);
    plan.flows.push(domain::projection::PlanFlow { end: Some(date("2026-03-31")), ..rent });
    let gift = flow(2, FlowKind::Income(IncomeCategory::OtherIncome), "40.00", Frequency::Monthly);
    plan.flows.push(domain::projection::PlanFlow { start: date("2026-04-01"), ..gift });
    let projection = project(&plan, tables()).unwrap();
    let balances = |number: u128| series(&projection.months, |row| row.balances.get(account_id(number)));
    assert_eq!(balances(3), ["30.00", "0.00", "0.00", "0.00", "0.00"]);
    assert_eq!(balances(2), ["150.00", "60.00", "0.00", "0.00", "0.00"]);
    assert_eq!(balances(999), ["0.00", "0.00", "60.00", "20.00", "0.00"]);
    assert_eq!(balances(1), ["0.00", "0.00", "0.00", "0.00", "20.00"]);
    let shortfall = projection.shortfall.unwrap();
    assert_eq!((shortfall.month_number, shortfall.date, shortfall.depth), (3, date("2026-03-31"), money("60.00")));
    let flagged: Vec<_> = projection.months.iter().map(|row| row.flags.len()).collect();
    assert_eq!(flagged, [0, 0, 1, 1, 0]);
}

#[test]
fn an_overdraft_bears_the_interest_that_is_assumed() {
    let mut plan = plan("0.00", 2);
    plan.assumptions.overdraft_rate = rate("0.12");
    plan.flows.push(flow(1, GROCERIES, "1000.00", Frequency::Monthly));
    let projection = project(&plan, tables()).unwrap();
    assert_eq!(series(&projection.months, |row| row.total_liabilities), ["1000.00", "2010.00"]);
    assert_eq!(projection.shortfall.unwrap().deepest, money("2010.00"));
}

#[test]
fn ratios_are_of_the_month_and_absent_without_a_denominator() {
    let mut plan = plan("3000.00", 1);
    plan.accounts.push(debt(2, AccountType::AutoLoan, "10000.00", "0.00", PaymentRule::Fixed(money("400.00"))));
    plan.flows.push(flow(1, FlowKind::Income(IncomeCategory::OtherIncome), "2000.00", Frequency::Monthly));
    plan.flows.push(flow(2, GROCERIES, "1200.00", Frequency::Monthly));
    let row = &rows(&plan)[0];
    let shown = |ratio: Option<rust_decimal::Decimal>| ratio.map(|ratio| ratio.to_string());
    // (2000 − 1200) / 400; 400 / 2000; 3400 / 1600; 3400 × 30 / 1600.
    let ratios = [row.dscr, row.savings_rate, row.liquidity_months, row.days_cash_on_hand].map(shown);
    assert_eq!(ratios, ["2.0000", "0.2000", "2.1250", "63.7500"].map(|ratio| Some(ratio.to_owned())));
    let nothing = &rows(&projection_support::plan("1.00", 1))[0];
    assert_eq!([nothing.dscr, nothing.savings_rate, nothing.liquidity_months, nothing.days_cash_on_hand], [None; 4]);
}

#[test]
fn a_row_serialises_to_the_shape_of_the_contract() {
    let mut plan = plan("1000.00", 1);
    plan.flows.push(flow(1, GROCERIES, "10.00", Frequency::Monthly));
    let json = serde_json::to_value(project(&plan, tables()).unwrap()).unwrap();
    let id = CHECKING.to_string();
    assert_eq!(json["opening"], serde_json::json!({"net_worth": "1000.00", "balances": {&id: "1000.00"}}));
    let row = &json["months"][0];
    assert_eq!(row["month_number"], 1);
    assert_eq!((&row["date"], &row["total_expenses"], &row["dscr"]), (&"2026-01-31".into(), &"10.00".into(), &serde_json::Value::Null));
    assert_eq!(row["expense_by_category"], serde_json::json!({"groceries": "10.00"}));
    assert_eq!((&row["liquidity_months"], &row["balances"][&id]), (&"99.0000".into(), &"990.00".into()));
    let change = serde_json::json!({
        "income": "0.00", "taxes": "0.00", "spending": "-10.00", "investment_growth": "0.00", "appreciation": "0.00",
        "interest_and_fees": "0.00", "one_off": "0.00",
    });
    assert_eq!((&row["change"], &row["flags"]), (&change, &serde_json::json!([])));
}

#[test]
fn a_plan_that_contradicts_itself_is_refused_by_name() {
    let refused = |plan: &Plan| {
        let Err(ProjectionError::Plan(error)) = project(plan, tables()) else { panic!("not refused") };
        error
    };
    assert_eq!(refused(&plan("0.00", 601)), PlanError::Months(601));
    assert_eq!(refused(&Plan { main_cash: account_id(7), ..plan("0.00", 1) }), PlanError::UnknownAccount(account_id(7)));
    let mut twice = plan("0.00", 1);
    twice.accounts.push(account(1, AccountType::Savings, "0.00"));
    assert_eq!(refused(&twice), PlanError::DuplicateAccount(CHECKING));
    let mut lost = plan("0.00", 1);
    lost.assumptions.investment_return = Rate::percent(-100);
    assert!(matches!(refused(&lost), PlanError::RateOutOfRange { what: "investment_return", .. }));
}

#[test]
fn what_outgrows_the_ledger_is_an_error_and_not_a_wrong_balance() {
    let mut plan = plan("0.00", 600);
    plan.accounts.push(PlanAccount { growth: Some(Rate::percent(1000)), ..account(2, AccountType::Brokerage, "1000000.00") });
    assert!(matches!(project(&plan, tables()), Err(ProjectionError::OutOfRange { .. })));
}

#[test]
fn a_year_before_the_first_known_one_is_an_error_that_names_it() {
    let old = Plan { start: Month::new(1999, 1).unwrap(), ..plan("0.00", 1) };
    assert!(project(&old, tables()).unwrap_err().to_string().contains("1999"));
}
