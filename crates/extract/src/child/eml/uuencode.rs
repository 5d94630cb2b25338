//! Files in the text of old messages (uuencode).

/// A line that begins a file: its permissions and its name.
fn name(line: &[u8]) -> Option<&[u8]> {
    let (permissions, name) = line.trim_ascii_end().strip_prefix(b"begin ")?.split_at_checked(3)?;
    permissions.iter().all(|digit| matches!(digit, b'0'..=b'7')).then(|| name.trim_ascii())
}

/// Whether a line has about as many characters as its first one says. Spaces at its end may be lost.
fn is_encoded(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let Some((length, units)) = line.split_first() else { return false };
    let expected = usize::from(unit(*length)).div_ceil(3) * 4;
    line.iter().all(|byte| matches!(byte, b' '..=b'`'))
        && (expected.div_ceil(2)..=expected + 1).contains(&units.len())
}

fn unit(byte: u8) -> u8 {
    byte.wrapping_sub(b' ') & 0x3f
}

/// A text in which only the names of files are left.
pub fn without_files(text: &[u8]) -> Vec<u8> {
    let mut left = Vec::with_capacity(text.len());
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some(name) = name(line).filter(|_| lines.peek().is_some_and(|next| is_encoded(next))) else {
            left.extend_from_slice(line);
            continue;
        };
        left.extend_from_slice(name);
        left.push(b'\n');
        while lines.next_if(|line| is_encoded(line)).is_some() {}
        lines.next_if(|line| line.trim_ascii_end() == b"end");
    }
    left
}

/// Decodes a body that consists of a file.
pub fn decode(body: &[u8]) -> Vec<u8> {
    let lines = body.split_inclusive(|byte| *byte == b'\n').skip_while(|line| name(line).is_none()).skip(1);
    let mut bytes = Vec::with_capacity(body.len());
    for line in lines.take_while(|line| is_encoded(line)) {
        let Some((length, units)) = line.split_first() else { continue };
        let end = bytes.len() + usize::from(unit(*length));
        for four in units.chunks(4) {
            let bits = (0..4).fold(0, |bits, at| bits << 6 | u32::from(unit(*four.get(at).unwrap_or(&b' '))));
            bytes.extend_from_slice(bits.to_be_bytes().get(1..).unwrap_or_default());
        }
        bytes.truncate(end);
    }
    bytes
}
