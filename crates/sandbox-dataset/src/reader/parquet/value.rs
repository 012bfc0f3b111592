//! Values as JSON.

use std::io::Write;

use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use parquet::data_type::{AsBytes, Int96};
use parquet::schema::types::ColumnDescriptor;

use crate::splice::write_json_string;

use super::leaf::Values;
use super::time::{Unit, write_date, write_time, write_timestamp};

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    Int {
        signed: bool,
    },
    Long {
        signed: bool,
    },
    Int96,
    Float,
    Double,
    Half,
    /// Of 32, 64 or more bits, with digits behind the point.
    Decimal {
        physical: Physical,
        scale: i32,
    },
    Date,
    Time {
        unit: Unit,
        utc: bool,
    },
    Timestamp {
        unit: Unit,
        utc: bool,
    },
    Text,
    Binary,
    Fixed,
    Uuid,
}

impl Form {
    pub(super) fn of(column: &ColumnDescriptor) -> Self {
        let physical = column.physical_type();
        let converted = column.converted_type();
        let decimal = |scale| Self::Decimal { physical, scale };
        match (column.logical_type_ref(), physical) {
            (Some(LogicalType::Decimal(decimal_type)), _) => return decimal(decimal_type.scale),
            (Some(LogicalType::Date), Physical::INT32) => return Self::Date,
            (Some(LogicalType::Time(time)), Physical::INT32 | Physical::INT64) => {
                return Self::Time { unit: unit(&time.unit), utc: time.is_adjusted_to_u_t_c };
            }
            (Some(LogicalType::Timestamp(time)), Physical::INT64) => {
                return Self::Timestamp { unit: unit(&time.unit), utc: time.is_adjusted_to_u_t_c };
            }
            (Some(LogicalType::String | LogicalType::Enum | LogicalType::Json), Physical::BYTE_ARRAY) => return Self::Text,
            (Some(LogicalType::Uuid), Physical::FIXED_LEN_BYTE_ARRAY) => return Self::Uuid,
            (Some(LogicalType::Float16), Physical::FIXED_LEN_BYTE_ARRAY) => return Self::Half,
            _ => {}
        }
        let signed = !matches!(converted, ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64);
        match (converted, physical) {
            (ConvertedType::DECIMAL, _) => decimal(column.type_scale()),
            (ConvertedType::DATE, Physical::INT32) => Self::Date,
            (ConvertedType::TIME_MILLIS, Physical::INT32) => Self::Time { unit: Unit::Millis, utc: true },
            (ConvertedType::TIME_MICROS, Physical::INT64) => Self::Time { unit: Unit::Micros, utc: true },
            (ConvertedType::TIMESTAMP_MILLIS, Physical::INT64) => Self::Timestamp { unit: Unit::Millis, utc: true },
            (ConvertedType::TIMESTAMP_MICROS, Physical::INT64) => Self::Timestamp { unit: Unit::Micros, utc: true },
            (ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON, Physical::BYTE_ARRAY) => Self::Text,
            (_, Physical::BOOLEAN) => Self::Bool,
            (_, Physical::INT32) => Self::Int { signed },
            (_, Physical::INT64) => Self::Long { signed },
            (_, Physical::INT96) => Self::Int96,
            (_, Physical::FLOAT) => Self::Float,
            (_, Physical::DOUBLE) => Self::Double,
            (_, Physical::BYTE_ARRAY) => Self::Binary,
            (_, Physical::FIXED_LEN_BYTE_ARRAY) => Self::Fixed,
        }
    }

    /// Appends a value; `None` when there is none at that place, an error when it has no JSON form.
    pub(super) fn write(self, values: &Values, place: usize, out: &mut Vec<u8>) -> Option<Result<(), String>> {
        // A `Vec` takes all that is written to it.
        match self {
            Self::Bool => drop(write!(out, "{}", values.bools.get(place)?)),
            Self::Int { signed: true } => drop(write!(out, "{}", values.ints.get(place)?)),
            Self::Int { signed: false } => drop(write!(out, "{}", values.ints.get(place)?.cast_unsigned())),
            Self::Long { signed: true } => drop(write!(out, "{}", values.longs.get(place)?)),
            Self::Long { signed: false } => drop(write!(out, "{}", values.longs.get(place)?.cast_unsigned())),
            Self::Int96 => write_timestamp(int96(values.int96s.get(place)?), Unit::Nanos, false, out),
            Self::Float => write_float(values.floats.get(place)?, values.floats.get(place)?.is_finite(), out),
            Self::Double => write_float(values.doubles.get(place)?, values.doubles.get(place)?.is_finite(), out),
            Self::Half => {
                let number = half(values.fixed.get(place)?.as_bytes());
                write_float(&number, number.is_finite(), out);
            }
            Self::Decimal { physical: Physical::INT32, scale } => write_decimal(&values.ints.get(place)?.to_be_bytes(), scale, out),
            Self::Decimal { physical: Physical::INT64, scale } => write_decimal(&values.longs.get(place)?.to_be_bytes(), scale, out),
            Self::Decimal { physical: Physical::BYTE_ARRAY, scale } => write_decimal(values.bytes.get(place)?.as_bytes(), scale, out),
            Self::Decimal { scale, .. } => write_decimal(values.fixed.get(place)?.as_bytes(), scale, out),
            Self::Date => write_date((*values.ints.get(place)?).into(), out),
            Self::Time { unit, utc } => write_time(long(values, place)?, unit, utc, out),
            Self::Timestamp { unit, utc } => write_timestamp(i128::from(*values.longs.get(place)?), unit, utc, out),
            Self::Text => match std::str::from_utf8(values.bytes.get(place)?.as_bytes()) {
                Ok(text) => write_json_string(text, out),
                Err(error) => return Some(Err(format!("is not UTF-8 at byte {}", error.valid_up_to()))),
            },
            Self::Binary => write_base64(values.bytes.get(place)?.as_bytes(), out),
            Self::Fixed => write_base64(values.fixed.get(place)?.as_bytes(), out),
            Self::Uuid => write_uuid(values.fixed.get(place)?.as_bytes(), out),
        }
        Some(Ok(()))
    }
}

