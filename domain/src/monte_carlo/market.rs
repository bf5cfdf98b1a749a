//! What the world does in a month of a path, as factors of what the plan assumes: 1 = as assumed.
//!
//! *Lognormal*: an annual figure 1 + r has the mean that the plan assumes and the standard deviation that is given; months are
//! independent, so that a month's logarithm has a twelfth of the year's variance σ² = ln(1 + sd² / (1 + mean)²), and the factor
//! exp(√(σ²/12) z − σ²/24) the mean 1. Correlation is between the logarithms, by Cholesky's factor.
//!
//! *History*: the figures of whole years as they were, a year over twelve equal months; drawn with replacement (bootstrap) or in their
//! order (backtest). No table of wages is shipped: wages keep the real growth that the plan assumes, so they move with prices.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::{Deserialize, Serialize};

use crate::history::{HistoricalYear, History};
use crate::monte_carlo::numeric::{Stream, exp, ln};
use crate::projection::Assumptions;
use crate::rate::Rate;

/// The standard deviations of a year's figures, as fractions: 0 … 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Volatility {
    /// Of the investment return.
    pub investment_return: Rate,
    /// Of inflation.
    pub inflation: Rate,
    /// Of the growth of wages.
    pub salary_growth: Rate,
}

/// How the figures of one month move together: −1 … 1 each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Correlation {
    /// Of return and inflation.
    pub investment_return_inflation: Rate,
    /// Of return and growth of wages.
    pub investment_return_salary_growth: Rate,
    /// Of inflation and growth of wages.
    pub inflation_salary_growth: Rate,
}

/// What a household's investments are taken to hold, for figures of the past; rebalanced every year. The three add up to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mix {
    /// In stocks.
    pub stocks: Rate,
    /// In bonds.
    pub bonds: Rate,
    /// In Treasury bills.
    pub bills: Rate,
}

impl Default for Mix {
    /// Six tenths in stocks and four in bonds: the balanced portfolio of the literature on withdrawal rates.
    fn default() -> Self {
        Self { stocks: Rate::percent(60), bonds: Rate::percent(40), bills: Rate::ZERO }
    }
}

impl Mix {
    /// Whether the parts are a whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let parts = [self.stocks, self.bonds, self.bills].map(Rate::fraction);
        parts.iter().all(|part| *part >= Decimal::ZERO) && parts.iter().sum::<Decimal>() == Decimal::ONE
    }

    fn grown(&self, year: &HistoricalYear) -> f64 {
        1.0 + real(self.stocks) * real(year.stocks) + real(self.bonds) * real(year.bonds) + real(self.bills) * real(year.bills)
    }
}

impl Correlation {
    /// Whether each is a correlation: −1 … 1.
    #[must_use]
    pub fn is_in_range(&self) -> bool {
        self.all().iter().all(|each| each.fraction().abs() <= Decimal::ONE)
    }

    /// Whether anything can be correlated so: no square of a sum may have a negative mean. Decided in exact decimals.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        let [a, b, c] = self.all().map(Rate::fraction);
        let determinant = || Decimal::ONE + Decimal::TWO * a * b * c - a * a - b * b - c * c;
        self.is_in_range() && determinant() >= Decimal::ZERO
    }

    const fn all(&self) -> [Rate; 3] {
        [self.investment_return_inflation, self.investment_return_salary_growth, self.inflation_salary_growth]
    }

    /// The lower triangle L with L Lᵀ = the matrix of return, inflation and wages.
    fn cholesky(&self) -> [[f64; 3]; 3] {
        let [ab, ac, bc] = self.all().map(real);
        let bb = (1.0 - ab * ab).max(0.0).sqrt();
        // Where return and inflation are one, wages cannot tell them apart.
        let cb = if bb > 1e-9 { (bc - ac * ab) / bb } else { 0.0 };
        let cc = (1.0 - ac * ac - cb * cb).max(0.0).sqrt();
        [[1.0, 0.0, 0.0], [ab, bb, 0.0], [ac, cb, cc]]
    }
}

/// What the history says of a mix: the standard deviations of return and inflation over all years, and their correlation. None of
/// wages, which no table here has.
#[must_use]
pub fn measured(history: &History, mix: &Mix) -> (Volatility, Correlation) {
    let years = history.years();
    let count = years.len() as f64;
    let series = || years.iter().map(|year| (mix.grown(year) - 1.0, real(year.inflation)));
    let (sum_of_returns, sum_of_prices) = series().fold((0.0, 0.0), |(r, p), (return_, inflation)| (r + return_, p + inflation));
    let (mean_return, mean_inflation) = (sum_of_returns / count, sum_of_prices / count);
    let (mut returns, mut prices, mut both) = (0.0, 0.0, 0.0);
    for (return_, inflation) in series() {
        let (of_return, of_inflation) = (return_ - mean_return, inflation - mean_inflation);
        returns += of_return * of_return;
        prices += of_inflation * of_inflation;
        both += of_return * of_inflation;
    }
    let freedom = (count - 1.0).max(1.0);
    let volatility = Volatility {
        investment_return: shown((returns / freedom).sqrt()),
        inflation: shown((prices / freedom).sqrt()),
        salary_growth: Rate::ZERO,
    };
    let spread = (returns * prices).sqrt();
    let together = if spread > 0.0 { both / spread } else { 0.0 };
    (volatility, Correlation { investment_return_inflation: shown(together), ..Correlation::default() })
}

