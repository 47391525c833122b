//! A cached response: its body in every encoding made so far, with validators and headers written once.

use std::{hash::Hasher, io, sync::Arc};

use actix_web::{
    HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use fast_path::WireResponse;
use siphasher::sip128::{Hasher128, SipHasher24};
use smallvec::SmallVec;

use super::encoding::{Accepted, Effort, Encoding};
use crate::{app::Clock, web::head::RequestParts};

/// The format of dates in HTTP, in UTC (RFC 9110, section 5.6.7).
const HTTP_DATE: &str = "%a, %d %b %Y %H:%M:%S GMT";

/// The request header that selects the encoding.
const VARY: &str = "accept-encoding";

/// Bodies below this size, in bytes, are not compressed.
const MIN_COMPRESSED: usize = 512;

/// How much earlier than the time the `Date` of actix-http may be, with much to spare.
const DATE_DELAY: TimeDelta = TimeDelta::seconds(10);

/// Approximate memory use of a cached response without its bodies, in bytes.
const OVERHEAD: usize = 1_024;

/// What a request says about content negotiation and what its client has cached
/// (RFC 9110, sections 12.5.3 and 13.1).
#[derive(Clone, Copy)]
pub struct RequestConditions<'r> {
    /// The encodings that the client accepts.
    pub accepted: Accepted,
    is_head: bool,
    if_none_match: Option<&'r [u8]>,
    if_modified_since: Option<&'r str>,
}

impl<'r> RequestConditions<'r> {
    pub fn new(request: &'r impl RequestParts) -> Self {
        let method = request.method();
        let is_conditional = matches!(*method, Method::GET | Method::HEAD);
        let text = |name| str::from_utf8(request.value(name)?).ok();
        Self {
            accepted: text(&header::ACCEPT_ENCODING)
                .map(Accepted::parse)
                .unwrap_or_default(),
            is_head: *method == Method::HEAD,
            if_none_match: request
                .value(&header::IF_NONE_MATCH)
                .filter(|_| is_conditional),
            if_modified_since: text(&header::IF_MODIFIED_SINCE).filter(|_| is_conditional),
        }
    }

    /// Whether the client has this version already. The entity tag takes precedence over the date.
    fn is_not_modified(self, etag: &HeaderValue, last_modified: Option<DateTime<Utc>>) -> bool {
        if let Some(tags) = self.if_none_match {
            return tags == etag.as_bytes()
                || str::from_utf8(tags).is_ok_and(|tags| {
                    let matches = |tag: &'_ str| tag.trim().trim_start_matches("W/") == etag;
                    tags.trim() == "*" || tags.split(',').any(matches)
                });
        }
        let since = self
            .if_modified_since
            .and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        match (since, last_modified) {
            (Some(since), Some(last_modified)) => last_modified <= since,
            _ => false,
        }
    }
}

/// Headers shared by many responses.
pub type Headers = Arc<[(HeaderName, HeaderValue)]>;

/// The response in one encoding.
#[derive(Clone)]
struct Variant {
    encoding: Encoding,
    effort: Effort,
    /// The `content-length` line, the other header lines, an empty line, and the body.
    buffer: Bytes,
    /// Where the header lines after `content-length` begin: a 304 has no body and no length.
    other_lines: usize,
    /// Where the body begins.
    body: usize,
    etag: HeaderValue,
    last_modified: Option<HeaderValue>,
}

