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
