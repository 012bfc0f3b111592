//! Rows and a model that writes new prompts after their example.

use sandbox_chat::client::{AskError, Client, ClientSettings};
use sandbox_dataset::{Edits, Row, write_row};
use sandbox_ops::Prompts;

use super::luggage::Luggage;
use super::spool::{Spool, SpoolWriter};
use crate::error::RecipeError;
use crate::observe::Observer;

/// What a model added.
#[derive(Default)]
pub(super) struct Through {
    pub(super) added: u64,
    pub(super) dropped: u64,
}

/// Takes all rows of a spool past a model, batch by batch.
pub(super) fn through(
    prompts: &Prompts,
    name: &str,
    spool: &Spool,
    mut out: SpoolWriter,
    observer: &dyn Observer,
) -> Result<(Spool, Through), RecipeError> {
    let failed =
        |reason: String, hint: Option<String>| RecipeError::Model { name: name.to_owned(), reason, hint: hint.unwrap_or_default() };
    let client = Client::new(settings(prompts).map_err(|(_, problem)| failed(problem.message, problem.hint))?);
    let (mut through, mut missing, mut batches) = (Through::default(), Vec::new(), 0_u64);
    let mut source = spool.rows_by_number()?;
    let mut next = 0;
    while next < spool.rows {
        let end = spool.rows.min(next + prompts.batch_size as u64);
        let (mut batch, mut first) = (Vec::new(), None);
        for number in next..end {
            let line = source.get(number)?;
            let (bytes, _) = Luggage::split(line.strip_suffix(b"\n").unwrap_or(line));
            if let Ok(Some(prompt)) = Row::parse(bytes).and_then(|row| row.text(&prompts.key).map(|text| text.map(String::from))) {
                batch.push(prompt);
            }
            first.get_or_insert_with(|| bytes.to_vec());
            if prompts.keeps_rows {
                out.push(line)?;
            }
        }
        let made = prompts.generate(&batch, &mut |messages| {
            let body = client.body(&prompts.model, messages, &prompts.sampling_params);
            match client.ask(&body, &|| observer.stop()) {
                Ok(answer) => Ok(Ok(answer)),
                Err(AskError::Interrupted) => Err(RecipeError::Stopped),
                Err(error) if error.is_for_all() => Err(failed(error.to_string(), error.hint())),
                Err(error) => Ok(Err(error.to_string())),
            }
        })?;
        batches += u64::from(!batch.is_empty());
        if !prompts.keeps_rows {
            through.dropped += end - next;
        }
        let first = first.unwrap_or_default();
        for prompt in &made.prompts {
            out.push(&copied(&first, &prompts.key, prompt).map_err(|error| failed(error.to_string(), None))?)?;
            through.added += 1;
        }
        missing.extend(made.missing);
        next = end;
    }
    if batches == 0 && spool.rows > 0 {
        observer.warning(&format!("`{name}`: no row has a prompt in `{}`", prompts.key));
    }
    if let Some(reason) = missing.last() {
        let count = missing.len();
        if through.added == 0 && !prompts.keeps_rows {
            return Err(failed(format!("no new prompt was found: {reason}"), Some("`output_pattern` says where it stands".to_owned())));
        }
        let prompts = if count == 1 { "prompt is" } else { "prompts are" };
        observer.warning(&format!("`{name}`: {count} new {prompts} missing; the last time: {reason}"));
    }
    Ok((out.finish()?, through))
}

/// How the endpoint is asked.
pub(crate) fn settings(prompts: &Prompts) -> Result<ClientSettings, (&'static str, sandbox_document::Problem)> {
    let mut settings = ClientSettings::written(prompts.api_endpoint.as_deref(), &prompts.model_params)?;
    if let Some(path) = &prompts.response_path {
        settings.response_path.clone_from(path);
    }
    Ok(settings)
}

/// A row with another prompt, as a line of a spool: what was known of its texts is not known of it.
fn copied(row: &[u8], key: &str, prompt: &str) -> Result<Vec<u8>, sandbox_dataset::RowError> {
    let (mut edits, mut line) = (Edits::new(), Vec::with_capacity(row.len() + prompt.len()));
    edits.set_value(key, &prompt)?;
    write_row(&Row::parse(row)?, &edits, &mut line)?;
    Luggage { all_changed: true, ..Luggage::default() }.write(&mut line);
    Ok(line)
}
