//! `dj-sandbox env`, with the machine's own `python3 -m venv`.

use sandbox_tests::{Ran, Sandbox, skipped};

/// A sandbox with an environment `e`, or nothing where there is no Python.
fn made() -> Option<Sandbox> {
    let sandbox = Sandbox::new();
    let ran = env(&sandbox, "create", &["--without-pip"]);
    if ran.code == Some(2) && ran.stderr.contains("Failed to find Python") {
        skipped("environments: there is no Python 3");
        return None;
    }
    ran.expect(0);
    Some(sandbox)
}

fn env(sandbox: &Sandbox, verb: &str, rest: &[&str]) -> Ran {
    let mut words = vec!["env", verb, "--manager", "venv", "--name", "e"];
    words.extend(rest);
    sandbox.run(&words)
}

#[test]
fn the_life_of_an_environment() {
    let sandbox = Sandbox::new();
    assert_eq!(env(&sandbox, "status", &[]).expect(3).stdout, "absent\n");
    let Some(sandbox) = made() else { return };
    assert!(env(&sandbox, "status", &[]).expect(0).stdout.starts_with("ready: Python 3."));
    assert!(env(&sandbox, "create", &[]).expect(0).stderr.contains("ready already"));
    let printed = env(&sandbox, "run", &["--", "python", "-c", "import sys; print(sys.argv[1:])", "--a.b", "it's $x", "--"]).expect(0);
    assert_eq!(printed.stdout, "['--a.b', \"it's $x\", '--']\n");
    assert_eq!(env(&sandbox, "run", &["--", "python", "-c", "import sys; sys.exit(7)"]).code, Some(7));
    assert_eq!(env(&sandbox, "run", &["--shell", "--", "kill -9 $$"]).code, Some(137));
    assert!(env(&sandbox, "run", &["--", "no-such-program"]).expect(127).stderr.contains("Failed to find the program `no-such-program`"));
    assert!(env(&sandbox, "run", &["--timeout", "0.2", "--", "sleep", "60"]).expect(124).stderr.contains("did not end within 0.2 s"));
    let doctor = env(&sandbox, "doctor", &["--json"]).expect(0).events();
    assert_eq!((doctor[0]["status"].as_str(), doctor[0]["manager"].as_str()), (Some("ready"), Some("venv")));
    assert!(env(&sandbox, "install", &[]).expect(0).stderr.contains("nothing to install"));
    env(&sandbox, "rm", &[]).expect(0);
    assert!(env(&sandbox, "run", &["--", "true"]).expect(125).stderr.contains("does not exist"));
}

#[test]
fn mistakes_are_told() {
    let sandbox = Sandbox::new();
    let said = |words: &[&str]| sandbox.run(words).expect(2).stderr;
    assert!(said(&["env", "create", "--manager", "vnev", "--name", "e"]).contains("did you mean `venv`?"));
    assert!(said(&["env", "create", "--manager", "uv", "--name", ".."]).contains("is not usable as the name"));
    assert!(said(&["env", "create", "--manager", "conda", "--name", "a b"]).contains("it holds ` `"));
    assert!(said(&["env", "run", "--manager", "uv", "--name", "e"]).contains("there is no command"));
    sandbox.write("e/mine.txt", "mine");
    let foreign = env(&sandbox, "create", &[]).expect(3).stderr;
    assert!(foreign.contains("was not made by this program and is left alone") && foreign.contains("hint: "), "{foreign}");
    assert!(env(&sandbox, "rm", &[]).expect(3).stderr.contains("left alone"));
    assert_eq!(sandbox.read("e/mine.txt"), "mine");
}
