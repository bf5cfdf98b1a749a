//! Reads a file of law: typed access to its tables, with errors that name file, table and what is wrong.
//!
//! Why not a serde derive: its errors name a line, not the table of law; and three rules hold for every table that it could not
//! express: a table of figures has a `source`, a figure is never a float, and nothing stands in a file that nobody reads (a
//! misspelt key would otherwise be a figure silently left out).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use toml::{Table, Value};

use super::error::TableError;
use super::schedule::{ByStatus, Schedule};
use crate::money::parse_decimal;
use crate::vocabulary::FilingStatus;

/// A parsed file, and which of its keys were read.
pub(super) struct LawFile {
    name: String,
    root: Table,
    read: RefCell<BTreeSet<String>>,
}

impl LawFile {
    pub(super) fn parse(name: &str, text: &str) -> Result<Self, TableError> {
        let root = text.parse::<Table>().map_err(|error| TableError {
            file: name.into(),
            table: String::new(),
            problem: format!("is not TOML: {}", error.to_string().trim_end()),
        })?;
        Ok(Self { name: name.into(), root, read: RefCell::default() })
    }

    /// A whole number that stands at the head of the file, outside of every table.
    pub(super) fn head(&self, key: &str) -> Result<u32, TableError> {
        self.read.borrow_mut().insert(key.into());
        let whole = self.root.get(key).and_then(Value::as_integer).and_then(|value| u32::try_from(value).ok());
        whole.ok_or_else(|| self.error("", format!("needs a whole number {key:?} at its head")))
    }

    /// The table at a dotted path. Every table of figures says where they are from.
    pub(super) fn table(&self, path: &str) -> Result<LawTable<'_>, TableError> {
        self.find(path)?.ok_or_else(|| self.error(path, "is missing".into()))
    }

    /// Whether a table is there, with figures of its own or only with tables in it.
    pub(super) fn has_table(&self, path: &str) -> bool {
        self.values(path).is_some()
    }

    /// Whether a key stands in a table.
    pub(super) fn has_key(&self, path: &str, key: &str) -> bool {
        self.values(path).is_some_and(|values| values.contains_key(key))
    }

    fn values(&self, path: &str) -> Option<&Table> {
        path.split('.').try_fold(&self.root, |table, step| table.get(step).and_then(Value::as_table))
    }

    /// The same, for a table that need not be there.
    pub(super) fn find(&self, path: &str) -> Result<Option<LawTable<'_>>, TableError> {
        let Some(table) = self.values(path) else { return Ok(None) };
        let found = LawTable { file: self, path: path.into(), values: table };
        if found.source()?.trim().is_empty() {
            return Err(found.error("has an empty source"));
        }
        Ok(Some(found))
    }

    /// The source of every table that has one, by its dotted path.
    pub(super) fn sources(&self) -> BTreeMap<String, String> {
        let mut sources = BTreeMap::new();
        let mut pending: Vec<(String, &Table)> = vec![(String::new(), &self.root)];
        while let Some((path, table)) = pending.pop() {
            if let Some(source) = table.get("source").and_then(Value::as_str) {
                sources.insert(path.clone(), source.to_owned());
            }
            for (key, inner) in table.iter().filter_map(|(key, value)| value.as_table().map(|inner| (key, inner))) {
                pending.push((if path.is_empty() { key.clone() } else { format!("{path}.{key}") }, inner));
            }
        }
        sources
    }

    /// Refuses what nobody has read: a misspelt key, or a table of another year's law.
    pub(super) fn finish(&self) -> Result<(), TableError> {
        let read = self.read.borrow();
        let mut pending: Vec<(String, &Table)> = vec![(String::new(), &self.root)];
        while let Some((path, table)) = pending.pop() {
            for (key, value) in table {
                let full = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                match value.as_table() {
                    Some(inner) => pending.push((full, inner)),
                    None if read.contains(&full) => {}
                    None => return Err(self.error(&path, format!("has {key:?}, which nothing reads: is it misspelt?"))),
                }
            }
        }
        Ok(())
    }

    /// The schedule of a status at `path.<status>`, or one for all at `path`.
    pub(super) fn schedule(&self, path: &str, status: FilingStatus) -> Result<Schedule, TableError> {
        if self.has_key(path, "above") {
            return self.table(path)?.schedule();
        }
        let status = status_key(status, |key| self.has_table(&format!("{path}.{key}")));
        self.table(&format!("{path}.{status}"))?.schedule()
    }

    /// The same, where there is one.
    pub(super) fn find_schedule(&self, path: &str, status: FilingStatus) -> Result<Option<Schedule>, TableError> {
        if self.has_table(path) { self.schedule(path, status).map(Some) } else { Ok(None) }
    }

    fn error(&self, table: &str, problem: String) -> TableError {
        TableError { file: self.name.clone(), table: table.into(), problem }
    }
}

