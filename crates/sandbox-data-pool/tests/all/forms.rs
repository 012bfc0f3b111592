//! Files as people have them: line ends, blank lines, packed, arrays, broken rows.

use sandbox_data_pool::{
    CartesianJoin, Combination, Construction, Downsampling, Duplication, Merging, OnConflict, Running, combine, construct, downsample,
    duplicate, join, merge,
};
use sandbox_dataset::{OutputFormat, RowWriter, WriteOptions};

use crate::support::{Folder, Heard, paths, read, rows};

#[test]
fn rows_keep_their_bytes_and_get_one_line_end_each() {
    let folder = Folder::new();
    let odd = folder.write("p1.jsonl", "\u{feff}{\"a\":1.50}\r\n\n  \r\n {\"a\" : \"\\u00e4\"} \n{\"a\":\"2024-01-01\"}");
    let plain = folder.write("p2.jsonl", "{\"a\":1}\n{\"a\":2}\n");
    let expected = "{\"a\":1.50}\n {\"a\" : \"\\u00e4\"} \n{\"a\":\"2024-01-01\"}\n";
    let made = merge(&Merging::new(paths(&[odd.clone(), plain]), folder.path("m")), &Running::default()).unwrap();
    assert_eq!(read(&made.paths[0]), format!("{expected}{{\"a\":1}}\n{{\"a\":2}}\n"));
    assert_eq!(made.pools[0].rows, 5);
    let made = duplicate(&Duplication::new(odd, folder.path("d"), vec![2]), &Running::default()).unwrap();
    assert_eq!(read(&made.paths[0]), expected.repeat(2));
}

#[test]
fn packed_files_and_arrays_are_read_like_lines() {
    let folder = Folder::new();
    let rows_of = ["{\"id\": 1}", "{\"id\": 2}", "{\"id\": 3}"];
    let plain = folder.write("x.jsonl", rows_of.join("\n"));
    let mut inputs = vec![plain, folder.write("y.json", format!("[\n{}\n]", rows_of.join(",")))];
    for name in ["a.jsonl.gz", "a.jsonl.zst", "b.json.gz"] {
        let options = WriteOptions { format: name.contains(".json.").then_some(OutputFormat::Json), ..Default::default() };
        let mut writer = RowWriter::create(&folder.path(name), options).unwrap();
        rows_of.iter().for_each(|row| writer.write_row(row.as_bytes()).unwrap());
        writer.finish().unwrap();
        inputs.push(folder.path(name).display().to_string());
    }
    let made = merge(&Merging::new(paths(&inputs), folder.path("out")), &Running::default()).unwrap();
    assert_eq!(rows(&made.paths[0]), rows_of.repeat(5));
    let made = downsample(&Downsampling::new(paths(&inputs[2..3]), folder.path("out")), &Running::default()).unwrap();
    assert!(made.paths[0].ends_with("a_3.jsonl"));
}

#[test]
fn broken_rows_are_set_aside_with_their_place() {
    let folder = Folder::new();
    let text = "{\"id\": 1, \"__dj__stats__\": {\"s\": 2}}\nbroken\n\n{\"id\": 2, \"__dj__stats__\": {\"s\": 1}}\n{\"id\": 3, \"__dj__stats__\": {\"s\": \"x\"}}\n{\"id\": 4, \"__dj__stats__\": 7}\n";
    let input = folder.write("in.jsonl", text);
    let heard = Heard::default();
    let made = construct(&Construction::new(input.clone(), folder.path("out")), &heard.running()).unwrap();
    let told: Vec<String> = heard.all().iter().map(|words| folder.told(words)).collect();
    let expected = [
        "rejected in.jsonl:2: not JSON: expected a value at column 1",
        "rejected in.jsonl:5: statistic `s` is no number, in the rows before it is",
        "rejected in.jsonl:6: field `__dj__stats__` is no object",
    ];
    assert_eq!(told, expected);
    assert_eq!(made.rejected_rows, 3);
    assert_eq!(rows(folder.path("out/in_rejected.jsonl")).len(), 3);
    assert_eq!(made.pools.iter().map(|pool| pool.rows).collect::<Vec<_>>(), [1, 0, 1]);
    let array = folder.write("in2.json", "[{\"id\": 1},\n\n {\"id\": tru},\n {\"id\": 3}]");
    let heard = Heard::default();
    let made = merge(&Merging::new(array, folder.path("out2")), &heard.running()).unwrap();
    assert_eq!(rows(&made.paths[0]), ["{\"id\": 1}", "{\"id\": 3}"]);
    assert!(folder.told(&heard.all()[0]).starts_with("rejected in2.json:3: not JSON"), "{:?}", heard.all());
    // Mended and run again, nothing is left of the rejects.
    folder.write("in.jsonl", "{\"id\": 1, \"__dj__stats__\": {\"s\": 2}}\n");
    construct(&Construction::new(input, folder.path("out")), &Running::default()).unwrap();
    assert!(!folder.path("out/in_rejected.jsonl").exists());
}

