//! What is new, sent as it comes: server-sent events of one project.

use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use sandbox_watcher::{Reader, WatchError};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::api::{Api, event};

/// How often the store is looked at; it is written five times a second.
const BEAT: Duration = Duration::from_millis(120);
/// Events in one piece of news; who is further behind reads everything anew.
const MOST: usize = 2000;

/// A stream of `news` events with a list each: what happened in any run of the project, and `points` where numbers came.
///
/// Each has the number of its last event as its id: a browser that comes back says what it has seen and misses nothing.
pub(crate) async fn news(State(api): State<Api>, Path(project): Path<String>, headers: HeaderMap) -> Response {
    let Some(path) = api.projects.find(&project).map(|project| project.path.clone()) else {
        return (StatusCode::NOT_FOUND, "There is no such project.").into_response();
    };
    let seen = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.parse().ok());
    let (sender, receiver) = mpsc::channel::<Result<Event, Infallible>>(16);
    let mut is_over = api.is_over.clone();
    tokio::spawn(async move {
        let mut follower: Option<Follower> = None;
        loop {
            let path = path.clone();
            let looked = tokio::task::spawn_blocking(move || {
                let mut follower = match follower {
                    Some(follower) => follower,
                    None => Follower::begin(Reader::open(&path)?, seen)?,
                };
                let found = follower.look()?;
                Ok::<_, WatchError>((follower, found))
            });
            follower = match looked.await {
                Ok(Ok((follower, found))) => {
                    if let Some(found) = found
                        && sender.send(Ok(found)).await.is_err()
                    {
                        return;
                    }
                    Some(follower)
                }
                // A store that is not there (yet), or is being moved: look again a little later.
                _ => None,
            };
            tokio::select! {
                () = sender.closed() => return,
                _ = is_over.wait_for(|over| *over) => return,
                () = tokio::time::sleep(if follower.is_some() { BEAT } else { BEAT * 8 }) => {}
            }
        }
    });
    Sse::new(ReceiverStream::new(receiver)).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}

/// A reader that knows what it has told.
struct Follower {
    reader: Reader,
    commit: i64,
    seq: i64,
    roots: HashMap<String, String>,
}

impl Follower {
    fn begin(reader: Reader, seen: Option<i64>) -> Result<Self, WatchError> {
        let commit = reader.changes_since(i64::MAX)?.commit;
        let mut follower = Self { reader, commit, seq: seen.unwrap_or(0), roots: HashMap::new() };
        if seen.is_none() {
            // What happened before is what the page asks for itself.
            while let Some(last) = follower.reader.events_since(follower.seq, None, 20_000)?.last() {
                follower.seq = last.id;
            }
        } else {
            follower.commit = -1;
        }
        Ok(follower)
    }

    fn look(&mut self) -> Result<Option<Event>, WatchError> {
        let changes = self.reader.changes_since(self.commit)?;
        if changes.commit == self.commit {
            return Ok(None);
        }
        self.commit = changes.commit;
        let rows = self.reader.events_since(self.seq, None, MOST)?;
        if rows.len() == MOST || changes.is_cut {
            while let Some(last) = self.reader.events_since(self.seq, None, 20_000)?.last() {
                self.seq = last.id;
            }
            return Ok(Some(Event::default().event("lagged").id(self.seq.to_string()).data("{}")));
        }
        let mut news: Vec<Value> = Vec::with_capacity(rows.len());
        for row in rows {
            self.seq = row.id;
            let root = self.root(&row.run)?;
            news.push(event(row, &root));
        }
        let mut told: Vec<String> = Vec::new();
        for run in changes.series.iter().map(|(run, _)| run).chain(&changes.runs) {
            let root = self.root(run)?;
            if !told.contains(&root) {
                news.push(json!({"event": "points", "run": root, "seq": self.seq}));
                told.push(root);
            }
        }
        if news.is_empty() {
            return Ok(None);
        }
        Ok(Some(Event::default().event("news").id(self.seq.to_string()).data(Value::from(news).to_string())))
    }

    /// The whole run that a part is of.
    fn root(&mut self, uid: &str) -> Result<String, WatchError> {
        if let Some(root) = self.roots.get(uid) {
            return Ok(root.clone());
        }
        let mut root = uid.to_owned();
        for _ in 0..8 {
            match self.reader.run(&root)?.parent {
                Some(parent) => root = parent,
                None => break,
            }
        }
        self.roots.insert(uid.to_owned(), root.clone());
        Ok(root)
    }
}
