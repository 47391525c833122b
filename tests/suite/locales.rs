//! What the build makes of the files of texts, and which mistakes in them it refuses.

#[path = "../../build/locales.rs"]
mod build;

use std::fs;

/// The generated code, or the message of the build, for an English reader file, an English newsroom file, and files of
/// German.
fn generate(texts: &str, newsroom: &str, german: &str, german_newsroom: Option<&str>) -> String {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("newsroom")).unwrap();
    write("en.toml", texts);
    write("de.toml", german);
    write("newsroom/en.toml", newsroom);
    if let Some(text) = german_newsroom {
        write("newsroom/de.toml", text);
    }
    build::generate(folder.path()).unwrap_or_else(|error| error.to_string())
}

const READER: &str = "home = \"Home\"\npage = \"Page {n}\"\nstories = { one = \"{n} story\", other = \"{n} stories\" }\n";
const GERMAN: &str =
    "home = \"Start\"\npage = \"Seite {n}\"\nstories = { other = \"{n} Artikel\" }\n";
const NEWSROOM: &str = "[users]\ntitle = \"Users\"\nseen = \"{who} at {time}\"\n[script_editor]\nbold = \"<b> \\\"bold\\\"\"\n";

#[test]
fn each_text_is_a_field_and_each_text_with_placeholders_a_method() {
    let code = generate(READER, NEWSROOM, GERMAN, None);
    for part in [
        "pub home: &'static str,",
        "pub fn page(&self, n: impl std::fmt::Display) -> String",
        "pub fn stories(&self, n: impl Count) -> String",
        "pub fn seen(&self, who: impl std::fmt::Display, time: impl std::fmt::Display) -> String",
        "home: \"Start\"",
        "newsroom: None",
    ] {
        assert!(code.contains(part), "{part} is not in {code}");
    }
}

#[test]
fn texts_of_scripts_are_json_that_can_be_in_a_page() {
    let code = generate(READER, NEWSROOM, GERMAN, None);
    let json = r#"{"bold":"\u003cb> \"bold\""}"#;
    assert!(code.contains(&format!("script_editor: {json:?}")), "{code}");
    assert!(serde_json::from_str::<serde_json::Value>(json).is_ok());
}

#[test]
fn an_incomplete_translation_is_refused() {
    let german = |text: &str| generate(READER, NEWSROOM, text, None);
    let cases = [
        (
            "home = \"Start\"\npage = \"Seite\"\n",
            "`stories` is missing",
        ),
        (
            "home = \"Start {x}\"\npage = \"\"\nstories = { other = \"\" }\n",
            "`home` has a placeholder that the English text does not have",
        ),
        (
            "home = \"\"\npage = \"\"\nstories = { one = \"{x}\", other = \"\" }\n",
            "`stories` has a placeholder that the English text does not have",
        ),
        (
            "home = \"\"\npage = \"\"\nstories = { one = \"\" }\n",
            "`stories` has no form `other`",
        ),
        (
            "home = \"\"\npage = \"\"\nstories = { other = \"\", several = \"\" }\n",
            "`stories` has a form that is not a plural category",
        ),
        (
            "home = \"\"\npage = \"\"\nstories = \"\"\n",
            "`stories` is not of the kind of the English text",
        ),
        (
            "home = \"\"\npage = \"\"\nstories = { other = \"\" }\nhmoe = \"\"\n",
            "`hmoe` is not among the English texts",
        ),
    ];
    for (text, message) in cases {
        let said = german(text);
        assert!(said.contains("de.toml") && said.contains(message), "{said}");
    }
    let newsroom = "[users]\ntitle = \"Benutzer\"\n[script_editor]\nbold = \"fett\"\n";
    let said = generate(READER, NEWSROOM, GERMAN, Some(newsroom));
    assert!(said.contains("`seen` is missing"), "{said}");
}

#[test]
fn a_complete_translation_is_used_in_the_newsroom() {
    let newsroom = "[users]\ntitle = \"Benutzer\"\nseen = \"um {time} von {who}\"\n[script_editor]\nbold = \"fett\"\n";
    let code = generate(READER, NEWSROOM, GERMAN, Some(newsroom));
    assert!(code.contains("title: \"Benutzer\""), "{code}");
    assert!(
        code.contains(r#"script_editor: "{\"bold\":\"fett\"}""#),
        "{code}"
    );
}
