//! What Effluent knows about households. Values in, values out: no database, no server, no clock, no randomness.
//!
//! Read [`money`], [`rate`], [`calendar`] and [`vocabulary`] first: everything else is said in their words. The engines
//! ([`tax`], [`system_flows`], [`projection`]) take small input structs of their own and do not know that a household or an
//! event exists; [`household`] knows the engines and puts them together, and [`metrics`] measures a household on a day;
//! [`goals`] says how far it is from what it wants. [`stress`] lets a plan go wrong, and says what would mend it; [`templates`] suggest
//! what would change if life went another way; [`accuracy`] holds an old forecast against what came;
//! [`actions`] says what to do next about a figure that is worrying.

pub mod accuracy;
pub mod actions;
pub mod calendar;
pub mod fixed;
pub mod flow_kind;
pub mod goals;
pub mod history;
pub mod household;
pub mod ids;
pub mod loans;
pub mod metrics;
pub mod money;
pub mod monte_carlo;
#[cfg(feature = "openapi")]
mod openapi;
pub mod payroll;
pub mod projection;
pub mod rate;
pub mod ratio;
pub mod stress;
pub mod system_flows;
pub mod tax;
pub mod templates;
pub mod text;
pub mod vocabulary;
