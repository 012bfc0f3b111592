//! How every table looks: a head, a rule, columns with two blanks between them, numbers on the right.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle};

/// A table with these headings; columns whose heading begins with `>` stand on the right.
pub(super) fn table(headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(LineStyle::new(' ', '─', '─', ' ')));
    table.set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(headings.iter().map(|heading| heading.trim_start_matches('>')));
    for (column, heading) in table.column_iter_mut().zip(headings) {
        column.set_padding((0, 2));
        if heading.starts_with('>') {
            column.set_cell_alignment(CellAlignment::Right);
        }
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

/// The table as text, without blanks at the lines' ends.
pub(super) fn text(table: &Table) -> String {
    table.lines().map(|line| format!(" {}", line.trim_end()) + "\n").collect()
}
