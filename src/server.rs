//! Binds, puts the middleware in order, and ends without losing anything.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use listenfd::ListenFd;
use tokio::sync::oneshot;

use actix_http::HttpService;
use actix_service::{Service as _, ServiceFactory, apply_fn_factory, map_config};
use actix_web::{
    App as Service, HttpServer,
    dev::{AppConfig, ServerHandle},
    middleware::from_fn,
    rt::net::TcpStream,
    web,
};

use crate::{
    app::App,
    config::Config,
    db::OpenError,
    jobs::{
        back_up, compress_pages, finish_media, flush_views, index_words, ping_hub, watch_version,
    },
    reader, routes,
    web::{
        connection::{AtOnce, Connection, Served},
        headers, host, long_address, request_log, slow_body,
    },
};

/// How long open requests may take to finish when the server stops, in seconds.
const PATIENCE: u64 = 20;

/// How long a client may take to send the head of a request.
const SLOWEST_HEAD: Duration = Duration::from_secs(5);
/// How long a connection that we close may linger.
const SLOWEST_FAREWELL: Duration = Duration::from_secs(2);
/// How long a connection may wait for its next request.
const IDLE: Duration = Duration::from_secs(30);
/// So often the server, which counts the idle time, is shown that a connection is not idle.
const SERVER_WAITS: Duration = Duration::from_secs(10);
const _: () = assert!(SERVER_WAITS.as_secs() * 2 < IDLE.as_secs());
/// So long a server that stops listens to those whom it has let in.
const LAST_QUESTIONS: Duration = Duration::from_millis(300);
/// So many connections a worker holds; more wait to be accepted.
const MOST_CONNECTIONS: usize = 10_000;

/// Why the server did not start; its text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {address}: {why}")]
    Bind { address: String, why: io::Error },
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error("the server could not start: {0}")]
    Server(#[from] io::Error),
}

/// A server that answers.
pub struct Server {
    pub app: Arc<App>,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it answers those who watch over it.
    pub operations: Option<SocketAddr>,
    handle: ServerHandle,
    finished: tokio::task::JoinHandle<io::Result<()>>,
    stop_flusher: oneshot::Sender<()>,
    flusher: tokio::task::JoinHandle<()>,
    /// Jobs that can be left where they are when the server stops.
    others: Vec<tokio::task::JoinHandle<()>>,
}

/// Starts answering on `config.bind`; port 0 is a free one. Call it inside an actix system.
pub fn start(config: Config) -> Result<Server, StartError> {
    let (listener, bound) = match handed_over()? {
        Some(listener) => listener,
        None => listen(config.bind)?,
    };
    let workers = config.workers;
    let app = Arc::new(App::open(config, &format!("http://{bound}"))?);
    let server = actix_web::dev::Server::build()
        .workers(workers)
        .max_concurrent_connections(MOST_CONNECTIONS)
        .shutdown_timeout(PATIENCE)
        .disable_signals();
    let stops = server.graceful_shutdown_signal();
    let for_readers = app.clone();
    let server = server
        .listen("readers", listener, move || {
            let stops = stops.clone();
            readers(for_readers.clone(), move || {
                let stops = stops.clone();
                async move { stops.notified().await }
            })
        })?
        .run();
    let operations = operations(&app)?;
    let (stop_flusher, flusher_stopped) = oneshot::channel();
    Ok(Server {
        address: bound,
        operations,
        handle: server.handle(),
        finished: actix_web::rt::spawn(server),
        flusher: actix_web::rt::spawn(flush_views::run(app.clone(), flusher_stopped)),
        stop_flusher,
        others: vec![
            actix_web::rt::spawn(finish_media::run(app.clone())),
            actix_web::rt::spawn(compress_pages::run(app.clone())),
            actix_web::rt::spawn(index_words::run(app.clone())),
            actix_web::rt::spawn(ping_hub::run(app.clone())),
            actix_web::rt::spawn(back_up::run(app.clone())),
            actix_web::rt::spawn(watch_version::run(app.clone())),
        ],
        app,
    })
}

