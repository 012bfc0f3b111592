//! All statistics in one picture.

use crate::bars::Bars;
use crate::box_plot::BoxPlot;
use crate::canvas::{Drawing, LINE, Panel, Pen};
use crate::categories::Categories;
use crate::distribution::Distribution;
use crate::histogram::Histogram;

/// One statistic of the picture.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Item<'i> {
    Numbers(&'i Distribution),
    Texts(&'i Categories),
}

/// Two statistics a row; of numbers the histogram above the box plot.
pub(crate) struct Grid<'i> {
    pub(crate) items: Vec<Item<'i>>,
}

const CELL: (f64, f64) = (700.0, 640.0);

impl Drawing for Grid<'_> {
    fn title(&self) -> String {
        "all statistics".to_owned()
    }

    fn size(&self) -> (u32, u32) {
        let columns = self.items.len().clamp(1, 2) as f64;
        ((columns * CELL.0) as u32, (self.items.len().max(1).div_ceil(2) as f64 * CELL.1) as u32)
    }

    fn draw(&self, pen: &mut dyn Pen) {
        for (index, item) in self.items.iter().enumerate() {
            let (left, top) = ((index % 2) as f64 * CELL.0, (index / 2) as f64 * CELL.1);
            let panel = Panel { left, top, width: CELL.0, height: CELL.1 };
            match item {
                Item::Numbers(of) => {
                    Histogram { of }.draw_in(Panel { height: 390.0, ..panel }, pen);
                    BoxPlot { of }.draw_in(Panel { top: top + 390.0, height: 240.0, ..panel }, pen);
                }
                Item::Texts(of) => Bars { of }.draw_in(panel, pen),
            }
            pen.frame((left + 4.0, top + 4.0), (left + CELL.0 - 4.0, top + CELL.1 - 4.0), LINE);
        }
    }
}
