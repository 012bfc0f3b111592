//! Files that are broken, and what is left in the store then: nothing.

use std::fs;

use proptest::prelude::*;
use sandbox_interop::{InteropError, Meter, Source, csv, tensorboard};
use sandbox_watcher::Reader;

use crate::support::{Lab, content, filled, runs};

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let wrong = [
        ("", "`PATH` holds no lines"),
        ("epoch,loss\n1,2\n", "PATH:1: there is no column `step`; the first ones are `epoch`, `loss`"),
        ("step,loss\n1,2\nx,3\n", "PATH:3: `step` is no whole number: `x`"),
        ("step,time,loss\n1,yesterday,2\n", "PATH:2: `time` is no time: `yesterday`"),
        ("step,loss\n\"a\nb\",1\n", "PATH:2: `step` is no whole number: `a\nb`"),
        ("step,loss\n1,2,3\n", "PATH:2: more than the 2 fields of the first line"),
    ];
    for (text, message) in wrong {
        let lab = Lab::new();
        let path = lab.path("a.csv");
        fs::write(&path, text).unwrap();
        let importer = lab.importer();
        let error = csv::import(&importer, &path, None, &mut Meter::silent()).unwrap_err();
        assert_eq!(error.to_string(), message.replace("PATH", &path.display().to_string()), "{text}");
        assert!(error.is_usage());
        assert!(runs(importer.store()).is_empty(), "{text}");
    }
}

#[test]
fn forms_of_csv_that_others_write() {
    let lab = Lab::new();
    fs::write(
        lab.path("a.csv"),
        "\u{feff}_step,_timestamp,loss,ok,note\r\n1.0,1700000000.5,nan,True,\"a, b\"\r\n2,,1e-05,,\r\n-3,1700000001,-inf,False,\r\n",
    )
    .unwrap();
    let importer = lab.importer();
    let imported = csv::import(&importer, &lab.path("a.csv"), Some("mine"), &mut Meter::silent()).unwrap();
    assert_eq!((imported[0].name.as_str(), imported[0].values), ("mine", 6));
    let found = content(importer.store(), &imported[0].run);
    assert_eq!(
        (found[0].as_str(), found[2].as_str()),
        ("1|1700000000500000|loss|Number(Float(NaN))", "1|1700000000500000|ok|Number(Bool(true))")
    );
    assert_eq!(found[1], "1|1700000000500000|note|Item(Text, String(\"a, b\"))");
    assert!(found[3].starts_with("2|") && found[3].ends_with("|loss|Number(Float(1e-5))"), "{found:?}");
    assert_eq!(found[4], "-3|1700000001000000|loss|Number(Float(-inf))");
}

#[test]
fn an_event_file_that_is_cut_off_or_damaged() {
    let lab = Lab::new();
    let uid = filled(&lab);
    let reader = Reader::open(lab.store()).unwrap();
    let exported = tensorboard::export(&[Source::open(&reader, &uid).unwrap()], &lab.path("tb"), &mut Meter::silent()).unwrap();
    let whole = fs::read(&exported.files[1]).unwrap();
    let importer = lab.importer();
    let import = |name: &str, bytes: &[u8]| {
        let path = lab.path(name);
        fs::write(&path, bytes).unwrap();
        tensorboard::import(&importer, &path, None, &mut Meter::silent())
    };
    let cut = import("cut.tfevents", &whole[..whole.len() - 3]).unwrap().remove(0);
    assert_eq!((cut.values, cut.notes.len()), (9999 + 9, 1), "all but the last event");
    assert!(cut.notes[0].contains("ends within a record: read up to byte"), "{:?}", cut.notes);

    let mut bytes = whole.clone();
    // Within a value: the record is passed over. In a length: what follows cannot be found.
    bytes[100] ^= 1;
    let passed = import("bit.tfevents", &bytes).unwrap().remove(0);
    assert_eq!((passed.left_out.get("records that are damaged or longer than 64 MiB"), passed.notes.len()), (Some(&1), 0));
    let length = u64::from_le_bytes(whole[..8].try_into().unwrap()) as usize + 16;
    let mut bytes = whole.clone();
    bytes[length] ^= 1;
    let damaged = import("length.tfevents", &bytes).unwrap().remove(0);
    assert!(damaged.values == 0 && damaged.notes[0].contains(&format!("is damaged at byte {length}")), "{damaged:?}");

    let error = import("text.tfevents", b"no event file at all").unwrap_err();
    assert!(error.to_string().ends_with("text.tfevents:0: no event file"), "{error}");
    assert_eq!(import("empty.tfevents", b"").unwrap()[0].notes.len(), 1);
    fs::create_dir(lab.path("none")).unwrap();
    let error = tensorboard::import(&importer, &lab.path("none"), None, &mut Meter::silent()).unwrap_err();
    assert!(matches!(error, InteropError::Nothing { .. }), "{error}");
    assert_eq!(runs(importer.store()), ["cut.tfevents", "bit.tfevents", "length.tfevents", "empty.tfevents"]);
}

#[test]
fn a_quote_that_is_never_closed_takes_bounded_memory() {
    let lab = Lab::new();
    let mut text = "step,loss\n1,\"".to_owned();
    text.push_str(&"x\n".repeat(40 << 20));
    fs::write(lab.path("a.csv"), text).unwrap();
    let error = csv::import(&lab.importer(), &lab.path("a.csv"), None, &mut Meter::silent()).unwrap_err();
    assert!(error.to_string().ends_with("a.csv:2: a line longer than 64 MiB: is a quote not closed?"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_bytes_are_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let lab = Lab::new();
        let importer = lab.importer();
        fs::write(lab.path("a.csv"), [b"step,loss\n".as_slice(), &bytes].concat()).unwrap();
        let _ = csv::import(&importer, &lab.path("a.csv"), None, &mut Meter::silent());
        fs::write(lab.path("a.tfevents"), &bytes).unwrap();
        let _ = tensorboard::import(&importer, &lab.path("a.tfevents"), None, &mut Meter::silent());
    }
}
