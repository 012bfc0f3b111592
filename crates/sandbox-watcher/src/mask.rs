//! Secrets are masked before anything is stored.
//!
//! A key whose words name a secret (`api_key`, `hfToken`, `db_password`, `client_secret`) has its text masked. A configuration of data work
//! is full of keys and tokens that are none: `text_key`, `ranking_keys`, `tokenizer`, `image_special_token`, `max_tokens`. So whole words count,
//! not parts of words, and what stands before `key` and `token` decides. Numbers and truth values are no secrets. Texts that look like one
//! wherever they stand, such as `hf_...` or the password in `https://me:PASSWORD@host`, are masked too.

use serde_json::Value;

/// What stands in place of a secret.
pub const MASK: &str = "***";

/// Words that are secret wherever they stand in a key.
const SECRET: [&str; 12] = [
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "apikey",
    "accesskey",
    "privatekey",
];
/// Before `token` or `tokens`: the text that a model reads. A single word before `token` that is not here makes it a secret.
const OF_MODELS: [&str; 36] = [
    "special", "eos", "bos", "pad", "padding", "unk", "unknown", "mask", "cls", "sep", "start", "end", "stop", "begin", "eoc", "eot",
    "image", "video", "audio", "text", "num", "max", "min", "per", "next", "first", "last", "new", "prefix", "suffix", "add", "by", "each",
    "input", "output", "target",
];
/// Before `key`: something that opens a door.
const OF_DOORS: [&str; 22] = [
    "api",
    "access",
    "secret",
    "private",
    "auth",
    "authorization",
    "encryption",
    "signing",
    "ssh",
    "account",
    "master",
    "service",
    "subscription",
    "aws",
    "azure",
    "openai",
    "dashscope",
    "wandb",
    "license",
    "deploy",
    "session",
    "shared",
];
/// Before `tokens`: those that are secret in the plural.
const TOKENS: [&str; 6] = ["access", "auth", "api", "refresh", "bearer", "session"];
/// How secrets of well-known services begin.
const BEGINNINGS: [&str; 13] =
    ["hf_", "sk-", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "AKIA", "ASIA", "Bearer ", "-----BEGIN"];

/// Masks the secrets in a configuration.
///
/// ```
/// use serde_json::json;
/// let mut config = json!({"text_key": "text", "api_key": "abc", "model": {"hf_token": "x", "max_tokens": 5}});
/// sandbox_watcher::mask_secrets(&mut config);
/// assert_eq!(config, json!({"text_key": "text", "api_key": "***", "model": {"hf_token": "***", "max_tokens": 5}}));
/// ```
pub fn mask_secrets(value: &mut Value) {
    mask(value, false);
}

/// Whether the words of a key name a secret.
pub fn is_secret(key: &str) -> bool {
    let words = words(key);
    let (last, before) = match words.as_slice() {
        [] => return false,
        [one] => (one.as_str(), ""),
        [.., before, last] => (last.as_str(), before.as_str()),
    };
    if words.iter().any(|word| SECRET.contains(&word.as_str())) {
        // `password_min_length`, `secret_santa_count`: about one, but numbers are never masked anyway.
        return true;
    }
    match last {
        "token" => !OF_MODELS.contains(&before),
        "tokens" => TOKENS.contains(&before),
        "key" | "keys" => OF_DOORS.contains(&before),
        _ => false,
    }
}

fn mask(value: &mut Value, is_secret_here: bool) {
    match value {
        Value::Object(map) => map.iter_mut().for_each(|(key, value)| mask(value, is_secret_here || is_secret(key))),
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, is_secret_here)),
        Value::String(text) if !text.is_empty() => {
            if is_secret_here || BEGINNINGS.iter().any(|beginning| is_one(text, beginning)) {
                MASK.clone_into(text);
            } else if let Some(masked) = without_password(text) {
                *text = masked;
            }
        }
        _ => {}
    }
}

/// Whether a text is a secret that begins so: long enough, and one word where the beginning is one.
fn is_one(text: &str, beginning: &str) -> bool {
    text.strip_prefix(beginning)
        .is_some_and(|rest| rest.len() >= 12 && (beginning.ends_with([' ', 'N']) || !rest.contains([' ', '/', '.'])))
}

/// A URL whose password is masked; nothing when it has none.
fn without_password(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let (user, _) = host.rsplit_once('@')?;
    let (name, password) = user.split_once(':')?;
    let tail = rest.get(user.len()..)?;
    (!password.is_empty()).then(|| format!("{scheme}://{name}:{MASK}{tail}"))
}

/// The words of a key, in small letters: `hfToken`, `hf_token`, `HF-TOKEN` are two.
fn words(key: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for character in key.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && was_small) {
            words.push(String::new());
        }
        was_small = character.is_lowercase() || character.is_ascii_digit();
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn words_decide() {
        for secret in [
            "password",
            "db_password",
            "PASSWORD",
            "apiKey",
            "api_key",
            "api-keys",
            "OPENAI_API_KEY",
            "aws_secret_access_key",
            "hf_token",
            "token",
            "authToken",
            "access_tokens",
            "wandb_key",
            "export_aws_credentials",
            "client.secret",
            "apikey",
            "ssh_key",
            "private_key",
        ] {
            assert!(is_secret(secret), "{secret}");
        }
        for open in [
            "text_key",
            "text_keys",
            "image_key",
            "field_key",
            "ranking_keys",
            "trace_keys",
            "group_by_keys",
            "index_key",
            "key",
            "keys",
            "image_bytes_key",
            "predicted_value_key",
            "tokenizer",
            "hf_tokenizer",
            "tokenizer_model",
            "tokenization",
            "max_tokens",
            "tokens_seen",
            "num_token",
            "image_special_token",
            "eos_token",
            "token_num_filter",
            "alpha_token_ratio",
            "tokens",
            "key_value_grouper",
            "keygen",
            "secretary",
            "monkey",
            "video_split_by_key_frame_mapper",
            "passport",
            "",
            "_",
        ] {
            assert!(!is_secret(open), "{open}");
        }
    }

    #[test]
    fn what_is_below_a_secret_is_secret_too() {
        let mut value = json!({
            "credentials": {"user": "me", "id": 3}, "token": ["a", ""], "password": null, "secret": true,
            "url": "https://me:hunter2@host/p?q", "plain": "https://host/a:b@c", "other": "hf_abcdefghijklmnopqrst", "path": "hf_models/data.jsonl",
        });
        mask_secrets(&mut value);
        let expected = json!({
            "credentials": {"user": "***", "id": 3}, "token": ["***", ""], "password": null, "secret": true,
            "url": "https://me:***@host/p?q", "plain": "https://host/a:b@c", "other": "***", "path": "hf_models/data.jsonl",
        });
        assert_eq!(value, expected);
    }
}
