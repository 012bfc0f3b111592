//! The text formats.

mod openmetrics;

use prometheus::TextEncoder;
use prometheus::proto::{MetricFamily, MetricType};

use crate::error::MetricsError;
use crate::exemplar::Exemplars;

/// How metrics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The text format of Prometheus, version 0.0.4.
    Text,
    /// OpenMetrics 1.0.
    OpenMetrics,
}

impl Format {
    /// The value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

pub(crate) fn encode(families: &[MetricFamily], format: Format, exemplars: &Exemplars) -> Result<String, MetricsError> {
    match format {
        Format::Text => {
            let mut text = String::new();
            // The encoder has no words for what is untyped and panics.
            for family in families.iter().filter(|family| family.get_field_type() != MetricType::UNTYPED) {
                TextEncoder::new().encode_utf8(std::slice::from_ref(family), &mut text).map_err(MetricsError::Encode)?;
            }
            Ok(text)
        }
        Format::OpenMetrics => Ok(openmetrics::encode(families, exemplars)),
    }
}
