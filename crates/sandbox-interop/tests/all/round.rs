//! What goes out and comes in again is the same.

use sandbox_interop::{Imported, InteropError, Meter, Source, csv, tensorboard};
use sandbox_watcher::Reader;

use crate::support::{Lab, content, filled, runs};

/// The content of several runs in one order.
fn contents(lab: &Lab, imported: &[Imported]) -> Vec<String> {
    let importer = lab.importer();
    let mut all: Vec<String> = imported.iter().flat_map(|one| content(importer.store(), &one.run)).collect();
    all.sort();
    all
}

fn sorted(lab: &Lab, uid: &str) -> Vec<String> {
    let mut all = content(&lab.store(), uid);
    all.sort();
    all
}

#[test]
fn csv_holds_every_number_to_the_last_digit() {
    for layout in [csv::Layout::Long, csv::Layout::Wide] {
        let lab = Lab::new();
        let uid = filled(&lab);
        let reader = Reader::open(lab.store()).unwrap();
        let source = Source::open(&reader, &uid).unwrap();
        let total = source.total();
        let file = lab.path("runs.csv");
        let mut told = 0;
        let mut tell = |done| told = done;
        let exported = csv::export(&[source], layout, &file, &mut Meter::new(&mut tell)).unwrap();
        assert_eq!((exported.values, exported.left_out.len()), (total, 0));
        assert!(told > 0);
        let imported = csv::import(&lab.importer(), &file, None, &mut Meter::silent()).unwrap();
        let names: Vec<&str> = imported.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, [uid.as_str(), &format!("{uid}/iter_1/train")]);
        // Histograms and tables are JSON in CSV, and come back as texts of it; a wide line has one time for its step.
        let is_number = |line: &&String| !line.contains("Item") && (layout == csv::Layout::Long || line.contains("|loss|"));
        let (before, after) = (sorted(&lab, &uid), contents(&lab, &imported));
        assert_eq!(before.iter().filter(is_number).collect::<Vec<_>>(), after.iter().filter(is_number).collect::<Vec<_>>());
        assert_eq!(before.len(), after.len());
        let notes = |all: &[String]| all.iter().filter(|line| line.contains("|note|")).cloned().collect::<Vec<_>>();
        assert_eq!(notes(&before), notes(&after));
    }
}

#[test]
fn event_files_hold_numbers_as_float32() {
    let lab = Lab::new();
    let uid = filled(&lab);
    let reader = Reader::open(lab.store()).unwrap();
    let exported = tensorboard::export(&[Source::open(&reader, &uid).unwrap()], &lab.path("tb"), &mut Meter::silent()).unwrap();
    assert_eq!(exported.files.len(), 2);
    assert!(exported.files[1].starts_with(lab.path("tb").join(&uid).join("iter_1/train")), "{:?}", exported.files);
    assert_eq!(exported.left_out.get("tables"), Some(&5));
    assert!(exported.rounded > 4000);
    let imported = tensorboard::import(&lab.importer(), &lab.path("tb"), None, &mut Meter::silent()).unwrap();
    assert_eq!(imported.iter().map(|one| one.name.clone()).collect::<Vec<_>>(), [uid.clone(), format!("{uid}/iter_1/train")]);
    // Everything is a float now, rounded once.
    let as_float32 = |line: &String| {
        let (head, cell) = line.rsplit_once('|').unwrap();
        let number = cell.trim_end_matches(')').rsplit('(').next().unwrap();
        let number: f64 = match number {
            "true" => 1.0,
            number => number.parse().unwrap(),
        };
        format!("{head}|Number(Float({:?}))", f64::from(number as f32))
    };
    let numbers = |all: Vec<String>| all.into_iter().filter(|line| line.contains("|Number(")).collect::<Vec<_>>();
    let mut before: Vec<String> = numbers(content(&lab.store(), &uid)).iter().map(as_float32).collect();
    before.sort();
    let after = contents(&lab, &imported);
    assert_eq!(before, numbers(after.clone()));
    let others = |all: &[String]| {
        let is_kept = |line: &&String| line.contains("|note|") || line.contains("|weights|");
        all.iter().filter(is_kept).cloned().collect::<Vec<_>>()
    };
    assert_eq!(others(&sorted(&lab, &uid)), others(&after));
}

#[test]
fn the_same_comes_in_once() {
    let lab = Lab::new();
    std::fs::write(lab.path("a.csv"), "step,loss\n1,0.5\n").unwrap();
    let import = |importer: &sandbox_interop::Importer| csv::import(importer, &lab.path("a.csv"), None, &mut Meter::silent());
    let mut importer = lab.importer();
    let first = import(&importer).unwrap();
    let error = import(&importer).unwrap_err();
    assert!(matches!(&error, InteropError::Known { run, .. } if *run == first[0].run), "{error}");
    assert!(error.hint().unwrap().contains("--replace"));
    importer.replace = true;
    let second = import(&importer).unwrap();
    assert_eq!(second[0].replaced, [first[0].run.clone()]);
    assert_eq!(runs(importer.store()), ["a"]);
    std::fs::write(lab.path("a.csv"), "step,loss\n1,0.5\n2,0.25\n").unwrap();
    importer.replace = false;
    import(&importer).unwrap();
    assert_eq!(runs(importer.store()), ["a", "a"]);
}

/// Rows of a run that goes on are whole: what came after the run was opened does not go out by halves.
#[test]
fn a_run_that_goes_on() {
    use crate::support::float;
    use sandbox_watcher::{RunSpec, Watcher};
    use std::time::Duration;

    let lab = Lab::new();
    let watcher = Watcher::open(lab.store()).unwrap();
    let run = watcher.start_run(RunSpec::default());
    let row = |step| run.watch_row(Some(step), Some(step), [("a", float(0.0)), ("b", float(1.0))]);
    (0..10).for_each(row);
    assert!(watcher.flush(Duration::from_secs(20)));
    let reader = Reader::open(lab.store()).unwrap();
    let source = Source::open(&reader, run.uid()).unwrap();
    (10..20).for_each(row);
    assert!(watcher.flush(Duration::from_secs(20)));
    let (mut rows, mut one) = (source.rows(&source.parts[0], 3).unwrap(), sandbox_interop::Row::default());
    let mut seen = Vec::new();
    while rows.next(&mut one).unwrap() {
        seen.push((one.seq, one.values.len()));
    }
    assert_eq!(seen, (3..10).map(|seq| (seq, 2)).collect::<Vec<_>>());
}
