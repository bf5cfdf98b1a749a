-- Rebuilds of the read models, and the form that the read models have.

-- A row a rebuild of all households. One that was killed goes on where it was: behind `done_to`, since households are taken in the order of
-- their ids. (A rebuild of one household is one transaction, and leaves no row.)
CREATE TABLE rebuilds (
    rebuild_id        uuid        NOT NULL CONSTRAINT rebuilds_pkey PRIMARY KEY,
    -- `command` or `form`: asked for, or because the program's read models are not those that the tables were written by.
    cause             text        NOT NULL,
    -- One read model; null means all.
    model             text,
    fingerprint       text        NOT NULL,
    -- `running`, `finished` or `abandoned`.
    state             text        NOT NULL DEFAULT 'running',
    -- Who works on it: a process that was taken for dead finds another one here, and stops.
    worker            uuid        NOT NULL,
    done_to           uuid,
    households        bigint      NOT NULL DEFAULT 0,
    households_in_all bigint      NOT NULL DEFAULT 0,
    events            bigint      NOT NULL DEFAULT 0,
    events_in_all     bigint      NOT NULL DEFAULT 0,
    row_count         bigint      NOT NULL DEFAULT 0,
    differences       bigint      NOT NULL DEFAULT 0,
    damaged           bigint      NOT NULL DEFAULT 0,
    started_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    heartbeat_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at          timestamptz,
    CONSTRAINT rebuilds_known_state CHECK (state IN ('running', 'finished', 'abandoned')),
    CONSTRAINT rebuilds_end_with_their_state CHECK ((state = 'running') = (ended_at IS NULL))
);
CREATE UNIQUE INDEX rebuilds_one_at_a_time ON rebuilds ((true)) WHERE state = 'running';

-- By which read models the tables of this database were written last: at most one row.
CREATE TABLE read_models_form (
    only_row    boolean     NOT NULL DEFAULT true CONSTRAINT read_models_form_pkey PRIMARY KEY,
    fingerprint text        NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT read_models_form_is_one_row CHECK (only_row)
);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON rebuilds, read_models_form TO effluent_app;
        -- A head follows from its stream, as any read model does. A rebuild takes it away and puts it back in one transaction, so that an
        -- append that waits for it begins anew (projections/src/rebuild/switch.rs).
        GRANT DELETE ON heads TO effluent_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_auditor') THEN
        GRANT SELECT ON rebuilds, read_models_form TO effluent_auditor;
    END IF;
END
$$;
