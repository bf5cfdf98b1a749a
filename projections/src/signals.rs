//! What operators watch: every instrument of this crate, once, with its name and unit.
//!
//! The names are those of the operations specification; a dot becomes an underscore, and a unit or `_total` is added, where Prometheus reads
//! them. Instruments are OpenTelemetry's: without an exporter they cost next to nothing. Deliberately absent: labels that grow with
//! households or users.

use std::sync::LazyLock;
use std::time::Duration;

use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter};
use opentelemetry::{KeyValue, global};

use crate::connections::Connections;
use crate::jobs::JobState;
use crate::track::{Fault, Stage};

/// The meter of everything here; whoever sets up metrics does so before the first instrument is used.
const METER: &str = "effluent";
/// Where a histogram of seconds has its steps: from a statement to a time-out.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];
/// Where the histogram of retries has its steps: 39 is the last one that a command makes.
const RETRIES: [f64; 8] = [0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 13.0, 39.0];

/// How a generation of system flows ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowGeneration {
    /// The flows changed, and their event was appended.
    Generated,
    /// The flows are as they were.
    Unchanged,
    /// A client asked for what the law's tables cannot answer: told 422, and no failure of ours.
    Refused,
    /// They could not be derived, or not be appended.
    Failed,
}

impl FlowGeneration {
    const ALL: [Self; 4] = [Self::Generated, Self::Unchanged, Self::Refused, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// How a refresh of a baseline ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BaselineRefresh {
    /// It was computed.
    Completed,
    /// One ran already.
    Duplicate,
    /// It failed.
    Failed,
}

impl BaselineRefresh {
    const ALL: [Self; 3] = [Self::Completed, Self::Duplicate, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Duplicate => "duplicate",
            Self::Failed => "failed",
        }
    }
}

struct Instruments {
    flow_generation: Counter<u64>,
    flow_generation_duration: Histogram<f64>,
    commands: Counter<u64>,
    command_conflicts: Counter<u64>,
    command_retries: Histogram<u64>,
    baseline_refresh: Counter<u64>,
    projector_lag_events: Gauge<u64>,
    projector_lag_seconds: Gauge<f64>,
    parked_households: Gauge<u64>,
    projection_reads: Counter<u64>,
    jobs: Counter<u64>,
    job_duration: Histogram<f64>,
    jobs_unfinished: Gauge<u64>,
    errors: Counter<u64>,
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| Instruments::of(&global::meter(METER)));

impl Instruments {
    fn of(meter: &Meter) -> Self {
        let counter = |name, description| meter.u64_counter(name).with_description(description).build();
        let gauge = |name, description| meter.u64_gauge(name).with_description(description).build();
        let seconds = |name, description| {
            meter.f64_histogram(name).with_unit("s").with_boundaries(SECONDS.to_vec()).with_description(description).build()
        };
        Self {
            flow_generation: counter("effluent.flow_generation", "Derivations of system flows, by outcome"),
            flow_generation_duration: seconds("effluent.flow_generation.duration", "From the decision to the append"),
            commands: counter("effluent.commands", "Commands that were decided, whatever was decided"),
            command_conflicts: counter("effluent.command.conflicts", "Decisions that met a household which had moved meanwhile"),
            command_retries: meter
                .u64_histogram("effluent.command.retries")
                .with_boundaries(RETRIES.to_vec())
                .with_description("How often a command was decided again")
                .build(),
            baseline_refresh: counter("effluent.baseline_refresh", "Refreshes of baselines, by outcome"),
            projector_lag_events: gauge("effluent.projector.lag_events", "Committed events that the projectors have not covered"),
            projector_lag_seconds: meter
                .f64_gauge("effluent.projector.lag")
                .with_unit("s")
                .with_description("Age of the oldest committed event that the projectors have not covered")
                .build(),
            parked_households: gauge("effluent.projector.parked_households", "Households whose projection failed"),
            projection_reads: counter("effluent.projection_reads", "Answered projections, by where they came from"),
            jobs: counter("effluent.jobs", "Jobs that ended, by kind and outcome"),
            job_duration: seconds("effluent.job.duration", "From the claim of a job to its end"),
            jobs_unfinished: gauge("effluent.jobs.unfinished", "Jobs that wait or run, by state"),
            errors: counter("effluent.errors", "Faults, by stage and kind"),
        }
    }
}

