//! The law of every known year: files read once, checked, and from then on known to be whole.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use rust_decimal::Decimal;

use super::early::EarlyDistributions;
use super::error::{TableError, TaxError};
use super::estimate::Estimate;
use super::explain::{self, Explained, Explanation, Sources};
use super::federal::{Extra, FederalLaw};
use super::law_file::LawFile;
use super::limits::ContributionLimits;
use super::payroll::{Fica, PayrollLaw};
use super::planning::{PlanningLaw, SafeHarbor};
use super::schedule::ByStatus;
use super::shipped;
use super::state::{AnnualPay, Silent, StateInput, StateLaws};
use super::tax_return::{Earner, Itemized, Return};
use super::withholding::{self, Paycheck, PaycheckInput, WithholdingLaw};
use super::year_law::{Computed, YearLaw};
use crate::money::Money;
use crate::rate::Rate;
use crate::vocabulary::{FilingStatus, State, StateWithholdingMethod};

/// The files of one tax year: a folder under `data/tax`.
#[derive(Clone, Copy, Debug)]
pub struct YearFiles<'a> {
    /// The tax year.
    pub year: i32,
    /// `(path in the folder, content)`: `federal.toml`, `payroll.toml`, `withholding.toml`, `limits.toml`, and all in `states/`.
    pub files: &'a [(&'a str, &'a str)],
}

/// Every year that is known.
#[derive(Clone, Debug)]
pub struct TaxTables {
    years: BTreeMap<i32, YearTables>,
    version: String,
}

/// The law of one year.
#[derive(Clone, Debug)]
pub struct YearTables {
    year: i32,
    federal: ByStatus<FederalLaw>,
    payroll: PayrollLaw,
    withholding: WithholdingLaw,
    limits: ContributionLimits,
    planning: PlanningLaw,
    early: EarlyDistributions,
    states: StateLaws,
    sources: Sources,
}

impl TaxTables {
    /// The tables that come with this program, read on first use.
    ///
    /// # Errors
    /// What is wrong with a shipped file. A test proves that nothing is.
    pub fn shipped() -> Result<&'static Self, &'static TableError> {
        static SHIPPED: OnceLock<Result<TaxTables, TableError>> = OnceLock::new();
        SHIPPED.get_or_init(|| Self::load(shipped::YEARS)).as_ref()
    }

    /// Reads and checks the files of some years.
    ///
    /// # Errors
    /// The first thing that is wrong: which file, which table, and what.
    pub fn load(files: &[YearFiles<'_>]) -> Result<Self, TableError> {
        let mut years = BTreeMap::new();
        let mut revisions = 0_u32;
        for folder in files {
            let (tables, revision) = YearTables::load(folder)?;
            revisions = revisions.saturating_add(revision);
            if years.insert(folder.year, tables).is_some() {
                return Err(missing(folder.year, "", "this year is there twice"));
            }
        }
        let last = years.keys().next_back().copied();
        let last = last.ok_or_else(|| missing(0, "", "there is no tax year at all"))?;
        Ok(Self { years, version: format!("{last}.{revisions}") })
    }

    /// A short label of the whole set: the last year, and how often its law or an earlier one's was revised.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The years that are known, ascending.
    pub fn known_years(&self) -> impl Iterator<Item = i32> + '_ {
        self.years.keys().copied()
    }

    /// The tables of exactly this year.
    ///
    /// # Errors
    /// [`TaxError::UnknownYear`], naming the year and the known ones.
    pub fn year(&self, year: i32) -> Result<&YearTables, TaxError> {
        self.years.get(&year).ok_or_else(|| self.unknown(year))
    }

    /// The tables for this year, or the last known ones for a later year: who asks for 2041 indexes their thresholds.
    ///
    /// # Errors
    /// [`TaxError::UnknownYear`] for a year before the first known one.
    pub fn in_force(&self, year: i32) -> Result<&YearTables, TaxError> {
        self.years.range(..=year).next_back().map(|(_, tables)| tables).ok_or_else(|| self.unknown(year))
    }

