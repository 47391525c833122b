//! Settings of the process: where each may be set, its allowed values, and its type.
//!
//! A setting is looked up in the flags, then in `DATELINE_*` variables, then in `dateline.toml`; otherwise its default
//! applies. Each is named once, in [`settings!`].

use std::{
    collections::BTreeMap, ffi::OsString, fmt, net::IpAddr, net::SocketAddr, ops::RangeInclusive,
    path::Path, path::PathBuf, str::FromStr,
};

use url::Url;

use crate::{database_url::DatabaseUrl, memory};

/// One setting, as the command line documents it.
pub struct Setting {
    /// In `dateline.toml`. The variable is `DATELINE_` and the name in upper case, the flag has hyphens.
    pub name: &'static str,
    pub help: &'static str,
    /// The placeholder of the value in the flag's help.
    pub value_name: &'static str,
    /// The default in words, where it depends on something; otherwise empty.
    pub default_help: &'static str,
    pub allowed: &'static str,
    /// Whether it may contain a password, which is never printed.
    secret: bool,
    /// The text that applies if the setting is not set, given the data directory.
    default: fn(data_dir: &str) -> String,
}

impl Setting {
    /// The default for people.
    pub fn default_text(&self) -> String {
        match self.default_help {
            "" => match (self.default)("").as_str() {
                "" => "none".to_owned(),
                text => text.to_owned(),
            },
            text => text.to_owned(),
        }
    }
}

