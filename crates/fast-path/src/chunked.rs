//! Finds the end of a chunked body (RFC 9112, section 7.1).

/// The maximum length of a line with a chunk's size or a trailer, in bytes.
const MAX_LINE: usize = 8 * 1_024;

/// The maximum size of a chunk, in bytes; no request is that long.
const MAX_CHUNK: u64 = 1 << 40;

/// The position in a chunked body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ChunkedBody {
    /// Before the size of a chunk.
    #[default]
    Size,
    /// In a chunk, of which as many bytes remain.
    Data(u64),
    /// Before the line break after a chunk.
    DataEnd,
    /// After the last chunk.
    Trailers,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct InvalidChunk;

impl ChunkedBody {
    /// Advances over `bytes`, the next ones of the body. Returns how many of them belong to the body, without an incomplete
    /// line, and whether the body ends there.
    pub(crate) fn advance(&mut self, bytes: &[u8]) -> Result<(usize, bool), InvalidChunk> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            match self {
                Self::Size => match parse_size(rest)? {
                    Some((length, size)) => {
                        at += length;
                        *self = if size == 0 {
                            Self::Trailers
                        } else {
                            Self::Data(size)
                        };
                    }
                    None => return Ok((at, false)),
                },
                Self::Data(remaining) => {
                    let length = usize::try_from(*remaining).unwrap_or(usize::MAX);
                    let length = length.min(rest.len());
                    at += length;
                    *remaining -= length as u64;
                    if *remaining > 0 {
                        return Ok((at, false));
                    }
                    *self = Self::DataEnd;
                }
                Self::DataEnd => match rest {
                    [b'\r', b'\n', ..] => {
                        at += 2;
                        *self = Self::Size;
                    }
                    [] | [b'\r'] => return Ok((at, false)),
                    _ => return Err(InvalidChunk),
                },
                Self::Trailers => match line(rest)? {
                    Some(b"") => return Ok((at + 2, true)),
                    Some(trailer) if is_field(trailer) => at += trailer.len() + 2,
                    Some(_) => return Err(InvalidChunk),
                    None => return Ok((at, false)),
                },
            }
        }
    }
}

/// The first line, without its end; `None` if it is incomplete. A line is refused if it contains a control character, such
/// as a line feed without a carriage return.
fn line(bytes: &[u8]) -> Result<Option<&[u8]>, InvalidChunk> {
    let is_control = |byte: &u8| byte.is_ascii_control() && *byte != b'\t';
    let Some(end) = bytes.iter().position(is_control) else {
        return if bytes.len() < MAX_LINE {
            Ok(None)
        } else {
            Err(InvalidChunk)
        };
    };
    match &bytes[end..] {
        [b'\r', b'\n', ..] if end < MAX_LINE => Ok(Some(&bytes[..end])),
        [b'\r'] if end < MAX_LINE => Ok(None),
        _ => Err(InvalidChunk),
    }
}

/// The length of the line with a chunk's size, its end included, and the size.
fn parse_size(bytes: &[u8]) -> Result<Option<(usize, u64)>, InvalidChunk> {
    // httparse accepts a missing size.
    if bytes.first().is_some_and(|byte| !byte.is_ascii_hexdigit()) {
        return Err(InvalidChunk);
    }
    let Some(line) = line(bytes)? else {
        return Ok(None);
    };
    match httparse::parse_chunk_size(bytes) {
        Ok(httparse::Status::Complete((length, size)))
            if length == line.len() + 2 && size <= MAX_CHUNK =>
        {
            Ok(Some((length, size)))
        }
        _ => Err(InvalidChunk),
    }
}

/// Whether a trailer is a field: a name, a colon and a value (RFC 9112, section 5).
fn is_field(line: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let name = line.iter().position(|byte| *byte == b':');
    name.is_some_and(|end| end > 0 && line[..end].iter().all(is_token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_found_however_the_body_is_divided() {
        let body = b"3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: a\r\n\r\n";
        let input = [&body[..], b"GET / HTTP/1.1\r\n\r\n"].concat();
        assert_eq!(
            ChunkedBody::default().advance(&input),
            Ok((body.len(), true))
        );
        for size in 1..body.len() {
            let mut chunked = ChunkedBody::default();
            let (mut at, mut end) = (0, size);
            loop {
                let (length, is_complete) = chunked.advance(&input[at..end]).unwrap();
                at += length;
                if is_complete {
                    break;
                }
                end = (end + size).min(input.len());
            }
            assert_eq!(at, body.len(), "{size}");
        }
    }

    #[test]
    fn invalid_sizes_and_missing_line_breaks_are_refused() {
        for body in [
            "-1\r\nabc\r\n0\r\n\r\n",
            "fffffffffffffffff\r\nabc",
            "x\r\n",
            "\r\n",
            "3\r\nabcd\r\n0\r\n\r\n",
            "3\r\nab\r\n0\r\n\r\n",
            "+3\r\nabc\r\n",
            "ffffffffffffffff\r\nabc",
            "3;a\nb\r\nabc\r\n0\r\n\r\n",
            "3;a\0b\r\nabc\r\n0\r\n\r\n",
            "3;a\rb\r\nabc\r\n0\r\n\r\n",
            "3\nabc\r\n0\r\n\r\n",
            "0\r\nbad\r\n\r\n",
            "0\r\nX : b\r\n\r\n",
            "0\r\n: b\r\n\r\n",
            "0\r\nX: b\n\r\n",
            "0\r\nX: \0\r\n\r\n",
        ] {
            let result = ChunkedBody::default().advance(body.as_bytes());
            assert_eq!(result, Err(InvalidChunk), "{body:?}");
        }
        let long = "3;".to_owned() + &"x".repeat(MAX_LINE);
        assert!(ChunkedBody::default().advance(long.as_bytes()).is_err());
    }
}
