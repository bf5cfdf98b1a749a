//! What this process costs its machine, read from `/proc` when somebody asks. Where there is no such thing, nothing is reported.

use std::fs;
use std::time::Duration;

use opentelemetry::metrics::Meter;
use opentelemetry::{KeyValue, global};

/// Linux tells CPU time in hundredths of a second to programs, whatever its own clock is (`USER_HZ`, proc(5)).
const TICK: Duration = Duration::from_millis(10);
const BYTES_PER_KIBIBYTE: u64 = 1024;

/// Reports CPU time, memory and open files from now on.
pub(super) fn watch() {
    let meter: Meter = global::meter("effluent");
    meter
        .f64_observable_counter("process.cpu.time")
        .with_unit("s")
        .with_description("Time that the process spent computing, by mode")
        .with_callback(|observer| {
            if let Some((user, system)) = fs::read_to_string("/proc/self/stat").ok().and_then(|stat| cpu_time(&stat)) {
                observer.observe(user.as_secs_f64(), &[KeyValue::new("cpu.mode", "user")]);
                observer.observe(system.as_secs_f64(), &[KeyValue::new("cpu.mode", "system")]);
            }
        })
        .build();
    meter
        .u64_observable_gauge("process.memory.usage")
        .with_unit("By")
        .with_description("Memory that the process occupies")
        .with_callback(|observer| {
            if let Some(bytes) = fs::read_to_string("/proc/self/status").ok().and_then(|status| resident(&status)) {
                observer.observe(bytes, &[]);
            }
        })
        .build();
    meter
        .u64_observable_gauge("process.unix.file_descriptor.count")
        .with_description("Files and connections that the process has open")
        .with_callback(|observer| {
            if let Some(number) = fs::read_dir("/proc/self/fd").ok().and_then(|files| u64::try_from(files.count()).ok()) {
                observer.observe(number, &[]);
            }
        })
        .build();
}

/// User and system time, the fields 14 and 15. The second field is a name, which may hold anything, a bracket too.
fn cpu_time(stat: &str) -> Option<(Duration, Duration)> {
    let (_, behind_the_name) = stat.rsplit_once(')')?;
    let mut times = behind_the_name.split_ascii_whitespace().skip(11).map(|ticks| TICK.checked_mul(ticks.parse().ok()?));
    Some((times.next()??, times.next()??))
}

/// `VmRSS:     12345 kB`.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_ascii_whitespace().next()?.parse::<u64>().ok()?.checked_mul(BYTES_PER_KIBIBYTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_found_behind_any_name() {
        let stat = "42 (a) b (c)) S 1 42 42 0 -1 4194560 9000 0 1 0 250 75 0 0 20 0 9 0 123 456 789";
        assert_eq!(cpu_time(stat), Some((Duration::from_millis(2_500), Duration::from_millis(750))));
        assert_eq!(cpu_time("no such thing"), None);
    }

    #[test]
    fn memory_is_told_in_bytes() {
        assert_eq!(resident("VmPeak:\t  9 kB\nVmRSS:\t    2048 kB\nThreads:\t9\n"), Some(2 << 20));
    }
}
