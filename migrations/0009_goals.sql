-- What a household wants to reach: an inline read model, written in the command's own transaction.
CREATE TABLE goals (
    household_id uuid    NOT NULL,
    id           uuid    NOT NULL,
    name         text    NOT NULL,
    goal_type    text    NOT NULL,
    target       numeric,
    target_date  date,
    member_id    uuid,
    metric       text,
    comparison   text,
    is_primary   boolean NOT NULL,
    active       boolean NOT NULL,
    notes        text,
    CONSTRAINT goals_pkey PRIMARY KEY (household_id, id)
);
-- Deliberately no unique index over the primary one: commands that are appended together may pass it on within one statement, in
-- which rows are checked one by one.

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON goals TO effluent_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_auditor') THEN
        GRANT SELECT ON goals TO effluent_auditor;
    END IF;
END
$$;
