//! All responses: security headers, assets, methods, hosts, health and metrics.

use std::{
    io::{Read, Write},
    time::Duration,
};

use crate::{
    on_both_engines,
    support::{app::TestApp, connect_with_small_buffer},
};

on_both_engines! {
    fn every_response_has_each_security_header_once(app: &TestApp) {
        app.section("news", "News");
        let css = app.get("/").attributes("link[rel=stylesheet]", "href").remove(0);
        let answers = [
            ("/", 200), (css.as_str(), 200), ("/nothing", 404), ("/News", 301), ("/healthz", 200),
            ("/latest?page=0", 404), ("/media/x.jpg", 404), ("/assets/nothing.css", 404),
        ];
        for (path, status) in answers {
            let page = app.get(path);
            assert_eq!(page.status, status, "{path}");
            for (name, value) in [
                ("content-security-policy", "default-src 'none'; script-src 'self'; style-src 'self'"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "strict-origin-when-cross-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("cross-origin-embedder-policy", "require-corp"),
                ("cross-origin-resource-policy", "same-origin"),
                ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
            ] {
                assert_eq!(page.header_count(name), 1, "{path}: {name}");
                assert!(page.header(name).unwrap().starts_with(value), "{path}: {name}");
            }
            assert_eq!(page.header("strict-transport-security"), None);
            assert_eq!(page.header("set-cookie"), None, "public pages set no cookie");
        }
        assert_eq!(app.post("/").status, 405);
        assert_eq!(app.post("/").header("allow"), Some("GET, HEAD"));
        assert_eq!(app.post("/").header_count("content-security-policy"), 1);
    }

    fn health_endpoints_answer(app: &TestApp) {
        assert_eq!(app.get("/healthz").body, "alive\n");
        assert_eq!(app.get("/readyz").body, "ready\n");
    }

    fn head_requests_get_no_body(app: &TestApp) {
        let page = app.head("/");
        assert_eq!((page.status, page.body.as_str()), (200, ""));
    }

    fn no_page_has_inline_styles_or_scripts(app: &TestApp) {
        crate::demo::publish(app);
        let article = app.get("/").attributes(".front-lead .card-headline a", "href").remove(0);
        for path in ["/", &article, "/authors", "/nothing"] {
            let page = app.get(path);
            assert_eq!(page.attributes("[style]", "style").len(), 0, "{path}");
            assert_eq!(page.texts("style").len(), 0, "{path}");
            assert_eq!(page.texts("script:not([src]):not([type='application/ld+json'])").len(), 0);
        }
    }

    fn pictures_are_immutable(app: &TestApp) {
        crate::demo::publish(app);
        let picture = app.get("/").attributes(".front-lead img", "src").remove(0);
        let page = app.get(&picture);
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), Some("image/jpeg"));
        assert_eq!(page.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert_eq!(page.header("cross-origin-resource-policy"), Some("cross-origin"));
    }
}

