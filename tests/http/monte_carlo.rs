//! Many worlds over HTTP: Monte Carlo and the backtest.

use serde_json::{Value, json};
use support::{Answer, Client};

use crate::family::{assert_fields, assert_problem, assert_versioned, ended, family};

async fn played(home: &Client, body: Value) -> Answer {
    home.post("/scenarios/{baseline}/monte-carlo", body).await.expect_status(200)
}

/// Cents of an amount.
fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

fn without_volatility() -> Value {
    json!({"investment_return": "0", "inflation": "0", "salary_growth": "0"})
}

#[tokio::test]
async fn monte_carlo_has_the_shape_that_clients_rely_on() {
    let home = family().await;
    let body = json!({"paths": 50, "months": 24, "seed": 7, "goals": [{"net_worth": "0.00", "by_month": 24}, {"net_worth": "99999999.00", "by_month": 24}]});
    let answer = played(&home, body.clone()).await;
    assert_versioned(&answer);
    assert_fields(answer.json(), &["seed", "paths", "household_version", "percentiles", "probability_never_short", "goals"]);
    assert_eq!((answer.number_at("/seed"), answer.number_at("/paths"), answer.number_at("/months")), (7, 50, 24));
    assert_eq!(answer.number_at("/household_version"), i64::try_from(answer.version()).unwrap());
    for figure in ["net_worth", "liquid_assets"] {
        let bands: Vec<&[Value]> =
            ["5", "25", "50", "75", "95"].iter().map(|percent| answer.list_at(&format!("/percentiles/{figure}/{percent}"))).collect();
        for month in 0..24 {
            assert!(bands.iter().all(|band| band.len() == 24));
            assert!(bands.windows(2).all(|pair| cents(&pair[0][month]) <= cents(&pair[1][month])), "{figure} of month {month}");
        }
        assert!(cents(&bands[0][23]) < cents(&bands[4][23]));
    }
    // Behind the household's own one.
    assert_eq!((answer.at("/goals/1/probability"), answer.at("/goals/2/probability")), ("1", "0"));
    assert_eq!(played(&home, body).await.json(), answer.json(), "the same request is answered alike");
    assert_ne!(played(&home, json!({"paths": 50, "months": 24, "seed": 8})).await.value("/percentiles"), answer.value("/percentiles"));
    let drawn = played(&home, json!({"paths": 50, "months": 24, "method": "bootstrap"})).await;
    assert_eq!((drawn.at("/method"), drawn.at("/allocation/stocks"), drawn.value("/volatility")), ("bootstrap", "0.6", &Value::Null));
    assert_eq!(home.version().await, answer.version(), "nothing is appended");
}

#[tokio::test]
async fn without_volatility_every_percentile_is_the_projection() {
    let home = family().await;
    let answer = played(&home, json!({"paths": 3, "months": 240, "volatility": without_volatility()})).await;
    let exact = home.get("/scenarios/{baseline}/projections?months=240").await.expect_status(200);
    for figure in ["net_worth", "liquid_assets"] {
        for percent in ["5", "25", "50", "75", "95"] {
            for (month, found) in answer.list_at(&format!("/percentiles/{figure}/{percent}")).iter().enumerate() {
                let (found, row) = (cents(found), cents(exact.value(&format!("/months/{month}/{figure}"))));
                assert!((found - row).abs() <= row.abs() / 10_000, "{figure}, {percent} %, month {month}: {found} for {row}");
            }
        }
    }
    assert_eq!(answer.at("/probability_never_short"), if exact.value("/shortfall").is_null() { "1" } else { "0" });
}

#[tokio::test]
async fn what_takes_long_is_a_job_with_the_same_answer() {
    let home = family().await;
    let body = json!({"paths": 40, "months": 12, "seed": 3});
    let direct = played(&home, body.clone()).await;
    let begun = home.post("/scenarios/{baseline}/monte-carlo", with_async(body)).await.expect_status(202);
    assert_eq!((begun.at("/kind"), begun.number_at("/parameters/paths")), ("monte_carlo", 40));
    let job = ended(&home, begun.at("/id")).await;
    assert_eq!(job.at("/state"), "succeeded", "{job}");
    for name in ["percentiles", "household_version", "seed", "paths", "months", "probability_never_short", "goals", "volatility"] {
        assert_eq!(job.value(&format!("/result/{name}")), direct.value(&format!("/{name}")), "{name}");
    }
    // 501,000 path months.
    let begun = home.post("/scenarios/{baseline}/monte-carlo", json!({"paths": 835, "months": 600})).await.expect_status(202);
    home.post(&format!("/jobs/{}/cancel", begun.at("/id")), json!({})).await.expect_status(200);
    assert_eq!(ended(&home, begun.at("/id")).await.at("/state"), "cancelled");
}

