//! Files that are cut off anywhere, or that have wrong bytes, end in a result or an error: no panic, no hang, little memory.
#![allow(clippy::unwrap_used, reason = "a test stops at the first file that cannot be read")]

use std::fs;
use std::path::Path;

use sandbox_media::{audio, image, video};

fn files() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/assets/media");
    let file = |entry: fs::DirEntry| (entry.file_name().to_string_lossy().into_owned(), fs::read(entry.path()).unwrap());
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| file(entry.unwrap())).collect();
    files.sort();
    assert!(files.len() >= 29, "{}", files.len());
    files
}

fn read_all(name: &str, bytes: &[u8], with_pixels: bool) {
    drop(image::size_of_bytes(bytes, name));
    drop(audio::length_of_bytes(bytes, name));
    drop(video::video_of_bytes(bytes, name));
    drop(video::packets_of_bytes(bytes, name, &mut |_| {}));
    #[cfg(feature = "pixels")]
    if with_pixels {
        drop(image::hash_of_bytes(bytes, name, image::Method::Difference));
    }
    #[cfg(not(feature = "pixels"))]
    let _ = with_pixels;
}

#[test]
fn cut_off_anywhere() {
    for (name, bytes) in files() {
        // Every place in headers, then steps: the rest is data.
        let places = (0..bytes.len().min(1500)).chain((1500..bytes.len()).step_by(97));
        places.for_each(|place| read_all(&name, &bytes[..place], place % 7 == 0));
    }
}

/// `SANDBOX_MEDIA_ROUNDS` times as many files with wrong bytes: for a long look.
fn rounds() -> usize {
    let times = std::env::var("SANDBOX_MEDIA_ROUNDS").map_or(1, |times| times.parse().unwrap());
    300 * times
}

#[test]
fn wrong_bytes() {
    let mut state = 1_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 33) as usize
    };
    for (name, bytes) in files() {
        for round in 0..rounds() {
            let mut bytes = bytes.clone();
            for _ in 0..=round % 6 {
                let place = random() % bytes.len().min(if round % 2 == 0 { 200 } else { usize::MAX });
                bytes[place] = random() as u8;
            }
            read_all(&name, &bytes, round % 4 == 0);
        }
    }
}

/// A box of an MP4.
fn boxed(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes(), kind.as_slice(), content].concat()
}

/// A chunk of a RIFF file.
fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len()).unwrap();
    [kind.as_slice(), &size.to_le_bytes(), content].concat()
}

#[test]
fn fragments_that_claim_samples() {
    let handler = boxed(b"hdlr", b"\0\0\0\0\0\0\0\0vide");
    let track = boxed(b"trak", &boxed(b"mdia", &handler));
    let movie = boxed(b"moov", &track);
    // Track 0, samples of `size` bytes; a run of the most samples that there can be, none of them described.
    let fragment = |size: u8| {
        let head = boxed(b"tfhd", &[0, 0, 0, 0x18, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, size]);
        boxed(b"moof", &boxed(b"traf", &[head, boxed(b"trun", &[0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff])].concat()))
    };
    for size in [0, 1, 200] {
        let file = [movie.clone(), fragment(size).repeat(500)].concat();
        let mut bytes = 0;
        // That is either an error or an end, but soon.
        drop(video::packets_of_bytes(&file, "x", &mut |packet| bytes += packet.len()));
        assert!(bytes <= file.len() * 4, "{bytes}");
        assert!(video::video_of_bytes(&file, "x").is_ok());
    }
}

#[test]
fn numbers_at_their_ends() {
    let wave64 = [b"riff".as_slice(), &[0; 36], b"fmt ", &[0; 12], &(u64::MAX - 2).to_le_bytes(), &[1; 40]].concat();
    assert!(audio::length_of_bytes(&wave64, "x").is_err());
    let main = chunk(b"avih", &[0xff; 56]);
    let stream = chunk(b"LIST", b"strl");
    let avi = chunk(b"RIFF", &[b"AVI ".as_slice(), &chunk(b"LIST", &[b"hdrl".as_slice(), &main, &stream].concat())].concat());
    let video = video::video_of_bytes(&avi, "x").unwrap();
    assert_eq!((video.stream, video.duration), (None, Some(i64::MAX)));
}

#[cfg(feature = "pixels")]
#[test]
fn sizes_that_the_bytes_cannot_hold() {
    let gif = b"GIF89a\x00\x34\x00\x34\0\0\0,\0\0\0\0\x00\x34\x00\x34\0\x08\x01\0\0;";
    let size = image::size_of_bytes(gif, "x").unwrap();
    assert_eq!((size.width, size.height), (13312, 13312));
    let error = image::hash_of_bytes(gif, "x", image::Method::Average).unwrap_err();
    assert_eq!(error.to_string(), "Failed to read `x`: it is far too short for its size");
}