/// What answers on the connections of one worker; `stops` is done when the server is told to stop.
///
/// It is put together by hand, as `HttpServer` does it, because that one knows no connections but the system's.
fn readers<Stops: Future<Output = ()> + 'static>(
    app: Arc<App>,
    stops: impl Fn() -> Stops + 'static,
) -> impl ServiceFactory<TcpStream, Config = ()> {
    let service = Service::new()
        .app_data(web::Data::from(app.clone()))
        .wrap(from_fn(slow_body::refuse))
        .wrap(from_fn(long_address::refuse))
        .wrap(from_fn(host::check))
        .wrap(headers::security(app.is_https()))
        .wrap(from_fn(request_log::log))
        .configure(routes::configure);
    let service = reader::memory::before(service, app.clone());
    let http = HttpService::build()
        .client_request_timeout(SLOWEST_HEAD)
        .client_disconnect_timeout(SLOWEST_FAREWELL)
        .keep_alive(IDLE)
        .graceful_shutdown_signal(stops)
        .on_connect_ext(|connection: &Connection, data| {
            data.insert(connection.progress());
        })
        .h1(map_config(service, |()| AppConfig::default()));
    let at_once = Rc::new(AtOnce::new(SERVER_WAITS, move |head, send| {
        reader::memory::at_once(&app, head, send)
    }));
    apply_fn_factory(http, move |stream, http| {
        Served::new(stream, at_once.clone(), |connection, peer| {
            http.call((connection, peer))
        })
    })
}

/// The socket that systemd (or whoever speaks its language: `LISTEN_FDS`, sd_listen_fds(3)) listens on for this
/// program. It stays open while the program is started anew, so that nobody is turned away.
fn handed_over() -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    let failed = |why| StartError::Bind {
        address: "the socket that was handed over".to_owned(),
        why,
    };
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0).map_err(failed)? else {
        return Ok(None);
    };
    let bound = listener.local_addr().map_err(failed)?;
    Ok(Some((listener, bound)))
}

/// Takes an address; says which it is, of port 0.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |why| StartError::Bind {
        address: address.to_string(),
        why,
    };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Begins to answer those who watch over the process, if the operator has said where; it goes on until the
/// process ends.
fn operations(app: &Arc<App>) -> Result<Option<SocketAddr>, StartError> {
    let Some(address) = app.config.ops_bind else {
        return Ok(None);
    };
    let (listener, bound) = listen(address)?;
    let data = web::Data::from(app.clone());
    let server = HttpServer::new(move || {
        Service::new()
            .app_data(data.clone())
            .configure(routes::operations)
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    actix_web::rt::spawn(server);
    Ok(Some(bound))
}

impl Server {
    /// Answers until SIGTERM or Ctrl-C, then stops.
    pub async fn run(self) -> io::Result<()> {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminate.recv() => {}
            interrupted = tokio::signal::ctrl_c() => interrupted?,
        }
        tracing::info!("stopping");
        self.stop().await
    }

    /// Takes no new connections, lets the open requests finish, writes the views.
    pub async fn stop(self) -> io::Result<()> {
        // Who was let in last has yet to ask; nobody else is let in. If the socket is handed on, the others wait
        // in front of it.
        self.handle.pause().await;
        tokio::time::sleep(LAST_QUESTIONS).await;
        self.handle.stop(true).await;
        let finished = self.finished.await;
        // What they are at is begun anew after the next start.
        for job in &self.others {
            job.abort();
        }
        // It writes what the last requests counted. Should it be gone already, its end says why.
        let _ = self.stop_flusher.send(());
        if let Err(error) = self.flusher.await {
            tracing::error!(%error, "the last views could not be written");
        }
        finished?
    }
}
