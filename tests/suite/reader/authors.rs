//! The index of authors.

use crate::{on_both_engines, support::app::TestApp};

on_both_engines! {
    fn authors_are_listed_by_name_in_pages(app: &TestApp) {
        for number in 10..60 {
            app.author(&format!("Author {number}"));
        }
        let page = app.get("/authors");
        assert_eq!(page.texts(".author-name").len(), 48);
        assert_eq!(page.text(".author-name"), "Author 10");
        assert_eq!(app.get("/authors?page=2").texts(".author-name"), ["Author 58", "Author 59"]);
        assert_eq!(app.status("/authors?page=3"), 404);
    }
}
