//! The line at which a value stands, without a parser of our own.
//!
//! serde's parsers know the position of what they read and add it to the error of a visitor that refuses a value. So a
//! visitor walks down the wanted path, skips everything else, and refuses on arrival; the line is in the error.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::path::Step;

/// The line (from 1) of the value at `steps` in a YAML or JSON text, if the path leads to one.
pub(crate) fn yaml_line(text: &str, steps: &[Step]) -> Option<usize> {
    let error = Walk(steps).deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
    error.to_string().contains(ARRIVED).then(|| error.location().map(|location| location.line()))?
}

/// The line (from 1) of the value at `steps` in a TOML text, if the path leads to one.
pub(crate) fn toml_line(text: &str, steps: &[Step]) -> Option<usize> {
    let error = Walk(steps).deserialize(toml::Deserializer::parse(text).ok()?).err()?;
    let start = error.message().contains(ARRIVED).then(|| error.span())??.start;
    Some(text.as_bytes()[..start.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1)
}

const ARRIVED: &str = "arrived at the wanted value";

struct Walk<'p>(&'p [Step]);

impl<'de> DeserializeSeed<'de> for Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl Walk<'_> {
    fn arrive<E: Error>(&self) -> Result<(), E> {
        if self.0.is_empty() { Err(E::custom(ARRIVED)) } else { Ok(()) }
    }
}

/// A key that refuses when it is the wanted one and the last step: the line of `key:` rather than of what follows it.
struct Key<'p> {
    wanted: Option<&'p str>,
    last: bool,
}

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        let is_wanted = self.wanted == Some(key);
        if is_wanted && self.last { Err(E::custom(ARRIVED)) } else { Ok(is_wanted) }
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E: Error>(self, key: i64) -> Result<bool, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_u64<E: Error>(self, key: u64) -> Result<bool, E> {
        self.visit_str(&key.to_string())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E: Error>(self) -> Result<bool, E> {
        Ok(false)
    }
}

impl<'de> Visitor<'de> for Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.arrive::<A::Error>()?;
        let wanted = match self.0.first() {
            Some(Step::Key(key)) => Some(key.as_str()),
            _ => None,
        };
        let rest = &self.0[1..];
        while let Some(is_wanted) = map.next_key_seed(Key { wanted, last: rest.is_empty() })? {
            if is_wanted {
                map.next_value_seed(Walk(rest))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.arrive::<A::Error>()?;
        let wanted = match self.0.first() {
            Some(Step::Index(index)) => *index,
            _ => usize::MAX,
        };
        for _ in 0..wanted {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        seq.next_element_seed(Walk(&self.0[1..]))?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.arrive()
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.arrive()
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.arrive()
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.arrive()
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.arrive()
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.arrive()
    }
}
