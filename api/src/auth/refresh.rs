//! Refresh tokens: opaque, good for 30 days, used once. All that descend from one log-in are one family.
//!
//! A token's successor is derived from it under the server's secret, so nothing but hashes is stored, and a client that lost the
//! answer can be given the same successor again for [`GRACE`]. After that, or once the successor was used, a second use of a
//! token means that somebody has a copy: the family is revoked, and whoever is honest logs in again.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use domain::calendar::Instant;
use domain::ids::UserId;
use hmac::{Hmac, Mac};
use projections::users::{NewToken, Rotation, Session, TokenHash, Users};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::auth::access::{self, ACCESS_TOKEN_SECONDS, Tokens};
use crate::auth::random_bytes;
use crate::config::Secret;
use crate::problem::Problem;

/// How long the same answer may be asked for again.
pub const GRACE: Duration = Duration::from_secs(10);
/// How long a refresh token is good; each rotation starts anew.
const GOOD_FOR: TimeDelta = TimeDelta::days(30);

/// Opens, renews and closes sessions.
#[derive(Clone)]
pub struct Sessions {
    users: Users,
    access: Tokens,
    successor: Hmac<Sha256>,
}

/// The two tokens of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// For every request.
    pub access: String,
    /// For the next pair.
    pub refresh: String,
    /// Seconds until the access token ends.
    pub expires_in: i64,
}

impl Sessions {
    /// On these users, with this secret.
    #[must_use]
    pub fn new(users: Users, access: Tokens, secret: &Secret) -> Self {
        Self { users, access, successor: access::keyed(secret, b"effluent refresh token") }
    }

    /// A new session for somebody whose password was right.
    ///
    /// # Errors
    /// 503 while the database is away; 500.
    pub async fn open(&self, user_id: UserId, now: Instant) -> Result<TokenPair, Problem> {
        let token: [u8; 32] = random_bytes().map_err(|error| Problem::internal(&error))?;
        let session = Session { id: Uuid::now_v7(), user_id };
        self.users.open_session(session, stored(&token, now)).await?;
        Ok(self.pair(session, &token, now))
    }

    /// The next pair, for a refresh token.
    ///
    /// # Errors
    /// 401 for a token that is not good (any more); 503 while the database is away.
    pub async fn renew(&self, presented: &str, now: Instant) -> Result<TokenPair, Problem> {
        let presented = decode(presented).ok_or_else(not_good)?;
        let successor = self.successor_of(&presented);
        match self.users.rotate(&hash(&presented), stored(&successor, now), GRACE).await? {
            Rotation::Rotated(session) | Rotation::Repeated(session) => Ok(self.pair(session, &successor, now)),
            Rotation::Reused(session) => {
                tracing::warn!(user_id = %session.user_id, session_id = %session.id, "a refresh token was used twice: its session is revoked");
                Err(not_good())
            }
            Rotation::Unknown => Err(not_good()),
        }
    }

    /// Closes the session that a refresh token belongs to; nothing where there is none.
    ///
    /// # Errors
    /// 503 while the database is away.
    pub async fn close_by_token(&self, presented: &str, now: Instant) -> Result<(), Problem> {
        match decode(presented) {
            Some(token) => Ok(self.users.revoke_by_token(&hash(&token), "logged out", now).await?),
            None => Ok(()),
        }
    }

    /// Closes a session.
    ///
    /// # Errors
    /// 503 while the database is away.
    pub async fn close(&self, session_id: Uuid, now: Instant) -> Result<(), Problem> {
        Ok(self.users.revoke_session(session_id, "logged out", now).await?)
    }

    fn pair(&self, session: Session, refresh: &[u8; 32], now: Instant) -> TokenPair {
        let access = self.access.issue(session.user_id, session.id, now);
        TokenPair { access, refresh: URL_SAFE_NO_PAD.encode(refresh), expires_in: ACCESS_TOKEN_SECONDS }
    }

    fn successor_of(&self, token: &[u8; 32]) -> [u8; 32] {
        self.successor.clone().chain_update(token).finalize().into_bytes().into()
    }
}

fn stored(token: &[u8; 32], now: Instant) -> NewToken {
    NewToken { hash: hash(token), issued_at: now, expires_at: now.checked_add_signed(GOOD_FOR).unwrap_or(now) }
}

fn hash(token: &[u8; 32]) -> TokenHash {
    Sha256::digest(token).into()
}

fn decode(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

fn not_good() -> Problem {
    Problem::invalid_token("the refresh token is not valid (any more): log in again")
}
