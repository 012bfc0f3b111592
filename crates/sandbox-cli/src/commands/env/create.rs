//! `dj-sandbox env create`.

use sandbox_env_manager::{Created, Env, EnvError, Policy};
use serde_json::json;

use crate::args::env::EnvArguments;
use crate::exit::Exit;
use crate::printer::Printer;

pub(super) async fn create(env: &dyn Env, asked: &EnvArguments, printer: Printer) -> Result<Exit, EnvError> {
    if asked.has("dry-run") {
        return plan(env, printer).await;
    }
    let policy = Policy { recreate: asked.has("recreate"), adopt: asked.has("adopt"), force: asked.has("force") };
    let created = env.create(policy).await?;
    if printer.json {
        printer.value(&json!({"event": "env_created", "created": created, "prefix": env.prefix(), "state": env.status().await?}));
    } else {
        let done = match created {
            Created::Made => "made",
            Created::Repaired => "what was broken is made anew:",
            Created::Adopted => "adopted",
            Created::Kept => "ready already:",
        };
        printer.talk(format!("{done} `{}`", env.prefix().display()));
    }
    Ok(Exit::Done)
}

/// The exact commands, a line each, quoted as a shell would read them.
async fn plan(env: &dyn Env, printer: Printer) -> Result<Exit, EnvError> {
    for invocation in env.plan().await? {
        let words = invocation.words();
        if printer.json {
            printer.value(&json!({"event": "env_plan", "argv": words, "folder": invocation.folder}));
        } else {
            let variables =
                invocation.variables.iter().map(|(name, value)| format!("{}={}", name.display(), quoted(&value.to_string_lossy())));
            printer.data(variables.chain(words.iter().map(|word| quoted(word))).collect::<Vec<_>>().join(" "));
        }
    }
    Ok(Exit::Done)
}

fn quoted(word: &str) -> String {
    let is_plain = !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-=:,+@%".contains(letter));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        assert_eq!(["a/b-c=1", "", "a b", "it's", "$x"].map(quoted), ["a/b-c=1", "''", "'a b'", "'it'\\''s'", "'$x'"]);
    }
}
