//! For the same bytes on the wire, the fast path and plain actix-http send the same responses.

mod harness;

const GET: &str = "GET /cached HTTP/1.1\r\nhost: a\r\n\r\n";

/// Inputs that must be served from the cache, with the number of responses that come from there.
const HITS: &[(&str, u32)] = &[
    (GET, 1),
    ("\r\nGET /cached HTTP/1.1\r\nhost: a\r\n\r\n", 1),
    ("GET /cached HTTP/1.1\nhost: a\n\n", 1),
    ("GET /cached HTTP/1.1\r\nhost:\r\n\r\n", 1),
    ("GET /cached?a=1&b=%3C HTTP/1.1\r\nhost: a\r\n\r\n", 1),
    ("GET /cached?a=%zz HTTP/1.1\r\nhost: a\r\n\r\n", 1),
    ("HEAD /cached HTTP/1.1\r\nhost: a\r\n\r\n", 1),
    (
        "GET /cached HTTP/1.1\r\nhost: a\r\nif-none-match: \"tag\"\r\n\r\n",
        1,
    ),
    (
        "HEAD /cached HTTP/1.1\r\nhost: a\r\nIf-None-Match: \"tag\"\r\n\r\n",
        1,
    ),
    (
        "GET /cached HTTP/1.1\r\nhost: a\r\nconnection: Keep-Alive\r\n\r\n",
        1,
    ),
    (
        "GET /cached HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 1\r\nx-forwarded-for: 2\r\n\r\n",
        1,
    ),
    (
        "GET /cached HTTP/1.1\r\nhost: a\r\nuser-agent: \u{e4}\r\ncookie:\r\n\r\n",
        1,
    ),
    (
        "GET /cached/large HTTP/1.1\r\nhost: a\r\n\r\n\0GET /cached HTTP/1.1\r\nhost: a\r\n\r\n",
        2,
    ),
    (
        "GET /cached HTTP/1.1\r\nhost: a\r\n\r\n\0GET /other HTTP/1.1\r\nhost: a\r\n\r\n\0GET /cached HTTP/1.1\r\nhost: a\r\n\r\n",
        2,
    ),
    (
        "GET /stream HTTP/1.1\r\nhost: a\r\n\r\n\0HEAD /cached HTTP/1.1\r\nhost: a\r\n\r\n",
        1,
    ),
    (
        "GET /cached HTTP/1.1\r\nhost: a\r\n\r\n\0GET /cached HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
        1,
    ),
    (
        "GET /cached HTTP/1.1\r\nhost: a\r\n\r\n\0GET /cached HTTP/1.1\r\nhost",
        1,
    ),
    (
        "GET /cached HTTP/1.1\r\nhost: a\r\n\r\n\0nonsense\r\n\r\n",
        1,
    ),
];

/// Inputs that must pass through.
const PASSED: &[&str] = &[
    "",
    "\r\n\r\n",
    "GET /cached HTTP/1.1\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\nHost: a\r\n\r\n",
    "GET /cached HTTP/1.1\r\nho\0st: a\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\n\r\nGET /cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\n\r\nGET /cached HT\0TP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached HTTP/1.0\r\nhost: a\r\n\r\n",
    "GET /cached HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\nconnection: keep-alive, close\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
    "GET /cached HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\n\0abc",
    "GET /cached HTTP/1.1\r\nhost: a\r\ncontent-length: +3\r\n\r\nabc",
    "GET /cached HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nabc",
    "GET /cached HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\ntransfer-encoding: identity\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\nupgrade: h2c\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost : a\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n",
    "GET /cached HTTP/1.1\r\n: a\r\n\r\n",
    "GET /cached?<b> HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached?\\ HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached?`^ HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached?\u{e4} HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached?a#b HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET http://a/cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET //a/cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET  /cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached  HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached HTTP/1.2\r\nhost: a\r\n\r\n",
    "GET /cached HTTP/2.0\r\nhost: a\r\n\r\n",
    "GET /cached\r\n\r\n",
    "get /cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
    "CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "POST /cached HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
    "POST /cached HTTP/1.1\r\nhost: a\r\ncontent-length: 31\r\n\r\nGET /cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "POST /other HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\n\0GET /cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "POST /other HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n\0GET /cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /stream HTTP/1.1\r\nhost: a\r\n\r\nGET /cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "HEAD /other HTTP/1.1\r\nhost: a\r\n\r\n",
];

/// Stream buffers of a few bytes, of less than a response, and of more than any exchange.
const CAPACITIES: [usize; 3] = [7, 1_000, 1 << 20];

/// Returns how many responses came from the cache.
fn compare(input: &str, capacity: usize) -> u32 {
    let (plain, fast, hits) = harness::compare(input.as_bytes(), capacity);
    assert!(
        plain == fast,
        "{:?}… with buffers of {capacity} bytes\nplain: {plain:?}\nfast path: {fast:?}",
        input.chars().take(300).collect::<String>(),
    );
    hits
}

#[test]
fn responses_from_the_cache_equal_those_of_actix() {
    for (input, expected) in HITS {
        let hits = CAPACITIES.map(|capacity| compare(input, capacity));
        // With small buffers, a request arrives in several reads, and passes through.
        assert_eq!(hits[1..], [*expected; 2], "{input:?}");
    }
}

