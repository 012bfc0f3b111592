//! How many values lie where.

use crate::canvas::{Drawing, FIRST, INK, Panel, Pen, SECOND};
use crate::distribution::{Bins, Distribution};
use crate::scale::short;

/// Bars over the axis of the values, with the median and the mean.
pub(crate) struct Histogram<'d> {
    pub(crate) of: &'d Distribution,
}

/// Counts and moments in a line.
pub(crate) fn summary(of: &Distribution) -> String {
    let missing = if of.missing > 0 { format!(" · {} without a number", short(of.missing as f64)) } else { String::new() };
    if of.count == 0 {
        return format!("no numbers{missing}");
    }
    let spread = if of.sd.is_nan() { String::new() } else { format!(" · standard deviation {}", short(of.sd)) };
    format!("{} values{missing} · mean {} · median {}{spread}", short(of.count as f64), short(of.mean), short(of.quantile(0.5)))
}

/// What lies outside of the picture.
pub(crate) fn outside(bins: &Bins, of: &Distribution) -> String {
    let say = |count: u64, side: &str, end: f64| {
        let values = if count == 1 { "value" } else { "values" };
        (count > 0).then(|| {
            format!(
                "{} {values} {side} the picture, {} {}",
                short(count as f64),
                if side == "below" { "down to" } else { "up to" },
                short(end)
            )
        })
    };
    let parts = [say(bins.below, "below", of.quantile(0.0)), say(bins.above, "above", of.quantile(1.0))];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The ends of the bins.
pub(crate) fn ends(bins: &Bins) -> (f64, f64) {
    (bins.edges.first().copied().unwrap_or(0.0), bins.edges.last().copied().unwrap_or(1.0))
}

impl Histogram<'_> {
    pub(crate) fn draw_in(&self, panel: Panel, pen: &mut dyn Pen) {
        let bins = self.of.bins();
        let marks = if self.of.count > 0 { "solid line: median · dashed line: mean" } else { "" };
        let panel = panel.head(pen, &self.of.name, &[&summary(self.of), &outside(&bins, self.of), marks]);
        if self.of.count == 0 {
            return;
        }
        let most = bins.counts.iter().copied().max().unwrap_or(0).max(1) as f64;
        let (x, y) = panel.axes(pen, ends(&bins), most, &self.of.name);
        let gap = if bins.counts.len() < 60 { 1.0 } else { 0.0 };
        for (pair, count) in bins.edges.windows(2).zip(&bins.counts).filter(|(_, count)| **count > 0) {
            let (left, right) = (x.at(pair[0]), x.at(pair[1]));
            pen.rect((left, y.at(*count as f64)), ((right - gap).max(left + 1.0), y.from), FIRST, 0.8);
        }
        let (median, mean) = (x.at(self.of.quantile(0.5)), x.at(self.of.mean));
        pen.line(&[(median, y.from), (median, y.to)], INK, 2);
        let steps = ((y.from - y.to) / 9.0) as usize;
        for step in 0..steps {
            let top = y.to + 9.0 * step as f64;
            pen.line(&[(mean, top), (mean, top + 5.0)], SECOND, 2);
        }
    }
}

impl Drawing for Histogram<'_> {
    fn title(&self) -> String {
        self.of.name.clone()
    }

    fn size(&self) -> (u32, u32) {
        (760, 460)
    }

    fn draw(&self, pen: &mut dyn Pen) {
        self.draw_in(Panel::of(self.size()), pen);
    }
}
