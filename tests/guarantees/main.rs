//! The promises of spec 01, a file per promise. Each opens with the race or the fault that it guards against.

mod crash;
mod running;
