//! Draws every picture of the demo edition and writes it as a WebP file.
//!
//! Usage: `demo-art [FOLDER]`; the folder is `demo/pictures` of the repository by default.

mod edition;
mod pictures;

use std::{
    collections::BTreeSet,
    error::Error,
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
};

use edition::Picture;
use tiny_skia::Pixmap;
use webp::WebPConfig;

/// Width and height of a scene in pixels.
const SCENE: (u32, u32) = (1600, 1000);
/// Width and height of a portrait in pixels.
const PORTRAIT: u32 = 480;
/// WebP quality, of 100. Higher values exceed `MAX_BYTES`.
const QUALITY: f32 = 90.0;
/// The limit for all files together: they are embedded in the product's binary.
const MAX_BYTES: usize = 6_000_000;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let folder = std::env::args_os()
        .nth(1)
        .map_or_else(|| edition::root().join("demo/pictures"), PathBuf::from);
    fs::create_dir_all(&folder)?;
    let pictures = edition::pictures(&edition::root().join("demo"))?;
    let count = pictures.len();
    let bytes = write_all(pictures, &folder)?;
    println!("{count} pictures, {bytes} bytes, in {}", folder.display());
    if bytes > MAX_BYTES {
        return Err(format!("the pictures exceed {MAX_BYTES} bytes").into());
    }
    Ok(())
}

/// Writes the pictures into `folder` on all cores; returns their total size in bytes.
fn write_all(pictures: BTreeSet<Picture>, folder: &Path) -> Result<usize> {
    let queue = Mutex::new(pictures.into_iter());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
    let write_some = || -> Result<usize> {
        let mut bytes = 0;
        while let Some(picture) = next() {
            let encoded = encode(&draw(&picture, 1)?)?;
            fs::write(folder.join(format!("{picture}.webp")), &encoded)?;
            bytes += encoded.len();
        }
        Ok(bytes)
    };
    let cores = thread::available_parallelism()?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(write_some)).collect();
        let mut bytes = 0;
        for worker in workers {
            bytes += worker.join().map_err(|_| "a worker thread panicked")??;
        }
        Ok(bytes)
    })
}

/// Draws a picture with its width and height divided by `scale`.
fn draw(picture: &Picture, scale: u32) -> Result<Pixmap> {
    match picture {
        Picture::Scene { name, seed } => {
            pictures::scene(name, *seed, SCENE.0 / scale, SCENE.1 / scale)
                .ok_or_else(|| format!("there is no scene {name:?}").into())
        }
        Picture::Portrait(number) => Ok(pictures::portrait(*number, PORTRAIT / scale)),
    }
}

fn encode(pixmap: &Pixmap) -> Result<Vec<u8>> {
    let config = WebPConfig {
        quality: QUALITY,
        // The slowest method gives the smallest files.
        method: 6,
        // Keeps the edges of saturated areas sharp although colour is stored at half the resolution.
        use_sharp_yuv: 1,
        ..WebPConfig::new().map_err(|()| "libwebp has another version than its bindings")?
    };
    let encoded = webp::Encoder::from_rgb(&rgb(pixmap), pixmap.width(), pixmap.height())
        .encode_advanced(&config)
        .map_err(|error| format!("WebP: {error:?}"))?;
    Ok(encoded.to_vec())
}

/// The pixels without alpha: a drawing covers its whole canvas.
fn rgb(pixmap: &Pixmap) -> Vec<u8> {
    let pixels = pixmap.data().chunks_exact(4);
    pixels
        .flat_map(|pixel| [pixel[0], pixel[1], pixel[2]])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of scenes in tests: 1/10 of the width and height.
    const SMALL: u32 = 10;

    fn committed() -> PathBuf {
        edition::root().join("demo/pictures")
    }

    fn all() -> BTreeSet<Picture> {
        edition::pictures(&edition::root().join("demo")).unwrap()
    }

    #[test]
    fn the_committed_files_are_those_that_the_edition_uses() {
        let mut bytes = 0;
        let mut found = BTreeSet::new();
        for entry in committed().read_dir().unwrap() {
            let entry = entry.unwrap();
            bytes += entry.metadata().unwrap().len();
            found.insert(entry.file_name().into_string().unwrap());
        }
        let used: BTreeSet<String> = all().iter().map(|used| format!("{used}.webp")).collect();
        assert_eq!(found, used);
        assert!(bytes <= MAX_BYTES as u64, "{bytes} bytes");
    }

    #[test]
    fn the_committed_files_show_what_the_code_draws() {
        for picture in all() {
            let file = fs::read(committed().join(format!("{picture}.webp"))).unwrap();
            let image = webp::Decoder::new(&file).decode().unwrap();
            let drawn = draw(&picture, SMALL).unwrap();
            let size = (drawn.width() * SMALL, drawn.height() * SMALL);
            assert_eq!((image.width(), image.height()), size, "{picture}");
            let differs = difference(&image, &drawn);
            assert!(differs < 6.0, "{picture} differs by {differs} of 255");
        }
    }

    /// The mean difference between the colours of a file, reduced to the size of a drawing, and the
    /// drawing.
    fn difference(image: &webp::WebPImage, drawn: &Pixmap) -> f64 {
        let channels = if image.is_alpha() { 4 } else { 3 };
        let row = image.width() as usize * channels;
        let scale = (image.width() / drawn.width()) as usize;
        let expected = rgb(drawn);
        let mut sum = 0;
        for (i, expected) in expected.iter().enumerate() {
            let (pixel, channel) = (i / 3, i % 3);
            let (x, y) = (
                pixel % drawn.width() as usize,
                pixel / drawn.width() as usize,
            );
            let mut total = 0;
            for y in y * scale..(y + 1) * scale {
                for x in x * scale..(x + 1) * scale {
                    total += usize::from(image[y * row + x * channels + channel]);
                }
            }
            sum += (total / (scale * scale)).abs_diff(usize::from(*expected));
        }
        sum as f64 / expected.len() as f64
    }

    #[test]
    fn drawing_twice_gives_the_same_bytes_and_seeds_differ() {
        let scene = |seed| Picture::Scene {
            name: "harbour".to_owned(),
            seed,
        };
        let bytes = |picture: &Picture| encode(&draw(picture, SMALL).unwrap()).unwrap();
        assert_eq!(bytes(&scene(1)), bytes(&scene(1)));
        assert_ne!(bytes(&scene(1)), bytes(&scene(2)));
        assert_eq!(bytes(&Picture::Portrait(3)), bytes(&Picture::Portrait(3)));
    }

    #[test]
    fn every_scene_can_be_drawn_and_unknown_ones_are_errors() {
        for (name, _) in pictures::PAINTERS {
            let drawn = pictures::scene(name, 1, 80, 50).unwrap();
            let opaque = drawn.data().chunks_exact(4).all(|pixel| pixel[3] == 255);
            assert!(opaque, "{name} covers its canvas");
        }
        assert!(pictures::scene("nothing", 1, 80, 50).is_none());
    }
}
