//! Explains one answer by the replayed stream.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use serde_json::Value;

use crate::checker::Rule;
use crate::generator::Action;
use crate::history::{Answered, Call, Reply, Trouble};
use crate::model::{Kind, State, difference};
use crate::stream::{Stored, Stream};
use crate::timeline::Timeline;

/// So long after the database is back a client may still hear that it is away: for as long as a process waits for a connection, and then some.
const STILL_FELT: Duration = Duration::from_secs(5);

type Found = Option<(Rule, String)>;

/// What a household's answers are explained by.
#[derive(Debug)]
pub struct Explainer<'a> {
    /// What happened.
    pub stream: &'a Stream,
    /// When.
    pub timeline: &'a Timeline,
    /// What was done to the processes meanwhile.
    pub troubles: &'a [Trouble],
}

impl Explainer<'_> {
    /// What is wrong with a call, if anything is.
    pub fn explain(&self, call: &Call) -> Found {
        match &call.reply {
            Reply::Hung => Some((Rule::Forbidden, "no answer in time".into())),
            Reply::Nothing(_) if self.was_down(call) => None,
            Reply::Nothing(_) => Some((Rule::Forbidden, "no answer from a process that was there".into())),
            Reply::Answered(answered) => self.answered(call, answered),
        }
    }

    fn answered(&self, call: &Call, answered: &Answered) -> Found {
        let found = match (answered.status, call.ask.wrong) {
            (503, _) if !answered.retry_after => Some((Rule::Forbidden, "503 without Retry-After".into())),
            (503, _) if self.was_away(call) => return None, // carried out once or not at all: the stream has been asked
            (503.., _) | (500..=502, _) => Some((Rule::Forbidden, format!("{} without a fault that explains it", answered.status))),
            (status, Some(expected)) => (status != expected).then(|| (Rule::Unexplained, format!("{expected} was expected"))),
            (200 | 201, None) if call.ask.action.is_command() => return self.acknowledged(call, answered),
            (200 | 201, None) => self.read(call, answered),
            (_, None) => self.refused(call, answered),
        };
        // Neither a refusal nor a query leaves anything behind.
        found.or_else(|| {
            let left = self.stream.by_request.contains_key(&call.request_id);
            left.then(|| (Rule::WrongAnswer, "it left events".into()))
        })
    }

    fn was_down(&self, call: &Call) -> bool {
        self.troubles.iter().any(|trouble| trouble.process == Some(call.process) && overlaps(trouble, call, Duration::ZERO))
    }

    /// The database was away, or the process was on its way out.
    fn was_away(&self, call: &Call) -> bool {
        let felt = |trouble: &&Trouble| trouble.process.is_none_or(|process| process == call.process);
        self.troubles.iter().filter(felt).any(|trouble| overlaps(trouble, call, STILL_FELT))
    }

    fn state(&self, version: usize) -> Option<&State> {
        self.stream.states.get(version)
    }

    fn window(&self, call: &Call) -> RangeInclusive<usize> {
        let (oldest, newest) = self.timeline.window(call);
        oldest..=newest
    }

    /// At some version that the call can have met, this held.
    fn held(&self, call: &Call, held: impl Fn(&State) -> bool) -> bool {
        self.window(call).any(|version| self.state(version).is_some_and(&held))
    }

    fn acknowledged(&self, call: &Call, answered: &Answered) -> Found {
        let Some(version) = answered.version.filter(|version| answered.body["version"].as_u64() == Some(*version as u64)) else {
            return Some((Rule::WrongAnswer, "it names no version, or two".into()));
        };
        let own: Vec<&Stored> =
            self.stream.by_request.get(&call.request_id).into_iter().flatten().map(|n| &self.stream.events[*n]).collect();
        let (events, request_version) = if answered.again {
            if !own.is_empty() {
                return Some((Rule::Doubled, "answered again, and carried out".into()));
            }
            let key = call.ask.key.as_ref();
            (self.stream.events.iter().filter(|event| event.key.is_some() && event.key.as_ref() == key).collect(), version)
        } else {
            (own, version)
        };
        let told: Vec<&str> = answered.body["events"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let there: Vec<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
        if told != there {
            let rule = if there.len() > told.len() { Rule::Doubled } else { Rule::Lost };
            return Some((rule, format!("{told:?} was acknowledged, {there:?} is there")));
        }
        let base = request_version - told.len().min(request_version);
        if let Some(last) = events.last()
            && last.sequence != version
        {
            return Some((Rule::Lost, format!("acknowledged at version {version}, appended at {}", last.sequence)));
        }
        if call.ask.if_match.is_some_and(|expected| expected != base) {
            return Some((Rule::DecidedOnAnother, format!("on condition of version {:?}, and decided on {base}", call.ask.if_match)));
        }
        if events.is_empty() && !answered.again && !self.window(call).contains(&version) {
            return Some((Rule::WentBack, format!("nothing changed at version {version}, and {:?} were there", self.window(call))));
        }
        let (Some(before), Some(after)) = (self.state(base), self.state(version)) else {
            return Some((Rule::Lost, format!("version {version} was acknowledged, and never was")));
        };
        told_what_was_done(call, answered, &events, before, after).map(|wrong| (Rule::WrongAnswer, wrong))
    }

    fn read(&self, call: &Call, answered: &Answered) -> Found {
        let window = self.window(call);
        let Some(version) = answered.version else { return Some((Rule::WrongRead, "it names no version".into())) };
        if version < *window.start() || call.ask.min_version.is_some_and(|least| version < least) {
            return Some((Rule::WentBack, format!("version {version}, where {window:?} were there")));
        }
        let Some(state) = self.state(version).filter(|_| version <= *window.end()) else {
            return Some((Rule::WrongRead, format!("version {version}, which was not there yet: {window:?}")));
        };
        shown_what_stood(&call.ask.action, &answered.body, version, state).map(|wrong| (Rule::WrongRead, wrong))
    }

    fn refused(&self, call: &Call, answered: &Answered) -> Found {
        let ask = &call.ask;
        let absent = |kind: Kind, id: &str| self.held(call, |state| state.row(kind, id).is_none());
        let explained = match answered.status {
            404 => ask.action.about().is_some_and(|(kind, id)| absent(kind, id)),
            409 => match &ask.action {
                Action::Remove(Kind::Account, id) => self.held(call, |state| {
                    state.rows(Kind::Flow).any(|(_, flow)| flow["is_system"] == false && flow["from_account_id"].as_str() == Some(id))
                }),
                _ => false,
            },
            412 => {
                let current = answered.version.filter(|current| answered.body["current_version"].as_u64() == Some(*current as u64));
                current.is_some_and(|current| ask.if_match.is_some_and(|wanted| wanted != current) && self.window(call).contains(&current))
            }
            422 => {
                let account = ask.body.as_ref().and_then(|body| body["from_account_id"].as_str());
                account.is_some_and(|id| absent(Kind::Account, id))
            }
            _ => false,
        };
        (!explained).then(|| (Rule::Unexplained, format!("refused, and no reason for it in versions {:?}", self.window(call))))
    }
}

