//! What is new in a household, for those who watch it: new versions, forecasts that are ready to be read, and how far jobs are.
//!
//! Two halves. The [`Hub`] of a process asks the database *one* question for all households that somebody here watches ("where do your
//! streams end, what is stored of exactly that, and how far are your jobs?"), whenever an announcement wakes it and each second without one; what it learns is
//! a few numbers per household, however many watch it. Whoever watches then reads the events themselves, a page at a time, when
//! *they* have room for them ([`Store::events_behind`](crate::store::Store::events_behind)). So a client that reads slowly holds no events, no
//! connection of the database and no writer: what it has not read stays where it is anyway, in the stream.
//!
//! Nothing is lost in between: the hub says "there is more", the stream of events has no gap, and the number of the last event that
//! was read is all that has to be remembered, by the client, who can go on with it at another process.

mod events;
mod hub;

pub use self::events::{EventsPage, PAGE, RecordedEvent};
pub use self::hub::{Change, Hub, JobNews, News, Ready, Watch};
