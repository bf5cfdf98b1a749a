//! What operators watch: every instrument of this crate, once, with its name and unit.
//!
//! The names are those of the operations specification; a dot becomes an underscore, and a unit or `_total` is added, where Prometheus reads them. Instruments
//! are OpenTelemetry's: without an exporter they cost next to nothing. Deliberately absent: labels that grow with households or users.

use std::sync::LazyLock;
use std::time::Duration;

use opentelemetry::metrics::{Counter, Gauge, Histogram, Meter};
use opentelemetry::{KeyValue, global};

/// How a generation of system flows ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowGeneration {
    /// The flows changed, and their event was appended.
    Generated,
    /// The flows are as they were.
    Unchanged,
    /// They could not be derived, or not be appended.
    Failed,
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

struct Instruments {
    flow_generation: Counter<u64>,
    flow_generation_duration: Histogram<f64>,
    command_conflicts: Counter<u64>,
    command_attempts: Histogram<u64>,
    commands: Counter<u64>,
    baseline_refresh: Counter<u64>,
    projector_lag_events: Gauge<u64>,
    projector_lag_seconds: Gauge<f64>,
    parked_households: Gauge<u64>,
    projection_reads: Counter<u64>,
    errors: Counter<u64>,
}

static INSTRUMENTS: LazyLock<Instruments> = LazyLock::new(|| {
    let meter: Meter = global::meter("effluent");
    Instruments {
        flow_generation: meter.u64_counter("effluent.flow_generation").with_description("Derivations of system flows, by outcome").build(),
        flow_generation_duration: meter
            .f64_histogram("effluent.flow_generation.duration")
            .with_unit("s")
            .with_description("From the decision to the append")
            .build(),
        command_conflicts: meter
            .u64_counter("effluent.command.conflicts")
            .with_description("Decisions that met a household which had moved meanwhile")
            .build(),
        command_attempts: meter.u64_histogram("effluent.command.attempts").with_description("Decisions a command took").build(),
        commands: meter.u64_counter("effluent.commands").with_description("Commands carried out or refused").build(),
        baseline_refresh: meter.u64_counter("effluent.baseline_refresh").with_description("Refreshes of baselines, by outcome").build(),
        projector_lag_events: meter
            .u64_gauge("effluent.projector.lag_events")
            .with_description("Committed events that the projectors have not covered")
            .build(),
        projector_lag_seconds: meter
            .f64_gauge("effluent.projector.lag")
            .with_unit("s")
            .with_description("Age of the oldest committed event that the projectors have not covered")
            .build(),
        parked_households: meter
            .u64_gauge("effluent.projector.parked_households")
            .with_description("Households whose projection failed")
            .build(),
        projection_reads: meter
            .u64_counter("effluent.projection_reads")
            .with_description("Answered projections, by where they came from")
            .build(),
        errors: meter.u64_counter("effluent.errors").with_description("Faults, by stage").build(),
    }
});

/// System flows were derived, or not.
pub fn flow_generation(outcome: FlowGeneration, took: Duration) {
    let outcome = match outcome {
        FlowGeneration::Generated => "generated",
        FlowGeneration::Unchanged => "unchanged",
        FlowGeneration::Failed => "failed",
    };
    let label = [KeyValue::new("outcome", outcome)];
    INSTRUMENTS.flow_generation.add(1, &label);
    INSTRUMENTS.flow_generation_duration.record(took.as_secs_f64(), &label);
}

/// A decision met a household that had moved.
pub fn command_conflict() {
    INSTRUMENTS.command_conflicts.add(1, &[]);
}

/// A command ended after so many decisions.
pub fn command_ended(attempts: u32) {
    INSTRUMENTS.commands.add(1, &[]);
    INSTRUMENTS.command_attempts.record(u64::from(attempts), &[]);
}

/// A refresh of a baseline ended.
pub fn baseline_refresh(outcome: BaselineRefresh) {
    let outcome = match outcome {
        BaselineRefresh::Completed => "completed",
        BaselineRefresh::Duplicate => "duplicate",
        BaselineRefresh::Failed => "failed",
    };
    INSTRUMENTS.baseline_refresh.add(1, &[KeyValue::new("outcome", outcome)]);
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

/// A fault; see [`crate::track`].
pub(crate) fn error(stage: &'static str) {
    INSTRUMENTS.errors.add(1, &[KeyValue::new("stage", stage)]);
}
