//! The binary `effluent`.

/// Requests are made of small allocations on two threads at once: see `benches/README.md` for what this one saves.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    api::main()
}
