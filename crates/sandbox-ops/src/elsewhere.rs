//! Data-Juicer's operators that run in Data-Juicer itself: those that need its models, engines or Python.

use sandbox_document::KeyPath;
use serde_json::{Map, Value};

use crate::common::Common;
use crate::error::BuildError;
use crate::operator::{Kind, Operator};
use crate::registry;

/// An operator that Data-Juicer runs.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Its arguments as the recipe gives them; Data-Juicer checks them.
    pub arguments: Value,
    /// The arguments that every operator accepts.
    pub common: Common,
}

/// Whether Data-Juicer has an operator of this name that is not native here.
///
/// ```
/// assert!(sandbox_ops::known_elsewhere("image_captioning_mapper"));
/// assert!(!sandbox_ops::known_elsewhere("text_length_filter") && !sandbox_ops::known_elsewhere("text_lenght_filter"));
/// ```
pub fn known_elsewhere(name: &str) -> bool {
    registry::find(name).is_none() && ALL.binary_search(&name).is_ok()
}

/// The names of the operators that run in Data-Juicer, in alphabetical order.
pub fn elsewhere() -> impl Iterator<Item = &'static str> {
    ALL.iter().copied().filter(|name| registry::find(name).is_none())
}

/// The operator of a name that runs in Data-Juicer.
///
/// # Errors
/// Arguments that are no map; an operator that would run code out of the recipe.
pub fn build(name: &str, arguments: &Value) -> Result<Operator, BuildError> {
    let error = |message: String| BuildError { path: KeyPath::root(), message, hint: None };
    if let Some(why) = REFUSED.iter().find_map(|(refused, why)| (*refused == name).then_some(*why)) {
        return Err(error(format!("`{name}` {why}"))
            .hint("put the code into a program and call that: `external_mapper: {command: [python3, code.py]}`"));
    }
    let empty = Map::new();
    let map = match arguments {
        Value::Null => &empty,
        Value::Object(map) => map,
        _ => return Err(error(format!("`{name}`: expected its parameters, got {arguments}"))),
    };
    let text_key = map.get("text_key").and_then(Value::as_str).map(str::to_owned);
    let common = Common { text_key, ..Common::default() };
    Ok(Operator::Elsewhere(Elsewhere { name: name.to_owned(), kind: kind(name), arguments: arguments.clone(), common }))
}

fn kind(name: &str) -> Kind {
    match name.rsplit('_').next() {
        Some("filter") => Kind::Filter,
        Some("deduplicator" | "uid") => Kind::Deduplicator,
        Some("selector") => Kind::Selector,
        Some("grouper") => Kind::Grouper,
        _ => Kind::Mapper,
    }
}

/// What would run any Python that a recipe brings along.
static REFUSED: [(&str, &str); 2] = [
    ("python_file_mapper", "runs Python files that the recipe names: that is not done here"),
    ("python_lambda_mapper", "runs Python code out of the recipe: that is not done here"),
];

