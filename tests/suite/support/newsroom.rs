//! Something to read: sections, authors, topics and articles, put where the newsroom puts them.

use chrono::{DateTime, TimeDelta, Utc};
use dateline::{
    db::{
        AnyConnection, Pace,
        types::{CorrectionKind, Placement, Status},
    },
    error::Result,
    media::widths_text,
    models::{
        address,
        article::{self, Draft},
        author::{self, NewAuthor},
        correction, edition,
        media::{self, NewMedia},
        page,
        section::{self, NewSection},
        setting::{self, Settings},
        topic,
    },
    text::{SanitizedHtml, slug},
};

use super::app::TestApp;

impl TestApp {
    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Changes something as the newsroom does: in a transaction, told to the readers' pages.
    pub fn change<T>(&self, work: impl FnOnce(&mut AnyConnection) -> Result<T>) -> T {
        self.app.db.write_blocking(work).unwrap()
    }

    /// Adds a section; a path such as `news/diplomatic-news` nests it. Returns its id.
    pub fn section(&self, path: &str, name: &str) -> i64 {
        self.change(|conn| {
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
        self.change(|conn| {
            let new = NewAuthor {
                slug: &slug(name),
                name,
                title: "Reporter",
                biography: "Has reported from three continents.",
                email: "reporter@example.org",
                portrait_id: None,
                social_links: r#"[{"network":"mastodon","url":"https://social.example/@reporter"}]"#,
            };
            Ok(author::insert(conn, &new)?)
        })
    }

    /// Adds a topic; returns its id.
    pub fn topic(&self, name: &str) -> i64 {
        self.change(|conn| Ok(topic::insert(conn, &slug(name), name, "")?))
    }

    /// Adds a picture that has no files; returns its id.
    pub fn picture(&self, alt: &str) -> i64 {
        let hash = format!("{:032x}", rand::random::<u128>());
        let now = self.now().naive_utc();
        self.change(|conn| {
            let new = NewMedia {
                hash: &hash,
                width: 1600,
                height: 900,
                widths: "320,640,1280,1600",
                alt,
                caption: "What it shows.",
                credit: "A. Painter",
                created_at: now,
            };
            Ok(media::insert(conn, &new)?)
        })
    }

    /// A picture of one colour with all its files; returns its id.
    pub fn painted(&self, shade: u8) -> i64 {
        let painted = image::RgbImage::from_pixel(700, 400, image::Rgb([shade, 90, 120]));
        let stored = self.app.media.add(&painted).unwrap();
        let now = self.now().naive_utc();
        self.change(|conn| {
            let new = NewMedia {
                hash: &stored.hash,
                width: i32::try_from(stored.width).unwrap(),
                height: i32::try_from(stored.height).unwrap(),
                widths: &widths_text(&stored.widths),
                alt: "A colour",
                caption: "What it shows & more",
                credit: "A. Painter",
                created_at: now,
            };
            Ok(media::insert(conn, &new)?)
        })
    }

    /// An article to be: published an hour ago in this section, with nothing but a headline.
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

    /// Adds articles in one go; returns their ids.
    pub fn publish_all(&self, drafts: &[Draft]) -> Vec<i64> {
        let now = self.now();
        self.change(|conn| {
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

    /// Has the search index brought up to date, which otherwise takes a moment.
    pub fn finish_index(&self) {
        let mut pace = Pace::default();
        actix_web::rt::System::new()
            .block_on(dateline::jobs::index_words::once(&self.app, &mut pace))
            .unwrap();
        // Otherwise the next reader may be sent a page as it was.
        self.change(|_| Ok(()));
    }

    /// Puts another text in place of an article's.
    pub fn edit(&self, id: i64, draft: &Draft) {
        self.change(|conn| {
            let tree = section::tree(conn)?;
            let time_zone = setting::load(conn)?.time_zone;
            Ok(article::update(conn, id, draft, &tree, time_zone)?)
        });
    }

    /// The canonical path of an article.
    pub fn path(&self, article_id: i64) -> String {
        self.change(|conn| {
            let kind = dateline::db::types::AddressKind::Article;
            Ok(address::canonical(conn, kind, article_id)?.unwrap())
        })
    }

    pub fn place(&self, section_id: Option<i64>, articles: &[i64]) {
        let placed: Vec<_> = articles.iter().map(|id| (*id, None)).collect();
        self.change(|conn| Ok(edition::place(conn, section_id, &placed)?));
    }

    pub fn correct(&self, id: i64, kind: CorrectionKind, placement: Placement, text: &str) {
        let now = self.now();
        self.change(|conn| Ok(correction::insert(conn, id, kind, placement, text, now)?));
    }

    pub fn standing_page(&self, title: &str, html: &str, path: &str) {
        let now = self.now();
        let html = SanitizedHtml::new(html);
        self.change(|conn| Ok(page::insert(conn, title, &html, path, now)?));
    }

    /// Changes the site's settings.
    pub fn settings(&self, change: impl FnOnce(&mut Settings)) {
        self.change(|conn| {
            let mut settings = setting::load(conn)?;
            change(&mut settings);
            Ok(setting::save(conn, &settings)?)
        });
    }
}
