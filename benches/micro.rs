//! Micro-benchmarks of the steps of a request: `cargo bench`.

use std::{hint::black_box, net::IpAddr, sync::Arc, time::Duration};

use actix_web::test::TestRequest;
use chrono::Utc;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use dateline::{
    app::App,
    config::Sources,
    db::Db,
    generate,
    http_cache::{Accepted, CachedResponse, Effort, Encoding, RequestConditions},
    reader,
    text::SanitizedHtml,
    view_counter::{Person, Reader, ViewCounter},
};
use fast_path::SimpleRequest;

/// The HTML of an article's body.
fn body() -> String {
    let paragraph = "<p>The council <strong>voted</strong> on the <a href=\"/news/bridge\">bridge over \
         the estuary</a> late on Tuesday, and said that work would begin in the spring.</p>";
    let mut html = String::new();
    for section in 0..6 {
        html += &format!("<h2>Part {section}</h2>");
        html += &paragraph.repeat(5);
        html += "<blockquote><p>We have waited long enough.</p></blockquote>";
    }
    html
}

/// An article's page with all its queries, in an archive of 1,000 articles.
fn rendering(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut sources = Sources::default();
    sources
        .flag("data_dir", Some(folder.path().display().to_string()))
        .expect("a folder is a setting");
    let config = sources.finish().expect("the defaults work");
    let db = Db::open_to_fill(&config.database_url).expect("a new database");
    generate::archive(&db, 1_000, 1, Utc::now(), &mut |_| {}).expect("an archive");
    drop(db);
    let app = Arc::new(App::open(config, "http://localhost").expect("an application"));
    let system = actix_web::rt::System::new();
    let mut group = c.benchmark_group("rendering");
    let mut id = 0;
    group.bench_function("an article with its queries", |b| {
        b.iter(|| {
            id = id % 900 + 1;
            let (worker, id) = (app.clone(), id);
            let page = app
                .db
                .read(move |conn| reader::preview::render(conn, &worker, id));
            system.block_on(page).expect("a page").html.len()
        });
    });
    group.finish();
}

fn sanitising(c: &mut Criterion) {
    let html = body();
    let mut group = c.benchmark_group("sanitising");
    group.throughput(Throughput::Bytes(html.len() as u64));
    group.bench_function("a body", |b| {
        b.iter(|| SanitizedHtml::new(black_box(&html)))
    });
    group.finish();
}

fn counting(c: &mut Criterion) {
    let counter = ViewCounter::default();
    let now = Utc::now();
    let reader = |number: u32| Reader {
        address: IpAddr::from(number.to_be_bytes()),
        user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    };
    let browser_signals = || Some(Person { referrer: None });
    let mut group = c.benchmark_group("counting a view");
    let mut number = 0;
    group.bench_function("of a new reader", |b| {
        b.iter(|| {
            number = (number + 1) % 100_000;
            counter.count(1, &reader(number), now, browser_signals);
        });
    });
    group.bench_function("of a reload", |b| {
        b.iter(|| counter.count(1, &reader(7), now, browser_signals));
    });
    group.finish();
}

fn responding(c: &mut Criterion) {
    let page = format!("<!doctype html><title>A page</title>{}", body());
    let html = actix_web::http::header::HeaderValue::from_static("text/html; charset=utf-8");
    let cached = CachedResponse::new(
        page.clone(),
        vec![(actix_web::http::header::CONTENT_TYPE, html)],
    );
    let request = TestRequest::get()
        .insert_header(("accept-encoding", "gzip, deflate, br, zstd"))
        .to_http_request();
    let mut group = c.benchmark_group("responding");
    group.bench_function("from the cache", |b| {
        b.iter(|| {
            cached
                .select(RequestConditions::new(request.head()))
                .to_http()
        });
    });
    let text = b"GET / HTTP/1.1\r\nhost: a\r\naccept-encoding: gzip, deflate, br, zstd\r\n\r\n";
    group.bench_function("from the cache, on the fast path", |b| {
        b.iter(|| {
            let request = SimpleRequest::parse(black_box(text), None)?;
            let selected = cached.select(RequestConditions::new(&request));
            Some(black_box(selected.to_wire()).head_and_body.len())
        });
    });
    group.bench_function("parsing Accept-Encoding", |b| {
        b.iter(|| Accepted::parse(black_box("gzip, deflate, br, zstd")));
    });
    group.throughput(Throughput::Bytes(page.len() as u64));
    for (name, encoding) in [
        ("gzip", Encoding::Gzip),
        ("zstd", Encoding::Zstd),
        ("br", Encoding::Brotli),
    ] {
        for (effort_name, effort) in [("fast", Effort::Fast), ("best", Effort::Best)] {
            group.bench_function(format!("{effort_name} {name}"), |b| {
                b.iter(|| encoding.encode(page.as_bytes(), effort));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = steps;
    config = Criterion::default().measurement_time(Duration::from_secs(3));
    targets = rendering, sanitising, counting, responding
}
criterion_main!(steps);
