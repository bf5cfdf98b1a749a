//! The reader of bodies: all problems at once, no float, no panic.

use domain::calendar::Date;
use domain::ids::AccountId;
use domain::money::Money;
use domain::rate::Rate;
use domain::text::Name;
use domain::vocabulary::AccountType;
use proptest::prelude::*;

use super::extract::parse_for_tests as parse;
use super::*;

body! {
    /// Terms.
    struct Terms {
        interest_rate: Rate,
        term_months: Option<Between<1, 600>>,
    }
}

body! {
    /// Opens an account.
    struct Opening {
        /// What it is called.
        name: Name,
        account_type: AccountType,
        current_balance: Option<Money>,
        as_of_date: Option<Date>,
        liability: Option<Terms>,
        tags: Option<Vec<Name>>,
        joint as "type": Option<bool>,
    }
    check |opening, at| if opening.joint == Some(true) && opening.liability.is_some() {
        at.refuse_field("type", "joint_debt", "must not be joint");
    }
}

body! {
    struct Change { name: Given<Name>, institution: Patch<Name> }
}

fn problems(document: &str) -> Vec<(String, &'static str)> {
    let problem = parse::<Opening>(document.as_bytes()).unwrap_err();
    assert_eq!(problem.status().as_u16(), 422, "{problem}");
    problem.errors().iter().map(|error| (error.field.clone(), error.code)).collect()
}

fn owned(expected: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    expected.iter().map(|(field, code)| ((*field).to_owned(), *code)).collect()
}

#[test]
fn a_good_body_is_read() {
    let opening: Opening = parse(
        br#"{"name": " Cash \u00e9 ", "account_type": "checking", "current_balance": 12.30, "as_of_date": "2028-02-29",
            "liability": {"interest_rate": 6.5e-2}, "tags": ["a", "b"], "type": false}"#,
    )
    .unwrap();
    assert_eq!(opening.name.as_str(), "Cash é");
    assert_eq!(opening.current_balance, Some(Money::from_cents(1230)));
    assert_eq!(opening.liability, Some(Terms { interest_rate: Rate::parse("0.065").unwrap(), term_months: None }));
    assert_eq!((opening.tags.unwrap().len(), opening.joint), (2, Some(false)));
}

#[test]
fn every_problem_of_a_body_is_reported_at_once() {
    let found = problems(
        r#"{"name": "", "account_type": "chequing", "current_balance": 12.345, "as_of_date": "2026-02-30", "colour": 1,
            "liability": {"term_months": 601, "interest_rate": null, "x": 1}, "tags": ["ok", 7, ""], "type": "yes"}"#,
    );
    let expected = [
        ("colour", "unknown_field"),
        ("name", "empty"),
        ("account_type", "unknown_word"),
        ("current_balance", "too_many_decimals"),
        ("as_of_date", "not_a_date"),
        ("liability.x", "unknown_field"),
        ("liability.interest_rate", "null"),
        ("liability.term_months", "out_of_range"),
        ("tags[1]", "wrong_type"),
        ("tags[2]", "empty"),
        ("type", "wrong_type"),
    ];
    assert_eq!(found, owned(&expected));
}

