//! Runs that only measured.

use sandbox_watcher::{RunSpec, Status, Watcher};
use serde_json::json;

/// Six trainings with different rates; one of them has numbers that are none, one failed.
pub fn runs(watcher: &Watcher) -> Vec<String> {
    let one = |number: u32| {
        let (rate, layers) = (1e-4 * f64::from(number + 1), 2 + number % 3);
        let spec = RunSpec { name: format!("run {number}"), experiment: format!("rate {rate:.4}"), ..RunSpec::default() };
        let run = watcher.start_run(spec);
        run.tag([("team", "text"), ("night", "")]);
        run.watch_cfgs(&[(&json!({"lr": rate, "layers": layers, "api_key": "x"}), "model")]);
        for step in 0..2000_u64 {
            let loss = 4.0 / (1.0 + step as f64 * 0.003 * f64::from(number + 1)) + 0.1 * ((step * 7919 % 100) as f64 / 100.0);
            let loss = if number == 1 && step % 500 == 499 { f64::NAN } else { loss };
            run.watch_at(step, "train", &json!({"lr": rate, "tokens_seen": step * 4096}));
            run.watch_number(Some(step), "train.loss", loss);
            if step % 100 == 0 {
                run.watch_at(step, "eval", &json!({"bits_per_byte": loss / 3.0, "accuracy": 1.0 - loss / 5.0}));
            }
        }
        run.finish(if number == 3 { Status::Failed } else { Status::Done });
        run.uid().to_owned()
    };
    (0..6).map(one).collect()
}

/// A million points of one name, with one that stands out.
pub fn million(watcher: &Watcher) -> String {
    let run = watcher.start_run(RunSpec { name: "million".into(), experiment: "a million points".into(), ..RunSpec::default() });
    for step in 0..1_000_000_u64 {
        let noise = (step.wrapping_mul(6_364_136_223_846_793_005) >> 40) as f64 / f64::from(1 << 24);
        run.watch_number(Some(step), "train.loss", if step == 654_321 { 9.0 } else { 3.0 / (1.0 + step as f64 * 1e-5) + noise });
    }
    run.finish(Status::Done);
    run.uid().to_owned()
}
