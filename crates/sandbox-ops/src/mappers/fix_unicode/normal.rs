//! Unicode's normal forms as CPython 3.11 knows them, which is with Unicode 14.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfd_quick, is_nfkc_quick, is_nfkd_quick};

/// One of the normal forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Nfc,
    Nfkc,
    Nfd,
    Nfkd,
}

impl Form {
    /// The form of a name, in any case.
    pub fn of_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "NFC" => Self::Nfc,
            "NFKC" => Self::Nfkc,
            "NFD" => Self::Nfd,
            "NFKD" => Self::Nfkd,
            _ => return None,
        })
    }

    /// A text in this form.
    pub fn apply(self, text: Cow<'_, str>) -> Cow<'_, str> {
        // Below U+00C0 nothing has a canonical form of its own and nothing composes.
        if text.is_ascii() || self.is_normal(&text) {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = &*text;
        while let Some(young) = rest.find(is_young) {
            self.push(&rest[..young], &mut out);
            let after = rest[young..].chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[young..young + after]);
            rest = &rest[young + after..];
        }
        self.push(rest, &mut out);
        Cow::Owned(out)
    }

    fn is_normal(self, text: &str) -> bool {
        let found = match self {
            Self::Nfc => is_nfc_quick(text.chars()),
            Self::Nfkc => is_nfkc_quick(text.chars()),
            Self::Nfd => is_nfd_quick(text.chars()),
            Self::Nfkd => is_nfkd_quick(text.chars()),
        };
        matches!(found, IsNormalized::Yes)
    }

    fn push(self, text: &str, out: &mut String) {
        match self {
            Self::Nfc => out.extend(text.nfc()),
            Self::Nfkc => out.extend(text.nfkc()),
            Self::Nfd => out.extend(text.nfd()),
            Self::Nfkd => out.extend(text.nfkd()),
        }
    }
}

/// Whether a character is younger than Unicode 14 and takes part in normal forms: for CPython 3.11 it is unassigned, so
/// that it stays and keeps apart what stands around it.
fn is_young(character: char) -> bool {
    character > '\u{557}' && YOUNG.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

static YOUNG: &[(char, char)] = &[
    ('\u{558}', '\u{558}'),
    ('\u{58b}', '\u{58c}'),
    ('\u{5c8}', '\u{5c9}'),
    ('\u{897}', '\u{897}'),
    ('\u{1acf}', '\u{1af0}'),
    ('\u{209d}', '\u{209f}'),
    ('\u{a7f1}', '\u{a7f1}'),
    ('\u{105c9}', '\u{105c9}'),
    ('\u{105d2}', '\u{105d2}'),
    ('\u{105da}', '\u{105da}'),
    ('\u{105e4}', '\u{105e4}'),
    ('\u{107bb}', '\u{107bf}'),
    ('\u{10d69}', '\u{10d6d}'),
    ('\u{10ecb}', '\u{10ecf}'),
    ('\u{10ef0}', '\u{10efb}'),
    ('\u{10efd}', '\u{10eff}'),
    ('\u{11382}', '\u{11385}'),
    ('\u{1138b}', '\u{1138b}'),
    ('\u{1138e}', '\u{1138e}'),
    ('\u{11390}', '\u{11391}'),
    ('\u{113b8}', '\u{113b8}'),
    ('\u{113bb}', '\u{113bb}'),
    ('\u{113c2}', '\u{113c2}'),
    ('\u{113c5}', '\u{113c5}'),
    ('\u{113c7}', '\u{113c9}'),
    ('\u{113ce}', '\u{113d0}'),
    ('\u{11f41}', '\u{11f42}'),
    ('\u{1611e}', '\u{16129}'),
    ('\u{1612f}', '\u{1612f}'),
    ('\u{16d63}', '\u{16d63}'),
    ('\u{16d67}', '\u{16d6a}'),
    ('\u{1b123}', '\u{1b126}'),
    ('\u{1ccd6}', '\u{1ccf9}'),
    ('\u{1d127}', '\u{1d128}'),
    ('\u{1d250}', '\u{1d252}'),
    ('\u{1d25b}', '\u{1d25c}'),
    ('\u{1d25f}', '\u{1d25f}'),
    ('\u{1d280}', '\u{1d281}'),
    ('\u{1d6a6}', '\u{1d6a6}'),
    ('\u{1df2b}', '\u{1df2c}'),
    ('\u{1df3e}', '\u{1df3f}'),
    ('\u{1df50}', '\u{1df50}'),
    ('\u{1df57}', '\u{1df59}'),
    ('\u{1df95}', '\u{1df95}'),
    ('\u{1dfcd}', '\u{1dfff}'),
    ('\u{1e030}', '\u{1e06d}'),
    ('\u{1e08f}', '\u{1e08f}'),
    ('\u{1e4ec}', '\u{1e4ef}'),
    ('\u{1e5ee}', '\u{1e5ef}'),
    ('\u{1e6e3}', '\u{1e6e3}'),
    ('\u{1e6e6}', '\u{1e6e6}'),
    ('\u{1e6ee}', '\u{1e6ef}'),
    ('\u{1e6f5}', '\u{1e6f5}'),
];
