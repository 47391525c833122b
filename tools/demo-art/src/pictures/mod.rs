//! The drawings: editorial illustrations (scenes) and portraits of authors, each a pure function of
//! its name, its seed and its size.

mod brush;
mod built;
mod city;
mod indoors;
mod land;
mod nature;
mod palette;
mod people;
mod portrait;
mod sky;
mod sport;
mod stage;
mod study;
mod water;

use brush::Canvas;
use tiny_skia::Pixmap;

/// A function that paints a scene onto a canvas.
pub type Painter = fn(&mut Canvas);

/// Every scene by name, with the function that paints it.
pub const PAINTERS: [(&str, Painter); 44] = [
    ("summit", indoors::summit),
    ("parliament", city::parliament),
    ("harbour", water::harbour),
    ("container-ship", water::container_ship),
    ("lighthouse", water::lighthouse),
    ("storm-sea", water::storm_sea),
    ("mountains", land::mountains),
    ("city-night", city::city_night),
    ("city-street", city::city_street),
    ("bridge", water::bridge),
    ("train", land::train),
    ("wind-farm", land::wind_farm),
    ("barrage", water::barrage),
    ("power-lines", land::power_lines),
    ("grain-field", land::grain_field),
    ("market-chart", city::market_chart),
    ("bank", city::bank),
    ("factory", city::factory),
    ("fishing-boat", water::fishing_boat),
    ("laboratory", study::laboratory),
    ("hospital", city::hospital),
    ("microscope-cells", study::microscope_cells),
    ("forest", land::forest),
    ("reservoir", water::reservoir),
    ("ice", water::ice),
    ("books", study::books),
    ("theatre", stage::theatre),
    ("cinema", stage::cinema),
    ("concert", stage::concert),
    ("gallery-room", indoors::gallery_room),
    ("courtroom", indoors::courtroom),
    ("crowd", stage::crowd),
    ("football", sport::football),
    ("cyclists", sport::cyclists),
    ("sailing", water::sailing),
    ("runners", sport::runners),
    ("classroom", study::classroom),
    ("airport", sky::airport),
    ("satellite", sky::satellite),
    ("radar", sky::radar),
    ("library", study::library),
    ("greenhouse", indoors::greenhouse),
    ("cafe", indoors::cafe),
    ("newspaper-press", indoors::newspaper_press),
];

/// Draws a scene in `width` by `height` pixels; `None` if no scene has that name. `seed` selects one of
/// its variants: palette, composition and details.
pub fn scene(name: &str, seed: u64, width: u32, height: u32) -> Option<Pixmap> {
    let (_, paint) = PAINTERS.iter().find(|(scene, _)| *scene == name)?;
    let offset = name.bytes().fold(0, |sum: u64, byte| {
        sum.wrapping_mul(31).wrapping_add(byte.into())
    });
    let seed = seed.wrapping_add(offset);
    let mut canvas = Canvas::new(width, height, (brush::WIDTH, brush::HEIGHT), seed);
    if canvas.happens(0.5) {
        canvas.mirror();
    }
    paint(&mut canvas);
    Some(canvas.finish())
}

/// Draws the portrait number `n`, `size` pixels wide and high: 1 to 8 are the demo's authors, other
/// numbers combine their features.
pub fn portrait(n: u64, size: u32) -> Pixmap {
    portrait::paint(n, size)
}
