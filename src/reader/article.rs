//! An article's page.

use std::collections::HashSet;

use askama::Template;
use serde_json::json;

use super::{
    body::{self, Block},
    cards::{self, take},
    share_picture::path as share_picture_path,
};
use crate::{
    db::types::{Placement, TimelineKind},
    error::{Error, Result},
    http_cache::{CachePolicy, PageContext, RenderedPage},
    media::share_picture,
    models::{article, author, correction, media, related, timeline, topic},
    site::Site,
    text::{self, Part, Translation},
    view::{
        Link, breadcrumb, byline,
        card::Card,
        correction::label as correction_label,
        json_ld::{self, JsonLd},
        language,
        layout::{Head, Image, Layout},
        picture::{Picture, Place},
        share,
    },
};

/// Most Popular changes with the minute.
pub const CACHE: CachePolicy = CachePolicy::site_version().until_next_minute_if_popular();

/// Stories in each list.
const POPULAR: usize = 10;
const MORE: usize = 5;
const RELATED: usize = 4;
/// Stories loaded of the section: enough to fill "More from" although some of them appear elsewhere on the page.
const LOADED_OF_SECTION: i64 = (MORE + RELATED + 1) as i64;

/// A correction, clarification or update.
struct Note {
    label: &'static str,
    date: String,
    text: String,
}

#[derive(Template)]
#[template(path = "reader/article.html")]
struct ArticlePage {
    layout: Layout,
    section: Link,
    kicker: String,
    headline: String,
    standfirst: String,
    by: String,
    authors: Vec<byline::Author>,
    published: String,
    published_machine: String,
    /// When it differs from the time of publication.
    updated: Option<(String, String)>,
    reading_time: String,
    translations: Vec<TranslationLink>,
    lead: Option<Picture>,
    blocks: Vec<Block>,
    notes_above: Vec<Note>,
    notes_below: Vec<Note>,
    topics: Vec<Link>,
    share: Vec<Link>,
    popular: Vec<Card>,
    more: Vec<Card>,
    more_title: String,
    related: Vec<Card>,
    older: Option<Card>,
    newer: Option<Card>,
    script: Option<String>,
}

/// The story in another language.
struct TranslationLink {
    language: String,
    /// The language's own name.
    name: String,
    url: String,
}

/// An article with its authors, topics and notes.
pub(super) struct Story {
    pub article: article::Article,
    pub authors: Vec<author::Author>,
    pub topics: Vec<topic::Topic>,
    pub notes: Vec<correction::Correction>,
    /// Articles linked to below the text.
    pub also_read: Vec<i64>,
    /// Whether it is rendered for staff or a preview link.
    pub is_preview: bool,
}

/// `GET` of an article's address.
pub fn render(ctx: &mut PageContext<'_>, id: i64) -> Result<RenderedPage> {
    let now = ctx.now.naive_utc();
    let article = article::find_live(ctx.conn, id, now)?.ok_or(Error::NotFound)?;
    let story = Story {
        article,
        authors: author::of_article(ctx.conn, id)?,
        topics: topic::of_article(ctx.conn, id)?,
        notes: correction::of_article(ctx.conn, id)?,
        also_read: article::also_read(ctx.conn, id)?,
        is_preview: false,
    };
    render_story(ctx, story)
}

