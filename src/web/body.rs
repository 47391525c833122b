//! Response bodies in pieces, so that a connection whose client reads slowly holds one piece, not the whole body.

use std::{
    convert::Infallible,
    fs::File,
    io::{self, Read},
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody, SizedStream},
    web::{self, Bytes},
};
use futures_util::stream;

/// The size of a piece in bytes.
pub const PIECE: usize = 64 * 1_024;

/// A body that is in memory, which actix-http would copy into its write buffer as a whole. Other bodies, and those of at
/// most [`PIECE`], stay as they are.
pub fn in_pieces(body: BoxBody) -> BoxBody {
    match body.size() {
        BodySize::Sized(length) if length > PIECE as u64 => match body.try_into_bytes() {
            Ok(rest) => BoxBody::new(Pieces { rest }),
            Err(body) => body,
        },
        _ => body,
    }
}

/// The rest of a body that several responses may share.
struct Pieces {
    rest: Bytes,
}

impl MessageBody for Pieces {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.rest.len() as u64)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

/// A body of `first` and the next `rest` bytes of a file, each piece of which is read on the blocking pool when the client
/// has taken the one before.
pub fn of_file(first: Bytes, file: File, rest: u64) -> BoxBody {
    let length = first.len() as u64 + rest;
    if rest == 0 {
        return BoxBody::new(first);
    }
    let pieces = stream::try_unfold(
        (Some(first), file, rest),
        |(first, mut file, rest)| async move {
            if let Some(first) = first {
                return Ok(Some((first, (None, file, rest))));
            }
            if rest == 0 {
                return Ok(None);
            }
            let read = web::block(move || Ok::<_, io::Error>((read_piece(&mut file, rest)?, file)));
            let (piece, file) = read.await.map_err(io::Error::other)??;
            let rest = rest.saturating_sub(piece.len() as u64);
            Ok::<_, io::Error>(Some((piece, (None, file, rest))))
        },
    );
    BoxBody::new(SizedStream::new(length, Box::pin(pieces)))
}

/// A body that is not sent, of the response to a HEAD request.
pub fn of_length(length: u64) -> BoxBody {
    let nothing = stream::empty::<io::Result<Bytes>>();
    BoxBody::new(SizedStream::new(length, nothing))
}

/// The next bytes of a file: [`PIECE`], or `rest` if that is less.
///
/// # Errors
/// Those of the disk, and [`io::ErrorKind::UnexpectedEof`] if the file has become shorter.
pub fn read_piece(file: &mut File, rest: u64) -> io::Result<Bytes> {
    let length = rest.min(PIECE as u64);
    let mut piece = Vec::with_capacity(PIECE.min(usize::try_from(length).unwrap_or(PIECE)));
    file.take(length).read_to_end(&mut piece)?;
    if piece.len() as u64 == length {
        Ok(piece.into())
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use actix_web::body::to_bytes;

    use super::*;

    #[actix_web::test]
    async fn a_long_body_arrives_complete_in_pieces() {
        for length in [0, 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 7] {
            let content: Vec<u8> = (0..length).map(|place| (place % 251) as u8).collect();
            let body = in_pieces(BoxBody::new(content.clone()));
            assert_eq!(body.size(), BodySize::Sized(length as u64));
            assert!(to_bytes(body).await.unwrap() == content, "{length}");
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(&content).unwrap();
            io::Seek::rewind(&mut file).unwrap();
            let first = read_piece(&mut file, length as u64).unwrap();
            assert!(first.len() <= PIECE);
            let rest = (length - first.len()) as u64;
            let body = of_file(first, file, rest);
            assert_eq!(body.size(), BodySize::Sized(length as u64));
            assert!(to_bytes(body).await.unwrap() == content, "{length}");
        }
    }

    #[actix_web::test]
    async fn a_file_that_became_shorter_is_an_error() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[1; 100]).unwrap();
        io::Seek::rewind(&mut file).unwrap();
        let first = read_piece(&mut file, 50).unwrap();
        assert!(to_bytes(of_file(first, file, 51)).await.is_err());
    }
}
