//! Rules for the language of identifiers, comments and messages.

use std::{
    fs,
    path::{Path, PathBuf},
};

use regex::Regex;

/// Folders whose files are checked; those that do not exist are skipped.
const FOLDERS: [&str; 13] = [
    "src",
    "crates",
    "tools",
    "templates",
    "static/css",
    "static/js",
    "editor/src",
    "benches",
    "deploy",
    "locales",
    "fuzz/fuzz_targets",
    "docs",
    "tests/suite",
];

/// Words that are not used, written so that this file does not contain them.
const AVOIDED: [&str; 4] = [
    concat!("who", "ever"),
    concat!("some", "body"),
    concat!("a", "new"),
    concat!("so", " many"),
];

/// Longest name of a test, in characters.
const MAX_TEST_NAME_CHARS: usize = 70;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder`, without build results and installed packages; none if it does not exist.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    let Ok(entries) = fs::read_dir(folder) else {
        return files;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            files.push(path);
        } else if !path.ends_with("target") && !path.ends_with("node_modules") {
            files.extend(files_below(&path));
        }
    }
    files
}

/// Whether `npm run build` has generated the file: the bundled editor and its licences.
fn is_generated(path: &Path) -> bool {
    path.parent() == Some(&root().join("static/js"))
        && path
            .file_name()
            .and_then(|name| name.to_str())
            .is_some_and(|name| name.starts_with("editor."))
}

#[test]
fn texts_use_standard_words() {
    let avoided = Regex::new(&format!(r"(?i)\b({})\b", AVOIDED.join("|"))).unwrap();
    let documents = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let mut found = vec![];
    for path in FOLDERS
        .iter()
        .flat_map(|folder| files_below(&root().join(folder)))
        .chain(documents)
        .filter(|path| !is_generated(path))
    {
        // Pictures and fonts are not UTF-8.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        found.extend((1..).zip(text.lines()).filter_map(|(number, line)| {
            let word = avoided.find(line)?.as_str();
            let path = path.strip_prefix(root()).unwrap().display();
            Some(format!("{path}:{number}: {word}"))
        }));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn test_names_are_short() {
    let function = Regex::new(r"\bfn (\w+)").unwrap();
    let mut too_long = vec![];
    for path in files_below(&root().join("tests/suite")) {
        let text = fs::read_to_string(&path).unwrap();
        let names = function
            .captures_iter(&text)
            .map(|captures| captures[1].to_owned());
        too_long.extend(names.filter(|name| name.chars().count() > MAX_TEST_NAME_CHARS));
    }
    assert!(too_long.is_empty(), "{}", too_long.join("\n"));
}
