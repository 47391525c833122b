//! Authors, whom bylines name. Editors manage all of them; other users may edit the author that they
//! are.

use actix_web::HttpResponse;
use askama::Template;
use serde::Deserialize;

use super::{
    CsrfForm, EmptyForm, FormOutcome, Layout, StaffRequest,
    body_editor::BodyEditor,
    checks,
    pager::{self, Pager},
    social_links::{self, SocialLinks},
};
use crate::{
    db::{
        AnyConnection,
        types::{AddressKind, HistoryAction, HistoryKind, TimelineKind, UserRole},
    },
    error::{Error, Result},
    locale::Newsroom,
    models::{
        author::{self, Author, NewAuthor},
        history::NewEvent,
        setting::SocialLink,
        timeline, user,
    },
    text,
    view::form::{Errors, Field},
};

/// An author in the list.
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
pub async fn show(request: StaffRequest) -> Result<HttpResponse> {
    let q = checks::line(&request.query("q"));
    let after = checks::line(&request.query("after"));
    // The search compares slugs, which have neither accents nor capital letters.
    let (search, from) = (text::slug(&q), after.clone());
    let matches_nothing = search.is_empty() && !q.is_empty();
    let (mut authors, stories) = request
        .read(move |conn| {
            if matches_nothing {
                return Ok(Default::default());
            }
            let authors = author::list(conn, &search, &from, pager::QUERY_LIMIT)?;
            let ids: Vec<i64> = authors.iter().map(|author| author.id).collect();
            Ok((authors, timeline::totals(conn, TimelineKind::Author, &ids)?))
        })
        .await?;
    let pager = Pager::truncate("/admin/authors", &q, &after, &mut authors, |author| {
        &author.slug
    });
    let rows = authors
        .into_iter()
        .map(|author| Row {
            stories: request.count_of_articles(stories.get(&author.id)),
            id: author.id,
            name: author.name,
            title: author.title,
            path: author.path,
        })
        .collect();
    request.page(&ListPage {
        layout: request.layout(request.texts().authors.title, "/admin/authors"),
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
        social_links::parse(&self.network, &self.url)
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
    /// The address of an existing author.
    path: Option<String>,
    /// Whether the user may change name and address and delete the author.
    may_manage: bool,
    fields: Vec<Field>,
    portrait: Field,
    social_links: SocialLinks,
    errors: Errors,
}

fn page(
    request: &StaffRequest,
    author: Option<&Author>,
    form: &AuthorForm,
    errors: Errors,
) -> Result<HttpResponse> {
    let field = |name, label, value: &str| Field::new(name, label).value(value).errors(&errors);
    let texts = request.texts();
    let may_manage = request.may(UserRole::Editor);
    let path = author.map(|author| author.path.as_str());
    let mut fields = Vec::new();
    if may_manage {
        fields.push(field("name", texts.common.name, &form.name).required());
        let slug = field("slug", texts.authors.address, &form.slug);
        fields.push(slug.hint(checks::slug_hint(texts, path)));
    }
    fields.extend([
        field("title", texts.authors.position, &form.title).hint(texts.authors.position_hint),
        field("biography", texts.authors.biography, &form.biography).rows(5),
        field("email", texts.authors.email, &form.email)
            .hint(texts.authors.email_hint)
            .kind("email"),
    ]);
    let page = AuthorPage {
        layout: request.layout(
            author.map_or(texts.authors.new_author, |author| &author.name),
            "/admin/authors",
        ),
        editor: BodyEditor::new(&request.app.assets),
        action: match author {
            Some(author) => format!("/admin/authors/{}", author.id),
            None => "/admin/authors".to_owned(),
        },
        path: path.map(str::to_owned),
        may_manage,
        fields,
        portrait: field("portrait", texts.authors.portrait, &form.portrait)
            .hint(texts.authors.portrait_hint),
        social_links: SocialLinks::new(&form.social_links(), &errors),
        errors,
    };
    request.form_page(&page.errors, &page)
}

/// The validated values of the form.
struct ValidAuthor {
    slug: String,
    portrait_id: Option<i64>,
    social_links: String,
}

impl ValidAuthor {
    fn row<'a>(&'a self, form: &'a AuthorForm) -> NewAuthor<'a> {
        NewAuthor {
            slug: &self.slug,
            name: &form.name,
            title: &form.title,
            biography: &form.biography,
            email: &form.email,
            portrait_id: self.portrait_id,
            social_links: &self.social_links,
        }
    }
}

fn validate(
    conn: &mut AnyConnection,
    texts: &'static Newsroom,
    id: Option<i64>,
    form: &AuthorForm,
) -> Result<FormOutcome<ValidAuthor>> {
    let mut errors = Errors::default();
    checks::required(
        &mut errors,
        texts,
        "name",
        &form.name,
        [texts.authors.a_name, texts.authors.the_name],
        100,
    );
    let slug = checks::slug(&mut errors, texts, &form.slug, &form.name);
    checks::max_chars(
        &mut errors,
        texts,
        "title",
        &form.title,
        texts.authors.the_title,
        120,
    );
    checks::max_chars(
        &mut errors,
        texts,
        "biography",
        &form.biography,
        texts.authors.the_biography,
        4_000,
    );
    if !form.email.is_empty() && (user::email(&form.email).is_err() || form.email.len() > 250) {
        errors.add("email", texts.authors.invalid_email);
    }
    let portrait_id = checks::media_id(conn, &mut errors, texts, "portrait", &form.portrait)?;
    let links = form.social_links();
    social_links::validate(&mut errors, texts, &links);
    if errors.of("slug").is_empty()
        && let Some(message) =
            checks::path_conflict(conn, texts, &author::path(&slug), AddressKind::Author, id)?
    {
        errors.add("slug", message);
    }
    let valid = ValidAuthor {
        slug,
        portrait_id,
        social_links: serde_json::to_string(&links)
            .map_err(|error| Error::Data(error.to_string()))?,
    };
    Ok(FormOutcome::new(valid, errors))
}

/// `GET /admin/authors/new`
pub async fn create(request: StaffRequest) -> Result<HttpResponse> {
    page(&request, None, &AuthorForm::default(), Errors::default())
}

fn event<'a>(action: HistoryAction, id: i64, name: &'a str, detail: &'a str) -> NewEvent<'a> {
    NewEvent {
        action,
        kind: HistoryKind::Author,
        object_id: Some(id),
        object: name,
        detail,
    }
}

/// `POST /admin/authors`
pub async fn add(request: StaffRequest, posted: CsrfForm<AuthorForm>) -> Result<HttpResponse> {
    let form = posted.form.cleaned();
    let input = form.clone();
    let outcome = request
        .write(move |conn, actor| {
            validate(conn, actor.texts(), None, &input)?.save(|valid| {
                let id = author::insert(conn, &valid.row(&input))?;
                actor.audit(conn, &event(HistoryAction::Added, id, &input.name, ""))
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) => {
            request.see_other("/admin/authors", request.texts().authors.added)
        }
        FormOutcome::Invalid(errors) => page(&request, None, &form, errors),
    }
}

/// The author of the path.
///
/// # Errors
///
/// `NotFound` if the user is neither an editor nor this author.
async fn find(request: &StaffRequest) -> Result<Author> {
    let id = request.id("id")?;
    if !request.may(UserRole::Editor) && request.user.author_id != Some(id) {
        return Err(Error::NotFound);
    }
    request
        .read(move |conn| author::find(conn, id)?.ok_or(Error::NotFound))
        .await
}

/// `GET /admin/authors/{id}`
pub async fn edit(request: StaffRequest) -> Result<HttpResponse> {
    let author = find(&request).await?;
    page(
        &request,
        Some(&author),
        &AuthorForm::from(&author),
        Errors::default(),
    )
}

/// `POST /admin/authors/{id}`
pub async fn change(request: StaffRequest, posted: CsrfForm<AuthorForm>) -> Result<HttpResponse> {
    let author = find(&request).await?;
    let mut form = posted.form.cleaned();
    if !request.may(UserRole::Editor) {
        // Only the form of editors contains these fields.
        form.name.clone_from(&author.name);
        form.slug.clone_from(&author.slug);
    }
    let (input, before) = (form.clone(), author.clone());
    let outcome = request
        .write(move |conn, actor| {
            validate(conn, actor.texts(), Some(before.id), &input)?.save(|valid| {
                author::change(conn, before.id, &valid.row(&input))?;
                let detail = if before.slug == valid.slug {
                    String::new()
                } else {
                    actor
                        .texts()
                        .history_details
                        .from_to(&before.path, author::path(&valid.slug))
                };
                actor.audit(
                    conn,
                    &event(HistoryAction::Changed, before.id, &input.name, &detail),
                )
            })
        })
        .await?;
    match outcome {
        FormOutcome::Accepted(()) if request.may(UserRole::Editor) => {
            request.see_other("/admin/authors", request.texts().authors.saved)
        }
        FormOutcome::Accepted(()) => request.see_other(
            &format!("/admin/authors/{}", author.id),
            request.texts().authors.own_saved,
        ),
        FormOutcome::Invalid(errors) => page(&request, Some(&author), &form, errors),
    }
}

/// `POST /admin/authors/{id}/delete`
pub async fn delete(request: StaffRequest, _posted: CsrfForm<EmptyForm>) -> Result<HttpResponse> {
    let author = find(&request).await?;
    request
        .write(move |conn, actor| {
            let articles = author::articles_of(conn, author.id)?;
            if articles > 0 {
                let texts = &actor.texts().authors;
                return Err(Error::Refused(texts.in_use(articles, &author.name)));
            }
            author::delete(conn, author.id)?;
            actor.audit(
                conn,
                &event(
                    HistoryAction::Deleted,
                    author.id,
                    &author.name,
                    &author.path,
                ),
            )
        })
        .await?;
    request.see_other("/admin/authors", request.texts().authors.deleted)
}
