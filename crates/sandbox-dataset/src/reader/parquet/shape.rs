//! How columns nest, and rows put together from them (Dremel's record assembly).

use parquet::basic::{ConvertedType, LogicalType, Repetition};
use parquet::schema::types::{SchemaDescriptor, Type};

use crate::splice::write_json_string;

use super::leaf::Leaf;

/// Deeper nesting than a JSON row may have.
const DEPTH: usize = 120;

/// A field of the schema.
#[derive(Debug)]
pub(super) struct Node {
    /// The definition level from which on it is not null; none when it cannot be null.
    optional: Option<i16>,
    shape: Shape,
    /// The columns below it.
    first: usize,
    end: usize,
}

#[derive(Debug)]
enum Shape {
    Leaf,
    /// Fields, each with `"name":`.
    Group(Vec<(Vec<u8>, Node)>),
    List {
        element: Box<Node>,
        repetition: i16,
        definition: i16,
    },
    Map {
        key: Box<Node>,
        value: Option<Box<Node>>,
        repetition: i16,
        definition: i16,
    },
}

/// Where in the schema we are.
#[derive(Debug, Clone, Copy)]
struct Place {
    definition: i16,
    repetition: i16,
    depth: usize,
}

impl Place {
    fn optional(self) -> Self {
        Self { definition: self.definition + 1, ..self }
    }

    fn repeated(self) -> Self {
        Self { definition: self.definition + 1, repetition: self.repetition + 1, ..self }
    }
}

impl Node {
    pub(super) fn root(schema: &SchemaDescriptor) -> Result<Self, String> {
        let mut leaves = 0;
        let shape = group(schema.root_schema(), Place { definition: 0, repetition: 0, depth: 0 }, &mut leaves)?;
        Ok(Self { optional: None, shape, first: 0, end: leaves })
    }

    pub(super) fn leaves(&self) -> usize {
        self.end
    }

    /// A field as its own repetition says.
    fn field(field: &Type, place: Place, leaves: &mut usize) -> Result<Self, String> {
        let first = *leaves;
        let (optional, shape) = match field.get_basic_info().repetition() {
            Repetition::REQUIRED => (None, content(field, place, leaves)?),
            Repetition::OPTIONAL => (Some(place.definition + 1), content(field, place.optional(), leaves)?),
            // Repeated without being called a list: a list that is never null.
            Repetition::REPEATED => {
                let below = place.repeated();
                let element = Self::required(field, below, leaves)?;
                (None, Shape::List { element: Box::new(element), repetition: below.repetition, definition: below.definition })
            }
        };
        Ok(Self { optional, shape, first, end: *leaves })
    }

    /// A field whose repetition is already taken into account.
    fn required(field: &Type, place: Place, leaves: &mut usize) -> Result<Self, String> {
        let first = *leaves;
        let shape = content(field, place, leaves)?;
        Ok(Self { optional: None, shape, first, end: *leaves })
    }
}

fn content(field: &Type, place: Place, leaves: &mut usize) -> Result<Shape, String> {
    if place.depth > DEPTH {
        return Err(format!("the columns nest deeper than {DEPTH}"));
    }
    let place = Place { depth: place.depth + 1, ..place };
    if field.is_primitive() {
        *leaves += 1;
        return Ok(Shape::Leaf);
    }
    let info = field.get_basic_info();
    let repeated = match field.get_fields() {
        [only] if only.get_basic_info().repetition() == Repetition::REPEATED => Some(only),
        _ => None,
    };
    let is_list = info.converted_type() == ConvertedType::LIST || info.logical_type_ref() == Some(&LogicalType::List);
    let is_map = matches!(info.converted_type(), ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE)
        || info.logical_type_ref() == Some(&LogicalType::Map);
    match repeated {
        Some(repeated) if is_list => {
            let below = place.repeated();
            let element = match repeated.as_ref() {
                Type::GroupType { fields, .. } if fields.len() == 1 && !is_old_element(repeated.name(), field.name()) => {
                    Node::field(&fields[0], below, leaves)?
                }
                _ => Node::required(repeated, below, leaves)?,
            };
            Ok(Shape::List { element: Box::new(element), repetition: below.repetition, definition: below.definition })
        }
        Some(repeated) if is_map && repeated.is_group() => {
            let below = place.repeated();
            let (key, value) = match repeated.get_fields() {
                [key, value] => (key, Some(value)),
                [key] => (key, None),
                _ => return group(field, place, leaves),
            };
            let key = Box::new(Node::field(key, below, leaves)?);
            let value = value.map(|value| Node::field(value, below, leaves)).transpose()?.map(Box::new);
            Ok(Shape::Map { key, value, repetition: below.repetition, definition: below.definition })
        }
        _ => group(field, place, leaves),
    }
}

