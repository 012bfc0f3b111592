//! A picture, ready to be written in either form.

use crate::PlotError;
use crate::bars::Bars;
use crate::box_plot::BoxPlot;
use crate::canvas::{self, Drawing};
use crate::categories::Categories;
use crate::correlation::Correlation;
use crate::distribution::Distribution;
use crate::grid::{Grid, Item};
use crate::heat_map::HeatMap;
use crate::histogram::Histogram;
use crate::overlay::Overlay;

/// A picture of a summary; drawn when it is asked for.
pub struct Picture<'d>(Box<dyn Drawing + 'd>);

impl<'d> Picture<'d> {
    /// How many values lie where, with median and mean.
    pub fn histogram(of: &'d Distribution) -> Self {
        Self(Box::new(Histogram { of }))
    }

    /// Quartiles, whiskers (1.5 times the box, as usual) and what lies beyond.
    pub fn box_plot(of: &'d Distribution) -> Self {
        Self(Box::new(BoxPlot { of }))
    }

    /// How often each text occurs: the 20 most frequent, and the others together.
    pub fn bars(of: &'d Categories) -> Self {
        Self(Box::new(Bars { of }))
    }

    /// Correlations with their numbers.
    pub fn heat_map(of: &'d Correlation) -> Self {
        Self(Box::new(HeatMap { of }))
    }

    /// Two distributions of one statistic on the same bins, named by `names`.
    pub fn overlay(before: &'d Distribution, after: &'d Distribution, names: [&'d str; 2]) -> Self {
        Self(Box::new(Overlay { before, after, names }))
    }

    /// All statistics in one picture: numbers, then texts.
    pub fn grid(numbers: &'d [Distribution], texts: &'d [Categories]) -> Self {
        let items = numbers.iter().map(Item::Numbers).chain(texts.iter().map(Item::Texts));
        Self(Box::new(Grid { items: items.collect() }))
    }

    /// The picture as an SVG document.
    ///
    /// # Errors
    /// The drawing library fails.
    pub fn svg(&self) -> Result<String, PlotError> {
        canvas::svg(self.0.as_ref())
    }

    /// The picture as a PNG file, for screens of two pixels per unit.
    ///
    /// # Errors
    /// The drawing library fails.
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        canvas::png(self.0.as_ref())
    }
}

impl std::fmt::Debug for Picture<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Picture").field(&self.0.title()).finish()
    }
}
