//! The plain model: what a household holds at each version, as its events tell it.
//!
//! It is not the program's fold: it knows no types, no rules and no derivations, it lays JSON over JSON. What it takes for true is that an event
//! says the whole fact, and says what was before: an event whose `was` is not what stood there was decided on another state than the one that it was
//! appended to. One rule it does know by itself, since it is the point of the design: each job has exactly one derived flow of its
//! gross pay, and that is its salary of today.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

/// What kinds of things a household holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The household itself.
    Household,
    /// A person.
    Member,
    /// An account.
    Account,
    /// A source of income.
    Income,
    /// A recurring flow, entered or derived.
    Flow,
    /// A plan.
    Scenario,
}

impl Kind {
    /// Its address.
    pub const fn collection(self) -> &'static str {
        match self {
            Self::Household => "households",
            Self::Member => "members",
            Self::Account => "accounts",
            Self::Income => "income-sources",
            Self::Flow => "flows",
            Self::Scenario => "scenarios",
        }
    }

    /// The name under which an event carries the fact of it, and the first half of the event's own name.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Household => ("profile", "household"),
            Self::Member => ("member", "member"),
            Self::Account => ("account", "account"),
            Self::Income => ("income", "income_source"),
            Self::Flow => ("flow", "flow"),
            Self::Scenario => ("scenario", "scenario"),
        }
    }

    /// The event that makes one.
    pub fn made_by(self) -> String {
        let past = match self {
            Self::Household | Self::Account => "opened",
            Self::Member | Self::Income | Self::Flow => "added",
            Self::Scenario => "created",
        };
        format!("{}.{past}", self.words().1)
    }
}

/// A thing: the fact as the last event told it, and the row that a query shows. A query may show more.
#[derive(Clone, Debug)]
pub struct Thing {
    fact: Value,
    /// What a query shows, as far as the model knows.
    pub row: Value,
}

/// What a household holds at a version. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct State {
    things: BTreeMap<(Kind, String), Arc<Thing>>,
    balances: BTreeMap<String, Arc<Vec<Value>>>,
}

impl State {
    /// What a query shows of a thing, where it is there.
    pub fn row(&self, kind: Kind, id: &str) -> Option<&Value> {
        self.things.get(&(kind, id.to_owned())).map(|thing| &thing.row)
    }

    /// All things of a kind, by id.
    pub fn rows(&self, kind: Kind) -> impl Iterator<Item = (&str, &Value)> {
        self.things.iter().filter(move |((k, _), _)| *k == kind).map(|((_, id), thing)| (id.as_str(), &thing.row))
    }

    /// The balances that were recorded of an account, in the order of their recording.
    pub fn balances(&self, account: &str) -> &[Value] {
        self.balances.get(account).map_or(&[], |balances| balances.as_slice())
    }

    /// What is known once an event has happened; what is wrong with it.
    pub fn apply(&mut self, version: usize, event_type: &str, data: &Value) -> Vec<String> {
        let mut wrong = Vec::new();
        let (noun, verb) = event_type.split_once('.').unwrap_or((event_type, ""));
        let kind = [Kind::Household, Kind::Member, Kind::Account, Kind::Income, Kind::Flow, Kind::Scenario];
        let kind = kind.into_iter().find(|kind| kind.words().1 == noun);
        match (kind, noun, verb) {
            (Some(kind), _, "opened" | "added" | "created") => self.make(kind, data),
            (Some(kind), _, "changed") => self.change(kind, data, &mut wrong),
            (Some(kind), _, "removed") => self.remove(kind, data, &mut wrong),
            (_, "balance", "recorded") => self.record(version, data, &mut wrong),
            (_, "system_flows", "generated") => self.generate(data, &mut wrong),
            (_, "tax_year", "began") => self.overlay(Kind::Household, None, json!({"tax_year": data["tax_year"]})),
            (_, "membership" | "withholding", _) => {} // beside what is looked at here
            _ => wrong.push(format!("the model does not know {event_type}")),
        }
        wrong
    }

