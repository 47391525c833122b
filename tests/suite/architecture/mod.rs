//! The rules of the code base: dependencies between modules, where SQL may be, documentation and language.

mod imports;
mod language;
mod texts;
mod writes;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The files below `folder` with this extension, and their texts.
fn source_files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let mut files = vec![];
    let mut queue = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    while let Some(folder) = queue.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                queue.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    assert!(!files.is_empty(), "{folder} contains no .{extension} file");
    files
}

/// Rust files below `folder` that contain one of `words`.
fn files_containing(folder: &str, words: &[&str]) -> Vec<String> {
    source_files(folder, "rs")
        .into_iter()
        .filter(|(_, text)| words.iter().any(|word| text.contains(word)))
        .map(|(path, _)| path.display().to_string())
        .collect()
}

#[test]
fn every_module_has_a_doc_comment() {
    for (path, text) in source_files("src", "rs")
        .into_iter()
        .chain(source_files("tests/suite", "rs"))
    {
        assert!(
            text.starts_with("//! "),
            "{} does not begin with a //! line",
            path.display()
        );
    }
}

#[test]
fn view_models_use_neither_the_database_nor_the_clock() {
    assert_eq!(
        files_containing("src/view", &["db::AnyConnection", "Utc::now"]),
        [""; 0]
    );
}

#[test]
fn commands_and_jobs_take_the_time_in_the_precision_of_the_database() {
    for folder in ["src/cli", "src/jobs", "src/models", "src/transfer"] {
        assert_eq!(files_containing(folder, &["Utc::now"]), [""; 0]);
    }
}

#[test]
fn public_pages_and_newsroom_do_not_depend_on_each_other() {
    assert_eq!(files_containing("src/reader", &["crate::admin"]), [""; 0]);
    assert_eq!(files_containing("src/admin", &["crate::reader"]), [""; 0]);
}

#[test]
fn sql_is_used_only_in_models_and_db() {
    for (path, text) in source_files("src", "rs") {
        let module = path
            .strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
            .unwrap();
        if module.starts_with("models") || module.starts_with("db") {
            continue;
        }
        for word in ["schema::", "sql_query", ".filter(articles", "batch_execute"] {
            assert!(!text.contains(word), "{} contains {word}", path.display());
        }
    }
}

#[test]
fn only_db_search_and_bulk_depend_on_the_database_engine() {
    let allowed = [
        "src/database_url.rs",
        "src/db/",
        "src/models/bulk.rs",
        "src/models/index_queue.rs",
        "src/models/search/",
    ];
    let found = files_containing(
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
            "{path} depends on the database engine"
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
fn templates_escape_everything() {
    for (path, text) in source_files("templates", "html") {
        assert!(
            !text.contains("|safe") && !text.contains("| safe"),
            "{}",
            path.display()
        );
    }
    let unescaped = files_containing("src", &["HtmlSafe for"]);
    let allowed = [
        // Sanitized HTML and JSON-LD.
        "src/text/sanitize.rs",
        "src/view/json_ld.rs",
        // Components: templates, which escape what they print.
        "src/admin/layout.rs",
        "src/view/form.rs",
        "src/view/layout.rs",
    ];
    for path in unescaped {
        assert!(
            allowed.iter().any(|allowed| path.ends_with(allowed)),
            "{path} is printed without escaping"
        );
    }
    for component in &allowed[2..] {
        let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(component));
        let source = source.unwrap();
        let templates = source.matches("derive(Template)").count();
        assert_eq!(
            source.matches("HtmlSafe for").count(),
            templates,
            "{component}"
        );
    }
}

#[test]
fn no_unfinished_or_unsafe_code() {
    for (path, text) in source_files("src", "rs")
        .into_iter()
        .chain(source_files("templates", "html"))
    {
        for word in ["TODO", "FIXME", "XXX", "todo!(", "unimplemented!("] {
            assert!(!text.contains(word), "{} contains {word}", path.display());
        }
        assert!(
            !text.contains("unsafe {"),
            "{} contains unsafe code",
            path.display()
        );
    }
}

/// Elements of which a line of a template may hold only one.
const BLOCK_ELEMENTS: [&str; 30] = [
    "article",
    "aside",
    "blockquote",
    "body",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "head",
    "header",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "section",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

#[test]
fn template_lines_hold_one_block_element_in_140_characters() {
    for (path, text) in source_files("templates", "html") {
        for (line, number) in text.lines().zip(1..) {
            let place = format!("{}:{number}", path.display());
            assert!(line.chars().count() <= 140, "{place} is too long");
            assert!(!line.contains('\t'), "{place} is indented with tabs");
            let starts = BLOCK_ELEMENTS.iter().map(|element| {
                let tag = format!("<{element}");
                line.match_indices(&tag)
                    .filter(|(at, _)| {
                        line[at + tag.len()..]
                            .chars()
                            .next()
                            .is_none_or(|c| !c.is_ascii_alphanumeric())
                    })
                    .count()
            });
            assert!(starts.sum::<usize>() <= 1, "{place} has two block elements");
        }
    }
}

#[test]
fn no_element_of_a_page_has_an_id_of_the_texts() {
    let templates = source_files("templates", "html");
    let scripts = source_files("static/js", "js");
    for (path, text) in templates.iter().chain(&scripts) {
        for id in ["id=\"text-", "getElementById(\"text-", "\"#text-"] {
            assert!(!text.contains(id), "{id} in {}", path.display());
        }
    }
}

#[test]
fn css_has_one_declaration_a_line() {
    for (path, text) in source_files("static/css", "css") {
        let mut is_comment = false;
        for (line, number) in text.lines().zip(1..) {
            let place = format!("{}:{number}", path.display());
            is_comment |= line.contains("/*");
            if !is_comment {
                assert!(line.chars().count() <= 120, "{place} is too long");
                // What is between quotes, such as `content: ";"`, is no punctuation.
                let code: String = line.split('"').step_by(2).collect();
                let ends = code.matches([';', '{', '}']).count();
                assert!(ends <= 1, "{place} has more than one declaration");
                assert!(
                    ends == 0 || code.trim_end().ends_with([';', '{', '}']),
                    "{place} goes on after a declaration"
                );
            }
            is_comment &= !line.contains("*/");
        }
    }
}

#[test]
fn every_part_of_a_style_sheet_is_imported_once() {
    let sheets = source_files("static/css", "css");
    for (path, _) in &sheets {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/css");
        let name = path.strip_prefix(folder).unwrap().display().to_string();
        let import = format!("@import \"{name}\";");
        let imports: usize = sheets
            .iter()
            .map(|(_, text)| text.matches(&import).count())
            .sum();
        if name.starts_with("shared/") {
            assert!(imports > 0, "{name}");
        } else {
            assert_eq!(imports, usize::from(name.contains('/')), "{name}");
        }
    }
}
