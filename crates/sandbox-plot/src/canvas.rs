//! Where pictures are drawn: one set of strokes for SVG and for pixels.

use std::sync::Once;

use plotters::coord::Shift;
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{BitMapBackend, Color, DrawingArea, DrawingBackend, IntoDrawingArea, RGBColor, SVGBackend, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, FontTransform, IntoFont, TextStyle, register_font};

use crate::PlotError;
use crate::scale::{Scale, short, ticks};

pub(crate) const INK: RGBColor = RGBColor(0x16, 0x19, 0x1d);
pub(crate) const SOFT: RGBColor = RGBColor(0x54, 0x5d, 0x69);
pub(crate) const LINE: RGBColor = RGBColor(0xd9, 0xdd, 0xe3);
pub(crate) const GROUND: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Told apart by people who see red and green alike.
pub(crate) const FIRST: RGBColor = RGBColor(0x24, 0x57, 0xc5);
pub(crate) const SECOND: RGBColor = RGBColor(0xd9, 0x6a, 0x0b);

const FONT: &[u8] = include_bytes!("../assets/sans.ttf");
const FAMILY: &str = "sans-serif";

/// Where a text's given point is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A drawing in its own units, which are pixels of an SVG.
pub(crate) trait Drawing {
    fn title(&self) -> String;
    fn size(&self) -> (u32, u32);
    fn draw(&self, pen: &mut dyn Pen);
}

/// Strokes. What fails is remembered and told at the end, so that drawings read as lists of strokes.
pub(crate) trait Pen {
    fn line(&mut self, points: &[(f64, f64)], color: RGBColor, width: u32);
    fn rect(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, opacity: f64);
    fn frame(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor);
    fn area(&mut self, points: &[(f64, f64)], color: RGBColor, opacity: f64);
    fn dot(&mut self, at: (f64, f64), radius: u32, color: RGBColor, filled: bool);
    /// `at` is the anchor in x and the middle of the letters in y.
    fn text(&mut self, text: &str, at: (f64, f64), anchor: Anchor, size: u32, color: RGBColor);
    /// Reading upwards, from `at`.
    fn upward(&mut self, text: &str, at: (f64, f64), size: u32, color: RGBColor);
}

struct PlottersPen<'a, B: DrawingBackend> {
    area: DrawingArea<B, Shift>,
    scale: f64,
    /// Letters in an SVG come out smaller than the same letters in pixels.
    letters: f64,
    failure: &'a mut Option<String>,
}

impl<B: DrawingBackend> PlottersPen<'_, B> {
    fn to(&self, (x, y): (f64, f64)) -> (i32, i32) {
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }

    fn all(&self, points: &[(f64, f64)]) -> Vec<(i32, i32)> {
        points.iter().map(|point| self.to(*point)).collect()
    }

    fn wide(&self, width: u32) -> u32 {
        (f64::from(width) * self.scale).round() as u32
    }

    fn note<T, E: std::fmt::Display>(&mut self, result: Result<T, E>) {
        if let Err(error) = result {
            self.failure.get_or_insert_with(|| error.to_string());
        }
    }

    fn style(&self, size: u32, color: RGBColor) -> TextStyle<'static> {
        let font = (FAMILY, f64::from(self.wide(size)) * self.letters).into_font();
        TextStyle { color: color.to_backend_color(), ..TextStyle::from(font) }
    }
}

impl<B: DrawingBackend> Pen for PlottersPen<'_, B> {
    fn line(&mut self, points: &[(f64, f64)], color: RGBColor, width: u32) {
        let style = ShapeStyle { color: color.to_rgba(), filled: false, stroke_width: self.wide(width) };
        let drawn = self.area.draw(&PathElement::new(self.all(points), style));
        self.note(drawn);
    }

    fn rect(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor, opacity: f64) {
        let drawn = self.area.draw(&Rectangle::new([self.to(from), self.to(to)], color.mix(opacity).filled()));
        self.note(drawn);
    }

    fn frame(&mut self, from: (f64, f64), to: (f64, f64), color: RGBColor) {
        let style = ShapeStyle { color: color.to_rgba(), filled: false, stroke_width: self.wide(1) };
        let drawn = self.area.draw(&Rectangle::new([self.to(from), self.to(to)], style));
        self.note(drawn);
    }

    fn area(&mut self, points: &[(f64, f64)], color: RGBColor, opacity: f64) {
        let drawn = self.area.draw(&Polygon::new(self.all(points), color.mix(opacity)));
        self.note(drawn);
    }

    fn dot(&mut self, at: (f64, f64), radius: u32, color: RGBColor, filled: bool) {
        let style = ShapeStyle { color: color.to_rgba(), filled, stroke_width: self.wide(1) };
        let drawn = self.area.draw(&Circle::new(self.to(at), self.wide(radius), style));
        self.note(drawn);
    }

    fn text(&mut self, text: &str, at: (f64, f64), anchor: Anchor, size: u32, color: RGBColor) {
        let side = match anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = self.style(size, color).pos(Pos::new(side, VPos::Center));
        let drawn = self.area.draw_text(text, &style, self.to(at));
        self.note(drawn);
    }

    fn upward(&mut self, text: &str, at: (f64, f64), size: u32, color: RGBColor) {
        let style = self.style(size, color).transform(FontTransform::Rotate270).pos(Pos::new(HPos::Left, VPos::Center));
        let drawn = self.area.draw_text(text, &style, self.to(at));
        self.note(drawn);
    }
}

