//! A household's news as Server-Sent Events: every new version, every forecast that is ready, and how far jobs are.
//!
//! Each event of the household's stream is one `version`, in order, without a gap and none twice; its `id` is the version, so a client that
//! reconnects, to whichever process, goes on where it was by `Last-Event-ID` (browsers do that by themselves). `projection` says what can be
//! read at once, `job` how far a job is; they have no id, since they are no history: who reconnects is told again how things stand.
//!
//! A client reads as fast as it likes. What it is sent is read from the database when its connection has room, at most a page at a time,
//! so that one that does not read holds a page of text and nothing else, and is cut off when it has not taken a byte for a while (the
//! listening socket says so, see [`crate::startup`]).

mod seats;
mod watcher;

use actix_web::http::{Method, header};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::ids::HouseholdId;
use projections::live::Hub;
use projections::store::Version;

use self::seats::Seats;
use self::watcher::Watcher;
use super::{Doc, Routes};
use crate::answer::HOUSEHOLD_VERSION;
use crate::extract::Path;
use crate::problem::Problem;
use crate::query::QueryRequest;

/// Who watches what in this process.
#[derive(Debug, Default)]
pub struct Live {
    /// Asks the database for what is new.
    pub hub: Hub,
    seats: Seats,
}

/// Browsers send it with every reconnection.
const LAST_EVENT_ID: &str = "Last-Event-ID";
const CONTENT_TYPE: &str = "text/event-stream";

pub(super) fn routes() -> Routes {
    Routes::tagged("live").get(
        "/api/v1/households/{id}/events/stream",
        stream,
        Doc::query("Watch a household (Server-Sent Events)").also(CONTENT_TYPE).details(
            "Does not end by itself. Events: `version` `{\"version\", \"type\", \"recorded_at\"}`, one for each event of the household, in order, \
             its `id` being the version; `projection` `{\"scenario_id\", \"household_version\", \"start_month\"}` when a forecast of the newest \
             version is ready to be read; `job` `{\"id\", \"kind\", \"state\", \"progress\"}` when a job has moved on. Begins with the newest version; with `Last-Event-ID: <version>`, with the one behind that, so that \
             nothing is missed and nothing comes twice. A comment comes every 15 seconds without news. It ends when the access token does, when \
             the caller is no longer a member, when the server stops, and when the client does not read; connect again with the id of \
             the last event.",
        ),
    )
}

async fn stream(http: HttpRequest, request: QueryRequest, id: Path<HouseholdId>, live: Data<Live>) -> Result<HttpResponse, Problem> {
    let behind = last_event_id(&http)?;
    let request = request.of_household(id.into_inner());
    // Before the first page is read: what happens from here on wakes the watcher.
    let watch = live.hub.watch(id_of(&request)?);
    let page = request.there(request.store().events_behind(request.asker(), behind).await?)?;
    if behind.is_some_and(|behind| behind > page.version) {
        return Err(Problem::version_ahead(page.version.unsigned_abs()));
    }
    let mut response = HttpResponse::Ok();
    response
        .content_type(CONTENT_TYPE)
        .insert_header((HOUSEHOLD_VERSION, page.version.to_string()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        // A compressor holds back what is sent until it has enough of it, and so does a proxy.
        .insert_header((header::CONTENT_ENCODING, "identity"))
        .insert_header(("X-Accel-Buffering", "no"))
        // Behind the last event there is nothing more to come on this connection: draining does not wait for it.
        .force_close();
    if http.method() == Method::HEAD {
        return Ok(response.finish());
    }
    let seat = live.seats.take(request.asker().user_id)?;
    Ok(response.streaming(Watcher::new(&request, watch, page, behind, seat).into_stream()))
}

fn id_of(request: &QueryRequest) -> Result<HouseholdId, Problem> {
    request.asker().household_id.ok_or_else(Problem::no_household)
}

fn last_event_id(request: &HttpRequest) -> Result<Option<Version>, Problem> {
    let Some(value) = request.headers().get(LAST_EVENT_ID) else { return Ok(None) };
    let version = value.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|version: &Version| *version >= 0);
    version.map(Some).ok_or_else(|| Problem::malformed_header(LAST_EVENT_ID, "must be the id of an event of this stream, such as 17"))
}