/// To four decimals: what is answered is what is computed with.
fn shown(value: f64) -> Rate {
    Rate::new(Decimal::new((value * 10_000.0).round() as i64, 4))
}

/// A rate as a float.
pub(super) fn real(rate: Rate) -> f64 {
    rate.fraction().to_f64().unwrap_or(0.0)
}

/// What a month does, as factors of what is assumed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Of 1 + a month's return.
    pub market: f64,
    /// Of 1 + a month's inflation.
    pub prices: f64,
    /// Of 1 + a month's growth of wages.
    pub salaries: f64,
}

impl Factors {
    /// As the plan assumes.
    pub const ASSUMED: Self = Self { market: 1.0, prices: 1.0, salaries: 1.0 };
}

/// Where a path's months come from.
#[derive(Clone, Debug)]
pub enum Market {
    /// As the plan assumes.
    Assumed,
    /// Independent months.
    Lognormal {
        /// Of the month's logarithms.
        deviation: [f64; 3],
        /// See [`Correlation`].
        cholesky: [[f64; 3]; 3],
    },
    /// Whole years, drawn.
    Bootstrap(Vec<Factors>),
    /// Whole years, from path number's year on, the first one behind the last one.
    InOrder(Vec<Factors>),
}

impl Market {
    /// Lognormal months.
    #[must_use]
    pub fn lognormal(assumed: &Assumptions, volatility: &Volatility, correlation: &Correlation) -> Self {
        let deviation = |deviation: Rate, mean: Rate| {
            let relative = real(deviation) / (1.0 + real(mean));
            (ln(1.0 + relative * relative) / 12.0).sqrt()
        };
        let deviation = [
            deviation(volatility.investment_return, assumed.investment_return),
            deviation(volatility.inflation, assumed.inflation),
            deviation(volatility.salary_growth, assumed.salary_growth),
        ];
        if deviation == [0.0; 3] { Self::Assumed } else { Self::Lognormal { deviation, cholesky: correlation.cholesky() } }
    }

    /// The years of a table as factors of what is assumed, in their order.
    #[must_use]
    pub fn years(assumed: &Assumptions, history: &History, mix: &Mix) -> Vec<Factors> {
        let a_month = |grown: f64, assumed: Rate| exp(ln(grown / (1.0 + real(assumed))) / 12.0);
        let factors = history.years().iter().map(|year| {
            let prices = a_month(1.0 + real(year.inflation), assumed.inflation);
            Factors { market: a_month(mix.grown(year), assumed.investment_return), prices, salaries: prices }
        });
        factors.collect()
    }

