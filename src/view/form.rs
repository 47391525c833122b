//! Form fields with label, value, hint and error, and the components that print them, the blocks of
//! `components/form.html`. A component is compiled once, a macro at each of its uses.

use askama::{Template, filters::HtmlSafe};

use crate::locale::NewsroomCommon;

/// An option of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub text: String,
    pub chosen: bool,
}

impl Choice {
    pub fn new(value: impl Into<String>, text: impl Into<String>, chosen: bool) -> Self {
        Self {
            value: value.into(),
            text: text.into(),
            chosen,
        }
    }
}

/// A field. Its id is `field-<name>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub label: String,
    pub value: String,
    pub hint: String,
    pub error: String,
    pub choices: Vec<Choice>,
    pub checked: bool,
    pub required: bool,
    /// The `autocomplete` attribute; empty for none.
    pub autocomplete: &'static str,
    /// The type of the input in a list of fields: text, email, url, number …
    pub kind: &'static str,
    /// The lines of a text area in a list of fields; 0 for a single-line input.
    pub rows: usize,
}

impl Field {
    pub fn new(name: &'static str, label: impl Into<String>) -> Self {
        Self {
            name,
            label: label.into(),
            kind: "text",
            ..Self::default()
        }
    }

    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub fn choices(mut self, choices: Vec<Choice>) -> Self {
        self.choices = choices;
        self
    }

    pub fn checked(mut self, checked: bool) -> Self {
        self.checked = checked;
        self
    }

    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub fn autocomplete(mut self, autocomplete: &'static str) -> Self {
        self.autocomplete = autocomplete;
        self
    }

    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = kind;
        self
    }

    pub fn rows(mut self, rows: usize) -> Self {
        self.rows = rows;
        self
    }

    /// A single-line input of a type such as text, email, url, number or datetime-local.
    pub fn line<'a>(&'a self, kind: &'a str) -> Line<'a> {
        Line { field: self, kind }
    }

    /// A multi-line input.
    pub fn text(&self, rows: usize) -> TextArea<'_> {
        TextArea { field: self, rows }
    }

    /// A drop-down list.
    pub fn select(&self) -> Select<'_> {
        Select { field: self }
    }

    /// A group of options; `kind` is radio, or checkbox if several can be chosen.
    pub fn options<'a>(&'a self, kind: &'a str) -> Options<'a> {
        Options { field: self, kind }
    }

    /// A file input; `accept` lists the file types that the browser offers.
    pub fn file<'a>(&'a self, accept: &'a str) -> File<'a> {
        File {
            field: self,
            accept,
        }
    }

    /// A checkbox.
    pub fn check(&self) -> Check<'_> {
        Check { field: self }
    }

    /// Sets the error of this field, if there is one.
    pub fn errors(mut self, errors: &Errors) -> Self {
        self.error = errors.of(self.name).to_owned();
        self
    }
}

/// Validation errors: field and message, in the order of the form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Errors(pub Vec<(&'static str, String)>);

impl Errors {
    pub fn add(&mut self, field: &'static str, text: impl Into<String>) {
        self.0.push((field, text.into()));
    }

    /// The first error of a field; empty if there is none.
    pub fn of(&self, field: &str) -> &str {
        self.0
            .iter()
            .find(|(name, _)| *name == field)
            .map_or("", |(_, text)| text)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A list of the errors, each linked to its field, which receives the focus; nothing if there are none.
    pub fn summary<'a>(&'a self, texts: &'a NewsroomCommon) -> Summary<'a> {
        Summary {
            errors: &self.0,
            texts,
        }
    }
}

/// Declares the components of `components/form.html`: templates that print as HTML in other templates.
macro_rules! components {
    ($($name:ident = $block:literal { $($field:ident: $kind:ty),+ })+) => {
        $(
            #[derive(Template)]
            #[template(path = "components/form.html", block = $block)]
            pub struct $name<'a> {
                $($field: $kind),+
            }

            impl HtmlSafe for $name<'_> {}
        )+
    };
}

components! {
    Line = "line" { field: &'a Field, kind: &'a str }
    TextArea = "text" { field: &'a Field, rows: usize }
    Select = "select" { field: &'a Field }
    Options = "options" { field: &'a Field, kind: &'a str }
    File = "file" { field: &'a Field, accept: &'a str }
    Check = "check" { field: &'a Field }
    Summary = "summary" { errors: &'a [(&'static str, String)], texts: &'a NewsroomCommon }
}
