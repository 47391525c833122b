//! The JSON of a Ghost export, as far as it is imported.

mod posts;
mod rows;

use std::{fs::File, io::BufReader, path::Path};

use encoding_rs::UTF_8;
use encoding_rs_io::DecodeReaderBytesBuilder;
use serde::{Deserialize, Deserializer, Serialize};

use super::GhostError;
use crate::transfer::Trouble;
pub use posts::Posts;
use rows::{Row, Rows};

#[derive(Deserialize)]
struct Whole {
    #[serde(default)]
    db: Vec<Part>,
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Part {
    pub data: Data,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Data {
    pub posts: Posts,
    pub posts_meta: Rows<Meta>,
    pub users: Rows<User>,
    pub tags: Rows<Tag>,
    pub posts_tags: Rows<PostTag>,
    pub posts_authors: Rows<PostAuthor>,
    pub settings: Rows<Setting>,
}

impl Data {
    /// What cannot be read, with the reasons. Everything else is complete.
    pub fn take_unreadable(&mut self) -> Vec<Trouble> {
        [
            &mut self.posts.unreadable,
            &mut self.posts_meta.unreadable,
            &mut self.users.unreadable,
            &mut self.tags.unreadable,
            &mut self.posts_tags.unreadable,
            &mut self.posts_authors.unreadable,
            &mut self.settings.unreadable,
        ]
        .into_iter()
        .flat_map(std::mem::take)
        .collect()
    }
}

/// Names the rows of tables for the report.
macro_rules! rows {
    ($($row:ident = $name:literal,)+) => {
        $(impl Row for $row {
            const NAME: &'static str = $name;
        })+
    };
}

rows! {
    Meta = "the description of a post",
    User = "the user",
    Tag = "the tag",
    PostTag = "the tag of a post",
    PostAuthor = "the author of a post",
    Setting = "the setting",
}

#[derive(Deserialize, Serialize)]
pub struct Post {
    #[serde(deserialize_with = "id")]
    pub id: String,
    #[serde(default, deserialize_with = "text")]
    pub title: String,
    #[serde(default, deserialize_with = "text")]
    pub slug: String,
    #[serde(default, deserialize_with = "text")]
    pub html: String,
    #[serde(default, deserialize_with = "text")]
    pub lexical: String,
    #[serde(default, deserialize_with = "text")]
    pub plaintext: String,
    #[serde(default, deserialize_with = "text")]
    pub feature_image: String,
    #[serde(default, deserialize_with = "flag")]
    pub featured: bool,
    #[serde(default, deserialize_with = "flag")]
    pub page: bool,
    #[serde(default, rename = "type", deserialize_with = "text")]
    pub kind: String,
    #[serde(default, deserialize_with = "text")]
    pub status: String,
    #[serde(default, deserialize_with = "text")]
    pub visibility: String,
    #[serde(default, deserialize_with = "text")]
    pub custom_excerpt: String,
    #[serde(default, deserialize_with = "text")]
    pub meta_title: String,
    #[serde(default, deserialize_with = "text")]
    pub meta_description: String,
    #[serde(default, deserialize_with = "text")]
    pub published_at: String,
    #[serde(default, deserialize_with = "text")]
    pub created_at: String,
    #[serde(default, deserialize_with = "text")]
    pub updated_at: String,
    #[serde(default, deserialize_with = "optional_id")]
    pub author_id: String,
}

#[derive(Deserialize)]
pub struct Meta {
    #[serde(deserialize_with = "id")]
    pub post_id: String,
    #[serde(default, deserialize_with = "text")]
    pub meta_title: String,
    #[serde(default, deserialize_with = "text")]
    pub meta_description: String,
    #[serde(default, deserialize_with = "text")]
    pub feature_image_alt: String,
    #[serde(default, deserialize_with = "text")]
    pub feature_image_caption: String,
}

#[derive(Deserialize)]
pub struct User {
    #[serde(deserialize_with = "id")]
    pub id: String,
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    #[serde(default, deserialize_with = "text")]
    pub slug: String,
    #[serde(default, deserialize_with = "text")]
    pub email: String,
}

#[derive(Deserialize)]
pub struct Tag {
    #[serde(deserialize_with = "id")]
    pub id: String,
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    #[serde(default, deserialize_with = "text")]
    pub slug: String,
    #[serde(default, deserialize_with = "text")]
    pub description: String,
    #[serde(default, deserialize_with = "text")]
    pub visibility: String,
}

#[derive(Deserialize)]
pub struct PostTag {
    #[serde(deserialize_with = "id")]
    pub post_id: String,
    #[serde(deserialize_with = "id")]
    pub tag_id: String,
    #[serde(default)]
    pub sort_order: i64,
}

#[derive(Deserialize)]
pub struct PostAuthor {
    #[serde(deserialize_with = "id")]
    pub post_id: String,
    #[serde(deserialize_with = "id")]
    pub author_id: String,
    #[serde(default)]
    pub sort_order: i64,
}

#[derive(Deserialize)]
pub struct Setting {
    pub key: String,
    #[serde(default)]
    pub value: serde_json::Value,
}

/// Reads an export. Invalid bytes become U+FFFD; posts and other rows that cannot be read are left out.
///
/// # Errors
/// If the file cannot be read or is not a Ghost export.
pub fn read(export: &Path) -> Result<Data, GhostError> {
    let no_export = |why: &dyn std::fmt::Display| GhostError::NoExport(why.to_string());
    let text = DecodeReaderBytesBuilder::new()
        .encoding(Some(UTF_8))
        .bom_override(true)
        .build(File::open(export)?);
    let whole: Whole =
        serde_json::from_reader(BufReader::new(text)).map_err(|error| match error.is_io() {
            true => GhostError::Io(error.into()),
            false => no_export(&error),
        })?;
    let data = whole
        .data
        .or(whole.db.into_iter().next().map(|part| part.data));
    data.filter(|data| !data.posts.is_empty() || !data.settings.is_empty())
        .ok_or_else(|| no_export(&"there are no posts in it"))
}

/// A string; empty if it is null or missing.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(Option::<String>::deserialize(from)?.unwrap_or_default())
}

/// An id: a number in old versions of Ghost, a string in new ones.
fn id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Text(String),
        Number(i64),
    }
    Ok(match Either::deserialize(from)? {
        Either::Text(text) => text,
        Either::Number(number) => number.to_string(),
    })
}

/// An id; empty if it is null or missing.
fn optional_id<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

/// A boolean, which may be written as a number.
fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(match serde_json::Value::deserialize(from)? {
        serde_json::Value::Bool(is) => is,
        serde_json::Value::Number(number) => number.as_i64() == Some(1),
        _ => false,
    })
}
