//! Users, their sessions and refresh tokens. Hashes only: neither a password nor a token ever comes in here.
//!
//! [`Users::rotate`] is the one place with a decision in it, because it must be one transaction: of two requests with the same
//! token one rotates, and the other sees that it has been rotated.

use std::time::Duration;

use domain::calendar::Instant;
use domain::ids::{HouseholdId, UserId};
use sqlx::{Connection as _, PgExecutor};
use uuid::Uuid;

use crate::connections::Connections;
use crate::database::DatabaseError;

/// SHA-256 of a refresh token.
pub type TokenHash = [u8; 32];

/// Somebody who wants to become a user.
#[derive(Clone)]
pub struct NewUser<'a> {
    /// Made at the edge.
    pub id: UserId,
    /// In lower case.
    pub email: &'a str,
    /// What to call them.
    pub name: Option<&'a str>,
    /// PHC string.
    pub password_hash: &'a str,
}

/// Why nobody was registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// The address belongs to a user already.
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// The database.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// What a log-in is checked against.
#[derive(Clone)]
pub struct Credentials {
    /// Whose they are.
    pub user_id: UserId,
    /// PHC string.
    pub password_hash: String,
}

/// A user, as they see themselves.
#[derive(Clone, Debug)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// In lower case.
    pub email: String,
    /// What to call them.
    pub name: Option<String>,
    /// Meant where a request names no household.
    pub default_household_id: Option<HouseholdId>,
}

/// A refresh token as it is stored: when it was made, and until when it is good.
#[derive(Clone, Copy)]
pub struct NewToken {
    /// SHA-256 of it.
    pub hash: TokenHash,
    /// Now.
    pub issued_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
}

/// Who a session belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// The family of tokens.
    pub id: Uuid,
    /// Who logged in.
    pub user_id: UserId,
}

/// What became of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Its successor is stored now.
    Rotated(Session),
    /// It was rotated a moment ago, into the same successor: the answer was lost, and may be given again.
    Repeated(Session),
    /// It was used before: somebody has a copy. Its whole family is revoked now.
    Reused(Session),
    /// Never heard of, run out, or of a family that is revoked.
    Unknown,
}

/// Users and their sessions.
#[derive(Clone, Debug)]
pub struct Users {
    pool: Connections,
}

impl Users {
    /// On these connections.
    #[must_use]
    pub const fn new(pool: Connections) -> Self {
        Self { pool }
    }

