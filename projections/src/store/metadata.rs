//! Who, when and why: what is recorded beside each event (spec 05).

use std::collections::HashMap;

use domain::calendar::Instant;

/// The metadata of a batch of events. All text, since cqrs-es keeps it as a map of strings, and so that its canonical JSON is stable.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// `user`, `api_key` or `system`.
    pub actor_kind: &'static str,
    /// The user's id, or the reason of the system.
    pub actor_id: String,
    /// The role that allowed it.
    pub role: Option<String>,
    /// Of the HTTP request.
    pub request_id: Option<String>,
    /// What started it all.
    pub correlation_id: Option<String>,
    /// What caused this.
    pub causation_id: Option<String>,
    /// Of the trace.
    pub trace_id: Option<String>,
    /// Of the request's span, where that is recorded by an exporter: what is done about the event later belongs to it.
    pub span_id: Option<String>,
    /// The client's.
    pub idempotency_key: Option<String>,
    /// When it was decided.
    pub decided_at: Instant,
}

impl Metadata {
    /// As cqrs-es carries it, with the versions of what decided.
    #[must_use]
    pub fn into_map(self, tables_version: &str) -> HashMap<String, String> {
        let always = [
            ("actor_kind", self.actor_kind.to_owned()),
            ("actor_id", self.actor_id),
            ("decided_at", self.decided_at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)),
            ("application_version", env!("CARGO_PKG_VERSION").to_owned()),
            ("tables_version", tables_version.to_owned()),
            ("engine_version", domain::projection::ENGINE_VERSION.to_owned()),
        ];
        let known = [
            ("role", self.role),
            ("request_id", self.request_id),
            ("correlation_id", self.correlation_id),
            ("causation_id", self.causation_id),
            ("trace_id", self.trace_id),
            ("span_id", self.span_id),
            ("idempotency_key", self.idempotency_key),
        ];
        let known = known.into_iter().filter_map(|(name, value)| Some((name, value?)));
        always.into_iter().chain(known).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