    /// The factors of month `number` (1, 2, …) of a path; `year` holds them where they last.
    pub fn month(&self, number: usize, path: usize, stream: &mut Stream, year: &mut Factors) -> Factors {
        let is_new_year = number % 12 == 1;
        match self {
            Self::Assumed => Factors::ASSUMED,
            Self::Lognormal { deviation, cholesky } => {
                let z = [(); 3].map(|()| stream.normal());
                let factor = |which: usize| {
                    let (deviation, [a, b, c]) = (deviation[which], cholesky[which]);
                    exp(deviation * (a * z[0] + b * z[1] + c * z[2]) - 0.5 * deviation * deviation)
                };
                Factors { market: factor(0), prices: factor(1), salaries: factor(2) }
            }
            Self::Bootstrap(years) => {
                if is_new_year {
                    *year = years[stream.below(years.len())];
                }
                *year
            }
            Self::InOrder(years) => {
                if is_new_year {
                    *year = years[(path + number / 12) % years.len()];
                }
                *year
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(text: &str) -> Rate {
        Rate::parse(text).unwrap()
    }

    fn correlation(a: &str, b: &str, c: &str) -> Correlation {
        Correlation { investment_return_inflation: rate(a), investment_return_salary_growth: rate(b), inflation_salary_growth: rate(c) }
    }

    #[test]
    fn a_correlation_that_nothing_can_have_is_told_apart() {
        // 1 + 2abc − a² − b² − c²: 1 − 0.96 − 0.96 − … ; three things of which each two oppose each other at −0.9 do not exist.
        assert!(correlation("0", "0", "0").is_possible());
        assert!(correlation("1", "1", "1").is_possible());
        assert!(correlation("1", "-1", "-1").is_possible());
        assert!(!correlation("-0.9", "-0.9", "-0.9").is_possible());
        assert!(!correlation("1", "1", "-1").is_possible());
        assert!(!correlation("1.1", "0", "0").is_possible());
    }

    #[test]
    fn the_triangle_times_itself_is_the_matrix() {
        let triangle = correlation("0.3", "-0.2", "0.5").cholesky();
        let product = |row: usize, column: usize| (0..3).map(|k| triangle[row][k] * triangle[column][k]).sum::<f64>();
        for (row, column, expected) in [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0), (0, 1, 0.3), (0, 2, -0.2), (1, 2, 0.5)] {
            assert!((product(row, column) - expected).abs() < 1e-15, "{row} {column}");
        }
    }

    /// 40,000 months: the standard error of a mean is 0.5 % of the deviation, of a deviation 0.35 %, of a correlation 0.005. Bounds of
    /// five standard errors; the seed is fixed, so that it fails for a wrong sampler and for nothing else.
    #[test]
    fn sampled_years_have_the_mean_the_deviation_and_the_correlation_that_were_asked_for() {
        let assumed = Assumptions::default();
        let volatility = Volatility { investment_return: rate("0.18"), inflation: rate("0.02"), salary_growth: rate("0.03") };
        let market = Market::lognormal(&assumed, &volatility, &correlation("-0.4", "0.2", "0.6"));
        let (mut stream, mut year) = (Stream::of_path(7, 0), Factors::ASSUMED);
        let months: Vec<[f64; 3]> = (1..=480_000)
            .map(|number| market.month(number, 0, &mut stream, &mut year))
            .map(|month| [month.market, month.prices, month.salaries])
            .collect();
        let years: Vec<[f64; 3]> =
            months.chunks_exact(12).map(|year| [0, 1, 2].map(|which| year.iter().map(|month| month[which]).product())).collect();
        let count = years.len() as f64;
        let means = [0, 1, 2].map(|which| years.iter().map(|year: &[f64; 3]| year[which]).sum::<f64>() / count);
        let spread = |a: usize, b: usize| years.iter().map(|year| (year[a] - means[a]) * (year[b] - means[b])).sum::<f64>() / count;
        for (which, growth, deviation) in [(0, 1.07, 0.18), (1, 1.03, 0.02), (2, 1.03, 0.03)] {
            let (mean, found) = (means[which] * growth, spread(which, which).sqrt() * growth);
            assert!((mean - growth).abs() < 5.0 * deviation / count.sqrt(), "{which}: mean {mean}");
            assert!((found / deviation - 1.0).abs() < 5.0 * 0.0045, "{which}: deviation {found}");
        }
        for (a, b, expected) in [(0, 1, -0.4), (0, 2, 0.2), (1, 2, 0.6)] {
            let found = spread(a, b) / (spread(a, a) * spread(b, b)).sqrt();
            assert!((found - expected).abs() < 0.025, "{a} {b}: {found}");
        }
    }

    #[test]
    fn a_bootstrap_draws_whole_years_of_the_table_and_nothing_else() {
        let assumed = Assumptions::default();
        let years = Market::years(&assumed, History::shipped().unwrap(), &Mix::default());
        let market = Market::Bootstrap(years.clone());
        let (mut stream, mut year, mut drawn) = (Stream::of_path(1, 2), Factors::ASSUMED, std::collections::BTreeSet::new());
        let months: Vec<Factors> = (1..=24_000).map(|number| market.month(number, 0, &mut stream, &mut year)).collect();
        for year in months.chunks_exact(12) {
            let place = years.iter().position(|known| *known == year[0]);
            assert!(place.is_some() && year.iter().all(|month| *month == year[0]));
            drawn.insert(place);
        }
        assert_eq!(drawn.len(), years.len(), "2,000 draws leave out one of 97 years once in ten million times");
    }

    #[test]
    fn twelve_months_of_a_year_of_the_past_are_that_year() {
        let assumed = Assumptions::default();
        let (history, mix) = (History::shipped().unwrap(), Mix { stocks: Rate::ONE, bonds: Rate::ZERO, bills: Rate::ZERO });
        let years = Market::years(&assumed, history, &mix);
        // 1931: stocks −43.84 %, prices −9.32 %.
        let crash = years[3];
        assert!((crash.market.powi(12) * 1.07 - 0.5616).abs() < 1e-12);
        assert!((crash.prices.powi(12) * 1.03 - 0.9068).abs() < 1e-12);
    }

    #[test]
    fn the_history_says_how_volatile_a_mix_was() {
        // Python: statistics.stdev and correlation over the table's columns, 0.6 stocks + 0.4 bonds, to four decimals.
        let (volatility, correlation) = measured(History::shipped().unwrap(), &Mix::default());
        assert_eq!((volatility.investment_return, volatility.inflation), (rate("0.1217"), rate("0.0392")));
        assert_eq!(correlation.investment_return_inflation, rate("-0.0202"));
    }
}
