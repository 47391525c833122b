//! The server: sockets, middleware, background jobs, and graceful shutdown.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::FutureExt;
use listenfd::ListenFd;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::oneshot,
};

use actix_http::{HttpService, error::DispatchError};
use actix_service::{Service as _, ServiceFactory, apply_fn_factory, map_config};
use actix_web::{
    App as Service, HttpServer,
    dev::{AppConfig, Extensions, ServerHandle},
    middleware::from_fn,
    rt::net::TcpStream,
    web,
};
use fast_path::{FastPath, FastPathConnection, InnerStream, SequentialStream};

use crate::{
    app::App,
    config::Config,
    db::OpenError,
    http_cache::{CacheMiddleware, HttpCache, fast_path_lookup},
    jobs::{
        back_up, compress_pages, finish_media, flush_views, import_job, index_words, ping_hub,
        watch_version,
    },
    reader, routes,
    web::{
        client_stream::{ClientStream, WriteLimit},
        headers, host, long_address,
        malformed_requests::MalformedRequests,
        request_log, slow_body,
    },
};

/// How long requests in flight may take to finish at shutdown, in seconds.
const SHUTDOWN_TIMEOUT: u64 = 20;

/// How long a client may take to send the head of a request.
const REQUEST_HEAD_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a client may take to close a connection after the server has.
const DISCONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a connection may be idle.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long a connection is served by the fast path alone before a request passes through to actix-http, which closes
/// connections on which it receives none for [`KEEP_ALIVE`].
const PASSTHROUGH_INTERVAL: Duration = Duration::from_secs(10);
const _: () = assert!(PASSTHROUGH_INTERVAL.as_secs() * 2 < KEEP_ALIVE.as_secs());
/// How long a write may make no progress before the connection is closed.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// As [`WRITE_TIMEOUT`] at shutdown, which would otherwise take [`SHUTDOWN_TIMEOUT`] for a single client that does not read.
const LAST_WRITE_TIMEOUT: Duration = Duration::from_secs(3);
/// How long the server takes connections from the kernel's queue at shutdown, after no new ones enter it.
const QUEUE_TIME: Duration = Duration::from_millis(50);
/// How long the thread that accepts connections takes to stop it.
const PAUSE_TIME: Duration = Duration::from_millis(10);
/// How long accepted connections may still send requests at shutdown.
const DRAIN_TIME: Duration = Duration::from_millis(300);
/// Maximum number of connections per worker; more wait to be accepted.
const MAX_CONNECTIONS: usize = 10_000;

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

/// A running server.
pub struct Server {
    pub app: Arc<App>,
    pub cache: Arc<HttpCache>,
    /// The address that it listens on.
    pub address: SocketAddr,
    /// The address that serves metrics and health checks, if it is a separate one.
    pub operations: Option<SocketAddr>,
    /// The listening socket, unless it is inherited.
    own_listener: Option<TcpListener>,
    handle: ServerHandle,
    finished: tokio::task::JoinHandle<io::Result<()>>,
    stop_flusher: oneshot::Sender<()>,
    flusher: tokio::task::JoinHandle<()>,
    /// Jobs that can be aborted at any time.
    jobs: Vec<tokio::task::JoinHandle<()>>,
}

/// Starts the server on `config.bind`, where port 0 means any free port. Call it in an actix system.
///
/// # Errors
/// If an address cannot be bound, or the database cannot be opened.
pub fn start(config: Config) -> Result<Server, StartError> {
    start_with(config, App::keep_feed_authority)
}

/// [`start`] for a command that crawls the site: a temporary address does not become the authority of the feeds.
///
/// # Errors
/// See [`start`].
pub fn start_for_crawler(config: Config) -> Result<Server, StartError> {
    start_with(config, |app| {
        if app.config.base_url.is_some() {
            app.keep_feed_authority();
        }
    })
}

