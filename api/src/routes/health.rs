//! Whether the process lives, and whether it can do its work.

use actix_web::web::Data;
use projections::Connections;
use projections::database::pending_migrations;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::problem::Problem;

/// The state of the server.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    status: &'static str,
    /// Which build answers.
    version: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

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
                .answers::<Health>()
                .details("503 while the database is away or its schema is behind, with what is missing."),
        )
}

async fn live() -> Result<Answer, Problem> {
    Answer::plain(&OK)
}

async fn ready(pool: Data<Connections>) -> Result<Answer, Problem> {
    let pending = pending_migrations(&pool).await?;
    if pending.is_empty() {
        Answer::plain(&OK)
    } else {
        Err(Problem::unavailable(format!("migrations are missing (run `effluent migrate`): {}", pending.join(", "))))
    }
}
