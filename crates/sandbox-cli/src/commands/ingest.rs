//! `dj-sandbox ingest LOG`: the metrics of a training program's log.

mod kept;

use std::io::{self, Read};
use std::time::{Duration, Instant};

use sandbox_core::component::StopFlag;
use sandbox_ingest::{Added, AutoParser, Counters, FileFollower, Grammar, GrammarError, LineParser, Record, Summary};

use crate::args::Arguments;
use crate::args::ingest::IngestArguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::render::ingest as render;
use crate::render::transfer;
use crate::signals;

use super::stores;
use kept::Kept;

/// How often a log is asked for more, and how often for its writer.
const PAUSE: Duration = Duration::from_millis(100);
const WRITER_PAUSE: Duration = Duration::from_secs(1);

/// Reads the log and prints what it says.
pub fn ingest(arguments: &Arguments, printer: Printer) -> Exit {
    let Some(asked) = &arguments.ingest else { return Exit::Usage };
    // Before what is kept in it, and made after all that can be wrong with the grammar.
    let importer;
    let mut reading = match Reading::new(asked, printer) {
        Ok(reading) => reading,
        Err(error) => {
            let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
            printer.error(format!("{error}{hint}"));
            return Exit::Usage;
        }
    };
    importer = match kept::open(asked) {
        Ok(importer) => importer,
        Err(error) => return stores::told(&error, printer),
    };
    if let Some(importer) = &importer {
        match Kept::begin(importer, asked) {
            Ok(kept) => reading.told.kept = Some(kept),
            Err(error) => return stores::told(&error, printer),
        }
    }
    let read = if asked.log == "-" { standard_input(&mut reading) } else { file(asked, &mut reading, printer) };
    if let Err(error) = read {
        printer.error(format!("Failed to read `{}`: {error}", asked.log));
        return if reading.counters().lines == 0 { Exit::Usage } else { Exit::Failed };
    }
    reading.finish();
    let exit = reading.print();
    match reading.told.kept.take().filter(|_| exit == Exit::Done).map(Kept::finish) {
        Some(Ok(imported)) => {
            let store = importer.as_ref().map(|importer| importer.store().display().to_string()).unwrap_or_default();
            if printer.json {
                printer.value(&transfer::imported_json(&imported, &store));
            } else {
                printer.talk(transfer::imported(&imported, &store));
            }
            exit
        }
        Some(Err(error)) => stores::told(&error, printer),
        None => exit,
    }
}

fn standard_input(reading: &mut Reading<'_>) -> io::Result<()> {
    let (mut input, mut buffer) = (io::stdin().lock(), vec![0; 64 << 10]);
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(count) => reading.push(buffer.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn file(asked: &IngestArguments, reading: &mut Reading<'_>, printer: Printer) -> io::Result<()> {
    let mut log = FileFollower::open(&asked.log)?;
    let stop = StopFlag::new();
    let runtime = if asked.follow { Some(listening(&stop, printer)?) } else { None };
    let (mut had_writer, mut asked_at) = (log.has_writer() == Some(true), Instant::now());
    // Set when the writer has gone: what it wrote last is still read.
    let mut is_over = runtime.is_none();
    while !stop.is_set() {
        match log.added()? {
            Added::Bytes(bytes) => reading.push(bytes),
            Added::Restarted => printer.talk(format!("`{}` begins again", asked.log)),
            Added::Nothing if is_over => break,
            Added::Nothing => {
                reading.flush();
                std::thread::sleep(PAUSE);
                if asked_at.elapsed() >= WRITER_PAUSE {
                    let has_writer = log.has_writer() == Some(true);
                    is_over = had_writer && !has_writer;
                    (had_writer, asked_at) = (had_writer || has_writer, Instant::now());
                }
            }
        }
    }
    Ok(())
}

/// A runtime in which the first Ctrl-C sets `stop`.
fn listening(stop: &StopFlag, printer: Printer) -> io::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let stop = stop.clone();
    runtime.block_on(async { signals::listen(stop, printer) });
    Ok(runtime)
}

enum Parser {
    Auto(Box<AutoParser>),
    One(Box<LineParser>, String),
}

/// A log on its way to what is printed.
struct Reading<'i> {
    parser: Parser,
    told: Told<'i>,
}

