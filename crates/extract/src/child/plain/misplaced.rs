//! Characters that show that a text is read in a wrong encoding.

/// Signs that authors set within words: apostrophes, dashes, spaces, and signs of measures and of names.
const PARTS_OF_WORDS: &str = "’‘´·•…×±°²³™\u{a0}\u{ad}–—";

/// How much a sign of a wrong encoding counts that is in no text, that is hardly in any, and that is in some.
const CERTAIN: usize = 3;
const SURE: usize = 2;
const LIKELY: usize = 1;

/// So many equal letters side by side are rather a line that is drawn.
const LINE: usize = 4;

/// Counts what is out of place. What is in hardly any text counts more.
pub fn count(text: &str) -> usize {
    // Serbian and Macedonian have none of these letters.
    let is_not_serbian = text.contains(['й', 'щ', 'ъ', 'ы', 'э']);
    let (mut count, mut equal) = (0, 1);
    let (mut before, mut last) = (' ', ' ');
    for character in text.chars() {
        equal = if character == last { equal + 1 } else { 1 };
        let is_strange = matches!(character, '\u{80}'..='\u{9f}' | char::REPLACEMENT_CHARACTER)
            || is_not_serbian && "ЂЃЉЊЌЋЏђѓљњќћџ".contains(character)
            || equal == LINE && !character.is_ascii() && is_letter(character);
        count += SURE * usize::from(is_strange);
        if !(last.is_ascii() && character.is_ascii()) {
            count += SURE * usize::from(is_surely_misplaced(before, last, character));
            count += LIKELY * usize::from(is_likely_misplaced(before, last, character));
            count += CERTAIN * usize::from(is_western_sign(before, last, character));
        }
        (before, last) = (last, character);
    }
    count
}

/// Signs within a word, opening quotes behind one, and letters of different alphabets side by side.
fn is_surely_misplaced(before: char, last: char, character: char) -> bool {
    // As in Nº and Mª.
    let is_short = matches!(last, 'º' | 'ª') && matches!(before, 'N' | 'n' | 'M' | 'D');
    let sign_within = is_letter(before) && is_letter(character) && is_no_part_of_words(last) && !is_short;
    let quote_behind = is_letter(last) && matches!(character, '‚' | '„');
    sign_within
        || quote_behind
        || is_no_letter_here(before, last, character)
        || are_of_two_alphabets(last, character)
}

/// A sign or a small letter between capitals, Š as a word, and Ÿ before a small letter. In the encodings of
/// MS-DOS and of old Macs, these are letters of the West.
fn is_no_letter_here(before: char, last: char, character: char) -> bool {
    match last {
        '™' | 'š' | 'ž' => before.is_uppercase() && character.is_uppercase(),
        'Š' => before == ' ' && character == ' ',
        'Ÿ' => character.is_lowercase(),
        _ => false,
    }
}

/// Ł or Ą before numbers, and ą alone, where Western Europe has the signs of pounds, yen and tolerances.
fn is_western_sign(before: char, last: char, character: char) -> bool {
    let is_currency = matches!(last, 'Ł' | 'Ą') && character.is_ascii_digit();
    !is_letter(before) && (is_currency || last == 'ą' && !is_letter(character))
}

/// Capitals behind small letters, but in such as µF, кВт and 1ºA; three letters of Western Europe that are
/// none of English side by side; and a half vowel behind a consonant, because Hebrew of MS-DOS seems to be
/// Russian in capitals.
fn is_likely_misplaced(before: char, last: char, character: char) -> bool {
    let in_unit = matches!(last, 'µ' | 'ª' | 'º') || !is_letter(before) && matches!(character, 'А'..='Я');
    let capital_behind = last.is_lowercase() && character.is_uppercase() && !in_unit;
    let three_accents = [before, last, character].iter().all(|letter| matches!(letter, 'À'..='ÿ'));
    let half_vowel = character == 'Й' && "БВГДЖЗКЛМНПРСТФХЦЧШЩЙ".contains(last);
    capital_behind || three_accents || half_vowel
}

/// Whether the characters of East Asia in a text are mostly single ones within words of ASCII.
pub fn is_scattered(text: &str) -> bool {
    let (mut touching, mut all) = (0, 0);
    let mut words = text.chars().peekable();
    let mut last = ' ';
    while let Some(character) = words.next() {
        if !character.is_ascii() {
            let next = words.peek().copied().unwrap_or(' ');
            touching +=
                usize::from(last.is_ascii() && next.is_ascii_lowercase() || last.is_ascii_lowercase());
            all += 1;
        }
        last = character;
    }
    touching * 2 > all
}

/// Whether a character is a letter or a mark on one, as in Vietnamese and Thai, but not a sign that Unicode
/// counts as a letter.
pub fn is_letter(character: char) -> bool {
    let is_mark = matches!(character, '\u{300}'..='\u{36f}' | '\u{e47}'..='\u{e4e}');
    is_mark || character.is_alphabetic() && !matches!(character, 'ª' | 'º' | 'ˆ' | '˜' | 'ƒ')
}

/// Whether a character is a sign, but none that stands within words.
fn is_no_part_of_words(character: char) -> bool {
    !character.is_ascii() && !is_letter(character) && !PARTS_OF_WORDS.contains(character)
}

fn are_of_two_alphabets(left: char, right: char) -> bool {
    let alphabet = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => Some('a'),
        '\u{370}'..='\u{3ff}' => Some('α'),
        '\u{400}'..='\u{4ff}' => Some('а'),
        _ => None,
    };
    alphabet(left).zip(alphabet(right)).is_some_and(|(left, right)| left != right)
}
