//! The first answers to idempotency keys: given again for 24 hours, then removed.
//!
//! An answer is written in the statement of its events (see `append`). Here is what is left: the answer of a command that changed nothing, the
//! look for an answer that another request has left, and the removal of old ones.

use super::execute::{Answer, ExecuteError, Executed, IdempotencyKey, Request, StoredAnswer};
use super::{Store, StoreError, Version};

impl StoredAnswer {
    pub(super) fn of(key: &IdempotencyKey, answer: &Answer, version: Version) -> Self {
        Self {
            user_id: key.user_id,
            key: key.key.clone(),
            request_hash: key.request_hash,
            status: answer.status,
            location: answer.location.clone(),
            body: answer.body.clone(),
            version,
        }
    }
}

impl Store {
    /// Nothing changed: there is no event, but a key's first answer is kept all the same. `None` where the key has been used meanwhile, and
    /// nobody knows for what yet.
    pub(super) async fn keep_answer(&self, request: &Request, answer: Answer, version: Version) -> Result<Option<Executed>, ExecuteError> {
        if let Some(key) = &request.idempotency {
            let stored = StoredAnswer::of(key, &answer, version);
            let sql = "INSERT INTO idempotency_keys (household_id, user_id, idempotency_key, request_hash, status, version, location, body) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING";
            let query = sqlx::query(sql)
                .bind(request.household_id.0)
                .bind(stored.user_id.0)
                .bind(stored.key)
                .bind(stored.request_hash.as_slice())
                .bind(i32::from(stored.status))
                .bind(stored.version)
                .bind(stored.location)
                .bind(stored.body);
            if query.execute(&self.pool).await.map_err(StoreError::from)?.rows_affected() == 0 {
                let first = self.first_answer(request).await?;
                if first.is_none() {
                    self.remove_expired_answer(request).await?;
                }
                return Ok(first);
            }
        }
        Ok(Some(Executed::Answered { answer, version }))
    }

    /// The first answer to the request's key, where there was one within 24 hours.
    pub(super) async fn first_answer(&self, request: &Request) -> Result<Option<Executed>, ExecuteError> {
        let Some(IdempotencyKey { user_id, key, request_hash }) = &request.idempotency else { return Ok(None) };
        match self.replay(request.household_id, *user_id, key).await? {
            Some(replay) if replay.request_hash == request_hash => Ok(Some(Executed::Replayed(replay))),
            Some(_) => Err(ExecuteError::KeyReused),
            None => Ok(None),
        }
    }

    /// Makes room for a new answer where the one under the request's key is older than 24 hours.
    pub(super) async fn remove_expired_answer(&self, request: &Request) -> Result<(), ExecuteError> {
        let Some(IdempotencyKey { user_id, key, .. }) = &request.idempotency else { return Ok(()) };
        let sql = "DELETE FROM idempotency_keys WHERE household_id = $1 AND user_id = $2 AND idempotency_key = $3 \
                   AND recorded_at <= now() - interval '24 hours'";
        let query = sqlx::query(sql).bind(request.household_id.0).bind(user_id.0).bind(key);
        query.execute(&self.pool).await.map_err(StoreError::from)?;
        Ok(())
    }

    /// Removes answers that nobody is given any more, a thousand at a time so that no lock is held for long; gives how many.
    ///
    /// # Errors
    /// The database.
    pub async fn remove_expired_answers(&self) -> Result<u64, StoreError> {
        let sql = "DELETE FROM idempotency_keys WHERE ctid IN \
                   (SELECT ctid FROM idempotency_keys WHERE recorded_at <= now() - interval '24 hours' LIMIT 1000)";
        let mut removed = 0_u64;
        loop {
            let rows = sqlx::query(sql).execute(&self.pool).await?.rows_affected();
            removed = removed.saturating_add(rows);
            if rows == 0 {
                return Ok(removed);
            }
        }
    }
}
