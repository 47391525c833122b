//! Settings: the publication's name, language, time zone, look and addresses.

use std::str::FromStr;

use actix_web::HttpResponse;
use askama::Template;
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::Deserialize;
use unic_langid::LanguageIdentifier;

use super::{
    Layout, Newsroom, Posted,
    body_editor::BodyEditor,
    checks,
    social_links::{self, SocialLinks},
};
use crate::{
    db::AnyConnection,
    error::Result,
    models::{
        history::NewEvent,
        setting::{self, CRAWLERS, Settings, SocialLink},
        user,
    },
    view::{
        form::{Choice, Errors, Field},
        locale::can_write_dates,
    },
};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SettingsForm {
    name: String,
    tagline: String,
    language: String,
    time_zone: String,
    date_format: String,
    accent: String,
    agency: String,
    email: String,
    logo: String,
    network: Vec<String>,
    url: Vec<String>,
    feed_whole_texts: String,
    feed_hub: String,
    refused_crawlers: Vec<String>,
    security_contact: String,
    humans: String,
    session_hours: String,
    session_days: String,
}

impl SettingsForm {
    fn cleaned(self) -> Self {
        let line = |typed: String| checks::line(&typed);
        Self {
            name: line(self.name),
            tagline: line(self.tagline),
            language: line(self.language),
            time_zone: line(self.time_zone),
            date_format: line(self.date_format),
            accent: line(self.accent),
            agency: line(self.agency),
            email: line(self.email),
            logo: line(self.logo),
            feed_hub: line(self.feed_hub),
            security_contact: line(self.security_contact),
            humans: checks::lines(&self.humans),
            session_hours: line(self.session_hours),
            session_days: line(self.session_days),
            ..self
        }
    }

    fn social_links(&self) -> Vec<SocialLink> {
        social_links::typed(&self.network, &self.url)
    }
}

