//! Runs the opcodes of a pickle.

use hardtack::limits::{MAX_DEPTH, MAX_INTEGER_DIGITS};
use hardtack::{Error, Session};

use super::spell::spell;

/// Maximum length of an integer, in bytes. Converting one takes time that grows with the square of its length. A byte
/// holds more than 2.4 digits.
const MAX_LENGTH: usize = MAX_INTEGER_DIGITS * 10 / 24 + 1;

/// The usual length of a value, in bytes. Memory is allocated for as many at once: to grow step by step takes a third of the
/// time.
pub(super) const USUAL_LENGTH: usize = 16;

/// The index of a node.
pub(super) type Id = usize;

/// A value. Lists and dicts hold the indices of their elements: several may share an element, and one may contain
/// itself.
pub(super) enum Node<'a> {
    /// `null`, `true` or `false`.
    Word(&'static str),
    /// A number of one or two bytes.
    Small(u64),
    /// In two's complement, the least significant byte first, at most [`MAX_LENGTH`] bytes.
    Integer(&'a [u8]),
    Float(f64),
    /// UTF-8 that may hold surrogates, as Python's error handler `surrogatepass` writes them.
    Text(&'a [u8]),
    List(Vec<Id>),
    /// Keys and values in turn. Keys are text.
    Dict(Vec<Id>),
}

/// Reads a pickled session. `max_json_length` is the maximum length of its JSON text, in bytes; it also bounds the memory
/// that reading takes.
///
/// ```
/// use hardtack_stores::pickle;
///
/// // pickle.dumps({"cart": [4711]}, 5) in Python
/// let pickled = b"\x80\x05\x95\x11\0\0\0\0\0\0\0}\x94\x8c\x04cart\x94]\x94Mg\x12as.";
/// assert_eq!(pickle::read(pickled, 1024)?.to_json(), r#"{"cart":[4711]}"#);
///
/// // pickle.dumps({"cart": (4711,)}, 5)
/// let pickled = b"\x80\x05\x95\x10\0\0\0\0\0\0\0}\x94\x8c\x04cart\x94Mg\x12\x85\x94s.";
/// let error = pickle::read(pickled, 1024).unwrap_err();
/// assert_eq!(error.to_string(), "the record cannot be read: its pickle has a tuple (TUPLE)");
/// # Ok::<(), hardtack::Error>(())
/// ```
///
/// # Errors
///
/// - [`Error::UnreadableRecord`]: it is not a whole pickle of protocol 2 to 5, or it contains anything but plain data
/// - [`Error::NotAnObject`]: it is plain data, but not a dict
/// - [`Error::LoneSurrogate`] in a key of the session
/// - [`Error::JsonTooLong`], [`Error::TooDeep`] (a list that contains itself, for example), [`Error::IntegerTooLong`]
pub fn read(pickle: &[u8], max_json_length: usize) -> Result<Session, Error> {
    if pickle.len() > super::longest(max_json_length) {
        let limit = max_json_length;
        return Err(Error::JsonTooLong { limit });
    }
    let [0x80, 2..=5, opcodes @ ..] = pickle else {
        return unreadable("it is not a pickle of protocol 2 to 5");
    };
    let values = opcodes.len() / USUAL_LENGTH;
    let mut machine = Machine {
        rest: opcodes,
        nodes: Vec::with_capacity(values),
        memo: Vec::with_capacity(values),
        max_json_length,
        ..Machine::default()
    };
    let root = machine.run()?;
    Session::from_json(&spell(&machine.nodes, root, max_json_length)?)
}

pub(super) const fn unreadable<T>(reason: &'static str) -> Result<T, Error> {
    Err(Error::UnreadableRecord { reason })
}

const CUT_SHORT: Error = Error::UnreadableRecord {
    reason: "its pickle is cut short",
};
const UNDERFLOW: Error = Error::UnreadableRecord {
    reason: "its pickle uses a value that is not there",
};

#[derive(Default)]
struct Machine<'a> {
    rest: &'a [u8],
    nodes: Vec<Node<'a>>,
    stack: Vec<Id>,
    /// The heights of the stack at which there are marks.
    marks: Vec<usize>,
    /// Python's numbers of values, in ascending order, and the values.
    memo: Vec<(u64, Id)>,
    /// How often a value was pushed.
    pushes: usize,
    max_json_length: usize,
}

impl<'a> Machine<'a> {
    /// Runs all opcodes. Returns the value that is left.
    fn run(&mut self) -> Result<Id, Error> {
        loop {
            let opcode = self.bytes(1)?[0];
            let node = match opcode {
                b'N' => Node::Word("null"),
                0x88 => Node::Word("true"),
                0x89 => Node::Word("false"),
                b'K' => Node::Small(self.number(1)?),
                b'M' => Node::Small(self.number(2)?),
                b'J' => Node::Integer(self.bytes(4)?),
                0x8a => Node::Integer(self.integer(1)?),
                0x8b => Node::Integer(self.integer(4)?),
                b'G' => Node::Float(f64::from_bits(self.number(8)?.swap_bytes())),
                0x8c => Node::Text(self.counted(1)?),
                b'X' => Node::Text(self.counted(4)?),
                0x8d => Node::Text(self.counted(8)?),
                b']' => Node::List(Vec::new()),
                b'}' => Node::Dict(Vec::new()),
                b'.' => return self.stop(),
                _ => {
                    self.without_node(opcode)?;
                    continue;
                }
            };
            self.nodes.push(node);
            self.push(self.nodes.len() - 1)?;
        }
    }

    /// Runs an opcode that does not create a value.
    fn without_node(&mut self, opcode: u8) -> Result<(), Error> {
        match opcode {
            b'(' if self.marks.len() < MAX_DEPTH => self.marks.push(self.stack.len()),
            // Each open list or dict has at most one mark.
            b'(' => return Err(Error::TooDeep { limit: MAX_DEPTH }),
            b'a' => self.fill(1, false)?,
            b's' => self.fill(2, true)?,
            b'e' | b'u' => {
                let mark = self.marks.pop().ok_or(UNDERFLOW)?;
                self.fill(self.stack.len() - mark, opcode == b'u')?;
            }
            b'q' | b'r' | 0x94 => {
                let index = match opcode {
                    b'q' => self.number(1)?,
                    b'r' => self.number(4)?,
                    _ => self.memo.len() as u64,
                };
                let id = *self.stack.last().ok_or(UNDERFLOW)?;
                // Python counts up, and each value has one number.
                let follows = self.memo.last().is_none_or(|(last, _)| *last < index);
                if !follows || self.memo.len() == self.nodes.len() {
                    return unreadable("its pickle memoizes a value twice or out of order");
                }
                self.memo.push((index, id));
            }
            b'h' | b'j' => {
                let index = self.number(if opcode == b'h' { 1 } else { 4 })?;
                let at = self.memo.binary_search_by_key(&index, |(known, _)| *known);
                self.push(self.memo[at.map_err(|_| UNDERFLOW)?].1)?;
            }
            // A frame: the number of bytes that Python reads from a file at once.
            0x95 if self.number(8)? <= self.rest.len() as u64 => {}
            0x95 => return Err(CUT_SHORT),
            _ => return unreadable(refusal(opcode)),
        }
        Ok(())
    }

    fn stop(&self) -> Result<Id, Error> {
        match (&self.stack[..], self.rest) {
            (&[root], []) => Ok(root),
            (_, []) => unreadable("its pickle does not end with one value"),
            _ => unreadable("there are bytes after its pickle"),
        }
    }

    fn bytes(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(CUT_SHORT)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Reads a number of at most 8 bytes, the least significant one first.
    fn number(&mut self, width: usize) -> Result<u64, Error> {
        let bytes = self.bytes(width)?.iter().rev();
        Ok(bytes.fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// Reads a number of `width` bytes, and as many bytes as it says.
    fn counted(&mut self, width: usize) -> Result<&'a [u8], Error> {
        let length = usize::try_from(self.number(width)?).map_err(|_| CUT_SHORT)?;
        self.bytes(length)
    }

    fn integer(&mut self, width: usize) -> Result<&'a [u8], Error> {
        let limit = MAX_INTEGER_DIGITS;
        let bytes = self.counted(width)?;
        let fits = bytes.len() <= MAX_LENGTH;
        fits.then_some(bytes).ok_or(Error::IntegerTooLong { limit })
    }

    fn push(&mut self, id: Id) -> Result<(), Error> {
        // In the end, all that was pushed is in the text, where each value except the first takes at least two
        // characters: one of its own, and one that separates it.
        self.pushes += 1;
        if self.pushes > self.max_json_length / 2 + 1 {
            let limit = self.max_json_length;
            return Err(Error::JsonTooLong { limit });
        }
        self.stack.push(id);
        Ok(())
    }

    /// Moves the last `count` values into the list or dict under them. They must be above the last mark.
    fn fill(&mut self, count: usize, is_dict: bool) -> Result<(), Error> {
        let floor = self.marks.last().copied().unwrap_or(0);
        let height = self.stack.len().saturating_sub(count);
        if height <= floor {
            return Err(UNDERFLOW);
        }
        let elements = &self.stack[height..];
        if is_dict {
            let mut keys = elements.iter().step_by(2);
            // `json.dumps` would turn it into text, and the site would not find the value under that text.
            if !keys.all(|key| matches!(self.nodes[*key], Node::Text(_))) {
                return unreadable("its pickle has a dict with a key that is not text");
            }
        }
        match &mut self.nodes[self.stack[height - 1]] {
            Node::Dict(items) if is_dict && count.is_multiple_of(2) => items.extend(elements),
            Node::List(items) if !is_dict => items.extend(elements),
            _ => return unreadable("its pickle adds to a value that cannot be added to"),
        }
        self.stack.truncate(height);
        Ok(())
    }
}

/// Why an opcode is refused. The names are those of Python's `Lib/pickle.py`.
const fn refusal(opcode: u8) -> &'static str {
    match opcode {
        b'c' | 0x93 => "its pickle has a class or a function (GLOBAL)",
        b'R' | b'i' | b'o' => "its pickle has a call (REDUCE)",
        0x81 | 0x92 => "its pickle has an object (NEWOBJ)",
        b'b' => "its pickle has an object's state (BUILD)",
        b'P' | b'Q' => "its pickle has a reference (PERSID)",
        0x82..=0x84 => "its pickle has an extension (EXT)",
        b')' | b't' | 0x85..=0x87 => "its pickle has a tuple (TUPLE)",
        0x8f..=0x91 => "its pickle has a set (EMPTY_SET, FROZENSET)",
        b'B' | b'C' | 0x8e => "its pickle has bytes (BINBYTES)",
        b'T' | b'U' => "its pickle has bytes (BINSTRING)",
        0x96..=0x98 => "its pickle has a bytearray or a buffer (BYTEARRAY8)",
        b'0' | b'1' | b'2' => "its pickle drops or doubles a value (POP, DUP)",
        b'F' | b'I' | b'L' | b'S' | b'V' | b'd' | b'l' | b'g' | b'p' => {
            "its pickle has an opcode of protocol 0"
        }
        _ => "its pickle has an unknown opcode",
    }
}
