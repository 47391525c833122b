//! Imports from other systems: the upload form and the list of earlier imports.

use std::path::PathBuf;

use actix_web::HttpResponse;
use askama::Template;
use tokio::io::AsyncReadExt;

use super::{
    FormOutcome, Layout, StaffRequest, checks,
    import_run::Tag,
    streamed_upload::{StreamedFile, StreamedUpload},
};
use crate::{
    db::types::{HistoryAction, HistoryKind},
    error::{Error, Result},
    models::{
        history::NewEvent,
        import_run::{self, Run},
    },
    transfer::{
        fetch::Fetcher,
        ghost::OldSite,
        import::{Import, System},
        queue::QueuedImport,
        wordpress::Pictures,
    },
    view::form::{Choice, Errors, Field},
};

/// The number of latest imports that are listed.
const MAX_LISTED: i64 = 20;
/// The folder in the data directory for pictures of the old site, which the operator may provide.
const OLD_PICTURES: &str = "old-pictures";

/// Ghost's usual permalinks.
const PERMALINK: &str = "/{slug}/";

const WORDPRESS: &str = "wordpress";
const GHOST: &str = "ghost";

/// The submitted form without its files.
struct ImportForm {
    system: String,
    url: String,
    permalink: String,
    fetch: bool,
    trial: bool,
}

impl Default for ImportForm {
    fn default() -> Self {
        Self {
            system: WORDPRESS.to_owned(),
            url: String::new(),
            permalink: PERMALINK.to_owned(),
            fetch: false,
            trial: false,
        }
    }
}

impl ImportForm {
    fn old_site(&self) -> OldSite {
        OldSite {
            url: self.url.clone(),
            permalink: self.permalink.clone(),
        }
    }
}

/// An import in the list.
struct Listed {
    id: i64,
    file_name: String,
    began: String,
    tag: Tag,
}

#[derive(Template)]
#[template(path = "admin/imports.html")]
struct ImportsPage {
    layout: Layout,
    script: String,
    system: Field,
    export: Field,
    url: Field,
    permalink: Field,
    redirects: Field,
    fetch: Field,
    trial: Field,
    /// The folder for pictures of the old site, and whether it exists.
    pictures_folder: String,
    has_pictures_folder: bool,
    runs: Vec<Listed>,
    errors: Errors,
}

/// `GET /admin/import`
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    page(&request, &ImportForm::default(), Errors::default()).await
}

