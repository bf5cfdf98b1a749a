//! Headers as types. One that is there and does not parse is a 400 that names it: half a condition is not quietly no condition.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::ids::HouseholdId;
use uuid::Uuid;

use crate::problem::Problem;

/// `X-Household-ID`; `None` means the user's default household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HouseholdChoice(pub Option<HouseholdId>);

/// `If-Match: "17"`: the command holds only while the household is at one of these versions. `None`: at any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfMatch(Option<Vec<u64>>);

/// `If-None-Match`: what the client has already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfNoneMatch(Known);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Known {
    Nothing,
    Anything,
    Tags(Vec<String>),
}

/// `Idempotency-Key`: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(pub Option<String>);

/// `X-Min-Version`: the answer must not be older than this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinVersion(pub Option<u64>);

impl HouseholdChoice {
    const NAME: &'static str = "X-Household-ID";

    fn parse(value: Option<&str>) -> Result<Self, String> {
        let id = value.map(|text| Uuid::try_parse(text.trim()).map(HouseholdId));
        id.transpose().map(Self).map_err(|_| "must be the UUID of a household".to_owned())
    }
}

impl IfMatch {
    const NAME: &'static str = "If-Match";

    fn parse(value: Option<&str>) -> Result<Self, String> {
        let Some(value) = value else { return Ok(Self(None)) };
        if value.trim() == "*" {
            return Ok(Self(None)); // any version that there is
        }
        let versions = tags(value).and_then(|tags| tags.iter().map(|tag| tag.parse().ok()).collect::<Option<Vec<u64>>>());
        versions.map(|versions| Self(Some(versions))).ok_or_else(|| "must be a version in quotes, such as \"17\"".to_owned())
    }

    /// Whether a version is named at all.
    #[must_use]
    pub fn is_conditional(&self) -> bool {
        self.0.is_some()
    }

    /// Whether the command may go on with the household at this version.
    #[must_use]
    pub fn allows(&self, current: u64) -> bool {
        self.0.as_ref().is_none_or(|versions| versions.contains(&current))
    }
}

impl IfNoneMatch {
    const NAME: &'static str = "If-None-Match";

    /// Parses the header's value.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(value: &str) -> Result<Self, String> {
        if value.trim() == "*" {
            return Ok(Self(Known::Anything));
        }
        tags(value).map(|tags| Self(Known::Tags(tags))).ok_or_else(|| "must be a list of entity tags in quotes, such as \"17\"".to_owned())
    }

    fn parse_optional(value: Option<&str>) -> Result<Self, String> {
        value.map_or(Ok(Self(Known::Nothing)), Self::parse)
    }

    /// Whether the client has the answer of this tag (without its quotes).
    #[must_use]
    pub fn matches(&self, tag: &str) -> bool {
        match &self.0 {
            Known::Nothing => false,
            Known::Anything => true,
            Known::Tags(tags) => tags.iter().any(|one| one == tag),
        }
    }
}

/// `"1", W/"2"` → `1`, `2`. Weak tags count as their strong ones: a proxy that compresses weakens them.
fn tags(value: &str) -> Option<Vec<String>> {
    value
        .split(',')
        .map(|tag| {
            let tag = tag.trim();
            let quoted = tag.strip_prefix("W/").unwrap_or(tag);
            quoted.strip_prefix('"')?.strip_suffix('"').filter(|inner| !inner.is_empty() && !inner.contains('"')).map(str::to_owned)
        })
        .collect()
}

impl IdempotencyKey {
    const NAME: &'static str = "Idempotency-Key";

    fn parse(value: Option<&str>) -> Result<Self, String> {
        match value {
            None => Ok(Self(None)),
            Some(key) if (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => Ok(Self(Some(key.to_owned()))),
            Some(_) => Err("must have 1 to 255 visible ASCII characters".to_owned()),
        }
    }
}

impl MinVersion {
    const NAME: &'static str = "X-Min-Version";

