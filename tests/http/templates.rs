//! Life events from HTTP to the projection: listed with the household's own figures, applied to new and existing scenarios.

use serde_json::{Value, json};
use support::Client;

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

/// What the specification names, and the single changes.
const NAMED: [&str; 31] = [
    "new_job",
    "raise",
    "job_loss",
    "side_business",
    "add_income",
    "modify_income",
    "remove_income",
    "relocation",
    "home_purchase",
    "home_sale",
    "new_baby",
    "marriage",
    "divorce",
    "back_to_school",
    "pay_off_student_loans",
    "major_medical_event",
    "hsa",
    "buy_car",
    "inheritance",
    "large_purchase",
    "accelerate_debt",
    "lump_sum_payoff",
    "refinance",
    "take_loan",
    "savings_goal",
    "quarterly_estimates",
    "add_expense",
    "modify_expense",
    "remove_expense",
    "retire",
    "raise_401k_rate",
];

/// The family, and a student loan.
async fn indebted() -> Client {
    let home = family().await;
    let terms = json!({"interest_rate": "0.05", "minimum_payment": "200.00"});
    home.create("accounts", "Loan", json!({"account_type": "student_loan_federal", "current_balance": "12000.00", "liability": terms}))
        .await;
    home
}

fn template<'a>(items: &'a [Value], id: &str) -> &'a Value {
    items.iter().find(|item| item["id"] == id).unwrap_or_else(|| panic!("no {id}"))
}

fn question<'a>(template: &'a Value, key: &str) -> &'a Value {
    template["questions"].as_array().unwrap().iter().find(|question| question["key"] == key).unwrap_or_else(|| panic!("no {key}"))
}

#[tokio::test]
async fn all_life_events_of_the_specification_are_listed_with_the_household_s_own_figures() {
    let home = indebted().await;
    let listed = home.get("/life-event-templates").await.expect_status(200);
    assert_versioned(&listed);
    let items = listed.list_at("/items");
    let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, NAMED);
    for item in items {
        assert_fields(item, &["id", "name", "category", "description", "available", "reason", "effective_date", "questions", "changes"]);
        assert_eq!(item["available"], json!(item["id"] != "marriage"), "{item}");
        for question in item["questions"].as_array().unwrap() {
            assert_fields(
                question,
                &["key", "label", "type", "required", "unit", "minimum", "maximum", "choices", "default", "default_basis"],
            );
        }
    }
    assert_eq!(template(items, "marriage")["reason"], "the household is married already");
    // Ana earns 96,000, Tom 60,000; the flat (150,000) is let for 1,500 a month.
    let new_job = template(items, "new_job");
    let job = question(new_job, "income_id");
    assert_eq!((&job["type"], &job["default"]), (&json!("income"), &json!(home.id("Acme"))));
    assert_eq!(job["choices"].as_array().unwrap().len(), 2);
    assert_eq!(job["choices"][0], json!({"value": home.id("Acme"), "label": "Acme (96,000.00 a year)"}));
    let salary = question(new_job, "gross_annual_salary");
    assert_eq!(
        (&salary["default"], &salary["default_basis"], &salary["unit"]),
        (&json!("105600.00"), &json!("10 % more than now"), &json!("a_year"))
    );
    let change = &new_job["changes"][0];
    assert_eq!(
        (&change["change_type"], &change["source"]["id"], &change["parameters"]["amount"]),
        (&json!("modify_income"), &json!(home.id("Acme")), &json!("105600.00"))
    );
    let housing = home.get("/life-event-templates?category=housing").await.expect_status(200);
    let ids: Vec<&str> = housing.list_at("/items").iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["relocation", "home_purchase", "home_sale"]);
    let one = home.get("/life-event-templates/new_job").await.expect_status(200);
    assert_eq!((one.at("/name"), one.value("/questions")), ("New job", &new_job["questions"]));
    assert_problem(&home.get("/life-event-templates/lottery").await, 404);
    assert_eq!(home.get("/life-event-templates?category=luck").await.errors(), [("category", "unknown_word")]);
}

