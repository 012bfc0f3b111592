//! `dj-sandbox compare BEFORE AFTER`: two analyses side by side.

use std::path::Path;

use sandbox_document::Problem;
use sandbox_recipe::{Pictures, RecipeError};
use serde_json::json;

use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::render;

/// Compares and prints what moved.
pub fn compare(arguments: &Arguments, printer: Printer) -> Exit {
    let [before, after] = arguments.words.as_slice() else { return Exit::Usage };
    let flag = |name: &str| arguments.flags.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let folder = Path::new(flag("export_path").unwrap_or("comparison"));
    let pictures = flag("pictures").unwrap_or("png");
    let Some(pictures) = Pictures::named(pictures) else {
        printer.problems([&Problem::error(format!("`--pictures` must be {}, not `{pictures}`", Pictures::NAMES))]);
        return Exit::Usage;
    };
    match sandbox_recipe::compare(before, after, folder, pictures) {
        Ok(comparison) if printer.json => {
            printer.data(format!("{}\n", json!({"event": "comparison", "comparison": comparison})));
            Exit::Done
        }
        Ok(comparison) => {
            printer.data(render::comparison::comparison(&comparison));
            for (side, rows) in arguments.words.iter().zip(comparison.unusable).filter(|(_, rows)| *rows > 0) {
                printer.talk(format!("warning: {rows} rows of {side} have no statistics"));
            }
            if !comparison.one_sided.is_empty() {
                printer.talk(format!("only on one side: {}", comparison.one_sided.join(", ")));
            }
            printer.talk(format!("written {}", comparison.page.display()));
            if !comparison.pictures.is_empty() {
                printer.talk(format!("{} pictures in {}", comparison.pictures.len(), folder.display()));
            }
            Exit::Done
        }
        Err(error) => {
            printer.error(error.to_string());
            match error {
                RecipeError::Dataset(_) | RecipeError::NoStatistics { .. } | RecipeError::NothingInCommon { .. } => Exit::Usage,
                _ => Exit::Failed,
            }
        }
    }
}
