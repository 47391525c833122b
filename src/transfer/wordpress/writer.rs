//! A streaming writer of WordPress exports (WXR 1.2).

use std::{
    cell::Cell,
    io::{self, Write},
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use quick_xml::escape::escape;

use crate::text::printable;

/// The header of an export.
#[derive(Clone, Debug, Default)]
pub struct Head {
    pub title: String,
    pub description: String,
    pub language: String,
    /// Without a trailing slash.
    pub url: String,
    /// The zone of the local times, which are written beside those in UTC.
    pub time_zone: Tz,
}

/// A category or a tag.
#[derive(Clone, Debug, Default)]
pub struct Term {
    pub id: i64,
    pub slug: String,
    /// The slug of the parent category; empty if there is none.
    pub parent: String,
    pub name: String,
    pub description: String,
}

/// A term of a taxonomy (category, tag, author or menu) that an item belongs to.
#[derive(Clone, Debug)]
pub struct Category {
    pub domain: &'static str,
    pub slug: String,
    pub name: String,
}

/// A post, a page, a picture or a menu entry. Fields are plain text unless stated otherwise.
#[derive(Clone, Debug, Default)]
pub struct Item {
    pub id: i64,
    /// `post`, `page`, `attachment`, `nav_menu_item`
    pub kind: &'static str,
    pub title: String,
    pub link: String,
    /// The login of the author.
    pub creator: String,
    /// HTML.
    pub content: String,
    pub excerpt: String,
    pub published_at: Option<DateTime<Utc>>,
    pub updated_at: Option<DateTime<Utc>>,
    pub slug: String,
    /// `publish`, `future`, `draft`, …
    pub status: &'static str,
    pub order: i64,
    pub is_sticky: bool,
    pub categories: Vec<Category>,
    /// Custom fields.
    pub fields: Vec<(&'static str, String)>,
    pub attachment_url: String,
}

pub struct Writer<W> {
    out: W,
    time_zone: Tz,
    removed: Removed,
}

/// The number of characters that were removed because XML cannot represent them.
#[derive(Default)]
struct Removed(Cell<u64>);

impl Removed {
    fn printable(&self, text: &str) -> String {
        let printable = printable(text);
        if printable.len() < text.len() {
            let removed = text.chars().count() - printable.chars().count();
            self.0.set(self.0.get() + removed as u64);
        }
        printable
    }

    /// A CDATA section with the text.
    fn cdata(&self, text: &str) -> String {
        format!(
            "<![CDATA[{}]]>",
            self.printable(text).replace("]]>", "]]]]><![CDATA[>")
        )
    }

    /// A CDATA section with plain text, for an element that WordPress reads as HTML.
    fn html(&self, text: &str) -> String {
        self.cdata(&escape(text))
    }

    fn xml(&self, text: &str) -> String {
        escape(self.printable(text)).into_owned()
    }
}

impl<W: Write> Writer<W> {
    pub fn begin(mut out: W, head: &Head) -> io::Result<Self> {
        let removed = Removed::default();
        write!(
            out,
            r#"<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>{}</title>
<link>{url}</link>
<description>{}</description>
<language>{}</language>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>{url}</wp:base_site_url>
<wp:base_blog_url>{url}</wp:base_blog_url>
"#,
            removed.xml(&head.title),
            removed.xml(&head.description),
            removed.xml(&head.language),
            url = removed.xml(&head.url),
        )?;
        Ok(Self {
            out,
            time_zone: head.time_zone,
            removed,
        })
    }

    pub fn author(&mut self, id: i64, login: &str, email: &str, name: &str) -> io::Result<()> {
        writeln!(
            self.out,
            "<wp:author><wp:author_id>{id}</wp:author_id><wp:author_login>{}</wp:author_login>\
             <wp:author_email>{}</wp:author_email><wp:author_display_name>{}</wp:author_display_name></wp:author>",
            self.removed.cdata(login),
            self.removed.cdata(email),
            self.removed.html(name)
        )
    }

    pub fn category(&mut self, term: &Term) -> io::Result<()> {
        writeln!(
            self.out,
            "<wp:category><wp:term_id>{}</wp:term_id><wp:category_nicename>{}</wp:category_nicename>\
             <wp:category_parent>{}</wp:category_parent><wp:cat_name>{}</wp:cat_name>\
             <wp:category_description>{}</wp:category_description></wp:category>",
            term.id,
            self.removed.cdata(&term.slug),
            self.removed.cdata(&term.parent),
            self.removed.html(&term.name),
            self.removed.html(&term.description)
        )
    }

    pub fn tag(&mut self, term: &Term) -> io::Result<()> {
        writeln!(
            self.out,
            "<wp:tag><wp:term_id>{}</wp:term_id><wp:tag_slug>{}</wp:tag_slug><wp:tag_name>{}</wp:tag_name>\
             <wp:tag_description>{}</wp:tag_description></wp:tag>",
            term.id,
            self.removed.cdata(&term.slug),
            self.removed.html(&term.name),
            self.removed.html(&term.description)
        )
    }

    pub fn item(&mut self, item: &Item) -> io::Result<()> {
        let time = |time: Option<DateTime<Utc>>, time_zone: Tz| match time {
            Some(time) => time.with_timezone(&time_zone).format("%F %T").to_string(),
            None => "0000-00-00 00:00:00".to_owned(),
        };
        let (published, modified) = (item.published_at, item.updated_at.or(item.published_at));
        let out = &mut self.out;
        writeln!(
            out,
            "<item>\n<title>{}</title>\n<link>{}</link>",
            self.removed.html(&item.title),
            self.removed.xml(&item.link)
        )?;
        if let Some(published_at) = item.published_at {
            writeln!(out, "<pubDate>{}</pubDate>", published_at.to_rfc2822())?;
        }
        writeln!(
            out,
            "<dc:creator>{}</dc:creator>\n<content:encoded>{}</content:encoded>\n\
             <excerpt:encoded>{}</excerpt:encoded>\n<wp:post_id>{}</wp:post_id>\n\
             <wp:post_date>{}</wp:post_date>\n<wp:post_date_gmt>{}</wp:post_date_gmt>\n\
             <wp:post_modified>{}</wp:post_modified>\n<wp:post_modified_gmt>{}</wp:post_modified_gmt>\n\
             <wp:comment_status>closed</wp:comment_status>\n<wp:ping_status>closed</wp:ping_status>\n\
             <wp:post_name>{}</wp:post_name>\n<wp:status>{}</wp:status>\n<wp:post_parent>0</wp:post_parent>\n\
             <wp:menu_order>{}</wp:menu_order>\n<wp:post_type>{}</wp:post_type>\n\
             <wp:post_password></wp:post_password>\n<wp:is_sticky>{}</wp:is_sticky>",
            self.removed.cdata(&item.creator),
            self.removed.cdata(&item.content),
            self.removed.html(&item.excerpt),
            item.id,
            time(published, self.time_zone),
            time(published, Tz::UTC),
            time(modified, self.time_zone),
            time(modified, Tz::UTC),
            self.removed.cdata(&item.slug),
            item.status,
            item.order,
            item.kind,
            i32::from(item.is_sticky),
        )?;
        if !item.attachment_url.is_empty() {
            writeln!(
                out,
                "<wp:attachment_url>{}</wp:attachment_url>",
                self.removed.xml(&item.attachment_url)
            )?;
        }
        for category in &item.categories {
            writeln!(
                out,
                "<category domain=\"{}\" nicename=\"{}\">{}</category>",
                category.domain,
                self.removed.xml(&category.slug),
                self.removed.html(&category.name)
            )?;
        }
        for (name, value) in &item.fields {
            writeln!(
                out,
                "<wp:postmeta><wp:meta_key>{name}</wp:meta_key><wp:meta_value>{}</wp:meta_value></wp:postmeta>",
                self.removed.cdata(value)
            )?;
        }
        out.write_all(b"</item>\n")
    }

    /// The number of characters so far that were removed because XML cannot represent them.
    pub fn removed(&self) -> u64 {
        self.removed.0.get()
    }

    pub fn end(mut self) -> io::Result<W> {
        self.out.write_all(b"</channel>\n</rss>\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}
