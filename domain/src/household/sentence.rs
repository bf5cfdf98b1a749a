//! An event as a plain sentence, made from the event alone: an auditor reads the same sentence whatever became of the household
//! since, and no look-up can fail. So what an event knows only by its id (the income of a deduction) is not named.
//!
//! A change is said as its differences, field by field. The macro below takes the facts apart without `..`: a new field does not
//! compile until somebody has chosen its words.

use super::adopt::Adoption;
use super::event::{ChangedFlow, Event};
use super::facts::{
    Account, AssetDetails, Assumptions, Balance, Flow, Income, Liability, Member, PosttaxDeduction, PretaxDeduction, Profile, Scenario,
    SelfEmployment, Withholding,
};
use super::said::{Said, grouped, words};
use crate::calendar::Date;
use crate::goals::Goal;
use crate::projection::changes::{Names, ScenarioChange};
use crate::system_flows::SystemFlow;
use crate::templates::Decision;

impl Event {
    /// What happened, as an English sentence without its full stop, such as
    /// `Salary of Acme changed from 96,000.00 to 100,000.00`.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::HouseholdOpened { profile, opened_on, .. } => format!("Household {} was opened on {opened_on}", line(&profile.name)),
            Self::HouseholdChanged { profile, was } => profile_changed(was, profile),
            Self::TaxYearBegan { tax_year, was } => format!("The tax tables of {tax_year} took the place of those of {was}"),
            Self::MemberAdded { member, .. } => format!("Member {} joined as {}", line(&member.name), line(&member.relationship)),
            Self::MemberChanged { member, was, .. } => member_changed(was, member),
            Self::MemberRemoved { was, .. } => format!("Member {} left", line(&was.name)),
            Self::MembershipGranted { user_id, role } => format!("User {user_id} was given access as {role}"),
            Self::MembershipChanged { user_id, role, was } => format!("Access of user {user_id} changed from {was} to {role}"),
            Self::MembershipRevoked { user_id, was } => format!("User {user_id} lost access as {was}"),
            Self::AccountOpened { account, opened_by_system, .. } => account_opened(account, *opened_by_system),
            Self::AccountChanged { account, was, .. } => account_changed(was, account),
            Self::AccountRemoved { was, .. } => format!("The {} account {} was removed", line(&was.account_type), line(&was.name)),
            Self::BalanceRecorded { balance, was, .. } => balance_recorded(was.as_ref(), balance),
            Self::LiabilityChanged { liability, was, .. } => liability_changed(was.as_ref(), liability),
            Self::AssetDetailsChanged { asset_details, was, .. } => asset_details_changed(was.as_ref(), asset_details),
            Self::AssetGroupCreated { name, .. } => format!("The asset group {} was created", line(name)),
            Self::AssetGroupChanged { name, was, .. } => format!("The asset group {} is now called {}", line(was), line(name)),
            Self::AssetGroupRemoved { was, .. } => format!("The asset group {} was removed", line(was)),
            Self::IncomeSourceAdded { income, .. } => {
                format!("The income {} was added: {}, paid {}", line(&income.name), line(&income.pay), line(&income.pay_frequency))
            }
            Self::IncomeSourceChanged { income, was, .. } => income_changed(was, income),
            Self::IncomeSourceRemoved { was, .. } => format!("The income {} was removed", line(&was.name)),
            Self::WithholdingChanged { withholding, was, .. } => withholding_changed(was, withholding),
            Self::SelfEmploymentChanged { self_employment, was, .. } => self_employment_changed(was.as_ref(), self_employment),
            Self::PretaxDeductionAdded { deduction, .. } => deduction_is("added", &deduction.deduction_type, &deduction.amount),
            Self::PretaxDeductionChanged { deduction, was, .. } => pretax_changed(was, deduction),
            Self::PretaxDeductionRemoved { was, .. } => deduction_is("removed", &was.deduction_type, &was.amount),
            Self::PosttaxDeductionAdded { deduction, .. } => deduction_is("added", &deduction.deduction_type, &deduction.amount),
            Self::PosttaxDeductionChanged { deduction, was, .. } => posttax_changed(was, deduction),
            Self::PosttaxDeductionRemoved { was, .. } => deduction_is("removed", &was.deduction_type, &was.amount),
            Self::FlowAdded { flow, .. } => {
                format!(
                    "The flow {} was added: {} of {}, {}",
                    line(&flow.name),
                    line(&flow.kind),
                    line(&flow.amount),
                    line(&flow.frequency)
                )
            }
            Self::FlowChanged { flow, was, .. } => flow_changed(was, flow),
            Self::FlowRemoved { was, .. } => format!("The flow {} was removed", line(&was.name)),
            Self::SystemFlowsGenerated { added, changed, removed } => flows_generated(added, changed, removed),
            Self::ScenarioPinned { as_of_date, version, was, .. } => {
                let before = was.map(|was| format!("; it had been pinned to {}", was.as_of_date)).unwrap_or_default();
                format!("The baseline was pinned to {as_of_date}, as known at version {version}{before}")
            }
            Self::ScenarioUnpinned { was, .. } => format!("The baseline follows reality again; it had been pinned to {}", was.as_of_date),
            Self::ScenarioArchived { .. } => "A scenario was archived".to_owned(),
            Self::ScenarioAdopted { on, adoption, .. } => adopted(*on, adoption),
            Self::ScenarioUnarchived { .. } => "A scenario was taken out of the archive".to_owned(),
            Self::ScenarioRemoved { was, .. } => format!("The scenario {} was removed", line(&was.name)),
            Self::ScenarioChangeAdded { change, .. } => {
                format!("The change {} was added to a scenario: {}", line(&change.name), change.sentence(&Unnamed))
            }
            Self::ScenarioChangeChanged { change, was, .. } => scenario_change_changed(was, change),
            Self::ScenarioChangeRemoved { was, .. } => format!("The change {} was removed from a scenario", line(&was.name)),
            Self::ScenarioChangesReordered { order, .. } => format!("The {} changes of a scenario were put in another order", order.len()),
            Self::ScenarioCreated { scenario, .. } => format!("The scenario {} was created", line(&scenario.name)),
            Self::ScenarioChanged { scenario, was, .. } => scenario_changed(was, scenario),
            Self::GoalAdded { goal, .. } => format!("The goal {} was set: {}", line(&goal.name), line(&goal.kind)),
            Self::GoalChanged { goal, was, .. } => goal_changed(was, goal),
            Self::DecisionDrafted { decision, .. } => format!("The decision {} was drafted", said_title(decision)),
            Self::DecisionChanged { decision, was, .. } => decision_changed(was, decision),
            Self::DecisionCompleted { made, .. } => format!("A decision was made on {}, and became a scenario", made.completed_on),
            Self::DecisionRemoved { was, .. } => format!("The decision {} was removed", said_title(was)),
            Self::GoalRemoved { was, .. } => format!("The goal {} was given up", line(&was.name)),
        }
    }
}

