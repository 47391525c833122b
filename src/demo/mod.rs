//! The demo edition: a fictional newspaper whose texts and pictures are embedded from `demo/`.
//! `tools/demo-art` generates the pictures.

pub mod newsroom;

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::{
    db::{
        AnyConnection,
        types::{CorrectionKind, MediaState, Menu, Placement, Status},
    },
    error::{Error, Result},
    media::{Decoded, Store, widths_text},
    models::{
        article::{self, Dateline, Draft},
        author::{self, NewAuthor},
        correction, edition,
        media::{self, Files as MediaFiles, NewMedia, pixels},
        menu, page,
        section::{self, NewSection},
        setting::{self, Breaking, Settings, SocialLink},
        topic, view_count,
    },
    parallel::{cores, workers},
    text::{SanitizedHtml, slug},
};

#[derive(RustEmbed)]
#[folder = "demo"]
struct Files;

/// `demo/paper.toml`.
#[derive(Deserialize)]
struct Paper {
    name: String,
    tagline: String,
    agency: String,
    email: String,
    breaking: PaperBreaking,
    edition: PaperEdition,
    social_links: Vec<SocialLink>,
    sections: Vec<PaperSection>,
    authors: Vec<PaperAuthor>,
    topics: Vec<PaperTopic>,
    pages: Vec<PaperPage>,
}

#[derive(Deserialize)]
struct PaperBreaking {
    text: String,
    link: String,
}

#[derive(Deserialize)]
struct PaperEdition {
    lead: String,
    pinned: Vec<String>,
}

#[derive(Deserialize)]
struct PaperSection {
    slug: String,
    parent: Option<String>,
    name: String,
    description: String,
}

#[derive(Deserialize)]
struct PaperAuthor {
    slug: String,
    name: String,
    title: String,
    email: String,
    biography: String,
    portrait: u64,
    #[serde(default)]
    links: Vec<SocialLink>,
}

#[derive(Deserialize)]
struct PaperTopic {
    name: String,
    description: String,
}

#[derive(Deserialize)]
struct PaperPage {
    slug: String,
    title: String,
    body: String,
}

/// The front matter of a file in `demo/articles/`. Times are in hours before the edition's publication.
#[derive(Deserialize)]
struct Story {
    headline: String,
    #[serde(default)]
    kicker: String,
    standfirst: String,
    section: String,
    #[serde(default)]
    also_in: Vec<String>,
    authors: Vec<String>,
    topics: Vec<String>,
    dateline: Option<String>,
    hours_ago: f64,
    updated_hours_ago: Option<f64>,
    /// Relative number of views, 0 to 100.
    popularity: i64,
    picture: StoryPicture,
    #[serde(default)]
    corrections: Vec<StoryCorrection>,
    #[serde(skip)]
    slug: String,
    #[serde(skip)]
    body: String,
}

#[derive(Deserialize)]
struct StoryPicture {
    scene: String,
    seed: u64,
    alt: String,
    caption: String,
}

#[derive(Deserialize)]
struct StoryCorrection {
    kind: CorrectionKind,
    placement: Placement,
    hours_ago: f64,
    text: String,
}

/// The pictures of the edition in a media store, by the name of their embedded file without its
/// extension: `harbour-3`, `portrait-7`.
#[derive(Clone, Debug)]
pub struct Pictures(BTreeMap<String, MediaFiles>);

/// The size in which the pictures are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// As embedded: scenes are 1600 by 1000 pixels, portraits 480 by 480.
    Full,
    /// At most 320 pixels wide, which takes less time to encode.
    Small,
}

/// The largest width of a picture in [`Size::Small`], in pixels.
const SMALL_WIDTH: u32 = 320;

/// The texts that describe a picture in the media library.
#[derive(Clone, Debug, Default)]
struct Description {
    alt: String,
    caption: String,
    credit: &'static str,
}

/// Decodes every picture that the edition shows and adds it to `store` as an upload is: with the files
/// that pages need first. The remaining widths, formats and crops are left to the background job.
///
/// Uses every core for a few seconds at [`Size::Full`].
///
/// # Errors
/// If a picture is missing or damaged, or the store cannot be written.
pub fn load_pictures(store: &Store, size: Size) -> Result<Pictures> {
    let described = describe_pictures(&paper()?.authors, &stories()?);
    let names = Mutex::new(described.into_keys());
    let next = || names.lock().next();
    let loaded = workers(cores(), |_| -> Result<Vec<(String, MediaFiles)>> {
        let mut loaded = Vec::new();
        while let Some(name) = next() {
            let files = load_picture(store, &name, size)?;
            loaded.push((name, files));
        }
        Ok(loaded)
    });
    let loaded: Result<Vec<_>> = loaded.into_iter().collect();
    Ok(Pictures(loaded?.into_iter().flatten().collect()))
}

