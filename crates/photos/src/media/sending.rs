//! How bytes of a known length go out: whole, in part, or only their head, and not at all to whoever has them.

use std::ops::Range as Bytes;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::SizedStream,
    http::{
        Method, StatusCode,
        header::{
            self, ContentDisposition, DispositionParam, DispositionType, ETag, EntityTag, Header,
            IfNoneMatch, IfRange, Range,
        },
    },
    web,
};
use common::{Result, web::AskedByHead};
use futures_util::stream;

use crate::originals::stream::Bytestream;

/// What is sent, as it is known before its first byte.
pub struct Sendable {
    /// Changes whenever the bytes do.
    pub tag: String,
    /// Bytes.
    pub size: u64,
    /// Its sniffed type.
    pub media_type: String,
    /// `Cache-Control`.
    pub caching: &'static str,
    /// The name to save it under, where it is to be saved.
    pub filename: Option<String>,
}

/// What of it a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// Nothing: the asker has it already.
    Known,
    /// A part that is not there.
    Beyond,
    /// Its head alone.
    Head,
    /// All of it.
    Whole,
    /// These bytes.
    Part(Bytes<u64>),
}

impl Sendable {
    /// What a request asks for.
    pub fn asked(&self, request: &HttpRequest) -> Asked {
        let tag = EntityTag::new_strong(self.tag.clone());
        if is_known(request, &tag) {
            return Asked::Known;
        }
        if request.method() == Method::HEAD || request.extensions().contains::<AskedByHead>() {
            return Asked::Head;
        }
        match requested_range(request, &tag, self.size) {
            Ok(None) => Asked::Whole,
            Ok(Some(range)) => Asked::Part(range),
            Err(()) => Asked::Beyond,
        }
    }

    /// The answer; `open` gives the bytes of a range, and is asked only where some are sent.
    pub async fn send(
        self,
        asked: Asked,
        open: impl AsyncFnOnce(Bytes<u64>) -> Result<Bytestream>,
    ) -> Result<HttpResponse> {
        let mut response = HttpResponse::Ok();
        response
            .insert_header(ETag(EntityTag::new_strong(self.tag)))
            .insert_header((header::CACHE_CONTROL, self.caching))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
            // Pictures don't shrink, and a compressed answer would lose its length and its ranges.
            .insert_header((header::CONTENT_ENCODING, "identity"));
        if asked == Asked::Known {
            return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
        }
        response.content_type(self.media_type);
        if let Some(filename) = &self.filename {
            response.insert_header(attachment(filename));
        }
        let size = self.size;
        let range = match asked {
            Asked::Part(range) => {
                let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                response.status(StatusCode::PARTIAL_CONTENT).insert_header((header::CONTENT_RANGE, shown));
                range
            }
            Asked::Beyond => {
                let shown = format!("bytes */{size}");
                let response = response.status(StatusCode::RANGE_NOT_SATISFIABLE);
                return Ok(response.insert_header((header::CONTENT_RANGE, shown)).finish());
            }
            Asked::Whole if size > 0 => 0..size,
            // The length is told, the bytes are not sent.
            Asked::Head | Asked::Whole | Asked::Known => {
                return Ok(response.body(SizedStream::new(size, stream::empty::<Result<web::Bytes>>())));
            }
        };
        Ok(response.body(SizedStream::new(range.end - range.start, open(range).await?)))
    }
}

fn is_known(request: &HttpRequest, tag: &EntityTag) -> bool {
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => request.headers().contains_key(header::IF_NONE_MATCH),
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// A single satisfiable range; several ranges or an unreadable header get the whole file, as RFC 9110 allows.
fn requested_range(request: &HttpRequest, tag: &EntityTag, size: u64) -> Result<Option<Bytes<u64>>, ()> {
    if request.method() != Method::GET || !request.headers().contains_key(header::RANGE) {
        return Ok(None);
    }
    // A range of what the asker began with; if that is another thing by now, all of it (RFC 9110, 13.1.5). We tell no
    // dates, so a date is never ours.
    if request.headers().contains_key(header::IF_RANGE) {
        let same = matches!(IfRange::parse(request), Ok(IfRange::EntityTag(known)) if known.strong_eq(tag));
        if !same {
            return Ok(None);
        }
    }
    let Ok(Range::Bytes(ranges)) = Range::parse(request) else { return Ok(None) };
    let [range] = ranges.as_slice() else { return Ok(None) };
    range.to_satisfiable_range(size).map(|(first, last)| Some(first..last + 1)).ok_or(())
}

/// The name byte for byte (RFC 8187), and beside it what old programs can read.
fn attachment(filename: &str) -> ContentDisposition {
    let ascii: String = filename
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\/%".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    let extended = header::ExtendedValue {
        charset: header::Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: filename.as_bytes().to_vec(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(ascii), DispositionParam::FilenameExt(extended)],
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(headers: &[(&'static str, &str)]) -> Asked {
        let mut request = TestRequest::get();
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        let sendable = Sendable {
            tag: "now".to_owned(),
            size: 100,
            media_type: "application/zip".to_owned(),
            caching: "no-store",
            filename: None,
        };
        sendable.asked(&request.to_http_request())
    }

    #[test]
    fn a_range_goes_on_with_the_same_thing_alone() {
        let range = ("range", "bytes=40-");
        assert_eq!(asked(&[]), Asked::Whole);
        assert_eq!(asked(&[range]), Asked::Part(40..100));
        assert_eq!(asked(&[("range", "bytes=-7")]), Asked::Part(93..100));
        assert_eq!(asked(&[("range", "bytes=99-500")]), Asked::Part(99..100));
        assert_eq!(asked(&[("range", "bytes=100-")]), Asked::Beyond);
        assert_eq!(asked(&[("range", "bytes=1-2,5-6")]), Asked::Whole);
        assert_eq!(asked(&[("range", "lines=1-2")]), Asked::Whole);
        assert_eq!(asked(&[range, ("if-range", "\"now\"")]), Asked::Part(40..100));
        for other in ["\"before\"", "W/\"now\"", "Sun, 22 Nov 2026 10:00:00 GMT", "rubbish"] {
            assert_eq!(asked(&[range, ("if-range", other)]), Asked::Whole, "{other}");
        }
        assert_eq!(asked(&[("if-none-match", "\"x\", \"now\"")]), Asked::Known);
        assert_eq!(asked(&[("if-none-match", "\"x\"")]), Asked::Whole);
    }
}
