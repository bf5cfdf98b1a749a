//! The files that come with this program. Adding a year is adding its folder, and one entry here.

use super::tables::YearFiles;

macro_rules! year {
    ($year:literal: $($path:literal),+ $(,)?) => {
        YearFiles {
            year: $year,
            files: &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/tax/", $year, "/", $path)))),+],
        }
    };
}

/// Every shipped year.
pub(super) const YEARS: &[YearFiles<'static>] = &[
    year!(2024: "federal.toml", "payroll.toml", "withholding.toml", "limits.toml", "states/none.toml"),
    year!(2025: "federal.toml", "payroll.toml", "withholding.toml", "limits.toml", "states/none.toml"),
    year!(2026: "federal.toml", "payroll.toml", "withholding.toml", "limits.toml", "states/none.toml"),
];
