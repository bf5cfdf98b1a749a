//! The one path of all queries: one statement checks the membership, names the version and reads the rows, on one snapshot.

use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use domain::ids::HouseholdId;
use futures_util::future::LocalBoxFuture;
use projections::live::Change;
use projections::queries::{AsOf, Part, Selection};
use projections::read_models::table::Row;
use projections::store::{Asker, Known, Store, Version};
use projections::track::Stage;
use serde::Serialize;
use uuid::Uuid;

use crate::answer::Answer;
use crate::clock;
use crate::extract::{Caller, CursorText, HouseholdChoice, IfNoneMatch, Limit, MinVersion, Paging, next_page, not_a_cursor};
use crate::problem::Problem;
use crate::routes::entrance::in_the_path;
use crate::routes::stream::Live;
use crate::telemetry;

/// A version that a client demands and that has not happened yet is waited for so long. A client that heard of it from somebody else (another
/// device, a message that was faster than the commit's acknowledgement) is served as soon as it is there.
const WAITED_FOR: Duration = Duration::from_secs(2);
/// A version so far beyond the head will not be there by then.
const HOPELESS: Version = 1_000;

/// A request to read about a household, but for its parameters.
pub struct QueryRequest {
    caller: Caller,
    household: HouseholdChoice,
    if_none_match: IfNoneMatch,
    min_version: MinVersion,
    store: Data<Store>,
}

impl FromRequest for QueryRequest {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let mut nothing = Payload::None;
            let store = Data::<Store>::from_request(&request, &mut nothing).await;
            let query = Self {
                caller: Caller::from_request(&request, &mut nothing).await?,
                household: HouseholdChoice::from_request(&request, &mut nothing).await?,
                if_none_match: IfNoneMatch::from_request(&request, &mut nothing).await?,
                min_version: MinVersion::from_request(&request, &mut nothing).await?,
                store: store.map_err(|_| Problem::unavailable("the server is starting"))?,
            };
            if let (Some(wanted), Some(live)) = (query.min_version.0, request.app_data::<Data<Live>>()) {
                let household = in_the_path(&request).or(query.household.0);
                query.come_to(wanted, household, live).await?;
            }
            Ok(query)
        })
    }
}

impl QueryRequest {
    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The store, for what outlives the request.
    #[must_use]
    pub fn shared_store(&self) -> Data<Store> {
        self.store.clone()
    }

    /// How long the caller's access token is good for.
    #[must_use]
    pub fn good_for(&self) -> Duration {
        self.caller.until.signed_duration_since(clock::now()).to_std().unwrap_or_default()
    }

    /// Waits until the household has come to a version, at most [`WAITED_FOR`]. Holds nothing of the database meanwhile, and decides nothing:
    /// what is read afterwards says which version it is of, and [`Self::there`] whether that is enough.
    async fn come_to(&self, wanted: u64, household: Option<HouseholdId>, live: &Live) -> Result<(), Problem> {
        let wanted = Version::try_from(wanted).unwrap_or(Version::MAX);
        if household.and_then(|id| self.store.newest_known(id)).is_some_and(|known| known >= wanted) {
            return Ok(());
        }
        let Some(gate) = self.store.gate(Asker { user_id: self.caller.user_id, household_id: household }, None).await? else {
            return Ok(());
        };
        if gate.head.version >= wanted || gate.head.version < wanted.saturating_sub(HOPELESS) {
            return Ok(());
        }
        let mut watch = live.hub.watch(gate.household_id);
        let come = async { while watch.news().version < wanted && watch.changed().await == Change::News {} };
        drop(tokio::time::timeout(WAITED_FOR, come).await);
        Ok(())
    }

    /// Who asks, for which household.
    #[must_use]
    pub fn asker(&self) -> Asker {
        telemetry::at(Stage::Query);
        if let Some(chosen) = self.household.0 {
            telemetry::about(chosen);
        }
        Asker { user_id: self.caller.user_id, household_id: self.household.0 }
    }

    /// For the household that the path names, whatever the header says.
    #[must_use]
    pub fn of_household(self, id: HouseholdId) -> Self {
        Self { household: HouseholdChoice(Some(id)), ..self }
    }

    /// A page of a list. `key` is the sort key of a row, as [`Selection::behind`] reads it.
    ///
    /// # Errors
    /// 404 where there is no such household for this caller, 412 where it has not reached `X-Min-Version`.
    pub async fn list<R: Row>(
        self,
        selection: Selection,
        args: Vec<Option<String>>,
        page: (Option<Limit>, Option<&CursorText>),
        key: impl Fn(&R) -> Vec<String>,
    ) -> Result<Answer, Problem> {
        self.list_as(selection, args, page, key, |row| row).await
    }

