//! What if: scenarios, what they do differently, and what comes of it, from HTTP to the projection and back.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_fields, assert_problem, assert_versioned, family};

const SCENARIO: &[&str] = &[
    "id",
    "name",
    "description",
    "is_baseline",
    "mode",
    "parent_id",
    "start_date",
    "projection_months",
    "inflation_rate",
    "investment_return_rate",
    "salary_growth_rate",
    "settle_taxes",
    "archived",
];
const CHANGE: &[&str] =
    &["id", "scenario_id", "change_type", "name", "effective_date", "end_date", "enabled", "order", "notes", "source", "parameters"];

/// A family with a scenario `{What if}`, in a world without growth that starts on 1 January 2026, for 24 months.
pub async fn wondering() -> Client {
    let home = family().await;
    home.create("scenarios", "What if", still("2026-01-01")).await;
    home
}

fn still(start: &str) -> Value {
    json!({"start_date": start, "projection_months": 24, "inflation_rate": "0", "investment_return_rate": "0", "salary_growth_rate": "0",
           "property_appreciation_rate": "0"})
}

fn expense(name: &str, from: &str, amount: &str) -> Value {
    json!({"change_type": "add_expense", "name": name, "effective_date": from,
           "parameters": {"amount": amount, "frequency": "monthly", "category": "childcare"}})
}

pub async fn add(home: &Client, scenario: &str, change: Value) -> Answer {
    let name = change["name"].as_str().unwrap().to_owned();
    let added = home.post(&format!("/scenarios/{{{scenario}}}/changes"), change).await.expect_status(201);
    home.name(&name, added.at("/id"));
    added
}

pub async fn months(home: &Client, scenario: &str) -> Vec<Value> {
    let answer = home.get(&format!("/scenarios/{{{scenario}}}/projections")).await.expect_status(200);
    assert_eq!(answer.number_at("/household_version"), i64::try_from(answer.version()).unwrap());
    answer.list_at("/months").to_vec()
}

pub fn figures<'a>(months: &'a [Value], figure: &str) -> Vec<&'a str> {
    months.iter().map(|month| month.pointer(figure).and_then(Value::as_str).unwrap_or("0.00")).collect()
}

#[tokio::test]
async fn a_change_has_its_effect_at_once_in_its_scenario_and_nowhere_else() {
    let home = wondering().await;
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    let (before, baseline) = (months(&home, "What if").await, months(&home, "baseline").await);
    let added = add(&home, "What if", crate::family::with(expense("Childcare", "2026-03-01", "700.00"), "end_date", "2026-04-30")).await;
    assert_versioned(&added);
    assert_fields(added.json(), CHANGE);
    assert_eq!(added.events(), ["scenario_change.added"]);
    let after = months(&home, "What if").await;
    let spent =
        |months: &[Value]| figures(months, "/expense_by_category/childcare")[..5].iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    assert_eq!(spent(&before), ["0.00"; 5]);
    assert_eq!(spent(&after), ["0.00", "0.00", "700.00", "700.00", "0.00"]);
    assert_eq!(months(&home, "baseline").await, baseline, "the baseline is as it was");

    home.patch("/scenarios/{What if}/changes/{Childcare}", json!({"enabled": false})).await.expect_status(200);
    assert_eq!(months(&home, "What if").await, before, "a disabled change is as if it were not there");
    let changed = home.patch("/scenarios/{What if}/changes/{Childcare}", json!({"enabled": true, "parameters": {"amount": "100"}})).await;
    assert_eq!(
        changed.expect_status(200).value("/parameters"),
        &json!({"amount": "100.00", "frequency": "monthly", "category": "childcare"})
    );
    assert_eq!(spent(&months(&home, "What if").await), ["0.00", "0.00", "100.00", "100.00", "0.00"]);
    let gone = home.delete("/scenarios/{What if}/changes/{Childcare}").await.expect_status(200);
    assert_eq!(gone.events(), ["scenario_change.removed"]);
    assert_eq!(months(&home, "What if").await, before);
    assert_problem(&home.get("/scenarios/{What if}/changes/{Childcare}").await, 404);
}

