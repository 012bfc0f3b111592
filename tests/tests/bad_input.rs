//! Bad input: each is told with its place and what would be right, or counted and set aside; nothing half-written stands under a
//! final name.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::process::{Command, Output};

use insta::assert_snapshot;
use sandbox_tests::Sandbox;

const RECIPE: &str = "dataset_path: rows.jsonl\nexport_path: out/rows.jsonl\nprocess:\n- whitespace_normalization_mapper:\n- text_length_filter:\n    min_len: 2\n";
const ROWS: &str = "{\"text\": \"the first row\"}\n{\"text\": \"the second row\"}\n{\"text\": \"the third row\"}\n";

/// A recipe and rows for it.
fn ready() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("recipe.yaml", RECIPE);
    sandbox.write("rows.jsonl", ROWS);
    sandbox
}

/// Title, what to make wrong, exit code.
type Case<'c> = (&'c str, &'c dyn Fn(&Sandbox), i32);

/// Runs the cases, each in a fresh folder, and puts together what was said. Whatever is wrong, nothing is written.
fn refused(cases: &[Case<'_>], arguments: &[&str]) -> String {
    let mut told = String::new();
    for (title, change, code) in cases {
        let sandbox = ready();
        change(&sandbox);
        let ran = sandbox.run(arguments);
        assert_eq!(ran.code, Some(*code), "{title}\n{ran}");
        assert!(sandbox.files("out").is_empty(), "{title}: {:?}", sandbox.files("out").keys());
        assert!(!ran.stderr.contains("panicked"), "{title}\n{ran}");
        told += &format!("== {title}\n{}", ran.complaint());
    }
    told
}

const PROCESS: [&str; 3] = ["process", "--config", "recipe.yaml"];

#[test]
fn recipes() {
    let with = |from: &'static str, to: &'static str| {
        assert!(RECIPE.contains(from));
        move |sandbox: &Sandbox| sandbox.write("recipe.yaml", RECIPE.replace(from, to))
    };
    let text = |text: &'static str| move |sandbox: &Sandbox| sandbox.write("recipe.yaml", text);
    let cases: [Case<'_>; 17] = [
        ("no such recipe", &|sandbox| std::fs::rename(sandbox.path("recipe.yaml"), sandbox.path("recipes.yaml")).unwrap(), 2),
        (
            "a folder instead of a recipe",
            &|sandbox| {
                std::fs::remove_file(sandbox.path("recipe.yaml")).unwrap();
                sandbox.write("recipe.yaml/x", "");
            },
            2,
        ),
        ("an empty recipe", &text(""), 2),
        ("broken YAML", &text("dataset_path: rows.jsonl\nprocess:\n- text_length_filter: {min_len: 2\n"), 2),
        ("a tab in YAML", &text("dataset_path: rows.jsonl\nprocess:\n\t- text_length_filter:\n"), 2),
        ("a list instead of a map", &text("- dataset_path: rows.jsonl\n"), 2),
        ("not UTF-8", &|sandbox| sandbox.write("recipe.yaml", b"dataset_path: r\xffws.jsonl\n"), 2),
        ("missing rows", &with("rows.jsonl\nexport", "row.jsonl\nexport"), 2),
        ("unknown key", &with("dataset_path", "dataset_pth"), 2),
        ("unknown operator", &with("text_length_filter", "text_lenght_filter"), 2),
        ("unknown parameter", &with("min_len", "min_length"), 2),
        ("a parameter of the wrong type", &with("min_len: 2", "min_len: [2]"), 2),
        ("a key of the wrong type", &with("process:", "np: many\nprocess:"), 2),
        (
            "operators as a map",
            &with("- whitespace_normalization_mapper:\n- text_length_filter:\n    min_len: 2\n", "  text_length_filter:\n    min_len: 2\n"),
            2,
        ),
        ("two operators in one entry", &with("- text_length_filter:\n    min_len: 2\n", "- text_length_filter:\n  words_num_filter:\n"), 2),
        (
            "four mistakes at once",
            &text("dataset_pth: rows.jsonl\nnp: -1\nprocess:\n- words_filter:\n- text_length_filter: {min: 2, max_len: ten}\n"),
            2,
        ),
        ("an export over the input", &with("out/rows.jsonl", "./rows.jsonl"), 2),
    ];
    assert_snapshot!("recipes", refused(&cases, &PROCESS));
}

#[test]
fn rows_that_cannot_be_used_are_set_aside() {
    let sandbox = Sandbox::new();
    sandbox.write("recipe.yaml", RECIPE);
    let long = format!("{{\"text\": \"{}\"}}", "long ".repeat(2_000));
    let rows: Vec<&[u8]> = vec![
        br#"{"text": "good 1"}"#,
        br#"{"text": "cut o"#,
        br#"{"text": "good 3"}"#,
        b"{\"text\": \"caf\xe9\"}",
        long.as_bytes(),
        br#"{"text": 17}"#,
        br#"["text"]"#,
        br#"{"text": "two values"} {"text": "in a line"}"#,
        br#"{"text": "lone surrogate \ud800"}"#,
        br#"{"text": "a raw	tab"}"#,
        br#"{text: "no quotes"}"#,
        b"",
        br#"{"text": null}"#,
        br#"{"other": "no text"}"#,
        b"\0\0\0\0",
        br#"{"text": "good 16"}"#,
    ];
    sandbox.write("rows.jsonl", rows.join(&b'\n'));
    let ran = sandbox.run(&["process", "--config", "recipe.yaml", "--max_row_bytes", "5000"]).expect(5);
    let rejected = sandbox.read("out/rows_rejected.jsonl");
    // The long row would fill the page.
    let rejected: String = rejected
        .lines()
        .map(|line| format!("{}\n", if line.len() > 300 { &line[..line.floor_char_boundary(120)] } else { line }))
        .collect();
    assert_snapshot!(
        "rows",
        format!("{}---- rows.jsonl\n{}---- rows_rejected.jsonl\n{rejected}", ran.snapshot(), sandbox.read("out/rows.jsonl"))
    );
    for line in sandbox.read("out/rows.jsonl").lines() {
        assert!(rows.contains(&line.as_bytes()), "rows that are kept keep their bytes: {line}");
    }

    // Nothing of an earlier result is lost to a run that stops at the first such row.
    let before = sandbox.files("out");
    let strict = sandbox.run(&["process", "--config", "recipe.yaml", "--strict"]).expect(3);
    assert_eq!(sandbox.files("out"), before);
    assert_snapshot!("rows_strict", strict.snapshot());

    let analysed = sandbox.run(&["analyze", "--config", "recipe.yaml", "--max_row_bytes", "5000"]).expect(5);
    assert_snapshot!("rows_analysed", analysed.snapshot());
}

#[test]
fn many_bad_rows_are_counted_not_listed() {
    let sandbox = ready();
    sandbox.write("rows.jsonl", format!("{ROWS}{}", "not a row\n".repeat(1_234)));
    let ran = sandbox.run(&PROCESS).expect(5);
    assert_snapshot!("many_bad_rows", ran.complaint());
    assert_eq!(sandbox.read("out/rows_rejected.jsonl").lines().count(), 1_234);
}

#[test]
fn files_of_rows() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, bytes).unwrap();
        encoder.finish().unwrap()
    };
    let compressed = gzip(ROWS.repeat(100).as_bytes());
    let recipe = |path: &'static str| RECIPE.replace("rows.jsonl\nexport", &format!("{path}\nexport"));
    let cases: [Case<'_>; 8] = [
        (
            "a gzip file that is cut off",
            &|sandbox| {
                sandbox.write("recipe.yaml", recipe("r.jsonl.gz"));
                sandbox.write("r.jsonl.gz", &compressed[..compressed.len() / 2]);
            },
            3,
        ),
        (
            "a gzip file that is none",
            &|sandbox| {
                sandbox.write("recipe.yaml", recipe("r.jsonl.gz"));
                sandbox.write("r.jsonl.gz", ROWS);
            },
            3,
        ),
        (
            "a zstd file that is none",
            &|sandbox| {
                sandbox.write("recipe.yaml", recipe("r.jsonl.zst"));
                sandbox.write("r.jsonl.zst", ROWS);
            },
            3,
        ),
        (
            "an unknown suffix",
            &|sandbox| {
                sandbox.write("recipe.yaml", recipe("r.xyz"));
                sandbox.write("r.xyz", ROWS);
            },
            2,
        ),
        (
            "a folder without rows",
            &|sandbox| {
                sandbox.write("recipe.yaml", recipe("d"));
                sandbox.write("d/readme.xyz", "x");
            },
            2,
        ),
        ("a pattern without a match", &|sandbox| sandbox.write("recipe.yaml", recipe("'*.json'")), 2),
        ("a pattern that is none", &|sandbox| sandbox.write("recipe.yaml", recipe("'rows[.jsonl'")), 2),
        ("no row has the field", &|sandbox| sandbox.write("rows.jsonl", ROWS.replace("text", "content")), 3),
    ];
    assert_snapshot!("files", refused(&cases, &PROCESS));
}