/// Renders the page of a story.
pub(super) fn render_story(ctx: &mut PageContext<'_>, story: Story) -> Result<RenderedPage> {
    let Story {
        article,
        authors,
        topics,
        notes,
        also_read: below,
        is_preview,
    } = story;
    let (id, published_at) = (article.id, article.published_at);
    let now = ctx.now.naive_utc();
    let mut parts = text::parts(&article.body);
    parts.extend(below.into_iter().map(Part::AlsoRead));

    // The ids of all lists first, so that one query loads their cards.
    let section = (TimelineKind::Section, article.section_id);
    let of_section = timeline::newest(ctx.conn, section, now, LOADED_OF_SECTION)?;
    let related = related::of(ctx.conn, id)?;
    let place_in_time = (article.published_at.naive_utc(), id);
    let (older, newer) = timeline::neighbours(ctx.conn, section, place_in_time, now)?;
    let popular = ctx.popular(None, POPULAR)?;
    let also_read = body::also_read_ids(&parts);
    let ids: HashSet<i64> = of_section
        .iter()
        .chain(&related)
        .chain(&popular)
        .chain(&also_read)
        .chain(&older)
        .chain(&newer)
        .copied()
        .filter(|other| *other != id)
        .collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let cards = ctx.cards(&ids)?;
    let pictures = media::find_all(ctx.conn, &body::media_ids(&parts))?;

    let site = ctx.site.clone();
    let card = |card: &article::Card| Card::new(card, &site, Place::Thumbnail);
    let mut taken = HashSet::from([id]);
    taken.extend(&also_read);
    let related = take(&cards, &related, &mut taken, RELATED);
    let more = take(&cards, &of_section, &mut taken, MORE);
    let popular = cards::popular(&cards, &popular, POPULAR, &site);

    let breadcrumb_to_section = breadcrumb::to_section(&site, article.section_id);
    let section = breadcrumb_to_section
        .last()
        .cloned()
        .unwrap_or_else(|| Link::new("", "/"));
    let here = Link::new(&article.headline, &article.path);
    let breadcrumb: Vec<Link> = breadcrumb_to_section.into_iter().chain([here]).collect();
    let dateline = article.dateline.as_ref();
    let blocks = body::blocks(&site, dateline, &parts, &pictures, &cards);
    let script = body::script(ctx, &blocks);
    let has_players = script.is_some();
    let (notes_above, notes_below) = notes
        .iter()
        .partition::<Vec<_>, _>(|note| note.placement == Placement::Above);

    let locale = &site.locale;
    let texts = locale.texts();
    let updated = article
        .updated_at
        .filter(|time| *time > article.published_at);
    let names: Vec<String> = authors.iter().map(|author| author.name.clone()).collect();
    let url = format!("{}{}", ctx.app.base_url, article.path);
    let page = ArticlePage {
        share: share::links(&site, &url, &article.headline),
        by: texts.by(locale.list(&names)),
        authors: authors.iter().map(byline::Author::from).collect(),
        published: locale.short_date_and_time(article.published_at, site.since),
        published_machine: locale.machine(article.published_at),
        updated: updated.map(|time| {
            let shown = if locale.day(time) == locale.day(article.published_at) {
                locale.time(time)
            } else {
                locale.short_date_and_time(time, site.since)
            };
            (shown, locale.machine(time))
        }),
        reading_time: texts.reading_time(text::reading_minutes(article.word_count)),
        translations: translations(&article)
            .into_iter()
            .map(|translation| TranslationLink {
                name: language::own_name(&translation.language).to_owned(),
                language: translation.language,
                url: translation.url,
            })
            .collect(),
        lead: article
            .picture
            .as_ref()
            .map(|media| Picture::new(media, Place::Lead)),
        notes_above: notes_above
            .into_iter()
            .map(|note| self::note(&site, note))
            .collect(),
        notes_below: notes_below
            .into_iter()
            .map(|note| self::note(&site, note))
            .collect(),
        topics: topics
            .iter()
            .map(|topic| Link::new(&topic.name, &topic.path))
            .collect(),
        popular,
        more: more.into_iter().map(card).collect(),
        more_title: texts.more_from(&section.text),
        related: related.into_iter().map(card).collect(),
        older: older.and_then(|id| cards.get(&id)).map(|found| card(found)),
        newer: newer.and_then(|id| cards.get(&id)).map(|found| card(found)),
        script,
        layout: ctx.layout(Head {
            noindex: is_preview,
            breadcrumb,
            ..head(ctx, &article, &authors)
        }),
        section,
        blocks,
        kicker: article.kicker,
        headline: article.headline,
        standfirst: article.standfirst,
    };
    Ok(RenderedPage {
        article_id: (!is_preview).then_some(id),
        published_at: Some(published_at),
        has_players,
        ..RenderedPage::html(&page)?
    })
}

