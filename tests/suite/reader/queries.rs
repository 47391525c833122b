//! How many statements a page costs: few, and the same number however much there is.

use crate::{on_both_engines, support::app::TestApp};

/// The statements that a page is made with when it is not kept. Two of them begin and end its transaction;
/// on PostgreSQL one more asks whether the connection still lives. Of several times the fewest, each after
/// a silence: the server has work in the background as well.
fn statements(app: &TestApp, path: &str) -> u64 {
    assert_eq!(app.status(path), 200, "{path}");
    let once = || {
        app.app.pages.clear();
        wait_for_silence(app);
        let before = app.app.db.queries();
        app.get(path);
        app.app.db.queries() - before
    };
    (0..3).map(|_| once()).min().unwrap_or_default()
}

/// Waits until nothing has been asked of the database for a moment.
fn wait_for_silence(app: &TestApp) {
    for _ in 0..100 {
        let before = app.app.db.queries();
        std::thread::sleep(std::time::Duration::from_millis(40));
        if app.app.db.queries() == before {
            return;
        }
    }
}

on_both_engines! {
    fn a_page_costs_few_statements_and_as_many_in_a_large_archive_as_in_a_small_one(app: &TestApp) {
        crate::demo::publish(app);
        app.finish_index();
        let front = app.get("/");
        let article = front.attributes(".front-lead .card-headline a", "href").remove(0);
        let day = article[..11].to_owned();
        let (year, month) = (day[..5].to_owned(), day[..8].to_owned());
        let pages = [
            ("/", 9),
            (article.as_str(), 17),
            ("/news", 11),
            ("/news/diplomatic-news", 11),
            ("/author/ines-halloran", 11),
            ("/topic/littoral-council", 11),
            ("/latest", 9),
            ("/latest?page=2", 13),
            ("/archive", 11),
            (&year, 11),
            (&month, 11),
            (&day, 11),
            ("/authors", 6),
            ("/corrections", 5),
            ("/most-popular", 6),
            // PostgreSQL is asked for documents first, and then for their articles.
            ("/search?q=barrage", 15),
            ("/about", 6),
        ];
        let before: Vec<u64> = pages.iter().map(|(path, _)| statements(app, path)).collect();
        let too_many: Vec<_> =
            pages.iter().zip(&before).filter(|((_, most), count)| *count > most).collect();
        assert!(too_many.is_empty(), "statements beyond what is allowed: {too_many:?}");
        // Twice as many stories, sections and authors.
        let section_id = app.section("news/more", "More");
        for number in 0..60 {
            app.story(section_id, &format!("Story {number}"), number * 3);
            app.author(&format!("Author {number}"));
        }
        app.finish_index();
        for ((path, most), count) in pages.iter().zip(before) {
            let now = statements(app, path);
            assert!(now <= *most && now <= count + 2, "{path} costs {now} statements, not {count}");
        }
    }
}
