//! The forecast, exactly as spec 04 has it: the row, the terms that explain it, its forms and its freshness.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

const MONTH: &[&str] = &[
    "month_number",
    "date",
    "total_assets",
    "total_liabilities",
    "net_worth",
    "liquid_assets",
    "retirement_assets",
    "total_income",
    "total_taxes",
    "total_expenses",
    "net_cash_flow",
    "dscr",
    "savings_rate",
    "liquidity_months",
    "days_cash_on_hand",
    "income_by_category",
    "expense_by_category",
    "balances",
    "change",
    "flags",
];
const BREAKDOWNS: &[&str] = &["income_by_category", "expense_by_category", "balances"];
const TERMS: &[&str] = &["income", "taxes", "spending", "investment_growth", "appreciation", "interest_and_fees", "one_off"];

async fn forecast(home: &Client, query: &str) -> Answer {
    home.get(&format!("/scenarios/{{baseline}}/projections{query}")).await.expect_status(200)
}

/// An amount as cents: two decimals, always.
fn cents(amount: &Value) -> i128 {
    let text = amount.as_str().unwrap_or_else(|| panic!("{amount} is no amount"));
    let (_, decimals) = text.split_once('.').unwrap_or_else(|| panic!("{text} has no decimals"));
    assert_eq!(decimals.len(), 2, "{text}");
    text.replace('.', "").parse().unwrap()
}

fn months(answer: &Answer) -> Vec<Value> {
    answer.list_at("/months").to_vec()
}

#[tokio::test]
async fn a_forecast_has_the_shape_that_clients_rely_on() {
    let home = family().await;
    let answer = forecast(&home, "").await;
    assert_versioned(&answer);
    assert_fields(answer.json(), &["scenario_id", "household_version", "engine_version", "source", "months", "opening"]);
    assert_fields(answer.value("/opening"), &["net_worth", "balances"]);
    assert_eq!(answer.at("/scenario_id"), home.id("baseline"));
    assert_eq!(answer.number_at("/household_version"), i64::try_from(answer.version()).unwrap());
    let months = months(&answer);
    assert_eq!(months.len(), 120, "the scenario's own horizon");
    for (index, month) in months.iter().enumerate() {
        assert_fields(month, MONTH);
        assert_fields(&month["change"], TERMS);
        assert_eq!(month["month_number"], json!(index + 1));
        assert!(month["flags"].is_array() && month["balances"].is_object() && month["date"].as_str().unwrap().len() == 10);
    }
    let scenario = home.get("/scenarios/baseline").await.expect_status(200);
    assert_versioned(&scenario);
    assert_eq!(
        (scenario.value("/is_baseline"), scenario.at("/mode"), scenario.number_at("/projection_months")),
        (&json!(true), "live", 120)
    );
    let opening: Vec<_> =
        ["Checking", "Savings", "House", "Mortgage"].map(|name| answer.value("/opening/balances")[home.id(name)].clone()).to_vec();
    assert_eq!(opening, ["8000.00", "20000.00", "300000.00", "200000.00"]);
}

/// Nothing comes from nowhere: over fifty years, in every month.
#[tokio::test]
async fn the_terms_of_change_add_up_to_the_difference_of_net_worth_to_the_cent() {
    let home = family().await;
    let answer = forecast(&home, "?months=600").await;
    let mut before = cents(answer.value("/opening/net_worth"));
    let months = months(&answer);
    assert_eq!(months.len(), 600);
    for month in &months {
        let net_worth = cents(&month["net_worth"]);
        let terms: i128 = TERMS.iter().map(|term| cents(&month["change"][*term])).sum();
        assert_eq!(net_worth - before, terms, "month {}: {month}", month["month_number"]);
        assert_eq!(net_worth, cents(&month["total_assets"]) - cents(&month["total_liabilities"]));
        for (total, parts) in [("total_income", "income_by_category"), ("total_expenses", "expense_by_category")] {
            let sum: i128 = month[parts].as_object().unwrap().values().map(cents).sum();
            assert_eq!(cents(&month[total]), sum, "{total} of month {}", month["month_number"]);
        }
        before = net_worth;
    }
}

