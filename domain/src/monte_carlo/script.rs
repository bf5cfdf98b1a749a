//! From three runs of the exact engine to a script that a path plays: compact arrays of floats, in cents.
//!
//! The engine is run as assumed, with a percentage point more of inflation, and with one more of salary growth. What a month's
//! flows answer to that, divided by how much prices or wages have risen above the assumed ones by then, is their slope: 1 for what
//! inflates, 0 for what does not, and for a contribution at its limit or a withheld tax whatever the law makes of it. So no rule of the
//! engine is written down twice here, and a new kind of flow needs nothing here.

use crate::money::Money;
use crate::monte_carlo::kernel::Path;
use crate::monte_carlo::market::Market;
use crate::monte_carlo::record::{Count, Month, Record, Stood, Touch};
use crate::projection::{ObservedRun, PROBE, Plan, ProjectionError, Treatment, YearTaxes, run_observed};
use crate::rate::Rate;
use crate::tax::TaxTables;
use crate::vocabulary::AccountClass;

/// What a plan does, month by month, in any world.
#[derive(Debug)]
pub(super) struct Script {
    pub accounts: Vec<Role>,
    pub main_cash: usize,
    pub months: Vec<Scene>,
    pub years: Vec<Year>,
    pub cascades: Vec<Cascade>,
    /// How many members distributions are required of.
    pub distributees: usize,
}

/// An account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Role {
    pub opening: f64,
    pub basis: f64,
    pub class: AccountClass,
    pub treatment: Treatment,
}

/// A month.
#[derive(Debug)]
pub(super) struct Scene {
    /// Its calendar year's place in [`Script::years`].
    pub year: usize,
    pub is_january: bool,
    pub is_anniversary: bool,
    /// What came less what went.
    pub flows: Vec<Line>,
    /// What the plan itself takes out of tax-deferred savings.
    pub drawn: Vec<Drawn>,
    /// What is paid of taxes beyond what was recorded.
    pub taxes: Slope,
    /// What the row counts, by [`Count`], where what moves in proportion moves as recorded.
    pub counted: [Sum; Count::ALL.len()],
    /// The accounts that something moves in proportion to, and what stood there at the month's beginning.
    pub by: Vec<(usize, f64)>,
    pub moves: Vec<Moved>,
    /// The year that April settles.
    pub settles: Option<usize>,
    /// Member, accounts, and the part that has to be taken out.
    pub distributions: Vec<(usize, Vec<usize>, f64)>,
    /// The place in [`Script::cascades`].
    pub cascade: usize,
    pub growth: Vec<Growing>,
    pub overdraft_interest: f64,
}

/// What is added for a rise above the assumed one by 1 = 100 %.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Slope {
    pub prices: f64,
    pub salaries: f64,
}

/// An amount of nobody's account.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub amount: f64,
    pub slope: Slope,
}

/// An amount of an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub account: usize,
    pub amount: f64,
    pub slope: Slope,
}

/// What a plan wants out of tax-deferred savings; of an empty account nothing can be taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Drawn {
    pub wanted: Line,
    /// What was taken beyond what the balances of the month's end say: money may have come in behind it.
    pub beyond: f64,
}

/// What moves in proportion: `amount + share × (what stands there − what stood there)`, and not less than nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    pub from: Option<usize>,
    pub to: Option<usize>,
    pub amount: f64,
    pub share: f64,
    pub by: By,
    /// What was paid for it stays what it was.
    pub is_revaluation: bool,
    /// Taken out of tax-deferred savings: as [`Drawn::beyond`].
    pub drawn: Option<f64>,
    /// In what the row counts it, and with what sign.
    pub counts: Option<(Count, f64)>,
    /// Sold as a whole by a change; and whether more of a gain is taxed.
    pub sale: Option<bool>,
}

/// What a move looks at.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    /// A place in [`Scene::by`]: what stood there at the month's beginning.
    Beginning(usize),
    /// An account, and what stood there just before.
    Now(usize, f64),
    /// Nothing: it is this account's value from now on.
    Set(usize, f64),
}

/// What an account grows by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Growing {
    pub account: usize,
    /// 1 + the assumed rate.
    pub factor: f64,
    pub driver: Driver,
    pub is_interest: bool,
    /// What the rounding to cents added.
    pub rounding: f64,
}

/// What moves a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Driver {
    /// The return of the market.
    Market,
    /// Prices.
    Prices,
    /// Nothing.
    Nothing,
}

/// A calendar year's taxes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Year {
    /// What is owed more for prices and wages above the assumed ones, what is realised being the same.
    pub slope: Slope,
    /// What is owed more for a cent more.
    pub marginal: Realised,
    /// What was realised in the world that the plan assumes.
    pub reference: Realised,
}