impl Variant {
    /// Head and body share one allocation: a page that was not requested recently is not in the processor's cache, and
    /// one buffer is fetched once. `None` if the entity tag is not a valid header value.
    fn new(
        response: &CachedResponse,
        encoding: Encoding,
        effort: Effort,
        body: &[u8],
    ) -> Option<Self> {
        let hash = &response.hash;
        // A strong tag identifies exact bytes (RFC 9110, section 8.8.1), and the two efforts produce different ones.
        let etag = match (encoding.name(), effort) {
            (None, _) => format!("\"{hash}\""),
            (Some(name), Effort::Best) => format!("\"{hash}-{name}\""),
            (Some(name), Effort::Fast) => format!("\"{hash}-{name}-fast\""),
        };
        let last_modified = response
            .last_modified
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
        let shared = response
            .headers
            .iter()
            .map(|(name, value)| (name, value.as_bytes()));
        let mut head = format!("{}: {}\r\n", header::CONTENT_LENGTH, body.len()).into_bytes();
        let other_lines = head.len();
        for (name, value) in shared.chain(own) {
            for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
        head.extend_from_slice(b"\r\n");
        Some(Self {
            encoding,
            effort,
            buffer: [&head, body].concat().into(),
            other_lines,
            body: head.len(),
            etag: HeaderValue::from_str(&etag).ok()?,
            last_modified: last_modified.and_then(|date| HeaderValue::from_str(&date).ok()),
        })
    }

    /// The same with another `Cache-Control` line; `None` if it has no such line.
    fn with_cache_control(&self, value: &HeaderValue) -> Option<Self> {
        let head = &self.buffer[..self.body];
        let name = b"\r\ncache-control: ";
        let begin = head.windows(name.len()).position(|part| part == name)? + name.len();
        let length = head[begin..].windows(2).position(|part| part == b"\r\n")?;
        let parts = [
            &self.buffer[..begin],
            value.as_bytes(),
            &self.buffer[begin + length..],
        ];
        Some(Self {
            buffer: parts.concat().into(),
            body: self.body - length + value.len(),
            ..self.clone()
        })
    }

    fn body(&self) -> Bytes {
        self.buffer.slice(self.body..)
    }

    fn body_len(&self) -> usize {
        self.buffer.len() - self.body
    }
}

/// A response with status 200, in every encoding made so far.
#[derive(Clone)]
pub struct CachedResponse {
    hash: String,
    is_compressible: bool,
    /// All headers that do not depend on the encoding.
    headers: Headers,
    /// In whole seconds.
    last_modified: Option<DateTime<Utc>>,
    /// The uncompressed one first; at most one of each encoding.
    variants: SmallVec<[Variant; 4]>,
}

impl CachedResponse {
    /// A response with an uncompressed body. `headers` are sent with 200 and 304 alike.
    pub fn new(body: impl AsRef<[u8]>, headers: impl Into<Headers>) -> Self {
        let (body, headers) = (body.as_ref(), headers.into());
        let mut hasher = SipHasher24::new();
        hasher.write(body);
        // A change of the headers has to invalidate the client's copy, too.
        for (name, value) in headers.iter() {
            hasher.write(name.as_str().as_bytes());
            hasher.write(value.as_bytes());
        }
        let hash = hasher.finish128().as_u128();
        let is_compressible = body.len() >= MIN_COMPRESSED
            && headers
                .iter()
                .filter(|(name, _)| *name == header::CONTENT_TYPE)
                .any(|(_, value)| value.to_str().is_ok_and(is_text));
        let mut response = Self {
            is_compressible,
            hash: format!("{hash:032x}"),
            headers,
            last_modified: None,
            variants: SmallVec::new(),
        };
        response.add(Encoding::Identity, Effort::Fast, body);
        response
    }

    /// Sets `Last-Modified`. Without it, clients revalidate by entity tag alone.
    pub fn with_last_modified(self, time: Option<DateTime<Utc>>) -> Self {
        let mut response = Self {
            last_modified: time.map(|time| time.trunc_subsecs(0)),
            variants: SmallVec::new(),
            ..self
        };
        for variant in self.variants {
            response.add(variant.encoding, variant.effort, &variant.body());
        }
        response
    }

    pub fn last_modified(&self) -> Option<DateTime<Utc>> {
        self.last_modified
    }

    /// Whether body and headers are equal.
    pub fn same_content_as(&self, other: &Self) -> bool {
        self.hash == other.hash
    }

    /// Approximate memory use, in bytes.
    pub fn memory_use(&self) -> usize {
        let buffers: usize = self
            .variants
            .iter()
            .map(|variant| variant.buffer.len())
            .sum();
        buffers + OVERHEAD
    }

