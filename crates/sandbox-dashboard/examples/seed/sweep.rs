//! A search for parameters: one of them matters much, one only together with another, one not at all.

use sandbox_watcher::{Level, RunSpec, Status, Watcher};
use serde_json::json;

/// Sixty trials, of which some failed.
pub fn run(watcher: &Watcher) -> String {
    let sweep = watcher.start_run(RunSpec { name: "sweep".into(), experiment: "rates and layers".into(), ..RunSpec::default() });
    sweep.setup_sweep(&json!({"method": "random", "metric": {"name": "eval.loss", "goal": "minimize"}}));
    for number in 0..60_u64 {
        let dice = |salt: u64| {
            let word = (number + salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            ((word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as f64 / f64::from(1 << 24)
        };
        let (rate, layers) = (10_f64.powf(-5.0 + 3.0 * dice(1000)), 2 + (dice(2000) * 7.0) as u64);
        let optimizer = ["adam", "sgd", "lion"][(dice(3000) * 3.0) as usize % 3];
        let name = format!("trial {}", number + 1);
        let trial = sweep.child(RunSpec { kind: Level::Trial, name, ..RunSpec::default() });
        let seed = (dice(4000) * 100.0) as u64;
        trial.watch_cfgs(&[(&json!({"lr": rate, "layers": layers, "optimizer": optimizer, "seed": seed}), "trial")]);
        let valley = (rate.log10() + 3.4).powi(2);
        let loss = 2.0 + 0.6 * valley + if optimizer == "sgd" { 0.4 } else { 0.0 } - 0.02 * layers as f64 + 0.03 * dice(5000);
        for step in 0..10_u64 {
            trial.watch_at(step, "eval", &json!({"loss": loss + 1.0 / (step + 1) as f64}));
        }
        trial.finish(if number % 17 == 16 { Status::Failed } else { Status::Done });
    }
    sweep.finish(Status::Done);
    sweep.uid().to_owned()
}
