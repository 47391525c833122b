//! Logged-in staff: an HTTP client with cookies and CSRF tokens.

use std::{cell::RefCell, collections::BTreeMap};

use dateline::{
    db::types::UserRole,
    models::user::{self, NewUser},
    secrets::token,
};

use super::{app::TestApp, page::Page};

/// The password of all test users.
pub const PASSWORD: &str = "granite otter 44 lanes";

/// A user's HTTP client, which stores cookies.
pub struct Staff<'a> {
    pub app: &'a TestApp,
    pub id: i64,
    pub email: String,
    cookies: RefCell<BTreeMap<String, String>>,
}

impl TestApp {
    /// Adds a user of this role; returns the id.
    pub fn user(&self, email: &str, role: UserRole) -> i64 {
        let name = email.split('@').next().unwrap();
        let new = NewUser::new(email, name, PASSWORD, role, None).unwrap();
        let now = self.now();
        self.app
            .db
            .write_unversioned_blocking(|conn| user::insert(conn, &new, now))
            .unwrap()
    }

    /// A new user of this role, logged in.
    pub fn staff(&self, role: UserRole) -> Staff<'_> {
        let email = format!(
            "{}-{:08x}@example.org",
            role.as_str(),
            rand::random::<u32>()
        );
        let id = self.user(&email, role);
        let staff = Staff {
            id,
            email,
            ..self.anonymous()
        };
        let page = staff.log_in(PASSWORD);
        assert_eq!(page.status, 303, "{}", page.body);
        staff
    }

    /// A client for the user with this e-mail address, not logged in.
    pub fn browser_for(&self, email: &str) -> Staff<'_> {
        Staff {
            email: email.to_owned(),
            ..self.anonymous()
        }
    }

    /// A client that is not logged in.
    pub fn anonymous(&self) -> Staff<'_> {
        Staff {
            app: self,
            id: 0,
            email: String::new(),
            cookies: RefCell::default(),
        }
    }
}

impl Staff<'_> {
    /// Opens and submits the login form.
    pub fn log_in(&self, password: &str) -> Page {
        self.get("/admin/login");
        self.post(
            "/admin/login",
            &[("email", &self.email), ("password", password)],
        )
    }

    /// A second client of the same user, not logged in.
    pub fn another_browser(&self) -> Staff<'_> {
        Staff {
            id: self.id,
            email: self.email.clone(),
            ..self.app.anonymous()
        }
    }

    pub fn get(&self, path: &str) -> Page {
        self.get_with(path, &[])
    }

    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Page {
        let mut request = self.app.client.get(self.app.request_url(path));
        for (name, value) in self.headers(headers) {
            request = request.header(name, value);
        }
        self.store_cookies(Page::read(request.call().unwrap()))
    }

    /// The JSON response of a GET request, which has to answer 200.
    pub fn get_json(&self, path: &str) -> serde_json::Value {
        let page = self.get(path);
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        serde_json::from_str(&page.body).unwrap()
    }

    /// Submits a form of the site with its CSRF token.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let is_login_form = path == "/admin/login" || path.starts_with("/admin/password");
        let csrf = if is_login_form {
            self.login_csrf()
        } else {
            self.csrf()
        };
        let fields: Vec<_> = fields
            .iter()
            .copied()
            .chain([("csrf", csrf.as_str())])
            .collect();
        self.post_with(path, &fields, &[("sec-fetch-site", "same-origin")])
    }

    /// Submits exactly these fields and headers.
    pub fn post_with(&self, path: &str, fields: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        self.send(
            path,
            "application/x-www-form-urlencoded",
            body.as_bytes(),
            headers,
        )
    }

    /// Submits a form with files. Fields are name and value; files are field, name and content.
    pub fn send_files(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        files: &[(&str, &str, &[u8])],
    ) -> Page {
        let token = self.csrf();
        let fields = [&[("csrf", token.as_str())], fields].concat();
        let body = multipart(&fields, files);
        let headers = [("sec-fetch-site", "same-origin")];
        self.send(path, MULTIPART, &body, &headers)
    }

    /// Sends a POST request with any body.
    pub fn send(
        &self,
        path: &str,
        content_type: &str,
        body: &[u8],
        headers: &[(&str, &str)],
    ) -> Page {
        let mut request = self
            .app
            .client
            .post(self.app.request_url(path))
            .header("content-type", content_type);
        for (name, value) in self.headers(headers) {
            request = request.header(name, value);
        }
        self.store_cookies(Page::read(request.send(body).unwrap()))
    }

    /// The CSRF token of this session.
    pub fn csrf(&self) -> String {
        self.cookie("session")
            .map(|value| token::for_forms(&value))
            .unwrap_or_default()
    }

    /// The CSRF token of the login and password forms.
    fn login_csrf(&self) -> String {
        self.cookie("login")
            .map(|value| token::for_forms(&value))
            .unwrap_or_default()
    }

    /// The value of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.borrow().get(name).cloned()
    }

    /// Sets a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies
            .borrow_mut()
            .insert(name.to_owned(), value.to_owned());
    }

    fn headers<'h>(&self, more: &[(&'h str, &'h str)]) -> Vec<(&'h str, String)> {
        let cookies: Vec<String> = self
            .cookies
            .borrow()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut headers = vec![
            ("user-agent", super::app::BROWSER.to_owned()),
            ("cookie", cookies.join("; ")),
        ];
        headers.extend(self.app.app.host.clone().map(|host| ("host", host)));
        headers.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        headers
    }

    /// Stores the cookies that a response sets and removes those that it deletes.
    fn store_cookies(&self, page: Page) -> Page {
        let mut cookies = self.cookies.borrow_mut();
        for set in page.header_values("set-cookie") {
            let (name, rest) = set.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        drop(cookies);
        page
    }
}

/// The content type of [`multipart`] bodies.
pub const MULTIPART: &str = "multipart/form-data; boundary=edge";

/// The body of a form with files. Fields are name and value; files are field, name and content.
pub fn multipart(fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let field =
            format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(field.as_bytes());
    }
    for (field, name, content) in files {
        let head = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: image/jpeg\r\n\r\n"
        );
        body.extend(head.as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--edge--\r\n");
    body
}