fn overlaps(trouble: &Trouble, call: &Call, felt: Duration) -> bool {
    trouble.from <= call.ended && call.started <= trouble.until + felt
}

/// What a command's answer says otherwise than the stream.
fn told_what_was_done(call: &Call, answered: &Answered, events: &[&Stored], before: &State, after: &State) -> Option<String> {
    let (body, asked) = (&answered.body, call.ask.body.as_ref().unwrap_or(&Value::Null));
    match &call.ask.action {
        Action::Create(kind) => {
            let id = body["id"].as_str().unwrap_or_default();
            let first = events.first().map(|event| event.event_type.as_str());
            if first != Some(&kind.made_by()) || before.row(*kind, id).is_some() || answered.status != 201 {
                return Some(format!("nothing was made: {first:?}"));
            }
            told(*kind, id, body, after).or_else(|| done(asked, events, after.row(*kind, id)?))
        }
        Action::Change(kind, id) => told(*kind, id, body, after).or_else(|| done(asked, events, after.row(*kind, id)?)),
        Action::Remove(kind, id) => {
            let gone = before.row(*kind, id).is_some() && after.row(*kind, id).is_none();
            (!gone).then(|| "it was not removed".to_owned())
        }
        Action::Record(id) => {
            let row = after.row(Kind::Account, id)?;
            let recorded =
                events.iter().any(|event| event.event_type == "balance.recorded" && difference(&event.data["balance"], asked).is_none());
            let known = events.is_empty() && (&row["current_balance"], &row["balance_as_of"]) == (&asked["balance"], &asked["as_of_date"]);
            told(Kind::Account, id, body, after).or_else(|| (!recorded && !known).then(|| "it was not recorded".to_owned()))
        }
        Action::Regenerate => {
            let outcome = if events.is_empty() { "unchanged" } else { "generated" };
            (body["outcome"] != outcome).then(|| format!("the outcome was {outcome}"))
        }
        Action::List(..) | Action::Show(..) | Action::Balances(_) | Action::Forecast(_) => None,
    }
}

