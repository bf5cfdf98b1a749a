//! Two of everything that one would start only once.

use support::{Database, TestServer};

use crate::chaos::assert_no_drift;
use crate::checker::check;
use crate::client::{Crowd, ended};
use crate::{CLIENTS, QUIET, seed};

#[tokio::test(flavor = "multi_thread")]
async fn two_migrations_of_an_empty_database_at_once_are_one() {
    let database = Database::create_empty().await;
    let (one, other) = tokio::join!(database.run(&["migrate"]), database.run(&["migrate"]));
    for migrated in [one, other] {
        assert_eq!(migrated.code, Some(0), "{migrated:?}");
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
        let (one, other) = tokio::join!(database.run(&rebuild), database.run(&rebuild));
        // The second finds the first at work and says so, unless the first has ended already.
        assert!([&one, &other].iter().any(|rebuilt| rebuilt.code == Some(0)), "{one:?} {other:?}");
        for rebuilt in [one, other] {
            assert!(rebuilt.code == Some(0) || rebuilt.log.contains("another rebuild is running"), "{rebuilt:?}");
        }
    }
    crowd.stop();
    ended(working).await;
    let report = check(&crowd.history, &crowd.households(), &mut database.connect().await).await;
    println!("{report}");
    report.assert_explained();
    assert_no_drift(database).await;
}