    fn unknown(&self, year: i32) -> TaxError {
        let first = self.years.keys().next().copied().unwrap_or_default();
        let last = self.years.keys().next_back().copied().unwrap_or_default();
        TaxError::UnknownYear { year, first, last }
    }
}

impl YearTables {
    fn load(folder: &YearFiles<'_>) -> Result<(Self, u32), TableError> {
        let open = |name: &str| {
            let found = folder.files.iter().find(|(path, _)| *path == name);
            let (_, text) = found.ok_or_else(|| missing(folder.year, name, "this file is missing"))?;
            LawFile::parse(&format!("{}/{name}", folder.year), text)
        };
        let (federal, payroll) = (open("federal.toml")?, open("payroll.toml")?);
        let (withholding, limits) = (open("withholding.toml")?, open("limits.toml")?);
        let mut states = Vec::new();
        for (path, text) in folder.files.iter().filter(|(path, _)| path.starts_with("states/")) {
            states.push(LawFile::parse(&format!("{}/{path}", folder.year), text)?);
        }
        let revision = federal.head("revision")?;
        let tables = Self {
            year: folder.year,
            federal: FederalLaw::load(&federal, &limits, folder.year)?,
            payroll: PayrollLaw::load(&payroll)?,
            withholding: WithholdingLaw::load(&withholding)?,
            limits: ContributionLimits::load(&limits)?,
            planning: PlanningLaw::load(&federal, &limits)?,
            early: EarlyDistributions::load(&limits)?,
            states: StateLaws::load(&states)?,
            sources: [&federal, &payroll, &limits].into_iter().flat_map(LawFile::sources).collect(),
        };
        for file in [&federal, &payroll, &withholding, &limits].into_iter().chain(&states) {
            file.finish()?;
        }
        Ok((tables, revision))
    }

    /// The tax year that these tables are of.
    #[must_use]
    pub const fn year(&self) -> i32 {
        self.year
    }

    /// Taxes withheld from one paycheck, and what is left.
    ///
    /// # Errors
    /// [`TaxError`]: a state that is not supported, a negative amount, more deductions than pay.
    pub fn paycheck(&self, input: &PaycheckInput) -> Result<Paycheck, TaxError> {
        input.check()?;
        let state = match input.state {
            Some(state) if self.states.taxes_wages(state)? => self.state_withholding(input, state)?,
            Some(_) | None => (Money::ZERO, StateWithholdingMethod::None),
        };
        withholding::paycheck(input, &self.withholding, &self.payroll, state)
    }

    /// By the state's own method; where that is not known, the state's tax on a year of this pay, over the periods of the year.
    fn state_withholding(&self, input: &PaycheckInput, state: State) -> Result<(Money, StateWithholdingMethod), TaxError> {
        match self.states.withholding(state, input.filing_status, &self.annual_pay(input)) {
            Some(withheld) => Ok((Money::round(withheld), StateWithholdingMethod::State)),
            None => Ok((self.annualised_liability(input, state)?, StateWithholdingMethod::AnnualisedLiability)),
        }
    }

    /// A year of this paycheck, as the states' methods ask for it.
    fn annual_pay(&self, input: &PaycheckInput) -> AnnualPay {
        let periods = Decimal::from(input.pay_frequency.periods_per_year());
        let (taxable, fica_wages) = (input.taxable_wages().to_decimal(), (input.gross - input.cafeteria).to_decimal());
        let annual = fica_wages * periods;
        AnnualPay {
            wages: taxable * periods,
            deferrals: input.pretax_retirement.to_decimal() * periods,
            payroll_hsa: input.payroll_hsa.to_decimal() * periods,
            cafeteria: (input.cafeteria - input.payroll_hsa).to_decimal() * periods,
            federal_withholding: self.withholding.line_3c(input, taxable) * periods,
            payroll_taxes: self.payroll.social_security(annual, Decimal::ZERO) + self.payroll.medicare(annual),
            periods,
        }
    }

