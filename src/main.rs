//! The program: the command line, with its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    allocator::return_memory_immediately();
    dateline::cli::run()
}
