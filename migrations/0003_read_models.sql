-- Read models that are written in the command's own transaction: what a list shows is what was committed with the events.
-- Every row is a pure function of the household's state; `household_id` comes first in every key. No foreign keys: the aggregate
-- decides what may point to what, and a batch may write and remove both ends at once.

CREATE TABLE households (
    household_id  uuid NOT NULL,
    id            uuid NOT NULL,
    name          text NOT NULL,
    currency      text NOT NULL,
    time_zone     text NOT NULL,
    filing_status text NOT NULL,
    state         text,
    tax_year      integer NOT NULL,
    opened_on     date NOT NULL,
    CONSTRAINT households_pkey PRIMARY KEY (household_id, id),
    CONSTRAINT households_is_itself CHECK (id = household_id)
);

CREATE TABLE members (
    household_id      uuid NOT NULL,
    id                uuid NOT NULL,
    name              text NOT NULL,
    relationship      text NOT NULL,
    date_of_birth     date,
    employment_status text,
    is_primary        boolean NOT NULL,
    user_id           uuid,
    CONSTRAINT members_pkey PRIMARY KEY (household_id, id)
);

CREATE TABLE memberships (
    household_id uuid NOT NULL,
    user_id      uuid NOT NULL,
    role         text NOT NULL,
    CONSTRAINT memberships_pkey PRIMARY KEY (household_id, user_id)
);
-- The directory: which households a user may enter.
CREATE INDEX memberships_by_user ON memberships (user_id, household_id);

CREATE TABLE accounts (
    household_id     uuid NOT NULL,
    id               uuid NOT NULL,
    name             text NOT NULL,
    account_type     text NOT NULL,
    class            text NOT NULL,
    is_liability     boolean NOT NULL,
    institution      text,
    last_four        text,
    member_id        uuid,
    asset_group_id   uuid,
    active           boolean NOT NULL,
    display_order    integer NOT NULL,
    notes            text,
    current_balance  numeric NOT NULL,
    balance_as_of    date,
    cost_basis       numeric,
    market_value     numeric,
    liability        json,
    asset_details    json,
    opened_on        date NOT NULL,
    opened_by_system boolean NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (household_id, id)
) WITH (fillfactor = 70);

CREATE TABLE balances (
    household_id uuid NOT NULL,
    account_id   uuid NOT NULL,
    version      bigint NOT NULL,
    as_of_date   date NOT NULL,
    balance      numeric NOT NULL,
    cost_basis   numeric,
    market_value numeric,
    CONSTRAINT balances_pkey PRIMARY KEY (household_id, account_id, version)
);

CREATE TABLE asset_groups (
    household_id  uuid NOT NULL,
    id            uuid NOT NULL,
    name          text NOT NULL,
    market_value  numeric NOT NULL,
    debt          numeric NOT NULL,
    equity        numeric NOT NULL,
    loan_to_value numeric,
    CONSTRAINT asset_groups_pkey PRIMARY KEY (household_id, id)
);

CREATE TABLE income_sources (
    household_id          uuid NOT NULL,
    id                    uuid NOT NULL,
    name                  text NOT NULL,
    member_id             uuid,
    income_type           text NOT NULL,
    gross_annual_salary   numeric,
    hourly_rate           numeric,
    expected_annual_hours bigint,
    annual_gross          numeric NOT NULL,
    pay_frequency         text NOT NULL,
    start_date            date NOT NULL,
    end_date              date,
    active                boolean NOT NULL,
    CONSTRAINT income_sources_pkey PRIMARY KEY (household_id, id)
);

CREATE TABLE withholding (
    household_id                 uuid NOT NULL,
    income_id                    uuid NOT NULL,
    filing_status                text,
    multiple_jobs                boolean NOT NULL,
    qualifying_children          bigint NOT NULL,
    other_dependents             bigint NOT NULL,
    credits                      numeric,
    other_income                 numeric NOT NULL,
    deductions                   numeric NOT NULL,
    extra_withholding            numeric NOT NULL,
    state_allowances             bigint NOT NULL,
    state_additional_withholding numeric NOT NULL,
    CONSTRAINT withholding_pkey PRIMARY KEY (household_id, income_id)
);

CREATE TABLE deductions (
    household_id      uuid NOT NULL,
    id                uuid NOT NULL,
    income_id         uuid NOT NULL,
    stage             text NOT NULL,
    deduction_type    text NOT NULL,
    amount_type       text NOT NULL,
    amount            numeric NOT NULL,
    employer_match    json,
    target_account_id uuid,
    CONSTRAINT deductions_pkey PRIMARY KEY (household_id, id)
);

