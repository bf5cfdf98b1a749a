//! Two of everything that one would start only once.

use support::{Database, TestServer, run_effluent};

use crate::chaos::assert_no_drift;
use crate::checker::check;
use crate::client::{Crowd, ended};
use crate::{CLIENTS, QUIET, seed};

#[tokio::test(flavor = "multi_thread")]
async fn two_migrations_of_an_empty_database_at_once_are_one() {
    let database = Database::create_empty().await;
    let (one, other) = tokio::join!(run_effluent(&database, &["migrate"]), run_effluent(&database, &["migrate"]));
    for migrated in [one, other] {
        assert!(migrated.status.success(), "{}", String::from_utf8_lossy(&migrated.stderr));
    }
    let home = TestServer::start_on(database, QUIET).await.household_earning("Acme", "96000.00").await;
    home.get("/scenarios/{baseline}/projections").await.expect_status(200);
}

/// Nobody who works meanwhile notices: reads and commands are as explained as ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_rebuilds_at_once_under_load_change_no_answer() {
    let first = TestServer::start_with(QUIET).await;
    let database = first.database();
    let crowd = Crowd::new(vec![first.clone(), first.another().await], 2, seed()).await;
    let working = crowd.work(CLIENTS, usize::MAX);
    let rebuild = ["projections", "rebuild"];
    for _ in 0..2 {
        let (one, other) = tokio::join!(run_effluent(database, &rebuild), run_effluent(database, &rebuild));
        for rebuilt in [one, other] {
            assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
        }
    }
    crowd.stop();
    ended(working).await;
    let report = check(&crowd.history, &crowd.households(), &mut database.connect().await).await;
    println!("{report}");
    report.assert_explained();
    assert_no_drift(database).await;
}
