//! Standing pages.

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn a_standing_page_is_shown_at_its_address(app: &TestApp) {
        app.standing_page("About us", "<p>Who we are.</p><h2>And why</h2>", "/about");
        let page = app.get("/about");
        assert_eq!(page.status, 200);
        assert_eq!(page.text("h1"), "About us");
        assert_eq!(page.text(".body p"), "Who we are.");
        assert_eq!(page.texts(".breadcrumb a"), ["Home", "About us"]);
    }
}
