//! Scans: what the bits say about the blocks (ITU-T T.81).

use super::bits::Bits;
use super::huffman::Table;
use super::{Block, Component, Decoder, ZIGZAG};
use crate::error::Cause;
use crate::fields::Fields;

/// What a scan is about: coefficients `first` to `last`, the bits from `low` on; `high` are there already.
#[derive(Clone, Copy)]
struct Band {
    first: usize,
    last: usize,
    high: u32,
    low: u32,
}

/// What one block of a component needs.
struct Turn<'t> {
    component: usize,
    direct: Option<&'t Table>,
    alternating: Option<&'t Table>,
}

impl Decoder {
    /// Decodes the scan whose header this is, from the data after it; gives the number of bytes used.
    pub(super) fn scan(&mut self, header: &[u8], data: &[u8]) -> Result<usize, Cause> {
        let mut fields = Fields(header);
        let mut components = std::mem::take(&mut self.components);
        if components.is_empty() {
            return Err("a scan comes before the frame".into());
        }
        let count = fields.u8()?;
        let mut turns = Vec::new();
        for _ in 0..count {
            let [id, tables] = fields.array()?;
            let index =
                components.iter().position(|component| component.id == id).ok_or("a scan is about a component that is not there")?;
            if turns.iter().any(|turn: &Turn<'_>| turn.component == index) {
                return Err("a scan names a component twice".into());
            }
            turns.push(Turn {
                component: index,
                direct: self.direct.get(usize::from(tables >> 4)).and_then(Option::as_ref),
                alternating: self.alternating.get(usize::from(tables & 15)).and_then(Option::as_ref),
            });
        }
        let [first, last, bits] = fields.array()?;
        let mut band = Band { first: usize::from(first), last: usize::from(last), high: u32::from(bits >> 4), low: u32::from(bits & 15) };
        if !self.is_progressive {
            band = Band { first: 0, last: 63, high: 0, low: 0 };
        }
        if turns.is_empty() || band.first > band.last || band.last > 63 || band.low > 13 || band.first > 0 && turns.len() > 1 {
            return Err("a scan has wrong bounds".into());
        }
        for turn in &turns {
            let needs_direct = band.first == 0 && band.high == 0;
            let needs_alternating = band.last > 0 && (band.first > 0 || !self.is_progressive);
            if needs_direct && turn.direct.is_none() || needs_alternating && turn.alternating.is_none() {
                return Err("a scan needs a table that is not there".into());
            }
            if let Some(component) = components.get_mut(turn.component)
                && component.quantization.is_none()
            {
                let table = self.quantization.get(component.quantizer).copied().flatten();
                component.quantization = Some(table.ok_or("a scan needs a table that is not there")?);
            }
        }
        let mut run = Run { bits: Bits::new(data), band, is_progressive: self.is_progressive, direct: [0; 4], ends: 0 };
        self.blocks(&mut components, &turns, &mut run);
        let used = run.bits.position();
        self.components = components;
        Ok(used)
    }

