//! The lines of a text, with their numbers.

pub(super) struct Lines<'t> {
    rest: Option<&'t [u8]>,
    number: usize,
}

impl<'t> Lines<'t> {
    pub fn new(text: &'t [u8]) -> Self {
        Self { rest: Some(text), number: 0 }
    }

    /// The next line, without its line break.
    pub fn next(&mut self) -> Result<&'t [u8], String> {
        let rest = self.rest.filter(|rest| !rest.is_empty()).ok_or("it ends too early")?;
        self.number += 1;
        let (line, rest) = match rest.iter().position(|byte| *byte == b'\n') {
            Some(end) => (&rest[..end], rest.get(end + 1..)),
            None => (rest, None),
        };
        self.rest = rest;
        Ok(line.strip_suffix(b"\r").unwrap_or(line))
    }

    /// The next line that is not blank.
    pub fn filled(&mut self) -> Result<&'t [u8], String> {
        loop {
            let line = self.next()?;
            if !line.trim_ascii().is_empty() {
                return Ok(line);
            }
        }
    }

    /// What is wrong with the line at hand.
    pub fn wrong(&self, what: &str) -> String {
        format!("line {}: {what}", self.number)
    }
}
