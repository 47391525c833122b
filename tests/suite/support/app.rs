//! A running application with a database and a folder of its own, and a client to talk to it.

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
    jobs::flush_views,
    server,
};
use tempfile::TempDir;

use super::{page::Page, postgres};

/// What a person's browser says it is.
pub const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

pub struct TestApp {
    pub app: Arc<App>,
    /// Where it listens, whatever its public address is.
    pub address: SocketAddr,
    /// Where it answers those who watch over it.
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

    /// `None`, said aloud, where there is no PostgreSQL.
    pub fn on_postgres() -> Option<Self> {
        postgres::new_database().map(|url| Self::start(Some(url), &[]))
    }

    /// On a database that is there already.
    pub fn on(url: &DatabaseUrl) -> Self {
        let url = match url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        };
        Self::start(Some(url), &[])
    }

    /// On a data folder that is there already.
    pub fn on_data(folder: &Path) -> Self {
        Self::with_settings(&[("data_dir", folder.to_str().unwrap())])
    }

    /// With settings of its own, on SQLite.
    pub fn with_settings(settings: &[(&str, &str)]) -> Self {
        Self::start(None, settings)
    }

    fn start(database_url: Option<String>, settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut all = vec![
            ("data_dir", folder.path().display().to_string()),
            ("bind", "127.0.0.1:0".to_owned()),
            ("workers", "1".to_owned()),
        ];
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
                let told = (server.app.clone(), server.address, server.operations);
                started.send(told).unwrap();
                // An error is a sender that went with a failed test: then it stops as well.
                let _ = stopped.await;
                server.stop().await.unwrap();
            });
        });
        let (app, address, operations) = start
            .recv_timeout(Duration::from_secs(30))
            .expect("the server starts");
        Self {
            app,
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

    /// Asks for a path as a person's browser does.
    pub fn get(&self, path: &str) -> Page {
        self.get_with(path, &[("user-agent", BROWSER)])
    }

    /// Asks for a path with exactly these headers, and of the host that the site is on.
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

    /// Asks for a path where the process is watched over.
    pub fn watch(&self, path: &str) -> Page {
        let address = self.operations.expect("it answers there");
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

    /// The status that a path is answered with.
    pub fn status(&self, path: &str) -> u16 {
        self.get(path).status
    }

    /// Where a path is redirected to for good, without the site's own address.
    pub fn moved(&self, path: &str) -> String {
        let page = self.get(path);
        assert_eq!(page.status, 301, "{path}");
        let location = page.header("location").unwrap_or_default();
        location
            .strip_prefix(&self.app.base_url)
            .expect("stays on the site")
            .to_owned()
    }

    /// The public address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.app.base_url)
    }

    pub(super) fn request_url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Writes the counted views now instead of in a few seconds.
    pub fn flush_views(&self) {
        actix_web::rt::System::new()
            .block_on(flush_views::once(&self.app))
            .unwrap();
    }

    /// Stops as SIGTERM does, and returns when it is done.
    pub fn stop(&mut self) {
        if let (Some(stop), Some(thread)) = (self.stop.take(), self.thread.take()) {
            // An error is a server that is gone already, which joining tells.
            let _ = stop.send(());
            let ended = thread.join();
            assert!(
                ended.is_ok() || std::thread::panicking(),
                "the server stops cleanly"
            );
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Settings as flags would set them.
pub fn config(settings: &[(&str, String)]) -> Config {
    let mut sources = Sources::default();
    for (name, value) in settings {
        sources.flag(name, Some(value.clone())).unwrap();
    }
    sources.finish().unwrap()
}