#[tokio::test]
async fn each_life_event_happens_with_its_defaults_and_is_projected() {
    let home = indebted().await;
    let listed = home.get("/life-event-templates").await.expect_status(200);
    for item in listed.list_at("/items").iter().filter(|item| item["available"] == true) {
        let id = item["id"].as_str().unwrap();
        let applied = home.post(&format!("/life-event-templates/{id}/apply"), json!({})).await.expect_status(201);
        assert_versioned(&applied);
        assert_fields(applied.json(), &["id", "template_id", "scenario", "changes", "description"]);
        let suggested = item["changes"].as_array().unwrap();
        let expected: Vec<&str> = ["scenario.created"].into_iter().chain(suggested.iter().map(|_| "scenario_change.added")).collect();
        assert_eq!(applied.events(), expected, "{id}");
        let changes = applied.list_at("/changes");
        assert_eq!(changes.len(), suggested.len(), "{id}");
        for (made, suggested) in changes.iter().zip(suggested) {
            for field in ["change_type", "name", "effective_date", "source", "parameters"] {
                assert_eq!(made[field], suggested[field], "{id}: {field}");
            }
        }
        home.name("made", applied.at("/id"));
        assert_eq!(applied.header("location").unwrap(), format!("/api/v1/scenarios/{}", applied.at("/id")));
        assert_eq!(applied.at("/scenario/name"), item["name"].as_str().unwrap());
        let described = home.get("/scenarios/{made}/description").await.expect_status(200);
        let lines: Vec<&Value> = described.list_at("/lines").iter().map(|line| &line["line"]).collect();
        assert_eq!(applied.list_at("/description").iter().collect::<Vec<_>>(), lines, "{id}");
        assert!(!lines.is_empty(), "{id}");
        let projected = home.get("/scenarios/{made}/projections?months=24").await.expect_status(200);
        assert_eq!(projected.list_at("/months").len(), 24, "{id}");
    }
}

#[tokio::test]
async fn what_a_life_event_does_is_seen_in_the_projection() {
    let home = family().await;
    let still = json!({"start_date": "2030-01-01", "projection_months": 12, "inflation_rate": "0", "investment_return_rate": "0",
                       "salary_growth_rate": "0", "property_appreciation_rate": "0"});
    home.create("scenarios", "What if", still).await;
    let before = home.get("/scenarios/{What if}/projections").await.expect_status(200);
    let told =
        json!({"scenario_id": "{What if}", "effective_date": "2030-03-01", "answers": {"income_id": "{Acme}", "raise_rate": "0.25"}});
    let raised = home.post("/life-event-templates/raise/apply", told).await.expect_status(201);
    assert_eq!((raised.events(), raised.at("/id")), (vec!["scenario_change.added"], home.id("What if").as_str()));
    assert_eq!(raised.list_at("/description"), [json!("From March 2030: Acme becomes 120,000.00 a year")]);
    let after = home.get("/scenarios/{What if}/projections").await.expect_status(200);
    let salary = |answer: &support::Answer, month: usize| answer.at(&format!("/months/{month}/income_by_category/salary")).to_owned();
    // 96,000 / 12 becomes 120,000 / 12 in March, and the employer matches half of the 6 % that is put aside.
    assert_eq!([1, 2].map(|month| salary(&before, month)), ["8240.00", "8240.00"]);
    assert_eq!([1, 2].map(|month| salary(&after, month)), ["8240.00", "10300.00"]);
    // A second one stands behind the first.
    let more =
        home.post("/life-event-templates/large_purchase/apply", json!({"scenario_id": "{What if}", "answers": {"amount": 999}})).await;
    assert_eq!(more.expect_status(201).at("/changes/0/effective_date"), "2030-01-01", "the plan begins later than next month");
    assert_eq!(home.get("/scenarios/{What if}/changes").await.list_at("/items").len(), 2);
}