#[tokio::test]
async fn a_scenario_is_made_shown_changed_put_away_and_removed() {
    let home = family().await;
    let made =
        home.create("scenarios", "Move", json!({"description": "To the sea", "projection_months": 36, "inflation_rate": "0.02"})).await;
    assert_versioned(&made);
    assert_eq!(made.events(), ["scenario.created"]);
    let shown = home.get("/scenarios/{Move}").await.expect_status(200);
    assert_fields(shown.json(), SCENARIO);
    for (field, value) in [
        ("description", json!("To the sea")),
        ("is_baseline", json!(false)),
        ("projection_months", json!(36)),
        ("inflation_rate", json!("0.02")),
        ("investment_return_rate", json!("0.07")),
        ("parent_id", Value::Null),
    ] {
        assert_eq!(shown.json()[field], value, "{field}");
    }
    let listed = home.get("/scenarios").await.expect_status(200);
    assert_eq!(listed.list_at("/items").len(), 2);
    let changed = home.patch("/scenarios/{Move}", json!({"name": "Move out", "description": null})).await.expect_status(200);
    assert_eq!((changed.at("/name"), changed.value("/description")), ("Move out", &Value::Null));

    let archived = home.post("/scenarios/{Move}/archive", json!({})).await.expect_status(200);
    assert_eq!((archived.events(), archived.value("/archived")), (vec!["scenario.archived"], &json!(true)));
    assert!(home.post("/scenarios/{Move}/archive", json!({})).await.expect_status(200).events().is_empty());
    assert_eq!(home.get("/scenarios").await.list_at("/items").len(), 1, "it is out of sight");
    assert_eq!(home.get("/scenarios?archived=true").await.list_at("/items").len(), 1);
    home.get("/scenarios/{Move}/projections").await.expect_status(200);
    for refused in [
        home.patch("/scenarios/{Move}", json!({"name": "Again"})).await,
        home.post("/scenarios/{Move}/changes", expense("x", "2030-01-01", "1")).await,
    ] {
        assert_problem(&refused, 409);
    }
    home.post("/scenarios/{Move}/unarchive", json!({})).await.expect_status(200);
    let gone = home.delete("/scenarios/{Move}").await.expect_status(200);
    assert_eq!(gone.events(), ["scenario.removed"]);
    for path in ["/scenarios/{Move}", "/scenarios/{Move}/projections", "/scenarios/{Move}/changes", "/scenarios/{Move}/description"] {
        assert_problem(&home.get(path).await, 404);
    }
}

#[tokio::test]
async fn what_was_computed_of_a_scenario_goes_with_it() {
    let home = family().await;
    home.create("scenarios", "Move", json!({})).await.expect_status(201);
    home.get("/scenarios/{Move}/projections").await.expect_status(200);
    let database = home.server().database();
    let stored = format!("SELECT count(*) FROM scenario_projections WHERE scenario_id = '{}'", home.id("Move"));
    while database.number(&stored).await == 0 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    home.delete("/scenarios/{Move}").await.expect_status(200);
    assert_eq!(database.number(&stored).await, 0);
}

#[tokio::test]
async fn the_baseline_stays_as_it_is() {
    let home = family().await;
    home.name("baseline", home.get("/scenarios/baseline").await.at("/id"));
    for refused in [
        home.delete("/scenarios/{baseline}").await,
        home.post("/scenarios/{baseline}/archive", json!({})).await,
        home.post("/scenarios/{baseline}/changes", expense("x", "2030-01-01", "1")).await,
        home.post("/scenarios/{baseline}/merge", json!({"source_scenario_id": "{baseline}"})).await,
        home.patch("/scenarios/{baseline}", json!({"start_date": "2026-01-01"})).await,
    ] {
        assert_problem(&refused, 409);
    }
}

