//! Pictures are looked at: pixels and shapes against the data they show.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use sandbox_plot::{Categories, Correlation, Distribution, Page, Picture, Table};
use shapes::{bars_of, texts_of};

mod shapes {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    fn attributes(svg: &str, tag: &str) -> Vec<std::collections::BTreeMap<String, String>> {
        let mut reader = Reader::from_str(svg);
        let mut all = Vec::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Empty(element) | Event::Start(element) if element.name().as_ref() == tag => {
                    let pairs = element.attributes().map(|attribute| {
                        let attribute = attribute.unwrap();
                        let key = attribute.key.as_ref().to_owned();
                        (key, attribute.value.to_string())
                    });
                    all.push(pairs.collect());
                }
                Event::Eof => return all,
                _ => {}
            }
        }
    }

    /// Heights of the filled rectangles in the first colour.
    pub fn bars_of(svg: &str) -> Vec<(f64, f64)> {
        let bars = attributes(svg, "rect").into_iter().filter(|rect| rect["fill"] == "#2457C5");
        bars.map(|rect| (rect["width"].parse().unwrap(), rect["height"].parse().unwrap())).collect()
    }

    pub fn texts_of(svg: &str) -> String {
        let mut reader = Reader::from_str(svg);
        let mut all = String::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Text(text) => all.push_str(&text),
                Event::Eof => return all,
                _ => {}
            }
        }
    }
}

#[test]
fn bars_are_as_high_as_their_counts() {
    let values: Vec<f64> = [(1.0, 10), (2.0, 40), (3.0, 20)].iter().flat_map(|(value, count)| vec![*value; *count]).collect();
    let of = Distribution::of("n", &values);
    let heights: Vec<f64> = bars_of(&Picture::histogram(&of).svg().unwrap()).into_iter().map(|(_, height)| height).collect();
    assert_eq!(heights.len(), 3);
    assert!((heights[0] / heights[1] - 0.25).abs() < 0.01 && (heights[2] / heights[1] - 0.5).abs() < 0.01, "{heights:?}");
}

#[test]
fn bars_of_texts_are_as_long_as_their_counts() {
    let texts = ["a", "b", "b", "b", "b"];
    let of = Categories::of("kind", texts.iter().map(|text| Some(*text)));
    let svg = Picture::bars(&of).svg().unwrap();
    let widths: Vec<f64> = bars_of(&svg).into_iter().map(|(width, _)| width).collect();
    assert!((widths[1] / widths[0] - 0.25).abs() < 0.01, "{widths:?}");
    assert!(texts_of(&svg).contains("4 (80.0 %)"));
}

#[test]
fn png_files_show_the_picture() {
    let of = Distribution::of("n", &[1.0, 2.0, 2.0, 3.0]);
    let file = Picture::histogram(&of).png().unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height), (1520, 920));
    // The bars' blue at eight tenths on white.
    let blue = pixels.chunks_exact(3).filter(|pixel| pixel[2] > 200 && pixel[0] < 100).count();
    let ink = pixels.chunks_exact(3).filter(|pixel| pixel.iter().all(|value| *value < 90)).count();
    assert!(blue > 100_000 && ink > 1_000, "{blue} {ink}");
}

#[test]
fn far_values_are_said_in_words() {
    let values: Vec<f64> = (0..1000).map(f64::from).map(|value| value % 50.0).chain([1e7, -1e7]).collect();
    let of = Distribution::of("n", &values);
    let texts = texts_of(&Picture::histogram(&of).svg().unwrap());
    assert!(texts.contains("1 value below the picture, down to −10,000,000 · 1 value above the picture, up to 10,000,000"), "{texts}");
}

#[test]
fn a_page_needs_no_other_file() {
    let of = Distribution::of("n", &[1.0, 2.0]);
    let mut page = Page::new("Title", "words");
    let svg = Picture::histogram(&of).svg().unwrap();
    page.pictures("n", &[svg], Some(&Table { head: vec!["a".into()], rows: vec![vec!["b".into()]] }));
    let html = page.html();
    let outside = html.replace("http://www.w3.org/2000/svg", "");
    assert!(!outside.contains("http") && !outside.contains("src=") && !outside.contains("@import") && !outside.contains("<script"));
}

#[test]
fn the_same_values_in_any_order_give_the_same_bytes() {
    let (a, b) = ([3.0, 1.0, 2.5, 8.0], [8.0, 2.5, 1.0, 3.0]);
    let [a, b] = [&a, &b].map(|values| Distribution::of("n", values));
    assert_eq!(Picture::box_plot(&a).png().unwrap(), Picture::box_plot(&b).png().unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_numbers_can_be_drawn(values in prop::collection::vec(prop_oneof![any::<f64>(), -3.0..3.0, Just(0.0), Just(1e300), Just(5e-324)], 0..60), name in ".{0,40}") {
        let of = Distribution::of(&name, &values);
        let other = Distribution::of(&name, &values[values.len() / 2..]);
        let correlation = Correlation::of(&[("a", &values), ("b", &values)]);
        let texts: Vec<String> = values.iter().map(f64::to_string).collect();
        let categories = Categories::of(&name, texts.iter().map(|text| Some(text.as_str())));
        let pictures = [
            Picture::histogram(&of), Picture::box_plot(&of), Picture::overlay(&of, &other, ["a", "b"]),
            Picture::heat_map(&correlation), Picture::bars(&categories),
            Picture::grid(std::slice::from_ref(&of), std::slice::from_ref(&categories)),
        ];
        for picture in pictures {
            texts_of(&picture.svg().unwrap());
        }
        Picture::histogram(&of).png().unwrap();
    }
}
