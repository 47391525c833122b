//! Imports the attachments of an export as pictures of the library.

use std::path::{Component, Path};

use super::{
    ImportError, Importer, Progress, Watch, archive,
    context::Context,
    plain::plain,
    survey::{self, Survey},
};
use crate::{
    error::Error,
    media::{self, Limits, widths_text},
    models::{
        imported::{self, NewImported},
        media::{self as pictures, Description, Files, pixels},
    },
    text::remove_controls,
    transfer::{Report, Trouble},
};

/// The picture of the library that an attachment has become.
struct Picture {
    id: i64,
    /// False if the caption was dropped: attachments with the same file are one picture, which has one caption.
    keeps_caption: bool,
}

/// Why an attachment was not imported.
enum PictureError {
    Skipped(String),
    Failed(ImportError),
}

impl Importer<'_> {
    pub(super) fn import_pictures(
        &self,
        survey: &Survey,
        context: &mut Context,
        report: &mut Report,
        watch: &mut Watch<'_>,
    ) -> Result<(), ImportError> {
        let known = self.db.read_blocking(|conn| {
            Ok::<_, Error>(imported::known(conn, &context.source, "picture")?)
        })?;
        for (done, attachment) in (1..).zip(&survey.attachments) {
            watch(Progress::Pictures(done, survey.attachments.len() as u64))?;
            if attachment.id != 0 && context.archive.media.contains_key(&attachment.id) {
                report.skip(Trouble {
                    line: attachment.line,
                    what: format!("the picture {}", attachment.url),
                    why: "another item before it has the same id (wp:post_id)".to_owned(),
                });
                continue;
            }
            let upload = archive::upload_path(&attachment.url);
            let earlier = known.get(&attachment.id.to_string());
            let media_id = match earlier.filter(|_| attachment.id != 0) {
                Some(known) => {
                    report.count_unchanged("pictures");
                    Some(known.target_id)
                }
                None => match self.import_picture(context, attachment) {
                    Ok(picture) => {
                        report.count_new("pictures");
                        context.archive.new.insert(picture.id);
                        if !picture.keeps_caption {
                            report.lose(Trouble {
                                line: attachment.line,
                                what: format!("the picture {}", attachment.url),
                                why: format!(
                                    "its caption {:?}: the same picture already has another caption",
                                    plain(&attachment.caption)
                                ),
                            });
                        }
                        Some(picture.id)
                    }
                    Err(PictureError::Skipped(why)) => {
                        report.skip(Trouble {
                            line: attachment.line,
                            what: format!("the picture {}", attachment.url),
                            why,
                        });
                        None
                    }
                    Err(PictureError::Failed(error)) => return Err(error),
                },
            };
            if let Some(media_id) = media_id {
                context.archive.media.insert(attachment.id, media_id);
                if let Some(upload) = upload {
                    let by_upload = &mut context.archive.media_by_upload;
                    by_upload
                        .entry(archive::original_of(&upload))
                        .or_insert(media_id);
                    by_upload.insert(upload, media_id);
                }
                let of_parent = context
                    .archive
                    .attached
                    .entry(attachment.parent)
                    .or_default();
                of_parent.push(attachment.id);
            }
        }
        Ok(())
    }

    fn import_picture(
        &self,
        context: &Context,
        attachment: &survey::Attachment,
    ) -> Result<Picture, PictureError> {
        let (name, bytes) = self
            .picture_file(attachment)
            .map_err(PictureError::Skipped)?;
        let decoded = media::decode(&bytes, Limits::UPLOAD, &self.pictures.memory)
            .map_err(|refused| PictureError::Skipped(refused.to_string()))?;
        let failed = |error: Error| PictureError::Failed(error.into());
        let begun = self.store.begin(&decoded).map_err(failed)?;
        let files = Files {
            widths: widths_text(&begun.widths),
            hash: begun.hash,
            width: pixels(begun.width),
            height: pixels(begun.height),
            name,
            bytes: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        };
        let caption = plain(&attachment.caption);
        let imported = self.db.write_unversioned_blocking(|conn| {
            let (item, is_new) = pictures::take_in(conn, &files, None, self.now)?;
            if is_new {
                let new = Description {
                    alt: attachment.alt.clone(),
                    caption: caption.clone(),
                    credit: attachment.credit.clone(),
                    focal_x: item.media.focal_x,
                    focal_y: item.media.focal_y,
                };
                pictures::describe(conn, &item, &new)?;
            }
            // Without an id it is recognised by its content only.
            if attachment.id != 0 {
                let entry = NewImported {
                    source: &context.source,
                    kind: "picture",
                    foreign_id: attachment.id.to_string(),
                    target_id: item.media.id,
                    digest: 0,
                };
                imported::insert(conn, &[entry])?;
            }
            Ok::<_, Error>(Picture {
                id: item.media.id,
                keeps_caption: is_new || caption.is_empty() || caption == item.media.caption,
            })
        });
        imported.map_err(failed)
    }

    /// The name and the content of the file of a picture.
    ///
    /// # Errors
    /// Why it is not available.
    fn picture_file(&self, attachment: &survey::Attachment) -> Result<(String, Vec<u8>), String> {
        let Some(below) = archive::upload_path(&attachment.url) else {
            return Err("its address is not in the uploads folder".to_owned());
        };
        let below = percent_encoding::percent_decode_str(&below)
            .decode_utf8_lossy()
            .into_owned();
        let mut name = below.rsplit('/').next().unwrap_or_default().to_owned();
        remove_controls(&mut name);
        let from_folder = match &self.pictures.folder {
            Some(folder) => {
                // Only files inside the folder may be read.
                let is_below = Path::new(&below)
                    .components()
                    .all(|part| matches!(part, Component::Normal(_)));
                if !is_below {
                    return Err("its address is outside the uploads folder".to_owned());
                }
                let file = folder.join(&below);
                std::fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))
            }
            None => Err("the uploads folder was not given".to_owned()),
        };
        match (from_folder, &self.pictures.fetch) {
            (Ok(bytes), _) => Ok((name, bytes)),
            (Err(_), Some(fetcher)) => Ok((name, fetcher.get(&attachment.url)?)),
            (Err(why), None) => Err(why),
        }
    }
}
