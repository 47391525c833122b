//! Moving in: an export of another system is handed over here, and what was imported before is listed.

use std::path::PathBuf;

use actix_web::HttpResponse;
use askama::Template;
use tokio::io::AsyncReadExt;

use super::{
    Layout, Newsroom, checks,
    delivery::{Delivered, Delivery},
    import_run::Tag,
};
use crate::{
    error::{Error, Result},
    jobs::move_in::{self, Begun},
    models::{
        history::NewEvent,
        import_run::{self, Run},
    },
    transfer::{
        fetch::Fetcher,
        ghost::OldSite,
        moving_in::{MovingIn, System},
        wordpress::Pictures,
    },
    view::form::{Choice, Errors, Field},
};

/// How many of the last imports are listed.
const LISTED: i64 = 20;
/// The folder below the data folder in which an operator can put the pictures of the old site.
const OLD_PICTURES: &str = "old-pictures";

const WORDPRESS: &str = "wordpress";
const GHOST: &str = "ghost";

/// What was chosen and typed.
struct Typed {
    system: String,
    url: String,
    permalink: String,
    fetch: bool,
    trial: bool,
}

impl Default for Typed {
    fn default() -> Self {
        Self {
            system: WORDPRESS.to_owned(),
            url: String::new(),
            permalink: "/{slug}/".to_owned(),
            fetch: false,
            trial: false,
        }
    }
}

impl Typed {
    fn old_site(&self) -> OldSite {
        OldSite {
            url: self.url.clone(),
            permalink: self.permalink.clone(),
        }
    }
}

/// An import that was begun before.
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
    /// Where pictures can be put, and whether any folder is there.
    pictures_folder: String,
    has_pictures_folder: bool,
    runs: Vec<Listed>,
    errors: Errors,
}

/// `GET /admin/import`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    page(&desk, &Typed::default(), Errors::default()).await
}

