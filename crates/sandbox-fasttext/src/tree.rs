//! Hierarchical softmax: a binary tree over the labels, frequent ones near its root.

use crate::source::Result;

/// What no sum of counts reaches.
const UNSEEN: i64 = 1_000_000_000_000_000;

/// The tree. Nodes below the number of labels are labels, the last one is the root.
#[derive(Debug)]
pub(crate) struct Tree {
    labels: usize,
    /// Left and right of the inner nodes.
    children: Vec<[u32; 2]>,
}

/// Where a walk stands.
pub(crate) enum Place {
    Label(u32),
    /// An inner node: its row of the output matrix, and its children.
    Fork(usize, [u32; 2]),
}

impl Tree {
    /// Joins the two rarest again and again; `counts` come in falling order.
    pub fn new(counts: &[i64]) -> Result<Self> {
        let sum = counts.iter().try_fold(0i64, |sum, &count| sum.checked_add(count).filter(|sum| count >= 0 && *sum < UNSEEN));
        sum.ok_or("its labels have impossible counts")?;
        let labels = counts.len();
        let mut sums = counts.to_vec();
        let mut children = Vec::with_capacity(labels.saturating_sub(1));
        let (mut leaf, mut node) = (labels, labels);
        for _ in 1..labels {
            let mut pick = || {
                let left = leaf.checked_sub(1);
                let joined = sums.get(node).copied().unwrap_or(UNSEEN);
                match left.and_then(|left| Some((left, *sums.get(left)?))) {
                    Some((left, count)) if count < joined => {
                        leaf = left;
                        (left as u32, count)
                    }
                    _ => {
                        node += 1;
                        ((node - 1) as u32, joined)
                    }
                }
            };
            let ((left, first), (right, second)) = (pick(), pick());
            sums.push(first + second);
            children.push([left, right]);
        }
        Ok(Self { labels, children })
    }

    pub fn root(&self) -> u32 {
        (self.labels + self.children.len()).saturating_sub(1) as u32
    }

    pub fn place(&self, node: u32) -> Place {
        let inner = (node as usize).checked_sub(self.labels);
        match inner.and_then(|inner| Some((inner, *self.children.get(inner)?))) {
            Some((inner, children)) => Place::Fork(inner, children),
            None => Place::Label(node),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_labels_are_deep() {
        let tree = Tree::new(&[10, 5, 2, 1]).unwrap();
        assert_eq!(tree.children, [[3, 2], [4, 1], [5, 0]]);
        assert_eq!(tree.root(), 6);
        assert_eq!(Tree::new(&[3]).unwrap().root(), 0);
        assert!(Tree::new(&[-1]).is_err() && Tree::new(&[i64::MAX, 1]).is_err());
        // Labels that never occur make a chain.
        assert_eq!(Tree::new(&[0; 4]).unwrap().children, [[3, 2], [4, 1], [5, 0]]);
    }
}