    /// What does not hold behind a whole batch.
    pub fn check(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let gross = |id: &str| -> Vec<&Value> {
            let flows = self.rows(Kind::Flow).map(|(_, row)| row);
            flows.filter(|row| row["kind"] == "gross_income" && row["source"]["id"].as_str() == Some(id)).collect()
        };
        for (id, income) in self.rows(Kind::Income) {
            let flows = gross(id);
            let monthly = whole_dollars(&income["gross_annual_salary"]).map(|salary| format!("{}.00", salary / 12));
            match flows.as_slice() {
                [only] if only["amount"].as_str() == monthly.as_deref() => {}
                other => wrong.push(format!("{income} has the derived gross pay {other:?}")),
            }
        }
        let jobs = self.rows(Kind::Income).count();
        let flows = self.rows(Kind::Flow).filter(|(_, row)| row["kind"] == "gross_income").count();
        if jobs != flows {
            wrong.push(format!("{jobs} jobs have {flows} derived flows of gross pay"));
        }
        wrong
    }

    fn make(&mut self, kind: Kind, data: &Value) {
        let fact = data[kind.words().0].clone();
        let mut row = row_of(kind, &fact);
        let more = match kind {
            Kind::Account => {
                json!({"opened_on": data["opened_on"], "opened_by_system": data["opened_by_system"], "current_balance": "0.00",
                "balance_as_of": null, "cost_basis": null, "market_value": null, "liability": null, "asset_details": null})
            }
            Kind::Household => json!({"opened_on": data["opened_on"], "tax_year": data["tax_year"]}),
            Kind::Flow => json!({"is_system": false, "kind": null, "source": null}),
            Kind::Member | Kind::Income | Kind::Scenario => json!({}),
        };
        lay_over(&mut row, &more);
        lay_over(&mut row, &json!({"id": data["id"]}));
        self.put(kind, id_of(&data["id"]), Thing { fact, row });
    }

    fn change(&mut self, kind: Kind, data: &Value, wrong: &mut Vec<String>) {
        let id = self.stands(kind, data, wrong);
        let fact = data[kind.words().0].clone();
        let Some(thing) = self.things.get(&(kind, id.clone())) else { return };
        let mut row = thing.row.clone();
        lay_over(&mut row, &row_of(kind, &fact));
        self.put(kind, id, Thing { fact, row });
    }

    fn remove(&mut self, kind: Kind, data: &Value, wrong: &mut Vec<String>) {
        let id = self.stands(kind, data, wrong);
        self.balances.remove(&id);
        self.things.remove(&(kind, id));
    }

    /// The thing that an event is about; it has to be there, as the event says that it was.
    fn stands(&self, kind: Kind, data: &Value, wrong: &mut Vec<String>) -> String {
        let id = match kind {
            Kind::Household => self.rows(kind).next().map(|(id, _)| id.to_owned()).unwrap_or_default(),
            Kind::Member | Kind::Account | Kind::Income | Kind::Flow | Kind::Scenario => id_of(&data["id"]),
        };
        match self.things.get(&(kind, id.clone())) {
            Some(thing) if thing.fact == data["was"] => {}
            Some(thing) => wrong.push(format!("decided on {}, where there was {}", data["was"], thing.fact)),
            None => wrong.push(format!("decided on {}, which was not there", data["was"])),
        }
        id
    }

    fn record(&mut self, version: usize, data: &Value, wrong: &mut Vec<String>) {
        let (account, balance) = (id_of(&data["account_id"]), &data["balance"]);
        let Some(thing) = self.things.get(&(Kind::Account, account.clone())) else {
            wrong.push(format!("a balance of {account}, which was not there"));
            return;
        };
        let stood = &thing.row["balance_as_of"];
        let was = &data["was"];
        let same =
            if was.is_null() { stood.is_null() } else { (stood, &thing.row["current_balance"]) == (&was["as_of_date"], &was["balance"]) };
        if !same {
            wrong.push(format!("decided on the balance {was}, where there was {} of {stood}", thing.row["current_balance"]));
        }
        // A back-dated one does not move the present. Dates compare as texts.
        if stood.as_str().is_none_or(|stood| balance["as_of_date"].as_str().is_some_and(|day| stood <= day)) {
            let now = json!({"current_balance": balance["balance"], "balance_as_of": balance["as_of_date"],
                "cost_basis": balance["cost_basis"], "market_value": balance["market_value"]});
            self.overlay(Kind::Account, Some(&account), now);
        }
        let mut row = balance.clone();
        lay_over(&mut row, &json!({"account_id": account, "version": version}));
        Arc::make_mut(self.balances.entry(account).or_default()).push(row);
    }

