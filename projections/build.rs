//! The migrations are compiled in: a new one must rebuild this crate.

fn main() {
    let mut stdout = std::io::stdout();
    // A build script speaks to cargo on standard output; where nobody listens, there is nothing to do about it.
    drop(std::io::Write::write_all(&mut stdout, b"cargo:rerun-if-changed=../migrations\n"));
}
