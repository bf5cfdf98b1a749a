//! What a server answered, and how a test reads it.

use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end. What a test asks for and does not find is a panic that shows the whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    request: String,
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    json: Value,
}

impl Answer {
    pub(crate) fn new(request: String, status: StatusCode, headers: HeaderMap, body: Vec<u8>) -> Self {
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Self { request, status, headers, body, json }
    }

    /// The answer itself, if it has this status.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "status of {self}");
        self
    }

    /// Its status code.
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// A header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The household's version, from `X-Household-Version`.
    #[track_caller]
    pub fn version(&self) -> u64 {
        let version = self.header("x-household-version").and_then(|text| text.parse().ok());
        version.unwrap_or_else(|| panic!("no X-Household-Version in {self}"))
    }

    /// The body as JSON; null where it is none.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The body as it came: compressed, where it was.
    pub fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The value at a JSON pointer, as `/months/0/balances`.
    #[track_caller]
    pub fn value(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer} in {self}"))
    }

    /// The text at a JSON pointer. Amounts are text, and are compared as such.
    #[track_caller]
    pub fn at(&self, pointer: &str) -> &str {
        self.value(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer} in {self}"))
    }

    /// The whole number at a JSON pointer.
    #[track_caller]
    pub fn number_at(&self, pointer: &str) -> i64 {
        self.value(pointer).as_i64().unwrap_or_else(|| panic!("no whole number at {pointer} in {self}"))
    }

    /// The items at a JSON pointer: `/items` of a list, `/events` of a command.
    #[track_caller]
    pub fn list_at(&self, pointer: &str) -> &[Value] {
        self.value(pointer).as_array().unwrap_or_else(|| panic!("no list at {pointer} in {self}"))
    }

    /// The names of the events that a command appended.
    #[track_caller]
    pub fn events(&self) -> Vec<&str> {
        self.list_at("/events").iter().filter_map(Value::as_str).collect()
    }

    /// The `(field, code)` of every error in a problem.
    pub fn errors(&self) -> Vec<(&str, &str)> {
        let errors = self.json.get("errors").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        errors.iter().filter_map(|error| Some((error.get("field")?.as_str()?, error.get("code")?.as_str()?))).collect()
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = self.text();
        let shown: String = text.chars().take(4_000).collect();
        write!(f, "{} → {} {shown}", self.request, self.status.as_u16())
    }
}
