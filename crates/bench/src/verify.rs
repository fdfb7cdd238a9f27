//! `verify-session`: against a bare route, under a flood of sign-ins, how fast a revocation is known, how much it holds.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::ensure;
use common::secrets::{random_token, sha256_hex};
use sqlx::PgPool;

use crate::{
    figures::{aim, median, milliseconds, say},
    load::{self, Connection, Load, Manner, Requests, percentile},
    processes::{ACCOUNT, Process, SERVICE_TOKEN, create_account, get},
};

/// Connections of the load, as a few sibling applications hold them open.
const CONNECTIONS: usize = 16;
/// Sessions that take turns, fewer than what is kept.
const SESSIONS: usize = 500;
/// People who sign in at the same time.
const PEOPLE: usize = 8;
/// Sessions held for the figure of memory.
const MANY_SESSIONS: usize = 10_000;

/// How much is measured.
struct Extent {
    rounds: usize,
    round: Duration,
    flood: Duration,
    revocations: usize,
}

/// One server under load.
struct Sample {
    load: Load,
    processor_time: Duration,
}

/// Measures and prints everything.
pub async fn run(program: &Path, database_url: &str, quick: bool) -> anyhow::Result<()> {
    let extent = if quick {
        let (round, flood) = (Duration::from_millis(500), Duration::from_secs(2));
        Extent { rounds: 2, round, flood, revocations: 50 }
    } else {
        let (round, flood) = (Duration::from_secs(4), Duration::from_secs(15));
        Extent { rounds: 7, round, flood, revocations: 1_000 }
    };
    create_account(program, database_url)?;
    let db = PgPool::connect(database_url).await?;
    copy_account(&db, PEOPLE).await?;
    let keeping = Process::auth(program, database_url, 5).await?;
    let memory_at_start = keeping.resident_mb()?;
    let asking = Process::auth(program, database_url, 0).await?;
    let tokens = begin_sessions(&db, SESSIONS).await?;
    throughput(&keeping, &asking, &tokens, &extent).await?;
    flood(&keeping, &asking, &tokens, &extent).await?;
    let other = Process::auth(program, database_url, 5).await?;
    revocations(&db, &keeping, &other, extent.revocations).await?;
    memory(&db, program, database_url, memory_at_start).await
}

async fn throughput(
    keeping: &Process,
    asking: &Process,
    tokens: &[String],
    extent: &Extent,
) -> anyhow::Result<()> {
    let requests = requests(tokens);
    let mut connection = Connection::open(asking.port).await?;
    connection.ask(&requests[0]).await?;
    let bare = Process::bare(&connection.document()).await?;
    let manner = Manner { connections: CONNECTIONS, duration: extent.round, every: None };
    let servers = [&bare, keeping, asking];
    let mut samples: [Vec<Sample>; 3] = [Vec::new(), Vec::new(), Vec::new()];
    for _ in 0..=extent.rounds {
        for (server, samples) in servers.iter().zip(&mut samples) {
            let before = server.processor_time()?;
            let load = load::run(server.port, &requests, 200, manner).await?;
            samples.push(Sample { load, processor_time: server.processor_time()?.saturating_sub(before) });
        }
    }
    say(format_args!(
        "\nOne JSON document of {} bytes, {CONNECTIONS} connections, medians of {} rounds",
        connection.document().len(),
        extent.rounds
    ));
    say("                          requests/s      p50 ms      p99 ms   processor µs/request");
    for (name, samples) in ["bare actix-web route", "verify, kept", "verify, looked up"].iter().zip(&samples)
    {
        // The first round warms up.
        let samples = &samples[1..];
        let of = |figure: fn(&Sample) -> f64| median(samples.iter().map(figure).collect());
        say(format_args!(
            "  {name:<22} {:>12.0} {:>11.3} {:>11.3} {:>12.2}",
            of(|sample| sample.load.rate()),
            of(|sample| milliseconds(sample.load.percentile(50))),
            of(|sample| milliseconds(sample.load.percentile(99))),
            of(Sample::processor_microseconds),
        ));
    }
    let ratio = |of: usize| {
        let pairs = samples[of].iter().zip(&samples[0]).skip(1);
        median(pairs.map(|(one, bare)| one.load.rate() / bare.load.rate()).collect())
    };
    aim("kept, of the bare route's requests/s", ratio(1), "", 0.8, true);
    say(format_args!("  {:<52} {:>8.2}", "looked up, of the bare route's requests/s", ratio(2)));
    Ok(())
}

impl Sample {
    fn processor_microseconds(&self) -> f64 {
        let requests = u32::try_from(self.load.latencies.len()).unwrap_or(u32::MAX);
        self.processor_time.as_secs_f64() * 1e6 / f64::from(requests)
    }
}

/// Verifying in a steady rhythm, first alone and then while as many people sign in as the machine can take.
async fn flood(
    keeping: &Process,
    asking: &Process,
    tokens: &[String],
    extent: &Extent,
) -> anyhow::Result<()> {
    let requests = requests(tokens);
    let rhythm = Manner { connections: 4, duration: extent.flood, every: Some(Duration::from_millis(5)) };
    let people = Manner { connections: PEOPLE, duration: extent.flood, every: None };
    let sign_ins = sign_ins();
    say("\nA steady 800 requests a second, alone and while 8 people sign in without a pause");
    for (name, server) in [("kept", keeping), ("looked up", asking)] {
        let idle = load::run(server.port, &requests, 200, rhythm).await?;
        let (busy, signed_in) = tokio::join!(
            load::run(server.port, &requests, 200, rhythm),
            load::run(server.port, &sign_ins, 200, people),
        );
        let (idle, busy) = (idle.percentile(99), busy?.percentile(99));
        say(format_args!(
            "  {name:<10} p99 alone {:.3} ms, in the flood {:.3} ms, with {:.1} sign-ins a second",
            milliseconds(idle),
            milliseconds(busy),
            signed_in?.rate()
        ));
        aim(
            &format!("{name}: p99 in the flood, times that alone"),
            busy.div_duration_f64(idle),
            "",
            5.0,
            false,
        );
    }
    Ok(())
}

