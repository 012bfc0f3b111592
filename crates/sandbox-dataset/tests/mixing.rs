//! Mixtures.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sandbox_dataset::{DatasetError, Mixture, MixturePart, ReadOptions, Reader, permutation};

fn read(mixture: &Mixture, options: ReadOptions) -> Vec<(String, u64, String)> {
    let mut reader = Reader::open_mixture(mixture.plan(options).unwrap(), options);
    let mut rows = Vec::new();
    let mut index = 0;
    while let Some(chunk) = reader.next_chunk().unwrap() {
        assert_eq!(chunk.index, index);
        index += 1;
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        rows.extend(chunk.rows().map(|row| (name(row.file), row.line, String::from_utf8(row.bytes.to_vec()).unwrap())));
        rows.extend(chunk.rejects().iter().map(|reject| (name(&reject.file), reject.line, format!("! {}", reject.reason))));
        reader.recycle(chunk);
    }
    let progress = reader.progress();
    assert_eq!(progress.bytes_read, progress.bytes_total);
    rows
}

fn part(files: &[PathBuf], weight: f64) -> MixturePart {
    MixturePart { files: files.to_vec(), weight }
}

#[test]
fn recorded_mixtures_are_the_original_s() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/recipes");
    for (name, weights, max_sample_num) in [("mix_cfg2", [1.0, 1.0], Some(20)), ("mix_cli", [0.3, 0.7], None)] {
        let parts = ["a", "b"]
            .iter()
            .zip(weights)
            .map(|(file, weight)| part(&[recorded.join(name).join("in").join(file).with_extension("jsonl")], weight));
        let rows = read(&Mixture { parts: parts.collect(), max_sample_num }, ReadOptions::default());
        let expect = fs::read_to_string(recorded.join(name).join("out/res.jsonl")).unwrap();
        assert_eq!(rows.iter().map(|row| row.2.replace(' ', "")).collect::<Vec<_>>(), expect.lines().collect::<Vec<_>>());
    }
}

#[test]
fn shares_are_rounded_up_and_capped() {
    let shares = |weights: &[f64], total| {
        let parts = weights.iter().map(|&weight| part(&[], weight)).collect();
        Mixture { parts, max_sample_num: Some(total) }.shares()
    };
    assert_eq!(shares(&[1.0, 1.0, 1.0], 10).unwrap().unwrap(), [4, 4, 2]);
    assert_eq!(shares(&[0.3, 0.7], 7).unwrap().unwrap(), [3, 4]);
    assert_eq!(shares(&[1.0, 1.0, 1.0], 2).unwrap().unwrap(), [1, 1, 0]);
    assert_eq!(shares(&[0.0, 5.0], 3).unwrap().unwrap(), [0, 3]);
    for weights in [&[0.0, 0.0][..], &[-1.0, 2.0], &[f64::NAN], &[f64::INFINITY, 1.0], &[]] {
        assert!(matches!(shares(weights, 3), Err(DatasetError::Weights { .. })), "{weights:?}");
    }
    assert_eq!(
        shares(&[0.0, -1.0], 3).unwrap_err().to_string(),
        "Failed to share rows out by the weights 0, -1\n  hint: weights are numbers from 0 up, and one of them is more"
    );
}

