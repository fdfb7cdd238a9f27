//! Renditions: ours against sharp's on the same job, in processor time, memory, bytes and likeness.

mod draw;
mod likeness;
mod ours;
pub mod photos;
mod sharp;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use clap::Args;
use imaging::{Kind, Mark, Recipe, Rendered, Sharpening};
use turbojpeg::{Decompressor, Image, PixelFormat, ScalingFactor};

use self::{
    likeness::Reference,
    ours::{Ours, Stopwatch, Watch},
    photos::{Group, Photo},
    sharp::Sharp,
};
use crate::figures::{aim, median, say};

/// What runs at the same time where memory and wall time are measured.
const WORKERS: usize = 2;

/// Where everything is.
#[derive(Args)]
pub struct Arguments {
    /// The built program of photos.
    program: PathBuf,
    /// The script that drives sharp, beside its packages.
    script: PathBuf,
    /// A folder for the photos, which are drawn at the first run.
    folder: PathBuf,
    /// Smaller photos and one round, to see that everything runs.
    #[arg(long)]
    quick: bool,
}

/// The processor seconds of one photo, round by round.
#[derive(Default)]
struct Times {
    ours: Vec<f64>,
    sharp: Vec<f64>,
    floor: Vec<f64>,
}

/// Measures and prints everything.
pub fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let rounds = if arguments.quick { 1 } else { 9 };
    let photos = photos::all(&arguments.folder, arguments.quick)?;
    let ours = Ours::new(&arguments.program)?;
    let mut sharp = Sharp::start(&arguments.script)?;
    likenesses(&photos, &ours, &mut sharp, &arguments.folder)?;
    processor_times(&photos, &ours, &mut sharp, rounds)?;
    extras(&photos[0], &ours, rounds)?;
    drop(sharp);
    two_workers(&photos, arguments, rounds)
}

/// What both are asked for: three sizes, the largest also marked.
fn job() -> Recipe {
    Recipe {
        mark: Mark::new("Ana Pérez"),
        marked: vec![Kind::Preview],
        sharpening: Sharpening::Off,
        fitted_tables: Vec::new(),
        ..Recipe::default()
    }
}

fn likenesses(photos: &[Photo], ours: &Ours, sharp: &mut Sharp, folder: &Path) -> anyhow::Result<()> {
    say(
        "\nLikeness to the photo (SSIM of the luma, full-size Lanczos as reference), and bytes, ours : sharp",
    );
    say("                           400 px                     800 px                     2048 px");
    let mut least = f64::INFINITY;
    for photo in photos {
        let reference = Reference::new(&fs::read(&photo.path)?, photo.orientation)?;
        let rendered = ours.render(&photo.path, &job())?;
        let kept = folder.join("sharp-");
        sharp.render(&photo.path, Some(&kept))?;
        let mut columns = String::new();
        for kind in Kind::all() {
            let their_file = fs::read(folder.join(format!("sharp-{}.jpg", kind.name())))?;
            let our_file = clean(&rendered, *kind)?;
            let (one, other) = (reference.likeness(our_file)?, reference.likeness(&their_file)?);
            least = least.min(one - other);
            let bytes = size_ratio(our_file.len(), their_file.len());
            write!(columns, "  {one:.4}:{other:.4} {:+.4} {bytes:.2}", one - other)?;
        }
        say(format_args!("  {:<20}{columns}", photo.name));
    }
    aim("lowest difference of likeness to sharp, thousandths", least * 1e3, "", -2.0, true);
    Ok(())
}

fn clean(rendered: &Rendered, kind: Kind) -> anyhow::Result<&[u8]> {
    let mut all = rendered.renditions.iter();
    let found = all.find(|rendition| rendition.kind == kind && !rendition.marked);
    found.map(|rendition| rendition.file.as_slice()).ok_or_else(|| anyhow::anyhow!("a rendition is missing"))
}

fn size_ratio(one: usize, other: usize) -> f64 {
    let real = |bytes: usize| f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
    real(one) / real(other)
}

fn processor_times(photos: &[Photo], ours: &Ours, sharp: &mut Sharp, rounds: usize) -> anyhow::Result<()> {
    let mut times: Vec<Times> = photos.iter().map(|_| Times::default()).collect();
    for _ in 0..=rounds {
        for (photo, times) in photos.iter().zip(&mut times) {
            times.ours.push(ours.timed(&photo.path, &job())?.0);
            times.sharp.push(sharp.render(&photo.path, None)?.cpu);
            times.floor.push(entropy_decoding(&photo.path)?);
        }
    }
    say(format_args!("\nProcessor time of a photo, one after the other, medians of {rounds} rounds"));
    say(
        "                          MB     ours ms    sharp ms   ratio   ratio of least   libjpeg-turbo at 1/8 ms",
    );
    let mut ratios = Vec::new();
    for (photo, times) in photos.iter().zip(&times) {
        // The first round warms up.
        let [one, other, floor] =
            [&times.ours, &times.sharp, &times.floor].map(|all| median(all[1..].to_vec()));
        let ratio = one / other;
        let megabytes = f64::from(u32::try_from(photo.bytes).unwrap_or(u32::MAX)) / 1e6;
        say(format_args!(
            "  {:<20} {megabytes:>6.1} {:>10.1} {:>11.1} {ratio:>7.2} {:>14.2} {:>14.1}",
            photo.name,
            one * 1e3,
            other * 1e3,
            least(&times.ours) / least(&times.sharp),
            floor * 1e3,
        ));
        ratios.push((photo.group, ratio));
    }
    for (group, what, most) in [
        (Group::Baseline, "24 MP baseline, of sharp's processor time", 0.55),
        (Group::Progressive, "24 MP progressive, of sharp's processor time", 0.70),
        (Group::Large, "45 MP, of sharp's processor time", 0.70),
    ] {
        let of = ratios.iter().filter(|(other, _)| *other == group).map(|(_, ratio)| *ratio).collect();
        aim(what, median(of), "", most, false);
    }
    Ok(())
}

