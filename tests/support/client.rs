//! Somebody who talks to a server: nobody in particular, a user, or a user in a household.

use std::collections::BTreeMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use crate::{Answer, EventStream, TestServer};

/// The password of every user in the tests.
const PASSWORD: &str = "correct horse battery staple";

/// Somebody who talks to a server. Cheap to clone, so that many tasks can be one user at once.
///
/// A path is below `/api/v1`, unless it begins with `/api` or `/health`. Names in braces become ids, in paths (`/accounts/{Checking}`) and
/// in bodies (`"from_account_id": "{Checking}"`): of what this client has created, `{household}` and `{baseline}`.
#[derive(Clone, Debug)]
pub struct Client {
    server: TestServer,
    headers: HeaderMap,
    names: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Client {
    pub(crate) fn anonymous(server: TestServer) -> Self {
        Self { server, headers: HeaderMap::new(), names: Arc::default() }
    }

    /// Registers a user under this e-mail address and logs in.
    pub(crate) async fn registered(server: TestServer, email: &str) -> Self {
        let user = Self::anonymous(server);
        let registered =
            user.post("/api/auth/register", json!({"email": email, "password": PASSWORD, "name": email})).await.expect_status(201);
        user.name("user", registered.at("/user_id"));
        user.logged_in(email).await
    }

    /// The same as this client, with a fresh access token of the user.
    pub async fn logged_in(&self, email: &str) -> Self {
        let tokens = self.post("/api/auth/token", json!({"email": email, "password": PASSWORD})).await.expect_status(200);
        self.name("refresh", tokens.at("/refresh"));
        self.name("access", tokens.at("/access"));
        self.with_header("authorization", &format!("Bearer {}", tokens.at("/access")))
    }

    /// Creates a household of this user; the client that is returned works in it.
    pub async fn household(&self, body: Value) -> Self {
        let created = self.post("/households", body).await.expect_status(201);
        let home = Self { names: Arc::new(Mutex::new(self.names.lock().unwrap().clone())), ..self.clone() };
        home.name("household", created.at("/id"));
        home.with_header("x-household-id", created.at("/id"))
    }

    /// The same user in the same household, through another server.
    pub fn through(&self, server: &TestServer) -> Self {
        Self { server: server.clone(), ..self.clone() }
    }

    /// The server that this client talks to.
    pub fn server(&self) -> &TestServer {
        &self.server
    }

    /// The same client, sending a header with everything, in place of what it sent before under that name.
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.insert(header_name(name), HeaderValue::from_str(value).expect("a header's value"));
        client
    }

    /// The same client without a header.
    pub fn without_header(&self, name: &str) -> Self {
        let mut client = self.clone();
        client.headers.remove(name);
        client
    }

    /// A query.
    pub fn get(&self, path: &str) -> Request {
        self.request(Method::GET, path)
    }

    /// A command.
    pub fn post(&self, path: &str, body: Value) -> Request {
        self.request(Method::POST, path).json(body)
    }

    /// A command that changes a resource.
    pub fn patch(&self, path: &str, body: Value) -> Request {
        self.request(Method::PATCH, path).json(body)
    }

    /// A command that replaces a resource.
    pub fn put(&self, path: &str, body: Value) -> Request {
        self.request(Method::PUT, path).json(body)
    }

    /// A command that removes a resource.
    pub fn delete(&self, path: &str) -> Request {
        self.request(Method::DELETE, path)
    }

    /// A request of any method, without a body.
    pub fn request(&self, method: Method, path: &str) -> Request {
        Request { client: self.clone(), method, path: path.to_owned(), headers: self.headers.clone(), body: Body::None }
    }

    /// Creates something in a collection (`accounts`, `income-sources`), and remembers its id under its name.
    pub async fn create(&self, collection: &str, name: &str, mut body: Value) -> Answer {
        let fields = body.as_object_mut().expect("a body is an object");
        fields.entry("name").or_insert_with(|| name.into());
        let created = self.post(&format!("/{collection}"), body).await.expect_status(201);
        self.name(name, created.at("/id"));
        created
    }

    /// Creates an account with a balance.
    pub async fn account(&self, name: &str, account_type: &str, balance: &str) -> Answer {
        self.create("accounts", name, json!({"account_type": account_type, "current_balance": balance})).await
    }

    /// Creates a salary that is paid monthly.
    pub async fn salary(&self, name: &str, gross_annual: &str) -> Answer {
        self.create("income-sources", name, json!({"income_type": "w2", "gross_annual_salary": gross_annual, "pay_frequency": "monthly"}))
            .await
    }

