//! A forecast as a journal: beancount and hledger, which know nothing of our engine, do its sums again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    let answer = home.get(&format!("/scenarios/{{baseline}}/projections?months={months}&format={format}")).await.expect_status(200);
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
    let table =
        accepts("hledger", &["balance", "--flat", "--empty", "--no-total", "-O", "csv", "Assets", "Liabilities", "-f"], &path).unwrap();
    let closing: BTreeMap<&str, &str> = table.lines().skip(1).filter_map(|line| line.trim_matches('"').split_once("\",\"")).collect();
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
        let expected = match row {
            "0.00" => "0".to_owned(),
            row if owed => format!("-{row} USD"),
            row => format!("{row} USD"),
        };
        assert_eq!(closing.get(account).copied(), Some(expected.as_str()), "{account}");
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
    home.patch("/flows/{Groceries}", serde_json::json!({"amount": "151.00"})).await.expect_status(200);
    let next = home.get(path).header("if-none-match", &tag).await.expect_status(200);
    assert_eq!(next.version(), answer.version() + 1);
    assert_ne!(next.text(), answer.text());
    home.get("/scenarios/{baseline}/projections?format=ledger").await.expect_status(422);
}