fn group(field: &Type, place: Place, leaves: &mut usize) -> Result<Shape, String> {
    let fields = field.get_fields().iter().map(|field| {
        let mut key = Vec::new();
        write_json_string(field.name(), &mut key);
        key.push(b':');
        Ok((key, Node::field(field, place, leaves)?))
    });
    Ok(Shape::Group(fields.collect::<Result<_, String>>()?))
}

/// Whether a repeated group of one field is itself the element: so it was before lists had three levels.
fn is_old_element(repeated: &str, list: &str) -> bool {
    repeated == "array" || repeated.strip_suffix("_tuple") == Some(list)
}

/// One row in the making.
pub(super) struct Assembly<'a> {
    pub(super) leaves: &'a mut [Leaf],
    pub(super) out: &'a mut Vec<u8>,
    /// Why the row cannot be used.
    pub(super) fault: Option<String>,
}

impl Assembly<'_> {
    /// Takes the entries of one row from all columns.
    pub(super) fn row(&mut self, root: &Node) -> Result<(), String> {
        self.write(root)?;
        if self.leaves.iter().any(|leaf| leaf.repetition() != 0) {
            return Err("the columns do not agree on where the row ends".to_owned());
        }
        Ok(())
    }

    fn write(&mut self, node: &Node) -> Result<(), String> {
        let definition = self.leaves.get(node.first).map_or(0, Leaf::definition);
        if node.optional.is_some_and(|there| definition < there) {
            self.out.extend_from_slice(b"null");
            return self.skip(node);
        }
        match &node.shape {
            Shape::Leaf => match self.leaves.get_mut(node.first) {
                Some(leaf) => leaf.write(self.out, &mut self.fault),
                None => Err("a column is missing".to_owned()),
            },
            Shape::Group(fields) => {
                let mut before = b'{';
                for (key, field) in fields {
                    self.out.push(before);
                    before = b',';
                    self.out.extend_from_slice(key);
                    self.write(field)?;
                }
                self.out.extend_from_slice(if fields.is_empty() { b"{}" } else { b"}" });
                Ok(())
            }
            Shape::List { element, repetition, definition: there } => {
                self.out.push(b'[');
                if definition < *there {
                    self.skip(node)?;
                } else {
                    self.write(element)?;
                    while self.goes_on(node, *repetition) {
                        self.out.push(b',');
                        self.write(element)?;
                    }
                }
                self.out.push(b']');
                Ok(())
            }
            Shape::Map { key, value, repetition, definition: there } => {
                self.out.push(b'{');
                if definition < *there {
                    self.skip(node)?;
                } else {
                    self.entry(key, value.as_deref())?;
                    while self.goes_on(node, *repetition) {
                        self.out.push(b',');
                        self.entry(key, value.as_deref())?;
                    }
                }
                self.out.push(b'}');
                Ok(())
            }
        }
    }

    fn entry(&mut self, key: &Node, value: Option<&Node>) -> Result<(), String> {
        let start = self.out.len();
        self.write(key)?;
        if self.out.get(start) != Some(&b'"') {
            let key = String::from_utf8_lossy(&self.out[start..]).into_owned();
            self.out.truncate(start);
            write_json_string(&key, self.out);
        }
        self.out.push(b':');
        match value {
            Some(value) => self.write(value),
            None => {
                self.out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }

    fn goes_on(&self, node: &Node, repetition: i16) -> bool {
        self.leaves.get(node.first).is_some_and(|leaf| leaf.repetition() == repetition)
    }

    /// Where a field is not there, each column below it has one entry that says so.
    fn skip(&mut self, node: &Node) -> Result<(), String> {
        self.leaves.get_mut(node.first..node.end).unwrap_or_default().iter_mut().try_for_each(Leaf::skip)
    }
}