fn load_picture(store: &Store, name: &str, size: Size) -> Result<MediaFiles> {
    let name = format!("{name}.webp");
    let wrong = |why: &str| Error::Data(format!("demo/pictures/{name}: {why}"));
    let file = Files::get(&format!("pictures/{name}")).ok_or_else(|| wrong("no such file"))?;
    let mut decoded = Decoded::embedded(&file.data).map_err(|error| wrong(&error.to_string()))?;
    if size == Size::Small {
        decoded = decoded.fit_width(SMALL_WIDTH)?;
    }
    let begun = store.begin(&decoded)?;
    Ok(MediaFiles {
        widths: widths_text(&begun.widths),
        hash: begun.hash,
        width: pixels(begun.width),
        height: pixels(begun.height),
        name,
        bytes: i64::try_from(file.data.len()).unwrap_or(i64::MAX),
    })
}

/// Every picture that the edition shows, by name. A picture that appears only within bodies has no
/// description: each body describes it.
fn describe_pictures(authors: &[PaperAuthor], stories: &[Story]) -> BTreeMap<String, Description> {
    const CREDIT: &str = "Courier drawing";
    let mut pictures = BTreeMap::new();
    for author in authors {
        let description = Description {
            alt: format!("Drawn portrait of {}", author.name),
            ..Description::default()
        };
        pictures.insert(author.picture(), description);
    }
    for story in stories {
        pictures.entry(story.picture.name()).or_insert(Description {
            alt: story.picture.alt.clone(),
            caption: story.picture.caption.clone(),
            credit: CREDIT,
        });
    }
    for (scene, seed) in stories.iter().flat_map(|story| figures(&story.body)) {
        pictures
            .entry(scene_name(scene, seed))
            .or_insert(Description {
                credit: CREDIT,
                ..Description::default()
            });
    }
    pictures
}

/// Inserts the whole edition into an empty database, dated relative to `now`.
pub fn publish(conn: &mut AnyConnection, pictures: &Pictures, now: DateTime<Utc>) -> Result<()> {
    let paper = paper()?;
    let settings = Settings {
        name: paper.name,
        tagline: paper.tagline,
        agency: paper.agency,
        email: paper.email,
        accent: "#8f1d21".to_owned(),
        social_links: paper.social_links,
        breaking: Some(Breaking {
            text: paper.breaking.text,
            link: paper.breaking.link,
            until: now + TimeDelta::days(2),
        }),
        ..Settings::default()
    };
    setting::save(conn, &settings)?;
    let stories = stories()?;
    let media = insert_media(
        conn,
        pictures,
        describe_pictures(&paper.authors, &stories),
        now,
    )?;
    let sections = insert_sections(conn, &paper.sections)?;
    let mut authors = BTreeMap::new();
    for new in &paper.authors {
        let social_links =
            serde_json::to_string(&new.links).map_err(|error| Error::Data(error.to_string()))?;
        let id = author::insert(
            conn,
            &NewAuthor {
                title: &new.title,
                biography: &new.biography,
                email: &new.email,
                portrait_id: media.get(&new.picture()).copied(),
                social_links: &social_links,
                ..NewAuthor::named(&new.slug, &new.name)
            },
        )?;
        authors.insert(new.slug.clone(), id);
    }
    let mut topics = BTreeMap::new();
    for new in &paper.topics {
        let id = topic::insert(conn, &slug(&new.name), &new.name, &new.description)?;
        topics.insert(new.name.clone(), id);
    }
    for name in stories.iter().flat_map(|story| &story.topics) {
        if !topics.contains_key(name) {
            topics.insert(name.clone(), topic::insert(conn, &slug(name), name, "")?);
        }
    }

    let tree = section::tree(conn)?;
    let mut drafts = BTreeMap::new();
    for story in &stories {
        let mut draft = draft(story, &settings, &sections, &authors, &topics, now)?;
        draft.lead_media_id = media.get(&story.picture.name()).copied();
        let id = article::insert(conn, &draft, &tree, settings.time_zone, now)?;
        drafts.insert(story.slug.clone(), (id, draft));
    }
    // Bodies refer to other articles by id, so they are set once every article has one.
    for story in &stories {
        let Some((id, draft)) = drafts.get(&story.slug) else {
            continue;
        };
        let draft = Draft {
            body: SanitizedHtml::new(&with_ids(&story.body, &media, |slug| {
                drafts.get(slug).map(|(id, _)| *id)
            })?),
            ..draft.clone()
        };
        article::update(conn, *id, &draft, &tree, settings.time_zone)?;
        for note in &story.corrections {
            let made_at = hours_before(now, note.hours_ago);
            correction::insert(conn, *id, note.kind, note.placement, &note.text, made_at)?;
        }
    }
    let placed: Vec<_> = std::iter::once(&paper.edition.lead)
        .chain(&paper.edition.pinned)
        .filter_map(|slug| drafts.get(slug))
        .map(|(id, _)| (*id, None))
        .collect();
    edition::place(conn, None, &placed)?;
    for new in &paper.pages {
        let body = SanitizedHtml::new(&new.body);
        page::insert(conn, &new.title, &body, &format!("/{}", new.slug), now)?;
    }
    let footer: Vec<(String, String)> = paper
        .pages
        .iter()
        .map(|page| (page.title.clone(), format!("/{}", page.slug)))
        .collect();
    let footer: Vec<(&str, &str)> = footer
        .iter()
        .map(|(title, path)| (title.as_str(), path.as_str()))
        .collect();
    menu::replace(conn, Menu::Footer, &footer)?;
    let views: Vec<_> = stories
        .iter()
        .filter_map(|story| Some((story, drafts.get(&story.slug)?.0)))
        .flat_map(|(story, id)| views(story, id, now))
        .collect();
    view_count::add(conn, &views)?;
    Ok(())
}

