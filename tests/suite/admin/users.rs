//! Users: added, changed and disabled by admins only.

use dateline::db::types::UserRole::{self, Admin, Author, Editor};

use crate::{
    on_both_engines,
    support::{
        app::TestApp,
        page::Page,
        staff::{PASSWORD, Staff},
    },
};

fn url(id: i64) -> String {
    format!("/admin/users/{id}")
}

/// Submits a user's form.
fn save(admin: &Staff<'_>, id: i64, email: &str, role: UserRole, disabled: bool) -> Page {
    let mut fields = vec![("name", "Ada"), ("email", email), ("role", role.as_str())];
    if disabled {
        fields.push(("disabled", "yes"));
    }
    admin.post(&url(id), &fields)
}

on_both_engines! {
    fn a_new_user_sets_a_password_through_a_link_shown_once(app: &TestApp) {
        let admin = app.staff(Admin);
        assert_eq!(admin.get("/admin/users/new").status, 200);
        let page = admin.post(
            "/admin/users",
            &[("name", "Aqsa Bibi"), ("email", "Aqsa@example.org"), ("role", "author")],
        );
        assert_eq!(page.status, 200, "{}", page.body);
        let link = page.text(".one-time code");
        let link = link.strip_prefix(&app.app.base_url).unwrap();
        let aqsa = app.browser_for("aqsa@example.org");
        aqsa.get(link);
        assert_eq!(aqsa.post(link, &[("password", "seven quiet magpies")]).status, 303);
        assert_eq!(aqsa.log_in("seven quiet magpies").status, 303);
        assert_eq!(aqsa.get("/admin").status, 200);
        assert_eq!(aqsa.get("/admin/users").status, 403);
        let page = admin.get("/admin/users");
        assert!(page.body.contains("aqsa@example.org") && !page.body.contains("/admin/password/"));
    }

    fn invalid_fields_are_reported_and_values_are_kept(app: &TestApp) {
        let admin = app.staff(Admin);
        let page = admin.post("/admin/users", &[("name", ""), ("email", "no address"), ("role", "king"), ("author", "7")]);
        assert_eq!(page.status, 422);
        assert_eq!(page.texts(".summary li").len(), 4);
        assert_eq!(page.attributes("#field-email", "value"), ["no address"]);
        let page = admin.post("/admin/users", &[("name", "Twin"), ("email", &admin.email), ("role", "editor")]);
        assert_eq!(page.text("#error-email"), "This e-mail address belongs to another user");
        assert_eq!(page.attributes("#field-name", "value"), ["Twin"]);
        assert_eq!(page.attributes("#field-role input[checked]", "value"), ["editor"]);
    }

    fn role_email_and_linked_author_can_be_changed(app: &TestApp) {
        let admin = app.staff(Admin);
        let ada = app.staff(Author);
        let author = app.author("Ada Author").to_string();
        let page = admin.post(
            &url(ada.id),
            &[("name", "Ada"), ("email", "ada@new.example"), ("role", "editor"), ("author", &author)],
        );
        assert_eq!(page.status, 303, "{}", page.body);
        assert_eq!(ada.get("/admin/users").status, 403);
        assert_eq!(ada.get("/admin/sections").status, 200, "the new role applies immediately");
        let page = admin.get(&url(ada.id));
        assert_eq!(page.attributes("#field-author option[selected]", "value"), [author]);
        assert_eq!(page.attributes("#field-email", "value"), ["ada@new.example"]);
    }

    fn lowering_or_disabling_a_user_ends_their_sessions(app: &TestApp) {
        let admin = app.staff(Admin);
        let ada = app.staff(Editor);
        assert_eq!(save(&admin, ada.id, &ada.email, Author, false).status, 303);
        assert_eq!(ada.get("/admin").status, 303);
        ada.log_in(PASSWORD);
        assert_eq!(save(&admin, ada.id, &ada.email, Author, true).status, 303);
        assert_eq!(ada.get("/admin").status, 303);
        assert_eq!(ada.log_in(PASSWORD).status, 422);
        assert!(admin.get("/admin/users").body.contains("disabled"));
        assert_eq!(save(&admin, ada.id, &ada.email, Author, false).status, 303);
        assert_eq!(ada.log_in(PASSWORD).status, 303);
    }

    fn the_last_admin_cannot_be_demoted_or_disabled(app: &TestApp) {
        let admin = app.staff(Admin);
        let page = save(&admin, admin.id, &admin.email, Editor, false);
        assert_eq!(page.status, 422);
        assert!(page.text("#error-role").contains("last admin"));
        let page = save(&admin, admin.id, &admin.email, Admin, true);
        assert!(page.text("#error-disabled").contains("last admin"));
        let other = app.staff(Admin);
        assert_eq!(save(&admin, other.id, &other.email, Editor, false).status, 303);
        assert_eq!(save(&admin, admin.id, &admin.email, Editor, false).status, 422);
        assert_eq!(admin.get("/admin/users").status, 200);
    }

    fn admins_end_sessions_remove_second_factors_and_create_links(app: &TestApp) {
        let admin = app.staff(Admin);
        let ada = app.staff(Author);
        app.write(|conn| Ok(dateline::models::user::set_second_factor(conn, ada.id, Some("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), &["abcd".to_owned()])?));
        assert!(admin.get(&url(ada.id)).body.contains("A second factor is set up"));
        assert_eq!(admin.post(&format!("{}/second-factor/off", url(ada.id)), &[]).status, 303);
        assert!(admin.get(&url(ada.id)).body.contains("No second factor is set up"));
        assert_eq!(ada.get("/admin").status, 200);
        assert_eq!(admin.post(&format!("{}/sessions/end", url(ada.id)), &[]).status, 303);
        assert_eq!(ada.get("/admin").status, 303);
        assert_eq!(ada.log_in(PASSWORD).status, 303, "the password alone is sufficient again");
        let link = admin.post(&format!("{}/link", url(ada.id)), &[]).text(".one-time code");
        assert_eq!(app.anonymous().get(link.strip_prefix(&app.app.base_url).unwrap()).status, 200);
        assert_eq!(admin.post("/admin/users/999999/link", &[]).status, 404);
    }

    fn fields_that_the_form_does_not_have_are_ignored(app: &TestApp) {
        let admin = app.staff(Admin);
        let ada = app.staff(Author);
        let page = ada.post(
            "/admin/account",
            &[("name", "Ada"), ("role", "admin"), ("author_id", "1"), ("disabled", "yes"), ("email", "x@example.org")],
        );
        assert_eq!(page.status, 303);
        assert_eq!(ada.get("/admin/users").status, 403);
        let page = admin.post(
            &url(ada.id),
            &[
                ("name", "Ada"), ("email", &ada.email), ("role", "author"),
                ("password_hash", "x"), ("totp_secret", "x"), ("id", "1"), ("created_at", "2000-01-01"),
            ],
        );
        assert_eq!(page.status, 303);
        assert_eq!(ada.another_browser().log_in(PASSWORD).status, 303, "the password is unchanged");
        assert!(admin.get(&url(ada.id)).body.contains("No second factor is set up"));
    }

    fn editors_cannot_manage_users(app: &TestApp) {
        let editor = app.staff(Editor);
        let fields = [("name", "E"), ("email", editor.email.as_str()), ("role", "admin")];
        for path in [url(editor.id), "/admin/users".to_owned(), format!("{}/link", url(editor.id))] {
            assert_eq!(editor.post(&path, &fields).status, 403, "{path}");
        }
        assert_eq!(editor.get("/admin/users").status, 403);
    }
}
