//! The rules of writing: order, no gap, no double, conflicts that are reported; and what becomes of writers that come to grief.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::kit::{Fact, Refusal, Report, Stream, Subject, Verdict, demand};

/// How many try at once.
const CONTENDERS: u32 = 64;
/// How many writers are given up half-way.
const GIVEN_UP: u32 = 24;

/// Every rule of writing.
pub async fn check<S: Subject>(store: &S, report: &mut Report) {
    report.ask("facts_are_numbered_in_their_order_without_a_gap", in_order(store)).await;
    report.ask("a_conflict_is_reported_and_leaves_nothing", conflict(store)).await;
    report.ask("nothing_is_written_ahead_of_the_stream", ahead(store)).await;
    report.ask("of_64_contenders_one_wins", one_wins(store)).await;
    report.ask("64_contenders_that_try_again_all_get_in_once", all_get_in(store)).await;
    report.ask("a_writer_that_is_given_up_leaves_all_or_nothing", given_up(store)).await;
    report.ask("a_slow_writer_and_a_quick_one_do_not_both_win", slow(store)).await;
    report.ask("an_aborted_writer_leaves_nothing", stopped_for_good(store, false)).await;
    report.ask("a_killed_writer_leaves_nothing", stopped_for_good(store, true)).await;
    report.ask("a_slow_writer_holds_up_no_other_stream", others_go_on(store)).await;
}

/// The stream holds exactly these facts behind what it was opened with.
async fn holds<S: Subject>(store: &S, stream: Stream, facts: &[Fact]) -> Result<(), String> {
    let expected: Vec<(i64, Fact)> = (stream.version + 1..).zip(facts.iter().copied()).collect();
    let found = store.read(stream.id).await;
    demand!(found == expected, "expected {expected:?}, found {found:?}");
    Ok(())
}

/// Sends an append off.
fn sent<S: Subject>(store: &S, stream: Uuid, after: i64, facts: Vec<Fact>) -> JoinHandle<Result<i64, Refusal>> {
    let store = store.clone();
    tokio::spawn(async move { store.append(stream, after, facts).await })
}

async fn in_order<S: Subject>(store: &S) -> Result<Verdict, String> {
    let stream = store.open().await;
    let (mut version, mut written) = (stream.version, Vec::new());
    for batch in [vec![1], vec![2, 3, 4], vec![5], (6..31).collect::<Vec<Fact>>()] {
        let expected = version + i64::try_from(batch.len()).unwrap();
        written.extend_from_slice(&batch);
        let told = store.append(stream.id, version, batch).await;
        demand!(told == Ok(expected), "expected version {expected}, told {told:?}");
        version = expected;
    }
    holds(store, stream, &written).await?;
    Ok(Verdict::Kept)
}

/// The race: two decide on one version, one after the other appends. What the second was told decides whether it is lost.
async fn conflict<S: Subject>(store: &S) -> Result<Verdict, String> {
    let stream = store.open().await;
    let first = store.append(stream.id, stream.version, vec![1, 2]).await;
    demand!(first == Ok(stream.version + 2), "told {first:?}");
    // The same length, a shorter one, and a longer one, whose last fact would find its number free.
    for late in [vec![3, 4], vec![5], vec![6, 7, 8]] {
        let told = store.append(stream.id, stream.version, late.clone()).await;
        demand!(told == Err(Refusal::Conflict), "{late:?} on version {} was told {told:?}", stream.version);
        holds(store, stream, &[1, 2]).await?;
    }
    // The half-way late one: decided on a version that was there for a moment only.
    let told = store.append(stream.id, stream.version + 1, vec![9]).await;
    demand!(told == Err(Refusal::Conflict), "told {told:?}");
    holds(store, stream, &[1, 2]).await?;
    Ok(Verdict::Kept)
}

async fn ahead<S: Subject>(store: &S) -> Result<Verdict, String> {
    let stream = store.open().await;
    let told = store.append(stream.id, stream.version + 2, vec![1]).await;
    demand!(told.is_err(), "an event two numbers ahead was told {told:?}");
    holds(store, stream, &[]).await?;
    Ok(Verdict::Kept)
}

async fn one_wins<S: Subject>(store: &S) -> Result<Verdict, String> {
    let stream = store.open().await;
    let ready = Arc::new(Barrier::new(CONTENDERS as usize));
    let contenders: Vec<_> = (0..CONTENDERS)
        .map(|n| {
            let (store, ready) = (store.clone(), Arc::clone(&ready));
            tokio::spawn(async move {
                ready.wait().await;
                store.append(stream.id, stream.version, vec![2 * n, 2 * n + 1]).await
            })
        })
        .collect();
    let (mut winners, mut others) = (Vec::new(), Vec::new());
    for (n, contender) in (0..).zip(contenders) {
        match contender.await.unwrap() {
            Ok(version) => winners.push((version, n)),
            Err(refusal) => others.push(refusal),
        }
    }
    demand!(winners.len() == 1, "{} were told that they won", winners.len());
    demand!(others.iter().all(|told| *told == Refusal::Conflict), "others were told {others:?}");
    let (version, winner) = winners[0];
    demand!(version == stream.version + 2, "the winner was told version {version}");
    holds(store, stream, &[2 * winner, 2 * winner + 1]).await?;
    Ok(Verdict::Kept)
}

