//! The layers of `ARCHITECTURE.md`: imports point to the same layer or to lower ones, and modules do not form cycles.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use syn::visit::{self, Visit};

use super::source_files;

/// The top-level modules of the library, from the highest layer to the leaves.
const LAYERS: &[&[&str]] = &[
    &["cli", "demo", "doctor", "generate"],
    &["server", "routes", "ops"],
    &["admin", "reader", "jobs"],
    &["http_cache", "web"],
    &["view"],
    &[
        "app",
        "site",
        "popular",
        "view_counter",
        "not_found_counter",
    ],
    &["models", "transfer"],
    &["db"],
    &[
        "agent",
        "assets",
        "clock",
        "colour",
        "config",
        "data_folder",
        "database_url",
        "error",
        "locale",
        "media",
        "memory",
        "metrics",
        "parallel",
        "paths",
        "private_file",
        "secrets",
        "sharded_counter",
        "text",
    ],
];

/// A module as the segments of its path, without `crate`.
type Module = Vec<String>;

/// The modules that each module of the library names in its code, tests excluded.
fn imports() -> BTreeMap<Module, BTreeSet<Module>> {
    let sources: Vec<(Module, String)> = source_files("src", "rs")
        .into_iter()
        .filter_map(|(path, text)| Some((module_of(&path)?, text)))
        .collect();
    let modules: BTreeSet<Module> = sources.iter().map(|(module, _)| module.clone()).collect();
    sources
        .iter()
        .map(|(module, text)| {
            let file = syn::parse_file(text).expect("the library compiles");
            let mut paths = Paths {
                module,
                found: Vec::new(),
            };
            paths.visit_file(&file);
            let imported = paths
                .found
                .into_iter()
                .filter_map(|path| longest_module(&modules, &path))
                .filter(|imported| imported != module)
                .collect();
            (module.clone(), imported)
        })
        .collect()
}

/// `src/models/article/mod.rs` is `[models, article]`. `None` for the crate root and the program.
fn module_of(path: &Path) -> Option<Module> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut module: Module = path
        .strip_prefix(root)
        .expect("the file is in src")
        .with_extension("")
        .iter()
        .map(|part| part.to_str().expect("file names are ASCII").to_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    (!matches!(module[0].as_str(), "lib" | "main")).then_some(module)
}

/// The module that a path leads into: its longest prefix that is one.
fn longest_module(modules: &BTreeSet<Module>, path: &[String]) -> Option<Module> {
    (1..=path.len())
        .rev()
        .map(|length| path[..length].to_vec())
        .find(|prefix| modules.contains(prefix))
}

/// Collects the paths of a file that begin with `crate`, `self` or `super`, nested `use` lists included.
struct Paths<'m> {
    module: &'m [String],
    found: Vec<Module>,
}

