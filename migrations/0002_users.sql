-- Who can log in, and with what. Users, their sessions and (0001) the directory of households are the only tables without a
-- household: a person can belong to several, so these rows live on no household's shard.

CREATE TABLE users (
    user_id              uuid        NOT NULL CONSTRAINT users_pkey PRIMARY KEY,
    -- Stored in lower case, so that one mailbox is one user. Only ASCII is accepted at the edge: what "lower case" is beyond it
    -- depends on the database's locale, and two servers must not disagree about who somebody is.
    email                text        NOT NULL CONSTRAINT users_email_unique UNIQUE,
    name                 text,
    -- PHC string: algorithm, parameters, salt and hash.
    password_hash        text        NOT NULL,
    -- The household that is meant where a request names none. No foreign key: households are sharded, users are not.
    default_household_id uuid,
    created_at           timestamptz NOT NULL,
    CONSTRAINT users_email_lower_case CHECK (email = lower(email))
);

-- One log-in. All refresh tokens that descend from it are one family, and die together.
CREATE TABLE sessions (
    session_id      uuid        NOT NULL CONSTRAINT sessions_pkey PRIMARY KEY,
    user_id         uuid        NOT NULL CONSTRAINT sessions_user_fkey REFERENCES users ON DELETE CASCADE,
    created_at      timestamptz NOT NULL,
    last_used_at    timestamptz NOT NULL,
    revoked_at      timestamptz,
    revoked_because text,
    CONSTRAINT sessions_revoked_with_reason CHECK ((revoked_at IS NULL) = (revoked_because IS NULL))
);
CREATE INDEX sessions_by_user ON sessions (user_id);

-- Tokens are kept as SHA-256: whoever reads this table cannot log in with it.
CREATE TABLE refresh_tokens (
    token_hash  bytea       NOT NULL CONSTRAINT refresh_tokens_pkey PRIMARY KEY,
    session_id  uuid        NOT NULL CONSTRAINT refresh_tokens_session_fkey REFERENCES sessions ON DELETE CASCADE,
    issued_at   timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    -- A token is used once. The successor is derived from it (see api, auth/refresh.rs), so that a client whose answer was lost
    -- can be told the same one again, without any token being stored.
    used_at     timestamptz,
    replaced_by bytea,
    CONSTRAINT refresh_tokens_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT refresh_tokens_used_with_successor CHECK ((used_at IS NULL) = (replaced_by IS NULL))
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);

-- The role exists where 0001 could create it; a server whose owner may not create roles runs everything as the owner.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'effluent_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON users, sessions, refresh_tokens TO effluent_app;
        -- `/health/ready` compares what has been applied with what this binary needs.
        GRANT SELECT ON _sqlx_migrations TO effluent_app;
    END IF;
END
$$;
