//! Where the texts of the interface are: in `locales/`, not in templates or in handlers.

use regex::Regex;
use syn::visit::{self, Visit};

use super::source_files;

/// Attributes that people see or hear.
const TEXT_ATTRIBUTES: &str = "alt|aria-label|data-confirm|placeholder|title";

#[test]
fn newsroom_templates_contain_no_texts() {
    let code = Regex::new(r"(?s)\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}").unwrap();
    let code_element = Regex::new(r"(?s)<code>.*?</code>").unwrap();
    let attribute = Regex::new(&format!(r#"\b(?:{TEXT_ATTRIBUTES})="([^"]*)""#)).unwrap();
    let invisible = Regex::new(r"(?s)<[^>]*>|&\w+;").unwrap();
    let letter = Regex::new(r"\p{L}").unwrap();
    let mut found = vec![];
    for (path, source) in source_files("templates", "html") {
        let name = path.display().to_string();
        let is_of_readers = !source.contains("layouts/admin.html")
            && !name.contains("/admin/")
            && !name.ends_with("layouts/admin.html")
            && !name.ends_with("layouts/login.html")
            && !name.ends_with("components/article_tabs.html");
        if is_of_readers {
            continue;
        }
        // A letter in a tag, such as an element's name or a class, is not a text; nor is a command or a path.
        let source = code.replace_all(&source, "");
        let source = code_element.replace_all(&source, "");
        let attributes = attribute
            .captures_iter(&source)
            .map(|captures| captures[1].to_owned());
        let texts = invisible.replace_all(&source, "\n");
        let texts = texts.lines().map(str::to_owned);
        found.extend(
            attributes
                .chain(texts)
                .filter(|text| letter.is_match(text) && !text.starts_with('/'))
                .map(|text| format!("{name}: {}", text.trim())),
        );
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Literals of several words that are no texts of the interface: names of systems, keys of counters, and the cause of an
/// error, which is in the language of the parser.
const NO_TEXTS: [&str; 7] = [
    "Mac OS X",
    "any code of {user_id}",
    "code of {}",
    "it contains a NUL",
    "it has too many fields",
    "password of {id}",
    "reset of {email}",
];

/// Collects string literals with several words that are not in tests or log messages.
struct Literals {
    several_words: Regex,
    found: Vec<String>,
}

impl Literals {
    fn add(&mut self, text: String) {
        if self.several_words.is_match(&text) && !NO_TEXTS.contains(&text.as_str()) {
            self.found.push(text);
        }
    }

    fn add_tokens(&mut self, tokens: proc_macro2::TokenStream) {
        for token in tokens {
            match token {
                proc_macro2::TokenTree::Group(group) => self.add_tokens(group.stream()),
                proc_macro2::TokenTree::Literal(literal) => {
                    if let Ok(literal) = syn::parse_str::<syn::LitStr>(&literal.to_string()) {
                        self.add(literal.value());
                    }
                }
                _ => {}
            }
        }
    }
}

impl<'ast> Visit<'ast> for Literals {
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_lit_str(&mut self, literal: &'ast syn::LitStr) {
        self.add(literal.value());
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let is_log = call
            .path
            .segments
            .first()
            .is_some_and(|first| first.ident == "tracing");
        if !is_log {
            self.add_tokens(call.tokens.clone());
        }
    }
}

#[test]
fn newsroom_handlers_contain_no_texts() {
    let several_words = Regex::new(r"\p{L}[,’'”:.]* [“‘]?\p{L}").unwrap();
    let mut found = vec![];
    for (path, source) in source_files("src/admin", "rs") {
        let mut literals = Literals {
            several_words: several_words.clone(),
            found: vec![],
        };
        literals.visit_file(&syn::parse_file(&source).expect("the library compiles"));
        let texts = literals.found.into_iter();
        found.extend(texts.map(|text| format!("{}: {text}", path.display())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
