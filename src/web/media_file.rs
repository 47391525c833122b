//! `GET /media/…`: the files of pictures, in pieces from the disk, whole or one byte range of them.

use std::{
    fs::File,
    io::{self, Seek, SeekFrom},
    path::Path,
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    body::BoxBody,
    http::{
        Method, StatusCode,
        header::{
            self, ByteRangeSpec, ContentRange, ContentRangeSpec, ETag, EntityTag, Header,
            IfNoneMatch, IfRange,
        },
    },
    web::{self, Bytes},
};

use super::{body, refusal};
use crate::{app::App, assets::IMMUTABLE};

/// What a request asks for of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    /// From the first to the last byte, both included.
    Range(u64, u64),
    /// A range that begins after the end.
    None,
}

/// A file with the beginning of the part that is sent.
struct Opened {
    file: File,
    length: u64,
    tag: EntityTag,
    part: Part,
    first: Bytes,
    /// How much of the part follows `first`.
    rest: u64,
}

/// `GET /media/<hash>-<width>.jpg` and the other names that the media store creates.
pub async fn show(
    app: web::Data<App>,
    request: HttpRequest,
    name: web::Path<String>,
) -> HttpResponse {
    let Some((path, kind)) = app.media.file(&name) else {
        return refusal(StatusCode::NOT_FOUND, "not found");
    };
    let conditions = Conditions::new(&request);
    let file_name = name.clone();
    let opened = web::block(move || open(&path, &file_name, &conditions)).await;
    match opened {
        Ok(Ok(opened)) => respond(opened, kind, &request),
        Ok(Err(error)) if error.kind() == io::ErrorKind::NotFound => {
            refusal(StatusCode::NOT_FOUND, "not found")
        }
        Ok(Err(error)) => {
            tracing::error!(%error, file = %name, "could not read a picture");
            refusal(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the picture cannot be read",
            )
        }
        Err(_) => refusal(StatusCode::SERVICE_UNAVAILABLE, "try again"),
    }
}

/// What a request says about ranges.
struct Conditions {
    /// Whether the body is sent: not for HEAD, nor to a client that may have it already.
    is_body_sent: bool,
    /// A single range (RFC 9110, section 14.2). A server may ignore several, and those in units that it does not know.
    range: Option<ByteRangeSpec>,
    if_range: Option<Result<IfRange, ()>>,
}

impl Conditions {
    fn new(request: &HttpRequest) -> Self {
        let headers = request.headers();
        // Ranges are defined for GET only.
        let is_get = *request.method() == Method::GET;
        let mut ranges = headers.get_all(header::RANGE);
        let range = match (ranges.next(), ranges.next()) {
            (Some(range), None) if is_get => range.to_str().ok().and_then(single_range),
            _ => None,
        };
        Self {
            is_body_sent: is_get && !headers.contains_key(header::IF_NONE_MATCH),
            range,
            if_range: headers
                .contains_key(header::IF_RANGE)
                .then(|| IfRange::parse(request).map_err(|_| ())),
        }
    }

    fn part(&self, length: u64, tag: &EntityTag) -> Part {
        // Dates match nothing: files have no `Last-Modified`.
        let is_same = match &self.if_range {
            None => true,
            Some(Ok(IfRange::EntityTag(known))) => known.strong_eq(tag),
            Some(_) => false,
        };
        match &self.range {
            Some(range) if is_same => match range.to_satisfiable_range(length) {
                Some((first, last)) => Part::Range(first, last),
                None => Part::None,
            },
            _ => Part::Whole,
        }
    }
}

/// The range of `bytes=…`; `None` if it is not exactly one.
fn single_range(value: &str) -> Option<ByteRangeSpec> {
    let (unit, range) = value.split_once('=')?;
    let range = range.trim_matches([' ', '\t']);
    let is_range = unit.eq_ignore_ascii_case("bytes")
        && range
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_range.then(|| range.parse().ok()).flatten()
}

