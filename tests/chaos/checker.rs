//! Explains a whole history, and complains of what it cannot explain.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde_json::Value;
use sqlx::postgres::PgConnection;

use crate::explain::Explainer;
use crate::generator::Action;
use crate::history::{Call, History};
use crate::stream::Stream;
use crate::timeline::Timeline;

/// What should have held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// A number stands for one event.
    Fork,
    /// Numbers have no gap.
    Gap,
    /// Each event's hash covers it and the one before.
    Chain,
    /// The head is the last event.
    Head,
    /// An event is appended to the state that it was decided on.
    DecidedOnAnother,
    /// What is derived belongs to what it is derived from.
    Derived,
    /// A request, and a key, is carried out once.
    Doubled,
    /// What was acknowledged is there, where the answer said.
    Lost,
    /// An answer to a command says what was done.
    WrongAnswer,
    /// A query shows what stood at the version that it names.
    WrongRead,
    /// Nobody is told an older version than anybody was told before.
    WentBack,
    /// A refusal has a reason.
    Unexplained,
    /// There is an answer, and it is none that a client should not get.
    Forbidden,
    /// A key has one answer.
    OtherAnswer,
}

/// Something that cannot be explained.
#[derive(Clone, Debug)]
pub struct Complaint {
    /// What should have held.
    pub rule: Rule,
    /// What was seen instead.
    pub text: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.text)
    }
}

/// What was checked, in numbers, and what is left unexplained.
#[derive(Debug, Default)]
pub struct Report {
    /// Calls by what became of them.
    pub counts: BTreeMap<&'static str, usize>,
    /// Events in the streams.
    pub events: usize,
    /// What cannot be explained.
    pub complaints: Vec<Complaint>,
}

impl Report {
    /// How many complaints there are of a rule.
    pub fn of(&self, rule: Rule) -> usize {
        self.complaints.iter().filter(|complaint| complaint.rule == rule).count()
    }

    /// How many calls ended so.
    pub fn count(&self, what: &str) -> usize {
        self.counts.get(what).copied().unwrap_or_default()
    }

    /// Everything is explained.
    #[track_caller]
    pub fn assert_explained(&self) {
        let shown: Vec<String> = self.complaints.iter().take(10).map(ToString::to_string).collect();
        assert!(shown.is_empty(), "{} complaints, of which the first:\n{}\n{self}", self.complaints.len(), shown.join("\n"));
    }

    fn tally(&mut self, call: &Call) {
        let what = match call.answered() {
            None => "no answer",
            Some(answered) if answered.status == 503 => "503",
            Some(answered) if answered.status >= 400 => "refused",
            Some(answered) if answered.again => "answered again",
            Some(_) if call.ask.action.is_command() => "acknowledged",
            Some(_) if matches!(call.ask.action, Action::Forecast(_)) => "projections",
            Some(_) => "reads",
        };
        *self.counts.entry(what).or_default() += 1;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts: Vec<String> = self.counts.iter().map(|(what, number)| format!("{what} {number}")).collect();
        let mut rules: BTreeMap<Rule, usize> = BTreeMap::new();
        self.complaints.iter().for_each(|complaint| *rules.entry(complaint.rule).or_default() += 1);
        write!(f, "{}; {} events replayed; complaints: {rules:?}", counts.join(", "), self.events)
    }
}

/// Explains a history by the streams of its households, given in the order of their numbers.
pub async fn check(history: &History, households: &[String], database: &mut PgConnection) -> Report {
    let (calls, troubles) = (history.calls(), history.troubles());
    let mut report = Report::default();
    for (number, household) in households.iter().enumerate() {
        let calls: Vec<&Call> = calls.iter().filter(|call| call.household == number).collect();
        let (stream, complaints) = Stream::read(household, database).await;
        report.events += stream.events.len();
        report.complaints.extend(complaints);
        let timeline = Timeline::new(&calls, &stream);
        let explainer = Explainer { stream: &stream, timeline: &timeline, troubles: &troubles };
        for call in &calls {
            report.tally(call);
            let found = explainer.explain(call);
            report.complaints.extend(found.map(|(rule, text)| Complaint { rule, text: format!("{text}\n    {call}") }));
        }
        compare_answers(&calls, &mut report);
    }
    report
}

/// What two answers must have in common: those to one key everything, projections of one version their months.
fn compare_answers(calls: &[&Call], report: &mut Report) {
    let mut first: HashMap<String, (&Value, &Call)> = HashMap::new();
    for call in calls {
        let Some(answered) = call.succeeded() else { continue };
        let common = match (&call.ask.key, &call.ask.action) {
            (Some(key), _) => Some((format!("key {key}"), &answered.body)),
            (None, Action::Forecast(_)) => {
                let of = format!("projection {} {:?} {}", call.ask.path, answered.version, answered.body["start_month"]);
                Some((of, &answered.body["months"]))
            }
            (None, _) => None,
        };
        let Some((of, told)) = common else { continue };
        match first.get(&of) {
            None => drop(first.insert(of, (told, call))),
            Some((same, _)) if *same == told => {}
            Some((_, other)) => {
                report
                    .complaints
                    .push(Complaint { rule: Rule::OtherAnswer, text: format!("{of} was answered in two ways:\n    {other}\n    {call}") });
            }
        }
    }
}