async fn page(desk: &Newsroom, typed: &Typed, errors: Errors) -> Result<HttpResponse> {
    let runs = desk
        .read(|conn| Ok(import_run::latest(conn, LISTED)?))
        .await?;
    let (folder, is_there) = old_pictures(desk).await?;
    let system = |value: &str, text| Choice::new(value, text, typed.system == value);
    let page = ImportsPage {
        layout: desk.layout("Import", "/admin/import"),
        script: desk.app.assets.url("js/import.js").to_owned(),
        system: Field::new("system", "The old site runs on")
            .choices(vec![system(WORDPRESS, "WordPress"), system(GHOST, "Ghost")])
            .errors(&errors),
        export: Field::new("export", "Export")
            .hint(
                "Of WordPress: Tools › Export, “All content”, a file that ends in .xml. \
                 Of Ghost: Settings › Migration tools, one that ends in .json.",
            )
            .required()
            .errors(&errors),
        url: Field::new("url", "Address of the old site")
            .value(&typed.url)
            .hint("Such as https://example.com: it is not in the export")
            .errors(&errors),
        permalink: Field::new("permalink", "How its addresses are made")
            .value(&typed.permalink)
            .hint("As its routes.yaml has it; usually /{slug}/")
            .errors(&errors),
        redirects: Field::new("redirects", "Its redirects")
            .hint("The file redirects.json, if there is one")
            .errors(&errors),
        fetch: Field::new("fetch", "Fetch the pictures from the old site")
            .checked(typed.fetch)
            .hint("It has to be reachable still at the addresses in the export"),
        trial: Field::new("trial", "Only try it")
            .checked(typed.trial)
            .hint("Tells what would come of it in an empty newspaper, and keeps nothing"),
        pictures_folder: folder.display().to_string(),
        has_pictures_folder: is_there,
        runs: runs.iter().map(|run| listed(desk, run)).collect(),
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// The folder with the pictures of the old site, and whether somebody has put one there.
async fn old_pictures(desk: &Newsroom) -> Result<(PathBuf, bool)> {
    let folder = desk.app.config.data_dir.join(OLD_PICTURES);
    let is_there = tokio::fs::try_exists(&folder).await?;
    Ok((folder, is_there))
}

fn listed(desk: &Newsroom, run: &Run) -> Listed {
    Listed {
        id: run.id,
        file_name: run.file_name.clone(),
        began: desk.locale.date_and_time(run.began_at.and_utc()),
        tag: Tag::of(run, desk.now),
    }
}

/// What is to be taken in, checked as far as that is done before it is read.
async fn checked(
    desk: &Newsroom,
    typed: &Typed,
    delivery: &Delivery,
) -> Result<Result<(MovingIn, String, i64), Errors>> {
    let mut errors = Errors::default();
    let is_ghost = typed.system == GHOST;
    if is_ghost {
        checks::needed(
            &mut errors,
            "url",
            &typed.url,
            "The address of the old site",
            500,
        );
        checks::short(
            &mut errors,
            "permalink",
            &typed.permalink,
            "The pattern",
            200,
        );
        if !typed.url.is_empty() && !typed.old_site().is_address() {
            errors.add("url", "An address is needed, like https://example.com");
        }
    } else if typed.system != WORDPRESS {
        errors.add("system", "Choose one of the two");
    }
    let Some(export) = delivery.file("export") else {
        errors.add("export", "Choose the export");
        return Ok(Err(errors));
    };
    match (first_sign(export).await?, is_ghost) {
        (None, _) => errors.add("export", "This file is empty"),
        (Some(b'{'), false) => errors.add(
            "export",
            "This is no export of WordPress. If it comes from Ghost, choose Ghost",
        ),
        (Some(b'<'), true) => errors.add(
            "export",
            "This is no export of Ghost. If it comes from WordPress, choose WordPress",
        ),
        _ => {}
    }
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    let system = if is_ghost {
        System::Ghost {
            old: typed.old_site(),
            redirects: delivery.file("redirects").map(|file| file.path.clone()),
        }
    } else {
        System::Wordpress
    };
    let (folder, is_there) = old_pictures(desk).await?;
    let moving = MovingIn {
        system,
        export: export.path.clone(),
        pictures: Pictures {
            folder: is_there.then_some(folder),
            fetch: typed.fetch.then(|| Fetcher::new(Vec::new())),
        },
    };
    let bytes = i64::try_from(export.bytes).unwrap_or(i64::MAX);
    Ok(Ok((moving, export.name.clone(), bytes)))
}

/// The first sign of a file that is no white space.
async fn first_sign(file: &Delivered) -> Result<Option<u8>> {
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
pub async fn begin(desk: Newsroom, delivery: Delivery) -> Result<HttpResponse> {
    let typed = Typed {
        system: delivery.field("system").to_owned(),
        url: checks::line(delivery.field("url")),
        permalink: checks::line(delivery.field("permalink")),
        fetch: !delivery.field("fetch").is_empty(),
        trial: !delivery.field("trial").is_empty(),
    };
    let (moving, name, bytes) = match checked(&desk, &typed, &delivery).await? {
        Ok(checked) => checked,
        Err(errors) => return page(&desk, &typed, errors).await,
    };
    let is_trial = typed.trial;
    let begun = desk
        .record(move |conn, actor| {
            let (user, now) = (actor.user.id, actor.now);
            let Some(id) = import_run::begin(conn, user, &name, is_trial, bytes, now)? else {
                return Ok(None);
            };
            let event = NewEvent {
                action: if is_trial { "tried" } else { "began" },
                kind: "import",
                object_id: Some(id),
                object: &name,
                detail: "",
            };
            actor.did(conn, &event)?;
            Ok(Some(id))
        })
        .await?;
    let Some(id) = begun else {
        return Err(Error::Unusable(
            "Another import is going on. Wait for its end, or stop it, and begin this one then."
                .to_owned(),
        ));
    };
    let begun = Begun {
        id,
        moving,
        is_trial,
        folder: delivery.folder,
        bytes,
    };
    actix_web::rt::spawn(move_in::run(desk.app.clone(), begun));
    desk.see_other(&format!("/admin/import/{id}"), "")
}
