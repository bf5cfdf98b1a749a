//! Goals. Of the active ones at most one is the primary one; what a goal is about is told in the words of its kind.

use rust_decimal::Decimal;

use super::command::{GoalPatch, NewGoal};
use super::decide::Draft;
use super::error::{Checks, Conflict, HouseholdError, Rule, Thing};
use super::event::Event;
use crate::calendar::Date;
use crate::goals::{Comparison, Goal, GoalKind, GoalMetric, GoalTerms, GoalType, Unit};
use crate::ids::{GoalId, MemberId};
use crate::money::Money;
use crate::rate::Rate;

const MOST_GOALS: usize = 50;
/// A thousand months, a coverage of a thousand times: more is a slip of the keyboard.
const MOST: i64 = 1_000;
/// Decimals of what is no amount of money: as many as a ratio has.
const PLACES: u32 = 4;

pub(super) fn add(draft: &mut Draft, id: GoalId, new: NewGoal) -> Result<(), HouseholdError> {
    let NewGoal { name, goal_type, terms, is_primary, active, notes } = new;
    let mut checks = Checks::default();
    let kind = kind(&mut checks, draft, goal_type, terms, None);
    let goal = Goal { name, kind, is_primary, active, notes };
    check_primary(&mut checks, draft, id, &goal);
    checks.finish()?;
    if draft.household.goals.len() >= MOST_GOALS {
        return Err(Conflict::Full { things: "goals", most: MOST_GOALS }.into());
    }
    draft.record(Event::GoalAdded { id, goal });
    Ok(())
}

pub(super) fn change(draft: &mut Draft, id: GoalId, patch: GoalPatch) -> Result<(), HouseholdError> {
    let was = find(draft, id)?;
    let mut checks = Checks::default();
    let goal_type = patch.goal_type.unwrap_or(was.kind.goal_type());
    // Parameters of another kind mean something else: they do not stay.
    let before = if goal_type == was.kind.goal_type() { was.kind.terms() } else { GoalTerms::default() };
    let terms = GoalTerms {
        target: patch.target.unwrap_or(before.target),
        target_date: patch.target_date.unwrap_or(before.target_date),
        member_id: patch.member_id.unwrap_or(before.member_id),
        metric: patch.metric.unwrap_or(before.metric),
        comparison: patch.comparison.unwrap_or(before.comparison),
    };
    let goal = Goal {
        kind: kind(&mut checks, draft, goal_type, terms, before.target_date),
        name: patch.name.unwrap_or_else(|| was.name.clone()),
        is_primary: patch.is_primary.unwrap_or(was.is_primary),
        active: patch.active.unwrap_or(was.active),
        notes: patch.notes.unwrap_or_else(|| was.notes.clone()),
    };
    check_primary(&mut checks, draft, id, &goal);
    checks.finish()?;
    if goal != was {
        draft.record(Event::GoalChanged { id, goal, was });
    }
    Ok(())
}

pub(super) fn remove(draft: &mut Draft, id: GoalId) -> Result<(), HouseholdError> {
    let was = find(draft, id)?;
    draft.record(Event::GoalRemoved { id, was });
    Ok(())
}

fn find(draft: &Draft, id: GoalId) -> Result<Goal, HouseholdError> {
    draft.household.goals.get(&id).cloned().ok_or(HouseholdError::NotFound { thing: Thing::Goal, id: id.0 })
}

fn check_primary(checks: &mut Checks, draft: &Draft, id: GoalId, goal: &Goal) {
    let others = draft.household.goals.iter().filter(|(other, _)| **other != id);
    let second = goal.is_primary && goal.active && others.into_iter().any(|(_, other)| other.is_primary && other.active);
    checks.require(!second, "is_primary", || Rule::NotAllowedHere("another active goal is the primary one: change that first"));
}

/// The goal's kind with its parameters. `known`: the day that it has already, which may have come.
fn kind(checks: &mut Checks, draft: &Draft, goal_type: GoalType, terms: GoalTerms, known: Option<Date>) -> GoalKind {
    let mut told = Told { terms, checks, draft, known };
    let kind = match goal_type {
        GoalType::EmergencyFundMonths => GoalKind::EmergencyFundMonths { months: told.number(MOST) },
        GoalType::MinDscr => GoalKind::MinDscr { ratio: told.number(MOST) },
        GoalType::MinSavingsRate => GoalKind::MinSavingsRate { rate: Rate::new(told.number(1)) },
        GoalType::NetWorthTarget => GoalKind::NetWorthTarget { amount: told.amount() },
        GoalType::NetWorthTargetByDate => GoalKind::NetWorthTargetByDate { amount: told.amount(), by: told.day() },
        GoalType::RetirementAge => GoalKind::RetirementAge { member_id: told.member(), age: told.age() },
        GoalType::DebtFreeDate => GoalKind::DebtFreeDate { by: told.day() },
        GoalType::Custom => {
            let (metric, comparison) = (told.metric(), told.comparison());
            GoalKind::Custom { metric, comparison, target: told.of(metric) }
        }
    };
    told.nothing_else();
    kind
}

