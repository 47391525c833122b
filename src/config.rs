//! Every deploy-time setting: where it may be written, what it may be, and the types it becomes.
//!
//! A setting is looked for in the flags, then in `DATELINE_*` variables, then in `dateline.toml`;
//! what nobody set has a default that works.

use std::{
    collections::BTreeMap, ffi::OsString, fmt, net::IpAddr, net::SocketAddr, ops::RangeInclusive,
    path::Path, path::PathBuf, str::FromStr,
};

use url::Url;

use crate::db::DatabaseUrl;

/// One setting, as an operator reads of it.
struct Setting {
    name: &'static str,
    allowed: &'static str,
    secret: bool,
}

const SETTINGS: &[Setting] = &[
    Setting {
        name: "data_dir",
        allowed: "a folder",
        secret: false,
    },
    Setting {
        name: "database_url",
        allowed: "sqlite:PATH or postgres://USER:PASSWORD@HOST/DATABASE",
        secret: true,
    },
    Setting {
        name: "bind",
        allowed: "ADDRESS:PORT, such as 127.0.0.1:8080",
        secret: false,
    },
    Setting {
        name: "ops_bind",
        allowed: "ADDRESS:PORT for those who watch over the process, or nothing",
        secret: false,
    },
    Setting {
        name: "base_url",
        allowed: "the site's public http:// or https:// address without a path",
        secret: false,
    },
    Setting {
        name: "trusted_proxies",
        allowed: "IP addresses, separated by commas",
        secret: false,
    },
    Setting {
        name: "workers",
        allowed: "a number from 1 to 256",
        secret: false,
    },
    Setting {
        name: "page_cache_mb",
        allowed: "a number of megabytes from 1 to 65536",
        secret: false,
    },
    Setting {
        name: "shared_max_age",
        allowed: "a number of seconds from 0 to 3600",
        secret: false,
    },
    Setting {
        name: "backup_to",
        allowed: "a folder for backups, or nothing",
        secret: false,
    },
    Setting {
        name: "backup_every",
        allowed: "a number of hours from 1 to 168",
        secret: false,
    },
    Setting {
        name: "backup_keep",
        allowed: "a number of backups from 1 to 1000",
        secret: false,
    },
    Setting {
        name: "smtp_url",
        allowed: "smtps://USER:PASSWORD@HOST or smtp://HOST, or nothing",
        secret: true,
    },
    Setting {
        name: "mail_from",
        allowed: "the e-mail address that messages come from",
        secret: false,
    },
    Setting {
        name: "log_format",
        allowed: "text or json",
        secret: false,
    },
    Setting {
        name: "log_level",
        allowed: "error, warn, info, debug or trace",
        secret: false,
    },
];

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// What is in force, parsed.
#[derive(Clone, Debug)]
pub struct Config {
    pub data_dir: PathBuf,
    pub database_url: DatabaseUrl,
    pub bind: SocketAddr,
    /// Where `/metrics` is answered, which the public has no business with; `None` for nowhere.
    pub ops_bind: Option<SocketAddr>,
    /// The site's public address. `None` until set: then it is where the server listens.
    pub base_url: Option<Url>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Threads that answer requests.
    pub workers: usize,
    /// How much memory finished pages may take, in bytes.
    pub page_cache_bytes: u64,
    /// For how many seconds a proxy or CDN may serve a page without asking; 0 is not at all.
    pub shared_max_age: u32,
    /// Where backups are put while the newspaper is served; `None` for nowhere.
    pub backup_to: Option<PathBuf>,
    /// In hours.
    pub backup_every: u32,
    /// How many are kept.
    pub backup_keep: usize,
    /// The server that sends e-mail, if there is one.
    pub smtp_url: Option<String>,
    /// Whom messages come from.
    pub mail_from: String,
    pub log_format: LogFormat,
    pub log_level: tracing::Level,
    /// Every setting with where it came from, for `dateline config`.
    origins: Vec<InForce>,
}

#[derive(Clone, Debug)]
struct InForce {
    name: &'static str,
    value: String,
    origin: String,
}

/// Why the settings cannot be used; its text is for the operator.
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
    #[error("{origin} holds an unknown setting, {name:?}. Known: {known}")]
    Unknown {
        name: String,
        origin: String,
        known: String,
    },
    #[error("{path}: {why}")]
    File { path: String, why: String },
}

/// What was written down, before it is parsed: name to (value, origin), the strongest source last.
#[derive(Default)]
pub struct Sources {
    values: BTreeMap<&'static str, (String, String)>,
}