/// A decode of which little but reading the bits is left: what no decoder of this kind goes below.
fn entropy_decoding(photo: &Path) -> anyhow::Result<f64> {
    let jpeg = fs::read(photo)?;
    let watch = Stopwatch::start()?;
    let mut decompressor = Decompressor::new()?;
    decompressor.set_scaling_factor(ScalingFactor::ONE_EIGHTH)?;
    let header = decompressor.read_header(&jpeg)?.scaled(ScalingFactor::ONE_EIGHTH);
    let mut pixels = vec![0; header.width * header.height];
    let (width, height) = (header.width, header.height);
    let output =
        Image { pixels: pixels.as_mut_slice(), width, pitch: width, height, format: PixelFormat::GRAY };
    decompressor.decompress(&jpeg, output)?;
    watch.stop()
}

/// What else a recipe may ask for, against the job of the comparison.
fn extras(photo: &Photo, ours: &Ours, rounds: usize) -> anyhow::Result<()> {
    let recipes = [
        ("the job above", job()),
        ("all three sizes marked", Recipe { marked: Kind::all().to_vec(), ..job() }),
        ("light sharpening", Recipe { sharpening: Sharpening::Light, ..job() }),
        ("strong sharpening", Recipe { sharpening: Sharpening::Strong, ..job() }),
        (
            "fitted tables for thumbnails",
            Recipe { fitted_tables: vec![Kind::Thumbnail, Kind::Thumbnail2x], ..job() },
        ),
        ("fitted tables for all", Recipe { fitted_tables: Kind::all().to_vec(), ..job() }),
        (
            "as the worker asks by default",
            Recipe { mark: Mark::new("Ana Pérez"), original: true, ..Recipe::default() },
        ),
    ];
    let mut times: Vec<Vec<f64>> = vec![Vec::new(); recipes.len()];
    let mut bytes = Vec::new();
    for _ in 0..=rounds {
        bytes.clear();
        for ((_, recipe), times) in recipes.iter().zip(&mut times) {
            let (seconds, rendered) = ours.timed(&photo.path, recipe)?;
            times.push(seconds);
            bytes.push(
                Kind::all()
                    .iter()
                    .map(|kind| Ok(clean(&rendered, *kind)?.len()))
                    .collect::<anyhow::Result<Vec<_>>>()?,
            );
        }
    }
    say(format_args!("\nWhat more costs ({}), ratios to the job above", photo.name));
    say("                                       time   bytes of 400, 800, 2048 px");
    let first = median(times[0].clone());
    for (((name, _), times), found) in recipes.iter().zip(&times).zip(&bytes) {
        let sizes: Vec<String> = found
            .iter()
            .zip(&bytes[0])
            .map(|(one, other)| format!("{:.3}", size_ratio(*one, *other)))
            .collect();
        say(format_args!("  {name:<34} {:>6.2}   {}", median(times.clone()) / first, sizes.join("  ")));
    }
    Ok(())
}

/// Both with two workers: how long a photo takes by the clock, and the memory of both at their highest.
fn two_workers(photos: &[Photo], arguments: &Arguments, rounds: usize) -> anyhow::Result<()> {
    let photos: Vec<&Photo> = photos.iter().filter(|photo| photo.group == Group::Baseline).collect();
    let watch = Watch::start();
    let mine = together(&photos, rounds, || {
        let ours = Ours::new(&arguments.program)?;
        Ok(move |photo: &Photo| ours.render(&photo.path, &job()).map(|_| 0))
    })?;
    // As if both were at their highest at the same time.
    let our_memory = watch.megabytes() * 2.0;
    let theirs = together(&photos, rounds, || {
        let mut sharp = Sharp::start(&arguments.script)?;
        Ok(move |photo: &Photo| sharp.render(&photo.path, None).map(|cost| cost.peak))
    })?;
    let their_memory = theirs.1.iter().map(|kilobytes| f64::from(*kilobytes) / 1024.0).sum::<f64>();
    say("\nTwo workers, 24 MP baseline photos");
    for (name, clock, memory) in [("ours", mine.0, our_memory), ("sharp", theirs.0, their_memory)] {
        say(format_args!(
            "  {name:<6} {:>7.1} ms a photo by the clock, {memory:>6.1} MB",
            clock.as_secs_f64() * 1e3
        ));
    }
    say(format_args!("  {:<52} {:>8.2}", "wall time, of sharp's", mine.0.div_duration_f64(theirs.0)));
    aim("peak memory, of sharp's", our_memory / their_memory, "", 0.25, false);
    Ok(())
}

/// Has workers take photos in turn; the time for one by the clock, and the most that each worker said.
fn together<W>(
    photos: &[&Photo],
    rounds: usize,
    worker: impl Fn() -> anyhow::Result<W> + Sync,
) -> anyhow::Result<(Duration, Vec<u32>)>
where
    W: FnMut(&Photo) -> anyhow::Result<u32>,
{
    let next = AtomicUsize::new(0);
    let count = photos.len() * rounds * WORKERS;
    let begun = Instant::now();
    let work = || -> anyhow::Result<u32> {
        let (mut render, mut most) = (worker()?, 0);
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return Ok(most);
            }
            most = most.max(render(photos[at % photos.len()])?);
        }
    };
    let said = thread::scope(|scope| {
        let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("workers don't panic"))
            .collect::<anyhow::Result<Vec<u32>>>()
    })?;
    Ok((begun.elapsed() / u32::try_from(count)?, said))
}

fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}
