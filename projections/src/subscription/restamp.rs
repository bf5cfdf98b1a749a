//! What mends trap a: after a dump was restored into another cluster, the events get an order that is this cluster's own.
//!
//! All of them become events of one transaction, that of the mending; among each other they keep their positions, which within a household are
//! the order of its versions. Nothing that an event says changes, nor its place in the hash chain, which does not know of the order.
//! Projectors begin at the start; what is stored already is not computed again.

use sqlx::{Connection as _, Executor as _, PgConnection};

use super::{Position, SubscriptionError, page, transaction};
use crate::connections::Connections;
use crate::database::DatabaseError;

/// Stamps all events anew, while nobody writes; gives how many. As the owner of the tables: nobody else may.
///
/// # Errors
/// The database; nothing has changed then.
pub async fn restamp(owner: &mut PgConnection) -> Result<u64, DatabaseError> {
    let mut mending = owner.begin().await?;
    mending.execute("LOCK TABLE events IN ACCESS EXCLUSIVE MODE").await?;
    mending.execute("ALTER TABLE events DISABLE TRIGGER events_refuse_change").await?;
    let events = mending.execute("UPDATE events SET transaction_id = pg_current_xact_id()").await?;
    mending.execute("ALTER TABLE events ENABLE TRIGGER events_refuse_change").await?;
    let begin = "UPDATE projector_buckets SET transaction_id = '0', global_position = 0, owner = NULL, fencing = fencing + 1";
    mending.execute(begin).await?;
    mending.commit().await?;
    Ok(events.rows_affected())
}

/// Whether events and checkpoints are of this cluster's order.
///
/// # Errors
/// [`SubscriptionError::Restored`] where they are not.
pub async fn check_order(pool: &Connections) -> Result<(), SubscriptionError> {
    let furthest = "SELECT transaction_id::text, global_position FROM projector_buckets \
                    ORDER BY projector_buckets.transaction_id DESC, projector_buckets.global_position DESC LIMIT 1";
    let row = sqlx::query(furthest).fetch_optional(pool).await?;
    let checkpoint = row.map(|row| transaction(&row, "transaction_id")).transpose()?.flatten().unwrap_or(0);
    page(pool, Position::below_transaction(checkpoint), None, 1).await?;
    Ok(())
}
