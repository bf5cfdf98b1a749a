//! What the tests of the tax room share: the shipped tables, and tables of cases as CSV with a comment on where they are from.

#![allow(dead_code, reason = "every test binary uses a part of it")]

use std::fmt;

use domain::money::Money;
use domain::tax::TaxTables;
use domain::vocabulary::FilingStatus;

pub fn tables() -> &'static TaxTables {
    TaxTables::shipped().unwrap_or_else(|error| panic!("{error}"))
}

pub fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// A table without quotes; lines that start with `#` say where it is from.
pub struct Csv {
    header: Vec<&'static str>,
    lines: Vec<Vec<&'static str>>,
}

impl Csv {
    pub fn parse(text: &'static str) -> Self {
        let mut lines = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(',').collect::<Vec<_>>());
        let header = lines.next().unwrap();
        let lines: Vec<_> = lines.collect();
        assert!(lines.iter().all(|line| line.len() == header.len()));
        Self { header, lines }
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.lines.iter().map(|values| Row { header: &self.header, values })
    }
}

pub struct Row<'a> {
    header: &'a [&'static str],
    values: &'a [&'static str],
}

impl Row<'_> {
    pub fn text(&self, column: &str) -> &'static str {
        let index = self.header.iter().position(|name| *name == column).unwrap_or_else(|| panic!("no column {column}"));
        self.values[index]
    }

    pub fn money(&self, column: &str) -> Money {
        match self.text(column) {
            "" => Money::ZERO,
            text => money(text),
        }
    }

    pub fn status(&self, column: &str) -> FilingStatus {
        FilingStatus::parse(self.text(column)).unwrap()
    }
}

impl fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.values.join(","))
    }
}
