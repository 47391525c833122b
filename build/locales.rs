//! Generates Rust from the files of texts in `locales/`: a struct for each table, with a field for each text, and a method
//! for each text with placeholders. A missing or an unknown text is an error of the build.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

/// The language whose files define the texts, and which others fall back to.
const REFERENCE: &str = "en";

/// Tables of texts for scripts: as JSON, which a page contains.
const SCRIPT_PREFIX: &str = "script_";

/// The keys of a text that depends on a number: the plural categories of CLDR.
const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];

/// Writes the structs and their values in every language of `folder`.
pub fn generate(folder: &Path) -> io::Result<String> {
    let mut languages: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
            && let Some(stem) = path.file_stem().and_then(|stem| stem.to_str())
        {
            languages.push(stem.to_owned());
        }
    }
    languages.sort_by_key(|tag| (tag != REFERENCE, tag.clone()));
    let newsroom_path = |tag: &str| folder.join(format!("newsroom/{tag}.toml"));
    let reference = read(&folder.join(format!("{REFERENCE}.toml")))?;
    let newsroom_reference = read(&newsroom_path(REFERENCE))?;

    let mut code = String::new();
    declare(&mut code, "Texts", &reference, "of the reader pages");
    let mut pages = String::new();
    for (page, texts) in &newsroom_reference {
        let Value::Table(texts) = texts else {
            return Err(invalid(
                &newsroom_path(REFERENCE),
                page,
                "is not in a table",
            ));
        };
        if page.starts_with(SCRIPT_PREFIX) {
            put(
                &mut pages,
                format_args!("/// A JSON object, for a script.\npub {page}: &'static str,"),
            );
            continue;
        }
        let about = format!("of the table `{page}`");
        declare(
            &mut code,
            &format!("Newsroom{}", camel(page)),
            texts,
            &about,
        );
        put(
            &mut pages,
            format_args!("pub {page}: Newsroom{},", camel(page)),
        );
    }
    put(
        &mut code,
        format_args!(
            "/// The texts of the newsroom, by table.\n#[derive(Debug)]\npub struct Newsroom {{ {pages} }}"
        ),
    );

    let mut list = String::new();
    for tag in &languages {
        let path = folder.join(format!("{tag}.toml"));
        let texts = value("Texts", tag, &path, &read(&path)?, &reference)?;
        let path = newsroom_path(tag);
        let newsroom = if path.exists() {
            let translated = read(&path)?;
            same_keys(&path, &translated, &newsroom_reference)?;
            let mut fields = String::new();
            for (page, reference) in &newsroom_reference {
                let (Some(Value::Table(texts)), Value::Table(reference)) =
                    (translated.get(page), reference)
                else {
                    return Err(invalid(&path, page, "is not a table"));
                };
                if page.starts_with(SCRIPT_PREFIX) {
                    value("", tag, &path, texts, reference)?;
                    put(&mut fields, format_args!("{page}: {:?},", json(texts)?));
                    continue;
                }
                let value = value(
                    &format!("Newsroom{}", camel(page)),
                    tag,
                    &path,
                    texts,
                    reference,
                )?;
                put(&mut fields, format_args!("{page}: {value},"));
            }
            format!("Some(&Newsroom {{ {fields} }})")
        } else {
            "None".to_owned()
        };
        put(
            &mut list,
            format_args!(
                "LanguageTexts {{ tag: {tag:?}, texts: &{texts}, newsroom: {newsroom} }},"
            ),
        );
    }
    put(
        &mut code,
        format_args!(
            "/// The texts of every language, English first.\npub(super) static LANGUAGES: [LanguageTexts; {}] = [{list}];",
            languages.len()
        ),
    );
    Ok(code)
}

