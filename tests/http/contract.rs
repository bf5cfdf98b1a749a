//! The OpenAPI document as the tests walk it: what each route takes and may answer, and bodies made from its schemas. A new route is
//! walked as soon as it is described, without anybody thinking of it.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Map, Value, json};
use support::{Client, Request, TestServer};

/// The document.
pub struct Contract(Value);

/// One route.
#[derive(Clone, Debug)]
pub struct Operation {
    pub method: Method,
    /// As in the document, its parts in braces.
    pub path: String,
    pub description: Value,
}

impl Contract {
    pub async fn of(server: &TestServer) -> Self {
        Self(server.anonymous().get("/api/openapi.json").await.expect_status(200).json().clone())
    }

    pub fn operations(&self) -> Vec<Operation> {
        let paths = self.0["paths"].as_object().unwrap();
        let operations = paths.iter().flat_map(|(path, methods)| methods.as_object().unwrap().iter().map(move |entry| (path, entry)));
        let operations: Vec<_> = operations
            .map(|(path, (method, description))| Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                description: description.clone(),
            })
            .collect();
        assert!(operations.len() > 50, "the document has lost its routes");
        operations
    }

    /// A schema, wherever a reference leads.
    pub fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.resolved(self.0.pointer(reference.trim_start_matches('#')).unwrap()),
            None => schema,
        }
    }

    /// The schema of a route's body.
    pub fn body<'a>(&'a self, operation: &'a Operation) -> Option<&'a Value> {
        operation.description.pointer("/requestBody/content/application~1json/schema").map(|schema| self.resolved(schema))
    }

    /// The least that a body of this schema can be: what is required, with the first thing that fits.
    pub fn example(&self, schema: &Value) -> Value {
        let schema = self.resolved(schema);
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return self.scalar(schema) };
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        required.map(|name| (name.to_owned(), self.named(name, &properties[name]))).collect::<Map<_, _>>().into()
    }

    /// The least body with which a command is carried out in the family: more than what is required, where fields depend on each other.
    pub fn fitting(&self, operation: &Operation) -> Value {
        let least = self.body(operation).map_or(json!({}), |schema| self.example(schema));
        match (operation.method.as_str(), operation.path.as_str()) {
            ("POST", "/api/v1/flows") => crate::family::with(least, "from_account_id", "{Checking}"),
            ("POST", "/api/v1/goals") => crate::family::with(least, "target", "1.25"),
            ("POST", "/api/v1/income-sources") => crate::family::with(least, "gross_annual_salary", "1000.00"),
            ("PUT", "/api/v1/accounts/{id}/liability") => json!({"interest_rate": "0.05"}),
            ("POST", "/api/v1/scenarios/{id}/changes") => {
                let spending = json!({"amount": "100.00", "frequency": "monthly", "category": "childcare"});
                json!({"change_type": "add_expense", "name": "Childcare", "effective_date": "2030-01-01", "parameters": spending})
            }
            ("POST", "/api/v1/scenarios/{id}/changes/reorder") => json!({"change_ids": ["{Raise}"]}),
            ("POST", "/api/v1/scenarios/compare") => json!({"scenario_ids": ["{baseline}", "{What if}"]}),
            ("POST", "/api/v1/scenarios/{id}/merge") => json!({"source_scenario_id": "{baseline}"}),
            ("POST", "/api/v1/actions/apply") => json!({"metric": "days_cash_on_hand", "action": "earn_more"}),
            ("POST", "/api/v1/stress-tests/run") => json!({"test": "income_minus_10"}),
            ("POST", "/api/v1/taxes/paycheck") => crate::family::with(least, "tax_year", 2026),
            ("POST", "/api/v1/loans/schedule") => json!({"principal": "1000", "annual_rate": "0.05", "term_months": 12}),
            ("POST", "/api/v1/households/{id}/memberships") => json!({"email": "grace@example.com", "role": "member"}),
            ("POST", "/api/auth/token/refresh") => json!({"refresh": "{refresh}"}),
            ("POST", "/api/auth/logout") => json!({"refresh": "{refresh}"}),
            _ => least,
        }
    }

    /// Some fields say more by their name than their schema does.
    fn named(&self, name: &str, schema: &Value) -> Value {
        match name {
            "email" => json!("somebody@example.com"),
            "password" => json!("correct horse battery staple"),
            "action" => json!("refresh"),
            "strategy" => json!("snowball"),
            "goal_type" => json!("min_dscr"),
            "format" => json!("csv"),
            "tax_year" => json!(2026),
            "flow_type" => json!("transfer"),
            "change_type" => json!("remove_income"),
            _ => self.example(schema),
        }
    }

    fn scalar(&self, schema: &Value) -> Value {
        if let Some(words) = schema.get("enum").and_then(Value::as_array) {
            return words[0].clone();
        }
        let kind = schema.get("type").and_then(|kind| kind.as_str().or_else(|| kind[0].as_str()));
        match (kind, schema.get("format").and_then(Value::as_str)) {
            (Some("string"), Some("date")) => json!("2026-01-01"),
            (Some("string"), Some("uuid")) => json!("01890a5d-ac96-774b-bcce-b302099a8057"),
            (Some("string"), _) if schema.get("pattern").is_some() => json!("1.00"),
            (Some("string"), _) => json!("x"),
            (Some("integer"), _) => schema.get("minimum").cloned().unwrap_or(json!(1)),
            (Some("boolean"), _) => json!(true),
            (Some("array"), _) => json!([]),
            (Some("object"), _) => json!({}),
            other => panic!("nothing fits {other:?}: {schema}"),
        }
    }

    /// A body of which every field has a type that it cannot have, and the names of those fields.
    pub fn all_wrong(&self, schema: &Value) -> (Value, Vec<String>) {
        let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        let wrong =
            |schema: &Value| if self.accepts(schema, "object") || self.accepts(schema, "array") { json!("17") } else { json!({"a": [1]}) };
        let names = properties.keys().cloned().collect();
        (properties.iter().map(|(name, schema)| (name.clone(), wrong(schema))).collect::<Map<_, _>>().into(), names)
    }

    fn accepts(&self, schema: &Value, kind: &str) -> bool {
        let schema = self.resolved(schema);
        let one_of = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
        let kinds = schema.get("type").cloned().unwrap_or_default();
        kinds == kind
            || kinds.as_array().is_some_and(|kinds| kinds.contains(&json!(kind)))
            || one_of.into_iter().any(|one| self.accepts(one, kind))
    }

    /// What in an answer is not as its schema says.
    pub fn complaints(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut complaints = Vec::new();
        self.check(schema, value, "", &mut complaints);
        complaints
    }

    fn check(&self, schema: &Value, value: &Value, at: &str, complaints: &mut Vec<String>) {
        let schema = self.resolved(schema);
        if let Some(several) = schema.get("oneOf").and_then(Value::as_array) {
            if several.iter().all(|one| !self.complaints(one, value).is_empty()) {
                complaints.push(format!("{at}: {value} is none of {schema}"));
            }
            return;
        }
        let properties = self.properties(schema);
        if !properties.is_empty() {
            let Some(object) = value.as_object() else { return complaints.push(format!("{at}: {value} is no object")) };
            for (name, (property, required)) in &properties {
                match object.get(name) {
                    Some(field) => self.check(property, field, &format!("{at}/{name}"), complaints),
                    None if *required => complaints.push(format!("{at}/{name} is missing")),
                    None => {}
                }
            }
            complaints
                .extend(object.keys().filter(|name| !properties.contains_key(*name)).map(|name| format!("{at}/{name} is not described")));
            return;
        }
        if let Some(items) = schema.get("items") {
            value
                .as_array()
                .into_iter()
                .flatten()
                .enumerate()
                .for_each(|(index, item)| self.check(items, item, &format!("{at}/{index}"), complaints));
        }
        if let (Some(each), Some(object)) = (schema.get("additionalProperties").filter(|each| each.is_object()), value.as_object()) {
            object.iter().for_each(|(name, field)| self.check(each, field, &format!("{at}/{name}"), complaints));
        }
        if let Some(words) = schema.get("enum").and_then(Value::as_array).filter(|words| !words.contains(value)) {
            complaints.push(format!("{at}: {value} is not among {words:?}"));
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        if schema.get("type").is_some() && !self.accepts(schema, kind) {
            complaints.push(format!("{at}: {value} is not of type {}", schema["type"]));
        }
    }

    /// The properties of an object, those that it has from others included, and whether each is required.
    fn properties<'a>(&'a self, schema: &'a Value) -> BTreeMap<String, (&'a Value, bool)> {
        let schema = self.resolved(schema);
        let mut all: BTreeMap<String, (&Value, bool)> = BTreeMap::new();
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            all.extend(self.properties(part));
        }
        let required: Vec<_> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
            all.insert(name.clone(), (property, required.contains(&name.as_str())));
        }
        all
    }

    /// The schema of an answer with this status, if it is JSON.
    pub fn answer<'a>(&'a self, operation: &'a Operation, status: u16) -> Option<&'a Value> {
        self.resolved(&operation.description["responses"][status.to_string()]).pointer("/content/application~1json/schema")
    }
}

