//! The rules of the global order: whoever follows all streams sees every event once, and those of a stream in its order.

use std::collections::BTreeSet;
use std::time::Duration;

use super::kit::{Fact, Place, Reader, Report, Stream, Subject, Verdict, demand};

/// Writers at once, each on a stream of its own.
const WRITERS: usize = 4;
/// Batches of each.
const BATCHES: Fact = 12;
/// Until a reader has seen what was committed. Generous: on a PostgreSQL that tests share, another's open transaction holds readers back.
const AT_LAST: Duration = Duration::from_secs(30);

/// Every rule of reading.
pub async fn check<S: Subject>(store: &S, report: &mut Report) {
    report.ask("a_follower_skips_nothing_that_commits_late", commits_late(store)).await;
    report.ask("a_follower_sees_everything_once_and_in_order", while_written(store)).await;
}

/// What a reader has seen of these streams, behind what they were opened with.
struct Follower<R> {
    reader: R,
    streams: Vec<Stream>,
    seen: Vec<Place>,
}

impl<R: Reader> Follower<R> {
    async fn look(&mut self) -> Result<(), String> {
        let new = self.reader.more().await?;
        let wanted = |place: &Place| self.streams.iter().any(|stream| stream.id == place.0 && place.1 > stream.version);
        self.seen.extend(new.into_iter().filter(wanted));
        Ok(())
    }

    /// Looks until it has seen the last of all, and once more. Whatever began behind the commit of another comes behind it in every
    /// order that can be trusted: what has not been seen by then has been skipped.
    async fn look_until(&mut self, last: Place, expected: &BTreeSet<Place>) -> Result<(), String> {
        let begun = std::time::Instant::now();
        while !self.seen.contains(&last) && begun.elapsed() < AT_LAST {
            self.look().await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.look().await?;
        let seen: BTreeSet<Place> = self.seen.iter().copied().collect();
        let skipped: Vec<_> = expected.difference(&seen).collect();
        demand!(skipped.is_empty(), "never saw {skipped:?}, but {:?}", self.seen);
        demand!(seen.len() == self.seen.len(), "saw some twice: {:?}", self.seen);
        demand!(seen == *expected, "saw what is not there: {:?}", self.seen);
        for stream in &self.streams {
            let numbers: Vec<i64> = self.seen.iter().filter(|place| place.0 == stream.id).map(|place| place.1).collect();
            demand!(numbers.is_sorted(), "out of order: {numbers:?}");
        }
        Ok(())
    }
}

async fn follower<S: Subject>(store: &S, streams: &[Stream]) -> Follower<S::Reader> {
    Follower { reader: store.reader().await, streams: streams.to_vec(), seen: Vec::new() }
}

/// Whoever comes later sees the same, in the same order: what was read once is not read differently again.
async fn seen_alike<S: Subject>(store: &S, first: &Follower<S::Reader>, last: Place, expected: &BTreeSet<Place>) -> Result<(), String> {
    let mut second = follower(store, &first.streams).await;
    second.look_until(last, expected).await?;
    demand!(second.seen == first.seen, "one saw {:?}, who came later {:?}", first.seen, second.seen);
    Ok(())
}

/// The race: positions are handed out before the commit. One writer has its positions and has not committed; a later one commits
/// with higher positions, and is read; then the first commits. Who remembers only the last position has gone past it.
async fn commits_late<S: Subject>(store: &S) -> Result<Verdict, String> {
    let Some(brakes) = store.brakes() else { return Ok(Verdict::NotAsked) };
    let (late, early) = (store.open().await, store.open().await);
    let mut follower = follower(store, &[late, early]).await;
    follower.look().await?;
    let mut held = brakes.hold((late.id, late.version + 2)).await;
    let slow = {
        let store = store.clone();
        tokio::spawn(async move { store.append(late.id, late.version, vec![1, 2]).await })
    };
    held.stopped().await?;
    let told = store.append(early.id, early.version, vec![3, 4]).await;
    demand!(told == Ok(early.version + 2), "told {told:?}");
    for _ in 0..3 {
        follower.look().await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    held.release().await;
    let told = slow.await.unwrap();
    demand!(told == Ok(late.version + 2), "told {told:?}");
    let told = store.append(early.id, early.version + 2, vec![5]).await;
    demand!(told == Ok(early.version + 3), "told {told:?}");
    let of = |stream: Stream, last: i64| (stream.version + 1..=stream.version + last).map(move |number| (stream.id, number));
    let expected = of(late, 2).chain(of(early, 3)).collect();
    let last = (early.id, early.version + 3);
    follower.look_until(last, &expected).await?;
    seen_alike(store, &follower, last, &expected).await?;
    Ok(Verdict::Kept)
}

async fn while_written<S: Subject>(store: &S) -> Result<Verdict, String> {
    let mut streams = Vec::new();
    for _ in 0..=WRITERS {
        streams.push(store.open().await);
    }
    let end = streams[WRITERS];
    let mut follower = follower(store, &streams).await;
    let writers: Vec<_> = streams.iter().take(WRITERS).map(|stream| tokio::spawn(write(store.clone(), *stream))).collect();
    while writers.iter().any(|writer| !writer.is_finished()) {
        follower.look().await?;
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let mut expected = BTreeSet::new();
    for writer in writers {
        expected.extend(writer.await.unwrap()?);
    }
    let told = store.append(end.id, end.version, vec![0]).await;
    demand!(told == Ok(end.version + 1), "told {told:?}");
    let last = (end.id, end.version + 1);
    expected.insert(last);
    follower.look_until(last, &expected).await?;
    seen_alike(store, &follower, last, &expected).await?;
    Ok(Verdict::Kept)
}

/// Batches of one to three facts, one after the other.
async fn write<S: Subject>(store: S, stream: Stream) -> Result<Vec<Place>, String> {
    let mut version = stream.version;
    for batch in 0..BATCHES {
        let facts = (0..=batch % 3).map(|n| 3 * batch + n).collect();
        version = store.append(stream.id, version, facts).await.map_err(|told| format!("told {told:?}"))?;
    }
    Ok((stream.version + 1..=version).map(|number| (stream.id, number)).collect())
}