    /// The encoding that would serve a client best, if there is no variant of it at best effort.
    pub fn missing_encoding(&self, accepted: Accepted) -> Option<Encoding> {
        let smallest = accepted.smallest();
        let is_available = smallest == Encoding::Identity
            || self
                .variants
                .iter()
                .any(|variant| variant.encoding == smallest && variant.effort == Effort::Best);
        (self.is_compressible && !is_available).then_some(smallest)
    }

    /// The same response with one more variant, unless it has one that is as good.
    ///
    /// # Errors
    /// Only if memory cannot be allocated.
    pub fn with_encoding(&self, encoding: Encoding, effort: Effort) -> io::Result<Self> {
        let mut response = self.clone();
        let has_variant = self.variants.iter().any(|variant| {
            variant.encoding == encoding
                && (variant.effort == effort || variant.effort == Effort::Best)
        });
        if self.is_compressible && !has_variant {
            let body = encoding.encode(&self.variants[0].body(), effort)?;
            response
                .variants
                .retain(|variant| variant.encoding != encoding);
            response.add(encoding, effort, &body);
        }
        Ok(response)
    }

    fn add(&mut self, encoding: Encoding, effort: Effort, body: &[u8]) {
        let variant = Variant::new(self, encoding, effort, body);
        self.variants.extend(variant);
    }

    /// What to send to a request: 304 if its client has this version, otherwise the smallest variant it accepts.
    pub fn select(&self, conditions: RequestConditions<'_>) -> SelectedResponse<'_> {
        let variant = self
            .variants
            .iter()
            .filter(|variant| conditions.accepted.accepts(variant.encoding))
            .min_by_key(|variant| variant.body_len())
            .unwrap_or(&self.variants[0]);
        SelectedResponse {
            is_not_modified: conditions.is_not_modified(&variant.etag, self.last_modified),
            is_head: conditions.is_head,
            headers: &self.headers,
            last_modified: self.last_modified,
            cache_control: None,
            variant,
        }
    }
}

/// A cached response as one request gets it.
pub struct SelectedResponse<'a> {
    headers: &'a Headers,
    variant: &'a Variant,
    last_modified: Option<DateTime<Utc>>,
    /// In place of the page's own, if it is set.
    cache_control: Option<HeaderValue>,
    is_not_modified: bool,
    is_head: bool,
}

impl SelectedResponse<'_> {
    /// 200 or 304.
    pub fn status(&self) -> StatusCode {
        if self.is_not_modified {
            StatusCode::NOT_MODIFIED
        } else {
            StatusCode::OK
        }
    }

    /// Replaces `Cache-Control`, which does not change the entity tag.
    pub fn with_cache_control(self, value: Option<HeaderValue>) -> Self {
        Self {
            cache_control: value,
            ..self
        }
    }

    /// For actix-web, which drops the body of a response to HEAD itself.
    pub fn to_http(&self) -> HttpResponse {
        self.to_http_at(Clock::date())
    }

    /// `date` is the current time in whole seconds.
    fn to_http_at(&self, date: DateTime<Utc>) -> HttpResponse {
        let variant = self.variant;
        let mut response = if self.is_not_modified {
            HttpResponse::new(self.status())
        } else {
            HttpResponse::with_body(self.status(), variant.body()).map_into_boxed_body()
        };
        let headers = response.headers_mut();
        for (name, value) in self.headers.iter() {
            headers.insert(name.clone(), value.clone());
        }
        headers.insert(header::ETAG, variant.etag.clone());
        headers.insert(header::VARY, const { HeaderValue::from_static(VARY) });
        if let Some(value) = &self.cache_control {
            headers.insert(header::CACHE_CONTROL, value.clone());
        }
        if let Some(value) = &variant.last_modified {
            headers.insert(header::LAST_MODIFIED, value.clone());
        }
        self.keep_dates_in_order(headers, date);
        if let Some(name) = variant.encoding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }

