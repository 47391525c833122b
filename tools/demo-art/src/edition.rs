//! The list of pictures that the demo edition uses, read from its files.

use std::{
    collections::BTreeSet,
    fmt,
    fs::read_to_string,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::Result;

/// A picture of the edition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Picture {
    /// An illustration; the seed selects one variant of the scene.
    Scene { name: String, seed: u64 },
    /// The portrait of an author.
    Portrait(u64),
}

/// The file name without its extension: `harbour-3`, `portrait-7`.
impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scene { name, seed } => write!(f, "{name}-{seed}"),
            Self::Portrait(number) => write!(f, "portrait-{number}"),
        }
    }
}

/// The part of `paper.toml` that names pictures.
#[derive(Deserialize)]
struct Paper {
    authors: Vec<Author>,
}

#[derive(Deserialize)]
struct Author {
    portrait: u64,
}

/// The part of an article's front matter that names its lead picture.
#[derive(Deserialize)]
struct FrontMatter {
    picture: Lead,
}

#[derive(Deserialize)]
struct Lead {
    scene: String,
    seed: u64,
}

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every picture of the edition in `folder`, each once.
///
/// # Errors
/// If a file cannot be read or its front matter is not valid.
pub fn pictures(folder: &Path) -> Result<BTreeSet<Picture>> {
    let paper: Paper = toml::from_str(&read_to_string(folder.join("paper.toml"))?)?;
    let authors = paper.authors.iter();
    let mut pictures: BTreeSet<Picture> = authors
        .map(|author| Picture::Portrait(author.portrait))
        .collect();
    for entry in folder.join("articles").read_dir()? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "html") {
            continue;
        }
        let article = of_article(&read_to_string(&path)?)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        pictures.extend(article);
    }
    Ok(pictures)
}

/// The lead picture of an article and the figures in its body.
fn of_article(text: &str) -> Result<Vec<Picture>> {
    let (front_matter, body) = text
        .strip_prefix("+++\n")
        .and_then(|rest| rest.split_once("\n+++\n"))
        .ok_or("no front matter between +++ lines")?;
    let FrontMatter { picture: lead } = toml::from_str(front_matter)?;
    let mut pictures = vec![Picture::Scene {
        name: lead.scene,
        seed: lead.seed,
    }];
    for (name, seed) in values(body, "data-scene=\"").zip(values(body, "data-seed=\"")) {
        pictures.push(Picture::Scene {
            name: name.to_owned(),
            seed: seed.parse()?,
        });
    }
    Ok(pictures)
}

/// The text between each occurrence of `start` and the next quotation mark.
fn values<'t>(text: &'t str, start: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(start)
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(value, _)| value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lead_pictures_and_figures_are_listed() {
        let article = "+++\nheadline = \"H\"\n[picture]\nscene = \"ice\"\nseed = 3\n+++\n<p>T</p>\
                       <figure data-scene=\"sailing\" data-seed=\"12\"></figure>";
        let names: Vec<String> = of_article(article)
            .unwrap()
            .iter()
            .map(Picture::to_string)
            .collect();
        assert_eq!(names, ["ice-3", "sailing-12"]);
        assert!(of_article("<p>T</p>").is_err());
    }
}
