//! Command line in, exit code out.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// It gives memory back to the system when an import or a large upload is done with it, which the C library's
/// does not. SQLite's memory and that of the other libraries in C is its as well.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    #[cfg(unix)]
    give_memory_back();
    dateline::cli::run()
}

/// Has the allocator give memory back to the system at once: with the demo 20 MB instead of 40 to 60. It takes that
/// from nothing but the environment that a program begins with, so this one begins once more, in the same process.
#[cfg(unix)]
fn give_memory_back() {
    use std::{env, os::unix::process::CommandExt, process::Command};
    const DELAY: &str = "MIMALLOC_PURGE_DELAY";
    let mut arguments = env::args_os();
    if env::var_os(DELAY).is_none()
        && let (Ok(program), Some(name)) = (env::current_exe(), arguments.next())
    {
        let mut anew = Command::new(program);
        anew.arg0(name).args(arguments).env(DELAY, "0");
        // It returns only if it cannot be; then more memory is all that it costs.
        let _cannot = anew.exec();
    }
}
