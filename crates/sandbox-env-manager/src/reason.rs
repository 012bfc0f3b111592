//! What a tool said, cut down to its reason, without passwords.

use sandbox_process::Tail;

/// Lines of a reason, at most.
const LINES: usize = 25;

/// The reason in a tool's last output: from its first complaint on, else the last lines.
pub(crate) fn of(tail: &Tail) -> String {
    let (stderr, stdout) = (tail.stderr.text(), tail.stdout.text());
    let text = if stderr.trim().is_empty() { &stdout } else { &stderr };
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.trim().is_empty() && !is_noise(line)).collect();
    let first = lines.iter().position(|line| is_complaint(line));
    let from = first.unwrap_or_else(|| lines.len().saturating_sub(5));
    let kept = lines.get(from..).unwrap_or_default();
    let cut = kept.len().saturating_sub(LINES);
    // pip tells at length what it tried before it says what it is: the end matters most.
    let kept: Vec<String> = kept.get(cut..).unwrap_or_default().iter().map(|line| masked(line)).collect();
    if kept.is_empty() { "it said nothing".to_owned() } else { kept.join("\n  ") }
}

fn is_complaint(line: &str) -> bool {
    let line = line.trim_start();
    [
        "error",
        "ERROR",
        "Error",
        "× ",
        "critical",
        "fatal",
        "Traceback",
        "RuntimeError",
        "PackagesNotFoundError",
        "LibMambaUnsatisfiableError",
    ]
    .iter()
    .any(|start| line.starts_with(start))
        || line.contains("Error: ")
}

/// conda repeats the whole command, secrets included; pip offers its next version.
fn is_noise(line: &str) -> bool {
    line.contains("`conda run") || line.contains("ERROR conda.cli.main_run") || line.contains("[notice]")
}

/// Without the password of an address: `https://user:secret@host` becomes `https://****@host`.
pub(crate) fn masked(text: &str) -> String {
    let (mut done, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("://") {
        done.push_str(before);
        done.push_str("://");
        let end = after
            .find(|character: char| character == '/' || character.is_whitespace() || "\"'`".contains(character))
            .unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority.rsplit_once('@') {
            Some((_, host)) => done.push_str(&format!("****@{host}")),
            None => done.push_str(authority),
        }
        rest = tail;
    }
    done.push_str(rest);
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_do_not_reach_messages() {
        assert_eq!(masked("get https://me:pa@ss@host/x and http://b/c@d"), "get https://****@host/x and http://b/c@d");
        assert_eq!(masked("nothing"), "nothing");
    }
}