/// What was told of a goal. What a kind needs is taken out of it, and what is left belongs to another kind. Where something is
/// missing or wrong, that is noted, and anything stands in its place: the command is refused.
struct Told<'c> {
    terms: GoalTerms,
    checks: &'c mut Checks,
    draft: &'c Draft,
    known: Option<Date>,
}

impl Told<'_> {
    fn needed<T>(&mut self, value: Option<T>, field: &str, instead: T) -> T {
        self.checks.or_else(value.ok_or(Rule::Required("a goal of this type has one")), field, instead)
    }

    fn target(&mut self) -> Decimal {
        let target = self.terms.target.take();
        self.needed(target, "target", Decimal::ONE).normalize()
    }

    fn within(&mut self, target: Decimal, holds: bool, (min, max): (&str, String)) -> Decimal {
        self.checks.require(holds, "target", || Rule::OutOfRange { min: min.to_owned(), max });
        target
    }

    /// More than zero, at most so much, with four decimals.
    fn number(&mut self, most: i64) -> Decimal {
        let target = self.target();
        let holds = target > Decimal::ZERO && target <= Decimal::from(most);
        let target = self.within(target, holds, ("more than 0", most.to_string()));
        self.with_places(target)
    }

    fn with_places(&mut self, target: Decimal) -> Decimal {
        self.checks.require(target.scale() <= PLACES, "target", || Rule::NotAllowedHere("a ratio has four decimals at most"));
        target
    }

    fn amount(&mut self) -> Money {
        let target = self.target();
        let amount = self.cents(target);
        self.checks.require(amount.is_positive(), "target", || Rule::NotPositive);
        amount
    }

    fn cents(&mut self, target: Decimal) -> Money {
        let amount = Money::from_decimal_exact(target).map_err(|_| Rule::NotAllowedHere("an amount is whole cents, ten trillion at most"));
        self.checks.or_else(amount, "target", Money::from_cents(1))
    }

    fn age(&mut self) -> u32 {
        let target = self.target();
        let age = u32::try_from(target).ok().filter(|age| target.is_integer() && (18..=100).contains(age));
        self.checks.or_else(age.ok_or_else(|| Rule::OutOfRange { min: "18".to_owned(), max: "100".to_owned() }), "target", 65)
    }

    /// A day that has not come yet, or is the goal's already.
    fn day(&mut self) -> Date {
        let (told, today) = (self.terms.target_date.take(), self.draft.today);
        let day = self.needed(told, "target_date", today);
        let latest = Date::from_ymd_opt(2199, 12, 31).unwrap_or(Date::MAX);
        let holds = Some(day) == self.known || (today..=latest).contains(&day);
        self.checks.require(holds, "target_date", || Rule::OutOfRange { min: today.to_string(), max: latest.to_string() });
        day
    }

    fn member(&mut self) -> MemberId {
        let told = self.terms.member_id.take();
        let is_known = told.is_none_or(|id| self.draft.household.members.contains_key(&id));
        self.checks.require(is_known, "member_id", || Rule::UnknownMember);
        self.needed(told, "member_id", MemberId(uuid::Uuid::nil()))
    }

    fn metric(&mut self) -> GoalMetric {
        let told = self.terms.metric.take();
        self.needed(told, "metric", GoalMetric::NetWorth)
    }

    fn comparison(&mut self) -> Comparison {
        let told = self.terms.comparison.take();
        self.needed(told, "comparison", Comparison::AtLeast)
    }

    /// A target of a figure: whole cents of an amount, else a number with four decimals.
    fn of(&mut self, metric: GoalMetric) -> Decimal {
        let target = self.target();
        if metric.unit() == Unit::Amount {
            return self.cents(target).to_decimal();
        }
        let most = Decimal::from(MOST).saturating_mul(Decimal::from(MOST));
        let target = self.within(target, target.abs() <= most, ("-1000000", "1000000".to_owned()));
        self.with_places(target)
    }

    fn nothing_else(self) {
        let GoalTerms { target, target_date, member_id, metric, comparison } = self.terms;
        let left = [
            ("target", target.is_some()),
            ("target_date", target_date.is_some()),
            ("member_id", member_id.is_some()),
            ("metric", metric.is_some()),
            ("comparison", comparison.is_some()),
        ];
        for (field, is_left) in left {
            self.checks.require(!is_left, field, || Rule::NotAllowedHere("a goal of this type has none"));
        }
    }
}
