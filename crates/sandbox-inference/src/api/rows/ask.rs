//! The threads that wait for answers.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sandbox_core::component::{ComponentError, StopFlag};

use crate::client::{AskError, Client};

/// A row on its way.
pub(super) struct Question {
    pub(super) number: u64,
    pub(super) hash: u64,
    pub(super) row: Vec<u8>,
    pub(super) body: Vec<u8>,
}

/// A row on its way back.
pub(super) struct Answer {
    pub(super) question: Question,
    pub(super) result: Result<String, AskError>,
}

/// As many threads as questions may wait at once. They are not joined: one that waits for a server ends with its question,
/// and a job that was stopped does not wait for that.
pub(super) struct Workers {
    questions: Sender<Question>,
    answers: Receiver<Answer>,
    in_flight: usize,
    room: usize,
}

impl Workers {
    pub(super) fn start(client: &Arc<Client>, stop: &StopFlag, number: usize) -> Result<Self, ComponentError> {
        let (questions, queue) = channel::<Question>();
        let (done, answers) = channel();
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..number {
            let (client, stop, queue, done) = (client.clone(), stop.clone(), queue.clone(), done.clone());
            let work = move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok(question) = next else { return };
                    let result = client.ask(&question.body, &|| stop.is_set());
                    if done.send(Answer { question, result }).is_err() {
                        return;
                    }
                }
            };
            let thread = std::thread::Builder::new().name("inference".to_owned()).stack_size(512 << 10).spawn(work);
            thread.map_err(|error| {
                ComponentError::failed(format!("Failed to start a thread: {error}")).hint("a lower `max_concurrency` needs fewer")
            })?;
        }
        // A few questions more than threads, so that none waits for the next.
        Ok(Self { questions, answers, in_flight: 0, room: number + number.min(16) })
    }

    pub(super) fn has_room(&self) -> bool {
        self.in_flight < self.room
    }

    pub(super) fn ask(&mut self, question: Question) -> Result<(), ComponentError> {
        self.in_flight += 1;
        self.questions.send(question).map_err(|_| gone())
    }

    /// The next answer; `None` when there is none in this time.
    pub(super) fn next(&mut self, wait: Duration) -> Result<Option<Answer>, ComponentError> {
        match self.answers.recv_timeout(wait) {
            Ok(answer) => {
                self.in_flight -= 1;
                Ok(Some(answer))
            }
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(gone()),
        }
    }
}

fn gone() -> ComponentError {
    ComponentError::failed("Failed to finish: an internal error").hint("please report this with the input that led to it")
}