fn start_with(config: Config, prepare: impl FnOnce(&mut App)) -> Result<Server, StartError> {
    let (listener, bound, own_listener) = match inherited_socket()? {
        Some((listener, bound)) => (listener, bound, None),
        None => {
            let (listener, bound) = listen(config.bind)?;
            let own_listener = listener.try_clone()?;
            (listener, bound, Some(own_listener))
        }
    };
    let workers = config.workers;
    let mut app = App::open(config, &format!("http://{bound}"))?;
    prepare(&mut app);
    let app = Arc::new(app);
    let cache = Arc::new(HttpCache::new(app.clone(), reader::ERROR_PAGES));
    let server = actix_web::dev::Server::build()
        .workers(workers)
        .max_concurrent_connections(MAX_CONNECTIONS)
        .shutdown_timeout(SHUTDOWN_TIMEOUT)
        .disable_signals();
    let stops = server.graceful_shutdown_signal();
    let connections = Connections {
        cache: cache.clone(),
        malformed: Arc::default(),
        started: Instant::now(),
    };
    let stopped = move || {
        let stops = stops.clone();
        async move { stops.notified().await }
    };
    let server = match app.config.fast_path {
        true => server.listen("http", listener, move || {
            with_fast_path(connections.clone(), stopped.clone())
        }),
        false => server.listen("http", listener, move || {
            without_fast_path(connections.clone(), stopped.clone())
        }),
    };
    let server = server?.run();
    let operations = operations(&cache)?;
    let (stop_flusher, flusher_stopped) = oneshot::channel();
    Ok(Server {
        address: bound,
        operations,
        own_listener,
        handle: server.handle(),
        finished: actix_web::rt::spawn(server),
        flusher: actix_web::rt::spawn(flush_views::run(app.clone(), flusher_stopped)),
        stop_flusher,
        jobs: vec![
            actix_web::rt::spawn(finish_media::run(app.clone())),
            actix_web::rt::spawn(compress_pages::run(cache.clone())),
            actix_web::rt::spawn(import_job::run(app.clone())),
            actix_web::rt::spawn(index_words::run(app.clone())),
            actix_web::rt::spawn(ping_hub::run(app.clone())),
            actix_web::rt::spawn(back_up::run(app.clone())),
            actix_web::rt::spawn(watch_version::run(app.clone())),
        ],
        app,
        cache,
    })
}

/// What the connections of all workers share.
#[derive(Clone)]
struct Connections {
    cache: Arc<HttpCache>,
    malformed: Arc<MalformedRequests>,
    started: Instant,
}

impl Connections {
    /// The stream of a new connection.
    fn open(&self, stream: TcpStream, limit: &WriteLimit) -> ClientStream {
        ClientStream::new(stream, limit.clone())
    }

    /// How long a write may wait for a client that does not read: less while the server stops.
    fn write_limit(&self) -> WriteLimit {
        let cache = self.cache.clone();
        Rc::new(move || match cache.is_stopping() {
            true => LAST_WRITE_TIMEOUT,
            false => WRITE_TIMEOUT,
        })
    }

    /// Counts or logs why a connection ended. Most reasons are the client's.
    fn note_end(&self, ended: &Result<(), DispatchError>) {
        match ended {
            Ok(()) => {}
            Err(DispatchError::Parse(error)) => {
                let now = self.started.elapsed().as_secs();
                self.malformed.record(&self.cache.app, error, now);
            }
            Err(
                error @ (DispatchError::Io(_)
                | DispatchError::SlowRequestTimeout
                | DispatchError::DisconnectTimeout
                | DispatchError::HandlerDroppedPayload),
            ) => tracing::debug!(%error, "a connection ended early"),
            Err(error) => tracing::error!(%error, "could not serve a connection"),
        }
    }
}

/// The service of one worker thread with the fast path in front of actix-http.
fn with_fast_path<Stops: Future<Output = ()> + 'static>(
    connections: Connections,
    stops: impl Fn() -> Stops + 'static,
) -> impl ServiceFactory<TcpStream, Config = ()> {
    let http = http_service::<InnerStream<ClientStream>, _>(connections.cache.clone(), stops);
    let cache = connections.cache.clone();
    let fast_path = Rc::new(FastPath::new(PASSTHROUGH_INTERVAL, move |request, send| {
        fast_path_lookup(&cache, request, send)
    }));
    let limit = connections.write_limit();
    apply_fn_factory(http, move |stream: TcpStream, http| {
        let peer = stream.peer_addr().ok();
        let stream = connections.open(stream, &limit);
        let connection = FastPathConnection::new(stream, peer, fast_path.clone(), |stream| {
            let in_flight = stream.in_flight();
            http.call((SequentialStream::new(stream, in_flight), peer))
        });
        let connections = connections.clone();
        connection.inspect(move |ended| connections.note_end(ended))
    })
}

/// The service of one worker thread without the fast path.
fn without_fast_path<Stops: Future<Output = ()> + 'static>(
    connections: Connections,
    stops: impl Fn() -> Stops + 'static,
) -> impl ServiceFactory<TcpStream, Config = ()> {
    let http = http_service::<ClientStream, _>(connections.cache.clone(), stops);
    let limit = connections.write_limit();
    apply_fn_factory(http, move |stream: TcpStream, http| {
        let peer = stream.peer_addr().ok();
        let stream = SequentialStream::new(connections.open(stream, &limit), Rc::default());
        let connection = http.call((stream, peer));
        let connections = connections.clone();
        connection.inspect(move |ended| connections.note_end(ended))
    })
}

