//! A private PostgreSQL cluster for the test run, with a database for each test.

use std::{
    net::TcpListener,
    path::Path,
    process::{Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use diesel::{Connection, PgConnection, RunQueryDsl, connection::SimpleConnection, sql_query};

/// Folders of the PostgreSQL programs, as installed by Debian, newest first.
const PROGRAM_FOLDERS: [&str; 5] = [
    "/usr/lib/postgresql/18/bin",
    "/usr/lib/postgresql/17/bin",
    "/usr/lib/postgresql/16/bin",
    "/usr/lib/postgresql/15/bin",
    "/usr/local/bin",
];

static CLUSTER: LazyLock<Result<Cluster, String>> = LazyLock::new(Cluster::start);

struct Cluster {
    port: u16,
    databases: AtomicU32,
}

/// The URL of a new, empty database; `None`, reported as skipped, if PostgreSQL is not installed.
pub fn new_database() -> Option<String> {
    match &*CLUSTER {
        Ok(cluster) => Some(cluster.new_database()),
        Err(why) => {
            super::skip("postgres", why);
            None
        }
    }
}

/// Simulates an outage of a database: closes all its connections and refuses new ones; or ends the outage.
pub fn set_down(url: &str, down: bool) {
    let (cluster, name) = url.rsplit_once('/').unwrap();
    let mut conn = PgConnection::establish(&format!("{cluster}/postgres")).unwrap();
    conn.batch_execute(&format!(
        "ALTER DATABASE {name} ALLOW_CONNECTIONS {}",
        !down
    ))
    .unwrap();
    if down {
        conn.batch_execute(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ))
        .unwrap();
    }
}

impl Cluster {
    fn start() -> Result<Self, String> {
        let programs = PROGRAM_FOLDERS
            .iter()
            .map(Path::new)
            .find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
            .ok_or("PostgreSQL's initdb was not found")?;
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .map_err(|error| error.to_string())?
            .port();
        let folder = std::env::temp_dir().join(format!("dateline-tests-{}", std::process::id()));
        // The cluster ends with this process, even if that is killed, because the shell's standard input closes
        // then. PostgreSQL refuses to run as root, so root starts it as the user `postgres`.
        let script = format!(
            "set -e
             mkdir -m 700 {folder}
             {programs}/initdb -D {folder}/data -U dateline -A trust --no-sync >{folder}/log 2>&1
             {programs}/postgres -D {folder}/data -p {port} -h 127.0.0.1 -k {folder} -F \
               -c max_connections=300 >>{folder}/log 2>&1 &
             trap '' INT
             read _ || true
             kill -INT $!
             wait
             rm -rf {folder}",
            folder = folder.display(),
            programs = programs.display(),
        );
        let is_root = Path::new("/root")
            .metadata()
            .is_ok_and(|_| std::fs::read_dir("/root").is_ok());
        let mut command = if is_root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh", "-c", &script]);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", &script]);
            command
        };
        let child = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("the cluster could not be started: {error}"))?;
        // The pipe has to stay open as long as this process lives.
        std::mem::forget(child);
        let cluster = Self {
            port,
            databases: AtomicU32::new(0),
        };
        for _ in 0..200 {
            if PgConnection::establish(&cluster.url("postgres")).is_ok() {
                return Ok(cluster);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let log = folder.join("log");
        Err(format!(
            "the cluster did not start; its log is {}",
            log.display()
        ))
    }

    fn new_database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut conn = PgConnection::establish(&self.url("postgres")).unwrap();
        sql_query(format!("CREATE DATABASE {name}"))
            .execute(&mut conn)
            .unwrap();
        self.url(&name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://dateline@127.0.0.1:{}/{database}", self.port)
    }
}