    /// `Last-Modified` is never later than `Date` (RFC 9110, section 8.8.2.1). The clock may have been set back since the
    /// page was rendered, and actix-http updates its `Date` twice a second only.
    fn keep_dates_in_order(&self, headers: &mut HeaderMap, date: DateTime<Utc>) {
        let Some(last_modified) = self.last_modified else {
            return;
        };
        let text = || HeaderValue::from_str(&date.format(HTTP_DATE).to_string()).ok();
        if last_modified > date
            && let Some(text) = text()
        {
            headers.insert(header::LAST_MODIFIED, text);
        }
        // Clients that get a 304 keep the dates of the page that they have.
        if !self.is_not_modified
            && last_modified + DATE_DELAY > date
            && let Some(text) = text()
        {
            headers.insert(header::DATE, text);
        }
    }

    /// For the fast path, which writes it to the socket.
    pub fn send(&self, send: &mut dyn FnMut(WireResponse<'_>)) {
        // A copy of the page: only for sites behind shared caches, and only shortly before the page changes by itself.
        let changed = self
            .cache_control
            .as_ref()
            .and_then(|value| self.variant.with_cache_control(value));
        send(self.wire(changed.as_ref().unwrap_or(self.variant)));
    }

    /// As [`send`](Self::send), with the `Cache-Control` of the page itself.
    pub fn to_wire(&self) -> WireResponse<'_> {
        self.wire(self.variant)
    }

    fn wire<'v>(&self, variant: &'v Variant) -> WireResponse<'v> {
        let head_and_body = match (self.is_not_modified, self.is_head) {
            (true, _) => &variant.buffer[variant.other_lines..variant.body],
            (false, true) => &variant.buffer[..variant.body],
            (false, false) => &variant.buffer[..],
        };
        WireResponse {
            status: self.status(),
            head_and_body,
            buffer: &variant.buffer,
        }
    }
}

