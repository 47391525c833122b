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
    db::types::{HistoryAction, HistoryKind},
    error::Result,
    locale::{Newsroom, NewsroomHistoryDetails, can_write_dates},
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
    session_max_hours: String,
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
            session_max_hours: line(self.session_max_hours),
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
            session_max_hours: settings.session_max_hours.to_string(),
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
    session_max_hours: Field,
    session_days: Field,
    errors: Errors,
}

fn page(request: &StaffRequest, form: &SettingsForm, errors: Errors) -> Result<HttpResponse> {
    let field = |name, label, value: &str| Field::new(name, label).value(value).errors(&errors);
    let today = request.site.locale.date(request.now);
    let texts = request.texts();
    let page = SettingsPage {
        layout: request.layout(texts.settings.title, "/admin/settings"),
        editor: BodyEditor::new(&request.app.assets),
        name: field("name", texts.settings.name, &form.name).required(),
        tagline: field("tagline", texts.settings.tagline, &form.tagline)
            .hint(texts.settings.tagline_hint),
        email: field("email", texts.settings.email, &form.email),
        language: field("language", texts.settings.language, &form.language)
            .hint(texts.settings.language_hint)
            .required(),
        time_zone: field("time_zone", texts.settings.time_zone, "").choices(
            TZ_VARIANTS
                .iter()
                .map(|zone| Choice::new(zone.name(), zone.name(), zone.name() == form.time_zone))
                .collect(),
        ),
        date_format: field("date_format", texts.settings.date_format, &form.date_format)
            .hint(texts.settings.date_format_hint(today)),
        agency: field("agency", texts.settings.agency, &form.agency)
            .hint(texts.settings.agency_hint),
        accent: field("accent", texts.settings.accent, &form.accent)
            .hint(texts.settings.accent_hint),
        logo: field("logo", texts.settings.logo, &form.logo).hint(texts.settings.logo_hint),
        social_links: SocialLinks::new(&form.social_links(), &errors),
        feed_whole_texts: field("feed_whole_texts", texts.settings.feed_whole_texts, "")
            .hint(texts.settings.feed_whole_texts_hint)
            .checked(!form.feed_whole_texts.is_empty()),
        feed_hub: field("feed_hub", texts.settings.feed_hub, &form.feed_hub)
            .hint(texts.settings.feed_hub_hint),
        refused_crawlers: field("refused_crawlers", texts.settings.refused_crawlers, "")
            .hint(texts.settings.refused_crawlers_hint)
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
            texts.settings.security_contact,
            &form.security_contact,
        )
        .hint(texts.settings.security_contact_hint),
        humans: field("humans", texts.settings.humans, &form.humans)
            .hint(texts.settings.humans_hint),
        session_hours: field(
            "session_hours",
            texts.settings.session_hours,
            &form.session_hours,
        )
        .required(),
        session_max_hours: field(
            "session_max_hours",
            texts.settings.session_max_hours,
            &form.session_max_hours,
        )
        .required(),
        session_days: field(
            "session_days",
            texts.settings.session_days,
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
fn number(
    errors: &mut Errors,
    texts: &'static Newsroom,
    field: &'static str,
    input: &str,
    from: i64,
    to: i64,
) -> i64 {
    let number = input.parse().ok();
    number
        .filter(|number| (from..=to).contains(number))
        .unwrap_or_else(|| {
            errors.add(field, texts.settings.whole_number(from, to));
            from
        })
}

/// Validates the form; the breaking-news bar is taken from `before`.
fn validate(
    conn: &mut AnyConnection,
    texts: &'static Newsroom,
    form: &SettingsForm,
    before: Settings,
) -> Result<FormOutcome<Settings>> {
    let mut errors = Errors::default();
    checks::required(
        &mut errors,
        texts,
        "name",
        &form.name,
        [texts.settings.a_name, texts.settings.the_name],
        80,
    );
    checks::max_chars(
        &mut errors,
        texts,
        "tagline",
        &form.tagline,
        texts.settings.the_tagline,
        160,
    );
    checks::max_chars(
        &mut errors,
        texts,
        "agency",
        &form.agency,
        texts.settings.the_code,
        30,
    );
    if !form.email.is_empty() && (user::email(&form.email).is_err() || form.email.len() > 250) {
        errors.add("email", texts.settings.invalid_email);
    }
    if LanguageIdentifier::from_str(&form.language).is_err() {
        errors.add("language", texts.settings.invalid_language);
    }
    let time_zone = Tz::from_str(&form.time_zone);
    if time_zone.is_err() {
        errors.add("time_zone", texts.settings.unknown_time_zone);
    }
    checks::max_chars(
        &mut errors,
        texts,
        "date_format",
        &form.date_format,
        texts.settings.the_pattern,
        60,
    );
    if !form.date_format.is_empty() && !can_write_dates(&form.date_format) {
        errors.add("date_format", texts.settings.invalid_pattern);
    }
    let hex = form.accent.strip_prefix('#').unwrap_or_default();
    if hex.len() != 6 || !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        errors.add("accent", texts.settings.invalid_colour);
    }
    let logo_media_id = checks::media_id(conn, &mut errors, texts, "logo", &form.logo)?;
    let social_links = form.social_links();
    social_links::validate(&mut errors, texts, &social_links);
    let is_https = |address: &str| {
        address.len() <= 500
            && url::Url::parse(address).is_ok_and(|url| url.scheme() == "https" && url.has_host())
    };
    if !form.feed_hub.is_empty() && !is_https(&form.feed_hub) {
        errors.add("feed_hub", texts.settings.not_https);
    }
    let contact = &form.security_contact;
    if !contact.is_empty() && !is_https(contact) && user::email(contact).is_err() {
        errors.add("security_contact", texts.settings.invalid_contact);
    }
    checks::max_chars(
        &mut errors,
        texts,
        "humans",
        &form.humans,
        texts.settings.the_text,
        5_000,
    );
    let session_hours = number(
        &mut errors,
        texts,
        "session_hours",
        &form.session_hours,
        1,
        24 * 365,
    );
    let session_max_hours = number(
        &mut errors,
        texts,
        "session_max_hours",
        &form.session_max_hours,
        1,
        24 * 365,
    );
    let session_days = number(
        &mut errors,
        texts,
        "session_days",
        &form.session_days,
        1,
        365,
    );
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
            session_max_hours,
            session_days,
            breaking: before.breaking,
        }),
        _ => FormOutcome::Invalid(errors),
    })
}

