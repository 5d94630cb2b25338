//! The characters of symbol fonts, whose numbers stand for no character elsewhere.

/// The font Symbol from 0x21 on, as Adobe defines it. A space stands for what Unicode does not have.
const SYMBOL: &str = "\
    !∀#∃%&∋()∗+,−./0123456789:;<=>?\
    ≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_\
    ‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼ ";

/// The same from 0xa0 on.
const SYMBOL_HIGH: &str = "\
    €ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵\
    ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓\
    ◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭ ";

/// Signs of Wingdings that people put into forms and lists.
const WINGDINGS: [(u32, char); 14] = [
    (0x28, '☎'),
    (0x2a, '✉'),
    (0x4a, '☺'),
    (0x6c, '●'),
    (0x6e, '■'),
    (0x6f, '□'),
    (0x71, '❑'),
    (0xa7, '▪'),
    (0xa8, '◻'),
    (0xe0, '→'),
    (0xfb, '✗'),
    (0xfc, '✓'),
    (0xfd, '☒'),
    (0xfe, '☑'),
];

/// The fonts whose characters are known here.
pub const FONTS: [&str; 2] = ["Symbol", "Wingdings"];

/// What a character stands for in a font.
pub fn character(font: &str, character: char) -> Option<char> {
    let number = u32::from(character);
    // Symbol fonts have their characters also in an area for private use.
    let place = if (0xf000..0xf100).contains(&number) { number - 0xf000 } else { number };
    let nth = |table: &str, from: u32| table.chars().nth(usize::try_from(place.checked_sub(from)?).ok()?);
    match font {
        "Symbol" => match place {
            0x20..0x80 => nth(SYMBOL, 0x21),
            0xa0..0x100 => nth(SYMBOL_HIGH, 0xa0),
            _ => None,
        },
        "Wingdings" => WINGDINGS.iter().find(|(known, _)| *known == place).map(|(_, sign)| *sign),
        _ => Some(character).filter(|_| !(0xe000..0xf900).contains(&number)),
    }
}
