//! The media library in a real browser: drag and drop, and the focal point.

use dateline::db::types::UserRole;

use super::logged_in_browser;
use crate::support::{app::TestApp, browser::Options};

/// Drops a picture drawn on a canvas, and a file that is not a picture, onto the page.
const DROP: &str = "
  const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 300 });
  const paint = canvas.getContext('2d');
  paint.fillStyle = '#1f4e79';
  paint.fillRect(0, 0, 400, 300);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
  const dropped = new DataTransfer();
  dropped.items.add(new File([blob], 'harbour.png', { type: 'image/png' }));
  dropped.items.add(new File(['<svg xmlns=\"x\"/>'], 'drawing.png', { type: 'image/png' }));
  document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));";

#[test]
fn pictures_are_dropped_and_their_focal_point_is_set_by_click() {
    let app = TestApp::on_sqlite();
    let options = Options::default();
    let Some(browser) = logged_in_browser(&app, "ada@example.org", UserRole::Author, options)
    else {
        return;
    };
    browser.open(&app.url("/admin/media"));
    browser.eval(&format!("return (async () => {{ {DROP} }})();"));
    browser.wait_until("document.querySelector('.tile-name')?.textContent === 'harbour.png'");
    browser.wait_until(
        "document.querySelector('.uploads .error')?.textContent.startsWith('SVG drawings')",
    );
    browser.wait_until(
        "document.querySelector('#upload-status').textContent === '1 uploaded, 1 failed.'",
    );
    // The browser also logs the refused request.
    assert_eq!(browser.console_errors().len(), 1);
    browser.click(".tile");
    browser.wait_until("document.querySelector('#picture.scripted') !== null");
    browser.eval(
        "const picture = document.getElementById('picture');
         const box = picture.getBoundingClientRect();
         const [clientX, clientY] = [box.left + box.width * 0.75, box.top + box.height * 0.25];
         picture.dispatchEvent(new MouseEvent('click', { clientX, clientY, bubbles: true }));",
    );
    // Clicks have whole pixel coordinates.
    let near = |name: &str, percent: f64| {
        let value = browser.eval(&format!(
            "return Number(document.getElementById('field-{name}').value);"
        ));
        (value.as_f64().unwrap() - percent).abs() < 0.5
    };
    assert!(near("focal_x", 75.0) && near("focal_y", 25.0));
    let square = browser.eval(
        "const { x, y } = document.querySelectorAll('.crop')[2].viewBox.baseVal; return x > 90 && y === 0;",
    );
    assert_eq!(square, true, "the crops follow");
    browser.fill("[name=alt]", "A harbour");
    browser.click("form .primary:not(.bar *)");
    browser.wait_until("document.querySelector('.notice') !== null");
    assert!(near("focal_x", 75.0));
    assert_eq!(browser.console_errors(), Vec::<String>::new());
}
