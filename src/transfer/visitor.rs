//! A reader of our own, who goes through the site as it stands: it is served for him alone, on a port of this
//! machine.

use std::{net::SocketAddr, sync::mpsc, thread::JoinHandle, time::Duration};

use crate::{
    config::Config,
    server::{self, StartError},
};

/// Nothing that is served is larger, in bytes.
const LARGEST: u64 = 256 << 20;
/// A page has so long to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why nobody can go through the site; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum VisitError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the site could not be served: {0}")]
    Thread(std::io::Error),
    #[error("the site stopped before it had started")]
    Gone,
    #[error("{path}: {why}")]
    Page { path: String, why: ureq::Error },
}

/// What a path answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Without parameters; empty if it says none.
    pub content_type: String,
    /// Where it redirects to, a path of the site or an address elsewhere.
    pub location: Option<String>,
    pub body: Vec<u8>,
}

pub struct Visitor {
    agent: ureq::Agent,
    address: SocketAddr,
    /// The site's public address.
    pub base_url: String,
    host: Option<String>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Visitor {
    /// Begins to serve the site of this configuration, without what a server does besides for others.
    pub fn new(config: &Config) -> Result<Self, VisitError> {
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
                    let server = match server::start(config) {
                        Ok(server) => server,
                        Err(error) => {
                            // Nobody waits for it only if the process is ending.
                            let _ = started.send(Err(error));
                            return;
                        }
                    };
                    let app = &server.app;
                    let told = (server.address, app.base_url.clone(), app.host.clone());
                    let _ = started.send(Ok(told));
                    // An error is a visitor who is gone, which is what is waited for.
                    let _ = stopped.await;
                    if let Err(error) = server.stop().await {
                        tracing::warn!(%error, "the site did not stop cleanly");
                    }
                });
            })
            .map_err(VisitError::Thread)?;
        let (address, base_url, host) = start.recv().map_err(|_| VisitError::Gone)??;
        Ok(Self {
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                // Who reads like this is not counted.
                .user_agent(concat!("Dateline/", env!("CARGO_PKG_VERSION"), " (bot)"))
                .timeout_global(Some(PATIENCE))
                .build()
                .into(),
            address,
            base_url,
            host,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Asks for a path of the site, with what stands behind it.
    pub fn get(&self, path: &str) -> Result<Answer, VisitError> {
        let failed = |why| VisitError::Page {
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
        Ok(Answer {
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
                .limit(LARGEST)
                .read_to_vec()
                .map_err(|why| VisitError::Page {
                    path: path.to_owned(),
                    why,
                })?,
        })
    }

    /// The path of an address of this site, with what stands behind it; `None` for one elsewhere.
    pub fn path_of(&self, address: &str) -> Option<String> {
        if address.starts_with('/') && !address.starts_with("//") {
            return Some(address.to_owned());
        }
        match address.strip_prefix(&self.base_url)? {
            "" => Some("/".to_owned()),
            path if path.starts_with('/') => Some(path.to_owned()),
            // Another host, whose name begins like ours.
            _ => None,
        }
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the site ended with a panic");
        }
    }
}
