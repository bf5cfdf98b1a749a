-- Everything long, once: who asked for what, how far it is, and what came of it. A row is one job of one household; workers of any process
-- claim rows with SKIP LOCKED, say that they live by the database's own clock, and write only under the fencing number of their claim.

CREATE TABLE jobs (
    household_id     uuid        NOT NULL,
    id               uuid        NOT NULL,
    kind             text        NOT NULL,
    parameters       json        NOT NULL,
    state            text        NOT NULL,
    -- Percent.
    progress         integer     NOT NULL DEFAULT 0,
    -- Where it is in its work: what an error names, also where the process died and could not say more.
    stage            text        NOT NULL DEFAULT 'job',
    result           text,
    result_type      text,
    error_stage      text,
    error_message    text,
    requested_by     uuid        NOT NULL,
    requested_at     timestamptz NOT NULL,
    -- The request that began it: the events of a job name its trace.
    request_id       text,
    trace_id         text,
    span_id          text,
    started_at       timestamptz,
    finished_at      timestamptz,
    -- Kept until then at least.
    expires_at       timestamptz,
    -- Of one household and one name at most one unfinished job: ten refreshes at once are one.
    exclusive        text,
    worker           text,
    -- Counts claims. A worker that was paused and wakes up holds an older number, and writes nothing.
    fencing          bigint      NOT NULL DEFAULT 0,
    -- Claims that ended with their process. One that was given back on purpose does not count.
    attempts         integer     NOT NULL DEFAULT 0,
    heartbeat_at     timestamptz,
    cancel_requested boolean     NOT NULL DEFAULT false,
    CONSTRAINT jobs_pkey PRIMARY KEY (household_id, id),
    CONSTRAINT jobs_state_known CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
    CONSTRAINT jobs_progress_in_percent CHECK (progress BETWEEN 0 AND 100),
    CONSTRAINT jobs_running_has_a_worker CHECK (state <> 'running' OR (worker IS NOT NULL AND heartbeat_at IS NOT NULL AND started_at IS NOT NULL)),
    CONSTRAINT jobs_finished_is_kept_until CHECK ((state IN ('succeeded', 'failed', 'cancelled')) = (finished_at IS NOT NULL AND expires_at IS NOT NULL)),
    CONSTRAINT jobs_success_has_a_result CHECK ((state = 'succeeded') = (result IS NOT NULL AND result_type IS NOT NULL)),
    CONSTRAINT jobs_failure_has_an_error CHECK ((state = 'failed') = (error_stage IS NOT NULL AND error_message IS NOT NULL))
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX jobs_one_at_a_time ON jobs (household_id, exclusive) WHERE exclusive IS NOT NULL AND state IN ('queued', 'running');
-- What workers look for, of all households: the one question that no household asks. Few rows, however many jobs there were.
CREATE INDEX jobs_unfinished ON jobs (state, requested_at, id) WHERE state IN ('queued', 'running');
CREATE INDEX jobs_by_expiry ON jobs (expires_at) WHERE expires_at IS NOT NULL;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO effluent_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_auditor') THEN
        GRANT SELECT ON jobs TO effluent_auditor;
    END IF;
END
$$;
