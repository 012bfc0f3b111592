//! Mixtures, random control pools, names of quantiles, manifests.

use sandbox_data_pool::{Combination, Construction, Manifest, Merging, Running, WeightBy, combine, construct, merge};

use crate::support::{Folder, Heard, paths, read, rows};

fn pool(folder: &Folder, name: &str, count: usize, text: &str) -> String {
    let rows: String = (0..count).map(|id| format!("{{\"from\": \"{name}\", \"id\": {id}, \"text\": \"{text}\"}}\n")).collect();
    folder.write(&format!("{name}.jsonl"), rows)
}

fn shares(rows: &[String], names: &[&str]) -> Vec<usize> {
    names.iter().map(|name| rows.iter().filter(|row| row.contains(&format!("\"from\": \"{name}\""))).count()).collect()
}

#[test]
fn weights_are_shares_and_the_scarcest_pool_decides() {
    let folder = Folder::new();
    let pools = paths(&[pool(&folder, "a", 100, "x"), pool(&folder, "b", 10, "x")]);
    let settings = Merging { weights: Some(vec![3.0, 1.0]), ..Merging::new(pools, folder.path("out")) };
    let made = merge(&settings, &Running::default()).unwrap();
    assert_eq!(shares(&rows(&made.paths[0]), &["a", "b"]), [30, 10]);
    assert_eq!(made.pools[0].seed, Some(42));
    assert_eq!(made.pools[0].details["taken"], serde_json::json!([30, 10]));
    let again = Merging { export_path: folder.path("again"), ..settings.clone() };
    assert_eq!(read(&made.paths[0]), read(&merge(&again, &Running { threads: 1, observer: &() }).unwrap().paths[0]));
    // With repeats, the scarce pool lasts longer: twice all of it.
    let made = merge(&Merging { max_repeats: 2, ..settings.clone() }, &Running::default()).unwrap();
    assert_eq!(shares(&rows(&made.paths[0]), &["a", "b"]), [60, 20]);
    // A total beyond what there is: the cap holds, and that is said.
    let heard = Heard::default();
    let made = merge(&Merging { total: Some(80), ..settings }, &heard.running()).unwrap();
    assert_eq!(shares(&rows(&made.paths[0]), &["a", "b"]), [60, 10]);
    let expected = "warning `b.jsonl` gives 10 instead of 20 rows: with `max_repeats: 1` it has no more";
    assert_eq!(folder.told(&heard.all()[0]), expected);
}

#[test]
fn weights_may_count_characters() {
    let folder = Folder::new();
    let pools = paths(&[pool(&folder, "a", 100, "ääää"), pool(&folder, "b", 100, "xx")]);
    let settings = Merging {
        weights: Some(vec![1.0, 1.0]),
        weight_by: WeightBy::Characters,
        total: Some(80),
        ..Merging::new(pools, folder.path("out"))
    };
    assert_eq!(shares(&rows(&merge(&settings, &Running::default()).unwrap().paths[0]), &["a", "b"]), [10, 20]);
}

#[test]
fn random_pools_are_a_control_of_the_same_size() {
    let folder = Folder::new();
    let text: String = (0..30).map(|id| format!("{{\"id\": {id}, \"__dj__stats__\": {{\"s\": {}}}}}\n", 30 - id)).collect();
    let input = folder.write("in.jsonl", text);
    let settings: Construction = serde_json::from_value(serde_json::json!({
        "dataset_path": input, "export_path": folder.path("out"), "random_pools": 2, "seed": 7, "part_names": "quantiles",
    }))
    .unwrap();
    let made = construct(&settings, &Running::default()).unwrap();
    let names: Vec<String> = made.paths.iter().map(|path| folder.told(path.display())).collect();
    let expected = [
        "out/s/in_s_q0-33.jsonl",
        "out/s/in_s_q33-67.jsonl",
        "out/s/in_s_q67-100.jsonl",
        "out/random_pools/in_random_0.jsonl",
        "out/random_pools/in_random_1.jsonl",
    ];
    assert_eq!(names, expected);
    let order = sandbox_dataset::permutation(8, 30);
    let ids: Vec<String> = order[..10].iter().map(|id| format!("{{\"id\": {id}, \"__dj__stats__\": {{\"s\": {}}}}}", 30 - id)).collect();
    assert_eq!(rows(&made.paths[4]), ids);
    assert_eq!(made.pools[4].seed, Some(8));
}

#[test]
fn a_manifest_stands_beside_every_output_and_grows() {
    let folder = Folder::new();
    let pools = [pool(&folder, "a1", 3, "x"), pool(&folder, "a2", 2, "x")];
    let run = |top_levels| {
        let settings = Combination { top_levels, ..Combination::new(paths(&pools), folder.path("out")) };
        combine(&settings, &Running::default()).unwrap()
    };
    run(None);
    merge(&Merging::new(paths(&pools), folder.path("out")), &Running::default()).unwrap();
    let made = run(Some(1));
    assert_eq!(made.files.last().unwrap(), &folder.path("out/pools.json"));
    let manifest = Manifest::read(&folder.path("out"));
    let told: Vec<(String, String, u64)> =
        manifest.pools.iter().map(|pool| (pool.path.display().to_string(), pool.operation.clone(), pool.rows)).collect();
    let line = |name: &str, operation: &str, rows| (name.to_owned(), operation.to_owned(), rows);
    let expected = [
        line("a_merged.jsonl", "merging", 5),
        line("a_top_0_num_3.jsonl", "combination", 3),
        line("a_top_1_num_2.jsonl", "combination", 2),
    ];
    assert_eq!(told, expected);
    assert_eq!(manifest.pools[0].bytes, read(folder.path("out/a_merged.jsonl")).len() as u64);
    assert_eq!(manifest.pools[0].parents[1].rows, 2);
}
