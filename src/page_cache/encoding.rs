//! The encodings that a body can be sent in: what a reader takes, and how each is made.

use std::{io, sync::Mutex};

use flate2::{Compression, FlushCompress, Status};
use zstd::bulk::Compressor;

use super::lock;

/// How a body is compressed for the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Plain,
    Gzip,
    Zstd,
    Brotli,
}

/// How much work goes into compressing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// While a reader waits: a fraction of a millisecond for a page.
    Quick,
    /// In the background: milliseconds, for a body that many will get.
    Strong,
}

impl Encoding {
    /// As `Content-Encoding` names it; nothing for a plain body.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Zstd => Some("zstd"),
            Self::Brotli => Some("br"),
        }
    }

    /// Compresses `body`.
    ///
    /// # Errors
    /// Only for want of memory.
    pub fn encode(self, body: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
        match (self, effort) {
            (Self::Plain, _) => Ok(body.to_vec()),
            (Self::Gzip, Effort::Quick) => GZIP.lend(
                || Ok(flate2::Compress::new_gzip(Compression::fast(), GZIP_WINDOW)),
                |gzip| gzipped(gzip, body),
            ),
            (Self::Gzip, Effort::Strong) => gzipped(
                &mut flate2::Compress::new_gzip(Compression::best(), GZIP_WINDOW),
                body,
            ),
            (Self::Zstd, Effort::Quick) => {
                ZSTD.lend(|| Compressor::new(1), |zstd| zstd.compress(body))
            }
            (Self::Zstd, Effort::Strong) => zstd::bulk::compress(body, 19),
            (Self::Brotli, effort) => {
                let parameters = brotli::enc::BrotliEncoderParams {
                    quality: match effort {
                        Effort::Quick => 1,
                        Effort::Strong => 10,
                    },
                    size_hint: body.len(),
                    lgwin: window(body.len()),
                    ..Default::default()
                };
                let mut encoded = Vec::new();
                brotli::BrotliCompress(&mut &*body, &mut encoded, &parameters)?;
                Ok(encoded)
            }
        }
    }
}

/// The exponent of the window in which brotli sees all of so many bytes (RFC 7932, section 9.1): at its strongest it
/// takes eight bytes for each of the window's.
fn window(bytes: usize) -> i32 {
    (10..22)
        .find(|bits| (1 << bits) - 16 >= bytes)
        .unwrap_or(22)
}

/// The exponent of how far back gzip looks, at most.
const GZIP_WINDOW: u8 = 15;

static GZIP: Idle<flate2::Compress> = Idle::new();
static ZSTD: Idle<Compressor<'static>> = Idle::new();

/// Quick compressors that nobody uses at the moment, as many as were ever at work at a time: to make one takes about
/// as long as to compress a page with it.
struct Idle<C>(Mutex<Vec<C>>);

impl<C> Idle<C> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// Has a compressor do some work; one is made if none is idle. What failed is not used again.
    fn lend(
        &self,
        make: impl FnOnce() -> io::Result<C>,
        work: impl FnOnce(&mut C) -> io::Result<Vec<u8>>,
    ) -> io::Result<Vec<u8>> {
        let idle = lock(&self.0).pop();
        let mut compressor = match idle {
            Some(compressor) => compressor,
            None => make()?,
        };
        let done = work(&mut compressor)?;
        lock(&self.0).push(compressor);
        Ok(done)
    }
}

fn gzipped(gzip: &mut flate2::Compress, body: &[u8]) -> io::Result<Vec<u8>> {
    gzip.reset();
    // What cannot be compressed grows by less than an eighth.
    let mut encoded = Vec::with_capacity(body.len() + body.len() / 8 + 64);
    match gzip.compress_vec(body, &mut encoded, FlushCompress::Finish)? {
        Status::StreamEnd => Ok(encoded),
        _ => Err(io::Error::other("gzip did not come to an end")),
    }
}

/// The encodings that a reader takes. A plain body is always taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    gzip: bool,
    zstd: bool,
    brotli: bool,
}

impl Accepted {
    /// Reads `Accept-Encoding` (RFC 9110, section 12.5.3). What is ruled out by `q=0` is not taken;
    /// beyond that, the choice among what is taken is ours.
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
            *slot = !is_refused(parameters);
        }
        accepted
    }

    pub fn takes(self, encoding: Encoding) -> bool {
        match encoding {
            Encoding::Plain => true,
            Encoding::Gzip => self.gzip,
            Encoding::Zstd => self.zstd,
            Encoding::Brotli => self.brotli,
        }
    }

    /// What makes the smallest body.
    pub fn smallest(self) -> Encoding {
        self.first(&[Encoding::Brotli, Encoding::Zstd, Encoding::Gzip])
    }

    /// What is made soonest.
    pub fn soonest(self) -> Encoding {
        self.first(&[Encoding::Zstd, Encoding::Gzip, Encoding::Brotli])
    }

    fn first(self, wishes: &[Encoding]) -> Encoding {
        wishes
            .iter()
            .copied()
            .find(|encoding| self.takes(*encoding))
            .unwrap_or(Encoding::Plain)
    }
}

/// Whether the parameters of an encoding hold a weight of nought.
fn is_refused(parameters: &str) -> bool {
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
    fn a_browser_gets_the_smallest_and_a_refused_encoding_is_not_sent() {
        for (header, smallest, soonest) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli, Encoding::Zstd),
            ("GZIP", Encoding::Gzip, Encoding::Gzip),
            ("br;q=0, gzip;q=0.5", Encoding::Gzip, Encoding::Gzip),
            ("zstd; q=0.000, identity", Encoding::Plain, Encoding::Plain),
            ("brotli, *", Encoding::Plain, Encoding::Plain),
            ("", Encoding::Plain, Encoding::Plain),
        ] {
            let accepted = Accepted::parse(header);
            assert_eq!(accepted.smallest(), smallest, "{header}");
            assert_eq!(accepted.soonest(), soonest, "{header}");
        }
    }

    #[test]
    fn a_compressor_that_is_used_again_knows_nothing_of_what_it_was_used_for() {
        let noise: Vec<u8> = (0..40_000_u32)
            .scan(1_u32, |state, _| {
                *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some(state.to_be_bytes()[0])
            })
            .collect();
        let bodies: [&[u8]; 4] = [&noise, b"<p>Short.</p>", b"", &noise[..7_000]];
        for body in bodies {
            for encoding in [Encoding::Gzip, Encoding::Zstd, Encoding::Brotli] {
                for effort in [Effort::Quick, Effort::Quick, Effort::Strong] {
                    let encoded = encoding.encode(body, effort).unwrap();
                    assert_eq!(decoded(encoding, &encoded), body, "{encoding:?} {effort:?}");
                }
            }
        }
    }

    fn decoded(encoding: Encoding, encoded: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        match encoding {
            Encoding::Plain => body.extend(encoded),
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
    fn strong_compression_is_worth_its_time() {
        let words: String = (0..2_000_u32)
            .map(|n| format!("<p>word {} of {n}</p>", n.wrapping_mul(2_654_435_761) % 997))
            .collect();
        for encoding in [Encoding::Gzip, Encoding::Zstd, Encoding::Brotli] {
            let quick = encoding.encode(words.as_bytes(), Effort::Quick).unwrap();
            let strong = encoding.encode(words.as_bytes(), Effort::Strong).unwrap();
            assert!(strong.len() < quick.len(), "{encoding:?}");
            assert!(quick.len() < words.len() / 2, "{encoding:?}");
        }
    }
}
