//! How bytes of a known length go out: whole, in part, or only their head, and not at all to whoever has them.

use std::ops::Range as Bytes;

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, HttpResponseBuilder,
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
use url::Url;

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

/// What comes after the head of an answer.
enum Follows {
    /// These bytes.
    Part(Bytes<u64>),
    /// None, and how many there would be.
    Length,
    /// None.
    Nothing,
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
        let (mut response, follows) = self.head(asked);
        Ok(match follows {
            Follows::Part(range) => {
                let length = range.end - range.start;
                response.body(SizedStream::new(length, open(range).await?))
            }
            other => self.without_bytes(response, &other),
        })
    }

    /// The answer, its bytes left to the proxy in front, which finds them at this place of its own. It cuts out the part
    /// that is asked for by itself.
    pub fn leave(self, asked: Asked, place: &str) -> HttpResponse {
        let (mut response, follows) = self.head(asked);
        match follows {
            Follows::Part(_) => {
                let mut answer = response.insert_header(("x-accel-redirect", place)).finish();
                // The proxy says so by itself, and would say it twice.
                answer.headers_mut().remove(header::ACCEPT_RANGES);
                answer
            }
            other => self.without_bytes(response, &other),
        }
    }

    /// Whether bytes follow on what is asked.
    pub fn has_bytes_for(&self, asked: &Asked) -> bool {
        matches!(asked, Asked::Part(_)) || *asked == Asked::Whole && self.size > 0
    }

    /// What a signed address has an S3 server say of the bytes.
    pub fn said(&self) -> Vec<(&'static str, String)> {
        let mut said = vec![
            ("response-content-type", self.media_type.clone()),
            ("response-cache-control", "private, no-store".to_owned()),
        ];
        let saved = self.filename.as_ref().map(|filename| attachment(filename).to_string());
        said.extend(saved.map(|saved| ("response-content-disposition", saved)));
        said
    }

    /// What stands before the bytes, and which of them follow.
    fn head(&self, asked: Asked) -> (HttpResponseBuilder, Follows) {
        let mut response = HttpResponse::Ok();
        response
            .insert_header(ETag(EntityTag::new_strong(self.tag.clone())))
            .insert_header((header::CACHE_CONTROL, self.caching))
            .insert_header((header::ACCEPT_RANGES, "bytes"))
            .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
            // Pictures don't shrink, and a compressed answer would lose its length and its ranges.
            .insert_header((header::CONTENT_ENCODING, "identity"));
        if asked == Asked::Known {
            response.status(StatusCode::NOT_MODIFIED);
            return (response, Follows::Nothing);
        }
        response.content_type(self.media_type.as_str());
        if let Some(filename) = &self.filename {
            response.insert_header(attachment(filename));
        }
        let size = self.size;
        let follows = match asked {
            Asked::Part(range) => {
                let shown = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                response.status(StatusCode::PARTIAL_CONTENT).insert_header((header::CONTENT_RANGE, shown));
                Follows::Part(range)
            }
            Asked::Beyond => {
                let shown = format!("bytes */{size}");
                response.status(StatusCode::RANGE_NOT_SATISFIABLE);
                response.insert_header((header::CONTENT_RANGE, shown));
                Follows::Nothing
            }
            Asked::Whole if size > 0 => Follows::Part(0..size),
            Asked::Head | Asked::Whole | Asked::Known => Follows::Length,
        };
        (response, follows)
    }

    fn without_bytes(&self, mut response: HttpResponseBuilder, follows: &Follows) -> HttpResponse {
        match follows {
            Follows::Length => {
                response.body(SizedStream::new(self.size, stream::empty::<Result<web::Bytes>>()))
            }
            Follows::Part(_) | Follows::Nothing => response.finish(),
        }
    }
}

/// The answer that sends the asker to where the bytes are, once: the address opens them for whoever has it.
pub fn elsewhere(address: &Url) -> HttpResponse {
    HttpResponse::TemporaryRedirect()
        .insert_header((header::LOCATION, address.as_str()))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
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
    use actix_web::{body::MessageBody, test::TestRequest};

    use super::*;

    fn sendable() -> Sendable {
        Sendable {
            tag: "now".to_owned(),
            size: 100,
            media_type: "image/jpeg".to_owned(),
            caching: "no-store",
            filename: None,
        }
    }

    fn asked(headers: &[(&'static str, &str)]) -> Asked {
        let mut request = TestRequest::get();
        for (name, value) in headers {
            request = request.insert_header((*name, *value));
        }
        sendable().asked(&request.to_http_request())
    }

    #[test]
    fn only_an_answer_with_bytes_is_left_to_the_proxy() {
        for (asked, status, is_left, length) in [
            (Asked::Whole, 200, true, 0),
            (Asked::Part(5..9), 206, true, 0),
            (Asked::Head, 200, false, 100),
            (Asked::Known, 304, false, 0),
            (Asked::Beyond, 416, false, 0),
        ] {
            let answer = sendable().leave(asked.clone(), "/stored/7/a.jpg");
            let place = answer.headers().get("x-accel-redirect").map(header::HeaderValue::as_bytes);
            assert_eq!(place, is_left.then_some(&b"/stored/7/a.jpg"[..]), "{asked:?}");
            assert_eq!((answer.status().as_u16(), answer.headers().contains_key("etag")), (status, true));
            assert_eq!(answer.body().size(), actix_web::body::BodySize::Sized(length), "{asked:?}");
        }
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
