//! What a client asks next: made up as it goes, from a seed and from what the clients of its household have learned so far.
//!
//! The choices are those of the seed; which things there are to choose from depends on the answers, so a seed gives the same kind of run again, not
//! the same run. Things are few, so that clients get in each other's way: they change what another removes, and remove what another uses.

use fastrand::Rng;
use reqwest::Method;
use serde_json::{Value, json};

use crate::model::Kind;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Makes a thing.
    Create(Kind),
    /// Changes a thing.
    Change(Kind, String),
    /// Removes a thing.
    Remove(Kind, String),
    /// Records a balance of an account.
    Record(String),
    /// Derives the system flows anew.
    Regenerate,
    /// All things of a kind; of flows, derived ones, entered ones, or both.
    List(Kind, Option<bool>),
    /// One thing.
    Show(Kind, String),
    /// The balances of an account.
    Balances(String),
    /// The projection of a scenario.
    Forecast(String),
}

impl Action {
    /// It may append events.
    pub const fn is_command(&self) -> bool {
        matches!(self, Self::Create(_) | Self::Change(..) | Self::Remove(..) | Self::Record(_) | Self::Regenerate)
    }

    /// The thing that it is about, which has to be there.
    pub fn about(&self) -> Option<(Kind, &str)> {
        match self {
            Self::Change(kind, id) | Self::Remove(kind, id) | Self::Show(kind, id) => Some((*kind, id)),
            Self::Record(id) | Self::Balances(id) => Some((Kind::Account, id)),
            Self::Forecast(id) => Some((Kind::Scenario, id)),
            Self::Create(_) | Self::Regenerate | Self::List(..) => None,
        }
    }
}

/// A request, but for where it is sent.
#[derive(Clone, Debug)]
pub struct Ask {
    /// What is asked for.
    pub action: Action,
    /// How.
    pub method: Method,
    /// Where, below `/api/v1`.
    pub path: String,
    /// With what.
    pub body: Option<Value>,
    /// `Idempotency-Key`.
    pub key: Option<String>,
    /// `If-Match`.
    pub if_match: Option<usize>,
    /// `X-Min-Version`.
    pub min_version: Option<usize>,
    /// It is wrong on purpose: the status of its refusal.
    pub wrong: Option<u16>,
}

impl Ask {
    fn new(action: Action, method: Method, path: String, body: Option<Value>) -> Self {
        Self { action, method, path, body, key: None, if_match: None, min_version: None, wrong: None }
    }
}

impl std::fmt::Display for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(body) = &self.body {
            write!(f, " {body}")?;
        }
        for (name, value) in [("If-Match", self.if_match), ("X-Min-Version", self.min_version)] {
            if let Some(value) = value {
                write!(f, " {name} {value}")?;
            }
        }
        self.key.iter().try_for_each(|key| write!(f, " key {key}"))
    }
}

/// What the clients of a household have learned from their answers.
#[derive(Debug, Default)]
pub struct World {
    /// Things that were there when somebody last heard of them.
    pub things: Vec<(Kind, String)>,
    /// Things that were removed.
    pub gone: Vec<(Kind, String)>,
    /// The newest version that anybody was told.
    pub version: usize,
    /// Keys that were used and answered, with what was asked.
    pub answered: Vec<Ask>,
    /// Things that were removed since they are more than a run needs are counted here, so that names stay apart.
    pub named: usize,
}

/// As many things of a kind as are wanted at once; beyond that, clients rather remove.
const ENOUGH: usize = 8;
/// Answered requests that may be sent again.
const REMEMBERED: usize = 64;

impl World {
    /// A thing is there.
    pub fn learn(&mut self, kind: Kind, id: &str) {
        self.things.push((kind, id.to_owned()));
    }

    /// A thing is not there any more.
    pub fn forget(&mut self, kind: Kind, id: &str) {
        self.things.retain(|(k, known)| (*k, known.as_str()) != (kind, id));
        self.gone.push((kind, id.to_owned()));
    }

    /// A keyed request was answered.
    pub fn remember(&mut self, ask: &Ask) {
        if self.answered.len() < REMEMBERED {
            self.answered.push(ask.clone());
        }
    }

    fn some(&self, rng: &mut Rng, kind: Kind) -> Option<String> {
        let ids: Vec<&String> = self.things.iter().filter(|(k, _)| *k == kind).map(|(_, id)| id).collect();
        rng.choice(ids).cloned()
    }

    fn count(&self, kind: Kind) -> usize {
        self.things.iter().filter(|(k, _)| *k == kind).count()
    }

    fn name(&mut self) -> String {
        self.named += 1;
        format!("Thing {}", self.named)
    }
}

