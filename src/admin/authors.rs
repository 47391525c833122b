//! Authors: the people readers see in the byline. Editors manage all of them; everybody who is tied
//! to one may say who they are.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    Layout, Newsroom, Nothing, Posted,
    body_editor::BodyEditor,
    checks,
    pager::{self, Pager},
    social_links::{self, SocialLinks},
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, River, UserRole},
    },
    error::{Error, Result},
    models::{
        author::{self, Author, NewAuthor},
        history::NewEvent,
        river,
        setting::SocialLink,
        user,
    },
    text,
    view::form::{Errors, Field},
};

struct Row {
    id: i64,
    name: String,
    title: String,
    path: String,
    stories: String,
}

#[derive(Template)]
#[template(path = "admin/authors.html")]
struct ListPage {
    layout: Layout,
    q: String,
    rows: Vec<Row>,
    pager: Pager,
}

/// `GET /admin/authors?q=…&after=…`
pub async fn show(desk: Newsroom) -> Result<HttpResponse> {
    let q = checks::line(&desk.query("q"));
    let after = checks::line(&desk.query("after"));
    // Slugs are searched, which have neither accents nor capital letters.
    let (search, from) = (text::slug(&q), after.clone());
    let nothing = search.is_empty() && !q.is_empty();
    let (mut authors, stories) = desk
        .read(move |conn| {
            if nothing {
                return Ok(Default::default());
            }
            let authors = author::list(conn, &search, &from, pager::WITH_NEXT)?;
            let ids: Vec<i64> = authors.iter().map(|author| author.id).collect();
            Ok((authors, river::totals(conn, River::Author, &ids)?))
        })
        .await?;
    let pager = Pager::cut("/admin/authors", &q, &after, &mut authors, |author| {
        &author.slug
    });
    let rows = authors
        .into_iter()
        .map(|author| Row {
            stories: desk.stories(stories.get(&author.id)),
            id: author.id,
            name: author.name,
            title: author.title,
            path: author.path,
        })
        .collect();
    desk.page(&ListPage {
        layout: desk.layout("Authors", "/admin/authors"),
        q,
        rows,
        pager,
    })
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AuthorForm {
    name: String,
    slug: String,
    title: String,
    biography: String,
    email: String,
    portrait: String,
    network: Vec<String>,
    url: Vec<String>,
}

impl AuthorForm {
    fn cleaned(self) -> Self {
        Self {
            name: checks::line(&self.name),
            slug: checks::line(&self.slug),
            title: checks::line(&self.title),
            biography: checks::lines(&self.biography),
            email: checks::line(&self.email),
            portrait: checks::line(&self.portrait),
            ..self
        }
    }

    fn social_links(&self) -> Vec<SocialLink> {
        social_links::typed(&self.network, &self.url)
    }
}

impl From<&Author> for AuthorForm {
    fn from(author: &Author) -> Self {
        let links = author.social_links.iter().cloned();
        let (network, url) = links.map(|link| (link.network, link.url)).unzip();
        Self {
            name: author.name.clone(),
            slug: author.slug.clone(),
            title: author.title.clone(),
            biography: author.biography.clone(),
            email: author.email.clone(),
            portrait: author
                .portrait
                .as_ref()
                .map(|media| media.id.to_string())
                .unwrap_or_default(),
            network,
            url,
        }
    }
}

#[derive(Template)]
#[template(path = "admin/author.html")]
struct AuthorPage {
    layout: Layout,
    editor: BodyEditor,
    action: String,
    /// Of an author who is there.
    path: Option<String>,
    /// Whether name and address may be changed, and the author deleted.
    whole: bool,
    name: Field,
    slug: Field,
    title: Field,
    biography: Field,
    email: Field,
    portrait: Field,
    social_links: SocialLinks,
    errors: Errors,
}

fn page(
    desk: &Newsroom,
    author: Option<&Author>,
    typed: &AuthorForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let field = |name, label, value: &str| Field::new(name, label).value(value).errors(&errors);
    let page = AuthorPage {
        layout: desk.layout(
            author.map_or("New author", |author| &author.name),
            "/admin/authors",
        ),
        editor: BodyEditor::new(&desk.app.assets),
        action: match author {
            Some(author) => format!("/admin/authors/{}", author.id),
            None => "/admin/authors".to_owned(),
        },
        path: author.map(|author| author.path.clone()),
        whole: desk.may(UserRole::Editor),
        name: field("name", "Name", &typed.name).required(),
        slug: field("slug", "Address", &typed.slug)
            .hint(checks::slug_hint(author.map(|author| author.path.as_str()))),
        title: field("title", "Title", &typed.title).hint("Such as Diplomatic Correspondent"),
        biography: field("biography", "Biography", &typed.biography),
        email: field("email", "Public e-mail address", &typed.email).hint("Readers see it"),
        portrait: field("portrait", "Portrait", &typed.portrait)
            .hint("The number of a picture in the library; empty for none"),
        social_links: SocialLinks::new(&typed.social_links(), &errors),
        errors,
    };
    desk.form_page(&page.errors, &page)
}

/// What was typed, checked: what will be stored.
struct Checked {
    slug: String,
    portrait_id: Option<i64>,
    social_links: String,
}

impl Checked {
    fn row<'a>(&'a self, typed: &'a AuthorForm) -> NewAuthor<'a> {
        NewAuthor {
            slug: &self.slug,
            name: &typed.name,
            title: &typed.title,
            biography: &typed.biography,
            email: &typed.email,
            portrait_id: self.portrait_id,
            social_links: &self.social_links,
        }
    }
}

fn checked(
    conn: &mut AnyConnection,
    id: Option<i64>,
    typed: &AuthorForm,
) -> Result<Result<Checked, Errors>> {
    let mut errors = Errors::default();
    checks::needed(&mut errors, "name", &typed.name, "A name", 100);
    let slug = checks::slug(&mut errors, &typed.slug, &typed.name);
    checks::short(&mut errors, "title", &typed.title, "The title", 120);
    checks::short(&mut errors, "biography", &typed.biography, "This", 4_000);
    if !typed.email.is_empty() && (user::email(&typed.email).is_err() || typed.email.len() > 250) {
        errors.add("email", "This is not an e-mail address");
    }
    let portrait_id = checks::picture(conn, &mut errors, "portrait", &typed.portrait)?;
    let links = typed.social_links();
    social_links::check(&mut errors, &links);
    if errors.of("slug").is_empty()
        && let Some(why) = checks::taken(conn, &author::path(&slug), AddressKind::Author, id)?
    {
        errors.add("slug", why);
    }
    if !errors.is_empty() {
        return Ok(Err(errors));
    }
    Ok(Ok(Checked {
        slug,
        portrait_id,
        social_links: serde_json::to_string(&links)
            .map_err(|error| Error::Data(error.to_string()))?,
    }))
}

/// `GET /admin/authors/new`
pub async fn create(desk: Newsroom) -> Result<HttpResponse> {
    page(&desk, None, &AuthorForm::default(), Errors::default())
}

fn event<'a>(action: &'a str, id: i64, name: &'a str, detail: &'a str) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: "author",
        object_id: Some(id),
        object: name,
        detail,
    }
}

