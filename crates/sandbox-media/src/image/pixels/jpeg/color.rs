//! From components to red, green and blue.

use super::Decoder;
use super::upsample::{Plane, plane};
use crate::error::Cause;
use crate::image::pixels::{Pixels, from_cmyk};

pub(super) fn pixels(decoder: &Decoder) -> Result<Pixels, Cause> {
    let planes = decoder.components.iter().map(|component| plane(decoder, component)).collect::<Result<Vec<Plane>, Cause>>()?;
    let planes: Vec<&[u8]> = planes.iter().map(|plane| plane.samples.as_slice()).collect();
    let mut rgb = Vec::with_capacity(decoder.width * decoder.height * 3);
    match planes.as_slice() {
        [grey] => rgb.extend(grey.iter().flat_map(|value| [*value; 3])),
        [first, second, third] => {
            let is_rgb = is_rgb(decoder);
            for ((first, second), third) in first.iter().zip(*second).zip(*third) {
                rgb.extend(if is_rgb { [*first, *second, *third] } else { from_ycc(*first, *second, *third) });
            }
        }
        [first, second, third, black] => {
            let is_ycck = decoder.adobe.is_some_and(|transform| transform != 0);
            for (((first, second), third), black) in first.iter().zip(*second).zip(*third).zip(*black) {
                let cmy = if is_ycck { from_ycc(*first, *second, *third).map(|value| 255 - value) } else { [*first, *second, *third] };
                // The inks are stored inverted, as Adobe's programs write them.
                let [cyan, magenta, yellow] = cmy.map(|value| 255 - value);
                rgb.extend(from_cmyk([cyan, magenta, yellow, 255 - black]));
            }
        }
        _ => return Err("it has no components".into()),
    }
    Ok(Pixels { width: decoder.width, height: decoder.height, rgb })
}

fn is_rgb(decoder: &Decoder) -> bool {
    if decoder.is_jfif {
        return false;
    }
    match decoder.adobe {
        Some(transform) => transform == 0,
        None => decoder.components.iter().map(|component| component.id).eq(*b"RGB"),
    }
}

fn from_ycc(luma: u8, blue: u8, red: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (luma, blue, red) = (i32::from(luma), i32::from(blue) - 128, i32::from(red) - 128);
    let clamp = |value: i32| value.clamp(0, 255) as u8;
    [
        clamp(luma + ((91_881 * red + HALF) >> 16)),
        clamp(luma + ((-22_554 * blue - 46_802 * red + HALF) >> 16)),
        clamp(luma + ((116_130 * blue + HALF) >> 16)),
    ]
}
