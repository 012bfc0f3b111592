//! Pictures of statistics, and one page that holds them all.
//!
//! Values become a small summary first ([`Distribution`], [`Categories`], [`Correlation`]); a picture is drawn from the
//! summary alone, so its size does not depend on the number of rows, and the same summary is the table beside the picture.
//!
//! ```text
//! values ─► Distribution ─► Histogram · BoxPlot · Overlay ─┐
//! texts  ─► Categories   ─► Bars                           ├─► Picture ─► svg() · png() ─► Page (report.html)
//! rows   ─► Correlation  ─► HeatMap                        ─┘
//! ```
//!
//! ```
//! use sandbox_plot::{Distribution, Picture};
//! let lengths = Distribution::of("text_len", &[12.0, 30.0, 31.0, f64::NAN, 58.0]);
//! let svg = Picture::histogram(&lengths).svg()?;
//! assert!(svg.contains("text_len"));
//! let png = Picture::box_plot(&lengths).png()?;
//! assert_eq!(&png[1..4], b"PNG");
//! # Ok::<(), sandbox_plot::PlotError>(())
//! ```
//!
//! Drawing is the `plotters` crate's; the font is part of this crate, so a picture is the same on every machine.

mod bars;
mod box_plot;
mod canvas;
mod categories;
mod correlation;
mod distribution;
mod grid;
mod heat_map;
mod histogram;
mod overlay;
mod page;
mod picture;
mod scale;

pub use categories::Categories;
pub use correlation::Correlation;
pub use distribution::{Bins, Distribution};
pub use overlay::Shift;
pub use page::{Page, Table};
pub use picture::Picture;
pub use scale::short;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The drawing library gave up.
    #[error("Failed to draw `{title}`: {cause}")]
    Draw {
        /// What was to be drawn.
        title: String,
        /// The library's words.
        cause: String,
    },
    /// The picture could not be packed as PNG.
    #[error("Failed to write `{title}` as PNG: {cause}")]
    Png {
        /// What was to be drawn.
        title: String,
        /// Why.
        cause: png::EncodingError,
    },
}