/// From the moment a sign-out is sent to one process until the other one says no, and until its stream tells of it.
async fn revocations(db: &PgPool, one: &Process, other: &Process, count: usize) -> anyhow::Result<()> {
    let mut signing_out = Connection::open(one.port).await?;
    let mut asking = Connection::open(other.port).await?;
    let mut reading = Connection::open(other.port).await?;
    reading.send(&get("/api/events", &format!("Authorization: Bearer {SERVICE_TOKEN}\r\n"))).await?;
    let (mut known, mut told) = (Vec::new(), Vec::new());
    for token in begin_sessions(db, count).await? {
        let bearer = format!("Authorization: Bearer {token}\r\n");
        let (verify, logout) = (get("/api/verify-session", &bearer), logout(&bearer));
        ensure!(asking.ask(&verify).await? == 200, "the session is alive");
        let id = asking.document().split_once(r#""session":{"id":""#).map(|(_, rest)| rest[..36].to_owned());
        let id = id.unwrap_or_default();
        let begun = Instant::now();
        ensure!(signing_out.ask(&logout).await? == 204, "the sign-out is done");
        while asking.ask(&verify).await? == 200 {}
        known.push(begun.elapsed());
        while !reading.text().contains(&id) {
            reading.fill().await?;
        }
        told.push(begun.elapsed());
    }
    known.sort_unstable();
    told.sort_unstable();
    say(format_args!("\nRevocation: {count} sign-outs at one process, kept answers at another"));
    for (what, times) in [("the other process says no", known), ("its stream of events has told", told)] {
        let (middle, most) = (milliseconds(percentile(&times, 50)), milliseconds(percentile(&times, 100)));
        say(format_args!("  {what}: p50 {middle:.2} ms, longest {most:.2} ms"));
        aim(&format!("{what}, p99"), milliseconds(percentile(&times, 99)), "ms", 100.0, false);
    }
    Ok(())
}

async fn memory(db: &PgPool, program: &Path, database_url: &str, at_start: f64) -> anyhow::Result<()> {
    let server = Process::auth(program, database_url, 3600).await?;
    let tokens = begin_sessions(db, MANY_SESSIONS).await?;
    let mut connection = Connection::open(server.port).await?;
    // Twice: the second time all of them are kept.
    for token in tokens.iter().chain(&tokens) {
        ensure!(connection.ask(&verify(token)).await? == 200, "every session is alive");
    }
    say("\nResident memory of one process");
    say(format_args!("  {:<52} {at_start:>8.2} MB", "after the start"));
    aim("with 10,000 sessions verified and kept", server.resident_mb()?, "MB", 40.0, false);
    Ok(())
}

/// So many accounts more, with the same password.
async fn copy_account(db: &PgPool, count: usize) -> anyhow::Result<()> {
    let numbers: Vec<String> = (0..count).map(|number| number.to_string()).collect();
    sqlx::query(
        "insert into users (username, name_key, email, email_key, password_hash, user_type, is_active, email_verified)
        select username || number, name_key || number, number || email, number || email_key, password_hash,
            user_type, true, true
        from unnest($1::text[]) as number, users where username = $2",
    )
    .bind(&numbers)
    .bind(ACCOUNT.0)
    .execute(db)
    .await?;
    Ok(())
}

/// New sessions of the account, without the cost of signing in.
async fn begin_sessions(db: &PgPool, count: usize) -> anyhow::Result<Vec<String>> {
    let tokens: Vec<String> = (0..count).map(|_| random_token()).collect();
    let hashes: Vec<String> = tokens.iter().map(|token| sha256_hex(token)).collect();
    sqlx::query(
        "insert into sessions (sid, sess, expire, public_id, user_id, absolute_expires_at)
        select hash, '{\"methods\": [\"pwd\"]}', now() at time zone 'utc' + interval '7 days', gen_random_uuid(),
            users.id, now() + interval '7 days'
        from unnest($1::text[]) as hash, users where username = $2",
    )
    .bind(&hashes)
    .bind(ACCOUNT.0)
    .execute(db)
    .await?;
    Ok(tokens)
}

fn requests(tokens: &[String]) -> Requests {
    Arc::new(tokens.iter().map(|token| verify(token)).collect())
}

/// As photos asks.
fn verify(token: &str) -> Vec<u8> {
    get("/api/verify-session", &format!("Cookie: photos_session={token}\r\n"))
}

fn logout(bearer: &str) -> Vec<u8> {
    format!("POST /api/logout HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n{bearer}\r\n").into_bytes()
}

/// One sign-in for each person, so that no account has several tries under way.
fn sign_ins() -> Requests {
    let sign_in = |person: usize| {
        let (name, password) = ACCOUNT;
        let body = format!(r#"{{"username":"{name}{person}","password":"{password}"}}"#);
        let length = body.len();
        let head = "POST /api/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json";
        format!("{head}\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
    };
    Arc::new((0..PEOPLE).map(sign_in).collect())
}