/// Declares the settings: the struct [`Config`], the table [`SETTINGS`], and how each is parsed.
macro_rules! settings {
    ($(
        #[doc = $help:literal]
        $name:ident: $type:ty {
            value: $value:literal,
            allowed: $allowed:literal,
            default: $default:expr,
            $(default_help: $default_help:literal,)?
            $(secret: $secret:literal,)?
            parse: $parse:expr $(,)?
        }
    )*) => {
        /// The settings in force.
        #[derive(Clone, Debug)]
        pub struct Config {
            $(#[doc = $help] pub $name: $type,)*
            /// Every setting with its origin, for `dateline config`.
            origins: Vec<InForce>,
        }

        /// All settings.
        pub const SETTINGS: &[Setting] = &[$(Setting {
            name: stringify!($name),
            help: $help.trim_ascii(),
            value_name: $value,
            default_help: concat!($($default_help)?),
            allowed: $allowed,
            secret: false $(|| $secret)?,
            default: $default,
        },)*];

        impl Sources {
            /// Parses all settings, defaults included.
            ///
            /// # Errors
            /// Values that are not allowed.
            pub fn finish(self) -> Result<Config, ConfigError> {
                let mut reader = Reader::new(self);
                $(let $name: $type = reader.take(stringify!($name), $parse)?;)*
                Ok(Config { $($name,)* origins: reader.origins })
            }
        }
    };
}

settings! {
    /// Folder of the database and the pictures
    data_dir: PathBuf {
        value: "FOLDER",
        allowed: "a folder",
        default: |_| "data".to_owned(),
        parse: |text| match text {
            "" => Err("it is empty".to_owned()),
            text => Ok(PathBuf::from(text)),
        },
    }
    /// Database: sqlite:PATH or postgres://…
    database_url: DatabaseUrl {
        value: "URL",
        allowed: "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
        default: |data_dir| format!("sqlite:{}", Path::new(data_dir).join("dateline.db").display()),
        default_help: "sqlite:<data-dir>/dateline.db",
        secret: true,
        parse: DatabaseUrl::parse,
    }
    /// Address to listen on
    bind: SocketAddr {
        value: "ADDRESS:PORT",
        allowed: "ADDRESS:PORT, such as 127.0.0.1:8080",
        default: |_| "127.0.0.1:8080".to_owned(),
        parse: socket_address,
    }
    /// Address that serves /metrics, /healthz and /readyz for monitoring
    ops_bind: Option<SocketAddr> {
        value: "ADDRESS:PORT",
        allowed: "ADDRESS:PORT, or nothing",
        default: |_| String::new(),
        parse: |text| match text {
            "" => Ok(None),
            text => socket_address(text).map(Some),
        },
    }
    /// Public address of the site
    base_url: Option<Url> {
        value: "URL",
        allowed: "the site's public http:// or https:// address without a path",
        default: |_| String::new(),
        default_help: "the address it listens on",
        parse: parse_base_url,
    }
    /// Proxies whose X-Forwarded-For is trusted, separated by commas
    trusted_proxies: Vec<IpAddr> {
        value: "ADDRESSES",
        allowed: "IP addresses, separated by commas",
        default: |_| String::new(),
        parse: ip_addresses,
    }
    /// Threads that serve requests
    workers: usize {
        value: "N",
        allowed: "a number from 1 to 256",
        default: |_| std::thread::available_parallelism().map_or(2, |n| n.get()).to_string(),
        default_help: "one per core",
        parse: |text| number(text, 1..=256),
    }
    /// Memory for cached pages, in megabytes
    page_cache_mb: u64 {
        value: "MB",
        allowed: "a number of megabytes from 1 to 65536",
        default: |_| "64".to_owned(),
        parse: |text| number(text, 1..=65_536),
    }
    /// Memory for decoding uploaded pictures, in megabytes
    picture_memory_mb: u64 {
        value: "MB",
        allowed: "a number of megabytes from 32 to 65536",
        default: |_| default_picture_memory().to_string(),
        default_help: "half of the memory that the process may use, at most 2048",
        parse: |text| number(text, 32..=65_536),
    }
    /// Whether cached pages are served at the socket, before actix-http: on or off
    fast_path: bool {
        value: "on|off",
        allowed: "on or off",
        default: |_| "on".to_owned(),
        parse: |text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            _ => Err("it is neither on nor off".to_owned()),
        },
    }
    /// How long proxies and CDNs may serve a page without revalidation, in seconds; 0 for not at all
    shared_max_age: u32 {
        value: "SECONDS",
        allowed: "a number of seconds from 0 to 3600",
        default: |_| "0".to_owned(),
        parse: |text| number(text, 0..=3_600),
    }
    /// Folder for scheduled backups
    backup_to: Option<PathBuf> {
        value: "FOLDER",
        allowed: "a folder, or nothing",
        default: |_| String::new(),
        parse: |text| Ok((!text.is_empty()).then(|| PathBuf::from(text))),
    }
    /// Hours between scheduled backups
    backup_every: u32 {
        value: "HOURS",
        allowed: "a number of hours from 1 to 168",
        default: |_| "6".to_owned(),
        parse: |text| number(text, 1..=168),
    }
    /// Scheduled backups to keep
    backup_keep: usize {
        value: "N",
        allowed: "a number of backups from 1 to 1000",
        default: |_| "28".to_owned(),
        parse: |text| number(text, 1..=1_000),
    }
    /// SMTP server for e-mail: smtps://USER:PASSWORD@HOST
    smtp_url: Option<String> {
        value: "URL",
        allowed: "smtps://USER:PASSWORD@HOST or smtp://HOST, or nothing",
        default: |_| String::new(),
        secret: true,
        parse: smtp_url,
    }
    /// Sender of e-mail
    mail_from: String {
        value: "ADDRESS",
        allowed: "an e-mail address",
        default: |_| "newsroom@localhost".to_owned(),
        parse: |text| match text.contains('@') {
            true => Ok(text.to_owned()),
            false => Err("it is not an e-mail address".to_owned()),
        },
    }
    /// Format of the log: text or json
    log_format: LogFormat {
        value: "FORMAT",
        allowed: "text or json",
        default: |_| "text".to_owned(),
        parse: |text| match text {
            "text" => Ok(LogFormat::Text),
            "json" => Ok(LogFormat::Json),
            _ => Err("there is no such format".to_owned()),
        },
    }
    /// Level of the log: error, warn, info, debug or trace
    log_level: tracing::Level {
        value: "LEVEL",
        allowed: "error, warn, info, debug or trace",
        default: |_| "info".to_owned(),
        parse: |text| text.parse().map_err(|_| "there is no such level".to_owned()),
    }
}

/// In megabytes.
fn default_picture_memory() -> u64 {
    memory::available().map_or(1_024, |bytes| (bytes / 2_000_000).clamp(64, 2_048))
}

/// The format of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug)]
struct InForce {
    name: &'static str,
    value: String,
    origin: String,
}

