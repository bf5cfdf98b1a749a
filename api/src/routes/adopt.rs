//! A scenario made real: one command, one batch, all or nothing.

use domain::calendar::Date;
use domain::household::adopt::{AdoptedChange, Adoption, Skipped, adoption};
use domain::household::{Event, Household, Intent};
use domain::ids::ScenarioId;
use domain::tax::TaxTables;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{Json, Nothing};
use crate::clock;
use crate::command::{CommandRequest, Made};
use crate::extract::Path;
use crate::problem::Problem;

/// What an adoption did.
#[derive(Serialize, ToSchema)]
pub struct AdoptionView {
    /// The scenario.
    id: ScenarioId,
    /// Nothing was left of it, so that it was put away.
    archived: bool,
    /// The day on which something of it was last made real.
    adopted_on: Option<Date>,
    /// Each change that is real now, with what was made of it.
    adopted: Vec<AdoptedChange>,
    /// Everything in which the scenario differs from the baseline still, each with the reason.
    skipped: Vec<Skipped>,
}

pub fn routes() -> Routes {
    Routes::tagged("scenarios").post(
        "/api/v1/scenarios/{id}/adopt",
        adopt,
        Doc::command("Make a scenario real")
            .body::<Nothing>()
            .answers::<AdoptionView>()
            .details(
                "As of today, in one batch, all that holds in it, inherited changes included. What cannot be told as facts of the household, or would \
                 come to other figures, is skipped with the reason. Where nothing is skipped, the baseline has the scenario's figures from then on. \
                 Adopted changes are disabled, also where they are inherited from; a scenario of which nothing is left is archived.",
            ),
    )
}

async fn adopt(request: CommandRequest, id: Path<ScenarioId>, nothing: Json<Nothing>) -> Result<Answer, Problem> {
    let (id, seed, tables) = (id.into_inner(), Uuid::now_v7(), request.store().tables());
    let intent = |_| Intent::AdoptScenario { id, seed };
    request.run(nothing.digest, intent, Made::Changed, move |home, events| view(home, events, id, tables)).await
}

/// From the event; where nothing could be adopted there is none, and the reasons follow from the state.
fn view(home: &Household, events: &[Event], id: ScenarioId, tables: &TaxTables) -> Option<AdoptionView> {
    let scenario = home.scenarios.get(&id)?;
    let recorded = events.iter().find_map(|event| if let Event::ScenarioAdopted { adoption, .. } = event { Some(adoption) } else { None });
    let zone = home.opening.as_ref().map(|opening| opening.profile.time_zone).unwrap_or_default();
    let none_was = || adoption(home, id, zone.date_at(clock::now()), tables);
    let Adoption { adopted, skipped } = recorded.cloned().or_else(none_was)?;
    Some(AdoptionView { id, archived: scenario.archived, adopted_on: scenario.adopted_on, adopted, skipped })
}
