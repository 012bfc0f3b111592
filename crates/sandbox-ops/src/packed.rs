//! Tables that travel inside the program, packed.

/// The text of a packed table. It stays for the rest of the process: call this once per table.
pub(crate) fn unpack(packed: &[u8]) -> &'static str {
    // What was packed with the sources can be unpacked; a test of each table reads it.
    let bytes = zstd::decode_all(packed).unwrap_or_default();
    Box::leak(String::from_utf8(bytes).unwrap_or_default().into_boxed_str())
}