/// No rows are no mistake, but worth a word.
#[test]
fn an_empty_file() {
    for (name, content) in [("empty", ""), ("blank", "\n\n\n"), ("bom", "\u{feff}")] {
        let sandbox = ready();
        sandbox.write("rows.jsonl", content);
        let ran = sandbox.run(&PROCESS).expect(0);
        assert_eq!(sandbox.read("out/rows.jsonl"), "", "{name}");
        assert!(ran.stdout.starts_with("0 rows in, 0 out"), "{name} {ran}");
    }
    let sandbox = ready();
    sandbox.write("rows.jsonl", "");
    assert_snapshot!(
        "an_empty_file",
        format!("{}{}", sandbox.run(&PROCESS).snapshot(), sandbox.run(&["analyze", "--config", "recipe.yaml"]).snapshot())
    );
}

#[test]
fn places_that_cannot_be_written() {
    // Below a file no folder can be made, not even by root.
    let sandbox = ready();
    let cases: [&[&str]; 3] = [
        &["process", "--config", "recipe.yaml", "--export_path", "rows.jsonl/out/rows.jsonl"],
        &["analyze", "--config", "recipe.yaml", "--export_path", "rows.jsonl/out/rows.jsonl"],
        &["process", "--config", "recipe.yaml", "--export_path", "folder.jsonl"],
    ];
    sandbox.write("folder.jsonl/something", "");
    let before = sandbox.files("");
    let told: Vec<String> = cases.iter().map(|case| sandbox.run(case).expect(3).snapshot()).collect();
    assert_eq!(sandbox.files(""), before);

    let jobs = Sandbox::with_configs();
    jobs.write("file", "");
    let ran = jobs.run(&["run", "--config", "configs/demo/sandbox.yaml", "--work_dir", "file/work"]).expect(3);
    assert_eq!(jobs.files("outputs").len(), 0, "nothing ran");
    assert_snapshot!("unwritable", format!("{}{}", told.concat(), ran.snapshot()));
}

