//! Pages of a list: keyset, never an offset, so that a page does not shift when something is added before it.
//!
//! A cursor is the sort key of the last item, written so that nobody is tempted to read it. It is not signed: a forged one
//! chooses another place in a list that its holder may read anyway.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};

use crate::body::{At, Between, FromField, Schemas, Value};
use crate::problem::Problem;

/// How many items a page may have.
pub type Limit = Between<1, 200>;

/// A page has this many items where the client does not say.
const DEFAULT_LIMIT: usize = 50;
/// Longer than any cursor of ours.
const LONGEST_CURSOR: usize = 1024;

/// A cursor as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CursorText(String);

impl FromField for CursorText {
    fn read(value: Value<'_>, at: At<'_>) -> Option<Self> {
        match value.string() {
            Some(text) if text.len() <= LONGEST_CURSOR => Some(Self(text.into_owned())),
            _ => at.refuse("not_a_cursor", NOT_A_CURSOR),
        }
    }
    fn schema(_: &mut Schemas) -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).description(Some("`next_cursor` of the page before.")).into()
    }
}

const NOT_A_CURSOR: &str = "is not a cursor: send next_cursor of the page before as it was";

/// Which page is asked for. `K` is the sort key of the list, such as `(String, Uuid)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paging<K> {
    /// At most so many items.
    pub limit: usize,
    /// After the item with this key; from the beginning where there is none.
    pub after: Option<K>,
}

impl<K: DeserializeOwned> Paging<K> {
    /// From the two query parameters.
    ///
    /// # Errors
    /// 422 where the cursor is not one of this list.
    pub fn of(limit: Option<Limit>, cursor: Option<&CursorText>) -> Result<Self, Problem> {
        let after = cursor.map(decode).transpose()?;
        Ok(Self { limit: limit.map_or(DEFAULT_LIMIT, Between::to_usize), after })
    }
}

fn decode<K: DeserializeOwned>(cursor: &CursorText) -> Result<K, Problem> {
    let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).ok();
    let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    key.ok_or_else(not_a_cursor)
}

/// The refusal of a cursor that is not one of this list.
#[must_use]
pub fn not_a_cursor() -> Problem {
    Problem::invalid("cursor", "not_a_cursor", NOT_A_CURSOR)
}

/// A query that fetched one item more than the limit knows whether there is a next page: gives this page and the next cursor.
///
/// # Errors
/// The key does not serialize: a bug, and a 500.
pub fn next_page<T, K: Serialize>(mut items: Vec<T>, limit: usize, key: impl Fn(&T) -> K) -> Result<(Vec<T>, Option<String>), Problem> {
    if items.len() <= limit {
        return Ok((items, None));
    }
    items.truncate(limit);
    let last = items.last().map(|last| serde_json::to_vec(&key(last))).transpose();
    let cursor = last.map_err(|error| Problem::internal(&error))?.map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    Ok((items, cursor))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Key = (String, u32);

    #[test]
    fn a_cursor_leads_to_where_the_page_ended() {
        let items: Vec<Key> = (0..4).map(|n| (format!("Ää {n}"), n)).collect();
        let (page, cursor) = next_page(items, 3, Clone::clone).unwrap();
        assert_eq!(page.len(), 3);
        let paging: Paging<Key> = Paging::of(None, Some(&CursorText(cursor.unwrap()))).unwrap();
        assert_eq!(paging, Paging { limit: 50, after: Some(("Ää 2".to_owned(), 2)) });
    }

    #[test]
    fn the_last_page_has_no_cursor() {
        let (page, cursor) = next_page(vec![1, 2, 3], 3, |n| *n).unwrap();
        assert_eq!((page.len(), cursor), (3, None));
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        for forged in ["", "%%%", "bm90IGpzb24", "WzFd", "eyJhIjoxfQ"] {
            let error = Paging::<Key>::of(None, Some(&CursorText(forged.to_owned()))).unwrap_err();
            assert_eq!((error.status().as_u16(), error.errors()[0].field.as_str()), (422, "cursor"), "{forged}");
        }
    }
}
