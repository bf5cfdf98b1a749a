//! Where in a body a reader is, and the problems that were found so far.
//!
//! The path is a chain of borrowed steps on the stack: it is written out only for a field at fault.

use std::cell::RefCell;
use std::fmt::Write;

use crate::problem::FieldError;

/// More than these are not listed: a body of a megabyte of wrong fields must not become an answer of ten.
const MOST_PROBLEMS: usize = 100;
/// Names that come from the client are cut here before they are sent back.
const LONGEST_NAME: usize = 80;

/// The problems of one body.
#[derive(Debug, Default)]
pub struct Problems(RefCell<Vec<FieldError>>);

impl Problems {
    /// The place where a body begins.
    #[must_use]
    pub fn root(&self) -> At<'_> {
        At { parent: None, step: Step::Root, problems: self }
    }

    /// What was found; empty for a good body.
    #[must_use]
    pub fn into_errors(self) -> Vec<FieldError> {
        self.0.into_inner()
    }
}

/// A place in a body.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    parent: Option<&'a At<'a>>,
    step: Step<'a>,
    problems: &'a Problems,
}

#[derive(Clone, Copy, Debug)]
enum Step<'a> {
    Root,
    Field(&'a str),
    Element(usize),
}

impl<'a> At<'a> {
    /// The field of this name, inside here.
    #[must_use]
    pub fn field(&'a self, name: &'a str) -> At<'a> {
        At { parent: Some(self), step: Step::Field(name), problems: self.problems }
    }

    /// The element of this number (from 0), inside here.
    #[must_use]
    pub fn element(&'a self, index: usize) -> At<'a> {
        At { parent: Some(self), step: Step::Element(index), problems: self.problems }
    }

    /// Notes that what stands here breaks a rule. Gives `None`, so that a reader can end with it.
    pub fn refuse<T>(&self, code: &'static str, message: impl Into<String>) -> Option<T> {
        let mut problems = self.problems.0.borrow_mut();
        if problems.len() < MOST_PROBLEMS {
            problems.push(FieldError::new(self.path(), code, message));
        }
        None
    }

    /// The same about a field inside here: `at.refuse_field("end_date", "ends_before_start", "…")`.
    pub fn refuse_field(&self, name: &str, code: &'static str, message: impl Into<String>) {
        self.field(name).refuse::<()>(code, message);
    }

    /// How many problems were found so far.
    #[must_use]
    pub fn problems(&self) -> usize {
        self.problems.0.borrow().len()
    }

    /// `liability.interest_rate`, `changes[2].name`; empty at the root.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = self.parent.map(At::path).unwrap_or_default();
        match self.step {
            Step::Root => {}
            Step::Field(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.extend(name.chars().take(LONGEST_NAME));
            }
            // Writing to a String cannot fail.
            Step::Element(index) => drop(write!(path, "[{index}]")),
        }
        path
    }
}
