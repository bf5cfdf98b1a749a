//! A snapshot is read by the form that wrote it, or not at all.
//!
//! The fault: the state of a household gets another shape, the number of its form stays, and a server goes on from snapshots of before: a
//! field that was renamed is empty from then on, and what is decided on it is wrong for ever. The guard: one household that has
//! something of everything is stored here in the present form, and has to read and write back as it was, to the byte.

use std::collections::BTreeSet;

use domain::household::Household;
use projections::store::STATE_FORM;
use serde_json::Value;

/// The example of the present form. Another shape is another form, with an example of its own under its own number.
const EXAMPLE: &str = include_str!("data/state_form_4.json");
const FORM_OF_EXAMPLE: i32 = 4;

const WHAT_TO_DO: &str = "The state of a household has another shape than snapshots of this form. Raise STATE_FORM in projections/src/store/mod.rs, \
                          and store the example in its new shape as tests/guarantees/data/state_form_<number>.json in place of this one.";

#[test]
fn a_state_of_another_shape_is_a_state_of_another_form() {
    assert_eq!(STATE_FORM, FORM_OF_EXAMPLE, "store an example of form {STATE_FORM}");
    let stored: Value = serde_json::from_str(EXAMPLE).unwrap();
    let household: Household = serde_json::from_value(stored.clone()).unwrap_or_else(|error| panic!("{error}. {WHAT_TO_DO}"));
    let written = serde_json::to_value(&household).unwrap();
    for (path, value) in leaves(&stored) {
        assert_eq!(written.pointer(&path), Some(value), "{path}. {WHAT_TO_DO}");
    }
    for (path, value) in leaves(&written) {
        assert_eq!(stored.pointer(&path), Some(value), "{path}. {WHAT_TO_DO}");
    }
}

/// What is nowhere in the example could change its shape unseen.
#[test]
fn the_example_has_something_of_everything() {
    let example = serde_json::from_str(EXAMPLE).unwrap();
    let shapes: BTreeSet<(String, bool)> =
        leaves(&example).into_iter().map(|(path, leaf)| (without_ids(&path), is_something(leaf))).collect();
    let elsewhere = |path: &str| shapes.iter().any(|(other, is)| *is && (other == path || other.starts_with(&format!("{path}/"))));
    let empty: Vec<_> = shapes.iter().map(|(path, _)| path).filter(|path| !elsewhere(path)).collect();
    assert!(empty.is_empty(), "the example has nothing at {empty:?}");
}

fn is_something(leaf: &Value) -> bool {
    match leaf {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// Values that hold no others, by their JSON pointers.
fn leaves(value: &Value) -> Vec<(String, &Value)> {
    let below = |name: &str, value| leaves(value).into_iter().map(move |(path, leaf)| (format!("/{name}{path}"), leaf)).collect::<Vec<_>>();
    match value {
        Value::Object(fields) if !fields.is_empty() => fields.iter().flat_map(|(name, field)| below(name, field)).collect(),
        Value::Array(items) if !items.is_empty() => items.iter().enumerate().flat_map(|(n, item)| below(&n.to_string(), item)).collect(),
        _ => vec![(String::new(), value)],
    }
}

/// A thing's id, or a place in a list, is no part of a shape.
fn without_ids(path: &str) -> String {
    let part = |part: &str| {
        if part.len() == 36 || part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() {
            "*".to_owned()
        } else {
            part.to_owned()
        }
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}