#[tokio::test]
async fn what_is_wrong_with_answers_is_said_by_their_keys_and_nothing_is_made() {
    let home = family().await;
    home.create("scenarios", "Put away", json!({})).await;
    home.post("/scenarios/{Put away}/archive", json!({})).await.expect_status(200);
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    let version = home.version().await;
    for (template, body, errors) in [
        (
            "raise",
            json!({"answers": {"income_id": "{Checking}", "raise_rate": "much"}}),
            vec![("answers.income_id", "not_allowed_here"), ("answers.raise_rate", "not_a_rate")],
        ),
        ("raise", json!({"answers": {"raise_rate": [1], "colour": "red"}}), vec![("answers.raise_rate", "wrong_type")]),
        (
            "raise",
            json!({"answers": {"colour": "red", "raise_rate": null}}),
            vec![("answers.colour", "unknown_field"), ("answers.raise_rate", "null")],
        ),
        ("raise", json!({"effective_date": "2020-01-01"}), vec![("effective_date", "outside_horizon")]),
        ("raise", json!({"new_scenario": {}, "scenario_id": "{Put away}"}), vec![("new_scenario", "not_allowed_here")]),
        (
            "raise",
            json!({"new_scenario": {"parent_id": "{Checking}"}, "answers": {"raise_rate": 7}}),
            vec![("answers.raise_rate", "out_of_range"), ("new_scenario.parent_id", "unknown_scenario")],
        ),
        ("marriage", json!({}), vec![("template_id", "not_allowed_here")]),
        ("pay_off_student_loans", json!({}), vec![("answers.account_id", "missing"), ("template_id", "not_allowed_here")]),
        (
            "home_purchase",
            json!({"answers": {"price": "100000", "down_payment": "200000"}}),
            vec![("answers.down_payment", "not_allowed_here")],
        ),
    ] {
        let refused = home.post(&format!("/life-event-templates/{template}/apply"), body).await;
        assert_problem(&refused, 422);
        let mut said = refused.errors();
        said.sort_unstable();
        assert_eq!(said, errors, "{refused}");
    }
    assert_problem(&home.post("/life-event-templates/raise/apply", json!({"scenario_id": "{Put away}"})).await, 409);
    assert_problem(&home.post("/life-event-templates/raise/apply", json!({"scenario_id": "{baseline}"})).await, 409);
    assert_problem(&home.post("/life-event-templates/raise/apply", json!({"scenario_id": "{Checking}"})).await, 404);
    assert_problem(&home.post("/life-event-templates/lottery/apply", json!({})).await, 404);
    assert_eq!(home.version().await, version);
}

#[tokio::test]
async fn a_new_scenario_is_told_as_any_other_and_the_same_key_makes_it_once() {
    let home = family().await;
    home.create("scenarios", "Move", json!({"projection_months": 36})).await;
    let told = json!({"new_scenario": {"name": "Baby in town", "parent_id": "{Move}", "description": "Two things at once"}});
    let first = home.post("/life-event-templates/new_baby/apply", told.clone()).idempotency_key("baby").await.expect_status(201);
    for (field, value) in [
        ("name", json!("Baby in town")),
        ("parent_id", json!(home.id("Move"))),
        ("description", json!("Two things at once")),
        ("projection_months", json!(36)),
    ] {
        assert_eq!(first.json()["scenario"][field], value, "{field}");
    }
    let again = home.post("/life-event-templates/new_baby/apply", told).idempotency_key("baby").await.expect_status(201);
    assert_eq!((again.at("/id"), again.version()), (first.at("/id"), first.version()));
    assert_eq!(home.get("/scenarios").await.list_at("/items").len(), 3);
    // Childcare for 57 months outlasts a plan of 36: it holds to the end, and says so.
    let care = first.list_at("/changes").iter().find(|change| change["name"] == "Childcare").unwrap();
    assert_eq!(care["end_date"], Value::Null);
    assert!(care["notes"].as_str().unwrap().contains("beyond the end of the plan"), "{care}");
}
