//! Accounts, their balances, terms, details and groups.

use serde_json::json;
use support::TestServer;

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

const FIELDS: &[&str] = &[
    "id",
    "name",
    "account_type",
    "class",
    "is_liability",
    "institution",
    "member_id",
    "current_balance",
    "balance_as_of",
    "liability",
    "asset_details",
];

#[tokio::test]
async fn an_account_is_opened_shown_and_changed_in_the_words_of_the_contract() {
    let home = TestServer::start().await.household().await;
    let body = json!({"name": "Rainy day", "account_type": "savings", "current_balance": "1234.50", "as_of_date": "2026-10-31", "institution": "First Bank"});
    let opened = home.post("/accounts/", body).await.expect_status(201);
    assert_versioned(&opened);
    assert_fields(opened.json(), FIELDS);
    assert_eq!(opened.events(), ["account.opened", "balance.recorded"]);
    let location = opened.header("location").unwrap().to_owned();
    let shown = home.get(&location).await.expect_status(200);
    assert_versioned(&shown);
    for (field, value) in
        [("current_balance", "1234.50"), ("balance_as_of", "2026-10-31"), ("class", "cash"), ("institution", "First Bank")]
    {
        assert_eq!((opened.at(&format!("/{field}")), shown.at(&format!("/{field}"))), (value, value));
    }
    assert!(shown.json().get("events").is_none(), "a query leads to no events");
    let listed = home.get("/accounts/").await.expect_status(200);
    let mine = listed.list_at("/items").iter().find(|account| account["id"] == *opened.value("/id")).unwrap();
    assert_fields(mine, FIELDS);
}

#[tokio::test]
async fn post_to_an_account_is_patch() {
    let home = TestServer::start().await.household().await;
    let posted = home.post("/accounts/{Checking}/", json!({"current_balance": "5100.00"})).await.expect_status(200);
    let patched = home.patch("/accounts/{Checking}", json!({"current_balance": "5200.00", "notes": "joint"})).await.expect_status(200);
    assert_eq!((posted.at("/current_balance"), patched.at("/current_balance"), patched.at("/notes")), ("5100.00", "5200.00", "joint"));
    assert_eq!(patched.version(), posted.version() + 2, "{patched}");
    assert_versioned(&patched);
    let emptied = home.post("/accounts/{Checking}", json!({"notes": null})).await.expect_status(200);
    assert_eq!((emptied.value("/notes").is_null(), emptied.at("/current_balance")), (true, "5200.00"));
}

