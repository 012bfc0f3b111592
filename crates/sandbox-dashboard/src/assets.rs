//! The pages themselves: files that are part of the program, compressed once, named by their content.

use std::io::Write;
use std::sync::OnceLock;

use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

struct Asset {
    name: &'static str,
    bytes: &'static [u8],
}

macro_rules! assets {
    ($($name:literal),* $(,)?) => {
        &[$(Asset { name: $name, bytes: include_bytes!(concat!("../assets/", $name)) }),*]
    };
}

const INDEX: Asset = Asset { name: "index.html", bytes: include_bytes!("../assets/index.html") };

const ASSETS: &[Asset] = assets![
    "api.js",
    "app.js",
    "charts/bars.js",
    "charts/graph.js",
    "charts/lines.js",
    "charts/overlay.js",
    "charts/parallel.js",
    "fold.js",
    "format.js",
    "icon.svg",
    "live.js",
    "pages/compare.js",
    "pages/curves.js",
    "pages/data.js",
    "pages/lineage.js",
    "pages/log.js",
    "pages/run.js",
    "pages/runs.js",
    "pages/sweep.js",
    "parts.js",
    "style.css",
    "theme.js",
    "vendor/htm-preact-standalone.js",
    "vendor/uplot.css",
    "vendor/uplot.js",
];

/// One asset, ready to send.
struct Packed {
    name: &'static str,
    plain: &'static [u8],
    gzip: Vec<u8>,
    tag: String,
}

fn packed() -> &'static [Packed] {
    static PACKED: OnceLock<Vec<Packed>> = OnceLock::new();
    PACKED.get_or_init(|| ASSETS.iter().chain([&INDEX]).map(pack).collect())
}

fn pack(asset: &Asset) -> Packed {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    // Writing to memory cannot fail; were it to, the plain bytes would be sent.
    let gzip = encoder.write_all(asset.bytes).and_then(|()| encoder.finish()).unwrap_or_default();
    let tag = format!("\"{:016x}\"", xxhash_rust::xxh3::xxh3_64(asset.bytes));
    Packed { name: asset.name, plain: asset.bytes, gzip, tag }
}

/// The page that every address leads to.
pub(crate) async fn index(headers: HeaderMap) -> Response {
    send(INDEX.name, &headers)
}

/// A script, a style, a picture.
pub(crate) async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    send(&name, &headers)
}

fn send(name: &str, headers: &HeaderMap) -> Response {
    let Some(asset) = packed().iter().find(|asset| asset.name == name) else {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    };
    let has = |header, value: &str| headers.get(header).and_then(|text| text.to_str().ok()).is_some_and(|text| text.contains(value));
    // A browser asks again each time and gets 304: a new program never runs with old scripts.
    let mut response = if has(IF_NONE_MATCH, &asset.tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else if has(ACCEPT_ENCODING, "gzip") && !asset.gzip.is_empty() {
        let mut response = asset.gzip.clone().into_response();
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        asset.plain.into_response()
    };
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&asset.tag) {
        headers.insert(ETAG, tag);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_page_is_small() {
        let size: usize = packed().iter().map(|asset| asset.gzip.len()).sum();
        assert!(size < 150_000, "{size} bytes");
    }

    #[test]
    fn the_page_asks_for_all_its_modules_at_once() {
        let index = std::str::from_utf8(INDEX.bytes).unwrap();
        let modules = ASSETS.iter().filter(|asset| asset.name.ends_with(".js") && !["theme.js", "vendor/uplot.js"].contains(&asset.name));
        for asset in modules {
            assert!(index.contains(&format!("modulepreload\" href=\"/assets/{}\"", asset.name)), "{}", asset.name);
        }
    }

    #[test]
    fn scripts_name_only_what_is_there() {
        for asset in packed().iter().filter(|asset| asset.name.ends_with(".js") && !asset.name.starts_with("vendor/")) {
            let text = std::str::from_utf8(asset.plain).unwrap();
            for line in text.lines().filter(|line| line.starts_with("import ")) {
                let name = line.split('"').nth(1).unwrap();
                let wanted = name.strip_prefix("/assets/").unwrap_or_else(|| panic!("{}: {name} is not absolute", asset.name));
                assert!(packed().iter().any(|asset| asset.name == wanted), "{}: {name}", asset.name);
            }
            for outside in ["http://", "https://"] {
                assert!(!text.replace("http://www.w3.org/", "").contains(outside), "{} names another host", asset.name);
            }
        }
    }
}
