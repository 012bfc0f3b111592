//! Data pools: what was written, with rows and sizes.

use serde_json::Value;

use super::number::count;
use super::table;

/// A table of pools, as a component's report has them.
pub fn pools(pools: &[Value]) -> String {
    let mut rows = table::table(&["pool", ">rows", ">bytes"]);
    for pool in pools {
        let figure = |key: &str| count(pool[key].as_u64().unwrap_or(0));
        rows.add_row([pool["path"].as_str().unwrap_or_default().to_owned(), figure("rows"), figure("bytes")]);
    }
    table::text(&rows)
}
