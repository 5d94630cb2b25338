//! The letters that languages have beside those of English. The encodings of Western, Central and Baltic
//! Europe have different letters in the same places, so in a wrong encoding, a text has letters of no one
//! language.

use std::collections::BTreeMap;

use super::misplaced;

/// The letters of languages in Latin script.
const ALPHABETS: [&str; 19] = [
    "àâæçèéêëîïôöùûüœ",     // French
    "äöüßéåæøáðíóúýþ",      // German and the languages of the North
    "àáâãçéêíóôõúü",        // Portuguese
    "áàçèéíïñóòúü",         // Spanish and Catalan
    "àèéìíîòóùú",           // Italian
    "áàäçèéêëíïóôöúûü",     // Dutch
    "ëçé",                  // Albanian
    "ąćęłńóśźżé",           // Polish
    "áčďéěíňóřšťúůýž",      // Czech
    "áäčďéíĺľňóôŕšťúýž",    // Slovak
    "áéíóöőúüű",            // Hungarian
    "čćđšžé",               // Croatian, Slovene and Serbian
    "ăâîşţ",                // Romanian
    "çğıiöşüâîû",           // Turkish
    "ąčęėįšųūž",            // Lithuanian
    "āčēģīķļņšūžō",         // Latvian
    "äöüõšž",               // Estonian
    "áâàéêëíîïóôöúûüŵŷ",    // Welsh
    "àáâăãèéêìíòóôõơùúưýđ", // Vietnamese
];

/// The last of these letters in Unicode.
const LAST: char = '\u{24f}';

/// Signs that authors set within words, and signs that they rarely set before them.
const WITHIN: &str = "’‘´–—…·•™\u{a0}\u{ad}";
const NOT_BEFORE: &str = "©®£¼¹";

/// How many Latin letters a text has, apart from ASCII.
pub struct Count {
    /// The letters that are foreign to its language.
    pub foreign: usize,
    /// All of them.
    pub all: usize,
}

impl Count {
    /// Counts the letters of a text. Its language is the one to which the fewest letters are foreign.
    pub fn of(text: &str) -> Self {
        let characters = text.chars().zip(text.chars().skip(1)).zip(text.chars().skip(2));
        let mut found = BTreeMap::<char, usize>::new();
        for letter in characters.filter_map(letter) {
            *found.entry(letter).or_default() += 1;
        }
        let foreign = |alphabet: &str| -> usize {
            found.iter().filter(|(letter, _)| !alphabet.contains(**letter)).map(|(_, count)| count).sum()
        };
        let foreign = ALPHABETS.into_iter().map(foreign).min().unwrap_or_default();
        Self { foreign, all: found.values().sum() }
    }
}

/// The letter that is between two characters, as a small one, or a sign in the place of a letter.
fn letter(((before, character), behind): ((char, char), char)) -> Option<char> {
    if character.is_ascii() {
        return None;
    }
    let is_letter = |character: char| character <= LAST && misplaced::is_letter(character);
    let is_drawn = matches!(character, '\u{2500}'..='\u{25ff}');
    let begins = is_letter(behind) && (is_drawn || NOT_BEFORE.contains(character));
    let within = is_letter(before) && is_letter(behind) && !WITHIN.contains(character);
    let counts = is_letter(character) || begins || within;
    counts.then(|| character.to_lowercase().next()).flatten()
}
