//! Site settings: name, language, time zone, appearance, feeds, crawlers and logins.

use std::str::FromStr;

use actix_web::HttpResponse;
use askama::Template;
use chrono_tz::{TZ_VARIANTS, Tz};
use serde::Deserialize;
use unic_langid::LanguageIdentifier;

use super::{
    CsrfForm, FormOutcome, Layout, StaffRequest,
    body_editor::BodyEditor,
    checks,
    social_links::{self, SocialLinks},
};
use crate::{
    db::AnyConnection,
    error::Result,
    locale::can_write_dates,
    models::{
        history::NewEvent,
        setting::{self, CRAWLERS, Settings, SocialLink},
        user,
    },
    view::form::{Choice, Errors, Field},
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
        let line = |input: String| checks::line(&input);
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
        social_links::parse(&self.network, &self.url)
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

fn page(request: &StaffRequest, form: &SettingsForm, errors: Errors) -> Result<HttpResponse> {
    let field = |name, label, value: &str| Field::new(name, label).value(value).errors(&errors);
    let today = request.site.locale.date(request.now);
    let page = SettingsPage {
        layout: request.layout("Settings", "/admin/settings"),
        editor: BodyEditor::new(&request.app.assets),
        name: field("name", "Name of the site", &form.name).required(),
        tagline: field("tagline", "Tagline", &form.tagline)
            .hint("Shown below the name and in the title of the front page"),
        email: field("email", "E-mail address for readers", &form.email),
        language: field("language", "Language", &form.language)
            .hint(
                "A tag such as en-GB, ar, de or ur. It determines texts, digits and text direction",
            )
            .required(),
        time_zone: field("time_zone", "Time zone", "").choices(
            TZ_VARIANTS
                .iter()
                .map(|zone| Choice::new(zone.name(), zone.name(), zone.name() == form.time_zone))
                .collect(),
        ),
        date_format: field("date_format", "Date format", &form.date_format).hint(format!(
            "A pattern such as %-d %B %Y. Empty: the default of the language. Today: {today}"
        )),
        agency: field("agency", "Agency code", &form.agency)
            .hint("Shown in datelines: Geneva, 15 December 2023 (TDI)"),
        accent: field("accent", "Accent colour", &form.accent)
            .hint("Adjusted where contrast requires it"),
        logo: field("logo", "Logo", &form.logo)
            .hint("The number of a picture in the library. Empty: the name as text"),
        social_links: SocialLinks::new(&form.social_links(), &errors),
        feed_whole_texts: field("feed_whole_texts", "Full text in feeds", "")
            .hint("Otherwise feeds contain only the standfirst")
            .checked(!form.feed_whole_texts.is_empty()),
        feed_hub: field("feed_hub", "WebSub hub", &form.feed_hub)
            .hint("An https address that is notified of new stories. Optional"),
        refused_crawlers: field("refused_crawlers", "Disallowed crawlers", "")
            .hint("Listed in robots.txt")
            .choices(
                CRAWLERS
                    .iter()
                    .map(|crawler| {
                        let text = format!("{} ({})", crawler.name, crawler.owner);
                        let is_refused = form
                            .refused_crawlers
                            .iter()
                            .any(|name| name == crawler.name);
                        Choice::new(crawler.name, text, is_refused)
                    })
                    .collect(),
            ),
        security_contact: field(
            "security_contact",
            "Security contact",
            &form.security_contact,
        )
        .hint("An e-mail or https address for /.well-known/security.txt. Optional"),
        humans: field("humans", "humans.txt", &form.humans)
            .hint("Names the people behind the site. Optional"),
        session_hours: field(
            "session_hours",
            "Session timeout in hours without activity",
            &form.session_hours,
        )
        .required(),
        session_days: field(
            "session_days",
            "Days that “Keep me signed in” lasts",
            &form.session_days,
        )
        .required(),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// `GET /admin/settings`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let form = SettingsForm::from(&request.site.settings);
    page(&request, &form, Errors::default())
}

/// Parses a whole number from `from` to `to`; adds an error to `field` if it is none.
fn number(errors: &mut Errors, field: &'static str, input: &str, from: i64, to: i64) -> i64 {
    let number = input.parse().ok();
    number
        .filter(|number| (from..=to).contains(number))
        .unwrap_or_else(|| {
            errors.add(field, format!("Enter a whole number from {from} to {to}"));
            from
        })
}

/// Validates the form; the breaking-news bar is taken from `before`.
fn validate(
    conn: &mut AnyConnection,
    form: &SettingsForm,
    before: Settings,
) -> Result<FormOutcome<Settings>> {
    let mut errors = Errors::default();
    checks::required(&mut errors, "name", &form.name, "A name", 80);
    checks::max_chars(&mut errors, "tagline", &form.tagline, "The tagline", 160);
    checks::max_chars(&mut errors, "agency", &form.agency, "The code", 30);
    if !form.email.is_empty() && (user::email(&form.email).is_err() || form.email.len() > 250) {
        errors.add("email", "This is not a valid e-mail address");
    }
    if LanguageIdentifier::from_str(&form.language).is_err() {
        errors.add("language", "Enter a language tag, such as en-GB");
    }
    let time_zone = Tz::from_str(&form.time_zone);
    if time_zone.is_err() {
        errors.add("time_zone", "Unknown time zone");
    }
    checks::max_chars(
        &mut errors,
        "date_format",
        &form.date_format,
        "The pattern",
        60,
    );
    if !form.date_format.is_empty() && !can_write_dates(&form.date_format) {
        errors.add("date_format", "This is not a valid pattern");
    }
    let hex = form.accent.strip_prefix('#').unwrap_or_default();
    if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        errors.add("accent", "Enter a colour as #rrggbb");
    }
    let logo_media_id = checks::media_id(conn, &mut errors, "logo", &form.logo)?;
    let social_links = form.social_links();
    social_links::validate(&mut errors, &social_links);
    let is_https = |address: &str| {
        address.len() <= 500
            && url::Url::parse(address).is_ok_and(|url| url.scheme() == "https" && url.has_host())
    };
    if !form.feed_hub.is_empty() && !is_https(&form.feed_hub) {
        errors.add("feed_hub", "This is not an https address");
    }
    let contact = &form.security_contact;
    if !contact.is_empty() && !is_https(contact) && user::email(contact).is_err() {
        errors.add("security_contact", "Enter an e-mail or https address");
    }
    checks::max_chars(&mut errors, "humans", &form.humans, "The text", 5_000);
    let session_hours = number(
        &mut errors,
        "session_hours",
        &form.session_hours,
        1,
        24 * 365,
    );
    let session_days = number(&mut errors, "session_days", &form.session_days, 1, 365);
    Ok(match time_zone {
        Ok(time_zone) if errors.is_empty() => FormOutcome::Accepted(Settings {
            name: form.name.clone(),
            tagline: form.tagline.clone(),
            language: form.language.clone(),
            time_zone,
            date_format: form.date_format.clone(),
            accent: form.accent.to_lowercase(),
            agency: form.agency.clone(),
            email: form.email.clone(),
            logo_media_id,
            social_links,
            feed_whole_texts: !form.feed_whole_texts.is_empty(),
            feed_hub: form.feed_hub.clone(),
            refused_crawlers: CRAWLERS
                .iter()
                .map(|crawler| crawler.name.to_owned())
                .filter(|name| form.refused_crawlers.contains(name))
                .collect(),
            security_contact: form.security_contact.clone(),
            humans: form.humans.clone(),
            session_hours,
            session_days,
            breaking: before.breaking,
        }),
        _ => FormOutcome::Invalid(errors),
    })
}

/// The changed settings, as the history shows them.
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
            "session lifetimes",
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
pub async fn save(request: StaffRequest, posted: CsrfForm<SettingsForm>) -> Result<HttpResponse> {
    let form = posted.form.cleaned();
    let input = form.clone();
    let outcome = request
        .write(move |conn, actor| {
            let before = setting::load(conn)?;
            validate(conn, &input, before.clone())?.save(|settings| {
                setting::save(conn, &settings)?;
                actor.audit(
                    conn,
                    &NewEvent {
                        action: "changed",
                        kind: "settings",
                        object: "Settings",
                        detail: &differences(&before, &settings),
                        ..NewEvent::default()
                    },
                )
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => request.see_other("/admin/settings", "Settings saved."),
        FormOutcome::Invalid(errors) => page(&request, &form, errors),
    }
}
