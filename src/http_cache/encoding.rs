//! Content encodings: which ones a client accepts, and how each is produced.

use std::io;

use flate2::{Compression, FlushCompress, Status};
use parking_lot::Mutex;
use zstd::bulk::Compressor;

/// A content coding (RFC 9110, section 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Identity,
    Gzip,
    Zstd,
    Brotli,
}

/// How much time is spent on compressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// While a client waits: a fraction of a millisecond for a page.
    Fast,
    /// In the background: milliseconds, for a body that is sent often.
    Best,
}

impl Encoding {
    /// The value of `Content-Encoding`; `None` for an uncompressed body.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
            Self::Brotli => Some("br"),
        }
    }

    /// Compresses `body`.
    ///
    /// # Errors
    /// Only if memory cannot be allocated.
    pub fn encode(self, body: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
        match (self, effort) {
            (Self::Identity, _) => Ok(body.to_vec()),
            (Self::Gzip, Effort::Fast) => GZIP.with(
                || Ok(flate2::Compress::new_gzip(Compression::fast(), GZIP_WINDOW)),
                |gzip| gzip_encode(gzip, body),
            ),
            (Self::Gzip, Effort::Best) => gzip_encode(
                &mut flate2::Compress::new_gzip(Compression::best(), GZIP_WINDOW),
                body,
            ),
            (Self::Zstd, Effort::Fast) => {
                ZSTD.with(|| Compressor::new(1), |zstd| zstd.compress(body))
            }
            (Self::Zstd, Effort::Best) => zstd::bulk::compress(body, 19),
            (Self::Brotli, effort) => {
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: match effort {
                        Effort::Fast => 1,
                        Effort::Best => 10,
                    },
                    size_hint: body.len(),
                    lgwin: window_bits(body.len()),
                    ..Default::default()
                };
                let mut encoded = Vec::new();
                brotli::BrotliCompress(&mut &*body, &mut encoded, &parameters)?;
                Ok(encoded)
            }
        }
    }
}

/// The exponent of the smallest brotli window that covers a body of this size (RFC 7932, section 9.1). At its best
/// effort the encoder allocates eight bytes for each byte of the window.
fn window_bits(bytes: usize) -> i32 {
    (10..22)
        .find(|bits| (1 << bits) - 16 >= bytes)
        .unwrap_or(22)
}

/// The exponent of the size of gzip's window.
const GZIP_WINDOW: u8 = 15;

static GZIP: CompressorPool<flate2::Compress> = CompressorPool::new();
static ZSTD: CompressorPool<Compressor<'static>> = CompressorPool::new();

/// A pool of idle compressors, as many as were ever in use concurrently: creating one takes about as long as
/// compressing a page with it.
struct CompressorPool<C>(Mutex<Vec<C>>);

impl<C> CompressorPool<C> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Runs `work` with an idle compressor, or with a new one. A compressor that failed is dropped.
    fn with(
        &self,
        make: impl FnOnce() -> io::Result<C>,
        work: impl FnOnce(&mut C) -> io::Result<Vec<u8>>,
    ) -> io::Result<Vec<u8>> {
        let idle = self.0.lock().pop();
        let mut compressor = match idle {
            Some(compressor) => compressor,
            None => make()?,
        };
        let done = work(&mut compressor)?;
        self.0.lock().push(compressor);
        Ok(done)
    }
}

fn gzip_encode(gzip: &mut flate2::Compress, body: &[u8]) -> io::Result<Vec<u8>> {
    gzip.reset();
    // Incompressible data grows by less than an eighth.
    let mut encoded = Vec::with_capacity(body.len() + body.len() / 8 + 64);
    match gzip.compress_vec(body, &mut encoded, FlushCompress::Finish)? {
        Status::StreamEnd => Ok(encoded),
        _ => Err(io::Error::other("the gzip stream did not end")),
    }
}

/// The encodings that a client accepts. An uncompressed body is always accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    gzip: bool,
    zstd: bool,
    brotli: bool,
}

