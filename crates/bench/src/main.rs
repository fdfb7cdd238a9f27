//! Measures the services as their neighbours meet them, and the making of renditions; `cargo xtask bench` builds
//! everything and calls this.

mod bare;
mod figures;
mod gallery;
mod imaging;
mod lighthouse;
mod load;
mod processes;
mod stats;
mod upload;
mod verify;
mod zip;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Measures the services as their neighbours meet them.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// `verify-session` against a bare route, under a flood of sign-ins, and how fast a revocation is known.
    Verify {
        /// The built auth-service.
        program: PathBuf,
        /// An empty PostgreSQL database for it.
        #[arg(long, env = "AUTH_DATABASE_URL", hide_env_values = true)]
        database_url: String,
        /// Fewer and shorter rounds, to see that everything runs.
        #[arg(long)]
        quick: bool,
    },
    /// Renditions against sharp's: processor time, memory, bytes, likeness.
    Imaging(imaging::Arguments),
    /// An event on its way in: how long until every picture is there, in how much memory, and how pages fare meanwhile.
    Upload(upload::Arguments),
    /// A year of a million events: how fast the figures of a dashboard are told.
    Stats(upload::Arguments),
    /// Galleries of 100, 1,000 and 10,000 photos as a client sees them.
    Gallery(upload::Arguments),
    /// Pages as Lighthouse judges them, with a gallery of 1,000 photos.
    Lighthouse(lighthouse::Arguments),
    /// Archives on their way out: throughput against nginx, memory, the first byte, and whether they open.
    Zip(upload::Arguments),
    /// The server to compare with: answers this document and nothing else.
    #[command(hide = true)]
    Bare {
        /// Where to listen.
        port: u16,
        /// The document.
        document: String,
    },
}

fn main() -> anyhow::Result<()> {
    match Arguments::parse().command {
        Command::Bare { port, document } => bare::serve(port, document),
        Command::Imaging(arguments) => imaging::run(&arguments),
        Command::Verify { program, database_url, quick } => {
            single_threaded()?.block_on(verify::run(&program, &database_url, quick))
        }
        Command::Upload(arguments) => single_threaded()?.block_on(upload::run(&arguments)),
        Command::Stats(arguments) => single_threaded()?.block_on(stats::run(&arguments)),
        Command::Gallery(arguments) => single_threaded()?.block_on(gallery::run(&arguments)),
        Command::Lighthouse(arguments) => single_threaded()?.block_on(lighthouse::run(&arguments)),
        Command::Zip(arguments) => single_threaded()?.block_on(zip::run(&arguments)),
    }
}

/// The load comes from one thread, so that it takes as little as it can from what is measured.
fn single_threaded() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
