//! Events: a moment, a step, and values with their tags.

use sandbox_watcher::Histogram;

use super::proto::{Fields, Writer};

const STRING: i64 = 7;

/// The first record of a file.
pub(super) fn version(seconds: f64) -> Vec<u8> {
    let mut event = Writer::default();
    event.double(1, seconds);
    event.bytes(3, b"brain.Event:2");
    event.0
}

/// Begins an event; values are written with the functions below into its summary.
pub(super) fn event(seconds: f64, step: i64, values: &[u8]) -> Vec<u8> {
    let mut event = Writer::default();
    event.double(1, seconds);
    event.whole(2, step);
    event.bytes(5, values);
    event.0
}

pub(super) fn scalar(values: &mut Writer, tag: &str, number: f32) {
    values.message(1, |value| {
        value.bytes(1, tag.as_bytes());
        value.float(2, number);
    });
}

pub(super) fn text(values: &mut Writer, tag: &str, text: &str) {
    values.message(1, |value| {
        value.bytes(1, tag.as_bytes());
        value.message(8, |tensor| {
            tensor.whole(1, STRING);
            tensor.message(2, |shape| shape.message(2, |dimension| dimension.whole(1, 1)));
            tensor.bytes(8, text.as_bytes());
        });
        value.message(9, |metadata| metadata.message(1, |plugin| plugin.bytes(1, b"text")));
    });
}

pub(super) fn histogram(values: &mut Writer, tag: &str, histogram: &Histogram) {
    let Histogram { edges, counts, .. } = histogram;
    let middle = |at: usize| edges.get(at).zip(edges.get(at + 1)).map_or(0.0, |(low, high)| low / 2.0 + high / 2.0);
    let sum = |power: i32| counts.iter().enumerate().map(|(at, count)| *count as f64 * middle(at).powi(power)).sum::<f64>();
    values.message(1, |value| {
        value.bytes(1, tag.as_bytes());
        value.message(5, |proto| {
            proto.double(1, edges.first().copied().unwrap_or(0.0));
            proto.double(2, edges.last().copied().unwrap_or(0.0));
            proto.double(3, counts.iter().sum::<u64>() as f64);
            // From the middles of the ranges: the values themselves are not known.
            proto.double(4, sum(1));
            proto.double(5, sum(2));
            // The first bucket ends where the values begin, and is empty: so the lower edge of the first range is known.
            let limits: Vec<f64> = edges.clone();
            proto.doubles(6, limits.into_iter());
            let buckets: Vec<f64> = std::iter::once(0.0).chain(counts.iter().map(|count| *count as f64)).collect();
            proto.doubles(7, buckets.into_iter());
        });
    });
}

/// An event, read.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Event {
    pub(super) seconds: f64,
    pub(super) step: i64,
    pub(super) values: Vec<Value>,
}

/// A value with its tag.
#[derive(Debug, PartialEq)]
pub(super) struct Value {
    pub(super) tag: String,
    /// The plugin that is to read it; only the first of a tag has to say it.
    pub(super) plugin: String,
    pub(super) data: Data,
}

#[derive(Debug, PartialEq)]
pub(super) enum Data {
    Scalar(f64),
    Whole(i64),
    Bool(bool),
    Texts(Vec<String>),
    Histogram(Histogram),
    /// Numbers in the shape of a table.
    Numbers(Vec<f64>, Vec<i64>),
    /// What this is, in a word.
    Other(&'static str),
}

impl Event {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let mut event = Self::default();
        for (number, field) in Fields(bytes) {
            match number {
                1 => event.seconds = field.double().unwrap_or(0.0),
                2 => event.step = field.whole().unwrap_or(0),
                5 => {
                    let values = Fields(field.bytes().unwrap_or_default()).filter(|(number, _)| *number == 1);
                    event.values.extend(values.filter_map(|(_, value)| Value::read(value.bytes()?)));
                }
                _ => {}
            }
        }
        event
    }
}

