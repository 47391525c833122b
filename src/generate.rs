//! Creates a synthetic archive of any size for load tests.

use std::fmt::Write;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::IndexedRandom};

use crate::{
    db::{AnyConnection, Db},
    error::{Error, Result},
    models::{
        author::{self, NewAuthor},
        bulk::{self, BulkArticle},
        section::{self, NewSection, SectionTree},
        setting, topic, view_count,
    },
    text::{SanitizedHtml, slug},
};

/// The progress of the generation.
pub enum Progress<'a> {
    /// The number of articles written so far.
    Articles(u64),
    /// A later step.
    Step(&'a str),
}

/// Articles per transaction.
const BATCH: u64 = 4_000;
/// The time span of the archive, in days.
const DAYS: i64 = 3_650;
const AUTHORS: usize = 60;
const TOPICS: usize = 300;
/// The number of different sentences, chosen so that few paragraphs are equal.
const SENTENCES: usize = 3_000;
/// The number of the newest articles, and of random older ones, that have views in the last week.
const READ_THIS_WEEK: i64 = 2_000;

const SECTIONS: [(&str, &[&str]); 5] = [
    ("News", &["Diplomacy", "Nation", "World", "Courts"]),
    ("Economy", &["Markets", "Trade", "Work"]),
    ("Science", &["Health", "Climate"]),
    ("Culture", &["Books", "Stage", "Music"]),
    ("Sport", &["Football", "Cycling"]),
];
const FIRST_NAMES: [&str; 12] = [
    "Ada", "Bram", "Celia", "Dario", "Edda", "Farid", "Greta", "Hugo", "Imara", "Jonas", "Kalia",
    "Leo",
];
const LAST_NAMES: [&str; 12] = [
    "Abend", "Brook", "Castell", "Dorne", "Ekman", "Farrow", "Gale", "Holt", "Iversen", "Jarl",
    "Keller", "Lund",
];
const PLACES: [&str; 10] = [
    "Ambleford",
    "Brackwater",
    "Castermouth",
    "Dunholm",
    "Eastry",
    "Fennick",
    "Garrowby",
    "Holmwick",
    "Inverlock",
    "Jessamy",
];
const SUBJECTS: [&str; 24] = [
    "council",
    "harbour board",
    "ministry",
    "union",
    "appeal court",
    "university",
    "hospital",
    "railway",
    "orchestra",
    "treasury",
    "fishing fleet",
    "mayor",
    "opposition",
    "regulator",
    "laboratory",
    "library",
    "bank",
    "port authority",
    "jury",
    "observatory",
    "theatre",
    "club",
    "commission",
    "embassy",
];
const VERBS: [&str; 16] = [
    "approves",
    "rejects",
    "reviews",
    "delays",
    "publishes",
    "funds",
    "questions",
    "defends",
    "reopens",
    "measures",
    "withdraws",
    "expands",
    "halves",
    "restores",
    "inspects",
    "debates",
];
const OBJECTS: [&str; 24] = [
    "bridge",
    "budget",
    "treaty",
    "timetable",
    "reservoir",
    "vaccine",
    "archive",
    "pension",
    "ferry",
    "forecast",
    "inquiry",
    "licence",
    "festival",
    "quarry",
    "tariff",
    "school",
    "tunnel",
    "harvest",
    "subsidy",
    "satellite",
    "novel",
    "stadium",
    "pipeline",
    "orchard",
];
const CLOSINGS: [&str; 12] = [
    "after a night of talks",
    "before the winter",
    "in spite of the cost",
    "for the third time",
    "by a narrow vote",
    "without debate",
    "as prices rise",
    "at the request of residents",
    "against expert advice",
    "under new rules",
    "to general relief",
    "despite objections",
];

