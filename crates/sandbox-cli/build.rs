//! Links the released program for one place in memory.
//!
//! A program that may be loaded anywhere holds 43,000 addresses that are put right at every start: half of the time of a start.
//! Libraries, stack and heap still stand at places that nobody knows beforehand.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release")
        && is("CARGO_CFG_TARGET_OS", "linux")
        && is("CARGO_CFG_TARGET_ENV", "gnu")
        && is("CARGO_CFG_TARGET_ARCH", "x86_64")
    {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