impl StoryPicture {
    fn name(&self) -> String {
        scene_name(&self.scene, self.seed)
    }
}

impl PaperAuthor {
    fn picture(&self) -> String {
        format!("portrait-{}", self.portrait)
    }
}

fn scene_name(scene: &str, seed: u64) -> String {
    format!("{scene}-{seed}")
}

/// Adds the pictures to the media library; returns their ids by name.
fn insert_media(
    conn: &mut AnyConnection,
    pictures: &Pictures,
    mut described: BTreeMap<String, Description>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<String, i64>> {
    let mut ids = BTreeMap::new();
    for (name, files) in &pictures.0 {
        let description = described.remove(name).unwrap_or_default();
        let id = media::insert(
            conn,
            &NewMedia {
                files,
                alt: &description.alt,
                caption: &description.caption,
                credit: description.credit,
                state: MediaState::New,
                created_at: now.naive_utc(),
            },
        )?;
        ids.insert(name.clone(), id);
    }
    Ok(ids)
}

/// Inserts the sections; returns their ids by path, such as `news/diplomatic-news`.
fn insert_sections(
    conn: &mut AnyConnection,
    sections: &[PaperSection],
) -> Result<BTreeMap<String, i64>> {
    let mut ids = BTreeMap::new();
    for (position, new) in (0..).zip(sections) {
        let path = match &new.parent {
            Some(parent) => format!("{parent}/{}", new.slug),
            None => new.slug.clone(),
        };
        let id = section::insert(
            conn,
            &NewSection {
                parent_id: new
                    .parent
                    .as_ref()
                    .and_then(|parent| ids.get(parent).copied()),
                slug: &new.slug,
                name: &new.name,
                description: &new.description,
                position,
            },
            &format!("/{path}"),
        )?;
        ids.insert(path, id);
    }
    Ok(ids)
}

fn draft(
    story: &Story,
    settings: &Settings,
    sections: &BTreeMap<String, i64>,
    authors: &BTreeMap<String, i64>,
    topics: &BTreeMap<String, i64>,
    now: DateTime<Utc>,
) -> Result<Draft> {
    let find = |ids: &BTreeMap<String, i64>, name: &String| {
        ids.get(name)
            .copied()
            .ok_or_else(|| Error::Data(format!("{}: unknown {name:?}", story.slug)))
    };
    let all = |ids, names: &[String]| -> Result<Vec<i64>> {
        names.iter().map(|name| find(ids, name)).collect()
    };
    let published_at = hours_before(now, story.hours_ago);
    Ok(Draft {
        status: Status::Published,
        kicker: story.kicker.clone(),
        headline: story.headline.clone(),
        standfirst: story.standfirst.clone(),
        dateline: story.dateline.as_ref().map(|place| Dateline {
            place: place.clone(),
            date: Some(published_at.with_timezone(&settings.time_zone).date_naive()),
            agency: settings.agency.clone(),
        }),
        section_id: Some(find(sections, &story.section)?),
        further_section_ids: all(sections, &story.also_in)?,
        author_ids: all(authors, &story.authors)?,
        topic_ids: all(topics, &story.topics)?,
        also_read_ids: Vec::new(),
        lead_media_id: None,
        published_at: Some(published_at),
        updated_at: story
            .updated_hours_ago
            .map(|hours| hours_before(now, hours)),
        body: SanitizedHtml::default(),
        search_title: String::new(),
        search_description: String::new(),
        translations: String::new(),
        slug: story.slug.clone(),
        path: None,
    })
}

/// The time `hours` before `now`, rounded to a whole minute.
fn hours_before(now: DateTime<Utc>, hours: f64) -> DateTime<Utc> {
    let minutes = (hours * 60.0) as i64;
    now - TimeDelta::minutes(minutes) - TimeDelta::seconds(now.timestamp() % 60)
}

/// Plausible hourly view counts for the past seven days: they fall with the age of the story and at
/// night. Each is the hour, the article's id and the number of views.
fn views(
    story: &Story,
    article_id: i64,
    now: DateTime<Utc>,
) -> Vec<(chrono::NaiveDateTime, i64, i64)> {
    (0..24 * 7)
        .take_while(|hours_ago| (*hours_ago as f64) < story.hours_ago)
        .map(|hours_ago| {
            let age = story.hours_ago - hours_ago as f64;
            let at = now - TimeDelta::hours(hours_ago);
            let daytime = 1.0 - ((chrono::Timelike::hour(&at) as f64 - 15.0) / 12.0).powi(2) * 0.7;
            let views = story.popularity as f64 * 4.0 * daytime / (1.0 + age / 10.0);
            (
                view_count::hour_of(at.naive_utc()),
                article_id,
                views as i64,
            )
        })
        .filter(|(_, _, views)| *views > 0)
        .collect()
}

fn paper() -> Result<Paper> {
    let file = Files::get("paper.toml").ok_or_else(|| Error::Data("no paper.toml".to_owned()))?;
    toml::from_slice(&file.data).map_err(|error| Error::Data(format!("paper.toml: {error}")))
}

fn stories() -> Result<Vec<Story>> {
    Files::iter()
        .filter_map(|name| {
            Some(
                name.strip_prefix("articles/")?
                    .strip_suffix(".html")?
                    .to_owned(),
            )
        })
        .map(|slug| {
            let wrong = |why: &str| Error::Data(format!("demo/articles/{slug}.html: {why}"));
            let file = Files::get(&format!("articles/{slug}.html"));
            let file = file.ok_or_else(|| wrong("no such file"))?;
            let text = std::str::from_utf8(&file.data).map_err(|_| wrong("not UTF-8"))?;
            let (front_matter, body) = split_front_matter(text)
                .ok_or_else(|| wrong("no front matter between +++ lines"))?;
            let mut story: Story =
                toml::from_str(front_matter).map_err(|error| wrong(&error.to_string()))?;
            story.body = body.to_owned();
            story.slug = slug;
            Ok(story)
        })
        .collect()
}

/// Splits a file into its front matter, TOML between two `+++` lines, and its body.
fn split_front_matter(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("+++\n")?.split_once("\n+++\n")
}

/// The text between each occurrence of `start` and the next quotation mark.
fn quoted<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(start)
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(value, _)| value))
}

