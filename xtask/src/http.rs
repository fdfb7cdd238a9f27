//! The little HTTP that waiting for a service and filling it with samples takes.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A service on this machine, with the cookies it has set.
pub struct Site {
    /// The name it is addressed by, which the system itself may not resolve.
    host: String,
    port: u16,
    pub cookies: BTreeMap<String, String>,
}

impl Site {
    pub fn new(host: &str, port: u16) -> Self {
        Self { host: host.to_owned(), port, cookies: BTreeMap::new() }
    }

    /// Whether the service answers that all is well.
    pub fn is_healthy(&mut self, path: &str) -> bool {
        self.send("GET", path, &[], b"").is_ok_and(|(status, _)| status == 200)
    }

    pub fn get(&mut self, path: &str) -> Result<Value> {
        let answer = self.send("GET", path, &[], b"")?;
        understood(path, answer)
    }

    pub fn post_json(&mut self, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.post(path, token, "application/json", body.to_string().as_bytes())
    }

    pub fn post(&mut self, path: &str, token: &str, kind: &str, body: &[u8]) -> Result<Value> {
        let mut headers = vec![("Content-Type", kind)];
        if !token.is_empty() {
            headers.push(("X-CSRF-Token", token));
        }
        let answer = self.send("POST", path, &headers, body)?;
        understood(path, answer)
    }

    /// Sends a form, already encoded; its page goes on elsewhere.
    pub fn form(&mut self, path: &str, fields: &str) -> Result<()> {
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let (status, body) = self.send("POST", path, &kind, fields.as_bytes())?;
        if status != 303 {
            bail!("{path} answered {status}: {}", String::from_utf8_lossy(&body));
        }
        Ok(())
    }

    /// A page as it was sent.
    pub fn page(&mut self, path: &str) -> Result<String> {
        let (status, body) = self.send("GET", path, &[], b"")?;
        if status != 200 {
            bail!("{path} answered {status}");
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<(u16, Vec<u8>)> {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_mins(1)))?;
        // Version 1.0, so that the answer comes in one piece and ends with the connection.
        let mut head =
            format!("{method} {path} HTTP/1.0\r\nHost: {}:{}\r\n", self.host, self.port).into_bytes();
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n")?;
        }
        if !self.cookies.is_empty() {
            let pairs: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            write!(head, "Cookie: {}\r\n", pairs.join("; "))?;
        }
        write!(head, "Accept: application/json\r\nContent-Length: {}\r\n\r\n", body.len())?;
        stream.write_all(&head)?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        let answer = Answer::parse(&answer).context("the answer is not HTTP")?;
        self.cookies.extend(answer.cookies);
        Ok((answer.status, answer.body))
    }
}

struct Answer {
    status: u16,
    cookies: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let cookies = lines
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .filter_map(|(_, value)| value.split(';').next()?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Some(Self { status, cookies, body: bytes[end + 4..].to_vec() })
    }
}

fn understood(path: &str, (status, body): (u16, Vec<u8>)) -> Result<Value> {
    if !(200..300).contains(&status) {
        bail!("{path} answered {status}: {}", String::from_utf8_lossy(&body));
    }
    serde_json::from_slice(&body).with_context(|| format!("{path} did not answer in JSON"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_gives_its_status_cookies_and_body() {
        let text = b"HTTP/1.1 201 Created\r\nset-cookie: a=1; Path=/\r\nSet-Cookie: b=x=y\r\n\r\n{}";
        let answer = Answer::parse(text).expect("it is complete");
        assert_eq!((answer.status, answer.body), (201, b"{}".to_vec()));
        assert_eq!(answer.cookies, [("a".into(), "1".into()), ("b".into(), "x=y".into())]);
    }
}
