//! The one path of faults to the operators: a log line on the current trace with household, command and stage, and a count by stage. An error
//! is tracked once, where it is answered or given up on.
//!
//! A refusal (a rule, a wrong body, a conflict) is no fault and does not come here.

use std::error::Error;
use std::fmt;

use domain::ids::HouseholdId;

use crate::signals;

/// Where in its work the program was when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Before a command or query: authentication, gate, reading of the body.
    Request,
    /// Reading a household's state.
    Load,
    /// Deciding a command.
    Decide,
    /// Appending events.
    Append,
    /// Reading a list or a projection.
    Query,
    /// Computing or keeping a projection.
    Project,
    /// Rebuilding or verifying read models.
    Rebuild,
    /// Running a job.
    Job,
}

impl Stage {
    pub(crate) const ALL: [Self; 8] =
        [Self::Request, Self::Load, Self::Decide, Self::Append, Self::Query, Self::Project, Self::Rebuild, Self::Job];

    /// As it is written in logs, metrics and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Load => "load",
            Self::Decide => "decide",
            Self::Append => "append",
            Self::Query => "query",
            Self::Project => "project",
            Self::Rebuild => "rebuild",
            Self::Job => "job",
        }
    }
}

/// What a fault happened to.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// At which point.
    pub stage: Stage,
    /// Whose, where that is known.
    pub household: Option<HouseholdId>,
    /// Which command, query or job, where there is one.
    pub command: Option<&'a str>,
}

/// Reports a fault: something that we, or the operators, have to mend.
pub fn track(error: &dyn Error, context: Context<'_>) {
    let household = context.household.map(tracing::field::display);
    tracing::error!(stage = context.stage.as_str(), household, command = context.command, error = %Chain(error), "a fault");
    signals::error(context.stage, Fault::Internal);
}

/// Reports that the database was away, or too busy: it mends itself, or is mended elsewhere.
pub fn track_unavailable(error: &dyn Error, context: Context<'_>) {
    let household = context.household.map(tracing::field::display);
    tracing::warn!(stage = context.stage.as_str(), household, command = context.command, error = %Chain(error), "the database is away");
    signals::error(context.stage, Fault::Unavailable);
}

/// Whose fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Of the program, or of what is stored.
    Internal,
    /// Of the database's being away.
    Unavailable,
}

impl Fault {
    pub(crate) const ALL: [Self; 2] = [Self::Internal, Self::Unavailable];

    /// As it is written in metrics.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
        }
    }
}

/// An error and all that caused it, on one line.
#[derive(Debug)]
pub struct Chain<'a>(pub &'a dyn Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
