//! A full disk: reads succeed, and saves fail with the submitted text preserved.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::site_with_editor;
use crate::support::app::TestApp;

/// A mounted tmpfs of 24 MB; `None`, reported as skipped, if mounting is not permitted.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=24m", "tmpfs"])
            .arg(folder.path())
            .stderr(Stdio::null())
            .status();
        if mounted.is_ok_and(|status| status.success()) {
            Some(Self(folder))
        } else {
            crate::support::skip("small-disk", "a tmpfs cannot be mounted");
            None
        }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg("-l").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()) || std::thread::panicking());
    }
}

/// All files in a folder and its subfolders; none if it does not exist.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| match path.is_dir() {
            true => files_below(&path),
            false => vec![path],
        })
        .collect()
}

#[test]
fn a_full_disk_stops_only_writes_and_recovers_when_space_is_freed() {
    let Some(disk) = SmallDisk::new() else { return };
    let data = disk.0.path().join("data");
    let app = TestApp::with_settings(&[("data_dir", data.to_str().unwrap())]);
    let (cached, uncached, editor) = site_with_editor(&app);
    let mut filler = std::fs::File::create(disk.0.path().join("filler")).unwrap();
    while filler.write_all(&[7; 4096]).is_ok() {}
    assert_eq!(app.status(&cached), 200, "from the cache");
    assert_eq!(app.status(&uncached), 200, "from the database");
    let body = "Many words. ".repeat(20_000);
    let fields = [("headline", "Kept"), ("body", body.as_str())];
    let page = editor.post("/admin/articles/new", &fields);
    assert_eq!(page.status, 507, "{}", page.body);
    assert!(
        page.body.contains("Many words. Many words."),
        "the submitted text is in the page"
    );
    let json = editor.post_with(
        "/admin/articles/new",
        &[
            fields[0],
            fields[1],
            ("intent", "autosave"),
            ("csrf", &editor.csrf()),
        ],
        &[
            ("accept", "application/json"),
            ("sec-fetch-site", "same-origin"),
        ],
    );
    assert_eq!(json.status, 507, "{}", json.body);
    let mut picture = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(700, 400, |x, y| {
        image::Rgb([(x % 251) as u8, (y % 241) as u8, 9])
    })
    .write_to(&mut picture, image::ImageFormat::Png)
    .unwrap();
    let files = [("file", "a.png", picture.get_ref().as_slice())];
    for path in ["/admin/media.json", "/admin/media"] {
        let page = editor.send_files(path, &[], &files);
        assert_eq!(page.status, 507, "{path}: {}", page.body);
        assert!(page.body.contains("disk is full"), "{path}: {}", page.body);
    }
    let left = files_below(&data.join("media"));
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(app.status("/latest"), 200);
    drop(filler);
    std::fs::remove_file(disk.0.path().join("filler")).unwrap();
    assert_eq!(
        editor.post("/admin/articles/new", &fields).status,
        303,
        "saving works again"
    );
    let page = editor.send_files("/admin/media.json", &[], &files);
    assert_eq!(page.status, 201, "{}", page.body);
    app.flush_views();
    app.assert_timelines_consistent();
    let url = app.app.config.database_url.clone();
    url.check_snapshot(&data.join("dateline.db")).unwrap();
}
