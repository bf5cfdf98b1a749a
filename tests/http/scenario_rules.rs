//! What holds a scenario together, over HTTP: what others are about is kept, and what no projection would hold is refused when it is
//! written.

use serde_json::{Value, json};
use support::Client;

use crate::family::assert_problem;
use crate::scenarios::{add, figures, months, wondering};

/// Buys a flat for 300,000 with nobody's money in March, and sells it for 350,000 in June 2027.
async fn flat_and_sale() -> Client {
    let home = wondering().await;
    let accounts =
        |months: &[Value]| -> Vec<String> { months[4].pointer("/balances").and_then(Value::as_object).unwrap().keys().cloned().collect() };
    let before = accounts(&months(&home, "What if").await);
    let flat = json!({"change_type": "add_asset", "name": "Flat", "effective_date": "2026-03-01",
                      "parameters": {"value": "300000.00", "account_type": "rental_property"}});
    add(&home, "What if", flat).await;
    let opened = accounts(&months(&home, "What if").await).into_iter().find(|id| !before.contains(id)).unwrap();
    let sale = json!({"change_type": "sell_asset", "name": "Sale", "effective_date": "2027-06-15", "source": {"type": "account", "id": opened},
                      "parameters": {"sale_price": "350000.00", "gain_tax": "none"}});
    add(&home, "What if", sale).await;
    home
}

#[tokio::test]
async fn a_copy_sells_what_it_brings_itself() {
    let home = flat_and_sale().await;
    let projected = months(&home, "What if").await;
    assert_eq!(figures(&projected, "/change/appreciation")[16..19], ["0.00", "50000.00", "0.00"]);
    let copied = home.post("/scenarios/{What if}/clone", json!({})).await.expect_status(201);
    home.name("Copy", copied.at("/id"));
    let copy = months(&home, "Copy").await;
    for figure in ["/net_worth", "/liquid_assets", "/change/appreciation"] {
        assert_eq!(figures(&copy, figure), figures(&projected, figure), "{figure}");
    }
}

#[tokio::test]
async fn what_is_sold_later_is_neither_removed_nor_bought_after_its_sale() {
    let home = flat_and_sale().await;
    let flat = "/scenarios/{What if}/changes/{Flat}";
    for refused in [home.delete(flat).await, home.patch(flat, json!({"effective_date": "2027-07-01"})).await] {
        assert_problem(&refused, 409);
        assert!(refused.at("/detail").contains("the change Sale"), "{}", refused.at("/detail"));
    }
    home.delete("/scenarios/{What if}/changes/{Sale}").await.expect_status(200);
    home.delete(flat).await.expect_status(200);
}

#[tokio::test]
async fn what_outgrows_every_amount_is_refused_with_its_field() {
    let home = wondering().await;
    let version = home.version().await;
    let wild = json!({"investment_return_rate": "10", "projection_months": 600});
    let refused = home.patch("/scenarios/{What if}", wild).await;
    assert_problem(&refused, 422);
    // Either alone would do.
    assert_eq!(refused.errors(), [("investment_return_rate", "not_projectable"), ("projection_months", "not_projectable")]);
    assert_eq!(home.version().await, version);
    home.patch("/scenarios/{What if}", json!({"projection_months": 600})).await.expect_status(200);
    let returns =
        json!({"change_type": "override_investment_return", "name": "Wild", "effective_date": "2026-03-01", "parameters": {"rate": "10"}});
    let refused = home.post("/scenarios/{What if}/changes", returns).await;
    assert_problem(&refused, 422);
    assert_eq!(refused.errors(), [("parameters", "not_projectable")]);
}
