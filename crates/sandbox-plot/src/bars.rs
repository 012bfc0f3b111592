//! How often each text occurs.

use crate::canvas::{Anchor, Drawing, FIRST, INK, Panel, Pen, SOFT, cut};
use crate::categories::Categories;
use crate::scale::{Scale, short};

/// Horizontal bars, the most frequent first.
pub(crate) struct Bars<'c> {
    pub(crate) of: &'c Categories,
}

/// More are summed up in one bar.
const SHOWN: usize = 20;

impl Bars<'_> {
    fn rows(&self) -> Vec<(String, u64)> {
        let mut rows: Vec<_> = self.of.entries.iter().take(SHOWN).cloned().collect();
        let rest = &self.of.entries[rows.len()..];
        if !rest.is_empty() {
            rows.push((format!("{} others", short(rest.len() as f64)), rest.iter().map(|(_, count)| count).sum()));
        }
        rows
    }

    pub(crate) fn draw_in(&self, panel: Panel, pen: &mut dyn Pen) {
        let missing = if self.of.missing > 0 { format!(" · {} without", short(self.of.missing as f64)) } else { String::new() };
        let words = format!("{} values, {} different{missing}", short(self.of.count as f64), short(self.of.entries.len() as f64));
        let panel = panel.head(pen, &self.of.name, &[&words]);
        let rows = self.rows();
        let most = rows.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1) as f64;
        let x = Scale { low: 0.0, high: most, from: panel.left + 190.0, to: panel.left + panel.width - 130.0 };
        let line = ((panel.height - 16.0) / rows.len().max(1) as f64).min(24.0);
        for (index, (text, count)) in rows.iter().enumerate() {
            let middle = panel.top + (index as f64 + 0.5) * line;
            let share = 100.0 * *count as f64 / self.of.count.max(1) as f64;
            let name = if text.is_empty() { "(empty)".to_owned() } else { cut(text, 165.0, 13) };
            pen.text(&name, (x.from - 8.0, middle), Anchor::End, 13, INK);
            pen.rect((x.from, middle - line * 0.36), (x.at(*count as f64).max(x.from + 1.0), middle + line * 0.36), FIRST, 0.8);
            let note = format!("{} ({share:.1} %)", short(*count as f64));
            pen.text(&note, (x.at(*count as f64) + 8.0, middle), Anchor::Start, 12, SOFT);
        }
    }
}

impl Drawing for Bars<'_> {
    fn title(&self) -> String {
        self.of.name.clone()
    }

    fn size(&self) -> (u32, u32) {
        (760, 80 + 24 * self.rows().len().max(1) as u32)
    }

    fn draw(&self, pen: &mut dyn Pen) {
        self.draw_in(Panel::of(self.size()), pen);
    }
}
