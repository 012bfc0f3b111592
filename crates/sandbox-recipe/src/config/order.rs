//! The order in which filters next to each other are asked, for recipes with `op_fusion`.
//!
//! All of them must say yes for a row to stay, so their order changes neither rows nor statistics, only what is computed for
//! rows that are dropped and which filter a drop is counted for. The cheapest comes first. Costs are those of
//! `cargo bench -p sandbox-ops`, rounded, and not taken anew at each run: the report shall be the same for the same input.

use sandbox_ops::Operator;

use super::Step;

/// Nanoseconds a byte of text, about; what is not listed is in the middle.
const COSTS: [(&str, u32); 18] = [
    ("suffix_filter", 0),
    ("specified_field_filter", 1),
    ("specified_numeric_field_filter", 1),
    ("general_field_filter", 1),
    ("text_length_filter", 1),
    ("alphanumeric_filter", 1),
    ("special_characters_filter", 1),
    ("average_line_length_filter", 1),
    ("maximum_line_length_filter", 1),
    ("words_num_filter", 2),
    ("word_repetition_filter", 4),
    ("stopwords_filter", 5),
    ("flagged_words_filter", 5),
    ("character_repetition_filter", 6),
    ("language_id_score_filter", 30),
    ("token_num_filter", 200),
    ("perplexity_filter", 300),
    ("image_aspect_ratio_filter", 400),
];
const OTHER: u32 = 100;

/// Puts the cheapest of filters next to each other first; those of one cost stay in their order.
pub(super) fn by_cost(steps: &mut [Step]) {
    let cost = |step: &Step| COSTS.iter().find_map(|(name, cost)| (*name == step.name()).then_some(*cost)).unwrap_or(OTHER);
    let is_filter = |step: &Step| matches!(step.operator, Operator::Filter(_));
    steps.chunk_by_mut(|a, b| is_filter(a) && is_filter(b)).for_each(|filters| filters.sort_by_key(cost));
}