#[test]
fn assets_are_named_by_content_hash_and_immutable() {
    let app = TestApp::on_sqlite();
    let page = app.get("/");
    for url in page.attributes(
        "link[rel=stylesheet], link[rel=preload], link[rel=icon]",
        "href",
    ) {
        let asset = app.get(&url);
        assert_eq!(asset.status, 200, "{url}");
        assert_eq!(
            asset.header("cache-control"),
            Some("public, max-age=31536000, immutable")
        );
        assert_eq!(
            app.status(&url.replacen('.', ".0", 1)),
            404,
            "an unknown hash: {url}"
        );
    }
    let css = app.get(&page.attributes("link[rel=stylesheet]", "href")[0]);
    let fonts: Vec<&str> = css
        .body
        .split("url(\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert_eq!(fonts.len(), 5);
    for font in fonts {
        assert_eq!(
            app.get(font).header("content-type"),
            Some("font/woff2"),
            "{font}"
        );
    }
}

#[test]
fn https_sites_send_strict_transport_security() {
    let app = TestApp::with_settings(&[("base_url", "https://courier.example")]);
    let page = app.get("/");
    assert_eq!(
        page.header("strict-transport-security"),
        Some("max-age=63072000; includeSubDomains")
    );
    assert_eq!(
        page.attributes("link[rel=canonical]", "href"),
        ["https://courier.example/"]
    );
}

#[test]
fn responses_have_a_unique_request_id() {
    let app = TestApp::on_sqlite();
    // Cached pages are not logged and have no id.
    let (first, second) = (app.get("/search"), app.get("/nowhere"));
    assert_eq!(first.header("x-request-id").map(str::len), Some(16));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[test]
fn metrics_are_available_only_on_the_operations_address() {
    let app = TestApp::with_settings(&[("ops_bind", "127.0.0.1:0")]);
    let news = app.section("news", "News");
    let path = app.path(app.story(news, "Bridge opens", 1));
    for _ in 0..3 {
        app.get(&path);
    }
    let tag = app.get(&path).header("etag").unwrap().to_owned();
    app.get_with(&path, &[("if-none-match", &tag)]);
    app.get_with(&path, &[("user-agent", "Googlebot/2.1")]);
    app.get("/nowhere");
    app.get("/feed.xml");
    let metrics = app.get_ops("/metrics").body;
    for line in [
        "dateline_requests_total{kind=\"article\",status=\"200\"} 5",
        "dateline_requests_total{kind=\"article\",status=\"304\"} 1",
        "dateline_requests_total{kind=\"page\",status=\"404\"} 1",
        "dateline_requests_total{kind=\"feed\",status=\"200\"} 1",
        "dateline_request_seconds_count{kind=\"article\"} 1",
        "# TYPE dateline_pages_from_memory_total counter",
        "dateline_pages_from_memory_total 5",
        "dateline_views_counted_total 1",
        "dateline_views_not_counted_total 5",
        "dateline_program_requests_total{kind=\"crawler\"} 1",
        "dateline_program_requests_total{kind=\"feed_reader\"} 0",
        "dateline_job_runs_total{job=\"watch_version\",result=\"done\"} ",
        "dateline_job_done_timestamp_seconds{job=\"watch_version\"} ",
        "dateline_sessions 0",
        "dateline_up 1",
        "# TYPE dateline_malformed_requests_total counter",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    assert_eq!(app.get_ops("/healthz").status, 200);
    assert_eq!(app.get_ops("/").status, 404, "no other path exists there");
    assert_eq!(app.status("/metrics"), 404);
}

#[test]
fn overlong_addresses_are_refused_but_long_searches_are_not() {
    let app = TestApp::on_sqlite();
    let long = app.get(&format!("/{}", "a".repeat(10_000)));
    assert_eq!(long.status, 414);
    assert!(long.body.contains("too long"));
    assert_eq!(app.get(&format!("/?x={}", "a".repeat(50_000))).status, 414);
    let search = format!("/search?q={}", "%D0%B6".repeat(5_000));
    assert_eq!(app.get(&search).status, 200);
}

#[test]
fn requests_for_other_hosts_are_refused() {
    let app = TestApp::with_settings(&[("base_url", "https://courier.example")]);
    let host = |host: &str| app.get_with("/", &[("host", host)]).status;
    for _ in 0..2 {
        // The second time the page would come from the cache.
        assert_eq!(host("courier.example"), 200);
        assert_eq!(host("Courier.Example:443"), 200);
        assert_eq!(host("courier.example."), 200);
        assert_eq!(host("courier.example.:443"), 200);
        for other in [
            "evil.example",
            "courier.example.evil.example",
            "",
            "127.0.0.1",
            "courier.example:8443",
            "courier.example..",
            ".",
        ] {
            assert_eq!(host(other), 400, "{other:?}");
        }
    }
    let page = app.get_with("/admin/login", &[("host", "evil.example")]);
    assert_eq!(page.status, 400);
    assert_eq!(page.header_count("content-security-policy"), 1);
    assert_eq!(
        app.get_with("/healthz", &[("host", "10.0.0.7")]).status,
        200
    );
}

/// Reads a page of 210 KB at 40 KB/s over a receive buffer of a few kilobytes.
fn read_a_long_page_slowly(fast_path: &str) {
    let app = TestApp::with_fast_path(fast_path);
    let paragraph = "<p>The council voted on the bridge over the estuary late on Tuesday.</p>";
    app.standing_page("Long read", &paragraph.repeat(2_900), "/long-read");
    let expected = app.get("/long-read").body;
    assert!(expected.len() > 200_000);
    let mut stream = connect_with_small_buffer(app.address);
    // The first request on a connection passes through.
    for path in ["/healthz", "/long-read"] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", app.address);
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        let length = head
            .split("\r\n")
            .find_map(|line| line.strip_prefix("content-length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        for part in body.chunks_mut(1_000) {
            stream.read_exact(part).unwrap();
            std::thread::sleep(Duration::from_millis(25));
        }
        if path == "/long-read" {
            let is_from_fast_path = head.lines().nth(1).unwrap().starts_with("date: ");
            assert_eq!(is_from_fast_path, fast_path == "on", "{head}");
            assert!(body == expected.as_bytes());
        }
    }
}

#[test]
fn a_slow_client_receives_all_of_a_long_page_on_the_fast_path() {
    read_a_long_page_slowly("on");
}

#[test]
fn a_slow_client_receives_all_of_a_long_page_without_fast_path() {
    read_a_long_page_slowly("off");
}

#[test]
fn one_byte_range_of_a_picture_can_be_requested() {
    let app = TestApp::on_sqlite();
    let name = format!("{}.jpg", "ab".repeat(16));
    let file = app.app.media.path(&name);
    let content: Vec<u8> = (0..300_000_u32).map(|place| (place % 251) as u8).collect();
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, &content).unwrap();
    let path = format!("/media/{name}");
    let whole = app.get(&path);
    assert_eq!(whole.status, 200);
    assert!(whole.bytes == content);
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    assert_eq!(whole.header("content-length"), Some("300000"));
    let tag = whole.header("etag").unwrap().to_owned();
    for (range, expected) in [
        ("bytes=0-0", 0..1),
        ("bytes=100-199", 100..200),
        ("bytes=250000-", 250_000..300_000),
        ("bytes=100000-299999", 100_000..300_000),
        ("bytes=299999-900000", 299_999..300_000),
        ("bytes=-10", 299_990..300_000),
        ("bytes=-900000", 0..300_000),
    ] {
        let page = app.get_with(&path, &[("range", range), ("if-range", tag.as_str())]);
        assert_eq!(page.status, 206, "{range}");
        assert!(page.bytes == content[expected.clone()], "{range}");
        let place = format!("bytes {}-{}/300000", expected.start, expected.end - 1);
        assert_eq!(page.header("content-range"), Some(place.as_str()));
        assert_eq!(page.header("etag"), Some(tag.as_str()));
        assert_eq!(page.header("content-type"), Some("image/jpeg"));
    }
    for range in ["bytes=300000-", "bytes=-0"] {
        let page = app.get_with(&path, &[("range", range)]);
        assert_eq!(page.status, 416, "{range}");
        assert_eq!(page.header("content-range"), Some("bytes */300000"));
    }
    for headers in [
        [("range", "bytes=0-1,5-6"), ("accept", "*/*")],
        [("range", "lines=0-1"), ("accept", "*/*")],
        [("range", "bytes=x"), ("accept", "*/*")],
        [("range", "bytes=0-1"), ("if-range", "\"other\"")],
        [
            ("range", "bytes=0-1"),
            ("if-range", "Thu, 01 Jan 2026 12:00:00 GMT"),
        ],
    ] {
        let page = app.get_with(&path, &headers);
        assert_eq!(page.status, 200, "{headers:?}");
        assert!(page.bytes == content, "{headers:?}");
    }
    let known = [("range", "bytes=0-1"), ("if-none-match", tag.as_str())];
    assert_eq!(app.get_with(&path, &known).status, 304);
    let other = [("range", "bytes=0-1"), ("if-none-match", "\"other\"")];
    assert!(app.get_with(&path, &other).bytes == content[..2]);
    let head = app.head(&path);
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    assert_eq!(head.header("content-length"), Some("300000"));
    let missing = app.get(&format!("/media/{}.jpg", "cd".repeat(16)));
    assert_eq!(missing.status, 404);
    assert_eq!(missing.header("cache-control"), Some("no-store"));
}