    /// The household's version now.
    pub async fn version(&self) -> u64 {
        self.get("/households/{household}").await.expect_status(200).version()
    }

    /// Gives an id a name, for braces.
    pub fn name(&self, name: &str, id: &str) {
        self.names.lock().unwrap().insert(name.to_owned(), id.to_owned());
    }

    /// The id that has a name.
    #[track_caller]
    pub fn id(&self, name: &str) -> String {
        self.known(name).unwrap_or_else(|| panic!("nothing is named {name:?}"))
    }

    fn known(&self, name: &str) -> Option<String> {
        self.names.lock().unwrap().get(name).cloned()
    }

    /// A text with ids in place of the names in braces.
    fn resolve(&self, text: &str) -> String {
        let mut resolved = String::new();
        let mut rest = text;
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(before, tail)| Some((before, tail.split_once('}')?))) {
            resolved.push_str(before);
            resolved.push_str(&self.id(name));
            rest = after;
        }
        resolved + rest
    }

    /// A body with ids in place of strings that are one name in braces.
    fn resolve_all(&self, value: Value) -> Value {
        match value {
            Value::String(text) if text.starts_with('{') && text.ends_with('}') => Value::String(self.resolve(&text)),
            Value::Array(items) => items.into_iter().map(|item| self.resolve_all(item)).collect(),
            Value::Object(fields) => fields.into_iter().map(|(name, field)| (name, self.resolve_all(field))).collect(),
            other => other,
        }
    }
}

/// A request to be sent by `.await`.
#[derive(Debug)]
#[must_use = "a request is sent by .await"]
pub struct Request {
    client: Client,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Body,
}

#[derive(Debug)]
enum Body {
    None,
    Json(Value),
    Raw(Vec<u8>),
}

impl Request {
    /// With a header, in place of the client's of that name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(header_name(name), HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// On condition that the household still has this version.
    pub fn if_match(self, version: u64) -> Self {
        self.header("if-match", &format!("\"{version}\""))
    }

    /// As the same command again, whenever it is sent with this key.
    pub fn idempotency_key(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }

    /// With a JSON body.
    pub fn json(mut self, body: Value) -> Self {
        self.body = Body::Json(body);
        self
    }

    /// With a body as it stands, broken JSON for one. Sent as `application/json` unless a header says otherwise.
    pub fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Raw(body.into());
        self
    }

    /// Sends it; an error of the transport (nobody listens, cut off) is returned: for tests that kill servers. Of an answer without an end,
    /// only the head is read.
    ///
    /// # Errors
    /// That of the transport. An answer with an error status is an answer.
    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let (shown, response) = self.sent().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let is_endless = headers.get("content-type").is_some_and(|content| content == EventStream::CONTENT_TYPE);
        let body = if is_endless { Vec::new() } else { response.bytes().await?.into() };
        Ok(Answer::new(shown, status, headers, body))
    }

    /// Sends it, to read the events of its answer as they come.
    ///
    /// # Errors
    /// That of the transport.
    pub async fn open(self) -> Result<EventStream, reqwest::Error> {
        let (shown, response) = self.sent().await?;
        Ok(EventStream::new(shown, response))
    }

    async fn sent(self) -> Result<(String, reqwest::Response), reqwest::Error> {
        let Self { client, method, path, mut headers, body } = self;
        if path.contains("{baseline}") && client.known("baseline").is_none() {
            let baseline = Box::pin(client.get("/scenarios/baseline").try_send()).await?.expect_status(200);
            client.name("baseline", baseline.at("/id"));
        }
        let path = client.resolve(&path);
        let prefix = if path.starts_with("/api") || path.starts_with("/health") { "" } else { "/api/v1" };
        let url = format!("{}{prefix}{path}", client.server.address());
        let shown = format!("{method} {prefix}{path}");
        let body = match body {
            Body::None => None,
            Body::Json(value) => Some(client.resolve_all(value).to_string().into_bytes()),
            Body::Raw(bytes) => Some(bytes),
        };
        let mut request = client.server.transport().request(method, url);
        if let Some(body) = body {
            headers.entry("content-type").or_insert(HeaderValue::from_static("application/json"));
            request = request.body(body);
        }
        Ok((shown, request.headers(headers).send().await?))
    }
}

impl IntoFuture for Request {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async { self.try_send().await.unwrap_or_else(|error| panic!("no answer: {error:?}")) })
    }
}

fn header_name(name: &str) -> HeaderName {
    HeaderName::from_bytes(name.as_bytes()).expect("a header's name")
}
