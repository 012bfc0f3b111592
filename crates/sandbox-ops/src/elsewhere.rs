//! Names of Data-Juicer's operators that are not here yet, so that they are not taken for slips of the pen.

/// Whether Data-Juicer has an operator of this name that this build does not have.
///
/// ```
/// assert!(sandbox_ops::known_elsewhere("perplexity_filter"));
/// assert!(!sandbox_ops::known_elsewhere("text_length_filter") && !sandbox_ops::known_elsewhere("text_lenght_filter"));
/// ```
pub fn known_elsewhere(name: &str) -> bool {
    ELSEWHERE.contains(&name)
}

pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    ELSEWHERE.iter().copied()
}

static ELSEWHERE: &[&str] = &[
    "audio_duration_filter",
    "audio_size_filter",
    "clean_copyright_mapper",
    "clean_ip_mapper",
    "document_minhash_deduplicator",
    "document_minhash_deduplicator_with_uid",
    "document_simhash_deduplicator",
    "expand_macro_mapper",
    "flagged_words_filter",
    "frequency_specified_field_selector",
    "general_field_filter",
    "general_fused_op",
    "image_aspect_ratio_filter",
    "image_deduplicator",
    "image_shape_filter",
    "image_size_filter",
    "key_value_grouper",
    "language_id_score_filter",
    "naive_grouper",
    "naive_reverse_grouper",
    "optimize_prompt_mapper",
    "perplexity_filter",
    "punctuation_normalization_mapper",
    "python_file_mapper",
    "python_lambda_mapper",
    "random_selector",
    "range_specified_field_selector",
    "remove_bibliography_mapper",
    "remove_comments_mapper",
    "remove_header_mapper",
    "remove_long_words_mapper",
    "remove_non_chinese_character_mapper",
    "remove_repeat_sentences_mapper",
    "remove_specific_chars_mapper",
    "remove_table_text_mapper",
    "remove_words_with_incorrect_substrings_mapper",
    "replace_content_mapper",
    "specified_field_filter",
    "specified_numeric_field_filter",
    "stopwords_filter",
    "suffix_filter",
    "tags_specified_field_selector",
    "token_num_filter",
    "topk_specified_field_selector",
    "video_aspect_ratio_filter",
    "video_deduplicator",
    "video_duration_filter",
    "video_resolution_filter",
];

#[cfg(test)]
mod tests {
    use super::ELSEWHERE;
    use crate::registry::{find, unknown};

    #[test]
    fn the_table_is_sorted_and_holds_nothing_that_is_here() {
        assert!(ELSEWHERE.is_sorted());
        assert!(ELSEWHERE.iter().all(|name| find(name).is_none()));
    }

    #[test]
    fn missing_and_misspelt_names_differ() {
        let missing = unknown("perplexity_filter");
        assert_eq!(missing.to_string(), "`perplexity_filter` is an operator of Data-Juicer that this build does not have yet");
        let slip = unknown("text_lenght_filter");
        assert_eq!(slip.to_string(), "unknown operator `text_lenght_filter`");
        assert_eq!(slip.hint.as_deref(), Some("did you mean `text_length_filter`?"));
        assert_eq!(unknown("perplexty_filter").hint.as_deref(), Some("did you mean `perplexity_filter`?"));
    }
}