fn with_async(body: Value) -> Value {
    crate::family::with(body, "async", true)
}

#[tokio::test]
async fn what_cannot_be_played_is_refused_by_field() {
    let home = family().await;
    for (body, expected) in [
        (
            json!({"paths": 0, "months": 601, "seed": -1}),
            vec![("paths", "out_of_range"), ("months", "out_of_range"), ("seed", "out_of_range")],
        ),
        (json!({"method": "guess"}), vec![("method", "unknown_word")]),
        (json!({"paths": 100_001}), vec![("paths", "out_of_range")]),
        (
            json!({"volatility": {"investment_return": "1.01", "inflation": "-0.01"}}),
            vec![("volatility.investment_return", "out_of_range"), ("volatility.inflation", "out_of_range")],
        ),
        (json!({"correlation": {"inflation_salary_growth": "1.2"}}), vec![("correlation.inflation_salary_growth", "out_of_range")]),
        (
            json!({"correlation": {"investment_return_inflation": "-0.9", "investment_return_salary_growth": "-0.9", "inflation_salary_growth": "-0.9"}}),
            vec![("correlation", "not_positive_definite")],
        ),
        (json!({"method": "bootstrap", "volatility": {}}), vec![("volatility", "not_allowed_here")]),
        (json!({"method": "bootstrap", "allocation": {"stocks": "0.7", "bonds": "0.2"}}), vec![("allocation", "not_a_whole")]),
        (json!({"allocation": {"stocks": "1"}}), vec![("allocation", "not_allowed_here")]),
        (json!({"goals": [{"net_worth": "1.00", "by_month": 0}]}), vec![("goals[0].by_month", "out_of_range")]),
    ] {
        let refused = home.post("/scenarios/{baseline}/monte-carlo", body).await;
        assert_problem(&refused, 422);
        assert_eq!(refused.errors(), expected, "{refused}");
    }
    let nowhere = "/scenarios/00000000-0000-4000-8000-000000000000";
    for path in ["monte-carlo", "backtest"] {
        assert_problem(&home.post(&format!("{nowhere}/{path}"), json!({})).await, 404);
        assert_problem(&home.post(&format!("/scenarios/{{baseline}}/{path}"), json!({})).if_match(1).await, 412);
    }
}

#[tokio::test]
async fn a_backtest_tells_what_would_have_become_of_the_plan_from_each_year_on() {
    let home = family().await;
    let answer = home.post("/scenarios/{baseline}/backtest", json!({"months": 360})).await.expect_status(200);
    assert_versioned(&answer);
    let years = answer.list_at("/start_years");
    assert_eq!((years.len(), answer.number_at("/start_years/0/year"), answer.number_at("/start_years/96/year")), (97, 1928, 2024));
    assert_fields(&years[0], &["year", "final_net_worth", "worst_month", "never_short", "short_in_month", "wraps"]);
    assert!(years.iter().any(|start| start["year"] == answer.json()["worst_start_year"]));
    let never_short = years.iter().filter(|start| start["never_short"] == true).count();
    let rate: f64 = answer.at("/success_rate").parse().unwrap();
    assert!((rate - f64::from(u32::try_from(never_short).unwrap()) / 97.0).abs() < 1e-6);
    assert_problem(&home.post("/scenarios/{baseline}/backtest", json!({"allocation": {"bonds": "0.5"}})).await, 422);
}