/// What a year put on the return that depends on balances.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Realised {
    pub retirement: f64,
    pub early: f64,
    pub gains: f64,
    pub interest: f64,
}

/// Who pays when cash runs short.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cascade {
    pub covered: Vec<usize>,
    /// Those that may be drawn, and whether that is early.
    pub sources: Vec<(usize, bool)>,
}

/// A run before a recorder.
struct Run<'t> {
    record: Record,
    run: ObservedRun<'t>,
    years: Vec<YearTaxes>,
}

impl<'t> Run<'t> {
    fn of(plan: &Plan, tables: &'t TaxTables) -> Result<Self, ProjectionError> {
        let mut record = Record::of(plan);
        let mut run = run_observed(plan, tables, &mut record)?;
        let years = run.years()?;
        Ok(Self { record, run, years })
    }

    /// What prices or wages have risen to by each month.
    fn index(&self, rate: impl Fn(&Stood) -> f64) -> Vec<f64> {
        let stood = self.record.months.iter().filter_map(|month| month.standing.as_ref());
        let mut index = 1.0;
        stood
            .map(|stood| {
                index *= if stood.is_anniversary { 1.0 + rate(stood) } else { 1.0 };
                index
            })
            .collect()
    }

    /// What April of this year settles of the last one.
    fn settled(&self, stood: &Stood) -> Option<(usize, Money)> {
        let last = self.years.iter().position(|year| year.year + 1 == stood.year && stood.calendar_month == 4)?;
        Some((last, self.years[last].settled?))
    }
}

/// A run with more of something, and by how much more it has risen in each month.
struct More<'t> {
    run: Run<'t>,
    risen: Vec<f64>,
    /// By year, on average.
    risen_in_year: Vec<f64>,
    /// By year: what is owed.
    owed: Vec<Money>,
}

impl<'t> More<'t> {
    fn of(plan: &Plan, tables: &'t TaxTables, base: &Run<'t>, rate: impl Fn(&Stood) -> f64) -> Result<Self, ProjectionError> {
        let mut run = Run::of(plan, tables)?;
        let owed = run.run.owed_with_realised_of(&base.run)?;
        let risen: Vec<f64> = run.index(&rate).iter().zip(base.index(&rate)).map(|(more, as_assumed)| more / as_assumed - 1.0).collect();
        let months = || base.record.months.iter().filter_map(|month| month.standing.as_ref()).zip(&risen);
        let in_year = |year: &YearTaxes| {
            let of_year = || months().filter(|(stood, _)| stood.year == year.year).map(|(_, risen)| *risen);
            of_year().sum::<f64>() / (of_year().count().max(1) as f64)
        };
        let risen_in_year = base.years.iter().map(in_year).collect();
        Ok(Self { run, risen, risen_in_year, owed })
    }

    /// The slope of a month's figure: nothing where nothing has risen yet.
    fn slope(&self, month: usize, base: i64, figure: impl Fn(&Month, &Run<'_>) -> i64) -> f64 {
        let risen = self.risen.get(month).copied().unwrap_or(0.0);
        let more = self.run.record.months.get(month).map_or(base, |there| figure(there, &self.run));
        steepness((more - base) as f64, risen)
    }
}

fn steepness(rise: f64, run: f64) -> f64 {
    if run.abs() < 1e-9 { 0.0 } else { rise / run }
}

/// The plan with a percentage point more of something; less, where more is too much.
fn with_more(plan: &Plan, rate: fn(&mut Plan) -> &mut Rate) -> Plan {
    let mut plan = plan.clone();
    let assumed = rate(&mut plan);
    let point = Rate::percent(1).fraction();
    let is_at_the_end = *assumed >= Rate::percent(900);
    *assumed = Rate::new(if is_at_the_end { assumed.fraction() - point } else { assumed.fraction() + point });
    plan
}

impl Script {
    /// Runs the engine, and writes down what follows.
    ///
    /// # Errors
    /// As [`crate::projection::project`].
    pub fn of(plan: &Plan, tables: &TaxTables) -> Result<Self, ProjectionError> {
        let base = Run::of(plan, tables)?;
        let prices = More::of(&with_more(plan, |plan| &mut plan.assumptions.inflation), tables, &base, |stood| stood.inflation)?;
        let salaries = More::of(&with_more(plan, |plan| &mut plan.assumptions.salary_growth), tables, &base, |stood| stood.salary_growth)?;
        let mut cascades = Vec::new();
        let mut months = Vec::with_capacity(base.record.months.len());
        for (number, month) in base.record.months.iter().enumerate() {
            if let Some(stood) = &month.standing {
                months.push(scene(&base, [&prices, &salaries], (number, month, stood), &mut cascades));
            }
        }
        let distributees =
            base.record.months.iter().filter_map(|month| month.standing.as_ref()).map(|stood| stood.distributions.len()).max();
        let main_cash = base.record.months.iter().find_map(|month| month.standing.as_ref()).map_or(0, |stood| stood.main_cash);
        let mut script = Self {
            accounts: base.record.accounts.iter().map(role).collect(),
            main_cash,
            months,
            years: years(&base, [&prices, &salaries]),
            cascades,
            distributees: distributees.unwrap_or(0),
        };
        script.note_reference();
        Ok(script)
    }