/// Declares the struct of a table.
fn declare(code: &mut String, name: &str, texts: &Table, about: &str) {
    let (mut fields, mut methods) = (String::new(), String::new());
    for (key, text) in texts {
        let placeholders = placeholders(text);
        let kind = match text {
            Value::Table(_) => "Plural",
            _ => "&'static str",
        };
        put(
            &mut fields,
            format_args!("/// {:?}\npub {key}: {kind},", reference_form(text)),
        );
        if placeholders.is_empty() {
            continue;
        }
        let is_plural = matches!(text, Value::Table(_));
        let (mut parameters, mut values) = (String::new(), String::new());
        for placeholder in &placeholders {
            if is_plural && placeholder == "n" {
                continue;
            }
            write!(parameters, ", {placeholder}: impl std::fmt::Display").unwrap_or_default();
            write!(
                values,
                "({placeholder:?}, &{placeholder} as &dyn std::fmt::Display),"
            )
            .unwrap_or_default();
        }
        let body = if is_plural {
            parameters.insert_str(0, ", n: impl Count");
            format!("self.{key}.text(n, &[{values}])")
        } else {
            format!("fill_in(self.{key}, &[{values}])")
        };
        put(
            &mut methods,
            format_args!(
                "/// {:?}\n#[must_use] pub fn {key}(&self{parameters}) -> String {{ {body} }}",
                reference_form(text)
            ),
        );
    }
    put(
        code,
        format_args!(
            "/// The texts {about}.\n#[derive(Debug)]\npub struct {name} {{ {fields} }}\nimpl {name} {{ {methods} }}"
        ),
    );
}

/// The value of a struct in one language.
fn value(
    name: &str,
    tag: &str,
    path: &Path,
    texts: &Table,
    reference: &Table,
) -> io::Result<String> {
    same_keys(path, texts, reference)?;
    let mut fields = String::new();
    for (key, reference) in reference {
        let text = &texts[key];
        if placeholders(text)
            .iter()
            .any(|name| !placeholders(reference).contains(name))
        {
            return Err(invalid(
                path,
                key,
                "has a placeholder that the English text does not have",
            ));
        }
        let value = match (text, reference) {
            (Value::String(text), Value::String(_)) => format!("{text:?}"),
            (Value::Table(forms), Value::Table(_)) => {
                if forms
                    .keys()
                    .any(|form| !CATEGORIES.contains(&form.as_str()))
                {
                    return Err(invalid(
                        path,
                        key,
                        "has a form that is not a plural category",
                    ));
                }
                let form = |category: &str| forms.get(category).and_then(Value::as_str);
                let Some(other) = form("other") else {
                    return Err(invalid(path, key, "has no form `other`"));
                };
                let optional: String = CATEGORIES[..5]
                    .iter()
                    .map(|category| format!("{category}: {:?}, ", form(category)))
                    .collect();
                format!("Plural {{ language: {tag:?}, {optional} other: {other:?} }}")
            }
            _ => return Err(invalid(path, key, "is not of the kind of the English text")),
        };
        put(&mut fields, format_args!("{key}: {value},"));
    }
    Ok(format!("{name} {{ {fields} }}"))
}

/// The texts of a table as a JSON object that can be part of an HTML page.
fn json(texts: &Table) -> io::Result<String> {
    Ok(serde_json::to_string(texts)?.replace('<', "\\u003c"))
}

fn same_keys(path: &Path, texts: &Table, reference: &Table) -> io::Result<()> {
    if let Some(missing) = reference.keys().find(|key| !texts.contains_key(*key)) {
        return Err(invalid(path, missing, "is missing"));
    }
    match texts.keys().find(|key| !reference.contains_key(*key)) {
        Some(unknown) => Err(invalid(path, unknown, "is not among the English texts")),
        None => Ok(()),
    }
}

/// The text, or the form of it that every language has.
fn reference_form(text: &Value) -> &str {
    match text {
        Value::Table(forms) => forms.get("other").and_then(Value::as_str).unwrap_or(""),
        text => text.as_str().unwrap_or(""),
    }
}

/// The names in braces, in the order of the text; of a plural text, those of all its forms.
fn placeholders(text: &Value) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let forms = match text {
        Value::Table(forms) => forms.values().filter_map(Value::as_str).collect(),
        text => vec![text.as_str().unwrap_or("")],
    };
    for form in std::iter::once(reference_form(text)).chain(forms) {
        let mut rest = form;
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
            rest = after;
        }
    }
    names
}

fn read(path: &PathBuf) -> io::Result<Table> {
    let text = fs::read_to_string(path)?;
    text.parse()
        .map_err(|error| io::Error::other(format!("{}: {error}", path.display())))
}

fn invalid(path: &Path, key: &str, why: &str) -> io::Error {
    io::Error::other(format!("{}: `{key}` {why}", path.display()))
}

/// `second_factor` as `SecondFactor`.
fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_uppercase() + rest
        })
        .collect()
}

/// Adds a line. Writing to a string cannot fail.
fn put(code: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(code, "{line}").unwrap_or_default();
}
