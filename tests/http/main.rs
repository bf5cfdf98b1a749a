//! The HTTP contract (spec 04), a file per resource. A real server, its own database, HTTP only.

mod a_first_day;
mod logging_in;
mod tax_estimate;
