//! From registering to a forecast, as the first user of a new installation would.

use serde_json::json;
use support::TestServer;

#[tokio::test]
async fn a_forecast_read_after_a_raise_contains_it() {
    let home = TestServer::start().await.household_earning("Acme", "96000.00").await;
    let raise = home.patch("/income-sources/{Acme}", json!({"gross_annual_salary": "104000.00"})).await.expect_status(200);
    let forecast = home.get("/scenarios/{baseline}/projections").await.expect_status(200);
    assert_eq!((forecast.version(), forecast.at("/months/0/total_income")), (raise.version(), "8666.67"));
}

#[tokio::test]
async fn nobody_reads_a_household_without_logging_in() {
    let home = TestServer::start().await.household().await;
    home.get("/scenarios/{baseline}").await.expect_status(200); // whoever is not logged in could not look up its id either
    for path in ["/accounts", "/flows", "/members", "/households/{household}", "/scenarios/{baseline}/projections"] {
        home.without_header("authorization").get(path).await.expect_status(401);
    }
}

#[tokio::test]
async fn a_household_is_not_there_for_users_of_others() {
    let server = TestServer::start().await;
    let home = server.household().await;
    let stranger = server.user().await;
    stranger.name("household", &home.id("household"));
    stranger.get("/households/{household}").await.expect_status(404);
    stranger.with_header("x-household-id", &home.id("household")).get("/accounts").await.expect_status(404);
}
