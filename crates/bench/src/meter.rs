//! Clocks, processor time and percentiles, from the standard library alone.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// Now, on the monotonic clock.
#[expect(clippy::disallowed_methods, reason = "measuring time is what a benchmark is for")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// One line about the machine, so that a figure can be placed.
pub(crate) fn machine() -> String {
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
    };
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let (cpu, memory) = (field("/proc/cpuinfo", "model name"), field("/proc/meminfo", "MemTotal"));
    format!("machine: {cpu}, {cores} cores, {memory} memory, Linux {}", kernel.trim())
}

/// Processor time of this process so far, user and system, without its children, in steps of 10 ms.
pub(crate) fn processor_time() -> Duration {
    crate::process::own_processor_time()
}

/// Median time of an append of 4 KiB with fdatasync: what one durable commit costs at least.
pub(crate) fn flush_time(folder: &Path) -> anyhow::Result<Duration> {
    let mut file = fs::File::create(folder.join("flush"))?;
    let mut times = Vec::new();
    for _ in 0..300 {
        let start = now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(start.elapsed());
    }
    Ok(percentile(&mut times, 50))
}

/// The smallest time that so many per cent of all do not exceed.
pub(crate) fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let at = (times.len() * percent).div_ceil(100).saturating_sub(1);
    times.get(at).copied().unwrap_or_default()
}

/// How many in a second.
pub(crate) fn rate(count: usize, time: Duration) -> u64 {
    let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1);
    u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(1000) / millis
}

/// Tenths of a microsecond each took, as text.
pub(crate) fn micros_each(time: Duration, count: usize) -> String {
    let nanos = time.as_nanos() / u128::try_from(count.max(1)).unwrap_or(1);
    format!("{}.{}", nanos / 1000, nanos % 1000 / 100)
}

/// Milliseconds with two decimals.
pub(crate) fn millis(time: Duration) -> String {
    format!("{}.{:02}", time.as_millis(), time.subsec_micros() % 1000 / 10)
}
