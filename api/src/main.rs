//! The binary `effluent`.

fn main() -> std::process::ExitCode {
    api::main()
}
