//! A template as it is filled in: each question is asked once, in the code that needs its answer, and by that is described, given its
//! default, read and checked.
//!
//! So a list of questions and what is made of their answers cannot disagree, a default may follow from an earlier answer (the salary from
//! the job that was chosen), and a half-answered form is checked as far as it goes. A value is what was told, or else its default; where
//! there is neither, a question that is required is *missing*. All problems are noted, none ends the asking.

use std::collections::BTreeMap;
use std::fmt::Display;

use super::figures::Figures;
use crate::calendar::Date;
use crate::household::error::Rule;
use crate::money::Money;
use crate::projection::changes::parameter::{Parameter, ParameterError, Parameters, Told};
use crate::rate::Rate;
use crate::vocabulary::words;

/// Answers as they were told, by the keys of their questions.
pub type Answers = Parameters;

/// Answers as they are kept: each in its shortest form, so that the same answer is the same text; none where a question that may stay open
/// was left so on purpose.
pub type Given = BTreeMap<String, Option<String>>;

words! {
    /// What an answer is.
    pub enum AnswerType {
        /// An amount of money.
        Amount => "amount",
        /// A part of something, or a rate: 0.05 for 5 %.
        Fraction => "fraction",
        /// A whole number.
        Whole => "integer",
        /// One of a few words.
        Word => "word",
        /// The id of an income.
        Income => "income",
        /// The id of a flow.
        Flow => "flow",
        /// The id of an income or of a flow.
        IncomeOrFlow => "income_or_flow",
        /// The id of an account.
        Account => "account",
        /// The id of a person.
        Member => "member",
    }
}

words! {
    /// What an answer is measured in.
    pub enum AnswerUnit {
        /// An amount, once.
        Once => "once",
        /// An amount a month.
        Monthly => "a_month",
        /// An amount a year.
        Annual => "a_year",
        /// An amount a quarter.
        Quarterly => "a_quarter",
        /// An amount each time it recurs.
        EachTime => "each_time",
        /// A fraction a year.
        RateAYear => "rate_a_year",
        /// A part of the whole.
        Part => "part",
        /// Months.
        Months => "months",
    }
}

/// Something that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// As it is answered.
    pub value: String,
    /// For people.
    pub label: String,
}

/// A question as a client shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Under which name it is answered.
    pub key: &'static str,
    /// What is asked.
    pub label: &'static str,
    /// In which step of the form, from 0.
    pub step: usize,
    /// What an answer is.
    pub answer_type: AnswerType,
    /// A value has to be there: an answer, or the default.
    pub required: bool,
    /// What it is measured in.
    pub unit: Option<AnswerUnit>,
    /// The least that it may be.
    pub minimum: Option<String>,
    /// The most that it may be.
    pub maximum: Option<String>,
    /// What can be chosen, where only that can.
    pub choices: Option<Vec<Choice>>,
    /// What counts where nothing is answered.
    pub default: Option<String>,
    /// Where the default comes from, for people.
    pub default_basis: Option<&'static str>,
}

/// A type that is asked for as a value.
pub trait Answer: Parameter + Copy + Ord + Display {
    /// What an answer is.
    const TYPE: AnswerType;
}
impl Answer for Money {
    const TYPE: AnswerType = AnswerType::Amount;
}
impl Answer for Rate {
    const TYPE: AnswerType = AnswerType::Fraction;
}
impl Answer for u16 {
    const TYPE: AnswerType = AnswerType::Whole;
}

/// A question for a value. Made by [`amount`], [`fraction`] and [`months`].
#[derive(Clone, Copy, Debug)]
pub struct Asked<T> {
    key: &'static str,
    label: &'static str,
    unit: AnswerUnit,
    least: T,
    most: T,
    required: bool,
    default: Option<T>,
    basis: Option<&'static str>,
}

impl<T: Answer> Asked<T> {
    /// It may stay open.
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// What counts where nothing is answered, held within the bounds, and where that comes from.
    pub fn usually(mut self, default: Option<T>, basis: &'static str) -> Self {
        let (least, most) = (self.least, self.most);
        self.default = default.map(|value| value.max(least).min(most));
        self.basis = self.default.is_some().then_some(basis);
        self
    }

