//! Exports for WordPress, which can be imported here again without loss.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    io::{self, BufWriter},
    path::Path,
};

use chrono::{DateTime, Utc};
use quick_xml::escape::escape;

use super::{ExportError, at, copy_picture, create_folder, finish};
use crate::{
    db::{
        AnyConnection, Db,
        types::{Menu, Status},
    },
    media::Store,
    models::{
        article::{self, Draft},
        author::{self, Author},
        media::{self as pictures, Media},
        menu, page, revision,
        section::{self, SectionTree},
        setting,
        topic::{self, Topic},
    },
    private_file,
    text::{Figure, Part, SanitizedHtml, parts, slug, with_markers},
    transfer::wordpress::{
        CREDIT,
        round_trip::{self, RoundTrip},
        writer::{Category, Head, Item, Term, Writer},
    },
};

/// Rows per query.
const BATCH: i64 = 500;

/// The kind of an object with an id: WordPress has one id sequence for posts, pages, pictures and menu entries.
#[derive(Clone, Copy)]
enum ItemKind {
    Article,
    Page,
    Picture,
    MenuEntry,
}

impl ItemKind {
    /// The id in the export, from the id in the table of this kind.
    fn id(self, id: i64) -> i64 {
        id * 4 + self as i64
    }
}

/// Writes `export.xml` and the folder `media` into the folder `to`; returns the number of objects by kind.
pub fn wordpress(
    db: &Db,
    media: &Store,
    base_url: &str,
    to: &Path,
    now: DateTime<Utc>,
    progress: &mut dyn FnMut(u64),
) -> Result<BTreeMap<&'static str, u64>, ExportError> {
    create_folder(to)?;
    let path = to.join("export.xml");
    let file = private_file::create(&path).map_err(at(&path))?;
    db.read_blocking(|conn| {
        let settings = setting::load(conn)?;
        let head = Head {
            title: settings.name,
            description: settings.tagline,
            language: settings.language,
            url: base_url.to_owned(),
            time_zone: settings.time_zone,
        };
        let out = Writer::begin(BufWriter::new(file), &head).map_err(at(&path))?;
        let mut export = Export {
            out,
            path: &path,
            base_url,
            now,
            sections: section::tree(conn)?,
            slugs: HashMap::new(),
            counts: BTreeMap::new(),
        };
        export.terms(conn)?;
        export.pictures(conn, media, to)?;
        export.pages(conn)?;
        export.menu(conn)?;
        export.articles(conn, progress)?;
        let counts = export.counts;
        finish(export.out.end().map_err(at(&path))?, &path)?;
        Ok(counts)
    })
}

struct Export<'a> {
    out: Writer<BufWriter<fs::File>>,
    path: &'a Path,
    base_url: &'a str,
    now: DateTime<Utc>,
    sections: SectionTree,
    /// The slugs of sections by id: in WordPress they are unique.
    slugs: HashMap<i64, String>,
    counts: BTreeMap<&'static str, u64>,
}

/// The objects that the articles of a batch refer to.
struct References {
    authors: HashMap<i64, Author>,
    topics: HashMap<i64, Topic>,
    pictures: HashMap<i64, Media>,
    paths: HashMap<i64, String>,
    headlines: HashMap<i64, String>,
}