fn note(site: &Site, note: &correction::Correction) -> Note {
    Note {
        label: correction_label(site.locale.texts(), note.kind),
        date: site.locale.date(note.made_at.and_utc()),
        text: note.text.clone(),
    }
}

/// The story in other languages. Stored lines were parsed when they were saved.
fn translations(article: &article::Article) -> Vec<Translation> {
    Translation::parse_all(&article.translations).unwrap_or_default()
}

/// All languages of the story for `hreflang` links, which must include the page itself; empty if there is only one.
fn languages(site: &Site, article: &article::Article, base_url: &str) -> Vec<Translation> {
    let mut all = translations(article);
    if !all.is_empty() {
        all.insert(
            0,
            Translation {
                language: site.settings.language.clone(),
                url: format!("{base_url}{}", article.path),
            },
        );
    }
    all
}

fn head(ctx: &PageContext<'_>, article: &article::Article, authors: &[author::Author]) -> Head {
    let site = &ctx.site;
    let locale = &site.locale;
    let base_url = &ctx.app.base_url;
    let absolute = |path: &str| format!("{base_url}{path}");
    let picture = article
        .picture
        .as_ref()
        .map(|media| Picture::new(media, Place::Lead));
    let published = locale.machine(article.published_at);
    let modified = locale.machine(
        article
            .updated_at
            .filter(|time| *time > article.published_at)
            .unwrap_or(article.published_at),
    );
    let section = site.sections.get(article.section_id);
    let mut news = json!({
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.headline,
        "description": article.standfirst,
        "datePublished": published,
        "dateModified": modified,
        "author": authors
            .iter()
            .map(|author| json!({
                "@type": "Person",
                "name": author.name,
                "url": absolute(&author.path),
            }))
            .collect::<Vec<_>>(),
        "publisher": json_ld::publisher(site, base_url),
        "mainEntityOfPage": absolute(&article.path),
        "articleSection": section.map(|section| &section.name),
        "isAccessibleForFree": true,
        "inLanguage": site.settings.language,
        "wordCount": article.word_count,
    });
    if let Some(picture) = &picture {
        news["image"] = if picture.crops.is_empty() {
            json!([absolute(&picture.largest)])
        } else {
            picture.crops.iter().map(|crop| absolute(crop)).collect()
        };
    }
    if let Some(dateline) = &article.dateline {
        news["dateline"] = json!(body::dateline(site, dateline).trim_end_matches(':'));
    }
    let or = |own: &str, other: &str| if own.is_empty() { other } else { own }.to_owned();
    Head {
        title: article.headline.clone(),
        search_title: article.search_title.clone(),
        description: or(&article.search_description, &article.standfirst),
        canonical: article.path.clone(),
        kind: Some("article"),
        image: match picture {
            Some(picture) => Some(Image {
                url: absolute(&picture.largest),
                width: picture.width,
                height: picture.height,
                alt: picture.alt,
            }),
            None => share_picture::is_drawable(&article.headline).then(|| Image {
                url: absolute(&share_picture_path(article.id)),
                width: share_picture::WIDTH as i32,
                height: share_picture::HEIGHT as i32,
                alt: article.headline.clone(),
            }),
        },
        published: Some(published),
        modified: Some(modified),
        authors: authors
            .iter()
            .map(|author| absolute(&author.path))
            .collect(),
        languages: languages(site, article, base_url),
        json_ld: vec![JsonLd::new(&news)],
        open_section: section.map(|section| section.path.clone()),
        ..Head::default()
    }
}