    /// No more than this.
    pub fn at_most(mut self, most: T) -> Self {
        self.most = most.max(self.least);
        self
    }
}

/// A question for an amount of more than nothing.
pub const fn amount(key: &'static str, unit: AnswerUnit, label: &'static str) -> Asked<Money> {
    let least = Money::from_cents(1);
    Asked { key, label, unit, least, most: Money::LIMIT, required: true, default: None, basis: None }
}

/// A question for an amount that may be nothing.
pub const fn amount_or_nothing(key: &'static str, unit: AnswerUnit, label: &'static str) -> Asked<Money> {
    Asked { least: Money::ZERO, ..amount(key, unit, label) }
}

/// A question for a fraction from 0 to 1.
pub const fn fraction(key: &'static str, unit: AnswerUnit, label: &'static str) -> Asked<Rate> {
    Asked { key, label, unit, least: Rate::ZERO, most: Rate::ONE, required: true, default: None, basis: None }
}

/// A question for a number of months.
pub const fn months(key: &'static str, label: &'static str, least: u16, most: u16) -> Asked<u16> {
    Asked { key, label, unit: AnswerUnit::Months, least, most, required: true, default: None, basis: None }
}

/// A question for one of several things.
#[derive(Clone, Debug)]
pub struct Choosing<T> {
    key: &'static str,
    label: &'static str,
    answer_type: AnswerType,
    things: Vec<(T, Choice)>,
    required: bool,
    default: Option<T>,
    basis: Option<&'static str>,
    /// Why a template does not fit where there is nothing to choose from.
    unfit: &'static str,
}

impl<T: Copy + PartialEq> Choosing<T> {
    /// One of `things`, each with the text that stands for it and its name; the template does not fit for the reason `unfit` where there
    /// is none of them.
    pub fn new(key: &'static str, answer_type: AnswerType, label: &'static str, things: Vec<(T, Choice)>, unfit: &'static str) -> Self {
        Self { key, label, answer_type, things, required: true, default: None, basis: None, unfit }
    }

    /// It may stay open, and the template fits where there is nothing to choose from.
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// What counts where nothing is answered, if it is one of the things, and where that comes from.
    pub fn usually(mut self, default: Option<T>, basis: &'static str) -> Self {
        self.default = default.filter(|value| self.things.iter().any(|(thing, _)| thing == value));
        self.basis = self.default.is_some().then_some(basis);
        self
    }
}

impl<T: Copy + PartialEq> Choosing<T> {
    /// The first of the things counts where nothing is answered.
    pub fn usually_first(self, basis: &'static str) -> Self {
        let first = self.things.first().map(|(thing, _)| *thing);
        self.usually(first, basis)
    }
}

/// A form that is being filled in.
#[derive(Debug)]
pub struct Form<'a> {
    /// The household's own figures.
    pub figures: &'a Figures<'a>,
    /// The day from which on all of it holds.
    pub when: Date,
    answers: &'a Answers,
    /// Titles of the steps.
    pub(super) steps: Vec<&'static str>,
    pub(super) questions: Vec<Question>,
    pub(super) given: Given,
    /// What is wrong with answers, by key.
    pub(super) problems: Vec<(String, Rule)>,
    /// What has to be answered and is not.
    pub(super) missing: Vec<&'static str>,
    /// Why the template does not fit the household.
    pub(super) unfit: Option<&'static str>,
}

impl<'a> Form<'a> {
    pub(super) const fn new(figures: &'a Figures<'a>, when: Date, answers: &'a Answers) -> Self {
        Self {
            figures,
            when,
            answers,
            steps: Vec::new(),
            questions: Vec::new(),
            given: Given::new(),
            problems: Vec::new(),
            missing: Vec::new(),
            unfit: None,
        }
    }

    /// The questions from here on belong to a step of this title.
    pub fn step(&mut self, title: &'static str) {
        self.steps.push(title);
    }

    /// The template does not fit unless `holds`; the first reason counts.
    pub const fn fits(&mut self, holds: bool, reason: &'static str) {
        if !holds && self.unfit.is_none() {
            self.unfit = Some(reason);
        }
    }

    /// Notes that an answer does not go together with others unless `holds`.
    pub fn together(&mut self, holds: bool, key: &str, problem: &'static str) {
        if !holds {
            self.problems.push((key.to_owned(), Rule::Parameter(ParameterError::Together(problem))));
        }
    }

