//! An answer that is ready to be sent: bodies, entity tags and headers made once.

use std::{hash::Hasher, io, sync::Arc};

use actix_web::{
    HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use chrono::{DateTime, SubsecRound, Utc};
use siphasher::sip128::{Hasher128, SipHasher24};
use smallvec::SmallVec;
use tokio::sync::Semaphore;

use super::{
    Accepted,
    encoding::{Effort, Encoding},
    file::BodyFile,
};

/// How HTTP writes a moment, in UTC (RFC 9110, section 5.6.7).
pub const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// The request header that decides which body is sent.
const VARY: &str = "accept-encoding";

/// Bodies smaller than this many bytes gain nothing from being compressed.
const WORTH_COMPRESSING: usize = 512;

/// What a request says of what its sender has already, and takes.
#[derive(Clone, Copy)]
pub struct Asked<'r> {
    /// The encodings that the reader takes.
    pub accepted: Accepted,
    /// Only the head is asked for.
    is_bare: bool,
    /// The tags of what the sender has.
    known: Option<&'r [u8]>,
    /// When the sender was sent it.
    since: Option<&'r str>,
}

impl<'r> Asked<'r> {
    /// `value` is what the request says first under a name.
    pub fn new(method: &Method, value: impl Fn(&HeaderName) -> Option<&'r [u8]>) -> Self {
        let is_read = matches!(*method, Method::GET | Method::HEAD);
        let text = |name| str::from_utf8(value(name)?).ok();
        Self {
            accepted: text(&header::ACCEPT_ENCODING)
                .map(Accepted::parse)
                .unwrap_or_default(),
            is_bare: *method == Method::HEAD,
            known: value(&header::IF_NONE_MATCH).filter(|_| is_read),
            since: text(&header::IF_MODIFIED_SINCE).filter(|_| is_read),
        }
    }

    /// Whether the sender has this version already (RFC 9110, section 13.1). A browser's tag decides
    /// over its date.
    fn has(self, etag: &HeaderValue, modified: Option<DateTime<Utc>>) -> bool {
        if let Some(known) = self.known {
            return known == etag.as_bytes()
                || str::from_utf8(known).is_ok_and(|known| {
                    let strong = |tag: &'_ str| tag.trim().trim_start_matches("W/") == etag;
                    known.trim() == "*" || known.split(',').any(strong)
                });
        }
        let since = self
            .since
            .and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        match (since, modified) {
            (Some(since), Some(modified)) => modified <= since,
            _ => false,
        }
    }
}

/// Headers that are sent together.
pub type Headers = Arc<[(HeaderName, HeaderValue)]>;

/// One body among those of an answer, with the headers that are sent with it.
#[derive(Clone)]
struct Variant {
    encoding: Encoding,
    effort: Effort,
    /// The length of the body as a header line, the other header lines, an empty line, the body.
    piece: Bytes,
    /// Where in the piece the other header lines begin.
    lines: usize,
    /// Where in the piece the body begins.
    body: usize,
    /// The body once more, so that it need not be copied when it is sent.
    file: Option<Arc<BodyFile>>,
    etag: HeaderValue,
    last_modified: Option<HeaderValue>,
}

impl Variant {
    /// All that is sent of it is one piece of memory under one count of who uses it: what was not asked for just
    /// now is far away for a processor, and it goes there once. `None` if there is no such tag.
    fn new(answer: &Answer, encoding: Encoding, effort: Effort, body: &[u8]) -> Option<Self> {
        let hash = &answer.hash;
        // A strong tag stands for these very bytes (RFC 9110, section 8.8.1): the two efforts make
        // different ones.
        let etag = match (encoding.name(), effort) {
            (None, _) => format!("\"{hash}\""),
            (Some(name), Effort::Strong) => format!("\"{hash}-{name}\""),
            (Some(name), Effort::Quick) => format!("\"{hash}-{name}-quick\""),
        };
        let last_modified = answer
            .modified
            .map(|time| time.format(HTTP_DATE).to_string());
        let own = [
            (header::ETAG, Some(etag.as_str())),
            (header::VARY, Some(VARY)),
            (header::LAST_MODIFIED, last_modified.as_deref()),
            (header::CONTENT_ENCODING, encoding.name()),
        ];
        let own = own
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?.as_bytes())));
        let shared = answer
            .headers
            .iter()
            .map(|(name, value)| (name, value.as_bytes()));
        let mut head = format!("{}: {}\r\n", header::CONTENT_LENGTH, body.len()).into_bytes();
        let lines = head.len();
        for (name, value) in shared.chain(own) {
            for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
        head.extend_from_slice(b"\r\n");
        Some(Self {
            encoding,
            effort,
            piece: [&head, body].concat().into(),
            lines,
            body: head.len(),
            file: None,
            etag: HeaderValue::from_str(&etag).ok()?,
            last_modified: last_modified.and_then(|date| HeaderValue::from_str(&date).ok()),
        })
    }

    fn body(&self) -> Bytes {
        self.piece.slice(self.body..)
    }

    /// How many bytes the body has.
    fn len(&self) -> usize {
        self.piece.len() - self.body
    }

    /// How many bytes it keeps in memory.
    fn weight(&self) -> usize {
        self.piece.len() + self.file.as_ref().map_or(0, |file| file.bytes())
    }
}