#[test]
fn everything_but_simple_requests_passes_through_unchanged() {
    for input in PASSED {
        let hits = CAPACITIES.map(|capacity| compare(input, capacity));
        assert_eq!(hits, [0; 3], "{input:?}");
    }
}

#[test]
fn requests_of_any_length_get_the_same_response() {
    for length in [1_000, 8_150, 8_160, 8_192, 10_000, 70_000, 200_000] {
        let value = "v".repeat(length);
        for capacity in [1_000, 1 << 20] {
            compare(
                &format!("GET /cached?{value} HTTP/1.1\r\nhost: a\r\n\r\n"),
                capacity,
            );
            compare(
                &format!("GET /cached HTTP/1.1\r\nhost: {value}\r\n\r\n"),
                capacity,
            );
        }
    }
    for headers in [30, 31, 32, 95, 96] {
        let lines = "a: b\r\n".repeat(headers);
        compare(
            &format!("GET /cached HTTP/1.1\r\nhost: a\r\n{lines}\r\n"),
            1 << 20,
        );
    }
}

#[test]
fn requests_split_or_mutated_at_any_byte_get_the_same_response() {
    let request = "GET /cached?a=1 HTTP/1.1\r\nhost: a\r\nconnection: keep-alive\r\n\r\n";
    for place in 0..request.len() {
        let (first, last) = request.split_at(place);
        compare(&format!("{first}\0{last}\0{GET}"), 1 << 20);
        for byte in ["\r", "\n", " ", ":", "\u{7f}", "x", "<"] {
            compare(&format!("{first}{byte}{}\0{GET}", &last[1..]), 1 << 20);
        }
        compare(&format!("{first}{}\0{GET}", &last[1..]), 1 << 20);
    }
}

/// Requests that keep the connection open, close it, or have a body.
const PIPELINED: &[&str] = &[
    GET,
    "HEAD /cached HTTP/1.1\r\nhost: a\r\n\r\n",
    "HEAD /other HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /stream HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached/large HTTP/1.1\r\nhost: a\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\nif-none-match: \"tag\"\r\n\r\n",
    "GET /other HTTP/1.0\r\nhost: a\r\nconnection: keep-alive\r\n\r\n",
    "GET /other HTTP/1.0\r\nhost: a\r\n\r\n",
    "GET /other HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    "POST /other HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\n\r\nabcde",
    "POST /other HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "GET /cached HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc",
];

fn assert_pipelined(requests: &[&str], capacity: usize) {
    let separate: Vec<&[u8]> = [GET]
        .iter()
        .chain(requests)
        .map(|request| request.as_bytes())
        .collect();
    let pipelined = separate[1..].concat();
    let together = [separate[0], &pipelined];
    let plain = |writes: &[&[u8]]| harness::plain(writes, capacity).writes.concat();
    let fast = |writes: &[&[u8]]| harness::fast(writes, capacity).0.writes.concat();
    let (plain, expected) = (plain(&together), plain(&separate));
    let (fast, fast_expected) = (fast(&together), fast(&separate));
    for (name, sent, expected) in [
        ("plain", &plain, &expected),
        ("fast path", &fast, &fast_expected),
        ("both", &plain, &fast),
    ] {
        assert!(
            sent == expected,
            "{name}, {requests:?}, {capacity}:\n{}\ninstead of\n{}",
            sent.escape_ascii(),
            expected.escape_ascii()
        );
    }
}

#[test]
fn pipelined_requests_get_the_responses_of_separate_ones() {
    for first in PIPELINED {
        for second in PIPELINED {
            assert_pipelined(&[first, second, GET], 1 << 20);
        }
        assert_pipelined(
            &[GET, first, "HEAD /other HTTP/1.1\r\nhost: a\r\n\r\n", first],
            7,
        );
        assert_pipelined(&[*first; 20], 1_000);
    }
}

#[test]
fn requests_with_an_invalid_or_ambiguous_body_get_one_400() {
    for request in [
        "GET /cached HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc",
        "HEAD /cached HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
        "GET /cached HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n3\r\nab\r\n0\r\n\r\n",
        "POST /other HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\ncontent-length: 3\r\n\r\n0\r\n\r\n",
        "POST /other HTTP/1.0\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ] {
        for capacity in CAPACITIES {
            let input = format!("{request}{GET}");
            let (plain, fast, _) = harness::compare(input.as_bytes(), capacity);
            for transcript in [&plain, &fast] {
                assert!(
                    transcript.writes[1].starts_with(b"HTTP/1.1 400 "),
                    "{request:?} {transcript:?}"
                );
                let responses = transcript.writes[1..].concat();
                let count = responses
                    .windows(7)
                    .filter(|part| part == b"HTTP/1.")
                    .count();
                assert_eq!(
                    (count, transcript.closed_after),
                    (1, Some(1)),
                    "{request:?} {transcript:?}"
                );
            }
        }
    }
}

#[test]
fn a_tab_before_the_transfer_coding_counts_as_a_space() {
    let request = "POST /other HTTP/1.1\r\nhost: a\r\ntransfer-encoding:\tchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let spaced = request.replace('\t', " ");
    for capacity in CAPACITIES {
        let (plain, fast, _) = harness::compare(request.as_bytes(), capacity);
        let (expected, ..) = harness::compare(spaced.as_bytes(), capacity);
        assert!(
            plain == expected && fast == expected,
            "{plain:?} {fast:?} {expected:?}"
        );
    }
}
