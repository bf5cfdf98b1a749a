//! Bad input: a clear problem with all fields at once, never a 500, and nothing appended. At every route that takes a body.

use reqwest::Method;
use serde_json::{Value, json};
use support::{Answer, Client, TestServer};

use crate::contract::Contract;
use crate::family::{self, assert_problem, family};

async fn post(home: &Client, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    home.request(Method::POST, path).raw(body).await
}

#[tokio::test]
async fn every_command_refuses_what_is_not_its_body_and_names_every_field() {
    let server = TestServer::start().await;
    let home = family::of(&server).await;
    family::with_more(&home).await;
    let contract = Contract::of(&server).await;
    let version = home.version().await;
    let mut fields = 0;
    for operation in contract.operations().iter().filter(|operation| operation.method != "GET") {
        for broken in ["{", "{\"name\": NaN}", "{'name': 1}", "nul", "{} {}"] {
            assert_problem(&operation.request(&home).raw(broken).await, 400);
        }
        for body in [json!([]), json!("x"), json!(17), json!(null), json!(true)] {
            let answer = operation.request(&home).json(body).await;
            assert_problem(&answer, 422);
            assert_eq!(answer.errors(), [("", "wrong_type")], "{operation}");
        }
        let unknown = operation.request(&home).json(json!({"unknown": 1})).await;
        assert_problem(&unknown, 422);
        assert!(unknown.errors().contains(&("unknown", "unknown_field")), "{operation}: {unknown}");
        assert_problem(&operation.request(&home).raw(r#"{"a": 1, "a": 2}"#).await, 422);

        let Some(schema) = contract.body(operation) else { continue };
        let (body, names) = contract.all_wrong(schema);
        if names.is_empty() {
            continue;
        }
        let answer = operation.request(&home).json(body).await;
        assert_problem(&answer, 422);
        let mut named: Vec<_> = answer.errors().into_iter().map(|(field, _)| field.to_owned()).collect();
        named.sort();
        assert_eq!(named, names, "{operation}: {answer}");
        fields += names.len();
    }
    assert!(fields > 200, "{fields}");
    assert_eq!(home.version().await, version, "nothing is appended");
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told_all_at_once() {
    let home = family().await;
    let version = home.version().await;
    for (path, body, expected) in [
        (
            "/accounts",
            json!({"name": "", "account_type": "piggy_bank", "current_balance": "1.005", "as_of_date": "2026-02-30", "member_id": "Ana", "colour": "red",
                   "liability": {"interest_rate": "1.5", "minimum_payment": "-1", "term_months": 0, "origination_date": "yesterday", "fee": 1}}),
            vec![
                ("account_type", "unknown_word"),
                ("as_of_date", "not_a_date"),
                ("colour", "unknown_field"),
                ("current_balance", "too_many_decimals"),
                ("liability.fee", "unknown_field"),
                ("liability.interest_rate", "out_of_range"),
                ("liability.minimum_payment", "negative"),
                ("liability.origination_date", "not_a_date"),
                ("liability.term_months", "out_of_range"),
                ("member_id", "not_an_id"),
                ("name", "empty"),
            ],
        ),
        (
            "/flows",
            json!({"name": "x", "flow_type": "expense", "category": "rent", "amount": "-5", "frequency": "fortnightly", "start_date": "2026-02-29"}),
            vec![("amount", "not_positive"), ("frequency", "unknown_word"), ("start_date", "not_a_date")],
        ),
        (
            "/flows",
            json!({"name": "x", "flow_type": "transfer", "amount": "5", "frequency": "monthly", "start_date": "2026-02-28", "end_date": "2026-02-27",
                   "from_account_id": "01890a5d-ac96-774b-bcce-b302099a8057", "member_id": "01890a5d-ac96-774b-bcce-b302099a8057"}),
            vec![("end_date", "ends_before_start"), ("from_account_id", "unknown_account"), ("member_id", "unknown_member")],
        ),
        (
            "/income-sources",
            json!({"name": "x".repeat(10_000), "income_type": "w2", "gross_annual_salary": -1, "pay_frequency": "daily", "w4": {"credits": "-1", "deductions": "x"}}),
            vec![
                ("gross_annual_salary", "negative"),
                ("name", "too_long"),
                ("pay_frequency", "unknown_word"),
                ("w4.credits", "negative"),
                ("w4.deductions", "not_an_amount"),
            ],
        ),
        ("/income-sources", json!({}), vec![("income_type", "missing"), ("name", "missing"), ("pay_frequency", "missing")]),
        (
            "/income-sources/{Acme}/pretax-deductions",
            json!({"deduction_type": "hsa", "amount_type": "percent", "amount": "x", "employer_match": {"cap_fraction": "2", "annual_cap": "-5"}}),
            vec![
                ("amount", "not_a_number"),
                ("employer_match.annual_cap", "negative"),
                ("employer_match.cap_fraction", "out_of_range"),
                ("employer_match.rate", "missing"),
            ],
        ),
        (
            "/households",
            json!({"name": 1, "state": "ZZ", "filing_status": "alone"}),
            vec![("filing_status", "unknown_word"), ("name", "wrong_type"), ("state", "unknown_word")],
        ),
        (
            "/loans/schedule",
            json!({"principal": "-5", "annual_rate": "x", "term_months": 1.5, "payment": "0"}),
            vec![
                ("annual_rate", "not_a_rate"),
                ("payment", "not_positive"),
                ("principal", "not_positive"),
                ("term_months", "not_an_integer"),
            ],
        ),
        (
            "/taxes/paycheck",
            json!({"filing_status": "single", "pay_frequency": "daily", "gross": "-1", "cafeteria": "-1"}),
            vec![("cafeteria", "negative"), ("gross", "negative"), ("pay_frequency", "unknown_word")],
        ),
    ] {
        let answer = home.post(path, body).await;
        assert_problem(&answer, 422);
        let mut errors = answer.errors();
        errors.sort_unstable();
        assert_eq!(errors, expected, "{path}");
    }
    assert_eq!(home.version().await, version);
}

#[tokio::test]
async fn an_amount_is_an_amount_or_refused() {
    let home = family().await;
    let version = home.version().await;
    for amount in [
        r#""NaN""#,
        r#""Infinity""#,
        "1e400",
        "-1e400",
        "1e-3",
        "0.001",
        r#""1.234""#,
        r#""1,000.00""#,
        r#""$5""#,
        r#""""#,
        r#"" 5""#,
        r#""0x10""#,
        r#""١٢""#,
        "99999999999999999999999999",
        r#""92233720368547758.08""#,
        "true",
        "[]",
        "{}",
        "[5]",
        r#""5\u0000""#,
        r#""--5""#,
        r#""1e""#,
    ] {
        let answer = post(&home, "/accounts/{Checking}/balances", format!(r#"{{"balance": {amount}}}"#)).await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors().iter().map(|(field, _)| *field).collect::<Vec<_>>(), ["balance"], "{amount}");
    }
    for malformed in ["NaN", "Infinity", "01", "+5", ".5", "5.", "0x10", "1_000"] {
        assert_problem(&post(&home, "/accounts/{Checking}/balances", format!(r#"{{"balance": {malformed}}}"#)).await, 400);
    }
    assert_problem(&home.patch("/accounts/{Mortgage}", json!({"current_balance": "-1.00"})).await, 422);
    assert_eq!(home.version().await, version);
}

#[tokio::test]
async fn a_date_is_a_day_of_the_calendar_or_refused() {
    let home = family().await;
    let version = home.version().await;
    for date in [
        json!("2026-02-30"),
        json!("2025-02-29"),
        json!("2026-13-01"),
        json!("2026-00-10"),
        json!("2026-01-00"),
        json!("0000-01-01"),
        json!("-001-01-01"),
        json!("10000-01-01"),
        json!("+2026-01-01"),
        json!("2026-1-1"),
        json!("2026-01-01T00:00:00Z"),
        json!("01/02/2026"),
        json!("today"),
        json!(""),
        json!(20_260_101),
        json!(["2026-01-01"]),
        json!("2026-01-01\u{0}"),
        json!("２０２６-01-01"),
        json!("9999-12-31"),
    ] {
        let answer = home.post("/accounts/{Checking}/balances", json!({"balance": "1.00", "as_of_date": date})).await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors()[0].0, "as_of_date", "{date}");
        let csv = date.as_str().map(|date| format!("{date},1.00\n")).filter(|line| !line.starts_with("9999"));
        if let Some(line) = csv {
            let answer = home.request(Method::POST, "/accounts/{Checking}/balances").raw(line).header("content-type", "text/csv").await;
            assert_problem(&answer, 422);
        }
    }
    assert_problem(&home.post("/members", json!({"name": "x", "relationship": "child", "date_of_birth": "0001-01-01"})).await, 422);
    assert_problem(&home.get("/flows?active_on=2026-02-30").await, 422);
    assert_eq!(home.version().await, version);
    // The ends of the calendar are dates; a forecast over them stands.
    for (name, start) in [("First", "0001-01-01"), ("Last", "9999-12-31")] {
        let flow = json!({"flow_type": "expense", "category": "rent", "amount": "1.00", "frequency": "weekly", "start_date": start});
        home.create("flows", name, flow).await;
        home.get("/scenarios/{baseline}/projections?months=600").await.expect_status(200);
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_and_depths_without_end_are_refused() {
    let home = family().await;
    let version = home.version().await;
    let account = |name: &str| format!(r#"{{"account_type": "cash", "name": {name}}}"#);
    for (body, status) in [
        (b"\xff\xfe{}".to_vec(), 400),
        (b"{\"name\": \"\xc3\x28\"}".to_vec(), 400),
        (b"\xef\xbb\xbf{}".to_vec(), 400),
        (account(r#""\ud800""#).into_bytes(), 422),
        (account(r#""\udc00\ud800""#).into_bytes(), 422),
        (account(r#""a\u0000b""#).into_bytes(), 422),
        (account("\"a\u{7}b\"").into_bytes(), 400),
        (account(r#""\u202e\u0007""#).into_bytes(), 422),
        (account(&format!("\"{}\"", "x".repeat(900_000))).into_bytes(), 422),
        (account(&format!("\"{}\"", "x".repeat(2_000_000))).into_bytes(), 413),
        (r#"{"a\ud800": 1}"#.into(), 422),
        ("[".repeat(500_000).into_bytes(), 400),
        (format!("{}{}", "[".repeat(400_000), "]".repeat(400_000)).into_bytes(), 422),
        (format!(r#"{{"liability": {}1{}}}"#, r#"{"liability":"#.repeat(50_000), "}".repeat(50_000)).into_bytes(), 422),
        (format!(r#"{{"name": {}}}"#, "9".repeat(900_000)).into_bytes(), 422),
        (format!("{{{}}}", (0..60_000).map(|n| format!(r#""f{n}":1"#)).collect::<Vec<_>>().join(",")).into_bytes(), 422),
    ] {
        let shown = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        let answer = post(&home, "/accounts", body).await;
        assert!([400, 413, 422].contains(&answer.status()), "{shown}: {answer}");
        assert_problem(&answer, status);
        assert!(answer.bytes().len() < 100_000, "{shown}: an answer of {} bytes", answer.bytes().len());
    }
    assert_eq!(home.version().await, version);
    // Text that looks odd and is text is kept as it is.
    let name = "Ärger \"für\" 日本 🏠 \\ ' ; DROP TABLE events; --";
    assert_eq!(home.create("accounts", "odd", json!({"name": name, "account_type": "cash"})).await.at("/name"), name);
}

#[tokio::test]
async fn a_table_with_one_bad_line_is_not_imported_at_all() {
    let home = family().await;
    let version = home.version().await;
    for (table, lines) in [
        ("2026-01-01,1.00\n2026-01-32,1.00\n2026-01-03,1.005\n", vec!["line 2.date", "line 3.balance"]),
        ("date,balance\n2026-01-01\n", vec!["line 2"]),
        ("2026-01-01,1.00,2.00\n", vec!["line 1"]),
        ("", vec![""]),
    ] {
        let answer = home.request(Method::POST, "/accounts/{Checking}/balances").raw(table).header("content-type", "text/csv").await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors().iter().map(|(field, _)| *field).collect::<Vec<_>>(), lines, "{table}");
    }
    let latin1 =
        home.request(Method::POST, "/accounts/{Checking}/balances").raw(&b"2026-01-01,\xa3"[..]).header("content-type", "text/csv").await;
    assert_problem(&latin1, 400);
    assert_eq!(home.version().await, version);
}

#[tokio::test]
async fn what_one_field_forbids_another_is_said_with_both_in_hand() {
    let home = family().await;
    let version = home.version().await;
    let flow = |changes: Value| {
        let mut body = json!({"name": "x", "flow_type": "expense", "category": "rent", "amount": "1", "frequency": "monthly", "start_date": "2026-01-01"});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        body
    };
    for (path, body, field) in [
        ("/flows", flow(json!({"category": "salary"})), "category"),
        ("/flows", flow(json!({"category": "no_such_thing"})), "category"),
        ("/flows", flow(json!({"category": null})), "category"),
        ("/flows", flow(json!({"flow_type": "income"})), "category"),
        ("/flows", flow(json!({"flow_type": "transfer"})), "category"),
        ("/flows", flow(json!({"flow_type": "transfer", "category": null})), "from_account_id"),
        ("/flows", flow(json!({"amount": "0"})), "amount"),
        ("/accounts", json!({"name": "x", "account_type": "cash", "liability": {"interest_rate": "0.05"}}), "liability"),
        ("/accounts", json!({"name": "x", "account_type": "auto_loan", "liability": {}}), "liability.interest_rate"),
        ("/accounts", json!({"name": "x", "account_type": "payroll_clearing"}), "account_type"),
        ("/accounts", json!({"name": "x", "account_type": "cash", "as_of_date": "2026-01-01"}), "as_of_date"),
        ("/accounts/{Checking}", json!({"account_type": "credit_card"}), "account_type"),
        ("/income-sources", json!({"name": "x", "income_type": "w2", "pay_frequency": "weekly"}), "gross_annual_salary"),
        (
            "/income-sources",
            json!({"name": "x", "income_type": "w2", "pay_frequency": "weekly", "gross_annual_salary": "1", "hourly_rate": "1"}),
            "hourly_rate",
        ),
        ("/income-sources/{Acme}/pretax-deductions", json!({"deduction_type": "hsa", "amount_type": "fixed", "amount": "1.005"}), "amount"),
        ("/income-sources/{Acme}/pretax-deductions", json!({"deduction_type": "hsa", "amount_type": "percent", "amount": "1.5"}), "amount"),
        ("/households", json!({"name": "x", "time_zone": "Mars/Olympus"}), "time_zone"),
        ("/households", json!({"name": "x", "currency": "BTC"}), "currency"),
        ("/scenarios/baseline", json!({"action": "pin", "async": true}), "async"),
        ("/scenarios/baseline", json!({"action": "unpin", "force": true}), "force"),
        ("/scenarios/baseline", json!({"action": "refresh", "as_of_date": "2026-01-01"}), "as_of_date"),
        ("/scenarios/baseline", json!({"action": "pin", "as_of_date": "0001-01-01"}), "as_of_date"),
        ("/scenarios/baseline", json!({"action": "pin", "as_of_date": "9999-12-31"}), "as_of_date"),
    ] {
        let answer = home.post(path, body).await;
        assert_problem(&answer, 422);
        assert_eq!(answer.errors().iter().map(|(field, _)| *field).collect::<Vec<_>>(), [field], "{path}: {answer}");
    }
    assert_eq!(home.version().await, version);
}
