//! What an export of ours says beyond the words of WordPress, so that nothing is lost on the way back.

use std::{collections::HashMap, hash::Hasher};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;

use super::body::Archive;
use crate::text::{Figure, Part, SanitizedHtml, with_markers};

/// The custom field that it stands in. WordPress shows none whose name begins so.
pub const FIELD: &str = "_dateline";

/// Numbers in it are those of the export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Own {
    /// Of the text that WordPress shows: once that is another, this says nothing about it any more.
    pub of_content: String,
    pub body: String,
    pub kicker: String,
    pub dateline_place: String,
    pub dateline_date: Option<NaiveDate>,
    pub dateline_agency: String,
    pub also_read: Vec<i64>,
    pub translations: String,
}

/// What tells one text from another.
pub fn hash(content: &str) -> String {
    let mut hasher = SipHasher24::new();
    hasher.write(content.as_bytes());
    format!("{:016x}", hasher.finish())
}

impl Own {
    /// Reads the field, if it still speaks of this content.
    pub fn read(field: &str, content: &str) -> Option<Self> {
        let own: Self = serde_json::from_str(field).ok()?;
        (own.of_content == hash(content)).then_some(own)
    }

    /// The text with our pictures in place of the export's. A link to another story becomes a paragraph with
    /// its address: it may not be there yet.
    pub fn text(&self, archive: &Archive) -> (SanitizedHtml, Vec<String>) {
        let mut lost = Vec::new();
        let known = |figure: &Figure, lost: &mut Vec<String>| {
            let media_id = archive.media.get(&figure.media_id).copied();
            if media_id.is_none() {
                lost.push("a picture that is not there".to_owned());
            }
            Some(Figure {
                media_id: media_id?,
                ..figure.clone()
            })
        };
        let body = with_markers(&SanitizedHtml::new(&self.body), |part| match part {
            Part::Figure(figure) => known(&figure, &mut lost).map(Part::Figure),
            Part::Gallery { caption, figures } => Some(Part::Gallery {
                caption,
                figures: figures
                    .iter()
                    .filter_map(|figure| known(figure, &mut lost))
                    .collect(),
            }),
            Part::AlsoRead(number) => match archive.paths.get(&number) {
                Some(path) => Some(Part::Html(SanitizedHtml::new(&also_read(path, "…")))),
                None => {
                    lost.push("a link to a story that is not there".to_owned());
                    None
                }
            },
            other => Some(other),
        });
        (body, lost)
    }

    /// The articles linked to below the text, as far as they are here.
    pub fn also_read_ids(&self, articles: &HashMap<String, super::Known>) -> Vec<i64> {
        let here = |number: &i64| Some(articles.get(&number.to_string())?.target_id);
        self.also_read.iter().filter_map(here).collect()
    }
}

/// The paragraph that stands for a link to another story.
pub fn also_read(address: &str, headline: &str) -> String {
    let escape = quick_xml::escape::escape;
    format!(
        "<p><strong>Also read:</strong> <a href=\"{}\">{}</a></p>",
        escape(address),
        escape(headline)
    )
}
