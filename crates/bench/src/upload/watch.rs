//! How much memory some processes and all that they start hold together.

use std::{
    collections::BTreeMap,
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How often it is looked at.
const GLANCE: Duration = Duration::from_millis(50);

/// The most that was ever seen at once, in megabytes.
#[derive(Default)]
pub struct Memory {
    /// Pages that several processes share are counted once.
    pub proportional: f64,
    /// They are counted in each.
    pub resident: f64,
    /// Who held what when the first was at its peak: the process's command, and its part.
    pub at_peak: Vec<(String, f64)>,
}

/// Looks on in a thread of its own.
pub struct Watch {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Memory>,
}

impl Watch {
    /// Begins to watch these processes and their descendants.
    pub fn start(roots: Vec<u32>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut most = Memory::default();
            while !stopped.load(Ordering::Relaxed) {
                glance(&roots, &mut most);
                thread::sleep(GLANCE);
            }
            most
        });
        Self { stop, thread }
    }

    /// What was seen.
    pub fn end(self) -> Memory {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

fn glance(roots: &[u32], most: &mut Memory) {
    let seen: Vec<(u32, f64, f64)> = family(roots)
        .into_iter()
        .filter_map(|id| {
            let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
            Some((id, megabytes(&rollup, "Pss:")?, megabytes(&rollup, "Rss:")?))
        })
        .collect();
    let proportional: f64 = seen.iter().map(|(_, share, _)| share).sum();
    most.resident = most.resident.max(seen.iter().map(|(.., resident)| resident).sum());
    if proportional > most.proportional {
        most.proportional = proportional;
        most.at_peak = seen.iter().map(|(id, share, _)| (command(*id), *share)).collect();
    }
}

/// These processes and all that descend from them.
fn family(roots: &[u32]) -> Vec<u32> {
    let parents: BTreeMap<u32, u32> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let id = entry.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((id, stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect();
    let descends = |id: &u32| {
        let mut id = *id;
        while let Some(parent) = parents.get(&id) {
            if roots.contains(&id) {
                return true;
            }
            id = *parent;
        }
        false
    };
    parents.keys().copied().filter(descends).collect()
}

fn command(id: u32) -> String {
    let words = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
    let words: Vec<&str> = words.split('\0').take(2).collect();
    let program = words.first().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
    format!("{program} {}", words.get(1).unwrap_or(&""))
}

fn megabytes(rollup: &str, field: &str) -> Option<f64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix(field))?;
    let kilobytes: u32 = line.trim().trim_end_matches(" kB").parse().ok()?;
    Some(f64::from(kilobytes) / 1024.0)
}