fn unit(unit: &TimeUnit) -> Unit {
    match unit {
        TimeUnit::MILLIS => Unit::Millis,
        TimeUnit::MICROS => Unit::Micros,
        TimeUnit::NANOS => Unit::Nanos,
    }
}

fn long(values: &Values, place: usize) -> Option<i64> {
    values.longs.get(place).copied().or_else(|| values.ints.get(place).map(|&int| int.into()))
}

/// JSON has no infinities and no NaN.
fn write_float<T: serde::Serialize>(number: &T, is_finite: bool, out: &mut Vec<u8>) {
    if !is_finite || serde_json::to_writer(&mut *out, number).is_err() {
        out.extend_from_slice(b"null");
    }
}

fn half(bytes: &[u8]) -> f64 {
    let [low, high] = bytes else { return f64::NAN };
    let bits = u16::from_le_bytes([*low, *high]);
    let (sign, exponent, fraction) = (bits >> 15, i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let size = match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 => return f64::NAN,
        _ => (1024.0 + fraction) * 2_f64.powi(exponent - 25),
    };
    if sign == 1 { -size } else { size }
}

/// Nanoseconds of the day and the Julian day.
fn int96(value: &Int96) -> i128 {
    let [low, high, day] = *value.data() else { return 0 };
    let nanos = i128::from(low) | i128::from(high) << 32;
    (i128::from(day) - 2_440_588) * 86_400_000_000_000 + nanos
}

/// A whole number in two's complement, highest byte first, with a point before its last `scale` digits.
fn write_decimal(bytes: &[u8], scale: i32, out: &mut Vec<u8>) {
    let negative = bytes.first().is_some_and(|byte| *byte >= 128);
    let mut size = bytes.to_vec();
    if negative {
        size.iter_mut().for_each(|byte| *byte = !*byte);
        for byte in size.iter_mut().rev() {
            *byte = byte.wrapping_add(1);
            if *byte != 0 {
                break;
            }
        }
    }
    let mut digits = Vec::new();
    while size.iter().any(|byte| *byte != 0) {
        let mut rest = 0_u16;
        for byte in &mut size {
            let here = rest << 8 | u16::from(*byte);
            *byte = (here / 10) as u8;
            rest = here % 10;
        }
        digits.push(b'0' + rest as u8);
    }
    let scale = usize::try_from(scale).unwrap_or_default().min(1000);
    while digits.len() <= scale {
        digits.push(b'0');
    }
    out.push(b'"');
    if negative {
        out.push(b'-');
    }
    for (place, digit) in digits.iter().enumerate().rev() {
        out.push(*digit);
        if place == scale && scale > 0 {
            out.push(b'.');
        }
    }
    out.push(b'"');
}

fn write_uuid(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        let _ = write!(out, "{byte:02x}");
    }
    out.push(b'"');
}

fn write_base64(bytes: &[u8], out: &mut Vec<u8>) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    out.push(b'"');
    for three in bytes.chunks(3) {
        let byte = |place: usize| u32::from(three.get(place).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place) & 63) as usize];
            out.push(if place <= three.len() { digit } else { b'=' });
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn bytes_become_texts() {
        for (bytes, expect) in [(&b""[..], ""), (b"f", "Zg=="), (b"fo", "Zm8="), (b"foo", "Zm9v"), (b"\xff\xfe\xfd\0", "//79AA==")] {
            assert_eq!(text(|out| write_base64(bytes, out)), format!("\"{expect}\""));
        }
        let bytes: Vec<u8> = (0..16).collect();
        assert_eq!(text(|out| write_uuid(&bytes, out)), "\"00010203-0405-0607-0809-0a0b0c0d0e0f\"");
    }

    #[test]
    fn decimals_keep_all_digits() {
        for (value, scale, expect) in [(1250_i128, 2, "12.50"), (-5, 3, "-0.005"), (0, 0, "0"), (0, 2, "0.00"), (-1, 0, "-1"), (7, -2, "7")]
        {
            assert_eq!(text(|out| write_decimal(&value.to_be_bytes(), scale, out)), format!("\"{expect}\""));
        }
        assert_eq!(text(|out| write_decimal(&i128::MIN.to_be_bytes(), 38, out)), "\"-1.70141183460469231731687303715884105728\"");
        assert_eq!(text(|out| write_decimal(&[], 0, out)), "\"0\"");
    }

    #[test]
    fn half_floats_are_exact() {
        for (bits, expect) in [(0x3c00_u16, 1.0), (0xc000, -2.0), (0x3555, 0.333251953125), (0x0001, 2_f64.powi(-24)), (0x7bff, 65504.0)] {
            assert_eq!(half(&bits.to_le_bytes()), expect);
        }
        assert!(half(&0x7c00_u16.to_le_bytes()).is_nan());
    }
}