async fn page(request: &StaffRequest, form: &ImportForm, errors: Errors) -> Result<HttpResponse> {
    let runs = request
        .read(|conn| Ok(import_run::latest(conn, MAX_LISTED)?))
        .await?;
    let (folder, exists) = old_pictures(request).await?;
    let system = |value: &str, text| Choice::new(value, text, form.system == value);
    let texts = &request.texts().imports;
    let page = ImportsPage {
        layout: request.layout(texts.title, "/admin/import"),
        script: request.app.assets.url("js/import.js").to_owned(),
        system: Field::new("system", texts.system)
            .choices(vec![system(WORDPRESS, "WordPress"), system(GHOST, "Ghost")])
            .errors(&errors),
        export: Field::new("export", texts.export)
            .hint(texts.export_hint)
            .required()
            .errors(&errors),
        url: Field::new("url", texts.url)
            .value(&form.url)
            .hint(texts.url_hint)
            .errors(&errors),
        permalink: Field::new("permalink", texts.permalink)
            .value(&form.permalink)
            .hint(texts.permalink_hint(PERMALINK))
            .errors(&errors),
        redirects: Field::new("redirects", texts.redirects)
            .hint(texts.redirects_hint)
            .errors(&errors),
        fetch: Field::new("fetch", texts.fetch)
            .checked(form.fetch)
            .hint(texts.fetch_hint),
        trial: Field::new("trial", texts.trial)
            .checked(form.trial)
            .hint(texts.trial_hint),
        pictures_folder: folder.display().to_string(),
        has_pictures_folder: exists,
        runs: runs.iter().map(|run| listed(request, run)).collect(),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// The folder for pictures of the old site, and whether it exists.
async fn old_pictures(request: &StaffRequest) -> Result<(PathBuf, bool)> {
    let folder = request.app.config.data_dir.join(OLD_PICTURES);
    let exists = tokio::fs::try_exists(&folder).await?;
    Ok((folder, exists))
}

fn listed(request: &StaffRequest, run: &Run) -> Listed {
    Listed {
        id: run.id,
        file_name: run.file_name.clone(),
        began: request.locale.date_and_time(run.began_at.and_utc()),
        tag: Tag::of(request.texts(), run, request.now),
    }
}

/// A validated import.
struct ValidImport {
    import: Import,
    file_name: String,
    /// The size of the export.
    bytes: i64,
}

/// Validates the form and the first byte of the export; the rest is parsed by the import.
async fn validate(
    request: &StaffRequest,
    form: &ImportForm,
    upload: &StreamedUpload,
) -> Result<FormOutcome<ValidImport>> {
    let newsroom = request.texts();
    let texts = &newsroom.imports;
    let mut errors = Errors::default();
    let is_ghost = form.system == GHOST;
    if is_ghost {
        checks::required(
            &mut errors,
            newsroom,
            "url",
            &form.url,
            [texts.the_url; 2],
            500,
        );
        checks::max_chars(
            &mut errors,
            newsroom,
            "permalink",
            &form.permalink,
            texts.the_permalink,
            200,
        );
        if !form.url.is_empty() && !form.old_site().is_address() {
            errors.add("url", texts.not_an_address);
        }
    } else if form.system != WORDPRESS {
        errors.add("system", texts.no_system);
    }
    let Some(export) = upload.file("export") else {
        errors.add("export", texts.no_export);
        return Ok(FormOutcome::Invalid(errors));
    };
    match (first_byte(export).await?, is_ghost) {
        (None, _) => errors.add("export", texts.empty_export),
        (Some(b'{'), false) => errors.add("export", texts.not_wordpress),
        (Some(b'<'), true) => errors.add("export", texts.not_ghost),
        _ => {}
    }
    if !errors.is_empty() {
        return Ok(FormOutcome::Invalid(errors));
    }
    let system = if is_ghost {
        System::Ghost {
            old: form.old_site(),
            redirects: upload.file("redirects").map(|file| file.path.clone()),
        }
    } else {
        System::Wordpress
    };
    let (folder, exists) = old_pictures(request).await?;
    let import = Import {
        system,
        export: export.path.clone(),
        pictures: Pictures {
            folder: exists.then_some(folder),
            fetch: form.fetch.then(|| Fetcher::new(Vec::new())),
            memory: request.app.picture_memory.clone(),
        },
    };
    Ok(FormOutcome::Accepted(ValidImport {
        import,
        file_name: export.name.clone(),
        bytes: i64::try_from(export.bytes).unwrap_or(i64::MAX),
    }))
}

/// The first byte of a file that is no white space, within its first 1000 bytes.
async fn first_byte(file: &StreamedFile) -> Result<Option<u8>> {
    let mut beginning = Vec::new();
    let opened = tokio::fs::File::open(&file.path).await?;
    opened.take(1_000).read_to_end(&mut beginning).await?;
    let text = beginning
        .strip_prefix(b"\xEF\xBB\xBF")
        .unwrap_or(&beginning);
    Ok(text
        .iter()
        .copied()
        .find(|byte| !byte.is_ascii_whitespace()))
}

/// `POST /admin/import`
pub async fn begin(request: StaffRequest, upload: StreamedUpload) -> Result<HttpResponse> {
    let form = ImportForm {
        system: upload.field("system").to_owned(),
        url: checks::line(upload.field("url")),
        permalink: checks::line(upload.field("permalink")),
        fetch: !upload.field("fetch").is_empty(),
        trial: !upload.field("trial").is_empty(),
    };
    let valid = match validate(&request, &form, &upload).await? {
        FormOutcome::Accepted(valid) => valid,
        FormOutcome::Invalid(errors) => return page(&request, &form, errors).await,
    };
    let ValidImport {
        import,
        file_name,
        bytes,
    } = valid;
    let is_trial = form.trial;
    let begun = request
        .write_unversioned(move |conn, actor| {
            let (user, now) = (actor.user.id, actor.now);
            let Some(id) = import_run::begin(conn, user, &file_name, is_trial, bytes, now)? else {
                return Ok(None);
            };
            let event = NewEvent {
                action: if is_trial {
                    HistoryAction::BeganDryRun
                } else {
                    HistoryAction::Began
                },
                kind: HistoryKind::Import,
                object_id: Some(id),
                object: &file_name,
                detail: "",
            };
            actor.audit(conn, &event)?;
            Ok(Some(id))
        })
        .await?;
    let Some(id) = begun else {
        let text = request.texts().imports.another_runs;
        return Err(Error::Unusable(text.to_owned()));
    };
    request.app.imports.push(QueuedImport {
        run_id: id,
        import,
        is_trial,
        folder: upload.folder,
        export_bytes: bytes,
    });
    request.see_other(&format!("/admin/import/{id}"), "")
}
