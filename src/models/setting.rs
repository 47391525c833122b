//! Site settings: name, language, time zone, colour, links and so on, with defaults.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    db::{AnyConnection, schema::settings},
    each_backend,
    models::{index_queue, session::Lifetimes, timeline},
    text::words::Stemming,
};

/// All settings of the site. Those that are not stored have the values of [`Settings::default`].
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub name: String,
    pub tagline: String,
    /// A BCP 47 language tag: determines interface texts, writing direction, dates and digits.
    pub language: String,
    pub time_zone: Tz,
    /// A `strftime` pattern; empty for the default of the language.
    pub date_format: String,
    /// `#rrggbb`.
    pub accent: String,
    /// The agency in datelines: `Geneva, 15 December 2023 (TDI):`.
    pub agency: String,
    pub email: String,
    pub logo_media_id: Option<i64>,
    pub social_links: Vec<SocialLink>,
    pub breaking: Option<Breaking>,
    /// Whether feeds contain full texts or only standfirsts.
    pub feed_whole_texts: bool,
    /// The URL of the WebSub hub to notify of new articles, or empty.
    pub feed_hub: String,
    /// The names of those of [`CRAWLERS`] that `robots.txt` disallows.
    pub refused_crawlers: Vec<String>,
    /// An e-mail address or URL for reports of vulnerabilities (`security.txt`), or empty.
    pub security_contact: String,
    /// The content of `humans.txt`, or empty.
    pub humans: String,
    /// An ordinary session ends after this many hours without use.
    pub session_hours: i64,
    /// An ordinary session ends this many hours after the login, even if it is in use.
    pub session_max_hours: i64,
    /// A persistent session ends this many days after the login, even if it is in use.
    pub session_days: i64,
}

impl Settings {
    /// How long sessions last.
    pub fn lifetimes(&self) -> Lifetimes {
        Lifetimes {
            idle: TimeDelta::hours(self.session_hours.clamp(1, 24 * 365)),
            ordinary: TimeDelta::hours(self.session_max_hours.clamp(1, 24 * 365)),
            kept: TimeDelta::days(self.session_days.clamp(1, 365)),
        }
    }
}

/// A profile of the site or of an author on a social network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SocialLink {
    /// `x`, `facebook`, `mastodon` and so on.
    pub network: String,
    pub url: String,
}

/// A crawler that collects texts for AI.
pub struct Crawler {
    /// Its name in `robots.txt`.
    pub name: &'static str,
    /// Its operator and purpose.
    pub owner: &'static str,
}

/// The crawlers that an operator can disallow individually.
pub const CRAWLERS: [Crawler; 14] = [
    crawler("GPTBot", "OpenAI, for training"),
    crawler("OAI-SearchBot", "OpenAI, for search"),
    crawler("ChatGPT-User", "OpenAI, on user request"),
    crawler("ClaudeBot", "Anthropic, for training"),
    crawler("Claude-SearchBot", "Anthropic, for search"),
    crawler("Claude-User", "Anthropic, on user request"),
    crawler("Google-Extended", "Google, for training"),
    crawler("Applebot-Extended", "Apple, for training"),
    crawler("meta-externalagent", "Meta, for training"),
    crawler("Amazonbot", "Amazon"),
    crawler("Bytespider", "ByteDance"),
    crawler("CCBot", "Common Crawl, used for training by others"),
    crawler("PerplexityBot", "Perplexity, for search"),
    crawler("cohere-training-data-crawler", "Cohere, for training"),
];

const fn crawler(name: &'static str, owner: &'static str) -> Crawler {
    Crawler { name, owner }
}

/// The breaking-news bar above the front page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaking {
    pub text: String,
    /// A path on the site, or empty.
    pub link: String,
    /// When the bar disappears.
    pub until: DateTime<Utc>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Dateline".to_owned(),
            tagline: String::new(),
            language: "en-GB".to_owned(),
            time_zone: Tz::UTC,
            date_format: String::new(),
            accent: "#9b1c1f".to_owned(),
            agency: String::new(),
            email: String::new(),
            logo_media_id: None,
            social_links: Vec::new(),
            breaking: None,
            feed_whole_texts: true,
            feed_hub: String::new(),
            refused_crawlers: Vec::new(),
            security_contact: String::new(),
            humans: String::new(),
            session_hours: 8,
            session_max_hours: 12,
            session_days: 30,
        }
    }
}

