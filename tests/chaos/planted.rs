//! The checker checked: it has to complain of each of the bugs that the design is built against.
//!
//! The bugs are planted in the schema of a database, never in the program: what the program sends is what it always sends, and the doctored
//! tables do with it what a wrong program would have done. One run is on a sound database, with the same clients: there it has to be silent.

use support::{Database, TestServer};

use sqlx::Executor;
use sqlx::postgres::PgConnection;
use tokio::task::JoinHandle;

use crate::checker::{Report, Rule, check};
use crate::client::{Crowd, ended};
use crate::{QUIET, seed};

/// `version = $2 AND hash = $5`, which guards the head, is true whatever the head is: its columns compare like nothing else does.
const CHECK_SKIPPED: &str = "
    CREATE DOMAIN any_version AS bigint;
    CREATE DOMAIN any_hash AS bytea;
    CREATE FUNCTION is_any(any_version, bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
    CREATE FUNCTION is_any(any_hash, bytea) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
    CREATE OPERATOR = (LEFTARG = any_version, RIGHTARG = bigint, FUNCTION = is_any);
    CREATE OPERATOR = (LEFTARG = any_hash, RIGHTARG = bytea, FUNCTION = is_any);
    ALTER TABLE heads ALTER COLUMN version TYPE any_version, ALTER COLUMN hash TYPE any_hash;";

/// Events are appended wherever the stream ends, with links that fit, whatever they were decided on.
const APPENDED_ANYWHERE: &str = "
    CREATE FUNCTION append_at_the_end() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE last events;
    BEGIN
        SELECT * INTO last FROM events WHERE household_id = NEW.household_id ORDER BY sequence DESC LIMIT 1;
        IF FOUND THEN
            NEW.sequence := last.sequence + 1;
            NEW.prev_hash := last.hash;
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER append_at_the_end BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION append_at_the_end();
    CREATE FUNCTION move_the_head() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE heads SET version = NEW.sequence, hash = NEW.hash WHERE household_id = NEW.household_id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER move_the_head AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION move_the_head();";

/// Nearly always the first one is enough.
const ROUNDS: usize = 5;

const KEY_DROPPED: &str = "ALTER TABLE events DROP CONSTRAINT events_pkey;";

/// What is to be written to the accounts is put aside, until somebody calls `catch_up`.
const WRITTEN_LATER: &str = "
    CREATE TABLE later (n bigserial PRIMARY KEY, account accounts, gone boolean);
    CREATE FUNCTION write_later() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            INSERT INTO later (account, gone) VALUES (OLD, true);
        ELSE
            INSERT INTO later (account, gone) VALUES (NEW, false);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER write_later BEFORE INSERT OR UPDATE OR DELETE ON accounts FOR EACH ROW EXECUTE FUNCTION write_later();
    CREATE FUNCTION catch_up() RETURNS void LANGUAGE plpgsql AS $$
    DECLARE one later;
    BEGIN
        FOR one IN SELECT * FROM later ORDER BY n LOOP
            DELETE FROM accounts WHERE household_id = (one.account).household_id AND id = (one.account).id;
            IF NOT one.gone THEN
                INSERT INTO accounts SELECT (one.account).*;
            END IF;
            DELETE FROM later WHERE n = one.n;
        END LOOP;
    END $$;";

#[tokio::test(flavor = "multi_thread")]
async fn the_checker_complains_of_each_planted_bug_and_of_nothing_else() {
    let seed = seed();
    run(&[], seed, None).await.assert_explained();
    // The version check holds without the key. (Not the other way about: what is appended as a group has one number after another.)
    run(&[KEY_DROPPED], seed, None).await.assert_explained();

    let skipped = run(&[CHECK_SKIPPED, APPENDED_ANYWHERE], seed, Some(Rule::Lost)).await;
    assert!(skipped.of(Rule::Lost) > 0 && skipped.of(Rule::Chain) > 0, "the version check skipped: {skipped}");

    let dropped = run(&[CHECK_SKIPPED, KEY_DROPPED], seed, Some(Rule::Fork)).await;
    assert!(dropped.of(Rule::Fork) > 0, "the unique key dropped: {dropped}");

    let late = run(&[WRITTEN_LATER], seed, Some(Rule::WrongRead)).await;
    assert!(late.of(Rule::WrongRead) > 0, "a read model written after the commit: {late}");
    // A thing whose row is late is read wrongly, or refused as not there.
    let others = late.complaints.iter().find(|complaint| !matches!(complaint.rule, Rule::WrongRead | Rule::Unexplained));
    assert!(others.is_none(), "the streams are sound: {others:?}");
}

/// Lets clients work on a doctored database, through two processes, in one household, and checks what came of it: a few rounds at most, until
/// what is expected has been complained of.
async fn run(doctored: &[&str], seed: u64, expected: Option<Rule>) -> Report {
    let database = Database::create().await;
    let mut owner = database.connect().await;
    for statements in doctored {
        owner.execute(*statements).await.expect("a doctored schema");
    }
    let behind = doctored.contains(&WRITTEN_LATER).then(|| catch_up(database.clone()));
    let first = TestServer::start_on(database, QUIET).await;
    let crowd = Crowd::new(vec![first.clone(), first.another().await], 1, seed).await;
    let mut report = Report::default();
    for _ in 0..ROUNDS {
        ended(crowd.work(8, 20)).await;
        report = check(&crowd.history, &crowd.households(), &mut owner).await;
        if expected.is_none_or(|rule| report.of(rule) > 0) {
            break;
        }
    }
    behind.inspect(JoinHandle::abort);
    println!("{report}");
    report
}

/// Writes what was put aside, a little later each time.
fn catch_up(database: Database) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut owner: PgConnection = database.connect().await;
        owner.execute("SET session_replication_role = replica").await.expect("a superuser");
        loop {
            owner.execute("SELECT catch_up()").await.expect("what was put aside");
            tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        }
    })
}
