//! The rules of the house, kept: which room may lean on which, and what stands where.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = vec![];
    let mut queue = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                queue.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds no .{extension}");
    found
}

/// Files of `folder` that name one of `words`.
fn naming(folder: &str, words: &[&str]) -> Vec<String> {
    files(folder, "rs")
        .into_iter()
        .filter(|(_, text)| words.iter().any(|word| text.contains(word)))
        .map(|(path, _)| path.display().to_string())
        .collect()
}

#[test]
fn every_module_says_what_it_is_for() {
    for (path, text) in files("src", "rs")
        .into_iter()
        .chain(files("tests/suite", "rs"))
    {
        assert!(
            text.starts_with("//! "),
            "{} opens without a //! line",
            path.display()
        );
    }
}

#[test]
fn leaves_lean_on_nothing_else_of_the_house() {
    for leaf in ["src/text", "src/media", "src/secrets", "src/page_cache"] {
        let others = [
            "admin", "app", "models", "reader", "view", "web", "db", "demo",
        ];
        let words: Vec<String> = others.iter().map(|room| format!("crate::{room}")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(naming(leaf, &words), Vec::<String>::new(), "{leaf}");
    }
}

#[test]
fn views_and_models_know_no_pages() {
    assert_eq!(
        naming(
            "src/view",
            &[
                "crate::admin",
                "crate::reader",
                "db::AnyConnection",
                "Utc::now"
            ]
        ),
        [""; 0]
    );
    assert_eq!(
        naming(
            "src/models",
            &[
                "crate::admin",
                "crate::reader",
                "crate::view",
                "crate::web",
                "crate::app"
            ]
        ),
        [""; 0]
    );
    assert_eq!(
        naming("src/db", &["crate::models", "crate::reader", "crate::view"]),
        [""; 0]
    );
}

#[test]
fn readers_and_newsroom_know_nothing_of_each_other() {
    assert_eq!(naming("src/reader", &["crate::admin"]), [""; 0]);
    assert_eq!(naming("src/admin", &["crate::reader"]), [""; 0]);
}

#[test]
fn all_sql_is_in_models_and_db() {
    for (path, text) in files("src", "rs") {
        let room = path
            .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
            .unwrap();
        if room.starts_with("models") || room.starts_with("db") {
            continue;
        }
        for word in ["schema::", "sql_query", ".filter(articles", "batch_execute"] {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
    }
}

#[test]
fn only_the_database_and_search_tell_the_engines_apart() {
    let allowed = ["src/db/", "src/models/search/", "src/models/bulk.rs"];
    let found = naming(
        "src",
        &[
            "AnyConnection::Sqlite",
            "AnyConnection::Postgres",
            "DatabaseUrl::Sqlite",
        ],
    );
    for path in found {
        assert!(
            allowed.iter().any(|allowed| path.contains(allowed)),
            "{path} names an engine"
        );
    }
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(engine);
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

#[test]
fn templates_print_nothing_unescaped() {
    for (path, text) in files("templates", "html") {
        assert!(
            !text.contains("|safe") && !text.contains("| safe"),
            "{}",
            path.display()
        );
    }
    let marked = naming("src", &["HtmlSafe for"]);
    assert_eq!(
        marked.len(),
        2,
        "only sanitised HTML and JSON-LD print as they are: {marked:?}"
    );
}

#[test]
fn nothing_is_left_for_later() {
    for (path, text) in files("src", "rs")
        .into_iter()
        .chain(files("templates", "html"))
    {
        for word in ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("] {
            assert!(!text.contains(word), "{} holds {word}", path.display());
        }
        assert!(!text.contains("unsafe {"), "{} is unsafe", path.display());
    }
}