#[cfg(unix)]
#[test]
fn a_folder_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = ready();
    sandbox.write("out/earlier", "");
    std::fs::set_permissions(sandbox.path("out"), std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(sandbox.path("out/probe"), "").is_ok() {
        sandbox_tests::skipped("permissions do not bind this user (root); run the tests as another one to see this case");
        return;
    }
    let ran = sandbox.run(&PROCESS).expect(3);
    std::fs::set_permissions(sandbox.path("out"), std::fs::Permissions::from_mode(0o755)).unwrap();
    assert!(ran.stderr.contains("Failed to write `out/rows.jsonl.partial`: Permission denied"), "{ran}");
    assert_eq!(sandbox.files("out").keys().collect::<Vec<_>>(), ["earlier"]);
}

/// Runs the program through a shell that sets a limit first.
#[cfg(unix)]
fn limited(sandbox: &Sandbox, limit: &str, arguments: &[&str]) -> Output {
    let program = sandbox_tests::program();
    // The signal that goes with the limit would end the process: ignored, the write fails as it does on a full disk.
    let script = format!("{limit}; trap '' XFSZ; exec \"$0\" \"$@\"");
    Command::new("sh").arg("-c").arg(script).arg(program).args(arguments).current_dir(sandbox.folder()).output().unwrap()
}

#[cfg(unix)]
#[test]
fn a_disk_that_takes_no_more() {
    let sandbox = Sandbox::with_configs();
    let recipe = ["process", "--config", "configs/demo/recipe.yaml", "--export_path", "out/rows.jsonl"];
    // Blocks of 512 or 1024 bytes, by the shell: less than the rows need either way.
    let output = limited(&sandbox, "ulimit -f 1000", &recipe);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("error: Failed to write `out/rows.jsonl") && said.contains("File too large"), "{said}");
    assert!(sandbox.files("out").is_empty(), "{:?}", sandbox.files("out").keys());

    // In a run, the jobs before are recorded and it goes on from there when there is room again.
    let output = limited(&sandbox, "ulimit -f 1700", &["run", "--config", "configs/demo/sandbox.yaml"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("job `process`") && said.contains("File too large"), "{said}");
    let left = sandbox.outputs();
    assert!(left.contains_key("demo/refined.yaml") && !left.contains_key("demo/processed/iter_1/speeches.jsonl"), "{:?}", left.keys());
    assert!(left.keys().all(|path| !path.ends_with(".partial")), "{:?}", left.keys());
    let resumed = sandbox.run(&["run", "--config", "configs/demo/sandbox.yaml", "--resume"]).expect(0);
    assert!(
        resumed.stderr.starts_with(
            "[1/7] demo.raw_data  skipped: unchanged\n[2/7] demo.raw_data  skipped: unchanged\n[3/7] demo.process  ProcessDataHook"
        ),
        "{resumed}"
    );
}

