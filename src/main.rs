//! Command line in, exit code out.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// It gives memory back to the system when an import or a large upload is done with it, which the C library's
/// does not. SQLite's memory and that of the other libraries in C is its as well.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    dateline::cli::run()
}
