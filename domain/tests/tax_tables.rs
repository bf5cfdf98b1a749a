//! The files of law: the shipped ones are whole, and a wrong one is refused with its file, its table and what is wrong there.
//!
//! Every test breaks the shipped files of one year in one place. A loader that let one of these through would compute wrong taxes
//! for everybody, silently.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on fails")]

mod tax_support;

use std::path::Path;

use domain::tax::{TaxTables, YearFiles};
use tax_support::tables;

/// All files of the year's folder, as they are shipped.
fn folder(year: i32) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/tax").join(year.to_string());
    let mut files = Vec::new();
    for prefix in ["", "states/"] {
        for entry in std::fs::read_dir(root.join(prefix)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
                files.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn load(year: i32, files: &[(String, String)]) -> Result<TaxTables, String> {
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    TaxTables::load(&[YearFiles { year, files: &files }]).map_err(|error| error.to_string())
}

/// What the loader says when `from` is replaced by `to` in one file of 2026.
fn broken(file: &str, from: &str, to: &str) -> String {
    let mut files = folder(2026);
    let (_, text) = files.iter_mut().find(|(name, _)| name == file).unwrap();
    assert!(text.contains(from), "{file} does not contain {from:?}");
    *text = text.replacen(from, to, 1);
    load(2026, &files).err().unwrap_or_else(|| panic!("accepted: {to:?} instead of {from:?} in {file}"))
}

#[test]
fn the_shipped_tables_are_whole() {
    let version = tables().version();
    assert!(version.starts_with("2026."), "{version}");
}

#[test]
fn every_file_of_a_years_folder_is_shipped() {
    for year in tables().known_years() {
        let all = folder(year);
        assert!(load(year, &all).is_ok());
        let shipped = include_str!("../src/tax/shipped.rs");
        for (name, _) in &all {
            let stem = name.trim_start_matches("states/").trim_end_matches(".toml");
            let listed = [format!("{stem:?}"), format!("{name:?}")].iter().any(|word| shipped.contains(word));
            assert!(listed, "{year}/{name} lies in its folder and is not compiled in");
        }
    }
}

#[test]
fn brackets_that_do_not_ascend_are_refused() {
    let error = broken("federal.toml", "above = [0, 12400, 50400, 105700", "above = [0, 50400, 12400, 105700");
    assert_eq!(error, "2026/federal.toml: [income_tax.single] is not ascending: 12400 comes after 50400");
}

#[test]
fn a_gap_below_the_first_bracket_is_refused() {
    let error = broken("federal.toml", "above = [0, 12400", "above = [1, 12400");
    assert_eq!(error, "2026/federal.toml: [income_tax.single] has a gap: the first bracket must start above 0");
}

#[test]
fn a_threshold_without_its_rate_is_refused() {
    let error = broken("federal.toml", "\"0.35\", \"0.37\"]", "\"0.37\"]");
    assert_eq!(error, "2026/federal.toml: [income_tax.single] has 7 thresholds and 6 rates: one each is needed");
}

#[test]
fn a_status_that_is_missing_is_refused() {
    assert_eq!(
        broken("federal.toml", "[income_tax.head_of_household]", "[income_tax.head]"),
        "2026/federal.toml: [income_tax.head_of_household] is missing"
    );
    assert_eq!(
        broken("federal.toml", "married_separately = 16100\n", ""),
        "2026/federal.toml: [standard_deduction] has no \"married_separately\""
    );
}

#[test]
fn a_rate_that_passed_through_a_float_is_refused() {
    let error = broken("payroll.toml", "rate = \"0.062\"", "rate = 0.062");
    assert_eq!(error, "2026/payroll.toml: [social_security] has 0.062 in \"rate\": write a rate as text, such as \"0.22\"");
}

#[test]
fn a_percentage_is_not_taken_for_a_rate() {
    let error = broken("payroll.toml", "rate = \"0.062\"", "rate = \"6.2\"");
    assert_eq!(error, "2026/payroll.toml: [social_security] has 6.2 in \"rate\": a rate is between 0 and 1");
}

#[test]
fn an_amount_that_is_negative_is_refused() {
    let error = broken("limits.toml", "limit = 24500", "limit = -24500");
    assert_eq!(error, "2026/limits.toml: [elective_deferral] has -24500 in \"limit\", which cannot be negative");
}

#[test]
fn a_figure_without_its_source_is_refused() {
    let error = broken("payroll.toml", "source = \"26 U.S.C. § 3101(b)(1)\"\n", "");
    assert_eq!(error, "2026/payroll.toml: [medicare] has no \"source\"");
}

#[test]
fn a_key_that_nobody_reads_is_refused() {
    let error = broken("federal.toml", "higher_rate = \"0.28\"", "higher_rate = \"0.28\"\nhigest_rate = \"0.30\"");
    assert!(error.contains("[alternative_minimum_tax] has \"higest_rate\", which nothing reads"), "{error}");
}

#[test]
fn a_published_table_that_does_not_follow_from_its_own_brackets_is_refused() {
    let error = broken("withholding.toml", "base = [0, 0, 1240, 5800, 17966", "base = [0, 0, 1240, 5900, 17966");
    assert!(error.starts_with("2026/withholding.toml: [standard.single] states a base of 5900 at 57900"), "{error}");
}

#[test]
fn a_state_that_does_not_exist_is_refused() {
    let error = broken("states/none.toml", "\"TX\"", "\"XX\"");
    assert_eq!(error, "2026/states/none.toml: [no_income_tax] has \"XX\" in \"states\", which is not known");
}

#[test]
fn a_states_file_is_held_to_the_same() {
    let phase_out = broken("states/ct.toml", "step = 1000", "step = 0");
    assert_eq!(phase_out, "2026/states/ct.toml: [exemptions.phase_out] has a \"step\" of 0");
    let word = broken("states/ca.toml", "\"payroll_hsa\"", "\"payrol_hsa\"");
    assert_eq!(word, "2026/states/ca.toml: [base] has \"payrol_hsa\" in \"add\", which is not known");
    let status = broken("states/il.toml", "above = { single = 250000, ", "above = { ");
    assert_eq!(status, "2026/states/il.toml: [exemptions.phase_out] has no \"single\" in \"above\"");
    let twice = broken("states/il.toml", "code = \"IL\"", "code = \"IN\"");
    assert_eq!(twice, "2026/states/in.toml: [state] is the second file for IN");
    let unread = broken("states/pa.toml", "step = 250", "step = 250\nstpe = 250");
    assert!(unread.contains("[tax_forgiveness] has \"stpe\", which nothing reads"), "{unread}");
}

#[test]
fn a_missing_file_and_broken_toml_are_named() {
    let mut files = folder(2026);
    files.retain(|(name, _)| name != "limits.toml");
    assert_eq!(load(2026, &files).unwrap_err(), "2026/limits.toml: [] this file is missing");
    let error = broken("payroll.toml", "[medicare]", "[medicare");
    assert!(error.starts_with("2026/payroll.toml: [] is not TOML"), "{error}");
}

#[test]
fn a_year_that_nobody_has_made_law_for_yet_is_a_folder_and_nothing_else() {
    let mut files = folder(2026);
    let (_, federal) = files.iter_mut().find(|(name, _)| name == "federal.toml").unwrap();
    *federal = federal.replace("single = 16100", "single = 20000");
    let made_up = load(2031, &files).unwrap();
    assert_eq!(made_up.version(), "2031.1");
    let mut tax_return = domain::tax::Return::new(domain::vocabulary::FilingStatus::Single);
    tax_return.earners = vec![domain::tax::Earner { age: 40, wages: tax_support::money("50000.00"), ..Default::default() }];
    let estimate = made_up.year(2031).unwrap().estimate(&tax_return, None).unwrap();
    assert_eq!(estimate.taxable_income, tax_support::money("30000.00"));
}
