//! What is known about the request that is being answered on this task: its ids, and, as it gets further, its route, its household and the
//! stage that it is at. So a fault anywhere below is reported with all of it, and nothing has to be passed down for that.

use std::cell::{Cell, OnceCell};
use std::error::Error;
use std::rc::Rc;

use actix_web::http::Method;
use domain::ids::HouseholdId;
use projections::track::{Context, Stage, track, track_unavailable};

use super::RequestIds;

/// One request. Only its own task has it, hence cells.
pub(super) struct Current {
    pub(super) ids: RequestIds,
    method: Method,
    route: OnceCell<String>,
    household: Cell<Option<HouseholdId>>,
    stage: Cell<Stage>,
}

tokio::task_local! {
    pub(super) static CURRENT: Rc<Current>;
}

impl Current {
    pub(super) fn new(ids: RequestIds, method: Method) -> Self {
        Self { ids, method, route: OnceCell::new(), household: Cell::new(None), stage: Cell::new(Stage::Request) }
    }

    pub(super) fn route(&self) -> Option<&str> {
        self.route.get().map(String::as_str)
    }

    pub(super) fn household(&self) -> Option<HouseholdId> {
        self.household.get()
    }

    fn operation(&self) -> String {
        format!("{} {}", self.method, self.route().unwrap_or("none"))
    }
}

fn with<T>(use_it: impl FnOnce(&Current) -> T) -> Option<T> {
    CURRENT.try_with(|current| use_it(current)).ok()
}

/// The ids of the request that is being answered on this task; `None` outside of one.
#[must_use]
pub fn current() -> Option<RequestIds> {
    with(|current| current.ids.clone())
}

/// The request has found its route, a pattern such as `/api/v1/accounts/{id}`.
pub fn routed(pattern: String) {
    with(|current| drop(current.route.set(pattern)));
}

/// The request is about this household.
pub fn about(household: HouseholdId) {
    with(|current| current.household.set(Some(household)));
}

/// The request has come to this stage.
pub fn at(stage: Stage) {
    with(|current| current.stage.set(stage));
}

/// Reports a fault that the request met; `at` where the error itself says more exactly where it happened.
pub fn fault(error: &dyn Error, at: Option<Stage>) {
    in_context(at, |context| track(error, context));
}

/// Reports that the database was away when the request needed it.
pub fn unavailable(error: &dyn Error) {
    in_context(None, |context| track_unavailable(error, context));
}

fn in_context(at: Option<Stage>, report: impl FnOnce(Context<'_>)) {
    let known = with(|current| (current.stage.get(), current.household(), current.operation()));
    let (stage, household, operation) =
        known.map_or((Stage::Request, None, None), |(stage, household, name)| (stage, household, Some(name)));
    report(Context { stage: at.unwrap_or(stage), household, command: operation.as_deref() });
}