impl Export<'_> {
    fn wrote(&mut self, kind: &'static str, written: io::Result<()>) -> Result<(), ExportError> {
        written.map_err(at(self.path))?;
        *self.counts.entry(kind).or_default() += 1;
        Ok(())
    }

    fn terms(&mut self, conn: &mut AnyConnection) -> Result<(), ExportError> {
        let mut after = String::new();
        loop {
            let authors = author::list(conn, "", &after, BATCH)?;
            let Some(last) = authors.last() else { break };
            after.clone_from(&last.slug);
            for one in &authors {
                let written = self.out.author(one.id, &one.slug, &one.email, &one.name);
                self.wrote("authors", written)?;
            }
        }
        let tree = self.sections.clone();
        for (_, section) in tree.walk(None) {
            let is_taken = self.slugs.values().any(|taken| *taken == section.slug);
            let slug = if is_taken {
                slug(&section.path)
            } else {
                section.slug.clone()
            };
            let parent = section.parent_id.and_then(|id| self.slugs.get(&id));
            let term = Term {
                id: section.id,
                slug: slug.clone(),
                parent: parent.cloned().unwrap_or_default(),
                name: section.name.clone(),
                description: section.description.clone(),
            };
            self.slugs.insert(section.id, slug);
            let written = self.out.category(&term);
            self.wrote("sections", written)?;
        }
        // Categories and tags have one id sequence, too.
        let offset = self.slugs.keys().max().copied().unwrap_or_default();
        let mut after = String::new();
        loop {
            let topics = topic::list(conn, "", &after, BATCH)?;
            let Some(last) = topics.last() else {
                return Ok(());
            };
            after.clone_from(&last.slug);
            for topic in &topics {
                let term = Term {
                    id: offset + topic.id,
                    slug: topic.slug.clone(),
                    parent: String::new(),
                    name: topic.name.clone(),
                    description: topic.description.clone(),
                };
                let written = self.out.tag(&term);
                self.wrote("topics", written)?;
            }
        }
    }

    /// Writes the attachments and copies their files to the folder `media`.
    fn pictures(
        &mut self,
        conn: &mut AnyConnection,
        media: &Store,
        to: &Path,
    ) -> Result<(), ExportError> {
        let mut after = 0;
        loop {
            let items = pictures::after(conn, after, BATCH)?;
            let Some(last) = items.last() else {
                return Ok(());
            };
            after = last.media.id;
            for item in items {
                let mut name = format!("{}.jpg", item.media.hash);
                if !copy_picture(media, &name, to.join("media").join(&name))? {
                    name = largest(&item.media);
                    copy_picture(media, &name, to.join("media").join(&name))?;
                }
                let written = self.out.item(&Item {
                    id: ItemKind::Picture.id(item.media.id),
                    kind: "attachment",
                    title: item.name,
                    link: format!("{}/media/{name}", self.base_url),
                    excerpt: item.media.caption.clone(),
                    published_at: Some(item.created_at.and_utc()),
                    slug: item.media.hash.clone(),
                    status: "inherit",
                    attachment_url: format!("{}/media/{name}", self.base_url),
                    fields: vec![
                        ("_wp_attachment_image_alt", item.media.alt),
                        (CREDIT, item.media.credit),
                    ],
                    ..Item::default()
                });
                self.wrote("pictures", written)?;
            }
        }
    }

    fn pages(&mut self, conn: &mut AnyConnection) -> Result<(), ExportError> {
        for listed in page::all(conn)? {
            let Some(page) = page::find(conn, listed.id)? else {
                continue;
            };
            let body = page.html;
            let references = self.references(conn, &[], &[parts(&body)])?;
            let content = self.content(&parts(&body), &references);
            let round_trip = RoundTrip {
                of_content: round_trip::hash(&content),
                body: with_export_ids(&body),
                ..RoundTrip::default()
            };
            let written = self.out.item(&Item {
                id: ItemKind::Page.id(listed.id),
                kind: "page",
                title: page.title,
                link: format!("{}{}", self.base_url, listed.path),
                content,
                published_at: Some(page.updated_at.and_utc()),
                slug: slug(listed.path.rsplit('/').next().unwrap_or_default()),
                status: "publish",
                fields: vec![field(&round_trip)],
                ..Item::default()
            });
            self.wrote("pages", written)?;
        }
        Ok(())
    }

    fn menu(&mut self, conn: &mut AnyConnection) -> Result<(), ExportError> {
        for (order, item) in (1..).zip(menu::all(conn)?) {
            let name = match item.menu {
                Menu::Header => "header",
                Menu::Footer => "footer",
            };
            let address = if item.path.starts_with('/') {
                format!("{}{}", self.base_url, item.path)
            } else {
                item.path
            };
            let written = self.out.item(&Item {
                id: ItemKind::MenuEntry.id(order),
                kind: "nav_menu_item",
                title: item.label,
                published_at: Some(self.now),
                status: "publish",
                order,
                categories: vec![Category {
                    domain: "nav_menu",
                    slug: name.to_owned(),
                    name: name.to_owned(),
                }],
                fields: vec![
                    ("_menu_item_type", "custom".to_owned()),
                    ("_menu_item_menu_item_parent", "0".to_owned()),
                    ("_menu_item_url", address),
                ],
                ..Item::default()
            });
            self.wrote("menu entries", written)?;
        }
        Ok(())
    }

    fn articles(
        &mut self,
        conn: &mut AnyConnection,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), ExportError> {
        let mut after = 0;
        let mut done = 0;
        loop {
            let records = article::records_after(conn, after, BATCH)?;
            let Some(last) = records.last() else {
                return Ok(());
            };
            after = last.id;
            let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
            let mut drafts = article::drafts_of(conn, &ids)?;
            // Of an unpublished article the last saved revision is exported.
            for (record, (_, draft)) in records.iter().zip(&mut drafts) {
                if !record.is_published() && record.revision_id.is_some() {
                    let content = revision::working_copy(conn, record)?;
                    *draft = Draft {
                        status: record.status,
                        ..content.draft(conn, false)?
                    };
                }
            }
            let mut paths = article::paths(conn, &ids)?;
            for (id, draft) in &mut drafts {
                draft.path = paths.remove(id);
            }
            let bodies: Vec<Vec<Part>> = drafts.iter().map(|(_, one)| parts(&one.body)).collect();
            let whole: Vec<&Draft> = drafts.iter().map(|(_, draft)| draft).collect();
            let references = self.references(conn, &whole, &bodies)?;
            for ((id, draft), body) in drafts.iter().zip(&bodies) {
                let item = self.article(*id, draft, body, &references);
                let written = self.out.item(&item);
                self.wrote("articles", written)?;
            }
            done += records.len() as u64;
            progress(done);
        }
    }

    fn references(
        &self,
        conn: &mut AnyConnection,
        drafts: &[&Draft],
        bodies: &[Vec<Part>],
    ) -> Result<References, ExportError> {
        let mut others = Vec::new();
        let mut media = Vec::new();
        for part in bodies.iter().flatten() {
            match part {
                Part::AlsoRead(id) => others.push(*id),
                Part::Figure(figure) => media.push(figure.media_id),
                Part::Gallery { figures, .. } => {
                    media.extend(figures.iter().map(|figure| figure.media_id));
                }
                Part::Html(_) | Part::Table(_) | Part::Embed { .. } => {}
            }
        }
        let headlines = article::headlines(conn, &others)?;
        let authors: Vec<i64> = drafts
            .iter()
            .flat_map(|draft| draft.author_ids.clone())
            .collect();
        let topics: Vec<i64> = drafts
            .iter()
            .flat_map(|draft| draft.topic_ids.clone())
            .collect();
        Ok(References {
            authors: author::find_all(conn, &authors)?
                .into_iter()
                .map(|author| (author.id, author))
                .collect(),
            topics: topic::find_all(conn, &topics)?
                .into_iter()
                .map(|topic| (topic.id, topic))
                .collect(),
            pictures: pictures::find_all(conn, &media)?
                .into_iter()
                .map(|picture| (picture.id, picture))
                .collect(),
            paths: article::paths(conn, &others)?,
            headlines,
        })
    }

    fn article(&self, id: i64, draft: &Draft, body: &[Part], references: &References) -> Item {
        let status = match draft.status {
            Status::Published if draft.published_at.is_some_and(|time| time > self.now) => "future",
            Status::Published => "publish",
            Status::Review => "pending",
            Status::Draft => "draft",
            Status::Trashed => "trash",
        };
        let authors: Vec<&Author> = draft
            .author_ids
            .iter()
            .filter_map(|id| references.authors.get(id))
            .collect();
        let sections = draft.section_id.iter().chain(&draft.further_section_ids);
        let mut categories: Vec<Category> = sections
            .filter_map(|id| {
                Some(Category {
                    domain: "category",
                    slug: self.slugs.get(id)?.clone(),
                    name: self.sections.get(*id)?.name.clone(),
                })
            })
            .collect();
        let topics = draft
            .topic_ids
            .iter()
            .filter_map(|id| references.topics.get(id));
        categories.extend(topics.map(|topic| Category {
            domain: "post_tag",
            slug: topic.slug.clone(),
            name: topic.name.clone(),
        }));
        // The format of Co-Authors Plus.
        categories.extend(authors.iter().map(|author| Category {
            domain: "author",
            slug: format!("cap-{}", author.slug),
            name: author.name.clone(),
        }));
        let dateline = draft.dateline.as_ref();
        let mut content = self.content(body, references);
        if let Some(dateline) = dateline {
            content = with_dateline(&content, dateline);
        }
        let round_trip = RoundTrip {
            of_content: round_trip::hash(&content),
            body: with_export_ids(&draft.body),
            kicker: draft.kicker.clone(),
            dateline_place: dateline.map(|one| one.place.clone()).unwrap_or_default(),
            dateline_date: dateline.and_then(|one| one.date),
            dateline_agency: dateline.map(|one| one.agency.clone()).unwrap_or_default(),
            also_read: draft
                .also_read_ids
                .iter()
                .map(|id| ItemKind::Article.id(*id))
                .collect(),
            translations: draft.translations.clone(),
        };
        let mut fields = vec![field(&round_trip)];
        fields.extend(
            draft
                .lead_media_id
                .map(|id| ("_thumbnail_id", ItemKind::Picture.id(id).to_string())),
        );
        fields.extend(
            draft
                .section_id
                .map(|id| ("_yoast_wpseo_primary_category", id.to_string())),
        );
        for (name, text) in [
            ("_yoast_wpseo_title", &draft.search_title),
            ("_yoast_wpseo_metadesc", &draft.search_description),
        ] {
            if !text.is_empty() {
                fields.push((name, text.clone()));
            }
        }
        let number = ItemKind::Article.id(id);
        let path = draft.path.as_ref();
        Item {
            id: number,
            kind: "post",
            title: draft.headline.clone(),
            link: match path {
                Some(path) => format!("{}{path}", self.base_url),
                None => format!("{}/?p={number}", self.base_url),
            },
            creator: authors
                .first()
                .map(|author| author.slug.clone())
                .unwrap_or_default(),
            content,
            excerpt: draft.standfirst.clone(),
            published_at: draft.published_at,
            updated_at: draft.updated_at,
            slug: match path.and_then(|path| path.rsplit('/').next()) {
                Some(last) => slug(last),
                None => draft.slug.clone(),
            },
            status,
            categories,
            fields,
            ..Item::default()
        }
    }

    /// The body of a text in the block format of WordPress.
    fn content(&self, body: &[Part], references: &References) -> String {
        body.iter()
            .map(|part| match part {
                Part::Html(html) | Part::Table(html) => html.as_str().to_owned(),
                Part::Figure(figure) => self.image(figure, references),
                Part::Gallery { caption, figures } => {
                    let images: String = figures
                        .iter()
                        .map(|figure| self.image(figure, references))
                        .collect();
                    format!(
                        "<!-- wp:gallery --><figure class=\"wp-block-gallery has-nested-images\">{images}{}</figure><!-- /wp:gallery -->",
                        figcaption(caption)
                    )
                }
                Part::AlsoRead(id) => match (references.paths.get(id), references.headlines.get(id)) {
                    (Some(path), Some(headline)) => {
                        round_trip::also_read(&format!("{}{path}", self.base_url), headline)
                    }
                    _ => String::new(),
                },
                Part::Embed { url, .. } => format!(
                    "<!-- wp:embed --><figure class=\"wp-block-embed\"><div class=\"wp-block-embed__wrapper\">\n{}\n</div></figure><!-- /wp:embed -->",
                    escape(url.as_str())
                ),
            })
            .collect()
    }

    fn image(&self, figure: &Figure, references: &References) -> String {
        let Some(picture) = references.pictures.get(&figure.media_id) else {
            return String::new();
        };
        let or = |own: &Option<String>, of_picture: &str| {
            own.clone().unwrap_or_else(|| of_picture.to_owned())
        };
        let caption = [
            or(&figure.caption, &picture.caption),
            or(&figure.credit, &picture.credit),
        ]
        .into_iter()
        .filter(|text| !text.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
        let id = ItemKind::Picture.id(picture.id);
        format!(
            "<!-- wp:image {{\"id\":{id}}} --><figure class=\"wp-block-image\"><img src=\"{}/media/{}\" alt=\"{}\" class=\"wp-image-{id}\"/>{}</figure><!-- /wp:image -->",
            self.base_url,
            largest(picture),
            escape(or(&figure.alt, &picture.alt)),
            figcaption(&caption)
        )
    }
}

