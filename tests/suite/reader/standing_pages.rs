//! Standing pages, such as "About us".

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

    fn standing_pages_show_pictures_galleries_links_and_embeds(app: &TestApp) {
        let picture = app.picture("The press room");
        let story = app.story(app.section("/news", "News"), "Our charter", 1);
        app.standing_page(
            "About us",
            &format!(
                "<p>Who we are.</p><figure data-media=\"{picture}\" data-caption=\"Where we work\"></figure>\
                 <div data-gallery=\"The house\"><figure data-media=\"{picture}\"></figure>\
                 <figure data-media=\"{picture}\"></figure></div><aside data-also-read=\"{story}\"></aside>\
                 <div data-embed=\"https://www.youtube.com/watch?v=dQw4w9WgXcQ\"></div>"
            ),
            "/about",
        );
        let page = app.get("/about");
        assert_eq!(page.text(".body > .picture figcaption"), "Where we work A. Painter");
        assert_eq!(page.texts(".body .gallery img").len(), 2);
        assert_eq!(page.text(".body .also-read a"), "Our charter");
        assert_eq!(page.texts(".body .embed-load[data-player]").len(), 1);
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-src https://www.youtube-nocookie.com"), "{policy}");
        assert!(page.body.contains("js/embed"), "the embed script is loaded");
    }
}
