//! The list of articles: filters, search, pagination, permissions and bulk actions.

use chrono::TimeDelta;
use dateline::{
    db::types::{Status, UserRole},
    models::{article::Draft, view_count},
};

use crate::{
    on_both_engines,
    support::{app::TestApp, page::Page, staff::Staff},
};

fn headlines(page: &Page) -> Vec<String> {
    assert_eq!(page.status, 200, "{}", page.body);
    page.texts(".article-cell a")
}

fn list(staff: &Staff<'_>, query: &str) -> Vec<String> {
    headlines(&staff.get(&format!("/admin/articles{query}")))
}

on_both_engines! {
    fn articles_are_filtered_by_state_section_author_and_words(app: &TestApp) {
        let news = app.section("news", "News");
        let world = app.section("news/world", "World");
        let sport = app.section("sport", "Sport");
        let ada = app.author("Ada Abend");
        app.publish(&Draft { author_ids: vec![ada], ..app.draft(world, "Élan in Geneva") });
        app.story(sport, "A match is played", 3);
        app.publish(&Draft { published_at: Some(app.now() + TimeDelta::hours(2)), ..app.draft(news, "Due at noon") });
        app.publish(&Draft { status: Status::Draft, published_at: None, section_id: None, ..app.draft(news, "Half a thought on Élan") });
        app.publish(&Draft { status: Status::Review, published_at: None, ..app.draft(news, "Please look") });
        app.publish(&Draft { status: Status::Trashed, published_at: None, ..app.draft(news, "Thrown away") });
        let editor = app.staff(UserRole::Editor);
        let all = list(&editor, "");
        assert_eq!(all.len(), 5, "all but the trash: {all:?}");
        assert_eq!(list(&editor, "?state=draft"), ["Half a thought on Élan"]);
        assert_eq!(list(&editor, "?state=review"), ["Please look"]);
        assert_eq!(list(&editor, "?state=scheduled"), ["Due at noon"]);
        assert_eq!(list(&editor, "?state=trash"), ["Thrown away"]);
        let live = list(&editor, "?state=published&sort=published");
        assert_eq!(live, ["Élan in Geneva", "A match is played"]);
        let in_news = list(&editor, &format!("?section={news}"));
        assert_eq!(in_news.len(), 3, "its own and its subsections' articles: {in_news:?}");
        assert_eq!(list(&editor, &format!("?author={ada}")), ["Élan in Geneva"]);
        let mut found = list(&editor, "?q=elan");
        found.sort();
        assert_eq!(found, ["Half a thought on Élan", "Élan in Geneva"]);
        assert_eq!(list(&editor, "?q=elan&state=published"), ["Élan in Geneva"]);
        assert_eq!(list(&editor, &format!("?q=elan&author={ada}")), ["Élan in Geneva"]);
        for nonsense in ["?q=%22%29+OR+1", "?q=%00", "?state=x&section=y&author=z&sort=q&after=1_", "?after=_", "?q=***"] {
            assert_eq!(editor.get(&format!("/admin/articles{nonsense}")).status, 200, "{nonsense}");
        }
    }

    fn every_sort_order_is_paginated_completely(app: &TestApp) {
        let news = app.section("news", "News");
        let sport = app.section("sport", "Sport");
        let mut views = vec![];
        for number in 0..60 {
            let section = if number % 2 == 0 { news } else { sport };
            let id = app.story(section, &format!("Story {number:02}"), number);
            views.push((view_count::hour_of(app.now().naive_utc()), id, number + 1));
        }
        app.write(|conn| Ok(view_count::add(conn, &views)?));
        let editor = app.staff(UserRole::Editor);
        for (sort, first, last) in [("published", "Story 00", "Story 59"), ("views", "Story 59", "Story 00"), ("", "Story 59", "Story 00")] {
            let page = editor.get(&format!("/admin/articles?sort={sort}"));
            let mut all = headlines(&page);
            assert_eq!(all.len(), 50, "{sort}");
            let next = page.attributes(".pager a[rel=next]", "href").remove(0);
            let page = editor.get(&next);
            all.extend(headlines(&page));
            assert!(page.attributes(".pager a[rel=next]", "href").is_empty(), "{sort}");
            let mut unique = all.clone();
            unique.sort();
            unique.dedup();
            assert_eq!(unique.len(), 60, "{sort}: every article is listed once");
            if !sort.is_empty() {
                assert_eq!((all[0].as_str(), all[59].as_str()), (first, last), "{sort}");
            }
        }
        let both = list(&editor, &format!("?section={news}&sort=published"));
        assert_eq!(both.len(), 30);
        assert_eq!(both[0], "Story 00");
    }

    fn authors_and_contributors_see_only_their_own_articles(app: &TestApp) {
        let news = app.section("news", "News");
        app.story(news, "Another author's", 1);
        let author = app.staff(UserRole::Author);
        author.post("/admin/articles/new", &[("headline", "Mine own"), ("intent", "save")]);
        assert_eq!(list(&author, ""), ["Mine own"]);
        assert_eq!(list(&author, "?q=another"), [""; 0]);
        assert_eq!(list(&app.staff(UserRole::Contributor), ""), [""; 0]);
        assert!(author.get("/admin/articles").attributes("input[name=id]", "value").is_empty());
        assert_eq!(author.post("/admin/articles/bulk", &[("id", "1"), ("action", "trash")]).status, 403);
        let found = app.staff(UserRole::Contributor).get_json("/admin/articles.json?q=another");
        assert_eq!(found["items"][0]["headline"], "Another author's", "published articles may be linked by everyone");
        let found = app.staff(UserRole::Contributor).get_json("/admin/articles.json?q=mine");
        assert_eq!(found["items"], serde_json::json!([]));
    }

    fn bulk_actions_change_all_selected_articles(app: &TestApp) {
        let news = app.section("news", "News");
        let ids: Vec<String> = (0..3).map(|n| app.story(news, &format!("Story {n}"), n + 1).to_string()).collect();
        let editor = app.staff(UserRole::Editor);
        let change = |action: &str| {
            let fields: Vec<_> = ids[..2].iter().map(|id| ("id", id.as_str())).chain([("action", action)]).collect();
            editor.post("/admin/articles/bulk", &fields)
        };
        assert_eq!(change("delete-everything").status, 400);
        assert_eq!(change("unpublish").status, 303);
        assert_eq!(editor.get("/admin/articles").text(".notice"), "2 articles were unpublished.");
        assert_eq!(app.get("/latest").texts(".stories .card-headline"), ["Story 2"]);
        assert_eq!(change("trash").status, 303);
        assert_eq!(list(&editor, "?state=trash").len(), 2);
        assert_eq!(change("trash").status, 303, "repeating the action is not an error");
        assert_eq!(change("restore").status, 303);
        assert_eq!(list(&editor, "?state=draft").len(), 2);
        let none = editor.post("/admin/articles/bulk", &[("action", "trash")]);
        assert_eq!(none.status, 303);
    }

    fn the_article_picker_finds_articles_by_words_and_ids(app: &TestApp) {
        let news = app.section("news", "News");
        let id = app.story(news, "Ministers meet", 1);
        let editor = app.staff(UserRole::Editor);
        let draft = app.publish(&Draft { status: Status::Draft, published_at: None, ..app.draft(news, "Ministers may meet again") });
        let found = editor.get_json("/admin/articles.json?q=minister");
        assert_eq!(found["items"].as_array().unwrap().len(), 2);
        let by_id = editor.get_json(&format!("/admin/articles.json?ids={id},{draft},999999,x"));
        assert_eq!(by_id["items"][0]["path"], app.path(id));
        assert_eq!(by_id["items"][0]["live"], true);
        assert_eq!(by_id["items"][1]["live"], false);
        assert_eq!(by_id["items"][0]["section"], "News");
    }

    fn the_article_picker_suggests_related_articles(app: &TestApp) {
        let news = app.section("news", "News");
        let ferries = app.topic("Ferries");
        app.publish(&Draft { topic_ids: vec![ferries], ..app.draft(news, "Ferry runs aground") });
        app.publish(&Draft { topic_ids: vec![ferries], ..app.draft(news, "Harbour master resigns") });
        app.story(app.section("sport", "Sport"), "Goalkeeper signs", 400 * 24);
        let draft_id = app.publish(&Draft {
            status: Status::Draft,
            published_at: None,
            topic_ids: vec![ferries],
            ..app.draft(news, "Second ferry runs aground")
        });
        let offered = app.staff(UserRole::Editor).get_json(&format!("/admin/articles.json?like={draft_id}"));
        let headlines: Vec<_> = offered["items"].as_array().unwrap().iter().map(|item| &item["headline"]).collect();
        assert_eq!(headlines, ["Ferry runs aground", "Harbour master resigns"]);
        let other = app.staff(UserRole::Contributor).get_json(&format!("/admin/articles.json?like={draft_id}"));
        assert_eq!(other["items"].as_array().unwrap().len(), 3, "for others' drafts it lists the newest articles instead");
    }
}
