//! The process's memory allocator: mimalloc, set to return freed memory to the operating system immediately.
//!
//! This crate contains the project's only `unsafe` code: mimalloc has no safe interface for its options.

use libmimalloc_sys::{mi_option_set, mi_option_t};
use mimalloc::MiMalloc;

/// Also serves SQLite and the other C libraries, as the feature `override` replaces `malloc`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// `mi_option_purge_delay`: its position in `mi_option_t` of mimalloc's `include/mimalloc.h`.
const PURGE_DELAY: mi_option_t = 15;

/// Returns freed memory to the operating system immediately instead of after a second: an idle server with the demo takes
/// 20 MB instead of 40 to 60. The variable `MIMALLOC_PURGE_DELAY` overrides it. Call it before starting threads.
#[allow(unsafe_code)]
pub fn return_memory_immediately() {
    if std::env::var_os("MIMALLOC_PURGE_DELAY").is_some() {
        return;
    }
    // SAFETY: the option exists in this version of mimalloc, and the function only stores the value.
    unsafe { mi_option_set(PURGE_DELAY, 0) }
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::mi_option_get;

    use super::*;

    #[test]
    fn the_option_is_the_purge_delay() {
        // SAFETY: the function only reads the value.
        #[allow(unsafe_code)]
        let purge_delay = || unsafe { mi_option_get(PURGE_DELAY) };
        // The default of mimalloc 3, in milliseconds; no other option has it.
        assert_eq!(purge_delay(), 1_000);
        return_memory_immediately();
        assert_eq!(purge_delay(), 0);
    }
}