/// 0.1 + 0.2 and 1e15 + 0.01 are where a float shows.
#[tokio::test]
async fn a_number_is_read_from_its_text_and_never_through_a_float() {
    let home = TestServer::start().await.household().await;
    for (sent, kept) in
        [("0.3", "0.30"), ("9007199254740.93", "9007199254740.93"), ("1e2", "100.00"), ("-0.00", "0.00"), ("5", "5.00"), ("0.10", "0.10")]
    {
        for body in [format!(r#"{{"current_balance": {sent}}}"#), format!(r#"{{"current_balance": "{sent}"}}"#)] {
            let answer = home.request(reqwest::Method::PATCH, "/accounts/{Checking}").raw(body).await.expect_status(200);
            assert_eq!(answer.at("/current_balance"), kept);
        }
    }
}

#[tokio::test]
async fn what_is_owed_is_positive_and_its_terms_can_be_changed_in_part_or_as_a_whole() {
    let home = TestServer::start().await.household().await;
    let terms = json!({"interest_rate": "0.0549", "original_balance": "26000.00", "origination_date": "2024-03-01", "term_months": 60});
    let loan =
        home.create("accounts", "Car loan", json!({"account_type": "auto_loan", "current_balance": "14800", "liability": terms})).await;
    assert_eq!(
        (loan.value("/is_liability"), loan.at("/class"), loan.at("/current_balance")),
        (&json!(true), "instalment_debt", "14800.00")
    );
    assert_eq!((loan.at("/liability/interest_rate"), loan.number_at("/liability/term_months")), ("0.0549", 60));
    let part = home.patch("/accounts/{Car loan}", json!({"liability": {"minimum_payment": "500.00"}})).await.expect_status(200);
    assert_eq!((part.at("/liability/minimum_payment"), part.at("/liability/interest_rate")), ("500.00", "0.0549"));
    let whole = home.put("/accounts/{Car loan}/liability", json!({"interest_rate": 0.05})).await.expect_status(200);
    assert_versioned(&whole);
    assert_eq!((whole.at("/liability/interest_rate"), whole.value("/liability/minimum_payment").is_null()), ("0.05", true));
    assert_problem(&home.put("/accounts/{Checking}/liability", json!({"interest_rate": "0.05"})).await, 422);
    let details = json!({"acquisition_date": "2024-03-01", "acquisition_cost": "31000.00", "make": "Honda"});
    home.account("Car", "vehicle", "21000.00").await;
    let car = home.put("/accounts/{Car}/asset-details", details).await.expect_status(200);
    assert_eq!((car.at("/asset_details/make"), car.at("/asset_details/acquisition_cost")), ("Honda", "31000.00"));
}

#[tokio::test]
async fn the_current_balance_is_that_of_the_latest_day_however_late_another_is_told() {
    let home = TestServer::start().await.household().await;
    for (day, balance) in [("2026-11-02", "200.00"), ("2026-11-01", "100.00")] {
        home.create("accounts", day, json!({"account_type": "cash", "current_balance": "1.00", "as_of_date": "2026-10-01"})).await;
        let told = home.post("/accounts/{2026-11-02}/balances", json!({"as_of_date": day, "balance": balance})).await.expect_status(201);
        assert_versioned(&told);
        assert_eq!(
            (told.at("/id"), told.at("/current_balance"), told.at("/balance_as_of")),
            (home.id("2026-11-02").as_str(), "200.00", "2026-11-02")
        );
    }
    let table = "date,balance\n2026-09-01,10\n2026-08-01,20.50\n";
    let csv =
        home.post("/accounts/{2026-11-02}/balances", json!(null)).raw(table).header("content-type", "text/csv").await.expect_status(201);
    assert_eq!(csv.events(), ["balance.recorded", "balance.recorded"]);
    let listed = home.get("/accounts/{2026-11-02}/balances").await.expect_status(200);
    let days: Vec<_> = listed.list_at("/items").iter().map(|item| item["as_of_date"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-11-02", "2026-11-01", "2026-10-01", "2026-09-01", "2026-08-01"]);
    assert_problem(&home.get(&format!("/accounts/{}/balances", home.id("household"))).await, 404);
}

#[tokio::test]
async fn a_house_and_its_mortgage_come_to_what_is_theirs() {
    let home = family().await;
    let sums =
        |group: &support::Answer| ["market_value", "debt", "equity", "loan_to_value"].map(|sum| group.at(&format!("/{sum}")).to_owned());
    assert_eq!(sums(&home.get("/asset-groups/{Home}").await), ["300000.00", "200000.00", "100000.00", "0.6667"]);
    home.patch("/accounts/{Mortgage}", json!({"current_balance": "150000"})).await.expect_status(200);
    home.patch("/accounts/{House}", json!({"current_balance": "300000", "market_value": "320000.00"})).await.expect_status(200);
    let listed = home.get("/asset-groups").await.expect_status(200);
    let expected = ["320000.00", "150000.00", "170000.00", "0.4688"];
    assert_eq!(
        ["market_value", "debt", "equity", "loan_to_value"].map(|sum| listed.value("/items/0")[sum].as_str().unwrap().to_owned()),
        expected
    );
    home.patch("/accounts/{Mortgage}", json!({"asset_group_id": null})).await.expect_status(200);
    assert_eq!(sums(&home.get("/asset-groups/{Home}").await), ["320000.00", "0.00", "320000.00", "0"]);
    assert_eq!(home.patch("/asset-groups/{Home}", json!({"name": "Elm Street"})).await.expect_status(200).at("/name"), "Elm Street");
    home.delete("/asset-groups/{Home}").await.expect_status(200);
    assert!(home.get("/accounts/{House}").await.value("/asset_group_id").is_null());
}

#[tokio::test]
async fn a_list_is_read_page_by_page_in_one_order_while_it_grows() {
    let home = TestServer::start().await.household().await;
    for number in 1..=5 {
        home.account(&format!("Jar {number}"), "cash", "1.00").await;
    }
    let whole: Vec<String> = ids(&home.get("/accounts").await);
    assert_eq!(whole.len(), 6);
    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let query = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
        let page = home.get(&format!("/accounts?limit=2{query}")).await.expect_status(200);
        pages.extend(ids(&page));
        home.account("Later", "cash", "1.00").await; // behind all the others, so that no page shifts
        cursor = page.value("/next_cursor").as_str().map(str::to_owned);
        if pages.len() >= whole.len() {
            break;
        }
    }
    assert_eq!(pages[..6], whole);
    assert!(cursor.is_some(), "those that came later are still to be read");
}

fn ids(list: &support::Answer) -> Vec<String> {
    list.list_at("/items").iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_account_that_a_flow_uses_stays_and_one_that_nothing_uses_goes() {
    let home = family().await;
    assert_problem(&home.delete("/accounts/{Savings}").await, 409);
    home.delete("/flows/{To savings}").await.expect_status(200);
    let gone = home.delete("/accounts/{Savings}").await.expect_status(200);
    assert_eq!((gone.at("/id"), gone.events()[0]), (home.id("Savings").as_str(), "account.removed"));
    assert_problem(&home.get("/accounts/{Savings}").await, 404);
}
