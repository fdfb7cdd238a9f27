//! The commands of photos.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    process::ExitCode,
};

use anyhow::Context;
use clap::{Parser, Subcommand};
use common::{config::Settings, database, figures::Figures, telemetry};
use photos::{
    app, backup,
    config::{self, Config, DataConfig, WorkerConfig},
    doctor, figures, jobs, mails, openapi,
    renditions::{commands, process, supervisor, worker},
    takeover, upkeep,
};
use secrecy::ExposeSecret;
use tokio::sync::oneshot;

/// A gallery platform for photographers and event organisers.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Brings the database up to date, then answers requests and keeps workers running.
    Serve,
    /// Processes photos from the queue until it is stopped.
    Worker {
        /// Also stops when standard input is closed, as it is when the service that started the worker ends.
        #[arg(long)]
        while_input_open: bool,
    },
    /// Brings the database up to date.
    Migrate,
    /// Says how far the work on pictures is, and has them made again.
    Renditions {
        #[command(subcommand)]
        command: commands::Command,
    },
    /// Moves stored files to another storage, or checks them.
    Storage {
        #[command(subcommand)]
        command: upkeep::command::Command,
    },
    /// Gives the photos of the earlier system their files, and has their pictures made; can be repeated.
    Adopt(takeover::command::Arguments),
    /// Takes the accounts of the earlier system to the auth-service and links them.
    Accounts {
        #[command(subcommand)]
        command: takeover::accounts::Command,
    },
    /// The steps of a backup; `deploy/backup` does all of them.
    Backup {
        #[command(subcommand)]
        command: backup::command::Backup,
    },
    /// The steps of the way back from one; `deploy/restore` does all of them.
    Restore {
        #[command(subcommand)]
        command: backup::command::Restore,
    },
    /// Keeps mails that wait from being sent, or has them sent.
    Mails {
        #[command(subcommand)]
        command: mails::Command,
    },
    /// Checks settings, database, storage and formats; ends with 0 if all is well.
    Doctor,
    /// Asks the running service whether it is ready; ends with 0 if so.
    Health,
    /// Prints what the API says of itself as JSON, or as its part of docs/API.md.
    Openapi {
        /// As Markdown.
        #[arg(long)]
        markdown: bool,
    },
    /// Decodes photos that come through its standard input; started by workers.
    #[command(hide = true)]
    Render,
}

fn main() -> ExitCode {
    match run(&Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Render => return process::run(),
        Command::Openapi { markdown } => return Ok(openapi::DESCRIPTION.print(*markdown)?),
        _ => {}
    }
    let mut settings = Settings::from_process();
    if !matches!(command, Command::Health | Command::Doctor) {
        telemetry::start(&mut settings);
    }
    match command {
        Command::Serve => {
            let config = Config::from_settings(&mut settings);
            actix_web::rt::System::new().block_on(serve(settings.finish(config)?))
        }
        Command::Worker { while_input_open } => {
            let config = WorkerConfig::from_settings(&mut settings);
            let config = settings.finish(config)?;
            // Pages come before pictures.
            rustix::process::nice(10).context("lowering the priority")?;
            let program = std::env::current_exe().context("finding this program")?;
            multi_threaded()?.block_on(worker::run(config, &program, stopped(*while_input_open)))
        }
        Command::Migrate => {
            let data = DataConfig::from_settings(&mut settings);
            multi_threaded()?.block_on(migrate(&settings.finish(data)?))
        }
        Command::Renditions { command } => {
            let data = DataConfig::from_settings(&mut settings);
            multi_threaded()?.block_on(commands::run(command, &settings.finish(data)?))
        }
        Command::Storage { command } => {
            let data = DataConfig::from_settings(&mut settings);
            multi_threaded()?.block_on(upkeep::command::run(command, &settings.finish(data)?))
        }
        Command::Adopt(arguments) => {
            let data = DataConfig::from_settings(&mut settings);
            let max_megapixels = settings.parsed("MAX_MEGAPIXELS", 250);
            multi_threaded()?.block_on(takeover::command::run(
                arguments,
                &settings.finish(data)?,
                max_megapixels,
            ))
        }
        Command::Accounts { command } => {
            let data = DataConfig::from_settings(&mut settings);
            multi_threaded()?.block_on(takeover::accounts::run(command, &settings.finish(data)?))
        }
        Command::Backup { command } => {
            multi_threaded()?.block_on(backup::command::back_up(command, settings))
        }
        Command::Restore { command } => {
            multi_threaded()?.block_on(backup::command::restore(command, settings))
        }
        Command::Mails { command } => {
            let data = DataConfig::from_settings(&mut settings);
            multi_threaded()?.block_on(mails::run(command, &settings.finish(data)?))
        }
        Command::Doctor => {
            let well = multi_threaded()?.block_on(doctor::run(settings))?;
            anyhow::ensure!(well, "not all is well; the lines with a cross say what to do");
            Ok(())
        }
        Command::Health => {
            let bind = config::bind(&mut settings);
            health(settings.finish(bind)?)
        }
        Command::Render | Command::Openapi { .. } => unreachable!("handled above, without settings"),
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    migrate(&config.data).await?;
    let told = config.metrics_bind.map(Figures::start).transpose()?;
    let listener = TcpListener::bind(config.bind)
        .with_context(|| format!("PHOTOS_BIND {} can't be used", config.bind))?;
    let workers =
        supervisor::start(&std::env::current_exe()?, config.worker_processes, config.processing_memory_mb);
    tracing::info!(address = %config.public_url, "photos answers");
    let (server, app) = app::start(config, listener).await?;
    if let Some(told) = told {
        figures::tell(told, app.clone())?;
    }
    let outcome = server.await;
    app.courier.stop().await;
    app.statistics.flush().await;
    workers.stop().await;
    Ok(outcome?)
}

async fn migrate(data: &DataConfig) -> anyhow::Result<()> {
    let db = database::connect(data.database_url.expose_secret(), 2).await?;
    database::convert_earlier_times(&db, &data.legacy_timezone).await?;
    sqlx::migrate!("../../migrations/photos").run(&db).await.context("bringing the database up to date")?;
    jobs::migrate(&db).await.context("bringing the queue up to date")?;
    db.close().await;
    Ok(())
}

/// Done when the worker should stop: at a signal, or when whoever started it has gone.
async fn stopped(while_input_open: bool) {
    let (closed, input_closed) = oneshot::channel();
    if while_input_open {
        std::thread::spawn(move || {
            std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink()).ok();
            closed.send(()).ok();
        });
        input_closed.await.ok();
    } else {
        std::future::pending::<()>().await;
    }
}

/// Asks the service that listens at this address of our own machine.
fn health(bind: SocketAddr) -> anyhow::Result<()> {
    let host = match bind.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    let url = format!("http://{}/health", SocketAddr::new(host, bind.port()));
    let status = multi_threaded()?.block_on(async { anyhow::Ok(reqwest::get(url).await?.status()) })?;
    anyhow::ensure!(status.is_success(), "photos is not ready: {status}");
    Ok(())
}

fn multi_threaded() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

#[expect(
    clippy::print_stderr,
    reason = "a fault of the start is told to the operator, also before logging works"
)]
fn complain(error: &anyhow::Error) {
    eprintln!("photos: {error:#}");
}
