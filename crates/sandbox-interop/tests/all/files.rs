//! Files that others read.

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use sandbox_interop::{Meter, Source, csv, dvclive, openmetrics, parquet as table};
use sandbox_watcher::{Node, Reader, RunSpec, Status, Watched, Watcher};
use serde_json::{Value, json};

use crate::support::{BEGAN, Lab, filled, float, text};

#[test]
fn a_parquet_table_has_everything() {
    let lab = Lab::new();
    let uid = filled(&lab);
    let reader = Reader::open(lab.store()).unwrap();
    let source = Source::open(&reader, &uid).unwrap();
    let total = source.total();
    let file = lab.path("runs.parquet");
    let exported = table::export(&[source], &file, &mut Meter::silent()).unwrap();
    assert_eq!(exported.values, total);
    let found = SerializedFileReader::new(std::fs::File::open(&file).unwrap()).unwrap();
    let rows: Vec<_> = found.get_row_iter(None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len() as u64, total);
    let first = rows.iter().find(|row| row.get_string(2).unwrap() == "score").unwrap();
    assert_eq!((first.get_string(0).unwrap(), first.get_string(1).unwrap().as_str()), (&uid, ""));
    assert_eq!((first.get_long(3).unwrap(), first.get_double(5).unwrap()), (0, 0.1));
    assert_eq!(first.get_timestamp_micros(4).unwrap(), BEGAN);
    assert!(first.get_string(6).is_err(), "no text");
    let note = rows.iter().find(|row| row.get_string(2).unwrap() == "note").unwrap();
    assert_eq!((note.get_string(1).unwrap().as_str(), note.get_string(6).unwrap().as_str()), ("iter_1/train", "step \"0\",\nsaid"));
    let losses: Vec<f64> =
        rows.iter().filter(|row| row.get_string(2).unwrap() == "loss").take(6).map(|row| row.get_double(5).unwrap()).collect();
    assert!(losses[0].is_nan());
    assert_eq!(&losses[1..], [f64::INFINITY, f64::NEG_INFINITY, 0.0, 1e-300, 1.0 / 3.0]);
}

/// A run with these rows: time in milliseconds after [`BEGAN`], and the value of `a"b`.
fn run_of(lab: &Lab, rows: &[(i64, f64)]) -> String {
    let watcher = Watcher::open(lab.store()).unwrap();
    let run = watcher.start_run(RunSpec { project: "p".into(), started: Some(BEGAN), ..RunSpec::default() });
    for (step, (millis, value)) in rows.iter().enumerate() {
        run.watch_row(Some(step as i64), Some(BEGAN + millis * 1000), [("a\"b", float(*value)), ("t", text("x"))]);
    }
    run.finish(Status::Done);
    assert!(watcher.flush(std::time::Duration::from_secs(20)));
    run.uid().to_owned()
}

#[test]
fn one_number_a_series_and_millisecond_in_order() {
    let lab = Lab::new();
    let uid = run_of(&lab, &[(0, 1.0), (0, 2.5), (5, f64::NAN), (3, 7.0), (1000, f64::INFINITY)]);
    let reader = Reader::open(lab.store()).unwrap();
    let file = lab.path("runs.om");
    let exported = openmetrics::export(&[Source::open(&reader, &uid).unwrap()], &file, &mut Meter::silent()).unwrap();
    let series = format!("sandbox_watched_value{{project=\"p\",run=\"{uid}\",name=\"a\\\"b\"}}");
    let expected = format!(
        "# HELP sandbox_watched_value A number that was watched in a run.\n# TYPE sandbox_watched_value gauge\n\
         {series} 2.5 1700000000.123\n{series} NaN 1700000000.128\n{series} +Inf 1700000001.123\n# EOF\n"
    );
    assert_eq!(lab.read("runs.om"), expected);
    assert_eq!(exported.values, 3);
    assert_eq!(exported.left_out.values().copied().collect::<Vec<_>>(), [1, 1, 5]);
}

#[test]
fn the_layout_of_dvclive() {
    let lab = Lab::new();
    let watcher = Watcher::open(lab.store()).unwrap();
    let run = watcher.start_run(RunSpec { started: Some(BEGAN), ..RunSpec::default() });
    run.watch_cfgs(&[(&json!({"lr": 0.1, "name": "yes"}), "train")]);
    run.watch_row(Some(1), None, [("train/loss", float(0.5)), ("n", Watched::Node(Node::Int(3)))]);
    run.watch_row(Some(2), None, [("train/loss", float(f64::NAN)), ("n", Watched::Node(Node::Int(4))), ("t", text("x"))]);
    run.finish(Status::Done);
    assert!(watcher.flush(std::time::Duration::from_secs(20)));
    let reader = Reader::open(lab.store()).unwrap();
    let sources = [Source::open(&reader, run.uid()).unwrap()];
    let exported = dvclive::export(&sources, &lab.path("dvclive"), &mut Meter::silent()).unwrap();
    assert_eq!((exported.values, exported.left_out.values().sum::<u64>()), (4, 1));
    let metrics: Value = serde_json::from_str(&lab.read("dvclive/metrics.json")).unwrap();
    assert_eq!(metrics, json!({"n": 4, "train": {"loss": "nan"}, "step": 2}));
    assert_eq!(lab.read("dvclive/plots/metrics/train/loss.tsv"), "step\tloss\n1\t0.5\n2\tNaN\n");
    assert_eq!(lab.read("dvclive/params.yaml"), "train:\n  lr: 0.1\n  name: \"yes\"\n");
}

#[test]
fn a_metric_that_is_called_as_a_column() {
    let lab = Lab::new();
    let watcher = Watcher::open(lab.store()).unwrap();
    let run = watcher.start_run(RunSpec { started: Some(BEGAN), ..RunSpec::default() });
    run.watch_row(Some(7), Some(BEGAN), [("step", float(0.5)), ("step_value", float(0.25)), ("x", text(""))]);
    run.watch_row(Some(7), Some(BEGAN + 1), [("y", float(1.0))]);
    run.watch_row(Some(7), Some(BEGAN + 2), [("y", float(2.0))]);
    run.finish(Status::Done);
    assert!(watcher.flush(std::time::Duration::from_secs(20)));
    let reader = Reader::open(lab.store()).unwrap();
    let sources = [Source::open(&reader, run.uid()).unwrap()];
    let exported = csv::export(&sources, csv::Layout::Wide, &lab.path("w.csv"), &mut Meter::silent()).unwrap();
    assert_eq!(exported.renamed, [("step".to_owned(), "step_value_value".to_owned())]);
    let lines: Vec<String> = lab.read("w.csv").lines().map(|line| line.replace(run.uid(), "R")).collect();
    let expected = [
        "run,part,step,time,step_value_value,step_value,x,y",
        "R,,7,2023-11-14T22:13:20.123456Z,0.5,0.25,\"\",1.0",
        "R,,7,2023-11-14T22:13:20.123458Z,,,,2.0",
    ];
    assert_eq!(lines, expected);
}
