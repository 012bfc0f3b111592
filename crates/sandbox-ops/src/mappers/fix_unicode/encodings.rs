//! The one-byte encodings in which UTF-8 is most often misread, in the order in which they are tried.
//!
//! Which ones, and the "sloppy" rule for bytes that an encoding leaves out, are those of ftfy 6.3.1 (Robyn Speer,
//! Apache-2.0); the tables are those of the encodings themselves.

use std::sync::LazyLock;

use hashbrown::HashMap;

/// A one-byte encoding.
pub(super) struct Encoding {
    /// Bytes without a character stand for the one of the same number, and byte 1A for U+FFFD, which is what is left of a
    /// byte that somebody could not decode.
    pub is_sloppy: bool,
    /// An en dash before a space would look like a damaged byte in it.
    pub is_mac: bool,
    bytes: LazyLock<HashMap<char, u8>>,
}

/// All encodings.
pub(super) static ENCODINGS: [Encoding; 10] = [
    Encoding { is_sloppy: false, is_mac: false, bytes: LazyLock::new(|| table(LATIN_1)) },
    Encoding { is_sloppy: true, is_mac: false, bytes: LazyLock::new(|| table(WINDOWS_1252)) },
    Encoding { is_sloppy: true, is_mac: false, bytes: LazyLock::new(|| table(WINDOWS_1251)) },
    Encoding { is_sloppy: true, is_mac: false, bytes: LazyLock::new(|| table(WINDOWS_1250)) },
    Encoding { is_sloppy: true, is_mac: false, bytes: LazyLock::new(|| table(WINDOWS_1253)) },
    Encoding { is_sloppy: true, is_mac: false, bytes: LazyLock::new(|| table(WINDOWS_1254)) },
    Encoding { is_sloppy: true, is_mac: false, bytes: LazyLock::new(|| table(WINDOWS_1257)) },
    Encoding { is_sloppy: false, is_mac: false, bytes: LazyLock::new(|| table(ISO_8859_2)) },
    Encoding { is_sloppy: false, is_mac: true, bytes: LazyLock::new(|| table(MACROMAN)) },
    Encoding { is_sloppy: false, is_mac: false, bytes: LazyLock::new(|| table(CP437)) },
];

// The characters of bytes 80 to FF.
#[rustfmt::skip]
const LATIN_1: &str =
    "\u{80}\u{81}\u{82}\u{83}\u{84}\u{85}\u{86}\u{87}\u{88}\u{89}\u{8a}\u{8b}\u{8c}\u{8d}\u{8e}\u{8f}\u{90}\u{91}\u{92}\u{93}\u{94}\u{95}\u{96}\u{97}\u{98}\u{99}\u{9a}\u{9b}\u{9c}\u{9d}\u{9e}\u{9f}\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
#[rustfmt::skip]
const WINDOWS_1252: &str =
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
#[rustfmt::skip]
const WINDOWS_1251: &str =
    "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕїАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя";
#[rustfmt::skip]
const WINDOWS_1250: &str =
    "€\u{81}‚\u{83}„…†‡\u{88}‰Š‹ŚŤŽŹ\u{90}‘’“”•–—\u{98}™š›śťžź\u{a0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{ad}®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";
#[rustfmt::skip]
const WINDOWS_1253: &str =
    "€\u{81}‚ƒ„…†‡\u{88}‰\u{8a}‹\u{8c}\u{8d}\u{8e}\u{8f}\u{90}‘’“”•–—\u{98}™\u{9a}›\u{9c}\u{9d}\u{9e}\u{9f}\u{a0}΅Ά£¤¥¦§¨©ª«¬\u{ad}®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡÒΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώÿ";
#[rustfmt::skip]
const WINDOWS_1254: &str =
    "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}\u{8e}\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}\u{9e}Ÿ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ";
#[rustfmt::skip]
const WINDOWS_1257: &str =
    "€\u{81}‚\u{83}„…†‡\u{88}‰\u{8a}‹\u{8c}¨ˇ¸\u{90}‘’“”•–—\u{98}™\u{9a}›\u{9c}¯˛\u{9f}\u{a0}¡¢£¤¥¦§Ø©Ŗ«¬\u{ad}®Æ°±²³´µ¶·ø¹ŗ»¼½¾æĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽßąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüżž˙";
#[rustfmt::skip]
const ISO_8859_2: &str =
    "\u{80}\u{81}\u{82}\u{83}\u{84}\u{85}\u{86}\u{87}\u{88}\u{89}\u{8a}\u{8b}\u{8c}\u{8d}\u{8e}\u{8f}\u{90}\u{91}\u{92}\u{93}\u{94}\u{95}\u{96}\u{97}\u{98}\u{99}\u{9a}\u{9b}\u{9c}\u{9d}\u{9e}\u{9f}\u{a0}Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u{ad}ŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";
#[rustfmt::skip]
const MACROMAN: &str =
    "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
#[rustfmt::skip]
const CP437: &str =
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

fn table(upper: &str) -> HashMap<char, u8> {
    upper.chars().zip(0x80..=0xff).collect()
}

impl Encoding {
    /// A text in this encoding, if it has all its characters.
    pub fn encode(&self, text: &str) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(text.len());
        for character in text.chars() {
            let byte = match character {
                '\u{1a}' if self.is_sloppy => return None,
                '\u{fffd}' if self.is_sloppy => 0x1a,
                '\0'..='\x7f' => character as u8,
                _ => *self.bytes.get(&character)?,
            };
            out.push(byte);
        }
        Some(out)
    }
}

/// What a control character of U+0080 to U+009F was meant to be in Windows-1252; itself where that has nothing.
pub(super) fn windows(control: char) -> char {
    WINDOWS_1252.chars().nth((control as usize).wrapping_sub(0x80)).unwrap_or(control)
}

/// Whether Windows-1252 has no character for the byte of this number.
pub(super) fn is_hole(character: char) -> bool {
    matches!(character, '\u{81}' | '\u{8d}' | '\u{8f}' | '\u{90}' | '\u{9d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_character() {
        for encoding in &ENCODINGS {
            assert_eq!(encoding.bytes.len(), 128);
        }
        let [latin, windows, ..] = &ENCODINGS;
        assert_eq!(latin.encode("aé\u{1a}\u{80}"), Some(vec![b'a', 0xe9, 0x1a, 0x80]));
        assert_eq!((latin.encode("€"), windows.encode("\u{1a}")), (None, None));
        assert_eq!(windows.encode("a€\u{81}\u{fffd}"), Some(vec![b'a', 0x80, 0x81, 0x1a]));
        assert_eq!((super::windows('\u{93}'), super::windows('\u{81}')), ('“', '\u{81}'));
    }
}