/// Opens a file and reads the first piece of what is sent. Blocks.
fn open(path: &Path, name: &str, conditions: &Conditions) -> io::Result<Opened> {
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::ErrorKind::NotFound.into());
    }
    let length = metadata.len();
    // The name contains a hash of the picture.
    let tag = EntityTag::new_strong(format!("{name}-{length}"));
    let part = conditions.part(length, &tag);
    let sent = match part {
        Part::Whole => length,
        Part::Range(first, last) => {
            file.seek(SeekFrom::Start(first))?;
            last - first + 1
        }
        Part::None => 0,
    };
    let first = if conditions.is_body_sent && sent > 0 {
        body::read_piece(&mut file, sent)?
    } else {
        Bytes::new()
    };
    Ok(Opened {
        file,
        length,
        tag,
        part,
        rest: sent - first.len() as u64,
        first,
    })
}

fn respond(opened: Opened, kind: &'static str, request: &HttpRequest) -> HttpResponse {
    let is_known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|tag| tag.weak_eq(&opened.tag)),
        Err(_) => false,
    };
    if is_known {
        return with_headers(StatusCode::NOT_MODIFIED, opened.tag).finish();
    }
    let length = opened.length;
    let mut response = match opened.part {
        Part::Whole => with_headers(StatusCode::OK, opened.tag),
        Part::Range(first, last) => {
            let mut response = with_headers(StatusCode::PARTIAL_CONTENT, opened.tag);
            response.insert_header(ContentRange(ContentRangeSpec::Bytes {
                range: Some((first, last)),
                instance_length: Some(length),
            }));
            response
        }
        Part::None => {
            let unsatisfied = ContentRange(ContentRangeSpec::Bytes {
                range: None,
                instance_length: Some(length),
            });
            return HttpResponse::RangeNotSatisfiable()
                .insert_header(unsatisfied)
                .insert_header((header::CACHE_CONTROL, "no-store"))
                .finish();
        }
    };
    response.content_type(kind);
    let sent = opened.first.len() as u64 + opened.rest;
    let body: BoxBody = if *request.method() == Method::HEAD {
        body::of_length(sent)
    } else {
        body::of_file(opened.first, opened.file, opened.rest)
    };
    response.body(body)
}

fn with_headers(status: StatusCode, tag: EntityTag) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header(ETag(tag))
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CACHE_CONTROL, IMMUTABLE))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    response
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn part(headers: &[(&str, &str)]) -> Part {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.append_header(*header);
        }
        let tag = EntityTag::new_strong("a".to_owned());
        Conditions::new(&request.to_http_request()).part(100, &tag)
    }

    #[test]
    fn a_single_range_is_cut_to_the_file() {
        for (range, expected) in [
            ("bytes=0-0", Part::Range(0, 0)),
            ("bytes=10-19", Part::Range(10, 19)),
            ("bytes=90-", Part::Range(90, 99)),
            ("bytes=90-5000", Part::Range(90, 99)),
            ("bytes=-5", Part::Range(95, 99)),
            ("bytes=-500", Part::Range(0, 99)),
            ("Bytes= 1-2 ", Part::Range(1, 2)),
            ("bytes=100-", Part::None),
            ("bytes=100-200", Part::None),
            ("bytes=-0", Part::None),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=,1-2", Part::Whole),
            ("bytes=5-2", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("bytes=--1", Part::Whole),
            ("bytes=", Part::Whole),
            ("bytes", Part::Whole),
            ("lines=1-2", Part::Whole),
        ] {
            assert_eq!(part(&[("range", range)]), expected, "{range:?}");
        }
        assert_eq!(part(&[]), Part::Whole);
        let two = [("range", "bytes=0-1"), ("range", "bytes=2-3")];
        assert_eq!(part(&two), Part::Whole);
    }

    #[test]
    fn a_range_of_another_version_is_the_whole_file() {
        for (known, expected) in [
            ("\"a\"", Part::Range(0, 9)),
            ("\"b\"", Part::Whole),
            ("W/\"a\"", Part::Whole),
            ("Thu, 01 Jan 2026 12:00:00 GMT", Part::Whole),
            ("a", Part::Whole),
        ] {
            let headers = [("range", "bytes=0-9"), ("if-range", known)];
            assert_eq!(part(&headers), expected, "{known}");
        }
    }
}
