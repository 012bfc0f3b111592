//! An object's JSON text written again with changes.

use crate::row::{Member, RowError, Scanner, kind, rest_behind, text_of_key};

use super::string::write_json_string;

/// One change below some place: the name from there on, and the new value; none to remove.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change<'e> {
    pub(super) name: &'e str,
    pub(super) value: Option<&'e [u8]>,
}

/// A member that changes.
struct Slot<'e> {
    place: Place<'e>,
    base: Base<'e>,
    /// Changes within the base, in their order.
    inner: Vec<Change<'e>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place<'e> {
    /// A member of the object, by its number.
    Old(usize),
    /// A new one under this key.
    New(&'e str),
}

/// What a member's value is before the changes within it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Base<'e> {
    /// As it is in the object; for a new member, null.
    Kept,
    Set(&'e [u8]),
    Removed,
}

/// Appends an object, whose members are known, with changes.
pub(super) fn write(json: &str, members: &[Member], changes: &[Change<'_>], out: &mut Vec<u8>) -> Result<(), RowError> {
    let mut slots: Vec<Slot<'_>> = Vec::with_capacity(changes.len());
    for &change in changes {
        assign(json, members, change, &mut slots);
    }
    let bytes = json.as_bytes();
    let open = memchr::memchr(b'{', bytes).map_or(0, |at| at + 1);
    let style = Style::of(json, members);
    let mut slot_of: Vec<Option<usize>> = vec![None; members.len()];
    for (index, slot) in slots.iter().enumerate() {
        if let Place::Old(member) = slot.place {
            slot_of[member] = Some(index);
        }
    }

    let mut written = members.first().map_or(open, |member| member.key().start);
    out.extend_from_slice(&bytes[..written]);
    let mut first = true;
    for (member, slot) in members.iter().zip(&slot_of) {
        let slot = slot.map(|index| &slots[index]);
        let value = member.value();
        if slot.is_some_and(|slot| slot.base == Base::Removed) {
            written = value.end;
            continue;
        }
        // The first member that stays has no comma before it, whatever was taken out there.
        let start = if first { member.key().start } else { written };
        first = false;
        match slot {
            None => out.extend_from_slice(&bytes[start..value.end]),
            Some(slot) => {
                out.extend_from_slice(&bytes[start..value.start]);
                slot.write(Some(&json[value.clone()]), || text_of_key(json, member).into(), out)?;
            }
        }
        written = value.end;
    }
    for slot in &slots {
        let Place::New(key) = slot.place else { continue };
        if slot.base == Base::Removed {
            continue;
        }
        if !first {
            out.extend_from_slice(style.comma);
        }
        first = false;
        write_json_string(key, out);
        out.extend_from_slice(style.colon);
        slot.write(None, || key.into(), out)?;
    }
    out.extend_from_slice(&bytes[written..]);
    Ok(())
}

/// Finds or makes the slot of a change.
fn assign<'e>(json: &str, members: &[Member], change: Change<'e>, slots: &mut Vec<Slot<'e>>) {
    let mut best: Option<(Place<'e>, usize, Option<&'e str>)> = None;
    let mut offer = |place, key: &str| {
        if let Some(rest) = rest_behind(change.name, key)
            && best.is_none_or(|(_, length, _)| key.len() >= length)
        {
            best = Some((place, key.len(), rest));
        }
    };
    let is_removed = |place| slots.iter().any(|slot| slot.place == place && slot.base == Base::Removed);
    for (index, member) in members.iter().enumerate() {
        if !is_removed(Place::Old(index)) {
            offer(Place::Old(index), &text_of_key(json, member));
        }
    }
    for slot in slots.iter() {
        if let (Place::New(key), true) = (slot.place, slot.base != Base::Removed) {
            offer(slot.place, key);
        }
    }
    let (place, rest) = match best {
        Some((place, _, rest)) => (place, rest),
        None if change.value.is_none() => return,
        None => {
            let (key, rest) = change.name.split_once('.').map_or((change.name, None), |(key, rest)| (key, Some(rest)));
            (Place::New(key), rest)
        }
    };
    // With the last of several members of one key, those before it go too: else they would come to light.
    if let (None, None, Place::Old(last)) = (rest, change.value, place) {
        let key = text_of_key(json, &members[last]);
        for (index, member) in members.iter().enumerate().take(last) {
            if text_of_key(json, member) == key {
                slot_at(slots, Place::Old(index)).base = Base::Removed;
            }
        }
    }
    let slot = slot_at(slots, place);
    match rest {
        Some(rest) => slot.inner.push(Change { name: rest, value: change.value }),
        None => {
            slot.base = change.value.map_or(Base::Removed, Base::Set);
            slot.inner.clear();
        }
    }
}

fn slot_at<'s, 'e>(slots: &'s mut Vec<Slot<'e>>, place: Place<'e>) -> &'s mut Slot<'e> {
    let index = slots.iter().position(|slot| slot.place == place).unwrap_or_else(|| {
        slots.push(Slot { place, base: Base::Kept, inner: Vec::new() });
        slots.len() - 1
    });
    let slot = &mut slots[index];
    if slot.base == Base::Removed {
        slot.base = Base::Kept;
    }
    slot
}

impl Slot<'_> {
    fn write(&self, old: Option<&str>, key: impl Fn() -> Box<str>, out: &mut Vec<u8>) -> Result<(), RowError> {
        let base = match self.base {
            Base::Set(value) => std::str::from_utf8(value).map_err(|error| RowError::Utf8 { at: error.valid_up_to() + 1 })?,
            _ => old.unwrap_or("null"),
        };
        if self.inner.is_empty() {
            out.extend_from_slice(base.as_bytes());
            return Ok(());
        }
        write_value(base, &self.inner, &key, out)
    }
}

