//! Lines of pairs: `lr: 1e-05, loss: 0.5`, `step:3 - actor/kl:0.1`, `loss=0.5, v_num=3`.

use std::borrow::Cow;

use super::{Pairs, Raw};
use crate::number;

/// How many pairs one line may have.
const MOST: usize = 10_000;

/// Reads the pairs of `text`; what is none is passed over.
pub(super) fn read<'t>(text: &'t str, pair: &str, between: &str, pairs: &mut Pairs<'t>) {
    let own = pairs.len();
    let (mut begin, mut from) = (0, None);
    for piece in text.split(between) {
        let at = begin;
        begin += piece.len() + between.len();
        // `eta: 1 day, 0:00:10` is one pair: what is none goes on with a value that is not a number.
        if !piece.contains(pair) {
            if let Some((_, Raw::Bare(value))) = pairs.get_mut(own..).and_then(|own| own.last_mut())
                && number::parse_wrapped(value).is_none()
                && let Some(longer) = from.and_then(|from: usize| text.get(from..at + piece.len()))
            {
                *value = longer.trim();
            }
            continue;
        }
        let mut rest = piece;
        while let Some((name, value)) = rest.split_once(pair) {
            // Words before a name are not part of it.
            let name = name.trim().rsplit(char::is_whitespace).next().unwrap_or_default();
            if !is_name(name) || pairs.len() >= MOST {
                from = None;
                break;
            }
            from = Some(at + piece.len() - value.len());
            let value = value.trim();
            // `lr_a: 1e-05 lr_b: 1e-06`: a number that is followed by a further pair ends at the blank.
            let first = value.split_once(char::is_whitespace);
            match first.filter(|(first, rest)| rest.contains(pair) && number::parse_wrapped(first).is_some()) {
                Some((first, behind)) => {
                    pairs.push((Cow::Borrowed(name), Raw::Bare(first)));
                    rest = behind;
                }
                None => {
                    pairs.push((Cow::Borrowed(name), Raw::Bare(value)));
                    break;
                }
            }
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_first = |c: char| c.is_alphabetic() || c == '_';
    name.starts_with(is_first) && name.chars().all(|c| c.is_alphanumeric() || "_-./@()[]%#".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, pair: &str, between: &str, expected: &str) {
        let mut pairs = Pairs::new();
        read(text, pair, between, &mut pairs);
        let pairs: Vec<String> = pairs.iter().map(|(name, raw)| format!("{name}={raw:?}")).collect();
        assert_eq!(pairs.join(" "), expected, "{text}");
    }

    #[test]
    fn pairs_of_every_kind() {
        check("lr: 1e-05, eta: 0:00:10, loss: nan", ": ", ", ", r#"lr=Bare("1e-05") eta=Bare("0:00:10") loss=Bare("nan")"#);
        check("lr_a: 1e-05 lr_b: 1e-06, loss: 1", ": ", ", ", r#"lr_a=Bare("1e-05") lr_b=Bare("1e-06") loss=Bare("1")"#);
        check("actor/kl:-0.1 - val/acc/mean@1:0.5", ":", " - ", r#"actor/kl=Bare("-0.1") val/acc/mean@1=Bare("0.5")"#);
        check("eta: 6 days, 15:22:46, time: 0.5", ": ", ", ", r#"eta=Bare("6 days, 15:22:46") time=Bare("0.5")"#);
        check("what is this? loss=0.5", "=", ", ", r#"loss=Bare("0.5")"#);
        check("loss: 0.5, done, lr: 1", ": ", ", ", r#"loss=Bare("0.5") lr=Bare("1")"#);
        check("loss=, =3, 5=5, a b", "=", ", ", r#"loss=Bare("")"#);
    }
}