/// The body as it is stored, with the ids of the export.
fn with_export_ids(body: &SanitizedHtml) -> String {
    let with_id = |figure: &Figure| Figure {
        media_id: ItemKind::Picture.id(figure.media_id),
        ..figure.clone()
    };
    let body = with_markers(body, |part| {
        Some(match part {
            Part::Figure(figure) => Part::Figure(with_id(&figure)),
            Part::Gallery { caption, figures } => Part::Gallery {
                caption,
                figures: figures.iter().map(with_id).collect(),
            },
            Part::AlsoRead(id) => Part::AlsoRead(ItemKind::Article.id(id)),
            other => other,
        })
    });
    body.to_string()
}

fn field(fields: &RoundTrip) -> (&'static str, String) {
    // Serializing a struct of strings and numbers cannot fail.
    (
        round_trip::FIELD,
        serde_json::to_string(fields).unwrap_or_default(),
    )
}

fn figcaption(caption: &str) -> String {
    if caption.is_empty() {
        String::new()
    } else {
        format!("<figcaption>{}</figcaption>", escape(caption))
    }
}

/// The name of a picture's largest file.
fn largest(picture: &Media) -> String {
    let width = picture.widths.rsplit(',').next().unwrap_or_default();
    format!("{}-{width}.jpg", picture.hash)
}

/// The content with an opening such as `Geneva, 15 December 2023 (TDI):`.
fn with_dateline(content: &str, dateline: &article::Dateline) -> String {
    let date = dateline
        .date
        .map(|date| format!(", {}", date.format("%-d %B %Y")))
        .unwrap_or_default();
    let agency = if dateline.agency.is_empty() {
        String::new()
    } else {
        format!(" ({})", dateline.agency)
    };
    let opening = format!("{}{date}{agency}", dateline.place);
    let opening = format!("<strong>{}:</strong> ", escape(&opening));
    match content.trim_start().strip_prefix("<p>") {
        Some(rest) => format!("<p>{opening}{rest}"),
        None => format!("<p>{opening}</p>{content}"),
    }
}
