//! Metrics that are asked for when somebody reads them: of processes, stores, queues, runs that go on now.

use std::collections::HashMap;
use std::fmt;

use prometheus::core::{Collector, Desc};
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use crate::error::MetricsError;
use crate::label::label;

/// Whether a number only ever grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows; its name ends in `_total`.
    Counter,
    /// It goes up and down.
    Gauge,
}

/// What a family is: its name, what it means, the names of its labels.
#[derive(Debug, Clone)]
pub struct Family {
    /// The name, by the conventions of Prometheus.
    pub name: &'static str,
    /// What it means, in one sentence.
    pub help: &'static str,
    /// Whether it only grows.
    pub kind: Kind,
    /// The names of its labels.
    pub labels: &'static [&'static str],
}

/// A number with the values of its labels, in the order of the family's.
pub type Sample = (Vec<String>, f64);

/// Families whose numbers are asked for all at once, so that they are of one moment.
pub(crate) struct Asked {
    families: Vec<(Family, Desc)>,
    ask: Box<dyn Fn() -> Vec<Vec<Sample>> + Send + Sync>,
}

impl Asked {
    /// `ask` gives the numbers of each family, in the order of `families`.
    pub fn new(families: &[Family], ask: impl Fn() -> Vec<Vec<Sample>> + Send + Sync + 'static) -> Result<Self, MetricsError> {
        let described = families.iter().map(|family| {
            let labels = family.labels.iter().map(|name| (*name).to_owned()).collect();
            match Desc::new(family.name.to_owned(), family.help.to_owned(), labels, HashMap::new()) {
                Ok(desc) => Ok((family.clone(), desc)),
                Err(cause) => Err(MetricsError::Register { family: family.name.to_owned(), cause }),
            }
        });
        Ok(Self { families: described.collect::<Result<_, _>>()?, ask: Box::new(ask) })
    }
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.families.iter().map(|(family, _)| family.name)).finish()
    }
}

impl Collector for Asked {
    fn desc(&self) -> Vec<&Desc> {
        self.families.iter().map(|(_, desc)| desc).collect()
    }

    fn collect(&self) -> Vec<MetricFamily> {
        let answers = (self.ask)();
        let families = self.families.iter().zip(answers).filter(|(_, samples)| !samples.is_empty());
        families.map(|((family, _), samples)| family.with(samples)).collect()
    }
}

impl Family {
    fn with(&self, mut samples: Vec<Sample>) -> MetricFamily {
        // Two numbers under the same labels would make the whole page unreadable for the server.
        samples.sort_by(|a, b| a.0.cmp(&b.0));
        samples.dedup_by(|later, first| later.0 == first.0);
        let mut made = MetricFamily::default();
        made.set_name(self.name.to_owned());
        made.set_help(self.help.to_owned());
        made.set_field_type(if self.kind == Kind::Counter { MetricType::COUNTER } else { MetricType::GAUGE });
        made.set_metric(samples.into_iter().map(|sample| self.metric(sample)).collect());
        made
    }

    fn metric(&self, (values, number): Sample) -> Metric {
        let pairs = self.labels.iter().zip(values).map(|(name, value)| {
            let mut pair = LabelPair::default();
            pair.set_name((*name).to_owned());
            pair.set_value(label(&value).into_owned());
            pair
        });
        let mut metric = Metric::default();
        metric.set_label(pairs.collect());
        match self.kind {
            Kind::Counter => {
                let mut counter = Counter::default();
                counter.set_value(number);
                metric.set_counter(counter);
            }
            Kind::Gauge => {
                let mut gauge = Gauge::default();
                gauge.set_value(number);
                metric.set_gauge(gauge);
            }
        }
        metric
    }
}