    fn blocks(&self, components: &mut [Component], turns: &[Turn<'_>], run: &mut Run<'_>) {
        let (mut until_restart, mut restarts) = (self.restart, 0_u8);
        let mut begin_unit = |run: &mut Run<'_>| {
            if self.restart > 0 {
                if until_restart == 0 {
                    run.bits.restart(restarts & 7);
                    run.direct = [0; 4];
                    run.ends = 0;
                    restarts = restarts.wrapping_add(1);
                    until_restart = self.restart;
                }
                until_restart -= 1;
            }
        };
        if let [turn] = turns {
            let Some(component) = components.get_mut(turn.component) else { return };
            let (columns, rows) = (component.width.div_ceil(8), component.height.div_ceil(8));
            for row in component.blocks.chunks_mut(component.columns.max(1)).take(rows) {
                if run.bits.is_starved && self.restart == 0 {
                    return;
                }
                for block in row.iter_mut().take(columns) {
                    begin_unit(run);
                    run.block(block, turn);
                }
            }
            return;
        }
        let (columns, rows) = (self.width.div_ceil(8 * self.across), self.height.div_ceil(8 * self.down));
        for row in 0..rows {
            if run.bits.is_starved && self.restart == 0 {
                return;
            }
            for column in 0..columns {
                begin_unit(run);
                for turn in turns {
                    let Some(component) = components.get_mut(turn.component) else { return };
                    for down in 0..component.down {
                        for across in 0..component.across {
                            let at = (row * component.down + down) * component.columns + column * component.across + across;
                            if let Some(block) = component.blocks.get_mut(at) {
                                run.block(block, turn);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A scan on its way.
struct Run<'a> {
    bits: Bits<'a>,
    band: Band,
    is_progressive: bool,
    /// The last direct value of each component.
    direct: [i32; 4],
    /// Blocks in which nothing more comes.
    ends: u32,
}

impl Run<'_> {
    fn block(&mut self, block: &mut Block, turn: &Turn<'_>) {
        match (self.is_progressive, self.band.first, self.band.high) {
            (true, 0, 1..) => {
                if self.bits.bit() {
                    block[0] |= 1 << self.band.low;
                }
            }
            _ if self.bits.is_starved => {}
            (false, ..) => self.whole(block, turn),
            (true, 0, 0) => self.direct(block, turn),
            (true, _, 0) => self.first(block, turn),
            (true, ..) => self.refine(block, turn),
        }
    }

    fn direct(&mut self, block: &mut Block, turn: &Turn<'_>) {
        let (Some(table), Some(last)) = (turn.direct, self.direct.get_mut(turn.component)) else { return };
        let bits = u32::from(self.bits.symbol(table)).min(16);
        *last = last.wrapping_add(self.bits.signed(bits));
        block[0] = (*last << self.band.low) as i16;
    }

    fn whole(&mut self, block: &mut Block, turn: &Turn<'_>) {
        self.direct(block, turn);
        let Some(table) = turn.alternating else { return };
        let mut at = 1;
        while at < 64 {
            let symbol = self.bits.symbol(table);
            let (zeros, bits) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if bits > 0 {
                at += zeros;
                put(block, at, self.bits.signed(bits));
            } else if zeros == 15 {
                at += 15;
            } else {
                break;
            }
            at += 1;
        }
    }

    fn first(&mut self, block: &mut Block, turn: &Turn<'_>) {
        if self.ends > 0 {
            self.ends -= 1;
            return;
        }
        let Some(table) = turn.alternating else { return };
        let mut at = self.band.first;
        while at <= self.band.last {
            let symbol = self.bits.symbol(table);
            let (zeros, bits) = (usize::from(symbol >> 4), u32::from(symbol & 15));
            if bits > 0 {
                at += zeros;
                let value = self.bits.signed(bits);
                put(block, at, value << self.band.low);
            } else if zeros == 15 {
                at += 15;
            } else {
                self.ends = (1 << zeros) - 1 + self.bits.take(zeros as u32);
                break;
            }
            at += 1;
        }
    }

    fn refine(&mut self, block: &mut Block, turn: &Turn<'_>) {
        let Some(table) = turn.alternating else { return };
        let (plus, minus) = (1_i16 << self.band.low, -1_i16 << self.band.low);
        let mut at = self.band.first;
        if self.ends == 0 {
            while at <= self.band.last {
                let symbol = self.bits.symbol(table);
                let (mut zeros, bits) = (symbol >> 4, symbol & 15);
                let mut value = 0;
                if bits > 0 {
                    value = if self.bits.bit() { plus } else { minus };
                } else if zeros != 15 {
                    self.ends = (1 << zeros) + self.bits.take(u32::from(zeros));
                    break;
                }
                while at <= self.band.last {
                    let Some(slot) = slot(block, at) else { return };
                    if *slot != 0 {
                        correct(&mut self.bits, slot, plus, minus);
                    } else {
                        if zeros == 0 {
                            break;
                        }
                        zeros -= 1;
                    }
                    at += 1;
                }
                if value != 0 {
                    put(block, at, i32::from(value));
                }
                at += 1;
            }
        }
        if self.ends > 0 {
            while at <= self.band.last {
                let Some(slot) = slot(block, at) else { return };
                if *slot != 0 {
                    correct(&mut self.bits, slot, plus, minus);
                }
                at += 1;
            }
            self.ends -= 1;
        }
    }
}

fn slot(block: &mut Block, at: usize) -> Option<&mut i16> {
    ZIGZAG.get(at).and_then(|place| block.get_mut(usize::from(*place)))
}

fn put(block: &mut Block, at: usize, value: i32) {
    if let Some(slot) = slot(block, at) {
        *slot = value as i16;
    }
}

/// A further bit of a coefficient that is there already.
fn correct(bits: &mut Bits<'_>, slot: &mut i16, plus: i16, minus: i16) {
    if bits.bit() && *slot & plus == 0 {
        *slot = slot.wrapping_add(if *slot >= 0 { plus } else { minus });
    }
}