CREATE TABLE self_employment (
    household_id                 uuid NOT NULL,
    income_id                    uuid NOT NULL,
    estimated_annual_expenses    numeric NOT NULL,
    quarterly_estimates          json,
    retirement_contribution_rate numeric NOT NULL,
    CONSTRAINT self_employment_pkey PRIMARY KEY (household_id, income_id)
);

CREATE TABLE flows (
    household_id      uuid NOT NULL,
    id                uuid NOT NULL,
    name              text NOT NULL,
    flow_type         text NOT NULL,
    category          text,
    kind              text,
    amount            numeric NOT NULL,
    frequency         text NOT NULL,
    monthly_amount    numeric NOT NULL,
    start_date        date NOT NULL,
    end_date          date,
    from_account_id   uuid,
    to_account_id     uuid,
    linked_account_id uuid,
    member_id         uuid,
    active            boolean NOT NULL,
    notes             text,
    is_system         boolean NOT NULL,
    source            json,
    CONSTRAINT flows_pkey PRIMARY KEY (household_id, id),
    CONSTRAINT flows_amount_positive CHECK (amount > 0),
    CONSTRAINT flows_derived_have_a_source CHECK (is_system = (source IS NOT NULL))
);

CREATE TABLE scenarios (
    household_id               uuid NOT NULL,
    id                         uuid NOT NULL,
    name                       text NOT NULL,
    description                text,
    parent_id                  uuid,
    start_date                 date,
    archived                   boolean NOT NULL,
    adopted_on                 date,
    is_baseline                boolean NOT NULL,
    mode                       text NOT NULL,
    pinned_to                  json,
    projection_months          integer NOT NULL,
    inflation_rate             numeric NOT NULL,
    investment_return_rate     numeric NOT NULL,
    salary_growth_rate         numeric NOT NULL,
    cash_yield_rate            numeric NOT NULL,
    property_appreciation_rate numeric,
    settle_taxes               boolean NOT NULL,
    index_thresholds           boolean NOT NULL,
    withdrawal_order           text NOT NULL,
    calendar                   text NOT NULL,
    overdraft_rate             numeric NOT NULL,
    CONSTRAINT scenarios_pkey PRIMARY KEY (household_id, id),
    CONSTRAINT scenarios_pinned_to_something CHECK ((mode = 'pinned') = (pinned_to IS NOT NULL))
);

-- What a household wants to reach.
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

-- What a household thinks about, and what it has decided.
CREATE TABLE decision_runs (
    household_id     uuid NOT NULL,
    id               uuid NOT NULL,
    template_id      text NOT NULL,
    name             text,
    status           text NOT NULL,
    answers          json NOT NULL,
    effective_date   date,
    base_scenario_id uuid,
    scenario_id      uuid,
    completed_on     date,
    CONSTRAINT decision_runs_pkey PRIMARY KEY (household_id, id),
    CONSTRAINT decision_runs_completed_have_a_scenario CHECK ((status = 'completed') = (scenario_id IS NOT NULL))
);

-- What scenarios do differently.
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

-- Forecasts that were computed, one per scenario: good only for exactly the head (version and hash), month, engine and law that they name.
CREATE TABLE scenario_projections (
    household_id      uuid NOT NULL,
    scenario_id       uuid NOT NULL,
    household_version bigint NOT NULL,
    hash              bytea NOT NULL,
    start_month       text NOT NULL,
    engine_version    text NOT NULL,
    tables_version    text NOT NULL,
    months            integer NOT NULL,
    projection        text NOT NULL,
    computed_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT scenario_projections_pkey PRIMARY KEY (household_id, scenario_id)
);
-- 200 KB of JSON: PostgreSQL's own compression takes 4.7 ms for it, lz4 0.7, none at all 1.2 (more to log and to write). Where the server was
-- built without lz4, its own has to do.
DO $$
BEGIN
    EXECUTE 'ALTER TABLE scenario_projections ALTER COLUMN projection SET COMPRESSION lz4';
EXCEPTION
    WHEN feature_not_supported OR invalid_parameter_value THEN NULL;
END
$$;

DO $$
DECLARE
    read_models text := 'households, members, memberships, accounts, balances, asset_groups, income_sources, withholding, deductions, '
        'self_employment, flows, goals, decision_runs, scenarios, scenario_changes, scenario_projections';
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_app') THEN
        EXECUTE 'GRANT SELECT, INSERT, UPDATE, DELETE ON ' || read_models || ' TO effluent_app';
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_auditor') THEN
        EXECUTE 'GRANT SELECT ON ' || read_models || ' TO effluent_auditor';
    END IF;
END
$$;
