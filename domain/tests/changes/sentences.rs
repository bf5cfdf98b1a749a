//! Every type of change has its line.

use domain::ids::{AccountId, IncomeId};
use domain::projection::changes::parameter::Told;
use domain::projection::changes::{ChangeType, Names, Object, Source};
use uuid::Uuid;

use crate::support::{change, until};

struct Called;

impl Names for Called {
    fn name_of(&self, id: Uuid) -> String {
        (if id.as_u128() == 2 { "Acme" } else { "Checking" }).to_owned()
    }
}

fn line(change_type: ChangeType, parameters: serde_json::Value) -> String {
    let fields = parameters.as_object().unwrap().clone();
    let kind = change_type.read(&fields.into_iter().map(|(name, value)| (name, Told::from(value))).collect()).unwrap();
    let source = match change_type.object() {
        Object::Nothing => None,
        Object::Income | Object::IncomeOrFlow | Object::ExpenseFlow => Some(Source::Income(IncomeId(Uuid::from_u128(2)))),
        Object::Asset | Object::Debt => Some(Source::Account(AccountId(Uuid::from_u128(2)))),
    };
    change("2027-03-15", source, kind).sentence(&Called)
}

#[test]
fn every_type_says_what_it_does() {
    let said: Vec<String> = super::parameters::examples().into_iter().map(|(change_type, told)| line(change_type, told)).collect();
    assert_eq!(
        said,
        [
            "From March 2027: bonus of 5.00 a week begins, taxed as wages",
            "From March 2027: Acme becomes 5.00 a week, bonus, untaxed",
            "From March 2027: Acme stops",
            "From March 2027: rent of 5.00 a week begins",
            "From March 2027: Acme becomes 5.00 a week, rent",
            "From March 2027: Acme stops",
            "In March 2027: vehicle worth 5.00 is acquired, paid from Checking",
            "In March 2027: Acme is worth 5.00",
            "In March 2027: Acme is sold for 5.00, at costs of 1.00, and Checking is paid off; the gain is that of a main home",
            "In March 2027: auto loan of 5.00 is borrowed into Checking, at 5 % over 12 months, paying 1.00 a month",
            "In March 2027: Acme becomes one of 5.00 owed, a rate of 5 %, 12 months to go, a payment of 1.00 a month",
            "From March 2027: 5.00 more a month is paid on Acme until it is gone",
            "In March 2027: Acme is refinanced at 5 % over 12 months, at costs of 5.00 paid in cash, and 1.00 is taken out",
            "In March 2027: 5.00 comes in once, taxed as wages",
            "In March 2027: 5.00 is paid down on Checking",
            "From March 2027: 401(k) contributions from Checking become 10 % of pay",
            "From March 2027: HSA contributions from Checking become 10 % of pay",
            "From March 2027: all spending falls by 10 %",
            "From March 2027: all income rises by 500.00 a month",
            "From March 2027: 5.00 a month is put aside into Checking",
            "From March 2027: 5.00 a month is withheld from Checking on top of the tax",
            "From March 2027: the roth ira deduction of Checking becomes 5.00 a month",
            "From March 2027: Acme becomes self-employment",
            "From March 2027: estimated taxes become 5.00 a quarter",
            "From March 2027: prices rise by 10 % a year, investments return 10 % a year, salaries grow by 10 % a year",
            "From March 2027 to February 2028: prices rise by 10 % a year",
            "From March 2027 to February 2028: investments return 10 % a year",
            "From March 2027 to February 2028: salaries grow by 10 % a year",
            "From March 2027: interest rates of debts of variable rate rise by 2 percentage points",
            "In March 2027: investments lose 20 % of their value and are back after 36 months",
        ]
    );
}

#[test]
fn an_end_is_said() {
    let kind = ChangeType::RemoveIncome.read(&Default::default()).unwrap();
    let change = until("2027-05-31", change("2027-03-01", Some(Source::Income(IncomeId(Uuid::from_u128(2)))), kind));
    assert_eq!(change.sentence(&Called), "From March 2027 to May 2027: Acme stops");
}
