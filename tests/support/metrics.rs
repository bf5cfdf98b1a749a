//! What a server tells Prometheus, read as Prometheus reads it.

use std::collections::{BTreeMap, BTreeSet};

/// The values of one scrape.
#[derive(Clone, Debug)]
pub struct Metrics(Vec<Sample>);

#[derive(Clone, Debug)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Metrics {
    /// Reads the text format: `name{label="value",…} number`.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        Self(lines.map(|line| Sample::parse(line).unwrap_or_else(|| panic!("not a sample: {line}"))).collect())
    }

    /// The sum of a metric over all of its series that have these labels; `None` where there is none.
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |sample: &Sample| labels.iter().all(|(label, value)| sample.labels.get(*label).is_some_and(|held| held == value));
        let mut values = self.0.iter().filter(|sample| sample.name == name && has(sample)).map(|sample| sample.value).peekable();
        values.peek()?;
        Some(values.sum())
    }

    /// By how much a metric has grown since an earlier scrape; what was not there was zero.
    pub fn growth(&self, earlier: &Self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.value(name, labels).unwrap_or(0.0) - earlier.value(name, labels).unwrap_or(0.0)
    }

    /// All names.
    pub fn names(&self) -> BTreeSet<&str> {
        self.0.iter().map(|sample| sample.name.as_str()).collect()
    }

    /// The labels that the series of a name have.
    pub fn labels_of(&self, name: &str) -> BTreeSet<&str> {
        self.0.iter().filter(|sample| sample.name == name).flat_map(|sample| sample.labels.keys().map(String::as_str)).collect()
    }
}

impl Sample {
    fn parse(line: &str) -> Option<Self> {
        let (series, value) = line.rsplit_once(' ')?;
        let (name, labels) = series.split_once('{').map_or((series, ""), |(name, labels)| (name, labels.trim_end_matches('}')));
        let labels = labels.split("\",").filter(|label| !label.is_empty()).map(|label| {
            let (label, value) = label.split_once("=\"")?;
            Some((label.to_owned(), value.trim_end_matches('"').to_owned()))
        });
        Some(Self { name: name.to_owned(), labels: labels.collect::<Option<_>>()?, value: value.parse().ok()? })
    }
}