/// Invalid settings; the text is for the operator.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{name} = {value:?} ({origin}): {why}. Allowed: {allowed}")]
    Value {
        name: &'static str,
        value: String,
        origin: String,
        why: String,
        allowed: &'static str,
    },
    #[error("{origin} contains an unknown setting, {name:?}. Known: {known}")]
    Unknown {
        name: String,
        origin: String,
        known: String,
    },
    #[error("{path}: {why}")]
    File { path: String, why: String },
}

/// The values before they are parsed: name to (value, origin). Sources added later override earlier ones.
#[derive(Default)]
pub struct Sources {
    values: BTreeMap<&'static str, (String, String)>,
}

impl Sources {
    /// Adds a TOML file. A missing file is an error only if it is `required`.
    pub fn file(&mut self, path: &Path, required: bool) -> Result<(), ConfigError> {
        let shown = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !required => {
                return Ok(());
            }
            Err(error) => {
                return Err(ConfigError::File {
                    path: shown,
                    why: error.to_string(),
                });
            }
        };
        let table: toml::Table =
            text.parse()
                .map_err(|error: toml::de::Error| ConfigError::File {
                    path: shown.clone(),
                    why: error.to_string(),
                })?;
        for (name, value) in table {
            let value = match value {
                toml::Value::String(text) => text,
                toml::Value::Array(items) => items
                    .iter()
                    .map(|item| {
                        item.as_str()
                            .map_or_else(|| item.to_string(), str::to_owned)
                    })
                    .collect::<Vec<_>>()
                    .join(","),
                other => other.to_string(),
            };
            self.add(&name, value, &shown)?;
        }
        Ok(())
    }

    /// Adds the `DATELINE_*` variables among `variables`.
    pub fn environment(
        &mut self,
        variables: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<(), ConfigError> {
        for (variable, value) in variables {
            let variable = variable.to_string_lossy();
            let Some(name) = variable.strip_prefix("DATELINE_") else {
                continue;
            };
            // `REQUIRE` and `TEST_` are read by the test suite. Kubernetes sets the others for every pod beside a service
            // with the name "dateline".
            let is_foreign = name == "REQUIRE"
                || ["TEST_", "PORT", "SERVICE_"]
                    .iter()
                    .any(|prefix| name.starts_with(prefix));
            if !is_foreign {
                let value = value.to_string_lossy().into_owned();
                self.add(&name.to_ascii_lowercase(), value, &variable)?;
            }
        }
        Ok(())
    }

    /// Adds a flag of the command line.
    pub fn flag(&mut self, name: &str, value: Option<String>) -> Result<(), ConfigError> {
        match value {
            Some(value) => self.add(name, value, &format!("--{}", name.replace('_', "-"))),
            None => Ok(()),
        }
    }

    fn add(&mut self, name: &str, value: String, origin: &str) -> Result<(), ConfigError> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
            let known: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
            return Err(ConfigError::Unknown {
                name: name.to_owned(),
                origin: origin.to_owned(),
                known: known.join(", "),
            });
        };
        self.values.insert(setting.name, (value, origin.to_owned()));
        Ok(())
    }
}

/// Reads the settings one after the other, and records their origins.
struct Reader {
    sources: Sources,
    data_dir: String,
    origins: Vec<InForce>,
}

impl Reader {
    fn new(sources: Sources) -> Self {
        Self {
            sources,
            data_dir: String::new(),
            origins: Vec::new(),
        }
    }

    fn take<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
        let (value, origin) = self.sources.values.remove(name).unwrap_or_else(|| {
            let default = setting.map(|setting| (setting.default)(&self.data_dir));
            (default.unwrap_or_default(), "default".to_owned())
        });
        // Declared first, as the default of the database depends on it.
        if name == "data_dir" {
            self.data_dir.clone_from(&value);
        }
        let parsed = parse(&value).map_err(|why| ConfigError::Value {
            name,
            value: shown(setting, &value),
            origin: origin.clone(),
            why,
            allowed: setting.map_or("", |setting| setting.allowed),
        })?;
        self.origins.push(InForce {
            name,
            value: shown(setting, &value),
            origin,
        });
        Ok(parsed)
    }
}

/// The value as it is printed: without passwords.
fn shown(setting: Option<&Setting>, value: &str) -> String {
    match setting {
        Some(setting) if setting.secret && !value.is_empty() => without_password(value),
        _ => value.to_owned(),
    }
}

