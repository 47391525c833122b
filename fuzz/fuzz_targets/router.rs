//! No request, with any path, method and body, is answered with a server error.
#![no_main]

mod cost;

use std::{cell::RefCell, sync::Arc};

use actix_web::{
    App as Service,
    http::{Method, Uri},
    rt::System,
    test::{TestRequest, call_service, init_service},
    web,
};
use dateline::{app::App, config::Sources, http_cache::HttpCache, reader, routes};
use libfuzzer_sys::fuzz_target;

struct Server {
    cache: Arc<HttpCache>,
    system: actix_web::rt::SystemRunner,
    _folder: tempfile::TempDir,
}

thread_local! {
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

fn open() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = Sources::default();
    let place = folder.path().display().to_string();
    sources.flag("data_dir", Some(place)).unwrap();
    let system = System::new();
    let app = App::open(sources.finish().unwrap(), "http://127.0.0.1").unwrap();
    Server {
        cache: Arc::new(HttpCache::new(Arc::new(app), reader::ERROR_PAGES)),
        system,
        _folder: folder,
    }
}

const METHODS: [Method; 5] = [
    Method::GET,
    Method::HEAD,
    Method::POST,
    Method::PUT,
    Method::OPTIONS,
];

/// The first request also opens the database, and each starts a service with all routes.
const ALLOCATIONS: cost::Limit = cost::Limit { fixed: 200_000, per_byte: 100 };
const BYTES: cost::Limit = cost::Limit { fixed: 200_000_000, per_byte: 10_000 };

fuzz_target!(|asked: (u8, &str, &str, &[u8])| {
    let (_, path, cookie, body) = asked;
    let length = path.len() + cookie.len() + body.len();
    cost::bounded(length, ALLOCATIONS, BYTES, || check(asked));
});

fn check(asked: (u8, &str, &str, &[u8])) {
    let (method, path, cookie, body) = asked;
    let Ok(uri) = format!("/{}", path.trim_start_matches('/')).parse::<Uri>() else {
        return;
    };
    let method = METHODS[usize::from(method) % METHODS.len()].clone();
    let mut request = TestRequest::with_uri(&uri.to_string())
        .method(method.clone())
        .insert_header(("sec-fetch-site", "same-origin"))
        .insert_header(("content-type", "application/x-www-form-urlencoded"))
        .set_payload(body.to_vec());
    if cookie.bytes().all(|byte| (b' '..127).contains(&byte)) {
        request = request.insert_header(("cookie", cookie));
    }
    SERVER.with_borrow_mut(|server| {
        let server = server.get_or_insert_with(open);
        let app = web::Data::from(server.cache.app.clone());
        let cache = web::Data::from(server.cache.clone());
        server.system.block_on(async {
            let service =
                init_service(Service::new().app_data(app).app_data(cache).configure(routes::configure)).await;
            let response = call_service(&service, request.to_request()).await;
            assert!(
                !response.status().is_server_error(),
                "{method} {uri}: {}",
                response.status()
            );
        });
    });
}
