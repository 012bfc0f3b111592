//! Names as the server takes them.

use std::collections::HashSet;

/// Characters of a name.
const LONGEST: usize = 250;

/// A name of letters, digits, `_`, `-`, `.`, blanks, `:` and `/` that is no path upwards; other characters are `_`.
pub(super) fn plain(name: &str) -> String {
    let is_fine = |c: char| c.is_ascii_alphanumeric() || "_-. :/".contains(c);
    let mut plain: String = name.chars().map(|c| if is_fine(c) { c } else { '_' }).take(LONGEST).collect();
    // The server takes names for paths and refuses those that are not in their shortest form.
    while plain.contains("//") {
        plain = plain.replace("//", "/");
    }
    let steps =
        plain.trim_matches('/').split('/').map(|step| if matches!(step, "." | "..") { step.replace('.', "_") } else { step.to_owned() });
    match steps.collect::<Vec<_>>().join("/") {
        empty if empty.is_empty() => "_".to_owned(),
        plain => plain,
    }
}

/// A name that no other one has: `a[0]` and `a(0)` are `a_0_` and `a_0__2`.
pub(super) fn sanitised(name: &str, taken: &mut HashSet<String>) -> String {
    let plain = plain(name);
    let mut own = plain.clone();
    let mut count = 1;
    // Servers on some systems tell no letters by their case.
    while !taken.insert(own.to_lowercase()) {
        count += 1;
        let end = format!("_{count}");
        let begin: String = plain.chars().take(LONGEST - end.len()).collect();
        own = format!("{begin}{end}");
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_the_server_takes() {
        let mut taken = HashSet::new();
        let names = [
            ("train.loss", "train.loss"),
            ("a[0]", "a_0_"),
            ("a(0)", "a_0__2"),
            ("../x", "__/x"),
            ("/a//b/", "a/b"),
            ("é", "_"),
            ("", "__2"),
            ("A_0_", "A_0__3"),
        ];
        for (name, plain) in names {
            assert_eq!(sanitised(name, &mut taken), plain, "{name}");
        }
        assert_eq!(sanitised(&"x".repeat(999), &mut taken).len(), 250);
        assert_eq!(sanitised(&"x".repeat(999), &mut taken).len(), 250);
    }
}
