//! Scenarios side by side: every figure of a comparison is recomputed here from the rows that the scenarios' projections answer.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

const TERMS: &[&str] = &["income", "taxes", "spending", "investment_growth", "appreciation", "interest_and_fees", "one_off"];

fn cents(amount: &Value) -> i64 {
    let text = amount.as_str().unwrap_or_else(|| panic!("{amount} is no amount"));
    text.replace('.', "").parse().unwrap()
}

async fn compared(home: &Client, body: Value) -> Answer {
    let version = home.version().await;
    let answer = home.post("/scenarios/compare", body).await.expect_status(200);
    assert_versioned(&answer);
    assert_eq!(answer.version(), version, "nothing has changed");
    answer
}

async fn add(home: &Client, scenario: &str, name: &str, change_type: &str, source: Value, parameters: Value) {
    let mut change = json!({"change_type": change_type, "name": name, "effective_date": "2030-01-01", "parameters": parameters});
    if !source.is_null() {
        change["source"] = source;
    }
    let added = home.post(&format!("/scenarios/{{{scenario}}}/changes"), change).await.expect_status(201);
    home.name(name, added.at("/id"));
}

/// A family with two plans beside its baseline: `{Career}` with a raise, and `{Sea}`, which inherits it and moves.
async fn planning() -> Client {
    let home = family().await;
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    home.create("scenarios", "Career", json!({})).await;
    let job = json!({"type": "income", "id": "{Acme}"});
    add(&home, "Career", "Raise", "modify_income", job, json!({"amount": "108000.00", "frequency": "annually"})).await;
    home.create("scenarios", "Sea", json!({"parent_id": "{Career}", "projection_months": 84})).await;
    let (nothing, monthly) = (Value::Null, "monthly");
    let rent = json!({"amount": "2500.00", "frequency": monthly, "category": "rent"});
    add(&home, "Sea", "Rent by the sea", "add_expense", nothing.clone(), rent).await;
    let boat = json!({"principal": "40000.00", "rate": "0.08", "term_months": 60, "account_type": "boat_loan"});
    add(&home, "Sea", "A boat", "add_debt", nothing.clone(), boat).await;
    let stall = json!({"amount": "900.00", "frequency": monthly, "category": "other_income", "tax_treatment": "untaxed"});
    add(&home, "Sea", "A stall", "add_income", nothing, stall).await;
    let house = json!({"type": "account", "id": "{House}"});
    add(&home, "Sea", "Sell the house", "sell_asset", house, json!({"sale_price": "360000.00", "pay_off_account_id": "{Mortgage}"})).await;
    home
}

/// What a comparison says of two scenarios is what their own rows say, from the row with the date of the first month on.
async fn check(home: &Client, answer: &Answer, index: usize) {
    let difference = answer.value(&format!("/differences/{index}"));
    let first = answer.at("/start_month");
    let mut sides = Vec::new();
    for side in ["from", "to"] {
        let id = difference[side].as_str().unwrap();
        let horizon = home.get(&format!("/scenarios/{id}/projections?months=600")).await.expect_status(200);
        let rows = horizon.list_at("/months").to_vec();
        let begins = rows.iter().position(|row| row["date"].as_str().unwrap().starts_with(first)).unwrap();
        let opening = if begins == 0 { horizon.value("/opening").clone() } else { rows[begins - 1].clone() };
        let months = usize::try_from(answer.number_at("/months")).unwrap();
        sides.push((opening, rows[begins..begins + months].to_vec()));
        let item = answer.list_at("/items").iter().find(|item| item["scenario_id"] == id).unwrap();
        check_item(item, sides.last().unwrap());
    }
    let [(opening_from, from), (opening_to, to)] = [&sides[0], &sides[1]];
    let term = |rows: &[Value], term: &str| rows.iter().map(|row| cents(&row["change"][term])).sum::<i64>();
    let last = |rows: &[Value]| cents(&rows.last().unwrap()["net_worth"]);
    assert_eq!(cents(&difference["total"]), last(to) - last(from));
    let opened = cents(&opening_to["net_worth"]) - cents(&opening_from["net_worth"]);
    assert_eq!(difference["by_term"].get("opening").map_or(0, cents), opened);
    for name in TERMS {
        assert_eq!(cents(&difference["by_term"][name]), term(to, name) - term(from, name), "{name}");
    }
    let by_term = difference["by_term"].as_object().unwrap();
    assert_eq!(by_term.values().map(cents).sum::<i64>(), cents(&difference["total"]));
    assert_eq!(difference["unattributed"], "0.00");
    for (name, causes) in difference["terms"].as_object().unwrap() {
        let causes = causes.as_array().unwrap();
        assert_eq!(causes.iter().map(|cause| cents(&cause["amount"])).sum::<i64>(), cents(&by_term[name]), "{name}");
        for cause in causes {
            assert_eq!(cents(&cause["amount"]), cents(&cause["to_amount"]) - cents(&cause["from_amount"]));
            assert!(cause["cause"]["name"].is_string(), "{cause}");
        }
    }
    check_months(difference, from, to);
}