    /// Plays the world that the plan assumes, and keeps what each of its years realises: every path's taxes are told from there. A year
    /// is over before April settles it, so that its reference is there in time.
    fn note_reference(&mut self) {
        let mut path = Path::new(self, 0, 0, &[]);
        for month in 0..self.months.len() {
            if let Some(over) = month.checked_sub(1).filter(|_| self.months[month].is_january) {
                self.years[self.months[over].year].reference = path.realised();
            }
            path.step(self, &Market::Assumed, &[]);
        }
    }
}

fn role(account: &super::record::Account) -> Role {
    Role { opening: account.opening as f64, basis: account.basis as f64, class: account.class, treatment: account.treatment }
}

fn years(base: &Run<'_>, [prices, salaries]: [&More<'_>; 2]) -> Vec<Year> {
    let a_cent = |more: Money| more.cents() as f64 / PROBE.cents() as f64;
    let slope = |more: &More<'_>, place: usize, owed: Money| {
        let there = more.owed.get(place).copied().unwrap_or(owed);
        steepness((there - owed).cents() as f64, more.risen_in_year.get(place).copied().unwrap_or(0.0))
    };
    let year = |(place, year): (usize, &YearTaxes)| Year {
        slope: Slope { prices: slope(prices, place, year.owed), salaries: slope(salaries, place, year.owed) },
        marginal: Realised {
            retirement: a_cent(year.on_retirement),
            early: a_cent(year.on_early),
            gains: a_cent(year.on_gains),
            interest: a_cent(year.on_interest),
        },
        reference: Realised::default(),
    };
    base.years.iter().enumerate().map(year).collect()
}

fn scene(base: &Run<'_>, more: [&More<'_>; 2], (number, month, stood): (usize, &Month, &Stood), cascades: &mut Vec<Cascade>) -> Scene {
    let [prices, salaries] = more;
    let settled_by = |run: &Run<'_>| run.settled(stood).map_or(0, |(_, settled)| settled.cents());
    let slope = |base: i64, figure: &dyn Fn(&Month, &Run<'_>) -> i64| Slope {
        prices: prices.slope(number, base, figure),
        salaries: salaries.slope(number, base, figure),
    };
    // What April settles is decided anew by each path: it is no answer of a flow to prices.
    let is_main = |account: usize| account == stood.main_cash;
    let net = |account: usize| {
        move |month: &Month, run: &Run<'_>| {
            month.net.get(account).copied().unwrap_or(0) + if is_main(account) { settled_by(run) } else { 0 }
        }
    };
    let drawn = |account: usize| move |month: &Month, _: &Run<'_>| month.drawn.get(account).copied().unwrap_or(0);
    let line = |account: usize, amount: i64, slope: Slope| Line { account, amount: amount as f64, slope };
    let is_there = |line: &Line| line.amount != 0.0 || line.slope != Slope::default();
    let accounts = || 0..month.net.len();
    let flows = accounts().map(|account| line(account, month.net[account], slope(net(account)(month, base), &net(account))));
    let taken = accounts().map(|account| {
        let wanted = line(account, month.drawn[account], slope(month.drawn[account], &drawn(account)));
        let left = (month.start[account] + month.net[account]) as f64;
        Drawn { wanted, beyond: month.taken[account] as f64 - taken(left, wanted.amount) }
    });
    let paid = |month: &Month, run: &Run<'_>| month.taxes - settled_by(run);
    let counted = Count::ALL.map(|count| {
        let sum = |month: &Month, run: &Run<'_>| {
            let all = month.standing.as_ref().map_or(0, |stood| count.of(&stood.counted));
            all - month.counted_moves[count as usize] - if count == Count::Taxes { settled_by(run) } else { 0 }
        };
        Sum { amount: count.of(&stood.counted) as f64, slope: slope(sum(month, base), &sum) }
    });
    let (by, moves) = moves(month);
    Scene {
        year: base.years.iter().position(|year| year.year == stood.year).unwrap_or(0),
        is_january: stood.calendar_month == 1,
        is_anniversary: stood.is_anniversary,
        flows: flows.filter(is_there).collect(),
        drawn: taken.filter(|drawn| is_there(&drawn.wanted)).collect(),
        taxes: slope(paid(month, base), &paid),
        counted,
        by,
        moves,
        settles: base.settled(stood).map(|(year, _)| year),
        distributions: stood.distributions.iter().enumerate().map(|(member, (slots, share))| (member, slots.clone(), *share)).collect(),
        cascade: place_of(cascade(stood), cascades),
        growth: growth(month, stood, prices.run.record.months.get(number).and_then(|month| month.standing.as_ref())),
        overdraft_interest: stood.overdraft_interest,
    }
}

