//! A running application with its own database and data folder, and an HTTP client for it.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, mpsc},
    thread::JoinHandle,
    time::Duration,
};

use dateline::{
    app::App,
    config::{Config, Sources},
    db::DatabaseUrl,
    http_cache::HttpCache,
    jobs::flush_views,
    server,
};
use tempfile::TempDir;

use super::{page::Page, postgres};

/// The `User-Agent` of a browser, so that requests count as those of a reader.
pub const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

pub struct TestApp {
    pub app: Arc<App>,
    pub cache: Arc<HttpCache>,
    /// The address that the server listens on, which may differ from its base URL.
    pub address: SocketAddr,
    /// The address of `/metrics`, if `ops_bind` is set.
    pub operations: Option<SocketAddr>,
    pub(super) client: ureq::Agent,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _folder: TempDir,
}

impl TestApp {
    pub fn on_sqlite() -> Self {
        Self::start(None, &[])
    }

    /// `None`, reported as skipped, if PostgreSQL is not installed.
    pub fn on_postgres() -> Option<Self> {
        postgres::new_database().map(|url| Self::start(Some(url), &[]))
    }

    /// With an existing database.
    pub fn on_database(url: &DatabaseUrl) -> Self {
        let url = match url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        Self::start(Some(url), &[])
    }

    /// With an existing data folder, on SQLite.
    pub fn with_data_dir(folder: &Path) -> Self {
        Self::with_settings(&[("data_dir", folder.to_str().unwrap())])
    }

    /// With these settings, on SQLite.
    pub fn with_settings(settings: &[(&str, &str)]) -> Self {
        Self::start(None, settings)
    }

    /// On SQLite, with the setting `fast_path` set to `on` or `off` regardless of `DATELINE_TEST_FAST_PATH`.
    pub fn with_fast_path(fast_path: &str) -> Self {
        Self::with_settings(&[("fast_path", fast_path)])
    }

    /// Whether cached pages are served before actix-http.
    pub fn has_fast_path(&self) -> bool {
        self.app.config.fast_path
    }

    fn start(database_url: Option<String>, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut all = vec![
            ("data_dir", folder.path().display().to_string()),
            ("bind", "127.0.0.1:0".to_owned()),
            ("workers", "1".to_owned()),
        ];
        // Settings of the test itself come later and take precedence.
        all.extend(std::env::var("DATELINE_TEST_FAST_PATH").map(|value| ("fast_path", value)));
        all.extend(database_url.map(|url| ("database_url", url)));
        all.extend(
            settings
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let config = config(&all);
        let (started, start) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async {
                let server = server::start(config).unwrap();
                let state = (server.app.clone(), server.cache.clone());
                let addresses = (server.address, server.operations);
                started.send((state, addresses)).unwrap();
                // An error means that a failed test has dropped the sender; the server stops then too.
                let _ = stopped.await;
                server.stop().await.unwrap();
            });
        });
        let ((app, cache), (address, operations)) = start
            .recv_timeout(Duration::from_secs(30))
            .expect("the server does not start");
        Self {
            app,
            cache,
            address,
            operations,
            client: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .user_agent("")
                .timeout_global(Some(Duration::from_secs(30)))
                .build()
                .into(),
            stop: Some(stop),
            thread: Some(thread),
            _folder: folder,
        }
    }

    /// Requests a path like a reader's browser.
    pub fn get(&self, path: &str) -> Page {
        self.get_with(path, &[("user-agent", BROWSER)])
    }

    /// Requests a path with exactly these headers and, unless given, the site's host.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = self.client.get(self.request_url(path));
        if let Some(host) = &self.app.host
            && headers.iter().all(|(name, _)| *name != "host")
        {
            request = request.header("host", host);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Page::read(request.call().unwrap())
    }

    /// Requests a path on the operations address.
    pub fn get_ops(&self, path: &str) -> Page {
        let address = self.operations.expect("`ops_bind` is not set");
        let url = format!("http://{address}{path}");
        Page::read(self.client.get(url).call().unwrap())
    }

    pub fn head(&self, path: &str) -> Page {
        Page::read(self.client.head(self.request_url(path)).call().unwrap())
    }

    pub fn post(&self, path: &str) -> Page {
        Page::read(
            self.client
                .post(self.request_url(path))
                .send_empty()
                .unwrap(),
        )
    }

    /// The status of a GET request.
    pub fn status(&self, path: &str) -> u16 {
        self.get(path).status
    }

    /// The target of a permanent redirect, as a path.
    pub fn redirect_target(&self, path: &str) -> String {
        let page = self.get(path);
        assert_eq!(page.status, 301, "{path}");
        let location = page.header("location").unwrap_or_default();
        location
            .strip_prefix(&self.app.base_url)
            .expect("the redirect leaves the site")
            .to_owned()
    }

    /// The public URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.app.base_url)
    }

    pub(super) fn request_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Saves the counted views immediately instead of after a few seconds.
    pub fn flush_views(&self) {
        actix_web::rt::System::new()
            .block_on(flush_views::once(&self.app))
            .unwrap();
    }

    /// Stops the server as SIGTERM does and waits until it has stopped.
    pub fn stop(&mut self) {
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            // An error means that the server has already ended; joining reports why.
            let _ = stop.send(());
            let result = thread.join();
            assert!(
                result.is_ok() || std::thread::panicking(),
                "the server does not stop cleanly"
            );
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A configuration from these command-line settings.
pub fn config(settings: &[(&str, String)]) -> Config {
    let mut sources = Sources::default();
    for (name, value) in settings {
        sources.flag(name, Some(value.clone())).unwrap();
    }
    sources.finish().unwrap()
}