fn check_months(difference: &Value, from: &[Value], to: &[Value]) {
    let months = difference["months"].as_array().unwrap();
    assert_eq!(months.len(), to.len());
    for ((month, from), to) in months.iter().zip(from).zip(to) {
        assert_eq!((&month["date"], &month["date"]), (&from["date"], &to["date"]));
        for figure in ["net_worth", "liquid_assets"] {
            assert_eq!(cents(&month[figure]), cents(&to[figure]) - cents(&from[figure]), "{figure} of {}", month["date"]);
        }
        for term in TERMS {
            assert_eq!(cents(&month["change"][term]), cents(&to["change"][term]) - cents(&from["change"][term]));
        }
    }
}

fn check_item(item: &Value, (opening, rows): &(Value, Vec<Value>)) {
    let last = rows.last().unwrap();
    for (figure, of_row) in [
        ("final_net_worth", "net_worth"),
        ("final_liquid_assets", "liquid_assets"),
        ("final_retirement_assets", "retirement_assets"),
        ("final_liabilities", "total_liabilities"),
    ] {
        assert_eq!(item[figure], last[of_row], "{figure}");
    }
    assert_eq!(item["opening_net_worth"], opening["net_worth"]);
    for figure in ["total_income", "total_taxes", "total_expenses"] {
        assert_eq!(cents(&item[figure]), rows.iter().map(|row| cents(&row[figure])).sum::<i64>(), "{figure}");
    }
    let interest: i64 = rows.iter().map(|row| -cents(&row["change"]["interest_and_fees"])).sum();
    assert_eq!(cents(&item["total_interest_and_fees"]), interest);
    let least = rows.iter().min_by_key(|row| cents(&row["liquid_assets"])).unwrap();
    assert_eq!((&item["minimum_liquid_assets"], &item["minimum_liquid_date"]), (&least["liquid_assets"], &least["date"]));
    let short = rows.iter().find(|row| row["flags"].as_array().unwrap().contains(&json!("shortfall")));
    assert_eq!(item["first_shortfall"].get("date"), short.map(|row| &row["date"]));
    let owing = rows.iter().rposition(|row| cents(&row["total_liabilities"]) > 0).map_or(0, |last| last + 1);
    let free = rows.get(owing).map_or(Value::Null, |row| json!(row["date"].as_str().unwrap()[..7]));
    assert_eq!(item["debt_free_month"], free);
}

/// What a term comes from: kind, name and amount of each cause.
fn causes<'a>(difference: &'a Value, term: &str) -> Vec<(&'a str, &'a str)> {
    let causes = difference["terms"][term].as_array().unwrap();
    causes.iter().map(|cause| (cause["cause"]["type"].as_str().unwrap(), cause["cause"]["name"].as_str().unwrap())).collect()
}

#[tokio::test]
async fn every_figure_of_a_comparison_follows_from_the_rows_of_the_scenarios() {
    let home = planning().await;
    let ids = json!(["{baseline}", "{Career}", "{Sea}"]);
    let answer = compared(&home, json!({"scenario_ids": ids})).await;
    assert_eq!(answer.number_at("/months"), 84, "as far as the one that goes least far");
    let named: Vec<&str> = answer.list_at("/items").iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(named[1..], ["Career", "Sea"]);
    assert_fields(
        answer.value("/items/0"),
        &["scenario_id", "final_net_worth", "minimum_liquid_assets", "first_shortfall", "debt_free_month"],
    );
    assert_eq!(answer.list_at("/differences").len(), 2);
    for index in [0, 1] {
        check(&home, &answer, index).await;
        assert_eq!(answer.at(&format!("/differences/{index}/from")), home.id("baseline"), "all are compared with the first");
        assert!(answer.value(&format!("/differences/{index}/by_term")).get("opening").is_none(), "they begin alike");
    }
    let longer = compared(&home, json!({"scenario_ids": ["{Sea}", "{Career}"], "months": 240})).await;
    assert_eq!(longer.number_at("/months"), 240);
    check(&home, &longer, 0).await;
}

#[tokio::test]
async fn each_term_is_opened_down_to_the_income_account_or_change_that_it_comes_from() {
    let home = planning().await;
    let answer = compared(&home, json!({"scenario_ids": ["{baseline}", "{Career}", "{Sea}"]})).await;
    let career = answer.value("/differences/0");
    // Paid at once by Acme; what it puts into the 401(k) grows with it.
    assert_eq!(causes(career, "income"), [("income", "Acme")]);
    assert_eq!(career["terms"]["income"][0]["changed_by"], json!([home.id("Raise")]));
    assert_eq!(career["terms"]["income"][0]["cause"]["id"], home.id("Acme").as_str());
    assert_eq!(causes(career, "investment_growth"), [("account", "Ana's 401(k)")]);
    for nothing in ["spending", "appreciation", "interest_and_fees", "one_off"] {
        assert_eq!(career["terms"][nothing], json!([]), "{nothing}");
    }
    let sea = answer.value("/differences/1");
    let mut earned = causes(sea, "income");
    earned.sort_unstable();
    assert_eq!(earned, [("change", "A stall"), ("income", "Acme")]);
    assert_eq!(causes(sea, "one_off"), [("change", "A boat")]);
    let spent = causes(sea, "spending");
    assert!(spent.contains(&("change", "Rent by the sea")), "{spent:?}");
    let interest = causes(sea, "interest_and_fees");
    assert!(interest.contains(&("change", "A boat")) && interest.contains(&("account", "Mortgage")), "{interest:?}");
    // 84 months, of which it holds from January 2030 on: the house no longer gains, and sold for more or less than it was worth.
    let mut worth = causes(sea, "appreciation");
    worth.sort_unstable();
    assert_eq!(worth, [("account", "House"), ("change", "Sell the house")]);
    let mortgage = sea["terms"]["interest_and_fees"].as_array().unwrap().iter().find(|cause| cause["cause"]["name"] == "Mortgage");
    assert_eq!(mortgage.unwrap()["changed_by"], json!([home.id("Sell the house")]), "it names the mortgage");
    let back = compared(&home, json!({"scenario_ids": ["{Career}", "{baseline}"], "months": 84})).await;
    assert_eq!(cents(back.value("/differences/0/total")), -cents(&career["total"]), "the other way round");
}

