//! A download as a fast client makes it: large reads, nothing else in between.

use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};

const READ_BYTES: usize = 256 * 1024;
/// Nobody sends a longer head.
const LONGEST_HEAD: usize = 64 * 1024;

/// Where the bytes go.
pub enum Sink {
    /// They are counted.
    Count,
    /// They are kept.
    File(File),
}

/// What came.
pub struct Received {
    /// The status.
    pub status: u16,
    /// Bytes behind the head.
    pub bytes: u64,
    /// The `ETag`.
    pub tag: String,
    /// From sending the request to the first byte behind the head.
    pub first_byte: Duration,
    /// To the last.
    pub took: Duration,
}

impl Sink {
    /// Into a file, from its beginning or behind what it has.
    pub fn file(path: &Path, append: bool) -> anyhow::Result<Self> {
        let file = if append { OpenOptions::new().append(true).open(path)? } else { File::create(path)? };
        Ok(Self::File(file))
    }
}

impl Received {
    /// Megabytes a second.
    pub fn speed(&self) -> f64 {
        f64::from(u32::try_from(self.bytes >> 10).unwrap_or(u32::MAX)) / 1024.0 / self.took.as_secs_f64()
    }
}

/// Downloads from this place on, all of it or at most about so much, and hangs up.
pub fn get(port: u16, path: &str, from: u64, mut sink: Sink, most: Option<u64>) -> anyhow::Result<Received> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_mins(2)))?;
    let range = if from > 0 { format!("Range: bytes={from}-\r\n") } else { String::new() };
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n{range}Connection: close\r\n\r\n");
    let begun = Instant::now();
    stream.write_all(request.as_bytes())?;
    let mut buffer = vec![0; READ_BYTES];
    let (head, length) = read_head(&mut stream, &mut buffer)?;
    let (head, rest) = (String::from_utf8_lossy(&buffer[..head]).into_owned(), head + 4..length);
    let wanted: u64 = field(&head, "content-length").context("a length")?.parse()?;
    let mut bytes = rest.len() as u64;
    let mut first_byte = (bytes > 0).then(|| begun.elapsed());
    keep(&mut sink, &buffer[rest])?;
    let end = most.unwrap_or(wanted).min(wanted);
    while bytes < end {
        let read = stream.read(&mut buffer)?;
        ensure!(read > 0, "the transfer broke off at {bytes} of {wanted} bytes");
        first_byte.get_or_insert_with(|| begun.elapsed());
        keep(&mut sink, &buffer[..read])?;
        bytes += read as u64;
    }
    Ok(Received {
        status: head.get(9..12).context("a status")?.parse()?,
        bytes,
        tag: field(&head, "etag").unwrap_or_default().to_owned(),
        first_byte: first_byte.unwrap_or_default(),
        took: begun.elapsed(),
    })
}

/// Reads until the head is there; where it ends, and how much was read.
fn read_head(stream: &mut TcpStream, buffer: &mut [u8]) -> anyhow::Result<(usize, usize)> {
    let mut length = 0;
    loop {
        let read = stream.read(&mut buffer[length..LONGEST_HEAD])?;
        ensure!(read > 0, "the server hung up");
        length += read;
        if let Some(head) = buffer[..length].windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok((head, length));
        }
    }
}

fn keep(sink: &mut Sink, bytes: &[u8]) -> anyhow::Result<()> {
    match sink {
        Sink::Count => Ok(()),
        Sink::File(file) => Ok(file.write_all(bytes)?),
    }
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    fields.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
