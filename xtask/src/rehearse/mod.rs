//! `cargo xtask rehearse`: the shipped topology on this machine, and a walk through it over https as people take it.

mod browser;
mod bucket;
mod certificate;
mod commands;
mod containers;
mod deeds;
mod images;
mod insist;
mod load;
mod outages;
mod places;
mod refusals;
mod site;
mod stage;
mod walk;

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::checkout::Checkout;
use crate::phases::seconds;
use crate::tools::{self, Need, Tools};
use crate::{bench, cargo, process, say, web};
use browser::Browser;
use load::Load;
use site::Site;
use walk::Work;

/// What it needs besides what building and running does.
pub const NEEDS: [Need; 4] = [tools::NGINX, tools::REDIS, tools::CURL, tools::OPENSSL];

pub fn run(checkout: &Checkout) -> Result<()> {
    let tools = built(checkout)?;
    walk(checkout, &tools)
}

/// The same as containers, from services that lie built for release in a folder, or are built now.
pub fn run_containers(checkout: &Checkout, programs: Option<&Path>) -> Result<()> {
    let tools = built(checkout)?;
    tools::ensure(checkout, &images::NEEDS)?;
    let programs = match programs {
        Some(folder) => folder.to_owned(),
        None => bench::build(checkout, &tools, &["photos", "auth-service"])?,
    };
    containers::rehearse(checkout, &tools, &programs)
}

fn built(checkout: &Checkout) -> Result<Tools> {
    let tools = tools::ensure(checkout, tools::TO_BUILD_AND_RUN)?;
    tools::ensure(checkout, &NEEDS)?;
    tools::check_node(&tools)?;
    web::build(checkout, &tools)?;
    process::run(&mut cargo::build(checkout, &tools))?;
    Ok(tools)
}

/// Starts the site from what is built, walks through it and stops it.
pub fn walk(checkout: &Checkout, tools: &Tools) -> Result<()> {
    let begun = Instant::now();
    let mut site = step("the site starts, at first without a certificate", || Site::start(checkout, tools))?;
    let outcome = walked(&mut site);
    if outcome.is_err() {
        say(site.last_lines());
    }
    outcome?;
    say(format_args!(
        "\nRehearsed in {}. Processes, not containers. Mail went into a folder.",
        seconds(begun.elapsed())
    ));
    Ok(())
}

fn walked(site: &mut Site) -> Result<()> {
    step("plain http: the certificate's authority is let in", || refusals::before_the_certificate(site))?;
    step("a certificate comes and https begins without a restart", || site.certify())?;
    step("plain http leads to https, strangers get nothing", || refusals::doors(site))?;
    step("the first administrator comes by a link that works once", || walk::administrator(site))?;
    let ana = step("a photographer registers by mail and lands in photos", || walk::photographer(site))?;
    let work = step("she uploads a gallery, with a file of 18 MB", || walk::upload(site, &ana))?;
    step("pictures come from nginx: tags, ranges, nothing doubled", || walk::pictures(&ana, &work))?;
    step("events come at once", || walk::events(&ana))?;
    let link =
        step("a client opens her link and downloads, in parts too", || walk::client(site, &ana, &work))?;
    step("what is not shown is not had, by any address", || {
        outages::past_nginx(site, &ana, &link.picture)?;
        refusals::pictures(site, &ana, &work, &link)
    })?;
    step("nobody names their own address", || refusals::limits(site))?;
    step("another certificate is taken up while the site runs", || site.renew())?;
    step("Prometheus is told of it, and nobody else", || outages::figures(site, &ana))?;
    step("she signs out, and in again", || walk::signed_out(site, &ana, &work))?;
    let met = under_load(site, &ana, &work)?;
    say(format_args!("  {met}"));
    step("what is stored moves to an S3 server while the site runs", || bucket::moves(site, &ana, &work))?;
    step("the S3 server goes, and comes again", || bucket::goes(site, &ana, &work))?;
    step("without photos there is a clear answer with the headers", || outages::away(site))
}

/// Two of each, with people at work who go on as clients do.
fn under_load(site: &mut Site, ana: &Browser, work: &Work) -> Result<String> {
    let load = step("people begin to work", || {
        let load = Load::begin(site)?;
        load.goes_on().map(|()| load)
    })?;
    step("of two of each one is killed and one stopped, and nothing fails", || {
        outages::replicas(site, &load)
    })?;
    step("Redis goes, and nobody but Prometheus notices", || outages::without_redis(site, &load))?;
    step("the auth-service goes, and comes again", || outages::without_auth_service(site, &load, ana))?;
    step("the database of photos goes, and comes again", || {
        outages::without_photos_database(site, &load, ana, work)
    })?;
    step("the accounts' database goes, and comes again", || {
        outages::without_auth_database(site, &load, ana)
    })?;
    step("all that was promised is there, and nothing twice", || load.finish(site))
}

pub fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    process::go_on()?;
    let begun = Instant::now();
    let done = work().with_context(|| format!("✗ {name}"))?;
    say(format_args!("✓ {name} ({})", seconds(begun.elapsed())));
    Ok(done)
}
