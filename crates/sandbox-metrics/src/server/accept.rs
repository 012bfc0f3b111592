//! Which format and which packing a reader wants.

use crate::format::Format;

/// The format for the value of an `Accept` header; the older one for who wants nothing that we have.
pub(crate) fn format(accept: &str) -> Format {
    let ranges: Vec<Range> = accept.split(',').filter_map(Range::parse).collect();
    let wanted = |kind: &str, versions: &[&str]| {
        let fits = |range: &&Range| {
            range.kind == kind && range.version.is_none_or(|version| versions.contains(&version))
                || range.kind == "*/*"
                || range.kind.strip_suffix('*').is_some_and(|start| start.ends_with('/') && kind.starts_with(start))
        };
        // What is said in more detail counts, and of the same the one that is wanted most.
        let best = ranges
            .iter()
            .filter(fits)
            .max_by(|a, b| (a.detail(), a.quality).partial_cmp(&(b.detail(), b.quality)).unwrap_or(std::cmp::Ordering::Equal));
        best.map_or((0.0, false), |range| (range.quality, range.kind == kind))
    };
    let (open, is_named) = wanted("application/openmetrics-text", &["1.0.0"]);
    let (text, _) = wanted("text/plain", &["0.0.4"]);
    if is_named && open > 0.0 && open >= text { Format::OpenMetrics } else { Format::Text }
}

/// Whether gzip is welcome.
pub(crate) fn takes_gzip(encodings: &str) -> bool {
    let of = |name: &str| encodings.split(',').filter_map(Range::parse).find(|range| range.kind == name).map(|range| range.quality > 0.0);
    of("gzip").or_else(|| of("*")).unwrap_or(false)
}

/// One of the things that a header lists.
struct Range<'a> {
    /// In lower case.
    kind: String,
    version: Option<&'a str>,
    quality: f64,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let kind = parts.next().filter(|kind| !kind.is_empty())?.to_ascii_lowercase();
        let mut range = Self { kind, version: None, quality: 1.0 };
        for (name, value) in parts.filter_map(|part| part.split_once('=')) {
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => range.quality = value.parse().ok().filter(|quality| (0.0..=1.0).contains(quality)).unwrap_or(0.0),
                "version" => range.version = Some(value),
                _ => {}
            }
        }
        Some(range)
    }

    fn detail(&self) -> u8 {
        match self.kind.as_str() {
            "*/*" => 0,
            kind if kind.ends_with("/*") => 1,
            _ => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_prometheus_sends() {
        for accept in [
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,\
             text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,\
             application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2",
            "application/openmetrics-text",
            "text/plain;q=0.5, Application/OpenMetrics-Text; Version=\"1.0.0\"; Q=0.5",
        ] {
            assert_eq!(format(accept), Format::OpenMetrics, "{accept}");
        }
    }

    #[test]
    fn the_older_format_for_everyone_else() {
        for accept in [
            "",
            "*/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/*, text/plain;q=0.1",
            "application/openmetrics-text;version=0.0.1",
            "application/openmetrics-text;version=2.0.0,text/plain;q=0.1",
            "application/openmetrics-text;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.5",
            "application/openmetrics-text;q=0",
            "application/openmetrics-text;q=nan",
            "application/openmetrics-text;q=-1",
            "application/vnd.google.protobuf",
            ";;;=,,;q=",
        ] {
            assert_eq!(format(accept), Format::Text, "{accept}");
        }
    }

    #[test]
    fn gzip_is_asked_for() {
        for (encodings, takes) in
            [("gzip", true), ("br, GZIP;q=0.1", true), ("*", true), ("gzip;q=0, *", false), ("gzip;q=0", false), ("", false), ("br", false)]
        {
            assert_eq!(takes_gzip(encodings), takes, "{encodings}");
        }
    }
}
