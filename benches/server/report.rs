//! What is printed: figures beside their references, then what each load cost.

use crate::meter::Tally;

/// The report as it grows.
#[derive(Default)]
pub struct Report {
    ratios: Vec<[String; 5]>,
    costs: Vec<[String; 8]>,
}

/// What a ratio has to be.
#[derive(Clone, Copy)]
pub enum Wanted {
    AtLeast(f64),
    AtMost(f64),
    /// Nothing is asked for: the figure explains another one.
    Nothing,
}

impl Report {
    /// A line of the first table.
    pub fn ratio(&mut self, what: &str, measured: String, reference: String, ratio: f64, wanted: Wanted) {
        let (wanted, kept) = match wanted {
            Wanted::AtLeast(least) => (format!("≥ {least}"), ratio >= least),
            Wanted::AtMost(most) => (format!("≤ {most}"), ratio <= most),
            Wanted::Nothing => ("–".to_owned(), true),
        };
        let ratio = if kept { format!("{ratio:.2}") } else { format!("**{ratio:.2}**") };
        self.ratios.push([what.to_owned(), measured, reference, ratio, wanted]);
    }

    /// A line of the second table.
    pub fn cost(&mut self, what: &str, tally: &Tally) {
        let microseconds = |seconds: f64| format!("{:.0}", tally.each(seconds) * 1e6);
        self.costs.push([
            what.to_owned(),
            format!("{:.0}", tally.rate()),
            format!("{:.2}", tally.quantile_ms(0.5)),
            format!("{:.2}", tally.quantile_ms(0.99)),
            microseconds(tally.cost.server_s),
            microseconds(tally.cost.postgres_s),
            microseconds(tally.cost.client_s),
            format!("{:.0}", tally.each(tally.cost.wal_bytes)),
        ]);
    }

    /// Both tables, in Markdown.
    pub fn print(&self) {
        println!("\n{}", table(["what", "measured", "reference in the same run", "ratio", "wanted"], &self.ratios));
        let heading = ["load", "per second", "p50 ms", "p99 ms", "server CPU µs", "PostgreSQL CPU µs", "client CPU µs", "log bytes"];
        println!("What one operation costs:\n\n{}", table(heading, &self.costs));
    }
}

fn table<const COLUMNS: usize>(heading: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([heading[column].chars().count()]).max().unwrap_or_default()
    };
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let line = |cells: [&str; COLUMNS]| {
        let padded = cells
            .iter()
            .zip(widths)
            .enumerate()
            .map(|(column, (cell, width))| if column == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") });
        format!("| {} |\n", padded.collect::<Vec<_>>().join(" | "))
    };
    let rule = widths
        .iter()
        .enumerate()
        .map(|(column, width)| if column == 0 { "-".repeat(width + 2) } else { format!("{}:", "-".repeat(width + 1)) });
    let rule = format!("|{}|\n", rule.collect::<Vec<_>>().join("|"));
    let body: String = rows.iter().map(|row| line(std::array::from_fn(|column| row[column].as_str()))).collect();
    format!("{}{rule}{body}", line(heading))
}