/// What of an amount was there, where so much is left.
pub(super) fn taken(left: f64, amount: f64) -> f64 {
    (left + amount).max(0.0) - left.max(0.0)
}

fn moves(month: &Month) -> (Vec<(usize, f64)>, Vec<Moved>) {
    let mut by: Vec<(usize, f64)> = Vec::new();
    let mut moves = Vec::with_capacity(month.moves.len());
    // What stands there when a path comes to a move: it books flows first.
    let mut now: Vec<i64> = month.start.iter().zip(&month.net).map(|(start, net)| start + net).collect();
    for moved in &month.moves {
        let amount = moved.amount as f64;
        let sets = moved.is_revaluation && moved.touch != Touch::Usual;
        let after = |account: usize| now[account] as f64 + if moved.to == Some(account) { amount } else { -amount };
        let (share, at) = if let Some(account) = moved.to.or(moved.from).filter(|_| sets) {
            (0.0, By::Set(account, after(account)))
        } else if moved.is_all {
            let stood = now[moved.by] as f64;
            (if moved.to == Some(moved.by) { -1.0 } else { 1.0 }, By::Now(moved.by, stood))
        } else {
            let stood = month.start[moved.by] as f64;
            let place = by.iter().position(|(known, _)| *known == moved.by).unwrap_or(by.len());
            if place == by.len() {
                by.push((moved.by, stood));
            }
            // Never more than all of it: a difference fades, and cannot blow up where next to nothing stood there.
            let share = if stood == 0.0 { 0.0 } else { (amount / stood.abs()).min(1.0) * stood.signum() };
            (share, By::Beginning(place))
        };
        let sale = if let Touch::Sells { is_taxed } = moved.touch { Some(is_taxed).filter(|_| moved.is_all) } else { None };
        moved.from.into_iter().for_each(|from| now[from] -= moved.amount);
        moved.to.into_iter().for_each(|to| now[to] += moved.amount);
        let left = moved.from.map_or(0.0, |from| now[from] as f64);
        let drawn = (moved.taken > 0).then(|| moved.taken as f64 - taken(left, amount));
        let (is_revaluation, counts) = (moved.is_revaluation, moved.counts.map(|(count, lowers)| (count, if lowers { -1.0 } else { 1.0 })));
        moves.push(Moved { from: moved.from, to: moved.to, amount, share, by: at, is_revaluation, drawn, counts, sale });
    }
    (by, moves)
}

fn cascade(stood: &Stood) -> Cascade {
    let source =
        |index: &usize| stood.accounts.get(*index).filter(|account| account.may_be_drawn).map(|account| (*index, account.is_early));
    Cascade { covered: stood.covered.clone(), sources: stood.sources.iter().filter_map(source).collect() }
}

fn place_of(cascade: Cascade, known: &mut Vec<Cascade>) -> usize {
    // Months alike stand beside each other.
    let place = known.iter().rposition(|there| *there == cascade);
    place.unwrap_or_else(|| {
        known.push(cascade);
        known.len() - 1
    })
}

fn growth(month: &Month, stood: &Stood, with_higher_prices: Option<&Stood>) -> Vec<Growing> {
    let grow = stood.accounts.iter().enumerate().map(|(index, account)| {
        let (numerator, denominator) = account.growth.parts();
        let rate = numerator as f64 / denominator as f64;
        let higher = with_higher_prices.and_then(|stood| stood.accounts.get(index));
        let driver = match account.class {
            AccountClass::Investment | AccountClass::Retirement => Driver::Market,
            AccountClass::RealProperty if higher.is_some_and(|higher| higher.growth != account.growth) => Driver::Prices,
            AccountClass::Cash
            | AccountClass::RealProperty
            | AccountClass::PersonalProperty
            | AccountClass::Business
            | AccountClass::Receivable
            | AccountClass::RevolvingDebt
            | AccountClass::Mortgage
            | AccountClass::InstalmentDebt
            | AccountClass::System => Driver::Nothing,
        };
        let (before, grown) = month.grown.get(index).copied().unwrap_or((0, 0));
        let rounding = if before > 0 { grown as f64 - before as f64 * rate } else { 0.0 };
        Growing { account: index, factor: 1.0 + rate, driver, is_interest: account.is_interest, rounding }
    });
    grow.filter(|growing| growing.driver != Driver::Nothing || growing.factor != 1.0).collect()
}
