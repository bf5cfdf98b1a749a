//! All addresses of the server, once. Each line of a resource's table is at the same time the route, its `Allow`, and its part
//! of the OpenAPI document: none of the three can be forgotten or say something else.

mod accounts;
mod accuracy;
mod actions;
mod adopt;
mod asset_groups;
mod auth;
mod balances;
mod baseline;
mod calculators;
mod change_body;
mod comparison;
mod debts;
mod decision_shape;
mod decisions;
mod deductions;
mod docs;
pub mod entrance;
mod flows;
mod goal_seek;
mod goal_status;
mod goals;
mod health;
mod households;
mod incomes;
mod jobs;
mod life_events;
mod members;
mod monte_carlo;
mod projection_csv;
mod projection_shape;
mod scenario_body;
mod scenario_changes;
mod scenarios;
pub mod stream;
mod stress_tests;
mod stress_view;
pub mod table;
mod tax_estimate;
mod taxes;
mod template_shape;

pub use goal_status::{GoalStatusView, view as goal_status_of};
pub use jobs::JobView;
pub use scenarios::{as_csv as projection_as_csv, as_json as projection_as_json};
pub use stress_tests::tested as stress_batch;
pub use table::{Doc, Routes};

use actix_web::web::{self, ServiceConfig};

use crate::openapi;
use crate::problem::Problem;

/// Every route that the OpenAPI document describes.
#[must_use]
pub fn all() -> Routes {
    [
        auth::routes,
        households::routes,
        members::routes,
        accounts::routes,
        balances::routes,
        asset_groups::routes,
        incomes::routes,
        deductions::routes,
        flows::routes,
        scenarios::routes,
        scenario_changes::routes,
        adopt::routes,
        baseline::routes,
        accuracy::routes,
        comparison::routes,
        monte_carlo::routes,
        jobs::routes,
        calculators::routes,
        debts::routes,
        stress_tests::routes,
        actions::routes,
        goals::routes,
        goal_seek::routes,
        goal_status::routes,
        life_events::routes,
        decisions::routes,
        tax_estimate::routes,
        taxes::routes,
        stream::routes,
        health::routes,
    ]
    .into_iter()
    .fold(Routes::default(), |all, room| all.and(room()))
}

/// Puts the routes, the document and its page into an application.
pub fn configure(config: &mut ServiceConfig) {
    config
        .app_data(web::PathConfig::default().error_handler(|_, request| {
            // An id that is no UUID is a thing that does not exist.
            Problem::not_found("resource", format!("there is nothing at {}", request.path())).into()
        }))
        .configure(openapi::serve)
        .configure(docs::configure)
        .configure(|config| all().configure(config));
}

/// What an address that nobody knows answers.
///
/// # Errors
/// Always: 404.
pub async fn unknown_address(request: actix_web::HttpRequest) -> Result<&'static str, Problem> {
    Err(Problem::not_found("address", format!("there is nothing at {}", request.path())))
}