fn without_password(value: &str) -> String {
    match (DatabaseUrl::parse(value), Url::parse(value)) {
        (Ok(database), _) => database.shown(),
        (Err(_), Ok(mut url)) if url.has_host() => {
            // It fails only for URLs without host.
            if url.password().is_some() && url.set_password(Some("***")).is_err() {
                return "***".to_owned();
            }
            url.to_string()
        }
        _ => "***".to_owned(),
    }
}

/// A whole number within these bounds.
fn number<T: FromStr + PartialOrd>(text: &str, bounds: RangeInclusive<T>) -> Result<T, String> {
    text.parse()
        .ok()
        .filter(|number| bounds.contains(number))
        .ok_or_else(|| "it is not a number in this range".to_owned())
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "it is not an address with a port".to_owned())
}

fn ip_addresses(text: &str) -> Result<Vec<IpAddr>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse()
                .map_err(|_| format!("{part:?} is not an IP address"))
        })
        .collect()
}

fn smtp_url(text: &str) -> Result<Option<String>, String> {
    let is_smtp = ["smtp://", "smtps://"]
        .iter()
        .any(|scheme| text.starts_with(scheme));
    match text {
        "" => Ok(None),
        _ if is_smtp => Ok(Some(text.to_owned())),
        _ => Err("it starts with neither smtp:// nor smtps://".to_owned()),
    }
}

fn parse_base_url(text: &str) -> Result<Option<Url>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    match url.scheme() {
        "http" | "https" if url.path() == "/" && url.query().is_none() => Ok(Some(url)),
        "http" | "https" => Err("it has a path or a query".to_owned()),
        other => Err(format!("{other} is neither http nor https")),
    }
}

impl fmt::Display for Config {
    /// The settings in force, one a line, in the syntax of `dateline.toml`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for setting in &self.origins {
            let line = format!("{} = {:?}", setting.name, setting.value);
            writeln!(f, "{line:<56} # {}", setting.origin)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut sources = Sources::default();
        sources.environment(pairs.iter().map(|(k, v)| (k.into(), v.into())))?;
        sources.finish()
    }

    #[test]
    fn flags_override_variables_and_variables_override_defaults() {
        let mut sources = Sources::default();
        sources
            .environment(
                [("DATELINE_BIND", "127.0.0.1:1"), ("DATELINE_WORKERS", "3")]
                    .map(|(k, v)| (k.into(), v.into()))
                    .into_iter(),
            )
            .unwrap();
        sources
            .flag("bind", Some("127.0.0.1:2".to_owned()))
            .unwrap();
        let config = sources.finish().unwrap();
        assert_eq!(config.bind.port(), 2);
        assert_eq!(config.workers, 3);
        assert_eq!(config.log_format, LogFormat::Text);
    }

    #[test]
    fn an_invalid_value_is_reported_with_name_origin_and_allowed_values() {
        let text = environment(&[("DATELINE_LOG_FORMAT", "xml")])
            .unwrap_err()
            .to_string();
        for part in ["log_format", "xml", "DATELINE_LOG_FORMAT", "text or json"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn the_fast_path_is_on_unless_it_is_switched_off() {
        assert!(environment(&[]).unwrap().fast_path);
        let config = environment(&[("DATELINE_FAST_PATH", "off")]).unwrap();
        assert!(!config.fast_path);
        assert!(config.to_string().contains("fast_path = \"off\""));
        assert!(environment(&[("DATELINE_FAST_PATH", "false")]).is_err());
    }

    #[test]
    fn an_unknown_variable_is_an_error() {
        let text = environment(&[("DATELINE_BNID", "x")])
            .unwrap_err()
            .to_string();
        assert!(
            text.contains("bnid") && text.contains("DATELINE_BNID"),
            "{text}"
        );
    }

    #[test]
    fn the_password_of_the_database_is_not_printed() {
        let url = "postgres://news:hunter2@localhost/paper";
        let config = environment(&[("DATELINE_DATABASE_URL", url)]).unwrap();
        let text = config.to_string();
        assert!(
            text.contains("news:***@localhost") && !text.contains("hunter2"),
            "{text}"
        );
    }
}
