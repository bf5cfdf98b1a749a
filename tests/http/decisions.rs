//! Decisions from the first draft to what they come to.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

const TEMPLATES: [&str; 10] = [
    "increase_income",
    "add_expense",
    "one_time_expense",
    "pay_off_debt",
    "refinance",
    "new_debt",
    "change_401k",
    "change_hsa",
    "quarterly_estimates",
    "start_saving",
];

async fn draft(home: &Client, template: &str, more: Value) -> Answer {
    let mut body = more;
    body["template_id"] = json!(template);
    let made = home.post("/decisions/runs", body).await.expect_status(201);
    home.name("run", made.at("/id"));
    made
}

/// Amounts in cents, so that they can be added up.
fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

#[tokio::test]
async fn every_decision_of_the_specification_has_a_form_in_steps() {
    let home = family().await;
    let listed = home.get("/decisions/templates").await.expect_status(200);
    assert_versioned(&listed);
    let items = listed.list_at("/items");
    assert_eq!(items.iter().map(|item| item["id"].as_str().unwrap()).collect::<Vec<_>>(), TEMPLATES);
    for item in items {
        assert_fields(item, &["id", "name", "description", "template_id", "available", "reason", "effective_date", "steps"]);
        let steps = item["steps"].as_array().unwrap();
        assert!(!steps.is_empty() && steps.iter().all(|step| !step["fields"].as_array().unwrap().is_empty()), "{item}");
        assert_eq!(home.get(&format!("/decisions/templates/{}", item["id"].as_str().unwrap())).await.value("/steps"), &item["steps"]);
    }
    let refinance = items.iter().find(|item| item["id"] == "refinance").unwrap();
    let titles: Vec<&str> = refinance["steps"].as_array().unwrap().iter().map(|step| step["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["The loan", "The new terms"]);
    let loan = &refinance["steps"][0]["fields"][0];
    assert_eq!((&loan["type"], &loan["default"]), (&json!("account"), &json!(home.id("Mortgage"))));
    assert_eq!(loan["choices"], json!([{"value": home.id("Mortgage"), "label": "Mortgage (200,000.00 at 6 %)"}]));
    assert_problem(&home.get("/decisions/templates/lottery").await, 404);
}

#[tokio::test]
async fn a_draft_is_answered_step_by_step_and_kept() {
    let home = family().await;
    let made = draft(&home, "increase_income", json!({"name": "Ask for more"})).await;
    assert_versioned(&made);
    assert_eq!((made.events(), made.at("/status"), made.value("/ready")), (vec!["decision.drafted"], "draft", &json!(true)));
    assert_eq!((made.value("/answers"), made.value("/comparison")), (&json!({}), &Value::Null));
    let answered = home.patch("/decisions/runs/{run}", json!({"answers": {"raise_rate": 0.10}, "effective_date": "2030-01-01"})).await;
    let answered = answered.expect_status(200);
    assert_eq!((answered.events(), answered.value("/answers")), (vec!["decision.changed"], &json!({"raise_rate": "0.1"})));
    let more = home.patch("/decisions/runs/{run}", json!({"answers": {"income_id": "{Shop}"}})).await.expect_status(200);
    assert_eq!(more.value("/answers"), &json!({"raise_rate": "0.1", "income_id": home.id("Shop")}));
    let same = home.patch("/decisions/runs/{run}", json!({"answers": {"raise_rate": "0.100"}})).await.expect_status(200);
    assert_eq!((same.version(), same.events().len()), (more.version(), 0));
    // Null takes an answer back.
    let back = home.patch("/decisions/runs/{run}", json!({"answers": {"income_id": null}, "name": null})).await.expect_status(200);
    assert_eq!((back.value("/answers"), back.value("/name")), (&json!({"raise_rate": "0.1"}), &Value::Null));
    let shown = home.get("/decisions/runs/{run}").await.expect_status(200);
    for field in ["template_id", "name", "status", "answers", "effective_date", "missing", "steps", "takeaways"] {
        assert_eq!(shown.json()[field], back.json()[field], "{field}");
    }
    let listed = home.get("/decisions/runs").await.expect_status(200);
    assert_eq!(listed.list_at("/items").len(), 1);
    let gone = home.delete("/decisions/runs/{run}").await.expect_status(200);
    assert_eq!(gone.events(), ["decision.removed"]);
    for refused in [
        home.get("/decisions/runs/{run}").await,
        home.patch("/decisions/runs/{run}", json!({})).await,
        home.post("/decisions/runs/{run}/complete", json!({})).await,
    ] {
        assert_problem(&refused, 404);
    }
}

#[tokio::test]
async fn a_decision_becomes_a_scenario_and_its_difference_adds_up() {
    let home = family().await;
    draft(&home, "increase_income", json!({"answers": {"raise_rate": "0.25"}})).await;
    let made = home.post("/decisions/runs/{run}/complete", json!({})).await.expect_status(200);
    assert_eq!(made.events(), ["scenario.created", "scenario_change.added", "decision.completed"]);
    assert_eq!(made.at("/status"), "completed");
    home.name("made", made.at("/scenario_id"));
    let described = home.get("/scenarios/{made}/description").await.expect_status(200);
    assert!(described.at("/text").ends_with("Acme becomes 120,000.00 a year"), "{described}");

    // What is said is what the projections say.
    let comparison = made.value("/comparison");
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    for (side, scenario) in [("base", "baseline"), ("decided", "made")] {
        let projection = home.get(&format!("/scenarios/{{{scenario}}}/projections")).await.expect_status(200);
        let months = projection.list_at("/months");
        assert_eq!(comparison["months"], json!(months.len()));
        assert_eq!(comparison[side]["final_net_worth"], months.last().unwrap()["net_worth"], "{side}");
        let taxes: i64 = months.iter().map(|month| cents(&month["total_taxes"])).sum();
        assert_eq!(cents(&comparison[side]["total_taxes"]), taxes, "{side}");
        let least = months.iter().map(|month| cents(&month["liquid_assets"])).min().unwrap();
        assert_eq!(cents(&comparison[side]["minimum_liquid_assets"]), least, "{side}");
    }
    let difference = cents(&comparison["decided"]["final_net_worth"]) - cents(&comparison["base"]["final_net_worth"]);
    let terms: i64 = comparison["by_term"].as_object().unwrap().values().map(cents).sum();
    assert!(difference > 0);
    assert_eq!((cents(&comparison["difference"]), terms), (difference, difference));
    assert_eq!(comparison["unattributed"], "0.00");
    let first = made.list_at("/takeaways")[0].as_str().unwrap();
    assert!(first.starts_with("After 120 months, net worth is ") && first.contains("higher than without the decision"), "{first}");

    // It is said again whenever it is asked for, and nothing more can be decided.
    let shown = home.get("/decisions/runs/{run}").await.expect_status(200);
    assert_eq!((shown.value("/comparison"), shown.value("/takeaways")), (comparison, made.value("/takeaways")));
    assert_problem(&home.patch("/decisions/runs/{run}", json!({"name": "x"})).await, 409);
    assert_problem(&home.post("/decisions/runs/{run}/complete", json!({})).await, 409);
    // Without its scenario there is nothing to compare.
    home.delete("/scenarios/{made}").await.expect_status(200);
    assert_eq!(home.get("/decisions/runs/{run}").await.expect_status(200).value("/comparison"), &Value::Null);
}

#[tokio::test]
async fn each_decision_can_be_made_with_its_defaults() {
    let home = family().await;
    for template in TEMPLATES {
        draft(&home, template, json!({})).await;
        let made = home.post("/decisions/runs/{run}/complete", json!({})).await.expect_status(200);
        assert_eq!(made.value("/comparison/unattributed"), "0.00", "{template}");
        assert!(!made.list_at("/takeaways").is_empty(), "{template}");
    }
    assert_eq!(home.get("/decisions/runs").await.list_at("/items").len(), TEMPLATES.len());
}

#[tokio::test]
async fn a_decision_on_top_of_another_scenario_inherits_from_it() {
    let home = family().await;
    home.create("scenarios", "Move", json!({"projection_months": 36})).await;
    draft(&home, "one_time_expense", json!({"base_scenario_id": "{Move}", "answers": {"amount": "1000"}})).await;
    let made = home.post("/decisions/runs/{run}/complete", json!({})).await.expect_status(200);
    home.name("made", made.at("/scenario_id"));
    assert_eq!(home.get("/scenarios/{made}").await.at("/parent_id"), home.id("Move"));
    assert_eq!((made.at("/comparison/base/scenario_id"), made.number_at("/comparison/months")), (home.id("Move").as_str(), 36));
    assert!(cents(made.value("/comparison/difference")) <= -100_000, "what is spent is gone, and what it would have grown");
}

#[tokio::test]
async fn what_is_wrong_with_a_draft_is_said_by_its_keys() {
    let home = family().await;
    let version = home.version().await;
    for (body, errors) in [
        (json!({}), vec![("template_id", "missing")]),
        (json!({"template_id": "lottery"}), vec![("template_id", "unknown_word")]),
        (
            json!({"template_id": "refinance", "answers": {"rate": 2, "account_id": "{Card}", "colour": "red"}}),
            vec![("answers.account_id", "not_allowed_here"), ("answers.colour", "unknown_field"), ("answers.rate", "out_of_range")],
        ),
        (
            json!({"template_id": "refinance", "base_scenario_id": "{Card}", "effective_date": "2001-01-01"}),
            vec![("base_scenario_id", "unknown_scenario"), ("effective_date", "outside_horizon")],
        ),
    ] {
        let refused = home.post("/decisions/runs", body).await;
        assert_problem(&refused, 422);
        let mut said = refused.errors();
        said.sort_unstable();
        assert_eq!(said, errors, "{refused}");
    }
    assert_eq!(home.version().await, version);
    // What held when it was answered may hold no longer.
    draft(&home, "increase_income", json!({"answers": {"income_id": "{Shop}"}})).await;
    home.delete("/income-sources/{Shop}").await.expect_status(200);
    let shown = home.get("/decisions/runs/{run}").await.expect_status(200);
    assert_eq!((shown.value("/ready"), shown.at("/problems/0/field")), (&json!(false), "answers.income_id"));
    let refused = home.post("/decisions/runs/{run}/complete", json!({})).await;
    assert_problem(&refused, 422);
    assert_eq!(refused.errors(), [("answers.income_id", "not_allowed_here")]);
}
