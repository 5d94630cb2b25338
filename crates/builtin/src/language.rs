//! The language of a document: it decides the stems of words, the stop words, and whether nouns are
//! compounded.

use std::borrow::Cow;
use std::collections::HashSet;

use waken_snowball::{Algorithm, stem};
use whatlang::{Detector, Lang};

/// How much of a text the detection reads, in characters.
const SAMPLE: usize = 2_000;
/// The shortest text whose language is detected, in bytes.
const SHORTEST: usize = 40;

struct Known {
    lang: Lang,
    stemmer: Algorithm,
    /// The code of its list of stop words.
    code: &'static str,
    /// Whether nouns are compounded into one word.
    compounds: bool,
}

const fn known(lang: Lang, stemmer: Algorithm, code: &'static str, compounds: bool) -> Known {
    Known { lang, stemmer, code, compounds }
}

static ENGLISH: Known = known(Lang::Eng, Algorithm::English, "en", false);

static OTHERS: [Known; 16] = [
    known(Lang::Ara, Algorithm::Arabic, "ar", false),
    known(Lang::Dan, Algorithm::Danish, "da", true),
    known(Lang::Deu, Algorithm::German, "de", true),
    known(Lang::Ell, Algorithm::Greek, "el", false),
    known(Lang::Fin, Algorithm::Finnish, "fi", true),
    known(Lang::Fra, Algorithm::French, "fr", false),
    known(Lang::Hun, Algorithm::Hungarian, "hu", true),
    known(Lang::Ita, Algorithm::Italian, "it", false),
    known(Lang::Nld, Algorithm::Dutch, "nl", true),
    known(Lang::Nob, Algorithm::Norwegian, "no", true),
    known(Lang::Por, Algorithm::Portuguese, "pt", false),
    known(Lang::Ron, Algorithm::Romanian, "ro", false),
    known(Lang::Rus, Algorithm::Russian, "ru", false),
    known(Lang::Spa, Algorithm::Spanish, "es", false),
    known(Lang::Swe, Algorithm::Swedish, "sv", true),
    known(Lang::Tur, Algorithm::Turkish, "tr", false),
];

/// A language.
pub struct Language {
    known: &'static Known,
    /// With the English ones: topics are described in English everywhere.
    stop_words: HashSet<&'static str>,
}

impl Language {
    /// The language of the first text that is long enough, or English.
    pub fn detect(texts: &[&str]) -> Self {
        let langs = OTHERS.iter().chain([&ENGLISH]).map(|known| known.lang);
        let detector = Detector::with_allowlist(langs.collect());
        let found = texts.iter().filter(|text| text.len() >= SHORTEST).find_map(|text| {
            let sample: String = text.chars().take(SAMPLE).collect();
            detector.detect_lang(&sample)
        });
        let known = OTHERS.iter().find(|known| Some(known.lang) == found).unwrap_or(&ENGLISH);
        let lists = [known, &ENGLISH].into_iter().filter_map(|known| stop_words::lookup(known.code));
        Self { known, stop_words: lists.flatten().copied().collect() }
    }

    /// Whether a word in lower case is so common that it tells no topic.
    pub fn is_stop_word(&self, word: &str) -> bool {
        self.stop_words.contains(word)
    }

    /// The stem of a word in lower case.
    pub fn stem<'w>(&self, word: &'w str) -> Cow<'w, str> {
        stem(self.known.stemmer, word)
    }

    /// Whether a noun may be a compound of others.
    pub fn has_compounds(&self) -> bool {
        self.known.compounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_stop_words() {
        for known in OTHERS.iter().chain([&ENGLISH]) {
            assert!(stop_words::lookup(known.code).is_some(), "{}", known.code);
        }
    }

    #[test]
    fn the_first_text_that_is_long_enough_decides() {
        let german = "Bitte überweisen Sie den Betrag innerhalb von vierzehn Tagen.";
        let language = Language::detect(&["Scan", german, "Please transfer the amount within a fortnight."]);
        assert_eq!(language.stem("rechnungen"), language.stem("rechnung"));
        assert_eq!(language.stem("ueberweisung"), language.stem("überweisungen"));
        assert!(language.is_stop_word("nicht") && language.is_stop_word("and") && language.has_compounds());
        let language = Language::detect(&["", "Scan"]);
        assert_eq!(language.stem("policies"), language.stem("policy"));
        assert!(!language.has_compounds());
    }
}