#[test]
fn statistics_of_all_kinds() {
    let folder = Folder::new();
    let row = |id: u32, stats: &str| format!("{{\"id\": {id}, \"__dj__stats__\": {{{stats}}}}}\n");
    let text = [
        row(0, "\"lang\": \"en\", \"s\": 5, \"l\": [3, 4]"),
        row(1, "\"lang\": \"de\", \"s\": null, \"l\": []"),
        row(2, "\"l\": [1.0], \"s\": -1, \"new/../key\": 1"),
        "{\"id\": 3}\n".to_owned(),
    ];
    let input = folder.write("in.jsonl", text.concat());
    let made =
        construct(&Construction { split_num: Some(9), ..Construction::new(input, folder.path("out")) }, &Running::default()).unwrap();
    let told: Vec<(String, Vec<char>)> = made
        .paths
        .iter()
        .map(|path| (folder.told(path.display()), rows(path).iter().map(|row| row.as_bytes()[7] as char).collect()))
        .collect();
    let expected = [
        ("out/s/in_s_0.jsonl".to_owned(), vec!['2', '0', '1', '3']),
        ("out/l/in_l_0.jsonl".to_owned(), vec!['1', '2', '0', '3']),
        ("out/new_.._key/in_new_.._key_0.jsonl".to_owned(), vec!['2', '1', '0', '3']),
    ];
    assert_eq!(told, expected);
}

#[test]
fn more_statistics_than_are_held_at_a_time() {
    let folder = Folder::new();
    let stats = |id: usize| (0..11).map(|key| format!("\"k{key}\": {}", (id * (key + 3)) % 17)).collect::<Vec<_>>().join(", ");
    let row = |id: usize| format!("{{\"id\": {id}, \"__dj__stats__\": {{{}}}}}", stats(id));
    let mut lines: Vec<String> = (0..50).map(row).collect();
    lines.insert(20, "broken".to_owned());
    let input = folder.write("in.jsonl", lines.join("\n"));
    let made =
        construct(&Construction { split_num: Some(50), ..Construction::new(input, folder.path("out")) }, &Running::default()).unwrap();
    let mut order: Vec<usize> = (0..50).collect();
    for (key, path) in made.paths.iter().enumerate() {
        order.sort_by_key(|id| (id * (key + 3)) % 17);
        assert_eq!(rows(path), order.iter().map(|id| row(*id)).collect::<Vec<_>>(), "k{key}");
    }
    assert_eq!(made.paths.len(), 11);
}

#[test]
fn of_equal_rows_the_last_one_read_is_kept() {
    let folder = Folder::new();
    let one = folder.write("p_a.jsonl", "{\"a\": 1, \"b\": 2}\n{\"a\": 5}\n{\"a\": 1, \"b\": 2}\n");
    let two = folder.write("p_b.jsonl", "{\"b\":2,\"a\":1,\"c\":null}\n{\"a\":5.0}\n");
    let made = combine(&Combination::new(paths(&[one, two]), folder.path("out")), &Running::default()).unwrap();
    let told: Vec<(String, String)> = made.paths.iter().map(|path| (folder.told(path.display()), read(path))).collect();
    let kept = "{\"b\":2,\"a\":1,\"c\":null}\n";
    let expected = [
        ("out/p__top_0_num_2.jsonl".to_owned(), format!("{kept}{{\"a\": 5}}\n")),
        ("out/p__top_1_num_2.jsonl".to_owned(), format!("{kept}{{\"a\":5.0}}\n")),
        ("out/p__top_0_1_num_1.jsonl".to_owned(), kept.to_owned()),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_join_with_common_fields_does_what_it_is_told() {
    let folder = Folder::new();
    let left = folder.write("left.jsonl", "{\"id\": 1, \"q\": \"x\"}\n{}\n");
    let right = folder.write("right.jsonl", "{\"id\":9,\"r\":[1]}\n{\"r\":2}\n");
    let run = |on_conflict| {
        let settings = CartesianJoin { on_conflict, ..CartesianJoin::new(left.clone(), right.clone(), folder.path("out")) };
        rows(&join(&settings, &Running::default()).unwrap().paths[0])
    };
    let suffix = [
        "{\"id_1\": 1, \"q\": \"x\", \"id_2\": 9, \"r\": [1]}",
        "{\"id_1\": 1, \"q\": \"x\", \"r\":2}",
        "{\"id_2\": 9, \"r\": [1]}",
        "{\"r\":2}",
    ];
    assert_eq!(run(OnConflict::Suffix), suffix);
    assert_eq!(
        run(OnConflict::Left),
        ["{\"id\": 1, \"q\": \"x\", \"r\": [1]}", "{\"id\": 1, \"q\": \"x\", \"r\":2}", "{\"r\": [1]}", "{\"r\":2}"]
    );
    assert_eq!(run(OnConflict::Right)[0], "{\"q\": \"x\", \"id\":9,\"r\":[1]}");
}

#[test]
fn pools_of_different_fields_are_merged_with_a_note() {
    let folder = Folder::new();
    let pools = [folder.write("a.jsonl", "{\"text\": 1, \"x\": 2}\n"), folder.write("b.jsonl", "{\"text\": 3}\n")];
    let heard = Heard::default();
    merge(&Merging::new(paths(&pools), folder.path("out")), &heard.running()).unwrap();
    assert_eq!(folder.told(&heard.all()[0]), "note `a.jsonl` has the field `x` that other pools have not");
}
