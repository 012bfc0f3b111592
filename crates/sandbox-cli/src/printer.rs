//! The one value through which everything is printed: data on stdout, talk on stderr.

use std::io::{self, IsTerminal, Write};

use sandbox_core::event::Event;
use sandbox_document::{Problem, Severity};
use serde::Serialize;

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Printer {
    /// Every event as one JSON object a line on stdout, and no tables.
    pub json: bool,
    /// No talk but errors.
    pub quiet: bool,
}

impl Printer {
    /// Data: what the user asked for.
    pub fn data(&self, text: impl AsRef<str>) {
        write(&mut io::stdout().lock(), text.as_ref());
    }

    /// Talk: what is going on.
    pub fn talk(&self, text: impl AsRef<str>) {
        if !self.quiet {
            write(&mut io::stderr().lock(), text.as_ref());
        }
    }

    /// An error, whatever the settings.
    pub fn error(&self, text: impl AsRef<str>) {
        write(&mut io::stderr().lock(), &format!("error: {}", text.as_ref()));
    }

    /// A value for programs.
    pub fn value(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(line) => self.data(line),
            Err(error) => self.error(format!("Failed to write JSON: {error}")),
        }
    }

    /// An event, when programs listen.
    pub fn event(&self, event: &Event) {
        if self.json {
            self.value(event);
        }
    }

    /// Problems of a configuration: as lines for people, as objects for programs.
    pub fn problems<'p>(&self, problems: impl IntoIterator<Item = &'p Problem>) {
        for problem in problems {
            if self.json {
                let place = problem.place.as_ref();
                self.value(&serde_json::json!({
                    "event": "problem", "severity": if problem.is_error() { "error" } else { "warning" }, "message": problem.message,
                    "hint": problem.hint, "file": place.map(|place| &place.file), "line": place.and_then(|place| place.line),
                }));
            }
            match problem.severity {
                Severity::Error => self.error(problem.to_string()),
                Severity::Warning => self.talk(format!("warning: {problem}")),
            }
        }
    }

    /// Whether a person looks at the talk.
    pub fn is_watched(&self) -> bool {
        !self.quiet && !self.json && io::stderr().is_terminal()
    }
}

/// Who reads may have gone (`| head`); that is no fault of ours.
fn write(out: &mut impl Write, text: &str) {
    let _ = writeln!(out, "{}", text.strip_suffix('\n').unwrap_or(text));
    let _ = out.flush();
}
