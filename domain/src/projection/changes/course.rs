//! The course of a plan's changes: what is in force in a month, and how it is laid over what was there.
//!
//! [`Base`] is the household as if nothing stood over it: it grows at anniversaries as always, and what happens once changes it for
//! good. [`Laid`] is made of it anew at every turn (a change begins or has ended, a year's growth has come): each change in force lays
//! itself over it, in order. The state then takes it over. Nothing has to be taken back, so nothing can be taken back wrongly.

use super::effect::{Effect, Reach};
use super::kind::Timing;
use super::opened::{Opened, Openings};
use super::{PlannedChange, Source};
use crate::calendar::{Date, Frequency, Month};
use crate::ids::{AccountId, ChangeId, FlowId, IncomeId, MemberId};
use crate::money::Money;
use crate::projection::books::Books;
use crate::projection::clock::{Clock, Span};
use crate::projection::engine::Changes;
use crate::projection::income::IncomeState;
use crate::projection::ledger::{Cause, Slot};
use crate::projection::plan::{Assumptions, DebtTerms, Plan, PlanAccount};
use crate::projection::spending::FlowState;
use crate::projection::state::{Anniversary, Rise, State};
use crate::rate::Rate;

/// A change with the months of the plan in which it holds, both included.
struct Scheduled<'p> {
    planned: &'p PlannedChange,
    /// What it books is because of it.
    cause: Cause,
    first: u16,
    last: u16,
    opens: Vec<Opened>,
}

impl<'p> Scheduled<'p> {
    /// `None` where it is over before the plan begins, or begins after its end. What happened once before the plan is in its opening
    /// balances already; what stands since then holds from month 1 on.
    fn of((place, planned): (u32, &'p PlannedChange), start: Month, months: u16) -> Option<Self> {
        let number = |date: Date| Month::of(date).since(start).saturating_add(1);
        let change = &planned.change;
        let begins = number(change.effective_date);
        let last = match change.kind.change_type().timing() {
            Timing::Once if begins < 1 => return None,
            Timing::Once => begins.saturating_add(i32::from(change.kind.effect().lasts_months())),
            Timing::Standing | Timing::Set => change.last_day().map_or(i32::from(months), number),
        };
        let (first, last) = (begins.max(1), last.min(i32::from(months)));
        if !change.enabled || first > last {
            return None;
        }
        let (first, last) = (u16::try_from(first).ok()?, u16::try_from(last).ok()?);
        Some(Self { planned, cause: Cause::Change(place), first, last, opens: Vec::new() })
    }

    fn effect(&self) -> &'p dyn Effect {
        self.planned.change.kind.effect()
    }

    fn holds_in(&self, number: u16) -> bool {
        (self.first..=self.last).contains(&number)
    }

    fn happens_once(&self) -> bool {
        self.planned.change.kind.change_type().timing() == Timing::Once
    }
}

/// Who is who in a plan: ids to places.
struct Places {
    incomes: Vec<IncomeId>,
    flows: Vec<FlowId>,
    members: Vec<MemberId>,
    start: Month,
}

/// What there is when no standing change holds.
pub(super) struct Base {
    incomes: Vec<IncomeState>,
    flows: Vec<FlowState>,
    assumptions: Assumptions,
}

/// The changes of a plan, on their way through its months.
pub(in crate::projection) struct Course<'p> {
    scheduled: Vec<Scheduled<'p>>,
    places: Places,
    /// From month 1 on.
    base: Option<Base>,
    /// The growth of past anniversaries, each with its month.
    anniversaries: Vec<(u16, Anniversary)>,
    /// Which change brought each income behind the plan's own.
    brought: Vec<usize>,
}

impl<'p> Course<'p> {
    /// Of a plan.
    pub fn of(plan: &'p Plan) -> Self {
        let mut scheduled: Vec<Scheduled<'p>> =
            (0_u32..).zip(&plan.changes).filter_map(|planned| Scheduled::of(planned, plan.start, plan.months)).collect();
        scheduled.sort_by_key(|scheduled| scheduled.planned.key());
        let mut openings = Openings::of(plan);
        for scheduled in &mut scheduled {
            scheduled.opens = openings.by(scheduled.planned);
        }
        let places = Places {
            incomes: plan.incomes.iter().map(|income| income.id).collect(),
            flows: plan.flows.iter().map(|flow| flow.id).collect(),
            members: plan.filer.members.iter().map(|member| member.id).collect(),
            start: plan.start,
        };
        Self { scheduled, places, base: None, anniversaries: Vec::new(), brought: Vec::new() }
    }

    /// The accounts that are opened on the way, in their order, with nothing in them.
    pub fn opens(&self) -> impl Iterator<Item = PlanAccount> {
        self.scheduled.iter().flat_map(|scheduled| &scheduled.opens).map(|opened| opened.account.clone())
    }

    /// The change that opens each of these accounts.
    pub fn openers(&self) -> impl Iterator<Item = ChangeId> {
        self.scheduled.iter().flat_map(|scheduled| scheduled.opens.iter().map(|_| scheduled.planned.id))
    }

