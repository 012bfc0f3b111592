//! Serde's data model as nodes.

use std::fmt;

use serde::Serialize;
use serde::ser::{self, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple};
use serde::ser::{SerializeTupleStruct, SerializeTupleVariant, Serializer};

use super::Node;

/// Makes a node of what is serialised.
pub(super) struct ToNode;

/// What cannot be a node.
#[derive(Debug)]
pub(super) struct NoNode(String);

impl fmt::Display for NoNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NoNode {}

impl ser::Error for NoNode {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// A list that is being filled, of a variant when it has a name.
pub(super) struct List(Vec<Node>, Option<&'static str>);

/// A map that is being filled.
pub(super) struct Entries {
    entries: Vec<(String, Node)>,
    key: String,
    variant: Option<&'static str>,
}

impl Entries {
    fn new(length: usize, variant: Option<&'static str>) -> Self {
        Self { entries: Vec::with_capacity(length.min(1 << 12)), key: String::new(), variant }
    }
}

fn of_variant(variant: Option<&'static str>, node: Node) -> Node {
    match variant {
        Some(name) => Node::Map(vec![(name.to_owned(), node)]),
        None => node,
    }
}

macro_rules! whole {
    ($($name:ident $type:ty),*) => {$(
        fn $name(self, value: $type) -> Result<Node, NoNode> {
            // Beyond 64 bits with a sign, the nearest number says more than none.
            Ok(i64::try_from(value).map_or(Node::Float(value as f64), Node::Int))
        }
    )*};
}

impl Serializer for ToNode {
    type Ok = Node;
    type Error = NoNode;
    type SerializeSeq = List;
    type SerializeTuple = List;
    type SerializeTupleStruct = List;
    type SerializeTupleVariant = List;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    whole!(serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64, serialize_i128 i128);
    whole!(serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64, serialize_u128 u128);

    fn serialize_bool(self, value: bool) -> Result<Node, NoNode> {
        Ok(Node::Bool(value))
    }

    fn serialize_f32(self, value: f32) -> Result<Node, NoNode> {
        Ok(Node::Float(value.into()))
    }

    fn serialize_f64(self, value: f64) -> Result<Node, NoNode> {
        Ok(Node::Float(value))
    }

    fn serialize_char(self, value: char) -> Result<Node, NoNode> {
        Ok(Node::Text(value.to_string()))
    }

    fn serialize_str(self, value: &str) -> Result<Node, NoNode> {
        Ok(Node::Text(value.to_owned()))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<Node, NoNode> {
        Ok(Node::List(value.iter().map(|byte| Node::Int((*byte).into())).collect()))
    }

    fn serialize_none(self) -> Result<Node, NoNode> {
        Ok(Node::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Node, NoNode> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Node, NoNode> {
        Ok(Node::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Node, NoNode> {
        Ok(Node::Null)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Node, NoNode> {
        Ok(Node::Text(variant.to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Node, NoNode> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Node, NoNode> {
        Ok(of_variant(Some(variant), value.serialize(self)?))
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<List, NoNode> {
        Ok(List(Vec::with_capacity(length.unwrap_or(0).min(1 << 12)), None))
    }

    fn serialize_tuple(self, length: usize) -> Result<List, NoNode> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<List, NoNode> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, length: usize) -> Result<List, NoNode> {
        Ok(List(Vec::with_capacity(length), Some(variant)))
    }

    fn serialize_map(self, length: Option<usize>) -> Result<Entries, NoNode> {
        Ok(Entries::new(length.unwrap_or(0), None))
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Entries, NoNode> {
        Ok(Entries::new(length, None))
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, length: usize) -> Result<Entries, NoNode> {
        Ok(Entries::new(length, Some(variant)))
    }
}

macro_rules! list {
    ($($trait:ident $method:ident),*) => {$(
        impl $trait for List {
            type Ok = Node;
            type Error = NoNode;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoNode> {
                self.0.push(value.serialize(ToNode)?);
                Ok(())
            }

            fn end(self) -> Result<Node, NoNode> {
                Ok(of_variant(self.1, Node::List(self.0)))
            }
        }
    )*};
}

list!(
    SerializeSeq serialize_element,
    SerializeTuple serialize_element,
    SerializeTupleStruct serialize_field,
    SerializeTupleVariant serialize_field
);

macro_rules! fields {
    ($($trait:ident),*) => {$(
        impl $trait for Entries {
            type Ok = Node;
            type Error = NoNode;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), NoNode> {
                self.entries.push((key.to_owned(), value.serialize(ToNode)?));
                Ok(())
            }

            fn end(self) -> Result<Node, NoNode> {
                Ok(of_variant(self.variant, Node::Map(self.entries)))
            }
        }
    )*};
}

fields!(SerializeStruct, SerializeStructVariant);

impl SerializeMap for Entries {
    type Ok = Node;
    type Error = NoNode;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoNode> {
        self.key = match key.serialize(ToNode)? {
            Node::Text(text) => text,
            Node::Int(number) => number.to_string(),
            Node::Float(number) => number.to_string(),
            Node::Bool(value) => value.to_string(),
            Node::Null | Node::List(_) | Node::Map(_) => return Err(ser::Error::custom("a key of a map is not a text or a number")),
        };
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoNode> {
        self.entries.push((std::mem::take(&mut self.key), value.serialize(ToNode)?));
        Ok(())
    }

    fn end(self) -> Result<Node, NoNode> {
        Ok(of_variant(self.variant, Node::Map(self.entries)))
    }
}