/// The differences between two forms of a thing, as clauses. Takes every field: those in the second list are said elsewhere.
macro_rules! differences {
    ($of:expr, $type:ident, $was:expr, $now:expr, { $($field:ident: $what:literal),+ $(,)? } $(but { $($other:ident),+ })?) => {{
        let (of, was, now): (String, &$type, &$type) = ($of, $was, $now);
        let $type { $($field: _,)+ $($($other: _,)+)? } = now;
        let clauses: Vec<Option<String>> = vec![$(difference($what, &of, &was.$field, &now.$field)),+];
        clauses.into_iter().flatten().collect::<Vec<String>>()
    }};
}

fn difference<T: Said + PartialEq>(what: &str, of: &str, was: &T, now: &T) -> Option<String> {
    if was == now {
        return None;
    }
    Some(match (was.said(), now.said()) {
        (Some(was), Some(now)) => format!("{what}{of} changed from {was} to {now}"),
        (None, Some(now)) => format!("{what}{of} was set to {now}"),
        (Some(was), None) => format!("{what}{of} was cleared: it was {was}"),
        (None, None) => format!("{what}{of} changed"),
    })
}

/// One sentence of clauses, beginning with a capital letter.
fn sentence_of(clauses: &[String]) -> String {
    let text = if clauses.is_empty() { "nothing changed".to_owned() } else { clauses.join("; ") };
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

fn line(value: &impl Said) -> String {
    value.said().unwrap_or_default()
}

fn of(name: &impl Said) -> String {
    format!(" of {}", line(name))
}

fn profile_changed(was: &Profile, now: &Profile) -> String {
    sentence_of(&differences!(of(&was.name), Profile, was, now, {
        name: "the name", currency: "the currency", time_zone: "the time zone", filing_status: "the filing status", state: "the state"
    }))
}

fn goal_changed(was: &Goal, now: &Goal) -> String {
    sentence_of(&differences!(of(&was.name), Goal, was, now, {
        name: "the name", kind: "the goal", is_primary: "being the primary goal", active: "being active", notes: "the notes"
    }))
}

fn member_changed(was: &Member, now: &Member) -> String {
    sentence_of(&differences!(of(&was.name), Member, was, now, {
        name: "the name", relationship: "the relationship", date_of_birth: "the date of birth",
        employment_status: "the employment status", is_primary: "being the primary member", user_id: "the user"
    }))
}

fn account_opened(account: &Account, by_system: bool) -> String {
    let why = if by_system { ", because a flow needed it" } else { "" };
    format!("The {} account {} was opened{why}", line(&account.account_type), line(&account.name))
}

fn account_changed(was: &Account, now: &Account) -> String {
    sentence_of(&differences!(of(&was.name), Account, was, now, {
        name: "the name", account_type: "the type", institution: "the institution", last_four: "the last four digits",
        member_id: "the owner", asset_group_id: "the asset group", active: "being active", display_order: "the place in lists",
        notes: "the notes"
    }))
}

fn balance_recorded(was: Option<&Balance>, now: &Balance) -> String {
    let recorded = format!("A balance of {} as of {} was recorded", grouped(now.balance), now.as_of_date);
    was.map_or(recorded.clone(), |was| format!("{recorded}; it had been {} as of {}", grouped(was.balance), was.as_of_date))
}

fn liability_changed(was: Option<&Liability>, now: &Liability) -> String {
    let Some(was) = was else { return format!("The terms of a debt were told: interest of {} a year", line(&now.interest_rate)) };
    sentence_of(&differences!(" of a debt".to_owned(), Liability, was, now, {
        interest_rate: "the interest rate", variable_rate: "the variable rate", original_balance: "the original balance",
        origination_date: "the origination date", maturity_date: "the maturity date", term_months: "the term in months",
        minimum_payment: "the minimum payment", payment_day: "the payment day", interest_only: "paying interest only",
        escrow: "the escrow", credit_limit: "the credit limit", income_driven: "the income-driven plan",
        in_forbearance: "forbearance"
    }))
}

fn asset_details_changed(was: Option<&AssetDetails>, now: &AssetDetails) -> String {
    let nothing = AssetDetails::default();
    let mut clauses: Vec<String> = was.is_none().then(|| "details of an asset were told".to_owned()).into_iter().collect();
    clauses.extend(differences!(" of an asset".to_owned(), AssetDetails, was.unwrap_or(&nothing), now, {
        acquisition_date: "the acquisition date", acquisition_cost: "the acquisition cost", address: "the address",
        square_feet: "the area in square feet", year_built: "the year of building", annual_property_tax: "the annual property tax",
        annual_insurance: "the annual insurance", monthly_hoa: "the monthly HOA fee", monthly_rent: "the monthly rent",
        vin: "the VIN", make: "the make", model: "the model", model_year: "the model year", mileage: "the mileage",
        growth_rate: "its own growth"
    }));
    sentence_of(&clauses)
}

fn income_changed(was: &Income, now: &Income) -> String {
    sentence_of(&differences!(of(&was.name), Income, was, now, {
        name: "the name", member_id: "the earner", income_type: "the type", pay: "salary", pay_frequency: "the pay frequency",
        start_date: "the start date", end_date: "the end date", active: "being active"
    }))
}

fn withholding_changed(was: &Withholding, now: &Withholding) -> String {
    sentence_of(&differences!(" on a Form W-4".to_owned(), Withholding, was, now, {
        filing_status: "the filing status", multiple_jobs: "the box for multiple jobs", qualifying_children: "qualifying children",
        other_dependents: "other dependents", credits: "credits", other_income: "other income", deductions: "deductions",
        extra_withholding: "extra withholding", state_allowances: "state allowances",
        state_additional_withholding: "additional state withholding"
    }))
}

fn self_employment_changed(was: Option<&SelfEmployment>, now: &SelfEmployment) -> String {
    let Some(was) = was else {
        return format!("Expenses of self-employment were told: {} a year", grouped(now.estimated_annual_expenses));
    };
    sentence_of(&differences!(" of self-employment".to_owned(), SelfEmployment, was, now, {
        estimated_annual_expenses: "estimated annual expenses", quarterly_estimates: "quarterly estimated payments",
        retirement_contribution_rate: "the retirement contribution rate"
    }))
}

fn deduction_is(what: &str, deduction_type: &impl Said, amount: &impl Said) -> String {
    format!("A {} deduction of {} was {what}", line(deduction_type), line(amount))
}

fn pretax_changed(was: &PretaxDeduction, now: &PretaxDeduction) -> String {
    let name = format!(" of a {} deduction", line(&was.deduction_type));
    sentence_of(&differences!(name, PretaxDeduction, was, now, {
        deduction_type: "the type", amount: "the amount", employer_match: "the employer's match", target_account_id: "the target account"
    }))
}

fn posttax_changed(was: &PosttaxDeduction, now: &PosttaxDeduction) -> String {
    let name = format!(" of a {} deduction", line(&was.deduction_type));
    sentence_of(&differences!(name, PosttaxDeduction, was, now, {
        deduction_type: "the type", amount: "the amount", target_account_id: "the target account"
    }))
}

fn flow_changed(was: &Flow, now: &Flow) -> String {
    sentence_of(&differences!(of(&was.name), Flow, was, now, {
        name: "the name", kind: "the type", amount: "the amount", frequency: "the frequency", start_date: "the start date",
        end_date: "the end date", from_account_id: "the account it leaves", to_account_id: "the account it reaches",
        linked_account_id: "the linked account", member_id: "the member", active: "being active", notes: "the notes"
    }))
}

fn scenario_changed(was: &Scenario, now: &Scenario) -> String {
    let mut clauses = differences!(of(&was.name), Scenario, was, now, {
        name: "the name", is_baseline: "being the baseline", projection_months: "the horizon in months", description: "the description",
        parent_id: "the parent", start_date: "the start date", archived: "being archived",
        adopted_on: "the day of its adoption"
    } but { assumptions });
    clauses.extend(differences!(of(&was.name), Assumptions, &was.assumptions, &now.assumptions, {
        inflation_rate: "the inflation rate", investment_return_rate: "the investment return", salary_growth_rate: "salary growth",
        cash_yield_rate: "the cash yield", property_appreciation_rate: "property appreciation", settle_taxes: "settling taxes in April",
        index_thresholds: "indexing tax thresholds", withdrawal_order: "the order of withdrawals",
        calendar: "the calendar", overdraft_rate: "the rate of the overdraft"
    }));
    sentence_of(&clauses)
}

fn adopted(on: Date, adoption: &Adoption) -> String {
    let names = adoption.adopted.iter().map(|adopted| adopted.name.as_str()).collect::<Vec<_>>().join(", ");
    let left = match adoption.skipped.len() {
        0 => String::new(),
        1 => "; one thing stays a plan".to_owned(),
        more => format!("; {more} things stay a plan"),
    };
    format!("A scenario became real on {on}: {names}{left}")
}

fn said_title(decision: &Decision) -> String {
    decision.title().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn decision_changed(was: &Decision, now: &Decision) -> String {
    let title = said_title(was);
    let mut clauses = differences!(format!(" of the decision {title}"), Decision, was, now, {
        name: "the name", effective_date: "the effective date", base_scenario_id: "the scenario that is changed"
    } but { template_id, answers, made });
    let keys: std::collections::BTreeSet<&String> = was.answers.keys().chain(now.answers.keys()).collect();
    let said = |answer: Option<&Option<String>>| match answer {
        None => "no answer".to_owned(),
        Some(None) => "being left open".to_owned(),
        Some(Some(text)) => text.clone(),
    };
    for key in keys.into_iter().filter(|key| was.answers.get(*key) != now.answers.get(*key)) {
        let (before, after) = (said(was.answers.get(key)), said(now.answers.get(key)));
        clauses.push(format!("{} of the decision {title} changed from {before} to {after}", words(key)));
    }
    sentence_of(&clauses)
}

/// An event does not know what things are called.
struct Unnamed;

impl Names for Unnamed {
    fn name_of(&self, _: uuid::Uuid) -> String {
        "something of the household".to_owned()
    }
}

fn scenario_change_changed(was: &ScenarioChange, now: &ScenarioChange) -> String {
    let mut clauses = differences!(of(&was.name), ScenarioChange, was, now, {
        name: "the name", effective_date: "the effective date", end_date: "the end date", enabled: "being enabled", order: "the order",
        notes: "the notes"
    } but { source, kind });
    if (was.kind, was.source) != (now.kind, now.source) {
        clauses.push(format!("what {} does became: {}", line(&was.name), now.sentence(&Unnamed)));
    }
    sentence_of(&clauses)
}

/// Few of them are said one by one: what a raise does to a paycheck is what a reader wants to know.
fn flows_generated(added: &[SystemFlow], changed: &[ChangedFlow], removed: &[SystemFlow]) -> String {
    let counts = [(added.len(), "added"), (changed.len(), "changed"), (removed.len(), "removed")];
    let counts: Vec<String> = counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let pay =
        changed.iter().filter(|flow| flow.now.kind == crate::vocabulary::SystemFlowKind::NetPay && flow.now.amount != flow.was.amount);
    let pay: String =
        pay.map(|flow| format!("; {} from {} to {}", words(&flow.now.name), grouped(flow.was.amount), grouped(flow.now.amount))).collect();
    format!("Derived flows followed: {}{pay}", counts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{Date, PayFrequency};
    use crate::household::facts::{DeductionAmount, FlowKind, Pay};
    use crate::ids::{AccountId, DeductionId, FlowId, IncomeId};
    use crate::money::Money;
    use crate::rate::Rate;
    use crate::text::Name;
    use crate::vocabulary::{AccountType, IncomeType, PretaxDeductionType};
    use uuid::Uuid;

    fn money(text: &str) -> Money {
        Money::parse(text).unwrap()
    }
    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }
    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }
    fn acme(gross: &str) -> Income {
        Income {
            name: name("Acme"),
            member_id: None,
            income_type: IncomeType::W2,
            pay: Pay::Salary { gross_annual_salary: money(gross) },
            pay_frequency: PayFrequency::Biweekly,
            start_date: day("2026-01-01"),
            end_date: None,
            active: true,
        }
    }
    fn income_change(now: Income) -> String {
        Event::IncomeSourceChanged { id: IncomeId(Uuid::nil()), income: now, was: acme("96000.00") }.sentence()
    }

    #[test]
    fn a_raise_says_both_salaries() {
        assert_eq!(income_change(acme("100000.00")), "Salary of Acme changed from 96,000.00 to 100,000.00");
    }

    #[test]
    fn every_difference_of_a_change_is_said() {
        let now = Income { pay_frequency: PayFrequency::Monthly, end_date: Some(day("2027-06-30")), active: false, ..acme("96000.00") };
        assert_eq!(
            income_change(now),
            "The pay frequency of Acme changed from biweekly to monthly; the end date of Acme was set to 2027-06-30; \
             being active of Acme changed from yes to no"
        );
    }

    #[test]
    fn what_was_taken_back_says_what_it_was() {
        let was = Liability { minimum_payment: Some(money("1250")), ..Liability::default() };
        let event = Event::LiabilityChanged { account_id: AccountId(Uuid::nil()), liability: Liability::default(), was: Some(was) };
        assert_eq!(event.sentence(), "The minimum payment of a debt was cleared: it was 1,250.00");
    }

    #[test]
    fn a_balance_is_said_with_its_day_and_the_one_before() {
        let balance = |date, amount| Balance { as_of_date: day(date), balance: money(amount), cost_basis: None, market_value: None };
        let event = Event::BalanceRecorded {
            account_id: AccountId(Uuid::nil()),
            balance: balance("2026-11-23", "1500"),
            was: Some(balance("2026-10-31", "-20.5")),
        };
        assert_eq!(event.sentence(), "A balance of 1,500.00 as of 2026-11-23 was recorded; it had been -20.50 as of 2026-10-31");
    }

    #[test]
    fn a_deduction_is_said_by_its_kind_and_amount() {
        let deduction = PretaxDeduction {
            deduction_type: PretaxDeductionType::Traditional401k,
            amount: DeductionAmount::Percent(Rate::percent(6)),
            employer_match: None,
            target_account_id: None,
        };
        let event = Event::PretaxDeductionAdded { income_id: IncomeId(Uuid::nil()), id: DeductionId(Uuid::nil()), deduction };
        assert_eq!(event.sentence(), "A traditional 401k deduction of 6 % of gross was added");
    }

    #[test]
    fn an_account_that_a_flow_needed_says_so() {
        let account = Account {
            name: name("Pay"),
            account_type: AccountType::PayrollClearing,
            institution: None,
            last_four: None,
            member_id: None,
            asset_group_id: None,
            active: true,
            display_order: 0,
            notes: None,
        };
        let id = AccountId(Uuid::nil());
        let event = Event::AccountOpened { id, account, opened_on: day("2026-11-23"), opened_by_system: true };
        assert_eq!(event.sentence(), "The payroll clearing account Pay was opened, because a flow needed it");
    }

    #[test]
    fn a_flow_is_said_with_its_category_and_rhythm() {
        let flow = Flow {
            name: name("Food"),
            kind: FlowKind::Expense(crate::vocabulary::ExpenseCategory::DiningOut),
            amount: money("150"),
            frequency: crate::calendar::Frequency::Weekly,
            start_date: day("2026-01-01"),
            end_date: None,
            from_account_id: None,
            to_account_id: None,
            linked_account_id: None,
            member_id: None,
            active: true,
            notes: None,
        };
        assert_eq!(
            Event::FlowAdded { id: FlowId(Uuid::nil()), flow }.sentence(),
            "The flow Food was added: expense (dining out) of 150.00, weekly"
        );
    }
}