    /// Lays what is in force over the base, and lets the state take it over.
    fn lay(&mut self, state: &mut State<'_>) {
        let Some(base) = &self.base else { return };
        let number = state.clock.number;
        let mut laid = Laid {
            incomes: base.incomes.clone(),
            flows: base.flows.clone(),
            assumptions: base.assumptions,
            points: vec![Rate::ZERO; state.debts.len()],
            brought: Vec::new(),
            state,
            places: &self.places,
            anniversaries: &self.anniversaries,
            now: Now { change: 0, cause: Cause::Household, about: None, first: 0, effective_date: state.clock.first_day, end_date: None },
        };
        let stands = |scheduled: &Scheduled<'_>| !scheduled.happens_once() && scheduled.holds_in(number);
        let standing = || self.scheduled.iter().enumerate().filter(|(_, scheduled)| stands(scheduled));
        let looking_around = |wanted: bool| standing().filter(move |(_, scheduled)| (scheduled.effect().reach() > Reach::Itself) == wanted);
        for (index, scheduled) in looking_around(false).chain(looking_around(true)) {
            let change = &scheduled.planned.change;
            let (effective_date, end_date) = (change.effective_date, change.last_day());
            let Scheduled { cause, first, .. } = *scheduled;
            laid.now = Now { change: index, cause, about: change.source, first, effective_date, end_date };
            scheduled.effect().lay(&mut laid);
        }
        let Laid { incomes, flows, assumptions, points, brought, .. } = laid;
        take_incomes(state, incomes, &brought, &mut self.brought, self.places.incomes.len());
        state.flows = flows;
        for (debt, points) in state.debts.iter_mut().zip(points) {
            debt.set_points(points);
        }
        if state.assumptions != assumptions {
            state.assumptions = assumptions;
            state.refresh_growth();
        }
    }
}

/// The plan's own incomes keep their places; one that a change brought is known by that change, and stops with it.
fn take_incomes(state: &mut State<'_>, laid: Vec<IncomeState>, by: &[usize], known: &mut Vec<usize>, own: usize) {
    let mut laid = laid.into_iter();
    for (income, terms) in state.incomes.iter_mut().zip(laid.by_ref().take(own)) {
        income.take_terms(terms);
    }
    for (income, change) in state.incomes.iter_mut().skip(own).zip(known.iter()) {
        if !by.contains(change) {
            income.suspend();
        }
    }
    for (terms, change) in laid.zip(by) {
        let place = known.iter().position(|known| known == change).map(|place| place.saturating_add(own));
        match place.and_then(|place| state.incomes.get_mut(place)) {
            Some(income) => income.take_terms(terms),
            None => {
                known.push(*change);
                state.incomes.push(terms);
            }
        }
    }
}

impl Changes for Course<'_> {
    fn apply(&mut self, state: &mut State<'_>, books: &mut Books<'_>) {
        let number = state.clock.number;
        let mut base = self.base.take().unwrap_or_else(|| Base {
            incomes: state.incomes.clone(),
            flows: state.flows.clone(),
            assumptions: state.assumptions,
        });
        let mut turns = false;
        for scheduled in &self.scheduled {
            let begins = scheduled.first == number;
            turns |= begins || (scheduled.last.checked_add(1) == Some(number) && !scheduled.happens_once());
            if begins && scheduled.happens_once() {
                books.because(scheduled.cause);
                let mut moment = Moment { planned: scheduled.planned, state, books, base: &mut base, opens: &scheduled.opens };
                scheduled.effect().happen(&mut moment);
            } else if begins {
                for opened in &scheduled.opens {
                    state.open_account(&opened.account, opened.owner, books);
                }
            }
        }
        self.base = Some(base);
        // What is spread over all that is earned follows that, and jobs begin and end by themselves.
        turns |= self.scheduled.iter().any(|scheduled| scheduled.holds_in(number) && scheduled.effect().reach() == Reach::WhatIsPaid);
        if turns {
            self.lay(state);
        }
        for scheduled in self.scheduled.iter().filter(|scheduled| scheduled.holds_in(number)) {
            books.because(scheduled.cause);
            let mut month = Recurring { planned: scheduled.planned, since: number.saturating_sub(scheduled.first), state, books };
            scheduled.effect().recur(&mut month);
        }
    }

    fn grown(&mut self, state: &mut State<'_>) {
        let anniversary = Anniversary::of(&state.assumptions);
        if let Some(base) = &mut self.base {
            anniversary.raise(&mut base.incomes, &mut base.flows);
        }
        self.anniversaries.push((state.clock.number, anniversary));
        self.lay(state);
    }
}

/// What a change that happens once acts on.
pub(super) struct Moment<'m, 't, 'o> {
    /// The change.
    pub planned: &'m PlannedChange,
    /// As it is before this month's bookings.
    pub state: &'m mut State<'t>,
    /// Where it books.
    pub books: &'m mut Books<'o>,
    /// What stands without the standing changes.
    base: &'m mut Base,
    opens: &'m [Opened],
}

