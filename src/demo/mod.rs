//! The demo edition: a fictional newspaper, written in `demo/`, with pictures drawn by code.

pub mod newsroom;
pub mod pictures;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use image::RgbImage;
use rust_embed::RustEmbed;
use serde::Deserialize;

use crate::{
    db::{
        AnyConnection,
        types::{CorrectionKind, Menu, Placement, Status},
    },
    error::{Error, Result},
    media::{Store, Stored, widths_text},
    models::{
        article::{self, Dateline, Draft},
        author::{self, NewAuthor},
        correction, edition,
        media::{self, NewMedia},
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
#[include = "paper.toml"]
#[include = "articles/*.html"]
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

/// The head of a file in `demo/articles/`. Times are hours before now.
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
    /// 0 to 100: how much it is read.
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

/// What a drawing is known by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Drawing {
    Scene { name: String, seed: u64 },
    Portrait(u64),
}

/// The drawn pictures of the edition.
pub struct Pictures(BTreeMap<Drawing, Stored>);

/// How large the pictures are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    Full,
    /// For whom the pictures matter less than the time that they take.
    Small,
}

/// Draws every picture that the edition shows and puts it into the store. Takes a few seconds of
/// every core.
pub fn draw(store: &Store, size: Size) -> Result<Pictures> {
    let mut drawings = BTreeSet::new();
    for story in stories()? {
        drawings.insert(Drawing::Scene {
            name: story.picture.scene.clone(),
            seed: story.picture.seed,
        });
        drawings.extend(figures(&story.body).into_iter().map(|(name, seed)| {
            let name = name.to_owned();
            Drawing::Scene { name, seed }
        }));
    }
    drawings.extend(
        paper()?
            .authors
            .iter()
            .map(|author| Drawing::Portrait(author.portrait)),
    );

    let queue = std::sync::Mutex::new(drawings.into_iter());
    let next = || {
        queue
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .next()
    };
    let drawn = workers(cores(), |_| -> Result<Vec<(Drawing, Stored)>> {
        let mut drawn = Vec::new();
        while let Some(drawing) = next() {
            let stored = store.add(&paint(&drawing, size)?)?;
            drawn.push((drawing, stored));
        }
        Ok(drawn)
    });
    let drawn: Result<Vec<_>> = drawn.into_iter().collect();
    Ok(Pictures(drawn?.into_iter().flatten().collect()))
}

fn paint(drawing: &Drawing, size: Size) -> Result<RgbImage> {
    let (width, height, side) = match size {
        Size::Full => (1600, 1000, 480),
        Size::Small => (320, 200, 96),
    };
    let pixmap = match drawing {
        Drawing::Scene { name, seed } => pictures::scene(name, *seed, width, height)
            .ok_or_else(|| Error::Data(format!("there is no scene {name:?}")))?,
        Drawing::Portrait(number) => pictures::portrait(*number, side),
    };
    // What is drawn covers its whole canvas, so there is no transparency to keep.
    let rgb = pixmap
        .data()
        .chunks_exact(4)
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]);
    RgbImage::from_raw(pixmap.width(), pixmap.height(), rgb.collect())
        .ok_or_else(|| Error::Data(format!("{drawing:?} has no size")))
}

/// Puts the whole edition into an empty database, dated relative to `now`.
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
    let media = insert_media(conn, pictures, &paper.authors, now)?;
    let sections = insert_sections(conn, &paper.sections)?;
    let mut authors = BTreeMap::new();
    for new in &paper.authors {
        let social_links =
            serde_json::to_string(&new.links).map_err(|error| Error::Data(error.to_string()))?;
        let id = author::insert(
            conn,
            &NewAuthor {
                slug: &new.slug,
                name: &new.name,
                title: &new.title,
                biography: &new.biography,
                email: &new.email,
                portrait_id: media.get(&Drawing::Portrait(new.portrait)).copied(),
                social_links: &social_links,
            },
        )?;
        authors.insert(new.slug.clone(), id);
    }
    let mut topics = BTreeMap::new();
    for new in &paper.topics {
        let id = topic::insert(conn, &slug(&new.name), &new.name, &new.description)?;
        topics.insert(new.name.clone(), id);
    }
    let stories = stories()?;
    for name in stories.iter().flat_map(|story| &story.topics) {
        if !topics.contains_key(name) {
            topics.insert(name.clone(), topic::insert(conn, &slug(name), name, "")?);
        }
    }

    let tree = section::tree(conn)?;
    let mut drafts = BTreeMap::new();
    for story in &stories {
        let mut draft = draft(story, &settings, &sections, &authors, &topics, now)?;
        draft.lead_media_id = media.get(&story.picture.drawing()).copied();
        let id = article::insert(conn, &draft, &tree, settings.time_zone, now)?;
        drafts.insert(story.slug.clone(), (id, draft));
    }
    // The bodies name each other's articles, so they come when all of these are there.
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
    fn drawing(&self) -> Drawing {
        Drawing::Scene {
            name: self.scene.clone(),
            seed: self.seed,
        }
    }
}

