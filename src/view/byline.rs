//! An author, for bylines, author boxes and the index of authors.

use super::{
    Link,
    picture::{Picture, Place},
    share,
};
use crate::models::author;

#[derive(Clone, Debug)]
pub struct Author {
    pub name: String,
    pub title: String,
    pub path: String,
    /// One paragraph per element.
    pub biography: Vec<String>,
    pub email: String,
    pub social_links: Vec<Link>,
    pub portrait: Option<Picture>,
}

impl From<&author::Author> for Author {
    fn from(author: &author::Author) -> Self {
        Self {
            name: author.name.clone(),
            title: author.title.clone(),
            path: author.path.clone(),
            biography: author
                .biography
                .split('\n')
                .map(str::trim)
                .filter(|paragraph| !paragraph.is_empty())
                .map(str::to_owned)
                .collect(),
            email: author.email.clone(),
            social_links: share::profiles(&author.social_links),
            portrait: author
                .portrait
                .as_ref()
                .map(|media| Picture::new(media, Place::Portrait).decorative()),
        }
    }
}