/// The application behind actix-http, on streams with the client's address. `stops` resolves when the server begins to
/// shut down.
fn http_service<S, Stops>(
    cache: Arc<HttpCache>,
    stops: impl Fn() -> Stops + 'static,
) -> impl ServiceFactory<
    (SequentialStream<S>, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
    Stops: Future<Output = ()> + 'static,
{
    let app = &cache.app;
    let service = Service::new()
        .app_data(web::Data::from(app.clone()))
        .app_data(web::Data::from(cache.clone()))
        .wrap(from_fn(slow_body::refuse))
        .wrap(from_fn(long_address::refuse))
        .wrap(from_fn(host::check))
        .wrap(headers::security(app.is_https()))
        .wrap(from_fn(request_log::log))
        .configure(routes::configure);
    let service = CacheMiddleware::new(cache, service);
    HttpService::build()
        .client_request_timeout(REQUEST_HEAD_TIMEOUT)
        .client_disconnect_timeout(DISCONNECT_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .graceful_shutdown_signal(stops)
        .on_connect_ext(|stream: &SequentialStream<S>, data: &mut Extensions| {
            data.insert(stream.in_flight());
        })
        .h1(map_config(service, |()| AppConfig::default()))
}

/// The listening socket inherited from systemd (`LISTEN_FDS`, see sd_listen_fds(3)), which stays open during a restart, so
/// that connections are queued instead of refused.
fn inherited_socket() -> Result<Option<(TcpListener, SocketAddr)>, StartError> {
    let failed = |why| StartError::Bind {
        address: "the inherited socket".to_owned(),
        why,
    };
    let Some(listener) = ListenFd::from_env().take_tcp_listener(0).map_err(failed)? else {
        return Ok(None);
    };
    let bound = listener.local_addr().map_err(failed)?;
    Ok(Some((listener, bound)))
}

/// Binds an address; returns it with the port that was chosen for port 0.
fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |why| StartError::Bind {
        address: address.to_string(),
        why,
    };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Serves metrics and health checks on the address configured for them, if there is one, until the process ends.
fn operations(cache: &Arc<HttpCache>) -> Result<Option<SocketAddr>, StartError> {
    let Some(address) = cache.app.config.ops_bind else {
        return Ok(None);
    };
    let (listener, bound) = listen(address)?;
    let app = web::Data::from(cache.app.clone());
    let cache = web::Data::from(cache.clone());
    let server = HttpServer::new(move || {
        Service::new()
            .app_data(app.clone())
            .app_data(cache.clone())
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
    /// Serves until SIGTERM or Ctrl-C, then stops.
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

    /// Accepts no new connections, lets requests in flight finish, and writes the counted views.
    pub async fn stop(mut self) -> io::Result<()> {
        self.cache.close_connections();
        self.stop_listening().await;
        // Connections accepted last may not have sent their request yet.
        tokio::time::sleep(DRAIN_TIME).await;
        self.handle.stop(true).await;
        let finished = self.finished.await;
        // Their work is resumed after the next start.
        for job in &self.jobs {
            job.abort();
        }
        // A thread that still writes a picture would create its folder again after the demo has deleted it.
        self.app.decoding.shut_down().await;
        // It writes the views of the last requests. If it has ended already, awaiting it returns the error.
        let _ = self.stop_flusher.send(());
        if let Err(error) = self.flusher.await {
            tracing::error!(%error, "could not write the last views");
        }
        finished?
    }

    /// Refuses new connections without resetting any that the kernel has accepted already. If the socket is inherited, new
    /// connections are queued for the next process.
    async fn stop_listening(&mut self) {
        let Some(listener) = self.own_listener.take() else {
            self.handle.pause().await;
            return;
        };
        // Closing the socket resets the connections in its queue. So it first ignores new ones, which clients attempt again.
        #[cfg(target_os = "linux")]
        {
            let filtered = socket2::SockRef::from(&listener).attach_filter(&[DROP_ALL]);
            if let Err(error) = filtered {
                tracing::debug!(%error, "could not hold back new connections");
            }
        }
        tokio::time::sleep(QUEUE_TIME).await;
        self.handle.pause().await;
        tokio::time::sleep(PAUSE_TIME).await;
        if let Err(error) = rustix::net::shutdown(&listener, rustix::net::Shutdown::Read) {
            tracing::debug!(%error, "could not stop listening");
        }
    }
}

/// The socket filter that drops every packet (`BPF_RET | BPF_K` with length 0, see socket(7)).
#[cfg(target_os = "linux")]
const DROP_ALL: socket2::SockFilter = socket2::SockFilter::new(0x06, 0, 0, 0);