/// Under which key the figure of a status stands.
fn status_key(status: FilingStatus, has: impl Fn(&str) -> bool) -> &'static str {
    match status {
        FilingStatus::QualifyingSurvivingSpouse if !has(status.as_str()) => FilingStatus::MarriedJointly.as_str(),
        FilingStatus::Single
        | FilingStatus::MarriedJointly
        | FilingStatus::MarriedSeparately
        | FilingStatus::HeadOfHousehold
        | FilingStatus::QualifyingSurvivingSpouse => status.as_str(),
    }
}

/// One table of a file.
pub(super) struct LawTable<'a> {
    file: &'a LawFile,
    path: String,
    values: &'a Table,
}

impl LawTable<'_> {
    /// Where the figures are from.
    pub(super) fn source(&self) -> Result<&str, TableError> {
        self.value("source")?.as_str().ok_or_else(|| self.error("has no text as its source"))
    }

    /// An amount in dollars: a whole number, or text where there are cents.
    pub(super) fn amount(&self, key: &str) -> Result<Decimal, TableError> {
        self.decimal(key, self.value(key)?)
    }

    /// Whether a key stands in the table at all.
    pub(super) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// Whether a switch is on; off where it is not there.
    pub(super) fn is_on(&self, key: &str) -> Result<bool, TableError> {
        match self.has(key) {
            true => self.value(key)?.as_bool().ok_or_else(|| self.error(format!("needs true or false in {key:?}"))),
            false => Ok(false),
        }
    }

    /// One word, parsed by its vocabulary.
    pub(super) fn word<T>(&self, key: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T, TableError> {
        let value = self.value(key)?;
        value.as_str().and_then(parse).ok_or_else(|| self.error(format!("has {value} in {key:?}, which is not known")))
    }

    /// An amount that is one for all, or `{ single = …, married_jointly = … }`.
    pub(super) fn amount_for(&self, key: &str, status: FilingStatus) -> Result<Decimal, TableError> {
        self.amount_in_column(key, |has| status_key(status, has))
    }

    /// An amount that is one for all, or that of the column which is chosen from those that are there.
    pub(super) fn amount_in_column(
        &self,
        key: &str,
        choose: impl Fn(&dyn Fn(&str) -> bool) -> &'static str,
    ) -> Result<Decimal, TableError> {
        let value = self.value(key)?;
        let Some(by_status) = value.as_table() else { return self.decimal(key, value) };
        let status = choose(&|key| by_status.contains_key(key));
        let figure = by_status.get(status).ok_or_else(|| self.error(format!("has no {status:?} in {key:?}")))?;
        self.file.read.borrow_mut().insert(format!("{}.{key}.{status}", self.path));
        self.decimal(key, figure)
    }

    /// An amount, or nothing where the key is not there.
    pub(super) fn optional_amount_for(&self, key: &str, status: FilingStatus) -> Result<Decimal, TableError> {
        if self.has(key) { self.amount_for(key, status) } else { Ok(Decimal::ZERO) }
    }

    /// Amounts in dollars.
    pub(super) fn amounts(&self, key: &str) -> Result<Vec<Decimal>, TableError> {
        self.list(key)?.iter().map(|value| self.decimal(key, value)).collect()
    }

    /// An amount for every status.
    pub(super) fn by_status(&self) -> Result<ByStatus<Decimal>, TableError> {
        ByStatus::try_build(|status| self.of_status(status))
    }

    /// The amount of one status; a qualifying surviving spouse has that of a joint return, where the table does not say otherwise.
    pub(super) fn of_status(&self, status: FilingStatus) -> Result<Decimal, TableError> {
        self.amount(status_key(status, |key| self.has(key)))
    }

    /// A fraction from 0 to 1, as text, so that it never passed through a float.
    pub(super) fn rate(&self, key: &str) -> Result<Decimal, TableError> {
        self.fraction(key, self.value(key)?)
    }

    /// Fractions from 0 to 1.
    pub(super) fn rates(&self, key: &str) -> Result<Vec<Decimal>, TableError> {
        self.list(key)?.iter().map(|value| self.fraction(key, value)).collect()
    }

    /// A whole number, such as an age.
    pub(super) fn whole(&self, key: &str) -> Result<u32, TableError> {
        self.whole_from(key, self.value(key)?)
    }

    /// Whole numbers.
    pub(super) fn wholes(&self, key: &str) -> Result<Vec<u32>, TableError> {
        self.list(key)?.iter().map(|value| self.whole_from(key, value)).collect()
    }

    /// Words, parsed by their vocabulary.
    pub(super) fn words<T>(&self, key: &str, parse: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, TableError> {
        let word = |value: &Value| {
            value.as_str().and_then(&parse).ok_or_else(|| self.error(format!("has {value} in {key:?}, which is not known")))
        };
        self.list(key)?.iter().map(word).collect()
    }

    /// The brackets in `above` and `rate`; where the law itself states the tax below each, that is in `base`, jumps included.
    pub(super) fn schedule(&self) -> Result<Schedule, TableError> {
        let (above, rate) = (self.amounts("above")?, self.rates("rate")?);
        let schedule = match self.has("base") {
            true => Schedule::stated(&above, &self.amounts("base")?, &rate),
            false => Schedule::new(&above, &rate),
        };
        schedule.map_err(|problem| self.error(problem))
    }

    /// The brackets of a published table, with the tax below each in `base`.
    pub(super) fn published_schedule(&self) -> Result<Schedule, TableError> {
        let (above, base, rate) = (self.amounts("above")?, self.amounts("base")?, self.rates("rate")?);
        Schedule::published(&above, &base, &rate).map_err(|problem| self.error(problem))
    }

    pub(super) fn error(&self, problem: impl Into<String>) -> TableError {
        self.file.error(&self.path, problem.into())
    }

    fn value(&self, key: &str) -> Result<&Value, TableError> {
        self.file.read.borrow_mut().insert(format!("{}.{key}", self.path));
        self.values.get(key).ok_or_else(|| self.error(format!("has no {key:?}")))
    }

    fn list(&self, key: &str) -> Result<&Vec<Value>, TableError> {
        let list = self.value(key)?.as_array().ok_or_else(|| self.error(format!("needs a list in {key:?}")))?;
        if list.is_empty() { Err(self.error(format!("has an empty list in {key:?}"))) } else { Ok(list) }
    }

    fn decimal(&self, key: &str, value: &Value) -> Result<Decimal, TableError> {
        let whole = value.as_integer().map(Decimal::from);
        let amount = whole.or_else(|| value.as_str().and_then(parse_decimal));
        let amount =
            amount.ok_or_else(|| self.error(format!("has {value} in {key:?}: write a whole number, or text where there are cents")))?;
        if amount.is_sign_negative() && !amount.is_zero() {
            return Err(self.error(format!("has {amount} in {key:?}, which cannot be negative")));
        }
        Ok(amount.normalize())
    }

    fn fraction(&self, key: &str, value: &Value) -> Result<Decimal, TableError> {
        let fraction = value.as_str().and_then(parse_decimal);
        let fraction = fraction.ok_or_else(|| self.error(format!("has {value} in {key:?}: write a rate as text, such as \"0.22\"")))?;
        if fraction < Decimal::ZERO || fraction > Decimal::ONE {
            return Err(self.error(format!("has {fraction} in {key:?}: a rate is between 0 and 1")));
        }
        Ok(fraction.normalize())
    }

    fn whole_from(&self, key: &str, value: &Value) -> Result<u32, TableError> {
        let whole = value.as_integer().and_then(|number| number.to_u32());
        whole.ok_or_else(|| self.error(format!("has {value} in {key:?}: write a whole number")))
    }
}
