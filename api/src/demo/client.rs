//! Somebody who enters the demo: a small HTTP client that remembers what it made by name.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::Value;

/// Why the demo could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The list of steps is not one.
    #[error("the demo's own data cannot be read")]
    Data(#[source] serde_json::Error),
    /// The server did not answer.
    #[error("the server did not answer")]
    Transport(#[from] reqwest::Error),
    /// The server refused a step.
    #[error("{request} was answered with {status}: {answer}")]
    Refused {
        /// Method and address.
        request: String,
        /// The status code.
        status: StatusCode,
        /// The problem.
        answer: String,
    },
    /// A step names something that no earlier one made.
    #[error("nothing is named {0:?}")]
    Unnamed(String),
}

pub(super) struct Client {
    transport: reqwest::Client,
    server: String,
    token: Option<String>,
    names: BTreeMap<String, String>,
}

impl Client {
    pub fn new(address: SocketAddr) -> Result<Self, DemoError> {
        let transport = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { transport, server: format!("http://{address}"), token: None, names: BTreeMap::new() })
    }

    pub async fn log_in(&mut self, email: &str, password: &str) -> Result<(), DemoError> {
        let body = serde_json::json!({"email": email, "password": password});
        let tokens = self.send(Method::POST, "/api/auth/token", Some(&body), None).await?;
        self.token = text(&tokens, "access");
        Ok(())
    }

    /// Posts something that may be there already.
    pub async fn post_or_conflict(&self, path: &str, body: &Value) -> Result<(), DemoError> {
        match self.send(Method::POST, path, Some(body), None).await {
            Ok(_) => Ok(()),
            Err(DemoError::Refused { status: StatusCode::CONFLICT, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Makes something, and remembers its id under its name.
    pub async fn create(&mut self, path: &str, body: &Value, key: &str) -> Result<(), DemoError> {
        let (path, body) = (self.resolved(path)?, self.resolved_all(body)?);
        let made = self.send(Method::POST, &path, Some(&body), Some(key)).await?;
        if let (Some(name), Some(id)) = (text(&body, "name"), text(&made, "id")) {
            self.names.insert(name, id);
        }
        Ok(())
    }

    pub async fn name_primary_member(&mut self, name: &str) -> Result<(), DemoError> {
        let members = self.list("/api/v1/members").await?;
        let primary = members.iter().find(|member| member.get("is_primary") == Some(&Value::Bool(true)));
        if let Some(id) = primary.and_then(|member| text(member, "id")) {
            self.names.insert(name.to_owned(), id);
        }
        Ok(())
    }

    /// The first page of a list.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, DemoError> {
        let page = self.send(Method::GET, &format!("{path}?limit=200"), None, None).await?;
        Ok(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    async fn send(&self, method: Method, path: &str, body: Option<&Value>, key: Option<&str>) -> Result<Value, DemoError> {
        let mut request: RequestBuilder = self.transport.request(method.clone(), format!("{}{path}", self.server));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let response = request.send().await?;
        let status = response.status();
        let answer = response.text().await?;
        if !status.is_success() {
            return Err(DemoError::Refused { request: format!("{method} {path}"), status, answer });
        }
        serde_json::from_str(&answer).map_err(DemoError::Data)
    }

    /// A text with ids in place of the names in braces.
    fn resolved(&self, text: &str) -> Result<String, DemoError> {
        let mut resolved = text.to_owned();
        for name in names_in(text) {
            let id = self.names.get(&name).ok_or_else(|| DemoError::Unnamed(name.clone()))?;
            resolved = resolved.replace(&format!("{{{name}}}"), id);
        }
        Ok(resolved)
    }

    /// A body with ids in place of strings that are one name in braces.
    fn resolved_all(&self, value: &Value) -> Result<Value, DemoError> {
        Ok(match value {
            Value::String(text) => Value::String(self.resolved(text)?),
            Value::Array(items) => Value::Array(items.iter().map(|item| self.resolved_all(item)).collect::<Result<_, _>>()?),
            Value::Object(fields) => {
                let fields = fields.iter().map(|(name, field)| Ok((name.clone(), self.resolved_all(field)?)));
                Value::Object(fields.collect::<Result<_, DemoError>>()?)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }
}

fn text(value: &Value, field: &str) -> Option<String> {
    value.get(field).and_then(Value::as_str).map(str::to_owned)
}

/// The names in braces, where a brace begins with a letter (JSON's own begin with a quote).
pub(super) fn names_in(text: &str) -> Vec<String> {
    let parts = text.split('{').skip(1).filter(|part| part.starts_with(char::is_alphabetic));
    parts.filter_map(|part| part.split_once('}').map(|(name, _)| name.to_owned())).collect()
}
