//! A page read as browsers do, within bounds.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    CharacterTokens, EndTag, NullCharacterToken, ParseError, StartTag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, TokenizerResult, local_name};

use super::tree::{Id, Page};

/// How deep elements may stand in each other; deeper ones are not opened, their text stays.
const DEEPEST: u32 = 512;
/// How many nodes a tag may make on average before tags are no longer heeded; there are some free.
const NODES_PER_TAG: usize = 4;
const FREE_NODES: usize = 1_000_000;

/// Stands for `</>`, which the original keeps as text; no page has a tag of this name.
const EMPTY_TAG: &str = "</x\u{f8f0}e>";
/// Stands for a tag that the end of the page cuts off within its name: the original keeps the name as text.
const CUT_TAG: &str = "<x\u{f8f0}c>";

/// The text of a page's body.
pub(super) fn body_text(html: &str) -> String {
    if let Some(start) = cut_tag(html) {
        let name = &html[start + 1..];
        let marked = format!("{}{CUT_TAG}{}", mark(&html[..start]), name.replace('<', "&lt;"));
        let (text, is_cut) = parse(&marked, name.is_empty());
        if is_cut {
            return text;
        }
    }
    parse(&mark(html), false).0
}

/// The text of a page's body, and whether [`CUT_TAG`] was seen as a tag; `is_lone` is for one without a name.
fn parse(html: &str, is_lone: bool) -> (String, bool) {
    let builder = TreeBuilder::new(Page::new(), TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() });
    let tokens =
        Bounded { builder, tags: Cell::new(0), is_lone, is_cut: Cell::new(false), odd: RefCell::default(), is_muted: Cell::new(false) };
    let tokenizer = Tokenizer::new(tokens, TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() });
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    // A script pauses the tokenizer: there is nothing to run, it goes on.
    while matches!(tokenizer.feed(&input), TokenizerResult::Script(_) | TokenizerResult::EncodingIndicator(_)) {}
    tokenizer.end();
    let text = tokenizer.sink.builder.sink.body_text();
    // Within a script or the like the mark is no tag.
    let text = if text.contains(EMPTY_TAG) { text.replace(EMPTY_TAG, "</>") } else { text };
    (text, tokenizer.sink.is_cut.get())
}

/// Where a tag begins that the end of the page cuts off within its name.
fn cut_tag(html: &str) -> Option<usize> {
    let is_end = |character: char| matches!(character, '\t' | '\n' | '\x0c' | '\r' | ' ' | '/' | '>');
    let tail = html.rfind(is_end).map_or(0, |end| end + 1);
    let is_name = |position: usize| html.as_bytes().get(position + 1).is_none_or(u8::is_ascii_alphabetic);
    html[tail..].match_indices('<').map(|(position, _)| tail + position).find(|position| is_name(*position))
}

/// The page with its empty tags marked.
fn mark(html: &str) -> Cow<'_, str> {
    if html.contains("</>") { Cow::Owned(html.replace("</>", EMPTY_TAG)) } else { Cow::Borrowed(html) }
}

/// Hands tokens to the tree's builder, except tags that would make it work without bounds.
struct Bounded {
    builder: TreeBuilder<Id, Page>,
    tags: Cell<usize>,
    /// A tag without a name is cut off, a lone `<`.
    is_lone: bool,
    is_cut: Cell<bool>,
    /// Text that is kept if more comes.
    odd: RefCell<String>,
    /// Nothing more is kept.
    is_muted: Cell<bool>,
}

/// White space of HTML.
fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\x0c' | '\r')
}

impl Bounded {
    /// Text that opens no body by itself, only with other text behind it.
    fn process_odd(&self, text: &str, line: u64) -> TokenSinkResult<Id> {
        self.odd.borrow_mut().push_str(text);
        if self.builder.sink.has_body() { self.flush(true, line) } else { TokenSinkResult::Continue }
    }

    /// Hands on the odd text, if it is kept.
    fn flush(&self, is_kept: bool, line: u64) -> TokenSinkResult<Id> {
        let odd = self.odd.take();
        if odd.is_empty() || !is_kept {
            return TokenSinkResult::Continue;
        }
        self.builder.process_token(CharacterTokens(StrTendril::from(odd)), line)
    }

    /// What the end of the page leaves of a tag. A lone `<` takes the text before it along, unless the page is nothing else.
    fn process_cut(&self, line: u64) -> TokenSinkResult<Id> {
        let page = &self.builder.sink;
        self.is_cut.set(true);
        if !self.is_lone {
            self.is_muted.set(!page.has_body());
            return TokenSinkResult::Continue;
        }
        if page.is_first_text() {
            self.odd.borrow_mut().push('<');
            return self.flush(true, line);
        }
        page.drop_pending();
        TokenSinkResult::Continue
    }

    fn heeds(&self, name: &LocalName, opens: bool) -> bool {
        let page = &self.builder.sink;
        let is_deep = opens && page.depth() >= DEEPEST;
        let is_wide = page.len() > FREE_NODES + NODES_PER_TAG * self.tags.get();
        !(is_deep || is_wide) || is_raw(name)
    }
}

/// Elements whose content is no markup: the tokenizer must know of them.
fn is_raw(name: &LocalName) -> bool {
    matches!(
        *name,
        local_name!("script")
            | local_name!("style")
            | local_name!("textarea")
            | local_name!("title")
            | local_name!("xmp")
            | local_name!("iframe")
            | local_name!("noembed")
            | local_name!("noframes")
            | local_name!("noscript")
            | local_name!("plaintext")
    )
}

impl TokenSink for Bounded {
    type Handle = Id;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Id> {
        let page = &self.builder.sink;
        match token {
            TagToken(tag) => {
                self.tags.set(self.tags.get() + 1);
                match (tag.kind, tag.name.strip_prefix('x')) {
                    (EndTag, Some("\u{f8f0}e")) => {
                        page.next_text();
                        return self.process_odd("</>", line);
                    }
                    (StartTag, Some("\u{f8f0}c")) => return self.process_cut(line),
                    _ => {}
                }
                let _ = self.flush(page.has_body(), line);
                if page.has_body() && tag.name == local_name!("frameset") {
                    return TokenSinkResult::Continue;
                }
                if !self.heeds(&tag.name, tag.kind == StartTag) {
                    return TokenSinkResult::Continue;
                }
                page.next_text();
                self.builder.process_token(TagToken(tag), line)
            }
            CharacterTokens(_) | NullCharacterToken if self.is_muted.get() => TokenSinkResult::Continue,
            NullCharacterToken if self.adjusted_current_node_present_but_not_in_html_namespace() => self.builder.process_token(token, line),
            NullCharacterToken => self.process_odd("\0", line),
            CharacterTokens(text) if !self.odd.borrow().is_empty() => {
                self.odd.borrow_mut().push_str(&text);
                if text.chars().all(is_space) { TokenSinkResult::Continue } else { self.flush(true, line) }
            }
            CharacterTokens(_) | ParseError(_) => self.builder.process_token(token, line),
            other => {
                let _ = self.flush(page.has_body(), line);
                page.next_text();
                self.builder.process_token(other, line)
            }
        }
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
