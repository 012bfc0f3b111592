//! Answers that come as server-sent events, which some servers send whether they are asked to or not.

use serde_json::{Value, json};

use crate::parse::lookup;

/// The response that the events' pieces make, as a server that does not stream would have sent it. `None` when there is no piece, or
/// an error among them.
pub(super) fn whole(events: &[u8]) -> Option<Vec<u8>> {
    let mut text: Option<String> = None;
    for line in String::from_utf8_lossy(events).lines() {
        let Some(data) = line.strip_prefix("data:").map(str::trim).filter(|data| !data.is_empty() && *data != "[DONE]") else { continue };
        let piece: Value = serde_json::from_str(data).ok()?;
        if piece.get("error").is_some_and(|error| !error.is_null()) {
            return Some(data.as_bytes().to_vec());
        }
        for path in ["choices.0.delta.content", "choices.0.text"] {
            if let Some(part) = lookup(&piece, path).and_then(Value::as_str) {
                text.get_or_insert_default().push_str(part);
            }
        }
    }
    text.map(|text| json!({"choices": [{"message": {"content": text}, "text": text}]}).to_string().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_put_together() {
        let events = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"The \"}}]}\r\n\r\n\
                      : a comment\ndata: {\"choices\":[{\"delta\":{\"content\":\"sun\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        let whole: Value = serde_json::from_slice(&whole(events.as_bytes()).unwrap()).unwrap();
        assert_eq!(lookup(&whole, "choices.0.message.content").unwrap(), "The sun");
    }

    #[test]
    fn what_is_cut_or_says_an_error_is_no_answer() {
        assert_eq!(whole(b"data: {\"choices\":[{\"del"), None);
        assert_eq!(whole(b"event: ping\n\n"), None);
        let error = whole(b"data: {\"error\": {\"message\": \"full\"}}\n\n").unwrap();
        assert_eq!(error, br#"{"error": {"message": "full"}}"#);
    }
}