/// All operators of py-data-juicer 1.4.6, in alphabetical order.
static ALL: &[&str] = &[
    "alphanumeric_filter",
    "audio_add_gaussian_noise_mapper",
    "audio_duration_filter",
    "audio_ffmpeg_wrapped_mapper",
    "audio_nmf_snr_filter",
    "audio_size_filter",
    "average_line_length_filter",
    "calibrate_qa_mapper",
    "calibrate_query_mapper",
    "calibrate_response_mapper",
    "character_repetition_filter",
    "chinese_convert_mapper",
    "clean_copyright_mapper",
    "clean_email_mapper",
    "clean_html_mapper",
    "clean_ip_mapper",
    "clean_links_mapper",
    "detect_character_attributes_mapper",
    "detect_character_locations_mapper",
    "detect_main_character_mapper",
    "dialog_intent_detection_mapper",
    "dialog_sentiment_detection_mapper",
    "dialog_sentiment_intensity_mapper",
    "dialog_topic_detection_mapper",
    "document_deduplicator",
    "document_minhash_deduplicator",
    "document_minhash_deduplicator_with_uid",
    "document_simhash_deduplicator",
    "download_file_mapper",
    "entity_attribute_aggregator",
    "expand_macro_mapper",
    "extract_entity_attribute_mapper",
    "extract_entity_relation_mapper",
    "extract_event_mapper",
    "extract_keyword_mapper",
    "extract_nickname_mapper",
    "extract_support_text_mapper",
    "extract_tables_from_html_mapper",
    "fix_unicode_mapper",
    "flagged_words_filter",
    "frequency_specified_field_selector",
    "general_field_filter",
    "general_fused_op",
    "generate_qa_from_examples_mapper",
    "generate_qa_from_text_mapper",
    "human_preference_annotation_mapper",
    "image_aesthetics_filter",
    "image_aspect_ratio_filter",
    "image_blur_mapper",
    "image_captioning_from_gpt4v_mapper",
    "image_captioning_mapper",
    "image_deduplicator",
    "image_detection_yolo_mapper",
    "image_diffusion_mapper",
    "image_face_blur_mapper",
    "image_face_count_filter",
    "image_face_ratio_filter",
    "image_mmpose_mapper",
    "image_nsfw_filter",
    "image_pair_similarity_filter",
    "image_remove_background_mapper",
    "image_sam_3d_body_mapper",
    "image_segment_mapper",
    "image_shape_filter",
    "image_size_filter",
    "image_subplot_filter",
    "image_tagging_mapper",
    "image_tagging_vlm_mapper",
    "image_text_matching_filter",
    "image_text_similarity_filter",
    "image_watermark_filter",
    "imgdiff_difference_area_generator_mapper",
    "imgdiff_difference_caption_generator_mapper",
    "in_context_influence_filter",
    "instruction_following_difficulty_filter",
    "key_value_grouper",
    "language_id_score_filter",
    "llm_analysis_filter",
    "llm_difficulty_score_filter",
    "llm_perplexity_filter",
    "llm_quality_score_filter",
    "llm_ray_vllm_engine_pipeline",
    "llm_task_relevance_filter",
    "maximum_line_length_filter",
    "meta_tags_aggregator",
    "mllm_mapper",
    "most_relevant_entities_aggregator",
    "naive_grouper",
    "naive_reverse_grouper",
    "nested_aggregator",
    "nlpaug_en_mapper",
    "nlpcda_zh_mapper",
    "optimize_prompt_mapper",
    "optimize_qa_mapper",
    "optimize_query_mapper",
    "optimize_response_mapper",
    "pair_preference_mapper",
    "perplexity_filter",
    "phrase_grounding_recall_filter",
    "punctuation_normalization_mapper",
    "python_file_mapper",
    "python_lambda_mapper",
    "query_intent_detection_mapper",
    "query_sentiment_detection_mapper",
    "query_topic_detection_mapper",
    "random_selector",
    "range_specified_field_selector",
    "ray_bts_minhash_cpp_deduplicator",
    "ray_bts_minhash_deduplicator",
    "ray_document_deduplicator",
    "ray_image_deduplicator",
    "ray_video_deduplicator",
    "relation_identity_mapper",
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
    "s3_download_file_mapper",
    "s3_upload_file_mapper",
    "sdxl_prompt2prompt_mapper",
    "sentence_augmentation_mapper",
    "sentence_split_mapper",
    "special_characters_filter",
    "specified_field_filter",
    "specified_numeric_field_filter",
    "stopwords_filter",
    "suffix_filter",
    "tags_specified_field_selector",
    "text_action_filter",
    "text_chunk_mapper",
    "text_embd_similarity_filter",
    "text_entity_dependency_filter",
    "text_length_filter",
    "text_pair_similarity_filter",
    "text_tagging_by_prompt_mapper",
    "token_num_filter",
    "topk_specified_field_selector",
    "vggt_mapper",
    "video_aesthetics_filter",
    "video_aspect_ratio_filter",
    "video_captioning_from_audio_mapper",
    "video_captioning_from_frames_mapper",
    "video_captioning_from_summarizer_mapper",
    "video_captioning_from_video_mapper",
    "video_captioning_from_vlm_mapper",
    "video_deduplicator",
    "video_depth_estimation_mapper",
    "video_duration_filter",
    "video_extract_frames_mapper",
    "video_face_blur_mapper",
    "video_ffmpeg_wrapped_mapper",
    "video_frames_text_similarity_filter",
    "video_hand_reconstruction_mapper",
    "video_motion_score_filter",
    "video_motion_score_ptlflow_filter",
    "video_motion_score_raft_filter",
    "video_nsfw_filter",
    "video_object_segmenting_mapper",
    "video_ocr_area_ratio_filter",
    "video_remove_watermark_mapper",
    "video_resize_aspect_ratio_mapper",
    "video_resize_resolution_mapper",
    "video_resolution_filter",
    "video_split_by_duration_mapper",
    "video_split_by_key_frame_mapper",
    "video_split_by_scene_mapper",
    "video_tagging_from_audio_mapper",
    "video_tagging_from_frames_filter",
    "video_tagging_from_frames_mapper",
    "video_watermark_filter",
    "video_whole_body_pose_estimation_mapper",
    "vlm_ray_vllm_engine_pipeline",
    "whitespace_normalization_mapper",
    "word_repetition_filter",
    "words_num_filter",
];

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::{operators, unknown};

    #[test]
    fn the_table_is_sorted_and_holds_what_is_native_too() {
        assert!(ALL.is_sorted());
        let of_data_juicer = |name: &str| !name.starts_with("external_");
        assert!(operators().iter().filter(|entry| of_data_juicer(entry.name)).all(|entry| ALL.contains(&entry.name)));
    }

    #[test]
    fn misspelt_names_get_the_nearest() {
        let slip = unknown("text_lenght_filter");
        assert_eq!(slip.to_string(), "unknown operator `text_lenght_filter`");
        assert_eq!(slip.hint.as_deref(), Some("did you mean `text_length_filter`?"));
        assert_eq!(unknown("image_captoning_mapper").hint.as_deref(), Some("did you mean `image_captioning_mapper`?"));
    }

    #[test]
    fn code_out_of_a_recipe_is_refused() {
        let error = build("python_lambda_mapper", &json!({"lambda_str": "lambda x: x"})).unwrap_err();
        assert_eq!(error.to_string(), "`python_lambda_mapper` runs Python code out of the recipe: that is not done here");
        assert_eq!(build("image_nsfw_filter", &json!({"max_score": 0.2})).unwrap().kind(), Kind::Filter);
    }
}
