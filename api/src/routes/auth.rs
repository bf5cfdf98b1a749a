//! Registering, logging in, staying logged in, logging out.

use actix_web::web::Data;
use domain::ids::UserId;
use domain::text::Name;
use projections::users::{NewUser, RegisterError, Users};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Doc, Routes};
use crate::answer::Answer;
use crate::auth::refresh::TokenPair;
use crate::auth::{Email, NewPassword, PasswordText, Passwords, Sessions};
use crate::body::{Json, body};
use crate::clock;
use crate::extract::Caller;
use crate::limits::Limits;
use crate::problem::Problem;

body! {
    /// Somebody who wants to become a user.
    pub struct Registration {
        /// Where they can be reached, and what they log in with.
        email: Email,
        /// At least 8 characters; any sentence will do.
        password: NewPassword,
        /// What to call them.
        name: Option<Name>,
    }
    check |new, at| if new.password.is_the_email(&new.email) {
        at.refuse_field("password", "is_the_email", "must not be the e-mail address");
    }
}

body! {
    /// A log-in.
    pub struct LogIn {
        /// The address that was registered.
        email: Email,
        /// The password.
        password: PasswordText,
        /// The code of the second factor, where one is enrolled.
        totp: Option<String>,
    }
}

body! {
    /// A refresh token, for the next pair.
    pub struct Refresh {
        /// As it was given out.
        refresh: String,
    }
}

body! {
    /// Which session to close: that of the refresh token, else that of the access token.
    pub struct LogOut {
        /// As it was given out.
        refresh: Option<String>,
    }
}

/// A user was registered.
#[derive(Serialize, ToSchema)]
pub struct Registered {
    /// Who they are from now on.
    user_id: UserId,
}

/// The two tokens of a session.
#[derive(Serialize, ToSchema)]
pub struct TokenPairView {
    /// For `Authorization: Bearer`.
    access: String,
    /// For `/api/auth/token/refresh`, once.
    refresh: String,
    /// Seconds until the access token ends.
    expires_in: i64,
}

impl From<TokenPair> for TokenPairView {
    fn from(pair: TokenPair) -> Self {
        Self { access: pair.access, refresh: pair.refresh, expires_in: pair.expires_in }
    }
}

pub fn routes() -> Routes {
    Routes::tagged("auth")
        .post(
            "/api/auth/register",
            register,
            Doc::public("Register a user").body::<Registration>().creates::<Registered>().details("409 where the address is taken."),
        )
        .post("/api/auth/token", log_in, Doc::public("Log in").body::<LogIn>().answers::<TokenPairView>())
        .post(
            "/api/auth/token/refresh",
            refresh,
            Doc::public("Exchange a refresh token for the next pair")
                .body::<Refresh>()
                .answers::<TokenPairView>()
                .details("A refresh token is good once. For ten seconds the same answer may be asked for again; after that, a second use closes the session."),
        )
        .post(
            "/api/auth/logout",
            log_out,
            Doc::public("Log out").body::<LogOut>().empties().details("Closes the session of the refresh token in the body, else that of the access token."),
        )
}

async fn register(new: Json<Registration>, users: Data<Users>, passwords: Data<Passwords>) -> Result<Answer, Problem> {
    let password_hash = passwords.hash(new.password.expose()).await?;
    let id = UserId(Uuid::now_v7());
    let name = new.name.as_ref().map(Name::as_str);
    let user = NewUser { id, email: new.email.as_str(), name, password_hash: &password_hash };
    match users.register(&user, clock::now()).await {
        Ok(()) => Answer::plain_created(&Registered { user_id: id }),
        Err(RegisterError::EmailTaken) => Err(Problem::conflict("email-taken", "this e-mail address is registered already: log in")),
        Err(RegisterError::Database(error)) => Err(error.into()),
    }
}

async fn log_in(
    log_in: Json<LogIn>,
    users: Data<Users>,
    passwords: Data<Passwords>,
    sessions: Data<Sessions>,
    limits: Data<Limits>,
) -> Result<Answer, Problem> {
    limits.check_account(log_in.email.as_str())?;
    let found = users.credentials(log_in.email.as_str()).await?;
    let (user_id, hash) = found.map(|found| (found.user_id, found.password_hash)).unzip();
    let fits = passwords.verify(log_in.password.expose(), hash).await?;
    // One answer for an address that is not known and for a wrong password.
    let user_id = user_id.filter(|_| fits).ok_or_else(|| Problem::unauthenticated("the e-mail address or the password is wrong"))?;
    Answer::plain(&TokenPairView::from(sessions.open(user_id, clock::now()).await?))
}

async fn refresh(refresh: Json<Refresh>, sessions: Data<Sessions>) -> Result<Answer, Problem> {
    Answer::plain(&TokenPairView::from(sessions.renew(&refresh.refresh, clock::now()).await?))
}

async fn log_out(caller: Result<Caller, Problem>, log_out: Json<LogOut>, sessions: Data<Sessions>) -> Result<Answer, Problem> {
    match &log_out.refresh {
        Some(refresh) => sessions.close_by_token(refresh, clock::now()).await?,
        None => sessions.close(caller?.session_id, clock::now()).await?,
    }
    Ok(Answer::empty())
}
