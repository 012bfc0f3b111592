//! The pages of `list`.

use sandbox_core::component::Kind;
use sandbox_core::hook::{HOOKS, Hook};
use sandbox_core::registry::Registry;
use sandbox_ingest::Grammar;
use sandbox_ops::common::common_parameters;
use sandbox_ops::elsewhere::elsewhere;
use sandbox_ops::{Entry as Operator, Parameter, operators as all_operators};
use sandbox_recipe::config::keys::{Here, KEYS};
use serde_json::{Value, json};

use super::table;

/// The twelve hooks.
pub fn hooks(registry: &Registry) -> String {
    let mut rows = table::table(&["hook", "what it does", "types in this build"]);
    for hook in &HOOKS {
        rows.add_row([hook.name.to_owned(), hook.doc.to_owned(), types_of(registry, hook)]);
    }
    format!("Hooks\n{}", table::text(&rows))
}

fn types_of(registry: &Registry, hook: &Hook) -> String {
    let types = registry.types(hook.category);
    match (types.is_empty(), registry.of(hook.category).next()) {
        (false, _) => types.join(", "),
        (true, Some(_)) => "(without `type`)".to_owned(),
        (true, None) => "none yet".to_owned(),
    }
}

/// The component types.
pub fn types(registry: &Registry) -> String {
    let mut rows = table::table(&["type", "hook", "what it does"]);
    for entry in registry.all() {
        rows.add_row([entry.type_name().unwrap_or("(none)"), entry.category().hook().name, entry.summary()]);
    }
    format!("Component types\n{}", table::text(&rows))
}

/// The operators.
pub fn operators() -> String {
    let mut rows = table::table(&["operator", "what it does"]);
    for entry in all_operators() {
        rows.add_row([entry.name, entry.summary]);
    }
    let elsewhere: Vec<&str> = elsewhere().collect();
    format!(
        "Operators, native\n{}\nOperators that run in Data-Juicer itself, if a recipe names them and an environment with it is there \
         (see the key `data_juicer_env`)\n{}",
        table::text(&rows),
        indent(&wrapped(&elsewhere, 96))
    )
}

/// The keys of a recipe.
pub fn keys() -> String {
    let mut rows = table::table(&["key", "default", "meaning", "here"]);
    for key in KEYS {
        let here = match key.here {
            Here::Used => String::new(),
            Here::Unneeded(why) => format!("not needed: {why}"),
            Here::NoEffect(why) => format!("no effect: {why}"),
            Here::Missing(hint) => format!("not available: {hint}"),
        };
        rows.add_row([key.name, key.default, key.doc, &here]);
    }
    format!("Keys of a recipe\n{}", table::text(&rows))
}

/// The grammars of logs.
pub fn grammars() -> String {
    let mut rows = table::table(&["grammar", "what it reads"]);
    rows.add_row(["auto", "whichever of these reads the log's first metrics"]);
    for grammar in sandbox_ingest::builtins() {
        rows.add_row([&grammar.name, &grammar.summary]);
    }
    format!("Grammars of logs\n{}", table::text(&rows))
}

/// One grammar, as the file that it is: where one's own begins.
pub fn grammar(grammar: &Grammar) -> String {
    format!("# {} (save it as `mine.yaml` to change it)\n{}", grammar.name, grammar.text)
}

/// All about one operator.
pub fn operator(entry: &'static Operator) -> String {
    let mut out = format!("{} ({})\n{}\n\n{}\n", entry.name, entry.kind, entry.summary, entry.doc);
    let mut rows = table::table(&["parameter", "type", "default", "meaning"]);
    for Parameter { name, kind, default, doc } in entry.parameters.iter().chain(common_parameters(entry.kind)) {
        rows.add_row([name, kind, default, doc]);
    }
    out.push_str(&format!("\n{}\nExample\n{}\n", table::text(&rows), indent(entry.example)));
    out
}

/// All about one hook.
pub fn hook(registry: &Registry, name: &str) -> Option<String> {
    let hook = HOOKS.iter().find(|hook| hook.name == name)?;
    let lists: Vec<&str> = hook.lists.iter().map(|list| list.key()).collect();
    let mut out = format!("{name}\n{}\n\nusual lists: {}\ntypes: {}\n", hook.doc, lists.join(", "), types_of(registry, hook));
    for entry in registry.of(hook.category) {
        out.push_str(&format!("\n{}", page(entry)));
    }
    Some(out)
}

/// All about one component type.
pub fn component(registry: &Registry, name: &str) -> Option<String> {
    let pages: Vec<String> = registry.all().filter(|entry| entry.type_name() == Some(name)).map(page).collect();
    (!pages.is_empty()).then(|| pages.join("\n"))
}

fn page(entry: &dyn Kind) -> String {
    let name = entry.type_name().unwrap_or("(without `type`)");
    format!(
        "{name} · {} ({})\n{}\n\n{}\n\nExample\n{}\n",
        entry.category(),
        entry.category().hook().name,
        entry.summary(),
        entry.doc(),
        indent(entry.example())
    )
}

/// Words in lines of at most so many characters, if a word is not longer.
fn wrapped(words: &[&str], width: usize) -> String {
    let mut lines = vec![String::new()];
    for word in words {
        let line = lines.last().map_or(0, String::len);
        if line > 0 && line + 2 + word.len() > width {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push_str(", ");
            }
            line.push_str(word);
        }
    }
    lines.join("\n")
}

fn indent(text: &str) -> String {
    text.trim_end().lines().map(|line| format!("  {line}\n")).collect()
}

/// Everything, for programs.
pub fn json(registry: &Registry) -> Value {
    let parameter =
        |parameter: &Parameter| json!({"name": parameter.name, "type": parameter.kind, "default": parameter.default, "doc": parameter.doc});
    json!({
        "hooks": HOOKS.iter().map(|hook| json!({
            "name": hook.name, "doc": hook.doc, "category": hook.category.name(), "types": registry.types(hook.category),
            "lists": hook.lists.iter().map(|list| list.key()).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "types": registry.all().map(|entry| json!({
            "type": entry.type_name(), "hook": entry.category().hook().name, "category": entry.category().name(),
            "summary": entry.summary(), "doc": entry.doc(), "example": entry.example(),
        })).collect::<Vec<_>>(),
        "operators_in_data_juicer": elsewhere().collect::<Vec<_>>(),
        "operators": all_operators().iter().map(|entry| json!({
            "name": entry.name, "kind": entry.kind.name(), "summary": entry.summary, "doc": entry.doc, "example": entry.example,
            "statistics": entry.stats, "parameters": entry.parameters.iter().map(parameter).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "grammars": sandbox_ingest::builtins().iter().map(|grammar| json!({"name": grammar.name, "summary": grammar.summary}))
            .collect::<Vec<_>>(),
        "keys": KEYS.iter().map(|key| json!({"name": key.name, "default": key.default_value(), "doc": key.doc})).collect::<Vec<_>>(),
    })
}
