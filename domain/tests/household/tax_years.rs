//! A new tax year brings new tables, and with them new paychecks: with the first command of the year, whatever it is.

use std::sync::OnceLock;

use domain::household::HouseholdError;
use domain::household::command::Intent;
use domain::household::error::Rule;
use domain::tax::{TaxError, TaxTables, YearFiles};
use domain::vocabulary::SystemFlowKind;

use super::support::*;

/// The law of 2026, and a year 2027 that differs in line 1g of the withholding worksheet alone: 10,000 instead of 8,600.
fn two_years() -> &'static TaxTables {
    static TABLES: OnceLock<TaxTables> = OnceLock::new();
    TABLES.get_or_init(|| {
        let withholding = include_str!("../../data/tax/2026/withholding.toml");
        let changed = withholding.replace("\nsingle = 8600\n", "\nsingle = 10000\n");
        assert_ne!(withholding, changed);
        let (this, next) = (federal_law(withholding), federal_law(&changed));
        TaxTables::load(&[YearFiles { year: 2026, files: &this }, YearFiles { year: 2027, files: &next }]).unwrap()
    })
}

fn acme() -> Home {
    given([opened("Ada"), salaried("Acme", "104000.00")]).under(two_years())
}

#[test]
fn the_first_command_of_a_year_brings_its_tables_and_paychecks_in_one_batch() {
    let home = acme().on("2027-01-01").when(Intent::RegenerateFlows).then(["tax_year.began", "system_flows.generated"]);
    // 104,000 − 10,000 = 94,000; 5,800 + 22 % × (94,000 − 57,900) = 13,742; / 26.
    assert_eq!(home.amounts(SystemFlowKind::FederalWithholding), ["528.54"]);
    home.when(Intent::RegenerateFlows).then([]);
}

#[test]
fn nothing_happens_at_midnight_by_itself() {
    acme().on("2026-12-31").when(Intent::RegenerateFlows).then([]);
}

#[test]
fn a_clock_that_was_set_back_does_not_bring_last_year_back() {
    let home = acme().on("2027-01-01").and([Intent::RegenerateFlows]);
    home.on("2026-12-31").when(Intent::RegenerateFlows).then([]);
}

#[test]
fn in_a_year_without_tables_the_last_known_ones_stay_in_force() {
    acme().under(tables()).on("2031-06-01").when(Intent::RegenerateFlows).then([]);
}

#[test]
fn a_year_before_the_first_known_one_is_refused_by_name() {
    let home = Home { events: Vec::new(), tables: tables(), today: "2019-12-31" };
    let (first, last) = (tables().known_years().min().unwrap(), tables().known_years().max().unwrap());
    let unknown = TaxError::UnknownYear { year: 2019, first, last };
    assert_eq!(violations(home.when(opened("Ada")).refused()), [("decided_at".to_owned(), Rule::Tax(unknown))]);
    assert_eq!(acme().on("2019-12-31").when(Intent::RegenerateFlows).refused().to_string().split(' ').next(), Some("decided_at"));
}

#[test]
fn a_household_that_was_never_opened_has_no_year() {
    let home = Home { events: Vec::new(), tables: tables(), today: TODAY };
    assert_eq!(home.when(Intent::RegenerateFlows).refused(), HouseholdError::NoSuchHousehold);
}
