//! From an error of the store to why a job came to nothing: a rule is told as it is, a fault with its stage alone. No `_` arm: a new error
//! does not compile until somebody has chosen.

use projections::forecasts::{ForecastError, NoForecast};
use projections::jobs::Unfinished;
use projections::store::{ExecuteError, StoreError};
use projections::track::Stage;

/// Reading or writing failed.
pub fn store(stage: Stage, error: StoreError) -> Unfinished {
    match error {
        StoreError::Database(error) => Unfinished::database(stage, error),
        StoreError::Damaged { .. } => Unfinished::fault(stage, error),
    }
}

/// A command was not carried out.
pub fn execute(error: ExecuteError) -> Unfinished {
    match error {
        ExecuteError::Refused(_) => Unfinished::Refused { stage: Stage::Decide, message: error.to_string() },
        ExecuteError::Contended | ExecuteError::Busy | ExecuteError::OtherVersion { .. } | ExecuteError::KeyReused => {
            Unfinished::Refused { stage: Stage::Append, message: error.to_string() }
        }
        ExecuteError::Store(error) => store(Stage::Load, error),
        ExecuteError::Append(error) => Unfinished::database(Stage::Append, error),
        ExecuteError::Internal(_) => Unfinished::fault(Stage::Append, error),
    }
}

/// There is no projection.
pub fn forecast(error: ForecastError) -> Unfinished {
    match error {
        ForecastError::None(NoForecast::Broken(_)) => Unfinished::fault(Stage::Project, error),
        ForecastError::None(NoForecast::NoSuchScenario | NoForecast::Projection(_) | NoForecast::Tax(_)) => {
            Unfinished::Refused { stage: Stage::Project, message: error.to_string() }
        }
        ForecastError::Store(error) => store(Stage::Project, error),
    }
}

/// Whoever asked for it may not enter any more.
pub fn no_access(stage: Stage) -> Unfinished {
    Unfinished::Refused { stage, message: "whoever asked for it has no access to the household any more".to_owned() }
}