#[tokio::test]
async fn what_a_pinned_baseline_opens_with_otherwise_is_a_part_of_its_own() {
    let home = planning().await;
    home.post("/scenarios/baseline", json!({"action": "pin"})).await.expect_status(200);
    home.post("/accounts/{Savings}", json!({"current_balance": "23500.00"})).await.expect_status(200);
    home.post("/accounts/{Card}", json!({"current_balance": "3350.00"})).await.expect_status(200);
    home.create("scenarios", "Today", json!({})).await;
    let answer = compared(&home, json!({"scenario_ids": ["{baseline}", "{Today}"], "months": 24})).await;
    check(&home, &answer, 0).await;
    // 3,500 more saved, 1,000 more owed.
    assert_eq!(answer.at("/differences/0/by_term/opening"), "2500.00");
    let opening = answer.list_at("/differences/0/terms/opening");
    let told: Vec<_> = opening.iter().map(|cause| (cause["cause"]["name"].as_str().unwrap(), cause["amount"].as_str().unwrap())).collect();
    assert_eq!(told, [("Savings", "3500.00"), ("Card", "-1000.00")]);
    assert_eq!(opening[1]["from_amount"], "-2350.00");
}

#[tokio::test]
async fn scenarios_that_begin_apart_are_compared_over_the_months_of_both() {
    let home = planning().await;
    home.create("scenarios", "Early", json!({"start_date": "2026-02-01", "projection_months": 100})).await;
    home.post("/scenarios/{Early}/archive", json!({})).await.expect_status(200);
    let answer = compared(&home, json!({"scenario_ids": ["{Early}", "{Career}"]})).await;
    let forecast = home.get("/scenarios/{Career}/projections").await;
    assert_eq!(answer.at("/start_month"), forecast.at("/start_month"), "that of the later one");
    assert_eq!(answer.at("/end_date"), "2034-05-31", "100 months from February 2026 on");
    check(&home, &answer, 0).await;
    assert!(answer.value("/differences/0/by_term").get("opening").is_some(), "what happened before is in what it opens with");
}

#[tokio::test]
async fn what_cannot_be_compared_is_refused_with_its_fields() {
    let home = planning().await;
    home.create("scenarios", "Over", json!({"start_date": "2026-01-01", "projection_months": 2})).await;
    let unknown = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (body, errors) in [
        (json!({}), vec![("scenario_ids", "missing")]),
        (json!({"scenario_ids": "{Sea}", "months": 0}), vec![("months", "out_of_range"), ("scenario_ids", "wrong_type")]),
        (json!({"scenario_ids": []}), vec![("scenario_ids", "too_few")]),
        (json!({"scenario_ids": ["{Sea}"]}), vec![("scenario_ids", "too_few")]),
        (json!({"scenario_ids": ["{Sea}", "x"]}), vec![("scenario_ids[1]", "not_an_id")]),
        (json!({"scenario_ids": ["{Sea}", "{Career}", "{Sea}"]}), vec![("scenario_ids[2]", "repeated")]),
        (json!({"scenario_ids": ["{Sea}", "{Career}", "{baseline}", "{Over}", unknown]}), vec![("scenario_ids", "too_many")]),
        (
            json!({"scenario_ids": [unknown, "{Career}", "01890a5d-ac96-774b-bcce-b302099a8058"]}),
            vec![("scenario_ids[0]", "unknown_scenario"), ("scenario_ids[2]", "unknown_scenario")],
        ),
        (json!({"scenario_ids": ["{Career}", "{Over}"]}), vec![("scenario_ids", "no_common_month")]),
        (json!({"scenario_ids": ["{Career}", "{Over}"], "months": 600}), vec![("months", "out_of_range")]),
        (json!({"scenario_ids": ["{Career}", "{Sea}"], "months": 601}), vec![("months", "out_of_range")]),
    ] {
        let refused = home.post("/scenarios/compare", body).await;
        assert_problem(&refused, 422);
        let mut said = refused.errors();
        said.sort_unstable();
        assert_eq!(said, errors, "{refused}");
    }
}