/// An answer with status 200, in every encoding that was made so far.
#[derive(Clone)]
pub struct Answer {
    hash: String,
    /// Whether compressing the body is worth anybody's time.
    compresses: bool,
    /// All but what depends on the encoding.
    headers: Headers,
    /// Since when it is what it is, in whole seconds.
    modified: Option<DateTime<Utc>>,
    /// The plain one first, then in no order: one for each encoding at most.
    variants: SmallVec<[Variant; 4]>,
}

impl Answer {
    /// An answer with a plain body. `headers` are sent as they are, with 304 too.
    pub fn new(body: impl AsRef<[u8]>, headers: impl Into<Headers>) -> Self {
        let (body, headers) = (body.as_ref(), headers.into());
        let mut hasher = SipHasher24::new();
        hasher.write(body);
        // What the headers say belongs to what the reader has, too.
        for (name, value) in headers.iter() {
            hasher.write(name.as_str().as_bytes());
            hasher.write(value.as_bytes());
        }
        let hash = hasher.finish128().as_u128();
        let compresses = body.len() >= WORTH_COMPRESSING
            && headers
                .iter()
                .filter(|(name, _)| *name == header::CONTENT_TYPE)
                .any(|(_, kind)| kind.to_str().is_ok_and(is_text));
        let mut answer = Self {
            compresses,
            hash: format!("{hash:032x}"),
            headers,
            modified: None,
            variants: SmallVec::new(),
        };
        answer.add(Encoding::Plain, Effort::Quick, body);
        answer
    }

    /// Says since when the answer is what it is. `None` leaves readers to the entity tag alone.
    pub fn since(self, time: Option<DateTime<Utc>>) -> Self {
        let mut answer = Self {
            modified: time.map(|time| time.trunc_subsecs(0)),
            variants: SmallVec::new(),
            ..self
        };
        for known in self.variants {
            answer.add(known.encoding, known.effort, &known.body());
        }
        answer
    }

    /// Since when it is what it is.
    pub fn modified(&self) -> Option<DateTime<Utc>> {
        self.modified
    }

    /// Whether both say the same.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.hash == other.hash
    }

    /// How many bytes it keeps in memory, about.
    pub fn weight(&self) -> usize {
        let variants: usize = self.variants.iter().map(Variant::weight).sum();
        variants + 1_024
    }

    /// What the program that asked is best served with and is not there yet.
    pub fn missing(&self, accepted: Accepted) -> Option<Encoding> {
        let best = accepted.smallest();
        let plain = &self.variants[0];
        let is_there = match best {
            Encoding::Plain => plain.file.is_some() || !BodyFile::is_worth_it(plain.len()),
            _ if !self.compresses => true,
            _ => self
                .variants
                .iter()
                .any(|variant| variant.encoding == best && variant.effort == Effort::Strong),
        };
        (!is_there).then_some(best)
    }

    /// The same answer with one more body, unless it has one that is as good.
    ///
    /// # Errors
    /// Only for want of memory.
    pub fn encoded(&self, encoding: Encoding, effort: Effort) -> io::Result<Self> {
        let mut answer = self.clone();
        let has_it = self.variants.iter().any(|variant| {
            variant.encoding == encoding
                && (variant.effort == effort || variant.effort == Effort::Strong)
        });
        if self.compresses && !has_it {
            let body = encoding.encode(&self.variants[0].body(), effort)?;
            answer
                .variants
                .retain(|variant| variant.encoding != encoding);
            answer.add(encoding, effort, &body);
        }
        Ok(answer)
    }

    /// The same answer with its plain body as a file, if there may be one more.
    ///
    /// # Errors
    /// Those of [`BodyFile::new`].
    pub fn filed(&self, permits: &Arc<Semaphore>) -> io::Result<Option<Self>> {
        let Some(file) = BodyFile::new(&self.variants[0].body(), permits)? else {
            return Ok(None);
        };
        let mut answer = self.clone();
        answer.variants[0].file = Some(Arc::new(file));
        Ok(Some(answer))
    }

    fn add(&mut self, encoding: Encoding, effort: Effort, body: &[u8]) {
        let variant = Variant::new(self, encoding, effort, body);
        self.variants.extend(variant);
    }

    /// The answer to a request: 304 if its sender has it, otherwise the smallest body that they take.
    pub fn to(&self, asked: Asked<'_>) -> Reply<'_> {
        let variant = self
            .variants
            .iter()
            .filter(|variant| asked.accepted.takes(variant.encoding))
            .min_by_key(|variant| variant.len())
            .unwrap_or(&self.variants[0]);
        Reply {
            is_known: asked.has(&variant.etag, self.modified),
            is_bare: asked.is_bare,
            headers: &self.headers,
            variant,
        }
    }
}