impl From<&Settings> for SettingsForm {
    fn from(settings: &Settings) -> Self {
        let links = settings.social_links.iter().cloned();
        let (network, url) = links.map(|link| (link.network, link.url)).unzip();
        Self {
            name: settings.name.clone(),
            tagline: settings.tagline.clone(),
            language: settings.language.clone(),
            time_zone: settings.time_zone.to_string(),
            date_format: settings.date_format.clone(),
            accent: settings.accent.clone(),
            agency: settings.agency.clone(),
            email: settings.email.clone(),
            logo: settings
                .logo_media_id
                .map(|id| id.to_string())
                .unwrap_or_default(),
            network,
            url,
            feed_whole_texts: if settings.feed_whole_texts {
                "yes".to_owned()
            } else {
                String::new()
            },
            feed_hub: settings.feed_hub.clone(),
            refused_crawlers: settings.refused_crawlers.clone(),
            security_contact: settings.security_contact.clone(),
            humans: settings.humans.clone(),
            session_hours: settings.session_hours.to_string(),
            session_days: settings.session_days.to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    layout: Layout,
    editor: BodyEditor,
    name: Field,
    tagline: Field,
    email: Field,
    language: Field,
    time_zone: Field,
    date_format: Field,
    agency: Field,
    accent: Field,
    logo: Field,
    social_links: SocialLinks,
    feed_whole_texts: Field,
    feed_hub: Field,
    refused_crawlers: Field,
    security_contact: Field,
    humans: Field,
    session_hours: Field,
    session_days: Field,
    errors: Errors,
}

fn page(desk: &Newsroom, typed: &SettingsForm, errors: Errors) -> Result<HttpResponse> {
    let field = |name, label, value: &str| Field::new(name, label).value(value).errors(&errors);
    let today = desk.site.locale.date(desk.now);
    let page = SettingsPage {
        layout: desk.layout("Settings", "/admin/settings"),
        editor: BodyEditor::new(&desk.app.assets),
        name: field("name", "Name of the site", &typed.name).required(),
        tagline: field("tagline", "Tagline", &typed.tagline)
            .hint("A line below the name, and in the front page's title"),
        email: field("email", "E-mail address for readers", &typed.email),
        language: field("language", "Language", &typed.language)
            .hint("A tag such as en-GB, ar, de or ur: it decides texts, digits and direction")
            .required(),
        time_zone: field("time_zone", "Time zone", "").choices(
            TZ_VARIANTS
                .iter()
                .map(|zone| Choice::new(zone.name(), zone.name(), zone.name() == typed.time_zone))
                .collect(),
        ),
        date_format: field("date_format", "Date format", &typed.date_format).hint(format!(
            "A pattern such as %-d %B %Y; empty for the language's own. Today is {today}"
        )),
        agency: field("agency", "Agency code", &typed.agency)
            .hint("Stands in datelines: Geneva, 15 December 2023 (TDI)"),
        accent: field("accent", "Accent colour", &typed.accent)
            .hint("Made darker or lighter where reading needs it"),
        logo: field("logo", "Logo", &typed.logo)
            .hint("The number of a picture in the library; empty for the name in letters"),
        social_links: SocialLinks::new(&typed.social_links(), &errors),
        feed_whole_texts: field("feed_whole_texts", "Feeds hold whole texts", "")
            .hint("Otherwise the standfirst alone")
            .checked(!typed.feed_whole_texts.is_empty()),
        feed_hub: field("feed_hub", "WebSub hub", &typed.feed_hub)
            .hint("An https address that is told of new stories, so that feed readers need not ask; or empty"),
        refused_crawlers: field("refused_crawlers", "Crawlers that are asked to stay away", "")
            .hint("In robots.txt, which the well-behaved heed")
            .choices(
                CRAWLERS
                    .iter()
                    .map(|crawler| {
                        let text = format!("{} ({})", crawler.name, crawler.owner);
                        let is_refused = typed
                            .refused_crawlers
                            .iter()
                            .any(|name| name == crawler.name);
                        Choice::new(crawler.name, text, is_refused)
                    })
                    .collect(),
            ),
        security_contact: field(
            "security_contact",
            "Whom to tell of a security hole",
            &typed.security_contact,
        )
        .hint("An e-mail address or an https address, for /.well-known/security.txt; or empty"),
        humans: field("humans", "humans.txt", &typed.humans)
            .hint("Who makes the newspaper, for the curious; or empty"),
        session_hours: field(
            "session_hours",
            "A login ends after so many hours without use",
            &typed.session_hours,
        )
        .required(),
        session_days: field(
            "session_days",
            "“Keep me signed in” lasts so many days",
            &typed.session_days,
        )
        .required(),
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// `GET /admin/settings`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let typed = SettingsForm::from(&desk.site.settings);
    page(&desk, &typed, Errors::default())
}

/// A whole number between two; says so in `field` if it is none.
fn number(errors: &mut Errors, field: &'static str, typed: &str, from: i64, to: i64) -> i64 {
    let number = typed.parse().ok();
    number
        .filter(|number| (from..=to).contains(number))
        .unwrap_or_else(|| {
            errors.add(
                field,
                format!("A whole number from {from} to {to} is needed"),
            );
            from
        })
}

/// What was typed in place of what `before` says; the breaking-news bar stays as it is.
fn checked(
    conn: &mut AnyConnection,
    typed: &SettingsForm,
    before: Settings,
) -> Result<Result<Settings, Errors>> {
    let mut errors = Errors::default();
    checks::needed(&mut errors, "name", &typed.name, "A name", 80);
    checks::short(&mut errors, "tagline", &typed.tagline, "The tagline", 160);
    checks::short(&mut errors, "agency", &typed.agency, "The code", 30);
    if !typed.email.is_empty() && (user::email(&typed.email).is_err() || typed.email.len() > 250) {
        errors.add("email", "This is not an e-mail address");
    }
    if LanguageIdentifier::from_str(&typed.language).is_err() {
        errors.add("language", "This is not a language tag, such as en-GB");
    }
    let time_zone = Tz::from_str(&typed.time_zone);
    if time_zone.is_err() {
        errors.add("time_zone", "There is no such time zone");
    }
    checks::short(
        &mut errors,
        "date_format",
        &typed.date_format,
        "The pattern",
        60,
    );
    if !typed.date_format.is_empty() && !can_write_dates(&typed.date_format) {
        errors.add("date_format", "No date can be written with this pattern");
    }
    let hex = typed.accent.strip_prefix('#').unwrap_or_default();
    if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        errors.add("accent", "A colour is written #rrggbb");
    }
    let logo_media_id = checks::picture(conn, &mut errors, "logo", &typed.logo)?;
    let social_links = typed.social_links();
    social_links::check(&mut errors, &social_links);
    let is_https = |address: &str| {
        address.len() <= 500
            && url::Url::parse(address).is_ok_and(|url| url.scheme() == "https" && url.has_host())
    };
    if !typed.feed_hub.is_empty() && !is_https(&typed.feed_hub) {
        errors.add("feed_hub", "This is not an https address");
    }
    let contact = &typed.security_contact;
    if !contact.is_empty() && !is_https(contact) && user::email(contact).is_err() {
        errors.add(
            "security_contact",
            "This is neither an e-mail address nor an https address",
        );
    }
    checks::short(&mut errors, "humans", &typed.humans, "The text", 5_000);
    let session_hours = number(
        &mut errors,
        "session_hours",
        &typed.session_hours,
        1,
        24 * 365,
    );
    let session_days = number(&mut errors, "session_days", &typed.session_days, 1, 365);
    Ok(match time_zone {
        Ok(time_zone) if errors.is_empty() => Ok(Settings {
            name: typed.name.clone(),
            tagline: typed.tagline.clone(),
            language: typed.language.clone(),
            time_zone,
            date_format: typed.date_format.clone(),
            accent: typed.accent.to_lowercase(),
            agency: typed.agency.clone(),
            email: typed.email.clone(),
            logo_media_id,
            social_links,
            feed_whole_texts: !typed.feed_whole_texts.is_empty(),
            feed_hub: typed.feed_hub.clone(),
            refused_crawlers: CRAWLERS
                .iter()
                .map(|crawler| crawler.name.to_owned())
                .filter(|name| typed.refused_crawlers.contains(name))
                .collect(),
            security_contact: typed.security_contact.clone(),
            humans: typed.humans.clone(),
            session_hours,
            session_days,
            breaking: before.breaking,
        }),
        _ => Err(errors),
    })
}

/// What the history tells of a change.
fn differences(old: &Settings, new: &Settings) -> String {
    let changed = [
        ("name", old.name != new.name),
        ("tagline", old.tagline != new.tagline),
        ("language", old.language != new.language),
        ("time zone", old.time_zone != new.time_zone),
        ("date format", old.date_format != new.date_format),
        ("accent colour", old.accent != new.accent),
        ("agency", old.agency != new.agency),
        ("e-mail", old.email != new.email),
        ("logo", old.logo_media_id != new.logo_media_id),
        ("profiles", old.social_links != new.social_links),
        (
            "feeds",
            (old.feed_whole_texts, &old.feed_hub) != (new.feed_whole_texts, &new.feed_hub),
        ),
        ("crawlers", old.refused_crawlers != new.refused_crawlers),
        (
            "security contact",
            old.security_contact != new.security_contact,
        ),
        ("humans.txt", old.humans != new.humans),
        (
            "length of logins",
            (old.session_hours, old.session_days) != (new.session_hours, new.session_days),
        ),
    ];
    let names: Vec<&str> = changed
        .iter()
        .filter(|(_, changed)| *changed)
        .map(|(name, _)| *name)
        .collect();
    names.join(", ")
}

/// `POST /admin/settings`
pub async fn save(desk: Newsroom, posted: Posted<SettingsForm>) -> Result<HttpResponse> {
    let typed = posted.form.cleaned();
    let form = typed.clone();
    let done = desk
        .write(move |conn, actor| {
            let before = setting::load(conn)?;
            let settings = match checked(conn, &form, before.clone())? {
                Ok(settings) => settings,
                Err(errors) => return Ok(Err(errors)),
            };
            setting::save(conn, &settings)?;
            actor.did(
                conn,
                &NewEvent {
                    action: "changed",
                    kind: "settings",
                    object: "Settings",
                    detail: &differences(&before, &settings),
                    ..NewEvent::default()
                },
            )?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/settings", "The settings are saved."),
        Err(errors) => page(&desk, &typed, errors),
    }
}