    fn parse(value: Option<&str>) -> Result<Self, String> {
        value.map(|text| text.trim().parse()).transpose().map(Self).map_err(|_| "must be a version, such as 17".to_owned())
    }
}

/// The one value of a header. Several, or one that is not text, cannot be meant.
fn only<'a>(request: &'a HttpRequest, name: &str) -> Result<Option<&'a str>, Problem> {
    let mut values = request.headers().get_all(name);
    let first = values.next();
    if values.next().is_some() {
        return Err(Problem::malformed_header(name, "stands there more than once"));
    }
    first.map(|value| value.to_str()).transpose().map_err(|_| Problem::malformed_header(name, "must be visible ASCII"))
}

macro_rules! from_header {
    ($($header:ident by $parse:ident),+ $(,)?) => {$(
        impl FromRequest for $header {
            type Error = Problem;
            type Future = Ready<Result<Self, Problem>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                ready(only(request, Self::NAME).and_then(|value| {
                    Self::$parse(value).map_err(|message| Problem::malformed_header(Self::NAME, message))
                }))
            }
        }
    )+};
}
from_header!(HouseholdChoice by parse, IfMatch by parse, IfNoneMatch by parse_optional, IdempotencyKey by parse, MinVersion by parse);

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    async fn extracted<T: FromRequest<Error = Problem>>(name: &str, value: &str) -> Result<T, Problem> {
        let request = TestRequest::default().insert_header((name, value)).to_http_request();
        T::from_request(&request, &mut Payload::None).await
    }

    #[actix_web::test]
    async fn a_header_that_does_not_parse_is_named() {
        let errors = [
            extracted::<HouseholdChoice>("X-Household-ID", "mine").await.unwrap_err(),
            extracted::<IfMatch>("If-Match", "17").await.unwrap_err(),
            extracted::<IfMatch>("If-Match", "\"17\", \"x\"").await.unwrap_err(),
            extracted::<IfNoneMatch>("If-None-Match", "17").await.unwrap_err(),
            extracted::<IdempotencyKey>("Idempotency-Key", "a b").await.unwrap_err(),
            extracted::<IdempotencyKey>("Idempotency-Key", &"k".repeat(256)).await.unwrap_err(),
            extracted::<MinVersion>("X-Min-Version", "-1").await.unwrap_err(),
        ];
        let named: Vec<_> = errors.iter().map(|error| (error.status().as_u16(), error.errors()[0].field.as_str())).collect();
        let expected = ["X-Household-ID", "If-Match", "If-Match", "If-None-Match", "Idempotency-Key", "Idempotency-Key", "X-Min-Version"];
        assert_eq!(named, expected.map(|name| (400, name)));
    }

    #[actix_web::test]
    async fn a_condition_holds_for_the_versions_that_it_names() {
        let condition: IfMatch = extracted("If-Match", "\"17\", W/\"19\"").await.unwrap();
        assert!(condition.is_conditional() && condition.allows(17) && condition.allows(19) && !condition.allows(18));
        let any: IfMatch = extracted("If-Match", "*").await.unwrap();
        assert!(!any.is_conditional() && any.allows(18));
    }

    #[actix_web::test]
    async fn a_header_that_is_not_there_asks_for_nothing() {
        let request = TestRequest::default().to_http_request();
        assert_eq!(HouseholdChoice::from_request(&request, &mut Payload::None).await.unwrap(), HouseholdChoice(None));
        assert_eq!(IdempotencyKey::from_request(&request, &mut Payload::None).await.unwrap(), IdempotencyKey(None));
        assert!(!IfNoneMatch::from_request(&request, &mut Payload::None).await.unwrap().matches("17"));
    }

    #[actix_web::test]
    async fn a_header_that_comes_twice_is_refused() {
        let request =
            TestRequest::default().append_header(("Idempotency-Key", "a")).append_header(("Idempotency-Key", "b")).to_http_request();
        assert_eq!(IdempotencyKey::from_request(&request, &mut Payload::None).await.unwrap_err().status().as_u16(), 400);
    }
}
