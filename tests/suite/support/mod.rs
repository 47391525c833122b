//! What tests lean on: a running application, a database on either engine, something to read.

pub mod app;
pub mod browser;
pub mod hub;
pub mod mail;
pub mod newsroom;
pub mod page;
pub mod postgres;
pub mod rivers;
pub mod staff;
pub mod xml;

use std::io::Write;

/// Declares tests that run on SQLite and on PostgreSQL: each is given a running [`app::TestApp`].
#[macro_export]
macro_rules! on_both_engines {
    ($(fn $name:ident($app:ident: &TestApp) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                fn check($app: &TestApp) $body

                #[test]
                fn on_sqlite() {
                    check(&TestApp::on_sqlite());
                }

                #[test]
                fn on_postgres() {
                    if let Some(app) = TestApp::on_postgres() {
                        check(&app);
                    }
                }
            }
        )+
    };
}

/// Says that a test is skipped for want of something, past the test runner's capture; or fails, if
/// `DATELINE_REQUIRE` asks for it.
pub fn skip(want: &str, why: &str) {
    let required = std::env::var("DATELINE_REQUIRE").unwrap_or_default();
    assert!(
        !required.split(',').any(|required| required == want),
        "{want} is required, but {why}"
    );
    // Not `eprintln!`, which the test runner keeps to itself when the test passes.
    let said = format!("SKIPPED for want of {want}: {why}\n");
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}

/// What `npm ci --prefix tests` has put there; `None`, said aloud, where it has not been run.
pub fn npm_file(name: &str) -> Option<std::path::PathBuf> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/node_modules")
        .join(name);
    if !path.exists() {
        skip("browser", "`npm ci --prefix tests` has not been run");
        return None;
    }
    Some(path)
}
