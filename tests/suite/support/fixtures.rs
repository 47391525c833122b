//! Fixtures: sections, authors, topics, pictures and articles, added through the models.

use chrono::{DateTime, TimeDelta, Utc};
use dateline::{
    db::{
        AnyConnection,
        types::{CorrectionKind, MediaState, Placement, Status},
    },
    error::Result,
    media::{Decoded, Limits, MemoryBudget, decode, widths_text},
    models::{
        address,
        article::{self, Draft},
        author::{self, NewAuthor},
        correction, edition,
        media::{self, Files, NewMedia},
        page,
        section::{self, NewSection},
        setting::{self, Settings},
        topic,
    },
    text::{SanitizedHtml, slug},
};

use super::app::TestApp;

/// A picture of one colour, decoded from a PNG.
pub fn one_colour(width: u32, height: u32, shade: u8) -> Decoded {
    let picture = image::RgbImage::from_pixel(width, height, image::Rgb([shade, 90, 120]));
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, image::ImageFormat::Png).unwrap();
    decode(png.get_ref(), Limits::UPLOAD, &MemoryBudget::default()).unwrap()
}

impl TestApp {
    /// The time of the application's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Runs `work` in a write transaction, which increments the site version.
    pub fn write<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T>) -> T {
        self.app.db.write_blocking(work).unwrap()
    }

    /// Adds a section; a path such as `news/diplomatic-news` nests it. Returns its id.
    pub fn section(&self, path: &str, name: &str) -> i64 {
        self.write(|conn| {
            let tree = section::tree(conn)?;
            let (parent, slug) = path.rsplit_once('/').unwrap_or(("", path));
            let parent = format!("/{parent}");
            let mut all = vec![];
            let mut queue: Vec<_> = tree.children(None).collect();
            while let Some(section) = queue.pop() {
                queue.extend(tree.children(Some(section.id)));
                all.push(section);
            }
            let parent_id = all
                .iter()
                .find(|section| section.path == parent)
                .map(|s| s.id);
            let new = NewSection {
                parent_id,
                slug,
                name,
                description: "",
                position: i32::try_from(all.len()).unwrap(),
            };
            Ok(section::insert(conn, &new, &format!("/{path}"))?)
        })
    }

    /// Adds an author; returns the id.
    pub fn author(&self, name: &str) -> i64 {
        self.write(|conn| {
            let slug = slug(name);
            let new = NewAuthor {
                title: "Reporter",
                biography: "Has reported from three continents.",
                email: "reporter@example.org",
                social_links: r#"[{"network":"mastodon","url":"https://social.example/@reporter"}]"#,
                ..NewAuthor::named(&slug, name)
            };
            Ok(author::insert(conn, &new)?)
        })
    }

    /// Adds a topic; returns its id.
    pub fn topic(&self, name: &str) -> i64 {
        self.write(|conn| Ok(topic::insert(conn, &slug(name), name, "")?))
    }

    /// Adds a picture without files; returns its id.
    pub fn picture(&self, alt: &str) -> i64 {
        let files = Files {
            hash: format!("{:032x}", rand::random::<u128>()),
            width: 1600,
            height: 900,
            widths: "320,640,1280,1600".to_owned(),
            name: String::new(),
            bytes: 0,
        };
        let now = self.now().naive_utc();
        self.write(|conn| {
            let new = NewMedia {
                files: &files,
                state: MediaState::Ready,
                alt,
                caption: "What it shows.",
                credit: "A. Painter",
                created_at: now,
            };
            Ok(media::insert(conn, &new)?)
        })
    }

    /// Adds a picture of one colour with all its JPEG files; returns its id.
    pub fn stored_picture(&self, shade: u8) -> i64 {
        let stored = self.app.media.begin(&one_colour(700, 400, shade)).unwrap();
        let files = Files {
            hash: stored.hash,
            width: i32::try_from(stored.width).unwrap(),
            height: i32::try_from(stored.height).unwrap(),
            widths: widths_text(&stored.widths),
            name: String::new(),
            bytes: 0,
        };
        let now = self.now().naive_utc();
        self.write(|conn| {
            let new = NewMedia {
                files: &files,
                state: MediaState::Ready,
                alt: "A colour",
                caption: "What it shows & more",
                credit: "A. Painter",
                created_at: now,
            };
            Ok(media::insert(conn, &new)?)
        })
    }

    /// An article published an hour ago in this section, with a headline and a short text.
    pub fn draft(&self, section_id: i64, headline: &str) -> Draft {
        Draft {
            status: Status::Published,
            kicker: String::new(),
            headline: headline.to_owned(),
            standfirst: String::new(),
            dateline: None,
            section_id: Some(section_id),
            further_section_ids: vec![],
            author_ids: vec![],
            topic_ids: vec![],
            also_read_ids: vec![],
            lead_media_id: None,
            published_at: Some(self.now() - TimeDelta::hours(1)),
            updated_at: None,
            body: SanitizedHtml::new("<p>Nothing but a paragraph.</p>"),
            search_title: String::new(),
            search_description: String::new(),
            translations: String::new(),
            slug: String::new(),
            path: None,
        }
    }

    /// Adds an article; returns its id.
    pub fn publish(&self, draft: &Draft) -> i64 {
        self.publish_all(std::slice::from_ref(draft))[0]
    }

    /// Adds articles in one transaction; returns their ids.
    pub fn publish_all(&self, drafts: &[Draft]) -> Vec<i64> {
        let now = self.now();
        self.write(|conn| {
            let tree = section::tree(conn)?;
            let time_zone = setting::load(conn)?.time_zone;
            let added = drafts
                .iter()
                .map(|draft| article::insert(conn, draft, &tree, time_zone, now));
            Ok(added.collect::<Result<_, _>>()?)
        })
    }

    /// Adds an article that was published some hours ago; returns its id.
    pub fn story(&self, section_id: i64, headline: &str, hours_ago: i64) -> i64 {
        let published_at = Some(self.now() - TimeDelta::hours(hours_ago));
        self.publish(&Draft {
            published_at,
            ..self.draft(section_id, headline)
        })
    }

    /// Updates the search index and related stories immediately instead of in the background.
    pub fn update_search_index(&self) {
        let system = actix_web::rt::System::new();
        // The first run may leave changes to be published later.
        for _ in 0..2 {
            system
                .block_on(dateline::jobs::index_words::once(&self.app))
                .unwrap();
        }
        // Deferred writes may serve stale pages; this write invalidates them.
        self.write(|_| Ok(()));
    }

    /// Replaces the content of an article.
    pub fn edit(&self, id: i64, draft: &Draft) {
        self.write(|conn| {
            let tree = section::tree(conn)?;
            let time_zone = setting::load(conn)?.time_zone;
            Ok(article::update(conn, id, draft, &tree, time_zone)?)
        });
    }

    /// The canonical path of an article.
    pub fn path(&self, article_id: i64) -> String {
        self.write(|conn| {
            let kind = dateline::db::types::AddressKind::Article;
            Ok(address::canonical(conn, kind, article_id)?.unwrap())
        })
    }

    /// Pins articles on the front page, or at the top of a section's page.
    pub fn pin(&self, section_id: Option<i64>, articles: &[i64]) {
        let pins: Vec<_> = articles.iter().map(|id| (*id, None)).collect();
        self.write(|conn| Ok(edition::place(conn, section_id, &pins)?));
    }

    /// Adds a correction to an article.
    pub fn add_correction(&self, id: i64, kind: CorrectionKind, placement: Placement, text: &str) {
        let now = self.now();
        self.write(|conn| Ok(correction::insert(conn, id, kind, placement, text, now)?));
    }

    /// Adds a standing page.
    pub fn standing_page(&self, title: &str, html: &str, path: &str) {
        let now = self.now();
        let html = SanitizedHtml::new(html);
        self.write(|conn| Ok(page::insert(conn, title, &html, path, now)?));
    }

    /// Changes the site's settings.
    pub fn update_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.write(|conn| {
            let mut settings = setting::load(conn)?;
            change(&mut settings);
            Ok(setting::save(conn, &settings)?)
        });
    }
}
