//! What stays after the end: files, and pushes.

use sandbox_metrics::{MetricsError, Textfiles};

use super::*;

fn finished(failed: bool) -> Metrics {
    let metrics = busy();
    if failed {
        metrics.event(&Event::JobFailed { job: job("train"), message: "x".into(), hint: None });
    } else {
        finish(&metrics, "train", 2.0, 0);
    }
    let status = if failed { "failed" } else { "done" };
    metrics.event(&Event::RunFinished { status: status.into(), seconds: 2.5, written: Vec::new() });
    metrics
}

#[test]
fn a_file_has_what_stays_true() {
    let folder = tempfile::tempdir().unwrap();
    let files = Textfiles::new(folder.path()).unwrap();
    let written = files.write(&finished(false)).unwrap();
    assert_eq!(written, [folder.path().join("sandbox_p.prom")]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing unfinished stays");
    let text = std::fs::read_to_string(&written[0]).unwrap();
    for expected in [
        "sandbox_run_last_duration_seconds{pipeline=\"p\"} 2.5\n",
        "sandbox_data_samples_dropped_total{op=\"filter\",pipeline=\"p\"} 25\n",
        "# TYPE sandbox_watched_value gauge\n",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    for never in ["run_id", "process_", "in_progress", "build_info", "warnings"] {
        assert!(!text.contains(never), "{never} in {text}");
    }
}

#[test]
fn a_failed_run_takes_no_success_away() {
    let folder = tempfile::tempdir().unwrap();
    let files = Textfiles::new(folder.path()).unwrap();
    let path = files.write(&finished(false)).unwrap().remove(0);
    let times = |name: &str| -> Vec<String> {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.lines().filter(|line| *line == format!("# TYPE {name} gauge")).count() <= 1, "{text}");
        text.lines().filter(|line| line.starts_with(&format!("{name}{{"))).map(str::to_owned).collect()
    };
    let (job, run) = ("sandbox_job_last_success_timestamp_seconds", "sandbox_run_last_success_timestamp_seconds");
    let before = (times(job), times(run));
    assert_eq!((before.0.len(), before.1.len()), (2, 1));
    std::thread::sleep(std::time::Duration::from_millis(2));
    for _ in 0..2 {
        files.write(&finished(true)).unwrap();
        let after = (times(job), times(run));
        assert_eq!(after.1, before.1);
        assert_eq!(after.0.len(), 2);
        let of = |times: &[String], hook: &str| times.iter().find(|line| line.contains(hook)).cloned();
        assert_eq!(of(&after.0, "train"), of(&before.0, "train"));
        assert_ne!(of(&after.0, "clean"), of(&before.0, "clean"));
    }
    // What somebody else wrote there is not taken over.
    std::fs::write(&path, format!("{job}{{hook=\"x\",pip\n{job}{{a=\"b\"}} nonsense\n")).unwrap();
    files.write(&finished(true)).unwrap();
    assert_eq!(times(job).len(), 1);
}

#[test]
fn a_folder_that_is_not_there_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for wrong in [folder.path().join("gone"), file] {
        let error = Textfiles::new(&wrong).unwrap_err();
        assert!(matches!(error, MetricsError::Folder { .. }) && error.hint().is_some());
        assert_eq!(error.to_string(), format!("`{}` is not a folder that can be written", wrong.display()));
    }
}

#[cfg(feature = "server")]
mod gateway {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use sandbox_metrics::Gateway;

    use super::*;

    fn push(gateway: &Gateway, metrics: &Metrics) -> Result<usize, MetricsError> {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(gateway.push(metrics))
    }

    /// Answers each request with `status`, and gives them.
    fn serve(status: &'static str, requests: usize) -> (Gateway, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gateway = Gateway::new(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let served = std::thread::spawn(move || {
            let answer = |_| {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = Vec::new();
                while !is_complete(&request) {
                    let mut part = [0; 4096];
                    let length = stream.read(&mut part).unwrap();
                    assert!(length > 0);
                    request.extend(&part[..length]);
                }
                write!(stream, "HTTP/1.1 {status}\r\nContent-Length: 3\r\n\r\nwhy").unwrap();
                String::from_utf8(request).unwrap()
            };
            (0..requests).map(answer).collect()
        });
        (gateway, served)
    }

    fn is_complete(request: &[u8]) -> bool {
        let text = String::from_utf8_lossy(request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: ")).unwrap();
        body.len() >= length.parse::<usize>().unwrap()
    }

    #[test]
    fn pipelines_and_their_jobs_have_groups() {
        let (gateway, served) = serve("200 OK", 3);
        assert_eq!(push(&gateway, &finished(true)).unwrap(), 3);
        let requests = served.join().unwrap();
        let lines: Vec<&str> = requests.iter().map(|request| request.lines().next().unwrap()).collect();
        assert_eq!(
            lines,
            [
                "POST /metrics/job/sandbox/pipeline/p HTTP/1.1",
                "POST /metrics/job/sandbox/pipeline/p/hook/clean HTTP/1.1",
                "POST /metrics/job/sandbox/pipeline/p/hook/train HTTP/1.1",
            ]
        );
        assert!(requests[0].contains("\nsandbox_run_last_duration_seconds{pipeline=\"p\"} 2.5\n"), "{}", requests[0]);
        assert!(requests[1].contains("\nsandbox_job_last_success_timestamp_seconds{hook=\"clean\""), "{}", requests[1]);
        assert!(!requests[1].contains("train") && !requests[2].contains("last_success"), "{}", requests[2]);
    }

    #[test]
    fn a_gateway_that_refuses_or_is_gone_is_an_error() {
        let (gateway, served) = serve("400 Bad Request", 1);
        let error = push(&gateway, &finished(false)).unwrap_err().to_string();
        assert!(error.ends_with("it answered 400 Bad Request: why"), "{error}");
        served.join().unwrap();
        // Nobody listens there any more.
        let error = push(&gateway, &finished(false)).unwrap_err().to_string();
        assert!(error.starts_with("Failed to push to `http://127.0.0.1:"), "{error}");
    }
}
