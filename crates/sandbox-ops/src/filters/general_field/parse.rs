//! A condition as a tree.

use serde_json::Value;

use super::tokens::{Placed, Token, tokens};

/// Parentheses and `not` within each other.
const DEEPEST: usize = 64;

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    Constant(Value),
    /// A field, with the keys that lead to it.
    Field(String),
    /// A key of what is no field.
    Attribute(Box<Expression>, String),
    Not(Box<Expression>),
    All(Vec<Expression>),
    Any(Vec<Expression>),
    /// The first operand, then each comparison with the next, and the words of the whole.
    Chain(Box<Expression>, Vec<(Comparison, Expression)>, String),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl Expression {
    /// Reads a condition.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let tokens = tokens(text)?;
        let mut parser = Parser { text: text.chars().collect(), tokens, next: 0, depth: 0 };
        let expression = parser.any()?;
        match parser.tokens.get(parser.next) {
            None => Ok(expression),
            Some(_) => Err(parser.misunderstood()),
        }
    }
}

struct Parser {
    text: Vec<char>,
    tokens: Vec<Placed>,
    next: usize,
    depth: usize,
}

impl Parser {
    fn is_name(&self, name: &str) -> bool {
        matches!(self.tokens.get(self.next), Some((Token::Name(word), _)) if word == name)
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.next), Some((Token::Sign(found), _)) if *found == sign)
    }

    fn misunderstood(&self) -> String {
        match self.tokens.get(self.next) {
            None => "the condition ends too early".to_owned(),
            Some((token, column)) => {
                let word = match token {
                    Token::Name(word) => word.clone(),
                    Token::Sign(sign) => (*sign).to_owned(),
                    Token::Integer(number) => number.to_string(),
                    Token::Float(number) => number.to_string(),
                    Token::Text(text) => format!("'{text}'"),
                };
                format!("`{word}` at column {column} is not understood")
            }
        }
    }

    fn any(&mut self) -> Result<Expression, String> {
        self.list("or", Self::all, Expression::Any)
    }

    fn all(&mut self) -> Result<Expression, String> {
        self.list("and", Self::not, Expression::All)
    }

    fn list(
        &mut self,
        word: &str,
        item: fn(&mut Self) -> Result<Expression, String>,
        whole: fn(Vec<Expression>) -> Expression,
    ) -> Result<Expression, String> {
        let first = item(self)?;
        if !self.is_name(word) {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.is_name(word) {
            self.next += 1;
            items.push(item(self)?);
        }
        Ok(whole(items))
    }

    fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> Result<T, String>) -> Result<T, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("more than {DEEPEST} parentheses within each other"));
        }
        let found = inside(self);
        self.depth -= 1;
        found
    }

    fn not(&mut self) -> Result<Expression, String> {
        if !self.is_name("not") {
            return self.chain();
        }
        self.next += 1;
        self.deeper(|parser| Ok(Expression::Not(Box::new(parser.not()?))))
    }

    fn chain(&mut self) -> Result<Expression, String> {
        let start = self.tokens.get(self.next).map_or(0, |(_, column)| column - 1);
        let first = self.attribute()?;
        let mut rest = Vec::new();
        while let Some(comparison) = self.comparison() {
            self.next += 1;
            rest.push((comparison, self.attribute()?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        let end = self.tokens.get(self.next).map_or(self.text.len(), |(_, column)| column - 1);
        let words: String = self.text.get(start..end).unwrap_or_default().iter().collect();
        Ok(Expression::Chain(Box::new(first), rest, words.trim().to_owned()))
    }

    fn comparison(&self) -> Option<Comparison> {
        let Some((Token::Sign(sign), _)) = self.tokens.get(self.next) else { return None };
        Some(match *sign {
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            ">=" => Comparison::GreaterOrEqual,
            ">" => Comparison::Greater,
            _ => return None,
        })
    }

    fn attribute(&mut self) -> Result<Expression, String> {
        let mut value = self.atom()?;
        while self.is_sign(".") {
            self.next += 1;
            let Some((Token::Name(key), _)) = self.tokens.get(self.next).cloned() else { return Err(self.misunderstood()) };
            self.next += 1;
            value = match value {
                Expression::Field(path) => Expression::Field(format!("{path}.{key}")),
                other => Expression::Attribute(Box::new(other), key),
            };
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<Expression, String> {
        let Some((token, _)) = self.tokens.get(self.next).cloned() else { return Err(self.misunderstood()) };
        let constant = |value: Value| Ok(Expression::Constant(value));
        match token {
            Token::Name(word) => match word.as_str() {
                "and" | "or" | "in" | "is" | "if" | "else" | "lambda" | "not" => Err(self.misunderstood()),
                _ => {
                    self.next += 1;
                    match word.as_str() {
                        "True" => constant(true.into()),
                        "False" => constant(false.into()),
                        "None" => constant(Value::Null),
                        _ => Ok(Expression::Field(word)),
                    }
                }
            },
            Token::Integer(number) => {
                self.next += 1;
                constant(number.into())
            }
            Token::Float(number) => {
                self.next += 1;
                constant(number.into())
            }
            Token::Text(mut text) => {
                self.next += 1;
                while let Some((Token::Text(more), _)) = self.tokens.get(self.next) {
                    text.push_str(more);
                    self.next += 1;
                }
                constant(text.into())
            }
            Token::Sign("(") => {
                self.next += 1;
                let inside = self.deeper(Self::any)?;
                if !self.is_sign(")") {
                    return Err(self.misunderstood());
                }
                self.next += 1;
                Ok(inside)
            }
            Token::Sign("-") => {
                self.next += 1;
                match self.tokens.get(self.next).cloned() {
                    Some((Token::Integer(number), _)) => {
                        self.next += 1;
                        constant((-number).into())
                    }
                    Some((Token::Float(number), _)) => {
                        self.next += 1;
                        constant((-number).into())
                    }
                    _ => Err(self.misunderstood()),
                }
            }
            Token::Sign(_) => Err(self.misunderstood()),
        }
    }
}