async fn all_get_in<S: Subject>(store: &S) -> Result<Verdict, String> {
    let stream = store.open().await;
    let contenders: Vec<_> = (0..CONTENDERS).map(|fact| tokio::spawn(until_it_is_in(store.clone(), stream, fact))).collect();
    let mut told = Vec::new();
    for (fact, contender) in (0..).zip(contenders) {
        told.push((contender.await.unwrap()?, fact));
    }
    told.sort_unstable();
    let found = store.read(stream.id).await;
    demand!(found == told, "told {told:?}, found {found:?}");
    let in_order: Vec<Fact> = told.iter().map(|(_, fact)| *fact).collect();
    holds(store, stream, &in_order).await?;
    let distinct: BTreeSet<Fact> = in_order.into_iter().collect();
    demand!(distinct == (0..CONTENDERS).collect(), "some are there twice, some not at all: {told:?}");
    Ok(Verdict::Kept)
}

/// Decides anew on what is there until it is not too late; gives the fact's number.
async fn until_it_is_in<S: Subject>(store: S, stream: Stream, fact: Fact) -> Result<i64, String> {
    loop {
        let version = store.read(stream.id).await.last().map_or(stream.version, |(number, _)| *number);
        match store.append(stream.id, version, vec![fact]).await {
            Ok(number) => return Ok(number),
            Err(Refusal::Conflict) => tokio::time::sleep(Duration::from_millis(fastrand::u64(0..20))).await,
            Err(Refusal::Failed(why)) => return Err(why),
        }
    }
}

/// The race: the client hangs up while its command is under way. What is there then is the whole batch or nothing of it.
async fn given_up<S: Subject>(store: &S) -> Result<Verdict, String> {
    let stream = store.open().await;
    let mut version = stream.version;
    for n in 0..GIVEN_UP {
        let writer = sent(store, stream.id, version, vec![3 * n, 3 * n + 1, 3 * n + 2]);
        tokio::time::sleep(Duration::from_micros(fastrand::u64(0..6_000))).await;
        writer.abort();
        if let Ok(told) = writer.await {
            demand!(matches!(told, Ok(_) | Err(Refusal::Conflict)), "told {told:?}");
        }
        version = store.read(stream.id).await.last().map_or(stream.version, |(number, _)| *number);
    }
    // Whoever was given up may still commit: behind this one, which every other one of them conflicts with, nobody does.
    until_it_is_in(store.clone(), stream, 3 * GIVEN_UP).await?;
    let found: Vec<Fact> = store.read(stream.id).await.into_iter().map(|(_, fact)| fact).collect();
    let whole: Vec<Fact> =
        found.iter().filter(|fact| *fact % 3 == 0 && **fact < 3 * GIVEN_UP).flat_map(|first| *first..first + 3).collect();
    holds(store, stream, &whole.into_iter().chain([3 * GIVEN_UP]).collect::<Vec<Fact>>()).await?;
    Ok(Verdict::Kept)
}

/// The race: one has written and not committed, another decides on the same version.
async fn slow<S: Subject>(store: &S) -> Result<Verdict, String> {
    let Some(brakes) = store.brakes() else { return Ok(Verdict::NotAsked) };
    let stream = store.open().await;
    let mut held = brakes.hold((stream.id, stream.version + 3)).await;
    let slow = sent(store, stream.id, stream.version, vec![1, 2, 3]);
    held.stopped().await?;
    demand!(store.read(stream.id).await.is_empty(), "what is not committed is read");
    let quick = sent(store, stream.id, stream.version, vec![4]);
    // The quick one may wait for the slow one, or win at once.
    tokio::time::sleep(Duration::from_millis(100)).await;
    held.release().await;
    let told = (slow.await.unwrap(), quick.await.unwrap());
    let facts: &[Fact] = match told {
        (Ok(_), Err(Refusal::Conflict)) => &[1, 2, 3],
        (Err(Refusal::Conflict), Ok(_)) => &[4],
        _ => return Err(format!("the slow one and the quick one were told {told:?}")),
    };
    holds(store, stream, facts).await?;
    Ok(Verdict::Kept)
}

/// A writer that is stopped behind all that it wrote, and never commits: nobody was told of it, and nobody sees any of it.
async fn stopped_for_good<S: Subject>(store: &S, kill: bool) -> Result<Verdict, String> {
    let Some(brakes) = store.brakes() else { return Ok(Verdict::NotAsked) };
    let stream = store.open().await;
    let mut held = brakes.hold((stream.id, stream.version + 3)).await;
    let writer = sent(store, stream.id, stream.version, vec![1, 2, 3]);
    let pid = held.stopped().await?;
    let next = sent(store, stream.id, stream.version, vec![4]);
    if kill {
        held.kill(pid).await;
    } else {
        held.cancel(pid).await;
    }
    let told = writer.await.unwrap();
    demand!(matches!(told, Err(Refusal::Failed(_))), "the writer was told {told:?}");
    held.release().await;
    let told = next.await.unwrap();
    demand!(told == Ok(stream.version + 1), "the next one was told {told:?}");
    holds(store, stream, &[4]).await?;
    Ok(Verdict::Kept)
}

async fn others_go_on<S: Subject>(store: &S) -> Result<Verdict, String> {
    let Some(brakes) = store.brakes() else { return Ok(Verdict::NotAsked) };
    let (one, other) = (store.open().await, store.open().await);
    let mut held = brakes.hold((one.id, one.version + 1)).await;
    let slow = sent(store, one.id, one.version, vec![1]);
    held.stopped().await?;
    let quick = tokio::time::timeout(Duration::from_secs(10), store.append(other.id, other.version, vec![2])).await;
    held.release().await;
    demand!(quick == Ok(Ok(other.version + 1)), "the writer of another stream was told {quick:?}");
    let slow = slow.await.unwrap();
    demand!(slow == Ok(one.version + 1), "the slow one was told {slow:?}");
    Ok(Verdict::Kept)
}
