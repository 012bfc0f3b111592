//! Fields by names with dots.

use std::borrow::Cow;

use super::json::{Member, Scanner};
use super::text::unescape;

/// A key without quotes and escapes.
pub(crate) fn text_of_key<'a>(json: &'a str, member: &Member) -> Cow<'a, str> {
    let key = &json[member.key()];
    let inner = &key[1..key.len() - 1];
    if member.escaped() { unescape(inner) } else { Cow::Borrowed(inner) }
}

/// What is left of `name` behind `key` and a dot: `Some(None)` when the key is all of it, `None` when it does not begin with the key.
pub(crate) fn rest_behind<'n>(name: &'n str, key: &str) -> Option<Option<&'n str>> {
    match name.strip_prefix(key)? {
        "" => Some(None),
        rest => rest.strip_prefix('.').map(Some),
    }
}

/// The value under `name` in an object whose members are known.
pub(super) fn find<'a>(json: &'a str, members: &[Member], name: &str) -> Option<&'a str> {
    let mut best: Option<(&Member, usize, Option<&str>)> = None;
    for member in members {
        // Most keys are other ones already by their first byte.
        let differs = !member.escaped() && json.as_bytes().get(member.key().start + 1) != name.as_bytes().first();
        if differs && member.key().len() > 2 {
            continue;
        }
        let key = text_of_key(json, member);
        if let Some(rest) = rest_behind(name, &key)
            && best.is_none_or(|(_, length, _)| key.len() >= length)
        {
            best = Some((member, key.len(), rest));
        }
    }
    let (member, _, rest) = best?;
    let value = &json[member.value()];
    rest.map_or(Some(value), |rest| below(value, rest))
}

/// The value under `name` in a value.
fn below<'a>(json: &'a str, name: &str) -> Option<&'a str> {
    match json.as_bytes().first()? {
        b'{' => {
            let mut members = Vec::new();
            Scanner::new(json).object(1, &mut |member| members.push(member)).ok()?;
            find(json, &members, name)
        }
        b'[' => {
            let (index, rest) = name.split_once('.').map_or((name, None), |(index, rest)| (index, Some(rest)));
            let index: usize = index.parse().ok()?;
            let (mut count, mut found) = (0, None);
            Scanner::new(json)
                .list(1, &mut |item| {
                    if count == index {
                        found = Some(item);
                    }
                    count += 1;
                })
                .ok()?;
            let value = &json[found?];
            rest.map_or(Some(value), |rest| below(value, rest))
        }
        _ => None,
    }
}