    /// The return has nothing but a year of this pay and its status.
    fn annualised_liability(&self, input: &PaycheckInput, state: State) -> Result<Money, TaxError> {
        let periods = input.pay_frequency.periods_per_year();
        let year_of = |amount: Money| amount.scaled(periods, 1);
        let mut tax_return = Return::new(input.filing_status);
        tax_return.earners.push(Earner {
            wages: year_of(input.gross),
            pretax_401k: year_of(input.pretax_retirement),
            payroll_hsa: year_of(input.payroll_hsa),
            cafeteria: year_of(input.cafeteria - input.payroll_hsa),
            ..Earner::default()
        });
        tax_return.check()?;
        let federal = self.federal.get(input.filing_status).compute(&tax_return, Extra::default(), &self.payroll, None);
        let lines = self.states.tax(state, StateInput::of(&tax_return, &federal, None), None, &mut Silent)?;
        Ok(Money::round(lines.before_refundable_credits / Decimal::from(periods)))
    }

    /// Whether the amounts of a state's income tax grow in the years after the last file.
    #[must_use]
    pub fn is_state_indexed(&self, state: State) -> bool {
        self.states.is_indexed(state)
    }

    /// The states whose income tax, or whose having none, is known.
    pub fn states(&self) -> impl Iterator<Item = State> + '_ {
        self.states.known()
    }

    /// A household's taxes of the year. With `indexing`, every amount that the law adjusts for inflation is multiplied by it (1.03
    /// for one year of 3 %): for years beyond the last file.
    ///
    /// # Errors
    /// [`TaxError`]: a state that is not supported, an amount that is negative or too large, more deductions than wages.
    pub fn estimate(&self, tax_return: &Return, indexing: Option<Rate>) -> Result<Estimate, TaxError> {
        self.law(tax_return.filing_status, indexing).estimate(tax_return)
    }

    /// The law of this year for one filing status, indexed as in [`Self::estimate`]: for many questions about one year.
    #[must_use]
    pub fn law(&self, status: FilingStatus, indexing: Option<Rate>) -> YearLaw<'_> {
        let (federal, payroll) = (self.federal.get(status), &self.payroll);
        let indexing = indexing.map(Rate::fraction).filter(|factor| *factor != Decimal::ONE && *factor > Decimal::ZERO);
        let (federal, payroll) = match indexing {
            None => (Cow::Borrowed(federal), Cow::Borrowed(payroll)),
            Some(factor) => (Cow::Owned(federal.indexed(factor)), Cow::Owned(payroll.indexed(factor))),
        };
        YearLaw { status, federal, payroll, states: &self.states, indexing }
    }

    /// The same in a later year than the tables': what the law ends by then is gone.
    #[must_use]
    pub fn law_in(&self, year: i32, status: FilingStatus, indexing: Option<Rate>) -> YearLaw<'_> {
        let law = self.law(status, indexing);
        if year == self.year { law } else { YearLaw { federal: Cow::Owned(law.federal.into_owned().in_year(year)), ..law } }
    }

    /// The same estimate with the steps that lead to it, like the lines of a form.
    ///
    /// # Errors
    /// As [`Self::estimate`].
    pub fn explain(&self, tax_return: &Return, indexing: Option<Rate>) -> Result<Explanation, TaxError> {
        let law = self.law(tax_return.filing_status, indexing);
        let Computed { federal, state, estimate } = law.compute(tax_return)?;
        let state_lines = law.state_lines(tax_return, &federal)?;
        let (federal, state, sources, states) = (&federal, &state, &self.sources, &self.states);
        let explained = Explained { tax_return, law: &law.federal, federal, state, state_lines: &state_lines, states, sources };
        Ok(explain::explain(&explained, estimate))
    }

    /// Itemized deductions after their limits, at an adjusted gross income: Schedule A line 17 of who has no other deductions.
    ///
    /// # Errors
    /// [`TaxError`] for an amount that is negative or too large.
    pub fn itemized_deductions(&self, itemized: &Itemized, status: FilingStatus, agi: Money) -> Result<Money, TaxError> {
        itemized.check()?;
        let (law, agi) = (&self.federal.get(status).deductions.itemized, agi.to_decimal());
        let total = law.schedule_a(itemized, agi).total();
        Ok(Money::round(total - law.lost_to_high_income(total, agi)))
    }

    /// What of the gain on the sale of the own home is not taxed.
    #[must_use]
    pub fn home_sale_exclusion(&self, status: FilingStatus) -> Money {
        self.planning.home_sale_exclusion(status)
    }

    /// The payments that avoid a penalty: `this_year` is this year's federal tax after credits with self-employment tax, `last_year`
    /// last year's tax and adjusted gross income.
    #[must_use]
    pub fn safe_harbor(&self, status: FilingStatus, this_year: Money, last_year: Option<(Money, Money)>) -> SafeHarbor {
        self.planning.safe_harbor(status, this_year, last_year)
    }

    /// What someone born in a year has to take out of a tax-deferred account in `year` (which may be later than these tables), given
    /// its balance at the end of the year before; zero before the age of that birth year.
    #[must_use]
    pub fn required_distribution(&self, year: i32, born: i32, balance: Money) -> Money {
        self.planning.required_distribution(year, born, balance)
    }

    /// The age from which distributions are required of someone born in a year.
    #[must_use]
    pub fn distributions_from_age(&self, born: i32) -> u32 {
        self.planning.distributions_from_age(born)
    }

    /// Until when taking money out of a retirement account is early.
    #[must_use]
    pub const fn early_distributions(&self) -> EarlyDistributions {
        self.early
    }

    /// What may be contributed to retirement and health savings accounts.
    #[must_use]
    pub const fn contribution_limits(&self) -> &ContributionLimits {
        &self.limits
    }

    /// Social Security and Medicare as one employer withholds them from wages of `per_period`, the year spread over its `periods`:
    /// below the wage base as each paycheck has it, above it the year's amount in equal parts.
    #[must_use]
    pub fn payroll_taxes(&self, per_period: Money, periods: i64) -> Fica {
        let annual = per_period.scaled(periods, 1);
        if self.payroll.is_level(annual) {
            return self.payroll.fica_withheld(per_period);
        }
        let Fica { social_security, medicare } = self.payroll.fica_withheld(annual);
        Fica { social_security: social_security.scaled(1, periods), medicare: medicare.scaled(1, periods) }
    }

    /// Form W-4, Step 3: the credit for children under 17 and other dependents.
    #[must_use]
    pub fn step_3_credit(&self, children: u32, others: u32) -> Money {
        self.withholding.step_3_credit(children, others)
    }

    /// Whether the income tax of a state is known.
    ///
    /// # Errors
    /// [`TaxError::StateNotSupported`] names it.
    pub fn supports(&self, state: State) -> Result<(), TaxError> {
        if self.states.known().any(|known| known == state) { Ok(()) } else { Err(TaxError::StateNotSupported(state)) }
    }

    /// Social Security and Medicare of one earner with these FICA wages in the year.
    #[must_use]
    pub fn fica(&self, fica_wages: Money) -> Fica {
        self.payroll.fica(fica_wages)
    }

    /// Whether every paycheck of a year with these FICA wages is taxed alike: below the wage base and the additional Medicare tax.
    pub(crate) fn is_level(&self, fica_wages: Money) -> bool {
        self.payroll.is_level(fica_wages)
    }

    /// What an employer withholds of these FICA wages in the year: the additional Medicare tax above 200,000 is in the Medicare part.
    #[must_use]
    pub fn fica_withheld(&self, fica_wages: Money) -> Fica {
        self.payroll.fica_withheld(fica_wages)
    }
}

fn missing(year: i32, file: &str, problem: &str) -> TableError {
    TableError { file: format!("{year}/{file}"), table: String::new(), problem: problem.into() }
}
