//! What each operator did with the rows.

use sandbox_recipe::ProcessReport;

use super::number::count;
use super::table;

/// Rows in and out per operator, with the reasons.
pub fn process(report: &ProcessReport) -> String {
    let mut out = format!("{} rows in, {} out\n", count(report.rows_in), count(report.rows_out));
    let mut rows = table::table(&["operator", ">rows in", ">changed", ">dropped", ">rows out", "why"]);
    if report.rejected > 0 {
        let left = report.rows_in - report.rejected;
        rows.add_row(
            ["(reading)", &count(report.rows_in), "", &count(report.rejected), &count(left), "set aside: could not be used"]
                .map(str::to_owned),
        );
    }
    if report.without_text > 0 {
        let before = report.rows_in - report.rejected;
        let left = before - report.without_text;
        rows.add_row(["(loading)", &count(before), "", &count(report.without_text), &count(left), "without text"].map(str::to_owned));
    }
    for operator in &report.operators {
        let reasons: Vec<String> = operator.reasons.iter().map(|(words, rows)| format!("{} {words}", count(*rows))).collect();
        let blank = |number: u64| if number == 0 { String::new() } else { count(number) };
        rows.add_row([
            operator.name.clone(),
            count(operator.rows_in),
            blank(operator.changed),
            blank(operator.rows_in - operator.rows_out),
            count(operator.rows_out),
            reasons.join(", "),
        ]);
    }
    out.push_str(&table::text(&rows));
    out
}
