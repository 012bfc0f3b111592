//! Graphics cards, from what `nvidia-smi` says. Starting it is the caller's affair.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::asked::{Family, Kind, Sample};

use super::tree::Tree;

/// The arguments of `nvidia-smi` that ask for the cards.
pub const GPU_QUERY: [&str; 2] = ["--query-gpu=index,uuid,utilization.gpu,memory.used,memory.total", "--format=csv,noheader,nounits"];
/// The arguments of `nvidia-smi` that ask for the programs on them.
pub const GPU_APPS_QUERY: [&str; 2] = ["--query-compute-apps=gpu_uuid,pid,used_memory", "--format=csv,noheader,nounits"];
/// It counts memory in these.
const MIB: f64 = 1_048_576.0;

const fn family(name: &'static str, help: &'static str) -> Family {
    Family { name, help, kind: Kind::Gauge, labels: &["gpu"] }
}

pub(super) const FAMILIES: [Family; 4] = [
    family("sandbox_gpu_utilization_ratio", "How busy the card was, by whomever."),
    family("sandbox_gpu_memory_used_bytes", "Memory of the card that is in use, by whomever."),
    family("sandbox_gpu_memory_limit_bytes", "Memory that the card has."),
    family("sandbox_children_gpu_memory_bytes", "Memory of the card that processes of jobs use."),
];

/// The last answer of `nvidia-smi`.
pub struct Gpus {
    tree: Tree,
    said: Mutex<Said>,
}

#[derive(Debug, Default, PartialEq)]
struct Said {
    cards: Vec<Card>,
    /// Card, process, bytes.
    programs: Vec<(String, i32, f64)>,
}

#[derive(Debug, PartialEq)]
struct Card {
    index: String,
    uuid: String,
    utilization: Option<f64>,
    used: Option<f64>,
    limit: Option<f64>,
}

impl fmt::Debug for Gpus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gpus")
    }
}

impl Gpus {
    pub(super) fn new(tree: Tree) -> Self {
        Self { tree, said: Mutex::default() }
    }

    /// Takes over what was said to [`GPU_QUERY`] and [`GPU_APPS_QUERY`]. What is not a number (`[N/A]`) is left out.
    pub fn update(&self, cards: &str, programs: &str) {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = parse(cards, programs);
    }

    pub(super) fn samples(&self) -> Vec<Vec<Sample>> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.cards.is_empty() {
            return Vec::new();
        }
        let each = |number: &dyn Fn(&Card) -> Option<f64>| -> Vec<Sample> {
            said.cards.iter().filter_map(|card| Some((vec![card.index.clone()], number(card)?))).collect()
        };
        let ours = self.tree.look().map(|now| now.pids).unwrap_or_default();
        let by_ours = |card: &Card| {
            let programs = said.programs.iter().filter(|(uuid, pid, _)| *uuid == card.uuid && ours.contains(pid));
            Some(programs.map(|(_, _, bytes)| bytes).sum())
        };
        vec![each(&|card| card.utilization), each(&|card| card.used), each(&|card| card.limit), each(&by_ours)]
    }
}

fn parse(cards: &str, programs: &str) -> Said {
    let fields = |line: &str| line.split(',').map(|field| field.trim().to_owned()).collect::<Vec<_>>();
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0);
    let card = |line: &str| match fields(line).as_slice() {
        [index, uuid, utilization, used, limit] if !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit()) => Some(Card {
            index: index.clone(),
            uuid: uuid.clone(),
            utilization: number(utilization).map(|percent| percent / 100.0),
            used: number(used).map(|mib| mib * MIB),
            limit: number(limit).map(|mib| mib * MIB),
        }),
        _ => None,
    };
    let program = |line: &str| match fields(line).as_slice() {
        [uuid, pid, used] => Some((uuid.clone(), pid.parse().ok()?, number(used)? * MIB)),
        _ => None,
    };
    Said { cards: cards.lines().filter_map(card).collect(), programs: programs.lines().filter_map(program).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nvidia_smi_says() {
        let cards = "0, GPU-5a, 37, 1024, 143771\n1, GPU-6b, [N/A], [Not Supported], 81559\nNo devices were found\n";
        let programs = "GPU-5a, 4711, 512\nGPU-5a, 4712, [N/A]\nnonsense\n";
        let said = parse(cards, programs);
        let first = Card {
            index: "0".into(),
            uuid: "GPU-5a".into(),
            utilization: Some(0.37),
            used: Some(1024.0 * MIB),
            limit: Some(143_771.0 * MIB),
        };
        let second = Card { index: "1".into(), uuid: "GPU-6b".into(), utilization: None, used: None, limit: Some(81_559.0 * MIB) };
        assert_eq!(said, Said { cards: vec![first, second], programs: vec![("GPU-5a".into(), 4711, 512.0 * MIB)] });
        assert_eq!(parse("", ""), Said::default());
        assert_eq!(parse("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", ""), Said::default());
    }
}