    /// Registers somebody.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register(&self, user: &NewUser<'_>, now: Instant) -> Result<(), RegisterError> {
        let statement = "INSERT INTO users (user_id, email, name, password_hash, created_at) VALUES ($1, $2, $3, $4, $5)";
        let insert = sqlx::query(statement).bind(user.id.0).bind(user.email).bind(user.name).bind(user.password_hash).bind(now);
        match insert.execute(&self.pool).await {
            Ok(_) => Ok(()),
            Err(sqlx::Error::Database(refusal)) if refusal.constraint() == Some("users_email_unique") => Err(RegisterError::EmailTaken),
            Err(error) => Err(DatabaseError::from(error).into()),
        }
    }

    /// What a log-in with this address (in lower case) is checked against.
    ///
    /// # Errors
    /// The database.
    pub async fn credentials(&self, email: &str) -> Result<Option<Credentials>, DatabaseError> {
        let found: Option<(Uuid, String)> =
            sqlx::query_as("SELECT user_id, password_hash FROM users WHERE email = $1").bind(email).fetch_optional(&self.pool).await?;
        Ok(found.map(|(user_id, password_hash)| Credentials { user_id: UserId(user_id), password_hash }))
    }

    /// A user by id.
    ///
    /// # Errors
    /// The database.
    pub async fn find(&self, user_id: UserId) -> Result<Option<User>, DatabaseError> {
        let statement = "SELECT email, name, default_household_id FROM users WHERE user_id = $1";
        let found: Option<(String, Option<String>, Option<Uuid>)> =
            sqlx::query_as(statement).bind(user_id.0).fetch_optional(&self.pool).await?;
        Ok(found.map(|(email, name, household)| User { id: user_id, email, name, default_household_id: household.map(HouseholdId) }))
    }

    /// Opens a session with its first refresh token, and forgets the user's sessions that have run out.
    ///
    /// # Errors
    /// The database.
    pub async fn open_session(&self, session: Session, token: NewToken) -> Result<(), DatabaseError> {
        sqlx::query(
            "WITH forgotten AS (
                 DELETE FROM sessions s WHERE s.user_id = $2
                    AND NOT EXISTS (SELECT FROM refresh_tokens t WHERE t.session_id = s.session_id AND t.expires_at > $4)
             ), opened AS (
                 INSERT INTO sessions (session_id, user_id, created_at, last_used_at) VALUES ($1, $2, $4, $4) RETURNING session_id
             )
             INSERT INTO refresh_tokens (token_hash, session_id, issued_at, expires_at) SELECT $3, session_id, $4, $5 FROM opened",
        )
        .bind(session.id)
        .bind(session.user_id.0)
        .bind(token.hash)
        .bind(token.issued_at)
        .bind(token.expires_at)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Puts `successor` in the place of the token `presented`. `grace` is how long the same answer may be asked for again.
    ///
    /// # Errors
    /// The database.
    pub async fn rotate(&self, presented: &TokenHash, successor: NewToken, grace: Duration) -> Result<Rotation, DatabaseError> {
        let now = successor.issued_at;
        let mut connection = self.pool.lease().await?;
        let mut transaction = connection.begin().await?;
        // The lock makes two uses of one token take turns.
        let found: Option<Stored> = sqlx::query_as(
            "SELECT t.session_id, s.user_id, t.expires_at, t.used_at, t.replaced_by, s.revoked_at,
                    EXISTS (SELECT FROM refresh_tokens n WHERE n.token_hash = t.replaced_by AND n.used_at IS NOT NULL) AS successor_used
               FROM refresh_tokens t JOIN sessions s USING (session_id) WHERE t.token_hash = $1 FOR UPDATE OF t, s",
        )
        .bind(presented)
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(stored) = found.filter(|stored| stored.revoked_at.is_none() && stored.expires_at > now) else {
            return Ok(Rotation::Unknown);
        };
        let session = Session { id: stored.session_id, user_id: UserId(stored.user_id) };
        let rotation = match stored.used_at {
            None => {
                replace(&mut transaction, presented, session, &successor).await?;
                Rotation::Rotated(session)
            }
            Some(used_at) if stored.may_be_repeated(used_at, &successor, grace) => Rotation::Repeated(session),
            Some(_) => {
                revoke(&mut *transaction, session.id, "a refresh token was used twice", now).await?;
                Rotation::Reused(session)
            }
        };
        transaction.commit().await?;
        Ok(rotation)
    }

    /// Revokes the session that a token (used or not) belongs to; nothing where there is none.
    ///
    /// # Errors
    /// The database.
    pub async fn revoke_by_token(&self, token: &TokenHash, because: &str, now: Instant) -> Result<(), DatabaseError> {
        let found: Option<Uuid> = sqlx::query_scalar("SELECT session_id FROM refresh_tokens WHERE token_hash = $1")
            .bind(token)
            .fetch_optional(&self.pool)
            .await?;
        match found {
            Some(session_id) => self.revoke_session(session_id, because, now).await,
            None => Ok(()),
        }
    }

    /// Revokes a session and with it all its tokens.
    ///
    /// # Errors
    /// The database.
    pub async fn revoke_session(&self, session_id: Uuid, because: &str, now: Instant) -> Result<(), DatabaseError> {
        revoke(&self.pool, session_id, because, now).await
    }

    /// Makes a household the one that is meant where a request names none. False where the user is not a member of it.
    ///
    /// # Errors
    /// The database.
    pub async fn set_default_household(&self, user_id: UserId, household: HouseholdId) -> Result<bool, DatabaseError> {
        let statement = "UPDATE users SET default_household_id = $2 WHERE user_id = $1 \
                         AND EXISTS (SELECT FROM memberships m WHERE m.household_id = $2 AND m.user_id = $1)";
        let updated = sqlx::query(statement).bind(user_id.0).bind(household.0).execute(&self.pool).await?;
        Ok(updated.rows_affected() > 0)
    }
}

#[derive(sqlx::FromRow)]
struct Stored {
    session_id: Uuid,
    user_id: Uuid,
    expires_at: Instant,
    used_at: Option<Instant>,
    replaced_by: Option<Vec<u8>>,
    revoked_at: Option<Instant>,
    successor_used: bool,
}

impl Stored {
    /// The client may have lost the answer: it is recent, the successor is the same, and nobody has used that one yet.
    fn may_be_repeated(&self, used_at: Instant, successor: &NewToken, grace: Duration) -> bool {
        let age = successor.issued_at.signed_duration_since(used_at).to_std().unwrap_or(Duration::ZERO);
        age <= grace && !self.successor_used && self.replaced_by.as_deref() == Some(successor.hash.as_slice())
    }
}

async fn replace(
    transaction: &mut sqlx::PgConnection,
    presented: &TokenHash,
    session: Session,
    successor: &NewToken,
) -> Result<(), DatabaseError> {
    sqlx::query(
        "WITH used AS (
             UPDATE refresh_tokens SET used_at = $4, replaced_by = $2 WHERE token_hash = $1
         ), seen AS (
             UPDATE sessions SET last_used_at = $4 WHERE session_id = $3
         ), forgotten AS (
             DELETE FROM refresh_tokens WHERE session_id = $3 AND expires_at <= $4
         )
         INSERT INTO refresh_tokens (token_hash, session_id, issued_at, expires_at) VALUES ($2, $3, $4, $5)",
    )
    .bind(presented)
    .bind(successor.hash)
    .bind(session.id)
    .bind(successor.issued_at)
    .bind(successor.expires_at)
    .execute(transaction)
    .await?;
    Ok(())
}

async fn revoke(executor: impl PgExecutor<'_>, session_id: Uuid, because: &str, now: Instant) -> Result<(), DatabaseError> {
    let statement = "UPDATE sessions SET revoked_at = $2, revoked_because = $3 WHERE session_id = $1 AND revoked_at IS NULL";
    sqlx::query(statement).bind(session_id).bind(now).bind(because).execute(executor).await?;
    Ok(())
}
