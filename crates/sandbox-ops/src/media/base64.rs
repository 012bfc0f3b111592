//! Bytes in JSON rows: base64 of RFC 4648, padded or not, white space aside.

pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end().trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 2);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ if digit.is_ascii_whitespace() => continue,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    // One digit alone is no byte.
    (held < 6).then_some(bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn encode(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let group = |group: &[u8]| {
            let bits = group.iter().chain([&0, &0]).take(3).fold(0, |bits, byte| (bits << 8) | usize::from(*byte));
            (0..4).map(|at| if at <= group.len() { DIGITS[(bits >> (18 - 6 * at)) & 63] as char } else { '=' }).collect::<String>()
        };
        bytes.chunks(3).map(group).collect()
    }

    #[test]
    fn vectors_of_the_standard() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!((decode(text).as_deref(), encode(bytes.as_bytes()).as_str()), (Some(bytes.as_bytes()), text));
            assert_eq!(decode(text.trim_end_matches('=')).as_deref(), Some(bytes.as_bytes()));
        }
        assert_eq!(decode(" Zm9v\r\nYmFy\n").as_deref(), Some(b"foobar".as_slice()));
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Some(all));
    }

    #[test]
    fn other_texts_are_none() {
        assert!(["Z", "Zm9vY", "Zg==Zg==", "Zm9-", "é", "data:image/png;base64,Zm9v"].iter().all(|text| decode(text).is_none()));
    }
}
