//! Matrices: dense, or product-quantised into one byte per few columns.

use std::io::Read;

use crate::source::{Result, Source};

/// A matrix of either kind.
#[derive(Debug)]
pub(crate) enum Matrix {
    Dense { columns: usize, values: Vec<f32> },
    Quantised(Box<Quantised>),
}

/// Rows as codes, and a norm's code per row where norms were quantised by themselves.
#[derive(Debug)]
pub(crate) struct Quantised {
    rows: usize,
    columns: usize,
    codes: Vec<u8>,
    quantiser: Quantiser,
    /// Code of each row's norm, and the norms.
    norms: Option<(Vec<u8>, Vec<f32>)>,
}

/// Columns are cut into parts of `width`, the last one of `last_width`; each part has 256 centroids.
#[derive(Debug)]
struct Quantiser {
    parts: usize,
    width: usize,
    last_width: usize,
    centroids: Vec<f32>,
}

const CENTROIDS: usize = 256;

impl Matrix {
    pub fn read(source: &mut Source<impl Read>, quantised: bool) -> Result<Self> {
        if quantised {
            return Quantised::read(source).map(Box::new).map(Self::Quantised);
        }
        let (rows, columns) = (source.i64()?, source.i64()?);
        let (rows, columns) = (size(rows)?, size(columns)?);
        let values = source.floats(product(rows, columns)?)?;
        Ok(Self::Dense { columns, values })
    }

    pub fn rows(&self) -> usize {
        match self {
            Self::Dense { columns, values } => values.len() / columns,
            Self::Quantised(matrix) => matrix.rows,
        }
    }

    pub fn columns(&self) -> usize {
        match self {
            Self::Dense { columns, .. } => *columns,
            Self::Quantised(matrix) => matrix.columns,
        }
    }

    /// Adds rows to a vector, one after the other.
    pub fn add_rows(&self, rows: &[u32], sum: &mut [f32]) {
        match self {
            Self::Dense { values, .. } => match sum.len() {
                // The usual sizes stay in registers.
                10 => add_fixed::<10>(values, rows, sum),
                16 => add_fixed::<16>(values, rows, sum),
                32 => add_fixed::<32>(values, rows, sum),
                columns => {
                    for &row in rows {
                        let start = row as usize * columns;
                        sum.iter_mut().zip(&values[start..start + columns]).for_each(|(sum, value)| *sum += value);
                    }
                }
            },
            Self::Quantised(matrix) => rows.iter().for_each(|row| matrix.add_row(*row as usize, sum)),
        }
    }

    /// The product of a row and a vector.
    pub fn dot(&self, row: usize, vector: &[f32]) -> f32 {
        match self {
            Self::Dense { columns, values } => {
                let start = row * columns;
                values[start..start + columns].iter().zip(vector).fold(0.0, |sum, (value, other)| sum + value * other)
            }
            Self::Quantised(matrix) => matrix.dot(row, vector),
        }
    }
}

fn add_fixed<const COLUMNS: usize>(values: &[f32], rows: &[u32], sum: &mut [f32]) {
    let values = values.as_chunks::<COLUMNS>().0;
    let [sum] = sum.as_chunks_mut::<COLUMNS>().0 else { return };
    let mut local = *sum;
    for &row in rows {
        local.iter_mut().zip(&values[row as usize]).for_each(|(sum, value)| *sum += value);
    }
    *sum = local;
}

impl Quantised {
    fn read(source: &mut Source<impl Read>) -> Result<Self> {
        let has_norms = source.flag()?;
        let (rows, columns) = (source.i64()?, source.i64()?);
        let (rows, columns) = (size(rows)?, size(columns)?);
        let code_count = source.i32()?;
        let codes = source.bytes(code_count.into())?;
        let quantiser = Quantiser::read(source, columns)?;
        if product(rows, quantiser.parts)? != i64::from(code_count) {
            return Err("its quantised rows and codes do not agree".to_owned());
        }
        let norms = match has_norms {
            false => None,
            true => Some((source.bytes(i64::try_from(rows).unwrap_or(i64::MAX))?, Quantiser::read(source, 1)?.centroids)),
        };
        Ok(Self { rows, columns, codes, quantiser, norms })
    }

    fn norm(&self, row: usize) -> f32 {
        self.norms.as_ref().map_or(1.0, |(codes, norms)| norms[usize::from(codes[row])])
    }

    /// The centroids of a row, part by part.
    fn centroids(&self, row: usize) -> impl Iterator<Item = &[f32]> {
        let Quantiser { parts, width, last_width, ref centroids } = self.quantiser;
        let codes = &self.codes[row * parts..(row + 1) * parts];
        codes.iter().enumerate().map(move |(part, &code)| {
            let here = if part + 1 == parts { last_width } else { width };
            let start = part * CENTROIDS * width + usize::from(code) * here;
            &centroids[start..start + here]
        })
    }

    fn add_row(&self, row: usize, sum: &mut [f32]) {
        let norm = self.norm(row);
        for (part, centroid) in sum.chunks_mut(self.quantiser.width).zip(self.centroids(row)) {
            part.iter_mut().zip(centroid).for_each(|(sum, value)| *sum += norm * value);
        }
    }

    fn dot(&self, row: usize, vector: &[f32]) -> f32 {
        let parts = vector.chunks(self.quantiser.width).zip(self.centroids(row));
        let pairs = parts.flat_map(|(part, centroid)| part.iter().zip(centroid));
        pairs.fold(0.0, |sum, (value, other)| sum + value * other) * self.norm(row)
    }
}

impl Quantiser {
    fn read(source: &mut Source<impl Read>, columns: usize) -> Result<Self> {
        let mut values = [0; 4];
        for value in &mut values {
            *value = size(source.i32()?.into())?;
        }
        let [dimension, parts, width, last_width] = values;
        let covered = (parts - 1).checked_mul(width).and_then(|covered| covered.checked_add(last_width));
        if dimension != columns || covered != Some(columns) || last_width > width {
            return Err("the parts of its quantiser do not cover its columns".to_owned());
        }
        let centroids = source.floats(product(dimension, CENTROIDS)?)?;
        Ok(Self { parts, width, last_width, centroids })
    }
}

fn size(value: i64) -> Result<usize> {
    usize::try_from(value).ok().filter(|value| *value > 0).ok_or_else(|| format!("expected a size from 1 on, got {value}"))
}

fn product(rows: usize, columns: usize) -> Result<i64> {
    let product = rows.checked_mul(columns).and_then(|product| i64::try_from(product).ok());
    product.ok_or_else(|| format!("a matrix of {rows} rows and {columns} columns is too large"))
}