    fn generate(&mut self, data: &Value, wrong: &mut Vec<String>) {
        let all = |name: &str| data[name].as_array().cloned().unwrap_or_default();
        let changed = all("changed");
        for gone in all("removed").iter().chain(changed.iter().map(|flow| &flow["was"])) {
            match self.things.remove(&(Kind::Flow, id_of(&gone["id"]))) {
                Some(thing) if thing.fact == *gone => {}
                other => wrong.push(format!("derived from {gone}, where there was {:?}", other.map(|thing| thing.fact.clone()))),
            }
        }
        for flow in all("added").into_iter().chain(changed.into_iter().map(|flow| flow["now"].clone())) {
            let id = id_of(&flow["id"]);
            if self.things.contains_key(&(Kind::Flow, id.clone())) {
                wrong.push(format!("derived twice: {flow}"));
            }
            let mut row = row_of(Kind::Flow, &flow);
            lay_over(&mut row, &json!({"is_system": true}));
            self.put(Kind::Flow, id, Thing { fact: flow, row });
        }
    }

    fn overlay(&mut self, kind: Kind, id: Option<&str>, told: Value) {
        let key = match id {
            Some(id) => Some((kind, id.to_owned())),
            None => self.things.keys().find(|(k, _)| *k == kind).cloned(),
        };
        if let Some(thing) = key.and_then(|key| self.things.get_mut(&key)) {
            lay_over(&mut Arc::make_mut(thing).row, &told);
        }
    }

    fn put(&mut self, kind: Kind, id: String, thing: Thing) {
        self.things.insert((kind, id), Arc::new(thing));
    }
}

/// A fact as a query shows it: what an event nests lies flat there.
fn row_of(kind: Kind, fact: &Value) -> Value {
    let mut row = fact.clone();
    match kind {
        Kind::Income => {
            let pay = take(&mut row, "pay");
            for name in ["gross_annual_salary", "hourly_rate", "expected_annual_hours"] {
                lay_over(&mut row, &json!({name: pay[name]}));
            }
        }
        Kind::Scenario => {
            let assumptions = take(&mut row, "assumptions");
            lay_over(&mut row, &assumptions);
        }
        Kind::Flow if row["category"].is_null() => lay_over(&mut row, &json!({"category": null})),
        Kind::Household | Kind::Member | Kind::Account | Kind::Flow => {}
    }
    row
}

fn take(row: &mut Value, name: &str) -> Value {
    row.as_object_mut().and_then(|fields: &mut Map<String, Value>| fields.remove(name)).unwrap_or_default()
}

fn lay_over(row: &mut Value, told: &Value) {
    if let (Some(fields), Some(told)) = (row.as_object_mut(), told.as_object()) {
        fields.extend(told.clone());
    }
}

fn id_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Of an amount without cents.
fn whole_dollars(amount: &Value) -> Option<u64> {
    amount.as_str()?.strip_suffix(".00")?.parse().ok()
}

/// The first thing that `told` says otherwise than `expected`; more than that it may say.
pub fn difference(told: &Value, expected: &Value) -> Option<String> {
    let fields = expected.as_object()?;
    let other = fields.iter().find(|(name, value)| told.get(name.as_str()) != Some(value))?;
    Some(format!("{} is {} and should be {}", other.0, told.get(other.0.as_str()).unwrap_or(&Value::Null), other.1))
}
