//! Detects the language of a document. It determines the stems of words, the stop words, and whether nouns
//! can be compounds.

use std::borrow::Cow;
use std::collections::HashSet;

use waken_snowball::{Algorithm, stem};
use whatlang::{Detector, Lang};

/// The number of characters of a text that the detection reads.
const SAMPLE_CHARS: usize = 2_000;
/// The shortest text whose language is detected, in bytes. The guess is poor for shorter ones.
const MIN_BYTES: usize = 40;

/// A language that the classifier supports.
struct SupportedLanguage {
    lang: Lang,
    stemmer: Algorithm,
    /// Its code in the lists of stop words.
    code: &'static str,
    /// Whether nouns are joined into one word, as in German.
    compounds: bool,
}

const fn supported(lang: Lang, stemmer: Algorithm, code: &'static str, compounds: bool) -> SupportedLanguage {
    SupportedLanguage { lang, stemmer, code, compounds }
}

static ENGLISH: SupportedLanguage = supported(Lang::Eng, Algorithm::English, "en", false);

static OTHERS: [SupportedLanguage; 16] = [
    supported(Lang::Ara, Algorithm::Arabic, "ar", false),
    supported(Lang::Dan, Algorithm::Danish, "da", true),
    supported(Lang::Deu, Algorithm::German, "de", true),
    supported(Lang::Ell, Algorithm::Greek, "el", false),
    supported(Lang::Fin, Algorithm::Finnish, "fi", true),
    supported(Lang::Fra, Algorithm::French, "fr", false),
    supported(Lang::Hun, Algorithm::Hungarian, "hu", true),
    supported(Lang::Ita, Algorithm::Italian, "it", false),
    supported(Lang::Nld, Algorithm::Dutch, "nl", true),
    supported(Lang::Nob, Algorithm::Norwegian, "no", true),
    supported(Lang::Por, Algorithm::Portuguese, "pt", false),
    supported(Lang::Ron, Algorithm::Romanian, "ro", false),
    supported(Lang::Rus, Algorithm::Russian, "ru", false),
    supported(Lang::Spa, Algorithm::Spanish, "es", false),
    supported(Lang::Swe, Algorithm::Swedish, "sv", true),
    supported(Lang::Tur, Algorithm::Turkish, "tr", false),
];

/// The language of a document, with its stop words.
pub struct Language {
    supported: &'static SupportedLanguage,
    /// The stop words of the language and of English, because topics are often described in English.
    stop_words: HashSet<&'static str>,
}

impl Language {
    /// Detects the language of the first text that is long enough. The default is English.
    pub fn detect(texts: &[&str]) -> Self {
        let langs = OTHERS.iter().chain([&ENGLISH]).map(|supported| supported.lang);
        let detector = Detector::with_allowlist(langs.collect());
        let found = texts.iter().filter(|text| text.len() >= MIN_BYTES).find_map(|text| {
            let sample: String = text.chars().take(SAMPLE_CHARS).collect();
            detector.detect_lang(&sample)
        });
        let supported = OTHERS.iter().find(|supported| Some(supported.lang) == found).unwrap_or(&ENGLISH);
        let lists =
            [supported, &ENGLISH].into_iter().filter_map(|supported| stop_words::lookup(supported.code));
        Self { supported, stop_words: lists.flatten().copied().collect() }
    }

    /// Whether a word, in lower case, is so common that it says nothing about the topic.
    pub fn is_stop_word(&self, word: &str) -> bool {
        self.stop_words.contains(word)
    }

    /// The stem of a word, which must be in lower case.
    pub fn stem<'w>(&self, word: &'w str) -> Cow<'w, str> {
        stem(self.supported.stemmer, word)
    }

    /// Whether a noun in this language can be a compound of other nouns.
    pub fn has_compounds(&self) -> bool {
        self.supported.compounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_stop_words() {
        for supported in OTHERS.iter().chain([&ENGLISH]) {
            assert!(stop_words::lookup(supported.code).is_some(), "{}", supported.code);
        }
    }

    #[test]
    fn the_first_text_that_is_long_enough_decides_the_language() {
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
