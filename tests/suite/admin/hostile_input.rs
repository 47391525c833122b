//! Input that would cost out of proportion to its size: refused with a message, and nothing that was typed is lost.

use dateline::db::types::UserRole::{Admin, Author, Contributor};

use crate::{
    on_both_engines,
    support::{app::TestApp, page::Page, staff::Staff},
};

/// Bodies that take seconds or gigabytes without limits, each with the word "kept".
fn bodies() -> Vec<(&'static str, String)> {
    let numbered = |tag: &str, count: usize| -> String {
        (0..count)
            .map(|number| format!("<{tag} x{number}>"))
            .collect()
    };
    vec![
        (
            "formatting that is opened again in every paragraph",
            format!("<p>kept{}{}", numbered("em", 2_000), "<p>x".repeat(25_000)),
        ),
        ("nested blocks", format!("kept{}", "<div>".repeat(100_000))),
        ("nested lists", format!("kept{}", "<ul><li>".repeat(30_000))),
        (
            "open pull quotes",
            format!("kept{}", "<aside class=pull-quote>".repeat(40_000)),
        ),
        ("bare ampersands", format!("kept{}", "&".repeat(400_000))),
        (
            "attributes",
            format!("kept<p {}>", numbered("a", 50_000).replace(['<', '>'], "")),
        ),
        (
            "pictures",
            format!(
                "kept{}",
                "<figure data-media=\"1\"></figure>".repeat(40_000)
            ),
        ),
        ("elements", format!("kept{}", "<br>x".repeat(200_000))),
    ]
}

fn create(staff: &Staff<'_>, body: &str) -> Page {
    staff.post(
        "/admin/articles/new",
        &[("headline", "Ferries"), ("body", body)],
    )
}

fn assert_refused_with_words(page: &Page, field: &str, name: &str) {
    assert_eq!(page.status, 422, "{name}");
    let message = page.text(&format!("#error-{field}"));
    assert!(message.contains("too much formatting"), "{name}: {message}");
    assert!(
        page.text(&format!("#field-{field}")).contains("kept"),
        "{name}"
    );
}

on_both_engines! {
    fn hostile_texts_are_refused_and_stay_in_the_form(app: &TestApp) {
        let writer = app.staff(Contributor);
        for (name, body) in bodies() {
            assert_refused_with_words(&create(&writer, &body), "body", name);
        }
        assert!(writer.get("/admin/articles").texts("main table h2, main tbody tr").is_empty());
        let admin = app.staff(Admin);
        let (name, body) = bodies().remove(0);
        let page = admin.post("/admin/pages", &[("title", "About"), ("html", &body)]);
        assert_refused_with_words(&page, "html", name);
        assert_eq!(app.status("/about"), 404);
    }

    fn an_autosave_of_a_hostile_text_keeps_the_saved_one(app: &TestApp) {
        let writer = app.staff(Author);
        let created = create(&writer, "<p>The ferry sails.</p>");
        let path = created.header("location").unwrap().to_owned();
        let base = writer.get(&path).attributes("input[name=base]", "value").remove(0);
        let (_, body) = bodies().remove(0);
        let page = writer.post(&path, &[("headline", "Ferries"), ("body", &body), ("base", &base), ("intent", "autosave")]);
        assert_eq!(page.status, 422);
        assert!(writer.get(&path).text("#field-body").contains("The ferry sails."));
    }

    fn an_autosave_with_too_many_topics_keeps_the_saved_ones(app: &TestApp) {
        let writer = app.staff(Author);
        let created = writer.post("/admin/articles/new", &[("headline", "Ferries"), ("topics", "Harbour, Tides")]);
        let path = created.header("location").unwrap().to_owned();
        let base = writer.get(&path).attributes("input[name=base]", "value").remove(0);
        let topics = "x, ".repeat(101);
        let page = writer.post(&path, &[("headline", "Ferries"), ("topics", &topics), ("base", &base), ("intent", "autosave")]);
        assert_eq!(page.status, 422);
        assert_eq!(writer.get(&path).attributes("#field-topics", "value"), ["Harbour, Tides"]);
    }

    fn long_texts_of_many_pictures_can_be_saved(app: &TestApp) {
        let writer = app.staff(Author);
        let picture = app.picture("A ferry");
        let body = format!("<p>Words.</p><figure data-media=\"{picture}\"></figure>").repeat(2_000);
        assert_eq!(create(&writer, &body).status, 303);
    }

    fn forms_with_too_many_fields_or_entries_are_refused(app: &TestApp) {
        let writer = app.staff(Author);
        let fields = vec![("author", "1"); 50_000];
        assert_eq!(writer.post("/admin/articles/new", &fields).status, 400);
        let many = |separator: &str| (0..2_000).map(|number| format!("entry {number}{separator}")).collect::<String>();
        for (field, value) in [("topics", many(",")), ("also_read", many("\n"))] {
            let page = writer.post("/admin/articles/new", &[("headline", "Ferries"), (field, &value)]);
            assert_eq!(page.status, 422, "{field}");
            assert_eq!(page.text(&format!("#error-{field}")), "At most 100 entries");
            assert!(page.body.contains("entry 1999"), "{field}");
        }
    }

    fn a_form_of_pictures_with_too_many_pixels_is_refused_as_a_whole(app: &TestApp) {
        let writer = app.staff(Author);
        let bombs: Vec<Vec<u8>> = (0..30).map(|_| png_header(10_000, 10_000)).collect();
        let files: Vec<(&str, &str, &[u8])> =
            bombs.iter().map(|bomb| ("file", "bomb.png", bomb.as_slice())).collect();
        let page = writer.send_files("/admin/media", &[], &files);
        assert_eq!(page.status, 422);
        assert!(page.text("main").contains("3000 megapixels together"), "{}", page.text("main"));
        let tall = png_header(1, 100_000_000);
        let page = writer.send_files("/admin/media", &[], &[("file", "tall.png", &tall)]);
        assert_eq!(page.status, 422);
        assert!(page.text("main").contains("32768 pixels on each side"), "{}", page.text("main"));
    }
}

/// A grey PNG of this size with its first row only.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let mut stream = writer.stream_writer().unwrap();
    std::io::Write::write_all(&mut stream, &vec![0; width as usize]).unwrap();
    // Fails because of the missing rows; the written one is kept.
    let _ = stream.finish();
    drop(writer);
    bytes
}
