//! The posts of an export: put aside one by one as they are read, for all of them may be more than fits into memory.

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

/// Posts in a file that goes with this; or why they could not be put there. Nothing, if there are none.
#[derive(Default)]
pub struct Posts(Option<io::Result<File>>);

impl Posts {
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Each of them, in the order of the export.
    ///
    /// # Errors
    /// Of the file.
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
        from.deserialize_seq(PuttingAside)
    }
}

struct PuttingAside;

impl<'de> Visitor<'de> for PuttingAside {
    type Value = Posts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of posts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut posts: A) -> Result<Posts, A::Error> {
        let Some(first) = posts.next_element::<Post>()? else {
            return Ok(Posts(None));
        };
        let mut aside = tempfile::tempfile().map(BufWriter::new);
        let mut next = Some(first);
        while let Some(post) = next {
            aside = aside.and_then(|mut file| {
                serde_json::to_writer(&mut file, &post)?;
                Ok(file)
            });
            next = posts.next_element()?;
        }
        Ok(Posts(Some(aside.and_then(|mut file| {
            file.flush()?;
            let mut file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.rewind()?;
            Ok(file)
        }))))
    }
}
