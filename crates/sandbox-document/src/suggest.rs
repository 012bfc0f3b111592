//! Near misses: what the user probably meant.

/// The known name nearest to `name`, when it is near enough to be worth offering.
///
/// Names of the original differ in suffixes and underscores only, so the measure ignores case and counts a swap of
/// neighbours as one slip (Damerau-Levenshtein); more than a third of the name wrong is no near miss.
///
/// ```
/// use sandbox_document::suggest;
/// assert_eq!(suggest("wrods_num_filter", ["words_num_filter", "suffix_filter"]), Some("words_num_filter"));
/// assert_eq!(suggest("train", ["words_num_filter", "suffix_filter"]), None);
/// ```
pub fn suggest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed(&wanted, candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// ``did you mean `X`?`` for the nearest known name, else the list of all known names.
pub fn did_you_mean<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match suggest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if known.is_empty() => "none is known here".to_owned(),
        None => format!("known: {}", known.join(", ")),
    }
}

fn distance(a: &str, b: &str) -> usize {
    // A forgotten or added suffix (`words_num` for `words_num_filter`) is the commonest slip of all.
    if a.len() >= 4 && b.starts_with(a) || b.len() >= 4 && a.starts_with(b) {
        return 1;
    }
    strsim::damerau_levenshtein(a, b)
}

fn allowed(wanted: &str, candidate: &str) -> usize {
    (wanted.chars().count().max(candidate.chars().count()) / 3).max(1)
}
