-- Projector processes: who keeps the forecasts of which households up to date, and how far each has come.
--
-- Everything here is about time-outs, and every time is the database's: processes whose clocks differ still agree.

-- Households are divided into 64 buckets (projections/src/subscription says the same). The last byte of an id is random in UUIDv4, v5 and v7.
CREATE FUNCTION household_bucket(household_id uuid) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN get_byte(uuid_send(household_id), 15) % 64;

-- A process that projects. Its lease is renewed each second; one that has run out is anybody's.
CREATE TABLE projectors (
    projector_id uuid        NOT NULL CONSTRAINT projectors_pkey PRIMARY KEY,
    process      text        NOT NULL,
    started_at   timestamptz NOT NULL DEFAULT now(),
    lease_until  timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Who has a bucket. The fencing number rises with every owner: what an earlier one still writes names an earlier number, and does not
-- count. The checkpoint moves in the statement that writes what it covers.
CREATE TABLE projector_buckets (
    bucket          integer NOT NULL CONSTRAINT projector_buckets_pkey PRIMARY KEY,
    owner           uuid,
    fencing         bigint  NOT NULL DEFAULT 0,
    transaction_id  xid8    NOT NULL DEFAULT '0',
    global_position bigint  NOT NULL DEFAULT 0,
    moved_at        timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT projector_buckets_sixty_four CHECK (bucket BETWEEN 0 AND 63)
) WITH (fillfactor = 50);
INSERT INTO projector_buckets (bucket) SELECT generate_series(0, 63);

-- Households whose projection failed: a bug of ours, or figures beyond what the engine can hold. The others go on.
CREATE TABLE parked_households (
    household_id uuid        NOT NULL CONSTRAINT parked_households_pkey PRIMARY KEY,
    version      bigint      NOT NULL,
    stage        text        NOT NULL,
    error        text        NOT NULL,
    attempts     integer     NOT NULL,
    parked_at    timestamptz NOT NULL DEFAULT now(),
    -- Somebody asked for another attempt, which has not been made yet.
    retry        boolean     NOT NULL DEFAULT false
);

-- The ratios of a household as of a day and a version: one row a month, and one whenever they changed.
CREATE TABLE metric_history (
    household_id uuid        NOT NULL,
    as_of_date   date        NOT NULL,
    version      bigint      NOT NULL,
    metrics      jsonb       NOT NULL,
    computed_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT metric_history_pkey PRIMARY KEY (household_id, as_of_date, version)
);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON projectors, parked_households, metric_history TO effluent_app;
        GRANT SELECT, UPDATE ON projector_buckets TO effluent_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_auditor') THEN
        GRANT SELECT ON projectors, projector_buckets, parked_households, metric_history TO effluent_auditor;
    END IF;
END
$$;
