//! Decompresses the rich text of messages. It is compressed by references to what was written before, and to
//! a text that every document begins with.

/// What is written before a document begins.
const START: &[u8] =
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \
\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \
\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

const WINDOW: usize = 4096;

/// The length of the header, and where it says how the text is stored.
const HEADER_LENGTH: usize = 16;
const KIND: usize = 8;

/// The longest text that is decompressed, in bytes.
const MAX_LENGTH: usize = 8 * 1024 * 1024;

/// Decompresses a document. Returns `None` if it is stored in no known way.
pub fn decompress(bytes: &[u8]) -> Option<Vec<u8>> {
    let content = bytes.get(HEADER_LENGTH..)?;
    match bytes.get(KIND..KIND + 4)? {
        b"MELA" => Some(content.to_vec()),
        b"LZFu" => Some(inflate(content)),
        _ => None,
    }
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut written = START.to_vec();
    let mut rest = bytes;
    // A byte tells of the next eight items whether each is a byte or a reference.
    while let Some((flags, items)) = rest.split_first()
        && written.len() < MAX_LENGTH
    {
        rest = items;
        for bit in 0..8 {
            let is_reference = flags >> bit & 1 == 1;
            let Some((item, after)) = rest.split_at_checked(1 + usize::from(is_reference)) else { break };
            rest = after;
            let complete = match item {
                [byte] => {
                    written.push(*byte);
                    false
                }
                [high, low] => copy(&mut written, u16::from_be_bytes([*high, *low]).into()),
                _ => true,
            };
            if complete {
                return written.split_off(START.len());
            }
        }
    }
    written.split_off(START.len())
}

/// Copies what a reference stands for: a place in the window, and a length. Returns whether the reference is
/// that to the end of the document.
fn copy(written: &mut Vec<u8>, reference: usize) -> bool {
    let (place, length) = (reference >> 4, (reference & 15) + 2);
    let end = written.len();
    if place == end % WINDOW {
        return true;
    }
    let distance = (end + WINDOW - place) % WINDOW;
    for at in 0..length {
        // Before the start, the window is empty.
        let byte = (end + at).checked_sub(distance).and_then(|from| written.get(from)).copied();
        written.push(byte.unwrap_or(b' '));
    }
    false
}
