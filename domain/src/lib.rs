//! What Effluent knows about households. Values in, values out: no database, no server, no clock, no randomness.
//!
//! Read [`money`], [`rate`], [`calendar`] and [`vocabulary`] first: everything else is said in their words. The engines
//! ([`tax`], [`system_flows`], [`projection`]) take small input structs of their own and do not know that a household or an
//! event exists; [`household`] knows the engines and puts them together.

pub mod calendar;
pub mod ids;
pub mod money;
#[cfg(feature = "openapi")]
mod openapi;
pub mod rate;
pub mod text;
pub mod vocabulary;
