//! Whatever is asked for, by whichever method and with whichever body: the answer is not that it is our fault.
#![no_main]

use std::{cell::RefCell, sync::Arc};

use actix_web::{
    App as Service,
    http::{Method, Uri},
    rt::System,
    test::{TestRequest, call_service, init_service},
    web,
};
use dateline::{app::App, config::Sources, routes};
use libfuzzer_sys::fuzz_target;

struct Known {
    app: Arc<App>,
    system: actix_web::rt::SystemRunner,
    _folder: tempfile::TempDir,
}

thread_local! {
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
}

fn open() -> Known {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = Sources::default();
    let place = folder.path().display().to_string();
    sources.flag("data_dir", Some(place)).unwrap();
    let system = System::new();
    let app = App::open(sources.finish().unwrap(), "http://127.0.0.1").unwrap();
    Known {
        app: Arc::new(app),
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

fuzz_target!(|asked: (u8, &str, &str, &[u8])| {
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
    KNOWN.with_borrow_mut(|known| {
        let known = known.get_or_insert_with(open);
        let data = web::Data::from(known.app.clone());
        known.system.block_on(async {
            let service =
                init_service(Service::new().app_data(data).configure(routes::configure)).await;
            let answer = call_service(&service, request.to_request()).await;
            assert!(
                !answer.status().is_server_error(),
                "{method} {uri}: {}",
                answer.status()
            );
        });
    });
});