#[tokio::test]
async fn a_child_inherits_and_nobody_is_its_own_ancestor() {
    let home = wondering().await;
    add(&home, "What if", expense("Childcare", "2026-03-01", "700.00")).await;
    let settings = |part: &str| json!({"change_type": "modify_401k", "name": format!("Saving {part}"), "effective_date": "2026-01-01", "parameters": {"percentage": part}});
    add(&home, "What if", settings("0.10")).await;
    let child = crate::family::with(still("2026-01-01"), "parent_id", "{What if}");
    home.create("scenarios", "Child", child).await;
    assert_eq!(months(&home, "Child").await, months(&home, "What if").await, "an empty child does what its parent does");
    add(&home, "Child", settings("0.02")).await;
    add(&home, "Child", expense("More childcare", "2026-03-01", "50.00")).await;
    let projected = months(&home, "Child").await;
    assert_eq!(figures(&projected, "/expense_by_category/childcare")[1..3], ["0.00", "750.00"]);
    let saved = format!("/balances/{}", home.id("Ana's 401(k)"));
    // 2 % of 8,000 and half of it from the employer: 240 a month.
    assert_eq!(figures(&projected, &saved)[..2], ["50240.00", "50480.00"]);
    let described = home.get("/scenarios/{Child}/description").await.expect_status(200);
    let lines: Vec<_> =
        described.list_at("/lines").iter().map(|line| (line["line"].as_str().unwrap(), line["inherited_from"].is_null())).collect();
    assert_eq!(
        lines,
        [
            ("From January 2026: 401(k) contributions from every job become 2 % of pay", true),
            ("From March 2026: childcare of 700.00 a month begins", false),
            ("From March 2026: childcare of 50.00 a month begins", true),
        ]
    );
    let circle = home.patch("/scenarios/{What if}", json!({"parent_id": "{Child}"})).await;
    assert_problem(&circle, 422);
    assert_eq!(circle.errors(), [("parent_id", "not_allowed_here")]);
    let unknown = home.create_refused("Orphan", json!({"parent_id": "01890a5d-ac96-774b-bcce-b302099a8057"})).await;
    assert_eq!(unknown.errors(), [("parent_id", "unknown_scenario")]);
    assert_problem(&home.delete("/scenarios/{What if}").await, 409);
}

trait Refused {
    async fn create_refused(&self, name: &str, body: Value) -> Answer;
}

impl Refused for Client {
    async fn create_refused(&self, name: &str, body: Value) -> Answer {
        let answer = self.post("/scenarios", crate::family::with(body, "name", name)).await;
        assert_problem(&answer, 422);
        answer
    }
}

#[tokio::test]
async fn a_copy_projects_what_its_original_projects() {
    let home = wondering().await;
    add(&home, "What if", expense("Childcare", "2026-03-01", "700.00")).await;
    let raise = json!({"change_type": "modify_income", "name": "Raise", "effective_date": "2026-06-01", "source": {"type": "income", "id": "{Acme}"},
                       "parameters": {"amount": "108000.00", "frequency": "annually"}});
    add(&home, "What if", raise).await;
    let copied = home.post("/scenarios/{What if}/clone", json!({})).await.expect_status(201);
    assert_eq!(copied.events(), ["scenario.created", "scenario_change.added", "scenario_change.added"]);
    assert_eq!(copied.at("/name"), "Copy of What if");
    home.name("Copy", copied.at("/id"));
    assert_eq!(months(&home, "Copy").await, months(&home, "What if").await);
    // With half of 6 % from the employer.
    assert_eq!(figures(&months(&home, "Copy").await, "/income_by_category/salary")[4..6], ["8240.00", "9270.00"]);
}

#[tokio::test]
async fn a_merge_copies_what_is_missing_and_a_second_one_nothing() {
    let home = wondering().await;
    home.create("scenarios", "Other", still("2026-01-01")).await;
    add(&home, "What if", expense("Childcare", "2026-03-01", "700.00")).await;
    add(&home, "Other", expense("Childcare again", "2026-03-01", "700.00")).await;
    let raise = |name: &str, amount: &str, from: &str| {
        json!({"change_type": "modify_income", "name": name, "effective_date": from, "source": {"type": "income", "id": "{Acme}"},
               "parameters": {"amount": amount, "frequency": "annually"}})
    };
    add(&home, "What if", raise("Raise", "100000.00", "2026-02-01")).await;
    add(&home, "Other", raise("Other raise", "120000.00", "2026-05-01")).await;
    let merge = || home.post("/scenarios/{What if}/merge", json!({"source_scenario_id": "{Other}"}));
    let merged = merge().await.expect_status(200);
    assert_eq!(merged.events(), ["scenario_change.added"]);
    assert_eq!(merged.list_at("/copied").len(), 1);
    assert_eq!(merged.value("/skipped"), &json!([home.id("Childcare again")]));
    let conflict = &merged.list_at("/conflicts")[0];
    assert_eq!((&conflict["change_id"], &conflict["with_change_id"]), (&json!(home.id("Other raise")), &json!(home.id("Raise"))));
    // A twelfth of 100,000 and half of its 6 % from the employer, then of 120,000.
    assert_eq!(figures(&months(&home, "What if").await, "/income_by_category/salary")[3..5], ["8583.33", "10300.00"]);
    let again = merge().await.expect_status(200);
    assert!(again.events().is_empty() && again.list_at("/copied").is_empty(), "{again}");
    assert_eq!(again.version(), merged.version());
}

