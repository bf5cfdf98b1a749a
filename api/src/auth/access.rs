//! Access tokens: JWT (RFC 7519), HS256, good for fifteen minutes, checked without the database.
//!
//! Why our own forty lines and not a JWT library: we issue what we check, with one algorithm. A header that is not, byte for
//! byte, the one that we write is refused, so there is no algorithm to confuse and no "none" to believe; and the tree carries
//! neither RSA nor elliptic curves that nothing uses. The arithmetic is the `hmac` crate's.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::calendar::Instant;
use domain::ids::UserId;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use uuid::Uuid;

use crate::config::Secret;

/// How long an access token is good.
pub const ACCESS_TOKEN_SECONDS: i64 = 15 * 60;
/// Clocks of two servers may differ by this much.
const LEEWAY_SECONDS: i64 = 5;
/// `{"alg":"HS256","typ":"JWT"}`.
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
/// Longer than any token of ours.
const LONGEST: usize = 2048;

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The user.
    pub sub: Uuid,
    /// When it was issued: seconds since 1970.
    pub iat: i64,
    /// When it ends: seconds since 1970.
    pub exp: i64,
    /// Of this token alone.
    pub jti: Uuid,
    /// The log-in that it descends from.
    pub sid: Uuid,
}

/// Why a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not one of ours.
    #[error("the access token is not valid")]
    Invalid,
    /// It was, until a while ago.
    #[error("the access token has expired: refresh it")]
    Expired,
}

/// Issues and checks access tokens.
#[derive(Clone)]
pub struct Tokens {
    mac: Hmac<Sha256>,
}

impl Tokens {
    /// With this secret; servers with the same one believe each other.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        Self { mac: keyed(secret, b"effluent access token") }
    }

    /// A token for this user's session.
    #[must_use]
    pub fn issue(&self, user: UserId, session: Uuid, now: Instant) -> String {
        let issued = now.timestamp();
        let claims =
            Claims { sub: user.0, iat: issued, exp: issued.saturating_add(ACCESS_TOKEN_SECONDS), jti: Uuid::new_v4(), sid: session };
        // Five plain fields cannot fail to serialize.
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).unwrap_or_default());
        let signature = URL_SAFE_NO_PAD.encode(self.sign(&payload).finalize().into_bytes());
        format!("{HEADER}.{payload}.{signature}")
    }

    /// What a token says, if it is ours and still good.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify(&self, token: &str, now: Instant) -> Result<Claims, TokenError> {
        let mut parts = Some(token).filter(|token| token.len() <= LONGEST).unwrap_or_default().split('.');
        let (Some(HEADER), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(TokenError::Invalid);
        };
        let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| TokenError::Invalid)?;
        // In constant time.
        self.sign(payload).verify_slice(&signature).map_err(|_| TokenError::Invalid)?;
        let claims = URL_SAFE_NO_PAD.decode(payload).ok().and_then(|bytes| serde_json::from_slice::<Claims>(&bytes).ok());
        let claims = claims.ok_or(TokenError::Invalid)?;
        if claims.exp.saturating_add(LEEWAY_SECONDS) < now.timestamp() { Err(TokenError::Expired) } else { Ok(claims) }
    }

    fn sign(&self, payload: &str) -> Hmac<Sha256> {
        self.mac.clone().chain_update(HEADER).chain_update(b".").chain_update(payload)
    }
}

/// A MAC under a key for one purpose, derived from the secret: what is signed for one can never pass for another.
pub(super) fn keyed(secret: &Secret, purpose: &[u8]) -> Hmac<Sha256> {
    let key = mac(secret.expose().as_bytes()).chain_update(purpose).finalize().into_bytes();
    mac(&key)
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    // HMAC takes keys of any length; the crate's error is for MACs that do not.
    Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Duration};

    fn now() -> Instant {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }
    fn tokens(secret: &str) -> Tokens {
        Tokens::new(&Secret::new(secret))
    }

    #[test]
    fn a_token_says_who_and_for_how_long() {
        let (user, session) = (UserId(Uuid::new_v4()), Uuid::new_v4());
        let token = tokens("a").issue(user, session, now());
        let claims = tokens("a").verify(&token, now() + Duration::minutes(14)).unwrap();
        assert_eq!((claims.sub, claims.sid, claims.exp - claims.iat), (user.0, session, 900));
        assert_eq!(tokens("a").verify(&token, now() + Duration::minutes(16)), Err(TokenError::Expired));
    }

    #[test]
    fn the_header_is_the_one_of_rfc_7519() {
        assert_eq!(URL_SAFE_NO_PAD.decode(HEADER).unwrap(), br#"{"alg":"HS256","typ":"JWT"}"#);
    }

    #[test]
    fn a_token_that_was_changed_or_signed_by_others_is_not_believed() {
        let token = tokens("a").issue(UserId(Uuid::new_v4()), Uuid::new_v4(), now());
        assert_eq!(tokens("b").verify(&token, now()), Err(TokenError::Invalid));
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
        let none = URL_SAFE_NO_PAD.encode(br#"{"alg":"none","typ":"JWT"}"#);
        let other = URL_SAFE_NO_PAD.encode(br#"{"sub":"00000000-0000-0000-0000-000000000000","iat":0,"exp":9999999999,"jti":"00000000-0000-0000-0000-000000000000","sid":"00000000-0000-0000-0000-000000000000"}"#);
        for forged in [
            format!("{none}.{payload}."),
            format!("{none}.{payload}.{signature}"),
            format!("{header}.{other}.{signature}"),
            format!("{header}.{payload}."),
            format!("{header}.{payload}"),
            format!("{token}.x"),
            String::new(),
            "a.b.c".to_owned(),
            "x".repeat(10_000),
        ] {
            assert_eq!(tokens("a").verify(&forged, now()), Err(TokenError::Invalid), "{forged}");
        }
    }
}
