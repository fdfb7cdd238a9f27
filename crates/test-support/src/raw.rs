//! HTTP by hand, where a library would tidy up what a test means to send or to see.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// Nobody sends a longer head here.
const LONGEST_HEAD: usize = 256 * 1024;

/// Sends these bytes and reads until the other side closes: ask for `Connection: close`.
pub fn exchange(port: u16, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("somebody listens");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    stream.write_all(request).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

/// A GET with these header lines, as they are.
pub fn get(port: u16, host: &str, path: &str, lines: &[String]) -> String {
    let first = [format!("GET {path} HTTP/1.1"), format!("Host: {host}"), "Connection: close".to_owned()];
    let request = [&first[..], lines, &[String::new(), String::new()]].concat().join("\r\n");
    exchange(port, request.as_bytes())
}

/// A server that makes its whole answer from the head of a request; runs as long as the tests. Returns its port.
pub fn serve(answer: impl Fn(&str) -> Vec<u8> + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            thread::spawn(move || {
                // Browsers open connections that they never use.
                if let Some(head) = head(&stream) {
                    let _gone_again = (&stream).write_all(&answer(&head));
                }
            });
        }
    });
    port
}

/// An answer for `serve`: header lines as they are, then the body.
pub fn answer(status: &str, lines: &[Vec<u8>], body: &str) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\nConnection: close\r\n").into_bytes();
    for line in lines {
        bytes.extend_from_slice(line);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    bytes
}

fn head(mut stream: &TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    while bytes.len() < LONGEST_HEAD {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            return Some(String::from_utf8_lossy(&bytes[..end]).into_owned());
        }
    }
    None
}
