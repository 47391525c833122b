//! [`StaffRequest`], the extractor that every handler of the admin area receives, and [`Actor`], the
//! part of it that a change to the database needs.

use std::sync::Arc;

use actix_web::{HttpRequest, web};
use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    app::App,
    db::{AnyConnection, types::UserRole},
    error::{Error, Result},
    locale::{Locale, Newsroom},
    models::{
        history::{self, NewEvent},
        revision::EditContext,
        session::{self as sessions, Session},
        user::User,
    },
    secrets::token,
    site::Site,
    web::session,
};

/// A request of a logged-in user whose role was checked.
pub struct StaffRequest {
    pub app: web::Data<App>,
    pub http: HttpRequest,
    pub site: Arc<Site>,
    /// Formats dates of the admin interface.
    pub locale: Locale,
    pub user: User,
    pub session: Session,
    pub now: DateTime<Utc>,
    /// The CSRF token that forms of this session must contain.
    pub forms_token: String,
}

/// The user who makes a change, its time, and the site it is made on.
#[derive(Clone)]
pub struct Actor {
    pub user: User,
    pub now: DateTime<Utc>,
    pub site: Arc<Site>,
}

impl Actor {
    /// The context for saving an article.
    pub fn edit_context(&self) -> EditContext<'_> {
        EditContext {
            user_id: self.user.id,
            now: self.now,
            sections: &self.site.sections,
            time_zone: self.site.settings.time_zone,
            page: "",
        }
    }

    /// Formats dates of the admin interface.
    pub fn locale(&self) -> Locale {
        self.site.newsroom_locale()
    }

    /// The texts of the admin interface.
    pub fn texts(&self) -> &'static Newsroom {
        self.locale().newsroom()
    }

    /// Adds an event to the history. Call it in the transaction that makes the change.
    pub fn audit(&self, conn: &mut AnyConnection, event: &NewEvent<'_>) -> Result<()> {
        let User { id, name, .. } = &self.user;
        Ok(history::add(conn, Some(*id), name, event, self.now)?)
    }
}

/// Minimum time between two updates of a session's last use.
const TOUCH_INTERVAL: TimeDelta = TimeDelta::minutes(1);

impl StaffRequest {
    /// Authenticates a request and checks that its user has at least `required_role`.
    ///
    /// # Errors
    ///
    /// `LoginNeeded` without a valid session, `SecondFactorNeeded` for a session whose second factor
    /// is missing, `Forbidden` for a lower role.
    pub(super) async fn authenticate(
        app: &web::Data<App>,
        http: &HttpRequest,
        required_role: UserRole,
    ) -> Result<Self> {
        let cookie =
            session::cookie(app, http, session::Name::Session).ok_or(Error::LoginNeeded)?;
        let now = app.clock.now();
        let (site, found) = {
            let (app, cookie) = (app.clone(), cookie.clone());
            app.clone()
                .db
                .read(move |conn| Ok((app.site(conn)?, sessions::find(conn, &cookie)?)))
                .await?
        };
        let (session, user) = found
            .filter(|(session, _)| session.is_alive(now, site.settings.lifetimes()))
            .ok_or(Error::LoginNeeded)?;
        if !session.verified {
            return Err(Error::SecondFactorNeeded);
        }
        if user.role < required_role {
            return Err(Error::Forbidden);
        }
        if now.naive_utc() - session.seen_at >= TOUCH_INTERVAL {
            let id = session.id;
            let touched = app
                .db
                .write_unversioned(move |conn| Ok(sessions::touch(conn, id, now)?))
                .await;
            // Pages stay readable while the database cannot be written to.
            if let Err(error) = touched {
                tracing::warn!(%error, "could not update the last use of a session");
            }
        }
        Ok(Self {
            app: app.clone(),
            http: http.clone(),
            locale: site.newsroom_locale(),
            forms_token: token::for_forms(&cookie),
            site,
            user,
            session,
            now,
        })
    }

    /// The user, time and site, for a closure that changes the database.
    pub fn actor(&self) -> Actor {
        Actor {
            user: self.user.clone(),
            now: self.now,
            site: self.site.clone(),
        }
    }

    /// The texts of the admin interface.
    pub fn texts(&self) -> &'static Newsroom {
        self.locale.newsroom()
    }

    /// Whether the user has at least this role.
    pub fn may(&self, role: UserRole) -> bool {
        self.user.role >= role
    }

    /// Runs `work` with a connection for reading.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.app.db.read(work).await
    }

    /// Runs `work` in a transaction that increments the site version: for changes that readers can see.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = self.actor();
        self.app.db.write(move |conn| work(conn, &actor)).await
    }

    /// Runs `work` in a transaction that leaves the site version as it is: for changes that readers
    /// cannot see.
    pub async fn write_unversioned<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Actor) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let actor = self.actor();
        self.app
            .db
            .write_unversioned(move |conn| work(conn, &actor))
            .await
    }

    /// The path parameter `name` as a number.
    pub fn id(&self, name: &str) -> Result<i64> {
        let part = self.http.match_info().get(name);
        part.and_then(|part| part.parse().ok())
            .ok_or(Error::NotFound)
    }

    /// The query parameter `name`, trimmed; empty if it is missing.
    pub fn query(&self, name: &str) -> String {
        url::form_urlencoded::parse(self.http.query_string().as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim().to_owned())
            .unwrap_or_default()
    }

    /// A count of articles in words: "1,234 articles".
    pub(super) fn count_of_articles(&self, number: Option<&i64>) -> String {
        self.texts().common.articles(number.copied().unwrap_or(0))
    }
}
