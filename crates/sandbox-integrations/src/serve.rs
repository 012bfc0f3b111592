//! A server of one's own: started on a free port of this machine, asked about every row, ended with the job.
//!
//! ```text
//!  port ─► program ─► healthy? ─► rows ─► Infer ─► answers, row by row
//!            │ ends with the last answer, and its end ends the questions
//! ```

use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sandbox_chat::client::{AskError, Client, ClientSettings, Endpoint};
use sandbox_chat::health;
use sandbox_core::component::{ComponentError, Finding, JobContext, JobSettings, StopFlag, blocking};
use sandbox_core::hook::Side;
use sandbox_env_manager::Env;
use sandbox_inference::api::{Config, Infer, Inferred};
use serde_json::{Map, Value, json};

use crate::definition::{Definition, Serve};
use crate::executor::ModelExecutor;
use crate::log::{Log, Reading};
use crate::program::Program;

/// How often a server is asked whether it is ready, and how long that may take.
const BEAT: Duration = Duration::from_millis(100);
const LOOK: Duration = Duration::from_secs(5);
/// How often a job says that it still waits.
const TOLD: Duration = Duration::from_secs(10);
/// Ports that are tried when others are quicker.
const PORTS: usize = 3;
/// How long the end of a server may come after the questions that failed for it.
const DYING: Duration = Duration::from_millis(300);
/// How long a server may take to end: it has nothing to save.
const GRACE: Duration = Duration::from_secs(5);

/// The configuration of the questions: that of `type: api`, but for where and how a server is reached.
pub(crate) fn questions(settings: &JobSettings) -> JobSettings {
    let mut settings = settings.clone();
    if let Value::Object(map) = &mut settings.extra_configs {
        map.remove("model_params");
        map.insert("api_endpoint".to_owned(), "http://127.0.0.1/v1".into());
    }
    settings
}

/// What is wrong with the questions.
pub(crate) fn flaws(settings: &JobSettings) -> Vec<Finding> {
    let settings = questions(settings);
    match settings.preview::<Config>(Side::Extra) {
        Ok(config) => config.map(|config| config.flaws(&settings)).unwrap_or_default(),
        Err(findings) => findings,
    }
}

/// A server and those who ask it.
pub(crate) struct Served {
    pub(crate) definition: Arc<Definition>,
    pub(crate) environment: Option<Arc<dyn Env>>,
    /// The server's program, by its port.
    pub(crate) program: Box<dyn Fn(u16) -> Result<Program, ComponentError> + Send + Sync>,
    pub(crate) config: Config,
    pub(crate) start_timeout: Duration,
    /// What the server is, whatever its port: answers of another are not taken for its own.
    pub(crate) identity: String,
    /// What came of it.
    pub(crate) found: Mutex<Option<Inferred>>,
}

impl Served {
    /// The parts of a job's values.
    pub(crate) fn config(values: &Value) -> Result<Config, ComponentError> {
        let settings = questions(&JobSettings::new(Value::Null, values.clone()));
        settings.read(Side::Extra).map_err(|findings| {
            ComponentError::failed(findings.into_iter().map(|finding| finding.problem.message).collect::<Vec<_>>().join("; "))
        })
    }

    /// The server's name in a journal.
    pub(crate) fn identity(definition: &Definition, values: &Value) -> String {
        let none = Value::Object(Map::new());
        format!("{} {}", definition.name, values.get("model_params").filter(|params| !params.is_null()).unwrap_or(&none))
    }

    fn serve(&self) -> Serve {
        self.definition.serve.clone().unwrap_or_default()
    }
}

/// What came of a server that was started.
enum Came {
    Inferred(Inferred),
    /// Another program was quicker to take the port.
    PortTaken,
}

#[async_trait]
impl ModelExecutor for Served {
    fn type_name(&self) -> &str {
        &self.definition.name
    }

    fn reading(&self) -> Option<Reading> {
        self.definition.log.reading().ok()
    }

    async fn execute(&self, job: &JobContext, log: &Log) -> Result<Value, ComponentError> {
        for _ in 0..PORTS {
            if let Came::Inferred(inferred) = self.once(job, log).await? {
                *self.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(inferred);
                return Ok(Value::Null);
            }
        }
        Err(ComponentError::failed(format!("`{}` found no free port in {PORTS} tries", self.definition.name)))
    }
}