impl Operation {
    /// Whether it is for users only.
    pub fn is_for_users(&self) -> bool {
        self.description.get("security").is_some()
    }

    /// Whether it is about one household: that of the header, or that of the path.
    pub fn is_about_a_household(&self) -> bool {
        let parameters = self.description.get("parameters").and_then(Value::as_array).into_iter().flatten();
        parameters.into_iter().any(|parameter| parameter["$ref"] == "#/components/parameters/HouseholdId")
    }

    /// Whether it names a thing in its path, beside the household.
    pub fn names_a_thing(&self) -> bool {
        // The templates are the same for everybody.
        let is_a_template = ["/api/v1/life-event-templates/", "/api/v1/decisions/templates/"].iter().any(|of| self.path.starts_with(of));
        self.path.contains('{') && !self.path.starts_with("/api/v1/households/") && !is_a_template
    }

    /// The statuses that it says to answer with.
    pub fn statuses(&self) -> Vec<u16> {
        self.description["responses"].as_object().unwrap().keys().map(|status| status.parse().unwrap()).collect()
    }

    /// Its path, with the names of things of [`crate::family`] in place of its parts. A new kind of thing wants a line here.
    pub fn path_in_the_family(&self) -> String {
        let (mut path, mut collection) = (String::new(), "");
        for part in self.path.split('/').skip(1) {
            path.push('/');
            path.push_str(match (collection, part.starts_with('{')) {
                (_, false) => part,
                ("households", _) => "{household}",
                ("memberships", _) => "{user}",
                ("members", _) => "{Tom}",
                ("accounts", _) if self.path.ends_with("/liability") => "{Mortgage}",
                ("accounts", _) if self.path.ends_with("/asset-details") => "{House}",
                ("accounts", _) => "{Savings}",
                ("asset-groups", _) => "{Home}",
                ("income-sources", _) if self.path.ends_with("/self-employment") => "{Shop}",
                ("income-sources", _) => "{Acme}",
                ("pretax-deductions", _) => "{Retirement}",
                ("posttax-deductions", _) => "{Union}",
                ("flows", _) => "{Groceries}",
                ("scenarios", _) if self.path.ends_with("archive") => "{Put away}",
                ("scenarios", _) => "{What if}",
                ("changes", _) => "{Raise}",
                ("goals", _) => "{Rainy days}",
                ("goal-solutions", _) => "{Solution}",
                ("jobs", _) => "{Export}",
                ("life-event-templates", _) => "raise",
                ("templates", _) => "refinance",
                ("runs", _) if self.path.ends_with("/complete") => "{Go through with it}",
                ("runs", _) => "{Ask for more}",
                (other, _) => panic!("{}: what is a thing of {other} in the family called?", self.path),
            });
            collection = part;
        }
        path
    }

    /// A request to it by somebody, about the family's things.
    pub fn request(&self, client: &Client) -> Request {
        client.request(self.method.clone(), &self.path_in_the_family())
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}