impl Accepted {
    /// Parses `Accept-Encoding` (RFC 9110, section 12.5.3). `q=0` excludes an encoding; other weights are ignored, as
    /// the server chooses among what is acceptable.
    pub fn parse(header: &str) -> Self {
        let mut accepted = Self::default();
        for part in header.split(',') {
            let (name, parameters) = match part.split_once(';') {
                Some((name, parameters)) => (name, parameters),
                None => (part, ""),
            };
            let slot = match name.trim() {
                name if name.eq_ignore_ascii_case("br") => &mut accepted.brotli,
                name if name.eq_ignore_ascii_case("zstd") => &mut accepted.zstd,
                name if name.eq_ignore_ascii_case("gzip") => &mut accepted.gzip,
                _ => continue,
            };
            *slot = !has_zero_weight(parameters);
        }
        accepted
    }

    pub fn accepts(self, encoding: Encoding) -> bool {
        match encoding {
            Encoding::Identity => true,
            Encoding::Gzip => self.gzip,
            Encoding::Zstd => self.zstd,
            Encoding::Brotli => self.brotli,
        }
    }

    /// The accepted encoding with the smallest bodies.
    pub fn smallest(self) -> Encoding {
        self.first(&[Encoding::Brotli, Encoding::Zstd, Encoding::Gzip])
    }

    /// The accepted encoding that compresses fastest.
    pub fn fastest(self) -> Encoding {
        self.first(&[Encoding::Zstd, Encoding::Gzip, Encoding::Brotli])
    }

    fn first(self, preferred: &[Encoding]) -> Encoding {
        preferred
            .iter()
            .copied()
            .find(|encoding| self.accepts(*encoding))
            .unwrap_or(Encoding::Identity)
    }
}

/// Whether the parameters of an encoding contain a weight of zero.
fn has_zero_weight(parameters: &str) -> bool {
    parameters
        .split(';')
        .filter_map(|parameter| parameter.trim().split_once('='))
        .any(|(name, value)| {
            name.trim().eq_ignore_ascii_case("q")
                && value.trim().parse::<f32>().is_ok_and(|q| q <= 0.0)
        })
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_smallest_accepted_encoding_is_chosen() {
        for (header, smallest, fastest) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli, Encoding::Zstd),
            ("GZIP", Encoding::Gzip, Encoding::Gzip),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip, Encoding::Gzip),
            (
                "zstd; q=0.000, identity",
                Encoding::Identity,
                Encoding::Identity,
            ),
            ("brotli, *", Encoding::Identity, Encoding::Identity),
            ("", Encoding::Identity, Encoding::Identity),
        ] {
            let accepted = Accepted::parse(header);
            assert_eq!(accepted.smallest(), smallest, "{header}");
            assert_eq!(accepted.fastest(), fastest, "{header}");
        }
    }

    #[test]
    fn a_reused_compressor_keeps_no_state() {
        let noise: Vec<u8> = (0..40_000_u32)
            .scan(1_u32, |state, _| {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some(state.to_be_bytes()[0])
            })
            .collect();
        let bodies: [&[u8]; 4] = [&noise, b"<p>Short.</p>", b"", &noise[..7_000]];
        for body in bodies {
            for encoding in [Encoding::Gzip, Encoding::Zstd, Encoding::Brotli] {
                for effort in [Effort::Fast, Effort::Fast, Effort::Best] {
                    let encoded = encoding.encode(body, effort).unwrap();
                    assert_eq!(decoded(encoding, &encoded), body, "{encoding:?} {effort:?}");
                }
            }
        }
    }

    fn decoded(encoding: Encoding, encoded: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        match encoding {
            Encoding::Identity => body.extend(encoded),
            Encoding::Gzip => {
                flate2::read::GzDecoder::new(encoded)
                    .read_to_end(&mut body)
                    .unwrap();
            }
            Encoding::Zstd => body = zstd::decode_all(encoded).unwrap(),
            Encoding::Brotli => {
                brotli::BrotliDecompress(&mut &*encoded, &mut body).unwrap();
            }
        }
        body
    }

    #[test]
    fn best_effort_is_smaller_than_fast() {
        let words: String = (0..2_000_u32)
            .map(|n| format!("<p>word {} of {n}</p>", n.wrapping_mul(2_654_435_761) % 997))
            .collect();
        for encoding in [Encoding::Gzip, Encoding::Zstd, Encoding::Brotli] {
            let fast = encoding.encode(words.as_bytes(), Effort::Fast).unwrap();
            let best = encoding.encode(words.as_bytes(), Effort::Best).unwrap();
            assert!(best.len() < fast.len(), "{encoding:?}");
            assert!(fast.len() < words.len() / 2, "{encoding:?}");
        }
    }
}
