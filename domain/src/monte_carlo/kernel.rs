//! A path: the script played in one world, a month at a time, in floats.
//!
//! The order of a month is the engine's. What is exact: growth of every account by the path's return, what inflates by the path's
//! prices and wages at each anniversary, who pays when cash runs short, required distributions, gains by average cost. What is first
//! order: see [`super`]. In the world that the plan assumes every difference is nothing, and the path is the engine's run.

use crate::money::Money;
use crate::monte_carlo::goals::{Judge, Target};
use crate::monte_carlo::market::{Factors, Market};
use crate::monte_carlo::numeric::Stream;
use crate::monte_carlo::record::Count;
use crate::monte_carlo::script::{By, Cascade, Drawn, Driver, Moved, Realised, Scene, Script, taken};
use crate::projection::Treatment;
use crate::vocabulary::AccountClass;

/// Less than half a cent is nothing: the sums of floats never cancel to the last bit.
const NOTHING: f64 = 0.5;

/// Prices or wages above the assumed ones.
#[derive(Clone, Copy, Debug)]
struct Index {
    /// To this month.
    running: f64,
    /// To the last anniversary, less 1: what flows have risen by.
    risen: f64,
}

fn cents(amount: f64) -> i64 {
    amount.round() as i64
}

/// What a calendar year has seen.
#[derive(Clone, Copy, Debug, Default)]
struct YearSums {
    months: f64,
    prices: f64,
    salaries: f64,
    taxes: f64,
    realised: Realised,
}

/// One path.
#[derive(Clone, Debug)]
pub(super) struct Path {
    number: usize,
    stream: Stream,
    factors: Factors,
    balances: Vec<f64>,
    basis: Vec<f64>,
    /// Taken out of tax-deferred accounts this calendar year.
    withdrawn: Vec<f64>,
    /// By member: in their tax-deferred accounts at the end of the last year.
    at_new_year: Vec<f64>,
    /// By place in [`Scene::by`]: what stands there beyond what stood there.
    beyond: Vec<f64>,
    overdraft: f64,
    prices: Index,
    salaries: Index,
    this_year: YearSums,
    last_year: YearSums,
    month: usize,
    /// The first month at whose end the overdraft was owed.
    pub short_in: Option<usize>,
    /// What the month's row counts, by [`Count`].
    counted: [f64; Count::ALL.len()],
    /// Where something is asked.
    judge: Option<Judge>,
}

/// What a row of the exact engine says of a month, as far as goals look at it.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub net_worth: Money,
    pub total_assets: Money,
    pub total_liabilities: Money,
    pub liquid_assets: Money,
    pub retirement_assets: Money,
    pub total_income: Money,
    pub total_taxes: Money,
    pub spending: Money,
    pub debt_service: Money,
    pub extra_payments: Money,
}

impl Figures {
    /// Spending and debt payments.
    pub fn total_expenses(&self) -> Money {
        self.spending + self.debt_service + self.extra_payments
    }

    /// Income less taxes and expenses.
    pub fn net_cash_flow(&self) -> Money {
        self.total_income - self.total_taxes - self.total_expenses()
    }
}

/// The end of a month, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Close {
    pub net_worth: i64,
    pub liquid_assets: i64,
}

impl Path {
    /// Before month 1.
    pub fn new(script: &Script, seed: u64, number: usize, targets: &[Target]) -> Self {
        let index = Index { running: 1.0, risen: 0.0 };
        let mut path = Self {
            number,
            stream: Stream::of_path(seed, number as u64),
            factors: Factors::ASSUMED,
            balances: script.accounts.iter().map(|account| account.opening).collect(),
            basis: script.accounts.iter().map(|account| account.basis).collect(),
            withdrawn: vec![0.0; script.accounts.len()],
            at_new_year: vec![0.0; script.distributees],
            beyond: Vec::new(),
            overdraft: 0.0,
            prices: index,
            salaries: index,
            this_year: YearSums::default(),
            last_year: YearSums::default(),
            month: 0,
            short_in: None,
            counted: [0.0; Count::ALL.len()],
            judge: (!targets.is_empty()).then(|| Judge::new(targets, &script.accounts)),
        };
        path.open_year(script);
        path
    }

    /// Plays the next month.
    pub fn step(&mut self, script: &Script, market: &Market, targets: &[Target]) -> Close {
        let scene = &script.months[self.month];
        self.month += 1;
        let mut year = self.factors;
        self.factors = market.month(self.month, self.number, &mut self.stream, &mut year);
        self.open_month(script, scene);
        self.flow(script, scene);
        self.distribute(script, scene);
        self.cover(script, &script.cascades[scene.cascade]);
        self.grow(scene);
        self.prices.running *= self.factors.prices;
        self.salaries.running *= self.factors.salaries;
        let close = self.close(script);
        if let Some(mut judge) = self.judge.take() {
            judge.see(self.month, self.figures(script), targets);
            self.judge = Some(judge);
        }
        close
    }

