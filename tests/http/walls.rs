//! A household's walls, at every door: the walk over the OpenAPI document makes a new route that forgets one of them fail here.

use serde_json::json;
use support::{Client, TestServer};

use crate::contract::Contract;
use crate::family::{self, assert_problem};

/// A household, somebody else with a household of her own, and what there is to try.
async fn neighbours() -> (Client, Client, Contract) {
    let server = TestServer::start().await;
    let (home, stranger) = (family::of(&server).await, server.household().await);
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    family::with_more(&home).await;
    let contract = Contract::of(&server).await;
    (home, stranger, contract)
}

/// The stranger, who has got hold of all ids of the household.
fn informed(stranger: &Client, home: &Client) -> Client {
    home.with_header("authorization", &format!("Bearer {}", stranger.id("access")))
}

#[tokio::test]
async fn nobody_comes_in_without_logging_in_through_any_door() {
    let (home, _, contract) = neighbours().await;
    let version = home.version().await;
    let nobody = home.without_header("authorization");
    let mut tried = 0;
    for operation in contract.operations().iter().filter(|operation| operation.is_for_users()) {
        // Neither an empty body nor a broken one is looked at.
        for body in ["", "{}", "{"] {
            let answer = operation.request(&nobody).raw(body).await;
            assert_problem(&answer, 401);
            assert!(answer.header("www-authenticate").is_some_and(|how| how.starts_with("Bearer")), "{operation}");
        }
        assert_problem(&operation.request(&home.with_header("authorization", "Bearer x.y.z")).await, 401);
        tried += 1;
    }
    assert!(tried > 50, "{tried}");
    assert_eq!(home.version().await, version);
}

#[tokio::test]
async fn a_household_that_is_named_in_header_or_path_is_not_there_for_strangers_at_any_door() {
    let (home, stranger, contract) = neighbours().await;
    let version = home.version().await;
    let mut tried = 0;
    for operation in contract.operations().iter().filter(|operation| operation.is_about_a_household()) {
        let spy = informed(&stranger, &home);
        let good = contract.body(operation).map_or(json!({}), |schema| contract.example(schema));
        for body in [good.to_string(), "{}".to_owned(), "[]".to_owned(), "{".to_owned()] {
            assert_problem(&operation.request(&spy).raw(body).await, 404);
        }
        tried += 1;
    }
    assert!(tried > 50, "{tried}");
    assert_eq!(home.version().await, version);
}

#[tokio::test]
async fn a_thing_of_another_household_is_not_there_at_any_door() {
    let (home, stranger, contract) = neighbours().await;
    let (version, before) = (home.version().await, stranger.version().await);
    let mut tried = 0;
    for operation in contract.operations().iter().filter(|operation| operation.is_about_a_household() && operation.names_a_thing()) {
        // In her own household, by default and by name: the ids are of the other one.
        let spy = informed(&stranger, &home);
        let good = contract.body(operation).map_or(json!({}), |schema| contract.example(schema));
        for spy in [spy.with_header("x-household-id", &stranger.id("household")), spy.without_header("x-household-id")] {
            let foreign = operation.request(&spy).json(good.clone()).await;
            assert_problem(&foreign, 404);
        }
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
    assert_eq!((home.version().await, stranger.version().await), (version, before));
}

/// Ids of another household as targets, in bodies: as unknown as made-up ones, and told alike.
#[tokio::test]
async fn a_thing_of_another_household_is_no_target() {
    let (home, stranger, _) = neighbours().await;
    let before = stranger.version().await;
    let (account, member, group) = (home.id("Checking"), home.id("Ana"), home.id("Home"));
    stranger.salary("Globex", "50000.00").await;
    let flow = json!({"name": "Rent", "flow_type": "transfer", "amount": "1.00", "frequency": "monthly", "start_date": "2026-01-01",
                      "from_account_id": account, "to_account_id": account, "linked_account_id": account, "member_id": member});
    for (path, body, fields) in [
        ("/flows", flow, vec!["from_account_id", "to_account_id", "linked_account_id", "member_id"]),
        (
            "/accounts",
            json!({"name": "x", "account_type": "cash", "member_id": member, "asset_group_id": group}),
            vec!["member_id", "asset_group_id"],
        ),
        (
            "/income-sources",
            json!({"name": "x", "income_type": "w2", "gross_annual_salary": "1", "pay_frequency": "weekly", "member_id": member}),
            vec!["member_id"],
        ),
        (
            "/income-sources/{Globex}/pretax-deductions",
            json!({"deduction_type": "hsa", "amount_type": "fixed", "amount": "1.00", "target_account_id": account}),
            vec!["target_account_id"],
        ),
        (
            "/income-sources/{Globex}/posttax-deductions",
            json!({"deduction_type": "roth_ira", "amount_type": "fixed", "amount": "1.00", "target_account_id": account}),
            vec!["target_account_id"],
        ),
    ] {
        let refused = stranger.post(path, body).await;
        assert_problem(&refused, 422);
        let unknown: Vec<_> =
            refused.errors().into_iter().filter(|(_, code)| code.starts_with("unknown_")).map(|(field, _)| field).collect();
        assert_eq!(unknown, fields, "{refused}");
    }
    assert_eq!(stranger.version().await, before + u64::try_from(stranger_events()).unwrap());
}

/// The salary: the income, the clearing account and its flows.
fn stranger_events() -> usize {
    ["income_source.added", "account.opened", "system_flows.generated"].len()
}

#[tokio::test]
async fn a_viewer_may_read_at_every_door_and_change_nothing_at_any() {
    let (home, _, contract) = neighbours().await;
    let email = "victor@example.com";
    let anybody = home.server().anonymous();
    anybody.post("/api/auth/register", json!({"email": email, "password": "correct horse battery staple"})).await.expect_status(201);
    let granted = home.post("/households/{household}/memberships", json!({"email": email, "role": "viewer"})).await.expect_status(201);
    let (version, victor) = (granted.version(), anybody.logged_in(email).await);
    let viewer = informed(&victor, &home);
    for operation in contract.operations().iter().filter(|operation| operation.is_about_a_household()) {
        let answer = operation.request(&viewer).json(contract.fitting(operation)).await;
        // These change nothing in the household.
        let only_reads = ["/compute", "/compare", "/set-default", "/monte-carlo", "/backtest", "/payoff-plan"];
        let only_reads = only_reads.iter().any(|end| operation.path.ends_with(end)) || operation.path.starts_with("/api/v1/stress-tests");
        match (operation.method.as_str(), answer.status()) {
            ("GET", 200) => {}
            (_, 200) if only_reads => {}
            ("POST" | "PUT" | "PATCH" | "DELETE", 403) if !only_reads => assert_problem(&answer, 403),
            // That nobody has this e-mail address is said before the role is looked at; nobody comes in by it.
            ("POST", 422) if operation.path.ends_with("/memberships") => {}
            _ => panic!("{operation}: {answer}"),
        }
    }
    assert_eq!(home.version().await, version);
}
