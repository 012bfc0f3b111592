//! Draws one of each into the folder given as the first argument.
use std::path::Path;

use sandbox_plot::{Categories, Correlation, Distribution, Picture};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let folder = Path::new(&folder);
    let mut state = 7_u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let normal: Vec<f64> = (0..4000).map(|_| (0..12).map(|_| random()).sum::<f64>() - 6.0).collect();
    let skewed: Vec<f64> = normal.iter().map(|value| (value * 0.9).exp() * 300.0).collect();
    let whole: Vec<f64> = normal.iter().map(|value| (value * 3.0 + 12.0).round()).collect();
    let moved: Vec<f64> = normal.iter().map(|value| value * 0.7 + 0.5).collect();
    let texts = ["en", "de", "zh", "fr", "a rather long name of a language, spelled out"];
    let kinds: Vec<&str> = normal.iter().map(|value| texts[(value.abs() * 2.0) as usize % texts.len()]).collect();
    let (normal_d, skewed_d, whole_d) =
        (Distribution::of("alnum_ratio", &normal), Distribution::of("text_len", &skewed), Distribution::of("num_words", &whole));
    let moved_d = Distribution::of("alnum_ratio", &moved);
    let categories = Categories::of("lang", kinds.into_iter().map(Some));
    let correlation =
        Correlation::of(&[("alnum_ratio", &normal), ("text_len", &skewed), ("num_words", &whole), ("constant", &vec![1.0; 4000])]);
    let all = [normal_d.clone(), skewed_d.clone(), whole_d.clone()];
    let pictures = [
        ("hist", Picture::histogram(&normal_d)),
        ("skewed", Picture::histogram(&skewed_d)),
        ("whole", Picture::histogram(&whole_d)),
        ("box", Picture::box_plot(&skewed_d)),
        ("bars", Picture::bars(&categories)),
        ("heat", Picture::heat_map(&correlation)),
        ("overlay", Picture::overlay(&normal_d, &moved_d, ["raw.jsonl", "refined.jsonl"])),
        ("grid", Picture::grid(&all, std::slice::from_ref(&categories))),
    ];
    for (name, picture) in pictures {
        std::fs::write(folder.join(format!("{name}.png")), picture.png()?)?;
        std::fs::write(folder.join(format!("{name}.svg")), picture.svg()?)?;
    }
    Ok(())
}
