//! The body of an article or a standing page, with its markers replaced by what they refer to.

use crate::{
    http_cache::PageContext,
    locale::Texts,
    models::{
        article::{Cards, Dateline},
        media::Media,
    },
    site::Site,
    text::{self, Opening, Part, SanitizedHtml},
    view::{
        Link,
        picture::{Picture, Place},
    },
};

/// A part of the body, as the template prints it.
pub(super) enum Block {
    Html(SanitizedHtml),
    /// The first paragraph with the dateline before it.
    Opening {
        dateline: String,
        opening: Opening,
    },
    /// The dateline before a body that does not begin with a paragraph.
    Dateline(String),
    Table(SanitizedHtml),
    Figure(Picture),
    Gallery {
        label: String,
        caption: String,
        pictures: Vec<Picture>,
    },
    AlsoRead(Link),
    Embed(Embed),
}

pub(super) struct Embed {
    pub url: String,
    /// The player that a click loads; `None` if the embed is only linked.
    pub player: Option<String>,
    pub title: String,
    pub load: String,
    pub open: String,
    pub note: String,
}

/// The ids of the pictures in a body.
pub(super) fn media_ids<'p>(parts: impl IntoIterator<Item = &'p Part>) -> Vec<i64> {
    parts
        .into_iter()
        .flat_map(|part| match part {
            Part::Figure(figure) => std::slice::from_ref(figure),
            Part::Gallery { figures, .. } => figures,
            _ => &[],
        })
        .map(|figure| figure.media_id)
        .collect()
}

/// The ids of the also-read articles in a body.
pub(super) fn also_read_ids<'p>(parts: impl IntoIterator<Item = &'p Part>) -> Vec<i64> {
    parts
        .into_iter()
        .filter_map(|part| match part {
            Part::AlsoRead(article_id) => Some(*article_id),
            _ => None,
        })
        .collect()
}

/// The blocks of a body. Markers that refer to something deleted or not public are dropped.
pub(super) fn blocks(
    site: &Site,
    dateline: Option<&Dateline>,
    parts: &[Part],
    pictures: &[Media],
    cards: &Cards,
) -> Vec<Block> {
    let locale = &site.locale;
    let texts = locale.texts();
    let picture = |figure: &text::Figure| {
        let media = pictures.iter().find(|media| media.id == figure.media_id)?;
        let mut picture = Picture::new(media, Place::Text);
        let replace = |text: &Option<String>, slot: &mut String| {
            if let Some(text) = text {
                slot.clone_from(text);
            }
        };
        replace(&figure.alt, &mut picture.alt);
        replace(&figure.caption, &mut picture.caption);
        replace(&figure.credit, &mut picture.credit);
        Some(picture)
    };
    let mut blocks = Vec::with_capacity(parts.len() + 1);
    let mut dateline = dateline.map(|dateline| self::dateline(site, dateline));
    for part in parts {
        if let Some(dateline) = dateline.take() {
            if let Part::Html(html) = part
                && let Some(opening) = html.for_pages().opening()
            {
                blocks.push(Block::Opening { dateline, opening });
                continue;
            }
            blocks.push(Block::Dateline(dateline));
        }
        blocks.extend(match part {
            Part::Html(html) => Some(Block::Html(html.for_pages())),
            Part::Table(html) => Some(Block::Table(html.clone())),
            Part::Figure(figure) => picture(figure).map(Block::Figure),
            Part::Gallery { caption, figures } => {
                let pictures: Vec<Picture> = figures.iter().filter_map(picture).collect();
                let number = locale.number(i64::try_from(pictures.len()).unwrap_or(i64::MAX));
                (!pictures.is_empty()).then(|| Block::Gallery {
                    label: texts.gallery(&number),
                    caption: caption.clone(),
                    pictures,
                })
            }
            Part::AlsoRead(id) => cards
                .get(id)
                .map(|card| Block::AlsoRead(Link::new(&card.headline, &card.path))),
            Part::Embed { url, title } => Some(Block::Embed(embed(texts, url, title))),
        });
    }
    blocks
}

/// The script that loads embeds on a click, if the body has any.
pub(super) fn script(ctx: &PageContext<'_>, blocks: &[Block]) -> Option<String> {
    let has_embed = blocks.iter().any(|block| matches!(block, Block::Embed(_)));
    has_embed.then(|| ctx.app.assets.url("js/embed.js").to_owned())
}

fn embed(texts: &Texts, url: &str, title: &str) -> Embed {
    let host = url::Url::parse(url)
        .ok()
        .and_then(|url| {
            url.host_str()
                .map(|host| host.trim_start_matches("www.").to_owned())
        })
        .unwrap_or_default();
    let title = if title.is_empty() {
        host.as_str()
    } else {
        title
    };
    Embed {
        load: texts.embed_load(title),
        open: texts.embed_open(&host),
        note: texts.embed_note(&host),
        url: url.to_owned(),
        player: text::player(url),
        title: title.to_owned(),
    }
}

/// `Geneva, 15 December 2023 (TDI):`
pub(super) fn dateline(site: &Site, dateline: &Dateline) -> String {
    let mut text = dateline.place.clone();
    if let Some(date) = dateline.date {
        text.push_str(site.locale.texts().list_separator);
        text.push_str(&site.locale.calendar_date(date));
    }
    if !dateline.agency.is_empty() {
        text.push_str(&format!(" ({})", dateline.agency));
    }
    text + ":"
}
