//! One client's stream: what was sent, what is next.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::time::Duration;

use actix_web::web::{Bytes, Data};
use domain::ids::ScenarioId;
use futures_util::stream::{self, Stream};
use projections::database::DatabaseError;
use projections::live::{Change, EventsPage, JobNews, Ready, RecordedEvent, Watch};
use projections::store::{Asker, Store, StoreError, Version};
use projections::track::{Context, Stage, track};
use serde::Serialize;
use tokio::time::{Instant, sleep_until};

use super::seats::Seat;
use crate::query::QueryRequest;

/// A comment after so long without news, for whatever stands between client and server; and the membership is checked again.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// While the database is away, it is asked again after this.
const RETRY: Duration = Duration::from_secs(1);
/// Clients reconnect after a random time of this range, in milliseconds: not all of them at once.
const RECONNECT_MS: std::ops::RangeInclusive<u64> = 1_000..=3_000;

/// What a client is sent, and what it has been sent.
pub(super) struct Watcher {
    store: Data<Store>,
    asker: Asker,
    watch: Watch,
    /// Read already, not sent yet.
    first: Option<Bytes>,
    /// The last version that was sent.
    sent: Version,
    /// Where the stream ended when it was last read.
    head: Version,
    /// Forecasts that the client has been told of.
    told: BTreeSet<Ready>,
    /// How far jobs were when the client was told.
    told_of_jobs: BTreeSet<JobNews>,
    /// When the membership is checked again, and a comment sent.
    checked_at: Instant,
    /// When the access token ends.
    ends: Instant,
    _seat: Seat,
}

#[derive(Serialize)]
struct VersionEvent<'a> {
    version: Version,
    #[serde(rename = "type")]
    event_type: &'a str,
    recorded_at: domain::calendar::Instant,
}

#[derive(Serialize)]
struct ProjectionEvent<'a> {
    scenario_id: ScenarioId,
    household_version: Version,
    start_month: &'a str,
}

/// What reading the next page led to.
enum Read {
    Text(Bytes),
    Nothing,
    End,
}

impl Watcher {
    /// Begins with a page that was read already, behind a version if the client named one.
    pub(super) fn new(request: &QueryRequest, watch: Watch, page: EventsPage, behind: Option<Version>, seat: Seat) -> Self {
        let now = Instant::now();
        let mut text = format!("retry: {}\n\n", fastrand::u64(RECONNECT_MS));
        page.value.iter().for_each(|event| write_version(&mut text, event));
        let sent = page.value.last().map(|event| event.version).or(behind).unwrap_or(page.version);
        Self {
            store: request.shared_store(),
            asker: request.asker(),
            watch,
            first: Some(text.into()),
            sent,
            head: page.version,
            told: BTreeSet::new(),
            told_of_jobs: BTreeSet::new(),
            checked_at: now + HEARTBEAT,
            ends: now + request.good_for(),
            _seat: seat,
        }
    }

    /// The body of the answer. Whoever polls it has room for more; nothing is read before.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<Bytes, Infallible>> {
        stream::unfold(self, async |mut watcher| watcher.next().await.map(|text| (Ok(text), watcher)))
    }

    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        while Instant::now() < self.ends && !self.watch.is_closed() {
            let is_time_to_check = self.checked_at <= Instant::now();
            if self.head.max(self.watch.news().version) > self.sent || is_time_to_check {
                match self.read(is_time_to_check).await {
                    Read::Text(text) => return Some(text),
                    Read::Nothing => {}
                    Read::End => return None,
                }
            }
            if let Some(text) = self.untold() {
                return Some(text);
            }
            tokio::select! {
                change = self.watch.changed() => if change == Change::Closed { return None },
                () = sleep_until(self.checked_at.min(self.ends)) => {}
            }
        }
        None
    }

    /// The next page of events. Each reading asks whether the client may still see them.
    async fn read(&mut self, is_time_to_check: bool) -> Read {
        let page = match self.store.events_behind(self.asker, Some(self.sent)).await {
            Ok(Some(page)) if page.version >= self.sent => page,
            // Not a member any more; or the stream is shorter than it was, and what the client knows is of another history.
            Ok(_) => return Read::End,
            Err(StoreError::Database(DatabaseError::Unavailable(_))) => {
                self.checked_at = Instant::now() + RETRY;
                return Read::Nothing;
            }
            Err(error) => {
                let context = Context { stage: Stage::Query, household: self.asker.household_id, command: Some("events/stream") };
                track(&error, context);
                return Read::End;
            }
        };
        self.checked_at = Instant::now() + HEARTBEAT;
        self.head = page.version;
        let Some(last) = page.value.last() else {
            return if is_time_to_check { Read::Text(Bytes::from_static(b":\n\n")) } else { Read::Nothing };
        };
        self.sent = last.version;
        let mut text = String::new();
        page.value.iter().for_each(|event| write_version(&mut text, event));
        Read::Text(text.into())
    }

    /// What the client has not been told of: how far jobs are, and forecasts of the very version that was sent last.
    fn untold(&mut self) -> Option<Bytes> {
        let news = self.watch.news();
        let mut text = String::new();
        for job in news.jobs.difference(&self.told_of_jobs) {
            write(&mut text, "job", job);
        }
        self.told_of_jobs = news.jobs;
        if news.version == self.sent {
            for Ready { scenario_id, household_version, start_month } in news.ready.difference(&self.told) {
                let data = ProjectionEvent { scenario_id: *scenario_id, household_version: *household_version, start_month };
                write(&mut text, "projection", &data);
            }
            self.told = news.ready;
        }
        (!text.is_empty()).then(|| text.into())
    }
}

fn write_version(text: &mut String, event: &RecordedEvent) {
    text.push_str(&format!("id: {}\n", event.version));
    let data = VersionEvent { version: event.version, event_type: &event.event_type, recorded_at: event.recorded_at };
    write(text, "version", &data);
}

/// JSON has no line ends of its own, so it is one line of data.
fn write(text: &mut String, name: &str, data: &impl Serialize) {
    // Plain fields cannot fail to serialize.
    let data = serde_json::to_string(data).unwrap_or_default();
    text.push_str(&format!("event: {name}\ndata: {data}\n\n"));
}
