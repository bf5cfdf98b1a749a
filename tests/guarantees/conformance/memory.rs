//! A store of streams in plain memory: what the rules mean, without a database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use uuid::Uuid;

use super::brake::Brakes;
use super::kit::{Fact, Place, Reader, Refusal, Stream, Subject};

/// Streams in memory.
#[derive(Clone, Debug, Default)]
pub struct Memory(Arc<Mutex<Streams>>);

#[derive(Debug, Default)]
struct Streams {
    facts: BTreeMap<Uuid, Vec<Fact>>,
    order: Vec<Place>,
}

/// Follows the order from its beginning.
pub struct Following {
    store: Memory,
    read: usize,
}

impl Subject for Memory {
    type Reader = Following;

    async fn open(&self) -> Stream {
        Stream { id: Uuid::now_v7(), version: 0 }
    }

    async fn append(&self, stream: Uuid, after: i64, facts: Vec<Fact>) -> Result<i64, Refusal> {
        let Streams { facts: known, order } = &mut *self.0.lock().unwrap();
        let of_stream = known.entry(stream).or_default();
        if after != i64::try_from(of_stream.len()).unwrap() {
            return Err(Refusal::Conflict);
        }
        order.extend((after + 1..).take(facts.len()).map(|number| (stream, number)));
        of_stream.extend(facts);
        Ok(i64::try_from(of_stream.len()).unwrap())
    }

    async fn read(&self, stream: Uuid) -> Vec<(i64, Fact)> {
        let streams = self.0.lock().unwrap();
        (1..).zip(streams.facts.get(&stream).into_iter().flatten().copied()).collect()
    }

    async fn reader(&self) -> Following {
        Following { store: self.clone(), read: 0 }
    }

    fn brakes(&self) -> Option<&Brakes> {
        None
    }
}

impl Reader for Following {
    async fn more(&mut self) -> Result<Vec<Place>, String> {
        let new = self.store.0.lock().unwrap().order[self.read..].to_vec();
        self.read += new.len();
        Ok(new)
    }
}
