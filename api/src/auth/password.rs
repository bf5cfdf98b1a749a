//! Passwords: argon2id with the parameters that OWASP's cheat sheet gives (19 MiB, 2 passes, 1 lane), which are also the crate's.
//!
//! Why off the async threads: one hash keeps a core busy for tens of milliseconds, and every request on that thread would wait.
//! Why bounded: each takes 19 MiB, and more at once than there are cores finish no sooner. Why a hash for nobody: an address
//! that is not registered must take as long to refuse as a wrong password, or the time tells who is a user.

use std::sync::Arc;
use std::time::Duration;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::auth::random_bytes;
use crate::problem::Problem;

/// Longer than this nobody waits for their turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Makes and checks password hashes, a few at a time.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// The hash of a password that nobody knows.
    of_nobody: Arc<str>,
}

/// Why there is no hash.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The operating system has no randomness to give.
    #[error("no randomness")]
    Random(#[from] getrandom::Error),
    /// argon2 refused its input.
    #[error("argon2: {0}")]
    Hash(argon2::password_hash::Error),
    /// The thread that was hashing died.
    #[error("the hashing thread died")]
    Thread(#[from] tokio::task::JoinError),
}

impl Passwords {
    /// At most `at_once` hashes at a time.
    ///
    /// # Errors
    /// [`PasswordError`].
    pub fn new(at_once: usize) -> Result<Self, PasswordError> {
        let unknown: [u8; 32] = random_bytes()?;
        Ok(Self { turns: Arc::new(Semaphore::new(at_once.max(1))), of_nobody: hash(&unknown)?.into() })
    }

    /// The hash of a new password, as a PHC string.
    ///
    /// # Errors
    /// 503 where too many wait already, 500 where hashing fails.
    pub async fn hash(&self, password: &str) -> Result<String, Problem> {
        let _turn = self.turn().await?;
        let password = password.to_owned();
        let hashed = tokio::task::spawn_blocking(move || hash(password.as_bytes())).await;
        hashed.map_err(PasswordError::from).and_then(|hashed| hashed).map_err(|error| Problem::internal(&error))
    }

    /// Whether this is the password behind a hash. Without a hash (nobody by that name) it is not, after the same work.
    ///
    /// # Errors
    /// 503 where too many wait already, 500 where a stored hash cannot be read.
    pub async fn verify(&self, password: &str, hash: Option<String>) -> Result<bool, Problem> {
        let _turn = self.turn().await?;
        let password = password.to_owned();
        let is_somebody = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.of_nobody.to_string());
        let verified = tokio::task::spawn_blocking(move || verify(password.as_bytes(), &hash)).await;
        let fits = verified.map_err(PasswordError::from).and_then(|fits| fits).map_err(|error| Problem::internal(&error))?;
        Ok(fits && is_somebody)
    }

    async fn turn(&self) -> Result<SemaphorePermit<'_>, Problem> {
        match tokio::time::timeout(LONGEST_WAIT, self.turns.acquire()).await {
            Ok(Ok(turn)) => Ok(turn),
            Ok(Err(_)) | Err(_) => Err(Problem::unavailable("too many log-ins at once")),
        }
    }
}

fn hash(password: &[u8]) -> Result<String, PasswordError> {
    let salt: [u8; 16] = random_bytes()?;
    let hash: PasswordHash = Argon2::default().hash_password_with_salt(password, &salt).map_err(PasswordError::Hash)?;
    Ok(hash.to_string())
}

fn verify(password: &[u8], hash: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(hash).map_err(|_| PasswordError::Hash(argon2::password_hash::Error::EncodingInvalid))?;
    match Argon2::default().verify_password(password, &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(PasswordError::Hash(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    #[actix_web::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::new(2).unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(passwords.verify("correct horse", Some(hash.clone())).await.unwrap());
        assert!(!passwords.verify("correct house", Some(hash.clone())).await.unwrap());
        assert_ne!(passwords.hash("correct horse").await.unwrap(), hash);
    }

    #[actix_web::test]
    async fn nobody_takes_as_long_as_somebody() {
        let passwords = Passwords::new(1).unwrap();
        let hash = passwords.hash("correct horse").await.unwrap();
        // The shortest of several, since a busy machine only ever makes one longer.
        let (mut somebody, mut nobody) = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            for (shortest, hash) in [(&mut somebody, Some(hash.clone())), (&mut nobody, None)] {
                let started = Instant::now();
                assert!(!passwords.verify("correct house", hash).await.unwrap());
                *shortest = started.elapsed().min(*shortest);
            }
        }
        // Half is far from either, and a refusal without argon2 would take a thousandth.
        assert!(nobody * 2 > somebody, "{nobody:?} against {somebody:?}");
    }
}
