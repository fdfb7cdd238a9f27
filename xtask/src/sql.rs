//! The few words of the `PostgreSQL` protocol that running a script over a local socket takes.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

/// Runs statements as the user `app`, all of them or none.
pub fn run(socket: &Path, database: &str, statements: &str) -> Result<()> {
    let mut server = UnixStream::connect(socket).context("PostgreSQL doesn't answer")?;
    server.set_read_timeout(Some(Duration::from_mins(1)))?;
    server.write_all(&startup(database)?)?;
    until_ready(&mut server)?;
    server.write_all(&message(b"Q", statements)?)?;
    until_ready(&mut server)
}

/// Reads to the next `ReadyForQuery`; the first error on the way is the answer.
fn until_ready(server: &mut UnixStream) -> Result<()> {
    let mut failure = None;
    loop {
        let mut head = [0; 5];
        if server.read_exact(&mut head).is_err() {
            bail!("{}", failure.unwrap_or_else(|| "PostgreSQL closed the connection.".to_owned()));
        }
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
        let mut body = vec![0; usize::try_from(length)?.saturating_sub(4)];
        server.read_exact(&mut body)?;
        match head[0] {
            b'E' => failure = failure.or(Some(sentence(&body))),
            b'R' => ensure!(body == [0; 4], "PostgreSQL asks for a password on its private socket."),
            b'Z' => return failure.map_or(Ok(()), |failure| bail!("{failure}")),
            _ => {}
        }
    }
}

fn startup(database: &str) -> Result<Vec<u8>> {
    const PROTOCOL: [u8; 4] = [0, 3, 0, 0];
    let mut body = PROTOCOL.to_vec();
    body.extend_from_slice(format!("user\0app\0database\0{database}\0").as_bytes());
    message(b"", &String::from_utf8(body)?)
}

fn message(kind: &[u8], body: &str) -> Result<Vec<u8>> {
    let length = u32::try_from(body.len() + 5)?;
    Ok([kind, &length.to_be_bytes(), body.as_bytes(), b"\0"].concat())
}

/// The message of an error, with the line or object that it names.
fn sentence(body: &[u8]) -> String {
    let fields = body.split(|byte| *byte == 0).filter_map(|field| field.split_first());
    let wanted = fields.filter(|(kind, _)| b"MDPt".contains(kind));
    let texts: Vec<_> = wanted
        .map(|(kind, text)| {
            let text = String::from_utf8_lossy(text);
            if *kind == b'P' { format!("at character {text}") } else { text.into_owned() }
        })
        .collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_counts_itself_and_its_end() -> Result<()> {
        assert_eq!(message(b"Q", "ab")?, [b'Q', 0, 0, 0, 7, b'a', b'b', 0]);
        Ok(())
    }

    #[test]
    fn an_error_is_one_sentence() {
        let body = b"SERROR\0C42601\0Msyntax error\0P7\0Fscan.l\0\0";
        assert_eq!(sentence(body), "syntax error, at character 7");
    }
}
