//! Replaces characters that are shapes of letters by the letters.

use unicode_normalization::UnicodeNormalization as _;

/// Replaces ligatures, the shapes that Arabic letters take in a word, the shapes of vertical writing, and
/// radicals of Chinese that stand for the letters of the same look.
pub fn plain(text: &str) -> String {
    let is_form = |char: char| {
        matches!(char, '\u{fb00}'..='\u{fdfb}' | '\u{fe70}'..='\u{fefc}' | '\u{fe10}'..='\u{fe19}')
            || matches!(char, '\u{2e80}'..='\u{2fd5}' | '\u{fe35}'..='\u{fe44}')
    };
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    for char in text.chars() {
        if is_form(char) {
            // A mark without a letter is decomposed into a space and the mark.
            plain.extend(plain_radical(char).unwrap_or(char).nfkc().skip_while(|char| *char == ' '));
        } else {
            plain.push(char);
        }
    }
    plain
}

/// The letter that looks like a radical, where Unicode does not say it. Programs that look up the character
/// of a glyph in its font find the radical first.
fn plain_radical(char: char) -> Option<char> {
    /// Each radical is before its letter.
    const ALIKE: &str = "⺎兀⺒巳⺓幺⺝月⺠民⺩王⺪疋⺫目⺮竹⻁虎⻄西⻅见⻆角⻉贝⻋车⻑長⻓长⻔门⻘青⻙韦\
                         ⻚页⻛风⻜飞⻝食⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻲亀";
    let mut alike = ALIKE.chars();
    alike.find(|radical| *radical == char).filter(|_| matches!(char, '\u{2e80}'..='\u{2eff}'))?;
    alike.next()
}