fn run<B: DrawingBackend>(drawing: &dyn Drawing, backend: B, scale: f64, letters: f64) -> Result<(), PlotError> {
    static FONT_IS_THERE: Once = Once::new();
    // A font that cannot be read shows at the first text.
    FONT_IS_THERE.call_once(|| drop(register_font(FAMILY, FontStyle::Normal, FONT)));
    let mut failure = None;
    let area = backend.into_drawing_area();
    let mut pen = PlottersPen { area, scale, letters, failure: &mut failure };
    let (width, height) = drawing.size();
    pen.rect((0.0, 0.0), (f64::from(width), f64::from(height)), GROUND, 1.0);
    drawing.draw(&mut pen);
    let presented = pen.area.present();
    pen.note(presented);
    failure.map_or(Ok(()), |cause| Err(PlotError::Draw { title: drawing.title(), cause }))
}

/// The drawing as an SVG document.
pub(crate) fn svg(drawing: &dyn Drawing) -> Result<String, PlotError> {
    let mut text = String::new();
    run(drawing, SVGBackend::with_string(&mut text, drawing.size()), 1.0, 1.15)?;
    Ok(text)
}

/// The drawing as a PNG file, in two pixels per unit and direction.
pub(crate) fn png(drawing: &dyn Drawing) -> Result<Vec<u8>, PlotError> {
    let (width, height) = drawing.size();
    let (width, height) = (width * 2, height * 2);
    let mut pixels = vec![255; 3 * width as usize * height as usize];
    run(drawing, BitMapBackend::with_buffer(&mut pixels, (width, height)), 2.0, 1.0)?;
    let mut file = Vec::new();
    let failed = |cause| PlotError::Png { title: drawing.title(), cause };
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Large plain areas are small in any case; packing harder took longer than the drawing.
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&pixels).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(file)
}

/// A part of a drawing, with room for a title and a line of words above, axes left and below.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Panel {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Panel {
    pub(crate) fn of((width, height): (u32, u32)) -> Self {
        Self { left: 0.0, top: 0.0, width: f64::from(width), height: f64::from(height) }
    }

    /// Title and words; the rest below them.
    pub(crate) fn head(self, pen: &mut dyn Pen, title: &str, words: &[&str]) -> Self {
        pen.text(&cut(title, self.width - 40.0, 17), (self.left + 20.0, self.top + 22.0), Anchor::Start, 17, INK);
        let mut y = self.top + 42.0;
        for line in words.iter().filter(|line| !line.is_empty()) {
            pen.text(&cut(line, self.width - 40.0, 12), (self.left + 20.0, y), Anchor::Start, 12, SOFT);
            y += 17.0;
        }
        let top = y + 4.0;
        Self { top, height: self.top + self.height - top, ..self }
    }

    /// Grid lines with counts at the left and values below; the maps of values and of counts.
    pub(crate) fn axes(self, pen: &mut dyn Pen, (low, high): (f64, f64), most: f64, label: &str) -> (Scale, Scale) {
        let (left, right) = (self.left + 72.0, self.left + self.width - 22.0);
        let (top, bottom) = (self.top + 8.0, self.top + self.height - 48.0);
        let x = Scale { low, high, from: left, to: right };
        let y = Scale { low: 0.0, high: most, from: bottom, to: top };
        for tick in ticks(0.0, most, 5) {
            pen.line(&[(left, y.at(tick)), (right, y.at(tick))], LINE, 1);
            pen.text(&short(tick), (left - 8.0, y.at(tick)), Anchor::End, 12, SOFT);
        }
        value_axis(pen, x, bottom, label);
        (x, y)
    }
}

/// Ticks, numbers and a label below `bottom`.
pub(crate) fn value_axis(pen: &mut dyn Pen, x: Scale, bottom: f64, label: &str) {
    pen.line(&[(x.from, bottom), (x.to, bottom)], SOFT, 1);
    let shown = ticks(x.low, x.high, ((x.to - x.from) / 110.0).max(2.0) as usize);
    for tick in shown {
        pen.line(&[(x.at(tick), bottom), (x.at(tick), bottom + 5.0)], SOFT, 1);
        pen.text(&short(tick), (x.at(tick), bottom + 14.0), Anchor::Middle, 12, SOFT);
    }
    pen.text(label, ((x.from + x.to) / 2.0, bottom + 33.0), Anchor::Middle, 13, INK);
}

/// `text` with an ellipsis where it would be wider than `width`; letters of this font are 0.56 of their size on average.
pub(crate) fn cut(text: &str, width: f64, size: u32) -> String {
    let most = (width / (0.56 * f64::from(size))).max(2.0) as usize;
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
