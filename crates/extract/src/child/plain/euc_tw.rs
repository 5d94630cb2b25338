//! EUC-TW, an encoding of Chinese by the standard CNS 11643. The first two planes of the standard have the
//! characters of Big5, nearly in the same order, so they are decoded as Big5. The characters of further
//! planes are rare, and are not decoded.

use encoding_rs::BIG5;

use super::{count_letters, is_nearly_valid};

/// The beginning of a run of characters: the first one's place in its plane, and its place in Big5.
type Run = (usize, usize);

/// The place of characters that Big5 does not have.
const NONE: usize = usize::MAX;

/// The runs of the first two planes. A run ends where the next one begins.
#[rustfmt::skip]
const PLANES: [&[Run]; 2] = [
    &[
        (0, 0), (21, 23), (24, 22), (29, 29), (73, 74), (74, 73), (75, 75), (127, 128), (128, 127),
        (129, 129), (148, 149), (149, 148), (150, 150), (155, 21), (156, 158), (160, 160), (282, 234),
        (470, 5872), (500, NONE), (3290, 471), (4702, 1884), (5126, 1883), (5127, 2308), (7003, 4571),
        (7004, 4184), (7391, 4572), (7916, 5286), (7917, 5097), (8106, 5287), (8190, 5517), (8191, 5371),
        (8245, 5426), (8246, 5425), (8247, 5427), (8337, 5518), (8691, NONE),
    ],
    &[
        (0, 6280), (10, 6291), (43, 6372), (44, 6324), (92, 6373), (138, 6586), (139, 6419), (306, 6587),
        (2146, 9074), (2147, 8428), (2255, 8537), (2792, 8427), (2793, 9075), (2893, 8536), (2894, 9175),
        (3293, 9575), (4930, 11761), (4931, 11212), (5077, 11899), (5078, 11358), (5365, 12508),
        (5366, 11645), (5482, 11762), (5619, 11900), (5723, 12425), (5724, 12004), (5946, 12227),
        (6144, 12426), (6226, 12509), (6312, 12226), (6313, 12595), (6321, 12604), (6474, 12758),
        (6530, 13114), (6531, 12814), (6644, 12603), (6645, 12927), (6787, 12757), (6788, 13069),
        (6833, 13115), (6904, 13380), (6905, 13186), (7099, 13381), (7589, 13914), (7590, 13871),
        (7633, 13915), (7634, 13917), (7645, 13916), (7646, 13928), (7650, NONE),
    ],
];

/// Precedes the number of the plane, if it is not the first one.
const SINGLE_SHIFT: u8 = 0x8e;

/// Characters that are a tenth or more of any text.
const FREQUENT: &str = "的一是不了在有人我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作用道行所然家事成方多經去法學如都同";

/// A text is recognized if so many of its characters are frequent, and one of so many.
const MIN_FREQUENT: usize = 2;
const ONE_IN: usize = 16;

/// Decodes a text. Bytes that cannot be decoded become U+FFFD.
pub fn decode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((byte, next)) = rest.split_first() {
        let (character, behind) = match rest {
            _ if byte.is_ascii() => (Some(char::from(*byte)), next),
            [SINGLE_SHIFT, plane @ 0xa1..=0xb0, row @ 0xa1..=0xfe, cell @ 0xa1..=0xfe, behind @ ..] => {
                (character(plane - 0xa1, *row, *cell), behind)
            }
            [row @ 0xa1..=0xfe, cell @ 0xa1..=0xfe, behind @ ..] => (character(0, *row, *cell), behind),
            _ => (None, next),
        };
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        rest = behind;
    }
    text
}

/// Whether a text is EUC-TW: nearly all of it can be decoded, and it has frequent characters enough. Other
/// encodings of East Asia use rows that are empty in the first plane.
pub fn is_euc_tw(bytes: &[u8]) -> bool {
    let text = decode(bytes);
    let frequent = || text.chars().filter(|character| FREQUENT.contains(*character)).count();
    is_nearly_valid(&text) && frequent() >= MIN_FREQUENT.max(count_letters(&text) / ONE_IN)
}

/// The character at a place of a plane.
fn character(plane: u8, row: u8, cell: u8) -> Option<char> {
    let runs = PLANES.get(usize::from(plane))?;
    let place = usize::from(row - 0xa1) * 94 + usize::from(cell - 0xa1);
    let (first, in_big5) = runs.iter().rev().find(|(first, _)| *first <= place)?;
    let place = in_big5.checked_add(place - first)?;
    let (lead, trail) = (place / 157 + 0xa1, place % 157);
    let trail = if trail < 63 { trail + 0x40 } else { trail + 0x62 };
    let pair = [u8::try_from(lead).ok()?, u8::try_from(trail).ok()?];
    BIG5.decode_without_bom_handling_and_without_replacement(&pair)?.chars().next()
}
