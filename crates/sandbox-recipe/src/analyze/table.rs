//! The overall table as files: CSV as pandas writes it, Markdown as `tabulate` does.

use sandbox_ops::StatValue;

use super::describe::{Cell, Overall};

impl Overall {
    /// `overall.csv`: the row names first under an empty heading, numbers in the shortest form that reads back the same.
    pub fn to_csv(&self) -> String {
        let mut out = String::new();
        for (name, _) in &self.columns {
            out.push(',');
            out.push_str(&csv_field(name));
        }
        out.push('\n');
        for (index, row) in self.rows.iter().enumerate() {
            out.push_str(&csv_field(row));
            for (_, cells) in &self.columns {
                out.push(',');
                match &cells[index] {
                    Cell::Number(number) if !number.is_nan() => out.push_str(&python_float(*number)),
                    Cell::Text(text) => out.push_str(&csv_field(text)),
                    _ => {}
                }
            }
            out.push('\n');
        }
        out
    }

    /// `overall.md`: a pipe table, numbers with six digits and their decimal points below each other.
    pub fn to_markdown(&self) -> String {
        let columns: Vec<Vec<String>> = self.columns.iter().map(|(name, cells)| markdown_column(name, cells)).collect();
        let names: Vec<String> = [String::new()].into_iter().chain(self.rows.iter().cloned()).collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0).max(2);
        let line = |index: usize| {
            let cells = columns.iter().map(|column| format!(" {} |", column[index])).collect::<String>();
            format!("| {:width$} |{cells}", names[index])
        };
        let rule: String = columns
            .iter()
            .zip(&self.columns)
            .map(|(column, (_, cells))| {
                let dashes = "-".repeat(column[0].chars().count() + 1);
                if is_text(cells) { format!(":{dashes}|") } else { format!("{dashes}:|") }
            })
            .collect();
        let head = [line(0), format!("|:{}|{rule}", "-".repeat(width + 1))];
        head.into_iter().chain((1..names.len()).map(line)).collect::<Vec<_>>().join("\n")
    }
}

fn is_text(cells: &[Cell]) -> bool {
    cells.iter().any(|cell| matches!(cell, Cell::Text(_)))
}

/// Heading and cells of one column, padded to one width.
fn markdown_column(name: &str, cells: &[Cell]) -> Vec<String> {
    let text = is_text(cells);
    let shown: Vec<String> = cells
        .iter()
        .map(|cell| match cell {
            Cell::Number(number) if text => python_float(*number),
            Cell::Number(number) => six_digits(*number),
            Cell::Text(text) => text.clone(),
            Cell::Missing => "nan".to_owned(),
        })
        .collect();
    let decimals = shown.iter().map(|cell| decimals(cell)).max().unwrap_or(-1);
    let aligned: Vec<String> = shown
        .into_iter()
        .map(|cell| {
            let behind = if text { 0 } else { decimals - self::decimals(&cell) };
            format!("{cell}{}", " ".repeat(usize::try_from(behind).unwrap_or(0)))
        })
        .collect();
    let least = name.chars().count() + 2;
    let width = aligned.iter().map(|cell| cell.chars().count()).max().unwrap_or(0).max(least);
    let pad = |cell: &String| if text { format!("{cell:width$}") } else { format!("{cell:>width$}") };
    [name.to_owned()].iter().chain(&aligned).map(pad).collect()
}

/// Digits behind the point (or behind the `e`); -1 for a whole number, as `tabulate` counts them.
fn decimals(cell: &str) -> i64 {
    cell.rfind('.').or_else(|| cell.rfind('e')).map_or(-1, |position| (cell.len() - position - 1) as i64)
}

fn csv_field(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A double as Python's `repr` writes it: the shortest digits that read back the same, an exponent below 1e-4 and from 1e16.
pub(crate) fn python_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let mut digits = Vec::new();
    StatValue::Float(value).write_json(&mut digits);
    String::from_utf8_lossy(&digits).into_owned()
}

/// A number as C's `%g` writes it: six significant digits, no trailing zeros.
fn six_digits(value: f64) -> String {
    if !value.is_finite() || value == 0.0 {
        return if value == 0.0 { "0".to_owned() } else { python_float(value) };
    }
    let scientific = format!("{value:.5e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let strip =
        |digits: &str| if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.').to_owned() } else { digits.to_owned() };
    if (-4..6).contains(&exponent) {
        return strip(&format!("{value:.*}", usize::try_from(5 - exponent).unwrap_or(0)));
    }
    format!("{}e{}{:02}", strip(digits), if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_python_and_c_write_them() {
        let floats =
            [(0.1, "0.1"), (240.0, "240.0"), (1e16, "1e+16"), (1e-5, "1e-05"), (1.5e-7, "1.5e-07"), (0.0001, "0.0001"), (-0.0, "-0.0")];
        floats.iter().for_each(|(value, text)| assert_eq!(python_float(*value), *text));
        let digits = [
            (240.0, "240"),
            (0.129_035_956, "0.129036"),
            (1e6, "1e+06"),
            (123_456.7, "123457"),
            (0.000_012_345_67, "1.23457e-05"),
            (1644.0, "1644"),
        ];
        digits.iter().for_each(|(value, text)| assert_eq!(six_digits(*value), *text));
    }

    #[test]
    fn a_mixed_table_as_the_original_wrote_it() {
        let column = |cells: [Cell; 5]| cells.to_vec();
        let overall = Overall {
            rows: ["count", "unique", "top", "freq", "mean"].map(str::to_owned).to_vec(),
            columns: vec![
                (
                    "lang".into(),
                    column([Cell::Number(36.0), Cell::Number(3.0), Cell::Text("en".into()), Cell::Number(32.0), Cell::Missing]),
                ),
                (
                    "lang_score".into(),
                    column([Cell::Number(36.0), Cell::Missing, Cell::Missing, Cell::Missing, Cell::Number(0.600_870_023_171_106_9)]),
                ),
            ],
        };
        let markdown = "\
|        | lang   |   lang_score |
|:-------|:-------|-------------:|
| count  | 36.0   |     36       |
| unique | 3.0    |    nan       |
| top    | en     |    nan       |
| freq   | 32.0   |    nan       |
| mean   | nan    |      0.60087 |";
        assert_eq!(overall.to_markdown(), markdown);
        assert_eq!(overall.to_csv(), ",lang,lang_score\ncount,36.0,36.0\nunique,3.0,\ntop,en,\nfreq,32.0,\nmean,,0.6008700231711069\n");
    }
}
