//! Correlations as a coloured square.

use plotters::style::RGBColor;

use crate::canvas::{Anchor, Drawing, INK, Panel, Pen, SOFT, cut};
use crate::correlation::Correlation;

/// Blue for minus one, white for nothing, orange for one, with the numbers in the cells.
pub(crate) struct HeatMap<'c> {
    pub(crate) of: &'c Correlation,
}

const LEFT: f64 = 190.0;
/// Inks on coloured cells: the cells are the same on a dark page, so these must not turn with it.
const DARK: RGBColor = RGBColor(0x10, 0x12, 0x15);
const LIGHT: RGBColor = RGBColor(0xfe, 0xfe, 0xfe);

impl HeatMap<'_> {
    /// Room for the names above the columns.
    fn top(&self) -> f64 {
        let longest = self.of.names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        86.0 + (8.0 * longest as f64).min(140.0)
    }

    fn cell(&self) -> f64 {
        if self.of.names.len() > 20 { 34.0 } else { 48.0 }
    }
}

/// Between white and the colour of the sign.
fn color(r: f64) -> RGBColor {
    let end = if r < 0.0 { (0x24, 0x57, 0xc5) } else { (0xd9, 0x6a, 0x0b) };
    let mix = |end: u8| (255.0 + (f64::from(end) - 255.0) * r.abs()).round() as u8;
    RGBColor(mix(end.0), mix(end.1), mix(end.2))
}

impl Drawing for HeatMap<'_> {
    fn title(&self) -> String {
        "Correlation".to_owned()
    }

    fn size(&self) -> (u32, u32) {
        let side = self.cell() * self.of.names.len().max(1) as f64;
        ((LEFT + side + 30.0).max(560.0) as u32, (self.top() + side + 30.0) as u32)
    }

    fn draw(&self, pen: &mut dyn Pen) {
        let words = [
            "Pearson's r of every two statistics; of lists the mean",
            "orange: they rise together · blue: one falls while the other rises",
        ];
        Panel::of(self.size()).head(pen, "Correlation", &words);
        let (cell, over) = (self.cell(), self.top());
        for (i, name) in self.of.names.iter().enumerate() {
            let at = cell * (i as f64 + 0.5);
            pen.text(&cut(name, 170.0, 13), (LEFT - 8.0, over + at), Anchor::End, 13, INK);
            pen.upward(&cut(name, 130.0, 13), (LEFT + at, over - 8.0), 13, INK);
            for j in 0..self.of.names.len() {
                let (r, left, top) = (self.of.at(i, j), LEFT + cell * j as f64, over + cell * i as f64);
                let middle = (left + cell / 2.0, top + cell / 2.0);
                if r.is_nan() {
                    pen.text("–", middle, Anchor::Middle, 12, SOFT);
                    continue;
                }
                pen.rect((left + 1.0, top + 1.0), (left + cell - 1.0, top + cell - 1.0), color(r), 1.0);
                let text = format!("{r:.2}").replace('-', "−");
                pen.text(&text, middle, Anchor::Middle, if cell > 40.0 { 13 } else { 10 }, if r < -0.5 { LIGHT } else { DARK });
            }
        }
    }
}
