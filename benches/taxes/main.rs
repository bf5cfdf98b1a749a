//! Our side of the comparison with calculators in Python: `taxes HOUSEHOLDS.csv LINES.csv` computes every household of the first
//! file, writes its lines into the second, and prints how long one household takes, in microseconds.
//!
//! Timed as a caller has it: each household by itself, from the tables to all lines of its return. Reading and writing the files is
//! not timed, here or there. `benches/taxes/compare.py` calls this program.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use domain::money::Money;
use domain::tax::{Earner, Estimate, Return, TaxTables};
use domain::vocabulary::{FilingStatus, State};

/// Why there is no comparison.
type Failure = Box<dyn std::error::Error>;

/// How often all households are computed.
const ROUNDS: usize = 20;

/// A line of the households' file.
struct Household {
    id: String,
    year: i32,
    tax_return: Return,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [from, to] = arguments.as_slice() else {
        eprintln!("usage: taxes HOUSEHOLDS.csv LINES.csv");
        return ExitCode::from(2);
    };
    match compare(from, to) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("taxes: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn compare(from: &str, to: &str) -> Result<(), Failure> {
    let tables = TaxTables::shipped()?;
    let households = read(from)?;
    let mut lines = csv::Writer::from_path(to)?;
    lines.write_record(["id", "agi", "taxable_income", "federal", "payroll", "state", "total"])?;
    for household in &households {
        let estimate = tables.year(household.year)?.estimate(&household.tax_return, None)?;
        lines.write_record(figures(&household.id, &estimate))?;
    }
    lines.flush()?;
    let estimates = quickest_us(&households, |household| {
        let law = tables.year(household.year).expect("a year that has just been there");
        drop(black_box(law.estimate(black_box(&household.tax_return), None)));
    });
    let liabilities = quickest_us(&households, |household| {
        let law = tables.year(household.year).expect("a year that has just been there");
        drop(black_box(law.law(household.tax_return.filing_status, None).liability(black_box(&household.tax_return))));
    });
    println!("estimate {estimates:.3}\nliability {liabilities:.3}");
    Ok(())
}

/// Microseconds for one household. Of each hundred the quickest round counts: they take less than a turn of the scheduler, so that
/// what else the machine does is not counted, as it is not in the other calculators' CPU time.
fn quickest_us(households: &[Household], work: impl Fn(&Household)) -> f64 {
    let hundreds: Vec<&[Household]> = households.chunks(100).collect();
    let mut quickest_s = vec![f64::INFINITY; hundreds.len()];
    for _ in 0..ROUNDS {
        for (hundred, quickest_s) in hundreds.iter().zip(&mut quickest_s) {
            let begun = Instant::now();
            hundred.iter().for_each(&work);
            *quickest_s = quickest_s.min(begun.elapsed().as_secs_f64());
        }
    }
    let number = u32::try_from(households.len().max(1)).expect("a number of households");
    quickest_s.iter().sum::<f64>() * 1e6 / f64::from(number)
}

/// What is compared: the federal income tax with the net investment income tax, and the payroll taxes of the household itself.
fn figures(id: &str, estimate: &Estimate) -> [String; 7] {
    let payroll = estimate.social_security_tax + estimate.medicare_tax + estimate.additional_medicare_tax + estimate.self_employment_tax;
    let federal = estimate.federal_income_tax + estimate.net_investment_income_tax;
    let amounts = [estimate.agi, estimate.taxable_income, federal, payroll, estimate.state_income_tax, estimate.total_tax];
    let [agi, taxable, federal, payroll, state, total] = amounts.map(|amount| amount.to_string());
    [id.to_owned(), agi, taxable, federal, payroll, state, total]
}

fn read(path: &str) -> Result<Vec<Household>, Failure> {
    let mut file = csv::Reader::from_path(path)?;
    let heading = file.headers()?.clone();
    file.records().map(|record| household(&heading, &record?)).collect()
}

fn household(heading: &csv::StringRecord, record: &csv::StringRecord) -> Result<Household, Failure> {
    let text = |name: &str| {
        let place = heading.iter().position(|known| known == name).ok_or_else(|| format!("the file has no column {name}"))?;
        record.get(place).ok_or_else(|| format!("a line ends before its column {name}"))
    };
    let amount = |name: &str| -> Result<Money, Failure> { Ok(Money::parse(text(name)?)?) };
    let status = FilingStatus::parse(text("filing_status")?).ok_or("a filing status that is none")?;
    let taxpayer = Earner {
        age: text("age")?.parse()?,
        wages: amount("wages")?,
        self_employment_net: amount("self_employment")?,
        ..Earner::default()
    };
    let spouse = Earner { age: text("spouse_age")?.parse()?, wages: amount("spouse_wages")?, ..Earner::default() };
    let earners = if status == FilingStatus::MarriedJointly { vec![taxpayer, spouse] } else { vec![taxpayer] };
    let tax_return = Return {
        state: Some(State::parse(text("state")?).ok_or("a state that is none")?),
        earners,
        children_ages: text("children_ages")?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?,
        interest: amount("interest")?,
        qualified_dividends: amount("qualified_dividends")?,
        nonqualified_dividends: amount("nonqualified_dividends")?,
        short_term_gains: amount("short_term_gains")?,
        long_term_gains: amount("long_term_gains")?,
        retirement_income: amount("pension")?,
        social_security_benefits: amount("social_security")?,
        ..Return::new(status)
    };
    Ok(Household { id: text("id")?.to_owned(), year: text("year")?.parse()?, tax_return })
}