fn insert_media(
    conn: &mut AnyConnection,
    pictures: &Pictures,
    authors: &[PaperAuthor],
    now: DateTime<Utc>,
) -> Result<BTreeMap<Drawing, i64>> {
    let stories = stories()?;
    let mut ids = BTreeMap::new();
    for (drawing, stored) in &pictures.0 {
        // A picture that only stands in a text is described there.
        let lead = stories
            .iter()
            .map(|story| &story.picture)
            .find(|of| of.drawing() == *drawing);
        let portrait = authors
            .iter()
            .find(|author| Drawing::Portrait(author.portrait) == *drawing)
            .map_or(String::new(), |author| {
                format!("Drawn portrait of {}", author.name)
            });
        let id = media::insert(
            conn,
            &NewMedia {
                hash: &stored.hash,
                width: i32::try_from(stored.width).unwrap_or(i32::MAX),
                height: i32::try_from(stored.height).unwrap_or(i32::MAX),
                widths: &widths_text(&stored.widths),
                alt: lead.map_or(&portrait, |of| &of.alt),
                caption: lead.map_or("", |of| &of.caption),
                credit: if matches!(drawing, Drawing::Portrait(_)) {
                    ""
                } else {
                    "Courier drawing"
                },
                created_at: now.naive_utc(),
            },
        )?;
        ids.insert(drawing.clone(), id);
    }
    Ok(ids)
}

/// The ids of the sections by their path: `news/diplomatic-news`.
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
            .ok_or_else(|| Error::Data(format!("{}: there is no {name:?}", story.slug)))
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

/// To the minute, as a newsroom publishes.
fn hours_before(now: DateTime<Utc>, hours: f64) -> DateTime<Utc> {
    let minutes = (hours * 60.0) as i64;
    now - TimeDelta::minutes(minutes) - TimeDelta::seconds(now.timestamp() % 60)
}

/// Plausible views of the past week, by the hour: many in the first hours of a story, few at night.
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
            let awake = 1.0 - ((chrono::Timelike::hour(&at) as f64 - 15.0) / 12.0).powi(2) * 0.7;
            let views = story.popularity as f64 * 4.0 * awake / (1.0 + age / 10.0);
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
            let file = file.ok_or_else(|| wrong("gone"))?;
            let text = std::str::from_utf8(&file.data).map_err(|_| wrong("not UTF-8"))?;
            let (head, body) =
                head_and_body(text).ok_or_else(|| wrong("no head between +++ lines"))?;
            let mut story: Story =
                toml::from_str(head).map_err(|error| wrong(&error.to_string()))?;
            story.body = body.to_owned();
            story.slug = slug;
            Ok(story)
        })
        .collect()
}

/// A file's head, in TOML between two lines of `+++`, and what follows it.
fn head_and_body(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("+++\n")?.split_once("\n+++\n")
}

/// What stands between `before` and the next quotation mark, at each place in `text`.
fn quoted<'t>(text: &'t str, before: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(before)
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(value, _)| value))
}

/// Scene and seed of each picture in a body.
fn figures(body: &str) -> Vec<(&str, u64)> {
    quoted(body, "data-scene=\"")
        .zip(quoted(body, "data-seed=\""))
        .filter_map(|(name, seed)| Some((name, seed.parse().ok()?)))
        .collect()
}

/// The body with ids in place of scenes and slugs.
fn with_ids(
    body: &str,
    media: &BTreeMap<Drawing, i64>,
    article_id: impl Fn(&str) -> Option<i64>,
) -> Result<String> {
    let mut with_ids = body.to_owned();
    for (name, seed) in figures(body) {
        let drawing = Drawing::Scene {
            name: name.to_owned(),
            seed,
        };
        let id = media
            .get(&drawing)
            .ok_or_else(|| Error::Data(format!("{drawing:?} was not drawn")))?;
        with_ids = with_ids.replace(
            &format!("data-scene=\"{name}\" data-seed=\"{seed}\""),
            &format!("data-media=\"{id}\""),
        );
    }
    for slug in quoted(body, "data-also-read=\"") {
        let id = article_id(slug)
            .ok_or_else(|| Error::Data(format!("also-read: there is no article {slug:?}")))?;
        with_ids = with_ids.replace(
            &format!("data-also-read=\"{slug}\""),
            &format!("data-also-read=\"{id}\""),
        );
    }
    Ok(with_ids)
}
