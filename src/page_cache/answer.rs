//! An answer that is ready to be sent: bodies, entity tags and headers made once.

use std::{hash::Hasher, io};

use actix_web::{
    HttpResponse,
    dev::RequestHead,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    web::Bytes,
};
use chrono::{DateTime, SubsecRound, Utc};
use siphasher::sip128::{Hasher128, SipHasher24};

use super::{
    Accepted,
    encoding::{Effort, Encoding},
};

/// Bodies smaller than this many bytes gain nothing from being compressed.
const WORTH_COMPRESSING: usize = 512;

/// What a request says of what its sender has already, and takes.
#[derive(Clone, Copy)]
pub struct Asked<'r> {
    method: &'r Method,
    headers: &'r HeaderMap,
    /// The encodings that the reader takes.
    pub accepted: Accepted,
}

impl<'r> Asked<'r> {
    pub fn new(head: &'r RequestHead) -> Self {
        Self {
            method: &head.method,
            headers: head.headers(),
            accepted: text(head.headers(), &header::ACCEPT_ENCODING)
                .map(Accepted::parse)
                .unwrap_or_default(),
        }
    }

    /// Whether the sender has this version already (RFC 9110, section 13.1). A browser's tag decides
    /// over its date.
    fn has(self, etag: &HeaderValue, last_modified: Option<&DateTime<Utc>>) -> bool {
        if !matches!(*self.method, Method::GET | Method::HEAD) {
            return false;
        }
        if let Some(known) = self.headers.get(&header::IF_NONE_MATCH) {
            return known == etag
                || known.to_str().is_ok_and(|known| {
                    let strong = |tag: &'_ str| tag.trim().trim_start_matches("W/") == etag;
                    known.trim() == "*" || known.split(',').any(strong)
                });
        }
        let since = text(self.headers, &header::IF_MODIFIED_SINCE)
            .and_then(|date| DateTime::parse_from_rfc2822(date).ok());
        match (since, last_modified) {
            (Some(since), Some(modified)) => *modified <= since,
            _ => false,
        }
    }
}

fn text<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Option<&'r str> {
    headers.get(name)?.to_str().ok()
}

/// One body among those of an answer.
#[derive(Clone)]
struct Variant {
    encoding: Encoding,
    effort: Effort,
    body: Bytes,
    etag: HeaderValue,
}

/// An answer with status 200, in every encoding that was made so far.
#[derive(Clone)]
pub struct Answer {
    hash: String,
    /// Whether compressing the body is worth anybody's time.
    compresses: bool,
    /// All but what depends on the encoding.
    headers: Vec<(HeaderName, HeaderValue)>,
    last_modified: Option<(DateTime<Utc>, HeaderValue)>,
    /// The plain one first, then in no order.
    variants: Vec<Variant>,
}

impl Answer {
    /// An answer with a plain body. `headers` are sent as they are, with 304 too.
    pub fn new(body: impl Into<Bytes>, headers: Vec<(HeaderName, HeaderValue)>) -> Self {
        let body = body.into();
        let mut hasher = SipHasher24::new();
        hasher.write(&body);
        // What the headers say belongs to what the reader has, too.
        for (name, value) in &headers {
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
            last_modified: None,
            variants: Vec::with_capacity(1),
        };
        answer.add(Encoding::Plain, Effort::Quick, body);
        answer
    }

    /// Says since when the answer is what it is. `None` leaves readers to the entity tag alone.
    pub fn since(mut self, time: Option<DateTime<Utc>>) -> Self {
        self.last_modified = time.and_then(|time| {
            let time = time.trunc_subsecs(0);
            let text = time.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
            Some((time, HeaderValue::from_str(&text).ok()?))
        });
        self
    }

    /// Since when it is what it is.
    pub fn modified(&self) -> Option<DateTime<Utc>> {
        self.last_modified.as_ref().map(|(time, _)| *time)
    }

    /// Whether both say the same.
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.hash == other.hash
    }

    /// How many bytes it keeps in memory, about.
    pub fn weight(&self) -> usize {
        let bodies: usize = self.variants.iter().map(|variant| variant.body.len()).sum();
        bodies + 1_024
    }

    /// What the program that asked is best served with and is not there yet.
    pub fn missing(&self, accepted: Accepted) -> Option<Encoding> {
        let best = accepted.smallest();
        let is_there = best == Encoding::Plain
            || !self.compresses
            || self
                .variants
                .iter()
                .any(|variant| variant.encoding == best && variant.effort == Effort::Strong);
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
            let body = encoding.encode(&self.variants[0].body, effort)?;
            answer
                .variants
                .retain(|variant| variant.encoding != encoding);
            // A copy: what it was written into is larger than it is.
            answer.add(encoding, effort, Bytes::copy_from_slice(&body));
        }
        Ok(answer)
    }

    fn add(&mut self, encoding: Encoding, effort: Effort, body: Bytes) {
        // A strong tag stands for these very bytes (RFC 9110, section 8.8.1): the two efforts make
        // different ones.
        let kind = match (encoding.name(), effort) {
            (None, _) => String::new(),
            (Some(name), Effort::Strong) => format!("-{name}"),
            (Some(name), Effort::Quick) => format!("-{name}-quick"),
        };
        if let Ok(etag) = HeaderValue::from_str(&format!("\"{}{kind}\"", self.hash)) {
            self.variants.push(Variant {
                encoding,
                effort,
                body,
                etag,
            });
        }
    }

    /// The answer to a request: 304 if its sender has it, otherwise the smallest body that they take.
    pub fn to(&self, asked: Asked<'_>) -> HttpResponse {
        let variant = self
            .variants
            .iter()
            .filter(|variant| asked.accepted.takes(variant.encoding))
            .min_by_key(|variant| variant.body.len())
            .unwrap_or(&self.variants[0]);
        let modified = self.last_modified.as_ref().map(|(time, _)| time);
        let mut response = if asked.has(&variant.etag, modified) {
            HttpResponse::new(StatusCode::NOT_MODIFIED)
        } else {
            HttpResponse::with_body(StatusCode::OK, variant.body.clone()).map_into_boxed_body()
        };
        let headers = response.headers_mut();
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        headers.insert(header::ETAG, variant.etag.clone());
        headers.insert(
            header::VARY,
            const { HeaderValue::from_static("accept-encoding") },
        );
        if let Some((_, text)) = &self.last_modified {
            headers.insert(header::LAST_MODIFIED, text.clone());
        }
        if let Some(name) = variant.encoding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }
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
        let asked = Asked::new(request.head());
        answer.to(asked).status().as_u16()
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