impl Served {
    async fn once(&self, job: &JobContext, log: &Log) -> Result<Came, ComponentError> {
        let port = free_port()?;
        let program = Program { grace: Some(GRACE), ..(self.program)(port)? };
        // The server ends when the job is stopped, and when the last row has its answer.
        let (over, asking) = (StopFlag::new(), StopFlag::new());
        let _passed_on = Relay::start(&job.stop, [over.clone(), asking.clone()]);
        let mut server = Box::pin(program.run(self.environment.as_deref(), log, &over));
        let ready = tokio::select! {
            ended = &mut server => return self.ended_early(ended, log, job),
            ready = self.ready(port, job) => ready,
        };
        if let Err(error) = ready {
            over.set();
            // Why it was not ready is told; that it was ended for it is not.
            let _ = server.await;
            return Err(error);
        }
        let config = Config { api_endpoint: Some(self.address(port)), ..self.config.clone() };
        let mut asked = job.clone();
        asked.stop = asking.clone();
        let infer = Infer::new(&config, &asked)?.called(self.identity.clone());
        let mut answers = Box::pin(blocking(move || infer.run()));
        let inferred = tokio::select! {
            biased;
            ended = &mut server => {
                asking.set();
                // Why it broke off is known.
                let _ = answers.await;
                return Err(self.ended_while_asked(ended));
            }
            inferred = &mut answers => inferred?,
        };
        if inferred.failed > 0
            && let Ok(ended) = tokio::time::timeout(DYING, &mut server).await
        {
            return Err(self.ended_while_asked(ended));
        }
        over.set();
        // It was asked to end: how it does is its own affair.
        let _ = server.await;
        Ok(Came::Inferred(inferred))
    }

    fn ended_while_asked(&self, ended: Result<(), ComponentError>) -> ComponentError {
        match ended {
            Err(ComponentError::Failed { message, hint, source }) => {
                ComponentError::Failed { message: format!("the server ended before the last answer: {message}"), hint, source }
            }
            Err(error) => error,
            Ok(()) => ComponentError::failed(format!("the server of `{}` ended before the last answer", self.definition.name)),
        }
    }

    /// Waits until the server says that it is ready.
    async fn ready(&self, port: u16, job: &JobContext) -> Result<(), ComponentError> {
        let (start, mut told) = (Instant::now(), None::<Instant>);
        let url = format!("http://127.0.0.1:{port}{}", self.serve().health);
        loop {
            let asked = url.clone();
            let is_ready = blocking(move || Ok(health::answers(&asked, LOOK))).await?;
            if is_ready {
                if self.serve().warm_up {
                    self.warm_up(port, job).await?;
                }
                job.events.note(format!("`{}` is ready on port {port} after {:.1} s", self.definition.name, start.elapsed().as_secs_f64()));
                return Ok(());
            }
            if start.elapsed() > self.start_timeout {
                let message =
                    format!("the server of `{}` was not ready within {} s", self.definition.name, self.start_timeout.as_secs_f64());
                return Err(ComponentError::failed(message).hint("`start_timeout` gives it more; its log says what it does"));
            }
            if told.is_none_or(|told| told.elapsed() > TOLD) && start.elapsed() > Duration::from_secs(1) {
                told = Some(Instant::now());
                job.events.note(format!("waiting for the server of `{}`: {:.0} s", self.definition.name, start.elapsed().as_secs_f64()));
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// One question alone, whose answer nobody keeps.
    async fn warm_up(&self, port: u16, job: &JobContext) -> Result<(), ComponentError> {
        job.events.note(format!("waiting for the first answer of `{}`, which loads its model", self.definition.name));
        let endpoint = Endpoint::of(Some(&self.address(port)), None).map_err(|problem| ComponentError::failed(problem.message))?;
        let settings = ClientSettings { timeout: self.start_timeout, max_retry_num: 0, ..ClientSettings::new(endpoint) };
        let (model, stop) = (self.config.model.clone(), job.stop.clone());
        let hello = json!({"role": "user", "content": "Hello"});
        let asked = blocking(move || {
            let client = Client::new(settings);
            let body = client.body(&model, &[hello], &Map::from_iter([("max_tokens".to_owned(), json!(1))]));
            match client.ask(&body, &|| stop.is_set()) {
                // An answer of one token may be empty.
                Ok(_) | Err(AskError::NoAnswer { .. } | AskError::NotJson { .. }) => Ok(()),
                Err(error) => Err(ComponentError::failed(format!("the first question failed: {error}"))),
            }
        });
        asked.await
    }

    fn address(&self, port: u16) -> String {
        format!("http://127.0.0.1:{port}{}", self.serve().base)
    }

    fn ended_early(&self, ended: Result<(), ComponentError>, log: &Log, job: &JobContext) -> Result<Came, ComponentError> {
        if job.stop.is_set() {
            return Err(ComponentError::Interrupted);
        }
        let is_taken = log.last_lines().iter().any(|line| line.to_lowercase().contains("address already in use"));
        match ended {
            Err(_) if is_taken => Ok(Came::PortTaken),
            Err(error) => Err(error),
            Ok(()) => {
                let message = format!("the server of `{}` ended before it was ready", self.definition.name);
                Err(ComponentError::failed(message).hint(format!("its whole output is in `{}`", log.path().display())))
            }
        }
    }
}

/// A port that is free now.
fn free_port() -> Result<u16, ComponentError> {
    let port = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).map(|address| address.port());
    port.map_err(|error| ComponentError::caused("Failed to find a free port", error))
}

/// Passes a wish to stop on to others for as long as it lives.
struct Relay(tokio::task::JoinHandle<()>);

impl Relay {
    fn start<const N: usize>(from: &StopFlag, to: [StopFlag; N]) -> Self {
        let from = from.clone();
        Self(tokio::spawn(async move {
            from.wait().await;
            to.iter().for_each(StopFlag::set);
        }))
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.0.abort();
    }
}
