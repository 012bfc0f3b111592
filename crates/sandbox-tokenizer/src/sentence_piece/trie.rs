//! All pieces that a text goes on with, found byte by byte: a double array, one look-up per byte.

/// Pieces by their bytes.
#[derive(Debug)]
pub(super) struct Trie {
    cells: Vec<Cell>,
}

/// A node. The child for a byte is the cell at `base` plus the byte, if that cell's `parent` is this one.
#[derive(Debug, Clone, Copy)]
struct Cell {
    base: u32,
    parent: u32,
    piece: u32,
}

const NONE: u32 = u32::MAX;
const FREE: Cell = Cell { base: 0, parent: NONE, piece: NONE };
/// So many places are tried before the cells up to there are given up as full.
const TRIES: usize = 64;

impl Trie {
    /// Pieces that differ from each other and are not empty, each with its number.
    pub fn new(mut pieces: Vec<(&[u8], u32)>) -> Result<Self, String> {
        pieces.sort_unstable();
        let mut trie = Self { cells: vec![Cell { parent: 0, ..FREE }] };
        let mut free_from = 1;
        let mut open = vec![(0, pieces.as_slice(), 0)];
        while let Some((node, pieces, depth)) = open.pop() {
            // Sorted: the piece that ends here is the first.
            let pieces = match pieces.split_first() {
                Some((&(piece, number), rest)) if piece.len() == depth => {
                    trie.cells[node].piece = number;
                    rest
                }
                _ => pieces,
            };
            let branches: Vec<_> = pieces.chunk_by(|a, b| a.0[depth] == b.0[depth]).collect();
            let bytes: Vec<usize> = branches.iter().map(|branch| usize::from(branch[0].0[depth])).collect();
            let Some(&first) = bytes.first() else { continue };
            let base = trie.place(first, &bytes, &mut free_from);
            let (Ok(wide), Ok(parent)) = (u32::try_from(base), u32::try_from(node)) else {
                return Err("it has too many pieces".to_owned());
            };
            trie.cells[node].base = wide;
            for (byte, branch) in bytes.iter().zip(branches) {
                trie.cells[base + byte].parent = parent;
                open.push((base + byte, branch, depth + 1));
            }
        }
        Ok(trie)
    }

    /// A base for which the cells of all bytes are free, and exist.
    fn place(&mut self, first: usize, bytes: &[usize], free_from: &mut usize) -> usize {
        let mut tries = 0;
        let mut at = (*free_from).max(first + 1);
        loop {
            let base = at - first;
            if self.cells.len() < base + 256 {
                self.cells.resize(base + 256, FREE);
            }
            if self.cells[at].parent == NONE {
                if bytes.iter().all(|byte| self.cells[base + byte].parent == NONE) {
                    return base;
                }
                tries += 1;
                if tries == TRIES {
                    *free_from = at;
                }
            }
            at += 1;
        }
    }

    /// The pieces that `text` begins with, shortest first: length in bytes and number.
    #[inline]
    pub fn prefixes(&self, text: &[u8]) -> impl Iterator<Item = (usize, u32)> {
        let mut node = 0;
        text.iter()
            .enumerate()
            .map_while(move |(index, &byte)| {
                let child = self.cells.get(node as usize)?.base + u32::from(byte);
                let cell = self.cells.get(child as usize).filter(|cell| cell.parent == node)?;
                node = child;
                Some((index + 1, cell.piece))
            })
            .filter(|&(_, piece)| piece != NONE)
    }

    /// The number of a piece.
    pub fn find(&self, piece: &[u8]) -> Option<u32> {
        self.prefixes(piece).find(|(length, _)| *length == piece.len()).map(|(_, number)| number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_was_put_in(pieces in prop::collection::btree_set("[a-cé]{1,5}|\\PC{1,3}|\u{0}", 0..60), text in "[a-cé]{0,12}|\\PC{0,5}") {
            let pieces: BTreeSet<String> = pieces;
            let numbered: Vec<(&[u8], u32)> = pieces.iter().map(String::as_bytes).zip(0..).collect();
            let trie = Trie::new(numbered.clone()).unwrap();
            for (piece, number) in &numbered {
                prop_assert_eq!(trie.find(piece), Some(*number));
            }
            let mut expected: Vec<_> =
                numbered.iter().filter(|(piece, _)| text.as_bytes().starts_with(piece)).map(|(piece, number)| (piece.len(), *number)).collect();
            expected.sort_unstable();
            prop_assert_eq!(trie.prefixes(text.as_bytes()).collect::<Vec<_>>(), expected);
        }
    }
}
