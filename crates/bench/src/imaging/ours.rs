//! Our side: `photos render`, a process that does photo after photo, fed and read by the code of the worker.

use std::{
    collections::HashMap,
    fs::{self, File},
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::bail;
use imaging::{Recipe, Rendered};
use nix::sys::resource::{Usage, UsageWho, getrusage};
use photos::{
    renditions::{
        deaths::Death,
        decoders::{Decoders, Outcome, patience},
        process::Request,
    },
    storage::Readable,
};

/// How often the memory of the processes is looked at. What is read is the most that each ever had.
const GLANCE: Duration = Duration::from_millis(1);

/// Renders one photo.
pub struct Ours {
    decoders: Decoders,
    runtime: tokio::runtime::Runtime,
}

impl Ours {
    /// With the built program of photos.
    pub fn new(program: &Path) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { decoders: Decoders::new(program, 1), runtime })
    }

    /// Reads the original and has it rendered, as the worker does.
    pub fn render(&self, photo: &Path, recipe: &Recipe) -> anyhow::Result<Rendered> {
        let original = File::open(photo)?;
        let size = original.metadata()?.len();
        let request = Request { recipe: recipe.clone(), size, cpu_seconds: 30, memory: 2 << 30 };
        let rendered = self.runtime.block_on(async {
            let original = Readable { descriptor: original.into(), size };
            self.decoders
                .slot()
                .await
                .render(photos::identity::AccountId(1), &request, original, patience(30))
                .await
        });
        match rendered? {
            Outcome::Rendered(rendered) => Ok(*rendered),
            Outcome::Failed(failure) | Outcome::Died(Death::OfPhoto(failure)) => {
                bail!("{}: {}", photo.display(), failure.detail)
            }
            Outcome::Died(Death::FromOutside(signal)) => bail!("{}: signal {signal}", photo.display()),
        }
    }

    /// The same, and the processor seconds that it took: the decoder's, and those of this process.
    pub fn timed(&self, photo: &Path, recipe: &Recipe) -> anyhow::Result<(f64, Rendered)> {
        let watch = Stopwatch::start()?;
        let rendered = self.render(photo, recipe)?;
        Ok((watch.stop()?, rendered))
    }
}

/// Counts the processor seconds of this process and of its decoders, also of those that end meanwhile.
pub struct Stopwatch(f64);

impl Stopwatch {
    /// Begins; looking for the decoders is not counted.
    pub fn start() -> anyhow::Result<Self> {
        let decoders = decoders_seconds();
        Ok(Self(own_seconds()? + decoders))
    }

    /// Seconds since the beginning.
    pub fn stop(self) -> anyhow::Result<f64> {
        let own = own_seconds()?;
        Ok(own + decoders_seconds() - self.0)
    }
}

/// Of this process and of its children that have ended.
fn own_seconds() -> anyhow::Result<f64> {
    let of = |usage: Usage| {
        let whole = [usage.user_time(), usage.system_time()].map(|time| {
            Duration::from_secs(time.tv_sec().unsigned_abs())
                + Duration::from_micros(time.tv_usec().unsigned_abs())
        });
        whole.iter().sum::<Duration>()
    };
    Ok((of(getrusage(UsageWho::RUSAGE_SELF)?) + of(getrusage(UsageWho::RUSAGE_CHILDREN)?)).as_secs_f64())
}

/// Of the decoders that live, which have one thread each.
fn decoders_seconds() -> f64 {
    let nanoseconds = |id: &u32| {
        let schedule = fs::read_to_string(format!("/proc/{id}/schedstat")).ok()?;
        schedule.split(' ').next()?.parse().ok().map(Duration::from_nanos)
    };
    let decoders = processes().into_iter().filter(|id| is_child(*id) && is_decoder(*id));
    decoders.filter_map(|id| nanoseconds(&id)).sum::<Duration>().as_secs_f64()
}

/// Watches how much memory the children of this process have resident at most.
pub struct Watch {
    stop: Arc<AtomicBool>,
    most: Arc<Mutex<u64>>,
    thread: JoinHandle<()>,
}

impl Watch {
    /// Begins to watch; children that are there already are left out.
    pub fn start() -> Self {
        let (stop, most) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(0)));
        let (stopped, highest) = (Arc::clone(&stop), Arc::clone(&most));
        let thread = thread::spawn(move || {
            let mut known: HashMap<u32, bool> = processes().into_iter().map(|id| (id, false)).collect();
            while !stopped.load(Ordering::Relaxed) {
                for id in processes() {
                    if *known.entry(id).or_insert_with(|| is_child(id))
                        && let Some(kilobytes) = peak_kilobytes(id)
                        && let Ok(mut most) = highest.lock()
                    {
                        *most = (*most).max(kilobytes);
                    }
                }
                thread::sleep(GLANCE);
            }
        });
        Self { stop, most, thread }
    }

    /// Megabytes that the largest child had at most.
    pub fn megabytes(self) -> f64 {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().ok();
        let kilobytes = self.most.lock().map_or(0, |most| *most);
        f64::from(u32::try_from(kilobytes).unwrap_or(u32::MAX)) / 1024.0
    }
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn is_child(id: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let parent = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)?.parse().ok());
    parent == Some(std::process::id())
}

fn peak_kilobytes(id: u32) -> Option<u64> {
    // Until it has become the program, the process still has what this one holds.
    if !is_decoder(id) {
        return None;
    }
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

fn is_decoder(id: u32) -> bool {
    fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|name| name.trim() == "photos")
}