/// The month on paper: 8000.00 + 240.00 matched + 5000.00 + 1500.00 of income; 200,000 × 6 % / 12 = 1000.00 of interest, so 199.10 of
/// the payment is principal; Ana puts 480.00 + 240.00 away.
#[tokio::test]
async fn the_first_month_is_what_paper_says() {
    let home = family().await;
    let answer = forecast(&home, "?months=1").await;
    assert_eq!((answer.at("/months/0/total_income"), answer.at("/months/0/change/income")), ("14740.00", "14740.00"));
    assert_eq!(answer.value("/months/0/balances")[home.id("Mortgage")], "199800.90");
    assert_eq!(answer.at("/months/0/expense_by_category/mortgage_interest"), "1000.00");
    assert_eq!(answer.at("/months/0/expense_by_category/groceries"), "650.00");
    // 20,500.00 with the transfer, for cash yields nothing here.
    assert_eq!(answer.value("/months/0/balances")[home.id("Savings")], "20500.00");
}

#[tokio::test]
async fn months_and_detail_choose_a_part_and_csv_is_the_same_as_a_table() {
    let home = family().await;
    let whole = forecast(&home, "?months=24").await;
    let part = forecast(&home, "?months=12").await;
    assert_eq!(months(&part), months(&whole)[..12]);
    let summary = forecast(&home, "?months=24&detail=summary").await;
    for (short, long) in months(&summary).iter().zip(months(&whole)) {
        assert!(BREAKDOWNS.iter().all(|name| short.get(name).is_none()), "{short}");
        assert!(short.as_object().unwrap().iter().all(|(name, value)| *value == long[name]));
    }
    assert!(summary.text().len() < whole.text().len());
    let csv = forecast(&home, "?months=24&format=csv").await;
    assert!(csv.header("content-type").unwrap().starts_with("text/csv"));
    let text = csv.text();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let heading = lines.next().unwrap();
    let rows: Vec<_> = lines.collect();
    assert_eq!((rows.len(), csv.version()), (24, whole.version()));
    for (row, month) in rows.iter().zip(months(&whole)) {
        assert_eq!(row.len(), heading.len());
        for (name, cell) in heading.iter().zip(row) {
            let value = name.strip_prefix("change_").map_or_else(|| month[*name].clone(), |term| month["change"][term].clone());
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let text = if value.is_null() || value == json!([]) { String::new() } else { text };
            assert_eq!(text, *cell, "{name} of month {}", month["month_number"]);
        }
    }
}

#[tokio::test]
async fn a_forecast_is_computed_once_and_then_stored_until_something_changes() {
    let home = family().await;
    let first = forecast(&home, "").await;
    let again = forecast(&home, "").await;
    assert_eq!((first.at("/source"), again.at("/source")), ("computed", "stored"));
    assert_eq!(months(&first), months(&again), "what is stored is what was computed");
    home.patch("/flows/{Groceries}", json!({"amount": "151.00"})).await.expect_status(200);
    let changed = forecast(&home, "").await;
    assert_eq!((changed.at("/source"), changed.version()), ("computed", first.version() + 1));
    assert_ne!(months(&changed)[0], months(&first)[0]);
    let computed = home.post("/scenarios/{baseline}/compute/", json!({})).await.expect_status(200);
    assert_versioned(&computed);
    assert_eq!((computed.events().len(), computed.header("etag")), (0, changed.header("etag")));
    assert_eq!(months(&computed), months(&changed));
}

