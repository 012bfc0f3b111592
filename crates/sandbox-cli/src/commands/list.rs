//! `dj-sandbox list`: what there is, from the registries themselves.

use sandbox_core::component::Kind;
use sandbox_core::hook::HOOKS;
use sandbox_core::registry::Registry;
use sandbox_document::did_you_mean;

use crate::exit::Exit;
use crate::printer::Printer;
use crate::render::catalogue;

const TOPICS: [&str; 5] = ["hooks", "types", "operators", "keys", "grammars"];

/// Shows the topics or names in `words`, everything without any.
pub fn list(registry: &Registry, words: &[String], printer: Printer) -> Exit {
    let words: Vec<&str> = if words.is_empty() { TOPICS[..3].to_vec() } else { words.iter().map(String::as_str).collect() };
    if printer.json {
        printer.value(&catalogue::json(registry));
        return Exit::Done;
    }
    for (index, word) in words.iter().enumerate() {
        let Some(page) = page(registry, word) else {
            let known = TOPICS.iter().copied().chain(names(registry));
            let hint =
                sandbox_document::suggest(word, known).map_or_else(|| did_you_mean(word, TOPICS), |near| format!("did you mean `{near}`?"));
            printer.error(format!("nothing is called `{word}`\n  hint: {hint}"));
            return Exit::Usage;
        };
        printer.data(if index > 0 { format!("\n{page}") } else { page });
    }
    Exit::Done
}

fn names(registry: &Registry) -> impl Iterator<Item = &str> {
    let types = registry.all().filter_map(Kind::type_name).collect::<Vec<_>>();
    let grammars = sandbox_ingest::builtins().iter().map(|grammar| grammar.name.as_str());
    HOOKS.iter().map(|hook| hook.name).chain(types).chain(sandbox_ops::operators().iter().map(|entry| entry.name)).chain(grammars)
}

fn page(registry: &Registry, word: &str) -> Option<String> {
    match word {
        "hooks" => Some(catalogue::hooks(registry)),
        "types" => Some(catalogue::types(registry)),
        "operators" => Some(catalogue::operators()),
        "keys" => Some(catalogue::keys()),
        "grammars" => Some(catalogue::grammars()),
        name => sandbox_ops::find(name)
            .map(catalogue::operator)
            .or_else(|| catalogue::hook(registry, name))
            .or_else(|| catalogue::component(registry, name))
            .or_else(|| sandbox_ingest::builtin(name).map(catalogue::grammar)),
    }
}
