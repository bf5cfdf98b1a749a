//! From a refusal of the domain or the store to the problem that a client sees. One place gives an error its status; there is no `_`
//! arm, so a new refusal does not compile until somebody has chosen.

use domain::household::HouseholdError;
use domain::household::error::Violation;
use projections::forecasts::{ForecastError, NoForecast};
use projections::rebuild::RebuildError;
use projections::store::{ExecuteError, StoreError};
use projections::track::Stage;

use crate::problem::{FieldError, Problem};
use crate::telemetry;

impl From<HouseholdError> for Problem {
    fn from(error: HouseholdError) -> Self {
        let detail = error.to_string();
        match error {
            HouseholdError::NoSuchHousehold => Self::no_household(),
            HouseholdError::AlreadyOpened => Self::conflict("already-opened", detail),
            HouseholdError::NotAllowed { .. } => Self::forbidden(detail),
            HouseholdError::NotFound { .. } => Self::not_found("thing", detail),
            HouseholdError::Invalid(violations) => Self::invalid_fields(violations.into_iter().map(field_error).collect()),
            HouseholdError::Conflict(conflict) => Self::conflict(conflict.code(), detail),
        }
    }
}

fn field_error(Violation { field, rule }: Violation) -> FieldError {
    FieldError::new(field, rule.code(), rule.to_string())
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Database(error) => error.into(),
            StoreError::Damaged { .. } => Self::internal_at(Stage::Load, &error),
        }
    }
}

impl From<RebuildError> for Problem {
    /// Of a household that is healed on access.
    fn from(error: RebuildError) -> Self {
        match error {
            RebuildError::Database(error) => error.into(),
            RebuildError::Store(error) => error.into(),
            RebuildError::OldSchema { .. } | RebuildError::Damaged(_) | RebuildError::Internal(_) => {
                Self::internal_at(Stage::Rebuild, &error)
            }
            RebuildError::Busy { .. } | RebuildError::TakenOver => Self::unavailable("the household is being rebuilt"),
        }
    }
}

impl From<ExecuteError> for Problem {
    fn from(error: ExecuteError) -> Self {
        match error {
            ExecuteError::Refused(refusal) => refusal.into(),
            ExecuteError::OtherVersion { current } => Self::version_behind(current.unsigned_abs()),
            ExecuteError::KeyReused => {
                Self::unprocessable("idempotency-key-reused", "this Idempotency-Key was sent with another request: choose a new one")
            }
            ExecuteError::Contended => {
                Self::conflict("contended", "the household is being changed by many at once: send the command again")
            }
            ExecuteError::Busy => Self::unavailable("too many commands of this household are waiting"),
            ExecuteError::Store(error) => {
                telemetry::at(Stage::Load);
                error.into()
            }
            ExecuteError::Append(error) => {
                telemetry::at(Stage::Append);
                error.into()
            }
            ExecuteError::Internal(_) => Self::internal(&error),
        }
    }
}

impl From<ForecastError> for Problem {
    fn from(error: ForecastError) -> Self {
        match error {
            ForecastError::None(error) => error.into(),
            ForecastError::Store(error) => error.into(),
        }
    }
}

impl From<NoForecast> for Problem {
    fn from(error: NoForecast) -> Self {
        match error {
            NoForecast::NoSuchScenario => Self::not_found("scenario", error.to_string()),
            NoForecast::Projection(error) => Self::unprocessable("not-projectable", error.to_string()),
            NoForecast::Tax(error) => Self::unprocessable("not-projectable", error.to_string()),
            NoForecast::Broken(_) => Self::internal_at(Stage::Project, &error),
        }
    }
}
