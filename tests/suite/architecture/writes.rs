//! What depends on the form of an input is done before a write transaction, during which all other writers wait: HTML is
//! parsed, pictures are decoded and passwords are hashed first. Within it, a text is only copied and its words counted.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};

use super::source_files;

/// The last segments of calls that parse HTML, decode or hash.
const COSTLY: &[&str] = &[
    "SanitizedHtml::new",
    "SanitizedHtml::of_text",
    "SanitizedHtml::try_new",
    "complexity::parse",
    "media::decode",
    "password::hash",
    "password::verify",
    "text::lines",
    "text::links",
    "text::parse",
    "text::parts",
];

/// The methods that run a closure in a write transaction.
fn is_write(method: &str) -> bool {
    method == "transaction"
        || method == "write"
        || (method.starts_with("write_") && method != "write_all")
}

/// Whether a function of a model may run in a write transaction: all do that take a connection.
fn takes_connection(signature: &syn::Signature) -> bool {
    signature.inputs.iter().any(|input| {
        let syn::FnArg::Typed(input) = input else {
            return false;
        };
        matches!(&*input.pat, syn::Pat::Ident(name) if name.ident == "conn")
    })
}

/// The functions that a file calls, by where: in a function, or in a closure that runs in a write transaction. The names
/// of methods begin with a dot.
#[derive(Default)]
struct Calls {
    is_model: bool,
    function: String,
    /// How many enclosing closures run in a write transaction.
    writes: usize,
    by_function: BTreeMap<String, BTreeSet<String>>,
    in_writes: BTreeSet<String>,
}

impl Calls {
    fn of(path: &str, text: &str) -> Self {
        let mut calls = Self {
            is_model: path.contains("/src/models/"),
            ..Self::default()
        };
        calls.visit_file(&syn::parse_file(text).expect("the library compiles"));
        calls
    }

    fn add(&mut self, name: String) {
        if self.writes > 0 {
            self.in_writes.insert(name.clone());
        }
        let function = self.function.clone();
        self.by_function.entry(function).or_default().insert(name);
    }

    /// What runs in write transactions: their closures, and the functions of the file that these call.
    fn reached(&self) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut left: Vec<String> = self.in_writes.iter().cloned().collect();
        while let Some(name) = left.pop() {
            // `parse` is a method of strings as well.
            if name != ".parse"
                && let Some(more) = self.by_function.get(&name)
                && !reached.contains(&name)
            {
                left.extend(more.iter().cloned());
            }
            reached.insert(name);
        }
        reached
    }
}

impl<'a> Visit<'a> for Calls {
    fn visit_item_mod(&mut self, module: &'a syn::ItemMod) {
        if module.ident != "tests" {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        self.function = function.sig.ident.to_string();
        let runs = self.is_model && takes_connection(&function.sig);
        self.writes += usize::from(runs);
        visit::visit_item_fn(self, function);
        self.writes -= usize::from(runs);
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        self.function = format!(".{}", function.sig.ident);
        let runs = self.is_model && takes_connection(&function.sig);
        self.writes += usize::from(runs);
        visit::visit_impl_item_fn(self, function);
        self.writes -= usize::from(runs);
    }

    fn visit_expr_call(&mut self, call: &'a syn::ExprCall) {
        if let syn::Expr::Path(path) = &*call.func {
            let segments = &path.path.segments;
            let names: Vec<String> = segments.iter().map(|one| one.ident.to_string()).collect();
            self.add(match names.as_slice() {
                [this, function] if this == "Self" => format!(".{function}"),
                names => names[names.len().saturating_sub(2)..].join("::"),
            });
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_expr_method_call(&mut self, call: &'a syn::ExprMethodCall) {
        self.add(format!(".{}", call.method));
        self.visit_expr(&call.receiver);
        for argument in &call.args {
            let runs =
                is_write(&call.method.to_string()) && matches!(argument, syn::Expr::Closure(_));
            self.writes += usize::from(runs);
            self.visit_expr(argument);
            self.writes -= usize::from(runs);
        }
    }
}

/// The costly calls in write transactions of a file.
fn found(path: &str, text: &str) -> Vec<String> {
    let calls = Calls::of(path, text);
    // A function without a path is imported, unless the file has one of that name.
    let is_imported = |name: &String| {
        COSTLY
            .iter()
            .any(|costly| costly.ends_with(&format!("::{name}")))
            && !calls.by_function.contains_key(name)
    };
    calls
        .reached()
        .into_iter()
        .filter(|name| COSTLY.contains(&name.as_str()) || is_imported(name))
        .collect()
}

#[test]
fn write_transactions_neither_parse_nor_decode_nor_hash() {
    let mut writes = 0;
    for (path, text) in source_files("src", "rs") {
        let path = path.to_string_lossy();
        writes += usize::from(!Calls::of(&path, &text).in_writes.is_empty());
        assert_eq!(found(&path, &text), [""; 0], "{path}");
    }
    assert!(writes > 20, "the check sees the transactions");
}

#[test]
fn the_check_sees_calls_in_transactions() {
    let in_closure = "fn f() { db.write(move |conn| { let body = SanitizedHtml::new(&text); }) }";
    assert_eq!(found("a", in_closure), ["SanitizedHtml::new"]);
    let in_function = "fn f() { db.write_unversioned(|conn| keep(conn)) } fn keep(c: C) { crate::text::lines(b); }";
    assert_eq!(found("a", in_function), ["text::lines"]);
    let imported = "fn f() { db.write(|conn| keep(conn, links(body))) }";
    assert_eq!(found("a", imported), ["links"]);
    let before =
        "fn f() { let body = SanitizedHtml::new(&text); db.write(move |conn| keep(conn, body)) }";
    assert_eq!(found("a", before), [""; 0]);
    let model = "fn f(conn: &mut AnyConnection) { let body = SanitizedHtml::new(&text); }";
    assert_eq!(found("/src/models/a.rs", model), ["SanitizedHtml::new"]);
    assert_eq!(found("/src/view/a.rs", model), [""; 0]);
}