#[tokio::test]
async fn the_households_own_goals_come_with_their_probability() {
    let home = family().await;
    for (name, goal) in [
        ("A million", json!({"goal_type": "net_worth_target", "target": "99999999.00"})),
        ("Something", json!({"goal_type": "net_worth_target_by_date", "target": "1.00", "target_date": "2099-12-31"})),
        ("Covered", json!({"goal_type": "min_dscr", "target": "1.2"})),
        ("Saving", json!({"goal_type": "min_savings_rate", "target": "0.01"})),
        ("Resting", json!({"goal_type": "retirement_age", "target": 99, "member_id": "{Tom}"})),
        ("Free", json!({"goal_type": "debt_free_date", "target_date": "2099-12-31"})),
        ("Cash", json!({"goal_type": "custom", "metric": "liquid_assets", "comparison": "at_least", "target": "1.00"})),
    ] {
        home.create("goals", name, goal).await;
    }
    let asked = json!({"paths": 20, "months": 12, "goals": [{"net_worth": "0.00", "by_month": 12}]});
    let answer = played(&home, asked).await;
    let told: Vec<_> =
        answer.list_at("/goals").iter().map(|goal| [&goal["name"], &goal["goal_type"], &goal["by_month"], &goal["reason"]]).collect();
    let beyond = json!("beyond_horizon");
    let (a_type, null) = (|goal_type: &str| json!(goal_type), Value::Null);
    let expected = [
        [json!("Rainy days"), a_type("emergency_fund_months"), null.clone(), null.clone()],
        [json!("A million"), a_type("net_worth_target"), json!(12), null.clone()],
        [json!("Something"), a_type("net_worth_target_by_date"), json!(12), beyond.clone()],
        [json!("Covered"), a_type("min_dscr"), null.clone(), null.clone()],
        [json!("Saving"), a_type("min_savings_rate"), null.clone(), null.clone()],
        [json!("Resting"), a_type("retirement_age"), json!(12), beyond.clone()],
        [json!("Free"), a_type("debt_free_date"), json!(12), beyond],
        [json!("Cash"), a_type("custom"), null.clone(), null.clone()],
        [null.clone(), a_type("net_worth_target_by_date"), json!(12), null],
    ];
    assert_eq!(told, expected.each_ref().map(|[name, goal_type, month, reason]| [name, goal_type, month, reason]));
    let of = |name: &str| answer.list_at("/goals").iter().find(|goal| goal["name"] == name).unwrap()["probability"].clone();
    assert_eq!(["A million", "Something", "Free", "Cash"].map(of), ["0", "1", "0", "1"]);
}

/// In the one world that the scenario assumes a goal is met surely, or never: as its status over the scenario's projection says.
#[tokio::test]
async fn without_volatility_a_goal_is_met_as_its_status_over_the_scenario_is() {
    let home = family().await;
    for (name, goal) in [
        ("Low", json!({"goal_type": "net_worth_target", "target": "1000.00"})),
        ("High", json!({"goal_type": "net_worth_target", "target": "99999999.00"})),
        ("Long", json!({"goal_type": "emergency_fund_months", "target": 200})),
        ("Covered", json!({"goal_type": "min_dscr", "target": "0.5"})),
        ("Saving", json!({"goal_type": "min_savings_rate", "target": "0.9"})),
        ("Resting", json!({"goal_type": "retirement_age", "target": 45, "member_id": "{Tom}"})),
        ("Free", json!({"goal_type": "debt_free_date", "target_date": "2031-01-31"})),
        ("Owing", json!({"goal_type": "custom", "metric": "debt_to_asset", "comparison": "at_most", "target": "0.9"})),
    ] {
        home.create("goals", name, goal).await;
    }
    let answer = played(&home, json!({"paths": 2, "volatility": without_volatility()})).await;
    let status = home.get("/goals/status?scenario_id={baseline}").await.expect_status(200);
    let (told, expected) = (answer.list_at("/goals"), status.list_at("/items"));
    assert_eq!((told.len(), expected.len()), (9, 9));
    for (told, expected) in told.iter().zip(expected) {
        assert_eq!(told["goal_id"], expected["goal_id"]);
        let met = if expected["is_met"] == true { "1" } else { "0" };
        assert_eq!(told["probability"], met, "{}: {expected}", told["name"]);
    }
    let met = expected.iter().filter(|item| item["is_met"] == true).count();
    assert!(met > 1 && met < 9, "{met} of 9: some are met and some are not");
}
