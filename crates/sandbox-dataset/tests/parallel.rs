//! Any number of threads gives the same.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use sandbox_dataset::{DatasetError, Ended, ReadOptions, Reader, for_each_chunk};

struct Rows {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

fn rows(count: usize) -> Rows {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    fs::write(&path, (0..count).map(|id| format!("{{\"id\":{id}}}\n")).collect::<String>()).unwrap();
    Rows { _folder: folder, path }
}

fn reader(rows: &Rows) -> Reader {
    Reader::open(std::slice::from_ref(&rows.path), ReadOptions { chunk_bytes: 64, ..ReadOptions::default() }).unwrap()
}

#[derive(Debug)]
enum Failed {
    Dataset,
    At(u64),
}

impl From<DatasetError> for Failed {
    fn from(_: DatasetError) -> Self {
        Self::Dataset
    }
}

#[test]
fn results_come_in_the_order_of_the_rows() {
    let rows = rows(2000);
    for threads in [0, 1, 2, 3, 8] {
        let (workers, mut out) = (AtomicUsize::new(0), Vec::new());
        let ended = for_each_chunk(
            &mut reader(&rows),
            threads,
            &|| false,
            || workers.fetch_add(1, Ordering::Relaxed),
            |_, chunk| {
                std::thread::sleep(Duration::from_micros(chunk.index % 3 * 50));
                Ok::<_, DatasetError>(chunk.rows().flat_map(|row| [row.bytes, b"\n"].concat()).collect::<Vec<u8>>())
            },
            |piece| {
                out.extend(piece);
                Ok(())
            },
        );
        assert_eq!(ended.unwrap(), Ended::Completed);
        assert_eq!(out, fs::read(&rows.path).unwrap());
        assert_eq!(workers.into_inner(), threads.max(1));
    }
}

#[test]
fn the_first_error_in_the_order_of_the_chunks_ends_all() {
    let rows = rows(2000);
    for threads in [1, 2, 7] {
        let mut seen = Vec::new();
        let result = for_each_chunk(
            &mut reader(&rows),
            threads,
            &|| false,
            || (),
            |(), chunk| match chunk.index {
                20 => {
                    std::thread::sleep(Duration::from_millis(5));
                    Err(Failed::At(20))
                }
                21.. => Err(Failed::At(chunk.index)),
                _ => Ok(chunk.index),
            },
            |index| {
                seen.push(index);
                Ok(())
            },
        );
        assert!(matches!(result, Err(Failed::At(20))), "{result:?}");
        assert_eq!(seen, (0..20).collect::<Vec<_>>());

        let result = for_each_chunk(
            &mut reader(&rows),
            threads,
            &|| false,
            || (),
            |(), chunk| Ok(chunk.index),
            |index| if index == 5 { Err(Failed::At(5)) } else { Ok(()) },
        );
        assert!(matches!(result, Err(Failed::At(5))));
    }
}

#[test]
fn an_error_of_the_reader_comes_after_what_was_read_before() {
    let rows = rows(100);
    for threads in [1, 4] {
        let gone = rows.path.with_file_name("gone.jsonl");
        fs::write(&gone, "{}").unwrap();
        let mut reader =
            Reader::open(&[rows.path.clone(), gone.clone()], ReadOptions { chunk_bytes: 64, ..ReadOptions::default() }).unwrap();
        fs::remove_file(&gone).unwrap();
        let mut count = 0;
        let result = for_each_chunk(
            &mut reader,
            threads,
            &|| false,
            || (),
            |(), chunk| Ok(chunk.rows().count()),
            |rows| {
                count += rows;
                Ok(())
            },
        );
        assert!(matches!(result, Err(Failed::Dataset)));
        assert_eq!(count, 100);
    }
}

#[test]
fn a_stop_leaves_a_beginning_without_gaps() {
    let rows = rows(2000);
    for threads in [1, 2, 5] {
        let done = AtomicUsize::new(0);
        let mut seen = Vec::new();
        let ended = for_each_chunk(
            &mut reader(&rows),
            threads,
            &|| done.load(Ordering::Relaxed) >= 10,
            || (),
            |(), chunk| Ok::<_, DatasetError>(chunk.index),
            |index| {
                seen.push(index);
                done.fetch_add(1, Ordering::Relaxed);
                Ok(())
            },
        );
        assert_eq!(ended.unwrap(), Ended::Stopped);
        assert!((10..=10 + 2 * threads).contains(&seen.len()));
        assert_eq!(seen, (0..seen.len() as u64).collect::<Vec<_>>());
    }
}

#[test]
fn a_panic_ends_all_threads_and_reaches_the_caller() {
    let rows = rows(2000);
    for threads in [1, 2, 5] {
        for (in_work, in_sink) in [(7, u64::MAX), (u64::MAX, 7)] {
            let caught = catch_unwind(AssertUnwindSafe(|| {
                for_each_chunk(
                    &mut reader(&rows),
                    threads,
                    &|| false,
                    || (),
                    |(), chunk| {
                        assert_ne!(chunk.index, in_work, "in work");
                        Ok::<_, DatasetError>(chunk.index)
                    },
                    |index| {
                        assert_ne!(index, in_sink, "in sink");
                        Ok(())
                    },
                )
            }));
            assert!(caught.is_err());
        }
    }
}
