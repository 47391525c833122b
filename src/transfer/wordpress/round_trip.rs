//! Fields that only our own exports contain, so that an export can be imported again without loss.

use std::{collections::HashMap, hash::Hasher};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher24;

use super::archive::Archive;
use crate::{
    models::imported::ImportedObject,
    text::{Figure, Part, SanitizedHtml, remove_controls, with_markers},
};

/// The name of the custom field. WordPress hides custom fields that start with an underscore.
pub const FIELD: &str = "_dateline";

/// The content of the field, as JSON. Ids are those of the export.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundTrip {
    /// The hash of the content in WordPress. If the content was edited there, these fields are outdated and ignored.
    pub of_content: String,
    pub body: String,
    pub kicker: String,
    pub dateline_place: String,
    pub dateline_date: Option<NaiveDate>,
    pub dateline_agency: String,
    pub also_read: Vec<i64>,
    pub translations: String,
}

/// The hash of a text, in hexadecimal digits.
pub fn hash(content: &str) -> String {
    let mut hasher = SipHasher24::new();
    hasher.write(content.as_bytes());
    format!("{:016x}", hasher.finish())
}

impl RoundTrip {
    /// Parses the field; `None` if it is missing, malformed or outdated.
    pub fn read(field: &str, content: &str) -> Option<Self> {
        let mut fields: Self = serde_json::from_str(field).ok()?;
        for text in [
            &mut fields.body,
            &mut fields.kicker,
            &mut fields.dateline_place,
            &mut fields.dateline_agency,
            &mut fields.translations,
        ] {
            remove_controls(text);
        }
        (fields.of_content == hash(content)).then_some(fields)
    }

    /// The body with the ids of imported pictures, and what was lost. An also-read link becomes a paragraph with the
    /// address, because the article may not be imported yet.
    pub fn text(&self, archive: &Archive) -> (SanitizedHtml, Vec<String>) {
        let mut lost = Vec::new();
        let imported = |figure: &Figure, lost: &mut Vec<String>| {
            let media_id = archive.media.get(&figure.media_id).copied();
            if media_id.is_none() {
                lost.push("a picture that was not imported".to_owned());
            }
            Some(Figure {
                media_id: media_id?,
                ..figure.clone()
            })
        };
        let body = with_markers(&SanitizedHtml::new(&self.body), |part| match part {
            Part::Figure(figure) => imported(&figure, &mut lost).map(Part::Figure),
            Part::Gallery { caption, figures } => Some(Part::Gallery {
                caption,
                figures: figures
                    .iter()
                    .filter_map(|figure| imported(figure, &mut lost))
                    .collect(),
            }),
            Part::AlsoRead(number) => match archive.paths.get(&number) {
                Some(path) => Some(Part::Html(SanitizedHtml::new(&also_read(path, "…")))),
                None => {
                    lost.push("a link to an article that is not in the export".to_owned());
                    None
                }
            },
            other => Some(other),
        });
        (body, lost)
    }

    /// The ids of the also-read links below the text, as far as those articles were imported.
    pub fn also_read_ids(&self, articles: &HashMap<String, ImportedObject>) -> Vec<i64> {
        let imported = |id: &i64| Some(articles.get(&id.to_string())?.target_id);
        self.also_read.iter().filter_map(imported).collect()
    }
}

/// The paragraph that represents an also-read link in WordPress.
pub fn also_read(address: &str, headline: &str) -> String {
    let escape = quick_xml::escape::escape;
    format!(
        "<p><strong>Also read:</strong> <a href=\"{}\">{}</a></p>",
        escape(address),
        escape(headline)
    )
}