/// The scene and seed of each figure in a body.
fn figures(body: &str) -> Vec<(&str, u64)> {
    quoted(body, "data-scene=\"")
        .zip(quoted(body, "data-seed=\""))
        .filter_map(|(name, seed)| Some((name, seed.parse().ok()?)))
        .collect()
}

/// Replaces scenes and slugs in a body by the ids of media and articles.
fn with_ids(
    body: &str,
    media: &BTreeMap<String, i64>,
    article_id: impl Fn(&str) -> Option<i64>,
) -> Result<String> {
    let mut with_ids = body.to_owned();
    for (scene, seed) in figures(body) {
        let name = scene_name(scene, seed);
        let id = media
            .get(&name)
            .ok_or_else(|| Error::Data(format!("picture {name} was not loaded")))?;
        with_ids = with_ids.replace(
            &format!("data-scene=\"{scene}\" data-seed=\"{seed}\""),
            &format!("data-media=\"{id}\""),
        );
    }
    for slug in quoted(body, "data-also-read=\"") {
        let id = article_id(slug)
            .ok_or_else(|| Error::Data(format!("data-also-read: unknown article {slug:?}")))?;
        with_ids = with_ids.replace(
            &format!("data-also-read=\"{slug}\""),
            &format!("data-also-read=\"{id}\""),
        );
    }
    Ok(with_ids)
}
