//! A client for servers that run in their own process.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use dateline::secrets::token;

use crate::support::page::Page;

/// An HTTP client with cookies for a server that runs in its own process.
pub struct ServerClient {
    client: ureq::Agent,
    port: u16,
    cookies: Mutex<BTreeMap<String, String>>,
    /// Number of responses received.
    pub responses: AtomicU64,
    pub is_killed: AtomicBool,
}

impl ServerClient {
    pub fn new(port: u16) -> Self {
        Self {
            client: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_global(Some(Duration::from_secs(20)))
                .build()
                .into(),
            port,
            cookies: Mutex::default(),
            responses: AtomicU64::new(0),
            is_killed: AtomicBool::new(false),
        }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn cookie_header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        let all: Vec<String> = cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        all.join("; ")
    }

    fn store_cookies(&self, page: Page) -> Page {
        for set in page.header_values("set-cookie") {
            let (name, rest) = set.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap().to_owned();
            self.cookies.lock().unwrap().insert(name.to_owned(), value);
        }
        self.responses.fetch_add(1, Ordering::Relaxed);
        page
    }

    /// Fails if the server is gone.
    pub fn get(&self, path: &str) -> Result<Page, ureq::Error> {
        let request = self
            .client
            .get(self.url(path))
            .header("cookie", self.cookie_header());
        Ok(self.store_cookies(Page::read(request.call()?)))
    }

    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Page, ureq::Error> {
        let name = if path == "/admin/login" {
            "login"
        } else {
            "session"
        };
        let csrf = self
            .cookies
            .lock()
            .unwrap()
            .get(name)
            .map(|value| token::for_forms(value))
            .unwrap_or_default();
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .append_pair("csrf", &csrf)
            .finish();
        let request = self
            .client
            .post(self.url(path))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", self.cookie_header());
        Ok(self.store_cookies(Page::read(request.send(body)?)))
    }

    pub fn upload(&self, name: &str, picture: &[u8]) -> Result<Page, ureq::Error> {
        let csrf = token::for_forms(&self.cookies.lock().unwrap()["session"]);
        let head = format!(
            "--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--x\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        let body = [head.as_bytes(), picture, b"\r\n--x--\r\n"].concat();
        let request = self
            .client
            .post(self.url("/admin/media.json"))
            .header("content-type", "multipart/form-data; boundary=x")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", self.cookie_header());
        Ok(self.store_cookies(Page::read(request.send(&body[..])?)))
    }

    pub fn wait_until_ready(&self) {
        let start = Instant::now();
        while self.get("/healthz").map_or(0, |page| page.status) != 200 {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "the server does not start"
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// Separates a server that was killed on purpose from one that fails.
pub trait UnlessKilled<T> {
    /// The response, or `None` if the test has killed the server.
    fn unless_killed(self, client: &ServerClient) -> Option<T>;
}

impl<T> UnlessKilled<T> for Result<T, ureq::Error> {
    fn unless_killed(self, client: &ServerClient) -> Option<T> {
        match self {
            Ok(answer) => Some(answer),
            Err(_) if client.is_killed.load(Ordering::Acquire) => None,
            Err(error) => panic!("the server is running but does not answer: {error}"),
        }
    }
}
