//! A process under measurement with everything it started: processor time, memory, its end.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::process::{Child, Command};
use std::time::Duration;

use anyhow::Context;

use crate::meter::now;

/// A running process; it is interrupted with this value and has some seconds to end.
pub(crate) struct Process(Child);

/// A command whose process is killed when this one is gone, even by a kill: what a load driver leaves behind would
/// hold its ports and whatever locks it was started under. It must be started by the main thread, which lives longest.
pub(crate) fn mortal(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig=KILL", "--"]).arg(program);
    command
}

impl Process {
    /// Starts the command.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let program = command.get_program().to_owned();
        Ok(Self(command.spawn().with_context(|| format!("{} does not start", program.display()))?))
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Whether it has ended by itself.
    pub(crate) fn is_over(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    fn has_ended_by(&mut self, deadline: std::time::Instant) -> bool {
        while now() < deadline {
            if self.is_over() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(Command::new("kill").args(["-INT", &self.id().to_string()]).status());
        if !self.has_ended_by(now() + GRACE) {
            drop(self.0.kill());
            drop(self.0.wait());
        }
    }
}

/// User and system time of a process, of its descendants, and of those that have ended, in steps of 10 ms.
pub(crate) fn processor_time(root: u32) -> Duration {
    let ticks: u64 = tree(root).iter().map(|stat| stat.ticks).sum();
    Duration::from_millis(ticks * 10)
}

/// User and system time of this very process, without what it has started.
pub(crate) fn own_processor_time() -> Duration {
    let own = read_stat(std::process::id()).map_or(0, |stat| stat.own_ticks);
    Duration::from_millis(own * 10)
}

/// Resident memory of a process and its descendants in KiB, pages they share counted once.
pub(crate) fn memory_kib(root: u32) -> u64 {
    let of_one = |stat: &Stat| {
        let rollup = fs::read_to_string(format!("/proc/{}/smaps_rollup", stat.id)).unwrap_or_default();
        let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:")).unwrap_or_default().to_owned();
        line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
    };
    tree(root).iter().map(of_one).sum::<u64>()
}

struct Stat {
    id: u32,
    parent: u32,
    /// Hundredths of a second, with those of children it has waited for.
    ticks: u64,
    /// The same without those children.
    own_ticks: u64,
}

fn tree(root: u32) -> Vec<Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let mut children: HashMap<u32, Vec<Stat>> = HashMap::new();
    let mut found = Vec::new();
    for stat in ids.filter_map(read_stat) {
        if stat.id == root {
            found.push(stat);
        } else {
            children.entry(stat.parent).or_default().push(stat);
        }
    }
    let mut at = 0;
    while let Some(parent) = found.get(at).map(|stat| stat.id) {
        found.extend(children.remove(&parent).unwrap_or_default());
        at += 1;
    }
    found
}

fn read_stat(id: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // After the name in parentheses: parent is field 4, utime 14, stime 15, and those of dead children 16 and 17.
    let rest = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let sum = |fields: &[&str]| fields.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    let (ticks, own_ticks) = (sum(fields.get(11..15)?), sum(fields.get(11..13)?));
    Some(Stat { id, parent: fields.get(1)?.parse().ok()?, ticks, own_ticks })
}

/// What an interrupted process gets before it is killed.
const GRACE: Duration = Duration::from_secs(5);