#[tokio::test]
async fn the_etag_of_a_forecast_names_version_month_and_engine() {
    let home = family().await;
    for query in ["", "?months=6", "?months=6&format=csv", "?detail=summary"] {
        let answer = forecast(&home, query).await;
        let tag = answer.header("etag").unwrap().to_owned();
        let whole = forecast(&home, "").await;
        let (month, engine) = (whole.at("/months/0/date")[..7].to_owned(), whole.at("/engine_version"));
        assert_eq!(tag, format!("\"{}.{month}.{engine}\"", answer.version()));
        let path = format!("/scenarios/{{baseline}}/projections{query}");
        let known = home.get(&path).header("if-none-match", &tag).await.expect_status(304);
        assert_eq!((known.text().as_str(), known.header("etag"), known.version()), ("", Some(tag.as_str()), answer.version()));
        home.get(&path).header("if-none-match", &format!("\"0.{month}.{engine}\"")).await.expect_status(200);
        let head = home.request(reqwest::Method::HEAD, &path).await.expect_status(200);
        assert_eq!((head.text().as_str(), head.header("etag")), ("", Some(tag.as_str())));
    }
    home.patch("/flows/{Groceries}", json!({"amount": "151.00"})).await.expect_status(200);
    let tag = format!("\"{}\"", home.version().await - 1);
    home.get("/scenarios/{baseline}/projections").header("if-none-match", &tag).await.expect_status(200);
}

#[tokio::test]
async fn a_forecast_is_not_older_than_its_reader_asks() {
    let home = family().await;
    let version = home.version().await;
    let path = "/scenarios/{baseline}/projections?months=1";
    home.get(path).header("x-min-version", &version.to_string()).await.expect_status(200);
    let early = home.get(path).header("x-min-version", &(version + 1).to_string()).await;
    assert_problem(&early, 412);
    assert_eq!(early.number_at("/current_version"), i64::try_from(version).unwrap());
    assert_problem(&home.get(path).header("x-min-version", "soon").await, 400);
}

#[tokio::test]
async fn parameters_that_mean_nothing_are_all_refused_at_once() {
    let home = family().await;
    for (query, errors) in [
        ("months=0", vec![("months", "out_of_range")]),
        ("months=601", vec![("months", "out_of_range")]),
        ("months=-1", vec![("months", "out_of_range")]),
        ("months=1.5", vec![("months", "not_an_integer")]),
        ("months=", vec![("months", "not_an_integer")]),
        ("months=99999999999999999999999999999999999999999", vec![("months", "out_of_range")]),
        ("format=xml&detail=all", vec![("format", "unknown_word"), ("detail", "unknown_word")]),
        ("month=12&months=abc", vec![("month", "unknown_field"), ("months", "not_an_integer")]),
        ("months=1&months=2", vec![("months", "repeated_field")]),
    ] {
        let answer = home.get(&format!("/scenarios/{{baseline}}/projections?{query}")).await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors(), errors, "{query}");
    }
}

/// What cannot be projected is refused when it is said, never by a forecast later.
#[tokio::test]
async fn assumptions_are_edited_one_by_one_and_only_to_what_can_be_projected() {
    let home = family().await;
    let before = forecast(&home, "").await;
    let edited =
        home.patch("/scenarios/{baseline}", json!({"investment_return_rate": 0.05, "projection_months": 24})).await.expect_status(200);
    assert_versioned(&edited);
    assert_eq!((edited.at("/investment_return_rate"), edited.at("/inflation_rate"), edited.events().len()), ("0.05", "0.03", 1));
    let after = forecast(&home, "").await;
    assert_eq!(months(&after).len(), 24);
    let growth = |answer: &Answer| cents(answer.value("/months/0/change/investment_growth"));
    assert!(growth(&after) < growth(&before));
    let refused = home
        .patch("/scenarios/{baseline}", json!({"investment_return_rate": "-1", "inflation_rate": "11", "projection_months": 601}))
        .await;
    assert_problem(&refused, 422);
    let fields: Vec<_> = refused.errors().iter().map(|(field, _)| *field).collect();
    assert_eq!(fields, ["projection_months", "inflation_rate", "investment_return_rate"]);
    for rate in ["-0.99", "10"] {
        let rates = json!({"inflation_rate": rate, "investment_return_rate": rate, "salary_growth_rate": "0.1", "cash_yield_rate": "0.05", "property_appreciation_rate": rate});
        home.patch("/scenarios/{baseline}", rates).await.expect_status(200);
        forecast(&home, "").await;
    }
}