#[tokio::test]
async fn changes_are_listed_by_day_and_order_and_can_be_put_in_another() {
    let home = wondering().await;
    for (name, from) in [("Late", "2026-06-01"), ("First", "2026-03-01"), ("Second", "2026-03-01")] {
        add(&home, "What if", expense(name, from, "10.00")).await;
    }
    let names = async |query: &str| -> (Vec<String>, Value) {
        let page = home.get(&format!("/scenarios/{{What if}}/changes{query}")).await.expect_status(200);
        let names = page.list_at("/items").iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect();
        (names, page.value("/next_cursor").clone())
    };
    assert_eq!(names("").await.0, ["First", "Second", "Late"]);
    let (page, cursor) = names("?limit=2").await;
    assert_eq!(page, ["First", "Second"]);
    assert_eq!(names(&format!("?limit=2&cursor={}", cursor.as_str().unwrap())).await.0, ["Late"]);
    let order = json!({"change_ids": ["{Second}", "{Late}", "{First}"]});
    let ordered = home.post("/scenarios/{What if}/changes/reorder", order.clone()).await.expect_status(200);
    assert_eq!(ordered.events(), ["scenario_change.reordered"]);
    assert_eq!(names("").await.0, ["Second", "First", "Late"]);
    assert!(home.post("/scenarios/{What if}/changes/reorder", order).await.expect_status(200).events().is_empty());
    let partial = home.post("/scenarios/{What if}/changes/reorder", json!({"change_ids": ["{Late}"]})).await;
    assert_eq!(partial.errors(), [("change_ids", "required")]);
}

