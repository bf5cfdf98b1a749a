//! Effluent over HTTP and on the command line.

pub mod private_postgres;
