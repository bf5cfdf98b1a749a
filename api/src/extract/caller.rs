//! Who is asking: the bearer of an access token. That the token is good is all that is known here; whether its bearer belongs to
//! a household is asked of the database with every request, by whoever answers it.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest, web};
use chrono::DateTime;
use domain::calendar::Instant;
use domain::ids::UserId;
use uuid::Uuid;

use crate::auth::Tokens;
use crate::clock;
use crate::limits::Limits;
use crate::problem::Problem;

/// The user who sent the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub user_id: UserId,
    /// Their log-in, for logging out.
    pub session_id: Uuid,
    /// When their access token ends.
    pub until: Instant,
}

impl Caller {
    fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let Some(credentials) = request.headers().get(header::AUTHORIZATION) else {
            return Err(Problem::unauthenticated("send Authorization: Bearer <access token>"));
        };
        let text = credentials.to_str().unwrap_or_default();
        let token = match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => return Err(Problem::unauthenticated("send Authorization: Bearer <access token>")),
        };
        let tokens = required::<Tokens>(request)?;
        let claims = tokens.verify(token, clock::now()).map_err(|error| Problem::invalid_token(error.to_string()))?;
        let until = DateTime::from_timestamp(claims.exp, 0).unwrap_or_default();
        let caller = Self { user_id: UserId(claims.sub), session_id: claims.sid, until };
        tracing::Span::current().record("user.id", tracing::field::display(caller.user_id));
        required::<Limits>(request)?.check_user(caller.user_id)?;
        Ok(caller)
    }
}

/// A part of the application that every server has; its absence is a fault of the wiring.
fn required<T: 'static>(request: &HttpRequest) -> Result<&web::Data<T>, Problem> {
    request.app_data::<web::Data<T>>().ok_or_else(|| Problem::internal(&Unwired(std::any::type_name::<T>())))
}

#[derive(Debug, thiserror::Error)]
#[error("{0} is not part of the application's data")]
struct Unwired(&'static str);

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}
