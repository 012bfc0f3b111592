//! The command line of metrics: flags of `run`, and `dj-sandbox metrics`.

use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command};

/// Where the metrics of a run go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetricsArguments {
    /// `--metrics`: where they are served.
    pub listen: Option<String>,
    /// `--metrics_allowed_host`, several times.
    pub hosts: Vec<String>,
    /// `--linger`: how long they are served after the end.
    pub linger: Duration,
    /// `--push_gateway`
    pub gateway: Option<String>,
    /// `--prom_textfile`
    pub textfile: Option<String>,
}

/// `run` with the flags of metrics.
pub(super) fn flags(run: Command) -> Command {
    let listen = Arg::new("metrics").long("metrics").value_name("ADDRESS:PORT");
    let listen = listen.help("Serve metrics for Prometheus under /metrics while the run goes on; port 0 takes a free one");
    let host = Arg::new("metrics_allowed_host").long("metrics_allowed_host").alias("metrics-allowed-host").value_name("NAME");
    let host = host.action(ArgAction::Append).requires("metrics").help("Answer to this name too, for example that of this computer");
    let linger = Arg::new("linger").long("linger").value_name("TIME").requires("metrics").value_parser(duration);
    let linger = linger.help("Serve metrics for this long after the end, so that the last values are read, such as 30s");
    let gateway = Arg::new("push_gateway").long("push_gateway").alias("push-gateway").value_name("URL");
    let gateway = gateway.help("Push what the run leaves behind to this Pushgateway at its end");
    let textfile = Arg::new("prom_textfile").long("prom_textfile").alias("prom-textfile").value_name("FOLDER");
    let textfile = textfile.help("Write what the run leaves behind into this folder of the node exporter at its end");
    run.args([listen, host, linger, gateway, textfile])
}

pub(super) fn command() -> Command {
    let what = Arg::new("what").value_name("WHAT").required(true).value_parser(["rules", "dashboard"]);
    let what = what.help("`rules`: alert rules as YAML; `dashboard`: a Grafana dashboard as JSON");
    Command::new("metrics").about("Prints what goes with the metrics of `run --metrics`: alert rules, a dashboard").arg(what)
}

pub(super) fn arguments(matches: &ArgMatches) -> MetricsArguments {
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
    MetricsArguments {
        listen: text("metrics"),
        hosts: matches.try_get_many::<String>("metrics_allowed_host").ok().flatten().into_iter().flatten().cloned().collect(),
        linger: matches.try_get_one::<Duration>("linger").ok().flatten().copied().unwrap_or_default(),
        gateway: text("push_gateway"),
        textfile: text("prom_textfile"),
    }
}

/// `30s`, `500ms`, `2m`, `1h`, or seconds.
fn duration(text: &str) -> Result<Duration, String> {
    let at = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let scale = match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("a time is a number with `ms`, `s`, `m` or `h`".to_owned()),
    };
    let seconds = number.parse::<f64>().map_err(|_| "a time is a number with `ms`, `s`, `m` or `h`".to_owned())? * scale;
    // A week is longer than anybody waits.
    let is_sound = (0.0..=604_800.0).contains(&seconds);
    if is_sound { Ok(Duration::from_secs_f64(seconds)) } else { Err("a time is from 0 to 168h".to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, milliseconds) in [("30s", 30_000), ("500ms", 500), ("1.5m", 90_000), ("1h", 3_600_000), ("7", 7_000), ("0", 0)] {
            assert_eq!(duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
        for wrong in ["", "s", "-1s", "1d", "1 s", "inf", "nan", "1e9h", "169h", "30 s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
