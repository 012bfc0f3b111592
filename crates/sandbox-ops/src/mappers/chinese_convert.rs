//! `chinese_convert_mapper`: Chinese between its ways of writing.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};

mod chain;
mod dictionary;

use chain::Chain;
use dictionary::Name::{self, *};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "chinese_convert_mapper",
    kind: Kind::Mapper,
    summary: "Write Chinese in another way: simplified, traditional, as in Taiwan, Hong Kong or Japan",
    doc: "What OpenCC 1.1.9 does with its own configurations and dictionaries: the longest known words are found, then each is \
          changed by the dictionaries of the mode one after the other.",
    parameters: &[Parameter {
        name: "mode",
        kind: "text",
        default: "\"s2t\"",
        doc: "From and to: `s` simplified, `t` traditional, `tw` Taiwan, `hk` Hong Kong, `jp` Japan (new forms); `twp` and `sp` change words too. One of s2t, t2s, s2tw, tw2s, s2hk, hk2s, s2twp, tw2sp, t2tw, tw2t, hk2t, t2hk, t2jp, jp2t.",
    }],
    example: "- chinese_convert_mapper:\n    mode: s2twp\n\n鼠标里的软件 -> 滑鼠裡的軟體",
    stats: &[],
    build,
};

/// A mode: its name, what words are found by, and the steps.
type Mode = (&'static str, Name, &'static [&'static [Name]]);

static MODES: [Mode; 14] = [
    ("s2t", STPhrases, &[&[STPhrases, STCharacters]]),
    ("t2s", TSPhrases, &[&[TSPhrases, TSCharacters]]),
    ("s2tw", STPhrases, &[&[STPhrases, STCharacters], &[TWVariants]]),
    ("tw2s", TSPhrases, &[&[TWVariantsRevPhrases, TWVariantsRev], &[TSPhrases, TSCharacters]]),
    ("s2hk", STPhrases, &[&[STPhrases, STCharacters], &[HKVariants]]),
    ("hk2s", TSPhrases, &[&[HKVariantsRevPhrases, HKVariantsRev], &[TSPhrases, TSCharacters]]),
    ("s2twp", STPhrases, &[&[STPhrases, STCharacters], &[TWPhrases], &[TWVariants]]),
    ("tw2sp", TSPhrases, &[&[TWPhrasesRev, TWVariantsRevPhrases, TWVariantsRev], &[TSPhrases, TSCharacters]]),
    ("t2tw", TWVariants, &[&[TWVariants]]),
    ("tw2t", TWVariantsRevPhrases, &[&[TWVariantsRevPhrases, TWVariantsRev]]),
    ("hk2t", HKVariantsRevPhrases, &[&[HKVariantsRevPhrases, HKVariantsRev]]),
    ("t2hk", HKVariants, &[&[HKVariants]]),
    ("t2jp", JPVariants, &[&[JPVariants]]),
    ("jp2t", JPShinjitaiPhrases, &[&[JPShinjitaiPhrases, JPShinjitaiCharacters, JPVariantsRev]]),
];

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    mode: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { mode: "s2t".to_owned() }
    }
}

/// Writes Chinese in another way; see [`ENTRY`].
pub struct ChineseConvertMapper {
    common: Common,
    mode: usize,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { mode }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let Some(mode) = MODES.iter().position(|(name, ..)| *name == mode) else {
        let error = BuildError::parameter("mode", format!("`mode`: there is no conversion `{mode}`"));
        return Err(error.hint(format!("one of {}", MODES.map(|(name, ..)| name).join(", "))));
    };
    Ok(Operator::Mapper(Box::new(ChineseConvertMapper { common, mode })))
}

impl ChineseConvertMapper {
    /// The chain, made when the first text needs it.
    fn chain(&self) -> &'static Chain {
        static CHAINS: [OnceLock<Chain>; MODES.len()] = [const { OnceLock::new() }; MODES.len()];
        let (_, segmentation, steps) = MODES[self.mode];
        CHAINS[self.mode].get_or_init(|| Chain::new(segmentation, steps))
    }
}

impl Mapper for ChineseConvertMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let chain = self.chain();
        if chain.leaves(text) {
            return Ok(Cow::Borrowed(text));
        }
        let out = chain.convert(text);
        Ok(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
        let error = build(&json!({"mode": "s2x"})).unwrap_err();
        assert_eq!(error.to_string(), "`mode`: there is no conversion `s2x`");
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({"mode": "s2twp"}), "鼠标里的软件"), "滑鼠裡的軟體");
    }

    /// Results recorded from OpenCC 1.1.9.
    #[test]
    fn as_in_opencc() {
        for (mode, text, expected) in [
            ("s2t", "汉字转换，发现头发干净、干部、后面皇后。", "漢字轉換，發現頭髮乾淨、幹部、後面皇后。"),
            ("t2s", "漢字轉換：乾隆、乾燥、變徵之聲", "汉字转换：乾隆、干燥、变徵之声"),
            ("s2tw", "里面的线程为什么着火", "裡面的線程為什麼著火"),
            ("tw2s", "裡面的執行緒為什麼著火", "里面的执行绪为什么着火"),
            ("s2hk", "里面的卫生", "裏面的衞生"),
            ("hk2s", "裏面的衞生", "里面的卫生"),
            ("s2twp", "U盘、鼠标、信息、SQL注入攻击", "隨身碟、滑鼠、資訊、SQL注入攻擊"),
            ("tw2sp", "隨身碟、滑鼠、資訊、SQL隱碼攻擊", "U盘、鼠标、信息、SQL注入"),
            ("t2tw", "裏面僞裝", "裡面偽裝"),
            ("tw2t", "裡面偽裝", "裏面僞裝"),
            ("hk2t", "裏面偽裝衞", "裏面僞裝衛"),
            ("t2hk", "裏面僞裝衛", "裏面偽裝衞"),
            ("t2jp", "學國體讀", "学国体読"),
            ("jp2t", "学国体読欠缺", "學國體讀欠缺"),
        ] {
            assert_eq!(mapped(ENTRY.name, json!({"mode": mode}), text), expected, "{mode}");
        }
    }

    #[test]
    fn other_texts_stay() {
        let Operator::Mapper(mapper) = build(&json!({})).unwrap() else { panic!() };
        assert!(matches!(mapper.map("Latin, Ελληνικά, かな").unwrap(), Cow::Borrowed(_)));
        assert!(matches!(mapper.map("一").unwrap(), Cow::Borrowed(_)));
        // The original loses what follows.
        assert_eq!(mapper.map("汉\0汉").unwrap(), "漢\0漢");
    }
}