/// A client's next request. `n` is unique to it.
pub fn next(rng: &mut Rng, world: &mut World, n: &str) -> Ask {
    match rng.u32(0..100) {
        0..=46 => {
            let ask = command(rng, world);
            conditions(rng, world, n, ask)
        }
        47..=54 => wrong(rng, world, n),
        55..=57 => again(rng, world).unwrap_or_else(|| query(rng, world)),
        _ => query(rng, world),
    }
}

fn command(rng: &mut Rng, world: &mut World) -> Ask {
    let kind = *rng.choice(&[Kind::Account, Kind::Account, Kind::Income, Kind::Flow, Kind::Member]).unwrap_or(&Kind::Account);
    let act = rng.u32(0..20);
    if act == 0 {
        return Ask::new(Action::Regenerate, Method::POST, "/flows/regenerate".into(), Some(json!({})));
    }
    if act == 1 {
        let rate = format!("0.0{}5", rng.u32(1..9));
        return changed(rng, world, Kind::Scenario, json!({"inflation_rate": rate}));
    }
    if act == 2 {
        let name = world.name();
        return changed(rng, world, Kind::Household, json!({ "name": name }));
    }
    let full = world.count(kind) >= ENOUGH;
    match act {
        3..=7 if !full => create(rng, world, kind),
        3..=5 => remove(rng, world, kind),
        _ => change(rng, world, kind),
    }
}

fn create(rng: &mut Rng, world: &mut World, kind: Kind) -> Ask {
    let name = world.name();
    let body = match kind {
        Kind::Account => {
            let account_type = ["checking", "savings", "brokerage"][rng.usize(0..3)];
            json!({"name": name, "account_type": account_type, "current_balance": cents(rng)})
        }
        Kind::Income => json!({"name": name, "income_type": "w2", "gross_annual_salary": salary(rng), "pay_frequency": "monthly"}),
        Kind::Flow => {
            let account = world.some(rng, Kind::Account);
            json!({"name": name, "flow_type": "expense", "category": "groceries", "amount": cents(rng), "frequency": "monthly", "start_date": "2026-01-15", "from_account_id": account})
        }
        Kind::Member | Kind::Household | Kind::Scenario => json!({"name": name, "relationship": "child", "date_of_birth": "2015-06-01"}),
    };
    Ask::new(Action::Create(kind), Method::POST, format!("/{}", kind.collection()), Some(body))
}

fn change(rng: &mut Rng, world: &mut World, kind: Kind) -> Ask {
    let name = world.name();
    match kind {
        Kind::Account if rng.u32(0..4) == 0 => match world.some(rng, kind) {
            Some(id) => {
                let body = json!({"balance": cents(rng), "as_of_date": format!("2026-0{}-{}", rng.u32(1..10), rng.u32(10..29))});
                Ask::new(Action::Record(id.clone()), Method::POST, format!("/accounts/{id}/balances"), Some(body))
            }
            None => create(rng, world, kind),
        },
        Kind::Account if rng.bool() => {
            let body = json!({"current_balance": cents(rng)});
            changed(rng, world, kind, body)
        }
        Kind::Income => {
            let body = json!({"gross_annual_salary": salary(rng)});
            changed(rng, world, kind, body)
        }
        Kind::Flow => {
            let body = json!({"amount": cents(rng)});
            changed(rng, world, kind, body)
        }
        Kind::Account | Kind::Member | Kind::Household | Kind::Scenario => changed(rng, world, kind, json!({ "name": name })),
    }
}

fn changed(rng: &mut Rng, world: &mut World, kind: Kind, body: Value) -> Ask {
    match world.some(rng, kind) {
        Some(id) => {
            let path = format!("/{}/{id}", kind.collection());
            Ask::new(Action::Change(kind, id), Method::PATCH, path, Some(body))
        }
        None => create(rng, world, kind),
    }
}

fn remove(rng: &mut Rng, world: &mut World, kind: Kind) -> Ask {
    match world.some(rng, kind) {
        Some(id) => {
            let path = format!("/{}/{id}", kind.collection());
            Ask::new(Action::Remove(kind, id), Method::DELETE, path, None)
        }
        None => create(rng, world, kind),
    }
}

/// A key, or a condition, or neither.
fn conditions(rng: &mut Rng, world: &World, n: &str, ask: Ask) -> Ask {
    let key = (rng.u32(0..10) < 4).then(|| format!("key-{n}"));
    let if_match = (rng.u32(0..10) < 2 && world.version > 0).then_some(world.version);
    Ask { key, if_match, ..ask }
}

