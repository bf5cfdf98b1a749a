//! What an account held on a day: recorded one at a time, or many at once from a table of dates and balances.

use domain::calendar::Date;
use domain::household::Intent;
use domain::household::facts::Balance;
use domain::ids::AccountId;
use domain::money::Money;
use projections::queries::{KeyPart, Selection};
use projections::read_models::accounts::{AccountRow, BalanceRow};

use super::households::PageQuery;
use super::{Doc, Routes};
use crate::answer::Answer;
use crate::body::{JsonOrCsv, Query, Upload, body, parse_date};
use crate::command::{CommandRequest, Made};
use crate::extract::Path;
use crate::problem::{FieldError, Problem};
use crate::query::QueryRequest;

/// More rows than a daily balance of a quarter century; one batch of events stays within a transaction that is short.
const MOST_ROWS: usize = 10_000;

body! {
    /// Records a balance.
    pub struct NewBalance {
        /// The day for which it holds; today where left out.
        as_of_date: Option<Date>,
        /// What the account holds, or what is owed (positive).
        balance: Money,
        /// What was paid for it.
        cost_basis: Option<Money>,
        /// What it would sell for, where that is not the balance.
        market_value: Option<Money>,
    }
}

pub fn routes() -> Routes {
    Routes::tagged("balances")
        .get(
            "/api/v1/accounts/{id}/balances",
            list,
            Doc::query("List the balances of an account, newest day first").parameters::<PageQuery>().lists::<BalanceRow>(),
        )
        .post(
            "/api/v1/accounts/{id}/balances",
            record,
            Doc::command("Record a balance, or import many").body::<NewBalance>().creates::<AccountRow>().details(
                "Also takes `text/csv`: a line each with date and balance, with or without the heading `date,balance`; all of them are recorded, or none.",
            ),
        )
}

async fn list(request: QueryRequest, id: Path<AccountId>, page: Query<PageQuery>) -> Result<Answer, Problem> {
    let of_account = Selection {
        condition: "account_id = ($3::text[])[1]::uuid",
        order: "as_of_date DESC, version DESC",
        behind: "(as_of_date, version) < (($4::text[])[1]::date, ($4::text[])[2]::bigint)",
        key: &[KeyPart::Date, KeyPart::Version],
    };
    let id = id.into_inner();
    let key = |row: &BalanceRow| vec![row.as_of_date.to_string(), row.version.to_string()];
    request.require::<AccountRow>(id.0, "account").await?;
    request.list::<BalanceRow>(of_account, vec![Some(id.to_string())], (page.limit, page.cursor.as_ref()), key).await
}

async fn record(request: CommandRequest, id: Path<AccountId>, upload: Upload<NewBalance>) -> Result<Answer, Problem> {
    let (account_id, digest) = (id.into_inner(), upload.digest);
    let told = match upload.content {
        JsonOrCsv::Json(balance) => vec![balance],
        JsonOrCsv::Csv(table) => read_table(&table).map_err(Problem::invalid_fields)?,
    };
    let intent = |today: Date| {
        let dated = |told: NewBalance| Balance {
            as_of_date: told.as_of_date.unwrap_or(today),
            balance: told.balance,
            cost_basis: told.cost_basis,
            market_value: told.market_value,
        };
        Intent::RecordBalances { account_id, balances: told.into_iter().map(dated).collect() }
    };
    let made = Made::Created(format!("/api/v1/accounts/{account_id}/balances"));
    request.run(digest, intent, made, |home, _| AccountRow::of(home, account_id)).await
}

/// A table of dates and balances, with all its problems at once, each with its line.
fn read_table(table: &str) -> Result<Vec<NewBalance>, Vec<FieldError>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(table.as_bytes());
    let (mut balances, mut problems) = (Vec::new(), Vec::new());
    for (index, record) in reader.records().enumerate() {
        let line = index.saturating_add(1);
        let Ok(record) = record else {
            problems.push(FieldError::new(format!("line {line}"), "not_csv", "is not a line of a table"));
            continue;
        };
        let (date, balance) = (record.get(0).unwrap_or_default(), record.get(1).unwrap_or_default());
        if line == 1 && date.eq_ignore_ascii_case("date") {
            continue;
        }
        if record.len() != 2 {
            problems.push(FieldError::new(format!("line {line}"), "not_two_columns", "must have two columns: date, balance"));
            continue;
        }
        let (parsed_date, parsed_balance) = (parse_date(date), Money::parse(balance));
        if parsed_date.is_none() {
            problems.push(FieldError::new(format!("line {line}.date"), "not_a_date", "must be a date such as 2026-11-23"));
        }
        if let Err(error) = &parsed_balance {
            problems.push(FieldError::new(format!("line {line}.balance"), "not_an_amount", error.to_string()));
        }
        if let (Some(date), Ok(balance)) = (parsed_date, parsed_balance) {
            balances.push(NewBalance { as_of_date: Some(date), balance, cost_basis: None, market_value: None });
        }
    }
    if balances.len() > MOST_ROWS {
        problems.push(FieldError::new("", "too_many", format!("must have at most {MOST_ROWS} lines: send the rest in another request")));
    }
    if balances.is_empty() && problems.is_empty() {
        problems.push(FieldError::new("", "empty", "must have at least one line: date, balance"));
    }
    if problems.is_empty() { Ok(balances) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_read_with_or_without_its_heading() {
        for table in ["date,balance\n2026-01-31,1000.00\n2026-02-28,\"1200.50\"\n", "2026-01-31, 1000.00\r\n2026-02-28,1200.50"] {
            let read: Vec<_> = read_table(table).unwrap().iter().map(|row| (row.as_of_date.unwrap().to_string(), row.balance)).collect();
            assert_eq!(
                read,
                [("2026-01-31".to_owned(), Money::from_cents(100_000)), ("2026-02-28".to_owned(), Money::from_cents(120_050))]
            );
        }
    }

    #[test]
    fn all_that_is_wrong_with_a_table_is_said_with_its_lines() {
        let fields: Vec<_> =
            read_table("2026-02-30,1\n2026-01-01,1.234\nonly\n").unwrap_err().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["line 1.date", "line 2.balance", "line 3"]);
        assert_eq!(read_table("").unwrap_err()[0].code, "empty");
    }
}
