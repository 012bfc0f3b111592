//! Where packages come from: one setting, in the words of every tool.
//!
//! uv reads neither pip's variables nor its file, pip reads nothing of uv's, and conda reads neither.

use std::ffi::OsString;

use serde::{Deserialize, Serialize};

/// Sources of packages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sources {
    /// Nothing is fetched from the network.
    pub offline: bool,
    /// The index of Python packages, in place of the tool's own.
    pub index_url: Option<String>,
    /// More indexes.
    pub extra_index_urls: Vec<String>,
    /// Folders or pages with files of packages.
    pub find_links: Vec<String>,
    /// Channels of the conda family, in place of those of its own files; `file:///...` is a folder.
    pub channels: Vec<String>,
}

impl Sources {
    /// For `pip install`.
    pub(crate) fn pip(&self) -> Vec<OsString> {
        let mut args = Vec::new();
        if self.offline {
            args.push("--no-index".into());
        } else {
            pair(&mut args, "--index-url", self.index_url.iter());
            pair(&mut args, "--extra-index-url", &self.extra_index_urls);
        }
        pair(&mut args, "--find-links", &self.find_links);
        args
    }

    /// For `uv pip install`.
    pub(crate) fn uv(&self) -> Vec<OsString> {
        let mut args = Vec::new();
        if self.offline {
            args.push("--offline".into());
        }
        pair(&mut args, "--default-index", self.index_url.iter());
        pair(&mut args, "--index", &self.extra_index_urls);
        pair(&mut args, "--find-links", &self.find_links);
        args
    }

    /// For conda's and micromamba's `create`. micromamba dies of `--offline` with a channel that is a folder, and needs the network
    /// for no such channel, so it never gets it.
    pub(crate) fn conda(&self, knows_offline: bool) -> Vec<OsString> {
        let mut args = Vec::new();
        if !self.channels.is_empty() {
            args.push("--override-channels".into());
            pair(&mut args, "-c", &self.channels);
        }
        if self.offline && knows_offline {
            args.push("--offline".into());
        }
        args
    }

    /// For a pip that a tool calls and that takes no arguments of ours, such as that of an environment file's `pip:` section.
    pub(crate) fn pip_variables(&self) -> Vec<(OsString, OsString)> {
        let mut variables: Vec<(OsString, OsString)> = Vec::new();
        if self.offline {
            variables.push(("PIP_NO_INDEX".into(), "1".into()));
        } else {
            variables.extend(self.index_url.iter().map(|url| ("PIP_INDEX_URL".into(), url.into())));
            if !self.extra_index_urls.is_empty() {
                variables.push(("PIP_EXTRA_INDEX_URL".into(), self.extra_index_urls.join(" ").into()));
            }
        }
        if !self.find_links.is_empty() {
            variables.push(("PIP_FIND_LINKS".into(), self.find_links.join(" ").into()));
        }
        variables
    }

    /// Whether every channel is a folder.
    pub(crate) fn has_only_local_channels(&self) -> bool {
        !self.channels.is_empty() && self.channels.iter().all(|channel| channel.starts_with("file:") || channel.starts_with('/'))
    }
}

fn pair<'a>(args: &mut Vec<OsString>, flag: &str, values: impl IntoIterator<Item = &'a String>) {
    for value in values {
        args.push(flag.into());
        args.push(value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        Sources {
            offline: true,
            index_url: Some("https://a/simple".into()),
            extra_index_urls: vec![],
            find_links: vec!["/wheels".into()],
            channels: vec!["file:///channel".into()],
        }
    }

    fn text(args: &[OsString]) -> String {
        args.iter().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn one_setting_in_the_words_of_every_tool() {
        let sources = sources();
        assert_eq!(text(&sources.pip()), "--no-index --find-links /wheels");
        assert_eq!(text(&sources.uv()), "--offline --default-index https://a/simple --find-links /wheels");
        assert_eq!(text(&sources.conda(true)), "--override-channels -c file:///channel --offline");
        assert_eq!(text(&sources.conda(false)), "--override-channels -c file:///channel");
        let online = Sources { offline: false, ..sources };
        assert_eq!(text(&online.pip()), "--index-url https://a/simple --find-links /wheels");
        assert_eq!(online.pip_variables()[0], ("PIP_INDEX_URL".into(), "https://a/simple".into()));
    }
}