    /// Asks for a value.
    pub fn ask<T: Answer>(&mut self, asked: Asked<T>) -> Option<T> {
        let Asked { key, label, unit, least, most, required, default, basis } = asked;
        let held = |value: T| {
            let outside = || Rule::OutOfRange { min: least.to_string(), max: most.to_string() };
            if (least..=most).contains(&value) { Ok(value) } else { Err(outside()) }
        };
        let value = self.value(key, required, default, |told| T::read(told).map_err(Rule::Parameter).and_then(held), T::to_string);
        self.questions.push(Question {
            key,
            label,
            step: self.steps.len().saturating_sub(1),
            answer_type: T::TYPE,
            required,
            unit: Some(unit),
            minimum: Some(least.to_string()),
            maximum: Some(most.to_string()),
            choices: None,
            default: default.map(|value| value.to_string()),
            default_basis: basis,
        });
        value
    }

    /// Asks which one.
    pub fn choose<T: Copy + PartialEq>(&mut self, choosing: Choosing<T>) -> Option<T> {
        let Choosing { key, label, answer_type, things, required, default, basis, unfit } = choosing;
        self.fits(!required || !things.is_empty(), unfit);
        let text_of =
            |value: &T| things.iter().find(|(thing, _)| thing == value).map(|(_, choice)| choice.value.clone()).unwrap_or_default();
        let read = |told: &Told| match told {
            Told::Text(text) => {
                let chosen = things.iter().find(|(_, choice)| choice.value.eq_ignore_ascii_case(text));
                chosen.map(|(thing, _)| *thing).ok_or(Rule::NotAllowedHere("it is none of the question's choices"))
            }
            Told::Null | Told::Flag(_) | Told::Number(_) | Told::Structure(_) => Err(Rule::NotAllowedHere("a choice is told as a string")),
        };
        let value = self.value(key, required, default, read, text_of);
        self.questions.push(Question {
            key,
            label,
            step: self.steps.len().saturating_sub(1),
            answer_type,
            required,
            unit: None,
            minimum: None,
            maximum: None,
            default: default.as_ref().map(text_of),
            choices: Some(things.into_iter().map(|(_, choice)| choice).collect()),
            default_basis: basis,
        });
        value
    }

    /// Asks for one of a closed list of words.
    pub fn word<T: Copy + PartialEq>(
        &mut self,
        (key, label): (&'static str, &'static str),
        all: &[T],
        as_str: fn(T) -> &'static str,
        default: T,
    ) -> Option<T> {
        let choice = |word: T| Choice { value: as_str(word).to_owned(), label: as_str(word).replace('_', " ") };
        let things = all.iter().map(|word| (*word, choice(*word))).collect();
        self.choose(
            Choosing::new(key, AnswerType::Word, label, things, "there is nothing to choose from").usually(Some(default), "the usual"),
        )
    }

    fn value<T>(
        &mut self,
        key: &'static str,
        required: bool,
        default: Option<T>,
        read: impl FnOnce(&Told) -> Result<T, Rule>,
        text_of: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match self.answers.get(key) {
            None => {
                if required && default.is_none() {
                    self.missing.push(key);
                }
                default
            }
            Some(Told::Null) if required => {
                self.problems.push((key.to_owned(), Rule::Parameter(ParameterError::Null)));
                None
            }
            Some(Told::Null) => {
                self.given.insert(key.to_owned(), None);
                None
            }
            Some(told) => match read(told) {
                Ok(value) => {
                    self.given.insert(key.to_owned(), Some(text_of(&value)));
                    Some(value)
                }
                Err(rule) => {
                    self.problems.push((key.to_owned(), rule));
                    None
                }
            },
        }
    }

    /// Whatever was told and not asked.
    pub(super) fn refuse_others(&mut self) {
        let known: Vec<&'static str> = self.questions.iter().map(|question| question.key).collect();
        let others = self.answers.keys().filter(|key| !known.contains(&key.as_str()));
        let unknown = |key: &String| (key.clone(), Rule::Parameter(ParameterError::Unknown { known: known.clone() }));
        self.problems.extend(others.map(unknown).collect::<Vec<_>>());
    }
}
