//! The posts of an export. They are spooled to a temporary file, because together they may not fit in memory.

use std::{
    fmt,
    fs::File,
    io::{self, BufReader, BufWriter, Seek, Write},
};

use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};

use super::Post;

/// The file with the posts, or the error on writing it; `None` if there are no posts.
#[derive(Default)]
pub struct Posts(Option<io::Result<File>>);

impl Posts {
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The posts in the order of the export.
    ///
    /// # Errors
    /// If the temporary file could not be written or cannot be read.
    pub fn read(self) -> io::Result<impl Iterator<Item = io::Result<Post>>> {
        let file = self.0.transpose()?;
        let posts = file.map(|file| {
            serde_json::Deserializer::from_reader(BufReader::new(file)).into_iter::<Post>()
        });
        Ok(posts.into_iter().flatten().map(|post| Ok(post?)))
    }
}

impl<'de> Deserialize<'de> for Posts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_seq(Spooler)
    }
}

struct Spooler;

impl<'de> Visitor<'de> for Spooler {
    type Value = Posts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of posts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut posts: A) -> Result<Posts, A::Error> {
        let Some(first) = posts.next_element::<Post>()? else {
            return Ok(Posts(None));
        };
        let mut spool = tempfile::tempfile().map(BufWriter::new);
        let mut next = Some(first);
        while let Some(post) = next {
            spool = spool.and_then(|mut file| {
                serde_json::to_writer(&mut file, &post)?;
                Ok(file)
            });
            next = posts.next_element()?;
        }
        Ok(Posts(Some(spool.and_then(|mut file| {
            file.flush()?;
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok(file)
        }))))
    }
}
