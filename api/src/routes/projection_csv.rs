//! A projection as a table: a line a month, the columns of the row that are single figures.

use domain::projection::{Projection, Row};
use rust_decimal::Decimal;

const HEADING: &str = "month_number,date,total_assets,total_liabilities,net_worth,liquid_assets,retirement_assets,total_income,total_taxes,\
total_expenses,net_cash_flow,dscr,savings_rate,liquidity_months,days_cash_on_hand,change_income,change_taxes,change_spending,\
change_investment_growth,change_appreciation,change_interest_and_fees,change_one_off,flags";

/// The table, with a heading; no field needs quoting.
#[must_use]
pub fn to_csv(projection: &Projection) -> String {
    let mut table = String::with_capacity(projection.months.len().saturating_mul(256));
    table.push_str(HEADING);
    table.push('\n');
    for row in &projection.months {
        table.push_str(&line(row).join(","));
        table.push('\n');
    }
    table
}

fn line(row: &Row) -> Vec<String> {
    let ratio = |ratio: Option<Decimal>| ratio.map(|ratio| ratio.to_string()).unwrap_or_default();
    let change = &row.change;
    let amounts = [
        row.total_assets,
        row.total_liabilities,
        row.net_worth,
        row.liquid_assets,
        row.retirement_assets,
        row.total_income,
        row.total_taxes,
        row.total_expenses,
        row.net_cash_flow,
    ];
    let ratios = [row.dscr, row.savings_rate, row.liquidity_months, row.days_cash_on_hand];
    let terms = [
        change.income,
        change.taxes,
        change.spending,
        change.investment_growth,
        change.appreciation,
        change.interest_and_fees,
        change.one_off,
    ];
    let flags: Vec<&str> = row.flags.iter().map(|flag| flag.as_str()).collect();
    [row.month_number.to_string(), row.date.to_string()]
        .into_iter()
        .chain(amounts.iter().map(ToString::to_string))
        .chain(ratios.into_iter().map(ratio))
        .chain(terms.iter().map(ToString::to_string))
        .chain([flags.join(" ")])
        .collect()
}
