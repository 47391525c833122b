//! The number of SQL statements per page: limited, and independent of the size of the archive.

use crate::{on_both_engines, support::app::TestApp};

/// The number of statements that render the uncached page. Two of them begin and end its transaction; on
/// PostgreSQL one more checks the connection. The minimum of three attempts, each started while no
/// background job uses the database. The cache is cleared last: a rendering in the background, of a page that was served
/// stale, may have stored the page meanwhile.
fn statements(app: &TestApp, path: &str) -> u64 {
    assert_eq!(app.status(path), 200, "{path}");
    let measure = || {
        wait_until_idle(app);
        app.cache.store.clear();
        let before = app.app.db.queries();
        app.get(path);
        app.app.db.queries() - before
    };
    (0..3).map(|_| measure()).min().unwrap_or_default()
}

/// Waits until the database has been idle for 40 ms.
fn wait_until_idle(app: &TestApp) {
    for _ in 0..100 {
        let before = app.app.db.queries();
        std::thread::sleep(std::time::Duration::from_millis(40));
        if app.app.db.queries() == before {
            return;
        }
    }
}

on_both_engines! {
    fn pages_need_few_queries_even_in_a_large_archive(app: &TestApp) {
        crate::demo::publish(app);
        app.update_search_index();
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
            // On PostgreSQL one query finds the documents and another their articles.
            ("/search?q=barrage", 15),
            ("/about", 6),
        ];
        let before: Vec<u64> = pages.iter().map(|(path, _)| statements(app, path)).collect();
        let too_many: Vec<_> =
            pages.iter().zip(&before).filter(|((_, limit), count)| *count > limit).collect();
        assert!(too_many.is_empty(), "pages with too many statements: {too_many:?}");
        // Twice as many stories, sections and authors.
        let section_id = app.section("news/more", "More");
        for number in 0..60 {
            app.story(section_id, &format!("Story {number}"), number * 3);
            app.author(&format!("Author {number}"));
        }
        app.update_search_index();
        for ((path, limit), count) in pages.iter().zip(before) {
            let now = statements(app, path);
            assert!(now <= *limit && now <= count + 2, "{path} needs {now} statements instead of {count}");
        }
    }
}