/// What was read, and how it is told.
struct Told<'i> {
    summary: Summary,
    printer: Printer,
    csv: bool,
    live: bool,
    text: String,
    kept: Option<Kept<'i>>,
}

impl Reading<'_> {
    fn new(asked: &IngestArguments, printer: Printer) -> Result<Self, GrammarError> {
        let parser = if asked.grammar == "auto" {
            Parser::Auto(Box::default())
        } else {
            let grammar = Grammar::find(&asked.grammar)?;
            Parser::One(Box::new(LineParser::new(&grammar)), grammar.name)
        };
        let mut told = Told { summary: Summary::new(), printer, csv: asked.csv, live: asked.follow, text: String::new(), kept: None };
        if asked.csv {
            told.text.push_str("line,step,name,value\n");
        }
        Ok(Self { parser, told })
    }

    fn push(&mut self, bytes: &[u8]) {
        let told = &mut self.told;
        if let Some(kept) = &mut told.kept {
            kept.bytes(bytes);
        }
        match &mut self.parser {
            Parser::Auto(parser) => parser.push(bytes, &mut |record| told.take(&record)),
            Parser::One(parser, _) => parser.push(bytes, &mut |record| told.take(&record)),
        }
        if self.told.live {
            self.flush();
        }
    }

    fn finish(&mut self) {
        let told = &mut self.told;
        match &mut self.parser {
            Parser::Auto(parser) => parser.finish(&mut |record| told.take(&record)),
            Parser::One(parser, _) => parser.finish(&mut |record| told.take(&record)),
        }
        self.flush();
    }

    fn flush(&mut self) {
        self.told.flush();
    }

    fn counters(&self) -> Counters {
        match &self.parser {
            Parser::Auto(parser) => parser.counters(),
            Parser::One(parser, _) => parser.counters(),
        }
    }

    fn print(&self) -> Exit {
        let (counters, Told { summary, printer, csv, .. }) = (self.counters(), &self.told);
        let (grammar, unmatched) = match &self.parser {
            Parser::Auto(parser) => (parser.grammar().map(|grammar| grammar.name.as_str()), parser.unmatched()),
            Parser::One(parser, name) => (Some(name.as_str()), parser.unmatched()),
        };
        if printer.json {
            printer.value(&render::summary_json(grammar.unwrap_or("none"), summary, &counters, unmatched));
        }
        if counters.records == 0 {
            let examples: String = unmatched.iter().map(|(line, text)| format!("\n  {line}: {text}")).collect();
            let hint = "see `dj-sandbox list grammars`; `dj-sandbox list hf` shows one as a file to begin with";
            let by = grammar.map_or_else(|| "any grammar".to_owned(), |grammar| format!("the grammar `{grammar}`"));
            printer.error(format!("no metrics: none of {} lines is read by {by}{examples}\n  hint: {hint}", counters.lines));
            return Exit::Failed;
        }
        if !printer.json && !csv {
            printer.data(render::summary(grammar.unwrap_or("none"), summary, &counters, unmatched));
        }
        Exit::Done
    }
}

impl Told<'_> {
    fn take(&mut self, record: &Record) {
        self.summary.add(record);
        if let Some(kept) = &mut self.kept {
            kept.take(record);
        }
        if self.csv {
            render::csv(record, &mut self.text);
        } else if self.printer.json {
            self.text.push_str(&render::record(record).to_string());
            self.text.push('\n');
        } else if self.live {
            self.printer.talk(render::line(record));
        }
        if self.text.len() > 64 << 10 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if !self.text.is_empty() {
            self.printer.data(&self.text);
            self.text.clear();
        }
    }
}
