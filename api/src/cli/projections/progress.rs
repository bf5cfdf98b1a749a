//! How far a long command has come: a bar that is drawn over on a terminal, a line now and then elsewhere. On standard error, since
//! standard output carries what was found.

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use projections::rebuild::{Difference, Progress, Watch};

/// On a terminal.
const DRAWN_EVERY: Duration = Duration::from_millis(100);
/// Elsewhere.
const TOLD_EVERY: Duration = Duration::from_secs(5);
/// Of the bar, in characters.
const WIDTH: usize = 24;
/// Returns to the beginning of the line and clears it.
const OVER: &str = "\r\x1b[K";

/// Shows progress, and prints differences where they are wanted.
pub struct Shown {
    terminal: bool,
    every_difference: bool,
    last: Instant,
}

impl Shown {
    /// `every_difference`: prints each as it is found.
    pub fn new(every_difference: bool) -> Self {
        Self { terminal: std::io::stderr().is_terminal(), every_difference, last: Instant::now() }
    }

    /// Takes the bar away.
    pub fn end(self) {
        if self.terminal {
            say(OVER);
        }
    }
}

impl Watch for Shown {
    fn difference(&mut self, difference: &Difference) {
        if self.every_difference {
            if self.terminal {
                say(OVER);
            }
            // Where nobody reads any more, the exit code still tells.
            drop(super::print(&format!("{difference}\n")));
        }
    }

    fn progress(&mut self, progress: &Progress) {
        let every = if self.terminal { DRAWN_EVERY } else { TOLD_EVERY };
        if self.last.elapsed() < every {
            return;
        }
        self.last = Instant::now();
        let line = line(progress, self.terminal);
        say(&if self.terminal { format!("{OVER}{line}") } else { format!("{line}\n") });
    }
}

fn say(text: &str) {
    let mut stderr = std::io::stderr();
    // Where standard error is closed, nobody wants to know.
    drop(stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()));
}

/// `██████▌······ 43 %  1204 of 2800 households  120400 events  61234 events/s  2 s left`.
fn line(progress: &Progress, bar: bool) -> String {
    let part = |of: u64| progress.events.min(progress.events_in_all).saturating_mul(of).checked_div(progress.events_in_all).unwrap_or(of);
    let mut line = String::new();
    if bar {
        let filled = usize::try_from(part(u64::try_from(WIDTH).unwrap_or(0))).unwrap_or(0).min(WIDTH);
        line.push_str(&"█".repeat(filled));
        line.push_str(&"·".repeat(WIDTH.saturating_sub(filled)));
        line.push(' ');
    }
    // Writing to a String cannot fail.
    let _ = write!(
        line,
        "{} %  {} of {} households  {} events  {} events/s",
        part(100),
        progress.households,
        progress.households_in_all.max(progress.households),
        progress.events,
        progress.rate()
    );
    if let Some(left) = progress.left() {
        let _ = write!(line, "  {} s left", left.as_secs());
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_how_far_it_is_how_fast_it_goes_and_how_long_it_will_take() {
        let progress = Progress {
            households: 25,
            households_in_all: 100,
            events: 2_500,
            events_in_all: 10_000,
            took: Duration::from_millis(500),
            events_before: 0,
        };
        assert_eq!(line(&progress, false), "25 %  25 of 100 households  2500 events  5000 events/s  1 s left");
        assert!(line(&progress, true).starts_with("██████··················"));
        assert_eq!(line(&Progress::default(), false), "100 %  0 of 0 households  0 events  0 events/s");
    }
}
