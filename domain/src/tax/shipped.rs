//! The files that come with this program. Adding a year is adding its folder, and one entry here.

use super::tables::YearFiles;

macro_rules! year {
    ($year:literal: $($state:literal)+) => {
        YearFiles {
            year: $year,
            files: &[
                year!(@file $year, "federal.toml"),
                year!(@file $year, "payroll.toml"),
                year!(@file $year, "withholding.toml"),
                year!(@file $year, "limits.toml"),
                $(year!(@file $year, concat!("states/", $state, ".toml"))),+
            ],
        }
    };
    (@file $year:literal, $path:expr) => {
        ($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/tax/", $year, "/", $path)))
    };
}

/// Every shipped year, with its files of states.
pub(super) const YEARS: &[YearFiles<'static>] = &[
    year!(2024:
        "al" "ar" "az" "ca" "co" "ct" "dc" "de" "ga" "hi" "ia" "id" "il" "in" "ks" "ky" "la" "ma" "md" "me" "mi" "mn"
        "mo" "ms" "mt" "nc" "nd" "ne" "nh" "nj" "nm" "none" "ny" "oh" "ok" "or" "pa" "ri" "sc" "ut" "va" "vt" "wa" "wi"
        "wv"),
    year!(2025:
        "al" "ar" "az" "ca" "co" "ct" "dc" "de" "ga" "hi" "ia" "id" "il" "in" "ks" "ky" "la" "ma" "md" "me" "mi" "mn"
        "mo" "ms" "mt" "nc" "nd" "ne" "nj" "nm" "none" "ny" "oh" "ok" "or" "pa" "ri" "sc" "ut" "va" "vt" "wa" "wi" "wv"),
    year!(2026:
        "al" "ar" "az" "ca" "co" "ct" "dc" "de" "ga" "hi" "ia" "id" "il" "in" "ks" "ky" "la" "ma" "md" "me" "mi" "mn"
        "mo" "ms" "mt" "nc" "nd" "ne" "nj" "nm" "none" "ny" "oh" "ok" "or" "pa" "ri" "sc" "ut" "va" "vt" "wa" "wi" "wv"),
];
