//! What goes with the metrics: alert rules, and a dashboard.

/// Alert rules for Prometheus, as YAML.
pub const RULES: &str = include_str!("../assets/sandbox-alerts.yml");

/// A dashboard for Grafana, as JSON.
pub const DASHBOARD: &str = include_str!("../assets/sandbox-overview.json");