#[test]
fn a_missing_field_a_repeated_field_and_a_wrong_kind_are_told_apart() {
    assert_eq!(problems(r#"{"name": "a", "name": "b"}"#), owned(&[("name", "repeated_field"), ("account_type", "missing")]));
    assert_eq!(problems("{}"), owned(&[("name", "missing"), ("account_type", "missing")]));
    assert_eq!(problems(""), owned(&[("name", "missing"), ("account_type", "missing")]));
    assert_eq!(problems("[1]"), owned(&[("", "wrong_type")]));
    assert_eq!(problems("\"text\""), owned(&[("", "wrong_type")]));
    assert_eq!(problems(r#"{"name": {"a": 1}, "account_type": 5}"#), owned(&[("name", "wrong_type"), ("account_type", "wrong_type")]));
}

#[test]
fn what_is_no_amount_never_becomes_one() {
    let balance = |text: &str| problems(&format!(r#"{{"name": "a", "account_type": "checking", "current_balance": {text}}}"#));
    assert_eq!(balance("1e400"), owned(&[("current_balance", "not_an_amount")]));
    assert_eq!(balance("\"NaN\""), owned(&[("current_balance", "not_an_amount")]));
    assert_eq!(balance("1e15"), owned(&[("current_balance", "too_large")]));
    assert_eq!(balance("0.005"), owned(&[("current_balance", "too_many_decimals")]));
    assert_eq!(balance("true"), owned(&[("current_balance", "wrong_type")]));
}

#[test]
fn an_amount_is_exact_where_a_float_would_not_be() {
    let document = br#"{"name": "a", "account_type": "checking", "current_balance": 9007199254740.93}"#;
    assert_eq!(parse::<Opening>(document).unwrap().current_balance, Some(Money::from_cents(900_719_925_474_093)));
}

#[test]
fn a_date_must_exist_and_be_written_out() {
    for date in
        ["2026-02-29", "2026-13-01", "2026-00-10", "2026-1-5", "20260105", "+2026-01-5", "0026-1-050", " 2026-1-5 ", "2026-01-05T00:00:00Z"]
    {
        let found = problems(&format!(r#"{{"name": "a", "account_type": "checking", "as_of_date": "{date}"}}"#));
        assert_eq!(found, owned(&[("as_of_date", "not_a_date")]), "{date}");
    }
}

#[test]
fn what_is_not_json_is_malformed_and_not_invalid() {
    for document in ["{", "{\"name\": NaN}", "{'name': 1}", "{\"name\": 1,}", "{} {}", "\u{feff}{}", "nul"] {
        assert_eq!(parse::<Opening>(document.as_bytes()).unwrap_err().status().as_u16(), 400, "{document}");
    }
    assert_eq!(parse::<Opening>(b"{\"name\": \"\xff\"}").unwrap_err().status().as_u16(), 400);
}

#[test]
fn a_text_that_no_database_can_hold_is_refused() {
    assert_eq!(problems(r#"{"name": "a\u0000b", "account_type": "checking"}"#), owned(&[("name", "control_character")]));
    assert_eq!(problems(r#"{"name": "\ud800", "account_type": "checking"}"#), owned(&[("name", "not_text")]));
}

#[test]
fn a_rule_between_two_fields_runs_where_each_of_them_is_good() {
    let joint = r#"{"name": "a", "account_type": "checking", "liability": {"interest_rate": "0.1"}, "type": true}"#;
    assert_eq!(problems(joint), owned(&[("type", "joint_debt")]));
}

#[test]
fn a_patch_tells_absent_from_null() {
    let change: Change = parse(br#"{"institution": null}"#).unwrap();
    assert_eq!((change.name, change.institution), (Given(None), Patch::Null));
    assert_eq!(parse::<Change>(b"").unwrap().institution, Patch::Absent);
    assert_eq!(parse::<Change>(br#"{"name": null}"#).unwrap_err().errors()[0].code, "null");
}

#[test]
fn an_endless_list_of_problems_is_cut() {
    let fields: Vec<String> = (0..5000).map(|number| format!("\"{}{number}\": 1", "x".repeat(100))).collect();
    let problem = parse::<Nothing>(format!("{{{}}}", fields.join(",")).as_bytes()).unwrap_err();
    assert_eq!(problem.errors().len(), 100);
    assert!(problem.errors().iter().all(|error| error.field.len() <= 80));
}

#[test]
fn depth_costs_no_stack() {
    let deep = format!("{{\"name\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert_eq!(problems(&deep), owned(&[("name", "wrong_type"), ("account_type", "missing")]));
}

#[test]
fn query_parameters_are_read_like_a_body() {
    body! { struct List { limit: Option<Between<1, 200>>, active: Option<bool>, account_id: Option<AccountId>, amount: Option<Money> } }
    let list: List = fields::from_query("limit=20&active=true&amount=1.50&account_id=01890a5d-ac96-774b-bcce-b302099a8057").unwrap();
    assert_eq!((list.limit.unwrap().get(), list.active, list.amount), (20, Some(true), Some(Money::from_cents(150))));
    let errors = fields::from_query::<List>("limit=0&active=1&acount=x&account_id=1").unwrap_err();
    let codes: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
    let expected = [("acount", "unknown_field"), ("limit", "out_of_range"), ("active", "wrong_type"), ("account_id", "not_an_id")];
    assert_eq!(codes, expected);
}

#[test]
fn the_same_lines_describe_the_body() {
    let mut schemas = Schemas::default();
    <Opening as FromField>::schema(&mut schemas);
    assert!(schemas.clashes().is_empty());
    let schema = serde_json::to_value(&schemas.into_named()["Opening"]).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["name", "account_type"]));
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["properties"]["name"]["description"], "What it is called.");
    assert!(schema["properties"]["type"].is_object());
}

/// Any JSON, with the names that the reader looks for often among the keys.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        any::<bool>().prop_map(|b| b.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        "-?[0-9]{1,30}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,4})?"
            .prop_map(|text| serde_json::from_str::<&serde_json::value::RawValue>(&text)
                .map_or_else(|_| "0".to_owned(), |raw| raw.get().to_owned())),
        any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap()),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(|date| format!("\"{date}\"")),
        Just("\"checking\"".to_owned()),
    ];
    leaf.prop_recursive(5, 64, 8, |inner| {
        let name = prop_oneof![
            proptest::sample::select(vec![
                "name",
                "account_type",
                "current_balance",
                "as_of_date",
                "liability",
                "interest_rate",
                "tags",
                "type"
            ])
            .prop_map(str::to_owned),
            any::<String>(),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(|elements| format!("[{}]", elements.join(","))),
            proptest::collection::vec((name, inner), 0..8).prop_map(|fields| {
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{}:{value}", serde_json::to_string(name).unwrap())).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn well_formed_json_is_read_or_refused_with_its_fields(document in any_json()) {
        match parse::<Opening>(document.as_bytes()) {
            Ok(_) => {}
            Err(problem) => {
                prop_assert_eq!(problem.status().as_u16(), 422);
                prop_assert!(!problem.errors().is_empty());
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Err(problem) = parse::<Opening>(&bytes) {
            prop_assert!(matches!(problem.status().as_u16(), 400 | 422));
        }
    }
}
