//! Generates Rust from the texts in `locales/`, and writes the templates that Askama compiles, without insignificant
//! whitespace, to `target/templates`: the folder that `askama.toml` names. That folder cannot be in `OUT_DIR`, because
//! Askama reads its folders from that file alone.

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
};

#[path = "build/locales.rs"]
mod locales;
#[path = "build/whitespace.rs"]
mod whitespace;

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let target = root.join("target/templates");
    for watched in ["build.rs", "build", "locales", "templates", "askama.toml"] {
        println!("cargo::rerun-if-changed={watched}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    write_if_changed(
        &out.join("texts.rs"),
        &locales::generate(&root.join("locales"))?,
    )?;
    let mut written = BTreeSet::new();
    minify_folder(&root.join("templates"), &target, &mut written)?;
    remove_others(&target, &written)?;
    // One of the written files: when it is missing, the folder was deleted and has to be written again.
    println!("cargo::rerun-if-changed=target/templates/layouts/reader.html");
    Ok(())
}

fn minify_folder(from: &Path, to: &Path, written: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            minify_folder(&source, &copy, written)?;
            continue;
        }
        let text = fs::read_to_string(&source)?;
        let text = match source.extension() {
            Some(extension) if extension == "html" => whitespace::collapse(&text),
            _ => text,
        };
        write_if_changed(&copy, &text)?;
        // As old as its source: a file that is newer than this build's beginning would make Cargo repeat the build.
        fs::File::options()
            .write(true)
            .open(&copy)?
            .set_modified(entry.metadata()?.modified()?)?;
        written.insert(copy);
    }
    Ok(())
}

/// Replaces the file as a whole: another build may be reading it.
fn write_if_changed(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    let unfinished = path.with_extension(format!("{}.tmp", std::process::id()));
    fs::write(&unfinished, text)?;
    fs::rename(&unfinished, path)
}

/// Removes copies of templates that no longer exist.
fn remove_others(folder: &Path, written: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            remove_others(&path, written)?;
        } else if path.extension().is_some_and(|e| e == "html" || e == "xml")
            && !written.contains(&path)
        {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