/// Fills a database. The same seed creates the same archive, relative to `now`.
///
/// # Errors
/// If the database contains articles.
pub fn archive(
    db: &Db,
    articles: u64,
    seed: u64,
    now: DateTime<Utc>,
    report: &mut dyn FnMut(Progress<'_>),
) -> Result<()> {
    let mut random = StdRng::seed_from_u64(seed);
    let (material, time_zone) = db.write_blocking(|conn| {
        if bulk::any_article(conn)? {
            return Err(Error::Data(
                "the database contains articles; generate needs an empty one".to_owned(),
            ));
        }
        let material = Material::insert(conn, &mut random)?;
        Ok((material, setting::load(conn)?.time_zone))
    })?;
    let mut written = 0;
    while written < articles {
        let until = (written + BATCH).min(articles);
        let batch: Vec<BulkArticle> = (written..until)
            .map(|index| material.article(index, articles, now, &mut random))
            .collect();
        db.write_blocking(|conn| Ok(bulk::insert(conn, &batch, &material.tree, time_zone)?))?;
        written = until;
        report(Progress::Articles(written));
    }
    report(Progress::Step("counting views"));
    let views = views(articles, now, &mut random);
    db.write_blocking(|conn| {
        view_count::add(conn, &views)?;
        report(Progress::Step("gathering statistics"));
        Ok(bulk::finish(conn)?)
    })
}

/// What the articles refer to, and the sentences of their texts.
struct Material {
    tree: SectionTree,
    section_ids: Vec<i64>,
    author_ids: Vec<i64>,
    topic_ids: Vec<i64>,
    sentences: Vec<String>,
}

impl Material {
    fn insert(conn: &mut AnyConnection, random: &mut StdRng) -> Result<Self> {
        let mut section_ids = Vec::new();
        let mut position = 0;
        let mut insert_section =
            |conn: &mut AnyConnection, parent: Option<(i64, &str)>, name: &str| {
                let path = format!("{}/{}", parent.map_or("", |(_, path)| path), slug(name));
                position += 1;
                let new = NewSection {
                    parent_id: parent.map(|(id, _)| id),
                    slug: &slug(name),
                    name,
                    description: "Generated articles for load tests.",
                    position,
                };
                section::insert(conn, &new, &path).map(|id| (id, path))
            };
        for (name, children) in SECTIONS {
            let (id, path) = insert_section(conn, None, name)?;
            for child in children {
                section_ids.push(insert_section(conn, Some((id, &path)), child)?.0);
            }
        }
        let mut author_ids = Vec::new();
        for number in 0..AUTHORS {
            let first = FIRST_NAMES[number % FIRST_NAMES.len()];
            let last = LAST_NAMES[(number / FIRST_NAMES.len() + number) % LAST_NAMES.len()];
            let name = format!("{first} {last}");
            let slug = slug(&name);
            let new = NewAuthor {
                title: "Reporter",
                biography: "A generated author.",
                ..NewAuthor::named(&slug, &name)
            };
            author_ids.push(author::insert(conn, &new)?);
        }
        let mut topic_ids = Vec::new();
        for number in 0..TOPICS {
            let object = OBJECTS[number % OBJECTS.len()];
            let place = PLACES[(number / OBJECTS.len()) % PLACES.len()];
            let (first, rest) = object.split_at(1);
            let name = format!(
                "{place} {}{rest} {}",
                first.to_uppercase(),
                number / 240 + 1
            );
            topic_ids.push(topic::insert(conn, &slug(&name), &name, "")?);
        }
        let sentences = (0..SENTENCES).map(|_| sentence(random)).collect();
        Ok(Self {
            tree: section::tree(conn)?,
            section_ids,
            author_ids,
            topic_ids,
            sentences,
        })
    }

    /// Generates article `index` of `articles`; the last one is the newest.
    fn article(
        &self,
        index: u64,
        articles: u64,
        now: DateTime<Utc>,
        random: &mut StdRng,
    ) -> BulkArticle {
        let seconds = DAYS * 86_400;
        // Articles are evenly distributed over the time span.
        let before = (articles - index) as i128 * i128::from(seconds) / i128::from(articles);
        let published_at = (now - TimeDelta::seconds(before as i64)).naive_utc();
        let headline = headline(random);
        let mut authors = vec![*pick(&self.author_ids, random)];
        if random.random_ratio(1, 8) {
            authors.push(*pick(&self.author_ids, random));
            authors.dedup();
        }
        let mut topics: Vec<i64> = (0..3).map(|_| *pick(&self.topic_ids, random)).collect();
        topics.sort_unstable();
        topics.dedup();
        BulkArticle {
            id: index as i64 + 1,
            kicker: "",
            path: format!(
                "{}/{}-{index}",
                published_at.format("/%Y/%m/%d"),
                slug(&headline)
            ),
            standfirst: pick(&self.sentences, random).clone(),
            headline,
            dateline_place: PLACES[random.random_range(0..PLACES.len())],
            section_id: *pick(&self.section_ids, random),
            author_ids: authors,
            topic_ids: topics,
            lead_media_id: None,
            published_at,
            body: self.body(random),
            views: random.random_range(1..2_000),
        }
    }

    fn body(&self, random: &mut StdRng) -> SanitizedHtml {
        let mut html = String::with_capacity(2_000);
        for paragraph in 0..6 {
            html.push_str("<p>");
            for _ in 0..3 {
                html.push_str(pick::<String>(&self.sentences, random));
                html.push(' ');
            }
            html.push_str("</p>");
            if paragraph == 2 {
                // Writing to a string cannot fail.
                let _ = write!(html, "<h2>The {}</h2>", pick(&OBJECTS, random));
            }
        }
        SanitizedHtml::new(&html)
    }
}

fn pick<'a, T>(from: &'a [T], random: &mut StdRng) -> &'a T {
    from.choose(random).unwrap_or(&from[0])
}

fn headline(random: &mut StdRng) -> String {
    format!(
        "{} {} {} {} {}",
        pick(&PLACES, random),
        pick(&SUBJECTS, random),
        pick(&VERBS, random),
        pick(&OBJECTS, random),
        pick(&CLOSINGS, random),
    )
}

fn sentence(random: &mut StdRng) -> String {
    format!(
        "The {} of {} {} the {} {}, and the {} {} a {}.",
        pick(&SUBJECTS, random),
        pick(&PLACES, random),
        pick(&VERBS, random),
        pick(&OBJECTS, random),
        pick(&CLOSINGS, random),
        pick(&SUBJECTS, random),
        pick(&VERBS, random),
        pick(&OBJECTS, random),
    )
}

/// The views of each hour of the last week.
fn views(articles: u64, now: DateTime<Utc>, random: &mut StdRng) -> Vec<(NaiveDateTime, i64, i64)> {
    let articles = i64::try_from(articles).unwrap_or(i64::MAX);
    let newest = (articles - READ_THIS_WEEK).max(0) + 1..=articles;
    let older: Vec<i64> = (0..READ_THIS_WEEK.min(articles))
        .map(|_| random.random_range(1..=articles))
        .collect();
    let mut read: Vec<i64> = newest.chain(older).collect();
    read.sort_unstable();
    read.dedup();
    let mut views = Vec::new();
    for hours in 0..24 * 7 {
        let hour = view_count::hour_of((now - TimeDelta::hours(hours)).naive_utc());
        for article_id in read.iter().filter(|_| random.random_ratio(1, 10)) {
            views.push((hour, *article_id, (article_id * 7 + hours) % 40 + 1));
        }
    }
    views
}
