//! Serves the site on a local port, for this process only, and requests pages from it.

use std::{net::SocketAddr, sync::mpsc, thread::JoinHandle, time::Duration};

use crate::{
    config::Config,
    server::{self, StartError},
};

/// The largest body that is read, in bytes.
const MAX_BODY: u64 = 256 << 20;
/// Limits one request, from connecting to the end of the body.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Why the site could not be crawled; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("could not start a thread for the server: {0}")]
    Thread(std::io::Error),
    #[error("the server stopped during startup")]
    Stopped,
    #[error("{path}: {why}")]
    Page { path: String, why: ureq::Error },
}

/// The response to a request.
#[derive(Debug)]
pub struct CrawlResponse {
    pub status: u16,
    /// The media type without parameters; empty if the response has none.
    pub content_type: String,
    /// The target of a redirect: a path of this site, or an absolute address elsewhere.
    pub location: Option<String>,
    pub body: Vec<u8>,
}

impl CrawlResponse {
    /// Whether it is an HTML page.
    pub fn is_page(&self) -> bool {
        self.content_type == "text/html"
    }
}

/// A client of a server that this process runs. Dropping it stops the server.
pub struct Crawler {
    agent: ureq::Agent,
    address: SocketAddr,
    /// The site's public address, without a trailing slash.
    pub base_url: String,
    host: Option<String>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Crawler {
    /// Starts the site of this configuration on a free local port, without backups and the operations endpoint.
    ///
    /// # Errors
    /// If the server cannot start.
    pub fn new(config: &Config) -> Result<Self, CrawlError> {
        let mut config = config.clone();
        config.bind = SocketAddr::from(([127, 0, 0, 1], 0));
        config.ops_bind = None;
        config.backup_to = None;
        let (started, start) = mpsc::channel();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let thread = std::thread::Builder::new()
            .name("site".to_owned())
            .spawn(move || {
                actix_web::rt::System::new().block_on(async {
                    let server = match server::start_for_crawler(config) {
                        Ok(server) => server,
                        Err(error) => {
                            // Fails only while the process exits.
                            let _ = started.send(Err(error));
                            return;
                        }
                    };
                    let app = &server.app;
                    let running = (server.address, app.base_url.clone(), app.host.clone());
                    let _ = started.send(Ok(running));
                    // Dropping the crawler closes the channel, which is the signal to stop.
                    let _ = stopped.await;
                    if let Err(error) = server.stop().await {
                        tracing::warn!(%error, "the crawled server did not stop cleanly");
                    }
                });
            })
            .map_err(CrawlError::Thread)?;
        let (address, base_url, host) = start.recv().map_err(|_| CrawlError::Stopped)??;
        Ok(Self {
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                // Requests of bots are not counted as views.
                .user_agent(concat!("Dateline/", env!("CARGO_PKG_VERSION"), " (bot)"))
                .timeout_global(Some(TIMEOUT))
                .build()
                .into(),
            address,
            base_url,
            host,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Requests a path, which may have a query.
    ///
    /// # Errors
    /// If there is no complete response; an HTTP error status is a response.
    pub fn get(&self, path: &str) -> Result<CrawlResponse, CrawlError> {
        let failed = |why| CrawlError::Page {
            path: path.to_owned(),
            why,
        };
        let mut request = self.agent.get(format!("http://{}{path}", self.address));
        if let Some(host) = &self.host {
            request = request.header("host", host);
        }
        let mut response = request.call().map_err(failed)?;
        let header = |name: &str| {
            let value = response.headers().get(name)?.to_str().ok()?;
            Some(value.to_owned())
        };
        let location = header("location").map(|to| self.path_of(&to).unwrap_or(to));
        let content_type = header("content-type").unwrap_or_default();
        Ok(CrawlResponse {
            status: response.status().as_u16(),
            content_type: content_type
                .split(';')
                .next()
                .unwrap_or_default()
                .to_owned(),
            location,
            body: response
                .body_mut()
                .with_config()
                .limit(MAX_BODY)
                .read_to_vec()
                .map_err(failed)?,
        })
    }

    /// The path and query of an address of this site; `None` for an address elsewhere.
    pub fn path_of(&self, address: &str) -> Option<String> {
        if address.starts_with('/') && !address.starts_with("//") {
            return Some(address.to_owned());
        }
        match address.strip_prefix(&self.base_url)? {
            "" => Some("/".to_owned()),
            path if path.starts_with('/') => Some(path.to_owned()),
            // Another host whose name has the base URL as a prefix.
            _ => None,
        }
    }
}

impl Drop for Crawler {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the crawled server panicked");
        }
    }
}
