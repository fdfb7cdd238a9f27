//! The photos that are uploaded: a few drawn ones, each sent again and again as another file.

use std::{fs, ops::Range, path::Path};

use anyhow::Context;

use super::services::Person;
use crate::{
    imaging::photos::{self, Focus},
    load::Connection,
};

/// Drawn photos take a while, and what they show does not matter.
const DRAWN: usize = 4;
const BOUNDARY: &str = "what-stands-between-the-photos-of-the-benchmark";

/// Files that differ.
pub struct Batch {
    drawn: Vec<Vec<u8>>,
}

impl Batch {
    /// Photos of this size; those that lie in the folder from an earlier run are not drawn again.
    pub fn new(folder: &Path, size: (u32, u32), focus: Focus, count: usize) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let drawn = (0..DRAWN.min(count)).map(|number| {
            let path = folder.join(format!("{focus:?}-{}x{}-{number}.jpg", size.0, size.1));
            if !path.is_file() {
                fs::write(&path, photos::like_a_camera(size, u32::try_from(number)?, focus)?)?;
            }
            fs::read(&path).context("a photo that was drawn")
        });
        Ok(Self { drawn: drawn.collect::<anyhow::Result<_>>()? })
    }

    /// How much so many of them are.
    pub fn megabytes(&self, count: usize) -> f64 {
        let bytes: usize = (0..count).map(|number| self.drawn[number % self.drawn.len()].len()).sum();
        f64::from(u32::try_from(bytes >> 10).unwrap_or(u32::MAX)) / 1024.0
    }

    /// Sends these photos into a gallery in one request, and waits for the answer; returns its status.
    pub async fn send(
        &self,
        port: u16,
        person: &Person,
        gallery: i64,
        numbers: Range<usize>,
    ) -> anyhow::Result<u16> {
        let field =
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"gallery_id\"\r\n\r\n{gallery}");
        let end = format!("\r\n--{BOUNDARY}--\r\n");
        let heads: Vec<Vec<u8>> = numbers.clone().map(head_of).collect();
        let files: usize =
            numbers.clone().zip(&heads).map(|(number, head)| head.len() + self.of(number).len()).sum();
        let length = field.len() + files + end.len();
        let request = format!(
            "POST /api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nCookie: {}\r\n\
             X-CSRF-Token: {}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n\
             Content-Length: {length}\r\n\r\n{field}",
            person.cookies, person.csrf_token
        );
        let mut connection = Connection::open(port).await?;
        connection.send(request.as_bytes()).await?;
        for (number, head) in numbers.zip(&heads) {
            connection.send(head).await?;
            connection.send(self.of(number)).await?;
        }
        connection.send(end.as_bytes()).await?;
        connection.answer().await
    }

    /// A drawn photo without its first two bytes, which the head has.
    fn of(&self, number: usize) -> &[u8] {
        &self.drawn[number % self.drawn.len()][2..]
    }
}

/// What stands before a photo: its part's head, its own first bytes, and a comment that makes it another file.
fn head_of(number: usize) -> Vec<u8> {
    let head = format!(
        "\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"IMG_{number:04}.JPG\"\r\n\
         Content-Type: image/jpeg\r\n\r\n"
    );
    let comment = format!("{number:08}");
    [head.as_bytes(), &[0xFF, 0xD8, 0xFF, 0xFE, 0, 10], comment.as_bytes()].concat()
}