    /// Whether each target is reached.
    pub fn reached(&self) -> impl Iterator<Item = bool> + '_ {
        self.judge.iter().flat_map(Judge::reached)
    }

    /// What was realised in the year of the last month so far.
    pub fn realised(&self) -> Realised {
        self.this_year.realised
    }

    fn open_year(&mut self, script: &Script) {
        self.last_year = std::mem::take(&mut self.this_year);
        self.withdrawn.iter_mut().for_each(|withdrawn| *withdrawn = 0.0);
        // In what a change opens until December there is nothing yet.
        let december = script.months[self.month..].iter().find(|scene| !scene.distributions.is_empty());
        for (member, accounts, _) in december.into_iter().flat_map(|scene| &scene.distributions) {
            self.at_new_year[*member] = accounts.iter().map(|account| self.balances[*account].max(0.0)).sum();
        }
    }

    fn open_month(&mut self, script: &Script, scene: &Scene) {
        if scene.is_january && self.month > 1 {
            self.open_year(script);
        }
        if scene.is_anniversary {
            self.prices.risen = self.prices.running - 1.0;
            self.salaries.risen = self.salaries.running - 1.0;
        }
        let year = &mut self.this_year;
        year.months += 1.0;
        year.prices += self.prices.risen;
        year.salaries += self.salaries.risen;
    }

    /// Everything that comes and goes, and what April settles beyond what was recorded.
    fn flow(&mut self, script: &Script, scene: &Scene) {
        let (prices, salaries) = (self.prices.risen, self.salaries.risen);
        self.beyond.clear();
        self.beyond.extend(scene.by.iter().map(|(account, stood)| self.balances[*account] - stood));
        for line in &scene.flows {
            let amount = line.amount + line.slope.prices * prices + line.slope.salaries * salaries;
            if amount < 0.0 && script.accounts[line.account].treatment == Treatment::Investment {
                self.sell(line.account, -amount);
            } else {
                self.basis[line.account] += amount;
                self.balances[line.account] += amount;
            }
        }
        for Drawn { wanted, beyond } in &scene.drawn {
            let amount = wanted.amount + wanted.slope.prices * prices + wanted.slope.salaries * salaries;
            let amount = (beyond + taken(self.balances[wanted.account], amount)).max(0.0);
            self.withdrawn[wanted.account] += amount;
            self.this_year.realised.retirement += amount;
        }
        self.this_year.taxes += scene.taxes.prices * prices + scene.taxes.salaries * salaries;
        for (counted, sum) in self.counted.iter_mut().zip(&scene.counted) {
            *counted = sum.amount + sum.slope.prices * prices + sum.slope.salaries * salaries;
        }
        for moved in &scene.moves {
            self.move_in_proportion(script, moved);
        }
        if let Some(year) = scene.settles {
            let beyond = self.settlement(&script.years[year]);
            self.balances[script.main_cash] -= beyond;
            self.counted[Count::Taxes as usize] += beyond;
        }
        self.overdraft += self.overdraft * scene.overdraft_interest;
    }

    fn move_in_proportion(&mut self, script: &Script, moved: &Moved) {
        let beyond = match moved.by {
            By::Beginning(place) => self.beyond[place],
            By::Now(account, stood) => self.balances[account] - stood,
            By::Set(account, value) => {
                self.balances[account] = value;
                return;
            }
        };
        let amount = (moved.amount + moved.share * beyond).max(0.0);
        if let Some((count, sign)) = moved.counts {
            self.counted[count as usize] += sign * (amount - moved.amount);
        }
        if let Some(from) = moved.from {
            self.give(from, amount, moved, script.accounts[from].treatment);
            if let Some(beyond) = moved.drawn {
                let taken = (beyond + taken(self.balances[from], amount)).max(0.0);
                self.withdrawn[from] += taken;
                self.this_year.realised.retirement += taken;
            }
        }
        if let Some(to) = moved.to {
            self.balances[to] += amount;
            self.basis[to] += if moved.is_revaluation { 0.0 } else { amount };
        }
    }

    /// Takes what moves out of an account, with what was paid for it.
    fn give(&mut self, from: usize, amount: f64, moved: &Moved, treatment: Treatment) {
        let is_bought = matches!(treatment, Treatment::Investment | Treatment::Property | Treatment::Plain);
        if let Some(is_taxed) = moved.sale.filter(|_| is_bought) {
            // The engine has put the recorded gain on the return: what is more is the price's.
            self.balances[from] -= amount;
            self.basis[from] = 0.0;
            self.this_year.realised.gains += if is_taxed { amount - moved.amount } else { 0.0 };
        } else if treatment == Treatment::Investment && !moved.is_revaluation {
            self.sell(from, amount);
        } else {
            self.balances[from] -= amount;
        }
    }

    /// What last year's return comes to beyond the recorded one, less what was paid beyond.
    fn settlement(&self, year: &super::script::Year) -> f64 {
        let last = &self.last_year;
        let months = last.months.max(1.0);
        let owed = (year.slope.prices * last.prices + year.slope.salaries * last.salaries) / months;
        let (seen, reference, marginal) = (&last.realised, &year.reference, &year.marginal);
        let on_realised = marginal.retirement * (seen.retirement - reference.retirement)
            + marginal.early * (seen.early - reference.early)
            + marginal.gains * (seen.gains - reference.gains)
            + marginal.interest * (seen.interest - reference.interest);
        owed + on_realised - last.taxes
    }

    fn distribute(&mut self, script: &Script, scene: &Scene) {
        for (member, accounts, share) in &scene.distributions {
            let withdrawn: f64 = accounts.iter().map(|account| self.withdrawn[*account]).sum();
            let mut missing = (share * self.at_new_year[*member] - withdrawn).max(0.0);
            for account in accounts {
                let amount = missing.min(self.balances[*account]).max(0.0);
                self.balances[*account] -= amount;
                self.balances[script.main_cash] += amount;
                self.withdrawn[*account] += amount;
                self.this_year.realised.retirement += amount;
                missing -= amount;
            }
        }
    }

    /// The engine's shortfall step.
    fn cover(&mut self, script: &Script, cascade: &Cascade) {
        for short in &cascade.covered {
            let missing = -self.balances[*short];
            if missing > 0.0 {
                let left = self.draw(script, cascade, missing);
                self.balances[*short] = 0.0;
                self.overdraft += left;
            }
        }
        if self.overdraft > 0.0 {
            self.overdraft = self.draw(script, cascade, self.overdraft);
        }
    }

    /// Draws an amount from the sources in their order; gives what none of them has.
    fn draw(&mut self, script: &Script, cascade: &Cascade, mut missing: f64) -> f64 {
        for (source, is_early) in &cascade.sources {
            let amount = missing.min(self.balances[*source]);
            if amount > 0.0 {
                match script.accounts[*source].treatment {
                    Treatment::Investment => self.sell(*source, amount),
                    Treatment::Deferred { .. } => {
                        self.balances[*source] -= amount;
                        self.withdrawn[*source] += amount;
                        self.this_year.realised.retirement += amount;
                        self.this_year.realised.early += if *is_early { amount } else { 0.0 };
                    }
                    Treatment::Plain | Treatment::Property | Treatment::Roth | Treatment::Health => self.balances[*source] -= amount,
                }
                missing -= amount;
            }
        }
        missing
    }

    /// Sells a part, which takes its part of the basis along.
    fn sell(&mut self, account: usize, amount: f64) {
        let (there, basis) = (self.balances[account], self.basis[account]);
        let sold = amount.min(there).max(0.0);
        if there > 0.0 {
            let cost = basis * (sold / there);
            self.this_year.realised.gains += sold - cost;
            self.basis[account] = basis - cost;
        }
        self.balances[account] = there - amount;
    }

    fn grow(&mut self, scene: &Scene) {
        for growing in &scene.growth {
            let balance = self.balances[growing.account];
            if balance <= NOTHING {
                continue;
            }
            let factor = match growing.driver {
                Driver::Market => growing.factor * self.factors.market,
                Driver::Prices => growing.factor * self.factors.prices,
                Driver::Nothing => growing.factor,
            };
            let grown = balance * (factor - 1.0) + growing.rounding;
            self.balances[growing.account] = balance + grown;
            self.this_year.realised.interest += if growing.is_interest { grown } else { 0.0 };
        }
    }

    fn close(&mut self, script: &Script) -> Close {
        let (mut net_worth, mut liquid) = (-self.overdraft, 0.0);
        for (balance, account) in self.balances.iter().zip(&script.accounts) {
            net_worth += balance;
            liquid += if account.class.is_liquid() { *balance } else { 0.0 };
        }
        if self.overdraft > NOTHING && self.short_in.is_none() {
            self.short_in = Some(self.month);
        }
        Close { net_worth: cents(net_worth), liquid_assets: cents(liquid) }
    }

    fn figures(&self, script: &Script) -> Figures {
        let (mut assets, mut liabilities, mut liquid, mut retirement) = (0.0, self.overdraft, 0.0, 0.0);
        for (balance, account) in self.balances.iter().zip(&script.accounts) {
            *if account.class.is_liability() { &mut liabilities } else { &mut assets } +=
                if account.class.is_liability() { -balance } else { *balance };
            liquid += if account.class.is_liquid() { *balance } else { 0.0 };
            retirement += if account.class == AccountClass::Retirement { *balance } else { 0.0 };
        }
        let money = |amount: f64| Money::from_cents(cents(amount));
        let [income, taxes, spending, debt_service, extra_payments] = self.counted.map(money);
        Figures {
            net_worth: money(assets - liabilities),
            total_assets: money(assets),
            total_liabilities: money(liabilities),
            liquid_assets: money(liquid),
            retirement_assets: money(retirement),
            total_income: income,
            total_taxes: taxes,
            spending,
            debt_service,
            extra_payments,
        }
    }
}