    /// The same, each row in another form.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn list_as<R: Row, V: Serialize>(
        self,
        selection: Selection,
        args: Vec<Option<String>>,
        (limit, cursor): (Option<Limit>, Option<&CursorText>),
        key: impl Fn(&R) -> Vec<String>,
        view: impl Fn(R) -> V,
    ) -> Result<Answer, Problem> {
        let Paging { limit, after } = Paging::<Vec<String>>::of(limit, cursor)?;
        if after.as_ref().is_some_and(|key| !selection.reads(key)) {
            return Err(not_a_cursor());
        }
        let fetched = i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX);
        let part = Part { args, cursor: after.unwrap_or_default(), limit: fetched };
        let found = self.store.list::<R>(self.asker(), selection, part).await?;
        let found = self.there(found)?;
        let (rows, next_cursor) = next_page(found.value, limit, key)?;
        let items: Vec<V> = rows.into_iter().map(view).collect();
        Ok(Answer::list(Some(found.version.unsigned_abs()), &items, next_cursor.as_deref())?.unless_known(&self.if_none_match))
    }

    /// The one thing that a selection finds.
    ///
    /// # Errors
    /// As [`Self::one`].
    pub async fn first<R: Row>(self, selection: Selection, args: Vec<Option<String>>, what: &str) -> Result<Answer, Problem> {
        let part = Part { args, cursor: Vec::new(), limit: 1 };
        let found = self.store.list::<R>(self.asker(), selection, part).await?;
        let found = self.there(found)?;
        let row = found.value.first().ok_or_else(|| Problem::not_found(what, ""))?;
        Ok(Answer::read(found.version.unsigned_abs(), row)?.unless_known(&self.if_none_match))
    }

    /// That a thing is there, before its parts are listed: a thing without parts is not the same as no such thing.
    ///
    /// # Errors
    /// As [`Self::one`].
    pub async fn require<R: Row>(&self, id: Uuid, what: &str) -> Result<(), Problem> {
        let found = self.store.one::<R>(self.asker(), id).await?;
        self.there(found)?.value.map(|_| ()).ok_or_else(|| Problem::not_found(what, ""))
    }

    /// One thing.
    ///
    /// # Errors
    /// 404 where it is not there, or not for this caller; 412 where the household has not reached `X-Min-Version`.
    pub async fn one<R: Row>(self, id: Uuid, what: &str) -> Result<Answer, Problem> {
        self.one_as(id, what, |row: R| row).await
    }

    /// The same, in another form.
    ///
    /// # Errors
    /// As [`Self::one`].
    pub async fn one_as<R: Row, V: Serialize>(self, id: Uuid, what: &str, view: impl Fn(R) -> V) -> Result<Answer, Problem> {
        let found = self.store.one::<R>(self.asker(), id).await?;
        let found = self.there(found)?;
        let row = found.value.ok_or_else(|| Problem::not_found(what, ""))?;
        Ok(Answer::read(found.version.unsigned_abs(), &view(row))?.unless_known(&self.if_none_match))
    }

    /// The household as it is now, for what is computed from the whole of it.
    ///
    /// # Errors
    /// 404 or 412.
    pub async fn state(&self) -> Result<AsOf<Arc<Known>>, Problem> {
        let gate = self.store.gate(self.asker(), None).await?.ok_or_else(Problem::no_household)?;
        telemetry::about(gate.household_id);
        let known = self.store.load(gate.household_id, gate.head).await?;
        self.new_enough(known.version)?;
        Ok(AsOf { household_id: gate.household_id, role: gate.role, version: known.version, value: known })
    }

    /// What was found, if it was, and is new enough.
    ///
    /// # Errors
    /// 404 or 412.
    pub fn there<T>(&self, found: Option<AsOf<T>>) -> Result<AsOf<T>, Problem> {
        let found = found.ok_or_else(Problem::no_household)?;
        telemetry::about(found.household_id);
        self.new_enough(found.version)?;
        Ok(found)
    }

    /// Queries read the primary, whose head is the newest version that there is: what is beyond it has not happened, and has been waited for.
    fn new_enough(&self, version: Version) -> Result<(), Problem> {
        let version = version.unsigned_abs();
        if self.min_version.0.is_some_and(|wanted| wanted > version) { Err(Problem::version_ahead(version)) } else { Ok(()) }
    }

    /// The answer, or 304 where the client has it.
    #[must_use]
    pub fn unless_known(&self, answer: Answer) -> Answer {
        answer.unless_known(&self.if_none_match)
    }
}
