//! The HTTP contract (spec 04), a file per resource and per convention. A real server, its own database, HTTP only.

mod a_first_day;
mod accounts;
mod bad_input;
mod baseline;
mod contract;
mod conventions;
mod debts;
mod document;
mod family;
mod flows;
mod goals;
mod households;
mod jobs;
mod journals;
mod logging_in;
mod paycheck;
mod paychecks;
mod projections;
mod retirement;
mod scenarios;
mod stream;
mod tax_estimate;
mod tax_summary;
mod tax_words;
mod templates;
mod walls;