/// The changed settings, as the history shows them.
fn differences(texts: &NewsroomHistoryDetails, old: &Settings, new: &Settings) -> String {
    let changed = [
        (texts.name, old.name != new.name),
        (texts.tagline, old.tagline != new.tagline),
        (texts.language, old.language != new.language),
        (texts.time_zone, old.time_zone != new.time_zone),
        (texts.date_format, old.date_format != new.date_format),
        (texts.accent, old.accent != new.accent),
        (texts.agency, old.agency != new.agency),
        (texts.email, old.email != new.email),
        (texts.logo, old.logo_media_id != new.logo_media_id),
        (texts.profiles, old.social_links != new.social_links),
        (
            texts.feeds,
            (old.feed_whole_texts, &old.feed_hub) != (new.feed_whole_texts, &new.feed_hub),
        ),
        (texts.crawlers, old.refused_crawlers != new.refused_crawlers),
        (
            texts.security_contact,
            old.security_contact != new.security_contact,
        ),
        (texts.humans, old.humans != new.humans),
        (texts.session_lifetimes, old.lifetimes() != new.lifetimes()),
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
            validate(conn, actor.texts(), &input, before.clone())?.save(|settings| {
                setting::save(conn, &settings)?;
                actor.audit(
                    conn,
                    &NewEvent {
                        action: HistoryAction::Changed,
                        kind: HistoryKind::Settings,
                        object_id: None,
                        object: actor.texts().settings.title,
                        detail: &differences(&actor.texts().history_details, &before, &settings),
                    },
                )
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => {
            request.see_other("/admin/settings", request.texts().settings.saved)
        }
        FormOutcome::Invalid(errors) => page(&request, &form, errors),
    }
}
