//! The text and the parameters of an append, put together from parts: which tables a batch touches differs from command to command.
//!
//! There are about as many texts as there are kinds of command. Each is written once in a process and prepared once on a connection.
//! Where the head does not move, `head` is empty, and since every other part reads its rows `FROM head`, none of them writes anything.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use sqlx::postgres::PgArguments;
use sqlx::{Arguments as _, Encode, Postgres, Type};

use crate::connections::Connections;
use crate::read_models::table::Table;

/// `$1` household · `$2` version decided on · `$3` new version · `$4` its hash · `$5` hash decided on · `$6` the household as text. The
/// parameters of the parts follow, in their order.
const OF_ALL_PARTS: usize = 6;

/// A part of the statement, with the parameters that are its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// The first event makes the head.
    OpenHead,
    /// Every later one moves it from exactly where it was.
    MoveHead,
    /// The same, where it is still the default household of `users`.
    MoveHeadOfDefault,
    /// `type, form, payload, metadata` of the only event.
    Event,
    /// `sequences, types, forms, payloads, previous hashes, hashes, commands, metadata of each command`.
    Events,
    /// `rows` of a read model, as a JSON array.
    Upsert(&'static Table),
    /// `ids` to remove from it.
    Remove(&'static Table),
    /// `form, state`.
    Snapshot,
    /// `users, keys, request hashes, statuses, versions, locations, bodies`.
    Answers,
    /// `user` who gets this one as the default, having none.
    DefaultHousehold,
}

/// What a text is known by.
type Key = Vec<(u8, &'static str)>;

static TEXTS: LazyLock<RwLock<HashMap<Key, Arc<str>>>> = LazyLock::new(RwLock::default);

/// A statement as it grows.
#[derive(Default)]
pub(super) struct Statement {
    parts: Vec<Part>,
    arguments: PgArguments,
}

impl Statement {
    /// Adds a part; its parameters have to be bound next, in their order.
    pub(super) fn add(&mut self, part: Part) -> &mut Self {
        self.parts.push(part);
        self
    }

    /// Binds the next parameter.
    ///
    /// # Errors
    /// A value that is too long for PostgreSQL.
    pub(super) fn bind<'q, T>(&mut self, value: T) -> Result<&mut Self, sqlx::Error>
    where
        T: Encode<'q, Postgres> + Type<Postgres> + 'q,
    {
        self.arguments.add(value).map_err(sqlx::Error::Encode)?;
        Ok(self)
    }

    /// Sends it; gives how many heads it moved.
    ///
    /// # Errors
    /// The database's.
    pub(super) async fn execute(self, pool: &Connections) -> Result<i64, sqlx::Error> {
        let text = self.text();
        sqlx::query_scalar_with(&text, self.arguments).fetch_one(pool).await
    }

    fn text(&self) -> Arc<str> {
        let key: Key = self.parts.iter().map(|part| part.key()).collect();
        let known = TEXTS.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        known.unwrap_or_else(|| {
            let mut last = OF_ALL_PARTS;
            let mut next = || {
                last = last.saturating_add(1);
                last
            };
            let parts: Vec<String> = self.parts.iter().map(|part| part.sql(&mut next)).collect();
            let text: Arc<str> = format!("WITH {} SELECT count(*) FROM head", parts.join(", ")).into();
            TEXTS.write().unwrap_or_else(PoisonError::into_inner).entry(key).or_insert(text).clone()
        })
    }
}

impl Part {
    const fn key(self) -> (u8, &'static str) {
        match self {
            Self::OpenHead => (0, ""),
            Self::MoveHead => (1, ""),
            Self::MoveHeadOfDefault => (2, ""),
            Self::Event => (3, ""),
            Self::Events => (4, ""),
            Self::Upsert(table) => (5, table.name),
            Self::Remove(table) => (6, table.name),
            Self::Snapshot => (7, ""),
            Self::Answers => (8, ""),
            Self::DefaultHousehold => (9, ""),
        }
    }

    /// `next` numbers its parameters.
    fn sql(self, next: &mut impl FnMut() -> usize) -> String {
        const MOVE: &str = "head AS (UPDATE heads SET version = $3, hash = $4, recorded_at = now() \
                            WHERE household_id = $1 AND version = $2 AND hash = $5";
        const EVENT: &str = "events_written AS (INSERT INTO events \
                             (household_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, prev_hash, hash)";
        match self {
            Self::OpenHead => "head AS (INSERT INTO heads (household_id, version, hash) \
                               SELECT $1, $3, $4 WHERE $2 = 0::bigint AND length($5::bytea) = 32 \
                               ON CONFLICT ON CONSTRAINT heads_pkey DO NOTHING RETURNING 1)"
                .to_owned(),
            Self::MoveHead => format!("{MOVE} RETURNING 1)"),
            Self::MoveHeadOfDefault => {
                let users = next();
                format!(
                    "{MOVE} AND cardinality(${users}) = \
                     (SELECT count(*) FROM users WHERE user_id = ANY (${users}) AND default_household_id = $1) RETURNING 1)"
                )
            }
            Self::Event => {
                let (event_type, form, payload, metadata) = (next(), next(), next(), next());
                format!(
                    "{EVENT} SELECT $1, 'household', $6, $3, ${event_type}, ${form}, ${payload}::text::json, ${metadata}::text::json, $5, $4 FROM head)"
                )
            }
            Self::Events => {
                let (sequences, types, forms, payloads) = (next(), next(), next(), next());
                let (previous, hashes, commands, metadata) = (next(), next(), next(), next());
                format!(
                    "{EVENT} SELECT $1, 'household', $6, e.sequence, e.event_type, e.event_version, e.payload::json, \
                     (${metadata}::text[])[e.command]::json, e.prev_hash, e.hash FROM head, unnest(${sequences}::bigint[], ${types}::text[], \
                     ${forms}::text[], ${payloads}::text[], ${previous}::bytea[], ${hashes}::bytea[], ${commands}::integer[]) \
                     AS e (sequence, event_type, event_version, payload, prev_hash, hash, command))"
                )
            }
            Self::Upsert(table) => table.upsert(next()),
            Self::Remove(table) => table.removal(next()),
            Self::Snapshot => {
                let (form, state) = (next(), next());
                format!(
                    "snapshot_written AS (INSERT INTO snapshots (household_id, version, form, state, hash) \
                     SELECT $1, $3, ${form}, ${state}, $4 FROM head ON CONFLICT (household_id) DO UPDATE \
                     SET version = excluded.version, form = excluded.form, state = excluded.state, hash = excluded.hash)"
                )
            }
            Self::Answers => {
                let (users, keys, requests, statuses) = (next(), next(), next(), next());
                let (versions, locations, bodies) = (next(), next(), next());
                format!(
                    "answers_written AS (INSERT INTO idempotency_keys \
                     (household_id, user_id, idempotency_key, request_hash, status, version, location, body) \
                     SELECT $1, a.* FROM head, unnest(${users}::uuid[], ${keys}::text[], ${requests}::bytea[], ${statuses}::integer[], \
                     ${versions}::bigint[], ${locations}::text[], ${bodies}::text[]) AS a)"
                )
            }
            Self::DefaultHousehold => {
                let user = next();
                format!(
                    "default_written AS (UPDATE users SET default_household_id = $1 FROM head \
                     WHERE user_id = ${user} AND default_household_id IS NULL)"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_in_the_order_in_which_parts_are_added() {
        let mut statement = Statement::default();
        statement.add(Part::MoveHead).add(Part::Event).add(Part::Snapshot).add(Part::DefaultHousehold);
        let text = statement.text();
        for expected in ["$7, $8, $9::text::json, $10::text::json", "SELECT $1, $3, $11, $12, $4", "user_id = $13"] {
            assert!(text.contains(expected), "no {expected} in {text}");
        }
    }

    #[test]
    fn statements_of_the_same_parts_share_one_text() {
        let text = |parts: [Part; 2]| {
            let mut statement = Statement::default();
            for part in parts {
                statement.add(part);
            }
            statement.text()
        };
        assert!(Arc::ptr_eq(&text([Part::MoveHead, Part::Event]), &text([Part::MoveHead, Part::Event])));
        assert_ne!(text([Part::MoveHead, Part::Event]), text([Part::MoveHead, Part::Events]));
    }
}
