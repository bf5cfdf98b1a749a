//! Rate limits: per address for everything, per user for what they do, and stricter where passwords are tried.
//!
//! In memory and per process: they keep one server from being flooded, they are not a quota. An address is the connection's own;
//! forwarded headers are not believed, since anybody can send them (behind a proxy, let the proxy limit addresses). A whole IPv6
//! /64 counts as one address, because one subscriber has that many. Deliberately absent: locking an account, which would let
//! anybody lock out anybody; guesses at one account are slowed down instead.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, ResponseError, web};
use domain::ids::UserId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// The limits of one process; none where they are switched off.
pub struct Limits(Option<Limiters>);

struct Limiters {
    clock: DefaultClock,
    address: DefaultKeyedRateLimiter<IpAddr>,
    user: DefaultKeyedRateLimiter<UserId>,
    auth: DefaultKeyedRateLimiter<IpAddr>,
    account: DefaultKeyedRateLimiter<[u8; 32]>,
}

/// How many at once, and how many milliseconds until one more.
struct Allowance {
    burst: NonZeroU32,
    one_per_ms: u64,
}

impl Allowance {
    const fn new(burst: u32, one_per_ms: u64) -> Self {
        let burst = match NonZeroU32::new(burst) {
            Some(burst) => burst,
            None => NonZeroU32::MIN,
        };
        Self { burst, one_per_ms }
    }

    fn limiter<K: Clone + Eq + std::hash::Hash>(&self) -> DefaultKeyedRateLimiter<K> {
        // None only for a period of zero, which stands nowhere below; then the burst is per second.
        let quota = Quota::with_period(Duration::from_millis(self.one_per_ms)).unwrap_or(Quota::per_second(self.burst));
        RateLimiter::keyed(quota.allow_burst(self.burst))
    }
}

/// 200 a second from one address, 1000 at once: an office behind one address works, a flood does not.
const ADDRESS: Allowance = Allowance::new(1000, 5);
/// 100 a second for one user, 500 at once: an import runs through, a loop that went wild does not.
const USER: Allowance = Allowance::new(500, 10);
/// 5 a second from one address, 300 at once, on everything under `/api/auth`: each costs an argon2.
const AUTH: Allowance = Allowance::new(300, 200);
/// 10 guesses at one account, then one every 6 s, from wherever they come.
const ACCOUNT: Allowance = Allowance::new(10, 6000);

impl Limits {
    /// As they should be in service.
    #[must_use]
    pub fn on() -> Self {
        Self(Some(Limiters {
            clock: DefaultClock::default(),
            address: ADDRESS.limiter(),
            user: USER.limiter(),
            auth: AUTH.limiter(),
            account: ACCOUNT.limiter(),
        }))
    }

    /// None at all (`EFFLUENT_RATE_LIMIT=off`, for load tests).
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// One more request of a user.
    ///
    /// # Errors
    /// 429.
    pub fn check_user(&self, user: UserId) -> Result<(), Problem> {
        self.check(|limiters| &limiters.user, &user)
    }

    /// One more try to log in as somebody.
    ///
    /// # Errors
    /// 429.
    pub fn check_account(&self, email: &str) -> Result<(), Problem> {
        self.check(|limiters| &limiters.account, &Sha256::digest(email.as_bytes()).into())
    }

    /// One more request from an address.
    ///
    /// # Errors
    /// 429.
    pub fn check_address(&self, address: IpAddr, path: &str) -> Result<(), Problem> {
        let address = subscriber(address);
        self.check(|limiters| &limiters.address, &address)?;
        if path.starts_with("/api/auth/") { self.check(|limiters| &limiters.auth, &address) } else { Ok(()) }
    }

    fn check<K>(&self, which: impl Fn(&Limiters) -> &DefaultKeyedRateLimiter<K>, key: &K) -> Result<(), Problem>
    where
        K: Clone + Eq + std::hash::Hash,
    {
        let Some(limiters) = &self.0 else { return Ok(()) };
        which(limiters).check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(limiters.clock.now());
            Problem::too_many_requests(wait.as_secs().saturating_add(1))
        })
    }

    /// Forgets everybody who has been quiet long enough; to be called now and then, or memory grows with every address seen.
    pub fn forget_the_quiet(&self) {
        if let Some(limiters) = &self.0 {
            limiters.address.retain_recent();
            limiters.user.retain_recent();
            limiters.auth.retain_recent();
            limiters.account.retain_recent();
        }
    }
}

fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & (u128::MAX << 64)).into()),
    }
}

/// Middleware: the limit of the address, before anything is read. Health is always answered: whoever asks decides about restarts.
pub async fn by_address(
    limits: web::Data<Limits>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let address = request.peer_addr().map(|peer| peer.ip()).filter(|_| !request.path().starts_with("/health/"));
    match address.map_or(Ok(()), |address| limits.check_address(address, request.path())) {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_left_body),
        Err(problem) => {
            let response: HttpResponse = problem.error_response();
            Ok(request.into_response(response).map_into_right_body())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn guesses_at_one_account_are_slowed_down_and_others_are_not() {
        let limits = Limits::on();
        let refused = (0..30).filter(|_| limits.check_account("ada@example.com").is_err()).count();
        assert_eq!(refused, 20);
        assert_eq!(limits.check_account("ada@example.com").unwrap_err().status().as_u16(), 429);
        assert!(limits.check_account("grace@example.com").is_ok());
    }

    #[test]
    fn logging_in_is_limited_more_strictly_than_the_rest() {
        let limits = Limits::on();
        let address: IpAddr = "192.0.2.1".parse().unwrap();
        assert!((0..320).any(|_| limits.check_address(address, "/api/auth/token").is_err()));
        assert!(limits.check_address(address, "/api/v1/accounts").is_ok());
    }

    #[test]
    fn one_subscriber_is_one_address() {
        let limits = Limits::on();
        let refused =
            (0..1200_u32).filter(|n| limits.check_address(format!("2001:db8::{n:x}").parse().unwrap(), "/api/v1").is_err()).count();
        assert!(refused > 0);
        assert!(limits.check_address("2001:db8:0:1::1".parse().unwrap(), "/api/v1").is_ok());
    }

    #[test]
    fn switched_off_they_stop_nobody() {
        let limits = Limits::off();
        assert!((0..5000).all(|_| limits.check_user(UserId(Uuid::nil())).is_ok()));
    }
}