impl Value {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (mut tag, mut plugin, mut data) = (String::new(), String::new(), None);
        for (number, field) in Fields(bytes) {
            match number {
                1 => tag = field.text()?,
                2 => data = field.float().map(|value| Data::Scalar(value.into())),
                4 => data = Some(Data::Other("pictures")),
                5 => data = Some(old_histogram(field.bytes()?)),
                6 => data = Some(Data::Other("sounds")),
                8 => data = tensor(field.bytes()?),
                9 => {
                    let data = Fields(field.bytes()?).find(|(number, _)| *number == 1).and_then(|(_, field)| field.bytes());
                    plugin = Fields(data.unwrap_or_default())
                        .find_map(|(number, field)| (number == 1).then(|| field.text())?)
                        .unwrap_or_default();
                }
                _ => {}
            }
        }
        let data = data.unwrap_or(Data::Other("values of other kinds"));
        Some(Self { tag, plugin, data })
    }
}

fn old_histogram(bytes: &[u8]) -> Data {
    let (mut least, mut most, mut limits, mut counts) = (0.0, 0.0, Vec::new(), Vec::new());
    for (number, field) in Fields(bytes) {
        match number {
            1 => least = field.double().unwrap_or(0.0),
            2 => most = field.double().unwrap_or(0.0),
            6 => field.doubles(&mut limits),
            7 => field.doubles(&mut counts),
            _ => {}
        }
    }
    // Limits may reach to the largest number there is; values do not.
    let mut edges = vec![least];
    let mut kept = Vec::new();
    for (limit, count) in limits.iter().zip(counts) {
        let low = edges.last().copied().unwrap_or(least);
        let high = limit.min(most).max(low);
        if high > low || count > 0.0 {
            edges.push(high);
            kept.push(count.max(0.0).round() as u64);
        }
    }
    if kept.is_empty() {
        return Data::Other("empty histograms");
    }
    Data::Histogram(Histogram { edges, counts: kept, outside: 0 })
}

/// A table of lower edges, upper edges and counts, as newer programs write histograms.
pub(super) fn new_histogram(numbers: &[f64]) -> Option<Histogram> {
    let mut histogram = Histogram { edges: Vec::new(), counts: Vec::new(), outside: 0 };
    for row in numbers.chunks_exact(3) {
        let [low, high, count] = row else { continue };
        if histogram.edges.is_empty() {
            histogram.edges.push(*low);
        }
        let last = histogram.edges.last().copied().unwrap_or(*low);
        histogram.edges.push(high.max(last));
        histogram.counts.push(count.max(0.0).round() as u64);
    }
    (!histogram.counts.is_empty()).then_some(histogram)
}

/// A tensor: one number, texts, or numbers.
fn tensor(bytes: &[u8]) -> Option<Data> {
    let (mut kind, mut sizes, mut content) = (0, Vec::new(), &[][..]);
    let (mut floats, mut wholes, mut texts, mut halves) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (number, field) in Fields(bytes) {
        match number {
            1 => kind = field.whole()?,
            2 => {
                for (_, dimension) in Fields(field.bytes()?).filter(|(number, _)| *number == 2) {
                    let size = Fields(dimension.bytes()?).find_map(|(number, field)| (number == 1).then(|| field.whole())?);
                    sizes.push(size.unwrap_or(0));
                }
            }
            4 => content = field.bytes()?,
            5 => field.floats(&mut floats),
            6 => field.doubles(&mut floats),
            7 | 10 | 11 | 16 | 17 => field.wholes(&mut wholes),
            8 => texts.push(field.text()?),
            13 => field.wholes(&mut halves),
            _ => {}
        }
    }
    match kind {
        STRING => return Some(Data::Texts(texts)),
        1 | 2 => floats.extend(numbers(kind, content)),
        14 | 19 => {
            floats.extend(halves.iter().map(|bits| half(kind, *bits as u16)));
            floats.extend(numbers(kind, content));
        }
        3..=6 | 9 | 10 | 17 | 22 | 23 => wholes.extend(numbers(kind, content).into_iter().map(|value| value as i64)),
        _ => return Some(Data::Other("tensors of other kinds")),
    }
    if matches!(kind, 9 | 23) && !content.is_empty() {
        // Not over a float, which cannot hold them all.
        wholes = content.chunks_exact(8).filter_map(|chunk| chunk.try_into().ok()).map(i64::from_le_bytes).collect();
    }
    let elements: i64 = sizes.iter().product();
    Some(match (elements, floats.as_slice(), wholes.as_slice()) {
        (1, [value], []) => Data::Scalar(*value),
        (1, [], [value]) if kind == 10 => Data::Bool(*value != 0),
        (1, [], [value]) => Data::Whole(*value),
        (_, [], wholes) => Data::Numbers(wholes.iter().map(|value| *value as f64).collect(), sizes),
        (..) => Data::Numbers(floats, sizes),
    })
}

