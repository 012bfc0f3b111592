//! The workspace keeps its promises, and every rule that guards them fires.
#![allow(clippy::unwrap_used)] // a test may panic

use std::fs;
use std::path::Path;

use tempfile::TempDir;
use xtask::{tidy, workspace};

#[test]
fn the_workspace_is_tidy() {
    let findings = tidy::findings(&workspace::root().unwrap()).unwrap();
    let list: String = findings.iter().map(|finding| format!("{finding}\n")).collect();
    assert!(findings.is_empty(), "\n{list}run `cargo xtask tidy` to see this list, `cargo xtask tidy --fix` to mend a part of it");
}

const GOOD: &str = "[package]\nname = \"sandbox-core\"\n\n[lints]\nworkspace = true\n\n[dependencies]\nserde.workspace = true\n";

/// A workspace of one good crate, `sandbox-core`, and one more file; what the rules find in it.
fn check(path: &str, text: &str) -> String {
    let folder = tree(&[(path, text)]);
    tidy::findings(folder.path()).unwrap().iter().map(|finding| format!("{finding}\n")).collect()
}

fn tree(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let good = [
        (
            "Cargo.toml",
            "[workspace]\nmembers = [\"crates/*\"]\n\n[workspace.dependencies]\nserde = \"1\"\nset = { path = \"crates/set\", package = \"sandbox-dataset\" }\n",
        ),
        ("crates/sandbox-core/Cargo.toml", GOOD),
        ("crates/sandbox-core/src/lib.rs", "//! Good.\n"),
        ("crates/set/Cargo.toml", "[package]\nname = \"sandbox-dataset\"\n[lints]\nworkspace = true\n"),
    ];
    for (path, text) in good.iter().chain(files) {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

const LIB: &str = "crates/sandbox-core/src/lib.rs";
const MANIFEST: &str = "crates/sandbox-core/Cargo.toml";

#[test]
fn a_good_tree_has_no_findings() {
    assert_eq!(check("README.md", "# Good\n"), "");
}

#[test]
fn a_dependency_outside_of_the_table_is_found_also_by_another_name() {
    let found = check(MANIFEST, &format!("{GOOD}set.workspace = true\n"));
    assert!(found.starts_with("crates/sandbox-core/Cargo.toml:9: `sandbox-core` may not use `sandbox-dataset`; "), "{found}");
    assert_eq!(check(MANIFEST, &format!("{GOOD}[dev-dependencies]\nset.workspace = true\n")), "");
}

#[test]
fn a_crate_without_a_place_is_found() {
    let found = check("crates/new/Cargo.toml", "[package]\nname = \"sandbox-new\"\n[lints]\nworkspace = true\n");
    assert!(found.starts_with("crates/new/Cargo.toml:2: `sandbox-new` is not in the table"), "{found}");
}

#[test]
fn the_crate_for_tests_is_found_outside_of_tests() {
    let test = ("crates/test/Cargo.toml", "[package]\nname = \"sandbox-test\"\n[lints]\nworkspace = true\n");
    let with = |table: &str| {
        let manifest = format!("[package]\nname = \"sandbox-cli\"\n[lints]\nworkspace = true\n[{table}]\nsandbox-test.workspace = true\n");
        let folder = tree(&[test, ("crates/cli/Cargo.toml", &manifest)]);
        tidy::findings(folder.path()).unwrap().iter().map(ToString::to_string).collect::<String>()
    };
    assert!(with("dependencies").contains("Cargo.toml:6: `sandbox-cli` uses `sandbox-test` outside of its tests; "));
    assert!(with("target.'cfg(unix)'.dependencies").contains("Cargo.toml:6: `sandbox-cli` uses `sandbox-test`"));
    assert_eq!(with("dev-dependencies"), "");
}

#[test]
fn versions_lints_and_profiles_in_a_member_are_found() {
    for line in ["toml = \"1\"", "toml = { version = \"1\" }", "toml = { path = \"../toml\" }", "[dependencies.toml]\nversion = \"1\""] {
        let found = check(MANIFEST, &format!("{GOOD}{line}\n"));
        assert!(found.starts_with("crates/sandbox-core/Cargo.toml:9: `toml` does not take its version"), "{line}: {found}");
    }
    let found = check(MANIFEST, "[package]\nname = \"sandbox-core\"\n[profile.dev]\ndebug = true\n");
    assert!(found.contains(":1: the lints are not those of the workspace; "), "{found}");
    assert!(found.contains(":3: a profile in a member has no effect; "), "{found}");
}

#[test]
fn long_files_are_found_and_tests_at_the_end_do_not_count() {
    let long = |lines: usize| format!("//! Long.\n{}", "fn f() {}\n".repeat(lines - 1));
    assert!(check(LIB, &long(1001)).contains("lib.rs:1001: 1001 lines without tests, at most 1000; "));
    assert!(check(LIB, &long(601)).contains("lib.rs:601: 601 lines without tests, and 1 of 1 files are over 600; "));
    assert!(check(LIB, &long(201)).contains("lib.rs:201: half of the Rust files have 201 lines or more, at most 200; "));
    assert_eq!(check(LIB, &format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", long(199), "    fn f() {}\n".repeat(2000))), "");
}

#[test]
fn mod_files_and_files_without_docs_are_found() {
    let found = check("crates/sandbox-core/src/part/mod.rs", "//! Part.\n");
    assert!(found.contains("part/mod.rs:1: a module in `mod.rs`; name it `crates/sandbox-core/src/part.rs`"), "{found}");
    let found = check(LIB, "\n#![allow(dead_code)]\n//! Late.\n");
    assert!(found.contains("lib.rs:1: no `//!` comment at the start; "), "{found}");
}

#[test]
fn leftovers_are_found() {
    for name in ["todo", "unimplemented", "dbg"] {
        let found = check(LIB, &format!("//! Lib.\nfn f() {{ {name}!(1) }}\n"));
        assert!(found.contains(&format!("lib.rs:2: `{name}!` left in a crate; ")), "{found}");
    }
    assert!(check(LIB, &format!("//! Lib.\n// {}: later\n", "FIXME")).contains("lib.rs:2: `FIXME` left"));
    assert_eq!(check(LIB, "//! Lib.\n// never todo!() here\n"), "");
}

#[test]
fn each_door_is_watched() {
    for (line, what) in [
        ("    println!(\"a\");", "prints"),
        ("    eprint!(\"a\");", "prints"),
        ("    std::process::exit(1);", "ends the process"),
        ("use std::process::Command;", "starts a process"),
        ("use tokio::process::{Child, Command};", "starts a process"),
    ] {
        let found = check(LIB, &format!("//! Lib.\n{line}\n"));
        assert!(found.contains(&format!("lib.rs:2: this crate {what}; ")), "{line}: {found}");
        assert_eq!(check("crates/sandbox-core/tests/a.rs", &format!("//! Test.\n{line}\n")), "");
        assert_eq!(check("xtask/src/main.rs", &format!("//! Tool.\n{line}\n")), "");
    }
    assert!(check("crates/sandbox-cli/src/a.rs", "//! A.\nuse std::process::Command;\n").contains("starts a process"));
    assert_eq!(check("crates/sandbox-cli/src/a.rs", "//! A.\nfn f() { println!() }\n"), "");
    assert_eq!(check(LIB, "//! Lib.\n// println!() is for others\n"), "");
}

#[test]
fn places_of_one_machine_and_registries_are_found() {
    let (person, work, host) = (["/ho", "me/ann/a.txt"].concat(), ["/wo", "rk/a"].concat(), ["py", "pi.org"].concat());
    for line in [format!("path: {person}"), format!("`{work}`"), format!("file://{person}")] {
        let found = check("README.md", &format!("# A\n{line}\n"));
        assert!(found.starts_with("README.md:2: a path of one machine below "), "{line}: {found}");
    }
    assert!(check("docs/a.md", &format!("from https://{host}/simple\n")).contains("docs/a.md:1: the registry host "));
    assert_eq!(check("README.md", &format!("target{work} and https://example.com{person}\n")), "");
    let lock = |source: &str| check("Cargo.lock", &format!("[[package]]\nsource = \"{source}\"\n"));
    assert!(lock("sparse+https://mirror.example.com/index/").contains("Cargo.lock:2: a package from another registry; "));
    assert_eq!(lock(&["registry+https://github.com/rust-lang/crates", ".io-index"].concat()), "");
}

#[test]
fn what_is_not_text_is_left_alone() {
    let folder = tree(&[]);
    fs::write(folder.path().join("a.bin"), [0xff, 0xfe, 0]).unwrap();
    assert_eq!(tidy::findings(Path::new(folder.path())).unwrap(), []);
}
