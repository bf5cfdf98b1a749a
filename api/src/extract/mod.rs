//! What a request says in its headers and its address, as types: a handler that asks for one gets it valid, or is never called.

mod caller;
mod headers;
mod page;

pub use caller::Caller;
pub use headers::{HouseholdChoice, IdempotencyKey, IfMatch, IfNoneMatch, MinVersion};
pub use page::{CursorText, Limit, Paging, next_page, not_a_cursor};

/// The id (or ids) in the address. One that is not a UUID is a thing that does not exist: 404.
pub type Path<T> = actix_web::web::Path<T>;