impl Sources {
    /// Adds a TOML file. A missing one is an error only if the operator named it.
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
            // The first belongs to the test suite. The others are what Kubernetes gives every
            // program beside a service that is called "dateline".
            if name != "REQUIRE" && !name.starts_with("PORT") && !name.starts_with("SERVICE_") {
                let value = value.to_string_lossy().into_owned();
                self.add(&name.to_ascii_lowercase(), value, &variable)?;
            }
        }
        Ok(())
    }

    /// Adds what the command line set.
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

    /// Parses everything, defaults included.
    pub fn finish(self) -> Result<Config, ConfigError> {
        let mut reading = Reading {
            sources: self,
            origins: Vec::new(),
        };
        let data_dir: PathBuf = reading.take("data_dir", "data", |text| {
            if text.is_empty() {
                Err("it is empty".to_owned())
            } else {
                Ok(PathBuf::from(text))
            }
        })?;
        let default_database = format!("sqlite:{}", data_dir.join("dateline.db").display());
        let cores = std::thread::available_parallelism().map_or(2, |n| n.get());
        Ok(Config {
            database_url: reading.take("database_url", &default_database, DatabaseUrl::parse)?,
            bind: reading.take("bind", "127.0.0.1:8080", socket_address)?,
            ops_bind: reading.take("ops_bind", "", |text| match text {
                "" => Ok(None),
                text => socket_address(text).map(Some),
            })?,
            base_url: reading.take("base_url", "", parse_base_url)?,
            trusted_proxies: reading.take("trusted_proxies", "", |text| {
                text.split(',')
                    .map(str::trim)
                    .filter(|part| !part.is_empty())
                    .map(|part| {
                        part.parse()
                            .map_err(|_| format!("{part:?} is not an IP address"))
                    })
                    .collect()
            })?,
            workers: reading.take("workers", &cores.to_string(), |text| number(text, 1..=256))?,
            page_cache_bytes: reading.take("page_cache_mb", "64", |text| {
                Ok(number::<u64>(text, 1..=65_536)? << 20)
            })?,
            shared_max_age: reading.take("shared_max_age", "0", |text| number(text, 0..=3_600))?,
            backup_to: reading.take("backup_to", "", |text| {
                Ok((!text.is_empty()).then(|| PathBuf::from(text)))
            })?,
            backup_every: reading.take("backup_every", "6", |text| number(text, 1..=168))?,
            backup_keep: reading.take("backup_keep", "28", |text| number(text, 1..=1_000))?,
            smtp_url: reading.take("smtp_url", "", |text| {
                let known = ["smtp://", "smtps://"]
                    .iter()
                    .any(|scheme| text.starts_with(scheme));
                match text {
                    "" => Ok(None),
                    _ if known => Ok(Some(text.to_owned())),
                    _ => Err("it starts with neither smtp:// nor smtps://".to_owned()),
                }
            })?,
            mail_from: reading.take("mail_from", "newsroom@localhost", |text| {
                if text.contains('@') {
                    Ok(text.to_owned())
                } else {
                    Err("it is no e-mail address".to_owned())
                }
            })?,
            log_format: reading.take("log_format", "text", |text| match text {
                "text" => Ok(LogFormat::Text),
                "json" => Ok(LogFormat::Json),
                _ => Err("there is no such format".to_owned()),
            })?,
            log_level: reading.take("log_level", "info", |text| {
                text.parse()
                    .map_err(|_| "there is no such level".to_owned())
            })?,
            data_dir,
            origins: reading.origins,
        })
    }
}

/// `Sources` while it is read, with what was found in force so far.
struct Reading {
    sources: Sources,
    origins: Vec<InForce>,
}

impl Reading {
    fn take<T>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<T, ConfigError> {
        let (value, origin) = self
            .sources
            .values
            .remove(name)
            .unwrap_or_else(|| (default.to_owned(), "default".to_owned()));
        let setting = SETTINGS.iter().find(|setting| setting.name == name);
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

/// The value as it may be printed: a password in a URL is not.
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
            // It is refused only where there is no host, and so no password.
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
        .ok_or_else(|| "it is not such a number".to_owned())
}

fn socket_address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "it is not an address with a port".to_owned())
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
    fn a_flag_beats_a_variable_and_a_variable_beats_the_default() {
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
    fn a_wrong_value_is_refused_with_its_name_its_origin_and_what_is_allowed() {
        let text = environment(&[("DATELINE_LOG_FORMAT", "xml")])
            .unwrap_err()
            .to_string();
        for part in ["log_format", "xml", "DATELINE_LOG_FORMAT", "text or json"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }

    #[test]
    fn an_unknown_variable_is_refused() {
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
        let url = "postgres://desk:hunter2@localhost/paper";
        let config = environment(&[("DATELINE_DATABASE_URL", url)]).unwrap();
        let text = config.to_string();
        assert!(
            text.contains("desk:***@localhost") && !text.contains("hunter2"),
            "{text}"
        );
    }
}