/// Shows every counter from the start, at zero: a rate over one that only appears with its first event would miss that event.
pub fn begin() {
    let instruments = &*INSTRUMENTS;
    for outcome in FlowGeneration::ALL {
        instruments.flow_generation.add(0, &[KeyValue::new("outcome", outcome.as_str())]);
    }
    for outcome in BaselineRefresh::ALL {
        instruments.baseline_refresh.add(0, &[KeyValue::new("outcome", outcome.as_str())]);
    }
    for source in ["stored", "computed"] {
        instruments.projection_reads.add(0, &[KeyValue::new("source", source)]);
    }
    for (stage, fault) in Stage::ALL.into_iter().flat_map(|stage| Fault::ALL.map(|fault| (stage, fault))) {
        instruments.errors.add(0, &[KeyValue::new("stage", stage.as_str()), KeyValue::new("kind", fault.as_str())]);
    }
    instruments.commands.add(0, &[]);
    instruments.command_conflicts.add(0, &[]);
}

/// Shows the jobs of these kinds from the start, as [`begin`] does for the rest.
pub fn begin_jobs(kinds: &[&'static str]) {
    for kind in kinds {
        for outcome in [JobState::Succeeded, JobState::Failed, JobState::Cancelled] {
            INSTRUMENTS.jobs.add(0, &[KeyValue::new("kind", *kind), KeyValue::new("outcome", outcome.as_str())]);
        }
    }
}

/// System flows were derived, or not.
pub fn flow_generation(outcome: FlowGeneration, took: Duration) {
    let label = [KeyValue::new("outcome", outcome.as_str())];
    INSTRUMENTS.flow_generation.add(1, &label);
    INSTRUMENTS.flow_generation_duration.record(took.as_secs_f64(), &label);
}

/// A decision met a household that had moved.
pub fn command_conflict() {
    INSTRUMENTS.command_conflicts.add(1, &[]);
}

/// A command ended after so many decisions, the first included.
pub fn command_ended(attempts: u32) {
    INSTRUMENTS.commands.add(1, &[]);
    INSTRUMENTS.command_retries.record(u64::from(attempts.saturating_sub(1)), &[]);
}

/// A refresh of a baseline ended.
pub fn baseline_refresh(outcome: BaselineRefresh) {
    INSTRUMENTS.baseline_refresh.add(1, &[KeyValue::new("outcome", outcome.as_str())]);
}

/// How far the projectors are behind.
pub fn projector_lag(events: u64, oldest: Duration) {
    INSTRUMENTS.projector_lag_events.record(events, &[]);
    INSTRUMENTS.projector_lag_seconds.record(oldest.as_secs_f64(), &[]);
}

/// How many households are parked.
pub fn parked_households(number: u64) {
    INSTRUMENTS.parked_households.record(number, &[]);
}

/// A projection was answered; `source` is `stored` or `computed`.
pub fn projection_read(source: &'static str) {
    INSTRUMENTS.projection_reads.add(1, &[KeyValue::new("source", source)]);
}

/// A job ended: its kind, and how (`succeeded`, `failed`, `cancelled`).
pub fn job_ended(kind: &'static str, outcome: &'static str, took: Duration) {
    INSTRUMENTS.jobs.add(1, &[KeyValue::new("kind", kind), KeyValue::new("outcome", outcome)]);
    INSTRUMENTS.job_duration.record(took.as_secs_f64(), &[KeyValue::new("kind", kind)]);
}

/// How many jobs wait, and how many run.
pub fn jobs_unfinished(waiting: u64, running: u64) {
    for (state, number) in [("waiting", waiting), ("running", running)] {
        INSTRUMENTS.jobs_unfinished.record(number, &[KeyValue::new("state", state)]);
    }
}

/// A fault; see [`crate::track`].
pub(crate) fn error(stage: Stage, fault: Fault) {
    INSTRUMENTS.errors.add(1, &[KeyValue::new("stage", stage.as_str()), KeyValue::new("kind", fault.as_str())]);
}

/// Reports from now on how the connections to the database are used, as long as there are any.
pub fn watch_connections(connections: &Connections) {
    let (meter, watched) = (global::meter(METER), connections.watched());
    let in_use = watched.clone();
    meter
        .u64_observable_gauge("db.client.connection.count")
        .with_description("Connections to the database that are open, by what they do")
        .with_callback(move |observer| {
            if let Some(usage) = in_use.usage() {
                observer.observe(usage.used, &[KeyValue::new("db.client.connection.state", "used")]);
                observer.observe(usage.idle, &[KeyValue::new("db.client.connection.state", "idle")]);
            }
        })
        .build();
    meter
        .u64_observable_gauge("db.client.connection.max")
        .with_description("Connections to the database that may be open at once")
        .with_callback(move |observer| {
            if let Some(usage) = watched.usage() {
                observer.observe(usage.most, &[]);
            }
        })
        .build();
}
