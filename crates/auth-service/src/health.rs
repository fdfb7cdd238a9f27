//! `GET /api/health` and the command that asks for it.

use std::{
    io::{Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    time::Duration,
};

use actix_web::{HttpResponse, web::Data};
use anyhow::Context;
use common::database;
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;

/// Whether the service can do its work.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
struct HealthBody {
    /// `ok` or `unavailable`.
    status: &'static str,
    database: bool,
}

/// Whether the service can do its work.
#[utoipa::path(
    get, path = "/api/health",
    security(()),
    responses((status = 200, body = HealthBody), (status = 503, description = "the database is away", body = HealthBody))
)]
pub async fn get(app: Data<App>) -> HttpResponse {
    let ready = database::is_ready(&app.db).await;
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(HealthBody { status: if ready { "ok" } else { "unavailable" }, database: ready })
}

/// Asks the service that listens at this address of our own machine; fails unless it answers 200.
pub fn ask(bind: SocketAddr) -> anyhow::Result<()> {
    let host = match bind.ip() {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    let patience = Duration::from_secs(5);
    let mut stream = TcpStream::connect_timeout(&SocketAddr::new(host, bind.port()), patience)
        .context("nothing listens there")?;
    stream.set_read_timeout(Some(patience))?;
    stream.write_all(b"GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    anyhow::ensure!(
        answer.starts_with("HTTP/1.1 200 "),
        "not healthy: {}",
        answer.lines().next().unwrap_or("no answer")
    );
    Ok(())
}
