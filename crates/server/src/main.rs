//! The `otpost` program: reads the command line, runs it, and says how it ended.

use std::process::ExitCode;

fn main() -> ExitCode {
    otpost::cli::main()
}
