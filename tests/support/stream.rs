//! Server-Sent Events, read as they come.

use std::time::Duration;

use serde_json::Value;

/// How long an event may take. Far more than it does on a busy machine.
const PATIENCE: Duration = Duration::from_secs(45);

/// An answer that does not end by itself.
#[derive(Debug)]
pub struct EventStream {
    request: String,
    response: reqwest::Response,
    unread: String,
}

/// An event.
#[derive(Clone, Debug, PartialEq)]
pub struct StreamEvent {
    /// `id:`, where it has one.
    pub id: Option<String>,
    /// `event:`.
    pub name: String,
    /// `data:`, as JSON.
    pub data: Value,
}

impl EventStream {
    /// The media type of such an answer.
    pub const CONTENT_TYPE: &str = "text/event-stream";

    pub(crate) fn new(request: String, response: reqwest::Response) -> Self {
        Self { request, response, unread: String::new() }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// A header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// The next event; none where the stream has ended, or was cut off.
    pub async fn next(&mut self) -> Option<StreamEvent> {
        loop {
            let block = self.block().await?;
            if let Some(event) = StreamEvent::parse(&block) {
                return Some(event);
            }
        }
    }

    /// The next event of this name.
    pub async fn next_named(&mut self, name: &str) -> Option<StreamEvent> {
        loop {
            let event = self.next().await?;
            if event.name == name {
                return Some(event);
            }
        }
    }

    /// The lines up to the next empty one: an event, a comment or a hint.
    pub async fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.unread = rest;
                return Some(block);
            }
            let chunk = tokio::time::timeout(PATIENCE, self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("{}: nothing more came behind {:?}", self.request, self.unread));
            self.unread.push_str(std::str::from_utf8(&chunk.ok()??).expect("UTF-8"));
        }
    }
}

impl StreamEvent {
    /// None for what is only comments and hints.
    fn parse(block: &str) -> Option<Self> {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
        let name = field("event: ")?;
        let data = field("data: ").unwrap_or_default();
        Some(Self { id: field("id: "), name, data: serde_json::from_str(&data).unwrap_or_else(|error| panic!("{error} in {block}")) })
    }

    /// The number of a version event.
    #[track_caller]
    pub fn version(&self) -> u64 {
        let version = self.data["version"].as_u64().unwrap_or_else(|| panic!("no version in {self:?}"));
        assert_eq!(self.id, Some(version.to_string()), "{self:?}");
        version
    }
}