impl Moment<'_, '_, '_> {
    /// Where the account is that the change is about.
    pub fn object(&self) -> Option<Slot> {
        object(self.planned, self.state)
    }

    /// Opens the account of the change, as a debt on these terms where it is one.
    pub fn open(&mut self, debt: Option<DebtTerms>) -> Option<Slot> {
        let opened = self.opens.first()?;
        let account = PlanAccount { debt, ..opened.account.clone() };
        self.state.open_account(&account, opened.owner, self.books)
    }

    /// What came from a property, or was paid for it, ends.
    pub fn end_flows_of(&mut self, property: AccountId) {
        for flow in self.base.flows.iter_mut().filter(|flow| flow.property == Some(property)) {
            flow.suspend();
        }
    }
}

/// What a change acts on that moves money in every month.
pub(super) struct Recurring<'m, 't, 'o> {
    /// The change.
    pub planned: &'m PlannedChange,
    /// Months since it began.
    pub since: u16,
    /// As it is before this month's bookings.
    pub state: &'m mut State<'t>,
    /// Where it books.
    pub books: &'m mut Books<'o>,
}

impl Recurring<'_, '_, '_> {
    /// Where the account is that the change is about.
    pub fn object(&self) -> Option<Slot> {
        object(self.planned, self.state)
    }
}

fn object(planned: &PlannedChange, state: &State<'_>) -> Option<Slot> {
    match planned.change.source? {
        Source::Account(id) => state.slot_of(id),
        Source::Income(_) | Source::Flow(_) => None,
    }
}

/// The change that is being laid.
struct Now {
    change: usize,
    cause: Cause,
    about: Option<Source>,
    first: u16,
    effective_date: Date,
    end_date: Option<Date>,
}

/// The household with the changes so far laid over it.
pub(super) struct Laid<'l, 't> {
    /// The plan's own incomes, then those that changes bring.
    pub incomes: Vec<IncomeState>,
    /// The plan's own flows, then those that changes bring.
    pub flows: Vec<FlowState>,
    /// What is assumed.
    pub assumptions: Assumptions,
    /// Percentage points by debt, in the state's order.
    pub points: Vec<Rate>,
    /// Which change brought each income behind the plan's own.
    brought: Vec<usize>,
    /// The household as it is this month: to be read only.
    pub state: &'l State<'t>,
    places: &'l Places,
    anniversaries: &'l [(u16, Anniversary)],
    now: Now,
}

impl Laid<'_, '_> {
    /// Which month it is.
    pub const fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// What the change is about that is being laid.
    pub const fn now_about(&self) -> Option<Source> {
        self.now.about
    }

    /// What the change that is being laid brings is because of it.
    pub const fn cause(&self) -> Cause {
        self.now.cause
    }

    /// A flow of the plan stops.
    pub fn suspend_flow(&mut self, id: FlowId) {
        self.flow(id).into_iter().for_each(FlowState::suspend);
    }

    /// The days of the change that is being laid, in a rhythm that begins with it.
    pub fn span(&self, frequency: Frequency) -> Span {
        self.span_from(self.now.effective_date, frequency)
    }

    /// The same, from a later first day on.
    pub fn span_from(&self, first: Date, frequency: Frequency) -> Span {
        Span::new(Some(first), self.now.end_date, frequency, self.places.start)
    }

    /// The first day of the change that is being laid.
    pub const fn begins(&self) -> Date {
        self.now.effective_date
    }

    /// An amount that was said for the change's first month, as it is now. What is said for an anniversary holds as it was said until
    /// the next one.
    pub fn grown(&self, amount: Money, rise: Rise) -> Money {
        let since = self.anniversaries.iter().filter(|(month, _)| *month > self.now.first);
        since.fold(amount, |amount, (_, anniversary)| anniversary.raised(amount, rise))
    }

    /// The income of the plan with this id.
    pub fn income(&mut self, id: IncomeId) -> Option<&mut IncomeState> {
        let place = self.place_of(id)?;
        self.incomes.get_mut(place)
    }

    /// The place of the income of the plan with this id.
    pub fn place_of(&self, id: IncomeId) -> Option<usize> {
        self.places.incomes.iter().position(|known| *known == id)
    }

    /// The flow of the plan with this id.
    pub fn flow(&mut self, id: FlowId) -> Option<&mut FlowState> {
        let place = self.places.flows.iter().position(|known| *known == id)?;
        self.flows.get_mut(place)
    }

    /// The place of a member among those who earn; the first one where nobody is named.
    pub fn earner(&self, member: Option<MemberId>) -> usize {
        member.and_then(|id| self.places.members.iter().position(|known| *known == id)).unwrap_or(0)
    }

    /// Brings an income: the one of the change that is being laid.
    pub fn bring(&mut self, income: IncomeState) {
        self.brought.push(self.now.change);
        self.incomes.push(income);
    }
}