/// Loads the settings.
pub fn load(conn: &mut AnyConnection) -> QueryResult<Settings> {
    let rows: Vec<(String, String)> = settings::table
        .select((settings::name, settings::value))
        .load(conn)?;
    let mut stored: HashMap<String, String> = rows.into_iter().collect();
    let mut take = |name: &str, default: String| stored.remove(name).unwrap_or(default);
    let default = Settings::default();
    Ok(Settings {
        name: take("name", default.name),
        tagline: take("tagline", default.tagline),
        language: take("language", default.language),
        time_zone: parsed(
            "time_zone",
            &take("time_zone", default.time_zone.to_string()),
        )?,
        date_format: take("date_format", default.date_format),
        accent: take("accent", default.accent),
        agency: take("agency", default.agency),
        email: take("email", default.email),
        logo_media_id: json("logo_media_id", &take("logo_media_id", "null".to_owned()))?,
        social_links: json("social_links", &take("social_links", "[]".to_owned()))?,
        breaking: json("breaking", &take("breaking", "null".to_owned()))?,
        feed_whole_texts: parsed(
            "feed_whole_texts",
            &take("feed_whole_texts", default.feed_whole_texts.to_string()),
        )?,
        feed_hub: take("feed_hub", default.feed_hub),
        refused_crawlers: json(
            "refused_crawlers",
            &take("refused_crawlers", "[]".to_owned()),
        )?,
        security_contact: take("security_contact", default.security_contact),
        humans: take("humans", default.humans),
        session_hours: parsed(
            "session_hours",
            &take("session_hours", default.session_hours.to_string()),
        )?,
        session_max_hours: parsed(
            "session_max_hours",
            &take("session_max_hours", default.session_max_hours.to_string()),
        )?,
        session_days: parsed(
            "session_days",
            &take("session_days", default.session_days.to_string()),
        )?,
    })
}

/// Saves all settings. A new time zone recomputes the timeline counts; a new language queues the search index.
pub fn save(conn: &mut AnyConnection, new: &Settings) -> QueryResult<()> {
    let rows = [
        ("name", new.name.clone()),
        ("tagline", new.tagline.clone()),
        ("language", new.language.clone()),
        ("time_zone", new.time_zone.to_string()),
        ("date_format", new.date_format.clone()),
        ("accent", new.accent.clone()),
        ("agency", new.agency.clone()),
        ("email", new.email.clone()),
        ("logo_media_id", to_json(&new.logo_media_id)?),
        ("social_links", to_json(&new.social_links)?),
        ("breaking", to_json(&new.breaking)?),
        ("feed_whole_texts", new.feed_whole_texts.to_string()),
        ("feed_hub", new.feed_hub.clone()),
        ("refused_crawlers", to_json(&new.refused_crawlers)?),
        ("security_contact", new.security_contact.clone()),
        ("humans", new.humans.clone()),
        ("session_hours", new.session_hours.to_string()),
        ("session_max_hours", new.session_max_hours.to_string()),
        ("session_days", new.session_days.to_string()),
    ];
    let before = load(conn)?;
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, value)| (settings::name.eq(*name), settings::value.eq(value)))
        .collect();
    diesel::delete(settings::table).execute(conn)?;
    each_backend!(conn, |c| diesel::insert_into(settings::table)
        .values(&rows)
        .execute(c))?;
    if new.time_zone != before.time_zone {
        timeline::recount(conn, new.time_zone)?;
    }
    if Stemming::of(&new.language) != Stemming::of(&before.language) {
        index_queue::queue_all(conn)?;
    }
    Ok(())
}

fn parsed<T: std::str::FromStr>(name: &str, text: &str) -> QueryResult<T> {
    text.parse().map_err(|_| {
        diesel::result::Error::DeserializationError(format!("setting {name}: {text:?}").into())
    })
}

fn json<T: serde::de::DeserializeOwned>(name: &str, text: &str) -> QueryResult<T> {
    serde_json::from_str(text).map_err(|error| {
        diesel::result::Error::DeserializationError(format!("setting {name}: {error}").into())
    })
}

fn to_json(value: &impl Serialize) -> QueryResult<String> {
    serde_json::to_string(value)
        .map_err(|error| diesel::result::Error::SerializationError(error.into()))
}
