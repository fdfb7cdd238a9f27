//! Draws the sample photos of `cargo xtask dev` into a folder, with their file names.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use test_support::pictures::scenes;

fn main() -> ExitCode {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(folder), None) = (arguments.next(), arguments.next()) else {
        return complain("usage: sample_photos FOLDER");
    };
    match draw_all(&folder) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("{}: {error}", folder.display())),
    }
}

/// Draws on all cores: each thread takes the next scene that nobody has begun.
fn draw_all(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let next = AtomicUsize::new(0);
    let draw = || {
        while let Some(scene) = scenes().get(next.fetch_add(1, Ordering::Relaxed)) {
            let (width, height) = scene.size();
            fs::write(folder.join(scene.name), scene.jpeg(width.max(height)))?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(draw)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("drawing does not panic"))
    })
}

#[expect(clippy::print_stderr, reason = "a program for the command line says what is wrong there")]
fn complain(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::FAILURE
}
