-- What scenarios do differently, and what else they say of themselves. Rows are functions of the household's state, as all of 0003.

ALTER TABLE scenarios
    ADD COLUMN description text,
    ADD COLUMN parent_id uuid,
    ADD COLUMN start_date date,
    ADD COLUMN archived boolean NOT NULL DEFAULT false;

CREATE TABLE scenario_changes (
    household_id   uuid NOT NULL,
    id             uuid NOT NULL,
    scenario_id    uuid NOT NULL,
    change_type    text NOT NULL,
    name           text NOT NULL,
    effective_date date NOT NULL,
    end_date       date,
    enabled        boolean NOT NULL,
    "order"        integer NOT NULL,
    notes          text,
    source         json,
    parameters     json NOT NULL,
    CONSTRAINT scenario_changes_pkey PRIMARY KEY (household_id, id),
    CONSTRAINT scenario_changes_end_behind_start CHECK (end_date IS NULL OR end_date >= effective_date)
);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON scenario_changes TO effluent_app;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_auditor') THEN
        GRANT SELECT ON scenario_changes TO effluent_auditor;
    END IF;
END
$$;
