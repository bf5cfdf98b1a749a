//! A process that is killed takes nothing with it that it has acknowledged, and leaves nothing half done.

use serde_json::json;
use support::TestServer;
use tokio::time::{Duration, sleep};

/// The race: an answer that leaves before the commit, or a read model that is written after it.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_acknowledged_balance_is_there_after_kill_9() {
    let server = TestServer::start().await;
    let home = server.household().await;
    let writers = (0..4_u32).map(|writer| {
        let home = home.clone();
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for n in 0.. {
                let balance = format!("{}.{writer:02}", n + 1);
                let sent = home.post("/accounts/{Checking}", json!({"current_balance": balance})).try_send().await;
                match sent {
                    Ok(answer) => acknowledged.push((answer.expect_status(200).version(), balance)),
                    Err(_) => return acknowledged, // killed
                }
            }
            acknowledged
        })
    });
    let writers: Vec<_> = writers.collect();
    sleep(Duration::from_millis(700)).await;
    server.kill9();
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.unwrap());
    }
    assert!(acknowledged.len() > 10, "too few writes to prove anything: {}", acknowledged.len());

    server.start_again().await;
    let last = acknowledged.iter().max().unwrap();
    let account = home.get("/accounts/{Checking}").await.expect_status(200);
    assert!(account.version() >= last.0, "{last:?} was acknowledged, the household is at {}", account.version());
    if account.version() == last.0 {
        assert_eq!(account.at("/current_balance"), last.1);
    }
    let household = home.id("household");
    let recorded = server.database().number(&format!("SELECT max(sequence) FROM events WHERE household_id = '{household}'")).await;
    assert_eq!(u64::try_from(recorded).unwrap(), account.version(), "the read models are at the stream's head");
    let distinct = server.database().number(&format!("SELECT count(*) FROM events WHERE household_id = '{household}'")).await;
    assert_eq!(distinct, recorded, "no gap in the stream");
}
