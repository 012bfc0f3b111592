//! A client of the Pushgateway.

use std::time::Duration;

use prometheus::proto::MetricFamily;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::batch;
use crate::error::MetricsError;
use crate::format::Format;
use crate::metrics::Metrics;

/// How long one push may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// What is read of an answer.
const LONGEST_ANSWER: u64 = 64 << 10;

/// A Pushgateway, to which a run pushes what it leaves behind.
///
/// What is about a pipeline goes to `/metrics/job/sandbox/pipeline/NAME`, what is about one of its jobs to
/// `/metrics/job/sandbox/pipeline/NAME/hook/META_NAME`. It is added (`POST`) and not put in place of all: a push replaces the families
/// that it has, and since a job has a group of its own, one that fails takes no other's last success away, nor its own.
#[derive(Debug, Clone)]
pub struct Gateway {
    url: String,
    host: String,
    port: u16,
    path: String,
}

impl Gateway {
    /// The gateway at `http://HOST[:PORT][/PATH]`.
    ///
    /// ```
    /// use sandbox_metrics::Gateway;
    /// assert!(Gateway::new("http://127.0.0.1:9091").is_ok());
    /// assert!(Gateway::new("ftp://gateway").is_err());
    /// ```
    ///
    /// # Errors
    /// Another kind of address.
    pub fn new(url: &str) -> Result<Self, MetricsError> {
        let wrong = |why| MetricsError::Gateway { url: url.to_owned(), why };
        if url.starts_with("https://") {
            return Err(wrong("only `http` is spoken; put a proxy before a gateway that wants `https`"));
        }
        let rest = url.strip_prefix("http://").ok_or_else(|| wrong("it must begin with `http://`"))?;
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        if rest.bytes().any(|byte| byte <= b' ' || byte == 0x7f || b"?#".contains(&byte)) {
            return Err(wrong("it has a blank, a `?` or a `#`"));
        }
        if authority.contains('@') {
            return Err(wrong("names and passwords in it are not supported"));
        }
        let port_at = authority.rfind(':').filter(|at| !authority[at + 1..].contains(']'));
        let (host, port) = match port_at {
            Some(at) => (&authority[..at], authority[at + 1..].parse().map_err(|_| wrong("its port is no number"))?),
            None => (authority, 80),
        };
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        if host.is_empty() {
            return Err(wrong("it has no host"));
        }
        let path = path.trim_end_matches('/').to_owned();
        Ok(Self { url: url.to_owned(), host: host.to_owned(), port, path })
    }

    /// Pushes what each pipeline leaves behind, and gives the number of groups.
    ///
    /// # Errors
    /// A gateway that is not there, is too slow or refuses.
    pub async fn push(&self, metrics: &Metrics) -> Result<usize, MetricsError> {
        let mut pushed = 0;
        for left in batch::left(metrics) {
            let pipeline = segment("pipeline", &left.pipeline);
            let families = batch::only(&left.families, |metric| batch::value(metric, "hook").is_none());
            pushed += self.post(&pipeline, &families).await?;
            let all = left.families.iter().flat_map(|family| family.get_metric());
            let mut hooks: Vec<&str> = all.filter_map(|metric| batch::value(metric, "hook")).collect();
            hooks.sort_unstable();
            hooks.dedup();
            for hook in hooks {
                let families = batch::only(&left.families, |metric| batch::value(metric, "hook") == Some(hook));
                pushed += self.post(&format!("{pipeline}/{}", segment("hook", hook)), &families).await?;
            }
        }
        Ok(pushed)
    }

    async fn post(&self, group: &str, families: &[MetricFamily]) -> Result<usize, MetricsError> {
        if families.is_empty() {
            return Ok(0);
        }
        let body = batch::text(families)?;
        let failed = |why: String| MetricsError::Push { url: self.url.clone(), why };
        let path = format!("{}/metrics/job/sandbox/{group}", self.path);
        match tokio::time::timeout(PATIENCE, self.exchange(&path, &body)).await {
            Err(_) => Err(failed(format!("no answer within {} s", PATIENCE.as_secs()))),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Ok(Ok(answer)) => accepted(&answer).map(|()| 1).map_err(failed),
        }
    }