impl Paths<'_> {
    /// Records a path, without its leading keywords.
    fn record(&mut self, segments: &[String]) {
        let mut base: Module = match segments.first().map(String::as_str) {
            Some("crate") => Vec::new(),
            Some("self") => self.module.to_vec(),
            Some("super") => self.module[..self.module.len() - 1].to_vec(),
            _ => return,
        };
        for segment in &segments[1..] {
            if segment == "super" {
                base.pop();
            } else {
                base.push(segment.clone());
            }
        }
        self.found.push(base);
    }

    fn record_use(&mut self, prefix: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [prefix, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.record_use(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) => self.record(&with(&name.ident)),
            syn::UseTree::Rename(name) => self.record(&with(&name.ident)),
            syn::UseTree::Glob(_) => self.record(prefix),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.record_use(prefix, tree);
                }
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let is_test = item.attrs.iter().any(|attribute| {
            attribute.path().is_ident("cfg")
                && attribute
                    .parse_args::<syn::Ident>()
                    .is_ok_and(|condition| condition == "test")
        });
        if !is_test {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.record_use(&[], &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Module = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.record(&segments);
        visit::visit_path(self, path);
    }
}

fn layer(module: &str) -> usize {
    LAYERS
        .iter()
        .position(|layer| layer.contains(&module))
        .unwrap_or_else(|| panic!("the module {module} is in no layer: add it to LAYERS"))
}

#[test]
fn modules_import_from_their_own_layer_or_lower_ones() {
    let mut upward = BTreeSet::new();
    for (module, imported) in imports() {
        for other in imported {
            if layer(&other[0]) < layer(&module[0]) {
                upward.insert(format!(
                    "{} imports {}",
                    module.join("::"),
                    other.join("::")
                ));
            }
        }
    }
    assert_eq!(upward, BTreeSet::new());
}

#[test]
fn modules_do_not_form_cycles() {
    // Among the children of each module, as a child and its parent belong together.
    let mut graphs: BTreeMap<Module, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (module, imported) in imports() {
        for other in imported {
            let common = module
                .iter()
                .zip(&other)
                .take_while(|(ours, theirs)| ours == theirs)
                .count();
            if let (Some(from), Some(to)) = (module.get(common), other.get(common)) {
                graphs
                    .entry(module[..common].to_vec())
                    .or_default()
                    .entry(from.clone())
                    .or_default()
                    .insert(to.clone());
            }
        }
    }
    let mut cycles = Vec::new();
    for (parent, graph) in &graphs {
        if let Some(cycle) = cycle(graph) {
            cycles.push(format!("{}: {}", parent.join("::"), cycle.join(" > ")));
        }
    }
    assert_eq!(cycles, Vec::<String>::new());
}

/// A cycle of a graph, its first module repeated at its end.
fn cycle(graph: &BTreeMap<String, BTreeSet<String>>) -> Option<Vec<String>> {
    fn walk(
        graph: &BTreeMap<String, BTreeSet<String>>,
        path: &mut Vec<String>,
        finished: &mut BTreeSet<String>,
    ) -> Option<Vec<String>> {
        let last = path.last()?.clone();
        for next in graph.get(&last).into_iter().flatten() {
            if let Some(start) = path.iter().position(|module| module == next) {
                let mut cycle = path[start..].to_vec();
                cycle.push(next.clone());
                return Some(cycle);
            }
            if !finished.contains(next) {
                path.push(next.clone());
                if let Some(cycle) = walk(graph, path, finished) {
                    return Some(cycle);
                }
                path.pop();
            }
        }
        finished.insert(last);
        None
    }
    let mut finished = BTreeSet::new();
    graph
        .keys()
        .find_map(|start| walk(graph, &mut vec![start.clone()], &mut finished))
}

#[test]
fn the_checks_see_nested_imports_and_cycles() {
    let module = ["reader".to_owned(), "home".to_owned()];
    let mut paths = Paths {
        module: &module,
        found: Vec::new(),
    };
    let code = "use crate::{admin::{self, Layout}, view::card as cards}; use super::latest::*;
        fn f() { crate::routes::configure(); }
        #[cfg(test)] mod tests { use crate::server; }";
    paths.visit_file(&syn::parse_file(code).unwrap());
    let found: Vec<String> = paths.found.iter().map(|path| path.join("::")).collect();
    for path in [
        "admin::self",
        "admin::Layout",
        "view::card",
        "reader::latest",
        "routes::configure",
    ] {
        assert!(
            found.contains(&path.to_owned()),
            "{path} is not in {found:?}"
        );
    }
    assert!(!found.contains(&"server".to_owned()));
    let graph = |edges: &[(&str, &str)]| {
        let mut graph = BTreeMap::<String, BTreeSet<String>>::new();
        for (from, to) in edges {
            graph
                .entry((*from).to_owned())
                .or_default()
                .insert((*to).to_owned());
        }
        graph
    };
    assert_eq!(cycle(&graph(&[("a", "b"), ("a", "c"), ("b", "c")])), None);
    let found = cycle(&graph(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
    assert_eq!(found, ["b", "c", "b"]);
}

#[test]
fn the_path_of_an_article_request_is_five_files() {
    let architecture =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let stops = [
        "src/routes.rs",
        "src/http_cache/respond.rs",
        "src/reader/address.rs",
        "src/reader/article.rs",
        "templates/reader/article.html",
    ];
    let mut from = 0;
    for stop in stops {
        assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join(stop).exists());
        let at = architecture[from..].find(stop);
        from += at.unwrap_or_else(|| panic!("ARCHITECTURE.md does not name {stop} in order"));
    }
    // None of them leads back to an earlier one.
    let imports = imports();
    let modules = [
        &["routes"][..],
        &["http_cache", "respond"],
        &["reader", "address"],
        &["reader", "article"],
    ]
    .map(|module| {
        module
            .iter()
            .map(|part| (*part).to_owned())
            .collect::<Module>()
    });
    for (number, module) in modules.iter().enumerate() {
        for earlier in &modules[..number] {
            assert!(
                !imports[module].contains(earlier),
                "{} leads back to {}",
                module.join("::"),
                earlier.join("::")
            );
        }
    }
}
