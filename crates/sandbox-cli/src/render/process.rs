//! What each operator did with the rows.

use sandbox_recipe::ProcessReport;

use super::number::count;
use super::table;

/// Rows in and out per operator, with the reasons.
pub fn process(report: &ProcessReport) -> String {
    let mut out = format!("{} rows in, {} out\n", count(report.rows_in), count(report.rows_out));
    let mut rows = table::table(&["operator", ">rows in", ">changed", ">dropped", ">rows out", "why"]);
    let unreadable = report.unreadable();
    if unreadable > 0 {
        let left = report.rows_in - unreadable;
        rows.add_row(
            ["(reading)", &count(report.rows_in), "", &count(unreadable), &count(left), "set aside: could not be used"].map(str::to_owned),
        );
    }
    if report.without_text > 0 {
        let before = report.rows_in - unreadable;
        let left = before - report.without_text;
        rows.add_row(["(loading)", &count(before), "", &count(report.without_text), &count(left), "without text"].map(str::to_owned));
    }
    for operator in &report.operators {
        let made = (operator.added > 0).then(|| format!("{} more made", count(operator.added)));
        let reasons = operator.reasons.iter().map(|(words, rows)| format!("{} {words}", count(*rows)));
        let reasons: Vec<String> = reasons.chain(made).collect();
        let blank = |number: u64| if number == 0 { String::new() } else { count(number) };
        rows.add_row([
            operator.name.clone(),
            count(operator.rows_in),
            blank(operator.changed),
            blank(operator.reasons.iter().map(|(_, rows)| rows).sum()),
            count(operator.rows_out),
            reasons.join(", "),
        ]);
    }
    out.push_str(&table::text(&rows));
    out
}
