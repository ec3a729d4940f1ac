//! The `otpost` program: reads the command line, runs it, and says how it ended.

use std::process::ExitCode;

/// Many small allocations per sign-in, on several threads: measurably cheaper than the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    otpost::cli::main()
}