/// A real file system without room, where one can be mounted.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk() {
    struct Mounted(std::path::PathBuf);
    impl Drop for Mounted {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(&self.0).status();
        }
    }
    let sandbox = Sandbox::with_configs();
    sandbox.write("disk/below", "");
    let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=512k", "tmpfs"]).arg(sandbox.path("disk")).output();
    if !mount.is_ok_and(|output| output.status.success()) {
        sandbox_tests::skipped("no small file system can be mounted here; run the tests as root to see this case");
        return;
    }
    let mounted = Mounted(sandbox.path("disk"));
    let ran = sandbox.run(&["process", "--config", "configs/demo/recipe.yaml", "--export_path", "disk/out/rows.jsonl"]).expect(3);
    assert!(ran.stderr.contains("error: Failed to write `disk/out/rows.jsonl") && ran.stderr.contains("No space left on device"), "{ran}");
    assert!(sandbox.files("disk/out").is_empty(), "{:?}", sandbox.files("disk/out").keys());
    drop(mounted);
}

const JOBS: &str = "\
work_dir: out
pipelines:
- main:
    execution_job_configs:
    - hook: ProcessDataHook
      meta_name: clean
      dj_configs: recipe.yaml
      output: rows
    - hook: TrainModelHook
      meta_name: train
      input:
        extra_configs.dataset_path: main.clean.rows
      extra_configs:
        type: ngram
        dataset_path: <replaced>
        export_path: out/models/model.ngram
      output: model
iter_targets: main.train.model >= 3
";

#[test]
fn sandbox_configurations() {
    let with = |from: &'static str, to: &'static str| {
        assert!(JOBS.contains(from), "{from}");
        move |sandbox: &Sandbox| sandbox.write("sandbox.yaml", JOBS.replace(from, to))
    };
    let text = |text: &'static str| move |sandbox: &Sandbox| sandbox.write("sandbox.yaml", text);
    let cases: [Case<'_>; 20] = [
        ("no such file", &|_| {}, 2),
        ("an empty file", &text(""), 0),
        ("broken YAML", &with("    - hook: ProcessDataHook", "    - hook: [ProcessDataHook"), 2),
        ("misspelt key", &with("work_dir", "workdir"), 2),
        ("misspelt job list", &with("execution_job_configs", "excution_job_configs"), 2),
        ("misspelt key of a job", &with("      meta_name: clean", "      metaname: clean"), 2),
        ("misspelt hook", &with("ProcessDataHook", "ProcesDataHook"), 2),
        ("no hook", &with("- hook: ProcessDataHook\n      meta_name", "- meta_name"), 2),
        ("misspelt type", &with("type: ngram", "type: n_gram"), 2),
        ("no type", &with("        type: ngram\n", ""), 2),
        ("misspelt pipeline", &with("main.clean.rows", "mian.clean.rows"), 2),
        ("misspelt job", &with("main.clean.rows", "main.claen.rows"), 2),
        ("misspelt output", &with("main.clean.rows", "main.clean.row"), 2),
        ("a job that comes later", &with("main.clean.rows", "main.train.model"), 2),
        ("misspelt component key", &with("export_path: out/models", "exportpath: out/models"), 2),
        ("missing recipe", &with("recipe.yaml", "recipes.yaml"), 2),
        (
            "missing rows",
            &|sandbox| {
                sandbox.write("sandbox.yaml", JOBS);
                std::fs::remove_file(sandbox.path("rows.jsonl")).unwrap();
            },
            2,
        ),
        (
            "misspelt operator in the recipe",
            &|sandbox| {
                sandbox.write("sandbox.yaml", JOBS);
                sandbox.write("recipe.yaml", RECIPE.replace("text_length", "text_lenght"));
            },
            2,
        ),
        ("a target that is none", &with("main.train.model >= 3", "main.train.model => 3"), 2),
        (
            "many mistakes at once",
            &|sandbox| {
                sandbox.write(
                    "sandbox.yaml",
                    JOBS.replace("ProcessDataHook", "ProcessData")
                        .replace("type: ngram", "type: gpt9")
                        .replace("main.clean.rows", "main.clean.raws")
                        .replace("work_dir", "resume: perhaps\nwork_dir")
                        .replace("main.train.model >= 3", "main.trian.model >= 3"),
                )
            },
            2,
        ),
    ];
    assert_snapshot!("sandbox_configurations", refused(&cases, &["run", "--config", "sandbox.yaml"]));
    // `check` says the same.
    let sandbox = ready();
    sandbox.write("sandbox.yaml", JOBS.replace("type: ngram", "type: n_gram"));
    let (run, check) = (sandbox.run(&["run", "--config", "sandbox.yaml"]), sandbox.run(&["check", "--config", "sandbox.yaml"]));
    assert_eq!((run.stderr, run.code), (check.stderr, check.code));
}

