-- The event store. One household = one stream = one version.
--
-- The first columns are those of postgres-es, as its own reader expects them; the rest is ours. `household_id` comes first in every
-- key, so that one household can live on one shard.

-- Three roles (spec 06). Roles belong to the whole cluster: where another database made them already, or where we may not, go on.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['effluent_app', 'effluent_auditor'] LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN RAISE NOTICE 'cannot create the role %: the server will act as the owner of the tables', wanted;
        END;
        BEGIN
            EXECUTE format('GRANT %I TO CURRENT_USER', wanted);
        EXCEPTION
            WHEN undefined_object OR insufficient_privilege OR invalid_grant_operation THEN NULL;
        END;
    END LOOP;
END
$$;

CREATE TABLE events (
    aggregate_type  text        NOT NULL,
    aggregate_id    text        NOT NULL,
    sequence        bigint      NOT NULL,
    event_type      text        NOT NULL,
    event_version   text        NOT NULL,
    payload         json        NOT NULL,
    metadata        json        NOT NULL,
    household_id    uuid        NOT NULL,
    -- Handed out before the commit: alone it is no order that a reader can trust (see ARCHITECTURE.md). With transaction_id it is.
    global_position bigint      GENERATED ALWAYS AS IDENTITY,
    transaction_id  xid8        NOT NULL DEFAULT pg_current_xact_id(),
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    -- SHA-256 chain of the household: any changed, missing, inserted or reordered event breaks it.
    prev_hash       bytea       NOT NULL,
    hash            bytea       NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (household_id, aggregate_type, aggregate_id, sequence),
    CONSTRAINT events_sequence_from_one CHECK (sequence >= 1),
    CONSTRAINT events_hash_is_sha256 CHECK (octet_length(hash) = 32 AND octet_length(prev_hash) = 32)
);
CREATE INDEX events_in_global_order ON events (transaction_id, global_position);

-- Append-only by the database, not by habit: whoever connects, an event that was written stays as it was.
CREATE FUNCTION events_are_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % is refused', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER events_refuse_change BEFORE UPDATE OR DELETE ON events FOR EACH ROW EXECUTE FUNCTION events_are_append_only();
CREATE TRIGGER events_refuse_truncate BEFORE TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION events_are_append_only();

-- Where each stream ends. An append moves it from exactly the version that it was decided on, or does nothing.
CREATE TABLE heads (
    household_id uuid        NOT NULL,
    version      bigint      NOT NULL,
    hash         bytea       NOT NULL,
    recorded_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT heads_pkey PRIMARY KEY (household_id)
) WITH (fillfactor = 70);

-- A state as of a version, so that a command does not cost more the longer the stream is. `form` is the shape of the state: one that
-- this program does not know is passed over and replaced.
CREATE TABLE snapshots (
    household_id uuid    NOT NULL,
    version      bigint  NOT NULL,
    form         integer NOT NULL,
    state        text    NOT NULL,
    hash         bytea   NOT NULL,
    CONSTRAINT snapshots_pkey PRIMARY KEY (household_id)
);

-- The first answer to a key, written in the command's own transaction, replayed for 24 hours.
CREATE TABLE idempotency_keys (
    household_id    uuid        NOT NULL,
    user_id         uuid        NOT NULL,
    idempotency_key text        NOT NULL,
    request_hash    bytea       NOT NULL,
    status          integer     NOT NULL,
    version         bigint      NOT NULL,
    location        text,
    body            text        NOT NULL,
    recorded_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (household_id, user_id, idempotency_key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (recorded_at);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_app') THEN
        GRANT SELECT, INSERT ON events TO effluent_app;
        GRANT SELECT, INSERT, UPDATE ON heads TO effluent_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON snapshots, idempotency_keys TO effluent_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_auditor') THEN
        GRANT SELECT ON events, heads TO effluent_auditor;
    END IF;
END
$$;