    async fn exchange(&self, path: &str, body: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {host}:{}\r\nUser-Agent: dj-sandbox\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            self.port,
            Format::Text.content_type(),
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        // A gateway that refuses may answer before it has read everything.
        let sent = stream.write_all(body.as_bytes()).await;
        let mut answer = Vec::new();
        let read = (&mut stream).take(LONGEST_ANSWER).read_to_end(&mut answer).await;
        if answer.is_empty() { sent.and(read).map(|_| answer) } else { Ok(answer) }
    }
}

/// Whether the gateway took it, from the first line of its answer.
fn accepted(answer: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let line = head.lines().next().unwrap_or_default();
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split_once(' ')).map(|(_, status)| status);
    let Some(status) = status else { return Err("what answers is no web server".to_owned()) };
    if status.starts_with('2') {
        return Ok(());
    }
    // The length of a part of a chunked body is no word.
    let why = body.lines().map(str::trim).find(|line| !line.is_empty() && !line.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let why: String = why.unwrap_or_default().chars().filter(|character| !character.is_control()).take(300).collect();
    Err(if why.is_empty() { format!("it answered {status}") } else { format!("it answered {status}: {why}") })
}

/// A part of the key of a group, `NAME/VALUE`; values that are not plain are encoded.
fn segment(name: &str, value: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~".contains(&byte);
    if !value.is_empty() && value.bytes().all(|byte| is_plain(byte) || byte == b'.') && value.bytes().any(is_plain) {
        return format!("{name}/{value}");
    }
    // An empty value is one filling character, since an empty segment would be lost.
    format!("{name}@base64/{}", if value.is_empty() { "=".to_owned() } else { base64(value.as_bytes()) })
}

/// Base64 with the alphabet for addresses, filled up.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(three.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let index = (bits >> (18 - 6 * at)) as usize & 63;
            let letter = ALPHABET.get(index).filter(|_| at <= three.len()).copied().unwrap_or(b'=');
            out.push(char::from(letter));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_groups() {
        for (value, expected) in [
            ("demo", "pipeline/demo"),
            ("v1.2_a-b~", "pipeline/v1.2_a-b~"),
            ("a/b", "pipeline@base64/YS9i"),
            ("", "pipeline@base64/="),
            ("..", "pipeline@base64/Li4="),
            ("ü", "pipeline@base64/w7w="),
            ("a b?c", "pipeline@base64/YSBiP2M="),
            ("???", "pipeline@base64/Pz8_"),
            ("~~~>", "pipeline@base64/fn5-Pg=="),
        ] {
            assert_eq!(segment("pipeline", value), expected);
        }
    }

    #[test]
    fn addresses() {
        let parts =
            |url: &str| Gateway::new(url).map(|gateway| (gateway.host, gateway.port, gateway.path)).map_err(|error| error.to_string());
        let ok = |host: &str, port, path: &str| Ok((host.to_owned(), port, path.to_owned()));
        assert_eq!(parts("http://gateway"), ok("gateway", 80, ""));
        assert_eq!(parts("http://127.0.0.1:9091/"), ok("127.0.0.1", 9091, ""));
        assert_eq!(parts("http://[::1]:9091/push/"), ok("::1", 9091, "/push"));
        assert_eq!(parts("http://[::1]"), ok("::1", 80, ""));
        for wrong in [
            "",
            "gateway:9091",
            "https://gateway",
            "http://",
            "http://:9091",
            "http://a:b",
            "http://u:p@a",
            "http://a b",
            "http://a/?x",
            "http://a:99999",
        ] {
            assert!(parts(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn answers() {
        assert_eq!(accepted(b"HTTP/1.1 200 OK\r\n\r\n"), Ok(()));
        assert_eq!(accepted(b"HTTP/1.1 202 Accepted\r\n\r\n"), Ok(()));
        let refused = b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n1f\r\npushed metrics are invalid\r\n0\r\n";
        assert_eq!(accepted(refused), Err("it answered 400 Bad Request: pushed metrics are invalid".to_owned()));
        assert_eq!(accepted(b"SSH-2.0-OpenSSH_9.2\r\n"), Err("what answers is no web server".to_owned()));
        assert!(accepted(b"").is_err());
    }
}