/// Whether bodies of this type are text, which compresses well.
fn is_text(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || ["javascript", "json", "xml"]
            .iter()
            .any(|ending| essence.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn status(response: &CachedResponse, headers: &[(&str, &str)]) -> u16 {
        let mut request = TestRequest::get();
        for header in headers {
            request = request.insert_header(*header);
        }
        let request = request.to_http_request();
        response
            .select(RequestConditions::new(request.head()))
            .status()
            .as_u16()
    }

    #[test]
    fn a_client_that_has_the_page_gets_304() {
        let noon = "2026-01-01T12:00:00Z".parse().unwrap();
        let response = CachedResponse::new("a page", Vec::new()).with_last_modified(Some(noon));
        let etag = response.variants[0].etag.to_str().unwrap().to_owned();
        for (known, expected) in [
            (etag.clone(), 304),
            (format!("\"other\", {etag}"), 304),
            (format!("W/{etag}"), 304),
            ("*".to_owned(), 304),
            ("\"other\"".to_owned(), 200),
            (etag.trim_matches('"').to_owned(), 200),
        ] {
            assert_eq!(status(&response, &[("if-none-match", &known)]), expected);
        }
        let since = "Thu, 01 Jan 2026 12:00:00 GMT";
        let before = "Thu, 01 Jan 2026 11:59:59 GMT";
        assert_eq!(status(&response, &[("if-modified-since", since)]), 304);
        assert_eq!(status(&response, &[("if-modified-since", before)]), 200);
        assert_eq!(
            status(&response, &[("if-modified-since", "yesterday")]),
            200
        );
        // The entity tag takes precedence over the date.
        let both = [("if-modified-since", since), ("if-none-match", "\"other\"")];
        assert_eq!(status(&response, &both), 200);
    }

    #[test]
    fn last_modified_is_never_later_than_the_date() {
        let noon: DateTime<Utc> = "2026-01-01T12:00:00Z".parse().unwrap();
        let response = CachedResponse::new("a page", Vec::new()).with_last_modified(Some(noon));
        let request = TestRequest::get().to_http_request();
        let page = |date| {
            let conditions = RequestConditions::new(request.head());
            response.select(conditions).to_http_at(date)
        };
        let text = |response: &HttpResponse, name| {
            let value: Option<&HeaderValue> = response.headers().get(name);
            value.map(|value| value.to_str().unwrap().to_owned())
        };
        let at_noon = "Thu, 01 Jan 2026 12:00:00 GMT";
        let now = page(noon);
        assert_eq!(text(&now, header::DATE).as_deref(), Some(at_noon));
        assert_eq!(text(&now, header::LAST_MODIFIED).as_deref(), Some(at_noon));
        let set_back = page(noon - TimeDelta::hours(3));
        let earlier = "Thu, 01 Jan 2026 09:00:00 GMT";
        assert_eq!(text(&set_back, header::DATE).as_deref(), Some(earlier));
        assert_eq!(
            text(&set_back, header::LAST_MODIFIED).as_deref(),
            Some(earlier)
        );
        let later = page(noon + TimeDelta::hours(1));
        assert_eq!(text(&later, header::DATE), None, "actix-http adds it");
        assert_eq!(
            text(&later, header::LAST_MODIFIED).as_deref(),
            Some(at_noon)
        );
    }

    #[test]
    fn another_cache_control_changes_nothing_else() {
        let line = |value| vec![(header::CACHE_CONTROL, HeaderValue::from_static(value))];
        let mut headers = line("s-maxage=600");
        headers.push((header::CONTENT_TYPE, HeaderValue::from_static("text/html")));
        let response = CachedResponse::new("cache-control: no", headers);
        for (method, known, expected) in [
            (Method::GET, "\"x\"", 200),
            (Method::HEAD, "\"x\"", 200),
            (Method::GET, "*", 304),
        ] {
            let request = TestRequest::with_uri("/")
                .method(method)
                .insert_header(("if-none-match", known))
                .to_http_request();
            let select = || response.select(RequestConditions::new(request.head()));
            let wire = |selected: SelectedResponse<'_>| {
                let mut sent = String::new();
                selected.send(&mut |wire| {
                    assert_eq!(wire.status.as_u16(), expected);
                    sent = String::from_utf8(wire.head_and_body.to_vec()).unwrap();
                });
                sent
            };
            let value = HeaderValue::from_static("s-maxage=7, public");
            let changed = wire(select().with_cache_control(Some(value.clone())));
            let plain = wire(select());
            assert!(plain.contains("cache-control: s-maxage=600\r\n"), "{plain}");
            assert_eq!(changed, plain.replace("s-maxage=600", "s-maxage=7, public"));
            let http = select().with_cache_control(Some(value)).to_http();
            let sent: Vec<_> = http.headers().get_all(header::CACHE_CONTROL).collect();
            assert_eq!(sent, ["s-maxage=7, public"]);
        }
    }

    #[test]
    fn every_variant_has_its_own_entity_tag() {
        let page = "word ".repeat(1_000);
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        let response = CachedResponse::new(page, vec![(header::CONTENT_TYPE, html)])
            .with_encoding(Encoding::Gzip, Effort::Fast)
            .and_then(|response| response.with_encoding(Encoding::Brotli, Effort::Best))
            .unwrap();
        let tags: std::collections::HashSet<_> = response
            .variants
            .iter()
            .map(|variant| variant.etag.clone())
            .collect();
        assert_eq!(tags.len(), 3);
        let better = response
            .with_encoding(Encoding::Gzip, Effort::Best)
            .unwrap();
        assert_eq!(better.variants.len(), 3, "the fast variant is replaced");
        assert_eq!(better.missing_encoding(Accepted::parse("gzip")), None);
        assert_eq!(
            response.missing_encoding(Accepted::parse("gzip")),
            Some(Encoding::Gzip)
        );
        let again = better.with_encoding(Encoding::Gzip, Effort::Fast).unwrap();
        assert_eq!(
            again.missing_encoding(Accepted::parse("gzip")),
            None,
            "a fast variant does not replace a better one"
        );
    }
}