/// What an answer says of a thing otherwise than the state behind the command.
fn told(kind: Kind, id: &str, body: &Value, after: &State) -> Option<String> {
    let Some(row) = after.row(kind, id) else { return Some("it is not there".to_owned()) };
    difference(body, row)
}

/// What was asked for and is not so. A balance of today does not become the current one where there is one of tomorrow (a clock that was stepped
/// back has written it), so it is enough that it was recorded.
fn done(asked: &Value, events: &[&Stored], row: &Value) -> Option<String> {
    let recorded = |amount: &Value| events.iter().any(|event| event.data["balance"]["balance"] == *amount);
    let mut asked = asked.as_object()?.iter().filter(|(_, value)| !value.is_null());
    let (name, value) = asked.find(|(name, value)| row[name.as_str()] != **value && !(*name == "current_balance" && recorded(value)))?;
    Some(format!("{name} was to be {value}, and is {}", row[name.as_str()]))
}

/// What a query's answer shows otherwise than it stood.
fn shown_what_stood(action: &Action, body: &Value, version: usize, state: &State) -> Option<String> {
    match action {
        Action::List(kind, system) => {
            let listed = |row: &Value| row["account_type"] != "payroll_clearing" && system.is_none_or(|system| row["is_system"] == system);
            let stood = state.rows(*kind).filter(|(_, row)| listed(row)).map(|(id, row)| (id.to_owned(), row)).collect();
            items(body, "id", &stood)
        }
        Action::Show(kind, id) => match state.row(*kind, id) {
            Some(row) => difference(body, row),
            None => Some("it was not there".to_owned()),
        },
        Action::Balances(id) => {
            let stood = state.balances(id).iter().map(|row| (row["version"].to_string(), row)).collect();
            items(body, "version", &stood)
        }
        Action::Forecast(_) => forecast(body, version, state),
        Action::Create(_) | Action::Change(..) | Action::Remove(..) | Action::Record(_) | Action::Regenerate => None,
    }
}

/// How a list differs from what stood; where it goes on behind the page, only what the page shows is compared.
fn items(body: &Value, key: &str, stood: &BTreeMap<String, &Value>) -> Option<String> {
    let items = body["items"].as_array()?;
    let mut seen = Vec::new();
    for item in items {
        let id = item[key].as_str().map_or_else(|| item[key].to_string(), str::to_owned);
        let Some(row) = stood.get(&id) else { return Some(format!("{item} was not there")) };
        if let Some(other) = difference(item, row) {
            return Some(format!("{id}: {other}"));
        }
        seen.push(id);
    }
    seen.sort_unstable();
    if let Some(twice) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
        return Some(format!("{} is listed twice", twice[0]));
    }
    let missing = stood.keys().find(|id| seen.binary_search(id).is_err()).filter(|_| body["next_cursor"].is_null());
    missing.map(|id| format!("{id} is missing"))
}

/// A projection begins with the balances of the version that it names. (Two of one version are compared with each other elsewhere.)
fn forecast(body: &Value, version: usize, state: &State) -> Option<String> {
    if body["household_version"].as_u64() != Some(version as u64) {
        return Some(format!("it names version {} as well", body["household_version"]));
    }
    let opening = &body["opening"]["balances"];
    for (id, account) in state.rows(Kind::Account).filter(|(_, row)| row["account_type"] != "payroll_clearing" && row["active"] == true) {
        if opening[id] != account["current_balance"] {
            return Some(format!("it begins with {} in {id}, which held {}", opening[id], account["current_balance"]));
        }
    }
    let unknown = opening.as_object()?.keys().find(|id| state.row(Kind::Account, id).is_none());
    let has_cash = state.rows(Kind::Account).any(|(_, row)| ["checking", "savings"].iter().any(|cash| row["account_type"] == *cash));
    unknown.filter(|_| has_cash).map(|id| format!("it begins with the account {id}, which was not there"))
}
