//! Numbers of processes, against real ones.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

fn number(metrics: &Metrics, name: &str) -> f64 {
    samples(metrics)[name].parse().unwrap()
}

#[test]
fn this_process() {
    let metrics = metrics();
    metrics.watch_processes(None).unwrap();
    assert!(number(&metrics, "process_resident_memory_bytes") > 1e6);
    assert!(number(&metrics, "process_virtual_memory_bytes") >= number(&metrics, "process_resident_memory_bytes"));
    assert!(number(&metrics, "process_threads") >= 1.0);
    let open = number(&metrics, "process_open_fds");
    let files: Vec<_> = (0..20).map(|_| std::fs::File::open("/proc/self/stat").unwrap()).collect();
    assert!(number(&metrics, "process_open_fds") >= open + 15.0, "{open} and {}", files.len());
    assert!(number(&metrics, "process_max_fds") > number(&metrics, "process_open_fds"));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64();
    let age = now - number(&metrics, "process_start_time_seconds");
    assert!((-2.0..3600.0).contains(&age), "{age}");
}

#[test]
fn children_and_theirs_are_counted_when_they_are_gone_too() {
    let metrics = metrics();
    metrics.watch_processes(Some(("SANDBOX_METRICS_TEST", "mark"))).unwrap();
    let cpu = |metrics: &Metrics| number(metrics, "sandbox_children_cpu_seconds_total");
    let before = cpu(&metrics);
    // A shell that starts another one which computes, and one in a session of its own.
    let script = "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done' & sleep 60 & read line; kill $!; wait";
    let mut child = Command::new("sh").args(["-c", script]).stdin(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    let mut last = before;
    while last < before + 0.1 {
        assert!(began.elapsed() < Duration::from_secs(30), "{last}");
        std::thread::sleep(Duration::from_millis(20));
        let now = cpu(&metrics);
        assert!(now >= last, "{now} {last}");
        last = now;
    }
    assert!(number(&metrics, "sandbox_children_processes") >= 2.0);
    assert!(number(&metrics, "sandbox_children_resident_memory_bytes") > 100_000.0);
    drop(child.stdin.take());
    child.wait().unwrap();
    assert!(cpu(&metrics) >= last);
}

#[test]
fn a_stranger_with_our_mark_is_ours() {
    let (ours, theirs) = (metrics(), metrics());
    ours.watch_processes(Some(("SANDBOX_METRICS_MARK", "4711-ab"))).unwrap();
    theirs.watch_processes(Some(("SANDBOX_METRICS_MARK", "4711"))).unwrap();
    // Its parent ends at once, so that it descends from us no more.
    let mut parent = Command::new("sh");
    parent.args(["-c", "sleep 30 >/dev/null 2>&1 & echo $!"]).env("SANDBOX_METRICS_MARK", "1-2:4711-ab.7").stdin(Stdio::null());
    let output = parent.output().unwrap();
    let pid = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let (marked, others) = (number(&ours, "sandbox_children_processes"), number(&theirs, "sandbox_children_processes"));
    Command::new("kill").arg(&pid).status().unwrap();
    // Other tests of this process have children too, which both see.
    assert!(marked >= 1.0 && marked >= others, "{marked} {others}");
}

#[test]
fn graphics_cards_are_there_once_somebody_said_so() {
    let metrics = metrics();
    let gpus = metrics.watch_gpus(None).unwrap();
    assert!(!samples(&metrics).keys().any(|name| name.starts_with("sandbox_gpu")));
    gpus.update("0, GPU-1, 37, 10, 100", &format!("GPU-1, {}, 5\n", std::process::id()));
    assert_eq!(number(&metrics, "sandbox_gpu_utilization_ratio{gpu=\"0\"}"), 0.37);
    assert_eq!(number(&metrics, "sandbox_gpu_memory_limit_bytes{gpu=\"0\"}"), 104_857_600.0);
    // This process itself is no child of a job.
    assert_eq!(number(&metrics, "sandbox_children_gpu_memory_bytes{gpu=\"0\"}"), 0.0);
    gpus.update("", "");
    assert!(!samples(&metrics).keys().any(|name| name.starts_with("sandbox_gpu")));
}
