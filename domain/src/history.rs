//! The history of returns: what a dollar in stocks, bonds and bills made in each year, and what prices did.
//!
//! The figures stand in `data/history/us.csv` with their source. A table is refused unless it is whole: a gap in the years, a figure
//! that is none, or a loss of everything is an error that names the line. Deliberately absent: months (the sources are yearly; whoever
//! needs months spreads a year over twelve equal ones), wages, and every country but one.

use std::sync::OnceLock;

use rust_decimal::Decimal;

use crate::money::parse_decimal;
use crate::rate::Rate;

/// The columns, as the first line that is no comment has them.
const HEADER: &str = "year,stocks,bills,bonds,inflation";

/// A year of the past; fractions: 0.2488 = 24.88 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoricalYear {
    /// The calendar year.
    pub year: i32,
    /// The S&P 500, dividends reinvested.
    pub stocks: Rate,
    /// Treasury bills of three months.
    pub bills: Rate,
    /// Treasury bonds of ten years, coupons reinvested.
    pub bonds: Rate,
    /// Consumer prices, December to December.
    pub inflation: Rate,
}

/// Consecutive years, the first one first; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History(Vec<HistoricalYear>);

/// What is wrong with a table. Lines are counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// Its first line is another.
    #[error("line {line}: the columns must be {HEADER}")]
    Header {
        /// Which line.
        line: usize,
    },
    /// A line with more or fewer figures.
    #[error("line {line}: has {found} columns, not 5")]
    Columns {
        /// Which line.
        line: usize,
        /// How many it has.
        found: usize,
    },
    /// No number, or a loss of everything.
    #[error("line {line}: {column} is not a percentage above -100: {text:?}")]
    Figure {
        /// Which line.
        line: usize,
        /// Which column.
        column: &'static str,
        /// What stands there.
        text: String,
    },
    /// The years do not follow each other.
    #[error("line {line}: {found} stands where the year {expected} should")]
    Year {
        /// Which line.
        line: usize,
        /// The year behind the one before.
        expected: i32,
        /// What stands there.
        found: String,
    },
    /// There is no year in it.
    #[error("there is no year in it")]
    Empty,
}

impl History {
    /// The table that comes with this program, read on first use.
    ///
    /// # Errors
    /// What is wrong with it. A test proves that nothing is.
    pub fn shipped() -> Result<&'static Self, &'static HistoryError> {
        static SHIPPED: OnceLock<Result<History, HistoryError>> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::parse(include_str!("../data/history/us.csv"))).as_ref()
    }

    /// Reads and checks a table: comments behind `#`, the header, a line a year in percent.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, HistoryError> {
        let mut lines = (1_usize..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
        match lines.next() {
            Some((_, HEADER)) => {}
            Some((line, _)) => return Err(HistoryError::Header { line }),
            None => return Err(HistoryError::Empty),
        }
        let mut years: Vec<HistoricalYear> = Vec::new();
        for (line, text) in lines {
            let expected = years.last().map(|last| last.year.saturating_add(1));
            years.push(year(line, text, expected)?);
        }
        if years.is_empty() { Err(HistoryError::Empty) } else { Ok(Self(years)) }
    }

    /// The years, the first one first.
    #[must_use]
    pub fn years(&self) -> &[HistoricalYear] {
        &self.0
    }
}

fn year(line: usize, text: &str, expected: Option<i32>) -> Result<HistoricalYear, HistoryError> {
    let fields: Vec<&str> = text.split(',').map(str::trim).collect();
    let [year, stocks, bills, bonds, inflation] = fields.as_slice() else {
        return Err(HistoryError::Columns { line, found: fields.len() });
    };
    let told = year.parse::<i32>().ok();
    let year = match (told, expected) {
        (Some(told), Some(expected)) if told == expected => told,
        (Some(told), None) => told,
        (None, None) => return Err(HistoryError::Figure { line, column: "year", text: (*year).to_owned() }),
        (_, Some(expected)) => return Err(HistoryError::Year { line, expected, found: (*year).to_owned() }),
    };
    let fraction = |column, text: &str| {
        let percent = parse_decimal(text).filter(|percent| *percent > Decimal::NEGATIVE_ONE * Decimal::ONE_HUNDRED);
        let fraction = percent.and_then(|percent| percent.checked_div(Decimal::ONE_HUNDRED));
        fraction.map(Rate::new).ok_or_else(|| HistoryError::Figure { line, column, text: text.to_owned() })
    };
    Ok(HistoricalYear {
        year,
        stocks: fraction("stocks", stocks)?,
        bills: fraction("bills", bills)?,
        bonds: fraction("bonds", bonds)?,
        inflation: fraction("inflation", inflation)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        Rate::parse(text).unwrap()
    }

    #[test]
    fn the_shipped_table_is_whole() {
        let years = History::shipped().unwrap().years();
        assert_eq!((years[0].year, years[years.len() - 1].year, years.len()), (1928, 2024, 97));
        let crash = years[1931 - 1928];
        assert_eq!(
            (crash.stocks, crash.bills, crash.bonds, crash.inflation),
            (rate("-0.4384"), rate("0.0231"), rate("-0.0256"), rate("-0.0932"))
        );
    }

    #[test]
    fn a_wrong_table_is_refused_by_line_and_column() {
        let table = |lines: &str| History::parse(&format!("# source\n{HEADER}\n{lines}")).unwrap_err().to_string();
        assert_eq!(History::parse("year,stocks\n").unwrap_err(), HistoryError::Header { line: 1 });
        assert_eq!(table(""), "there is no year in it");
        assert_eq!(table("2000,1,2,3,4\n2002,1,2,3,4\n"), "line 4: 2002 stands where the year 2001 should");
        assert_eq!(table("2000,1,2,3\n"), "line 3: has 4 columns, not 5");
        assert_eq!(table("2000,1,2,n/a,4\n"), "line 3: bonds is not a percentage above -100: \"n/a\"");
        assert_eq!(table("2000,-100,2,3,4\n"), "line 3: stocks is not a percentage above -100: \"-100\"");
    }
}