/// Appends a value with changes within it.
fn write_value(json: &str, changes: &[Change<'_>], name: &dyn Fn() -> Box<str>, out: &mut Vec<u8>) -> Result<(), RowError> {
    let json = json.trim_matches([' ', '\t', '\r', '\n']);
    match json.as_bytes().first() {
        Some(b'{') => {
            let mut members = Vec::new();
            Scanner::new(json).object(1, &mut |member| members.push(member)).map_err(|flaw| flaw.on(json))?;
            write(json, &members, changes, out)
        }
        Some(b'[') => write_list(json, changes, name, out),
        _ if changes.iter().all(|change| change.value.is_none()) => {
            out.extend_from_slice(json.as_bytes());
            Ok(())
        }
        Some(b'n') => write("{}", &[], changes, out),
        _ => Err(RowError::Kind { name: name(), kind: kind(json) }),
    }
}

/// Appends a list with changes within its items.
fn write_list(json: &str, changes: &[Change<'_>], name: &dyn Fn() -> Box<str>, out: &mut Vec<u8>) -> Result<(), RowError> {
    let mut items = Vec::new();
    Scanner::new(json).list(1, &mut |item| items.push(item)).map_err(|flaw| flaw.on(json))?;
    let mut slots: Vec<Option<Slot<'_>>> = items.iter().map(|_| None).collect();
    for change in changes {
        let (index, rest) = change.name.split_once('.').map_or((change.name, None), |(index, rest)| (index, Some(rest)));
        let full = || -> Box<str> { format!("{}.{}", name(), change.name).into() };
        let place = index.parse().ok().filter(|&index: &usize| index < items.len());
        // An item cannot be taken out: the names of those behind it would change.
        let Some(place) = place.filter(|_| rest.is_some() || change.value.is_some()) else {
            if change.value.is_none() {
                continue;
            }
            return Err(RowError::Index { name: full() });
        };
        let slot = slots[place].get_or_insert_with(|| Slot { place: Place::Old(place), base: Base::Kept, inner: Vec::new() });
        match (rest, change.value) {
            (Some(rest), value) => slot.inner.push(Change { name: rest, value }),
            (None, Some(value)) => {
                slot.base = Base::Set(value);
                slot.inner.clear();
            }
            (None, None) => {}
        }
    }
    let mut written = 0;
    for (index, (item, slot)) in items.into_iter().zip(&slots).enumerate() {
        let Some(slot) = slot else { continue };
        out.extend_from_slice(&json.as_bytes()[written..item.start]);
        slot.write(Some(&json[item.clone()]), || format!("{}.{index}", name()).into(), out)?;
        written = item.end;
    }
    out.extend_from_slice(&json.as_bytes()[written..]);
    Ok(())
}

/// What stands between keys and values, and between members.
struct Style {
    colon: &'static [u8],
    comma: &'static [u8],
}

impl Style {
    /// As the object has it at its end.
    fn of(json: &str, members: &[Member]) -> Self {
        let spaced = |from: usize, to: usize| json.as_bytes()[from..to].contains(&b' ');
        let colon = members.last().is_some_and(|last| spaced(last.key().end, last.value().start));
        let comma = match members {
            [.., before, last] => spaced(before.value().end, last.key().start),
            _ => colon,
        };
        Self { colon: if colon { b": " } else { b":" }, comma: if comma { b", " } else { b"," } }
    }
}
