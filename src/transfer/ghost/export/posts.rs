//! The posts of an export. They are spooled to a temporary file, because together they may not fit in memory.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Seek, Write},
};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Post, rows};
use crate::transfer::Trouble;

/// The file with the posts, or the error on writing it; no file if there are no posts.
#[derive(Default)]
pub struct Posts {
    file: Option<io::Result<File>>,
    pub unreadable: Vec<Trouble>,
}

impl Posts {
    pub fn is_empty(&self) -> bool {
        self.file.is_none() && self.unreadable.is_empty()
    }

    /// The readable posts in the order of the export.
    ///
    /// # Errors
    /// If the temporary file could not be written or cannot be read.
    pub fn read(self) -> io::Result<impl Iterator<Item = io::Result<Post>>> {
        let file = self.file.transpose()?;
        let posts = file.map(|file| {
            serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter::<Post>()
        });
        Ok(posts.into_iter().flatten().map(|post| Ok(post?)))
    }
}

impl<'de> Deserialize<'de> for Posts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut spool: Option<io::Result<BufWriter<File>>> = None;
        let mut unreadable = Vec::new();
        rows::each(from, |number, json| {
            match serde_json::from_str::<Post>(json) {
                Ok(post) => {
                    let file = spool
                        .take()
                        .unwrap_or_else(|| tempfile::tempfile().map(BufWriter::new));
                    spool = Some(file.and_then(|mut file| {
                        serde_json::to_writer(&mut file, &post)?;
                        Ok(file)
                    }));
                }
                Err(why) => unreadable.push(Trouble {
                    line: 0,
                    what: name(json, number),
                    why: why.to_string(),
                }),
            }
        })?;
        let file = spool.map(|spool| {
            spool.and_then(|mut file| {
                file.flush()?;
                let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.rewind()?;
                Ok(file)
            })
        });
        Ok(Self { file, unreadable })
    }
}

/// What an unreadable post is called in the report: by its title or its slug, if they can be read.
fn name(json: &str, number: u64) -> String {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Names<'a> {
        #[serde(borrow)]
        title: Option<&'a RawValue>,
        #[serde(borrow)]
        slug: Option<&'a RawValue>,
    }
    let names: Names<'_> = serde_json::from_str(json).unwrap_or_default();
    let text = |raw: &RawValue| serde_json::from_str::<String>(raw.get()).ok();
    let title = names.title.and_then(text);
    match title.or_else(|| names.slug.and_then(text)) {
        Some(name) if !name.is_empty() => format!("“{name}”"),
        _ => format!("the post number {number}"),
    }
}
