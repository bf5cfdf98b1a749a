//! A forecast as a journal: beancount and hledger, which know nothing of our engine, do its sums again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use support::Client;

use crate::family::family;

/// Runs `ops/TOOL`, which fetches the tool where it is not installed: what it prints, or what it complains of.
fn accepts(tool: &str, args: &[&str], journal: &Path) -> Result<String, String> {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("ops").join(tool);
    let output = Command::new(program).args(args).arg(journal).output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(said(&output.stdout)) } else { Err(format!("{}{}", said(&output.stderr), said(&output.stdout))) }
}

fn write(name: &str, text: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

async fn journal(home: &Client, months: u16, format: &str) -> String {
    journal_of(home, "baseline", months, format).await
}

async fn journal_of(home: &Client, scenario: &str, months: u16, format: &str) -> String {
    let answer = home.get(&format!("/scenarios/{{{scenario}}}/projections?months={months}&format={format}")).await.expect_status(200);
    assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
    assert_eq!(answer.version(), home.version().await);
    answer.text()
}

/// A file with one cent more in the last amount that comes before `assertion`.
fn with_a_cent_more(text: &str, assertion: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines.iter().rposition(|line| line.contains(assertion)).unwrap();
    let words: Vec<&str> = lines[at].split(' ').collect();
    let amount = words.iter().rposition(|word| word.contains('.') && *word != "0.00" && word.parse::<f64>().is_ok()).unwrap();
    let (whole, cents) = words[amount].split_once('.').unwrap();
    let other = format!("{whole}.{:02}", (cents.parse::<u32>().unwrap() + 1) % 100);
    let changed: Vec<String> =
        words.iter().enumerate().map(|(index, word)| if index == amount { other.clone() } else { (*word).to_owned() }).collect();
    lines[at] = changed.join(" ");
    lines.join("\n") + "\n"
}

/// What hledger itself sums up for each account at the end.
fn closing(path: &Path) -> BTreeMap<String, String> {
    let args = ["balance", "--flat", "--empty", "--no-total", "-O", "csv", "Assets", "Liabilities", "-f"];
    let table = accepts("hledger", &args, path).unwrap();
    let pair = |line: &str| line.trim_matches('"').split_once("\",\"").map(|(account, sum)| (account.to_owned(), sum.to_owned()));
    table.lines().skip(1).filter_map(pair).collect()
}

/// A row's balance: what is owed is negative in a journal.
fn as_hledger_has_it(row: &str, owed: bool) -> String {
    match row {
        "0.00" => "0".to_owned(),
        row if owed => format!("-{row} USD"),
        row => format!("{row} USD"),
    }
}

#[tokio::test]
async fn bean_check_accepts_a_forecast_and_notices_one_cent() {
    let home = family().await;
    let text = journal(&home, 60, "beancount").await;
    accepts("bean-check", &[], &write("forecast.beancount", &text)).unwrap();
    // Five years end in it, or six where it begins in the middle of one.
    let balances = text.lines().filter(|line| line.contains(" balance Assets:Cash:Checking ")).count();
    assert!((5..=6).contains(&balances), "{balances}");
    let wrong = with_a_cent_more(&text, " balance Assets:Cash:Checking");
    let refused = accepts("bean-check", &[], &write("wrong.beancount", &wrong)).unwrap_err();
    assert!(refused.contains("Assets:Cash:Checking"), "{refused}");
}

#[tokio::test]
async fn hledger_accepts_a_forecast_closes_with_its_balances_and_notices_one_cent() {
    let home = family().await;
    let text = journal(&home, 60, "hledger").await;
    let path = write("forecast.journal", &text);
    accepts("hledger", &["check", "--strict", "-f"], &path).unwrap();
    let closing = closing(&path);
    let rows = home.get("/scenarios/{baseline}/projections?months=60").await.expect_status(200);
    for (name, account, owed) in [
        ("Checking", "Assets:Cash:Checking", false),
        ("Savings", "Assets:Cash:Savings", false),
        ("Ana's 401(k)", "Assets:Retirement:Ana-S-401-K", false),
        ("House", "Assets:Real-Property:House", false),
        ("Mortgage", "Liabilities:Mortgage:Mortgage", true),
        ("Card", "Liabilities:Revolving:Card", true),
    ] {
        let row = rows.value("/months/59/balances")[home.id(name)].as_str().unwrap();
        assert_eq!(closing.get(account), Some(&as_hledger_has_it(row, owed)), "{account}");
    }
    let wrong = with_a_cent_more(&text, "Assets:Cash:Checking  0.00 USD = ");
    let refused = accepts("hledger", &["check", "-f"], &write("wrong.journal", &wrong)).unwrap_err();
    assert!(refused.contains("Assets:Cash:Checking"), "{refused}");
}

#[tokio::test]
async fn a_journal_is_of_the_version_that_its_tag_names() {
    let home = family().await;
    let path = "/scenarios/{baseline}/projections?format=beancount";
    let answer = home.get(path).await.expect_status(200);
    let tag = answer.header("etag").unwrap().to_owned();
    home.get(path).header("if-none-match", &tag).await.expect_status(304);
    home.patch("/flows/{Groceries}", json!({"amount": "151.00"})).await.expect_status(200);
    let next = home.get(path).header("if-none-match", &tag).await.expect_status(200);
    assert_eq!(next.version(), answer.version() + 1);
    assert_ne!(next.text(), answer.text());
    home.get("/scenarios/{baseline}/projections?format=ledger").await.expect_status(422);
}

/// A car on credit, a refinance with cash taken out, the sale of the house that pays off the new loan, a smaller one with a mortgage of its
/// own, a crash, and an inheritance: accounts that open and close in the middle of a journal.
async fn moving() -> Client {
    let home = family().await;
    home.create("scenarios", "Moves", json!({"start_date": "2026-11-01", "projection_months": 48})).await;
    let account = |name: &str| json!({"type": "account", "id": format!("{{{name}}}")});
    for (change_type, day, source, parameters) in [
        (
            "add_asset",
            "2027-02-10",
            json!(null),
            json!({"value": "18000.00", "account_type": "vehicle", "funded_from_account_id": "{Savings}"}),
        ),
        (
            "add_debt",
            "2027-02-10",
            json!(null),
            json!({"principal": "12000.00", "rate": "0.0749", "term_months": 48, "account_type": "auto_loan", "proceeds_to_account_id": "{Savings}"}),
        ),
        (
            "refinance",
            "2027-05-01",
            account("Mortgage"),
            json!({"rate": "0.0525", "term_months": 240, "closing_costs": "4321.09", "closing_costs_paid": "financed", "cash_out": "15000.00"}),
        ),
        (
            "sell_asset",
            "2028-06-15",
            account("House"),
            json!({"sale_price": "345678.90", "selling_costs": "20740.73", "pay_off_account_id": "{Mortgage}"}),
        ),
        (
            "add_asset",
            "2028-06-20",
            json!(null),
            json!({"value": "210000.00", "account_type": "primary_residence", "funded_from_account_id": "{Checking}"}),
        ),
        (
            "add_debt",
            "2028-06-20",
            json!(null),
            json!({"principal": "120000.00", "rate": "0.055", "term_months": 180, "account_type": "primary_mortgage",
                   "proceeds_to_account_id": "{Checking}"}),
        ),
        (
            "refinance",
            "2029-03-01",
            account("Card"),
            json!({"rate": "0.12", "term_months": 24, "closing_costs": "99.99", "closing_costs_paid": "cash"}),
        ),
        ("adjust_investment_value", "2029-04-01", json!(null), json!({"fraction": "-0.2", "applies_to": "all", "recovery_months": 7})),
        ("lump_sum_income", "2029-07-04", json!(null), json!({"amount": "33333.33", "tax_treatment": "untaxed"})),
    ] {
        let mut change = json!({"change_type": change_type, "name": change_type, "effective_date": day, "parameters": parameters});
        if source.is_object() {
            change["source"] = source;
        }
        home.post("/scenarios/{Moves}/changes", change).await.expect_status(201);
    }
    home
}

#[tokio::test]
async fn both_tools_accept_a_plan_whose_accounts_open_close_and_change_and_its_closing_balances_are_the_rows() {
    let home = moving().await;
    let text = journal_of(&home, "Moves", 48, "beancount").await;
    accepts("bean-check", &[], &write("moves.beancount", &text)).unwrap();
    for account in ["Assets:Personal-Property:Vehicle", "Liabilities:Instalment:Auto-Loan", "Assets:Real-Property:Primary-Residence"] {
        assert!(text.contains(&format!(" balance {account} ")), "{account} is asserted");
    }
    let path = write("moves.journal", &journal_of(&home, "Moves", 48, "hledger").await);
    accepts("hledger", &["check", "--strict", "-f"], &path).unwrap();
    let mut closing = closing(&path);
    let rows = home.get("/scenarios/{Moves}/projections").await.expect_status(200);
    let balances = rows.value("/months/47/balances").as_object().unwrap();
    let accounts = home.get("/accounts").await.expect_status(200);
    let known = |id: &String| accounts.list_at("/items").iter().find(|account| account["id"] == json!(id));
    // Those of the household by their names; those that the plan opens, in what is left.
    for (name, account, owed) in [
        ("Checking", "Assets:Cash:Checking", false),
        ("Savings", "Assets:Cash:Savings", false),
        ("Ana's 401(k)", "Assets:Retirement:Ana-S-401-K", false),
        ("House", "Assets:Real-Property:House", false),
        ("Mortgage", "Liabilities:Mortgage:Mortgage", true),
        ("Flat", "Assets:Real-Property:Flat", false),
        ("Card", "Liabilities:Revolving:Card", true),
    ] {
        let row = balances[&home.id(name)].as_str().unwrap();
        assert_eq!(closing.remove(account), Some(as_hledger_has_it(row, owed)), "{account}");
    }
    assert_eq!((balances[&home.id("House")].as_str(), balances[&home.id("Mortgage")].as_str()), (Some("0.00"), Some("0.00")));
    let mut opened: Vec<&str> = balances.iter().filter(|(id, _)| known(id).is_none()).filter_map(|(_, balance)| balance.as_str()).collect();
    let left: Vec<String> = closing
        .iter()
        .filter(|(account, _)| !matches!(account.as_str(), "Liabilities:Overdraft" | "Assets:Payroll-Clearing"))
        .map(|(_, sum)| if sum == "0" { "0.00".to_owned() } else { sum.trim_start_matches('-').trim_end_matches(" USD").to_owned() })
        .collect();
    let mut left: Vec<&str> = left.iter().map(String::as_str).collect();
    opened.sort_unstable();
    left.sort_unstable();
    assert_eq!((opened.len(), opened), (4, left), "a car, its loan, a house, its mortgage: {closing:?}");
}