/// The raw content of a tensor.
fn numbers(kind: i64, content: &[u8]) -> Vec<f64> {
    fn of<const N: usize>(content: &[u8], number: impl Fn([u8; N]) -> f64) -> Vec<f64> {
        content.chunks_exact(N).filter_map(|chunk| chunk.try_into().ok()).map(number).collect()
    }
    match kind {
        1 => of(content, |bytes| f32::from_le_bytes(bytes).into()),
        2 => of(content, f64::from_le_bytes),
        3 => of(content, |bytes| i32::from_le_bytes(bytes).into()),
        22 => of(content, |bytes| u32::from_le_bytes(bytes).into()),
        4 | 10 => of(content, |[byte]: [u8; 1]| byte.into()),
        6 => of(content, |[byte]: [u8; 1]| (byte as i8).into()),
        5 => of(content, |bytes| i16::from_le_bytes(bytes).into()),
        17 => of(content, |bytes| u16::from_le_bytes(bytes).into()),
        9 => of(content, |bytes| i64::from_le_bytes(bytes) as f64),
        23 => of(content, |bytes| u64::from_le_bytes(bytes) as f64),
        14 | 19 => of(content, |bytes| half(kind, u16::from_le_bytes(bytes))),
        _ => Vec::new(),
    }
}

/// A number of sixteen bits: `bfloat16` (14), which is the upper half of a float, or IEEE's half (19).
fn half(kind: i64, bits: u16) -> f64 {
    if kind == 14 {
        return f32::from_bits(u32::from(bits) << 16).into();
    }
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1f), f64::from(bits & 0x3ff));
    sign * match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut values = Writer::default();
        scalar(&mut values, "loss", 0.5);
        text(&mut values, "note", "a\nb");
        let counts = Histogram { edges: vec![-1.0, 0.0, 2.0], counts: vec![3, 1], outside: 0 };
        histogram(&mut values, "weights", &counts);
        let event = Event::read(&event(12.5, -3, &values.0));
        assert_eq!((event.seconds, event.step), (12.5, -3));
        let value = |tag: &str, plugin: &str, data| Value { tag: tag.to_owned(), plugin: plugin.to_owned(), data };
        let expected = [
            value("loss", "", Data::Scalar(0.5)),
            value("note", "text", Data::Texts(vec!["a\nb".to_owned()])),
            value("weights", "", Data::Histogram(counts)),
        ];
        assert_eq!(event.values, expected);
    }

    #[test]
    fn numbers_of_sixteen_bits() {
        assert_eq!((half(19, 0x3c00), half(19, 0xc000), half(19, 0x0001), half(19, 0x7c00)), (1.0, -2.0, 2f64.powi(-24), f64::INFINITY));
        assert!(half(19, 0x7e00).is_nan());
        assert_eq!(half(14, 0x3fc0), 1.5);
    }

    proptest! {
        #[test]
        fn any_bytes_are_some_event(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            Event::read(&bytes);
            Value::read(&bytes);
            tensor(&bytes);
            old_histogram(&bytes);
        }
    }
}