/// Something that has to be refused, whatever the household holds.
fn wrong(rng: &mut Rng, world: &mut World, n: &str) -> Ask {
    let nowhere = random_id(rng);
    let flow = |amount: &str, end: Option<&str>| {
        json!({"name": "Wrong", "flow_type": "expense", "category": "groceries", "amount": amount, "frequency": "monthly",
               "start_date": "2026-03-01", "end_date": end})
    };
    let post = |kind: Kind, body: Value| Ask::new(Action::Create(kind), Method::POST, format!("/{}", kind.collection()), Some(body));
    let (ask, status) = match rng.u32(0..7) {
        0 => (post(Kind::Flow, flow("-5.00", None)), 422),
        1 => (post(Kind::Flow, flow("5.00", Some("2026-02-28"))), 422),
        2 => (post(Kind::Account, json!({"account_type": "savings"})), 422),
        3 => (post(Kind::Account, json!({"name": "Wrong", "account_type": "savings", "current_balance": "12.345"})), 422),
        4 => {
            let body = json!({"name": "Wrong", "flow_type": "expense", "category": "groceries", "amount": "1.00", "frequency": "monthly",
                              "start_date": "2026-03-01", "from_account_id": nowhere});
            (post(Kind::Flow, body), 422)
        }
        5 => (Ask::new(Action::Remove(Kind::Flow, nowhere.clone()), Method::DELETE, format!("/flows/{nowhere}"), None), 404),
        _ => match rng.choice(world.answered.clone()) {
            // A key that was used, with another body.
            Some(first) if first.body.is_some() => (Ask { body: Some(json!({"name": format!("Not {n}")})), if_match: None, ..first }, 422),
            _ => (Ask::new(Action::Show(Kind::Flow, nowhere.clone()), Method::GET, format!("/flows/{nowhere}"), None), 404),
        },
    };
    Ask { wrong: Some(status), ..ask }
}

/// The same request under the same key once more.
fn again(rng: &mut Rng, world: &World) -> Option<Ask> {
    rng.choice(world.answered.clone())
}

fn query(rng: &mut Rng, world: &mut World) -> Ask {
    let kind = *rng.choice(&[Kind::Account, Kind::Account, Kind::Income, Kind::Flow, Kind::Member]).unwrap_or(&Kind::Account);
    let get = |action, path| Ask::new(action, Method::GET, path, None);
    let list = |kind: Kind| get(Action::List(kind, None), format!("/{}?limit=200", kind.collection()));
    let ask = match rng.u32(0..20) {
        0..=7 => list(kind),
        8..=9 => {
            let system = rng.bool();
            get(Action::List(Kind::Flow, Some(system)), format!("/flows?limit=200&system={system}"))
        }
        10 => one_that_is_gone(rng, world).map_or_else(|| list(kind), |(kind, id)| shown(kind, &id)),
        11..=13 => world.some(rng, kind).map_or_else(|| list(kind), |id| shown(kind, &id)),
        14 => world.some(rng, Kind::Household).map_or_else(|| list(kind), |id| shown(Kind::Household, &id)),
        15..=16 => match world.some(rng, Kind::Account) {
            Some(id) => get(Action::Balances(id.clone()), format!("/accounts/{id}/balances?limit=200")),
            None => list(kind),
        },
        _ => match world.some(rng, Kind::Scenario) {
            Some(id) => get(Action::Forecast(id.clone()), format!("/scenarios/{id}/projections{}", ["", "?months=2"][rng.usize(0..2)])),
            None => list(kind),
        },
    };
    match rng.u32(0..20) {
        0..=4 => Ask { min_version: Some(world.version), ..ask },
        5 => Ask { min_version: Some(world.version + 1_000_000), wrong: Some(412), ..ask },
        _ => ask,
    }
}

fn shown(kind: Kind, id: &str) -> Ask {
    Ask::new(Action::Show(kind, id.to_owned()), Method::GET, format!("/{}/{id}", kind.collection()), None)
}

fn one_that_is_gone(rng: &mut Rng, world: &World) -> Option<(Kind, String)> {
    rng.choice(world.gone.clone())
}

fn cents(rng: &mut Rng) -> String {
    format!("{}.{:02}", rng.u32(1..9_000), rng.u32(0..100))
}

/// A whole number of dollars a month.
fn salary(rng: &mut Rng) -> String {
    format!("{}.00", 1_200 * rng.u32(20..120))
}

fn random_id(rng: &mut Rng) -> String {
    let (high, low) = (rng.u64(..), rng.u64(..));
    format!("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xfff, low >> 52, low & 0xffff_ffff_ffff)
}