#[tokio::test]
async fn what_is_wrong_with_a_change_is_told_all_at_once() {
    let home = wondering().await;
    let version = home.version().await;
    let path = "/scenarios/{What if}/changes";
    for (body, expected) in [
        (
            json!({"change_type": "add_income", "name": "", "effective_date": "2026-02-30", "colour": "red", "order": -1,
                   "parameters": {"amount": "-5", "frequency": "often", "tax_treatment": 1, "hours": 3}}),
            vec![
                ("colour", "unknown_field"),
                ("parameters.hours", "unknown_field"),
                ("parameters.frequency", "unknown_word"),
                ("parameters.category", "missing"),
                ("parameters.tax_treatment", "wrong_type"),
                ("parameters.amount", "not_positive"),
                ("name", "empty"),
                ("effective_date", "not_a_date"),
                ("order", "out_of_range"),
            ],
        ),
        (json!({"change_type": "win_the_lottery", "name": "x", "effective_date": "2026-02-01"}), vec![("change_type", "unknown_word")]),
        (json!({"change_type": "remove_income", "name": "x", "effective_date": "2026-02-01"}), vec![("source", "required")]),
        (
            json!({"change_type": "remove_income", "name": "x", "effective_date": "2025-12-31", "end_date": "2025-12-01",
                   "source": {"type": "account", "id": "{Checking}"}}),
            vec![("effective_date", "outside_horizon"), ("end_date", "ends_before_start"), ("source.type", "not_allowed_here")],
        ),
        (
            json!({"change_type": "sell_asset", "name": "x", "effective_date": "2028-01-01", "source": {"type": "account", "id": "{Mortgage}"},
                   "parameters": {"pay_off_account_id": "{House}"}}),
            vec![
                ("effective_date", "outside_horizon"),
                ("source.id", "wrong_account_type"),
                ("parameters.pay_off_account_id", "wrong_account_type"),
            ],
        ),
        (
            json!({"change_type": "modify_401k", "name": "x", "effective_date": "2026-02-01", "parameters": {"percentage": "0.1", "income_id": "{Shop}"}}),
            vec![("parameters.income_id", "not_allowed_here")],
        ),
        (
            json!({"change_type": "add_income", "name": "x", "effective_date": "2026-02-01", "source": {"type": "income", "id": "{Acme}"},
                   "parameters": {"amount": "1", "frequency": "monthly", "category": "bonus", "tax_treatment": "w2",
                                  "member_id": "01890a5d-ac96-774b-bcce-b302099a8057"}}),
            vec![("source", "not_allowed_here"), ("parameters.member_id", "unknown_member")],
        ),
        (
            json!({"change_type": "refinance", "name": "x", "effective_date": "2026-02-01", "end_date": "2026-03-01",
                   "source": {"type": "account", "id": "01890a5d-ac96-774b-bcce-b302099a8057"}, "parameters": {"rate": "0.05", "term_months": 360}}),
            vec![("end_date", "not_allowed_here"), ("source.id", "unknown_account")],
        ),
        (
            json!({"change_type": "modify_expense", "name": "x", "effective_date": "2026-02-01", "source": {"type": "flow", "id": "{To savings}"},
                   "parameters": {"amount": "1"}}),
            vec![("source.id", "not_allowed_here")],
        ),
    ] {
        let answer = home.post(path, body.clone()).await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors(), expected, "{body}");
    }
    assert_eq!(home.version().await, version, "nothing is appended");
    add(&home, "What if", expense("Childcare", "2026-03-01", "700.00")).await;
    for (patch, expected) in [
        (json!({"parameters": {"amount": "0"}}), vec![("parameters.amount", "not_positive")]),
        (json!({"parameters": {"amount": null}}), vec![("parameters.amount", "null")]),
        (json!({"change_type": "remove_expense"}), vec![("source", "required")]),
        (json!({"effective_date": "2031-01-01"}), vec![("effective_date", "outside_horizon")]),
        (json!({"enabled": null}), vec![("enabled", "null")]),
    ] {
        let answer = home.patch("/scenarios/{What if}/changes/{Childcare}", patch.clone()).await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors(), expected, "{patch}");
    }
}

#[tokio::test]
async fn what_was_removed_since_has_no_effect_and_breaks_nothing() {
    let home = wondering().await;
    let less = json!({"change_type": "modify_expense", "name": "Less", "effective_date": "2026-02-01", "source": {"type": "flow", "id": "{Groceries}"},
                      "parameters": {"amount": "120"}});
    add(&home, "What if", less).await;
    assert_eq!(figures(&months(&home, "What if").await, "/expense_by_category/groceries")[..2], ["650.00", "520.00"]);
    home.delete("/flows/{Groceries}").await.expect_status(200);
    assert_eq!(figures(&months(&home, "What if").await, "/expense_by_category/groceries")[..2], ["0.00", "0.00"]);
    let described = home.get("/scenarios/{What if}/description").await.expect_status(200);
    assert_eq!(described.at("/text"), "From February 2026: something that is gone becomes 120.00 each time (without effect: it is gone)");
}

/// The house for 320,000 at costs of 20,000, with its mortgage: its tax, insurance and association end with it, and nothing is owed.
#[tokio::test]
async fn a_house_is_sold_over_http() {
    let home = wondering().await;
    let sale = json!({"change_type": "sell_asset", "name": "Sale", "effective_date": "2027-06-15", "source": {"type": "account", "id": "{House}"},
                      "parameters": {"sale_price": "320000", "selling_costs": "20000.00", "pay_off_account_id": "{Mortgage}", "gain_tax": "none"}});
    add(&home, "What if", sale).await;
    let projected = months(&home, "What if").await;
    let of = |name: &str| format!("/balances/{}", home.id(name));
    assert_eq!(figures(&projected, &of("House"))[16..18], ["300000.00", "0.00"]);
    assert_eq!(figures(&projected, &of("Mortgage"))[17], "0.00");
    assert_eq!(figures(&projected, "/change/appreciation")[16..19], ["0.00", "20000.00", "0.00"]);
    assert_eq!(figures(&projected, "/expense_by_category/hoa_fees")[16..18], ["50.00", "0.00"]);
    assert_eq!(figures(&projected, "/expense_by_category/property_tax")[16..18], ["300.00", "0.00"]);
}
