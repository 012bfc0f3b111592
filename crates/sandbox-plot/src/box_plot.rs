//! Quartiles, whiskers and what lies beyond them.

use crate::canvas::{Anchor, Drawing, FIRST, INK, Panel, Pen, SECOND, SOFT, value_axis};
use crate::distribution::Distribution;
use crate::histogram::summary;
use crate::scale::{Scale, short};

/// A box from the first to the third quartile, whiskers to the farthest values within 1.5 of its length.
pub(crate) struct BoxPlot<'d> {
    pub(crate) of: &'d Distribution,
}

/// The numbers of a box plot.
#[derive(Debug, PartialEq)]
struct Numbers {
    quartiles: [f64; 3],
    whiskers: (f64, f64),
    /// Indices of the values within the whiskers.
    inside: (usize, usize),
}

fn numbers(of: &Distribution) -> Numbers {
    let quartiles = [0.25, 0.5, 0.75].map(|part| of.quantile(part));
    let reach = 1.5 * (quartiles[2] - quartiles[0]);
    let sorted = of.sorted();
    let first = sorted.partition_point(|value| *value < quartiles[0] - reach);
    let end = sorted.partition_point(|value| *value <= quartiles[2] + reach).max(first + 1);
    let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
    Numbers { quartiles, whiskers: (at(first), at(end - 1)), inside: (first, end) }
}

impl BoxPlot<'_> {
    pub(crate) fn draw_in(&self, panel: Panel, pen: &mut dyn Pen) {
        let of = self.of;
        if of.count == 0 {
            panel.head(pen, &of.name, &[&summary(of)]);
            return;
        }
        let Numbers { quartiles: [q1, q2, q3], whiskers: (low, high), inside: (first, end) } = numbers(of);
        let beyond = of.count as usize - (end - first);
        let quartiles = format!("quartiles {}, {}, {} · whiskers {} to {}", short(q1), short(q2), short(q3), short(low), short(high));
        let (least, most) = (of.quantile(0.0), of.quantile(1.0));
        let far = if beyond > 0 {
            format!("{} values beyond the whiskers, {} to {}", short(beyond as f64), short(least), short(most))
        } else {
            String::new()
        };
        let panel = panel.head(pen, &of.name, &[&summary(of), &quartiles, &far]);
        let (shown_low, shown_high) = of.range();
        let pad = (shown_high / 2.0 - shown_low / 2.0) * 0.06;
        let (shown_low, shown_high) = ((shown_low - pad).min(low).max(f64::MIN), (shown_high + pad).max(high).min(f64::MAX));
        let x = Scale { low: shown_low, high: shown_high, from: panel.left + 40.0, to: panel.left + panel.width - 40.0 };
        let bottom = panel.top + panel.height - 48.0;
        let middle = panel.top + (bottom - panel.top) / 2.0;
        let half = ((bottom - panel.top) / 4.0).min(48.0);
        value_axis(pen, x, bottom, &of.name);
        for (from, to, end) in [(low, q1, low), (q3, high, high)] {
            pen.line(&[(x.at(from), middle), (x.at(to), middle)], INK, 2);
            pen.line(&[(x.at(end), middle - half / 2.0), (x.at(end), middle + half / 2.0)], INK, 2);
        }
        let (left, right) = (x.at(q1), x.at(q3).max(x.at(q1) + 1.0));
        pen.rect((left, middle - half), (right, middle + half), FIRST, 0.35);
        pen.frame((left, middle - half), (right, middle + half), INK);
        pen.line(&[(x.at(q2), middle - half), (x.at(q2), middle + half)], INK, 3);
        if (x.low..=x.high).contains(&of.mean) {
            pen.dot((x.at(of.mean), middle), 5, SECOND, true);
            pen.text("dot: mean · thick line: median", (x.to, panel.top + 4.0), Anchor::End, 12, SOFT);
        }
        self.draw_beyond(x, middle, &of.sorted()[..first], pen);
        self.draw_beyond(x, middle, &of.sorted()[end..], pen);
    }

    /// A dot per value, one for those that would lie on each other; an arrow where values lie outside of the picture.
    fn draw_beyond(&self, x: Scale, middle: f64, values: &[f64], pen: &mut dyn Pen) {
        let mut last = f64::NAN;
        for value in values.iter().filter(|value| (x.low..=x.high).contains(*value)) {
            let at = x.at(*value).round();
            if at != last {
                pen.dot((at, middle), 3, SOFT, false);
                last = at;
            }
        }
        let ends = [
            (values.first().is_some_and(|value| *value < x.low), x.from, -1.0),
            (values.last().is_some_and(|value| *value > x.high), x.to, 1.0),
        ];
        for (_, at, side) in ends.into_iter().filter(|(is_outside, ..)| *is_outside) {
            pen.area(&[(at + 14.0 * side, middle), (at + 4.0 * side, middle - 6.0), (at + 4.0 * side, middle + 6.0)], SECOND, 1.0);
        }
    }
}

impl Drawing for BoxPlot<'_> {
    fn title(&self) -> String {
        self.of.name.clone()
    }

    fn size(&self) -> (u32, u32) {
        (760, 280)
    }

    fn draw(&self, pen: &mut dyn Pen) {
        self.draw_in(Panel::of(self.size()), pen);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whiskers_end_at_values() {
        let of = Distribution::of("x", &[1.0, 2.0, 3.0, 4.0, 5.0, 100.0]);
        assert_eq!(numbers(&of), Numbers { quartiles: [2.25, 3.5, 4.75], whiskers: (1.0, 5.0), inside: (0, 5) });
    }
}
