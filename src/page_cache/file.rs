//! Bodies as files in memory: the system sends a file's pages as they are, and copies what lies anywhere else.

use std::{
    fs::File,
    io::{self, IoSlice},
    ops::RangeInclusive,
    sync::Arc,
};

use actix_web::rt::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bodies of so many bytes gain from it: copying fewer takes no longer than asking twice, and of more than 64 kilobytes
/// Linux holds the rest back until it is asked once more, by which time the reader has waited 40 milliseconds.
const WORTH_A_FILE: RangeInclusive<usize> = 12 * 1_024..=60 * 1_024;
/// The part of the files which the process may open that may be bodies; readers' connections need theirs.
#[cfg(target_os = "linux")]
const SHARE: usize = 4;
/// So many files a process may open, if nobody said otherwise.
#[cfg(target_os = "linux")]
const USUAL_LIMIT: usize = 1_024;

/// A body as a file that has no name.
pub struct BodyFile {
    file: File,
    length: usize,
    _permit: OwnedSemaphorePermit,
}

impl BodyFile {
    /// What allows as many as there may be at once.
    pub fn permits() -> Arc<Semaphore> {
        Arc::new(Semaphore::new(most()))
    }

    /// Whether a body of so many bytes leaves sooner as a file.
    pub fn is_worth_it(bytes: usize) -> bool {
        WORTH_A_FILE.contains(&bytes)
    }

    /// `None` if there are as many as there may be.
    ///
    /// # Errors
    /// For want of memory or of a place among the open files, or if the system has no such files.
    pub fn new(body: &[u8], permits: &Arc<Semaphore>) -> io::Result<Option<Self>> {
        let Ok(permit) = permits.clone().try_acquire_owned() else {
            return Ok(None);
        };
        Ok(Some(Self {
            file: in_memory(body)?,
            length: body.len(),
            _permit: permit,
        }))
    }

    /// How many bytes it has.
    pub fn bytes(&self) -> usize {
        self.length
    }

    /// Sends it after the head; returns how much of both the system took.
    ///
    /// # Errors
    /// If the connection takes nothing, at the moment or ever.
    pub fn send(&self, head: &[IoSlice<'_>], stream: &TcpStream) -> io::Result<usize> {
        send(head, self, stream)
    }
}

/// It is read where it stands (proc_pid_limits(5)): the call that asks for it is forbidden to services by older
/// versions of systemd, and is taken for one that cannot fail.
#[cfg(target_os = "linux")]
fn most() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let open_files = |line: &str| {
        let limits = line.strip_prefix("Max open files")?;
        limits.split_whitespace().next()?.parse().ok()
    };
    let most = limits.lines().find_map(open_files).unwrap_or(USUAL_LIMIT);
    (most / SHARE).min(Semaphore::MAX_PERMITS)
}

#[cfg(target_os = "linux")]
fn in_memory(body: &[u8]) -> io::Result<File> {
    use std::os::unix::fs::FileExt;

    use rustix::fs::{MemfdFlags, memfd_create};
    let file = File::from(memfd_create("page", MemfdFlags::CLOEXEC)?);
    file.write_all_at(body, 0)?;
    Ok(file)
}

#[cfg(target_os = "linux")]
fn send(head: &[IoSlice<'_>], body: &BodyFile, stream: &TcpStream) -> io::Result<usize> {
    use rustix::{
        fs::sendfile,
        net::{SendAncillaryBuffer, SendFlags, sendmsg},
    };
    // That more comes keeps the head from leaving in a packet of its own.
    let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
    let sent = sendmsg(stream, head, &mut SendAncillaryBuffer::default(), flags)?;
    let head: usize = head.iter().map(|part| part.len()).sum();
    if sent < head {
        return Ok(sent);
    }
    // Whatever hinders it is found again by whoever sends the rest.
    Ok(sent + sendfile(stream, &body.file, Some(&mut 0), body.length).unwrap_or(0))
}

#[cfg(not(target_os = "linux"))]
fn most() -> usize {
    0
}

#[cfg(not(target_os = "linux"))]
fn in_memory(_: &[u8]) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(not(target_os = "linux"))]
fn send(_: &[IoSlice<'_>], _: &BodyFile, _: &TcpStream) -> io::Result<usize> {
    Err(io::ErrorKind::Unsupported.into())
}