/// What is sent of an answer to one request.
pub struct Reply<'a> {
    headers: &'a Headers,
    variant: &'a Variant,
    /// Its sender has it.
    is_known: bool,
    /// Only the head is asked for.
    is_bare: bool,
}

impl Reply<'_> {
    pub fn status(&self) -> StatusCode {
        match self.is_known {
            true => StatusCode::NOT_MODIFIED,
            false => StatusCode::OK,
        }
    }

    /// As the server takes it.
    pub fn response(&self) -> HttpResponse {
        let variant = self.variant;
        let mut response = match self.is_known {
            true => HttpResponse::new(self.status()),
            false => HttpResponse::with_body(self.status(), variant.body()).map_into_boxed_body(),
        };
        let headers = response.headers_mut();
        for (name, value) in self.headers.iter() {
            headers.insert(name.clone(), value.clone());
        }
        headers.insert(header::ETAG, variant.etag.clone());
        headers.insert(header::VARY, const { HeaderValue::from_static(VARY) });
        if let Some(date) = &variant.last_modified {
            headers.insert(header::LAST_MODIFIED, date.clone());
        }
        if let Some(name) = variant.encoding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }

    /// The same, as it is kept.
    pub fn ready(&self) -> Ready<'_> {
        let variant = self.variant;
        let (rest, file) = match (self.is_known, self.is_bare) {
            (true, _) => (&variant.piece[variant.lines..variant.body], None),
            (false, true) => (&variant.piece[..variant.body], None),
            (false, false) => (&variant.piece[..], variant.file.as_deref()),
        };
        Ready {
            status: self.status(),
            rest,
            piece: &variant.piece,
            file,
        }
    }
}

/// An answer as it is kept, but for what changes from moment to moment.
pub struct Ready<'a> {
    /// 200 or 304.
    pub status: StatusCode,
    /// Header lines (one of which says how long the body is, if there is one), an empty line, the body.
    pub rest: &'a [u8],
    /// What `rest` is a part of.
    pub piece: &'a Bytes,
    /// The body once more, if it is a part of `rest`.
    pub file: Option<&'a BodyFile>,
}

/// Whether a body of this kind is text, and so becomes smaller.
fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.starts_with("text/")
        || ["javascript", "json", "xml"]
            .iter()
            .any(|ending| kind.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn status(answer: &Answer, headers: &[(&str, &str)]) -> u16 {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.insert_header(*header);
        }
        let request = request.to_http_request();
        let value = |name: &HeaderName| Some(request.headers().get(name)?.as_bytes());
        answer
            .to(Asked::new(request.method(), value))
            .status()
            .as_u16()
    }

    #[test]
    fn who_has_it_is_not_sent_it_again_in_whatever_form_they_say_so() {
        let noon = "2026-01-01T12:00:00Z".parse().unwrap();
        let answer = Answer::new("a page", Vec::new()).since(Some(noon));
        let etag = answer.variants[0].etag.to_str().unwrap().to_owned();
        for (known, expected) in [
            (etag.clone(), 304),
            (format!("\"other\", {etag}"), 304),
            (format!("W/{etag}"), 304),
            ("*".to_owned(), 304),
            ("\"other\"".to_owned(), 200),
            (etag.trim_matches('"').to_owned(), 200),
        ] {
            assert_eq!(status(&answer, &[("if-none-match", &known)]), expected);
        }
        let since = "Thu, 01 Jan 2026 12:00:00 GMT";
        let before = "Thu, 01 Jan 2026 11:59:59 GMT";
        assert_eq!(status(&answer, &[("if-modified-since", since)]), 304);
        assert_eq!(status(&answer, &[("if-modified-since", before)]), 200);
        assert_eq!(status(&answer, &[("if-modified-since", "yesterday")]), 200);
        // The tag knows better than the date.
        let both = [("if-modified-since", since), ("if-none-match", "\"other\"")];
        assert_eq!(status(&answer, &both), 200);
    }

    #[test]
    fn every_body_has_a_tag_of_its_own() {
        let page = "word ".repeat(1_000);
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let answer = Answer::new(page, vec![(header::CONTENT_TYPE, html)])
            .encoded(Encoding::Gzip, Effort::Quick)
            .and_then(|answer| answer.encoded(Encoding::Brotli, Effort::Strong))
            .unwrap();
        let tags: std::collections::HashSet<_> = answer
            .variants
            .iter()
            .map(|variant| variant.etag.clone())
            .collect();
        assert_eq!(tags.len(), 3);
        let stronger = answer.encoded(Encoding::Gzip, Effort::Strong).unwrap();
        assert_eq!(stronger.variants.len(), 3, "the quick body is replaced");
        assert_eq!(stronger.missing(Accepted::parse("gzip")), None);
        assert_eq!(
            answer.missing(Accepted::parse("gzip")),
            Some(Encoding::Gzip)
        );
        let again = stronger.encoded(Encoding::Gzip, Effort::Quick).unwrap();
        assert_eq!(
            again.missing(Accepted::parse("gzip")),
            None,
            "a quick body takes no strong one's place"
        );
    }
}