/// `POST /admin/authors`
pub async fn add(desk: Newsroom, posted: Posted<AuthorForm>) -> Result<HttpResponse> {
    let typed = posted.form.cleaned();
    let form = typed.clone();
    let done = desk
        .write(move |conn, actor| {
            let checked = match checked(conn, None, &form)? {
                Ok(checked) => checked,
                Err(errors) => return Ok(Err(errors)),
            };
            let id = author::insert(conn, &checked.row(&form))?;
            actor.did(conn, &event("added", id, &form.name, ""))?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) => desk.see_other("/admin/authors", "The author is added."),
        Err(errors) => page(&desk, None, &typed, errors),
    }
}

/// The author, if they may be changed by whoever asks: an editor, or the author. To all others it is
/// as if there were none.
async fn find(desk: &Newsroom) -> Result<Author> {
    let id = desk.id("id")?;
    if !desk.may(UserRole::Editor) && desk.user.author_id != Some(id) {
        return Err(Error::NotFound);
    }
    desk.read(move |conn| author::find(conn, id)?.ok_or(Error::NotFound))
        .await
}

/// `GET /admin/authors/{id}`
pub async fn edit(desk: Newsroom) -> Result<HttpResponse> {
    let author = find(&desk).await?;
    page(
        &desk,
        Some(&author),
        &AuthorForm::from(&author),
        Errors::default(),
    )
}

/// `POST /admin/authors/{id}`
pub async fn change(desk: Newsroom, posted: Posted<AuthorForm>) -> Result<HttpResponse> {
    let author = find(&desk).await?;
    let mut typed = posted.form.cleaned();
    if !desk.may(UserRole::Editor) {
        // Their form does not have these.
        typed.name.clone_from(&author.name);
        typed.slug.clone_from(&author.slug);
    }
    let (form, before) = (typed.clone(), author.clone());
    let done = desk
        .write(move |conn, actor| {
            let checked = match checked(conn, Some(before.id), &form)? {
                Ok(checked) => checked,
                Err(errors) => return Ok(Err(errors)),
            };
            author::change(conn, before.id, &checked.row(&form))?;
            let detail = if before.slug == checked.slug {
                String::new()
            } else {
                format!("from {} to {}", before.path, author::path(&checked.slug))
            };
            actor.did(conn, &event("changed", before.id, &form.name, &detail))?;
            Ok(Ok(()))
        })
        .await?;
    match done {
        Ok(()) if desk.may(UserRole::Editor) => {
            desk.see_other("/admin/authors", "The author is saved.")
        }
        Ok(()) => desk.see_other(&format!("/admin/authors/{}", author.id), "Saved."),
        Err(errors) => page(&desk, Some(&author), &typed, errors),
    }
}

/// `POST /admin/authors/{id}/delete`
pub async fn delete(desk: Newsroom, _posted: Posted<Nothing>) -> Result<HttpResponse> {
    let author = find(&desk).await?;
    desk.write(move |conn, actor| {
        let articles = author::articles_of(conn, author.id)?;
        if articles > 0 {
            return Err(Error::Refused(format!(
                "{} stands in the byline of {articles} {} (drafts and the trash included), and \
                 cannot be deleted.",
                author.name,
                if articles == 1 { "article" } else { "articles" },
            )));
        }
        author::delete(conn, author.id)?;
        actor.did(
            conn,
            &event("deleted", author.id, &author.name, &author.path),
        )
    })
    .await?;
    desk.see_other("/admin/authors", "The author is deleted.")
}