#[test]
fn rows_of_every_form_keep_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(
        at("a.jsonl"),
        "\u{feff}{\"a\":0}\r\n\n  \n{\"a\":1}\r\nbroken\n{\"long\":\"01234567890123456789012345678901234567890123456789\"}\n{\"a\":2}",
    )
    .unwrap();
    fs::write(at("b.csv"), "a,b\n\"x\ny\",1\n1,2,3\nz,2\n").unwrap();
    let mut packed = flate2::write::GzEncoder::new(fs::File::create(at("c.jsonl.gz")).unwrap(), flate2::Compression::fast());
    packed.write_all(b"{\"c\":0}\n\n{\"c\":1}\n").unwrap();
    packed.finish().unwrap();
    let files = [at("a.jsonl"), at("b.csv"), at("c.jsonl.gz")];
    let all = [
        ("a.jsonl", 1, "{\"a\":0}"),
        ("a.jsonl", 4, "{\"a\":1}"),
        ("a.jsonl", 5, "broken"),
        ("a.jsonl", 7, "{\"a\":2}"),
        ("b.csv", 2, "{\"a\":\"x\\ny\",\"b\":1}"),
        ("b.csv", 5, "{\"a\":\"z\",\"b\":2}"),
        ("c.jsonl.gz", 1, "{\"c\":0}"),
        ("c.jsonl.gz", 3, "{\"c\":1}"),
    ];
    let order = permutation(42, all.len());
    for (wanted, chunk_bytes) in [(3, 1), (3, 1 << 20), (20, 1), (20, 30)] {
        let mixture = Mixture { parts: vec![part(&files, 2.5)], max_sample_num: Some(wanted) };
        let rows = read(&mixture, ReadOptions { chunk_bytes, max_row_bytes: 40, suffix_field: false });
        let expect =
            (0..wanted as usize).map(|row| all[order[row % all.len()]]).map(|(file, line, row)| (file.to_owned(), line, row.to_owned()));
        let (rejects, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.2.starts_with('!'));
        assert_eq!(rows, expect.collect::<Vec<_>>());
        let long = ("a.jsonl".to_owned(), 6, "! longer than 40 bytes".to_owned());
        let wide = ("b.csv".to_owned(), 4, "! 3 fields where the first line names 2".to_owned());
        assert_eq!(rejects, [long, wide]);
    }
    let mixture = Mixture { parts: vec![part(&files[..1], 1.0), part(&files[1..], 1.0)], max_sample_num: Some(8) };
    let rows = read(&mixture, ReadOptions { suffix_field: true, max_row_bytes: 40, ..ReadOptions::default() });
    let suffixes = |suffix: &str| rows.iter().filter(|row| row.2.contains(&format!("\"__dj__suffix__\":\"{suffix}\""))).count();
    assert_eq!((suffixes(".jsonl"), suffixes(".csv"), suffixes(".jsonl.gz")), (3, 2, 2));
}

#[test]
fn a_part_without_rows_gives_none() {
    let folder = tempfile::tempdir().unwrap();
    let (empty, one) = (folder.path().join("empty.jsonl"), folder.path().join("one.jsonl"));
    fs::write(&empty, "\n\n").unwrap();
    fs::write(&one, "{\"x\":1}\n").unwrap();
    let mixture = Mixture { parts: vec![part(&[empty], 1.0), part(&[one], 1.0)], max_sample_num: Some(6) };
    assert_eq!(mixture.plan(ReadOptions::default()).unwrap().parts()[0].taken, Some(0));
    assert_eq!(read(&mixture, ReadOptions::default()).len(), 3);
    let gone = Mixture { parts: vec![part(&[folder.path().join("gone.jsonl")], 1.0)], max_sample_num: None };
    assert!(matches!(gone.plan(ReadOptions::default()), Err(DatasetError::Read { .. })));
}

proptest! {
    #[test]
    fn picked_rows_are_those_of_the_permutation(
        lines in prop::collection::vec(prop_oneof![4 => "[a-z]{1,30}", 1 => " {0,3}"], 1..60),
        ends in prop::sample::select(vec!["\n", "\r\n"]),
        wanted in 1_u64..100,
        chunk_bytes in 1_usize..200,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        fs::write(&path, lines.join(ends)).unwrap();
        let all: Vec<(u64, &String)> = (1..).zip(&lines).filter(|(_, line)| !line.trim().is_empty()).collect();
        let mixture = Mixture { parts: vec![part(&[path], 1.0)], max_sample_num: Some(wanted) };
        let rows = read(&mixture, ReadOptions { chunk_bytes, ..ReadOptions::default() });
        let order: Vec<usize> = if all.len() as u64 == wanted { (0..all.len()).collect() } else { permutation(42, all.len()) };
        let expect = order.iter().cycle().take(if all.is_empty() { 0 } else { wanted as usize }).map(|&row| (all[row].0, all[row].1.as_str()));
        prop_assert_eq!(rows.iter().map(|row| (row.1, row.2.as_str())).collect::<Vec<_>>(), expect.collect::<Vec<_>>());
    }
}
