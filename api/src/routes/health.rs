//! Whether the process lives, and whether it can do its work; where it cannot, what is missing.

use actix_web::web::Data;
use projections::Connections;
use projections::database::{DatabaseError, Readiness, readiness};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::problem::{FieldError, Problem};
use crate::telemetry;

/// The state of the server.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    status: &'static str,
    /// Which build answers.
    version: &'static str,
}

/// What the server has to work with.
#[derive(Serialize, ToSchema)]
pub struct Ready {
    /// `ok`.
    status: &'static str,
    /// Which build answers.
    version: &'static str,
    /// What it needs, and in which state that is.
    parts: Parts,
}

/// Each part of the server.
#[derive(Serialize, ToSchema)]
pub struct Parts {
    /// `ok`.
    database: &'static str,
    /// `ok`: all that this build knows are applied.
    migrations: &'static str,
    /// Whom its connections act as; `login` where the database has no role for the server.
    role: &'static str,
    /// `ok`, or `none`: nobody keeps projections up to date, and each is computed when it is asked for, as true as ever.
    projector: &'static str,
}

const OK: &str = "ok";
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn routes() -> Routes {
    Routes::tagged("operations")
        .get(
            "/health/live",
            live,
            Doc::public("Whether the process lives")
                .answers::<Health>()
                .details("Asks nobody else: a database that is away is no reason to restart this process."),
        )
        .get(
            "/health/ready",
            ready,
            Doc::public("Whether requests can be answered")
                .answers::<Ready>()
                .details("503 while the database is away, its schema is behind, or its role is gone, with each part that is missing."),
        )
}

async fn live() -> Result<Answer, Problem> {
    Answer::plain(&Health { status: OK, version: VERSION })
}

async fn ready(pool: Data<Connections>) -> Result<Answer, Problem> {
    let found = match readiness(&pool).await {
        Ok(found) => found,
        Err(DatabaseError::Unavailable(cause)) => {
            telemetry::unavailable(&cause);
            return Err(Problem::not_ready(vec![FieldError::new("database", "away", "the database does not answer")]));
        }
        Err(error) => return Err(error.into()),
    };
    let missing = missing(&found);
    if !missing.is_empty() {
        return Err(Problem::not_ready(missing));
    }
    let projector = if found.live_projectors.is_some_and(|live| live > 0) { OK } else { "none" };
    let parts = Parts { database: OK, migrations: OK, role: found.role.unwrap_or("login"), projector };
    Answer::plain(&Ready { status: OK, version: VERSION, parts })
}

fn missing(found: &Readiness) -> Vec<FieldError> {
    let mut missing = Vec::new();
    if let (Some(role), false) = (found.role, found.role_is_usable) {
        let what = format!("the role {role} is gone, or the log-in is no member of it: create it as migrations/0001 does, or grant it");
        missing.push(FieldError::new("role", "missing", what));
    }
    if !found.pending_migrations.is_empty() {
        let what = format!("migrations are missing (run `effluent migrate`): {}", found.pending_migrations.join(", "));
        missing.push(FieldError::new("migrations", "missing", what));
    }
    missing
}