#[test]
fn lists_of_what_is_known_are_whole() {
    let sandbox = ready();
    let listed = sandbox.run(&["list", "--json"]).expect(0).events();
    sandbox.write("recipe.yaml", RECIPE.replace("text_length_filter", "nothing_like_it"));
    let said = sandbox.run(&PROCESS).expect(2).stderr;
    assert!(said.contains("`dj-sandbox list operators` shows all operators"), "{said}");
    let page = sandbox.run(&["list", "operators"]).expect(0).stdout;
    let operators = listed[0]["operators"].as_array().unwrap();
    assert!(operators.len() >= 60);
    let elsewhere = listed[0]["operators_in_data_juicer"].as_array().unwrap();
    assert!(elsewhere.len() >= 100);
    for name in operators.iter().map(|operator| &operator["name"]).chain(elsewhere) {
        assert!(page.contains(name.as_str().unwrap()), "{name} is not named in\n{page}");
    }
    sandbox.write("recipe.yaml", RECIPE);
    sandbox.write("sandbox.yaml", JOBS.replace("ProcessDataHook", "NothingLikeIt"));
    let said = sandbox.run(&["run", "--config", "sandbox.yaml"]).expect(2).stderr;
    let hooks = listed[0]["hooks"].as_array().unwrap();
    assert_eq!(hooks.len(), 12);
    for hook in hooks {
        assert!(said.contains(hook["name"].as_str().unwrap()), "{hook} is not named in\n{said}");
    }
}

/// A job that fails leaves what was done before it, with what to do next.
#[test]
fn a_job_that_fails() {
    let sandbox = ready();
    sandbox.write("recipe.yaml", RECIPE.replace("min_len: 2", "min_len: 2000"));
    sandbox.write("sandbox.yaml", JOBS.replace("iter_targets: main.train.model >= 3\n", ""));
    let ran = sandbox.run(&["run", "--config", "sandbox.yaml"]).expect(3);
    assert_snapshot!("a_failed_job", ran.snapshot());
    assert!(!sandbox.path("out/models").join("iter_1/model.ngram").exists());
    sandbox.write("recipe.yaml", RECIPE);
    let mended = sandbox.run(&["run", "--config", "sandbox.yaml", "--resume"]).expect(0);
    assert_snapshot!("a_failed_job_mended", mended.complaint());
}

#[test]
fn command_lines() {
    let cases: [&[&str]; 13] = [
        &["runn", "--config", "sandbox.yaml"],
        &["run"],
        &["run", "--confg", "sandbox.yaml"],
        &["run", "--config", "sandbox.yaml", "--max_iter_nmu", "3"],
        &["run", "--config", "sandbox.yaml", "--max_iter_num", "many"],
        &["run", "--config", "sandbox.yaml", "--max_iter_num"],
        &["run", "--config", "sandbox.yaml", "--main.clean.dj_config.np", "1"],
        &["run", "--config", "sandbox.yaml", "--main.claen.dj_configs.np", "1"],
        &["process", "--config", "recipe.yaml", "--text_lenght_filter.min_len", "3"],
        &["process", "--config", "recipe.yaml", "--text_length_filter.min_length", "3"],
        &["process", "--config", "recipe.yaml", "--text_length_filter.min_len"],
        &["process", "--config", "recipe.yaml", "--max_row_bytes", "much"],
        &["list", "text_lenght_filter"],
    ];
    let sandbox = ready();
    sandbox.write("sandbox.yaml", JOBS);
    let before = sandbox.files("");
    let told: String = cases.iter().map(|case| sandbox.run(case).expect(2).snapshot()).collect();
    assert_eq!(sandbox.files(""), before, "nothing was run");
    assert_snapshot!("command_lines", told);
}
